"""From block tokens to blocks: what each one is, and what it stands in.

One method a token type, found by its name, so that a new kind of block is one method
here and one entry in `typeset`. Owns attributions, pull quotes, typed check marks and the
width of a list's labels. Knows the names of markdown-it's block tokens, no parser.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from .cells import clean
from .document import Block, Kind, Level, Nest, Role, Span, count_words, moved
from .inline import Inline
from .quotations import DASHED, LONGEST_ATTRIBUTION, repeats
from .rawhtml import paragraphs
from .tablerows import chunks

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markdown_it.token import Token

    from .tablerows import Rich

TAB: Final = 4
"""Cells a tab in code takes."""
_BULLETS: Final = "•◦▪"
_CHECK: Final = re.compile("[✔✅☑✓]\ufe0f?[ \t\u00a0]*(?=\\S)")


@dataclass(slots=True)
class _Open:
    """A list or quote that is open: its level, and what its next block needs to know."""

    level: Level
    tight: bool = False
    items: int = 0
    number: int | None = None
    fresh: bool = True
    """No block has stood in it yet."""


def source_block(source: str) -> Block:
    """Return `source` as it is written, for what can't be set any better."""
    return Block(Kind.CODE, clean(source).strip("\n"), words=0)


class Builder:
    """Builds blocks from one text's tokens, slice after slice."""

    def __init__(self, source: str, title: str = "") -> None:
        self._source = source
        self._title = _folded(title)
        self._first = True
        self._checked = False
        """The last block was a paragraph with a typed check mark."""
        self._open: list[_Open] = []
        self._blocks: list[Block] = []
        self._tokens: Sequence[Token] = ()
        self._at = 0
        self._counts = True

    def build(self, tokens: Sequence[Token], source: str, deepest: int) -> list[Block]:
        """Return the blocks of `tokens`; what nests to `deepest` is shown as its `source`."""
        blocks: list[Block] = []
        for run in _outermost(tokens):
            if max(token.level for token in run) >= deepest - 2 and run[0].map:
                first, last = run[0].map
                lines = source.split("\n")[first:last]
                blocks.append(source_block("\n".join(lines)))
            else:
                blocks += self._run(run)
        return blocks

    def note(self, tokens: Sequence[Token], label: str, cells: int) -> list[Block]:
        """Return a footnote's blocks under its `label`, of at most `cells` cells."""
        self._counts = False
        self._open = [_Open(Level(Nest.ITEM, label, cells, opens=True))]
        blocks = self._run(tokens) or [self._block(Kind.PARAGRAPH, "")]
        self._open, self._counts = [], True
        return [replace(blocks[0], tight=True), *blocks[1:]]

    def _run(self, tokens: Sequence[Token]) -> list[Block]:
        self._blocks, self._tokens, self._at = [], tokens, 0
        while self._at < len(tokens):
            token = tokens[self._at]
            self._at += 1
            handle = getattr(self, f"_{token.type}", None)
            if handle is not None:
                handle(token)
        return self._blocks

    # What a block stands in ------------------------------------------------------------

    def _nesting(self) -> tuple[tuple[Level, ...], bool]:
        """Return the levels of the next block, and whether it follows closely."""
        tight = False
        levels = []
        for held in self._open:
            if held.level.nest is not Nest.ITEM or held.level.label or not held.fresh:
                levels.append(replace(held.level, opens=held.fresh))
            if not (held.fresh and held.items <= 1):
                tight = held.tight
            held.fresh = False
        return tuple(levels), tight

    def _block(
        self, kind: Kind, text: str, spans: tuple[Span, ...] = (), **more: object
    ) -> Block:
        nesting, tight = self._nesting()
        block = Block(kind, text, spans, nesting, tight=tight, **more)  # type: ignore[arg-type]
        pulled = any(level.nest is Nest.PULL for level in nesting)
        if self._counts and not pulled and kind is not Kind.CODE:
            block = replace(block, words=count_words(text))
        self._first = self._checked = False
        return block

    def _bullet_list_open(self, token: Token) -> None:
        self._open_list(None, 1)

    def _ordered_list_open(self, token: Token) -> None:
        start = int(token.attrs.get("start", 1))
        last = start + self._items_ahead() - 1
        self._open_list(start, len(str(last)) + 1)

    def _open_list(self, number: int | None, cells: int) -> None:
        depth = sum(1 for held in self._open if held.level.nest is Nest.ITEM)
        label = "" if number is not None else _BULLETS[depth % len(_BULLETS)]
        level = Level(Nest.ITEM, label, cells)
        self._open.append(_Open(level, tight=self._is_tight(), number=number))

    def _list_item_open(self, token: Token) -> None:
        held = self._open[-1]
        held.items += 1
        held.fresh = True
        if held.number is not None:
            mark = token.markup or "."
            held.level = replace(held.level, label=f"{held.number}{mark}")
            held.number += 1
        elif "checked" in token.meta:
            held.level = replace(held.level, label="☑" if token.meta["checked"] else "☐")
        else:
            depth = sum(1 for h in self._open[:-1] if h.level.nest is Nest.ITEM)
            held.level = replace(held.level, label=_BULLETS[depth % len(_BULLETS)])

    def _list_item_close(self, token: Token) -> None:
        if self._open[-1].fresh:  # an item without text still shows its mark
            self._blocks.append(self._block(Kind.PARAGRAPH, ""))

    def _bullet_list_close(self, token: Token) -> None:
        self._open.pop()

    _ordered_list_close = _bullet_list_close

    def _blockquote_open(self, token: Token) -> None:
        nest = Nest.PULL if self._repeats_the_body() else Nest.QUOTE
        self._open.append(_Open(Level(nest)))

    def _blockquote_close(self, token: Token) -> None:
        self._open.pop()

    def _alert_open(self, token: Token) -> None:
        self._open.append(_Open(Level(Nest.CALLOUT, token.info.lower())))

    _alert_close = _blockquote_close

    def _alert_title_open(self, token: Token) -> None:
        name = self._tokens[self._at].content
        self._at += 2
        span = Span(0, len(name), Role.STRONG | Role.ACCENT)
        self._blocks.append(self._block(Kind.PARAGRAPH, name, (span,)))

    # The blocks ------------------------------------------------------------------------

    def _paragraph_open(self, token: Token) -> None:
        inline = self._tokens[self._at]
        self._at += 2
        children = inline.children or []
        cut = self._attribution(inline.content, children)
        if cut < 0 or children[:cut]:
            self._paragraph(children[:cut] if cut >= 0 else children)
        if cut >= 0:
            self._paragraph(children[cut:], Kind.ATTRIBUTION)

    def _paragraph(self, children: Sequence[Token], kind: Kind = Kind.PARAGRAPH) -> None:
        text, spans = Inline().feed(children)
        if kind is Kind.ATTRIBUTION:
            text, spans = _without(DASHED, text, spans)
            block = self._block(kind, f"— {text}", moved(spans, 2))
            self._blocks.append(replace(block, tight=True))
            return
        checked = _CHECK.match(text)
        if checked is not None:
            text, spans = _without(_CHECK, text, spans)
            self._check_mark()
        if "\n" in text:
            kind = Kind.VERSE
        self._blocks.append(self._block(kind, text, spans))
        if checked is not None:
            self._end_check_mark()
            self._checked = True

    def _check_mark(self) -> None:
        """Make the typed check mark that begins a paragraph its list's label."""
        label = replace(Level(Nest.ITEM, cells=1), label="✓")
        if self._open and self._open[-1].level.nest is Nest.ITEM:
            self._open[-1].level = replace(self._open[-1].level, label="✓")
        else:
            run = self._checked
            self._open.append(_Open(label, tight=run, items=2 if run else 1, number=-1))

    def _end_check_mark(self) -> None:
        if self._open and self._open[-1].number == -1 and self._open[-1].level.label == "✓":
            self._open.pop()

    def _heading_open(self, token: Token) -> None:
        inline = self._tokens[self._at]
        self._at += 2
        text, spans = Inline().feed(inline.children or [])
        if self._first and self._title and _folded(text) == self._title:
            self._first, self._title = False, ""
            return
        level = int(token.tag[1:])
        self._blocks.append(self._block(Kind.HEADING, text.replace("\n", " "), spans, level=level))

    def _hr(self, token: Token) -> None:
        self._blocks.append(self._block(Kind.BREAK, ""))

    def _fence(self, token: Token) -> None:
        language = clean(token.info).split()
        text = clean(token.content).rstrip("\n").expandtabs(TAB)
        self._blocks.append(self._block(Kind.CODE, text, info=language[0] if language else ""))

    _code_block = _fence

    def _html_block(self, token: Token) -> None:
        for text, shown in paragraphs(token.content):
            text = clean(text)
            kind = Kind.PARAGRAPH if shown else Kind.STAND_IN
            self._blocks.append(self._block(Kind.VERSE if "\n" in text else kind, text))

    def _table_open(self, token: Token) -> None:
        rows: list[list[Rich]] = []
        aligns: list[str] = []
        while self._tokens[self._at].type != "table_close":
            part = self._tokens[self._at]
            if part.type == "tr_open":
                rows.append([])
            elif part.type in ("th_open", "td_open"):
                if part.type == "th_open":
                    aligns.append(str(part.attrs.get("style", ""))[len("text-align:") :] or "left")
            elif part.type == "inline":
                text, spans = Inline().feed(part.children or [])
                rows[-1].append((text.replace("\n", " ").replace("\t", " "), spans))
            self._at += 1
        self._at += 1
        for text, spans, columns in chunks(rows, tuple(aligns)):
            block = self._block(Kind.TABLE, text, spans, columns=columns)
            self._blocks.append(block if columns.header else replace(block, tight=True))

    # What the source tells -------------------------------------------------------------

    def _items_ahead(self) -> int:
        level, count = self._tokens[self._at - 1].level, 0
        for token in self._tokens[self._at :]:
            if token.level == level and token.nesting < 0:
                break
            count += token.type == "list_item_open" and token.level == level + 1
        return count

    def _is_tight(self) -> bool:
        level = self._tokens[self._at - 1].level
        for token in self._tokens[self._at :]:
            if token.level == level and token.nesting < 0:
                break
            if token.type == "paragraph_open" and token.level == level + 2:
                return token.hidden
        return True

    def _attribution(self, source: str, children: Sequence[Token]) -> int:
        """Return the index of the token that begins the name of who is quoted, or -1."""
        if not any(held.level.nest in (Nest.QUOTE, Nest.PULL) for held in self._open):
            return -1
        lines = source.split("\n")
        if not DASHED.match(lines[-1]) or len(lines[-1]) > LONGEST_ATTRIBUTION:
            return -1
        if len(lines) > 1:
            breaks = (i for i, c in enumerate(children) if c.type in ("softbreak", "hardbreak"))
            return max(breaks, default=-1)
        # A quote that opens with a dash is somebody speaking.
        return -1 if self._open[-1].fresh else 0

    def _repeats_the_body(self) -> bool:
        """Tell whether the quote that opens here is one paragraph the text has elsewhere."""
        after = self._tokens[self._at : self._at + 4]
        kinds = [token.type for token in after]
        alone = ["paragraph_open", "inline", "paragraph_close", "blockquote_close"]
        return not self._open and kinds == alone and repeats(self._source, after[1].content)



def inline_block(children: Sequence[Token], fallback: str, label: str, cells: int) -> Block:
    """Return a footnote written where it is called, or `fallback` where it has no text."""
    text, spans = Inline().feed(children) if children else (clean(fallback), ())
    level = Level(Nest.ITEM, label, cells, opens=True)
    return Block(Kind.PARAGRAPH, text, spans, (level,), tight=True)


def _outermost(tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
    """Yield the tokens of one outermost block after the other."""
    start = 0
    for index, token in enumerate(tokens):
        if token.level == 0 and token.nesting <= 0:
            yield tokens[start : index + 1]
            start = index + 1
    if start < len(tokens):
        yield tokens[start:]


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
