"""Learning models of purchases."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from tierwise._bootstrap import samples_and_seed
from tierwise._frames import numbers
from tierwise._lifetime import given_parameters, naming_customers
from tierwise._parameters import invalid_parameter, real, texts
from tierwise._purchase_bootstrap import PurchaseBootstrap
from tierwise._purchases import COLUMNS, PurchaseModel, histories_of
from tierwise._tierwise import Table
from tierwise._tierwise import bootstrap_purchases as _bootstrap_purchases
from tierwise._tierwise import fit_purchases as _fit_purchases
from tierwise._tierwise import purchase_model as _purchase_model


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
        progress: Callable[[int, int, float], object] | None = None,
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
        progress : callable, optional
            Called from time to time with the samples that are fitted, all of them, and NaN; what it raises stops the
            work. Ctrl-C stops it too.

        Examples
        --------
        >>> import numpy as np, tierwise as tw
        >>> truth = tw.value.MbgNbd().with_parameters(r=0.8, alpha=6.0, a=0.9, b=1.8)
        >>> customers = truth.simulate_histories(np.full(500, 30.0), seed=1)
        >>> sampled = tw.value.MbgNbd().bootstrap(customers, samples=100, seed=1)
        >>> r = sampled.parameter_table(level=0.9)[0]
        >>> r.name, r.lower < 0.8 < r.upper
        ('r', True)
        >>> sorted(sampled.expected_purchases(customers, periods=10))
        ['estimate', 'lower', 'upper']
        """
        columns = self._columns(rfm, frequency, recency, age)
        many, start = samples_and_seed(samples, seed)

        def work(also: Sequence[str]) -> Any:
            histories = histories_of(columns, self._names(), weights, also)
            return _bootstrap_purchases(self._process, *self._settings(), histories, many, start, progress)

        return PurchaseBootstrap._of(naming_customers(columns, work))

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
        columns = [numbers(name, values) for name, values in given.items()]
        # Columns of different lengths are refused by the names that they were passed under.
        names = COLUMNS if len(set(map(len, columns))) == 1 else given
        return Table.from_columns(list(zip(names, columns, strict=True)))

    def _names(self) -> list[str]:
        return texts(type(self).__name__, "covariates", self.covariates)

    def _settings(self) -> tuple[float, float, list[str]]:
        of = type(self).__name__
        return real(of, "days_per_period", self.days_per_period), real(of, "horizon", self.horizon), self._names()


@dataclass(frozen=True)
class BgNbd(_PurchaseFit):
    """BG/NBD: buys at a steady rate and may leave after every purchase but the first (Fader, Hardie and Lee 2005).

    It counts every customer who never came back as alive: for early warning take :class:`MbgNbd` or :class:`ParetoNbd`.

    Purchases per period are gamma distributed over customers with shape ``r`` and rate (not scale) ``alpha``, mean
    ``r / alpha``; the chance to leave after a purchase is beta distributed, mean ``a / (a + b)``.

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
    >>> model = tw.value.BgNbd().fit(truth.simulate_histories(np.full(2000, 40.0), seed=1))
    >>> model.report.converged, abs(model.parameters["r"] - 0.5) < 0.1
    (True, True)
    """

    _process: ClassVar[str] = "bg_nbd"
    _parameters: ClassVar[tuple[str, str, str, str]] = ("r", "alpha", "a", "b")
    _moved: ClassVar[tuple[str, ...]] = ("alpha", "a", "b")


@dataclass(frozen=True)
class MbgNbd(_PurchaseFit):
    """MBG/NBD: as :class:`BgNbd`, but may leave after the first purchase too (Batislam, Denizel and Filiztekin 2007).

    Takes the parameters of :class:`BgNbd`, and has its ``r``, ``alpha``, ``a`` and ``b``.

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

    Purchases per period are gamma distributed over customers with shape ``r`` and rate (not scale) ``alpha``, mean
    ``r / alpha``; so is the rate at which they leave, with ``s`` and ``beta``, mean ``s / beta`` per period. Takes the
    parameters of :class:`BgNbd`.

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
    periods with a purchase, and all times are whole periods: number the periods of a log and take these numbers for
    its dates (see "Purchases in periods" in the documentation). Takes the parameters of :class:`BgNbd` but
    ``covariates``.

    The chance to buy in a period is beta distributed over customers, mean ``alpha / (alpha + beta)``; so is the chance
    to leave before one, mean ``gamma / (gamma + delta)``.

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
