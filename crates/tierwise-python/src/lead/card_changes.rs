//! Reason codes, what would raise a grade, changes of scores, held grades, ladders and overrides.

use crate::errors::{Raised, Result};
use crate::json::read;
use crate::model::Model;
use crate::numbers::{codes, contiguous, floats, positions};
use crate::table::Table;
use numpy::{IntoPyArray, PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use tierwise::lead::{
    self, Change, ChangePart, Comparison, Ladder, LadderCard, LadderSpec, Level, Override, OverrideState, RaiseOutcome,
    ReasonCodes,
};
use tierwise::{Bands, Hysteresis, Scorecard};

type Floats<'py> = Bound<'py, PyArray1<f64>>;
type Codes<'py> = Bound<'py, PyArray1<i64>>;

/// The names of the codes, and per place their positions (4294967295 for none) and differences.
#[pyfunction]
#[allow(clippy::type_complexity)] // a private boundary
pub(crate) fn reason_codes<'py>(
    py: Python<'py>,
    card: &Model,
    table: &Table,
    settings: &str,
) -> Result<(Vec<String>, Vec<Bound<'py, PyArray1<u32>>>, Vec<Floats<'py>>)> {
    let settings: ReasonCodes = read(settings, "reason_codes.")?;
    let card = card.is::<Scorecard>()?;
    let found = py
        .detach(|| table.table.with_columns(card.features(), |columns| card.reason_code_columns(columns, &settings)))?;
    let places = found.code.into_iter().map(|column| column.into_pyarray(py)).collect();
    Ok((found.names, places, floats(py, found.difference)))
}

/// One entry per row under each key; `changes` is a list of tuples per row.
#[pyfunction]
pub(crate) fn what_would_raise<'py>(
    py: Python<'py>,
    card: &Model,
    table: &Table,
    grade: Option<&str>,
    changes: &str,
) -> PyResult<Bound<'py, PyDict>> {
    let changes: Vec<Change> = read(changes, "changeable").map_err(PyErr::from)?;
    let card = card.is::<Scorecard>()?;
    let raises = py.detach(|| {
        table.table.with_columns(card.features(), |columns| card.what_would_raise_columns(columns, grade, &changes))
    });
    let raises = raises.map_err(Raised)?;
    let text = |text: Option<&str>| text.map(str::to_owned);
    let result = PyDict::new(py);
    let column = |of: &dyn Fn(&lead::Raise<'_>) -> Option<String>| raises.iter().map(of).collect::<Vec<_>>();
    result.set_item("grade", column(&|raise| text(Some(raise.grade))))?;
    result.set_item("raw_grade", column(&|raise| text(Some(raise.raw_grade))))?;
    result.set_item("binding_prerequisite", column(&|raise| text(raise.binding_prerequisite)))?;
    result.set_item("target", column(&|raise| text(raise.target)))?;
    let outcome = |raise: &lead::Raise<'_>| match &raise.outcome {
        RaiseOutcome::Already => "already",
        RaiseOutcome::Reached(_) => "reached",
        RaiseOutcome::Unreachable { .. } => "unreachable",
    };
    result.set_item("outcome", column(&|raise| text(Some(outcome(raise)))))?;
    let best = |raise: &lead::Raise<'_>| match &raise.outcome {
        RaiseOutcome::Already => raise.grade.to_owned(),
        RaiseOutcome::Reached(plan) => plan.grade.to_owned(),
        RaiseOutcome::Unreachable { best_grade } => (*best_grade).to_owned(),
    };
    result.set_item("new_grade", column(&|raise| Some(best(raise))))?;
    let plan = |raise: &lead::Raise<'_>| match &raise.outcome {
        RaiseOutcome::Reached(plan) => (plan.cost, plan.score),
        _ => (f64::NAN, f64::NAN),
    };
    let (cost, score): (Vec<f64>, Vec<f64>) = raises.iter().map(plan).unzip();
    result.set_item("cost", cost.into_pyarray(py))?;
    result.set_item("new_score", score.into_pyarray(py))?;
    result.set_item("score", raises.iter().map(|raise| raise.score).collect::<Vec<f64>>().into_pyarray(py))?;
    let changes = raises.iter().map(|raise| match &raise.outcome {
        RaiseOutcome::Reached(plan) => plan.changes.iter().map(one_change).collect(),
        _ => Vec::new(),
    });
    result.set_item("changes", changes.collect::<Vec<_>>())?;
    Ok(result)
}

/// Label, feature, present and new value in words, points, cost.
fn one_change(change: &lead::PlannedChange<'_>) -> (String, String, String, String, f64, f64) {
    let name = change.feature.name().to_owned();
    (change.label(), name, change.from_label(), change.to_label(), change.points, change.cost)
}

/// The levels and parts of the change of the scores of a card.
#[pyfunction]
#[allow(clippy::too_many_arguments)] // a private boundary: the public method takes them by keyword
pub(crate) fn score_change<'py>(
    py: Python<'py>,
    card: &Model,
    before: &Table,
    after: &Table,
    new_card: Option<&Model>,
    ages: Vec<String>,
    days: f64,
) -> PyResult<Bound<'py, PyDict>> {
    let card = card.is::<Scorecard>()?;
    let new_card = new_card.map(|model| model.is::<Scorecard>()).transpose()?;
    let ages: Vec<&str> = ages.iter().map(String::as_str).collect();
    let change = py.detach(|| {
        before.table.with_columns(card.features(), |before| {
            after.table.with_columns(card.features(), |columns| match new_card {
                None => card.change(before, columns, Comparison { new_card: None, ages: &ages, days }),
                Some(new) => after.table.with_columns(new.features(), |later| {
                    card.change(before, columns, Comparison { new_card: Some((new, later)), ages: &ages, days })
                }),
            })
        })
    });
    let change = change.map_err(Raised)?;
    let result = PyDict::new(py);
    let names: Vec<_> = change.terms.iter().map(|term| term.characteristic.clone()).collect();
    result.set_item("terms", names)?;
    result.set_item("change", change.change().into_pyarray(py))?;
    for (name, part) in [("ageing", ChangePart::Ageing), ("data", ChangePart::Data), ("card", ChangePart::Card)] {
        result.set_item(name, (change.total(part).into_pyarray(py), floats(py, change.part(part))))?;
    }
    let levels = change.levels.into_iter().map(|level| level_of(py, level)).collect::<PyResult<Vec<_>>>()?;
    result.set_item("levels", levels)?;
    Ok(result)
}

fn level_of(py: Python<'_>, level: Level) -> PyResult<Bound<'_, PyDict>> {
    let result = PyDict::new(py);
    result.set_item("score", level.score.into_pyarray(py))?;
    result.set_item("contributions", floats(py, level.contributions))?;
    if let Some(graded) = level.grades {
        result.set_item("raw_grade", graded.raw_grade.into_pyarray(py))?;
        result.set_item("grade", graded.grade.into_pyarray(py))?;
        result.set_item("binding_prerequisite", graded.binding_prerequisite.into_pyarray(py))?;
    }
    Ok(result)
}

/// Grades of which the raw ones are held; `previous` are positions, -1 for none.
#[pyfunction]
pub(crate) fn hold_grades<'py>(
    py: Python<'py>,
    card: &Model,
    table: &Table,
    previous: PyReadonlyArray1<'py, i64>,
    up: f64,
    down: f64,
) -> PyResult<Bound<'py, PyDict>> {
    let hysteresis = Hysteresis::new(up, down).map_err(Raised)?;
    let (card, previous) = (card.is::<Scorecard>()?, positions(&previous));
    let held = py.detach(|| {
        table.table.with_columns(card.features(), |columns| card.hold_grades(columns, &previous, &hysteresis))
    });
    let held = held.map_err(Raised)?;
    let result = PyDict::new(py);
    result.set_item("score", held.score.into_pyarray(py))?;
    for (name, column) in [("raw_grade", held.raw_grade), ("held_grade", held.held_grade), ("grade", held.grade)] {
        result.set_item(name, codes(py, column.into_iter().map(Some)))?;
    }
    result.set_item("binding_prerequisite", codes(py, held.binding_prerequisite))?;
    Ok(result)
}

/// The bands (JSON) of values that hold their previous band; -1 for none. Also the names of the bands.
#[pyfunction]
pub(crate) fn hold_bands<'py>(
    py: Python<'py>,
    bands: &str,
    values: PyReadonlyArray1<'py, f64>,
    previous: PyReadonlyArray1<'py, i64>,
    up: f64,
    down: f64,
) -> Result<Codes<'py>> {
    let bands = Bands::new("the bands", read(bands, "bands")?)?;
    let held = Hysteresis::new(up, down)?.hold_all(&bands, &contiguous(&values), &positions(&previous))?;
    Ok(codes(py, held))
}

/// The positions of the effective grades, the states in words, and the positions of the overrides.
#[pyfunction]
pub(crate) fn apply_overrides<'py>(
    py: Python<'py>,
    grades: Vec<String>,
    leads: Vec<String>,
    computed: PyReadonlyArray1<'py, i64>,
    overrides: &str,
    as_of: i32,
) -> Result<(Codes<'py>, Vec<&'static str>, Codes<'py>)> {
    let overrides: Vec<Override> = read(overrides, "overrides")?;
    let effective = lead::apply_overrides(&grades, &leads, &positions(&computed), &overrides, as_of)?;
    let state = |state| match state {
        OverrideState::None => "none",
        OverrideState::Active => "active",
        OverrideState::Expired => "expired",
        OverrideState::NotYet => "not_yet",
    };
    let states = effective.iter().map(|one| state(one.state)).collect();
    Ok((codes(py, effective.iter().map(|one| one.grade)), states, codes(py, effective.iter().map(|one| one.by))))
}

/// A ladder card from its parts (JSON).
#[pyfunction]
pub(crate) fn ladder_card(spec: &str) -> Result<Model> {
    Ok(Model::new(LadderCard::new(read::<LadderSpec>(spec, "")?)?))
}

/// The published ladder of thirds: its rungs and its start.
#[pyfunction]
pub(crate) fn ladder_of_thirds() -> (Vec<String>, String) {
    let ladder = Ladder::thirds();
    (ladder.rungs().to_vec(), ladder.start().to_owned())
}

/// Checks a ladder, and takes steps from a rung or counts them to another.
#[pyfunction]
pub(crate) fn ladder_step(rungs: Vec<String>, start: &str, from_: &str, steps: i64) -> Result<String> {
    Ok(Ladder::new(&rungs, start)?.step(from_, steps)?.to_owned())
}

/// How many steps it is from one rung to another.
#[pyfunction]
pub(crate) fn ladder_distance(rungs: Vec<String>, start: &str, from_: &str, to: &str) -> Result<i64> {
    Ok(Ladder::new(&rungs, start)?.distance(from_, to)?)
}
