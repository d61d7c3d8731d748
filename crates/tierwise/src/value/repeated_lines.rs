//! Lines of a log that say the same as an earlier one: the same purchase twice in the log, or two equal purchases.

use crate::{Error, Result};
use serde::{Deserialize, Serialize};

/// What to do with lines that repeat an earlier one in every column that is compared.
///
/// Unless one of these is stated, a repeated line that has an id is refused, for it is surely in the log twice, and one
/// without an id is kept: a customer may buy the same twice on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Duplicates {
    /// Refuse the log and name the first such line.
    Refuse,
    /// Leave all but the first of equal lines out.
    CountOnce,
    /// Count every line.
    Keep,
}

/// One column of a log, one element per line.
#[derive(Debug, Clone, Copy)]
pub enum LineColumn<'a> {
    /// Codes of customers, products, currencies.
    Codes(&'a [u32]),
    /// Whole numbers.
    Integers(&'a [i64]),
    /// Numbers; unknown (NaN) is equal to unknown, 0 to -0.
    Numbers(&'a [f64]),
}

impl LineColumn<'_> {
    fn len(&self) -> usize {
        match self {
            Self::Codes(values) => values.len(),
            Self::Integers(values) => values.len(),
            Self::Numbers(values) => values.len(),
        }
    }

    /// The value as bits that are the same for equal values only.
    fn bits(&self, row: usize) -> u64 {
        match self {
            Self::Codes(values) => values[row].into(),
            Self::Integers(values) => values[row].cast_unsigned(),
            Self::Numbers(values) if values[row].is_nan() => f64::NAN.to_bits(),
            Self::Numbers(values) => (values[row] + 0.0).to_bits(),
        }
    }
}

/// A log whose lines are compared: one element per line and column.
#[derive(Debug, Clone)]
pub struct Lines<'a> {
    /// Codes of the customers.
    pub customers: &'a [u32],
    /// What else makes lines equal: the date, the amount, the product.
    pub columns: Vec<LineColumn<'a>>,
    /// A code for the id of each line; `None` for a line without one.
    pub ids: Option<&'a [Option<u32>]>,
    /// Whether an id stands for one line, so that lines of one id that differ are an error. It does not where lines refer to
    /// something else, such as a contract that is evidence of several things.
    pub one_line_per_id: bool,
}

/// A line that says the same as an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RepeatedLine {
    /// Its row.
    pub row: usize,
    /// The row of the first line that says the same.
    pub first_row: usize,
}

/// Finds the lines that repeat an earlier one: same customer, same id where there are ids, and equal in every column.
///
/// # Errors
/// [`Error::WrongLength`]; [`Error::InvalidValue`] with row and customer for two lines of one id that
/// differ, where an id stands for one line.
///
/// ```
/// use tierwise::value::{LineColumn, Lines, RepeatedLine, repeated_lines};
/// let (days, amounts) = ([10, 10, 10, 12], [5.0, 7.0, 5.0, 5.0]);
/// let log = Lines {
///     customers: &[0, 0, 0, 0],
///     columns: vec![LineColumn::Integers(&days), LineColumn::Numbers(&amounts)],
///     ids: None,
///     one_line_per_id: true,
/// };
/// assert_eq!(repeated_lines(&log)?, [RepeatedLine { row: 2, first_row: 0 }]);
/// let named = Lines { ids: Some(&[Some(1), Some(2), Some(3), Some(4)]), ..log };
/// assert!(repeated_lines(&named)?.is_empty()); // two purchases, for they have ids of their own
/// # Ok::<(), tierwise::Error>(())
/// ```
pub fn repeated_lines(log: &Lines<'_>) -> Result<Vec<RepeatedLine>> {
    let rows = log.customers.len();
    for found in log.columns.iter().map(LineColumn::len).chain(log.ids.map(<[_]>::len)) {
        if found != rows {
            return Err(Error::WrongLength { what: "a column of the lines".into(), expected: rows, found });
        }
    }
    let ids: Option<Vec<i64>> = log.ids.map(|ids| ids.iter().map(|id| id.map_or(-1, i64::from)).collect());
    let columns: Vec<LineColumn<'_>> = [LineColumn::Codes(log.customers)]
        .into_iter()
        .chain(log.columns.iter().copied())
        .chain(ids.as_deref().map(LineColumn::Integers))
        .collect();
    let repeats = repeats(&columns, 0..rows);
    if let Some(ids) = log.ids.filter(|_| log.one_line_per_id) {
        check_ids(log, ids, &repeats)?;
    }
    Ok(repeats)
}

/// Which lines are left out, by what is stated about duplicates; empty where none is.
///
/// # Errors
/// Those of [`repeated_lines`]; [`Error::InvalidValue`] with row and customer for the first line that is refused.
///
/// ```
/// use tierwise::value::{Duplicates, LineColumn, Lines, left_out_lines};
/// let columns = vec![LineColumn::Numbers(&[5.0, 5.0])];
/// let log = Lines { customers: &[0, 0], columns, ids: None, one_line_per_id: true };
/// assert_eq!(left_out_lines(&log, Some(Duplicates::CountOnce))?, [false, true]);
/// assert!(left_out_lines(&log, None)?.is_empty());
/// let named = Lines { ids: Some(&[Some(8), Some(8)]), ..log };
/// let refused = left_out_lines(&named, None).unwrap_err();
/// assert!(refused.to_string().contains("at row 1 (`0`) is the same as row 0"));
/// # Ok::<(), tierwise::Error>(())
/// ```
pub fn left_out_lines(log: &Lines<'_>, duplicates: Option<Duplicates>) -> Result<Vec<bool>> {
    if log.ids.is_none() && !matches!(duplicates, Some(Duplicates::Refuse | Duplicates::CountOnce)) {
        return Ok(Vec::new());
    }
    let repeats = repeated_lines(log)?;
    let has_id = |repeat: &&RepeatedLine| log.ids.is_some_and(|ids| ids[repeat.row].is_some());
    let refused = match duplicates {
        None => repeats.iter().find(has_id),
        Some(Duplicates::Refuse) => repeats.first(),
        Some(Duplicates::CountOnce | Duplicates::Keep) => None,
    };
    if let Some(&RepeatedLine { row, first_row }) = refused {
        let found = format!("the same as row {first_row} in all columns that were compared");
        let must_be =
            "drop one of the two; or state for `duplicates` whether equal lines are to be counted once or kept";
        return Err(Error::invalid_value_of(log.customers[row], "the line", row, found, must_be));
    }
    if duplicates != Some(Duplicates::CountOnce) || repeats.is_empty() {
        return Ok(Vec::new());
    }
    let mut left_out = vec![false; log.customers.len()];
    for repeat in repeats {
        left_out[repeat.row] = true;
    }
    Ok(left_out)
}

/// Says how many lines repeat an earlier one, and whose the first ones are; none where none does. `name` is the name of the
/// customer in a row.
///
/// ```
/// use tierwise::value::{RepeatedLine, repeated_lines_finding};
/// let finding = repeated_lines_finding(&[RepeatedLine { row: 7, first_row: 3 }], |_| "ann".into()).unwrap();
/// assert!(finding.starts_with("1 line says the same as an earlier one: row 7 as row 3 (`ann`)."));
/// ```
pub fn repeated_lines_finding(repeats: &[RepeatedLine], name: impl Fn(usize) -> String) -> Option<String> {
    const SHOWN: usize = 5;
    if repeats.is_empty() {
        return None;
    }
    let one =
        |repeat: &RepeatedLine| format!("row {} as row {} (`{}`)", repeat.row, repeat.first_row, name(repeat.row));
    let shown: Vec<String> = repeats.iter().take(SHOWN).map(one).collect();
    let more = match repeats.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let lines = if repeats.len() == 1 { "1 line says".into() } else { format!("{} lines say", repeats.len()) };
    Some(format!(
        "{lines} the same as an earlier one: {}{more}. If one purchase stands in the log twice, count it once; two equal \
         purchases are told apart by an id",
        shown.join(", ")
    ))
}

/// Of some rows, ascending, those that are equal to an earlier one in all columns, ascending.
fn repeats(columns: &[LineColumn<'_>], rows: impl Iterator<Item = usize>) -> Vec<RepeatedLine> {
    let mut hashed: Vec<(u64, usize)> = rows.map(|row| (hash(columns, row), row)).collect();
    hashed.sort_unstable();
    let mut found = Vec::new();
    for lines in hashed.chunk_by(|one, next| one.0 == next.0).filter(|lines| lines.len() > 1) {
        // Of lines with one hash nearly all are equal, so that this list has one element.
        let mut firsts: Vec<usize> = Vec::new();
        for &(_, row) in lines {
            let equal = |first: &&usize| columns.iter().all(|column| column.bits(row) == column.bits(**first));
            match firsts.iter().find(equal) {
                Some(&first_row) => found.push(RepeatedLine { row, first_row }),
                None => firsts.push(row),
            }
        }
    }
    found.sort_unstable_by_key(|repeat| repeat.row);
    found
}

/// The same on every machine. Every step can be undone (an odd factor, a shift), so that lines that differ in one column
/// only never share a hash.
fn hash(columns: &[LineColumn<'_>], row: usize) -> u64 {
    columns.iter().fold(0x9e37_79b9_7f4a_7c15, |mixed: u64, column| {
        let mixed = (mixed ^ column.bits(row)).wrapping_mul(0xff51_afd7_ed55_8ccd);
        mixed ^ (mixed >> 32)
    })
}

/// Refuses two lines of one id that differ.
fn check_ids(log: &Lines<'_>, ids: &[Option<u32>], repeats: &[RepeatedLine]) -> Result<()> {
    let known: Vec<u32> = ids.iter().map(|id| id.unwrap_or_default()).collect();
    let with_id = (0..ids.len()).filter(|&row| ids[row].is_some());
    let of_id = self::repeats(&[LineColumn::Codes(&known)], with_id);
    let same = |repeat: &RepeatedLine| repeats.binary_search_by_key(&repeat.row, |other| other.row).is_ok();
    match of_id.iter().find(|repeat| !same(repeat)) {
        None => Ok(()),
        Some(&RepeatedLine { row, first_row }) => {
            let found = format!("that of row {first_row}, which has another customer or differs in another column");
            let must_be = "an id stands for one line; mend the rows, or name a column that has one id per line";
            Err(Error::invalid_value_of(log.customers[row], "the id of the line", row, found, must_be))
        }
    }
}
