"""Do probabilities mean what they say?"""

from __future__ import annotations

from typing import Any

import numpy as np

from tierwise._parameters import real
from tierwise._tierwise import brier as _brier
from tierwise._tierwise import calibration_error as _calibration_error
from tierwise._tierwise import calibration_table as _calibration_table
from tierwise._tierwise import log_loss as _log_loss
from tierwise.evaluate._given import By, bins_of, outcome_of, scores_of


def log_loss(outcome: Any, probability: Any, *, positive: Any = None, weights: Any = None, clip: float = 0.0) -> float:
    """Give the mean of ``-ln(p)`` of what happened, with ``p`` the probability that was given to it.

    Parameters
    ----------
    outcome : array or series
        What happened: booleans, ones and zeros, or labels. One outcome alone is enough, but of labels the positive one
        must occur.
    probability : array or series
        Of the positive class, from 0 to 1.
    positive : object, optional
        The label that is meant by yes; may be left out for booleans and for ones and zeros.
    weights : array, optional
        How many customers each row stands for.
    clip : float
        Keeps probabilities within ``[clip, 1 - clip]``. With 0 nothing is clipped, and one certainty that turned out
        wrong makes the loss infinite, which is what it is; scikit-learn clips at 2.2e-16, so that it costs 36.04.

    Returns
    -------
    float
        0 is perfect; ``ln 2`` is a coin.

    Raises
    ------
    InvalidValueError
        For a probability outside 0 to 1, for what is unknown, and for weights whose sum is beyond all measure; it names
        the row.

    Examples
    --------
    >>> import tierwise as tw
    >>> round(tw.evaluate.log_loss([1, 0, 1], [.9, .2, .5]), 4)
    0.3406
    >>> tw.evaluate.log_loss([1, 0, 1], [.9, 1, .5])
    inf
    """
    given = outcome_of("log_loss", outcome, positive, weights)
    return _log_loss(given, scores_of(probability), real("log_loss", "clip", clip))


def brier(outcome: Any, probability: Any, *, positive: Any = None, weights: Any = None) -> float:
    """Give the mean squared difference between probability and outcome.

    Takes and raises what :func:`log_loss` does; the same as scikit-learn's ``brier_score_loss``.

    Examples
    --------
    >>> import tierwise as tw
    >>> round(tw.evaluate.brier([1, 0, 1], [.9, .2, .5]), 4)
    0.1
    """
    return _brier(outcome_of("brier", outcome, positive, weights), scores_of(probability))


def calibration_table(
    outcome: Any,
    probability: Any,
    *,
    positive: Any = None,
    weights: Any = None,
    bins: int = 10,
    by: By = "uniform",
    confidence: float = 0.95,
) -> dict[str, Any]:
    """Compare the probabilities in bins with what happened there: the calibration curve with intervals.

    Parameters
    ----------
    outcome, probability, positive, weights
        As for :func:`log_loss`.
    bins : int
        How many; those without rows are left out.
    by : {"uniform", "quantile"}
        Bins of equal width from 0 to 1, or of about equal weight. A bin holds ``from < probability <= to``, the lowest
        also its lower end.
    confidence : float
        Of the intervals.

    Returns
    -------
    dict of arrays
        ``from``, ``to``, ``rows``, ``weight``, ``events``, ``mean_probability``, ``rate`` (the share of events),
        ``low`` and ``high`` (its interval by Jeffreys). ``pandas.DataFrame(table)`` shows it.

    Raises
    ------
    InvalidParameterError, InvalidValueError
        As :func:`log_loss`, and for bins or a confidence outside their range.

    Examples
    --------
    >>> import tierwise as tw
    >>> left = [0, 0, 1, 0, 1, 1]
    >>> table = tw.evaluate.calibration_table(left, [.1, .2, .2, .6, .7, .9], bins=2)
    >>> table["rows"].tolist(), table["mean_probability"].round(3).tolist(), table["rate"].round(3).tolist()
    ([3, 3], [0.167, 0.733], [0.333, 0.667])
    """
    count, quantile = bins_of("calibration_table", bins, by)
    given = outcome_of("calibration_table", outcome, positive, weights)
    share = real("calibration_table", "confidence", confidence)
    table: dict[str, Any] = _calibration_table(given, scores_of(probability), count, quantile, share)
    return table | {"rows": table["rows"].astype(np.int64)}


def calibration_error(
    outcome: Any,
    probability: Any,
    *,
    positive: Any = None,
    weights: Any = None,
    bins: int = 10,
    by: By = "uniform",
) -> float:
    """Give the expected calibration error: by how much the bins are off, in the mean over customers.

    With ``by="quantile"`` it is the adaptive one. It is never negative and grows with the number of bins: of a
    perfectly calibrated model it is above 0 by a quarter to a third of ``sqrt(bins / rows)``. Compare models on the
    same rows with the same bins only.

    Takes and raises what :func:`calibration_table` does.

    Examples
    --------
    >>> import tierwise as tw
    >>> round(tw.evaluate.calibration_error([0, 0, 1, 0, 1, 1], [.1, .2, .2, .6, .7, .9], bins=2), 4)
    0.1167
    """
    count, quantile = bins_of("calibration_error", bins, by)
    given = outcome_of("calibration_error", outcome, positive, weights)
    return _calibration_error(given, scores_of(probability), count, quantile)
