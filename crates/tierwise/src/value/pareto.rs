//! How money is spread over customers: the few who make most of it, the share curve, the Gini coefficient.

use crate::{Error, Result};

/// The smallest set of customers that makes a given share of the money.
#[derive(Debug, Clone, PartialEq)]
pub struct Pareto {
    /// The share of the money asked for, in (0, 1].
    pub share: f64,
    /// The rows of the set, most money first; of equal customers the earlier row comes first.
    pub rows: Vec<usize>,
    /// The number of customers in the set.
    pub customers: usize,
    /// The customers in the set as a share of all.
    pub share_of_customers: f64,
    /// The least money a customer in the set makes.
    pub threshold: f64,
    /// The money the set makes.
    pub money: f64,
    /// The money the set makes as a share of the total.
    pub share_of_money: f64,
    /// The money all customers make.
    pub total: f64,
}

/// Finds the smallest set of customers that makes `share` of the money: "80 % of the money comes from ... customers".
///
/// `values` holds one amount per customer. Amounts may be 0 or negative (profit often is); the total must be above 0.
/// The share is one of the total, losses taken off, and the set takes customers in falling order, which makes it the
/// smallest in any case. The goal counts as reached within one part in 10¹², so that rounding adds no customer.
///
/// **With losses** the best customers earn more than is left in the end: the set makes `share` of the total *net of* all
/// losses outside it, so that it is smaller than it would be of the gains alone. [`ShareCurve::peak`] says how much is earned
/// before losses eat into it.
///
/// # Errors
/// [`Error::EmptyTable`]; [`Error::InvalidValue`] with the row for an amount that is not finite;
/// [`Error::InvalidParameter`] when `share` is not in (0, 1] or the total is not a finite number above 0.
///
/// ```
/// let pareto = tierwise::value::pareto(&[10.0, 500.0, 40.0, 300.0, 150.0], 0.8)?;
/// assert_eq!(pareto.rows, [1, 3]);
/// assert_eq!((pareto.share_of_customers, pareto.threshold, pareto.money, pareto.total), (0.4, 300.0, 800.0, 1000.0));
/// # Ok::<(), tierwise::Error>(())
/// ```
pub fn pareto(values: &[f64], share: f64) -> Result<Pareto> {
    pareto_of("pareto", values, share)
}

/// The same for the function `of`, which errors name.
pub(super) fn pareto_of(of: &'static str, values: &[f64], share: f64) -> Result<Pareto> {
    const NEARLY: f64 = 1.0 - 1e-12;
    if !(share > 0.0 && share <= 1.0) {
        return Err(Error::InvalidParameter {
            of,
            name: "share",
            must_be: "a share in (0, 1]; divide per cent by 100".into(),
            got: share.to_string(),
        });
    }
    check_finite(values)?;
    let mut rows: Vec<usize> = (0..values.len()).collect();
    // 0 is added so that -0 and 0, which are equal, stay in row order.
    rows.sort_unstable_by(|&a, &b| (values[b] + 0.0).total_cmp(&(values[a] + 0.0)).then(a.cmp(&b)));
    let total = rows.iter().map(|&row| values[row]).sum::<f64>();
    check_total(of, total)?;
    let goal = share * total * NEARLY;
    let mut money = 0.0;
    let reached = rows.iter().position(|&row| {
        money += values[row];
        money >= goal
    });
    let customers = reached.map_or(rows.len(), |last| last + 1);
    rows.truncate(customers);
    Ok(Pareto {
        share,
        customers,
        share_of_customers: customers as f64 / values.len() as f64,
        threshold: values[rows[customers - 1]],
        money,
        share_of_money: money / total,
        total,
        rows,
    })
}

/// The share of the money that the best customers make, for every number of them: the Lorenz curve read from the top.
#[derive(Debug, Clone, PartialEq)]
pub struct ShareCurve {
    money: Vec<f64>,
    total: f64,
}

/// The share of the money that the best customers make.
///
/// `values` holds one amount per customer. The curve starts at (0, 0), ends at (1, 1) and bends downwards; with
/// negative amounts it rises above 1 before it comes back.
///
/// # Errors
/// [`Error::EmptyTable`]; [`Error::InvalidValue`] with the row for an amount that is not finite;
/// [`Error::InvalidParameter`] when the total is not a finite number above 0.
///
/// ```
/// let curve = tierwise::value::share_curve(&[10.0, 20.0, 60.0, 10.0])?;
/// assert_eq!(curve.money(), [0.0, 0.6, 0.8, 0.9, 1.0]);
/// assert_eq!(curve.at(0.25)?, 0.6);
/// assert_eq!(curve.at(0.5)?, 0.8);
/// # Ok::<(), tierwise::Error>(())
/// ```
pub fn share_curve(values: &[f64]) -> Result<ShareCurve> {
    share_curve_of("share_curve", values)
}

/// The same for the function `of`, which errors name.
pub(super) fn share_curve_of(of: &'static str, values: &[f64]) -> Result<ShareCurve> {
    check_finite(values)?;
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(|a, b| b.total_cmp(a));
    let mut money = Vec::with_capacity(values.len() + 1);
    money.push(0.0);
    let mut sum = 0.0;
    for value in sorted {
        sum += value;
        money.push(sum);
    }
    check_total(of, sum)?;
    for money in &mut money {
        *money /= sum;
    }
    Ok(ShareCurve { money, total: sum })
}

impl ShareCurve {
    /// The number of customers.
    pub fn customers(&self) -> usize {
        self.money.len() - 1
    }

    /// The share of the money that the best `k` customers make, for `k` from 0 to all of them.
    pub fn money(&self) -> &[f64] {
        &self.money
    }

    /// Where the curve is highest: the number of customers who make a profit, and their share of the money. The share is
    /// 1 without losses; 1.4 says that others lose 40 % of the total again.
    ///
    /// ```
    /// let curve = tierwise::value::share_curve(&[60.0, 90.0, -10.0, 0.0, -40.0])?;
    /// assert_eq!(curve.peak(), (2, 1.5));
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    pub fn peak(&self) -> (usize, f64) {
        let first_highest = |best: (usize, f64), (customers, &money): (usize, &f64)| {
            if money > best.1 { (customers, money) } else { best }
        };
        self.money.iter().enumerate().fold((0, 0.0), first_highest)
    }

    /// The money all customers make.
    pub fn total(&self) -> f64 {
        self.total
    }

    /// The share of the money that the best customers make, for a share of the customers; straight between customers.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] when the share is not in [0, 1].
    pub fn at(&self, share_of_customers: f64) -> Result<f64> {
        if !(0.0..=1.0).contains(&share_of_customers) {
            return Err(Error::InvalidParameter {
                of: "ShareCurve",
                name: "share_of_customers",
                must_be: "a number in [0, 1]".into(),
                got: share_of_customers.to_string(),
            });
        }
        let position = share_of_customers * self.customers() as f64;
        let below = position.floor();
        let from = self.money[below as usize];
        let to = self.money[position.ceil() as usize];
        Ok(from + (to - from) * (position - below))
    }

    /// Points for a picture: share of customers and share of money at `steps` even steps from (0, 0) to (1, 1).
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] when `steps` is 0.
    pub fn points(&self, steps: usize) -> Result<Vec<(f64, f64)>> {
        if steps == 0 {
            return Err(Error::InvalidParameter {
                of: "ShareCurve",
                name: "steps",
                must_be: "at least 1".into(),
                got: "0".into(),
            });
        }
        (0..=steps).map(|step| step as f64 / steps as f64).map(|share| Ok((share, self.at(share)?))).collect()
    }
}

/// Where the [`ShareCurve`] of these amounts is highest: see [`ShareCurve::peak`].
///
/// # Errors
/// Those of [`share_curve`].
pub fn share_peak(values: &[f64]) -> Result<(usize, f64)> {
    Ok(share_curve_of("share_peak", values)?.peak())
}

/// The Gini coefficient: 0 when all customers make equal money, `(n − 1)/n` when one of `n` makes it all.
///
/// `G = Σᵢ (2i − n − 1) x₍ᵢ₎ / (n Σ x)` with `x₍₁₎ ≤ … ≤ x₍ₙ₎` (Gini 1912; Dixon et al. 1987, eq. 2): the customers are
/// taken as all there are, so there is no correction `n/(n − 1)` for a sample; multiply by it where one is wanted.
///
/// # Errors
/// [`Error::EmptyTable`]; [`Error::InvalidValue`] with the row for an amount that is not finite or below 0, for which
/// the coefficient is not bounded by 1 and means nothing; [`Error::InvalidParameter`] when the total is not a finite
/// number above 0.
///
/// ```
/// use tierwise::value::gini;
/// assert_eq!(gini(&[7.0, 7.0, 7.0])?, 0.0);
/// assert_eq!(gini(&[0.0, 0.0, 0.0, 9.0])?, 0.75);
/// # Ok::<(), tierwise::Error>(())
/// ```
pub fn gini(values: &[f64]) -> Result<f64> {
    check_finite(values)?;
    if let Some(row) = values.iter().position(|&value| value < 0.0) {
        return Err(invalid(
            row,
            values[row],
            "the Gini coefficient needs amounts of 0 or more; `share_curve` takes losses",
        ));
    }
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let total = sorted.iter().sum::<f64>();
    check_total("gini", total)?;
    let customers = sorted.len() as f64;
    // Relative to the largest amount, so that no product of rank and amount overflows.
    let unit = sorted[sorted.len() - 1];
    let weighted =
        sorted.iter().zip(1_u32..).map(|(value, rank)| (2.0 * f64::from(rank) - customers - 1.0) * (value / unit));
    Ok(weighted.sum::<f64>() / (customers * (total / unit)))
}

fn check_finite(values: &[f64]) -> Result<()> {
    if values.is_empty() {
        return Err(Error::EmptyTable { what: "the column of money".into() });
    }
    match values.iter().position(|value| !value.is_finite()) {
        Some(row) => Err(invalid(row, values[row], "amounts must be finite numbers; leave unknown ones out")),
        None => Ok(()),
    }
}

fn invalid(row: usize, found: f64, must_be: &str) -> Error {
    Error::invalid_value("the amount", row, found, must_be)
}

fn check_total(of: &'static str, total: f64) -> Result<()> {
    if total > 0.0 && total.is_finite() {
        return Ok(());
    }
    Err(Error::InvalidParameter {
        of,
        name: "values",
        must_be: "numbers with a finite sum above 0".into(),
        got: format!("a sum of {total}"),
    })
}
