"""Models of purchases: who will still buy, how often, and is he still there?"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tierwise import _feature
from tierwise._feature import Feature
from tierwise._frames import Floats, numbers
from tierwise._lifetime import (
    PAID,
    LifetimeModel,
    check_fitted,
    estimate_like,
    given_parameters,
    level_of,
    naming_customers,
    table_with,
    weights_of,
)
from tierwise._models import ScoreModel
from tierwise._parameters import invalid_parameter, real, whole
from tierwise._spend import SpendModel
from tierwise._tierwise import Histories, Table
from tierwise._tierwise import lifetime_value as _lifetime_value
from tierwise._tierwise import model_at_covariates as _model_at_covariates
from tierwise._tierwise import purchase_coefficients as _purchase_coefficients
from tierwise._tierwise import purchase_covariates as _purchase_covariates
from tierwise._tierwise import purchase_forecast as _purchase_forecast
from tierwise._tierwise import purchase_log_likelihood as _purchase_log_likelihood
from tierwise._tierwise import purchase_probability as _purchase_probability
from tierwise._tierwise import purchase_settings as _purchase_settings
from tierwise._tierwise import purchases_of_new as _purchases_of_new
from tierwise._tierwise import simulate_purchases as _simulate_purchases

COLUMNS = ("repeat_frequency", "last_purchase_age", "age")
_MOST_COUNTED = 100_000


def histories_of(rfm: Any, covariates: Sequence[str] = (), weights: Any = None, also: Sequence[str] = ()) -> Histories:
    table = table_with(rfm, [*COLUMNS, *covariates], also)
    return Histories(table, list(covariates), weights_of(weights))


def customers_and_amounts(
    rfm: Any, covariates: Sequence[str], paid: Any, also: Sequence[str]
) -> tuple[Histories, Table]:
    """Read customers, and what they paid: from the same table unless there is another one."""
    if paid is not None:
        return histories_of(rfm, covariates, also=also), table_with(paid, PAID)
    table = table_with(rfm, [*COLUMNS, *covariates, "mean_repeat_amount"], also)
    return Histories(table, list(covariates)), table


def purchases_forecast(of: str, periods: Any, after: Any) -> dict[str, Any]:
    return {"purchases": {"after": real(of, "after", after), "periods": real(of, "periods", periods)}}


def alive_forecast(of: str, ahead: Any) -> dict[str, Any]:
    return {"alive": {"ahead": real(of, "ahead", ahead)}}


def count_forecast(of: str, count: Any, periods: Any, after: Any) -> dict[str, Any]:
    times = {"after": real(of, "after", after), "periods": real(of, "periods", periods)}
    return {"count": {"count": whole(of, "count", count, 0, _MOST_COUNTED), **times}}


def discounted_forecast(of: str, rate: Any, after: Any) -> dict[str, Any]:
    return {"discounted": {"rate": real(of, "rate", rate), "after": real(of, "after", after)}}


def horizon_of(of: str, steps: Any, periods_per_step: Any, rate: Any, after: Any) -> str:
    per_step = real(of, "periods_per_step", periods_per_step)
    if per_step <= 0:
        raise invalid_parameter(of, "periods_per_step", "above 0", str(per_step))
    horizon = {
        "steps": whole(of, "steps", steps, 1, 100_000),
        "periods": per_step,
        "rate": real(of, "rate", rate),
        "after": real(of, "after", after),
    }
    return json.dumps(horizon)


@dataclass(frozen=True)
class CovariateEffect:
    """What a covariate does to the logarithm of a parameter, per unit; errors are ``None`` where they are unknown."""

    covariate: str
    parameter: str
    estimate: float
    standard_error: float | None
    lower: float | None
    upper: float | None


class PurchaseModel(LifetimeModel, ScoreModel):
    """A fitted model of purchases. Customers come as a table with the columns of :func:`tierwise.value.rfm`.

    Fit one with :class:`BgNbd`, :class:`MbgNbd`, :class:`ParetoNbd` or :class:`BgBb`. ``score`` gives the purchases
    expected within the model's ``horizon``; it is no sum, so ``explain`` is refused.
    """

    _kind = "purchase_model"

    @property
    def process(self) -> str:
        """The story: ``bg_nbd``, ``mbg_nbd``, ``pareto_nbd`` or ``bg_bb``."""
        return _purchase_settings(self._model)[0]

    @property
    def days_per_period(self) -> float:
        """Days (or units of the table's times) per period."""
        return _purchase_settings(self._model)[1]

    @property
    def horizon(self) -> float:
        """The periods that ``score`` looks ahead."""
        return _purchase_settings(self._model)[2]

    @property
    def covariates(self) -> list[str]:
        """The columns beside the history that move the parameters."""
        return _purchase_covariates(self._model)

    @property
    def coefficients(self) -> list[CovariateEffect]:
        """What the covariates do, with standard errors and 95 % intervals.

        A positive coefficient on ``alpha`` means more purchases, one on ``beta`` (Pareto/NBD) to leave sooner; ``a``
        and ``b`` rise with theirs. ``parameters`` are those of a customer whose covariates are all 0.
        """
        return [CovariateEffect(**one) for one in json.loads(_purchase_coefficients(self._model))]

    def at_covariates(self, **values: float) -> PurchaseModel:
        """Give the model of customers with these covariates, which can be asked of new customers.

        Examples
        --------
        >>> import tierwise as tw
        >>> model = tw.value.ParetoNbd(covariates=["web"]).with_parameters(
        ...     r=0.55, alpha=10.6, s=0.6, beta=11.7, coefficients={"web": {"alpha": 0.7, "beta": 0.0}})
        >>> [round(model.at_covariates(web=web).expected_of_new(periods=52), 3) for web in (0, 1)]
        [1.472, 2.963]
        """
        given = given_parameters("at_covariates", self.covariates, values)
        return PurchaseModel._of(_model_at_covariates(self._model, given))

    def log_likelihood_of(self, rfm: Any, *, weights: Any = None) -> float:
        """Give the log-likelihood of customers under this model, without the constant that no parameter changes.

        Times count in periods. It compares models on customers that none of them was learned on.

        Examples
        --------
        >>> import tierwise as tw
        >>> model = tw.value.ParetoNbd().with_parameters(r=0.553, alpha=10.58, s=0.606, beta=11.656)
        >>> customer = {"repeat_frequency": [2], "last_purchase_age": [30.43], "age": [38.86]}
        >>> round(model.log_likelihood_of(customer), 9)
        -9.554763578
        """
        return naming_customers(
            rfm,
            lambda also: _purchase_log_likelihood(self._model, histories_of(rfm, self.covariates, weights, also)),
        )

    def expected_purchases(self, rfm: Any, *, periods: float, after: float = 0.0, level: float | None = None) -> Any:
        """Give the mean number of purchases of each customer in the coming periods.

        Parameters
        ----------
        rfm : data frame or dict of columns
            With ``repeat_frequency``, ``last_purchase_age`` and ``age``.
        periods : float
            How far to look.
        after : float
            From so many periods from today on.
        level : float, optional
            Such as 0.95: also give the interval of that mean. It tells how well the parameters are known (delta
            method); what a single customer does scatters far more.

        Returns
        -------
        series, array; with ``level`` a frame with ``estimate``, ``lower`` and ``upper``
            One element per row, of the same kind as ``rfm``.

        Examples
        --------
        >>> import tierwise as tw
        >>> model = tw.value.BgNbd().with_parameters(r=0.243, alpha=4.414, a=0.793, b=2.426)
        >>> customer = {"repeat_frequency": [2], "last_purchase_age": [30.43], "age": [38.86]}
        >>> model.expected_purchases(customer, periods=39).round(6)
        array([1.226028])
        """
        return self._forecast(
            rfm, "expected_purchases", purchases_forecast("expected_purchases", periods, after), level
        )

    def probability_alive(self, rfm: Any, *, ahead: float = 0.0, level: float | None = None) -> Any:
        """Give the probability that each customer has not left for good, today or ``ahead`` periods from today.

        BG/NBD gives 1 to everybody who never came back; take another model where that matters.

        Parameters
        ----------
        rfm : data frame or dict of columns
            As in :meth:`expected_purchases`.
        ahead : float
            So many periods from today; 0 for today.
        level : float, optional
            As in :meth:`expected_purchases`.
        """
        return self._forecast(rfm, "probability_alive", alive_forecast("probability_alive", ahead), level)

    def count_probability(
        self, rfm: Any, count: int, *, periods: float, after: float = 0.0, level: float | None = None
    ) -> Any:
        """Give the probability that each customer makes exactly ``count`` purchases in the coming periods.

        ``after`` and ``level`` are those of :meth:`expected_purchases`. For a new customer it is
        :meth:`probability_of_count`.

        Examples
        --------
        >>> import tierwise as tw
        >>> model = tw.value.BgNbd().with_parameters(r=0.243, alpha=4.414, a=0.793, b=2.426)
        >>> customer = {"repeat_frequency": [2], "last_purchase_age": [30.43], "age": [38.86]}
        >>> [model.count_probability(customer, n, periods=39).round(3).item() for n in (0, 1, 2)]
        [0.445, 0.239, 0.144]
        """
        forecast = count_forecast("count_probability", count, periods, after)
        return self._forecast(rfm, "count_probability", forecast, level)

    def discounted_purchases(self, rfm: Any, *, rate: float, after: float = 0.0, level: float | None = None) -> Any:
        """Give the mean number of all purchases from a date on, discounted continuously at ``rate`` per period.

        For BG/BB the discount is once per period: a purchase in the next one counts 1 / (1 + rate).

        Parameters
        ----------
        rfm : data frame or dict of columns
            As in :meth:`expected_purchases`.
        rate : float
            Discount rate per period.
        after : float
            The date lies so many periods from today. Discounts run from it, so that the number is what customers will
            be worth at that date, as far as it is known today; whoever has left by then is worth nothing.
        level : float, optional
            As in :meth:`expected_purchases`.

        Examples
        --------
        >>> import tierwise as tw
        >>> model = tw.value.ParetoNbd().with_parameters(r=0.553, alpha=10.58, s=0.606, beta=11.656)
        >>> customer = {"repeat_frequency": [2], "last_purchase_age": [30.43], "age": [38.86]}
        >>> [model.discounted_purchases(customer, rate=0.01, after=weeks).round(4).item() for weeks in (0, 26)]
        [2.7244, 2.359]
        """
        of = "discounted_purchases"
        return self._forecast(rfm, of, discounted_forecast(of, rate, after), level)

    def lifetime_value(
        self,
        rfm: Any,
        *,
        spend: SpendModel,
        paid: Any = None,
        steps: int,
        rate: float,
        periods_per_step: float = 1.0,
        after: float = 0.0,
        margin: float = 1.0,
        level: float | None = None,
    ) -> Any:
        """Give what each customer will bring within a horizon, at today's worth: purchases times amount times margin.

        Parameters
        ----------
        rfm : data frame or dict of columns
            With the columns of :meth:`expected_purchases`, and ``mean_repeat_amount`` unless ``paid`` is given.
        spend : SpendModel
            What a purchase brings.
        paid : data frame or dict of columns, optional
            The same customers in the same order with ``repeat_frequency`` and ``mean_repeat_amount`` as ``spend``
            counts them, where that is not as purchases are counted: in all purchases, the first included, or in those
            that cost anything.
        steps, periods_per_step : int, float
            The horizon: so many steps of so many periods each.
        rate : float
            Discount rate per step; what happens in step *i* is divided by (1 + rate) to the power *i*.
        after : float
            The horizon begins so many periods from today, and the worth is that of then: what customers will be worth
            at a later date, as far as it is known today.
        margin : float
            What of the money is left, as a share: 0.3 for 30 %.
        level : float, optional
            Also give the interval of that mean, as far as the parameters of both models are known.

        Examples
        --------
        >>> import tierwise as tw
        >>> model = tw.value.ParetoNbd().with_parameters(r=0.553, alpha=10.58, s=0.606, beta=11.656)
        >>> spend = tw.value.GammaGamma().with_parameters(p=6.25, q=3.74, v=15.44)
        >>> customers = {"repeat_frequency": [2, 0], "last_purchase_age": [30.43, 0], "age": [38.86, 38.86],
        ...              "mean_repeat_amount": [22.35, None]}
        >>> model.lifetime_value(customers, spend=spend, steps=52, rate=.002, margin=.3).round(2)
        array([13.04,  1.37])
        """
        of = "lifetime_value"
        horizon = horizon_of(of, steps, periods_per_step, rate, after)
        share, at = real(of, "margin", margin), level_of(of, level)

        check_fitted(of, "spend", spend, SpendModel, "GammaGamma().fit(...)")

        def work(also: Sequence[str]) -> list[Floats]:
            histories, amounts = customers_and_amounts(rfm, self.covariates, paid, also)
            return _lifetime_value(self._model, spend._model, histories, amounts, horizon, share, at)

        return estimate_like(rfm, of, naming_customers(rfm, work))

    def expected_of_new(self, *, periods: float) -> float:
        """Give the mean number of purchases of a new customer in his first periods, the first purchase not counted."""
        return _purchases_of_new(self._model, real("expected_of_new", "periods", periods))

    def probability_of_count(self, count: int, *, periods: float, after: float = 0.0) -> float:
        """Give the probability that a new customer makes ``count`` purchases in ``periods`` periods.

        They begin ``after`` periods after his first purchase.
        """
        return _purchase_probability(
            self._model,
            whole("probability_of_count", "count", count, 0, _MOST_COUNTED),
            real("probability_of_count", "after", after),
            real("probability_of_count", "periods", periods),
        )

    def simulate(self, ages: Any, *, covariates: Any = None, seed: int) -> dict[str, Any]:
        """Draw the purchases of one customer per age.

        Parameters
        ----------
        ages : array
            How old each customer is, in the unit of a table's times: days where ``days_per_period`` says so.
        covariates : data frame or dict of columns, optional
            For a model with covariates, those of each customer.
        seed : int
            The same seed gives the same on every machine.

        Returns
        -------
        dict
            ``customer`` (position among the ages) and ``time`` since his first purchase (which is there, at 0), in the
            unit of the ages.
        """
        _, customers, times = self._draw("simulate", ages, covariates, seed)
        return {"customer": customers, "time": times}

    def simulate_histories(self, ages: Any, *, covariates: Any = None, seed: int) -> dict[str, Any]:
        """Draw one customer per age, as :meth:`BgNbd.fit` and its kind take them.

        Parameters
        ----------
        ages, covariates, seed
            As in :meth:`simulate`, whose purchases these customers made.

        Returns
        -------
        dict
            ``repeat_frequency``, ``last_purchase_age`` and ``age``, and the covariates, one element per age.

        Examples
        --------
        >>> import numpy as np, tierwise as tw
        >>> truth = tw.value.ParetoNbd().with_parameters(r=0.9, alpha=8.0, s=0.7, beta=12.0)
        >>> again = tw.value.ParetoNbd().fit(truth.simulate_histories(np.full(2000, 40.0), seed=1))
        >>> [abs(np.log(again.parameters[name] / value)).item() < 0.3 for name, value in truth.parameters.items()]
        [True, True, True, True]
        """
        columns, customers, times = self._draw("simulate_histories", ages, covariates, seed)
        frequency, recency, age = COLUMNS
        columns[frequency] = np.bincount(customers, minlength=len(columns[age])) - 1.0
        np.maximum.at(columns[recency], customers, times)
        return columns

    def _draw(self, of: str, ages: Any, covariates: Any, seed: int) -> tuple[dict[str, Any], Any, Any]:
        old = numbers("ages", ages)
        zeros = np.zeros(len(old))
        columns = dict(zip(COLUMNS, (zeros, zeros, old), strict=True))
        if self.covariates:
            if covariates is None:
                given = ", ".join(self.covariates)
                raise invalid_parameter(of, "covariates", f"a table with the columns {given}", "None")
            table = table_with(covariates, self.covariates)
            features = _feature.to_json([Feature.number(name) for name in self.covariates])
            columns |= dict(zip(self.covariates, table.values(features, False), strict=True))
        customers, times = _simulate_purchases(
            self._model, histories_of(columns, self.covariates), whole(of, "seed", seed, 0, 2**64 - 1)
        )
        return columns, customers, times

    def _forecast(self, rfm: Any, name: str, forecast: dict[str, Any], level: float | None) -> Any:
        asked, at = json.dumps(forecast), level_of(name, level)

        def work(also: Sequence[str]) -> list[Floats]:
            return _purchase_forecast(self._model, histories_of(rfm, self.covariates, also=also), asked, at)

        return estimate_like(rfm, name, naming_customers(rfm, work))
