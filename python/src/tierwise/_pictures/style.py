"""Colours, axes, and how a figure becomes part of a page."""

from __future__ import annotations

import base64
import importlib.util
import io
from dataclasses import dataclass
from typing import Any

from tierwise.exceptions import MissingPackageError

INK, MUTED, GRID, PALE = "#1f2933", "#7b8794", "#e4e7eb", "#cbd2d9"
ACCENT, SECOND, FOR, AGAINST = "#0b6bb3", "#d98200", "#0b8f6a", "#c4472b"
LEVEL_COLORS = {"stable": "#cfe3f3", "watch": "#f6d79a", "act": "#e2937f"}

_WORDS = {"font.family": "sans-serif", "svg.hashsalt": "tierwise"}


@dataclass(frozen=True)
class Picture:
    """A figure of matplotlib with its title, and what it shows in words for those who do not see it."""

    title: str
    alt: str
    figure: Any

    def svg(self) -> str:
        """Write it as SVG; the same figure gives the same text."""
        import matplotlib as mpl

        buffer = io.BytesIO()
        with mpl.rc_context(_WORDS):
            self.figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
        return buffer.getvalue().decode("utf-8")

    def png(self, dpi: int = 160) -> bytes:
        """Write it as PNG."""
        buffer = io.BytesIO()
        self.figure.savefig(buffer, format="png", dpi=dpi)
        return buffer.getvalue()

    def data(self) -> str:
        """Write it as an address that holds the picture itself."""
        return "data:image/svg+xml;base64," + base64.b64encode(self.svg().encode("utf-8")).decode("ascii")


def require_matplotlib(what: str) -> None:
    """Refuse to draw where matplotlib is missing, and say how to get it."""
    if importlib.util.find_spec("matplotlib") is None:
        error = MissingPackageError(
            f'{what} needs the package `matplotlib`, which is not installed; run `pip install "tierwise[plot]"`'
        )
        error.details = {"package": "matplotlib", "extra": "plot", "what": what}
        raise error


def blank(width: float = 5.4, height: float = 3.6, *, rows: int = 1, columns: int = 1, **how: Any) -> tuple[Any, Any]:
    """Make a figure with axes in the style of the house."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False, **how)
    for one in axes.ravel():
        one.spines[["top", "right"]].set_visible(False)
        one.spines[["left", "bottom"]].set_color(MUTED)
        one.tick_params(colors=INK, labelsize=8, length=3)
        one.grid(color=GRID, linewidth=0.8)
        one.set_axisbelow(True)
        one.xaxis.label.set(fontsize=8.5, color=INK)
        one.yaxis.label.set(fontsize=8.5, color=INK)
    return figure, axes[0, 0] if rows == columns == 1 else axes


def in_percent(axis: Any) -> None:
    """Write the ticks of an axis as percent, with as many places as tell them apart."""
    from matplotlib.ticker import FuncFormatter

    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:g}%"))


def titled(axes: Any, title: str) -> None:
    """Put a title above the left end of the axes."""
    axes.set_title(title, loc="left", fontsize=10.5, color=INK, fontweight="bold")


def plain_number(value: float) -> str:
    """Write a number of any size shortly: 1,234 and 0.0123."""
    size = abs(value)
    if size >= 1e15 or 0 < size < 1e-4:
        return f"{value:.2e}"
    places = (
        0 if size >= 1000 or value == int(value) else 1 if size >= 100 else 2 if size >= 10 else 3 if size >= 1 else 4
    )
    text = f"{value:,.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def plain(text: str, most: int = 28) -> str:
    """Shorten a name, and keep its dollars from being read as formulas."""
    short = text if len(text) <= most else text[: most - 1] + "…"
    return short.replace("$", r"\$")
