"""Does the treatment work best on those for whom that was predicted?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from tierwise._frames import Floats
from tierwise._parameters import one_of, real
from tierwise._tierwise import uplift_interval as _uplift_interval
from tierwise.evaluate._bootstrap import BootstrapInterval, interval_of, settings_of
from tierwise.evaluate._uplift_ranking import (
    NORMALISATIONS,
    EmptyArm,
    Normalisation,
    Places,
    UpliftArea,
    UpliftAt,
    UpliftHeterogeneity,
    UpliftRanking,
    by_arm_of,
    trial_of,
)


def qini_curve(
    outcome: Any,
    uplift: Any,
    treatment: Any,
    *,
    treated: Any = None,
    positive: Any = None,
    weights: Any = None,
    empty_arm: EmptyArm = "zero",
) -> dict[str, Floats]:
    """Give Radcliffe's Qini curve: extra outcomes among the treated, down the list.

    Parameters
    ----------
    outcome, uplift, treatment, treated, positive, weights
        As for :class:`UpliftRanking`.
    empty_arm : {"zero", "interpolate"}
        What stands where at the top of the list an arm has no customer yet: its outcome counts as 0 (scikit-uplift), or
        a straight line runs to the first place where both have some (causalml).

    Returns
    -------
    dict of arrays
        ``customers`` (0 first, then one place per distinct prediction), ``gain`` (the outcome of the treated less
        that of the controls brought to their number) and ``random`` (the straight line to the end).

    Raises
    ------
    NotEnoughDataError, InvalidValueError
        Those of :class:`UpliftRanking`.

    Examples
    --------
    >>> import tierwise as tw
    >>> tw.evaluate.qini_curve([1, 0, 1, 0], [4, 3, 2, 1], [1, 0, 1, 0])["gain"]
    array([0., 1., 1., 2., 2.])
    """
    ranking = UpliftRanking(outcome, uplift, treatment, treated=treated, positive=positive, weights=weights)
    return ranking.qini_curve(empty_arm=empty_arm)


def uplift_curve(
    outcome: Any,
    uplift: Any,
    treatment: Any,
    *,
    treated: Any = None,
    positive: Any = None,
    weights: Any = None,
    empty_arm: EmptyArm = "zero",
) -> dict[str, Floats]:
    """Give the uplift curve: extra outcomes if all down to a place were treated.

    Takes, returns and raises what :func:`qini_curve` does; ``gain`` is the difference of the arms' means times the
    number of customers (Gutierrez & Gérardy 2016).

    Examples
    --------
    >>> import tierwise as tw
    >>> tw.evaluate.uplift_curve([1, 0, 1, 0], [4, 3, 2, 1], [1, 0, 1, 0])["gain"]
    array([0., 1., 2., 3., 4.])
    """
    ranking = UpliftRanking(outcome, uplift, treatment, treated=treated, positive=positive, weights=weights)
    return ranking.uplift_curve(empty_arm=empty_arm)


def qini(
    outcome: Any,
    uplift: Any,
    treatment: Any,
    normalisation: Normalisation = "perfect",
    *,
    treated: Any = None,
    positive: Any = None,
    weights: Any = None,
) -> UpliftArea:
    """Give the Qini coefficient: the area between the Qini curve and the random line, as one number.

    Programs divide it by different things; compare only among equals. 0 is as good as random, below 0 is worse.

    Parameters
    ----------
    outcome, uplift, treatment, treated, positive, weights
        As for :class:`UpliftRanking`.
    normalisation : {"perfect", "perfect_without_harm", "overall", "per_customer"}
        ``"perfect"``: over the area of a perfect ranking, which puts treated buyers first and controls who bought last:
        Radcliffe's Q, scikit-uplift's ``qini_auc_score``. ``"perfect_without_harm"``: over that of one in which nobody
        is harmed: Radcliffe's q0, scikit-uplift with ``negative_effect=False``. ``"overall"``: the mean height over the
        effect in all rows: causalml's ``qini_score``. ``"per_customer"``: not divided, in the unit of the outcome:
        causalml's with ``normalize=False``.

    Returns
    -------
    UpliftArea
        ``value``; ``area`` (between curve and random line, not normalised: outcome times customers);
        ``normalisation``; ``empty_arm`` (``"zero"`` as in scikit-uplift, ``"interpolate"`` as in causalml).

    Raises
    ------
    InvalidParameterError
        Where the normalisation is not defined: the perfect curve encloses no area, or the treatment had no effect on
        the whole. And the errors of :class:`UpliftRanking`.

    Examples
    --------
    >>> import tierwise as tw
    >>> bought, said, mail = [1, 0, 1, 0, 1, 0], [6, 5, 4, 3, 2, 1], [1, 0, 1, 0, 0, 1]
    >>> tw.evaluate.qini(bought, said, mail)
    UpliftArea(value=0.743..., area=4.833..., normalisation='perfect', empty_arm='zero')
    >>> round(tw.evaluate.qini(bought, said, mail, "per_customer").value, 4)
    0.619
    """
    ranking = UpliftRanking(outcome, uplift, treatment, treated=treated, positive=positive, weights=weights)
    return ranking.qini(normalisation)


def auuc(
    outcome: Any,
    uplift: Any,
    treatment: Any,
    normalisation: Normalisation = "perfect",
    *,
    treated: Any = None,
    positive: Any = None,
    weights: Any = None,
) -> UpliftArea:
    """Give the area under the uplift curve (AUUC) as one number.

    Takes, returns and raises what :func:`qini` does. ``"perfect"`` is scikit-uplift's ``uplift_auc_score`` (above the
    random line; of yes and no only), ``"overall"`` and ``"per_customer"`` are causalml's ``auuc_score`` (above 0, so
    that a random order gets about one half). ``"perfect_without_harm"`` is defined for Qini only.

    Examples
    --------
    >>> import tierwise as tw
    >>> tw.evaluate.auuc([1, 0, 1, 0, 1, 0], [6, 5, 4, 3, 2, 1], [1, 0, 1, 0, 0, 1]).empty_arm
    'zero'
    """
    ranking = UpliftRanking(outcome, uplift, treatment, treated=treated, positive=positive, weights=weights)
    return ranking.auuc(normalisation)


def uplift_at(
    outcome: Any,
    uplift: Any,
    treatment: Any,
    share: float,
    *,
    treated: Any = None,
    positive: Any = None,
    weights: Any = None,
    places: Places = "overall",
    confidence: float = 0.95,
) -> UpliftAt:
    """Give the uplift among the share of the customers with the highest predictions, with its interval.

    Parameters
    ----------
    outcome, uplift, treatment, treated, positive, weights
        As for :class:`UpliftRanking`.
    share : float
        Of the customers, in (0, 1].
    places : {"overall", "arm"}
        Whether the share is counted among all rows or in each arm by itself: scikit-uplift's strategies ``overall`` and
        ``by_group``.
    confidence : float
        Of the interval.

    Returns
    -------
    UpliftAt
        ``share``, ``highest``, ``lowest`` and ``mean_predicted``, ``treated`` and ``control`` (how many),
        ``treated_mean``, ``control_mean``, ``uplift``, ``standard_error``, ``low`` and ``high``: of rates by Newcombe's
        score interval, of numbers by Welch's standard error.

    Raises
    ------
    NotEnoughDataError
        When an arm has nobody there. And the errors of :class:`UpliftRanking`.

    Examples
    --------
    >>> import tierwise as tw
    >>> top = tw.evaluate.uplift_at([1, 0, 1, 1, 0, 1], [6, 5, 4, 3, 2, 1], [1, 0, 1, 0, 1, 0], 0.5)
    >>> top.treated, top.control, top.uplift
    (2.0, 1.0, 1.0)
    """
    ranking = UpliftRanking(outcome, uplift, treatment, treated=treated, positive=positive, weights=weights)
    return ranking.uplift_at(share, places=places, confidence=confidence)


def uplift_table(
    outcome: Any,
    uplift: Any,
    treatment: Any,
    groups: int = 10,
    *,
    treated: Any = None,
    positive: Any = None,
    weights: Any = None,
    places: Places = "overall",
    confidence: float = 0.95,
) -> dict[str, Floats]:
    """Give the uplift by equally large groups, the highest predictions first, with intervals.

    A good prediction has uplift that falls from group to group.

    Takes and raises what :func:`uplift_at` does, with ``groups`` in the place of ``share``.

    Returns
    -------
    dict of arrays
        The fields of :func:`uplift_at` as columns; ``share`` is that down to the end of the group.

    Examples
    --------
    >>> import tierwise as tw
    >>> table = tw.evaluate.uplift_table([1, 0, 1, 1, 0, 1], [6, 5, 4, 3, 2, 1], [1, 0, 1, 0, 1, 0], groups=2)
    >>> table["uplift"]
    array([ 1., -1.])
    """
    ranking = UpliftRanking(outcome, uplift, treatment, treated=treated, positive=positive, weights=weights)
    return ranking.uplift_table(groups, places=places, confidence=confidence)


def weighted_average_uplift(
    outcome: Any,
    uplift: Any,
    treatment: Any,
    groups: int = 10,
    *,
    treated: Any = None,
    positive: Any = None,
    weights: Any = None,
    places: Places = "overall",
) -> float:
    """Average the uplift of equally large groups, weighted by their treated customers.

    Takes and raises what :func:`uplift_table` does; scikit-uplift's function of this name.

    Examples
    --------
    >>> import tierwise as tw
    >>> tw.evaluate.weighted_average_uplift([1, 0, 1, 1, 0, 1], [6, 5, 4, 3, 2, 1], [1, 0, 1, 0, 1, 0], groups=1)
    0.0
    """
    ranking = UpliftRanking(outcome, uplift, treatment, treated=treated, positive=positive, weights=weights)
    return ranking.weighted_average_uplift(groups, places=places)


def uplift_heterogeneity(
    outcome: Any,
    uplift: Any,
    treatment: Any,
    groups: int = 5,
    *,
    treated: Any = None,
    positive: Any = None,
    weights: Any = None,
    places: Places = "overall",
) -> UpliftHeterogeneity:
    """Test whether the uplift is the same in all groups by predicted uplift: Cochran's Q (1954).

    The prediction must not have been learned from these rows. A result that is not significant does not say that all
    customers react alike, only that this prediction does not tell who does.

    Takes what :func:`uplift_table` does.

    Returns
    -------
    UpliftHeterogeneity
        ``statistic`` (chi-square with ``degrees_of_freedom`` when nothing differs), ``p_value``, ``mean_uplift`` (each
        group weighted by one over its variance), ``first_less_last`` group and its ``standard_error``.

    Raises
    ------
    NotEnoughDataError
        For a group in which all of each arm had the same outcome: take fewer groups. And the errors of
        :func:`uplift_table`.

    Examples
    --------
    >>> import numpy as np
    >>> import tierwise as tw
    >>> rng = np.random.default_rng(1)
    >>> said, mail = rng.random(4000), rng.random(4000) < .5
    >>> bought = rng.random(4000) < .1 + .4 * said * mail
    >>> found = tw.evaluate.uplift_heterogeneity(bought, said, mail)
    >>> found.degrees_of_freedom, found.p_value < .001
    (4, True)
    """
    ranking = UpliftRanking(outcome, uplift, treatment, treated=treated, positive=positive, weights=weights)
    return ranking.heterogeneity(groups, places=places)


def uplift_interval(
    outcome: Any,
    uplift: Any,
    treatment: Any,
    figure: Literal["qini", "auuc", "uplift_at"],
    *,
    seed: int,
    treated: Any = None,
    positive: Any = None,
    weights: Any = None,
    normalisation: Normalisation = "perfect",
    share: float = 0.3,
    places: Places = "overall",
    replicates: int = 1000,
    confidence: float = 0.95,
    progress: Callable[[int, int, float], object] | None = None,
) -> BootstrapInterval:
    """Give a figure of uplift with its percentile interval, by drawing rows anew within each arm.

    As :func:`bootstrap`, stratified: the drawn rows of an arm are weighted to what it weighs. With ``"overall"`` the
    ends run away where the effect in all rows is not sure to differ from 0, by which it is divided.

    Parameters
    ----------
    outcome, uplift, treatment, treated, positive, weights
        As for :class:`UpliftRanking`.
    figure : {"qini", "auuc", "uplift_at"}
        The function that is computed.
    seed : int
        The same seed gives the same interval.
    normalisation, share, places
        As for these functions.
    replicates, confidence, progress
        As for :func:`bootstrap`.

    Returns
    -------
    BootstrapInterval
        ``value`` (of the rows at hand), ``low``, ``high``, ``standard_error``, ``confidence``, ``replicates``.

    Raises
    ------
    InvalidParameterError, NotEnoughDataError
        Those of the figure, and for settings outside their range.

    Examples
    --------
    >>> import tierwise as tw
    >>> bought, said, mail = [1, 0, 1, 1, 0, 1, 0, 0], [8, 7, 6, 5, 4, 3, 2, 1], [1, 0, 1, 0, 1, 0, 1, 0]
    >>> found = tw.evaluate.uplift_interval(bought, said, mail, "qini", seed=1)
    >>> found.low < found.value < found.high
    True
    """
    of = "uplift_interval"
    one_of(of, "figure", figure, ["qini", "auuc", "uplift_at"])
    one_of(of, "normalisation", normalisation, NORMALISATIONS)
    settings = settings_of(of, replicates, confidence, seed)
    found = _uplift_interval(
        *trial_of(of, outcome, uplift, treatment, treated, positive, weights),
        figure,
        normalisation,
        real(of, "share", share),
        by_arm_of(of, places),
        *settings,
        progress,
    )
    return interval_of(found, settings)
