//! Figures by group.

use super::{Outcome, judge};
use crate::json;
use numpy::PyReadonlyArray1;
use pyo3::prelude::*;
use tierwise::evaluate::{self, FairnessSettings};

/// The figures of every group as JSON.
#[pyfunction]
#[pyo3(signature = (outcome, scores, groups, names, cut, reference, least, confidence, probabilities))]
#[allow(clippy::too_many_arguments)] // a private boundary: the public function takes them by keyword
pub(crate) fn by_group(
    py: Python<'_>,
    outcome: &Outcome,
    scores: PyReadonlyArray1<'_, f64>,
    groups: PyReadonlyArray1<'_, u32>,
    names: Vec<String>,
    cut: f64,
    reference: Option<usize>,
    least: f64,
    confidence: f64,
    probabilities: bool,
) -> PyResult<String> {
    let groups = groups.as_slice()?;
    let settings = FairnessSettings { cut, reference, least, confidence, probabilities };
    let found =
        judge(py, outcome, &scores, |outcome, scores| evaluate::by_group(outcome, scores, groups, &names, &settings))?;
    Ok(json::write(&found)?)
}
