"""The words of a text: where they start, and how many there are."""

from __future__ import annotations

import re
from array import array
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


WIDE_CHARACTERS: Final = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
"""Chinese and Japanese, written without spaces: a range for a character class."""
_NON_SPACE: Final = re.compile(r"\S+")
_NON_WORD: Final = re.compile(r"[\W_]+")
"""A run without a letter or digit, such as a dash between spaces."""


def find_word_starts(text: str) -> list[int]:
    """Return the offset in `text` of the start of each word.

    A word is a run between white space that has a letter or digit. In Chinese and Japanese
    two characters count as one word.
    """
    pattern = _compile_mixed_word() if _has_wide_characters(text) else _NON_SPACE
    return [
        m.start()
        for m in pattern.finditer(text)
        if text[m.start()].isalnum() or not _NON_WORD.fullmatch(m[0])
    ]


LONG_TEXT_CHARACTERS: Final = 50_000
"""Characters. Finding the words of a longer text takes milliseconds: `find_long_word_starts`."""


def find_long_word_starts(texts: Iterable[str]) -> list[tuple[int, Sequence[int]]]:
    """Return the number of each text that is long, counted from 0, with its word starts.

    For a worker: those of 3 MB take 0.3 seconds. They take four bytes a word.
    """
    return [
        (number, array("I", find_word_starts(text)))
        for number, text in enumerate(texts)
        if len(text) > LONG_TEXT_CHARACTERS
    ]


def count_words(text: str) -> int:
    """Return the number of words in `text`, as `find_word_starts` finds them."""
    if _has_wide_characters(text):
        return len(find_word_starts(text))
    runs = text.split()
    # Nearly every run starts with a letter. Checking that first makes counting a novel cheap.
    unclear = [run for run in runs if not run[0].isalnum()]
    return len(runs) - sum(1 for run in unclear if _NON_WORD.fullmatch(run))


def may_have_wide_characters(text: str) -> bool:
    """Return False if `text` has surely no Chinese, Japanese or Korean, such as prose in Latin.

    Patterns for these scripts are compiled when this is true: their ranges take milliseconds.
    """
    return not text.isascii() and _compile_beyond_latin().search(text) is not None


@cache
def _compile_beyond_latin() -> re.Pattern[str]:
    """Match Hangul letters (U+1100) and what comes after general punctuation."""
    return re.compile("[^\x00-\u10ff\u1200-\u206f]")


def _has_wide_characters(text: str) -> bool:
    return may_have_wide_characters(text) and _compile_wide_character().search(text) is not None


@cache
def _compile_wide_character() -> re.Pattern[str]:
    return re.compile(f"[{WIDE_CHARACTERS}]")


@cache
def _compile_mixed_word() -> re.Pattern[str]:
    return re.compile(f"[{WIDE_CHARACTERS}]{{1,2}}|[^\\s{WIDE_CHARACTERS}]+")
