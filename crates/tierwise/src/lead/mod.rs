//! Which prospect do we call first, and why?
//!
//! A card gives a score, the score a raw grade, and unmet prerequisites correct the grade. Facts that are unknown stay
//! unknown: every result says how good and how bad it could still become.

mod class_history;
mod class_pyramid;
mod dwell;
mod grade;
mod grade_columns;
mod milestone_classes;
mod milestone_rule;
mod schiffman;
mod strongest;
mod supplier_prospects;

pub use crate::scorecard::{
    Attribute, CardSpec, Characteristic, Condition, Correction, CorrectionRow, PerUnit, Prerequisite, Scorecard,
    WhileUnknown,
};
pub use class_history::{ClassHistory, ClassHistorySettings, StaleLead, StaleLimit, Stay, Transition};
pub use class_pyramid::{ClassPyramid, PyramidRow, class_pyramid};
pub use dwell::ClassDwell;
pub use grade::{Graded, Reason};
pub use grade_columns::{GradedColumns, GradedPart, PART};
pub use milestone_classes::{Classified, ClassifiedColumns, MilestoneClass, MilestoneClasses, MilestoneSpec};
pub use milestone_rule::MilestoneRule;
pub use schiffman::schiffman;
pub use supplier_prospects::supplier_prospects;

/// The bands of a score, best grade first: see [`Bands`](crate::Bands).
pub type GradeScale = crate::Bands;
