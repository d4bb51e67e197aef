"""Convert typed punctuation to typographic quotes, dashes and ellipses.

A quote opens or closes by the characters before and after it. The caller says which ranges
are code and stay as typed.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reader.text.document import OffsetRange


_EM_DASH: Final = re.compile(r"(?<!-)---(?!-)")
_EN_DASH: Final = re.compile(r"(?<!-)--(?!-)")
_ELLIPSIS: Final = re.compile(r"(?<!\.)\.\.\.")
_QUOTES: Final = (re.compile('"'), re.compile("'"))
"""Two patterns, because searching for one character is four times as fast as for either of two."""
_BEFORE_OPENING: Final = frozenset(
    " \t\n\u00a0\u2009\u202f([{<\u2014\u2013\u2212-/\u201c\u2018\u201e\u201a\u00ab\u2039\u00bf\u00a1"
)
"""Characters after which a quote opens."""
_DASHES: Final = "\u2014\u2013-"
_AFTER_OPENING: Final = "\"'\u2026("
"""Characters before which a quote opens after a dash, as it does before a letter or digit."""
_ADJACENT_QUOTES: Final = ('""', "''", "\"'", "'\"")
"""Two quotes in a row: the direction of the second one depends on the first."""
_ELISION: Final = re.compile(
    r"(?:tis|twas|twere|twill|twould|em|til|cause|n|bout|round|neath|cos|kay|nother)\b|\d\ds?\b",
    re.IGNORECASE,
)
"""Words that start with an apostrophe, not with a quote: 'tis, the '90s."""


def convert_dashes(text: str) -> str:
    """Return `text` with `---` as an em dash, `--` as an en dash and `...` as an ellipsis."""
    if "--" in text:
        text = _EN_DASH.sub("\u2013", _EM_DASH.sub("\u2014", text))
    return _ELLIPSIS.sub("\u2026", text) if "..." in text else text


def curl_quotes(text: str, verbatim: Sequence[OffsetRange] = ()) -> str:
    """Return `text` with its typed quotes curled, except in the ranges `verbatim`, in order.

    The result is as long as `text`: each character keeps its offset.
    """
    if '"' not in text and "'" not in text:
        return text
    if not verbatim and not any(pair in text for pair in _ADJACENT_QUOTES):
        return _curl_separate_quotes(text)
    pieces: list[str] = []
    done, mark = 0, ""
    code_ranges = iter((*verbatim, (len(text), len(text))))
    code_start, code_end = next(code_ranges)
    for offset in sorted(match.start() for quote in _QUOTES for match in quote.finditer(text)):
        while code_end <= offset:
            code_start, code_end = next(code_ranges)
        if offset >= code_start:
            continue
        before = mark if pieces and offset == done else text[offset - 1 : offset]
        mark = _choose_quote(text, offset, before)
        pieces += (text[done:offset], mark)
        done = offset + 1
    return "".join(pieces) + text[done:]


def _curl_separate_quotes(text: str) -> str:
    """Return `text`, in which no two quotes are adjacent, with each curled.

    The result is that of `_choose_quote`. Substitution without a function call for each mark
    is faster, and dialogue is full of quotes.
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
    """Return the pattern that matches the typed `quote` where `_is_opening` is true for it."""
    before = re.escape("".join(_BEFORE_OPENING - set(_DASHES)))
    after_dash = rf"(?<=[{_DASHES}]{quote})(?=[^\W_]|[{re.escape(_AFTER_OPENING)}])"
    return rf"{quote}(?:{after_dash}|(?<![^{before}]{quote})(?=\S))"


def smarten(text: str) -> str:
    """Return a line of plain text, such as a title, with typographic punctuation."""
    return curl_quotes(convert_dashes(text))


def _choose_quote(text: str, offset: int, before: str) -> str:
    """Return the curled form of the quote at `offset`, which comes after the character `before`."""
    after = text[offset + 1 : offset + 2] or " "
    opens = _is_opening(before, after)
    if text[offset] == '"':
        return "\u201c" if opens else "\u201d"
    is_apostrophe = before.isalnum() and after.isalnum()
    if is_apostrophe or not opens or _ELISION.match(text, offset + 1):
        return "\u2019"
    return "\u2018"


def _is_opening(before: str, after: str) -> bool:
    """Return whether a quote between these two characters opens; `before` may be empty."""
    if before and before in _DASHES:
        return after.isalnum() or after in _AFTER_OPENING
    return (not before or before in _BEFORE_OPENING) and not after.isspace()
