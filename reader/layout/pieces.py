"""Cut blocks of enormous length into pieces, each of which is set in less than a frame."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import pairwise
from typing import TYPE_CHECKING, Final
from unicodedata import category

from reader.layout.tables import is_always_records, shows_header
from reader.text.cells import COMBINING_CATEGORIES
from reader.text.document import LARGE_CELLS, LARGE_CHARACTERS, LARGE_SPANS, Kind, is_large

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reader.text.document import Block, Document, Role, Span, TableColumns


MAX_PIECE_CHARACTERS: Final = LARGE_CHARACTERS
"""Characters. A longer block is set in pieces: to set it in one takes longer than a frame."""
MAX_MIXED_PIECE_CHARACTERS: Final = 4_000
"""The same for the pieces of a text that isn't ASCII: counting its cells takes longer."""
PIECE_SPANS: Final = LARGE_SPANS // 2
"""Spans in a piece, on average. A block of ordinary length with more than twice as many is cut."""
PIECE_CELLS: Final = LARGE_CELLS // 2
"""Cells of a table in a piece, on average. A block with more than twice as many is cut."""
MIN_PIECE_CHARACTERS: Final = 200  # thousands of spans may be around a few words


def find_cuts(block: Block) -> list[int]:
    """Return the offsets where the pieces of an enormous block start, and its end.

    A block of ordinary length is one piece. Each piece is set in less than a frame. Pieces begin
    at new lines of the page, so the cuts are at line ends or spaces, where there are any.
    """
    text = block.text
    if not is_large(block):
        return [0, len(text)]
    cells = text.count("\t") + text.count("\n") if block.kind is Kind.TABLE else 0
    is_fast = text.isascii() and block.kind is not Kind.HEADING  # which is set several times
    size = MAX_PIECE_CHARACTERS if is_fast else MAX_MIXED_PIECE_CHARACTERS
    by_spans = 1 + len(text) * PIECE_SPANS // max(1, len(block.spans))
    by_cells = 1 + len(text) * PIECE_CELLS // max(1, cells)
    size = min(size, max(MIN_PIECE_CHARACTERS, min(by_spans, by_cells)))
    if block.kind is Kind.TABLE:
        return _find_table_cuts(block, size)
    cuts = [0]
    while len(text) - cuts[-1] > size:
        start, end = cuts[-1] + size // 2, cuts[-1] + size
        cut = text.rfind("\n", start, end) + 1 or text.rfind(" ", start, end) + 1 or end
        cuts.append(_skip_marks(text, cut) if cut == end else cut)
    return [*cuts, len(text)]


def _skip_marks(text: str, offset: int) -> int:
    """Return the first offset from `offset` on without a combining mark or joiner.

    They stay with their letter.
    """
    while offset < len(text) and category(text[offset]) in COMBINING_CATEGORIES:
        offset += 1
    return offset


def _find_table_cuts(block: Block, size: int) -> list[int]:
    """Return the cuts of a table in pieces of about `size` characters.

    A row is cut only if the table is set as records. A piece that begins inside a row ends with it.
    The header is in one piece with the first record, whose titles show it, or it is a record too.
    """
    text, columns = block.text, block.columns
    is_records = columns is not None and is_always_records(columns)
    has_header = columns is not None and columns.has_header
    start = 0
    if columns is not None and has_header and not (is_records and shows_header(columns)):
        start = text.find("\n") + 1
    cuts = [0]
    while True:
        end, is_in_row = start + size, start > 0 and text[start - 1] != "\n"
        if is_in_row or (not start and has_header):
            cut = text.find("\n", start, end) + 1
        elif len(text) <= end:
            break
        else:
            cut = text.rfind("\n", start, end) + 1
        if not cut and len(text) <= end:
            break
        if not cut and is_records:
            cut = _find_cut_in_row(text, start + size // 2, end)
        start = cut or text.find("\n", end) + 1 or len(text)
        cuts.append(start)
    return cuts if cuts[-1] == len(text) else [*cuts, len(text)]


def _find_cut_in_row(text: str, start: int, end: int) -> int:
    """Return an offset between `start` and `end`: of a cell, else of a word, else `end`."""
    cut = text.rfind("\t", start, end) + 1 or text.rfind(" ", start, end) + 1
    return cut or _skip_marks(text, end)


def _cut_block(block: Block, spans: Sequence[Span], start: int, end: int) -> Block:
    """Return the piece of `block` between two offsets, which `spans` are in.

    Only the first piece shows a label.
    """
    text = block.text[start:end].removesuffix("\n")
    cut = tuple(
        span._replace(start=max(span.start, start) - start, end=min(span.end, end) - start)
        for span in spans
    )
    piece = block._replace(text=text, spans=cut)
    if block.columns is not None:
        piece = piece._replace(columns=_cut_columns(block.columns, block.text, start, end))
    if not start:
        return piece
    nesting = tuple(level._replace(is_first=False) for level in block.nesting)
    return piece._replace(nesting=nesting, tight=True)


def _cut_columns(columns: TableColumns, text: str, start: int, end: int) -> TableColumns:
    """Return the columns for the piece of a table's `text` between two offsets.

    A piece that begins inside a row has the titles of the cells that begin in it.
    """
    row_start = text.rfind("\n", 0, start) + 1
    columns = columns._replace(has_header=columns.has_header and not row_start)
    if start == row_start:
        return columns
    first = text.count("\t", row_start, start)
    titles = columns.header_cells[first : first + text.count("\t", start, end) + 1]
    if text[start - 1] != "\t":
        titles = ("", *titles[1:])
    return columns._replace(header_cells=titles, continues_row=True)


class _SpanIndex:
    """The spans of a block, found by offsets: a block may have 100,000 of them."""

    def __init__(self, spans: Sequence[Span], longest: int) -> None:
        """Sort `spans`. Those longer than `longest` characters are visited for each piece."""
        self._spans = spans
        starts = [span.start for span in spans]
        order = sorted(range(len(spans)), key=starts.__getitem__)
        lengths = [span.end - span.start for span in spans]
        self._short = [index for index in order if lengths[index] <= longest]
        self._short_starts = [starts[index] for index in self._short]
        self._long = [index for index in order if lengths[index] > longest]
        self._longest = longest

    def find_spans(self, start: int, end: int) -> list[Span]:
        """Return the spans that have a part between two offsets, in the order of their starts.

        Of spans that cover all of it and are alike, the last one stands for all: thousands of
        nested ones make no difference.
        """
        first = bisect_left(self._short_starts, start - self._longest)
        last = bisect_left(self._short_starts, end)
        numbers = [index for index in self._short[first:last] if self._spans[index].end > start]
        covering: dict[tuple[Role, str], int] = {}
        for index in self._long:
            span = self._spans[index]
            if span.start <= start and span.end >= end:
                covering.pop((span.role, span.target), None)
                covering[span.role, span.target] = index
            elif span.start < end and span.end > start:
                numbers.append(index)
        numbers += covering.values()
        return sorted((self._spans[index] for index in sorted(numbers)), key=_get_start)


def _get_start(span: Span) -> int:
    return span.start


class BlockPieces:
    """The blocks of a document that are cut into pieces, and the parts that show the pieces.

    Parts are counted from the document's first one, here.
    """

    def __init__(self, document: Document) -> None:
        self._document = document
        self._scanned_count = 0
        """How many of the large blocks have been looked at."""
        self._first_parts: list[int] = []
        """The first part of each block that is cut."""
        self._cut_blocks: list[tuple[int, list[int]]] = []
        """For each of them, its number and the offsets where its pieces start and end."""
        self._pieces: dict[int, Block] = {}
        """The pieces made so far, by part."""
        self._span_indexes: dict[int, _SpanIndex] = {}
        """By the number of a block of which a piece was made."""

    @property
    def extra_parts(self) -> int:
        """How many parts there are beyond one for each block; the document may have grown."""
        self.scan_new_blocks()
        return self._count_extra(len(self._cut_blocks))

    def scan_new_blocks(self) -> None:
        """Find the blocks to cut among those added to the document."""
        document = self._document
        for number in document.large_blocks[self._scanned_count :]:
            if len(cuts := find_cuts(document.blocks[number])) > 2:
                extra = self._count_extra(len(self._cut_blocks))
                self._first_parts.append(number + extra)
                self._cut_blocks.append((number, cuts))
        self._scanned_count = len(document.large_blocks)

    def _count_extra(self, count: int) -> int:
        """Return how many extra parts the first `count` blocks that are cut have."""
        if not count:
            return 0
        number, cuts = self._cut_blocks[count - 1]
        return self._first_parts[count - 1] - number + len(cuts) - 2

    def find_block(self, part: int) -> tuple[int, int]:
        """Return the number of the block that `part` shows, and the offset where it begins."""
        index = bisect_right(self._first_parts, part)
        if index:
            number, cuts = self._cut_blocks[index - 1]
            piece = part - self._first_parts[index - 1]
            if piece < len(cuts) - 1:
                return number, cuts[piece]
        return part - self._count_extra(index), 0

    def find_part(self, block: int, offset: int = 0) -> int:
        """Return the part that shows an offset of a block."""
        index = bisect_right(self._cut_blocks, block, key=lambda each: each[0])
        if index and self._cut_blocks[index - 1][0] == block:
            _, cuts = self._cut_blocks[index - 1]
            return self._first_parts[index - 1] + max(0, bisect_right(cuts[:-1], offset) - 1)
        return block + self._count_extra(index)

    def get_block(self, part: int) -> Block:
        """Return the block that `part` shows, or the piece of it."""
        number, start = self.find_block(part)
        block = self._document.blocks[number]
        index = bisect_right(self._first_parts, part) - 1
        if index < 0 or self._cut_blocks[index][0] != number:
            return block
        piece = self._pieces.get(part)
        if piece is None:
            cuts = self._cut_blocks[index][1]
            end = cuts[part - self._first_parts[index] + 1]
            spans = self._get_span_index(number, cuts).find_spans(start, end)
            piece = self._pieces[part] = _cut_block(block, spans, start, end)
        return piece

    def _get_span_index(self, number: int, cuts: Sequence[int]) -> _SpanIndex:
        index = self._span_indexes.get(number)
        if index is None:
            longest = max(end - start for start, end in pairwise(cuts))
            spans = self._document.blocks[number].spans
            index = self._span_indexes[number] = _SpanIndex(spans, longest)
        return index
