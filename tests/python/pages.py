"""Reads a page as a browser would that trusts nobody."""

import re
from html.parser import HTMLParser

VOID = {"meta", "img", "br", "hr", "link", "input"}


class Page(HTMLParser):
    """Checks that tags balance, and keeps what the page links to, its texts and its pictures."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.links, self.tags, self.texts, self.alts, self.handlers = [], [], [], [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        for name, value in attrs:
            if name in ("src", "href", "action", "data", "srcset"):
                self.links.append(value)
            if name.startswith("on"):
                self.handlers.append(name)
        if tag == "img":
            self.alts.append(dict(attrs)["alt"])
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1:] != ["style"]:
            self.texts.append(data)

    @property
    def text(self):
        return " ".join(self.texts)


def sound(text):
    """A page that needs nothing from outside, runs nothing, and shows no NaN."""
    page = Page(text)
    assert all(link.startswith("data:image/svg+xml;base64,") for link in page.links), page.links
    assert "script" not in page.tags
    assert page.handlers == []
    assert "url(" not in text
    assert "@import" not in text
    assert not re.search(r"\b(nan|NaN|None)\b", page.text), page.text
    assert all(len(alt) > 20 for alt in page.alts)
    return page
