"""What a backtest found, as plain data."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from tierwise._frames import Labels, rows_like

Level = Literal["stable", "watch", "act"]
State = Literal["judged", "no_rows", "too_few_to_judge", "too_few_to_learn", "not_learned"]

_STATES = ["judged", "no_rows", "too_few_to_judge", "too_few_to_learn", "not_learned"]


@dataclass(frozen=True)
class WindowFigure:
    """A figure of one window with the interval of its rows; ``reason`` says why there is no value."""

    value: float | None
    low: float | None
    high: float | None
    reason: str | None


@dataclass(frozen=True)
class WindowRows:
    """How many rows that carry weight, the events among them, and ``mean``: the base rate, or the mean amount."""

    rows: int
    events: int | None
    mean: float | None


@dataclass(frozen=True)
class PooledFigure:
    """The mean of a figure over windows, each of which counts once, with Student's interval."""

    windows: int
    value: float
    standard_deviation: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class FigureTrend:
    """By how much a figure changes in thirty days: least squares over windows, with Student's interval."""

    windows: int
    per_30_days: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class ScoreShift:
    """How the scores of a window differ from those of the window before; the level takes all windows into account."""

    population_stability: float
    p_value: float
    level: Level


@dataclass(frozen=True)
class TermHistory:
    """One coefficient, or the importance of one term, over the refits; None where a model does not have it.

    ``deviation_in_errors`` is the standard deviation over the usual standard error: about 1 where refits learn from
    different rows and nothing changes, less where they share rows, more where the world moves. ``clear_sign_changes``
    counts turns from clearly one side of 0 to clearly the other, beyond an interval that is shared out among all
    refits and terms.
    """

    values: list[float | None]
    standard_errors: list[float | None]
    mean: float
    standard_deviation: float | None
    deviation_in_errors: float | None
    sign_changes: int
    clear_sign_changes: int | None


@dataclass(frozen=True)
class RankStability:
    """How far the model of a ``refit`` puts its rows in the order of the model ``before``.

    Figures that are not defined are None. ``top_overlap`` is the share of the top of the list that both have there.
    """

    refit: int
    before: int
    rows: int
    spearman: float | None
    kendall_tau: float | None
    top_overlap: float | None


@dataclass(frozen=True)
class BacktestCheck:
    """One thing that was looked at: its figure, what it says, and the same in words."""

    name: str
    value: float | None
    low: float | None
    high: float | None
    level: Literal["stable", "watch", "act", "not_enough_data"]
    sentence: str


@dataclass(frozen=True)
class BacktestRefit:
    """One refit: its day, what became of it and why, what it learned from, and what was not known yet."""

    origin: Any
    state: State
    reason: str | None
    training: WindowRows
    not_known_yet: int


@dataclass(frozen=True)
class BacktestWindow:
    """The rows of some days, scored by the model of the last refit.

    Days are those ``after`` one day and ``up_to`` another; they would have been scored ``at`` a day, with a model of
    that ``age``. ``figures`` are by name, those of the ``first_model``, had it been kept, and of the ``model_before``
    too; empty where there is none, or where the window was not judged: ``reason`` says why.
    """

    refit: int
    at: Any
    age: float
    after: Any
    up_to: Any
    complete: bool
    overlaps: bool
    state: State
    reason: str | None
    judged: WindowRows
    figures: dict[str, WindowFigure] = field(repr=False)
    first_model: dict[str, WindowFigure] = field(repr=False)
    model_before: dict[str, WindowFigure] = field(repr=False)
    score_shift: ScoreShift | None = field(repr=False)


@dataclass(frozen=True)
class Backtest:
    """What :func:`backtest` found.

    Attributes
    ----------
    verdict : {"stable", "watch", "act", "not_enough_data"}
        The worst level of the checks, by limits that are inferred.
    reason : str
        Why, with the numbers.
    refitting : {"pays", "costs", "little", "not_shown", "not_known"}
        Whether a refitted model does better than the first one, kept.
    refitting_reason : str
        How that is known.
    checks : dict of BacktestCheck
        What was looked at, by name.
    findings : list of str
        What should be known of the schedule: windows without rows, overlaps, rows left out.
    refits : list of BacktestRefit
    windows : list of BacktestWindow
    pooled : dict of PooledFigure
        The mean of each figure over the windows.
    trend : dict of FigureTrend
        The change of each figure over time.
    by_age : dict of dict of PooledFigure
        The figures by the age of the model in days; empty where all are of one age.
    aging : dict of FigureTrend
        The change with the age of the model, within refits. It holds what changes with time anyway.
    against_first : dict of PooledFigure
        The refitted model less the first one, kept, on the same rows.
    against_before : dict of PooledFigure
        The refitted model less the one of the refit before, on the same rows.
    term_kind : {"coefficient", "importance"} or None
    terms : dict of TermHistory
        Coefficients or importances over the refits, by name.
    ranks : list of RankStability
        How successive models rank the same rows.
    """

    verdict: Literal["stable", "watch", "act", "not_enough_data"]
    reason: str
    refitting: Literal["pays", "costs", "little", "not_shown", "not_known"]
    refitting_reason: str
    checks: dict[str, BacktestCheck] = field(repr=False)
    findings: list[str] = field(repr=False)
    refits: list[BacktestRefit] = field(repr=False)
    windows: list[BacktestWindow] = field(repr=False)
    pooled: dict[str, PooledFigure] = field(repr=False)
    trend: dict[str, FigureTrend] = field(repr=False)
    by_age: dict[float, dict[str, PooledFigure]] = field(repr=False)
    aging: dict[str, FigureTrend] = field(repr=False)
    against_first: dict[str, PooledFigure] = field(repr=False)
    against_before: dict[str, PooledFigure] = field(repr=False)
    term_kind: Literal["coefficient", "importance"] | None = field(repr=False)
    terms: dict[str, TermHistory] = field(repr=False)
    ranks: list[RankStability] = field(repr=False)
    _found: dict[str, Any] = field(repr=False, compare=False)
    _like: Any = field(repr=False, compare=False)

    def to_dict(self) -> dict[str, Any]:
        """Give all of it as plain data, as JSON takes it: days are numbers, what is not known is None."""
        return self._found

    @property
    def table(self) -> Any:
        """One row per window, of the same kind as the data; NaN where there is none.

        Figures have ``_low`` and ``_high``, and stand again as ``first_model_...`` and ``model_before_...``.
        """
        windows, refits = self.windows, [self.refits[window.refit] for window in self.windows]
        columns: dict[str, Any] = {
            "refit": np.array([one.refit for one in windows], dtype=np.int64),
            **{name: np.array([getattr(one, name) for one in windows]) for name in ("at", "age", "after", "up_to")},
            "complete": np.array([one.complete for one in windows]),
            "state": Labels(np.array([_STATES.index(one.state) for one in windows], dtype=np.int32), _STATES),
            "training_rows": np.array([one.training.rows for one in refits], dtype=np.int64),
            "training_mean": _floats([one.training.mean for one in refits]),
            "not_known_yet": np.array([one.not_known_yet for one in refits], dtype=np.int64),
            "rows": np.array([one.judged.rows for one in windows], dtype=np.int64),
            "mean": _floats([one.judged.mean for one in windows]),
        }
        for name in self.pooled:
            for end in ("value", "low", "high"):
                figures = [window.figures.get(name) for window in windows]
                known = _floats([None if one is None else getattr(one, end) for one in figures])
                columns[name if end == "value" else f"{name}_{end}"] = known
        for beside in ("first_model", "model_before"):
            for name in self.pooled:
                figures = [getattr(window, beside).get(name) for window in windows]
                columns[f"{beside}_{name}"] = _floats([None if one is None else one.value for one in figures])
        shifts = [window.score_shift for window in windows]
        columns["population_stability"] = _floats([None if one is None else one.population_stability for one in shifts])
        return rows_like(self._like, len(windows), columns)

    @property
    def term_table(self) -> Any:
        """One row per term and refit, of the same kind as the data, with ``value`` and ``standard_error``."""
        names = list(self.terms)
        histories = list(self.terms.values())
        refits = len(self.refits)
        columns = {
            "origin": np.array([one.origin for one in self.refits] * len(names)),
            "term": Labels(np.repeat(np.arange(len(names), dtype=np.int32), refits), names),
            "value": _floats([value for one in histories for value in one.values]),
            "standard_error": _floats([error for one in histories for error in one.standard_errors]),
        }
        return rows_like(self._like, len(names) * refits, columns)


def found_of(found: dict[str, Any], day: Callable[[float], Any], like: Any) -> Backtest:
    """Read what was found; ``day`` shows a number of days as what the dates were."""
    given = dict(found)
    given["checks"] = {check["name"]: BacktestCheck(**check) for check in found["checks"]}
    given["refits"] = [
        BacktestRefit(**(one | {"origin": day(one["origin"]), "training": WindowRows(**one["training"])}))
        for one in found["refits"]
    ]
    given["windows"] = [_window(one, day) for one in found["windows"]]
    for name in ("pooled", "against_first", "against_before"):
        given[name] = _by_figure(PooledFigure, found[name])
    for name in ("trend", "aging"):
        given[name] = _by_figure(FigureTrend, found[name])
    given["by_age"] = {one["age"]: _by_figure(PooledFigure, one["figures"]) for one in found["by_age"]}
    given["terms"] = {one["name"]: TermHistory(**_without("name", one)) for one in found["terms"]}
    given["ranks"] = [RankStability(**one) for one in found["ranks"]]
    return Backtest(**given, _found=found, _like=like)


def _window(found: dict[str, Any], day: Callable[[float], Any]) -> BacktestWindow:
    given = found | {name: day(found[name]) for name in ("at", "after", "up_to")}
    given["judged"] = WindowRows(**found["judged"])
    for name in ("figures", "first_model", "model_before"):
        given[name] = _by_figure(WindowFigure, found[name])
    given["score_shift"] = None if found["score_shift"] is None else ScoreShift(**found["score_shift"])
    return BacktestWindow(**given)


def _by_figure(kind: Any, found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {one["figure"]: kind(**_without("figure", one)) for one in found}


def _without(name: str, found: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in found.items() if key != name}


def _floats(values: Sequence[float | None]) -> Any:
    return np.array([math.nan if value is None else value for value in values], dtype=np.float64)
