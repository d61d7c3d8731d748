//! Figures of predicted amounts.

use super::bootstrap::{Interval, watched};
use super::columns;
use crate::errors::{Raised, Result};
use numpy::PyReadonlyArray1;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use tierwise::evaluate::{self, Bootstrap, NumberFigure};

/// What came, what was said, and how many customers each row stands for.
#[derive(FromPyObject)]
pub(crate) struct Amounts<'py>(
    PyReadonlyArray1<'py, f64>,
    PyReadonlyArray1<'py, f64>,
    Option<PyReadonlyArray1<'py, f64>>,
);

impl Amounts<'_> {
    /// Computes without the interpreter's lock.
    fn judge<R: Send>(
        &self,
        py: Python<'_>,
        work: impl Send + FnOnce(&[f64], &[f64], Option<&[f64]>) -> tierwise::Result<R>,
    ) -> PyResult<R> {
        let weights = self.2.as_ref().map(PyReadonlyArray1::as_slice).transpose()?;
        let (actual, predicted) = (self.0.as_slice()?, self.1.as_slice()?);
        let result: Result<R> = py.detach(|| work(actual, predicted, weights).map_err(Raised));
        Ok(result?)
    }
}

/// All figures by name; none where a figure is not defined.
#[pyfunction]
pub(crate) fn number_figures<'py>(py: Python<'py>, amounts: Amounts<'py>) -> PyResult<Bound<'py, PyDict>> {
    let found = amounts.judge(py, evaluate::number_figures)?;
    let figures = PyDict::new(py);
    figures.set_item("rows", found.rows)?;
    let named = [
        ("weight", Some(found.weight)),
        ("mean_actual", Some(found.mean_actual)),
        ("mean_predicted", Some(found.mean_predicted)),
        ("mean_absolute_error", Some(found.mean_absolute_error)),
        ("median_absolute_error", Some(found.median_absolute_error)),
        ("root_mean_squared_error", Some(found.root_mean_squared_error)),
        ("bias", Some(found.bias)),
        ("mean_absolute_percentage_error", found.mean_absolute_percentage_error),
        ("weighted_absolute_percentage_error", found.weighted_absolute_percentage_error),
        ("r_squared", found.r_squared),
    ];
    for (name, value) in named {
        figures.set_item(name, value)?;
    }
    Ok(figures)
}

/// One figure; `setting` is the quantile of the pinball loss.
#[pyfunction]
pub(crate) fn number_figure(py: Python<'_>, amounts: Amounts<'_>, figure: &str, setting: f64) -> PyResult<f64> {
    let figure = figure_of(figure, setting)?;
    amounts.judge(py, |actual, predicted, weights| figure.of(actual, predicted, weights))
}

/// A figure by its name; `setting` is the quantile or the share that some need.
fn figure_of(name: &str, setting: f64) -> PyResult<NumberFigure> {
    Ok(match name {
        "mean_absolute_error" => NumberFigure::MeanAbsoluteError,
        "median_absolute_error" => NumberFigure::MedianAbsoluteError,
        "root_mean_squared_error" => NumberFigure::RootMeanSquaredError,
        "bias" => NumberFigure::Bias,
        "mean_absolute_percentage_error" => NumberFigure::MeanAbsolutePercentageError,
        "weighted_absolute_percentage_error" => NumberFigure::WeightedAbsolutePercentageError,
        "r_squared" => NumberFigure::RSquared,
        "pinball_loss" => NumberFigure::PinballLoss { quantile: setting },
        "spend_capture" => NumberFigure::SpendCapture { share: setting },
        other => return Err(PyValueError::new_err(format!("no figure is called {other}"))),
    })
}

/// What the best shares bring, as arrays by the name of the column.
#[pyfunction]
pub(crate) fn spend_capture<'py>(
    py: Python<'py>,
    amounts: Amounts<'py>,
    shares: Vec<f64>,
) -> PyResult<Bound<'py, PyDict>> {
    let rows =
        amounts.judge(py, |actual, predicted, weights| evaluate::spend_capture(actual, predicted, weights, &shares))?;
    columns(
        py,
        &rows,
        &[
            ("share", |row| row.share),
            ("weight", |row| row.weight),
            ("cut", |row| row.cut),
            ("amount", |row| row.amount),
            ("capture", |row| row.capture),
            ("oracle", |row| row.oracle),
            ("of_oracle", |row| row.of_oracle),
            ("lift", |row| row.lift),
        ],
    )
}

/// Equally large groups by predicted amount, as arrays by the name of the column.
#[pyfunction]
pub(crate) fn decile_table<'py>(py: Python<'py>, amounts: Amounts<'py>, groups: usize) -> PyResult<Bound<'py, PyDict>> {
    let rows =
        amounts.judge(py, |actual, predicted, weights| evaluate::decile_table(actual, predicted, weights, groups))?;
    columns(
        py,
        &rows,
        &[
            ("group", |row| row.group as f64),
            ("highest", |row| row.highest),
            ("lowest", |row| row.lowest),
            ("rows", |row| row.rows),
            ("weight", |row| row.weight),
            ("mean_predicted", |row| row.mean_predicted),
            ("mean_actual", |row| row.mean_actual),
            ("sum_predicted", |row| row.sum_predicted),
            ("sum_actual", |row| row.sum_actual),
            ("cumulative_share", |row| row.cumulative_share),
        ],
    )
}

/// An interval by bootstrap; `setting` is the quantile or the share that a figure needs.
#[pyfunction]
#[pyo3(signature = (amounts, figure, setting, replicates, confidence, seed, progress))]
#[allow(clippy::too_many_arguments)] // a private boundary: the public function takes them by keyword
pub(crate) fn number_interval<'py>(
    py: Python<'py>,
    amounts: Amounts<'py>,
    figure: &str,
    setting: f64,
    replicates: usize,
    confidence: f64,
    seed: u64,
    progress: Option<Py<PyAny>>,
) -> PyResult<Interval<'py>> {
    let figure = figure_of(figure, setting)?;
    let settings = Bootstrap::new(seed).replicates(replicates).confidence(confidence);
    watched(py, progress.as_ref(), |watch| {
        amounts.judge(py, |actual, predicted, weights| {
            settings.number_interval_with(actual, predicted, weights, figure, watch)
        })
    })
}
