//! Events to points, and the matrix of fit and engagement.

use crate::errors::{Raised, Result};
use crate::json::{read, write};
use crate::model::Model;
use crate::numbers::contiguous;
use crate::table::{Table, key_values};
use numpy::{IntoPyArray, PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use serde::Deserialize;
use tierwise::lead::{ChangeLevels, EventPolicy, EventRules, EventRulesSpec, FitEngagement, LineStatus};
use tierwise::{Bands, Error};
use tierwise_arrow::{EventColumns, EventTable, Keys};

type Codes<'py> = Bound<'py, PyArray1<i64>>;

/// What a log of events is, and what to do with rows that cannot count (JSON).
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reading {
    lead: String,
    event: String,
    date: String,
    id: Option<String>,
    policy: EventPolicy,
}

impl Reading {
    fn events<'t>(&self, table: &'t Table, leads: Option<&Table>) -> std::result::Result<EventTable<'t>, Error> {
        let Self { lead, event, date, id, .. } = self;
        let read = table.table.events(EventColumns { lead, event, date, id: id.as_deref() })?;
        match leads {
            Some(leads) => read.with_leads(&leads.table, lead),
            None => Ok(read),
        }
    }
}

/// Checked rules from their parts (JSON).
#[pyfunction]
pub(crate) fn event_rules(spec: &str) -> Result<Model> {
    let spec: EventRulesSpec = read(spec, "")?;
    Ok(Model::new(EventRules::new(spec)?))
}

/// Points by lead, as arrays by name.
#[pyfunction]
#[pyo3(signature = (rules, events, reading, leads, as_of))]
pub(crate) fn event_points<'py>(
    py: Python<'py>,
    rules: &Model,
    events: &Table,
    reading: &str,
    leads: Option<&Table>,
    as_of: i32,
) -> PyResult<Bound<'py, PyDict>> {
    let rules: &EventRules = rules.is()?;
    let reading: Reading = read(reading, "")?;
    let (keys, caps, points) = py
        .detach(|| {
            let table = reading.events(events, leads)?;
            let points = rules.points(&table.events()?, table.leads(), as_of, reading.policy);
            let points = points.map_err(|error| table.with_key(error))?;
            Ok::<_, Error>((first_keys(&table), points.caps(), points))
        })
        .map_err(Raised)?;
    let result = PyDict::new(py);
    result.set_item("leads", key_values(py, keys)?)?;
    result.set_item("engagement", points.total.into_pyarray(py))?;
    result.set_item("rules", arrays(py, points.rules))?;
    result.set_item("groups", arrays(py, points.groups))?;
    result.set_item("caps", caps.into_pyarray(py))?;
    Ok(result)
}

/// How many rows cannot count, by the reason why (JSON).
#[pyfunction]
#[pyo3(signature = (rules, events, reading, leads, as_of))]
pub(crate) fn event_left_out(
    py: Python<'_>,
    rules: &Model,
    events: &Table,
    reading: &str,
    leads: Option<&Table>,
    as_of: i32,
) -> Result<String> {
    let rules: &EventRules = rules.is()?;
    let reading: Reading = read(reading, "")?;
    let left_out = py.detach(|| {
        let table = reading.events(events, leads)?;
        rules.left_out(&table.events()?, table.leads(), as_of).map_err(|error| table.with_key(error))
    });
    write(&left_out.map_err(Raised)?)
}

/// One line per event and rule, and one per cap that holds, as arrays by name; -1 for none.
#[pyfunction]
#[pyo3(signature = (rules, events, reading, leads, as_of))]
pub(crate) fn event_ledger<'py>(
    py: Python<'py>,
    rules: &Model,
    events: &Table,
    reading: &str,
    leads: Option<&Table>,
    as_of: i32,
) -> PyResult<Bound<'py, PyDict>> {
    let rules: &EventRules = rules.is()?;
    let reading: Reading = read(reading, "")?;
    let (table, ledger) = py
        .detach(|| {
            let table = reading.events(events, leads)?;
            let asked: Vec<u32> = (0..table.leads() as u32).collect();
            let ledger = rules.ledger(&table.events()?, &asked, as_of, reading.policy);
            let ledger = ledger.map_err(|error| table.with_key(error))?;
            Ok::<_, Error>((table, ledger))
        })
        .map_err(Raised)?;
    let lines = &ledger.lines;
    let code = |code: Option<usize>| code.map_or(-1, |code| code as i64);
    let column = |of: &dyn Fn(&tierwise::lead::LedgerLine) -> i64| -> Codes<'py> {
        lines.iter().map(of).collect::<Vec<i64>>().into_pyarray(py)
    };
    let event = |row: Option<usize>| row.map_or(-1, |row| i64::from(table.event_codes()[row]));
    let day = |row: Option<usize>| row.map_or(i64::MIN, |row| i64::from(table.days()[row]));
    let status = |status: LineStatus| LineStatus::ALL.iter().position(|&one| one == status);
    let ages: Vec<f64> = lines.iter().map(|line| line.age.map_or(f64::NAN, |age| age as f64)).collect();
    let points: Vec<f64> = lines.iter().map(|line| line.points).collect();
    let result = PyDict::new(py);
    result.set_item("lead", column(&|line| line.lead.into()))?;
    result.set_item("row", column(&|line| code(line.row)))?;
    result.set_item("day", column(&|line| day(line.row)))?;
    result.set_item("event", column(&|line| event(line.row)))?;
    result.set_item("rule", column(&|line| code(line.rule)))?;
    result.set_item("group", column(&|line| code(line.group)))?;
    result.set_item("status", column(&|line| code(status(line.status))))?;
    result.set_item("age", ages.into_pyarray(py))?;
    result.set_item("points", points.into_pyarray(py))?;
    result.set_item("events", table.names().to_vec())?;
    result.set_item("statuses", LineStatus::ALL.map(LineStatus::name).to_vec())?;
    result.set_item("leads", key_values(py, first_keys(&table))?)?;
    Ok(result)
}

/// What moved the scores between two days: levels and steps of the total, of each rule and of the caps.
#[pyfunction]
#[pyo3(signature = (rules, new_rules, events, reading, leads, from_day, to_day))]
#[allow(clippy::too_many_arguments)] // one argument per setting of the Python function
pub(crate) fn engagement_change<'py>(
    py: Python<'py>,
    rules: &Model,
    new_rules: Option<&Model>,
    events: &Table,
    reading: &str,
    leads: Option<&Table>,
    from_day: i32,
    to_day: i32,
) -> PyResult<Bound<'py, PyDict>> {
    let rules: &EventRules = rules.is()?;
    let new_rules: Option<&EventRules> = new_rules.map(Model::is).transpose()?;
    let reading: Reading = read(reading, "")?;
    let (keys, change) = py
        .detach(|| {
            let table = reading.events(events, leads)?;
            let change = rules.change(&table.events()?, table.leads(), from_day, to_day, new_rules, reading.policy);
            Ok::<_, Error>((first_keys(&table), change.map_err(|error| table.with_key(error))?))
        })
        .map_err(Raised)?;
    let result = PyDict::new(py);
    result.set_item("leads", key_values(py, keys)?)?;
    result.set_item("names", change.names)?;
    result.set_item("total", steps(py, change.total)?)?;
    let parts = change.rules.into_iter().chain([change.caps]).map(|levels| steps(py, levels));
    result.set_item("parts", parts.collect::<PyResult<Vec<_>>>()?)?;
    Ok(result)
}

fn steps(py: Python<'_>, levels: ChangeLevels) -> PyResult<Bound<'_, PyDict>> {
    let (ageing, data, rules) = py.detach(|| (levels.ageing(), levels.data(), levels.rules()));
    let result = PyDict::new(py);
    for (name, column) in
        [("before", levels.before), ("ageing", ageing), ("data", data), ("rules", rules), ("after", levels.after)]
    {
        result.set_item(name, column.into_pyarray(py))?;
    }
    Ok(result)
}

/// A matrix of two lists of bands (JSON).
#[pyfunction]
pub(crate) fn fit_engagement(fit: &str, engagement: &str) -> Result<Model> {
    let bands = |what: &str, json: &str| Result::Ok(Bands::new(what, read(json, what)?)?);
    Ok(Model::new(FitEngagement::new(bands("fit", fit)?, bands("engagement", engagement)?)?))
}

/// The positions of the cells, of the fit bands and of the engagement bands; -1 for unknown.
#[pyfunction]
pub(crate) fn fit_engagement_cells<'py>(
    py: Python<'py>,
    matrix: &Model,
    fit: PyReadonlyArray1<'py, f64>,
    engagement: PyReadonlyArray1<'py, f64>,
) -> Result<(Codes<'py>, Codes<'py>, Codes<'py>)> {
    let matrix: &FitEngagement = matrix.is()?;
    let (fit, engagement) = (contiguous(&fit), contiguous(&engagement));
    let cells = py.detach(|| matrix.positions(&fit, &engagement))?;
    let codes = |of: &mut dyn Iterator<Item = Option<usize>>| -> Codes<'py> {
        of.map(|code| code.map_or(-1, |code| code as i64)).collect::<Vec<i64>>().into_pyarray(py)
    };
    let fit = codes(&mut fit.iter().map(|&score| matrix.fit().find(score)));
    let engagement = codes(&mut engagement.iter().map(|&score| matrix.engagement().find(score)));
    Ok((codes(&mut cells.into_iter()), fit, engagement))
}

/// The keys of the leads that were asked for.
fn first_keys(table: &EventTable<'_>) -> Keys {
    match table.keys() {
        Keys::Integers(keys) => Keys::Integers(keys[..table.leads()].to_vec()),
        Keys::Texts(keys) => Keys::Texts(keys[..table.leads()].to_vec()),
    }
}

fn arrays(py: Python<'_>, columns: Vec<Vec<f64>>) -> Vec<Bound<'_, PyArray1<f64>>> {
    columns.into_iter().map(|column| column.into_pyarray(py)).collect()
}
