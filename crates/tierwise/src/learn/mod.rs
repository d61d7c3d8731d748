//! How points are learned from outcomes.
//!
//! [`Logistic`] learns log-odds that are a sum over features, with a penalty if wanted, and standard errors. It is
//! made of two statistics that merge over the parts of a table, [`DesignSummary`] and [`LogisticStep`], so the same
//! fit runs on one machine or on many.
//!
//! [`Additive`] learns log-odds that are a sum of step functions, of single features and of pairs, by boosting: a card.
//!
//! [`bin_feature`] and [`Binner`] join the values of a feature to few bins that say as much about an outcome as any such
//! bins can; a [`Binning`] holds their weights of evidence. [`WeightOfEvidence`] makes a scorecard of them.
//!
//! [`check_data`] finds what is wrong with a table before anything is learned from it. [`stratified_folds`],
//! [`grouped_folds`], [`TimeFolds`] and [`time_split`] say which rows to learn from and which to judge on;
//! [`out_of_fold`] scores every row by a model that did not see it.
//!
//! [`choose`] judges learners out of fold and picks the simplest that is as good as the best.
//!
//! [`Calibrator`] learns what probability belongs to a score; a [`CalibratedModel`] gives it.

mod additive;
mod binning;
mod bounded_quadratic;
mod calibration;
mod choice;
mod cholesky;
mod data_checks;
mod delegate;
mod dense;
mod design;
mod design_summary;
mod evidence;
mod kernel;
mod learner;
mod logistic;
mod logistic_model;
mod logistic_step;
mod newton;
mod partition;
mod quantile_sketch;
mod reasons;
mod similar;
mod split;

pub use additive::{
    Additive, AdditiveModel, AdditiveNumberModel, Direction, GradientHistogram, HeldOut, NumberLoss, NumberReport,
    ShapeStep, TermEvidence,
};
pub use binning::{
    Bin, BinCounts, BinLayout, BinnedOutcome, Binner, Binning, NumberOutcome, Tally, Target, Trend, Unseen, ZeroCells,
    bin_feature, evidence_card,
};
pub use calibration::{
    BaseRateEstimate, BetaShape, CalibratedModel, Calibration, CalibrationMap, CalibrationMethod, Calibrator,
    IntervalBlock, Knot, RateBlock, ScoreScale, estimate_base_rate, shift_probabilities,
};
pub use choice::{Choice, Interval, Judged, choose, usual_candidates};
pub use data_checks::{DataChecks, Finding, Severity, check_data};
pub use design::{CoefficientOf, LogisticDesign};
pub use design_summary::DesignSummary;
pub use evidence::{
    Dropped, Elimination, Encoding, FeatureFate, GivenBins, Selection, WeightOfEvidence, WeightOfEvidenceModel,
};
pub use learner::{LearnedModel, Learner};
pub use logistic::Logistic;
pub use logistic_model::{Coefficient, LogisticModel, log_odds, probability};
pub use logistic_step::LogisticStep;
pub use quantile_sketch::QuantileSketch;
pub use reasons::{Probability, ProbabilityReason, ReasonColumns, probabilities, reason_columns, reasons};
pub use similar::{SimilarRecord, similar_records};
pub use split::{
    Fold, TimeFolds, grouped_folds, grouped_split, out_of_fold, stratified_folds, time_split, train_test_split,
};

pub(crate) use bounded_quadratic::{inverse_of_free, minimise_bounded};
pub(crate) use delegate::{delegate_probability, saved_probability};
pub(crate) use dense::DenseTable;
pub(crate) use logistic_model::softplus;
pub(crate) use split::scores_of_rows;
