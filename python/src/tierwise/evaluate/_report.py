"""Everything about a score in one call: the numbers, and a page for those who decide."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from tierwise._frames import column_of, numbers, table_of
from tierwise._models import Model, ScoreModel
from tierwise._parameters import invalid_parameter, real, text, yes_no
from tierwise._pictures import Picture
from tierwise._tierwise import report as _report
from tierwise._tierwise import report_model as _report_model
from tierwise._tierwise import report_numbers as _report_numbers
from tierwise.evaluate._bootstrap import settings_of
from tierwise.evaluate._decisions import Payoff, payoff_of
from tierwise.evaluate._drift import drift, emptied
from tierwise.evaluate._given import holds_numbers, outcome_of, scores_of
from tierwise.evaluate._paged import Paged
from tierwise.evaluate._report_given import groups_of, model_scores, outcome_in
from tierwise.evaluate._report_tables import tables_of
from tierwise.exceptions import ModelKindError

_OF = "report"


class Report(Paged):
    """How good a score is; made by :func:`report`.

    Attributes
    ----------
    title : str
        What stands on top of the page.
    numbers : dict
        All figures, tables and sentences as plain numbers, lists and texts, the same as in Rust. What cannot be
        computed is a dict with one key ``"not"``, which says why; what was not asked for is ``None``.
    """

    @property
    def sentences(self) -> list[str]:
        """The findings in plain words, section by section."""
        return [words["says"] for words in _words_of(self.numbers)]

    @property
    def tables(self) -> dict[str, Any]:
        """The tables by name, as frames of the kind that the outcome or the table came in."""
        return tables_of(self.numbers, self._like)

    def _draw(self) -> dict[str, Picture]:
        from tierwise.evaluate._report_page import pictures_of

        return pictures_of(self.numbers)

    def _parts(self, drawn: dict[str, Picture]) -> list[str]:
        from tierwise.evaluate._report_page import parts_of

        return parts_of(self.numbers, drawn)

    def __repr__(self) -> str:
        return f"<tierwise.evaluate.Report: {self.sentences[0]}>"


def report(
    first: Any,
    second: Any,
    /,
    *,
    outcome: Any = None,
    positive: Any = None,
    weights: Any = None,
    kind: str = "auto",
    probability: bool | str = "auto",
    happened: str = "had the outcome",
    capacity: float | None = None,
    payoff: Payoff | None = None,
    groups: Any = None,
    reference: Any = None,
    champion: Any = None,
    title: str | None = None,
    confidence: float = 0.95,
    seed: int | None = None,
    replicates: int = 500,
) -> Report:
    """Judge a score in one call: ``report(outcome, score)``, or ``report(model, table, outcome=...)``.

    Each section has a plain sentence, what in these rows speaks against it, and when not to trust such a figure. The
    figures are those of the functions of this module. The rows must be new to the model.

    Parameters
    ----------
    first, second
        The outcome and the score of the same rows; or a model and a table, whose scores are computed and whose terms
        and unknown values are looked at too.
    outcome : array, series or str
        Beside a model and a table: what happened, or the name of its column.
    positive : object, optional
        The label that is meant by yes; may be left out for booleans and for ones and zeros.
    weights : array, optional
        How many customers each row stands for.
    kind : {"auto", "yes_no", "number"}
        Whether the outcome is yes or no, or an amount. Left to itself it is an amount if it holds numbers other than
        ones and zeros, and no ``positive`` is named.
    probability : {"auto", True, False}
        Whether scores are probabilities, so that calibration is judged; left to itself, if all lie within 0 and 1.
    happened : str
        What the sentences say of those with the outcome: ``"bought"``, ``"left"``.
    capacity : float, optional
        How many of these customers can be called.
    payoff : Payoff, optional
        What each case earns.
    groups : array, series, dict of them, or data frame, optional
        Groups to look at one by one: whom the score selects, finds, and ranks there.
    reference : array or series, optional
        The scores of other customers, such as those the model was learned from, to see whether these are others; beside
        a model and a table, a table.
    champion : array or series, optional
        The score in use, of the same rows, which the judged one is to replace.
    title : str, optional
        What stands on top of the page.
    confidence : float
        Of all intervals.
    seed : int, optional
        For intervals that need rows to be drawn: of average precision, log-loss, Brier score and errors of amounts.
        Without it they are left out.
    replicates : int
        How often rows are drawn.

    Returns
    -------
    Report
        ``numbers``, ``tables``, ``sentences``, ``to_html()``, ``to_json()``, ``pictures()``.

    Raises
    ------
    OneClassError
        When there is nothing to tell apart.
    InvalidValueError, WrongLengthError, EmptyTableError, InvalidParameterError, InvalidOutcomeError
        Those of the functions that it calls.

    Examples
    --------
    >>> import numpy as np
    >>> import tierwise as tw
    >>> chance, luck = np.random.default_rng(1).random((2, 2000))
    >>> bought = luck < chance
    >>> found = tw.evaluate.report(bought, chance, happened="bought", capacity=300)
    >>> found.numbers["ranking"]["roc_auc"] == tw.evaluate.roc_auc(bought, chance)
    True
    >>> found.sentences[2]
    'Of 100 customers in the top tenth 97 bought; that is 1.9 times the average (95 % between 1.8 and 1.9)...'
    >>> page = found.to_html(pictures=False)  # found.to_html("report.html") writes it, with pictures

    Amounts:

    >>> tw.evaluate.report([0, 10, 40, 30], [5, 10, 30, 40]).numbers["figures"]["mean_absolute_error"]
    6.25
    """
    chosen = _drawn(seed, replicates)
    sure = real(_OF, "confidence", confidence)
    name = text(_OF, "title", "How good is the score?" if title is None else title)
    model, table = (first, second) if isinstance(first, Model) else (None, None)
    if model is not None:
        happening, score = outcome_in(_OF, table, outcome), model_scores(_OF, model, table)
    else:
        if outcome is not None:
            raise invalid_parameter(_OF, "outcome", "left out where the outcome comes first", type(outcome).__name__)
        happening, score = first, second
    like = emptied(table) if table is not None else emptied(first.to_frame()) if hasattr(first, "to_frame") else None
    if _is_amount(happening, positive, kind):
        compared = reference if model is None else None
        _only_for_yes_no(capacity=capacity, payoff=payoff, groups=groups, champion=champion, reference=compared)
        given = None if weights is None else numbers("weights", weights)
        found = json.loads(
            _report_numbers(numbers("outcome", happening), numbers("prediction", score), given, sure, chosen)
        )
    else:
        found = json.loads(
            _report(
                outcome_of(_OF, happening, positive, weights),
                scores_of(score),
                None if probability == "auto" else yes_no(_OF, "probability", probability),
                text(_OF, "happened", happened),
                None if capacity is None else real(_OF, "capacity", capacity),
                None if payoff is None else payoff_of(_OF, payoff),
                groups_of(_OF, groups),
                None if reference is None else _reference_scores(model, reference),
                None if champion is None else scores_of(champion, "champion"),
                sure,
                chosen,
            )
        )
    if model is not None:
        found |= _of_model(model, table, weights, reference)
    return Report(name, found, like)


def _drawn(seed: Any, replicates: Any) -> tuple[int, int] | None:
    if seed is None:
        return None
    times, _, start = settings_of(_OF, replicates, 0.95, seed)
    return start, times


def _is_amount(outcome: Any, positive: Any, kind: Any) -> bool:
    if kind not in ("auto", "yes_no", "number"):
        raise invalid_parameter(_OF, "kind", "`auto` or `yes_no` or `number`", repr(kind))
    if kind != "auto" or positive is not None:
        return bool(kind == "number")
    column = column_of("outcome", outcome)
    if not holds_numbers(column):
        return False
    values = numbers("outcome", outcome)
    return bool(np.any((values != 0) & (values != 1) & ~np.isnan(values)))


def _only_for_yes_no(**given: Any) -> None:
    for name, value in given.items():
        if value is not None:
            raise invalid_parameter(_OF, name, "left out where the outcome is an amount", type(value).__name__)


def _reference_scores(model: Model | None, reference: Any) -> Any:
    return scores_of(reference if model is None else model_scores(_OF, model, reference), "reference")


def _of_model(model: Model, table: Any, weights: Any, reference: Any) -> dict[str, Any]:
    """Look at what a table and its model say besides the score: terms, unknown values, columns that moved."""
    found: dict[str, Any] = {"model": None, "columns": None}
    if isinstance(model, ScoreModel):
        given = None if weights is None else numbers("weights", weights)
        try:
            found["model"] = json.loads(_report_model(model._model, table_of(table, model.features), given))
        except ModelKindError as error:  # a curved calibration leaves no sum to look at
            found["model"] = {"not": str(error)}
    if reference is not None:
        names = [feature.name for feature in model.features]
        moved = drift(reference, table, columns=names, current_weights=weights)
        found["columns"] = [_column(one) for one in moved.columns.values()]
    return found


def _column(found: Any) -> dict[str, Any]:
    return {
        "name": found.column,
        "level": found.level,
        "population_stability": found.population_stability,
        "noise": found.noise,
        "adjusted_p_value": found.adjusted_p_value,
        "unknown_before": found.unknown.reference,
        "unknown_now": found.unknown.current,
        "unseen": found.unseen,
    }


def _words_of(found: Any) -> list[dict[str, Any]]:
    """List what the sections say, in their order."""
    if isinstance(found, list):
        return [words for one in found for words in _words_of(one)]
    if not isinstance(found, Mapping):
        return []
    if "says" in found and "doubts" in found:
        return [dict(found)]
    return [words for one in found.values() for words in _words_of(one)]
