//! Does the treatment work best on those for whom that was predicted? Figures of uplift, from a trial with two arms.

mod area;
mod curve;
mod heterogeneity;
mod interval;
mod shares;

pub use area::{Normalisation, UpliftArea};
pub use curve::{EmptyArm, UpliftCurve};
pub use heterogeneity::UpliftHeterogeneity;
pub use interval::UpliftFigure;
pub use shares::{Places, UpliftRow};

use super::falling_sums::FallingSums;
use super::rows::{Rows, check_numbers};
use crate::{Error, Outcome, Result};

/// Sums over rows: the weight of the treated and of the controls, their outcomes, and the weight of both.
type Arms = [f64; 5];
const TREATED: usize = 0;
const CONTROL: usize = 1;
const TREATED_OUTCOME: usize = 2;
const CONTROL_OUTCOME: usize = 3;
const BOTH: usize = 4;

/// A prediction of uplift, sorted once, with what came of those who were treated and of those who were not. All figures of
/// uplift come from one of these.
///
/// The outcome is yes or no (1 and 0) or a number, such as spend. Who was treated must have been drawn by lot; otherwise the
/// figures measure who was chosen. Predictions may be of any scale: only their order counts. Rows of equal predictions
/// stand together: a curve runs straight across them, and a share that ends among them gets its part.
///
/// ```
/// use tierwise::{Outcome, evaluate::{Normalisation, UpliftRanking}};
/// let bought = [1.0, 0.0, 1.0, 0.0, 0.0, 1.0];
/// let predicted = [0.9, 0.8, 0.7, 0.3, 0.2, 0.1];
/// let mail = Outcome::labels("segment", &["mail", "none", "mail", "none", "mail", "none"], "mail")?;
/// let ranking = UpliftRanking::new(&bought, &predicted, &mail)?;
/// assert_eq!(ranking.qini_curve(Default::default()).gains, [0.0, 1.0, 1.0, 2.0, 2.0, 2.0, 1.0]);
/// assert!(ranking.qini(Normalisation::Perfect)?.value > 0.8);
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct UpliftRanking {
    falling: FallingSums<9>,
    /// By falling worth to a perfect ranking, where outcomes are numbers; of yes and no the totals tell it.
    perfect: Vec<Arms>,
    yes_no: bool,
    /// Around which squares are summed, so that no digits are lost.
    centre: f64,
    distinct_rows: usize,
    /// The sum of the sizes of all outcomes: what rounding is measured by.
    size: f64,
}

impl UpliftRanking {
    /// Sorts the predictions. `outcome` is 1 and 0 ([`Outcome::values`]) or numbers; the positive class of `treatment` is
    /// the treated arm, and its weights say how many customers each row stands for.
    ///
    /// # Errors
    /// [`Error::NotEnoughData`] when one arm has no weight; [`Error::EmptyTable`], [`Error::WrongLength`];
    /// [`Error::InvalidValue`] with the row for an outcome or a prediction that is unknown or beyond ±1e100.
    pub fn new(outcome: &[f64], predicted: &[f64], treatment: &Outcome<'_>) -> Result<Self> {
        let rows = Rows::of_trial(outcome, predicted, treatment)?;
        let treated = treatment.values();
        let yes_no = is_yes_no(&rows);
        let [sum, weight, size] = rows.sums(|row| [outcome[row], 1.0, outcome[row].abs()]);
        let centre = sum / weight;
        let per_row = |row: usize| {
            let (one, away) = (treated[row], outcome[row] - centre);
            let other = 1.0 - one;
            let [squared, value, said] = [away * away, outcome[row], predicted[row]];
            [one, other, one * value, other * value, 1.0, one * squared, other * squared, one * said, other * said]
        };
        let falling = FallingSums::new(&rows, per_row);
        let perfect = if yes_no { Vec::new() } else { perfect_order(&rows, treated) };
        let distinct_rows = (0..rows.len()).filter(|&row| rows.weight(row) > 0.0).count();
        Ok(Self { falling, perfect, yes_no, centre, distinct_rows, size })
    }

    /// The effect in all rows: the mean outcome of the treated less that of the controls.
    pub fn overall(&self) -> f64 {
        let all = self.falling.all();
        all[TREATED_OUTCOME] / all[TREATED] - all[CONTROL_OUTCOME] / all[CONTROL]
    }

    /// The weight of the treated, of the controls.
    pub fn arms(&self) -> (f64, f64) {
        let all = self.falling.all();
        (all[TREATED], all[CONTROL])
    }

    fn steps(&self) -> Vec<Arms> {
        self.falling.sums.iter().map(arms_of).collect()
    }
}

fn arms_of(sums: &[f64; 9]) -> Arms {
    [sums[TREATED], sums[CONTROL], sums[TREATED_OUTCOME], sums[CONTROL_OUTCOME], sums[BOTH]]
}

/// Rows of weight 0 have no say.
fn is_yes_no(rows: &Rows<'_>) -> bool {
    (0..rows.len()).all(|row| rows.weight(row) == 0.0 || matches!(rows.happened[row], 0.0 | 1.0))
}

/// What a row is worth to a perfect ranking: treated who bring much come first, controls who bring much last (Radcliffe
/// 2007 for yes and no; for numbers inferred).
fn worth(outcome: f64, treated: f64) -> f64 {
    if treated == 1.0 { outcome } else { -outcome }
}

fn perfect_order(rows: &Rows<'_>, treated: &[f64]) -> Vec<Arms> {
    let worths: Vec<f64> = rows.happened.iter().zip(treated).map(|(&value, &one)| worth(value, one)).collect();
    FallingSums::new(&rows.with_scores(&worths), |row| arms_of_row(rows.happened[row], treated[row])).sums
}

fn arms_of_row(outcome: f64, treated: f64) -> Arms {
    let control = 1.0 - treated;
    [treated, control, treated * outcome, control * outcome, 1.0]
}

impl<'a> Rows<'a> {
    /// Outcomes and predicted uplift of a trial with both arms.
    fn of_trial(outcome: &'a [f64], predicted: &'a [f64], treatment: &'a Outcome<'_>) -> Result<Self> {
        let rows = Self::ranked_as("the predicted uplift", "UpliftRanking", treatment, predicted)?;
        let [counted, treated, ..] = rows.counts();
        for (rows, arm) in [(treated, "the treated arm"), (counted - treated, "the control arm")] {
            if rows == 0.0 {
                let is = if arm.contains("treated") { "is" } else { "is not" };
                let what = format!("uplift, {arm} (`{}` {is} `{}`)", treatment.name(), treatment.positive());
                return Err(Error::NotEnoughData { what, needed: 1, found: 0 });
            }
        }
        check_numbers("the predicted uplift", predicted, predicted.len())?;
        check_numbers("the outcome", outcome, predicted.len())?;
        Ok(rows.with_outcome(outcome))
    }
}
