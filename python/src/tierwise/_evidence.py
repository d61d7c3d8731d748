"""Scorecards on weights of evidence; what users type is re-exported by ``tierwise.learn``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast

import numpy as np

from tierwise._binning import Binning, Binnings, Monotone, binner_spec
from tierwise._frames import label_of, numbers
from tierwise._learning import FittedLogistic, Learner
from tierwise._models import content_of, from_json
from tierwise._parameters import invalid_parameter, one_of, real, whole, yes_no
from tierwise._points import InPoints
from tierwise._tierwise import evidence_binnings as _binnings
from tierwise._tierwise import evidence_reasons as _reasons
from tierwise._tierwise import evidence_scorecard as _scorecard

if TYPE_CHECKING:
    from tierwise.lead import Scorecard

__all__ = ["FeatureFate", "WeightOfEvidence", "WeightOfEvidenceModel"]

Bins = Binning | Sequence[float] | Sequence[Sequence[Any]]


class FeatureFate(NamedTuple):
    """What became of one feature: ``dropped`` is ``None`` where it is in the model.

    ``dropped`` is one of ``"little_information"``, ``"correlated"``, ``"reversed"``, ``"insignificant"``,
    ``"no_better_fit"``; ``reason`` says it in words, ``figures`` are the numbers that decided.
    """

    feature: str
    information_value: float
    bins: int
    dropped: str | None
    reason: str | None
    figures: dict[str, Any]


class WeightOfEvidenceModel(FittedLogistic, InPoints):
    """A scorecard on weights of evidence; made by :meth:`WeightOfEvidence.fit`. Its score is log-odds.

    On weights of evidence the base is the intercept, and a contribution is coefficient times weight of evidence: 0 for
    a bin in which the positive class is as frequent as in all rows. On indicators contributions are measured from the
    mean. A bin without rows earns 0. The model knows only the features that stayed.
    """

    _kind = "weight_of_evidence"

    @property
    def encoding(self) -> str:
        """What the fit saw of the bins: ``"weight_of_evidence"`` or ``"indicators"``."""
        return str(content_of(self)["encoding"])

    @property
    def binnings(self) -> Binnings:
        """The bins of each feature of the model: tables with counts, rates and intervals."""
        return Binnings([Binning._of(model) for model in _binnings(self._model)])

    @property
    def selection(self) -> list[FeatureFate]:
        """What became of each feature of the table; ``pandas.DataFrame(model.selection)`` shows it."""
        fates = zip(content_of(self)["selection"], _reasons(self._model), strict=True)
        return [_fate(fate, reason) for fate, reason in fates]

    def scorecard(self) -> Scorecard:
        """Give the card whose points are log-odds: the same sum as the model, bit for bit.

        See :meth:`to_card` for points on a scale.
        """
        return cast("Scorecard", from_json(_scorecard(self._model).to_json()))


@dataclass(frozen=True, kw_only=True)
class WeightOfEvidence(Learner[WeightOfEvidenceModel]):
    """A scorecard: every feature in bins, a logistic fit on what the bins say, and points.

    The log-odds are ``intercept + sum(coefficient * weight of evidence)`` (Siddiqi 2006, *Credit Risk Scorecards*).
    Features are selected in this order, each step can be turned off, and each feature that goes is listed in
    ``model.selection`` with the reason:

    1. an information value below ``min_information_value``;
    2. a correlation of weights of evidence above ``max_correlation``: the feature with more information stays;
    3. evidence that beside the other features counts the wrong way round (a coefficient below 0): the worst by ``z``
       goes, the rest is fitted again, until there is none;
    4. ``elimination`` of the feature with the weakest ``z``, as long as the criterion says so.

    Standard errors and p-values take the bins as given, but the bins have been looked for in the same rows: they are
    too good, most of all for weak features.

    Parameters
    ----------
    monotone, max_bins, min_share, min_events, min_non_events : as in :func:`bin_features`
        The limits that bins keep to. With tens of thousands of rows, a ``min_share`` of 0.01 or 0.02 tells more.
    min_difference, penalty, pre_bins : as in :func:`bin_features`
        More limits, and how finely cuts are looked for.
    special, rare_share, unseen, zero_cells : as in :func:`bin_features`
        Codes that are no numbers, rare and unseen levels, and empty cells.
    bins : mapping, optional
        Bins that are taken as they are, by feature: a :class:`Binning`, a list of edges, or a list of groups of levels.
    encoding : {"weight_of_evidence", "indicators"}
        One coefficient per feature, or one per bin. Selection looks at weights of evidence either way.
    min_information_value : float
        0 turns the step off.
    high_information_value : float, optional
        Above it the report asks whether the feature was known before the outcome.
    max_correlation : float
        Above 0 and at most 1, which turns the step off.
    sign_check : bool
        Whether reversed evidence is dropped.
    elimination : float or "aic", optional
        The p-value above which the weakest coefficient goes, or Akaike's criterion.
    keep : sequence of str
        Features that are never dropped.
    alpha : float
        Strength of the penalty on coefficients, per unit of evidence; 0 gives the maximum likelihood fit.
    max_iterations : int
        The most Newton steps of one fit.
    confidence : float
        Of all intervals, between 0 and 1.

    Examples
    --------
    >>> import numpy as np
    >>> import tierwise as tw
    >>> rng = np.random.default_rng(0)
    >>> leads = {"visits": rng.integers(0, 10, 2000), "country": rng.choice(["DE", "FR"], 2000), "same": [1] * 2000}
    >>> won = rng.logistic(size=2000) < leads["visits"] / 2 - 3 + (leads["country"] == "FR")
    >>> model = tw.learn.WeightOfEvidence().fit(leads, won, positive=True)
    >>> [(one.feature, one.dropped) for one in model.selection]
    [('visits', None), ('country', None), ('same', 'little_information')]
    >>> card = model.to_card(points=600, odds=1 / 19, points_to_double=50)
    >>> bool(card.rounded.score({"visits": [9], "country": ["FR"]})[0] > 700)
    True
    """

    _purpose = "learn"
    _model_class = WeightOfEvidenceModel

    monotone: Monotone = "auto"
    max_bins: int = 10
    min_share: float = 0.05
    min_events: float = 1
    min_non_events: float = 1
    min_difference: float = 0.0
    penalty: float = 0.0
    pre_bins: int = 256
    special: Sequence[float] = ()
    rare_share: float = 0.01
    unseen: Literal["neutral", "rare"] = "neutral"
    zero_cells: Literal["half", "neutral"] = "half"
    bins: Mapping[str, Bins] | None = None
    encoding: Literal["weight_of_evidence", "indicators"] = "weight_of_evidence"
    min_information_value: float = 0.02
    high_information_value: float | None = 1.0
    max_correlation: float = 0.8
    sign_check: bool = True
    elimination: float | Literal["aic"] | None = None
    keep: Sequence[str] = ()
    alpha: float = 1.0
    max_iterations: int = 100
    confidence: float = 0.95

    def _spec(self) -> dict[str, Any]:
        of = "WeightOfEvidence"
        one_of(of, "encoding", self.encoding, ["weight_of_evidence", "indicators"])
        confidence = real(of, "confidence", self.confidence)
        spec = {
            "binner": binner_spec(of, vars(self)),
            "bins": {str(name): _given(name, bins) for name, bins in dict(self.bins or {}).items()},
            "encoding": self.encoding,
            "selection": self._selection(of),
            "logistic": {
                "alpha": real(of, "alpha", self.alpha),
                "max_iterations": whole(of, "max_iterations", self.max_iterations, 1, 1_000_000),
                "confidence": confidence,
            },
        }
        return {"weight_of_evidence": spec}

    def _selection(self, of: str) -> dict[str, Any]:
        if isinstance(self.keep, str) or not all(isinstance(name, str) for name in self.keep):
            raise invalid_parameter(of, "keep", "a list of names of features", repr(self.keep))
        high = self.high_information_value
        elimination: Any = "none"
        if isinstance(self.elimination, str):
            one_of(of, "elimination", self.elimination, ["aic"])
            elimination = "aic"
        elif self.elimination is not None:
            elimination = {"p_value": real(of, "elimination", self.elimination)}
        return {
            "min_information_value": real(of, "min_information_value", self.min_information_value),
            "high_information_value": None if high is None else real(of, "high_information_value", high),
            "max_correlation": real(of, "max_correlation", self.max_correlation),
            "sign_check": yes_no(of, "sign_check", self.sign_check),
            "elimination": elimination,
            "keep": list(self.keep),
        }


def _given(name: str, bins: Bins) -> dict[str, Any]:
    """Write bins that are taken as they are."""
    if isinstance(bins, Binning):
        layout = content_of(bins)["layout"]
        return {key: layout[key] for key in ("edges", "groups", "special") if key in layout}
    if isinstance(bins, str) or not isinstance(bins, (Sequence, np.ndarray)):
        must_be = "a Binning, a list of edges or a list of groups of levels per feature"
        raise invalid_parameter("WeightOfEvidence", "bins", must_be, f"{bins!r} for `{name}`")
    groups = [one for one in bins if isinstance(one, (list, tuple, np.ndarray))]
    if groups and len(groups) == len(bins):
        return {"groups": [[label_of(level) for level in group] for group in groups]}
    return {"edges": numbers("edges", list(bins)).tolist() if len(bins) else []}


def _fate(fate: dict[str, Any], reason: str | None) -> FeatureFate:
    dropped = fate.get("dropped")
    why, figures = next(iter(dropped.items())) if dropped else (None, {})
    return FeatureFate(fate["feature"], fate["information_value"], fate["bins"], why, reason, figures)
