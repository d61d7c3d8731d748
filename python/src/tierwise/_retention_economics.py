"""What loyalty earns: the profit of a customer by year, after Reichheld."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tierwise._frames import numbers
from tierwise._parameters import invalid_parameter, real, whole
from tierwise._tierwise import retention_economics as _retention_economics


@dataclass(frozen=True)
class RetentionValue:
    """What a cohort is worth, per customer won."""

    years: list[dict[str, float]]
    value: float
    break_even_year: int | None
    discounted_break_even_year: int | None
    value_of_one_point: float


def retention_economics(
    *,
    years: int,
    acquisition_cost: float,
    base_profit: float | Sequence[float],
    retention: float | Sequence[float],
    growth: float | Sequence[float] = (),
    savings: float | Sequence[float] = (),
    referrals: float | Sequence[float] = (),
    premium: float | Sequence[float] = (),
    discount_rate: float = 0.0,
) -> RetentionValue:
    """Work out what loyalty earns, after Reichheld: the profit of a customer by year, until it pays for winning him.

    Parameters
    ----------
    years : int
        How far to look.
    acquisition_cost : float
        What it costs to win a customer, at the start.
    base_profit, growth, savings, referrals, premium : float or list
        The parts of a customer's profit: one amount per year from the first on; the last one holds for all years after.
        An empty list is nothing; ``base_profit`` must not be one.
    retention : float or list
        The share of the customers of each year who stay for the next one; a :class:`ContractModel` gives it.
    discount_rate : float
        Per year; the money of year *t* comes at its end.

    Returns
    -------
    RetentionValue
        ``years`` (dicts with ``year``, ``there``, ``profit``, ``expected_profit``, ``cumulative``, ``discounted``),
        ``value`` at the end (discounted), ``break_even_year`` (the first whose cumulative profit is not negative; it is
        not discounted, whatever the rate is), ``discounted_break_even_year`` (the first whose discounted profit is
        not), and ``value_of_one_point``: what one more customer in a hundred staying every year adds.

    Examples
    --------
    >>> import tierwise as tw
    >>> card = tw.value.retention_economics(years=5, acquisition_cost=51, base_profit=[30, 42, 44], retention=.8)
    >>> card.break_even_year, round(card.value, 2), round(card.value_of_one_point, 2)
    (2, 81.31, 2.9)
    """
    parts = {
        "acquisition_cost": acquisition_cost,
        "discount_rate": discount_rate,
    }
    settings: dict[str, Any] = {name: real("retention_economics", name, value) for name, value in parts.items()}
    lists = {
        "base_profit": base_profit,
        "growth": growth,
        "savings": savings,
        "referrals": referrals,
        "premium": premium,
        "retention": retention,
    }
    for name, amounts in lists.items():
        settings[name] = _by_year(name, amounts)
    found = _retention_economics(json.dumps(settings), whole("retention_economics", "years", years, 1, 1000))
    return RetentionValue(**json.loads(found))


def _by_year(name: str, amounts: Any) -> list[float]:
    of = "retention_economics"
    if isinstance(amounts, (int, float, np.integer, np.floating)) and not isinstance(amounts, bool):
        return [real(of, name, amounts)]
    if amounts is None or isinstance(amounts, (str, bytes, bool, Mapping)):
        raise invalid_parameter(of, name, "a number, or a list of numbers: one per year", repr(amounts))
    return [real(of, name, amount) for amount in numbers(name, amounts)]
