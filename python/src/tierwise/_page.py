"""Pages that hold everything: words, tables and pictures in one file, with nothing from outside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from tierwise._pictures import Picture, plain_number

_STYLE = """
.tierwise { color-scheme: light; font: 15px/1.55 system-ui, -apple-system, "Segoe UI", sans-serif; color: #1f2933; }
.tierwise { max-width: 1160px; margin: 0 auto; padding: 24px 20px 56px; background: #f5f7fa; }
.tierwise h1 { font-size: 28px; line-height: 1.2; margin: 0 0 6px; }
.tierwise h2 { font-size: 20px; margin: 0 0 4px; }
.tierwise h3 { font-size: 15px; margin: 16px 0 4px; }
.tierwise p { margin: 6px 0 10px; max-width: 80ch; }
.tierwise .says { font-size: 16.5px; }
.tierwise .how, .tierwise .caution { color: #52606d; }
.tierwise section { background: #fff; border: 1px solid #e4e7eb; border-radius: 10px; }
.tierwise section { padding: 20px 22px; margin-top: 20px; }
.tierwise .doubts { margin: 6px 0 10px; padding: 8px 14px 8px 30px; max-width: 80ch; }
.tierwise .doubts { background: #fdf3e1; border-radius: 8px; }
.tierwise .pictures { display: grid; gap: 16px; align-items: start; margin: 8px 0; }
.tierwise .pictures { grid-template-columns: repeat(auto-fit, minmax(min(430px, 100%), 1fr)); }
.tierwise .pictures .wide { grid-column: 1 / -1; }
.tierwise img { width: 100%; height: auto; display: block; }
.tierwise .figures { display: flex; flex-wrap: wrap; gap: 12px; margin: 10px 0 14px; padding: 0; list-style: none; }
.tierwise .figures li { background: #f5f7fa; border-radius: 8px; padding: 8px 14px; min-width: 120px; }
.tierwise .figures b { display: block; font-size: 20px; }
.tierwise .figures span { color: #52606d; font-size: 13px; }
.tierwise .table { overflow-x: auto; }
.tierwise table { border-collapse: collapse; font-size: 13.5px; margin: 8px 0 12px; width: 100%; }
.tierwise th, .tierwise td { padding: 5px 9px; border-bottom: 1px solid #e4e7eb; }
.tierwise th, .tierwise td { text-align: left; white-space: nowrap; }
.tierwise th { color: #52606d; font-weight: 600; }
.tierwise td.words { white-space: normal; min-width: 16em; }
.tierwise td.number, .tierwise th.number { text-align: right; font-variant-numeric: tabular-nums; }
.tierwise summary { cursor: pointer; color: #52606d; margin: 6px 0; }
.tierwise .level { border-radius: 6px; padding: 1px 8px; font-weight: 600; }
.tierwise .stable { background: #cfe3f3; } .tierwise .watch { background: #f6d79a; }
.tierwise .act { background: #e2937f; }
.tierwise footer { color: #52606d; font-size: 13px; margin-top: 24px; }
.tierwise code { background: #f0f2f5; padding: 1px 5px; border-radius: 4px; font-size: 90%; }
@media (max-width: 600px) { .tierwise { padding: 14px 8px 32px; } .tierwise section { padding: 14px 12px; } }
@media print {
  .tierwise { background: #fff; max-width: none; padding: 0; }
  .tierwise section { border: 0; padding: 8px 0; break-inside: avoid-page; }
  .tierwise .table { overflow: visible; }
}
"""


def page(title: str, *parts: str) -> str:
    """Write a whole page."""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>body {{ margin: 0; background: #f5f7fa; }}{_STYLE}</style></head>"
        f"<body>{_main(title, parts)}</body></html>\n"
    )


def fragment(title: str, *parts: str) -> str:
    """Write the same to stand within another page, such as a notebook."""
    return f"<style>{_STYLE}</style>{_main(title, parts)}"


def _main(title: str, parts: Iterable[str]) -> str:
    return f'<main class="tierwise"><h1>{escape(title)}</h1>{"".join(parts)}</main>'


def section(title: str, *parts: str) -> str:
    """Write a section; its parts are HTML already."""
    return f"<section><h2>{escape(title)}</h2>{''.join(parts)}</section>"


def words(found: Mapping[str, Any]) -> str:
    """Write what a section says, what speaks against it, and when not to trust it."""
    return says(found["says"]) + doubts(found["doubts"]) + caution(found["caution"])


def says(text: str) -> str:
    """Write the finding."""
    return f'<p class="says">{_coded(text)}</p>'


def how(text: str) -> str:
    """Write how something was done."""
    return f'<p class="how">{_coded(text)}</p>'


def doubts(texts: Sequence[str]) -> str:
    """Write what speaks against a finding; nothing where nothing does."""
    listed = "".join(f"<li>{_coded(text)}</li>" for text in texts)
    return f'<ul class="doubts">{listed}</ul>' if texts else ""


def caution(text: str) -> str:
    """Write when not to trust a finding."""
    return f'<p class="caution"><b>Caution.</b> {_coded(text)}</p>'


def missing(why: str) -> str:
    """Write why there is no figure."""
    return f'<p class="how">Not judged: {_coded(why)}.</p>'


def tiles(*figures: tuple[str, str]) -> str:
    """Write a row of large figures, each a name and a value."""
    listed = "".join(f"<li><b>{escape(value)}</b><span>{escape(name)}</span></li>" for name, value in figures)
    return f'<ul class="figures">{listed}</ul>'


def pictures(*drawn: Picture, wide: bool = False) -> str:
    """Place pictures side by side, or one over the whole width."""
    kind = ' class="wide"' if wide else ""
    placed = "".join(f'<div{kind}><img alt="{escape(one.alt)}" src="{one.data()}"></div>' for one in drawn)
    return f'<div class="pictures">{placed}</div>' if drawn else ""


def table(names: Sequence[str], rows: Iterable[Sequence[Any]], *, prose: Sequence[str] = ()) -> str:
    """Write a table. Numbers stand right and shortly; ``prose`` names columns whose words may wrap."""
    rows = [list(row) for row in rows]
    right = [any(isinstance(row[at], (int, float, Figure)) for row in rows) for at in range(len(names))]
    head = "".join(
        f'<th scope="col" class="number">{escape(name)}</th>' if number else f'<th scope="col">{escape(name)}</th>'
        for name, number in zip(names, right, strict=True)
    )
    body = "".join(
        "<tr>"
        + "".join(_cell(value, name in prose, number) for value, name, number in zip(row, names, right, strict=True))
        + "</tr>"
        for row in rows
    )
    return f'<div class="table"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def details(summary: str, *parts: str) -> str:
    """Hide parts behind a line that opens them."""
    return f"<details><summary>{escape(summary)}</summary>{''.join(parts)}</details>"


def level(name: str) -> str:
    """Write a level as a coloured word."""
    return f'<span class="level {escape(name)}">{escape(name)}</span>'


# A dash: there is no figure.
NONE = "\u2013"


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


class Figure(str):
    """Text that stands for a number, and stands right in a table."""

    __slots__ = ()


def percent(share: float | None, places: int = 1) -> Figure:
    """Write a share in percent."""
    return Figure(NONE if share is None else f"{100 * share:.{places}f} %")


def interval(found: Mapping[str, Any] | None, as_percent: bool = False, places: int = 3) -> Figure:
    """Write the ends of an interval; a dash where there is none."""
    if found is None or "not" in found or found.get("low") is None:
        return Figure(NONE)
    if as_percent:
        return Figure(f"{100 * found['low']:.1f} to {100 * found['high']:.1f} %")
    return Figure(f"{found['low']:.{places}f} to {found['high']:.{places}f}")


def _cell(value: Any, prose: bool, number: bool) -> str:
    if value is None:
        text = NONE
    elif isinstance(value, Html):
        text = str(value)
    elif isinstance(value, bool):
        text = "yes" if value else "no"
    elif isinstance(value, (int, float)):
        text = plain_number(value)
    else:
        text = escape(str(value))
    kind = ' class="words"' if prose else ' class="number"' if number else ""
    return f"<td{kind}>{text}</td>"


def _coded(text: str) -> str:
    """Escape a sentence, with names in backquotes as code."""
    parts = escape(text).split("`")
    if len(parts) % 2 == 0:
        return escape(text)
    return "".join(f"<code>{part}</code>" if at % 2 else part for at, part in enumerate(parts))
