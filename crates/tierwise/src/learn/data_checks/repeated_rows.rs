//! Rows that occur more than once, in the table or on both sides of a split, and customers that do.

use super::finding::{Finding, Severity, percent};
use super::profile::Profile;
use crate::{Columns, Outcome};
use std::collections::BTreeSet;

/// From this share on repeated rows are worth a warning.
const MANY: f64 = 0.01;

/// Repeated rows of the table, repeated rows whose outcomes differ, and rows of the test that the table has too. Columns
/// that name rows are not compared.
pub(super) fn find(
    data: &Columns<'_>,
    outcome: &Outcome<'_>,
    profiles: &[Profile],
    test: Option<&Columns<'_>>,
) -> Vec<Finding> {
    let compared: Vec<usize> = (0..profiles.len()).filter(|&column| !profiles[column].is_identifier()).collect();
    let mut findings = Vec::new();
    if compared.is_empty() {
        return findings;
    }
    let rows = Rows { data, compared: &compared };
    let classes = rows.classes();
    let same = |group: &&[u32]| group.len() > 1;
    let (mut repeated, mut conflicting, mut sets) = (0, 0, 0);
    for group in classes.chunk_by(|&one, &other| rows.equal(one as usize, &rows, other as usize)).filter(same) {
        let positives = group.iter().filter(|&&row| outcome.values()[row as usize] == 1.0).count();
        repeated += positives.saturating_sub(1) + (group.len() - positives).saturating_sub(1);
        if positives > 0 && positives < group.len() {
            conflicting += group.len();
            sets += 1;
        }
    }
    let all = data.rows() as f64;
    if repeated > 0 {
        let share = repeated as f64 / all;
        let severity = if share >= MANY { Severity::Warn } else { Severity::Note };
        let message = format!(
            "{repeated} rows ({}) repeat another one in every column and in the outcome: drop them if they are copies; customers with few and coarse columns may be alike",
            percent(share)
        );
        findings.push(counted("duplicate_rows", severity, message, repeated, share));
    }
    if conflicting > 0 {
        let share = conflicting as f64 / all;
        let message = format!(
            "{conflicting} rows ({}) are equal to another one in every column but not in the outcome: if they are the same customers, one outcome is wrong",
            percent(share)
        );
        let finding = counted("conflicting_rows", Severity::Note, message, conflicting, share);
        findings.push(finding.with("sets", f64::from(sets)));
    }
    if let Some(test) = test.filter(|test| test.rows() > 0) {
        findings.extend(shared(&rows, &classes, &Rows { data: test, compared: &compared }));
    }
    findings
}

fn shared(rows: &Rows<'_>, classes: &[u32], test: &Rows<'_>) -> Option<Finding> {
    let keys: Vec<u64> = rows.keys();
    let known: Vec<(u64, u32)> = classes.iter().map(|&row| (keys[row as usize], row)).collect();
    let occurs = |(row, key): (usize, u64)| {
        let first = known.partition_point(|(known, _)| *known < key);
        let alike = known[first..].iter().take_while(|(known, _)| *known == key);
        alike.into_iter().any(|&(_, other)| test.equal(row, rows, other as usize))
    };
    let shared = test.keys().into_iter().enumerate().filter(|&row| occurs(row)).count();
    let share = shared as f64 / test.data.rows() as f64;
    if shared == 0 {
        return None;
    }
    let severity = if share >= MANY { Severity::Warn } else { Severity::Note };
    let message = format!(
        "{shared} rows of the test ({}) occur in the training table too: drop them from the test, or it flatters the model",
        percent(share)
    );
    Some(counted("shared_rows", severity, message, shared, share))
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
        findings.push(counted("shared_groups", Severity::Warn, message, shared, share));
    }
    findings
}

fn counted(code: &'static str, severity: Severity, message: String, rows: usize, share: f64) -> Finding {
    Finding::new(code, severity, message).with("rows", rows as f64).with("share", share)
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

    /// The rows in an order in which equal ones stand side by side.
    fn classes(&self) -> Vec<u32> {
        let keys = self.keys();
        let mut rows: Vec<u32> = (0..self.data.rows() as u32).collect();
        // Different rows with one key are one in 10^19; they are told apart by what they hold.
        let values = |row: u32| self.compared.iter().map(move |&column| bits(self.data.column(column)[row as usize]));
        rows.sort_by(|&one, &other| {
            keys[one as usize].cmp(&keys[other as usize]).then_with(|| values(one).cmp(values(other)))
        });
        rows
    }

    fn equal(&self, row: usize, others: &Self, other: usize) -> bool {
        self.compared
            .iter()
            .all(|&column| bits(self.data.column(column)[row]) == bits(others.data.column(column)[other]))
    }
}

/// Unknown equals unknown, and zero has no sign.
pub(super) fn bits(value: f64) -> u64 {
    if value.is_nan() { u64::MAX } else { (value + 0.0).to_bits() }
}

/// A one-to-one scrambling of 64 bits (Steele, Lea and Flood 2014).
fn mixed(bits: u64) -> u64 {
    let bits = bits.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}
