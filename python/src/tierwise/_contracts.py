"""Under contract: who renews, how long, and what loyalty earns."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tierwise._bootstrap import Bootstrap, samples_and_seed
from tierwise._frames import Floats, invalid_parameter, labels_of, numbers, real, whole
from tierwise._lifetime import LifetimeModel, given_parameters, weights_of
from tierwise._tierwise import bootstrap_contracts as _bootstrap_contracts
from tierwise._tierwise import bootstrap_curve as _bootstrap_curve
from tierwise._tierwise import bootstrap_parts as _bootstrap_parts
from tierwise._tierwise import bootstrap_residual as _bootstrap_residual
from tierwise._tierwise import bootstrap_survivors as _bootstrap_survivors
from tierwise._tierwise import contract_curves as _contract_curves
from tierwise._tierwise import contract_model as _contract_model
from tierwise._tierwise import contract_residual as _contract_residual
from tierwise._tierwise import fit_contract_segments as _fit_contract_segments
from tierwise._tierwise import fit_contracts as _fit_contracts
from tierwise._tierwise import fit_survivors as _fit_survivors
from tierwise._tierwise import retention_economics as _retention_economics
from tierwise._tierwise import simulate_contracts as _simulate_contracts

_MOST_PERIODS = 10_000
_ENDS = ("estimate", "lower", "upper")


class ContractModel(LifetimeModel):
    """A fitted shifted beta-geometric model."""

    _kind = "shifted_beta_geometric"

    def retention(self, periods: int) -> Floats:
        """Give the retention rate of each period from 1 to ``periods``: of those who came to its end, who renewed."""
        return self._curves(periods)[0]

    def survival(self, periods: int) -> Floats:
        """Give the share of a cohort that is there after 1, 2, ..., ``periods`` periods."""
        return self._curves(periods)[1]

    def expected_residual_lifetime(self, renewal: int, *, rate: float) -> float:
        """Give the renewals to be expected of a customer before his ``renewal``-th one, discounted per period.

        The coming one counts in full if it happens, the next one is divided by 1 + rate, and so on. Times the margin
        of a period it is the customer's residual value.
        """
        return _contract_residual(
            self._model,
            whole("expected_residual_lifetime", "renewal", renewal, 1, _MOST_PERIODS),
            real("expected_residual_lifetime", "rate", rate),
        )

    def simulate(self, seen: Any, *, seed: int) -> dict[str, Any]:
        """Draw customers of whom so many contract periods are seen, one per element.

        Returns
        -------
        dict
            ``periods`` (after how many each left, or the last one seen) and ``left``, as
            :meth:`ShiftedBetaGeometric.fit` takes them. The same seed gives the same on every machine.

        Examples
        --------
        >>> import numpy as np, tierwise as tw
        >>> truth = tw.value.ShiftedBetaGeometric().with_parameters(alpha=0.7, beta=1.2)
        >>> drawn = truth.simulate(np.full(5000, 7), seed=1)
        >>> model = tw.value.ShiftedBetaGeometric().fit(**drawn)
        >>> abs(model.parameters["alpha"] - 0.7) < 0.1
        True
        """
        periods, left = _simulate_contracts(self._model, _periods(seen), whole("simulate", "seed", seed, 0, 2**64 - 1))
        return {"periods": periods, "left": left}

    def _curves(self, periods: int) -> tuple[Floats, Floats]:
        return _contract_curves(self._model, whole("ContractModel", "periods", periods, 1, _MOST_PERIODS))


class ContractBootstrap(Bootstrap):
    """A model of contracts fitted to samples of the customers too; made by :meth:`ShiftedBetaGeometric.bootstrap`.

    What it gives are dicts with ``estimate`` (that of :attr:`model`), ``lower`` and ``upper``: the middle ``level`` of
    what the samples' models make of it.
    """

    _kind = "contract_bootstrap"

    @property
    def model(self) -> ContractModel:
        """The model of all customers."""
        return ContractModel._of(_bootstrap_parts(self._model)[0])

    def retention(self, periods: int, *, level: float = 0.95) -> dict[str, Floats]:
        """Give what :meth:`ContractModel.retention` gives, with intervals of the samples."""
        return self._curve(False, periods, level)

    def survival(self, periods: int, *, level: float = 0.95) -> dict[str, Floats]:
        """Give what :meth:`ContractModel.survival` gives, with intervals of the samples."""
        return self._curve(True, periods, level)

    def expected_residual_lifetime(self, renewal: int, *, rate: float, level: float = 0.95) -> dict[str, float]:
        """Give what :meth:`ContractModel.expected_residual_lifetime` gives, with an interval of the samples."""
        of = "expected_residual_lifetime"
        asked = whole(of, "renewal", renewal, 1, _MOST_PERIODS), real(of, "rate", rate), real(of, "level", level)
        return dict(zip(_ENDS, _bootstrap_residual(self._model, *asked), strict=True))

    def _curve(self, of_survival: bool, periods: int, level: float) -> dict[str, Floats]:
        of = "ContractBootstrap"
        asked = whole(of, "periods", periods, 1, _MOST_PERIODS), real(of, "level", level)
        return dict(zip(_ENDS, _bootstrap_curve(self._model, of_survival, *asked), strict=True))


@dataclass(frozen=True)
class ShiftedBetaGeometric:
    """Shifted beta-geometric: at the end of each period a customer leaves with a chance of his own.

    Fader and Hardie (2007), *How to project customer retention*.
    The retention rate of a cohort rises with its age, because those who stay are the loyal ones.

    Examples
    --------
    >>> import tierwise as tw
    >>> survivors = [1000, 631, 468, 382, 326, 289, 262, 241]
    >>> model = tw.value.ShiftedBetaGeometric().fit_survivors(survivors)
    >>> model.retention(4).round(3), round(model.expected_residual_lifetime(1, rate=.1), 3)
    (array([0.627, 0.756, 0.819, 0.856]), 2.964)
    """

    def fit(self, periods: Any, left: Any, *, weights: Any = None) -> ContractModel:
        """Learn from single customers of any cohorts.

        Parameters
        ----------
        periods : array
            The period at whose end each customer left, or after which he was still there when last seen, counted from
            1; 0 for a customer who has not come to his first renewal.
        left : array of booleans
            Whether he left.
        weights : array, optional
            Counts each customer so many times.
        """
        return ContractModel._of(_fit_contracts(_periods(periods), _yes_nos(left), weights_of(weights)))

    def fit_by_segment(
        self, periods: Any, left: Any, *, segments: Any, weights: Any = None
    ) -> dict[str, ContractModel]:
        """Learn one model per segment; ``segments`` holds one name per customer. Models come in order of the names.

        Examples
        --------
        >>> import tierwise as tw
        >>> periods, left = [1, 2, 3, 3, 1, 1, 2, 3], [True, True, False, False, True, True, False, False]
        >>> models = tw.value.ShiftedBetaGeometric().fit_by_segment(periods, left, segments=["web"] * 4 + ["fair"] * 4)
        >>> {name: round(float(model.survival(2)[-1]), 2) for name, model in models.items()}
        {'fair': 0.5, 'web': 0.58}
        """
        names: list[str] = []
        for row, name in enumerate(labels_of("segments", segments)):
            if name is None:
                raise invalid_parameter("fit_by_segment", "segments", "a name for each customer", f"none at row {row}")
            names.append(name)
        found = _fit_contract_segments(_periods(periods), _yes_nos(left), names, weights_of(weights))
        return {name: ContractModel._of(model) for name, model in found}

    def fit_survivors(self, survivors: Any) -> ContractModel:
        """Learn from one cohort: all customers first, then those left after each period."""
        return ContractModel._of(_fit_survivors(numbers("survivors", survivors)))

    def bootstrap(
        self, periods: Any, left: Any, *, weights: Any = None, samples: int = 200, seed: int
    ) -> ContractBootstrap:
        """Fit the customers, and then samples of them: intervals that do not take the likelihood for a parabola.

        The samples are those of :meth:`BgNbd.bootstrap`. Of segments, sample each alone.

        Parameters
        ----------
        periods, left, weights
            As in :meth:`fit`.
        samples : int
            How many, 20 to 10 000.
        seed : int
            The same seed gives the same samples on every machine.

        Examples
        --------
        >>> import numpy as np, tierwise as tw
        >>> truth = tw.value.ShiftedBetaGeometric().with_parameters(alpha=0.7, beta=1.2)
        >>> drawn = truth.simulate(np.full(2000, 7), seed=1)
        >>> sampled = tw.value.ShiftedBetaGeometric().bootstrap(**drawn, samples=100, seed=1)
        >>> after_ten = {name: column[-1] for name, column in sampled.survival(10).items()}
        >>> bool(after_ten["lower"] < truth.survival(10)[-1] < after_ten["upper"])
        True
        """
        counts, (many, start) = weights_of(weights), samples_and_seed(samples, seed)
        return ContractBootstrap._of(_bootstrap_contracts(_periods(periods), _yes_nos(left), counts, many, start))

    def bootstrap_survivors(self, survivors: Any, *, samples: int = 200, seed: int) -> ContractBootstrap:
        """Fit one cohort as :meth:`fit_survivors` does, and then samples of its customers.

        Parameters
        ----------
        survivors : array
            As in :meth:`fit_survivors`: all customers first, then those left after each period.
        samples, seed
            As in :meth:`bootstrap`.
        """
        many, start = samples_and_seed(samples, seed)
        return ContractBootstrap._of(_bootstrap_survivors(numbers("survivors", survivors), many, start))

    def with_parameters(self, **parameters: float) -> ContractModel:
        """Make a model of parameters alpha and beta from elsewhere; it has no standard errors."""
        given = given_parameters("ShiftedBetaGeometric", ("alpha", "beta"), parameters)
        return ContractModel._of(_contract_model(given))


def _periods(periods: Any) -> Any:
    counts = numbers("periods", periods)
    if not ((counts >= 0) & (counts <= _MOST_PERIODS) & (counts % 1 == 0)).all():
        must_be = f"whole numbers of contract periods in [0, {_MOST_PERIODS}]"
        raise invalid_parameter("ShiftedBetaGeometric", "periods", must_be, "others")
    return counts.astype(np.uint32)


def _yes_nos(left: Any) -> Any:
    flags = numbers("left", left)
    if not ((flags == 0) | (flags == 1)).all():
        raise invalid_parameter("ShiftedBetaGeometric", "left", "true or false (1 or 0) for each customer", "others")
    return flags.astype(np.uint8)


@dataclass(frozen=True)
class RetentionValue:
    """What a cohort is worth, per customer won."""

    years: list[dict[str, float]]
    value: float
    break_even_year: int | None
    value_of_one_point: float


def retention_economics(
    *,
    years: int,
    acquisition_cost: float,
    base_profit: float | Sequence[float],
    retention: float | Sequence[float],
    growth: float | Sequence[float] = (),
    savings: float | Sequence[float] = (),
    referrals: float | Sequence[float] = (),
    premium: float | Sequence[float] = (),
    discount_rate: float = 0.0,
) -> RetentionValue:
    """Work out what loyalty earns, after Reichheld: the profit of a customer by year, until it pays for winning him.

    Parameters
    ----------
    years : int
        How far to look.
    acquisition_cost : float
        What it costs to win a customer, at the start.
    base_profit, growth, savings, referrals, premium : float or list
        The parts of a customer's profit: one amount per year from the first on; the last one holds for all years after.
    retention : float or list
        The share of the customers of each year who stay for the next one; a :class:`ContractModel` gives it.
    discount_rate : float
        Per year; the money of year *t* comes at its end.

    Returns
    -------
    RetentionValue
        ``years`` (dicts with ``year``, ``there``, ``profit``, ``expected_profit``, ``cumulative``, ``discounted``),
        ``value`` at the end, ``break_even_year`` (the first whose cumulative profit is not negative), and
        ``value_of_one_point``: what one more customer in a hundred staying every year adds.

    Examples
    --------
    >>> import tierwise as tw
    >>> card = tw.value.retention_economics(years=5, acquisition_cost=51, base_profit=[30, 42, 44], retention=.8)
    >>> card.break_even_year, round(card.value, 2), round(card.value_of_one_point, 2)
    (2, 81.31, 2.9)
    """
    parts = {
        "acquisition_cost": acquisition_cost,
        "discount_rate": discount_rate,
    }
    settings: dict[str, Any] = {name: real("retention_economics", name, value) for name, value in parts.items()}
    lists = {
        "base_profit": base_profit,
        "growth": growth,
        "savings": savings,
        "referrals": referrals,
        "premium": premium,
        "retention": retention,
    }
    for name, amounts in lists.items():
        of_years = numbers(name, np.atleast_1d(np.asarray(amounts, dtype=float)))
        settings[name] = [real("retention_economics", name, float(amount)) for amount in of_years]
    found = _retention_economics(json.dumps(settings), whole("retention_economics", "years", years, 1, 1000))
    return RetentionValue(**json.loads(found))
