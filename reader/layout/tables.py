"""Tables: columns fitted to a measure, or one record below another where they don't fit.

Also owns how wide a table or code may be on a page that is wider than the column.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from reader.layout.lines import (
    BlockLayout,
    Line,
    OffsetLine,
    Run,
    flatten_spans,
    is_rtl,
    slice_runs,
    wrap_text,
)
from reader.text.cells import count_cells
from reader.text.document import Kind, OffsetRange, Role

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reader.layout.lines import FlatSpans
    from reader.text.document import Block, TableColumns


GUTTER: Final = "  "
"""Drawn between two columns."""
MIN_COLUMN_CELLS: Final = 6
"""Cells. A narrower column is hard to read, so the rows become records instead."""


MAX_WIDE_CHARACTERS: Final = 300_000
"""Code that is longer stays in the column: each of its lines has to be measured."""


MAX_ROW_CELLS: Final = 20_000
"""Cells. A table whose columns are wider side by side is set as records, which can be cut."""
MAX_ROW_COLUMNS: Final = 500
"""A table with more columns fits no window."""
MAX_TITLE_CHARACTERS: Final = 1_000
"""A longer header cell is shortened above each record, and shown once as a record."""


class TableCell(NamedTuple):
    """A cell's text, and the offset where it begins in the text of the block."""

    text: str
    start: int


def split_rows(text: str) -> list[list[TableCell]]:
    """Return the cells of a table's text, row by row."""
    rows, offset = [], 0
    for line in text.split("\n"):
        row = []
        for cell_text in line.split("\t"):
            row.append(TableCell(cell_text, offset))
            offset += len(cell_text) + 1
        rows.append(row)
    return rows


def is_always_records(columns: TableColumns) -> bool:
    """Return whether a table is set as records in every measure."""
    widths = columns.natural_widths
    return len(widths) > MAX_ROW_COLUMNS or sum(widths) > MAX_ROW_CELLS


def shows_header(columns: TableColumns) -> bool:
    """Return whether records have the header as a record too, since titles are shortened."""
    return any(len(cell) > MAX_TITLE_CHARACTERS for cell in columns.header_cells)


def fit_columns(columns: TableColumns, measure: int) -> list[int] | None:
    """Return the width of each column in cells, or None if they don't fit side by side.

    A column is at least as wide as its longest word, and as `MIN_COLUMN_CELLS` if its text is.
    The remaining cells are distributed in proportion to what each column lacks of its natural
    width.
    """
    if is_always_records(columns):
        return None
    room = measure - len(GUTTER) * (len(columns.natural_widths) - 1)
    if sum(columns.natural_widths) <= room:
        return list(columns.natural_widths)
    least = [
        min(natural, max(word, min(MIN_COLUMN_CELLS, natural)))
        for natural, word in zip(columns.natural_widths, columns.min_widths, strict=True)
    ]
    spare = room - sum(least)
    if spare < 0:
        return None
    lacking = [natural - low for natural, low in zip(columns.natural_widths, least, strict=True)]
    total = sum(lacking)
    return [low + spare * lack // total for low, lack in zip(least, lacking, strict=True)]


def find_tables(blocks: Sequence[Block]) -> Iterator[range]:
    """Yield the numbers of the blocks of each table."""
    first = -1
    for number, block in enumerate(blocks):
        if first >= 0 and not (block.columns and block.tight):
            yield range(first, number)
            first = -1
        if block.columns and first < 0:
            first = number
    if first >= 0:
        yield range(first, len(blocks))


def widen_table(blocks: list[Block], table: range) -> None:
    """Give the blocks of a table columns with room for the marks in their cells."""
    columns = blocks[table[0]].columns
    if columns is None:
        return
    rows = [line.split("\t") for n in table for line in blocks[n].text.split("\n")]
    natural, least = [*columns.natural_widths], [*columns.min_widths]
    for row in rows:
        for number, cell in enumerate(row):
            natural[number] = max(natural[number], count_cells(cell))
            least[number] = max([least[number], *map(count_cells, cell.split())])
    columns = columns._replace(
        natural_widths=tuple(natural),
        min_widths=tuple(least),
        header_cells=tuple(rows[0]) if columns.has_header else columns.header_cells,
    )
    for n in table:
        has_header = columns.has_header and n == table[0]
        blocks[n] = blocks[n]._replace(columns=columns._replace(has_header=has_header))


def _find_longest_line(text: str, measure: int, room: int) -> int:
    """Return the cells of the longest line of code, as far as they matter: `measure` to `room`."""
    longest = measure
    for line in text.split("\n"):
        if 2 * len(line) > longest:  # no character takes more than two cells
            longest = max(longest, len(line) if line.isascii() else count_cells(line))
            if longest >= room:
                break
    return longest


def fit_wide_block(block: Block, measure: int, room: int, nesting_cells: int) -> int:
    """Return the measure of a block: wider than `measure` if it is code or a table that needs it.

    It is centred on the column in `room` cells. A block in a list or quote begins where the
    others in it begin, so it has only the free cells on the right. Its bullets and bars take
    `nesting_cells`.
    """
    is_wide_kind = block.kind is Kind.TABLE or (
        block.kind is Kind.CODE and len(block.text) <= MAX_WIDE_CHARACTERS
    )
    if room <= measure or not is_wide_kind:
        return measure
    if block.columns is not None:
        widths = block.columns.natural_widths
        needed = sum(widths) + len(GUTTER) * (len(widths) - 1)
    else:
        needed = _find_longest_line(block.text, measure, room)
    limit = measure + (room - measure) // 2 if block.nesting else room
    return max(measure, min(needed + nesting_cells, limit))


def typeset_table(block: Block, columns: TableColumns, measure: int) -> BlockLayout:
    """Set a table in `measure` cells: its columns side by side, or record below record."""
    widths = fit_columns(columns, measure)
    flat = flatten_spans(block.spans, len(block.text), Role.PLAIN)
    strong = flatten_spans(block.spans, len(block.text), Role.STRONG)
    rows = split_rows(block.text)
    titles = tuple(_shorten_title(cell) for cell in columns.header_cells)
    is_flush_right = is_rtl(" ".join(titles)) or (not any(titles) and is_rtl(block.text))
    alignments = columns.alignments
    if is_flush_right and widths is not None:
        alignments, widths, rows = _mirror_columns(alignments, widths, rows)
    lines: list[Line] = []
    for number, row in enumerate(rows):
        is_header = columns.has_header and number == 0
        if widths is not None:
            lines += _typeset_row(
                block.text, strong if is_header else flat, alignments, row, widths
            )
            if is_header:
                rule = GUTTER.join("─" * cells for cells in widths)
                lines.append(_make_inserted_line(rule, Role.MARKER, lines[-1].end))
        elif not is_header or len(rows) == 1 or shows_header(columns):
            continues = any(titles) and not columns.has_header and not columns.continues_row
            if lines or continues:
                lines.append(_make_inserted_line("", Role.PLAIN, max(0, row[0].start - 1)))
            row_titles, styles = ((), strong) if is_header else (titles, flat)
            lines += _typeset_record(block.text, styles, row_titles, row, measure)
    if is_flush_right:
        lines = [_move_right(line, measure) for line in lines]
    starts = [line.start for line in lines]
    return BlockLayout(starts, lines.__getitem__, _map_offsets_to_lines(lines))


def _shorten_title(text: str) -> str:
    is_long = len(text) > MAX_TITLE_CHARACTERS
    return text[: MAX_TITLE_CHARACTERS - 1] + "…" if is_long else text


def _map_offsets_to_lines(lines: list[Line]) -> list[OffsetLine]:
    """Return the offsets at which the text of another line begins, in order."""
    line_numbers = {line.start: number for number, line in reversed([*enumerate(lines)])}
    line_numbers.setdefault(0, 0)  # the header of records is drawn as titles, not from the text
    for number, line in enumerate(lines):
        line_numbers.update((run.start, number) for run in line.runs if run.start >= 0)
    return [OffsetLine(*item) for item in sorted(line_numbers.items())]


def _mirror_columns(
    alignments: tuple[str, ...], widths: list[int], rows: list[list[TableCell]]
) -> tuple[tuple[str, ...], list[int], list[list[TableCell]]]:
    """Return columns and rows in the order of text that runs from right to left.

    A column that is aligned to its beginning is then aligned to the right.
    """
    mirrored = []
    for row in rows:
        row_end = row[-1].start + len(row[-1].text)
        missing = [TableCell("", row_end)] * (len(widths) - len(row))
        mirrored.append([*row, *missing][::-1])
    turned = tuple("right" if each == "left" else each for each in alignments)
    return turned[::-1], widths[::-1], mirrored


def _typeset_row(
    text: str,
    flat: FlatSpans,
    alignments: Sequence[str],
    row: list[TableCell],
    widths: Sequence[int],
) -> list[Line]:
    """Return one row of a table: as many lines as its tallest cell has."""
    columns = [
        [
            OffsetRange(cell.start + start, cell.start + end)
            for start, end in wrap_text(cell.text, cells)
        ]
        for cell, cells in zip(row, widths, strict=False)
    ]
    row_end = max(cell.start + len(cell.text) for cell in row)
    lines = []
    for depth in range(max(map(len, columns))):
        runs: list[Run] = []
        for column, cells, alignment in zip(columns, widths, alignments, strict=False):
            inner: tuple[Run, ...] = ()
            if depth < len(column):
                inner = slice_runs(text, flat, *column[depth])
            room = cells - sum(count_cells(run.text) for run in inner)
            left = {"right": room, "center": room // 2}.get(alignment, 0)
            runs += [Run(" " * left), *inner, Run(" " * (room - left + len(GUTTER)))]
        line_start = min(column[depth].start for column in columns if depth < len(column))
        runs[-1] = Run(runs[-1].text.removesuffix(GUTTER))
        lines.append(Line(tuple(runs), line_start, row_end))
    return lines


def _move_right(line: Line, measure: int) -> Line:
    """Return a line flush right in `measure` cells."""
    room = measure - sum(count_cells(run.text) for run in line.runs)
    return Line((Run(" " * room), *line.runs), line.start, line.end) if room > 0 else line


def _typeset_record(
    text: str, flat: FlatSpans, titles: tuple[str, ...], row: list[TableCell], measure: int
) -> list[Line]:
    """Return one row as a record: each cell with text, below the title of its column."""
    lines: list[Line] = []
    for index, cell in enumerate(row):
        if not cell.text:
            continue
        title = titles[index] if index < len(titles) else ""
        for start, end in wrap_text(title, measure) if title else ():
            lines.append(_make_inserted_line(title[start:end], Role.DIM, cell.start))
        for start, end in wrap_text(cell.text, measure):
            runs = slice_runs(text, flat, cell.start + start, cell.start + end)
            lines.append(Line(runs, cell.start + start, cell.start + end))
    return lines or [_make_inserted_line("", Role.PLAIN, row[0].start)]


def _make_inserted_line(text: str, role: Role, offset: int) -> Line:
    """Return a line at `offset` that shows `text` instead of the block's own text."""
    return Line((Run(text, role),), offset, offset)
