"""Did it change, and was it us?"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np

from tierwise._frames import column_of, numbers
from tierwise._parameters import invalid_parameter, one_of, real
from tierwise._tierwise import Table
from tierwise._tierwise import campaign_lift as _campaign_lift
from tierwise._tierwise import campaign_revenue as _campaign_revenue
from tierwise._tierwise import difference_in_differences as _difference_in_differences
from tierwise._tierwise import mean_change as _mean_change
from tierwise._tierwise import rate_change as _rate_change
from tierwise._tierwise import ratio_of_rates as _ratio_of_rates
from tierwise._tierwise import wilson_rate as _wilson_rate
from tierwise.evaluate._given import outcome_of
from tierwise.exceptions import InvalidValueError


class Rate(NamedTuple):
    """So many of so many, with the ends of an interval."""

    events: float
    trials: float
    rate: float
    low: float
    high: float


class Bounded(NamedTuple):
    """A figure with the ends of its interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class RateChange:
    """The change of a rate: ``difference`` is after less before, ``ratio`` after over before."""

    before: Rate
    after: Rate
    difference: Bounded
    ratio: Bounded | None
    z: float
    p_value: float


@dataclass(frozen=True)
class MeanChange:
    """The change of a mean; made by :func:`mean_change`. ``difference`` is after less before."""

    before: float
    after: float
    difference: Bounded
    standard_error: float
    t: float
    degrees_of_freedom: float
    p_value: float


@dataclass(frozen=True)
class DifferenceInDifferences:
    """The change of a treated group less that of a control group; made by :func:`difference_in_differences`."""

    control_before: float
    control_after: float
    treated_before: float
    treated_after: float
    effect: Bounded
    standard_error: float
    t: float
    degrees_of_freedom: float
    p_value: float
    customers: int | None


@dataclass(frozen=True)
class CampaignLift:
    """What a campaign brought in customers; made by :func:`campaign_lift`.

    ``rates`` has the control group as ``before`` and the treated as ``after``.
    """

    rates: RateChange
    relative_lift: Bounded | None
    incremental: Bounded
    cost_per_incremental: Bounded | None


@dataclass(frozen=True)
class CampaignRevenue:
    """What a campaign brought in money; made by :func:`campaign_revenue`."""

    means: MeanChange
    incremental: Bounded
    profit: Bounded | None


def wilson_rate(events: float, trials: float, *, confidence: float = 0.95) -> Rate:
    """Give a share of cases with Wilson's interval (1927), as statsmodels' ``proportion_confint`` does.

    Parameters
    ----------
    events, trials : float
        So many of so many.
    confidence : float
        How much the interval is to hold.

    Returns
    -------
    Rate
        ``events``, ``trials``, ``rate``, ``low``, ``high``.

    Raises
    ------
    InvalidParameterError
        For no trials, or events outside them.

    Examples
    --------
    >>> import tierwise as tw
    >>> rate = tw.evaluate.wilson_rate(7, 20)
    >>> rate.rate, round(rate.low, 4), round(rate.high, 4)
    (0.35, 0.1812, 0.5671)
    """
    of = "wilson_rate"
    counts = real(of, "events", events), real(of, "trials", trials)
    return Rate(**json.loads(_wilson_rate(*counts, real(of, "confidence", confidence))))


def ratio_of_rates(
    numerator: tuple[float, float], denominator: tuple[float, float], *, confidence: float = 0.95
) -> Bounded:
    """Give the ratio of two rates, symmetric in its logarithm (Katz, Baptista, Azen & Pike 1978).

    Parameters
    ----------
    numerator, denominator : pair of float
        Events and trials of either.
    confidence : float
        How much the interval is to hold.

    Returns
    -------
    Bounded
        ``value``, ``low``, ``high``.

    Raises
    ------
    NotEnoughDataError
        Where either has no event.

    Examples
    --------
    >>> import tierwise as tw
    >>> ratio = tw.evaluate.ratio_of_rates((30, 100), (50, 100))
    >>> round(ratio.value, 3), round(ratio.low, 3), round(ratio.high, 3)
    (0.6, 0.42, 0.858)
    """
    of = "ratio_of_rates"
    rates = _pair(of, "numerator", numerator), _pair(of, "denominator", denominator)
    return Bounded(**json.loads(_ratio_of_rates(*rates, real(of, "confidence", confidence))))


def rate_change(before: tuple[float, float], after: tuple[float, float], *, confidence: float = 0.95) -> RateChange:
    """Give the change of a rate, such as churn, from one period to another.

    The interval of the difference is Newcombe's (1998, method 10), made of Wilson's two: it covers well near 0 and for
    few customers. The customers of the two periods are taken as independent.

    Parameters
    ----------
    before, after : pair of float
        Events and customers of either period.
    confidence : float
        How much the intervals are to hold.

    Returns
    -------
    RateChange
        Both rates, ``difference``, ``ratio`` (``None`` where either rate is 0), ``z`` and ``p_value`` (pooled).

    Raises
    ------
    InvalidParameterError
        For no customers, or events outside them.

    Examples
    --------
    >>> import tierwise as tw
    >>> change = tw.evaluate.rate_change((60, 400), (38, 410))
    >>> round(change.difference.value, 4), change.difference.high < 0
    (-0.0573, True)
    """
    of = "rate_change"
    rates = _pair(of, "before", before), _pair(of, "after", after)
    return _rate_change_of(json.loads(_rate_change(*rates, real(of, "confidence", confidence))))


def mean_change(
    before: Any,
    after: Any,
    *,
    before_weights: Any = None,
    after_weights: Any = None,
    confidence: float = 0.95,
) -> MeanChange:
    """Give the change of a mean from one period to another, with Welch's interval (1947).

    Means of money depend on a few large customers: look at the median or at capped amounts beside it.

    Parameters
    ----------
    before, after : array or series
        One number per customer; those of the two periods are taken as independent.
    before_weights, after_weights : array, optional
        How many customers each row stands for.
    confidence : float
        How much the interval is to hold.

    Returns
    -------
    MeanChange
        Both means, ``difference``, ``standard_error``, ``t``, ``degrees_of_freedom`` and ``p_value``.

    Raises
    ------
    InvalidValueError, NotEnoughDataError, WrongLengthError
        With the row for a number that is not known; for fewer than two customers in a period.

    Examples
    --------
    >>> import tierwise as tw
    >>> change = tw.evaluate.mean_change([10, 12, 9, 11], [14, 13, 15, 12])
    >>> change.difference.value, change.p_value < .05
    (3.0, True)
    """
    found = _mean_change(
        numbers("before", before),
        numbers("after", after),
        _optional("before_weights", before_weights),
        _optional("after_weights", after_weights),
        real("mean_change", "confidence", confidence),
    )
    return _mean_change_of(json.loads(found))


def difference_in_differences(
    value: Any,
    treated: Any,
    after: Any,
    *,
    customer: Any = None,
    weights: Any = None,
    errors: Literal["robust", "pooled"] = "robust",
    confidence: float = 0.95,
) -> DifferenceInDifferences:
    """Give the change of a treated group less that of a control group.

    The effect is the interaction coefficient of ordinary least squares on group, period and their product. It says what
    the treatment did only if both groups would have changed by the same amount without it, which no figure can show:
    compare their earlier periods.

    Parameters
    ----------
    value : array or series
        One amount per row, or 1 and 0 for a rate; a row is a customer in a period.
    treated, after : array or series
        Whether the row is of the treated group, and of the period after: booleans, or ones and zeros.
    customer : array or series, optional
        Who each row is about. Rows of one customer in both periods are not independent; with customers given, errors
        are grouped by them (Liang & Zeger 1986, with the usual small-sample factor).
    weights : array, optional
        How many customers each row stands for.
    errors : {"robust", "pooled"}
        Without customers: each group spreads by its own (HC1), or all alike.
    confidence : float
        How much the interval is to hold.

    Returns
    -------
    DifferenceInDifferences
        The four means, ``effect`` with its interval, ``standard_error``, ``t``, ``degrees_of_freedom``, ``p_value`` and
        the number of ``customers``.

    Raises
    ------
    NotEnoughDataError
        For fewer than two rows in one of the four groups.
    InvalidValueError, WrongLengthError, InvalidParameterError
        With the row for a number that is not known.

    Examples
    --------
    >>> import tierwise as tw
    >>> spent, treated, after = [10, 12, 11, 13, 10, 12, 16, 18], [0] * 4 + [1] * 4, [0, 0, 1, 1] * 2
    >>> tw.evaluate.difference_in_differences(spent, treated, after).effect.value
    5.0
    """
    of = "difference_in_differences"
    one_of(of, "errors", errors, ["robust", "pooled"])
    codes = None
    if customer is not None:
        codes, _ = Table.from_columns([("customer", column_of("customer", customer))]).keys("customer")
    found = json.loads(
        _difference_in_differences(
            numbers("value", value),
            _yes_nos("treated", treated),
            _yes_nos("after", after),
            _optional("weights", weights),
            codes,
            errors == "pooled",
            real(of, "confidence", confidence),
        )
    )
    found["effect"] = Bounded(**found["effect"])
    found["t"] = _t_of(found["t"], found["effect"].value)
    return DifferenceInDifferences(**found)


def campaign_lift(
    outcome: Any,
    treated: Any,
    *,
    cost: float | None = None,
    positive: Any = None,
    weights: Any = None,
    confidence: float = 0.95,
) -> CampaignLift:
    """Compare who bought among the treated with who bought in a control group that was drawn at random.

    Without chance in who was treated the figures mean nothing: those whom a sales rep picks would have bought more
    often anyway.

    Parameters
    ----------
    outcome, positive, weights
        Who bought, as for :class:`Ranking`.
    treated : array or series
        Who was in the campaign: booleans, or ones and zeros.
    cost : float, optional
        What the campaign cost in all.
    confidence : float
        How much the intervals are to hold.

    Returns
    -------
    CampaignLift
        ``rates`` (control and treated, their difference and ratio), ``relative_lift``, ``incremental`` customers, and
        ``cost_per_incremental``, whose upper end is infinite where there may be none.

    Raises
    ------
    NotEnoughDataError
        Where a group has no customer.
    WrongLengthError, InvalidParameterError, InvalidOutcomeError
        As everywhere.

    Examples
    --------
    >>> import numpy as np
    >>> import tierwise as tw
    >>> rows = np.arange(2000)
    >>> treated = rows < 1000
    >>> lift = tw.evaluate.campaign_lift(rows % np.where(treated, 10, 20) == 0, treated, cost=5000)
    >>> lift.incremental.value, lift.relative_lift.value, lift.cost_per_incremental.value
    (50.0, 1.0, 100.0)
    """
    of = "campaign_lift"
    found = json.loads(
        _campaign_lift(
            outcome_of(of, outcome, positive, weights),
            _yes_nos("treated", treated),
            None if cost is None else real(of, "cost", cost),
            real(of, "confidence", confidence),
        )
    )
    per_event = found["cost_per_incremental"]
    if per_event is not None and per_event["high"] is None:
        per_event["high"] = math.inf  # JSON has no infinity
    return CampaignLift(
        _rate_change_of(found["rates"]),
        _bounded(found["relative_lift"]),
        Bounded(**found["incremental"]),
        _bounded(per_event),
    )


def campaign_revenue(
    revenue: Any,
    treated: Any,
    *,
    cost: float | None = None,
    weights: Any = None,
    confidence: float = 0.95,
) -> CampaignRevenue:
    """Compare the mean revenue of the treated with that of a control group that was drawn at random.

    Parameters
    ----------
    revenue : array or series
        One amount per customer; 0 for those who did not buy.
    treated, cost, weights, confidence
        As for :func:`campaign_lift`.

    Returns
    -------
    CampaignRevenue
        ``means`` (control and treated, by Welch), ``incremental`` revenue, and ``profit``, which is that less the cost.

    Raises
    ------
    InvalidValueError, NotEnoughDataError, WrongLengthError
        With the row for revenue that is not known; for fewer than two customers in a group.

    Examples
    --------
    >>> import tierwise as tw
    >>> found = tw.evaluate.campaign_revenue([0, 20, 30, 10, 0, 5, 0, 15], [1, 1, 1, 1, 0, 0, 0, 0], cost=12)
    >>> round(found.incremental.value, 9), round(found.profit.value, 9)
    (40.0, 28.0)
    """
    of = "campaign_revenue"
    found = json.loads(
        _campaign_revenue(
            numbers("revenue", revenue),
            _yes_nos("treated", treated),
            _optional("weights", weights),
            None if cost is None else real(of, "cost", cost),
            real(of, "confidence", confidence),
        )
    )
    means = _mean_change_of(found["means"])
    return CampaignRevenue(means, Bounded(**found["incremental"]), _bounded(found["profit"]))


def _rate_change_of(found: Mapping[str, Any]) -> RateChange:
    return RateChange(
        Rate(**found["before"]),
        Rate(**found["after"]),
        Bounded(**found["difference"]),
        _bounded(found["ratio"]),
        found["z"],
        found["p_value"],
    )


def _mean_change_of(found: Mapping[str, Any]) -> MeanChange:
    parts = {**found, "difference": Bounded(**found["difference"])}
    parts["t"] = _t_of(parts["t"], parts["difference"].value)
    return MeanChange(**parts)


def _t_of(t: float | None, difference: float) -> float:
    """Give t; JSON has no infinity, which is that of a difference without any spread."""
    return math.copysign(math.inf, difference) if t is None else t


def _bounded(found: Mapping[str, Any] | None) -> Bounded | None:
    return None if found is None else Bounded(**found)


def _pair(of: str, name: str, pair: Any) -> tuple[float, float]:
    if np.shape(pair) != (2,):
        raise invalid_parameter(of, name, "a pair of events and trials", repr(pair))
    return real(of, name, pair[0]), real(of, name, pair[1])


def _optional(name: str, values: Any) -> Any:
    return None if values is None else numbers(name, values)


def _yes_nos(name: str, values: Any) -> list[bool]:
    """Read yes and no; anything else is refused with its row."""
    given = numbers(name, values)
    odd = np.flatnonzero(~np.isin(given, [0.0, 1.0]))
    if len(odd):
        row = int(odd[0])
        must_be = "it must be true or false, or 1 or 0"
        error = InvalidValueError(f"`{name}` at row {row} is {given[row]:g}; {must_be}")
        found = str(given[row])
        error.details = {"what": f"`{name}`", "row": row, "key": None, "found": found, "must_be": must_be}
        raise error
    return [bool(one) for one in given == 1.0]
