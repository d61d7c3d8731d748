"""Cards: questions, points, grades and prerequisites."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tierwise._feature import Feature, as_features
from tierwise._frames import Labels, frame_like, table_of
from tierwise._models import content_of
from tierwise._parameters import records, texts, whole
from tierwise._settings import plain
from tierwise._tierwise import scorecard as _scorecard
from tierwise._tierwise import supplier_prospects as _supplier_prospects
from tierwise.lead._card_changes import CardChanges

__all__ = ["Scorecard", "supplier_prospects"]


class Scorecard(CardChanges):
    """A card: questions, answers, points, and, where it grades, bands and prerequisites.

    Parameters
    ----------
    name : str
        The name of the card.
    features : sequence of Feature
        What must be known of a customer.
    characteristics : sequence of dict
        The questions, in the order in which their points are added. Each has ``name``, ``feature``, and either
        ``attributes``, a list of ``{"when": ..., "points": ...}`` of which the first that matches holds, or
        ``per_unit``, ``{"points": ..., "up_to": ...}``. ``when`` is ``"yes"``, ``"no"``, ``"unknown"``,
        ``"otherwise"``, ``{"level": "DE"}``, ``{"any_of": ["DE", "FR"]}`` or ``{"range": {"from": 1, "below": 5}}``.
        Optional: ``group``, ``baseline`` and ``reason_code`` (this one also per attribute),
        ``neutral`` (the points of unknown under the rule ``"neutral"``), ``description``,
        ``inferred``.
    pairs : sequence of dict
        Questions about two features at once, whose points are added after those of the characteristics. Each has
        ``name``, ``features`` (two names), ``rows`` and ``columns`` (lists of conditions, written as ``when`` is; the
        first that matches holds), and ``points``, one list per row with one number per column. Optional as for
        characteristics: ``neutral``, ``group``, ``baseline``, ``reason_code``, ``description``, ``inferred``.
    grades : sequence of dict, optional
        The bands of the score, best first: ``{"name": "A", "from": 75}``, ``{"name": "B", "from": 50, "to": 75}``, ...
    prerequisites : sequence of dict
        What a grade needs, in the order in which corrections apply: ``name``, ``feature``, ``met_when`` (a condition as
        above), ``correction`` (``{"cap_at": "C"}``, ``{"notch_down": 1}`` or ``{"replace": {"A": "C"}}``), and
        ``while_unknown`` (``"unmet"``, the default, or ``"met"``).
    correction_table : sequence of dict
        Corrections by the set of unmet prerequisites instead: ``{"unmet": [...], "correction": ...}``.
    initial : float
        What the sum starts from.
    baseline : float, optional
        What reason codes are measured from, for characteristics without a ``baseline`` of their own.
    notes : sequence of str
        Words for people.

    Raises
    ------
    InvalidScorecardError, InvalidBandsError, InvalidSettingError, ...
        When the card contradicts itself; the message names the place.

    Examples
    --------
    >>> import tierwise as tw
    >>> card = tw.lead.Scorecard(
    ...     name="inbound leads",
    ...     features=[tw.Feature.yes_no("asked"), tw.Feature.number("visits"), tw.Feature.yes_no("met")],
    ...     characteristics=[
    ...         {
    ...             "name": "asked for a visit",
    ...             "feature": "asked",
    ...             "attributes": [{"when": "yes", "points": 40}, {"when": "no", "points": 0}],
    ...         },
    ...         {"name": "visits", "feature": "visits", "per_unit": {"points": 15, "up_to": 4}},
    ...     ],
    ...     grades=[{"name": "A", "from": 70}, {"name": "B", "from": 40, "to": 70}, {"name": "C", "to": 40}],
    ...     prerequisites=[
    ...         {"name": "met key person", "feature": "met", "met_when": "yes", "correction": {"cap_at": "C"}}
    ...     ],
    ... )
    >>> graded = card.grade({"asked": [True, True], "visits": [3, None], "met": [True, False]})
    >>> graded["score"], graded["best_score"]
    (array([85., 40.]), array([ 85., 100.]))
    >>> graded["raw_grade"], graded["grade"]
    (array(['A', 'B'], dtype=object), array(['A', 'C'], dtype=object))
    """

    _kind = "scorecard"

    def __init__(
        self,
        *,
        name: str,
        features: Sequence[Feature],
        characteristics: Sequence[Mapping[str, Any]] = (),
        pairs: Sequence[Mapping[str, Any]] = (),
        grades: Sequence[Mapping[str, Any]] | None = None,
        prerequisites: Sequence[Mapping[str, Any]] = (),
        correction_table: Sequence[Mapping[str, Any]] = (),
        initial: float = 0.0,
        baseline: float | None = None,
        notes: Sequence[str] = (),
    ) -> None:
        spec: dict[str, Any] = {
            "name": name,
            "notes": texts("Scorecard", "notes", notes),
            "features": [feature._spec() for feature in as_features(features)],
            "initial": initial,
            **({} if baseline is None else {"baseline": baseline}),
            "characteristics": records("Scorecard", "characteristics", characteristics),
            "pairs": records("Scorecard", "pairs", pairs),
            "prerequisites": records("Scorecard", "prerequisites", prerequisites),
            "correction_table": records("Scorecard", "correction_table", correction_table),
        }
        bands = None if grades is None else json.dumps(plain(records("Scorecard", "grades", grades), "grades"))
        self._model = _scorecard(json.dumps(plain(spec, "")), bands)

    @property
    def spec(self) -> dict[str, Any]:
        """The card as plain data: the content of its model file."""
        return content_of(self)

    @property
    def grades(self) -> list[str]:
        """The names of the grades, best first; empty for a card that does not grade."""
        return [band["name"] for band in self.spec.get("grades", [])]

    @property
    def groups(self) -> dict[str, list[str]]:
        """The groups and their terms: ``card.explain(data)[card.groups["sales"]]`` are the points of one."""
        groups: dict[str, list[str]] = {}
        spec = self.spec
        for one in [*spec["characteristics"], *spec.get("pairs", [])]:
            if "group" in one:
                groups.setdefault(one["group"], []).append(one["name"])
        return groups

    @property
    def range(self) -> tuple[float, float]:
        """The lowest and highest score that any customer can get; on a card with pairs, bounds of them."""
        return self._model.range()

    def grade(self, data: Any, reasons: int = 0) -> Any:
        """Grade a table.

        Parameters
        ----------
        data : data frame, dict of columns, or 2-d array
            As for :meth:`score`.
        reasons : int
            How many reasons to give per row.

        Returns
        -------
        frame
            Of the same kind as ``data``: ``score``, ``raw_grade``, ``grade`` (after prerequisites),
            ``binding_prerequisite`` (the unmet one whose being met would raise the grade most), ``worst_score``,
            ``best_score``, ``worst_grade``, ``best_grade`` (bounds: no answer to what is unknown goes beyond them), and
            ``reason_1`` ...: the characteristics and pairs that moved the score most, from their neutral points.

        Raises
        ------
        MissingColumnError, WrongKindError, InvalidScorecardError, ...
        """
        result = self._model.grade(table_of(data, self.features), whole("grade", "reasons", reasons, 0, 255))
        spec = self.spec
        names = [band["name"] for band in spec["grades"]]
        prerequisites = [one["name"] for one in spec.get("prerequisites", [])]

        def grades(column: str) -> Labels:
            return Labels(result[column], names)

        columns: dict[str, Any] = {
            "score": result["score"],
            "raw_grade": grades("raw_grade"),
            "grade": grades("grade"),
            "binding_prerequisite": Labels(result["binding_prerequisite"], prerequisites),
            "worst_score": result.get("worst_score", result["score"]),
            "best_score": result.get("best_score", result["score"]),
            "worst_grade": grades("worst_grade"),
            "best_grade": grades("best_grade"),
        }
        labels = self._model.reason_labels() if reasons else []
        for place, codes in enumerate(result["reasons"], start=1):
            columns[f"reason_{place}"] = Labels(np.asarray(codes), labels)
        graded = frame_like(data, columns)
        if isinstance(graded, dict) and "worst_score" not in result:
            # Frames keep their columns to themselves; arrays would be three names for one memory.
            graded |= {name: graded["score"].copy() for name in ("worst_score", "best_score")}
        return graded


def supplier_prospects() -> Scorecard:
    """Give the 17-row card of a B2B marketplace: 2 prerequisites and 15 weighted factors.

    68.9 points for customer behaviour and 30.9 for sales behaviour. What of it is inferred is marked in
    :attr:`Scorecard.spec`.

    Examples
    --------
    >>> import tierwise as tw
    >>> tw.lead.supplier_prospects().grades
    ['A', 'B', 'C', 'D']
    """
    return Scorecard._of(_supplier_prospects())
