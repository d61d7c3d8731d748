//! The change of a mean.

use super::proportions::Bounded;
use super::student;
use crate::evaluate::checks::check_weights;
use crate::evaluate::rows::check_range;
use crate::rates::check_confidence;
use crate::{Error, Result};
use serde::Serialize;

/// The change of a mean, by Welch's test.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct MeanChange {
    /// The mean before.
    pub before: f64,
    /// The mean after.
    pub after: f64,
    /// After less before, with its interval.
    pub difference: Bounded,
    /// The standard error of the difference.
    pub standard_error: f64,
    /// The difference over its standard error; 0 where both are 0.
    pub t: f64,
    /// Welch's degrees of freedom.
    pub degrees_of_freedom: f64,
    /// Two-sided.
    pub p_value: f64,
}

/// How many customers, their mean, and the sum of squares around it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Moments {
    pub(super) weight: f64,
    pub(super) mean: f64,
    pub(super) squares: f64,
}

impl Moments {
    pub(super) fn of(values: impl Iterator<Item = (f64, f64)>) -> Self {
        let mut moments = Self::default();
        for (value, weight) in values.filter(|(_, weight)| *weight > 0.0) {
            moments.weight += weight;
            let apart = value - moments.mean;
            moments.mean += apart * (weight / moments.weight);
            moments.squares += weight * apart * (value - moments.mean);
        }
        moments
    }

    /// The square of the standard error of the mean.
    fn error_squared(&self) -> f64 {
        self.squares / (self.weight - 1.0) / self.weight
    }
}

/// The change of a mean from one period to another, with Welch's interval (1947), which does not take the two spreads as equal:
/// what `statsmodels.stats.weightstats.ttest_ind(usevar="unequal")` gives. Values of the two periods are taken as independent.
///
/// Means of money depend on a few large customers: look at the median or at capped amounts beside it. `weights` count customers.
///
/// ```
/// let (before, after) = ([10.0, 12.0, 9.0, 11.0], [14.0, 13.0, 15.0, 12.0]);
/// let change = tierwise::evaluate::mean_change(&before, &after, [None, None], 0.95)?;
/// assert_eq!(change.difference.value, 3.0);
/// assert!(change.difference.low > 0.0 && change.p_value < 0.05);
/// # Ok::<(), tierwise::Error>(())
/// ```
///
/// # Errors
/// [`Error::InvalidParameter`] for a confidence outside (0, 1); [`Error::WrongLength`]; [`Error::InvalidValue`] with the row for a
/// value that is not finite and for a weight; [`Error::NotEnoughData`] for fewer than two customers in a period.
pub fn mean_change(before: &[f64], after: &[f64], weights: [Option<&[f64]>; 2], confidence: f64) -> Result<MeanChange> {
    check_confidence("mean_change", confidence)?;
    let moments = |what: &str, values: &[f64], weights: Option<&[f64]>| {
        check_range(&format!("the value {what}"), values)?;
        check_weights(&format!(" {what}"), values.len(), weights)?;
        let weight = |row: usize| weights.map_or(1.0, |weights| weights[row]);
        let found = Moments::of(values.iter().enumerate().map(|(row, &value)| (value, weight(row))));
        enough(&found, &format!("the mean {what}"))?;
        Ok::<_, Error>(found)
    };
    Ok(welch(&moments("before", before, weights[0])?, &moments("after", after, weights[1])?, confidence))
}

pub(super) fn welch(before: &Moments, after: &Moments, confidence: f64) -> MeanChange {
    let (one, two) = (before.error_squared(), after.error_squared());
    let standard_error = (one + two).sqrt();
    // Shares of the variance, so that the unit of the values has no say.
    let degrees_of_freedom = if one + two > 0.0 {
        let share = one / (one + two);
        1.0 / (share * share / (before.weight - 1.0) + (1.0 - share) * (1.0 - share) / (after.weight - 1.0))
    } else {
        before.weight + after.weight - 2.0
    };
    let value = after.mean - before.mean;
    let t = if value == 0.0 { 0.0 } else { value / standard_error };
    let width = student::width(confidence, degrees_of_freedom) * standard_error;
    MeanChange {
        before: before.mean,
        after: after.mean,
        difference: Bounded { value, low: value - width, high: value + width },
        standard_error,
        t,
        degrees_of_freedom,
        p_value: student::p_value(t, degrees_of_freedom),
    }
}

pub(super) fn enough(found: &Moments, what: &str) -> Result<()> {
    if found.weight >= 2.0 {
        return Ok(());
    }
    Err(Error::NotEnoughData { what: format!("{what}, customers"), needed: 2, found: found.weight as usize })
}
