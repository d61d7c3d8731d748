"""Reason codes, what would raise a grade, why a score changed, and grades that are held at an edge."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from tierwise import _tierwise
from tierwise._frames import Labels, frame_like, numbers, positions, table_of, values_like
from tierwise._models import ScoreModel
from tierwise._parameters import (
    by_name,
    invalid_parameter,
    real,
    records,
    text,
    texts,
    whole,
)
from tierwise._settings import plain

if TYPE_CHECKING:
    from tierwise.lead._card import Scorecard


@dataclass(frozen=True)
class Raises:
    """What would raise grades: ``leads``, a frame with one row per lead, and ``changes``, a list of dicts per lead."""

    leads: Any
    changes: list[list[dict[str, Any]]]


@dataclass(frozen=True)
class ScoreChange:
    """Why scores changed: ``leads`` has one row per lead, the others one column per characteristic and ``(initial)``.

    ``levels`` holds the contributions ``before``, ``aged``, with new ``data`` and with the new ``card``.
    """

    leads: Any
    ageing: Any
    data: Any
    card: Any
    levels: dict[str, Any]


class CardChanges(ScoreModel):
    """What a card says beyond the grade."""

    def reason_codes(
        self,
        data: Any,
        *,
        most: int = 3,
        algorithm: Literal["points_below", "points_above"] = "points_below",
        keep: Literal["positive", "not_negative", "all"] = "positive",
        padding: str | None = None,
        ties: Literal["card", "name"] = "card",
    ) -> Any:
        """Give reason codes as PMML 4.4 scorecards do: how far each reason lies below, or above, its baseline.

        Parameters
        ----------
        data : data frame, dict of columns, or 2-d array
            As for :meth:`score`.
        most : int
            The most codes per row.
        algorithm : {"points_below", "points_above"}
            Baseline minus points, or points minus baseline.
        keep : {"positive", "not_negative", "all"}
            Which summed differences count as reasons.
        padding : str, optional
            What fills the places left over; without it they are empty.
        ties : {"card", "name"}
            Which of two equal codes comes first: the one the card mentions first, or by name.

        Returns
        -------
        frame
            ``reason_code_1``, ``reason_code_1_difference``, ...; NaN where there is no further reason.

        Examples
        --------
        >>> import tierwise as tw
        >>> card = tw.lead.supplier_prospects()
        >>> lead = {feature.name: [1.0] for feature in card.features}
        >>> card.reason_codes(lead, most=1, algorithm="points_above")["reason_code_1"]
        array(['asked_for_contact'], dtype=object)
        """
        settings: dict[str, Any] = {
            "most": whole("reason_codes", "most", most, 0, 255),
            "algorithm": algorithm,
            "keep": keep,
        }
        settings |= {"padding": padding, "ties": ties}
        names, codes, differences = _tierwise.reason_codes(
            self._model, table_of(data, self.features), json.dumps(plain(settings))
        )
        columns: dict[str, Any] = {}
        for place, (code, difference) in enumerate(zip(codes, differences, strict=True), start=1):
            columns[f"reason_code_{place}"] = Labels(code, names)
            columns[f"reason_code_{place}_difference"] = difference
        return frame_like(data, columns)

    def what_would_raise(
        self, data: Any, *, changeable: Sequence[str] | Mapping[str, Any], grade: str | None = None
    ) -> Raises:
        """Find the cheapest changes that reach the next, or a named, grade; prerequisites count.

        The optimum is exact: lowest cost, then fewest changes, then the highest score these could give, then the order
        of the features. Then each number moves back as far as the grade allows.

        Parameters
        ----------
        data : data frame, dict of columns, or 2-d array
            As for :meth:`score`.
        changeable : sequence of str, or dict
            The facts that can change, to any value at cost 1 each; or per fact a dict with ``cost``, ``whole`` (whole
            numbers only) and ``to``: ``"any"``, ``"up"``, ``"down"``, ``{"between": {"from": 1, "to": 5}}`` (both
            included), ``{"values": [...]}`` or ``{"levels": [...]}``.
        grade : str, optional
            The grade to reach; the next better one by default.

        Returns
        -------
        ``Raises`` :
            ``leads``: ``score``, ``raw_grade``, ``grade``, ``binding_prerequisite``, ``target``, ``outcome``
            (``"reached"``, ``"already"``, ``"unreachable"``), ``new_grade`` (the best reachable where the target is
            not), ``new_score``, ``cost`` (NaN where not reached) and ``changes`` in words. ``changes``: per lead dicts
            with ``change``, ``feature``, ``from``, ``to``, ``points``, ``cost``.

        Raises
        ------
        UnknownNameError, UnknownFeatureError, InvalidParameterError, ...
            For grades, features and values that do not suit, and for a search of more than 1 000 000 steps.

        Examples
        --------
        >>> import tierwise as tw
        >>> card = tw.lead.supplier_prospects()
        >>> lead = {feature.name: [1.0] for feature in card.features} | {"met_key_person": [0.0]}
        >>> raises = card.what_would_raise(lead, changeable=["met_key_person", "visits_last_year"])
        >>> raises.leads["target"], raises.leads["changes"]
        (array(['B'], dtype=object), array(['met_key_person: no to yes'], dtype=object))
        """
        of = "what_would_raise"
        if isinstance(changeable, Mapping):
            settings = by_name(of, "changeable", changeable)
            changes = [{"feature": name} | dict(by_name(of, name, one)) for name, one in settings.items()]
        else:
            changes = [{"feature": name} for name in texts(of, "changeable", changeable)]
        if grade is not None:
            text(of, "grade", grade)
        found = _tierwise.what_would_raise(
            self._model, table_of(data, self.features), grade, json.dumps(plain(changes, "changeable"))
        )
        keys = ("change", "feature", "from", "to", "points", "cost")
        structured = [[dict(zip(keys, change, strict=True)) for change in row] for row in found["changes"]]
        in_words = ["; ".join(change["change"] for change in row) or None for row in structured]
        columns = {
            "score": found["score"],
            "raw_grade": Labels.of_texts(found["raw_grade"]),
            "grade": Labels.of_texts(found["grade"]),
            "binding_prerequisite": Labels.of_texts(found["binding_prerequisite"]),
            "target": Labels.of_texts(found["target"]),
            "outcome": Labels.of_texts(found["outcome"]),
            "new_grade": Labels.of_texts(found["new_grade"]),
            "new_score": found["new_score"],
            "cost": found["cost"],
            "changes": Labels.of_texts(in_words),
        }
        return Raises(frame_like(data, columns), structured)

    def change(
        self,
        before: Any,
        after: Any,
        *,
        new_card: Scorecard | None = None,
        ages: Sequence[str] = (),
        days: float = 0.0,
    ) -> ScoreChange:
        """Split the change of each score into ageing, data and card, per characteristic.

        Parameters
        ----------
        before, after : data frame or dict of columns
            The same leads, row by row, on two dates.
        new_card : Scorecard, optional
            The card that holds afterwards; characteristics are matched by name.
        ages : sequence of str
            The features that are ages in days and grow by themselves.
        days : float
            The days between the two dates.

        Returns
        -------
        ScoreChange
            ``leads``: ``score_before``, ``score_after``, ``change``, ``ageing``, ``data``, ``card`` and, where both
            cards grade, ``raw_grade_before``, ``grade_before``, ``binding_before`` and the same with ``_after``. The
            parts
            telescope: their sum is the change, apart from the rounding of each difference; each level is a real score.

        Examples
        --------
        >>> import tierwise as tw
        >>> card = tw.lead.supplier_prospects()
        >>> before = {feature.name: [1.0] for feature in card.features}
        >>> change = card.change(before, before | {"visits_last_year": [3.0]})
        >>> bool(change.leads["change"][0] == change.leads["data"][0]), change.leads["ageing"]
        (True, array([0.]))
        """
        if not isinstance(new_card, (CardChanges, type(None))):
            raise invalid_parameter("change", "new_card", "a Scorecard", repr(new_card))
        new = new_card if new_card is not None else self
        also = [feature.name for feature in new.features]
        model = None if new_card is None else new_card._model
        found = _tierwise.score_change(
            self._model,
            table_of(before, self.features),
            table_of(after, self.features, also),
            model,
            texts("change", "ages", ages),
            real("change", "days", days),
        )
        names = ["(initial)" if name is None else name for name in found["terms"]]

        def frame(columns: Any) -> Any:
            return frame_like(before, dict(zip(names, columns, strict=True)))

        first, last = found["levels"][0], found["levels"][-1]
        leads = {"score_before": first["score"], "score_after": last["score"], "change": found["change"]}
        leads |= {part: found[part][0] for part in ("ageing", "data", "card")}
        if "grade" in first and "grade" in last:
            leads |= _grades_of(self, first, "before") | _grades_of(new, last, "after")
        levels = zip(("before", "aged", "data", "card"), found["levels"], strict=True)
        return ScoreChange(
            leads=frame_like(before, leads),
            ageing=frame(found["ageing"][1]),
            data=frame(found["data"][1]),
            card=frame(found["card"][1]),
            levels={name: frame(level["contributions"]) for name, level in levels},
        )

    def hold_grades(self, data: Any, previous: Any, *, up: float = 0.0, down: float = 0.0) -> Any:
        """Grade a table so that nobody flips at an edge: the raw grade is held, then prerequisites correct as ever.

        Parameters
        ----------
        data : data frame, dict of columns, or 2-d array
            As for :meth:`score`.
        previous : sequence of str
            The ``held_grade`` of the last time per row, None for a new lead. Not the final grade, which would hold what
            a prerequisite did.
        up, down : float
            How far a score must pass an edge to rise, and to fall, in points.

        Returns
        -------
        frame
            ``score``, ``raw_grade`` (not held), ``held_grade``, ``grade``, ``binding_prerequisite``.

        Examples
        --------
        >>> import tierwise as tw
        >>> card = tw.lead.supplier_prospects()
        >>> lead = {feature.name: [1.0] for feature in card.features}
        >>> card.hold_grades(lead, ["B"], up=100)["held_grade"]
        array(['B'], dtype=object)
        """
        spec = json.loads(self.to_json())
        names = [band["name"] for band in spec.get("grades", [])]
        held = _tierwise.hold_grades(
            self._model,
            table_of(data, self.features),
            positions("the previous grade", previous, names),
            real("hold_grades", "up", up),
            real("hold_grades", "down", down),
        )
        prerequisites = [one["name"] for one in spec.get("prerequisites", [])]
        columns = {"score": held["score"]}
        columns |= {name: Labels(held[name], names) for name in ("raw_grade", "held_grade", "grade")}
        columns["binding_prerequisite"] = Labels(held["binding_prerequisite"], prerequisites)
        return frame_like(data, columns)


def hold_bands(
    values: Any, previous: Any, *, bands: Sequence[Mapping[str, Any]], up: float = 0.0, down: float = 0.0
) -> Any:
    """Give the band of each value, held until the value passes an edge by a margin.

    Parameters
    ----------
    values : array or series
        Numbers; an unknown one has no band.
    previous : sequence of str
        The band of the last time, None where there was none.
    bands : sequence of dict
        As the grades of a card, best first: ``name``, ``from``, ``to``.
    up, down : float
        The margins towards a better and towards a worse band.

    Returns
    -------
    series or array
        The names, of the same kind as ``values``.

    Examples
    --------
    >>> import tierwise as tw
    >>> bands = [{"name": "A", "from": 75}, {"name": "B", "to": 75}]
    >>> tw.lead.hold_bands([76.0, 77.0], ["B", "B"], bands=bands, up=2)
    array(['B', 'A'], dtype=object)
    """
    listed = records("hold_bands", "bands", bands)
    names = [str(band.get("name")) for band in listed]
    found = _tierwise.hold_bands(
        json.dumps(plain(listed, "bands")),
        numbers("values", values),
        positions("the previous band", previous, names),
        real("hold_bands", "up", up),
        real("hold_bands", "down", down),
    )
    return values_like(values, "band", Labels(found, names))


def _grades_of(card: ScoreModel, level: Mapping[str, Any], when: str) -> dict[str, Any]:
    spec = json.loads(card.to_json())
    names = [band["name"] for band in spec["grades"]]
    prerequisites = [one["name"] for one in spec.get("prerequisites", [])]
    return {
        f"raw_grade_{when}": Labels(level["raw_grade"], names),
        f"grade_{when}": Labels(level["grade"], names),
        f"binding_{when}": Labels(level["binding_prerequisite"], prerequisites),
    }
