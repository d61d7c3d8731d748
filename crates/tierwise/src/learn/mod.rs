//! How points are learned from outcomes.
//!
//! [`Logistic`] learns log-odds that are a sum over features, with a penalty if wanted, and standard errors. It is
//! made of two statistics that merge over the parts of a table, [`DesignSummary`] and [`LogisticStep`], so the same
//! fit runs on one machine or on many.

mod cholesky;
mod design;
mod design_summary;
mod kernel;
mod logistic;
mod logistic_model;
mod logistic_step;
mod newton;
mod partition;

pub use design::{CoefficientOf, LogisticDesign};
pub use design_summary::DesignSummary;
pub use logistic::Logistic;
pub use logistic_model::{Coefficient, KIND, LogisticModel, log_odds, probability};
pub use logistic_step::LogisticStep;
