"""The links and pictures that are seen: among a window's rows, at a cell, below the text.

Finds them by number of block, the text's, the footnotes' and those below alike. Opens and
follows nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .lines import column_of, offsets_at
from .links import links_of, pictures_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .document import Block
    from .galley import Galley, Row
    from .lines import Line
    from .links import Link

    Shown = tuple[Link, int, int]
    """A link, and its row and column in the window (cells)."""


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
    number = galley.number_of(row)
    before, behind = offsets_at(line, x)
    if number is None or before >= behind:
        return None
    block = galley.block(number)
    links = (*links_of(block, number), *pictures_of(block, number))
    return next((link for link in links if link.start <= before < link.end), None)


def links_below(galley: Galley) -> list[Link]:
    """Return the links in what stands below the text and is no footnote, in order."""
    return [link for number, block in galley.below for link in links_of(block, number)]
