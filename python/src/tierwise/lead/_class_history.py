"""The way of leads through classes: how long they stay, where they go, which stand still, and what share closes."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

import narwhals as nw
import numpy as np

from tierwise._frames import (
    Labels,
    column_of,
    key_array,
    label_of,
    numbers,
    rows_like,
    table_of,
    wrong_kind,
)
from tierwise._parameters import day_of, invalid_parameter, one_of, real, whole
from tierwise._tierwise import ClassHistory as _ClassHistory
from tierwise._tierwise import Table
from tierwise._tierwise import class_pyramid as _class_pyramid
from tierwise.lead._classes import MilestoneClasses

__all__ = ["ClassDwell", "ClassHistory", "ClassPyramid", "PyramidRow", "Transition", "class_pyramid"]

_MOST_DAYS = 2**31 - 1


class ClassDwell(NamedTuple):
    """How long leads stay in one class, in days; NaN where there are too few stays, or too many last, to tell.

    ``mean_completed`` and ``median_completed`` look back on stays that are over, and are too short while many last.
    ``median`` and ``quantiles`` (days by share) count ongoing stays for the days they have lasted (Kaplan and Meier
    1958, *JASA* 53).
    """

    class_: str
    completed: int
    ongoing: int
    mean_completed: float
    median_completed: float
    median: float
    quantiles: dict[float, float]


class Transition(NamedTuple):
    """How many completed stays in ``from_`` ended in ``to``, their share of all of them, and its interval."""

    from_: str
    to: str
    stays: int
    of: int
    rate: float
    low: float
    high: float


class PyramidRow(NamedTuple):
    """One class: its leads, their share of all, and how many of those counted were won, with the interval of the rate.

    The rate is NaN where no lead tells it.
    """

    class_: str
    leads: int
    share: float
    won: int
    counted: int
    rate: float
    low: float
    high: float


class ClassPyramid(NamedTuple):
    """How many leads stand in each class, best first, and what share of them is won; unknown classes are in no row."""

    classes: list[PyramidRow]
    leads: int
    unknown: int


class ClassHistory:
    """The stays of leads in classes, from dated entries.

    Entries come in any order. The same entry twice, and an entry into the class in which the lead already is (as in
    monthly snapshots), begin no new stay. Of several entries of one lead on one day the worst class comes first and the
    best last, then ``lost``, then ``closed``. A lead that comes back to a class begins a new stay there. These rules
    are inferred; no source states them.

    Parameters
    ----------
    history : data frame or dict of columns
        One row per entry of a lead into a class.
    lead, class_, date : str
        The names of the columns: the key of the lead, the class, and the date (or whole days since 1970-01-01).
    classes : sequence of str, or MilestoneClasses
        All classes, best first.
    closed : str
        The class of leads that were won; no dwell time, no stale lead and no close rate is given for it.
    lost : str, optional
        The class of leads that were lost, likewise.
    as_of : date, str or int
        The day on which the history is read; entries on that day count.
    later : {"refuse", "leave_out"}
        What to do with entries after ``as_of``; those left out are counted in :attr:`left_out`.

    Raises
    ------
    UnknownNameError
        For a class in the data (with the row), ``closed`` or ``lost`` that is not among ``classes``.
    InvalidValueError
        For an entry after ``as_of``, an unknown key, class or date; it names row and lead.
    InvalidParameterError, MissingColumnError, EmptyTableError, ...

    Examples
    --------
    >>> import tierwise as tw
    >>> entries = {
    ...     "id": ["ann", "ann", "ann", "bob"],
    ...     "class": ["cold", "hot", "won", "cold"],
    ...     "day": [0, 10, 30, 40],
    ... }
    >>> history = tw.lead.ClassHistory(
    ...     entries, lead="id", class_="class", date="day", classes=["won", "hot", "cold"], closed="won", as_of=100
    ... )
    >>> [(dwell.class_, dwell.completed, dwell.ongoing, dwell.median) for dwell in history.dwell()]
    [('hot', 1, 0, 20.0), ('cold', 1, 1, 10.0)]
    >>> stale = history.stale(days={"cold": 30})
    >>> stale["lead"], stale["days"]
    (array(['bob'], dtype=object), array([60]))
    """

    def __init__(
        self,
        history: Any,
        *,
        lead: str,
        class_: str,
        date: str,
        classes: Sequence[str] | MilestoneClasses,
        closed: str,
        lost: str | None = None,
        as_of: Any,
        later: Literal["refuse", "leave_out"] = "refuse",
    ) -> None:
        one_of("ClassHistory", "later", later, ["refuse", "leave_out"])
        self._as_of = day_of("ClassHistory", "as_of", as_of)
        self._classes = (
            classes.names if isinstance(classes, MilestoneClasses) else _names("ClassHistory", "classes", classes)
        )
        self._open = [name for name in self._classes if name not in (closed, lost)]
        self._history = _ClassHistory(
            _table_with_names(history, [lead, class_, date]),
            lead,
            class_,
            date,
            self._classes,
            closed,
            lost,
            self._as_of,
            later == "leave_out",
        )
        self._like = _without_rows(history)

    def __repr__(self) -> str:
        return f"<tierwise.lead.ClassHistory of {len(self._classes)} classes>"

    @property
    def classes(self) -> list[str]:
        """The classes, best first."""
        return list(self._classes)

    @property
    def merged(self) -> int:
        """Entries that began no new stay."""
        return self._history.merged()

    @property
    def left_out(self) -> int:
        """Entries after ``as_of``."""
        return self._history.left_out()

    def stays(self) -> Any:
        """Give all stays, by lead and day.

        Returns
        -------
        frame
            Of the same kind as the history: ``lead``, ``class``, ``from`` and ``to`` (dates; ``to`` is unknown while
            the stay lasts) and ``next_class``.
        """
        found = self._history.stays()
        columns = {
            "lead": key_array(found["lead"]),
            "class": Labels(found["class"], self._classes),
            "from": found["from"].view("datetime64[D]"),
            "to": found["to"].astype("datetime64[D]"),
            "next_class": Labels(found["next"], self._classes),
        }
        return rows_like(self._like, len(found["class"]), columns)

    def dwell(self, quantiles: Sequence[float] = (0.5, 0.9)) -> list[ClassDwell]:
        """Say how long leads stay in each open class.

        Parameters
        ----------
        quantiles : sequence of float
            Shares in (0, 1): by how many days is this share of the stays over?
        """
        found = json.loads(self._history.dwell(numbers("quantiles", quantiles).tolist()))
        return [
            ClassDwell(
                one["class"],
                one["completed"],
                one["ongoing"],
                _known(one["mean_completed"]),
                _known(one["median_completed"]),
                _known(one["median"]),
                {quantile: _known(days) for quantile, days in one["quantiles"]},
            )
            for one in found
        ]

    def transitions(self, *, confidence: float = 0.95) -> list[Transition]:
        """Say how often leads went from which class to which; ongoing stays count in neither number.

        Parameters
        ----------
        confidence : float
            Of the Jeffreys intervals, in (0, 1).
        """
        found = json.loads(self._history.transitions(real("transitions", "confidence", confidence)))
        return [Transition(one["from"], one["to"], *_rate(one["rate"])) for one in found]

    def limits(
        self, *, days: float | Mapping[str, float] | None = None, quantile: float | None = None
    ) -> dict[str, float]:
        """Give the days after which a lead is stale, per class that has such a limit; as :meth:`stale` takes them."""
        limits = self._history.limits(*self._limit(days, quantile))
        return {name: days for name, days in zip(self._classes, limits, strict=True) if days is not None}

    def stale(self, *, days: float | Mapping[str, float] | None = None, quantile: float | None = None) -> Any:
        """Find the leads that have been in an open class for longer than its limit.

        Parameters
        ----------
        days : float or dict, optional
            The limit in days: one for all open classes, or one per class by name; a class that is not named has none.
        quantile : float, optional
            Instead: the days by which this share of all stays in the class is over, in (0, 1), as in :meth:`dwell`. A
            class in which so many never were over has no limit.

        Returns
        -------
        frame
            Of the same kind as the history, the furthest beyond its limit first: ``lead``, ``class``, ``since`` (date),
            ``days`` (in the class) and ``limit``.

        Raises
        ------
        InvalidParameterError
            When not exactly one of the two is given, or it is out of range.
        UnknownNameError
            For a limit of a class that there is not.
        """
        found = self._history.stale(*self._limit(days, quantile))
        columns = {
            "lead": key_array(found["lead"]),
            "class": Labels(_codes(found["class"], self._classes), self._classes),
            "since": found["since"].view("datetime64[D]"),
            "days": found["days"],
            "limit": found["limit"],
        }
        return rows_like(self._like, len(found["days"]), columns)

    def _limit(
        self, days: float | Mapping[str, float] | None, quantile: float | None
    ) -> tuple[list[tuple[str, float]], float | None]:
        if (days is None) == (quantile is None):
            got = "neither" if days is None else "both"
            raise invalid_parameter("stale", "days", "given, or else the `quantile`, and not both", got)
        if days is None:
            return [], real("stale", "quantile", quantile)
        if not isinstance(days, Mapping):
            return [(name, real("stale", "days", days)) for name in self._open], None
        return [(label_of(name), real("stale", f"days[{name!r}]", limit)) for name, limit in days.items()], None

    def pyramid(self, *, window: int, horizon: int, confidence: float = 0.95) -> ClassPyramid:
        """Count the leads per class on ``as_of``, with close rates of a cohort that had time to close.

        The rate of a class looks at the leads that entered it in the ``window`` days that ended ``horizon`` days ago,
        each by its first entry there; won are those that entered ``closed`` within ``horizon`` days of that entry. So
        all had the same time. ``closed`` and ``lost`` have no rate.

        Parameters
        ----------
        window, horizon : int
            In days, at least 1.
        confidence : float
            Of the Jeffreys intervals, in (0, 1).
        """
        found = self._history.pyramid(
            whole("pyramid", "window", window, 1, _MOST_DAYS),
            whole("pyramid", "horizon", horizon, 1, _MOST_DAYS),
            real("pyramid", "confidence", confidence),
        )
        return _pyramid(found)


def class_pyramid(
    classes: Any, won: Any, *, names: Sequence[str] | MilestoneClasses, confidence: float = 0.95
) -> ClassPyramid:
    """Count the leads of a snapshot per class, and give the share of them that was won later.

    Leads that are not decided yet count as leads and not in the rate; so let all have had the same time to be won, or
    the rate flatters the quick ones. :meth:`ClassHistory.pyramid` sees to that itself.

    Parameters
    ----------
    classes : array or series
        The class of each lead on the day of the snapshot; unknown ones are counted apart.
    won : array or series
        Whether it was won later: yes, no, or unknown while that is not decided.
    names : sequence of str, or MilestoneClasses
        All classes, best first.
    confidence : float
        Of the Jeffreys intervals, in (0, 1).

    Raises
    ------
    UnknownNameError, WrongLengthError, InvalidValueError, InvalidParameterError, EmptyTableError

    Examples
    --------
    >>> import tierwise as tw
    >>> pyramid = tw.lead.class_pyramid(["hot", "cold", "cold", None], [1, 0, None, 1], names=["hot", "cold"])
    >>> [(row.class_, row.leads, row.won, row.counted) for row in pyramid.classes]
    [('hot', 1, 1, 1), ('cold', 2, 0, 1)]
    >>> pyramid.leads, pyramid.unknown
    (3, 1)
    """
    listed = names.names if isinstance(names, MilestoneClasses) else _names("class_pyramid", "names", names)
    table = Table.from_columns([("class", column_of("class", classes))])
    confidence = real("class_pyramid", "confidence", confidence)
    return _pyramid(_class_pyramid(table, "class", numbers("won", won), listed, confidence))


def _pyramid(text: str) -> ClassPyramid:
    found = json.loads(text)
    rows = [PyramidRow(one["class"], one["leads"], one["share"], *_rate(one["close_rate"])) for one in found["classes"]]
    return ClassPyramid(rows, found["leads"], found["unknown"])


def _rate(rate: Mapping[str, float] | None) -> tuple[int, int, float, float, float]:
    if rate is None:
        return 0, 0, math.nan, math.nan, math.nan
    return int(rate["events"]), int(rate["trials"]), rate["rate"], rate["low"], rate["high"]


def _known(value: float | None) -> float:
    return math.nan if value is None else value


def _names(of: str, name: str, classes: Any) -> list[str]:
    if isinstance(classes, str) or not hasattr(classes, "__iter__"):
        raise invalid_parameter(of, name, "the names of the classes, best first", repr(classes))
    return [label_of(one) for one in classes]


def _codes(names: Sequence[str], classes: Sequence[str]) -> Any:
    place = {name: code for code, name in enumerate(classes)}
    return np.array([place[name] for name in names], dtype=np.int64)


def _table_with_names(data: Any, columns: list[str]) -> Table:
    if isinstance(data, np.ndarray):
        raise wrong_kind("the history", "a data frame or a dict of columns, which have names,", "an array")
    return table_of(data, [], columns)


def _without_rows(data: Any) -> Any:
    """Keep the kind of a frame without its rows."""
    frame = nw.from_native(data, eager_only=True, pass_through=True)
    return frame.head(0).to_native() if isinstance(frame, nw.DataFrame) else {}
