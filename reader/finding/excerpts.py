"""Find the words of a query again in the text of a story: the place, and a line around it.

What an engine returns is only an id. The words are found here as the search of the page does, in
the document that the page shows, so that the place is one that can be opened.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.errors import UnreadableFile
from reader.library.story import load_text
from reader.text.cells import sanitize
from reader.text.document import Block, Kind, Place
from reader.text.search import Match, find_matches, fold_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from reader.fulltext.query import Words
    from reader.library.story import Story
    from reader.library.text_cache import TextCache

LINE_CHARACTERS: Final = 160
"""Characters of an excerpt."""
_BEFORE: Final = 3
"""The part of these that is before the first match: one in so many."""


class Excerpt(NamedTuple):
    """Where the words of a query are in a text, and a line around them."""

    place: Place = Place()
    text: str = ""
    """The line; empty if the words are in the title, or not found again."""
    ranges: Sequence[tuple[int, int]] = ()
    """Where the words are in the line, from first to last character."""


def find_excerpt(
    story: Story,
    words: Sequence[Words],
    text_cache: TextCache,
    length: int = LINE_CHARACTERS,
    must_stop: Callable[[], bool] = lambda: False,
) -> Excerpt:
    """Return where the most of `words` are in one block of the text, the first such block.

    Parses the text until a block has all of them, or `must_stop`, which is called for each block,
    returns true. Empty if the text has none of them.
    """
    best, most = Excerpt(), 0
    if not words:
        return best
    try:
        for number, block in _iter_blocks(story, text_cache):
            found = [_find_in_block(block, each) for each in words]
            count = sum(map(bool, found))
            if count > most:
                ranges = sorted(each for part in found for each in part)
                first = _find_best(found, length)
                best, most = _cut_line(block.text, number, ranges, length, first), count
            if most == len(words) or must_stop():
                break
    except UnreadableFile:
        return best
    return best


def find_start(story: Story, text_cache: TextCache, length: int = LINE_CHARACTERS) -> Excerpt:
    """Return the beginning of the text, for a story whose text has none of the words."""
    try:
        for number, block in _iter_blocks(story, text_cache):
            if block.kind is Kind.PARAGRAPH and block.text.strip():
                return _cut_line(block.text, number, [(0, 0)], length)._replace(place=Place())
    except UnreadableFile:
        pass
    return Excerpt()


@dataclass(frozen=True)
class WordsQuery:
    """Finds where any of the words of a query are, as a search of the page does."""

    words: tuple[Words, ...]

    def __call__(self, blocks: Sequence[Block], first: int) -> Iterator[Match]:
        """Yield the matches in blocks, in order; `first` is the first block's number.

        Of matches that overlap, the first one is yielded.
        """
        for number, block in enumerate(blocks, first):
            end = 0
            for low, high in list_ranges(block, self.words):
                if low >= end:
                    yield Match(Place(number, low), high)
                    end = high


def list_ranges(block: Block, words: Sequence[Words]) -> list[tuple[int, int]]:
    """Return where any of `words` are in a block, from first to last character, in order."""
    return sorted(each for one in words for each in _find_in_block(block, one))


def list_title_ranges(title: str, words: Sequence[Words]) -> list[tuple[int, int]]:
    """Return where any of `words` are in a title."""
    return list_ranges(Block(Kind.TITLE, title), words)


def _iter_blocks(story: Story, text_cache: TextCache) -> Iterable[tuple[int, Block]]:
    """Yield the blocks of a text with their numbers; footnotes come last, as in a document."""
    number = 0
    for piece in load_text(story, text_cache).slices:
        for block in piece.blocks:
            yield number, block
            number += 1
        if piece.is_last:
            for block in piece.footnotes:
                yield number, block
                number += 1


def _find_in_block(block: Block, words: Words) -> list[tuple[int, int]]:
    """Return where the words are in a block as whole words, the last one as a beginning."""
    text, found = block.text, []
    for match in find_matches([block], fold_text(words.text)):
        start, end = match.start.offset, match.end_offset
        is_start = not _is_inside_word(text, start)
        if is_start and (words.is_prefix or not _is_inside_word(text, end)):
            found.append((start, end))
    return found


def _is_inside_word(text: str, offset: int) -> bool:
    """Return whether a word goes on at `offset`; scripts without spaces have no words."""
    around = text[max(0, offset - 1) : offset + 1]
    is_spaced = all(
        character < "\u0e00" or "\u1200" <= character < "\u1780" for character in around
    )
    return len(around) == 2 and around.isalnum() and is_spaced


def _find_best(found: Sequence[Sequence[tuple[int, int]]], length: int) -> int:
    """Return the character from which on the most words are near each other in a block.

    `found` has the places of each word. Near is what fits in an excerpt of `length` characters.
    """
    places = sorted((*place, number) for number, part in enumerate(found) for place in part)
    span = length - length // _BEFORE
    counts, best, first, end = [0] * len(found), 0, 0, 0
    for index, (low, _, number) in enumerate(places):
        end = max(end, index)
        while end < len(places) and (places[end][1] - low <= span or end == index):
            counts[places[end][2]] += 1
            end += 1
        near = len(found) - counts.count(0)
        if near > best:
            best, first = near, low
        counts[number] -= 1
    return first


def _cut_line(
    text: str, block: int, ranges: Sequence[tuple[int, int]], length: int, first: int = 0
) -> Excerpt:
    """Return the excerpt of `length` characters of a block's text around the range at `first`."""
    start = max(0, min(first - length // _BEFORE, len(text) - length))
    end = min(len(text), start + length)
    if start:
        start = min(first, text.find(" ", start) + 1 or start)
    if end < len(text):
        shown = next(high for low, high in ranges if low == first)
        end = max(shown, text.rfind(" ", start, end) if " " in text[start:end] else end)
    before, after = "… " if start else "", " …" if end < len(text) else ""
    pieces, marks, position = [before], [], start
    size = len(before)
    for low, high in ranges:
        if low < position or high > end:
            continue
        for part, is_match in ((text[position:low], False), (text[low:high], True)):
            clean = _clean(part)
            if is_match:
                marks.append((size, size + len(clean)))
            pieces.append(clean)
            size += len(clean)
        position = high
    line = "".join((*pieces, _clean(text[position:end]), after))
    return Excerpt(Place(block, first), line, tuple(marks))


def _clean(text: str) -> str:
    """Return `text` as a part of one line: each white space character becomes a space."""
    return "".join(" " if character.isspace() else character for character in sanitize(text))
