//! Intervals by bootstrap.

use super::probability::bins_of;
use super::{Floats, Outcome, judge};
use crate::fit::tell;
use numpy::{IntoPyArray, PyReadonlyArray1};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use tierwise::Progress;
use tierwise::evaluate::{Bootstrap, Figure};

/// Value, ends of the interval, standard error, and the figure of each replicate.
#[pyfunction]
#[pyo3(signature = (outcome, scores, figure, clip, bins, quantile, replicates, confidence, seed, progress))]
#[allow(clippy::too_many_arguments)] // a private boundary: the public function takes them by keyword
pub(crate) fn bootstrap<'py>(
    py: Python<'py>,
    outcome: &Outcome,
    scores: PyReadonlyArray1<'_, f64>,
    figure: &str,
    clip: f64,
    bins: usize,
    quantile: bool,
    replicates: usize,
    confidence: f64,
    seed: u64,
    progress: Option<Py<PyAny>>,
) -> PyResult<(f64, f64, f64, f64, Floats<'py>)> {
    let figure = match figure {
        "roc_auc" => Figure::RocAuc,
        "average_precision" => Figure::AveragePrecision,
        "log_loss" => Figure::LogLoss { clip },
        "brier" => Figure::Brier,
        "calibration_error" => Figure::CalibrationError(bins_of(bins, quantile)),
        other => return Err(PyValueError::new_err(format!("no figure is called {other}"))),
    };
    let settings = Bootstrap::new(seed).replicates(replicates).confidence(confidence);
    let mut interrupted = None;
    let mut watch = |step: Progress| tell(progress.as_ref(), step, &mut interrupted);
    let found =
        judge(py, outcome, &scores, |outcome, scores| settings.interval_with(outcome, scores, figure, &mut watch));
    if let Some(interrupted) = interrupted {
        return Err(interrupted);
    }
    let found = found?;
    Ok((found.value, found.low, found.high, found.standard_error, found.replicates.into_pyarray(py)))
}
