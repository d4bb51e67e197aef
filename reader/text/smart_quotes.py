"""Convert typed punctuation to typographic quotes, dashes and ellipses.

Works on text alone, by the characters before and after a mark. The caller says which ranges
are code and stay as typed.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence


_EM_DASH: Final = re.compile(r"(?<!-)---(?!-)")
_EN_DASH: Final = re.compile(r"(?<!-)--(?!-)")
_ELLIPSIS: Final = re.compile(r"(?<!\.)\.\.\.")
_QUOTES: Final = (re.compile('"'), re.compile("'"))
"""Each by itself: a single letter is found four times as fast as a choice of two."""
_BEFORE_OPENING: Final = frozenset(
    " \t\n\u00a0\u2009\u202f([{<\u2014\u2013\u2212-/\u201c\u2018\u201e\u201a\u00ab\u2039\u00bf\u00a1"
)
_DASHES: Final = "\u2014\u2013-"
_AFTER_OPENING: Final = "\"'\u2026("
"""What may follow a quote that opens after a dash, beside a letter."""
_ADJACENT_QUOTES: Final = ('""', "''", "\"'", "'\"")
"""Quotes that touch: how the second one is turned depends on the first."""
_ELISION: Final = re.compile(
    r"(?:tis|twas|twere|twill|twould|em|til|cause|n|bout|round|neath|cos|kay|nother)\b|\d\ds?\b",
    re.IGNORECASE,
)
"""What an apostrophe that is no quote may open: 'tis, the '90s."""


def convert_dashes(text: str) -> str:
    """Return `text` with `---` as an em dash, `--` as an en dash and `...` as an ellipsis."""
    if "--" in text:
        text = _EN_DASH.sub("\u2013", _EM_DASH.sub("\u2014", text))
    return _ELLIPSIS.sub("\u2026", text) if "..." in text else text


def curl_quotes(text: str, verbatim: Sequence[tuple[int, int]] = ()) -> str:
    """Return `text` with curled quotes, as long as before, but for `verbatim` stretches.

    `verbatim` holds (start, end) offsets in characters, in order.
    """
    if '"' not in text and "'" not in text:
        return text
    if not verbatim and not any(pair in text for pair in _ADJACENT_QUOTES):
        return _curl_separate_quotes(text)
    pieces: list[str] = []
    done, mark, typed = 0, "", iter((*verbatim, (len(text), len(text))))
    start, end = next(typed)
    for at in sorted(match.start() for quote in _QUOTES for match in quote.finditer(text)):
        while end <= at:
            start, end = next(typed)
        if at >= start:
            continue
        before = mark if pieces and at == done else text[at - 1 : at]
        mark = _choose_quote(text, at, before)
        pieces += (text[done:at], mark)
        done = at + 1
    return "".join(pieces) + text[done:]


def _curl_separate_quotes(text: str) -> str:
    """Return `text`, in which no two quotes touch, with each curled as `_curled` would have it.

    By substitutions that need no function called for each mark: dialogue is full of them.
    """
    if '"' in text:
        text = _compile_opening_double().sub("\u201c", text).replace('"', "\u201d")
    if "'" in text:
        text = _compile_opening_single().sub("\u2018", text).replace("'", "\u2019")
    return text


@cache
def _compile_opening_double() -> re.Pattern[str]:
    return re.compile(_build_opening_pattern('"'))


@cache
def _compile_opening_single() -> re.Pattern[str]:
    return re.compile(rf"{_build_opening_pattern(chr(39))}(?!(?i:{_ELISION.pattern}))")


def _build_opening_pattern(quote: str) -> str:
    """Return what finds the typed `mark` where `_opens` would say that it opens."""
    before = re.escape("".join(_BEFORE_OPENING - set(_DASHES)))
    after_dash = rf"(?<=[{_DASHES}]{quote})(?=[^\W_]|[{re.escape(_AFTER_OPENING)}])"
    return rf"{quote}(?:{after_dash}|(?<![^{before}]{quote})(?=\S))"


def smarten(text: str) -> str:
    """Return a line of plain text, such as a title, in printed punctuation."""
    return curl_quotes(convert_dashes(text))


def _choose_quote(text: str, at: int, before: str) -> str:
    """Return the mark for the quote typed at `at`: opening after space or an opening mark."""
    after = text[at + 1 : at + 2] or " "
    if text[at] == "'":
        if before.isalnum() and after.isalnum():
            return "\u2019"
        opens = _is_opening(before, after) and not _ELISION.match(text, at + 1)
        return "\u2018" if opens else "\u2019"
    return "\u201c" if _is_opening(before, after) else "\u201d"


def _is_opening(before: str, after: str) -> bool:
    if before and before in _DASHES:
        return after.isalnum() or after in _AFTER_OPENING
    return (not before or before in _BEFORE_OPENING) and not after.isspace()
