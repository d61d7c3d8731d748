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

pub use additive::Additive;
pub use card::TermEvidence;
pub use histogram::GradientHistogram;
pub use loss::NumberLoss;
pub use model::{AdditiveModel, HeldOut, ShapeStep};
pub use number_model::{AdditiveNumberModel, NumberReport};
pub use step::Direction;
