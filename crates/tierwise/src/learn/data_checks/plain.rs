//! Columns that say nothing, columns that name rows, and too few events for so many columns.

use super::copies::Copy;
use super::finding::{Finding, Severity, percent};
use super::profile::Profile;
use crate::Outcome;

/// One value in more than this share of the rows leaves little to learn from.
const NEARLY_CONSTANT: f64 = 0.995;

/// More levels than this, and more than a tenth of the rows, look like an identifier.
const FEW_LEVELS: usize = 100;

/// The share of rows in order from which whole numbers count the rows.
const IN_ROW_ORDER: f64 = 0.99;

/// At most one finding per column.
pub(super) fn find(profiles: &[Profile]) -> Vec<Finding> {
    profiles.iter().filter_map(|profile| constant(profile).or_else(|| identifier(profile))).collect()
}

fn constant(profile: &Profile) -> Option<Finding> {
    let (value, rows) = &profile.most_common;
    let share = *rows as f64 / profile.rows as f64;
    let name = &profile.name;
    let (code, severity, message) = if profile.is_constant() {
        let message =
            format!("column `{name}` is `{value}` in every row: nothing can be learned from it. Leave it out");
        ("constant_column", Severity::Warn, message)
    } else if share > NEARLY_CONSTANT {
        let others = profile.rows - rows;
        let message = format!(
            "column `{name}` is `{value}` in {} of the rows: the {others} others are all that can be learned from",
            percent(share)
        );
        ("nearly_constant_column", Severity::Note, message)
    } else {
        return None;
    };
    Some(Finding::new(code, severity, message).about(name).with("rows", *rows as f64).with("share", share))
}

fn identifier(profile: &Profile) -> Option<Finding> {
    let name = &profile.name;
    let known = profile.rows - profile.unknown;
    let (code, severity, message) = if profile.is_numbers_as_text() {
        let message =
            format!("column `{name}` holds numbers as text: make numbers of them, and unknown of what is none");
        ("numbers_as_text", Severity::Warn, message)
    } else if profile.is_identifier() && profile.is_category {
        let message = format!(
            "column `{name}` has {} different texts in {known} rows: it names rows. Leave it out",
            profile.distinct
        );
        ("identifier", Severity::Warn, message)
    } else if profile.is_identifier() && profile.in_row_order >= IN_ROW_ORDER {
        let message = format!("column `{name}` counts the rows: leave it out, unless it stands for time");
        ("row_number", Severity::Note, message)
    } else if profile.is_identifier() {
        let message = format!("column `{name}` holds whole numbers that never repeat: leave it out if they name rows");
        ("identifier", Severity::Note, message)
    } else if profile.has_many_levels() {
        let message = format!(
            "column `{name}` has {} levels in {known} rows: most are too rare to learn from. Join levels, or leave it out",
            profile.distinct
        );
        ("many_levels", Severity::Warn, message)
    } else {
        return None;
    };
    let finding = Finding::new(code, severity, message).about(name);
    Some(finding.with("distinct", profile.distinct as f64).with("rows", known as f64))
}

impl Profile {
    fn has_many_levels(&self) -> bool {
        self.is_category && self.distinct > FEW_LEVELS && self.distinct > (self.rows - self.unknown) / 10
    }

    /// Levels that are read as numbers, too many of them for codes.
    fn is_numbers_as_text(&self) -> bool {
        self.numeric_levels > FEW_LEVELS && self.numeric_levels as f64 >= 0.95 * self.distinct as f64
    }

    /// What a linear model would have to learn: one per number, one per level but the first, and one for unknown.
    fn parameters(&self) -> usize {
        let known = if self.is_category { self.distinct.saturating_sub(1) } else { usize::from(self.distinct > 1) };
        known + usize::from(self.unknown > 0)
    }
}

/// Rows of the rarer class per parameter (Peduzzi, Concato, Kemper, Holford and Feinstein 1996: ten at least). Columns
/// that other findings say to leave out do not count.
pub(super) fn few_events(profiles: &[Profile], copies: &[Copy], outcome: &Outcome<'_>, least: f64) -> Option<Finding> {
    let left_out = |column: usize| {
        let profile = &profiles[column];
        let copied = copies.iter().any(|copy| copy.column == column);
        copied || profile.is_constant() || profile.is_identifier() || profile.has_many_levels()
    };
    let parameters: usize =
        (0..profiles.len()).filter(|&column| !left_out(column)).map(|column| profiles[column].parameters()).sum();
    let counts = |row: &usize| outcome.row_weights().is_none_or(|weights| weights[*row] > 0.0);
    let rows: Vec<usize> = (0..outcome.values().len()).filter(counts).collect();
    let positives = rows.iter().filter(|&&row| outcome.values()[row] == 1.0).count();
    let events = positives.min(rows.len() - positives);
    let per_parameter = events as f64 / parameters as f64;
    if parameters == 0 || per_parameter >= least {
        return None;
    }
    let message = format!(
        "the rarer class has {events} rows for {parameters} parameters, {per_parameter:.1} each, where {least} are wanted: use fewer columns, fewer levels, or a strong penalty"
    );
    let finding = Finding::new("few_events", Severity::Warn, message);
    Some(
        finding
            .with("events", events as f64)
            .with("parameters", parameters as f64)
            .with("events_per_parameter", per_parameter),
    )
}
