//! Fits.

use crate::errors::Raised;
use crate::model::Model;
use crate::table::{Table, features_from};
use numpy::PyReadonlyArray1;
use pyo3::prelude::*;
use std::ops::ControlFlow;
use tierwise::churn::Risk;
use tierwise::cross_sell::Propensity;
use tierwise::learn::{LearnedModel, Learner};
use tierwise::model::Saved;
use tierwise::{Columns, Error, Fit, Outcome, Progress};

/// Fits a learner (JSON) on a table; `purpose` is `learn`, `cross_sell` or `churn`.
/// `outcome` is a table whose only column, `outcome_name`, holds labels.
#[pyfunction]
#[pyo3(signature = (purpose, learner, product, features, table, outcome, outcome_name, positive, weights, offsets, progress))]
#[allow(clippy::too_many_arguments)] // a private boundary: the public function takes them by keyword
pub(crate) fn fit(
    py: Python<'_>,
    purpose: &str,
    learner: &str,
    product: String,
    features: &str,
    table: &Table,
    outcome: &Table,
    outcome_name: &str,
    positive: &str,
    weights: Option<PyReadonlyArray1<'_, f64>>,
    offsets: Option<PyReadonlyArray1<'_, f64>>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Model> {
    let learner: Learner = serde_json::from_str(learner)
        .map_err(|error| Raised(Error::ModelField { path: "learner".into(), reason: error.to_string() }))?;
    let features = features_from(features)?;
    let values = |array: PyReadonlyArray1<'_, f64>| array.as_array().iter().copied().collect::<Vec<f64>>();
    let (weights, offsets) = (weights.map(values), offsets.map(values));
    let mut interrupted = None;
    let mut watch = |step: Progress| tell(progress.as_ref(), step, &mut interrupted);
    let fitted = py.detach(|| {
        let outcome = outcome_of(outcome, outcome_name, positive, weights.as_deref(), offsets.as_deref())?;
        table.table.with_columns(&features, |columns| {
            let data = Data { columns, outcome: &outcome };
            match purpose {
                "cross_sell" => data.fit(&Propensity::new(product, learner), &mut watch),
                "churn" => data.fit(&Risk::new(learner), &mut watch),
                _ => data.fit_plain(&learner, &mut watch),
            }
        })
    });
    if let Some(interrupted) = interrupted {
        return Err(interrupted);
    }
    Ok(fitted.map_err(Raised)?)
}

struct Data<'a> {
    columns: &'a Columns<'a>,
    outcome: &'a Outcome<'a>,
}

type Watch<'a> = &'a mut dyn FnMut(Progress) -> ControlFlow<()>;

impl Data<'_> {
    fn fit<L: Fit>(&self, learner: &L, watch: Watch<'_>) -> tierwise::Result<Model>
    where
        L::Model: Saved,
    {
        Ok(Model::new(learner.fit_with(self.columns, self.outcome, watch)?.model))
    }

    /// A model for no particular purpose is saved as what it is.
    fn fit_plain(&self, learner: &Learner, watch: Watch<'_>) -> tierwise::Result<Model> {
        match learner.fit_with(self.columns, self.outcome, watch)?.model {
            LearnedModel::Logistic(model) => Ok(Model::new(model)),
            LearnedModel::WeightOfEvidence(model) => Ok(Model::new(model)),
            LearnedModel::Additive(model) => Ok(Model::new(*model)),
            _ => Err(Error::ModelKind { found: "learner".into(), known: vec!["logistic".into()] }),
        }
    }
}

pub(crate) fn outcome_of(
    table: &Table,
    name: &str,
    positive: &str,
    weights: Option<&[f64]>,
    offsets: Option<&[f64]>,
) -> tierwise::Result<Outcome<'static>> {
    let (codes, labels) = table.table.label_codes(name)?;
    let mut outcome = Outcome::coded(name, &codes, &labels, alias(&labels, positive))?;
    if let Some(weights) = weights {
        outcome = outcome.weights(weights.to_vec())?;
    }
    if let Some(offsets) = offsets {
        outcome = outcome.offsets(offsets.to_vec())?;
    }
    Ok(outcome)
}

/// In Python `True == 1`: a yes-no outcome may be asked for as 1, and one of ones and zeros as true.
pub(crate) fn alias<'a>(labels: &[String], positive: &'a str) -> &'a str {
    let other = match positive {
        "1" => "true",
        "0" => "false",
        "true" => "1",
        "false" => "0",
        _ => return positive,
    };
    let pairs = [["true", "false"], ["1", "0"]];
    let kind = pairs.iter().find(|pair| pair.contains(&other)).unwrap_or(&pairs[0]);
    if labels.iter().all(|label| kind.contains(&label.as_str())) { other } else { positive }
}

/// Lets Ctrl-C through and calls the user's function with step, limit and objective; whatever it raises stops the fit.
pub(crate) fn tell(progress: Option<&Py<PyAny>>, step: Progress, interrupted: &mut Option<PyErr>) -> ControlFlow<()> {
    let told = Python::attach(|py| {
        py.check_signals()?;
        match progress {
            Some(progress) => progress.call1(py, (step.step, step.limit, step.objective)).map(|_| ()),
            None => Ok(()),
        }
    });
    match told {
        Ok(()) => ControlFlow::Continue(()),
        Err(error) => {
            *interrupted = Some(error);
            ControlFlow::Break(())
        }
    }
}
