"""Where sentences begin and end in a block's text.

Good for prose in the scripts of Europe and for Chinese and Japanese; where no mark ends a
sentence it is the whole text. A pure function of the text, with no dictionary but a list of
abbreviations.
"""

from __future__ import annotations

import re
from typing import Final

_END: Final = re.compile(
    # What ends a sentence, the quotes and brackets that close with it, a footnote's number,
    r"(?:[.!?…]+[\"'”’»›)\]}]*[⁰¹²³⁴⁵⁶⁷⁸⁹]*(?=\s)|[。！？]+[」』”’）》〉】]*|[।؟۔])"
)
_GOES_ON: Final = re.compile(r"\s*[^\W\d_A-ZÀ-ÖØ-Þ]|\s*[—–,;:]")
"""What follows a mark that ends no sentence: a small letter, as after `“Well!” he said`."""
_ABBREVIATED: Final = re.compile(
    r"(?:\b(?:[A-Z]|Mrs?|Ms|Messrs|Mme|Dr|Prof|Rev|Hon|St|Sr|Jr|Lt|Col|Gen|Capt|Sgt|vs|cf|viz|No|Nos|"
    r"Vol|vol|pp?|ch|fig|Fig|ed|eds|etc|e\.g|i\.e|ca?|approx|bzw|z\.B|d\.h|Nr|usw|M)|\d)\.\Z"
)
"""What a full stop belongs to that ends no sentence, if a capital follows; and initials."""
_NO_SPACE: Final = re.compile(r"\S")
_ALWAYS_ENDS: Final = re.compile(r"(?:\betc|\busw|\d)\.\Z")


def sentences(text: str) -> list[tuple[int, int]]:
    """Return the (start, end) offsets of the sentences of `text`, without the space between."""
    found: list[tuple[int, int]] = []
    start = _skip(text, 0)
    for match in _END.finditer(text):
        if match.end() <= start or not _ends(text, match):
            continue
        found.append((start, match.end()))
        start = _skip(text, match.end())
    end = len(text.rstrip())
    if start < end:
        found.append((start, end))
    return found


def sentence_at(text: str, offset: int) -> tuple[int, int]:
    """Return the sentence of `text` that the character at `offset` is in, or is before."""
    found = sentences(text)
    return next((s for s in found if offset < s[1]), found[-1] if found else (0, len(text)))


def _ends(text: str, match: re.Match[str]) -> bool:
    """Tell whether the mark that was matched ends a sentence."""
    if _GOES_ON.match(text, match.end()) and match[0][0] not in "。！？।؟۔":
        return False
    stop = text[max(0, match.start() - 11) : match.start() + 1]
    return not _ABBREVIATED.search(stop) or bool(_ALWAYS_ENDS.search(stop))


def _skip(text: str, at: int) -> int:
    """Return the offset of the next character that is no space."""
    match = _NO_SPACE.search(text, at)
    return match.start() if match else len(text)
