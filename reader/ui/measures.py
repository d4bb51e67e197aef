"""The measure as the settings have it, as the reader chose it, and as it fits.

What is wanted is kept apart from what fits now, so that a narrow window changes nothing for
good. In cells; knows no widget.
"""

from __future__ import annotations

from typing import Final

from ..config import MEASURE, NARROWEST, WIDEST

STEP: Final = 2
"""Cells by which the measure changes."""
MARGIN: Final = 1
"""Cells left free on each side of the column where there is room."""


class Measures:
    """How wide the text is wanted."""

    def __init__(self) -> None:
        self.preferred = MEASURE
        """From the settings."""
        self.chosen: int | None = None
        """By the reader, in its place."""

    def fitting(self, room: int) -> int:
        """Return the measure in a pane `room` cells wide."""
        margin = MARGIN if room > 16 * MARGIN else 0
        return max(1, min(self.chosen or self.preferred, room - 2 * margin))

    def choose(self, way: int, room: int) -> None:
        """Widen the measure that fits in `room` or narrow it; 0 takes the preferred one again."""
        wanted = max(NARROWEST, min(WIDEST, self.fitting(room) + way * STEP))
        self.chosen = wanted if way else None
