"""Which rep gets which lead."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from tierwise import exceptions
from tierwise._frames import Labels, frame_like
from tierwise._parameters import one_of
from tierwise._settings import plain
from tierwise._tierwise import assign_leads as _assign_leads
from tierwise.lead import _records

__all__ = ["Assignment", "assign"]


@dataclass(frozen=True)
class Assignment:
    """Who got what, why others got none, and how evenly it went.

    Attributes
    ----------
    leads : frame
        One row per lead, of the same kind and order as the leads: ``lead``, ``rep`` (``None`` where it has none),
        ``reason`` (why it has none: ``value_unknown``, ``no_rep_with_skill``, ``no_rep_in_territory``, ``excluded``,
        ``value_not_positive``, ``grade_limit``, ``full``), ``value`` (of the pair; NaN without a rep), ``kept``,
        ``eligible_reps``.
    reps : dict of arrays
        One element per rep: ``rep``, ``capacity``, ``leads``, ``kept``, ``value``, ``share_of_capacity``,
        ``shadow_price``.
    total_value : float
        The sum of the values.
    bound : float or None
        Of an optimal assignment: what no other can exceed; equal to ``total_value`` up to rounding.
    shadow_prices : dict or None
        Of an optimal assignment: by how much the total would rise if the rep could take one lead more.
    fairness : dict
        ``gini_of_leads``, ``gini_of_value``, ``lowest_share_of_capacity``, ``highest_share_of_capacity``.
    next_turn : str or None
        Of turns: the rep whose turn is next; pass it as ``start_at`` with the next batch.
    """

    leads: Any
    reps: dict[str, Any]
    total_value: float
    bound: float | None
    shadow_prices: dict[str, float] | None
    fairness: dict[str, float | None]
    next_turn: str | None


def assign(
    leads: Any,
    reps: Any,
    *,
    method: Literal["optimal", "round_robin"] = "optimal",
    lead: str = "lead",
    rep: str = "rep",
    value: str | None = "value",
    capacity: str = "capacity",
    skill: str | None = None,
    territory: str | None = None,
    grade: str | None = None,
    owner: str | None = None,
    excluded: str | None = None,
    multiplier: str | None = None,
    proficiency: Mapping[str, Mapping[str, float]] | None = None,
    grade_limits: Mapping[str, Mapping[str, int]] | None = None,
    pair_values: Any = None,
    balance: Literal["turns", "value", "share_of_capacity"] = "turns",
    start_at: str | None = None,
) -> Assignment:
    """Assign leads to reps, each lead to one rep at most, within the reps' capacities.

    A rep may have a lead when the rep has all skills that it needs, works in its territory, is not excluded, and the
    pair is worth more than 0. Leads are taken best first, then by key as text, and reps by key: the order of the rows
    does not matter.

    Parameters
    ----------
    leads, reps : data frame or dict of columns
        One row per lead and one per rep. Several names in one cell are separated by semicolons: ``"x;y"``.
    method : {"optimal", "round_robin"}
        The highest total value, exactly; or each lead to the next rep in turn.
    lead, rep : str
        The columns of the keys.
    value : str, optional
        The column of what a lead is worth: expected money, win probability, score. Not read with ``pair_values``.
    capacity : str
        The column of how many leads a rep can take.
    skill : str, optional
        The column, in both tables, of what a lead needs (all of it) and of what a rep knows.
    territory : str, optional
        The column, in both tables, of where a lead is and where a rep works; empty stands for anywhere.
    grade : str, optional
        The column of the leads' grades, for ``grade_limits``.
    owner : str, optional
        The column of the reps that leads stay with, as far as they may have them and have room.
    excluded : str, optional
        The column of reps who must not get a lead, such as ``cooling_off`` of :meth:`PoolRules.rank`.
    multiplier : str, optional
        The column of what a rep makes of a lead's value.
    proficiency : dict, optional
        Per rep a factor per skill; the lowest of the skills needed counts (inferred).
    grade_limits : dict, optional
        Per rep how many leads of a grade.
    pair_values : 2-d array, optional
        What each pair is worth, one row per lead and one column per rep, in place of ``value`` and multipliers.
    balance : {"turns", "value", "share_of_capacity"}
        Of ``"round_robin"``: the next in turn, the rep whose leads are worth least, or who has used the lowest share.
    start_at : str, optional
        Of ``"round_robin"``: the rep whose turn it is.

    Returns
    -------
    Assignment

    Raises
    ------
    InvalidValueError
        For a key that is empty or repeated or a capacity below 0; it names row and key.
    UnknownNameError
        For a rep in ``proficiency``, ``grade_limits`` or ``start_at`` that is not in the table.

    Examples
    --------
    >>> import tierwise as tw
    >>> leads = {"lead": ["l1", "l2", "l3"], "value": [90, 80, 10], "skill": ["machines", "chemicals", "machines"]}
    >>> reps = {"rep": ["ann", "ben"], "capacity": [1, 1], "skill": ["machines;chemicals", "machines"]}
    >>> result = tw.lead.assign(leads, reps, skill="skill")
    >>> result.leads["rep"], result.leads["reason"]
    (array(['ben', 'ann', None], dtype=object), array([None, None, 'full'], dtype=object))
    >>> result.total_value, result.shadow_prices
    (170.0, {'ann': 10.0, 'ben': 10.0})
    """
    one_of("assign", "method", method, ["optimal", "round_robin"])
    one_of("assign", "balance", balance, ["turns", "value", "share_of_capacity"])
    lead_keys, rep_keys = _records.keys(leads, lead), _records.keys(reps, rep)
    columns: dict[str, Any] = {"key": lead_keys}
    if value is not None and pair_values is None:
        columns["value"] = _records.reals(leads, value)
    for name, column in [("territory", territory), ("grade", grade), ("owner", owner)]:
        if column is not None:
            columns[name] = _records.texts(leads, column)
    for name, column in [("skills", skill), ("excluded", excluded)]:
        if column is not None:
            columns[name] = _records.lists(leads, column)
    of_reps: dict[str, Any] = {"key": rep_keys, "capacity": _records.counts(reps, capacity)}
    for name, column in [("skills", skill), ("territories", territory)]:
        if column is not None:
            of_reps[name] = _records.lists(reps, column)
    if multiplier is not None:
        of_reps["multiplier"] = _records.reals(reps, multiplier)
    for name, given in [("proficiency", proficiency), ("grade_limits", grade_limits)]:
        of_reps[name] = _per_rep(name, given or {}, rep_keys)
    pairs = None if pair_values is None else _pairs(pair_values, len(lead_keys), len(rep_keys))
    answer = _assign_leads(
        json.dumps(_rows(columns)),
        json.dumps(plain(_rows(of_reps), "reps")),
        pairs,
        json.dumps(balance) if method == "round_robin" else None,
        start_at,
    )
    return _assignment(leads, lead_keys, rep_keys, json.loads(answer))


def _rows(columns: dict[str, list[Any]]) -> list[dict[str, Any]]:
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _per_rep(name: str, given: Mapping[str, Mapping[str, Any]], reps: list[str]) -> list[dict[str, Any]]:
    for one in given:
        if str(one) not in reps:
            listed = ", ".join(f"`{rep}`" for rep in reps[:20])
            error = exceptions.UnknownNameError(
                f"a rep of `{name}` is `{one}`, which is not known; known are {listed or 'none'}"
            )
            error.details = {"what": f"a rep of `{name}`", "row": None, "name": str(one), "known": reps}
            raise error
    by_text = {str(one): dict(settings) for one, settings in given.items()}
    return [by_text.get(rep, {}) for rep in reps]


def _pairs(given: Any, leads: int, reps: int) -> Any:
    pairs = np.asarray(given, dtype=np.float64)
    if pairs.shape != (leads, reps):
        error = exceptions.WrongLengthError(
            f"`pair_values` has the shape {pairs.shape} where {(leads, reps)} is needed; pass one row per lead and one "
            "column per rep"
        )
        error.details = {"what": "`pair_values`", "expected": leads * reps, "found": int(pairs.size)}
        raise error
    return np.ascontiguousarray(pairs).ravel()


_REASONS = [
    "value_unknown",
    "no_rep_with_skill",
    "no_rep_in_territory",
    "excluded",
    "value_not_positive",
    "grade_limit",
    "full",
]


def labels(values: list[str | None], names: list[str]) -> Labels:
    """Write names as positions in a list."""
    place = {name: code for code, name in enumerate(names)}
    codes = [-1 if value is None else place[value] for value in values]
    return Labels(np.array(codes, dtype=np.int32), names)


def floats(values: list[float | None]) -> Any:
    """Write numbers as an array, NaN for none."""
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def _assignment(leads: Any, lead_keys: list[str], rep_keys: list[str], answer: dict[str, Any]) -> Assignment:
    codes = np.array([-1 if one is None else one for one in answer["rep"]], dtype=np.int32)
    frame = frame_like(
        leads,
        {
            "lead": np.array(lead_keys, dtype=object),
            "rep": Labels(codes, rep_keys),
            "reason": labels(answer["reason"], _REASONS),
            "value": floats(answer["value"]),
            "kept": np.array(answer["kept"], dtype=bool),
            "eligible_reps": np.array(answer["eligible_reps"], dtype=np.int64),
        },
    )
    loads = answer["loads"]
    table: dict[str, Any] = {"rep": np.array(rep_keys, dtype=object)}
    for name in ["capacity", "leads", "kept"]:
        table[name] = np.array([load[name] for load in loads], dtype=np.int64)
    for name in ["value", "share_of_capacity", "shadow_price"]:
        table[name] = floats([load[name] for load in loads])
    prices = {load["key"]: load["shadow_price"] for load in loads}
    return Assignment(
        leads=frame,
        reps=table,
        total_value=answer["total_value"],
        bound=answer["bound"],
        shadow_prices=None if answer["bound"] is None else prices,
        fairness=answer["fairness"],
        next_turn=answer["next_turn"],
    )
