"""Does A really convert better than B, and with what certainty?"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from tierwise._frames import column_of, label_of, positions
from tierwise._parameters import real
from tierwise._tierwise import Table
from tierwise._tierwise import grade_counts as _grade_counts
from tierwise._tierwise import grade_rates as _grade_rates
from tierwise._tierwise import merge_grade_counts as _merge

__all__ = ["GradeCounts", "GradePair", "GradeRate", "GradeRates", "grade_rates"]


class GradeRate(NamedTuple):
    """One grade: deals won and closed, the observed rate, and the shrunken rate with its interval."""

    grade: str
    won: int
    closed: int
    observed: float
    rate: float
    low: float
    high: float
    isotonic: float


class GradePair(NamedTuple):
    """Two neighbouring grades: the probability that the better one wins more often, and the verdict on it."""

    better: str
    worse: str
    probability: float
    p_value: float
    verdict: str


@dataclass(frozen=True)
class GradeRates:
    """How often each grade wins, and whether better grades win more often."""

    rates: list[GradeRate]
    pairs: list[GradePair]
    order_probability: float
    order_holds: str
    trend_z: float
    trend_p_value: float
    prior_mean: float
    prior_strength: float
    ungraded: int


@dataclass(frozen=True)
class GradeCounts:
    """Won and closed deals per grade, which add up over the parts of the data; made by :meth:`of`."""

    _json: str

    @classmethod
    def of(cls, grades: Any, won: Any, *, positive: Any, order: Sequence[Any]) -> GradeCounts:
        """Count deals; the parameters are those of :func:`grade_rates`."""
        names = [label_of(grade) for grade in order]
        codes = positions("the grade", grades, names)
        name = str(getattr(won, "name", None) or "won")
        table = Table.from_columns([(name, column_of(name, won))])
        return cls(_grade_counts(names, codes, table, name, label_of(positive)))

    def merge(self, other: GradeCounts) -> GradeCounts:
        """Give the counts of both parts together."""
        return GradeCounts(_merge(self._json, other._json))

    def rates(self, *, confidence: float = 0.95, certainty: float = 0.95) -> GradeRates:
        """Give rates and verdicts: see :func:`grade_rates`."""
        of = "grade_rates"
        found = json.loads(
            _grade_rates(self._json, real(of, "confidence", confidence), real(of, "certainty", certainty))
        )
        known: dict[str, Any] = {key: math.nan if value is None else value for key, value in found.items()}
        rates = [GradeRate(**_known(row)) for row in found["rates"]]
        known |= {"rates": rates, "pairs": [GradePair(**pair) for pair in found["pairs"]]}
        return GradeRates(**known)


def grade_rates(
    grades: Any,
    won: Any,
    *,
    positive: Any,
    order: Sequence[Any],
    confidence: float = 0.95,
    certainty: float = 0.95,
) -> GradeRates:
    """Give the win rate per grade with its interval, and test whether better grades win more often.

    Rates are shrunk towards each other by a Beta prior estimated from all grades. The probability of an order rests
    on each
    grade's own deals with Jeffreys' prior, as an integral. A pair ``holds`` at a probability of at least
    ``certainty``, is
    ``contradicted`` at one of at most ``1 - certainty``, and ``not_shown`` in between.

    Parameters
    ----------
    grades : array
        The grade of each closed deal; unknown ones are counted as ``ungraded`` and left out.
    won : array
        The outcome of each.
    positive : object
        The label of a deal that was won.
    order : sequence
        The grades from best to worst.
    confidence : float
        Of the intervals.
    certainty : float
        From which a verdict is given, between 0.5 and 1.

    Raises
    ------
    UnknownNameError, WrongLengthError, InvalidOutcomeError, InvalidParameterError, EmptyTableError

    Examples
    --------
    >>> import tierwise as tw
    >>> grades = ["A"] * 50 + ["B"] * 80 + ["C"] * 90
    >>> won = [1] * 30 + [0] * 20 + [1] * 20 + [0] * 60 + [1] * 21 + [0] * 69
    >>> found = tw.lead.grade_rates(grades, won, positive=1, order=["A", "B", "C"])
    >>> [(pair.better, pair.worse, pair.verdict) for pair in found.pairs]
    [('A', 'B', 'holds'), ('B', 'C', 'not_shown')]
    >>> found.order_holds
    'not_shown'
    """
    return GradeCounts.of(grades, won, positive=positive, order=order).rates(confidence=confidence, certainty=certainty)


def _known(row: dict[str, Any]) -> dict[str, Any]:
    """Read null as NaN."""
    return {name: math.nan if one is None else one for name, one in row.items()}
