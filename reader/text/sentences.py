"""Find the sentences of a text, near a place, in a time that doesn't depend on its length."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

from reader.text.document import Kind, OffsetRange, Place
from reader.text.places import Passage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reader.text.document import Block, Document


_NON_PROSE: Final = frozenset(
    {Kind.CODE, Kind.TABLE, Kind.HEADING, Kind.ATTRIBUTION, Kind.PLACEHOLDER}
)
"""Kinds of blocks that are not split into sentences: each is one."""
_NON_SPACE: Final = re.compile(r"\S")

# The patterns below are compiled on first use: together they take more than 1 ms.


@cache
def _compile_sentence_end() -> re.Pattern[str]:
    """Match a mark that may end a sentence, with the quotes, brackets and footnote after it."""
    return re.compile(
        r"(?<![.!?…])[.!?…]++[\"'”’»›)\]}]*+[⁰¹²³⁴⁵⁶⁷⁸⁹]*+(?=\s)|[。！？]++[」』”’）》〉】]*+|[।؟۔]"
    )


@cache
def _compile_end_mark() -> re.Pattern[str]:
    """Match the first character of such a mark: it is found ten times as fast."""
    return re.compile("[.!?…。！？।؟۔]")


@cache
def _compile_marks() -> re.Pattern[str]:
    """Match a row of marks after which a sentence ends only before white space."""
    return re.compile("[.!?…]+")


@cache
def _compile_continuation() -> re.Pattern[str]:
    """Match text after which the sentence goes on: a small letter, as in `“Well!” he said`."""
    return re.compile(r"\s*[^\W\d_A-ZÀ-ÖØ-Þ]|\s*[—–,;:]")


@cache
def _compile_abbreviation() -> re.Pattern[str]:
    """Match an initial, abbreviation or ordinal whose full stop ends no sentence."""
    return re.compile(
        r"(?:\b(?:[A-Z]|Mrs?|Ms|Messrs|Mme|Dr|Prof|Rev|Hon|St|Sr|Jr|Lt|Col|Gen|Capt|Sgt|vs|cf|viz|No|Nos|"
        r"Vol|vol|pp?|ch|fig|Fig|ed|eds|etc|e\.g|i\.e|ca?|approx|bzw|z\.B|d\.h|Nr|usw|M)|\d)\.\Z"
    )


@cache
def _compile_final_abbreviation() -> re.Pattern[str]:
    """Match an abbreviation or number that does end a sentence when a capital follows."""
    return re.compile(r"(?:\betc|\busw|\d)\.\Z")


def split_sentences(text: str, first: int = 0, last: int | None = None) -> list[OffsetRange]:
    """Return the sentences of `text[first:last]`, without the space between them."""
    last = len(text) if last is None else last
    sentences: list[OffsetRange] = []
    start = _skip_space(text, first)
    for end in _iterate_sentence_ends(text, first, last):
        if end > start:
            sentences.append(OffsetRange(start, end))
            start = _skip_space(text, end)
    end = first + len(text[first:last].rstrip())
    if start < end:
        sentences.append(OffsetRange(start, end))
    return sentences


def _iterate_sentence_ends(text: str, first: int, last: int) -> Iterator[int]:
    """Yield the offset after each sentence that ends in `text[first:last]`."""
    position = first
    while (mark := _compile_end_mark().search(text, position, last)) is not None:
        match = _compile_sentence_end().match(text, mark.start())
        position = match.end() if match else _skip_marks(text, mark.start())
        if match and position <= last and _is_sentence_end(text, match):
            yield position


def _skip_marks(text: str, offset: int) -> int:
    """Return the offset after the full stops, points and dots that begin at `offset`."""
    marks = _compile_marks().match(text, offset)
    return marks.end() if marks else offset + 1


def _is_sentence_end(text: str, match: re.Match[str]) -> bool:
    """Return whether the matched mark ends a sentence."""
    if match[0][0] not in "。！？।؟۔" and _compile_continuation().match(text, match.end()):
        return False
    before = text[max(0, match.start() - 11) : match.start() + 1]
    return not _compile_abbreviation().search(before) or bool(
        _compile_final_abbreviation().search(before)
    )


def _skip_space(text: str, offset: int) -> int:
    """Return the offset of the first character from `offset` on that is not white space."""
    match = _NON_SPACE.search(text, offset)
    return match.start() if match else len(text)


def find_sentence_at(document: Document, place: Place) -> Passage:
    """Return the sentence of the character after `place`, else the next one.

    After the last sentence of a text it is the last one. In a text without sentences the
    passage is empty.
    """
    if document.last_block >= 0:
        for sentence in _iterate_sentences(document.get_block(place.block), place.offset, 1):
            if place.offset < sentence.end:
                return _make_passage(place.block, sentence)
    return (
        find_adjacent_sentence(document, Place(place.block + 1), 1)
        or find_adjacent_sentence(document, place, -1)
        or Passage(place, place)
    )


def find_adjacent_sentence(document: Document, place: Place, direction: int) -> Passage | None:
    """Return the first sentence that starts at `place` or after it, None if there is none.

    With a `direction` of -1 it is the last sentence that ends at `place` or before it.
    """
    last = len(document.blocks) - 1
    indexes = range(place.block, last + 1) if direction > 0 else range(place.block, -1, -1)
    for index in indexes:
        if not 0 <= index <= last:
            continue
        block = document.blocks[index]
        is_here = index == place.block
        offset = place.offset if is_here else 0 if direction > 0 else len(block.text)
        for sentence in _iterate_sentences(block, offset, direction):
            if sentence.start >= offset if direction > 0 else sentence.end <= offset:
                return _make_passage(index, sentence)
    return None


PART_CHARACTERS: Final = 16_384
"""Sentences are searched for in so many characters at a time, which takes 2 to 6 ms. What has
no end in so many is cut: no sentence is that long."""


def _iterate_sentences(block: Block, offset: int, direction: int) -> Iterator[OffsetRange]:
    """Yield the sentences of a block forwards or backwards.

    The first one is at `offset` or a little before it in the direction.
    """
    if block.kind in _NON_PROSE:
        if block.text.strip():
            yield OffsetRange(0, len(block.text))
        return
    part, last = offset // PART_CHARACTERS, len(block.text) // PART_CHARACTERS
    # The sentences of a part begin in it, or, at its start, in the part before.
    parts = range(max(0, part - 1), last + 1) if direction > 0 else range(min(part, last), -1, -1)
    for number in parts:
        sentences = split_part(block.text, number)
        yield from sentences if direction > 0 else reversed(sentences)


@lru_cache(maxsize=8)
def split_part(text: str, number: int) -> tuple[OffsetRange, ...]:
    """Return the sentences of a part of `text`. It is asked for at each key."""
    first, last = find_part_start(text, number), find_part_start(text, number + 1)
    return tuple(split_sentences(text, first, last))


@lru_cache(maxsize=8)
def find_part_start(text: str, number: int) -> int:
    """Return where a part begins: behind the first sentence that ends in it."""
    start = number * PART_CHARACTERS
    end = start + PART_CHARACTERS
    if not number or start >= len(text):
        return min(start, len(text))
    # The rest of the text belongs to the part before it if no sentence ends in it.
    cut = len(text) if end >= len(text) else text.find(" ", start, end) + 1 or start
    return next(_iterate_sentence_ends(text, start, end), cut)


def _make_passage(block: int, sentence: OffsetRange) -> Passage:
    return Passage(Place(block, sentence.start), Place(block, sentence.end))
