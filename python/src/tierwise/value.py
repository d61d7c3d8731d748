"""What a customer is worth, and which service that earns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from tierwise import _feature
from tierwise._contracts import (
    ContractModel,
    RetentionValue,
    ShiftedBetaGeometric,
    retention_economics,
)
from tierwise._feature import Feature
from tierwise._frames import (
    Floats,
    Labels,
    day_of,
    frame_like,
    named_table,
    numbers,
    one_of,
    real,
    rows_like,
    values_like,
    whole,
    yes_no,
)
from tierwise._holdout import Holdout, Judgement, count_fit, holdout, tracking
from tierwise._lifetime import LifetimeReport, Parameter
from tierwise._models import Model, content_of
from tierwise._purchases import (
    BgBb,
    BgNbd,
    BootstrapParameter,
    CovariateEffect,
    MbgNbd,
    ParetoNbd,
    PurchaseBootstrap,
    PurchaseModel,
)
from tierwise._spend import GammaGamma, SpendModel
from tierwise._tierwise import Table
from tierwise._tierwise import gini as _gini
from tierwise._tierwise import pareto as _pareto
from tierwise._tierwise import rfm as _rfm
from tierwise._tierwise import rfm_scorer as _rfm_scorer
from tierwise._tierwise import rfm_scores as _rfm_scores
from tierwise._tierwise import share_curve as _share_curve
from tierwise._tierwise import tiers_by_cuts as _tiers_by_cuts
from tierwise._tierwise import tiers_split as _tiers_split

__all__ = [
    "Pareto",
    "RfmScorer",
    "Tiers",
    "gini",
    "pareto",
    "rfm",
    "share_curve",
    "BgNbd",
    "MbgNbd",
    "ParetoNbd",
    "BgBb",
    "PurchaseModel",
    "PurchaseBootstrap",
    "BootstrapParameter",
    "CovariateEffect",
    "GammaGamma",
    "SpendModel",
    "Parameter",
    "LifetimeReport",
    "ShiftedBetaGeometric",
    "ContractModel",
    "RetentionValue",
    "retention_economics",
    "Holdout",
    "Judgement",
    "holdout",
    "tracking",
    "count_fit",
]

Ties = Literal["together", "first_come"]


def rfm(
    orders: Any,
    *,
    customer: str,
    date: str,
    amount: str,
    as_of: Any,
    later_rows: Literal["refuse", "leave_out"] = "refuse",
) -> Any:
    """Turn a log of orders into one row per customer: recency, frequency, money, and age.

    Lines of one customer on one day are one purchase. Two schools use the same words for different things, so each
    thing has a column of its own: analysts of recency, frequency and money read ``recency``, ``frequency`` and
    ``monetary``; lifetime models (lifetimes, BTYD) read ``repeat_frequency`` (*x*),
    ``last_purchase_age`` (*t_x*), ``age`` (*T*) and ``mean_repeat_amount``.

    Parameters
    ----------
    orders : data frame or dict of columns
        One row per line of the log, in any order.
    customer, date, amount : str
        The names of the columns. Dates are dates, or whole days since 1970-01-01; amounts are money, negative for a
        return.
    as_of : date, str or int
        The day on which the table holds; orders on that day count.
    later_rows : {"refuse", "leave_out"}
        What to do with orders after ``as_of``.

    Returns
    -------
    frame
        Of the same kind as ``orders``, in ascending order of the customers: ``customer``, ``recency`` (days since
        the last purchase), ``frequency`` (days with a purchase), ``monetary`` (all money), ``age`` (days since the
        first purchase), ``repeat_frequency`` (days with a purchase after the first), ``last_purchase_age`` (days from
        first to last purchase), ``mean_repeat_amount`` (mean money of those days; NaN where there is none).

    Raises
    ------
    InvalidValueError
        For an order after ``as_of`` under ``"refuse"``, an unknown or infinite amount, an unknown date or customer; it
        names row and customer.

    Examples
    --------
    >>> import tierwise as tw
    >>> from datetime import date
    >>> days = [date(1997, 1, 1), date(1997, 1, 5), date(1997, 2, 1)]
    >>> orders = {"id": ["ann", "bob", "ann"], "day": days, "paid": [20.0, 5.0, 30.0]}
    >>> table = tw.value.rfm(orders, customer="id", date="day", amount="paid", as_of="1997-03-01")
    >>> table["customer"], table["recency"], table["frequency"], table["monetary"]
    (array(['ann', 'bob'], dtype=object), array([28., 55.]), array([2., 1.]), array([50., 5.]))
    """
    one_of("rfm", "later_rows", later_rows, ["refuse", "leave_out"])
    today = day_of("rfm", "as_of", as_of)
    numeric = [Feature.number(date), Feature.number(amount)]
    table = named_table(orders, numeric, also=[customer])
    columns = _rfm(table, customer, date, amount, today, later_rows == "leave_out")
    if isinstance(columns["customer"], list):
        columns["customer"] = np.array(columns["customer"], dtype=object)
    return rows_like(orders, len(columns["customer"]), columns)


class Tiers(Model):
    """Named tiers of one number, best first, with thresholds that can be saved and applied to new customers.

    Make them with :meth:`by_share`, :meth:`by_quantiles` or :meth:`by_cuts`. A tier holds ``from <= value < to``; the
    outermost ones are open; an unknown value has no tier.

    Examples
    --------
    >>> import tierwise as tw
    >>> money = [10, 900, 40, 75, 20, 300, 10, 55, 30, 60]
    >>> tiers = tw.value.Tiers.by_share(money, names=["A", "B", "C"], shares=[.1, .3, .6])
    >>> tiers.bands
    [{'name': 'A', 'from': 900.0}, {'name': 'B', 'from': 60.0, 'to': 900.0}, {'name': 'C', 'to': 60.0}]
    >>> tiers.assign([61, None, 5])
    array(['B', None, 'C'], dtype=object)
    """

    _kind = "tiers"

    @classmethod
    def by_share(
        cls,
        values: Any,
        *,
        names: Sequence[str],
        shares: Sequence[float],
        higher_is_better: bool = True,
        ties: Ties = "together",
    ) -> Tiers:
        """Cut at shares of the customers, best tier first.

        Parameters
        ----------
        values : array or series
            One number per customer; unknown ones are left out.
        names, shares : sequence
            One share per name; they sum to 1.
        higher_is_better : bool
            False for days since the last purchase, for instance.
        ties : {"together", "first_come"}
            Equal values stay together, and tiers may be larger or smaller than asked (the default); or customers are
            counted off, the earlier of equal rows as the worse one, which only :meth:`split` shows.
        """
        return cls.split(values, names=names, shares=shares, higher_is_better=higher_is_better, ties=ties)[0]

    @classmethod
    def by_quantiles(
        cls, values: Any, *, names: Sequence[str], higher_is_better: bool = True, ties: Ties = "together"
    ) -> Tiers:
        """Cut into equal shares of the customers, best tier first."""
        shares = [1 / max(len(names), 1)] * len(names)
        return cls.by_share(values, names=names, shares=shares, higher_is_better=higher_is_better, ties=ties)

    @classmethod
    def by_cuts(
        cls,
        *,
        names: Sequence[str],
        cuts: Sequence[float],
        higher_is_better: bool = True,
        feature: str = "value",
    ) -> Tiers:
        """Cut at fixed values, in the order of the names: falling where higher is better, else rising."""
        falling = yes_no("Tiers", "higher_is_better", higher_is_better)
        return cls._of(_tiers_by_cuts(feature, list(names), numbers("cuts", cuts).tolist(), falling))

    @classmethod
    def split(
        cls,
        values: Any,
        *,
        names: Sequence[str],
        shares: Sequence[float],
        higher_is_better: bool = True,
        ties: Ties = "together",
    ) -> tuple[Tiers, Any]:
        """Cut as :meth:`by_share`, and also give the tier of each value at hand, of the same kind as ``values``."""
        one_of("Tiers", "ties", ties, ["together", "first_come"])
        feature = str(getattr(values, "name", None) or "value")
        model, codes = _tiers_split(
            feature,
            numbers(feature, values),
            list(names),
            numbers("shares", shares).tolist(),
            yes_no("Tiers", "higher_is_better", higher_is_better),
            ties == "together",
        )
        return cls._of(model), values_like(values, "tier", Labels(codes, list(names)))

    def assign(self, values: Any) -> Any:
        """Give the tier of each value, of the same kind as ``values``; ``None`` for an unknown one."""
        feature = self._feature_name
        table = Table.from_columns([(feature, numbers(feature, values))])
        return values_like(values, "tier", Labels(self._model.assign(table), self.names))

    @property
    def _feature_name(self) -> str:
        return self.features[0].name

    @property
    def names(self) -> list[str]:
        """The names of the tiers, best first."""
        return self._model.outcomes()

    @property
    def bands(self) -> list[dict[str, Any]]:
        """The thresholds: ``name``, ``from`` (included) and ``to`` (not included); an open edge is left out."""
        bands: list[dict[str, Any]] = content_of(self)["tiers"]
        return bands

    @property
    def findings(self) -> list[str]:
        """Sentences on tiers that turned out otherwise than asked, because many customers have the same value."""
        return self._model.findings()


class RfmScorer(Model):
    """Scores from 1 to ``bins`` for recency, frequency and money, the highest best, by thresholds that can be saved.

    Examples
    --------
    >>> import tierwise as tw
    >>> table = {"recency": [7, 2, 1], "frequency": [1, 2, 3], "monetary": [9., 16., 45.]}
    >>> scorer = tw.value.RfmScorer.fit(table, bins=3)
    >>> scorer.score(table)["cell"]
    array([111, 222, 333])
    """

    _kind = "rfm_scorer"

    @property
    def features(self) -> list[Feature]:
        """Recency, frequency and money."""
        return [Feature.number(name) for name in ("recency", "frequency", "monetary")]

    @classmethod
    def fit(cls, rfm: Any, *, bins: int = 5) -> RfmScorer:
        """Take thresholds from these customers; equal values stay together.

        Parameters
        ----------
        rfm : data frame or dict of columns
            With ``recency``, ``frequency`` and ``monetary``, as :func:`rfm` makes it.
        bins : int
            From 2 to 9.
        """
        return cls.split(rfm, bins=bins)[0]

    @classmethod
    def split(cls, rfm: Any, *, bins: int = 5, ties: Ties = "together") -> tuple[RfmScorer, Any]:
        """Take thresholds, and also give the scores of the customers at hand under either rule for equal values."""
        one_of("RfmScorer", "ties", ties, ["together", "first_come"])
        scores, model = _rfm_scorer(*_rfm_columns(rfm), whole("RfmScorer", "bins", bins, 2, 9), ties == "together")
        return cls._of(model), frame_like(rfm, _with_cell(scores))

    def score(self, rfm: Any) -> Any:
        """Score customers: ``recency``, ``frequency``, ``monetary``, and ``cell``, their three digits."""
        return frame_like(rfm, _with_cell(_rfm_scores(self._model, *_rfm_columns(rfm))))

    @property
    def findings(self) -> list[str]:
        """Sentences on scores that no customer can get, because many have the same value."""
        return self._model.findings()


def _rfm_columns(rfm: Any) -> tuple[Floats, Floats, Floats]:
    numeric = [Feature.number(name) for name in ("recency", "frequency", "monetary")]
    recency, frequency, monetary = named_table(rfm, numeric).values(_feature.to_json(numeric), False)
    return recency, frequency, monetary


def _with_cell(scores: dict[str, npt.NDArray[np.uint8]]) -> dict[str, Any]:
    columns = {name: column.astype(np.int64) for name, column in scores.items()}
    return columns | {"cell": columns["recency"] * 100 + columns["frequency"] * 10 + columns["monetary"]}


@dataclass(frozen=True)
class Pareto:
    """The smallest set of customers that makes a share of the money."""

    customers: int
    share_of_customers: float
    threshold: float
    money: float
    share_of_money: float
    total: float
    rows: npt.NDArray[np.int64] = field(repr=False)


def pareto(values: Any, share: float = 0.8) -> Pareto:
    """Find the smallest set of customers that makes ``share`` of the money.

    Parameters
    ----------
    values : array or series
        One amount per customer; losses are allowed while the total is above 0.
    share : float
        Of the total, in (0, 1].

    Returns
    -------
    Pareto
        With ``rows``, the positions of the set, most money first.

    Examples
    --------
    >>> import tierwise as tw
    >>> tw.value.pareto([10, 500, 40, 300, 150], share=.8)
    Pareto(customers=2, share_of_customers=0.4, threshold=300.0,
           money=800.0, share_of_money=0.8, total=1000.0)
    """
    return Pareto(**_pareto(numbers("values", values), real("pareto", "share", share)))


def gini(values: Any) -> float:
    """Measure how unevenly money is spread: 0 when all customers bring the same, near 1 when one brings all.

    Examples
    --------
    >>> import tierwise as tw
    >>> tw.value.gini([1, 1, 1, 1]), tw.value.gini([0, 0, 0, 8])
    (0.0, 0.75)
    """
    return _gini(numbers("values", values))


def share_curve(values: Any, steps: int = 100) -> tuple[Floats, Floats]:
    """Give the cumulative share of the customers, best first, and the share of the money that they make.

    Examples
    --------
    >>> import tierwise as tw
    >>> tw.value.share_curve([10, 500, 40, 300, 150], steps=5)
    (array([0. , 0.2, 0.4, 0.6, 0.8, 1. ]), array([0.  , 0.5 , 0.8 , 0.95, 0.99, 1.  ]))
    """
    return _share_curve(numbers("values", values), whole("share_curve", "steps", steps, 1, 1_000_000))
