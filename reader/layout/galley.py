"""A document set to one measure: the only map between places and rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from reader.layout.blocks import count_gap_rows, draw_blank_line, typeset
from reader.layout.lines import BLANK_LINE, DEFAULT_STYLE
from reader.text.document import Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reader.layout.lines import BlockLayout, Line, ParagraphStyle
    from reader.text.document import Block, Document


MAX_CACHED_BLOCKS: Final = 400
"""Blocks that stay set: more than any screen shows, and bounded however long the text."""


class Row(NamedTuple):
    """A row of one galley: a block's number, and a line of it, blank ones above it included.

    Means nothing in another galley, and never outlives a frame.
    """

    part: int
    line: int = 0


class DrawnRow(NamedTuple):
    """A row and the line it shows."""

    row: Row
    line: Line


class Galley:
    """A document between a story's `head` and `tail`, set in `measure` cells in one manner."""

    def __init__(
        self,
        document: Document,
        measure: int,
        head: Sequence[Block] = (),
        style: ParagraphStyle = DEFAULT_STYLE,
    ) -> None:
        self.document = document
        self.measure = max(1, measure)
        self.paragraph_style = style
        self._head = head
        self._tail: Sequence[Block] = ()
        self._footnotes_start = 0
        """Where in the tail the document's footnotes begin."""
        self._layouts: dict[int, BlockLayout] = {}
        self.typeset_count = 0
        """How often a block was set: a figure for tests."""

    def set_tail(self, tail: Sequence[Block]) -> None:
        """Set `tail` behind the document, which is complete now, instead of the one before."""
        self._tail = tail
        body = len(self._head) + len(self.document.blocks)
        for part in [part for part in self._layouts if part >= body]:
            del self._layouts[part]
        first = self.document.footnotes[0] if self.document.footnotes else None
        self._footnotes_start = next(
            (at for at, block in enumerate(tail) if block is first), len(tail)
        )

    # Rows ------------------------------------------------------------------------------

    @property
    def first_row(self) -> Row:
        """The first row."""
        return Row(0, 0)

    @property
    def last_row(self) -> Row:
        """The last row there is so far."""
        part = self._part_count - 1
        return Row(part, self._count_part_rows(part) - 1) if part >= 0 else Row(0, 0)

    def shift_row(self, row: Row, by: int) -> Row:
        """Return the row `by` rows below `row` (above, if negative), or the nearest there is."""
        if not self._part_count:
            return self.first_row
        part, line = row.part, row.line + by
        while line < 0 and part > 0:
            part -= 1
            line += self._count_part_rows(part)
        while part < self._part_count and line >= (height := self._count_part_rows(part)):
            if part == self._part_count - 1:
                return Row(part, max(0, height - 1))
            line -= height
            part += 1
        return Row(part, max(0, line))

    def count_rows(self, above: Row, below: Row) -> int:
        """Return how many rows `below` is below `above`; negative if it is above it."""
        if below < above:
            return -self.count_rows(below, above)
        return (
            sum(self._count_part_rows(p) for p in range(above.part, below.part))
            + below.line
            - above.line
        )

    def draw_rows(self, row: Row, count: int) -> Iterator[DrawnRow]:
        """Yield `count` rows from `row` on with their lines, fewer at the end."""
        part, line = row
        while count > 0 and part < self._part_count:
            height = self._count_part_rows(part)
            while line < height and count > 0:
                at = Row(part, line)
                yield DrawnRow(at, self.draw_row(at))
                line, count = line + 1, count - 1
            part, line = part + 1, 0

    def draw_row(self, row: Row) -> Line:
        """Return the line of `row`."""
        space = self._count_gap_rows(row.part)
        if row.line >= space:
            return self._get_layout(row.part).draw(row.line - space)
        before = self._get_part_block(row.part - 1)
        return (
            draw_blank_line(self._get_part_block(row.part), before, self.measure)
            if row.part
            else BLANK_LINE
        )

    # Places ----------------------------------------------------------------------------

    @property
    def first_body_row(self) -> Row:
        """The first row of the text itself."""
        return Row(len(self._head), 0)

    def is_in_body(self, row: Row) -> bool:
        """Tell whether `row` is one of the text's own."""
        return 0 <= row.part - len(self._head) < len(self.document.blocks)

    def is_in_tail(self, row: Row) -> bool:
        """Tell whether `row` is below the text."""
        return row.part >= len(self._head) + len(self.document.blocks)

    def get_document_block_number(self, row: Row) -> int | None:
        """Return the number of the text's or the footnotes' block that `row` is of, if it is one's."""
        block = self.get_next_block_number(row)
        is_shown = block <= self.document.last_block and self._number_to_part(block) == row.part
        return block if is_shown else None

    def get_block_number(self, row: Row) -> int | None:
        """Return the number of the block that `row` shows, None for the head.

        What stands below the text and is no footnote is numbered on behind the last one.
        """
        below = row.part - len(self._head) - len(self.document.blocks)
        number = self.get_document_block_number(row)
        return self.document.last_block + 1 + below if number is None and below >= 0 else number

    def get_block(self, number: int) -> Block:
        """Return the block of that number, below the text as well."""
        below = number - self.document.last_block - 1
        return self.document.get_block(number) if below < 0 else self._tail[below]

    @property
    def tail_blocks(self) -> list[tuple[int, Block]]:
        """What stands below the text and is no footnote: blocks and their numbers."""
        notes = range(self._footnotes_start, self._footnotes_start + len(self.document.footnotes))
        first = self.document.last_block + 1
        return [(first + at, block) for at, block in enumerate(self._tail) if at not in notes]

    def get_next_block_number(self, row: Row) -> int:
        """Return the number of the first block of text or footnotes that isn't above `row`."""
        block, length = row.part - len(self._head), len(self.document.blocks)
        if block > length:
            block = length + max(
                0, min(block - length - self._footnotes_start, len(self.document.footnotes))
            )
        return max(0, block)

    def has_text(self, row: Row) -> bool:
        """Tell whether `row` is no blank one above its block."""
        return row.line >= self._count_gap_rows(row.part)

    def _number_to_part(self, block: int) -> int:
        """Return the part that shows the block of that number, footnotes included."""
        is_note = block >= len(self.document.blocks)
        return len(self._head) + block + (self._footnotes_start if is_note else 0)

    def place_to_row(self, place: Place) -> Row:
        """Return the row that shows `place`."""
        if not self.document.blocks:
            return self.first_row
        below = place.block - self.document.last_block - 1
        if 0 <= below < len(self._tail):
            part = len(self._head) + len(self.document.blocks) + below
            return Row(
                part, self._count_gap_rows(part) + self._get_layout(part).find_line(place.offset)
            )
        is_note = len(self.document.blocks) <= place.block <= self.document.last_block
        if not is_note or self._number_to_part(place.block) >= self._part_count:
            place = self.document.clamp(place)
        part = self._number_to_part(place.block)
        return Row(
            part, self._count_gap_rows(part) + self._get_layout(part).find_line(place.offset)
        )

    def get_row_start(self, row: Row) -> Place:
        """Return the place at the beginning of `row`; the text's nearest for head and tail."""
        block = row.part - len(self._head)
        if block < 0:
            return Place()
        if block >= len(self.document.blocks):
            return self.document.end
        line = row.line - self._count_gap_rows(row.part)
        return Place(block, self._get_layout(row.part).starts[line] if line > 0 else 0)

    def get_row_end(self, row: Row) -> Place:
        """Return the place behind the last character that `row` shows."""
        if not self.is_in_body(row):
            return self.get_row_start(row)
        line = row.line - self._count_gap_rows(row.part)
        block = row.part - len(self._head)
        return Place(block, self._get_layout(row.part).draw(line).end if line >= 0 else 0)

    # Parts -----------------------------------------------------------------------------

    @property
    def _part_count(self) -> int:
        return len(self._head) + len(self.document.blocks) + len(self._tail)

    def _get_part_block(self, part: int) -> Block:
        part -= len(self._head)
        if part < 0:
            return self._head[part]
        blocks = self.document.blocks
        return blocks[part] if part < len(blocks) else self._tail[part - len(blocks)]

    def _get_previous_block(self, part: int) -> Block | None:
        return self._get_part_block(part - 1) if part else None

    def _count_gap_rows(self, part: int) -> int:
        return count_gap_rows(
            self._get_part_block(part), self._get_previous_block(part), self.paragraph_style
        )

    def _typeset_part(self, part: int, *, balanced: bool = True) -> BlockLayout:
        block, before = self._get_part_block(part), self._get_previous_block(part)
        return typeset(block, self.measure, self.paragraph_style, before, balanced=balanced)

    def _count_part_rows(self, part: int) -> int:
        setting = self._layouts.get(part)
        if setting is None:
            setting = self._typeset_part(part, balanced=False)
        return self._count_gap_rows(part) + len(setting)

    def _get_layout(self, part: int) -> BlockLayout:
        setting = self._layouts.get(part)
        if setting is None:
            if len(self._layouts) >= MAX_CACHED_BLOCKS:
                del self._layouts[next(iter(self._layouts))]
            setting = self._layouts[part] = self._typeset_part(part)
            self.typeset_count += 1
        return setting
