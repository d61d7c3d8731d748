//! The value family.

use crate::errors::{Raised, Result};
use crate::model::Model;
use crate::numbers::contiguous;
use crate::table::Table;
use numpy::{IntoPyArray, PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use tierwise::value::{self, Direction, LaterRows, RfmScorer, RfmScores, RfmValues, Tiered, Tiers, Ties};
use tierwise_arrow::Keys;

type Floats<'py> = Bound<'py, PyArray1<f64>>;

/// Recency, frequency, money: one row per customer of a log, as arrays by name.
#[pyfunction]
pub(crate) fn rfm<'py>(
    py: Python<'py>,
    orders: &Table,
    customer: &str,
    date: &str,
    amount: &str,
    as_of: i32,
    leave_out_later: bool,
) -> PyResult<Bound<'py, PyDict>> {
    let later = if leave_out_later { LaterRows::LeaveOut } else { LaterRows::Refuse };
    let read = py.detach(|| orders.table.rfm(customer, date, amount, as_of, later));
    let (keys, table) = read.map_err(Raised)?;
    rfm_arrays(py, keys, table)
}

/// A table of customers as arrays by name.
pub(crate) fn rfm_arrays(py: Python<'_>, keys: Keys, table: value::Rfm) -> PyResult<Bound<'_, PyDict>> {
    let at = |code: &u32| *code as usize;
    let result = PyDict::new(py);
    match keys {
        Keys::Integers(keys) => {
            let customers: Vec<i64> = table.customer.iter().map(|code| keys[at(code)]).collect();
            result.set_item("customer", customers.into_pyarray(py))?;
        }
        Keys::Texts(keys) => {
            result.set_item("customer", PyList::new(py, table.customer.iter().map(|code| &keys[at(code)]))?)?;
        }
    }
    for (name, column) in [
        ("recency", table.recency),
        ("frequency", table.frequency),
        ("monetary", table.monetary),
        ("age", table.age),
        ("repeat_frequency", table.repeat_frequency),
        ("last_purchase_age", table.last_purchase_age),
        ("mean_repeat_amount", table.mean_repeat_amount),
    ] {
        result.set_item(name, column.into_pyarray(py))?;
    }
    Ok(result)
}

/// Tiers by shares of the customers, and the tier of each value as a position in `names`; -1 for unknown.
#[pyfunction]
pub(crate) fn tiers_split<'py>(
    py: Python<'py>,
    feature: &str,
    values: PyReadonlyArray1<'py, f64>,
    names: Vec<String>,
    shares: Vec<f64>,
    higher_is_better: bool,
    together: bool,
) -> Result<(Model, Bound<'py, PyArray1<i64>>)> {
    let values = contiguous(&values);
    let found = Tiers::split(feature, &values, &names, &shares, direction(higher_is_better), ties(together))?;
    Ok(tiered(py, found))
}

/// Tiers, and the position of each value's tier; -1 for unknown.
pub(crate) fn tiered(py: Python<'_>, found: Tiered) -> (Model, Bound<'_, PyArray1<i64>>) {
    let places: Vec<i64> = found.assigned.iter().map(|tier| tier.map_or(-1, |place| place as i64)).collect();
    (Model::new(found.tiers), places.into_pyarray(py))
}

/// Tiers between fixed cuts.
#[pyfunction]
pub(crate) fn tiers_by_cuts(
    feature: &str,
    names: Vec<String>,
    cuts: Vec<f64>,
    higher_is_better: bool,
) -> Result<Model> {
    Ok(Model::new(Tiers::by_cuts(feature, &names, &cuts, direction(higher_is_better))?))
}

/// Scores 1 to `bins` for recency, frequency and money, and the scorer that holds the thresholds.
#[pyfunction]
pub(crate) fn rfm_scorer<'py>(
    py: Python<'py>,
    recency: PyReadonlyArray1<'py, f64>,
    frequency: PyReadonlyArray1<'py, f64>,
    monetary: PyReadonlyArray1<'py, f64>,
    bins: u8,
    together: bool,
) -> Result<(Bound<'py, PyDict>, Model)> {
    let (recency, frequency, monetary) = (contiguous(&recency), contiguous(&frequency), contiguous(&monetary));
    let values = RfmValues { recency: &recency, frequency: &frequency, monetary: &monetary };
    let (scores, scorer) = value::rfm_scores(values, bins, ties(together))?;
    Ok((score_arrays(py, scores), Model::new(scorer)))
}

/// Scores by saved thresholds.
#[pyfunction]
pub(crate) fn rfm_scores<'py>(
    py: Python<'py>,
    scorer: &Model,
    recency: PyReadonlyArray1<'py, f64>,
    frequency: PyReadonlyArray1<'py, f64>,
    monetary: PyReadonlyArray1<'py, f64>,
) -> Result<Bound<'py, PyDict>> {
    let scorer: &RfmScorer = scorer.is()?;
    let (recency, frequency, monetary) = (contiguous(&recency), contiguous(&frequency), contiguous(&monetary));
    let values = RfmValues { recency: &recency, frequency: &frequency, monetary: &monetary };
    Ok(score_arrays(py, scorer.score(values)?))
}

/// The smallest set of customers that makes a share of the money.
#[pyfunction]
pub(crate) fn pareto<'py>(
    py: Python<'py>,
    values: PyReadonlyArray1<'py, f64>,
    share: f64,
) -> PyResult<Bound<'py, PyDict>> {
    let pareto = value::pareto(&contiguous(&values), share).map_err(Raised)?;
    let rows: Vec<i64> = pareto.rows.into_iter().map(|row| row as i64).collect();
    let result = PyDict::new(py);
    result.set_item("rows", rows.into_pyarray(py))?;
    result.set_item("customers", pareto.customers)?;
    result.set_item("share_of_customers", pareto.share_of_customers)?;
    result.set_item("threshold", pareto.threshold)?;
    result.set_item("money", pareto.money)?;
    result.set_item("share_of_money", pareto.share_of_money)?;
    result.set_item("total", pareto.total)?;
    Ok(result)
}

/// Cumulative share of the money at equally spaced shares of the customers, best first.
#[pyfunction]
pub(crate) fn share_curve<'py>(
    py: Python<'py>,
    values: PyReadonlyArray1<'py, f64>,
    steps: usize,
) -> Result<(Floats<'py>, Floats<'py>)> {
    let points = value::share_curve(&contiguous(&values))?.points(steps)?;
    let (customers, money): (Vec<f64>, Vec<f64>) = points.into_iter().unzip();
    Ok((customers.into_pyarray(py), money.into_pyarray(py)))
}

/// The Gini coefficient.
#[pyfunction]
pub(crate) fn gini(values: PyReadonlyArray1<'_, f64>) -> Result<f64> {
    Ok(value::gini(&contiguous(&values))?)
}

pub(crate) fn direction(higher_is_better: bool) -> Direction {
    if higher_is_better { Direction::HigherIsBetter } else { Direction::LowerIsBetter }
}

fn ties(together: bool) -> Ties {
    if together { Ties::Together } else { Ties::FirstCome }
}

fn score_arrays(py: Python<'_>, scores: RfmScores) -> Bound<'_, PyDict> {
    let result = PyDict::new(py);
    for (name, column) in [("recency", scores.recency), ("frequency", scores.frequency), ("monetary", scores.monetary)]
    {
        // A dictionary of arrays under three fixed names cannot fail to take them.
        let _ = result.set_item(name, column.into_pyarray(py));
    }
    result
}
