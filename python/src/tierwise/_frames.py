"""Tables in and out: whatever comes in is read without a copy where it can be, and the same kind goes out."""

from __future__ import annotations

import datetime
import decimal
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np
import numpy.typing as npt

from tierwise import exceptions
from tierwise._parameters import text
from tierwise._tierwise import Table

if TYPE_CHECKING:
    from tierwise._feature import Feature

Floats = npt.NDArray[np.float64]

# Texts that are fewer are read faster than Arrow is loaded.
_MANY = 10_000

_DAY = np.timedelta64(1, "D")

# The unit of Arrow in which an instant of a finer unit, or of several of one, is read; seconds for coarser ones.
_UNITS = {"ms": "ms", "us": "us", "ns": "ns", "ps": "ns", "fs": "ns", "as": "ns"}


class Labels:
    """A column of names by position; positions outside the list are unknown."""

    def __init__(self, codes: npt.NDArray[Any], names: Sequence[str], *, ordered: bool = False) -> None:
        self.names = list(dict.fromkeys(names))
        self.ordered = ordered
        self.codes = self._narrow(codes, names)

    @classmethod
    def of_texts(cls, values: Sequence[str | None]) -> Labels:
        """Read texts as names in the order in which they first occur."""
        names = list(dict.fromkeys(value for value in values if value is not None))
        places = {name: place for place, name in enumerate(names)}
        return cls(np.array([-1 if value is None else places[value] for value in values], dtype=np.int64), names)

    def _narrow(self, codes: npt.NDArray[Any], names: Sequence[str]) -> npt.NDArray[Any]:
        signed = {np.dtype(np.uint8): np.int8, np.dtype(np.uint16): np.int16}.get(codes.dtype)
        if signed is not None and len(self.names) == len(names) <= np.iinfo(signed).max:
            # The compiled module writes "none" as the largest code, which reads as -1 here: nothing to copy.
            return codes.view(signed)
        place = {name: code for code, name in enumerate(self.names)}
        # One place more, at the end, for every code that stands for unknown.
        places = np.array([place[name] for name in names] + [-1], dtype=np.int32)
        positions = codes.astype(np.int64)
        positions[(positions < 0) | (positions >= len(names))] = len(names)
        return places[positions]

    @property
    def some_unknown(self) -> bool:
        """Whether any row has no name."""
        return bool(self.codes.size) and int(self.codes.min()) < 0

    def as_objects(self) -> npt.NDArray[np.object_]:
        """Names as an object array, ``None`` for unknown."""
        named: npt.NDArray[np.object_] = np.array([*self.names, None], dtype=object)[self.codes]
        return named


def table_of(data: Any, features: Sequence[Feature] | None = None, also: Sequence[str] = ()) -> Table:
    """Read a frame, a mapping of columns, or a two-dimensional array whose columns stand in feature order.

    Of a frame or mapping only the columns of ``features`` and those named in ``also`` are read, so that others may be
    of types that tierwise does not know; without ``features`` all are.
    """
    if isinstance(data, Table):
        return data
    if isinstance(data, np.ndarray):
        return _table_of_array(data, features)
    wanted = None if features is None else list(dict.fromkeys([*(feature.name for feature in features), *also]))
    if not isinstance(data, Mapping) and nw.dependencies.is_polars_dataframe(data):
        data = _without_null_type(data)
    if isinstance(data, Mapping) or _is_pandas(data):
        columns = [(str(name), values) for name, values in data.items()]
    elif nw.dependencies.is_polars_dataframe(data) or nw.dependencies.is_pyarrow_table(data):
        return _table_of_stream(data if wanted is None else _selected(data, wanted))
    elif hasattr(data, "__arrow_c_stream__"):
        return _table_of_stream(data)
    else:
        frame = nw.from_native(data, eager_only=True, pass_through=True)
        if not isinstance(frame, nw.DataFrame):
            raise no_table(data)
        columns = [(name, frame[name]) for name in frame.columns]
    if wanted is not None:
        check_present(wanted, [name for name, _ in columns])
        columns = [(name, values) for name, values in columns if name in wanted]
    return Table.from_columns([(name, column_of(name, values)) for name, values in columns])


def named_table(data: Any, numeric: list[Feature], also: Sequence[str] = ()) -> Table:
    """Read the columns that are wanted, by name: an array has no names."""
    if isinstance(data, np.ndarray):
        error = exceptions.WrongKindError(
            "the table holds an array where a data frame or a dict of columns is due, for its columns need names; "
            "convert it before the call"
        )
        error.details = {
            "column": "the table",
            "row": None,
            "expected": "a data frame or a dict of columns",
            "found": "an array",
        }
        raise error
    for name in also:
        text("the table", "column", name)
    return table_of(data, numeric, also)


def _without_null_type(frame: Any) -> Any:
    """Give columns of polars' type Null a type: it is exported in a form of its own that Arrow readers refuse."""
    polars = nw.from_native(frame).implementation.to_native_namespace()
    untyped = [name for name, dtype in frame.schema.items() if dtype == polars.Null]
    return frame.with_columns(polars.col(untyped).cast(polars.Float64)) if untyped else frame


def _selected(frame: Any, wanted: Sequence[str]) -> Any:
    available = list(getattr(frame, "column_names", None) or frame.columns)
    check_present(wanted, available)
    # A name that occurs twice is left for the compiled module to refuse.
    return frame.select(wanted) if len(set(available)) == len(available) else frame


def check_present(wanted: Sequence[str], available: Sequence[str]) -> None:
    for name in wanted:
        if name not in available:
            listed = ", ".join(f"`{one}`" for one in available[:20]) or "none"
            more = f" and {len(available) - 20} more" if len(available) > 20 else ""
            error = exceptions.MissingColumnError(
                f"column `{name}` is missing; the table has {listed}{more}. Add it, or rename the column that holds it"
            )
            error.details = {"column": name, "available": list(available)}
            raise error


def _table_of_stream(data: Any) -> Table:
    try:
        return Table.from_stream(data)
    except (TypeError, ValueError) as error:
        raise no_table(data) from error


def no_table(data: Any) -> exceptions.WrongKindError:
    return wrong_kind(
        "the table",
        "a data frame (pandas, polars, pyarrow, or any with `__arrow_c_stream__`), a dict of columns, or a 2-d array",
        data,
    )


def _table_of_array(data: npt.NDArray[Any], features: Sequence[Feature] | None) -> Table:
    if data.ndim != 2 or features is None:
        raise wrong_kind(
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
    columns = data if isinstance(data, np.ma.MaskedArray) else np.asfortranarray(data)
    return Table.from_columns(
        [(feature.name, column_of(feature.name, columns[:, i])) for i, feature in enumerate(features)]
    )


def _is_pandas(data: Any) -> bool:
    return nw.dependencies.is_pandas_dataframe(data)


def _is_pyarrow(data: Any) -> bool:
    return type(data).__module__.partition(".")[0] == "pyarrow"


def column_of(name: str, values: Any) -> Any:
    """One column as an array, an array and where it is known, or codes and levels."""
    if type(values) is np.ndarray:
        return _array_column(name, _as_array(name, values))
    if nw.dependencies.is_pandas_series(values):
        return _pandas_column(name, values)
    if isinstance(values, nw.Series):
        values = values.to_native()
    if isinstance(values, np.ma.MaskedArray):
        return _masked_column(name, values)
    if _is_pyarrow(values) and hasattr(values, "to_numpy"):
        # An Array refuses by default what a ChunkedArray does: to make a copy where there are nulls.
        values = values.to_numpy(zero_copy_only=False)
    elif hasattr(values, "to_numpy"):
        values = values.to_numpy()
    return _array_column(name, _as_array(name, values))


def _as_array(name: str, values: Any) -> npt.NDArray[Any]:
    if isinstance(values, np.ndarray):
        array = values
    else:
        try:
            array = np.asarray(values)
            if array.dtype.kind in "US":
                # NumPy writes numbers, None and NaN among texts as texts; as objects they stay what they are.
                array = np.asarray(values, dtype=object)
        except ValueError:
            raise wrong_kind(f"column `{name}`", "one value per row", "lists of different lengths") from None
    if array.ndim == 0:
        return array.reshape(1)
    if array.ndim != 1:
        raise wrong_kind(f"column `{name}`", "a one-dimensional array", f"an array of shape {array.shape}")
    return array


def _array_column(name: str, array: npt.NDArray[Any]) -> Any:
    if not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="))
    if array.dtype.kind in "biu":
        return array
    if array.dtype.kind == "f":
        return array if array.dtype.itemsize in (4, 8) else array.astype(np.float64)
    if array.dtype.kind == "M":
        return _dates(array)
    if array.dtype.kind == "S":
        array = np.char.decode(array, "utf-8")
    if array.dtype.kind in "UO":
        texts = _arrow_texts(name, array)
        if texts is not None:
            return texts
    if array.dtype.kind == "U":
        return _codes(array.tolist())
    if array.dtype.kind in "OT":
        return _objects(name, array.tolist())
    raise wrong_kind(f"column `{name}`", "numbers, yes-nos, dates or texts", f"values of type {array.dtype}")


def _masked_column(name: str, values: np.ma.MaskedArray[Any, Any]) -> Any:
    array, unknown = _as_array(name, values.data), np.ma.getmaskarray(values)
    if array.dtype.kind == "M":
        return _array_column(name, np.where(unknown, np.datetime64("NaT"), array))
    if array.dtype.kind == "S":
        array = np.char.decode(array, "utf-8")
    if array.dtype.kind in "UOT":
        objects = array.astype(object)
        objects[unknown] = None
        return _array_column(name, objects)
    column = _array_column(name, array)
    return (column, ~unknown) if unknown.any() else column


def _pandas_column(name: str, values: Any) -> Any:
    dtype = values.dtype
    if hasattr(values, "cat"):
        codes = values.cat.codes.to_numpy()
        levels = _levels(values.cat.categories)
        return codes if codes.dtype.itemsize <= 4 else codes.astype(np.int32), levels
    if isinstance(dtype, np.dtype):
        return column_of(name, values.to_numpy())
    if getattr(dtype, "kind", "O") in "biuf":
        plain = dtype.numpy_dtype if hasattr(dtype, "numpy_dtype") else np.float64
        unknown = values.isna().to_numpy(dtype=bool)
        if not unknown.any():
            return values.to_numpy(dtype=plain)
        return values.to_numpy(dtype=plain, na_value=np.zeros(1, plain)[0]), ~unknown
    if getattr(dtype, "kind", "O") == "M":
        if getattr(dtype, "tz", None) is not None:
            raise _zoned(name)
        return _array_column(name, values.to_numpy())
    texts = _pandas_texts(name, values)
    return _objects(name, values.to_numpy(dtype=object).tolist()) if texts is None else texts


def _levels(categories: Any) -> npt.NDArray[np.int64] | list[str]:
    """Keep whole numbers whole, for they may be keys; a category names its levels by their text all the same."""
    if getattr(categories.dtype, "kind", "O") in "iu" and (len(categories) == 0 or categories.max() < 2**63):
        whole: npt.NDArray[np.int64] = categories.to_numpy(dtype=np.int64)
        return whole
    return [label_of(level) for level in categories]


def _pandas_texts(name: str, values: Any) -> Any:
    """Lend texts that pandas keeps as Arrow does; none where it keeps them otherwise, or something else."""
    if getattr(values.dtype, "type", None) is not str or not hasattr(values.array, "__arrow_array__"):
        return None
    try:
        return _arrow_column(name, values.array.__arrow_array__())
    except ImportError:
        return None


def _arrow_texts(name: str, array: npt.NDArray[Any]) -> Any:
    """Convert many texts by way of Arrow, which makes no object of each; none where that cannot be done."""
    first = next((value for value in array[:_MANY] if not _is_missing(value)), None)
    if len(array) < _MANY or not isinstance(first, str):
        return None
    try:
        import pyarrow
    except ImportError:
        return None
    try:
        # Whatever is no text among texts is refused here, and then described by those who read one object at a time.
        return _arrow_column(name, pyarrow.array(array, from_pandas=True))
    except (pyarrow.ArrowException, TypeError, ValueError):
        return None


def _arrow_column(name: str, array: Any) -> Any:
    """Wrap texts of Arrow as a table of one column in one piece; none for what is no text."""
    pyarrow = nw.dependencies.get_pyarrow()
    if not (pyarrow.types.is_string(array.type) or pyarrow.types.is_large_string(array.type)):
        return None
    if array.null_count == len(array):
        return np.full(len(array), np.nan)
    if isinstance(array, pyarrow.ChunkedArray):
        # The smaller kind of text holds 2 GiB in one piece.
        array = array.chunk(0) if array.num_chunks == 1 else array.cast(pyarrow.large_string()).combine_chunks()
    return pyarrow.table([array], names=[name])


def _dates(dates: npt.NDArray[Any]) -> Any:
    """Lend dates and instants with their unit where Arrow has it."""
    unit, count = np.datetime_data(dates.dtype)
    if unit not in ("D", "s", "ms", "us", "ns") or count != 1:
        unit = _UNITS.get(unit, "s")
        dates = dates.astype(f"datetime64[{unit}]")
    return dates.view(np.int64), unit


def _days(dates: npt.NDArray[Any]) -> Floats:
    """Count whole days and the part of a day apart, so that an instant has the same bits in whatever unit it comes."""
    whole = dates.astype("datetime64[D]")
    days = whole.astype(np.int64) + (dates - whole) / _DAY
    return np.where(np.isnat(dates), np.nan, days)


def _objects(name: str, values: list[Any]) -> Any:
    """Read Python objects: all texts, all yes-nos, all numbers, or all dates; ``None`` and NaN are unknown."""
    values = [None if _is_missing(value) else value for value in values]
    kinds = {type(value) for value in values if value is not None}
    if all(issubclass(kind, str) for kind in kinds):
        return _codes(values) if kinds else np.full(len(values), np.nan)
    if all(issubclass(kind, (bool, np.bool_)) for kind in kinds):
        known = np.array([value is not None for value in values])
        yes_nos = np.array([bool(value) for value in values])
        return yes_nos if known.all() else (yes_nos, known)
    if all(issubclass(kind, (bool, int, float, np.number, np.bool_, decimal.Decimal)) for kind in kinds):
        whole = _whole_numbers(values)
        if whole is not None:
            return whole
        try:
            return np.array([math.nan if value is None else float(value) for value in values])
        except (OverflowError, TypeError):
            raise wrong_kind(f"column `{name}`", "real numbers up to 1.8e308", "a number beyond them") from None
    if all(issubclass(kind, datetime.date) for kind in kinds):
        if any(getattr(value, "tzinfo", None) is not None for value in values):
            raise _zoned(name)
        return _dates(np.array(values, dtype="datetime64[us]"))
    found = " and ".join(sorted(kind.__name__ for kind in kinds))
    raise wrong_kind(
        f"column `{name}`", "values of one kind (numbers, yes-nos, dates or texts)", f"values of type {found}"
    )


def _whole_numbers(values: list[Any]) -> npt.NDArray[np.int64] | None:
    """Keep whole numbers whole: as floats, two large customer numbers could become one."""
    if not all(isinstance(value, (int, np.integer)) and not isinstance(value, bool) for value in values):
        return None
    return np.array(values, dtype=np.int64) if all(abs(int(value)) < 2**63 for value in values) else None


def _zoned(name: str) -> exceptions.WrongKindError:
    """Refuse dates with a time zone: whose calendar day counts is for the user to say."""
    return wrong_kind(f"column `{name}`", "a local date without one", "dates with a time zone")


def label_of(label: Any) -> str:
    """Write a label as the compiled module writes it: ``True`` as true, ``1.0`` as 1."""
    if isinstance(label, (bool, np.bool_)):
        return "true" if label else "false"
    if isinstance(label, (float, np.floating)) and float(label).is_integer():
        return str(int(label))
    return str(label)


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


def wrong_kind(what: str, expected: str, found: Any) -> exceptions.WrongKindError:
    described = found if isinstance(found, str) else f"an object of type {type(found).__name__}"
    error = exceptions.WrongKindError(f"{what} holds {described} where {expected} is due; convert it before the call")
    error.details = {"column": what, "row": None, "expected": expected, "found": described}
    return error


def numbers(what: str, values: Any) -> Floats:
    """One sequence of numbers as contiguous 64-bit floats, NaN for unknown."""
    column = column_of(what, values)
    if isinstance(column, tuple) and isinstance(column[1], str):
        column = _days(column[0].view(f"datetime64[{column[1]}]"))
    if isinstance(column, tuple):
        column, known = column
        if isinstance(known, list) or known.dtype != np.bool_:
            raise wrong_kind(f"column `{what}`", "a number", "text")
        column = np.where(known, column, np.nan)
    if not isinstance(column, np.ndarray):
        raise wrong_kind(f"column `{what}`", "a number", "text")
    if column.dtype == np.float64 and column.flags.c_contiguous and column.flags.aligned:
        return column
    return np.require(column, np.float64, ["C", "A"])


def labels_of(name: str, values: Any) -> list[str | None]:
    """One sequence of labels or keys as text, ``None`` for unknown; whole numbers are written without a point."""
    return Table.from_columns([(name, column_of(name, values))]).labels(name)


def key_array(keys: Any) -> npt.NDArray[Any]:
    """Distinct keys as the compiled module gives them (an array of whole numbers, a list of texts) as an array."""
    return np.array(keys, dtype=object) if isinstance(keys, list) else keys


def positions(what: str, values: Any, names: Sequence[str]) -> npt.NDArray[np.int64]:
    """One sequence of names as positions among ``names``, -1 for unknown; any other name is an error."""
    return Table.from_columns([(what, column_of(what, values))]).positions(what, what, list(names))


def frame_like(data: Any, columns: Mapping[str, Any]) -> Any:
    """Build a frame of the same kind as ``data``: pandas keeps its index, arrays and mappings give a dict of arrays."""
    if _is_pandas(data):
        pandas = nw.dependencies.get_pandas()
        return pandas.DataFrame(
            {name: _pandas_values(pandas, values) for name, values in columns.items()}, index=data.index
        )
    frame = nw.from_native(data, eager_only=True, pass_through=True)
    if not isinstance(frame, nw.DataFrame):
        return {name: _plain(values) for name, values in columns.items()}
    if frame.implementation.is_polars():
        polars = frame.implementation.to_native_namespace()
        return polars.DataFrame([_polars_series(polars, name, values) for name, values in columns.items()])
    if frame.implementation.is_pyarrow():
        pyarrow = frame.implementation.to_native_namespace()
        return pyarrow.table({name: _pyarrow_array(pyarrow, values) for name, values in columns.items()})
    return {name: _plain(values) for name, values in columns.items()}


def rows_like(data: Any, rows: int, columns: Mapping[str, Any]) -> Any:
    """Build a frame of the kind of ``data`` but with rows of its own, so that no index is carried over."""
    if _is_pandas(data):
        pandas = nw.dependencies.get_pandas()
        return frame_like(pandas.DataFrame(index=pandas.RangeIndex(rows)), columns)
    return frame_like(data, columns)


def series_like(data: Any, name: str, values: Any) -> Any:
    """Build one column of the same kind as ``data``: a pandas or polars Series, a pyarrow array, or a numpy array."""
    frame = frame_like(data, {name: values})
    if isinstance(frame, dict):
        return frame[name]
    column = frame[name]
    return column.combine_chunks() if hasattr(column, "combine_chunks") else column


def beside(data: Any, columns: Mapping[str, Any]) -> Any:
    """Build a frame of the kind that the series ``data`` belongs to, row by row: pandas keeps its index."""
    if _is_pyarrow(data) and not nw.dependencies.is_pyarrow_table(data):
        return frame_like(nw.dependencies.get_pyarrow().table({}), columns)
    return frame_like(data.to_frame() if hasattr(data, "to_frame") else data, columns)


def values_like(data: Any, name: str, values: Any) -> Any:
    """Build one column of the same kind as the series ``data``."""
    if nw.dependencies.is_pandas_series(data):
        return series_like(data.to_frame(), name, values)
    if nw.dependencies.is_polars_series(data):
        return series_like(data.to_frame(), name, values)
    if _is_pyarrow(data):
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
    codes = polars.Series(name, values.codes.astype(np.int32))
    known = codes.set(codes < 0, None) if values.some_unknown else codes
    # Versions of polars differ in how codes are cast to levels; all of them gather.
    return polars.Series(name, values.names, dtype=polars.Enum(values.names)).gather(known)


def _pyarrow_array(pyarrow: Any, values: Any) -> Any:
    if isinstance(values, Labels):
        codes = pyarrow.array(values.codes, mask=values.codes < 0 if values.some_unknown else None)
        return pyarrow.DictionaryArray.from_arrays(
            codes, pyarrow.array(values.names, type=pyarrow.string()), ordered=values.ordered
        )
    return pyarrow.array(values)
