"""The frequency model: naive Bayes on counts of won and lost leads."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from tierwise import _feature, exceptions
from tierwise._feature import Feature, Unknown
from tierwise._frames import column_of, frame_like, label_of, series_like, table_of
from tierwise._models import Model, ProbabilityModel, content_of
from tierwise._parameters import invalid_parameter, one_of, real, whole, yes_no
from tierwise._settings import plain
from tierwise._tierwise import FrequencyCounts as _Counts
from tierwise._tierwise import Model as CompiledModel
from tierwise._tierwise import Table
from tierwise._tierwise import frequency_percent as _percent
from tierwise._tierwise import frequency_signal as _signal
from tierwise._tierwise import frequency_tempered as _tempered

__all__ = ["Frequency", "FrequencyCounts", "FrequencyModel", "FrequencySignal", "frequency_signal"]

C = TypeVar("C", bound="FrequencyCounts")


@dataclass(frozen=True)
class FrequencySignal:
    """What a frequency model is worth against the base rate; log-losses are means over the leads predicted.

    Parameters
    ----------
    verdict : {"better", "no better than the base rate"}
        ``"better"`` when the whole interval of the gain lies above 0.
    leads : int
        Leads that were predicted: not those before the first won and lost ones were known.
    base_log_loss : float
        Of predicting the rate of won leads so far.
    log_loss : float
        Of the model as it is.
    tempered_log_loss : float
        Of the model with the factor that had been best until then.
    gain, low, high : float
        ``base_log_loss - tempered_log_loss`` and the ends of its interval.
    confidence : float
        Of the interval.
    temper : float
        The factor in [0, 1] that would have been best over all leads predicted.
    """

    verdict: str
    leads: int
    base_log_loss: float
    log_loss: float
    tempered_log_loss: float
    gain: float
    low: float
    high: float
    confidence: float
    temper: float


class FrequencyModel(ProbabilityModel):
    """A frozen frequency model: log-odds of the base rate, plus one contribution per known fact.

    Made by :meth:`FrequencyCounts.model` or :meth:`Frequency.fit`. Unknown facts and values never seen add 0. Of
    :meth:`Frequency.fit` it has a :attr:`report`.
    """

    _kind = "frequency"
    _report: FrequencySignal | None = None

    @property
    def report(self) -> FrequencySignal | None:
        """What the model is worth against the base rate, where it was fitted with ``assess``; not saved."""
        return self._report

    @property
    def smoothing(self) -> Any:
        """How the counts were smoothed."""
        return content_of(self)["smoothing"]

    @property
    def temper(self) -> float:
        """By what the log-odds that facts add were multiplied."""
        return float(content_of(self).get("temper", 1.0))

    def tempered(self, factor: float) -> FrequencyModel:
        """Multiply all that facts add by a factor in [0, 1]; the base stays, and sums stay exact.

        Raises
        ------
        InvalidParameterError
            For a factor outside [0, 1].
        """
        return FrequencyModel._of(_tempered(self._model, real("FrequencyModel", "temper", factor)))

    def percent(self, data: Any) -> Any:
        """Give the probability in per cent as Odoo shows it, of the same kind as ``data``.

        Rounded to two places and kept within 0.01 and 99.99; 0 where the stage is unknown, 100 in the won stage.
        """
        return series_like(data, "percent", _percent(self._model, table_of(data, self.features)))


class FrequencyCounts(Model):
    """Won and lost leads by team, field and value: kept up to date lead by lead, saved, and merged.

    Parameters
    ----------
    fields : sequence of Feature or str
        Categories and yes-nos of which every known value is counted. A bare name is a category whose levels are those
        that occur.
    stage : str, optional
        The column of the stage. A won lead counts in every stage, a lost one in its own and all before it.
    stages : sequence of str
        The stages in their order.
    won_stage : str, optional
        The stage of won leads, for :meth:`FrequencyModel.percent`.
    tags : sequence of str
        Columns of yes-nos that count only where they are yes.
    tag_support : int
        A tag has no say until so many leads carried it.
    team : str or Feature, optional
        The column of the sales team.
    positive : object
        The label of a won lead.

    Raises
    ------
    InvalidFeatureError, DuplicateFeatureError, UnknownNameError, InvalidParameterError
        When the fields cannot be counted.

    Examples
    --------
    >>> import tierwise as tw
    >>> counts = tw.lead.FrequencyCounts(["source"], team="team")
    >>> counts.observe({"source": ["fair", "web", "fair"], "team": ["A", "A", "B"]}, ["won", "lost", "won"])
    >>> counts.observe({"source": ["advert"], "team": ["B"]}, ["lost"])
    >>> counts.leads
    (2, 2)
    >>> counts.reopen({"source": ["advert"], "team": ["B"]}, ["lost"])
    >>> counts.counts()["value"].tolist(), counts.counts()["won"].tolist()
    (['A', 'B', 'advert', 'fair', 'web'], [1, 1, 0, 2, 0])
    >>> model = counts.model(level=1.0, team=10.0)
    >>> model.rank({"source": ["web", "fair"], "team": ["A", "A"]})
    array([2, 1])
    """

    _kind = "frequency_counts"
    __hash__ = None  # type: ignore[assignment]
    _counts: _Counts

    def __init__(
        self,
        fields: Sequence[Feature | str] = (),
        *,
        stage: str | None = None,
        stages: Sequence[str] = (),
        won_stage: str | None = None,
        tags: Sequence[str] = (),
        tag_support: int = 50,
        team: str | Feature | None = None,
        positive: Any = "won",
    ) -> None:
        if stage is None and (len(stages) or won_stage is not None):
            raise invalid_parameter("FrequencyCounts", "stage", "the column of the stage", "None")
        if isinstance(tags, str):
            raise invalid_parameter("FrequencyCounts", "tags", "a list of names", repr(tags))
        spec: dict[str, Any] = {
            "positive": label_of(positive),
            "fields": [field._spec() for field in _counted(fields)],
            "tags": list(tags),
            "tag_support": whole("FrequencyCounts", "tag_support", tag_support, 0, 2**53),
        }
        if stage is not None:
            spec["stage"] = Feature.category(stage, stages)._spec()
        if won_stage is not None:
            spec["won_stage"] = str(won_stage)
        if team is not None:
            spec["team"] = _counted([team])[0]._spec()
        self._counts = _Counts(json.dumps(plain(spec)))

    @classmethod
    def _of(cls: type[C], model: CompiledModel) -> C:
        self = cls.__new__(cls)
        self._counts = _Counts.from_model(model)
        return self

    @property
    def _model(self) -> CompiledModel:  # type: ignore[override]
        return self._counts.to_model()

    @property
    def features(self) -> list[Feature]:
        """What a lead holds, with the levels known by now: team, stage, fields, tags."""
        return _feature.from_json(self._counts.features())

    @property
    def positive(self) -> str:
        """The label of a won lead."""
        return self._counts.positive()

    @property
    def leads(self) -> tuple[int, int]:
        """Leads won and lost."""
        return self._counts.leads()

    def observe(self, data: Any, outcome: Any, *, positive: Any = None, negative: Any = None) -> None:
        """Add leads that were won or lost; values that are new become levels.

        Parameters
        ----------
        data : data frame or dict of columns
            One row per lead; a single lead is a dict of lists with one element.
        outcome : array or str
            One label per row, or the name of the column of ``data`` that holds them.
        positive : object, optional
            The label of a won lead; that of the counts if left out.
        negative : object, optional
            The label of a lost lead. Needed only where all rows are lost and it is not ``lost``, ``False`` or ``0``.

        Raises
        ------
        InvalidOutcomeError
            For a label that is neither.
        UnknownNameError
            For a stage that is not listed.
        MissingColumnError, WrongKindError, WrongLengthError, ...
            Whatever is raised, nothing was counted.
        """
        self._counts.observe(*_leads(self.features, data, outcome), *self._labels(positive, negative))

    def reopen(self, data: Any, outcome: Any, *, positive: Any = None, negative: Any = None) -> None:
        """Take back leads that were observed with this outcome: they are open again.

        Parameters are those of :meth:`observe`.

        Raises
        ------
        InvalidValueError
            With the row, where no such lead was ever observed; nothing is changed then.
        """
        self._counts.reopen(*_leads(self.features, data, outcome), *self._labels(positive, negative))

    def merge(self, other: FrequencyCounts) -> None:
        """Add the counts of another part, in place.

        Raises
        ------
        CannotMergeError
            When they count other things.
        """
        if not isinstance(other, FrequencyCounts):
            raise invalid_parameter("merge", "other", "FrequencyCounts", f"an object of type {type(other).__name__}")
        self._counts.merge(other._counts)

    def counts(self, like: Any = None) -> Any:
        """Give won and lost leads of every value, over all teams.

        Parameters
        ----------
        like : data frame, optional
            A frame of the kind that is wanted; a dict of arrays if left out.

        Returns
        -------
        frame
            Columns ``field``, ``value``, ``won`` and ``lost``. For a stage: leads that ended in it.
        """
        rows = json.loads(self._counts.counted())
        columns: dict[str, Any] = {
            name: np.array([row[name] for row in rows], dtype=object if name in ("field", "value") else np.int64)
            for name in ("field", "value", "won", "lost")
        }
        if hasattr(like, "head"):
            like = like.head(0)
        if hasattr(like, "index") and hasattr(like, "reset_index"):
            like = like.reindex(range(len(rows)))
        return frame_like(like, columns)

    def model(
        self,
        smoothing: str = "empirical_bayes",
        *,
        level: float | None = None,
        team: float | None = None,
        temper: float = 1.0,
    ) -> FrequencyModel:
        """Make a model of what was counted so far.

        Parameters
        ----------
        smoothing : {"empirical_bayes", "odoo"}
            How counts become shares where there are few of them. ``"empirical_bayes"``: shares are drawn towards no
            signal, and those of teams towards the pool, as strongly as makes the counts most likely. ``"odoo"``: as
            Odoo does, with 0.1 added to each count.
        level, team : float, optional
            Both or neither: fixed strengths in leads instead, of the pool towards no signal and of teams towards the
            pool.
        temper : float
            A factor in [0, 1] on all that facts add; see :attr:`FrequencySignal.temper`.

        Raises
        ------
        NotEnoughDataError
            While no lead was won or none was lost.
        InvalidParameterError
            For strengths or a factor out of range.
        """
        model = FrequencyModel._of(self._counts.model(_smoothing(smoothing, level, team)))
        return model if temper == 1.0 else model.tempered(temper)

    def _labels(self, positive: Any, negative: Any) -> tuple[str, str | None]:
        named = self.positive if positive is None else label_of(positive)
        return named, None if negative is None else label_of(negative)


@dataclass(frozen=True, kw_only=True)
class Frequency:
    """Counts a table of closed leads and makes a model of it, in one call.

    Parameters
    ----------
    fields : sequence of Feature or str, optional
        As for :class:`FrequencyCounts`; without them every column that is not used otherwise. Bare names are categories
        or yes-nos as their columns are.
    stage, stages, won_stage, tags, tag_support, team
        As for :class:`FrequencyCounts`.
    smoothing, level, team_strength
        ``smoothing``, ``level`` and ``team`` of :meth:`FrequencyCounts.model`.
    assess : bool
        Whether to judge the model first, with :func:`frequency_signal`, and to temper it by the factor found. Then rows
        must stand in the order in which outcomes became known.

    Examples
    --------
    >>> import tierwise as tw
    >>> leads = {"source": ["fair", "web", "web", "fair"] * 50, "asked": [True, False, True, True] * 50}
    >>> result = ["won", "lost", "lost", "won"] * 50
    >>> model = tw.lead.Frequency(assess=True).fit(leads, result, positive="won")
    >>> model.report.verdict
    'better'
    >>> model.rank({"source": ["web", "fair"], "asked": [False, True]})
    array([2, 1])
    """

    fields: Sequence[Feature | str] | None = None
    stage: str | None = None
    stages: Sequence[str] = ()
    won_stage: str | None = None
    tags: Sequence[str] = ()
    tag_support: int = 50
    team: str | Feature | None = None
    smoothing: str = "empirical_bayes"
    level: float | None = None
    team_strength: float | None = None
    assess: bool = False

    def fit(self, data: Any, outcome: Any, *, positive: Any, negative: Any = None) -> FrequencyModel:
        """Count the leads and make a model.

        Parameters
        ----------
        data : data frame or dict of columns
            One row per closed lead.
        outcome : array or str
            One label per row, or the name of the column of ``data`` that holds them.
        positive, negative : object
            The labels of won and of lost leads; the second may be left out.

        Raises
        ------
        NotEnoughDataError
            When no lead was won or none was lost, or there are fewer than 50 to assess.
        InvalidFeatureError, InvalidOutcomeError, MissingColumnError, ...
            The message names the column.
        """
        assess = yes_no("Frequency", "assess", self.assess)
        counts = FrequencyCounts(
            self._fields_of(data, outcome),
            stage=self.stage,
            stages=self.stages,
            won_stage=self.won_stage,
            tags=self.tags,
            tag_support=self.tag_support,
            team=self.team,
            positive=positive,
        )
        strengths: dict[str, Any] = {"smoothing": self.smoothing, "level": self.level, "team": self.team_strength}
        report = frequency_signal(counts, data, outcome, negative=negative, **strengths) if assess else None
        counts.observe(data, outcome, negative=negative)
        model = counts.model(**strengths, temper=1.0 if report is None else report.temper)
        model._report = report
        return model

    def _fields_of(self, data: Any, outcome: Any) -> list[Feature]:
        if self.fields is None:
            table = table_of(data)
            team = self.team.name if isinstance(self.team, Feature) else self.team
            aside = [one for one in (outcome, self.stage, team, *self.tags) if isinstance(one, str)]
            fields: list[Feature | str] = [name for name in table.column_names() if name not in aside]
        else:
            fields = list(_counted(self.fields, bare=True))
        bare = [Feature.category(name, []) for name in fields if isinstance(name, str)]
        table = table_of(data, bare)
        kinds = _kinds_of(table, [one.name for one in bare]) if bare else {}
        return [kinds[field] if isinstance(field, str) else field for field in fields]


def frequency_signal(
    counts: FrequencyCounts,
    data: Any,
    outcome: Any,
    *,
    positive: Any = None,
    negative: Any = None,
    smoothing: str = "empirical_bayes",
    level: float | None = None,
    team: float | None = None,
    confidence: float = 0.95,
) -> FrequencySignal:
    """Judge whether a frequency model knows more than the base rate.

    Predicts the rows one after the other, each from the counts and the rows before it, and compares the log-loss with
    that of the rate of won leads so far. **Rows must stand in the order in which outcomes became known.** Nothing is
    added to ``counts``.

    Parameters
    ----------
    counts : FrequencyCounts
        What to start from; new ones where there is nothing yet.
    data, outcome, positive, negative
        As for :meth:`FrequencyCounts.observe`.
    smoothing, level, team
        As for :meth:`FrequencyCounts.model`.
    confidence : float
        Of the interval of the gain.

    Returns
    -------
    FrequencySignal
        With a verdict, ``"better"`` or ``"no better than the base rate"``.

    Raises
    ------
    NotEnoughDataError
        When fewer than 50 leads can be predicted.
    InvalidParameterError, InvalidOutcomeError, MissingColumnError, ...

    Examples
    --------
    >>> import tierwise as tw
    >>> leads = {"weekday": ["Mon", "Tue", "Wed", "Thu", "Fri"] * 40}
    >>> result = ["won", "lost", "lost", "won", "lost", "lost", "won"] * 28 + ["lost"] * 4
    >>> tw.lead.frequency_signal(tw.lead.FrequencyCounts(["weekday"]), leads, result).verdict
    'no better than the base rate'
    """
    signal = json.loads(
        _signal(
            counts._counts,
            *_leads(counts.features, data, outcome),
            *counts._labels(positive, negative),
            _smoothing(smoothing, level, team),
            real("frequency_signal", "confidence", confidence),
        )
    )
    signal["verdict"] = signal["verdict"].replace("_", " ")
    return FrequencySignal(**signal)


def _counted(fields: Sequence[Feature | str], *, bare: bool = False) -> list[Any]:
    """Read what is to be counted; a bare name is a category that grows."""
    if isinstance(fields, (str, Mapping)) or not all(isinstance(field, (Feature, str)) for field in fields):
        reason = "fields must be a list of names and tw.Feature"
        error = exceptions.InvalidFeatureError(f"{reason}, got {fields!r}")
        error.details = {"feature": repr(fields), "reason": reason}
        raise error
    return [Feature.category(field, []) if isinstance(field, str) and not bare else field for field in fields]


def _kinds_of(table: Table, names: Sequence[str]) -> dict[str, Feature]:
    """Tell yes-nos from categories by their columns; a column of other numbers is refused when it is counted."""
    aside = [name for name in table.column_names() if name not in names]
    neutral: Unknown = "neutral"
    kinds = {}
    for feature in _feature.from_json(table.infer_features(aside, [])):
        is_yes_no = feature.kind == "yes_no"
        kinds[feature.name] = Feature(feature.name, "yes_no" if is_yes_no else "category", (), neutral)
    return kinds


def _leads(features: Sequence[Feature], data: Any, outcome: Any) -> tuple[Table, Table, str]:
    """Read the leads, the labels and the name of the labels."""
    named = isinstance(outcome, str)
    table = table_of(data, features, [outcome] if named else [])
    name = str(outcome if named else getattr(outcome, "name", None) or "outcome")
    return table, table if named else Table.from_columns([(name, column_of(name, outcome))]), name


def _smoothing(smoothing: str, level: float | None, team: float | None) -> str:
    one_of("FrequencyCounts", "smoothing", smoothing, ["empirical_bayes", "odoo"])
    if level is None and team is None:
        return json.dumps(smoothing)
    if level is None or team is None or smoothing != "empirical_bayes":
        must_be = "given together with `team`, and without another `smoothing`"
        raise invalid_parameter("FrequencyCounts", "level", must_be, repr(level))
    fixed = {"level": real("FrequencyCounts", "level", level), "team": real("FrequencyCounts", "team", team)}
    return json.dumps({"fixed": fixed})
