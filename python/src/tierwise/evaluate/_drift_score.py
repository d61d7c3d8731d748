"""What moved a score, and who moved between tiers."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tierwise._frames import Floats, Labels, numbers, positions, rows_like, table_of
from tierwise._models import ScoreModel
from tierwise._parameters import invalid_parameter, real, texts
from tierwise._tierwise import characteristic_stability as _characteristic_stability
from tierwise._tierwise import tier_migration as _tier_migration
from tierwise.evaluate._before_after import Rate
from tierwise.evaluate._drift import ColumnDrift, DriftSettings, column_drift_of, emptied, settings_of


@dataclass(frozen=True)
class CharacteristicShift:
    """What one characteristic adds to the shift of the mean score: its mean points then and now, and what changed."""

    name: str
    reference: float
    current: float
    shift: float
    drift: ColumnDrift = field(repr=False)


@dataclass(frozen=True)
class CharacteristicStability:
    """Which characteristics moved a score; made by :func:`characteristic_stability`.

    ``reference`` and ``current`` are mean scores; ``shift`` is the sum of the shifts of ``characteristics``.
    """

    reference: float
    current: float
    shift: float
    characteristics: dict[str, CharacteristicShift] = field(repr=False)
    _like: Any = field(repr=False, compare=False)

    @property
    def table(self) -> Any:
        """One row per characteristic, of the same kind as the current table."""
        found = list(self.characteristics.values())
        names = [one.name for one in found]
        levels = ["stable", "watch", "act"]
        columns = {
            "characteristic": Labels(np.arange(len(names), dtype=np.int32), names),
            "reference": np.array([one.reference for one in found]),
            "current": np.array([one.current for one in found]),
            "shift": np.array([one.shift for one in found]),
            "population_stability": np.array([one.drift.population_stability for one in found]),
            "level": Labels(np.array([levels.index(one.drift.level) for one in found], dtype=np.int32), levels),
        }
        return rows_like(self._like, len(found), columns)


@dataclass(frozen=True, eq=False)
class TierMigration:
    """Who moved between tiers; made by :func:`tier_migration`.

    ``counts`` and ``shares`` go from the tier of the row to that of the column (best first); ``shares`` are of the row,
    with the ends ``low`` and ``high``, NaN in the row of a tier that nobody was in. ``up``, ``down`` and ``same`` are
    of those whose tier is known at both dates; ``lost`` had one, ``new`` have one now, ``never`` neither.
    ``departures`` are the lost by the tier that they left, ``arrivals`` the new by the tier that they came to. ``z``
    and ``p_value`` ask whether up and down were equally likely. Where nobody's tier is known at both dates, ``counts``
    are 0 and the rates NaN, in an interval from 0 to 1.
    """

    tiers: list[str]
    counts: Floats = field(repr=False)
    shares: Floats = field(repr=False)
    low: Floats = field(repr=False)
    high: Floats = field(repr=False)
    arrivals: Floats = field(repr=False)
    departures: Floats = field(repr=False)
    up: Rate
    down: Rate
    same: Rate
    lost: float
    new: float
    never: float
    z: float
    p_value: float


def characteristic_stability(
    model: ScoreModel,
    reference: Any,
    current: Any,
    *,
    reference_weights: Any = None,
    current_weights: Any = None,
    settings: DriftSettings | None = None,
) -> CharacteristicStability:
    """Take the shift of a score apart: what each characteristic adds to it, and how stable it is (Siddiqi 2006).

    Works for every model that is a sum. The cells of a characteristic are the points that it gives, so that changes
    which do not move the score do not count; look at :func:`drift` of the columns for those.

    Parameters
    ----------
    model : Scorecard, LogisticModel or another model that explains itself
        The score.
    reference, current : data frame, dict of columns, or 2-d array
        The facts of the customers.
    reference_weights, current_weights, settings
        As for :func:`drift`.

    Returns
    -------
    CharacteristicStability
        The mean scores, their ``shift``, and by ``characteristics`` what each adds to it; ``table`` as a frame.

    Raises
    ------
    MissingColumnError, EmptyTableError, ...
        Those of scoring and of :func:`drift`.

    Examples
    --------
    >>> import tierwise as tw
    >>> visits = {"visits": [0, 1, 2, 3, 4, 5]}
    >>> model = tw.learn.Logistic().fit(visits, [0, 0, 1, 0, 1, 1], positive=1)
    >>> found = tw.evaluate.characteristic_stability(model, visits, {"visits": [2, 3, 4, 5, 6, 7]})
    >>> found.shift == found.characteristics["visits"].shift > 0
    True
    """
    if not isinstance(model, ScoreModel):
        must_be = "a model that explains itself, such as a Scorecard"
        raise invalid_parameter("characteristic_stability", "model", must_be, repr(model))
    found = json.loads(
        _characteristic_stability(
            settings_of("characteristic_stability", settings),
            model._model,
            table_of(reference, model.features),
            table_of(current, model.features),
            None if reference_weights is None else numbers("weights", reference_weights),
            None if current_weights is None else numbers("weights", current_weights),
        )
    )
    shifts = {one["name"]: _shift(one) for one in found["characteristics"]}
    return CharacteristicStability(found["reference"], found["current"], found["shift"], shifts, emptied(current))


def _shift(found: Mapping[str, Any]) -> CharacteristicShift:
    return CharacteristicShift(**{**found, "drift": column_drift_of(found["drift"])})


def tier_migration(
    before: Any, after: Any, tiers: Sequence[str], *, weights: Any = None, confidence: float = 0.95
) -> TierMigration:
    """Count who moved between tiers, grades or classes from one date to another.

    Parameters
    ----------
    before, after : array or series
        The tier of the same customers at two dates, row by row; unknown where there is none.
    tiers : sequence of str
        All tiers, the best first.
    weights : array, optional
        How many customers each row stands for.
    confidence : float
        Of the intervals (Jeffreys).

    Returns
    -------
    TierMigration
        The matrix as ``counts`` and ``shares``, and the shares of ``up``, ``down`` and ``same`` with intervals.

    Raises
    ------
    UnknownNameError
        With the row for a tier that is not listed.
    WrongLengthError, InvalidParameterError
        For dates of different lengths, and for tiers or a confidence that cannot be.

    Examples
    --------
    >>> import tierwise as tw
    >>> moved = tw.evaluate.tier_migration(["A", "B", "B", "B", None], ["A", "A", "B", None, "B"], ["A", "B"])
    >>> moved.counts
    array([[1., 0.],
           [1., 1.]])
    >>> moved.up.events, moved.down.events, moved.lost, moved.new
    (1.0, 0.0, 1.0, 1.0)
    """
    names = texts("tier_migration", "tiers", tiers)
    return migration_of(
        _tier_migration(
            names,
            positions("the tier before", before, names),
            positions("the tier after", after, names),
            None if weights is None else numbers("weights", weights),
            real("tier_migration", "confidence", confidence),
        )
    )


def migration_of(text: str) -> TierMigration:
    """Read a migration that the compiled module found."""
    found = json.loads(text)
    rates = found.pop("rates")

    def matrix(of: str) -> Floats:
        return np.array([[np.nan if rate is None else rate[of] for rate in row] for row in rates], dtype=np.float64)

    for name in ("counts", "arrivals", "departures"):
        found[name] = np.array(found[name])
    for name in ("up", "down", "same"):
        rate = found[name]
        found[name] = Rate(**(rate if rate["trials"] else rate | {"rate": math.nan}))
    return TierMigration(**found, shares=matrix("rate"), low=matrix("low"), high=matrix("high"))
