"""The visible part of a galley.

`Viewport` shows one story: its content, its size in cells and rows, and the rows on the screen.
`Scroller` owns the top row and the reader's place, and moves them. `viewport_rows` owns what is
at a cell of the screen, and the rows inserted between those of the galley.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from reader.layout.galley import Galley
from reader.layout.lines import DEFAULT_STYLE
from reader.layout.viewport_rows import (
    OpenFootnote,
    VisibleRows,
    draw_footnote,
    insert_footnote,
    insert_stop_line,
)
from reader.text.document import Document, Place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reader.layout.galley import Row
    from reader.text.document import Block
    from reader.text.links import Link


OVERLAP_LINES: Final = 2
"""Lines of text that stay on the screen when the reader turns a page."""
WIDE_MARGIN_CELLS: Final = 2
"""Cells left free on each side of a wide block; the cursor of paragraphs is drawn there."""
ROWS_ABOVE_STOP: Final = 3
"""Rows shown above the place where the reader stopped. The stop line is the last, if shown."""


class ViewPosition(NamedTuple):
    """Where the reader's place is on the screen."""

    rows_above_place: int
    """Rows from the top row to the row of the place."""
    tail_row: Row | None
    """The top row below the end of the text, its part counted from there; None elsewhere."""
    is_at_start: bool


class Scroller:
    """The top row of a screen `height` rows high, and the reader's place.

    The place changes only when the reader moves. A resize, a new galley or a preview leaves it
    as it is, so that a series of resizes can't make it drift.
    """

    def __init__(self, galley: Galley) -> None:
        self.galley = galley
        """Replaced by the viewport; it then scrolls to the place."""
        self.height = 1
        """Rows, set by the viewport."""
        self.place = Place()
        self.top_row = galley.first_row
        self._rows_above_place = 0
        """Rows from the top row to the row of the place."""
        self._tail_row: Row | None = None
        """The top row below the end of the text, its part counted from there; None elsewhere."""
        self.is_at_start = True
        """The first row is the top row, and stays so at any measure."""
        self._missing_rows = 0
        """Rows that scrolling down lacked because the text was not parsed yet."""
        self._is_end_pending = False
        """The reader asked for the end before it was parsed."""
        self.stop_place: Place | None = None
        """The stop line is shown above the row of this place; None without a stop line."""

    def scroll_to_place(self) -> None:
        """Show the place at the row it had before, or higher if that is below the upper third."""
        if self.is_at_start:
            self.top_row = self.galley.first_row
        elif self._tail_row is not None and self.galley.document.is_complete:
            self.top_row = self.galley.find_tail_row(self._tail_row)
        else:
            row = self.galley.place_to_row(self.place)
            room = max(0, self.height // 3 - (self.stop_place is not None))
            self.top_row = self.galley.shift_row(row, -min(self._rows_above_place, room))

    @property
    def view(self) -> ViewPosition:
        """Where the place is on the screen, for `restore_view` after the text is replaced."""
        # Thousands of footnotes may be above a row of the tail: their rows are not counted.
        rows, tail_row = 0, self.galley.get_tail_row(self.top_row)
        if tail_row is None:
            rows = self.galley.count_rows(self.top_row, self.galley.place_to_row(self.place))
        return ViewPosition(rows, tail_row, is_at_start=self.is_at_start)

    def restore_view(self, view: ViewPosition) -> None:
        """Show a new version of the text as the old one was shown."""
        if view.is_at_start:
            return
        self.is_at_start, self._tail_row = False, view.tail_row
        if view.tail_row is None:
            self.show_rows_above_place(view.rows_above_place)
        else:
            self.scroll_to_place()

    def return_to(self, place: Place) -> None:
        """Make `place` the reader's place and show it in the top row."""
        self._drop_pending()
        self.place, self._rows_above_place, self.is_at_start = place, 0, place == Place()
        self._tail_row = None
        self.scroll_to_place()

    def show_rows_above_place(self, rows: int) -> None:
        """Show `rows` rows above the place, or fewer on a low screen; the stop line is one."""
        self._drop_pending()
        self._rows_above_place, self._tail_row = rows - (self.stop_place is not None), None
        self.scroll_to_place()

    def find_stop_row(self) -> Row | None:
        """Return the row above which the stop line is on the screen, None if it isn't there."""
        return self._find_stop_row_below(self.top_row)

    def _find_stop_row_below(self, top_row: Row) -> Row | None:
        """Return the row above which the stop line is on a screen with that top row.

        The stop line is never in the top row: there is always text above it.
        """
        if self.stop_place is None:
            return None
        row = self.galley.place_to_row(self.stop_place)
        last_row = self.galley.shift_row(top_row, self.height - 1)
        return row if top_row < row <= last_row else None

    def remove_stop_line(self) -> None:
        """Remove the stop line. The text below it stays where it is, the text above moves down."""
        if self.find_stop_row() is not None:
            above = self.galley.shift_row(self.top_row, -1)
            self._rows_above_place += above < self.top_row
            self.top_row = above
        self.stop_place = None

    @property
    def _text_height(self) -> int:
        """The rows of the screen that show rows of the galley."""
        return self.height - (self.find_stop_row() is not None)

    def preview_place(self, place: Place) -> None:
        """Show `place`, in the upper third if it isn't visible; don't change the reader's place."""
        row = self.galley.place_to_row(place)
        if not self.top_row <= row < self.galley.shift_row(self.top_row, self._text_height - 1):
            self.top_row = self.galley.shift_row(row, -(self.height // 3))

    def accept_preview(self) -> bool:
        """Move the reader's place to the top row; return whether it changed."""
        return self._update_place()

    def _drop_pending(self) -> None:
        self._missing_rows, self._is_end_pending = 0, False

    # The methods below return whether anything moved.

    def catch_up(self) -> bool:
        """Scroll further as it was asked for, now that more of the text is parsed."""
        if self._is_end_pending:
            return self.galley.document.is_complete and self.go_to_end()
        return self._missing_rows > 0 and self.scroll(0)

    def go_to(self, place: Place, *, at_top: bool = False) -> bool:
        """Show `place` in the upper third; if it is visible already, nothing moves.

        With `at_top`, show it in the top row, wherever it is: the place is in its section then.
        """
        self._drop_pending()
        if at_top:
            self.top_row = self.galley.place_to_row(place)
            return self._update_place()
        top_row = self.top_row
        self.preview_place(place)
        if self.top_row == top_row and self._is_place_visible():
            return False
        return self._update_place()

    def scroll(self, rows: int) -> bool:
        """Scroll `rows` rows down (up, if negative), at most to the last screenful.

        What is missing of them because the text is not parsed yet, `catch_up` scrolls later.
        """
        rows, missing_rows = rows + self._missing_rows, 0
        target = self.galley.shift_row(self.top_row, rows)
        if rows >= 0 and target >= (last := self._last_top_row):
            target = max(self.top_row, last)
            if not self.galley.document.is_complete:
                missing_rows = rows - self.galley.count_rows(self.top_row, target)
        has_moved = self._scroll_to(target)
        self._missing_rows = missing_rows
        return has_moved

    def scroll_pages(self, pages: int) -> bool:
        """Scroll `pages` screenfuls down (up, if negative); each keeps `OVERLAP_LINES` lines."""
        overlap = OVERLAP_LINES * self.galley.paragraph_style.spacing
        return self.scroll(pages * max(1, self.height - overlap))

    def scroll_half_pages(self, half_pages: int) -> bool:
        """Scroll `half_pages` half screenfuls down (up, if negative)."""
        return self.scroll(half_pages * max(1, self.height // 2))

    def go_to_start(self) -> bool:
        """Show the first row at the top."""
        return self._scroll_to(self.galley.first_row)

    def go_to_end(self) -> bool:
        """Show the last screenful of what is parsed so far; `catch_up` shows the end later."""
        has_moved = self._scroll_to(max(self.top_row, self._last_top_row))
        self._is_end_pending = not self.galley.document.is_complete
        return has_moved

    def go_to_heading(self, headings: int) -> bool:
        """Show the heading `headings` headings further (back, if negative) in the top row."""
        from reader.text.links import find_heading_from

        start = None if self.is_at_start else self.place
        place = find_heading_from(self.galley.document, start, headings)
        if place is not None:
            return self._scroll_to(self.galley.place_to_row(place))
        return self.go_to_start() if headings < 0 else False

    @property
    def is_at_end(self) -> bool:
        """Whether the last screenful of what is parsed so far is shown."""
        return self.top_row >= self._last_top_row

    @property
    def _last_top_row(self) -> Row:
        """The top row of the last screenful, one lower if the stop line is in it."""
        top_row = self.galley.shift_row(self.galley.last_row, 1 - self.height)
        if self._find_stop_row_below(top_row) is None:
            return top_row
        return self.galley.shift_row(self.galley.last_row, 2 - self.height)

    def _scroll_to(self, row: Row) -> bool:
        """Make `row` the top row, and its start the reader's place."""
        self._drop_pending()
        if row == self.top_row:
            return False
        self.top_row = row
        self._update_place()
        return True

    def _update_place(self) -> bool:
        """Move the reader's place to the start of the top row; return whether it changed."""
        before = self.place
        self.place = self.galley.get_row_start(self.top_row)
        self._rows_above_place, self._tail_row, _ = self.view
        self.is_at_start = self.top_row == self.galley.first_row
        return self.place != before

    def _is_place_visible(self) -> bool:
        last_row = self.galley.shift_row(self.top_row, self._text_height - 1)
        start, end = self.galley.get_row_start(self.top_row), self.galley.get_row_end(last_row)
        return start <= self.place <= end


class Viewport:
    """A story between its head and tail, at a measure, and the part of it on the screen."""

    def __init__(self, measure: int) -> None:
        self.paragraph_style = DEFAULT_STYLE
        """The reader's choice for stories in any language; applies from the next galley on."""
        self.scroller = Scroller(Galley(Document(), measure))
        self._room = measure
        """Cells that a wide block may take."""
        self._language = ""
        self._head: Sequence[Block] = ()
        self._tail: Sequence[Block] = ()
        self._stop_messages: Sequence[str] = ()
        """Wordings of the stop line, the longest first; empty where none is shown."""
        self._footnote: OpenFootnote | None = None
        self._visible: VisibleRows | None = None
        """The cached value of `visible`."""

    @property
    def galley(self) -> Galley:
        """The story at the current measure."""
        return self.scroller.galley

    @property
    def document(self) -> Document:
        """The story's text."""
        return self.galley.document

    @property
    def head(self) -> Sequence[Block]:
        """The blocks above the text: its title and what is around it."""
        return self._head

    @property
    def visible(self) -> VisibleRows:
        """The rows on the screen."""
        if self._visible is None or self._visible.top_row != self.scroller.top_row:
            self._visible = self._draw_visible_rows()
        return self._visible

    def show(
        self,
        document: Document,
        head: Sequence[Block],
        tail: Sequence[Block],
        place: Place,
        language: str = "",
    ) -> None:
        """Show `document` at `place`; at its beginning, show `head` above it.

        `tail` is shown below a complete document. `language` is a language tag, or empty.
        """
        self._language, self._head, self._tail = language, head, tail
        self.scroller.stop_place = None
        self._replace_galley(document, self.galley.measure)
        self.scroller.return_to(place)

    def resize(self, measure: int, height: int, width: int = 0) -> None:
        """Set the text in `measure` cells, on a screen `height` rows high.

        Code and tables may be `width` cells wide, less a margin.
        """
        self.scroller.height, self._visible = max(1, height), None
        room = max(measure, width - 2 * WIDE_MARGIN_CELLS)
        if (measure, room) != (self.galley.measure, self._room):
            self._room = room
            self._replace_galley(self.document, measure)
        self.scroller.scroll_to_place()

    def update_content(self, head: Sequence[Block], tail: Sequence[Block]) -> None:
        """Show what was added to the document; `tail` is given once the document is complete.

        A changed `head` is only shown while the reader is at the start: anywhere else, new rows
        above the text would be of no use.
        """
        is_full = self._visible is not None and len(self._visible.rows) >= self.scroller.height
        if tail or not is_full:
            self._visible = None  # else what is new is below the screen
        self.galley.scan_new_blocks()
        if tail and self.scroller.is_at_start and head != self._head:
            self._head, self._tail = head, tail
            self._replace_galley(self.document, self.galley.measure)
            self.scroller.scroll_to_place()
        elif tail:
            self._tail = tail
            self.galley.set_tail(tail)

    def replace_tail(self, tail: Sequence[Block]) -> None:
        """Show `tail` below the text instead of the current tail; the text doesn't move."""
        is_below_text = self.galley.is_in_tail(self.scroller.top_row)
        self._tail, self._visible = tail, None
        self.galley.set_tail(tail)
        if is_below_text:
            self.scroller.scroll_to_place()

    def show_stop_line(self, messages: Sequence[str]) -> None:
        """Show the stop line above the place, with some rows of text above it.

        `messages` are wordings, the longest first; the first that fits is shown. With no
        messages, or no text above the place, only the rows are shown. Does nothing at the start.
        """
        if not self.scroller.is_at_start:
            self._stop_messages, self._visible = messages, None
            self.scroller.stop_place = self.scroller.place if messages else None
            self.scroller.show_rows_above_place(ROWS_ABOVE_STOP)
            above = self.galley.shift_row(self.scroller.top_row, -1)
            if not self.galley.is_in_body(above):  # close to the start
                self.scroller.stop_place = None
                self.scroller.show_rows_above_place(ROWS_ABOVE_STOP)

    def hide_stop_line(self) -> bool:
        """Remove the stop line; return whether there was one."""
        if self.scroller.stop_place is None:
            return False
        self.scroller.remove_stop_line()
        self._visible = None
        return True

    def open_footnote(self, link: Link) -> bool:
        """Show the footnote that `link` refers to below its reference; return whether it exists."""
        row = self.galley.place_to_row(Place(link.block, link.start))
        lines = draw_footnote(self.document.footnotes, link.target, self.galley.measure)
        self._footnote = OpenFootnote(row, lines) if lines else None
        self._visible = None
        return bool(lines)

    @property
    def has_open_footnote(self) -> bool:
        """Whether a footnote is open in the text."""
        return self._footnote is not None

    def close_footnote(self) -> bool:
        """Close the open footnote; return whether one was open."""
        was_open, self._footnote, self._visible = self._footnote is not None, None, None
        return was_open

    def _replace_galley(self, document: Document, measure: int) -> None:
        style = self.paragraph_style.with_language(self._language)
        galley = Galley(document, measure, self._head, style)
        galley.room = max(measure, self._room)
        galley.reuse_cuts(self.galley)
        if document.is_complete:
            galley.set_tail(self._tail)
        self.scroller.galley = galley
        self._footnote = self._visible = None

    def _draw_visible_rows(self) -> VisibleRows:
        scroller, galley = self.scroller, self.galley
        rows = list(galley.draw_rows(scroller.top_row, scroller.height))
        stop_row = scroller.find_stop_row()
        if stop_row is not None:
            rows = insert_stop_line(galley, rows, stop_row, self._stop_messages)[: scroller.height]
        if self._footnote is not None:
            rows = insert_footnote(rows, self._footnote)[: scroller.height]
        return VisibleRows(galley, scroller.top_row, rows)
