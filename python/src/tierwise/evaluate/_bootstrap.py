"""Intervals by drawing rows anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from tierwise._frames import Floats
from tierwise._parameters import one_of, real, whole
from tierwise._tierwise import bootstrap as _bootstrap
from tierwise.evaluate._given import By, bins_of, outcome_of, scores_of

Figure = Literal["roc_auc", "average_precision", "log_loss", "brier", "calibration_error"]


@dataclass(frozen=True)
class BootstrapInterval:
    """A figure with its interval; made by :func:`bootstrap`. ``replicates`` holds the figure of each replicate."""

    value: float
    low: float
    high: float
    standard_error: float
    confidence: float
    replicates: Floats = field(repr=False, compare=False)


def bootstrap(
    outcome: Any,
    score: Any,
    figure: Figure,
    *,
    seed: int,
    positive: Any = None,
    weights: Any = None,
    replicates: int = 1000,
    confidence: float = 0.95,
    clip: float = 0.0,
    bins: int = 10,
    by: By = "uniform",
    progress: Callable[[int, int, float], object] | None = None,
) -> BootstrapInterval:
    """Give a figure with its percentile interval, by drawing rows with replacement.

    Rows are sorted once and drawn by Poisson counts, so that a replicate is one pass over them; each has a stream of
    random numbers of its own, so the result does not depend on the number of threads. A row is drawn as often as a
    Poisson number with its weight as mean says. A replicate in which a ranking has one outcome only is drawn again.

    Parameters
    ----------
    outcome, score, positive, weights
        As for :class:`Ranking`; the score is a probability for the last three figures.
    figure : {"roc_auc", "average_precision", "log_loss", "brier", "calibration_error"}
        The function of this module that is computed.
    seed : int
        The same seed gives the same interval.
    replicates : int
        Below some hundreds the ends are rough.
    confidence : float
        The share of the replicates between the ends.
    clip : float
        As for :func:`log_loss`.
    bins, by
        As for :func:`calibration_error`, whose interval is biased upwards as the figure is.
    progress : callable, optional
        Told from time to time how many replicates are drawn, how many there will be, and the figure of the rows at
        hand; whatever it raises stops the work. So does Ctrl-C, with or without it.

    Returns
    -------
    BootstrapInterval
        ``value`` (of the rows at hand), ``low``, ``high``, ``standard_error``, ``confidence``, ``replicates``.

    Raises
    ------
    InvalidParameterError, InvalidValueError, OneClassError
        Those of the figure, and for settings outside their range; an infinite log-loss names its row.
    NotEnoughDataError
        Where the weights of the rows, or of a ranking those of either outcome, sum to 1 or less.

    Examples
    --------
    >>> import tierwise as tw
    >>> bought = [0, 0, 1, 1, 0, 1, 0, 1]
    >>> auc = tw.evaluate.bootstrap(bought, [.1, .4, .35, .8, .2, .6, .5, .3], "roc_auc", seed=1)
    >>> auc.low < auc.value < auc.high, len(auc.replicates)
    (True, 1000)
    """
    one_of("bootstrap", "figure", figure, ["roc_auc", "average_precision", "log_loss", "brier", "calibration_error"])
    count, quantile = bins_of("bootstrap", bins, by)
    settings = settings_of("bootstrap", replicates, confidence, seed)
    found = _bootstrap(
        outcome_of("bootstrap", outcome, positive, weights),
        scores_of(score),
        figure,
        real("bootstrap", "clip", clip),
        count,
        quantile,
        *settings,
        progress,
    )
    return interval_of(found, settings)


def settings_of(of: str, replicates: Any, confidence: Any, seed: Any) -> tuple[int, float, int]:
    """Check how often rows are drawn, what the interval is to hold, and the seed."""
    times = whole(of, "replicates", replicates, 2, 1_000_000)
    return times, real(of, "confidence", confidence), whole(of, "seed", seed, 0, 2**64 - 1)


def interval_of(
    found: tuple[float, float, float, float, Floats], settings: tuple[int, float, int]
) -> BootstrapInterval:
    """Name what the compiled module found."""
    value, low, high, standard_error, replicates = found
    return BootstrapInterval(value, low, high, standard_error, settings[1], replicates)
