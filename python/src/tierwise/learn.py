"""How points are learned from outcomes."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from tierwise import _feature
from tierwise._feature import Feature, as_features
from tierwise._frames import column_of, invalid_parameter, numbers, real, table_of, whole
from tierwise._models import ProbabilityModel, content_of
from tierwise._tierwise import Model as CompiledModel
from tierwise._tierwise import Table
from tierwise._tierwise import fit as _fit

__all__ = ["Coefficient", "FitReport", "Logistic", "LogisticModel"]

Progress = Callable[[int, int, float], object]


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


@dataclass(frozen=True, kw_only=True)
class Logistic:
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
        The largest gradient component, per unit of weight, at which the fit counts as converged.
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

    alpha: float = 1.0
    standardize: bool = False
    max_iterations: int = 100
    tolerance: float | None = None
    confidence: float = 0.95
    standard_errors: bool = True

    def fit(
        self,
        data: Any,
        outcome: Any,
        *,
        positive: Any,
        features: Sequence[Feature] | None = None,
        categories: Sequence[str] = (),
        weights: Any = None,
        offsets: Any = None,
        progress: Progress | None = None,
    ) -> LogisticModel:
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
        compiled = fit("learn", self, "", data, outcome, positive, features, categories, weights, offsets, progress)
        return LogisticModel._of(compiled)

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


def fit(
    purpose: str,
    learner: Any,
    product: str,
    data: Any,
    outcome: Any,
    positive: Any,
    features: Sequence[Feature] | None,
    categories: Sequence[str],
    weights: Any,
    offsets: Any,
    progress: Progress | None,
) -> CompiledModel:
    """Fit a learner for a purpose; the public ``fit`` methods call it."""
    spec = json.dumps(learner._spec())
    if features is not None:
        features = as_features(features)
    elif isinstance(data, np.ndarray) and data.ndim == 2:
        features = [Feature.number(f"x{index}", unknown="own") for index in range(data.shape[1])]
    table = table_of(data, features, [outcome] if isinstance(outcome, str) else [])
    name = outcome if isinstance(outcome, str) else getattr(outcome, "name", None) or "outcome"
    labels = table if isinstance(outcome, str) else Table.from_columns([(str(name), column_of(str(name), outcome))])
    if features is None:
        except_ = [outcome] if isinstance(outcome, str) else []
        features = _feature.from_json(table.infer_features(except_, list(categories)))
    model, _report = _fit(
        purpose,
        spec,
        product,
        _feature.to_json(features),
        table,
        labels,
        str(name),
        _label(positive),
        None if weights is None else numbers("weights", weights),
        None if offsets is None else numbers("offsets", offsets),
        progress,
    )
    return model


def _label(positive: Any) -> str:
    """Write a label as the compiled module writes it: ``True`` as true, ``1.0`` as 1."""
    if isinstance(positive, (bool, np.bool_)):
        return "true" if positive else "false"
    if isinstance(positive, (float, np.floating)) and float(positive).is_integer():
        return str(int(positive))
    return str(positive)
