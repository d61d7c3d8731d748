"""What will they buy next?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tierwise._feature import Feature
from tierwise.learn import FittedLogistic, Logistic, Progress, fit

__all__ = ["Propensity", "PropensityModel"]


class PropensityModel(FittedLogistic):
    """Who buys one product: probability, rank, and reasons that add up; made by :meth:`Propensity.fit`."""

    _kind = "propensity"


@dataclass(frozen=True)
class Propensity:
    """Learns the probability that a customer buys a product.

    Parameters
    ----------
    learner : Logistic
        How to learn it.
    product : str
        The product.

    Examples
    --------
    >>> import tierwise as tw
    >>> customers = {"policies": [0, 1, 2, 3, 1, 4], "owns_car": [False, False, True, True, True, False]}
    >>> learner = tw.cross_sell.Propensity(tw.learn.Logistic(alpha=1.0), product="caravan policy")
    >>> model = learner.fit(customers, [0, 0, 1, 1, 0, 1], positive=1)
    >>> model.rank(customers)
    array([6, 5, 3, 2, 4, 1])
    >>> model.reasons(customers, most=1)["reason_1"][5]
    'policies'
    """

    learner: Logistic = Logistic()  # noqa: RUF009 - frozen
    product: str = ""

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
    ) -> PropensityModel:
        """Learn from customers of whom the outcome is known; parameters and errors as for :meth:`Logistic.fit`."""
        compiled = fit(
            "cross_sell",
            self.learner,
            self.product,
            data,
            outcome,
            positive,
            features,
            categories,
            weights,
            offsets,
            progress,
        )
        return PropensityModel._of(compiled)
