//! Curves of uplift: what the treatment brought, down the list.

use super::{Arms, BOTH, CONTROL, CONTROL_OUTCOME, TREATED, TREATED_OUTCOME, UpliftRanking};

/// What stands where at the top of the list one of the arms has no customer yet, so that there is nothing to compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EmptyArm {
    /// The empty arm's outcome counts as 0, as in scikit-uplift.
    #[default]
    Zero,
    /// A straight line from 0 to the first place at which both arms have customers, as in causalml: of the gain in a Qini
    /// curve, of the gain per customer in an uplift curve.
    Interpolate,
}

/// A curve of gain: 0 customers first, then one place per distinct prediction, the highest first.
#[derive(Debug, Clone, PartialEq)]
pub struct UpliftCurve {
    /// How many customers (treated and controls) stand that high; 0 first.
    pub customers: Vec<f64>,
    /// What the treatment brought among them, in the unit of the outcome.
    pub gains: Vec<f64>,
    /// What a random order would have brought.
    pub random: Vec<f64>,
    /// What stands where an arm was empty.
    pub empty_arm: EmptyArm,
}

impl UpliftRanking {
    /// The Qini curve (Radcliffe 2007, *Using control groups to target on predicted lift*): the outcome of the treated less
    /// that of the controls, the latter brought to the number of the treated. It counts extra sales **among the treated**.
    pub fn qini_curve(&self, empty_arm: EmptyArm) -> UpliftCurve {
        curve(points(Gain::Qini, empty_arm, &self.steps()), empty_arm)
    }

    /// The uplift curve (Gutierrez & Gérardy 2016, section 4.1): the difference of the arms' means, times the number of
    /// customers. It counts extra sales **if all of them were treated**.
    pub fn uplift_curve(&self, empty_arm: EmptyArm) -> UpliftCurve {
        curve(points(Gain::Uplift, empty_arm, &self.steps()), empty_arm)
    }
}

fn curve(points: Vec<(f64, f64)>, empty_arm: EmptyArm) -> UpliftCurve {
    let (all, end) = points.last().copied().unwrap_or((1.0, 0.0));
    let random = points.iter().map(|(customers, _)| end * customers / all).collect();
    let (customers, gains) = points.into_iter().unzip();
    UpliftCurve { customers, gains, random, empty_arm }
}

/// Which curve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gain {
    Qini,
    Uplift,
}

impl Gain {
    /// What stands on the curve, and whether it is defined: an arm without customers counts as 0.
    fn at(self, arms: &Arms) -> (f64, bool) {
        let [treated, control] = [arms[TREATED], arms[CONTROL]];
        match self {
            Self::Qini => {
                let controls = if control > 0.0 { arms[CONTROL_OUTCOME] * treated / control } else { 0.0 };
                (arms[TREATED_OUTCOME] - controls, control > 0.0)
            }
            Self::Uplift => {
                let mean = |outcome: f64, weight: f64| if weight > 0.0 { outcome / weight } else { 0.0 };
                let difference = mean(arms[TREATED_OUTCOME], treated) - mean(arms[CONTROL_OUTCOME], control);
                (difference * arms[BOTH], treated > 0.0 && control > 0.0)
            }
        }
    }

    /// How far up to `customers` a curve has come of what it has at the first place where it is defined.
    fn part(self, customers: f64, first: f64) -> f64 {
        let part = customers / first;
        match self {
            Self::Qini => part,
            Self::Uplift => part * part,
        }
    }
}

/// The places of a curve, from (0, 0) on.
pub(super) fn points(gain: Gain, empty_arm: EmptyArm, steps: &[Arms]) -> Vec<(f64, f64)> {
    let mut points = Vec::with_capacity(steps.len() + 1);
    points.push((0.0, 0.0));
    let mut open = true;
    for arms in steps {
        let (value, defined) = gain.at(arms);
        if open && defined {
            open = false;
            if empty_arm == EmptyArm::Interpolate {
                for (customers, before) in &mut points {
                    *before = value * gain.part(*customers, arms[BOTH]);
                }
            }
        }
        points.push((arms[BOTH], value));
    }
    points
}
