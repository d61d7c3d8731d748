//! Purchases merged to one amount per customer and day: the form in which logs of several days or machines add up.

use super::rfm::{Account, Ledger, Log, after_as_of, check_amounts, check_lengths, finish};
use super::{LaterRows, Rfm, encode_integers};
use crate::{Error, Result, Summary};
use serde::{Deserialize, Serialize};

/// One amount per customer and day. Parts of a log, cut in any way, merge to that of the whole log.
///
/// Customers are known by their ids and not by codes, so that parts that never saw each other agree. Merging is exact
/// where no customer's day is spread over several parts; where it is, its amounts are added part by part, and the
/// last bits may differ.
///
/// ```
/// use tierwise::{Summary, value::{LaterRows, PurchaseDays}};
/// let mut log = PurchaseDays::new(&[70, 12], &[100, 101], &[20.0, 5.0])?;
/// log.merge(&PurchaseDays::new(&[12, 12, 35], &[101, 103, 104], &[1.0, 2.0, 3.0])?)?;
/// assert_eq!((log.ids(), log.days(), log.amounts()), (&[12, 12, 35, 70][..], &[101, 103, 104, 100][..], &[6.0, 2.0, 3.0, 20.0][..]));
/// let (ids, table) = log.rfm(110, LaterRows::Refuse)?;
/// assert_eq!((ids, table.monetary), (vec![12, 35, 70], vec![8.0, 3.0, 20.0]));
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Columns", into = "Columns")]
pub struct PurchaseDays {
    ids: Vec<i64>,
    days: Vec<i32>,
    amounts: Vec<f64>,
    /// Rows of the logs it was made from.
    rows: usize,
}

impl PurchaseDays {
    /// Merges the rows of a log: one element of each slice per row, in any order. Days count from 1970-01-01.
    ///
    /// # Errors
    /// [`Error::EmptyTable`], [`Error::WrongLength`], and [`Error::InvalidValue`] with the row and the id for an amount
    /// that is not finite.
    pub fn new(ids: &[i64], days: &[i32], amounts: &[f64]) -> Result<Self> {
        check_lengths(ids.len(), days.len(), amounts.len())?;
        check_amounts(amounts, |row| ids[row].to_string())?;
        let (customers, keys) = encode_integers(ids);
        let ledger = Ledger::new(&Log { customers: &customers, days, amounts }, i32::MAX, 0, keys.len());
        let mut merged = Self::with_capacity(ids.len(), ids.len());
        for (&id, lines) in keys.iter().zip(ledger.customers()) {
            for line in lines {
                merged.push(id, line.day, line.amount);
            }
        }
        Ok(merged)
    }

    /// One row per customer as of a day, as [`rfm`](super::rfm) gives it, and the ids, ascending, to which its
    /// customer codes point.
    ///
    /// Rows that count and rows left out are those of this table: purchases of one day are one row.
    ///
    /// # Errors
    /// [`Error::InvalidValue`] with the id for a day after `as_of` under [`LaterRows::Refuse`], and for amounts whose sum
    /// is not finite.
    pub fn rfm(&self, as_of: i32, later: LaterRows) -> Result<(Vec<i64>, Rfm)> {
        let left_out = self.days.iter().filter(|&&day| day > as_of).count();
        if left_out > 0 && later == LaterRows::Refuse {
            let row = self.days.iter().position(|&day| day > as_of).unwrap_or_default();
            return Err(after_as_of(row, self.ids[row].to_string(), self.days[row], as_of));
        }
        let mut ids: Vec<i64> = Vec::new();
        let mut accounts = Vec::new();
        for ((&id, &day), &amount) in self.ids.iter().zip(&self.days).zip(&self.amounts) {
            if ids.last() != Some(&id) {
                ids.push(id);
                accounts.push(Account::default());
            }
            if let Some(account) = accounts.last_mut()
                && day <= as_of
            {
                account.add(day, amount);
            }
        }
        let first_row = |code: u32| {
            let id = ids[code as usize];
            (self.ids.partition_point(|&other| other < id), id.to_string())
        };
        let table = finish(&accounts, as_of, self.days.len() - left_out, left_out, first_row)?;
        Ok((ids, table))
    }

    /// The customer of each entry, ascending.
    pub fn ids(&self) -> &[i64] {
        &self.ids
    }

    /// The day of each entry, ascending within a customer.
    pub fn days(&self) -> &[i32] {
        &self.days
    }

    /// The amount of each entry.
    pub fn amounts(&self) -> &[f64] {
        &self.amounts
    }

    /// The rows of the logs it was made from.
    pub fn rows(&self) -> usize {
        self.rows
    }

    fn with_capacity(entries: usize, rows: usize) -> Self {
        Self {
            ids: Vec::with_capacity(entries),
            days: Vec::with_capacity(entries),
            amounts: Vec::with_capacity(entries),
            rows,
        }
    }

    /// Appends an entry that does not come before the last one.
    fn push(&mut self, id: i64, day: i32, amount: f64) {
        match self.amounts.last_mut() {
            Some(last) if self.ids.last() == Some(&id) && self.days.last() == Some(&day) => *last += amount,
            _ => {
                self.ids.push(id);
                self.days.push(day);
                self.amounts.push(amount);
            }
        }
    }

    fn entry(&self, index: usize) -> Option<(i64, i32)> {
        self.ids.get(index).map(|&id| (id, self.days[index]))
    }
}

impl Summary for PurchaseDays {
    /// Never fails: any two logs go together. Merging the same log twice counts it twice.
    fn merge(&mut self, other: &Self) -> Result<()> {
        let mut merged = Self::with_capacity(self.ids.len() + other.ids.len(), self.rows + other.rows);
        let (mut left, mut right) = (0, 0);
        loop {
            match (self.entry(left), other.entry(right)) {
                (Some(ours), theirs) if theirs.is_none_or(|theirs| ours <= theirs) => {
                    merged.push(ours.0, ours.1, self.amounts[left]);
                    left += 1;
                }
                (_, Some(theirs)) => {
                    merged.push(theirs.0, theirs.1, other.amounts[right]);
                    right += 1;
                }
                (_, None) => break,
            }
        }
        *self = merged;
        Ok(())
    }
}

/// The stored form.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Columns {
    ids: Vec<i64>,
    days: Vec<i32>,
    amounts: Vec<f64>,
    rows: usize,
}

impl TryFrom<Columns> for PurchaseDays {
    type Error = Error;

    fn try_from(Columns { ids, days, amounts, rows }: Columns) -> Result<Self> {
        check_lengths(ids.len(), days.len(), amounts.len())?;
        check_amounts(&amounts, |row| ids[row].to_string())?;
        let loaded = Self { ids, days, amounts, rows };
        if let Some(row) = (1..loaded.ids.len()).find(|&row| loaded.entry(row - 1) >= loaded.entry(row)) {
            return Err(Error::InvalidValue {
                what: "the entry".into(),
                row,
                key: Some(loaded.ids[row].to_string()),
                found: format!("day {}", loaded.days[row]),
                must_be: "entries must ascend by id and day, each pair once".into(),
            });
        }
        if rows < loaded.ids.len() {
            return Err(Error::InvalidParameter {
                of: "PurchaseDays",
                name: "rows",
                must_be: format!("at least the number of entries, {}", loaded.ids.len()),
                got: rows.to_string(),
            });
        }
        Ok(loaded)
    }
}

impl From<PurchaseDays> for Columns {
    fn from(PurchaseDays { ids, days, amounts, rows }: PurchaseDays) -> Self {
        Self { ids, days, amounts, rows }
    }
}
