"""Bring stories in: make a Markdown story of a web page, a file or copied text.

Each source becomes a `Draft`, which `save` writes to a folder. A new kind of source is a module
that returns drafts, and an entry in `sources.READERS`. Here: the draft, and how text becomes
Markdown that shows it unchanged.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.text.cells import sanitize

if TYPE_CHECKING:
    from collections.abc import Callable


def word_set(words: str) -> frozenset[str]:
    """Return the set of the words of a text, which spaces separate."""
    return frozenset(words.split())


MAX_SOURCE_BYTES: Final = 16 * 1024 * 1024
"""Size of the largest page or text that is brought in. The largest of 170 pages has 3 MB."""
SCENE_BREAK: Final = "* * *"
"""How a break between two sections is written in a draft."""


class RemovedText(NamedTuple):
    """A piece of the source that is not in the story."""

    text: str
    """Plain text; lines are separated by newlines."""
    block: int
    """How many blocks of the draft stand before it."""


class SourceHighlight(NamedTuple):
    """A passage that was highlighted in another program."""

    text: str
    note: str = ""
    created: str = ""
    """The time as the source gives it."""


class SourceLink(NamedTuple):
    """A page of a reading list of which only the address is known."""

    url: str
    title: str = ""
    added: str = ""
    """The day, as in `2021-06-12`."""
    tags: tuple[str, ...] = ()
    group: str = ""
    """The part of the list that it is in, such as `Archive`."""


class Picture(NamedTuple):
    """A picture of a chapter or document, which is saved beside it."""

    name: str
    """The name of its file; it has no separators."""
    read: Callable[[], bytes]
    """Returns its content. Raises `UnreadableFile`."""


class BookPart(NamedTuple):
    """Where a chapter is saved, and by what it is found again."""

    book_id: str
    """Of the book, made of its identifier."""
    folder: str
    """The name of the book's folder."""
    stem: str
    """The name of the chapter's file, without its suffix."""
    story_id: str
    total: int
    """How many parts the book has, as far as its contents tell."""
    pictures: tuple[Picture, ...] = ()
    position: int = 0
    """Its place among the parts, from 0; parts without text are counted."""
    contents: tuple[str, ...] = ()
    """The titles of all parts."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a source says about its story; empty where it says nothing."""

    title: str = ""
    deck: str = ""
    author: str = ""
    published: str = ""
    """The day, as in `2021-06-12`; empty unless the source gives day, month and year."""
    minutes: int = 0
    """The reading time that the source states."""
    credit: str = ""
    """Who made the picture."""
    about: str = ""
    """Who the author is."""
    tags: tuple[str, ...] = ()
    language: str = ""
    url: str = ""
    """The canonical address, else the one from which the source was fetched."""
    series: str = ""
    part: int = 0
    """The number in the series, from 1."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A story that was made of a source, and what was left out."""

    facts: Facts = field(default_factory=Facts)
    blocks: tuple[str, ...] = ()
    """The body in Markdown, a string for each block."""
    removed: tuple[RemovedText, ...] = ()
    notices: tuple[str, ...] = ()
    """Lines for the reader, such as that the source ends at a paywall."""
    verbatim: str = ""
    """A source in Markdown that is saved as it is; empty for one that was converted."""
    highlights: tuple[SourceHighlight, ...] = ()
    """What was highlighted in it in another program."""
    subject: Facts | None = None
    """For a list of highlights without their story: what is known of that."""
    links: tuple[SourceLink, ...] = ()
    """For a list of links: what can be fetched."""
    place: BookPart | None = None
    """For a part of a book: where it is saved."""
    feed: str = ""
    """The address of the feed that a page names."""
    pictures: tuple[Picture, ...] = ()
    """Those of a document, which are saved beside it. A book's are in `place`."""

    def count_words(self) -> int:
        """Return the number of words of the body, without markup and addresses."""
        text = re.sub(r"\]\([^)\s]*\)", "]", " ".join(self.blocks))
        return len(re.findall(r"\w[^\s]*", text))

    @property
    def body(self) -> str:
        """The body in Markdown, with a newline at its end."""
        return "\n\n".join(self.blocks) + "\n"

    def put_back(self, number: int) -> Draft:
        """Return the draft with the removed text `number` in its place in the body."""
        piece = self.removed[number]
        lines = tuple(escape_paragraph(line) for line in piece.text.split("\n") if line.strip())
        blocks = (*self.blocks[: piece.block], *lines, *self.blocks[piece.block :])
        others = (
            each._replace(block=each.block + len(lines) * (index > number))
            for index, each in enumerate(self.removed)
            if index != number
        )
        return replace(self, blocks=blocks, removed=tuple(others))


_MARKUP: Final = re.compile(
    r"https?://[^\s<>\"\[\]`*\\{}]+|[\\\\`*\[\]<{$]|(?<!\w)_|_(?!\w)|~(?=~)|=(?==)|%(?=%)|(?<![^\s])\^|&(?=#?\w{1,31};)"
)
"""An address, or a character that may be markup within a line: emphasis, code, a link, a tag, a
formula, an entity. An address that stands alone is a link, in which nothing is markup."""
_LINE_START: Final = re.compile(
    r"(?P<mark>#{1,6}(?=\s|$)|>|[+:-](?=\s|$)|[-=~+:|]{2,}|\|)|(?P<number>\d{1,9})(?=[.)](?:\s|$))"
)
"""What a line may begin with to be read as a heading, quote, list, table, definition or rule."""


def escape_inline(text: str) -> str:
    """Return `text` as Markdown that shows exactly these characters within a line."""
    has_formula = text.count("$") > 1

    def escape(match: re.Match[str]) -> str:
        is_literal = match[0].startswith("http") or (match[0] == "$" and not has_formula)
        return match[0] if is_literal else f"\\{match[0]}"

    return _MARKUP.sub(escape, text)


def escape_paragraph(text: str) -> str:
    """Return a line of text as a paragraph of Markdown that shows exactly this text."""
    return escape_line_start(escape_inline(text.strip()))


def escape_line_start(line: str) -> str:
    """Return a line of Markdown so that its beginning is no heading, list, quote or rule."""
    match = _LINE_START.match(line)
    if match is None:
        return line
    if match["number"]:
        return f"{match['number']}\\{line[match.end('number') :]}"
    return f"\\{line}"


_MIN_REPEATED: Final = 80
"""Characters of the shortest paragraph that is left out when it follows itself."""
_MAX_REPEATED: Final = 400
"""Paragraphs of the longest part of a text that is left out when it follows itself."""


def find_repeats(texts: list[str]) -> set[int]:
    """Return the numbers of the paragraphs that say again what those just before them say.

    Pages that are made for several widths of the screen hold each part several times.
    """
    found: set[int] = set()
    last: dict[str, int] = {}
    for number, text in enumerate(texts):
        start = last.get(text)
        last[text] = number
        if number in found or start is None or number - start > _MAX_REPEATED:
            continue
        size = number - start
        part = texts[start:number]
        if texts[number : number + size] == part and sum(map(len, part)) >= _MIN_REPEATED:
            found |= {*range(number, number + size)}
    return found


def clean_line(text: str) -> str:
    """Return `text` sanitised, on one line, with single spaces."""
    return " ".join(sanitize(text).split())
