//! The chance of not being lost from sight.

use super::concordance::check_durations;
use super::rows::Rows;
use crate::{Error, Outcome, Result};

/// The chance of not being censored up to a time, estimated by Kaplan and Meier (1958) with events and censorings in
/// exchanged roles; of events and censorings at the same time, events come first.
///
/// ```
/// use tierwise::{Outcome, evaluate::Censoring};
/// let left = Outcome::binary("left", &[true, false, true, false]);
/// let censoring = Censoring::estimate(&[1.0, 2.0, 2.0, 5.0], &left)?;
/// // At 2 one has left and one of the other two is lost from sight.
/// assert_eq!((censoring.at(1.5), censoring.at(2.0), censoring.at(6.0)), (Some(1.0), Some(0.5), None));
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Censoring {
    /// Rising times, and the chance of not being censored up to and including each.
    steps: Vec<(f64, f64)>,
}

impl Censoring {
    /// From durations and whether they ended with the event (the positive class of `event`), with its weights.
    ///
    /// # Errors
    /// [`Error::EmptyTable`], [`Error::WrongLength`]; [`Error::InvalidValue`] with the row for a duration that is negative
    /// or not finite.
    pub fn estimate(duration: &[f64], event: &Outcome<'_>) -> Result<Self> {
        let rows = event.values().len();
        if rows == 0 {
            return Err(Error::EmptyTable { what: "the duration".into() });
        }
        check_durations(duration, rows)?;
        let rows = Rows::ranked("Censoring", event, duration)?;
        let order = rows.by_falling_score();
        let (mut seen, mut falling) = (0.0, Vec::new());
        for at_one_time in order.chunk_by(|one, two| one.0 == two.0) {
            let sum = |happened: f64| -> f64 {
                let rows_of = at_one_time.iter().filter(|(_, row)| rows.happened[*row] == happened);
                rows_of.map(|&(_, row)| rows.weight(row)).sum()
            };
            let (events, censored) = (sum(1.0), sum(0.0));
            seen += censored;
            falling.push((duration[at_one_time[0].1], if censored > 0.0 { 1.0 - censored / seen } else { 1.0 }));
            seen += events;
        }
        let mut chance = 1.0;
        let step = |(time, factor): (f64, f64)| {
            chance *= factor;
            (time, chance)
        };
        Ok(Self { steps: falling.into_iter().rev().map(step).collect() })
    }

    /// The chance of not being censored up to and including a time; none after the last duration.
    pub fn at(&self, time: f64) -> Option<f64> {
        let after = self.steps.partition_point(|(known, _)| *known <= time);
        if after == self.steps.len() && self.steps.last().is_some_and(|(last, _)| time > *last) {
            return None;
        }
        Some(after.checked_sub(1).map_or(1.0, |last| self.steps[last].1))
    }

    /// The time before which the chance is known and above 0.
    pub(super) fn known_before(&self) -> f64 {
        let seen = self.steps.iter().find(|(_, chance)| *chance <= 0.0);
        seen.or(self.steps.last()).map_or(f64::NAN, |(time, _)| *time)
    }
}
