"""The rows of a viewport: what is at a cell, and rows inserted between the text's own.

Inserted rows are the "you stopped here" line and footnotes opened below their reference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reader.layout.blocks import typeset
from reader.layout.galley import Row
from reader.layout.lines import Line, Run, column_to_offsets, offset_to_column
from reader.text.cells import cell_width
from reader.text.document import SUPERSCRIPTS, Place, Role

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from reader.layout.galley import Galley
    from reader.text.document import Block
    from reader.text.links import Link
    from reader.text.places import Passage

    VisibleLink = tuple[Link, int, int]
    """A link, and its row and column in the window (cells)."""


_COLUMN_PAST_END: Final = 1 << 20
"""A column behind every line's end."""


def find_character(galley: Galley, rows: Sequence[tuple[Row, Line]], x: int, y: int) -> Passage:
    """Return the character at a cell (column, row) of `rows`, as the places round it."""
    from reader.text.places import Passage

    if y < 0:
        x, y = -1, 0
    if y >= len(rows):
        x, y = _COLUMN_PAST_END, len(rows) - 1
    while y > 0 and rows[y][0].part < 0:
        x, y = _COLUMN_PAST_END, y - 1
    if y < 0:
        return Passage(Place(), Place())
    row, line = rows[y]
    block = galley.get_document_block_number(row)
    if block is not None and galley.has_text(row):
        before, behind = column_to_offsets(line, x)
        return Passage(Place(block, before), Place(block, behind))
    block = galley.get_next_block_number(row)
    return Passage(Place(block), galley.document.get_block_end(block - 1))


def find_cell(
    galley: Galley, rows: Iterable[tuple[Row, Line]], place: Place
) -> tuple[int, int] | None:
    """Return the column and row at which `place` is seen, or what is of its block; else None."""
    wanted = galley.place_to_row(place)
    seen = [(y, row, line) for y, (row, line) in enumerate(rows) if row.part == wanted.part >= 0]
    texts = [(y, row, line) for y, row, line in seen if galley.has_text(row)]
    if not texts:
        return None
    y, _, line = next((text for text in texts if text[1] >= wanted), texts[-1])
    return offset_to_column(line, place.offset) or 0, y


def find_visible_links(
    galley: Galley, rows: Iterable[tuple[Row, Line]], find: Callable[[Block, int], list[Link]]
) -> list[VisibleLink]:
    """Return what `find` finds in the blocks of `rows` and begins in one of them, in order."""
    found: list[VisibleLink] = []
    for y, (row, line) in enumerate(rows):
        number = galley.get_block_number(row)
        for link in find(galley.get_block(number), number) if number is not None else ():
            x = offset_to_column(line, link.start)
            if x is not None:
                found.append((link, y, x))
    return found


def find_link_at(galley: Galley, row: Row, line: Line, x: int) -> Link | None:
    """Return the link, footnote's number or picture at cell `x` of `line`, which `row` shows."""
    from reader.text.links import list_block_links, list_block_pictures

    number = galley.get_block_number(row)
    before, behind = column_to_offsets(line, x)
    if number is None or before >= behind:
        return None
    block = galley.get_block(number)
    links = (*list_block_links(block, number), *list_block_pictures(block, number))
    return next((link for link in links if link.start <= before < link.end), None)


def find_tail_links(galley: Galley) -> list[Link]:
    """Return the links in what stands below the text and is no footnote, in order."""
    from reader.text.links import list_block_links

    return [
        link for number, block in galley.tail_blocks for link in list_block_links(block, number)
    ]


_STOP_ROW: Final = Row(-2)
_FOOTNOTE_PART: Final = -1
"""The part of an open footnote's rows."""
RULE: Final = "──"


def draw_stop_line(messages: Sequence[str], measure: int) -> Line:
    """Return the line that says where the reader stopped, in `measure` cells.

    It says the first of `words` that there is room for between two rules, else it is one rule.
    """
    framed = (f"{RULE} {said} {RULE}" for said in messages)
    text = next((text for text in framed if cell_width(text) <= measure), RULE[0] * measure)
    return Line((Run(text, Role.DIM),), 0, 0)


def replace_row(rows: list[tuple[Row, Line]], y: int, line: Line) -> list[tuple[Row, Line]]:
    """Return `rows` with `line` in place of the one at `y`."""
    return [*rows[:y], (_STOP_ROW, line), *rows[y + 1 :]]


def insert_footnote(
    rows: list[tuple[Row, Line]], under: Row, lines: list[Line]
) -> Iterator[tuple[Row, Line]]:
    """Yield `rows` with the `lines` of a footnote under one of them."""
    for row, line in rows:
        yield row, line
        if row == under:
            yield from ((Row(_FOOTNOTE_PART, number), line) for number, line in enumerate(lines))


FOOTNOTE_PREFIX = "┆ "
"""Stands left of an open note."""


def draw_footnote(footnotes: Sequence[Block], number: str, measure: int) -> list[Line]:
    """Return the lines of the footnote with that number, in `measure` cells; none if unknown."""
    label = number.translate(SUPERSCRIPTS)
    lines: list[Line] = []
    is_open = False
    for block in footnotes:
        level = block.nesting[0] if block.nesting else None
        if level is not None and level.is_first:
            is_open = level.label == label
        if is_open:
            setting = typeset(block, max(1, measure - len(FOOTNOTE_PREFIX)))
            lines += [_add_footnote_prefix(setting.draw(index)) for index in range(len(setting))]
    return lines


def _add_footnote_prefix(line: Line) -> Line:
    runs = (
        Run(FOOTNOTE_PREFIX, Role.MARKER),
        *(Run(run.text, run.roles | Role.DIM) for run in line.runs),
    )
    return Line(runs, line.start, line.end)
