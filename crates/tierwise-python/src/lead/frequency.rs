//! Counts of won and lost leads, and the models they make.

use crate::errors::Result;
use crate::fit::alias;
use crate::json::{read, write};
use crate::model::Model;
use crate::table::{Table, to_json};
use numpy::{IntoPyArray, PyArray1};
use pyo3::prelude::*;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tierwise::lead::{self, FrequencyModel, FrequencySpec};
use tierwise::{Columns, Error, Kind, Outcome, Summary};

/// Counts that grow; one call at a time.
#[pyclass(frozen, module = "tierwise._tierwise")]
pub(crate) struct FrequencyCounts {
    counts: Mutex<lead::FrequencyCounts>,
}

impl FrequencyCounts {
    /// Every change is made whole or not at all, so that a lock that was left behind guards sound counts.
    fn lock(&self) -> MutexGuard<'_, lead::FrequencyCounts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn changed(
        &self,
        table: &Table,
        outcome: &Outcome<'_>,
        change: impl Fn(&mut lead::FrequencyCounts, &Columns<'_>, &Outcome<'_>) -> tierwise::Result<()>,
    ) -> tierwise::Result<()> {
        let mut counts = self.lock();
        if let Some(mut grown) = with_levels_of(&counts, table)? {
            let features = grown.features().to_vec();
            table.table.with_columns(&features, |columns| change(&mut grown, columns, outcome))?;
            *counts = grown;
            return Ok(());
        }
        let features = counts.features().to_vec();
        table.table.with_columns(&features, |columns| change(&mut counts, columns, outcome))
    }
}

#[pymethods]
impl FrequencyCounts {
    /// From a specification (JSON).
    #[new]
    fn new(spec: &str) -> Result<Self> {
        let counts = lead::FrequencyCounts::new(read::<FrequencySpec>(spec, "")?)?;
        Ok(Self { counts: Mutex::new(counts) })
    }

    /// From a model file's model of this kind.
    #[staticmethod]
    fn from_model(model: &Model) -> Result<Self> {
        Ok(Self { counts: Mutex::new(model.is::<lead::FrequencyCounts>()?.clone()) })
    }

    /// The counts as they are now, to be saved.
    fn to_model(&self) -> Model {
        Model::new(self.lock().clone())
    }

    /// What a record holds, as JSON.
    fn features(&self) -> String {
        to_json(self.lock().features())
    }

    /// The name of the positive class.
    fn positive(&self) -> String {
        self.lock().positive().to_owned()
    }

    /// Leads won and lost.
    fn leads(&self) -> (u64, u64) {
        self.lock().leads()
    }

    /// Won and lost leads of every value, as JSON.
    fn counted(&self) -> Result<String> {
        write(&self.lock().counted())
    }

    /// Adds leads; levels that are new are added first.
    fn observe(
        &self,
        py: Python<'_>,
        table: &Table,
        outcome: &Table,
        outcome_name: &str,
        positive: &str,
        negative: Option<&str>,
    ) -> Result<()> {
        Ok(py.detach(|| {
            let outcome = outcome_of(outcome, outcome_name, positive, negative)?;
            self.changed(table, &outcome, lead::FrequencyCounts::observe_columns)
        })?)
    }

    /// Takes leads back.
    fn reopen(
        &self,
        py: Python<'_>,
        table: &Table,
        outcome: &Table,
        outcome_name: &str,
        positive: &str,
        negative: Option<&str>,
    ) -> Result<()> {
        Ok(py.detach(|| {
            let outcome = outcome_of(outcome, outcome_name, positive, negative)?;
            self.changed(table, &outcome, lead::FrequencyCounts::reopen_columns)
        })?)
    }

    /// Adds the counts of another part.
    fn merge(&self, py: Python<'_>, other: &Self) -> Result<()> {
        Ok(py.detach(|| {
            let other = other.lock().clone(); // first: the other may be this one
            self.lock().merge(&other)
        })?)
    }

    /// A model of what was counted, with a smoothing (JSON).
    fn model(&self, py: Python<'_>, smoothing: &str) -> Result<Model> {
        let smoothing = read(smoothing, "smoothing")?;
        Ok(py.detach(|| Ok::<_, Error>(Model::new(self.lock().model(smoothing)?)))?)
    }
}

/// What the model is worth against the base rate, as JSON; rows stand in the order of time.
#[pyfunction]
#[allow(clippy::too_many_arguments)] // a private boundary: the public function takes them by keyword
pub(crate) fn frequency_signal(
    py: Python<'_>,
    start: &FrequencyCounts,
    table: &Table,
    outcome: &Table,
    outcome_name: &str,
    positive: &str,
    negative: Option<&str>,
    smoothing: &str,
    confidence: f64,
) -> Result<String> {
    let smoothing = read(smoothing, "smoothing")?;
    let signal = py.detach(|| {
        let outcome = outcome_of(outcome, outcome_name, positive, negative)?;
        let counts = start.lock().clone();
        let counts = with_levels_of(&counts, table)?.unwrap_or(counts);
        table.table.with_columns(counts.features(), |columns| {
            lead::frequency_signal(&counts, columns, &outcome, smoothing, confidence)
        })
    })?;
    write(&signal)
}

/// A frequency model whose facts count for less.
#[pyfunction]
pub(crate) fn frequency_tempered(model: &Model, factor: f64) -> Result<Model> {
    Ok(Model::new(model.is::<FrequencyModel>()?.tempered(factor)?))
}

/// Probabilities in per cent, rounded.
#[pyfunction]
pub(crate) fn frequency_percent<'py>(
    py: Python<'py>,
    model: &Model,
    table: &Table,
) -> Result<Bound<'py, PyArray1<f64>>> {
    let model = model.is::<FrequencyModel>()?;
    let features = tierwise::Score::features(model);
    let percent = py.detach(|| table.table.with_columns(features, |columns| model.percent_columns(columns)))?;
    Ok(percent.into_pyarray(py))
}

/// The counts with room for the levels of a table; none where they have it. A stage that is not listed is refused.
fn with_levels_of(counts: &lead::FrequencyCounts, table: &Table) -> tierwise::Result<Option<lead::FrequencyCounts>> {
    let mut grown: Option<lead::FrequencyCounts> = None;
    let stage = counts.spec().stage.as_ref().map(|stage| stage.name().to_owned());
    for feature in counts.features() {
        let Kind::Category(known) = feature.kind() else { continue };
        let mut levels = table.table.levels(feature.name())?;
        levels.retain(|level| !known.contains(level));
        if levels.is_empty() {
            continue;
        }
        if stage.as_deref() == Some(feature.name()) {
            let what = format!("the stage in `{}`", feature.name());
            return Err(Error::UnknownName { what, row: None, name: levels.swap_remove(0), known: known.to_vec() });
        }
        grown.get_or_insert_with(|| counts.clone()).add_levels(feature.name(), &levels)?;
    }
    Ok(grown)
}

/// Which leads were won. A few leads may hold one label only: then it must be clear what the other one is.
fn outcome_of(table: &Table, name: &str, positive: &str, negative: Option<&str>) -> tierwise::Result<Outcome<'static>> {
    let (codes, labels) = table.table.label_codes(name)?;
    let positive = alias(&labels, positive);
    let others: Vec<&str> = labels.iter().map(String::as_str).filter(|label| *label != positive).collect();
    let both = others.len() == 1 && labels.len() == 2;
    let negative = negative.map(|negative| alias(&labels, negative));
    let negative = negative.or_else(|| if both { Some(others[0]) } else { usual_other(positive) });
    if let Some(other) = others.iter().find(|other| Some(**other) != negative) {
        let reason = match negative {
            Some(negative) => {
                format!("`{other}` is neither `{positive}` nor `{negative}`; check `positive` and `negative`")
            }
            None => "no row has it; check its spelling, or name the other label by `negative`".into(),
        };
        let positive = positive.to_owned();
        return Err(Error::InvalidOutcome { positive, labels: labels.iter().take(10).cloned().collect(), reason });
    }
    let won: Vec<bool> = codes.iter().map(|&code| labels[code as usize] == positive).collect();
    Ok(Outcome::binary(name, &won))
}

/// The label that goes with this one where nobody says otherwise.
fn usual_other(positive: &str) -> Option<&'static str> {
    let pairs = [("won", "lost"), ("true", "false"), ("1", "0"), ("0", "1"), ("false", "true")];
    pairs.iter().find(|(one, _)| *one == positive).map(|(_, other)| *other)
}
