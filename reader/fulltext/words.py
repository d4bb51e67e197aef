"""The words of a text and of a query, as engines compare them.

Letters are folded as in a search of one text (`text.search.fold_letters`). Words end at everything
that is no letter, digit or mark. Scripts without spaces between words are cut into pieces of three
characters, one at each character, so that any part of a run is found.
"""

from __future__ import annotations

import re
from functools import cache
from operator import itemgetter
from typing import TYPE_CHECKING, Final, NamedTuple
from unicodedata import category, normalize

from reader.text.search import fold_letters

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reader.fulltext import IndexedText

_UNSPACED: Final = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3100-\u312f\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U000323af"
)
"""Chinese, Japanese and Korean, Thai, Lao, Burmese and Khmer, for a character class. Korean has
spaces, but joins particles to its words."""
_ASCII_SEPARATORS: Final = str.maketrans(
    {chr(code): " " for code in range(0x80) if not chr(code).isalnum()}
)
_PIECE: Final = 3
"""Characters of a piece."""
MAX_SHORT_BEGINNING: Final = 3
"""Letters of a beginning that so many words may have that collecting them takes long."""
_CUTS: Final = [itemgetter(slice(size)) for size in range(MAX_SHORT_BEGINNING + 1)]
"""By size: what returns the first letters of a word, in a third of the time of an expression."""


class TextWords(NamedTuple):
    """The words of a text that is to be searched, with white space between them."""

    id: str
    version: str
    title: str
    about: str
    body: str
    beginnings: str
    """The short beginnings of all of them, once each."""


def take_words(text: IndexedText) -> TextWords:
    """Return the words of a text. Takes most of the time that an engine needs to put it."""
    title, about, body = map(_separate_words, text[2:])
    beginnings = " ".join(list_beginnings(f"{title} {about} {body}".split()))
    return TextWords(text.id, text.version, title, about, body, beginnings)


def list_words(text: str) -> list[str]:
    """Return the words of `text` in order, with a piece for each character of unspaced scripts."""
    return _separate_words(text).split()


def _separate_words(text: str) -> str:
    """Return those words with white space between them."""
    folded = _fold(text)
    if not folded.isascii() and _compile_unspaced().search(folded):
        folded = _compile_unspaced().sub(_cut_run, folded)
    return folded


def _fold(text: str) -> str:
    """Return the words of `text` folded, with white space between them."""
    folded = fold_letters(text)
    if folded.isascii():
        return folded.translate(_ASCII_SEPARATORS)
    folded = normalize("NFC", folded)  # folding takes Korean syllables apart
    for character in {*folded}:
        if not is_part_of_word(character):
            folded = folded.replace(character, " ")
    return folded


@cache
def is_part_of_word(character: str) -> bool:
    """Return whether a character is a letter, a digit or a mark."""
    return category(character)[0] in "LNM"


@cache
def _compile_unspaced() -> re.Pattern[str]:
    # Compiled on first use: large ranges take a millisecond.
    return re.compile(f"[{_UNSPACED}]+")


def is_short_beginning(beginning: str) -> bool:
    """Return whether so many words may begin so that to collect them takes long."""
    return len(beginning) <= MAX_SHORT_BEGINNING and not _compile_unspaced().match(beginning)


def list_beginnings(words: Iterable[str]) -> set[str]:
    """Return the short beginnings of `words`, as of `list_words`."""
    found = set[str]()
    shorter: Iterable[str] = words
    for size in range(MAX_SHORT_BEGINNING, 0, -1):  # many words share a beginning
        shorter = set(map(_CUTS[size], shorter))
        found |= shorter
    unspaced = {c for c in shorter if not c.isascii() and _compile_unspaced().match(c)}
    return {each for each in found if each[0] not in unspaced} if unspaced else found


def _cut_run(match: re.Match[str]) -> str:
    run = match[0]
    pieces = [run[start : start + _PIECE] for start in range(len(run))]
    return f" {' '.join(pieces)} "


def list_query_words(text: str) -> tuple[list[str], bool]:
    """Return the words that a text must have in a row, and whether the last may go on.

    A run of an unspaced script at the end may go on in the text, whatever its length is.
    """
    folded = _fold(text)
    last_word = folded.split()[-1:]
    runs = [] if folded.isascii() else [*_compile_unspaced().finditer("".join(last_word))]
    if not runs or runs[-1].end() < len(last_word[0]):
        return list_words(text), False
    run = runs[-1][0]
    pieces = [run[start : start + _PIECE] for start in range(max(1, len(run) - _PIECE + 1))]
    before = folded[: folded.rindex(run)]
    return [*list_words(before), *pieces], True
