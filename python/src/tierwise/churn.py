"""Who is about to leave?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tierwise._feature import Feature
from tierwise.learn import FittedLogistic, Logistic, Progress, fit

__all__ = ["Risk", "RiskModel"]


class RiskModel(FittedLogistic):
    """Who leaves: probability, rank, and reasons that add up; made by :meth:`Risk.fit`."""

    _kind = "churn_risk"


@dataclass(frozen=True)
class Risk:
    """Learns the probability that a customer leaves, within the span of time that the outcome stands for.

    Parameters
    ----------
    learner : Logistic
        How to learn it.

    Examples
    --------
    >>> import tierwise as tw
    >>> customers, left = {"tenure": [1, 2, 30, 60, 3, 40]}, ["Yes", "Yes", "No", "No", "No", "Yes"]
    >>> model = tw.churn.Risk(tw.learn.Logistic(alpha=1.0)).fit(customers, left, positive="Yes")
    >>> model.rank({"tenure": [60, 1]})
    array([2, 1])
    """

    learner: Logistic = Logistic()  # noqa: RUF009 - frozen

    def fit(
        self,
        data: Any,
        outcome: Any,
        *,
        positive: Any,
        features: Sequence[Feature] | None = None,
        categories: Sequence[str] = (),
        weights: Any = None,
        offsets: Any = None,
        progress: Progress | None = None,
    ) -> RiskModel:
        """Learn from customers of whom the outcome is known; parameters and errors as for :meth:`Logistic.fit`."""
        compiled = fit(
            "churn",
            self.learner,
            "",
            data,
            outcome,
            positive,
            features,
            categories,
            weights,
            offsets,
            progress,
        )
        return RiskModel._of(compiled)
