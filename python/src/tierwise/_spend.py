"""What a purchase brings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tierwise._bootstrap import Bootstrap, samples_and_seed
from tierwise._frames import numbers
from tierwise._lifetime import (
    PAID,
    LifetimeModel,
    estimate_like,
    given_level,
    given_parameters,
    level_of,
    naming_customers,
    table_with,
    weights_of,
)
from tierwise._parameters import described, refuse_value, whole
from tierwise._tierwise import bootstrap_expected_spend as _bootstrap_expected_spend
from tierwise._tierwise import bootstrap_parts as _bootstrap_parts
from tierwise._tierwise import bootstrap_spend as _bootstrap_spend
from tierwise._tierwise import expected_spend as _expected_spend
from tierwise._tierwise import fit_spend as _fit_spend
from tierwise._tierwise import simulate_spend as _simulate_spend
from tierwise._tierwise import spend_log_likelihood as _spend_log_likelihood
from tierwise._tierwise import spend_model as _spend_model

_MOST_CUSTOMERS = 100_000_000


class SpendModel(LifetimeModel):
    """A fitted Gamma-Gamma model. Customers come as a table with the columns of :func:`tierwise.value.rfm`."""

    _kind = "gamma_gamma"

    def expected_spend(self, rfm: Any, *, level: float | None = None) -> Any:
        """Give the mean amount of each customer's purchases to come; without repeat purchases it is the mean of all.

        With ``level``, such as 0.95, a frame with ``estimate``, ``lower`` and ``upper``: the interval of that mean,
        by the delta method.

        Examples
        --------
        >>> import tierwise as tw
        >>> spend = tw.value.GammaGamma().with_parameters(p=6.25, q=3.74, v=15.44)
        >>> customers = {"repeat_frequency": [2, 0], "mean_repeat_amount": [35.5, None]}
        >>> spend.expected_spend(customers).round(4)
        array([35.4495, 35.219 ])
        """
        at = level_of("expected_spend", level)
        columns = naming_customers(rfm, lambda also: _expected_spend(self._model, table_with(rfm, PAID, also), at))
        return estimate_like(rfm, "expected_spend", columns)

    def log_likelihood_of(self, rfm: Any, *, weights: Any = None) -> float:
        """Give the log-likelihood of customers under this model, read as :meth:`GammaGamma.fit` reads them.

        Examples
        --------
        >>> import tierwise as tw
        >>> spend = tw.value.GammaGamma().with_parameters(p=6.25, q=3.74, v=15.44)
        >>> round(spend.log_likelihood_of({"repeat_frequency": [2], "mean_repeat_amount": [35.5]}), 6)
        -4.121665
        """
        counts = weights_of(weights)
        return naming_customers(
            rfm, lambda also: _spend_log_likelihood(self._model, table_with(rfm, PAID, also), counts)
        )

    def simulate(self, customers: Any, *, seed: int) -> Any:
        """Draw an amount for each purchase; those of one customer scatter around a mean of his own.

        ``customers`` are positions from 0, as :meth:`PurchaseModel.simulate` gives them.
        """
        codes = numbers("customers", customers)
        sound = (codes >= 0) & (codes <= _MOST_CUSTOMERS) & (codes % 1 == 0)
        if not sound.all():
            row = int(np.argmin(sound))
            must_be = f"customers are positions in [0, {_MOST_CUSTOMERS}], as `PurchaseModel.simulate` gives them"
            refuse_value("the customer", row, described(codes[row]), must_be)
        return _simulate_spend(self._model, codes.astype(np.uint32), whole("simulate", "seed", seed, 0, 2**64 - 1))


class SpendBootstrap(Bootstrap):
    """A model of spend fitted to samples of the customers too; made by :meth:`GammaGamma.bootstrap`."""

    _kind = "spend_bootstrap"

    @property
    def model(self) -> SpendModel:
        """The model of all customers."""
        return SpendModel._of(_bootstrap_parts(self._model)[0])

    def expected_spend(self, rfm: Any, *, level: float = 0.95) -> Any:
        """Give what :meth:`SpendModel.expected_spend` gives, with intervals of the samples."""
        at = given_level("expected_spend", level)
        columns = naming_customers(
            rfm, lambda also: _bootstrap_expected_spend(self._model, table_with(rfm, PAID, also), at)
        )
        return estimate_like(rfm, "expected_spend", columns)


@dataclass(frozen=True)
class GammaGamma:
    """Gamma-Gamma: how much a customer spends per purchase, apart from chance (Fader and Hardie 2013).

    It takes for granted that how much a customer spends says nothing about how often he buys;
    ``report.details["correlation"]`` shows whether that holds. The parameter q is kept above 1, so that customers
    have a mean.

    A purchase of one customer is gamma distributed with shape ``p`` and a rate of his own; these rates are gamma
    distributed over customers with shape ``q`` and rate ``v`` (an amount of money: where all amounts double, so does
    ``v``). The mean over customers is ``p * v / (q - 1)``.

    Examples
    --------
    >>> import numpy as np, tierwise as tw
    >>> truth = tw.value.GammaGamma().with_parameters(p=6.25, q=3.74, v=15.44)
    >>> amounts = truth.simulate(np.arange(3000) % 1000, seed=1).reshape(3, 1000).mean(axis=0)
    >>> model = tw.value.GammaGamma().fit({"repeat_frequency": np.full(1000, 3), "mean_repeat_amount": amounts})
    >>> model.report.converged, abs(model.parameters["q"] - 3.74) < 1
    (True, True)
    """

    def fit(self, rfm: Any, *, weights: Any = None) -> SpendModel:
        """Learn from a table with ``repeat_frequency`` and ``mean_repeat_amount``.

        Customers without repeat purchases say nothing and are passed over.

        Raises
        ------
        InvalidValueError
            For an amount that is not above 0; it names the row and the customer.
        NotEnoughDataError
            For fewer than five customers with repeat purchases.
        """
        counts = weights_of(weights)
        fit = naming_customers(rfm, lambda also: _fit_spend(table_with(rfm, PAID, also), counts))
        return SpendModel._of(fit)

    def bootstrap(
        self,
        rfm: Any,
        *,
        weights: Any = None,
        samples: int = 200,
        seed: int,
        progress: Callable[[int, int, float], object] | None = None,
    ) -> SpendBootstrap:
        """Fit the customers, and then samples of them: intervals that do not take the likelihood for a parabola.

        The samples are those of :meth:`BgNbd.bootstrap`; with the same seed they have nothing to do with them.

        Parameters
        ----------
        rfm, weights
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
        >>> truth = tw.value.GammaGamma().with_parameters(p=6.25, q=3.74, v=15.44)
        >>> amounts = truth.simulate(np.arange(1500) % 500, seed=1).reshape(3, 500).mean(axis=0)
        >>> customers = {"repeat_frequency": np.full(500, 3), "mean_repeat_amount": amounts}
        >>> sampled = tw.value.GammaGamma().bootstrap(customers, samples=100, seed=1)
        >>> [one.name for one in sampled.parameter_table(level=0.9) if one.lower < one.estimate < one.upper]
        ['p', 'q', 'v']
        >>> sorted(sampled.expected_spend(customers))
        ['estimate', 'lower', 'upper']
        """
        counts, (many, start) = weights_of(weights), samples_and_seed(samples, seed)
        sampled = naming_customers(
            rfm, lambda also: _bootstrap_spend(table_with(rfm, PAID, also), counts, many, start, progress)
        )
        return SpendBootstrap._of(sampled)

    def with_parameters(self, **parameters: float) -> SpendModel:
        """Make a model of parameters p, q and v from elsewhere; it has no standard errors."""
        return SpendModel._of(_spend_model(given_parameters("GammaGamma", ("p", "q", "v"), parameters)))
