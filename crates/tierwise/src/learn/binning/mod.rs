//! Supervised optimal binning: a feature in few bins that say as much about an outcome as any such bins can.
//!
//! [`bin_feature`] and [`Binner`] find the bins, [`Binning`] holds them: a table, weights of evidence, an information
//! value, and the transform of new data. [`BinCounts`] are the statistics that a table in parts has to take.

mod binner;
mod card;
mod cells;
mod counts;
mod free;
mod layout;
mod model;
mod objective;
mod optimum;
mod round_edge;
mod search;
mod sort_keys;
mod target;

pub use binner::{Binner, Trend, Unseen, bin_feature};
pub use card::evidence_card;
pub use counts::{BinCounts, BinnedOutcome, Tally};
pub use layout::BinLayout;
pub use model::{Bin, Binning};
pub use objective::ZeroCells;
pub use target::{NumberOutcome, Target};

pub(in crate::learn) use round_edge::round_edge;
