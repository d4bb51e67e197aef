"""Links, pictures and headings in a document.

Lists what a block refers to, and the headings as a tree with their slugs. Where a link leads
outside the document is decided in `library.catalog`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.text.document import Kind, Place, Role, blank_placeholders

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reader.text.document import Block, Document


_ATTRIBUTE_ID: Final = re.compile(r"\{:? ?#([\w-]+)[^{}]*\}$")
_NOT_IN_SLUG: Final = re.compile(r"[^\w\- ]")


class Link(NamedTuple):
    """A link in a block's text, from `start` to `end` (offsets)."""

    block: int
    start: int
    end: int
    target: str
    is_footnote: bool = False
    """It is a footnote's number, and `target` the number."""
    is_picture: bool = False
    """It stands for a picture, and `target` is where that is."""


def list_links(document: Document, block: int) -> list[Link]:
    """Return the links and the footnotes' numbers in a block, in order."""
    return list_block_links(document.get_block(block), block)


def list_block_links(block: Block, number: int) -> list[Link]:
    """Return the links and the footnotes' numbers in the block of that number, in order."""
    return [
        Link(number, span.start, span.end, span.target, is_footnote=bool(span.role & Role.FOOTNOTE))
        for span in block.spans
        if span.target and span.role & (Role.LINK | Role.FOOTNOTE)
    ]


def list_pictures(document: Document, block: int) -> list[Link]:
    """Return what stands for pictures in a block, in order."""
    return list_block_pictures(document.get_block(block), block)


def list_block_pictures(block: Block, number: int) -> list[Link]:
    """Return what stands for pictures in the block of that number: dim, and it leads somewhere."""
    return [
        Link(number, span.start, span.end, span.target, is_picture=True)
        for span in block.spans
        if span.target and span.role & Role.DIM
    ]


def find_next_link(
    document: Document, place: Place, way: int, footnote_links: Sequence[Link] = ()
) -> Link | None:
    """Return the first link behind `place`, or with -1 the last before it.

    Those `below` follow the ones of the text.
    """

    def filter_links(links: Sequence[Link]) -> list[Link]:
        places = [(Place(link.block, link.start), link) for link in links]
        return [link for at, link in places if at != place and (at > place) == (way > 0)]

    under = filter_links(footnote_links)
    if way < 0 and under:
        return under[-1]
    at = min(place.block, len(document.blocks) - 1)
    while 0 <= at < len(document.blocks):
        found = filter_links(list_links(document, at))
        if found:
            return found[0] if way > 0 else found[-1]
        at += way
    return under[0] if way > 0 and under else None


def find_heading(document: Document, slug: str) -> Place | None:
    """Return the place of the heading that `slug` names, as GitHub writes it or as it says."""
    wanted = slugify(slug)
    for index, block in enumerate(document.blocks):
        if block.kind is Kind.HEADING and wanted in _list_slugs(block):
            return Place(index)
    return None


def _list_slugs(block: Block) -> Iterator[str]:
    """Yield the names of a heading: its words, and the `{#name}` written behind them."""
    yield slugify(blank_placeholders(block.text, block.spans))
    for match in _ATTRIBUTE_ID.finditer(block.text):
        yield slugify(match[1])


def slugify(text: str) -> str:
    """Return a heading's text as it stands in an address."""
    return _NOT_IN_SLUG.sub("", text.casefold()).strip().replace(" ", "-")


class Section(NamedTuple):
    """A heading and what is under it."""

    title: str
    place: Place
    depth: int
    """0 for the outermost headings of this document, whatever their level."""
    words: int


def list_sections(document: Document) -> list[Section]:
    """Return the headings of `document` in order."""
    found: list[Section] = []
    under: list[tuple[int, int]] = []
    """The headings that stand over the next one, as (level, number), outermost first."""
    for index, block in enumerate(document.blocks):
        if block.kind is Kind.HEADING:
            before = document.count_words_before(Place(index))
            _close_sections(found, under, block.heading_level, before)
            under.append((block.heading_level, len(found)))
            found.append(Section(block.text, Place(index), len(under) - 1, before))
    _close_sections(found, under, 0, document.words)
    return found


def _close_sections(
    sections: list[Section], under: list[tuple[int, int]], level: int, words: int
) -> None:
    """End the sections that a heading of `level` ends, where `words` words come before it.

    Until then a section says in `words` how many come before itself.
    """
    while under and under[-1][0] >= level:
        _, number = under.pop()
        section = sections[number]
        sections[number] = section._replace(words=words - section.words)


def find_section(sections: list[Section], place: Place) -> int:
    """Return the number of the section that `place` is in, -1 before the first."""
    return bisect_right(sections, place, key=lambda section: section.place) - 1


def find_heading_from(document: Document, place: Place | None, headings: int) -> Place | None:
    """Return the heading that many behind `place` (before it, if negative), None if there is none.

    With None for a place the reader is above all text.
    """
    blocks = document.blocks
    step = 1 if headings > 0 else -1
    at = -1 if place is None else place.block
    if step < 0 and place is not None and place.offset:
        at += 1
    for _ in range(abs(headings)):
        at += step
        while 0 <= at < len(blocks) and blocks[at].kind is not Kind.HEADING:
            at += step
    return Place(at) if 0 <= at < len(blocks) else None
