"""Why probabilities are off, by how much they would have to be bent, and whether that is chance."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tierwise._frames import Floats
from tierwise._parameters import real, whole, yes_no
from tierwise._tierwise import brier_parts as _brier_parts
from tierwise._tierwise import hosmer_lemeshow as _hosmer_lemeshow
from tierwise._tierwise import recalibration as _recalibration
from tierwise._tierwise import spiegelhalter as _spiegelhalter
from tierwise.evaluate._given import By, bins_of, outcome_of, scores_of


@dataclass(frozen=True)
class BrierParts:
    """The parts of a Brier score; made by :func:`brier_parts`.

    ``brier = reliability - resolution + uncertainty + within_bin_variance - within_bin_covariance``.
    """

    brier: float
    reliability: float
    resolution: float
    uncertainty: float
    within_bin_variance: float
    within_bin_covariance: float


@dataclass(frozen=True)
class Estimate:
    """An estimate with its standard error and interval."""

    value: float
    standard_error: float
    low: float
    high: float


@dataclass(frozen=True)
class Recalibration:
    """The logistic recalibration of probabilities; made by :func:`recalibration`."""

    slope: Estimate
    intercept: Estimate
    in_the_large: Estimate


@dataclass(frozen=True)
class HosmerLemeshow:
    """The test of Hosmer and Lemeshow; ``groups`` holds arrays ``weight``, ``events``, ``expected``."""

    statistic: float
    degrees_of_freedom: float
    p_value: float
    groups: dict[str, Floats] = field(repr=False, compare=False)


@dataclass(frozen=True)
class Spiegelhalter:
    """Spiegelhalter's test; above 0 the Brier score is worse than the probabilities let expect."""

    z: float
    p_value: float


def brier_parts(
    outcome: Any,
    probability: Any,
    *,
    positive: Any = None,
    weights: Any = None,
    bins: int = 10,
    by: By = "uniform",
) -> BrierParts:
    """Take a Brier score apart (Murphy 1973, with the terms of Stephenson et al. 2008 that make it add up).

    Takes and raises what :func:`calibration_table` does.

    Returns
    -------
    BrierParts
        ``reliability`` (how far the bins are off; 0 is best), ``resolution`` (how far they differ from the overall
        rate; more is better), ``uncertainty`` (the variance of the outcome, which no model can change), and what the
        bins hide: ``within_bin_variance`` and ``within_bin_covariance``.

    Examples
    --------
    >>> import tierwise as tw
    >>> parts = tw.evaluate.brier_parts([0, 0, 1, 0, 1, 1], [.1, .2, .2, .6, .7, .9], bins=5)
    >>> round(parts.reliability, 4), round(parts.resolution, 4), parts.uncertainty
    (0.0906, 0.1389, 0.25)
    """
    count, quantile = bins_of("brier_parts", bins, by)
    given = outcome_of("brier_parts", outcome, positive, weights)
    return BrierParts(*_brier_parts(given, scores_of(probability), count, quantile))


def recalibration(
    outcome: Any, probability: Any, *, positive: Any = None, weights: Any = None, confidence: float = 0.95
) -> Recalibration:
    """Fit by how much probabilities would have to be bent: calibration slope and intercept (Cox 1958).

    The outcome's log-odds are ``intercept + slope * log-odds of the probability``; calibration-in-the-large is the
    intercept when the slope is held at 1.

    Parameters
    ----------
    outcome, probability, positive, weights
        As for :func:`log_loss`; probabilities strictly between 0 and 1.
    confidence : float
        Of the intervals (Wald).

    Returns
    -------
    Recalibration
        ``slope`` (1 is right; below 1 the probabilities are too extreme, above 1 too timid), ``intercept``, and
        ``in_the_large`` (0 is right; above 0 it happens more often than was said); each with ``value``,
        ``standard_error``, ``low``, ``high``.

    Raises
    ------
    InvalidValueError
        For a probability of 0 or 1, whose log-odds are infinite; it names the row.
    OneClassError, NoVariationError, SeparationError
        When there is no slope, or an infinite one.

    Examples
    --------
    >>> import tierwise as tw
    >>> said = [.02, .03, .1, .4, .5, .9, .97, .99]
    >>> found = tw.evaluate.recalibration([0, 1, 0, 0, 1, 1, 0, 1], said)
    >>> round(found.slope.value, 2), round(found.in_the_large.value, 2)
    (0.19, 0.12)
    """
    given = outcome_of("recalibration", outcome, positive, weights)
    share = real("recalibration", "confidence", confidence)
    slope, intercept, in_the_large = _recalibration(given, scores_of(probability), share)
    return Recalibration(Estimate(*slope), Estimate(*intercept), Estimate(*in_the_large))


def hosmer_lemeshow(
    outcome: Any,
    probability: Any,
    *,
    same_rows_as_fit: bool,
    positive: Any = None,
    weights: Any = None,
    groups: int = 10,
) -> HosmerLemeshow:
    """Test calibration by groups of equal size (Hosmer & Lemeshow 1980).

    With many rows it rejects every model, with few none, and it depends on the number of groups: look at
    :func:`calibration_table` rather. Equal probabilities at a border are shared out in proportion.

    Parameters
    ----------
    outcome, probability, positive, weights
        As for :func:`log_loss`.
    same_rows_as_fit : bool
        Whether the model was fitted on these rows: then there are ``groups - 2`` degrees of freedom, else ``groups``.
    groups : int
        3 to 1000.

    Returns
    -------
    HosmerLemeshow
        ``statistic`` (infinite where something happened that was said to be impossible), ``degrees_of_freedom``,
        ``p_value``, ``groups``.

    Raises
    ------
    NotEnoughDataError
        For fewer customers than groups; and the errors of :func:`log_loss`.

    Examples
    --------
    >>> import tierwise as tw
    >>> said = [row / 100 + .005 for row in range(100)]
    >>> left = [row * 37 % 100 < row for row in range(100)]
    >>> test = tw.evaluate.hosmer_lemeshow(left, said, same_rows_as_fit=False)
    >>> test.degrees_of_freedom, test.p_value > .05
    (10.0, True)
    """
    count = whole("hosmer_lemeshow", "groups", groups, 3, 1000)
    same_rows = yes_no("hosmer_lemeshow", "same_rows_as_fit", same_rows_as_fit)
    given = outcome_of("hosmer_lemeshow", outcome, positive, weights)
    return HosmerLemeshow(*_hosmer_lemeshow(given, scores_of(probability), count, same_rows))


def spiegelhalter(outcome: Any, probability: Any, *, positive: Any = None, weights: Any = None) -> Spiegelhalter:
    """Test whether the Brier score is what the probabilities let expect (Spiegelhalter 1986); it needs no groups.

    Takes and raises what :func:`log_loss` does; and ``NoVariationError`` when all probabilities are 0, 0.5 or 1.

    Examples
    --------
    >>> import tierwise as tw
    >>> test = tw.evaluate.spiegelhalter([0, 1, 1, 0, 1], [.001, .002, .99, .003, .99])
    >>> test.p_value < .001
    True
    """
    given = outcome_of("spiegelhalter", outcome, positive, weights)
    return Spiegelhalter(*_spiegelhalter(given, scores_of(probability)))
