//! Rows that occur more than once, in the table or on both sides of a split, and customers that do.

use super::copies::Copy;
use super::finding::{Finding, Severity, percent};
use super::profile::Profile;
use crate::{Columns, Outcome, parallel};
use std::collections::BTreeSet;

/// From this share of distinctive repeated rows on there is a warning, and from this share of any rows that are shared
/// with a test: a model that has learned them by heart looks good on them, copies or not.
const MANY_DISTINCTIVE: f64 = 0.005;
const MANY_SHARED: f64 = 0.01;

/// Repeated rows of the table, repeated rows whose outcomes differ, and rows of the test that the table has too. Columns
/// that name rows are not compared.
///
/// Equal rows are distinctive where two columns that are no copies of each other hold values that no other row has: those
/// are copies. Customers with the same common values in every column, or with one rare value that coincides, are merely
/// alike.
pub(super) fn find(
    data: &Columns<'_>,
    outcome: &Outcome<'_>,
    profiles: &[Profile],
    copies: &[Copy],
    test: Option<&Columns<'_>>,
) -> Vec<Finding> {
    let compared: Vec<usize> = (0..profiles.len()).filter(|&column| !profiles[column].is_identifier()).collect();
    if compared.is_empty() {
        return Vec::new();
    }
    let rows = Rows { data, compared: &compared };
    let (keys, order) = rows.side_by_side();
    let equal: Vec<&[u32]> = order.chunk_by(|&one, &other| rows.equal(one as usize, &rows, other as usize)).collect();
    let test = test.filter(|test| test.rows() > 0).map(|data| Rows { data, compared: &compared });
    let known: Vec<(u64, &[u32])> = equal.iter().map(|&group| (keys[group[0] as usize], group)).collect();
    let shared = test.as_ref().map(|test| test.found_in(&rows, &known)).unwrap_or_default();

    let repeated = equal.iter().filter(|group| group.len() > 1);
    let original = |column: &usize| copies.iter().all(|copy| copy.column != *column);
    let originals: Vec<usize> = compared.iter().copied().filter(original).collect();
    let values = Values::new(data, &originals, repeated.clone().next().is_some() || !shared.is_empty());
    let mut findings = Vec::new();
    findings.extend(duplicates(repeated.clone(), &values, outcome));
    findings.extend(conflicts(repeated, outcome));
    if let Some(test) = test {
        findings.extend(shared_rows(&shared, &values, test.data.rows()));
    }
    findings
}

fn duplicates<'a>(
    repeated: impl Iterator<Item = &'a &'a [u32]>,
    values: &Values<'_>,
    outcome: &Outcome<'_>,
) -> Option<Finding> {
    let (mut rows, mut distinctive) = (0, 0);
    for group in repeated {
        let positives = positives(group, outcome);
        let again = positives.saturating_sub(1) + (group.len() - positives).saturating_sub(1);
        rows += again;
        distinctive += if values.are_distinctive(group) { again } else { 0 };
    }
    let all = outcome.values().len();
    let message = format!(
        "{rows} rows ({}) repeat another one in every column and in the outcome, {distinctive} of them with rare values that no other row has: drop those that are copies",
        percent(rows as f64 / all as f64)
    );
    let many = distinctive as f64 >= MANY_DISTINCTIVE * all as f64;
    (rows > 0).then(|| counted("duplicate_rows", many, message, [rows, all, distinctive]))
}

fn conflicts<'a>(repeated: impl Iterator<Item = &'a &'a [u32]>, outcome: &Outcome<'_>) -> Option<Finding> {
    let differ = |group: &&&[u32]| (1..group.len()).contains(&positives(group, outcome));
    let (rows, sets) = repeated.filter(differ).fold((0, 0), |sum, group| (sum.0 + group.len(), sum.1 + 1));
    let share = rows as f64 / outcome.values().len() as f64;
    let message = format!(
        "{rows} rows ({}) are equal to another one in every column but not in the outcome: if they are the same customers, one outcome is wrong",
        percent(share)
    );
    let finding = Finding::new("conflicting_rows", Severity::Note, message);
    (rows > 0).then(|| finding.with("rows", rows as f64).with("share", share).with("sets", f64::from(sets)))
}

fn shared_rows(shared: &[&[u32]], values: &Values<'_>, tested: usize) -> Option<Finding> {
    let rows = shared.len();
    let distinctive = shared.iter().filter(|group| values.are_distinctive(group)).count();
    let message = format!(
        "{rows} rows of the test ({}) occur in the training table too, {distinctive} of them with rare values that no other row there has: drop them from the test, or it flatters the model",
        percent(rows as f64 / tested as f64)
    );
    let many = rows as f64 >= MANY_SHARED * tested as f64 || distinctive as f64 >= MANY_DISTINCTIVE * tested as f64;
    (rows > 0).then(|| counted("shared_rows", many, message, [rows, tested, distinctive]))
}

fn counted(code: &'static str, many: bool, message: String, [rows, all, distinctive]: [usize; 3]) -> Finding {
    Finding::new(code, if many { Severity::Warn } else { Severity::Note }, message)
        .with("rows", rows as f64)
        .with("share", rows as f64 / all as f64)
        .with("distinctive_rows", distinctive as f64)
}

fn positives(group: &[u32], outcome: &Outcome<'_>) -> usize {
    group.iter().filter(|&&row| outcome.values()[row as usize] == 1.0).count()
}

/// Customers that have several rows, and customers that are on both sides.
pub(super) fn find_groups(groups: Option<&[u32]>, test: Option<&[u32]>) -> Vec<Finding> {
    let Some(groups) = groups else { return Vec::new() };
    let mut findings = Vec::new();
    let distinct: BTreeSet<u32> = groups.iter().copied().collect();
    if distinct.len() < groups.len() {
        let message = format!(
            "{} rows belong to {} groups: split whole groups (grouped folds), or the same customer is learned from and judged on",
            groups.len(),
            distinct.len()
        );
        let finding = Finding::new("repeated_groups", Severity::Note, message);
        findings.push(finding.with("rows", groups.len() as f64).with("groups", distinct.len() as f64));
    }
    let shared = test.unwrap_or_default().iter().filter(|group| distinct.contains(group)).count();
    if shared > 0 {
        let share = shared as f64 / test.map_or(1, <[u32]>::len) as f64;
        let message = format!(
            "{shared} rows of the test ({}) are of groups that the training table has too: split whole groups, or the test flatters the model",
            percent(share)
        );
        let finding = Finding::new("shared_groups", Severity::Warn, message);
        findings.push(finding.with("rows", shared as f64).with("share", share));
    }
    findings
}

/// A table of which some columns are compared.
struct Rows<'a> {
    data: &'a Columns<'a>,
    compared: &'a [usize],
}

impl Rows<'_> {
    /// A key per row: equal rows have equal keys.
    fn keys(&self) -> Vec<u64> {
        let mut keys = vec![0; self.data.rows()];
        for &column in self.compared {
            keys.iter_mut().zip(self.data.column(column)).for_each(|(key, &value)| *key = mixed(*key ^ bits(value)));
        }
        keys
    }

    /// The keys, and the rows in an order in which equal ones stand side by side.
    fn side_by_side(&self) -> (Vec<u64>, Vec<u32>) {
        let keys = self.keys();
        let mut rows: Vec<u32> = (0..self.data.rows() as u32).collect();
        // Different rows with one key are one in 10^19; they are told apart by what they hold.
        let values = |row: u32| self.compared.iter().map(move |&column| bits(self.data.column(column)[row as usize]));
        rows.sort_by(|&one, &other| {
            keys[one as usize].cmp(&keys[other as usize]).then_with(|| values(one).cmp(values(other)))
        });
        (keys, rows)
    }

    /// For each of these rows that the other table has too, the rows there that are equal; `known` holds those by key.
    fn found_in<'g>(&self, others: &Rows<'_>, known: &[(u64, &'g [u32])]) -> Vec<&'g [u32]> {
        let find = |(row, key): (usize, u64)| {
            let first = known.partition_point(|(known, _)| *known < key);
            let mut alike = known[first..].iter().take_while(|(known, _)| *known == key);
            alike.find(|(_, group)| self.equal(row, others, group[0] as usize)).map(|(_, group)| *group)
        };
        self.keys().into_iter().enumerate().filter_map(find).collect()
    }

    fn equal(&self, row: usize, others: &Self, other: usize) -> bool {
        self.compared
            .iter()
            .all(|&column| bits(self.data.column(column)[row]) == bits(others.data.column(column)[other]))
    }
}

/// How often each value of each column occurs.
struct Values<'a> {
    data: &'a Columns<'a>,
    columns: &'a [usize],
    /// Per column the known values in order, as bits.
    sorted: Vec<Vec<u64>>,
}

impl<'a> Values<'a> {
    /// Counts only where it is `needed`.
    fn new(data: &'a Columns<'a>, columns: &'a [usize], needed: bool) -> Self {
        let sorted = |column: usize| {
            let mut values: Vec<u64> = data.column(column).iter().map(|&value| bits(value)).collect();
            values.sort_unstable();
            values
        };
        let counted = if needed { columns.to_vec() } else { Vec::new() };
        Self { data, columns, sorted: parallel::map(counted, sorted) }
    }

    /// Whether two columns hold known values in these equal rows and in no others.
    fn are_distinctive(&self, equal: &[u32]) -> bool {
        let holds_one = |(column, values): &(&usize, &Vec<u64>)| {
            let value = bits(self.data.column(**column)[equal[0] as usize]);
            let first = values.partition_point(|&other| other < value);
            // As many as there are equal rows, and not one more.
            value != UNKNOWN && values.get(first + equal.len()) != Some(&value)
        };
        self.columns.iter().zip(&self.sorted).filter(holds_one).nth(1).is_some()
    }
}

const UNKNOWN: u64 = u64::MAX;

/// Unknown equals unknown, and zero has no sign.
pub(super) fn bits(value: f64) -> u64 {
    if value.is_nan() { UNKNOWN } else { (value + 0.0).to_bits() }
}

/// A one-to-one scrambling of 64 bits (Steele, Lea and Flood 2014).
fn mixed(bits: u64) -> u64 {
    let bits = bits.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}
