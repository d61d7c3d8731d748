//! Scores that become probabilities: of a hundred customers at 0.2, twenty say yes.
//!
//! [`Calibrator`] learns from scores and outcomes, and [`Calibration`] maps scores. A [`CalibratedModel`] is a model with
//! a calibration behind it. [`Calibration::prior_shift`] moves probabilities to another base rate, which
//! [`estimate_base_rate`] estimates from customers whose outcome is not known yet.

mod beta;
mod calibrated;
mod calibrator;
mod few_coefficients;
mod isotonic;
mod map;
mod platt;
mod prior_shift;
mod rescaled;
mod strict_isotonic;
mod ties;
mod venn_abers;

pub use beta::BetaShape;
pub use calibrated::CalibratedModel;
pub use calibrator::{CalibrationMethod, Calibrator, ScoreScale};
pub use isotonic::RateBlock;
pub use map::{Calibration, CalibrationMap};
pub use prior_shift::{BaseRateEstimate, estimate_base_rate, shift_probabilities};
pub use strict_isotonic::Knot;
pub use venn_abers::IntervalBlock;
