//! Forecasts judged out of time.

use crate::errors::{Raised, Result};
use crate::json;
use crate::model::Model;
use crate::numbers::contiguous;
use crate::table::Table;
use crate::value::rfm_arrays;
use numpy::{IntoPyArray, PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use tierwise::value::{self, PurchaseModel};
use tierwise_arrow::{Keys, with_key};

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
    fn new(
        py: Python<'_>,
        orders: &Table,
        customer: &str,
        date: &str,
        amount: &str,
        known_until: i32,
        end: i32,
    ) -> Result<Self> {
        let (keys, split) = py.detach(|| orders.table.holdout(customer, date, amount, known_until, end))?;
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

/// Expected and actual purchases over time, as JSON.
#[pyfunction]
#[allow(clippy::too_many_arguments)] // a private boundary: the public function takes them by keyword
pub(crate) fn tracking(
    py: Python<'_>,
    model: &Model,
    orders: &Table,
    customer: &str,
    date: &str,
    known_until: i32,
    end: i32,
    step_days: u32,
) -> Result<String> {
    let model: &PurchaseModel = model.is()?;
    let found = py.detach(|| {
        let (codes, keys) = orders.table.keys(customer)?;
        let names: Vec<&str> = model.covariates().iter().map(|one| one.name.as_str()).collect();
        let columns = names.iter().map(|name| orders.table.numbers(name)).collect::<tierwise::Result<Vec<_>>>()?;
        let covariates: Vec<(&str, &[f64])> = names.into_iter().zip(columns.iter().map(|column| &**column)).collect();
        let days = orders.table.days(date, |row| keys.name(codes[row] as usize))?;
        value::tracking(model, &codes, &days, known_until, end, step_days, &covariates)
            .map_err(|error| with_key(error, &keys))
    });
    json::write(&found.map_err(Raised)?.points)
}
