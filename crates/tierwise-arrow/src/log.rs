//! A log of orders as an engine hands it over, to one row per customer.

use crate::iso_date;
use crate::read::{is_text, lent_days, lent_numbers, lent_texts, write_days};
use crate::table::{Keys, Table};
use std::borrow::Cow;
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
        let (codes, keys) = self.keys(customer)?;
        let days = self.days(date, |row| keys.name(codes[row] as usize))?;
        let amounts = self.numbers(amount)?;
        let table = rfm(&codes, &days, &amounts, as_of, later).map_err(|error| with_key(error, &keys))?;
        Ok((keys, table))
    }

    /// A column of numbers, lent where they are stored as such; NaN where unknown.
    ///
    /// # Errors
    /// [`Error::MissingColumn`], and [`Error::WrongKind`] for a column that holds no numbers, with the row and the text of
    /// the first that is none.
    pub fn numbers(&self, column: &str) -> Result<Cow<'_, [f64]>> {
        if let [array] = self.arrays(column)?[..]
            && let Some(numbers) = lent_numbers(array)
        {
            return Ok(numbers.into());
        }
        if let Some(texts) = self.texts(column)? {
            let is_number = |text: &str| text.trim().parse::<f64>().is_ok();
            // A single wrong text makes texts of all numbers: it is the one to be named.
            let wrong = texts.iter().position(|text| text.is_some_and(|text| !is_number(text)));
            let row = wrong.or_else(|| texts.iter().position(Option::is_some));
            if let Some((row, text)) = row.and_then(|row| Some((row, texts[row]?))) {
                let found = format!("the text `{text}`");
                return Err(Error::WrongKind {
                    column: column.into(),
                    row: Some(row),
                    expected: "a number".into(),
                    found,
                });
            }
        }
        Ok(self.values(&[Feature::number(column)])?.swap_remove(0).into())
    }

    /// A column of dates as whole days since 1970-01-01, lent where they are stored as such. Of an instant, a number with a
    /// fraction among them, the day counts. Texts are dates where they are
    /// written as ISO 8601 says, `2024-06-30` or `2024-06-30 08:26:00`. `key` names the customer of a row, for the error.
    ///
    /// # Errors
    /// [`Error::MissingColumn`], [`Error::WrongKind`] for a column that holds no dates, and [`Error::InvalidValue`] with row
    /// and customer for a date that is unknown, later than the year 2500 or written in another way.
    pub fn days(&self, column: &str, key: impl Fn(usize) -> Option<String>) -> Result<Cow<'_, [i32]>> {
        if let [array] = self.arrays(column)?[..]
            && let Some(days) = lent_days(array)
        {
            return match days.iter().position(|&day| f64::from(day).abs() > LAST_DAY) {
                None => Ok(days.into()),
                Some(row) => Err(wrong_day(column, row, days[row].into(), key(row))),
            };
        }
        let mut days = vec![0; self.rows()];
        let mut rest = &mut days[..];
        let written = self.arrays(column)?.into_iter().all(|array| {
            let (own, others) = std::mem::take(&mut rest).split_at_mut(array.len());
            rest = others;
            write_days(array, LAST_DAY as i32, own)
        });
        if written {
            return Ok(days.into());
        }
        if let Some(texts) = self.texts(column)? {
            return days_of(column, &texts, key).map(Cow::from);
        }
        let dates = self.numbers(column)?;
        match dates.iter().position(|day| day.is_nan() || day.abs() > LAST_DAY) {
            None => Ok(dates.iter().map(|&day| day.floor() as i32).collect::<Vec<_>>().into()),
            Some(row) => Err(wrong_day(column, row, dates[row], key(row))),
        }
    }

    /// A column of texts; `None` for any other, and where no text is known.
    fn texts(&self, column: &str) -> Result<Option<Vec<Option<&str>>>> {
        let arrays = self.arrays(column)?;
        if !arrays.iter().any(|array| is_text(array.data_type())) {
            return Ok(None);
        }
        let texts = arrays.into_iter().map(lent_texts).collect::<Option<Vec<_>>>();
        Ok(texts.map(|texts| texts.concat()).filter(|texts| texts.iter().any(Option::is_some)))
    }
}

fn days_of(column: &str, texts: &[Option<&str>], key: impl Fn(usize) -> Option<String>) -> Result<Vec<i32>> {
    let day = |(row, text): (usize, Option<&str>)| {
        let day = text.and_then(iso_date::day_of).filter(|day| f64::from(*day).abs() <= LAST_DAY);
        day.ok_or_else(|| Error::InvalidValue {
            what: format!("the date `{column}`"),
            row,
            key: key(row),
            found: text.map_or_else(|| "unknown".into(), |text| format!("the text `{text}`")),
            must_be: "dates must be known dates up to the year 2500; as texts they must be written like 2024-06-30 or \
                      2024-06-30 08:26:00. Parse others before the call, or leave the row out"
                .into(),
        })
    };
    texts.iter().copied().enumerate().map(day).collect()
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
pub fn with_key(error: Error, keys: &Keys) -> Error {
    match error {
        Error::InvalidValue { what, row, key: Some(code), found, must_be } => {
            let key = code.parse().ok().and_then(|code| keys.name(code)).or(Some(code));
            Error::InvalidValue { what, row, key, found, must_be }
        }
        other => other,
    }
}
