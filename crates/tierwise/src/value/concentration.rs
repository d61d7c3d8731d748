//! How much hangs on few customers or products, with intervals.

use super::pareto::{gini, share_curve};
use crate::evaluate::{Bootstrap, BootstrapInterval};
use crate::{Error, Result};

/// How much of the money hangs on few: three figures with intervals.
#[derive(Debug, Clone, PartialEq)]
pub struct Concentration {
    /// Customers (or products).
    pub customers: usize,
    /// The money they make.
    pub total: f64,
    /// The share of the customers at the top that was asked for.
    pub top: f64,
    /// The share of the money from that share of the customers, best first; above 1 where losses follow.
    pub top_share: BootstrapInterval,
    /// The coefficient of [`gini`]; `None` where somebody makes a loss, for which it is not defined.
    pub gini: Option<BootstrapInterval>,
    /// The Herfindahl-Hirschman index, the sum of the squared shares of the money: 1 when one makes it all, 1/n when all
    /// make the same. `None` as for the coefficient.
    pub herfindahl: Option<BootstrapInterval>,
    /// One over the index: as concentrated as so many customers who all make the same.
    pub effective_customers: Option<f64>,
}

/// Measures how concentrated money is, with intervals by bootstrap over the customers: how far the figures would differ
/// in another draw of customers like these.
///
/// `values` holds one amount per customer. The share from the top is [`ShareCurve::at`](super::ShareCurve::at), straight
/// between customers. Percentile intervals of the index and of the coefficient lean to one side where few customers make
/// most of the money: a draw without the largest one, which is one in three, looks much more even.
///
/// # Errors
/// [`Error::InvalidParameter`] when `top` is not in (0, 1], the total is not above 0, or the bootstrap's settings are out of
/// range; [`Error::EmptyTable`]; [`Error::InvalidValue`] with the row for an amount that is not finite or beyond 1e100;
/// [`Error::NotEnoughData`] for one customer, and where a draw of the customers hardly ever makes a total above 0.
///
/// ```
/// use tierwise::{evaluate::Bootstrap, value::concentration};
/// let found = concentration(&[10.0, 500.0, 40.0, 300.0, 150.0], 0.2, &Bootstrap::new(1).replicates(200))?;
/// assert_eq!(found.top_share.value, 0.5);
/// let herfindahl = found.herfindahl.unwrap();
/// assert!((herfindahl.value - 0.3642).abs() < 1e-12 && herfindahl.low < herfindahl.value);
/// # Ok::<(), tierwise::Error>(())
/// ```
pub fn concentration(values: &[f64], top: f64, bootstrap: &Bootstrap) -> Result<Concentration> {
    if !(top > 0.0 && top <= 1.0) {
        return Err(Error::InvalidParameter {
            of: "concentration",
            name: "top",
            must_be: "a share in (0, 1]; divide per cent by 100".into(),
            got: top.to_string(),
        });
    }
    let curve = share_curve(values)?;
    let top_share =
        bootstrap.amounts_interval(curve.at(top)?, values, &|amounts, counts| share_from_top(amounts, counts, top))?;
    let (mut coefficient, mut herfindahl) = (None, None);
    if values.iter().all(|&value| value >= 0.0) {
        coefficient = Some(bootstrap.amounts_interval(gini(values)?, values, &gini_of)?);
        let index = herfindahl_of(values, &vec![1; values.len()]);
        herfindahl = Some(bootstrap.amounts_interval(index, values, &herfindahl_of)?);
    }
    Ok(Concentration {
        customers: values.len(),
        total: curve.total(),
        top,
        top_share,
        gini: coefficient,
        effective_customers: herfindahl.as_ref().map(|index| 1.0 / index.value),
        herfindahl,
    })
}

/// The share of the money from a share of the customers drawn; the amounts fall. NaN without a total above 0.
fn share_from_top(amounts: &[f64], counts: &[u32], top: f64) -> f64 {
    let drawn: f64 = counts.iter().map(|&count| f64::from(count)).sum();
    let (mut left, mut from_top, mut total) = (top * drawn, 0.0, 0.0);
    for (amount, &count) in amounts.iter().zip(counts) {
        let count = f64::from(count);
        from_top += amount * f64::min(count, left);
        total += amount * count;
        left = f64::max(left - count, 0.0);
    }
    if total > 0.0 { from_top / total } else { f64::NAN }
}

/// As [`gini`], of amounts that fall and count several times each.
fn gini_of(amounts: &[f64], counts: &[u32]) -> f64 {
    let drawn: f64 = counts.iter().map(|&count| f64::from(count)).sum();
    let (mut above, mut weighted, mut total) = (0.0, 0.0, 0.0);
    for (amount, &count) in amounts.iter().zip(counts) {
        let count = f64::from(count);
        weighted += amount * count * (drawn - 2.0 * above - count);
        total += amount * count;
        above += count;
    }
    if total > 0.0 { weighted / (drawn * total) } else { f64::NAN }
}

/// Times the customers drawn, by those there are: the index falls with their number, which differs from draw to draw.
fn herfindahl_of(amounts: &[f64], counts: &[u32]) -> f64 {
    let largest = amounts.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
    let drawn: f64 = counts.iter().map(|&count| f64::from(count)).sum();
    let (mut squares, mut total) = (0.0, 0.0);
    for (amount, &count) in amounts.iter().zip(counts) {
        let (share, count) = (amount / largest, f64::from(count));
        squares += share * share * count;
        total += share * count;
    }
    if total > 0.0 { squares / (total * total) * drawn / amounts.len() as f64 } else { f64::NAN }
}
