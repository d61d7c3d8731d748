//! Drift over time: the figures of each window of days against one reference.

use super::column::{Side, compare};
use super::settings::{DriftSample, DriftSettings};
use super::table::{TableDrift, check_features, side};
use crate::evaluate::rows::parameter;
use crate::{Error, Feature, Result, parallel};
use serde::Serialize;

/// What changed in the rows of some days.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DriftWindow {
    /// The first day.
    pub from: f64,
    /// The day after the last.
    pub to: f64,
    /// Whether the rows reach to its end; the last windows may be cut off.
    pub complete: bool,
    /// How many customers it holds.
    pub rows: f64,
    /// What changed; none in a window without rows.
    pub drift: Option<TableDrift>,
}

/// Compares each window of `length` days with the reference; windows begin at the first day and every `step` days after it.
///
/// P-values are adjusted for the columns of a window, not for the number of windows: of twenty windows without a change one
/// may be expected to alarm, where it is small.
///
/// ```
/// use tierwise::{Columns, Feature, evaluate::{DriftSettings, drift_windows}};
/// let features = [Feature::number("score")];
/// let then: Vec<f64> = (0..500).map(|row| f64::from(row % 100)).collect();
/// let now: Vec<f64> = (0..500).map(|row| f64::from(row % 100 + if row < 250 { 0 } else { 60 })).collect();
/// let days: Vec<f64> = (0..500).map(|row| f64::from(row / 50)).collect(); // ten days of fifty customers
/// let (then, now) = (Columns::new(&features, &[("score", &then)])?, Columns::new(&features, &[("score", &now)])?);
/// let windows = drift_windows(&then, &now, &days, 5.0, 5.0, &DriftSettings::default())?;
/// let level = |window: usize| windows[window].drift.as_ref().map(|drift| drift.level().as_str());
/// assert_eq!((windows.len(), level(0), level(1)), (2, Some("stable"), Some("act")));
/// # Ok::<(), tierwise::Error>(())
/// ```
///
/// # Errors
/// Those of [`drift`](super::drift); [`Error::WrongLength`] and [`Error::InvalidValue`] with the row for days;
/// [`Error::InvalidParameter`] for a length or step that is not above 0, and for more than 10 000 windows.
pub fn drift_windows<'a>(
    reference: impl Into<DriftSample<'a>>,
    current: impl Into<DriftSample<'a>>,
    days: &[f64],
    length: f64,
    step: f64,
    settings: &DriftSettings,
) -> Result<Vec<DriftWindow>> {
    settings.check("drift_windows")?;
    let (reference, current) = (reference.into().checked("reference")?, current.into().checked("current")?);
    check_features(&reference, &current)?;
    let (first, last) = check_days(days, current.columns.rows())?;
    for (name, value) in [("length", length), ("step", step)] {
        if !(value > 0.0 && value.is_finite()) {
            return Err(parameter("drift_windows", name, "a number of days above 0", &value));
        }
    }
    let count = ((last - first) / step).floor() + 1.0;
    if count > MOST_WINDOWS {
        let must_be = format!("a number of days of which at most {MOST_WINDOWS} fit into the period");
        return Err(parameter("drift_windows", "step", &must_be, &step));
    }
    let features = reference.columns.features();
    let sides = parallel::map((0..features.len()).collect(), |index| side(&reference, index));
    let window = |place: usize| {
        let from = first + place as f64 * step;
        let to = from + length;
        let rows: Vec<usize> = (0..days.len()).filter(|&row| days[row] >= from && days[row] < to).collect();
        let (rows, drift) = of_rows(features, &sides, &current, &rows, settings);
        DriftWindow { from, to, complete: to <= last + 1.0, rows, drift }
    };
    Ok((0..count as usize).map(window).collect())
}

const MOST_WINDOWS: f64 = 10_000.0;

fn check_days(days: &[f64], rows: usize) -> Result<(f64, f64)> {
    if days.len() != rows {
        return Err(Error::WrongLength { what: "the days".into(), expected: rows, found: days.len() });
    }
    if let Some(row) = days.iter().position(|day| !day.is_finite()) {
        return Err(Error::invalid_value(
            "the day",
            row,
            days[row],
            "every row needs a day; leave out rows without one",
        ));
    }
    let first = days.iter().copied().fold(f64::INFINITY, f64::min);
    Ok((first, days.iter().copied().fold(f64::NEG_INFINITY, f64::max)))
}

fn of_rows(
    features: &[Feature],
    reference: &[Side],
    current: &DriftSample<'_>,
    rows: &[usize],
    settings: &DriftSettings,
) -> (f64, Option<TableDrift>) {
    let weights: Option<Vec<f64>> = current.weights.map(|weights| rows.iter().map(|&row| weights[row]).collect());
    let total = weights.as_ref().map_or(rows.len() as f64, |weights| weights.iter().sum());
    if total == 0.0 {
        return (0.0, None);
    }
    let columns = parallel::map((0..features.len()).collect(), |index: usize| {
        let values: Vec<f64> = rows.iter().map(|&row| current.columns.column(index)[row]).collect();
        let side = Side::new(&features[index], &values, weights.as_deref());
        compare(&features[index], &reference[index], &side, settings)
    });
    (total, Some(TableDrift::new(columns, settings)))
}
