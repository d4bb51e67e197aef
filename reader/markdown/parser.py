"""Parse Markdown into blocks, one slice of the text at a time.

Link and footnote definitions are found by a scan before the first slice, because text anywhere
may use them. Parsing in slices gives the same blocks as parsing the whole text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from markdown_it.token import Token

from reader.markdown import build_source_blocks, build_unused_block
from reader.markdown.block_context import IS_TIGHT, ITEM_COUNT
from reader.markdown.blocks import (
    BlockBuilder,
    build_inline_footnote,
)
from reader.markdown.definitions import find_definitions
from reader.markdown.dialect import (
    LAST_COMMENT_END,
    MAX_BLOCK_LEVELS,
    find_last_comment_end,
    find_used_labels,
    get_block_parser,
    get_inline_parser,
)
from reader.markdown.extensions import OPEN_FORMULA_LINE
from reader.markdown.list_slices import (
    LIST_TOKENS,
    find_last_item,
    find_list_facts,
    find_quote_cut,
    make_first_heading,
    make_first_item,
    may_nest_too_deeply,
    remove_first_heading,
    remove_first_item,
)
from reader.markdown.plain_prose import FIRST_SLICE_CHARACTERS, is_plain, tokenize_plain_text
from reader.text.document import SUPERSCRIPTS, Document, Slice

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from reader.text.document import Block


NEXT_SLICE_CHARACTERS: Final = 8_000
"""So few that no key waits more than about two milliseconds for a slice."""
LARGE_BLOCK_CHARACTERS: Final = 32_000
"""A block that is larger takes some frames, or seconds, to parse."""


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
    text: str,
    title: str = "",
    first_size: int = FIRST_SLICE_CHARACTERS,
    begun: tuple[BlockBuilder, int] | None = None,
) -> Iterator[Slice]:
    """Parse `text` in slices and yield the blocks of each. Takes linear time.

    The first slice has about `first_size` characters, each later one NEXT_SLICE_CHARACTERS.
    A slice is longer if one block fills it that isn't a quote or a list that can be cut. A slice
    without blocks comes before such a block of over LARGE_BLOCK_CHARACTERS, unless that is the
    first one. The last slice brings the footnotes. If other code has `begun`, what has built the
    first blocks, and the offset of the block after them, are given: only the rest is parsed.
    """
    parser = _SliceParser(text, *(begun or (BlockBuilder(text, title), 0)))
    size = NEXT_SLICE_CHARACTERS if begun else first_size
    blocks: tuple[Block, ...] = ()
    while not parser.is_at_end:
        parsed = parser.parse_slice(size)
        if parsed is None:
            before, size = size, parser.grow_size(size)
            if parser.position and before <= LARGE_BLOCK_CHARACTERS < size:
                yield Slice((), source_end=parser.position)
            continue
        blocks = parsed
        if not parser.is_at_end:
            yield Slice(blocks, source_end=parser.position)
        size = NEXT_SLICE_CHARACTERS
    blocks += parser.take_anchors()
    footnotes = parser.build_footnotes()  # before report_unused: they may use definitions
    yield Slice((*blocks, *parser.report_unused()), footnotes, is_last=True)


class _SliceParser:
    """The state of parsing one text: the position, and the definitions and their use so far."""

    def __init__(self, text: str, builder: BlockBuilder, position: int) -> None:
        self._text = text
        self._builder = builder
        self.position = position
        """The offset in the text where the next slice starts."""
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
        self._open_list: Token | None = None
        """The opening of the list that goes on at the position."""
        self._cut_list: Token | None = None
        """The opening of the list that was cut last."""
        self._open_quotes = 0
        """How many nested quotes go on at the position."""
        self._has_deep_lines: bool | None = None
        """Lines may nest too deeply; None until that is asked."""
        self._collect_definitions()

    @property
    def is_at_end(self) -> bool:
        return self.position >= len(self._text)

    def parse_slice(self, size: int) -> tuple[Block, ...] | None:
        """Parse about `size` more characters and return their blocks.

        Return None if they are not a whole block.
        """
        prefix = make_first_heading(self._open_quotes) if self._open_quotes else ""
        if self._open_list is not None:
            prefix = make_first_item(self._open_list)
        end = self._find_slice_end(self.position + size)
        source = prefix + self._text[self.position : end]
        comment_end = self._last_comment_end - self.position + len(prefix)
        try:
            tokens, env = _tokenize_blocks(source, comment_end)
            limit = env.get(OPEN_FORMULA_LINE, len(source)) - 1
            cut = self._find_cut(tokens, source, limit) if end < len(self._text) else len(tokens)
        except RecursionError:
            return self._show_source()
        if cut is None:
            return None
        if self._open_list is not None:
            cut -= remove_first_item(tokens)
        elif self._open_quotes:
            cut -= remove_first_heading(tokens, self._open_quotes)
        self._open_list, self._open_quotes = None, 0
        if cut < len(tokens):
            # The block or item at the cut may continue. Those before it are complete.
            offset = _find_line_offset(source, _get_start_line(tokens[cut]))
            end = self.position + offset - len(prefix)
            if tokens[cut].type == "list_item_open":
                self._open_list = self._cut_list
            else:
                self._open_quotes = tokens[cut].level
            del tokens[cut:]
        self.position = end
        tokens = self._extract_footnotes(_replace_deep_blocks(tokens, source))
        self._parse_inlines(tokens)
        return tuple(self._builder.build(tokens))

    def grow_size(self, size: int) -> int:
        """Return a larger size for a slice that a single block fills.

        It has all up to the next blank line, where most blocks end, and at least four times as
        much: what is parsed twice stays a third of the text.
        """
        blank_line = self._text.find("\n\n", self.position + size)
        rest = blank_line if blank_line >= 0 else len(self._text)
        return max(4 * size, rest - self.position + NEXT_SLICE_CHARACTERS)

    def _find_cut(self, tokens: list[Token], source: str, limit: int) -> int | None:
        """Return the index of the first token that text after `source` may change.

        Text from line `limit` on may be changed anyway.

        It opens the last outermost block, or else the last item of a list that may be cut, or the
        last block of a quote.
        None if neither has anything before it.
        """
        last = _find_last_outer_block(tokens, limit)
        if last is None or _get_start_line(tokens[last]) > 0:
            return last
        if tokens[last].type == "blockquote_open" and not self._may_nest_too_deeply():
            return find_quote_cut(tokens, last, limit, self._open_quotes)
        if tokens[last].type not in LIST_TOKENS:
            return None
        item = find_last_item(tokens, last, limit)
        line = _get_start_line(tokens[item])
        if self._open_list is not None:
            return item if line > 1 else None  # line 0 is the item before the source
        if not line or not self._may_cut_list(tokens[last], source, line):
            return None
        return item

    def _may_cut_list(self, opening: Token, source: str, line: int) -> bool:
        """Return whether the list at the position may be cut; note what is known of all of it.

        `line` is where its last item in `source` begins.
        """
        if self._may_nest_too_deeply():
            return False
        complete, _ = _tokenize_blocks(source[: _find_line_offset(source, line)], -1)
        facts = find_list_facts(self._text, self.position, opening, complete)
        if facts is None:
            return False
        opening.meta = {**opening.meta, IS_TIGHT: facts.is_tight, ITEM_COUNT: facts.item_count}
        self._cut_list = opening
        return True

    def _may_nest_too_deeply(self) -> bool:
        if self._has_deep_lines is None:
            self._has_deep_lines = may_nest_too_deeply(self._text)
        return self._has_deep_lines

    def take_anchors(self) -> tuple[Block, ...]:
        """Return the block of the anchors at the end of the text, if there are any."""
        return self._builder.take_anchors()

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
                    token.children += cast("Iterator[Token]", tokenize_plain_text(token.content))
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
        end = self._text.find("\n\n", self.position)
        end = len(self._text) if end < 0 else end + 2
        source, self.position = self._text[self.position : end], end
        return build_source_blocks(source)

    def _find_slice_end(self, offset: int) -> int:
        """Return where the slice ends that has the text up to `offset`: at the end of a line.

        But at `offset` if a line of enormous length is there, below a blank line or at the
        position. As far as it is in the slice it is enough to tell that the block before it is
        complete, if there is one.
        """
        end = self._find_line_end(offset)
        if end - offset <= LARGE_BLOCK_CHARACTERS:
            return end
        start = self._text.rfind("\n", self.position, offset) + 1
        if start <= self.position + 1:
            return offset if not (start or self._open_list or self._open_quotes) else end
        return offset if self._text.startswith("\n\n", start - 2) else end

    def _find_line_end(self, offset: int) -> int:
        """Return the start of the line after the one at `offset`, or the end of the text."""
        end = self._text.find("\n", offset)
        return len(self._text) if end < 0 else end + 1


def _tokenize_blocks(source: str, last_comment_end: int) -> tuple[list[Token], dict[str, Any]]:
    """Return the block tokens of `source`, and the environment of its parser.

    Its definitions are ignored: they were scanned.
    """
    tokens: list[Token] = []
    env: dict[str, Any] = {LAST_COMMENT_END: last_comment_end}
    get_block_parser().block.parse(source, get_block_parser(), env, tokens)
    return tokens, env


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


def _find_last_outer_block(tokens: list[Token], limit: int) -> int | None:
    """Return the index of the token that opens the last outermost block, or None.

    The block begins at line `limit` or before.
    """
    for index in range(len(tokens) - 1, -1, -1):
        token = tokens[index]
        is_outer = token.level == 0 and token.map is not None and token.nesting >= 0
        if is_outer and _get_start_line(token) <= limit:
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
