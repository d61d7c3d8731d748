//! Why a Brier score is what it is: Murphy's parts, and the two that the bins leave over.

use super::calibration::{Bins, bin_of, tallies};
use super::rows::Rows;
use crate::{Outcome, Result};

/// The parts of a Brier score: `reliability − resolution + uncertainty + within_bin_variance − within_bin_covariance`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BrierParts {
    /// The Brier score.
    pub brier: f64,
    /// How far the probabilities of the bins are from what happened in them; 0 is best.
    pub reliability: f64,
    /// How far the bins differ from the overall rate; more is better.
    pub resolution: f64,
    /// The variance of the outcome, which no model can change.
    pub uncertainty: f64,
    /// The variance of the probabilities within bins.
    pub within_bin_variance: f64,
    /// Twice the covariance of probabilities and outcomes within bins: what the bins hide of the resolution.
    pub within_bin_covariance: f64,
}

/// Takes a Brier score apart (Murphy 1973, with the two terms of Stephenson, Coelho & Jolliffe 2008 that make it add up when
/// probabilities within a bin differ).
///
/// ```
/// use tierwise::{Outcome, evaluate::{Bins, brier_parts}};
/// let left = Outcome::binary("left", &[false, false, true, false, true, true]);
/// let parts = brier_parts(&left, &[0.1, 0.2, 0.2, 0.6, 0.7, 0.9], Bins::Uniform(5))?;
/// let sum = parts.reliability - parts.resolution + parts.uncertainty + parts.within_bin_variance
///     - parts.within_bin_covariance;
/// assert!((sum - parts.brier).abs() < 1e-15);
/// # Ok::<(), tierwise::Error>(())
/// ```
///
/// # Errors
/// Those of [`calibration_error`](super::calibration_error).
pub fn brier_parts(outcome: &Outcome<'_>, probabilities: &[f64], bins: Bins) -> Result<BrierParts> {
    let rows = Rows::probable("brier_parts", outcome, probabilities)?;
    let edges = bins.edges("brier_parts", &rows)?;
    let bins = tallies(&rows, &edges);
    let total: f64 = bins.iter().map(|bin| bin.weight).sum();
    let rate = bins.iter().map(|bin| bin.events).sum::<f64>() / total;
    let mut means = vec![[0.0; 2]; edges.len() - 1];
    let (mut reliability, mut resolution) = (0.0, 0.0);
    for bin in &bins {
        let (probability, happened) = (bin.probability / bin.weight, bin.events / bin.weight);
        means[bin.bin] = [probability, happened];
        reliability += bin.weight / total * (probability - happened) * (probability - happened);
        resolution += bin.weight / total * (happened - rate) * (happened - rate);
    }
    let [losses, squares, products, weight] = rows.sums(|row| {
        let (probability, happened) = (rows.scores[row], rows.happened[row]);
        let [mean, mean_happened] = means[bin_of(&edges, probability)];
        let (apart, loss) = (probability - mean, probability - happened);
        [loss * loss, apart * apart, apart * (happened - mean_happened), 1.0]
    });
    Ok(BrierParts {
        brier: losses / weight,
        reliability,
        resolution,
        uncertainty: rate * (1.0 - rate),
        within_bin_variance: squares / weight,
        within_bin_covariance: 2.0 * products / weight,
    })
}
