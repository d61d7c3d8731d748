"""What is passed beside tables, checked one by one: errors name function and parameter as the caller wrote them."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NoReturn

import numpy as np

from tierwise import exceptions

_EPOCH = datetime.date(1970, 1, 1)

# The year 2500: a larger number of days is most often a date written as 19970101.
LAST_DAY = 193_577


def day_of(of: str, name: str, date: Any) -> int:
    """Count the days since 1970-01-01 of a date, a datetime, an ISO text, or a number of days."""
    must_be = "a date, an ISO text such as 1998-06-30, or whole days since 1970-01-01"
    given = date
    if isinstance(date, str):
        try:
            date = datetime.date.fromisoformat(date)
        except ValueError:
            raise invalid_parameter(of, name, must_be, repr(given)) from None
    if isinstance(date, datetime.datetime):
        # As with dates in a table: whose calendar day counts is for the user to say.
        date = date.date() if date.tzinfo is None else None
    days: int | None = None
    # The NaT of pandas is a date too, but none that equals itself.
    if isinstance(date, datetime.date) and date == date:
        days = (date - _EPOCH).days
    elif isinstance(date, np.datetime64) and not np.isnat(date):
        days = int(date.astype("datetime64[D]").astype(np.int64))
    elif isinstance(date, (int, np.integer)) and not isinstance(date, bool):
        days = int(date)
    if days is None or abs(days) > LAST_DAY:
        raise invalid_parameter(of, name, must_be, repr(given))
    return days


def invalid_parameter(of: str, name: str, must_be: str, got: str) -> exceptions.InvalidParameterError:
    """Say what a parameter must be, in the sentence that the compiled module uses."""
    error = exceptions.InvalidParameterError(f"The `{name}` of `{of}` must be {must_be}. Got {got}.")
    error.details = {"of": of, "name": name, "must_be": must_be, "got": got}
    return error


def described(value: float) -> str:
    """Write a number of a column as errors do; whole ones without a point, NaN as what it stands for."""
    if np.isnan(value):
        return "unknown"
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def refuse_value(what: str, row: int, found: str, must_be: str, key: str | None = None) -> NoReturn:
    """Refuse what was found in a row, in the sentence of the compiled module."""
    of_key = "" if key is None else f" (`{key}`)"
    error = exceptions.InvalidValueError(f"{what} at row {row}{of_key} is {found}; {must_be}")
    error.details = {"what": what, "row": row, "key": key, "found": found, "must_be": must_be}
    raise error


def real(of: str, name: str, value: Any) -> float:
    """Check that a parameter is one finite number."""
    if not isinstance(value, (int, float, np.integer, np.floating)) or isinstance(value, bool):
        raise invalid_parameter(of, name, "a number", repr(value))
    try:
        number = float(value)
    except OverflowError:
        raise invalid_parameter(of, name, "a number up to 1.8e308", "a whole number beyond it") from None
    if not math.isfinite(number):
        raise invalid_parameter(of, name, "a finite number", str(number))
    return number


def yes_no(of: str, name: str, value: Any) -> bool:
    """Check that a parameter is True or False; a text that says no is not False."""
    if not isinstance(value, (bool, np.bool_)):
        raise invalid_parameter(of, name, "True or False", repr(value))
    return bool(value)


def whole(of: str, name: str, value: Any, least: int, most: int) -> int:
    """Check that a parameter is a whole number within its range."""
    is_whole = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    if not is_whole or not least <= value <= most:
        raise invalid_parameter(of, name, f"a whole number in [{least}, {most}]", repr(value))
    return int(value)


def one_of(of: str, name: str, value: Any, choices: Sequence[str]) -> None:
    """Check that a parameter is one of a few words."""
    if value not in choices:
        raise invalid_parameter(of, name, " or ".join(f"`{choice}`" for choice in choices), repr(value))


def text(of: str, name: str, value: Any) -> str:
    """Check that a parameter is one text."""
    if not isinstance(value, str):
        raise invalid_parameter(of, name, "a text", repr(value))
    return value


def texts(of: str, name: str, value: Any) -> list[str]:
    """Check that a parameter is a list of texts; one text alone is not a list of its letters."""
    listed = _listed(value)
    if listed is None or not all(isinstance(one, str) for one in listed):
        raise invalid_parameter(of, name, "a list of texts", repr(value))
    return listed


def by_name(of: str, name: str, value: Any) -> Mapping[str, Any]:
    """Check that a parameter is a dict whose keys are texts."""
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        raise invalid_parameter(of, name, "a dict with names as keys", repr(value))
    return value


def records(of: str, name: str, value: Any) -> list[Mapping[str, Any]]:
    """Check that a parameter is a list of dicts whose keys are texts."""
    listed = _listed(value)
    if listed is None:
        raise invalid_parameter(of, name, "a list of dicts", repr(value))
    return [by_name(of, f"{name}[{place}]", one) for place, one in enumerate(listed)]


def _listed(value: Any) -> list[Any] | None:
    """List the members of any kind of list; None for one text, a dict, and an array without dimensions."""
    is_one = isinstance(value, (str, bytes, Mapping)) or (isinstance(value, np.ndarray) and value.ndim == 0)
    return None if is_one or not isinstance(value, Iterable) else list(value)
