"""What changed between two samples, and is it more than chance?"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from tierwise import _feature
from tierwise._feature import Feature
from tierwise._frames import Labels, numbers, rows_like, table_of
from tierwise._parameters import invalid_parameter, one_of, real, texts, whole
from tierwise._tierwise import Table
from tierwise._tierwise import compare_counts as _compare_counts
from tierwise._tierwise import drift as _drift
from tierwise._tierwise import drift_windows as _drift_windows

Level = Literal["stable", "watch", "act"]


@dataclass(frozen=True)
class DriftSettings:
    """How drift is measured and judged.

    Parameters
    ----------
    bins : int or sequence of float
        The cells of numbers: so many, or the ascending edges between them (right-open, the outermost open-ended).
    by : {"quantile", "width"}
        Whether so many bins are of equal size in the reference (cut at its quantiles, linear between rows as NumPy's;
        fewer where a sample has less than ``least_expected`` rows per bin), or of equal width over its range. By
        quantiles, a number with no more distinct values than bins has one cell per value and one for all others.
    floor : float, optional
        What stands for a share of 0, whose logarithm is infinite; half a row where it is left out. Other shares stay.
    log_base : {"e", "2"}
        Of the Jensen-Shannon distance. The population stability index is always natural: its limits are.
    least_expected : float
        Cells in which the smaller sample would hold fewer rows than this without a change are joined to one; 0 joins
        none. Of sparse cells every figure is large by chance.
    watch, act : float
        The index from which a column is to be watched, and from which something is to be done; 0.1 and 0.25 by custom
        (Siddiqi 2006).
    significance : float
        A limit counts only where chance makes an index as large in at most this share of the cases without a change,
        among all columns that are looked at.

    Examples
    --------
    >>> import tierwise as tw
    >>> tw.evaluate.DriftSettings(bins=20, by="width").act
    0.25
    """

    bins: int | Sequence[float] = 10
    by: Literal["quantile", "width"] = "quantile"
    floor: float | None = None
    log_base: Literal["e", "2"] = "e"
    least_expected: float = 5.0
    watch: float = 0.1
    act: float = 0.25
    significance: float = 0.05

    def _json(self) -> str:
        of = "DriftSettings"
        one_of(of, "by", self.by, ["quantile", "width"])
        one_of(of, "log_base", self.log_base, ["e", "2"])
        bins: dict[str, Any]
        if np.ndim(self.bins) == 0:
            count = whole(of, "bins", self.bins, 2, 10_000)
            bins = {"quantiles" if self.by == "quantile" else "equal_width": count}
        else:
            bins = {"edges": [real(of, "bins", float(edge)) for edge in numbers("bins", self.bins)]}
        return json.dumps(
            {
                "bins": bins,
                "empty_cells": "half_row" if self.floor is None else {"floor": real(of, "floor", self.floor)},
                "log_base": "natural" if self.log_base == "e" else "two",
                "least_expected": real(of, "least_expected", self.least_expected),
                "watch": real(of, "watch", self.watch),
                "act": real(of, "act", self.act),
                "significance": real(of, "significance", self.significance),
            }
        )


@dataclass(frozen=True)
class ChiSquareTest:
    """Pearson's test of independence, without correction."""

    statistic: float
    degrees_of_freedom: float
    p_value: float


@dataclass(frozen=True)
class NumberDistances:
    """How far numbers lie apart, without bins.

    ``kolmogorov_smirnov`` with the value ``at`` which it is reached and the asymptotic ``p_value`` of
    ``scipy.stats.ks_2samp(method="asymp")``; ``sign`` is above 0 where the current values are lower there.
    ``wasserstein`` is of order 1, in the unit of the column, and ``wasserstein_in_deviations`` in standard deviations
    of the reference (of the population).
    """

    kolmogorov_smirnov: float
    at: float
    sign: float
    p_value: float
    wasserstein: float
    wasserstein_in_deviations: float | None


@dataclass(frozen=True)
class UnknownChange:
    """How the share of unknown values changed: the test of two proportions with a pooled error."""

    reference: float
    current: float
    difference: float
    z: float
    p_value: float


@dataclass(frozen=True)
class DriftCell:
    """The shares of one cell, and its part of the population stability index."""

    name: str
    reference: float
    current: float
    part: float


@dataclass(frozen=True)
class ColumnDrift:
    """What changed in one column; made by :func:`column_drift` and :func:`drift`.

    ``population_stability`` is over ``cells``, which were made by ``rule``; unknown is a cell of its own. ``noise`` is
    the index that chance alone exceeds with the probability ``significance`` (``None`` where fewer than two cells are
    left), ``p_value`` the chance of an index as large without a change, ``adjusted_p_value`` the same among so many
    columns. ``distances`` are for numbers only. ``unseen`` are the levels that the reference does not have, with their
    shares. ``level`` is ``"stable"``, ``"watch"`` or ``"act"``.
    """

    column: str
    kind: Literal["number", "yes_no", "category"]
    reference_rows: float
    current_rows: float
    rule: str
    cells: list[DriftCell] = field(repr=False)
    population_stability: float
    noise: float | None
    p_value: float
    adjusted_p_value: float
    distances: NumberDistances | None
    jensen_shannon: float
    chi_square: ChiSquareTest
    unknown: UnknownChange
    unseen: dict[str, float]
    level: Level


@dataclass(frozen=True)
class TableDrift:
    """What changed in a table; made by :func:`drift`. ``columns`` holds a :class:`ColumnDrift` by name."""

    columns: dict[str, ColumnDrift] = field(repr=False)
    _like: Any = field(repr=False, compare=False)

    @property
    def level(self) -> Level:
        """The worst level of all columns."""
        levels = [column.level for column in self.columns.values()]
        return "act" if "act" in levels else "watch" if "watch" in levels else "stable"

    @property
    def table(self) -> Any:
        """One row per column with all figures, of the same kind as the current table; NaN where there is none."""
        columns = list(self.columns.values())
        kinds, levels = ["number", "yes_no", "category"], ["stable", "watch", "act"]
        apart = [column.distances for column in columns]
        figures: dict[str, list[float | None]] = {
            "population_stability": [one.population_stability for one in columns],
            "noise": [one.noise for one in columns],
            "p_value": [one.p_value for one in columns],
            "adjusted_p_value": [one.adjusted_p_value for one in columns],
            "kolmogorov_smirnov": [None if one is None else one.kolmogorov_smirnov for one in apart],
            "kolmogorov_smirnov_p_value": [None if one is None else one.p_value for one in apart],
            "wasserstein": [None if one is None else one.wasserstein for one in apart],
            "wasserstein_in_deviations": [None if one is None else one.wasserstein_in_deviations for one in apart],
            "jensen_shannon": [one.jensen_shannon for one in columns],
            "chi_square": [one.chi_square.statistic for one in columns],
            "chi_square_p_value": [one.chi_square.p_value for one in columns],
            "unknown_before": [one.unknown.reference for one in columns],
            "unknown_now": [one.unknown.current for one in columns],
            "unknown_p_value": [one.unknown.p_value for one in columns],
            "unseen_share": [math.fsum(one.unseen.values()) for one in columns],
        }
        floats = {name: np.array([math.nan if v is None else v for v in row]) for name, row in figures.items()}
        names = [one.column for one in columns]
        columns_of_table: dict[str, Any] = {
            "column": Labels(np.arange(len(names), dtype=np.int32), names),
            "kind": _labels([one.kind for one in columns], kinds),
            "level": _labels([one.level for one in columns], levels),
        }
        return rows_like(self._like, len(columns), columns_of_table | floats)

    def __repr__(self) -> str:
        listed = ", ".join(f"{one.column}: {one.level}" for one in self.columns.values() if one.level != "stable")
        return f"<TableDrift of {len(self.columns)} columns: {listed or 'all stable'}>"


@dataclass(frozen=True)
class DriftWindow:
    """What changed from the day ``first`` up to, not including, ``end``; ``drift`` is ``None`` without rows."""

    first: np.datetime64
    end: np.datetime64
    complete: bool
    rows: float
    drift: TableDrift | None


@dataclass(frozen=True)
class CountDrift:
    """Two lists of counts, compared; made by :func:`compare_counts`."""

    population_stability: float
    parts: list[float]
    noise: float | None
    p_value: float
    jensen_shannon: float
    kullback_leibler: float
    chi_square: ChiSquareTest


def drift(
    reference: Any,
    current: Any,
    *,
    columns: Sequence[str] | None = None,
    categories: Sequence[str] = (),
    reference_weights: Any = None,
    current_weights: Any = None,
    settings: DriftSettings | None = None,
) -> TableDrift:
    """Compare two tables of the same columns: the one a model was learned from, and the one of this month.

    An alarm needs both: a population stability index above a limit, and one that chance does not make as large in
    samples of these sizes (``adjusted_p_value``; under no change, index times ``nm / (n + m)`` is about chi-square with
    one degree of freedom less than there are cells: Yurdakul & Naranjo 2020; adjusted for the number of columns by
    Benjamini & Hochberg 1995). So neither does a large table always alarm, nor a small one at random.

    Parameters
    ----------
    reference, current : data frame or dict of columns
        pandas, polars, pyarrow, or anything with ``__arrow_c_stream__``. Texts are categories, dates numbers of days.
    columns : sequence of str, optional
        What to look at; all columns of the reference where it is left out.
    categories : sequence of str
        Columns of whole numbers that name levels.
    reference_weights, current_weights : array, optional
        How many customers each row stands for.
    settings : DriftSettings, optional
        Bins, empty cells, limits.

    Returns
    -------
    TableDrift
        ``columns`` by name, ``level`` (the worst), and ``table``, a frame with one row per column.

    Raises
    ------
    EmptyTableError, MissingColumnError, WrongKindError, InvalidValueError, InvalidParameterError
        The message says what was found, and where.

    Examples
    --------
    >>> import tierwise as tw
    >>> then = {"age": [20 + row % 50 for row in range(1000)], "plan": ["basic", "plus"] * 500}
    >>> now = {"age": [30 + row % 50 for row in range(1000)], "plan": ["basic", "plus", "pro", "plus"] * 250}
    >>> found = tw.evaluate.drift(then, now)
    >>> found
    <TableDrift of 2 columns: age: act, plan: act>
    >>> found.columns["plan"].unseen, found.columns["age"].distances.wasserstein
    ({'pro': 0.25}, 10.0)
    """
    chosen = settings_of("drift", settings)
    tables, features = samples_of("drift", reference, current, columns, categories)
    found = _drift(chosen, features, *tables, _weights(reference_weights), _weights(current_weights))
    return table_drift(json.loads(found), current)


def column_drift(
    reference: Any,
    current: Any,
    *,
    name: str | None = None,
    category: bool = False,
    reference_weights: Any = None,
    current_weights: Any = None,
    settings: DriftSettings | None = None,
) -> ColumnDrift:
    """Compare two samples of one column: a score, an age, a country.

    Parameters
    ----------
    reference, current : array or series
        Numbers, dates, yes-nos or texts.
    name : str, optional
        The name of the column; that of the series where it has one.
    category : bool
        Whether whole numbers name levels.
    reference_weights, current_weights, settings
        As for :func:`drift`.

    Returns
    -------
    ColumnDrift
        All figures; ``adjusted_p_value`` is ``p_value``.

    Raises
    ------
    EmptyTableError, WrongKindError, InvalidValueError, InvalidParameterError
        As :func:`drift`.

    Examples
    --------
    >>> import tierwise as tw
    >>> then = [row / 1000 for row in range(1, 1001)]
    >>> found = tw.evaluate.column_drift(then, [score**1.3 for score in then])
    >>> round(found.population_stability, 4), found.rule
    (0.0598, '10 right-open bins at quantiles of the reference')
    >>> found.level, found.p_value < .001  # not chance, and too little to matter
    ('stable', True)
    """
    named = str(name or getattr(reference, "name", None) or "column")
    found = drift(
        {named: reference},
        {named: current},
        categories=[named] if category else [],
        reference_weights=reference_weights,
        current_weights=current_weights,
        settings=settings,
    )
    return found.columns[named]


def population_stability(
    reference: Any,
    current: Any,
    *,
    reference_weights: Any = None,
    current_weights: Any = None,
    settings: DriftSettings | None = None,
) -> float:
    """Give the population stability index of one column alone; :func:`column_drift` says whether it is chance.

    Takes and raises what :func:`column_drift` does.

    Examples
    --------
    >>> import tierwise as tw
    >>> then = [row / 1000 for row in range(1, 1001)]
    >>> round(tw.evaluate.population_stability(then, [score**1.3 for score in then]), 4)
    0.0598
    """
    found = column_drift(
        reference,
        current,
        reference_weights=reference_weights,
        current_weights=current_weights,
        settings=settings,
    )
    return found.population_stability


def compare_counts(reference: Any, current: Any, *, settings: DriftSettings | None = None) -> CountDrift:
    """Compare two lists of counts of the same cells, which are taken as they are: none is joined.

    Parameters
    ----------
    reference, current : sequence of float
        One count per cell. Shares do too, but then noise and p-values are those of a single customer.
    settings : DriftSettings, optional
        Its ``floor``, ``log_base`` and ``significance``.

    Returns
    -------
    CountDrift
        ``population_stability`` with the ``parts`` of the cells, ``noise``, ``p_value``, ``jensen_shannon`` (a
        distance, to the base of the settings), ``kullback_leibler`` (of the reference from the current sample, natural)
        and ``chi_square``.

    Raises
    ------
    WrongLengthError, InvalidValueError, EmptyTableError
        For lists that do not fit, negative counts, and counts that are all 0.

    Examples
    --------
    >>> import tierwise as tw
    >>> found = tw.evaluate.compare_counts([60, 25, 15], [50, 30, 20])
    >>> round(found.population_stability, 6), round(found.p_value, 2)
    (0.041732, 0.35)
    """
    counts = [numbers("counts", one).tolist() for one in (reference, current)]
    found = json.loads(_compare_counts(settings_of("compare_counts", settings), *counts))
    found["chi_square"] = ChiSquareTest(**found["chi_square"])
    return CountDrift(**found)


def drift_windows(
    reference: Any,
    current: Any,
    *,
    days: Any,
    length: float,
    step: float | None = None,
    columns: Sequence[str] | None = None,
    categories: Sequence[str] = (),
    reference_weights: Any = None,
    current_weights: Any = None,
    settings: DriftSettings | None = None,
) -> list[DriftWindow]:
    """Compare each window of days with one reference.

    Windows begin at the first day and every ``step`` days after it. P-values are adjusted for the columns of a window,
    not for the number of windows: of twenty windows without a change one may be expected to alarm where it is small.

    Parameters
    ----------
    reference, current, columns, categories, reference_weights, current_weights, settings
        As for :func:`drift`; the column of days is not compared.
    days : array or str
        The day of each row of ``current``, or the name of its column: dates, or days since 1970-01-01.
    length : float
        Days in a window.
    step : float, optional
        Days from one window to the next; ``length`` where it is left out. Less, and windows overlap.

    Returns
    -------
    list of DriftWindow
        ``first`` day, ``end`` (the day after the last), whether it is ``complete``, ``rows`` and ``drift``.

    Raises
    ------
    InvalidValueError
        With the row for an unknown day; and the errors of :func:`drift`.

    Examples
    --------
    >>> import numpy as np
    >>> import tierwise as tw
    >>> then = {"score": np.arange(500) % 100}
    >>> days = np.datetime64("2026-01-01") + np.arange(500) // 50
    >>> now = {"score": np.arange(500) % 100 + np.where(np.arange(500) < 250, 0, 60), "day": days}
    >>> windows = tw.evaluate.drift_windows(then, now, days="day", length=5)
    >>> [(str(window.first), window.drift.level) for window in windows]
    [('2026-01-01', 'stable'), ('2026-01-06', 'act')]
    """
    chosen = settings_of("drift_windows", settings)
    day = _days(current, days)
    if isinstance(days, str) and columns is None:
        columns = [name for name in table_of(reference).column_names() if name != days]
    tables, features = samples_of("drift_windows", reference, current, columns, categories)
    width = real("drift_windows", "length", length)
    found = _drift_windows(
        chosen,
        features,
        *tables,
        _weights(reference_weights),
        _weights(current_weights),
        day,
        width,
        width if step is None else real("drift_windows", "step", step),
    )
    return [
        DriftWindow(
            _date(window["from"]),
            _date(window["to"]),
            window["complete"],
            window["rows"],
            None if window["drift"] is None else table_drift(window["drift"], current),
        )
        for window in json.loads(found)
    ]


def settings_of(of: str, settings: Any) -> str:
    """Read settings; the usual ones where there are none."""
    if settings is None:
        settings = DriftSettings()
    if not isinstance(settings, DriftSettings):
        raise invalid_parameter(of, "settings", "a `DriftSettings`", repr(settings))
    return settings._json()


def table_drift(found: Mapping[str, Any], like: Any) -> TableDrift:
    """Read what the compiled module found."""
    return TableDrift({one["column"]: column_drift_of(one) for one in found["columns"]}, emptied(like))


def emptied(data: Any) -> Any:
    """Keep of a frame what kind it is, and not its rows; of anything else, nothing."""
    if hasattr(data, "slice") and hasattr(data, "column_names"):
        return data.slice(0, 0)
    return data.head(0) if hasattr(data, "head") else None


def column_drift_of(found: Mapping[str, Any]) -> ColumnDrift:
    """Read what the compiled module found in one column."""
    parts = dict(found)
    parts["cells"] = [DriftCell(**cell) for cell in found["cells"]]
    parts["chi_square"] = ChiSquareTest(**found["chi_square"])
    parts["unknown"] = UnknownChange(**found["unknown"])
    parts["unseen"] = {one["level"]: one["share"] for one in found["unseen"]}
    apart = found["distances"]
    if apart is not None:
        test = apart["kolmogorov_smirnov"]
        parts["distances"] = NumberDistances(
            test["value"],
            test["at"],
            test["sign"],
            test["p_value"],
            math.inf if apart["wasserstein"] is None else apart["wasserstein"],  # JSON has no infinity
            apart["wasserstein_in_deviations"],
        )
    return ColumnDrift(**parts)


def sample_of(data: Any, columns: Sequence[str] | None) -> Table:
    """Read a table, or some of its columns."""
    return table_of(data, None if columns is None else [Feature.number(name) for name in columns])


def samples_of(
    of: str, reference: Any, current: Any, columns: Sequence[str] | None, categories: Sequence[str]
) -> tuple[tuple[Table, Table], str]:
    named = None if columns is None else texts(of, "columns", columns)
    one = sample_of(reference, named)
    two = sample_of(current, one.column_names())
    features = _feature.from_json(one.infer_all_features(two, [], texts(of, "categories", categories)))
    if named is not None:
        features.sort(key=lambda feature: named.index(feature.name))
    return (one, two), _feature.to_json(features)


def _weights(weights: Any) -> Any:
    return None if weights is None else numbers("weights", weights)


def _labels(values: Sequence[str], names: list[str]) -> Labels:
    return Labels(np.array([names.index(value) for value in values], dtype=np.int32), names)


def _days(data: Any, days: Any) -> Any:
    return numbers("days", data[days] if isinstance(days, str) else days)


def _date(day: float) -> np.datetime64:
    return np.datetime64(math.floor(day), "D")
