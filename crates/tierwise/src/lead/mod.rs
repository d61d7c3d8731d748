//! Which prospect do we call first, and why?
//!
//! A card gives a score, the score a raw grade, and unmet prerequisites correct the grade. Facts that are unknown stay
//! unknown: every result says how good and how bad it could still become.

mod assignment;
mod grade;
mod grade_columns;
mod pool;
mod strongest;
mod supplier_prospects;

pub use crate::scorecard::{
    Attribute, CardSpec, Characteristic, Condition, Correction, CorrectionRow, PerUnit, Prerequisite, Scorecard,
    WhileUnknown,
};
pub use assignment::{Assignment, AssignmentTask, Balance, Fairness, OpenLead, Rep, RepLoad, Unassigned};
pub use grade::{Graded, Reason};
pub use grade_columns::{GradedColumns, GradedPart, PART};
pub use pool::{
    Claim, ClaimAnswer, ClaimLimit, Decision, Pool, PoolDecision, PoolLead, PoolRank, PoolReason, PoolRules, PoolSpec,
    Refusal, Release, UnknownContact,
};
pub use supplier_prospects::supplier_prospects;

/// The bands of a score, best grade first: see [`Bands`](crate::Bands).
pub type GradeScale = crate::Bands;
