"""Forecasts judged out of time: does the model beat what everybody knows without it?"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np

from tierwise._feature import Feature
from tierwise._frames import Floats, day_of, named_table, numbers, real, rows_like, whole
from tierwise._lifetime import naming_customers
from tierwise._purchases import PurchaseModel, histories_of
from tierwise._tierwise import Holdout as _Holdout
from tierwise._tierwise import count_fit as _count_fit
from tierwise._tierwise import tracking as _tracking


@dataclass(frozen=True)
class Judgement:
    """How good a forecast was, beside what is known without a model.

    ``mean_absolute_error`` and ``total_ratio`` (expected ÷ actual) are of purchases, ``..._of_rate`` those of going
    on at the past rate. ``capture`` is the share of later money from the top customers by the forecast,
    ``capture_by_frequency`` and ``capture_by_spend`` by past figures, ``capture_of_oracle`` the best possible;
    ``gain`` is what the model adds to the better of the past ones, with a 95 % interval. ``verdict`` says it in words.
    """

    customers: int
    mean_absolute_error: float
    mean_absolute_error_of_rate: float
    total_ratio: float
    total_ratio_of_rate: float
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
        if isinstance(columns["customer"], list):
            columns["customer"] = np.array(columns["customer"], dtype=object)
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
    def days(self) -> float:
        """Days from the day to the end."""
        return self._split.days()

    def judge(self, purchases: Any, value: Any = None, *, top: float = 0.2, seed: int = 0) -> Judgement:
        """Judge a forecast made on :attr:`known`.

        Parameters
        ----------
        purchases : array or series
            Purchases expected until the end.
        value : array or series, optional
            What customers are ranked by: expected money; expected purchases where it is left out.
        top : float
            The share of customers that would be served best.
        seed : int
            Of the samples of customers behind the interval of the gain.
        """
        expected = numbers("purchases", purchases)
        ranked_by = expected if value is None else numbers("value", value)
        found = self._split.judge(
            expected, ranked_by, real("judge", "top", top), whole("judge", "seed", seed, 0, 2**64 - 1)
        )
        fields = json.loads(found)
        return Judgement(**fields | {"gain_interval": tuple(fields["gain_interval"])})


def holdout(orders: Any, *, customer: str, date: str, amount: str, known_until: Any, end: Any) -> Holdout:
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

    Examples
    --------
    >>> import tierwise as tw
    >>> orders = {"id": [7, 7, 8, 7, 9], "day": [1, 5, 6, 12, 13], "paid": [9., 5., 7., 4., 8.]}
    >>> split = tw.value.holdout(orders, customer="id", date="day", amount="paid", known_until=10, end=20)
    >>> split.known["customer"], split.purchases, split.spend
    (array([7, 8]), array([1., 0.]), array([4., 0.]))
    """
    table = named_table(orders, [Feature.number(date), Feature.number(amount)], also=[customer])
    days = day_of("holdout", "known_until", known_until), day_of("holdout", "end", end)
    return Holdout(_Holdout(table, customer, date, amount, *days), orders)


def tracking(
    model: PurchaseModel, orders: Any, *, customer: str, date: str, known_until: Any, end: Any, step_days: int = 7
) -> Any:
    """Follow the customers known on a day through a log: repeat purchases expected and actual, over time.

    A model with covariates finds them in columns of the log, the same on all rows of a customer.

    Returns
    -------
    frame
        Of the same kind as ``orders``, one row per step: ``day`` (the last one, counted from 1970-01-01),
        ``expected`` and ``actual`` (all repeat purchases so far), ``expected_in_step`` and ``actual_in_step``.

    Examples
    --------
    >>> import tierwise as tw
    >>> model = tw.value.ParetoNbd().with_parameters(r=0.5, alpha=10., s=0.6, beta=12.)
    >>> orders = {"id": [7, 7, 8, 7], "day": [1, 5, 6, 12]}
    >>> table = tw.value.tracking(model, orders, customer="id", date="day", known_until=10, end=15)
    >>> table["actual"], table["expected"].round(2)
    (array([1., 2.]), array([0.4 , 0.92]))
    """
    table = named_table(orders, [Feature.number(name) for name in [date, *model.covariates]], also=[customer])
    days = day_of("tracking", "known_until", known_until), day_of("tracking", "end", end)
    step = whole("tracking", "step_days", step_days, 1, 100_000)
    points = json.loads(_tracking(model._model, table, customer, date, *days, step))
    names = ["day", "expected", "actual", "expected_in_step", "actual_in_step"]
    return rows_like(orders, len(points), {name: np.array([point[name] for point in points]) for name in names})


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
    bounded = whole("count_fit", "most", most, 1, 1000)
    found = naming_customers(
        rfm, lambda also: _count_fit(model._model, histories_of(rfm, model.covariates, also=also), bounded)
    )
    rows: list[dict[str, float]] = json.loads(found)
    return rows
