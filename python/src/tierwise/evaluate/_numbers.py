"""How far off are predicted amounts, and who brings the money?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from tierwise._frames import Floats, numbers
from tierwise._parameters import one_of, real, whole
from tierwise._tierwise import decile_table as _decile_table
from tierwise._tierwise import number_figure as _number_figure
from tierwise._tierwise import number_figures as _number_figures
from tierwise._tierwise import number_interval as _number_interval
from tierwise._tierwise import spend_capture as _spend_capture
from tierwise.evaluate._bootstrap import BootstrapInterval, interval_of, settings_of
from tierwise.evaluate._ranking import DECILES

NumberFigure = Literal[
    "mean_absolute_error",
    "median_absolute_error",
    "root_mean_squared_error",
    "bias",
    "mean_absolute_percentage_error",
    "weighted_absolute_percentage_error",
    "r_squared",
    "pinball_loss",
    "spend_capture",
]

_FIGURES = list(NumberFigure.__args__)  # type: ignore[attr-defined]


@dataclass(frozen=True)
class NumberFigures:
    """The figures of predicted amounts; made by :func:`number_figures`. ``None`` where a figure is not defined."""

    rows: int
    weight: float
    mean_actual: float
    mean_predicted: float
    mean_absolute_error: float
    median_absolute_error: float
    root_mean_squared_error: float
    bias: float
    mean_absolute_percentage_error: float | None
    weighted_absolute_percentage_error: float | None
    r_squared: float | None


def number_figures(outcome: Any, predicted: Any, *, weights: Any = None) -> NumberFigures:
    """Give all figures of predicted amounts: spend, orders, days, whatever is a number.

    Parameters
    ----------
    outcome : array or series
        What came, one number per row, within ±1e100.
    predicted : array or series
        What was said, in the same unit.
    weights : array, optional
        How many customers each row stands for.

    Returns
    -------
    NumberFigures
        ``rows`` (that carry weight), ``weight``, ``mean_actual``, ``mean_predicted``, and the figures that functions of
        the same names give. ``mean_absolute_percentage_error`` is ``None`` where an outcome is 0,
        ``weighted_absolute_percentage_error`` where all are 0, ``r_squared`` where all are equal.

    Raises
    ------
    InvalidValueError
        For an outcome or a prediction that is unknown or too large; it names the row.
    WrongLengthError, EmptyTableError
        When there is nothing to compare.

    Examples
    --------
    >>> import tierwise as tw
    >>> found = tw.evaluate.number_figures([0, 10, 40], [5, 10, 30])
    >>> found.mean_absolute_error, round(found.bias, 3), found.weighted_absolute_percentage_error
    (5.0, -1.667, 0.3)
    >>> found.mean_absolute_percentage_error is None  # of an outcome of 0 there is no percentage
    True
    """
    return NumberFigures(**_number_figures(_amounts(outcome, predicted, weights)))


def mean_absolute_error(outcome: Any, predicted: Any, *, weights: Any = None) -> float:
    """Give the mean distance between prediction and outcome (MAE), in the unit of the outcome.

    Takes and raises what :func:`number_figures` does; the same as scikit-learn's ``mean_absolute_error``.

    Examples
    --------
    >>> import tierwise as tw
    >>> tw.evaluate.mean_absolute_error([1, 2, 6], [2, 3, 2])
    2.0
    """
    return _figure("mean_absolute_error", outcome, predicted, weights)


def median_absolute_error(outcome: Any, predicted: Any, *, weights: Any = None) -> float:
    """Give the median distance between prediction and outcome, which a few customers far off do not move.

    Takes and raises what :func:`number_figures` does; the same as scikit-learn's ``median_absolute_error``.

    Examples
    --------
    >>> import tierwise as tw
    >>> tw.evaluate.median_absolute_error([1, 2, 600], [2, 2, 2])
    1.0
    """
    return _figure("median_absolute_error", outcome, predicted, weights)


def root_mean_squared_error(outcome: Any, predicted: Any, *, weights: Any = None) -> float:
    """Give the root of the mean squared error (RMSE), in the unit of the outcome: a few large errors rule it.

    Takes and raises what :func:`number_figures` does; the same as scikit-learn's ``root_mean_squared_error``.

    Examples
    --------
    >>> import tierwise as tw
    >>> tw.evaluate.root_mean_squared_error([1, 2, 0, 0], [4, 6, 0, 0])
    2.5
    """
    return _figure("root_mean_squared_error", outcome, predicted, weights)


def bias(outcome: Any, predicted: Any, *, weights: Any = None) -> float:
    """Give the mean of prediction less outcome: above 0 where too much is promised.

    Takes and raises what :func:`number_figures` does.

    Examples
    --------
    >>> import tierwise as tw
    >>> tw.evaluate.bias([1, 3], [2, 4])
    1.0
    """
    return _figure("bias", outcome, predicted, weights)


def mean_absolute_percentage_error(outcome: Any, predicted: Any, *, weights: Any = None) -> float:
    """Give the mean of the distance over the outcome (MAPE), as a share: 0.1 for 10 %.

    It punishes too much more than too little, so the forecast that makes it smallest is too low.

    Takes what :func:`number_figures` does; the same as scikit-learn's ``mean_absolute_percentage_error`` where no
    outcome is 0.

    Raises
    ------
    InvalidValueError
        For an outcome of 0, of which there is no percentage; it names the row. Take
        :func:`weighted_absolute_percentage_error` then. And the errors of :func:`number_figures`.

    Examples
    --------
    >>> import tierwise as tw
    >>> tw.evaluate.mean_absolute_percentage_error([10, 20], [15, 15])
    0.375
    """
    return _figure("mean_absolute_percentage_error", outcome, predicted, weights)


def weighted_absolute_percentage_error(outcome: Any, predicted: Any, *, weights: Any = None) -> float:
    """Give the sum of the distances over the sum of the amounts (WAPE), as a share; outcomes of 0 do no harm.

    Takes what :func:`number_figures` does.

    Raises
    ------
    InvalidParameterError
        Where all outcomes are 0; and the errors of :func:`number_figures`.

    Examples
    --------
    >>> import tierwise as tw
    >>> tw.evaluate.weighted_absolute_percentage_error([10, 0, 30], [15, 5, 20])
    0.5
    """
    return _figure("weighted_absolute_percentage_error", outcome, predicted, weights)


def r_squared(outcome: Any, predicted: Any, *, weights: Any = None) -> float:
    """Give the share of the outcome's variance that the prediction explains.

    1 is perfect, 0 is as good as the mean of these very rows, below 0 is worse. Takes what :func:`number_figures`
    does; the same as scikit-learn's ``r2_score`` where the outcome varies.

    Raises
    ------
    InvalidParameterError
        Where all outcomes are equal; and the errors of :func:`number_figures`.

    Examples
    --------
    >>> import tierwise as tw
    >>> tw.evaluate.r_squared([1, 2, 3], [1, 2, 2])
    0.5
    """
    return _figure("r_squared", outcome, predicted, weights)


def pinball_loss(outcome: Any, predicted: Any, quantile: float, *, weights: Any = None) -> float:
    """Give the loss of a predicted quantile; at 0.5 it is half the mean absolute error.

    Parameters
    ----------
    outcome, predicted, weights
        As for :func:`number_figures`.
    quantile : float
        The share of the customers who were to stay below what was said, in (0, 1).

    Returns
    -------
    float
        The mean of ``quantile * (outcome - predicted)`` where too little was said, and of
        ``(1 - quantile) * (predicted - outcome)`` where too much; scikit-learn's ``mean_pinball_loss``.

    Raises
    ------
    InvalidParameterError
        For a quantile outside (0, 1); and the errors of :func:`number_figures`.

    Examples
    --------
    >>> import tierwise as tw
    >>> round(tw.evaluate.pinball_loss([1, 2], [2, 0], .9), 4)
    0.95
    """
    return _figure("pinball_loss", outcome, predicted, weights, real("pinball_loss", "quantile", quantile))


def spend_capture(outcome: Any, predicted: Any, shares: Any = DECILES, *, weights: Any = None) -> dict[str, Floats]:
    """Say what the customers with the highest predicted amounts bring, and what the best possible choice would.

    Parameters
    ----------
    outcome, predicted, weights
        As for :func:`number_figures`; outcomes may be negative (returned goods) as long as their sum is above 0.
    shares : sequence of float
        Of the customers, in (0, 1]; tenths unless given.

    Returns
    -------
    dict of arrays
        ``share`` (which is also what a random order brings), ``weight`` (how many customers), ``cut`` (the lowest
        prediction among them), ``amount`` (what they brought), ``capture`` (their share of the whole), ``oracle`` (the
        share that as many would have brought, had the outcome been known), ``of_oracle`` (``capture / oracle``) and
        ``lift`` (``capture / share``). Of equal predictions at the cut the part that a random order would give.

    Raises
    ------
    InvalidParameterError
        For a share outside (0, 1] and amounts whose sum is not above 0; and the errors of :func:`number_figures`.

    Examples
    --------
    >>> import tierwise as tw
    >>> top = tw.evaluate.spend_capture([60, 0, 30, 10], [5, 1, 2, 3], [.25, .5])
    >>> top["capture"], top["oracle"]
    (array([0.6, 0.7]), array([0.6, 0.9]))
    """
    return _spend_capture(_amounts(outcome, predicted, weights), numbers("shares", shares).tolist())


def decile_table(outcome: Any, predicted: Any, groups: int = 10, *, weights: Any = None) -> dict[str, Any]:
    """Compare predicted and actual amounts in equally large groups, the highest predictions first.

    A good prediction has means that agree within each group and fall from group to group.

    Parameters
    ----------
    outcome, predicted, weights
        As for :func:`number_figures`.
    groups : int
        Tenths unless given.

    Returns
    -------
    dict of arrays
        ``group`` (from 1), ``highest`` and ``lowest`` prediction, ``rows``, ``weight``, ``mean_predicted``,
        ``mean_actual``, ``sum_predicted``, ``sum_actual``, and ``cumulative_share`` of the outcome down to the group.
        ``pandas.DataFrame(table)`` shows it. Groups are equally large, so that of equal predictions (and of a row of
        large weight) a part may stand in each of two: the expected value over a random order.

    Raises
    ------
    InvalidParameterError
        For more groups than rows; and the errors of :func:`number_figures`.

    Examples
    --------
    >>> import tierwise as tw
    >>> table = tw.evaluate.decile_table([60, 0, 30, 10], [50, 1, 20, 30], groups=2)
    >>> table["mean_predicted"], table["mean_actual"], table["cumulative_share"]
    (array([40. , 10.5]), array([35., 15.]), array([0.7, 1. ]))
    """
    count = whole("decile_table", "groups", groups, 1, 100_000)
    table: dict[str, Any] = _decile_table(_amounts(outcome, predicted, weights), count)
    return table | {"group": table["group"].astype(np.int64)}


def number_interval(
    outcome: Any,
    predicted: Any,
    figure: NumberFigure,
    *,
    seed: int,
    weights: Any = None,
    quantile: float = 0.5,
    share: float = 0.1,
    replicates: int = 1000,
    confidence: float = 0.95,
    progress: Callable[[int, int, float], object] | None = None,
) -> BootstrapInterval:
    """Give a figure of predicted amounts with its percentile interval, by drawing rows anew as :func:`bootstrap` does.

    Spend is skewed: a few customers make most of it, and an interval that has not seen the next large one is too
    narrow. Trust none where a handful of rows make half of the sum.

    Parameters
    ----------
    outcome, predicted, weights
        As for :func:`number_figures`.
    figure : str
        The name of the function that is computed: ``"mean_absolute_error"``, ``"median_absolute_error"``,
        ``"root_mean_squared_error"``, ``"bias"``, ``"mean_absolute_percentage_error"``,
        ``"weighted_absolute_percentage_error"``, ``"r_squared"``, ``"pinball_loss"`` or ``"spend_capture"`` (its
        ``capture``).
    seed : int
        The same seed gives the same interval.
    quantile, share : float
        Of the pinball loss; of the spend capture.
    replicates, confidence, progress
        As for :func:`bootstrap`.

    Returns
    -------
    BootstrapInterval
        ``value`` (of the rows at hand), ``low``, ``high``, ``standard_error``, ``confidence``, ``replicates``.

    Raises
    ------
    InvalidParameterError, InvalidValueError
        Those of the figure, and for settings outside their range.

    Examples
    --------
    >>> import tierwise as tw
    >>> found = tw.evaluate.number_interval([1, 5, 2, 8, 4, 0], [2, 4, 2, 6, 5, 1], "mean_absolute_error", seed=1)
    >>> found.value, found.low < 1 < found.high
    (1.0, True)
    """
    one_of("number_interval", "figure", figure, _FIGURES)
    setting = (
        real("number_interval", "share", share)
        if figure == "spend_capture"
        else real("number_interval", "quantile", quantile)
    )
    settings = settings_of("number_interval", replicates, confidence, seed)
    found = _number_interval(_amounts(outcome, predicted, weights), figure, setting, *settings, progress)
    return interval_of(found, settings)


def _amounts(outcome: Any, predicted: Any, weights: Any) -> tuple[Floats, Floats, Floats | None]:
    given = None if weights is None else numbers("weights", weights)
    return numbers("outcome", outcome), numbers("predicted", predicted), given


def _figure(figure: str, outcome: Any, predicted: Any, weights: Any, setting: float = 0.0) -> float:
    return _number_figure(_amounts(outcome, predicted, weights), figure, setting)
