"""From block tokens to blocks: what each one is, and what it stands in.

One method a token type, found by its name, so that a new kind of block is one method
here and one entry in `typeset`. Owns attributions, pull quotes, typed check marks and the
width of a list's labels. Knows the names of markdown-it's block tokens, no parser.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from .cells import clean
from .document import Block, Kind, Level, Nest, Role, Span, moved
from .inline import Inline
from .quotations import DASHED, LONGEST_ATTRIBUTION, Repeats
from .rawhtml import paragraphs
from .tablerows import chunks
from .words import count_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from markdown_it.token import Token

    from .tablerows import Rich

TAB: Final = 4
"""Cells a tab in code takes."""
_BULLETS: Final = "•◦▪"
_CHECK: Final = re.compile("[✔✅☑✓]\ufe0f?[ \t\u00a0]*(?=\\S)")
_UNCOUNTED: Final = frozenset({Kind.CODE, Kind.STAND_IN})
"""Kinds of blocks whose words are not the story's."""
_TYPED: Final = -1
"""The number of a list that is none: a run of paragraphs that begin with check marks."""


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
    return Block(Kind.CODE, clean(source).strip("\n").expandtabs(TAB))


class Builder:
    """Builds blocks from one text's tokens, slice after slice."""

    def __init__(self, source: str, title: str = "") -> None:
        self._repeats = Repeats(source)
        self._title = _folded(title)
        self._first = True
        self._checked = False
        """The last block was a paragraph with a typed check mark."""
        self._open: list[_Open] = []
        self._blocks: list[Block] = []
        self._tokens: Sequence[Token] = ()
        self._at = 0
        self._counts = True

    def build(self, tokens: Sequence[Token]) -> list[Block]:
        """Return the blocks of `tokens`, which are whole outermost blocks."""
        self._blocks, self._tokens, self._at = [], tokens, 0
        while self._at < len(tokens):
            token = tokens[self._at]
            self._at += 1
            handle = getattr(self, f"_{token.type}", None)
            if handle is not None:
                handle(token)
        return self._blocks

    def note(self, tokens: Sequence[Token], label: str, cells: int) -> list[Block]:
        """Return a footnote's blocks under its `label`, of at most `cells` cells."""
        self._counts = False
        self._open = [_Open(Level(Nest.ITEM, label, cells))]
        blocks = self.build(tokens)
        if not blocks:
            self._add(Kind.PARAGRAPH, "")
        self._open, self._counts = [], True
        return [blocks[0]._replace(tight=True), *blocks[1:]]

    # What a block stands in ------------------------------------------------------------

    def _nesting(self) -> tuple[tuple[Level, ...], bool]:
        """Return the levels of the next block, and whether it follows closely."""
        tight = False
        levels = []
        for held in self._open:
            if held.level.nest is not Nest.ITEM or held.level.label or not held.fresh:
                levels.append(held.level._replace(opens=True) if held.fresh else held.level)
            if not (held.fresh and held.items <= 1):
                tight = held.tight
            held.fresh = False
        return tuple(levels), tight

    def _add(
        self,
        kind: Kind,
        text: str,
        spans: tuple[Span, ...] = (),
        *,
        closely: bool = False,
    ) -> None:
        """Add a block that stands in what is open; `closely`: with no blank row above it."""
        nesting, tight = self._nesting()
        pulled = any(step.nest is Nest.PULL for step in nesting)
        counts = self._counts and not pulled and kind not in _UNCOUNTED
        words = count_words(text) if counts else 0
        self._first = self._checked = False
        tight = tight or closely
        self._blocks.append(Block(kind, text, spans, nesting, tight=tight, words=words))

    def _amend(self, **facts: Any) -> None:
        """Say more of the block that was added last."""
        self._blocks[-1] = self._blocks[-1]._replace(**facts)

    def _bullet_list_open(self, _: Token) -> None:
        self._open_list(None, 1)

    def _ordered_list_open(self, token: Token) -> None:
        start = int(token.attrs.get("start", 1))
        last = start + self._items_ahead() - 1
        self._open_list(start, len(str(last)) + 1)

    def _open_list(self, number: int | None, cells: int) -> None:
        self._open.append(_Open(Level(Nest.ITEM, "", cells), self._is_tight(), number=number))

    def _list_item_open(self, token: Token) -> None:
        held = self._open[-1]
        held.items += 1
        held.fresh = True
        if held.number is not None:
            label = f"{held.number}{token.markup or '.'}"
            held.number += 1
        elif "checked" in token.meta:
            label = "☑" if token.meta["checked"] else "☐"
        else:
            depth = sum(1 for outer in self._open[:-1] if outer.items)
            label = _BULLETS[depth % len(_BULLETS)]
        held.level = held.level._replace(label=label)

    def _list_item_close(self, _: Token) -> None:
        if self._open[-1].fresh:  # an item without text still shows its mark
            self._add(Kind.PARAGRAPH, "")

    def _bullet_list_close(self, _: Token) -> None:
        self._open.pop()

    _ordered_list_close = _blockquote_close = _alert_close = _bullet_list_close

    def _blockquote_open(self, _: Token) -> None:
        nest = Nest.PULL if self._repeats_the_body() else Nest.QUOTE
        self._open.append(_Open(Level(nest)))

    def _alert_open(self, token: Token) -> None:
        self._open.append(_Open(Level(Nest.CALLOUT, token.info.lower())))

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
        text, spans = Inline().feed(children)
        checked = _CHECK.match(text)
        if checked is not None:
            text, spans = _without(_CHECK, text, spans)
            self._open_check_mark()
        self._add(Kind.VERSE if "\n" in text else Kind.PARAGRAPH, text, spans)
        if checked is not None:
            self._close_check_mark()
            self._checked = True

    def _open_check_mark(self) -> None:
        """Make the typed check mark that begins a paragraph its list's label."""
        if self._open and self._open[-1].level.nest is Nest.ITEM:
            self._open[-1].level = self._open[-1].level._replace(label="✓")
            return
        level, run = Level(Nest.ITEM, "✓", 1), self._checked
        self._open.append(_Open(level, tight=run, items=2 if run else 1, number=_TYPED))

    def _close_check_mark(self) -> None:
        if self._open and self._open[-1].number == _TYPED:
            self._open.pop()

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
        for found, is_text in paragraphs(token.content):
            text = clean(found)
            kind = Kind.PARAGRAPH if is_text else Kind.STAND_IN
            self._add(Kind.VERSE if "\n" in text else kind, text)

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

    def _ahead(self) -> Iterator[Token]:
        """Yield the tokens inside what the last token opened."""
        level = self._tokens[self._at - 1].level
        for index in range(self._at, len(self._tokens)):
            if self._tokens[index].level <= level:
                return
            yield self._tokens[index]

    def _items_ahead(self) -> int:
        level = self._tokens[self._at - 1].level + 1
        return sum(1 for t in self._ahead() if t.type == "list_item_open" and t.level == level)

    def _is_tight(self) -> bool:
        level = self._tokens[self._at - 1].level + 2
        paragraphs = (t for t in self._ahead() if t.type == "paragraph_open" and t.level == level)
        first = next(paragraphs, None)
        return first is None or first.hidden

    def _attribution(self, source: str, children: Sequence[Token]) -> int:
        """Return the index of the token that begins the name of who is quoted, or -1."""
        if not any(held.level.nest in (Nest.QUOTE, Nest.PULL) for held in self._open):
            return -1
        before, _, last = source.rpartition("\n")
        if not DASHED.match(last) or len(last) > LONGEST_ATTRIBUTION:
            return -1
        if before:
            breaks = (i for i, c in enumerate(children) if c.type in ("softbreak", "hardbreak"))
            return max(breaks, default=-1)
        # A quote that opens with a dash is somebody speaking.
        return -1 if self._open[-1].fresh else 0

    def _repeats_the_body(self) -> bool:
        """Tell whether the quote that opens here is one paragraph the text has elsewhere."""
        after = self._tokens[self._at : self._at + 4]
        kinds = [token.type for token in after]
        alone = ["paragraph_open", "inline", "paragraph_close", "blockquote_close"]
        return not self._open and kinds == alone and self._repeats.has(after[1].content)


def inline_block(children: Sequence[Token], fallback: str, label: str, cells: int) -> Block:
    """Return a footnote written where it is called, or `fallback` where it has no text."""
    text, spans = Inline().feed(children) if children else (clean(fallback), ())
    level = Level(Nest.ITEM, label, cells, opens=True)
    return Block(Kind.PARAGRAPH, text, spans, (level,), tight=True)


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
