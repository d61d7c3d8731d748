"""Pictures of a score over time; each takes the numbers of a monitoring report."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from tierwise._pictures.style import (
    ACCENT,
    INK,
    LEVEL_COLORS,
    MUTED,
    PALE,
    SECOND,
    Picture,
    blank,
    in_percent,
    plain,
    titled,
)

_DASHED = (0, (4, 3))
_MOST_COLUMNS = 15


def levels(numbers: Mapping[str, Any], title: str = "How each batch stands") -> Picture:
    """Draw a tile per batch, in the colour of its level and with its name."""
    from matplotlib.patches import Rectangle

    batches = numbers["batches"]
    figure, axes = blank(10.5, 1.7)
    for place, batch in enumerate(batches):
        axes.add_patch(Rectangle((place + 0.03, 0), 0.94, 1, color=LEVEL_COLORS[batch["level"]]))
        if len(batches) <= 24:
            axes.text(place + 0.5, 0.5, batch["level"], ha="center", va="center", fontsize=8, color=INK)
    axes.set_xlim(0, len(batches))
    axes.set_ylim(0, 1)
    _batch_names(axes, batches, 0.5)
    axes.set_yticks([])
    axes.grid(visible=False)
    axes.spines[["left", "bottom"]].set_visible(False)
    titled(axes, title)
    told = ", ".join(f"{batch['name']}: {batch['level']}" for batch in batches[-24:])
    return Picture(title, f"Levels by batch. {told}.", figure)


def ranking(numbers: Mapping[str, Any], title: str = "Does it still rank?") -> Picture:
    """Draw the ROC AUC of each batch with its interval, against that of the reference."""
    figure, axes = blank(5.4, 3.4)
    found = [batch["figures"]["roc_auc"] for batch in numbers["batches"]]
    known = [(place, area) for place, area in enumerate(found) if area is not None and "not" not in area]
    _over_time(axes, known, "value", ACCENT)
    before = numbers["reference"]["roc_auc"]
    if before is not None and "not" not in before:
        axes.axhspan(before["low"], before["high"], color=PALE, alpha=0.5, linewidth=0)
        axes.axhline(before["value"], color=MUTED, linewidth=1)
        axes.text(len(found) - 0.5, before["high"], "reference", fontsize=8, color=MUTED, ha="right", va="bottom")
    axes.axhline(0.5, color=MUTED, linewidth=1, linestyle=_DASHED)
    axes.text(-0.45, 0.5, "a coin", fontsize=8, color=MUTED, va="bottom")
    _batch_names(axes, numbers["batches"])
    axes.set_xlim(-0.5, len(found) - 0.5)
    axes.set_ylabel("ROC AUC")
    titled(axes, title)
    told = ", ".join(f"{numbers['batches'][place]['name']} {area['value']:.3f}" for place, area in known)
    return Picture(title, f"ROC AUC by batch with intervals: {told}.", figure)


def said_and_came(numbers: Mapping[str, Any], title: str = "What was said and what came") -> Picture:
    """Draw the share of events of each batch with its interval, and what was said on average."""
    figure, axes = blank(5.4, 3.4)
    batches = numbers["batches"]
    came = [
        (place, batch["figures"]["base_rate"]) for place, batch in enumerate(batches) if batch["figures"]["base_rate"]
    ]
    _over_time(axes, came, "rate", ACCENT)
    high = max(rate["high"] for _, rate in came)
    said = [
        (place, batch["figures"]["calibration"]["mean_probability"])
        for place, batch in enumerate(batches)
        if batch["figures"]["calibration"]
    ]
    if said:
        axes.plot(
            *_with_gaps([place for place, _ in said], [value for _, value in said]),
            color=SECOND,
            linewidth=1.6,
            marker="s",
            markersize=4,
        )
        axes.annotate("said", said[-1], (6, 0), textcoords="offset points", fontsize=8.5, color=SECOND, va="center")
        high = max(high, *(value for _, value in said))
    last = came[-1]
    axes.annotate(
        "came", (last[0], last[1]["rate"]), (6, 0), textcoords="offset points", fontsize=8.5, color=ACCENT, va="center"
    )
    axes.set_ylim(0, high * 1.12)
    in_percent(axes.yaxis)
    _batch_names(axes, batches)
    axes.set_xlim(-0.5, len(batches) - 0.1)
    axes.set_ylabel("share of events")
    titled(axes, title)
    told = ", ".join(f"{batches[place]['name']} {rate['rate']:.1%}" for place, rate in came)
    return Picture(title, f"Share of events by batch with intervals: {told}.", figure)


def shift(numbers: Mapping[str, Any], title: str = "Do the scores move?") -> Picture:
    """Draw the population stability index of the score by batch, with the limits and what chance makes of it."""
    figure, axes = blank(5.4, 3.4)
    batches = numbers["batches"]
    moved = [(place, batch["score"]) for place, batch in enumerate(batches) if batch["score"]]
    places = [place for place, _ in moved]
    values = [score["population_stability"] for _, score in moved]
    axes.bar(
        places,
        values,
        color=[LEVEL_COLORS[score["level"]] for _, score in moved],
        edgecolor=MUTED,
        linewidth=0.6,
        width=0.62,
    )
    noise = [(place, score["noise"]) for place, score in moved if score["noise"] is not None]
    axes.plot(
        [place for place, _ in noise], [value for _, value in noise], "_", color=INK, markersize=14, markeredgewidth=1.4
    )
    for name in ("watch", "act"):
        limit = numbers[name]
        axes.axhline(limit, color=MUTED, linewidth=1, linestyle=_DASHED)
        axes.text(-0.5, limit, f" {name} from {limit:g}", fontsize=8, color=MUTED, va="bottom")
    axes.set_ylim(0, max(1.16 * numbers["act"], *values, *(value for _, value in noise)) * 1.08)
    _batch_names(axes, batches)
    axes.set_xlim(-0.55, len(batches) - 0.45)
    axes.set_ylabel("stability index (black: what chance reaches)")
    axes.grid(axis="x", visible=False)
    titled(axes, title)
    told = ", ".join(f"{batches[place]['name']} {value:.2f}" for place, value in zip(places, values, strict=True))
    return Picture(title, f"Population stability index of the score by batch: {told}.", figure)


def columns(numbers: Mapping[str, Any], title: str = "Which columns move?") -> Picture:
    """Draw the columns that moved most by batch, as tiles in the colour of their level with the index."""
    from matplotlib.patches import Rectangle

    batches = numbers["batches"]
    names = _worst(batches)
    figure, axes = blank(10.5, 0.3 * len(names) + 1.6)
    for place, batch in enumerate(batches):
        by_name = {one["name"]: one for one in batch["columns"]}
        for row, name in enumerate(names):
            if name not in by_name:
                continue
            one = by_name[name]
            axes.add_patch(Rectangle((place + 0.03, row + 0.06), 0.94, 0.88, color=LEVEL_COLORS[one["level"]]))
            if len(batches) <= 16:
                axes.text(
                    place + 0.5,
                    row + 0.5,
                    _cell(one, numbers["unknown_rise"]),
                    ha="center",
                    va="center",
                    fontsize=7.5,
                    color=INK,
                )
    axes.set_xlim(0, len(batches))
    axes.set_ylim(len(names), 0)
    axes.set_yticks([row + 0.5 for row in range(len(names))], [plain(name) for name in names])
    _batch_names(axes, batches, 0.5)
    axes.grid(visible=False)
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.tick_params(length=0)
    key = "stability index; blue stable, yellow watch, red act; ? unknown more often, + values never seen"
    axes.set_title(key, loc="right", fontsize=8, color=MUTED)
    titled(axes, title)
    return Picture(title, f"Levels of columns by batch. The columns that moved most: {', '.join(names[:5])}.", figure)


def _cell(one: Mapping[str, Any], rise: float) -> str:
    more = "?" if one["unknown_now"] - one["unknown_before"] >= rise else ""
    return f"{one['population_stability']:.2f}{more}{'+' if one['unseen'] else ''}"


def _worst(batches: Sequence[Mapping[str, Any]]) -> list[str]:
    """List the columns whose index was greatest in any batch."""
    most: dict[str, float] = {}
    for batch in batches:
        for one in batch["columns"]:
            most[one["name"]] = max(most.get(one["name"], 0.0), one["population_stability"])
    return sorted(most, key=lambda name: -most[name])[:_MOST_COLUMNS]


def _over_time(axes: Any, found: Sequence[tuple[int, Mapping[str, Any]]], value: str, color: str) -> None:
    places = [place for place, _ in found]
    middle = [one[value] for _, one in found]
    ends = [
        [max(one[value] - one["low"], 0) for _, one in found],
        [max(one["high"] - one[value], 0) for _, one in found],
    ]
    axes.plot(*_with_gaps(places, middle), color=color, linewidth=1)
    axes.errorbar(places, middle, yerr=ends, fmt="o", markersize=4.5, color=color, capsize=2.5, linewidth=1.2)


def _with_gaps(places: Sequence[int], values: Sequence[float]) -> tuple[list[int], list[float]]:
    """Break the line where batches have no value: nothing is known of what lies between."""
    known = dict(zip(places, values, strict=True))
    every = list(range(places[0], places[-1] + 1))
    return every, [known.get(place, math.nan) for place in every]


def _batch_names(axes: Any, batches: Sequence[Mapping[str, Any]], offset: float = 0.0) -> None:
    every = max(1, -(-len(batches) // 12))
    shown = list(range(len(batches) - 1, -1, -every))[::-1]  # the last one counts most
    letters = sum(len(plain(batches[place]["name"], 16)) + 2 for place in shown)
    width = axes.figure.get_size_inches()[0]
    turn = {"rotation": 35, "ha": "right", "rotation_mode": "anchor"} if letters > 12 * width else {}
    axes.set_xticks([place + offset for place in shown], [plain(batches[place]["name"], 16) for place in shown], **turn)
