//! The money of a log as it is to be summed: in one currency, and every line once.

use crate::log::with_key;
use crate::read::{is_date, is_decimal, is_number, says_nothing};
use crate::table::{Keys, Table};
use arrow_schema::DataType;
use std::borrow::Cow;
use std::collections::BTreeMap;
use tierwise::value::{
    Duplicates, LineColumn, Lines, RepeatedLine, encode_integers, encode_keys, in_one_currency, left_out_lines,
    repeated_lines,
};
use tierwise::{Error, Result};

/// The columns of a log in which customers and money stand, and how its lines are read.
#[derive(Debug, Clone, Copy)]
pub struct MoneyColumns<'a> {
    /// Who bought.
    pub customer: &'a str,
    /// For how much.
    pub amount: &'a str,
    /// The currency of the amount. There must be one only, unless there are rates: see [`in_one_currency`].
    pub currency: Option<&'a str>,
    /// The worth of one unit of each currency.
    pub rates: Option<&'a BTreeMap<String, f64>>,
    /// The id of the line. Lines of one id must be equal in all columns that are read. See [`left_out_lines`].
    pub id: Option<&'a str>,
    /// What to do with lines that repeat an earlier one in all columns that are read.
    pub duplicates: Option<Duplicates>,
}

impl<'a> MoneyColumns<'a> {
    /// A log in one currency whose lines have no ids.
    pub fn new(customer: &'a str, amount: &'a str) -> Self {
        Self { customer, amount, currency: None, rates: None, id: None, duplicates: None }
    }
}

/// The column of the ids of lines.
#[derive(Debug, Clone, Copy)]
pub struct LineId<'a> {
    /// Its name. Unknown and blank ids are none.
    pub column: &'a str,
    /// Whether an id stands for one line: see [`Lines::one_line_per_id`].
    pub one_line_per_id: bool,
}

/// The lines of a log that count.
pub(crate) struct Money<'a> {
    pub(crate) keys: Keys,
    pub(crate) customers: Vec<u32>,
    pub(crate) amounts: Cow<'a, [f64]>,
    /// Their rows in the table, where not all lines count.
    rows: Option<Vec<usize>>,
}

impl Money<'_> {
    /// A further column of the lines that count.
    pub(crate) fn of_lines<'c, T: Copy>(&self, column: Cow<'c, [T]>) -> Cow<'c, [T]> {
        match &self.rows {
            None => column,
            Some(rows) => rows.iter().map(|&row| column[row]).collect::<Vec<_>>().into(),
        }
    }

    /// An error about the lines that count, with the row in the table and the key of the customer.
    pub(crate) fn place(&self, error: Error) -> Error {
        let error = match (error, &self.rows) {
            (Error::InvalidValue { what, row, key, found, must_be }, Some(rows)) => {
                Error::InvalidValue { what, row: rows[row], key, found, must_be }
            }
            (error, _) => error,
        };
        with_key(error, &self.keys)
    }
}

impl Table {
    /// The lines of the log that repeat an earlier one: same customer, same id where a column of ids is named, and equal in
    /// all other columns that are named. See [`repeated_lines`].
    ///
    /// # Errors
    /// Those of [`Table::keys`] and of [`repeated_lines`], with the key of the customer.
    pub fn repeated_lines(
        &self,
        customer: &str,
        columns: &[&str],
        id: Option<&str>,
    ) -> Result<(Vec<u32>, Keys, Vec<RepeatedLine>)> {
        let (customers, keys) = self.keys(customer)?;
        let id = id.map(|column| LineId { column, one_line_per_id: true });
        let found = self.with_lines(&customers, columns, id, repeated_lines);
        let found = found.map_err(|error| with_key(error, &keys))?;
        Ok((customers, keys, found))
    }

    /// Which lines are left out, by what is stated about duplicates: see [`left_out_lines`]. The errors have codes for
    /// customers.
    ///
    /// # Errors
    /// Those of [`left_out_lines`].
    pub fn left_out_lines(
        &self,
        customers: &[u32],
        columns: &[&str],
        id: Option<LineId<'_>>,
        duplicates: Option<Duplicates>,
    ) -> Result<Vec<bool>> {
        if id.is_none() && matches!(duplicates, None | Some(Duplicates::Keep)) {
            return Ok(Vec::new());
        }
        self.with_lines(customers, columns, id, |lines| left_out_lines(lines, duplicates))
    }

    /// Reads the money of a log. `others` are further columns of the log that make lines differ; customers come as
    /// [`Table::keys`] reads them.
    pub(crate) fn money(
        &self,
        columns: &MoneyColumns<'_>,
        others: &[&str],
        (customers, keys): (Vec<u32>, Keys),
    ) -> Result<Money<'_>> {
        let compared: Vec<&str> = others.iter().copied().chain([columns.amount]).chain(columns.currency).collect();
        let id = columns.id.map(|column| LineId { column, one_line_per_id: true });
        let left_out = self.left_out_lines(&customers, &compared, id, columns.duplicates);
        let left_out = left_out.map_err(|error| with_key(error, &keys))?;
        let amounts = self.in_one_currency(columns, columns.amount, &customers, &keys)?;
        let rows = (!left_out.is_empty()).then(|| (0..left_out.len()).filter(|&row| !left_out[row]).collect());
        let all = Money { keys, customers: Vec::new(), amounts: Cow::default(), rows };
        let (customers, amounts) = (all.of_lines(customers.into()).into_owned(), all.of_lines(amounts));
        Ok(Money { customers, amounts, ..all })
    }

    /// A column of money in one currency.
    pub(crate) fn in_one_currency(
        &self,
        columns: &MoneyColumns<'_>,
        money: &str,
        customers: &[u32],
        keys: &Keys,
    ) -> Result<Cow<'_, [f64]>> {
        let amounts = self.numbers(money)?;
        let Some(currency) = columns.currency else {
            if columns.rates.is_none() {
                return Ok(amounts);
            }
            return Err(Error::InvalidParameter {
                of: "MoneyColumns",
                name: "rates",
                must_be: "left out where no column of currencies is named".into(),
                got: "rates".into(),
            });
        };
        let key = |row: usize| keys.name(customers[row] as usize);
        let unknown = |row: usize| Error::InvalidValue {
            what: format!("the currency `{currency}`"),
            row,
            key: key(row),
            found: "unknown".into(),
            must_be: "every amount needs one; fill it in or leave the row out".into(),
        };
        let (codes, names) = self.codes_of(currency, unknown)?;
        if let Some(row) = codes.iter().position(|&code| names[code as usize].trim().is_empty()) {
            return Err(unknown(row));
        }
        let converted = in_one_currency(&codes, &names, &amounts, columns.rates, |row| key(row).unwrap_or_default());
        Ok(converted?.into())
    }

    fn with_lines<R>(
        &self,
        customers: &[u32],
        columns: &[&str],
        id: Option<LineId<'_>>,
        work: impl FnOnce(&Lines<'_>) -> Result<R>,
    ) -> Result<R> {
        let read = columns.iter().map(|column| self.compared(column)).collect::<Result<Vec<_>>>()?;
        let ids = id.map(|id| self.line_ids(id.column)).transpose()?;
        let one_line_per_id = id.is_none_or(|id| id.one_line_per_id);
        let columns = read.iter().map(Compared::lent).collect();
        work(&Lines { customers, columns, ids: ids.as_deref(), one_line_per_id })
    }

    fn compared(&self, column: &str) -> Result<Compared<'_>> {
        if let Some(integers) = self.integers(column)? {
            return Ok(Compared::Integers(integers));
        }
        let arrays = self.arrays(column)?;
        let numeric = |data_type: &DataType| is_number(data_type) || is_date(data_type) || is_decimal(data_type);
        if arrays.iter().all(|array| numeric(array.data_type()) || says_nothing(array)) {
            return Ok(Compared::Numbers(self.numbers(column)?));
        }
        Ok(Compared::Codes(encode_keys(&self.labels(column)?).0))
    }

    /// Codes for the ids of lines, or for what they refer to; a blank one is none.
    ///
    /// # Errors
    /// Those of [`Table::labels`].
    pub fn line_ids(&self, column: &str) -> Result<Vec<Option<u32>>> {
        if let Some(integers) = self.integers(column)? {
            return Ok(encode_integers(&integers).0.into_iter().map(Some).collect());
        }
        let ids: Vec<Option<String>> =
            self.labels(column)?.into_iter().map(|id| id.filter(|id| !id.trim().is_empty())).collect();
        let codes = encode_keys(&ids).0;
        Ok(codes.into_iter().zip(ids).map(|(code, id)| id.map(|_| code)).collect())
    }
}

/// A column in which lines are compared.
enum Compared<'a> {
    Codes(Vec<u32>),
    Integers(Vec<i64>),
    Numbers(Cow<'a, [f64]>),
}

impl Compared<'_> {
    fn lent(&self) -> LineColumn<'_> {
        match self {
            Self::Codes(codes) => LineColumn::Codes(codes),
            Self::Integers(integers) => LineColumn::Integers(integers),
            Self::Numbers(numbers) => LineColumn::Numbers(numbers),
        }
    }
}
