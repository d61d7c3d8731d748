"""Points for people: cards of log-odds on a scale on which so many points double the odds."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from tierwise._frames import numbers, series_like
from tierwise._models import from_json
from tierwise._parameters import invalid_parameter, real, records
from tierwise._settings import plain
from tierwise._tierwise import Model as CompiledModel
from tierwise._tierwise import card_in_points as _card_in_points
from tierwise._tierwise import scale_line as _scale_line
from tierwise._tierwise import scale_log_odds as _scale_log_odds
from tierwise._tierwise import scale_points as _scale_points

if TYPE_CHECKING:
    from tierwise.lead import Scorecard


class ScaledCard(NamedTuple):
    """A card of log-odds in points: rounded, unrounded, and by how much their scores differ at most."""

    rounded: Scorecard
    unrounded: Scorecard
    largest_drift: float


@dataclass(frozen=True, kw_only=True)
class PointsScale:
    """A scale of points on which so many points double the odds of the positive class; high is good for it.

    Score = ``points + points_to_double / ln 2 * (log_odds - ln(odds))`` (Siddiqi 2006, *Credit Risk Scorecards*).

    Parameters
    ----------
    points : float
        The points at ``odds``.
    odds : float
        Odds of the positive class (of winning, say), to 1; 1/19 is a probability of 5 %.
    points_to_double : float
        How many more points mean twice the odds.

    Examples
    --------
    >>> import numpy as np
    >>> import tierwise as tw
    >>> tw.lead.PointsScale().score(np.log([1 / 19, 2 / 19]))
    array([600., 650.])
    """

    points: float = 600.0
    odds: float = 1 / 19
    points_to_double: float = 50.0

    def score(self, log_odds: Any) -> Any:
        """Give the points of log-odds, one per value."""
        return series_like(log_odds, "points", _scale_points(self._parts(), numbers("log_odds", log_odds)))

    def log_odds(self, points: Any) -> Any:
        """Give the log-odds of points, one per value."""
        return series_like(points, "log_odds", _scale_log_odds(self._parts(), numbers("points", points)))

    @property
    def factor(self) -> float:
        """The points per unit of log-odds."""
        return _scale_line(self._parts())[0]

    @property
    def offset(self) -> float:
        """The points at log-odds of 0, that is at a probability of one half."""
        return _scale_line(self._parts())[1]

    def _parts(self) -> tuple[float, float, float]:
        of = "PointsScale"
        return (
            real(of, "points", self.points),
            real(of, "odds", self.odds),
            real(of, "points_to_double", self.points_to_double),
        )


class InPoints:
    """What every card of log-odds can do: write itself in points."""

    _model: CompiledModel

    def to_card(
        self,
        *,
        points: float = 600.0,
        odds: float = 1 / 19,
        points_to_double: float = 50.0,
        rounding: float = 1.0,
        grades: Mapping[str, float] | Sequence[Mapping[str, Any]] | None = None,
    ) -> ScaledCard:
        """Write the card in points.

        Rounding each answer's points makes sums drift, so the card comes back rounded and not, with the drift.

        Parameters
        ----------
        points, odds, points_to_double : float
            The scale: see :class:`PointsScale`.
        rounding : float
            Each answer's points are rounded to a multiple of this.
        grades : mapping or sequence of dict, optional
            Grade to lowest probability of the positive class, best first (the last grade's is ignored: it is open
            below), or bands as :class:`Scorecard` takes them. With grades the prerequisites of an expert card come
            along.

        Returns
        -------
        ScaledCard
            ``rounded`` and ``unrounded`` cards and the ``largest_drift`` between their scores.
        """
        scale = PointsScale(points=points, odds=odds, points_to_double=points_to_double)._parts()
        names: list[str] = []
        rates: list[float] = []
        bands = None
        if isinstance(grades, Mapping):
            if not grades:
                raise invalid_parameter("to_card", "grades", "at least one grade, or left out", "none")
            names = [str(name) for name in grades]
            rates = [real("to_card", "grades", rate) for rate in list(grades.values())[:-1]]
        elif grades is not None:
            bands = json.dumps(plain(records("to_card", "grades", grades), "grades"))
        rounding = real("to_card", "rounding", rounding)
        rounded, unrounded, drift = _card_in_points(self._model, scale, rounding, bands, names, rates)
        return ScaledCard(_scorecard(rounded), _scorecard(unrounded), drift)


def _scorecard(model: CompiledModel) -> Scorecard:
    return cast("Scorecard", from_json(model.to_json()))
