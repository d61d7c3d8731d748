//! Weights from outcomes, points scales, and rates per grade.

use crate::errors::{Raised, Result};
use crate::fit::{outcome_of, tell};
use crate::json::{read, write};
use crate::model::Model;
use crate::numbers::contiguous;
use crate::table::Table;
use numpy::{IntoPyArray, PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;
use serde_json::json;
use tierwise::lead::{CardFit, CardFitSettings, FittedCard, GradeCounts};
use tierwise::scorecard::PointsScale;
use tierwise::{Fit, Progress, Scorecard};

type Floats<'py> = Bound<'py, PyArray1<f64>>;

/// Fits a card to outcomes; `outcome` is a table whose column `outcome_name` holds labels.
#[pyfunction]
#[allow(clippy::too_many_arguments)] // a private boundary: the public function takes them by keyword
#[pyo3(signature = (card, settings, table, outcome, outcome_name, positive, weights, progress))]
pub(crate) fn fit_card(
    py: Python<'_>,
    card: &Model,
    settings: &str,
    table: &Table,
    outcome: &Table,
    outcome_name: &str,
    positive: &str,
    weights: Option<PyReadonlyArray1<'_, f64>>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Model> {
    let card: &Scorecard = card.is()?;
    let settings: CardFitSettings = read(settings, "settings")?;
    let weights = weights.map(|weights| contiguous(&weights));
    let mut interrupted = None;
    let mut watch = |step: Progress| tell(progress.as_ref(), step, &mut interrupted);
    let fitted = py.detach(|| {
        let outcome = outcome_of(outcome, outcome_name, positive, weights.as_deref(), None)?;
        let learner = CardFit::new(card.clone()).with(settings);
        table.table.with_columns(card.features(), |columns| learner.fit_with(columns, &outcome, &mut watch))
    });
    if let Some(interrupted) = interrupted {
        return Err(interrupted);
    }
    Ok(Model::new(fitted.map_err(Raised)?.model))
}

/// What was learned (JSON): weights with intervals, answers, scale, intercept.
#[pyfunction]
pub(crate) fn fitted_card_weights(model: &Model, confidence: f64) -> Result<String> {
    let model: &FittedCard = model.is()?;
    write(&json!({
        "weights": model.weights(confidence)?,
        "answers": model.answers(),
        "scale": model.scale(),
        "scale_standard_error": model.scale_standard_error(),
        "intercept": model.intercept(),
    }))
}

/// Probability, lower end, upper end, and standard error of the log-odds, per row.
#[pyfunction]
pub(crate) fn fitted_card_interval<'py>(
    py: Python<'py>,
    model: &Model,
    table: &Table,
    confidence: f64,
) -> Result<(Floats<'py>, Floats<'py>, Floats<'py>, Floats<'py>)> {
    let model: &FittedCard = model.is()?;
    let found = py.detach(|| {
        table.table.with_columns(tierwise::Score::features(model), |columns| model.interval(columns, confidence))
    })?;
    let [a, b, c, d] =
        [found.probability, found.low, found.high, found.standard_error].map(|column| column.into_pyarray(py));
    Ok((a, b, c, d))
}

/// Points of log-odds.
#[pyfunction]
pub(crate) fn scale_points<'py>(
    py: Python<'py>,
    scale: (f64, f64, f64),
    log_odds: PyReadonlyArray1<'py, f64>,
) -> Result<Floats<'py>> {
    let scale = PointsScale::new(scale.0, scale.1, scale.2)?;
    let points: Vec<f64> = contiguous(&log_odds).into_iter().map(|log_odds| scale.points(log_odds)).collect();
    Ok(points.into_pyarray(py))
}

/// The log-odds of points.
#[pyfunction]
pub(crate) fn scale_log_odds<'py>(
    py: Python<'py>,
    scale: (f64, f64, f64),
    points: PyReadonlyArray1<'py, f64>,
) -> Result<Floats<'py>> {
    let scale = PointsScale::new(scale.0, scale.1, scale.2)?;
    let log_odds: Vec<f64> = contiguous(&points).into_iter().map(|points| scale.log_odds(points)).collect();
    Ok(log_odds.into_pyarray(py))
}

/// The factor and the offset of a scale.
#[pyfunction]
pub(crate) fn scale_line(scale: (f64, f64, f64)) -> Result<(f64, f64)> {
    let scale = PointsScale::new(scale.0, scale.1, scale.2)?;
    Ok((scale.factor(), scale.offset()))
}

/// Won and closed deals per grade (JSON); codes below 0 have no grade.
#[pyfunction]
pub(crate) fn grade_counts(
    grades: Vec<String>,
    codes: PyReadonlyArray1<'_, i64>,
    outcome: &Table,
    outcome_name: &str,
    positive: &str,
) -> Result<String> {
    let codes: Vec<Option<usize>> = contiguous(&codes).into_iter().map(|code| usize::try_from(code).ok()).collect();
    let outcome = outcome_of(outcome, outcome_name, positive, None, None)?;
    write(&GradeCounts::from_codes(&grades, &codes, &outcome)?)
}

/// The counts (JSON) of two parts together.
#[pyfunction]
pub(crate) fn merge_grade_counts(counts: &str, other: &str) -> Result<String> {
    let mut counts: GradeCounts = read(counts, "counts")?;
    tierwise::Summary::merge(&mut counts, &read(other, "counts")?)?;
    write(&counts)
}

/// Rates per grade and whether their order holds (JSON).
#[pyfunction]
pub(crate) fn grade_rates(counts: &str, confidence: f64, certainty: f64) -> Result<String> {
    write(&tierwise::lead::grade_rates(&read(counts, "counts")?, confidence, certainty)?)
}
