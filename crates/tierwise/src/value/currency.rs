//! Amounts in one currency: stated, or by given rates.

use super::rfm::check_amounts;
use crate::{Error, Result};
use std::collections::BTreeMap;

/// The amounts of a log in one currency.
///
/// `currencies` holds a position in `names` per row. Without rates the log must have one currency only; with rates, the
/// worth of one unit of each currency in the currency wanted, every amount is multiplied by its rate. `key` names the
/// customer of a row, for errors.
///
/// # Errors
/// [`Error::WrongLength`]; [`Error::InvalidValue`] with the row and the customer of the first amount in a second currency,
/// and how many rows each has, for a currency without a rate, and for an amount that is not finite;
/// [`Error::InvalidParameter`] for a rate that is not above 0.
///
/// ```
/// use std::collections::BTreeMap;
/// use tierwise::value::in_one_currency;
/// let (currencies, names) = ([0, 1, 0], ["EUR".to_owned(), "USD".to_owned()]);
/// let mixed = in_one_currency(&currencies, &names, &[5.0, 7.0, 9.0], None, |row| row.to_string());
/// assert!(mixed.unwrap_err().to_string().contains("`EUR` in 2 rows, `USD` in 1 row"));
/// let rates = BTreeMap::from([("EUR".to_owned(), 1.0), ("USD".to_owned(), 0.5)]);
/// let euros = in_one_currency(&currencies, &names, &[5.0, 7.0, 9.0], Some(&rates), |row| row.to_string())?;
/// assert_eq!(euros, [5.0, 3.5, 9.0]);
/// # Ok::<(), tierwise::Error>(())
/// ```
pub fn in_one_currency(
    currencies: &[u32],
    names: &[String],
    amounts: &[f64],
    rates: Option<&BTreeMap<String, f64>>,
    key: impl Fn(usize) -> String,
) -> Result<Vec<f64>> {
    if currencies.len() != amounts.len() {
        let what = "the column of currencies".into();
        return Err(Error::WrongLength { what, expected: amounts.len(), found: currencies.len() });
    }
    check_amounts(amounts, &key)?;
    if let Some(row) = currencies.iter().position(|&currency| currency as usize >= names.len()) {
        let must_be = format!("currencies are positions below {}", names.len());
        return Err(Error::invalid_value("the currency", row, f64::from(currencies[row]), &must_be));
    }
    match rates {
        Some(rates) => converted(currencies, names, amounts, rates, key),
        None => only_one(currencies, names, key).map(|()| amounts.to_vec()),
    }
}

fn only_one(currencies: &[u32], names: &[String], key: impl Fn(usize) -> String) -> Result<()> {
    let Some(row) = currencies.iter().position(|currency| *currency != currencies[0]) else { return Ok(()) };
    let mut counts = vec![0_usize; names.len()];
    for &currency in currencies {
        counts[currency as usize] += 1;
    }
    let rows = |count: usize| if count == 1 { "row" } else { "rows" };
    let listed: Vec<String> = names
        .iter()
        .zip(counts)
        .filter(|&(_, count)| count > 0)
        .map(|(name, count)| format!("`{name}` in {count} {}", rows(count)))
        .collect();
    let found =
        format!("`{}`, and the first row has `{}`", names[currencies[row] as usize], names[currencies[0] as usize]);
    let must_be = format!(
        "a log must have one currency, and this one has {}; give rates, or take one currency at a time",
        listed.join(", ")
    );
    Err(Error::invalid_value_of(key(row), "the currency", row, found, must_be))
}

fn converted(
    currencies: &[u32],
    names: &[String],
    amounts: &[f64],
    rates: &BTreeMap<String, f64>,
    key: impl Fn(usize) -> String,
) -> Result<Vec<f64>> {
    if let Some((name, rate)) = rates.iter().find(|(_, rate)| !(**rate > 0.0 && rate.is_finite())) {
        return Err(Error::InvalidParameter {
            of: "in_one_currency",
            name: "rates",
            must_be: "finite numbers above 0".into(),
            got: format!("{rate} for `{name}`"),
        });
    }
    let without_rate = |row: usize, name: &str| {
        let known: Vec<String> = rates.keys().map(|name| format!("`{name}`")).collect();
        let known = if known.is_empty() { "none".into() } else { known.join(", ") };
        let must_be = format!("`rates` has {known}; add what one unit of this currency is worth");
        Error::invalid_value_of(key(row), "the currency", row, format!("`{name}`, which has no rate"), must_be)
    };
    let convert = |(row, (&currency, amount)): (usize, (&u32, &f64))| {
        let name = &names[currency as usize];
        rates.get(name).map(|rate| amount * rate).ok_or_else(|| without_rate(row, name))
    };
    currencies.iter().zip(amounts).enumerate().map(convert).collect()
}
