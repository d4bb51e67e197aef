"""From typed punctuation to the printed kind: quotes, dashes and ellipses.

Works on text alone, by what stands before and after a mark, so that an unpaired quote (a
speech that goes on into the next paragraph) is turned like any other. Knows nothing of
Markdown: the caller says which stretches are code and stay as typed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

_LONG_DASH: Final = re.compile(r"(?<!-)---(?!-)")
_SHORT_DASH: Final = re.compile(r"(?<!-)--(?!-)")
_DOTS: Final = re.compile(r"(?<!\.)\.\.\.")
_QUOTE: Final = re.compile("[\"']")
_OPENING_BEFORE: Final = frozenset(" \t\n\u00a0\u2009\u202f([{<\u2014\u2013\u2212-/\u201c\u2018\u201e\u201a\u00ab\u2039\u00bf\u00a1")
_ELISION: Final = re.compile(
    r"'(?=(?:tis|twas|twere|twill|twould|em|til|cause|n|bout|round|neath|cos|kay|nother)\b|\d\ds?\b)",
    re.IGNORECASE,
)
"""An apostrophe that opens a word and is no quote: 'tis, the '90s."""


def dashes(text: str) -> str:
    """Return `text` with `---` as an em dash, `--` as an en dash and `...` as an ellipsis."""
    if "--" in text:
        text = _SHORT_DASH.sub("\u2013", _LONG_DASH.sub("\u2014", text))
    return _DOTS.sub("\u2026", text) if "..." in text else text


def curl(text: str, verbatim: Sequence[tuple[int, int]] = ()) -> str:
    """Return `text` with curled quotes, as long as before, but for `verbatim` stretches.

    `verbatim` holds (start, end) offsets in characters, in order.
    """
    if '"' not in text and "'" not in text:
        return text
    if "'" in text:
        kept = _ELISION.sub("\u2019", text)
        text = _restored(kept, text, verbatim)
    letters = list(text)
    typed = bytearray(len(letters))
    for start, end in verbatim:
        typed[start:end] = b"\1" * (end - start)
    for match in _QUOTE.finditer(text):
        if not typed[match.start()]:
            letters[match.start()] = _curled(letters, match.start())
    return "".join(letters)


def smarten(text: str) -> str:
    """Return a line of plain text, such as a title, in printed punctuation."""
    return curl(dashes(text))


def _restored(new: str, old: str, verbatim: Sequence[tuple[int, int]]) -> str:
    for start, end in verbatim:
        new = new[:start] + old[start:end] + new[end:]
    return new


def _curled(letters: list[str], index: int) -> str:
    """Return the quote mark for a typed one: opening after space or an opening mark."""
    before = letters[index - 1] if index else " "
    after = letters[index + 1] if index + 1 < len(letters) else " "
    single = letters[index] == "'"
    if single and before.isalnum() and after.isalnum():
        return "\u2019"
    opens = before in _OPENING_BEFORE and not after.isspace()
    if before in "\u2014\u2013-" and not (after.isalnum() or after in "\"'\u2026("):
        opens = False
    if single:
        return "\u2018" if opens else "\u2019"
    return "\u201c" if opens else "\u201d"
