"""What surrounds a block while it is built: open containers, tokens ahead, quotations."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from reader.text.document import Container, NestingLevel

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markdown_it.token import Token


BULLETS: Final = "•◦▪"
CHECK_MARK_LIST: Final = -1
"""The number of a list that is none: a run of paragraphs that begin with check marks."""
_MAX_HTML_LEVELS: Final = 40
"""Elements of HTML in each other. What is deeper stands in the last: depth costs every block."""
_LIST_TAGS: Final = frozenset({"ul", "ol", "menu"})


@dataclass(slots=True)
class _OpenContainer:
    """A list or quote that is open: its level, and what its next block needs to know."""

    level: NestingLevel
    tight: bool = False
    item_count: int = 0
    next_number: int | None = None
    is_empty: bool = True
    """No block has stood in it yet."""
    tag: str = ""
    """The element it is, where HTML opened it."""


class Nesting:
    """A stack of what is open, outermost first."""

    def __init__(self) -> None:
        self._containers: list[_OpenContainer] = []

    def begin_block(self) -> tuple[tuple[NestingLevel, ...], bool]:
        """Return the levels of the next block, and whether it follows closely."""
        tight = False
        levels = []
        for held in self._containers:
            if (
                held.level.container is not Container.LIST_ITEM
                or held.level.label
                or not held.is_empty
            ):
                levels.append(held.level._replace(is_first=True) if held.is_empty else held.level)
            if held.level.container is Container.DEFINITION:
                tight = held.is_empty  # close under its term
            elif not (held.is_empty and held.item_count <= 1):
                tight = held.tight
            held.is_empty = False
        return tuple(levels), tight

    def __bool__(self) -> bool:
        return bool(self._containers)

    @property
    def is_in_quote(self) -> bool:
        """Whether anything open is a quote."""
        return any(
            held.level.container in (Container.BLOCK_QUOTE, Container.PULL_QUOTE)
            for held in self._containers
        )

    @property
    def is_in_pull_quote(self) -> bool:
        """Whether a pull quote is open."""
        return any(held.level.container is Container.PULL_QUOTE for held in self._containers)

    @property
    def is_innermost_empty(self) -> bool:
        """Whether nothing stands yet in the innermost of what is open."""
        return bool(self._containers) and self._containers[-1].is_empty

    def open_container(self, level: NestingLevel, *, tight: bool = False, tag: str = "") -> None:
        """Open a quote, callout or definition; `tag` is the element if HTML does."""
        self._push(_OpenContainer(level, tight=tight, tag=tag))

    def open_list(self, number: int | None, cells: int, *, tight: bool, tag: str = "") -> None:
        """Open a list that counts from `number`, if it does, its labels `cells` wide."""
        level = NestingLevel(Container.LIST_ITEM, "", cells)
        self._push(_OpenContainer(level, tight=tight, next_number=number, tag=tag))

    def _push(self, container: _OpenContainer) -> None:
        if not container.tag or sum(1 for held in self._containers if held.tag) < _MAX_HTML_LEVELS:
            self._containers.append(container)

    def open_item(self, *, label: str = "", delimiter: str = ".") -> None:
        """Begin an item of the innermost list: its `mark`, or its number and what is `behind`."""
        held = self._containers[-1]
        held.item_count += 1
        held.is_empty = True
        if held.next_number is not None:
            label = f"{held.next_number}{delimiter}"
            held.next_number += 1
        elif not label:
            depth = sum(1 for outer in self._containers[:-1] if outer.item_count)
            label = BULLETS[depth % len(BULLETS)]
        held.level = held.level._replace(label=label)

    def close_container(self) -> None:
        """Close the innermost thing that Markdown opened, with what HTML left open in it."""
        self.close_html()
        self._containers.pop()

    def close_html(self) -> None:
        """Close what HTML left open in the innermost thing that Markdown opened."""
        while self._containers and self._containers[-1].tag:
            self._containers.pop()

    def close_inside(self, tags: frozenset[str] = _LIST_TAGS) -> bool:
        """Close what HTML opened in its innermost element of `tags`; tell whether there is one."""
        for index in range(len(self._containers) - 1, -1, -1):
            if not self._containers[index].tag:
                return False
            if self._containers[index].tag in tags:
                del self._containers[index + 1 :]
                return True
        return False

    def close_tag(self, tag: str) -> None:
        """Close the innermost element of that name, if Markdown holds nothing inside it."""
        if self.close_inside(frozenset({tag})):
            self._containers.pop()

    # Typed check marks -----------------------------------------------------------------

    def open_check_item(self, *, continues_list: bool) -> None:
        """Make a typed mark its item's label, or a list of its own; `run`: one went before."""
        if self._containers and self._containers[-1].level.container is Container.LIST_ITEM:
            self._containers[-1].level = self._containers[-1].level._replace(label="✓")
            return
        level = NestingLevel(Container.LIST_ITEM, "✓", 1)
        self._containers.append(
            _OpenContainer(
                level,
                tight=continues_list,
                item_count=2 if continues_list else 1,
                next_number=CHECK_MARK_LIST,
            )
        )

    def close_check_item(self) -> None:
        """End the list that a typed mark began."""
        if self._containers and self._containers[-1].next_number == CHECK_MARK_LIST:
            self._containers.pop()


_NON_TEXT_TOKENS: Final = frozenset({"image", "foreign_markup", "omitted"})
_NON_TEXT_STARTS: Final = _NON_TEXT_TOKENS | {"html_inline", "link_open"}
_IGNORED_TOKENS: Final = frozenset({"link_open", "link_close", "html_inline"})
_ONE_PARAGRAPH_QUOTE: Final = ["paragraph_open", "inline", "paragraph_close", "blockquote_close"]
_LINK_TOKENS: Final = frozenset({"link_open", "link_close"})
_MAX_CAPTION_CHARACTERS: Final = 240
"""Characters. A longer paragraph in italics under a picture is text."""


def count_items(tokens: Sequence[Token], at: int) -> int:
    """Return how many items the list has whose first token inside is `tokens[at]`."""
    level = tokens[at - 1].level + 1
    return sum(
        1 for t in _walk_inside(tokens, at) if t.type == "list_item_open" and t.level == level
    )


def is_tight_list(tokens: Sequence[Token], at: int) -> bool:
    """Tell whether there are no blank lines between that list's items. HTML has none."""
    opened = tokens[at - 1]
    if opened.info:
        return True
    level = opened.level + 2
    inside = _walk_inside(tokens, at)
    first = next((t for t in inside if t.type == "paragraph_open" and t.level == level), None)
    return first is None or first.hidden


def is_one_paragraph_quote(tokens: Sequence[Token], at: int) -> bool:
    """Tell whether the quote whose first token inside is `tokens[at]` is one paragraph alone."""
    return [token.type for token in tokens[at : at + 4]] == _ONE_PARAGRAPH_QUOTE


def _walk_inside(tokens: Sequence[Token], at: int) -> Iterator[Token]:
    level = tokens[at - 1].level
    for index in range(at, len(tokens)):
        if tokens[index].level <= level:
            return
        yield tokens[index]


def split_non_text_lines(children: Sequence[Token]) -> list[Sequence[Token]]:
    """Return the lines of a paragraph that is no text, or is a picture and its caption.

    Returns nothing for any other paragraph.
    """
    if not children or children[0].type not in _NON_TEXT_STARTS:
        return []
    lines = _split_lines(children)
    if not _is_non_text(lines[0]):
        return []
    if len(lines) == 2 and _has_picture(lines[0]) and find_caption(lines[1]):
        return lines
    return lines if all(_is_non_text(line) for line in lines[1:]) else []


def find_caption(children: Sequence[Token]) -> Sequence[Token]:
    """Return the tokens of a caption: all of a short line in emphasis; or nothing."""
    shown = [token for token in children if token.type != "text" or token.content]
    if len(shown) < 3 or shown[0].type != "em_open" or shown[-1].type != "em_close":
        return ()
    outer = shown[0].level
    if any(token.level <= outer for token in shown[1:-1]):
        return ()  # two stretches of emphasis with words between them
    return shown if sum(len(token.content) for token in shown) <= _MAX_CAPTION_CHARACTERS else ()


def _split_lines(children: Sequence[Token]) -> list[Sequence[Token]]:
    """Return the tokens of each source line that has any that shows."""
    lines: list[list[Token]] = [[]]
    for token in children:
        if token.type in ("softbreak", "hardbreak"):
            lines.append([])
        else:
            lines[-1].append(token)
    shown = [line for line in lines if any(token.type not in _LINK_TOKENS for token in line)]
    return [*shown] or [children]


def _is_non_text(line: Sequence[Token]) -> bool:
    """Tell whether a line holds something that is no text, and no text."""
    shown = False
    for token in line:
        if token.type in _NON_TEXT_TOKENS or is_picture(token):
            shown = True
        elif token.type not in _IGNORED_TOKENS and token.content.strip():
            return False
    return shown


def _has_picture(line: Sequence[Token]) -> bool:
    return any(is_picture(token) for token in line)


def is_picture(token: Token) -> bool:
    """Tell whether an inline token is a picture, of Markdown or HTML."""
    is_tag = token.type == "html_inline" and token.content[:4].lower() == "<img"
    return is_tag or token.type == "image"


LEADING_DASH: Final = re.compile(r"\s*(?:—|–|--)\s*(?=\S)")
MAX_ATTRIBUTION_CHARACTERS: Final = 160
"""Characters. A longer last line that begins with a dash is speech."""
_PULL_QUOTE_WORDS: Final = range(4, 61)
_MAX_SOURCE_CHARACTERS: Final = 300_000
"""Characters. Longer texts are books, without pull quotes worth a search each."""
_INLINE_MARKUP: Final = re.compile(r"[*_\"“”]")
_QUOTE_PLACEHOLDER: Final = "\0"
"""Stands for a line of a block quote: no words run on across it."""


class RepeatFinder:
    """Finds out what quotations a text repeats. Asked for many, it reads the text once."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._body_words: str | None = None

    def is_repeated(self, quote: str) -> bool:
        """Tell whether the text has the words of `quote` outside any block quote as well."""
        words = _split_words(quote)
        if len(words) not in _PULL_QUOTE_WORDS or len(self._source) > _MAX_SOURCE_CHARACTERS:
            return False
        if self._body_words is None:
            lines = self._source.split("\n")
            body = (_QUOTE_PLACEHOLDER if line.startswith(">") else line for line in lines)
            self._body_words = " ".join(_split_words("\n".join(body)))
        return " ".join(words) in self._body_words


def _split_words(source: str) -> list[str]:
    return _INLINE_MARKUP.sub("", source).split()
