//! Difference in differences: what changed beyond what changed anyway.

use super::means::{Moments, enough};
use super::proportions::Bounded;
use super::student;
use crate::evaluate::checks::check_weights;
use crate::evaluate::rows::check_range;
use crate::rates::check_confidence;
use crate::{Error, Result};
use serde::Serialize;
use std::collections::BTreeMap;

/// Which errors are taken for the standard error of a difference in differences.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DifferenceErrors {
    /// Each of the four groups may spread by its own (White 1980, scaled by `n / (n − 4)`: HC1). The default: rates always do.
    #[default]
    Robust,
    /// All four spread alike, as ordinary least squares takes it.
    Pooled,
}

/// A difference in differences.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct DifferenceInDifferences {
    /// The mean of the control group before.
    pub control_before: f64,
    /// The mean of the control group after.
    pub control_after: f64,
    /// The mean of the treated group before.
    pub treated_before: f64,
    /// The mean of the treated group after.
    pub treated_after: f64,
    /// The change of the treated less the change of the control group, with its interval.
    pub effect: Bounded,
    /// Its standard error.
    pub standard_error: f64,
    /// The effect over its standard error; 0 where both are 0.
    pub t: f64,
    /// Rows less four; with customers given, their number less one.
    pub degrees_of_freedom: f64,
    /// Two-sided.
    pub p_value: f64,
    /// How many customers the errors were grouped by; none where rows were taken as independent.
    pub customers: Option<usize>,
}

/// The change of the treated group less that of the control group: one element per row, a row being a customer in a period.
///
/// `values` are amounts, or 1 and 0 for a rate. The effect is the interaction coefficient of ordinary least squares on group,
/// period and their product, which is `statsmodels.OLS`. Rows of one customer in both periods are not independent: give
/// `customers` (a code per row), and errors are grouped by them (Liang & Zeger 1986, with the usual small-sample factor;
/// Bertrand, Duflo & Mullainathan 2004 show how far off they are otherwise). It says what the treatment did only if both groups
/// would have changed by the same amount without it, which no figure can show: compare their earlier periods.
///
/// ```
/// use tierwise::evaluate::{DifferenceErrors, difference_in_differences};
/// let spent = [10.0, 12.0, 11.0, 13.0, 10.0, 12.0, 16.0, 18.0];
/// let treated = [false, false, false, false, true, true, true, true];
/// let after = [false, false, true, true, false, false, true, true];
/// let found = difference_in_differences(&spent, &treated, &after, None, None, DifferenceErrors::Pooled, 0.95)?;
/// assert_eq!(found.effect.value, 5.0); // they rose by 6, the others by 1
/// # Ok::<(), tierwise::Error>(())
/// ```
///
/// # Errors
/// [`Error::InvalidParameter`] for a confidence outside (0, 1); [`Error::WrongLength`]; [`Error::InvalidValue`] with the row;
/// [`Error::NotEnoughData`] for fewer than two rows in one of the four groups, and for fewer than two customers.
pub fn difference_in_differences(
    values: &[f64],
    treated: &[bool],
    after: &[bool],
    weights: Option<&[f64]>,
    customers: Option<&[u32]>,
    errors: DifferenceErrors,
    confidence: f64,
) -> Result<DifferenceInDifferences> {
    check_confidence("difference_in_differences", confidence)?;
    let rows = values.len();
    let lengths = [
        ("`treated`", treated.len()),
        ("`after`", after.len()),
        ("the customers", customers.map_or(rows, <[u32]>::len)),
    ];
    if let Some((what, found)) = lengths.into_iter().find(|(_, found)| *found != rows) {
        return Err(Error::WrongLength { what: what.into(), expected: rows, found });
    }
    check_range("the value", values)?;
    check_weights("", rows, weights)?;
    let weight = |row: usize| weights.map_or(1.0, |weights| weights[row]);
    let group = |row: usize| 2 * usize::from(treated[row]) + usize::from(after[row]);
    let groups: [Moments; 4] = std::array::from_fn(|which| {
        Moments::of((0..rows).filter(|&row| group(row) == which).map(|row| (values[row], weight(row))))
    });
    for (moments, name) in groups.iter().zip([
        "control group before",
        "control group after",
        "treated group before",
        "treated group after",
    ]) {
        enough(moments, &format!("the mean of the {name}"))?;
    }
    let [control_before, control_after, treated_before, treated_after] = groups.map(|group| group.mean);
    let value = (treated_after - treated_before) - (control_after - control_before);
    let all: f64 = groups.iter().map(|group| group.weight).sum();
    let (variance, degrees_of_freedom, customers) = match (customers, errors) {
        (Some(customers), _) => {
            // What each row moves the effect by.
            let influence = |row: usize| {
                let of = &groups[group(row)];
                let sign = if treated[row] == after[row] { 1.0 } else { -1.0 };
                sign * weight(row) * (values[row] - of.mean) / of.weight
            };
            let (squares, count) = squares_by_customer(customers, &weight, &influence);
            if count < 2.0 {
                let what = "errors by customer, customers".into();
                return Err(Error::NotEnoughData { what, needed: 2, found: count as usize });
            }
            (squares * (count / (count - 1.0)) * ((all - 1.0) / (all - 4.0)), count - 1.0, Some(count as usize))
        }
        (None, DifferenceErrors::Robust) => {
            let squares: f64 = groups.iter().map(|group| group.squares / group.weight / group.weight).sum();
            (squares * all / (all - 4.0), all - 4.0, None)
        }
        (None, DifferenceErrors::Pooled) => {
            let spread = groups.iter().map(|group| group.squares).sum::<f64>() / (all - 4.0);
            (spread * groups.iter().map(|group| 1.0 / group.weight).sum::<f64>(), all - 4.0, None)
        }
    };
    let standard_error = variance.sqrt();
    let t = if value == 0.0 { 0.0 } else { value / standard_error };
    let width = student::width(confidence, degrees_of_freedom) * standard_error;
    Ok(DifferenceInDifferences {
        control_before,
        control_after,
        treated_before,
        treated_after,
        effect: Bounded { value, low: value - width, high: value + width },
        standard_error,
        t,
        degrees_of_freedom,
        p_value: student::p_value(t, degrees_of_freedom),
        customers,
    })
}

/// The sum of the squared sums of each customer, and how many customers carry weight.
fn squares_by_customer(
    customers: &[u32],
    weight: &impl Fn(usize) -> f64,
    influence: &impl Fn(usize) -> f64,
) -> (f64, f64) {
    let mut sums: BTreeMap<u32, f64> = BTreeMap::new();
    for (row, &customer) in customers.iter().enumerate().filter(|&(row, _)| weight(row) > 0.0) {
        *sums.entry(customer).or_default() += influence(row);
    }
    (sums.values().map(|sum| sum * sum).sum(), sums.len() as f64)
}
