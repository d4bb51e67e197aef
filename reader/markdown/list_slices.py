"""Cut a list that is longer than a slice between two of its items, and a quote between its blocks.

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
_BLANK_LINE: Final = r"[ \t]*\n"
_FENCE: Final = re.compile("```|~~~")
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
    if not any(_is_item_paragraph(token) for token in complete_tokens):
        return None  # of a whole list too, only paragraphs tell
    marker, is_ordered = opening.markup, opening.type == "ordered_list_open"
    is_loose = _is_surely_loose(complete_tokens)
    is_tight = not is_loose and _is_surely_tight(text, start, marker, is_ordered=is_ordered)
    if (is_loose or is_tight) and not is_ordered:
        return ListFacts(is_tight)
    scan = _scan_items(text, start, marker, is_ordered=is_ordered)
    if not (is_loose or is_tight or scan.is_loose) or (is_ordered and not scan.is_complete):
        return None
    return ListFacts(is_tight, scan.item_count if is_ordered else 0)


def _is_surely_loose(tokens: Sequence[Token]) -> bool:
    return any(_is_item_paragraph(token) and not token.hidden for token in tokens)


def _is_item_paragraph(token: Token) -> bool:
    return token.type == "paragraph_open" and token.level == 2


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


class _Scan(NamedTuple):
    """What a quick scan of a list found."""

    item_count: int
    is_complete: bool
    """The list surely ends after these items."""
    is_loose: bool
    """Blank lines surely set its items apart."""


_UNCLEAR: Final = r"[ \t>*+\-\d.)]*(?:%%|\$\$|<|\[\^|\{)"
"""The start of a line whose block may go on in lines that are not indented."""
_LAST_LINE: Final = r"(?:\n|\Z)"


def _compile_item(marker: str, *, is_ordered: bool) -> re.Pattern[str]:
    number = r"\d{1,9}" if is_ordered else ""
    return _compile(rf"{number}{re.escape(marker)} {{1,4}}(?! |[-*_ \t]*$|{_UNCLEAR})(?=\S)")


def _compile_rest(indent: int) -> re.Pattern[str]:
    """Match the rest of an item whose content is indented by `indent` columns.

    Its groups are a paragraph that begins it, a paragraph below a blank line, and the blank lines
    that follow it.
    """
    line = rf"(?!{_UNCLEAR})[^\n]*\S[^\n]*{_LAST_LINE}"
    return _compile(
        rf"(?:((?!\d{{1,9}}[.)]){_CONTENT}){_LAST_LINE}(?:[^\W\d_][^\n]*{_LAST_LINE})*+|{line})"
        rf"(?:(?:(?:{_BLANK_LINE})++(?=( {{{indent}}}[^\W\d_])?))?+ {{{indent}}}{line})*+"
        rf"((?:{_BLANK_LINE})*+)"
    )


def _scan_items(text: str, start: int, marker: str, *, is_ordered: bool) -> _Scan:
    """Count the items of the list at offset `start` that begin in the first column.

    Lines inside an item are indented at least as far as its content, or continue its paragraph.
    """
    item = _compile_item(marker, is_ordered=is_ordered)
    count, end, blank_lines = 0, start, ""
    has_paragraph = has_gap = False
    while (opening := item.match(text, end)) is not None:
        has_gap = has_gap or bool(blank_lines)
        rest = _compile_rest(opening.end() - end).match(text, opening.end())
        if rest is None:
            break
        has_paragraph = has_paragraph or rest[1] is not None
        has_fence = _FENCE.search(text, end, rest.end()) is not None
        has_gap = has_gap or (rest[2] is not None and not has_fence)
        count, end, blank_lines = count + 1, rest.end(), rest[3]
    is_end = (blank_lines or end == len(text)) and _starts_no_item(
        text, end, marker, is_ordered=is_ordered
    )
    return _Scan(count, bool(is_end), has_paragraph and has_gap)


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


def make_first_heading(levels: int) -> str:
    """Return the source of a heading to put before the rest of nested quotes, which go on then."""
    return "> " * levels + "# x\n"


def remove_first_heading(tokens: list[Token], levels: int) -> int:
    """Remove the openings of quotes and their heading, which `make_first_heading` made.

    Return how many tokens these were.
    """
    count = levels + len(("heading_open", "inline", "heading_close"))
    del tokens[:count]
    return count


def find_quote_cut(tokens: Sequence[Token], start: int, limit: int, open_levels: int) -> int | None:
    """Return the index of the token that opens the last block in the quote at index `start`.

    The block begins at line `limit` or before. It is in the innermost quote in which a block is
    above it, and one that is left for later. None if there is none. The first line belongs to a
    heading in `open_levels` quotes that go on from before, if there are any.
    """
    level, index = 1, start
    while True:
        child = _find_last_child(tokens, index, level, limit)
        if child is None:
            return None
        if _get_line(tokens[child]) > (1 if level == open_levels else 0):
            is_footnote = tokens[child].type == "footnote_reference_open"
            return (
                child if not is_footnote and _has_block(tokens[index + 1 : child], level) else None
            )
        if tokens[child].type != "blockquote_open":
            return None
        level, index = level + 1, child


def _has_block(tokens: Sequence[Token], level: int) -> bool:
    """Return whether one of `tokens` opens a block at a level that isn't a footnote."""
    return any(
        token.level == level and token.nesting >= 0 and token.type != "footnote_reference_open"
        for token in tokens
    )


def _find_last_child(tokens: Sequence[Token], start: int, level: int, limit: int) -> int | None:
    for index in range(len(tokens) - 1, start, -1):
        token = tokens[index]
        is_child = token.level == level and token.nesting >= 0 and token.map is not None
        if is_child and _get_line(token) <= limit:
            return index
    return None


def _get_line(token: Token) -> int:
    return token.map[0] if token.map else 0
