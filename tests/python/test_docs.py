"""Every Python snippet of the README and of docs/ runs."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
FENCE = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
# A page that tells one story says so in its first line; its snippets run one after the other.
STORY = "<!-- one story: the snippets build on each other -->"


def programs(page):
    """What of a page must run by itself: each snippet, or the whole story."""
    text = page.read_text()
    snippets = FENCE.findall(text)
    return ["\n".join(snippets)] if text.startswith(STORY) else snippets


SNIPPETS = [
    pytest.param(program, id=f"{page.name}-{number}")
    for page in PAGES
    for number, program in enumerate(programs(page), 1)
]


@pytest.mark.parametrize("snippet", SNIPPETS)
def test_snippet_runs(snippet):
    exec(compile(snippet, "snippet", "exec"), {"__name__": "__main__"})


def test_the_pages_have_snippets():
    assert len(SNIPPETS) >= 8


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
        assert (page.parent / link).exists(), link
