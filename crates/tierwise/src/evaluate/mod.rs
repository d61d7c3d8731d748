//! Does a score work? Plain functions over an outcome and a score of the same rows, with weights everywhere.
//!
//! | question | answer |
//! |---|---|
//! | Do those who buy score higher than those who do not? | [`roc_auc`], [`average_precision`]; [`Ranking`] sorts once and has all figures of order |
//! | What is at the top of the list? | [`Ranking::lift_table`], [`Ranking::precision_at`], [`Ranking::success_at`], [`Ranking::ndcg_at`] |
//! | How sure is that, and is the new score better than the old? | [`roc_auc_interval`], [`compare_roc_auc`]; [`Bootstrap`] for any [`Figure`] |
//! | Do probabilities mean what they say? | [`log_loss`], [`brier`] and its [`brier_parts`], [`calibration_table`], [`calibration_error`] |
//! | How would they have to be bent? | [`recalibration`]; tests: [`hosmer_lemeshow`], [`spiegelhalter`] |
//! | Is it still the same, in the data and in the score? | [`drift`], [`column_drift`], [`drift_windows`], [`characteristic_stability`], [`tier_migration`]; [`DriftCounts`] and [`ScoreHistogram`] merge |
//! | May the new score replace the old one? | [`promotion`], by a [`PromotionPolicy`] |
//! | Would it have worked, and how often must it be refitted? | [`backtest`], [`backtest_learner`], by a [`RollingOrigin`] |
//! | Does it treat groups alike? | [`by_group`] |
//! | Did it change, and was it us? | [`rate_change`], [`mean_change`], [`difference_in_differences`], [`campaign_lift`], [`campaign_revenue`] |
//! | Whom do we call? | [`Ranking::best_cut`], [`Ranking::profit_curve`], [`decision_curve`], [`cut_for_capacity`], [`confusion`] |
//! | All of that in one call, with plain sentences? | [`report`], [`report_numbers`], [`report_model`]; [`monitoring_report`] for a series of batches |
//! | How far off are predicted amounts, and who brings the money? | [`number_figures`], [`spend_capture`], [`decile_table`]; [`Bootstrap::number_interval`] |
//! | Does the treatment work best where that was predicted? | [`UpliftRanking`]; [`Bootstrap::uplift_interval`] |
//! | Do those who leave first have the highest risk? | [`concordance`], [`concordance_ipcw`] |
//!
//! A score may come from anywhere: it is a column of numbers, in which NaN is refused with its row. The outcome names its
//! positive class ([`Outcome`](crate::Outcome)). Weights count customers: a row of weight 3 is three equal rows; together they
//! must lie between 1e-15 and 1e15, and of two classes the lighter must not be lost beside the other.
//!
//! ```
//! use tierwise::{Outcome, evaluate};
//! let outcome = Outcome::labels("result", &["won", "lost", "won", "lost"], "won")?.weights(&[1.0, 2.0, 1.0, 1.0])?;
//! let score = [0.9, 0.2, 0.4, 0.5];
//! assert_eq!(evaluate::roc_auc(&outcome, &score)?, 5.0 / 6.0);
//! assert!(evaluate::log_loss(&outcome, &score, 0.0)? < 0.45);
//! # Ok::<(), tierwise::Error>(())
//! ```

mod backtest;
mod before_after;
mod bootstrap;
mod brier_parts;
mod calibration;
mod censoring;
mod checks;
mod concordance;
mod curves;
mod decision_curve;
mod decisions;
mod delong;
mod drift;
mod fairness;
mod falling;
mod falling_sums;
mod goodness;
mod lift;
mod long_sums;
mod monitoring;
mod number_figures;
mod number_interval;
mod poisson;
mod probability_loss;
mod promotion;
mod ranking;
mod recalibration;
mod report;
mod rows;
mod score_histogram;
mod spend_capture;
mod uplift;
mod words;

pub use backtest::{
    AgeFigures, Backtest, BacktestCheck, BacktestFigure, BacktestLevel, BacktestLimit, BacktestLimits, BacktestOutcome,
    BacktestRefit, BacktestScores, BacktestSettings, BacktestState, BacktestTerm, BacktestWindow, FigureTrend,
    OriginRefit, OriginWindow, PooledFigure, RankStability, Refitting, RollingOrigin, ScoreShift, TermHistory,
    TermKind, WindowFigure, WindowRows, backtest, backtest_learner,
};
pub use before_after::{
    Bounded, CampaignLift, CampaignRevenue, DifferenceErrors, DifferenceInDifferences, MeanChange, RateChange,
    campaign_lift, campaign_revenue, difference_in_differences, mean_change, rate_change, ratio_of_rates, wilson_rate,
};
pub use bootstrap::{Bootstrap, BootstrapInterval, Figure};
pub use brier_parts::{BrierParts, brier_parts};
pub use calibration::{Bins, CalibrationBin, calibration_error, calibration_table};
pub use censoring::Censoring;
pub use concordance::{Concordance, concordance, concordance_ipcw};
pub use curves::{PrecisionRecallCurve, RocCurve};
pub use decision_curve::{DecisionRow, decision_curve};
pub use decisions::{BestCut, CapacityCut, Confusion, Goal, Payoff, ProfitRow, confusion, cut_for_capacity};
pub use delong::{AucScale, RocAuc, RocAucComparison, compare_roc_auc, roc_auc_interval};
pub use drift::{
    CharacteristicShift, CharacteristicStability, ChiSquareTest, ColumnDrift, CountDrift, DriftBins, DriftCell,
    DriftCells, DriftCounts, DriftLevel, DriftSample, DriftSettings, DriftWindow, EmptyCells, LogBase, NumberDistances,
    TableDrift, TierMigration, TwoSampleKolmogorovSmirnov, UnknownChange, UnseenLevel, characteristic_stability,
    column_drift, compare_counts, drift, drift_windows, tier_migration,
};
pub use fairness::{
    FairnessSettings, GroupAuc, GroupCalibration, GroupComparison, GroupFigure, GroupFigures, by_group,
};
pub use goodness::{HosmerLemeshow, HosmerLemeshowGroup, Spiegelhalter, hosmer_lemeshow, spiegelhalter};
pub use lift::LiftRow;
pub use monitoring::{
    Batch, BatchCalibration, BatchColumn, BatchFigures, BatchReport, BatchScoreShift, BatchScores, Finding,
    MonitoringOptions, MonitoringReport, monitoring_report,
};
pub use number_figures::{
    NumberFigures, bias, mean_absolute_error, mean_absolute_percentage_error, median_absolute_error, number_figures,
    pinball_loss, r_squared, root_mean_squared_error, weighted_absolute_percentage_error,
};
pub use number_interval::NumberFigure;
pub use probability_loss::{brier, log_loss};
pub use promotion::{
    CheckState, DynamicsPolicy, Promotion, PromotionCheck, PromotionEvidence, PromotionGrades, PromotionPolicy,
    PromotionVerdict, StandardPolicy, TopOfList, promotion,
};
pub use ranking::{KolmogorovSmirnov, Ranking, average_precision, roc_auc};
pub use recalibration::{Estimate, Recalibration, recalibration};
pub use report::{
    BreakEven, CalibrationReport, CapacityReport, ChampionReport, DecisionReport, GroupsReport, HistogramReport,
    HistogramReportBin, ModelReport, NumberIntervals, NumberReport, OverviewReport, ProfitReport, RankingReport,
    Report, ReportGroups, ReportOptions, ReportWords, RocPoint, ScoreDriftReport, TermReport, TopReport, TopRow,
    UnknownShare, report, report_model, report_numbers,
};
pub use score_histogram::{AreaBounds, HistogramBin, ScoreHistogram};
pub use spend_capture::{DecileRow, SpendCapture, decile_table, spend_capture};
pub use uplift::{
    EmptyArm, Normalisation, Places, UpliftArea, UpliftCurve, UpliftFigure, UpliftHeterogeneity, UpliftRanking,
    UpliftRow,
};
