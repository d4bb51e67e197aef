"""Parse Markdown into blocks, one slice of the text at a time.

Link and footnote definitions are found by a scan before the first slice, because text anywhere
may use them. Parsing in slices gives the same blocks as parsing the whole text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING, Final, NamedTuple

from markdown_it.token import Token

from reader.markdown.blocks import (
    BlockBuilder,
    build_inline_footnote,
    build_source_blocks,
    build_unused_block,
)
from reader.markdown.dialect import (
    LAST_COMMENT_END,
    MAX_BLOCK_LEVELS,
    find_last_comment_end,
    find_used_labels,
    get_block_parser,
    get_inline_parser,
    is_plain,
)
from reader.text.document import SUPERSCRIPTS, Document, Slice

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from reader.text.document import Block


_CONTAINER_PREFIX: Final = r"^[ \t>]*(?:(?:[-+*]|\d{1,9}[.)])[ \t>]+)*+"
"""Markers of quotes and list items at the start of a line."""
_FOOTNOTE_LABEL: Final = re.compile(_CONTAINER_PREFIX + r"\[\^([^\]\s]+)\]:", re.MULTILINE)
_LINK_DEFINITION: Final = re.compile(
    _CONTAINER_PREFIX + r"(\[(?!\^)(?:[^\[\]\\]|\\.){1,999}\]:.*)(?=(\n.*)?)", re.MULTILINE
)
_MAX_LABEL_CHARACTERS: Final = 1_001
"""The longest label in CommonMark, 999, with its brackets. Also limits what comes before it."""
_FENCE: Final = re.compile(_CONTAINER_PREFIX + r"(?:(`{3,})[^`\n]*|(~{3,}).*)$", re.MULTILINE)
_PARAGRAPH_END: Final = re.compile(r"[ \t>]*(?:#{1,6}[ \t].*|<.*|[-=*_`~ \t]*)\n?")
"""A line that leaves no paragraph open: a blank line, heading, rule, fence or HTML."""
_CONTAINER_START: Final = re.compile(r"[ \t]*(?:>|[-+*][ \t]|\d{1,9}[.)][ \t])")
"""The start of a quote or list item, which ends the paragraph before it."""
_FENCE_CHARACTERS: Final = re.compile("```|~~~")


class Definition(NamedTuple):
    """A footnote's label, or the source of a link definition. The other field is empty."""

    footnote_label: str = ""
    source: str = ""


def find_definitions(text: str) -> Iterator[Definition]:
    """Yield the link and footnote definitions of `text` in order. Takes linear time."""
    is_in_fence: Callable[[int], bool] | None = None
    last = -1
    for start in _find_label_lines(text):
        footnote = _FOOTNOTE_LABEL.match(text, start)
        match = footnote or _LINK_DEFINITION.match(text, start)
        if match is None:
            continue
        is_in_fence = is_in_fence or _make_fence_test(text)
        if is_in_fence(start):
            continue
        if footnote:
            yield Definition(footnote[1])
        elif text.find("\n\n", last, start) < 0 <= last or _is_outside_paragraph(text, start):
            last = start  # another definition may follow without a blank line
            next_line = (match[2] or "").lstrip("\n\t >")  # it may hold the title
            yield Definition(source=f"{match[1]}\n{next_line}")


def _is_outside_paragraph(text: str, start: int) -> bool:
    """Return whether the line at `start` continues no paragraph.

    A definition cannot interrupt a paragraph.
    """
    line_start = text.rfind("\n", 0, max(0, start - 1)) + 1
    line_before = text[max(0, line_start, start - _MAX_LABEL_CHARACTERS) : start]
    if _PARAGRAPH_END.fullmatch(line_before):
        return True
    container = _CONTAINER_START.match(text, start)
    return container is not None and container[0] not in line_before


def _find_label_lines(text: str) -> Iterator[int]:
    """Yield the start of each line that has the opening bracket of a `]:`."""
    last = -1
    closing = text.find("]:")
    while closing >= 0:
        first = max(0, closing - _MAX_LABEL_CHARACTERS)
        opening = text.rfind("[", first, closing)
        while opening > 0 and text[opening - 1] == "\\":
            opening = text.rfind("[", first, opening)
        start = text.rfind("\n", max(0, opening - _MAX_LABEL_CHARACTERS), max(0, opening)) + 1
        if opening >= 0 and start > last and (start or opening < _MAX_LABEL_CHARACTERS):
            yield start
            last = start
        closing = text.find("]:", closing + 2)


def _find_fence_lines(text: str) -> Iterator[re.Match[str]]:
    """Yield each line that can open or close a code fence.

    Only lines with three fence characters are matched, which is faster than matching all.
    """
    end = 0
    while (marker := _FENCE_CHARACTERS.search(text, end)) is not None:
        start = text.rfind("\n", end, marker.start()) + 1 or end
        match = _FENCE.match(text, start)
        if match is not None:
            yield match
        end = text.find("\n", marker.end())
        if end < 0:
            return
        end += 1


def _make_fence_test(text: str) -> Callable[[int], bool]:
    """Return a function that returns whether an offset is inside a code fence."""
    ranges: list[tuple[int, int]] = []
    fence = ""
    start = 0
    for match in _find_fence_lines(text):
        line = match[0].strip(" \t>")
        if not fence:
            fence, start = match[1] or match[2], match.start()
        elif line.startswith(fence) and not line.strip(fence[0]):
            ranges.append((start, match.end()))
            fence = ""
    if fence:
        ranges.append((start, len(text)))
    starts = [first for first, _ in ranges]

    def is_in_fence(offset: int) -> bool:
        index = bisect_right(starts, offset) - 1
        return index >= 0 and offset < ranges[index][1]

    return is_in_fence


FIRST_SLICE_CHARACTERS: Final = 16_000
"""Several screens of text, parsed in about two milliseconds."""
NEXT_SLICE_CHARACTERS: Final = 8_000
"""So few that no key waits more than about two milliseconds for a slice."""


def parse(text: str, title: str = "") -> Document:
    """Parse the whole of `text`. A first heading equal to `title` is dropped.

    `text` has newlines only, no carriage returns.
    """
    document = Document()
    for piece in parse_slices(text, title):
        document.extend(piece.blocks)
        if piece.is_last:
            document.finish(piece.footnotes)
    return document


def parse_slices(
    text: str, title: str = "", first_size: int = FIRST_SLICE_CHARACTERS
) -> Iterator[Slice]:
    """Parse `text` in slices and yield the blocks of each. Takes linear time.

    The first slice has about `first_size` characters, each later one NEXT_SLICE_CHARACTERS.
    A slice is longer if one block fills it. The last one brings the footnotes.
    """
    parser = _SliceParser(text, title)
    size = first_size
    blocks: tuple[Block, ...] = ()
    while not parser.is_at_end:
        blocks = parser.parse_slice(size)
        if not parser.is_at_end:
            yield Slice(blocks)
        size = NEXT_SLICE_CHARACTERS
    footnotes = parser.build_footnotes()  # before report_unused: they may use definitions
    yield Slice((*blocks, *parser.report_unused()), footnotes, is_last=True)


class _SliceParser:
    """The state of parsing one text: the position, and the definitions and their use so far."""

    def __init__(self, text: str, title: str) -> None:
        self._text = text
        self._position = 0
        self._builder = BlockBuilder(text, title)
        self._references: dict[str, Any] = {}
        """Link definitions by normalized label, in markdown-it's form."""
        self._used_labels: set[str] = set()
        self._footnote_numbers: dict[str, int] = {}
        """The number of each footnote by `:label`, counted from 0; -1 until it is called."""
        self._called_footnotes: dict[int, dict[str, Any]] = {}
        """What the footnote plugin knows of each called footnote, by number."""
        self._footnote_tokens: dict[str, list[Token]] = {}
        """The block tokens of each defined footnote, by label."""
        self._env = {
            "references": self._references,
            "footnotes": {"refs": self._footnote_numbers, "list": self._called_footnotes},
        }
        self._last_comment_end = find_last_comment_end(text)
        self._collect_definitions()

    @property
    def is_at_end(self) -> bool:
        return self._position >= len(self._text)

    def parse_slice(self, size: int) -> tuple[Block, ...]:
        """Parse about `size` more characters and return their blocks."""
        while True:
            end = self._find_line_end(self._position + size)
            source = self._text[self._position : end]
            try:
                tokens = _tokenize_blocks(source, self._last_comment_end - self._position)
            except RecursionError:
                return self._show_source()
            if end == len(self._text):
                break
            last = _find_last_outer_block(tokens)
            if last is not None and (line := _get_start_line(tokens[last])) > 0:
                # The last block may continue after the slice. All blocks before it are complete.
                del tokens[last:]
                end = self._position + _find_line_offset(source, line)
                break
            size *= 4  # a single block fills the slice; what is parsed twice stays a third of it
        self._position = end
        tokens = self._extract_footnotes(_replace_deep_blocks(tokens, source))
        self._parse_inlines(tokens)
        return tuple(self._builder.build(tokens))

    def build_footnotes(self) -> tuple[Block, ...]:
        """Return the blocks of all footnotes in order of number, then of those never called."""
        blocks: list[Block] = []
        cells = len(str(len(self._called_footnotes)))
        number = 0
        # A footnote may call others, so the dictionary can grow inside the loop.
        while number in self._called_footnotes:
            footnote = self._called_footnotes[number]
            number += 1
            label = str(number).translate(SUPERSCRIPTS)
            tokens = self._footnote_tokens.pop(footnote.get("label", ""), None)
            if tokens is not None:
                blocks += self._build_footnote(tokens, label, cells)
            else:
                children = footnote.get("tokens", ())
                fallback = f"[^{footnote.get('label', '')}]"
                blocks.append(build_inline_footnote(children, fallback, label, cells))
        for tokens in self._footnote_tokens.values():
            blocks += self._build_footnote(tokens, "·", cells)
        return tuple(blocks)

    def report_unused(self) -> tuple[Block, ...]:
        """Return a notice that lists the unused link definitions; empty if all are used."""
        names = [name for name in self._references if name not in self._used_labels]
        return (build_unused_block([name.casefold() for name in names]),) if names else ()

    def _build_footnote(self, tokens: list[Token], label: str, cells: int) -> list[Block]:
        self._parse_inlines(tokens)
        return self._builder.build_footnote(tokens, label, cells)

    def _collect_definitions(self) -> None:
        env = {"references": self._references}
        for definition in find_definitions(self._text):
            if definition.footnote_label:
                self._footnote_numbers[f":{definition.footnote_label}"] = -1
            else:
                get_block_parser().block.parse(definition.source, get_block_parser(), env, [])

    def _parse_inlines(self, tokens: list[Token]) -> None:
        """Set the children of the inline tokens among `tokens`."""
        parser = get_inline_parser()
        for token in tokens:
            if token.type == "inline":
                token.children = []
                if is_plain(token.content):
                    token.children += _tokenize_plain_text(token.content)
                    continue
                parser.inline.parse(token.content, parser, self._env, token.children)
                if self._references:
                    self._used_labels.update(find_used_labels(token.children))

    def _extract_footnotes(self, tokens: list[Token]) -> list[Token]:
        """Return `tokens` without footnote definitions, which are stored by label."""
        if not any(token.type == "footnote_reference_open" for token in tokens):
            return tokens
        stack: list[list[Token]] = [[]]
        for token in tokens:
            if token.type == "footnote_reference_open":
                stack.append(self._begin_footnote(token.meta["label"]))
            elif token.type == "footnote_reference_close":
                stack.pop()
            else:
                stack[-1].append(token)
        return stack[0]

    def _begin_footnote(self, label: str) -> list[Token]:
        """Return an empty list to fill with the tokens of a footnote.

        A second definition of a label is stored under a label that no text can call.
        """
        if label in self._footnote_tokens:
            label = f"{label} {len(self._footnote_tokens)}"
        return self._footnote_tokens.setdefault(label, [])

    def _show_source(self) -> tuple[Block, ...]:
        """Return the source up to the next blank line, which is too deeply nested to parse."""
        end = self._text.find("\n\n", self._position)
        end = len(self._text) if end < 0 else end + 2
        source, self._position = self._text[self._position : end], end
        return build_source_blocks(source)

    def _find_line_end(self, offset: int) -> int:
        """Return the start of the line after the one at `offset`, or the end of the text."""
        end = self._text.find("\n", offset)
        return len(self._text) if end < 0 else end + 1


def _tokenize_blocks(source: str, last_comment_end: int) -> list[Token]:
    """Return the block tokens of `source`. Its definitions are ignored: they were scanned."""
    tokens: list[Token] = []
    env = {LAST_COMMENT_END: last_comment_end}
    get_block_parser().block.parse(source, get_block_parser(), env, tokens)
    return tokens


def _tokenize_plain_text(content: str) -> Iterator[Token]:
    """Yield the inline tokens of a plain paragraph, the same as the parser's."""
    first, *rest = content.split("\n")
    yield Token("text", "", 0, content=first.rstrip(" "))
    for line in rest:
        yield Token("softbreak", "br", 0)
        yield Token("text", "", 0, content=line.lstrip(" \t").rstrip(" "))


def _replace_deep_blocks(tokens: list[Token], source: str) -> list[Token]:
    """Replace each outermost block that nests too deeply with a token of its source.

    markdown-it drops the content below its nesting limit silently.
    """
    if all(token.level < MAX_BLOCK_LEVELS - 2 for token in tokens):
        return tokens
    lines = source.split("\n")
    result: list[Token] = []
    for block in _split_outer_blocks(tokens):
        if block[0].map and any(token.level >= MAX_BLOCK_LEVELS - 2 for token in block):
            first, last = block[0].map
            content = "\n".join(lines[first:last]).strip("\n")
            result.append(Token("too_deep", "", 0, content=content))
        else:
            result += block
    return result


def _split_outer_blocks(tokens: list[Token]) -> Iterator[list[Token]]:
    """Yield the tokens of each outermost block."""
    start = 0
    for index, token in enumerate(tokens):
        if token.level == 0 and token.nesting <= 0:
            yield tokens[start : index + 1]
            start = index + 1


def _find_last_outer_block(tokens: list[Token]) -> int | None:
    """Return the index of the token that opens the last outermost block, or None."""
    for index in range(len(tokens) - 1, -1, -1):
        token = tokens[index]
        if token.level == 0 and token.map is not None and token.nesting >= 0:
            return index
    return None


def _get_start_line(token: Token) -> int:
    return token.map[0] if token.map else 0


def _find_line_offset(source: str, line: int) -> int:
    """Return the offset in `source` where line number `line`, counted from 0, starts."""
    offset = 0
    for _ in range(line):
        offset = source.index("\n", offset) + 1
    return offset
