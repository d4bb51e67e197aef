"""What a quotation says about itself: who is quoted, and whether it repeats the text.

A pull quote says again what the body says; it is accented, not counted and not found
twice. Works on source text; knows no tokens.
"""

from __future__ import annotations

import re
from typing import Final

DASHED: Final = re.compile(r"\s*(?:—|–|--)\s*(?=\S)")
LONGEST_ATTRIBUTION: Final = 160
"""Characters. A longer last line that begins with a dash is speech."""
_PULL_WORDS: Final = range(4, 61)
_LONGEST_SOURCE: Final = 300_000
"""Characters. Longer texts are books, without pull quotes worth a search each."""
_MARKUP: Final = re.compile(r"[*_\"“”]")
_QUOTED: Final = "\0"
"""Stands for a line of a block quote: no words run on across it."""


class Repeats:
    """Finds out what quotations a text repeats. Asked for many, it reads the text once."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._body: str | None = None

    def has(self, quote: str) -> bool:
        """Tell whether the text has the words of `quote` outside any block quote as well."""
        words = _words(quote)
        if len(words) not in _PULL_WORDS or len(self._source) > _LONGEST_SOURCE:
            return False
        if self._body is None:
            lines = self._source.split("\n")
            body = (_QUOTED if line.startswith(">") else line for line in lines)
            self._body = " ".join(_words("\n".join(body)))
        return " ".join(words) in self._body


def _words(source: str) -> list[str]:
    return _MARKUP.sub("", source).split()
