"""A passage: the text between two places, as one who retyped it would have it.

Without the layout's line breaks, bullets, bars and numerals; with the text's own lines.
Owns also where a word begins and ends. Knows no rows, and nobody who copies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple
from unicodedata import category

from .document import Kind, Place

if TYPE_CHECKING:
    from .document import Document

SECTION_BREAK: Final = "* * *"
"""What stands for a break between two sections."""
CELLS: Final = "  "
"""What stands between two cells of a table."""
_LINED: Final = frozenset({Kind.CODE, Kind.VERSE})
"""Kinds of blocks in which the spaces before a line are the text's."""
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
