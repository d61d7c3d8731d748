//! The columns of a log in which money stands, on their way in, and the lines that stand in it twice.

use crate::errors::{Raised, Result};
use crate::json;
use crate::numbers::row_numbers;
use crate::table::{Table, key_values};
use numpy::{IntoPyArray, PyArray1};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::collections::BTreeMap;
use tierwise::value::repeated_lines_finding;
use tierwise_arrow::MoneyColumns;

/// Customer, amount, currency, rates, id, and what to do with duplicates.
#[derive(FromPyObject)]
pub(crate) struct Money(String, String, Option<String>, Option<BTreeMap<String, f64>>, Option<String>, Option<String>);

impl Money {
    pub(crate) fn columns(&self) -> Result<MoneyColumns<'_>> {
        Ok(MoneyColumns {
            currency: self.2.as_deref(),
            rates: self.3.as_ref(),
            id: self.4.as_deref(),
            duplicates: self.5.as_ref().map(|name| json::read(&format!("\"{name}\""), "duplicates")).transpose()?,
            ..MoneyColumns::new(&self.0, &self.1)
        })
    }
}

/// The lines of a log that repeat an earlier one, as arrays by name, and what is found, in words.
#[pyfunction]
#[pyo3(signature = (orders, customer, columns, line_id))]
pub(crate) fn repeated_lines<'py>(
    py: Python<'py>,
    orders: &Table,
    customer: &str,
    columns: Vec<String>,
    line_id: Option<String>,
) -> PyResult<(Bound<'py, PyDict>, Option<String>)> {
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    let found = py.detach(|| orders.table.repeated_lines(customer, &columns, line_id.as_deref()));
    let (customers, keys, repeats) = found.map_err(Raised)?;
    let key = |row: usize| keys.name(customers[row] as usize).unwrap_or_default();
    let finding = repeated_lines_finding(&repeats, key);
    let result = PyDict::new(py);
    let codes: Vec<i64> = repeats.iter().map(|repeat| i64::from(customers[repeat.row])).collect();
    result.set_item("codes", codes.into_pyarray(py))?;
    result.set_item("keys", key_values(py, keys)?)?;
    let rows: [Vec<usize>; 2] =
        [repeats.iter().map(|one| one.row).collect(), repeats.iter().map(|one| one.first_row).collect()];
    let [row, first_row]: [Bound<'py, PyArray1<i64>>; 2] = rows.map(|rows| row_numbers(py, &rows));
    result.set_item("row", row)?;
    result.set_item("first_row", first_row)?;
    Ok((result, finding))
}
