//! Splits of rows, and scores out of fold.

use crate::errors::{Raised, Result};
use crate::fit::{outcome_of, tell};
use crate::numbers::{contiguous, row_numbers};
use crate::table::{Table, features_from};
use numpy::{IntoPyArray, PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;
use tierwise::learn::{self, Fold, Learner, TimeFolds};
use tierwise::{Error, Outcome, Progress};

type Rows<'py> = Bound<'py, PyArray1<i64>>;
type FoldRows<'py> = (Rows<'py>, Rows<'py>);

/// Folds with either class spread evenly.
#[pyfunction]
pub(crate) fn stratified_folds<'py>(
    py: Python<'py>,
    outcome: &Table,
    outcome_name: &str,
    folds: usize,
    repeats: usize,
    seed: u64,
) -> Result<Vec<FoldRows<'py>>> {
    let outcome = classes(outcome, outcome_name)?;
    Ok(all_rows_of(py, learn::stratified_folds(&outcome, folds, repeats, seed)?))
}

/// A share of the rows for a test, the same of either class.
#[pyfunction]
pub(crate) fn train_test_split<'py>(
    py: Python<'py>,
    outcome: &Table,
    outcome_name: &str,
    share: f64,
    seed: u64,
) -> Result<FoldRows<'py>> {
    Ok(rows_of(py, learn::train_test_split(&classes(outcome, outcome_name)?, share, seed)?))
}

/// Folds of whole groups, given by codes.
#[pyfunction]
pub(crate) fn grouped_folds<'py>(
    py: Python<'py>,
    groups: PyReadonlyArray1<'py, u32>,
    outcome: Option<&Table>,
    outcome_name: &str,
    folds: usize,
    seed: u64,
) -> Result<Vec<FoldRows<'py>>> {
    let outcome = outcome.map(|outcome| classes(outcome, outcome_name)).transpose()?;
    Ok(all_rows_of(py, learn::grouped_folds(&contiguous(&groups), outcome.as_ref(), folds, seed)?))
}

/// A share of the rows for a test, in whole groups, given by codes.
#[pyfunction]
pub(crate) fn grouped_split<'py>(
    py: Python<'py>,
    groups: PyReadonlyArray1<'py, u32>,
    outcome: Option<&Table>,
    outcome_name: &str,
    share: f64,
    seed: u64,
) -> Result<FoldRows<'py>> {
    let outcome = outcome.map(|outcome| classes(outcome, outcome_name)).transpose()?;
    Ok(rows_of(py, learn::grouped_split(&contiguous(&groups), outcome.as_ref(), share, seed)?))
}

/// Before a day and from that day on.
#[pyfunction]
pub(crate) fn time_split<'py>(
    py: Python<'py>,
    days: PyReadonlyArray1<'py, f64>,
    at: f64,
    gap: f64,
) -> Result<FoldRows<'py>> {
    Ok(rows_of(py, learn::time_split(&contiguous(&days), at, gap)?))
}

/// Windows that follow one another in time.
#[pyfunction]
pub(crate) fn time_folds<'py>(
    py: Python<'py>,
    days: PyReadonlyArray1<'py, f64>,
    horizon: f64,
    folds: usize,
    gap: f64,
    longest_training: Option<f64>,
) -> Result<Vec<FoldRows<'py>>> {
    let windows = TimeFolds::new(horizon).folds(folds).gap(gap);
    let windows = longest_training.map_or(windows, |days| windows.longest_training(days));
    Ok(all_rows_of(py, windows.split(&contiguous(&days))?))
}

/// The score, or the probability, of each row by the model of a learner (JSON) that did not see it.
#[pyfunction]
#[pyo3(signature = (learner, features, table, outcome, outcome_name, positive, weights, offsets, folds, as_probability, progress))]
#[allow(clippy::too_many_arguments)] // a private boundary: the public function takes them by keyword
pub(crate) fn out_of_fold<'py>(
    py: Python<'py>,
    learner: &str,
    features: &str,
    table: &Table,
    outcome: &Table,
    outcome_name: &str,
    positive: &str,
    weights: Option<PyReadonlyArray1<'_, f64>>,
    offsets: Option<PyReadonlyArray1<'_, f64>>,
    folds: Vec<(PyReadonlyArray1<'_, i64>, PyReadonlyArray1<'_, i64>)>,
    as_probability: bool,
    progress: Option<Py<PyAny>>,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let learner: Learner = serde_json::from_str(learner)
        .map_err(|error| Raised(Error::ModelField { path: "learner".into(), reason: error.to_string() }))?;
    let features = features_from(features)?;
    let (weights, offsets) = (weights.as_ref().map(contiguous), offsets.as_ref().map(contiguous));
    let folds = folds_from("out_of_fold", &folds)?;
    let mut interrupted = None;
    let mut watch = |step: Progress| tell(progress.as_ref(), step, &mut interrupted);
    let scores = py.detach(|| {
        let outcome = outcome_of(outcome, outcome_name, positive, weights.as_deref(), offsets.as_deref())?;
        table
            .table
            .with_columns(&features, |columns| learn::out_of_fold(&learner, columns, &outcome, &folds, &mut watch))
    });
    if let Some(interrupted) = interrupted {
        return Err(interrupted);
    }
    let mut scores = scores.map_err(Raised)?;
    if as_probability {
        scores = scores.into_iter().map(learn::probability).collect();
    }
    Ok(scores.into_pyarray(py))
}

/// Judges candidates (JSON: a list of names and learners) on folds; the choice, as JSON.
#[pyfunction]
#[allow(clippy::too_many_arguments)] // a private boundary: the public function takes them by keyword
pub(crate) fn choose(
    py: Python<'_>,
    candidates: &str,
    features: &str,
    table: &Table,
    outcome: &Table,
    outcome_name: &str,
    positive: &str,
    weights: Option<PyReadonlyArray1<'_, f64>>,
    offsets: Option<PyReadonlyArray1<'_, f64>>,
    folds: Vec<(PyReadonlyArray1<'_, i64>, PyReadonlyArray1<'_, i64>)>,
    seed: u64,
    progress: Option<Py<PyAny>>,
) -> PyResult<String> {
    let candidates: Vec<(String, Learner)> = serde_json::from_str(candidates)
        .map_err(|error| Raised(Error::ModelField { path: "candidates".into(), reason: error.to_string() }))?;
    let features = features_from(features)?;
    let (weights, offsets) = (weights.as_ref().map(contiguous), offsets.as_ref().map(contiguous));
    let folds = folds_from("choose", &folds)?;
    let mut interrupted = None;
    let mut watch = |step: Progress| tell(progress.as_ref(), step, &mut interrupted);
    let choice = py.detach(|| {
        let outcome = outcome_of(outcome, outcome_name, positive, weights.as_deref(), offsets.as_deref())?;
        table
            .table
            .with_columns(&features, |columns| learn::choose(&candidates, columns, &outcome, &folds, seed, &mut watch))
    });
    if let Some(interrupted) = interrupted {
        return Err(interrupted);
    }
    Ok(crate::json::write(&choice.map_err(Raised)?)?)
}

/// An outcome of which only the classes matter: any label may be the positive one.
fn classes(table: &Table, name: &str) -> tierwise::Result<Outcome<'static>> {
    let (codes, labels) = table.table.label_codes(name)?;
    let first = codes.first().map_or("", |&code| &labels[code as usize]);
    Outcome::coded(name, &codes, &labels, first)
}

fn rows_of(py: Python<'_>, fold: Fold) -> FoldRows<'_> {
    (row_numbers(py, &fold.train), row_numbers(py, &fold.test))
}

fn all_rows_of(py: Python<'_>, folds: Vec<Fold>) -> Vec<FoldRows<'_>> {
    folds.into_iter().map(|fold| rows_of(py, fold)).collect()
}

fn folds_from(of: &'static str, folds: &[(PyReadonlyArray1<'_, i64>, PyReadonlyArray1<'_, i64>)]) -> Result<Vec<Fold>> {
    let rows = |index: usize, rows: &PyReadonlyArray1<'_, i64>| {
        let row = |&row: &i64| {
            usize::try_from(row).map_err(|_| {
                Raised(Error::InvalidParameter {
                    of,
                    name: "folds",
                    must_be: "pairs of arrays of row numbers, counted from 0".into(),
                    got: format!("row {row} in fold {index}"),
                })
            })
        };
        rows.as_array().iter().map(row).collect::<Result<Vec<_>>>()
    };
    let fold = |(index, (train, test)): (usize, &(PyReadonlyArray1<'_, i64>, PyReadonlyArray1<'_, i64>))| {
        Ok(Fold { train: rows(index, train)?, test: rows(index, test)? })
    };
    folds.iter().enumerate().map(fold).collect()
}
