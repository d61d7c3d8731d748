//! Which prospect do we call first, and why?
//!
//! A card gives a score, the score a raw grade, and unmet prerequisites correct the grade. Facts that are unknown stay
//! unknown: every result says how good and how bad it could still become.

mod assignment;
mod class_history;
mod class_pyramid;
mod dwell;
mod engagement;
mod fit_engagement;
mod forecast;
mod frequency;
mod grade;
mod grade_columns;
mod grade_rates;
mod held_grades;
mod ladder;
mod look_alike;
mod milestone_classes;
mod milestone_rule;
mod overrides;
pub mod panel;
mod pool;
mod raise;
mod reason_codes;
mod schiffman;
mod score_change;
mod strongest;
mod supplier_prospects;
mod weights;

pub use crate::keys::{encode_integers, encode_keys};
pub use crate::scorecard::{
    Attribute, CardSpec, Characteristic, Condition, Correction, CorrectionRow, PairCharacteristic, PerUnit,
    Prerequisite, Scorecard, WhileUnknown,
};
pub use assignment::{Assignment, AssignmentTask, Balance, Fairness, OpenLead, Rep, RepLoad, Unassigned};
pub use class_history::{ClassHistory, ClassHistorySettings, StaleLead, StaleLimit, Stay, Transition};
pub use class_pyramid::{ClassPyramid, PyramidRow, class_pyramid};
pub use dwell::ClassDwell;
pub use engagement::{
    ChangeLevels, Counted, Decay, Duplicates, EngagementChange, EventGroup, EventPoints, EventPolicy, EventRule,
    EventRules, EventRulesSpec, Events, Ledger, LedgerLine, LeftOut, LineStatus, Period, Strays,
};
pub use fit_engagement::FitEngagement;
pub use forecast::{
    Backtest, BacktestRow, ClassForecast, ClassPlan, Driver, MonthlySignings, RateMethod, SigningCount,
    SigningForecast, SigningWarning, TargetRule, WarningReason, WarningRow, forecast_backtest, signing_forecast,
    signing_warning,
};
pub use frequency::{
    FrequencyCount, FrequencyCounts, FrequencyModel, FrequencySignal, FrequencySpec, SignalVerdict, Smoothing,
    frequency_signal,
};
pub use grade::{Graded, Reason};
pub use grade_columns::{GradedColumns, GradedPart, PART};
pub use grade_rates::{GradeCounts, GradePair, GradeRate, GradeRates, Verdict, grade_rates};
pub use held_grades::HeldGrades;
pub use ladder::{Criterion, Ladder, LadderCard, LadderSpec};
pub use look_alike::{LikenessScale, LookAlike, LookAlikeModel};
pub use milestone_classes::{Classified, ClassifiedColumns, MilestoneClass, MilestoneClasses, MilestoneSpec};
pub use milestone_rule::MilestoneRule;
pub use overrides::{EffectiveGrade, Override, OverrideState, apply_overrides};
pub use pool::{
    Claim, ClaimAnswer, ClaimLimit, Decision, Pool, PoolDecision, PoolLead, PoolRank, PoolReason, PoolRules, PoolSpec,
    Refusal, Release, UnknownContact,
};
pub use raise::{Change, Plan, PlannedChange, Raise, RaiseOutcome, To};
pub use reason_codes::{Algorithm, CodeTies, Keep, ReasonCode, ReasonCodeColumns, ReasonCodes};
pub use schiffman::schiffman;
pub use score_change::{ChangePart, ChangedTerm, Comparison, Level, ScoreChange};
pub use supplier_prospects::supplier_prospects;
pub use weights::{
    AnswerValue, CardFit, CardFitSettings, CardWeight, FittedCard, NonNegative, PathPoint, Per, PointsScale,
    ProbabilityInterval, ProbabilityIntervals, Rule, ScaledCard, Strength,
};

/// The bands of a score, best grade first: see [`Bands`](crate::Bands).
pub type GradeScale = crate::Bands;
