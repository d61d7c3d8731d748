"""How money is spread over customers and products."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt

from tierwise._frames import Floats, Labels, key_array, numbers, rows_like
from tierwise._models import model_of
from tierwise._money import Duplicates, money_columns, money_table
from tierwise._parameters import real, texts, whole
from tierwise._tierwise import concentration as _concentration
from tierwise._tierwise import customers_by_products as _customers_by_products
from tierwise._tierwise import gini as _gini
from tierwise._tierwise import pareto as _pareto
from tierwise._tierwise import share_curve as _share_curve
from tierwise._tierwise import share_peak as _share_peak
from tierwise.evaluate._bootstrap import BootstrapInterval

if TYPE_CHECKING:
    from tierwise.value import Tiers


@dataclass(frozen=True)
class Pareto:
    """The smallest set of customers that makes a share of the money."""

    customers: int
    share_of_customers: float
    threshold: float
    money: float
    share_of_money: float
    total: float
    rows: npt.NDArray[np.int64] = field(repr=False)


def pareto(values: Any, share: float = 0.8) -> Pareto:
    """Find the smallest set of customers that makes ``share`` of the money.

    Parameters
    ----------
    values : array or series
        One amount per customer; losses are allowed while the total is above 0. The share is then one of the total net
        of them, so that few customers make it; :func:`share_peak` tells how much is earned before losses eat into it.
    share : float
        Of the total, in (0, 1].

    Returns
    -------
    Pareto
        With ``rows``, the positions of the set, most money first.

    Examples
    --------
    >>> import tierwise as tw
    >>> tw.value.pareto([10, 500, 40, 300, 150], share=.8)
    Pareto(customers=2, share_of_customers=0.4, threshold=300.0,
           money=800.0, share_of_money=0.8, total=1000.0)
    """
    return Pareto(**_pareto(numbers("values", values), real("pareto", "share", share)))


def gini(values: Any) -> float:
    """Measure how unevenly money is spread: 0 when all customers bring the same, near 1 when one brings all.

    Examples
    --------
    >>> import tierwise as tw
    >>> tw.value.gini([1, 1, 1, 1]), tw.value.gini([0, 0, 0, 8])
    (0.0, 0.75)
    """
    return _gini(numbers("values", values))


def share_curve(values: Any, steps: int = 100) -> tuple[Floats, Floats]:
    """Give the cumulative share of the customers, best first, and the share of the money that they make.

    Examples
    --------
    >>> import tierwise as tw
    >>> tw.value.share_curve([10, 500, 40, 300, 150], steps=5)
    (array([0. , 0.2, 0.4, 0.6, 0.8, 1. ]), array([0.  , 0.5 , 0.8 , 0.95, 0.99, 1.  ]))
    """
    return _share_curve(numbers("values", values), whole("share_curve", "steps", steps, 1, 1_000_000))


def share_peak(values: Any) -> tuple[int, float]:
    """Give how many customers make a profit, and their share of the money, which is above 1 where others make losses.

    Examples
    --------
    >>> import tierwise as tw
    >>> tw.value.share_peak([60, 90, -10, 0, -40])
    (2, 1.5)
    """
    return _share_peak(numbers("values", values))


@dataclass(frozen=True)
class Concentration:
    """How much of the money hangs on few; made by :func:`concentration`.

    ``top_share`` is the share of the money from the share ``top`` of the customers, ``gini`` the coefficient,
    ``herfindahl`` the sum of the squared shares of the money: each with its interval. One over the last is
    ``effective_customers``. The latter three are ``None`` where somebody makes a loss. ``findings`` are sentences on
    what makes the intervals hold less often than they say.
    """

    customers: int
    total: float
    top: float
    top_share: BootstrapInterval
    gini: BootstrapInterval | None
    herfindahl: BootstrapInterval | None
    effective_customers: float | None
    findings: list[str]


def concentration(
    values: Any, *, seed: int, top: float = 0.2, replicates: int = 1000, confidence: float = 0.95
) -> Concentration:
    """Measure how much of the money hangs on few customers or products, with intervals.

    The values are plain facts about the customers at hand. The intervals are about all the customers of whom these are
    a draw, that of the Herfindahl index about as many of them as there are here: ``n`` times the index is
    E[x²]/E[x]². Whoever takes the customers at hand for all there are needs no interval.

    The method is a studentised bootstrap (Efron and Tibshirani 1993, section 12.5), with the upper half of the amounts
    above 0 drawn from the lognormal curve through them, since plain draws never hold a customer larger than the largest
    (after Davidson and Flachaire 2007; the lognormal is inferred, from simulations). ``docs/value/sales.md`` says how
    often the intervals hold the truth.

    Parameters
    ----------
    values : array or series
        One amount per customer.
    seed : int
        Of the draws.
    top : float
        The share of the customers at the top, in (0, 1].
    replicates, confidence
        How often customers are drawn anew, and how often the interval is to hold the truth. ``standard_error`` is by
        linearisation, and ``replicates`` of an interval holds the figure of each draw.

    Examples
    --------
    >>> import tierwise as tw
    >>> found = tw.value.concentration([10, 500, 40, 300, 150], seed=1, replicates=200)
    >>> found.top_share.value, round(found.herfindahl.value, 4), round(found.effective_customers, 2)
    (0.5, 0.3642, 2.75)
    """
    share = real("concentration", "top", top)
    customers, total, from_top, gini, herfindahl, effective, findings = _concentration(
        numbers("values", values),
        share,
        whole("concentration", "seed", seed, 0, 2**64 - 1),
        whole("concentration", "replicates", replicates, 2, 1_000_000),
        real("concentration", "confidence", confidence),
    )
    return Concentration(
        customers,
        total,
        share,
        BootstrapInterval(*from_top),
        None if gini is None else BootstrapInterval(*gini),
        None if herfindahl is None else BootstrapInterval(*herfindahl),
        effective,
        findings,
    )


@dataclass(frozen=True)
class CustomersByProducts:
    """Which classes of customers make their money with which classes of products.

    Attributes
    ----------
    names : list of str
        The classes, the best first.
    money : array
        By class of customer (rows) and class of product (columns).
    customers, products : frame
        One row per customer or product, of the same kind as the log: the key, ``money`` and ``class``.
    products_of_the_best : frame
        What the best class of customers buys, most of their money first: ``product``, ``money``,
        ``share_of_the_best`` (of their money), ``share_of_all`` (of the money of all customers), ``customers`` (how
        many of them).
    customer_classes, product_classes : Tiers
        The thresholds, to be saved.
    """

    names: list[str]
    money: Floats
    customers: Any = field(repr=False)
    products: Any = field(repr=False)
    products_of_the_best: Any = field(repr=False)
    customer_classes: Tiers = field(repr=False)
    product_classes: Tiers = field(repr=False)


def customers_by_products(
    orders: Any,
    *,
    customer: str,
    product: str,
    amount: str,
    names: Sequence[str] = ("A", "B", "C"),
    shares: Sequence[float] = (0.8, 0.15, 0.05),
    currency: str | None = None,
    rates: Mapping[str, float] | None = None,
    id: str | None = None,  # noqa: A002
    duplicates: Duplicates | None = None,
) -> CustomersByProducts:
    """Put customers and products into ABC classes by their money, and show where the classes meet.

    Parameters
    ----------
    orders : data frame or dict of columns
        One row per line of the log, in any order.
    customer, product, amount : str
        The names of the columns; amounts below 0 are taken off.
    names, shares : sequence
        One share of the money per class, best first, as in :meth:`Tiers.by_share_of_money`.
    currency, rates, id, duplicates
        How money and lines are read, as for :func:`rfm`. No date is read here, so that without an ``id`` lines are
        equal where customer, product and amount are: a purchase that comes again next month too.

    Raises
    ------
    InvalidValueError
        For an unknown amount, a second currency without rates, a repeated line that is refused; it names row and
        customer.

    Examples
    --------
    >>> import tierwise as tw
    >>> orders = {"id": [5, 5, 3, 9], "product": ["p", "q", "p", "r"], "paid": [60., 30., 8., 2.]}
    >>> view = tw.value.customers_by_products(
    ...     orders, customer="id", product="product", amount="paid", names=["A", "B"], shares=[.8, .2])
    >>> view.money
    array([[90.,  0.],
           [ 8.,  2.]])
    >>> view.products_of_the_best["product"]
    array(['p', 'q'], dtype=object)
    """
    of = "customers_by_products"
    money = money_columns(
        of, customer=customer, amount=amount, currency=currency, rates=rates, id=id, duplicates=duplicates
    )
    table = money_table(orders, money, others=[product])
    classes = texts(of, "names", names)
    found = _customers_by_products(table, money, product, classes, numbers("shares", shares).tolist())

    def frame(what: str) -> Any:
        key = {what: key_array(found[what])}
        classed = Labels(found[f"{what}_class"], classes)
        return rows_like(orders, len(key[what]), {**key, "money": found[f"{what}_money"], "class": classed})

    best = {
        "product": key_array(found["product"])[found["best_product"]],
        "money": found["best_money"],
        "share_of_the_best": found["best_share"],
        "share_of_all": found["best_share_of_all"],
        "customers": found["best_customers"],
    }
    return CustomersByProducts(
        classes,
        np.array(found["money"]),
        frame("customer"),
        frame("product"),
        rows_like(orders, len(best["product"]), best),
        cast("Tiers", model_of(found["customer_tiers"])),
        cast("Tiers", model_of(found["product_tiers"])),
    )
