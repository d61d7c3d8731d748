"""Does a score treat groups alike?"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tierwise._frames import Labels, label_of, labels_of, rows_like
from tierwise._parameters import invalid_parameter, real, yes_no
from tierwise._tierwise import by_group as _by_group
from tierwise.evaluate._before_after import Bounded, Rate
from tierwise.evaluate._decisions import number_of
from tierwise.evaluate._drift import emptied
from tierwise.evaluate._given import outcome_of, scores_of
from tierwise.exceptions import InvalidValueError


@dataclass(frozen=True)
class GroupCalibration:
    """How probabilities would have to be bent in a group; see :func:`recalibration`."""

    slope: Bounded
    intercept: Bounded
    in_the_large: Bounded


@dataclass(frozen=True)
class GroupComparison:
    """A group against the reference group; ``None`` where a group is too small to say.

    ``selection_ratio`` has the interval of Katz et al. (1978); ``below_four_fifths`` says whether it is below 0.8, the
    rule of thumb for adverse impact (29 CFR 1607.4 D). ``opportunity_difference`` is between true positive rates,
    ``false_positive_difference`` between false positive rates (Newcombe's intervals), ``roc_auc_difference`` by
    DeLong's errors of two independent samples.
    """

    reference: str
    selection_ratio: Bounded | None
    below_four_fifths: bool | None
    opportunity_difference: Bounded | None
    false_positive_difference: Bounded | None
    roc_auc_difference: Bounded | None


@dataclass(frozen=True)
class GroupFigures:
    """What a score does in one group: ``None`` where the group is too small, and ``findings`` say why."""

    group: str
    rows: float
    base_rate: Rate | None
    selection_rate: Rate | None
    true_positive_rate: Rate | None
    false_positive_rate: Rate | None
    precision: Rate | None
    roc_auc: Bounded | None
    mean_score: float | None
    calibration: GroupCalibration | None
    compared: GroupComparison | None
    findings: list[str] = field(repr=False)


@dataclass(frozen=True)
class Fairness:
    """The figures of all groups by name; made by :func:`by_group`."""

    groups: dict[str, GroupFigures]
    _like: Any = field(repr=False, compare=False)

    @property
    def table(self) -> Any:
        """One row per group, as a frame of the kind that ``group`` came from; NaN where a group is too small."""
        found = list(self.groups.values())
        names = [one.group for one in found]
        compared = [one.compared for one in found]
        columns: dict[str, list[float | None]] = {
            "rows": [one.rows for one in found],
            "base_rate": [one.base_rate and one.base_rate.rate for one in found],
            "selection_rate": [one.selection_rate and one.selection_rate.rate for one in found],
            "true_positive_rate": [one.true_positive_rate and one.true_positive_rate.rate for one in found],
            "false_positive_rate": [one.false_positive_rate and one.false_positive_rate.rate for one in found],
            "precision": [one.precision and one.precision.rate for one in found],
            "roc_auc": [one.roc_auc and one.roc_auc.value for one in found],
            "mean_score": [one.mean_score for one in found],
        }
        for name in ("selection_ratio", "opportunity_difference", "false_positive_difference", "roc_auc_difference"):
            figures = [None if one is None else getattr(one, name) for one in compared]
            columns[name] = [one and one.value for one in figures]
            columns[f"{name}_low"] = [one and one.low for one in figures]
            columns[f"{name}_high"] = [one and one.high for one in figures]
        floats = {name: np.array([math.nan if v is None else v for v in row]) for name, row in columns.items()}
        labels = Labels(np.arange(len(names), dtype=np.int32), names)
        return rows_like(self._like, len(found), {"group": labels} | floats)


def by_group(
    outcome: Any,
    score: Any,
    group: Any,
    *,
    cut: float,
    reference: Any = None,
    positive: Any = None,
    weights: Any = None,
    probabilities: bool = False,
    least: float = 10.0,
    confidence: float = 0.95,
) -> Fairness:
    """Give the figures of a score by group, and how far each group is from a reference group.

    The measures contradict each other where base rates differ: a calibrated score cannot have equal true and false
    positive rates then (Kleinberg, Mullainathan & Raghavan 2017). Which has to hold is not for a function to say.

    Parameters
    ----------
    outcome, score, positive, weights
        As for :class:`Ranking`.
    group : array or series
        The group of each row; every row needs one.
    cut : float
        All who score at least this much are selected.
    reference : str, optional
        The group that others are compared with; the largest where it is left out.
    probabilities : bool
        Whether scores are probabilities, so that calibration is judged.
    least : float
        Fewer customers than this are not judged: in a group for its rates, among its events for the true positive rate,
        among the others for the false positive rate, in both for the area under the curve.
    confidence : float
        Of the intervals.

    Returns
    -------
    Fairness
        ``groups`` by name, and ``table``, a frame with one row per group.

    Raises
    ------
    InvalidValueError
        With the row for an unknown group or score.
    InvalidParameterError, WrongLengthError, EmptyTableError
        For a reference that is no group, and so on.

    Examples
    --------
    >>> import numpy as np
    >>> import tierwise as tw
    >>> rows = np.arange(400)
    >>> bought, score = rows * 7 % 100 < rows % 100, rows % 100 / 100
    >>> region = np.where(rows < 300, "north", "south")
    >>> found = tw.evaluate.by_group(bought, score, region, cut=0.5)
    >>> found.groups["south"].compared.selection_ratio.value, found.groups["south"].compared.below_four_fifths
    (1.0, False)
    """
    labels = labels_of("group", group)
    if None in labels:
        row = labels.index(None)
        must_be = "every row needs a group; give unknown a name of its own"
        error = InvalidValueError(f"the group at row {row} is unknown; {must_be}")
        error.details = {"what": "the group", "row": row, "key": None, "found": "unknown", "must_be": must_be}
        raise error
    known = [label for label in labels if label is not None]
    names = sorted(set(known))
    place = {name: at for at, name in enumerate(names)}
    against = None if reference is None else label_of(reference)
    if against is not None and against not in place:
        must_be = "one of the groups " + ", ".join(f"`{name}`" for name in names[:20])
        raise invalid_parameter("by_group", "reference", must_be, repr(reference))
    found = json.loads(
        _by_group(
            outcome_of("by_group", outcome, positive, weights),
            scores_of(score),
            np.array([place[label] for label in known], dtype=np.uint32),
            names,
            number_of("by_group", "cut", cut),
            None if against is None else place[against],
            real("by_group", "least", least),
            real("by_group", "confidence", confidence),
            yes_no("by_group", "probabilities", probabilities),
        )
    )
    like = emptied(group.to_frame()) if hasattr(group, "to_frame") else None
    return Fairness({one["group"]: _figures(one) for one in found}, like)


def _figures(found: Mapping[str, Any]) -> GroupFigures:
    findings: list[str] = []

    def known(figure: Any) -> Any:
        if isinstance(figure, Mapping) and "not" in figure:
            if figure["not"] not in findings:
                findings.append(figure["not"])
            return None
        return figure

    def bounded(figure: Any) -> Bounded | None:
        given = known(figure)
        return None if given is None else Bounded(given["value"], given["low"], given["high"])

    rates = ["base_rate", "selection_rate", "true_positive_rate", "false_positive_rate", "precision"]
    parts: dict[str, Any] = {name: known(found[name]) for name in rates}
    parts = {name: None if rate is None else Rate(**rate) for name, rate in parts.items()}
    bent, against = known(found["calibration"]), found["compared"]
    calibration = None if bent is None else GroupCalibration(**{name: Bounded(**one) for name, one in bent.items()})
    compared = None
    if against is not None:
        compared = GroupComparison(
            against["reference"],
            bounded(against["selection_ratio"]),
            against["below_four_fifths"],
            bounded(against["opportunity_difference"]),
            bounded(against["false_positive_difference"]),
            bounded(against["roc_auc_difference"]),
        )
    return GroupFigures(
        found["group"],
        found["rows"],
        **parts,
        roc_auc=bounded(found["roc_auc"]),
        mean_score=found["mean_score"],
        calibration=calibration,
        compared=compared,
        findings=findings,
    )
