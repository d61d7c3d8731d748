//! Areas of uplift curves in one number: Qini coefficient and AUUC, in the ways that are in use.

use super::curve::{EmptyArm, Gain, points};
use super::{Arms, CONTROL, CONTROL_OUTCOME, TREATED, TREATED_OUTCOME, UpliftRanking};
use crate::evaluate::rows::{ROUNDING, parameter};
use crate::{Error, Result};

/// By what the area of a curve is divided. Programs differ, and so do their numbers for the same prediction: compare only
/// among equals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Normalisation {
    /// The area between the curve and the random line, over that of a perfect ranking, which puts treated buyers first and
    /// controls who bought last: Radcliffe's Qini coefficient Q (2007); `qini_auc_score` and `uplift_auc_score` of
    /// scikit-uplift. An empty arm counts as 0 ([`EmptyArm::Zero`]). Of numbers in place of yes and no: Qini only.
    #[default]
    Perfect,
    /// As before, against a perfect ranking that finds all extra buyers at once and harms nobody: Radcliffe's q₀; scikit-uplift's
    /// `qini_auc_score(negative_effect=False)`. Qini of yes and no only, and only where the treatment helped on the whole.
    PerfectWithoutHarm,
    /// The mean height of the curve over `n + 1` places, over its height at the end: `qini_score` (above the random line)
    /// and `auuc_score` (above 0, so that random is about ½) of causalml with `normalize=True`. An empty arm is
    /// interpolated ([`EmptyArm::Interpolate`]).
    Overall,
    /// As before without division by the end, in the unit of the outcome: causalml with `normalize=False`.
    PerCustomer,
}

/// The area of a curve in one number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct UpliftArea {
    /// The number, normalised.
    pub value: f64,
    /// The area between the curve and the random line, not normalised: outcome times customers.
    pub area: f64,
    /// By what it was divided.
    pub normalisation: Normalisation,
    /// What stood where an arm was empty.
    pub empty_arm: EmptyArm,
}

impl UpliftRanking {
    /// The Qini coefficient: the area between [`qini_curve`](Self::qini_curve) and the random line. 0 is as good as
    /// random, below 0 is worse.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] where the normalisation is not defined: the perfect curve encloses no area, or the
    /// treatment had no effect on the whole, by which it would be divided.
    pub fn qini(&self, normalisation: Normalisation) -> Result<UpliftArea> {
        self.area_of(Gain::Qini, normalisation)
    }

    /// The area under the uplift curve (AUUC): see [`Normalisation`], as for causalml it counts from 0 and not from the
    /// random line.
    ///
    /// # Errors
    /// As [`qini`](Self::qini); and [`Error::InvalidParameter`] for a perfect curve of numbers, which nobody has defined.
    pub fn auuc(&self, normalisation: Normalisation) -> Result<UpliftArea> {
        self.area_of(Gain::Uplift, normalisation)
    }

    fn area_of(&self, gain: Gain, normalisation: Normalisation) -> Result<UpliftArea> {
        area(gain, normalisation, &self.steps(), self.yes_no, self.size, || self.perfect.clone())
    }
}

/// `size` is the sum of the sizes of all outcomes, and `perfect` gives the steps of a perfect ranking of numbers.
pub(super) fn area(
    gain: Gain,
    normalisation: Normalisation,
    steps: &[Arms],
    yes_no: bool,
    size: f64,
    perfect: impl FnOnce() -> Vec<Arms>,
) -> Result<UpliftArea> {
    let empty_arm = match normalisation {
        Normalisation::Perfect | Normalisation::PerfectWithoutHarm => EmptyArm::Zero,
        Normalisation::Overall | Normalisation::PerCustomer => EmptyArm::Interpolate,
    };
    let found = Under::new(&points(gain, empty_arm, steps));
    let all = steps.last().copied().unwrap_or_default();
    let value = match normalisation {
        Normalisation::PerCustomer => found.per_customer(gain),
        Normalisation::Overall if found.end.abs() <= ROUNDING * size => {
            return Err(not_defined(gain, "overall", "the treatment had no effect on the whole"));
        }
        Normalisation::Overall => found.per_customer(gain) / found.end.abs(),
        Normalisation::PerfectWithoutHarm => found.above_random() / without_harm(gain, &found, yes_no, size)?,
        Normalisation::Perfect => {
            let steps = match (yes_no, gain) {
                (true, _) => perfect_of_yes_no(gain, &all),
                (false, Gain::Qini) => perfect(),
                (false, Gain::Uplift) => {
                    return Err(not_defined(
                        gain,
                        "perfect",
                        "outcomes are not all 0 or 1, and a perfect uplift curve of numbers has no definition",
                    ));
                }
            };
            let best = Under::new(&points(gain, empty_arm, &steps)).above_random();
            if best.abs() <= ROUNDING * size {
                return Err(not_defined(gain, "perfect", "the perfect curve encloses no area"));
            }
            found.above_random() / best
        }
    };
    Ok(UpliftArea { value, area: found.above_random(), normalisation, empty_arm })
}

/// What lies under a curve.
struct Under {
    area: f64,
    customers: f64,
    end: f64,
}

impl Under {
    /// By trapezoids.
    fn new(points: &[(f64, f64)]) -> Self {
        let slice = |pair: &[(f64, f64)]| (pair[1].0 - pair[0].0) * f64::midpoint(pair[0].1, pair[1].1);
        let (customers, end) = points.last().copied().unwrap_or_default();
        Self { area: points.windows(2).map(slice).sum(), customers, end }
    }

    fn above_random(&self) -> f64 {
        self.area - self.customers * self.end / 2.0
    }

    /// The sum over the places 0 to n, over n + 1: trapezoids and half of the ends.
    fn per_customer(&self, gain: Gain) -> f64 {
        let sum = match gain {
            Gain::Qini => self.above_random(),
            Gain::Uplift => self.area + self.end / 2.0,
        };
        sum / (self.customers + 1.0)
    }
}

/// The area above random of a curve that rises by one outcome per customer to the extra outcomes of all and stays there.
fn without_harm(gain: Gain, found: &Under, yes_no: bool, size: f64) -> Result<f64> {
    let name = "perfect_without_harm";
    if gain == Gain::Uplift || !yes_no {
        return Err(not_defined(gain, name, "it is defined for the Qini curve of yes and no only"));
    }
    if found.end <= ROUNDING * size {
        return Err(not_defined(
            gain,
            name,
            "the treatment did not help on the whole, so that the perfect curve encloses no area",
        ));
    }
    let (extra, customers) = (found.end, found.customers);
    Ok(extra * extra / 2.0 + extra * (customers - extra) - extra * customers / 2.0)
}

fn not_defined(gain: Gain, got: &str, why: &str) -> Error {
    let (of, also) = match gain {
        Gain::Qini => ("qini", "`per_customer`"),
        Gain::Uplift => ("auuc", "`per_customer`"),
    };
    parameter(of, "normalisation", &format!("one that these rows allow, such as {also}: {why}"), &format!("`{got}`"))
}

/// The four kinds of rows in the best order, in sums: treated who bought, those whom nothing tells apart, controls who bought
/// (for the uplift curve as scikit-uplift's `perfect_uplift_curve` has them).
fn perfect_of_yes_no(gain: Gain, all: &Arms) -> Vec<Arms> {
    let (treated_yes, control_yes) = (all[TREATED_OUTCOME], all[CONTROL_OUTCOME]);
    let (treated_no, control_no) = (all[TREATED] - treated_yes, all[CONTROL] - control_yes);
    let of = |kinds: [f64; 4]| -> Arms {
        let [treated_yes, control_no, treated_no, control_yes] = kinds;
        let (treated, control) = (treated_yes + treated_no, control_no + control_yes);
        [treated, control, treated_yes, control_yes, treated + control]
    };
    let mut steps = vec![of([treated_yes, 0.0, 0.0, 0.0])];
    match gain {
        Gain::Qini => steps.push(of([treated_yes, control_no, treated_no, 0.0])),
        Gain::Uplift => {
            steps.push(of([treated_yes, control_no, 0.0, 0.0]));
            steps.push(if control_yes > treated_no {
                of([treated_yes, control_no, 0.0, control_yes])
            } else {
                of([treated_yes, control_no, treated_no, 0.0])
            });
        }
    }
    steps.push(of([treated_yes, control_no, treated_no, control_yes]));
    // A kind without rows has no place of its own.
    steps.dedup();
    steps.retain(|arms| arms.iter().any(|&sum| sum > 0.0));
    steps
}
