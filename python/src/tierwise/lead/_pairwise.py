"""Weights from pairwise comparisons: the analytic hierarchy process."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from tierwise._parameters import invalid_parameter, one_of, real, text
from tierwise._tierwise import pairwise_from_matrices as _pairwise_from_matrices
from tierwise._tierwise import pairwise_weights as _pairwise_weights
from tierwise.lead._panel import _named_table, _names

__all__ = ["PairwiseWeights", "pairwise_weights"]


@dataclass(frozen=True)
class PairwiseWeights:
    """Weights from pairwise comparisons; made by :func:`pairwise_weights`.

    Parameters
    ----------
    weights : dict
        Factor to weight; they sum to 100.
    largest_eigenvalue : float
        As large as the number of factors when the judgements do not contradict each other, larger when they do.
    consistency_index : float
        ``(largest_eigenvalue - n) / (n - 1)``.
    consistency_ratio : float
        The index by that of random judgements (Saaty 1980).
    consistent : bool
        Whether the ratio is at most 0.1.
    most_inconsistent : dict or None
        The judgement that goes least with the others: ``first``, ``second``, ``judged``, ``suggested`` (by the
        weights), ``on_scale`` (the nearest of 1 to 9 and reciprocals), ``ratio_after`` (the consistency ratio with that
        instead).
    respondents : dict
        Respondent to :class:`PairwiseWeights` of each; empty within.
    """

    weights: dict[str, float]
    largest_eigenvalue: float
    consistency_index: float
    consistency_ratio: float
    consistent: bool
    most_inconsistent: dict[str, Any] | None
    respondents: dict[str, PairwiseWeights]


def pairwise_weights(
    comparisons: Any,
    *,
    factors: Sequence[str],
    first: str = "first",
    second: str = "second",
    value: str = "value",
    respondent: str | None = None,
    method: Literal["eigenvector", "geometric_mean"] = "eigenvector",
    tolerance: float = 0.02,
) -> PairwiseWeights:
    """Weigh factors by pairwise comparisons: the analytic hierarchy process (Saaty 1980).

    Parameters
    ----------
    comparisons : array, data frame or dict of columns
        A square array: row *i*, column *j* says how many times as important factor *i* is as factor *j*; the lower
        triangle may be NaN. Three dimensions hold one such array per respondent. Or a table with one row per judgement,
        in any order.
    factors : sequence of str
        The factors, 2 to 15; of an array in its order.
    first, second, value : str
        The columns of a table: ``first`` is ``value`` times as important as ``second``.
    respondent : str, optional
        The column of a table that says whose judgement it is.
    method : {"eigenvector", "geometric_mean"}
        The principal eigenvector (Saaty 1980) or the geometric means of the rows (Crawford & Williams 1985).
    tolerance : float
        How far the product of a judgement and its reverse may be from 1: 0.33 is often written for 1/3.

    Returns
    -------
    PairwiseWeights
        Of the geometric means of all respondents' judgements, and of each respondent. A consistency ratio above 0.1 is
        a finding, no error.

    Raises
    ------
    InvalidValueError, NotEnoughDataError, UnknownNameError, InvalidParameterError, ...
        For a judgement that is none, a pair that nobody judged, a factor that is not listed, more than 15 factors.

    Examples
    --------
    >>> import tierwise as tw
    >>> found = tw.lead.pairwise_weights([[1, 2, 4], [0.5, 1, 2], [0.25, 0.5, 1]], factors=["need", "price", "size"])
    >>> {factor: round(weight, 1) for factor, weight in found.weights.items()}, found.consistent
    ({'need': 57.1, 'price': 28.6, 'size': 14.3}, True)
    """
    of = "pairwise_weights"
    one_of(of, "method", method, ["eigenvector", "geometric_mean"])
    settings = json.dumps({"method": method, "tolerance": real(of, "tolerance", tolerance)})
    names = _names(of, factors)
    if isinstance(comparisons, (np.ndarray, list, tuple)):
        matrices = _matrices(comparisons, len(names))
        numbered = [str(place) for place in range(len(matrices))] if len(matrices) > 1 else [""]
        report = _pairwise_from_matrices(names, numbered, matrices, settings)
    else:
        named = {"first": first, "second": second, "value": value}
        if respondent is not None:
            named["respondent"] = respondent
        for parameter, column in named.items():
            text(of, parameter, column)
        also = [column for column in (first, second, respondent) if column is not None]
        table = _named_table(of, "comparisons", comparisons, [value], also)
        report = _pairwise_weights(table, names, first, second, value, respondent, settings)
    found = json.loads(report)

    def weights(one: dict[str, Any], respondents: dict[str, PairwiseWeights]) -> PairwiseWeights:
        named = dict(zip(names, one.pop("weights"), strict=True))
        return PairwiseWeights(weights=named, respondents=respondents, **one)

    individual = zip(found["respondents"], found["individual"], strict=True)
    return weights(found["group"], {name: weights(one, {}) for name, one in individual})


def _matrices(comparisons: Any, factors: int) -> list[list[float]]:
    must_be = f"a table of judgements, or arrays of {factors} by {factors} numbers"
    try:
        array = np.asarray(comparisons, dtype=np.float64)
    except (TypeError, ValueError):
        raise invalid_parameter("pairwise_weights", "comparisons", must_be, "what is no array of numbers") from None
    if array.ndim not in (2, 3) or array.shape[-2:] != (factors, factors):
        raise invalid_parameter("pairwise_weights", "comparisons", must_be, f"an array of shape {array.shape}")
    matrices: list[list[float]] = array.reshape(-1, factors * factors).tolist()
    return matrices
