"""Where a link leads: a heading of this story, another story, the web, a picture, or nowhere.

Decides by what is written alone; opens nothing. Only http, https and mailto lead out, and
only stories the library knows lead in, so that no text can name a file or a program.
"""

from __future__ import annotations

import re
import stat
from enum import Enum, auto
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import unquote, urlsplit

from .cells import clean_line
from .document import Kind, Place, Role
from .inline import worded
from .story import BY_ID

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from .document import Block, Document
    from .library import Library
    from .story import Story

SCHEMES: Final = ("http", "https", "mailto")
PICTURES: Final = frozenset(
    {".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif", ".bmp", ".tif", ".tiff"}
)
"""Suffixes of pictures. SVG is none of them: it may hold programs, which a browser would run."""
_WIKI: Final = "[["
"""What the target of a wikilink begins with, which is written as the link is."""
_NAMED: Final = re.compile(r"\{:? ?#([\w-]+)[^{}]*\}$")
_PARTS: Final = re.compile(r"[\s_-]+")
_SLUG: Final = re.compile(r"[^\w\- ]")


class Link(NamedTuple):
    """A link in a block's text, from `start` to `end` (offsets)."""

    block: int
    start: int
    end: int
    target: str
    is_note: bool = False
    """It is a footnote's number, and `target` the number."""
    is_picture: bool = False
    """It stands for a picture, and `target` is where that is."""


def links_in(document: Document, block: int) -> list[Link]:
    """Return the links and the footnotes' numbers in a block, in order."""
    return links_of(document.block(block), block)


def links_of(block: Block, number: int) -> list[Link]:
    """Return the links and the footnotes' numbers in the block of that number, in order."""
    return [
        Link(number, span.start, span.end, span.target, is_note=bool(span.role & Role.NOTE))
        for span in block.spans
        if span.target and span.role & (Role.LINK | Role.NOTE)
    ]


def pictures_in(document: Document, block: int) -> list[Link]:
    """Return what stands for pictures in a block, in order."""
    return pictures_of(document.block(block), block)


def pictures_of(block: Block, number: int) -> list[Link]:
    """Return what stands for pictures in the block of that number: dim, and it leads somewhere."""
    return [
        Link(number, span.start, span.end, span.target, is_picture=True)
        for span in block.spans
        if span.target and span.role & Role.DIM
    ]


def next_link(
    document: Document, place: Place, way: int, below: Sequence[Link] = ()
) -> Link | None:
    """Return the first link behind `place`, or with -1 the last before it.

    Those `below` follow the ones of the text.
    """

    def ahead(links: Sequence[Link]) -> list[Link]:
        places = [(Place(link.block, link.start), link) for link in links]
        return [link for at, link in places if at != place and (at > place) == (way > 0)]

    under = ahead(below)
    if way < 0 and under:
        return under[-1]
    at = min(place.block, len(document.blocks) - 1)
    while 0 <= at < len(document.blocks):
        found = ahead(links_in(document, at))
        if found:
            return found[0] if way > 0 else found[-1]
        at += way
    return under[0] if way > 0 and under else None


class Lead(Enum):
    """What kind of thing a link leads to."""

    HEADING = auto()
    STORY = auto()
    WEB = auto()
    NOWHERE = auto()


class Destination(NamedTuple):
    """Where a link leads."""

    lead: Lead
    words: str = ""
    """The address as it may be shown, or why it leads nowhere."""
    place: Place | None = None
    story: Story | None = None


def destination(target: str, story: Story, document: Document, library: Library) -> Destination:
    """Return where `target` leads from `story`, whose text is `document`."""
    if target.startswith(BY_ID):
        return _by_id(target.removeprefix(BY_ID), library)
    if target.startswith(_WIKI):
        return _wiki(target.removeprefix(_WIKI).removesuffix("]]"), story, document, library)
    return _address(target, story, document, library)


def _by_id(name: str, library: Library) -> Destination:
    found = next((story for story in library.stories() if story.id == name), None)
    if found is None:
        return Destination(Lead.NOWHERE, f"{clean_line(name, 200)}: no story of this library")
    return Destination(Lead.STORY, story=found)


def _address(target: str, story: Story, document: Document, library: Library) -> Destination:
    shown = clean_line(target, 2_000)
    try:
        parts = urlsplit(target)
    except ValueError:
        return Destination(Lead.NOWHERE, f"{shown}: not an address")
    if parts.scheme in SCHEMES:
        whole = parts.scheme == "mailto" or parts.netloc
        return Destination(Lead.WEB if whole else Lead.NOWHERE, shown)
    if parts.scheme or parts.netloc:
        return Destination(Lead.NOWHERE, f"{shown}: only http, https and mailto are followed")
    if not parts.path:
        place = heading(document, unquote(parts.fragment))
        lead = Lead.HEADING if place is not None else Lead.NOWHERE
        return Destination(lead, f"{shown}: there is no such heading", place)
    found = _story(unquote(parts.path), story, library)
    if found is None:
        return Destination(Lead.NOWHERE, f"{shown}: no story of this library")
    return Destination(Lead.STORY, story=found)


def heading(document: Document, slug: str) -> Place | None:
    """Return the place of the heading that `slug` names, as GitHub writes it or as it says."""
    wanted = slugged(slug)
    for index, block in enumerate(document.blocks):
        if block.kind is Kind.HEADING and wanted in _slugs(block):
            return Place(index)
    return None


def _slugs(block: Block) -> Iterator[str]:
    """Yield the names of a heading: its words, and the `{#name}` written behind them."""
    yield slugged(worded(block.text, block.spans))
    for match in _NAMED.finditer(block.text):
        yield slugged(match[1])


def slugged(text: str) -> str:
    """Return a heading's text as it stands in an address."""
    return _SLUG.sub("", text.casefold()).strip().replace(" ", "-")


def _wiki(target: str, story: Story, document: Document, library: Library) -> Destination:
    """Return where `[[name#heading]]` leads: a story by its name, else a heading here."""
    name, _, part = (side.strip() for side in target.partition("#"))
    found = _named(name, library) if name else story
    if found is not None and found is not story:
        return Destination(Lead.STORY, story=found)
    place = heading(document, part or name) if part or found is None else Place()
    lead = Lead.HEADING if place is not None else Lead.NOWHERE
    shown = clean_line(target, 200)
    return Destination(lead, f"{shown}: no story or heading of that name", place)


def _named(name: str, library: Library) -> Story | None:
    """Return the story whose file, id or title is `name`, spaces, dashes and case alike."""
    wanted = _alike(name.rpartition("/")[2].removesuffix(".md"))
    for known in library.stories():
        if wanted in (_alike(Path(known.path).stem), _alike(known.id), _alike(known.title)):
            return known
    return None


def _alike(name: str) -> str:
    return _PARTS.sub("-", name.casefold()).strip("-")


def _story(path: str, story: Story, library: Library) -> Story | None:
    """Return the story of the library that a relative path names, with its suffix or without."""
    try:
        aim = (story.path.parent / path).resolve()
    except (OSError, ValueError, RuntimeError):
        return None
    for known in library.stories():
        here = Path(known.path).resolve()
        if aim in (here, here.with_suffix("")) or aim.name == known.id:
            return known
    return None


def picture(target: str, story: Story, folders: Iterable[Path]) -> Path | None:
    """Return the file of the picture that `target` names in `story`, or None.

    A relative path only, to a regular file with a picture's suffix, in the story's folder or
    one of the library's `folders`, wherever links on the disk may lead.
    """
    try:
        parts = urlsplit(target)
        if parts.scheme or parts.netloc or not parts.path or parts.path.startswith("/"):
            return None
        here = story.path.parent.resolve()
        path = (here / unquote(parts.path)).resolve()
        is_ours = any(path.is_relative_to(root) for root in (here, *folders))
        is_picture = path.suffix.lower() in PICTURES and stat.S_ISREG(path.stat().st_mode)
    except (OSError, ValueError, RuntimeError):
        return None
    return path if is_ours and is_picture else None
