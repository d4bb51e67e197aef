"""A document set to one measure: the only map between places and rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from reader.layout.blocks import blank, gap, typeset
from reader.layout.lines import BLANK, PLAIN
from reader.text.document import Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reader.layout.lines import Composition, Line, Setting
    from reader.text.document import Block, Document


KEPT: Final = 400
"""Blocks that stay set: more than any screen shows, and bounded however long the text."""


class Row(NamedTuple):
    """A row of one galley: a block's number, and a line of it, blank ones above it included.

    Means nothing in another galley, and never outlives a frame.
    """

    part: int
    line: int = 0


class Galley:
    """A document between a story's `head` and `tail`, set in `measure` cells in one manner."""

    def __init__(
        self,
        document: Document,
        measure: int,
        head: Sequence[Block] = (),
        composition: Composition = PLAIN,
    ) -> None:
        self.document = document
        self.measure = max(1, measure)
        self.composition = composition
        self._head = head
        self._tail: Sequence[Block] = ()
        self._notes = 0
        """Where in the tail the document's footnotes begin."""
        self._settings: dict[int, Setting] = {}
        self.typeset_count = 0
        """How often a block was set: a figure for tests."""

    def finish(self, tail: Sequence[Block]) -> None:
        """Set `tail` behind the document, which is complete now, instead of the one before."""
        self._tail = tail
        body = len(self._head) + len(self.document.blocks)
        for part in [part for part in self._settings if part >= body]:
            del self._settings[part]
        first = self.document.notes[0] if self.document.notes else None
        self._notes = next((at for at, block in enumerate(tail) if block is first), len(tail))

    # Rows ------------------------------------------------------------------------------

    @property
    def first(self) -> Row:
        """The first row."""
        return Row(0, 0)

    @property
    def last(self) -> Row:
        """The last row there is so far."""
        part = self._parts - 1
        return Row(part, self._height(part) - 1) if part >= 0 else Row(0, 0)

    def walk(self, row: Row, by: int) -> Row:
        """Return the row `by` rows below `row` (above, if negative), or the nearest there is."""
        if not self._parts:
            return self.first
        part, line = row.part, row.line + by
        while line < 0 and part > 0:
            part -= 1
            line += self._height(part)
        while part < self._parts and line >= (height := self._height(part)):
            if part == self._parts - 1:
                return Row(part, max(0, height - 1))
            line -= height
            part += 1
        return Row(part, max(0, line))

    def distance(self, above: Row, below: Row) -> int:
        """Return how many rows `below` is below `above`; negative if it is above it."""
        if below < above:
            return -self.distance(below, above)
        return sum(self._height(p) for p in range(above.part, below.part)) + below.line - above.line

    def lines(self, row: Row, count: int) -> Iterator[tuple[Row, Line]]:
        """Yield `count` rows from `row` on with their lines, fewer at the end."""
        part, line = row
        while count > 0 and part < self._parts:
            height = self._height(part)
            while line < height and count > 0:
                at = Row(part, line)
                yield at, self.line(at)
                line, count = line + 1, count - 1
            part, line = part + 1, 0

    def line(self, row: Row) -> Line:
        """Return the line of `row`."""
        space = self._gap(row.part)
        if row.line >= space:
            return self._setting(row.part).draw(row.line - space)
        before = self._block(row.part - 1)
        return blank(self._block(row.part), before, self.measure) if row.part else BLANK

    # Places ----------------------------------------------------------------------------

    @property
    def body(self) -> Row:
        """The first row of the text itself."""
        return Row(len(self._head), 0)

    def is_body(self, row: Row) -> bool:
        """Tell whether `row` is one of the text's own."""
        return 0 <= row.part - len(self._head) < len(self.document.blocks)

    def is_below(self, row: Row) -> bool:
        """Tell whether `row` is below the text."""
        return row.part >= len(self._head) + len(self.document.blocks)

    def block_of(self, row: Row) -> int | None:
        """Return the number of the text's or the footnotes' block that `row` is of, if it is one's."""
        block = self.next_block(row)
        is_shown = block <= self.document.last and self._part(block) == row.part
        return block if is_shown else None

    def number_of(self, row: Row) -> int | None:
        """Return the number of the block that `row` shows, None for the head.

        What stands below the text and is no footnote is numbered on behind the last one.
        """
        below = row.part - len(self._head) - len(self.document.blocks)
        number = self.block_of(row)
        return self.document.last + 1 + below if number is None and below >= 0 else number

    def block(self, number: int) -> Block:
        """Return the block of that number, below the text as well."""
        below = number - self.document.last - 1
        return self.document.block(number) if below < 0 else self._tail[below]

    @property
    def below(self) -> list[tuple[int, Block]]:
        """What stands below the text and is no footnote: blocks and their numbers."""
        notes = range(self._notes, self._notes + len(self.document.notes))
        first = self.document.last + 1
        return [(first + at, block) for at, block in enumerate(self._tail) if at not in notes]

    def next_block(self, row: Row) -> int:
        """Return the number of the first block of text or footnotes that isn't above `row`."""
        block, length = row.part - len(self._head), len(self.document.blocks)
        if block > length:
            block = length + max(0, min(block - length - self._notes, len(self.document.notes)))
        return max(0, block)

    def has_text(self, row: Row) -> bool:
        """Tell whether `row` is no blank one above its block."""
        return row.line >= self._gap(row.part)

    def _part(self, block: int) -> int:
        """Return the part that shows the block of that number, footnotes included."""
        is_note = block >= len(self.document.blocks)
        return len(self._head) + block + (self._notes if is_note else 0)

    def row_of(self, place: Place) -> Row:
        """Return the row that shows `place`."""
        if not self.document.blocks:
            return self.first
        below = place.block - self.document.last - 1
        if 0 <= below < len(self._tail):
            part = len(self._head) + len(self.document.blocks) + below
            return Row(part, self._gap(part) + self._setting(part).line_of(place.offset))
        is_note = len(self.document.blocks) <= place.block <= self.document.last
        if not is_note or self._part(place.block) >= self._parts:
            place = self.document.clamp(place)
        part = self._part(place.block)
        return Row(part, self._gap(part) + self._setting(part).line_of(place.offset))

    def place_at(self, row: Row) -> Place:
        """Return the place at the beginning of `row`; the text's nearest for head and tail."""
        block = row.part - len(self._head)
        if block < 0:
            return Place()
        if block >= len(self.document.blocks):
            return self.document.end
        line = row.line - self._gap(row.part)
        return Place(block, self._setting(row.part).starts[line] if line > 0 else 0)

    def place_behind(self, row: Row) -> Place:
        """Return the place behind the last character that `row` shows."""
        if not self.is_body(row):
            return self.place_at(row)
        line = row.line - self._gap(row.part)
        block = row.part - len(self._head)
        return Place(block, self._setting(row.part).draw(line).end if line >= 0 else 0)

    # Parts -----------------------------------------------------------------------------

    @property
    def _parts(self) -> int:
        return len(self._head) + len(self.document.blocks) + len(self._tail)

    def _block(self, part: int) -> Block:
        part -= len(self._head)
        if part < 0:
            return self._head[part]
        blocks = self.document.blocks
        return blocks[part] if part < len(blocks) else self._tail[part - len(blocks)]

    def _before(self, part: int) -> Block | None:
        return self._block(part - 1) if part else None

    def _gap(self, part: int) -> int:
        return gap(self._block(part), self._before(part), self.composition)

    def _typeset(self, part: int, *, balanced: bool = True) -> Setting:
        block, before = self._block(part), self._before(part)
        return typeset(block, self.measure, self.composition, before, balanced=balanced)

    def _height(self, part: int) -> int:
        setting = self._settings.get(part)
        if setting is None:
            setting = self._typeset(part, balanced=False)
        return self._gap(part) + len(setting)

    def _setting(self, part: int) -> Setting:
        setting = self._settings.get(part)
        if setting is None:
            if len(self._settings) >= KEPT:
                del self._settings[next(iter(self._settings))]
            setting = self._settings[part] = self._typeset(part)
            self.typeset_count += 1
        return setting
