//! Figures of ranking.

use super::{Outcome, judge};
use crate::errors::Result;
use numpy::PyReadonlyArray1;
use pyo3::prelude::*;
use tierwise::evaluate::{self, AucScale};

/// A score, sorted once.
#[pyclass(frozen, module = "tierwise._tierwise")]
pub(crate) struct Ranking {
    ranking: evaluate::Ranking,
}

#[pymethods]
impl Ranking {
    #[new]
    fn new(py: Python<'_>, outcome: &Outcome, scores: PyReadonlyArray1<'_, f64>) -> PyResult<Self> {
        Ok(Self { ranking: judge(py, outcome, &scores, evaluate::Ranking::new)? })
    }

    fn totals(&self) -> (f64, f64) {
        self.ranking.totals()
    }

    fn distinct(&self) -> usize {
        self.ranking.scores().len()
    }

    fn roc_auc(&self) -> f64 {
        self.ranking.roc_auc()
    }

    fn gini(&self) -> f64 {
        self.ranking.gini()
    }

    fn average_precision(&self) -> f64 {
        self.ranking.average_precision()
    }

    /// Value, cut, and whether the score points the wrong way.
    fn kolmogorov_smirnov(&self) -> (f64, f64, bool) {
        let found = self.ranking.kolmogorov_smirnov();
        (found.value, found.cut, found.reversed)
    }

    /// Value, standard error and the ends of the interval.
    fn roc_auc_interval(&self, confidence: f64, plain: bool) -> Result<(f64, f64, f64, f64)> {
        let scale = if plain { AucScale::Plain } else { AucScale::Logit };
        let auc = self.ranking.roc_auc_interval(confidence, scale)?;
        Ok((auc.value, auc.standard_error, auc.low, auc.high))
    }
}

/// First and second area, their difference, its standard error and the ends of its interval, z and the p-value.
#[pyfunction]
#[allow(clippy::type_complexity)] // named by the Python class that it fills
pub(crate) fn compare_roc_auc(
    py: Python<'_>,
    outcome: &Outcome,
    first: PyReadonlyArray1<'_, f64>,
    second: PyReadonlyArray1<'_, f64>,
    confidence: f64,
) -> PyResult<(f64, f64, f64, f64, f64, f64, f64, f64)> {
    let second = second.as_slice()?;
    let one =
        judge(py, outcome, &first, |outcome, first| evaluate::compare_roc_auc(outcome, first, second, confidence))?;
    Ok((one.first, one.second, one.difference, one.standard_error, one.low, one.high, one.z, one.p_value))
}
