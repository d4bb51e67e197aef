"""The context that decides how a block is built.

`Nesting` tracks the open lists, quotes and HTML elements. Functions look ahead in the tokens
for tight lists, pictures and captions. `RepeatFinder` detects pull quotes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.markdown import DECIMAL, Numbering
from reader.text.document import Container, NestingLevel

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markdown_it.token import Token


BULLETS: Final = "•◦▪"
"""Bullets by depth of list. Deeper lists begin with the first one again."""
CHECK_MARK_LIST: Final = -1
"""The `next_number` of a list made of paragraphs that begin with check marks."""
_MAX_HTML_LEVELS: Final = 40
"""Nested HTML elements. Deeper ones are ignored, because each block stores all its levels."""
_PUNCTUATION: Final = re.compile(r"[\s_*`'\"‘’“”„«»‹›.,:;!?¡¿…(){}\[\]\-‐‑–—/\\|·•]+")
_LIST_TAGS: Final = frozenset({"ul", "ol", "menu"})
IS_TIGHT: Final = "is_tight"
ITEM_COUNT: Final = "item_count"
"""Keys of `meta` of the token that opens a list that is cut: what is known of the whole list."""


@dataclass(slots=True)
class _OpenContainer:
    """An open list or quote: its level, and what decides the spacing and label of its blocks."""

    level: NestingLevel
    tight: bool = False
    item_count: int = 0
    next_number: int | None = None
    numbering: Numbering = DECIMAL
    is_empty: bool = True
    """It has no block yet, or its current item has none."""
    tag: str = ""
    """The HTML tag that opened it; empty if Markdown did."""


class Nesting:
    """The stack of open containers, outermost first."""

    def __init__(self) -> None:
        self._containers: list[_OpenContainer] = []

    def begin_block(self) -> tuple[tuple[NestingLevel, ...], bool]:
        """Return the levels of the next block, and whether no blank row goes above it."""
        tight = False
        levels = []
        for container in self._containers:
            level = container.level
            if level.container is not Container.LIST_ITEM or level.label or not container.is_empty:
                levels.append(level._replace(is_first=True) if container.is_empty else level)
            if level.container is Container.DEFINITION:
                tight = container.is_empty  # directly under its term
            elif not (container.is_empty and container.item_count <= 1):
                tight = container.tight
            container.is_empty = False
        return tuple(levels), tight

    def __bool__(self) -> bool:
        return bool(self._containers)

    @property
    def is_in_quote(self) -> bool:
        """Whether a block quote or pull quote is open."""
        quotes = (Container.BLOCK_QUOTE, Container.PULL_QUOTE)
        return any(container.level.container in quotes for container in self._containers)

    @property
    def is_in_pull_quote(self) -> bool:
        """Whether a pull quote is open."""
        return any(
            container.level.container is Container.PULL_QUOTE for container in self._containers
        )

    @property
    def is_innermost_empty(self) -> bool:
        """Whether a container is open and the innermost one has no block yet."""
        return bool(self._containers) and self._containers[-1].is_empty

    def open_container(self, level: NestingLevel, tag: str = "") -> None:
        """Open a quote, callout or definition. `tag` is its HTML tag, if HTML opens it."""
        self._push(_OpenContainer(level, tag=tag))

    def open_list(self, numbering: Numbering | None, cells: int, *, tight: bool, tag: str) -> None:
        """Open a list with labels `cells` wide. An ordered list has a `numbering`.

        `tag` is its HTML tag, empty if Markdown opens it.
        """
        container = _OpenContainer(NestingLevel(Container.LIST_ITEM, "", cells), tight, tag=tag)
        if numbering is not None:
            container.next_number, container.numbering = numbering.first, numbering
        self._push(container)

    def _push(self, container: _OpenContainer) -> None:
        if not container.tag or sum(1 for c in self._containers if c.tag) < _MAX_HTML_LEVELS:
            self._containers.append(container)

    def open_item(self, *, label: str = "", delimiter: str = ".", value: int | None = None) -> None:
        """Begin an item of the innermost list.

        Its label is the next number (or `value`) and the delimiter, followed by `label`, or
        else `label`, or else a bullet.
        """
        container = self._containers[-1]
        container.item_count += 1
        container.is_empty = True
        if container.next_number is not None:
            number = container.next_number if value is None else value
            numeral = f"{container.numbering.format_number(number)}{delimiter}"
            label = f"{numeral.rjust(container.level.label_cells)} {label}" if label else numeral
            container.next_number = number + container.numbering.step
        elif not label:
            depth = sum(1 for outer in self._containers[:-1] if outer.item_count)
            label = BULLETS[depth % len(BULLETS)]
        container.level = container.level._replace(label=label)

    def close_container(self) -> None:
        """Close the innermost container that Markdown opened, and open HTML elements in it."""
        self.close_html()
        self._containers.pop()

    def close_html(self) -> None:
        """Close the HTML elements inside the innermost container that Markdown opened."""
        while self._containers and self._containers[-1].tag:
            self._containers.pop()

    def close_inside_list(self) -> bool:
        """Close what is open inside the innermost HTML list; return whether there is one."""
        return self._close_inside(_LIST_TAGS)

    def close_tag(self, tag: str) -> None:
        """Close the innermost HTML element called `tag`, unless Markdown is open inside it."""
        if self._close_inside(frozenset({tag})):
            self._containers.pop()

    def _close_inside(self, tags: frozenset[str]) -> bool:
        """Close what is open inside the innermost HTML element with one of `tags`.

        Return whether there is one. The search ends at a container that Markdown opened.
        """
        for index in range(len(self._containers) - 1, -1, -1):
            if not self._containers[index].tag:
                return False
            if self._containers[index].tag in tags:
                del self._containers[index + 1 :]
                return True
        return False

    @property
    def depth(self) -> int:
        """The number of open containers."""
        return len(self._containers)

    def close_to(self, depth: int) -> None:
        """Close the innermost containers until at most `depth` are open."""
        del self._containers[depth:]

    def open_check_item(self, *, continues_list: bool) -> None:
        """Make a check mark the label of the open list item, or open a list for it.

        `continues_list`: the block before was such a paragraph too.
        """
        if self._containers and self._containers[-1].level.container is Container.LIST_ITEM:
            item = self._containers[-1]
            numeral = f"{item.level.label} " if item.next_number is not None else ""
            item.level = item.level._replace(label=f"{numeral}✓")
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
        """Close the list that `open_check_item` opened, if it opened one."""
        if self._containers and self._containers[-1].next_number == CHECK_MARK_LIST:
            self._containers.pop()


_NON_TEXT_TOKENS: Final = frozenset({"image", "foreign_markup", "omitted"})
_NON_TEXT_STARTS: Final = _NON_TEXT_TOKENS | {"html_inline", "link_open"}
_IGNORED_TOKENS: Final = frozenset({"link_open", "link_close", "html_inline"})
_ONE_PARAGRAPH_QUOTE: Final = ["paragraph_open", "inline", "paragraph_close", "blockquote_close"]
_LINK_TOKENS: Final = frozenset({"link_open", "link_close"})
_MAX_CAPTION_CHARACTERS: Final = 240
"""A longer paragraph in emphasis under a picture is text, not a caption."""


def read_numbering(tokens: Sequence[Token], start: int) -> tuple[Numbering, int]:
    """Return the numbering of a list, and the cells of its widest label.

    `tokens[start]` is the first token inside the list.
    """
    opening = tokens[start - 1]
    if opening.info:  # the tag of an HTML list
        values = opening.meta["values"]
        step = -1 if opening.meta["reversed"] else 1
        first = opening.attrs.get("start", len(values) if step < 0 else 1)
        numbering = Numbering(int(first), step, opening.meta["style"])
        labels = numbering.list_labels(values or (None,))
        return numbering, max(map(len, labels)) + 1
    level = opening.level + 1
    count = opening.meta.get(ITEM_COUNT) or sum(
        1
        for token in _walk_inside(tokens, start)
        if token.type == "list_item_open" and token.level == level
    )
    numbering = Numbering(int(opening.attrs.get("start", 1)))
    return numbering, len(str(numbering.first + max(1, count) - 1)) + 1


def is_tight_list(tokens: Sequence[Token], start: int) -> bool:
    """Return whether a list has no blank lines between its items. HTML lists have none.

    `tokens[start]` is the first token inside the list.
    """
    opening = tokens[start - 1]
    if opening.info:  # the tag of an HTML list
        return True
    if IS_TIGHT in opening.meta:  # the list is longer than a slice
        return bool(opening.meta[IS_TIGHT])
    level = opening.level + 2
    for token in _walk_inside(tokens, start):
        if token.type == "paragraph_open" and token.level == level:
            return token.hidden
    return True


class Callout(NamedTuple):
    """The first paragraph of a callout, divided: its type, its title, and what follows them."""

    kind: str
    title: Sequence[Token]
    body: Sequence[Token]


_CALLOUT: Final = re.compile(r"\[!([^\W\d_][\w -]{0,40}+)(?:\|[^\[\]\n]*)?\][+-]?(?:[ \t]+|\Z)")
"""The start of a callout. The sign behind it folds it in Obsidian; here all of it is shown."""
_CALLOUT_KINDS: Final = frozenset({"note", "tip", "important", "warning", "caution"})


def find_callout(tokens: Sequence[Token], start: int) -> Callout | None:
    """Return the callout that a quote is, or None. `tokens[start]` is the first token inside.

    Without a title of its own, its type is its title.
    """
    if tokens[start].type != "paragraph_open" or not (children := tokens[start + 1].children):
        return None
    match = _CALLOUT.match(children[0].content) if children[0].type == "text" else None
    if match is None:
        return None
    breaks = (i for i, child in enumerate(children) if child.type in ("softbreak", "hardbreak"))
    end = next(breaks, len(children))
    from markdown_it.token import Token  # plain prose needs none of it

    title = [Token("text", "", 0, content=children[0].content[match.end() :]), *children[1:end]]
    name = match[1].strip()
    if len(title) == 1 and not title[0].content.strip():
        name = name.lower() if name.isupper() and name.lower() in _CALLOUT_KINDS else name
        title[0].content = name[0].upper() + name[1:]
    return Callout(match[1].strip().lower(), title, children[end + 1 :])


def is_one_paragraph_quote(tokens: Sequence[Token], start: int) -> bool:
    """Return whether a quote is a single paragraph. `tokens[start]` is the first token inside."""
    return [token.type for token in tokens[start : start + 4]] == _ONE_PARAGRAPH_QUOTE


def _walk_inside(tokens: Sequence[Token], start: int) -> Iterator[Token]:
    level = tokens[start - 1].level
    for index in range(start, len(tokens)):
        if tokens[index].level <= level:
            return
        yield tokens[index]


def split_non_text_lines(children: Sequence[Token]) -> list[Sequence[Token]]:
    """Return the lines of a paragraph without text, such as one of pictures only.

    The second of two lines may be the caption of a picture. Returns an empty list for any
    other paragraph.
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
    """Return the tokens of a caption, a short line that is all emphasis, or an empty sequence."""
    shown = [token for token in children if token.type != "text" or token.content]
    if len(shown) < 3 or shown[0].type != "em_open" or shown[-1].type != "em_close":
        return ()
    outer = shown[0].level
    if any(token.level <= outer for token in shown[1:-1]):
        return ()  # the first emphasis ends before the last token
    return shown if sum(len(token.content) for token in shown) <= _MAX_CAPTION_CHARACTERS else ()


def _split_lines(children: Sequence[Token]) -> list[Sequence[Token]]:
    """Return the tokens of each source line. Lines that show nothing are dropped."""
    lines: list[list[Token]] = [[]]
    for token in children:
        if token.type in ("softbreak", "hardbreak"):
            lines.append([])
        else:
            lines[-1].append(token)
    shown = [line for line in lines if any(token.type not in _LINK_TOKENS for token in line)]
    return [*shown] or [children]


def _is_non_text(line: Sequence[Token]) -> bool:
    """Return whether a line shows something and none of it is text."""
    shows_something = False
    for token in line:
        if token.type in _NON_TEXT_TOKENS or is_picture(token):
            shows_something = True
        elif token.type not in _IGNORED_TOKENS and token.content.strip():
            return False
    return shows_something


def _has_picture(line: Sequence[Token]) -> bool:
    return any(is_picture(token) for token in line)


def is_picture(token: Token) -> bool:
    """Return whether an inline token is a picture, written in Markdown or in HTML."""
    is_tag = token.type == "html_inline" and token.content[:4].lower() == "<img"
    return is_tag or token.type == "image"


LEADING_DASH: Final = re.compile(r"\s*(?:—|–|--)\s*(?=\S)")
"""The dash that begins the attribution of a quote."""
MAX_ATTRIBUTION_CHARACTERS: Final = 160
"""A longer last line that begins with a dash is speech, not an attribution."""
_PULL_QUOTE_WORDS: Final = range(4, 61)
"""How many words a pull quote may have."""
_MAX_SOURCE_CHARACTERS: Final = 300_000
"""A longer story is a book. Its pull quotes are not searched for."""
_INLINE_MARKUP: Final = re.compile(r"[*_\"“”]")
_QUOTE_PLACEHOLDER: Final = "\0"
"""Replaces a line of a block quote, so that no match extends across it."""


class RepeatFinder:
    """Finds the quotes that repeat the text around them. The text is split into words once."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._body_words: str | None = None

    def is_repeated(self, quote: str) -> bool:
        """Return whether the words of `quote` also occur outside block quotes."""
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


def normalize_title(text: str) -> str:
    """Return a title without spaces and punctuation, case folded, to compare it with a heading.

    Signs stay: `C`, `C++` and `C#` are three titles.
    """
    return _PUNCTUATION.sub("", text).casefold()
