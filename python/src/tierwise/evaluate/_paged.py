"""Numbers that can be written as a page."""

from __future__ import annotations

import json
import os
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

from tierwise import _page
from tierwise._parameters import yes_no
from tierwise._pictures import Picture, require_matplotlib
from tierwise.exceptions import MissingPackageError


class Paged(ABC):
    """A title, and numbers with their sentences; ``_like`` is an empty frame of the kind that tables come back in."""

    def __init__(self, title: str, numbers: dict[str, Any], like: Any = None) -> None:
        self.title = title
        self.numbers = numbers
        self._like = like

    @abstractmethod
    def _draw(self) -> dict[str, Picture]:
        """Draw the pictures, by name."""

    @abstractmethod
    def _parts(self, drawn: dict[str, Picture]) -> list[str]:
        """Write the parts of the page, with those pictures that are drawn."""

    def pictures(self) -> dict[str, Picture]:
        """Draw the pictures of the page, by name; each has ``figure``, ``title``, ``alt``, ``svg()`` and ``png()``.

        Raises
        ------
        MissingPackageError
            Without matplotlib; it says how to install it.
        """
        require_matplotlib("a picture of a report")
        return self._draw()

    def to_json(self) -> str:
        """Write the numbers as JSON, with the title."""
        return json.dumps({"title": self.title} | self.numbers, allow_nan=False)

    def to_html(self, path: str | os.PathLike[str] | None = None, *, pictures: bool = True) -> str:
        """Write one page that holds everything and opens offline; also into a file if a path is given.

        Parameters
        ----------
        path : path, optional
            The file to write.
        pictures : bool
            Whether to draw; without pictures, matplotlib is not needed.

        Raises
        ------
        MissingPackageError
            For pictures without matplotlib.
        """
        drawn = self.pictures() if yes_no("to_html", "pictures", pictures) else {}
        page = _page.page(self.title, *self._parts(drawn))
        if path is not None:
            Path(path).write_text(page, encoding="utf-8")
        return page

    def _repr_html_(self) -> str:
        try:
            drawn = self.pictures()
        except MissingPackageError:
            drawn = {}
        return _page.fragment(self.title, *self._parts(drawn))
