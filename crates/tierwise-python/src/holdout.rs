//! Forecasts judged out of time.

use crate::errors::{Raised, Result};
use crate::json;
use crate::model::Model;
use crate::money::Money;
use crate::numbers::contiguous;
use crate::table::Table;
use crate::value::rfm_arrays;
use numpy::{IntoPyArray, PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use tierwise::Error;
use tierwise::value::{self, PurchaseModel, RfmRules};
use tierwise_arrow::{Keys, RfmColumns, with_key};

type Floats<'py> = Bound<'py, PyArray1<f64>>;

/// Customers as they were known on a day, and what they did after it.
#[pyclass(frozen, module = "tierwise._tierwise")]
pub(crate) struct Holdout {
    keys: Keys,
    split: value::Holdout,
}

#[pymethods]
impl Holdout {
    #[new]
    #[allow(clippy::too_many_arguments)] // a private boundary: the public function takes them by keyword
    fn new(
        py: Python<'_>,
        orders: &Table,
        money: Money,
        date: &str,
        columns: [Option<String>; 2],
        rules: &str,
        known_until: i32,
        end: i32,
    ) -> Result<Self> {
        let rules: RfmRules = json::read(rules, "")?;
        let [margin, order] = columns.each_ref().map(Option::as_deref);
        let (money, columns) = (money.columns()?, RfmColumns { date, margin, order, line: None });
        let (keys, split) = py.detach(|| orders.table.holdout(&money, columns, &rules, known_until, end))?;
        Ok(Self { keys, split })
    }

    /// The customers as they were known, as arrays by name.
    fn known<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let keys = match &self.keys {
            Keys::Integers(keys) => Keys::Integers(keys.clone()),
            Keys::Texts(keys) => Keys::Texts(keys.clone()),
        };
        rfm_arrays(py, keys, self.split.known.clone())
    }

    /// Later purchases and later spend.
    fn later<'py>(&self, py: Python<'py>) -> (Floats<'py>, Floats<'py>) {
        (self.split.purchases.clone().into_pyarray(py), self.split.spend.clone().into_pyarray(py))
    }

    /// Sentences on returns.
    fn findings(&self) -> Vec<String> {
        self.split.findings.clone()
    }

    /// Days until the end.
    fn days(&self) -> f64 {
        self.split.days
    }

    /// The judgement, as JSON.
    fn judge(
        &self,
        py: Python<'_>,
        purchases: PyReadonlyArray1<'_, f64>,
        value: PyReadonlyArray1<'_, f64>,
        top: f64,
        seed: u64,
    ) -> Result<String> {
        let (purchases, value) = (contiguous(&purchases), contiguous(&value));
        let judged = py.detach(|| self.split.judge(&purchases, &value, top, seed));
        json::write(&judged.map_err(|error| Raised(with_key(error, &self.keys)))?)
    }
}

/// Expected and actual purchases over time, as JSON. With a column of amounts, rows below 0 are returns and left out, or refused.
#[pyfunction]
#[pyo3(signature = (model, orders, customer, date, amount, refuse_returns, known_until, end, step_days))]
#[allow(clippy::too_many_arguments)] // a private boundary: the public function takes them by keyword
pub(crate) fn tracking(
    py: Python<'_>,
    model: &Model,
    orders: &Table,
    customer: &str,
    date: &str,
    amount: Option<&str>,
    refuse_returns: bool,
    known_until: i32,
    end: i32,
    step_days: u32,
) -> Result<String> {
    let model: &PurchaseModel = model.is()?;
    let found = py.detach(|| {
        let (codes, keys) = orders.table.keys(customer)?;
        let names: Vec<&str> = model.covariates().iter().map(|one| one.name.as_str()).collect();
        let columns = names.iter().map(|name| orders.table.numbers(name)).collect::<tierwise::Result<Vec<_>>>()?;
        let days = orders.table.days(date, |row| keys.name(codes[row] as usize))?;
        let rows = match amount {
            Some(amount) => {
                purchases(&orders.table.numbers(amount)?, refuse_returns, |row| keys.name(codes[row] as usize))?
            }
            None => (0..codes.len()).collect(),
        };
        let columns: Vec<Vec<f64>> = columns.iter().map(|column| of_rows(column, &rows)).collect();
        let covariates: Vec<(&str, &[f64])> = names.into_iter().zip(columns.iter().map(|column| &**column)).collect();
        let (codes, days) = (of_rows(&codes, &rows), of_rows(&days, &rows));
        value::tracking(model, &codes, &days, known_until, end, step_days, &covariates)
            .map_err(|error| with_key(in_table(error, &rows), &keys))
    });
    json::write(&found.map_err(Raised)?.points)
}

/// The rows of a log that are no returns.
fn purchases(amounts: &[f64], refuse: bool, key: impl Fn(usize) -> Option<String>) -> tierwise::Result<Vec<usize>> {
    let invalid = |row: usize, must_be: &str| {
        let (what, found) = ("the amount".into(), amounts[row].to_string());
        Err(Error::InvalidValue { what, row, key: key(row), found, must_be: must_be.into() })
    };
    if let Some(row) = amounts.iter().position(|amount| !amount.is_finite()) {
        return invalid(row, "amounts must be finite numbers; leave the row out or mend it");
    }
    if let Some(row) = amounts.iter().position(|&amount| refuse && amount < 0.0) {
        return invalid(row, "returns are refused; choose what is to happen to them");
    }
    Ok((0..amounts.len()).filter(|&row| amounts[row] >= 0.0).collect())
}

fn of_rows<T: Copy>(column: &[T], rows: &[usize]) -> Vec<T> {
    rows.iter().map(|&row| column[row]).collect()
}

/// An error about rows that were picked, with the row of the table.
fn in_table(error: Error, rows: &[usize]) -> Error {
    match error {
        Error::InvalidValue { what, row, key, found, must_be } => {
            Error::InvalidValue { what, row: rows[row], key, found, must_be }
        }
        other => other,
    }
}
