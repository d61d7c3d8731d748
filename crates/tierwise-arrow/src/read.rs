//! One Arrow array as a source of `f64`: what may stand for a number, a yes-no or a level, and how it is read.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Date64Type, Decimal32Type, Decimal64Type, Decimal128Type, Decimal256Type,
    Float16Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type,
    UInt64Type,
};
use arrow_array::{Array, ArrayRef};
use arrow_buffer::BooleanBuffer;
use arrow_schema::{DataType, TimeUnit};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use tierwise::{Error, Feature, Kind, Result, Unknown, parallel};

/// Reads ranges of an array as the values of one feature.
#[derive(Debug)]
pub(crate) struct Reader {
    array: ArrayRef,
    feature: Feature,
    codes: BTreeMap<String, f64>,
    /// The row of the whole table at which the array begins, for errors.
    first_row: usize,
}

const SECONDS_PER_DAY: i64 = 86_400;

impl Reader {
    /// Checks that the array's type suits the feature. Text is never taken for a number.
    pub(crate) fn new(array: &ArrayRef, feature: &Feature, first_row: usize) -> Result<Self> {
        let data_type = array.data_type();
        let suits = match feature.kind() {
            Kind::Number => is_number(data_type) || is_date(data_type) || is_decimal(data_type),
            Kind::YesNo => is_number(data_type) || *data_type == DataType::Boolean,
            Kind::Category(_) => is_text(data_type) || is_integer(data_type),
        };
        // A column in which everything is unknown often has no type, or that of NaN; it says nothing, and so contradicts
        // nothing.
        if !suits && !says_nothing(array) {
            return Err(feature.wrong_kind(None, format!("a column of type {data_type}")));
        }
        if let DataType::Timestamp(_, Some(zone)) = data_type {
            let found = format!("dates with a time zone ({zone})");
            let expected = "a local date without one".into();
            return Err(Error::WrongKind { column: feature.name().to_owned(), row: None, expected, found });
        }
        if matches!(feature.kind(), Kind::Category(_)) && is_integer(data_type) {
            check_some_level(array, feature)?;
        }
        let codes = feature.levels().iter().enumerate().map(|(code, level)| (level.clone(), code as f64)).collect();
        Ok(Self { array: array.clone(), feature: feature.clone(), codes, first_row })
    }

    /// The numbers themselves, where they can be lent: 64-bit floats without nulls.
    pub(crate) fn lend(&self, range: Range<usize>) -> Option<&[f64]> {
        lent_numbers(&self.array).map(|numbers| &numbers[range])
    }

    /// Writes the values of `range` into `values`, NaN for null.
    ///
    /// What lies under a null is arbitrary memory, so nulls are applied last, over whatever was read.
    pub(crate) fn read(&self, range: Range<usize>, values: &mut [f64]) -> Result<()> {
        match self.feature.kind() {
            Kind::Category(_) => self.read_levels(&self.array, range.clone(), values)?,
            Kind::Number | Kind::YesNo => read_numbers(&self.array, range.clone(), values),
        }
        if let Some(nulls) = self.array.nulls().filter(|nulls| nulls.null_count() > 0) {
            let valid = nulls.inner().slice(range.start, range.len());
            for_each_bit(&valid, values, |value, valid| if valid { value } else { f64::NAN });
        }
        Ok(())
    }

    fn read_levels(&self, array: &ArrayRef, range: Range<usize>, values: &mut [f64]) -> Result<()> {
        match array.data_type() {
            DataType::Utf8 => {
                let texts = array.as_string::<i32>();
                self.encode(range, 0, values, |row| texts.is_valid(row).then(|| texts.value(row)))
            }
            DataType::LargeUtf8 => {
                let texts = array.as_string::<i64>();
                self.encode(range, 0, values, |row| texts.is_valid(row).then(|| texts.value(row)))
            }
            DataType::Utf8View => {
                let texts = array.as_string_view();
                self.encode(range, 0, values, |row| texts.is_valid(row).then(|| texts.value(row)))
            }
            DataType::Dictionary(_, _) => {
                let part = array.slice(range.start, range.len());
                let (levels, keys) = levels_and_keys(&part);
                self.encode(0..range.len(), range.start, values, |row| keys[row].and_then(|key| levels[key].as_deref()))
            }
            DataType::Null => {
                values.fill(f64::NAN);
                Ok(())
            }
            _ => {
                let texts = texts_of(&array.slice(range.start, range.len()));
                self.encode(0..range.len(), range.start, values, |row| texts[row].as_deref())
            }
        }
    }

    /// Levels come in runs more often than not, so the last one is remembered. Row 0 of `range` is row `start` of the
    /// array, for errors.
    fn encode<'t>(
        &self,
        range: Range<usize>,
        start: usize,
        values: &mut [f64],
        text: impl Fn(usize) -> Option<&'t str>,
    ) -> Result<()> {
        let mut last: Option<(&str, f64)> = None;
        for (value, row) in values.iter_mut().zip(range) {
            *value = match text(row) {
                None => f64::NAN,
                Some(text) => match last {
                    Some((seen, code)) if seen == text => code,
                    _ => {
                        let code = self.code(text, start + row)?;
                        last = Some((text, code));
                        code
                    }
                },
            };
        }
        Ok(())
    }

    fn code(&self, level: &str, row: usize) -> Result<f64> {
        match self.codes.get(level) {
            Some(&code) => Ok(code),
            None if self.feature.unknown() == Unknown::Error => Err(Error::UnseenLevel {
                column: self.feature.name().to_owned(),
                row: Some(self.first_row + row),
                level: level.to_owned(),
                levels: self.feature.levels().to_vec(),
            }),
            None => Ok(f64::NAN),
        }
    }
}

/// Whole numbers name levels by their text. A column in which not one does holds something else, codes most often, and
/// must not pass as unknown.
fn check_some_level(array: &ArrayRef, feature: &Feature) -> Result<()> {
    let numbers = texts_of(array);
    let Some(first) = numbers.iter().flatten().next() else { return Ok(()) };
    if numbers.iter().flatten().any(|number| feature.levels().contains(number)) {
        return Ok(());
    }
    Err(feature.wrong_kind(None, format!("whole numbers that are no level, such as {first}")))
}

/// The values of an array of text or whole numbers as text; `None` for null.
pub(crate) fn texts_of(array: &ArrayRef) -> Vec<Option<String>> {
    fn collect<T: ToString>(values: impl Iterator<Item = Option<T>>) -> Vec<Option<String>> {
        values.map(|value| value.map(|value| value.to_string())).collect()
    }
    match array.data_type() {
        DataType::Utf8 => collect(array.as_string::<i32>().iter()),
        DataType::LargeUtf8 => collect(array.as_string::<i64>().iter()),
        DataType::Utf8View => collect(array.as_string_view().iter()),
        DataType::Int8 => collect(array.as_primitive::<Int8Type>().iter()),
        DataType::Int16 => collect(array.as_primitive::<Int16Type>().iter()),
        DataType::Int32 => collect(array.as_primitive::<Int32Type>().iter()),
        DataType::Int64 => collect(array.as_primitive::<Int64Type>().iter()),
        DataType::UInt8 => collect(array.as_primitive::<UInt8Type>().iter()),
        DataType::UInt16 => collect(array.as_primitive::<UInt16Type>().iter()),
        DataType::UInt32 => collect(array.as_primitive::<UInt32Type>().iter()),
        DataType::UInt64 => collect(array.as_primitive::<UInt64Type>().iter()),
        DataType::Dictionary(_, _) => {
            let (levels, keys) = levels_and_keys(array);
            keys.into_iter().map(|key| key.and_then(|key| levels[key].clone())).collect()
        }
        _ => vec![None; array.len()],
    }
}

/// The levels that occur in an array, in any order; a column in which everything is unknown has none.
pub(crate) fn levels_of(name: &str, array: &ArrayRef) -> Result<BTreeSet<String>> {
    let data_type = array.data_type();
    if !is_text(data_type) && !is_integer(data_type) && !says_nothing(array) {
        return Err(Error::WrongKind {
            column: name.to_owned(),
            row: None,
            expected: "text or whole numbers that name levels".into(),
            found: format!("a column of type {data_type}"),
        });
    }
    if let DataType::Dictionary(_, _) = data_type {
        let (levels, keys) = levels_and_keys(array);
        let mut occurs = vec![false; levels.len()];
        keys.into_iter().flatten().for_each(|key| occurs[key] = true);
        return Ok(levels.into_iter().zip(occurs).filter_map(|(level, occurs)| level.filter(|_| occurs)).collect());
    }
    Ok(texts_of(array).into_iter().flatten().collect())
}

/// The levels of a dictionary and the position of each row's level; `None` for null, whatever lies under it. A column
/// in which everything is null often has no level at all.
fn levels_and_keys(array: &dyn Array) -> (Vec<Option<String>>, Vec<Option<usize>>) {
    let dictionary = array.as_any_dictionary();
    let levels = texts_of(dictionary.values());
    if levels.is_empty() {
        return (levels, vec![None; array.len()]);
    }
    let keys = dictionary.normalized_keys().into_iter().enumerate();
    let keys = keys.map(|(row, key)| array.is_valid(row).then_some(key)).collect();
    (levels, keys)
}

/// Numbers, yes-nos and dates as `f64`; dates in days since 1970-01-01.
fn read_numbers(array: &ArrayRef, range: Range<usize>, values: &mut [f64]) {
    macro_rules! read {
        ($type:ty, $convert:expr) => {
            read_as::<$type>(array, range, values, $convert)
        };
    }
    match array.data_type() {
        DataType::Float64 => read!(Float64Type, |value| value),
        DataType::Float16 => read!(Float16Type, f64::from),
        DataType::Float32 => read!(Float32Type, f64::from),
        DataType::Int8 => read!(Int8Type, f64::from),
        DataType::Int16 => read!(Int16Type, f64::from),
        DataType::Int32 => read!(Int32Type, f64::from),
        DataType::Int64 => read!(Int64Type, |value| value as f64),
        DataType::UInt8 => read!(UInt8Type, f64::from),
        DataType::UInt16 => read!(UInt16Type, f64::from),
        DataType::UInt32 => read!(UInt32Type, f64::from),
        DataType::UInt64 => read!(UInt64Type, |value| value as f64),
        DataType::Date32 => read!(Date32Type, f64::from),
        DataType::Date64 => read!(Date64Type, |value| days(value, 1_000)),
        DataType::Timestamp(unit, _) => match unit {
            TimeUnit::Second => read!(TimestampSecondType, |value| days(value, 1)),
            TimeUnit::Millisecond => read!(TimestampMillisecondType, |value| days(value, 1_000)),
            TimeUnit::Microsecond => read!(TimestampMicrosecondType, |value| days(value, 1_000_000)),
            TimeUnit::Nanosecond => read!(TimestampNanosecondType, |value| days(value, 1_000_000_000)),
        },
        DataType::Decimal32(_, scale) => read!(Decimal32Type, |value| decimal(&value, *scale)),
        DataType::Decimal64(_, scale) => read!(Decimal64Type, |value| decimal(&value, *scale)),
        DataType::Decimal128(_, scale) => read!(Decimal128Type, |value| decimal(&value, *scale)),
        DataType::Decimal256(_, scale) => read!(Decimal256Type, |value| decimal(&value, *scale)),
        DataType::Boolean => {
            let bits = array.as_boolean().values().slice(range.start, range.len());
            for_each_bit(&bits, values, |_, yes| if yes { 1.0 } else { 0.0 });
        }
        _ => values.fill(f64::NAN), // only `Null` is left: other types were refused when the table was bound
    }
}

/// Replaces each value by what `work` makes of it and its bit. Bits are taken 64 at a time, so that the loop inside has
/// nothing to look up.
fn for_each_bit(bits: &BooleanBuffer, values: &mut [f64], work: impl Fn(f64, bool) -> f64) {
    let words = bits.bit_chunks();
    for (values, word) in values.chunks_mut(64).zip(words.iter_padded()) {
        for (place, value) in values.iter_mut().enumerate() {
            *value = work(*value, (word >> place) & 1 == 1);
        }
    }
}

/// Whole days and the part of a day, apart: so an instant has the same bits in whatever unit it is counted.
fn days(ticks: i64, per_second: i64) -> f64 {
    let per_day = per_second * SECONDS_PER_DAY;
    ticks.div_euclid(per_day) as f64 + ticks.rem_euclid(per_day) as f64 / per_day as f64
}

fn read_as<T: ArrowPrimitiveType>(
    array: &ArrayRef,
    range: Range<usize>,
    values: &mut [f64],
    convert: impl Fn(T::Native) -> f64,
) {
    let from = &array.as_primitive::<T>().values()[range];
    values.iter_mut().zip(from).for_each(|(value, &from)| *value = convert(from));
}

pub(crate) fn says_nothing(array: &ArrayRef) -> bool {
    match array.data_type() {
        DataType::Null => true,
        data_type if data_type.is_floating() => {
            let mut values = vec![0.0; array.len()];
            read_numbers(array, 0..array.len(), &mut values);
            values.iter().enumerate().all(|(row, value)| value.is_nan() || array.is_null(row))
        }
        _ => false,
    }
}

pub(crate) fn is_integer(data_type: &DataType) -> bool {
    data_type.is_integer()
}

pub(crate) fn is_number(data_type: &DataType) -> bool {
    is_integer(data_type) || matches!(data_type, DataType::Float16 | DataType::Float32 | DataType::Float64)
}

pub(crate) fn is_decimal(data_type: &DataType) -> bool {
    data_type.is_decimal()
}

/// The float nearest to a decimal number of so many digits after the point.
fn decimal(digits: &impl ToString, scale: i8) -> f64 {
    format!("{}e{}", digits.to_string(), -i32::from(scale)).parse().unwrap_or(f64::NAN)
}

pub(crate) fn is_date(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Date32 | DataType::Date64 | DataType::Timestamp(_, _))
}

pub(crate) fn is_text(data_type: &DataType) -> bool {
    match data_type {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
        DataType::Dictionary(_, values) => is_text(values) || is_integer(values),
        _ => false,
    }
}

/// The values of an array of whole numbers without nulls; `None` for other types and for what an `i64` cannot hold.
pub(crate) fn integers_of(array: &ArrayRef) -> Option<Vec<i64>> {
    fn collect<T: ArrowPrimitiveType>(array: &ArrayRef) -> Vec<i64>
    where
        T::Native: Into<i64>,
    {
        array.as_primitive::<T>().values().iter().map(|&value| value.into()).collect()
    }
    if array.null_count() > 0 {
        return None;
    }
    match array.data_type() {
        DataType::Dictionary(_, values) if is_integer(values) && !array.is_empty() => {
            let dictionary = array.as_any_dictionary();
            // A level that is null is an unknown key, which those who read texts name with its row.
            let levels = integers_of(dictionary.values())?;
            Some(dictionary.normalized_keys().into_iter().map(|key| levels[key]).collect())
        }
        DataType::Int8 => Some(collect::<Int8Type>(array)),
        DataType::Int16 => Some(collect::<Int16Type>(array)),
        DataType::Int32 => Some(collect::<Int32Type>(array)),
        DataType::Int64 => Some(collect::<Int64Type>(array)),
        DataType::UInt8 => Some(collect::<UInt8Type>(array)),
        DataType::UInt16 => Some(collect::<UInt16Type>(array)),
        DataType::UInt32 => Some(collect::<UInt32Type>(array)),
        DataType::UInt64 => {
            let numbers = array.as_primitive::<UInt64Type>().values().iter();
            numbers.map(|&number| i64::try_from(number).ok()).collect()
        }
        DataType::Float64 => array.as_primitive::<Float64Type>().values().iter().map(|&number| whole(number)).collect(),
        _ => None,
    }
}

/// From here on a float may stand for several whole numbers: 2^53.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// The first number of an array that is no key, with its row and what it must be.
pub(crate) fn no_key(array: &ArrayRef) -> Option<(usize, String, &'static str)> {
    let known = |row: &usize| array.is_valid(*row);
    if let Some(numbers) = array.as_primitive_opt::<UInt64Type>() {
        let row = (0..array.len()).filter(known).find(|&row| i64::try_from(numbers.value(row)).is_err())?;
        return Some((
            row,
            numbers.value(row).to_string(),
            "whole numbers as keys end at 2^63 - 1; pass such keys as text",
        ));
    }
    if !array.data_type().is_floating() {
        return None;
    }
    let mut numbers = vec![0.0; array.len()];
    read_numbers(array, 0..array.len(), &mut numbers);
    let row = (0..array.len()).filter(known).find(|&row| !numbers[row].is_nan() && whole(numbers[row]).is_none())?;
    let must_be = if numbers[row].abs() >= EXACT {
        "a number of this size may stand for several keys; pass such keys as text"
    } else {
        "a key must be a whole number or a text; if parts of numbers are keys here, pass them as text"
    };
    Some((row, numbers[row].to_string(), must_be))
}

/// A whole number that a float holds exactly.
fn whole(number: f64) -> Option<i64> {
    (number.abs() < EXACT && number.trunc() == number).then_some(number as i64)
}

/// A column of labels as text; `None` for null.
pub(crate) fn labels_of(name: &str, array: &ArrayRef) -> Result<Vec<Option<String>>> {
    let labels = match array.data_type() {
        DataType::Boolean => array.as_boolean().iter().map(|label| label.map(|label| label.to_string())).collect(),
        DataType::Float64 | DataType::Float32 | DataType::Float16 => {
            let mut numbers = vec![0.0; array.len()];
            read_numbers(array, 0..array.len(), &mut numbers);
            let known = |row: usize| array.is_valid(row) && !numbers[row].is_nan();
            (0..array.len()).map(|row| known(row).then(|| (numbers[row] + 0.0).to_string())).collect()
        }
        data_type if is_text(data_type) || is_integer(data_type) => texts_of(array),
        other => {
            return Err(Error::WrongKind {
                column: name.to_owned(),
                row: None,
                expected: "a label (text, yes-no or whole number)".into(),
                found: format!("a column of type {other}"),
            });
        }
    };
    Ok(labels)
}

/// Adds the codes of an array of labels to those before it, and labels that are new to the list. Numbers and yes-nos are
/// told apart as numbers, so that only distinct ones become text.
///
/// `unknown` is the error for a row whose label is unknown.
pub(crate) fn label_codes(
    name: &str,
    array: &ArrayRef,
    codes: &mut Vec<u32>,
    labels: &mut Vec<String>,
    unknown: impl Fn(usize) -> Error,
) -> Result<()> {
    let first_row = codes.len();
    let unknown = |row: usize| unknown(first_row + row);
    if let Some(numbers) = few_numbers(array) {
        for (row, number) in numbers.iter().enumerate() {
            if number.is_nan() || array.is_null(row) {
                return Err(unknown(row));
            }
        }
        let mut seen: Vec<(f64, u32)> = Vec::new();
        for (row, number) in numbers.into_iter().enumerate() {
            if let Some((_, code)) = seen.iter().find(|(seen, _)| *seen == number) {
                codes.push(*code);
                continue;
            }
            // One value in a slice of its own is written as every other label is.
            let label = labels_of(name, &array.slice(row, 1))?.swap_remove(0).ok_or_else(|| unknown(row))?;
            let place = labels.iter().position(|known| *known == label);
            let code = place.map_or_else(|| next_code(labels, &label), |place| place as u32);
            seen.push((number, code));
            codes.push(code);
        }
        return Ok(());
    }
    let mut known: BTreeMap<String, u32> = labels.iter().cloned().zip(0..).collect();
    for (row, label) in labels_of(name, array)?.into_iter().enumerate() {
        let label = label.ok_or_else(|| unknown(row))?;
        codes.push(*known.entry(label).or_insert_with_key(|label| next_code(labels, label)));
    }
    Ok(())
}

/// Numbers or yes-nos of which there are so few different ones that a list of them is searched fastest.
fn few_numbers(array: &ArrayRef) -> Option<Vec<f64>> {
    const FEW: usize = 16;
    if *array.data_type() != DataType::Boolean && !is_number(array.data_type()) {
        return None;
    }
    let mut numbers = vec![0.0; array.len()];
    read_numbers(array, 0..array.len(), &mut numbers);
    let mut seen: Vec<f64> = Vec::new();
    for &number in numbers.iter().filter(|number| !number.is_nan()) {
        if !seen.contains(&number) {
            seen.push(number);
        }
        if seen.len() > FEW {
            return None;
        }
    }
    Some(numbers)
}

fn next_code(labels: &mut Vec<String>, label: &str) -> u32 {
    labels.push(label.to_owned());
    labels.len() as u32 - 1
}

/// Whole numbers without nulls that can be lent.
pub(crate) fn lent_integers(array: &ArrayRef) -> Option<&[i64]> {
    let integers = array.as_primitive_opt::<Int64Type>()?;
    (integers.null_count() == 0).then(|| &integers.values()[..])
}

/// The texts of an array of texts, or of a dictionary of texts; `None` for other types.
pub(crate) fn lent_texts(array: &ArrayRef) -> Option<Vec<Option<&str>>> {
    match array.data_type() {
        DataType::Utf8 => Some(array.as_string::<i32>().iter().collect()),
        DataType::LargeUtf8 => Some(array.as_string::<i64>().iter().collect()),
        DataType::Utf8View => Some(array.as_string_view().iter().collect()),
        DataType::Dictionary(_, _) => {
            let dictionary = array.as_any_dictionary();
            let levels = lent_texts(dictionary.values())?;
            if levels.is_empty() {
                return Some(vec![None; array.len()]);
            }
            let keys = dictionary.normalized_keys().into_iter().enumerate();
            Some(keys.map(|(row, key)| array.is_valid(row).then(|| levels[key]).flatten()).collect())
        }
        _ => None,
    }
}

/// Writes dates or whole numbers of days as days that lie before the day `end` and not before `-end`. Says whether it
/// could: it cannot where one is unknown or beyond, or stands for something else.
pub(crate) fn write_days(array: &ArrayRef, end: i32, days: &mut [i32]) -> bool {
    /// Rows that are read side by side with others.
    const PIECE: usize = 1 << 18;
    fn write<T: ArrowPrimitiveType>(
        array: &ArrayRef,
        end: i32,
        days: &mut [i32],
        day: impl Fn(i64) -> i64 + Sync,
    ) -> bool
    where
        T::Native: Into<i64> + Sync,
    {
        let ticks = array.as_primitive::<T>().values();
        let pieces = ticks.chunks(PIECE).zip(days.chunks_mut(PIECE)).collect();
        let end = i64::from(end);
        let written = parallel::map(pieces, |(ticks, days): (&[T::Native], &mut [i32])| {
            let mut beyond = false;
            for (place, &ticks) in days.iter_mut().zip(ticks) {
                let day = day(ticks.into());
                beyond |= day < -end || day >= end;
                *place = day as i32;
            }
            !beyond
        });
        written.into_iter().all(|written| written)
    }
    if array.null_count() > 0 {
        return false;
    }
    match array.data_type() {
        DataType::Date32 => write::<Date32Type>(array, end, days, |day| day),
        DataType::Int32 => write::<Int32Type>(array, end, days, |day| day),
        DataType::Int64 => write::<Int64Type>(array, end, days, |day| day),
        // Each with a divisor that the compiler knows: dividing by others takes ten times as long.
        DataType::Timestamp(unit, None) => match unit {
            TimeUnit::Second => {
                write::<TimestampSecondType>(array, end, days, |ticks| ticks.div_euclid(SECONDS_PER_DAY))
            }
            TimeUnit::Millisecond => {
                write::<TimestampMillisecondType>(array, end, days, |ticks| ticks.div_euclid(SECONDS_PER_DAY * 1_000))
            }
            TimeUnit::Microsecond => write::<TimestampMicrosecondType>(array, end, days, |ticks| {
                ticks.div_euclid(SECONDS_PER_DAY * 1_000_000)
            }),
            TimeUnit::Nanosecond => write::<TimestampNanosecondType>(array, end, days, |ticks| {
                ticks.div_euclid(SECONDS_PER_DAY * 1_000_000_000)
            }),
        },
        _ => false,
    }
}

/// Days without nulls that can be lent.
pub(crate) fn lent_days(array: &ArrayRef) -> Option<&[i32]> {
    let days = array.as_primitive_opt::<Date32Type>()?;
    (days.null_count() == 0).then(|| &days.values()[..])
}

/// Numbers without nulls that can be lent.
pub(crate) fn lent_numbers(array: &ArrayRef) -> Option<&[f64]> {
    let numbers = array.as_primitive_opt::<Float64Type>()?;
    (numbers.null_count() == 0).then(|| &numbers.values()[..])
}
