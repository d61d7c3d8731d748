//! What a prospect may be worth: the chance to win times the value if won.

use crate::{Error, Result};

/// Numbers with or without an interval, one element per prospect.
#[derive(Debug, Clone, Copy)]
pub struct Uncertain<'a> {
    /// The estimates; NaN where unknown.
    pub estimate: &'a [f64],
    /// The lower and upper ends, around the estimates.
    pub interval: Option<(&'a [f64], &'a [f64])>,
}

impl<'a> Uncertain<'a> {
    /// Numbers without an interval.
    pub fn exact(estimate: &'a [f64]) -> Self {
        Self { estimate, interval: None }
    }
}

/// The purchase potential of prospects, one element each, in the unit of the value.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct PurchasePotential {
    /// Chance × value − cost; NaN where one of them is unknown.
    pub expected: Vec<f64>,
    /// The lower and upper ends, where chance and value have one.
    pub interval: Option<(Vec<f64>, Vec<f64>)>,
}

/// The expected value of each prospect: the probability to win times the value if won, less the cost of trying, where given.
///
/// The cost is spent either way. Chance and value both have an interval or none of them has: where one is known for certain,
/// its estimate is both its ends. Then the result has one too: on the logarithms, half-widths
/// combine as the root of the sum of squares (the method of variance estimates recovery; Zou and Donner 2008, *Statistics in
/// Medicine* 27, 1693-1702), which takes the errors of chance and value for independent. They are not where one model made
/// both, and the interval is then too narrow. It is one of the expectation: a single prospect brings all or nothing.
///
/// ```
/// use tierwise::value::{Uncertain, purchase_potential};
/// let chance = Uncertain { estimate: &[0.25], interval: Some((&[0.2], &[0.3])) };
/// let value = Uncertain { estimate: &[8000.0], interval: Some((&[6000.0], &[10_000.0])) };
/// let found = purchase_potential(chance, value, Some(&[500.0]))?;
/// assert_eq!(found.expected, [1500.0]);
/// let (low, high) = found.interval.unwrap();
/// assert!((low[0] - 889.672).abs() < 1e-3 && (high[0] - 2167.932).abs() < 1e-3);
/// # Ok::<(), tierwise::Error>(())
/// ```
///
/// # Errors
/// [`Error::InvalidParameter`] for an interval of only one of the two; [`Error::WrongLength`]; [`Error::InvalidValue`]
/// with the row for a chance outside [0, 1], a value or cost that is negative or not finite, and an interval that does
/// not hold its estimate.
pub fn purchase_potential(
    chance: Uncertain<'_>,
    value: Uncertain<'_>,
    cost: Option<&[f64]>,
) -> Result<PurchasePotential> {
    check_intervals(&chance, &value)?;
    let rows = chance.estimate.len();
    check(
        &chance,
        "the chance to win",
        rows,
        1.0,
        "it must be a probability from 0 to 1 (divide per cent by 100), or unknown",
    )?;
    let must_be = "it must be a finite number, 0 or more, or unknown";
    check(&value, "the value if won", rows, f64::MAX, must_be)?;
    let free = vec![0.0; rows];
    let cost = cost.unwrap_or(&free);
    check(&Uncertain::exact(cost), "the cost", rows, f64::MAX, must_be)?;
    let expected: Vec<f64> = (0..rows).map(|row| chance.estimate[row] * value.estimate[row] - cost[row]).collect();
    let interval = chance.interval.zip(value.interval).map(|(of_chance, of_value)| {
        let end = |row: usize, chance_end: &[f64], value_end: &[f64], sign: f64| {
            let (p, v) = (chance.estimate[row], value.estimate[row]);
            combined((p, chance_end[row]), (v, value_end[row]), sign) - cost[row]
        };
        let low = (0..rows).map(|row| end(row, of_chance.0, of_value.0, -1.0)).collect();
        let high = (0..rows).map(|row| end(row, of_chance.1, of_value.1, 1.0)).collect();
        (low, high)
    });
    Ok(PurchasePotential { expected, interval })
}

/// One end of the interval of a product, from each factor's estimate and its own end on that side.
fn combined(one: (f64, f64), other: (f64, f64), sign: f64) -> f64 {
    if [one.0, one.1, other.0, other.1].iter().any(|number| number.is_nan()) {
        return f64::NAN;
    }
    // A factor of 0 has no logarithm: the ends themselves bound the product.
    if one.0 == 0.0 || other.0 == 0.0 || one.1 == 0.0 || other.1 == 0.0 {
        return one.1 * other.1;
    }
    let width = |(estimate, end): (f64, f64)| libm::log(end / estimate);
    one.0 * other.0 * libm::exp(sign * libm::hypot(width(one), width(other)))
}

/// Without the interval of one nobody knows that of the product, and to say nothing would look like certainty.
fn check_intervals(chance: &Uncertain<'_>, value: &Uncertain<'_>) -> Result<()> {
    let (name, of) = match (chance.interval, value.interval) {
        (Some(_), None) => ("value_interval", "value"),
        (None, Some(_)) => ("chance_interval", "chance"),
        _ => return Ok(()),
    };
    let must_be = format!("given where the other interval is; where the {of} is certain, pass it as both ends");
    Err(Error::InvalidParameter { of: "purchase_potential", name, must_be, got: "none".into() })
}

fn check(of: &Uncertain<'_>, what: &str, rows: usize, most: f64, must_be: &str) -> Result<()> {
    let (low, high) = of.interval.unwrap_or((of.estimate, of.estimate));
    for (name, column) in [("", of.estimate), ("the lower end of ", low), ("the upper end of ", high)] {
        if column.len() != rows {
            return Err(Error::WrongLength { what: format!("{name}{what}"), expected: rows, found: column.len() });
        }
        if let Some(row) = column.iter().position(|number| !number.is_nan() && !(0.0..=most).contains(number)) {
            return Err(Error::invalid_value(&format!("{name}{what}"), row, column[row], must_be));
        }
    }
    let outside = |row: &usize| low[*row] > of.estimate[*row] || of.estimate[*row] > high[*row];
    match (0..rows).find(outside) {
        Some(row) => {
            let must_be = format!("it must lie within its interval, {} to {}", low[row], high[row]);
            Err(Error::invalid_value(what, row, of.estimate[row], &must_be))
        }
        None => Ok(()),
    }
}
