"""Measure text in terminal cells, and sanitise text from outside.

Widths come from Rich because Textual's strips use it: two opinions about one emoji would
tear a line. Sanitising removes everything a terminal could obey.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import Final
from unicodedata import category

from rich.cells import cell_len, split_graphemes

REPLACEMENT_CHARACTER: Final = "\ufffd"

_REPLACEMENTS: Final[dict[int, int | None]] = (
    {code: 0xFFFD for code in range(0x20) if code not in (0x09, 0x0A)}
    | dict.fromkeys(range(0x7F, 0xA0), 0xFFFD)  # DEL and C1
    | dict.fromkeys(range(0x202A, 0x202F), 0xFFFD)  # bidi embeddings and overrides
    | dict.fromkeys(range(0x2066, 0x206A), 0xFFFD)  # bidi isolates
    | dict.fromkeys(range(0xD800, 0xE000), 0xFFFD)  # surrogates can't be encoded
    | {0xAD: None, 0x200B: None, 0x2060: None, 0xFEFF: None}  # invisible, and no part of a word
    | {0x2028: 0x20, 0x2029: 0x20}
)
"""What `clean` makes of each character that a terminal could obey or miscount."""

_UNSAFE: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u0300-\u036f\u0483-\u0489\u0590-\u1dff\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u20d0-\u20f0\u2cef-\u2cf1\u2d7f\u2de0-\u2dff\u302a-\u302f\u3099\u309a\ua66f-\uabff\ud800-\udfff"
    "\ufb1e\ufe00-\ufe2f\ufeff\ufff9-\ufffb\U00010000-\U00016fff\U0001bc9d-\U0001f1ff\U000e0000-\U0010ffff]"
)
"""A character that is in the table, or may be a mark: one look at a text without any is enough."""

_MAX_COMBINING_MARKS: Final = 8
"""Marks on one letter. No script needs more, and they slow every terminal."""
_REPEATED_JOINERS: Final = re.compile("\u200d{2,}")
"""Joiners that join nothing: no two programs agree how wide they make what follows."""
_COMBINING_CATEGORIES: Final = frozenset({"Mn", "Me", "Mc", "Cf"})
"""Categories of characters that are drawn with the letter before them, if at all."""
_STACKED_MARKS: Final = re.compile(r"[^\w\s\x00-\x7f]{9,}")
"""Characters among which there may be more marks than that: letters are none of them."""

_NOT_SINGLE_WIDTH: Final = re.compile(
    "[^\x20-\x7e\xa0-\xac\xae-\u02ff\u0370-\u0482\u2010-\u2027\u2030-\u205e"
    "\u2070-\u20cf\u20f1-\u2319\u2500-\u25fc\u270c-\u2727]"
)
"""A character that may be other than one cell wide. The soft hyphen is one of them."""


def cell_width(text: str) -> int:
    """Return how many cells `text` takes."""
    return cell_len(text)


def is_single_width(text: str) -> bool:
    """Tell whether every character of `text` is exactly one cell wide."""
    return (text.isascii() and text.isprintable()) or _NOT_SINGLE_WIDTH.search(text) is None


def sanitize(text: str) -> str:
    """Return `text` without anything a terminal could obey.

    Control characters, C1, bidi overrides and lone surrogates become U+FFFD, one for
    one, so that no sequence can form anew; line and paragraph separators become spaces;
    invisible spaces go. Tab and newline stay. Letters, joiners, emoji and marks (up to
    eight on a letter) are left as they are.
    """
    if (text.isascii() and text.isprintable()) or not _UNSAFE.search(text):
        return text
    return _STACKED_MARKS.sub(
        _limit_marks, _REPEATED_JOINERS.sub("\u200d", text.translate(_REPLACEMENTS))
    )


def _limit_marks(match: re.Match[str]) -> str:
    """Return what `pile` matched with at most eight marks or joiners in a row."""
    kept, height = [], 0
    for letter in match[0]:
        height = height + 1 if category(letter) in _COMBINING_CATEGORIES else 0
        if height <= _MAX_COMBINING_MARKS:
            kept.append(letter)
    return "".join(kept)


def sanitize_line(text: str, max_length: int = 500) -> str:
    """Return `text` cleaned, on one line, at most `most` characters long."""
    line = " ".join(sanitize(text[: 4 * max_length]).split())
    return line if len(line) <= max_length else line[: max_length - 1] + "…"


def truncate(text: str, cells: int) -> str:
    """Cut `text` to `cells` cells, with an ellipsis where something was cut."""
    if cell_width(text) <= cells:
        return text
    if cells <= 0:
        return ""
    ends = cell_offsets(text)
    return text[: bisect_right(ends, cells - 1) - 1].rstrip() + "…"


def cell_offsets(text: str) -> list[int]:
    """Return the cell at which each character of `text` stands, and last its whole width.

    Characters joined into one (marks, emoji sequences) stand at the same cell or past its
    end, so that no difference of two of these numbers is less than what is drawn.
    """
    cells: list[int] = []
    at = 0
    for start, end, wide in split_graphemes(text)[0]:
        cells.append(at)
        at += wide
        cells.extend([at] * (end - start - 1))
    cells.append(at)
    return cells
