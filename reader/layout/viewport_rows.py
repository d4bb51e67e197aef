"""The rows on the screen: what is at a cell, and the rows inserted between those of the galley.

Inserted rows are the "you stopped here" line and a footnote opened below its reference.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.layout.blocks import typeset
from reader.layout.galley import DrawnRow, Galley, Row
from reader.layout.lines import Line, Run, column_to_offsets, offset_to_column
from reader.text.cells import count_cells
from reader.text.document import SUPERSCRIPTS, Place, Role
from reader.text.links import Link, list_block_links, list_block_pictures
from reader.text.places import Passage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from reader.text.document import Block


RULE: Final = "──"
"""Drawn on both sides of the stop line's message."""
FOOTNOTE_PREFIX: Final = "┆ "
"""Drawn left of an open footnote."""
_STOP_ROW: Final = Row(-2)
"""The row number of the stop line. Inserted rows have negative parts, which no galley has."""
_FOOTNOTE_PART: Final = -1
"""The part of an open footnote's rows."""
_COLUMN_PAST_END: Final = 1 << 20
"""A column to the right of every line."""


class Cell(NamedTuple):
    """A cell of the screen: its column from the text's left edge, and its row from the top."""

    x: int
    y: int


class VisibleLink(NamedTuple):
    """A link on the screen, and the row and column (cells) of its first character."""

    link: Link
    y: int
    x: int


class OpenFootnote(NamedTuple):
    """A footnote's lines, and the row of the galley below which they are shown."""

    row: Row
    lines: list[Line]


class VisibleRows(NamedTuple):
    """The rows on the screen from the top down, fewer at the end of the text."""

    galley: Galley
    top_row: Row
    rows: Sequence[DrawnRow]

    @property
    def passage(self) -> Passage:
        """The text on the screen; empty where only a head or tail is shown."""
        rows = [row for row, _ in self.rows if self.galley.is_in_body(row)]
        if not rows:
            place = self.galley.get_row_start(self.top_row)
            return Passage(place, place)
        return Passage(self.galley.get_row_start(rows[0]), self.galley.get_row_end(rows[-1]))

    def get_document_block_number(self, y: int) -> int | None:
        """Return the number of the block that row `y` shows; None for head, tail or no row."""
        if not 0 <= y < len(self.rows):
            return None
        return self.galley.get_document_block_number(self.rows[y].row)

    def find_character(self, x: int, y: int) -> Passage:
        """Return the character at a cell.

        Where there is none, the result starts before the next text and ends after the
        text above, so that the start may be greater. The rows of an open footnote count as the
        end of the line that refers to it.
        """
        if y < 0:
            x, y = -_COLUMN_PAST_END, 0
        if y >= len(self.rows):
            x, y = _COLUMN_PAST_END, len(self.rows) - 1
        while y > 0 and self.rows[y].row.part < 0:
            x, y = _COLUMN_PAST_END, y - 1
        if y < 0:
            return Passage(Place(), Place())
        row, line = self.rows[y]
        block = self.galley.get_document_block_number(row)
        if block is not None and self.galley.has_text(row):
            start, end = column_to_offsets(line, x)
            return Passage(Place(block, start), Place(block, end))
        block = self.galley.get_next_block_number(row)
        return Passage(Place(block), self.galley.document.get_block_end(block - 1))

    def find_stop_row(self) -> int | None:
        """Return the number of the row with the stop line, None if it isn't visible."""
        return next((y for y, drawn in enumerate(self.rows) if drawn.row == _STOP_ROW), None)

    def find_cell(self, place: Place) -> Cell | None:
        """Return the cell of the character at `place`.

        If its row is above the screen, return the first cell of its block that is visible; if
        it is below, a cell of the block's last visible row; None if none of the block is visible.
        """
        target = self.galley.place_to_row(place)
        block_rows = [
            (y, row, line)
            for y, (row, line) in enumerate(self.rows)
            if row.part == target.part >= 0 and self.galley.has_text(row)
        ]
        if not block_rows:
            return None
        y, _, line = next((each for each in block_rows if each[1] >= target), block_rows[-1])
        return Cell(offset_to_column(line, place.offset) or 0, y)

    def list_links(self) -> list[VisibleLink]:
        """Return the links and footnote references whose beginning is visible, in order."""
        return self._list_visible(list_block_links)

    def list_pictures(self) -> list[VisibleLink]:
        """Return the placeholders of pictures whose beginning is visible, in order."""
        return self._list_visible(list_block_pictures)

    def _list_visible(self, list_in_block: Callable[[Block, int], list[Link]]) -> list[VisibleLink]:
        result: list[VisibleLink] = []
        links_by_block: dict[int, list[Link]] = {}
        numbers = [self.galley.get_block_number(row) for row, _ in self.rows]
        for y, (number, (_, line)) in enumerate(zip(numbers, self.rows, strict=True)):
            if number is None:
                continue
            if number not in links_by_block:
                offsets = [
                    offset
                    for other, (_, line) in zip(numbers, self.rows, strict=True)
                    for run in line.runs
                    if other == number and run.start >= 0
                    for offset in (run.start, run.start + len(run.text))
                ]
                block = self.galley.get_block(number)
                # A block may have 20,000 links, of which few are visible.
                first, end = min(offsets, default=0), max(offsets, default=0)
                spans = tuple(span for span in block.spans if first <= span.start < end)
                links_by_block[number] = list_in_block(block._replace(spans=spans), number)
            for link in _list_starting_in(line, links_by_block[number]):
                x = offset_to_column(line, link.start)
                if x is not None:
                    result.append(VisibleLink(link, y, x))
        return result

    def find_link_at(self, x: int, y: int) -> Link | None:
        """Return the link, footnote reference or picture at a cell."""
        if not 0 <= y < len(self.rows):
            return None
        row, line = self.rows[y]
        number = self.galley.get_block_number(row)
        start, end = column_to_offsets(line, x)
        if number is None or start >= end:
            return None
        block = self.galley.get_block(number)
        spans = tuple(span for span in block.spans if span.start <= start < span.end)
        block = block._replace(spans=spans)
        links = (*list_block_links(block, number), *list_block_pictures(block, number))
        return links[0] if links else None


def _list_starting_in(line: Line, links: Sequence[Link]) -> Sequence[Link]:
    """Return those of a block's `links`, which are in order, that begin between two of its runs."""
    runs = [run for run in line.runs if run.start >= 0]
    if not runs or not links:
        return ()
    first = bisect_left(links, runs[0].start, key=lambda link: link.start)
    end = runs[-1].start + len(runs[-1].text)
    return links[first : bisect_left(links, end, key=lambda link: link.start)]


def list_tail_links(galley: Galley) -> list[Link]:
    """Return the links below the text, without those in footnotes, in order."""
    return [
        link for number, block in galley.tail_blocks for link in list_block_links(block, number)
    ]


def draw_stop_line(messages: Iterable[str], measure: int) -> Line:
    """Return the line that says where the reader stopped.

    It is the first of `messages` that fits `measure` cells between two rules, or one rule as
    wide as the measure if none fits.
    """
    framed = (f"{RULE} {message} {RULE}" for message in messages)
    text = next((text for text in framed if count_cells(text) <= measure), RULE[0] * measure)
    return Line((Run(text, Role.DIM),), 0, 0)


def insert_stop_line(
    galley: Galley, rows: Iterable[DrawnRow], stop_row: Row, messages: Iterable[str]
) -> list[DrawnRow]:
    """Return `rows` with the stop line above `stop_row`, in a row of its own."""
    result: list[DrawnRow] = []
    for drawn in rows:
        if drawn.row == stop_row:
            result.append(DrawnRow(_STOP_ROW, draw_stop_line(messages, galley.measure)))
        result.append(drawn)
    return result


def insert_footnote(rows: Iterable[DrawnRow], footnote: OpenFootnote) -> list[DrawnRow]:
    """Return `rows` with the lines of `footnote` below the row of its reference."""
    result: list[DrawnRow] = []
    for drawn in rows:
        result.append(drawn)
        if drawn.row == footnote.row:
            result += [
                DrawnRow(Row(_FOOTNOTE_PART, number), line)
                for number, line in enumerate(footnote.lines)
            ]
    return result


def draw_footnote(footnotes: Iterable[Block], number: str, measure: int) -> list[Line]:
    """Return the lines of the footnote numbered `number`, in `measure` cells; none if unknown."""
    label = number.translate(SUPERSCRIPTS)
    lines: list[Line] = []
    is_in_footnote = False
    for block in footnotes:
        level = block.nesting[0] if block.nesting else None
        if level is not None and level.is_first:
            is_in_footnote = level.label == label
        if is_in_footnote:
            layout = typeset(block, max(1, measure - len(FOOTNOTE_PREFIX)))
            lines += [_add_footnote_prefix(layout.draw(index)) for index in range(len(layout))]
    return lines


def _add_footnote_prefix(line: Line) -> Line:
    runs = (
        Run(FOOTNOTE_PREFIX, Role.MARKER),
        *(Run(run.text, run.roles | Role.DIM) for run in line.runs),
    )
    return Line(runs, line.start, line.end)
