"""How points are learned from outcomes."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar, cast

import numpy as np

from tierwise._binning import Binning, Binnings, bin_feature, bin_features
from tierwise._data_checks import Finding, check_data
from tierwise._feature import Feature
from tierwise._frames import invalid_parameter, real, whole
from tierwise._models import ProbabilityModel, content_of
from tierwise._splitting import grouped_folds, out_of_fold, stratified_folds, time_folds, time_split, train_test_split
from tierwise._tierwise import fit as _fit
from tierwise._training import training_of

__all__ = [
    "Binning",
    "Binnings",
    "Coefficient",
    "Finding",
    "FitReport",
    "Logistic",
    "LogisticModel",
    "bin_feature",
    "bin_features",
    "check_data",
    "grouped_folds",
    "out_of_fold",
    "stratified_folds",
    "time_folds",
    "time_split",
    "train_test_split",
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
        training = training_of(
            data, outcome, features=features, categories=categories, weights=weights, offsets=offsets
        )
        model = _fit(self._purpose, spec, self._product(), *training.fit(positive), progress)
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
