"""Scores of today and tiers of the last rating, side by side: by position, or by the key of the customer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np
import numpy.typing as npt

from tierwise import _feature
from tierwise._feature import Feature
from tierwise._frames import Floats, named_table, numbers, positions
from tierwise._parameters import invalid_parameter, text
from tierwise._rows import check_same_rows, column_names, key_column, wrong_rows
from tierwise._tierwise import Table
from tierwise._tierwise import held_of_customers as _held_of_customers

__all__ = ["Rated", "read_columns", "read_tables"]

# Columns of the result, which no key may be called.
_OF_RERATE = ["tier_before", "score_tier", "tier", "rule", "rule_in_words", "below_since", "grace_until"]


@dataclass(frozen=True)
class Rated:
    """One element per score: positions of tiers ``before``, -1 for none, and the column ``keys`` of ``table``."""

    scores: Floats
    before: npt.NDArray[np.int64]
    below_since: Floats | None
    keys: dict[str, npt.NDArray[Any]]
    table: Table | None = None


def read_columns(scores: Any, previous: Any, below_since: Any, names: Sequence[str]) -> Rated:
    """Read columns that meet by position."""
    for name, values in [("scores", scores), ("previous", previous)]:
        if _is_table(values):
            must_be = f"named where `{name}` is a table, to match customers by that column"
            raise invalid_parameter("rerate", "customer", must_be, "none")
    by_key = ", or pass tables and name `customer` to match them by key"
    check_same_rows("rerate", {"scores": scores, "previous": previous, "below_since": below_since}, by_key)
    today = numbers("scores", scores)
    before = positions("the previous tier", previous, names)
    since = None if below_since is None else numbers("below_since", below_since)
    for name, found in [("previous", len(before)), ("below_since", len(before if since is None else since))]:
        if found != len(today):
            advice = f"one per score is needed, None for a new customer{by_key}"
            raise wrong_rows(f"`{name}`", found, len(today), advice)
    return Rated(today, before, since, {})


def read_tables(
    scores: Any, previous: Any, customer: str, below_since: Any, names: Sequence[str], leave_out_others: bool
) -> Rated:
    """Match tables by the key of the customer: who is not in the last one is new."""
    if text("rerate", "customer", customer) in _OF_RERATE:
        must_be = "a column with a name that the result does not have for itself"
        raise invalid_parameter("rerate", "customer", must_be, f"`{customer}`")
    if below_since is not None:
        raise invalid_parameter("rerate", "below_since", "a column of `previous` where tables are passed", "both")
    for name, values in [("scores", scores), ("previous", previous)]:
        if not _is_table(values):
            must_be = "a data frame or a dict of columns where `customer` is named"
            raise invalid_parameter("rerate", name, must_be, f"an object of type {type(values).__name__}")
    score, since = [Feature.number("score")], [Feature.number("below_since")]
    now = named_table(_with_key(scores, customer), score, also=[customer])
    (today,) = now.values(_feature.to_json(score), False)
    dated = since if "below_since" in column_names(previous) else []
    last = named_table(_with_key(previous, customer), dated, also=[customer, "tier"])
    days = last.values(_feature.to_json(dated), False)[0] if dated else None
    held = last.positions("tier", "the previous tier", list(names))
    before, below = _held_of_customers(now, last, customer, held, days, leave_out_others)
    return Rated(today, before, below, {customer: key_column(now, customer)}, now)


def _is_table(values: Any) -> bool:
    has_columns = nw.dependencies.is_into_dataframe(values) or hasattr(values, "column_names")
    return isinstance(values, Mapping) or has_columns


def _with_key(data: Any, customer: str) -> Any:
    """Make a column of the key where pandas keeps it as the index."""
    is_index = nw.dependencies.is_pandas_dataframe(data) and customer in data.index.names
    return data.reset_index(customer) if is_index and customer not in data.columns else data
