"""The area under the ROC curve, how sure it is, and the comparison of two."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from tierwise._parameters import one_of, real
from tierwise._tierwise import compare_roc_auc as _compare_roc_auc
from tierwise.evaluate._given import outcome_of, ranking_of, scores_of

Scale = Literal["logit", "plain"]


@dataclass(frozen=True)
class RocAuc:
    """A ROC AUC with its standard error and interval; made by :func:`roc_auc_interval`."""

    value: float
    standard_error: float
    low: float
    high: float
    confidence: float


@dataclass(frozen=True)
class RocAucComparison:
    """Two scores of the same rows; made by :func:`compare_roc_auc`. ``difference`` is the first less the second."""

    first: float
    second: float
    difference: float
    standard_error: float
    low: float
    high: float
    z: float
    p_value: float


def roc_auc(outcome: Any, score: Any, *, positive: Any = None, weights: Any = None) -> float:
    """Give the area under the ROC curve: the chance that an event scores higher than another.

    Equal scores count as half. 0.5 is a coin, 1 is perfect, below 0.5 the score points the wrong way.

    Parameters
    ----------
    outcome, score, positive, weights
        As for :class:`Ranking`.

    Returns
    -------
    float
        From 0 to 1; the same as scikit-learn's ``roc_auc_score``.

    Raises
    ------
    OneClassError, WrongLengthError, InvalidOutcomeError, InvalidValueError
        As :class:`Ranking`.

    Examples
    --------
    >>> import tierwise as tw
    >>> tw.evaluate.roc_auc(["no", "yes", "no", "yes"], [1, 2, 3, 4], positive="yes")
    0.75
    """
    return ranking_of("roc_auc", outcome, score, positive, weights).roc_auc()


def roc_auc_interval(
    outcome: Any,
    score: Any,
    *,
    positive: Any = None,
    weights: Any = None,
    confidence: float = 0.95,
    scale: Scale = "logit",
) -> RocAuc:
    """Give the ROC AUC with DeLong's standard error and interval, in one sort (Sun & Xu 2014).

    Parameters
    ----------
    outcome, score, positive, weights
        As for :class:`Ranking`. Weights that say how much a row matters, and not how many customers it stands for,
        should be scaled to sum to the number of rows.
    confidence : float
        How much the interval is to hold.
    scale : {"logit", "plain"}
        Symmetric on the scale of log-odds (covers better near 1 and in small samples), or on that of the area, as most
        programs print it.

    Returns
    -------
    RocAuc
        ``value``, ``standard_error``, ``low``, ``high``, ``confidence``. Of a perfect score the standard error is 0,
        which says nothing; the interval then reaches down to what the rarer outcome's number of cases can rule out.

    Raises
    ------
    NotEnoughDataError
        With a single event or a single other; and the errors of :class:`Ranking`.

    Examples
    --------
    >>> import tierwise as tw
    >>> auc = tw.evaluate.roc_auc_interval([0, 0, 1, 1, 0, 1], [.1, .4, .35, .8, .2, .6])
    >>> round(auc.value, 3), round(auc.low, 3), round(auc.high, 3)
    (0.889, 0.261, 0.995)
    """
    one_of("roc_auc_interval", "scale", scale, ["logit", "plain"])
    share = real("roc_auc_interval", "confidence", confidence)
    ranking = ranking_of("roc_auc_interval", outcome, score, positive, weights)
    return RocAuc(*ranking.roc_auc_interval(share, scale == "plain"), share)


def compare_roc_auc(
    outcome: Any,
    first: Any,
    second: Any,
    *,
    positive: Any = None,
    weights: Any = None,
    confidence: float = 0.95,
) -> RocAucComparison:
    """Compare two scores of the same rows by ROC AUC: the paired test of DeLong.

    Parameters
    ----------
    outcome, positive, weights
        As for :class:`Ranking`.
    first, second : array or series
        The scores; they need not be on one scale.
    confidence : float
        How much the interval of the difference is to hold.

    Returns
    -------
    RocAucComparison
        Both areas, their ``difference`` with ``standard_error``, ``low`` and ``high``, ``z`` and the two-sided
        ``p_value``.

    Raises
    ------
    NotEnoughDataError
        With a single event or a single other; and the errors of :class:`Ranking`.

    Examples
    --------
    >>> import tierwise as tw
    >>> bought = [0, 0, 1, 1, 0, 1]
    >>> compared = tw.evaluate.compare_roc_auc(bought, [.1, .4, .35, .8, .2, .6], [5, 4, 4, 9, 2, 1])
    >>> round(compared.difference, 3), round(compared.p_value, 2)
    (0.389, 0.26)
    """
    given = outcome_of("compare_roc_auc", outcome, positive, weights)
    share = real("compare_roc_auc", "confidence", confidence)
    return RocAucComparison(
        *_compare_roc_auc(given, scores_of(first, "first score"), scores_of(second, "second score"), share)
    )


def partial_roc_auc(outcome: Any, score: Any, max_fpr: float, *, positive: Any = None, weights: Any = None) -> float:
    """Give the area under the ROC curve up to a false positive rate, standardised by McClish: 0.5 a coin, 1 perfect.

    For those who call only a few. Takes and raises what :class:`Ranking` does; the same as scikit-learn's
    ``roc_auc_score(..., max_fpr=...)``.

    Examples
    --------
    >>> import tierwise as tw
    >>> round(tw.evaluate.partial_roc_auc([0, 0, 1, 1], [.1, .4, .35, .8], .5), 4)
    0.6667
    """
    ranking = ranking_of("partial_roc_auc", outcome, score, positive, weights)
    return ranking.partial_roc_auc(real("partial_roc_auc", "max_fpr", max_fpr))
