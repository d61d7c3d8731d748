//! Which prospect do we call first, and why?
//!
//! A card gives a score, the score a raw grade, and unmet prerequisites correct the grade. Facts that are unknown stay
//! unknown: every result says how good and how bad it could still become.

mod engagement;
mod fit_engagement;
mod grade;
mod grade_columns;
mod strongest;
mod supplier_prospects;

pub use crate::keys::{encode_integers, encode_keys};
pub use crate::scorecard::{
    Attribute, CardSpec, Characteristic, Condition, Correction, CorrectionRow, PerUnit, Prerequisite, Scorecard,
    WhileUnknown,
};
pub use engagement::{
    ChangeLevels, Counted, Decay, Duplicates, EngagementChange, EventGroup, EventPoints, EventPolicy, EventRule,
    EventRules, EventRulesSpec, Events, Ledger, LedgerLine, LeftOut, LineStatus, Period, Strays,
};
pub use fit_engagement::FitEngagement;
pub use grade::{Graded, Reason};
pub use grade_columns::{GradedColumns, GradedPart, PART};
pub use supplier_prospects::supplier_prospects;

/// The bands of a score, best grade first: see [`Bands`](crate::Bands).
pub type GradeScale = crate::Bands;
