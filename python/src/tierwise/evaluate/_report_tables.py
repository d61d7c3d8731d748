"""The tables of a report as frames."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from tierwise._frames import Labels, rows_like

# A column of a table, and where its value stands in a row.
_Columns = Mapping[str, Callable[[Mapping[str, Any]], Any]]


def _path(*names: str) -> Callable[[Mapping[str, Any]], Any]:
    def value(row: Any) -> Any:
        for name in names:
            row = None if row is None or (isinstance(row, Mapping) and "not" in row) else row.get(name)
        return row

    return value


def _with_ends(*path: str, of: str) -> dict[str, Callable[[Mapping[str, Any]], Any]]:
    return {
        path[-1]: _path(*path, of),
        f"{path[-1]}_low": _path(*path, "low"),
        f"{path[-1]}_high": _path(*path, "high"),
    }


_TOP: _Columns = {
    "share": _path("share"),
    "customers": _path("customers"),
    "cut": _path("cut"),
    "events": _path("events"),
    **_with_ends("rate", of="rate"),
    **_with_ends("capture", of="value"),
    **_with_ends("lift", of="value"),
}
_GROUP: _Columns = {
    "group": _path("group"),
    "rows": _path("rows"),
    **_with_ends("base_rate", of="rate"),
    **_with_ends("selection_rate", of="rate"),
    **_with_ends("true_positive_rate", of="rate"),
    **_with_ends("roc_auc", of="value"),
    **_with_ends("compared", "selection_ratio", of="value"),
}


def tables_of(found: Mapping[str, Any], like: Any) -> dict[str, Any]:
    """Give the tables of a report by name; NaN where there is no figure."""
    tables: dict[str, Any] = {}
    if "top" in found:
        tables["top"] = _frame(like, found["top"]["table"], _TOP)
        _add(tables, like, "calibration", found["calibration"], "table")
        _add(tables, like, "histogram", found["histogram"], "bins")
        _add(tables, like, "decision", found["decision"], "curve")
        _add(tables, like, "profit", found["profit"], "curve")
        for one in found["groups"]:
            tables[f"groups: {one['name']}"] = _frame(like, one["groups"], _GROUP)
    for name in ("capture", "deciles"):
        if isinstance(found.get(name), list):
            tables[name] = _frame(like, found[name])
    if "terms" in (found.get("model") or {}):
        tables["terms"] = _frame(like, found["model"]["terms"])
        tables["unknown"] = _frame(like, found["model"]["unknown"])
    return tables


def _add(tables: dict[str, Any], like: Any, name: str, section: Any, key: str) -> None:
    if section is not None and "not" not in section:
        tables[name] = _frame(like, section[key])


def _frame(like: Any, rows: Sequence[Mapping[str, Any]], columns: _Columns | None = None) -> Any:
    columns = columns or {name: _path(name) for name in rows[0]}
    values = {name: [of(row) for row in rows] for name, of in columns.items()}
    return rows_like(like, len(rows), {name: _column(listed) for name, listed in values.items()})


def _column(values: list[Any]) -> Any:
    if any(isinstance(value, str) for value in values):
        return Labels(np.arange(len(values), dtype=np.int32), [str(value) for value in values])
    return np.array([math.nan if value is None else value for value in values], dtype=np.float64)
