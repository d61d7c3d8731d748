"""What all models have in common, and the functions that take any model."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, ClassVar, Protocol, TypeVar, runtime_checkable

import numpy as np

from tierwise import _feature, exceptions
from tierwise._feature import Feature
from tierwise._frames import Floats, Labels, frame_like, numbers, series_like, table_of
from tierwise._parameters import whole
from tierwise._tierwise import Model as CompiledModel
from tierwise._tierwise import rank as _rank

_NO_REASON = 2**32 - 1
_KINDS: dict[str, type[Model]] = {}
M = TypeVar("M", bound="Model")


@runtime_checkable
class SupportsScore(Protocol):
    """A plain class that counts as a model: ``features`` and ``score``.

    ``features`` is a list of :class:`Feature` (a bare name stands for a number); ``score`` takes a dict with one
    float array per feature, NaN for unknown, and returns one number per row.
    """

    features: Any

    def score(self, columns: Any, /) -> Any:
        """Give every customer a number."""


class Model:
    """A model: immutable, saved as JSON, the same bits in Rust and Python."""

    _kind: ClassVar[str]
    _model: CompiledModel

    def __init_subclass__(cls) -> None:
        if "_kind" in cls.__dict__:
            _KINDS[cls._kind] = cls

    @classmethod
    def _of(cls: type[M], model: CompiledModel) -> M:
        self = cls.__new__(cls)
        self._model = model
        return self

    @property
    def features(self) -> list[Feature]:
        """What the model needs to know of a customer, in the order of a row."""
        return _feature.from_json(self._model.features())

    @property
    def fingerprint(self) -> str:
        """32 hexadecimal digits that change with anything in the model file; store them beside every score."""
        return self._model.fingerprint()

    def to_json(self) -> str:
        """Write the text of the model file."""
        return self._model.to_json()

    def __reduce__(self) -> tuple[Any, ...]:
        return (from_json, (self.to_json(),))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Model) and self.to_json() == other.to_json()

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    def __repr__(self) -> str:
        return (
            f"<{type(self).__module__}.{type(self).__name__} {self.fingerprint[:8]} of {len(self.features)} features>"
        )


class ScoreModel(Model):
    """A model that scores, and says what each score is the sum of."""

    def score(self, data: Any) -> Any:
        """Score a table.

        Parameters
        ----------
        data : data frame, dict of columns, or 2-d array
            pandas, polars, pyarrow, or anything with ``__arrow_c_stream__``; other columns are ignored. The columns
            of an array stand in the order of :attr:`features`.

        Returns
        -------
        series, array
            One score per row, of the same kind as ``data``.
        """
        return series_like(data, "score", self._model.score(table_of(data, self.features)))

    def explain(self, data: Any) -> Any:
        """Take the scores apart.

        Returns
        -------
        frame
            Column ``base`` (``(base)`` where a term has that name) and one column per term, of the same kind as
            ``data``. Added from left to right they are the score, exactly.
        """
        columns = self._model.explain(table_of(data, self.features))
        rows = len(columns[0]) if columns else 0
        terms = self._model.terms()
        base = {"(base)" if "base" in terms else "base": np.full(rows, self._model.base())}
        return frame_like(data, base | dict(zip(terms, columns, strict=True)))

    def similar(self, pool: Any, data: Any, most: int = 5) -> Any:
        """Find the records of a pool that the model sees most alike each record of a table: earlier customers, say.

        Alike are records that get their points for the same reasons: the distance is the sum over all terms of how far
        their points lie apart, in units of the score. What the model finds irrelevant does not count, and scores never
        lie further apart than the distance.

        Parameters
        ----------
        pool, data : data frame, dict of columns, or 2-d array
            The records to search, and those to find similar ones for.
        most : int
            How many for each, 1 to 255.

        Returns
        -------
        frame
            Per place *k*, nearest first: ``similar_k`` (the row in ``pool``, counted from 0) and
            ``similar_k_distance``. Of the same kind as ``data``, with as many rows. No more places than ``pool`` has
            rows.

        Examples
        --------
        >>> import tierwise as tw
        >>> visits = {"visits": [0, 1, 2, 3, 4, 5]}
        >>> model = tw.learn.Logistic().fit(visits, [0, 0, 1, 0, 1, 1], positive=1)
        >>> model.similar(visits, {"visits": [4]}, most=1)["similar_1"]
        array([4])
        """
        tables = table_of(pool, self.features), table_of(data, self.features)
        rows, distances = self._model.similar(*tables, whole("similar", "most", most, 1, 255))
        columns: dict[str, Any] = {}
        for place, (row, distance) in enumerate(zip(rows, distances, strict=True), start=1):
            columns[f"similar_{place}"] = row
            columns[f"similar_{place}_distance"] = distance
        return frame_like(data, columns)

    def rank(self, data: Any) -> Any:
        """Rank a table: 1 for the highest score; equal scores share the better place."""
        return series_like(data, "rank", _rank(self._model.score(table_of(data, self.features))))


class ProbabilityModel(ScoreModel):
    """A model whose score is the log-odds of a named class."""

    @property
    def positive(self) -> str:
        """The class whose probability the model gives."""
        return self._model.positive()

    def probability(self, data: Any) -> Any:
        """Give the probability of the positive class per row, of the same kind as ``data``."""
        return series_like(data, "probability", self._model.probability(table_of(data, self.features)))

    def reasons(self, data: Any, most: int = 3) -> Any:
        """Give the strongest reasons per row, by their effect on the probability, largest first.

        Returns
        -------
        frame
            Per place *k*: ``reason_k`` (the term), ``reason_k_log_odds`` (what it adds to the score: exact),
            ``reason_k_effect`` (by how much the probability would fall without it: these do not add up).
        """
        terms, log_odds, effects = self._model.reasons(
            table_of(data, self.features), whole("reasons", "most", most, 0, 255)
        )
        names = self._model.terms()
        columns: dict[str, Any] = {}
        for place, (term, added, effect) in enumerate(zip(terms, log_odds, effects, strict=True), start=1):
            columns[f"reason_{place}"] = Labels(np.where(term == _NO_REASON, -1, term.astype(np.int64)), names)
            columns[f"reason_{place}_log_odds"] = added
            columns[f"reason_{place}_effect"] = effect
        return frame_like(data, columns)


def from_json(text: str) -> Model:
    """Read a model from the text of its file.

    Raises
    ------
    ModelSyntaxError, ModelFormatError, ModelKindError, ModelFieldError, FingerprintError
        Each says where in the file and what to do.
    """
    return model_of(CompiledModel.from_json(text))


def model_of(model: CompiledModel) -> Model:
    """Give a compiled model the class of its kind."""
    return _KINDS[model.kind()]._of(model)


def load(path: str | os.PathLike[str]) -> Model:
    """Load a model file.

    Examples
    --------
    >>> import tempfile, pathlib, tierwise as tw
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "card.json"
    >>> tw.save(tw.lead.supplier_prospects(), file)
    >>> tw.load(file) == tw.lead.supplier_prospects()
    True
    """
    content = Path(path).read_bytes()
    try:
        return from_json(content.decode("utf-8"))
    except UnicodeDecodeError as failure:
        before = content[: failure.start]
        line, column = before.count(b"\n") + 1, len(before) - before.rfind(b"\n")
        error = exceptions.ModelSyntaxError(
            f"the model file is not JSON at line {line}, column {column}: it is not UTF-8; save it in that encoding"
        )
        error.details = {"line": line, "column": column, "reason": "it is not UTF-8; save it in that encoding"}
        raise error from None


def save(model: Model, path: str | os.PathLike[str]) -> None:
    """Save a model as JSON that people can read and edit."""
    if not isinstance(model, Model):
        error = exceptions.ModelKindError(
            f"a {type(model).__name__} cannot be saved: it is no model of tierwise. Save it in a form of its own; "
            "a model file with a kind of its own needs a model written in Rust"
        )
        error.details = {"found": type(model).__name__, "known": sorted(_KINDS)}
        raise error
    Path(path).write_text(model.to_json() + "\n", encoding="utf-8")


def score(model: SupportsScore, data: Any) -> Any:
    """Score a table with any model, tierwise's or a plain class with ``features`` and ``score``.

    Examples
    --------
    >>> import tierwise as tw
    >>> class Visits:
    ...     features = ["visits"]
    ...     def score(self, columns):
    ...         return 2 * columns["visits"]
    >>> tw.score(Visits(), {"visits": [1, 4]})
    array([2., 8.])
    """
    return series_like(data, "score", _scores(model, data))


def rank(model: SupportsScore, data: Any) -> Any:
    """Rank a table with any model: 1 for the highest score; equal scores share the better place.

    Examples
    --------
    >>> import tierwise as tw
    >>> class Visits:
    ...     features = ["visits"]
    ...     def score(self, columns):
    ...         return 2 * columns["visits"]
    >>> tw.rank(Visits(), {"visits": [1, 4, 1]})
    array([2, 1, 2])
    """
    return series_like(data, "rank", _rank(_scores(model, data)))


def _scores(model: SupportsScore, data: Any) -> Floats:
    if isinstance(model, ScoreModel):
        return model._model.score(table_of(data, model.features))
    if isinstance(model, (Model, type)) or not isinstance(model, SupportsScore) or not callable(model.score):
        raise _foreign(model, "a model needs `features` and `score`")
    try:
        features = _feature.as_features(model.features)
    except exceptions.InvalidFeatureError as error:
        raise _foreign(model, str(error)) from None
    table = table_of(data, features)
    values = table.values(_feature.to_json(features), True)
    columns = {feature.name: column for feature, column in zip(features, values, strict=True)}
    given = model.score(columns)
    try:
        scores = numbers("score", given)
    except exceptions.WrongKindError as error:
        raise _foreign(model, f"`score` must return one number per row, but {error}") from None
    if scores.shape != (len(table),):
        raise _foreign(model, f"`score` returned {scores.size} numbers for {len(table)} rows")
    return scores


def _foreign(model: object, reason: str) -> exceptions.ForeignError:
    error = exceptions.ForeignError(f"model `{type(model).__name__}` failed: {reason}")
    error.details = {"model": type(model).__name__, "reason": reason}
    return error


def content_of(model: Model) -> dict[str, Any]:
    """Read the model file as plain data."""
    content: dict[str, Any] = json.loads(model.to_json())
    return content
