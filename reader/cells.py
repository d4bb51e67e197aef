"""How wide text is in terminal cells, and making text from outside harmless.

Widths come from Rich, because Textual's strips count with it: two opinions about
one emoji are a torn line. Cleaning is the one gate between a stranger's text and the
terminal. Knows nothing of stories, blocks or lines.
"""

from __future__ import annotations

import re
from typing import Final

from rich.cells import cell_len, split_graphemes

REPLACEMENT: Final = "\ufffd"

_TABLE: Final[dict[int, int | None]] = (
    {code: 0xFFFD for code in range(0x20) if code not in (0x09, 0x0A)}
    | dict.fromkeys(range(0x7F, 0xA0), 0xFFFD)  # DEL and C1
    | dict.fromkeys(range(0x202A, 0x202F), 0xFFFD)  # bidi embeddings and overrides
    | dict.fromkeys(range(0x2066, 0x206A), 0xFFFD)  # bidi isolates
    | dict.fromkeys(range(0xD800, 0xE000), 0xFFFD)  # surrogates can't be encoded
    | {0xAD: None, 0x200B: None, 0x2060: None, 0xFEFF: None}  # invisible, and no part of a word
    | {0x2028: 0x20, 0x2029: 0x20}
)
"""What `clean` makes of each character that a terminal could obey or miscount."""

_HOSTILE: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u200b\u2028-\u202e\u2060\u2066-\u2069\ud800-\udfff\ufeff]"
)
_MARK: Final = "[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u064b-\u065f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20f0\ufe20-\ufe2f]"
_PILE: Final = re.compile(f"({_MARK}{{8}}){_MARK}+")
"""More than eight marks on one letter: no script needs them, and they slow every terminal."""

_UNEVEN: Final = re.compile("[^\x20-\x7e\xa0-\xac\xae-\u02ff\u0370-\u0482\u2010-\u2027\u2030-\u205e]")
"""A character that may be other than one cell wide. The soft hyphen is one of them."""


def width(text: str) -> int:
    """Return how many cells `text` takes."""
    return cell_len(text)


def is_even(text: str) -> bool:
    """Tell whether every character of `text` is exactly one cell wide."""
    return (text.isascii() and text.isprintable()) or _UNEVEN.search(text) is None


def clean(text: str) -> str:
    """Return `text` without anything a terminal could obey.

    Control characters, C1, bidi overrides and lone surrogates become U+FFFD, one for
    one, so that no sequence can form anew; line and paragraph separators become spaces;
    invisible spaces go. Tab and newline stay. Letters, joiners, emoji and marks (up to
    eight on a letter) are left as they are.
    """
    if text.isascii() and text.isprintable():
        return text
    if _HOSTILE.search(text):
        text = text.translate(_TABLE)
    return _PILE.sub(r"\1", text) if _PILE.search(text) else text


def clean_line(text: str, most: int = 500) -> str:
    """Return `text` cleaned, on one line, at most `most` characters long."""
    line = " ".join(clean(text[: 4 * most]).split())
    return line if len(line) <= most else line[: most - 1] + "…"


def fit(text: str, cells: int) -> str:
    """Cut `text` to `cells` cells, with an ellipsis where something was cut."""
    if width(text) <= cells:
        return text
    if cells <= 0:
        return ""
    kept, used = [], 0
    for letter in text:
        used += width(letter)
        if used > cells - 1:
            break
        kept.append(letter)
    return "".join(kept).rstrip() + "…"


def offsets_to_cells(text: str) -> list[int]:
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
