"""What is wrong with a table before a fit; what users type is re-exported by ``tierwise.learn``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple, cast

import numpy as np

from tierwise import _feature
from tierwise._feature import Feature
from tierwise._frames import Floats, column_of, numbers, table_of
from tierwise._parameters import day_of, invalid_parameter, real, texts
from tierwise._tierwise import Table
from tierwise._tierwise import check_data as _check_data
from tierwise._training import training_of

__all__ = ["Finding", "check_data"]


class Finding(NamedTuple):
    """One thing that :func:`check_data` found; ``pandas.DataFrame(findings)`` shows them."""

    code: str
    severity: Literal["stop", "warn", "note"]
    columns: list[str]
    evidence: dict[str, float]
    message: str


def check_data(
    data: Any,
    outcome: Any,
    *,
    positive: Any,
    features: Sequence[Feature | str] | None = None,
    categories: Sequence[str] = (),
    weights: Any = None,
    test: Any = None,
    days: Any = None,
    as_of: Any = None,
    dates: Sequence[str] | None = None,
    groups: Any = None,
    test_groups: Any = None,
    stop_auc: float = 0.95,
    warn_auc: float = 0.8,
    odds: float = 8.0,
    events_per_parameter: float = 10.0,
) -> list[Finding]:
    """Look for what is wrong with a table before anything is learned from it.

    Columns that give the outcome away, rows that occur twice or on both sides of a split, columns that say nothing or
    the same as another, columns that name rows, a base rate that drifts, too few events. Nothing is printed or changed.
    An empty list means that none of these checks found anything, not that the table is sound.

    Parameters
    ----------
    data : data frame, dict of columns, or 2-d array
        One row per customer.
    outcome : array or str
        One label per row, or the name of the column of ``data`` that holds them.
    positive : object
        The label that counts as event. It is named, never guessed.
    features : sequence of Feature or str, optional
        What to look at; without it every column that is not named elsewhere.
    categories : sequence of str
        Columns of whole numbers that name levels, where ``features`` is left out.
    weights : array, optional
        How many customers each row stands for.
    test : data frame, dict of columns, or 2-d array, optional
        The table on which the model will be judged: do its rows occur in ``data``?
    days : array or str, optional
        The day of each row, or the name of its column: does the base rate drift?
    as_of : date, str or array, optional
        The day from which rows are scored: one for all (a date, an ISO text, days since 1970-01-01), one per row, or
        the name of a column. Do columns of dates lie after it?
    dates : sequence of str, optional
        The columns of dates to hold against ``as_of``; without it all columns whose type is a date.
    groups, test_groups : array or str, optional
        Who each row of ``data`` and of ``test`` is about, or the name of the column: do customers occur more than once,
        or on both sides?
    stop_auc, warn_auc : float
        The AUC of a column alone from which it stops or warns, between 0.5 and 1.
    odds : float
        A column warns that multiplies the odds by so much for some rows and divides them by as much for others.
    events_per_parameter : float
        Fewer rows of the rarer class than this per parameter warn.

    Returns
    -------
    list of Finding
        The gravest first: code, severity (``"stop"``, ``"warn"``, ``"note"``), columns, evidence (numbers by name), and
        one sentence that says what, where, and what to do.

    Raises
    ------
    OneClassError, WrongLengthError, MissingColumnError, InvalidValueError, ...
        The message says what was found, and where.

    Examples
    --------
    >>> import tierwise as tw
    >>> visits, left = list(range(10)) * 20, ["no", "no", "no", "yes"] * 50
    >>> reason = [None if answer == "no" else "price" for answer in left]
    >>> found = tw.learn.check_data({"visits": visits, "reason": reason, "left": left}, "left", positive="yes")
    >>> found[0].code, found[0].severity, found[0].columns
    ('known_for_one_class', 'stop', ['reason'])
    """
    of = "check_data"
    tested = None if test is None else _plain_table(test, data)

    def infer(table: Table, aside: list[str], named: list[str]) -> str:
        return table.infer_all_features(tested, aside, named)

    per_row = _is_column_name(data, as_of)
    also = [days, groups, as_of if per_row or not isinstance(as_of, str) else None]
    if test_groups is not None and (groups is None or test is None):
        raise invalid_parameter(of, "test_groups", "left out where `groups` or `test` is not given", repr(test_groups))
    training = training_of(
        data, outcome, features=features, categories=categories, weights=weights, also=also, infer=infer
    )
    names = [feature.name for feature in training.features]
    if as_of is None and dates is not None:
        raise invalid_parameter(of, "dates", "left out where `as_of` is not given", repr(dates))
    dated = training.table.date_columns() if dates is None else texts(of, "dates", dates)
    limits = {
        "stop_auc": real(of, "stop_auc", stop_auc),
        "warn_auc": real(of, "warn_auc", warn_auc),
        "odds": real(of, "odds", odds),
        "events_per_parameter": real(of, "events_per_parameter", events_per_parameter),
    }
    found = _check_data(
        json.dumps(limits),
        *training.fit(positive)[:6],
        None if test is None else table_of(test, training.features),
        None if days is None else _days("days", days, training.table),
        None if as_of is None else _as_of(as_of, per_row, training.table),
        [name for name in dated if dates is not None or name in names],
        None if groups is None else _keys("groups", groups, data),
        None if test_groups is None else _keys("test_groups", test_groups, test),
    )
    return [
        Finding(code, cast(Literal["stop", "warn", "note"], severity), columns, dict(evidence), message)
        for code, severity, columns, evidence, message in found
    ]


def _plain_table(test: Any, data: Any) -> Table | None:
    """Read the test for its levels; an array has none."""
    return None if isinstance(data, np.ndarray) or isinstance(test, np.ndarray) else table_of(test)


def _is_column_name(data: Any, name: Any) -> bool:
    if not isinstance(name, str) or isinstance(data, np.ndarray):
        return False
    columns = getattr(data, "column_names", None)
    return name in (columns if columns is not None else getattr(data, "columns", data))


def _days(what: str, values: Any, table: Table) -> Floats:
    if isinstance(values, str):
        return table.values(_feature.to_json([Feature.number(values)]), False)[0]
    return numbers(what, values)


def _as_of(as_of: Any, per_row: bool, table: Table) -> Floats:
    if per_row or (hasattr(as_of, "__len__") and not isinstance(as_of, str)):
        return _days("as_of", as_of, table)
    return np.array([float(day_of("check_data", "as_of", as_of))])


def _keys(what: str, groups: Any, data: Any) -> tuple[Table, str]:
    """Give a table and the name of its column of keys."""
    if not isinstance(groups, str):
        return Table.from_columns([(what, column_of(what, groups))]), what
    if isinstance(data, np.ndarray):
        must_be = "an array of keys: an array of values has no column names"
        raise invalid_parameter("check_data", what, must_be, repr(groups))
    return table_of(data, (), [groups]), groups
