"""Tokens of plain prose, without markdown-it: headings, paragraphs, and emphasis in them.

markdown-it takes as long to load as the first screen to draw. A text that begins with some screens
of plain prose is shown without it; it parses the rest. What is accepted here is only what surely
means the same to it: property tests compare the blocks.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


class PlainToken(NamedTuple):
    """A token as markdown-it makes it, with what plain prose needs of it."""

    type: str
    tag: str = ""
    content: str = ""
    children: Sequence[PlainToken] | None = None
    meta: Mapping[str, object] = {}


class PlainBeginning(NamedTuple):
    """The plain prose at the beginning of a text."""

    tokens: Sequence[PlainToken]
    end: int
    """The offset in the text where the rest begins: its end, or the start of a block."""


FIRST_SLICE_CHARACTERS: Final = 16_000
"""Characters of the first slice of a text: several screens, parsed in about two milliseconds."""
MIN_CHARACTERS: Final = 8_000
"""Characters of plain prose, several screens, that are shown before the rest is parsed."""
_MAX_BLOCK_CHARACTERS: Final = 16_000
"""A longer block is left to the parser."""
_UNAMBIGUOUS_MARKUP: Final = re.compile(r"[\\`*_~\[<&${]")
"""The characters at which an inline rule can start, without those that are common in prose."""
_RARE_MARKUP: Final = ("://", "  \n", "==", "%%", "^")
"""Markup of several characters, and a character that is rarer still."""
_BLANK_LINES: Final = r"(?:[ \t]*\n)*"
_OPENING: Final = r"\"'(\u2018-\u201f\u2013\u2014\u2026\u00a1\u00ab\u00bb\u00bf"
_CLOSING: Final = r",.;:!?\"')\u2018-\u201f\u2013\u2014\u2026\u00ab\u00bb"
_LINE: Final = rf"(?:\*{{1,2}})?[{_OPENING}]?[^\W_][\w {_OPENING}{_CLOSING}/%@+=*\u2010-\u2012-]*+"
"""A line that begins no other block: with a letter or digit, perhaps after a quote or emphasis."""
_BLOCK: Final = (
    rf"(?:(?P<heading>\#{{1,6}})[ ]+)?(?P<content>{_LINE}(?:\n{_LINE})*+)(?=\n[ \t]*(?:\n|\Z)|\Z)"
)
"""A heading or a paragraph up to a blank line."""
_LIST_ITEM: Final = r"^[0-9]+[.)](?:[ ]|$)"
_EMPHASIS: Final = (
    rf"(?<![^\s{_OPENING}-])(\*{{1,2}})(?=[^\W_])([^*]*)"
    rf"(?:(?<=[^\W_])\1(?=[\s{_CLOSING}-]|\Z)|(?<=[{_CLOSING}])\1(?=\s|\Z))"
)
"""Words in emphasis. Its first signs can only open one, and its last can only close it (CommonMark
0.31, section 6.2)."""
_WIDE: Final = "[\u1100-\u11ff\u2e80-\U0010ffff]"


def is_plain(content: str) -> bool:
    """Return whether a paragraph has no inline markup, so that it need not be parsed.

    True for most paragraphs of prose. Parsing them would take as long as parsing all the rest.
    """
    has_rare_markup = any(markup in content for markup in _RARE_MARKUP)
    return not has_rare_markup and not _UNAMBIGUOUS_MARKUP.search(content)


@cache
def _compile_pattern(source: str, flags: int = 0) -> re.Pattern[str]:
    return re.compile(source, flags)


def find_plain_beginning(text: str, size: int) -> PlainBeginning | None:
    """Return the plain prose of about `size` characters at the beginning of `text`.

    None if it is less than `MIN_CHARACTERS`, unless it is all of the text.
    """
    tokens: list[PlainToken] = []
    last_block, tokens_before = 0, 0
    position = _skip_blank_lines(text, 0)
    while position < min(size, len(text)):
        block = _match_block(text, position)
        made = _make_block(block) if block is not None else None
        if block is None or made is None:
            break
        last_block, tokens_before = position, len(tokens)
        tokens += made
        position = _skip_blank_lines(text, block.end() + 1)
    if position < len(text):
        # What follows may belong to the last block, as a definition does to its term.
        position = last_block
        del tokens[tokens_before:]
    return PlainBeginning(tokens, position) if position >= min(MIN_CHARACTERS, len(text)) else None


def _skip_blank_lines(text: str, position: int) -> int:
    match = _compile_pattern(_BLANK_LINES).match(text, position)
    return match.end() if match is not None else position


def _match_block(text: str, position: int) -> re.Match[str] | None:
    end = position + _MAX_BLOCK_CHARACTERS
    if end < len(text) and text.find("\n\n", position, end) < 0:
        return None
    return _compile_pattern(_BLOCK).match(text, position)


def _make_block(match: re.Match[str]) -> Sequence[PlainToken] | None:
    """Return the tokens of a block, None if it may mean anything else."""
    content, heading = match["content"].strip(), match["heading"]
    children = _tokenize_inlines(content)
    if children is None or (heading and "\n" in content):
        return None
    if not heading and _compile_pattern(_LIST_ITEM, re.MULTILINE).search(content):
        return None
    name, tag = ("heading", f"h{len(heading)}") if heading else ("paragraph", "p")
    inline = PlainToken("inline", content=content, children=children)
    return PlainToken(f"{name}_open", tag), inline, PlainToken(f"{name}_close", tag)


def _tokenize_inlines(content: str) -> Sequence[PlainToken] | None:
    """Return the inline tokens of a block, None if they aren't certain."""
    if "*" not in content:
        return [*tokenize_plain_text(content)] if is_plain(content) else None
    emphasis = _compile_pattern(_EMPHASIS)
    # The tokens around emphasis decide about dashes, and how lines of wide characters are joined.
    is_certain = "--" not in content and not (
        "\n" in content and _compile_pattern(_WIDE).search(content)
    )
    if not is_certain or not is_plain(emphasis.sub(r"\2", content)):
        return None
    tokens: list[PlainToken] = []
    end = 0
    for match in emphasis.finditer(content):
        tokens += tokenize_plain_text(content[end : match.start()], is_all=False)
        name = "em" if len(match[1]) == 1 else "strong"
        tokens.append(PlainToken(f"{name}_open", name))
        tokens += tokenize_plain_text(match[2], is_all=False)
        tokens.append(PlainToken(f"{name}_close", name))
        end = match.end()
    return [*tokens, *tokenize_plain_text(content[end:], is_all=False)]


def tokenize_plain_text(content: str, *, is_all: bool = True) -> Iterator[PlainToken]:
    """Yield the inline tokens of plain text, the same as the parser's.

    Of a text that isn't all of its block, the spaces at its ends stay.
    """
    first, *rest = content.split("\n")
    yield PlainToken("text", content=first.rstrip(" ") if rest or is_all else first)
    for number, line in enumerate(rest, 1):
        yield PlainToken("softbreak", "br")
        text = line.lstrip(" \t")
        has_more = number == len(rest) and not is_all
        yield PlainToken("text", content=text if has_more else text.rstrip(" "))
