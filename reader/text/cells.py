"""Measure text in terminal cells, and sanitise text from outside.

Widths come from Rich, as in Textual's own strips: two different widths for one emoji would
break a line. Spacing marks, such as the vowels of Tamil, Bengali and Khmer, take a cell here
and none in Rich. Sanitising removes every character that could control the terminal.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cache
from typing import Final
from unicodedata import category

from rich.cells import cell_len, split_graphemes

_MAX_COMBINING_MARKS: Final = 8
"""Combining marks on one letter. No script needs more, and many of them slow every terminal."""
COMBINING_CATEGORIES: Final = frozenset({"Mn", "Me", "Mc", "Cf"})
"""Unicode categories of the characters that are drawn with the letter before them, if at all."""


def count_cells(text: str) -> int:
    """Return the width of `text` in cells, the greatest that a terminal gives it.

    Most terminals give a cell to each spacing mark, as `wcwidth` of the C library does; tmux 3.3
    was measured. Those that measure whole grapheme clusters (mode 2027) draw such text narrower,
    which leaves blank cells at the end of a row; text that is wider than counted would break the
    row. The terminal isn't asked for its mode: the answer may come after the first screen or never,
    other lines would break at other words, and Rich measures without it.
    """
    return cell_len(text) + _count_spacing_marks(text)


def _count_spacing_marks(text: str) -> int:
    if text.isascii():
        return 0
    found = _compile_maybe_spacing_marks().findall(text)
    return sum(category(character) == "Mc" for character in found)


def is_single_width(text: str) -> bool:
    """Return whether every character of `text` is exactly one cell wide."""
    return (text.isascii() and text.isprintable()) or not _compile_not_single_width().search(text)


def sanitize(text: str) -> str:
    """Return `text` without the characters that could control a terminal.

    Each control character, C1 control, bidi control and lone surrogate becomes U+FFFD, so
    that what is left can't join into a new sequence. Line and paragraph separators become
    spaces. Invisible spaces and soft hyphens are removed. Tabs and newlines, letters, joiners,
    emoji and up to eight marks on a letter are unchanged.
    """
    if not may_need_sanitizing(text):
        return text
    text = _compile_repeated_joiners().sub("\u200d", text.translate(_get_replacements()))
    return _compile_many_marks().sub(_limit_marks, text)


def escape_controls(text: str) -> str:
    """Return JSON with each character that `sanitize` replaces as its JSON escape.

    The data stays exact. Such characters are only in the strings of JSON.
    """
    if sanitize(text) == text:
        return text
    return _compile_suspicious().sub(_escape_control, text)


def _escape_control(match: re.Match[str]) -> str:
    return match[0] if sanitize(match[0]) == match[0] else f"\\u{ord(match[0]):04x}"


def may_need_sanitizing(text: str) -> bool:
    """Return whether `text` has a character that `sanitize` replaces, or that may be a mark."""
    return not (text.isascii() and text.isprintable()) and bool(_compile_suspicious().search(text))


# Each is compiled when it is first needed: plain ASCII needs none of them, and they take 2 ms.


@cache
def _compile_not_single_width() -> re.Pattern[str]:
    """Match a character that may not be one cell wide, such as a soft hyphen."""
    return re.compile(
        "[^\x20-\x7e\xa0-\xac\xae-\u02ff\u0370-\u0482\u2010-\u2027\u2030-\u205e"
        "\u2070-\u20cf\u20f1-\u2319\u2500-\u25fc\u270c-\u2727]"
    )


@cache
def _compile_maybe_spacing_marks() -> re.Pattern[str]:
    """Match a character of the ranges in which all spacing marks (category Mc) are."""
    return re.compile(
        "[\u0903-\u1cf7\u302e\u302f\ua823-\uabec\U00011000-\U00011fff"
        "\U00016f51-\U00016ff1\U0001d165-\U0001d172]"
    )


@cache
def _compile_suspicious() -> re.Pattern[str]:
    """Match a character that is replaced, or that may be a combining mark."""
    return re.compile(
        "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u0300-\u036f\u0483-\u0489\u0590-\u1dff\u200b-\u200f"
        "\u2028-\u202e\u2060-\u206f\u20d0-\u20f0\u2cef-\u2cf1\u2d7f\u2de0-\u2dff\u302a-\u302f"
        "\u3099\u309a\ua66f-\uabff\ud800-\udfff\ufb1e\ufe00-\ufe2f\ufeff\ufff9-\ufffb"
        "\U00010000-\U00016fff\U0001bc9d-\U0001f1ff\U000e0000-\U0010ffff]"
    )


@cache
def _compile_repeated_joiners() -> re.Pattern[str]:
    """Match joiners in a row. Programs disagree about the width of what follows them."""
    return re.compile("\u200d{2,}")


@cache
def _compile_many_marks() -> re.Pattern[str]:
    """Match nine or more characters in a row that may all be marks."""
    return re.compile(r"[^\w\s\x00-\x7f]{9,}")


@cache
def _get_replacements() -> dict[int, int | None]:
    """Return the replacement for each code point that could control a terminal."""
    return (
        {code: 0xFFFD for code in range(0x20) if code not in (0x09, 0x0A)}
        | dict.fromkeys(range(0x7F, 0xA0), 0xFFFD)  # DEL and C1
        | dict.fromkeys(range(0x202A, 0x202F), 0xFFFD)  # bidi embeddings and overrides
        | dict.fromkeys(range(0x2066, 0x206A), 0xFFFD)  # bidi isolates
        | dict.fromkeys(range(0xD800, 0xE000), 0xFFFD)  # surrogates can't be encoded
        | {0xAD: None, 0x200B: None, 0x2060: None, 0xFEFF: None}  # invisible
        | {0x2028: 0x20, 0x2029: 0x20}
    )


def _limit_marks(match: re.Match[str]) -> str:
    """Return the matched text with at most eight marks or joiners in a row."""
    result: list[str] = []
    marks = 0
    for character in match[0]:
        marks = marks + 1 if category(character) in COMBINING_CATEGORIES else 0
        if marks <= _MAX_COMBINING_MARKS:
            result.append(character)
    return "".join(result)


def sanitize_line(text: str, max_length: int = 500) -> str:
    """Return `text` sanitised, on one line, cut to `max_length` characters with an ellipsis."""
    if len(text) <= max_length and text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()  # as most are
    line = " ".join(sanitize(text[: 4 * max_length]).split())
    return line if len(line) <= max_length else line[: max_length - 1] + "…"


def truncate(text: str, cells: int) -> str:
    """Cut `text` to a width of `cells`, with an ellipsis if anything was cut."""
    if count_cells(text) <= cells:
        return text
    if cells <= 0:
        return ""
    offsets = list_cell_offsets(text)
    return text[: bisect_right(offsets, cells - 1) - 1].rstrip() + "…"


def list_cell_offsets(text: str) -> list[int]:
    """Return the cell at which each character of `text` starts, and at the end the whole width.

    The later characters of a grapheme (marks, the parts of an emoji sequence) get the cell
    after it, so the difference of two offsets is never less than the width drawn between them.
    """
    offsets: list[int] = []
    width = 0
    has_marks = _count_spacing_marks(text) > 0
    for start, end, cells in split_graphemes(text)[0]:
        offsets.append(width)
        width += cells + (_count_spacing_marks(text[start:end]) if has_marks else 0)
        offsets.extend([width] * (end - start - 1))
    offsets.append(width)
    return offsets
