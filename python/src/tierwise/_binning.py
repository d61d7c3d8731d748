"""Supervised optimal binning; what users type is re-exported by ``tierwise.learn``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import numpy as np

from tierwise import _feature
from tierwise._feature import Feature, as_features
from tierwise._frames import (
    Floats,
    column_of,
    frame_like,
    label_of,
    numbers,
    table_of,
    values_like,
)
from tierwise._models import ScoreModel
from tierwise._models import from_json as _from_json
from tierwise._parameters import invalid_parameter, one_of, real, whole, yes_no
from tierwise._tierwise import Table
from tierwise._tierwise import bin_codes as _bin_codes
from tierwise._tierwise import bin_columns as _bin_columns
from tierwise._tierwise import bin_table as _bin_table
from tierwise._tierwise import evidence_card as _evidence_card
from tierwise._tierwise import keep_bins as _keep_bins

__all__ = ["Binning", "Binnings", "bin_feature", "bin_features"]

Monotone = Literal["auto", "either", "ascending", "descending", "peak", "valley", "none"]


class Binning(ScoreModel):
    """A feature in bins, with what each bin says about an outcome; made by :func:`bin_feature`.

    Its score is the weight of evidence ``ln(p / q)``, with ``p`` the bin's share of all rows of the positive class and
    ``q`` its share of all others: more points for the positive class, to be added to log-odds (Good 1950). Tables that
    write ``ln(% good / % bad)`` have this sign when the positive class is the good one. Of an outcome that is a number
    the score is the mean of the bin less the overall mean. A bin without rows scores 0.
    """

    _kind = "binning"

    @property
    def _shown(self) -> dict[str, Any]:
        shown: dict[str, Any] = json.loads(_bin_table(self._model))
        return shown

    @property
    def feature(self) -> Feature:
        """The feature, with the rule for unknown."""
        return self.features[0]

    @property
    def table(self) -> dict[str, Any]:
        """The table, one array per column: ``pandas.DataFrame(binning.table)`` shows it.

        ``bin`` (what it holds), ``rows``, ``weight``, ``share`` (of the weight of all rows); of yes or no ``events``,
        ``non_events``, ``event_rate``, ``low``, ``high`` (interval of Jeffreys), ``woe`` and ``information_value``; of
        a number ``mean``, ``low``, ``high`` (interval of Student), ``effect`` (mean less overall mean) and
        ``explained`` (share of the variance). Ordinary bins come first, from low to high (groups of levels by their
        rate), then special codes, then unknown. NaN where there are no rows.
        """
        shown = self._shown
        names = {"label": "bin", "rows": "rows", "weight": "weight", "share": "share"}
        if shown["binary"]:
            names |= {"events": "events", "non_events": "non_events", "rate": "event_rate", "low": "low"}
            names |= {"high": "high", "points": "woe", "gain": "information_value"}
        else:
            names |= {"rate": "mean", "low": "low", "high": "high", "points": "effect", "gain": "explained"}
        kinds: dict[str, Any] = {"label": object, "rows": np.int64}
        return {
            name: np.array([one[key] for one in shown["bins"]], dtype=kinds.get(key, np.float64))
            for key, name in names.items()
        }

    @property
    def information_value(self) -> float:
        """The sum of ``(p - q) * ln(p / q)`` over all bins; of a number the share of the variance explained."""
        return float(self._shown["information_value"])

    @property
    def edges(self) -> list[float]:
        """The lower ends of all bins of a number but the lowest."""
        return list(self._shown["edges"])

    @property
    def groups(self) -> list[list[str]]:
        """The groups of levels of a category, by ascending rate."""
        return list(self._shown["groups"])

    @property
    def trend(self) -> str | None:
        """The course that the rates take from bin to bin; ``None`` for categories and for edges that were given."""
        trend: str | None = self._shown["trend"]
        return trend

    def woe(self, values: Any) -> Any:
        """Give each value the weight of evidence of its bin; of a number the mean of the bin less the overall mean.

        Parameters
        ----------
        values : array or series
            One value per row. For a whole table use :meth:`score`, which takes the column by its name.

        Returns
        -------
        series, array
            Of the same kind as ``values``.
        """
        return values_like(values, "woe", self._model.score(self._column(values)))

    def codes(self, values: Any) -> Any:
        """Give each value the position of its bin in :attr:`table`, of the same kind as ``values``."""
        return values_like(values, "bin", _bin_codes(self._model, self._column(values)))

    def _column(self, values: Any) -> Table:
        name = self.feature.name
        return Table.from_columns([(name, column_of(name, values))])


class Binnings(Mapping[str, Binning]):
    """The binnings of a table by column; made by :func:`bin_features`."""

    def __init__(self, binnings: Sequence[Binning]) -> None:
        self._binnings = {binning.feature.name: binning for binning in binnings}

    def __getitem__(self, name: str) -> Binning:
        return self._binnings[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._binnings)

    def __len__(self) -> int:
        return len(self._binnings)

    def __repr__(self) -> str:
        return f"<tierwise.learn.Binnings of {len(self)} features>"

    @property
    def summary(self) -> dict[str, Any]:
        """One row per feature, the most telling first: ``feature``, ``information_value``, ``bins``, ``trend``."""
        shown = {name: binning._shown for name, binning in self.items()}
        order = sorted(shown, key=lambda name: -shown[name]["information_value"])
        return {
            "feature": np.array(order, dtype=object),
            "information_value": np.array([shown[name]["information_value"] for name in order], dtype=np.float64),
            "bins": np.array([sum(one["rows"] > 0 for one in shown[name]["bins"]) for name in order], dtype=np.int64),
            "trend": np.array([shown[name]["trend"] for name in order], dtype=object),
        }

    def woe(self, data: Any) -> Any:
        """Replace each column by its weight of evidence; a frame of the same kind as ``data``, binned columns only."""
        table = table_of(data, [binning.feature for binning in self.values()])
        return frame_like(data, {name: binning._model.score(table) for name, binning in self.items()})

    def codes(self, data: Any) -> Any:
        """Replace each column by the position of its bin; a frame of the same kind as ``data``, binned columns only."""
        table = table_of(data, [binning.feature for binning in self.values()])
        return frame_like(data, {name: _bin_codes(binning._model, table) for name, binning in self.items()})

    def scorecard(self, *, name: str = "weights of evidence", factor: float = 1.0, offset: float = 0.0) -> Any:
        """Make a card that adds up the weights of evidence.

        The score is ``offset + factor * (ln(events / others) + sum of the weights)``: with the defaults the log-odds of
        the positive class, if the features were independent within either class (naive Bayes). Features that say the
        same thing are counted twice; a fit on :meth:`woe` mends that.

        Parameters
        ----------
        name : str
            The name of the card.
        factor, offset : float
            Points per unit of log-odds, and the points of even odds.

        Returns
        -------
        tierwise.lead.Scorecard
            To be scored, explained, edited and saved as any other.

        Raises
        ------
        InvalidScorecardError
            When the outcome is a number.
        """
        models = [binning._model for binning in self.values()]
        scale = [real("scorecard", "factor", factor), real("scorecard", "offset", offset)]
        return _from_json(_evidence_card(name, models, *scale).to_json())


def bin_feature(
    values: Any,
    outcome: Any,
    *,
    positive: Any,
    monotone: Monotone = "auto",
    max_bins: int = 10,
    min_share: float = 0.05,
    min_events: float = 1,
    min_non_events: float = 1,
    min_difference: float = 0.0,
    penalty: float = 0.0,
    pre_bins: int = 256,
    special: Sequence[float] = (),
    rare_share: float = 0.01,
    unseen: Literal["neutral", "rare"] = "neutral",
    zero_cells: Literal["half", "neutral"] = "half",
    confidence: float = 0.95,
    edges: Sequence[float] | None = None,
    groups: Sequence[Sequence[str]] | None = None,
    feature: Feature | None = None,
    category: bool = False,
    weights: Any = None,
) -> Binning:
    """Find the bins of a feature that say most about an outcome.

    Of all binnings that keep to the limits, the one with the highest information value (for a number: with the most
    variance explained), less a penalty per bin. The search is exact over all cuts between distinct values where there
    are at most ``pre_bins`` of those; else over that many cuts, two from each of many stretches of the values (where
    the rate turns most), and then again around the chosen cuts, more and more closely. Equal values are never parted.
    An edge is the roundest number between the two values it parts. Levels of a category are ordered by their rate and
    joined like numbers.

    Parameters
    ----------
    values : array or series
        One value per row: numbers, dates, yes-nos or texts; ``None`` and NaN are unknown, a bin of their own.
    outcome : array or series
        One label per row, or one number per row.
    positive : object
        The label that counts as event. It is named, never guessed; ``None`` says that the outcome is a number.
    monotone : {"auto", "either", "ascending", "descending", "peak", "valley", "none"}
        How the rate may go from low to high values. ``"either"`` takes the better of ascending and descending,
        ``"auto"`` too, unless a peak or a valley is worth at least a tenth more.
    max_bins : int
        The most bins, special codes and unknown not counted, 1 to 100.
    min_share : float
        The least share of a bin of the rows whose value is known and no special code.
    min_events, min_non_events : float
        The least weight of either class in a bin.
    min_difference : float
        How far the rates (or means) of neighbours must lie apart.
    penalty : float
        What a bin costs, in units of information value.
    pre_bins : int
        The most cuts to choose among at once, 2 to 512.
    special : sequence of float
        Codes among the numbers that are no numbers, such as -9; each is a bin of its own.
    rare_share : float
        Levels with a smaller share of the known rows are pooled first.
    unseen : {"neutral", "rare"}
        What a level scores that was not seen, where no unknown was seen either: 0, or as the pooled rare levels. Where
        unknown was seen, unseen levels are unknown; a feature whose rule is ``"error"`` refuses them.
    zero_cells : {"half", "neutral"}
        The rule for a bin in which a class does not occur: half a case is added to both classes of that bin, or its
        weight of evidence is 0.
    confidence : float
        Of the intervals in the table.
    edges : sequence of float, optional
        Keep these edges instead of looking for any.
    groups : sequence of sequence of str, optional
        Keep these groups of levels instead of looking for any.
    feature : Feature, optional
        The feature, where levels, their order or the rule for unknown are to be stated.
    category : bool
        Whether whole numbers name levels.
    weights : array, optional
        How many customers each row stands for.

    Returns
    -------
    Binning
        The table, its information value, and the transform of new data. It can be saved.

    Raises
    ------
    InvalidParameterError, OneClassError, NoVariationError, WrongLengthError, NotFiniteError, ...
        The message says what was found, and where.

    Examples
    --------
    >>> import tierwise as tw
    >>> months = [6, 6, 9, 12, 12, 12, 18, 18, 24, 24, 36, 36, 36, 48, 48, 48, None, None]
    >>> paid = ["good"] * 6 + ["good", "bad"] * 4 + ["bad"] * 2 + ["good", "bad"]
    >>> bins = tw.learn.bin_feature(months, paid, positive="bad", monotone="ascending", max_bins=2)
    >>> bins.edges, bins.table["events"].tolist(), bins.table["bin"].tolist()
    ([20.0], [1.0, 5.0, 1.0], ['below 20', '20 or more', 'unknown'])
    >>> bins.woe([6, 50, None]).round(3)
    array([-1.494,  0.963,  0.452])
    """
    settings = _settings("bin_feature", locals())
    name = feature.name if feature is not None else str(getattr(values, "name", None) or "value")
    table = Table.from_columns([(name, column_of(name, values))])
    categories = [name] if yes_no("bin_feature", "category", category) else []
    stated = [feature] if feature is not None else _feature.from_json(table.infer_features([], categories))
    against = _outcome(outcome, positive, weights)
    if edges is None and groups is None:
        return Binning._of(_bin_columns(settings, _feature.to_json(stated), table, *against, False)[0])
    if edges is not None and groups is not None:
        raise invalid_parameter("bin_feature", "edges", "left out where `groups` are given", repr(list(edges)))
    kept = _keep_bins(
        settings,
        _feature.to_json(stated),
        numbers("edges", list(edges)).tolist() if edges else [],
        None if groups is None else [[label_of(level) for level in group] for group in groups],
        json.loads(settings)["special"],
        table,
        *against,
    )
    return Binning._of(kept)


def bin_features(
    data: Any,
    outcome: Any,
    *,
    positive: Any,
    features: Sequence[Feature | str] | None = None,
    categories: Sequence[str] = (),
    monotone: Monotone = "auto",
    max_bins: int = 10,
    min_share: float = 0.05,
    min_events: float = 1,
    min_non_events: float = 1,
    min_difference: float = 0.0,
    penalty: float = 0.0,
    pre_bins: int = 256,
    special: Sequence[float] = (),
    rare_share: float = 0.01,
    unseen: Literal["neutral", "rare"] = "neutral",
    zero_cells: Literal["half", "neutral"] = "half",
    confidence: float = 0.95,
    weights: Any = None,
) -> Binnings:
    """Find the best bins of every column of a table, side by side; the result does not depend on the threads.

    Parameters
    ----------
    data : data frame or dict of columns
        One row per customer.
    outcome : array or str
        One label or number per row, or the name of the column of ``data`` that holds them.
    positive : object
        The label that counts as event; ``None`` says that the outcome is a number.
    features : sequence of Feature or str, optional
        What to bin; without it every column but the outcome.
    categories : sequence of str
        Columns of whole numbers that name levels, where ``features`` is left out.
    monotone, special : as in :func:`bin_feature`
        For the columns that hold numbers.
    max_bins, min_share, min_events, min_non_events, min_difference, penalty, pre_bins : as in :func:`bin_feature`
        For every column.
    rare_share, unseen, zero_cells, confidence, weights : as in :func:`bin_feature`
        For every column.

    Returns
    -------
    Binnings
        One :class:`Binning` by the name of each column.

    Raises
    ------
    InvalidParameterError, OneClassError, NoVariationError, WrongLengthError, NotFiniteError, ...
        As :func:`bin_feature`, for the first column that has an error.

    Examples
    --------
    >>> import tierwise as tw
    >>> data = {"visits": [0, 1, 2, 3, 4, 5] * 5, "country": ["DE", "FR"] * 15, "won": [0, 0, 1, 0, 1, 1] * 5}
    >>> bins = tw.learn.bin_features(data, "won", positive=1)
    >>> list(bins), bins["visits"].edges
    (['visits', 'country'], [3.0])
    >>> bins.summary["feature"].tolist()
    ['visits', 'country']
    """
    settings = _settings("bin_features", locals())
    stated = None if features is None else as_features(features)
    if isinstance(outcome, str) and isinstance(data, np.ndarray):
        raise invalid_parameter("bin_features", "outcome", "one value per row of an array", repr(outcome))
    aside = [outcome] if isinstance(outcome, str) else []
    table = table_of(data, stated, aside)
    against = _outcome(outcome, positive, weights, table)
    if stated is None:
        stated = _feature.from_json(table.infer_features(aside, list(categories)))
    models = _bin_columns(settings, _feature.to_json(stated), table, *against, True)
    return Binnings([Binning._of(model) for model in models])


def _outcome(
    outcome: Any, positive: Any, weights: Any, table: Table | None = None
) -> tuple[Table, str, str | None, Floats | None]:
    """Read the outcome: a column of ``table`` where it is a name, else values of its own."""
    if isinstance(outcome, str):
        if table is None:
            raise invalid_parameter("bin_feature", "outcome", "one label or number per row", repr(outcome))
        name, labels = outcome, table
    else:
        name = str(getattr(outcome, "name", None) or "outcome")
        labels = Table.from_columns([(name, column_of(name, outcome))])
    return (
        labels,
        name,
        None if positive is None else label_of(positive),
        None if weights is None else numbers("weights", weights),
    )


def _settings(of: str, given: Mapping[str, Any]) -> str:
    """Write the settings for the compiled module."""
    return json.dumps(binner_spec(of, given))


def binner_spec(of: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Check the settings of a binning, by the names that users type."""
    one_of(of, "monotone", given["monotone"], ["auto", "either", "ascending", "descending", "peak", "valley", "none"])
    one_of(of, "unseen", given["unseen"], ["neutral", "rare"])
    one_of(of, "zero_cells", given["zero_cells"], ["half", "neutral"])
    settings: dict[str, Any] = {
        "trend": given["monotone"],
        "max_bins": whole(of, "max_bins", given["max_bins"], 1, 100),
        "pre_bins": whole(of, "pre_bins", given["pre_bins"], 2, 512),
        "special": [real(of, "special", code) for code in given["special"]],
        "unseen": given["unseen"],
        "zero_cells": given["zero_cells"],
    }
    for name in (
        "min_share",
        "min_events",
        "min_non_events",
        "min_difference",
        "penalty",
        "rare_share",
        "confidence",
    ):
        settings[name] = real(of, name, given[name])
    return settings
