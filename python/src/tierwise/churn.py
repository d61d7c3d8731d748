"""Who is about to leave?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tierwise._learning import FittedLogistic, Learner
from tierwise.learn import Additive, Logistic, WeightOfEvidence

__all__ = ["Risk", "RiskModel"]


class RiskModel(FittedLogistic):
    """Who leaves: probability, rank, and reasons that add up; made by :meth:`Risk.fit`."""

    _kind = "churn_risk"


@dataclass(frozen=True)
class Risk(Learner[RiskModel]):
    """Learns the probability that a customer leaves, within the span of time that the outcome stands for.

    Parameters
    ----------
    learner : Logistic, WeightOfEvidence or Additive
        How to learn it.

    Examples
    --------
    >>> import tierwise as tw
    >>> customers, left = {"tenure": [1, 2, 30, 60, 3, 40]}, ["Yes", "Yes", "No", "No", "No", "Yes"]
    >>> model = tw.churn.Risk(tw.learn.Logistic(alpha=1.0)).fit(customers, left, positive="Yes")
    >>> model.rank({"tenure": [60, 1]})
    array([2, 1])
    """

    _purpose = "churn"
    _model_class = RiskModel

    learner: Logistic | WeightOfEvidence | Additive = Logistic()  # noqa: RUF009 - frozen

    def _spec(self) -> dict[str, Any]:
        return self.learner._spec()
