"""Does it still work? A page for a series of batches."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tierwise._frames import Labels, numbers, rows_like
from tierwise._parameters import invalid_parameter, real, text, yes_no
from tierwise._pictures import Picture
from tierwise._tierwise import BatchDrift, Outcome
from tierwise._tierwise import monitoring_report as _monitoring_report
from tierwise.evaluate._drift import DriftSettings, emptied, samples_of, settings_of
from tierwise.evaluate._drift_counts import DriftCounts, ScoreHistogram
from tierwise.evaluate._given import outcome_of
from tierwise.evaluate._paged import Paged

_OF = "monitoring_report"


@dataclass(frozen=True)
class Batch:
    """One batch of customers: a day, a month, a campaign; or the reference that batches are compared with.

    Parameters
    ----------
    score : array, series or ScoreHistogram, optional
        The score of each row; or events and others by score, such as days that were merged.
    outcome : array or series, optional
        What happened, where it is known by now.
    columns : data frame, dict of columns or DriftCounts, optional
        The facts the model reads, row by row or counted.
    positive : object, optional
        The label that is meant by yes; may be left out for booleans and for ones and zeros.
    weights : array, optional
        How many customers each row stands for.

    Examples
    --------
    >>> import tierwise as tw
    >>> tw.evaluate.Batch([.2, .7, .4], [0, 1, 0]).outcome
    [0, 1, 0]
    """

    score: Any = None
    outcome: Any = None
    columns: Any = None
    positive: Any = None
    weights: Any = None


class MonitoringReport(Paged):
    """How a score stands, batch by batch; made by :func:`monitoring_report`.

    Attributes
    ----------
    title : str
        What stands on top of the page.
    numbers : dict
        All figures, findings and sentences, the same as in Rust; ``numbers["batches"]`` has one dict per batch.
    """

    @property
    def level(self) -> str:
        """The level of the last batch: ``"stable"``, ``"watch"`` or ``"act"``."""
        return str(self.numbers["level"])

    @property
    def levels(self) -> dict[str, str]:
        """The level of each batch by name."""
        return {batch["name"]: batch["level"] for batch in self.numbers["batches"]}

    @property
    def findings(self) -> Any:
        """One row per finding, as a frame of the kind of the columns: batch, level, what was found, what to do next."""
        rows = [(batch["name"], one) for batch in self.numbers["batches"] for one in batch["findings"]]
        columns = {
            "batch": [name for name, _ in rows],
            "level": [one["level"] for _, one in rows],
            "found": [one["says"] for _, one in rows],
            "next": [one["next"] for _, one in rows],
        }
        return rows_like(self._like, len(rows), {name: _texts(values) for name, values in columns.items()})

    def _draw(self) -> dict[str, Picture]:
        from tierwise.evaluate._monitoring_page import pictures_of

        return pictures_of(self.numbers)

    def _parts(self, drawn: dict[str, Picture]) -> list[str]:
        from tierwise.evaluate._monitoring_page import parts_of

        return parts_of(self.numbers, drawn)

    def __repr__(self) -> str:
        return f"<tierwise.evaluate.MonitoringReport: {self.numbers['says']}>"


def monitoring_report(
    batches: Mapping[Any, Batch],
    *,
    reference: Batch,
    categories: Sequence[str] = (),
    settings: DriftSettings | None = None,
    probability: bool | str = "auto",
    confidence: float = 0.95,
    auc_loss: float = 0.05,
    off_by: float = 1.25,
    unknown_rise: float = 0.05,
    unseen_share: float = 0.01,
    title: str = "Does the score still work?",
) -> MonitoringReport:
    """Judge a series of batches against a reference: the level of each, what was found, and what to do next.

    A finding needs both a size that matters and more than chance, which is shared out among the six kinds of findings
    (ranking, calibration, slope, base rate, scores, columns); only levels that the reference lacks are told of by their
    share alone. A batch has the worst level of its findings. The
    limits of columns and scores are those of :class:`DriftSettings`; the others are inferred: set them before you look.

    Parameters
    ----------
    batches : dict
        By name or date, in their order: a :class:`Batch` each.
    reference : Batch
        What they are compared with: the test set of the model, or its first month.
    categories : sequence of str
        Columns of whole numbers that name levels.
    settings : DriftSettings, optional
        How scores and columns are compared, and their limits.
    probability : {"auto", True, False}
        Whether scores are probabilities; left to itself, if all of a batch lie within 0 and 1.
    confidence : float
        Of all intervals.
    auc_loss : float
        A loss in ROC AUC beyond chance is watched from a quarter of this, and acted on if it is beyond chance more.
    off_by : float
        Acted on if what came is beyond chance so many times more or less than was said; watched from a quarter of that,
        on the logarithm. A calibration slope, and a share of events against that of the reference, is watched from it.
    unknown_rise : float
        A rise of the share of unknown values to be watched; four times as much is acted on.
    unseen_share : float
        A share of levels that the reference does not have to be watched; five times as much is acted on.
    title : str
        What stands on top of the page.

    Returns
    -------
    MonitoringReport
        ``level``, ``levels``, ``findings``, ``numbers``, ``to_html()``, ``to_json()``, ``pictures()``.

    Raises
    ------
    InvalidParameterError
        For what is no batch, histograms beside rows, counts beside tables, and limits outside their range.
    EmptyTableError, InvalidValueError, WrongLengthError, CannotMergeError, MissingColumnError
        For data that does not fit, with the batch, column and row.

    Examples
    --------
    >>> import numpy as np
    >>> import tierwise as tw
    >>> rows = np.arange(2000)
    >>> score = rows % 100 / 100
    >>> bought, fewer = rows * 7 % 100 < rows % 100, rows * 7 % 200 < rows % 100
    >>> batches = {"May": tw.evaluate.Batch(score, bought), "June": tw.evaluate.Batch(score, fewer)}
    >>> found = tw.evaluate.monitoring_report(batches, reference=tw.evaluate.Batch(score, bought))
    >>> found.levels
    {'May': 'stable', 'June': 'act'}
    >>> [finding["says"] for finding in found.numbers["batches"][1]["findings"]][1]
    '50 % was said on average, and 24 % came.'
    >>> page = found.to_html(pictures=False)  # found.to_html("june.html") writes it, with pictures
    """
    if not isinstance(batches, Mapping):
        raise invalid_parameter(_OF, "batches", "a dict of batches by name or date", type(batches).__name__)
    chosen = settings_of(_OF, settings)
    limits = {"auc_loss": auc_loss, "off_by": off_by, "unknown_rise": unknown_rise, "unseen_share": unseen_share}
    given = [_given("the reference", reference, None)]
    for name, batch in batches.items():
        moved = _moved(str(name), _batch(str(name), batch), reference, chosen, categories)
        given.append(_given(str(name), batch, moved))
    found = json.loads(
        _monitoring_report(
            given,
            None if probability == "auto" else yes_no(_OF, "probability", probability),
            real(_OF, "confidence", confidence),
            [real(_OF, name, value) for name, value in limits.items()],
            chosen,
        )
    )
    counted = isinstance(reference.columns, DriftCounts) or reference.columns is None
    return MonitoringReport(text(_OF, "title", title), found, None if counted else emptied(reference.columns))


def _batch(name: str, batch: Any) -> Batch:
    if not isinstance(batch, Batch):
        raise invalid_parameter(_OF, "batches", "a dict of `Batch` by name", f"{type(batch).__name__} at `{name}`")
    return batch


def _given(name: str, batch: Any, moved: BatchDrift | None) -> tuple[Any, ...]:
    """Read one batch as the compiled module takes it."""
    batch = _batch(name, batch)
    if isinstance(batch.score, ScoreHistogram):
        if batch.outcome is not None:
            raise invalid_parameter(_OF, "outcome", "left out beside a histogram, which holds it", f"one at `{name}`")
        return name, None, None, batch.score._histogram, moved
    if batch.score is None:
        if batch.outcome is not None:
            raise invalid_parameter(_OF, "score", "given beside an outcome", f"None at `{name}`")
        return name, None, None, None, moved
    score = numbers(f"score of {name}", batch.score)
    if batch.outcome is None:
        # Without an outcome, weights have nothing to go with.
        if batch.weights is not None:
            raise invalid_parameter(_OF, "weights", "left out without an outcome", f"some at `{name}`")
        return name, score, None, None, moved
    return name, score, _outcome(batch), None, moved


def _outcome(batch: Batch) -> Outcome:
    return outcome_of(_OF, batch.outcome, batch.positive, batch.weights)


def _moved(name: str, batch: Batch, then: Batch, settings: str, categories: Sequence[str]) -> BatchDrift | None:
    columns, reference = batch.columns, then.columns
    if columns is None:
        return None
    if reference is None:
        raise invalid_parameter(
            _OF, "reference", "a batch with columns, where batches have some", f"columns at `{name}` only"
        )
    if isinstance(columns, DriftCounts) != isinstance(reference, DriftCounts):
        must_be = "all tables or all `DriftCounts`, in the reference and in every batch"
        raise invalid_parameter(_OF, "columns", must_be, f"another sort at `{name}`")
    if isinstance(columns, DriftCounts):
        return BatchDrift.of_counts(settings, reference._counts, columns._counts)
    tables, features = samples_of(_OF, reference, columns, None, categories)
    weights = [None if one.weights is None else numbers("weights", one.weights) for one in (then, batch)]
    counted = batch.score is None or isinstance(batch.score, ScoreHistogram)
    rows = None if counted else len(numbers(f"score of {name}", batch.score))
    return BatchDrift.of_tables(settings, features, list(tables), weights, name, rows)


def _texts(values: list[str]) -> Labels:
    names = list(dict.fromkeys(values))
    return Labels(np.array([names.index(value) for value in values], dtype=np.int32), names)
