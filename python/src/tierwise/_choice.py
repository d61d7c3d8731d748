"""Which learner to take; what users type is re-exported by ``tierwise.learn``."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tierwise._additive import Additive
from tierwise._evidence import WeightOfEvidence
from tierwise._feature import Feature
from tierwise._parameters import invalid_parameter, whole
from tierwise._splitting import MOST_SEEDS, folds_of
from tierwise._tierwise import choose as _choose
from tierwise._training import training_of

if TYPE_CHECKING:
    from tierwise._learning import Learner
    from tierwise._models import ProbabilityModel

__all__ = ["Choice", "choose"]

_FIGURES = ("log_loss", "roc_auc", "average_precision", "calibration_error")


@dataclass(frozen=True)
class Choice:
    """What :func:`choose` found.

    Attributes
    ----------
    table : dict of arrays
        One row per candidate, the simplest first: ``candidate``, then ``log_loss``, ``roc_auc``, ``average_precision``
        and ``calibration_error``, each with ``_low`` and ``_high`` (95 %), then ``behind`` (in log-loss, of the best)
        and its ``standard_error``. ``pandas.DataFrame(choice.table)`` shows it.
    best : str
        The candidate with the lowest log-loss.
    chosen : str or None
        The simplest within one standard error of the best; ``None`` where there is no signal.
    null_log_loss : float
        The log-loss of the base rate alone.
    reason : str
        Why, in a sentence.
    model : ProbabilityModel or None
        The chosen candidate, fitted on all rows.
    """

    table: dict[str, Any]
    best: str
    chosen: str | None
    null_log_loss: float
    reason: str
    model: ProbabilityModel | None


def choose(
    data: Any,
    outcome: Any,
    *,
    positive: Any,
    candidates: Mapping[str, Learner[Any]] | None = None,
    folds: int | Iterable[tuple[Any, Any]] = 5,
    seed: int = 0,
    features: Sequence[Feature | str] | None = None,
    categories: Sequence[str] = (),
    weights: Any = None,
    offsets: Any = None,
    progress: Callable[[int, int, float], object] | None = None,
) -> Choice:
    """Judge learners on the same folds and take the simplest that is as good as the best.

    As good means: its log-loss out of fold is within one standard error of the best, counted on the difference row by
    row. Where not even the best beats the base rate clearly (one-sided, at 5 %), there is no signal, and nothing is
    chosen.

    Parameters
    ----------
    data : data frame or dict of columns
        One row per customer.
    outcome : array or str
        One label per row, or the name of the column of ``data`` that holds them.
    positive : object
        The label whose probability is learned. It is named, never guessed.
    candidates : mapping of str to learner, optional
        By name, the simplest first. Without it: :class:`Logistic`, :class:`WeightOfEvidence`, and :class:`Additive`
        without and with pairs.
    folds : int or iterable of (array, array)
        How many stratified folds, or the rows to learn from and to judge on for each. Where there is a date, split by
        time: :func:`time_folds`.
    seed : int
        Of the folds and of the intervals.
    features, categories, weights, offsets : as in :meth:`Logistic.fit`
        What to learn from. Weights count customers, in standard errors too; offsets are part of what is judged.
    progress : callable, optional
        Called with folds done, all folds and objective, then with the steps of the last fit; what it raises stops it.

    Returns
    -------
    Choice
        The figures of all candidates, the one chosen and why, and its model of all rows.

    Examples
    --------
    >>> import tierwise as tw
    >>> leads = {"visits": [row * 7 % 20 for row in range(200)]}
    >>> won = [row * 7 % 20 + row * 3 % 11 > 15 for row in range(200)]
    >>> candidates = {"logistic": tw.learn.Logistic(), "evidence": tw.learn.WeightOfEvidence()}
    >>> choice = tw.learn.choose(leads, won, positive=True, candidates=candidates)
    >>> choice.chosen
    'logistic'
    """
    from tierwise._learning import Learner
    from tierwise.learn import Logistic

    lot = whole("choose", "seed", seed, 0, MOST_SEEDS)
    if candidates is None:
        usual = (Logistic(standardize=True), WeightOfEvidence(), Additive(pairs=0), Additive())
        called = ("logistic", "weight of evidence", "additive", "additive with pairs")
        candidates = dict(zip(called, usual, strict=True))
    if not isinstance(candidates, Mapping) or not all(isinstance(one, Learner) for one in candidates.values()):
        raise invalid_parameter("choose", "candidates", "a mapping of names to learners of tierwise", repr(candidates))
    training = training_of(data, outcome, features=features, categories=categories, weights=weights, offsets=offsets)
    rows = folds_of("choose", folds, seed, training)
    specs = json.dumps([(str(name), learner._spec()) for name, learner in candidates.items()])
    found = json.loads(_choose(specs, *training.fit(positive), rows, lot, progress))
    names = tuple(candidates)
    chosen = None if found["chosen"] is None else names[found["chosen"]]
    model = None
    if chosen is not None:
        model = candidates[chosen].fit(
            data,
            outcome,
            positive=positive,
            features=training.features,
            weights=weights,
            offsets=offsets,
            progress=progress,
        )
    return Choice(
        _table(found["candidates"]), names[found["best"]], chosen, found["null_log_loss"], found["reason"], model
    )


def _table(judged: list[dict[str, Any]]) -> dict[str, Any]:
    """One array per figure and end of its interval."""
    table: dict[str, Any] = {"candidate": np.array([one["name"] for one in judged], dtype=object)}
    for figure in _FIGURES:
        for end in ("value", "low", "high"):
            name = figure if end == "value" else f"{figure}_{end}"
            table[name] = np.array([one[figure][end] for one in judged], dtype=np.float64)
    for name in ("behind", "standard_error"):
        table[name] = np.array([one[name] for one in judged], dtype=np.float64)
    return table
