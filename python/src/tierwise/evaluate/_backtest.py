"""Would it have worked? A model refitted over the past, each time judged on the days that followed."""

from __future__ import annotations

import datetime
import json
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tierwise._additive import Additive
from tierwise._feature import Feature
from tierwise._frames import check_present, column_of, numbers
from tierwise._learning import Learner
from tierwise._parameters import day_of, invalid_parameter, one_of, real, whole
from tierwise._tierwise import backtest_learner as _backtest_learner
from tierwise._tierwise import backtest_scores as _backtest_scores
from tierwise._tierwise import rolling_origin as _rolling_origin
from tierwise._training import is_column_of, training_of
from tierwise.evaluate._backtest_fit import Kind, RowsFit, column_names, is_estimator, judged_columns, rows_in
from tierwise.evaluate._backtest_found import Backtest, found_of
from tierwise.evaluate._given import outcome_of

_MOST_ROWS = 2**53
_LONGEST = 1_000_000


@dataclass(frozen=True)
class BacktestLimits:
    """From where on a backtest says watch, and act; pairs of the two. All are inferred.

    Parameters
    ----------
    least_windows : int
        With fewer judged windows there is no verdict.
    ranking_lost : (float, float)
        ROC AUC lost from the first window to the last, by a trend whose interval is below 0.
    error_grown : (float, float)
        Growth of the relative error of amounts (WAPE) over the same time, as a share of its mean.
    calibration_off : (float, float)
        How far calibration-in-the-large is from 0 in log-odds, in the mean of the windows and beyond chance.
    rank_agreement : (float, float)
        The least Spearman correlation between successive models on the same rows.
    refitting_gain : float
        A smaller gain or loss in ROC AUC by refitting makes little difference.
    refitting_error : float
        The same of log-loss and WAPE, as a share of their mean.

    Examples
    --------
    >>> import tierwise as tw
    >>> tw.evaluate.BacktestLimits(ranking_lost=(0.01, 0.03)).rank_agreement
    (0.9, 0.7)
    """

    least_windows: int = 3
    ranking_lost: tuple[float, float] = (0.02, 0.05)
    error_grown: tuple[float, float] = (0.1, 0.25)
    calibration_off: tuple[float, float] = (0.2, 0.5)
    rank_agreement: tuple[float, float] = (0.9, 0.7)
    refitting_gain: float = 0.005
    refitting_error: float = 0.01

    def _settings(self) -> dict[str, Any]:
        of = "BacktestLimits"
        settings: dict[str, Any] = {"least_windows": whole(of, "least_windows", self.least_windows, 0, _MOST_ROWS)}
        for name in ("refitting_gain", "refitting_error"):
            settings[name] = real(of, name, getattr(self, name))
        for name in ("ranking_lost", "error_grown", "calibration_off", "rank_agreement"):
            pair = getattr(self, name)
            if not isinstance(pair, (tuple, list)) or len(pair) != 2:
                raise invalid_parameter(of, name, "a pair of numbers, for watch and for act", repr(pair))
            settings[name] = {"watch": real(of, name, pair[0]), "act": real(of, name, pair[1])}
        return settings


@dataclass(frozen=True)
class OriginWindow:
    """Rows to learn from and rows to judge on, of one window of a schedule; made by :func:`rolling_origin`.

    ``refit`` counts the refits and ``origin`` is its day. The rows of ``train`` are those up to it whose outcome was
    known by then, ``not_known_yet`` is how many were not; those of ``test`` come ``after`` a day and ``up_to`` another.
    They would have been scored ``at`` a day, with a model of that ``age``.
    """

    refit: int
    origin: Any
    at: Any
    age: float
    after: Any
    up_to: Any
    complete: bool
    overlaps: bool
    not_known_yet: int
    train: npt.NDArray[np.int64]
    test: npt.NDArray[np.int64]


def rolling_origin(
    days: Any,
    *,
    every: Any,
    score_every: Any = None,
    horizon: Any = None,
    gap: Any = 0,
    window: Any = None,
    outcome_known_after: Any = 0,
    first: Any = None,
) -> list[OriginWindow]:
    """List the windows of a backtest before anything is fitted: who would learn from what, and be judged by what.

    Parameters
    ----------
    days : array or series
        The day of each row: dates, or days since 1970-01-01.
    every, score_every, horizon, gap, window, outcome_known_after, first
        As for :func:`backtest`.

    Returns
    -------
    list of OriginWindow
        ``[(one.train, one.test) for one in windows]`` is what scikit-learn takes as ``cv=``, unless a side is empty.

    Raises
    ------
    InvalidValueError
        With the row for a day that is not known.
    InvalidParameterError, NotEnoughDataError
        For settings out of range, and no day after the first origin.

    Examples
    --------
    >>> import numpy as np
    >>> import tierwise as tw
    >>> days = np.datetime64("2026-01-01") + np.arange(100)
    >>> windows = tw.evaluate.rolling_origin(days, every="30d", first="2026-02-01", outcome_known_after=7)
    >>> [(str(one.origin), len(one.train), one.not_known_yet, len(one.test)) for one in windows]
    [('2026-02-01', 25, 7, 30), ('2026-03-03', 55, 7, 30), ('2026-04-02', 85, 7, 8)]
    """
    of = "rolling_origin"
    numbered, shown = _days(days)
    schedule = _schedule(of, every, score_every, horizon, gap, window, outcome_known_after, first)
    found = _rolling_origin(json.dumps(schedule | {"least_rows": 0, "least_events": 0}), numbered)
    return [
        OriginWindow(
            refit, shown(origin), shown(at), age, shown(after), shown(up_to), complete, overlaps, not_known, train, test
        )
        for refit, (origin, train, not_known, windows) in enumerate(found)
        for at, age, after, up_to, complete, overlaps, test in windows
    ]


def backtest(
    fit: Any,
    data: Any,
    outcome: Any,
    *,
    date: Any,
    every: Any,
    positive: Any = None,
    kind: Kind = "probability",
    score_every: Any = None,
    horizon: Any = None,
    gap: Any = 0,
    window: Any = None,
    outcome_known_after: Any = 0,
    first: Any = None,
    least_rows: int = 50,
    least_events: int = 10,
    features: Sequence[Feature | str] | None = None,
    categories: Sequence[str] = (),
    weights: Any = None,
    offsets: Any = None,
    share: float = 0.1,
    capacity: float | None = None,
    confidence: float = 0.95,
    limits: BacktestLimits | None = None,
    progress: Callable[[int, int, float], object] | None = None,
) -> Backtest:
    """Refit a model over the past by a schedule, and judge each on the days that followed.

    A model learns from the rows up to its day of refit (origin) whose outcome was known by then, and is judged on the
    rows after it: figures per window, their mean and trend, whether refitting pays, how stable coefficients and ranks
    are, and a verdict. Windows with too little data, and refits that a learner of tierwise refuses for its data, are
    told and not judged.

    Intervals over windows take each window as one try (Student's t); where windows overlap, each counts for the part
    that is new (inferred). With three windows only large differences show.

    Parameters
    ----------
    fit : learner, model, estimator or function
        A learner of tierwise; a model of tierwise, which is judged as it is; an estimator with ``fit`` and
        ``predict_proba`` (or ``decision_function``, ``predict``), refitted as a clone on ones and zeros; or a function
        of data and outcome (1 for the positive class), and of ``weights`` where these are given, that returns a model
        or a function of data.
    data : data frame, dict of columns, or 2-d array
        One row per customer and day.
    outcome : array or str
        One label or number per row, or the name of the column of ``data`` that holds them.
    date : array or str
        The day of each row, or the name of its column: dates, or days since 1970-01-01. It is not learned from, unless
        ``features`` names it.
    every : float, timedelta or str
        From one refit to the next: days, ``"90d"`` or ``"12w"``. So for all spans.
    positive : object
        The label whose probability is learned; it may be left out for amounts.
    kind : {"probability", "ranking", "number"}
        What the scores are: probabilities, numbers of which the order counts only, or predicted amounts.
    score_every : span, optional
        From one window to the next, which the model of the last refit scores; ``every`` unless given.
    horizon : span, optional
        How long a window is; ``score_every`` unless given, so that windows touch.
    gap : span
        Between the last day that could be learned from and the first that is judged.
    window : span, optional
        How much is learned from (sliding); all before, unless given (expanding).
    outcome_known_after : span
        How long after its day the outcome of a row is known. Set it where an outcome takes time, or a model learns from
        what nobody knew yet.
    first : date, optional
        The first origin. Unless given the middle of all days, or with a ``window`` the first full one.
    least_rows, least_events : int
        Fewer rows, events or others are not enough to learn from or to judge by (inferred).
    features, categories, weights, offsets : as in :meth:`tierwise.learn.Logistic.fit`
        What to learn from. Weights count customers, in all figures. Only learners of tierwise take categories and
        offsets.
    share, capacity : float
        The top of the list, as a share of the customers or their number, of which precision and overlap are told.
    confidence : float
        Of all intervals.
    limits : BacktestLimits, optional
        From where on the verdict is watch, and act.
    progress : callable, optional
        Called with refit, limit and objective after each step of each fit of a learner; what it raises stops it.

    Returns
    -------
    Backtest
        ``verdict`` and ``reason``, ``refitting``, ``table`` (a frame with one row per window), and all figures.

    Raises
    ------
    InvalidValueError
        With the row for an unknown day or outcome, and a score that is not a probability where it should be.
    InvalidParameterError, NotEnoughDataError, WrongLengthError, ...
        For settings out of range, and no day after the first origin.

    Examples
    --------
    >>> import numpy as np
    >>> import tierwise as tw
    >>> rng = np.random.default_rng(1)
    >>> day = np.sort(rng.integers(0, 360, 6000))
    >>> visits, calls = rng.normal(size=(2, 6000))
    >>> interest = np.where(day < 180, visits, calls)
    >>> leads = {"visits": visits, "calls": calls, "day": np.datetime64("2026-01-01") + day}
    >>> leads["won"] = rng.random(6000) < 1 / (1 + np.exp(1 - 2 * interest))
    >>> learner = tw.learn.Logistic()
    >>> found = tw.evaluate.backtest(learner, leads, "won", positive=True, date="day", every="30d", window="60d")
    >>> found.verdict, found.refitting
    ('act', 'pays')
    >>> [round(window.figures["roc_auc"].value, 1) for window in found.windows]
    [0.9, 0.9, 0.8, 0.8, 0.5, 0.7, 0.9, 0.9, 0.9, 0.9]
    """
    of = "backtest"
    one_of(of, "kind", kind, ("probability", "ranking", "number"))
    if isinstance(fit, type):
        raise invalid_parameter(of, "fit", f"an estimator and not its class; write `{fit.__name__}()`", fit.__name__)
    numbered, shown = _days(_column(data, "date", date))
    settings = json.dumps(
        {
            "schedule": _schedule(of, every, score_every, horizon, gap, window, outcome_known_after, first)
            | {
                "least_rows": whole(of, "least_rows", least_rows, 0, _MOST_ROWS),
                "least_events": whole(of, "least_events", least_events, 0, _MOST_ROWS),
            },
            "confidence": real(of, "confidence", confidence),
            "top": {"share": real(of, "share", share)}
            if capacity is None
            else {"capacity": real(of, "capacity", capacity)},
            "limits": _limits(limits)._settings(),
        }
    )
    if isinstance(fit, Learner) and not (isinstance(fit, Additive) and kind == "number"):
        if kind != "probability":
            must_be = "`probability` for this learner of tierwise: that is what it gives"
            raise invalid_parameter(of, "kind", must_be, repr(kind))
        if positive is None:
            raise invalid_parameter(
                of, "positive", "the label that is meant by yes; it is named, never guessed", "None"
            )
        training = training_of(
            data, outcome, features=features, categories=categories, weights=weights, offsets=offsets, also=[date]
        )
        spec = json.dumps(fit._spec())
        found = _backtest_learner(settings, numbered, spec, *training.fit(positive), progress)
        return found_of(json.loads(found), shown, data)
    if offsets is not None or len(categories):
        raise invalid_parameter(of, "offsets", "left out, and `categories` too: only learners know them", "given")
    values = _column(data, "outcome", outcome)
    given = None if weights is None else numbers("weights", weights)
    judged, actual = None, None
    if kind == "number":
        if positive is not None:
            raise invalid_parameter(of, "positive", "left out for amounts, which have no classes", repr(positive))
        actual = numbers(str(outcome) if isinstance(outcome, str) else "outcome", values)
        known: npt.NDArray[Any] = actual
    else:
        judged = outcome_of(of, values, positive, given)
        known = judged.values().astype(np.int64)
    aside = [name for name in (outcome, date) if isinstance(name, str)]
    # As for learners: what is handed over is not to be learned from, even if it is a column too.
    aside += [str(one.name) for one in (outcome, date, weights) if is_column_of(data, one)]
    columns, names = judged_columns(data, aside, features, is_estimator(fit))
    if rows_in(columns) != len(known):
        raise invalid_parameter(of, "data", f"of {len(known)} rows, as the outcome", f"{rows_in(columns)} rows")
    rows_fit = RowsFit(fit, columns, names, known, given, kind)
    found = _backtest_scores(settings, numbered, rows_fit, judged, actual, given, kind == "probability")
    return found_of(json.loads(found), shown, data)


def _column(data: Any, what: str, given: Any) -> Any:
    """Find a column by its name, or take what was given as the column."""
    if not isinstance(given, str):
        return given
    if isinstance(data, np.ndarray):
        raise invalid_parameter(
            "backtest", what, "an array where the data is one, whose columns have no names", repr(given)
        )
    check_present([given], column_names(data))
    return data[given]


def _limits(limits: Any) -> BacktestLimits:
    if limits is None:
        return BacktestLimits()
    if isinstance(limits, BacktestLimits):
        return limits
    raise invalid_parameter("backtest", "limits", "a `BacktestLimits`", repr(limits))


def _schedule(
    of: str, every: Any, score_every: Any, horizon: Any, gap: Any, window: Any, outcome_known_after: Any, first: Any
) -> dict[str, Any]:
    spans = {"score_every": score_every, "horizon": horizon, "window": window}
    is_day = first is None or (isinstance(first, (int, float, np.number)) and not isinstance(first, bool))
    return {
        "every": _span(of, "every", every),
        "gap": _span(of, "gap", gap),
        "outcome_known_after": _span(of, "outcome_known_after", outcome_known_after),
        **{name: None if span is None else _span(of, name, span) for name, span in spans.items()},
        "first": None if first is None else real(of, "first", first) if is_day else day_of(of, "first", first),
    }


def _span(of: str, name: str, span: Any) -> float:
    """Read a span of time as days."""
    if isinstance(span, str):
        found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([dw])\s*", span)
        if found is None:
            raise invalid_parameter(of, name, "days as a number, or a text such as 90d or 12w", repr(span))
        days = float(found[1]) * (7 if found[2] == "w" else 1)
    elif isinstance(span, datetime.timedelta):
        days = span / datetime.timedelta(days=1)
    elif isinstance(span, np.timedelta64):
        days = float(span / np.timedelta64(1, "D"))
    else:
        days = real(of, name, span)
    if not abs(days) <= _LONGEST:
        raise invalid_parameter(of, name, f"a span of at most {_LONGEST} days", repr(span))
    return days


def _days(values: Any) -> tuple[Any, Callable[[float], Any]]:
    """Count the days, and say how a day is shown: as a date where dates were given."""
    column = column_of("date", values)
    dated = isinstance(column, tuple) and isinstance(column[1], str)
    return numbers("date", values), _date if dated else float


def _date(day: float) -> np.datetime64:
    return np.datetime64(math.floor(day), "D")
