//! What of a batch is to be watched or acted on, and what to do next.

use super::{BatchFigures, BatchScoreShift, Finding, MonitoringOptions};
use crate::evaluate::before_after::{Bounded, changed};
use crate::evaluate::drift::{ColumnDrift, DriftLevel, DriftSettings, TableDrift};
use crate::evaluate::fairness::GroupFigure;
use crate::evaluate::words::{listed, percent};
use crate::special::normal::normal_width;

pub(super) fn findings(
    then: &BatchFigures,
    now: &BatchFigures,
    score: Option<&BatchScoreShift>,
    drift: Option<&TableDrift>,
    options: &MonitoringOptions,
    settings: &DriftSettings,
) -> Vec<Finding> {
    let mut found = Vec::new();
    found.extend(ranking(then, now, options));
    found.extend(calibration(now, options));
    found.extend(slope(now, options));
    found.extend(base_rate(then, now, options));
    found.extend(score.and_then(moved_scores));
    let columns = drift.map_or(&[][..], |drift| &drift.columns[..]);
    found.extend(moved_columns(columns, settings));
    found.extend(unknown_values(columns, options));
    found.extend(columns.iter().filter_map(|column| unseen_levels(column, options)));
    found
}

fn finding(level: DriftLevel, says: String, next: &str) -> Finding {
    Finding { level, says, next: next.to_owned() }
}

/// The ends of an interval that holds as much as one kind of finding may.
fn shared(found: &Bounded, options: &MonitoringOptions) -> (f64, f64) {
    let wider = normal_width(options.shared_confidence()) / normal_width(options.confidence);
    (found.value - wider * (found.value - found.low), found.value + wider * (found.high - found.value))
}

/// Of two independent samples the errors add up.
fn ranking(then: &BatchFigures, now: &BatchFigures, options: &MonitoringOptions) -> Option<Finding> {
    let known = |figures: &BatchFigures| figures.roc_auc.as_ref().and_then(GroupFigure::known).copied();
    let area = known(now)?;
    let (_, high) = shared(&area, options);
    if high < 0.5 {
        let says = format!("The score points the wrong way: ROC AUC {:.3}, at most {:.3}.", area.value, area.high);
        return Some(finding(
            DriftLevel::Act,
            says,
            "Look whether the outcome or the score was turned round, before anything else.",
        ));
    }
    let before = known(then)?;
    let loss = before.value - area.value;
    let least = loss - (before.value - shared(&before, options).0).hypot(high - area.value);
    if least <= 0.0 || loss < options.auc_loss / 4.0 {
        return None;
    }
    let level = if least > options.auc_loss { DriftLevel::Act } else { DriftLevel::Watch };
    let says = format!("It ranks worse than in the reference: ROC AUC {:.3} against {:.3}.", area.value, before.value);
    Some(finding(
        level,
        says,
        "See which columns moved; then learn it anew on recent customers, and let the two compete.",
    ))
}

fn calibration(now: &BatchFigures, options: &MonitoringOptions) -> Option<Finding> {
    let (found, came) = (now.calibration.as_ref()?, now.base_rate.as_ref()?);
    let (low, high) = shared(&found.ratio, options);
    let little = options.off_by.powf(0.25);
    if (low..=high).contains(&1.0) || (1.0 / little..=little).contains(&found.ratio.value) {
        return None;
    }
    let far = low > options.off_by || high < 1.0 / options.off_by;
    let level = if far { DriftLevel::Act } else { DriftLevel::Watch };
    let says = format!("{} was said on average, and {} came.", percent(found.mean_probability), percent(came.rate));
    Some(finding(
        level,
        says,
        "Calibrate it anew on the last batches whose outcomes are complete; the order needs no change for that.",
    ))
}

fn slope(now: &BatchFigures, options: &MonitoringOptions) -> Option<Finding> {
    let slope = now.calibration.as_ref()?.slope.known()?;
    let (low, high) = shared(&Bounded { value: slope.value, low: slope.low, high: slope.high }, options);
    let extreme = high < 1.0 / options.off_by;
    if !extreme && low <= options.off_by {
        return None;
    }
    let how = if extreme { "extreme" } else { "timid" };
    let says = format!("The probabilities are too {how}: calibration slope {:.2}.", slope.value);
    Some(finding(DriftLevel::Watch, says, "Calibrate it anew; if the slope falls batch by batch, learn it anew."))
}

fn base_rate(then: &BatchFigures, now: &BatchFigures, options: &MonitoringOptions) -> Option<Finding> {
    let (before, after) = (then.base_rate.as_ref()?, now.base_rate.as_ref()?);
    let change = changed((before.events, before.trials), (after.events, after.trials), options.shared_confidence());
    let beyond_chance = change.difference.low > 0.0 || change.difference.high < 0.0;
    let ratio = after.rate / before.rate;
    if !beyond_chance || (1.0 / options.off_by..=options.off_by).contains(&ratio) {
        return None;
    }
    let says = format!("The share of events is {} where it was {}.", percent(after.rate), percent(before.rate));
    Some(finding(
        DriftLevel::Watch,
        says,
        "Ask what changed: the customers, the offer, or how the outcome is recorded.",
    ))
}

fn moved_scores(score: &BatchScoreShift) -> Option<Finding> {
    let says = format!("The scores moved: population stability index {:.2}.", score.population_stability);
    let next = "See which columns moved it (characteristic_stability), and whether cuts and tiers still hold as many customers.";
    (score.level != DriftLevel::Stable).then(|| finding(score.level, says, next))
}

fn moved_columns(columns: &[ColumnDrift], settings: &DriftSettings) -> Option<Finding> {
    let level = |column: &ColumnDrift| DriftLevel::of(column.population_stability, column.adjusted_p_value, settings);
    let worst = columns.iter().map(level).max().filter(|level| *level != DriftLevel::Stable)?;
    let mut moved: Vec<&ColumnDrift> = columns.iter().filter(|column| level(column) == worst).collect();
    moved.sort_by(|one, two| two.population_stability.total_cmp(&one.population_stability));
    let names: Vec<&str> = moved.iter().take(5).map(|column| column.column.as_str()).collect();
    let more = moved.len().saturating_sub(5);
    let also = if more > 0 { format!(", and {more} more") } else { String::new() };
    let says = format!("Moved since the reference: {}{also}.", listed(&names));
    Some(finding(
        worst,
        says,
        "Find out whether customers changed or the way the column is filled; mend the latter at its source.",
    ))
}

/// The p-value of each column counts as one of so many.
fn unknown_values(columns: &[ColumnDrift], options: &MonitoringOptions) -> Option<Finding> {
    let beyond_chance = |column: &&ColumnDrift| {
        column.unknown.p_value * columns.len() as f64 <= 1.0 - options.shared_confidence()
            && column.unknown.difference >= options.unknown_rise
    };
    let risen: Vec<&ColumnDrift> = columns.iter().filter(beyond_chance).collect();
    let most = risen.iter().max_by(|one, two| one.unknown.difference.total_cmp(&two.unknown.difference))?;
    let level = if most.unknown.difference >= 4.0 * options.unknown_rise { DriftLevel::Act } else { DriftLevel::Watch };
    let also = match risen.len() - 1 {
        0 => String::new(),
        more => format!(" (and of {more} more columns)"),
    };
    let says = format!(
        "Unknown more often: `{}`, {} where it was {}{also}.",
        most.column,
        percent(most.unknown.current),
        percent(most.unknown.reference)
    );
    Some(finding(
        level,
        says,
        "See whether a source no longer delivers it; until then the score falls back on what it gives for unknown.",
    ))
}

fn unseen_levels(column: &ColumnDrift, options: &MonitoringOptions) -> Option<Finding> {
    let share: f64 = column.unseen.iter().map(|level| level.share).sum();
    if share < options.unseen_share || column.unseen.is_empty() {
        return None;
    }
    // A handful of customers is no trend.
    let many = share * column.current_rows >= 5.0;
    let level = if many && share >= 5.0 * options.unseen_share { DriftLevel::Act } else { DriftLevel::Watch };
    let names: Vec<&str> = column.unseen.iter().take(3).map(|level| level.level.as_str()).collect();
    let says = format!(
        "`{}` has values the model never saw, {} of the customers: {}.",
        column.column,
        percent(share),
        listed(&names)
    );
    Some(finding(level, says, "Add them to the model when it is learned anew, or map them to levels it knows."))
}
