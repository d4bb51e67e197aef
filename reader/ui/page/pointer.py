"""Point at things on the page: matches, links and footnotes by key, text by mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reader.text.document import Place
from reader.text.places import Passage, block_round, word_round
from reader.ui.page.rendering import Spot

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from textual import events
    from textual.timer import Timer

    from reader.layout.viewport import Window
    from reader.layout.viewport_rows import Shown
    from reader.text.links import Link
    from reader.ui.page.page import Page
    from reader.ui.page.rendering import Sheet


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
        from reader.text.links import next_link

        here, place = self._sheet.lights.link, self._window.place
        # The first one is sought from just before the window's text.
        start = Place(here.block, here.start) if here else Place(place.block, place.offset - 1)
        link = next_link(self._window.document, start, way, self._window.links_below())
        if link is None:
            return None
        self._sheet.lights.link = link
        return Place(link.block, link.start)

    def paragraph(self, way: int) -> Place | None:
        """Point `way` paragraphs on from the cursor, or at the one of the place; return where."""
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

    def sentence(self, way: int) -> Place | None:
        """Select the sentence `way` on from the selection, or from the cursor; return where."""
        from reader.text.places import sentence_beside

        window, lights = self._window, self._sheet.lights
        for _ in range(abs(way)):
            selected = lights.selection
            start = (selected.behind if way > 0 else selected.first) if selected else self.place
            sentence = sentence_beside(window.document, start, 1 if way > 0 else -1)
            if sentence is None:
                break
            lights.selection = sentence
        if lights.selection is None:
            return None
        first, behind = lights.selection
        window.glance(behind._replace(offset=behind.offset - 1))  # all of it, where that fits
        return first

    @property
    def place(self) -> Place:
        """The beginning of the paragraph that the cursor is at, or the page's place."""
        at = self._sheet.lights.paragraph
        return self._window.place if at is None else Place(at)

    @property
    def block(self) -> int:
        """The block that the paragraph cursor is at, or the place, else the window's first."""
        at = self._sheet.lights.paragraph
        (first, behind), place = self._window.visible, self._window.place
        return (place if first <= place <= behind else first).block if at is None else at

    def toggle_focus(self) -> None:
        """Have everything but the paragraph at the cursor dimmed, or nothing again."""
        lights = self._sheet.lights
        lights.paragraph, lights.is_focused = self.block, not lights.is_focused

    @property
    def cell(self) -> tuple[int, int]:
        """Where in the window (column, row) is what is pointed at, or the place that is."""
        for place in (*self._pointed(), self._window.place):
            cell = self._window.cell_of(place)
            if cell is not None:
                return cell
        return 0, 0

    def _pointed(self) -> Iterator[Place]:
        lights = self._sheet.lights
        if lights.link is not None:
            yield Place(lights.link.block, lights.link.start)
        if lights.paragraph is not None:
            yield Place(lights.paragraph)
        match = lights.finding.match if lights.finding is not None else None
        if match is not None:
            yield match.start

    def click(self, y: int, *, at_link: bool) -> None:
        """Let go of what is selected, and point at the paragraph in a row unless `at_link`."""
        lights = self._sheet.lights
        lights.selection = None
        lights.label(())
        rows = self._window.rows
        block = self._window.block_of(rows[y][0]) if 0 <= y < len(rows) else None
        is_text = block is not None and block < len(self._window.document.blocks)
        if is_text and rows[y][1].runs and not at_link:
            lights.paragraph, lights.link = block, None

    def label(self, shown: Sequence[Shown], left: int) -> bool:
        """Put a label over what is `shown`, the column beginning at `left`; tell whether any is."""
        self._sheet.lights.label([Spot(link, y, left + x) for link, y, x in shown])
        return bool(shown)

    def follow(self) -> Link | None:
        """Close the footnote that is open, else return the link that is pointed at."""
        return None if self._window.fold() else self._sheet.lights.link

    def put_out(self) -> bool:
        """Put out the innermost of what is lit up or open; tell whether anything was.

        Labels, what was found, a footnote that is open, the selection, the link cursor, the
        paragraph cursor. Beyond them there are a page alone and the shelf.
        """
        lights = self._sheet.lights
        if lights.labelled:
            lights.label(())
        elif lights.finding is not None:
            lights.finding = None
        elif self._window.fold():
            pass
        elif lights.selection is not None:
            lights.selection = None
        elif lights.link is not None:
            lights.link = None
        elif lights.paragraph is not None:
            lights.paragraph, lights.is_focused = None, False
        else:
            return False
        return True


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
