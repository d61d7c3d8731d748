//! Reports: options in and everything out as JSON.

use super::drift::{DriftCounts, ScoreHistogram, Weights, owned, with_samples};
use super::{Outcome, judge};
use crate::errors::{Raised, Result};
use crate::json;
use crate::model::Model;
use crate::table::{Table, features_from};
use numpy::PyReadonlyArray1;
use pyo3::prelude::*;
use tierwise::Error;
use tierwise::evaluate::{
    self, Batch, BatchScores, Bootstrap, DriftSettings, MonitoringOptions, Payoff, ReportGroups, ReportOptions,
    TableDrift,
};

/// What tells groups apart, their names, and the position of each row's group.
type Groups<'py> = (String, Vec<String>, PyReadonlyArray1<'py, u32>);

/// The seed and how often rows are drawn.
fn bootstrap(drawn: Option<(u64, usize)>) -> Option<Bootstrap> {
    drawn.map(|(seed, replicates)| Bootstrap::new(seed).replicates(replicates))
}

/// How good a score is.
#[pyfunction]
#[pyo3(signature = (outcome, scores, probabilities, happened, capacity, payoff, groups, reference, champion, confidence, drawn))]
#[allow(clippy::too_many_arguments)] // a private boundary: the public function takes them by keyword
pub(crate) fn report(
    py: Python<'_>,
    outcome: &Outcome,
    scores: PyReadonlyArray1<'_, f64>,
    probabilities: Option<bool>,
    happened: &str,
    capacity: Option<f64>,
    payoff: Option<[f64; 4]>,
    groups: Vec<Groups<'_>>,
    reference: Option<PyReadonlyArray1<'_, f64>>,
    champion: Option<PyReadonlyArray1<'_, f64>>,
    confidence: f64,
    drawn: Option<(u64, usize)>,
) -> PyResult<String> {
    let payoff = payoff.map(|[true_positive, false_positive, false_negative, true_negative]| Payoff {
        true_positive,
        false_positive,
        false_negative,
        true_negative,
    });
    let mut by = Vec::with_capacity(groups.len());
    for (name, names, codes) in &groups {
        by.push(ReportGroups { name, names, codes: codes.as_slice()? });
    }
    let options = ReportOptions {
        probabilities,
        happened,
        capacity,
        payoff,
        groups: &by,
        reference: reference.as_ref().map(PyReadonlyArray1::as_slice).transpose()?,
        champion: champion.as_ref().map(PyReadonlyArray1::as_slice).transpose()?,
        confidence,
        bootstrap: bootstrap(drawn),
    };
    let found = judge(py, outcome, &scores, |outcome, scores| evaluate::report(outcome, scores, &options))?;
    Ok(json::write(&found)?)
}

/// How good predicted amounts are.
#[pyfunction]
#[pyo3(signature = (actual, predicted, weights, confidence, drawn))]
pub(crate) fn report_numbers(
    py: Python<'_>,
    actual: PyReadonlyArray1<'_, f64>,
    predicted: PyReadonlyArray1<'_, f64>,
    weights: Weights<'_>,
    confidence: f64,
    drawn: Option<(u64, usize)>,
) -> PyResult<String> {
    let (actual, predicted, weights) = (actual.as_slice()?, predicted.as_slice()?, owned(weights));
    let found = py.detach(|| {
        evaluate::report_numbers(actual, predicted, weights.as_deref(), confidence, bootstrap(drawn).as_ref())
            .map_err(Raised)
    });
    Ok(json::write(&found?)?)
}

/// What moves a model's scores, and what is unknown.
#[pyfunction]
#[pyo3(signature = (model, table, weights))]
pub(crate) fn report_model(py: Python<'_>, model: &Model, table: &Table, weights: Weights<'_>) -> Result<String> {
    let (model, weights) = (model.explain_view()?, owned(weights));
    let found = py.detach(|| {
        table.table.with_columns(model.features(), |columns| evaluate::report_model(model, columns, weights.as_deref()))
    })?;
    json::write(&found)
}

/// What changed in the columns of a batch.
#[pyclass(frozen, module = "tierwise._tierwise")]
pub(crate) struct BatchDrift {
    drift: TableDrift,
}

#[pymethods]
impl BatchDrift {
    /// Row by row, weighted; `rows` is how many scores the batch has.
    #[staticmethod]
    #[pyo3(signature = (settings, features, tables, weights, name, rows))]
    fn of_tables(
        py: Python<'_>,
        settings: &str,
        features: &str,
        tables: [PyRef<'_, Table>; 2],
        weights: [Weights<'_>; 2],
        name: &str,
        rows: Option<usize>,
    ) -> Result<Self> {
        let settings: DriftSettings = json::read(settings, "settings")?;
        let features = features_from(features)?;
        let [reference, current] = &tables;
        let (reference, current) = (&**reference, &**current);
        let found = current.table.rows();
        if let Some(expected) = rows.filter(|&rows| rows != found) {
            return Err(Raised(Error::WrongLength { what: format!("the columns of `{name}`"), expected, found }));
        }
        let weights = weights.map(owned);
        let drift = py.detach(|| {
            with_samples(&features, [reference, current], weights, |one, two| evaluate::drift(one, two, &settings))
        })?;
        Ok(Self { drift })
    }

    /// By counts that were merged.
    #[staticmethod]
    fn of_counts(settings: &str, reference: PyRef<'_, DriftCounts>, current: PyRef<'_, DriftCounts>) -> Result<Self> {
        let settings: DriftSettings = json::read(settings, "settings")?;
        Ok(Self { drift: reference.counts.drift(&current.counts, &settings)? })
    }
}

/// A name, the scores row by row with their outcome, or a histogram, and what changed in the columns.
type GivenBatch<'py> = (
    String,
    Option<PyReadonlyArray1<'py, f64>>,
    Option<PyRef<'py, Outcome>>,
    Option<PyRef<'py, ScoreHistogram>>,
    Option<PyRef<'py, BatchDrift>>,
);

/// A series of batches, of which the first is the reference; limits as in the options, in their order.
#[pyfunction]
#[pyo3(signature = (batches, probabilities, confidence, limits, drift))]
pub(crate) fn monitoring_report(
    py: Python<'_>,
    batches: Vec<GivenBatch<'_>>,
    probabilities: Option<bool>,
    confidence: f64,
    limits: [f64; 4],
    drift: &str,
) -> PyResult<String> {
    let [auc_loss, off_by, unknown_rise, unseen_share] = limits;
    let drift = json::read(drift, "settings")?;
    let options = MonitoringOptions { probabilities, confidence, auc_loss, off_by, unknown_rise, unseen_share, drift };
    let mut given = Vec::with_capacity(batches.len());
    for (name, scores, outcome, histogram, drift) in &batches {
        let outcome = outcome.as_ref().map(|outcome| &outcome.outcome);
        let scores = match (histogram, scores) {
            (Some(histogram), _) => BatchScores::Histogram(&histogram.histogram),
            (None, Some(scores)) => BatchScores::Rows { scores: scores.as_slice()?, outcome },
            (None, None) => BatchScores::None,
        };
        given.push(Batch { name, scores, drift: drift.as_ref().map(|found| found.drift.clone()) });
    }
    let reference = if given.is_empty() { BatchScores::None } else { given.remove(0).scores };
    let found = py.detach(|| evaluate::monitoring_report(reference, &given, &options).map_err(Raised));
    Ok(json::write(&found?)?)
}
