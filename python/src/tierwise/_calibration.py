"""Calibration; what users type is re-exported by ``tierwise.learn``."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, cast

import numpy as np

from tierwise import exceptions
from tierwise._frames import column_of, frame_like, label_of, numbers, values_like
from tierwise._models import Model, ProbabilityModel, ScoreModel, content_of, from_json
from tierwise._parameters import invalid_parameter, one_of, real, yes_no
from tierwise._tierwise import Table
from tierwise._tierwise import calibrate as _calibrate
from tierwise._tierwise import calibrated_model as _calibrated_model
from tierwise._tierwise import calibrated_parts as _calibrated_parts
from tierwise._tierwise import calibration_interval as _interval
from tierwise._tierwise import calibration_log_odds as _log_odds
from tierwise._tierwise import calibration_probability as _probability
from tierwise._tierwise import estimate_base_rate as _estimate_base_rate
from tierwise._tierwise import prior_shift as _prior_shift
from tierwise._tierwise import shift_probabilities as _shift_probabilities

if TYPE_CHECKING:
    from tierwise.learn import FitReport

__all__ = [
    "BaseRateEstimate",
    "CalibratedModel",
    "Calibration",
    "calibrate",
    "estimate_base_rate",
    "prior_shift",
    "shift_probabilities",
]


class Calibration(Model):
    """A map from scores to probabilities that never falls; made by :func:`calibrate`."""

    _kind = "calibration"

    def __repr__(self) -> str:
        return f"<tierwise.learn.Calibration {self.fingerprint[:8]} by {self.method} of {self.positive!r}>"

    @property
    def method(self) -> str:
        """``platt``, ``beta``, ``isotonic``, ``strict_isotonic``, ``venn_abers`` or ``prior_shift``."""
        return str(next(iter(content_of(self)["map"])))

    @property
    def parameters(self) -> dict[str, Any]:
        """What was learned: numbers by name (``slope``, ``offset``; ``a``, ``b``, ``c``), or blocks, or knots."""
        return dict(content_of(self)["map"][self.method])

    @property
    def positive(self) -> str:
        """The class whose probability it gives."""
        return str(content_of(self)["positive"])

    @property
    def scale(self) -> str:
        """``score`` or ``probability``: what the scores are."""
        return str(content_of(self)["scale"])

    @property
    def report(self) -> FitReport | None:
        """What it was learned from and how that went; ``None`` for a prior shift, which is not learned."""
        from tierwise.learn import FitReport

        report = content_of(self)["report"]
        return None if report is None else FitReport(**report)

    def probability(self, scores: Any) -> Any:
        """Give the probability of the positive class per score, of the same kind as ``scores``; NaN for unknown."""
        return values_like(scores, "probability", _probability(self._model, numbers("scores", scores)))

    def log_odds(self, scores: Any) -> Any:
        """Give the log-odds per score; infinite where isotonic calibration is certain."""
        return values_like(scores, "log_odds", _log_odds(self._model, numbers("scores", scores)))

    def interval(self, scores: Any) -> tuple[Any, Any]:
        """Give the two probabilities of Venn-Abers calibration per score, lower ones first.

        One of the two is calibrated whatever the model, as long as rows come in random order: that of the class which
        the customer turns out to belong to. A score beyond those seen has the interval of the outermost one.

        Raises
        ------
        InvalidParameterError
            For another method.
        """
        pair = _interval(self._model, numbers("scores", scores))
        if pair is None:
            raise invalid_parameter("calibrate", "method", "`venn_abers`, to have an interval", f"`{self.method}`")
        return values_like(scores, "low", pair[0]), values_like(scores, "high", pair[1])

    def apply(self, model: Model) -> CalibratedModel:
        """Put this calibration behind a model.

        Parameters
        ----------
        model : Model
            Any model of tierwise that scores. A calibration learned from probabilities gets the model's probability,
            any other its score. Beta calibration and prior shift need a model whose score is log-odds.

        Returns
        -------
        CalibratedModel
            Its score is the log-odds of the calibrated probability. It can be saved.

        Raises
        ------
        InvalidParameterError, InvalidOutcomeError
            When the model does not score log-odds though it must, or is about another class.
        """
        if not isinstance(model, Model):
            raise invalid_parameter("apply", "model", "a model of tierwise", f"a {type(model).__name__}")
        return CalibratedModel._of(_calibrated_model(self._model, model._model))


class CalibratedModel(ProbabilityModel):
    """A model with a calibration behind it; made by :meth:`Calibration.apply` and :func:`prior_shift`.

    Its score is the log-odds of the calibrated probability. After Platt's calibration and after a prior shift it
    explains itself as the model does, exactly: contributions are those of the model, times the slope. A curved
    calibration leaves no sum; then explain :attr:`model`.
    """

    _kind = "calibrated"

    @property
    def calibration(self) -> Calibration:
        """The calibration."""
        return Calibration._of(_calibrated_parts(self._model)[0])

    @property
    def model(self) -> ScoreModel:
        """The model inside."""
        return cast("ScoreModel", from_json(_calibrated_parts(self._model)[1].to_json()))

    def interval(self, data: Any) -> Any:
        """Give the two probabilities of Venn-Abers calibration per row.

        Returns
        -------
        frame
            Columns ``low`` and ``high``, of the same kind as ``data``.
        """
        calibration, model = self.calibration, self.model
        scored = model.probability if calibration.scale == "probability" else model.score  # type: ignore[attr-defined]
        low, high = calibration.interval(np.asarray(scored(data)))
        return frame_like(data, {"low": low, "high": high})

    def explain(self, data: Any) -> Any:
        """Take the scores apart, where the calibration leaves a sum: see :meth:`ScoreModel.explain`.

        Raises
        ------
        ModelKindError
            When the calibration is curved, or the model inside is no sum.
        """
        self._check_sum()
        return super().explain(data)

    def reasons(self, data: Any, most: int = 3) -> Any:
        """Give the strongest reasons per row, where the calibration leaves a sum: see :meth:`ProbabilityModel.reasons`.

        Raises
        ------
        ModelKindError
            When the calibration is curved, or the model inside is no sum.
        """
        self._check_sum()
        return super().reasons(data, most)

    def _check_sum(self) -> None:
        try:
            self._model.base()
        except exceptions.ModelKindError as refused:
            error = exceptions.ModelKindError(
                f"a model calibrated by {self.calibration.method} is no sum, so its scores cannot be taken apart "
                "exactly. Explain the model inside, `.model`, or calibrate by platt"
            )
            error.details = refused.details
            raise error from None


def calibrate(
    scores: Any,
    outcome: Any,
    *,
    positive: Any,
    method: Literal["platt", "beta", "isotonic", "venn_abers"] = "platt",
    scale: Literal["score", "probability"] = "score",
    shape: Literal["abm", "ab", "am"] = "abm",
    strict: bool = False,
    weights: Any = None,
) -> Calibration:
    """Learn what probability belongs to a score. A higher score never gets a lower one.

    Learn it on rows that the model was **not** fitted on (held out, or scored out of fold): on its own rows a model
    looks surer than it is, and the calibration would make that permanent.

    Parameters
    ----------
    scores : array or series
        One score per row.
    outcome : array or series
        One label per row.
    positive : object
        The label whose probability is learned. It is named, never guessed.
    method : {"platt", "beta", "isotonic", "venn_abers"}
        ``"platt"``: a straight line in log-odds (Platt 1999, with the targets of Lin, Lin & Weng 2007); for few rows.
        ``"beta"``: a curve in log-odds (Kull, Silva Filho & Flach 2017). ``"isotonic"``: the likeliest probabilities
        that never fall; for a thousand rows and more. ``"venn_abers"``: two isotonic fits per customer (Vovk, Petej &
        Fedorova 2015), with :meth:`Calibration.interval`.
    scale : {"score", "probability"}
        What the scores are: any numbers (beta calibration takes them as log-odds), or probabilities.
    shape : {"abm", "ab", "am"}
        Which parameters of beta calibration are free: all, ``a`` and ``b`` with 0.5 kept, or a straight line.
    strict : bool
        Whether isotonic calibration is to keep the ranking: blocks are joined at their centres, and nobody is certain.
    weights : array, optional
        How many customers each row stands for.

    Returns
    -------
    Calibration
        The map. It can be saved, and put behind a model.

    Raises
    ------
    OneClassError, NoVariationError, SeparationError, InvalidValueError, NotFiniteError, WrongLengthError, ...
        The message says what was found, and where.

    Examples
    --------
    >>> import tierwise as tw
    >>> scores = [-2.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0]
    >>> won = [0, 0, 1, 0, 0, 1, 0, 1, 1]
    >>> calibration = tw.learn.calibrate(scores, won, positive=1)
    >>> calibration.probability([-2.0, 0.0, 2.0]).round(3)
    array([0.191, 0.442, 0.728])
    >>> low, high = tw.learn.calibrate(scores, won, positive=1, method="venn_abers").interval([0.0])
    >>> low.round(3), high.round(3)
    (array([0.25]), array([0.5]))
    """
    one_of("calibrate", "method", method, ["platt", "beta", "isotonic", "venn_abers"])
    one_of("calibrate", "scale", scale, ["score", "probability"])
    one_of("calibrate", "shape", shape, ["abm", "ab", "am"])
    if yes_no("calibrate", "strict", strict) and method != "isotonic":
        raise invalid_parameter("calibrate", "strict", "False, unless the method is isotonic", "True")
    if isinstance(outcome, str):
        raise invalid_parameter("calibrate", "outcome", "one label per row", repr(outcome))
    named: Any = {"beta": shape} if method == "beta" else "strict_isotonic" if strict else method
    name = str(getattr(outcome, "name", None) or "outcome")
    calibration = _calibrate(
        json.dumps({"method": named, "scale": scale}),
        numbers("scores", scores),
        Table.from_columns([(name, column_of(name, outcome))]),
        name,
        label_of(positive),
        None if weights is None else numbers("weights", weights),
    )
    return Calibration._of(calibration)


def prior_shift(model: ProbabilityModel, *, from_rate: float, to_rate: float) -> CalibratedModel:
    """Move the probabilities of a model to another base rate.

    For a model learned on a sample with more or fewer positives than the customers it is used on. The odds are
    multiplied by the ratio of the odds of the two rates (Saerens, Latinne & Decaestecker 2002, eq. 4), so every
    explanation stays exact and only its base moves. It is right where only the share of the classes differs, not the
    customers within a class.

    Parameters
    ----------
    model : ProbabilityModel
        A model whose score is log-odds.
    from_rate, to_rate : float
        The share of the positive class at which the probabilities hold, and that to which they are moved; above 0 and
        below 1.

    Returns
    -------
    CalibratedModel
        The model with the shift behind it. It can be saved.

    Raises
    ------
    InvalidParameterError
        For a rate outside (0, 1) or a model whose score is not log-odds.

    Examples
    --------
    >>> import tierwise as tw
    >>> visits, won = {"visits": [0, 1, 2, 3, 4, 5]}, [0, 0, 1, 0, 1, 1]
    >>> model = tw.learn.Logistic().fit(visits, won, positive=1)
    >>> tw.learn.prior_shift(model, from_rate=0.5, to_rate=0.1).probability({"visits": [0, 5]}).round(3)
    array([0.016, 0.431])
    """
    if not isinstance(model, ProbabilityModel):
        raise invalid_parameter("prior_shift", "model", "one whose score is log-odds", f"a {type(model).__name__}")
    shift = _prior_shift(model.positive, *_rates("prior_shift", from_rate, to_rate))
    return Calibration._of(shift).apply(model)


def shift_probabilities(probabilities: Any, *, from_rate: float, to_rate: float) -> Any:
    """Move probabilities from the base rate at which they hold to another one: see :func:`prior_shift`.

    Parameters
    ----------
    probabilities : array or series
        NaN for unknown, which stays unknown.
    from_rate, to_rate : float
        Above 0 and below 1.

    Returns
    -------
    series, array
        Of the same kind as ``probabilities``.

    Raises
    ------
    InvalidParameterError, InvalidValueError
        For a rate outside (0, 1), and for what is no probability, with its row.

    Examples
    --------
    >>> import tierwise as tw
    >>> tw.learn.shift_probabilities([0.5, 0.9], from_rate=0.5, to_rate=0.1).round(3)
    array([0.1, 0.5])
    """
    rates = _rates("shift_probabilities", from_rate, to_rate)
    shifted = _shift_probabilities(numbers("probabilities", probabilities), *rates)
    return values_like(probabilities, "probability", shifted)


@dataclass(frozen=True)
class BaseRateEstimate:
    """The base rate of customers whose outcome is not known yet."""

    base_rate: float
    """The likeliest base rate, in [0, 1]."""
    standard_error: float
    """How much it varies from sample to sample; it means nothing where the rate is 0 or 1."""
    likelihood_ratio: float
    """Twice the difference in log-likelihood between this rate and the old one."""
    p_value: float
    """The chance of such a ratio where the base rate has not changed (chi-square with one degree of freedom)."""


def estimate_base_rate(probabilities: Any, *, base_rate: float) -> BaseRateEstimate:
    """Estimate the base rate among new customers from their probabilities, without any outcome.

    It is the rate to which the EM procedure of Saerens, Latinne & Decaestecker (2002) converges. The probabilities must
    be calibrated at the old rate: what is wrong with them ends up in the estimate.

    Parameters
    ----------
    probabilities : array or series
        Of the new customers, holding at the old base rate.
    base_rate : float
        The old base rate, above 0 and below 1.

    Returns
    -------
    BaseRateEstimate
        The rate, its standard error, and the test against the old rate.

    Raises
    ------
    EmptyTableError, InvalidParameterError, InvalidValueError, NoVariationError
        The message says what was found, and where.

    Examples
    --------
    >>> import tierwise as tw
    >>> found = tw.learn.estimate_base_rate([0.9, 0.8, 0.7, 0.9, 0.02, 0.6, 0.8, 0.02], base_rate=0.3)
    >>> round(found.base_rate, 3), round(found.p_value, 4)
    (0.751, 0.0287)
    """
    rate = real("estimate_base_rate", "base_rate", base_rate)
    return BaseRateEstimate(*_estimate_base_rate(numbers("probabilities", probabilities), rate))


def _rates(of: str, from_rate: Any, to_rate: Any) -> tuple[float, float]:
    return real(of, "from_rate", from_rate), real(of, "to_rate", to_rate)
