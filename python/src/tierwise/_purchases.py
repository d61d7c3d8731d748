"""Models of purchases: who will still buy, how often, and is he still there?"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from tierwise._frames import Floats, numbers, real, whole
from tierwise._lifetime import (
    LifetimeModel,
    columns_of,
    estimate_like,
    given_parameters,
    level_of,
    naming_customers,
    weights_of,
)
from tierwise._models import ScoreModel
from tierwise._tierwise import Histories
from tierwise._tierwise import fit_purchases as _fit_purchases
from tierwise._tierwise import lifetime_value as _lifetime_value
from tierwise._tierwise import purchase_forecast as _purchase_forecast
from tierwise._tierwise import purchase_model as _purchase_model
from tierwise._tierwise import purchase_probability as _purchase_probability
from tierwise._tierwise import purchase_settings as _purchase_settings
from tierwise._tierwise import purchases_of_new as _purchases_of_new
from tierwise._tierwise import simulate_purchases as _simulate_purchases

if TYPE_CHECKING:
    from tierwise._spend import SpendModel

_COLUMNS = ("repeat_frequency", "last_purchase_age", "age")


def _read(rfm: Any, weights: Any = None) -> Histories:
    if isinstance(rfm, Histories):
        return rfm
    _, (repeats, last, age) = columns_of(rfm, _COLUMNS)
    counts = weights_of(weights)
    return naming_customers(rfm, lambda table, name: Histories(repeats, last, age, counts, table, name))


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
        times = {
            "after": real("expected_purchases", "after", after),
            "periods": real("expected_purchases", "periods", periods),
        }
        return self._forecast(rfm, "expected_purchases", {"purchases": times}, level)

    def probability_alive(self, rfm: Any, *, ahead: float = 0.0, level: float | None = None) -> Any:
        """Give the probability that each customer has not left for good, today or ``ahead`` periods from today.

        BG/NBD gives 1 to everybody who never came back; take another model where that matters.
        """
        return self._forecast(
            rfm, "probability_alive", {"alive": {"ahead": real("probability_alive", "ahead", ahead)}}, level
        )

    def discounted_purchases(self, rfm: Any, *, rate: float, level: float | None = None) -> Any:
        """Give the mean number of all future purchases, discounted continuously at ``rate`` per period.

        For BG/BB the discount is once per period: a purchase in the next one counts 1 / (1 + rate).
        """
        return self._forecast(
            rfm, "discounted_purchases", {"discounted": {"rate": real("discounted_purchases", "rate", rate)}}, level
        )

    def lifetime_value(
        self,
        rfm: Any,
        *,
        spend: SpendModel,
        steps: int,
        rate: float,
        periods_per_step: float = 1.0,
        margin: float = 1.0,
        level: float | None = None,
    ) -> Any:
        """Give what each customer will bring within a horizon, at today's worth: purchases times amount times margin.

        Parameters
        ----------
        rfm : data frame or dict of columns
            With ``mean_repeat_amount`` beside the columns of :meth:`expected_purchases`.
        spend : SpendModel
            What a purchase brings.
        steps, periods_per_step : int, float
            The horizon: so many steps of so many periods each.
        rate : float
            Discount rate per step; what happens in step *i* is divided by (1 + rate) to the power *i*.
        margin : float
            What of the money is left.
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
        _, (amounts,) = columns_of(rfm, ["mean_repeat_amount"])
        horizon = {
            "steps": whole("lifetime_value", "steps", steps, 1, 100_000),
            "periods": real("lifetime_value", "periods_per_step", periods_per_step),
            "rate": real("lifetime_value", "rate", rate),
        }
        columns = _lifetime_value(
            self._model,
            spend._model,
            _read(rfm),
            amounts,
            json.dumps(horizon),
            real("lifetime_value", "margin", margin),
            level_of("lifetime_value", level),
        )
        return estimate_like(rfm, "lifetime_value", columns)

    def expected_of_new(self, *, periods: float) -> float:
        """Give the mean number of purchases of a new customer in his first periods, the first purchase not counted."""
        return _purchases_of_new(self._model, real("expected_of_new", "periods", periods))

    def probability_of_count(self, count: int, *, periods: float, after: float = 0.0) -> float:
        """Give the probability that a new customer makes ``count`` purchases in ``periods`` periods.

        They begin ``after`` periods after his first purchase.
        """
        return _purchase_probability(
            self._model,
            whole("probability_of_count", "count", count, 0, 100_000),
            real("probability_of_count", "after", after),
            real("probability_of_count", "periods", periods),
        )

    def simulate(self, ages: Any, *, seed: int) -> dict[str, Any]:
        """Draw the purchases of one customer per age.

        Returns
        -------
        dict
            ``customer`` (position among the ages) and ``time`` since his first purchase (which is there, at 0), in the
            unit of the ages: days where ``days_per_period`` says so. The same seed gives the same on every machine.
        """
        customers, times = _simulate_purchases(
            self._model, numbers("ages", ages), whole("simulate", "seed", seed, 0, 2**64 - 1)
        )
        return {"customer": customers, "time": times}

    def _forecast(self, rfm: Any, name: str, forecast: dict[str, Any], level: float | None) -> Any:
        columns: list[Floats] = _purchase_forecast(self._model, _read(rfm), json.dumps(forecast), level_of(name, level))
        return estimate_like(rfm, name, columns)


@dataclass(frozen=True)
class _PurchaseFit:
    days_per_period: float = 1.0
    horizon: float = 1.0

    _process: ClassVar[str]
    _parameters: ClassVar[tuple[str, str, str, str]]

    def fit(
        self,
        rfm: Any = None,
        *,
        frequency: Any = None,
        recency: Any = None,
        age: Any = None,
        weights: Any = None,
    ) -> PurchaseModel:
        """Learn from the customers of a table as :func:`tierwise.value.rfm` makes it, or from three columns.

        Parameters
        ----------
        rfm : data frame or dict of columns
            With ``repeat_frequency``, ``last_purchase_age`` and ``age``; ``customer``, if there, names rows in errors.
        frequency, recency, age : array
            In its place, the columns as lifetime models call them: purchases after the first, time of the last one
            since the first, time since the first.
        weights : array, optional
            Counts each customer so many times.

        Returns
        -------
        PurchaseModel
            Its ``report`` says whether the fit converged and what is wrong with the data.

        Raises
        ------
        InvalidValueError
            For a history that cannot be one; it names the row and the customer.
        NotEnoughDataError
            For fewer than five distinct histories, and when nobody ever came back.
        """
        if rfm is None:
            given = {"frequency": frequency, "recency": recency, "age": age}
            repeats, last, ages = (numbers(name, values) for name, values in given.items())
            histories = Histories(repeats, last, ages, weights_of(weights))
        else:
            histories = _read(rfm, weights)
        settings = self._settings()
        return PurchaseModel._of(_fit_purchases(self._process, *settings, histories))

    def with_parameters(self, **parameters: float) -> PurchaseModel:
        """Make a model of parameters from elsewhere, by name; it has no standard errors."""
        given = given_parameters(type(self).__name__, self._parameters, parameters)
        return PurchaseModel._of(_purchase_model(self._process, given, *self._settings()))

    def _settings(self) -> tuple[float, float]:
        of = type(self).__name__
        return real(of, "days_per_period", self.days_per_period), real(of, "horizon", self.horizon)


@dataclass(frozen=True)
class BgNbd(_PurchaseFit):
    """BG/NBD: buys at a steady rate and may leave after every purchase but the first (Fader, Hardie and Lee 2005).

    It counts every customer who never came back as alive: for early warning take :class:`MbgNbd` or :class:`ParetoNbd`.

    Parameters
    ----------
    days_per_period : float
        Days (or units of the table's times) that make one period of the model: 7 for weeks.
    horizon : float
        The periods that the model's ``score`` looks ahead.

    Examples
    --------
    >>> import numpy as np, tierwise as tw
    >>> truth = tw.value.BgNbd().with_parameters(r=0.5, alpha=6.0, a=0.8, b=2.4)
    >>> drawn = truth.simulate(np.full(2000, 40.0), seed=1)
    >>> repeats = np.bincount(drawn["customer"], minlength=2000) - 1
    >>> last = np.zeros(2000)
    >>> np.maximum.at(last, drawn["customer"], drawn["time"])
    >>> model = tw.value.BgNbd().fit(frequency=repeats, recency=last, age=np.full(2000, 40.0))
    >>> model.report.converged, abs(model.parameters["r"] - 0.5) < 0.1
    (True, True)
    """

    _process: ClassVar[str] = "bg_nbd"
    _parameters: ClassVar[tuple[str, str, str, str]] = ("r", "alpha", "a", "b")


@dataclass(frozen=True)
class MbgNbd(_PurchaseFit):
    """MBG/NBD: as :class:`BgNbd`, but may leave after the first purchase too (Batislam, Denizel and Filiztekin 2007).

    Takes the parameters of :class:`BgNbd`.

    Examples
    --------
    >>> import tierwise as tw
    >>> model = tw.value.MbgNbd().with_parameters(r=0.525, alpha=6.183, a=0.891, b=1.614)
    >>> once = {"repeat_frequency": [0], "last_purchase_age": [0], "age": [38.86]}
    >>> model.probability_alive(once).round(3)
    array([0.39])
    """

    _process: ClassVar[str] = "mbg_nbd"
    _parameters: ClassVar[tuple[str, str, str, str]] = ("r", "alpha", "a", "b")


@dataclass(frozen=True)
class ParetoNbd(_PurchaseFit):
    """Pareto/NBD: buys at a steady rate and may leave at any moment (Schmittlein, Morrison and Colombo 1987).

    Takes the parameters of :class:`BgNbd`.

    Examples
    --------
    >>> import tierwise as tw
    >>> model = tw.value.ParetoNbd().with_parameters(r=0.553, alpha=10.58, s=0.606, beta=11.656)
    >>> once = {"repeat_frequency": [0], "last_purchase_age": [0], "age": [39.0]}
    >>> model.probability_alive(once).round(6)
    array([0.294273])
    """

    _process: ClassVar[str] = "pareto_nbd"
    _parameters: ClassVar[tuple[str, str, str, str]] = ("r", "alpha", "s", "beta")


@dataclass(frozen=True)
class BgBb(_PurchaseFit):
    """BG/BB: buys in a period or does not, and may leave before each (Fader, Hardie and Shang 2010).

    For purchases that can happen once per period: a yearly donation, a visit to a fair. ``repeat_frequency`` counts
    periods with a purchase, and all times are whole periods. Takes the parameters of :class:`BgNbd`.

    Examples
    --------
    >>> import tierwise as tw
    >>> model = tw.value.BgBb().with_parameters(alpha=1.204, beta=0.750, gamma=0.657, delta=2.783)
    >>> donor = {"repeat_frequency": [4], "last_purchase_age": [5], "age": [6]}
    >>> model.expected_purchases(donor, periods=10).round(2)
    array([3.63])
    """

    _process: ClassVar[str] = "bg_bb"
    _parameters: ClassVar[tuple[str, str, str, str]] = ("alpha", "beta", "gamma", "delta")
