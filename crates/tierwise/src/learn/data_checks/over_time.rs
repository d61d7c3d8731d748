//! What time does to a table: a base rate that drifts, and dates that lie in the future.

use super::finding::{Finding, Severity, percent};
use super::profile::Target;
use crate::feature::position;
use crate::{Columns, Error, Result};
use statrs::distribution::{ChiSquared, ContinuousCDF};

/// Stretches of time with about as many rows each.
const STRETCHES: usize = 5;

/// A drift is reported when chance explains it less often than this.
const LEVEL: f64 = 1e-3;

/// From this ratio of odds between two stretches on it is worth a warning.
const ODDS: f64 = 1.5;

/// The weight of either class in one stretch of time.
#[derive(Debug, Clone, Copy, Default)]
struct Stretch {
    rows: usize,
    events: f64,
    others: f64,
}

impl Stretch {
    fn rate(&self) -> f64 {
        self.events / (self.events + self.others)
    }

    /// With half a row more of either class, so that it has a logarithm.
    fn odds(&self) -> f64 {
        (self.events + 0.5) / (self.others + 0.5)
    }
}

/// Whether the rate differs between fifths of the rows in order of time: a test of homogeneity (Pearson), the trend (the
/// test of Cochran 1954 and Armitage 1955), and how much it is.
pub(super) fn drift(days: &[f64], target: &Target) -> Result<Option<Finding>> {
    if let Some(row) = days.iter().position(|day| !day.is_finite()) {
        return Err(not_known("the day", row, days[row]));
    }
    let stretches = stretches(days, target);
    if stretches.len() < 2 {
        return Ok(None);
    }
    let chi_squared = homogeneity(&stretches, target.base_rate());
    let freedom = stretches.len() as f64 - 1.0;
    // At least one degree of freedom is a distribution.
    let p_value = ChiSquared::new(freedom).map_or(1.0, |chance| chance.sf(chi_squared));
    if p_value >= LEVEL {
        return Ok(None);
    }
    let by_odds = |one: &&Stretch, other: &&Stretch| one.odds().total_cmp(&other.odds());
    let lowest = stretches.iter().min_by(by_odds).copied().unwrap_or_default();
    let highest = stretches.iter().max_by(by_odds).copied().unwrap_or_default();
    let (first, last) = (stretches[0].rate(), stretches[stretches.len() - 1].rate());
    let ratio = highest.odds() / lowest.odds();
    let severity = if ratio >= ODDS { Severity::Warn } else { Severity::Note };
    let message = format!(
        "the base rate drifts: {} in the first fifth of the rows by time, {} in the last, between {} and {} on the way: judge by time, not by lot, and calibrate to the latest rows",
        percent(first),
        percent(last),
        percent(lowest.rate()),
        percent(highest.rate())
    );
    let finding = Finding::new("base_rate_drift", severity, message)
        .with("first_rate", first)
        .with("last_rate", last)
        .with("lowest_rate", lowest.rate())
        .with("highest_rate", highest.rate())
        .with("odds_ratio", ratio)
        .with("trend_z", trend(&stretches, target.base_rate()))
        .with("chi_squared", chi_squared)
        .with("p_value", p_value);
    Ok(Some(finding))
}

/// Rows of one moment stay together.
fn stretches(days: &[f64], target: &Target) -> Vec<Stretch> {
    let mut order: Vec<usize> = (0..days.len()).filter(|&row| target.weight[row] > 0.0).collect();
    order.sort_by(|&one, &other| days[one].total_cmp(&days[other]));
    let rows = order.len();
    let mut stretches = vec![Stretch::default()];
    let mut before = 0;
    for moment in order.chunk_by(|&one, &other| days[one] == days[other]) {
        let full = stretches.len() * rows / STRETCHES;
        if before > 0 && before >= full && stretches.len() < STRETCHES {
            stretches.push(Stretch::default());
        }
        if let Some(stretch) = stretches.last_mut() {
            for &row in moment {
                stretch.rows += 1;
                *(if target.positive[row] { &mut stretch.events } else { &mut stretch.others }) += target.weight[row];
            }
        }
        before += moment.len();
    }
    stretches
}

fn homogeneity(stretches: &[Stretch], base_rate: f64) -> f64 {
    let part = |stretch: &Stretch| {
        let weight = stretch.events + stretch.others;
        (stretch.events - weight * base_rate).powi(2) / (weight * base_rate * (1.0 - base_rate))
    };
    stretches.iter().map(part).sum()
}

/// Above 0 where the rate rises: the statistic of Cochran and Armitage with equal steps, standard normal without a trend.
fn trend(stretches: &[Stretch], base_rate: f64) -> f64 {
    let weight = |stretch: &Stretch| stretch.events + stretch.others;
    let total: f64 = stretches.iter().map(weight).sum();
    let steps = || stretches.iter().enumerate().map(|(step, stretch)| (step as f64, stretch));
    let mean: f64 = steps().map(|(step, stretch)| step * weight(stretch) / total).sum();
    let covered: f64 =
        steps().map(|(step, stretch)| (step - mean) * (stretch.events - weight(stretch) * base_rate)).sum();
    let variance: f64 = steps().map(|(step, stretch)| weight(stretch) * (step - mean).powi(2)).sum();
    covered / (base_rate * (1.0 - base_rate) * variance).sqrt()
}

/// Columns of dates that hold days after the day from which the row is scored.
pub(super) fn dated_after(data: &Columns<'_>, dates: &[String], as_of: &[f64]) -> Result<Vec<Finding>> {
    if let Some(row) = as_of.iter().position(|day| !day.is_finite()) {
        return Err(not_known("`as_of`", row, as_of[row]));
    }
    let mut findings = Vec::new();
    for name in dates {
        let column = data.column(position(data.features(), name, "the list of date columns")?);
        let later = |(row, day): (usize, &f64)| *day > if as_of.len() == 1 { as_of[0] } else { as_of[row] };
        let rows = column.iter().enumerate().filter(|&row| later(row)).count();
        if rows == 0 {
            continue;
        }
        let share = rows as f64 / data.rows() as f64;
        let message = format!(
            "column `{name}` lies after `as_of` in {rows} rows ({}): nobody could know it then. Leave it out, unless it is a date that was planned",
            percent(share)
        );
        let finding = Finding::new("dated_after_as_of", Severity::Warn, message).about(name);
        findings.push(finding.with("rows", rows as f64).with("share", share));
    }
    Ok(findings)
}

fn not_known(what: &str, row: usize, day: f64) -> Error {
    Error::InvalidValue {
        what: what.into(),
        row,
        key: None,
        found: if day.is_nan() { "unknown".into() } else { day.to_string() },
        must_be: "every row needs a day to be placed in time; fill it in or leave the row out".into(),
    }
}
