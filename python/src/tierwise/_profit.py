"""Who is profitable, how much of the wallet is ours, and whose share to raise."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from tierwise._frames import Labels, beside, numbers, values_like
from tierwise._models import Model, ScoreModel, content_of
from tierwise._parameters import records, text, texts
from tierwise._rows import check_same_rows, for_all
from tierwise._settings import plain
from tierwise._tierwise import Table
from tierwise._tierwise import profit_score as _profit_score
from tierwise._tierwise import share_decision as _share_decision
from tierwise._tierwise import share_of_wallet as _share_of_wallet

__all__ = ["ProfitScore", "ShareDecision", "profit_score", "share_decision", "share_of_wallet"]


class ProfitScore(ScoreModel):
    """A profit score from 0 to 40: gross margin and payment collection, 0 to 20 points each, by two tables.

    It reads ``gross_margin`` (a share of the sales) and ``payment_collection`` (the share of what was due that was
    paid in time). A margin above 1 and a collection outside 0 to 1 are refused; a margin below 0 is a loss. A customer
    of whom one is unknown has no score. ``rank`` gives 1 to the highest; equal scores share the better place, and
    unknown comes last.

    Parameters
    ----------
    gross_margin, payment_collection : sequence of dict
        Brackets: ``from`` (included), ``to`` (not included), ``points`` from 0 to 20. The outermost are open.
    name, notes
        Words for people.

    Raises
    ------
    InvalidBandsError, InvalidRulesError
        For brackets that leave a gap or overlap, and points out of range.

    Examples
    --------
    >>> import tierwise as tw
    >>> accounts = {"gross_margin": [0.25, 0.35, 0.22], "payment_collection": [0.92, 0.75, None]}
    >>> score = tw.value.profit_score()
    >>> score.score(accounts), score.rank(accounts)
    (array([29., 24., nan]), array([1, 2, 3]))
    """

    _kind = "profit_score"

    def __init__(
        self,
        *,
        gross_margin: Sequence[Mapping[str, Any]],
        payment_collection: Sequence[Mapping[str, Any]],
        name: str = "",
        notes: Sequence[str] = (),
    ) -> None:
        spec = {
            "name": text("ProfitScore", "name", name),
            "notes": texts("ProfitScore", "notes", notes),
            "gross_margin": records("ProfitScore", "gross_margin", gross_margin),
            "payment_collection": records("ProfitScore", "payment_collection", payment_collection),
        }
        self._model = _profit_score(json.dumps(plain(spec, "")))

    @property
    def spec(self) -> dict[str, Any]:
        """The score as plain data: the content of its model file."""
        return content_of(self)


def profit_score() -> ProfitScore:
    """Give the profit score that ships with the library.

    The form is that of a telecom supplier; the brackets and their points are inferred, for the source's tables are
    lost.

    Examples
    --------
    >>> import tierwise as tw
    >>> tw.value.profit_score().spec["payment_collection"][0]
    {'from': 0.95, 'points': 20.0}
    """
    return ProfitScore._of(_profit_score(None))


class ShareDecision(Model):
    """Raise, hold or control the share of an account: a checked table of profit score by share of wallet.

    Parameters
    ----------
    profit, share : sequence of dict
        The bands of the profit score (0 to 40) and of the share (0 to 1), best or highest first, the outermost open:
        ``name``, ``from``, ``to``.
    cells : sequence of dict
        One per pair of bands, in any order: ``profit``, ``share``, ``decision`` (``"raise"``, ``"hold"``,
        ``"control"``).
    name, notes
        Words for people.

    Raises
    ------
    InvalidRulesError, InvalidBandsError
        For a pair of bands that is missing, decided twice or unknown, and bands that leave a gap or overlap.

    Examples
    --------
    >>> import tierwise as tw
    >>> tw.value.share_decision().decide([29, 17, None], [0.13, 0.37, 0.2])
    array(['raise', 'control', None], dtype=object)
    """

    _kind = "share_decision"

    def __init__(
        self,
        *,
        profit: Sequence[Mapping[str, Any]],
        share: Sequence[Mapping[str, Any]],
        cells: Sequence[Mapping[str, Any]],
        name: str = "",
        notes: Sequence[str] = (),
    ) -> None:
        spec = {
            "name": text("ShareDecision", "name", name),
            "notes": texts("ShareDecision", "notes", notes),
            "profit": records("ShareDecision", "profit", profit),
            "share": records("ShareDecision", "share", share),
            "cells": records("ShareDecision", "cells", cells),
        }
        self._model = _share_decision(json.dumps(plain(spec, "")))

    @property
    def spec(self) -> dict[str, Any]:
        """The table as plain data: the content of its model file."""
        return content_of(self)

    def decide(self, profit_score: Any, share: Any) -> Any:
        """Give the decision for each account, of the same kind as ``profit_score``; None where one is unknown.

        Both meet by their position; two pandas series must have the same index.

        Raises
        ------
        WrongKindError
            For a profit score outside 0 to 40 and a share outside 0 to 1; it names the row.
        InvalidParameterError
            For pandas series whose indexes differ.
        """
        check_same_rows("decide", {"profit_score": profit_score, "share": share})
        columns = [("profit_score", numbers("profit_score", profit_score)), ("share", numbers("share", share))]
        codes = self._model.assign(Table.from_columns(columns))
        return values_like(profit_score, "decision", Labels(codes, self._model.outcomes()))


def share_decision() -> ShareDecision:
    """Give the decision table that ships with the library.

    A telecom supplier raised its share of two accounts with high profit scores and controlled that of one with a low
    score; the bands, and all cells beyond that, are inferred.

    Examples
    --------
    >>> import tierwise as tw
    >>> len(tw.value.share_decision().spec["cells"])
    9
    """
    return ShareDecision._of(_share_decision(None))


def share_of_wallet(own: Any, total: Any, target: Any = None) -> Any:
    """Give how much of what customers spend is spent with us, and the headroom up to a target.

    Parameters
    ----------
    own : array or series
        What each customer spends with us, in a period.
    total : float, array or series
        What each spends with all suppliers in the same period; one number for all.
    target : float, array or series, optional
        The share to reach, 0 to 1; one number for all.

    Returns
    -------
    frame
        Of the same kind as ``own``: ``share``; with a target ``headroom``, ``total * (target - share)``,
        below 0 beyond it.

    Raises
    ------
    InvalidValueError
        For own spend above all spend, a negative or infinite spend, a customer who spends nothing (there is no
        share), and a target outside [0, 1]; it names the row.
    InvalidParameterError
        For pandas series whose indexes differ.

    Examples
    --------
    >>> import tierwise as tw
    >>> found = tw.value.share_of_wallet([11, 6, 5, 4, 4], 30, target=0.4)
    >>> found["share"].round(2), found["headroom"].round(9)
    (array([0.37, 0.2 , 0.17, 0.13, 0.13]), array([1., 6., 7., 8., 8.]))
    """
    check_same_rows("share_of_wallet", {"own": own, "total": total, "target": target})
    spent = numbers("own", own)
    targets = None if target is None else for_all("target", target, len(spent))
    share, headroom = _share_of_wallet(spent, for_all("total", total, len(spent)), targets)
    columns = {"share": share} | ({} if headroom is None else {"headroom": headroom})
    return beside(own, columns)
