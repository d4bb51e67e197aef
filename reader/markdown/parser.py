"""Parse Markdown into blocks, one slice of the text at a time.

Link and footnote definitions are collected by a scan first, because they change the first
screen. Sliced parsing gives the same blocks as parsing the whole text.
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
    MAX_BLOCK_LEVELS,
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
"""What may stand before a block's first character: quotes, bullets and numerals."""
_FOOTNOTE_LABEL: Final = re.compile(_CONTAINER_PREFIX + r"\[\^([^\]\s]+)\]:", re.MULTILINE)
_LINK_DEFINITION: Final = re.compile(
    _CONTAINER_PREFIX + r"(\[(?!\^)(?:[^\[\]\\]|\\.){1,999}\]:.*)(?=(\n.*)?)", re.MULTILINE
)
_MAX_LABEL_CHARACTERS: Final = 1_001
"""Characters of a label and its bracket, by the specification; and what may stand before it."""
_FENCE: Final = re.compile(_CONTAINER_PREFIX + r"(?:(`{3,})[^`\n]*|(~{3,}).*)$", re.MULTILINE)
_PARAGRAPH_END: Final = re.compile(r"[ \t>]*(?:#{1,6}[ \t].*|<.*|[-=*_`~ \t]*)\n?")
"""A line behind which no paragraph is open: a blank one, a heading, a rule, a fence, HTML."""
_CONTAINER_START: Final = re.compile(r"[ \t]*(?:>|[-+*][ \t]|\d{1,9}[.)][ \t])")
"""What begins a quote or an item, which ends the paragraph before it."""
_FENCE_CHARACTERS: Final = re.compile("```|~~~")


class Definition(NamedTuple):
    """A footnote's label, or the source of a link's definition."""

    footnote_label: str = ""
    source: str = ""


def find_definitions(text: str) -> Iterator[Definition]:
    """Yield what `text` defines, in order. Takes time in proportion to its length."""
    fences = None
    last = -1
    for start in _find_label_lines(text):
        note = _FOOTNOTE_LABEL.match(text, start)
        match = note or _LINK_DEFINITION.match(text, start)
        if match is None:
            continue
        fences = fences or _make_fence_test(text)
        if fences(start):
            continue
        if note:
            yield Definition(note[1])
        elif text.find("\n\n", last, start) < 0 <= last or _is_outside_paragraph(text, start):
            last = start  # others may follow closely, behind its title
            following = (match[2] or "").lstrip("\n\t >")
            yield Definition(source=f"{match[1]}\n{following}")


def _is_outside_paragraph(text: str, start: int) -> bool:
    """Tell whether no paragraph goes on into the line at `start`: a definition can't break one."""
    before = text[
        max(0, text.rfind("\n", 0, max(0, start - 1)) + 1, start - _MAX_LABEL_CHARACTERS) : start
    ]
    opens = _CONTAINER_START.match(text, start)
    return _PARAGRAPH_END.fullmatch(before) is not None or (
        opens is not None and opens[0] not in before
    )


def _find_label_lines(text: str) -> Iterator[int]:
    """Yield where each line begins that has the bracket in front of a `]:`."""
    last = -1
    at = text.find("]:")
    while at >= 0:
        opening = text.rfind("[", max(0, at - _MAX_LABEL_CHARACTERS), at)
        while opening > 0 and text[opening - 1] == "\\":
            opening = text.rfind("[", max(0, at - _MAX_LABEL_CHARACTERS), opening)
        start = text.rfind("\n", max(0, opening - _MAX_LABEL_CHARACTERS), max(0, opening)) + 1
        if opening >= 0 and start > last and (start or opening < _MAX_LABEL_CHARACTERS):
            yield start
            last = start
        at = text.find("]:", at + 2)


def _find_fence_lines(text: str) -> Iterator[re.Match[str]]:
    """Yield what may open or close a fence; only lines with three such marks are looked at."""
    end = 0
    while (marks := _FENCE_CHARACTERS.search(text, end)) is not None:
        start = text.rfind("\n", end, marks.start()) + 1 or end
        match = _FENCE.match(text, start)
        if match is not None:
            yield match
        end = text.find("\n", marks.end())
        if end < 0:
            return
        end += 1


def _make_fence_test(text: str) -> Callable[[int], bool]:
    """Return a function that tells whether an offset stands inside a code fence."""
    stretches: list[tuple[int, int]] = []
    opened = ""
    start = 0
    for match in _find_fence_lines(text):
        line = match[0].strip(" \t>")
        if not opened:
            opened, start = match[1] or match[2], match.start()
        elif line.startswith(opened) and not line.strip(opened[0]):
            stretches.append((start, match.end()))
            opened = ""
    if opened:
        stretches.append((start, len(text)))
    starts = [first for first, _ in stretches]

    def inside(offset: int) -> bool:
        index = bisect_right(starts, offset) - 1
        return index >= 0 and offset < stretches[index][1]

    return inside


FIRST_SLICE_CHARACTERS: Final = 16_000
"""Characters: several screens of text, parsed in about two milliseconds."""
NEXT_SLICE: Final = 8_000
"""Characters: two milliseconds, so that no key waits for more."""


def parse(text: str, title: str = "") -> Document:
    """Return the whole of `text` as a document; a first heading that is `title` is dropped."""
    document = Document()
    for piece in parse_slices(text, title):
        document.extend(piece.blocks)
        if piece.is_last:
            document.finish(piece.footnotes)
    return document


def parse_slices(
    text: str, title: str = "", first_size: int = FIRST_SLICE_CHARACTERS
) -> Iterator[Slice]:
    """Yield the blocks of `text` in order, `first` characters' worth and then more at a time.

    `text` has newlines only, no carriage returns. Takes time in proportion to its length.
    """
    run = _SliceParser(text, title)
    size = first_size
    blocks: tuple[Block, ...] = ()
    while not run.is_at_end:
        blocks = run.parse_slice(size)
        if not run.is_at_end:
            yield Slice(blocks)
        size = NEXT_SLICE
    notes = run.build_footnotes()  # which may use a definition
    yield Slice((*blocks, *run.report_unused()), notes, is_last=True)


class _SliceParser:
    """One text being parsed: where the next slice begins, and what earlier ones defined."""

    def __init__(self, text: str, title: str) -> None:
        self._text = text
        self._position = 0
        self._builder = BlockBuilder(text, title)
        self._references: dict[str, Any] = {}
        self._used_labels: set[str] = set()
        """Labels of the definitions that were used."""
        self._footnote_numbers: dict[str, int] = {}
        """Which footnotes there are, and the number of each that was called."""
        self._called_footnotes: dict[int, dict[str, Any]] = {}
        self._footnote_tokens: dict[str, list[Token]] = {}
        self._env = {
            "references": self._references,
            "footnotes": {"refs": self._footnote_numbers, "list": self._called_footnotes},
        }
        self._collect_definitions()

    @property
    def is_at_end(self) -> bool:
        return self._position >= len(self._text)

    def parse_slice(self, size: int) -> tuple[Block, ...]:
        """Parse about `size` characters more and return their blocks."""
        while True:
            end = self._find_line_end(self._position + size)
            source = self._text[self._position : end]
            try:
                tokens = _tokenize_blocks(source)
            except RecursionError:
                return self._show_source()
            if end == len(self._text):
                break
            last = _find_last_outer_block(tokens)
            if last is not None and (line := _get_start_line(tokens[last])) > 0:
                # Every block before the last one is closed, whatever comes after the slice.
                del tokens[last:]
                end = self._position + _find_line_offset(source, line)
                break
            size *= 2  # one block fills the slice: its end is not in sight
        self._position = end
        tokens = self._extract_footnotes(_replace_deep_blocks(tokens, source))
        self._parse_inlines(tokens)
        return tuple(self._builder.build(tokens))

    def build_footnotes(self) -> tuple[Block, ...]:
        """Return the footnotes in the order of their numbers, then those never called."""
        found: list[Block] = []
        wide = len(str(len(self._called_footnotes)))
        number = 0
        while (
            number in self._called_footnotes
        ):  # it grows while it is walked: a note may call another
            note = self._called_footnotes[number]
            number += 1
            label = str(number).translate(SUPERSCRIPTS)
            tokens = self._footnote_tokens.pop(note.get("label", ""), None)
            if tokens is None:
                fallback = f"[^{note.get('label', '')}]"
                found.append(build_inline_footnote(note.get("tokens", ()), fallback, label, wide))
            else:
                found += self._build_footnote(tokens, label, wide)
        for tokens in self._footnote_tokens.values():
            found += self._build_footnote(tokens, "·", wide)
        return tuple(found)

    def report_unused(self) -> tuple[Block, ...]:
        """Return the line that tells which definitions of links nothing uses, if there are any."""
        names = [name for name in self._references if name not in self._used_labels]
        return (build_unused_block([name.casefold() for name in names]),) if names else ()

    def _build_footnote(self, tokens: list[Token], label: str, cells: int) -> list[Block]:
        self._parse_inlines(tokens)
        return self._builder.build_footnote(tokens, label, cells)

    def _collect_definitions(self) -> None:
        """Find link and footnote definitions first: they change the first screen."""
        env = {"references": self._references}
        for defined in find_definitions(self._text):
            if defined.footnote_label:
                self._footnote_numbers[f":{defined.footnote_label}"] = -1
            else:
                get_block_parser().block.parse(defined.source, get_block_parser(), env, [])

    def _parse_inlines(self, tokens: list[Token]) -> None:
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
        """Take the footnotes' definitions out of `tokens` and keep them for the end."""
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
        """Return where the tokens of a definition go; one defined again is never called."""
        if label in self._footnote_tokens:
            label = f"{label} {len(self._footnote_tokens)}"
        return self._footnote_tokens.setdefault(label, [])

    def _show_source(self) -> tuple[Block, ...]:
        """Show text that nests too deeply to be parsed as its source, to the next blank line."""
        end = self._text.find("\n\n", self._position)
        end = len(self._text) if end < 0 else end + 2
        source, self._position = self._text[self._position : end], end
        return build_source_blocks(source)

    def _find_line_end(self, at: int) -> int:
        end = self._text.find("\n", at)
        return len(self._text) if end < 0 else end + 1


def _tokenize_blocks(source: str) -> list[Token]:
    """Return the tokens of `source`; what it defines was found before."""
    tokens: list[Token] = []
    get_block_parser().block.parse(source, get_block_parser(), {}, tokens)
    return tokens


def _tokenize_plain_text(content: str) -> Iterator[Token]:
    """Yield the inline tokens of a plain paragraph, as the parser would make them."""
    first, *rest = content.split("\n")
    yield Token("text", "", 0, content=first.rstrip(" "))
    for line in rest:
        yield Token("softbreak", "br", 0)
        yield Token("text", "", 0, content=line.lstrip(" \t").rstrip(" "))


def _replace_deep_blocks(tokens: list[Token], source: str) -> list[Token]:
    """Return `tokens` with each outermost block that nests too deeply as its source.

    The parser drops what lies deeper than its limit without a word.
    """
    if all(token.level < MAX_BLOCK_LEVELS - 2 for token in tokens):
        return tokens
    lines = source.split("\n")
    kept: list[Token] = []
    for run in _split_outer_blocks(tokens):
        if run[0].map and any(token.level >= MAX_BLOCK_LEVELS - 2 for token in run):
            first, last = run[0].map
            content = "\n".join(lines[first:last]).strip("\n")
            kept.append(Token("too_deep", "", 0, content=content))
        else:
            kept += run
    return kept


def _split_outer_blocks(tokens: list[Token]) -> Iterator[list[Token]]:
    """Yield the tokens of one outermost block after the other."""
    start = 0
    for index, token in enumerate(tokens):
        if token.level == 0 and token.nesting <= 0:
            yield tokens[start : index + 1]
            start = index + 1


def _find_last_outer_block(tokens: list[Token]) -> int | None:
    """Return the index of the token that opens the last outermost block, if there is one."""
    for index in range(len(tokens) - 1, -1, -1):
        token = tokens[index]
        if token.level == 0 and token.map is not None and token.nesting >= 0:
            return index
    return None


def _get_start_line(token: Token) -> int:
    return token.map[0] if token.map else 0


def _find_line_offset(source: str, line: int) -> int:
    offset = 0
    for _ in range(line):
        offset = source.index("\n", offset) + 1
    return offset
