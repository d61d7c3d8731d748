"""The sales equation: what moved the sales, and which lever moves them next."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tierwise._money import Columns, Duplicates, money_columns, money_table
from tierwise._parameters import (
    by_name,
    day_of,
    invalid_parameter,
    one_of,
    real,
    text,
    whole,
)
from tierwise._rfm import Returns
from tierwise._tierwise import sales as _sales
from tierwise._tierwise import sales_levers as _sales_levers
from tierwise._tierwise import sales_needed as _sales_needed
from tierwise._tierwise import sales_of_period as _sales_of_period
from tierwise._tierwise import split_sales as _split_sales
from tierwise._tierwise import split_sales_by_group as _split_sales_by_group

_FACTORS = ("new_customers", "conversion", "purchase", "existing_customers", "retention", "repurchase")
_EFFECTS = (*_FACTORS[:1], "new_mix", *_FACTORS[1:4], "existing_mix", *_FACTORS[4:])


@dataclass(frozen=True)
class Lever:
    """What moving one factor does to the sales, all others standing still; made by :meth:`SalesFactors.levers`.

    ``moved_to`` is the factor when it is moved; ``stopped`` says that a rate stopped at 1 (churn at 0).
    ``elasticity`` is the growth of the sales in per cent per per cent of the factor (of churn: less of it).
    """

    lever: str
    value: float
    moved_to: float
    stopped: bool
    effect: float
    elasticity: float


@dataclass(frozen=True)
class LeverTarget:
    """What one factor would have to be to reach a target alone; made by :meth:`SalesFactors.needed`.

    ``needed`` is ``None`` where no possible value does, such as people or money below 0 or a rate above 1;
    ``relative_change`` is 0.1 for ten per cent more.
    """

    lever: str
    value: float
    needed: float | None
    relative_change: float | None


@dataclass(frozen=True)
class SalesFactors:
    """The six factors of the sales of a period.

    ``new_customers x conversion x purchase + existing_customers x retention x repurchase``.

    Parameters
    ----------
    new_customers : float
        People who could become customers: leads, visitors, prospects.
    conversion : float
        The share of them who bought.
    purchase : float
        Money per new customer who bought.
    existing_customers : float
        Customers who had bought before the period.
    retention : float
        The share of them who bought again in the period.
    repurchase : float
        Money per existing customer who bought again.

    A factor may be NaN where those before it make 0: where nobody was won, nobody knows what they would have bought.

    Examples
    --------
    >>> import tierwise as tw
    >>> year = tw.value.SalesFactors(
    ...     new_customers=1000, conversion=.1, purchase=50, existing_customers=400, retention=.6, repurchase=120)
    >>> year.sales
    33800.0
    """

    new_customers: float
    conversion: float
    purchase: float
    existing_customers: float
    retention: float
    repurchase: float

    def __post_init__(self) -> None:
        for name in _FACTORS:
            object.__setattr__(self, name, _known_or_nan(name, getattr(self, name)))
        _sales(_values(self))

    @property
    def sales(self) -> float:
        """The sales that the factors make."""
        return _sales(_values(self))

    def levers(self, change: float = 0.01) -> list[Lever]:
        """Say what a relative change of each factor does to the sales; 0.01 is one per cent more of it.

        Six factors, and churn (1 - retention), of which there is so much less. The four levers of the sales equation
        are ``new_customers`` (traffic), ``purchase``, ``repurchase`` and ``churn``.

        Examples
        --------
        >>> import tierwise as tw
        >>> year = tw.value.SalesFactors(1000, .1, 50, 400, .6, 120)
        >>> {one.lever: round(one.effect) for one in year.levers(.01)}
        {'new_customers': 50, 'conversion': 50, 'purchase': 50, 'existing_customers': 288, 'retention': 288,
         'repurchase': 288, 'churn': 192}
        """
        return [Lever(*one) for one in _sales_levers(_values(self), real("SalesFactors", "change", change))]

    def needed(self, target: float) -> list[LeverTarget]:
        """Say what each factor alone would have to be for the sales to reach a target.

        Examples
        --------
        >>> import tierwise as tw
        >>> year = tw.value.SalesFactors(1000, .1, 50, 400, .6, 120)
        >>> {one.lever: one.needed and round(one.needed, 3) for one in year.needed(60_000)}
        {'new_customers': 6240.0, 'conversion': 0.624, 'purchase': 312.0, 'existing_customers': 763.889,
         'retention': None, 'repurchase': 229.167, 'churn': None}
        """
        return [LeverTarget(*one) for one in _sales_needed(_values(self), real("SalesFactors", "target", target))]


@dataclass(frozen=True)
class SalesPeriod:
    """The sales of a period, as a log has them; made by :func:`sales_of_period`.

    ``sales`` is the money of ``new_buyers`` and of ``retained`` customers: what ``factors`` make. Money of customers
    who only sent something back in the period is ``returns_of_others`` (0 or less), outside the equation.
    """

    factors: SalesFactors
    new_buyers: float
    retained: float
    sales: float
    returns_of_others: float


@dataclass(frozen=True)
class SalesSplit:
    """The change of the sales between two periods, and what each factor adds to it; made by :func:`split_sales`."""

    before: float
    after: float
    change: float
    effects: dict[str, float]


@dataclass(frozen=True)
class SalesSplitByGroup:
    """The change of the sales of several groups; made by :func:`split_sales_by_group`.

    ``effects`` has ``new_mix`` and ``existing_mix`` beside the six factors; ``groups`` has the same by group.
    """

    before: float
    after: float
    change: float
    effects: dict[str, float]
    groups: dict[str, dict[str, float]] = field(repr=False)


def sales_of_period(
    orders: Any,
    *,
    customer: str,
    date: str,
    amount: str,
    first_day: Any,
    last_day: Any,
    leads: float | None = None,
    returns: Returns = "net_off",
    lookback: int | None = None,
    currency: str | None = None,
    rates: Mapping[str, float] | None = None,
    id: str | None = None,  # noqa: A002
    duplicates: Duplicates | None = None,
) -> SalesPeriod:
    """Count the six factors of the sales equation in a period of a log.

    *Existing* customers bought before the first day; *retention* is the share of them who bought in the period,
    *repurchase* their money per head. Whoever else bought in it is new; *purchase* is their money per head. Rows
    after the period are passed over. Let the log begin well before the first of two periods, or set ``lookback``.

    Parameters
    ----------
    orders : data frame or dict of columns
        One row per line of the log, in any order.
    customer, date, amount : str
        The names of the columns.
    first_day, last_day : date, str or int
        The period, both ends included.
    leads : float, optional
        How many could have become customers, which the log does not know; without it conversion is 1.
    returns : {"net_off", "leave_out", "as_purchases", "refuse"}
        Rows below 0: taken off what the customer brought in the period, making nobody a buyer; left out; taken as
        purchases; or an error.
    lookback : int, optional
        Only who bought within so many days before the period counts as existing; who comes back later is new again.
    currency, rates, id, duplicates
        How money and lines are read, as for :func:`rfm`.

    Raises
    ------
    InvalidValueError, InvalidParameterError, ...
        Those of :func:`rfm` for wrong rows; for leads that are fewer than the buyers.

    Examples
    --------
    >>> import tierwise as tw
    >>> orders = {"id": [0, 1, 0, 2, 3], "day": [10, 50, 120, 130, 140], "paid": [9., 5., 30., 4., 8.]}
    >>> period = tw.value.sales_of_period(
    ...     orders, customer="id", date="day", amount="paid", first_day=100, last_day=199, leads=20)
    >>> period.factors
    SalesFactors(new_customers=20.0, conversion=0.1, purchase=6.0,
                 existing_customers=2.0, retention=0.5, repurchase=30.0)
    """
    given = {} if leads is None else {"all": real("sales_of_period", "leads", leads)}
    money = money_columns(
        "sales_of_period",
        customer=customer,
        amount=amount,
        currency=currency,
        rates=rates,
        id=id,
        duplicates=duplicates,
    )
    return _periods(orders, money, date, None, (first_day, last_day), given, returns, lookback)["all"]


def sales_of_period_by_group(
    orders: Any,
    *,
    customer: str,
    date: str,
    amount: str,
    group: str,
    first_day: Any,
    last_day: Any,
    leads: Mapping[str, float] | None = None,
    returns: Returns = "net_off",
    lookback: int | None = None,
    currency: str | None = None,
    rates: Mapping[str, float] | None = None,
    id: str | None = None,  # noqa: A002
    duplicates: Duplicates | None = None,
) -> dict[str, SalesPeriod]:
    """Count the six factors in a period of a log, per group of customers.

    Parameters
    ----------
    orders, customer, date, amount, first_day, last_day, returns, lookback, currency, rates, id, duplicates
        As for :func:`sales_of_period`.
    group : str
        A column with the group (segment, region), the same in all rows of a customer.
    leads : dict, optional
        By group, whose names are texts here and in the result. A group of leads without a row in the log is one that
        nobody bought in.

    Examples
    --------
    >>> import tierwise as tw
    >>> orders = {"id": [0, 1, 0], "day": [10, 120, 130], "paid": [9., 5., 30.], "region": ["north", "south", "north"]}
    >>> periods = tw.value.sales_of_period_by_group(
    ...     orders, customer="id", date="day", amount="paid", group="region", first_day=100, last_day=199)
    >>> {region: period.sales for region, period in periods.items()}
    {'north': 30.0, 'south': 5.0}
    """
    of = "sales_of_period_by_group"
    by_group = {} if leads is None else by_name(of, "leads", leads)
    given = {name: real(of, "leads", one) for name, one in by_group.items()}
    money = money_columns(
        of, customer=customer, amount=amount, currency=currency, rates=rates, id=id, duplicates=duplicates
    )
    return _periods(orders, money, date, text(of, "group", group), (first_day, last_day), given, returns, lookback)


def split_sales(before: SalesFactors | SalesPeriod, after: SalesFactors | SalesPeriod) -> SalesSplit:
    """Split the change of the sales between two periods among the six factors.

    Each gets its Shapley value (1953): the mean of what it adds over all 720 orders in which the six could have
    changed. The effects sum to the change, to within 1e-12 of the largest; a factor that did not change has none. One
    that is unknown on one side (the purchase of new customers, where there were none) takes the value of the other, so
    that the factor that was 0 has the whole effect; unknown on both it counts as 0.

    Examples
    --------
    >>> import tierwise as tw
    >>> before = tw.value.SalesFactors(10, .5, 10, 0, 0, 0)
    >>> split = tw.value.split_sales(before, tw.value.SalesFactors(20, .5, 20, 0, 0, 0))
    >>> split.change, split.effects["new_customers"], split.effects["purchase"]
    (150.0, 75.0, 75.0)
    """
    old, new, change, effects = _split_sales(_values(_factors("before", before)), _values(_factors("after", after)))
    return SalesSplit(old, new, change, dict(zip(_FACTORS, effects, strict=True)))


def split_sales_by_group(
    before: Mapping[str, SalesFactors | SalesPeriod], after: Mapping[str, SalesFactors | SalesPeriod]
) -> SalesSplitByGroup:
    """Split the change of the sales of several groups among eight effects: the six factors, and the two mixes.

    The equation of a group is written with its share in all new (existing) customers. So a falling conversion is told
    apart into groups that convert worse, and a mix that moved to groups which always did.

    Examples
    --------
    >>> import math, tierwise as tw
    >>> def leads(count, conversion):
    ...     return tw.value.SalesFactors(count, conversion, 10, 0, math.nan, math.nan)
    >>> split = tw.value.split_sales_by_group(
    ...     {"web": leads(50, .4), "fair": leads(50, .2)}, {"web": leads(20, .4), "fair": leads(80, .2)})
    >>> round(split.change), round(split.effects["new_mix"]), split.effects["conversion"]
    (-60, -60, 0.0)
    """
    of = "split_sales_by_group"
    sides = by_name(of, "before", before), by_name(of, "after", after)
    if set(sides[0]) != set(sides[1]):
        raise invalid_parameter(of, "after", f"a dict of the same groups ({', '.join(before)})", ", ".join(after))
    names = list(before)
    rows = [
        [_values(_factors(f"{what}[{name}]", side[name])) for name in names]
        for what, side in zip(("before", "after"), sides, strict=True)
    ]
    old, new, change, effects, groups = _split_sales_by_group(*rows)

    def named(values: list[float]) -> dict[str, float]:
        return dict(zip(_EFFECTS, values, strict=True))

    return SalesSplitByGroup(old, new, change, named(effects), dict(zip(names, map(named, groups), strict=True)))


def _periods(
    orders: Any,
    money: Columns,
    date: str,
    group: str | None,
    period: tuple[Any, Any],
    leads: dict[str, float],
    returns: str,
    lookback: int | None,
) -> dict[str, SalesPeriod]:
    of = "sales_of_period"
    one_of(of, "returns", returns, ["net_off", "leave_out", "as_purchases", "refuse"])
    if lookback is not None:
        lookback = whole(of, "lookback", lookback, 1, 2**32 - 1)
    days = day_of(of, "first_day", period[0]), day_of(of, "last_day", period[1])
    table = money_table(orders, money, [date], [] if group is None else [group])
    rules = json.dumps({"returns": returns, "lookback": lookback})
    found = _sales_of_period(table, money, date, group, days, leads, rules)
    return {name: SalesPeriod(SalesFactors(*factors), *figures) for name, factors, figures in found}


def _factors(name: str, given: Any) -> SalesFactors:
    if isinstance(given, SalesPeriod):
        return given.factors
    if not isinstance(given, SalesFactors):
        raise invalid_parameter("split_sales", name, "SalesFactors or a SalesPeriod", repr(given))
    return given


def _values(factors: SalesFactors) -> list[float]:
    return [getattr(factors, name) for name in _FACTORS]


def _known_or_nan(name: str, value: Any) -> float:
    """Check a factor: unknown (None, NaN) is NaN, which the compiled module takes where nothing hangs on it."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return math.nan
    return real("SalesFactors", name, value)
