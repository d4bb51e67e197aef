"""Point at text on the page: matches, links, paragraphs and sentences by key, text by mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from reader.layout.viewport_rows import Cell, list_tail_links
from reader.text.document import Place
from reader.text.places import Passage, find_word, get_whole_block

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from textual import events
    from textual.geometry import Region
    from textual.timer import Timer

    from reader.drawing.page import Decorations, RowRenderer
    from reader.layout.viewport import Viewport
    from reader.layout.viewport_rows import VisibleLink
    from reader.text.links import Link


class Pointer:
    """Points at the text of a viewport by changing its decorations."""

    def __init__(self, viewport: Viewport, renderer: RowRenderer) -> None:
        self._viewport = viewport
        self._renderer = renderer
        self._is_at_match = False
        """The last thing that was pointed at is a match."""

    @property
    def _decorations(self) -> Decorations:
        return self._renderer.decorations

    def point_at_match(self, step: int) -> Place | None:
        """Select the match `step` further and return its place, or None if there is none."""
        results = self._decorations.search_results
        match = results.step(step) if results is not None else None
        self._is_at_match = match is not None
        return match.start if match is not None else None

    def point_at_link(self, step: int) -> Place | None:
        """Point at the link `step` further and return its place, or None if there is none."""
        from reader.text.links import find_next_link

        link, place = self._decorations.link, self._viewport.scroller.place
        # without a link, start just before the first visible character
        start = Place(link.block, link.start) if link else Place(place.block, place.offset - 1)
        tail_links = list_tail_links(self._viewport.galley)
        link = find_next_link(self._viewport.document, start, step, tail_links)
        if link is None:
            return None
        self._decorations.link, self._is_at_match = link, False
        return Place(link.block, link.start)

    def point_at_paragraph(self, step: int) -> Place | None:
        """Move the cursor `step` paragraphs and return its place, or None beyond either end.

        Without a cursor, the first step down goes to the current paragraph.
        """
        blocks, number = self._viewport.document.blocks, self._decorations.paragraph
        if number is None:
            number, step = self.block - (step > 0), 1 if step > 0 else 0
        direction = 1 if step > 0 else -1
        for _ in range(abs(step)):
            number += direction
            while 0 <= number < len(blocks) and not blocks[number].text:
                number += direction
        if not 0 <= number < len(blocks):
            return None
        self._decorations.paragraph, self._decorations.link = number, None
        self._is_at_match = False
        return Place(number)

    def select_sentence(self, step: int) -> Place | None:
        """Select the sentence `step` further than the selection or cursor; return its start.

        Also scroll to its end, so that all of it is visible if it fits.
        """
        from reader.text.sentences import find_adjacent_sentence

        for _ in range(abs(step)):
            selection = self._decorations.selection
            start = (selection.end if step > 0 else selection.start) if selection else self.place
            direction = 1 if step > 0 else -1
            sentence = find_adjacent_sentence(self._viewport.document, start, direction)
            if sentence is None:
                break
            self._decorations.selection = sentence
        if self._decorations.selection is None:
            return None
        start, end = self._decorations.selection
        self._viewport.scroller.preview_place(end._replace(offset=end.offset - 1))
        return start

    @property
    def place(self) -> Place:
        """The start of the paragraph at the cursor, or the current place."""
        number = self._decorations.paragraph
        return self._viewport.scroller.place if number is None else Place(number)

    @property
    def block(self) -> int:
        """The block at the paragraph cursor, else of the current place, else the first visible."""
        number = self._decorations.paragraph
        if number is not None:
            return number
        (first, end), place = self._viewport.visible.passage, self._viewport.scroller.place
        return (place if first <= place <= end else first).block

    def toggle_focus_mode(self) -> None:
        """Dim everything but the paragraph at the cursor, or nothing."""
        decorations = self._decorations
        decorations.paragraph = self.block
        decorations.is_focus_mode = not decorations.is_focus_mode

    @property
    def cell(self) -> Cell:
        """The cell of the viewport at the link, cursor, match or current place."""
        for place in (*self._list_targets(), self._viewport.scroller.place):
            cell = self._viewport.visible.find_cell(place)
            if cell is not None:
                return cell
        return Cell(0, 0)

    def _list_targets(self) -> Iterator[Place]:
        link, number, results = (
            self._decorations.link,
            self._decorations.paragraph,
            self._decorations.search_results,
        )
        match = results.current_match if results is not None else None
        if match is not None and self._is_at_match:
            yield match.start
        if link is not None:
            yield Place(link.block, link.start)
        if number is not None:
            yield Place(number)
        if match is not None:
            yield match.start

    def click_row(self, y: int, *, at_link: bool) -> None:
        """Clear the selection, and point at the paragraph in row `y` unless `at_link`."""
        decorations, visible = self._decorations, self._viewport.visible
        decorations.selection = None
        decorations.set_labels(())
        block = None if at_link else visible.get_document_block_number(y)
        is_text = block is not None and block < len(self._viewport.document.blocks)
        if is_text and visible.rows[y].line.runs:
            decorations.paragraph, decorations.link = block, None

    def show_labels(self, links: Sequence[VisibleLink], left: int) -> bool:
        """Label `links` in a column that starts at cell `left`; return whether there are any."""
        self._decorations.set_labels([link._replace(x=left + link.x) for link in links])
        return bool(links)

    def activate(self) -> Link | None:
        """Close the open footnote, or if none is open return the link at the cursor."""
        return None if self._viewport.close_footnote() else self._decorations.link

    def clear_innermost(self) -> bool:
        """Clear one thing, the innermost first; return whether there was any.

        The order is: labels, matches, the open footnote, the selection, the link cursor, the
        paragraph cursor.
        """
        decorations = self._decorations
        if decorations.has_labels:
            decorations.set_labels(())
        elif decorations.search_results is not None:
            decorations.search_results = None
        elif self._viewport.close_footnote():
            pass
        elif decorations.selection is not None:
            decorations.selection = None
        elif decorations.link is not None:
            decorations.link = None
        elif decorations.paragraph is not None:
            decorations.paragraph, decorations.is_focus_mode = None, False
        else:
            return False
        return True


MULTI_CLICK_SECONDS: Final = 0.5
"""Seconds within which presses at one cell belong together: Textual's own figure."""
_MAX_PRESSES: Final = 3
"""Presses that select a paragraph; the next one counts as the first."""
EDGE_SCROLL_SECONDS: Final = 0.05
"""Seconds between two scrolls while the mouse is dragged beyond an edge."""
MAX_EDGE_SCROLL_ROWS: Final = 5
"""Rows that each of them scrolls at most."""
_LEFT_BUTTON: Final = 1


class MouseHost(Protocol):
    """What the mouse needs of the page widget."""

    viewport: Viewport

    @property
    def content_region(self) -> Region:
        """The cells of the screen that show the viewport."""

    def capture_mouse(self, capture: bool = True) -> None:
        """Receive all mouse events, or stop it."""

    def set_interval(self, interval: float, callback: Callable[[], None]) -> Timer:
        """Call `callback` every `interval` seconds."""

    def scroll_rows(self, rows: int) -> None:
        """Scroll, and extend the selection."""

    def select(self, passage: Passage | None) -> None:
        """Select `passage`, or nothing."""

    def click_cell(self, cell: Cell) -> None:
        """Take a click at a cell of the viewport."""


class Mouse:
    """Selects text by press and drag. Cells are those of the viewport."""

    def __init__(self, host: MouseHost) -> None:
        self._host = host
        self._scroll_timer: Timer | None = None
        """Runs while the button is down."""
        self._cell = Cell(0, 0)
        self._presses = 0
        self._pressed_at = float("-inf")
        self._selection_start = Passage(Place(), Place())
        self._has_selected = False

    def press(self, event: events.MouseDown, cell: Cell) -> None:
        """Start a selection at `cell`: of characters, on a second press words, then paragraphs."""
        if event.button != _LEFT_BUTTON:
            return
        is_again = cell == self._cell and event.time - self._pressed_at <= MULTI_CLICK_SECONDS
        self._presses = self._presses + 1 if is_again and self._presses < _MAX_PRESSES else 1
        self._cell, self._pressed_at, self._has_selected = cell, event.time, False
        self._selection_start = self._find_passage()
        self._end_press()
        self._host.capture_mouse()
        self._scroll_timer = self._host.set_interval(EDGE_SCROLL_SECONDS, self._scroll_at_edge)
        if self._presses > 1:
            self.extend_selection()

    def move(self, event: events.MouseMove, cell: Cell) -> None:
        """Select up to `cell`."""
        if self._scroll_timer is None:
            return
        if not event.button:  # it was released outside the terminal
            self._end_press()
        elif cell != self._cell:
            self._cell = cell
            self.extend_selection()

    def release(self, cell: Cell) -> None:
        """End the selection, or click at `cell` if nothing was selected."""
        if self._scroll_timer is not None:
            self._end_press()
            if not self._has_selected:
                self._host.click_cell(cell)

    def handle_capture_end(self, *, is_captured: bool) -> None:
        """Stop selecting unless a later press has captured the mouse again.

        A dialog that opens ends the capture, and gets the release of the button.
        """
        if not is_captured:
            self._end_press()

    def extend_selection(self) -> None:
        """Select up to the text that is at the mouse now, if the button is down."""
        if self._scroll_timer is None:
            return
        self._has_selected = True
        passage = self._find_passage()
        start = min(self._selection_start.start, passage.start)
        end = max(self._selection_start.end, passage.end)
        self._host.select(Passage(start, end) if start < end else None)

    def _find_passage(self) -> Passage:
        """Return the character, word or paragraph at the mouse."""
        viewport = self._host.viewport
        character = viewport.visible.find_character(*self._cell)
        if self._presses == 1 or character.start >= character.end:
            return character
        find_unit = find_word if self._presses < _MAX_PRESSES else get_whole_block
        return find_unit(viewport.document, character.start)

    def _scroll_at_edge(self) -> None:
        """Scroll while the mouse is dragged beyond an edge, faster with its distance."""
        # a page at the top of the terminal has no row above it: there the first row scrolls
        y, top = self._cell.y, 0 if self._host.content_region.y else 1
        rows_below = y - self._host.viewport.scroller.height + 1
        if y < top:
            self._host.scroll_rows(max(-MAX_EDGE_SCROLL_ROWS, y - top))
        elif rows_below > 0:
            self._host.scroll_rows(min(MAX_EDGE_SCROLL_ROWS, rows_below))

    def _end_press(self) -> None:
        if self._scroll_timer is not None:
            self._scroll_timer.stop()
            self._host.capture_mouse(False)
        self._scroll_timer = None
