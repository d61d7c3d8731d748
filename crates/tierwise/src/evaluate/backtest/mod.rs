//! Would it have worked? A model refitted again and again over the past, each time judged on the days that followed.

mod figures;
mod judged;
mod learner;
mod schedule;
mod series;
mod stability;
mod verdict;

pub use figures::{BacktestFigure, WindowFigure, WindowRows};
pub use learner::backtest_learner;
pub use schedule::{OriginRefit, OriginWindow, RollingOrigin};
pub use series::{AgeFigures, FigureTrend, PooledFigure};
pub use stability::{BacktestTerm, RankStability, ScoreShift, TermHistory, TermKind};
pub use verdict::{BacktestCheck, BacktestLevel, BacktestLimit, BacktestLimits, Refitting};

use super::TopOfList;
use super::rows::{check_numbers, parameter};
use crate::rates::check_confidence;
use crate::{Error, Outcome, Result};
use figures::Judge;
use judged::Past;
use serde::{Deserialize, Serialize};
use series::Windows;

const OF: &str = "backtest";

/// The page for readers: its snippets run.
#[cfg(doctest)]
#[doc = include_str!("../../../../../docs/evaluation.md")]
struct Page;

/// What came, and what the scores of the models say of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum BacktestOutcome<'a> {
    /// Yes or no; scores are probabilities.
    Probability(&'a Outcome<'a>),
    /// Yes or no; scores are on any scale, higher for more likely, and only their order is judged.
    Ranking(&'a Outcome<'a>),
    /// Amounts; scores are amounts.
    Number {
        /// What came, per row.
        actual: &'a [f64],
        /// How many customers a row stands for.
        weights: Option<&'a [f64]>,
    },
}

impl<'a> BacktestOutcome<'a> {
    fn parts(self) -> (&'a [f64], Option<&'a [f64]>) {
        match self {
            Self::Probability(outcome) | Self::Ranking(outcome) => (outcome.values(), outcome.row_weights()),
            Self::Number { actual, weights } => (actual, weights),
        }
    }

    fn check(self, days: &[f64]) -> Result<()> {
        let (values, weights) = self.parts();
        if values.is_empty() {
            return Err(Error::EmptyTable { what: "the outcome".into() });
        }
        if days.len() != values.len() {
            return Err(Error::WrongLength { what: "the days".into(), expected: values.len(), found: days.len() });
        }
        match self {
            Self::Probability(outcome) | Self::Ranking(outcome) if outcome.row_offsets().is_some() => {
                let must_be = "an outcome without offsets: they belong into the scores";
                Err(parameter(OF, "outcome", must_be, &format!("`{}` with offsets", outcome.name())))
            }
            Self::Probability(outcome) | Self::Ranking(outcome) => outcome.check_total_weight(),
            Self::Number { actual, .. } => {
                check_numbers("the outcome", actual, actual.len())?;
                super::checks::check_weights("", actual.len(), weights)
            }
        }
    }
}

/// How a backtest is made.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BacktestSettings {
    /// When there is a refit, and which rows judge it.
    pub schedule: RollingOrigin,
    /// How much the intervals hold; 0.95 by default.
    pub confidence: f64,
    /// The top of the list, of which precision, lift, capture and overlap are told; the best tenth by default.
    pub top: TopOfList,
    /// From where on the verdict is watch, and act.
    pub limits: BacktestLimits,
}

impl BacktestSettings {
    /// The usual settings for a schedule.
    pub fn new(schedule: RollingOrigin) -> Self {
        Self { schedule, confidence: 0.95, top: TopOfList::Share(0.1), limits: BacktestLimits::default() }
    }

    fn check(&self) -> Result<()> {
        check_confidence(OF, self.confidence)?;
        self.top.check(OF)?;
        self.limits.check()
    }
}

impl From<RollingOrigin> for BacktestSettings {
    fn from(schedule: RollingOrigin) -> Self {
        Self::new(schedule)
    }
}

/// What the model of one refit says.
#[derive(Debug, Clone, PartialEq)]
pub struct BacktestScores {
    /// The scores of the rows that were asked for, in their order.
    pub scores: Vec<f64>,
    /// Its coefficients or the importance of its terms; empty where it has none.
    pub terms: Vec<BacktestTerm>,
    /// Which of the two.
    pub kind: TermKind,
}

impl From<Vec<f64>> for BacktestScores {
    fn from(scores: Vec<f64>) -> Self {
        Self { scores, terms: Vec::new(), kind: TermKind::Coefficient }
    }
}

/// What became of a refit or a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BacktestState {
    /// It was judged; of a refit: there is a model.
    Judged,
    /// There are no rows to judge by.
    NoRows,
    /// Too few rows, events or others to judge by.
    TooFewToJudge,
    /// Too few rows, events or others to learn from.
    TooFewToLearn,
    /// The fit refused the rows.
    NotLearned,
}

/// One refit.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BacktestRefit {
    /// The day of the refit.
    pub origin: f64,
    /// What became of it: judged, no rows, too few to learn, not learned.
    pub state: BacktestState,
    /// Why there is no model.
    pub reason: Option<String>,
    /// What it learned from.
    pub training: WindowRows,
    /// Rows that it could not learn from, because their outcome was not known yet.
    pub not_known_yet: usize,
}

/// One window: the rows of some days, scored by the model of the last refit.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BacktestWindow {
    /// The position of the refit.
    pub refit: usize,
    /// The day on which the rows would have been scored.
    pub at: f64,
    /// How many days after the refit that is.
    pub age: f64,
    /// The judged rows come after this day,
    pub after: f64,
    /// and up to this one.
    pub up_to: f64,
    /// Whether the rows reach to the end of the window.
    pub complete: bool,
    /// Whether it begins before an earlier window ends.
    pub overlaps: bool,
    /// What became of it.
    pub state: BacktestState,
    /// Why it was not judged.
    pub reason: Option<String>,
    /// The judged rows.
    pub judged: WindowRows,
    /// The figures of the model of the last refit; empty unless it was judged.
    pub figures: Vec<WindowFigure>,
    /// Those of the first model, had it been kept; empty in the windows of the first model.
    pub first_model: Vec<WindowFigure>,
    /// Those of the model of the refit before; empty where there is none.
    pub model_before: Vec<WindowFigure>,
    /// How the scores differ from those of the window judged before.
    pub score_shift: Option<ScoreShift>,
}

/// What a backtest found.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Backtest {
    /// Stable, watch, act, or not enough data: the worst level of the checks.
    pub verdict: BacktestLevel,
    /// Why, in sentences.
    pub reason: String,
    /// Whether refitting pays.
    pub refitting: Refitting,
    /// How that is known, in a sentence.
    pub refitting_reason: String,
    /// What was looked at.
    pub checks: Vec<BacktestCheck>,
    /// What should be known of the schedule: windows without rows, overlaps, rows left out; one sentence each.
    pub findings: Vec<String>,
    /// The refits, earliest first.
    pub refits: Vec<BacktestRefit>,
    /// The windows, earliest first.
    pub windows: Vec<BacktestWindow>,
    /// The mean of each figure over the windows.
    pub pooled: Vec<PooledFigure>,
    /// The change of each figure over time.
    pub trend: Vec<FigureTrend>,
    /// The figures by the age of the model; empty where windows are scored on the day of the refit only.
    pub by_age: Vec<AgeFigures>,
    /// The change of each figure with the age of the model, within refits. It holds what changes with time anyway: compare
    /// with `trend`, or look at `against_before`.
    pub aging: Vec<FigureTrend>,
    /// The refitted model less the first model, kept, on the same rows.
    pub against_first: Vec<PooledFigure>,
    /// The refitted model less the one of the refit before on the same rows: what one refit brings.
    pub against_before: Vec<PooledFigure>,
    /// What the terms are measured by; none where the models have none.
    pub term_kind: Option<TermKind>,
    /// Coefficients or importances over the refits.
    pub terms: Vec<TermHistory>,
    /// How successive models rank the same rows.
    pub ranks: Vec<RankStability>,
}

/// Refits a model over the past by a schedule, and judges each on the days that followed: figures per window and over time,
/// whether refitting pays, how stable coefficients and ranks are, and a verdict.
///
/// `fit` is called once per refit, in their order, with the rows to learn from and the rows to score, both ascending: all that
/// the model is judged on, by itself and beside others. A row is never among those to learn from before its day. A refit
/// or window with too little data is told as such and not judged, and so is a refit that `fit` refuses for its data
/// ([`Error::NotEnoughData`], [`Error::OneClass`], [`Error::NoVariation`], [`Error::Collinear`], [`Error::Separation`],
/// [`Error::NotConverged`]); the windows of such a refit are not judged either.
///
/// Intervals over windows take each window as one try (Student's t); where windows overlap, each counts for the part that is
/// new (inferred). The limits of the verdict are inferred too.
///
/// ```
/// use tierwise::Outcome;
/// use tierwise::evaluate::{BacktestFigure, BacktestLevel, BacktestOutcome, RollingOrigin, backtest};
/// let rows = 0..2000;
/// let days: Vec<f64> = rows.clone().map(|row| f64::from(row / 10)).collect();
/// let visits: Vec<f64> = rows.clone().map(|row| f64::from(row * 7 % 20)).collect();
/// let won: Vec<bool> = rows.map(|row| row * 7 % 20 + row * 13 % 31 > 30).collect();
/// let outcome = Outcome::binary("won", &won);
///
/// let schedule = RollingOrigin { first: Some(79.0), ..RollingOrigin::every(30.0) };
/// let found = backtest(&schedule.into(), &days, BacktestOutcome::Ranking(&outcome), |_train, test| {
///     Ok(test.iter().map(|&row| visits[row]).collect::<Vec<f64>>().into()) // an expert's rule: nothing is learned
/// })?;
/// assert_eq!(found.windows.len(), 4);
/// assert_eq!(found.pooled[0].figure, BacktestFigure::RocAuc);
/// assert_eq!(found.verdict, BacktestLevel::Stable);
/// # Ok::<(), tierwise::Error>(())
/// ```
///
/// # Errors
/// Those of [`RollingOrigin::refits`]; [`Error::WrongLength`], [`Error::EmptyTable`], [`Error::InvalidValue`] for an outcome,
/// weights or a score that is not a number, or not a probability where it should be one; [`Error::InvalidParameter`] for
/// settings out of range; and what else `fit` returns, as [`Error::OneOfSeveral`] with the refit.
pub fn backtest(
    settings: &BacktestSettings,
    days: &[f64],
    outcome: BacktestOutcome<'_>,
    fit: impl FnMut(&[usize], &[usize]) -> Result<BacktestScores>,
) -> Result<Backtest> {
    settings.check()?;
    outcome.check(days)?;
    let judge = Judge { outcome, confidence: settings.confidence, top: settings.top };
    let refits = settings.schedule.refits(days)?;
    let findings = judged::findings(&settings.schedule, &refits, days);
    let past = Past::learn(&judge, &settings.schedule, refits, fit)?;
    let windows = past.windows(&judge, &settings.schedule)?;
    let over = Windows::new(settings);
    let figures: Vec<&[WindowFigure]> = windows.iter().map(|window| &window.figures[..]).collect();
    let beside = |other: fn(&BacktestWindow) -> &[WindowFigure]| {
        let both = windows.iter().filter(|window| !other(window).is_empty());
        over.differences(&both.map(|window| [&window.figures[..], other(window)]).collect::<Vec<_>>())
    };
    let against_first = beside(|window| &window.first_model);
    let pooled = over.pooled(&figures);
    let (refitting, refitting_reason) = verdict::refitting(&against_first, &pooled, &settings.limits);
    let mut found = Backtest {
        verdict: BacktestLevel::NotEnoughData,
        reason: String::new(),
        refitting,
        refitting_reason,
        checks: Vec::new(),
        findings,
        pooled,
        trend: over.trends(&windows),
        by_age: over.by_age(&windows),
        aging: over.aging(&windows),
        against_before: beside(|window| &window.model_before),
        against_first,
        term_kind: past.term_kind(),
        terms: stability::histories(&past.terms, settings.confidence),
        ranks: past.ranks(&judge)?,
        refits: past.refits,
        windows,
    };
    found.checks = verdict::checks(&found, &settings.limits);
    (found.verdict, found.reason) = verdict::verdict(&found, &settings.limits);
    Ok(found)
}
