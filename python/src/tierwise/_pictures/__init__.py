"""Pictures in one style: colours that colour-blind people tell apart, intervals, words beside the lines."""

from tierwise._pictures.style import (
    ACCENT,
    AGAINST,
    FOR,
    GRID,
    INK,
    LEVEL_COLORS,
    MUTED,
    PALE,
    SECOND,
    Picture,
    blank,
    in_percent,
    plain_number,
    require_matplotlib,
    titled,
)

__all__ = [
    "ACCENT",
    "AGAINST",
    "FOR",
    "GRID",
    "INK",
    "LEVEL_COLORS",
    "MUTED",
    "PALE",
    "SECOND",
    "Picture",
    "blank",
    "in_percent",
    "plain_number",
    "require_matplotlib",
    "titled",
]
