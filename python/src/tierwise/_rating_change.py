"""What moved ratings between two days, who is in another tier, and whose tier is held."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from tierwise._frames import (
    Floats,
    Labels,
    frame_like,
    named_table,
    numbers,
    positions,
    rows_like,
)
from tierwise._parameters import invalid_parameter
from tierwise._rows import check_same_rows, column_names, key_column, wrong_rows
from tierwise._tierwise import Table
from tierwise._tierwise import holding_rules as _holding_rules
from tierwise._tierwise import rating_movers as _rating_movers

__all__ = ["RatingChange"]

_CAUSES = ["amount", "came", "expired", "capped"]
_STEPS = ["before", *_CAUSES, "after"]

# Columns of a change, of its movers and of those held, beside the bonus items.
OF_CHANGE = [
    *_STEPS,
    "part",
    "base",
    "bonus_cap",
    "change",
    "score_before",
    "score_after",
    "tier_before",
    "tier_after",
    "tier",
    "score_tier",
    "reason",
    "rule",
    "rule_in_words",
    "below_since",
    "grace_until",
]


@dataclass(frozen=True)
class RatingChange:
    """What moved ratings between two days; made by :meth:`RatingRules.change`.

    Attributes
    ----------
    customers : frame
        One row per customer: the key, ``score_before``, ``score_after``, ``change``, ``tier_before``, ``tier_after``.
    parts : frame
        One row per customer and part (``base``, each bonus item, ``bonus_cap``): ``before``, then what happened:
        ``amount`` (another order amount), ``came`` (new evidence), ``expired``, ``capped`` (what caps took more, below
        0, or less), and ``after``. Each row adds up, and the parts add up to the score, exactly.
    """

    customers: Any
    parts: Any
    _like: Any = field(repr=False, compare=False)
    _keys: tuple[str, npt.NDArray[Any]] = field(repr=False, compare=False)
    _words: tuple[str, str | None] = field(repr=False, compare=False)
    _amounts: tuple[Floats, Floats] = field(repr=False, compare=False)
    _scores: tuple[Floats, Floats] = field(repr=False, compare=False)
    _changes: dict[str, Floats] = field(repr=False, compare=False)
    _steps: list[tuple[str, list[Floats]]] = field(repr=False, compare=False)
    _tiers: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], list[str]] = field(repr=False, compare=False)

    def movers(self, tier_before: Any = None, tier_after: Any = None, *, rerated: Any = None) -> Any:
        """List the customers whose tier differs, with the reason, and the difference per part.

        Parameters
        ----------
        tier_before, tier_after : array or series, optional
            The tiers that count, one per customer; those of the scores unless stated.
        rerated : frame, optional
            What :func:`rerate` gave for the same customers, row by row, on the second day: its held tiers count, and
            the list says which of its rules decided. Where it has the column of the key, keys must agree.

        Returns
        -------
        frame
            The key, ``tier_before``, ``tier_after``, with ``rerated`` the ``rule`` and the ``rule_in_words``, then
            ``reason``, ``change``, and one column per part; these add up to ``change``, exactly. The reason names the
            facts with what they add or take, which adds up to ``change`` too: ``order_amount 500000 -> 2000000 (+20);
            referral expired (-5)``, ``growth_potential came (+5)``, ``cap of referral (-2)``, ``cap of all bonus items
            (-1)``. A part that is worth what it was is not named. It is ``the score is the same`` where a rule moved
            the tier, or, by the name of the order amount, ``order_amount became known``, ``became unknown``, or
            ``unknown on both days``: then there was no score to compare with, and ``change`` is NaN.

        Raises
        ------
        WrongLengthError, InvalidParameterError
            For tiers or a frame of other rows than the customers.

        Examples
        --------
        >>> import tierwise as tw
        >>> rules = tw.value.b2b_rating()
        >>> customers = {"id": ["ann", "bob"], "then": [3e6, None], "now": [90_000, 90_000]}
        >>> days = {"from_day": "2024-03-31", "to_day": "2024-06-30"}
        >>> changed = rules.change(customers, customer="id", amount_before="then", amount_after="now", **days)
        >>> changed.movers()["reason"]
        array(['order_amount 3000000 -> 90000 (-30)', 'order_amount became known'], dtype=object)
        """
        before, after, names = self._tiers
        further: dict[str, Any] = {}
        if rerated is not None:
            if tier_before is not None or tier_after is not None:
                must_be = "left out where `rerated` is given, which has the tiers"
                raise invalid_parameter("movers", "tier_before", must_be, "both")
            table = self._read_rerated("movers", rerated, ["tier_before", "tier", "rule", "rule_in_words"])
            before = table.positions("tier_before", "the tier before", names)
            after = table.positions("tier", "the tier after", names)
            further = {name: table.labels(name) for name in ("rule", "rule_in_words")}
        given = {"customers": self.customers, "tier_before": tier_before, "tier_after": tier_after}
        check_same_rows("movers", given)
        if tier_before is not None:
            before = positions("the tier before", tier_before, names)
        if tier_after is not None:
            after = positions("the tier after", tier_after, names)
        moved = _rating_movers(self._words, self._amounts, self._scores, self._steps, (before, after))
        rows = moved["row"]
        columns = {
            "tier_before": Labels(before[rows], names),
            "tier_after": Labels(after[rows], names),
            **{name: _texts(texts, rows) for name, texts in further.items()},
            "reason": Labels.of_texts(moved["reasons"]),
        }
        return self._listed(rows, columns)

    def held(self, rerated: Any) -> Any:
        """List the customers whose tier a rule of re-rating holds, with that rule and the difference per part.

        Parameters
        ----------
        rerated : frame
            What :func:`rerate` gave for the same customers, row by row, on the second day.

        Returns
        -------
        frame
            The key, ``tier``, ``score_tier`` (by the score alone), ``rule`` (``grace``, ``margin_above``,
            ``margin_below``, ``not_rated``), ``rule_in_words``, ``below_since``, ``grace_until``, ``change``, and one
            column per part.

        Examples
        --------
        >>> import tierwise as tw
        >>> rules = tw.value.b2b_rating()
        >>> customers = {"id": ["ann", "bob"], "then": [3e6, 90_000], "now": [90_000, 90_000]}
        >>> days = {"from_day": "2024-03-31", "to_day": "2024-06-30"}
        >>> changed = rules.change(customers, customer="id", amount_before="then", amount_after="now", **days)
        >>> scores, tiers = changed.customers["score_after"], changed.customers["tier_before"]
        >>> rerated = tw.value.rerate(scores, tiers, tiers=rules, as_of="2024-06-30", grace_days=90)
        >>> held = changed.held(rerated)
        >>> held["id"], held["rule_in_words"]
        (array(['ann'], dtype=object), array(['held by grace until 2024-09-28: the score is in `E`'], dtype=object))
        """
        names, days = self._tiers[2], ["below_since", "grace_until"]
        table = self._read_rerated("held", rerated, ["tier", "score_tier", "rule", "rule_in_words", *days])
        rules = table.labels("rule")
        rows = np.flatnonzero(np.isin(np.array(rules, dtype=object), _holding_rules()))
        columns = {
            "tier": Labels(table.positions("tier", "the tier", names)[rows], names),
            "score_tier": Labels(table.positions("score_tier", "the tier of the score", names)[rows], names),
            "rule": _texts(rules, rows),
            "rule_in_words": _texts(table.labels("rule_in_words"), rows),
            **{name: _dates(numbers(name, rerated[name])[rows]) for name in days},
        }
        return self._listed(rows, columns)

    def _read_rerated(self, method: str, rerated: Any, columns: list[str]) -> Table:
        """Read the columns of what `rerate` gave, which must be of the same customers in the same order."""
        name, keys = self._keys
        named = name in column_names(rerated)
        table = named_table(rerated, [], also=[*columns, *([name] if named else [])])
        if len(table) != len(keys):
            advice = "pass what `rerate` gave for the same customers, row by row"
            raise wrong_rows("`rerated`", len(table), len(keys), advice)
        if not named:
            check_same_rows(method, {"customers": self.customers, "rerated": rerated})
            return table
        theirs = key_column(table, name).astype(str)
        differ = np.flatnonzero(theirs != keys.astype(str))
        if len(differ):
            row = differ[0]
            got = f"`{theirs[row]}` in row {row}, where `{keys[row]}` is"
            raise invalid_parameter(method, "rerated", "of the customers of the change, in their order", got)
        return table

    def _listed(self, rows: npt.NDArray[np.int64], columns: Mapping[str, Any]) -> Any:
        """Put the keys of these rows before the columns, and the changes of the parts after them."""
        name, keys = self._keys
        changes = {part: change[rows] for part, change in self._changes.items()}
        return rows_like(self._like, len(rows), {name: keys[rows], **columns, **changes})


def change_of(
    result: Mapping[str, Any],
    like: Any,
    keys: tuple[str, npt.NDArray[Any]],
    tiers: list[str],
    words: tuple[str, str | None],
    amounts: tuple[Floats, Floats],
) -> RatingChange:
    """Build frames of the kind of ``like`` from what the compiled module found."""
    then, now = result["before"], result["after"]
    change = now["score"] - then["score"]
    customer, of_customers = keys
    one_each = {
        customer: of_customers,
        "score_before": then["score"],
        "score_after": now["score"],
        "change": change,
        "tier_before": Labels(then["tier"], tiers),
        "tier_after": Labels(now["tier"], tiers),
    }
    names = [name for name, _ in result["parts"]]
    rows = np.repeat(np.arange(len(change)), len(names))
    long = {
        customer: of_customers[rows],
        "part": Labels(np.tile(np.arange(len(names)), len(change)), names),
        **{step: np.stack([part[step] for _, part in result["parts"]], axis=1).ravel() for step in _STEPS},
    }
    return RatingChange(
        customers=frame_like(like, one_each),
        parts=rows_like(like, len(rows), long),
        _like=like,
        _keys=keys,
        _words=words,
        _amounts=amounts,
        _scores=(then["score"], now["score"]),
        _changes={"change": change, **{name: part["change"] for name, part in result["parts"]}},
        _steps=[(name, [part[step] for step in _CAUSES]) for name, part in result["parts"]],
        _tiers=(then["tier"], now["tier"], tiers),
    )


def _texts(texts: Sequence[str | None], rows: npt.NDArray[np.int64]) -> Labels:
    return Labels.of_texts([texts[row] for row in rows])


def _dates(days: Floats) -> npt.NDArray[np.datetime64]:
    known = ~np.isnan(days)
    dates = np.full(len(days), np.datetime64("NaT", "D"))
    dates[known] = days[known].astype(np.int64).astype("datetime64[D]")
    return dates
