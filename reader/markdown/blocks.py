"""Convert block tokens to blocks, and report what could not be converted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from reader.markdown.block_context import (
    LEADING_DASH,
    MAX_ATTRIBUTION_CHARACTERS,
    Nesting,
    RepeatFinder,
    count_items,
    find_caption,
    is_one_paragraph_quote,
    is_tight_list,
    split_non_text_lines,
)
from reader.markdown.dialect import split_table
from reader.markdown.inline import PICTURE_MARKER, InlineBuilder
from reader.text.cells import sanitize
from reader.text.document import (
    Block,
    Container,
    Kind,
    NestingLevel,
    Role,
    Span,
    blank_placeholders,
    count_words,
    shift_spans,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from markdown_it.token import Token

    from reader.markdown.dialect import StyledText


TAB_CELLS: Final = 4
"""Cells a tab in code takes."""
_TOO_DEEP_NOTICE: Final = "[nested too deeply to be set: shown as it is written]"
_MAX_LISTED_NAMES: Final = 12
"""Names of unused definitions that are told; of more, how many."""


def build_source_blocks(source: str) -> tuple[Block, Block]:
    """Return `source` as it is written, under a line that says that it is."""
    text = sanitize(source).strip("\n").expandtabs(TAB_CELLS)
    return Block(Kind.PLACEHOLDER, _TOO_DEEP_NOTICE), Block(Kind.CODE, text, tight=True)


def build_unused_block(names: Sequence[str]) -> Block:
    """Return the line that tells which link definitions nothing in the text uses."""
    told = ", ".join(sanitize(name) for name in names[:_MAX_LISTED_NAMES])
    more = f" and {len(names) - _MAX_LISTED_NAMES} more" if len(names) > _MAX_LISTED_NAMES else ""
    return Block(Kind.PLACEHOLDER, f"[unused link definitions left out: {told}{more}]")


def build_inline_footnote(
    children: Sequence[Token], fallback: str, label: str, cells: int
) -> Block:
    """Return a footnote written where it is called, or `fallback` where it has no text."""
    text, spans = InlineBuilder().build(children) if children else (sanitize(fallback), ())
    level = NestingLevel(Container.LIST_ITEM, label, cells, is_first=True)
    return Block(Kind.PARAGRAPH, text, spans, (level,), tight=True)


SUMMARY_MARKER: Final = "▸"
"""Stands before the line that sums up what can be folded away elsewhere."""
_CHECK_MARK: Final = re.compile("[✔✅☑✓]\ufe0f?[ \t\u00a0]*(?=\\S)")
_UNCOUNTED_KINDS: Final = frozenset({Kind.CODE, Kind.PLACEHOLDER})
"""Kinds of blocks whose words are not the story's."""
_DEFINITION_INDENT_CELLS: Final = 3
"""Cells by which a definition stands in, and one more."""


class BlockBuilder:
    """Builds blocks from one text's tokens, slice after slice."""

    def __init__(self, source: str, title: str = "") -> None:
        self._repeat_finder = RepeatFinder(source)
        self._title = _normalize_text(title)
        self._is_first_block = True
        self._was_check_item = False
        """The last block was a paragraph with a typed check mark."""
        self._was_picture = False
        """The last block was a picture, which the next may be the caption of."""
        self._nesting = Nesting()
        self._blocks: list[Block] = []
        self._tokens: Sequence[Token] = ()
        self._position = 0
        self._counts_words = True

    def build(self, tokens: Sequence[Token]) -> list[Block]:
        """Return the blocks of `tokens`, which are whole outermost blocks."""
        self._blocks = []
        self._handle_tokens(tokens)
        return self._blocks

    def _handle_tokens(self, tokens: Sequence[Token]) -> None:
        before = self._tokens, self._position
        self._tokens, self._position = tokens, 0
        while self._position < len(tokens):
            token = tokens[self._position]
            self._position += 1
            handle = getattr(self, f"_{token.type}", None)
            if handle is not None:
                handle(token)
        self._tokens, self._position = before

    def build_footnote(self, tokens: Sequence[Token], label: str, cells: int) -> list[Block]:
        """Return a footnote's blocks under its `label`, of at most `cells` cells."""
        self._counts_words = False
        self._nesting = Nesting()
        self._nesting.open_container(NestingLevel(Container.LIST_ITEM, label, cells))
        blocks = self.build(tokens)
        if not blocks:
            self._add_block(Kind.PARAGRAPH, "")
        self._nesting, self._counts_words = Nesting(), True
        return [blocks[0]._replace(tight=True), *blocks[1:]]

    def _add_block(
        self,
        kind: Kind,
        text: str,
        spans: tuple[Span, ...] = (),
        *,
        no_gap: bool = False,
    ) -> None:
        """Add a block that stands in what is open; `closely`: with no blank row above it."""
        pulled = self._nesting.is_in_pull_quote
        nesting, tight = self._nesting.begin_block()
        words = 0
        if self._counts_words and not pulled and kind not in _UNCOUNTED_KINDS:
            words = count_words(blank_placeholders(text, spans) if spans else text)
        self._is_first_block = self._was_check_item = self._was_picture = False
        tight = tight or no_gap
        self._blocks.append(Block(kind, text, spans, nesting, tight=tight, words=words))

    def _update_last_block(self, **fields: Any) -> None:
        """Say more of the block that was added last."""
        self._blocks[-1] = self._blocks[-1]._replace(**fields)

    # What a block stands in ------------------------------------------------------------

    def _bullet_list_open(self, token: Token) -> None:
        self._nesting.open_list(
            None, 1, tight=is_tight_list(self._tokens, self._position), tag=token.info
        )

    def _ordered_list_open(self, token: Token) -> None:
        start = int(token.attrs.get("start", 1))
        count = token.meta["items"] if token.info else count_items(self._tokens, self._position)
        cells = len(str(start + max(1, count) - 1)) + 1
        self._nesting.open_list(
            start, cells, tight=is_tight_list(self._tokens, self._position), tag=token.info
        )

    def _list_item_open(self, token: Token) -> None:
        if "html" in token.meta:
            if not self._nesting.close_inside():
                self._nesting.open_list(None, 1, tight=True, tag="ul")
            if self._nesting.close_inside():
                self._nesting.open_item()
        elif "checked" in token.meta:
            self._nesting.open_item(label="☑" if token.meta["checked"] else "☐")
        else:
            self._nesting.open_item(delimiter=token.markup or ".")

    def _list_item_close(self, _: Token) -> None:
        self._nesting.close_html()
        if self._nesting.is_innermost_empty:  # an item without text still shows its mark
            self._add_block(Kind.PARAGRAPH, "")

    def _bullet_list_close(self, _: Token) -> None:
        self._nesting.close_container()

    _ordered_list_close = _blockquote_close = _alert_close = _dd_close = _bullet_list_close

    def _html_close(self, token: Token) -> None:
        if token.tag != "li":
            self._nesting.close_tag(token.tag)
        elif self._nesting.close_inside() and self._nesting.is_innermost_empty:
            self._add_block(Kind.PARAGRAPH, "")

    def _blockquote_open(self, token: Token) -> None:
        nest = Container.PULL_QUOTE if self._is_pull_quote() else Container.BLOCK_QUOTE
        self._nesting.open_container(NestingLevel(nest), tag=token.info)

    def _dd_open(self, token: Token) -> None:
        self._nesting.open_container(
            NestingLevel(Container.DEFINITION, "", _DEFINITION_INDENT_CELLS), tag=token.info
        )

    def _alert_open(self, token: Token) -> None:
        self._nesting.open_container(NestingLevel(Container.CALLOUT, token.info.lower()))

    def _alert_title_open(self, _: Token) -> None:
        name = self._tokens[self._position].content
        self._position += 2
        self._add_block(Kind.PARAGRAPH, name, (Span(0, len(name), Role.STRONG | Role.ACCENT),))

    # The blocks ------------------------------------------------------------------------

    def _paragraph_open(self, _: Token) -> None:
        inline = self._tokens[self._position]
        self._position += 2
        children = inline.children or []
        cut = self._find_attribution(inline.content, children)
        if cut < 0:
            self._add_paragraph(children)
            return
        if cut > 0:
            self._add_paragraph(children[:cut])
        text, spans = _remove_prefix(LEADING_DASH, *InlineBuilder().build(children[cut:]))
        self._add_block(Kind.ATTRIBUTION, f"— {text}", shift_spans(spans, 2), no_gap=True)

    def _add_paragraph(self, children: Sequence[Token]) -> None:
        if self._was_picture and (found := find_caption(children)):
            self._add_caption(found)
            return
        apart = split_non_text_lines(children)
        if apart:
            self._add_non_text_lines(apart)
            return
        text, spans = InlineBuilder().build(children)
        checked = _CHECK_MARK.match(text)
        if checked is not None:
            text, spans = _remove_prefix(_CHECK_MARK, text, spans)
            self._nesting.open_check_item(continues_list=self._was_check_item)
        kind = Kind.VERSE if "\n" in text else Kind.PARAGRAPH
        self._add_block(kind, text, spans)
        if checked is not None:
            self._nesting.close_check_item()
            self._was_check_item = True

    def _add_non_text_lines(self, lines: Sequence[Sequence[Token]]) -> None:
        """Add a paragraph that is no text: a stand-in line for each of its lines."""
        for number, line in enumerate(lines):
            if number and self._was_picture and (found := find_caption(line)):
                self._add_caption(found)
                continue
            self._add_stand_in(line, no_gap=number > 0)

    def _add_stand_in(self, children: Sequence[Token], *, no_gap: bool = False) -> None:
        """Add a stand-in line, which is dim all through but for what can be followed."""
        text, spans = InlineBuilder().build(children)
        kept = tuple(span for span in spans if span.target)
        self._add_block(Kind.PLACEHOLDER, text.strip(), kept, no_gap=no_gap)
        self._was_picture = text.startswith(PICTURE_MARKER)

    def _add_caption(self, children: Sequence[Token]) -> None:
        """Add the words under a picture, which belong to it as its stand-in line does."""
        text, spans = InlineBuilder().build(children)
        self._add_block(Kind.PLACEHOLDER, text.replace("\n", " "), spans, no_gap=True)

    def _figcaption_open(self, _: Token) -> None:
        inline = self._tokens[self._position]
        self._position += 2
        self._add_caption(inline.children or [])

    def _summary_open(self, _: Token) -> None:
        self._add_strong_line(f"{SUMMARY_MARKER} ")

    def _dt_open(self, _: Token) -> None:
        self._add_strong_line("")

    def _add_strong_line(self, marker: str) -> None:
        """Add a line that stands over what follows: a term, a summary."""
        inline = self._tokens[self._position]
        self._position += 2
        text, spans = InlineBuilder().build(inline.children or [])
        over = Span(0, len(marker) + len(text), Role.STRONG)
        spans = (over, *shift_spans(spans, len(marker)))
        self._add_block(Kind.PARAGRAPH, f"{marker}{text}".replace("\n", " "), spans)

    def _omitted(self, token: Token) -> None:
        self._add_stand_in([token])

    def _too_deep(self, token: Token) -> None:
        for block in build_source_blocks(token.content):
            self._add_block(block.kind, block.text, no_gap=block.tight)

    def _heading_open(self, token: Token) -> None:
        inline = self._tokens[self._position]
        self._position += 2
        text, spans = InlineBuilder().build(inline.children or [])
        if self._is_first_block and self._title and _normalize_text(text) == self._title:
            self._is_first_block, self._title = False, ""
            return
        self._add_block(Kind.HEADING, text.replace("\n", " "), spans)
        self._update_last_block(heading_level=int(token.tag[1:]))

    def _hr(self, _: Token) -> None:
        self._add_block(Kind.BREAK, "")

    def _fence(self, token: Token) -> None:
        language = sanitize(token.info).split()
        text = sanitize(token.content).rstrip("\n").expandtabs(TAB_CELLS)
        self._add_block(Kind.CODE, text)
        self._update_last_block(language=language[0] if language else "")

    _code_block = _fence

    def _html_block(self, token: Token) -> None:
        from reader.markdown.html_blocks import tokenize_html

        self._handle_tokens(tokenize_html(token.content))

    def _table_open(self, _: Token) -> None:
        rows: list[list[StyledText]] = []
        aligns: list[str] = []
        while self._tokens[self._position].type != "table_close":
            part = self._tokens[self._position]
            if part.type == "tr_open":
                rows.append([])
            elif part.type == "th_open":
                aligns.append(str(part.attrs.get("style", ""))[len("text-align:") :] or "left")
            elif part.type == "inline":
                text, spans = InlineBuilder().build(part.children or [])
                rows[-1].append((text.replace("\n", " "), spans))
            self._position += 1
        self._position += 1
        for number, (text, spans, columns) in enumerate(split_table(rows, aligns)):
            self._add_block(Kind.TABLE, text, spans, no_gap=number > 0)
            self._update_last_block(columns=columns)

    # What the source tells -------------------------------------------------------------

    def _find_attribution(self, source: str, children: Sequence[Token]) -> int:
        """Return the index of the token that begins the name of who is quoted, or -1."""
        if not self._nesting.is_in_quote:
            return -1
        before, _, last = source.rpartition("\n")
        if not LEADING_DASH.match(last) or len(last) > MAX_ATTRIBUTION_CHARACTERS:
            return -1
        if before:
            breaks = (i for i, c in enumerate(children) if c.type in ("softbreak", "hardbreak"))
            return max(breaks, default=-1)
        # A quote that opens with a dash is somebody speaking.
        return -1 if self._nesting.is_innermost_empty else 0

    def _is_pull_quote(self) -> bool:
        """Tell whether the quote that opens here is one paragraph the text has elsewhere."""
        return (
            not self._nesting
            and is_one_paragraph_quote(self._tokens, self._position)
            and self._repeat_finder.is_repeated(self._tokens[self._position + 1].content)
        )


def _remove_prefix(
    pattern: re.Pattern[str], text: str, spans: tuple[Span, ...]
) -> tuple[str, tuple[Span, ...]]:
    """Return `text` and its spans without what `pattern` matches at the beginning."""
    match = pattern.match(text)
    cut = match.end() if match else 0
    kept = (span for span in spans if span.end > cut)
    return text[cut:], shift_spans(tuple(kept), -cut)


def _normalize_text(text: str) -> str:
    return re.sub(r"\W+", "", text).casefold()
