"""Pictures of how a score did on a test set; each takes the numbers of a report."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from tierwise._pictures.style import (
    ACCENT,
    INK,
    MUTED,
    PALE,
    SECOND,
    Picture,
    blank,
    in_percent,
    plain,
    plain_number,
    titled,
)

_DASHED = (0, (4, 3))
_DIGITS = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")
_MOST_GROUPS = 20


def gain(curves: Mapping[str, Mapping[str, Any]], title: str = "Whom the score finds") -> Picture:
    """Draw the share of events reached by calling the best customers first; one line per report."""
    figure, axes = blank(5.4, 4.0)
    told: list[str] = []
    for (name, numbers), color in zip(curves.items(), [ACCENT, SECOND], strict=False):
        curve = numbers["top"]["curve"]
        axes.plot(
            [0, *(row["share"] for row in curve)], [0, *(row["capture"] for row in curve)], color=color, linewidth=2
        )
        tenths = [row for row in numbers["top"]["table"] if row["share"] in (0.1, 0.2, 0.3, 0.5)]
        _intervals(axes, [row["share"] for row in tenths], [row["capture"] for row in tenths], color)
        at = curve[29 if len(curves) == 1 else 39 - 20 * len(told)]
        axes.annotate(
            plain(name), (at["share"], at["capture"]), (8, -10), textcoords="offset points", fontsize=8.5, color=color
        )
        tenth = next(row for row in curve if row["share"] == 0.1)
        told.append(f"{name}: the top tenth holds {tenth['capture']:.0%} of the events")
    axes.plot([0, 1], [0, 1], color=MUTED, linewidth=1, linestyle=_DASHED)
    axes.text(0.72, 0.66, "picked at random", color=MUTED, fontsize=8, rotation=38, ha="center", va="center")
    if len(curves) == 1:
        _capacity(axes, next(iter(curves.values())))
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1.02)
    in_percent(axes.xaxis)
    in_percent(axes.yaxis)
    axes.set_xlabel("customers called, highest score first")
    axes.set_ylabel("share of all events reached")
    titled(axes, title)
    return Picture(title, f"Curve of gain. {'; '.join(told)}.", figure)


def _capacity(axes: Any, numbers: Mapping[str, Any]) -> None:
    found = numbers.get("capacity")
    if found is None or found["top"]["share"] >= 1:
        return
    share, capture = found["top"]["share"], found["top"]["capture"]["value"]
    axes.plot([share, share], [0, capture], color=SECOND, linewidth=1.2)
    axes.plot([share], [capture], "o", color=SECOND, markersize=5)
    words = f"capacity: {plain_number(found['capacity'])}"
    axes.annotate(words, (share, 0.03), (4, 0), textcoords="offset points", fontsize=8, color=SECOND)


def rates(numbers: Mapping[str, Any], title: str = "How often it happens at the top of the list") -> Picture:
    """Draw the share of events in the best hundredth, twentieth, tenths, with intervals."""
    figure, axes = blank(5.4, 4.0)
    rows = [row for row in numbers["top"]["table"] if row["share"] in (0.01, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0)]
    # A hundredth of a short list is nobody.
    rows = [row for row in rows if row["customers"] >= 5] or rows[-1:]
    places = list(range(len(rows)))
    base = numbers["overview"]["base_rate"]["rate"]
    axes.bar(places, [row["rate"]["rate"] for row in rows], color=ACCENT, width=0.6, alpha=0.85)
    _intervals(axes, places, [row["rate"] for row in rows], INK)
    high = max(row["rate"]["high"] for row in rows)
    for place, row in zip(places, rows, strict=True):
        words = f"{row['lift']['value']:.1f}\u00d7" if row["share"] < 1 else f"{base:.1%}"
        axes.text(place, row["rate"]["high"] + 0.02 * high, words, ha="center", fontsize=8, color=INK)
    axes.axhline(base, color=SECOND, linewidth=1.4, linestyle=_DASHED)
    axes.set_xticks(places, [f"top {row['share']:.0%}" if row["share"] < 1 else "all" for row in rows])
    axes.set_ylim(0, high * 1.12)
    in_percent(axes.yaxis)
    axes.set_xlabel("share of the list, highest score first; above the bar: times the average")
    axes.set_ylabel("of them with the outcome")
    axes.grid(axis="x", visible=False)
    titled(axes, title)
    told = ", ".join(f"{row['rate']['rate']:.1%} of the top {row['share']:.0%}" for row in rows)
    return Picture(title, f"Bars with intervals of the share of events: {told}; of all {base:.1%}.", figure)


def roc(numbers: Mapping[str, Any], title: str = "ROC curve") -> Picture:
    """Draw true against false positive rates."""
    figure, axes = blank(5.4, 4.0)
    curve, area = numbers["ranking"]["curve"], numbers["ranking"]
    axes.plot(
        [p["false_positive_rate"] for p in curve], [p["true_positive_rate"] for p in curve], color=ACCENT, linewidth=2
    )
    axes.plot([0, 1], [0, 1], color=MUTED, linewidth=1, linestyle=_DASHED)
    sure = area["roc_auc_interval"]
    ends = "" if "not" in sure else f"\n{sure['confidence']:.0%}: {sure['low']:.3f} to {sure['high']:.3f}"
    axes.text(0.97, 0.05, f"area {area['roc_auc']:.3f}{ends}", ha="right", fontsize=9, color=ACCENT)
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1.02)
    in_percent(axes.xaxis)
    in_percent(axes.yaxis)
    axes.set_xlabel("of the others, called for nothing")
    axes.set_ylabel("of the events, called")
    titled(axes, title)
    return Picture(title, f"ROC curve with an area of {area['roc_auc']:.3f}{ends.replace(chr(10), ', ')}.", figure)


def calibration(
    reports: Mapping[str, Mapping[str, Any]], title: str = "Whether the probabilities are right"
) -> Picture:
    """Draw what was said against what came, with intervals; one colour per report."""
    figure, axes = blank(5.4, 4.0)
    top, told = 0.0, []
    for (name, numbers), color, shape in zip(reports.items(), [ACCENT, SECOND], "os", strict=False):
        table = numbers["calibration"]["table"]
        said = [row["mean_probability"] for row in table]
        _intervals(axes, said, table, color, shape)
        top = max(top, *(row["high"] for row in table), *said)
        last = table[-1]
        if len(reports) > 1:
            at = (last["mean_probability"], last["rate"])
            axes.annotate(plain(name), at, (6, -12), textcoords="offset points", fontsize=8.5, color=color)
        told.append(f"{name}: in the highest group {last['mean_probability']:.1%} was said and {last['rate']:.1%} came")
    top = min(top * 1.04, 1.02)
    axes.plot([0, top], [0, top], color=MUTED, linewidth=1, linestyle=_DASHED)
    axes.text(0.62 * top, 0.56 * top, "exactly right", color=MUTED, fontsize=8, rotation=38, ha="center", va="center")
    axes.set_xlim(0, top)
    axes.set_ylim(0, top)
    in_percent(axes.xaxis)
    in_percent(axes.yaxis)
    axes.set_xlabel("what the model said (groups of equal size)")
    axes.set_ylabel("what happened")
    titled(axes, title)
    return Picture(title, f"What was said against what came, with intervals. {'; '.join(told)}.", figure)


def histogram(numbers: Mapping[str, Any], title: str = "How the scores are spread") -> Picture:
    """Draw the spread of the scores of events and of others, each as shares of its own."""
    figure, axes = blank(5.4, 3.6)
    bins = numbers["histogram"]["bins"]
    edges = [bins[0]["from"], *(one["to"] for one in bins)]
    tallest = 0.0
    for part, color, label in (("others", MUTED, "the others"), ("events", ACCENT, numbers["overview"]["happened"])):
        whole = sum(one[part] for one in bins)
        heights = [one[part] / whole for one in bins]
        axes.stairs(heights, edges, color=color, fill=True, alpha=0.25)
        axes.stairs(heights, edges, color=color, linewidth=1.5)
        tallest = max(tallest, *heights)
        mean = numbers["histogram"][f"mean_of_{part}"]
        axes.axvline(mean, color=color, linewidth=1, linestyle=_DASHED)
        axes.annotate(
            plain(label),
            (mean, 1.0),
            (4, -2 if part == "events" else -14),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            fontsize=8.5,
            color=color,
            va="top",
        )
    axes.set_ylim(0, tallest * 1.15)
    if numbers["overview"]["probabilities"]:
        in_percent(axes.xaxis)
    in_percent(axes.yaxis)
    axes.set_xlabel("score (the outermost bins hold what lies beyond; dashed: the mean)")
    axes.set_ylabel("share of each kind")
    axes.grid(axis="x", visible=False)
    titled(axes, title)
    alt = "Histogram of the scores of both outcomes. " + numbers["histogram"]["words"]["says"]
    return Picture(title, alt, figure)


def profit(numbers: Mapping[str, Any], title: str = "What the calls earn") -> Picture:
    """Draw the profit of calling the best customers first."""
    figure, axes = blank(5.4, 3.6)
    found = numbers["profit"]
    curve, best = found["curve"], found["best"]
    called = [row["called"] for row in curve]
    axes.plot(called, [row["profit"] for row in curve], color=ACCENT, linewidth=2)
    axes.axhline(0, color=INK, linewidth=0.8)
    axes.plot(
        [0, called[-1]], [found["profit_of_none"], found["profit_of_all"]], color=MUTED, linewidth=1, linestyle=_DASHED
    )
    middle = called[-1] * 0.5, (found["profit_of_none"] + found["profit_of_all"]) / 2
    axes.annotate(
        "picked at random",
        middle,
        (0, 0),
        textcoords="offset points",
        color=MUTED,
        fontsize=8,
        ha="center",
        va="center",
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5},
    )
    count = best["confusion"]["true_positives"] + best["confusion"]["false_positives"]
    axes.plot([count], [best["value"]], "o", color=SECOND, markersize=6, clip_on=False)
    words = f"best here: {plain_number(best['value'])}\nby calling {plain_number(count)}"
    side = "left" if count < 0.2 * called[-1] else "right" if count > 0.8 * called[-1] else "center"
    axes.annotate(
        words,
        (count, best["value"]),
        (0, 8),
        textcoords="offset points",
        fontsize=8.5,
        color=SECOND,
        ha=side,
        va="bottom",
    )
    low, high = axes.get_ylim()
    axes.set_ylim(low, high + 0.22 * (high - low))
    from matplotlib.ticker import FuncFormatter

    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda value, _: plain_number(value)))
    axes.set_xlim(0, called[-1])
    axes.set_xlabel("customers called, highest score first")
    axes.set_ylabel("profit")
    titled(axes, title)
    return Picture(title, f"Curve of profit. {found['words']['says']}", figure)


def decision(numbers: Mapping[str, Any], title: str = "At which prices the score is worth acting on") -> Picture:
    """Draw net benefit against the probability from which a call is worth it."""
    figure, axes = blank(5.4, 3.6)
    found = numbers["decision"]
    base, useful = numbers["overview"]["base_rate"]["rate"], found["useful"]
    last = min(0.99, max(2.5 * base, (useful[1] if useful else 0) + 0.05, 0.1))
    curve = [row for row in found["curve"] if row["threshold"] <= last + 1e-9]
    prices = [row["threshold"] for row in curve]
    high = max(max(row["net_benefit"], row["net_benefit_of_all"]) for row in curve)
    low = -0.25 * max(high, 1e-3)
    axes.plot(prices, [max(row["net_benefit_of_all"], 2 * low) for row in curve], color=MUTED, linewidth=1.4)
    axes.axhline(0, color=INK, linewidth=0.9)
    axes.plot(prices, [row["net_benefit"] for row in curve], color=ACCENT, linewidth=2)
    axes.set_xlim(0, prices[-1])
    axes.set_ylim(low, max(high, 1e-3) * 1.12)
    middle = curve[len(curve) // 3]
    axes.annotate(
        "by the score",
        (middle["threshold"], middle["net_benefit"]),
        (4, 6),
        textcoords="offset points",
        fontsize=8.5,
        color=ACCENT,
    )
    axes.annotate("nobody", (prices[-1], 0), (-2, 3), textcoords="offset points", fontsize=8, color=INK, ha="right")
    below = [row for row in curve if row["net_benefit_of_all"] > low]
    axes.annotate(
        "all",
        (below[-1]["threshold"], below[-1]["net_benefit_of_all"]),
        (-4, 2),
        textcoords="offset points",
        fontsize=8,
        color=MUTED,
        ha="right",
    ) if below else None
    in_percent(axes.xaxis)
    axes.set_xlabel("a call is worth it from this chance on")
    axes.set_ylabel("net benefit, events per customer")
    titled(axes, title)
    return Picture(title, f"Decision curve. {found['words']['says']}", figure)


def groups(found: Mapping[str, Any], title: str | None = None) -> Picture:
    """Draw how often each group is selected, how many of its events are, and how well it is ranked."""
    title = title or f"By {plain(found['name'])}"
    shown = sorted(found["groups"], key=lambda one: -one["rows"])[:_MOST_GROUPS]
    figure, all_axes = blank(7.6, 0.34 * len(shown) + 1.3, columns=3, sharey=True)
    figure.get_layout_engine().set(wspace=0.05)
    parts = [("selection_rate", "selected"), ("true_positive_rate", "of its events selected"), ("roc_auc", "ROC AUC")]
    for axes, (name, label) in zip(all_axes[0], parts, strict=True):
        for place, group in enumerate(shown):
            figure_of = group[name]
            if "not" in figure_of:
                axes.text(
                    0.5,
                    place,
                    "too few",
                    fontsize=7.5,
                    color=MUTED,
                    va="center",
                    ha="center",
                    transform=axes.get_yaxis_transform(),
                )
                continue
            value = figure_of.get("rate", figure_of.get("value"))
            axes.plot(
                [figure_of["low"], figure_of["high"]], [place, place], color=PALE, linewidth=4, solid_capstyle="butt"
            )
            axes.plot([value], [place], "o", color=ACCENT, markersize=5)
        axes.set_xlabel(label)
        if name == "roc_auc":
            axes.axvline(0.5, color=MUTED, linewidth=1, linestyle=_DASHED)
        else:
            axes.set_xlim(0, None)
            in_percent(axes.xaxis)
        axes.grid(axis="y", visible=False)
    all_axes[0][0].set_yticks(
        range(len(shown)), [f"{plain(one['group'], 22)} ({plain_number(one['rows'])})" for one in shown]
    )
    all_axes[0][0].set_ylim(len(shown) - 0.4, -0.6)
    titled(all_axes[0][0], title)
    return Picture(title, f"Figures by group with intervals. {found['words']['says']}", figure)


def moved(cells: Sequence[Mapping[str, Any]], words: str, title: str = "The score, then and now") -> Picture:
    """Draw the shares of the cells of a column in the reference and now."""
    shown = cells[:24]
    figure, axes = blank(5.4, 0.26 * len(shown) + 1.2)
    places = list(range(len(shown)))
    for place, cell in zip(places, shown, strict=True):
        axes.plot([cell["reference"], cell["current"]], [place, place], color=PALE, linewidth=3, solid_capstyle="butt")
    axes.plot([cell["reference"] for cell in shown], places, "o", color=MUTED, markersize=5)
    axes.plot([cell["current"] for cell in shown], places, "o", color=ACCENT, markersize=5)
    axes.set_yticks(places, [plain(_DIGITS.sub(_shorter, cell["name"]), 30) for cell in shown])
    axes.set_ylim(len(shown) - 0.4, -0.9)
    axes.text(1.0, 1.01, "grey: reference", transform=axes.transAxes, ha="right", va="bottom", fontsize=8, color=MUTED)
    axes.text(1.0, 1.06, "blue: now", transform=axes.transAxes, ha="right", va="bottom", fontsize=8, color=ACCENT)
    axes.set_xlim(0, None)
    in_percent(axes.xaxis)
    axes.set_xlabel("share of the customers")
    axes.grid(axis="y", visible=False)
    titled(axes, title)
    return Picture(title, f"Shares of the cells in the reference and now. {words}", figure)


def _shorter(number: re.Match[str]) -> str:
    return plain_number(float(number.group()))


def terms(found: Mapping[str, Any], title: str = "What tells customers apart") -> Picture:
    """Draw how much each term of a model moves its scores."""
    shown = [term for term in found["terms"] if term["share"] > 0][:12] or found["terms"][:1]
    figure, axes = blank(5.4, 0.28 * len(shown) + 1.1)
    bars = axes.barh(
        [plain(term["name"].replace("_", " ")) for term in shown],
        [term["share"] for term in shown],
        color=ACCENT,
        height=0.6,
    )
    axes.bar_label(bars, [f"{term['share']:.0%}" for term in shown], fontsize=8, color=INK, padding=3)
    axes.invert_yaxis()
    axes.set_xlim(0, max(term["share"] for term in shown) * 1.15 or 1)
    in_percent(axes.xaxis)
    axes.set_xlabel("share of what all terms do to the scores")
    axes.grid(axis="y", visible=False)
    titled(axes, title)
    return Picture(title, f"Bars of the terms by how much they move scores. {found['words']['says']}", figure)


def _intervals(
    axes: Any, places: Sequence[float], rows: Sequence[Mapping[str, Any]], color: str, shape: str = "o"
) -> None:
    """Draw points, or only whiskers over bars, with the ends of their intervals."""
    values = [row.get("rate", row.get("value")) for row in rows]
    below = [max(value - row["low"], 0.0) for value, row in zip(values, rows, strict=True)]
    above = [max(row["high"] - value, 0.0) for value, row in zip(values, rows, strict=True)]
    marker = "none" if color == INK else shape
    axes.errorbar(
        places,
        values,
        yerr=[below, above],
        fmt=marker,
        markersize=4.5,
        color=color,
        ecolor=color,
        capsize=2.5,
        linewidth=1.2,
    )
