//! Champion against challenger: a policy in and a verdict out as JSON.

use super::{Outcome, judge};
use crate::json;
use numpy::PyReadonlyArray1;
use pyo3::prelude::*;
use tierwise::evaluate::{self, PromotionEvidence, PromotionGrades, PromotionPolicy};

/// Whether the challenger takes over; positions of grades below 0 are unknown.
#[pyfunction]
#[pyo3(signature = (outcome, champion, challenger, probabilities, grades, reference, reference_weights, age_months, policy))]
#[allow(clippy::too_many_arguments)] // a private boundary: the public function takes them by keyword
pub(crate) fn promotion(
    py: Python<'_>,
    outcome: &Outcome,
    champion: PyReadonlyArray1<'_, f64>,
    challenger: PyReadonlyArray1<'_, f64>,
    probabilities: bool,
    grades: Option<(Vec<String>, PyReadonlyArray1<'_, i64>)>,
    reference: Option<PyReadonlyArray1<'_, f64>>,
    reference_weights: Option<PyReadonlyArray1<'_, f64>>,
    age_months: Option<f64>,
    policy: &str,
) -> PyResult<String> {
    let policy: PromotionPolicy = json::read(policy, "policy")?;
    let champion = champion.as_slice()?;
    let reference = reference.as_ref().map(PyReadonlyArray1::as_slice).transpose()?;
    let reference_weights = reference_weights.as_ref().map(PyReadonlyArray1::as_slice).transpose()?;
    let grades: Option<(Vec<String>, Vec<Option<u32>>)> =
        grades.map(|(names, places)| (names, places.as_array().iter().map(|&at| u32::try_from(at).ok()).collect()));
    let found = judge(py, outcome, &challenger, |outcome, challenger| {
        let grades = grades.as_ref().map(|(names, codes)| PromotionGrades { names, codes });
        let evidence = PromotionEvidence {
            outcome,
            champion,
            challenger,
            probabilities,
            grades,
            reference,
            reference_weights,
            age_months,
        };
        evaluate::promotion(&evidence, &policy)
    })?;
    Ok(json::write(&found)?)
}
