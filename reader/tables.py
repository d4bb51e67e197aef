"""Tables: columns fitted to a measure, or records where they can't be.

Owns how wide each column is and how a row of cells becomes lines. Takes a block whose text
has tabs between cells and newlines between rows; knows nothing of where it came from.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from .cells import width
from .document import Block, Columns, Role
from .lines import BLANK, Line, Run, Setting, flatten, folds, runs_between

if TYPE_CHECKING:
    from collections.abc import Sequence

GUTTER: Final = "  "
LEAST: Final = 6
"""A column narrower than this (cells) can't be read down: then rows become records."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell's text and the offset where it begins in the block's."""

    text: str
    start: int


def rows_of(text: str) -> list[list[Cell]]:
    """Return the cells of a table's text."""
    rows, at = [], 0
    for line in text.split("\n"):
        row = []
        for text_of_cell in line.split("\t"):
            row.append(Cell(text_of_cell, at))
            at += len(text_of_cell) + 1
        rows.append(row)
    return rows


def fit_columns(columns: Columns, measure: int) -> list[int] | None:
    """Return each column's width in cells, or None if they don't fit side by side.

    Columns as wide as their longest word at least; what room is left goes to each in
    proportion to what it would like.
    """
    room = measure - len(GUTTER) * (len(columns.natural) - 1)
    if sum(columns.natural) <= room:
        return list(columns.natural)
    least = [min(n, max(w, min(LEAST, n))) for n, w in zip(columns.natural, columns.least, strict=True)]
    spare = room - sum(least)
    if spare < 0:
        return None
    wants = [natural - short for natural, short in zip(columns.natural, least, strict=True)]
    total = sum(wants)
    return [short + spare * want // total for short, want in zip(least, wants, strict=True)]


def set_table(block: Block, columns: Columns, measure: int) -> Setting:
    """Fit the columns to the measure; where they can't be, set record under record."""
    widths = fit_columns(columns, measure)
    rows = rows_of(block.text)
    lines: list[Line] = []
    for number, row in enumerate(rows):
        heading = columns.header and number == 0
        if widths is None:
            if heading and len(rows) > 1:
                continue
            lines += _record(block, columns.titles, row, measure)
            continue
        lines += _row(block, columns.aligns, row, widths, heading=heading)
        if heading:
            rule = GUTTER.join("─" * cells for cells in widths)
            lines.append(Line((Run(rule, Role.MARKER),), lines[-1].start, lines[-1].end))
    return Setting([line.start for line in lines] or [0], lines.__getitem__ if lines else lambda _: BLANK)


def _row(
    block: Block, aligns: Sequence[str], row: list[Cell], widths: Sequence[int], *, heading: bool
) -> list[Line]:
    """Set one row of a table: as many lines as its tallest cell has."""
    base = Role.STRONG if heading else Role.PLAIN
    flat = flatten(block.spans, len(block.text), base)
    columns = [
        [runs_between(block.text, flat, c.start + a, c.start + b) for a, b in folds(c.text, cells)]
        for c, cells in zip(row, widths, strict=False)
    ]
    start, end = row[0].start, row[-1].start + len(row[-1].text)
    lines = []
    for depth in range(max((len(column) for column in columns), default=0)):
        runs: list[Run] = []
        for column, cells, align in zip(columns, widths, aligns, strict=False):
            inner = column[depth] if depth < len(column) else ()
            room = cells - sum(width(run.text) for run in inner)
            left = {"right": room, "center": room // 2}.get(align, 0)
            runs += [Run(" " * left), *inner, Run(" " * (room - left + len(GUTTER)))]
        lines.append(Line(tuple(runs[:-1]), start, end))
    return lines


def _record(block: Block, titles: tuple[str, ...], row: list[Cell], measure: int) -> list[Line]:
    """Set one row as its cells one under another, each under its column's title."""
    flat = flatten(block.spans, len(block.text), Role.PLAIN)
    lines: list[Line] = []
    for index, cell in enumerate(row):
        title = titles[index] if index < len(titles) else ""
        for a, b in folds(title, measure) if title else ():
            lines.append(Line((Run(title[a:b], Role.DIM),), cell.start, cell.start))
        for a, b in folds(cell.text, measure):
            runs = runs_between(block.text, flat, cell.start + a, cell.start + b)
            lines.append(Line(runs, cell.start, cell.start + b))
    return [*lines, Line((), lines[-1].start, lines[-1].end)]
