"""The mouse on the page: a press and a drag select, from place to place; a click points.

One press selects by characters, two by words, three by paragraphs. Owns the press that is
under way and what is selected by it, also while the text scrolls beneath it. What a click
does is the page's business.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..passage import Passage, block_round, word_round

if TYPE_CHECKING:
    from textual import events
    from textual.timer import Timer

    from .page import Page

CHAIN: Final = 0.5
"""Seconds within which another press at the same cell counts on: Textual's own figure."""
_PARAGRAPHS: Final = 3
"""Presses that select whole paragraphs; another one begins anew."""
EDGE: Final = 0.05
"""Seconds between two scrolls while the mouse is held beyond the edge."""
FASTEST: Final = 5
"""Rows that each of them goes at most."""
_LEFT_BUTTON: Final = 1


class Mouse:
    """A mouse, and the press of its button that is under way."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._held: Timer | None = None
        """Runs while the button is down."""
        self._cell = (0, 0)
        self._presses = 0
        self._pressed_at = float("-inf")
        self._anchor = page.window.spot(0, 0)
        self._has_selected = False

    def press(self, event: events.MouseDown) -> None:
        """Begin to select where the left button goes down."""
        if event.button != _LEFT_BUTTON:
            return
        cell = self._cell_of(event)
        again = cell == self._cell and event.time - self._pressed_at <= CHAIN
        self._presses = self._presses + 1 if again and self._presses < _PARAGRAPHS else 1
        self._cell, self._pressed_at, self._has_selected = cell, event.time, False
        self._anchor = self._unit()
        self._let_go()
        self._page.capture_mouse()
        self._held = self._page.set_interval(EDGE, self._scroll)
        if self._presses > 1:
            self.select()

    def move(self, event: events.MouseMove) -> None:
        """Select up to where the mouse is dragged."""
        cell = self._cell_of(event)
        if self._held is None:
            return
        if not event.button:  # it was let go where no terminal saw it
            self._let_go()
        elif cell != self._cell:
            self._cell = cell
            self.select()

    def release(self, event: events.MouseUp) -> None:
        """End the selection, or click where nothing was selected."""
        if self._held is not None:
            self._let_go()
            if not self._has_selected:
                self._page.click(*self._cell_of(event))

    def select(self) -> None:
        """Select up to where the mouse is, whatever text stands there now."""
        if self._held is None:
            return
        self._has_selected = True
        head = self._unit()
        first, behind = min(self._anchor.first, head.first), max(self._anchor.behind, head.behind)
        self._page.lights.selection = Passage(first, behind) if first < behind else None
        self._page.redraw()

    def _cell_of(self, event: events.MouseEvent) -> tuple[int, int]:
        """Return the column and the row of the window that the mouse is at."""
        x, y = event.get_content_offset_capture(self._page)
        return x - self._page.column[0], y

    def _unit(self) -> Passage:
        """Return what is selected with the cell the mouse is at: a character, word or paragraph."""
        window = self._page.window
        spot = window.spot(*self._cell)
        if self._presses == 1 or spot.first >= spot.behind:
            return spot
        whole = word_round if self._presses < _PARAGRAPHS else block_round
        return whole(window.document, spot.first)

    def _scroll(self) -> None:
        """Scroll while the mouse is held beyond an edge, the faster the further."""
        # Above the terminal's first row there is nothing to hold the mouse at.
        y, above = self._cell[1], 0 if self._page.content_region.y else 1
        below = y - self._page.window.height + 1
        if y < above:
            self._page.scroll(max(-FASTEST, y - above))
        elif below > 0:
            self._page.scroll(min(FASTEST, below))

    def _let_go(self) -> None:
        if self._held is not None:
            self._held.stop()
            self._page.capture_mouse(False)
        self._held = None
