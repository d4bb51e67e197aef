"""A parsed story: blocks of text, places in it, and its words.

A word is the unit of minutes, progress and reading credit. Knows nothing of Markdown or lines.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from enum import Enum, Flag, auto
from functools import cache
from itertools import accumulate
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


_WIDE_CHARACTERS: Final = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_NON_SPACE: Final = re.compile(r"\S+")
_NON_WORD: Final = re.compile(r"[\W_]+")
"""A run without a letter or digit, such as a dash that stands alone."""


def find_word_starts(text: str) -> list[int]:
    """Return the offsets in `text` (characters) where its words begin.

    A word is a run between white space with a letter or digit in it; in Chinese and
    Japanese two letters count as one.
    """
    runs = (_compile_mixed_word() if _has_wide_characters(text) else _NON_SPACE).finditer(text)
    return [match.start() for match in runs if not _NON_WORD.fullmatch(match[0])]


def count_words(text: str) -> int:
    """Return how many words `text` has."""
    if _has_wide_characters(text):
        return len(find_word_starts(text))
    runs = text.split()
    # Nearly every run begins with a letter: asking that first keeps a novel's count cheap.
    odd = [run for run in runs if not run[0].isalnum()]
    return len(runs) - sum(1 for run in odd if _NON_WORD.fullmatch(run))


def _has_wide_characters(text: str) -> bool:
    return not text.isascii() and _compile_wide_character().search(text) is not None


@cache
def _compile_wide_character() -> re.Pattern[str]:
    # Compiled when first asked for, as is the next: such ranges take milliseconds.
    return re.compile(f"[{_WIDE_CHARACTERS}]")


@cache
def _compile_mixed_word() -> re.Pattern[str]:
    return re.compile(f"[{_WIDE_CHARACTERS}]{{1,2}}|[^\\s{_WIDE_CHARACTERS}]+")


LANGUAGE: Final = "en_US"
"""The language assumed for a story that names none; decides hyphenation."""


class Kind(Enum):
    """What a block is. The first ones are of a story's head and end, the others of its text."""

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
    """What a stretch of text is, and so how it looks. Roles combine."""

    PLAIN = 0
    EMPHASIS = auto()
    STRONG = auto()
    CODE = auto()
    STRIKE = auto()
    LINK = auto()
    FOOTNOTE = auto()
    """A footnote's number."""
    DIM = auto()
    """Apparatus: byline, credit, attribution, what is said about the text."""
    MARKER = auto()
    """A bullet, a numeral, a check mark, the bar of a quote."""
    HEADING = auto()
    TITLE = auto()
    ACCENT = auto()
    """A pull quote, the kicker, a callout's name."""
    MATCH = auto()
    """What was found."""
    KEYWORD = auto()
    """A word of the programming language, in code; and so on for what follows."""
    STRING = auto()
    COMMENT = auto()
    NUMBER = auto()
    NAME = auto()
    """The name of what is made there: a function, a class, a tag."""
    CURRENT = auto()
    """The one of several that the reader is at: a match, a link."""
    SELECTED = auto()
    """What the reader has selected."""
    HIGHLIGHT = auto()
    """What the reader has kept."""


class Container(Enum):
    """What kind of thing a block stands in."""

    LIST_ITEM = auto()
    BLOCK_QUOTE = auto()
    PULL_QUOTE = auto()
    DEFINITION = auto()
    CALLOUT = auto()


class Span(NamedTuple):
    """A stretch `start`..`end` (characters) of a block's text with a role."""

    start: int
    end: int
    role: Role
    target: str = ""
    """Where a link leads, or which footnote a number calls."""


def shift_spans(spans: tuple[Span, ...], by: int) -> tuple[Span, ...]:
    """Return `spans` shifted `by` characters, none beginning before 0."""
    return tuple(s._replace(start=max(0, s.start + by), end=s.end + by) for s in spans)


class NestingLevel(NamedTuple):
    """One step of a block's nesting, outermost first."""

    container: Container
    label: str = ""
    """The item's mark or numeral."""
    label_cells: int = 0
    """Room for the widest label of the list, so that numerals align right."""
    is_first: bool = False
    """This block is the level's first, the one that carries the label."""


class TableColumns(NamedTuple):
    """What a table needs to be fitted: one entry a column, widths in cells."""

    alignments: tuple[str, ...]
    natural_widths: tuple[int, ...]
    """The widest cell."""
    min_widths: tuple[int, ...]
    """The widest word."""
    header_cells: tuple[str, ...] = ()
    """The header's cells."""
    has_header: bool = False
    """The first row of this block is the header."""


class Block(NamedTuple):
    """One piece of text with spans and its nesting.

    A verse or code keeps its line breaks as newlines; a table's text has a tab between
    cells and a newline between rows.
    """

    kind: Kind
    text: str
    spans: tuple[Span, ...] = ()
    nesting: tuple[NestingLevel, ...] = ()
    heading_level: int = 0
    """A heading's level, 1 to 6."""
    language: str = ""
    """A code block's language."""
    tight: bool = False
    """Follows the block before without a blank line."""
    words: int = 0
    """How many words count as the story's."""
    columns: TableColumns | None = None


class Slice(NamedTuple):
    """The next blocks of a text; `notes`, its footnotes, come with the last slice."""

    blocks: tuple[Block, ...]
    footnotes: tuple[Block, ...] = ()
    is_last: bool = False


class Place(NamedTuple):
    """A position in the text that survives any change of width.

    A block's number behind the last one is a block of the footnotes. There the reader may
    find and select something, but never is.
    """

    block: int = 0
    offset: int = 0


class Anchor(NamedTuple):
    """A place with what is needed to find it again in an edited text."""

    place: Place
    fingerprint: str
    excerpt: str


class MovedBlock(NamedTuple):
    """Where a block of an older text is in a newer one, by what stands around it."""

    block: int
    is_gone: bool = False
    """It isn't there; `block` is what stands in its place, or before it; -1 if nothing does."""


def fingerprint_text(text: str) -> str:
    """Return twelve hexadecimal digits that tell one block's text from another's."""
    from hashlib import blake2b  # it loads OpenSSL, which a first screen rarely needs

    return blake2b(text.encode("utf-8", "replace"), digest_size=6).hexdigest()


@dataclass(slots=True)
class Document:
    """A parsed story: blocks in order, growing only at its end while the rest is parsed."""

    blocks: list[Block] = field(default_factory=list)
    footnotes: list[Block] = field(default_factory=list)
    """The footnotes, known when the text is complete."""
    is_complete: bool = False
    _word_sums: list[int] = field(default_factory=lambda: [0])
    _character_sums: list[int] = field(default_factory=lambda: [0])
    _heading_blocks: list[int] = field(default_factory=list)
    """The blocks that are headings: a text of 100,000 paragraphs may have none."""
    _word_starts_cache: tuple[int, list[int]] = field(default_factory=lambda: (-1, []))
    """The block last asked for words, and where they begin: a long one is asked again soon."""

    def extend(self, blocks: Sequence[Block]) -> None:
        """Append `blocks`."""
        self._word_sums.extend(accumulate((b.words for b in blocks), initial=self._word_sums.pop()))
        self._character_sums.extend(
            accumulate((len(b.text) for b in blocks), initial=self._character_sums.pop())
        )
        first = len(self.blocks)
        self._heading_blocks += [n for n, b in enumerate(blocks, first) if b.kind is Kind.HEADING]
        self.blocks.extend(blocks)

    def finish(self, footnotes: Iterable[Block]) -> None:
        """Say that there is no more text, and what the footnotes are."""
        self.footnotes.extend(footnotes)
        self.is_complete = True

    @property
    def words(self) -> int:
        """How many words there are so far."""
        return self._word_sums[-1]

    @property
    def characters(self) -> int:
        """How many characters there are so far."""
        return self._character_sums[-1]

    @property
    def end(self) -> Place:
        """The place behind the last character."""
        if not self.blocks:
            return Place()
        return Place(len(self.blocks) - 1, len(self.blocks[-1].text))

    def get_block(self, index: int) -> Block:
        """Return the block of that number; behind the text's last one, one of the footnotes'."""
        blocks = self.blocks
        return blocks[index] if index < len(blocks) else self.footnotes[index - len(blocks)]

    @property
    def last_block(self) -> int:
        """The number of the last block, footnotes included; -1 where there is none."""
        return len(self.blocks) + len(self.footnotes) - 1

    def get_block_end(self, index: int) -> Place:
        """Return the place behind a block's last character; the beginning, if there is no such."""
        if not 0 <= index <= self.last_block:
            return Place()
        return Place(index, len(self.get_block(index).text))

    def clamp(self, place: Place) -> Place:
        """Return `place`, or the nearest place there is."""
        if not self.blocks or place.block < 0:
            return Place()
        if place.block >= len(self.blocks):
            return self.end
        return Place(place.block, max(0, min(place.offset, len(self.blocks[place.block].text))))

    def count_characters_before(self, place: Place) -> int:
        """Return how many characters of the text come before `place`."""
        place = self.clamp(place)
        return self._character_sums[place.block] + place.offset

    def count_words_before(self, place: Place) -> int:
        """Return how many words of the text begin before `place`."""
        place = self.clamp(place)
        if not self.blocks:
            return 0
        before, block = self._word_sums[place.block], self.blocks[place.block]
        if not block.words or not place.offset:
            return before
        if self._word_starts_cache[0] != place.block:
            self._word_starts_cache = (place.block, find_word_starts(block.text))
        return before + min(block.words, bisect_left(self._word_starts_cache[1], place.offset))

    def word_to_place(self, number: int) -> Place:
        """Return where the word of that number begins, the first being 0; behind the last, the end."""
        index = bisect_right(self._word_sums, number) - 1
        if not 0 <= index < len(self.blocks):
            return Place() if number < 0 else self.end
        starts = find_word_starts(self.blocks[index].text)
        within = number - self._word_sums[index]
        return Place(index, starts[within] if within < len(starts) else 0)

    def find_heading_at(self, place: Place) -> Block | None:
        """Return the heading of the section that `place` is in."""
        index = self.find_heading_before(place.block)
        return self.blocks[index] if index is not None else None

    def find_heading_before(self, block: int) -> int | None:
        """Return which block is the last heading up to `block`, None if there is none."""
        at = bisect_right(self._heading_blocks, block)
        return self._heading_blocks[at - 1] if at else None

    def character_to_block(self, character: int) -> int:
        """Return the index of the block that holds the character of that number."""
        return max(0, min(bisect_right(self._character_sums, character) - 1, len(self.blocks) - 1))


SUPERSCRIPTS: Final = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def blank_placeholders(text: str, spans: Sequence[Span]) -> str:
    """Return `text` with blanks for what stands in it and is no text: pictures, leftovers."""
    pieces: list[str] = []
    at = 0
    for span in spans:
        if span.role is Role.DIM:
            pieces += (text[at : span.start], " " * (span.end - span.start))
            at = span.end
    return "".join((*pieces, text[at:])) if pieces else text
