//! Rating by base and bonus, and what moved a rating between two days.

use crate::errors::{Raised, Result};
use crate::json::read;
use crate::model::Model;
use crate::money::Money;
use crate::numbers::{codes, contiguous, floats, lent, positions, row_numbers};
use crate::table::Table;
use numpy::{IntoPyArray, PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use serde::Deserialize;
use std::borrow::Cow;
use tierwise::Error;
use tierwise::value::{
    self, Duplicates, Evidence, EvidencePolicy, EvidenceStatus, LaterRows, PartSteps, RatingPart, RatingRules,
    RatingSteps,
};
use tierwise_arrow::{Keys, LineId, with_key};

type Floats<'py> = Bound<'py, PyArray1<f64>>;

/// What a log of evidence is, and what to do with lines that cannot count (JSON).
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reading {
    customer: String,
    item: String,
    date: String,
    units: Option<String>,
    reference: Option<String>,
    currency: Option<String>,
    later: LaterRows,
    other_customers: LaterRows,
    duplicates: Option<Duplicates>,
}

/// A log of evidence by codes.
#[derive(Default)]
struct Log {
    customer: Vec<u32>,
    item: Vec<u32>,
    day: Vec<i32>,
    units: Option<Vec<f64>>,
    reference: Option<Vec<Option<u32>>>,
    duplicate: Option<Vec<bool>>,
    keys: Option<Keys>,
}

impl Reading {
    fn policy(&self) -> EvidencePolicy {
        EvidencePolicy { later: self.later, other_customers: self.other_customers, duplicates: self.duplicates }
    }

    fn log(&self, rules: &RatingRules, evidence: Option<&Table>, customers: &Table) -> std::result::Result<Log, Error> {
        let Some(evidence) = evidence else {
            // A customer listed twice is refused, whether or not there is evidence.
            let (_, keys, _) = customers.table.keys_among(&self.customer, &customers.table)?;
            return Ok(Log { keys: Some(keys), ..Log::default() });
        };
        let table = &evidence.table;
        let known = rules.item_names();
        let item = |(row, name): (usize, Option<u32>)| {
            name.ok_or_else(|| Error::InvalidValue {
                what: format!("the bonus item `{}`", self.item),
                row,
                key: None,
                found: "unknown".into(),
                must_be: "each line of evidence must name its item".into(),
            })
        };
        let items = table.positions(&self.item, "the bonus item", &known)?;
        let (customer, keys, _) = table.keys_among(&self.customer, &customers.table)?;
        let duplicate = self.left_out(table, &customer).map_err(|error| with_key(error, &keys))?;
        Ok(Log {
            duplicate: (!duplicate.is_empty()).then_some(duplicate),
            item: items.into_iter().enumerate().map(item).collect::<std::result::Result<_, _>>()?,
            day: table.days(&self.date, |row| keys.name(customer[row] as usize))?.into_owned(),
            units: self.units.as_ref().map(|column| table.numbers(column)).transpose()?.map(Cow::into_owned),
            reference: self.reference.as_ref().map(|column| table.line_ids(column)).transpose()?,
            customer,
            keys: Some(keys),
        })
    }
}

impl Reading {
    /// Checks the currency of the amounts of the customers, where their column is named.
    fn check_currency(
        &self,
        rules: &RatingRules,
        customers: &Table,
        amounts: &[f64],
    ) -> std::result::Result<(), Error> {
        let check = |column: &String| customers.table.check_currency(rules, column, &self.customer, amounts);
        self.currency.as_ref().map_or(Ok(()), check)
    }

    /// Which lines repeat an earlier one and do not count; empty where all count.
    fn left_out(&self, table: &tierwise_arrow::Table, customer: &[u32]) -> std::result::Result<Vec<bool>, Error> {
        let columns: Vec<&str> = [&self.item, &self.date].into_iter().chain(&self.units).map(String::as_str).collect();
        // One contract may be evidence of several things.
        let id = self.reference.as_deref().map(|column| LineId { column, one_line_per_id: false });
        table.left_out_lines(customer, &columns, id, self.duplicates)
    }
}

impl Log {
    fn evidence(&self) -> Evidence<'_> {
        Evidence {
            customer: &self.customer,
            item: &self.item,
            day: &self.day,
            units: self.units.as_deref(),
            reference: self.reference.as_deref(),
            duplicate: self.duplicate.as_deref(),
        }
    }

    fn with_key(&self, error: Error) -> Error {
        self.keys.as_ref().map_or(error.clone(), |keys| with_key(error, keys))
    }
}

/// Checked rules from their parts (JSON).
#[pyfunction]
pub(crate) fn rating_rules(spec: &str) -> Result<Model> {
    Ok(Model::new(RatingRules::new(read(spec, "")?)?))
}

/// The rating that ships with the library.
#[pyfunction]
pub(crate) fn b2b_rating() -> Model {
    Model::new(value::b2b_rating())
}

/// The order amounts of the customers of a table, from a log of orders.
#[pyfunction]
#[allow(clippy::too_many_arguments)] // one argument per setting of the Python function
pub(crate) fn order_amounts<'py>(
    py: Python<'py>,
    rules: &Model,
    orders: &Table,
    customers: &Table,
    money: Money,
    date: &str,
    as_of: i32,
    leave_out_later: bool,
) -> PyResult<Floats<'py>> {
    let rules: &RatingRules = rules.is()?;
    let later = if leave_out_later { LaterRows::LeaveOut } else { LaterRows::Refuse };
    let money = money.columns()?;
    let sums = py.detach(|| orders.table.order_amounts(rules, &money, date, &customers.table, as_of, later));
    Ok(sums.map_err(Raised)?.into_pyarray(py))
}

/// The ratings on one day, as arrays by name.
#[pyfunction]
#[pyo3(signature = (rules, customers, evidence, reading, amounts, as_of))]
pub(crate) fn rate_customers<'py>(
    py: Python<'py>,
    rules: &Model,
    customers: &Table,
    evidence: Option<&Table>,
    reading: &str,
    amounts: PyReadonlyArray1<'py, f64>,
    as_of: i32,
) -> PyResult<Bound<'py, PyDict>> {
    let rules: &RatingRules = rules.is()?;
    let (reading, amounts): (Reading, _) = (read(reading, "")?, contiguous(&amounts));
    let rated = py.detach(|| {
        reading.check_currency(rules, customers, &amounts)?;
        let log = reading.log(rules, evidence, customers)?;
        rules.rate(&amounts, &log.evidence(), as_of, reading.policy()).map_err(|error| log.with_key(error))
    });
    ratings(py, rated.map_err(Raised)?)
}

fn ratings(py: Python<'_>, rated: value::Ratings) -> PyResult<Bound<'_, PyDict>> {
    let result = PyDict::new(py);
    result.set_item("base", rated.base.into_pyarray(py))?;
    result.set_item("items", floats(py, rated.items))?;
    result.set_item("units", floats(py, rated.units))?;
    result.set_item("bonus_cap", rated.bonus_cap.into_pyarray(py))?;
    result.set_item("score", rated.score.into_pyarray(py))?;
    result.set_item("tier", codes(py, rated.tier))?;
    Ok(result)
}

/// The lines of the statement of points, as arrays by name; `parts` and `reasons` are what the codes stand for.
#[pyfunction]
#[pyo3(signature = (rules, customers, evidence, reading, amounts, as_of))]
pub(crate) fn rating_statement<'py>(
    py: Python<'py>,
    rules: &Model,
    customers: &Table,
    evidence: Option<&Table>,
    reading: &str,
    amounts: PyReadonlyArray1<'py, f64>,
    as_of: i32,
) -> PyResult<Bound<'py, PyDict>> {
    let rules: &RatingRules = rules.is()?;
    let (reading, amounts): (Reading, _) = (read(reading, "")?, contiguous(&amounts));
    let made = py.detach(|| {
        reading.check_currency(rules, customers, &amounts)?;
        let log = reading.log(rules, evidence, customers)?;
        let lines = rules.statement(&amounts, &log.evidence(), as_of, reading.policy());
        Ok::<_, Error>((lines.map_err(|error| log.with_key(error))?, log))
    });
    let (lines, log) = made.map_err(Raised)?;
    let amount = &rules.spec().amount;
    let currency = rules.spec().currency.as_ref().map(|currency| format!(" {currency}")).unwrap_or_default();
    let mut reasons: Vec<String> = rules
        .base_points()
        .brackets()
        .iter()
        .map(|bracket| format!("{amount} in {}{currency}", bracket.name()))
        .collect();
    let unknown = reasons.len();
    reasons.push(format!("{amount} unknown"));
    reasons.extend(EvidenceStatus::ALL.map(|status| status.name().to_owned()));
    let cap = reasons.len();
    reasons.push("cap of all bonus items".into());
    let reason = |line: &value::RatingLine| match line.part {
        RatingPart::Base => rules.base_points().place(amounts[line.customer as usize]).unwrap_or(unknown),
        RatingPart::Evidence { status, .. } => unknown + 1 + status as usize,
        RatingPart::BonusCap => cap,
    };
    let parts = rules.item_names();
    let part = |line: &value::RatingLine| match line.part {
        RatingPart::Base => 0,
        RatingPart::Evidence { item, .. } => item + 1,
        RatingPart::BonusCap => parts.len() + 1,
    };
    let row = |line: &value::RatingLine| match line.part {
        RatingPart::Evidence { row, .. } => Some(row),
        RatingPart::Base | RatingPart::BonusCap => None,
    };
    let days: Vec<i64> = lines.iter().map(|line| row(line).map_or(i64::MIN, |row| i64::from(log.day[row]))).collect();
    // Customers that were not asked for have codes after the others; the first row with theirs names them.
    let keys = log.keys.as_ref();
    let others: Vec<String> =
        keys.map_or_else(Vec::new, |keys| (amounts.len()..keys.len()).filter_map(|code| keys.name(code)).collect());
    let result = PyDict::new(py);
    result.set_item("customer", codes(py, lines.iter().map(|line| Some(line.customer as usize))))?;
    result.set_item("others", others)?;
    result.set_item("part", codes(py, lines.iter().map(|line| Some(part(line)))))?;
    result.set_item("parts", [vec!["base".to_owned()], parts.clone(), vec!["bonus_cap".to_owned()]].concat())?;
    result.set_item("reason", codes(py, lines.iter().map(|line| Some(reason(line)))))?;
    result.set_item("reasons", reasons)?;
    result.set_item("row", codes(py, lines.iter().map(row)))?;
    result.set_item("day", days.into_pyarray(py))?;
    result.set_item("points", lines.iter().map(|line| line.points).collect::<Vec<f64>>().into_pyarray(py))?;
    Ok(result)
}

/// What moved the ratings between two days: `before`, `after`, and one dict of arrays per part.
#[pyfunction]
#[pyo3(signature = (rules, customers, evidence, reading, before, after, from_day, to_day))]
#[allow(clippy::too_many_arguments)] // one argument per setting of the Python function
pub(crate) fn rating_change<'py>(
    py: Python<'py>,
    rules: &Model,
    customers: &Table,
    evidence: Option<&Table>,
    reading: &str,
    before: PyReadonlyArray1<'py, f64>,
    after: PyReadonlyArray1<'py, f64>,
    from_day: i32,
    to_day: i32,
) -> PyResult<Bound<'py, PyDict>> {
    let rules: &RatingRules = rules.is()?;
    let (reading, before, after): (Reading, _, _) = (read(reading, "")?, contiguous(&before), contiguous(&after));
    let changed = py.detach(|| {
        reading.check_currency(rules, customers, &before)?;
        reading.check_currency(rules, customers, &after)?;
        let log = reading.log(rules, evidence, customers)?;
        let changed = rules.change((&before, &after), &log.evidence(), (from_day, to_day), reading.policy());
        changed.map_err(|error| log.with_key(error))
    });
    let changed = changed.map_err(Raised)?;
    let result = PyDict::new(py);
    result.set_item("before", ratings(py, changed.before)?)?;
    result.set_item("after", ratings(py, changed.after)?)?;
    let part = |part: value::PartChange| {
        let columns = PyDict::new(py);
        let change = part.change();
        for (name, column) in [
            ("before", part.before),
            ("amount", part.amount),
            ("came", part.came),
            ("expired", part.expired),
            ("capped", part.capped),
            ("after", part.after),
            ("change", change),
        ] {
            columns.set_item(name, column.into_pyarray(py))?;
        }
        Ok((part.name, columns))
    };
    result.set_item("parts", changed.parts.into_iter().map(part).collect::<PyResult<Vec<_>>>()?)?;
    Ok(result)
}

/// A column before and after.
type Both<'py> = (PyReadonlyArray1<'py, f64>, PyReadonlyArray1<'py, f64>);

/// The name of a part and its columns `amount`, `came`, `expired`, `capped`.
type Part<'py> = (String, [PyReadonlyArray1<'py, f64>; 4]);

/// The rows whose tier differs, with the change of the score and the reason in words. `words` are the name of the order amount
/// and its currency; tiers are codes, -1 for none.
#[pyfunction]
pub(crate) fn rating_movers<'py>(
    py: Python<'py>,
    words: (String, Option<String>),
    amounts: Both<'py>,
    scores: Both<'py>,
    parts: Vec<Part<'py>>,
    tiers: (PyReadonlyArray1<'py, i64>, PyReadonlyArray1<'py, i64>),
) -> PyResult<Bound<'py, PyDict>> {
    let [amounts, scores] = [&amounts, &scores].map(|(before, after)| [lent(before), lent(after)]);
    let columns: Vec<[Cow<'_, [f64]>; 4]> = parts.iter().map(|(_, steps)| steps.each_ref().map(lent)).collect();
    let steps = RatingSteps {
        amounts: (&amounts[0], &amounts[1]),
        scores: (&scores[0], &scores[1]),
        parts: parts.iter().zip(&columns).map(|((name, _), steps)| part_steps(name, steps)).collect(),
    };
    let tiers = (positions(&tiers.0), positions(&tiers.1));
    let movers = py.detach(|| value::rating_movers(&steps, (&tiers.0, &tiers.1))).map_err(Raised)?;
    let (amount, currency) = (&words.0, words.1.as_deref());
    let result = PyDict::new(py);
    result.set_item("row", row_numbers(py, &movers.iter().map(|one| one.customer).collect::<Vec<_>>()))?;
    result.set_item("change", movers.iter().map(|one| one.change).collect::<Vec<_>>().into_pyarray(py))?;
    result.set_item("reasons", movers.iter().map(|one| one.in_words(amount, currency)).collect::<Vec<_>>())?;
    Ok(result)
}

fn part_steps<'a>(name: &'a str, steps: &'a [Cow<'_, [f64]>; 4]) -> PartSteps<'a> {
    PartSteps { name, steps: steps.each_ref().map(|step| &**step) }
}
