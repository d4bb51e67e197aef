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


def repeats(source: str, quote: str) -> bool:
    """Tell whether `source` has the words of `quote` outside any block quote as well."""
    words = _MARKUP.sub("", quote).split()
    if len(words) not in _PULL_WORDS or len(source) > _LONGEST_SOURCE:
        return False
    again = re.compile(r"[\s*_\"“”]+".join(map(re.escape, words)))
    return any(not _is_quoted(source, match.start()) for match in again.finditer(source))


def _is_quoted(source: str, at: int) -> bool:
    return source.startswith(">", source.rfind("\n", 0, at) + 1)
