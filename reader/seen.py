"""What is where among the rows of a window: characters, links and pictures, and their cells.

Finds links by number of block, the text's, the footnotes' and those below alike. Moves
nothing and follows nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .document import Place
from .lines import column_of, offsets_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from .document import Block
    from .galley import Galley, Row
    from .lines import Line
    from .links import Link
    from .passage import Passage

    Shown = tuple[Link, int, int]
    """A link, and its row and column in the window (cells)."""

_FAR: Final = 1 << 20
"""A column behind every line's end."""


def spot(galley: Galley, rows: Sequence[tuple[Row, Line]], x: int, y: int) -> Passage:
    """Return the character at a cell (column, row) of `rows`, as the places round it."""
    from .passage import Passage  # the first screen needs none of it

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
    from .links import links_of, pictures_of

    number = galley.number_of(row)
    before, behind = offsets_at(line, x)
    if number is None or before >= behind:
        return None
    block = galley.block(number)
    links = (*links_of(block, number), *pictures_of(block, number))
    return next((link for link in links if link.start <= before < link.end), None)


def links_below(galley: Galley) -> list[Link]:
    """Return the links in what stands below the text and is no footnote, in order."""
    from .links import links_of

    return [link for number, block in galley.below for link in links_of(block, number)]
