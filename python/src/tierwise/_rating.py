"""Rating by base and bonus: from the order amount and dated evidence to a tier."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np

from tierwise import _feature
from tierwise._feature import Feature
from tierwise._frames import (
    Floats,
    Labels,
    frame_like,
    named_table,
    rows_like,
    series_like,
    table_of,
)
from tierwise._models import ScoreModel, content_of
from tierwise._money import DUPLICATES, Duplicates, money_columns, money_table
from tierwise._parameters import (
    day_of,
    invalid_parameter,
    one_of,
    records,
    text,
    texts,
    whole,
)
from tierwise._rating_change import OF_CHANGE, RatingChange, change_of
from tierwise._rows import key_column
from tierwise._settings import plain
from tierwise._tierwise import Table
from tierwise._tierwise import order_amounts as _order_amounts
from tierwise._tierwise import rate_customers as _rate_customers
from tierwise._tierwise import rating_change as _rating_change
from tierwise._tierwise import rating_rules as _rating_rules
from tierwise._tierwise import rating_statement as _rating_statement

__all__ = ["RatingRules"]

Strays = Literal["refuse", "leave_out"]
# Columns of the results, beside the bonus items.
_OF_RATE = ["base", "bonus_cap", "score", "tier"]
_OF_STATEMENT = ["part", "reason", "date", "row", "points"]


class RatingRules(ScoreModel):
    """Rules of a rating: base points by order amount, bonus points by dated evidence, a tier by the score.

    As a model it scores and explains tables with the order amount and, per bonus item, the units that count (whole
    numbers from 0 to a million; yes or no for an item that counts once), and refuses others with their row;
    :meth:`rate` finds the units in a log of evidence. Points are multiples of 1/1024 (7, 2.5, 0.125), so that parts add
    up exactly in any order, in a spreadsheet too.

    Parameters
    ----------
    base : sequence of dict
        The brackets of the order amount: ``from`` (included), ``to`` (not included), ``points``. The outermost are
        open.
    tiers : sequence of dict
        Best first: ``name``, ``from``, ``to``; the outermost are open.
    bonus : sequence of dict
        Each has ``name``, ``points``, ``per`` (``"unit"`` or ``"once"``), and may have ``maximum`` (points),
        ``expires_after`` (days from the date of the evidence), ``needs_reference`` (evidence without a reference does
        not count), ``inferred`` (words for people).
    bonus_maximum : float, optional
        The most that all bonus items earn together.
    amount : str
        The column of the order amount.
    period_days : int
        The order amount is that of the last so many days.
    currency : str, optional
        The currency of the order amount, and so of the brackets: ``"EUR"``. Amounts are checked against it wherever
        their currency is named (``currency=`` of :meth:`order_amounts`, :meth:`rate`, :meth:`statement` and
        :meth:`change`).
    unknown_amount : float, optional
        Base points where the amount is unknown; unless stated such a customer has no score and no tier.
    name, notes
        Words for people.

    Raises
    ------
    InvalidRulesError, InvalidBandsError, InvalidSettingError
        When the rules contradict themselves; the message names the item, bracket or tier.

    Examples
    --------
    >>> import tierwise as tw
    >>> rules = tw.value.RatingRules(
    ...     base=[{"to": 500_000, "points": 5}, {"from": 500_000, "points": 10}],
    ...     bonus=[{"name": "referral", "points": 5, "per": "unit", "maximum": 15, "expires_after": 365}],
    ...     tiers=[{"name": "A", "from": 20}, {"name": "B", "to": 20}],
    ... )
    >>> customers = {"customer": ["ann", "bob"], "order_amount": [500_000, 80_000]}
    >>> evidence = {"customer": ["ann", "ann", "bob"], "item": ["referral"] * 3, "date": [900, 950, 600]}
    >>> rated = rules.rate(customers, evidence, customer="customer", as_of=1000)
    >>> rated["base"], rated["referral"], rated["score"], rated["tier"]
    (array([10.,  5.]), array([10.,  0.]), array([20.,  5.]), array(['A', 'B'], dtype=object))
    """

    _kind = "rating_rules"

    def __init__(
        self,
        *,
        base: Sequence[Mapping[str, Any]],
        tiers: Sequence[Mapping[str, Any]],
        bonus: Sequence[Mapping[str, Any]] = (),
        bonus_maximum: float | None = None,
        amount: str = "order_amount",
        period_days: int = 365,
        currency: str | None = None,
        unknown_amount: float | None = None,
        name: str = "",
        notes: Sequence[str] = (),
    ) -> None:
        spec = {
            "name": text("RatingRules", "name", name),
            "notes": texts("RatingRules", "notes", notes),
            "amount": text("RatingRules", "amount", amount),
            "period_days": whole("RatingRules", "period_days", period_days, 1, 36_525),
            "currency": None if currency is None else text("RatingRules", "currency", currency),
            "base": records("RatingRules", "base", base),
            "unknown_amount": unknown_amount,
            "bonus": records("RatingRules", "bonus", bonus),
            "bonus_maximum": bonus_maximum,
            "tiers": records("RatingRules", "tiers", tiers),
        }
        self._model = _rating_rules(json.dumps(plain(spec, "")))

    @property
    def spec(self) -> dict[str, Any]:
        """The rules as plain data: the content of their model file."""
        return content_of(self)

    @property
    def items(self) -> list[str]:
        """The names of the bonus items."""
        return [item["name"] for item in self.spec.get("bonus", [])]

    @property
    def tiers(self) -> list[str]:
        """The names of the tiers, best first."""
        return self._model.outcomes()

    @property
    def findings(self) -> list[str]:
        """What is odd about the rules: tiers that no score can reach.

        Examples
        --------
        >>> import tierwise as tw
        >>> tiers = [{"name": "A", "from": 500}, {"name": "B", "to": 500}]
        >>> tw.value.RatingRules(base=[{"points": 3}], tiers=tiers).findings
        ['no score reaches tier `A` [500, inf): scores lie from 3 to 3; check its cut']
        """
        return self._model.findings()

    @property
    def bands(self) -> list[dict[str, Any]]:
        """The tiers with their edges, best first: ``name``, ``from`` (included) and ``to`` (not included)."""
        bands: list[dict[str, Any]] = self.spec["tiers"]
        return bands

    def assign(self, data: Any) -> Any:
        """Give the tier of each row of a table with amounts and units; ``None`` where there is no score."""
        return series_like(data, "tier", Labels(self._model.assign(table_of(data, self.features)), self.tiers))

    def order_amounts(
        self,
        orders: Any,
        customers: Any,
        *,
        customer: str,
        date: str,
        amount: str,
        as_of: Any,
        later: Strays = "refuse",
        currency: str | None = None,
        rates: Mapping[str, float] | None = None,
        id: str | None = None,  # noqa: A002
        duplicates: Duplicates | None = None,
    ) -> Any:
        """Sum the orders of each customer in the period that ends on ``as_of``.

        Parameters
        ----------
        orders : data frame or dict of columns
            The complete log, one row per order, in any order: who has no order in the period has the amount 0, which is
            not unknown. Returns are negative amounts. Orders of other customers are left out.
        customers : data frame or dict of columns
            The customers, in a column of the same name as in the log.
        customer, date, amount : str
            The names of the columns.
        as_of : date, str or int
            The last day of the period.
        later : {"refuse", "leave_out"}
            What to do with orders after ``as_of``; leave them out to replay a past day.
        currency, rates, id, duplicates
            How money and lines are read, as for :func:`tierwise.value.rfm`. Where the rules state a currency, the log
            must be in it, or the rates must lead to it.

        Returns
        -------
        series or array
            One amount per row of ``customers``, of the same kind.

        Raises
        ------
        InvalidValueError
            For an unknown or infinite amount, an unknown date, a later order, a second currency without rates, another
            one than that of the rules, and a repeated line that is refused; it names row and customer.
        InvalidParameterError
            For rates that do not lead to the currency of the rules.

        Examples
        --------
        >>> import tierwise as tw
        >>> orders = {"id": [7, 7, 8], "day": [100, 400, 30], "paid": [5000.0, 9000.0, 80.0]}
        >>> tw.value.b2b_rating().order_amounts(
        ...     orders, {"id": [8, 7]}, customer="id", date="day", amount="paid", as_of=420
        ... )
        array([    0., 14000.])
        """
        one_of("RatingRules", "later", later, ["refuse", "leave_out"])
        of = "RatingRules.order_amounts"
        money = money_columns(
            of, customer=customer, amount=amount, currency=currency, rates=rates, id=id, duplicates=duplicates
        )
        log = money_table(orders, money, [date])
        asked = named_table(customers, [], also=[customer])
        sums = _order_amounts(self._model, log, asked, money, date, day_of(of, "as_of", as_of), later == "leave_out")
        return series_like(customers, self.spec["amount"], sums)

    def rate(
        self,
        customers: Any,
        evidence: Any = None,
        *,
        customer: str,
        as_of: Any,
        item: str = "item",
        date: str = "date",
        units: str | None = None,
        reference: str | None = None,
        currency: str | None = None,
        later: Strays = "refuse",
        other_customers: Strays = "refuse",
        duplicates: Duplicates | None = None,
    ) -> Any:
        """Rate customers on one day, from their order amounts and a log of evidence.

        Parameters
        ----------
        customers : data frame or dict of columns
            One row per customer: the key, and the order amount under the name that the rules have for it.
        evidence : data frame or dict of columns, optional
            One row per piece of evidence, in any order; the key stands in a column of the same name.
        customer : str
            The column of the key, in both tables.
        as_of : date, str or int
            The day of the rating; evidence of that day counts, and counts while its age in days is below the item's
            ``expires_after``.
        item, date : str
            The columns of the bonus item and of the date in ``evidence``.
        units : str, optional
            The column of whole units, 0 to a million; each row is one unless stated.
        reference : str, optional
            The column of references, such as contract numbers. Unknown and blank ones are none. It must be named where
            there is evidence of an item that needs one. Per customer and item that counts per unit one reference counts
            once; under several customers it counts for each.
        currency : str, optional
            The column of ``customers`` with the currency of the order amount, which must be that of the rules; where
            the rules state none, all must be in one.
        later : {"refuse", "leave_out"}
            What to do with evidence after ``as_of``; leave it out to replay a past day.
        other_customers : {"refuse", "leave_out"}
            What to do with evidence of customers who are not listed.
        duplicates : {"refuse", "count_once", "keep"}, optional
            What to do with lines of evidence that are equal to an earlier one in all columns named here, and with
            lines of an item that counts per unit that have the reference of another (of which the oldest counts once).
            Unless stated, those with a reference are refused and those without count each;
            :func:`tierwise.value.repeated_lines` lists equal ones.

        Returns
        -------
        frame
            Of the same kind as ``customers``, row by row: the key, ``base``, one column per bonus item (after its own
            cap), ``bonus_cap`` (what the cap of all items takes), ``score``, ``tier``. Base, items and cap add up to
            the score, exactly.

        Raises
        ------
        UnknownNameError
            For an item that the rules do not have; it names the row.
        InvalidValueError
            For units that are no whole number, a customer listed twice, another currency, and what ``later``,
            ``other_customers`` and ``duplicates`` refuse; it names row and customer.
        InvalidParameterError
            For evidence of an item that needs a reference, without ``reference``; it names the item.
        """
        policy = {"later": later, "other_customers": other_customers, "duplicates": duplicates}
        reading, log, asked, today = self._read(
            "rate", customers, evidence, customer, as_of, (item, date, units, reference, currency), policy
        )
        amounts = _amounts(customers, self.spec["amount"], customer)
        rated = _rate_customers(self._model, asked, log, reading, amounts, today)
        columns = {
            customer: key_column(asked, customer),
            "base": rated["base"],
            **dict(zip(self.items, rated["items"], strict=True)),
            "bonus_cap": rated["bonus_cap"],
            "score": rated["score"],
            "tier": Labels(rated["tier"], self.tiers),
        }
        return frame_like(customers, columns)

    def statement(
        self,
        customers: Any,
        evidence: Any = None,
        *,
        customer: str,
        as_of: Any,
        item: str = "item",
        date: str = "date",
        units: str | None = None,
        reference: str | None = None,
        currency: str | None = None,
        later: Strays = "refuse",
        other_customers: Strays = "refuse",
        duplicates: Duplicates | None = None,
    ) -> Any:
        """State where every point comes from: one row for the base, each line of evidence, and the cap.

        Parameters are those of :meth:`rate`.

        Returns
        -------
        frame
            The key, ``part`` (``base``, a bonus item, ``bonus_cap``), ``reason``, ``date`` and ``row`` of the
            evidence (-1 for none), ``points``. The reason of the base is its bracket; that of evidence ``counted``,
            ``capped`` (the item's own maximum took some or all), ``renewed`` (newer evidence stands for it),
            ``expired``, ``no_reference``, ``later``, ``other_customer`` or ``duplicate``. The points of a customer add
            up to the score, exactly.

        Examples
        --------
        >>> import tierwise as tw
        >>> customers = {"id": ["ann"], "order_amount": [500_000]}
        >>> evidence = {"id": ["ann", "ann"], "item": ["breadth_of_needs"] * 2, "date": [100, 990]}
        >>> lines = tw.value.b2b_rating().statement(customers, evidence, customer="id", as_of=1000)
        >>> lines["part"].tolist(), lines["points"].tolist()
        (['base', 'breadth_of_needs', 'breadth_of_needs'], [10.0, 0.0, 10.0])
        >>> lines["reason"].tolist()
        ['order_amount in [500000, 1000000)', 'expired', 'counted']
        """
        policy = {"later": later, "other_customers": other_customers, "duplicates": duplicates}
        reading, log, asked, today = self._read(
            "statement", customers, evidence, customer, as_of, (item, date, units, reference, currency), policy
        )
        amounts = _amounts(customers, self.spec["amount"], customer)
        stated = _rating_statement(self._model, asked, log, reading, amounts, today)
        keys, codes = key_column(asked, customer), stated["customer"]
        if stated["others"]:
            keys = np.concatenate([keys, np.array(stated["others"], dtype=object).astype(keys.dtype)])
        columns = {
            customer: keys[codes],
            "part": Labels(stated["part"], stated["parts"]),
            "reason": Labels(stated["reason"], stated["reasons"]),
            "date": stated["day"].view("datetime64[D]"),
            "row": stated["row"],
            "points": stated["points"],
        }
        return rows_like(customers, len(codes), columns)

    def change(
        self,
        customers: Any,
        evidence: Any = None,
        *,
        customer: str,
        amount_before: str,
        amount_after: str,
        from_day: Any,
        to_day: Any,
        item: str = "item",
        date: str = "date",
        units: str | None = None,
        reference: str | None = None,
        currency: str | None = None,
        later: Strays = "refuse",
        other_customers: Strays = "refuse",
        duplicates: Duplicates | None = None,
    ) -> RatingChange:
        """Take the change of each score between two days apart.

        Parameters
        ----------
        customers : data frame or dict of columns
            One row per customer: the key, and the order amounts of the periods that end on either day (see
            :meth:`order_amounts`); unknown where a customer was not there.
        evidence : data frame or dict of columns, optional
            The whole log, that of the first day included.
        amount_before, amount_after : str
            The columns of the two amounts.
        from_day, to_day : date, str or int
            The two days.
        customer, item, date, units, reference, currency, later, other_customers, duplicates
            As for :meth:`rate`.

        Returns
        -------
        RatingChange
            ``customers``, ``parts``, and :meth:`RatingChange.movers`.

        Examples
        --------
        >>> import tierwise as tw
        >>> customers = {"id": ["ann"], "then": [500_000], "now": [500_000]}
        >>> evidence = {"id": ["ann", "ann"], "item": ["breadth_of_needs", "growth_potential"], "date": [900, 950]}
        >>> changed = tw.value.b2b_rating().change(
        ...     customers, evidence, customer="id", amount_before="then", amount_after="now", from_day=899, to_day=950
        ... )
        >>> moved = changed.movers()
        >>> moved["tier_before"], moved["tier_after"], moved["change"], moved["breadth_of_needs"]
        (array(['E'], dtype=object), array(['D'], dtype=object), array([15.]), array([10.]))
        """
        policy = {"later": later, "other_customers": other_customers, "duplicates": duplicates}
        reading, log, asked, until = self._read(
            "change", customers, evidence, customer, to_day, (item, date, units, reference, currency), policy
        )
        since = day_of("RatingRules.change", "from_day", from_day)
        before, after = (_amounts(customers, name, customer) for name in (amount_before, amount_after))
        result = _rating_change(self._model, asked, log, reading, before, after, since, until)
        words = (self.spec["amount"], self.spec.get("currency"))
        return change_of(result, customers, (customer, key_column(asked, customer)), self.tiers, words, (before, after))

    def _read(
        self,
        method: str,
        customers: Any,
        evidence: Any,
        customer: str,
        as_of: Any,
        columns: tuple[str, str, str | None, str | None, str | None],
        policy: Mapping[str, str | None],
    ) -> tuple[str, Table | None, Table, int]:
        item, date, units, reference, currency = columns
        for name, value in policy.items():
            if name != "duplicates":
                one_of(f"RatingRules.{method}", name, value, ["refuse", "leave_out"])
            elif value is not None:
                one_of(f"RatingRules.{method}", name, value, DUPLICATES)
        reading: dict[str, Any] = {
            "customer": text(f"RatingRules.{method}", "customer", customer),
            "item": item,
            "date": date,
        }
        own = {
            "rate": [*self.items, *_OF_RATE],
            "statement": _OF_STATEMENT,
            "change": [*self.items, *OF_CHANGE],
        }
        if customer in own[method]:
            must_be = "a column with a name that the result does not have for itself"
            raise invalid_parameter(f"RatingRules.{method}", "customer", must_be, f"`{customer}`")
        log = None
        if evidence is not None:
            numeric = [Feature.number(name) for name in [date, units] if name is not None]
            named = [name for name in [customer, item, reference] if name is not None]
            log = named_table(evidence, numeric, also=named)
        today = day_of(f"RatingRules.{method}", "to_day" if method == "change" else "as_of", as_of)
        asked = named_table(customers, [], also=[customer, *([] if currency is None else [currency])])
        reading |= {"units": units, "reference": reference, "currency": currency}
        return json.dumps({**reading, **policy}), log, asked, today


def _amounts(customers: Any, name: str, customer: str) -> Floats:
    """Read the amounts row by row; beside the keys, so that there are as many."""
    feature = [Feature.number(name)]
    (values,) = named_table(customers, feature, also=[customer]).values(_feature.to_json(feature), False)
    return values
