"""Cut a list that is longer than a slice between two of its items.

Whether blank rows separate the items, and how wide the numerals are, depends on the whole list.
A list is cut only if both are certain from its first items and a quick scan of the text.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.markdown.dialect import MAX_BLOCK_LEVELS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.token import Token


IS_TIGHT: Final = "is_tight"
ITEM_COUNT: Final = "item_count"
"""Keys of `meta` of the token that opens a list that is cut: what is known of the whole list."""
LIST_TOKENS: Final = frozenset({"bullet_list_open", "ordered_list_open"})


class ListFacts(NamedTuple):
    """What the blocks of a list's first items depend on in the rest of the list."""

    is_tight: bool
    item_count: int = 0
    """The number of items of an ordered list; 0 for other lists."""


_NO_TEXT_LINE: Final = r"^[ \t>]*+(?:(?:[-+*:~]|\d{1,9}[.)]|\[\^[^\]\n]*\]:|\[[ xX]\])[ \t>]*+)*+$"
"""A line without text: a blank line, or one of markers alone. It may make a list loose."""
_CONTENT: Final = (
    r"(?:\[[ xX]\][ \t])?(?:[*_~\"'“‘(]{0,2}[^\W_]|`[^`\n]|!?\[[^\]\n^][^\]\n]*\]\()[^\n]*"
)
"""The content of an item that surely is a paragraph."""
_ORDERED_ITEM: Final = rf"\d{{1,9}}%s[ \t]{_CONTENT}(?:\n|\Z)"
_NESTED_LINE: Final = rf"(?: {{4}} *|\t)(?:(?:[-+*]|\d{{1,9}}[.)])[ \t])?{_CONTENT}(?:\n|\Z)"
"""A line in the paragraph above it, or an item of a list inside the item above it."""
_BLANK_LINE: Final = r"[ \t]*\n"
_DEEP_LINE: Final = (
    rf"^(?:[ >*+\-\d.):]{{{MAX_BLOCK_LEVELS - 2}}}|(?=[^\n]*\t)[ \t>*+\-\d.):]{{54}})"
)
"""A line that may nest too deeply: each level takes a column, and a tab has up to four of them."""


@cache
def _compile(pattern: str) -> re.Pattern[str]:
    # Compiled on first use: few texts have a list that is longer than a slice.
    return re.compile(pattern, re.MULTILINE)


def may_nest_too_deeply(text: str) -> bool:
    """Return whether a line of `text` may be nested so deeply that its source is shown."""
    return _compile(_DEEP_LINE).search(text) is not None


def find_list_facts(
    text: str, start: int, opening: Token, complete_tokens: Sequence[Token]
) -> ListFacts | None:
    """Return what is certain about the whole list at offset `start`; None if it isn't certain.

    `opening` opens the list, and `complete_tokens` are those of the list without its last item
    in this slice: that item may continue.
    """
    marker = opening.markup
    if _is_surely_loose(complete_tokens):
        is_tight = False
    elif _is_surely_tight(text, start, marker, is_ordered=opening.type == "ordered_list_open"):
        is_tight = True
    else:
        return None
    if opening.type == "bullet_list_open":
        return ListFacts(is_tight)
    count = _count_simple_items(text, start, marker)
    return ListFacts(is_tight, count) if count else None


def _is_surely_loose(tokens: Sequence[Token]) -> bool:
    return any(
        token.type == "paragraph_open" and token.level == 2 and not token.hidden for token in tokens
    )


def _is_surely_tight(text: str, start: int, marker: str, *, is_ordered: bool) -> bool:
    """Return whether the list ends before the first line without text, or at it."""
    line = _compile(_NO_TEXT_LINE).search(text, start)
    if line is None:
        return True
    if line[0].strip():
        return False
    after = _compile(r"(?:[ \t]*\n)*+").match(text, line.start())
    end = after.end() if after else line.end()
    return _starts_no_item(text, end, marker, is_ordered=is_ordered)


def _starts_no_item(text: str, offset: int, marker: str, *, is_ordered: bool) -> bool:
    """Return whether the line at `offset`, below a blank line, surely isn't part of a list."""
    if offset >= len(text):
        return True
    if text[offset] in " \t":
        return not text[offset:].strip(" \t")
    if is_ordered:
        return _compile(rf"\d{{1,9}}{re.escape(marker)}(?:[ \t]|$)").match(text, offset) is None
    return text[offset] != marker


def _count_simple_items(text: str, start: int, marker: str) -> int:
    """Return how many items an ordered list has if all are simple, else 0.

    Simple items begin in the first column and with a paragraph. Lines inside them are indented
    so far that they neither begin an item of the list nor end it.
    """
    item = _ORDERED_ITEM % re.escape(marker)
    simple = _compile(rf"{item}(?:{_NESTED_LINE})*+((?:{_BLANK_LINE})*+)")
    count, end, blank_lines = 0, start, ""
    while (match := simple.match(text, end)) is not None:
        count, end, blank_lines = count + 1, match.end(), match[1]
    is_end = (blank_lines or end == len(text)) and _starts_no_item(
        text, end, marker, is_ordered=True
    )
    return count if is_end else 0


def make_first_item(opening: Token) -> str:
    """Return the source of an item to put before the rest of a list, which makes it go on.

    The item is a heading, so that no line continues it. It is indented further than an item can
    be, so that no item is nested in it.
    """
    number = "1" if opening.type == "ordered_list_open" else ""
    return f"   {number}{opening.markup}    # x\n"


def remove_first_item(tokens: list[Token]) -> int:
    """Remove the opening of a list and its first item, which `make_first_item` made.

    Return how many tokens these were.
    """
    end = next(
        index
        for index, token in enumerate(tokens)
        if token.type == "list_item_close" and token.level == 1
    )
    del tokens[: end + 1]
    return end + 1


def find_last_item(tokens: Sequence[Token], start: int, limit: int) -> int:
    """Return the index of the token that opens the last item of the list at index `start`.

    The item begins at line `limit` or before. Without one, return `start`.
    """
    for index in range(len(tokens) - 1, start, -1):
        token = tokens[index]
        is_item = token.type == "list_item_open" and token.level == 1
        if is_item and token.map and token.map[0] <= limit:
            return index
    return start
