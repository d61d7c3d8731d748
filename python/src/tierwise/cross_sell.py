"""What will they buy next?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tierwise._learning import FittedLogistic, Learner
from tierwise.learn import Additive, Logistic, WeightOfEvidence

__all__ = ["Propensity", "PropensityModel"]


class PropensityModel(FittedLogistic):
    """Who buys one product: probability, rank, and reasons that add up; made by :meth:`Propensity.fit`."""

    _kind = "propensity"


@dataclass(frozen=True)
class Propensity(Learner[PropensityModel]):
    """Learns the probability that a customer buys a product.

    Parameters
    ----------
    learner : Logistic, WeightOfEvidence or Additive
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

    _purpose = "cross_sell"
    _model_class = PropensityModel

    learner: Logistic | WeightOfEvidence | Additive = Logistic()  # noqa: RUF009 - frozen
    product: str = ""

    def _spec(self) -> dict[str, Any]:
        return self.learner._spec()

    def _product(self) -> str:
        return self.product
