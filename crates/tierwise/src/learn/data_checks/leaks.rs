//! Columns that give the outcome away.

use super::DataChecks;
use super::copies::Copy;
use super::finding::{Finding, Severity};
use super::profile::{OneClass, Profile};

/// An AUC must be so many spreads of chance above 0.5 before anything is made of it: small tables have high AUCs.
const CERTAIN: f64 = 4.0;

/// In groups of any course a column that warns must be so telling, since good columns that rise and fall get far too.
const WARN_GROUPED: f64 = 0.9;

/// What makes a column far ahead of all others: its own AUC, and how often the next `2 AUC - 1` goes into its own.
const AHEAD_AUC: f64 = 0.75;
const AHEAD_TIMES: f64 = 2.0;
/// Among fewer columns one that is far ahead is no wonder.
const AHEAD_COLUMNS: usize = 5;

/// At most one finding per column: the one that says most. The most telling column comes first.
pub(super) fn find(profiles: &[Profile], copies: &[Copy], positive: &str, checks: &DataChecks<'_>) -> Vec<Finding> {
    let mut found: Vec<(usize, Finding)> = Vec::new();
    for (column, profile) in profiles.iter().enumerate().filter(|(_, profile)| !profile.is_constant()) {
        let finding = alone(profile, positive, checks);
        found.extend(finding.map(|finding| (column, finding)));
    }
    if let Some((column, finding)) = far_ahead(profiles, copies, &found) {
        found.push((column, finding));
    }
    found.sort_by(|(one, _), (other, _)| strength(&profiles[*other]).total_cmp(&strength(&profiles[*one])));
    found.into_iter().map(|(_, finding)| finding).collect()
}

/// The higher of the two AUCs.
fn strength(profile: &Profile) -> f64 {
    profile.auc.max(profile.grouped_auc)
}

/// What the column is guilty of whatever the others are.
fn alone(profile: &Profile, positive: &str, checks: &DataChecks<'_>) -> Option<Finding> {
    let above = |limit: f64, grouped_limit: f64| {
        profile.auc >= limit && profile.certainty >= CERTAIN
            || profile.grouped_auc >= grouped_limit && profile.grouped_certainty >= CERTAIN
    };
    let stops = above(checks.stop_auc, checks.stop_auc);
    let grave = if stops { Severity::Stop } else { Severity::Warn };
    let name = &profile.name;
    if let Some(one) = &profile.known {
        let class = class_of(one, positive);
        return Some(with_one_class(
            "known_for_one_class",
            grave,
            profile,
            one,
            format!(
                "column `{name}` is {} only where the outcome is {class} ({} rows): whether it is known depends on the outcome. Leave it out, or make sure when it is filled in",
                one.value, one.rows
            ),
        ));
    }
    if stops || above(checks.warn_auc, WARN_GROUPED.max(checks.warn_auc)) {
        let what = "it tells the outcome rather than foretells it, unless it is known before. Leave it out, or make sure when it is filled in";
        return Some(evidence(
            "separates_outcome",
            grave,
            profile,
            format!("column `{name}` alone ranks the outcome with an AUC of {:.3}: {what}", strength(profile)),
        ));
    }
    if profile.odds_high >= checks.odds && profile.odds_low >= checks.odds {
        return Some(evidence(
            "splits_outcome",
            Severity::Warn,
            profile,
            format!(
                "column `{name}` makes the outcome at least {:.0} times as likely for some rows and at least {:.0} times less for others (in odds): make sure that it is filled in before the outcome is known",
                profile.odds_high.floor(),
                profile.odds_low.floor()
            ),
        ));
    }
    let one = profile.value.as_ref()?;
    let class = class_of(one, positive);
    Some(with_one_class(
        "value_of_one_class",
        Severity::Warn,
        profile,
        one,
        format!(
            "all {} rows whose `{name}` is `{}` have the outcome {class}, where {:.0} of the other would be expected: make sure that this value is not set once the outcome is known",
            one.rows, one.value, one.expected
        ),
    ))
}

/// The column that says far more than all others that are not accused already and do not say the same.
fn far_ahead(profiles: &[Profile], copies: &[Copy], found: &[(usize, Finding)]) -> Option<(usize, Finding)> {
    let gini = |column: usize| 2.0 * strength(&profiles[column]) - 1.0;
    let accused = |column: &usize| found.iter().any(|(one, _)| one == column);
    let candidates = (0..profiles.len()).filter(|column| !accused(column) && !profiles[*column].is_constant());
    let first = candidates.clone().max_by(|&one, &other| gini(one).total_cmp(&gini(other)).then(other.cmp(&one)))?;
    let profile = &profiles[first];
    let others: Vec<usize> = candidates.filter(|&other| other != first && !same(copies, first, other)).collect();
    let next = others.iter().map(|&other| gini(other)).fold(0.0, f64::max);
    let certain = profile.certainty.max(profile.grouped_certainty) >= CERTAIN;
    if strength(profile) < AHEAD_AUC || gini(first) < AHEAD_TIMES * next || others.len() < AHEAD_COLUMNS || !certain {
        return None;
    }
    let next_auc = 0.5 + 0.5 * next;
    let message = format!(
        "column `{}` alone ranks the outcome with an AUC of {:.3}, the next one with {next_auc:.3}: make sure that it is filled in before the outcome is known",
        profile.name,
        strength(profile)
    );
    Some((first, evidence("far_ahead", Severity::Warn, profile, message).with("next_auc", next_auc)))
}

fn same(copies: &[Copy], one: usize, other: usize) -> bool {
    let original = |column: usize| copies.iter().find(|copy| copy.column == column).map_or(column, |copy| copy.of);
    original(one) == original(other)
}

fn class_of(one: &OneClass, positive: &str) -> String {
    format!("{}`{positive}`", if one.positive { "" } else { "not " })
}

fn evidence(code: &'static str, severity: Severity, profile: &Profile, message: String) -> Finding {
    let unknown = profile.unknown as f64 / profile.rows as f64;
    Finding::new(code, severity, message)
        .about(&profile.name)
        .with("auc", profile.auc)
        .with("grouped_auc", profile.grouped_auc)
        .with("odds_high", profile.odds_high)
        .with("odds_low", profile.odds_low)
        .with("unknown_share", unknown)
}

fn with_one_class(
    code: &'static str,
    severity: Severity,
    profile: &Profile,
    one: &OneClass,
    message: String,
) -> Finding {
    evidence(code, severity, profile, message)
        .with("rows", one.rows as f64)
        .with("expected_of_other_class", one.expected)
}
