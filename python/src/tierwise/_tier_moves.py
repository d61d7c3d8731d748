"""What becomes of tiers: held from one rating to the next, and moved between as a Markov chain."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from tierwise._frames import Floats, Labels, beside, frame_like, numbers, positions
from tierwise._held_tiers import read_columns, read_tables
from tierwise._models import Model
from tierwise._parameters import (
    day_of,
    invalid_parameter,
    one_of,
    real,
    records,
    text,
    texts,
    whole,
    yes_no,
)
from tierwise._rows import check_same_rows
from tierwise._settings import plain
from tierwise._tierwise import TierChain as _TierChain
from tierwise._tierwise import rerate as _rerate

__all__ = ["Absorption", "TierChain", "rerate"]


def rerate(
    scores: Any,
    previous: Any,
    *,
    tiers: Any,
    as_of: Any,
    customer: str | None = None,
    below_since: Any = None,
    up: float = 0.0,
    down: float = 0.0,
    grace_days: int = 0,
    one_tier_up: bool = False,
    one_tier_down: bool = False,
    unknown_score: Literal["hold_tier", "no_tier"] = "hold_tier",
    other_customers: Literal["refuse", "leave_out"] = "refuse",
) -> Any:
    """Give tiers after a rating, held by margins, by a grace period, and one tier at a time.

    The score must pass the edge of a tier by a margin. Who falls keeps the tier for ``grace_days`` after the first
    rating at which the score called for a worse one, and who is back before that starts anew. Then the tier changes,
    at once or by one step per rating. The default moves everybody at once who is rated; whoever is not keeps the tier.

    Name ``customer`` and pass two tables, and customers are matched by their key: who is not in the last one is new.
    Without it, scores and tiers meet by position, and two pandas series must have the same index.

    Parameters
    ----------
    scores : array or series, or table
        One score per customer; see ``unknown_score`` for unknown ones. With ``customer`` a table with the key and the
        column ``score``, such as :meth:`RatingRules.rate` gives.
    previous : sequence of str, or table
        The tier of the last time, None for a new customer. With ``customer`` a table with the key, the column ``tier``
        and, if there is one, ``below_since``, in any order: what this function, or :meth:`RatingRules.rate`, gave the
        last time.
    tiers : RatingRules, ValueIndex, Tiers, or sequence of dict
        The tiers, best first: ``name``, ``from``, ``to``.
    as_of : date, str or int
        The day of the rating.
    customer : str, optional
        The column of the key, in both tables.
    below_since : array or series, optional
        The column ``below_since`` of the last time: dates, or days since 1970-01-01. With ``customer`` it stands in
        the table.
    up, down : float
        The margins towards a better and towards a worse tier, in points.
    grace_days : int
        For so many days a customer whose score fell keeps the tier.
    one_tier_up, one_tier_down : bool
        Whether a customer moves by one tier per rating at most.
    unknown_score : {"hold_tier", "no_tier"}
        What becomes of a customer whose score is unknown. The tier is held, and a grace period goes on by date; where
        it runs out meanwhile, the next known score decides: that a number is missing says nothing about the customer.
        Or there is no tier, and whoever is rated again starts anew. Both are inferred.
    other_customers : {"refuse", "leave_out"}
        With ``customer``: what to do with customers of the last time who are not rated any more.

    Returns
    -------
    frame
        Of the same kind as ``scores``, row by row: with ``customer`` the key, then ``tier_before``, ``score_tier`` (by
        the score alone), ``tier``, ``rule``, ``rule_in_words``, ``below_since`` (**pass it the next time**),
        ``grace_until``. The rule is ``new``, ``same``,
        ``up``, ``one_tier_up``, ``down``, ``one_tier_down``, ``unknown``, or what held the tier: ``margin_above``,
        ``margin_below``, ``grace``, ``not_rated``.

    Raises
    ------
    UnknownNameError
        For a previous tier that is not there; it names the row.
    InvalidValueError
        For a ``below_since`` after ``as_of``, or of a customer without a tier; for a customer listed twice, or not
        rated any more.
    NotFiniteError
        For an infinite score; it names the row.
    WrongLengthError, InvalidParameterError
        For columns of other lengths than ``scores``, or pandas series with another index.

    Examples
    --------
    >>> import tierwise as tw
    >>> bands = [{"name": "A", "from": 80}, {"name": "B", "to": 80}]
    >>> held = tw.value.rerate([75, 75, 81], ["A", "A", "B"], tiers=bands, as_of=1000, below_since=[None, 900, None],
    ...                        up=2, grace_days=90)
    >>> held["tier"], held["rule"]
    (array(['A', 'B', 'B'], dtype=object), array(['grace', 'down', 'margin_above'], dtype=object))
    >>> held["rule_in_words"][1]
    'lowered after grace (from 1972-06-19 to 1972-09-17): the score is in `B`'

    By key, with a new customer:

    >>> last = {"id": ["ann", "bob"], "tier": ["A", "B"]}
    >>> now = {"id": ["bob", "cid", "ann"], "score": [50, 90, 70]}
    >>> held = tw.value.rerate(now, last, customer="id", tiers=bands, as_of=1000, grace_days=90)
    >>> list(zip(held["id"], held["tier"], held["rule"]))
    [('bob', 'B', 'same'), ('cid', 'A', 'new'), ('ann', 'A', 'grace')]
    """
    one_of("rerate", "unknown_score", unknown_score, ["hold_tier", "no_tier"])
    bands = records("rerate", "tiers", tiers.bands if isinstance(tiers, Model) and hasattr(tiers, "bands") else tiers)
    names = [str(band.get("name")) for band in bands]
    one_of("rerate", "other_customers", other_customers, ["refuse", "leave_out"])
    if customer is None:
        rated = read_columns(scores, previous, below_since, names)
    else:
        rated = read_tables(scores, previous, customer, below_since, names, other_customers == "leave_out")
    result = _rerate(
        json.dumps(plain(bands, "tiers")),
        (_margin("up", up), _margin("down", down)),
        whole("rerate", "grace_days", grace_days, 0, 36_525),
        (yes_no("rerate", "one_tier_up", one_tier_up), yes_no("rerate", "one_tier_down", one_tier_down)),
        unknown_score == "hold_tier",
        rated.scores,
        rated.before,
        rated.below_since,
        day_of("rerate", "as_of", as_of),
        None if customer is None or rated.table is None else (rated.table, customer),
    )
    columns = {
        **rated.keys,
        "tier_before": Labels(rated.before, names),
        "score_tier": Labels(result["score_tier"], names),
        "tier": Labels(result["tier"], names),
        "rule": Labels(result["rule"], result["rules"]),
        "rule_in_words": Labels(result["reason"], result["reasons"]),
        "below_since": result["below_since"].view("datetime64[D]"),
        "grace_until": result["grace_until"].view("datetime64[D]"),
    }
    return beside(scores, columns) if customer is None else frame_like(scores, columns)


def _margin(name: str, value: float) -> float:
    margin = real("rerate", name, value)
    if margin < 0:
        raise invalid_parameter("rerate", name, "a number of points, 0 or more", repr(value))
    return margin


@dataclass(frozen=True)
class Absorption:
    """Where customers end who leave the states that cannot last; made by :meth:`TierChain.absorption`.

    ``closed`` are the sets of states that nobody leaves, ``transient`` the other states. ``shares`` has one row per
    transient state and one column per closed set; ``periods`` is the mean number of periods until then.
    """

    closed: list[list[str]]
    transient: list[str]
    shares: Floats = field(repr=False, compare=False)
    periods: Floats = field(repr=False, compare=False)


class TierChain:
    """Moves between tiers in one period, read as a Markov chain.

    Where a customer goes next depends on the tier of today alone, and the rates stay what they were: neither holds
    exactly in any business. Make one with :meth:`between` or :meth:`from_counts`.

    Attributes
    ----------
    states : list of str
        The tiers, best first, and last the state ``outside``, if it was asked for.
    counts, shares, low, high : array
        Moves from the state of the row to that of the column: counted, and as shares of the row with Jeffreys
        intervals.

    Examples
    --------
    >>> import tierwise as tw
    >>> chain = tw.value.TierChain.between(["A", "A", "B", "B"], ["A", "B", "B", "A"], ["A", "B"])
    >>> chain.shares
    array([[0.5, 0.5],
           [0.5, 0.5]])
    >>> chain.after([100, 0], periods=3), chain.steady_state()
    (array([50., 50.]), array([0.5, 0.5]))
    """

    _chain: _TierChain
    _confidence: float
    _outside: str | None
    states: list[str]
    counts: Floats
    shares: Floats
    low: Floats
    high: Floats

    @classmethod
    def between(
        cls, before: Any, after: Any, tiers: Sequence[str], *, outside: str | None = None, confidence: float = 0.95
    ) -> TierChain:
        """Count the moves of the same customers between two dates.

        Parameters
        ----------
        before, after : array or series
            The tier of each customer at two dates, row by row; None where there is none.
        tiers : sequence of str
            All tiers, best first.
        outside : str, optional
            A name for having no tier, to make it the last state: customers lost go there, new ones come from there.
            Unless stated, rows without a tier at either date do not count.
        confidence : float
            Of the intervals.

        Raises
        ------
        UnknownNameError
            With the row for a tier that is not listed.
        NotEnoughDataError
            For a tier in which nobody was at the first date; it names the tier.
        """
        names = texts("TierChain", "tiers", tiers)
        check_same_rows("TierChain.between", {"before": before, "after": after})
        chain = _TierChain.between(
            names,
            positions("the tier before", before, names),
            positions("the tier after", after, names),
            None if outside is None else text("TierChain", "outside", outside),
            real("TierChain", "confidence", confidence),
        )
        return cls._of(chain, confidence)

    @classmethod
    def from_counts(
        cls, tiers: Sequence[str], counts: Any, *, outside: str | None = None, confidence: float = 0.95
    ) -> TierChain:
        """Take moves that are counted already.

        Parameters
        ----------
        tiers : sequence of str
            The states: the tiers, best first.
        counts : square of numbers
            Moves from the state of the row to that of the column, 0 or more. Shares of each row will do for
            all but the intervals, which are then those of one customer per row.
        outside : str, optional
            Which of the states is that of those without a tier.
        confidence : float
            Of the intervals.
        """
        chain = _TierChain.from_counts(
            texts("TierChain", "tiers", tiers),
            _square(counts),
            None if outside is None else text("TierChain", "outside", outside),
            real("TierChain", "confidence", confidence),
        )
        return cls._of(chain, confidence)

    @classmethod
    def _of(cls, chain: _TierChain, confidence: float) -> TierChain:
        self = cls.__new__(cls)
        found = json.loads(chain.to_json())

        def matrix(part: str) -> Floats:
            return np.array([[rate[part] for rate in row] for row in found["rates"]])

        self._chain, self._confidence = chain, confidence
        self._outside = None if found["outside"] is None else found["states"][found["outside"]]
        self.states = found["states"]
        self.counts = np.array(found["counts"])
        self.shares, self.low, self.high = matrix("rate"), matrix("low"), matrix("high")
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return (_counted, (self.states, self.counts.tolist(), self._outside, self._confidence))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TierChain) and self.__reduce__() == other.__reduce__()

    __hash__ = None  # type: ignore[assignment]  # it is compared by what it holds

    def __repr__(self) -> str:
        return f"<tierwise.value.TierChain of {', '.join(self.states)}>"

    def after(self, start: Any, periods: int) -> Floats:
        """Give how many are in each state after so many periods, on average.

        Parameters
        ----------
        start : array, or dict by state
            How many are in each state now, or shares; states that a dict leaves out have none.
        periods : int
            0 to 100,000.
        """
        return self._chain.after(self._start(start), self._periods(periods))

    def outlook(self, periods: int) -> Floats:
        """Give the distribution after so many periods of one customer from each state: one row per state."""
        return np.array(self._chain.outlook(self._periods(periods)))

    def mean_place(self, distribution: Any) -> float:
        """Give the expected tier: the mean place, 1 for the best, of those who have a tier; NaN where nobody has.

        It takes the tiers for equally far apart.

        Examples
        --------
        >>> import tierwise as tw
        >>> chain = tw.value.TierChain.from_counts(["A", "B"], [[9, 1], [2, 8]])
        >>> [chain.mean_place(row) for row in chain.outlook(1)]
        [1.1, 1.8]
        """
        place = self._chain.mean_place(self._start(distribution))
        return float("nan") if place is None else place

    def steady_state(self) -> Floats:
        """Give the shares of the states in the long run, whatever the start.

        Raises
        ------
        NotErgodicError
            When there is none that every start leads to: states are left for good (named in the message and in
            ``details``; see :meth:`absorption`), or customers go round in a fixed cycle.
        """
        return self._chain.steady_state()

    def absorption(self) -> Absorption:
        """Give where customers end in a chain with states that are left for good, and after how many periods.

        Examples
        --------
        >>> import tierwise as tw
        >>> chain = tw.value.TierChain.between(["A", "A", "B", "B"], ["A", "B", "B", None], ["A", "B"], outside="lost")
        >>> end = chain.absorption()
        >>> end.closed, end.transient, end.periods
        ([['lost']], ['A', 'B'], array([4., 2.]))
        """
        found = json.loads(self._chain.absorption())
        shares = np.array(found["shares"]).reshape(len(found["transient"]), len(found["closed"]))
        return Absorption(found["closed"], found["transient"], shares, np.array(found["periods"], dtype=np.float64))

    def _start(self, start: Any) -> Floats:
        if not isinstance(start, Mapping):
            return numbers("the distribution over the states", start)
        for state in start:
            if state not in self.states:
                known = ", ".join(f"`{one}`" for one in self.states)
                raise invalid_parameter("TierChain", "start", f"a dict by state, of {known}", f"`{state}`")
        return np.array([real("TierChain", "start", start.get(state, 0.0)) for state in self.states])

    def _periods(self, periods: int) -> int:
        return whole("TierChain", "periods", periods, 0, 100_000)


def _counted(tiers: list[str], counts: list[list[float]], outside: str | None, confidence: float) -> TierChain:
    return TierChain.from_counts(tiers, counts, outside=outside, confidence=confidence)


def _square(counts: Any) -> list[list[float]]:
    try:
        matrix = np.asarray(counts, dtype=np.float64)
        shape = f"an array of shape {matrix.shape}"
    except (TypeError, ValueError):
        matrix, shape = np.empty(0), repr(counts)
    if matrix.ndim != 2:
        raise invalid_parameter("TierChain", "counts", "a square of numbers", shape)
    rows: list[list[float]] = matrix.tolist()
    return rows
