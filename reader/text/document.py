"""A parsed story: its blocks of text, the places in it, and its words.

Words are the unit of minutes, progress and reading credit. This module knows nothing of
Markdown or of lines on the screen.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from enum import Enum, Flag, auto
from itertools import accumulate
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.text.digests import compute_digest
from reader.text.words import find_word_starts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence


LANGUAGE: Final = "en_US"
"""The language assumed for a story that names none. It decides the hyphenation rules."""
SUPERSCRIPTS: Final = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


class Kind(Enum):
    """What a block is. The first ones belong to a story's head and end, the others to its text."""

    KICKER = auto()
    TITLE = auto()
    DECK = auto()
    BYLINE = auto()
    CREDIT = auto()
    END = auto()
    PARAGRAPH = auto()
    HEADING = auto()
    ATTRIBUTION = auto()
    VERSE = auto()
    CODE = auto()
    TABLE = auto()
    BREAK = auto()
    PLACEHOLDER = auto()


class Role(Flag):
    """What a range of text is, which decides how it looks. Roles combine."""

    PLAIN = 0
    EMPHASIS = auto()
    STRONG = auto()
    CODE = auto()
    STRIKE = auto()
    LINK = auto()
    FOOTNOTE = auto()
    """The number of a footnote."""
    DIM = auto()
    """Text about the text: byline, credit, attribution, placeholders."""
    MARKER = auto()
    """A bullet, a numeral, a check mark, the bar of a quote."""
    HEADING = auto()
    TITLE = auto()
    ACCENT = auto()
    """A pull quote, the kicker, a callout's name."""
    MATCH = auto()
    """A match of a search."""
    KEYWORD = auto()
    """A keyword of a programming language. The next four are for code too."""
    STRING = auto()
    COMMENT = auto()
    NUMBER = auto()
    NAME = auto()
    """A name where it is defined: a function, a class, a tag."""
    CURRENT = auto()
    """The current one of several matches or links."""
    SELECTED = auto()
    """The reader's selection."""
    HIGHLIGHT = auto()
    """A highlight of the reader."""


class Container(Enum):
    """What a block is nested in."""

    LIST_ITEM = auto()
    BLOCK_QUOTE = auto()
    PULL_QUOTE = auto()
    DEFINITION = auto()
    CALLOUT = auto()


class OffsetRange(NamedTuple):
    """The characters from offset `start` up to `end` of one text."""

    start: int
    end: int


class Span(NamedTuple):
    """The role of the characters from offset `start` up to `end` of a block's text."""

    start: int
    end: int
    role: Role
    target: str = ""
    """The destination of a link as written, or the number of a footnote."""


class NestingLevel(NamedTuple):
    """One level of a block's nesting."""

    container: Container
    label: str = ""
    """The bullet or numeral of a list item."""
    label_cells: int = 0
    """Cells for the widest label of the list, so that numerals align at the right."""
    is_first: bool = False
    """This block is the first of its container: the label is shown before it."""


class TableColumns(NamedTuple):
    """What fitting a table needs: one entry a column, widths in cells."""

    alignments: tuple[str, ...]
    natural_widths: tuple[int, ...]
    """The width of the widest cell."""
    min_widths: tuple[int, ...]
    """The width of the widest word."""
    header_cells: tuple[str, ...] = ()
    """The text of each header cell."""
    has_header: bool = False
    """The first row of this block is the header."""
    continues_row: bool = False
    """The block is a piece of a table that begins inside a row."""


class Block(NamedTuple):
    """One piece of text with its spans and its nesting.

    The text of verse and code has newlines at its line ends. The text of a table has a tab
    between cells and a newline between rows.
    """

    kind: Kind
    text: str
    spans: tuple[Span, ...] = ()
    nesting: tuple[NestingLevel, ...] = ()
    """Outermost first."""
    heading_level: int = 0
    """The level of a heading, 1 to 6."""
    language: str = ""
    """The programming language of a code block."""
    tight: bool = False
    """No blank line separates this block from the one before."""
    words: int = 0
    """How many words of this block count as the story's."""
    columns: TableColumns | None = None


LARGE_CHARACTERS: Final = 20_000
LARGE_SPANS: Final = 1_000
LARGE_CELLS: Final = 2_000
"""A block with more of any of them takes longer than a frame to set in one piece."""


def is_large(block: Block) -> bool:
    """Return whether a block takes longer than a frame to set."""
    text, spans = block.text, block.spans
    if len(text) > LARGE_CHARACTERS or len(spans) > LARGE_SPANS:
        return True
    return block.kind is Kind.TABLE and text.count("\t") + text.count("\n") > LARGE_CELLS


class BlockFacts(NamedTuple):
    """What a document has to know of blocks: it need not have them all."""

    characters: Sequence[int]
    """The length of the text of each block."""
    words: Sequence[int]
    headings: Sequence[int]
    """The numbers of the blocks that are headings."""
    targets: Sequence[int]
    """The numbers of those that have a link, a footnote number or a picture."""
    large: Sequence[int]
    """The numbers of those that are large."""


def describe_blocks(blocks: Sequence[Block], first: int = 0) -> BlockFacts:
    """Return the facts of `blocks`, which are numbered from `first` on."""
    return BlockFacts(
        [len(block.text) for block in blocks],
        [block.words for block in blocks],
        [n for n, b in enumerate(blocks, first) if b.kind is Kind.HEADING],
        [n for n, b in enumerate(blocks, first) if b.spans and any(s.target for s in b.spans)],
        [n for n, b in enumerate(blocks, first) if is_large(b)],
    )


class Slice(NamedTuple):
    """The next blocks of a story that is parsed in parts."""

    blocks: tuple[Block, ...]
    footnotes: tuple[Block, ...] = ()
    """The footnotes of the whole text, only in the last slice."""
    is_last: bool = False
    source_end: int = 0
    """The offset in the source where the next slice starts; 0 if it isn't known."""


class Place(NamedTuple):
    """A position in the text that doesn't depend on the width: a block and an offset in it.

    Numbers after the last block of the text are the blocks of the footnotes. Searches and
    selections may have places there; the reading position never has.
    """

    block: int = 0
    offset: int = 0


class Anchor(NamedTuple):
    """A place with what is needed to find it again in an edited text."""

    place: Place
    fingerprint: str
    """Of the block's text, by `fingerprint_text`."""
    excerpt: str
    """The text that follows the place."""


class MovedBlock(NamedTuple):
    """Where a block of an older text is in a newer one, judged by its neighbours."""

    block: int
    is_gone: bool = False
    """The block is gone. `block` is the one in its place or before it, or -1 if there is none."""


def fingerprint_text(text: str) -> str:
    """Return twelve hexadecimal digits that identify the text of a block."""
    return compute_digest(text.encode("utf-8", "replace"), 6)


class Document:
    """A parsed story: its blocks in order. It grows only at its end, while the rest is parsed."""

    __slots__ = (
        "_character_sums",
        "_long_word_starts",
        "_own_blocks",
        "_word_starts_cache",
        "_word_sums",
        "blocks",
        "footnotes",
        "heading_blocks",
        "is_complete",
        "large_blocks",
        "read_next",
        "target_blocks",
    )

    def __init__(self) -> None:
        self._own_blocks: list[Block] = []
        self.blocks: Sequence[Block] = self._own_blocks
        """Those of a cached text may be read only when they are requested."""
        self.read_next: Callable[[], Sequence[Block] | None] | None = None
        """Reads some blocks that nothing has requested yet, and returns them; None if all are
        read. For a worker. None if the document has all its blocks."""
        self.footnotes: list[Block] = []
        """Empty until the text is complete."""
        self.is_complete = False
        self._word_sums = [0]
        """How many words come before each block, and last how many there are."""
        self._character_sums = [0]
        """The same of characters."""
        self.heading_blocks: list[int] = []
        """The numbers of the blocks that are headings; searching all blocks would be slow."""
        self.target_blocks: list[int] = []
        """The numbers of the blocks that have a link, a footnote number or a picture."""
        self.large_blocks: list[int] = []
        """The numbers of the blocks that take long to set."""
        self._long_word_starts: dict[int, Sequence[int]] = {}
        """The word starts of blocks that `add_word_starts` was given."""
        self._word_starts_cache: tuple[int, list[int]] = (-1, [])
        """A block and its word starts: the same long block is requested many times."""

    def extend(self, blocks: Sequence[Block]) -> None:
        """Append `blocks`."""
        self._add_facts(describe_blocks(blocks, len(self._own_blocks)))
        self._own_blocks.extend(blocks)

    def show_stored(
        self,
        blocks: Sequence[Block],
        facts: BlockFacts,
        read_next: Callable[[], Sequence[Block] | None],
    ) -> None:
        """Have all blocks of a cached text, of which these facts are known, and no others.

        They are read when they are requested; `read_next` reads others of them.
        """
        self._word_sums, self._character_sums = [0], [0]
        self.heading_blocks, self.target_blocks, self.large_blocks = [], [], []
        self._add_facts(facts)
        self.blocks, self.read_next = blocks, read_next

    def _add_facts(self, facts: BlockFacts) -> None:
        self._word_sums.extend(accumulate(facts.words, initial=self._word_sums.pop()))
        self._character_sums.extend(
            accumulate(facts.characters, initial=self._character_sums.pop())
        )
        self.heading_blocks += facts.headings
        self.target_blocks += facts.targets
        self.large_blocks += facts.large

    def add_word_starts(self, starts: Iterable[tuple[int, Sequence[int]]]) -> None:
        """Keep the word starts of long blocks, by their numbers: a worker found them."""
        self._long_word_starts.update(starts)

    def finish(self, footnotes: Iterable[Block]) -> None:
        """Append the footnotes and mark the text as complete."""
        self.footnotes.extend(footnotes)
        self.is_complete = True

    @property
    def words(self) -> int:
        """The number of words so far."""
        return self._word_sums[-1]

    @property
    def characters(self) -> int:
        """The number of characters so far."""
        return self._character_sums[-1]

    @property
    def end(self) -> Place:
        """The place after the last character of the text, footnotes excluded."""
        if not self.blocks:
            return Place()
        return Place(len(self.blocks) - 1, len(self.blocks[-1].text))

    @property
    def last_block(self) -> int:
        """The number of the last block, footnotes included; -1 if there is none."""
        return len(self.blocks) + len(self.footnotes) - 1

    def get_block(self, index: int) -> Block:
        """Return a block by its number; numbers after the last block are those of footnotes."""
        blocks = self.blocks
        return blocks[index] if index < len(blocks) else self.footnotes[index - len(blocks)]

    def get_block_end(self, index: int) -> Place:
        """Return the place after a block's last character; the beginning for an unknown number."""
        if not 0 <= index <= self.last_block:
            return Place()
        return Place(index, len(self.get_block(index).text))

    def clamp(self, place: Place) -> Place:
        """Return `place` if it is in the text, else the nearest place that is."""
        if not self.blocks or place.block < 0:
            return Place()
        if place.block >= len(self.blocks):
            return self.end
        return Place(place.block, max(0, min(place.offset, len(self.blocks[place.block].text))))

    def count_characters_before(self, place: Place) -> int:
        """Return how many characters of the text are before `place`."""
        place = self.clamp(place)
        return self._character_sums[place.block] + place.offset

    def count_words_before(self, place: Place) -> int:
        """Return how many words of the text start before `place`."""
        place = self.clamp(place)
        if not self.blocks:
            return 0
        before, block = self._word_sums[place.block], self.blocks[place.block]
        if not block.words or not place.offset:
            return before
        starts = self._find_word_starts(place.block)
        return before + min(block.words, bisect_left(starts, place.offset))

    def _find_word_starts(self, index: int) -> Sequence[int]:
        """Return the offsets of the words of a block. Those of the last block are cached."""
        if index in self._long_word_starts:
            return self._long_word_starts[index]
        if self._word_starts_cache[0] != index:
            self._word_starts_cache = (index, find_word_starts(self.blocks[index].text))
        return self._word_starts_cache[1]

    def word_to_place(self, number: int) -> Place:
        """Return the start of a word by its number from 0; the end for a number too large."""
        index = bisect_right(self._word_sums, number) - 1
        if not 0 <= index < len(self.blocks):
            return Place() if number < 0 else self.end
        starts = self._find_word_starts(index)
        number_in_block = number - self._word_sums[index]
        return Place(index, starts[number_in_block] if number_in_block < len(starts) else 0)

    def character_to_block(self, character: int) -> int:
        """Return the number of the block that holds a character, clamped to the text."""
        return max(0, min(bisect_right(self._character_sums, character) - 1, len(self.blocks) - 1))

    def find_heading_at(self, place: Place) -> Block | None:
        """Return the heading of the section that `place` is in, None before the first."""
        index = self.find_heading_before(place.block)
        return self.blocks[index] if index is not None else None

    def find_heading_before(self, block: int) -> int | None:
        """Return the number of the last heading up to and including `block`, None without one."""
        number = bisect_right(self.heading_blocks, block)
        return self.heading_blocks[number - 1] if number else None
