//! Scorecards on weights of evidence, and cards of log-odds in points.

use crate::errors::Result;
use crate::json::read;
use crate::model::Model;
use pyo3::prelude::*;
use tierwise::Bands;
use tierwise::lead::FittedCard;
use tierwise::learn::{AdditiveModel, WeightOfEvidenceModel};
use tierwise::scorecard::PointsScale;

/// The bins of each feature of a scorecard on weights of evidence.
#[pyfunction]
pub(crate) fn evidence_binnings(model: &Model) -> Result<Vec<Model>> {
    let binnings = model.is::<WeightOfEvidenceModel>()?.binnings();
    Ok(binnings.iter().cloned().map(Model::new).collect())
}

/// The card whose points are log-odds.
#[pyfunction]
pub(crate) fn evidence_scorecard(model: &Model) -> Result<Model> {
    Ok(Model::new(model.is::<WeightOfEvidenceModel>()?.scorecard().clone()))
}

/// Why each feature is not in the model, in words; absent where it is.
#[pyfunction]
pub(crate) fn evidence_reasons(model: &Model) -> Result<Vec<Option<String>>> {
    let fates = model.is::<WeightOfEvidenceModel>()?.selection();
    Ok(fates.iter().map(|fate| fate.dropped.as_ref().map(ToString::to_string)).collect())
}

/// A card of log-odds in points, rounded and not, and the largest difference; `grades` (JSON) are bands, or `names` are cut at `rates`.
#[pyfunction]
#[pyo3(signature = (model, scale, rounding, grades, names, rates))]
pub(crate) fn card_in_points(
    model: &Model,
    scale: (f64, f64, f64),
    rounding: f64,
    grades: Option<&str>,
    names: Vec<String>,
    rates: Vec<f64>,
) -> Result<(Model, Model, f64)> {
    let scale = PointsScale::new(scale.0, scale.1, scale.2)?;
    let bands = match grades {
        Some(grades) => Some(Bands::new("the grades", read(grades, "grades")?)?),
        None if names.is_empty() => None,
        None => Some(scale.grades(&names, &rates)?),
    };
    let scaled = if let Ok(model) = model.is::<FittedCard>() {
        model.to_card(scale, rounding, bands)?
    } else if let Ok(model) = model.is::<AdditiveModel>() {
        model.to_card(scale, rounding, bands)?
    } else {
        model.is::<WeightOfEvidenceModel>()?.to_card(scale, rounding, bands)?
    };
    Ok((Model::new(scaled.rounded), Model::new(scaled.unrounded), scaled.largest_drift))
}
