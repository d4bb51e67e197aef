"""A window drawn in strips: each row once, until what is seen of it changes.

The one cache of the page and the one place that clears it. Knows no keys and no widget.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.strip import Strip

from ..document import Role
from .lights import Lights
from .strips import dimmed, labelled, strip_of

if TYPE_CHECKING:
    from ..galley import Row
    from ..lines import Line
    from ..window import Window
    from .look import Look

CURSOR: Final = "▏"
"""Stands left of the paragraph that the cursor is at."""
OPENING: Final = "❝"
"""Stands in the margin where something begins that the reader keeps."""
MOST: Final = 2_000
"""Strips in store: many screenfuls, and bounded however long the text."""


class Sheet:
    """The strips of a window's rows."""

    def __init__(self, window: Window) -> None:
        self.lights = Lights()
        self.drawn = 0
        """How many strips were made: a figure for tests."""
        self._window = window
        self._strips: dict[Row, Strip] = {}

    def clear(self) -> None:
        """Draw every row anew."""
        self._strips.clear()

    def strip(self, y: int, look: Look, left: int, cells: int) -> Strip:
        """Return row `y` of the window, its column `left` cells from the edge, `cells` wide."""
        rows = self._window.rows
        if y >= len(rows):
            return Strip.blank(cells, look.ink)
        row, line = rows[y]
        strip = self._strips.get(row)
        if strip is None:
            if len(self._strips) >= MOST:
                self._strips.clear()
            block = self._window.number_of(row)
            strip = self._strips[row] = self._drawn(line, block, look, left, cells)
            self.drawn += 1
        return labelled(strip, self.lights.over(y), look)

    def _drawn(self, line: Line, block: int | None, look: Look, left: int, cells: int) -> Strip:
        lit = self.lights.stretches(block) if block is not None else ()
        strip = strip_of(dimmed(line) if self.lights.dims(block) else line, look, left, cells, lit)
        if left and block is not None and block == self.lights.paragraph and line.runs:
            strip = labelled(strip, [(left - 1, CURSOR)], look, Role.ACCENT)
        if left and block is not None and self._opens(line, block):
            strip = labelled(strip, [(max(0, left - 2), OPENING)], look, Role.ACCENT)
        return strip

    def _opens(self, line: Line, block: int) -> bool:
        """Tell whether something that is kept begins in `line`; in each block it begins anew."""
        kept = self.lights.kept_in(block)
        runs = [run for run in line.runs if run.start >= 0 and run.text] if kept else []
        if not runs:
            return False
        first, behind = runs[0].start, runs[-1].start + len(runs[-1].text)
        return any(first <= start < behind for start, _ in kept)
