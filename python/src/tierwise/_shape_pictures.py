"""Pictures of what the terms of an additive model earn."""

from __future__ import annotations

from typing import Any

import numpy as np

INK, BAND, GROUND = "#1f4e79", "#9dc3e6", "#d9d9d9"


def draw(term: str, shape: dict[str, Any], pair: dict[str, Any] | None, axes: Any) -> Any:
    """Draw a term on ``axes``, or on new ones."""
    import matplotlib.pyplot as plt

    if axes is None:
        _, axes = plt.subplots(figsize=(6.4, 4.0), layout="constrained")
    if pair is not None:
        _map(axes, shape, pair)
    elif np.isnan(shape["from"]).all() and np.isnan(shape["below"]).all():
        _bars(axes, shape)
    else:
        _steps(axes, shape)
    axes.set_title(term)
    return axes


def _steps(axes: Any, shape: dict[str, Any]) -> None:
    """Points of a number as steps, unknown apart on the right, the customers underneath."""
    ranged = ~(np.isnan(shape["from"]) & np.isnan(shape["below"]))
    edges = shape["below"][ranged][:-1]
    margin = (edges[-1] - edges[0]) / 20 if len(edges) > 1 else max(abs(edges[0]), 1) / 2
    ends = np.concatenate([[edges[0] - margin], edges, [edges[-1] + margin]])
    low, high, points = (np.append(shape[name][ranged], shape[name][ranged][-1]) for name in ("low", "high", "points"))
    axes.fill_between(ends, low, high, step="post", color=BAND, alpha=0.6, linewidth=0, label="interval")
    axes.step(ends, points, where="post", color=INK)
    axes.axhline(0, color="grey", linewidth=0.6)
    axes.set_ylabel("points")
    below = axes.inset_axes([0, -0.32, 1, 0.18], sharex=axes)
    widths = np.diff(ends)
    crowd = shape["weight"][ranged] / widths
    below.bar(ends[:-1], crowd, width=widths, align="edge", color=GROUND)
    # A narrow step that many share must not flatten the rest.
    below.set_ylim(0, 1.1 * np.quantile(crowd, 0.95) or 1)
    below.set_yticks([])
    below.set_ylabel("customers", fontsize="small", rotation=0, ha="right", va="center")
    axes.tick_params(labelbottom=False)
    unknown = ~ranged & (shape["weight"] > 0)
    for label, point in zip(shape["label"][unknown], shape["points"][unknown], strict=True):
        axes.annotate(
            f"{label}: {point:+.2f}", (0.99, 0.97), xycoords="axes fraction", ha="right", va="top", fontsize="small"
        )


def _bars(axes: Any, shape: dict[str, Any]) -> None:
    """Points of the levels, the most frequent on top, with the share of the customers in the label."""
    order = np.argsort(shape["weight"], kind="stable")
    order = order[shape["weight"][order] > 0]
    share = shape["weight"] / max(shape["weight"].sum(), 1e-300)
    names = [f"{_short(shape['label'][row])}  ({share[row]:.0%})" for row in order]
    reach = [shape["points"] - shape["low"], shape["high"] - shape["points"]]
    axes.barh(names, shape["points"][order], color=BAND, xerr=np.array(reach)[:, order], ecolor=INK, capsize=2)
    axes.axvline(0, color="grey", linewidth=0.6)
    axes.set_xlabel("points")


def _map(axes: Any, shape: dict[str, Any], pair: dict[str, Any]) -> None:
    """Points of the cells in colour; cells without customers stay grey."""
    size = (len(pair["rows"]), len(pair["columns"]))
    points = np.where(shape["weight"] > 0, shape["points"], np.nan).reshape(size)
    largest = np.nanmax(np.abs(points), initial=1e-12)
    axes.set_facecolor(GROUND)
    image = axes.imshow(points, cmap="RdBu", vmin=-largest, vmax=largest, aspect="auto", origin="lower")
    axes.figure.colorbar(image, ax=axes, label="points")
    for side, name, conditions in (
        ("y", pair["features"][0], pair["rows"]),
        ("x", pair["features"][1], pair["columns"]),
    ):
        every = max(1, len(conditions) // 12)
        places = list(range(0, len(conditions), every))
        axis = axes.yaxis if side == "y" else axes.xaxis
        axis.set_ticks(places, [_short(in_words(conditions[place])) for place in places], fontsize="x-small")
        axis.set_label_text(name)
    axes.tick_params(axis="x", labelrotation=60)


def in_words(condition: Any) -> str:
    """Say a condition of the model file in a word or two."""
    if isinstance(condition, str):
        return condition
    kind, value = next(iter(condition.items()))
    if kind == "range":
        if "from" in value:
            return f"{value['from']:g}+"
        return f"<{value['below']:g}" if "below" in value else "any"
    return ", ".join(value) if isinstance(value, list) else str(value)


def _short(text: str, most: int = 24) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
