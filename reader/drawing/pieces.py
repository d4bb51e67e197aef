"""Pieces: text in one style, and rows of them. Cut, pad and overlay rows by terminal cells."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, NamedTuple

from reader.text.cells import count_cells, list_cell_offsets, sanitize, truncate

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reader.drawing.styles import TextStyle


class Piece(NamedTuple):
    """Text in one style."""

    text: str
    style: TextStyle


Row = tuple[Piece, ...]
"""The pieces of a row, from left to right."""


def fit_pieces(pieces: Iterable[Piece], cells: int, style: TextStyle) -> Row:
    """Return `pieces` as a row `cells` wide: cut, or with spaces in `style` added.

    Widths are those of `count_cells`. Textual's own methods count no cells for spacing marks, and
    would fill a row with more spaces than the terminal has room for.
    """
    inside, _ = _split_pieces(pieces, cells)
    room = cells - sum(count_cells(piece.text) for piece in inside)
    if room > 0:
        inside.append(Piece(" " * room, style))
    return tuple(inside)


def blank_row(cells: int, style: TextStyle) -> Row:
    """Return a row of spaces."""
    return (Piece(" " * cells, style),)


def overlay_pieces(row: Row, overlays: Iterable[tuple[int, Piece]]) -> Row:
    """Return `row` with each of `overlays`, given as (column, piece), drawn over it."""
    for column, piece in overlays:
        before, rest = _split_pieces(row, column)
        _, after = _split_pieces(rest, count_cells(piece.text))
        row = (*before, piece, *after)
    return row


def _split_pieces(pieces: Iterable[Piece], cells: int) -> tuple[list[Piece], list[Piece]]:
    """Return `pieces` before and after a column; a wide character cut in two becomes spaces."""
    before: list[Piece] = []
    after: list[Piece] = []
    room = cells
    for piece in pieces:
        width = count_cells(piece.text)
        if width <= room:
            before.append(piece)
        elif room <= 0:
            after.append(piece)
        else:
            left, right = _split_text(piece.text, room)
            before.append(piece._replace(text=left))
            after.append(piece._replace(text=right))
        room -= width
    return before, after


def _split_text(text: str, cells: int) -> tuple[str, str]:
    offsets = list_cell_offsets(text)
    last = bisect_right(offsets, cells) - 1  # combining marks have the cell at their letter's end
    start = bisect_left(offsets, offsets[last])
    if offsets[last] == cells:
        return text[:last], text[last:]
    next_cell = offsets[last + 1]
    end = bisect_right(offsets, next_cell) - 1
    return text[:start] + " " * (cells - offsets[start]), " " * (next_cell - cells) + text[end:]


def draw_two_sided(
    left: str, right: str, style: TextStyle, cells: int, margins: Sequence[int] = (0, 0)
) -> Row:
    """Return a row `cells` wide with `left` and `right` aligned to its sides.

    `margins` are the blank cells outside of them. If there is no room, `left` is cut first.
    """
    room = max(0, cells - sum(margins))
    right = truncate(sanitize(right).replace("\n", " "), room)
    left = truncate(sanitize(left).replace("\n", " "), max(0, room - count_cells(right) - 2))
    gap = " " * (room - count_cells(left) - count_cells(right))
    pieces = [Piece(text, style) for text in (" " * margins[0], left, gap, right)]
    return fit_pieces(pieces, cells, style)
