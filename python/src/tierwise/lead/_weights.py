"""Weights from outcomes: the expert's card, fitted to deals that were won and lost."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np

from tierwise._frames import column_of, frame_like, label_of, numbers, table_of
from tierwise._learning import FitReport, Progress
from tierwise._models import ProbabilityModel, content_of
from tierwise._parameters import invalid_parameter, real, whole
from tierwise._points import InPoints, PointsScale, ScaledCard
from tierwise._tierwise import Table
from tierwise._tierwise import fit_card as _fit_card
from tierwise._tierwise import fitted_card_interval as _interval
from tierwise._tierwise import fitted_card_weights as _weights
from tierwise.lead._card import Scorecard

__all__ = ["AnswerValue", "CardFit", "CardWeight", "FittedCard", "PathPoint", "PointsScale", "ScaledCard"]


class CardWeight(NamedTuple):
    """What one characteristic weighs: by the expert (in percent), and after the fit."""

    characteristic: str
    expert_weight: float
    fitted_weight: float
    multiplier: float
    standard_error: float
    lower: float
    upper: float
    relative: float
    at_bound: bool
    unlearned: bool


class AnswerValue(NamedTuple):
    """What one answer is worth: the expert's points, and the log-odds it adds, measured from 0 points."""

    characteristic: str
    answer: str
    expert_points: float
    log_odds: float


class PathPoint(NamedTuple):
    """One strength that was tried (infinite for the expert alone), and its loss on the deals left out."""

    strength: float
    log_loss: float
    standard_error: float
    above_best: float
    above_best_standard_error: float
    chosen: bool


class FittedCard(ProbabilityModel, InPoints):
    """A card whose points were learned from outcomes; made by :meth:`CardFit.fit`. Its score is log-odds.

    The base is the log-odds of a lead about whom every question says nothing (its neutral points).
    """

    _kind = "fitted_card"

    @property
    def card(self) -> Scorecard:
        """The expert card that was fitted."""
        spec = content_of(self)["card"]
        return Scorecard(
            **{key: value for key, value in spec.items() if key != "features"},
            features=self.features,
        )

    @property
    def strength(self) -> float:
        """As many deals as the expert's proportions weigh; infinite for the expert card alone."""
        return _or_infinite(content_of(self)["strength"])

    @property
    def scale(self) -> float:
        """What a point of the expert card is worth in log-odds, all characteristics taken together."""
        return float(json.loads(_weights(self._model, 0.95))["scale"])

    @property
    def intercept(self) -> float:
        """The log-odds of a lead with 0 points throughout."""
        return float(json.loads(_weights(self._model, 0.95))["intercept"])

    @property
    def path(self) -> list[PathPoint]:
        """The strengths that were tried, strongest first; empty where it was stated."""
        points = content_of(self)["path"]
        return [PathPoint(**{**point, "strength": _or_infinite(point["strength"])}) for point in points]

    @property
    def report(self) -> FitReport:
        """What the model was learned from and how that went."""
        return FitReport(**content_of(self)["report"])

    @property
    def answers(self) -> list[AnswerValue]:
        """What each answer is worth, before and after the fit."""
        return [AnswerValue(**one) for one in json.loads(_weights(self._model, 0.95))["answers"]]

    def weights(self, confidence: float = 0.95) -> list[CardWeight]:
        """Give what each characteristic weighs, before and after the fit.

        ``multiplier`` is in log-odds per point of the expert's, ``relative`` the same in units of :attr:`scale` (1: the
        expert was right; 0: it says nothing).
        """
        rows = json.loads(_weights(self._model, real("weights", "confidence", confidence)))["weights"]
        return [CardWeight(**_known(row)) for row in rows]

    def interval(self, data: Any, confidence: float = 0.95) -> Any:
        """Give the win probability of each lead with its interval.

        Computed on the log-odds by the delta method, with the inverse curvature of the penalised objective as
        covariance: approximate, and about the probability of such a lead, not its one outcome.

        Returns
        -------
        frame
            ``probability``, ``low``, ``high``, ``standard_error`` (of the log-odds), of the same kind as ``data``.
        """
        found = _interval(self._model, table_of(data, self.features), real("interval", "confidence", confidence))
        return frame_like(data, dict(zip(("probability", "low", "high", "standard_error"), found, strict=True)))


@dataclass(frozen=True)
class CardFit:
    """Fits the points of an expert card to deals that were won or lost.

    The log-odds of winning become ``intercept + sum(multiplier * points)``. A scale common to all characteristics
    says what
    the expert's points are worth; each multiplier is pulled towards it as if the card came from ``strength`` deals.
    With a few dozen
    deals the card keeps its proportions; with many, the deals decide.

    Parameters
    ----------
    card : Scorecard
        The expert's card.
    non_negative : bool or sequence of str
        Whether what counts for a lead on the card may never count against it: for all characteristics, for none, or for
        those named.
    strength : float, optional
        How many deals the expert's proportions weigh as much as; 0 lets the data alone decide, ``inf`` keeps the card.
        Chosen by cross-validation where left out.
    per : str
        ``"characteristic"``: one multiplier each. ``"answer"``: each answer a value of its own (answers with equal
        points stay equal; with ``non_negative`` their order stays the expert's).
    rule : str
        ``"one_standard_error"``: the greatest strength whose held-out loss is within one standard error of the
        difference from the least. ``"best"``: the one with the least.
    folds : int
        Folds of the cross-validation, stratified; fewer where the rarer outcome has fewer deals.
    seed : int
        What the folds are drawn from.
    scale_prior : float
        How many deals the prior on the scale is worth; it keeps the fit finite where won and lost are separated.

    Examples
    --------
    >>> import tierwise as tw
    >>> yes = [{"when": "yes", "points": 10}, {"when": "no", "points": 0}]
    >>> card = tw.lead.Scorecard(
    ...     name="leads",
    ...     features=[tw.Feature.yes_no("asked"), tw.Feature.yes_no("met")],
    ...     characteristics=[{"name": name, "feature": name, "attributes": yes} for name in ("asked", "met")],
    ... )
    >>> deals = {"asked": [1, 1, 1, 0, 0, 0, 1, 0] * 5, "met": [1, 0, 1, 0, 1, 0, 1, 1] * 5}
    >>> result = ["won", "lost", "won", "lost", "lost", "lost", "won", "won"] * 5
    >>> fitted = tw.lead.CardFit(card).fit(deals, result, positive="won")
    >>> [(one.characteristic, round(one.fitted_weight)) for one in fitted.weights()][0][0]
    'asked'
    >>> interval = fitted.interval({"asked": [1, 0], "met": [1, 0]})
    >>> bool((interval["low"] < interval["probability"]).all())
    True
    """

    card: Scorecard
    non_negative: bool | Sequence[str] = True
    strength: float | None = None
    per: Literal["characteristic", "answer"] = "characteristic"
    rule: Literal["one_standard_error", "best"] = "one_standard_error"
    folds: int = 5
    seed: int = 0
    scale_prior: float = 1.0

    def fit(
        self, data: Any, outcome: Any, *, positive: Any, weights: Any = None, progress: Progress | None = None
    ) -> FittedCard:
        """Learn from closed deals.

        Parameters
        ----------
        data : data frame, dict of columns, or 2-d array
            One row per deal, with the features of the card.
        outcome : array or str
            One label per row, or the name of the column of ``data`` that holds them.
        positive : object
            The label of a deal that was won. It is named, never guessed.
        weights : array, optional
            How many deals each row stands for.
        progress : callable, optional
            Called with step, limit and objective; what it raises stops the fit.

        Raises
        ------
        OneClassError, NotEnoughDataError, NoVariationError, SeparationError, InvalidParameterError, ...
        """
        if not isinstance(self.card, Scorecard):
            raise invalid_parameter("CardFit", "card", "a Scorecard", repr(type(self.card).__name__))
        settings = json.dumps(self._settings())
        table = table_of(data, self.card.features, [outcome] if isinstance(outcome, str) else [])
        name = str(outcome if isinstance(outcome, str) else getattr(outcome, "name", None) or "outcome")
        labels = table if isinstance(outcome, str) else Table.from_columns([(name, column_of(name, outcome))])
        weight = None if weights is None else numbers("weights", weights)
        model = _fit_card(self.card._model, settings, table, labels, name, label_of(positive), weight, progress)
        return FittedCard._of(model)

    def _settings(self) -> dict[str, Any]:
        of = "CardFit"
        for name, allowed in (("per", ("characteristic", "answer")), ("rule", ("one_standard_error", "best"))):
            if getattr(self, name) not in allowed:
                raise invalid_parameter(of, name, " or ".join(f"{one!r}" for one in allowed), repr(getattr(self, name)))
        strength: Any = "cross_validated"
        if self.strength is not None:
            infinite = isinstance(self.strength, (float, np.floating)) and self.strength == math.inf
            strength = "expert_only" if infinite else {"deals": real(of, "strength", self.strength)}
        bounds: Any = (
            {True: "all", False: "none"}.get(self.non_negative)
            if isinstance(self.non_negative, (bool, np.bool_))
            else None
        )
        if bounds is None:
            if isinstance(self.non_negative, str) or not isinstance(self.non_negative, Sequence):
                raise invalid_parameter(of, "non_negative", "True, False, or a list of names", repr(self.non_negative))
            bounds = {"named": [str(name) for name in self.non_negative]}
        return {
            "strength": strength,
            "per": self.per,
            "rule": self.rule,
            "non_negative": bounds,
            "folds": whole(of, "folds", self.folds, 2, 100),
            "seed": whole(of, "seed", self.seed, 0, 2**63 - 1),
            "scale_prior": real(of, "scale_prior", self.scale_prior),
        }


def _or_infinite(strength: float | None) -> float:
    return math.inf if strength is None else float(strength)


def _known(row: dict[str, Any]) -> dict[str, Any]:
    """Read null as NaN."""
    return {name: math.nan if one is None else one for name, one in row.items()}
