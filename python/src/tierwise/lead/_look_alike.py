"""Which prospects are like our good customers, and in what?"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np

from tierwise import _feature
from tierwise._feature import Feature, as_features
from tierwise._frames import table_of
from tierwise._models import ScoreModel
from tierwise._parameters import by_name, invalid_parameter, one_of, real, texts, whole
from tierwise._tierwise import look_alike as _look_alike
from tierwise._tierwise import look_alike_sizes as _look_alike_sizes

__all__ = ["LookAlike", "LookAlikeModel"]


class LookAlikeModel(ScoreModel):
    """A ranking of prospects by their likeness to good customers; made by :meth:`LookAlike.fit`.

    ``score`` is the mean likeness to the nearest good customers, from 0 to 1 (less that to the others, where there are
    some); NaN for a prospect of whom too little is known. ``explain`` says what each feature adds to it. ``rank`` is 1
    for the most alike.

    The model file holds the facts of the good customers, without names: treat it as customer data.
    """

    _kind = "look_alike"

    @property
    def good_customers(self) -> int:
        """How many good customers prospects are compared with."""
        return _look_alike_sizes(self._model)[0]

    @property
    def other_customers(self) -> int | None:
        """How many others, where there are some."""
        return _look_alike_sizes(self._model)[1]


@dataclass(frozen=True, kw_only=True)
class LookAlike:
    """Ranks prospects by their likeness to good customers, on numbers, yes-nos and categories together.

    The likeness of two customers is Gower's similarity (Gower 1971): the weighted mean, over the features known of
    both, of ``1 - |difference| / range`` for numbers and of 1 for the same and 0 for another answer otherwise. What is
    unknown of one of the two is left out of the mean; it never counts as equal.

    Parameters
    ----------
    neighbours : int or None
        How many most alike customers count; ``None`` for all.
    scale : {"robust", "range"}
        How far two numbers must differ to be not alike at all: by the range of the middle 90 % of the customers, or by
        their whole range, as Gower had it.
    least_compared : float
        The share of the weight of all features that must be known of both customers of a pair, from 0 to 1; others
        are not compared.
    weights : dict
        How much a feature counts; the others count 1.

    Examples
    --------
    >>> import tierwise as tw
    >>> good = {"staff": [10, 50], "exports": [True, True], "trade": ["food", "toys"]}
    >>> model = tw.lead.LookAlike(neighbours=1, scale="range").fit(good)
    >>> prospects = {"staff": [20, 50], "exports": [True, None], "trade": ["food", "toys"]}
    >>> model.score(prospects), model.rank(prospects)
    (array([0.91666667, 1.        ]), array([2, 1]))
    >>> model.explain(prospects)["staff"]
    array([0.25, 0.5 ])
    """

    neighbours: int | None = 10
    scale: Literal["robust", "range"] = "robust"
    least_compared: float = 0.5
    weights: Mapping[str, float] = field(default_factory=dict)

    def fit(
        self,
        good_customers: Any,
        against: Any = None,
        *,
        features: Sequence[Feature | str] | None = None,
        categories: Sequence[str] = (),
        leave_out: Sequence[str] = (),
        levels_from: Any = None,
    ) -> LookAlikeModel:
        """Keep the good customers, and the others to tell them from.

        Parameters
        ----------
        good_customers : data frame, dict of columns, or 2-d array
            One row per good customer.
        against : data frame, dict of columns, or 2-d array, optional
            Customers who are not good: the likeness to them is taken off.
        features : sequence of Feature, optional
            What to compare. Without it every column: numbers and dates as numbers, booleans as yes-no, texts and
            categoricals as categories.
        categories : sequence of str
            Columns of whole numbers that name levels, where ``features`` is left out.
        leave_out : sequence of str
            Columns not to compare, such as names, where ``features`` is left out.
        levels_from : data frame or dict of columns, optional
            A table whose levels are known too, such as the prospects, where ``features`` is left out. A level that
            no table has is unknown, and unknown is not compared, where another level counts as different.

        Returns
        -------
        LookAlikeModel
            A model that scores, explains and ranks.

        Raises
        ------
        InvalidParameterError, UnknownFeatureError, EmptyTableError, InvalidFeatureError, ...
        """
        of = "LookAlike"
        one_of(of, "scale", self.scale, ["robust", "range"])
        settings = {
            "neighbours": None if self.neighbours is None else whole(of, "neighbours", self.neighbours, 1, 2**53),
            "scale": self.scale,
            "least_compared": real(of, "least_compared", self.least_compared),
            "weights": [
                [name, real(of, f"weights[{name!r}]", weight)]
                for name, weight in by_name(of, "weights", self.weights).items()
            ],
        }
        categories, leave_out = texts("fit", "categories", categories), texts("fit", "leave_out", leave_out)
        if features is not None:
            stated = as_features(features)
            if len(categories) or len(leave_out) or levels_from is not None:
                must_be = "given without `categories`, `leave_out` and `levels_from`, which find features"
                raise invalid_parameter("fit", "features", must_be, repr([one.name for one in stated]))
        elif isinstance(good_customers, np.ndarray):
            stated = [Feature.number(f"x{place}") for place in range(np.atleast_2d(good_customers).shape[1])]
        else:
            stated = _inferred(good_customers, [against, levels_from], categories, leave_out)
        good = table_of(good_customers, stated)
        others = None if against is None else table_of(against, stated)
        return LookAlikeModel._of(_look_alike(json.dumps(settings), _feature.to_json(stated), good, others))


def _inferred(good: Any, also: Sequence[Any], categories: Sequence[str], leave_out: Sequence[str]) -> list[Feature]:
    """Find features in the table of good customers, and the levels of their categories in the others too."""
    features = _feature.from_json(table_of(good).infer_features(list(leave_out), list(categories)))
    found = [replace(one, unknown="neutral") for one in features]
    for data in also:
        if data is None or isinstance(data, np.ndarray):
            continue
        named = [one for one in found if one.kind == "category"]
        table = table_of(data, named)
        listed = [name for name in categories if name in [one.name for one in named]]
        others = {one.name: one for one in _feature.from_json(table.infer_features([], listed)) if one.levels}
        found = [
            replace(one, levels=tuple(sorted({*one.levels, *others[one.name].levels})))
            if one.kind == "category" and one.name in others
            else one
            for one in found
        ]
    return found
