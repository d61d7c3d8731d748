#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod bands;
mod calendar;
mod columns;
mod error;
pub mod feature;
mod fit;
mod hysteresis;
mod keys;
#[cfg(feature = "laws")]
pub mod laws;
pub mod model;
mod ordered_rates;
pub mod parallel;
mod parts;
mod rank_correlation;
pub mod rates;
mod score;
pub mod scorecard;
mod special;
pub mod sum;
mod wide;

pub mod churn;
pub mod cross_sell;
pub mod evaluate;
pub mod lead;
pub mod learn;
pub mod value;

pub use bands::{Band, Bands};
pub use columns::{Columns, Record, TakenRows, Value};
pub use error::{Error, Result};
pub use feature::{Feature, Kind, Unknown};
pub use fit::{Fit, FitReport, Fitted, Outcome, Progress, Summary};
pub use hysteresis::Hysteresis;
pub use score::{Assign, Explain, Score, Term, explain, rank, score};
pub use scorecard::Scorecard;
