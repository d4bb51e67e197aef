"""Tables: columns fitted to a measure, or one record under another where they don't fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from reader.layout.lines import Line, Run, Setting, flatten, folds, runs_between
from reader.text.cells import width
from reader.text.document import Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reader.layout.lines import Flat
    from reader.text.document import Block, Columns


GUTTER: Final = "  "
LEAST: Final = 6
"""A column narrower than this (cells) can't be read down: then rows become records."""


class Cell(NamedTuple):
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
    least = [
        min(n, max(w, min(LEAST, n))) for n, w in zip(columns.natural, columns.least, strict=True)
    ]
    spare = room - sum(least)
    if spare < 0:
        return None
    wants = [natural - short for natural, short in zip(columns.natural, least, strict=True)]
    total = sum(wants)
    return [short + spare * want // total for short, want in zip(least, wants, strict=True)]


def set_table(block: Block, columns: Columns, measure: int) -> Setting:
    """Fit the columns to the measure; where they can't be, set record under record."""
    widths = fit_columns(columns, measure)
    flat = flatten(block.spans, len(block.text), Role.PLAIN)
    strong = flatten(block.spans, len(block.text), Role.STRONG)
    rows = rows_of(block.text)
    lines: list[Line] = []
    for number, row in enumerate(rows):
        heading = columns.header and number == 0
        if widths is not None:
            lines += _row(block.text, strong if heading else flat, columns.aligns, row, widths)
            if heading:
                rule = GUTTER.join("─" * cells for cells in widths)
                lines.append(_furniture(rule, Role.MARKER, lines[-1].end))
        elif not heading or len(rows) == 1:
            if lines or (any(columns.titles) and not columns.header):
                lines.append(_furniture("", Role.PLAIN, max(0, row[0].start - 1)))
            lines += _record(block.text, flat, columns.titles, row, measure)
    return Setting([line.start for line in lines], lines.__getitem__, _where(lines))


def _where(lines: list[Line]) -> list[tuple[int, int]]:
    """Return the offsets at which another line's text begins, each with that line's number."""
    begins = {line.start: number for number, line in reversed([*enumerate(lines)])}
    begins.setdefault(0, 0)  # a header that is told in titles
    for number, line in enumerate(lines):
        begins.update((run.start, number) for run in line.runs if run.start >= 0)
    return sorted(begins.items())


def _row(
    text: str, flat: Flat, aligns: Sequence[str], row: list[Cell], widths: Sequence[int]
) -> list[Line]:
    """Set one row of a table: as many lines as its tallest cell has."""
    columns = [
        [(cell.start + a, cell.start + b) for a, b in folds(cell.text, cells)]
        for cell, cells in zip(row, widths, strict=False)
    ]
    end = row[-1].start + len(row[-1].text)
    lines = []
    for depth in range(max(map(len, columns))):
        runs: list[Run] = []
        start = -1
        for column, cells, align in zip(columns, widths, aligns, strict=False):
            inner: tuple[Run, ...] = ()
            if depth < len(column):
                inner = runs_between(text, flat, *column[depth])
                start = column[depth][0] if start < 0 else start
            room = cells - sum(width(run.text) for run in inner)
            left = {"right": room, "center": room // 2}.get(align, 0)
            runs += [Run(" " * left), *inner, Run(" " * (room - left + len(GUTTER)))]
        lines.append(Line(tuple(runs[:-1]), start, end))
    return lines


def _record(
    text: str, flat: Flat, titles: tuple[str, ...], row: list[Cell], measure: int
) -> list[Line]:
    """Set one row as its cells one under another, each that has text under its column's title."""
    lines: list[Line] = []
    for index, cell in enumerate(row):
        if not cell.text:
            continue
        title = titles[index] if index < len(titles) else ""
        for a, b in folds(title, measure) if title else ():
            lines.append(_furniture(title[a:b], Role.DIM, cell.start))
        for a, b in folds(cell.text, measure):
            start, end = cell.start + a, cell.start + b
            lines.append(Line(runs_between(text, flat, start, end), start, end))
    return lines or [_furniture("", Role.PLAIN, row[0].start)]


def _furniture(text: str, role: Role, at: int) -> Line:
    """Return a line that is none of the block's text, but stands at the offset `at` in it."""
    return Line((Run(text, role),), at, at)
