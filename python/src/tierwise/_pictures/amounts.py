"""Pictures of predicted amounts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tierwise._pictures.style import ACCENT, MUTED, PALE, SECOND, Picture, blank, in_percent, plain_number, titled


def deciles(numbers: Mapping[str, Any], title: str = "What was said and what came") -> Picture:
    """Draw the mean amount said and come by tenth of the customers."""
    from matplotlib.ticker import FuncFormatter

    figure, axes = blank(5.4, 4.0)
    rows = numbers["deciles"]
    places = [row["group"] for row in rows]
    said, came = [row["mean_predicted"] for row in rows], [row["mean_actual"] for row in rows]
    for place, one, two in zip(places, said, came, strict=True):
        axes.plot([place, place], [one, two], color=PALE, linewidth=3, solid_capstyle="butt")
    axes.plot(places, said, "s", color=SECOND, markersize=5)
    axes.plot(places, came, "o", color=ACCENT, markersize=5)
    axes.annotate(
        "said", (places[0], said[0]), (8, 0), textcoords="offset points", fontsize=8.5, color=SECOND, va="center"
    )
    axes.annotate(
        "came", (places[0], came[0]), (8, 0), textcoords="offset points", fontsize=8.5, color=ACCENT, va="center"
    )
    axes.set_xticks(places)
    axes.set_ylim(min(0, *said, *came), None)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: plain_number(value)))
    axes.set_xlabel("tenth of the customers, highest prediction first")
    axes.set_ylabel("per customer, on average")
    axes.grid(axis="x", visible=False)
    titled(axes, title)
    alt = f"Means by tenth. In the first {plain_number(said[0])} was said and {plain_number(came[0])} came."
    return Picture(title, alt, figure)


def captured(numbers: Mapping[str, Any], title: str = "Who brings the money") -> Picture:
    """Draw the share of the whole that the best customers by prediction bring, against hindsight and chance."""
    figure, axes = blank(5.4, 4.0)
    rows = numbers["curve"]
    shares = [0, *(row["share"] for row in rows)]
    axes.plot(shares, [0, *(row["oracle"] for row in rows)], color=MUTED, linewidth=1.2)
    axes.plot(shares, [0, *(row["capture"] for row in rows)], color=ACCENT, linewidth=2)
    axes.plot([0, 1], [0, 1], color=MUTED, linewidth=1, linestyle=(0, (4, 3)))
    ahead, found = rows[19], rows[29]
    axes.annotate(
        "with hindsight",
        (ahead["share"], ahead["oracle"]),
        (-4, 6),
        textcoords="offset points",
        fontsize=8.5,
        color=MUTED,
        ha="right",
    )
    axes.annotate(
        "by prediction",
        (found["share"], found["capture"]),
        (8, -10),
        textcoords="offset points",
        fontsize=8.5,
        color=ACCENT,
    )
    axes.text(0.72, 0.66, "picked at random", color=MUTED, fontsize=8, rotation=38, ha="center", va="center")
    axes.set_xlim(0, 1)
    axes.set_ylim(0, max(1.02, *(row["oracle"] for row in rows)))
    in_percent(axes.xaxis)
    in_percent(axes.yaxis)
    axes.set_xlabel("customers, highest prediction first")
    axes.set_ylabel("share of all that came")
    titled(axes, title)
    tenth = rows[9]
    alt = f"The top tenth by prediction brought {tenth['capture']:.0%} of all; with hindsight {tenth['oracle']:.0%}."
    return Picture(title, alt, figure)
