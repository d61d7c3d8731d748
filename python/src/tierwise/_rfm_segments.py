"""Named segments of recency, frequency and money, and who moved between them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, cast

import numpy as np
import numpy.typing as npt

from tierwise._feature import Feature
from tierwise._frames import (
    Floats,
    Labels,
    key_array,
    named_table,
    rows_like,
    series_like,
    table_of,
)
from tierwise._models import Model, content_of, model_of
from tierwise._parameters import (
    invalid_parameter,
    one_of,
    real,
    records,
    text,
    whole,
    yes_no,
)
from tierwise._rfm import AXES, RfmScorer
from tierwise._settings import plain
from tierwise._tierwise import Table
from tierwise._tierwise import rfm_moves as _rfm_moves
from tierwise._tierwise import rfm_moves_by_line as _rfm_moves_by_line
from tierwise._tierwise import rfm_segment_name as _rfm_segment_name
from tierwise._tierwise import rfm_segments as _rfm_segments
from tierwise._tierwise import rfm_segments_scorer as _rfm_segments_scorer
from tierwise._tierwise import usual_segments as _usual_segments
from tierwise.evaluate._drift_score import TierMigration, migration_of


@dataclass(frozen=True)
class RfmMoves:
    """Who changed segment between two dates; made by :meth:`RfmSegments.moves`.

    Attributes
    ----------
    migration : TierMigration
        From each segment to each. Up and down mean the order in which the segments are listed.
    movers : frame
        One row per customer whose segment is another one now, of the same kind as the later table: ``customer``,
        ``segment_before``, ``segment_after`` (unknown for who is new or gone), ``reason``, and by axis the number and
        the score before and after. The reason names those of recency, frequency and money that had a part in the
        move, or became known or unknown.
    findings : list of str
        A sentence where no customer is there at both dates: then the keys most often mean other customers.
    """

    migration: TierMigration
    movers: Any = field(repr=False)
    findings: list[str]


@dataclass(frozen=True)
class RfmMovesByLine:
    """Who changed segment within each product line; made by :meth:`RfmSegments.moves_by_line`.

    Attributes
    ----------
    migrations : dict of TierMigration
        From each segment to each, by product line.
    matrix : frame
        The same as one table: ``line``, ``segment_before`` (unknown for who came to the line), ``segment_after``
        (unknown for who left it), ``customers``, and their ``share`` of the segment before with the ends ``low`` and
        ``high``, of those who have a segment at both dates.
    movers : frame
        That of :class:`RfmMoves`, with the ``line`` after the ``customer``.
    findings : list of str
        Those of :class:`RfmMoves`, for lines that have customers at both dates and none in common.
    """

    migrations: dict[Any, TierMigration]
    matrix: Any = field(repr=False)
    movers: Any = field(repr=False)
    findings: list[str]


class RfmSegments(Model):
    """Named segments of the scores of an :class:`RfmScorer`, checked to hold each combination exactly once.

    Parameters
    ----------
    scorer : RfmScorer
        Whose thresholds are used; they are saved with the segments.
    segments : {"usual", "usual_by_mean"} or list of dict
        Those that most of the trade uses, on recency and frequency (or the mean of frequency and money), for three,
        four or five scores each, as the scorer has (see :func:`usual_segments`); or your own: ``name``, and where they
        are bounded ``recency``, ``frequency``, ``monetary`` and ``mean_of_frequency_and_monetary`` as ``[lowest,
        highest]``, both included. A name listed several times is all of its blocks together.
    ordered : bool
        Whether they are listed from best to worst.

    Raises
    ------
    InvalidRulesError
        With the cells (digits: recency, frequency, money) that no segment holds, or more than one.

    Examples
    --------
    >>> import tierwise as tw
    >>> scorer = tw.value.RfmScorer.by_cuts(recency=[60], frequency=[2], monetary=[100])
    >>> segments = tw.value.RfmSegments(scorer, [
    ...     {"name": "active", "recency": [2, 2]},
    ...     {"name": "win back", "recency": [1, 1], "monetary": [2, 2]},
    ...     {"name": "let go", "recency": [1, 1], "monetary": [1, 1]},
    ... ])
    >>> segments.assign({"recency": [10, 90, 90], "frequency": [1, 3, 1], "monetary": [20., 500., 30.]})
    array(['active', 'win back', 'let go'], dtype=object)
    """

    _kind = "rfm_segments"

    def __init__(
        self,
        scorer: RfmScorer,
        segments: Literal["usual", "usual_by_mean"] | Sequence[Mapping[str, Any]] = "usual",
        *,
        ordered: bool = False,
    ) -> None:
        if not isinstance(scorer, RfmScorer):
            raise invalid_parameter("RfmSegments", "scorer", "an RfmScorer", repr(scorer))
        if isinstance(segments, str):
            one_of("RfmSegments", "segments", segments, ["usual", "usual_by_mean"])
            listed = _usual_for(scorer, segments)
        else:
            listed = [dict(one) for one in records("RfmSegments", "segments", segments)]
        given = json.dumps(plain(listed, "segments"))
        self._model = _rfm_segments(scorer._model, given, yes_no("RfmSegments", "ordered", ordered))

    @property
    def names(self) -> list[str]:
        """The names of the segments, in the order in which they are listed."""
        return self._model.outcomes()

    @property
    def segments(self) -> list[dict[str, Any]]:
        """The blocks of scores, as they are listed."""
        listed: list[dict[str, Any]] = content_of(self)["segments"]
        return listed

    @property
    def scorer(self) -> RfmScorer:
        """The scorer whose thresholds are used."""
        return cast(RfmScorer, model_of(_rfm_segments_scorer(self._model)))

    @property
    def findings(self) -> list[str]:
        """Sentences on scores and segments that no customer can get."""
        return self._model.findings()

    def assign(self, rfm: Any) -> Any:
        """Give the segment of each customer of a table of :func:`rfm`; ``None`` where something is unknown."""
        codes = self._model.assign(table_of(rfm, self.features))
        return series_like(rfm, "segment", Labels(codes, self.names))

    def name_of(self, recency: int, frequency: int, monetary: int) -> str | None:
        """Give the segment of three scores; ``None`` for scores that do not exist.

        Examples
        --------
        >>> import tierwise as tw
        >>> cuts = [1, 2, 3, 4]
        >>> scorer = tw.value.RfmScorer.by_cuts(recency=cuts, frequency=cuts, monetary=cuts)
        >>> tw.value.RfmSegments(scorer).name_of(5, 4, 1)
        'Champions'
        """
        scores = zip(AXES, (recency, frequency, monetary), strict=True)
        return _rfm_segment_name(self._model, *(whole("name_of", axis, score, 0, 255) for axis, score in scores))

    def moves(self, before: Any, after: Any, *, confidence: float = 0.95) -> RfmMoves:
        """Put the customers of two dates into segments, and say who moved and why.

        Parameters
        ----------
        before, after : data frame or dict of columns
            As :func:`rfm` makes them, with each ``customer`` once; matched by it, so that it must be of one kind at
            both dates, whole numbers or texts. For tables by product line see :meth:`moves_by_line`.
        confidence : float
            Of the intervals of the migration. Where nobody is there at both dates, all counts are 0, and its
            ``arrivals`` and ``departures`` say what happened.

        Examples
        --------
        >>> import tierwise as tw
        >>> scorer = tw.value.RfmScorer.by_cuts(recency=[60], frequency=[2], monetary=[100])
        >>> parts = [{"name": "active", "recency": [2, 2]}, {"name": "asleep", "recency": [1, 1]}]
        >>> segments = tw.value.RfmSegments(scorer, parts, ordered=True)
        >>> before = {"customer": [7, 8], "recency": [10, 20], "frequency": [1, 1], "monetary": [5., 5.]}
        >>> moves = segments.moves(before, before | {"recency": [100, 5]})
        >>> moves.migration.counts
        array([[1., 1.],
               [0., 0.]])
        >>> moves.movers["customer"], moves.movers["reason"]
        (array([7]), array(['recency 2 -> 1 (10 -> 100)'], dtype=object))
        """
        old, new = (_customers(table) for table in (before, after))
        migration, columns, findings = _rfm_moves(self._model, old, new, _level("moves", confidence))
        return RfmMoves(migration_of(migration), self._movers(after, columns), findings)

    def moves_by_line(self, before: Any, after: Any, *, line: str = "line", confidence: float = 0.95) -> RfmMovesByLine:
        """Put the customers of two dates into segments in each product line by itself, and say who moved and why.

        The segments, and the thresholds of their scorer, are the same for all lines.

        Parameters
        ----------
        before, after : data frame or dict of columns
            As :func:`rfm` makes them with ``line=``: each ``customer`` once per line; matched by both.
        line : str
            The column of the product line.
        confidence : float
            Of the intervals of the migrations.

        Examples
        --------
        >>> import tierwise as tw
        >>> scorer = tw.value.RfmScorer.by_cuts(recency=[60], frequency=[2], monetary=[100])
        >>> parts = [{"name": "active", "recency": [2, 2]}, {"name": "asleep", "recency": [1, 1]}]
        >>> segments = tw.value.RfmSegments(scorer, parts, ordered=True)
        >>> before = {"customer": [7, 7], "line": ["cups", "tea"], "frequency": [1, 1], "monetary": [5., 5.]}
        >>> moves = segments.moves_by_line(before | {"recency": [10, 20]}, before | {"recency": [100, 5]})
        >>> moves.movers["customer"], moves.movers["line"], moves.movers["reason"]
        (array([7]), array(['cups'], dtype=object), array(['recency 2 -> 1 (10 -> 100)'], dtype=object))
        >>> moves.migrations["tea"].counts
        array([[1., 0.],
               [0., 0.]])
        """
        text("moves_by_line", "line", line)
        old, new = (_customers(table, line) for table in (before, after))
        level = _level("moves_by_line", confidence)
        found, lines, columns, of_lines = _rfm_moves_by_line(self._model, old, new, line, level)
        keys, migrations = key_array(lines), [migration_of(one) for one in found]
        movers = self._movers(after, columns, {"line": keys[columns.pop("line")]})
        matrix = self._matrix(after, keys, migrations)
        named = zip(keys.tolist(), of_lines, strict=True)
        findings = [f"line `{one}`: {finding}" for one, listed in named for finding in listed]
        return RfmMovesByLine(dict(zip(keys.tolist(), migrations, strict=True)), matrix, movers, findings)

    def _movers(self, like: Any, columns: dict[str, Any], further: Mapping[str, Any] | None = None) -> Any:
        """Build the frame of the movers, with further columns after the customer."""
        customer, reason = key_array(columns.pop("customer")), np.array(columns.pop("reason"), dtype=object)
        segments = {name: Labels(columns.pop(name), self.names) for name in ("segment_before", "segment_after")}
        movers = {"customer": customer, **(further or {}), **segments, "reason": reason, **columns}
        return rows_like(like, len(reason), movers)

    def _matrix(self, like: Any, keys: npt.NDArray[Any], migrations: Sequence[TierMigration]) -> Any:
        """List the cells of all migrations, then who came to each segment and who left each."""
        places, none = np.arange(len(self.names)), np.full(len(self.names), -1)
        before = np.concatenate([np.repeat(places, len(places)), none, places])
        after = np.concatenate([np.tile(places, len(places)), places, none])
        outside = np.full(2 * len(places), np.nan)

        def column(of_line: Callable[[TierMigration], list[Floats]]) -> Floats:
            return np.concatenate([np.empty(0), *(part.ravel() for one in migrations for part in of_line(one))])

        columns = {
            "line": np.repeat(keys, len(before)),
            "segment_before": Labels(np.tile(before, len(keys)), self.names),
            "segment_after": Labels(np.tile(after, len(keys)), self.names),
            "customers": column(lambda one: [one.counts, one.arrivals, one.departures]),
            "share": column(lambda one: [one.shares, outside]),
            "low": column(lambda one: [one.low, outside]),
            "high": column(lambda one: [one.high, outside]),
        }
        return rows_like(like, len(keys) * len(before), columns)


def _customers(rfm: Any, *further: str) -> Table:
    return named_table(rfm, [Feature.number(name) for name in AXES], also=["customer", *further])


def _level(of: str, confidence: float) -> float:
    level = real(of, "confidence", confidence)
    if not 0 < level < 1:
        raise invalid_parameter(of, "confidence", "a number in (0, 1)", repr(confidence))
    return level


def _usual_for(scorer: RfmScorer, segments: str) -> list[dict[str, Any]]:
    """Take the usual segments for the scores that a scorer has."""
    by_mean = segments == "usual_by_mean"
    bins = {axis: count for axis, count in scorer.bins.items() if by_mean or axis != "monetary"}
    count = bins["recency"]
    if count not in (3, 4, 5) or set(bins.values()) != {count}:
        axes = "recency, frequency and monetary" if by_mean else "recency and frequency"
        must_be = (
            f"a list of segments of your own for this scorer: `{segments}` ones are there for 3, 4 or 5 scores, as "
            f"many of each of {axes}. Fit with `bins=5`, or list your own"
        )
        raise invalid_parameter("RfmSegments", "segments", must_be, f"`{segments}` for a scorer with {bins}")
    return usual_segments(count, by_mean=by_mean)


def usual_segments(bins: int = 5, *, by_mean: bool = False) -> list[dict[str, Any]]:
    """Give the segments that most of the trade uses, as data to start your own from.

    There is no standard: these are inferred from the grid that circulates under these names, in the one form of it
    without gap or overlap. They stand on recency and frequency, five scores each, or, by the mean, on recency and the
    mean of frequency and money, a half rounded up. Nothing circulates for three and four scores: those keep the names
    and the meaning of corners and edges (inferred).

    Parameters
    ----------
    bins : {5, 4, 3}
        The scores of each of recency and frequency.
    by_mean : bool
        Whether the mean of frequency and money stands in the place of frequency.

    Examples
    --------
    >>> import tierwise as tw
    >>> tw.value.usual_segments()[0]
    {'name': 'Champions', 'recency': [5, 5], 'frequency': [4, 5]}
    """
    mean = yes_no("usual_segments", "by_mean", by_mean)
    segments: list[dict[str, Any]] = json.loads(_usual_segments(whole("usual_segments", "bins", bins, 3, 5), mean))
    return segments
