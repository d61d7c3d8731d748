//! A table on its way in.

use crate::errors::{Raised, Result};
use crate::{capsule, numbers};
use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow_schema::{Field, Schema};
use numpy::{IntoPyArray, PyArray1};
use pyo3::prelude::*;
use pyo3::types::PyList;
use std::sync::Arc;
use tierwise::{Columns, Error, Feature};
use tierwise_arrow::Keys;

/// Named columns of equal length.
#[pyclass(frozen, module = "tierwise._tierwise")]
pub(crate) struct Table {
    pub(crate) table: tierwise_arrow::Table,
}

#[pymethods]
impl Table {
    /// From an object with `__arrow_c_stream__`.
    #[staticmethod]
    fn from_stream(frame: &Bound<'_, PyAny>) -> PyResult<Self> {
        Ok(Self { table: tierwise_arrow::Table::new(capsule::batches(frame)?) })
    }

    /// From pairs of a name and a one-dimensional array, or a pair of codes and levels in its place.
    #[staticmethod]
    fn from_columns(columns: Vec<(String, Bound<'_, PyAny>)>) -> PyResult<Self> {
        let mut fields = Vec::with_capacity(columns.len());
        let mut arrays: Vec<ArrayRef> = Vec::with_capacity(columns.len());
        for (name, values) in &columns {
            let array = numbers::array(values)?;
            let rows = arrays.first().map_or(array.len(), |first| first.len());
            if array.len() != rows {
                let what = format!("column `{name}`");
                return Err(
                    crate::errors::Raised(Error::WrongLength { what, expected: rows, found: array.len() }).into()
                );
            }
            fields.push(Field::new(name, array.data_type().clone(), true));
            arrays.push(array);
        }
        let rows = arrays.first().map_or(0, |first| first.len());
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        let batch = RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), arrays, &options);
        let batch = batch.map_err(|error| pyo3::exceptions::PyValueError::new_err(error.to_string()))?;
        Ok(Self { table: tierwise_arrow::Table::new(vec![batch]) })
    }

    fn __len__(&self) -> usize {
        self.table.rows()
    }

    /// The names of the columns.
    fn column_names(&self) -> Vec<String> {
        self.table.column_names()
    }

    /// The features of the columns, as JSON.
    fn infer_features(&self, except_: Vec<String>, categories: Vec<String>) -> Result<String> {
        Ok(to_json(&self.table.infer_features(&except_, &categories)?))
    }

    /// The features of the columns, as JSON, identifiers included; with the levels of another table.
    fn infer_all_features(&self, test: Option<&Self>, except_: Vec<String>, categories: Vec<String>) -> Result<String> {
        Ok(to_json(&self.table.infer_all_features(test.map(|test| &test.table), &except_, &categories)?))
    }

    /// The columns that hold dates.
    fn date_columns(&self) -> Vec<String> {
        self.table.date_columns()
    }

    /// The values of features (JSON) as one array each, NaN for unknown; `checked` as for a model of those features.
    fn values<'py>(&self, py: Python<'py>, features: &str, checked: bool) -> Result<Vec<Bound<'py, PyArray1<f64>>>> {
        let features = features_from(features)?;
        let values = py.detach(|| {
            let values = self.table.values(&features)?;
            if checked {
                Columns::in_order(&features, values.iter().map(Vec::as_slice).collect())?;
            }
            Ok::<_, Error>(values)
        })?;
        Ok(values.into_iter().map(|column| column.into_pyarray(py)).collect())
    }

    /// A column of labels as text, None for unknown.
    fn labels(&self, column: &str) -> Result<Vec<Option<String>>> {
        Ok(self.table.labels(column)?)
    }

    /// A column of names as positions among `names`, -1 for unknown; `what` says what is named.
    fn positions<'py>(
        &self,
        py: Python<'py>,
        column: &str,
        what: &str,
        names: Vec<String>,
    ) -> Result<Bound<'py, PyArray1<i64>>> {
        let places = self.table.positions(column, what, &names)?;
        Ok(places.into_iter().map(|place| place.map_or(-1, i64::from)).collect::<Vec<_>>().into_pyarray(py))
    }

    /// A column of keys as codes, and the keys in ascending order; every row needs one.
    fn keys<'py>(&self, py: Python<'py>, column: &str) -> PyResult<(Bound<'py, PyArray1<u32>>, Py<PyAny>)> {
        let (codes, keys) = py.detach(|| self.table.keys(column)).map_err(Raised)?;
        Ok((codes.into_pyarray(py), key_values(py, keys)?))
    }
}

/// The distinct keys as Python has them: an array of whole numbers, or a list of texts.
pub(crate) fn key_values(py: Python<'_>, keys: Keys) -> PyResult<Py<PyAny>> {
    Ok(match keys {
        Keys::Integers(keys) => keys.into_pyarray(py).into_any().unbind(),
        Keys::Texts(keys) => PyList::new(py, keys)?.into_any().unbind(),
    })
}

/// Features from JSON, checked.
pub(crate) fn features_from(json: &str) -> Result<Vec<Feature>> {
    let features: Vec<Feature> = serde_json::from_str(json)
        .map_err(|error| Error::InvalidSetting { path: "features".into(), reason: error.to_string() })?;
    tierwise::feature::check_features(&features)?;
    Ok(features)
}

pub(crate) fn to_json(features: &[Feature]) -> String {
    // A list of names, kinds and levels always has a JSON form.
    serde_json::to_string(features).unwrap_or_default()
}
