//! Do probabilities mean what they say? Rows in bins of equal width or of equal size, and how far each bin is off.

use super::falling::{falling_key, score_of};
use super::rows::{Rows, parameter, reaches};
use crate::rates::{check_confidence, rate};
use crate::special::quantile::between;
use crate::{Outcome, Result, parallel};
use serde::Serialize;

/// How probabilities are put into bins. A bin holds `low < probability <= high`, and the lowest also its lower end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bins {
    /// So many bins of equal width from 0 to 1.
    Uniform(usize),
    /// So many bins of about equal weight, cut at quantiles: by linear interpolation, as NumPy does, where all weights are
    /// whole numbers, and else where the sum of the weights reaches the share. Equal probabilities stay together, so there
    /// may be fewer.
    Quantile(usize),
}

/// A bin of probabilities against what happened in it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CalibrationBin {
    /// Probabilities in the bin are above this, or equal to it in the lowest bin.
    pub from: f64,
    /// Probabilities in the bin are at most this.
    pub to: f64,
    /// Rows that carry weight.
    pub rows: usize,
    /// The sum of their weights.
    pub weight: f64,
    /// The weight of the events.
    pub events: f64,
    /// The mean of the probabilities.
    pub mean_probability: f64,
    /// The share of events.
    pub rate: f64,
    /// The lower end of the interval of that share (Jeffreys).
    pub low: f64,
    /// The upper end of the interval of that share.
    pub high: f64,
}

/// The calibration table, from low to high probabilities; bins without rows are left out. Its means and rates are the
/// calibration curve, also called reliability diagram.
///
/// ```
/// use tierwise::{Outcome, evaluate::{Bins, calibration_table}};
/// let left = Outcome::binary("left", &[false, false, true, false, true, true]);
/// let table = calibration_table(&left, &[0.1, 0.2, 0.2, 0.6, 0.7, 0.9], Bins::Uniform(2), 0.95)?;
/// assert_eq!((table.len(), table[0].rows, table[1].rate), (2, 3, 2.0 / 3.0));
/// assert!(table[0].low < table[0].mean_probability && table[0].mean_probability < table[0].high);
/// # Ok::<(), tierwise::Error>(())
/// ```
///
/// # Errors
/// Those of [`log_loss`](super::log_loss) that concern the data; [`Error::InvalidParameter`](crate::Error::InvalidParameter) for no bins or more than
/// 100 000, and for a confidence outside (0, 1).
pub fn calibration_table(
    outcome: &Outcome<'_>,
    probabilities: &[f64],
    bins: Bins,
    confidence: f64,
) -> Result<Vec<CalibrationBin>> {
    check_confidence("calibration_table", confidence)?;
    let rows = Rows::probable("calibration_table", outcome, probabilities)?;
    let edges = bins.edges("calibration_table", &rows)?;
    let row = |one: &Tally| {
        let share = rate(one.events, one.weight, confidence)?;
        Ok(CalibrationBin {
            from: edges[one.bin],
            to: edges[one.bin + 1],
            rows: one.rows as usize,
            weight: one.weight,
            events: one.events,
            mean_probability: one.probability / one.weight,
            rate: share.rate,
            low: share.low,
            high: share.high,
        })
    };
    tallies(&rows, &edges).iter().map(row).collect()
}

/// The expected calibration error: the mean over bins, by their weight, of the distance between mean probability and share
/// of events (Naeini, Cooper & Hauskrecht 2015). With [`Bins::Quantile`] it is the adaptive one (Nixon et al. 2019).
///
/// It is never negative and grows with the number of bins: of a perfectly calibrated model it is above 0 by about
/// `√(bins / rows)` times a quarter to a third. Compare models on the same rows with the same bins only.
///
/// ```
/// use tierwise::{Outcome, evaluate::{Bins, calibration_error}};
/// let left = Outcome::binary("left", &[false, false, true, false, true, true]);
/// let error = calibration_error(&left, &[0.1, 0.2, 0.2, 0.6, 0.7, 0.9], Bins::Uniform(2))?;
/// assert!((error - (0.5 / 6.0 + 0.2 / 6.0)).abs() < 1e-15);
/// # Ok::<(), tierwise::Error>(())
/// ```
///
/// # Errors
/// Those of [`calibration_table`].
pub fn calibration_error(outcome: &Outcome<'_>, probabilities: &[f64], bins: Bins) -> Result<f64> {
    let rows = Rows::probable("calibration_error", outcome, probabilities)?;
    let edges = bins.edges("calibration_error", &rows)?;
    Ok(error_of(&tallies(&rows, &edges)))
}

pub(super) fn error_of(tallies: &[Tally]) -> f64 {
    let weight: f64 = tallies.iter().map(|one| one.weight).sum();
    tallies.iter().map(|one| (one.probability - one.events).abs()).sum::<f64>() / weight
}

/// Sums over the rows of a bin.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tally {
    pub(super) bin: usize,
    pub(super) rows: f64,
    pub(super) weight: f64,
    pub(super) events: f64,
    pub(super) probability: f64,
}

/// The bins that hold rows.
pub(super) fn tallies(rows: &Rows<'_>, edges: &[f64]) -> Vec<Tally> {
    let mut all = vec![Tally::default(); edges.len() - 1];
    for row in 0..rows.len() {
        let weight = rows.weight(row);
        let bin = bin_of(edges, rows.scores[row]);
        let one = &mut all[bin];
        one.bin = bin;
        one.rows += f64::from(u8::from(weight > 0.0));
        one.weight += weight;
        one.events += weight * rows.happened[row];
        one.probability += weight * rows.scores[row];
    }
    all.retain(|one| one.weight > 0.0);
    all
}

/// The bin of a probability.
#[inline]
pub(super) fn bin_of(edges: &[f64], probability: f64) -> usize {
    let inner = &edges[1..edges.len() - 1];
    inner.partition_point(|&edge| edge < probability)
}

impl Bins {
    /// The ends of the bins, one more than there are bins.
    pub(super) fn edges(self, of: &'static str, rows: &Rows<'_>) -> Result<Vec<f64>> {
        const MOST: usize = 100_000;
        let (Self::Uniform(count) | Self::Quantile(count)) = self;
        if !(1..=MOST).contains(&count) {
            return Err(parameter(of, "bins", &format!("a whole number in [1, {MOST}]"), &count));
        }
        // As numpy.linspace has them, so that a probability on an edge is in the same bin.
        let step = 1.0 / count as f64;
        let mut shares: Vec<f64> = (0..=count).map(|bin| bin as f64 * step).collect();
        shares[count] = 1.0;
        Ok(match self {
            Self::Uniform(_) => shares,
            Self::Quantile(_) => quantiles(rows, &shares),
        })
    }
}

/// Quantiles by linear interpolation between neighbours, where a row of weight 3 is three rows. Fractions of a row have no
/// neighbours: then the lowest score up to which the weights reach the share.
fn quantiles(rows: &Rows<'_>, shares: &[f64]) -> Vec<f64> {
    if !rows.is_weighted() {
        let mut keys: Vec<u64> = rows.scores.iter().map(|&score| falling_key(score)).collect();
        parallel::sort(&mut keys);
        let last = keys.len() - 1;
        let at = |place: f64| score_of(keys[last - (place as usize).min(last)]);
        return shares.iter().map(|share| between(share * last as f64, at)).collect();
    }
    let mut order = rows.by_falling_score();
    order.reverse();
    let up_to: Vec<f64> = order
        .iter()
        .scan(0.0, |sum, &(_, row)| {
            *sum += rows.weight(row);
            Some(*sum)
        })
        .collect();
    let last = up_to.len() - 1;
    let score = |index: usize| score_of(order[index.min(last)].0);
    if order.iter().all(|&(_, row)| rows.weight(row).fract() == 0.0) {
        let at = |place: f64| score(up_to.partition_point(|&sum| sum <= place));
        return shares.iter().map(|share| between(share * (up_to[last] - 1.0), at)).collect();
    }
    let reached = |share: f64| up_to.partition_point(|&sum| !reaches(sum, share * up_to[last]));
    shares.iter().map(|&share| score(if share < 1.0 { reached(share) } else { last })).collect()
}
