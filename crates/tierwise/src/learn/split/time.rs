//! Splits by time: learn from what was known then, judge on what came after.

use super::{Fold, invalid};
use crate::{Error, Result};

/// Learns from rows before a day and judges on rows from that day on. Rows in the last `gap` days before it are left
/// out: set it to the span of time that an outcome takes to show, or the model would learn from outcomes that nobody
/// knew at `at`.
///
/// Days are days since 1970-01-01, with fractions for instants. Training is `day < at - gap`, the test `day >= at`.
///
/// ```
/// use tierwise::learn::time_split;
/// let split = time_split(&[10.0, 40.0, 20.0, 30.0], 30.0, 5.0)?;
/// assert_eq!((split.train, split.test), (vec![0, 2], vec![1, 3]));
/// # Ok::<(), tierwise::Error>(())
/// ```
///
/// # Errors
/// [`Error::InvalidValue`] with the row for a day that is not known, [`Error::InvalidParameter`] for a gap below 0, and
/// [`Error::NotEnoughData`] when one side has no row.
pub fn time_split(days: &[f64], at: f64, gap: f64) -> Result<Fold> {
    check_days(days)?;
    check_span("time_split", "gap", gap, 0.0)?;
    if !at.is_finite() {
        return Err(invalid("time_split", "at", "a day that is known", at.to_string()));
    }
    window(days, f64::NEG_INFINITY, at - gap, at, f64::INFINITY)
}

/// Windows that follow one another in time, each judged by what lies before it. The last one ends with the last row.
///
/// ```
/// use tierwise::learn::TimeFolds;
/// let days: Vec<f64> = (0..100).map(f64::from).collect();
/// let folds = TimeFolds::new(10.0).folds(3).gap(5.0).longest_training(40.0).split(&days)?;
/// assert_eq!(folds[0].test, (70..80).collect::<Vec<_>>());
/// assert_eq!(folds[0].train, (25..65).collect::<Vec<_>>()); // 40 days, which end 5 days before the test
/// assert_eq!(folds[2].test, (90..100).collect::<Vec<_>>());
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TimeFolds {
    horizon: f64,
    folds: usize,
    gap: f64,
    longest_training: f64,
}

impl TimeFolds {
    /// Five windows of `horizon` days, no gap, and all that lies before a window to learn from.
    pub fn new(horizon: f64) -> Self {
        Self { horizon, folds: 5, gap: 0.0, longest_training: f64::INFINITY }
    }

    /// The number of windows, at least 1; 5 unless set.
    #[must_use]
    pub fn folds(self, folds: usize) -> Self {
        Self { folds, ..self }
    }

    /// How many days before a window are left out; 0 unless set. See [`time_split`].
    #[must_use]
    pub fn gap(self, gap: f64) -> Self {
        Self { gap, ..self }
    }

    /// Learn from so many days at most (a rolling window); from everything before, unless set (an expanding window).
    #[must_use]
    pub fn longest_training(self, days: f64) -> Self {
        Self { longest_training: days, ..self }
    }

    /// The folds, earliest first. No row is tested twice. The last window ends with the whole day of the last row.
    ///
    /// # Errors
    /// [`Error::InvalidValue`] with the row for a day that is not known, [`Error::InvalidParameter`] for settings out of
    /// range, [`Error::EmptyTable`], and [`Error::NotEnoughData`] for a window without a row to test or to learn from.
    pub fn split(&self, days: &[f64]) -> Result<Vec<Fold>> {
        const OF: &str = "TimeFolds";
        check_days(days)?;
        check_span(OF, "gap", self.gap, 0.0)?;
        check_span(OF, "horizon", self.horizon, f64::MIN_POSITIVE)?;
        if self.folds == 0 {
            return Err(invalid(OF, "folds", "a whole number of at least 1", "0".into()));
        }
        if self.longest_training.is_nan() || self.longest_training <= 0.0 {
            return Err(invalid(OF, "longest_training", "days above 0", self.longest_training.to_string()));
        }
        let end = days.iter().copied().fold(f64::NEG_INFINITY, f64::max).floor() + 1.0;
        let fold = |before_end: usize| {
            let until = end - before_end as f64 * self.horizon;
            let from = end - (before_end + 1) as f64 * self.horizon;
            let train_until = from - self.gap;
            window(days, train_until - self.longest_training, train_until, from, until)
        };
        (0..self.folds).rev().map(fold).collect()
    }
}

/// The rows of two stretches of time, both half-open; neither may be empty.
fn window(days: &[f64], train_from: f64, train_until: f64, from: f64, until: f64) -> Result<Fold> {
    let rows = |from: f64, until: f64| -> Vec<usize> {
        (0..days.len()).filter(|&row| days[row] >= from && days[row] < until).collect()
    };
    let fold = Fold { train: rows(train_from, train_until), test: rows(from, until) };
    let empty = if fold.test.is_empty() {
        Some(format!("a test from day {from}: rows on or after it"))
    } else if fold.train.is_empty() {
        Some(format!("the test from day {from}: rows to learn from before day {train_until}"))
    } else {
        None
    };
    match empty {
        Some(what) => Err(Error::NotEnoughData { what, needed: 1, found: 0 }),
        None => Ok(fold),
    }
}

fn check_days(days: &[f64]) -> Result<()> {
    if days.is_empty() {
        return Err(Error::EmptyTable { what: "the list of days".into() });
    }
    let Some(row) = days.iter().position(|day| !day.is_finite()) else { return Ok(()) };
    Err(Error::InvalidValue {
        what: "the day".into(),
        row,
        key: None,
        found: if days[row].is_nan() { "unknown".into() } else { days[row].to_string() },
        must_be: "every row needs a day to be placed in time; fill it in or leave the row out".into(),
    })
}

fn check_span(of: &'static str, name: &'static str, days: f64, least: f64) -> Result<()> {
    if days >= least && days.is_finite() {
        return Ok(());
    }
    let must_be = if least > 0.0 { "days above 0" } else { "days, 0 or more" };
    Err(invalid(of, name, must_be, days.to_string()))
}
