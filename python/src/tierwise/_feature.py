"""What a model knows about one property of a customer."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from tierwise import exceptions

Unknown = Literal["own", "neutral", "error"]


@dataclass(frozen=True)
class Feature:
    """One property of a customer: its name, its kind, and what unknown means for it.

    Make one with :meth:`number`, :meth:`yes_no` or :meth:`category`. Null, NaN, and a level that is not listed all
    mean unknown, and unknown is never "no".

    Parameters
    ----------
    name : str
        The name of its column.
    kind : {"number", "yes_no", "category"}
        What its values are. A date is a number, in days since 1970-01-01.
    levels : sequence of str
        The levels of a category.
    unknown : {"own", "neutral", "error"}
        ``"own"``: unknown has points of its own; ``"neutral"``: it neither adds nor takes; ``"error"``: it is refused.

    Examples
    --------
    >>> import tierwise as tw
    >>> tw.Feature.category("country", ["DE", "FR"], unknown="own")
    Feature(name='country', kind='category', levels=('DE', 'FR'), unknown='own')
    """

    name: str
    kind: Literal["number", "yes_no", "category"]
    levels: tuple[str, ...] = ()
    unknown: Unknown = "neutral"

    @classmethod
    def number(cls, name: str, *, unknown: Unknown = "neutral") -> Feature:
        """Make a feature of numbers."""
        return cls(name, "number", (), unknown)

    @classmethod
    def yes_no(cls, name: str, *, unknown: Unknown = "neutral") -> Feature:
        """Make a fact that is yes, no or unknown."""
        return cls(name, "yes_no", (), unknown)

    @classmethod
    def category(cls, name: str, levels: Iterable[str], *, unknown: Unknown = "neutral") -> Feature:
        """Make a category with these levels; numbers stand for their text."""
        if isinstance(levels, str):
            error = exceptions.InvalidFeatureError(
                f"feature `{name}` is not valid: its levels must be a list of texts, got the single text {levels!r}"
            )
            error.details = {"feature": name, "reason": "the levels are a single text"}
            raise error
        ordered = sorted(levels, key=str) if isinstance(levels, (set, frozenset)) else levels
        return cls(name, "category", tuple(str(level) for level in ordered), unknown)

    def _spec(self) -> dict[str, Any]:
        spec: dict[str, Any] = {"name": self.name, "kind": self.kind, "unknown": self.unknown}
        if self.levels:
            spec["levels"] = list(self.levels)
        return spec


def as_features(features: Sequence[Feature | str]) -> list[Feature]:
    """Read features; a bare name stands for a number."""
    is_one = isinstance(features, (str, bytes)) or getattr(features, "ndim", 1) == 0
    listed = None if is_one or not isinstance(features, Iterable) else list(features)
    if listed is None or not all(isinstance(feature, (Feature, str)) for feature in listed):
        error = exceptions.InvalidFeatureError(
            f"features must be a list of tw.Feature or names, got {features!r}; make one with tw.Feature.number, "
            ".yes_no or .category"
        )
        error.details = {"feature": repr(features), "reason": "features must be a list of tw.Feature or names"}
        raise error
    return [feature if isinstance(feature, Feature) else Feature.number(feature) for feature in listed]


def to_json(features: Sequence[Feature]) -> str:
    """Write features for the compiled module."""
    return json.dumps([feature._spec() for feature in features])


def from_json(text: str) -> list[Feature]:
    """Read features from the compiled module."""
    return [
        Feature(spec["name"], spec["kind"], tuple(spec.get("levels", ())), spec["unknown"]) for spec in json.loads(text)
    ]
