"""The part of a galley that is visible: its top row, and the current place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reader.layout.galley import Galley, Row
from reader.layout.lines import DEFAULT_STYLE
from reader.layout.viewport_rows import draw_stop_line, insert_footnote, replace_row
from reader.text.document import Document, Place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reader.layout.lines import Line
    from reader.layout.viewport_rows import VisibleLink
    from reader.text.document import Block
    from reader.text.links import Link
    from reader.text.places import Passage


OVERLAP_LINES: Final = 2
"""Lines of text that a page down keeps."""
ROWS_ABOVE_STOP: Final = 3
"""Rows that are shown above the place where the reader stopped, one of them to say so."""


class Viewport:
    """A window `height` rows high on a document set in `measure` cells."""

    def __init__(self, measure: int) -> None:
        self.place = Place()
        self.paragraph_style = DEFAULT_STYLE
        """In which manner text is set, whatever its language; from the next `show` on."""
        self._language = ""
        self.top_row = Row(0)
        self.height = 1
        self._document = Document()
        self._head: Sequence[Block] = ()
        self._tail: Sequence[Block] = ()
        self._galley = Galley(self._document, measure)
        self._rows_above_place = 0
        """Rows between the top and the row of the place; negative behind the text's end."""
        self._is_at_start = True
        """The first row is on top, and stays there at any measure."""
        self._rows: list[tuple[Row, Line]] | None = None
        self._open_footnote: tuple[Row, list[Line]] | None = None
        """A footnote that is open, under the row that calls it."""
        self._stop_messages: Sequence[str] = ()
        """In what words, longest first, the row over the place says that the reader stopped there."""

    # What is shown ---------------------------------------------------------------------

    def load_hyphenation(self, language: str) -> None:
        """Load what setting a text in `language` needs. A worker's job: it changes nothing."""
        if self.paragraph_style.hyphen_language:
            from reader.layout.hyphenation import preload_dictionary

            preload_dictionary(self.paragraph_style.with_language(language).hyphen_language)

    def show(
        self,
        document: Document,
        head: Sequence[Block],
        tail: Sequence[Block],
        place: Place,
        language: str = "",
    ) -> None:
        """Show `document`, in `language` if it says so, at `place`; the beginning has its head."""
        self._language = language
        self._document, self._head, self._tail = document, head, tail
        self.place, self._rows_above_place = place, 0
        self._is_at_start = place == Place()
        self._stop_messages = ()
        self._rebuild_galley(self.measure)

    def resize(self, measure: int, height: int) -> None:
        """Be `height` rows high, and the text set in `measure` cells."""
        self.height = max(1, height)
        if measure == self.measure:
            self._scroll_to_place()
        else:
            self._rebuild_galley(measure)

    def update_content(self, head: Sequence[Block], tail: Sequence[Block]) -> None:
        """See what the document has more, and with `tail` that it is complete."""
        self._rows = None
        if tail and self._is_at_start and head != self._head:
            self._head, self._tail = head, tail  # minutes are known once a text is complete
            self._rebuild_galley(self.measure)
        elif tail:
            self._tail = tail
            self._galley.set_tail(tail)

    def replace_tail(self, tail: Sequence[Block]) -> None:
        """Show `tail` below the text, instead of what stands there; the text stays where it is."""
        is_below = self._galley.is_in_tail(self.top_row)
        self._tail, self._rows = tail, None
        self._galley.set_tail(tail)
        if is_below:
            self._scroll_to_place()

    @property
    def measure(self) -> int:
        """The measure in cells."""
        return self._galley.measure

    @property
    def typeset_count(self) -> int:
        """How many blocks this galley has set: a figure for tests."""
        return self._galley.typeset_count

    @property
    def rows(self) -> list[tuple[Row, Line]]:
        """The rows in the window with their lines."""
        if self._rows is None:
            self._rows = list(self._galley.draw_rows(self.top_row, self.height))
            if self._stop_messages:
                self._rows = self._insert_stop_line(self._rows)
            if self._open_footnote is not None:
                self._rows = list(insert_footnote(self._rows, *self._open_footnote))[: self.height]
        return self._rows

    def _insert_stop_line(self, rows: list[tuple[Row, Line]]) -> list[tuple[Row, Line]]:
        """Return `rows` with the line over the place, where there is text above that."""
        y = self._galley.count_rows(self.top_row, self._galley.place_to_row(self.place)) - 1
        if not 0 < y < len(rows) or not self._galley.is_in_body(self.top_row):
            return rows
        return replace_row(rows, y, draw_stop_line(self._stop_messages, self.measure))

    def show_stop_line(self, messages: Sequence[str]) -> None:
        """Show some rows above the place, where the reader stopped, until the reader moves.

        Until `go_on` the last of them says so, in the first of `words` that there is room for;
        none where there are no words, and where no text stands above.
        """
        if not self._is_at_start:
            self._stop_messages, self._rows_above_place = messages, ROWS_ABOVE_STOP
            self._scroll_to_place()

    def hide_stop_line(self) -> bool:
        """Show the text's own line where it was said that the reader stopped; tell whether it was."""
        was, self._stop_messages, self._rows = bool(self._stop_messages), (), None
        return was

    @property
    def visible_range(self) -> tuple[Place, Place]:
        """The places between which the text in the window stands."""
        rows = [row for row, _ in self.rows if self._galley.is_in_body(row)]
        if not rows:
            return (self._galley.get_row_start(self.top_row),) * 2
        return self._galley.get_row_start(rows[0]), self._galley.get_row_end(rows[-1])

    def _rebuild_galley(self, measure: int) -> None:
        composition = self.paragraph_style.with_language(self._language)
        self._galley = Galley(self._document, measure, self._head, composition)
        self._open_footnote = None
        if self._document.is_complete:
            self._galley.set_tail(self._tail)
        self._scroll_to_place()

    @property
    def document(self) -> Document:
        """The document that is shown."""
        return self._document

    def get_block_number(self, row: Row) -> int | None:
        """Return the number of the block that `row` shows, also below the text; None for the head."""
        return self._galley.get_block_number(row)

    def get_document_block_number(self, row: Row) -> int | None:
        """Return the number of the block whose text `row` shows, None for head and tail."""
        return self._galley.get_document_block_number(row)

    def find_character(self, x: int, y: int) -> Passage:
        """Return the character at a cell of the window (column, row), as the places round it.

        Where there is none, the first place is before the text that follows, and the second
        behind the text above. A footnote that is open belongs to the line that calls it.
        """
        from reader.layout.viewport_rows import find_character

        return find_character(self._galley, self.rows, x, y)

    def find_cell(self, place: Place) -> tuple[int, int] | None:
        """Return where in the window (column, row) `place` is seen, or what is of its block."""
        from reader.layout.viewport_rows import find_cell

        return find_cell(self._galley, self.rows, place)

    def cancel_preview(self) -> None:
        """Show the place where it stood, after a glance elsewhere."""
        self._scroll_to_place()

    def preview_place(self, place: Place) -> None:
        """Show `place` without going there: the place that is stays."""
        row = self._galley.place_to_row(place)
        if not self.top_row <= row < self._galley.shift_row(self.top_row, self.height - 1):
            self.top_row = self._galley.shift_row(row, -(self.height // 3))
            self._rows = None

    def accept_preview(self) -> bool:
        """Be where a glance went."""
        return self._update_place()

    def return_to(self, place: Place) -> None:
        """Be at `place` as one who was there before: it comes on top."""
        self.place, self._rows_above_place, self._is_at_start = place, 0, place == Place()
        self._scroll_to_place()

    def go_to(self, place: Place) -> bool:
        """Put `place` in the upper third; if it is in the window, nothing moves."""
        top = self.top_row
        self.preview_place(place)
        first, behind = self.visible_range
        return not (self.top_row == top and first <= self.place <= behind) and self._update_place()

    def _scroll_to_place(self) -> None:
        """Put the place where it stood, in the upper third at the lowest."""
        row = self._galley.place_to_row(self.place)
        if self._is_at_start:
            self.top_row = self._galley.first_row
        else:
            self.top_row = self._galley.shift_row(
                row, -min(self._rows_above_place, self.height // 3)
            )
        self._rows = None

    # Links and notes ---------------------------------------------------------------------

    def find_links(self) -> list[VisibleLink]:
        """Return the links and the footnotes' numbers in the window."""
        from reader.layout.viewport_rows import find_visible_links
        from reader.text.links import list_block_links

        return find_visible_links(self._galley, self.rows, list_block_links)

    def find_tail_links(self) -> list[Link]:
        """Return the links below the text, wherever the window is."""
        from reader.layout.viewport_rows import find_tail_links

        return find_tail_links(self._galley)

    def find_pictures(self) -> list[VisibleLink]:
        """Return what stands for pictures in the window."""
        from reader.layout.viewport_rows import find_visible_links
        from reader.text.links import list_block_pictures

        return find_visible_links(self._galley, self.rows, list_block_pictures)

    def find_link_at(self, x: int, y: int) -> Link | None:
        """Return the link, footnote's number or picture at a cell of the window."""
        from reader.layout.viewport_rows import find_link_at

        return find_link_at(self._galley, *self.rows[y], x) if 0 <= y < len(self.rows) else None

    def open_footnote(self, link: Link) -> bool:
        """Open the footnote that `link` calls under the row that calls it."""
        from reader.layout.viewport_rows import draw_footnote

        row = self._galley.place_to_row(Place(link.block, link.start))
        lines = draw_footnote(self._document.footnotes, link.target, self.measure)
        self._open_footnote = (row, lines) if lines else None
        self._rows = None
        return bool(lines)

    def close_footnote(self) -> bool:
        """Close the footnote that is open; tell whether one was."""
        was, self._open_footnote, self._rows = self._open_footnote is not None, None, None
        return was

    # Moving: each tells whether anything moved ------------------------------------------

    def scroll(self, rows: int) -> bool:
        """Go `rows` rows down (up, if negative), no further than the last windowful."""
        target = self._galley.shift_row(self.top_row, rows)
        return self._scroll_to(
            target if rows < 0 else max(self.top_row, min(target, self._last_top_row))
        )

    def scroll_pages(self, pages: int) -> bool:
        """Go `pages` windowfuls down (up, if negative), each keeping two lines."""
        return self.scroll(
            pages * max(1, self.height - OVERLAP_LINES * self.paragraph_style.spacing)
        )

    def scroll_half_pages(self, halves: int) -> bool:
        """Go half windowfuls down (up, if negative)."""
        return self.scroll(halves * max(1, self.height // 2))

    def go_to_start(self) -> bool:
        """Go to the first row."""
        return self._scroll_to(self._galley.first_row)

    def go_to_end(self) -> bool:
        """Go to the last windowful there is so far."""
        return self._scroll_to(max(self.top_row, self._last_top_row))

    def go_to_heading(self, headings: int) -> bool:
        """Put the heading that many further (before, if negative) on top."""
        from reader.text.links import find_heading_from

        place = find_heading_from(
            self._document, None if self._is_at_start else self.place, headings
        )
        if place is not None:
            return self._scroll_to(self._galley.place_to_row(place))
        return self.go_to_start() if headings < 0 else False

    @property
    def _last_top_row(self) -> Row:
        return self._galley.shift_row(self._galley.last_row, 1 - self.height)

    def _scroll_to(self, row: Row) -> bool:
        """Put `row` on top because the reader asked for it: its place is the place now."""
        if row == self.top_row:
            return False
        self.top_row, self._rows = row, None
        self._update_place()
        return True

    def _update_place(self) -> bool:
        """Make the top row's place the place; tell whether that is another one."""
        before = self.place
        self.place = self._galley.get_row_start(self.top_row)
        self._rows_above_place = self._galley.count_rows(
            self.top_row, self._galley.place_to_row(self.place)
        )
        self._is_at_start = self.top_row == self._galley.first_row
        return self.place != before
