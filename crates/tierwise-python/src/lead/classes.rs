//! Classes of leads: by milestones, over time, and as a pyramid.

use crate::errors::{Raised, Result};
use crate::json::{read, write};
use crate::model::Model;
use crate::numbers::contiguous;
use crate::table::{Table, key_values};
use numpy::{IntoPyArray, PyReadonlyArray1};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use tierwise::lead::{self, ClassHistorySettings, ClassPyramid, MilestoneClasses, MilestoneSpec, StaleLimit};
use tierwise_arrow::Keys;

/// Schiffman's six classes.
#[pyfunction]
pub(crate) fn schiffman() -> Model {
    Model::new(lead::schiffman())
}

/// A scheme of classes from its parts (JSON).
#[pyfunction]
pub(crate) fn milestone_classes(spec: &str) -> Result<Model> {
    Ok(Model::new(MilestoneClasses::new(read::<MilestoneSpec>(spec, "")?)?))
}

/// The classes of a table, as arrays of positions by name, and the lists of facts that some of them point to.
#[pyfunction]
pub(crate) fn classify_milestones<'py>(py: Python<'py>, model: &Model, table: &Table) -> PyResult<Bound<'py, PyDict>> {
    let classes = model.is::<MilestoneClasses>()?;
    let work = || table.table.with_columns(classes.features(), |columns| classes.classify_columns(columns));
    let found = py.detach(work).map_err(Raised)?;
    let result = PyDict::new(py);
    for (name, column) in [("class", found.class), ("best_class", found.best_class), ("next_class", found.next_class)] {
        result.set_item(name, column.into_pyarray(py))?;
    }
    for (name, column) in [("held_by", found.held_by), ("missing", found.missing), ("unknown", found.unknown)] {
        result.set_item(name, column.into_pyarray(py))?;
    }
    result.set_item("labels", found.labels)?;
    Ok(result)
}

/// The pyramid of a snapshot, as JSON.
#[pyfunction]
pub(crate) fn class_pyramid(
    py: Python<'_>,
    table: &Table,
    column: &str,
    won: PyReadonlyArray1<'_, f64>,
    names: Vec<String>,
    confidence: f64,
) -> Result<String> {
    let won = contiguous(&won);
    let pyramid = py.detach(|| {
        let classes = table.table.positions(column, &format!("the class `{column}`"), &names)?;
        lead::class_pyramid(&classes, &won, &names, confidence)
    });
    write::<ClassPyramid>(&pyramid?)
}

/// The stays of leads in classes.
#[pyclass(frozen, module = "tierwise._tierwise")]
pub(crate) struct ClassHistory {
    keys: Keys,
    history: lead::ClassHistory,
}

#[pymethods]
impl ClassHistory {
    #[new]
    #[pyo3(signature = (table, lead, class_, date, classes, closed, lost, as_of, leave_out_later))]
    #[allow(clippy::too_many_arguments)] // a private boundary: the public class takes them by keyword
    fn new(
        py: Python<'_>,
        table: &Table,
        lead: &str,
        class_: &str,
        date: &str,
        classes: Vec<String>,
        closed: String,
        lost: Option<String>,
        as_of: i32,
        leave_out_later: bool,
    ) -> Result<Self> {
        let settings = ClassHistorySettings { classes, closed, lost, as_of, leave_out_later };
        let (keys, history) = py.detach(|| table.table.class_history(lead, class_, date, settings))?;
        Ok(Self { keys, history })
    }

    /// Entries that began no new stay.
    fn merged(&self) -> usize {
        self.history.merged()
    }

    /// Entries after `as_of`.
    fn left_out(&self) -> usize {
        self.history.left_out()
    }

    /// All stays as arrays by name: the lead, the class and the next class as positions (-1 for none), the day on which
    /// the stay began, and the day on which it ended (NaN while it lasts).
    fn stays<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let stays = self.history.stays();
        let column = |value: fn(&lead::Stay) -> i64| stays.iter().map(value).collect::<Vec<_>>().into_pyarray(py);
        let result = PyDict::new(py);
        result.set_item("lead", self.leads(py, stays.iter().map(|stay| stay.lead))?)?;
        result.set_item("class", column(|stay| stay.class.into()))?;
        result.set_item("from", column(|stay| stay.from.into()))?;
        let to: Vec<f64> = stays.iter().map(|stay| stay.to.map_or(f64::NAN, f64::from)).collect();
        result.set_item("to", to.into_pyarray(py))?;
        result.set_item("next", column(|stay| stay.next.map_or(-1, i64::from)))?;
        Ok(result)
    }

    /// How long leads stay in each open class, as JSON.
    fn dwell(&self, py: Python<'_>, quantiles: Vec<f64>) -> Result<String> {
        write(&py.detach(|| self.history.dwell(&quantiles))?)
    }

    /// How often leads went from one class to another, as JSON.
    fn transitions(&self, py: Python<'_>, confidence: f64) -> Result<String> {
        write(&py.detach(|| self.history.transitions(confidence))?)
    }

    /// The limits by which leads are stale, one per class.
    #[pyo3(signature = (days, quantile))]
    fn limits(&self, py: Python<'_>, days: Vec<(String, f64)>, quantile: Option<f64>) -> Result<Vec<Option<f64>>> {
        Ok(py.detach(|| self.history.limits(&self.limit(&days, quantile)?))?)
    }

    /// Leads beyond their limit, as arrays by name.
    #[pyo3(signature = (days, quantile))]
    fn stale<'py>(
        &self,
        py: Python<'py>,
        days: Vec<(String, f64)>,
        quantile: Option<f64>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let stale = py.detach(|| self.history.stale(&self.limit(&days, quantile)?)).map_err(Raised)?;
        let result = PyDict::new(py);
        result.set_item("lead", self.leads(py, stale.iter().map(|one| one.lead))?)?;
        result.set_item("class", stale.iter().map(|one| one.class.as_str()).collect::<Vec<_>>())?;
        result.set_item("since", stale.iter().map(|one| i64::from(one.since)).collect::<Vec<_>>().into_pyarray(py))?;
        result.set_item("days", stale.iter().map(|one| one.days).collect::<Vec<_>>().into_pyarray(py))?;
        result.set_item("limit", stale.iter().map(|one| one.limit).collect::<Vec<_>>().into_pyarray(py))?;
        Ok(result)
    }

    /// The pyramid with close rates of a cohort, as JSON.
    fn pyramid(&self, py: Python<'_>, window: u32, horizon: u32, confidence: f64) -> Result<String> {
        write(&py.detach(|| self.history.pyramid(window, horizon, confidence))?)
    }
}

impl ClassHistory {
    fn limit(&self, days: &[(String, f64)], quantile: Option<f64>) -> tierwise::Result<StaleLimit> {
        quantile.map_or_else(|| self.history.days_by_class(days), |quantile| Ok(StaleLimit::Quantile(quantile)))
    }

    fn leads(&self, py: Python<'_>, codes: impl Iterator<Item = u32>) -> PyResult<Py<PyAny>> {
        let codes = codes.map(|code| code as usize);
        let leads = match &self.keys {
            Keys::Integers(keys) => Keys::Integers(codes.map(|code| keys[code]).collect()),
            Keys::Texts(keys) => Keys::Texts(codes.map(|code| keys[code].clone()).collect()),
        };
        key_values(py, leads)
    }
}
