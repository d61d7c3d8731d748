//! Calibration, and moving to another base rate.

use crate::errors::Result;
use crate::fit::outcome_of;
use crate::json;
use crate::model::Model;
use crate::numbers::contiguous;
use crate::table::Table;
use numpy::{IntoPyArray, PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;
use tierwise::learn::{self, CalibratedModel, Calibration, Calibrator};

type Floats<'py> = Bound<'py, PyArray1<f64>>;

/// Learns the map from scores to probabilities.
#[pyfunction]
pub(crate) fn calibrate(
    py: Python<'_>,
    settings: &str,
    scores: PyReadonlyArray1<'_, f64>,
    outcome: &Table,
    outcome_name: &str,
    positive: &str,
    weights: Option<PyReadonlyArray1<'_, f64>>,
) -> Result<Model> {
    let calibrator: Calibrator = json::read(settings, "settings")?;
    let (scores, weights) = (contiguous(&scores), weights.as_ref().map(contiguous));
    let calibration = py.detach(|| {
        let outcome = outcome_of(outcome, outcome_name, positive, weights.as_deref(), None)?;
        calibrator.fit(&scores, &outcome)
    })?;
    Ok(Model::new(calibration))
}

/// The log-odds of scores.
#[pyfunction]
pub(crate) fn calibration_log_odds<'py>(
    py: Python<'py>,
    calibration: &Model,
    scores: PyReadonlyArray1<'_, f64>,
) -> Result<Floats<'py>> {
    let (calibration, scores) = (calibration.is::<Calibration>()?, contiguous(&scores));
    Ok(py.detach(|| calibration.log_odds_of(&scores))?.into_pyarray(py))
}

/// The probabilities of scores.
#[pyfunction]
pub(crate) fn calibration_probability<'py>(
    py: Python<'py>,
    calibration: &Model,
    scores: PyReadonlyArray1<'_, f64>,
) -> Result<Floats<'py>> {
    let (calibration, scores) = (calibration.is::<Calibration>()?, contiguous(&scores));
    Ok(py.detach(|| calibration.probabilities(&scores))?.into_pyarray(py))
}

/// The lower and the higher probability of scores; nothing where the method has none.
#[pyfunction]
pub(crate) fn calibration_interval<'py>(
    py: Python<'py>,
    calibration: &Model,
    scores: PyReadonlyArray1<'_, f64>,
) -> Result<Option<(Floats<'py>, Floats<'py>)>> {
    let (calibration, scores) = (calibration.is::<Calibration>()?, contiguous(&scores));
    let intervals = py.detach(|| calibration.intervals(&scores))?;
    Ok(intervals.map(|(low, high)| (low.into_pyarray(py), high.into_pyarray(py))))
}

/// The map that moves log-odds from one base rate to another.
#[pyfunction]
pub(crate) fn prior_shift(positive: &str, from_rate: f64, to_rate: f64) -> Result<Model> {
    Ok(Model::new(Calibration::prior_shift(positive, from_rate, to_rate)?))
}

/// The model with the calibration behind it.
#[pyfunction]
pub(crate) fn calibrated_model(calibration: &Model, model: &Model) -> Result<Model> {
    Ok(Model::new(CalibratedModel::new(model.shared(), calibration.is::<Calibration>()?.clone())?))
}

/// The calibration of a calibrated model, and the model inside.
#[pyfunction]
pub(crate) fn calibrated_parts(model: &Model) -> Result<(Model, Model)> {
    let model = model.is::<CalibratedModel>()?;
    Ok((Model::new(model.calibration().clone()), Model::of_shared(model.model())))
}

/// Probabilities moved from one base rate to another.
#[pyfunction]
pub(crate) fn shift_probabilities<'py>(
    py: Python<'py>,
    probabilities: PyReadonlyArray1<'_, f64>,
    from_rate: f64,
    to_rate: f64,
) -> Result<Floats<'py>> {
    let probabilities = contiguous(&probabilities);
    Ok(py.detach(|| learn::shift_probabilities(&probabilities, from_rate, to_rate))?.into_pyarray(py))
}

/// The estimated base rate, its standard error, the likelihood ratio and its p-value.
#[pyfunction]
pub(crate) fn estimate_base_rate(
    py: Python<'_>,
    probabilities: PyReadonlyArray1<'_, f64>,
    base_rate: f64,
) -> Result<(f64, f64, f64, f64)> {
    let probabilities = contiguous(&probabilities);
    let found = py.detach(|| learn::estimate_base_rate(&probabilities, base_rate))?;
    Ok((found.base_rate, found.standard_error, found.likelihood_ratio, found.p_value))
}
