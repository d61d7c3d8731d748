"""Columns of texts, days and numbers as plain lists, for records that go into the compiled module as JSON."""

from __future__ import annotations

import json
import math
from typing import Any

from tierwise import exceptions
from tierwise._feature import Feature
from tierwise._frames import table_of


def texts(data: Any, name: str) -> list[str | None]:
    """Read a column as texts, ``None`` for unknown; whole numbers are written without a point."""
    return table_of(data, [], [name]).labels(name)


def lists(data: Any, name: str) -> list[list[str]]:
    """Read a column of names separated by semicolons."""
    return [[one.strip() for one in (text or "").split(";") if one.strip()] for text in texts(data, name)]


def keys(data: Any, name: str) -> list[str]:
    """Read a column of keys; an unknown one is left empty, which the compiled module refuses with its row."""
    return [key or "" for key in texts(data, name)]


def reals(data: Any, name: str) -> list[float | None]:
    """Read a column of numbers, ``None`` for unknown."""
    feature = Feature.number(name)
    (values,) = table_of(data, [feature]).values(json.dumps([feature._spec()]), True)
    return [None if math.isnan(one) else one for one in values.tolist()]


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
