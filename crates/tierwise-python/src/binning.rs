//! Optimal binning.

use crate::errors::{Raised, Result};
use crate::fit::outcome_of;
use crate::json;
use crate::model::Model;
use crate::numbers::contiguous;
use crate::table::{Table, features_from};
use numpy::{IntoPyArray, PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;
use serde::Serialize;
use tierwise::learn::{self, Bin, BinCounts, BinLayout, Binner, Binning, NumberOutcome, Tally, Target, Trend};
use tierwise::{Columns, Error, Feature, Score};

/// The optimal bins of each feature. `positive` is absent where the outcome is a number; `of_table` says that settings for
/// numbers are meant for those columns only that hold them.
#[pyfunction]
#[pyo3(signature = (settings, features, table, outcome, outcome_name, positive, weights, of_table))]
#[allow(clippy::too_many_arguments)] // a private boundary: the public function takes them by keyword
pub(crate) fn bin_columns(
    py: Python<'_>,
    settings: &str,
    features: &str,
    table: &Table,
    outcome: &Table,
    outcome_name: &str,
    positive: Option<&str>,
    weights: Option<PyReadonlyArray1<'_, f64>>,
    of_table: bool,
) -> Result<Vec<Model>> {
    let binner: Binner = json::read(settings, "settings")?;
    let features = features_from(features)?;
    let weights = weights.as_ref().map(contiguous);
    let binnings = py.detach(|| {
        table.table.with_columns(&features, |columns| {
            against(outcome, outcome_name, positive, weights, |target| {
                if of_table {
                    return binner.bin_columns(columns, target);
                }
                let bin = |index: usize| binner.bin(&columns.features()[index], columns.column(index), target);
                (0..columns.features().len()).map(bin).collect()
            })
        })
    })?;
    Ok(binnings.into_iter().map(Model::new).collect())
}

/// The bins between given edges, or of given groups of levels.
#[pyfunction]
#[pyo3(signature = (settings, features, edges, groups, special, table, outcome, outcome_name, positive, weights))]
#[allow(clippy::too_many_arguments)]
pub(crate) fn keep_bins(
    py: Python<'_>,
    settings: &str,
    features: &str,
    edges: Vec<f64>,
    groups: Option<Vec<Vec<String>>>,
    special: Vec<f64>,
    table: &Table,
    outcome: &Table,
    outcome_name: &str,
    positive: Option<&str>,
    weights: Option<PyReadonlyArray1<'_, f64>>,
) -> Result<Model> {
    let binner: Binner = json::read(settings, "settings")?;
    let weights = weights.as_ref().map(contiguous);
    let features = features_from(features)?;
    let binning = py.detach(|| {
        table.table.with_columns(&features, |columns| {
            let (feature, column) = only(columns)?;
            let layout = match groups {
                Some(groups) => BinLayout::groups(feature, groups)?,
                None => BinLayout::numbers(feature, edges, special)?,
            };
            let count = |target: Target<'_>| binner.keep(&BinCounts::new(layout, column, target)?);
            against(outcome, outcome_name, positive, weights, count)
        })
    })?;
    Ok(Model::new(binning))
}

fn only<'a>(columns: &Columns<'a>) -> tierwise::Result<(Feature, &'a [f64])> {
    match columns.features() {
        [feature] => Ok((feature.clone(), columns.column(0))),
        others => Err(Error::WrongLength { what: "the list of features".into(), expected: 1, found: others.len() }),
    }
}

/// Reads the outcome as yes or no where a positive class is named, else as a number, and hands it over.
fn against<R>(
    outcome: &Table,
    name: &str,
    positive: Option<&str>,
    weights: Option<Vec<f64>>,
    work: impl FnOnce(Target<'_>) -> tierwise::Result<R>,
) -> tierwise::Result<R> {
    if let Some(positive) = positive {
        let outcome = outcome_of(outcome, name, positive, weights.as_deref(), None)?;
        return work(Target::Binary(&outcome));
    }
    let values = outcome.table.values(&[Feature::number(name)])?.pop().unwrap_or_default();
    let mut outcome = NumberOutcome::new(name, values)?;
    if let Some(weights) = weights {
        outcome = outcome.weights(weights)?;
    }
    work(Target::Number(&outcome))
}

/// What Python shows of a binning.
#[derive(Serialize)]
struct Shown<'a> {
    bins: Vec<Bin>,
    binary: bool,
    information_value: f64,
    trend: Option<Trend>,
    edges: &'a [f64],
    groups: &'a [Vec<String>],
    total: &'a Tally,
}

/// The table of a binning and what belongs to it, as JSON.
#[pyfunction]
pub(crate) fn bin_table(model: &Model) -> Result<String> {
    let binning = model.is::<Binning>()?;
    json::write(&Shown {
        bins: binning.bins(),
        binary: binning.outcome().is_binary(),
        information_value: binning.information_value(),
        trend: binning.trend(),
        edges: binning.edges(),
        groups: binning.layout().level_groups(),
        total: binning.total(),
    })
}

/// The positions of the bins of a column.
#[pyfunction]
pub(crate) fn bin_codes<'py>(py: Python<'py>, model: &Model, table: &Table) -> Result<Bound<'py, PyArray1<i64>>> {
    let binning = model.is::<Binning>()?;
    let codes = py.detach(|| {
        table.table.with_columns(binning.features(), |columns| {
            Ok(binning.codes(columns.column(0)).into_iter().map(i64::from).collect::<Vec<_>>())
        })
    });
    Ok(codes.map_err(Raised)?.into_pyarray(py))
}

/// The card that adds up weights of evidence.
#[pyfunction]
pub(crate) fn evidence_card(name: &str, binnings: Vec<Py<Model>>, factor: f64, offset: f64) -> Result<Model> {
    let binnings: Vec<Binning> =
        binnings.iter().map(|model| model.get().is::<Binning>().cloned()).collect::<Result<_>>()?;
    Ok(Model::new(learn::evidence_card(name, &binnings, factor, offset)?))
}
