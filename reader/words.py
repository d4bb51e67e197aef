"""What a word is: the unit of minutes, progress and evidence."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

_WIDE_LETTER: Final = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_RUN: Final = re.compile(r"\S+")
_NO_WORD: Final = re.compile(r"[\W_]+")
"""A run without a letter or digit, such as a dash that stands alone."""


def word_starts(text: str) -> list[int]:
    """Return the offsets in `text` (characters) where its words begin.

    A word is a run between white space with a letter or digit in it; in Chinese and
    Japanese two letters count as one.
    """
    runs = (_mixed_run() if _is_mixed(text) else _RUN).finditer(text)
    return [match.start() for match in runs if not _NO_WORD.fullmatch(match[0])]


def count_words(text: str) -> int:
    """Return how many words `text` has."""
    if _is_mixed(text):
        return len(word_starts(text))
    runs = text.split()
    # Nearly every run begins with a letter: asking that first keeps a novel's count cheap.
    odd = [run for run in runs if not run[0].isalnum()]
    return len(runs) - sum(1 for run in odd if _NO_WORD.fullmatch(run))


def _is_mixed(text: str) -> bool:
    return not text.isascii() and _has_wide_letter().search(text) is not None


@cache
def _has_wide_letter() -> re.Pattern[str]:
    # Compiled when first asked for, as is the next: such ranges take milliseconds.
    return re.compile(f"[{_WIDE_LETTER}]")


@cache
def _mixed_run() -> re.Pattern[str]:
    return re.compile(f"[{_WIDE_LETTER}]{{1,2}}|[^\\s{_WIDE_LETTER}]+")
