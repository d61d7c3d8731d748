//! The sales equation, classes by share of the money, concentration, customers × products.

use crate::errors::{Raised, Result};
use crate::json;
use crate::model::Model;
use crate::money::Money;
use crate::numbers::contiguous;
use crate::table::{Table, key_values};
use crate::value::{direction, tiered};
use numpy::{IntoPyArray, PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::collections::BTreeMap;
use tierwise::Error;
use tierwise::evaluate::{Bootstrap, BootstrapInterval};
use tierwise::value::{self, SalesFactors, SalesRules, Tiers};

type Floats<'py> = Bound<'py, PyArray1<f64>>;
/// A group, its six factors, and new buyers, retained, sales, returns of others.
type Period = (String, [f64; 6], [f64; 4]);
/// Value, low, high, standard error, confidence, replicates.
type Interval<'py> = (f64, f64, f64, f64, f64, Floats<'py>);
/// A lever, its value, what it is moved to, whether it stopped, the effect, the elasticity.
type Lever = (&'static str, f64, f64, bool, f64, f64);
/// A lever, its value, what is needed of it, and that as a relative change.
type Target = (&'static str, f64, Option<f64>, Option<f64>);

/// The factors of the sales of a period, per group where a column of groups is named.
#[pyfunction]
#[allow(clippy::too_many_arguments)] // a private boundary: the public function takes them by keyword
pub(crate) fn sales_of_period(
    py: Python<'_>,
    orders: &Table,
    money: Money,
    date: &str,
    group: Option<String>,
    period: (i32, i32),
    leads: BTreeMap<String, f64>,
    rules: &str,
) -> Result<Vec<Period>> {
    let rules: SalesRules = json::read(rules, "")?;
    let money = money.columns()?;
    let found = py.detach(|| orders.table.sales_of_period(&money, date, group.as_deref(), period, &leads, &rules))?;
    let of = |one: value::SalesOfPeriod| [one.new_buyers, one.retained, one.sales, one.returns_of_others];
    Ok(found.into_iter().map(|(name, one)| (name, one.factors.values(), of(one))).collect())
}

/// The sales of six factors.
#[pyfunction]
pub(crate) fn sales(factors: [f64; 6]) -> Result<f64> {
    Ok(SalesFactors::from_values(factors).sales()?)
}

/// Sales before, after, their change, and the six effects.
#[pyfunction]
pub(crate) fn split_sales(before: [f64; 6], after: [f64; 6]) -> Result<(f64, f64, f64, [f64; 6])> {
    let split = value::split_sales(&SalesFactors::from_values(before), &SalesFactors::from_values(after))?;
    Ok((split.before, split.after, split.change, split.effects))
}

/// Sales before, after, their change, the eight effects, and those of each group.
#[pyfunction]
#[allow(clippy::type_complexity)]
pub(crate) fn split_sales_by_group(
    before: Vec<[f64; 6]>,
    after: Vec<[f64; 6]>,
) -> Result<(f64, f64, f64, [f64; 8], Vec<[f64; 8]>)> {
    let factors = |rows: Vec<[f64; 6]>| rows.into_iter().map(SalesFactors::from_values).collect::<Vec<_>>();
    let split = value::split_sales_by_group(&factors(before), &factors(after))?;
    let groups = split.groups.iter().map(value::GroupEffects::values).collect();
    Ok((split.before, split.after, split.change, split.effects.values(), groups))
}

/// What a relative change of each lever does.
#[pyfunction]
pub(crate) fn sales_levers(factors: [f64; 6], change: f64) -> Result<Vec<Lever>> {
    let levers = SalesFactors::from_values(factors).levers(change)?;
    let of = |one: value::LeverEffect| (one.lever, one.value, one.moved_to, one.stopped, one.effect, one.elasticity);
    Ok(levers.into_iter().map(of).collect())
}

/// What each lever would have to be.
#[pyfunction]
pub(crate) fn sales_needed(factors: [f64; 6], target: f64) -> Result<Vec<Target>> {
    let levers = SalesFactors::from_values(factors).needed(target)?;
    let of = |one: value::LeverTarget| (one.lever, one.value, one.needed, one.relative_change);
    Ok(levers.into_iter().map(of).collect())
}

/// Classes by share of the money, and the class of each value as a position in `names`.
#[pyfunction]
pub(crate) fn tiers_by_money<'py>(
    py: Python<'py>,
    feature: &str,
    values: PyReadonlyArray1<'py, f64>,
    names: Vec<String>,
    shares: Vec<f64>,
) -> Result<(Model, Bound<'py, PyArray1<i64>>)> {
    Ok(tiered(py, Tiers::by_share_of_money(feature, &contiguous(&values), &names, &shares)?))
}

/// Tiers between natural breaks, and the tier of each value; -1 for unknown.
#[pyfunction]
pub(crate) fn tiers_by_breaks<'py>(
    py: Python<'py>,
    feature: &str,
    values: PyReadonlyArray1<'py, f64>,
    names: Vec<String>,
    higher_is_better: bool,
) -> Result<(Model, Bound<'py, PyArray1<i64>>)> {
    let values = contiguous(&values);
    let found = py.detach(|| Tiers::by_natural_breaks(feature, &values, &names, direction(higher_is_better)))?;
    Ok(tiered(py, found))
}

/// Where the curve of money is highest: customers and share.
#[pyfunction]
pub(crate) fn share_peak(values: PyReadonlyArray1<'_, f64>) -> Result<(usize, f64)> {
    Ok(value::share_peak(&contiguous(&values))?)
}

/// How concentrated money is: customers, total, the share from the top, the Gini coefficient, the index of Herfindahl, and
/// the effective number of customers, and findings.
#[pyfunction]
#[allow(clippy::type_complexity)]
pub(crate) fn concentration<'py>(
    py: Python<'py>,
    values: PyReadonlyArray1<'py, f64>,
    top: f64,
    seed: u64,
    replicates: usize,
    confidence: f64,
) -> Result<(usize, f64, Interval<'py>, Option<Interval<'py>>, Option<Interval<'py>>, Option<f64>, Vec<String>)> {
    let values = contiguous(&values);
    let bootstrap = Bootstrap::new(seed).replicates(replicates).confidence(confidence);
    let found = py.detach(|| value::concentration(&values, top, &bootstrap))?;
    let of = |one: BootstrapInterval| interval(py, one);
    let (gini, herfindahl) = (found.gini.map(of), found.herfindahl.map(of));
    let top = of(found.top_share);
    Ok((found.customers, found.total, top, gini, herfindahl, found.effective_customers, found.findings))
}

fn interval(py: Python<'_>, one: BootstrapInterval) -> Interval<'_> {
    (one.value, one.low, one.high, one.standard_error, one.confidence, one.replicates.into_pyarray(py))
}

/// What is wrong with the amounts, of the parameter that names their column.
fn of_the_column(error: Error) -> Error {
    match error {
        Error::InvalidParameter { of, name: "amounts", must_be, got } => {
            Error::InvalidParameter { of, name: "amount", must_be, got }
        }
        other => other,
    }
}

/// Customers and products by class, and where they meet, by name.
#[pyfunction]
pub(crate) fn customers_by_products<'py>(
    py: Python<'py>,
    orders: &Table,
    money: Money,
    product: &str,
    names: Vec<String>,
    shares: Vec<f64>,
) -> PyResult<Bound<'py, PyDict>> {
    let money = money.columns()?;
    let found = py.detach(|| orders.table.customers_by_products(&money, product, &names, &shares));
    let (customer_keys, product_keys, found) = found.map_err(|error| Raised(of_the_column(error)))?;
    let best = found.products_of_the_best;
    let floats = |of: fn(&value::ProductOfTheBest) -> f64| best.iter().map(of).collect::<Vec<_>>().into_pyarray(py);
    let result = PyDict::new(py);
    result.set_item("money", found.money)?;
    result
        .set_item("best_product", best.iter().map(|one| i64::from(one.product)).collect::<Vec<_>>().into_pyarray(py))?;
    result.set_item("best_money", floats(|one| one.money))?;
    result.set_item("best_share", floats(|one| one.share_of_the_best))?;
    result.set_item("best_share_of_all", floats(|one| one.share_of_all))?;
    result
        .set_item("best_customers", best.iter().map(|one| one.customers as i64).collect::<Vec<_>>().into_pyarray(py))?;
    for (what, keys, classed) in
        [("customer", customer_keys, found.customers), ("product", product_keys, found.products)]
    {
        result.set_item(what, key_values(py, keys)?)?;
        result.set_item(format!("{what}_money"), classed.money.into_pyarray(py))?;
        let (tiers, classes) = tiered(py, classed.classes);
        result.set_item(format!("{what}_class"), classes)?;
        result.set_item(format!("{what}_tiers"), Bound::new(py, tiers)?)?;
    }
    Ok(result)
}
