"""The money of a log: in one currency, and every line once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from tierwise._feature import Feature
from tierwise._frames import key_array, named_table, rows_like, table_of
from tierwise._parameters import by_name, invalid_parameter, one_of, real, text, texts
from tierwise._tierwise import Table
from tierwise._tierwise import repeated_lines as _repeated_lines

__all__ = ["RepeatedLines", "repeated_lines"]

Duplicates = Literal["refuse", "count_once", "keep"]
DUPLICATES = ["refuse", "count_once", "keep"]

# Customer, amount, currency, rates, id, duplicates: what the compiled module takes.
Columns = tuple[str, str, str | None, dict[str, float] | None, str | None, str | None]


def money_columns(
    of: str,
    *,
    customer: str,
    amount: str,
    currency: str | None,
    rates: Mapping[str, float] | None,
    id: str | None,  # noqa: A002
    duplicates: str | None,
) -> Columns:
    """Check how the money of a log is to be read."""
    for what, name in [("currency", currency), ("id", id)]:
        if name is not None:
            text(of, what, name)
    worth = None if rates is None else _worth(of, rates)
    if worth is not None and currency is None:
        must_be = "left out where no column of currencies is named with `currency`"
        raise invalid_parameter(of, "rates", must_be, repr(dict(worth)))
    if duplicates is not None:
        one_of(of, "duplicates", duplicates, DUPLICATES)
    return text(of, "customer", customer), text(of, "amount", amount), currency, worth, id, duplicates


def _worth(of: str, rates: Mapping[str, float]) -> dict[str, float]:
    worth = {name: real(of, "rates", one) for name, one in by_name(of, "rates", rates).items()}
    for name, one in worth.items():
        if one <= 0:
            raise invalid_parameter(of, "rates", "finite numbers above 0", f"{one:g} for `{name}`")
    return worth


def money_table(orders: Any, money: Columns, numeric: Sequence[str] = (), others: Sequence[str] = ()) -> Table:
    """Read the columns of a log in which money stands, and others: numbers (or dates), and keys."""
    customer, amount, currency, _, line_id, _ = money
    features = [Feature.number(name) for name in (amount, *numeric)]
    return named_table(
        orders, features, also=[customer, *others, *(name for name in (currency, line_id) if name is not None)]
    )


@dataclass(frozen=True)
class RepeatedLines:
    """Lines of a log that say the same as an earlier one; made by :func:`repeated_lines`.

    ``lines`` is a frame of the same kind as the log, one row per repeated line: ``customer``, its ``row``, and
    ``first_row``, where the same stands first. ``findings`` is a sentence that names the first customers, or none.
    """

    lines: Any = field(repr=False)
    findings: list[str]

    def __len__(self) -> int:
        return len(self.lines["row"])


def repeated_lines(
    orders: Any,
    *,
    customer: str,
    columns: Sequence[str] | None = None,
    id: str | None = None,  # noqa: A002
) -> RepeatedLines:
    """Find the lines of a log that are equal to an earlier one: entered twice, or two equal purchases.

    Nothing in such lines tells the two apart. If a purchase stands in the log twice, drop its ``row``, or pass
    ``duplicates="count_once"`` to what reads the log; give lines an id if equal purchases are real.

    Parameters
    ----------
    orders : data frame or dict of columns
        One row per line of the log, in any order; evidence for a rating is such a log too.
    customer : str
        The column of the customer.
    columns : sequence of str, optional
        The other columns in which lines are compared; all unless stated. Dates are compared with their time of day.
    id : str, optional
        A column with the id of each line: lines with ids of their own are different purchases.

    Raises
    ------
    InvalidValueError
        For two lines of one id that differ; it names row and customer.

    Examples
    --------
    >>> import tierwise as tw
    >>> orders = {"id": ["ann", "bob", "ann"], "day": [10, 10, 10], "paid": [5.0, 5.0, 5.0]}
    >>> found = tw.value.repeated_lines(orders, customer="id")
    >>> found.lines["customer"], found.lines["row"], found.lines["first_row"]
    (array(['ann'], dtype=object), array([2]), array([0]))
    >>> found.findings[0][:68]
    '1 line says the same as an earlier one: row 2 as row 0 (`ann`). If o'
    """
    of = "repeated_lines"
    chosen = None if columns is None else texts(of, "columns", columns)
    also = [text(of, "customer", customer), *(chosen or []), *([] if id is None else [text(of, "id", id)])]
    table = named_table(orders, [], also=also)
    if chosen is None:
        table = table_of(orders)
        chosen = [name for name in table.column_names() if name not in (customer, id)]
    found, finding = _repeated_lines(table, customer, chosen, id)
    lines = {"customer": key_array(found["keys"])[found["codes"]], "row": found["row"], "first_row": found["first_row"]}
    return RepeatedLines(rows_like(orders, len(found["row"]), lines), [] if finding is None else [finding])
