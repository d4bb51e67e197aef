"""What the reader points at on the page: a match, a link, a footnote's number.

Lights up what is pointed at and says where that is; going there is the page's. Knows no
keys, and nothing of where links lead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..document import Place
from .lights import Spot

if TYPE_CHECKING:
    from ..links import Link
    from ..window import Window
    from .sheet import Sheet


class Pointer:
    """Points at things in a window that is drawn on a sheet."""

    def __init__(self, window: Window, sheet: Sheet) -> None:
        self._window = window
        self._sheet = sheet

    def match(self, way: int) -> Place | None:
        """Point `way` matches on, and return where that is."""
        finding = self._sheet.lights.finding
        match = finding.step(way) if finding is not None else None
        return match.start if match is not None else None

    def link(self, way: int) -> Place | None:
        """Point at the next link, or with -1 the one before, and return where that is."""
        from ..links import next_link

        here, place = self._sheet.lights.link, self._window.place
        # The first one is sought from just before the window's text.
        start = Place(here.block, here.start) if here else Place(place.block, place.offset - 1)
        link = next_link(self._window.document, start, way)
        if link is None:
            return None
        self._sheet.lights.link = link
        return Place(link.block, link.start)

    def paragraph(self, way: int) -> Place | None:
        """Point `way` paragraphs on from the cursor, or at the window's first; return where."""
        blocks, lights = self._window.document.blocks, self._sheet.lights
        at = lights.paragraph
        if at is None:
            at, way = self.block - (way > 0), 1 if way > 0 else 0
        step = 1 if way > 0 else -1
        for _ in range(abs(way)):
            at += step
            while 0 <= at < len(blocks) and not blocks[at].text:
                at += step
        if not 0 <= at < len(blocks):
            return None
        lights.paragraph = at
        return Place(at)

    @property
    def block(self) -> int:
        """The block that the paragraph cursor is at, or the window's first."""
        at = self._sheet.lights.paragraph
        return self._window.visible[0].block if at is None else at

    def label(self, left: int) -> None:
        """Put a label over each link of the window, whose column begins at `left`."""
        spots = [Spot(link, y, left + x) for link, y, x in self._window.links()]
        self._sheet.lights.label(spots)

    def follow(self) -> Link | None:
        """Close the footnote that is open, else return the link that is pointed at."""
        return None if self._window.fold() else self._sheet.lights.link

    def put_out(self) -> bool:
        """Put out what was lit up last; tell whether anything was."""
        return self._window.fold() or self._sheet.lights.put_out()
