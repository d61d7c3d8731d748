"""Forecasts judged out of time: does the model beat what everybody knows without it?"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np

from tierwise._feature import Feature
from tierwise._frames import Floats, key_array, named_table, numbers, rows_like
from tierwise._lifetime import check_fitted, naming_customers
from tierwise._money import Duplicates, money_columns, money_table
from tierwise._parameters import day_of, invalid_parameter, real, text, whole
from tierwise._purchases import PurchaseModel, histories_of
from tierwise._rfm import EarlyReturns, OnlyReturns, Returns, check_rules, margin_of
from tierwise._tierwise import Holdout as _Holdout
from tierwise._tierwise import count_fit as _count_fit
from tierwise._tierwise import tracking as _tracking


@dataclass(frozen=True)
class Judgement:
    """How good a forecast was, beside what is known without a model.

    ``mean_absolute_error`` and ``total_ratio`` (expected ÷ actual) are of purchases, ``..._of_rate`` those of going
    on at the past rate; ``error_gain`` is by how much the model's error is smaller, with a 95 % interval. ``capture``
    is the share of later money from the top customers by the forecast, ``capture_by_frequency`` and
    ``capture_by_spend`` by past figures, ``capture_of_oracle`` the best possible; ``gain`` is what the model adds to
    the better of the past ones, with a 95 % interval. They are NaN where nobody's later money is above 0. ``verdict``
    says it in words: of the ranking, then of the counts; below 30 customers, that they are too few.
    """

    customers: int
    mean_absolute_error: float
    mean_absolute_error_of_rate: float
    total_ratio: float
    total_ratio_of_rate: float
    error_gain: float
    error_gain_interval: tuple[float, float]
    top: float
    capture: float
    capture_by_frequency: float
    capture_by_spend: float
    capture_of_oracle: float
    gain: float
    gain_interval: tuple[float, float]
    verdict: list[str]


class Holdout:
    """Customers as they were known on a day, and what they did after it; made by :func:`holdout`."""

    def __init__(self, split: _Holdout, orders: Any) -> None:
        self._split = split
        self._orders = orders

    @property
    def known(self) -> Any:
        """The customers as they were known, as :func:`tierwise.value.rfm` gives them, of the same kind as the log."""
        columns = self._split.known()
        columns["customer"] = key_array(columns["customer"])
        return rows_like(self._orders, len(columns["customer"]), columns)

    @property
    def purchases(self) -> Floats:
        """Days with a purchase after the day and up to the end, per row of :attr:`known`."""
        return self._split.later()[0]

    @property
    def spend(self) -> Floats:
        """Money of those days."""
        return self._split.later()[1]

    @property
    def findings(self) -> list[str]:
        """Sentences on returns that count as purchases, or that are in neither part."""
        return self._split.findings()

    @property
    def days(self) -> float:
        """Days from the day to the end."""
        return self._split.days()

    def judge(self, purchases: Any, value: Any = None, *, top: float = 0.2, seed: int = 0) -> Judgement:
        """Judge a forecast made on :attr:`known`.

        Where nobody's later money is above 0 only the counts are judged.

        Parameters
        ----------
        purchases : array or series
            Purchases expected until the end, in the order of :attr:`known`. A pandas series must have its index, so
            that it cannot stand in another order.
        value : array or series, optional
            What customers are ranked by: expected money; expected purchases where it is left out.
        top : float
            The share of customers that would be served best.
        seed : int
            Of the samples of customers behind the intervals of the gains.

        Raises
        ------
        NotEnoughDataError
            Where nobody bought after the day.
        """
        for name, forecast in [("purchases", purchases), ("value", value)]:
            _check_order(name, forecast)
        expected = numbers("purchases", purchases)
        ranked_by = expected if value is None else numbers("value", value)
        found = self._split.judge(
            expected, ranked_by, real("judge", "top", top), whole("judge", "seed", seed, 0, 2**64 - 1)
        )
        return Judgement(**{name: _known(field) for name, field in json.loads(found).items()})


def holdout(
    orders: Any,
    *,
    customer: str,
    date: str,
    amount: str,
    known_until: Any,
    end: Any,
    returns: Returns = "as_purchases",
    early_returns: EarlyReturns = "refuse",
    only_returns: OnlyReturns = "refuse",
    margin: str | float | None = None,
    order: str | None = None,
    currency: str | None = None,
    rates: Mapping[str, float] | None = None,
    id: str | None = None,  # noqa: A002
    duplicates: Duplicates | None = None,
) -> Holdout:
    """Split a log of orders into what was known on a day and what came after.

    Parameters
    ----------
    orders : data frame or dict of columns
        One row per line of the log, in any order.
    customer, date, amount : str
        The names of the columns, as in :func:`tierwise.value.rfm`.
    known_until, end : date, str or int
        The last day that is known, and the last one that is judged. Later rows are passed over, and so are customers
        who came after ``known_until``.
    returns, early_returns, only_returns, margin, order, currency, rates, id, duplicates
        How money and lines are read, as for :func:`tierwise.value.rfm`: the known part and the later one alike, so that
        a model is judged by what it was fitted on. Returns count as purchases unless stated, and ``findings`` says how
        many. Netted off, a return after the day of a purchase until it is in neither part: it is no later purchase, and
        nobody knew of it (inferred). ``purchases`` counts days with a purchase, also where ``order`` is given.

    Examples
    --------
    >>> import tierwise as tw
    >>> orders = {"id": [7, 7, 8, 7, 9], "day": [1, 5, 6, 12, 13], "paid": [9., 5., 7., 4., 8.]}
    >>> split = tw.value.holdout(orders, customer="id", date="day", amount="paid", known_until=10, end=20)
    >>> split.known["customer"], split.purchases, split.spend
    (array([7, 8]), array([1., 0.]), array([4., 0.]))

    What is sent back was not bought once more:

    >>> orders = {"id": [7, 7, 7, 8, 8], "day": [1, 3, 12, 2, 13], "paid": [50., -50., 20., 30., -30.]}
    >>> days = {"known_until": 10, "end": 20}
    >>> split = tw.value.holdout(orders, customer="id", date="day", amount="paid", **days, returns="net_off")
    >>> split.known["repeat_frequency"], split.purchases, split.spend
    (array([0., 0.]), array([1., 0.]), array([20.,  0.]))
    >>> split.findings
    ['1 return after the day belongs to a purchase until it; it is in neither part']
    """
    rules = {"returns": returns, "early_returns": early_returns, "only_returns": only_returns}
    check_rules("holdout", rules)
    column, share = margin_of("holdout", margin)
    other = None if order is None else text("holdout", "order", order)
    money = money_columns(
        "holdout", customer=customer, amount=amount, currency=currency, rates=rates, id=id, duplicates=duplicates
    )
    days = day_of("holdout", "known_until", known_until), day_of("holdout", "end", end)
    numeric = [name for name in (date, column) if name is not None]
    table = money_table(orders, money, numeric, [] if other is None else [other])
    asked = json.dumps(rules | {"margin_rate": share})
    return Holdout(_Holdout(table, money, date, [column, other], asked, *days), orders)


def tracking(
    model: PurchaseModel,
    orders: Any,
    *,
    customer: str,
    date: str,
    known_until: Any,
    end: Any,
    step_days: int = 7,
    amount: str | None = None,
    returns: Returns = "as_purchases",
) -> Any:
    """Follow the customers known on a day through a log: repeat purchases expected and actual, over time.

    A model with covariates finds them in columns of the log, the same on all rows of a customer.

    Parameters
    ----------
    model : PurchaseModel
        A fitted model of purchases.
    orders : data frame or dict of columns
        One row per line of the log, in any order.
    customer, date : str
        The names of the columns.
    known_until, end : date, str or int
        The day until which customers are known, and the last one of the table.
    step_days : int
        Days per row of the table.
    amount, returns
        The column of amounts and what to do with rows below 0, as for :func:`tierwise.value.rfm`; say what was said
        where the model's customers were read. No money is counted here: netted off or left out, a return is no
        purchase, and as a purchase it is one.

    Returns
    -------
    frame
        Of the same kind as ``orders``, one row per step: ``day`` (the last one; a date where the log has dates, and
        else counted from 1970-01-01), ``expected`` and ``actual`` (all repeat purchases so far),
        ``expected_in_step`` and ``actual_in_step``.

    Examples
    --------
    >>> import tierwise as tw
    >>> model = tw.value.ParetoNbd().with_parameters(r=0.5, alpha=10., s=0.6, beta=12.)
    >>> orders = {"id": [7, 7, 8, 7], "day": [1, 5, 6, 12]}
    >>> table = tw.value.tracking(model, orders, customer="id", date="day", known_until=10, end=15)
    >>> table["actual"], table["expected"].round(2)
    (array([1., 2.]), array([0.4 , 0.92]))
    """
    of = "tracking"
    check_fitted(of, "model", model, PurchaseModel, "a fit such as ParetoNbd().fit(...)")
    check_rules(of, {"returns": returns})
    if returns != "as_purchases" and amount is None:
        raise invalid_parameter(of, "amount", f"a column, for `returns` is `{returns}`", "None")
    paid = None if returns == "as_purchases" else amount
    numeric = [date, *model.covariates, *([] if paid is None else [text(of, "amount", paid)])]
    table = named_table(orders, [Feature.number(name) for name in numeric], also=[customer])
    days = day_of(of, "known_until", known_until), day_of(of, "end", end)
    step = whole(of, "step_days", step_days, 1, 100_000)
    refuse = returns == "refuse"
    points = json.loads(_tracking(model._model, table, customer, date, paid, refuse, *days, step))
    names = ["day", "expected", "actual", "expected_in_step", "actual_in_step"]
    columns = {name: np.array([point[name] for point in points]) for name in names}
    if date in table.date_columns():
        columns["day"] = columns["day"].astype("datetime64[D]")
    return rows_like(orders, len(points), columns)


def count_fit(model: PurchaseModel, rfm: Any, *, most: int = 7) -> list[dict[str, float]]:
    """Count how many customers had 0, 1, 2, ... repeat purchases at their ages, and how many the model expects.

    With covariates, whose columns the table has then, it expects of each customer what goes with his own.

    Returns
    -------
    list of dict
        ``repeats`` (the last one stands for ``most`` or more), ``expected``, ``actual``.

    Examples
    --------
    >>> import tierwise as tw
    >>> model = tw.value.ParetoNbd().with_parameters(r=0.5, alpha=10., s=0.6, beta=12.)
    >>> rfm = {"repeat_frequency": [0, 2, 0], "last_purchase_age": [0, 9, 0], "age": [20, 20, 30]}
    >>> [(row["repeats"], row["actual"], round(row["expected"], 2)) for row in tw.value.count_fit(model, rfm, most=2)]
    [(0, 2.0, 1.97), (1, 0.0, 0.5), (2, 1.0, 0.53)]
    """
    check_fitted("count_fit", "model", model, PurchaseModel, "a fit such as ParetoNbd().fit(...)")
    bounded = whole("count_fit", "most", most, 1, 1000)
    found = naming_customers(
        rfm, lambda also: _count_fit(model._model, histories_of(rfm, model.covariates, also=also), bounded)
    )
    rows: list[dict[str, float]] = json.loads(found)
    return rows


def _check_order(name: str, forecast: Any) -> None:
    """Refuse a pandas series with an index of its own: it may stand in another order than the known customers."""
    if nw.dependencies.is_pandas_series(forecast) and not np.array_equal(forecast.index, np.arange(len(forecast))):
        must_be = (
            "in the order of `known`, whose index counts from 0; bring it there (`.reindex(known.index)`), or pass "
            "`.to_numpy()` where only the index differs"
        )
        raise invalid_parameter("judge", name, must_be, "a series with another index")


def _known(field: Any) -> Any:
    """Read a field of a judgement: JSON has no NaN."""
    if isinstance(field, list) and not any(isinstance(one, str) for one in field):
        return tuple(map(_known, field))
    return math.nan if field is None else field
