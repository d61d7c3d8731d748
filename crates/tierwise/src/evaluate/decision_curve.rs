//! Is it worth acting on a probability, whatever the exact price of a call is?

use super::rows::{Rows, parameter};
use crate::{Outcome, Result};
use serde::Serialize;

/// The net benefit of acting at a threshold.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct DecisionRow {
    /// Whoever has at least this probability is called. It is the price: with ¼, three calls for nothing outweigh one hit.
    pub threshold: f64,
    /// Events called less the price of the others called, per customer.
    pub net_benefit: f64,
    /// The same if everybody is called; of calling nobody it is 0.
    pub net_benefit_of_all: f64,
    /// The share of the customers that is called.
    pub share: f64,
}

/// The decision curve (Vickers & Elkin 2006): `TP / n − FP / n · t / (1 − t)` at each threshold `t`. A model is of use at those
/// thresholds at which its net benefit is above 0 and above that of calling everybody. It must be calibrated.
///
/// ```
/// use tierwise::{Outcome, evaluate::decision_curve};
/// let bought = Outcome::binary("bought", &[false, false, true, true]);
/// let [row] = decision_curve(&bought, &[0.1, 0.4, 0.35, 0.8], &[0.2])?[..] else { unreachable!() };
/// assert_eq!((row.net_benefit, row.net_benefit_of_all), (0.5 - 0.25 * 0.25, 0.5 - 0.5 * 0.25));
/// # Ok::<(), tierwise::Error>(())
/// ```
///
/// # Errors
/// [`Error::InvalidParameter`](crate::Error::InvalidParameter) for a threshold outside (0, 1), and those of
/// [`log_loss`](super::log_loss) that concern the data.
pub fn decision_curve(outcome: &Outcome<'_>, probabilities: &[f64], thresholds: &[f64]) -> Result<Vec<DecisionRow>> {
    let rows = Rows::probable("decision_curve", outcome, probabilities)?;
    if let Some(threshold) = thresholds.iter().find(|threshold| !(**threshold > 0.0 && **threshold < 1.0)) {
        return Err(parameter("decision_curve", "thresholds", "a list of numbers in (0, 1)", threshold));
    }
    let order = rows.by_falling_score();
    let mut called = Vec::with_capacity(order.len());
    let mut sums = [0.0; 2];
    for &(_, row) in &order {
        sums[usize::from(rows.happened[row] == 0.0)] += rows.weight(row);
        called.push(sums);
    }
    let total = sums[0] + sums[1];
    let benefit =
        |[events, others]: [f64; 2], threshold: f64| events / total - others / total * (threshold / (1.0 - threshold));
    let row = |&threshold: &f64| {
        let count = order.partition_point(|&(_, row)| rows.scores[row] >= threshold);
        let at = count.checked_sub(1).map_or([0.0; 2], |last| called[last]);
        DecisionRow {
            threshold,
            net_benefit: benefit(at, threshold),
            net_benefit_of_all: benefit(sums, threshold),
            share: (at[0] + at[1]) / total,
        }
    };
    Ok(thresholds.iter().map(row).collect())
}
