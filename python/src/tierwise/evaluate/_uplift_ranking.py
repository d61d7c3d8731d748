"""A prediction of uplift, sorted once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from tierwise._frames import Floats, column_of, numbers
from tierwise._parameters import one_of, real, whole
from tierwise._tierwise import Outcome
from tierwise._tierwise import UpliftRanking as _UpliftRanking
from tierwise.evaluate._given import holds_numbers, outcome_of

Normalisation = Literal["perfect", "perfect_without_harm", "overall", "per_customer"]
EmptyArm = Literal["zero", "interpolate"]
Places = Literal["overall", "arm"]

NORMALISATIONS = ["perfect", "perfect_without_harm", "overall", "per_customer"]


@dataclass(frozen=True)
class UpliftArea:
    """The area of a curve in one number; made by :func:`qini` and :func:`auuc`."""

    value: float
    area: float
    normalisation: str
    empty_arm: str


@dataclass(frozen=True)
class UpliftAt:
    """What the treatment did at the top of the list; made by :func:`uplift_at`."""

    share: float
    highest: float = field(repr=False)
    lowest: float = field(repr=False)
    mean_predicted: float = field(repr=False)
    treated: float
    control: float
    treated_mean: float
    control_mean: float
    uplift: float
    standard_error: float
    low: float
    high: float


@dataclass(frozen=True)
class UpliftHeterogeneity:
    """The test of no heterogeneity; made by :func:`uplift_heterogeneity`."""

    statistic: float
    degrees_of_freedom: int
    p_value: float
    mean_uplift: float
    first_less_last: float
    standard_error: float


class UpliftRanking:
    """A prediction of uplift, sorted once, with what came of the treated and of the controls.

    Use it where several figures of one prediction are wanted; the functions of this module sort anew each. Who was
    treated must have been drawn by lot; otherwise the figures measure who was chosen. Rows of equal predictions stand
    together: a curve runs straight across them, and a share that ends among them gets its part.

    Parameters
    ----------
    outcome : array or series
        What happened: yes or no (booleans, ones and zeros, or labels of which ``positive`` is meant), or a number per
        row, such as spend.
    uplift : array or series
        What was predicted, one finite number per row, of any scale; the higher, the more is expected of the treatment.
    treatment : array or series
        Who was treated: booleans, ones and zeros, or two labels.
    treated : object, optional
        The label of the treated arm; may be left out for booleans and for ones and zeros.
    positive : object, optional
        The label of the outcome that is meant by yes, where it is one of two labels.
    weights : array, optional
        How many customers each row stands for.

    Raises
    ------
    NotEnoughDataError
        When one of the arms is missing.
    InvalidOutcomeError
        For three arms, or a label that does not occur: choose two arms first.
    InvalidValueError
        For an outcome or a prediction that is unknown; it names the row.

    Examples
    --------
    >>> import tierwise as tw
    >>> bought, said = [1, 0, 1, 0, 0, 1], [.9, .8, .7, .3, .2, .1]
    >>> segment = ["mail", "none", "mail", "none", "mail", "none"]
    >>> ranking = tw.evaluate.UpliftRanking(bought, said, segment, treated="mail")
    >>> ranking.qini_curve()["gain"]
    array([0., 1., 1., 2., 2., 2., 1.])
    >>> round(ranking.qini().value, 4)
    0.8462
    """

    def __init__(
        self,
        outcome: Any,
        uplift: Any,
        treatment: Any,
        *,
        treated: Any = None,
        positive: Any = None,
        weights: Any = None,
    ) -> None:
        self._ranking = _UpliftRanking(
            *trial_of("UpliftRanking", outcome, uplift, treatment, treated, positive, weights)
        )

    def __repr__(self) -> str:
        treated, control, effect = self._ranking.overall()
        return f"<tierwise.evaluate.UpliftRanking of {treated:g} treated and {control:g} controls, effect {effect:g}>"

    @property
    def overall(self) -> float:
        """The effect in all rows: the mean outcome of the treated less that of the controls."""
        return self._ranking.overall()[2]

    def qini_curve(self, *, empty_arm: EmptyArm = "zero") -> dict[str, Floats]:
        """Give Radcliffe's Qini curve, as :func:`qini_curve` does."""
        return self._ranking.curve(True, _interpolated("qini_curve", empty_arm))

    def uplift_curve(self, *, empty_arm: EmptyArm = "zero") -> dict[str, Floats]:
        """Give the uplift curve, as :func:`uplift_curve` does."""
        return self._ranking.curve(False, _interpolated("uplift_curve", empty_arm))

    def qini(self, normalisation: Normalisation = "perfect") -> UpliftArea:
        """Give the Qini coefficient, as :func:`qini` does."""
        one_of("qini", "normalisation", normalisation, NORMALISATIONS)
        value, area, empty_arm = self._ranking.area(True, normalisation)
        return UpliftArea(value, area, normalisation, empty_arm)

    def auuc(self, normalisation: Normalisation = "perfect") -> UpliftArea:
        """Give the area under the uplift curve, as :func:`auuc` does."""
        one_of("auuc", "normalisation", normalisation, NORMALISATIONS)
        value, area, empty_arm = self._ranking.area(False, normalisation)
        return UpliftArea(value, area, normalisation, empty_arm)

    def uplift_at(self, share: float, *, places: Places = "overall", confidence: float = 0.95) -> UpliftAt:
        """Give the uplift among the best share of the customers, as :func:`uplift_at` does."""
        by_arm, level = by_arm_of("uplift_at", places), real("uplift_at", "confidence", confidence)
        return UpliftAt(**self._ranking.uplift_at(real("uplift_at", "share", share), by_arm, level))

    def uplift_table(
        self, groups: int = 10, *, places: Places = "overall", confidence: float = 0.95
    ) -> dict[str, Floats]:
        """Give the uplift by equally large groups, as :func:`uplift_table` does."""
        by_arm, level = by_arm_of("uplift_table", places), real("uplift_table", "confidence", confidence)
        return self._ranking.uplift_table(_groups("uplift_table", groups), by_arm, level)

    def weighted_average_uplift(self, groups: int = 10, *, places: Places = "overall") -> float:
        """Average the uplift of equally large groups by their treated, as :func:`weighted_average_uplift` does."""
        of = "weighted_average_uplift"
        return self._ranking.weighted_average_uplift(_groups(of, groups), by_arm_of(of, places))

    def heterogeneity(self, groups: int = 5, *, places: Places = "overall") -> UpliftHeterogeneity:
        """Test whether the uplift differs along the list, as :func:`uplift_heterogeneity` does."""
        of = "heterogeneity"
        return UpliftHeterogeneity(*self._ranking.heterogeneity(_groups(of, groups), by_arm_of(of, places)))


def trial_of(
    of: str, outcome: Any, uplift: Any, treatment: Any, treated: Any, positive: Any, weights: Any
) -> tuple[Floats, Floats, Outcome]:
    """Read the outcome as numbers unless a label is meant, the prediction, and the arms with their weights."""
    if positive is None and holds_numbers(column_of("outcome", outcome)):
        came = numbers("outcome", outcome)
    else:
        came = outcome_of(of, outcome, positive, None).values()
    return came, numbers("uplift", uplift), outcome_of(of, treatment, treated, weights, "treatment")


def _interpolated(of: str, empty_arm: Any) -> bool:
    one_of(of, "empty_arm", empty_arm, ["zero", "interpolate"])
    return bool(empty_arm == "interpolate")


def by_arm_of(of: str, places: Any) -> bool:
    one_of(of, "places", places, ["overall", "arm"])
    return bool(places == "arm")


def _groups(of: str, groups: Any) -> int:
    return whole(of, "groups", groups, 1, 100_000)
