//! Boosted additive cards: step functions of single features and of pairs, learned in rounds and averaged over bags.

#[allow(clippy::module_inception)]
mod additive;
mod assemble;
mod bag;
mod bag_fit;
mod binned;
mod card;
mod coarse;
mod double;
mod histogram;
mod learning;
mod loss;
mod model;
mod number_model;
mod pair_step;
mod rounds;
mod simplify;
mod single;
mod step;
mod target;

use loss::Loss;

/// The constant that, added to known parts of the log-odds, is right on average.
pub(super) fn base_log_odds(offsets: &[f64], outcome: &[f64], weights: &[f64]) -> f64 {
    Loss::Log.level(offsets, outcome, Some(weights))
}

pub use additive::Additive;
pub use card::TermEvidence;
pub use histogram::GradientHistogram;
pub use loss::NumberLoss;
pub use model::{AdditiveModel, HeldOut, ShapeStep};
pub use number_model::{AdditiveNumberModel, NumberReport};
pub use step::Direction;
