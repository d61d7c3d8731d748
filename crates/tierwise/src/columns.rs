//! A table bound to a model's features: names, lengths and values are checked once, here, and nowhere after.

use crate::feature::{Kind, Limits, position};
use crate::wide::wide;
use crate::{Error, Feature, Result, Unknown};
use std::ops::Range;

/// Borrowed, equally long columns in the order of a list of features, checked on construction.
///
/// After that scoring cannot fail: every yes-no is 0, 1 or NaN, every code has a level, every number is finite
/// or NaN, and NaN stands only where the feature's rule allows it.
///
/// ```
/// use tierwise::{Columns, Feature};
/// let features = [Feature::number("visits"), Feature::yes_no("met")];
/// let columns = Columns::new(&features, &[("met", &[1.0, f64::NAN]), ("visits", &[3.0, 0.0]), ("extra", &[7.0, 8.0])])?;
/// assert_eq!((columns.rows(), columns.column(0)), (2, &[3.0, 0.0][..]));
///
/// let wrong = Columns::new(&features, &[("met", &[0.5]), ("visits", &[3.0])]).unwrap_err();
/// assert_eq!(wrong.code(), "wrong_kind"); // and the message names column `met`, row 0
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Columns<'a> {
    features: &'a [Feature],
    values: Vec<&'a [f64]>,
    rows: usize,
    /// Whether the check met a NaN in the column; a slice keeps the answer of the whole.
    may_be_unknown: Vec<bool>,
}

impl<'a> Columns<'a> {
    /// Binds named columns to features. Columns that no feature asks for are left out; their order is free.
    ///
    /// # Errors
    /// [`Error::MissingColumn`], [`Error::DuplicateColumn`], and those of [`Columns::in_order`].
    pub fn new(features: &'a [Feature], named: &[(&str, &'a [f64])]) -> Result<Self> {
        let columns = features.iter().map(|feature| find_column(feature, named)).collect::<Result<_>>()?;
        Self::in_order(features, columns)
    }

    /// Binds columns that already stand in the order of the features.
    ///
    /// # Errors
    /// [`Error::WrongLength`] when columns differ in length or number, and what [`Feature::check`] finds, with
    /// the row.
    pub fn in_order(features: &'a [Feature], columns: Vec<&'a [f64]>) -> Result<Self> {
        Self::in_order_from(features, columns, 0)
    }

    /// As [`Columns::in_order`] for a part of a longer table that starts at `first_row`, so that errors name the
    /// row of the whole table.
    ///
    /// # Errors
    /// Those of [`Columns::in_order`].
    pub fn in_order_from(features: &'a [Feature], columns: Vec<&'a [f64]>, first_row: usize) -> Result<Self> {
        if columns.len() != features.len() {
            return Err(Error::WrongLength {
                what: "the list of columns".into(),
                expected: features.len(),
                found: columns.len(),
            });
        }
        let rows = columns.first().map_or(0, |column| column.len());
        let mut may_be_unknown = Vec::with_capacity(columns.len());
        for (feature, column) in features.iter().zip(&columns) {
            if column.len() != rows {
                return Err(Error::WrongLength {
                    what: format!("column `{}`", feature.name()),
                    expected: rows,
                    found: column.len(),
                });
            }
            may_be_unknown.push(check_column(feature, column, first_row)?);
        }
        Ok(Self { features, values: columns, rows, may_be_unknown })
    }

    /// The features the columns are bound to.
    pub fn features(&self) -> &'a [Feature] {
        self.features
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The column of the feature at `index`.
    ///
    /// # Panics
    /// When there is no such feature.
    pub fn column(&self, index: usize) -> &'a [f64] {
        self.values[index]
    }

    /// The rows of `range` as a table of their own, without checking again.
    ///
    /// # Panics
    /// When the range reaches past the last row.
    #[must_use]
    pub fn slice(&self, range: Range<usize>) -> Self {
        let values = self.values.iter().map(|column| &column[range.clone()]).collect();
        Self { features: self.features, values, rows: range.len(), may_be_unknown: self.may_be_unknown.clone() }
    }

    /// Copies some rows, in the order given and as often as given, without checking again.
    ///
    /// ```
    /// use tierwise::{Columns, Feature};
    /// let features = [Feature::number("visits")];
    /// let columns = Columns::new(&features, &[("visits", &[3.0, 0.0, 7.0])])?;
    /// assert_eq!(columns.take(&[2, 0]).columns().column(0), [7.0, 3.0]);
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    ///
    /// # Panics
    /// When there is no such row.
    #[must_use]
    pub fn take(&self, rows: &[usize]) -> TakenRows<'a> {
        let take = |column: &[f64]| rows.iter().map(|&row| column[row]).collect();
        let values = crate::parallel::map(self.values.clone(), take);
        TakenRows { features: self.features, values, rows: rows.len(), may_be_unknown: self.may_be_unknown.clone() }
    }

    /// False only where every value of the column is known.
    pub(crate) fn may_be_unknown(&self, index: usize) -> bool {
        self.may_be_unknown[index]
    }

    /// False only where every value of the table is known.
    pub(crate) fn any_may_be_unknown(&self) -> bool {
        self.may_be_unknown.contains(&true)
    }

    /// Copies one row into `row`, in feature order.
    ///
    /// # Panics
    /// When `row` is not as long as the list of features or `index` is past the last row.
    pub fn row_into(&self, index: usize, row: &mut [f64]) {
        assert_eq!(row.len(), self.values.len(), "a row needs one value per feature");
        for (value, column) in row.iter_mut().zip(&self.values) {
            *value = column[index];
        }
    }
}

/// Rows that were copied out of [`Columns`] by [`Columns::take`]: they own their values.
#[derive(Debug, Clone)]
pub struct TakenRows<'a> {
    features: &'a [Feature],
    values: Vec<Vec<f64>>,
    rows: usize,
    may_be_unknown: Vec<bool>,
}

impl TakenRows<'_> {
    /// The rows as a table, bound to the same features.
    pub fn columns(&self) -> Columns<'_> {
        let values = self.values.iter().map(Vec::as_slice).collect();
        Columns { features: self.features, values, rows: self.rows, may_be_unknown: self.may_be_unknown.clone() }
    }
}

fn find_column<'a>(feature: &Feature, named: &[(&str, &'a [f64])]) -> Result<&'a [f64]> {
    let mut matching = named.iter().filter(|(name, _)| *name == feature.name());
    let Some((_, column)) = matching.next() else {
        return Err(Error::MissingColumn {
            column: feature.name().to_owned(),
            available: named.iter().map(|(name, _)| (*name).to_owned()).collect(),
        });
    };
    if matching.next().is_some() {
        return Err(Error::DuplicateColumn { column: feature.name().to_owned() });
    }
    Ok(column)
}

/// Returns whether anything is unknown. Scans a column in blocks without branches, so that checking costs little
/// more than reading; only a block with something odd in it is looked at value by value.
fn check_column(feature: &Feature, column: &[f64], first_row: usize) -> Result<bool> {
    const BLOCK: usize = 4096;
    let mut unknown = false;
    for (block, values) in column.chunks(BLOCK).enumerate() {
        let seen = match feature.kind() {
            Kind::Number => {
                let Limits { least, most, whole } = feature.limits();
                if whole {
                    scan(values, |value| value >= least && value <= most && value.fract() == 0.0)
                } else {
                    scan(values, |value| value >= least && value <= most)
                }
            }
            Kind::YesNo => scan(values, |value| value == 0.0 || value == 1.0),
            Kind::Category(levels) => {
                let levels = levels.len() as f64;
                scan(values, |value| value >= 0.0 && value < levels && value == value.trunc())
            }
        };
        if seen.odd != 0 || seen.unknown != 0 && feature.unknown() == Unknown::Error {
            for (offset, &value) in values.iter().enumerate() {
                feature.check(value, Some(first_row + block * BLOCK + offset))?;
            }
        }
        unknown |= seen.unknown != 0;
    }
    Ok(unknown)
}

/// What a block of values holds besides sound ones: not 0 where there is some. As wide as the values, so that comparing
/// yields the lanes that are collected.
#[derive(Default)]
struct Seen {
    odd: u64,
    unknown: u64,
}

impl Seen {
    #[inline(always)]
    fn look_at(&mut self, value: f64, sound: &impl Fn(f64) -> bool) {
        self.odd |= u64::from(!(sound(value) || value.is_nan()));
        self.unknown |= u64::from(value.is_nan());
    }
}

/// Goes through the quarters of a block side by side: this is where values come from memory, and four streams are
/// fetched sooner than one.
fn scan(values: &[f64], sound: impl Fn(f64) -> bool) -> Seen {
    let quarter = values.len() / 4;
    let ((a, b), (c, rest)) = {
        let (first, second) = values.split_at(2 * quarter);
        (first.split_at(quarter), second.split_at(quarter))
    };
    let (d, rest) = rest.split_at(quarter);
    wide(
        #[inline(always)]
        || {
            let mut seen = Seen::default();
            for (((&a, &b), &c), &d) in a.iter().zip(b).zip(c).zip(d) {
                for value in [a, b, c, d] {
                    seen.look_at(value, &sound);
                }
            }
            for &value in rest {
                seen.look_at(value, &sound);
            }
            seen
        },
    )
}

/// One customer's facts, to be filled in by name; what is not set is unknown.
///
/// Reuse one record for many customers with [`Record::clear`]: then nothing is allocated.
///
/// ```
/// use tierwise::{Feature, Record};
/// let features = [Feature::number("visits"), Feature::yes_no("met"), Feature::category("country", ["DE", "FR"])];
/// let mut record = Record::new(&features);
/// record.set("visits", 4.0)?.set("met", true)?.set("country", "FR")?;
/// assert_eq!(record.values(), [4.0, 1.0, 1.0]);
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Record<'a> {
    features: &'a [Feature],
    values: Vec<f64>,
}

/// A value for [`Record::set`]: from `f64`, `bool` or `&str`, or [`Value::Unknown`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    /// A number.
    Number(f64),
    /// Yes or no.
    YesNo(bool),
    /// A level of a category.
    Level(&'a str),
    /// Not known.
    Unknown,
}

impl<'a> Record<'a> {
    /// A record in which everything is unknown.
    pub fn new(features: &'a [Feature]) -> Self {
        Self { features, values: vec![f64::NAN; features.len()] }
    }

    /// Sets one fact.
    ///
    /// # Errors
    /// [`Error::UnknownFeature`] for a name no feature has, [`Error::WrongKind`] for a value of another kind, and
    /// what [`Feature::check`] and [`Feature::encode`] refuse.
    pub fn set<'v>(&mut self, name: &str, value: impl Into<Value<'v>>) -> Result<&mut Self> {
        let index = position(self.features, name, "the record")?;
        let feature = &self.features[index];
        let value = match (feature.kind(), value.into()) {
            (Kind::Number | Kind::YesNo | Kind::Category(_), Value::Number(number)) => number,
            (Kind::YesNo, Value::YesNo(yes)) => f64::from(u8::from(yes)),
            (Kind::Category(_), Value::Level(level)) => feature.encode(level)?,
            (_, Value::Unknown) => f64::NAN,
            (_, Value::YesNo(yes)) => return Err(feature.wrong_kind(None, format!("the yes-no `{yes}`"))),
            (_, Value::Level(level)) => return Err(feature.wrong_kind(None, format!("the text `{level}`"))),
        };
        feature.check(value, None)?;
        self.values[index] = value;
        Ok(self)
    }

    /// Makes every fact unknown again.
    pub fn clear(&mut self) -> &mut Self {
        self.values.fill(f64::NAN);
        self
    }

    /// The values in feature order.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The features the record is made for.
    pub fn features(&self) -> &'a [Feature] {
        self.features
    }

    /// Checks that nothing is unknown that must be known, and that the record was made for these features.
    ///
    /// # Errors
    /// [`Error::UnknownValue`] and [`Error::WrongLength`].
    pub fn check(&self, features: &[Feature]) -> Result<()> {
        if !std::ptr::eq(self.features, features) && self.features != features {
            return Err(Error::WrongLength {
                what: "the record (made for other features)".into(),
                expected: features.len(),
                found: self.features.len(),
            });
        }
        self.features.iter().zip(&self.values).try_for_each(|(feature, &value)| feature.check(value, None))
    }
}

impl From<f64> for Value<'_> {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for Value<'_> {
    fn from(yes: bool) -> Self {
        Self::YesNo(yes)
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(level: &'a str) -> Self {
        Self::Level(level)
    }
}

impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Unknown, Into::into)
    }
}
