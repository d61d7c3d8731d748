//! The six factors of the sales equation, counted in a log of purchases.

use super::SalesFactors;
use super::factors::parameter;
use crate::calendar::day_in_words;
use crate::value::rfm::{check_amounts, check_lengths};
use crate::value::{Returns, encode_integers};
use crate::{Error, Result};
use serde::{Deserialize, Serialize};

/// A log of purchases: one element per row and column, in any order; days count from 1970-01-01.
#[derive(Debug, Clone, Copy)]
pub struct SalesLog<'a> {
    /// Codes of the customers.
    pub customers: &'a [u32],
    /// When they bought.
    pub days: &'a [i32],
    /// For how much, in one currency ([`in_one_currency`](crate::value::in_one_currency)); below 0 for a return.
    pub amounts: &'a [f64],
}

/// How a log is read for the sales equation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SalesRules {
    /// What to do with rows below 0; [`Returns::NetOff`] by default: their money is taken off what the customer brought in
    /// the period, and they make nobody a buyer.
    pub returns: Returns,
    /// Only who bought within so many days before the period counts as existing; who comes back after longer is new again.
    /// `None`: whoever ever bought before.
    pub lookback: Option<u32>,
}

impl Default for SalesRules {
    fn default() -> Self {
        Self { returns: Returns::NetOff, lookback: None }
    }
}

/// The sales of a period as the log has them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SalesOfPeriod {
    /// The six factors.
    pub factors: SalesFactors,
    /// Customers who bought in the period and were not existing before it.
    pub new_buyers: f64,
    /// Existing customers who bought in the period.
    pub retained: f64,
    /// The money of both: what the equation gives.
    pub sales: f64,
    /// Money of customers who only sent something back in the period: 0 or less, outside the equation.
    pub returns_of_others: f64,
}

/// Counts the factors of the sales equation in a period, first and last day included.
///
/// *Existing customers* bought before the first day (within [`SalesRules::lookback`]); *retention* is the share of them who
/// bought in the period, *repurchase* their money per head. Whoever else bought in the period is new; *purchase* is their
/// money per head. The log does not know whom it did not win: `leads` says how many there were, of whom *conversion* is the
/// share that bought; without it buyers count as leads and conversion is 1. Means of nobody are unknown (NaN).
///
/// Rows after the period are passed over. Existing customers are seen only as far back as the log goes: let it begin well
/// before the first of two periods that are compared, or use `lookback`, so that both look back alike.
///
/// # Errors
/// [`Error::EmptyTable`]; [`Error::WrongLength`]; [`Error::InvalidValue`] with row and customer for an amount that is not
/// finite and for a return under [`Returns::Refuse`]; [`Error::InvalidParameter`] for a period that ends before it begins,
/// leads that are fewer than the buyers or not finite, and for money whose sum is not finite.
///
/// ```
/// use tierwise::value::{SalesLog, SalesRules, sales_of_period};
/// // 0 and 1 bought before day 100; in the period 0 buys again, and 2 and 3 for the first time
/// let log = SalesLog { customers: &[0, 1, 0, 2, 3], days: &[10, 50, 120, 130, 140], amounts: &[9.0, 5.0, 30.0, 4.0, 8.0] };
/// let period = sales_of_period(&log, 100, 199, Some(20.0), &SalesRules::default())?;
/// assert_eq!(period.factors.values(), [20.0, 0.1, 6.0, 2.0, 0.5, 30.0]);
/// assert_eq!(period.sales, 42.0);
/// # Ok::<(), tierwise::Error>(())
/// ```
pub fn sales_of_period(
    log: &SalesLog<'_>,
    first_day: i32,
    last_day: i32,
    leads: Option<f64>,
    rules: &SalesRules,
) -> Result<SalesOfPeriod> {
    let groups = vec![0; log.customers.len()];
    let counted = counted(log, &groups, 1, (first_day, last_day), rules)?;
    counted[0].factors(leads, "")
}

/// The same per group of customers (segment, region). `groups` holds a position below `count` per row, the same in all rows
/// of a customer; `leads` has one element per group.
///
/// # Errors
/// Those of [`sales_of_period`]; [`Error::InvalidValue`] with row and customer for a group beyond the count, and for a
/// customer in two groups.
pub fn sales_of_period_by_group(
    log: &SalesLog<'_>,
    groups: &[u32],
    count: usize,
    (first_day, last_day): (i32, i32),
    leads: Option<&[f64]>,
    rules: &SalesRules,
) -> Result<Vec<SalesOfPeriod>> {
    if let Some(leads) = leads
        && leads.len() != count
    {
        return Err(Error::WrongLength { what: "the leads".into(), expected: count, found: leads.len() });
    }
    let counted = counted(log, groups, count, (first_day, last_day), rules)?;
    let of_group = |(group, one): (usize, &Counted)| {
        let place = if count > 1 { format!(" of group {group}, counted from 0") } else { String::new() };
        one.factors(leads.map(|leads| leads[group]), &place)
    };
    counted.iter().enumerate().map(of_group).collect()
}

/// What a group did in the period.
#[derive(Debug, Clone, Copy, Default)]
struct Counted {
    new_buyers: f64,
    new_money: f64,
    existing: f64,
    retained: f64,
    retained_money: f64,
    returns_of_others: f64,
}

impl Counted {
    /// `place` says in errors whose they are.
    fn factors(&self, leads: Option<f64>, place: &str) -> Result<SalesOfPeriod> {
        let sales = self.new_money + self.retained_money;
        if !(sales + self.returns_of_others).is_finite() {
            let name = if self.new_money.is_finite() { "repurchase" } else { "purchase" };
            return Err(parameter(name, &format!("so small that all sales{place} are a finite number"), sales));
        }
        if let Some(leads) = leads
            && !(leads >= self.new_buyers && leads.is_finite())
        {
            let must_be = format!("a finite number, and at least that of the new buyers{place}, {}", self.new_buyers);
            let got = leads.to_string();
            return Err(Error::InvalidParameter { of: "sales_of_period", name: "leads", must_be, got });
        }
        let new_customers = leads.unwrap_or(self.new_buyers);
        // 0 / 0 is unknown, as the mean of nobody is.
        let factors = SalesFactors {
            new_customers,
            conversion: if leads.is_none() { 1.0 } else { self.new_buyers / new_customers },
            purchase: self.new_money / self.new_buyers,
            existing_customers: self.existing,
            retention: self.retained / self.existing,
            repurchase: self.retained_money / self.retained,
        };
        let Self { new_buyers, retained, returns_of_others, .. } = *self;
        Ok(SalesOfPeriod { factors, new_buyers, retained, sales, returns_of_others })
    }
}

/// What one customer did.
#[derive(Debug, Clone, Copy, Default)]
struct Customer {
    group: Option<u32>,
    existed: bool,
    bought: bool,
    money: f64,
}

fn counted(
    log: &SalesLog<'_>,
    groups: &[u32],
    count: usize,
    (first_day, last_day): (i32, i32),
    rules: &SalesRules,
) -> Result<Vec<Counted>> {
    let SalesLog { customers, days, amounts } = *log;
    check_lengths(customers.len(), days.len(), amounts.len())?;
    check_amounts(amounts, |row| customers[row].to_string())?;
    if groups.len() != customers.len() {
        let what = "the column of groups".into();
        return Err(Error::WrongLength { what, expected: customers.len(), found: groups.len() });
    }
    if last_day < first_day {
        return Err(Error::InvalidParameter {
            of: "sales_of_period",
            name: "last_day",
            must_be: format!("not before the first, which is {}", day_in_words(first_day)),
            got: day_in_words(last_day),
        });
    }
    let (codes, ids) = encode_integers(&customers.iter().map(|&code| i64::from(code)).collect::<Vec<_>>());
    let mut known = vec![Customer::default(); ids.len()];
    // In i64, because the span of two days may not fit an i32.
    let since = rules.lookback.map_or(i64::MIN, |lookback| i64::from(first_day) - i64::from(lookback));
    for (row, (&code, &group)) in codes.iter().zip(groups).enumerate() {
        let customer = &mut known[code as usize];
        check_group(*customer.group.get_or_insert(group), group, count, row, customers[row])?;
        let (day, amount) = (days[row], amounts[row]);
        if day > last_day {
            continue;
        }
        let is_return = amount < 0.0;
        if is_return && rules.returns == Returns::Refuse {
            let must_be = "returns are refused; net or leave them out";
            return Err(Error::invalid_value_of(customers[row], "the amount", row, amount, must_be));
        }
        let buys = !is_return || rules.returns == Returns::AsPurchases;
        if day < first_day {
            customer.existed |= buys && i64::from(day) >= since;
        } else if buys || rules.returns == Returns::NetOff {
            customer.bought |= buys;
            customer.money += amount;
        }
    }
    let mut counted = vec![Counted::default(); count];
    for Customer { group, existed, bought, money } in known {
        let of_group = &mut counted[group.unwrap_or_default() as usize];
        of_group.existing += f64::from(u8::from(existed));
        match (existed, bought) {
            (true, true) => {
                of_group.retained += 1.0;
                of_group.retained_money += money;
            }
            (false, true) => {
                of_group.new_buyers += 1.0;
                of_group.new_money += money;
            }
            (_, false) => of_group.returns_of_others += money,
        }
    }
    Ok(counted)
}

fn check_group(first: u32, group: u32, count: usize, row: usize, customer: u32) -> Result<()> {
    if group as usize >= count {
        let must_be = format!("groups are positions below {count}");
        return Err(Error::invalid_value_of(customer, "the group", row, group, must_be));
    }
    if first == group {
        return Ok(());
    }
    let must_be = "a customer must have one group in all rows, or new and existing customers cannot be told apart";
    Err(Error::invalid_value_of(customer, "the group", row, "another one than in an earlier row", must_be))
}
