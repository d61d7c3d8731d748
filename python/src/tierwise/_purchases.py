"""Models of purchases: who will still buy, how often, and is he still there?"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from tierwise import _feature
from tierwise._feature import Feature
from tierwise._frames import Floats, invalid_parameter, numbers, real, texts, whole
from tierwise._lifetime import (
    LifetimeModel,
    estimate_like,
    given_parameters,
    level_of,
    naming_customers,
    table_with,
    weights_of,
)
from tierwise._models import ScoreModel
from tierwise._tierwise import Histories
from tierwise._tierwise import PurchaseBootstrap as _PurchaseBootstrap
from tierwise._tierwise import fit_purchases as _fit_purchases
from tierwise._tierwise import lifetime_value as _lifetime_value
from tierwise._tierwise import model_at_covariates as _model_at_covariates
from tierwise._tierwise import purchase_coefficients as _purchase_coefficients
from tierwise._tierwise import purchase_covariates as _purchase_covariates
from tierwise._tierwise import purchase_forecast as _purchase_forecast
from tierwise._tierwise import purchase_log_likelihood as _purchase_log_likelihood
from tierwise._tierwise import purchase_model as _purchase_model
from tierwise._tierwise import purchase_probability as _purchase_probability
from tierwise._tierwise import purchase_settings as _purchase_settings
from tierwise._tierwise import purchases_of_new as _purchases_of_new
from tierwise._tierwise import simulate_purchases as _simulate_purchases

if TYPE_CHECKING:
    from tierwise._spend import SpendModel

_COLUMNS = ("repeat_frequency", "last_purchase_age", "age")
_MOST_COUNTED = 100_000


def histories_of(rfm: Any, covariates: Sequence[str] = (), weights: Any = None, also: Sequence[str] = ()) -> Histories:
    table = table_with(rfm, [*_COLUMNS, *covariates], also)
    return Histories(table, list(covariates), weights_of(weights))


def _purchases_forecast(of: str, periods: Any, after: Any) -> dict[str, Any]:
    return {"purchases": {"after": real(of, "after", after), "periods": real(of, "periods", periods)}}


def _alive_forecast(of: str, ahead: Any) -> dict[str, Any]:
    return {"alive": {"ahead": real(of, "ahead", ahead)}}


def _count_forecast(of: str, count: Any, periods: Any, after: Any) -> dict[str, Any]:
    times = {"after": real(of, "after", after), "periods": real(of, "periods", periods)}
    return {"count": {"count": whole(of, "count", count, 0, _MOST_COUNTED), **times}}


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
            rfm, "expected_purchases", _purchases_forecast("expected_purchases", periods, after), level
        )

    def probability_alive(self, rfm: Any, *, ahead: float = 0.0, level: float | None = None) -> Any:
        """Give the probability that each customer has not left for good, today or ``ahead`` periods from today.

        BG/NBD gives 1 to everybody who never came back; take another model where that matters.
        """
        return self._forecast(rfm, "probability_alive", _alive_forecast("probability_alive", ahead), level)

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
        forecast = _count_forecast("count_probability", count, periods, after)
        return self._forecast(rfm, "count_probability", forecast, level)

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
        after: float = 0.0,
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
        horizon = {
            "steps": whole(of, "steps", steps, 1, 100_000),
            "periods": real(of, "periods_per_step", periods_per_step),
            "rate": real(of, "rate", rate),
            "after": real(of, "after", after),
        }
        share, at = real(of, "margin", margin), level_of(of, level)

        def work(also: Sequence[str]) -> list[Floats]:
            table = table_with(rfm, [*_COLUMNS, *self.covariates, "mean_repeat_amount"], also)
            histories = Histories(table, self.covariates)
            return _lifetime_value(self._model, spend._model, histories, table, json.dumps(horizon), share, at)

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
        old = numbers("ages", ages)
        zeros = np.zeros(len(old))
        columns = dict(zip(_COLUMNS, (zeros, zeros, old), strict=True))
        if self.covariates:
            if covariates is None:
                given = ", ".join(self.covariates)
                raise invalid_parameter("simulate", "covariates", f"a table with the columns {given}", "None")
            table = table_with(covariates, self.covariates)
            features = _feature.to_json([Feature.number(name) for name in self.covariates])
            columns |= dict(zip(self.covariates, table.values(features, False), strict=True))
        customers, times = _simulate_purchases(
            self._model, histories_of(columns, self.covariates), whole("simulate", "seed", seed, 0, 2**64 - 1)
        )
        return {"customer": customers, "time": times}

    def _forecast(self, rfm: Any, name: str, forecast: dict[str, Any], level: float | None) -> Any:
        asked, at = json.dumps(forecast), level_of(name, level)

        def work(also: Sequence[str]) -> list[Floats]:
            return _purchase_forecast(self._model, histories_of(rfm, self.covariates, also=also), asked, at)

        return estimate_like(rfm, name, naming_customers(rfm, work))


@dataclass(frozen=True)
class BootstrapParameter:
    """A parameter, or the coefficient of a covariate on it, with the middle of what samples of the customers gave."""

    name: str
    covariate: str | None
    estimate: float
    lower: float
    upper: float


class PurchaseBootstrap:
    """A fit repeated on samples of the customers; made by :meth:`BgNbd.bootstrap` and the like.

    Forecasts come as frames with ``estimate`` (that of :attr:`model`), ``lower`` and ``upper``: the middle ``level`` of
    what the samples' models expect.
    """

    def __init__(self, sampled: _PurchaseBootstrap) -> None:
        self._sampled = sampled

    @property
    def model(self) -> PurchaseModel:
        """The model of all customers."""
        return PurchaseModel._of(self._sampled.model())

    @property
    def samples(self) -> int:
        """Samples whose fit converged; the intervals rest on them."""
        return self._sampled.samples()[0]

    @property
    def failed(self) -> int:
        """Samples whose fit did not converge."""
        return self._sampled.samples()[1]

    def parameter_table(self, *, level: float = 0.95) -> list[BootstrapParameter]:
        """Give parameters and coefficients with intervals."""
        found = json.loads(self._sampled.parameters(real("parameter_table", "level", level)))
        return [BootstrapParameter(**one) for one in found]

    def expected_purchases(self, rfm: Any, *, periods: float, after: float = 0.0, level: float = 0.95) -> Any:
        """Give what :meth:`PurchaseModel.expected_purchases` gives, with intervals of the samples."""
        of = "expected_purchases"
        return self._forecast(rfm, of, _purchases_forecast(of, periods, after), level)

    def probability_alive(self, rfm: Any, *, ahead: float = 0.0, level: float = 0.95) -> Any:
        """Give what :meth:`PurchaseModel.probability_alive` gives, with intervals of the samples."""
        return self._forecast(rfm, "probability_alive", _alive_forecast("probability_alive", ahead), level)

    def count_probability(
        self, rfm: Any, count: int, *, periods: float, after: float = 0.0, level: float = 0.95
    ) -> Any:
        """Give what :meth:`PurchaseModel.count_probability` gives, with intervals of the samples."""
        of = "count_probability"
        return self._forecast(rfm, of, _count_forecast(of, count, periods, after), level)

    def _forecast(self, rfm: Any, of: str, forecast: dict[str, Any], level: float) -> Any:
        asked, at, covariates = json.dumps(forecast), real(of, "level", level), self.model.covariates

        def work(also: Sequence[str]) -> list[Floats]:
            return self._sampled.forecast(histories_of(rfm, covariates, also=also), asked, at)

        return estimate_like(rfm, of, naming_customers(rfm, work))


@dataclass(frozen=True)
class _PurchaseFit:
    days_per_period: float = 1.0
    horizon: float = 1.0
    covariates: Sequence[str] = ()

    _process: ClassVar[str]
    _parameters: ClassVar[tuple[str, str, str, str]]
    _moved: ClassVar[tuple[str, ...]]

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
            With ``repeat_frequency``, ``last_purchase_age`` and ``age``, and the covariates, if the model has any;
            ``customer``, if there, names rows in errors.
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
        columns = self._columns(rfm, frequency, recency, age)

        def work(also: Sequence[str]) -> Any:
            return _fit_purchases(self._process, *self._settings(), histories_of(columns, self._names(), weights, also))

        return PurchaseModel._of(naming_customers(columns, work))

    def bootstrap(
        self,
        rfm: Any = None,
        *,
        frequency: Any = None,
        recency: Any = None,
        age: Any = None,
        weights: Any = None,
        samples: int = 200,
        seed: int,
    ) -> PurchaseBootstrap:
        """Fit the customers, and then samples of them: intervals that do not take the likelihood for a parabola.

        The samples are those of the Bayesian bootstrap (Rubin 1981): each customer counts an exponentially distributed
        number of times, once on average.

        Parameters
        ----------
        rfm, frequency, recency, age, weights
            As in :meth:`fit`.
        samples : int
            How many, 20 to 10 000.
        seed : int
            The same seed gives the same samples on every machine.

        Examples
        --------
        >>> import numpy as np, tierwise as tw
        >>> truth = tw.value.MbgNbd().with_parameters(r=0.8, alpha=6.0, a=0.9, b=1.8)
        >>> drawn = truth.simulate(np.full(500, 30.0), seed=1)
        >>> repeats, last = np.bincount(drawn["customer"]) - 1, np.zeros(500)
        >>> np.maximum.at(last, drawn["customer"], drawn["time"])
        >>> customers = {"repeat_frequency": repeats, "last_purchase_age": last, "age": np.full(500, 30.0)}
        >>> sampled = tw.value.MbgNbd().bootstrap(customers, samples=100, seed=1)
        >>> r = sampled.parameter_table(level=0.9)[0]
        >>> r.name, r.lower < 0.8 < r.upper
        ('r', True)
        >>> sorted(sampled.expected_purchases(customers, periods=10))
        ['estimate', 'lower', 'upper']
        """
        columns = self._columns(rfm, frequency, recency, age)
        many = whole("bootstrap", "samples", samples, 20, 10_000)
        start = whole("bootstrap", "seed", seed, 0, 2**64 - 1)

        def work(also: Sequence[str]) -> _PurchaseBootstrap:
            histories = histories_of(columns, self._names(), weights, also)
            return _PurchaseBootstrap(self._process, *self._settings(), histories, many, start)

        return PurchaseBootstrap(naming_customers(columns, work))

    def with_parameters(
        self, *, coefficients: Mapping[str, Mapping[str, float]] | None = None, **parameters: float
    ) -> PurchaseModel:
        """Make a model of parameters from elsewhere, by name; it has no standard errors.

        With covariates, ``coefficients`` holds for each one what it does to each parameter that it moves; see
        :attr:`PurchaseModel.coefficients`.
        """
        of = type(self).__name__
        given = given_parameters(of, self._parameters, parameters)
        covariates = self._names()
        by_name = coefficients or {}
        sound = isinstance(by_name, Mapping) and all(isinstance(one, Mapping) for one in by_name.values())
        if not sound or sorted(by_name) != sorted(covariates):
            must_be = f"a dict with one entry for each of the covariates ({', '.join(covariates) or 'none'})"
            raise invalid_parameter(of, "coefficients", must_be, repr(coefficients))
        moved = [(name, given_parameters(of, self._moved, dict(by_name[name]))) for name in covariates]
        days, horizon, _ = self._settings()
        return PurchaseModel._of(_purchase_model(self._process, given, days, horizon, moved))

    def _columns(self, rfm: Any, frequency: Any, recency: Any, age: Any) -> Any:
        if rfm is not None:
            return rfm
        if self._names():
            raise invalid_parameter(type(self).__name__, "rfm", "a table, which holds the covariates too", "None")
        given = {"frequency": frequency, "recency": recency, "age": age}
        repeats, last, ages = (numbers(name, values) for name, values in given.items())
        return dict(zip(_COLUMNS, (repeats, last, ages), strict=True))

    def _names(self) -> list[str]:
        return texts(type(self).__name__, "covariates", self.covariates)

    def _settings(self) -> tuple[float, float, list[str]]:
        of = type(self).__name__
        return real(of, "days_per_period", self.days_per_period), real(of, "horizon", self.horizon), self._names()


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
    covariates : list of str
        Columns of what else is known of the customers and does not change, as numbers (1 and 0 for yes and no): the
        parameters depend on them (Fader and Hardie 2007, *Incorporating time-invariant covariates*).

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
    _moved: ClassVar[tuple[str, ...]] = ("alpha", "a", "b")


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
    _moved: ClassVar[tuple[str, ...]] = ("alpha", "a", "b")


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
    _moved: ClassVar[tuple[str, ...]] = ("alpha", "beta")


@dataclass(frozen=True)
class BgBb(_PurchaseFit):
    """BG/BB: buys in a period or does not, and may leave before each (Fader, Hardie and Shang 2010).

    For purchases that can happen once per period: a yearly donation, a visit to a fair. ``repeat_frequency`` counts
    periods with a purchase, and all times are whole periods. Takes the parameters of :class:`BgNbd` but ``covariates``.

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
    _moved: ClassVar[tuple[str, ...]] = ()
