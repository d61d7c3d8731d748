"""How points are learned from outcomes."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar, cast

import numpy as np

from tierwise import _feature
from tierwise._binning import Binning, Binnings, bin_feature, bin_features
from tierwise._calibration import (
    BaseRateEstimate,
    CalibratedModel,
    Calibration,
    calibrate,
    estimate_base_rate,
    prior_shift,
    shift_probabilities,
)
from tierwise._feature import Feature, as_features
from tierwise._frames import column_of, invalid_parameter, label_of, numbers, real, table_of, whole
from tierwise._models import ProbabilityModel, content_of
from tierwise._tierwise import Table
from tierwise._tierwise import fit as _fit

__all__ = [
    "BaseRateEstimate",
    "Binning",
    "Binnings",
    "CalibratedModel",
    "Calibration",
    "Coefficient",
    "FitReport",
    "Logistic",
    "LogisticModel",
    "bin_feature",
    "bin_features",
    "calibrate",
    "estimate_base_rate",
    "prior_shift",
    "shift_probabilities",
]

Progress = Callable[[int, int, float], object]
M = TypeVar("M", bound="FittedLogistic")


class Coefficient(NamedTuple):
    """One coefficient of a logistic model with its standard error, interval and test against 0."""

    name: str
    estimate: float
    standard_error: float
    lower: float
    upper: float
    z: float
    p_value: float


@dataclass(frozen=True)
class FitReport:
    """What a model was learned from and how that went."""

    rows: int
    positives: int
    total_weight: float
    converged: bool
    iterations: int
    objective: float
    log_likelihood: float
    null_log_likelihood: float
    gradient: float
    findings: list[str]


class FittedLogistic(ProbabilityModel):
    """What is common to models with a logistic fit inside."""

    @property
    def _learned(self) -> dict[str, Any]:
        content = content_of(self)
        learned: dict[str, Any] = content.get("model", {}).get("logistic", content)
        return learned

    @property
    def report(self) -> FitReport:
        """What the model was learned from and how that went."""
        return FitReport(**self._learned["report"])

    @property
    def intercept(self) -> Coefficient:
        """The intercept: the log-odds where every number and indicator is 0."""
        return Coefficient(*self._model.coefficients()[0])

    @property
    def coefficients(self) -> list[Coefficient]:
        """The coefficients in feature order; log-odds per unit. ``pandas.DataFrame(model.coefficients)`` shows them."""
        return [Coefficient(*row) for row in self._model.coefficients()[1:]]


class LogisticModel(FittedLogistic):
    """A fitted logistic model; made by :meth:`Logistic.fit`."""

    _kind = "logistic"


class Learner(Generic[M]):
    """What learns log-odds from a table and an outcome: :class:`Logistic`, and the learners of families around it."""

    _purpose: ClassVar[str]
    _model_class: ClassVar[type[FittedLogistic]]

    def fit(
        self,
        data: Any,
        outcome: Any,
        *,
        positive: Any,
        features: Sequence[Feature | str] | None = None,
        categories: Sequence[str] = (),
        weights: Any = None,
        offsets: Any = None,
        progress: Progress | None = None,
    ) -> M:
        """Learn from a table and an outcome.

        Parameters
        ----------
        data : data frame, dict of columns, or 2-d array
            One row per customer.
        outcome : array or str
            One label per row, or the name of the column of ``data`` that holds them.
        positive : object
            The label whose probability is learned. It is named, never guessed.
        features : sequence of Feature, optional
            What to learn from. Without it every column but the outcome: numbers and dates as numbers, booleans as
            yes-no, texts and categoricals as categories with their levels in sorted order; unknown has a coefficient
            of its own where it occurs.
        categories : sequence of str
            Columns of whole numbers that name levels, where ``features`` is left out.
        weights : array, optional
            How many customers each row stands for.
        offsets : array, optional
            A known part of the log-odds of each row.
        progress : callable, optional
            Called with step, limit and objective after each step; what it raises stops the fit.

        Raises
        ------
        OneClassError, NoVariationError, CollinearError, SeparationError, NotConvergedError, ...
            The message names the columns.
        """
        spec = json.dumps(self._spec())
        stated = _stated_features(features, data)
        if stated is not None:
            _check_features(stated, data, outcome, categories)
        table = table_of(data, stated, [outcome] if isinstance(outcome, str) else [])
        name = str(outcome if isinstance(outcome, str) else getattr(outcome, "name", None) or "outcome")
        labels = table if isinstance(outcome, str) else Table.from_columns([(name, column_of(name, outcome))])
        if stated is None:
            # What is handed over as outcome, weight or offset is not to be learned from, even if it is a column too.
            aside = [str(values.name) for values in (outcome, weights, offsets) if _is_column_of(data, values)]
            if isinstance(outcome, str):
                aside.append(outcome)
            stated = _feature.from_json(table.infer_features(aside, list(categories)))
        model = _fit(
            self._purpose,
            spec,
            self._product(),
            _feature.to_json(stated),
            table,
            labels,
            name,
            label_of(positive),
            None if weights is None else numbers("weights", weights),
            None if offsets is None else numbers("offsets", offsets),
            progress,
        )
        return cast(M, self._model_class._of(model))

    def _spec(self) -> dict[str, Any]:
        raise NotImplementedError

    def _product(self) -> str:
        return ""


@dataclass(frozen=True, kw_only=True)
class Logistic(Learner[LogisticModel]):
    """Penalised logistic regression with standard errors.

    Minimises ``sum(weight * log_loss) + alpha / 2 * sum(coefficient ** 2)`` with the intercept free: ``alpha`` is
    scikit-learn's ``1 / C``. A category has one coefficient per level, or, without penalty, one for each
    but the first.

    Parameters
    ----------
    alpha : float
        Strength of the penalty, 0 or more.
    standardize : bool
        Whether the penalty is on coefficients per standard deviation instead of per unit. The coefficients reported are
        per unit either way.
    max_iterations : int
        The most Newton steps.
    tolerance : float, optional
        How near the optimum a fit counts as converged, in standard errors.
    confidence : float
        Of the intervals, between 0 and 1.
    standard_errors : bool
        Whether to compute them.

    Examples
    --------
    >>> import tierwise as tw
    >>> leads, result = {"visits": [0, 1, 2, 3, 4, 5]}, ["lost", "lost", "won", "lost", "won", "won"]
    >>> model = tw.learn.Logistic(alpha=1.0).fit(leads, result, positive="won")
    >>> model.report.converged, model.coefficients[0].name
    (True, 'visits')
    >>> model.probability({"visits": [0, 5]}).round(3)
    array([0.128, 0.872])
    """

    _purpose = "learn"
    _model_class = LogisticModel

    alpha: float = 1.0
    standardize: bool = False
    max_iterations: int = 100
    tolerance: float | None = None
    confidence: float = 0.95
    standard_errors: bool = True

    def _spec(self) -> dict[str, Any]:
        for name in ("standardize", "standard_errors"):
            if not isinstance(getattr(self, name), (bool, np.bool_)):
                raise invalid_parameter("Logistic", name, "True or False", repr(getattr(self, name)))
        spec = {
            "alpha": real("Logistic", "alpha", self.alpha),
            "standardize": bool(self.standardize),
            "max_iterations": whole("Logistic", "max_iterations", self.max_iterations, 1, 1_000_000),
            "confidence": real("Logistic", "confidence", self.confidence),
            "standard_errors": bool(self.standard_errors),
        }
        if self.tolerance is not None:
            spec["tolerance"] = real("Logistic", "tolerance", self.tolerance)
        return {"logistic": spec}


def _stated_features(features: Sequence[Feature | str] | None, data: Any) -> list[Feature] | None:
    """Read the features that are stated, or that an array without column names leaves no choice about."""
    if features is not None:
        return as_features(features)
    if isinstance(data, np.ndarray) and data.ndim == 2:
        return [Feature.number(f"x{index}", unknown="own") for index in range(data.shape[1])]
    return None


def _is_column_of(data: Any, values: Any) -> bool:
    """Tell a column of the table itself from one that was made from it and still carries its name."""
    name = getattr(values, "name", None)
    if not isinstance(name, str) or not hasattr(data, "__getitem__") or name not in getattr(data, "columns", data):
        return False
    return np.array_equal(np.asarray(values), np.asarray(data[name]))


def _check_features(features: Sequence[Feature], data: Any, outcome: Any, categories: Sequence[str]) -> None:
    if not features:
        raise invalid_parameter("fit", "features", "at least one feature", "none")
    if isinstance(outcome, str) and (isinstance(data, np.ndarray) or outcome in [one.name for one in features]):
        raise invalid_parameter("fit", "outcome", "an array of labels, or a column that is no feature", repr(outcome))
    if len(categories):
        must_be = "left out where `features` says what is a category, and for an array without column names"
        raise invalid_parameter("fit", "categories", must_be, repr(list(categories)))
