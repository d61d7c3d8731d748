"""Weights of factors from people's answers: surveys of panels."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from tierwise._feature import Feature
from tierwise._frames import Labels, frame_like, table_of
from tierwise._parameters import (
    by_name,
    invalid_parameter,
    one_of,
    real,
    text,
    texts,
    whole,
)
from tierwise._settings import plain
from tierwise._tierwise import PanelSurvey as _PanelSurvey
from tierwise._tierwise import card_with_weights as _card_with_weights
from tierwise._tierwise import round_to_hundred as _round_to_hundred
from tierwise.lead._card import Scorecard

__all__ = [
    "PanelRecommendation",
    "PanelSurvey",
    "card_with_weights",
    "round_to_hundred",
]

Aggregation = Literal["mean_shares", "mean_ratings", "rank_sum", "rank_order_centroid", "reciprocal"]
OnGap = Literal["refuse", "leave_out"]

_AGGREGATIONS = ["mean_shares", "mean_ratings", "rank_sum", "rank_order_centroid", "reciprocal"]
_ON_GAP = ["refuse", "leave_out"]


@dataclass(frozen=True)
class PanelRecommendation:
    """Which panel's weights to use, and why; made by :meth:`PanelSurvey.recommend`.

    Parameters
    ----------
    panel : str or None
        The panel; ``None`` where all are to be taken together.
    weights : dict
        Factor to weight; they sum to 100.
    reasons : list of str
        The steps that led there, one sentence each.
    details : list of dict
        The same steps with their numbers: ``code``, and what the step is about.
    """

    panel: str | None
    weights: dict[str, float]
    reasons: list[str]
    details: list[dict[str, Any]]


class PanelSurvey:
    """A survey in which people weigh factors: one row per respondent, one column per factor.

    Parameters
    ----------
    answers : data frame or dict of columns
        The answers.
    factors : sequence of str
        The columns of the factors, at least two.
    form : {"ratings", "ranks", "allocation"}
        ``"ratings"``: a number per factor, such as 1 to 5, more is more important. ``"ranks"``: 1 is the most
        important, tied factors share the mean of their places. ``"allocation"``: points handed out; each respondent's
        sum counts as the whole, whatever it is.
    respondent : str, optional
        The column of the respondents' names, for messages.
    panel : str, optional
        The column that says who belongs to which panel; without it all are one panel, ``all``.
    quality : str, optional
        A column that says how much a respondent is worth listening to, such as deals per month.
    minimum_quality : float, optional
        Who has less is left out and counted, and so is who has none stated.
    weight : str, optional
        A column that says how much each respondent counts; who counts 0 is left out.
    unknown_answers : {"refuse", "leave_out"}
        What to do with who left a question open.
    constant_answers : {"refuse", "leave_out"}
        What to do with who said the same of every factor, and so weighs none.
    scale : (float, float), optional
        The lowest and highest rating that could be given; others are refused.

    Raises
    ------
    InvalidValueError
        For an answer that is none (negative, off the scale, no rank, all the same); it names row and respondent.
    NotEnoughDataError
        For a panel with fewer than two respondents who count.
    InvalidParameterError, MissingColumnError, WrongKindError, ...

    Examples
    --------
    >>> import tierwise as tw
    >>> answers = {
    ...     "team": ["sales", "sales", "sales", "experts", "experts"],
    ...     "deals": [4, 5, 1, 9, 3],
    ...     "asked": [5, 5, 1, 4, 5],
    ...     "budget": [4, 3, 5, 5, 4],
    ...     "brand": [1, 2, 4, 1, 1],
    ... }
    >>> survey = tw.lead.PanelSurvey(
    ...     answers, factors=["asked", "budget", "brand"], panel="team", quality="deals", minimum_quality=3
    ... )
    >>> survey.respondents()["left_out"]
    array([0, 1])
    >>> table = survey.weights(decimals=1)
    >>> table["panel"][:3], table["factor"][:3], table["weight"][:3]
    (array(['experts', 'experts', 'experts'], dtype=object),
     array(['asked', 'budget', 'brand'], dtype=object),
     array([45., 45., 10.]))
    """

    def __init__(
        self,
        answers: Any,
        *,
        factors: Sequence[str],
        form: Literal["ratings", "ranks", "allocation"] = "ratings",
        respondent: str | None = None,
        panel: str | None = None,
        quality: str | None = None,
        minimum_quality: float | None = None,
        weight: str | None = None,
        unknown_answers: OnGap = "refuse",
        constant_answers: OnGap = "refuse",
        scale: tuple[float, float] | None = None,
    ) -> None:
        of = "PanelSurvey"
        one_of(of, "form", form, ["ratings", "ranks", "allocation"])
        one_of(of, "unknown_answers", unknown_answers, _ON_GAP)
        one_of(of, "constant_answers", constant_answers, _ON_GAP)
        settings: dict[str, Any] = {
            "form": form,
            "unknown_answers": unknown_answers,
            "constant_answers": constant_answers,
        }
        if minimum_quality is not None:
            settings["minimum_quality"] = real(of, "minimum_quality", minimum_quality)
        if scale is not None:
            if not isinstance(scale, (tuple, list)) or len(scale) != 2:
                raise invalid_parameter(of, "scale", "a pair of numbers, the lowest and the highest", repr(scale))
            settings["scale"] = [real(of, "scale", end) for end in scale]
        names = _names(of, factors)
        named = {"respondent": respondent, "panel": panel, "quality": quality, "weight": weight}
        for parameter, column in named.items():
            if column is not None:
                text(of, parameter, column)
        numeric = [*names, *(column for column in (quality, weight) if column is not None)]
        also = [column for column in (respondent, panel) if column is not None]
        table = _named_table(of, "answers", answers, numeric, also)
        self._answers = answers
        self._factors = names
        self._survey = _PanelSurvey(table, names, respondent, panel, quality, weight, json.dumps(settings))

    @property
    def factors(self) -> list[str]:
        """The names of the factors."""
        return list(self._factors)

    @property
    def panels(self) -> list[str]:
        """The names of the panels, in alphabetical order."""
        return [name for name, _, _ in json.loads(self._survey.sizes())]

    def respondents(self) -> Any:
        """Count who counts.

        Returns
        -------
        frame
            One row per panel, of the same kind as the answers: ``panel``, ``respondents`` (who count), ``left_out``
            (who do not), and for these by the first reason that applies ``unknown_quality``, ``low_quality``,
            ``no_weight``, ``unknown_answers``, ``constant_answers``.
        """
        sizes = json.loads(self._survey.sizes())
        reasons = ["unknown_quality", "low_quality", "no_weight", "unknown_answers", "constant_answers"]
        counts = {reason: np.array([left_out[reason] for _, _, left_out in sizes]) for reason in reasons}
        columns: dict[str, Any] = {
            "panel": _labels([name for name, _, _ in sizes]),
            "respondents": np.array([size for _, size, _ in sizes]),
            "left_out": np.sum(list(counts.values()), axis=0),
        }
        return _frame(self._answers, columns | counts)

    def weights(
        self,
        *,
        aggregation: Aggregation | None = None,
        decimals: int | None = None,
        replicates: int = 1000,
        confidence: float = 0.95,
        seed: int = 0,
    ) -> Any:
        """Weigh the factors.

        Parameters
        ----------
        aggregation : str, optional
            How answers become weights. ``"mean_shares"``: the mean of each respondent's shares (the default for ratings
            and allocations); ``"mean_ratings"``: the shares of the mean answers. By rank: ``"rank_order_centroid"``
            (Barron & Barrett 1996, the default for ranks), ``"rank_sum"`` and ``"reciprocal"`` (Stillwell, Seaver &
            Edwards 1981).
        decimals : int, optional
            Rounds the weights by largest remainder, so that the rounded ones sum to 100 too.
        replicates : int
            How often respondents are drawn anew for the intervals; 0 for none.
        confidence : float
            Of the intervals, between 0 and 1.
        seed : int
            The same seed gives the same intervals.

        Returns
        -------
        frame
            One row per panel and factor, of the same kind as the answers: ``panel``, ``factor``, ``weight`` (100 per
            panel), ``rank`` (1 for the heaviest), and their percentile intervals ``low``, ``high``, ``rank_low``,
            ``rank_high`` (NaN without replicates). Where there are several panels, the last rows are of all respondents
            together: their ``panel`` is null.
        """
        settings = _analysis(aggregation, decimals, replicates, confidence, seed)
        report = json.loads(self._survey.analyse(settings))
        results = [*report["panels"], *([report["pooled"]] if report["pooled"] else [])]
        rows = [(place, row) for place, result in enumerate(results) for row in result["weights"]]
        codes = np.array([place if place < len(report["panels"]) else -1 for place, _ in rows], dtype=np.int32)
        columns: dict[str, Any] = {
            "panel": Labels(codes, [result["panel"] for result in report["panels"]]),
            "factor": Labels(np.arange(len(rows), dtype=np.int32) % len(self._factors), self._factors),
        }
        for name in ("weight", "rank", "low", "high", "rank_low", "rank_high"):
            columns[name] = _floats(row[name] for _, row in rows)
        return _frame(self._answers, columns)

    def agreement(self, *, replicates: int = 1000, confidence: float = 0.95, seed: int = 0) -> Any:
        """Measure how far the respondents of each panel rank the factors alike.

        Parameters
        ----------
        replicates, confidence, seed
            As for :meth:`weights`.

        Returns
        -------
        frame
            One row per panel: ``panel``, ``respondents``, ``kendall_w`` (tie-corrected; 0 no agreement, 1 full),
            ``chi_square``, ``degrees_of_freedom``, ``p_value`` (chi-square approximation), ``exact_p_value`` (for at
            most 4 factors and 10 respondents, else NaN), ``w_low``, ``w_high``.
        """
        report = json.loads(self._survey.analyse(_analysis(None, None, replicates, confidence, seed)))
        panels = report["panels"]
        columns: dict[str, Any] = {
            "panel": _labels([one["panel"] for one in panels]),
            "respondents": np.array([one["respondents"] for one in panels]),
            "kendall_w": _floats(one["agreement"]["w"] for one in panels),
            "chi_square": _floats(one["agreement"]["chi_square"] for one in panels),
            "degrees_of_freedom": np.array([one["agreement"]["degrees_of_freedom"] for one in panels]),
            "p_value": _floats(one["agreement"]["p_value"] for one in panels),
            "exact_p_value": _floats(one["agreement"]["exact_p_value"] for one in panels),
            "w_low": _floats(one["w_low"] for one in panels),
            "w_high": _floats(one["w_high"] for one in panels),
        }
        return _frame(self._answers, columns)

    def compare(
        self,
        *,
        aggregation: Aggregation | None = None,
        replicates: int = 1000,
        confidence: float = 0.95,
        seed: int = 0,
    ) -> Any:
        """Compare the weights of every two panels.

        Parameters
        ----------
        aggregation, replicates, confidence, seed
            As for :meth:`weights`.

        Returns
        -------
        frame
            One row per pair: ``first``, ``second``, ``spearman``, ``kendall_tau`` (tau-b; NaN where all weights of a
            panel are equal), ``distance`` (how many of the 100 points are placed differently), ``distance_low``,
            ``distance_high``, ``euclidean``, ``largest_difference`` (the factor on which they differ most), and its two
            weights ``first_weight``, ``second_weight``.
        """
        settings = _analysis(aggregation, None, replicates, confidence, seed)
        pairs = json.loads(self._survey.analyse(settings))["comparisons"]
        panels = self.panels
        largest = [pair["differences"][0] for pair in pairs]
        columns: dict[str, Any] = {
            "first": _labels([pair["first"] for pair in pairs], panels),
            "second": _labels([pair["second"] for pair in pairs], panels),
        }
        for name in ("spearman", "kendall_tau", "distance", "distance_low", "distance_high", "euclidean"):
            columns[name] = _floats(pair[name] for pair in pairs)
        columns["largest_difference"] = _labels([one["factor"] for one in largest], self._factors)
        columns["first_weight"] = _floats(one["first"] for one in largest)
        columns["second_weight"] = _floats(one["second"] for one in largest)
        return _frame(self._answers, columns)

    def recommend(
        self,
        *,
        minimum_respondents: int = 10,
        least_spearman: float = 0.8,
        most_distance: float = 10.0,
        when_panels_agree: Literal["cheapest", "pooled"] = "cheapest",
        costs: Mapping[str, float] | None = None,
        alpha: float = 0.05,
        aggregation: Aggregation | None = None,
        decimals: int | None = None,
        replicates: int = 1000,
        confidence: float = 0.95,
        seed: int = 0,
    ) -> PanelRecommendation:
        """Recommend a panel, with reasons. The rule is inferred.

        Panels that are too small are out. If every two of the others agree, the cheapest is recommended (the smallest
        without ``costs``), or all together. If not, those panels are looked at whose interval of Kendall's W reaches
        the best lower end; of these the one with the narrowest intervals of weights is recommended.

        Parameters
        ----------
        minimum_respondents : int
            The fewest respondents of a panel that may be recommended, at least 2.
        least_spearman, most_distance : float
            Two panels agree when the rank correlation of their weights is at least, and the points they place
            differently are at most this.
        when_panels_agree : {"cheapest", "pooled"}
            What to recommend then.
        costs : dict, optional
            What asking each panel again costs, for every panel.
        alpha : float
            A panel whose agreement is no less probable than this by chance is named as such.
        aggregation, decimals, replicates, confidence, seed
            As for :meth:`weights`.

        Returns
        -------
        PanelRecommendation
            The panel, its weights, and the reasons.

        Raises
        ------
        NotEnoughDataError
            When no panel has enough respondents.
        InvalidParameterError, UnknownNameError
        """
        of = "recommend"
        one_of(of, "when_panels_agree", when_panels_agree, ["cheapest", "pooled"])
        settings = {
            "minimum_respondents": whole(of, "minimum_respondents", minimum_respondents, 2, 2**53),
            "least_spearman": real(of, "least_spearman", least_spearman),
            "most_distance": real(of, "most_distance", most_distance),
            "when_panels_agree": when_panels_agree,
            "costs": {
                panel: real(of, f"costs[{panel!r}]", cost)
                for panel, cost in by_name(of, "costs", {} if costs is None else costs).items()
            },
            "alpha": real(of, "alpha", alpha),
        }
        analysis = _analysis(aggregation, decimals, replicates, confidence, seed)
        found, reasons = json.loads(self._survey.recommend(analysis, json.dumps(settings)))
        weights = {row["factor"]: row["weight"] for row in found["result"]["weights"]}
        return PanelRecommendation(found["panel"], weights, reasons, found["reasons"])

    def __repr__(self) -> str:
        sizes = ", ".join(f"{name}: {size}" for name, size, _ in json.loads(self._survey.sizes()))
        return f"<tierwise.lead.PanelSurvey of {len(self._factors)} factors; {sizes}>"


def round_to_hundred(weights: Mapping[str, float], decimals: int) -> dict[str, float]:
    """Bring weights to a sum of 100 and round them by largest remainder, so that the rounded ones sum to 100 too.

    Parameters
    ----------
    weights : dict
        Factor to weight; not negative, not all zero.
    decimals : int
        From 0 to 9.

    Returns
    -------
    dict
        Factor to rounded weight.

    Raises
    ------
    InvalidValueError, InvalidParameterError, EmptyTableError

    Examples
    --------
    >>> import tierwise as tw
    >>> tw.lead.round_to_hundred({"asked": 1, "budget": 1, "brand": 1}, 1)
    {'asked': 33.4, 'budget': 33.3, 'brand': 33.3}
    """
    of = "round_to_hundred"
    weighed = [_weight(of, name, weight) for name, weight in by_name(of, "weights", weights).items()]
    rounded = _round_to_hundred(weighed, whole(of, "decimals", decimals, 0, 9))
    return dict(zip(weights, rounded, strict=True))


def card_with_weights(card: Scorecard, weights: Mapping[str, float]) -> Scorecard:
    """Scale the points of a card so that the most that each characteristic earns is its weight.

    Every other answer, the neutral points and points per unit keep their ratio to it. Grades are not touched.

    Parameters
    ----------
    card : Scorecard
        The card.
    weights : dict
        Characteristic to weight, for every characteristic.

    Returns
    -------
    Scorecard
        A new card.

    Raises
    ------
    UnknownNameError, InvalidValueError, InvalidScorecardError, InvalidBandsError
        For a weight of no characteristic, a weight that is none, a characteristic without weight or that earns nothing,
        and grades that no longer cover every score.

    Examples
    --------
    >>> import tierwise as tw
    >>> yes_no = [{"when": "yes", "points": 1}, {"when": "no", "points": 0}]
    >>> card = tw.lead.Scorecard(
    ...     name="leads",
    ...     features=[tw.Feature.yes_no("asked"), tw.Feature.number("visits")],
    ...     characteristics=[
    ...         {"name": "asked", "feature": "asked", "attributes": yes_no},
    ...         {"name": "visits", "feature": "visits", "per_unit": {"points": 1, "up_to": 4}},
    ...     ],
    ... )
    >>> weighted = tw.lead.card_with_weights(card, {"asked": 60.0, "visits": 40.0})
    >>> weighted.score({"asked": [True, False], "visits": [9, 2]})
    array([100.,  20.])
    """
    of = "card_with_weights"
    if not isinstance(card, Scorecard):
        raise invalid_parameter(of, "card", "a Scorecard", repr(card))
    named = [(name, _weight(of, name, weight)) for name, weight in by_name(of, "weights", weights).items()]
    return Scorecard._of(_card_with_weights(card._model, named))


def _analysis(aggregation: str | None, decimals: int | None, replicates: int, confidence: float, seed: int) -> str:
    of = "PanelSurvey"
    settings: dict[str, Any] = {
        "bootstrap": {
            "replicates": whole(of, "replicates", replicates, 0, 10_000_000),
            "confidence": real(of, "confidence", confidence),
            "seed": whole(of, "seed", seed, 0, 2**64 - 1),
        }
    }
    if aggregation is not None:
        one_of(of, "aggregation", aggregation, _AGGREGATIONS)
        settings["aggregation"] = aggregation
    if decimals is not None:
        settings["decimals"] = whole(of, "decimals", decimals, 0, 9)
    return json.dumps(plain(settings))


def _names(of: str, factors: Sequence[str]) -> list[str]:
    return texts(of, "factors", factors)


def _named_table(of: str, name: str, data: Any, numeric: Sequence[str], also: Sequence[str]) -> Any:
    if isinstance(data, np.ndarray):
        raise invalid_parameter(of, name, "a data frame or a dict of columns, for its columns need names", "an array")
    return table_of(data, [Feature.number(column) for column in numeric], also)


def _weight(of: str, name: str, weight: Any) -> float:
    return real(of, f"weights[{name!r}]", weight)


def _labels(values: Sequence[str], names: Sequence[str] | None = None) -> Labels:
    names = list(dict.fromkeys(values)) if names is None else names
    return Labels(np.array([names.index(value) for value in values], dtype=np.int32), names)


def _floats(values: Any) -> Any:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def _frame(data: Any, columns: dict[str, Any]) -> Any:
    """Build a frame of the kind of ``data`` but with rows of its own, so that no index is carried over."""
    if hasattr(data, "iloc"):
        rows = next(len(values) for values in columns.values() if isinstance(values, np.ndarray))
        data = data.iloc[:0].reset_index(drop=True).reindex(range(rows))
    return frame_like(data, columns)
