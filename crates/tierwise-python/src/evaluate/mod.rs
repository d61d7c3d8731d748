//! Evaluation: what came, what was said, and how well that went together.

pub(crate) mod backtest;
pub(crate) mod before_after;
pub(crate) mod bootstrap;
pub(crate) mod decisions;
pub(crate) mod drift;
pub(crate) mod fairness;
pub(crate) mod numbers;
pub(crate) mod probability;
pub(crate) mod promotion;
pub(crate) mod ranking;
pub(crate) mod report;
pub(crate) mod survival;
pub(crate) mod uplift;

use crate::errors::{Raised, Result};
use crate::fit::outcome_of;
use crate::table::Table;
use numpy::{IntoPyArray, PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;
use pyo3::types::PyDict;

type Floats<'py> = Bound<'py, PyArray1<f64>>;

/// A name and what a row has there.
type Column<'a, R> = (&'a str, fn(&R) -> f64);

/// An outcome with its weights.
#[pyclass(frozen, module = "tierwise._tierwise")]
pub(crate) struct Outcome {
    outcome: tierwise::Outcome<'static>,
}

#[pymethods]
impl Outcome {
    /// 1 for the positive class and 0 for the other.
    fn values<'py>(&self, py: Python<'py>) -> Floats<'py> {
        PyArray1::from_slice(py, self.outcome.values())
    }

    /// From numbers; `positive` may be left out for ones and zeros.
    #[staticmethod]
    #[pyo3(signature = (name, numbers, positive, weights))]
    fn from_numbers(
        py: Python<'_>,
        name: &str,
        numbers: PyReadonlyArray1<'_, f64>,
        positive: Option<f64>,
        weights: Option<PyReadonlyArray1<'_, f64>>,
    ) -> PyResult<Self> {
        let numbers = numbers.as_slice()?;
        let weights = weights.as_ref().map(PyReadonlyArray1::as_slice).transpose()?;
        let outcome: Result<tierwise::Outcome<'static>> = py.detach(|| {
            let outcome = tierwise::Outcome::numbers(name, numbers, positive)?;
            Ok(match weights {
                Some(weights) => outcome.weights(weights.to_vec())?,
                None => outcome,
            })
        });
        Ok(Self { outcome: outcome? })
    }

    /// From a table whose column `name` holds labels.
    #[staticmethod]
    #[pyo3(signature = (table, name, positive, weights))]
    fn from_labels(
        py: Python<'_>,
        table: &Table,
        name: &str,
        positive: &str,
        weights: Option<PyReadonlyArray1<'_, f64>>,
    ) -> PyResult<Self> {
        let weights = weights.as_ref().map(PyReadonlyArray1::as_slice).transpose()?;
        let outcome = py.detach(|| outcome_of(table, name, positive, weights, None).map_err(Raised));
        Ok(Self { outcome: outcome? })
    }
}

/// Rows of a table as arrays by the name of the column.
fn columns<'py, R>(py: Python<'py>, rows: &[R], columns: &[Column<'_, R>]) -> PyResult<Bound<'py, PyDict>> {
    let table = PyDict::new(py);
    for (name, of) in columns {
        table.set_item(name, rows.iter().map(of).collect::<Vec<f64>>().into_pyarray(py))?;
    }
    Ok(table)
}

/// Computes from an outcome and the scores of the same rows, without the interpreter's lock.
fn judge<R: Send>(
    py: Python<'_>,
    outcome: &Outcome,
    scores: &PyReadonlyArray1<'_, f64>,
    work: impl Send + FnOnce(&tierwise::Outcome<'static>, &[f64]) -> tierwise::Result<R>,
) -> PyResult<R> {
    let scores = scores.as_slice()?;
    let result: Result<R> = py.detach(|| work(&outcome.outcome, scores).map_err(Raised));
    Ok(result?)
}
