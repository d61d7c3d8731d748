//! Checks of data before a fit.

use crate::errors::Result;
use crate::fit::outcome_of;
use crate::json;
use crate::numbers::contiguous;
use crate::table::{Table, features_from};
use numpy::PyReadonlyArray1;
use pyo3::prelude::*;
use serde::Deserialize;
use std::collections::BTreeMap;
use tierwise::learn::{self, DataChecks};
use tierwise::{Columns, Feature};
use tierwise_arrow::Keys;

/// Code, severity, columns, evidence by name, and the sentence.
type FindingRow = (&'static str, &'static str, Vec<String>, Vec<(&'static str, f64)>, String);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Limits {
    stop_auc: f64,
    warn_auc: f64,
    odds: f64,
    events_per_parameter: f64,
}

/// What is wrong with a table; `groups` and `test_groups` are a table and the name of its column of keys.
#[pyfunction]
#[pyo3(signature = (limits, features, table, outcome, outcome_name, positive, weights, test, days, as_of, dates, groups, test_groups))]
#[allow(clippy::too_many_arguments)] // a private boundary: the public function takes them by keyword
pub(crate) fn check_data(
    py: Python<'_>,
    limits: &str,
    features: &str,
    table: &Table,
    outcome: &Table,
    outcome_name: &str,
    positive: &str,
    weights: Option<PyReadonlyArray1<'_, f64>>,
    test: Option<&Table>,
    days: Option<PyReadonlyArray1<'_, f64>>,
    as_of: Option<PyReadonlyArray1<'_, f64>>,
    dates: Vec<String>,
    groups: Option<(PyRef<'_, Table>, String)>,
    test_groups: Option<(PyRef<'_, Table>, String)>,
) -> Result<Vec<FindingRow>> {
    let limits: Limits = json::read(limits, "limits")?;
    let features = features_from(features)?;
    let array = |array: Option<PyReadonlyArray1<'_, f64>>| array.as_ref().map(contiguous);
    let (weights, days, as_of) = (array(weights), array(days), array(as_of));
    let [groups, test_groups] =
        [&groups, &test_groups].map(|one| one.as_ref().map(|(table, name)| (&table.table, name.as_str())));
    let findings = py.detach(|| {
        let outcome = outcome_of(outcome, outcome_name, positive, weights.as_deref(), None)?;
        let (groups, test_groups) = common_codes(groups, test_groups)?;
        table.table.with_columns(&features, |columns| {
            with_test(test, &features, |test| {
                let mut checks = DataChecks::new()
                    .stop_auc(limits.stop_auc)
                    .warn_auc(limits.warn_auc)
                    .odds(limits.odds)
                    .events_per_parameter(limits.events_per_parameter);
                if let Some(test) = test {
                    checks = checks.test(test);
                }
                if let Some(days) = days {
                    checks = checks.days(days);
                }
                if let Some(as_of) = as_of {
                    checks = checks.dates(dates, as_of);
                }
                if let Some(groups) = groups {
                    checks = checks.groups(groups);
                }
                if let Some(groups) = test_groups {
                    checks = checks.test_groups(groups);
                }
                learn::check_data(columns, &outcome, &checks)
            })
        })
    })?;
    let row = |finding: learn::Finding| {
        (finding.code, finding.severity.as_str(), finding.columns, finding.evidence, finding.message)
    };
    Ok(findings.into_iter().map(row).collect())
}

fn with_test<R>(
    test: Option<&Table>,
    features: &[Feature],
    work: impl FnOnce(Option<&Columns<'_>>) -> tierwise::Result<R>,
) -> tierwise::Result<R> {
    match test {
        Some(test) => test.table.with_columns(features, |columns| work(Some(columns))),
        None => work(None),
    }
}

type Codes = Option<Vec<u32>>;
/// A table and the name of its column of keys.
type KeyColumn<'a> = (&'a tierwise_arrow::Table, &'a str);

/// Keys of both tables by one numbering.
fn common_codes(groups: Option<KeyColumn<'_>>, test: Option<KeyColumn<'_>>) -> tierwise::Result<(Codes, Codes)> {
    let keys = |(table, name): KeyColumn<'_>| table.keys(name);
    let Some((codes, known)) = groups.map(keys).transpose()? else { return Ok((None, None)) };
    let Some((test_codes, test_keys)) = test.map(keys).transpose()? else { return Ok((Some(codes), None)) };
    let names = |keys: &Keys| (0..keys.len()).filter_map(|key| keys.name(key)).collect::<Vec<_>>();
    let mut numbers: BTreeMap<String, u32> = names(&known).into_iter().zip(0..).collect();
    let mut next = known.len() as u32;
    let numbered = |name: String| {
        *numbers.entry(name).or_insert_with(|| {
            next += 1;
            next - 1
        })
    };
    let code_of_key: Vec<u32> = names(&test_keys).into_iter().map(numbered).collect();
    Ok((Some(codes), Some(test_codes.into_iter().map(|code| code_of_key[code as usize]).collect())))
}
