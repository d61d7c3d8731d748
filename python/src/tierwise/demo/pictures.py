"""The pictures of the report."""

from __future__ import annotations

import base64
import io
import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

import tierwise as tw
from tierwise.demo.judge import Judgement

INK, MUTED, GRID = "#1f2933", "#7b8794", "#e4e7eb"
FOR, AGAINST, ACCENT, SECOND = "#2a9d6f", "#d1495b", "#2f6fb3", "#e09f3e"


def reasons(title: str, unit: str, base: float, points: pd.Series[float], *, most: int = 7) -> str:
    """Draw how one score adds up: from the base, term by term, to the score."""
    strongest = points[points != 0].abs().sort_values(ascending=False).index
    shown = list(strongest[:most])
    rest = float(points.drop(index=shown).sum())
    steps = [(name.replace("_", " "), float(points[name])) for name in shown]
    steps += [("all others", rest)] if rest else []
    figure, axes = _figure(5.4, 0.42 * (len(steps) + 2) + 0.9)
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
    return _image(figure, axes, title)


def grades(graded: pd.DataFrame, names: Sequence[str]) -> str:
    """Draw the number of prospects per grade, raw and final."""
    figure, axes = _figure(5.4, 3.2)
    places = np.arange(len(names))
    for offset, column, label, color in [
        (-0.2, "raw_grade", "by points", SECOND),
        (0.2, "grade", "after prerequisites", ACCENT),
    ]:
        counts = graded[column].value_counts().reindex(names)
        bars = axes.bar(places + offset, counts, width=0.38, color=color, label=label)
        axes.bar_label(bars, fontsize=8, color=INK, padding=2)
    axes.set_xticks(places, names)
    axes.set_xlabel("grade")
    axes.set_ylabel("prospects")
    axes.grid(axis="x", visible=False)
    axes.legend(frameon=False, fontsize=8)
    return _image(figure, axes, "Grades before and after prerequisites")


def win_rates(rates: tw.lead.GradeRates) -> str:
    """Draw the win rate of each grade with its 95 % interval."""
    figure, axes = _figure(5.4, 3.2)
    rows = rates.rates
    middle = np.array([row.rate for row in rows])
    ends = [middle - [row.low for row in rows], [row.high for row in rows] - middle]
    axes.bar([row.grade for row in rows], middle, color=ACCENT, width=0.6)
    axes.errorbar([row.grade for row in rows], middle, yerr=ends, fmt="none", ecolor=INK, capsize=4, linewidth=1.2)
    for place, row in enumerate(rows):
        axes.text(place, row.high + 0.012, f"{row.won} of {row.closed}", ha="center", fontsize=8, color=INK)
    axes.set_ylim(0, max(row.high for row in rows) + 0.08)
    _percent(axes.yaxis)
    axes.set_xlabel("grade by points")
    axes.set_ylabel("deals won")
    axes.grid(axis="x", visible=False)
    return _image(figure, axes, "Do better grades win more often?")


def weights(rows: Sequence[tw.lead.CardWeight]) -> str:
    """Draw what each question weighs by the experts and by the deals."""
    figure, axes = _figure(5.4, 0.3 * len(rows) + 1.0)
    places = np.arange(len(rows))
    axes.barh(places - 0.2, [row.expert_weight for row in rows], height=0.38, color=SECOND, label="experts")
    axes.barh(places + 0.2, [row.fitted_weight for row in rows], height=0.38, color=ACCENT, label="fitted to deals")
    axes.set_yticks(places, [row.characteristic.replace("_", " ") for row in rows])
    axes.invert_yaxis()
    axes.set_xlabel("weight, of 100")
    axes.grid(axis="y", visible=False)
    axes.legend(frameon=False, fontsize=8, loc="lower right")
    return _image(figure, axes, "What the questions weigh")


def fit_by_engagement(cells: pd.Series[str], grades: Sequence[str]) -> str:
    """Draw how many leads stand in each cell of fit and engagement."""
    figure, axes = _figure(5.4, 3.2)
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
    return _image(figure, axes, "Fit by engagement")


def captured(judgements: dict[str, Judgement]) -> str:
    """Draw the share of events reached by calling the best customers first."""
    figure, axes = _figure(5.4, 4.0)
    axes.plot([0, 1], [0, 1], color=MUTED, linewidth=1, linestyle=(0, (4, 3)), label="called at random")
    for (name, judgement), color in zip(judgements.items(), [ACCENT, SECOND], strict=True):
        axes.plot(*judgement.captured(), color=color, linewidth=2, label=name)
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1.01)
    _percent(axes.xaxis)
    _percent(axes.yaxis)
    axes.set_xlabel("customers called, highest probability first")
    axes.set_ylabel("share of all events reached")
    axes.legend(frameon=False, fontsize=8, loc="lower right")
    return _image(figure, axes, "Whom the models find")


def calibration(judgements: dict[str, Judgement]) -> str:
    """Draw what the models said against what happened, with 95 % intervals."""
    figure, axes = _figure(5.4, 4.0)
    top = 0.0
    for (name, judgement), color in zip(judgements.items(), [ACCENT, SECOND], strict=True):
        said, rate, low, high = judgement.calibration()
        top = max(top, float(high.max()), float(said.max()))
        axes.errorbar(
            said,
            rate,
            yerr=[rate - low, high - rate],
            fmt="o",
            markersize=4,
            color=color,
            capsize=2,
            linewidth=1.2,
            label=name,
        )
    axes.plot([0, top], [0, top], color=MUTED, linewidth=1, linestyle=(0, (4, 3)), label="exactly right")
    axes.set_xlim(-0.01, top * 1.04)
    axes.set_ylim(-0.01, top * 1.04)
    _percent(axes.xaxis)
    _percent(axes.yaxis)
    axes.set_xlabel("what the model said (groups of equal size)")
    axes.set_ylabel("what happened")
    axes.legend(frameon=False, fontsize=8, loc="upper left")
    return _image(figure, axes, "Whether the probabilities are right")


def share_curve(values: pd.Series[float], pareto: tw.value.Pareto) -> str:
    """Draw how much of the money the best customers make."""
    figure, axes = _figure(5.4, 4.0)
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
    _percent(axes.xaxis)
    _percent(axes.yaxis)
    axes.set_xlabel("customers, most money first")
    axes.set_ylabel("share of the money")
    return _image(figure, axes, "How the money is spread")


def later_money(later: pd.DataFrame) -> str:
    """Draw what customers of each tier spent afterwards."""
    figure, axes = _figure(5.4, 4.0)
    bars = axes.bar(list(later.index), later["later_per_customer"], color=ACCENT, width=0.6)
    axes.bar_label(bars, [f"${value:.0f}" for value in later["later_per_customer"]], fontsize=9, color=INK, padding=2)
    axes.set_xlabel("tier by the money of the first nine months")
    axes.set_ylabel("spent per customer in the nine months after")
    axes.grid(axis="x", visible=False)
    return _image(figure, axes, "What the tiers were worth afterwards")


def _figure(width: float, height: float) -> tuple[Any, Any]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    axes = figure.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(MUTED)
    axes.tick_params(colors=INK, labelsize=8, length=3)
    axes.grid(color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.xaxis.label.set(fontsize=8.5, color=INK)
    axes.yaxis.label.set(fontsize=8.5, color=INK)
    return figure, axes


def _percent(axis: Any) -> None:
    from matplotlib.ticker import PercentFormatter

    axis.set_major_formatter(PercentFormatter(1.0, decimals=0))


def _image(figure: Any, axes: Any, title: str) -> str:
    axes.set_title(title, loc="left", fontsize=10.5, color=INK, fontweight="bold")
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=160)
    picture = base64.b64encode(buffer.getvalue()).decode("ascii")
    return f'<img alt="{title}" src="data:image/png;base64,{picture}">'
