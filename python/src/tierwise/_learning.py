"""What all learners of log-odds have in common; what users type is re-exported by ``tierwise.learn``."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar, cast

import numpy as np

from tierwise import _feature
from tierwise._feature import Feature, as_features
from tierwise._frames import Floats, column_of, invalid_parameter, label_of, numbers, table_of
from tierwise._models import ProbabilityModel, content_of, from_json
from tierwise._tierwise import Table
from tierwise._tierwise import fit as _fit
from tierwise._tierwise import learned_model as _learned_model

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
        return Coefficient(*self._model.coefficients()[0])

    @property
    def coefficients(self) -> list[Coefficient]:
        """The coefficients in feature order; log-odds per unit. ``pandas.DataFrame(model.coefficients)`` shows them."""
        return [Coefficient(*row) for row in self._model.coefficients()[1:]]


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
        rows = prepare(data, outcome, features, categories, weights, offsets)
        model = _fit(
            self._purpose,
            spec,
            self._product(),
            rows.features,
            rows.table,
            rows.outcome,
            rows.outcome_name,
            label_of(positive),
            rows.weights,
            None if offsets is None else numbers("offsets", offsets),
            progress,
        )
        return cast(M, self._model_class._of(model))

    def _spec(self) -> dict[str, Any]:
        raise NotImplementedError

    def _product(self) -> str:
        return ""


class Prepared(NamedTuple):
    """A table and an outcome, as the compiled fits take them."""

    features: str
    table: Table
    outcome: Table
    outcome_name: str
    weights: Floats | None


def prepare(
    data: Any,
    outcome: Any,
    features: Sequence[Feature | str] | None,
    categories: Sequence[str],
    weights: Any = None,
    offsets: Any = None,
) -> Prepared:
    """Find out what is to be learned from, and bring it into the form of the compiled fits."""
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
    given = None if weights is None else numbers("weights", weights)
    return Prepared(_feature.to_json(stated), table, labels, name, given)


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
