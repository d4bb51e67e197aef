"""Tables: columns fitted to a measure, or one record under another where they don't fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from reader.layout.lines import BlockLayout, Line, Run, flatten_spans, slice_runs, wrap_text
from reader.text.cells import cell_width
from reader.text.document import Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reader.layout.lines import FlatSpans
    from reader.text.document import Block, TableColumns


GUTTER: Final = "  "
MIN_COLUMN_CELLS: Final = 6
"""A column narrower than this (cells) can't be read down: then rows become records."""


class TableCell(NamedTuple):
    """A cell's text and the offset where it begins in the block's."""

    text: str
    start: int


def split_rows(text: str) -> list[list[TableCell]]:
    """Return the cells of a table's text."""
    rows, at = [], 0
    for line in text.split("\n"):
        row = []
        for text_of_cell in line.split("\t"):
            row.append(TableCell(text_of_cell, at))
            at += len(text_of_cell) + 1
        rows.append(row)
    return rows


def fit_columns(columns: TableColumns, measure: int) -> list[int] | None:
    """Return each column's width in cells, or None if they don't fit side by side.

    Columns as wide as their longest word at least; what room is left goes to each in
    proportion to what it would like.
    """
    room = measure - len(GUTTER) * (len(columns.natural_widths) - 1)
    if sum(columns.natural_widths) <= room:
        return list(columns.natural_widths)
    least = [
        min(n, max(w, min(MIN_COLUMN_CELLS, n)))
        for n, w in zip(columns.natural_widths, columns.min_widths, strict=True)
    ]
    spare = room - sum(least)
    if spare < 0:
        return None
    wants = [natural - short for natural, short in zip(columns.natural_widths, least, strict=True)]
    total = sum(wants)
    return [short + spare * want // total for short, want in zip(least, wants, strict=True)]


def typeset_table(block: Block, columns: TableColumns, measure: int) -> BlockLayout:
    """Fit the columns to the measure; where they can't be, set record under record."""
    widths = fit_columns(columns, measure)
    flat = flatten_spans(block.spans, len(block.text), Role.PLAIN)
    strong = flatten_spans(block.spans, len(block.text), Role.STRONG)
    rows = split_rows(block.text)
    lines: list[Line] = []
    for number, row in enumerate(rows):
        heading = columns.has_header and number == 0
        if widths is not None:
            lines += _typeset_row(
                block.text, strong if heading else flat, columns.alignments, row, widths
            )
            if heading:
                rule = GUTTER.join("─" * cells for cells in widths)
                lines.append(_make_inserted_line(rule, Role.MARKER, lines[-1].end))
        elif not heading or len(rows) == 1:
            if lines or (any(columns.header_cells) and not columns.has_header):
                lines.append(_make_inserted_line("", Role.PLAIN, max(0, row[0].start - 1)))
            lines += _typeset_record(block.text, flat, columns.header_cells, row, measure)
    return BlockLayout(
        [line.start for line in lines], lines.__getitem__, _map_offsets_to_lines(lines)
    )


def _map_offsets_to_lines(lines: list[Line]) -> list[tuple[int, int]]:
    """Return the offsets at which another line's text begins, each with that line's number."""
    begins = {line.start: number for number, line in reversed([*enumerate(lines)])}
    begins.setdefault(0, 0)  # a header that is told in titles
    for number, line in enumerate(lines):
        begins.update((run.start, number) for run in line.runs if run.start >= 0)
    return sorted(begins.items())


def _typeset_row(
    text: str, flat: FlatSpans, aligns: Sequence[str], row: list[TableCell], widths: Sequence[int]
) -> list[Line]:
    """Set one row of a table: as many lines as its tallest cell has."""
    columns = [
        [(cell.start + a, cell.start + b) for a, b in wrap_text(cell.text, cells)]
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
                inner = slice_runs(text, flat, *column[depth])
                start = column[depth][0] if start < 0 else start
            room = cells - sum(cell_width(run.text) for run in inner)
            left = {"right": room, "center": room // 2}.get(align, 0)
            runs += [Run(" " * left), *inner, Run(" " * (room - left + len(GUTTER)))]
        lines.append(Line(tuple(runs[:-1]), start, end))
    return lines


def _typeset_record(
    text: str, flat: FlatSpans, titles: tuple[str, ...], row: list[TableCell], measure: int
) -> list[Line]:
    """Set one row as its cells one under another, each that has text under its column's title."""
    lines: list[Line] = []
    for index, cell in enumerate(row):
        if not cell.text:
            continue
        title = titles[index] if index < len(titles) else ""
        for a, b in wrap_text(title, measure) if title else ():
            lines.append(_make_inserted_line(title[a:b], Role.DIM, cell.start))
        for a, b in wrap_text(cell.text, measure):
            start, end = cell.start + a, cell.start + b
            lines.append(Line(slice_runs(text, flat, start, end), start, end))
    return lines or [_make_inserted_line("", Role.PLAIN, row[0].start)]


def _make_inserted_line(text: str, role: Role, at: int) -> Line:
    """Return a line that is none of the block's text, but stands at the offset `at` in it."""
    return Line((Run(text, role),), at, at)
