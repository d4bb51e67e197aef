"""The part of a galley that is visible: its top row, and the current place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reader.layout.galley import Galley, Row
from reader.layout.lines import PLAIN
from reader.layout.viewport_rows import stop_line, stopped, unfolded
from reader.text.document import Document, Place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reader.layout.lines import Line
    from reader.layout.viewport_rows import Shown
    from reader.text.document import Block
    from reader.text.links import Link
    from reader.text.places import Passage


CONTEXT: Final = 2
"""Lines of text that a page down keeps."""
ABOVE: Final = 3
"""Rows that are shown above the place where the reader stopped, one of them to say so."""


class Window:
    """A window `height` rows high on a document set in `measure` cells."""

    def __init__(self, measure: int) -> None:
        self.place = Place()
        self.composition = PLAIN
        """In which manner text is set, whatever its language; from the next `show` on."""
        self._language = ""
        self.top = Row(0)
        self.height = 1
        self._document = Document()
        self._head: Sequence[Block] = ()
        self._tail: Sequence[Block] = ()
        self._galley = Galley(self._document, measure)
        self._lead = 0
        """Rows between the top and the row of the place; negative behind the text's end."""
        self._at_head = True
        """The first row is on top, and stays there at any measure."""
        self._rows: list[tuple[Row, Line]] | None = None
        self._note: tuple[Row, list[Line]] | None = None
        """A footnote that is open, under the row that calls it."""
        self._stop: Sequence[str] = ()
        """In what words, longest first, the row over the place says that the reader stopped there."""

    # What is shown ---------------------------------------------------------------------

    def prepare(self, language: str) -> None:
        """Load what setting a text in `language` needs. A worker's job: it changes nothing."""
        if self.composition.hyphens:
            from reader.layout.hyphenation import prepare

            prepare(self.composition.in_language(language).hyphens)

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
        self.place, self._lead = place, 0
        self._at_head = place == Place()
        self._stop = ()
        self._set(self.measure)

    def fit(self, measure: int, height: int) -> None:
        """Be `height` rows high, and the text set in `measure` cells."""
        self.height = max(1, height)
        if measure == self.measure:
            self._settle()
        else:
            self._set(measure)

    def grow(self, head: Sequence[Block], tail: Sequence[Block]) -> None:
        """See what the document has more, and with `tail` that it is complete."""
        self._rows = None
        if tail and self._at_head and head != self._head:
            self._head, self._tail = head, tail  # minutes are known once a text is complete
            self._set(self.measure)
        elif tail:
            self._tail = tail
            self._galley.finish(tail)

    def end_with(self, tail: Sequence[Block]) -> None:
        """Show `tail` below the text, instead of what stands there; the text stays where it is."""
        is_below = self._galley.is_below(self.top)
        self._tail, self._rows = tail, None
        self._galley.finish(tail)
        if is_below:
            self._settle()

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
            self._rows = list(self._galley.lines(self.top, self.height))
            if self._stop:
                self._rows = self._stopped(self._rows)
            if self._note is not None:
                self._rows = list(unfolded(self._rows, *self._note))[: self.height]
        return self._rows

    def _stopped(self, rows: list[tuple[Row, Line]]) -> list[tuple[Row, Line]]:
        """Return `rows` with the line over the place, where there is text above that."""
        y = self._galley.distance(self.top, self._galley.row_of(self.place)) - 1
        if not 0 < y < len(rows) or not self._galley.is_body(self.top):
            return rows
        return stopped(rows, y, stop_line(self._stop, self.measure))

    def stop_here(self, words: Sequence[str]) -> None:
        """Show some rows above the place, where the reader stopped, until the reader moves.

        Until `go_on` the last of them says so, in the first of `words` that there is room for;
        none where there are no words, and where no text stands above.
        """
        if not self._at_head:
            self._stop, self._lead = words, ABOVE
            self._settle()

    def go_on(self) -> bool:
        """Show the text's own line where it was said that the reader stopped; tell whether it was."""
        was, self._stop, self._rows = bool(self._stop), (), None
        return was

    @property
    def visible(self) -> tuple[Place, Place]:
        """The places between which the text in the window stands."""
        rows = [row for row, _ in self.rows if self._galley.is_body(row)]
        if not rows:
            return (self._galley.place_at(self.top),) * 2
        return self._galley.place_at(rows[0]), self._galley.place_behind(rows[-1])

    def _set(self, measure: int) -> None:
        composition = self.composition.in_language(self._language)
        self._galley = Galley(self._document, measure, self._head, composition)
        self._note = None
        if self._document.complete:
            self._galley.finish(self._tail)
        self._settle()

    @property
    def document(self) -> Document:
        """The document that is shown."""
        return self._document

    def number_of(self, row: Row) -> int | None:
        """Return the number of the block that `row` shows, also below the text; None for the head."""
        return self._galley.number_of(row)

    def block_of(self, row: Row) -> int | None:
        """Return the number of the block whose text `row` shows, None for head and tail."""
        return self._galley.block_of(row)

    def spot(self, x: int, y: int) -> Passage:
        """Return the character at a cell of the window (column, row), as the places round it.

        Where there is none, the first place is before the text that follows, and the second
        behind the text above. A footnote that is open belongs to the line that calls it.
        """
        from reader.layout.viewport_rows import spot

        return spot(self._galley, self.rows, x, y)

    def cell_of(self, place: Place) -> tuple[int, int] | None:
        """Return where in the window (column, row) `place` is seen, or what is of its block."""
        from reader.layout.viewport_rows import cell_of

        return cell_of(self._galley, self.rows, place)

    def settle(self) -> None:
        """Show the place where it stood, after a glance elsewhere."""
        self._settle()

    def glance(self, place: Place) -> None:
        """Show `place` without going there: the place that is stays."""
        row = self._galley.row_of(place)
        if not self.top <= row < self._galley.walk(self.top, self.height - 1):
            self.top = self._galley.walk(row, -(self.height // 3))
            self._rows = None

    def stay(self) -> bool:
        """Be where a glance went."""
        return self._arrived()

    def return_to(self, place: Place) -> None:
        """Be at `place` as one who was there before: it comes on top."""
        self.place, self._lead, self._at_head = place, 0, place == Place()
        self._settle()

    def go_to(self, place: Place) -> bool:
        """Put `place` in the upper third; if it is in the window, nothing moves."""
        top = self.top
        self.glance(place)
        first, behind = self.visible
        return not (self.top == top and first <= self.place <= behind) and self._arrived()

    def _settle(self) -> None:
        """Put the place where it stood, in the upper third at the lowest."""
        row = self._galley.row_of(self.place)
        if self._at_head:
            self.top = self._galley.first
        else:
            self.top = self._galley.walk(row, -min(self._lead, self.height // 3))
        self._rows = None

    # Links and notes ---------------------------------------------------------------------

    def links(self) -> list[Shown]:
        """Return the links and the footnotes' numbers in the window."""
        from reader.layout.viewport_rows import shown
        from reader.text.links import links_of

        return shown(self._galley, self.rows, links_of)

    def links_below(self) -> list[Link]:
        """Return the links below the text, wherever the window is."""
        from reader.layout.viewport_rows import links_below

        return links_below(self._galley)

    def pictures(self) -> list[Shown]:
        """Return what stands for pictures in the window."""
        from reader.layout.viewport_rows import shown
        from reader.text.links import pictures_of

        return shown(self._galley, self.rows, pictures_of)

    def link_at(self, x: int, y: int) -> Link | None:
        """Return the link, footnote's number or picture at a cell of the window."""
        from reader.layout.viewport_rows import link_at

        return link_at(self._galley, *self.rows[y], x) if 0 <= y < len(self.rows) else None

    def unfold(self, link: Link) -> bool:
        """Open the footnote that `link` calls under the row that calls it."""
        from reader.layout.viewport_rows import note_lines

        row = self._galley.row_of(Place(link.block, link.start))
        lines = note_lines(self._document.notes, link.target, self.measure)
        self._note = (row, lines) if lines else None
        self._rows = None
        return bool(lines)

    def fold(self) -> bool:
        """Close the footnote that is open; tell whether one was."""
        was, self._note, self._rows = self._note is not None, None, None
        return was

    # Moving: each tells whether anything moved ------------------------------------------

    def scroll(self, rows: int) -> bool:
        """Go `rows` rows down (up, if negative), no further than the last windowful."""
        target = self._galley.walk(self.top, rows)
        return self._go(target if rows < 0 else max(self.top, min(target, self._last_top)))

    def page(self, pages: int) -> bool:
        """Go `pages` windowfuls down (up, if negative), each keeping two lines."""
        return self.scroll(pages * max(1, self.height - CONTEXT * self.composition.spacing))

    def half(self, halves: int) -> bool:
        """Go half windowfuls down (up, if negative)."""
        return self.scroll(halves * max(1, self.height // 2))

    def to_start(self) -> bool:
        """Go to the first row."""
        return self._go(self._galley.first)

    def to_end(self) -> bool:
        """Go to the last windowful there is so far."""
        return self._go(max(self.top, self._last_top))

    def to_heading(self, headings: int) -> bool:
        """Put the heading that many further (before, if negative) on top."""
        from reader.text.links import heading_from

        place = heading_from(self._document, None if self._at_head else self.place, headings)
        if place is not None:
            return self._go(self._galley.row_of(place))
        return self.to_start() if headings < 0 else False

    @property
    def _last_top(self) -> Row:
        return self._galley.walk(self._galley.last, 1 - self.height)

    def _go(self, row: Row) -> bool:
        """Put `row` on top because the reader asked for it: its place is the place now."""
        if row == self.top:
            return False
        self.top, self._rows = row, None
        self._arrived()
        return True

    def _arrived(self) -> bool:
        """Make the top row's place the place; tell whether that is another one."""
        before = self.place
        self.place = self._galley.place_at(self.top)
        self._lead = self._galley.distance(self.top, self._galley.row_of(self.place))
        self._at_head = self.top == self._galley.first
        return self.place != before
