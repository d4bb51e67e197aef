"""The rows of a viewport: what is at a cell, and rows inserted between the text's own.

Inserted rows are the "you stopped here" line and footnotes opened below their reference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reader.layout.blocks import typeset
from reader.layout.galley import Row
from reader.layout.lines import Line, Run, column_of, offsets_at
from reader.text.cells import width
from reader.text.document import SUPERSCRIPTS, Place, Role

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from reader.layout.galley import Galley
    from reader.text.document import Block
    from reader.text.links import Link
    from reader.text.places import Passage

    Shown = tuple[Link, int, int]
    """A link, and its row and column in the window (cells)."""


_FAR: Final = 1 << 20
"""A column behind every line's end."""


def spot(galley: Galley, rows: Sequence[tuple[Row, Line]], x: int, y: int) -> Passage:
    """Return the character at a cell (column, row) of `rows`, as the places round it."""
    from reader.text.places import Passage

    if y < 0:
        x, y = -1, 0
    if y >= len(rows):
        x, y = _FAR, len(rows) - 1
    while y > 0 and rows[y][0].part < 0:
        x, y = _FAR, y - 1
    if y < 0:
        return Passage(Place(), Place())
    row, line = rows[y]
    block = galley.block_of(row)
    if block is not None and galley.has_text(row):
        before, behind = offsets_at(line, x)
        return Passage(Place(block, before), Place(block, behind))
    block = galley.next_block(row)
    return Passage(Place(block), galley.document.end_of(block - 1))


def cell_of(
    galley: Galley, rows: Iterable[tuple[Row, Line]], place: Place
) -> tuple[int, int] | None:
    """Return the column and row at which `place` is seen, or what is of its block; else None."""
    wanted = galley.row_of(place)
    seen = [(y, row, line) for y, (row, line) in enumerate(rows) if row.part == wanted.part >= 0]
    texts = [(y, row, line) for y, row, line in seen if galley.has_text(row)]
    if not texts:
        return None
    y, _, line = next((text for text in texts if text[1] >= wanted), texts[-1])
    return column_of(line, place.offset) or 0, y


def shown(
    galley: Galley, rows: Iterable[tuple[Row, Line]], find: Callable[[Block, int], list[Link]]
) -> list[Shown]:
    """Return what `find` finds in the blocks of `rows` and begins in one of them, in order."""
    found: list[Shown] = []
    for y, (row, line) in enumerate(rows):
        number = galley.number_of(row)
        for link in find(galley.block(number), number) if number is not None else ():
            x = column_of(line, link.start)
            if x is not None:
                found.append((link, y, x))
    return found


def link_at(galley: Galley, row: Row, line: Line, x: int) -> Link | None:
    """Return the link, footnote's number or picture at cell `x` of `line`, which `row` shows."""
    from reader.text.links import links_of, pictures_of

    number = galley.number_of(row)
    before, behind = offsets_at(line, x)
    if number is None or before >= behind:
        return None
    block = galley.block(number)
    links = (*links_of(block, number), *pictures_of(block, number))
    return next((link for link in links if link.start <= before < link.end), None)


def links_below(galley: Galley) -> list[Link]:
    """Return the links in what stands below the text and is no footnote, in order."""
    from reader.text.links import links_of

    return [link for number, block in galley.below for link in links_of(block, number)]


_STOP: Final = Row(-2)
_NOTE: Final = -1
"""The part of an open footnote's rows."""
RULE: Final = "──"


def stop_line(words: Sequence[str], measure: int) -> Line:
    """Return the line that says where the reader stopped, in `measure` cells.

    It says the first of `words` that there is room for between two rules, else it is one rule.
    """
    framed = (f"{RULE} {said} {RULE}" for said in words)
    text = next((text for text in framed if width(text) <= measure), RULE[0] * measure)
    return Line((Run(text, Role.DIM),), 0, 0)


def stopped(rows: list[tuple[Row, Line]], y: int, line: Line) -> list[tuple[Row, Line]]:
    """Return `rows` with `line` in place of the one at `y`."""
    return [*rows[:y], (_STOP, line), *rows[y + 1 :]]


def unfolded(
    rows: list[tuple[Row, Line]], under: Row, lines: list[Line]
) -> Iterator[tuple[Row, Line]]:
    """Yield `rows` with the `lines` of a footnote under one of them."""
    for row, line in rows:
        yield row, line
        if row == under:
            yield from ((Row(_NOTE, number), line) for number, line in enumerate(lines))


MARGIN = "┆ "
"""Stands left of an open note."""


def note_lines(notes: Sequence[Block], number: str, measure: int) -> list[Line]:
    """Return the lines of the footnote with that number, in `measure` cells; none if unknown."""
    label = number.translate(SUPERSCRIPTS)
    lines: list[Line] = []
    is_open = False
    for block in notes:
        level = block.nesting[0] if block.nesting else None
        if level is not None and level.opens:
            is_open = level.label == label
        if is_open:
            setting = typeset(block, max(1, measure - len(MARGIN)))
            lines += [_margined(setting.draw(index)) for index in range(len(setting))]
    return lines


def _margined(line: Line) -> Line:
    runs = (Run(MARGIN, Role.MARKER), *(Run(run.text, run.roles | Role.DIM) for run in line.runs))
    return Line(runs, line.start, line.end)
