//! Quantiles that merge.

use crate::errors::Result;
use crate::json;
use numpy::PyReadonlyArray1;
use pyo3::prelude::*;
use tierwise::Summary;
use tierwise::learn;

/// A sketch of quantiles.
#[pyclass(module = "tierwise._tierwise")]
pub(crate) struct QuantileSketch {
    sketch: learn::QuantileSketch,
}

#[pymethods]
impl QuantileSketch {
    #[new]
    fn new(capacity: usize) -> Result<Self> {
        Ok(Self { sketch: learn::QuantileSketch::new(capacity)? })
    }

    /// Reads what `to_json` wrote.
    #[staticmethod]
    fn from_json(text: &str) -> Result<Self> {
        Ok(Self { sketch: json::read(text, "sketch")? })
    }

    fn to_json(&self) -> Result<String> {
        json::write(&self.sketch)
    }

    /// Adds values; NaN is unknown.
    fn add(&mut self, py: Python<'_>, values: PyReadonlyArray1<'_, f64>) -> Result<()> {
        let values: Vec<f64> = values.as_array().iter().copied().collect();
        let sketch = &mut self.sketch;
        Ok(py.detach(|| sketch.add_all(&values))?)
    }

    /// Adds another part's sketch.
    fn merge(&mut self, other: PyRef<'_, Self>) -> Result<()> {
        Ok(self.sketch.merge(&other.sketch)?)
    }

    /// Known rows, unknown rows, and by what share of the known ones a rank may be off.
    fn state(&self) -> (u64, u64, f64) {
        (self.sketch.rows(), self.sketch.unknown(), self.sketch.rank_error())
    }

    /// The quantiles of shares; none before any value.
    fn quantiles(&self, shares: Vec<f64>) -> Result<Option<Vec<f64>>> {
        Ok(self.sketch.quantiles(&shares)?)
    }

    /// Cut points for so many bins.
    fn cuts(&self, bins: usize) -> Result<Vec<f64>> {
        Ok(self.sketch.cuts(bins)?)
    }
}
