//! What a binning is worth: information value for yes or no, explained variance for a number.

use serde::{Deserialize, Serialize};

/// The weight of evidence of a bin in which one of the two classes does not occur, where the formula has no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ZeroCells {
    /// Half a case is added to both classes of such a bin, and of no other, before weight and information are computed;
    /// the totals stay as they are. The default. (The correction of Haldane 1956 and Anscombe 1956, one bin at a time.)
    #[default]
    Half,
    /// Such a bin says nothing: its weight of evidence and its information are 0.
    Neutral,
}

/// What is made as large as possible: a sum over bins.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Objective {
    /// Of a bin with so many events and others, among so many events and others in all.
    Information { events: f64, others: f64, zero_cells: ZeroCells },
    /// Of a bin with a sum of deviations from the overall mean and a weight, among so much squared deviation in all.
    Variance { squares: f64 },
}

/// Counts below this share of all are what subtraction of sums leaves of 0.
const NOTHING: f64 = 1e-13;

impl Objective {
    /// What a bin adds to the total. `first` and `second` are events and others, or the sum of deviations and the weight.
    pub(super) fn value(&self, first: f64, second: f64) -> f64 {
        match *self {
            Self::Information { events, others, zero_cells } => {
                evidence([first, second], [events, others], zero_cells).information
            }
            Self::Variance { squares } if second > 0.0 && squares > 0.0 => first * first / second / squares,
            Self::Variance { .. } => 0.0,
        }
    }

    /// The share of events, or the mean less the overall mean.
    pub(super) fn rate(&self, first: f64, second: f64) -> f64 {
        match self {
            Self::Information { .. } => first / (first + second),
            Self::Variance { .. } => first / second,
        }
    }

    /// How many customers stand behind a bin.
    pub(super) fn weight(&self, first: f64, second: f64) -> f64 {
        match self {
            Self::Information { .. } => first + second,
            Self::Variance { .. } => second,
        }
    }
}

/// What a bin says for the positive class, and how much that is worth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Evidence {
    pub(super) weight: f64,
    pub(super) information: f64,
}

/// `ln(p / q)` and `(p − q) · ln(p / q)` with `p` the bin's share of all events and `q` its share of all others
/// (Good 1950; Kullback 1959).
pub(super) fn evidence(counts: [f64; 2], totals: [f64; 2], zero_cells: ZeroCells) -> Evidence {
    let [first, second] = counts;
    let empty = [first <= NOTHING * totals[0], second <= NOTHING * totals[1]];
    let [first, second] = match (empty, zero_cells) {
        ([true, true], _) | ([true, _] | [_, true], ZeroCells::Neutral) => {
            return Evidence { weight: 0.0, information: 0.0 };
        }
        ([false, false], _) => [first, second],
        (_, ZeroCells::Half) => [first.max(0.0) + 0.5, second.max(0.0) + 0.5],
    };
    let (p, q) = (first / totals[0], second / totals[1]);
    let weight = libm::log(p / q);
    Evidence { weight, information: (p - q) * weight }
}
