//! Boosted additive cards.

use crate::errors::{Raised, Result};
use crate::fit::tell;
use crate::json;
use crate::model::Model;
use crate::table::{Table, features_from};
use numpy::{IntoPyArray, PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;
use tierwise::churn::RiskModel;
use tierwise::cross_sell::PropensityModel;
use tierwise::learn::{Additive, AdditiveModel, AdditiveNumberModel, LearnedModel, NumberLoss, NumberOutcome};
use tierwise::{Error, Feature, Progress};

/// The card of an additive model.
#[pyfunction]
pub(crate) fn additive_card(model: &Model) -> Result<Model> {
    let card = match model.is::<AdditiveNumberModel>() {
        Ok(model) => model.scorecard(),
        Err(_) => model.is::<AdditiveModel>()?.scorecard(),
    };
    Ok(Model::new(card.clone()))
}

/// A card of few answers and terms.
#[pyfunction]
pub(crate) fn additive_simplified(model: &Model, answers: usize, terms: Option<usize>) -> Result<Model> {
    Ok(Model::new(match model.is::<AdditiveNumberModel>() {
        Ok(model) => model.simplified(answers, terms)?,
        Err(_) => model.is::<AdditiveModel>()?.simplified(answers, terms)?,
    }))
}

/// Each term with its importance.
#[pyfunction]
pub(crate) fn additive_importance(model: &Model) -> Result<Vec<(String, f64)>> {
    let terms = match model.is::<AdditiveNumberModel>() {
        Ok(model) => model.importance(),
        Err(_) => model.is::<AdditiveModel>()?.importance(),
    };
    Ok(terms.into_iter().map(|(name, importance)| (name.to_owned(), importance)).collect())
}

/// The shape of a term, as JSON.
#[pyfunction]
pub(crate) fn additive_shape(model: &Model, term: &str, confidence: f64) -> Result<String> {
    let shape = match model.is::<AdditiveNumberModel>() {
        Ok(model) => model.shape(term, confidence)?,
        Err(_) => model.is::<AdditiveModel>()?.shape(term, confidence)?,
    };
    json::write(&shape)
}

/// The model that was learned, of a model for a purpose.
#[pyfunction]
pub(crate) fn learned_model(model: &Model) -> Result<Model> {
    let learned = match model.is::<PropensityModel>() {
        Ok(model) => model.learned(),
        Err(_) => model.is::<RiskModel>()?.learned(),
    };
    match learned.clone() {
        LearnedModel::Logistic(model) => Ok(Model::new(model)),
        LearnedModel::WeightOfEvidence(model) => Ok(Model::new(model)),
        LearnedModel::Additive(model) => Ok(Model::new(*model)),
        _ => Err(Raised(Error::ModelKind { found: "learner".into(), known: vec!["logistic".into()] })),
    }
}

/// Fits an additive learner (JSON) of a number; `outcome` is a table whose only column, `outcome_name`, holds it.
#[pyfunction]
#[pyo3(signature = (learner, loss, features, table, outcome, outcome_name, weights, progress))]
#[allow(clippy::too_many_arguments)] // a private boundary: the public function takes them by keyword
pub(crate) fn fit_number(
    py: Python<'_>,
    learner: &str,
    loss: &str,
    features: &str,
    table: &Table,
    outcome: &Table,
    outcome_name: &str,
    weights: Option<PyReadonlyArray1<'_, f64>>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Model> {
    let learner: Additive = json::read(learner, "learner")?;
    let loss = if loss == "poisson" { NumberLoss::Poisson } else { NumberLoss::Squared };
    let features = features_from(features)?;
    let weights: Option<Vec<f64>> = weights.map(|array| array.as_array().iter().copied().collect());
    let mut interrupted = None;
    let mut watch = |step: Progress| tell(progress.as_ref(), step, &mut interrupted);
    let fitted = py.detach(|| {
        let values = outcome.table.values(&[Feature::number(outcome_name)])?.pop().unwrap_or_default();
        let mut target = NumberOutcome::new(outcome_name, values)?;
        if let Some(weights) = weights {
            target = target.weights(weights)?;
        }
        table.table.with_columns(&features, |columns| learner.fit_number_with(columns, &target, loss, &mut watch))
    });
    if let Some(interrupted) = interrupted {
        return Err(interrupted);
    }
    Ok(Model::new(fitted.map_err(Raised)?))
}

/// The predicted means.
#[pyfunction]
pub(crate) fn predict_number<'py>(py: Python<'py>, model: &Model, table: &Table) -> Result<Bound<'py, PyArray1<f64>>> {
    let model = model.is::<AdditiveNumberModel>()?;
    let means =
        py.detach(|| table.table.with_columns(tierwise::Score::features(model), |columns| model.predict(columns)));
    Ok(means.map_err(Raised)?.into_pyarray(py))
}
