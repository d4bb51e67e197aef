"""What surrounds a block while it is built: open containers, tokens ahead, quotations."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from reader.text.document import Level, Nest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markdown_it.token import Token


BULLETS: Final = "•◦▪"
TYPED: Final = -1
"""The number of a list that is none: a run of paragraphs that begin with check marks."""
_DEEPEST_HTML: Final = 40
"""Elements of HTML in each other. What is deeper stands in the last: depth costs every block."""
_LISTS: Final = frozenset({"ul", "ol", "menu"})


@dataclass(slots=True)
class _Open:
    """A list or quote that is open: its level, and what its next block needs to know."""

    level: Level
    tight: bool = False
    items: int = 0
    number: int | None = None
    fresh: bool = True
    """No block has stood in it yet."""
    tag: str = ""
    """The element it is, where HTML opened it."""


class Nesting:
    """A stack of what is open, outermost first."""

    def __init__(self) -> None:
        self._open: list[_Open] = []

    def levels(self) -> tuple[tuple[Level, ...], bool]:
        """Return the levels of the next block, and whether it follows closely."""
        tight = False
        levels = []
        for held in self._open:
            if held.level.nest is not Nest.ITEM or held.level.label or not held.fresh:
                levels.append(held.level._replace(opens=True) if held.fresh else held.level)
            if held.level.nest is Nest.DEFINITION:
                tight = held.fresh  # close under its term
            elif not (held.fresh and held.items <= 1):
                tight = held.tight
            held.fresh = False
        return tuple(levels), tight

    def __bool__(self) -> bool:
        return bool(self._open)

    @property
    def quotes(self) -> bool:
        """Whether anything open is a quote."""
        return any(held.level.nest in (Nest.QUOTE, Nest.PULL) for held in self._open)

    @property
    def pulls(self) -> bool:
        """Whether a pull quote is open."""
        return any(held.level.nest is Nest.PULL for held in self._open)

    @property
    def is_fresh(self) -> bool:
        """Whether nothing stands yet in the innermost of what is open."""
        return bool(self._open) and self._open[-1].fresh

    def open(self, level: Level, *, tight: bool = False, tag: str = "") -> None:
        """Open a quote, callout or definition; `tag` is the element if HTML does."""
        self._push(_Open(level, tight=tight, tag=tag))

    def open_list(self, number: int | None, cells: int, *, tight: bool, tag: str = "") -> None:
        """Open a list that counts from `number`, if it does, its labels `cells` wide."""
        level = Level(Nest.ITEM, "", cells)
        self._push(_Open(level, tight=tight, number=number, tag=tag))

    def _push(self, opened: _Open) -> None:
        if not opened.tag or sum(1 for held in self._open if held.tag) < _DEEPEST_HTML:
            self._open.append(opened)

    def open_item(self, *, mark: str = "", behind: str = ".") -> None:
        """Begin an item of the innermost list: its `mark`, or its number and what is `behind`."""
        held = self._open[-1]
        held.items += 1
        held.fresh = True
        if held.number is not None:
            mark = f"{held.number}{behind}"
            held.number += 1
        elif not mark:
            depth = sum(1 for outer in self._open[:-1] if outer.items)
            mark = BULLETS[depth % len(BULLETS)]
        held.level = held.level._replace(label=mark)

    def close(self) -> None:
        """Close the innermost thing that Markdown opened, with what HTML left open in it."""
        self.close_html()
        self._open.pop()

    def close_html(self) -> None:
        """Close what HTML left open in the innermost thing that Markdown opened."""
        while self._open and self._open[-1].tag:
            self._open.pop()

    def within(self, tags: frozenset[str] = _LISTS) -> bool:
        """Close what HTML opened in its innermost element of `tags`; tell whether there is one."""
        for index in range(len(self._open) - 1, -1, -1):
            if not self._open[index].tag:
                return False
            if self._open[index].tag in tags:
                del self._open[index + 1 :]
                return True
        return False

    def close_tag(self, tag: str) -> None:
        """Close the innermost element of that name, if Markdown holds nothing inside it."""
        if self.within(frozenset({tag})):
            self._open.pop()

    # Typed check marks -----------------------------------------------------------------

    def open_check_mark(self, *, run: bool) -> None:
        """Make a typed mark its item's label, or a list of its own; `run`: one went before."""
        if self._open and self._open[-1].level.nest is Nest.ITEM:
            self._open[-1].level = self._open[-1].level._replace(label="✓")
            return
        level = Level(Nest.ITEM, "✓", 1)
        self._open.append(_Open(level, tight=run, items=2 if run else 1, number=TYPED))

    def close_check_mark(self) -> None:
        """End the list that a typed mark began."""
        if self._open and self._open[-1].number == TYPED:
            self._open.pop()


_APART: Final = frozenset({"image", "leftover", "left_out"})
_MAY_BEGIN: Final = _APART | {"html_inline", "link_open"}
_SILENT: Final = frozenset({"link_open", "link_close", "html_inline"})
_ONE_PARAGRAPH: Final = ["paragraph_open", "inline", "paragraph_close", "blockquote_close"]
_TURNS: Final = frozenset({"link_open", "link_close"})
_LONGEST_CAPTION: Final = 240
"""Characters. A longer paragraph in italics under a picture is text."""


def items(tokens: Sequence[Token], at: int) -> int:
    """Return how many items the list has whose first token inside is `tokens[at]`."""
    level = tokens[at - 1].level + 1
    return sum(1 for t in _inside(tokens, at) if t.type == "list_item_open" and t.level == level)


def is_tight(tokens: Sequence[Token], at: int) -> bool:
    """Tell whether there are no blank lines between that list's items. HTML has none."""
    opened = tokens[at - 1]
    if opened.info:
        return True
    level = opened.level + 2
    inside = _inside(tokens, at)
    first = next((t for t in inside if t.type == "paragraph_open" and t.level == level), None)
    return first is None or first.hidden


def is_one_paragraph(tokens: Sequence[Token], at: int) -> bool:
    """Tell whether the quote whose first token inside is `tokens[at]` is one paragraph alone."""
    return [token.type for token in tokens[at : at + 4]] == _ONE_PARAGRAPH


def _inside(tokens: Sequence[Token], at: int) -> Iterator[Token]:
    level = tokens[at - 1].level
    for index in range(at, len(tokens)):
        if tokens[index].level <= level:
            return
        yield tokens[index]


def lines_apart(children: Sequence[Token]) -> list[Sequence[Token]]:
    """Return the lines of a paragraph that is no text, or is a picture and its caption.

    Returns nothing for any other paragraph.
    """
    if not children or children[0].type not in _MAY_BEGIN:
        return []
    lines = _lines(children)
    if not _is_apart(lines[0]):
        return []
    if len(lines) == 2 and _has_picture(lines[0]) and caption(lines[1]):
        return lines
    return lines if all(_is_apart(line) for line in lines[1:]) else []


def caption(children: Sequence[Token]) -> Sequence[Token]:
    """Return the tokens of a caption: all of a short line in emphasis; or nothing."""
    shown = [token for token in children if token.type != "text" or token.content]
    if len(shown) < 3 or shown[0].type != "em_open" or shown[-1].type != "em_close":
        return ()
    outer = shown[0].level
    if any(token.level <= outer for token in shown[1:-1]):
        return ()  # two stretches of emphasis with words between them
    return shown if sum(len(token.content) for token in shown) <= _LONGEST_CAPTION else ()


def _lines(children: Sequence[Token]) -> list[Sequence[Token]]:
    """Return the tokens of each source line that has any that shows."""
    lines: list[list[Token]] = [[]]
    for token in children:
        if token.type in ("softbreak", "hardbreak"):
            lines.append([])
        else:
            lines[-1].append(token)
    shown = [line for line in lines if any(token.type not in _TURNS for token in line)]
    return [*shown] or [children]


def _is_apart(line: Sequence[Token]) -> bool:
    """Tell whether a line holds something that is no text, and no text."""
    shown = False
    for token in line:
        if token.type in _APART or is_picture(token):
            shown = True
        elif token.type not in _SILENT and token.content.strip():
            return False
    return shown


def _has_picture(line: Sequence[Token]) -> bool:
    return any(is_picture(token) for token in line)


def is_picture(token: Token) -> bool:
    """Tell whether an inline token is a picture, of Markdown or HTML."""
    is_tag = token.type == "html_inline" and token.content[:4].lower() == "<img"
    return is_tag or token.type == "image"


DASHED: Final = re.compile(r"\s*(?:—|–|--)\s*(?=\S)")
LONGEST_ATTRIBUTION: Final = 160
"""Characters. A longer last line that begins with a dash is speech."""
_PULL_WORDS: Final = range(4, 61)
_LONGEST_SOURCE: Final = 300_000
"""Characters. Longer texts are books, without pull quotes worth a search each."""
_MARKUP: Final = re.compile(r"[*_\"“”]")
_QUOTED: Final = "\0"
"""Stands for a line of a block quote: no words run on across it."""


class Repeats:
    """Finds out what quotations a text repeats. Asked for many, it reads the text once."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._body: str | None = None

    def has(self, quote: str) -> bool:
        """Tell whether the text has the words of `quote` outside any block quote as well."""
        words = _words(quote)
        if len(words) not in _PULL_WORDS or len(self._source) > _LONGEST_SOURCE:
            return False
        if self._body is None:
            lines = self._source.split("\n")
            body = (_QUOTED if line.startswith(">") else line for line in lines)
            self._body = " ".join(_words("\n".join(body)))
        return " ".join(words) in self._body


def _words(source: str) -> list[str]:
    return _MARKUP.sub("", source).split()
