"""Convert block tokens to blocks, and report what could not be converted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from reader.markdown.block_context import (
    DASHED,
    LONGEST_ATTRIBUTION,
    Nesting,
    Repeats,
    caption,
    is_one_paragraph,
    is_tight,
    items,
    lines_apart,
)
from reader.markdown.dialect import chunks
from reader.markdown.inline import PICTURE, Inline
from reader.text.cells import clean
from reader.text.document import Block, Kind, Level, Nest, Role, Span, count_words, moved, worded

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from markdown_it.token import Token

    from reader.markdown.dialect import Rich


TAB: Final = 4
"""Cells a tab in code takes."""
_DEEP: Final = "[nested too deeply to be set: shown as it is written]"
_MOST_TOLD: Final = 12
"""Names of unused definitions that are told; of more, how many."""


def source_blocks(source: str) -> tuple[Block, Block]:
    """Return `source` as it is written, under a line that says that it is."""
    text = clean(source).strip("\n").expandtabs(TAB)
    return Block(Kind.STAND_IN, _DEEP), Block(Kind.CODE, text, tight=True)


def unused_block(names: Sequence[str]) -> Block:
    """Return the line that tells which link definitions nothing in the text uses."""
    told = ", ".join(clean(name) for name in names[:_MOST_TOLD])
    more = f" and {len(names) - _MOST_TOLD} more" if len(names) > _MOST_TOLD else ""
    return Block(Kind.STAND_IN, f"[unused link definitions left out: {told}{more}]")


def inline_block(children: Sequence[Token], fallback: str, label: str, cells: int) -> Block:
    """Return a footnote written where it is called, or `fallback` where it has no text."""
    text, spans = Inline().feed(children) if children else (clean(fallback), ())
    level = Level(Nest.ITEM, label, cells, opens=True)
    return Block(Kind.PARAGRAPH, text, spans, (level,), tight=True)


SUMMARY: Final = "▸"
"""Stands before the line that sums up what can be folded away elsewhere."""
_CHECK: Final = re.compile("[✔✅☑✓]\ufe0f?[ \t\u00a0]*(?=\\S)")
_UNCOUNTED: Final = frozenset({Kind.CODE, Kind.STAND_IN})
"""Kinds of blocks whose words are not the story's."""
_DEFINITION: Final = 3
"""Cells by which a definition stands in, and one more."""


class Builder:
    """Builds blocks from one text's tokens, slice after slice."""

    def __init__(self, source: str, title: str = "") -> None:
        self._repeats = Repeats(source)
        self._title = _folded(title)
        self._first = True
        self._checked = False
        """The last block was a paragraph with a typed check mark."""
        self._pictured = False
        """The last block was a picture, which the next may be the caption of."""
        self._open = Nesting()
        self._blocks: list[Block] = []
        self._tokens: Sequence[Token] = ()
        self._at = 0
        self._counts = True

    def build(self, tokens: Sequence[Token]) -> list[Block]:
        """Return the blocks of `tokens`, which are whole outermost blocks."""
        self._blocks = []
        self._walk(tokens)
        return self._blocks

    def _walk(self, tokens: Sequence[Token]) -> None:
        before = self._tokens, self._at
        self._tokens, self._at = tokens, 0
        while self._at < len(tokens):
            token = tokens[self._at]
            self._at += 1
            handle = getattr(self, f"_{token.type}", None)
            if handle is not None:
                handle(token)
        self._tokens, self._at = before

    def note(self, tokens: Sequence[Token], label: str, cells: int) -> list[Block]:
        """Return a footnote's blocks under its `label`, of at most `cells` cells."""
        self._counts = False
        self._open = Nesting()
        self._open.open(Level(Nest.ITEM, label, cells))
        blocks = self.build(tokens)
        if not blocks:
            self._add(Kind.PARAGRAPH, "")
        self._open, self._counts = Nesting(), True
        return [blocks[0]._replace(tight=True), *blocks[1:]]

    def _add(
        self,
        kind: Kind,
        text: str,
        spans: tuple[Span, ...] = (),
        *,
        closely: bool = False,
    ) -> None:
        """Add a block that stands in what is open; `closely`: with no blank row above it."""
        pulled = self._open.pulls
        nesting, tight = self._open.levels()
        words = 0
        if self._counts and not pulled and kind not in _UNCOUNTED:
            words = count_words(worded(text, spans) if spans else text)
        self._first = self._checked = self._pictured = False
        tight = tight or closely
        self._blocks.append(Block(kind, text, spans, nesting, tight=tight, words=words))

    def _amend(self, **facts: Any) -> None:
        """Say more of the block that was added last."""
        self._blocks[-1] = self._blocks[-1]._replace(**facts)

    # What a block stands in ------------------------------------------------------------

    def _bullet_list_open(self, token: Token) -> None:
        self._open.open_list(None, 1, tight=is_tight(self._tokens, self._at), tag=token.info)

    def _ordered_list_open(self, token: Token) -> None:
        start = int(token.attrs.get("start", 1))
        count = token.meta["items"] if token.info else items(self._tokens, self._at)
        cells = len(str(start + max(1, count) - 1)) + 1
        self._open.open_list(start, cells, tight=is_tight(self._tokens, self._at), tag=token.info)

    def _list_item_open(self, token: Token) -> None:
        if "html" in token.meta:
            if not self._open.within():
                self._open.open_list(None, 1, tight=True, tag="ul")
            if self._open.within():
                self._open.open_item()
        elif "checked" in token.meta:
            self._open.open_item(mark="☑" if token.meta["checked"] else "☐")
        else:
            self._open.open_item(behind=token.markup or ".")

    def _list_item_close(self, _: Token) -> None:
        self._open.close_html()
        if self._open.is_fresh:  # an item without text still shows its mark
            self._add(Kind.PARAGRAPH, "")

    def _bullet_list_close(self, _: Token) -> None:
        self._open.close()

    _ordered_list_close = _blockquote_close = _alert_close = _dd_close = _bullet_list_close

    def _html_close(self, token: Token) -> None:
        if token.tag != "li":
            self._open.close_tag(token.tag)
        elif self._open.within() and self._open.is_fresh:
            self._add(Kind.PARAGRAPH, "")

    def _blockquote_open(self, token: Token) -> None:
        nest = Nest.PULL if self._repeats_the_body() else Nest.QUOTE
        self._open.open(Level(nest), tag=token.info)

    def _dd_open(self, token: Token) -> None:
        self._open.open(Level(Nest.DEFINITION, "", _DEFINITION), tag=token.info)

    def _alert_open(self, token: Token) -> None:
        self._open.open(Level(Nest.CALLOUT, token.info.lower()))

    def _alert_title_open(self, _: Token) -> None:
        name = self._tokens[self._at].content
        self._at += 2
        self._add(Kind.PARAGRAPH, name, (Span(0, len(name), Role.STRONG | Role.ACCENT),))

    # The blocks ------------------------------------------------------------------------

    def _paragraph_open(self, _: Token) -> None:
        inline = self._tokens[self._at]
        self._at += 2
        children = inline.children or []
        cut = self._attribution(inline.content, children)
        if cut < 0:
            self._paragraph(children)
            return
        if cut > 0:
            self._paragraph(children[:cut])
        text, spans = _without(DASHED, *Inline().feed(children[cut:]))
        self._add(Kind.ATTRIBUTION, f"— {text}", moved(spans, 2), closely=True)

    def _paragraph(self, children: Sequence[Token]) -> None:
        if self._pictured and (found := caption(children)):
            self._caption(found)
            return
        apart = lines_apart(children)
        if apart:
            self._lines_apart(apart)
            return
        text, spans = Inline().feed(children)
        checked = _CHECK.match(text)
        if checked is not None:
            text, spans = _without(_CHECK, text, spans)
            self._open.open_check_mark(run=self._checked)
        kind = Kind.VERSE if "\n" in text else Kind.PARAGRAPH
        self._add(kind, text, spans)
        if checked is not None:
            self._open.close_check_mark()
            self._checked = True

    def _lines_apart(self, lines: Sequence[Sequence[Token]]) -> None:
        """Add a paragraph that is no text: a stand-in line for each of its lines."""
        for number, line in enumerate(lines):
            if number and self._pictured and (found := caption(line)):
                self._caption(found)
                continue
            self._add_apart(line, closely=number > 0)

    def _add_apart(self, children: Sequence[Token], *, closely: bool = False) -> None:
        """Add a stand-in line, which is dim all through but for what can be followed."""
        text, spans = Inline().feed(children)
        kept = tuple(span for span in spans if span.target)
        self._add(Kind.STAND_IN, text.strip(), kept, closely=closely)
        self._pictured = text.startswith(PICTURE)

    def _caption(self, children: Sequence[Token]) -> None:
        """Add the words under a picture, which belong to it as its stand-in line does."""
        text, spans = Inline().feed(children)
        self._add(Kind.STAND_IN, text.replace("\n", " "), spans, closely=True)

    def _figcaption_open(self, _: Token) -> None:
        inline = self._tokens[self._at]
        self._at += 2
        self._caption(inline.children or [])

    def _summary_open(self, _: Token) -> None:
        self._strong_line(f"{SUMMARY} ")

    def _dt_open(self, _: Token) -> None:
        self._strong_line("")

    def _strong_line(self, mark: str) -> None:
        """Add a line that stands over what follows: a term, a summary."""
        inline = self._tokens[self._at]
        self._at += 2
        text, spans = Inline().feed(inline.children or [])
        over = Span(0, len(mark) + len(text), Role.STRONG)
        spans = (over, *moved(spans, len(mark)))
        self._add(Kind.PARAGRAPH, f"{mark}{text}".replace("\n", " "), spans)

    def _left_out(self, token: Token) -> None:
        self._add_apart([token])

    def _too_deep(self, token: Token) -> None:
        for block in source_blocks(token.content):
            self._add(block.kind, block.text, closely=block.tight)

    def _heading_open(self, token: Token) -> None:
        inline = self._tokens[self._at]
        self._at += 2
        text, spans = Inline().feed(inline.children or [])
        if self._first and self._title and _folded(text) == self._title:
            self._first, self._title = False, ""
            return
        self._add(Kind.HEADING, text.replace("\n", " "), spans)
        self._amend(level=int(token.tag[1:]))

    def _hr(self, _: Token) -> None:
        self._add(Kind.BREAK, "")

    def _fence(self, token: Token) -> None:
        language = clean(token.info).split()
        text = clean(token.content).rstrip("\n").expandtabs(TAB)
        self._add(Kind.CODE, text)
        self._amend(info=language[0] if language else "")

    _code_block = _fence

    def _html_block(self, token: Token) -> None:
        from reader.markdown.html_blocks import tokens

        self._walk(tokens(token.content))

    def _table_open(self, _: Token) -> None:
        rows: list[list[Rich]] = []
        aligns: list[str] = []
        while self._tokens[self._at].type != "table_close":
            part = self._tokens[self._at]
            if part.type == "tr_open":
                rows.append([])
            elif part.type == "th_open":
                aligns.append(str(part.attrs.get("style", ""))[len("text-align:") :] or "left")
            elif part.type == "inline":
                text, spans = Inline().feed(part.children or [])
                rows[-1].append((text.replace("\n", " "), spans))
            self._at += 1
        self._at += 1
        for number, (text, spans, columns) in enumerate(chunks(rows, aligns)):
            self._add(Kind.TABLE, text, spans, closely=number > 0)
            self._amend(columns=columns)

    # What the source tells -------------------------------------------------------------

    def _attribution(self, source: str, children: Sequence[Token]) -> int:
        """Return the index of the token that begins the name of who is quoted, or -1."""
        if not self._open.quotes:
            return -1
        before, _, last = source.rpartition("\n")
        if not DASHED.match(last) or len(last) > LONGEST_ATTRIBUTION:
            return -1
        if before:
            breaks = (i for i, c in enumerate(children) if c.type in ("softbreak", "hardbreak"))
            return max(breaks, default=-1)
        # A quote that opens with a dash is somebody speaking.
        return -1 if self._open.is_fresh else 0

    def _repeats_the_body(self) -> bool:
        """Tell whether the quote that opens here is one paragraph the text has elsewhere."""
        return (
            not self._open
            and is_one_paragraph(self._tokens, self._at)
            and self._repeats.has(self._tokens[self._at + 1].content)
        )


def _without(
    pattern: re.Pattern[str], text: str, spans: tuple[Span, ...]
) -> tuple[str, tuple[Span, ...]]:
    """Return `text` and its spans without what `pattern` matches at the beginning."""
    match = pattern.match(text)
    cut = match.end() if match else 0
    kept = (span for span in spans if span.end > cut)
    return text[cut:], moved(tuple(kept), -cut)


def _folded(text: str) -> str:
    return re.sub(r"\W+", "", text).casefold()
