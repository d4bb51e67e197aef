"""Point at things on the page: matches, links and footnotes by key, text by mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reader.layout.viewport_rows import Cell, list_tail_links
from reader.text.document import Place
from reader.text.places import Passage, find_word, get_whole_block

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from textual import events
    from textual.timer import Timer

    from reader.layout.viewport import Viewport
    from reader.layout.viewport_rows import VisibleLink
    from reader.text.links import Link
    from reader.ui.page.page import Page
    from reader.ui.page.rendering import RowRenderer


class Pointer:
    """Points at things in a window that is drawn on a sheet."""

    def __init__(self, viewport: Viewport, renderer: RowRenderer) -> None:
        self._viewport = viewport
        self._renderer = renderer

    def match(self, way: int) -> Place | None:
        """Point `way` matches on, and return where that is."""
        finding = self._renderer.decorations.search_results
        match = finding.step(way) if finding is not None else None
        return match.start if match is not None else None

    def link(self, way: int) -> Place | None:
        """Point at the next link, or with -1 the one before, and return where that is."""
        from reader.text.links import find_next_link

        here, place = self._renderer.decorations.link, self._viewport.scroller.place
        # The first one is sought from just before the window's text.
        start = Place(here.block, here.start) if here else Place(place.block, place.offset - 1)
        link = find_next_link(
            self._viewport.document, start, way, list_tail_links(self._viewport.galley)
        )
        if link is None:
            return None
        self._renderer.decorations.link = link
        return Place(link.block, link.start)

    def paragraph(self, way: int) -> Place | None:
        """Point `way` paragraphs on from the cursor, or at the one of the place; return where."""
        blocks, lights = self._viewport.document.blocks, self._renderer.decorations
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
        from reader.text.places import find_adjacent_sentence

        window, lights = self._viewport, self._renderer.decorations
        for _ in range(abs(way)):
            selected = lights.selection
            start = (selected.end if way > 0 else selected.start) if selected else self.place
            sentence = find_adjacent_sentence(window.document, start, 1 if way > 0 else -1)
            if sentence is None:
                break
            lights.selection = sentence
        if lights.selection is None:
            return None
        first, behind = lights.selection
        window.scroller.preview_place(
            behind._replace(offset=behind.offset - 1)
        )  # all of it, where that fits
        return first

    @property
    def place(self) -> Place:
        """The beginning of the paragraph that the cursor is at, or the page's place."""
        at = self._renderer.decorations.paragraph
        return self._viewport.scroller.place if at is None else Place(at)

    @property
    def block(self) -> int:
        """The block that the paragraph cursor is at, or the place, else the window's first."""
        at = self._renderer.decorations.paragraph
        (first, behind), place = self._viewport.visible.passage, self._viewport.scroller.place
        return (place if first <= place <= behind else first).block if at is None else at

    def toggle_focus_mode(self) -> None:
        """Have everything but the paragraph at the cursor dimmed, or nothing again."""
        lights = self._renderer.decorations
        lights.paragraph, lights.is_focus_mode = self.block, not lights.is_focus_mode

    @property
    def cell(self) -> Cell:
        """Where in the window (column, row) is what is pointed at, or the place that is."""
        for place in (*self._list_targets(), self._viewport.scroller.place):
            cell = self._viewport.visible.find_cell(place)
            if cell is not None:
                return cell
        return Cell(0, 0)

    def _list_targets(self) -> Iterator[Place]:
        lights = self._renderer.decorations
        if lights.link is not None:
            yield Place(lights.link.block, lights.link.start)
        if lights.paragraph is not None:
            yield Place(lights.paragraph)
        match = lights.search_results.current_match if lights.search_results is not None else None
        if match is not None:
            yield match.start

    def click_row(self, y: int, *, at_link: bool) -> None:
        """Let go of what is selected, and point at the paragraph in a row unless `at_link`."""
        lights = self._renderer.decorations
        lights.selection = None
        lights.set_labels(())
        visible = self._viewport.visible
        block = visible.get_document_block_number(y)
        is_text = block is not None and block < len(self._viewport.document.blocks)
        if is_text and visible.rows[y].line.runs and not at_link:
            lights.paragraph, lights.link = block, None

    def show_labels(self, links: Sequence[VisibleLink], left: int) -> bool:
        """Put a label over what is `shown`, the column beginning at `left`; tell whether any is."""
        self._renderer.decorations.set_labels([link._replace(x=left + link.x) for link in links])
        return bool(links)

    def activate(self) -> Link | None:
        """Close the footnote that is open, else return the link that is pointed at."""
        return None if self._viewport.close_footnote() else self._renderer.decorations.link

    def clear_innermost(self) -> bool:
        """Put out the innermost of what is lit up or open; tell whether anything was.

        Labels, what was found, a footnote that is open, the selection, the link cursor, the
        paragraph cursor. Beyond them there are a page alone and the shelf.
        """
        lights = self._renderer.decorations
        if lights.has_labels:
            lights.set_labels(())
        elif lights.search_results is not None:
            lights.search_results = None
        elif self._viewport.close_footnote():
            pass
        elif lights.selection is not None:
            lights.selection = None
        elif lights.link is not None:
            lights.link = None
        elif lights.paragraph is not None:
            lights.paragraph, lights.is_focus_mode = None, False
        else:
            return False
        return True


MULTI_CLICK_SECONDS: Final = 0.5
"""Seconds within which another press at the same cell counts on: Textual's own figure."""
_MAX_PRESSES: Final = 3
"""Presses that select whole paragraphs; another one begins anew."""
EDGE_SCROLL_SECONDS: Final = 0.05
"""Seconds between two scrolls while the mouse is held beyond the edge."""
MAX_EDGE_SCROLL_ROWS: Final = 5
"""Rows that each of them goes at most."""
_LEFT_BUTTON: Final = 1


class Mouse:
    """A mouse, and the press of its button that is under way."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._scroll_timer: Timer | None = None
        """Runs while the button is down."""
        self._cell = Cell(0, 0)
        self._presses = 0
        self._pressed_at = float("-inf")
        self._selection_start = page.viewport.visible.find_character(0, 0)
        self._has_selected = False

    def press(self, event: events.MouseDown) -> None:
        """Begin to select where the left button goes down."""
        if event.button != _LEFT_BUTTON:
            return
        cell = self._find_cell(event)
        again = cell == self._cell and event.time - self._pressed_at <= MULTI_CLICK_SECONDS
        self._presses = self._presses + 1 if again and self._presses < _MAX_PRESSES else 1
        self._cell, self._pressed_at, self._has_selected = cell, event.time, False
        self._selection_start = self._find_passage()
        self._end_press()
        self._page.capture_mouse()
        self._scroll_timer = self._page.set_interval(EDGE_SCROLL_SECONDS, self._scroll_at_edge)
        if self._presses > 1:
            self.extend_selection()

    def move(self, event: events.MouseMove) -> None:
        """Select up to where the mouse is dragged."""
        cell = self._find_cell(event)
        if self._scroll_timer is None:
            return
        if not event.button:  # it was let go where no terminal saw it
            self._end_press()
        elif cell != self._cell:
            self._cell = cell
            self.extend_selection()

    def release(self, event: events.MouseUp) -> None:
        """End the selection, or click where nothing was selected."""
        if self._scroll_timer is not None:
            self._end_press()
            if not self._has_selected:
                self._page.click_cell(*self._find_cell(event))

    def extend_selection(self) -> None:
        """Select up to where the mouse is, whatever text stands there now."""
        if self._scroll_timer is None:
            return
        self._has_selected = True
        head = self._find_passage()
        first, behind = (
            min(self._selection_start.start, head.start),
            max(self._selection_start.end, head.end),
        )
        self._page.decorations.selection = Passage(first, behind) if first < behind else None
        self._page.redraw()

    def _find_cell(self, event: events.MouseEvent) -> Cell:
        """Return the column and the row of the window that the mouse is at."""
        x, y = event.get_content_offset_capture(self._page)
        return Cell(x - self._page.column[0], y)

    def _find_passage(self) -> Passage:
        """Return what is selected with the cell the mouse is at: a character, word or paragraph."""
        window = self._page.viewport
        spot = window.visible.find_character(*self._cell)
        if self._presses == 1 or spot.start >= spot.end:
            return spot
        whole = find_word if self._presses < _MAX_PRESSES else get_whole_block
        return whole(window.document, spot.start)

    def _scroll_at_edge(self) -> None:
        """Scroll while the mouse is held beyond an edge, the faster the further."""
        # Above the terminal's first row there is nothing to hold the mouse at.
        y, above = self._cell[1], 0 if self._page.content_region.y else 1
        below = y - self._page.viewport.scroller.height + 1
        if y < above:
            self._page.scroll_rows(max(-MAX_EDGE_SCROLL_ROWS, y - above))
        elif below > 0:
            self._page.scroll_rows(min(MAX_EDGE_SCROLL_ROWS, below))

    def _end_press(self) -> None:
        if self._scroll_timer is not None:
            self._scroll_timer.stop()
            self._page.capture_mouse(False)
        self._scroll_timer = None
