"""Convert block tokens to the blocks of a document."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar, Final

from reader.markdown import build_source_blocks, list_picture_lines, may_precede_title
from reader.markdown.block_context import (
    LEADING_DASH,
    MAX_ATTRIBUTION_CHARACTERS,
    Nesting,
    RepeatFinder,
    find_callout,
    find_caption,
    is_one_paragraph_quote,
    is_tight_list,
    normalize_title,
    read_numbering,
    split_non_text_lines,
)
from reader.markdown.inline import (
    PICTURE_MARKER,
    InlineBuilder,
    build_heading,
    has_block_tag,
    remove_prefix,
)
from reader.markdown.spans import blank_placeholders, expand_tabs, shift_spans
from reader.text.cells import sanitize
from reader.text.document import (
    Block,
    Container,
    Kind,
    NestingLevel,
    Role,
    Span,
)
from reader.text.places import get_heading_title
from reader.text.words import count_words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from markdown_it.token import Token

    from reader.markdown.dialect import StyledText


def build_inline_footnote(
    children: Sequence[Token], fallback: str, label: str, cells: int
) -> Block:
    """Return the block of an inline footnote (`^[text]`), with `fallback` as text if empty.

    `cells` is the width of the widest footnote label.
    """
    text, spans = InlineBuilder().build(children) if children else (sanitize(fallback), ())
    level = NestingLevel(Container.LIST_ITEM, label, cells, is_first=True)
    return Block(Kind.PARAGRAPH, text, spans, (level,), tight=True)


SUMMARY_MARKER: Final = "▸"
"""Begins the summary line of an HTML `details` element."""
_CHECK_MARK: Final = re.compile("[✔✅☑✓]\ufe0f?[ \t\u00a0]*(?=\\S)")
_UNCOUNTED_KINDS: Final = frozenset({Kind.CODE, Kind.PLACEHOLDER})
"""Blocks whose words are not counted as words of the story."""
_DEFINITION_INDENT_CELLS: Final = 3
"""The indent of a definition under its term, less the space after its label."""


class BlockBuilder:
    """Builds the blocks of one text, slice after slice.

    `HANDLERS`, at the end of the class, maps each token type to the method that handles it.
    A handler is called with `_position` at the token after its own, and moves it past every
    token that it consumes. Tokens without a handler produce nothing.
    """

    def __init__(self, source: str, title: str = "") -> None:
        self._repeat_finder = RepeatFinder(source)
        self._title = normalize_title(title)
        self._is_opening = True  # the title may still come
        self._was_check_item = False
        """The last block was a paragraph that began with a check mark."""
        self._was_picture = False
        """The last block was a picture. The next one may be its caption."""
        self._nesting = Nesting()
        self._blocks: list[Block] = []
        self._tokens: Sequence[Token] = ()
        self._position = 0
        self._counts_words = True
        self._anchors: tuple[Span, ...] = ()

    def build(self, tokens: Sequence[Token]) -> list[Block]:
        """Return the blocks of `tokens`, a sequence of complete outermost blocks."""
        self._blocks = []
        self._handle_tokens(tokens)
        return self._blocks

    def _handle_tokens(self, tokens: Sequence[Token]) -> None:
        before = self._tokens, self._position
        self._tokens, self._position = tokens, 0
        while self._position < len(tokens):
            token = tokens[self._position]
            self._position += 1
            handler = self.HANDLERS.get(token.type)
            if handler is not None:
                handler(self, token)
        self._tokens, self._position = before

    def take_anchors(self) -> tuple[Block, ...]:
        """Return an empty block for the anchors that no block followed; none without any."""
        spans, self._anchors = self._anchors, ()
        return (Block(Kind.PARAGRAPH, "", spans, tight=True),) if spans else ()

    def build_footnote(self, tokens: Sequence[Token], label: str, cells: int) -> list[Block]:
        """Return the blocks of a footnote. `cells` is the width of the widest label."""
        self._counts_words = False
        self._nesting = Nesting()
        self._nesting.open_container(NestingLevel(Container.LIST_ITEM, label, cells))
        blocks = self.build(tokens)
        if not blocks:
            self._add_block(Kind.PARAGRAPH, "")
        self._nesting, self._counts_words = Nesting(), True
        return [blocks[0]._replace(tight=True), *blocks[1:]]

    def _make_block(
        self, kind: Kind, text: str, spans: tuple[Span, ...] = (), *, no_gap: bool = False
    ) -> Block:
        """Return the next block, nested in the open containers; `no_gap`: no blank row above."""
        counts_words = (
            self._counts_words
            and kind not in _UNCOUNTED_KINDS
            and not self._nesting.is_in_pull_quote
        )
        nesting, tight = self._nesting.begin_block()
        own_text = blank_placeholders(text, spans) if spans else text
        words = count_words(own_text) if counts_words else 0
        self._was_check_item = self._was_picture = False
        spans, self._anchors = (*self._anchors, *spans), ()
        block = Block(kind, text, spans, nesting, tight=tight or no_gap, words=words)
        self._is_opening = self._is_opening and may_precede_title(block)
        return block

    def _add_block(
        self, kind: Kind, text: str, spans: tuple[Span, ...] = (), *, no_gap: bool = False
    ) -> None:
        self._blocks.append(self._make_block(kind, text, spans, no_gap=no_gap))

    def _take_inline(self) -> Token:
        """Return the inline token of the block that was just opened, and pass its end."""
        inline = self._tokens[self._position]
        self._position += 2
        return inline

    def _open_bullet_list(self, token: Token) -> None:
        tight = is_tight_list(self._tokens, self._position)
        self._nesting.open_list(None, 1, tight=tight, tag=token.info)

    def _open_ordered_list(self, token: Token) -> None:
        numbering, cells = read_numbering(self._tokens, self._position)
        tight = is_tight_list(self._tokens, self._position)
        self._nesting.open_list(numbering, cells, tight=tight, tag=token.info)

    def _open_list_item(self, token: Token) -> None:
        if "html" in token.meta:
            if not self._nesting.close_inside_list():
                self._nesting.open_list(None, 1, tight=True, tag="ul")
            # Nesting opens no list below its limit, so there may be none even now.
            if self._nesting.close_inside_list():
                self._nesting.open_item(value=token.meta["value"])
            return
        box = ("☑" if token.meta["checked"] else "☐") if "checked" in token.meta else ""
        self._nesting.open_item(label=box, delimiter=token.markup or ".")

    def _close_list_item(self, _: Token) -> None:
        self._nesting.close_html()
        if self._nesting.is_innermost_empty:  # an item without text still shows its label
            self._add_block(Kind.PARAGRAPH, "")

    def _close_container(self, _: Token) -> None:
        self._nesting.close_container()

    def _close_html_element(self, token: Token) -> None:
        if token.tag != "li":
            self._nesting.close_tag(token.tag)
        elif self._nesting.close_inside_list() and self._nesting.is_innermost_empty:
            self._add_block(Kind.PARAGRAPH, "")

    def _open_quote(self, token: Token) -> None:
        if not token.info and self._open_callout():
            return
        container = Container.PULL_QUOTE if self._is_pull_quote() else Container.BLOCK_QUOTE
        self._nesting.open_container(NestingLevel(container), token.info)

    def _is_pull_quote(self) -> bool:
        """Return whether the quote that opens here is one paragraph that the text repeats."""
        return (
            not self._nesting
            and is_one_paragraph_quote(self._tokens, self._position)
            and self._repeat_finder.is_repeated(self._tokens[self._position + 1].content)
        )

    def _open_definition(self, token: Token) -> None:
        level = NestingLevel(Container.DEFINITION, "", _DEFINITION_INDENT_CELLS)
        self._nesting.open_container(level, token.info)

    def _open_callout(self) -> bool:
        """Open the callout that the quote at the position is; return whether it is one."""
        callout = find_callout(self._tokens, self._position)
        if callout is None:
            return False
        self._nesting.open_container(NestingLevel(Container.CALLOUT, callout.kind))
        text, spans = InlineBuilder().build(callout.title)
        whole = Span(0, len(text), Role.STRONG | Role.ACCENT)
        self._add_block(Kind.PARAGRAPH, text, (whole, *spans))
        self._position += 3
        if callout.body:
            self._add_paragraph(callout.body)
        return True

    def _read_paragraph(self, _: Token) -> None:
        """Add a paragraph. In a quote its last part may be an attribution."""
        inline = self._take_inline()
        children = inline.children or []
        start = self._find_attribution(inline.content, children)
        if start < 0:
            self._add_paragraph(children)
            return
        if start > 0:
            self._add_paragraph(children[:start])
        text, spans = remove_prefix(LEADING_DASH, *InlineBuilder().build(children[start:]))
        self._add_block(Kind.ATTRIBUTION, f"— {text}", shift_spans(spans, 2), no_gap=True)

    def _find_attribution(self, source: str, children: Sequence[Token]) -> int:
        """Return the index of the token where a quote's attribution starts, or -1."""
        if not self._nesting.is_in_quote:
            return -1
        before, _, last_line = source.rpartition("\n")
        if not LEADING_DASH.match(last_line) or len(last_line) > MAX_ATTRIBUTION_CHARACTERS:
            return -1
        if before:
            breaks = (i for i, c in enumerate(children) if c.type in ("softbreak", "hardbreak"))
            return max(breaks, default=-1)
        # A quote whose first paragraph begins with a dash is speech.
        return -1 if self._nesting.is_innermost_empty else 0

    def _add_paragraph(self, children: Sequence[Token]) -> None:
        if not children:  # it was a block id, which is not shown
            return
        if has_block_tag(children):
            self._add_html_paragraph(children)
            return
        if self._was_picture and (caption := find_caption(children)):
            self._add_caption(caption)
            return
        lines = split_non_text_lines(children)
        if lines:
            self._add_non_text_lines(lines)
            return
        text, spans = InlineBuilder().build(children)
        if not text and all(span.role is Role.PLAIN for span in spans):  # anchors alone
            self._anchors += spans
            return
        is_check_item = _CHECK_MARK.match(text) is not None
        if is_check_item:
            text, spans = remove_prefix(_CHECK_MARK, text, spans)
            self._nesting.open_check_item(continues_list=self._was_check_item)
        kind = Kind.VERSE if "\n" in text else Kind.PARAGRAPH
        self._add_block(kind, text, spans)
        if is_check_item:
            self._nesting.close_check_item()
            self._was_check_item = True

    def _add_html_paragraph(self, children: Sequence[Token]) -> None:
        """Add a paragraph with HTML block tags in it as several blocks."""
        from reader.markdown.html.blocks import tokenize_inlines

        depth = self._nesting.depth
        self._handle_tokens(tokenize_inlines(children))
        self._nesting.close_to(depth)

    def _add_non_text_lines(self, lines: Sequence[Sequence[Token]]) -> None:
        """Add each line of a paragraph without text: a placeholder, or a picture's caption."""
        for number, line in enumerate(lines):
            if number and self._was_picture and (caption := find_caption(line)):
                self._add_caption(caption)
                continue
            self._add_placeholder(line, no_gap=number > 0)

    def _add_placeholder(self, children: Sequence[Token], *, no_gap: bool = False) -> None:
        """Add a line for a picture, a template tag or omitted HTML.

        The whole line is dim, so spans without a target are dropped.
        """
        text, spans = InlineBuilder().build(children)
        targets = tuple(s for s in spans if s.target and s.end <= len(text.strip()))
        self._add_block(Kind.PLACEHOLDER, text.strip(), targets, no_gap=no_gap)
        self._was_picture = text.startswith(PICTURE_MARKER)

    def _add_caption(self, children: Sequence[Token]) -> None:
        """Add a picture's caption directly under it. Its words are not counted."""
        text, spans = InlineBuilder().build(children)
        self._add_block(Kind.PLACEHOLDER, text.replace("\n", " "), spans, no_gap=True)

    def _add_figure_caption(self, _: Token) -> None:
        self._add_caption(self._take_inline().children or [])

    def _add_summary(self, _: Token) -> None:
        self._add_strong_line(f"{SUMMARY_MARKER} ")

    def _add_term(self, _: Token) -> None:
        self._add_strong_line("")

    def _add_strong_line(self, marker: str) -> None:
        """Add the line above a definition or a disclosure, strong and on one line."""
        text, spans = InlineBuilder().build(self._take_inline().children or [])
        whole = Span(0, len(marker) + len(text), Role.STRONG)
        spans = (whole, *shift_spans(spans, len(marker)))
        self._add_block(Kind.PARAGRAPH, f"{marker}{text}".replace("\n", " "), spans)

    def _add_anchor(self, token: Token) -> None:
        self._anchors += (Span(0, 0, Role.PLAIN, token.info),)

    def _add_omitted(self, token: Token) -> None:
        self._add_placeholder([token])

    def _add_source(self, token: Token) -> None:
        """Add a block that is nested too deeply, as its source."""
        for block in build_source_blocks(token.content):
            self._add_block(block.kind, block.text, no_gap=block.tight)

    def _add_heading(self, token: Token) -> None:
        """Add a heading, unless it begins the text and repeats the title."""
        text, spans = build_heading(self._take_inline().children or [])
        heading = Block(Kind.HEADING, text.replace("\n", " "), spans)
        may_be_title = self._is_opening and self._title and not self._nesting
        if may_be_title and normalize_title(get_heading_title(heading)) == self._title:
            self._title, self._blocks = "", [*self._blocks, *list_picture_lines(heading)]
            return
        block = self._make_block(Kind.HEADING, heading.text, spans)
        self._blocks.append(block._replace(heading_level=int(token.tag[1:])))

    def _add_break(self, _: Token) -> None:
        self._add_block(Kind.BREAK, "")

    def _add_code(self, token: Token) -> None:
        info = sanitize(token.info).split()
        block = self._make_block(Kind.CODE, *expand_tabs(sanitize(token.content).rstrip("\n")))
        self._blocks.append(block._replace(language=info[0] if info else ""))

    def _add_html(self, token: Token) -> None:
        from reader.markdown.html.blocks import tokenize_html
        from reader.markdown.html.lists import MAX_LIST_TOKENS, complete_lists

        following = self._tokens[self._position : self._position + MAX_LIST_TOKENS]
        self._handle_tokens(complete_lists(tokenize_html(token.content), following))

    def _add_table(self, _: Token) -> None:
        from reader.markdown.dialect import split_table

        rows: list[list[StyledText]] = []
        alignments: list[str] = []
        while self._tokens[self._position].type != "table_close":
            token = self._tokens[self._position]
            if token.type == "tr_open":
                rows.append([])
            elif token.type == "th_open":
                style = str(token.attrs.get("style", ""))
                alignments.append(style.removeprefix("text-align:") or "left")
            elif token.type == "inline":
                text, spans = InlineBuilder().build(token.children or [])
                rows[-1].append((text.replace("\n", " "), spans))
            self._position += 1
        self._position += 1
        for number, (text, spans, columns) in enumerate(split_table(rows, alignments)):
            block = self._make_block(Kind.TABLE, text, spans, no_gap=number > 0)
            self._blocks.append(block._replace(columns=columns))

    HANDLERS: ClassVar[Mapping[str, Callable[[BlockBuilder, Token], None]]] = {
        "paragraph_open": _read_paragraph,
        "heading_open": _add_heading,
        "hr": _add_break,
        "fence": _add_code,
        "code_block": _add_code,
        "table_open": _add_table,
        "html_block": _add_html,
        "bullet_list_open": _open_bullet_list,
        "bullet_list_close": _close_container,
        "ordered_list_open": _open_ordered_list,
        "ordered_list_close": _close_container,
        "list_item_open": _open_list_item,
        "list_item_close": _close_list_item,
        "blockquote_open": _open_quote,
        "blockquote_close": _close_container,
        "dt_open": _add_term,
        "dd_open": _open_definition,
        "dd_close": _close_container,
        # Made by html.blocks and parser, not by markdown-it:
        "figcaption_open": _add_figure_caption,
        "summary_open": _add_summary,
        "html_close": _close_html_element,
        "omitted": _add_omitted,
        "anchor": _add_anchor,
        "too_deep": _add_source,
    }
