//! From a log of purchases to one row per customer: recency, frequency, money, and age.

use crate::calendar::day_in_words;
#[cfg(feature = "parallel")]
use crate::parts::parts;
use crate::parts::{map_parts, map_rows};
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// What to do with purchases after `as_of`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LaterRows {
    /// Refuse the log and name the row: a purchase from the future is most often a wrong date. The default.
    #[default]
    Refuse,
    /// Leave them out and count them in [`Rfm::rows_left_out`]: for a calibration window that ends within the log.
    LeaveOut,
}

/// One row per customer, in ascending order of the customer codes.
///
/// Two schools use the same words for different things, so each thing has a column of its own here:
///
/// | column | recency-frequency-money analysis | lifetime models (Fader, Hardie and Lee 2005) |
/// |---|---|---|
/// | [`recency`](Self::recency) | recency: days since the last purchase | |
/// | [`frequency`](Self::frequency) | frequency: days with a purchase | x + 1 |
/// | [`monetary`](Self::monetary) | monetary value: all money | |
/// | [`age`](Self::age) | | T: days since the first purchase |
/// | [`repeat_frequency`](Self::repeat_frequency) | | x, "frequency": days with a purchase after the first |
/// | [`last_purchase_age`](Self::last_purchase_age) | | t<sub>x</sub>, "recency": age at the last purchase |
/// | [`mean_repeat_amount`](Self::mean_repeat_amount) | | "monetary value": mean amount of those days |
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Rfm {
    /// The code of the customer.
    pub customer: Vec<u32>,
    /// Days from the last purchase to `as_of`; 0 or more, lower is better.
    pub recency: Vec<f64>,
    /// Days with at least one purchase; 1 or more.
    pub frequency: Vec<f64>,
    /// All money, returns (negative amounts) taken off.
    pub monetary: Vec<f64>,
    /// Days from the first purchase to `as_of`.
    pub age: Vec<f64>,
    /// Days with a purchase, without the first one; 0 or more.
    pub repeat_frequency: Vec<f64>,
    /// Days from the first purchase to the last; 0 for a customer who bought on one day only.
    pub last_purchase_age: Vec<f64>,
    /// Mean amount per day over the days after the first; NaN, unknown, for a customer who never came back.
    pub mean_repeat_amount: Vec<f64>,
    /// Day of the first purchase, counted from 1970-01-01.
    pub first_day: Vec<i32>,
    /// Day of the last purchase, counted from 1970-01-01.
    pub last_day: Vec<i32>,
    /// The day on which this table holds, counted from 1970-01-01; purchases on that day count.
    pub as_of: i32,
    /// Rows of the log that count.
    pub rows: usize,
    /// Rows of the log after `as_of`.
    pub rows_left_out: usize,
}

impl Rfm {
    /// The number of customers.
    pub fn len(&self) -> usize {
        self.customer.len()
    }

    /// Whether there is no customer, which is so only when every row was left out.
    pub fn is_empty(&self) -> bool {
        self.customer.is_empty()
    }
}

/// Turns a log of purchases into one row per customer.
///
/// One element of each slice per row of the log, in any order. `customers` are codes, as [`encode_integers`] and
/// [`encode_keys`] make them; `days` and `as_of` count from 1970-01-01; `amounts` are money, negative for a return.
/// Rows of one customer on one day are one purchase: their amounts are added in row order. The days of a customer
/// are added in their order, the first one last, so that money depends on the order of the rows within a day only.
///
/// A customer whose rows all lie after `as_of` is not in the result.
///
/// Conventions: "inferred" from the common use in recency-frequency-money analysis, and Fader, Hardie and Lee (2005),
/// *"Counting your customers" the easy way*, for x, t<sub>x</sub> and T.
///
/// # Errors
/// [`Error::EmptyTable`]; [`Error::WrongLength`]; [`Error::InvalidValue`] with the row and the customer's code for an
/// amount that is not finite, left out or not, for a day after `as_of` under [`LaterRows::Refuse`], and for a customer
/// whose amounts have no finite sum (then with the first row of that customer).
///
/// ```
/// use tierwise::value::{LaterRows, rfm};
/// // customer 0 buys on day 10, twice on day 14 and on day 20; customer 1 buys on day 12
/// let table = rfm(&[0, 1, 0, 0, 0], &[10, 12, 14, 14, 20], &[5.0, 7.0, 1.0, 2.0, 9.0], 30, LaterRows::Refuse)?;
/// assert_eq!(table.recency, [10.0, 18.0]);
/// assert_eq!(table.frequency, [3.0, 1.0]);
/// assert_eq!(table.monetary, [17.0, 7.0]);
/// assert_eq!(table.age, [20.0, 18.0]);
/// assert_eq!(table.repeat_frequency, [2.0, 0.0]);
/// assert_eq!(table.last_purchase_age, [10.0, 0.0]);
/// assert_eq!(table.mean_repeat_amount[0], 6.0); // (1 + 2 + 9) / 2
/// assert!(table.mean_repeat_amount[1].is_nan());
/// # Ok::<(), tierwise::Error>(())
/// ```
///
/// [`encode_integers`]: crate::value::encode_integers
/// [`encode_keys`]: crate::value::encode_keys
pub fn rfm(customers: &[u32], days: &[i32], amounts: &[f64], as_of: i32, later: LaterRows) -> Result<Rfm> {
    let log = Log::new(customers, days, amounts)?;
    let rows_left_out = log.rows_after(as_of, later)?;
    let size = log.size();
    let rows = customers.len() - rows_left_out;
    if size / 8 > customers.len().max(1024) || u32::try_from(size).is_err() {
        // Codes with wide gaps: an account for each possible code could take more memory than there is.
        let ids: Vec<i64> = customers.iter().map(|&code| i64::from(code)).collect();
        let (codes, ids) = super::encode_integers(&ids);
        let accounts = accounts(&Log { customers: &codes, ..log }, as_of, ids.len());
        let table =
            finish(&accounts, as_of, rows, rows_left_out, |code| first_row(customers, ids[code as usize] as u32))?;
        let customer = table.customer.iter().map(|&code| ids[code as usize] as u32).collect();
        return Ok(Rfm { customer, ..table });
    }
    finish(&accounts(&log, as_of, size), as_of, rows, rows_left_out, |code| first_row(customers, code))
}

/// The first row of a customer, and its code as text.
fn first_row(customers: &[u32], customer: u32) -> (usize, String) {
    (customers.iter().position(|&code| code == customer).unwrap_or_default(), customer.to_string())
}

/// A log whose columns are equally long and whose amounts are finite.
#[derive(Clone, Copy)]
pub(super) struct Log<'a> {
    pub(super) customers: &'a [u32],
    pub(super) days: &'a [i32],
    pub(super) amounts: &'a [f64],
}

impl<'a> Log<'a> {
    pub(super) fn new(customers: &'a [u32], days: &'a [i32], amounts: &'a [f64]) -> Result<Self> {
        check_lengths(customers.len(), days.len(), amounts.len())?;
        check_amounts(amounts, |row| customers[row].to_string())?;
        Ok(Self { customers, days, amounts })
    }

    fn rows_after(&self, as_of: i32, later: LaterRows) -> Result<usize> {
        let after = |rows: Range<usize>| self.days[rows].iter().filter(|&&day| day > as_of).count();
        let count = map_parts(self.days.len(), after).into_iter().sum();
        if count > 0 && later == LaterRows::Refuse {
            let row = self.days.iter().position(|&day| day > as_of).unwrap_or_default();
            return Err(after_as_of(row, self.customers[row].to_string(), self.days[row], as_of));
        }
        Ok(count)
    }

    /// The highest code plus one.
    fn size(&self) -> usize {
        let highest = map_parts(self.customers.len(), |rows| self.customers[rows].iter().max().copied());
        highest.into_iter().flatten().max().map_or(0, |code| code as usize + 1)
    }
}

pub(super) fn check_lengths(customers: usize, days: usize, amounts: usize) -> Result<()> {
    if customers == 0 && days == 0 && amounts == 0 {
        return Err(Error::EmptyTable { what: "the log of purchases".into() });
    }
    for (what, found) in [("the column of days", days), ("the column of amounts", amounts)] {
        if found != customers {
            return Err(Error::WrongLength { what: what.into(), expected: customers, found });
        }
    }
    Ok(())
}

pub(super) fn check_amounts(amounts: &[f64], key: impl Fn(usize) -> String) -> Result<()> {
    check_money("amount", amounts, key)
}

/// The same of another column of money, by its name in the singular.
pub(super) fn check_money(what: &str, amounts: &[f64], key: impl Fn(usize) -> String) -> Result<()> {
    // Without early exit the check runs at the memory's speed.
    let sound = |rows: Range<usize>| amounts[rows].iter().fold(true, |sound, amount| sound & amount.is_finite());
    if map_parts(amounts.len(), sound).into_iter().all(|sound| sound) {
        return Ok(());
    }
    let row = amounts.iter().position(|amount| !amount.is_finite()).unwrap_or_default();
    let must_be = format!("{what}s must be finite numbers; leave the row out or mend it");
    Err(Error::invalid_value_of(key(row), &format!("the {what}"), row, amounts[row], must_be))
}

pub(super) fn after_as_of(row: usize, key: String, day: i32, as_of: i32) -> Error {
    let must_be = format!(
        "days must not lie after `as_of`, which is {}; mend the date, or leave later rows out on purpose",
        day_in_words(as_of)
    );
    Error::invalid_value_of(key, "the day", row, day_in_words(day), must_be)
}

/// What is known of one customer while his purchases come in, in the order of their days.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Account {
    first_day: i32,
    last_day: i32,
    /// Days with a purchase; 0 before the first row.
    days: u32,
    /// Amount of the first day, once it is over.
    first: f64,
    /// Amounts of the days between the first and the current one.
    between: f64,
    /// Amount of the current day so far.
    today: f64,
}

impl Account {
    /// Adds a row; false when it comes before the current day, and then the account is of no use any more.
    #[inline]
    pub(super) fn add(&mut self, day: i32, amount: f64) -> bool {
        if self.days > 0 && day == self.last_day {
            self.today += amount;
            return true;
        }
        if self.days > 0 && day < self.last_day {
            return false;
        }
        match self.days {
            0 => self.first_day = day,
            1 => self.first = self.today,
            _ => self.between += self.today,
        }
        (self.days, self.last_day, self.today) = (self.days + 1, day, amount);
        true
    }

    fn repeat_amount(&self) -> f64 {
        self.between + self.today
    }

    fn total(&self) -> f64 {
        if self.days > 1 { self.repeat_amount() + self.first } else { self.today }
    }
}

/// The table of the accounts; `first_row` tells the first row and the key of a customer whose money is too much.
pub(super) fn finish(
    accounts: &[Account],
    as_of: i32,
    rows: usize,
    rows_left_out: usize,
    first_row: impl Fn(u32) -> (usize, String),
) -> Result<Rfm> {
    let customer: Vec<u32> =
        (0_u32..).zip(accounts).filter(|(_, account)| account.days > 0).map(|(code, _)| code).collect();
    let column = |of: &(dyn Fn(&Account) -> f64 + Sync)| map_rows(&customer, |&code| of(&accounts[code as usize]));
    // In f64, because the span of two days may not fit an i32.
    let since = |day: i32| f64::from(as_of) - f64::from(day);
    let monetary = column(&Account::total);
    if let Some(at) = monetary.iter().position(|total| !total.is_finite()) {
        let (row, key) = first_row(customer[at]);
        let what = "the sum of the amounts of the customer first seen";
        let must_be = "sums must be finite numbers; the amounts are too large, so mend them or change their unit";
        return Err(Error::invalid_value_of(key, what, row, monetary[at], must_be));
    }
    Ok(Rfm {
        recency: column(&|account| since(account.last_day)),
        frequency: column(&|account| f64::from(account.days)),
        monetary,
        age: column(&|account| since(account.first_day)),
        repeat_frequency: column(&|account| f64::from(account.days - 1)),
        last_purchase_age: column(&|account| f64::from(account.last_day) - f64::from(account.first_day)),
        mean_repeat_amount: column(&|account| match account.days {
            1 => f64::NAN,
            days => account.repeat_amount() / f64::from(days - 1),
        }),
        first_day: customer.iter().map(|&code| accounts[code as usize].first_day).collect(),
        last_day: customer.iter().map(|&code| accounts[code as usize].last_day).collect(),
        customer,
        as_of,
        rows,
        rows_left_out,
    })
}

/// One account per code below `size`. A customer's account is filled by one thread in one order, so the number of
/// threads does not reach the result.
fn accounts(log: &Log<'_>, as_of: i32, size: usize) -> Vec<Account> {
    let mut accounts = vec![Account::default(); size];
    #[cfg(feature = "parallel")]
    {
        use rayon::prelude::*;
        // Every part reads the whole column of codes and takes the customers that are its own.
        let width = size.div_ceil(parts(log.days.len())).max(1);
        accounts
            .par_chunks_mut(width)
            .enumerate()
            .for_each(|(part, accounts)| fill(log, as_of, part * width, accounts));
    }
    #[cfg(not(feature = "parallel"))]
    fill(log, as_of, 0, &mut accounts);
    accounts
}

/// Fills the accounts of the codes from `first` on.
fn fill(log: &Log<'_>, as_of: i32, first: usize, accounts: &mut [Account]) {
    // Nearly every log is ordered by time, or by customer and time; then one pass does it.
    let mut ordered = true;
    each_row(log, as_of, first, accounts.len(), |code, day, amount| ordered &= accounts[code].add(day, amount));
    if !ordered {
        accounts.fill(Account::default());
        let ledger = Ledger::new(log, as_of, first, accounts.len());
        for (account, lines) in accounts.iter_mut().zip(ledger.customers()) {
            for line in lines {
                account.add(line.day, line.amount);
            }
        }
    }
}

/// Calls `take` with code (from 0), day and amount of every row up to `as_of` whose code is one of `size` from
/// `first` on, in row order.
fn each_row(log: &Log<'_>, as_of: i32, first: usize, size: usize, mut take: impl FnMut(usize, i32, f64)) {
    const BLOCK: usize = 1024;
    let (first, size) = (first as u32, size as u32);
    let mut picked = [0_u16; BLOCK];
    let blocks = log.customers.chunks(BLOCK).zip(log.days.chunks(BLOCK)).zip(log.amounts.chunks(BLOCK));
    for ((customers, days), amounts) in blocks {
        // Picking without a branch first: which rows belong to this part is as good as random.
        let mut count = 0;
        for (row, (&code, &day)) in (0_u16..).zip(customers.iter().zip(days)) {
            picked[count] = row;
            count += usize::from(code.wrapping_sub(first) < size) & usize::from(day <= as_of);
        }
        for &row in &picked[..count] {
            let row = usize::from(row);
            take(customers[row].wrapping_sub(first) as usize, days[row], amounts[row]);
        }
    }
}

/// The rows of a log by customer, and each customer's by day; rows of one day stay in row order.
pub(super) struct Ledger {
    /// Where each customer's lines end.
    ends: Vec<usize>,
    lines: Vec<Line>,
}

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Line {
    pub(super) day: i32,
    pub(super) amount: f64,
}

impl Ledger {
    /// Counting sort by customer, then a small sort of each customer's lines.
    pub(super) fn new(log: &Log<'_>, as_of: i32, first: usize, size: usize) -> Self {
        let mut ends = vec![0_usize; size];
        each_row(log, as_of, first, size, |code, _, _| ends[code] += 1);
        let mut rows = 0;
        for end in &mut ends {
            rows += std::mem::replace(end, rows);
        }
        let mut lines = vec![Line::default(); rows];
        each_row(log, as_of, first, size, |code, day, amount| {
            lines[ends[code]] = Line { day, amount };
            ends[code] += 1;
        });
        let mut start = 0;
        for &end in &ends {
            lines[start..end].sort_by_key(|line| line.day);
            start = end;
        }
        Self { ends, lines }
    }

    pub(super) fn customers(&self) -> impl Iterator<Item = &[Line]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, &end)| &self.lines[start..end])
    }
}
