//! One step of boosting for one feature: where its points go up and where down, and by how much.

use super::histogram::CODES;
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

/// The step in full length for each bin of an ordered feature, and what it gains: the best single cut (Friedman 2001,
/// with the second-order gain of Chen & Guestrin 2016, equation 7). A cut whose sides go the wrong way is none.
pub(super) fn cut_step(
    sums: &[[f64; 2]],
    rows: &[f64],
    caution: Caution,
    direction: Option<Direction>,
    places: &mut [f64; CODES],
) -> f64 {
    let bins = sums.len();
    let smoothing = caution.smoothing;
    let total = sums.iter().fold([0.0; 2], |sum, one| [sum[0] + one[0], sum[1] + one[1]]);
    let all_rows: f64 = rows.iter().take(bins).sum();
    let worth = |slope: f64, curvature: f64| worth(slope, curvature + smoothing);
    let step = |slope: f64, curvature: f64| newton_step(slope, curvature + smoothing);
    let whole = worth(total[0], total[1]);
    let (mut best, mut best_cut, mut best_steps) = (0.0, 0, [0.0; 2]);
    let (mut below, mut rows_below) = ([0.0; 2], 0.0);
    for cut in 1..bins {
        below = [below[0] + sums[cut - 1][0], below[1] + sums[cut - 1][1]];
        rows_below += rows[cut - 1];
        let above = [total[0] - below[0], total[1] - below[1]];
        let too_few = rows_below < caution.min_rows || all_rows - rows_below < caution.min_rows;
        if too_few || below[1] < caution.min_curvature || above[1] < caution.min_curvature {
            continue;
        }
        let gain = worth(below[0], below[1]) + worth(above[0], above[1]) - whole;
        if gain <= best {
            continue;
        }
        let steps = [step(below[0], below[1]), step(above[0], above[1])];
        let allowed = match direction {
            None => true,
            Some(Direction::Ascending) => steps[0] <= steps[1],
            Some(Direction::Descending) => steps[0] >= steps[1],
        };
        if allowed {
            (best, best_cut, best_steps) = (gain, cut, steps);
        }
    }
    let steps = if best_cut > 0 { best_steps } else { [step(total[0], total[1]); 2] };
    places[..best_cut].fill(steps[0]);
    places[best_cut..bins].fill(steps[1]);
    best
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
