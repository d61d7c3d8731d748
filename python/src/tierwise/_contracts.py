"""Under contract: who renews, how long, and what that is worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from tierwise._bootstrap import Bootstrap, samples_and_seed
from tierwise._contract_customers import ENDS, MOST_PERIODS, Asked, whole_periods
from tierwise._frames import Floats, column_of, label_of, labels_of, numbers
from tierwise._lifetime import LifetimeModel, given_level, given_parameters, level_of, weights_of
from tierwise._parameters import described, invalid_parameter, real, refuse_value, whole
from tierwise._tierwise import bootstrap_contracts as _bootstrap_contracts
from tierwise._tierwise import bootstrap_curve as _bootstrap_curve
from tierwise._tierwise import bootstrap_parts as _bootstrap_parts
from tierwise._tierwise import bootstrap_residual as _bootstrap_residual
from tierwise._tierwise import bootstrap_survivors as _bootstrap_survivors
from tierwise._tierwise import contract_curve as _contract_curve
from tierwise._tierwise import contract_model as _contract_model
from tierwise._tierwise import contract_residual as _contract_residual
from tierwise._tierwise import fit_contract_segments as _fit_contract_segments
from tierwise._tierwise import fit_contracts as _fit_contracts
from tierwise._tierwise import fit_survivors as _fit_survivors
from tierwise._tierwise import simulate_contracts as _simulate_contracts

Payment = Literal["at_start", "at_end"]
Segment = str | int | bool


class ContractModel(LifetimeModel):
    """A fitted shifted beta-geometric model."""

    _kind = "shifted_beta_geometric"

    def retention(self, periods: int, *, level: float | None = None) -> Any:
        """Give the retention rate of each period from 1 to ``periods``: of those who came to its end, who renewed.

        An array; with ``level``, such as 0.95, a dict of arrays ``estimate``, ``lower`` and ``upper``: how well the
        rate is known, by the delta method on the log-odds.

        Examples
        --------
        >>> import tierwise as tw
        >>> model = tw.value.ShiftedBetaGeometric().fit_survivors([1000, 631, 468, 382, 326, 289, 262, 241])
        >>> {name: column.round(3).tolist() for name, column in model.retention(2, level=0.95).items()}
        {'estimate': [0.627, 0.756], 'lower': [0.597, 0.74], 'upper': [0.655, 0.772]}
        """
        return self._curve("retention", periods, level)

    def survival(self, periods: int, *, level: float | None = None) -> Any:
        """Give the share of a cohort that is there after 1, 2, ..., ``periods`` periods.

        With ``level`` as :meth:`retention` does.
        """
        return self._curve("survival", periods, level)

    def expected_residual_lifetime(self, renewal: int, *, rate: float, level: float | None = None) -> Any:
        """Give the renewals to be expected of a customer before his ``renewal``-th one, discounted per period.

        The coming one counts in full if it happens, the next one is divided by 1 + rate, and so on. Times the margin
        of a period it is the customer's residual value; :meth:`lifetime_value` gives it for many customers. With
        ``level``, such as 0.95, a dict of ``estimate``, ``lower`` and ``upper``, by the delta method on the logarithm.
        """
        of = "expected_residual_lifetime"
        asked = whole(of, "renewal", renewal, 1, MOST_PERIODS), real(of, "rate", rate), level_of(of, level)
        found = _contract_residual(self._model, *asked)
        return found[0] if level is None else dict(zip(ENDS, found, strict=True))

    def lifetime_value(
        self,
        customers: Any,
        *,
        margin: float | str | Sequence[float],
        rate: float,
        periods: int | None = None,
        payment: Payment = "at_start",
        until_renewal: float = 0.0,
        renewals: str = "renewals",
        level: float | None = None,
    ) -> Any:
        """Give what each customer will bring at his renewals to come, at today's worth.

        Fader and Hardie (2010), with a margin of its own for each period to come. The margin of the period that a
        customer is in is not in it, for it is paid; add it where it is not.

        Parameters
        ----------
        customers : data frame or dict of columns; or array, list or series
            With the renewals that each has made so far; or these alone. 0 for one who has not come to his first.
        margin : float, str or list
            What a renewed period brings: one number; a column of the customers; or a list with the margin of the
            period that the coming renewal begins, of the one after it, and so on. The last one of a list holds for all
            periods after: end the list with 0 where nothing comes after it. Margins may be below 0.
        rate : float
            Discount rate per period. Without end it must be 0.00001 or more.
        periods : int, optional
            How many periods to come count, 10 000 at most; all of them, without end, unless stated.
        payment : {"at_start", "at_end"}
            Whether a period is paid for at the renewal that begins it, so that the coming one is not discounted; or
            when it is over, which discounts once more.
        until_renewal : float
            Periods from today to the coming renewal: 0 just before it, 1 right after the last one.
        renewals : str
            The column of the renewals, where customers are a table.
        level : float, optional
            Such as 0.95: also give the interval of that mean, as far as the model's parameters are known (delta
            method). What a single customer will bring scatters far more.

        Returns
        -------
        series, array; with ``level`` a frame with ``estimate``, ``lower`` and ``upper``
            One element per customer, of the same kind as ``customers``.

        Raises
        ------
        InvalidValueError
            For renewals that are no whole number in [0, 10000], and for an unknown margin; it names the row, and the
            customer where there is a column ``customer``.

        Examples
        --------
        >>> import tierwise as tw
        >>> model = tw.value.ShiftedBetaGeometric().fit_survivors([1000, 631, 468, 382, 326, 289, 262, 241])
        >>> customers = {"customer": ["ann", "bob"], "renewals": [0, 3], "fee": [100.0, 80.0]}
        >>> model.lifetime_value(customers, margin="fee", rate=0.1).round(2)
        array([296.44, 435.36])
        >>> model.lifetime_value(customers, margin=[100, 110, 120], rate=0.1, periods=5, payment="at_end").round(2)
        array([184.03, 300.06])
        """
        asked = Asked(customers, margin, rate, periods, payment, until_renewal, renewals)
        return asked.like(asked.columns(self._model, level_of("lifetime_value", level)))

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

    def _curve(self, of: str, periods: int, level: float | None) -> Any:
        asked = whole(of, "periods", periods, 1, MOST_PERIODS), level_of(of, level)
        found = _contract_curve(self._model, of == "survival", *asked)
        return found[0] if level is None else dict(zip(ENDS, found, strict=True))


class ContractSegments(dict[Segment, ContractModel]):
    """One model per segment, made by :meth:`ShiftedBetaGeometric.fit_by_segment`: a dict in order of the segments."""

    def lifetime_value(
        self,
        customers: Any,
        *,
        segment: Any,
        margin: float | str | Sequence[float],
        rate: float,
        periods: int | None = None,
        payment: Payment = "at_start",
        until_renewal: float = 0.0,
        renewals: str = "renewals",
        level: float | None = None,
    ) -> Any:
        """Give what :meth:`ContractModel.lifetime_value` gives, each customer by the model of his segment.

        Parameters
        ----------
        segment : str or array
            The column of the segments, or one name per customer.
        customers, margin, rate, periods, payment, until_renewal, renewals, level
            As in :meth:`ContractModel.lifetime_value`.

        Raises
        ------
        InvalidValueError
            For a segment without a model; it names the row and the customer.

        Examples
        --------
        >>> import tierwise as tw
        >>> periods, left = [1, 2, 3, 3, 1, 1, 2, 3], [True, True, False, False, True, True, False, False]
        >>> models = tw.value.ShiftedBetaGeometric().fit_by_segment(periods, left, segments=["web"] * 4 + ["fair"] * 4)
        >>> customers = {"renewals": [0, 0], "from": ["web", "fair"]}
        >>> models.lifetime_value(customers, segment="from", margin=100.0, rate=0.1, periods=3).round(1)
        array([165.3, 136.8])
        """
        asked = Asked(customers, margin, rate, periods, payment, until_renewal, renewals)
        at = level_of("lifetime_value", level)
        names = {label_of(name): place for place, name in enumerate(self)}
        segments = asked.labels(segment)
        places = np.array([-1 if name is None else names.get(name, -1) for name in segments], dtype=np.int64)
        if (places < 0).any():
            row = int(np.argmax(places < 0))
            found = "unknown" if segments[row] is None else f"`{segments[row]}`"
            must_be = f"there is no model for it; there is one for {', '.join(names)}"
            asked.refuse("the segment", row, found, must_be)
        columns = [np.zeros(len(places)) for _ in (ENDS if at is not None else ENDS[:1])]
        for place, model in enumerate(self.values()):
            rows = np.flatnonzero(places == place)
            for column, values in zip(columns, asked.columns(model._model, at, rows), strict=True):
                column[rows] = values
        return asked.like(columns)


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
        return self._curve("retention", periods, level)

    def survival(self, periods: int, *, level: float = 0.95) -> dict[str, Floats]:
        """Give what :meth:`ContractModel.survival` gives, with intervals of the samples."""
        return self._curve("survival", periods, level)

    def expected_residual_lifetime(self, renewal: int, *, rate: float, level: float = 0.95) -> dict[str, float]:
        """Give what :meth:`ContractModel.expected_residual_lifetime` gives, with an interval of the samples."""
        of = "expected_residual_lifetime"
        asked = whole(of, "renewal", renewal, 1, MOST_PERIODS), real(of, "rate", rate), given_level(of, level)
        return dict(zip(ENDS, _bootstrap_residual(self._model, *asked), strict=True))

    def lifetime_value(
        self,
        customers: Any,
        *,
        margin: float | str | Sequence[float],
        rate: float,
        periods: int | None = None,
        payment: Payment = "at_start",
        until_renewal: float = 0.0,
        renewals: str = "renewals",
        level: float = 0.95,
    ) -> Any:
        """Give what :meth:`ContractModel.lifetime_value` gives, with intervals of the samples."""
        asked = Asked(customers, margin, rate, periods, payment, until_renewal, renewals)
        return asked.like(asked.columns(self._model, given_level("lifetime_value", level)))

    def _curve(self, of: str, periods: int, level: float) -> dict[str, Floats]:
        asked = whole(of, "periods", periods, 1, MOST_PERIODS), given_level(of, level)
        return dict(zip(ENDS, _bootstrap_curve(self._model, of == "survival", *asked), strict=True))


@dataclass(frozen=True)
class ShiftedBetaGeometric:
    """Shifted beta-geometric: at the end of each period a customer leaves with a chance of his own.

    Fader and Hardie (2007), *How to project customer retention*.
    The retention rate of a cohort rises with its age, because those who stay are the loyal ones.

    The chance to leave at the end of a period is beta distributed over new customers: its mean is
    ``alpha / (alpha + beta)``, the churn rate of the first period. Both are numbers without a unit; the smaller their
    sum, the more customers differ.

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

    def fit_by_segment(self, periods: Any, left: Any, *, segments: Any, weights: Any = None) -> ContractSegments:
        """Learn one model per segment; ``segments`` holds one name per customer.

        Models come as a dict in order of the names; whole numbers stay whole numbers. Its ``lifetime_value`` asks for
        each customer the model of his segment.

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
        keys = _keys_of(segments, names)
        models = {keys[name]: ContractModel._of(model) for name, model in found}
        return ContractSegments({key: models[key] for key in sorted(models, key=_order)})

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


def _periods(periods: Any) -> npt.NDArray[np.uint32]:
    counts = numbers("periods", periods)
    return whole_periods("the number of periods", counts, refuse_value, "count contract periods, not days")


def _yes_nos(left: Any) -> npt.NDArray[np.uint8]:
    flags = numbers("left", left)
    sound = (flags == 0) | (flags == 1)
    if not sound.all():
        row = int(np.argmin(sound))
        must_be = "it must be true or false (1 or 0); leave out customers of whom it is not known"
        refuse_value("whether he left", row, described(flags[row]), must_be)
    return flags.astype(np.uint8)


def _keys_of(segments: Any, names: Sequence[str]) -> dict[str, Segment]:
    """Give the segments by their names: whole numbers and yes-nos are what they were."""
    column = column_of("segments", segments)
    values, beside = column if isinstance(column, tuple) else (column, None)
    # Beside codes stand their levels, and beside instants their unit.
    if isinstance(values, np.ndarray) and values.dtype.kind in "iub" and not isinstance(beside, (str, list)):
        return dict(zip(names, values.tolist(), strict=True))
    return {name: name for name in names}


def _order(key: Segment) -> tuple[float, str]:
    return (0.0, key) if isinstance(key, str) else (float(key), "")
