//! One step of boosting for one feature: where its points go up and where down, and by how much.

use super::histogram::CODES;
use crate::learn::kernel::exp;
use serde::{Deserialize, Serialize};

/// Which way the points of a number may go as it grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Never fall.
    Ascending,
    /// Never rise.
    Descending,
}

/// What keeps steps from following noise.
#[derive(Debug, Clone, Copy)]
pub(super) struct Caution {
    /// Curvature of rows that are not there, added to that of the rows on either side of a cut.
    pub(super) smoothing: f64,
    /// The same for a level or for unknown, each of which stands alone.
    pub(super) level_smoothing: f64,
    /// The least rows on either side of a cut.
    pub(super) min_rows: f64,
    /// The least curvature on either side of a cut.
    pub(super) min_curvature: f64,
}

/// The step that brings a slope to 0 where it falls with this curvature; none where there is neither.
pub(super) fn newton_step(slope: f64, curvature: f64) -> f64 {
    if curvature > 0.0 { -slope / curvature } else { 0.0 }
}

/// What a step gains, twice over.
pub(super) fn worth(slope: f64, curvature: f64) -> f64 {
    if curvature > 0.0 { slope * slope / curvature } else { 0.0 }
}

/// The step in full length for each bin of an ordered feature, and what its best cut gains: the mean of all single cuts
/// (Friedman 2001, with the second-order gain of Chen & Guestrin 2016, equation 7), each with the [`weight`] of its gain.
/// A cut whose sides go the wrong way has none.
pub(super) fn cut_step(
    sums: &[[f64; 2]],
    rows: &[f64],
    caution: Caution,
    direction: Option<Direction>,
    dispersion: f64,
    places: &mut [f64; CODES],
) -> f64 {
    let bins = sums.len();
    let smoothing = caution.smoothing;
    let total = sums.iter().fold([0.0; 2], |sum, one| [sum[0] + one[0], sum[1] + one[1]]);
    let all_rows: f64 = rows.iter().take(bins).sum();
    let worth = |slope: f64, curvature: f64| worth(slope, curvature + smoothing);
    let step = |slope: f64, curvature: f64| newton_step(slope, curvature + smoothing);
    let whole = worth(total[0], total[1]);
    let mut gains = [0.0; CODES];
    let mut sides = [[0.0; 2]; CODES];
    let (mut best, mut below, mut rows_below) = (0.0, [0.0; 2], 0.0);
    for cut in 1..bins {
        below = [below[0] + sums[cut - 1][0], below[1] + sums[cut - 1][1]];
        rows_below += rows[cut - 1];
        let above = [total[0] - below[0], total[1] - below[1]];
        let too_few = rows_below < caution.min_rows || all_rows - rows_below < caution.min_rows;
        if too_few || below[1] < caution.min_curvature || above[1] < caution.min_curvature {
            continue;
        }
        let steps = [step(below[0], below[1]), step(above[0], above[1])];
        let allowed = match direction {
            None => true,
            Some(Direction::Ascending) => steps[0] <= steps[1],
            Some(Direction::Descending) => steps[0] >= steps[1],
        };
        if allowed {
            let gain = worth(below[0], below[1]) + worth(above[0], above[1]) - whole;
            (gains[cut], sides[cut]) = (gain, steps);
            best = if gain > best { gain } else { best };
        }
    }
    if best <= 0.0 {
        places[..bins].fill(step(total[0], total[1]));
        return best;
    }
    // The lowest bin lies below all cuts; at each cut its share of the points turns from one side to the other.
    let (mut weights, mut lowest) = (0.0, 0.0);
    for cut in 1..bins {
        let weight = if gains[cut] > 0.0 { weight((gains[cut] - best) / dispersion) } else { 0.0 };
        weights += weight;
        lowest += weight * sides[cut][0];
        places[cut] = weight * (sides[cut][1] - sides[cut][0]);
    }
    places[0] = lowest;
    for bin in 1..bins {
        places[bin] += places[bin - 1];
    }
    places[..bins].iter_mut().for_each(|place| *place /= weights);
    best
}

/// The weight of a cut that gains so much less (below 0) than the best. A gain is twice that of the log-likelihood (of a
/// number: in units of the variance that is left), so that with a temperature of 2 these would be the odds that the data gives to the cuts. The higher one is this library's: many
/// steps are yet to come. Where no cut stands out, points follow a smooth curve; where one does, they step.
fn weight(gain: f64) -> f64 {
    const TEMPERATURE: f64 = 8.0;
    exp(gain / TEMPERATURE)
}

/// The step for each level of a category, drawn to nothing the fewer rows it has, and what all of them gain.
pub(super) fn level_step(sums: &[[f64; 2]], caution: Caution, places: &mut [f64; CODES]) -> f64 {
    let mut gain = 0.0;
    for (place, &[slope, curvature]) in places.iter_mut().zip(sums) {
        *place = newton_step(slope, curvature + caution.level_smoothing);
        gain -= slope * *place;
    }
    gain
}
