"""Quantiles of values that nobody holds all at once; what users type is re-exported by ``tierwise.learn``."""

from __future__ import annotations

from typing import Any

import numpy as np

from tierwise._frames import Floats, numbers
from tierwise._parameters import invalid_parameter, whole
from tierwise._tierwise import QuantileSketch as _Compiled

__all__ = ["QuantileSketch"]


class QuantileSketch:
    """A summary of numbers that tells their quantiles to within a stated share of the rows, and merges.

    One per partition or day, merged where the cut points are needed: ``bin_feature(..., edges=sketch.cuts(20))``. The
    bound :attr:`rank_error` always holds, for any values in any order and however parts were merged (after Manku,
    Rajagopalan & Lindsay 1998). Up to ``capacity`` values it is exact. It pickles, and :meth:`to_json` writes it down.

    Parameters
    ----------
    capacity : int
        How many values a buffer holds, 8 to 1 048 576: more is more exact and larger. About
        ``log2(rows / capacity) / (2 * capacity)`` of the rows may a rank be off.

    Examples
    --------
    >>> import numpy as np
    >>> import tierwise as tw
    >>> january, february = tw.learn.QuantileSketch(), tw.learn.QuantileSketch()
    >>> january.add(np.arange(50_000)).add([np.nan])
    <tierwise.learn.QuantileSketch of 50000 rows, ranks to within 0.056 %>
    >>> january.merge(february.add(np.arange(50_000, 100_000))).rows
    100000
    >>> bool(abs(january.quantile(0.5) - 50_000) <= 100_000 * january.rank_error + 1)
    True
    """

    def __init__(self, capacity: int = 4096) -> None:
        self._sketch = _Compiled(whole("QuantileSketch", "capacity", capacity, 8, 1_048_576))

    def add(self, values: Any) -> QuantileSketch:
        """Add values (array or series); unknown ones are counted apart. Returns the sketch itself.

        Raises
        ------
        InvalidValueError
            For an infinite value, with its row; then none is added.
        """
        self._sketch.add(numbers("values", values))
        return self

    def merge(self, other: QuantileSketch) -> QuantileSketch:
        """Add the sketch of another part, of the same capacity. Returns the sketch itself."""
        if not isinstance(other, QuantileSketch):
            raise invalid_parameter("merge", "other", "a QuantileSketch", repr(other))
        # A sketch is its own other part only by value.
        self._sketch.merge(_Compiled.from_json(other.to_json()) if other is self else other._sketch)
        return self

    @property
    def rows(self) -> int:
        """The known values that were added."""
        return self._sketch.state()[0]

    @property
    def unknown(self) -> int:
        """The unknown ones."""
        return self._sketch.state()[1]

    @property
    def rank_error(self) -> float:
        """By what share of the known rows the rank of a quantile may be off, at most; 0 while the sketch is exact."""
        return self._sketch.state()[2]

    def quantile(self, share: Any) -> Any:
        """Give the value below which about this share of the known rows lies; an array for several shares.

        Always a value that was added; NaN before any was.
        """
        shares: Floats = np.atleast_1d(numbers("shares", np.atleast_1d(share)))
        found = self._sketch.quantiles(shares.tolist())
        values = np.full(len(shares), np.nan) if found is None else np.array(found, dtype=np.float64)
        return float(values[0]) if np.ndim(share) == 0 else values

    def cuts(self, bins: int) -> list[float]:
        """Give cut points that leave about equally many rows in each bin; fewer where many share a value."""
        return self._sketch.cuts(whole("cuts", "bins", bins, 1, 1_000_000))

    def to_json(self) -> str:
        """Write the sketch as text."""
        return self._sketch.to_json()

    @classmethod
    def from_json(cls, text: str) -> QuantileSketch:
        """Read what :meth:`to_json` wrote."""
        self = cls.__new__(cls)
        self._sketch = _Compiled.from_json(text)
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return (QuantileSketch.from_json, (self.to_json(),))

    def __repr__(self) -> str:
        error = 100 * self.rank_error
        return f"<tierwise.learn.QuantileSketch of {self.rows} rows, ranks to within {error:.2g} %>"
