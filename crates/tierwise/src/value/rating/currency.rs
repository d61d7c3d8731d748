//! Whether order amounts are in the currency of the brackets.

use super::rules::RatingRules;
use crate::{Error, Result};
use std::collections::BTreeMap;

impl RatingRules {
    /// Checks that the order amounts are in the currency of the rules; where the rules state none, that all are in one.
    ///
    /// `currencies` holds a position in `names` per amount, `None` where unknown, as it may be where the amount is.
    /// `key` names the customer of a row, for errors.
    ///
    /// ```
    /// use tierwise::value::{RatingRules, RatingSpec, b2b_rating};
    /// let rules = RatingRules::new(RatingSpec { currency: Some("EUR".into()), ..b2b_rating().spec().clone() })?;
    /// let (names, key) = (["EUR".to_owned(), "USD".to_owned()], |row: usize| row.to_string());
    /// rules.check_currency(&[5.0, f64::NAN], &[Some(0), None], &names, key)?;
    /// let refused = rules.check_currency(&[5.0, 7.0], &[Some(0), Some(1)], &names, key).unwrap_err();
    /// assert!(refused.to_string().starts_with("the currency at row 1 (`1`) is `USD`; the brackets are in `EUR`"));
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::WrongLength`]; [`Error::InvalidValue`] with row and customer for another currency and for an unknown one.
    pub fn check_currency(
        &self,
        amounts: &[f64],
        currencies: &[Option<u32>],
        names: &[String],
        key: impl Fn(usize) -> String,
    ) -> Result<()> {
        if currencies.len() != amounts.len() {
            let what = "the column of currencies".into();
            return Err(Error::WrongLength { what, expected: amounts.len(), found: currencies.len() });
        }
        let name = |row: usize| currencies[row].and_then(|code| names.get(code as usize)).map(String::as_str);
        let known = |row: &usize| !amounts[*row].is_nan();
        let refuse = |row: usize, found: &str, must_be: String| {
            Err(Error::invalid_value_of(key(row), "the currency", row, found, must_be))
        };
        let advice = "convert the amount before the call (`order_amounts` takes `rates`), or rate each currency by rules \
                      of its own";
        let stated = self.spec().currency.as_deref();
        let mut first = None;
        for row in (0..amounts.len()).filter(known) {
            let Some(found) = name(row) else {
                return refuse(row, "unknown", "every known amount needs one; fill it in".into());
            };
            let wanted = stated.unwrap_or_else(|| first.get_or_insert((row, found)).1);
            if found != wanted {
                let why = match first {
                    None => format!("the brackets are in `{wanted}`"),
                    Some((row, _)) => format!("row {row} has `{wanted}`, and brackets are in one currency"),
                };
                return refuse(row, &format!("`{found}`"), format!("{why}; {advice}"));
            }
        }
        Ok(())
    }

    /// Checks that rates lead to the currency of the rules, of which one unit is worth 1; nothing where the rules state none.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`].
    pub fn check_rates(&self, rates: &BTreeMap<String, f64>) -> Result<()> {
        let Some(wanted) = &self.spec().currency else { return Ok(()) };
        let rate = rates.get(wanted);
        if rate == Some(&1.0) {
            return Ok(());
        }
        Err(Error::InvalidParameter {
            of: "order_amounts",
            name: "rates",
            must_be: format!("the worth of each currency in `{wanted}`, that of the brackets, so that `{wanted}` is 1"),
            got: rate.map_or_else(|| format!("no `{wanted}`"), |rate| format!("{rate} for `{wanted}`")),
        })
    }
}
