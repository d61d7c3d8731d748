//! Figures of probabilities.

use super::{Floats, Outcome, judge};
use numpy::{IntoPyArray, PyReadonlyArray1};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use tierwise::evaluate::{self, Bins, CalibrationBin};

#[pyfunction]
pub(crate) fn log_loss(
    py: Python<'_>,
    outcome: &Outcome,
    probabilities: PyReadonlyArray1<'_, f64>,
    clip: f64,
) -> PyResult<f64> {
    judge(py, outcome, &probabilities, |outcome, given| evaluate::log_loss(outcome, given, clip))
}

#[pyfunction]
pub(crate) fn brier(py: Python<'_>, outcome: &Outcome, probabilities: PyReadonlyArray1<'_, f64>) -> PyResult<f64> {
    judge(py, outcome, &probabilities, evaluate::brier)
}

#[pyfunction]
pub(crate) fn calibration_error(
    py: Python<'_>,
    outcome: &Outcome,
    probabilities: PyReadonlyArray1<'_, f64>,
    bins: usize,
    quantile: bool,
) -> PyResult<f64> {
    let bins = bins_of(bins, quantile);
    judge(py, outcome, &probabilities, |outcome, given| evaluate::calibration_error(outcome, given, bins))
}

/// The bins, as arrays by the name of the column.
#[pyfunction]
pub(crate) fn calibration_table<'py>(
    py: Python<'py>,
    outcome: &Outcome,
    probabilities: PyReadonlyArray1<'_, f64>,
    bins: usize,
    quantile: bool,
    confidence: f64,
) -> PyResult<Bound<'py, PyDict>> {
    let bins = bins_of(bins, quantile);
    let table = judge(py, outcome, &probabilities, |outcome, given| {
        evaluate::calibration_table(outcome, given, bins, confidence)
    })?;
    let column =
        |of: fn(&CalibrationBin) -> f64| -> Floats<'py> { table.iter().map(of).collect::<Vec<_>>().into_pyarray(py) };
    let columns = PyDict::new(py);
    columns.set_item("from", column(|bin| bin.from))?;
    columns.set_item("to", column(|bin| bin.to))?;
    columns.set_item("rows", table.iter().map(|bin| bin.rows as i64).collect::<Vec<_>>().into_pyarray(py))?;
    columns.set_item("weight", column(|bin| bin.weight))?;
    columns.set_item("events", column(|bin| bin.events))?;
    columns.set_item("mean_probability", column(|bin| bin.mean_probability))?;
    columns.set_item("rate", column(|bin| bin.rate))?;
    columns.set_item("low", column(|bin| bin.low))?;
    columns.set_item("high", column(|bin| bin.high))?;
    Ok(columns)
}

pub(super) fn bins_of(bins: usize, quantile: bool) -> Bins {
    if quantile { Bins::Quantile(bins) } else { Bins::Uniform(bins) }
}
