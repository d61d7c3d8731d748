//! NumPy arrays as Arrow arrays, lent where the memory allows it.

use crate::capsule;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowDictionaryKeyType, ArrowPrimitiveType, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Date32Array, DictionaryArray, Float64Array, PrimitiveArray, StringArray,
    TimestampMicrosecondArray, TimestampMillisecondArray, TimestampNanosecondArray, TimestampSecondArray, make_array,
};
use arrow_buffer::{BooleanBuffer, Buffer, NullBuffer, ScalarBuffer};
use numpy::{Element, IntoPyArray, PyArray1, PyArrayMethods, PyUntypedArrayMethods};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use std::borrow::Cow;
use std::panic::AssertUnwindSafe;
use std::ptr::NonNull;
use std::sync::Arc;

/// One column: a one-dimensional array, a pair of an array and where it is known, a pair of codes and levels where a
/// negative code is unknown, a pair of instants and their unit, or a table of one Arrow column.
pub(crate) fn array(values: &Bound<'_, PyAny>) -> PyResult<ArrayRef> {
    // What most columns are; whatever is asked before costs more than lending it.
    if let Ok(values) = values.cast::<PyArray1<f64>>() {
        return primitive::<Float64Type>(values);
    }
    if values.hasattr("__arrow_c_stream__")? {
        return arrow_column(values);
    }
    if let Ok((ticks, unit)) = values.extract::<(Bound<'_, PyArray1<i64>>, String)>() {
        return dates(&ticks, &unit);
    }
    if let Ok((values, known)) = values.extract::<(Bound<'_, PyAny>, Bound<'_, PyArray1<bool>>)>() {
        return with_nulls(&array(&values)?, &known);
    }
    if let Ok((codes, levels)) = values.extract::<(Bound<'_, PyAny>, Levels<'_>)>() {
        let levels = levels.array()?;
        if let Ok(codes) = codes.cast::<PyArray1<i8>>() {
            return dictionary::<Int8Type>(codes, levels);
        }
        if let Ok(codes) = codes.cast::<PyArray1<i16>>() {
            return dictionary::<Int16Type>(codes, levels);
        }
        return dictionary::<Int32Type>(codes.cast::<PyArray1<i32>>()?, levels);
    }
    macro_rules! try_types {
        ($($native:ty => $arrow:ty),+) => {
            $(if let Ok(values) = values.cast::<PyArray1<$native>>() {
                return primitive::<$arrow>(values);
            })+
        };
    }
    try_types!(
        f32 => Float32Type, i64 => Int64Type, i32 => Int32Type, i16 => Int16Type, i8 => Int8Type,
        u64 => UInt64Type, u32 => UInt32Type, u16 => UInt16Type, u8 => UInt8Type
    );
    if let Ok(values) = values.cast::<PyArray1<bool>>() {
        return Ok(Arc::new(BooleanArray::from(yes_nos(values)?)));
    }
    Err(PyTypeError::new_err(format!(
        "a column must be a one-dimensional array of numbers or booleans, got {}",
        values.get_type()
    )))
}

/// The levels behind codes: whole numbers, which keys stay, or texts.
#[derive(FromPyObject)]
enum Levels<'py> {
    Integers(Bound<'py, PyArray1<i64>>),
    Texts(Vec<String>),
}

impl Levels<'_> {
    fn array(&self) -> PyResult<ArrayRef> {
        match self {
            Self::Integers(levels) => primitive::<Int64Type>(levels),
            Self::Texts(levels) => Ok(Arc::new(StringArray::from_iter_values(levels))),
        }
    }
}

/// `NumPy` lets a boolean be any byte, Rust only 0 and 1: they are read as bytes.
fn yes_nos(values: &Bound<'_, PyArray1<bool>>) -> PyResult<Vec<bool>> {
    let bytes = values.call_method1("view", ("uint8",))?;
    let bytes = bytes.cast::<PyArray1<u8>>()?.try_readonly()?;
    Ok(bytes.as_array().iter().map(|&byte| byte != 0).collect())
}

fn with_nulls(values: &ArrayRef, known: &Bound<'_, PyArray1<bool>>) -> PyResult<ArrayRef> {
    let nulls = NullBuffer::from(yes_nos(known)?);
    let data = values.to_data().into_builder().nulls(Some(nulls)).build();
    Ok(make_array(data.map_err(|error| PyValueError::new_err(error.to_string()))?))
}

fn primitive<T>(values: &Bound<'_, PyArray1<T::Native>>) -> PyResult<ArrayRef>
where
    T: ArrowPrimitiveType,
    T::Native: Element,
{
    // NumPy has arrays whose elements are not where the processor wants them: views of bytes and of records.
    let is_aligned = values.data().is_aligned()
        && values.strides().iter().all(|stride| stride % align_of::<T::Native>() as isize == 0);
    if !is_aligned {
        return primitive::<T>(values.call_method0("copy")?.cast::<PyArray1<T::Native>>()?);
    }
    let readonly = values.try_readonly()?;
    let lendable = values.is_c_contiguous() && !values.is_empty();
    if !lendable {
        let copy: Vec<T::Native> = readonly.as_array().iter().copied().collect();
        return Ok(Arc::new(PrimitiveArray::<T>::new(ScalarBuffer::from(copy), None)));
    }
    let owner = Arc::new(AssertUnwindSafe(values.clone().unbind()));
    let bytes = values.len() * size_of::<T::Native>();
    let pointer =
        NonNull::new(values.data().cast::<u8>()).ok_or_else(|| PyValueError::new_err("an array without memory"))?;
    // SAFETY: the pointer is the start of a contiguous, aligned NumPy array of `bytes` bytes, checked above. The buffer
    // holds a reference to that array, so its memory lives as long as the buffer. Nothing here writes to it; a Python
    // thread that does so during a call would get a mixed result, as in every library that reads arrays in place.
    let buffer = unsafe { Buffer::from_custom_allocation(pointer, bytes, owner) };
    Ok(Arc::new(PrimitiveArray::<T>::new(ScalarBuffer::new(buffer, 0, values.len()), None)))
}

fn dictionary<K>(codes: &Bound<'_, PyArray1<K::Native>>, levels: ArrayRef) -> PyResult<ArrayRef>
where
    K: ArrowDictionaryKeyType,
    K::Native: Element + Default + PartialOrd,
{
    let codes = primitive::<K>(codes)?;
    let codes = codes.as_primitive::<K>().values();
    let nulls = known_where(codes, |&code| code >= K::Native::default());
    let keys = PrimitiveArray::<K>::new(codes.clone(), nulls);
    let array = DictionaryArray::try_new(keys, levels).map_err(|error| PyValueError::new_err(error.to_string()))?;
    Ok(Arc::new(array))
}

/// Instants as `NumPy` counts them from 1970-01-01, where the least number stands for none.
fn dates(ticks: &Bound<'_, PyArray1<i64>>, unit: &str) -> PyResult<ArrayRef> {
    let ticks = primitive::<Int64Type>(ticks)?;
    let ticks = ticks.as_primitive::<Int64Type>().values();
    let nulls = known_where(ticks, |&tick| tick != i64::MIN);
    // A column in which everything is unknown says nothing, not even that it holds dates.
    if nulls.as_ref().map_or(ticks.is_empty(), |nulls| nulls.null_count() == nulls.len()) {
        return Ok(Arc::new(Float64Array::from(vec![f64::NAN; ticks.len()])));
    }
    if unit == "D" {
        return Ok(whole_days(ticks, nulls));
    }
    let ticks = ticks.clone();
    Ok(match unit {
        "s" => Arc::new(TimestampSecondArray::new(ticks, nulls)),
        "ms" => Arc::new(TimestampMillisecondArray::new(ticks, nulls)),
        "us" => Arc::new(TimestampMicrosecondArray::new(ticks, nulls)),
        "ns" => Arc::new(TimestampNanosecondArray::new(ticks, nulls)),
        _ => return Err(PyValueError::new_err(format!("dates must be counted in D, s, ms, us or ns, got {unit}"))),
    })
}

fn whole_days(days: &[i64], nulls: Option<NullBuffer>) -> ArrayRef {
    if days.iter().all(|&day| day == i64::MIN || i32::try_from(day).is_ok()) {
        return Arc::new(Date32Array::new(days.iter().map(|&day| day as i32).collect(), nulls));
    }
    Arc::new(Float64Array::new(days.iter().map(|&day| day as f64).collect(), nulls))
}

/// Where values are known; `None` where all are.
fn known_where<T>(values: &[T], known: impl Fn(&T) -> bool) -> Option<NullBuffer> {
    // Without a way out of the loop, which is fastest where everything is known.
    let all = values.iter().fold(true, |all, value| all & known(value));
    (!all).then(|| NullBuffer::new(BooleanBuffer::collect_bool(values.len(), |row| known(&values[row]))))
}

/// The only column of a table of one batch.
fn arrow_column(values: &Bound<'_, PyAny>) -> PyResult<ArrayRef> {
    match &capsule::batches(values)?[..] {
        [batch] if batch.num_columns() == 1 => Ok(batch.column(0).clone()),
        _ => Err(PyTypeError::new_err("an Arrow column must come as a table of one batch and one column")),
    }
}

/// Row numbers as NumPy counts them.
pub(crate) fn row_numbers<'py>(py: Python<'py>, rows: &[usize]) -> Bound<'py, PyArray1<i64>> {
    rows.iter().map(|&row| row as i64).collect::<Vec<_>>().into_pyarray(py)
}

/// The numbers of an array of any stride, side by side.
pub(crate) fn contiguous<T: numpy::Element + Copy>(array: &numpy::PyReadonlyArray1<'_, T>) -> Vec<T> {
    array.as_array().iter().copied().collect()
}

/// The numbers of an array where they are, or side by side where they lie apart.
pub(crate) fn lent<'a, T: numpy::Element + Copy>(array: &'a numpy::PyReadonlyArray1<'_, T>) -> Cow<'a, [T]> {
    array.as_slice().map_or_else(|_| contiguous(array).into(), Cow::from)
}

/// Columns of numbers as `NumPy` arrays.
pub(crate) fn floats(py: Python<'_>, columns: Vec<Vec<f64>>) -> Vec<Bound<'_, PyArray1<f64>>> {
    columns.into_iter().map(|column| column.into_pyarray(py)).collect()
}

/// Positions as codes; -1 for none.
pub(crate) fn codes(py: Python<'_>, positions: impl IntoIterator<Item = Option<usize>>) -> Bound<'_, PyArray1<i64>> {
    let codes: Vec<i64> = positions.into_iter().map(|one| one.map_or(-1, |one| one as i64)).collect();
    codes.into_pyarray(py)
}

/// Codes as positions; none for what is below 0.
pub(crate) fn positions(codes: &numpy::PyReadonlyArray1<'_, i64>) -> Vec<Option<usize>> {
    contiguous(codes).into_iter().map(|code| usize::try_from(code).ok()).collect()
}
