"""Does the score rank those first who are looked for?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from tierwise._frames import one_of, real
from tierwise._tierwise import Ranking as _Ranking
from tierwise._tierwise import compare_roc_auc as _compare_roc_auc
from tierwise.evaluate._given import outcome_of, scores_of

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


@dataclass(frozen=True)
class KolmogorovSmirnov:
    """The greatest distance of two distributions; made by :func:`kolmogorov_smirnov`."""

    value: float
    cut: float
    reversed: bool


class Ranking:
    """A score, sorted once: everything that depends on its order comes from here.

    Use it where several figures of one score are wanted; the functions of this module sort anew each. Scores may be of
    any scale and infinite; 0 and -0 are equal. Where a cut falls among equal scores, figures are expected values over
    a random order of the equals.

    Parameters
    ----------
    outcome : array or series
        What happened: booleans, ones and zeros, or labels.
    score : array or series
        One number per row; the higher, the likelier.
    positive : object, optional
        The label that is meant by yes; may be left out for booleans and for ones and zeros.
    weights : array, optional
        How many customers each row stands for.

    Raises
    ------
    OneClassError, WrongLengthError, InvalidOutcomeError
        When there is nothing to tell apart.
    InvalidValueError
        For a score or outcome that is unknown; it names the row.

    Examples
    --------
    >>> import tierwise as tw
    >>> ranking = tw.evaluate.Ranking([0, 0, 1, 1], [.1, .4, .35, .8])
    >>> ranking.roc_auc, ranking.gini, round(ranking.average_precision, 4)
    (0.75, 0.5, 0.8333)
    >>> ranking.kolmogorov_smirnov
    KolmogorovSmirnov(value=0.5, cut=0.8, reversed=False)
    """

    def __init__(self, outcome: Any, score: Any, *, positive: Any = None, weights: Any = None) -> None:
        self._ranking = _Ranking(outcome_of("Ranking", outcome, positive, weights), scores_of(score))

    def __repr__(self) -> str:
        events, others = self._ranking.totals()
        distinct = self._ranking.distinct()
        return f"<tierwise.evaluate.Ranking of {events:g} events and {others:g} others, {distinct} distinct scores>"

    @property
    def roc_auc(self) -> float:
        """The area under the ROC curve."""
        return self._ranking.roc_auc()

    @property
    def gini(self) -> float:
        """The Gini coefficient of the score."""
        return self._ranking.gini()

    @property
    def average_precision(self) -> float:
        """The area under the precision-recall curve."""
        return self._ranking.average_precision()

    @property
    def kolmogorov_smirnov(self) -> KolmogorovSmirnov:
        """The greatest distance between the scores of events and of others."""
        return KolmogorovSmirnov(*self._ranking.kolmogorov_smirnov())

    def roc_auc_interval(self, *, confidence: float = 0.95, scale: Scale = "logit") -> RocAuc:
        """Give the ROC AUC with DeLong's standard error and interval, as :func:`roc_auc_interval` does."""
        one_of("roc_auc_interval", "scale", scale, ["logit", "plain"])
        share = real("roc_auc_interval", "confidence", confidence)
        return RocAuc(*self._ranking.roc_auc_interval(share, scale == "plain"), share)


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
    return _ranking("roc_auc", outcome, score, positive, weights).roc_auc()


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
    ranking = _ranking("roc_auc_interval", outcome, score, positive, weights)
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
    return RocAucComparison(*_compare_roc_auc(given, scores_of(first), scores_of(second), share))


def gini(outcome: Any, score: Any, *, positive: Any = None, weights: Any = None) -> float:
    """Give the Gini coefficient of a score, also called accuracy ratio or Somers' D: ``2 * roc_auc - 1``.

    Takes and raises what :class:`Ranking` does. For how unevenly money is spread, see ``tierwise.value.gini``.

    Examples
    --------
    >>> import tierwise as tw
    >>> tw.evaluate.gini([0, 0, 1, 1], [.1, .4, .35, .8])
    0.5
    """
    return _ranking("gini", outcome, score, positive, weights).gini()


def kolmogorov_smirnov(
    outcome: Any, score: Any, *, positive: Any = None, weights: Any = None
) -> KolmogorovSmirnov:
    """Give the greatest distance between the distributions of the score among events and among others.

    Takes and raises what :class:`Ranking` does.

    Returns
    -------
    KolmogorovSmirnov
        ``value``, from 0 to 1; ``cut``, where it is reached (rows that score at least this much against all others; of
        several the highest); ``reversed``, whether the others score higher there.

    Examples
    --------
    >>> import tierwise as tw
    >>> tw.evaluate.kolmogorov_smirnov([0, 0, 1, 0, 1, 1], [1, 2, 3, 4, 5, 6])
    KolmogorovSmirnov(value=0.666..., cut=5.0, reversed=False)
    """
    return KolmogorovSmirnov(*_ranking("kolmogorov_smirnov", outcome, score, positive, weights).kolmogorov_smirnov())


def average_precision(outcome: Any, score: Any, *, positive: Any = None, weights: Any = None) -> float:
    """Give the area under the precision-recall curve as average precision, without interpolation.

    A score without any worth gets the share of events, not 0.5; so compare only among equal shares.

    Takes and raises what :class:`Ranking` does; the same as scikit-learn's ``average_precision_score``.

    Examples
    --------
    >>> import tierwise as tw
    >>> round(tw.evaluate.average_precision([0, 0, 1, 1], [.1, .4, .35, .8]), 4)
    0.8333
    """
    return _ranking("average_precision", outcome, score, positive, weights).average_precision()


def _ranking(of: str, outcome: Any, score: Any, positive: Any, weights: Any) -> _Ranking:
    return _Ranking(outcome_of(of, outcome, positive, weights), scores_of(score))
