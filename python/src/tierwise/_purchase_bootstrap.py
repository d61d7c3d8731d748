"""Models of purchases fitted to samples of the customers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from tierwise._bootstrap import Bootstrap
from tierwise._frames import Floats
from tierwise._lifetime import check_fitted, estimate_like, given_level, naming_customers
from tierwise._parameters import real
from tierwise._purchases import (
    PurchaseModel,
    alive_forecast,
    count_forecast,
    customers_and_amounts,
    discounted_forecast,
    histories_of,
    horizon_of,
    purchases_forecast,
)
from tierwise._spend import SpendBootstrap
from tierwise._tierwise import bootstrap_forecast as _bootstrap_forecast
from tierwise._tierwise import bootstrap_parts as _bootstrap_parts
from tierwise._tierwise import bootstrap_value as _bootstrap_value


class PurchaseBootstrap(Bootstrap):
    """A model of purchases fitted to samples of the customers too; made by :meth:`BgNbd.bootstrap` and the like.

    Forecasts come as frames with ``estimate`` (that of :attr:`model`), ``lower`` and ``upper``: the middle ``level`` of
    what the samples' models expect. It is saved and pickled as models are.
    """

    _kind = "purchase_bootstrap"

    @property
    def model(self) -> PurchaseModel:
        """The model of all customers."""
        return PurchaseModel._of(_bootstrap_parts(self._model)[0])

    def expected_purchases(self, rfm: Any, *, periods: float, after: float = 0.0, level: float = 0.95) -> Any:
        """Give what :meth:`PurchaseModel.expected_purchases` gives, with intervals of the samples."""
        of = "expected_purchases"
        return self._forecast(rfm, of, purchases_forecast(of, periods, after), level)

    def probability_alive(self, rfm: Any, *, ahead: float = 0.0, level: float = 0.95) -> Any:
        """Give what :meth:`PurchaseModel.probability_alive` gives, with intervals of the samples."""
        return self._forecast(rfm, "probability_alive", alive_forecast("probability_alive", ahead), level)

    def count_probability(
        self, rfm: Any, count: int, *, periods: float, after: float = 0.0, level: float = 0.95
    ) -> Any:
        """Give what :meth:`PurchaseModel.count_probability` gives, with intervals of the samples."""
        of = "count_probability"
        return self._forecast(rfm, of, count_forecast(of, count, periods, after), level)

    def discounted_purchases(self, rfm: Any, *, rate: float, after: float = 0.0, level: float = 0.95) -> Any:
        """Give what :meth:`PurchaseModel.discounted_purchases` gives, with intervals of the samples."""
        of = "discounted_purchases"
        return self._forecast(rfm, of, discounted_forecast(of, rate, after), level)

    def lifetime_value(
        self,
        rfm: Any,
        *,
        spend: SpendBootstrap,
        paid: Any = None,
        steps: int,
        rate: float,
        periods_per_step: float = 1.0,
        after: float = 0.0,
        margin: float = 1.0,
        level: float = 0.95,
    ) -> Any:
        """Give what :meth:`PurchaseModel.lifetime_value` gives, with intervals of the samples of both models.

        The first sample of purchases goes with the first of ``spend`` (of :meth:`GammaGamma.bootstrap`), and so on;
        where those of spend are fewer they begin again.
        """
        of = "lifetime_value"
        horizon, share = horizon_of(of, steps, periods_per_step, rate, after), real(of, "margin", margin)
        check_fitted(of, "spend", spend, SpendBootstrap, "GammaGamma().bootstrap(...)")
        at, covariates = given_level(of, level), self.model.covariates

        def work(also: Sequence[str]) -> list[Floats]:
            histories, amounts = customers_and_amounts(rfm, covariates, paid, also)
            return _bootstrap_value(self._model, spend._model, histories, amounts, horizon, share, at)

        return estimate_like(rfm, of, naming_customers(rfm, work))

    def _forecast(self, rfm: Any, of: str, forecast: dict[str, Any], level: float) -> Any:
        asked, at, covariates = json.dumps(forecast), given_level(of, level), self.model.covariates

        def work(also: Sequence[str]) -> list[Floats]:
            return _bootstrap_forecast(self._model, histories_of(rfm, covariates, also=also), asked, at)

        return estimate_like(rfm, of, naming_customers(rfm, work))
