"""The pictures of the report."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

import tierwise as tw
from tierwise._pictures import ACCENT, AGAINST, FOR, INK, MUTED, SECOND, Picture, blank, in_percent, titled


def reasons(title: str, unit: str, base: float, points: pd.Series[float], *, most: int = 7) -> Picture:
    """Draw how one score adds up: from the base, term by term, to the score."""
    strongest = points[points != 0].abs().sort_values(ascending=False).index
    shown = list(strongest[:most])
    rest = float(points.drop(index=shown).sum())
    steps = [(name.replace("_", " "), float(points[name])) for name in shown]
    steps += [("all others", rest)] if rest else []
    figure, axes = blank(5.4, 0.42 * (len(steps) + 2) + 0.9)
    level = base
    axes.barh(0, base, color=MUTED, height=0.55)
    for row, (_, added) in enumerate(steps, start=1):
        axes.barh(row, added, left=level, color=FOR if added > 0 else AGAINST, height=0.55)
        axes.plot([level, level], [row - 1, row], color=MUTED, linewidth=0.7)
        level += added
    last = len(steps) + 1
    axes.plot([level, level], [last - 1, last], color=MUTED, linewidth=0.7)
    axes.barh(last, level, color=ACCENT, height=0.55)
    low, high = axes.get_xlim()
    axes.set_xlim(low - 0.02 * (high - low), high + 0.16 * (high - low))
    values = [f"{base:+.2f}" if base < 0 else f"{base:.2f}", *(f"{added:+.2f}" for _, added in steps), f"{level:.2f}"]
    running = np.cumsum([base, *(added for _, added in steps)])
    ends = [max(base, 0), *(max(a, b) for a, b in itertools.pairwise(running)), max(level, 0)]
    for row, (text, end) in enumerate(zip(values, ends, strict=True)):
        axes.text(end + 0.015 * (high - low), row, text, va="center", fontsize=8, color=INK)
    axes.set_yticks(range(last + 1), ["start", *(name for name, _ in steps), "score"])
    axes.invert_yaxis()
    axes.set_xlabel(unit)
    axes.axvline(0, color=INK, linewidth=0.8)
    axes.grid(axis="y", visible=False)
    return _picture(
        figure,
        axes,
        title,
        f"From {base:.2f} at the start to {level:.2f}; strongest: {steps[0][0] if steps else 'nothing'}.",
    )


def grades(graded: pd.DataFrame, names: Sequence[str]) -> Picture:
    """Draw the number of prospects per grade, raw and final."""
    figure, axes = blank(5.4, 3.2)
    places = np.arange(len(names))
    for offset, column, label, color in [
        (-0.2, "raw_grade", "by points", SECOND),
        (0.2, "grade", "after prerequisites", ACCENT),
    ]:
        counts = graded[column].value_counts().reindex(names)
        bars = axes.bar(places + offset, counts, width=0.38, color=color, label=label)
        axes.bar_label(bars, fontsize=8, color=INK, padding=2)
    axes.margins(y=0.12)
    axes.set_xticks(places, names)
    axes.set_xlabel("grade")
    axes.set_ylabel("prospects")
    axes.grid(axis="x", visible=False)
    axes.legend(frameon=False, fontsize=8)
    return _picture(figure, axes, "Grades before and after prerequisites", "Bars of the number of prospects by grade.")


def win_rates(rates: tw.lead.GradeRates) -> Picture:
    """Draw the win rate of each grade with its 95 % interval."""
    figure, axes = blank(5.4, 3.2)
    rows = rates.rates
    middle = np.array([row.rate for row in rows])
    ends = [middle - [row.low for row in rows], [row.high for row in rows] - middle]
    axes.bar([row.grade for row in rows], middle, color=ACCENT, width=0.6)
    axes.errorbar([row.grade for row in rows], middle, yerr=ends, fmt="none", ecolor=INK, capsize=4, linewidth=1.2)
    for place, row in enumerate(rows):
        axes.text(place, row.high + 0.012, f"{row.won} of {row.closed}", ha="center", fontsize=8, color=INK)
    axes.set_ylim(0, max(row.high for row in rows) + 0.08)
    in_percent(axes.yaxis)
    axes.set_xlabel("grade by points")
    axes.set_ylabel("deals won")
    axes.grid(axis="x", visible=False)
    return _picture(figure, axes, "Do better grades win more often?", "Bars of the win rate by grade, with intervals.")


def weights(rows: Sequence[tw.lead.CardWeight]) -> Picture:
    """Draw what each question weighs by the experts and by the deals."""
    figure, axes = blank(5.4, 0.3 * len(rows) + 1.0)
    places = np.arange(len(rows))
    axes.barh(places - 0.2, [row.expert_weight for row in rows], height=0.38, color=SECOND, label="experts")
    axes.barh(places + 0.2, [row.fitted_weight for row in rows], height=0.38, color=ACCENT, label="fitted to deals")
    axes.set_yticks(places, [row.characteristic.replace("_", " ") for row in rows])
    axes.invert_yaxis()
    axes.set_xlabel("weight, of 100")
    axes.grid(axis="y", visible=False)
    axes.legend(frameon=False, fontsize=8, loc="lower right")
    return _picture(figure, axes, "What the questions weigh", "Bars of the weights by experts and fitted to deals.")


def fit_by_engagement(cells: pd.Series[str], grades: Sequence[str]) -> Picture:
    """Draw how many leads stand in each cell of fit and engagement."""
    figure, axes = blank(5.4, 3.2)
    counts = np.array([[(cells == f"{grade}{place}").sum() for place in "123"] for grade in grades])
    axes.imshow(counts, cmap="Blues", vmin=0, vmax=counts.max() * 1.4, aspect="auto")
    for row, column in np.ndindex(*counts.shape):
        label = f"{grades[row]}{column + 1}: {counts[row, column]}"
        axes.text(column, row, label, ha="center", va="center", fontsize=9, color=INK)
    axes.set_xticks(range(3), ["1 (active)", "2", "3 (silent)"])
    axes.set_yticks(range(len(grades)), grades)
    axes.set_xlabel("engagement")
    axes.set_ylabel("fit")
    axes.grid(visible=False)
    return _picture(figure, axes, "Fit by engagement", "Number of leads by grade of fit and of engagement.")


def share_curve(values: pd.Series[float], pareto: tw.value.Pareto) -> Picture:
    """Draw how much of the money the best customers make."""
    figure, axes = blank(5.4, 4.0)
    customers, money = tw.value.share_curve(values, steps=200)
    axes.fill_between(customers, customers, money, color=ACCENT, alpha=0.12, linewidth=0)
    axes.plot(customers, money, color=ACCENT, linewidth=2)
    axes.plot([0, 1], [0, 1], color=MUTED, linewidth=1, linestyle=(0, (4, 3)))
    x, y = pareto.share_of_customers, pareto.share_of_money
    axes.plot([x, x, 0], [0, y, y], color=AGAINST, linewidth=1)
    axes.plot([x], [y], "o", color=AGAINST, markersize=5)
    axes.annotate(
        f"{x:.0%} of the customers\nmake {y:.0%} of the money", (x, y), (x + 0.06, y - 0.22), fontsize=9, color=INK
    )
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1.01)
    in_percent(axes.xaxis)
    in_percent(axes.yaxis)
    axes.set_xlabel("customers, most money first")
    axes.set_ylabel("share of the money")
    return _picture(figure, axes, "How the money is spread", f"{x:.0%} of the customers make {y:.0%} of the money.")


def later_money(later: pd.DataFrame) -> Picture:
    """Draw what customers of each tier spent afterwards."""
    figure, axes = blank(5.4, 4.0)
    bars = axes.bar(list(later.index), later["later_per_customer"], color=ACCENT, width=0.6)
    axes.bar_label(bars, [f"${value:.0f}" for value in later["later_per_customer"]], fontsize=9, color=INK, padding=2)
    axes.margins(y=0.1)
    axes.set_xlabel("tier by the money of the first nine months")
    axes.set_ylabel("spent per customer in the nine months after")
    axes.grid(axis="x", visible=False)
    return _picture(figure, axes, "What the tiers were worth afterwards", "Bars of later spend per customer by tier.")


def tracked(track: pd.DataFrame, known_until: str) -> Picture:
    """Draw purchases up to each week: what came and what the model expected."""
    figure, axes = blank(5.4, 4.0)
    days = pd.to_datetime(track["day"], unit="D")
    came, expected = track["actual"].to_numpy(), track["expected"].to_numpy()
    axes.plot(days, came, color=ACCENT, linewidth=2)
    axes.plot(days, expected, color=SECOND, linewidth=2, linestyle=(0, (5, 2)))
    axes.axvline(pd.Timestamp(known_until), color=MUTED, linewidth=1)
    axes.text(
        pd.Timestamp(known_until), 0.03 * max(came[-1], expected[-1]), " not seen from here on", fontsize=8, color=MUTED
    )
    middle = len(days) * 3 // 4
    for name, line, above, color in (
        ("came", came, came > expected, ACCENT),
        ("expected", expected, expected >= came, SECOND),
    ):
        side = (-8, 8) if above[middle] else (8, -14)
        axes.annotate(
            name,
            (days[middle], line[middle]),
            side,
            textcoords="offset points",
            fontsize=8.5,
            color=color,
            ha="right" if above[middle] else "left",
        )
    axes.set_ylim(0, None)
    axes.tick_params(axis="x", labelrotation=20)
    axes.set_ylabel("repeat purchases in all")
    alt = f"At the end {came[-1]:.0f} purchases came where {expected[-1]:.0f} were expected."
    return _picture(figure, axes, "Does the model of purchases hold?", alt)


def _picture(figure: Any, axes: Any, title: str, alt: str) -> Picture:
    titled(axes, title)
    return Picture(title, f"{title} {alt}", figure)
