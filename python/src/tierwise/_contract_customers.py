"""Customers under contract as they are passed: a table, or the renewals of each; and what the model makes of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

import narwhals as nw
import numpy as np
import numpy.typing as npt

from tierwise import _feature, exceptions
from tierwise._feature import Feature
from tierwise._frames import Floats, beside, labels_of, named_table, numbers, values_like
from tierwise._lifetime import estimate_like
from tierwise._parameters import (
    described,
    invalid_parameter,
    one_of,
    real,
    refuse_value,
    text,
    whole,
)
from tierwise._rows import wrong_rows
from tierwise._tierwise import contract_value as _contract_value

MOST_PERIODS = 10_000
ENDS = ("estimate", "lower", "upper")
_OF = "lifetime_value"


class Asked:
    """What is asked of whom: renewals so far, margins, and the horizon, as `lifetime_value` takes them."""

    def __init__(
        self, customers: Any, margin: Any, rate: Any, periods: Any, payment: Any, until_renewal: Any, renewals: Any
    ) -> None:
        one_of(_OF, "payment", payment, ["at_start", "at_end"])
        self.customers = customers
        self.horizon = json.dumps(
            {
                "periods": None if periods is None else whole(_OF, "periods", periods, 1, MOST_PERIODS),
                "rate": real(_OF, "rate", rate),
                "payment": payment,
                "until_renewal": real(_OF, "until_renewal", until_renewal),
            }
        )
        self.is_table = _is_table(customers)
        self.by_customer: Floats | None = None
        self.by_period: list[float] = []
        if isinstance(margin, str):
            self.by_customer = self._column("margin", margin)
        else:
            self.by_period = _stream(margin)
        column = text(_OF, "renewals", renewals)
        so_far = self._column("renewals", column) if self.is_table else numbers(column, customers)
        self.renewals = whole_periods("the renewals", so_far, self.refuse, "count renewals, not days")

    def _column(self, name: str, column: str) -> Floats:
        if not self.is_table:
            must_be = "a number or a list of numbers, where customers are no table with that column"
            raise invalid_parameter(_OF, name, must_be, repr(column))
        feature = [Feature.number(column)]
        values: Floats = named_table(self.customers, feature).values(_feature.to_json(feature), False)[0]
        return values

    def labels(self, segment: Any) -> list[str | None]:
        """Name the segment of each customer: a column of the table, or one name per customer."""
        if self.is_table and isinstance(segment, str):
            return named_table(self.customers, [], also=[segment]).labels(segment)
        labels = labels_of("segment", segment)
        if len(labels) != len(self.renewals):
            raise wrong_rows("`segment`", len(labels), len(self.renewals), "pass one name per customer, or its column")
        return labels

    def columns(self, model: Any, level: float | None, rows: npt.NDArray[np.int64] | None = None) -> list[Floats]:
        """Ask a model of all customers, or of those in some rows."""
        picked = slice(None) if rows is None else rows
        margins = None if self.by_customer is None else self.by_customer[picked]
        try:
            return _contract_value(model, self.renewals[picked], margins, self.by_period, self.horizon, level)
        except exceptions.InvalidValueError as error:
            row = int(error.details["row"])
            self.refuse(
                error.details["what"],
                row if rows is None else int(rows[row]),
                error.details["found"],
                error.details["must_be"],
            )

    def like(self, columns: list[Floats]) -> Any:
        """Give values as the customers came."""
        if self.is_table:
            return estimate_like(self.customers, _OF, columns)
        if len(columns) == 1:
            return values_like(self.customers, _OF, columns[0])
        return beside(self.customers, dict(zip(ENDS, columns, strict=True)))

    def refuse(self, what: str, row: int, found: str, must_be: str) -> NoReturn:
        """Refuse what was found in a row, with the customer where a column `customer` names him."""
        key = None
        if self.is_table:
            try:
                key = named_table(self.customers, [], also=["customer"]).labels("customer")[row]
            except exceptions.TierwiseError:
                key = None
        refuse_value(what, row, found, must_be, key)


def whole_periods(what: str, values: Floats, refuse: Any, advice: str) -> npt.NDArray[np.uint32]:
    """Check that each of these is a count of contract periods."""
    sound = (values >= 0) & (values <= MOST_PERIODS) & (values % 1 == 0)
    if not sound.all():
        row = int(np.argmin(sound))
        must_be = f"it must be a whole number in [0, {MOST_PERIODS}]; {advice}"
        refuse(what, row, described(values[row]), must_be)
    return values.astype(np.uint32)


def _is_table(customers: Any) -> bool:
    if isinstance(customers, Mapping) or nw.dependencies.is_into_dataframe(customers):
        return True
    is_column = isinstance(customers, Sequence) or hasattr(customers, "__array__") or hasattr(customers, "to_numpy")
    return not is_column and hasattr(customers, "__arrow_c_stream__")


def _stream(margin: Any) -> list[float]:
    must_be = "a number, the name of a column, or a list of numbers: one per period to come"
    if isinstance(margin, (list, tuple)):
        return [real(_OF, f"margin[{place}]", one) for place, one in enumerate(margin)]
    if not isinstance(margin, (int, float, np.integer, np.floating)) or isinstance(margin, bool):
        # An array could be either: one margin per customer, or one per period.
        raise invalid_parameter(_OF, "margin", must_be, f"an object of type {type(margin).__name__}")
    return [real(_OF, "margin", margin)]
