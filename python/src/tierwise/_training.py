"""What is learned from: a table, its features, and an outcome with weights and offsets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tierwise import _feature
from tierwise._feature import Feature, as_features
from tierwise._frames import Floats, column_of, label_of, numbers, table_of
from tierwise._parameters import invalid_parameter
from tierwise._tierwise import Table


class Training(NamedTuple):
    """A table and an outcome as the compiled module takes them."""

    features: list[Feature]
    table: Table
    labels: Table
    name: str
    weights: Floats | None
    offsets: Floats | None

    def fit(self, positive: Any) -> tuple[str, Table, Table, str, str, Floats | None, Floats | None]:
        """List the arguments that all fits have in common."""
        features = _feature.to_json(self.features)
        return (features, self.table, self.labels, self.name, label_of(positive), self.weights, self.offsets)


def training_of(
    data: Any,
    outcome: Any,
    *,
    features: Sequence[Feature | str] | None,
    categories: Sequence[str],
    weights: Any = None,
    offsets: Any = None,
    also: Sequence[Any] = (),
    infer: Callable[[Table, list[str], list[str]], str] = Table.infer_features,
) -> Training:
    """Read a table and an outcome; ``also`` are further columns, or values, that are not to be learned from."""
    stated = _stated_features(features, data)
    if stated is not None:
        _check_features(stated, data, outcome, categories)
    names = [one for one in (outcome, *also) if isinstance(one, str)]
    table = table_of(data, stated, names)
    name = str(outcome if isinstance(outcome, str) else getattr(outcome, "name", None) or "outcome")
    labels = table if isinstance(outcome, str) else Table.from_columns([(name, column_of(name, outcome))])
    if stated is None:
        # What is handed over as outcome, weight or offset is not to be learned from, even if it is a column too.
        values = (outcome, weights, offsets, *also)
        aside = [str(one.name) for one in values if is_column_of(data, one)] + names
        stated = _feature.from_json(infer(table, aside, list(categories)))
    return Training(
        stated,
        table,
        labels,
        name,
        None if weights is None else numbers("weights", weights),
        None if offsets is None else numbers("offsets", offsets),
    )


def _stated_features(features: Sequence[Feature | str] | None, data: Any) -> list[Feature] | None:
    """Read the features that are stated, or that an array without column names leaves no choice about."""
    if features is not None:
        return as_features(features)
    if isinstance(data, np.ndarray) and data.ndim == 2:
        return [Feature.number(f"x{index}", unknown="own") for index in range(data.shape[1])]
    return None


def is_column_of(data: Any, values: Any) -> bool:
    """Tell whether values carry the name of a column and follow from it, as ``frame["left"] == "yes"`` does.

    Who knows the column then knows the values: it must not be learned from.
    """
    name = getattr(values, "name", None)
    if not isinstance(name, str) or not hasattr(data, "__getitem__") or name not in getattr(data, "columns", data):
        return False
    column, values = np.asarray(data[name]), np.asarray(values)
    if column.shape != values.shape:
        return False
    if np.array_equal(column, values):
        return True
    return _follow(column, values)


def _follow(column: npt.NDArray[Any], values: npt.NDArray[Any]) -> bool:
    """Tell whether values follow from a column: the same for the same value, or parted by one limit.

    Where few values of the column occur twice, the same would hold of any values.
    """
    known = column.tolist()
    try:
        distinct = len(set(known))
        if 2 * distinct <= len(known):
            return len(set(zip(known, values.tolist(), strict=True))) == distinct
    except TypeError:  # a column of lists, say: nothing that is learned from
        return False
    if column.dtype.kind not in "biuf":
        return False
    ordered = values[np.argsort(column, kind="stable")]
    return int((ordered[1:] != ordered[:-1]).sum()) <= 1


def _check_features(features: Sequence[Feature], data: Any, outcome: Any, categories: Sequence[str]) -> None:
    if not features:
        raise invalid_parameter("fit", "features", "at least one feature", "none")
    if isinstance(outcome, str) and (isinstance(data, np.ndarray) or outcome in [one.name for one in features]):
        raise invalid_parameter("fit", "outcome", "an array of labels, or a column that is no feature", repr(outcome))
    if len(categories):
        must_be = "left out where `features` says what is a category, and for an array without column names"
        raise invalid_parameter("fit", "categories", must_be, repr(list(categories)))
