"""One index of value from several terms, and what a prospect may be worth."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np

from tierwise import _feature, exceptions
from tierwise._feature import Feature
from tierwise._frames import (
    Floats,
    Labels,
    beside,
    named_table,
    numbers,
    series_like,
    table_of,
)
from tierwise._models import ScoreModel, content_of
from tierwise._parameters import invalid_parameter, one_of, records, text, texts, whole
from tierwise._rows import check_same_rows, for_all
from tierwise._settings import plain
from tierwise._tierwise import normalisation_of as _normalisation_of
from tierwise._tierwise import purchase_potential as _purchase_potential
from tierwise._tierwise import value_index as _value_index
from tierwise._tierwise import value_index_part as _value_index_part

__all__ = ["ValueIndex", "purchase_potential"]


class ValueIndex(ScoreModel):
    """A value index from 0 to 100: each term, brought to 0 to 1 by saved limits, times its weight.

    The contributions add up to the index exactly. Which terms, weights and limits make value is yours to say.

    Parameters
    ----------
    terms : sequence of dict
        Each has ``feature`` (the column), ``weight`` (above 0; the index makes 100 of their sum), ``normalise``, and
        may have ``direction`` (``"higher_is_better"``, the default, or ``"lower_is_better"``), ``unknown``
        (``"no_index"``, the default; ``"refuse"``; or ``{"share": 0.5}``, what unknown counts as), ``part``
        (``"current"`` or ``"potential"``, for :meth:`part`), ``inferred`` (words for people). ``normalise`` is one of

        - ``{"min_max": {"from": 0, "to": 50_000}}``: 0 at ``from``, 1 at ``to``, level beyond;
        - ``{"quantiles": [10, 20, 80]}``: the share of thresholds at or below;
        - ``{"logistic": {"middle": 100, "scale": 30}}``: ``1 / (1 + exp(-(x - middle) / scale))``;
        - ``{"anchors": [[0, 0], [10, 0.8], [100, 1]]}``: straight lines between fixed points.

        :meth:`fit` takes the limits of the first three from customers.
    tiers : sequence of dict
        Best first, the outermost open: ``name``, ``from``, ``to``; none unless stated.
    name, notes
        Words for people.

    Raises
    ------
    InvalidRulesError, InvalidBandsError, InvalidSettingError
        For a term that cannot be computed; the message names it.
    InvalidParameterError
        For limits that are named and not stated: :meth:`fit` takes them from customers.

    Examples
    --------
    >>> import tierwise as tw
    >>> index = tw.value.ValueIndex(
    ...     terms=[
    ...         {"feature": "margin", "weight": 3, "normalise": {"min_max": {"from": 0, "to": 50_000}}},
    ...         {"feature": "potential", "weight": 1, "normalise": {"anchors": [[0, 0], [10, 0.8], [100, 1]]}},
    ...     ],
    ...     tiers=[{"name": "A", "from": 50}, {"name": "B", "to": 50}],
    ... )
    >>> customers = {"margin": [25_000, 1_000], "potential": [10, None]}
    >>> index.score(customers), index.assign(customers)
    (array([57.5,  nan]), array(['A', None], dtype=object))
    >>> index.explain(customers)["margin"]
    array([37.5,  1.5])
    """

    _kind = "value_index"

    def __init__(
        self,
        *,
        terms: Sequence[Mapping[str, Any]],
        tiers: Sequence[Mapping[str, Any]] = (),
        name: str = "",
        notes: Sequence[str] = (),
    ) -> None:
        listed = records("ValueIndex", "terms", terms)
        _check_limits(listed)
        spec = {
            "name": text("ValueIndex", "name", name),
            "notes": texts("ValueIndex", "notes", notes),
            "terms": listed,
            "tiers": records("ValueIndex", "tiers", tiers),
        }
        self._model = _value_index(json.dumps(plain(spec, "")))

    @classmethod
    def fit(
        cls,
        customers: Any,
        *,
        terms: Sequence[Mapping[str, Any]],
        tiers: Sequence[Mapping[str, Any]] = (),
        name: str = "",
        notes: Sequence[str] = (),
    ) -> ValueIndex:
        """Take limits from these customers and save them, so that new customers never move the index of others.

        ``normalise`` may be ``"min_max"`` (least and greatest known value), ``"quantiles"`` (tenths), ``{"quantiles":
        5}`` (so many equal shares, 2 to 1000; equal values stay together), ``"logistic"`` (mean and standard
        deviation), or stated limits.

        Parameters
        ----------
        customers : data frame or dict of columns
            The customers whose values set the limits; unknown ones are left out.
        terms, tiers, name, notes
            As for the class.

        Raises
        ------
        NoVariationError
            For a column without two different known values; state its limits.

        Examples
        --------
        >>> import tierwise as tw
        >>> customers = {"margin": [0, 10, 20, 40]}
        >>> terms = [{"feature": "margin", "weight": 1, "normalise": "min_max"}]
        >>> tw.value.ValueIndex.fit(customers, terms=terms).score({"margin": [30, 99]})
        array([ 75., 100.])
        """
        fitted = [_fitted(customers, place, term) for place, term in enumerate(records("ValueIndex", "terms", terms))]
        return cls(terms=fitted, tiers=tiers, name=name, notes=notes)

    def part(self, part: Literal["current", "potential"]) -> ValueIndex:
        """Give the index of current or of potential value alone, from 0 to 100, without tiers.

        Raises
        ------
        InvalidRulesError
            When no term is of that part.

        Examples
        --------
        >>> import tierwise as tw
        >>> margin = {"feature": "margin", "weight": 3, "normalise": {"min_max": {"from": 0, "to": 50_000}}}
        >>> growth = {"feature": "growth", "weight": 1, "normalise": {"min_max": {"from": 0, "to": 0.2}}}
        >>> index = tw.value.ValueIndex(terms=[margin | {"part": "current"}, growth | {"part": "potential"}])
        >>> customers = {"margin": [25_000, 50_000], "growth": [0.2, 0.0]}
        >>> index.score(customers), index.part("current").score(customers), index.part("potential").score(customers)
        (array([62.5, 75. ]), array([ 50., 100.]), array([100.,   0.]))
        """
        one_of("part", "part", part, ["current", "potential"])
        return self._of(_value_index_part(self._model, json.dumps(part)))

    @property
    def spec(self) -> dict[str, Any]:
        """The index as plain data: the content of its model file."""
        return content_of(self)

    @property
    def findings(self) -> list[str]:
        """What is odd about the index: tiers that no index can reach, because they begin above 100, say."""
        return self._model.findings()

    @property
    def bands(self) -> list[dict[str, Any]]:
        """The tiers with their edges, best first; none where the index is not cut."""
        bands: list[dict[str, Any]] = self.spec.get("tiers", [])
        return bands

    def assign(self, data: Any) -> Any:
        """Give the tier of each row, ``None`` where there is no index.

        Raises
        ------
        ModelKindError
            For an index without tiers.
        """
        if not self.bands:
            error = exceptions.ModelKindError(
                "this value index has no tiers to assign; make it with `tiers`, best first, or cut its scores with "
                "`tierwise.value.Tiers`"
            )
            error.details = {"found": "value_index without tiers", "known": ["value_index with tiers"]}
            raise error
        codes = self._model.assign(table_of(data, self.features))
        return series_like(data, "tier", Labels(codes, self._model.outcomes()))


def _check_limits(terms: Sequence[Mapping[str, Any]]) -> None:
    """Refuse limits that are named but not stated, which only customers can give."""
    for place, term in enumerate(terms):
        normalise = term.get("normalise")
        count = normalise.get("quantiles") if isinstance(normalise, Mapping) else None
        if isinstance(normalise, str) or isinstance(count, (int, np.integer)):
            must_be = (
                "one with its limits, such as {'min_max': {'from': 0, 'to': 50_000}}; `ValueIndex.fit` takes limits "
                "from customers"
            )
            raise invalid_parameter("ValueIndex", f"terms[{place}].normalise", must_be, repr(normalise))


def _fitted(customers: Any, place: int, term: Mapping[str, Any]) -> dict[str, Any]:
    normalise = term.get("normalise")
    shares = 10
    if isinstance(normalise, Mapping) and set(normalise) == {"quantiles"}:
        given = normalise["quantiles"]
        if isinstance(given, (int, np.integer)) and not isinstance(given, bool):
            normalise, shares = "quantiles", whole("ValueIndex", "quantiles", given, 2, 1000)
    if not isinstance(normalise, str):
        return dict(term)
    feature = [Feature.number(text("ValueIndex", f"terms[{place}].feature", term.get("feature")))]
    (values,) = named_table(customers, feature).values(_feature.to_json(feature), False)
    return {**term, "normalise": json.loads(_normalisation_of(normalise, feature[0].name, values, shares))}


def purchase_potential(
    chance: Any,
    value: Any,
    cost: Any = None,
    *,
    chance_interval: tuple[Any, Any] | None = None,
    value_interval: tuple[Any, Any] | None = None,
) -> Any:
    """Give the expected value of each prospect: chance to win times value if won, less the cost of trying.

    Parameters
    ----------
    chance : array or series
        The probability to win, 0 to 1.
    value : float, array or series
        The value if won, 0 or more, in money; one number for all.
    cost : float, array or series, optional
        What trying costs, won or not; one number for all.
    chance_interval, value_interval : pair of floats, arrays or series, optional
        The lower and upper ends, around the estimates.

    Returns
    -------
    frame
        Of the same kind as ``chance``: ``expected``, and ``low`` and ``high`` where chance and value both have an
        interval. Half-widths on the logarithms combine as the root of the sum of squares (Zou and Donner 2008), which
        takes the errors of chance and value for independent. The interval is that of the expectation: a single
        prospect brings all or nothing.

    Raises
    ------
    InvalidValueError
        For a chance outside [0, 1], a negative value or cost, an interval that does not hold its estimate; it names
        the row.
    InvalidParameterError
        For pandas series whose indexes differ.

    Examples
    --------
    >>> import tierwise as tw
    >>> found = tw.value.purchase_potential(
    ...     [0.25], [8000], [500], chance_interval=([0.2], [0.3]), value_interval=([6000], [10_000])
    ... )
    >>> found["expected"], found["low"].round(2), found["high"].round(2)
    (array([1500.]), array([889.67]), array([2167.93]))
    """
    of_chance, of_value = (
        _ends(name, interval)
        for name, interval in [("chance_interval", chance_interval), ("value_interval", value_interval)]
    )
    columns_given = {"chance": chance, "value": value, "cost": cost, **of_chance, **of_value}
    check_same_rows("purchase_potential", columns_given)
    chances = numbers("chance", chance)

    def read(interval: dict[str, Any]) -> tuple[Floats, Floats] | None:
        ends = [for_all(name, end, len(chances)) for name, end in interval.items()]
        return (ends[0], ends[1]) if ends else None

    expected, interval = _purchase_potential(
        chances,
        for_all("value", value, len(chances)),
        None if cost is None else for_all("cost", cost, len(chances)),
        read(of_chance),
        read(of_value),
    )
    columns = {"expected": expected}
    if interval is not None:
        columns["low"], columns["high"] = interval
    return beside(chance, columns)


def _ends(name: str, interval: Any) -> dict[str, Any]:
    """Name the ends of an interval; none where there is none."""
    if interval is None:
        return {}
    if not isinstance(interval, (tuple, list)) or len(interval) != 2:
        raise invalid_parameter(
            "purchase_potential", name, "a pair of arrays, the lower and upper ends", repr(interval)
        )
    return {f"the lower end of {name}": interval[0], f"the upper end of {name}": interval[1]}
