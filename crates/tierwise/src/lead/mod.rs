//! Which prospect do we call first, and why?
//!
//! A card gives a score, the score a raw grade, and unmet prerequisites correct the grade. Facts that are unknown stay
//! unknown: every result says how good and how bad it could still become.

mod frequency;
mod grade;
mod grade_columns;
mod strongest;
mod supplier_prospects;

pub use crate::scorecard::{
    Attribute, CardSpec, Characteristic, Condition, Correction, CorrectionRow, PerUnit, Prerequisite, Scorecard,
    WhileUnknown,
};
pub use frequency::{
    FrequencyCount, FrequencyCounts, FrequencyModel, FrequencySignal, FrequencySpec, Smoothing, Verdict,
    frequency_signal,
};
pub use grade::{Graded, Reason};
pub use grade_columns::{GradedColumns, GradedPart, PART};
pub use supplier_prospects::supplier_prospects;

/// The bands of a score, best grade first: see [`Bands`](crate::Bands).
pub type GradeScale = crate::Bands;
