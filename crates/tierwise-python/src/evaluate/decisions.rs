//! Where to cut.

use super::{Outcome, columns, judge};
use crate::errors::Raised;
use numpy::PyReadonlyArray1;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use tierwise::evaluate::{self, Confusion, Payoff};

/// The net benefit at each threshold, as arrays by the name of the column.
#[pyfunction]
pub(crate) fn decision_curve<'py>(
    py: Python<'py>,
    outcome: &Outcome,
    probabilities: PyReadonlyArray1<'_, f64>,
    thresholds: Vec<f64>,
) -> PyResult<Bound<'py, PyDict>> {
    let rows =
        judge(py, outcome, &probabilities, |outcome, given| evaluate::decision_curve(outcome, given, &thresholds))?;
    columns(
        py,
        &rows,
        &[
            ("threshold", |row| row.threshold),
            ("net_benefit", |row| row.net_benefit),
            ("net_benefit_of_all", |row| row.net_benefit_of_all),
            ("share", |row| row.share),
        ],
    )
}

/// The cut, how many it calls, the next score, how many share it, and how many of them could be called.
#[pyfunction]
#[pyo3(signature = (scores, weights, capacity))]
pub(crate) fn cut_for_capacity(
    py: Python<'_>,
    scores: PyReadonlyArray1<'_, f64>,
    weights: Option<PyReadonlyArray1<'_, f64>>,
    capacity: f64,
) -> PyResult<(f64, f64, Option<f64>, f64, f64)> {
    let weights = weights.as_ref().map(PyReadonlyArray1::as_slice).transpose()?;
    let scores = scores.as_slice()?;
    let found = py.detach(|| evaluate::cut_for_capacity(scores, weights, capacity).map_err(Raised))?;
    Ok((found.cut, found.called, found.next_score, found.tied, found.spare))
}

/// A share, where it is defined.
type Rate = Option<f64>;

/// Called, total, accuracy, precision, recall, specificity, F1, Youden's J, Matthews' correlation and kappa.
#[pyfunction]
#[allow(clippy::type_complexity)] // named by the Python class that it fills
pub(crate) fn confusion_figures(counts: [f64; 4]) -> (f64, f64, Rate, Rate, Rate, Rate, Rate, Rate, Rate, Rate) {
    let [true_positives, false_positives, false_negatives, true_negatives] = counts;
    let all = Confusion { true_positives, false_positives, false_negatives, true_negatives };
    (
        all.called(),
        all.total(),
        all.accuracy(),
        all.precision(),
        all.recall(),
        all.specificity(),
        all.f1(),
        all.youden(),
        all.matthews_correlation(),
        all.kappa(),
    )
}

/// True and false positives, false and true negatives, as Python's class has them.
pub(super) fn counts(found: &Confusion) -> [f64; 4] {
    [found.true_positives, found.false_positives, found.false_negatives, found.true_negatives]
}

/// In the same order.
pub(super) fn payoff_of([true_positive, false_positive, false_negative, true_negative]: [f64; 4]) -> Payoff {
    Payoff { true_positive, false_positive, false_negative, true_negative }
}
