"""Columns of texts, days and numbers as plain lists, for records that go into the compiled module as JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import narwhals as nw
import numpy as np

from tierwise import exceptions
from tierwise._frames import _check_present, _wrong_kind, column_of, label_of


def texts(data: Any, name: str) -> list[str | None]:
    """Read a column as texts, ``None`` for unknown; whole numbers are written as such."""
    column = _column(data, name)
    if isinstance(column, tuple):
        values, known = column
        if isinstance(known, list):
            return [known[code] if code >= 0 else None for code in values.tolist()]
        return [
            label_of(value) if there else None for value, there in zip(values.tolist(), known.tolist(), strict=True)
        ]
    return [None if isinstance(one, float) and math.isnan(one) else label_of(one) for one in column.tolist()]


def lists(data: Any, name: str) -> list[list[str]]:
    """Read a column of names separated by semicolons."""
    return [[one.strip() for one in (text or "").split(";") if one.strip()] for text in texts(data, name)]


def keys(data: Any, name: str) -> list[str]:
    """Read a column of keys; an unknown one is left empty, which the compiled module refuses with its row."""
    return [key or "" for key in texts(data, name)]


def reals(data: Any, name: str) -> list[float | None]:
    """Read a column of numbers, ``None`` for unknown."""
    column = _column(data, name)
    if isinstance(column, tuple):
        values, known = column
        if isinstance(known, list):
            raise _wrong_kind(f"column `{name}`", "a number", "text")
        column = np.where(known, values, np.nan)
    numbers = [None if math.isnan(one) else float(one) for one in column.tolist()]
    for row, number in enumerate(numbers):
        if number is not None and math.isinf(number):
            error = exceptions.NotFiniteError(
                f"column `{name}` at row {row} is {number}; numbers must be finite. Use NaN or null for unknown"
            )
            error.details = {"column": name, "row": row, "found": number}
            raise error
    return numbers


def wholes(data: Any, name: str) -> list[int | None]:
    """Read a column of whole numbers or dates (the day of an instant), ``None`` for unknown."""
    numbers = reals(data, name)
    return [None if number is None else math.floor(number) for number in numbers]


def counts(data: Any, name: str) -> list[int]:
    """Read a column of whole numbers, each of which must be known."""
    return [_count(name, row, number) for row, number in enumerate(reals(data, name))]


def _count(name: str, row: int, number: float | None) -> int:
    if number is None or number != int(number):
        found = "unknown" if number is None else str(number)
        error = exceptions.InvalidValueError(f"the {name} at row {row} is {found}; it must be a whole number")
        error.details = {"what": f"the {name}", "row": row, "key": None, "found": found}
        raise error
    return int(number)


def _column(data: Any, name: str) -> Any:
    if isinstance(data, Mapping):
        _check_present([name], [str(one) for one in data])
        return column_of(name, data[name])
    frame = nw.from_native(data, eager_only=True, pass_through=True)
    if not isinstance(frame, nw.DataFrame):
        raise _wrong_kind("the table", "a data frame (pandas, polars or pyarrow) or a dict of columns", data)
    _check_present([name], frame.columns)
    return column_of(name, frame[name].to_native())
