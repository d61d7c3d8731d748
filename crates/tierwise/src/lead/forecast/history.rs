//! Leads and signings by class and month, checked: the one input of everything in this folder.

use crate::{Error, Result};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// The most leads that one class may have in one month.
const MOST_LEADS: f64 = 1e9;
/// The most months of one class: a hundred years. The backtest looks at every month from every later one.
const MOST_MONTHS: usize = 1200;
/// The class of a history without classes.
const ALL: &str = "all";

/// One class in one month.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Month {
    pub(super) at: i32,
    pub(super) leads: f64,
    pub(super) signed: f64,
}

/// Leads and signings by class and month, in order of class and month whatever the order of the rows.
///
/// Months are counted from January 1970 (0). `leads` are the leads of the class at the start of the month, `signed` are
/// those of them that signed within the month: whole numbers, and never more signed than there were leads. Every class
/// has every month from its first to the last month of the whole history.
///
/// ```
/// use tierwise::lead::MonthlySignings;
///
/// let history = MonthlySignings::new(&["A", "A"], &[672, 671], &[40.0, 50.0], &[8.0, 12.0])?;
/// assert_eq!((history.classes(), history.last_month()), (vec!["A"], 672));
///
/// let error = MonthlySignings::new(&["A"], &[672], &[40.0], &[41.0]).unwrap_err();
/// assert!(error.to_string().starts_with("`signed` at row 0 (`A`) is 41; at most the 40 leads"));
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct MonthlySignings {
    pub(super) classes: Vec<(String, Vec<Month>)>,
    last_month: i32,
}

impl MonthlySignings {
    /// Reads one row per class and month.
    ///
    /// # Errors
    /// [`Error::WrongLength`] and [`Error::EmptyTable`]; [`Error::InvalidValue`] with row and class for a month outside
    /// the years 1 to 9999, for a count that is not a whole number in [0, 10⁹], for more signings than leads, for a class and month that occur twice, for a
    /// month that is missing in between, for a class that ends before the others, and for a class of more than 1 200
    /// months.
    pub fn new<S: AsRef<str>>(class: &[S], month: &[i32], leads: &[f64], signed: &[f64]) -> Result<Self> {
        for (what, found) in [("month", month.len()), ("leads", leads.len()), ("signed", signed.len())] {
            if found != class.len() {
                let what = format!("column `{what}`");
                return Err(Error::WrongLength { what, expected: class.len(), found });
            }
        }
        let Some(&last_month) = month.iter().max() else {
            return Err(Error::EmptyTable { what: "the history of leads and signings".into() });
        };
        let mut rows: BTreeMap<&str, BTreeMap<i32, usize>> = BTreeMap::new();
        for row in 0..class.len() {
            let key = class[row].as_ref();
            check_month(row, key, month[row])?;
            check_counts(row, key, leads[row], signed[row])?;
            if let Some(before) = rows.entry(key).or_default().insert(month[row], row) {
                let must_be = format!("the class has this month at row {before} already; add the two rows up");
                return Err(wrong("month", row, key, month_name(month[row]), must_be));
            }
        }
        let mut classes = Vec::with_capacity(rows.len());
        for (key, rows) in rows {
            check_months(key, &rows, last_month)?;
            let months = rows.iter().map(|(&month, &row)| Month { at: month, leads: leads[row], signed: signed[row] });
            classes.push((key.to_owned(), months.collect()));
        }
        Ok(Self { classes, last_month })
    }

    /// Reads one row per month where leads have no class; the one class is then called `all`.
    ///
    /// # Errors
    /// As [`MonthlySignings::new`].
    pub fn without_classes(month: &[i32], leads: &[f64], signed: &[f64]) -> Result<Self> {
        Self::new(&vec![ALL; month.len()], month, leads, signed)
    }

    /// The classes, in ascending order.
    pub fn classes(&self) -> Vec<&str> {
        self.classes.iter().map(|(name, _)| name.as_str()).collect()
    }

    /// The last month; a forecast is for the month after it.
    pub fn last_month(&self) -> i32 {
        self.last_month
    }

    /// From the first month of any class to the last month.
    pub(super) fn months(&self) -> RangeInclusive<i32> {
        let first = self.classes.iter().filter_map(|(_, months)| months.first()).map(|first| first.at).min();
        first.unwrap_or(self.last_month)..=self.last_month
    }
}

/// A month as people write it, such as 2026-03.
pub(super) fn month_name(month: i32) -> String {
    format!("{:04}-{:02}", 1970 + i64::from(month.div_euclid(12)), month.rem_euclid(12) + 1)
}

/// A month written as 202603, read as a count from 1970, would lie 16 000 years ahead.
fn check_month(row: usize, class: &str, month: i32) -> Result<()> {
    const FIRST: i32 = (1 - 1970) * 12;
    const LAST: i32 = (9999 - 1970) * 12;
    if (FIRST..LAST).contains(&month) {
        return Ok(());
    }
    let must_be = "a month is a number of months since January 1970, between the years 1 and 9999".into();
    Err(wrong("month", row, class, month.to_string(), must_be))
}

fn check_counts(row: usize, class: &str, leads: f64, signed: f64) -> Result<()> {
    check_count("`leads`", row, class, leads)?;
    check_count("`signed`", row, class, signed)?;
    if signed <= leads {
        return Ok(());
    }
    let must_be = format!(
        "at most the {leads} leads can have signed. If leads that came within the month signed too, count them among \
         the leads at its start, or use longer months"
    );
    Err(wrong("`signed`", row, class, signed.to_string(), must_be))
}

/// Refuses what is no count of leads.
pub(super) fn check_count(what: &str, row: usize, class: &str, count: f64) -> Result<()> {
    if (0.0..=MOST_LEADS).contains(&count) && count.fract() == 0.0 {
        return Ok(());
    }
    let must_be = "a count must be a whole number in [0, 1000000000]; write 0 where there were none".into();
    Err(wrong(what, row, class, count.to_string(), must_be))
}

fn check_months(class: &str, rows: &BTreeMap<i32, usize>, last_month: i32) -> Result<()> {
    let months: Vec<(i32, usize)> = rows.iter().map(|(&month, &row)| (month, row)).collect();
    for pair in months.windows(2) {
        let expected = pair[0].0 + 1;
        if pair[1].0 != expected {
            let must_be = format!(
                "{} is missing before it; add the month, with 0 leads if there were none",
                month_name(expected)
            );
            return Err(wrong("month", pair[1].1, class, month_name(pair[1].0), must_be));
        }
    }
    let Some(&(last, row)) = months.last() else { return Ok(()) };
    if last != last_month {
        let must_be = format!(
            "it is the last month of this class, and others go on to {}; all classes must end in the same month. Add \
             the months, with 0 leads if there were none",
            month_name(last_month)
        );
        return Err(wrong("month", row, class, month_name(last), must_be));
    }
    if months.len() > MOST_MONTHS {
        let found = format!("month {} of its class", months.len());
        return Err(wrong("month", row, class, found, format!("a class has at most {MOST_MONTHS} months")));
    }
    Ok(())
}

fn wrong(what: &str, row: usize, class: &str, found: String, must_be: String) -> Error {
    Error::invalid_value_of(class, what, row, found, must_be)
}
