"""Counts that add up over days and partitions: of drift, and of events by score."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from tierwise import _feature
from tierwise._feature import Feature
from tierwise._frames import Floats, numbers
from tierwise._parameters import invalid_parameter, real, texts
from tierwise._tierwise import DriftCounts as _DriftCounts
from tierwise._tierwise import ScoreHistogram as _ScoreHistogram
from tierwise.evaluate._decisions import Confusion
from tierwise.evaluate._drift import DriftSettings, TableDrift, sample_of, settings_of, table_drift
from tierwise.evaluate._given import outcome_of, scores_of


class DriftCounts:
    """How many customers stand in each cell of each column: drift without all rows in one place.

    Cells are fixed by the reference. Counts of days and partitions merge to those of the whole, exactly for whole
    weights; population stability, Jensen-Shannon, chi-square, unknown and unseen come out as :func:`drift` gives them
    for the same cells. Distances without bins need the values, and are ``None`` here. It pickles, and :meth:`to_json`
    writes it down.

    Parameters
    ----------
    reference : data frame or dict of columns
        The sample that later ones are compared with.
    columns, categories, settings
        As for :func:`drift`.
    weights : array, optional
        How many customers each row stands for.

    Examples
    --------
    >>> import numpy as np
    >>> import tierwise as tw
    >>> reference = tw.evaluate.DriftCounts({"score": np.arange(1000)})
    >>> monday = reference.empty().add({"score": np.arange(500)})
    >>> tuesday = reference.empty().add({"score": np.arange(500, 1000)})
    >>> reference.drift(monday).level, reference.drift(monday.merge(tuesday)).level
    ('act', 'stable')
    """

    def __init__(
        self,
        reference: Any,
        *,
        columns: Sequence[str] | None = None,
        categories: Sequence[str] = (),
        weights: Any = None,
        settings: DriftSettings | None = None,
    ) -> None:
        of = "DriftCounts"
        table = sample_of(reference, None if columns is None else texts(of, "columns", columns))
        features = table.infer_all_features(None, [], texts(of, "categories", categories))
        given = None if weights is None else numbers("weights", weights)
        self._counts = _DriftCounts(settings_of(of, settings), features, table, given)

    def empty(self) -> DriftCounts:
        """Make counts of the same cells with nothing in them."""
        return self._of(self._counts.empty())

    def add(self, data: Any, *, weights: Any = None) -> DriftCounts:
        """Count the rows of one part, which may be empty. Returns itself.

        Levels that the reference does not have are counted by name.
        """
        known = _feature.from_json(self._counts.features())
        table = sample_of(data, [feature.name for feature in known])
        if len(table) == 0:
            return self
        categories = [feature.name for feature in known if feature.kind == "category"]
        found = _feature.from_json(table.infer_all_features(None, [], categories))
        levels = {one.name: one.levels for one in found}
        features = [_with(one, levels.get(one.name, ())) for one in known]
        given = None if weights is None else numbers("weights", weights)
        self._counts.add(_feature.to_json(features), table, given)
        return self

    def merge(self, other: DriftCounts) -> DriftCounts:
        """Add the counts of another part over the same cells. Returns itself."""
        if not isinstance(other, DriftCounts):
            raise invalid_parameter("merge", "other", "a DriftCounts", repr(other))
        # Counts are their own other part only by value.
        self._counts.merge(_DriftCounts.from_json(other.to_json()) if other is self else other._counts)
        return self

    def drift(self, current: DriftCounts, *, settings: DriftSettings | None = None) -> TableDrift:
        """Say what changed from these counts to others; the bins of the settings do not count any more.

        Raises
        ------
        CannotMergeError, EmptyTableError
            For other cells, and where either counted nothing.
        """
        if not isinstance(current, DriftCounts):
            raise invalid_parameter("drift", "current", "a DriftCounts", repr(current))
        other = _DriftCounts.from_json(current.to_json()) if current is self else current._counts
        return table_drift(json.loads(self._counts.drift(other, settings_of("drift", settings))), None)

    @property
    def rows(self) -> float:
        """How many customers were counted."""
        return self._counts.rows()

    def to_json(self) -> str:
        """Write the counts as text."""
        return self._counts.to_json()

    @classmethod
    def from_json(cls, text: str) -> DriftCounts:
        """Read what :meth:`to_json` wrote."""
        return cls._of(_DriftCounts.from_json(text))

    @classmethod
    def _of(cls, counts: _DriftCounts) -> DriftCounts:
        self = cls.__new__(cls)
        self._counts = counts
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return (DriftCounts.from_json, (self.to_json(),))

    def __repr__(self) -> str:
        columns = len(_feature.from_json(self._counts.features()))
        return f"<tierwise.evaluate.DriftCounts of {self.rows:g} rows, {columns} columns>"


class AreaBounds(NamedTuple):
    """Between which bounds an area under the ROC curve lies; ``middle`` takes the scores of a bin as equal."""

    low: float
    middle: float
    high: float


class ScoreHistogram:
    """Events and others by score, as counts that add up: calibration and ranking without all rows in one place.

    Parameters
    ----------
    edges : sequence of float
        Ascending edges of right-open bins; the outermost are open-ended.

    Examples
    --------
    >>> import tierwise as tw
    >>> monday, tuesday = tw.evaluate.ScoreHistogram([.25, .5, .75]), tw.evaluate.ScoreHistogram([.25, .5, .75])
    >>> monday = monday.add([0, 1, 0], [.1, .6, .55])
    >>> both = monday.merge(tuesday.add([1, 0], [.9, .3]))
    >>> [round(one, 3) for one in both.roc_auc()]
    [0.833, 0.917, 1.0]
    >>> both.bins()["events"]
    array([0., 0., 1., 1.])
    """

    def __init__(self, edges: Any) -> None:
        self._histogram = _ScoreHistogram(numbers("edges", edges).tolist())

    def add(self, outcome: Any, score: Any, *, positive: Any = None, weights: Any = None) -> ScoreHistogram:
        """Count the rows of one part. Returns itself.

        Pass booleans, or ones and zeros, where a part may hold one kind of outcome only: a label that stands nowhere
        in the part is taken for a mistake.
        """
        self._histogram.add(outcome_of("ScoreHistogram", outcome, positive, weights), scores_of(score))
        return self

    def merge(self, other: ScoreHistogram) -> ScoreHistogram:
        """Add the counts of another part over the same edges. Returns itself."""
        if not isinstance(other, ScoreHistogram):
            raise invalid_parameter("merge", "other", "a ScoreHistogram", repr(other))
        self._histogram.merge(_ScoreHistogram.from_json(other.to_json()) if other is self else other._histogram)
        return self

    def bins(self) -> dict[str, Floats]:
        """Give arrays ``from``, ``to``, ``weight``, ``events``, ``rate`` and ``mean_score`` (NaN in empty bins)."""
        bins = json.loads(self._histogram.bins())
        table = {name: np.array([math.nan if one[name] is None else one[name] for one in bins]) for name in bins[0]}
        table["from"][0], table["to"][-1] = -math.inf, math.inf
        return table

    def roc_auc(self) -> AreaBounds:
        """Give the bounds of the area under the ROC curve: ``low``, ``middle``, ``high``."""
        return AreaBounds(*self._histogram.roc_auc())

    def confusion(self, cut: float) -> Confusion:
        """Give the four counts when all are called who score at least an edge."""
        return Confusion(*self._histogram.confusion(real("confusion", "cut", cut)))

    def to_json(self) -> str:
        """Write the histogram as text."""
        return self._histogram.to_json()

    @classmethod
    def from_json(cls, text: str) -> ScoreHistogram:
        """Read what :meth:`to_json` wrote."""
        self = cls.__new__(cls)
        self._histogram = _ScoreHistogram.from_json(text)
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return (ScoreHistogram.from_json, (self.to_json(),))


def _with(feature: Feature, levels: Sequence[str]) -> Feature:
    """Give a feature the levels of a part besides its own."""
    if feature.kind != "category":
        return feature
    every = list(dict.fromkeys([*feature.levels, *levels]))
    return Feature.category(feature.name, every, unknown=feature.unknown)
