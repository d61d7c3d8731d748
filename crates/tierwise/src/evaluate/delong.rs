//! How sure a ROC AUC is: DeLong's variance, its interval, and the paired test of two scores on the same rows.

use super::ranking::Ranking;
use super::rows::{Rows, enough, two_sided};
use crate::rates::check_confidence;
use crate::special::normal::normal_width;
use crate::{Outcome, Result};
use serde::Serialize;

/// On which scale an interval of a ROC AUC is symmetric.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AucScale {
    /// Of the log-odds of the area: stays within 0 and 1, and covers better near 1 and in small samples (Pepe 2003,
    /// *The Statistical Evaluation of Medical Tests*, section 5.2.5). The default.
    #[default]
    Logit,
    /// Of the area itself, cut off at 0 and 1: what most programs print.
    Plain,
}

/// A ROC AUC with its standard error and interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct RocAuc {
    /// The area.
    pub value: f64,
    /// Its standard error by DeLong.
    pub standard_error: f64,
    /// The lower end of the interval.
    pub low: f64,
    /// The upper end of the interval.
    pub high: f64,
    /// How much the interval is to hold.
    pub confidence: f64,
}

/// Two scores of the same rows, compared by ROC AUC.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct RocAucComparison {
    /// The area of the first score.
    pub first: f64,
    /// The area of the second score.
    pub second: f64,
    /// The first less the second.
    pub difference: f64,
    /// The standard error of the difference.
    pub standard_error: f64,
    /// The lower end of the difference's interval.
    pub low: f64,
    /// The upper end of the difference's interval.
    pub high: f64,
    /// The difference over its standard error; 0 where both are 0.
    pub z: f64,
    /// The chance of a difference at least as large if the two scores ranked equally well; two-sided.
    pub p_value: f64,
}

impl Ranking {
    /// The ROC AUC with DeLong's standard error (DeLong, DeLong & Clarke-Pearson 1988) and interval, in time linear in the
    /// number of distinct scores (Sun & Xu 2014).
    ///
    /// Weights count customers: a row of weight 3 is three customers. Weights that say how much a row matters and not how
    /// many it stands for should be scaled to sum to the number of rows. A score that separates perfectly has the
    /// standard error 0, which says nothing; its interval then reaches down to the area at which so many independent
    /// pairs as the rarer outcome has cases would all be in order with chance `(1 − confidence) / 2` (inferred: the exact
    /// interval of Clopper and Pearson).
    ///
    /// # Errors
    /// [`Error::InvalidParameter`](crate::Error::InvalidParameter) for a confidence outside (0, 1);
    /// [`Error::NotEnoughData`](crate::Error::NotEnoughData) unless the weight of events and that of others are both
    /// above 1.
    pub fn roc_auc_interval(&self, confidence: f64, scale: AucScale) -> Result<RocAuc> {
        check_confidence("roc_auc_interval", confidence)?;
        let (events, others) = self.totals();
        enough("a standard error", events, others)?;
        let value = self.roc_auc();
        let mut squares = [0.0; 2];
        for (before, up_to) in self.steps() {
            let [event, other] = [up_to[0] - before[0], up_to[1] - before[1]];
            let of_event = (others - f64::midpoint(up_to[1], before[1])) / others - value;
            let of_other = f64::midpoint(up_to[0], before[0]) / events - value;
            squares[0] += event * of_event * of_event;
            squares[1] += other * of_other * of_other;
        }
        let variance = squares[0] / (events - 1.0) / events + squares[1] / (others - 1.0) / others;
        let standard_error = variance.sqrt();
        let (low, high) = interval(value, standard_error, events.min(others), confidence, scale);
        Ok(RocAuc { value, standard_error, low, high, confidence })
    }
}

pub(super) fn interval(value: f64, standard_error: f64, rarer: f64, confidence: f64, scale: AucScale) -> (f64, f64) {
    let all_in_order = libm::pow((1.0 - confidence) / 2.0, 1.0 / rarer);
    if value == 1.0 {
        return (all_in_order, 1.0);
    }
    if value == 0.0 {
        return (0.0, 1.0 - all_in_order);
    }
    let width = normal_width(confidence) * standard_error;
    match scale {
        AucScale::Plain => ((value - width).max(0.0), (value + width).min(1.0)),
        AucScale::Logit => {
            let odds = value / (1.0 - value);
            let factor = libm::exp(width / (value * (1.0 - value)));
            let share = |odds: f64| if odds == f64::INFINITY { 1.0 } else { odds / (1.0 + odds) };
            (share(odds / factor), share(odds * factor))
        }
    }
}

/// The ROC AUC with its standard error and interval: see [`Ranking::roc_auc_interval`].
///
/// ```
/// use tierwise::{Outcome, evaluate::{AucScale, roc_auc_interval}};
/// let bought = Outcome::binary("bought", &[false, false, true, true, false, true]);
/// let auc = roc_auc_interval(&bought, &[0.1, 0.4, 0.35, 0.8, 0.2, 0.6], 0.95, AucScale::Logit)?;
/// assert!(auc.low < auc.value && auc.value < auc.high && auc.high < 1.0);
/// # Ok::<(), tierwise::Error>(())
/// ```
///
/// # Errors
/// Those of [`Ranking::new`] and [`Ranking::roc_auc_interval`].
pub fn roc_auc_interval(outcome: &Outcome<'_>, scores: &[f64], confidence: f64, scale: AucScale) -> Result<RocAuc> {
    Ranking::new(outcome, scores)?.roc_auc_interval(confidence, scale)
}

/// Compares two scores of the same rows by ROC AUC: the paired test of DeLong, DeLong & Clarke-Pearson (1988).
///
/// The two need not be on one scale. Where both are perfect, or one is perfect and the other perfectly wrong, the
/// standard error is 0: then `z` is 0 or infinite, and says no more than the areas do. Weights count customers, as in
/// [`Ranking::roc_auc_interval`].
///
/// ```
/// use tierwise::{Outcome, evaluate::compare_roc_auc};
/// let bought = Outcome::binary("bought", &[false, false, true, true, false, true]);
/// let (new, old) = ([0.1, 0.4, 0.35, 0.8, 0.2, 0.6], [5.0, 4.0, 4.0, 9.0, 2.0, 1.0]);
/// let compared = compare_roc_auc(&bought, &new, &old, 0.95)?;
/// assert!(compared.difference > 0.0 && compared.p_value > 0.05); // six rows prove nothing
/// # Ok::<(), tierwise::Error>(())
/// ```
///
/// # Errors
/// Those of [`Ranking::new`] for either score, and those of [`Ranking::roc_auc_interval`].
pub fn compare_roc_auc(
    outcome: &Outcome<'_>,
    first: &[f64],
    second: &[f64],
    confidence: f64,
) -> Result<RocAucComparison> {
    check_confidence("compare_roc_auc", confidence)?;
    let rows = Rows::ranked_as("the first score", "compare_roc_auc", outcome, first)?.both_classes()?;
    let others = Rows::ranked_as("the second score", "compare_roc_auc", outcome, second)?;
    let [_, _, weight, event_weight] = rows.counts();
    let totals = [event_weight, weight - event_weight];
    enough("a standard error", totals[0], totals[1])?;
    let placed = [placements(&rows), placements(&others)];
    let mean = |placed: &[f64]| (rows.sums(|row| [placed[row] * rows.happened[row]])[0] / totals[0]).clamp(0.0, 1.0);
    let areas = [mean(&placed[0]), mean(&placed[1])];
    let difference = areas[0] - areas[1];
    let squares = rows.sums(|row| {
        let apart = (placed[0][row] - areas[0]) - (placed[1][row] - areas[1]);
        let square = apart * apart;
        [square * rows.happened[row], square * (1.0 - rows.happened[row])]
    });
    let variance = squares[0] / (totals[0] - 1.0) / totals[0] + squares[1] / (totals[1] - 1.0) / totals[1];
    let standard_error = variance.sqrt();
    let z = if difference == 0.0 { 0.0 } else { difference / standard_error };
    let width = normal_width(confidence) * standard_error;
    Ok(RocAucComparison {
        first: areas[0],
        second: areas[1],
        difference,
        standard_error,
        low: difference - width,
        high: difference + width,
        z,
        p_value: two_sided(z),
    })
}

/// For each row the share of the other class that it stands on the right side of, equals counted as half.
fn placements(rows: &Rows<'_>) -> Vec<f64> {
    let order = rows.by_falling_score();
    let runs = || order.chunk_by(|one, two| one.0 == two.0);
    // What stands before each run of equals, and in the end all: summed once, so that the last event has all others
    // before it to the last bit or none.
    let mut before = vec![[0.0; 2]];
    let mut sums = [0.0; 2];
    for equals in runs() {
        for &(_, row) in equals {
            sums[usize::from(rows.happened[row] == 0.0)] += rows.weight(row);
        }
        before.push(sums);
    }
    let mut placed = vec![0.0; rows.len()];
    for (equals, ends) in runs().zip(before.windows(2)) {
        let of_event = (sums[1] - f64::midpoint(ends[0][1], ends[1][1])) / sums[1];
        let of_other = f64::midpoint(ends[0][0], ends[1][0]) / sums[0];
        for &(_, row) in equals {
            placed[row] = if rows.happened[row] == 1.0 { of_event } else { of_other };
        }
    }
    placed
}
