//! Figures of ranking.

use super::decisions::{counts, payoff_of};
use super::{Outcome, columns, judge};
use crate::errors::{Raised, Result};
use numpy::{IntoPyArray, PyReadonlyArray1};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use tierwise::evaluate::{self, AucScale, Goal};

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

    fn roc_auc(&self, py: Python<'_>) -> f64 {
        py.detach(|| self.ranking.roc_auc())
    }

    fn gini(&self, py: Python<'_>) -> f64 {
        py.detach(|| self.ranking.gini())
    }

    fn average_precision(&self, py: Python<'_>) -> f64 {
        py.detach(|| self.ranking.average_precision())
    }

    /// Value, cut, and whether the score points the wrong way.
    fn kolmogorov_smirnov(&self, py: Python<'_>) -> (f64, f64, bool) {
        let found = py.detach(|| self.ranking.kolmogorov_smirnov());
        (found.value, found.cut, found.reversed)
    }

    fn partial_roc_auc(&self, py: Python<'_>, most: f64) -> Result<f64> {
        Ok(py.detach(|| self.ranking.partial_roc_auc(most))?)
    }

    fn roc_curve<'py>(&self, py: Python<'py>, drop_intermediate: bool) -> PyResult<Bound<'py, PyDict>> {
        let curve = py.detach(|| self.ranking.roc_curve(drop_intermediate));
        let table = PyDict::new(py);
        table.set_item("cut", curve.cuts.into_pyarray(py))?;
        table.set_item("false_positive_rate", curve.false_positive_rates.into_pyarray(py))?;
        table.set_item("true_positive_rate", curve.true_positive_rates.into_pyarray(py))?;
        Ok(table)
    }

    fn precision_recall_curve<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let curve = py.detach(|| self.ranking.precision_recall_curve());
        let table = PyDict::new(py);
        table.set_item("cut", curve.cuts.into_pyarray(py))?;
        table.set_item("precision", curve.precisions.into_pyarray(py))?;
        table.set_item("recall", curve.recalls.into_pyarray(py))?;
        Ok(table)
    }

    fn lift_table<'py>(&self, py: Python<'py>, shares: Vec<f64>) -> PyResult<Bound<'py, PyDict>> {
        let rows = py.detach(|| self.ranking.lift_table(&shares).map_err(Raised))?;
        columns(
            py,
            &rows,
            &[
                ("share", |row| row.share),
                ("weight", |row| row.weight),
                ("cut", |row| row.cut),
                ("events", |row| row.events),
                ("rate", |row| row.rate),
                ("capture", |row| row.capture),
                ("lift", |row| row.lift),
            ],
        )
    }

    fn precision_at(&self, py: Python<'_>, k: usize) -> Result<f64> {
        Ok(py.detach(|| self.ranking.precision_at(k))?)
    }

    fn success_at(&self, py: Python<'_>, k: usize) -> Result<f64> {
        Ok(py.detach(|| self.ranking.success_at(k))?)
    }

    #[pyo3(signature = (k))]
    fn ndcg_at(&self, py: Python<'_>, k: Option<usize>) -> Result<f64> {
        Ok(py.detach(|| self.ranking.ndcg_at(k))?)
    }

    /// The four counts.
    fn confusion(&self, py: Python<'_>, cut: f64) -> Result<[f64; 4]> {
        Ok(counts(&py.detach(|| self.ranking.confusion(cut))?))
    }

    /// The cut, the figure and the four counts.
    #[pyo3(signature = (goal, payoff))]
    fn best_cut(&self, py: Python<'_>, goal: &str, payoff: Option<[f64; 4]>) -> Result<(f64, f64, [f64; 4])> {
        let goal = match goal {
            "f1" => Goal::F1,
            "youden" => Goal::Youden,
            _ => Goal::Profit(payoff_of(payoff.unwrap_or_default())),
        };
        let best = py.detach(|| self.ranking.best_cut(goal))?;
        Ok((best.cut, best.value, counts(&best.confusion)))
    }

    fn profit_curve<'py>(&self, py: Python<'py>, payoff: [f64; 4]) -> PyResult<Bound<'py, PyDict>> {
        let rows = py.detach(|| self.ranking.profit_curve(&payoff_of(payoff)).map_err(Raised))?;
        columns(
            py,
            &rows,
            &[
                ("cut", |row| row.cut),
                ("called", |row| row.called),
                ("share", |row| row.share),
                ("profit", |row| row.profit),
            ],
        )
    }

    /// Value, standard error and the ends of the interval.
    fn roc_auc_interval(&self, py: Python<'_>, confidence: f64, plain: bool) -> Result<(f64, f64, f64, f64)> {
        let scale = if plain { AucScale::Plain } else { AucScale::Logit };
        let auc = py.detach(|| self.ranking.roc_auc_interval(confidence, scale))?;
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
