"""Ladders of grades, cards whose criteria are steps, and grades set by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tierwise import _tierwise
from tierwise._feature import Feature, as_features
from tierwise._frames import Labels, frame_like, labels_of, positions, series_like, table_of
from tierwise._models import ScoreModel
from tierwise._parameters import day_of, invalid_parameter, records, text, texts, whole
from tierwise._settings import plain


class Ladder:
    """Grades in order, from the lowest to the highest, and the one on which a lead starts.

    Parameters
    ----------
    rungs : sequence of str, optional
        The grades; by default the published thirds F, D-, D, D+, ... A+.
    start : str, optional
        The grade to start from; D for the published ladder, else the lowest.

    Examples
    --------
    >>> import tierwise as tw
    >>> ladder = tw.lead.Ladder()
    >>> ladder.step("D", 3), ladder.step("A", 9), ladder.distance("D", "A+")
    ('C', 'A+', 10)
    """

    def __init__(self, rungs: Sequence[str] | None = None, start: str | None = None) -> None:
        thirds, d = _tierwise.ladder_of_thirds()
        self.rungs = thirds if rungs is None else texts("Ladder", "rungs", rungs)
        first = d if rungs is None else (self.rungs[0] if self.rungs else "")
        self.start = first if start is None else text("Ladder", "start", start)
        _tierwise.ladder_step(self.rungs, self.start, self.start, 0)

    def step(self, grade: str, steps: int) -> str:
        """Take steps up, or down where negative; the ends hold."""
        steps = whole("step", "steps", steps, -(2**62), 2**62)
        return _tierwise.ladder_step(self.rungs, self.start, text("step", "grade", grade), steps)

    def distance(self, grade: str, other: str) -> int:
        """Count the steps from one grade to another; negative downwards."""
        ends = text("distance", "grade", grade), text("distance", "other", other)
        return _tierwise.ladder_distance(self.rungs, self.start, *ends)


class LadderCard(ScoreModel):
    """A card whose criteria move a lead up and down a ladder; only the sum of steps is held at the ends.

    Parameters
    ----------
    name : str
        The name of the card.
    features : sequence of Feature
        What must be known of a customer.
    criteria : sequence of dict
        ``name``, ``feature``, ``met_when`` (a condition as for a card), ``up`` (steps when met) and ``down`` (steps
        when known not to be met; 0 by default). Unknown moves nothing.
    ladder : Ladder, optional
        The published thirds by default.
    notes : sequence of str
        Words for people.

    Examples
    --------
    >>> import tierwise as tw
    >>> card = tw.lead.LadderCard(
    ...     name="fit",
    ...     features=[tw.Feature.yes_no("decides")],
    ...     criteria=[{"name": "decides", "feature": "decides", "met_when": "yes", "up": 3, "down": 1}],
    ... )
    >>> card.grade({"decides": [True, False, None]})
    array(['C', 'D-', 'D'], dtype=object)
    """

    _kind = "ladder_card"

    def __init__(
        self,
        *,
        name: str,
        features: Sequence[Feature],
        criteria: Sequence[Mapping[str, Any]],
        ladder: Ladder | None = None,
        notes: Sequence[str] = (),
    ) -> None:
        of = "LadderCard"
        ladder = Ladder() if ladder is None else ladder
        if not isinstance(ladder, Ladder):
            raise invalid_parameter(of, "ladder", "a Ladder", repr(ladder))
        spec = {
            "name": name,
            "notes": texts(of, "notes", notes),
            "features": [feature._spec() for feature in as_features(features)],
            "ladder": {"rungs": ladder.rungs, "start": ladder.start},
            "criteria": records(of, "criteria", criteria),
        }
        self._model = _tierwise.ladder_card(json.dumps(plain(spec)))

    @property
    def grades(self) -> list[str]:
        """The grades, best first."""
        return self._model.outcomes()

    def grade(self, data: Any) -> Any:
        """Give the grade of each row, of the same kind as ``data``; :meth:`explain` gives the steps."""
        codes = self._model.assign(table_of(data, self.features))
        return series_like(data, "grade", Labels(codes, self.grades))


def apply_overrides(
    data: Any,
    overrides: Sequence[Mapping[str, Any]],
    *,
    lead: str,
    grade: str,
    grades: Sequence[str],
    as_of: Any,
) -> Any:
    """Put grades set by hand over computed ones, as of a day; the computed ones are kept.

    Parameters
    ----------
    data : data frame or dict of columns
        One row per lead with its computed grade.
    overrides : sequence of dict
        Each has ``lead``, ``grade``, ``reason``, ``author``, ``set_on`` (the first day it holds) and, optionally,
        ``expires_on`` (the first day it no longer holds). Leads are compared by their text.
    lead, grade : str
        The names of the columns.
    grades : sequence of str
        The grades that exist.
    as_of : date, str or int
        The day.

    Returns
    -------
    frame
        ``grade`` (the effective one), ``computed_grade``, ``override`` (``"none"``, ``"active"``, ``"expired"``,
        ``"not_yet"``), ``override_reason``, ``override_author``.

    Raises
    ------
    UnknownNameError, InvalidValueError
        For unknown grades, missing reasons or authors, an expiry that is not after the day set, and two overrides of
        one lead that share a day, be it before or after ``as_of``.

    Examples
    --------
    >>> import tierwise as tw
    >>> by_hand = {"lead": "acme", "grade": "A", "reason": "met the owner", "author": "mia", "set_on": "2026-01-01"}
    >>> leads = {"lead": ["acme", "zeta"], "grade": ["C", "B"]}
    >>> tw.lead.apply_overrides(
    ...     leads, [by_hand], lead="lead", grade="grade", grades=["A", "B", "C"], as_of="2026-02-01"
    ... )["grade"]
    array(['A', 'B'], dtype=object)
    """
    of = "apply_overrides"
    as_day = day_of(of, "as_of", as_of)
    columns_read = [text(of, "lead", lead), text(of, "grade", grade)]
    if isinstance(data, np.ndarray):
        raise invalid_parameter(of, "data", "a data frame or a dict of columns, for its columns need names", "an array")
    table_of(data, [], columns_read)
    read = []
    for row, one in enumerate(records(of, "overrides", overrides)):
        entry = dict(one)
        for name in ("set_on", "expires_on"):
            if entry.get(name) is not None:
                entry[name] = day_of(of, f"overrides[{row}].{name}", entry[name])
        entry["lead"] = _key_of(entry.get("lead"))
        read.append(entry)
    names = texts(of, "grades", grades)
    computed = positions("the computed grade", data[grade], names)
    leads = [text or "" for text in labels_of(lead, data[lead])]
    codes, states, by = _tierwise.apply_overrides(names, leads, computed, json.dumps(plain(read, "overrides")), as_day)

    def said(key: str) -> Labels:
        return Labels.of_texts([None if one < 0 else read[one][key] for one in by.tolist()])

    columns = {
        "grade": Labels(codes, names),
        "computed_grade": Labels(np.asarray(computed), names),
        "override": Labels.of_texts(states),
        "override_reason": said("reason"),
        "override_author": said("author"),
    }
    return frame_like(data, columns)


def _key_of(lead: Any) -> str:
    """Write a lead as a table of one row would; an unknown one is empty, which is refused."""
    return (labels_of("lead", [lead]) or [""])[0] or ""
