//! Figures of probabilities.

use super::{Outcome, columns, judge};
use numpy::PyReadonlyArray1;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use tierwise::evaluate::{self, Bins};

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
    columns(
        py,
        &table,
        &[
            ("from", |bin| bin.from),
            ("to", |bin| bin.to),
            ("rows", |bin| bin.rows as f64),
            ("weight", |bin| bin.weight),
            ("events", |bin| bin.events),
            ("mean_probability", |bin| bin.mean_probability),
            ("rate", |bin| bin.rate),
            ("low", |bin| bin.low),
            ("high", |bin| bin.high),
        ],
    )
}

/// The Brier score, reliability, resolution, uncertainty, variance and covariance within bins.
#[pyfunction]
pub(crate) fn brier_parts(
    py: Python<'_>,
    outcome: &Outcome,
    probabilities: PyReadonlyArray1<'_, f64>,
    bins: usize,
    quantile: bool,
) -> PyResult<[f64; 6]> {
    let bins = bins_of(bins, quantile);
    let parts = judge(py, outcome, &probabilities, |outcome, given| evaluate::brier_parts(outcome, given, bins))?;
    Ok([
        parts.brier,
        parts.reliability,
        parts.resolution,
        parts.uncertainty,
        parts.within_bin_variance,
        parts.within_bin_covariance,
    ])
}

/// Slope, intercept and calibration-in-the-large, each with standard error and the ends of its interval.
#[pyfunction]
pub(crate) fn recalibration(
    py: Python<'_>,
    outcome: &Outcome,
    probabilities: PyReadonlyArray1<'_, f64>,
    confidence: f64,
) -> PyResult<[(f64, f64, f64, f64); 3]> {
    let found =
        judge(py, outcome, &probabilities, |outcome, given| evaluate::recalibration(outcome, given, confidence))?;
    let estimates = [found.slope, found.intercept, found.in_the_large];
    Ok(estimates.map(|one| (one.value, one.standard_error, one.low, one.high)))
}

/// Statistic, degrees of freedom, p-value and the table of the groups.
#[pyfunction]
pub(crate) fn hosmer_lemeshow<'py>(
    py: Python<'py>,
    outcome: &Outcome,
    probabilities: PyReadonlyArray1<'_, f64>,
    groups: usize,
    same_rows_as_fit: bool,
) -> PyResult<(f64, f64, f64, Bound<'py, PyDict>)> {
    let test = judge(py, outcome, &probabilities, |outcome, given| {
        evaluate::hosmer_lemeshow(outcome, given, groups, same_rows_as_fit)
    })?;
    let table = columns(
        py,
        &test.groups,
        &[("weight", |group| group.weight), ("events", |group| group.events), ("expected", |group| group.expected)],
    )?;
    Ok((test.statistic, test.degrees_of_freedom, test.p_value, table))
}

/// z and the p-value.
#[pyfunction]
pub(crate) fn spiegelhalter(
    py: Python<'_>,
    outcome: &Outcome,
    probabilities: PyReadonlyArray1<'_, f64>,
) -> PyResult<(f64, f64)> {
    let test = judge(py, outcome, &probabilities, evaluate::spiegelhalter)?;
    Ok((test.z, test.p_value))
}

pub(super) fn bins_of(bins: usize, quantile: bool) -> Bins {
    if quantile { Bins::Quantile(bins) } else { Bins::Uniform(bins) }
}
