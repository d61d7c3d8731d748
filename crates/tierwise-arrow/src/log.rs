//! A log of orders as an engine hands it over, to one row per customer.

use crate::table::{Keys, Table};
use tierwise::value::{LaterRows, Rfm, rfm};
use tierwise::{Error, Feature, Result};

/// The year 2500: a larger number of days is most often a date written as 19970101.
const LAST_DAY: f64 = 193_577.0;

impl Table {
    /// Turns a log of orders into one row per customer: see [`tierwise::value::rfm`]. The keys are those of all customers
    /// in the log, in ascending order; [`Rfm::customer`] holds positions among them.
    ///
    /// # Errors
    /// Those of [`Table::keys`] and of [`rfm`], and [`Error::InvalidValue`] with row and customer for a date that is
    /// unknown or later than the year 2500.
    pub fn rfm(&self, customer: &str, date: &str, amount: &str, as_of: i32, later: LaterRows) -> Result<(Keys, Rfm)> {
        let features = [Feature::number(date), Feature::number(amount)];
        let mut columns = self.values(&features)?;
        let (amounts, dates) = (columns.pop().unwrap_or_default(), columns.pop().unwrap_or_default());
        let (codes, keys) = self.keys(customer)?;
        let days: Vec<i32> = dates.iter().map(|&day| day.floor() as i32).collect();
        if let Some(row) = dates.iter().position(|day| day.is_nan() || day.abs() > LAST_DAY) {
            return Err(wrong_day(date, row, dates[row], keys.name(codes[row] as usize)));
        }
        let table = rfm(&codes, &days, &amounts, as_of, later).map_err(|error| with_key(error, &keys))?;
        Ok((keys, table))
    }
}

fn wrong_day(date: &str, row: usize, day: f64, key: Option<String>) -> Error {
    Error::InvalidValue {
        what: format!("the date `{date}`"),
        row,
        key,
        found: if day.is_nan() { "unknown".into() } else { format!("day {day}") },
        must_be: "dates must be known dates up to the year 2500, or days since 1970-01-01. Convert a number such as \
                  19970101 to a date before the call"
            .into(),
    }
}

/// Puts the customer's own key where the core knows only its code.
fn with_key(error: Error, keys: &Keys) -> Error {
    match error {
        Error::InvalidValue { what, row, key: Some(code), found, must_be } => {
            let key = code.parse().ok().and_then(|code| keys.name(code)).or(Some(code));
            Error::InvalidValue { what, row, key, found, must_be }
        }
        other => other,
    }
}
