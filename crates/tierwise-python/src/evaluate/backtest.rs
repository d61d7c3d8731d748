//! Refits over the past: settings in and findings out as JSON, rows as arrays.

use super::Outcome;
use crate::errors::{Raised, Result};
use crate::fit::{outcome_of, tell};
use crate::json;
use crate::numbers::{contiguous, row_numbers};
use crate::table::{Table, features_from};
use numpy::{PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;
use tierwise::evaluate::{
    self, Backtest, BacktestOutcome, BacktestScores, BacktestSettings, BacktestTerm, RollingOrigin, TermKind,
};
use tierwise::learn::Learner;
use tierwise::{Error, Progress};

/// Name, value, and standard error.
type Term = (String, f64, Option<f64>);
type Rows<'py> = Bound<'py, PyArray1<i64>>;
/// Day of scoring, age, the days between which rows are judged, complete, overlaps, and the judged rows.
type Window<'py> = (f64, f64, f64, f64, bool, bool, Rows<'py>);
/// Origin, rows to learn from, rows not known yet, and windows.
type Refit<'py> = (f64, Rows<'py>, usize, Vec<Window<'py>>);

/// The refits of a schedule (JSON).
#[pyfunction]
pub(crate) fn rolling_origin<'py>(
    py: Python<'py>,
    schedule: &str,
    days: PyReadonlyArray1<'py, f64>,
) -> Result<Vec<Refit<'py>>> {
    let schedule: RollingOrigin = json::read(schedule, "schedule")?;
    let refits = schedule.refits(&contiguous(&days))?;
    let all = refits.into_iter().map(|refit| {
        let windows = refit
            .windows
            .into_iter()
            .map(|one| (one.at, one.age, one.after, one.up_to, one.complete, one.overlaps, row_numbers(py, &one.test)));
        (refit.origin, row_numbers(py, &refit.train), refit.not_known_yet, windows.collect())
    });
    Ok(all.collect())
}

/// The backtest of a learner (JSON).
#[pyfunction]
#[allow(clippy::too_many_arguments)] // a private boundary: the public function takes them by keyword
pub(crate) fn backtest_learner(
    py: Python<'_>,
    settings: &str,
    days: PyReadonlyArray1<'_, f64>,
    learner: &str,
    features: &str,
    table: &Table,
    outcome: &Table,
    outcome_name: &str,
    positive: &str,
    weights: Option<PyReadonlyArray1<'_, f64>>,
    offsets: Option<PyReadonlyArray1<'_, f64>>,
    progress: Option<Py<PyAny>>,
) -> PyResult<String> {
    let settings: BacktestSettings = json::read(settings, "settings")?;
    let learner: Learner = json::read(learner, "learner")?;
    let features = features_from(features)?;
    let (weights, offsets) = (weights.as_ref().map(contiguous), offsets.as_ref().map(contiguous));
    let days = contiguous(&days);
    let mut interrupted = None;
    let mut watch = |step: Progress| tell(progress.as_ref(), step, &mut interrupted);
    let found = py.detach(|| {
        let outcome = outcome_of(outcome, outcome_name, positive, weights.as_deref(), offsets.as_deref())?;
        table.table.with_columns(&features, |columns| {
            evaluate::backtest_learner(&settings, &days, &learner, columns, &outcome, &mut watch)
        })
    });
    told(found, interrupted)
}

/// The backtest of scores by a function of the rows to learn from and those to score, which returns the scores, the terms as
/// (name, value, standard error), and whether these are importances. With `actual` amounts are judged, else the outcome.
#[pyfunction]
#[pyo3(signature = (settings, days, fit, outcome, actual, weights, probabilities))]
#[allow(clippy::too_many_arguments)] // a private boundary: the public function takes them by keyword
pub(crate) fn backtest_scores(
    py: Python<'_>,
    settings: &str,
    days: PyReadonlyArray1<'_, f64>,
    fit: Py<PyAny>,
    outcome: Option<&Outcome>,
    actual: Option<PyReadonlyArray1<'_, f64>>,
    weights: Option<PyReadonlyArray1<'_, f64>>,
    probabilities: bool,
) -> PyResult<String> {
    let settings: BacktestSettings = json::read(settings, "settings")?;
    let (actual, weights) = (actual.as_ref().map(contiguous), weights.as_ref().map(contiguous));
    let days = contiguous(&days);
    let mut interrupted = None;
    let found = py.detach(|| {
        let outcome = match outcome {
            Some(outcome) if probabilities => BacktestOutcome::Probability(&outcome.outcome),
            Some(outcome) => BacktestOutcome::Ranking(&outcome.outcome),
            None => {
                BacktestOutcome::Number { actual: actual.as_deref().unwrap_or_default(), weights: weights.as_deref() }
            }
        };
        evaluate::backtest(&settings, &days, outcome, |train, test| {
            call(&fit, train, test).map_err(|error| {
                interrupted = Some(error);
                Error::Cancelled { steps: 0 }
            })
        })
    });
    told(found, interrupted)
}

fn call(fit: &Py<PyAny>, train: &[usize], test: &[usize]) -> PyResult<BacktestScores> {
    Python::attach(|py| {
        py.check_signals()?;
        let found = fit.call1(py, (row_numbers(py, train), row_numbers(py, test)))?;
        let (scores, terms, importances): (PyReadonlyArray1<'_, f64>, Vec<Term>, bool) = found.extract(py)?;
        let term = |(name, value, standard_error)| BacktestTerm { name, value, standard_error };
        Ok(BacktestScores {
            scores: contiguous(&scores),
            terms: terms.into_iter().map(term).collect(),
            kind: if importances { TermKind::Importance } else { TermKind::Coefficient },
        })
    })
}

fn told(found: tierwise::Result<Backtest>, interrupted: Option<PyErr>) -> PyResult<String> {
    match interrupted {
        Some(interrupted) => Err(interrupted),
        None => Ok(json::write(&found.map_err(Raised)?)?),
    }
}
