"""Tables in and out: whatever comes in is read without a copy where it can be, and the same kind goes out."""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np
import numpy.typing as npt

from tierwise import exceptions
from tierwise._tierwise import Table

if TYPE_CHECKING:
    from tierwise._feature import Feature

Floats = npt.NDArray[np.float64]

_EPOCH = datetime.date(1970, 1, 1)
_DAY = np.timedelta64(1, "D")


class Labels:
    """A column of names by position; positions outside the list are unknown."""

    def __init__(self, codes: npt.NDArray[Any], names: Sequence[str], *, ordered: bool = False) -> None:
        distinct = list(dict.fromkeys(names))
        place = {name: code for code, name in enumerate(distinct)}
        # One place more, at the end, for every code that stands for unknown.
        places = np.array([place[name] for name in names] + [-1], dtype=np.int32)
        positions = codes.astype(np.int64)
        positions[(positions < 0) | (positions >= len(names))] = len(names)
        self.codes = places[positions]
        self.names = distinct
        self.ordered = ordered

    def as_objects(self) -> npt.NDArray[np.object_]:
        """Names as an object array, ``None`` for unknown."""
        return np.array([*self.names, None], dtype=object)[self.codes]


def table_of(data: Any, features: Sequence[Feature] | None = None) -> Table:
    """Read a frame, a mapping of columns, or a two-dimensional array whose columns stand in feature order."""
    if isinstance(data, Table):
        return data
    if isinstance(data, np.ndarray):
        return _table_of_array(data, features)
    if isinstance(data, Mapping):
        return Table.from_columns([(str(name), column_of(str(name), values)) for name, values in data.items()])
    if _is_pandas(data):
        return Table.from_columns([(str(name), _pandas_column(str(name), values)) for name, values in data.items()])
    if hasattr(data, "__arrow_c_stream__"):
        return Table.from_stream(data)
    frame = nw.from_native(data, eager_only=True, pass_through=True)
    if isinstance(frame, nw.DataFrame):
        return Table.from_columns([(name, column_of(name, frame[name].to_numpy())) for name in frame.columns])
    raise _wrong_kind(
        "the table",
        "a data frame (pandas, polars, pyarrow, or any with `__arrow_c_stream__`), a dict of columns, or a 2-d array",
        data,
    )


def _table_of_array(data: npt.NDArray[Any], features: Sequence[Feature] | None) -> Table:
    if data.ndim != 2 or features is None:
        raise _wrong_kind(
            "the table",
            "a 2-d array with one column per feature of a model",
            f"an array of shape {data.shape}",
        )
    if data.shape[1] != len(features):
        error = exceptions.WrongLengthError(
            f"a row of the array has {data.shape[1]} values where {len(features)} are needed; "
            f"pass one column per feature, in this order: {', '.join(feature.name for feature in features)}"
        )
        error.details = {"what": "a row of the array", "expected": len(features), "found": data.shape[1]}
        raise error
    columns = np.asfortranarray(data)
    return Table.from_columns(
        [(feature.name, column_of(feature.name, columns[:, i])) for i, feature in enumerate(features)]
    )


def _is_pandas(data: Any) -> bool:
    return nw.dependencies.is_pandas_dataframe(data)


def column_of(name: str, values: Any) -> Any:
    """One column as a numeric or boolean array, or as codes and levels."""
    if nw.dependencies.is_pandas_series(values):
        return _pandas_column(name, values)
    if isinstance(values, np.ma.MaskedArray):
        values = np.ma.filled(values.astype(np.float64), np.nan)
    if hasattr(values, "to_numpy"):
        values = values.to_numpy()
    array = np.atleast_1d(np.asarray(values))
    if array.ndim != 1:
        raise _wrong_kind(f"column `{name}`", "a one-dimensional array", f"an array of shape {array.shape}")
    if array.dtype.kind in "biu":
        return array
    if array.dtype.kind == "f":
        return array if array.dtype.itemsize in (4, 8) else array.astype(np.float64)
    if array.dtype.kind == "M":
        return _days(array)
    if array.dtype.kind in "US":
        return _codes(array.tolist())
    if array.dtype.kind == "O":
        return _objects(name, array.tolist())
    raise _wrong_kind(f"column `{name}`", "numbers, yes-nos, dates or texts", f"values of type {array.dtype}")


def _pandas_column(name: str, values: Any) -> Any:
    dtype = values.dtype
    if hasattr(values, "cat"):
        return values.cat.codes.to_numpy().astype(np.int32), [str(level) for level in values.cat.categories]
    if isinstance(dtype, np.dtype):
        return column_of(name, values.to_numpy())
    if getattr(dtype, "kind", "O") in "biuf":
        return values.to_numpy(dtype=np.float64, na_value=np.nan)
    if getattr(dtype, "kind", "O") == "M":
        return _days(values.dt.tz_convert(None).to_numpy() if getattr(dtype, "tz", None) else values.to_numpy())
    return _objects(name, values.to_numpy(dtype=object).tolist())


def _days(dates: npt.NDArray[Any]) -> Floats:
    days = (dates - np.datetime64(0, "D")) / _DAY
    return np.where(np.isnat(dates), np.nan, days)


def _objects(name: str, values: list[Any]) -> Any:
    """Read Python objects: all texts, all yes-nos and numbers, or all dates; ``None`` and NaN are unknown."""
    values = [None if _is_missing(value) else value for value in values]
    kinds = {type(value) for value in values if value is not None}
    if kinds <= {str}:
        return _codes(values) if kinds else np.full(len(values), np.nan)
    if all(issubclass(kind, (bool, int, float, np.number, np.bool_)) for kind in kinds):
        return np.array([math.nan if value is None else float(value) for value in values])
    if all(issubclass(kind, datetime.date) for kind in kinds):
        return _days(np.array(values, dtype="datetime64[us]"))
    found = ", ".join(sorted(kind.__name__ for kind in kinds))
    raise _wrong_kind(
        f"column `{name}`", "values of one kind (numbers, yes-nos, dates or texts)", f"a mixture of {found}"
    )


def _is_missing(value: Any) -> bool:
    return (
        value is None
        or (isinstance(value, (float, np.floating)) and math.isnan(value))
        or type(value).__name__ in ("NAType", "NaTType")
    )


def _codes(values: list[Any]) -> tuple[npt.NDArray[np.int32], list[str]]:
    levels: dict[str, int] = {}
    codes = [-1 if value is None else levels.setdefault(str(value), len(levels)) for value in values]
    return np.array(codes, dtype=np.int32), list(levels)


def _wrong_kind(what: str, expected: str, found: Any) -> exceptions.WrongKindError:
    described = found if isinstance(found, str) else f"an object of type {type(found).__name__}"
    error = exceptions.WrongKindError(f"{what} holds {described} where {expected} is due; convert it before the call")
    error.details = {"column": what, "row": None, "expected": expected, "found": described}
    return error


def numbers(what: str, values: Any) -> Floats:
    """One sequence of numbers as contiguous 64-bit floats, NaN for unknown."""
    column = column_of(what, values)
    if isinstance(column, tuple):
        raise _wrong_kind(f"column `{what}`", "a number", "text")
    return np.ascontiguousarray(column, dtype=np.float64)


def day_of(date: Any) -> int:
    """Count the days since 1970-01-01 of a date, a datetime, an ISO text, or a number of days."""
    if isinstance(date, str):
        try:
            date = datetime.date.fromisoformat(date)
        except ValueError:
            raise _invalid_parameter("as_of", "a date such as 1998-06-30", repr(date)) from None
    if isinstance(date, datetime.datetime):
        date = date.date()
    if isinstance(date, datetime.date):
        return (date - _EPOCH).days
    if isinstance(date, np.datetime64):
        return int((date - np.datetime64(0, "D")) / _DAY)
    if isinstance(date, (int, np.integer)) and not isinstance(date, bool):
        return int(date)
    raise _invalid_parameter(
        "as_of", "a date, an ISO text such as 1998-06-30, or whole days since 1970-01-01", repr(date)
    )


def _invalid_parameter(name: str, must_be: str, got: str) -> exceptions.InvalidParameterError:
    error = exceptions.InvalidParameterError(f"The `{name}` must be {must_be}. Got {got}.")
    error.details = {"name": name, "must_be": must_be, "got": got}
    return error


def frame_like(data: Any, columns: Mapping[str, Any]) -> Any:
    """Build a frame of the same kind as ``data``: pandas keeps its index, arrays and mappings give a dict of arrays."""
    frame = nw.from_native(data, eager_only=True, pass_through=True)
    if not isinstance(frame, nw.DataFrame):
        return {name: _plain(values) for name, values in columns.items()}
    if frame.implementation.is_pandas():
        pandas = frame.implementation.to_native_namespace()
        return pandas.DataFrame(
            {name: _pandas_values(pandas, values) for name, values in columns.items()}, index=data.index
        )
    if frame.implementation.is_polars():
        polars = frame.implementation.to_native_namespace()
        return polars.DataFrame([_polars_series(polars, name, values) for name, values in columns.items()])
    if frame.implementation.is_pyarrow():
        pyarrow = frame.implementation.to_native_namespace()
        return pyarrow.table({name: _pyarrow_array(pyarrow, values) for name, values in columns.items()})
    return {name: _plain(values) for name, values in columns.items()}


def series_like(data: Any, name: str, values: Any) -> Any:
    """Build one column of the same kind as ``data``: a pandas or polars Series, a pyarrow array, or a numpy array."""
    frame = frame_like(data, {name: values})
    if isinstance(frame, dict):
        return frame[name]
    column = frame[name]
    return column.combine_chunks() if hasattr(column, "combine_chunks") else column


def values_like(data: Any, name: str, values: Any) -> Any:
    """Build one column of the same kind as the series ``data``."""
    if nw.dependencies.is_pandas_series(data):
        return series_like(data.to_frame(), name, values)
    if nw.dependencies.is_polars_series(data):
        return series_like(data.to_frame(), name, values)
    if nw.dependencies.is_pyarrow_chunked_array(data):
        return _pyarrow_array(nw.dependencies.get_pyarrow(), values)
    return _plain(values)


def _plain(values: Any) -> Any:
    return values.as_objects() if isinstance(values, Labels) else values


def _pandas_values(pandas: Any, values: Any) -> Any:
    if isinstance(values, Labels):
        return pandas.Categorical.from_codes(values.codes, categories=values.names, ordered=values.ordered)
    return values


def _polars_series(polars: Any, name: str, values: Any) -> Any:
    if not isinstance(values, Labels):
        return polars.Series(name, values)
    codes = polars.Series(name, values.codes)
    known = codes.set(codes < 0, None) if (values.codes < 0).any() else codes
    return known.cast(polars.UInt32).cast(polars.Enum(values.names))


def _pyarrow_array(pyarrow: Any, values: Any) -> Any:
    if isinstance(values, Labels):
        codes = pyarrow.array(values.codes, mask=values.codes < 0)
        return pyarrow.DictionaryArray.from_arrays(
            codes, pyarrow.array(values.names, type=pyarrow.string()), ordered=values.ordered
        )
    return pyarrow.array(values)
