"""Do those who leave first have the highest risk?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tierwise._frames import Floats, numbers
from tierwise._parameters import invalid_parameter, real
from tierwise._tierwise import Outcome
from tierwise._tierwise import concordance as _concordance
from tierwise._tierwise import concordance_ipcw as _concordance_ipcw
from tierwise.evaluate._decisions import number_of
from tierwise.evaluate._given import outcome_of


@dataclass(frozen=True)
class Concordance:
    """How often the higher risk had the event first; made by :func:`concordance` and :func:`concordance_ipcw`."""

    value: float
    standard_error: float
    low: float
    high: float
    concordant: float
    discordant: float
    tied_risk: float
    tied_time: float
    confidence: float


def concordance(
    duration: Any,
    event: Any,
    risk: Any,
    *,
    positive: Any = None,
    weights: Any = None,
    confidence: float = 0.95,
) -> Concordance:
    """Give Harrell's concordance index: how often the higher risk had the event first, where that is known.

    A pair is compared when the one with the shorter duration had the event; one who was lost from sight (censored) at
    the very time of an event counts as longer. Not compared are two events at the same time, and pairs in which the
    shorter duration is censored. Equal risks count one half. So it is in lifelines, scikit-survival and R's
    ``survival``.

    Parameters
    ----------
    duration : array or series
        How long until the event, or until the customer was last seen: a finite number from 0 upwards.
    event : array or series
        Whether it ended with the event: booleans, ones and zeros, or labels.
    risk : array or series
        One number per row; the higher, the sooner the event is expected. Negate a predicted duration: lifelines'
        ``concordance_index`` takes those.
    positive : object, optional
        The label that means the event; may be left out for booleans and for ones and zeros.
    weights : array, optional
        How many customers each row stands for.
    confidence : float
        Of the interval, which is symmetric in log-odds.

    Returns
    -------
    Concordance
        ``value``, ``standard_error`` (infinitesimal jackknife, as in R), ``low``, ``high``; ``concordant``,
        ``discordant`` and ``tied_risk`` pairs; ``tied_time``: pairs of events at the same time, not compared.

    Raises
    ------
    NotEnoughDataError
        When no pair can be compared.
    InvalidValueError
        For a duration that is negative or unknown, and for a risk that is unknown; it names the row.

    Examples
    --------
    >>> import tierwise as tw
    >>> found = tw.evaluate.concordance([1, 2, 2, 4], [1, 1, 0, 1], [.9, .4, .1, .6])
    >>> found.concordant, found.discordant, found.value
    (4.0, 1.0, 0.8)
    """
    level = real("concordance", "confidence", confidence)
    known = outcome_of("concordance", event, positive, weights, "event")
    return Concordance(*_concordance(numbers("duration", duration), known, numbers("risk", risk), level), level)


def concordance_ipcw(
    duration: Any,
    event: Any,
    risk: Any,
    *,
    until: float | None = None,
    censoring: tuple[Any, Any] | tuple[Any, Any, Any] | None = None,
    positive: Any = None,
    weights: Any = None,
    confidence: float = 0.95,
) -> Concordance:
    """Give Uno's concordance index, which does not depend on who was lost from sight.

    Pairs count by one over the square of the chance of not being censored up to the event that comes first. It is
    assumed that who is censored has nothing to do with the risk. Late pairs have large weights: choose ``until`` so
    that enough customers are still seen there. The same as scikit-survival's ``concordance_index_ipcw``.

    Parameters
    ----------
    duration, event, risk, positive, weights, confidence
        As for :func:`concordance`.
    until : float, optional
        Only pairs whose first event comes before it are compared; also called tau.
    censoring : (duration, event) or (duration, event, weights), optional
        Of the customers from whom the chance of being censored is estimated (Kaplan & Meier); those at hand, with their
        weights, unless given.

    Returns
    -------
    Concordance
        As :func:`concordance`, with sums of weights in the place of numbers of pairs. The standard error takes the
        chance of being censored as known.

    Raises
    ------
    InvalidParameterError
        For ``until`` when an event before it lies where nobody is known to be seen. And the errors of
        :func:`concordance`.

    Examples
    --------
    >>> import tierwise as tw
    >>> duration, left = [1, 2, 2, 4, 5], [1, 1, 0, 1, 0]
    >>> round(tw.evaluate.concordance_ipcw(duration, left, [.9, .4, .1, .6, .2], until=4.5).value, 4)
    0.8269
    """
    of = "concordance_ipcw"
    level = real(of, "confidence", confidence)
    known = outcome_of(of, event, positive, weights, "event")
    seen = numbers("duration", duration)
    if censoring is None:
        censoring_duration, censored = seen, known
    else:
        censoring_duration, censored = _censoring_of(of, censoring, positive)
    end = None if until is None else number_of(of, "until", until)
    found = _concordance_ipcw(seen, known, numbers("risk", risk), censoring_duration, censored, end, level)
    return Concordance(*found, level)


def _censoring_of(of: str, censoring: Any, positive: Any) -> tuple[Floats, Outcome]:
    if not isinstance(censoring, (tuple, list)) or len(censoring) not in (2, 3):
        must_be = "a tuple (duration, event) or (duration, event, weights)"
        raise invalid_parameter(of, "censoring", must_be, f"a {type(censoring).__name__}")
    duration, event, weights = (*censoring, None)[:3]
    censored = outcome_of(of, event, positive, weights, "event of censoring")
    return numbers("duration of censoring", duration), censored
