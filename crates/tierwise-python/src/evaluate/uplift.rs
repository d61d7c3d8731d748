//! Figures of uplift.

use super::bootstrap::{Interval, watched};
use super::{Column, Outcome, columns};
use crate::errors::{Raised, Result};
use numpy::{IntoPyArray, PyReadonlyArray1};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use tierwise::evaluate::{
    self, Bootstrap, EmptyArm, Normalisation, Places, UpliftArea, UpliftCurve, UpliftFigure, UpliftRow,
};

/// A prediction of uplift, sorted once.
#[pyclass(frozen, module = "tierwise._tierwise")]
pub(crate) struct UpliftRanking {
    ranking: evaluate::UpliftRanking,
}

#[pymethods]
impl UpliftRanking {
    #[new]
    fn new(
        py: Python<'_>,
        outcome: PyReadonlyArray1<'_, f64>,
        predicted: PyReadonlyArray1<'_, f64>,
        treatment: &Outcome,
    ) -> PyResult<Self> {
        let (outcome, predicted) = (outcome.as_slice()?, predicted.as_slice()?);
        let ranking: Result<evaluate::UpliftRanking> =
            py.detach(|| evaluate::UpliftRanking::new(outcome, predicted, &treatment.outcome).map_err(Raised));
        Ok(Self { ranking: ranking? })
    }

    /// The weight of the treated, of the controls, and the effect in all rows.
    fn overall(&self) -> (f64, f64, f64) {
        let (treated, control) = self.ranking.arms();
        (treated, control, self.ranking.overall())
    }

    fn curve<'py>(&self, py: Python<'py>, qini: bool, interpolate: bool) -> PyResult<Bound<'py, PyDict>> {
        let empty_arm = if interpolate { EmptyArm::Interpolate } else { EmptyArm::Zero };
        let of = if qini { evaluate::UpliftRanking::qini_curve } else { evaluate::UpliftRanking::uplift_curve };
        let UpliftCurve { customers, gains, random, .. } = of(&self.ranking, empty_arm);
        let table = PyDict::new(py);
        table.set_item("customers", customers.into_pyarray(py))?;
        table.set_item("gain", gains.into_pyarray(py))?;
        table.set_item("random", random.into_pyarray(py))?;
        Ok(table)
    }

    /// The figure, the area between curve and random line, and what stood where an arm was empty.
    fn area(&self, qini: bool, normalisation: &str) -> Result<(f64, f64, &'static str)> {
        let of = if qini { evaluate::UpliftRanking::qini } else { evaluate::UpliftRanking::auuc };
        let UpliftArea { value, area, empty_arm, .. } = of(&self.ranking, normalisation_of(normalisation))?;
        Ok((value, area, if empty_arm == EmptyArm::Zero { "zero" } else { "interpolate" }))
    }

    fn uplift_at<'py>(
        &self,
        py: Python<'py>,
        share: f64,
        by_arm: bool,
        confidence: f64,
    ) -> PyResult<Bound<'py, PyDict>> {
        let row = self.ranking.uplift_at(share, places_of(by_arm), confidence).map_err(Raised)?;
        let found = PyDict::new(py);
        for (name, value) in ROW {
            found.set_item(name, value(&row))?;
        }
        Ok(found)
    }

    fn uplift_table<'py>(
        &self,
        py: Python<'py>,
        groups: usize,
        by_arm: bool,
        confidence: f64,
    ) -> PyResult<Bound<'py, PyDict>> {
        let rows = self.ranking.uplift_table(groups, places_of(by_arm), confidence).map_err(Raised)?;
        columns(py, &rows, &ROW)
    }

    fn weighted_average_uplift(&self, groups: usize, by_arm: bool) -> Result<f64> {
        Ok(self.ranking.weighted_average_uplift(groups, places_of(by_arm))?)
    }

    /// Q, its degrees of freedom and p-value, the mean uplift, first less last group and its standard error.
    fn heterogeneity(&self, groups: usize, by_arm: bool) -> Result<(f64, usize, f64, f64, f64, f64)> {
        let found = self.ranking.heterogeneity(groups, places_of(by_arm))?;
        let (first_less_last, standard_error) = (found.first_less_last, found.standard_error);
        let (q, degrees) = (found.statistic, found.degrees_of_freedom);
        Ok((q, degrees, found.p_value, found.mean_uplift, first_less_last, standard_error))
    }
}

/// What a row of a table has, by the name of the column.
const ROW: [Column<'static, UpliftRow>; 12] = [
    ("share", |row| row.share),
    ("highest", |row| row.highest),
    ("lowest", |row| row.lowest),
    ("mean_predicted", |row| row.mean_predicted),
    ("treated", |row| row.treated),
    ("control", |row| row.control),
    ("treated_mean", |row| row.treated_mean),
    ("control_mean", |row| row.control_mean),
    ("uplift", |row| row.uplift),
    ("standard_error", |row| row.standard_error),
    ("low", |row| row.low),
    ("high", |row| row.high),
];

/// An interval by bootstrap within each arm; `figure` is `qini`, `auuc` or `uplift_at`.
#[pyfunction]
#[pyo3(signature = (
    outcome, predicted, treatment, figure, normalisation, share, by_arm, replicates, confidence, seed, progress
))]
#[allow(clippy::too_many_arguments)] // a private boundary: the public function takes them by keyword
pub(crate) fn uplift_interval<'py>(
    py: Python<'py>,
    outcome: PyReadonlyArray1<'_, f64>,
    predicted: PyReadonlyArray1<'_, f64>,
    treatment: &Outcome,
    figure: &str,
    normalisation: &str,
    share: f64,
    by_arm: bool,
    replicates: usize,
    confidence: f64,
    seed: u64,
    progress: Option<Py<PyAny>>,
) -> PyResult<Interval<'py>> {
    let figure = match figure {
        "qini" => UpliftFigure::Qini(normalisation_of(normalisation)),
        "auuc" => UpliftFigure::Auuc(normalisation_of(normalisation)),
        _ => UpliftFigure::UpliftAt { share, places: places_of(by_arm) },
    };
    let settings = Bootstrap::new(seed).replicates(replicates).confidence(confidence);
    let (outcome, predicted) = (outcome.as_slice()?, predicted.as_slice()?);
    watched(py, progress.as_ref(), |watch| {
        let found: Result<_> = py.detach(|| {
            settings.uplift_interval_with(outcome, predicted, &treatment.outcome, figure, watch).map_err(Raised)
        });
        Ok(found?)
    })
}

fn normalisation_of(name: &str) -> Normalisation {
    match name {
        "perfect_without_harm" => Normalisation::PerfectWithoutHarm,
        "overall" => Normalisation::Overall,
        "per_customer" => Normalisation::PerCustomer,
        _ => Normalisation::Perfect,
    }
}

fn places_of(by_arm: bool) -> Places {
    if by_arm { Places::ByArm } else { Places::Overall }
}
