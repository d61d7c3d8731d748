//! Drift: settings in and results out as JSON.

use crate::errors::{Raised, Result};
use crate::json;
use crate::model::Model;
use crate::numbers::contiguous;
use crate::table::{Table, features_from, to_json};
use numpy::PyReadonlyArray1;
use pyo3::prelude::*;
use tierwise::evaluate::{self, DriftSample, DriftSettings};
use tierwise::{Columns, Feature, Summary};

pub(super) type Weights<'py> = Option<PyReadonlyArray1<'py, f64>>;

/// Hands over two tables of the same features with their weights.
pub(super) fn with_samples<R>(
    features: &[Feature],
    [reference, current]: [&Table; 2],
    [of_reference, of_current]: [Option<Vec<f64>>; 2],
    work: impl FnOnce(DriftSample<'_>, DriftSample<'_>) -> tierwise::Result<R>,
) -> tierwise::Result<R> {
    reference.table.with_columns(features, |reference| {
        current.table.with_columns(features, |current| {
            work(sample(reference, of_reference.as_deref()), sample(current, of_current.as_deref()))
        })
    })
}

fn sample<'a>(columns: &'a Columns<'a>, weights: Option<&'a [f64]>) -> DriftSample<'a> {
    match weights {
        Some(weights) => DriftSample::new(columns).weights(weights),
        None => DriftSample::new(columns),
    }
}

pub(super) fn owned(weights: Weights<'_>) -> Option<Vec<f64>> {
    weights.as_ref().map(contiguous)
}

/// What changed in each column of a table.
#[pyfunction]
#[pyo3(signature = (settings, features, reference, current, reference_weights, current_weights))]
pub(crate) fn drift(
    py: Python<'_>,
    settings: &str,
    features: &str,
    reference: &Table,
    current: &Table,
    reference_weights: Weights<'_>,
    current_weights: Weights<'_>,
) -> Result<String> {
    let settings: DriftSettings = json::read(settings, "settings")?;
    let (features, weights) = (features_from(features)?, [owned(reference_weights), owned(current_weights)]);
    let found = py.detach(|| {
        with_samples(&features, [reference, current], weights, |one, two| evaluate::drift(one, two, &settings))
    })?;
    json::write(&found)
}

/// The same for each window of days of the current table.
#[pyfunction]
#[pyo3(signature = (settings, features, reference, current, reference_weights, current_weights, days, length, step))]
#[allow(clippy::too_many_arguments)] // a private boundary: the public function takes them by keyword
pub(crate) fn drift_windows(
    py: Python<'_>,
    settings: &str,
    features: &str,
    reference: &Table,
    current: &Table,
    reference_weights: Weights<'_>,
    current_weights: Weights<'_>,
    days: PyReadonlyArray1<'_, f64>,
    length: f64,
    step: f64,
) -> Result<String> {
    let settings: DriftSettings = json::read(settings, "settings")?;
    let (features, weights) = (features_from(features)?, [owned(reference_weights), owned(current_weights)]);
    let days = contiguous(&days);
    let found = py.detach(|| {
        with_samples(&features, [reference, current], weights, |one, two| {
            evaluate::drift_windows(one, two, &days, length, step, &settings)
        })
    })?;
    json::write(&found)
}

/// Two lists of counts of the same cells.
#[pyfunction]
pub(crate) fn compare_counts(settings: &str, reference: Vec<f64>, current: Vec<f64>) -> Result<String> {
    let settings: DriftSettings = json::read(settings, "settings")?;
    json::write(&evaluate::compare_counts(&reference, &current, &settings)?)
}

/// Which characteristics moved a score.
#[pyfunction]
#[pyo3(signature = (settings, model, reference, current, reference_weights, current_weights))]
pub(crate) fn characteristic_stability(
    py: Python<'_>,
    settings: &str,
    model: &Model,
    reference: &Table,
    current: &Table,
    reference_weights: Weights<'_>,
    current_weights: Weights<'_>,
) -> Result<String> {
    let settings: DriftSettings = json::read(settings, "settings")?;
    let weights = [owned(reference_weights), owned(current_weights)];
    let model = model.explain_view()?;
    let found = py.detach(|| {
        with_samples(model.features(), [reference, current], weights, |one, two| {
            evaluate::characteristic_stability(model, one, two, &settings)
        })
    })?;
    json::write(&found)
}

/// Who moved between tiers; positions below 0 are unknown.
#[pyfunction]
#[pyo3(signature = (tiers, before, after, weights, confidence))]
pub(crate) fn tier_migration(
    tiers: Vec<String>,
    before: PyReadonlyArray1<'_, i64>,
    after: PyReadonlyArray1<'_, i64>,
    weights: Weights<'_>,
    confidence: f64,
) -> Result<String> {
    let places = |places: &PyReadonlyArray1<'_, i64>| -> Vec<Option<u32>> {
        places.as_array().iter().map(|&place| u32::try_from(place).ok()).collect()
    };
    let weights = owned(weights);
    json::write(&evaluate::tier_migration(&tiers, &places(&before), &places(&after), weights.as_deref(), confidence)?)
}

/// Counts of cells that merge.
#[pyclass(module = "tierwise._tierwise")]
pub(crate) struct DriftCounts {
    pub(super) counts: evaluate::DriftCounts,
}

#[pymethods]
impl DriftCounts {
    #[new]
    #[pyo3(signature = (settings, features, reference, weights))]
    fn new(py: Python<'_>, settings: &str, features: &str, reference: &Table, weights: Weights<'_>) -> Result<Self> {
        let settings: DriftSettings = json::read(settings, "settings")?;
        let (features, weights) = (features_from(features)?, owned(weights));
        let counts = py.detach(|| {
            reference.table.with_columns(&features, |columns| {
                evaluate::DriftCounts::new(sample(columns, weights.as_deref()), &settings)
            })
        })?;
        Ok(Self { counts })
    }

    /// Reads what `to_json` wrote.
    #[staticmethod]
    fn from_json(text: &str) -> Result<Self> {
        Ok(Self { counts: json::read(text, "counts")? })
    }

    fn to_json(&self) -> Result<String> {
        json::write(&self.counts)
    }

    /// The same cells, with nothing in them.
    fn empty(&self) -> Self {
        Self { counts: self.counts.empty() }
    }

    /// Counts one part, whose features may have levels of their own.
    #[pyo3(signature = (features, table, weights))]
    fn add(&mut self, py: Python<'_>, features: &str, table: &Table, weights: Weights<'_>) -> Result<()> {
        let (features, weights) = (features_from(features)?, owned(weights));
        let counts = &mut self.counts;
        Ok(py.detach(|| {
            table.table.with_columns(&features, |columns| counts.add(sample(columns, weights.as_deref())))
        })?)
    }

    /// Adds another part's counts.
    fn merge(&mut self, other: PyRef<'_, Self>) -> Result<()> {
        Ok(self.counts.merge(&other.counts)?)
    }

    /// What changed from these to others.
    fn drift(&self, current: PyRef<'_, Self>, settings: &str) -> Result<String> {
        let settings: DriftSettings = json::read(settings, "settings")?;
        json::write(&self.counts.drift(&current.counts, &settings)?)
    }

    /// The features as JSON.
    fn features(&self) -> String {
        to_json(&self.counts.features())
    }

    fn rows(&self) -> f64 {
        self.counts.rows()
    }
}

/// Events and others by score.
#[pyclass(module = "tierwise._tierwise")]
pub(crate) struct ScoreHistogram {
    pub(super) histogram: evaluate::ScoreHistogram,
}

#[pymethods]
impl ScoreHistogram {
    #[new]
    fn new(edges: Vec<f64>) -> Result<Self> {
        Ok(Self { histogram: evaluate::ScoreHistogram::new(&edges)? })
    }

    /// Reads what `to_json` wrote.
    #[staticmethod]
    fn from_json(text: &str) -> Result<Self> {
        Ok(Self { histogram: json::read(text, "histogram")? })
    }

    fn to_json(&self) -> Result<String> {
        json::write(&self.histogram)
    }

    /// Counts the rows of one part.
    fn add(&mut self, outcome: &super::Outcome, scores: PyReadonlyArray1<'_, f64>) -> PyResult<()> {
        Ok(self.histogram.add(&outcome.outcome, scores.as_slice()?).map_err(Raised)?)
    }

    /// Adds another part's counts.
    fn merge(&mut self, other: PyRef<'_, Self>) -> Result<()> {
        Ok(self.histogram.merge(&other.histogram)?)
    }

    /// The bins as JSON.
    fn bins(&self) -> Result<String> {
        json::write(&self.histogram.bins())
    }

    /// The lowest, middle and highest area under the ROC curve.
    fn roc_auc(&self) -> Result<(f64, f64, f64)> {
        let area = self.histogram.roc_auc()?;
        Ok((area.low, area.middle, area.high))
    }

    /// The four counts at an edge.
    fn confusion(&self, cut: f64) -> Result<[f64; 4]> {
        Ok(super::decisions::counts(&self.histogram.confusion(cut)?))
    }
}
