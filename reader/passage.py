"""A passage: the text between two places, as one who retyped it would have it.

Without the layout's line breaks, bullets, bars and numerals; with the text's own lines.
Owns also where a word and a sentence begin and end, and which sentence is the next. Knows
no rows, and nobody who copies.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple
from unicodedata import category

from .document import Kind, Place

if TYPE_CHECKING:
    from .document import Block, Document

SECTION_BREAK: Final = "* * *"
"""What stands for a break between two sections."""
CELLS: Final = "  "
"""What stands between two cells of a table."""
_LINED: Final = frozenset({Kind.CODE, Kind.VERSE})
"""Kinds of blocks in which the spaces before a line are the text's."""
_WHOLE: Final = frozenset({Kind.CODE, Kind.TABLE, Kind.HEADING, Kind.ATTRIBUTION, Kind.STAND_IN})
"""Kinds of blocks that are no prose: what stands in one is no more than one sentence."""
_JOINERS: Final = frozenset("'’-‐‑.\u200d\u200c")
"""What joins letters to one word where it stands between them."""


class Passage(NamedTuple):
    """What stands from one place up to another."""

    first: Place
    behind: Place


def text_between(document: Document, first: Place, behind: Place) -> str:
    """Return the text from `first` up to `behind`; both may stand in the footnotes.

    Paragraphs are parted by a blank line, the items of a tight list by a line end. Space at
    both ends is left out, but for what a line of code or verse begins with.
    """
    parts: list[str] = []
    for index in range(first.block, min(behind.block, document.last) + 1):
        block = document.block(index)
        start = first.offset if index == first.block else 0
        end = behind.offset if index == behind.block else len(block.text)
        part = block.text[start:end]
        if block.kind is Kind.BREAK and first.block < index < behind.block:
            part = SECTION_BREAK
        elif block.kind is Kind.TABLE:
            part = part.replace("\t", CELLS)
        if part.strip():
            is_close = block.tight and index != len(document.blocks)
            parts += ["\n" if is_close else "\n\n", part]
    text = "".join(parts[1:])
    is_lined = text and document.block(first.block).kind in _LINED
    return text.rstrip().lstrip("\n") if is_lined else text.strip()


def word_round(document: Document, place: Place) -> Passage:
    """Return the word that the character behind `place` is of; where it is of none, that alone.

    Letters, digits and their marks, with apostrophes, hyphens and stops between them. Where
    no spaces part words, as in Chinese, it is all that stands between two other marks.
    """
    text, at = document.block(place.block).text, place.offset
    if at >= len(text) or not _is_of_word(text, at):
        return Passage(place, place._replace(offset=min(at + 1, len(text))))
    start, end = at, at + 1
    while start and _is_of_word(text, start - 1):
        start -= 1
    while end < len(text) and _is_of_word(text, end):
        end += 1
    return Passage(place._replace(offset=start), place._replace(offset=end))


def _is_of_word(text: str, at: int) -> bool:
    """Tell whether the character at `at` is a letter, or joins two of them."""
    joins = text[at] in _JOINERS and 0 < at < len(text) - 1
    return _is_letter(text[at]) or (joins and _is_letter(text[at - 1]) and _is_letter(text[at + 1]))


def _is_letter(character: str) -> bool:
    return category(character)[0] in "LNM" or character == "_"


def block_round(document: Document, place: Place) -> Passage:
    """Return the whole block that `place` is in."""
    return Passage(Place(place.block), document.end_of(place.block))


def sentence_round(document: Document, place: Place) -> Passage:
    """Return the sentence that the character behind `place` is of, or the one that follows.

    Behind the last sentence of a text it is that one; a text without any gives a passage
    that is empty.
    """
    here = _sentences(document.block(place.block)) if document.last >= 0 else ()
    for sentence in here:
        if place.offset < sentence[1]:
            return _in(place.block, sentence)
    after = sentence_beside(document, Place(place.block + 1), 1)
    return after or sentence_beside(document, place, -1) or Passage(place, place)


def sentence_beside(document: Document, place: Place, way: int) -> Passage | None:
    """Return the first sentence that begins at `place` or behind it; None where there is none.

    With a `way` of -1, the last one that ends there or before.
    """
    last = len(document.blocks) - 1
    for index in range(place.block, last + 1) if way > 0 else range(place.block, -1, -1):
        if not 0 <= index <= last:
            continue
        here = index == place.block
        found = [
            sentence
            for sentence in _sentences(document.blocks[index])
            if not here or (sentence[0] >= place.offset if way > 0 else sentence[1] <= place.offset)
        ]
        if found:
            return _in(index, found[0 if way > 0 else -1])
    return None


def blocks_round(document: Document, passage: Passage) -> Passage:
    """Return the whole of the blocks that `passage` is in."""
    last = passage.behind.block - (not passage.behind.offset and passage.behind > passage.first)
    return Passage(Place(passage.first.block), document.end_of(max(last, passage.first.block)))


def _sentences(block: Block) -> tuple[tuple[int, int], ...]:
    if block.kind in _WHOLE:
        return ((0, len(block.text)),) if block.text.strip() else ()
    return _sentences_of(block.text)


@lru_cache(maxsize=4)
def _sentences_of(text: str) -> tuple[tuple[int, int], ...]:
    """Return the sentences of `text`. One of a million letters is asked again with each key."""
    from .sentences import sentences  # its patterns take a millisecond that no first screen has

    return tuple(sentences(text))


def _in(block: int, sentence: tuple[int, int]) -> Passage:
    return Passage(Place(block, sentence[0]), Place(block, sentence[1]))
