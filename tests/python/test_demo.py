"""The demo runs, and its page stands alone."""

import sys

from pages import sound
from tierwise.demo.__main__ import main


def test_the_page_of_the_demo_stands_alone(tmp_path, monkeypatch, capsys):
    page = tmp_path / "demo" / "report.html"
    monkeypatch.setattr(sys, "argv", ["demo", "--output", str(page)])
    main()
    assert "The whole story" in capsys.readouterr().out
    found = sound(page.read_text(encoding="utf-8"))
    for title in ["1. Whom do we call first?", "How good are the models?", "5. A card", "6. Does it still work?"]:
        assert title in found.text
    assert len(found.alts) == 18
