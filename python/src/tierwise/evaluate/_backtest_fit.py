"""Whatever can be fitted, as a function from rows to learn from and rows to score to scores and terms."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import narwhals as nw
import numpy as np
import numpy.typing as npt

from tierwise import exceptions
from tierwise._additive import Additive, AdditiveModel, AdditiveNumberModel
from tierwise._feature import Feature
from tierwise._frames import Floats, check_present, no_table, numbers
from tierwise._learning import FittedLogistic
from tierwise._models import ProbabilityModel, ScoreModel
from tierwise._parameters import invalid_parameter

Kind = Literal["probability", "ranking", "number"]
Rows = npt.NDArray[np.int64]
Terms = list[tuple[str, float, float | None]]


class RowsFit:
    """Refits on some rows of the data, scores others, and lists the terms of the model."""

    def __init__(
        self, fit: Any, data: Any, names: list[str], outcome: npt.NDArray[Any], weights: Floats | None, kind: Kind
    ) -> None:
        self.data, self.names, self.outcome, self.weights, self.kind = data, names, outcome, weights, kind
        self.fitter = _fitter(fit, kind)

    def __call__(self, train: Rows, test: Rows) -> tuple[Floats, Terms, bool]:
        """Give scores, terms, and whether these are importances."""
        weights = None if self.weights is None else self.weights[train]
        model = self.fitter(rows_of(self.data, train), self.outcome[train], weights)
        scores = numbers("score", _said(model, rows_of(self.data, test), self.kind))
        return (scores, *_terms(model, self.names))


def judged_columns(
    data: Any, aside: Sequence[str], features: Sequence[Feature | str] | None, for_estimator: bool
) -> tuple[Any, list[str]]:
    """Take what may be learned from, the features that are stated or all but what is set aside, and its names.

    Estimators do not know dicts and Arrow tables: they get an array.
    """
    if isinstance(data, np.ndarray):
        return data, [f"x{index}" for index in range(data.shape[1] if data.ndim == 2 else 1)]
    available = column_names(data)
    names = [name for name in available if name not in aside]
    if features is not None:
        names = [one if isinstance(one, str) else one.name for one in features]
        check_present(names, available)
    if isinstance(data, Mapping):
        columns = {name: np.asarray(data[name]) for name in names}
        return np.column_stack(list(columns.values())) if for_estimator else columns, names
    frame = nw.from_native(data, eager_only=True).select(names)
    return frame.to_numpy() if for_estimator and frame.implementation.is_pyarrow() else frame.to_native(), names


def column_names(data: Any) -> list[str]:
    """List the columns of a frame or a mapping; each may stand there once."""
    if isinstance(data, Mapping):
        return list(data)
    try:
        frame = nw.from_native(data, eager_only=True, pass_through=True)
    except nw.exceptions.DuplicateError:
        names = [str(name) for name in data.columns]
        repeated = next(name for name in names if names.count(name) > 1)
        error = exceptions.DuplicateColumnError(
            f"column `{repeated}` occurs more than once; rename or drop one of them"
        )
        error.details = {"column": repeated}
        raise error from None
    if not isinstance(frame, nw.DataFrame):
        raise no_table(data)
    return frame.columns


def rows_in(data: Any) -> int:
    """Count the rows."""
    if isinstance(data, Mapping):
        return len(next(iter(data.values()), ()))
    return len(data)


def rows_of(data: Any, rows: Rows) -> Any:
    """Take some rows, of the same kind as the data."""
    if isinstance(data, np.ndarray):
        return data[rows]
    if isinstance(data, Mapping):
        return {name: values[rows] for name, values in data.items()}
    return nw.from_native(data, eager_only=True)[rows.tolist(), :].to_native()


def is_estimator(fit: Any) -> bool:
    """Tell whether this is fitted and asked as scikit-learn's estimators are."""
    return (
        not isinstance(fit, Additive)
        and hasattr(fit, "fit")
        and any(hasattr(fit, name) for name in ("predict_proba", "decision_function", "predict"))
    )


def _fitter(fit: Any, kind: Kind) -> Callable[[Any, Any, Any], Any]:
    if isinstance(fit, ScoreModel):
        return lambda _data, _outcome, _weights: fit
    if isinstance(fit, Additive) and kind == "number":
        return lambda data, outcome, weights: fit.fit_number(data, outcome, weights=weights)
    if is_estimator(fit):
        return lambda data, outcome, weights: _refitted(fit, data, outcome, weights)
    if callable(fit):
        return lambda data, outcome, weights: (
            fit(data, outcome) if weights is None else fit(data, outcome, weights=weights)
        )
    must_be = "a learner or model of tierwise, an estimator with `fit` and `predict_proba`, or a function"
    raise invalid_parameter("backtest", "fit", must_be, repr(fit))


def _refitted(estimator: Any, data: Any, outcome: Any, weights: Any) -> Any:
    if hasattr(estimator, "get_params"):
        from sklearn.base import clone

        fresh = clone(estimator)
    else:
        fresh = copy.deepcopy(estimator)
    fitted = fresh.fit(data, outcome) if weights is None else fresh.fit(data, outcome, sample_weight=weights)
    return fresh if fitted is None else fitted


def _said(model: Any, data: Any, kind: Kind) -> Any:
    """Ask a model, whatever it is, for what is judged."""
    if isinstance(model, ScoreModel):
        if kind == "probability" and isinstance(model, ProbabilityModel):
            return model.probability(data)
        return model.predict(data) if isinstance(model, AdditiveNumberModel) else model.score(data)
    if kind == "number":
        return model.predict(data) if hasattr(model, "predict") else _called(model, data)
    if hasattr(model, "predict_proba"):
        chances, classes = np.asarray(model.predict_proba(data)), list(model.classes_)
        return chances[:, classes.index(1)]
    if kind == "ranking" and hasattr(model, "decision_function"):
        return model.decision_function(data)
    return _called(model, data)


def _called(model: Any, data: Any) -> Any:
    if callable(model):
        return model(data)
    must_be = "something that returns a model: of tierwise, with `predict_proba` or `predict`, or a function of rows"
    raise invalid_parameter("backtest", "fit", must_be, f"a model of type {type(model).__name__}")


def _terms(model: Any, names: list[str]) -> tuple[Terms, bool]:
    """List coefficients or importances, and tell which of the two; none where a model has neither."""
    if isinstance(model, (AdditiveModel, AdditiveNumberModel)):
        table = model.importance
        return [
            (str(name), float(size), None) for name, size in zip(table["term"], table["importance"], strict=True)
        ], True
    if isinstance(model, FittedLogistic):
        model = model.learned
        if isinstance(model, AdditiveModel):
            return _terms(model, names)
        if isinstance(model, FittedLogistic):
            found = [model.intercept, *model.coefficients]
            return [(one.name, one.estimate, _known(one.standard_error)) for one in found], False
    steps = getattr(model, "steps", None)
    last = steps[-1][1] if steps else model
    coefficients = getattr(last, "coef_", None)
    values = np.asarray(getattr(last, "feature_importances_", ()) if coefficients is None else coefficients)
    if values.dtype.kind not in "biuf" or values.ndim > 2 or (values.ndim == 2 and len(values) != 1):
        return [], False
    values = values.ravel()
    if steps and len(values) != len(names):
        names = [str(name) for name in model[:-1].get_feature_names_out()]
    return [(name, float(value), None) for name, value in zip(names, values, strict=False)], coefficients is None


def _known(value: float) -> float | None:
    return value if np.isfinite(value) else None
