//! placeholder
mod bands;
mod columns;
mod error;
pub mod feature;
mod fit;
mod score;
pub mod sum;

pub use bands::{Band, Bands};
pub use columns::{Columns, Record, Value};
pub use error::{Error, Result};
pub use feature::{Feature, Kind, Unknown};
pub use fit::{Fit, FitReport, Fitted, Outcome, Progress, Summary};
pub use score::{Assign, Explain, Score, Term, explain, score};

pub mod learn;
pub mod value;
pub mod lead;
pub mod model;
pub mod parallel;
pub mod scorecard;
pub use scorecard::Scorecard;
