"""What a customer is worth, and which service that earns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from tierwise._b2b_rating import b2b_rating
from tierwise._bootstrap import BootstrapParameter
from tierwise._contracts import (
    ContractBootstrap,
    ContractModel,
    ContractSegments,
    ShiftedBetaGeometric,
)
from tierwise._entitlements import Entitlements
from tierwise._frames import Labels, numbers, values_like
from tierwise._holdout import Holdout, Judgement, count_fit, holdout, tracking
from tierwise._lifetime import LifetimeReport, Parameter
from tierwise._models import Model, content_of
from tierwise._money import RepeatedLines, repeated_lines
from tierwise._parameters import one_of, text, texts, yes_no
from tierwise._pareto import (
    Concentration,
    CustomersByProducts,
    Pareto,
    concentration,
    customers_by_products,
    gini,
    pareto,
    share_curve,
    share_peak,
)
from tierwise._profit import (
    ProfitScore,
    ShareDecision,
    profit_score,
    share_decision,
    share_of_wallet,
)
from tierwise._purchase_bootstrap import PurchaseBootstrap
from tierwise._purchase_fits import BgBb, BgNbd, MbgNbd, ParetoNbd
from tierwise._purchases import CovariateEffect, PurchaseModel
from tierwise._rating import RatingRules
from tierwise._rating_change import RatingChange
from tierwise._retention_economics import RetentionValue, retention_economics
from tierwise._rfm import NaturalBreaks, RfmScorer, natural_breaks, rfm
from tierwise._rfm_segments import RfmMoves, RfmMovesByLine, RfmSegments, usual_segments
from tierwise._sales import (
    Lever,
    LeverTarget,
    SalesFactors,
    SalesPeriod,
    SalesSplit,
    SalesSplitByGroup,
    sales_of_period,
    sales_of_period_by_group,
    split_sales,
    split_sales_by_group,
)
from tierwise._spend import GammaGamma, SpendBootstrap, SpendModel
from tierwise._tier_moves import Absorption, TierChain, rerate
from tierwise._tierwise import Table
from tierwise._tierwise import tiers_by_breaks as _tiers_by_breaks
from tierwise._tierwise import tiers_by_cuts as _tiers_by_cuts
from tierwise._tierwise import tiers_by_money as _tiers_by_money
from tierwise._tierwise import tiers_split as _tiers_split
from tierwise._value_index import ValueIndex, purchase_potential

__all__ = [
    "Pareto",
    "RfmScorer",
    "Tiers",
    "gini",
    "pareto",
    "rfm",
    "share_curve",
    "share_peak",
    "NaturalBreaks",
    "natural_breaks",
    "RfmSegments",
    "RfmMoves",
    "RfmMovesByLine",
    "usual_segments",
    "SalesFactors",
    "SalesPeriod",
    "SalesSplit",
    "SalesSplitByGroup",
    "Lever",
    "LeverTarget",
    "sales_of_period",
    "sales_of_period_by_group",
    "split_sales",
    "split_sales_by_group",
    "Concentration",
    "concentration",
    "CustomersByProducts",
    "customers_by_products",
    "BgNbd",
    "MbgNbd",
    "ParetoNbd",
    "BgBb",
    "PurchaseModel",
    "PurchaseBootstrap",
    "SpendBootstrap",
    "ContractBootstrap",
    "BootstrapParameter",
    "CovariateEffect",
    "GammaGamma",
    "SpendModel",
    "Parameter",
    "LifetimeReport",
    "ShiftedBetaGeometric",
    "ContractModel",
    "ContractSegments",
    "RetentionValue",
    "retention_economics",
    "Holdout",
    "Judgement",
    "holdout",
    "tracking",
    "count_fit",
    "RatingRules",
    "RatingChange",
    "b2b_rating",
    "rerate",
    "TierChain",
    "Absorption",
    "Entitlements",
    "ValueIndex",
    "purchase_potential",
    "ProfitScore",
    "profit_score",
    "share_of_wallet",
    "ShareDecision",
    "share_decision",
    "RepeatedLines",
    "repeated_lines",
]

Ties = Literal["together", "first_come"]


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
        named = texts("Tiers", "names", names)
        shares = [1 / max(len(named), 1)] * len(named)
        return cls.by_share(values, names=named, shares=shares, higher_is_better=higher_is_better, ties=ties)

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
        of, named = text("Tiers", "feature", feature), texts("Tiers", "names", names)
        return cls._of(_tiers_by_cuts(of, named, numbers("cuts", cuts).tolist(), falling))

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
        named = texts("Tiers", "names", names)
        model, codes = _tiers_split(
            feature,
            numbers(feature, values),
            named,
            numbers("shares", shares).tolist(),
            yes_no("Tiers", "higher_is_better", higher_is_better),
            ties == "together",
        )
        return cls._of(model), values_like(values, "tier", Labels(codes, named))

    @classmethod
    def by_share_of_money(
        cls, values: Any, *, names: Sequence[str] = ("A", "B", "C"), shares: Sequence[float] = (0.8, 0.15, 0.05)
    ) -> Tiers:
        """Make ABC classes: those who together make the first share of the money, the next one, and so on.

        A class is complete with the value that reaches its share, and values equal to that one belong to it too, so
        that A is what :func:`pareto` finds. The thresholds are saved and class new values, whatever these make
        together.

        Parameters
        ----------
        values : array or series
            One amount per customer or product. With losses, shares are of the total net of them, a class is complete
            where its share is first reached, and losses are in the last class.
        names, shares : sequence
            One share of the money per name, best first; they sum to 1.

        Examples
        --------
        >>> import tierwise as tw
        >>> classes = tw.value.Tiers.by_share_of_money([10, 500, 40, 300, 150])
        >>> classes.assign([10, 500, 40, 300, 150])
        array(['C', 'A', 'C', 'A', 'B'], dtype=object)
        """
        feature = str(getattr(values, "name", None) or "value")
        given = numbers("shares", shares).tolist()
        return cls._of(_tiers_by_money(feature, numbers(feature, values), texts("Tiers", "names", names), given)[0])

    @classmethod
    def by_natural_breaks(cls, values: Any, *, names: Sequence[str], higher_is_better: bool = True) -> Tiers:
        """Cut where the number breaks by itself: Jenks' natural breaks, the optimum of k-means in one dimension.

        A new value in the gap between two tiers belongs to the lower of the two.

        Examples
        --------
        >>> import tierwise as tw
        >>> tiers = tw.value.Tiers.by_natural_breaks([3, 5, 4, 41, 39, 300], names=["A", "B", "C"])
        >>> tiers.assign([3, 41, 300, 200])
        array(['C', 'B', 'A', 'B'], dtype=object)
        """
        feature = str(getattr(values, "name", None) or "value")
        falling = yes_no("Tiers", "higher_is_better", higher_is_better)
        named = texts("Tiers", "names", names)
        return cls._of(_tiers_by_breaks(feature, numbers(feature, values), named, falling)[0])

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
