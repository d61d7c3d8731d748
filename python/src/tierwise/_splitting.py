"""Which rows to learn from and which to judge on; what users type is re-exported by ``tierwise.learn``."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from tierwise._feature import Feature
from tierwise._frames import column_of, numbers, series_like
from tierwise._parameters import day_of, invalid_parameter, real, whole, yes_no
from tierwise._tierwise import Table
from tierwise._tierwise import grouped_folds as _grouped_folds
from tierwise._tierwise import grouped_split as _grouped_split
from tierwise._tierwise import out_of_fold as _out_of_fold
from tierwise._tierwise import stratified_folds as _stratified_folds
from tierwise._tierwise import time_folds as _time_folds
from tierwise._tierwise import time_split as _time_split
from tierwise._tierwise import train_test_split as _train_test_split
from tierwise._training import Training, training_of

if TYPE_CHECKING:
    from tierwise._learning import Learner

__all__ = ["grouped_folds", "out_of_fold", "stratified_folds", "time_folds", "time_split", "train_test_split"]

Rows = npt.NDArray[np.int64]
Fold = tuple[Rows, Rows]

MOST_SEEDS = 2**64 - 1


def stratified_folds(outcome: Any, folds: int = 5, seed: int = 0, repeats: int = 1) -> list[Fold]:
    """Deal the rows out to folds by lot, either class as evenly as can be.

    The rows of a class differ by at most one between folds, and so do all rows together. Every row is tested once per
    repetition. The same seed gives the same folds on every machine.

    Parameters
    ----------
    outcome : array or series
        One of two labels per row.
    folds : int
        The number of folds, at least 2.
    seed : int
        The same seed gives the same folds.
    repeats : int
        How often to deal, each time with other lots.

    Returns
    -------
    list of (array, array)
        The rows to learn from and the rows to judge on, counted from 0 and ascending, for each fold; also what
        scikit-learn takes as ``cv=``.

    Raises
    ------
    NotEnoughDataError
        When a class has fewer rows than there are folds.
    InvalidOutcomeError
        When there are more than two labels.

    Examples
    --------
    >>> import tierwise as tw
    >>> left = ["yes", "no", "no", "no"] * 5
    >>> folds = tw.learn.stratified_folds(left, folds=5)
    >>> [sum(left[row] == "yes" for row in test) for _, test in folds]
    [1, 1, 1, 1, 1]
    """
    of = "stratified_folds"
    sizes = whole(of, "folds", folds, 2, 1_000_000), whole(of, "repeats", repeats, 1, 1_000_000)
    return _stratified_folds(*_labels(outcome), *sizes, whole(of, "seed", seed, 0, MOST_SEEDS))


def grouped_folds(groups: Any, outcome: Any = None, folds: int = 5, seed: int = 0) -> list[Fold]:
    """Deal whole groups out to folds, so that no customer is both learned from and judged on.

    Folds are as equal in rows as the groups allow; with an outcome, in rows of either class.

    Parameters
    ----------
    groups : array or series
        Who each row is about: texts or whole numbers.
    outcome : array or series, optional
        One of two labels per row.
    folds : int
        The number of folds, at least 2.
    seed : int
        The same seed gives the same folds.

    Returns
    -------
    list of (array, array)
        As :func:`stratified_folds`.

    Raises
    ------
    NotEnoughDataError
        When there are fewer groups than folds.

    Examples
    --------
    >>> import tierwise as tw
    >>> customers = ["mia", "ben", "mia", "zoe", "ben", "kai"]
    >>> for train, test in tw.learn.grouped_folds(customers, folds=2):
    ...     print({customers[row] for row in train} & {customers[row] for row in test})
    set()
    set()
    """
    of = "grouped_folds"
    size, lot = whole(of, "folds", folds, 2, 1_000_000), whole(of, "seed", seed, 0, MOST_SEEDS)
    return _grouped_folds(_codes(groups), *_labels_if_any(outcome), size, lot)


def train_test_split(outcome: Any, share: float = 0.2, seed: int = 0, *, groups: Any = None) -> Fold:
    """Set a share of the rows aside for a test, the same share of either class.

    Parameters
    ----------
    outcome : array or series
        One of two labels per row; ``None`` where only the groups count.
    share : float
        The share of the rows that are to be tested, between 0 and 1.
    seed : int
        The same seed gives the same rows.
    groups : array or series, optional
        Who each row is about; then whole groups are set aside, and the shares are met as nearly as they allow.

    Returns
    -------
    (array, array)
        The rows to learn from and the rows to judge on, counted from 0 and ascending.

    Raises
    ------
    NotEnoughDataError
        When one side would be without rows of a class, or without groups.

    Examples
    --------
    >>> import tierwise as tw
    >>> train, test = tw.learn.train_test_split(["yes", "no", "no", "no"] * 10, share=0.2)
    >>> len(train), len(test)
    (32, 8)
    """
    of = "train_test_split"
    part, lot = real(of, "share", share), whole(of, "seed", seed, 0, MOST_SEEDS)
    if groups is not None:
        return _grouped_split(_codes(groups), *_labels_if_any(outcome), part, lot)
    if outcome is None:
        raise invalid_parameter(of, "outcome", "one label per row, unless `groups` are given", "None")
    return _train_test_split(*_labels(outcome), part, lot)


def time_split(days: Any, *, at: Any, gap: float = 0) -> Fold:
    """Learn from rows before a day, judge on rows from that day on.

    Rows in the last ``gap`` days before it are left out: set it to the span of time that an outcome takes to show, or
    the model learns from outcomes that nobody knew on that day.

    Parameters
    ----------
    days : array or series
        The day of each row: dates, instants, or days since 1970-01-01.
    at : date, str or int
        The first day of the test.
    gap : float
        Days before it that are left out.

    Returns
    -------
    (array, array)
        The rows to learn from and the rows to judge on, counted from 0 and ascending.

    Raises
    ------
    InvalidValueError
        With the row for a day that is not known.
    NotEnoughDataError
        When one side has no row.

    Examples
    --------
    >>> import numpy as np
    >>> import tierwise as tw
    >>> days = np.array(["2024-01-10", "2024-03-01", "2024-01-31", "2024-02-20"], dtype="datetime64[D]")
    >>> tw.learn.time_split(days, at="2024-02-15", gap=20)
    (array([0]), array([1, 3]))
    """
    first = float(day_of("time_split", "at", at))
    return _time_split(numbers("days", days), first, real("time_split", "gap", gap))


def time_folds(
    days: Any, *, horizon: float, folds: int = 5, gap: float = 0, longest_training: float | None = None
) -> list[Fold]:
    """Judge windows that follow one another in time by what lies before each.

    Parameters
    ----------
    days : array or series
        The day of each row: dates, instants, or days since 1970-01-01.
    horizon : float
        The length of each window in days. The last one ends with the day of the last row.
    folds : int
        The number of windows, at least 1.
    gap : float
        Days before each window that are left out; see :func:`time_split`.
    longest_training : float, optional
        Learn from so many days at most (rolling); without it from everything before (expanding).

    Returns
    -------
    list of (array, array)
        As :func:`stratified_folds`, earliest first.

    Raises
    ------
    InvalidValueError
        With the row for a day that is not known.
    NotEnoughDataError
        For a window without a row to judge on, or to learn from.

    Examples
    --------
    >>> import tierwise as tw
    >>> [(train.tolist(), test.tolist()) for train, test in tw.learn.time_folds(range(8), horizon=2, folds=2, gap=1)]
    [([0, 1, 2], [4, 5]), ([0, 1, 2, 3, 4], [6, 7])]
    """
    of = "time_folds"
    longest = None if longest_training is None else real(of, "longest_training", longest_training)
    values = numbers("days", list(days) if isinstance(days, range) else days)
    windows = real(of, "horizon", horizon), whole(of, "folds", folds, 1, 1_000_000), real(of, "gap", gap)
    return _time_folds(values, *windows, longest)


def out_of_fold(
    learner: Learner[Any],
    data: Any,
    outcome: Any,
    *,
    positive: Any,
    folds: int | Iterable[tuple[Any, Any]] = 5,
    seed: int = 0,
    features: Sequence[Feature | str] | None = None,
    categories: Sequence[str] = (),
    weights: Any = None,
    offsets: Any = None,
    probability: bool = False,
    progress: Callable[[int, int, float], object] | None = None,
) -> Any:
    """Score each row by a model that did not see it: what calibration, thresholds and honest figures need.

    Features are read off the whole table once, so that all folds know the same levels.

    Parameters
    ----------
    learner : Logistic, tierwise.cross_sell.Propensity, tierwise.churn.Risk, ...
        What learns; each fold has a model of its own.
    data : data frame, dict of columns, or 2-d array
        One row per customer.
    outcome : array or str
        One label per row, or the name of the column of ``data`` that holds them.
    positive : object
        The label whose probability is learned. It is named, never guessed.
    folds : int or iterable of (array, array)
        How many stratified folds, or the rows to learn from and to judge on for each fold: those of
        :func:`grouped_folds` and :func:`time_folds`, or of a splitter of scikit-learn.
    seed : int
        Of the stratified folds, where ``folds`` is a number.
    features, categories, weights, offsets : as in :meth:`Logistic.fit`
        What to learn from.
    probability : bool
        Whether to return probabilities instead of scores (log-odds).
    progress : callable, optional
        Called with fold, number of folds and objective after each step of each fit; what it raises stops the fits.

    Returns
    -------
    series, array
        One score per row, of the same kind as ``data``. The mean where a row is tested several times, NaN where never.

    Raises
    ------
    InvalidParameterError
        For folds that test rows they learn from, or name rows that are not there.
    OneClassError, SeparationError, ...
        What a fit refuses.

    Examples
    --------
    >>> import tierwise as tw
    >>> leads = {"visits": [0, 1, 2, 3, 4, 5] * 10}
    >>> won = ["no", "no", "no", "yes", "no", "yes"] * 10
    >>> tw.learn.out_of_fold(tw.learn.Logistic(), leads, won, positive="yes", probability=True)[:6].round(1)
    array([0. , 0.1, 0.2, 0.3, 0.6, 0.8])
    """
    of = "out_of_fold"
    as_probability = yes_no(of, "probability", probability)
    if not hasattr(learner, "_spec"):
        raise invalid_parameter(of, "learner", "a learner of tierwise", repr(learner))
    training = training_of(data, outcome, features=features, categories=categories, weights=weights, offsets=offsets)
    rows = folds_of(of, folds, seed, training)
    spec = json.dumps(learner._spec())
    scores = _out_of_fold(spec, *training.fit(positive), rows, as_probability, progress)
    return series_like(data, "probability" if as_probability else "score", scores)


def folds_of(of: str, folds: Any, seed: int, training: Training) -> list[Fold]:
    """Deal stratified folds where a number is given, or read the rows of each."""
    if isinstance(folds, (int, np.integer)):
        sizes = whole(of, "folds", folds, 2, 1_000_000), 1, whole(of, "seed", seed, 0, MOST_SEEDS)
        return _stratified_folds(training.labels, training.name, *sizes)
    return _rows_of(of, folds)


def _rows_of(of: str, folds: Any) -> list[Fold]:
    must_be = "a number of folds, or pairs of arrays of row numbers"
    if isinstance(folds, str) or not isinstance(folds, Iterable):
        raise invalid_parameter(of, "folds", must_be, repr(folds))
    pairs = []
    for fold in folds:
        sides = [np.asarray(side) for side in fold] if isinstance(fold, (tuple, list)) else []
        if len(sides) != 2 or any(side.ndim != 1 or (side.size and side.dtype.kind not in "iu") for side in sides):
            raise invalid_parameter(of, "folds", must_be, repr(fold))
        pairs.append((sides[0].astype(np.int64), sides[1].astype(np.int64)))
    return pairs


def _labels(outcome: Any) -> tuple[Table, str]:
    name = str(getattr(outcome, "name", None) or "outcome")
    return Table.from_columns([(name, column_of(name, outcome))]), name


def _labels_if_any(outcome: Any) -> tuple[Table | None, str]:
    return (None, "outcome") if outcome is None else _labels(outcome)


def _codes(groups: Any) -> npt.NDArray[np.uint32]:
    name = str(getattr(groups, "name", None) or "groups")
    return Table.from_columns([(name, column_of(name, groups))]).keys(name)[0]
