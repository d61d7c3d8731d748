//! Ratings of customers on one day, and where every point comes from.

use super::evidence::{Evidence, EvidencePolicy, EvidenceStatus, Lines};
use super::rules::RatingRules;
use crate::calendar::day_in_words;
use crate::value::LaterRows;
use crate::{Error, Explain, Result};

/// The ratings of customers on one day, one element per customer code.
///
/// `base`, all `items` and `bonus_cap` add up to `score`, exactly and in any order.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Ratings {
    /// Base points by order amount; NaN where that is unknown and the rules say nothing about it.
    pub base: Vec<f64>,
    /// Per bonus item, the points after its own cap.
    pub items: Vec<Vec<f64>>,
    /// Per bonus item, the units that count: what the rules read as a [`Score`](crate::Score).
    pub units: Vec<Vec<f64>>,
    /// What the cap of all bonus items takes; 0 or less.
    pub bonus_cap: Vec<f64>,
    /// The final score; NaN where the base is.
    pub score: Vec<f64>,
    /// The position of the tier, best first; `None` where there is no score.
    pub tier: Vec<Option<usize>>,
    /// Lines of evidence left out because they lie after the day.
    pub later: usize,
    /// Lines of evidence left out because their customer was not asked for.
    pub other_customers: usize,
}

/// One line of a statement of points: those of a customer add up to the score.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct RatingLine {
    /// The customer's code.
    pub customer: u32,
    /// What the points are for.
    pub part: RatingPart,
    /// What it earns.
    pub points: f64,
}

/// What a line of a statement is about.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum RatingPart {
    /// The order amount.
    Base,
    /// A line of evidence.
    Evidence {
        /// The position of the bonus item.
        item: usize,
        /// The row in the log of evidence.
        row: usize,
        /// What became of it.
        status: EvidenceStatus,
    },
    /// The cap of all bonus items; only where it takes something.
    BonusCap,
}

impl RatingRules {
    /// Rates customers on the day `as_of`: `amounts` has the order amount of each in the period, in the order of their codes.
    ///
    /// A line of evidence counts while its age in days is below the item's `expires_after`, and on its own day.
    ///
    /// ```
    /// use tierwise::value::{Evidence, EvidencePolicy, b2b_rating};
    /// let rules = b2b_rating();
    /// // two referrals with a reference, broad needs, growth potential
    /// let evidence = Evidence {
    ///     customer: &[0, 0, 0, 0],
    ///     item: &[0, 0, 1, 2],
    ///     day: &[900, 950, 800, 990],
    ///     units: None,
    ///     reference: Some(&[Some(1077), Some(1102), None, None]),
    ///     duplicate: None,
    /// };
    /// let rated = rules.rate(&[500_000.0], &evidence, 1000, EvidencePolicy::default())?;
    /// assert_eq!((rated.base[0], rated.items[0][0], rated.items[1][0], rated.items[2][0]), (10.0, 10.0, 10.0, 5.0));
    /// assert_eq!((rated.score[0], &rules.tiers().names()[rated.tier[0].unwrap()][..]), (35.0, "D"));
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NotFinite`] with the row for an infinite amount; [`Error::WrongLength`]; [`Error::InvalidParameter`] where
    /// nothing is said of references and an item with evidence needs one; [`Error::InvalidValue`] with row and customer for
    /// units that are no whole number, an item that the rules do not have, and what the policy refuses, which includes a
    /// second line with the same reference for an item that counts per unit, unless stated otherwise.
    pub fn rate(
        &self,
        amounts: &[f64],
        evidence: &Evidence<'_>,
        as_of: i32,
        policy: EvidencePolicy,
    ) -> Result<Ratings> {
        check_amounts(self, amounts)?;
        let lines = Lines::new(self, *evidence, amounts.len(), as_of, policy)?;
        let mut units = vec![vec![0.0; amounts.len()]; self.spec().bonus.len()];
        for (customer, item, rows) in lines.groups().filter(|&(customer, ..)| customer < amounts.len()) {
            units[item][customer] = lines.shown(item, rows, as_of).units;
        }
        let mut parts = vec![vec![0.0; amounts.len()]; self.terms().len()];
        let mut row = vec![0.0; units.len() + 1];
        let mut of_row = vec![0.0; parts.len()];
        for (customer, &amount) in amounts.iter().enumerate() {
            row[0] = amount;
            row[1..].iter_mut().zip(&units).for_each(|(place, units)| *place = units[customer]);
            self.contributions_row(&row, &mut of_row);
            parts.iter_mut().zip(&of_row).for_each(|(part, &points)| part[customer] = points);
        }
        let score: Vec<f64> =
            (0..amounts.len()).map(|customer| parts.iter().map(|part| part[customer]).sum()).collect();
        let bonus_cap = parts.pop().unwrap_or_default();
        let base = parts.remove(0);
        let is_other = |customer: &&u32| **customer as usize >= amounts.len();
        let later = evidence.day.iter().zip(evidence.customer);
        Ok(Ratings {
            base,
            items: parts,
            units,
            bonus_cap,
            tier: score.iter().map(|&score| self.tier_of(score)).collect(),
            score,
            later: later.filter(|(day, customer)| **day > as_of && !is_other(customer)).count(),
            other_customers: evidence.customer.iter().filter(is_other).count(),
        })
    }

    /// The statement of points of each customer: the base, every line of evidence with what became of it (older first,
    /// item by item), and the cap. The points of a customer's lines add up to the score, exactly.
    ///
    /// # Errors
    /// Those of [`RatingRules::rate`].
    pub fn statement(
        &self,
        amounts: &[f64],
        evidence: &Evidence<'_>,
        as_of: i32,
        policy: EvidencePolicy,
    ) -> Result<Vec<RatingLine>> {
        let rated = self.rate(amounts, evidence, as_of, policy)?;
        let lines = Lines::new(self, *evidence, amounts.len(), as_of, policy)?;
        let mut groups = lines.groups().peekable();
        let mut statement = Vec::with_capacity(amounts.len() + evidence.customer.len());
        for customer in 0..amounts.len() {
            let line = |part, points| RatingLine { customer: customer as u32, part, points };
            statement.push(line(RatingPart::Base, rated.base[customer]));
            while let Some((_, item, rows)) = groups.next_if(|&(of, ..)| of == customer) {
                for (&row, (status, points)) in rows.iter().zip(lines.judged(item, rows, as_of)) {
                    statement.push(line(RatingPart::Evidence { item, row, status }, points));
                }
            }
            if rated.bonus_cap[customer] < 0.0 {
                statement.push(line(RatingPart::BonusCap, rated.bonus_cap[customer]));
            }
        }
        // Lines of other customers, where they are left out on purpose, earn nothing and are still told.
        for (customer, item, rows) in groups {
            let part = |row| RatingPart::Evidence { item, row, status: EvidenceStatus::OtherCustomer };
            let told = rows.iter().map(|&row| RatingLine { customer: customer as u32, part: part(row), points: 0.0 });
            statement.extend(told);
        }
        Ok(statement)
    }

    /// The order amount of each of so many customers in the period that ends on the day `as_of`, from a log of orders.
    ///
    /// The log must be complete: a customer without an order in the period has the amount 0, which is not unknown. Returns
    /// are negative amounts, and all amounts are in one currency: see [`in_one_currency`](crate::value::in_one_currency).
    ///
    /// ```
    /// let rules = tierwise::value::b2b_rating(); // a period of 365 days
    /// let (customer, day, amount) = ([0, 0, 1], [700, 1000, 300], [200_000.0, 300_000.0, 9_000.0]);
    /// let policy = tierwise::value::LaterRows::Refuse;
    /// assert_eq!(rules.order_amounts(&customer, &day, &amount, 2, 1000, policy)?, [500_000.0, 0.0]);
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::WrongLength`]; [`Error::InvalidValue`] with row and customer for an amount that is unknown or infinite, and for
    /// an order after `as_of` unless later rows are left out. Orders of customers with further codes are left out.
    pub fn order_amounts(
        &self,
        customer: &[u32],
        day: &[i32],
        amount: &[f64],
        customers: usize,
        as_of: i32,
        later: LaterRows,
    ) -> Result<Vec<f64>> {
        for (what, found) in [("the days of the orders", day.len()), ("the amounts of the orders", amount.len())] {
            if found != customer.len() {
                return Err(Error::WrongLength { what: what.into(), expected: customer.len(), found });
            }
        }
        let mut sums = vec![0.0; customers];
        for (row, ((&code, &day), &amount)) in customer.iter().zip(day).zip(amount).enumerate() {
            let refuse = |what: &str, found: String, must_be: &str| {
                Err(Error::invalid_value_of(code, what, row, found, must_be))
            };
            if !amount.is_finite() {
                let found = if amount.is_nan() { "unknown".into() } else { amount.to_string() };
                return refuse("the amount of the order", found, "amounts must be known, finite numbers");
            }
            let age = i64::from(as_of) - i64::from(day);
            if age < 0 && later == LaterRows::Refuse {
                let must_be = format!(
                    "orders must not lie after the day of the rating, {}; mend the date, or state for `later` that such \
                     orders are to be left out",
                    day_in_words(as_of)
                );
                return refuse("the date of the order", day_in_words(day), &must_be);
            }
            if (0..i64::from(self.spec().period_days)).contains(&age)
                && let Some(sum) = sums.get_mut(code as usize)
            {
                *sum += amount;
                if !sum.is_finite() {
                    let must_be = "the orders of one customer must have a sum that is a number";
                    return refuse("the amount of the order", amount.to_string(), must_be);
                }
            }
        }
        Ok(sums)
    }
}

pub(super) fn check_amounts(rules: &RatingRules, amounts: &[f64]) -> Result<()> {
    match amounts.iter().position(|amount| amount.is_infinite()) {
        Some(row) => Err(Error::NotFinite { column: rules.spec().amount.clone(), row: Some(row), found: amounts[row] }),
        None => Ok(()),
    }
}
