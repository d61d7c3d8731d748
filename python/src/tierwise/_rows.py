"""Columns that are passed side by side: about the same rows, or one number for all of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals as nw
import numpy as np
import numpy.typing as npt

from tierwise import exceptions
from tierwise._frames import Floats, key_array, numbers
from tierwise._parameters import invalid_parameter
from tierwise._tierwise import Table

__all__ = ["check_same_rows", "column_names", "for_all", "key_column", "wrong_rows"]


def check_same_rows(of: str, columns: Mapping[str, Any], advice: str = "") -> None:
    """Refuse pandas columns whose indexes differ: rows meet by position, and nobody means to shuffle them."""
    indexes: list[tuple[str, Any]] = [(name, values.index) for name, values in columns.items() if _has_index(values)]
    for name, index in indexes[1:]:
        first, wanted = indexes[0]
        if index is wanted or index.equals(wanted) or (_counts_rows(index) and _counts_rows(wanted)):
            continue
        must_be = f"in the rows of `{first}`, with the same index, for rows meet by position"
        align = (
            f"{_difference(index, wanted)}; align it before the call, say by `.reindex`, or pass `.to_numpy()` where "
            f"position is meant{advice}"
        )
        raise invalid_parameter(of, name, must_be, align)


def column_names(data: Any) -> list[str]:
    """List the names of the columns of a table of any kind; none for what has no columns."""
    if isinstance(data, Mapping):
        return [str(name) for name in data]
    names: Any = data.column_names if nw.dependencies.is_pyarrow_table(data) else getattr(data, "columns", ())
    return [str(name) for name in names]


def for_all(name: str, values: Any, rows: int) -> Floats:
    """Read one number per row, or one for all."""
    given = numbers(name, values)
    return np.full(rows, given[0]) if np.ndim(values) == 0 and len(given) == 1 else given


def key_column(table: Table, name: str) -> npt.NDArray[Any]:
    """Read a column of keys as an array, whatever it came in."""
    codes, keys = table.keys(name)
    taken: npt.NDArray[Any] = key_array(keys)[codes]
    return taken


def wrong_rows(what: str, found: int, expected: int, advice: str) -> exceptions.WrongLengthError:
    """Say that something has another number of rows than it needs."""
    error = exceptions.WrongLengthError(f"{what} has {found} rows where {expected} are needed; {advice}")
    error.details = {"what": what, "expected": expected, "found": found}
    return error


def _has_index(values: Any) -> bool:
    return nw.dependencies.is_pandas_series(values) or nw.dependencies.is_pandas_dataframe(values)


def _counts_rows(index: Any) -> bool:
    """Whether an index just counts its rows, so that of two such the lengths say all."""
    return type(index).__name__ == "RangeIndex" and (index.start, index.step) == (0, 1)


def _difference(index: Any, wanted: Any) -> str:
    differ = [row for row, (one, other) in enumerate(zip(index, wanted, strict=False)) if one != other and one == one]
    if not differ:
        return f"{len(index)} rows where {len(wanted)} are"
    same = len(index) == len(wanted) and sorted(map(str, index)) == sorted(map(str, wanted))
    what = "the same labels in another order" if same else "other labels"
    return f"{what} (`{index[differ[0]]}` in row {differ[0]}, where `{wanted[differ[0]]}` is)"
