//! When a model is refitted, what it learns from, and which rows judge it.

use super::OF;
use crate::evaluate::rows::parameter;
use crate::{Error, Result};
use serde::{Deserialize, Serialize};

/// More windows than anybody reads.
const MOST_WINDOWS: f64 = 10_000.0;

/// A schedule of refits, all in days. The day of a refit is its origin.
///
/// A model learns from the rows up to its origin whose outcome was known then, `day + outcome_known_after <= origin`, and
/// of these, with a `window`, from the last so many days. It is judged on the rows with a day in
/// `(at + gap, at + gap + horizon]`, first with `at` at the origin and then, until the next refit, every `score_every` days.
///
/// ```
/// use tierwise::evaluate::RollingOrigin;
/// let days: Vec<f64> = (0..100).map(f64::from).collect();
/// let schedule = RollingOrigin { first: Some(49.0), gap: 5.0, window: Some(30.0), ..RollingOrigin::every(20.0) };
/// let refits = schedule.refits(&days)?;
/// assert_eq!(refits.iter().map(|refit| refit.origin).collect::<Vec<_>>(), [49.0, 69.0, 89.0]);
/// assert_eq!(refits[0].train, (20..50).collect::<Vec<_>>());
/// assert_eq!(refits[0].windows[0].test, (55..75).collect::<Vec<_>>());
/// assert!(!refits[2].windows[0].complete); // it ends after the last day
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RollingOrigin {
    /// Days from one refit to the next.
    pub every: f64,
    /// Days from one window to the next, which the model of the last refit scores; `every` if `None`, and at most that.
    pub score_every: Option<f64>,
    /// How many days are judged at a time; `score_every` if `None`, so that windows touch.
    pub horizon: Option<f64>,
    /// Days between the last row that could be learned from and the first that is judged; 0 by default.
    pub gap: f64,
    /// How many days are learned from (sliding); all before (expanding) if `None`.
    pub window: Option<f64>,
    /// How many days after the day of a row its outcome is known; 0 by default. Set it where an outcome takes time, "bought
    /// within 30 days" say: rows of the last 30 days before a refit could not have been learned from.
    pub outcome_known_after: f64,
    /// The first origin. If `None`, the first one with a full `window` of days, and the middle of all days without it.
    pub first: Option<f64>,
    /// Fewer rows, to learn from or to judge by, are not enough; 50 by default (inferred).
    pub least_rows: usize,
    /// Fewer events, or fewer others, are not enough; 10 by default (inferred). Amounts have no events.
    pub least_events: usize,
}

impl RollingOrigin {
    /// A refit every so many days on all that is known, judged by the days until the next.
    pub fn every(days: f64) -> Self {
        Self {
            every: days,
            score_every: None,
            horizon: None,
            gap: 0.0,
            window: None,
            outcome_known_after: 0.0,
            first: None,
            least_rows: 50,
            least_events: 10,
        }
    }

    /// The refits, earliest first, each with its windows. Windows without a row are among them; the last ones may end after
    /// the last day, and are then not `complete`. No window begins after it.
    ///
    /// # Errors
    /// [`Error::EmptyTable`]; [`Error::InvalidValue`] with the row for a day that is not known; [`Error::InvalidParameter`]
    /// for settings out of range, and more than 10 000 windows; [`Error::NotEnoughData`] when no day comes after the
    /// first origin and the gap.
    pub fn refits(&self, days: &[f64]) -> Result<Vec<OriginRefit>> {
        self.check()?;
        let calendar = Calendar::new(days)?;
        let first = self.first.unwrap_or_else(|| self.usual_first(&calendar));
        let span = calendar.last - self.gap - first;
        if span <= 0.0 {
            let what = format!("a backtest from day {first}: days after it and the gap");
            return Err(Error::NotEnoughData { what, needed: 1, found: 0 });
        }
        if span / self.scored_every() > MOST_WINDOWS {
            let must_be = format!("a number of days of which at most {MOST_WINDOWS} fit into the period");
            return Err(parameter(OF, "score_every", &must_be, &self.scored_every()));
        }
        let mut judged_up_to = f64::NEG_INFINITY;
        let origins = (0_u32..).map(|refit| first + f64::from(refit) * self.every);
        let refit = |origin: f64| {
            let known = origin - self.outcome_known_after;
            let after = self.window.map_or(f64::NEG_INFINITY, |window| known - window);
            let train = calendar.rows(after, known);
            let not_known_yet = calendar.rows(known, origin).len();
            let windows = self.windows(origin, &calendar, &mut judged_up_to);
            OriginRefit { origin, train, not_known_yet, windows }
        };
        Ok(origins.take_while(|origin| origin + self.gap < calendar.last).map(refit).collect())
    }

    /// The windows that the model of one refit scores.
    fn windows(&self, origin: f64, calendar: &Calendar, judged_up_to: &mut f64) -> Vec<OriginWindow> {
        // What is short of the next refit by rounding only is the next refit.
        let before_next = self.every * (1.0 - 1e-9);
        let ages = (0_u32..).map(|place| f64::from(place) * self.scored_every());
        let window = |age: f64| {
            let at = origin + age;
            let after = at + self.gap;
            let up_to = after + self.judged_days();
            let overlaps = after < *judged_up_to - 1e-9 * self.judged_days();
            *judged_up_to = up_to;
            let complete = up_to <= calendar.last.ceil();
            OriginWindow { at, age, after, up_to, complete, overlaps, test: calendar.rows(after, up_to) }
        };
        ages.take_while(|&age| age < before_next && origin + age + self.gap < calendar.last).map(window).collect()
    }

    pub(super) fn scored_every(&self) -> f64 {
        self.score_every.unwrap_or(self.every)
    }

    /// Days in a window.
    pub(super) fn judged_days(&self) -> f64 {
        self.horizon.unwrap_or(self.scored_every())
    }

    fn usual_first(&self, calendar: &Calendar) -> f64 {
        match self.window {
            // Rows of whole days from the first one on.
            Some(window) => calendar.first.floor() - 1.0 + window + self.outcome_known_after,
            None => f64::midpoint(calendar.first, calendar.last).floor(),
        }
    }

    fn check(&self) -> Result<()> {
        let above_0 = [
            ("every", Some(self.every)),
            ("score_every", self.score_every),
            ("horizon", self.horizon),
            ("window", self.window),
        ];
        for (name, days) in above_0.into_iter().filter_map(|(name, days)| Some((name, days?))) {
            if !(days > 0.0 && days.is_finite()) {
                return Err(parameter(OF, name, "a number of days above 0", &days));
            }
        }
        for (name, days) in [("gap", self.gap), ("outcome_known_after", self.outcome_known_after)] {
            if !(days >= 0.0 && days.is_finite()) {
                return Err(parameter(OF, name, "a number of days, 0 or more", &days));
            }
        }
        if self.scored_every() > self.every {
            let must_be = format!("at most `every`, {}: a new model scores from its refit on", self.every);
            return Err(parameter(OF, "score_every", &must_be, &self.scored_every()));
        }
        match self.first {
            Some(first) if !first.is_finite() => Err(parameter(OF, "first", "a day that is known", &first)),
            _ => Ok(()),
        }
    }
}

/// One refit: when, on what, and which windows its model is judged on.
#[derive(Debug, Clone, PartialEq)]
pub struct OriginRefit {
    /// The day of the refit.
    pub origin: f64,
    /// The rows it learns from, ascending.
    pub train: Vec<usize>,
    /// Rows up to the origin that are left out because their outcome was not known yet.
    pub not_known_yet: usize,
    /// The windows it is judged on, earliest first.
    pub windows: Vec<OriginWindow>,
}

/// Days that are judged together.
#[derive(Debug, Clone, PartialEq)]
pub struct OriginWindow {
    /// The day on which these rows would have been scored.
    pub at: f64,
    /// How many days after the refit that is.
    pub age: f64,
    /// The judged rows come after this day,
    pub after: f64,
    /// and up to this one.
    pub up_to: f64,
    /// Whether the rows reach to the end of the window.
    pub complete: bool,
    /// Whether it begins before an earlier window ends.
    pub overlaps: bool,
    /// The judged rows, ascending.
    pub test: Vec<usize>,
}

/// Rows by day.
struct Calendar {
    by_day: Vec<(f64, usize)>,
    first: f64,
    last: f64,
}

impl Calendar {
    fn new(days: &[f64]) -> Result<Self> {
        if let Some(row) = days.iter().position(|day| !day.is_finite()) {
            let must_be = "every row needs a day to be placed in time; fill it in or leave the row out";
            return Err(Error::invalid_value("the day", row, days[row], must_be));
        }
        let mut by_day: Vec<(f64, usize)> = days.iter().copied().zip(0..).collect();
        by_day.sort_by(|one, two| one.0.total_cmp(&two.0));
        match (by_day.first(), by_day.last()) {
            (Some(&(first, _)), Some(&(last, _))) => Ok(Self { by_day, first, last }),
            _ => Err(Error::EmptyTable { what: "the list of days".into() }),
        }
    }

    /// The rows with a day in `(after, up_to]`.
    fn rows(&self, after: f64, up_to: f64) -> Vec<usize> {
        let place = |day: f64| self.by_day.partition_point(|&(one, _)| one <= day);
        let (from, to) = (place(after), place(up_to));
        let mut rows: Vec<usize> = self.by_day[from.min(to)..to].iter().map(|&(_, row)| row).collect();
        rows.sort_unstable();
        rows
    }
}
