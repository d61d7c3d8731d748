"""Does the score rank those first who are looked for?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tierwise._frames import Floats, numbers
from tierwise._parameters import one_of, real, whole, yes_no
from tierwise.evaluate._decisions import BestCut, Confusion, Goal, Payoff, goal_of, number_of, payoff_of
from tierwise.evaluate._given import ranking_of
from tierwise.evaluate._roc_auc import RocAuc, Scale

DECILES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)

# The compiled module says how many customers there are.
_MOST = 2**53


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
        self._ranking = ranking_of("Ranking", outcome, score, positive, weights)

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

    def partial_roc_auc(self, max_fpr: float) -> float:
        """Give the area up to a false positive rate, as :func:`partial_roc_auc` does."""
        return self._ranking.partial_roc_auc(real("partial_roc_auc", "max_fpr", max_fpr))

    def roc_curve(self, *, drop_intermediate: bool = True) -> dict[str, Floats]:
        """Give the ROC curve as arrays ``cut``, ``false_positive_rate`` and ``true_positive_rate``.

        Cuts fall, and the first is infinite. With ``drop_intermediate`` points amid a straight line of
        equal steps are left out, as in scikit-learn.

        Examples
        --------
        >>> import tierwise as tw
        >>> tw.evaluate.Ranking([0, 0, 1, 1], [.1, .4, .35, .8]).roc_curve()["true_positive_rate"]
        array([0. , 0.5, 0.5, 1. , 1. ])
        """
        return self._ranking.roc_curve(yes_no("roc_curve", "drop_intermediate", drop_intermediate))

    def precision_recall_curve(self) -> dict[str, Floats]:
        """Give precision and recall as arrays ``cut``, ``precision``, ``recall``, the highest score first.

        Examples
        --------
        >>> import tierwise as tw
        >>> tw.evaluate.Ranking([0, 0, 1, 1], [.1, .4, .35, .8]).precision_recall_curve()["recall"]
        array([0.5, 0.5, 1. , 1. ])
        """
        return self._ranking.precision_recall_curve()

    def lift_table(self, shares: Any = DECILES) -> dict[str, Floats]:
        """Say what the best-scoring shares of the customers hold, as :func:`lift_table` does."""
        return self._ranking.lift_table(numbers("shares", shares).tolist())

    def precision_at(self, k: int) -> float:
        """Give the share of events among the ``k`` customers with the highest scores.

        Examples
        --------
        >>> import tierwise as tw
        >>> tw.evaluate.Ranking([1, 1, 0, 0, 0], [9, 7, 7, 2, 1]).precision_at(2)
        0.75
        """
        return self._ranking.precision_at(whole("precision_at", "k", k, 1, _MOST))

    def success_at(self, k: int) -> float:
        """Say whether the ``k`` highest scores hold an event: 0 or 1, or the chance of it.

        A chance where equal scores leave it open. Weights must be whole numbers.

        Examples
        --------
        >>> import tierwise as tw
        >>> ranking = tw.evaluate.Ranking([0, 1, 0, 0], [9, 7, 7, 2])
        >>> [ranking.success_at(k) for k in (1, 2, 3)]
        [0.0, 0.5, 1.0]
        """
        return self._ranking.success_at(whole("success_at", "k", k, 1, _MOST))

    def ndcg_at(self, k: int | None = None) -> float:
        """Give the normalised discounted cumulative gain of the first ``k``, or of all, for whole weights.

        Examples
        --------
        >>> import tierwise as tw
        >>> ranking = tw.evaluate.Ranking([1, 0, 0, 1], [9, 7, 5, 2])
        >>> ranking.ndcg_at(1), round(ranking.ndcg_at(), 4)
        (1.0, 0.8772)
        """
        return self._ranking.ndcg_at(None if k is None else whole("ndcg_at", "k", k, 1, _MOST))

    def confusion(self, cut: float) -> Confusion:
        """Count hits and misses when all are called who score at least ``cut``, as :func:`confusion` does."""
        return Confusion(*self._ranking.confusion(number_of("confusion", "cut", cut)))

    def best_cut(self, goal: Goal, payoff: Payoff | None = None) -> BestCut:
        """Find the cut that maximises a goal, as :func:`best_cut` does."""
        cut, value, counts = self._ranking.best_cut(*goal_of(goal, payoff))
        return BestCut(cut, value, Confusion(*counts))

    def profit_curve(self, payoff: Payoff) -> dict[str, Floats]:
        """Say what it earns to call all down to each score.

        Arrays ``cut`` (the first infinite: nobody is called), ``called``, ``share`` of the customers, ``profit``.

        Examples
        --------
        >>> import tierwise as tw
        >>> call = tw.evaluate.Payoff(true_positive=90, false_positive=-10)
        >>> tw.evaluate.Ranking([0, 0, 1, 1], [.1, .4, .35, .8]).profit_curve(call)["profit"]
        array([  0.,  90.,  80., 170., 160.])
        """
        return self._ranking.profit_curve(payoff_of("profit_curve", payoff))

    def roc_auc_interval(self, *, confidence: float = 0.95, scale: Scale = "logit") -> RocAuc:
        """Give the ROC AUC with DeLong's standard error and interval, as :func:`roc_auc_interval` does."""
        one_of("roc_auc_interval", "scale", scale, ["logit", "plain"])
        share = real("roc_auc_interval", "confidence", confidence)
        return RocAuc(*self._ranking.roc_auc_interval(share, scale == "plain"), share)


def gini(outcome: Any, score: Any, *, positive: Any = None, weights: Any = None) -> float:
    """Give the Gini coefficient of a score, also called accuracy ratio or Somers' D: ``2 * roc_auc - 1``.

    Takes and raises what :class:`Ranking` does. For how unevenly money is spread, see ``tierwise.value.gini``.

    Examples
    --------
    >>> import tierwise as tw
    >>> tw.evaluate.gini([0, 0, 1, 1], [.1, .4, .35, .8])
    0.5
    """
    return ranking_of("gini", outcome, score, positive, weights).gini()


def kolmogorov_smirnov(outcome: Any, score: Any, *, positive: Any = None, weights: Any = None) -> KolmogorovSmirnov:
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
    return KolmogorovSmirnov(*ranking_of("kolmogorov_smirnov", outcome, score, positive, weights).kolmogorov_smirnov())


def lift_table(
    outcome: Any, score: Any, shares: Any = DECILES, *, positive: Any = None, weights: Any = None
) -> dict[str, Floats]:
    """Say what the best-scoring shares of the customers hold: lift, gain and capture.

    Parameters
    ----------
    outcome, score, positive, weights
        As for :class:`Ranking`.
    shares : sequence of float
        Of the customers, in (0, 1]; tenths unless given.

    Returns
    -------
    dict of arrays
        ``share``, ``weight`` (how many customers), ``cut`` (the lowest score among them), ``events``, ``rate`` (the
        share of events among them: precision), ``capture`` (the share of all events: gain, recall) and ``lift``
        (``rate`` over that of all). Where a share ends among equal scores, or within a customer, it gets its part.

    Raises
    ------
    InvalidParameterError
        For a share outside (0, 1]; and the errors of :class:`Ranking`.

    Examples
    --------
    >>> import tierwise as tw
    >>> table = tw.evaluate.lift_table([1, 1, 0, 0, 0], [9, 7, 7, 2, 1], [.2, .4, 1])
    >>> table["capture"], table["lift"]
    (array([0.5 , 0.75, 1.  ]), array([2.5  , 1.875, 1.   ]))
    """
    return ranking_of("lift_table", outcome, score, positive, weights).lift_table(numbers("shares", shares).tolist())


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
    return ranking_of("average_precision", outcome, score, positive, weights).average_precision()
