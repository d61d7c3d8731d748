"""What is judged: outcomes, scores and weights on their way into the compiled module."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from tierwise._frames import column_of, label_of, numbers
from tierwise._parameters import invalid_parameter, one_of, whole
from tierwise._tierwise import Outcome, Ranking, Table

By = Literal["uniform", "quantile"]


def outcome_of(of: str, outcome: Any, positive: Any, weights: Any, what: str = "outcome") -> Outcome:
    """Read the outcome as numbers where it holds some, else as labels; ``of`` is the function that was called."""
    name = str(getattr(outcome, "name", None) or what)
    column = column_of(name, outcome)
    given = None if weights is None else numbers("weights", weights)
    if holds_numbers(column) and (positive is None or isinstance(positive, (bool, int, float, np.number, np.bool_))):
        return Outcome.from_numbers(name, numbers(name, outcome), None if positive is None else float(positive), given)
    if positive is None:
        asked = "treated" if what == "treatment" else "positive"
        raise invalid_parameter(of, asked, "the label that is meant by yes; it is named, never guessed", "None")
    return Outcome.from_labels(Table.from_columns([(name, column)]), name, label_of(positive), given)


def holds_numbers(column: Any) -> bool:
    if isinstance(column, tuple):
        column, known = column
        if not isinstance(known, np.ndarray):
            return False
    return isinstance(column, np.ndarray) and column.dtype.kind in "biuf"


def scores_of(score: Any, name: str = "score") -> Any:
    """Read the score: one number per row."""
    return numbers(name, score)


def ranking_of(of: str, outcome: Any, score: Any, positive: Any, weights: Any) -> Ranking:
    """Read outcome and score, and sort them; ``of`` is the function that was called."""
    return Ranking(outcome_of(of, outcome, positive, weights), scores_of(score))


def bins_of(of: str, bins: Any, by: Any) -> tuple[int, bool]:
    """Check the number of bins, and say whether they are cut at quantiles."""
    one_of(of, "by", by, ["uniform", "quantile"])
    return whole(of, "bins", bins, 1, 100_000), by == "quantile"
