//! The value index, the purchase potential, the profit score and the share of wallet.

use crate::errors::{Raised, Result};
use crate::json::{read, write};
use crate::model::Model;
use crate::numbers::contiguous;
use numpy::{IntoPyArray, PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;
use tierwise::Error;
use tierwise::value::{self, Normalisation, ProfitScore, ShareDecision, Uncertain, ValueIndex};

type Floats<'py> = Bound<'py, PyArray1<f64>>;
type Ends<'py> = (PyReadonlyArray1<'py, f64>, PyReadonlyArray1<'py, f64>);

/// A checked index from its parts (JSON).
#[pyfunction]
pub(crate) fn value_index(spec: &str) -> Result<Model> {
    Ok(Model::new(ValueIndex::new(read(spec, "")?)?))
}

/// The index of current or of potential value alone; the part as JSON.
#[pyfunction]
pub(crate) fn value_index_part(model: &Model, part: &str) -> Result<Model> {
    Ok(Model::new(model.is::<ValueIndex>()?.part(read(part, "part")?)?))
}

/// A normalisation with limits from values (JSON); `shares` for quantiles.
#[pyfunction]
#[pyo3(signature = (kind, name, values, shares))]
pub(crate) fn normalisation_of(
    kind: &str,
    name: &str,
    values: PyReadonlyArray1<'_, f64>,
    shares: usize,
) -> Result<String> {
    let values = contiguous(&values);
    let made = match kind {
        "min_max" => Normalisation::min_max_of(name, &values)?,
        "logistic" => Normalisation::logistic_of(name, &values)?,
        "quantiles" => Normalisation::quantiles_of(name, &values, shares)?,
        _ => {
            return Err(Raised(Error::InvalidParameter {
                of: "ValueIndex",
                name: "normalise",
                must_be: "`min_max`, `logistic`, `quantiles`, or one of these with its limits".into(),
                got: kind.to_owned(),
            }));
        }
    };
    write(&made)
}

/// The expected values, and the ends of their intervals where chance and value both have them.
#[pyfunction]
#[pyo3(signature = (chance, value, cost, chance_ends, value_ends))]
#[allow(clippy::type_complexity)] // a private boundary
pub(crate) fn purchase_potential<'py>(
    py: Python<'py>,
    chance: PyReadonlyArray1<'py, f64>,
    value: PyReadonlyArray1<'py, f64>,
    cost: Option<PyReadonlyArray1<'py, f64>>,
    chance_ends: Option<Ends<'py>>,
    value_ends: Option<Ends<'py>>,
) -> Result<(Floats<'py>, Option<(Floats<'py>, Floats<'py>)>)> {
    let ends = |ends: Option<Ends<'py>>| ends.map(|(low, high)| (contiguous(&low), contiguous(&high)));
    let (chance, chance_ends, value, value_ends) =
        (contiguous(&chance), ends(chance_ends), contiguous(&value), ends(value_ends));
    let cost = cost.map(|cost| contiguous(&cost));
    let found = value::purchase_potential(
        Uncertain { estimate: &chance, interval: chance_ends.as_ref().map(|(low, high)| (&low[..], &high[..])) },
        Uncertain { estimate: &value, interval: value_ends.as_ref().map(|(low, high)| (&low[..], &high[..])) },
        cost.as_deref(),
    )?;
    let interval = found.interval.map(|(low, high)| (low.into_pyarray(py), high.into_pyarray(py)));
    Ok((found.expected.into_pyarray(py), interval))
}

/// A checked profit score from its parts (JSON); the one that ships with the library without.
#[pyfunction]
#[pyo3(signature = (spec))]
pub(crate) fn profit_score(spec: Option<&str>) -> Result<Model> {
    Ok(Model::new(match spec {
        Some(spec) => ProfitScore::new(read(spec, "")?)?,
        None => value::profit_score(),
    }))
}

/// A checked decision table from its parts (JSON); the one that ships with the library without.
#[pyfunction]
#[pyo3(signature = (spec))]
pub(crate) fn share_decision(spec: Option<&str>) -> Result<Model> {
    Ok(Model::new(match spec {
        Some(spec) => ShareDecision::new(read(spec, "")?)?,
        None => value::share_decision(),
    }))
}

/// Shares of wallet, and headroom where there is a target.
#[pyfunction]
#[pyo3(signature = (own, total, target))]
pub(crate) fn share_of_wallet<'py>(
    py: Python<'py>,
    own: PyReadonlyArray1<'py, f64>,
    total: PyReadonlyArray1<'py, f64>,
    target: Option<PyReadonlyArray1<'py, f64>>,
) -> Result<(Floats<'py>, Option<Floats<'py>>)> {
    let target = target.map(|target| contiguous(&target));
    let found = value::share_of_wallet(&contiguous(&own), &contiguous(&total), target.as_deref())?;
    Ok((found.share.into_pyarray(py), found.headroom.map(|headroom| headroom.into_pyarray(py))))
}
