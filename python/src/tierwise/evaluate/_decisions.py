"""Whom do we call?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, NamedTuple

import numpy as np

from tierwise._frames import Floats, numbers
from tierwise._parameters import invalid_parameter, one_of, real
from tierwise._tierwise import confusion_figures
from tierwise._tierwise import cut_for_capacity as _cut_for_capacity
from tierwise._tierwise import decision_curve as _decision_curve
from tierwise.evaluate._given import outcome_of, ranking_of, scores_of

Goal = Literal["f1", "youden", "profit"]


@dataclass(frozen=True)
class Payoff:
    """What one customer earns in each of the four cases, in money; costs are negative.

    A call that costs 10 and brings 100 when it hits: ``Payoff(true_positive=90, false_positive=-10)``.
    """

    true_positive: float = 0.0
    false_positive: float = 0.0
    false_negative: float = 0.0
    true_negative: float = 0.0


class _Figures(NamedTuple):
    """What follows from the four counts, as the compiled module computes it."""

    called: float
    total: float
    accuracy: float | None
    precision: float | None
    recall: float | None
    specificity: float | None
    f1: float | None
    youden: float | None
    matthews_correlation: float | None
    kappa: float | None


@dataclass(frozen=True)
class Confusion:
    """Who was called and who bought, as numbers of customers; made by :func:`confusion`."""

    true_positives: float
    false_positives: float
    false_negatives: float
    true_negatives: float

    def __post_init__(self) -> None:
        """Refuse counts that count nobody's customers."""
        for name in ("true_positives", "false_positives", "false_negatives", "true_negatives"):
            count = getattr(self, name)
            if not 0 <= count < math.inf:
                raise invalid_parameter("Confusion", name, "a number in [0, inf)", repr(count))

    @cached_property
    def _figures(self) -> _Figures:
        counts = [self.true_positives, self.false_positives, self.false_negatives, self.true_negatives]
        return _Figures(*confusion_figures(counts))

    @property
    def called(self) -> float:
        """How many are called."""
        return self._figures.called

    @property
    def total(self) -> float:
        """All."""
        return self._figures.total

    @property
    def accuracy(self) -> float | None:
        """The share that is called or left alone rightly: nearly 1 for nobody called where events are rare.

        ``None`` of nobody.
        """
        return self._figures.accuracy

    @property
    def precision(self) -> float | None:
        """The share of events among the called; ``None`` where nobody is called."""
        return self._figures.precision

    @property
    def recall(self) -> float | None:
        """The share of the events that is called: sensitivity, capture; ``None`` where there is no event."""
        return self._figures.recall

    @property
    def specificity(self) -> float | None:
        """The share of the others that is not called; ``None`` where there are no others."""
        return self._figures.specificity

    @property
    def f1(self) -> float | None:
        """The harmonic mean of precision and recall; ``None`` where nobody is called and there is no event."""
        return self._figures.f1

    @property
    def youden(self) -> float | None:
        """Youden's J: recall plus specificity less 1; ``None`` without events, or without others."""
        return self._figures.youden

    @property
    def matthews_correlation(self) -> float | None:
        """The correlation of Matthews; ``None`` where all or none are called."""
        return self._figures.matthews_correlation

    @property
    def kappa(self) -> float | None:
        """Cohen's kappa: agreement of call and outcome beyond chance; ``None`` where chance alone always agrees."""
        return self._figures.kappa

    def merge(self, other: Confusion) -> Confusion:
        """Give the counts of this part and another at the same cut."""
        if not isinstance(other, Confusion):
            raise invalid_parameter("merge", "other", "a Confusion", repr(other))
        return Confusion(
            self.true_positives + other.true_positives,
            self.false_positives + other.false_positives,
            self.false_negatives + other.false_negatives,
            self.true_negatives + other.true_negatives,
        )


@dataclass(frozen=True)
class BestCut:
    """The best cut and what it brings; made by :func:`best_cut`. Call all who score at least ``cut``."""

    cut: float
    value: float
    confusion: Confusion


@dataclass(frozen=True)
class CapacityCut:
    """How far a capacity reaches down a list; made by :func:`cut_for_capacity`."""

    cut: float
    called: float
    next_score: float | None
    tied: float
    spare: float


def confusion(outcome: Any, score: Any, cut: float, *, positive: Any = None, weights: Any = None) -> Confusion:
    """Count hits and misses when all are called who score at least ``cut``.

    Parameters
    ----------
    outcome, score, positive, weights
        As for :class:`Ranking`.
    cut : float
        On the scale of the score; at an infinite cut nobody is called.

    Returns
    -------
    Confusion
        The four counts, with ``precision``, ``recall``, ``specificity``, ``accuracy``, ``f1``, ``youden``,
        ``matthews_correlation`` and ``kappa``.

    Raises
    ------
    InvalidParameterError
        For a cut that is no number; and the errors of :class:`Ranking`.

    Examples
    --------
    >>> import tierwise as tw
    >>> called = tw.evaluate.confusion([0, 0, 1, 1], [.1, .4, .35, .8], .4)
    >>> called.true_positives, called.false_positives, called.precision, called.recall
    (1.0, 1.0, 0.5, 0.5)
    """
    ranking = ranking_of("confusion", outcome, score, positive, weights)
    return Confusion(*ranking.confusion(number_of("confusion", "cut", cut)))


def best_cut(
    outcome: Any,
    score: Any,
    goal: Goal,
    payoff: Payoff | None = None,
    *,
    positive: Any = None,
    weights: Any = None,
) -> BestCut:
    """Find the cut that maximises F1, Youden's J, or money on these rows; of several the one that calls fewest.

    It was chosen because it looks best here: on other rows it will do a little worse.

    Parameters
    ----------
    outcome, score, positive, weights
        As for :class:`Ranking`.
    goal : {"f1", "youden", "profit"}
        What is maximised.
    payoff : Payoff, optional
        What each case earns, where the goal is ``"profit"``.

    Returns
    -------
    BestCut
        ``cut`` (infinite where it is best to call nobody), ``value`` of the goal, and ``confusion``.

    Raises
    ------
    InvalidParameterError
        For money without a payoff or the reverse; and the errors of :class:`Ranking`.

    Examples
    --------
    >>> import tierwise as tw
    >>> call = tw.evaluate.Payoff(true_positive=90, false_positive=-10)
    >>> best = tw.evaluate.best_cut([0, 0, 1, 1], [.1, .4, .35, .8], "profit", call)
    >>> best.cut, best.value
    (0.35, 170.0)
    """
    settings = goal_of(goal, payoff)
    cut, value, counts = ranking_of("best_cut", outcome, score, positive, weights).best_cut(*settings)
    return BestCut(cut, value, Confusion(*counts))


def decision_curve(
    outcome: Any, probability: Any, thresholds: Any = None, *, positive: Any = None, weights: Any = None
) -> dict[str, Floats]:
    """Say at which prices it is worth to act on a probability: net benefit (Vickers & Elkin 2006).

    Parameters
    ----------
    outcome, probability, positive, weights
        As for :func:`log_loss`.
    thresholds : sequence of float, optional
        In (0, 1); hundredths unless given. Whoever has at least this probability is called. It is the price: with 0.25,
        three calls for nothing outweigh one hit.

    Returns
    -------
    dict of arrays
        ``threshold``, ``net_benefit`` (``TP / n - FP / n * t / (1 - t)``), ``net_benefit_of_all`` if everybody is
        called (of nobody it is 0), and the ``share`` that is called.

    Raises
    ------
    InvalidParameterError
        For a threshold outside (0, 1); and the errors of :func:`log_loss`.

    Examples
    --------
    >>> import tierwise as tw
    >>> curve = tw.evaluate.decision_curve([0, 0, 1, 1], [.1, .4, .35, .8], [.2, .5])
    >>> curve["net_benefit"], curve["net_benefit_of_all"]
    (array([0.4375, 0.25  ]), array([0.375, 0.   ]))
    """
    given = outcome_of("decision_curve", outcome, positive, weights)
    listed = numbers("thresholds", np.arange(1, 100) / 100 if thresholds is None else thresholds).tolist()
    return _decision_curve(given, scores_of(probability), listed)


def cut_for_capacity(score: Any, capacity: float, *, weights: Any = None) -> CapacityCut:
    """Find the cut for a capacity, such as "we can call 800". No outcome is needed.

    Parameters
    ----------
    score : array or series
        One number per row.
    capacity : float
        How many customers can be called.
    weights : array, optional
        How many customers each row stands for.

    Returns
    -------
    CapacityCut
        ``cut``: call all who score at least this much (infinite where even the highest score is shared by too many);
        ``called``: how many that are; ``next_score``, ``tied`` and ``spare``: the score below, how many share it, and
        how many of those could still be called.

    Raises
    ------
    InvalidParameterError
        For a capacity that is not above 0.
    InvalidValueError
        For a score that is unknown; it names the row.

    Examples
    --------
    >>> import tierwise as tw
    >>> tw.evaluate.cut_for_capacity([.9, .8, .8, .8, .1], 2)
    CapacityCut(cut=0.9, called=1.0, next_score=0.8, tied=3.0, spare=1.0)
    """
    given = None if weights is None else numbers("weights", weights)
    return CapacityCut(*_cut_for_capacity(scores_of(score), given, real("cut_for_capacity", "capacity", capacity)))


def number_of(of: str, name: str, value: Any) -> float:
    """Check that a parameter is one number, which may be infinite."""
    if isinstance(value, (float, np.floating)) and math.isinf(value):
        return float(value)
    return real(of, name, value)


def payoff_of(of: str, payoff: Any) -> list[float]:
    """Check a payoff, and give its four amounts in the order of the counts."""
    if not isinstance(payoff, Payoff):
        raise invalid_parameter(of, "payoff", "a `Payoff`", repr(payoff))
    names = ["true_positive", "false_positive", "false_negative", "true_negative"]
    return [real(of, name, getattr(payoff, name)) for name in names]


def goal_of(goal: Any, payoff: Any) -> tuple[str, list[float] | None]:
    """Check a goal: money needs a payoff, and nothing else does."""
    one_of("best_cut", "goal", goal, ["f1", "youden", "profit"])
    if goal == "profit":
        return goal, payoff_of("best_cut", payoff)
    if payoff is not None:
        raise invalid_parameter("best_cut", "payoff", "left out unless the goal is `profit`", repr(payoff))
    return goal, None
