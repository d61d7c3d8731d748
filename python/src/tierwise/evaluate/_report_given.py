"""What a report is made of: groups, the outcome within a table, the scores of a model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals as nw
import numpy as np

from tierwise._frames import labels_of
from tierwise._models import Model, ProbabilityModel
from tierwise._parameters import invalid_parameter
from tierwise.exceptions import InvalidValueError


def groups_of(of: str, groups: Any) -> list[tuple[str, list[str], Any]]:
    """Read one or several columns of groups: what tells them apart, their names, and the position of each row's."""
    if groups is None:
        return []
    return [_one_group(of, name, column) for name, column in _columns(groups)]


def _columns(groups: Any) -> list[tuple[str, Any]]:
    if isinstance(groups, Mapping):
        return [(str(name), column) for name, column in groups.items()]
    frame = nw.from_native(groups, eager_only=True, pass_through=True)
    if isinstance(frame, nw.DataFrame):
        return [(name, frame[name].to_native()) for name in frame.columns]
    return [(str(getattr(groups, "name", None) or "group"), groups)]


def _one_group(of: str, name: str, column: Any) -> tuple[str, list[str], Any]:
    labels = labels_of(name, column)
    if None in labels:
        row = labels.index(None)
        must_be = "every row needs a group; give unknown a name of its own"
        error = InvalidValueError(f"the group `{name}` at row {row} is unknown; {must_be}")
        error.details = {"what": f"the group `{name}`", "row": row, "key": None, "found": "unknown", "must_be": must_be}
        raise error
    names = sorted({label for label in labels if label is not None})
    if len(names) > 200:
        must_be = "a column of at most 200 groups; join rare ones, or cut a number into bands"
        raise invalid_parameter(of, "groups", must_be, f"`{name}` with {len(names)}")
    place = {label: at for at, label in enumerate(names)}
    return name, names, np.array([place[label] for label in labels if label is not None], dtype=np.uint32)


def outcome_in(of: str, table: Any, outcome: Any) -> Any:
    """Find the outcome beside a table, or in it, which may keep it: a model reads its own columns only."""
    if outcome is None:
        raise invalid_parameter(of, "outcome", "given beside a model and a table", "None")
    if not isinstance(outcome, str):
        return outcome
    if isinstance(table, Mapping):
        names = list(table)
    else:
        frame = nw.from_native(table, eager_only=True, pass_through=True)
        names = list(frame.columns) if isinstance(frame, nw.DataFrame) else []
    if outcome not in names:
        raise invalid_parameter(of, "outcome", "a column of the table, or one value per row", repr(outcome))
    return table[outcome]


def model_scores(of: str, model: Model, table: Any) -> Any:
    """Give the probabilities of a table where a model has some, else its scores or predicted amounts."""
    if isinstance(model, ProbabilityModel):
        return model.probability(table)
    for name in ("probability", "predict", "score"):
        if hasattr(model, name):
            return getattr(model, name)(table)
    raise invalid_parameter(of, "model", "a model that scores", repr(model))
