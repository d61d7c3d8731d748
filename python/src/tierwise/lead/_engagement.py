"""Events to points, and fit beside engagement."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import narwhals as nw
import numpy as np
import numpy.typing as npt

from tierwise import exceptions
from tierwise._feature import Feature
from tierwise._frames import (
    Labels,
    column_of,
    frame_like,
    key_array,
    numbers,
    rows_like,
    table_of,
    values_like,
)
from tierwise._models import Model, content_of
from tierwise._parameters import day_of, invalid_parameter, one_of, records, texts
from tierwise._settings import plain
from tierwise._tierwise import Table
from tierwise._tierwise import engagement_change as _engagement_change
from tierwise._tierwise import event_ledger as _event_ledger
from tierwise._tierwise import event_left_out as _event_left_out
from tierwise._tierwise import event_points as _event_points
from tierwise._tierwise import event_rules as _event_rules
from tierwise._tierwise import fit_engagement as _fit_engagement
from tierwise._tierwise import fit_engagement_cells as _fit_engagement_cells

__all__ = ["EventRules", "FitEngagement"]

Strays = Literal["refuse", "leave_out"]
Duplicates = Literal["refuse", "count_once"]

_STEPS = ["before", "ageing", "data", "rules", "after"]


class EventRules(Model):
    """Rules by which dated events earn points: an engagement score that can be replayed for any past day.

    Every rule goes through the same steps, in this order: **window**, **frequency cap**, **decay**, **rule cap**,
    **group cap** (inner groups first), **total**. Points are decimal numbers with nine places and are added as such,
    so that no order of the events and no number of threads reaches a result.

    Parameters
    ----------
    rules : sequence of dict
        Each has ``name`` and ``points`` (what an event is worth on its day; may be negative), and may have

        - ``event``: the type of event that it reads; the name of the rule unless stated;
        - ``counted``: ``"every_time"`` (the default), ``"once"`` (the latest event in the window),
          ``{"first": {"n": 2, "per": "day"}}`` or ``{"last": {"n": 1, "per": "month"}}``: the earliest or latest *n* of
          each ``"day"``, ``"week"`` (from Monday), ``"month"``, ``"year"``, ``{"days": 14}`` (blocks of days, the
          first of which begins on 1970-01-01) or ``"ever"``;
        - ``window``: events of the last so many days count, ``as_of`` included;
        - ``decay``: ``{"half_life": 30}``, or ``{"linear": {"gone_after": 60}}``; ages are whole days;
        - ``minimum``, ``maximum``: the cap of the rule; and ``group``.
    groups : sequence of dict
        ``name``, ``minimum``, ``maximum``, and ``within``, the group in which it stands.
    minimum, maximum : float, optional
        The cap of the total.
    name : str
        The name of the rules.
    notes : sequence of str
        Words for people.

    Raises
    ------
    InvalidRulesError, InvalidSettingError
        When the rules contradict themselves; the message names the rule or group.

    Examples
    --------
    >>> import tierwise as tw
    >>> rules = tw.lead.EventRules(
    ...     rules=[
    ...         {"name": "demo asked for", "points": 30, "counted": "once", "window": 365},
    ...         {"name": "page seen", "points": 1, "counted": {"first": {"n": 1, "per": "day"}}, "maximum": 10},
    ...         {"name": "mail opened", "points": 4, "decay": {"half_life": 30}},
    ...     ],
    ...     maximum=100,
    ... )
    >>> events = {
    ...     "lead": ["ann", "bob", "ann", "ann"],
    ...     "type": ["page seen", "mail opened", "page seen", "demo asked for"],
    ...     "day": ["2024-05-01", "2024-04-01", "2024-05-01", "2024-04-20"],
    ... }
    >>> events["day"] = np.array(events["day"], dtype="datetime64[D]")
    >>> points = rules.points(events, lead="lead", event="type", date="day", as_of="2024-05-01")
    >>> points["lead"], points["engagement"]
    (array(['ann', 'bob'], dtype=object), array([31.,  2.]))
    """

    _kind = "event_rules"

    def __init__(
        self,
        *,
        rules: Sequence[Mapping[str, Any]],
        groups: Sequence[Mapping[str, Any]] = (),
        minimum: float | None = None,
        maximum: float | None = None,
        name: str = "",
        notes: Sequence[str] = (),
    ) -> None:
        spec = {
            "name": name,
            "notes": texts("EventRules", "notes", notes),
            "rules": records("EventRules", "rules", rules),
            "groups": records("EventRules", "groups", groups),
            "minimum": minimum,
            "maximum": maximum,
        }
        self._model = _event_rules(json.dumps(plain(spec, "")))

    @property
    def spec(self) -> dict[str, Any]:
        """The rules as plain data: the content of their model file."""
        return content_of(self)

    @property
    def rules(self) -> list[str]:
        """The names of the rules."""
        return [rule["name"] for rule in self.spec["rules"]]

    @property
    def groups(self) -> list[str]:
        """The names of the groups."""
        return [group["name"] for group in self.spec.get("groups", [])]

    def __repr__(self) -> str:
        return f"<tierwise.lead.EventRules {self.fingerprint[:8]} of {len(self.rules)} rules>"

    def points(
        self,
        events: Any,
        *,
        lead: str,
        event: str,
        date: str,
        as_of: Any,
        id: str | None = None,  # noqa: A002
        leads: Any = None,
        later: Strays = "refuse",
        unknown_events: Strays = "refuse",
        other_leads: Strays = "refuse",
        duplicates: Duplicates = "refuse",
    ) -> Any:
        """Turn events into points, one row per lead.

        Parameters
        ----------
        events : data frame or dict of columns
            One row per event, in any order.
        lead, event, date : str
            The names of the columns: the key of the lead, the type of event (text or category), and its date, or whole
            days since 1970-01-01.
        as_of : date, str or int
            The day on which the points hold; events of that day count.
        id : str, optional
            The column of event ids, by which duplicates are found.
        leads : array or series, optional
            The leads to score, in this order, those without events too; the leads of the log, ascending, unless stated.
        later : {"refuse", "leave_out"}
            What to do with events after ``as_of``; leave them out to replay a past day.
        unknown_events : {"refuse", "leave_out"}
            What to do with types of event that no rule reads.
        other_leads : {"refuse", "leave_out"}
            What to do with events of leads that are not among ``leads``.
        duplicates : {"refuse", "count_once"}
            What to do with rows that repeat an id. Rows of one id that differ are refused in any case.

        Returns
        -------
        frame
            Of the same kind as ``events``: the lead's key under the name ``lead``, ``engagement`` (the score), one
            column per rule (after its own cap), ``caps`` (what the caps of groups and of the total take or give), and
            one column per group (after its cap). The rules and ``caps`` add up to ``engagement``, exactly as decimals.

        Raises
        ------
        UnknownNameError
            For a type of event that no rule reads; it names the row.
        InvalidValueError
            For an event after ``as_of``, of another lead, or with the id of another row, and an unknown key or date;
            it names row and lead.
        """
        today = day_of("EventRules.points", "as_of", as_of)
        reading = _reading(lead, event, date, id, later, unknown_events, other_leads, duplicates)
        table = _event_table(events, lead, event, date, id)
        result = _event_points(self._model, table, reading, _lead_table(leads, lead), today)
        columns: list[tuple[str, Any]] = [(lead, key_array(result["leads"])), ("engagement", result["engagement"])]
        columns += zip(self.rules, result["rules"], strict=True)
        columns += [("caps", result["caps"]), *zip(self.groups, result["groups"], strict=True)]
        return rows_like(events, len(result["engagement"]), _distinct(columns))

    def left_out(
        self,
        events: Any,
        *,
        lead: str,
        event: str,
        date: str,
        as_of: Any,
        id: str | None = None,  # noqa: A002
        leads: Any = None,
    ) -> dict[str, int]:
        """Count the rows that :meth:`points` refuses or leaves out, by the reason why.

        Parameters are those of :meth:`points`.

        Returns
        -------
        dict
            ``duplicates``, ``other_leads``, ``unknown_events`` and ``later``. A row with several reasons is counted
            under the first of these.

        Raises
        ------
        InvalidValueError
            For rows of one id that differ, and an unknown key or date.

        Examples
        --------
        >>> import tierwise as tw
        >>> rules = tw.lead.EventRules(rules=[{"name": "call", "points": 6}])
        >>> events = {"lead": [7, 7, 8], "type": ["call", "clal", "call"], "day": [98, 99, 105]}
        >>> rules.left_out(events, lead="lead", event="type", date="day", as_of=100)
        {'duplicates': 0, 'other_leads': 0, 'unknown_events': 1, 'later': 1}
        """
        today = day_of("EventRules.left_out", "as_of", as_of)
        reading = _reading(lead, event, date, id, "leave_out", "leave_out", "leave_out", "count_once")
        table = _event_table(events, lead, event, date, id)
        counts: dict[str, int] = json.loads(
            _event_left_out(self._model, table, reading, _lead_table(leads, lead), today)
        )
        return counts

    def ledger(
        self,
        events: Any,
        *,
        lead: str,
        event: str,
        date: str,
        as_of: Any,
        id: str | None = None,  # noqa: A002
        leads: Any = None,
        later: Strays = "refuse",
        unknown_events: Strays = "refuse",
        duplicates: Duplicates = "refuse",
    ) -> Any:
        """List where the scores come from: one row per event and rule, and one per cap that holds.

        Parameters are those of :meth:`points`; events of leads that are not among ``leads`` are passed over.

        Returns
        -------
        frame
            Of the same kind as ``events``, lead by lead, each by day: the lead's key, ``day``, ``event``, ``rule``,
            ``group``, ``age`` (whole days; NaN for rows without a rule), ``points`` (what the row adds to the score),
            ``status``, and ``row`` (the row in ``events``; -1 for a cap). ``status`` is ``counted``, ``out_of_window``,
            ``over_frequency``, ``duplicate``, ``later``, ``unknown_event``, ``rule_cap``, ``group_cap`` or
            ``total_cap``. The points of a lead add up to its score, exactly as decimals.

        Examples
        --------
        >>> import tierwise as tw
        >>> rules = tw.lead.EventRules(rules=[{"name": "call", "points": 6, "window": 30, "maximum": 10}])
        >>> events = {"lead": [7, 7, 7], "type": ["call"] * 3, "day": [100, 98, 60]}
        >>> ledger = rules.ledger(events, lead="lead", event="type", date="day", as_of=100)
        >>> list(zip(ledger["points"].tolist(), ledger["status"].tolist()))
        [(0.0, 'out_of_window'), (6.0, 'counted'), (6.0, 'counted'), (-2.0, 'rule_cap')]
        """
        today = day_of("EventRules.ledger", "as_of", as_of)
        reading = _reading(lead, event, date, id, later, unknown_events, "leave_out", duplicates)
        table = _event_table(events, lead, event, date, id)
        result = _event_ledger(self._model, table, reading, _lead_table(leads, lead), today)
        columns = [
            (lead, key_array(result["leads"])[result["lead"]]),
            ("day", result["day"].view("datetime64[D]")),
            ("event", Labels(result["event"], result["events"])),
            ("rule", Labels(result["rule"], self.rules)),
            ("group", Labels(result["group"], self.groups)),
            ("age", result["age"]),
            ("points", result["points"]),
            ("status", Labels(result["status"], result["statuses"])),
            ("row", result["row"]),
        ]
        return rows_like(events, len(result["lead"]), _distinct(columns))

    def change(
        self,
        events: Any,
        *,
        lead: str,
        event: str,
        date: str,
        start: Any,
        end: Any,
        new_rules: EventRules | None = None,
        by: Literal["lead", "rule"] = "lead",
        id: str | None = None,  # noqa: A002
        leads: Any = None,
        later: Strays = "refuse",
        unknown_events: Strays = "refuse",
        other_leads: Strays = "refuse",
        duplicates: Duplicates = "refuse",
    ) -> Any:
        """Split the change of the scores between two days into ageing, data and rules.

        Four states follow each other: the score on ``start``; the same events on ``end`` (**ageing**: decay, and
        windows that events fall out of); with the events since (**data**); and by ``new_rules`` (**rules**). Each is a
        score that :meth:`points` gives, so before + ageing + data + rules = after, exactly as decimals.

        Parameters
        ----------
        events, lead, event, date, id, leads, later, unknown_events, other_leads, duplicates
            As for :meth:`points` as of ``end``.
        start, end : date, str or int
            The two days. An event belongs to ``start`` when its date is not after it; that it was entered later does
            not show.
        new_rules : EventRules, optional
            The rules that hold on ``end``; they meet these by the names of the rules.
        by : {"lead", "rule"}
            One row per lead, or one per lead and rule, and one with the rule ``caps``.

        Returns
        -------
        frame
            Of the same kind as ``events``: the lead's key, ``rule`` (with ``by="rule"``), ``before``, ``ageing``,
            ``data``, ``rules``, ``after``.

        Examples
        --------
        >>> import tierwise as tw
        >>> rules = tw.lead.EventRules(rules=[{"name": "call", "points": 8, "decay": {"half_life": 10}}])
        >>> events = {"lead": [7, 7], "type": ["call", "call"], "day": [100, 110]}
        >>> change = rules.change(events, lead="lead", event="type", date="day", start=100, end=110)
        >>> {name: column.tolist() for name, column in change.items()}
        {'lead': [7], 'before': [8.0], 'ageing': [-4.0], 'data': [8.0], 'rules': [0.0], 'after': [12.0]}
        """
        one_of("EventRules.change", "by", by, ["lead", "rule"])
        if new_rules is not None and not isinstance(new_rules, EventRules):
            raise invalid_parameter("EventRules.change", "new_rules", "EventRules or None", repr(new_rules))
        days = day_of("EventRules.change", "start", start), day_of("EventRules.change", "end", end)
        reading = _reading(lead, event, date, id, later, unknown_events, other_leads, duplicates)
        table = _event_table(events, lead, event, date, id)
        new_model = None if new_rules is None else new_rules._model
        result = _engagement_change(self._model, new_model, table, reading, _lead_table(leads, lead), *days)
        keys = key_array(result["leads"])
        if by == "lead":
            columns = [(lead, keys), *((step, result["total"][step]) for step in _STEPS)]
            return rows_like(events, len(keys), _distinct(columns))
        names = [*result["names"], "caps"]
        # One lead after the other, and each with its parts in order.
        columns = [
            (lead, np.repeat(keys, len(names))),
            ("rule", Labels(np.tile(np.arange(len(names)), len(keys)), names)),
            *((step, np.stack([part[step] for part in result["parts"]], axis=1).ravel()) for step in _STEPS),
        ]
        return rows_like(events, len(keys) * len(names), _distinct(columns))


class FitEngagement(Model):
    """Who they are beside what they do: a matrix of fit bands (A, B, C) by engagement bands (1, 2, 3).

    Parameters
    ----------
    fit, engagement : sequence of dict
        The bands of either score, best first: ``{"name": "A", "from": 70}``, ``{"name": "B", "to": 70}``. The outermost
        ones are open, so that every score has a label.

    Raises
    ------
    InvalidBandsError
        For bands that leave a gap or overlap, and for two cells with the same label.

    Examples
    --------
    >>> import tierwise as tw
    >>> matrix = tw.lead.FitEngagement(
    ...     fit=[{"name": "A", "from": 70}, {"name": "B", "from": 40, "to": 70}, {"name": "C", "to": 40}],
    ...     engagement=[{"name": "1", "from": 50}, {"name": "2", "from": 10, "to": 50}, {"name": "3", "to": 10}],
    ... )
    >>> matrix.label([85, 41, None], [12, 90, 90])
    array(['A2', 'B1', None], dtype=object)
    """

    _kind = "fit_engagement"

    def __init__(self, *, fit: Sequence[Mapping[str, Any]], engagement: Sequence[Mapping[str, Any]]) -> None:
        self._model = _fit_engagement(
            json.dumps(plain(records("FitEngagement", "fit", fit), "fit")),
            json.dumps(plain(records("FitEngagement", "engagement", engagement), "engagement")),
        )

    @property
    def labels(self) -> list[str]:
        """The labels of all cells: A1, A2, A3, B1, ... The order is that of the table, not a ranking."""
        return self._model.outcomes()

    def label(self, fit_score: Any, engagement_score: Any) -> Any:
        """Give the label of each lead, of the same kind as ``fit_score``; none where a score is unknown.

        Scores meet by their position, not by an index.
        """
        cells, _, _ = self._cells(fit_score, engagement_score)
        return values_like(fit_score, "label", Labels(cells, self.labels))

    def side_by_side(self, fit_score: Any, engagement_score: Any) -> Any:
        """Give both scores, the band of each, and the label, of the same kind as ``fit_score``.

        Returns
        -------
        frame
            ``fit_score``, ``engagement_score``, ``fit``, ``engagement``, ``label``.
        """
        cells, fit, engagement = self._cells(fit_score, engagement_score)
        spec = content_of(self)

        def bands(name: str, codes: npt.NDArray[np.int64]) -> Labels:
            return Labels(codes, [band["name"] for band in spec[name]])

        columns = {
            "fit_score": numbers("fit_score", fit_score),
            "engagement_score": numbers("engagement_score", engagement_score),
            "fit": bands("fit", fit),
            "engagement": bands("engagement", engagement),
            "label": Labels(cells, self.labels),
        }
        return frame_like(fit_score.to_frame() if hasattr(fit_score, "to_frame") else fit_score, columns)

    def _cells(self, fit_score: Any, engagement_score: Any) -> Any:
        fit, engagement = numbers("fit_score", fit_score), numbers("engagement_score", engagement_score)
        return _fit_engagement_cells(self._model, fit, engagement)


def _reading(
    lead: str,
    event: str,
    date: str,
    id_: str | None,
    later: str,
    unknown_events: str,
    other_leads: str,
    duplicates: str,
) -> str:
    for name, value in [("later", later), ("unknown_events", unknown_events), ("other_leads", other_leads)]:
        one_of("EventRules", name, value, ["refuse", "leave_out"])
    one_of("EventRules", "duplicates", duplicates, ["refuse", "count_once"])
    policy = {
        "later": later,
        "unknown_events": unknown_events,
        "other_leads": other_leads,
        "duplicates": duplicates,
    }
    return json.dumps({"lead": lead, "event": event, "date": date, "id": id_, "policy": policy})


def _event_table(events: Any, lead: str, event: str, date: str, id_: str | None) -> Table:
    if isinstance(events, np.ndarray):
        error = exceptions.WrongKindError(
            "the table holds an array where a data frame or a dict of columns is due, for its columns need names; "
            "convert it before the call"
        )
        expected = "a data frame or a dict of columns"
        error.details = {"column": "the table", "row": None, "expected": expected, "found": "an array"}
        raise error
    also = [lead, event] if id_ is None else [lead, event, id_]
    return table_of(events, [Feature.number(date)], also)


def _lead_table(leads: Any, name: str) -> Table | None:
    if leads is None:
        return None
    if nw.dependencies.is_polars_series(leads):
        return table_of(leads.alias(name).to_frame())
    return Table.from_columns([(name, column_of(name, leads))])


def _distinct(columns: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    named = dict(columns)
    if len(named) < len(columns):
        name = columns[0][0]
        error = exceptions.DuplicateColumnError(f"column `{name}` occurs more than once; rename or drop one of them")
        error.details = {"column": name}
        raise error
    return named
