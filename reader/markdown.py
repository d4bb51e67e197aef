"""From Markdown to blocks, a slice of the text at a time.

Owns how CommonMark, tables, footnotes, task lists and callouts become a document, and
where a long text may be cut: before the last block that a slice holds, since every block
before it is closed. Sliced equals whole. Knows nothing of widths, files or screens.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from markdown_it import MarkdownIt
from mdit_py_plugins.footnote import footnote_plugin

from .blocks import Builder, inline_block, source_block
from .document import Document
from .inline import SUPERSCRIPTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from markdown_it.token import Token

    from .document import Block

FIRST_SLICE: Final = 16_000
"""Characters: several screens of text, parsed in about two milliseconds."""
NEXT_SLICE: Final = 48_000
DEEPEST: Final = 220
"""markdown-it's nesting limit: a list costs two levels, 1000 overflows Python's stack."""

_NOTE_LABEL: Final = re.compile(r"^[ \t>]*\[\^([^\]\s]+)\]:", re.MULTILINE)
_DEFINITION: Final = re.compile(r"^[ \t>]*(\[[^\]\n]+\]:.*(?:\n.*)?)", re.MULTILINE)
_FENCE: Final = re.compile(r"^[ \t>]*(`{3,}|~{3,})[^\n]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Slice:
    """The next blocks of a text; `notes` come with the last slice."""

    blocks: tuple[Block, ...]
    notes: tuple[Block, ...] = ()
    last: bool = False


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    """Return the one parser, set up for prose from anywhere."""
    parser = MarkdownIt("gfm-like2", {"maxNesting": DEEPEST})
    parser.use(footnote_plugin, move_to_end=False)
    if parser.linkify is not None:
        # A file's name, such as README.md, is not a link.
        parser.linkify.set({"fuzzy_link": False, "fuzzy_email": False})
    return parser


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
    size, blocks = first, ()
    while not run.done:
        blocks = run.step(size)
        if not run.done:
            yield Slice(blocks)
        size = NEXT_SLICE
    yield Slice(blocks, run.notes(), last=True)


class _Run:
    """One text being parsed: where the next slice begins, and what earlier ones defined."""

    def __init__(self, text: str, title: str) -> None:
        self._text = text
        self._at = 0
        self._env: dict[str, Any] = {}
        self._numbers: dict[str, int] = {}
        self._definitions: dict[str, list[Token]] = {}
        self._builder = Builder(text, title)
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
                tokens = self._block_tokens(source)
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
        return self._build(self._without_notes(tokens), source)

    def notes(self) -> tuple[Block, ...]:
        """Return the footnotes in the order of their numbers, then those never called."""
        found: list[Block] = []
        wide = len(str(len(self._listed())))
        number = 0
        while number in self._listed():  # it grows while it is walked: a note may call another
            note = self._listed()[number]
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

    def _note(self, tokens: list[Token], label: str, cells: int) -> list[Block]:
        self._parse_inlines(tokens)
        return self._builder.note(tokens, label, cells)

    def _listed(self) -> dict[int, dict[str, Any]]:
        listed: dict[int, dict[str, Any]] = self._env.setdefault("footnotes", {}).setdefault(
            "list", {}
        )
        return listed

    def _define(self) -> None:
        """Find link and footnote definitions first: they change the first screen."""
        if "]:" not in self._text:
            return
        fences = _fenced(self._text)
        labels = [m[1] for m in _NOTE_LABEL.finditer(self._text) if not fences(m.start())]
        self._numbers = {f":{label}": -1 for label in labels}
        for match in _DEFINITION.finditer(self._text):
            if not match[1].startswith("[^") and not fences(match.start()):
                _parser().block.parse(match[1], _parser(), self._env, [])

    def _block_tokens(self, source: str) -> list[Token]:
        tokens: list[Token] = []
        _parser().block.parse(source, _parser(), self._env, tokens)
        # A definition's rule forgets a number already given: put ours back.
        self._env.setdefault("footnotes", {}).setdefault("refs", {}).update(self._numbers)
        return tokens

    def _parse_inlines(self, tokens: list[Token]) -> None:
        parser = _parser()
        for token in tokens:
            if token.type == "inline" and token.children is not None and not token.children:
                parser.inline.parse(token.content, parser, self._env, token.children)
        self._numbers.update(self._env["footnotes"]["refs"])

    def _without_notes(self, tokens: list[Token]) -> list[Token]:
        """Take the footnotes' definitions out of `tokens` and keep them for the end."""
        if not any(token.type == "footnote_reference_open" for token in tokens):
            return tokens
        text: list[Token] = []
        depth, note = 0, []
        for token in tokens:
            if token.type == "footnote_reference_open":
                depth += 1
                if depth == 1:
                    note = []
                    label = token.meta["label"]
                    again = label in self._definitions
                    self._definitions[f"{label} {token.map}" if again else label] = note
            elif token.type == "footnote_reference_close":
                depth -= 1
            else:
                (note if depth else text).append(token)
        return text

    def _build(self, tokens: list[Token], source: str) -> tuple[Block, ...]:
        self._parse_inlines(tokens)
        return tuple(self._builder.build(tokens, source, DEEPEST))

    def _give_up(self) -> tuple[Block, ...]:
        """Show text that nests too deeply to be parsed as its source, to the next blank line."""
        end = self._text.find("\n\n", self._at)
        end = len(self._text) if end < 0 else end + 2
        source, self._at = self._text[self._at : end], end
        return (source_block(source),)

    def _line_end(self, at: int) -> int:
        end = self._text.find("\n", at)
        return len(self._text) if end < 0 else end + 1


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


def _fenced(text: str) -> Callable[[int], bool]:
    """Return a function that tells whether an offset stands inside a code fence."""
    stretches: list[tuple[int, int]] = []
    opened: tuple[str, int] | None = None
    for match in _FENCE.finditer(text):
        mark = match[1]
        if opened is None:
            opened = (mark, match.start())
        elif mark.startswith(opened[0]):
            stretches.append((opened[1], match.end()))
            opened = None
    if opened is not None:
        stretches.append((opened[1], len(text)))
    starts = [start for start, _ in stretches]

    def inside(offset: int) -> bool:
        index = bisect_right(starts, offset) - 1
        return index >= 0 and offset < stretches[index][1]

    return inside
