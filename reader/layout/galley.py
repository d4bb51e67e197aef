"""The galley: a document at one measure, and the only map between its places and rows.

A galley consists of parts, which are blocks: those of the story's head, of the document, and of
the tail. Blocks are set when they are first needed, so that a long text costs no more than a
short one. A block of enormous length is cut into pieces, each of them a part, for the same reason.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from reader.layout.blocks import (
    count_gap_rows,
    count_nesting_cells,
    draw_blank_line,
    typeset,
    typeset_end_mark,
)
from reader.layout.lines import BLANK_LINE, DEFAULT_STYLE, hang_layout, shift_layout
from reader.layout.pieces import BlockPieces
from reader.layout.tables import fit_wide_block
from reader.text.cells import count_cells
from reader.text.document import Kind, Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reader.layout.lines import BlockLayout, Line, ParagraphStyle
    from reader.text.document import Block, Document


MAX_CACHED_BLOCKS: Final = 400
"""Blocks whose layout is cached: more than any screen shows, and bounded in a long text."""


END_MARK_ROWS: Final = 24
"""Rows of text above the end mark on whose middle it is centred."""


class Row(NamedTuple):
    """A row of one galley: the number of a part, and a row of it, counted from its gap rows on.

    It means nothing in another galley, so it is never stored longer than a frame.
    """

    part: int
    line: int = 0


class DrawnRow(NamedTuple):
    """A row and the line it shows."""

    row: Row
    line: Line


class Galley:
    """A document between the head and tail of its story, in `measure` cells (at least 1)."""

    def __init__(
        self,
        document: Document,
        measure: int,
        head: Sequence[Block] = (),
        style: ParagraphStyle = DEFAULT_STYLE,
    ) -> None:
        self.document = document
        self.measure = max(1, measure)
        self.room = self.measure
        """Cells of the page. Code or a table that is wider than the measure may take all of them;
        set it before rows are drawn."""
        self.paragraph_style = style
        self.typeset_count = 0
        """How many times a block was set, for tests."""
        self._head = head
        self._tail: Sequence[Block] = ()
        self._footnotes_start = 0
        """The index in the tail of the document's first footnote."""
        self._layouts: dict[int, BlockLayout] = {}
        self._pieces = BlockPieces(document)

    def reuse_cuts(self, other: Galley) -> None:
        """Take over where `other` cuts blocks, if it has the same document, whatever its measure."""
        if other.document is self.document:
            self._pieces = other._pieces

    def scan_new_blocks(self) -> None:
        """Find the blocks to cut among those added to the document.

        Called for each slice, since scanning 100,000 blocks at once takes two frames.
        """
        self._pieces.scan_new_blocks()

    def set_tail(self, tail: Sequence[Block]) -> None:
        """Put `tail` below the document, which must be complete, instead of the current tail."""
        self._tail = tail
        body_end = self._body_end
        for part in [part for part in self._layouts if part >= body_end]:
            del self._layouts[part]
        first = self.document.footnotes[0] if self.document.footnotes else None
        self._footnotes_start = next(
            (index for index, block in enumerate(tail) if block is first), len(tail)
        )

    @property
    def first_row(self) -> Row:
        """The first row."""
        return Row(0, 0)

    @property
    def last_row(self) -> Row:
        """The last row of what is parsed so far."""
        part = self.part_count - 1
        return Row(part, self._count_part_rows(part) - 1) if part >= 0 else Row(0, 0)

    def shift_row(self, row: Row, rows: int) -> Row:
        """Return the row `rows` rows below `row` (above, if negative), or the nearest there is."""
        if not self.part_count:
            return self.first_row
        part, line = row.part, row.line + rows
        while line < 0 and part > 0:
            part -= 1
            line += self._count_part_rows(part)
        while part < self.part_count and line >= (height := self._count_part_rows(part)):
            if part == self.part_count - 1:
                return Row(part, max(0, height - 1))
            line -= height
            part += 1
        return Row(part, max(0, line))

    def count_rows(self, above: Row, below: Row) -> int:
        """Return how many rows `below` is below `above`; negative if it is above."""
        if below < above:
            return -self.count_rows(below, above)
        rows_between = sum(self._count_part_rows(part) for part in range(above.part, below.part))
        return rows_between + below.line - above.line

    def draw_rows(self, row: Row, count: int) -> Iterator[DrawnRow]:
        """Yield `count` rows from `row` on, fewer at the end."""
        part, line = row
        while count > 0 and part < self.part_count:
            self._get_layout(part)  # else the part would be set once more, to count its rows
            height = self._count_part_rows(part)
            while line < height and count > 0:
                row = Row(part, line)
                yield DrawnRow(row, self.draw_row(row))
                line, count = line + 1, count - 1
            part, line = part + 1, 0

    def draw_row(self, row: Row) -> Line:
        """Return the line that `row` shows."""
        gap = self._count_gap_rows(row.part)
        if row.line >= gap:
            return self._get_layout(row.part).draw(row.line - gap)
        before = self._get_previous_block(row.part)
        if before is None:
            return BLANK_LINE
        return draw_blank_line(self._get_part_block(row.part), before, self.measure)

    def is_in_body(self, row: Row) -> bool:
        """Return whether `row` is one of the document's text."""
        return len(self._head) <= row.part < self._body_end

    def is_in_tail(self, row: Row) -> bool:
        """Return whether `row` is below the document's text."""
        return row.part >= self._body_end

    def get_tail_row(self, row: Row) -> Row | None:
        """Return `row` with its part counted from the end of the text; None if it is above that."""
        return Row(row.part - self._body_end, row.line) if self.is_in_tail(row) else None

    def find_tail_row(self, row: Row) -> Row:
        """Return the row that `get_tail_row` returned for this tail or another, or one near it."""
        if row.part >= len(self._tail):
            return self.last_row
        part = self._body_end + row.part
        return Row(part, max(0, min(row.line, self._count_part_rows(part) - 1)))

    def has_text(self, row: Row) -> bool:
        """Return whether `row` shows a line of its block, not a blank row above it."""
        return row.line >= self._count_gap_rows(row.part)

    def get_document_block_number(self, row: Row) -> int | None:
        """Return the number of the document's block or footnote at `row`; None if there is none."""
        block = self.get_next_block_number(row)
        if self.is_in_body(row):
            return block
        is_shown = block <= self.document.last_block and self._number_to_part(block) == row.part
        return block if is_shown else None

    def get_block_number(self, row: Row) -> int | None:
        """Return the number of the block at `row`; None for the head and for inserted rows.

        The blocks of the tail that aren't footnotes have numbers after the last footnote's.
        """
        number = self.get_document_block_number(row)
        if number is not None or row.part < self._body_end:
            return number
        return self.document.last_block + 1 + row.part - self._body_end

    def get_next_block_number(self, row: Row) -> int:
        """Return the number of the document's block or footnote at `row`, or else the next one."""
        count, tail_index = len(self.document.blocks), row.part - self._body_end
        if tail_index >= 0:
            footnote = tail_index - self._footnotes_start
            return count + max(0, min(footnote, len(self.document.footnotes)))
        part = row.part - len(self._head)
        return self._pieces.find_block(part)[0] if part >= 0 else 0

    def get_block(self, number: int) -> Block:
        """Return the block with a number that `get_block_number` returned."""
        index = number - self.document.last_block - 1
        return self.document.get_block(number) if index < 0 else self._tail[index]

    @property
    def tail_blocks(self) -> list[tuple[int, Block]]:
        """The blocks of the tail that aren't footnotes, with their numbers."""
        footnotes_end = self._footnotes_start + len(self.document.footnotes)
        footnotes = range(self._footnotes_start, footnotes_end)
        return [
            (number, block)
            for number, block in enumerate(self._tail, self.document.last_block + 1)
            if number - self.document.last_block - 1 not in footnotes
        ]

    def place_to_row(self, place: Place) -> Row:
        """Return the row that shows `place`.

        A place in a footnote, or in the tail by the numbers of `get_block_number`, is found as
        well. Any other place that the document doesn't have is clamped.
        """
        if not self.document.blocks:
            return self.first_row
        tail_index = place.block - self.document.last_block - 1
        if 0 <= tail_index < len(self._tail):
            part = self._body_end + tail_index
        else:
            is_footnote = len(self.document.blocks) <= place.block <= self.document.last_block
            if not is_footnote or self._number_to_part(place.block) >= self.part_count:
                place = self.document.clamp(place)
            part = self._number_to_part(place.block, place.offset)
        line = self._get_layout(part).find_line(place.offset)
        return Row(part, self._count_gap_rows(part) + line)

    def get_row_start(self, row: Row) -> Place:
        """Return the place at the beginning of `row`.

        For the head it is the beginning of the document, for the tail its end.
        """
        part = row.part - len(self._head)
        if part < 0:
            return Place()
        if not self.is_in_body(row):
            return self.document.end
        block, start = self._pieces.find_block(part)
        line = row.line - self._count_gap_rows(row.part)
        return Place(block, self._get_layout(row.part).starts[line] if line > 0 else start)

    def get_row_end(self, row: Row) -> Place:
        """Return the place after the last character of `row`; see `get_row_start` for the rest."""
        if not self.is_in_body(row):
            return self.get_row_start(row)
        line = row.line - self._count_gap_rows(row.part)
        block, start = self._pieces.find_block(row.part - len(self._head))
        return Place(block, self._get_layout(row.part).draw(line).end if line >= 0 else start)

    @property
    def _body_end(self) -> int:
        """The number of the first part below the document."""
        return len(self._head) + len(self.document.blocks) + self._pieces.extra_parts

    @property
    def part_count(self) -> int:
        """The number of parts so far."""
        return self._body_end + len(self._tail)

    def _number_to_part(self, block: int, offset: int = 0) -> int:
        """Return the part that shows an offset of a block of the document, or a footnote."""
        count = len(self.document.blocks)
        if block >= count:
            return self._body_end + block - count + self._footnotes_start
        return len(self._head) + self._pieces.find_part(block, offset)

    def _get_part_block(self, part: int) -> Block:
        if part < len(self._head):
            return self._head[part]
        tail_index = part - self._body_end
        if tail_index >= 0:
            return self._tail[tail_index]
        return self._pieces.get_block(part - len(self._head))

    def _get_previous_block(self, part: int) -> Block | None:
        return self._get_part_block(part - 1) if part else None

    def _count_gap_rows(self, part: int) -> int:
        """Return the number of blank rows above a part; they belong to it."""
        block, before = self._get_part_block(part), self._get_previous_block(part)
        return count_gap_rows(block, before, self.paragraph_style)

    def _count_part_rows(self, part: int) -> int:
        layout = self._layouts.get(part)
        if layout is None:
            layout = self._typeset_part(part, balanced=False)
        return self._count_gap_rows(part) + len(layout)

    def _get_layout(self, part: int) -> BlockLayout:
        """Return the layout of a part, from the cache if it is there."""
        layout = self._layouts.get(part)
        if layout is None:
            if len(self._layouts) >= MAX_CACHED_BLOCKS:
                del self._layouts[next(iter(self._layouts))]
            layout = self._layouts[part] = self._typeset_part(part)
            self.typeset_count += 1
        return layout

    def _typeset_part(self, part: int, *, balanced: bool = True) -> BlockLayout:
        block, before = self._get_part_block(part), self._get_previous_block(part)
        if block.kind is Kind.END:
            return typeset_end_mark(self._find_text_edges(part), self.measure)
        whole, start = block, 0
        if len(self._head) <= part < self._body_end:
            number, start = self._pieces.find_block(part - len(self._head))
            whole = self.document.get_block(number)
        measure = fit_wide_block(whole, self.measure, self.room, count_nesting_cells(block))
        before = before if not start else None
        layout = typeset(block, measure, self.paragraph_style, before, balanced=balanced)
        layout = shift_layout(layout, start) if start else layout
        return layout if block.nesting else hang_layout(layout, (measure - self.measure) // 2)

    def _find_text_edges(self, end: int) -> tuple[int, int]:
        """Return the first cell of the text above part `end`, and the cell after its last one."""
        edges = []
        rows = 0
        for part in range(end - 1, len(self._head) - 1, -1):
            layout = self._get_layout(part)
            rows += len(layout)
            for index in range(min(len(layout), END_MARK_ROWS)):
                text = layout.draw(index).text
                left = count_cells(text) - count_cells(text.lstrip(" "))
                edges.append((left, min(count_cells(text), self.measure)))
            if rows >= END_MARK_ROWS:
                break
        edges = [(left, right) for left, right in edges if right]
        if not edges:
            return 0, self.measure
        return min(left for left, _ in edges), max(right for _, right in edges)
