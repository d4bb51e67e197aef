"""From Markdown to blocks, a slice of the text at a time.

Owns how a text becomes a document, and where a long one may be cut: before the last block
that a slice holds, since every block before it is closed. Sliced equals whole: what changes
the text before it (definitions of links and footnotes) is found first. Knows nothing of
widths, files or screens.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from markdown_it.token import Token

from .blocks import Builder
from .dialect import DEEPEST, block_parser, inline_parser, is_plain, labels
from .document import Document, Slice
from .inline import SUPERSCRIPTS
from .labels import definitions
from .told import inline_block, source_blocks, unused_block

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from .document import Block

FIRST_SLICE: Final = 16_000
"""Characters: several screens of text, parsed in about two milliseconds."""
NEXT_SLICE: Final = 8_000
"""Characters: two milliseconds, so that no key waits for more."""


def parse(text: str, title: str = "") -> Document:
    """Return the whole of `text` as a document; a first heading that is `title` is dropped."""
    document = Document()
    for piece in slices(text, title):
        document.extend(piece.blocks)
        if piece.last:
            document.finish(piece.notes)
    return document


def slices(text: str, title: str = "", first: int = FIRST_SLICE) -> Iterator[Slice]:
    """Yield the blocks of `text` in order, `first` characters' worth and then more at a time.

    `text` has newlines only, no carriage returns. Takes time in proportion to its length.
    """
    run = _Run(text, title)
    size = first
    blocks: tuple[Block, ...] = ()
    while not run.done:
        blocks = run.step(size)
        if not run.done:
            yield Slice(blocks)
        size = NEXT_SLICE
    notes = run.notes()  # which may use a definition
    yield Slice((*blocks, *run.unused()), notes, last=True)


class _Run:
    """One text being parsed: where the next slice begins, and what earlier ones defined."""

    def __init__(self, text: str, title: str) -> None:
        self._text = text
        self._at = 0
        self._builder = Builder(text, title)
        self._references: dict[str, Any] = {}
        self._used: set[str] = set()
        """Labels of the definitions that were used."""
        self._numbers: dict[str, int] = {}
        """Which footnotes there are, and the number of each that was called."""
        self._called: dict[int, dict[str, Any]] = {}
        self._definitions: dict[str, list[Token]] = {}
        self._env = {
            "references": self._references,
            "footnotes": {"refs": self._numbers, "list": self._called},
        }
        self._define()

    @property
    def done(self) -> bool:
        return self._at >= len(self._text)

    def step(self, size: int) -> tuple[Block, ...]:
        """Parse about `size` characters more and return their blocks."""
        while True:
            end = self._line_end(self._at + size)
            source = self._text[self._at : end]
            try:
                tokens = _block_tokens(source)
            except RecursionError:
                return self._give_up()
            if end == len(self._text):
                break
            last = _last_outermost(tokens)
            if last is not None and (line := _line_of(tokens[last])) > 0:
                # Every block before the last one is closed, whatever comes after the slice.
                del tokens[last:]
                end = self._at + _offset_of_line(source, line)
                break
            size *= 2  # one block fills the slice: its end is not in sight
        self._at = end
        tokens = self._without_notes(_shallow(tokens, source))
        self._parse_inlines(tokens)
        return tuple(self._builder.build(tokens))

    def notes(self) -> tuple[Block, ...]:
        """Return the footnotes in the order of their numbers, then those never called."""
        found: list[Block] = []
        wide = len(str(len(self._called)))
        number = 0
        while number in self._called:  # it grows while it is walked: a note may call another
            note = self._called[number]
            number += 1
            label = str(number).translate(SUPERSCRIPTS)
            tokens = self._definitions.pop(note.get("label", ""), None)
            if tokens is None:
                fallback = f"[^{note.get('label', '')}]"
                found.append(inline_block(note.get("tokens", ()), fallback, label, wide))
            else:
                found += self._note(tokens, label, wide)
        for tokens in self._definitions.values():
            found += self._note(tokens, "·", wide)
        return tuple(found)

    def unused(self) -> tuple[Block, ...]:
        """Return the line that tells which definitions of links nothing uses, if there are any."""
        names = [name for name in self._references if name not in self._used]
        return (unused_block([name.casefold() for name in names]),) if names else ()

    def _note(self, tokens: list[Token], label: str, cells: int) -> list[Block]:
        self._parse_inlines(tokens)
        return self._builder.note(tokens, label, cells)

    def _define(self) -> None:
        """Find link and footnote definitions first: they change the first screen."""
        env = {"references": self._references}
        for defined in definitions(self._text):
            if defined.note:
                self._numbers[f":{defined.note}"] = -1
            else:
                block_parser().block.parse(defined.source, block_parser(), env, [])

    def _parse_inlines(self, tokens: list[Token]) -> None:
        parser = inline_parser()
        for token in tokens:
            if token.type == "inline":
                token.children = []
                if is_plain(token.content):
                    token.children += _text_tokens(token.content)
                    continue
                parser.inline.parse(token.content, parser, self._env, token.children)
                if self._references:
                    self._used.update(labels(token.children))

    def _without_notes(self, tokens: list[Token]) -> list[Token]:
        """Take the footnotes' definitions out of `tokens` and keep them for the end."""
        if not any(token.type == "footnote_reference_open" for token in tokens):
            return tokens
        stack: list[list[Token]] = [[]]
        for token in tokens:
            if token.type == "footnote_reference_open":
                stack.append(self._definition(token.meta["label"]))
            elif token.type == "footnote_reference_close":
                stack.pop()
            else:
                stack[-1].append(token)
        return stack[0]

    def _definition(self, label: str) -> list[Token]:
        """Return where the tokens of a definition go; one defined again is never called."""
        if label in self._definitions:
            label = f"{label} {len(self._definitions)}"
        return self._definitions.setdefault(label, [])

    def _give_up(self) -> tuple[Block, ...]:
        """Show text that nests too deeply to be parsed as its source, to the next blank line."""
        end = self._text.find("\n\n", self._at)
        end = len(self._text) if end < 0 else end + 2
        source, self._at = self._text[self._at : end], end
        return source_blocks(source)

    def _line_end(self, at: int) -> int:
        end = self._text.find("\n", at)
        return len(self._text) if end < 0 else end + 1


def _block_tokens(source: str) -> list[Token]:
    """Return the tokens of `source`; what it defines was found before."""
    tokens: list[Token] = []
    block_parser().block.parse(source, block_parser(), {}, tokens)
    return tokens


def _text_tokens(content: str) -> Iterator[Token]:
    """Yield the inline tokens of a plain paragraph, as the parser would make them."""
    first, *rest = content.split("\n")
    yield Token("text", "", 0, content=first.rstrip(" "))
    for line in rest:
        yield Token("softbreak", "br", 0)
        yield Token("text", "", 0, content=line.lstrip(" \t").rstrip(" "))


def _shallow(tokens: list[Token], source: str) -> list[Token]:
    """Return `tokens` with each outermost block that nests too deeply as its source.

    The parser drops what lies deeper than its limit without a word.
    """
    if all(token.level < DEEPEST - 2 for token in tokens):
        return tokens
    lines = source.split("\n")
    kept: list[Token] = []
    for run in _outermost(tokens):
        if run[0].map and any(token.level >= DEEPEST - 2 for token in run):
            first, last = run[0].map
            content = "\n".join(lines[first:last]).strip("\n")
            kept.append(Token("too_deep", "", 0, content=content))
        else:
            kept += run
    return kept


def _outermost(tokens: list[Token]) -> Iterator[list[Token]]:
    """Yield the tokens of one outermost block after the other."""
    start = 0
    for index, token in enumerate(tokens):
        if token.level == 0 and token.nesting <= 0:
            yield tokens[start : index + 1]
            start = index + 1


def _last_outermost(tokens: list[Token]) -> int | None:
    """Return the index of the token that opens the last outermost block, if there is one."""
    for index in range(len(tokens) - 1, -1, -1):
        token = tokens[index]
        if token.level == 0 and token.map is not None and token.nesting >= 0:
            return index
    return None


def _line_of(token: Token) -> int:
    return token.map[0] if token.map else 0


def _offset_of_line(source: str, line: int) -> int:
    offset = 0
    for _ in range(line):
        offset = source.index("\n", offset) + 1
    return offset
