"""The page of a monitoring report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import tierwise as tw
from tierwise import _page
from tierwise._page import NONE, Figure, Html, interval, percent
from tierwise._pictures import Picture, monitoring

Numbers = Mapping[str, Any]
Drawn = Mapping[str, Picture]


def pictures_of(numbers: Numbers) -> dict[str, Picture]:
    """Draw what can be drawn of the numbers, by name."""
    figures = [batch["figures"] for batch in numbers["batches"]]
    drawn = {"levels": monitoring.levels(numbers)}
    if any(one["roc_auc"] is not None and "not" not in one["roc_auc"] for one in figures):
        drawn["ranking"] = monitoring.ranking(numbers)
    if any(one["base_rate"] is not None for one in figures):
        drawn["said_and_came"] = monitoring.said_and_came(numbers)
    if any(batch["score"] is not None for batch in numbers["batches"]):
        drawn["shift"] = monitoring.shift(numbers)
    if any(batch["columns"] for batch in numbers["batches"]):
        drawn["columns"] = monitoring.columns(numbers)
    return drawn


def parts_of(numbers: Numbers, drawn: Drawn) -> list[str]:
    """Write the parts of the page, in their order; pictures that are not drawn are left out."""
    last = numbers["batches"][-1]
    return [
        _page.says(numbers["says"]),
        _page.caution(numbers["caution"]),
        _wide(drawn, "levels"),
        _page.section(f"What to do after {last['name']}", _findings([last])),
        _page.section(
            "Over time",
            _page.pictures(*(drawn[name] for name in ("ranking", "said_and_came", "shift") if name in drawn)),
            _wide(drawn, "columns"),
            _page.table(*_figures(numbers)),
        ),
        _page.section("All that was found", _findings(numbers["batches"][::-1])),
        f"<footer>Made by tierwise {tw.__version__}.</footer>",
    ]


def _wide(drawn: Drawn, name: str) -> str:
    return _page.pictures(drawn[name], wide=True) if name in drawn else ""


def _findings(batches: list[Numbers]) -> str:
    rows = [
        [batch["name"], Html(_page.level(one["level"])), one["says"], one["next"]]
        for batch in batches
        for one in batch["findings"]
    ]
    if not rows:
        return _page.how("Nothing was found, as far as can be seen.")
    return _page.table(
        ["batch", "level", "what was found", "what to do next"], rows, prose=["what was found", "what to do next"]
    )


def _figures(numbers: Numbers) -> tuple[list[str], list[list[Any]]]:
    names = [
        "batch",
        "level",
        "customers",
        "said",
        "came",
        "interval",
        "ROC AUC",
        "interval",
        "stability index",
        "columns moved",
    ]
    rows = [_row("reference", None, numbers["reference"], None, None)]
    for batch in numbers["batches"]:
        moved = sum(one["level"] != "stable" for one in batch["columns"]) if batch["columns"] else None
        rows.append(_row(batch["name"], batch["level"], batch["figures"], batch["score"], moved))
    return names, rows


def _row(name: str, level: str | None, figures: Numbers, score: Any, moved: int | None) -> list[Any]:
    area, came, said = figures["roc_auc"], figures["base_rate"], figures["calibration"]
    known = area is not None and "not" not in area
    return [
        name,
        None if level is None else Html(_page.level(level)),
        figures["customers"],
        percent(None if said is None else said["mean_probability"]),
        percent(None if came is None else came["rate"]),
        interval(came, True),
        Figure(f"{area['value']:.3f}" if known else NONE),
        interval(area if known else None),
        Figure(NONE if score is None else f"{score['population_stability']:.3f}"),
        moved,
    ]
