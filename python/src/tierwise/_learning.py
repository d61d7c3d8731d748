"""What all learners of log-odds have in common; what users type is re-exported by ``tierwise.learn``."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar, cast

from tierwise._feature import Feature
from tierwise._models import ProbabilityModel, content_of, from_json
from tierwise._tierwise import fit as _fit
from tierwise._tierwise import learned_model as _learned_model
from tierwise._training import training_of

Progress = Callable[[int, int, float], object]
M = TypeVar("M", bound=ProbabilityModel)


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
    def learned(self) -> ProbabilityModel:
        """The model that was learned, without its purpose: of a risk or a propensity what its learner returned."""
        if "model" not in content_of(self):
            return self
        return cast(ProbabilityModel, from_json(_learned_model(self._model).to_json()))

    @property
    def _learned(self) -> dict[str, Any]:
        content = content_of(self)
        # A model for a purpose holds what was learned under the name of its learner.
        learned: dict[str, Any] = next(iter(content.get("model", {"": content}).values()))
        return learned

    @property
    def report(self) -> FitReport:
        """What the model was learned from and how that went."""
        return FitReport(**self._learned["report"])

    @property
    def intercept(self) -> Coefficient:
        """The intercept: the log-odds where every number and indicator is 0."""
        return self._all_coefficients()[0]

    @property
    def coefficients(self) -> list[Coefficient]:
        """The coefficients in feature order; log-odds per unit. ``pandas.DataFrame(model.coefficients)`` shows them."""
        return self._all_coefficients()[1:]

    def _all_coefficients(self) -> list[Coefficient]:
        if "additive" in content_of(self).get("model", {}):
            raise AttributeError(
                "an additive model has no coefficients; `model.learned` is it: see its `importance` and `shape(term)`"
            )
        return [Coefficient(*row) for row in self._model.coefficients()]


class Learner(Generic[M]):
    """What learns log-odds from a table and an outcome: :class:`Logistic`, and the learners of families around it."""

    _purpose: ClassVar[str]
    _model_class: ClassVar[type[ProbabilityModel]]

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
            One label per row, or the name of the column of ``data`` that holds them. Labels that carry the name of a
            column and follow from it, as ``frame["left"] == "yes"`` does, set that column aside.
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
