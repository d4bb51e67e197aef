"""Links, pictures and headings in a document.

Lists the links of a block, and the headings as sections with the words under them.
`library.catalog` decides where a link outside the document leads.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

from reader.text.document import Kind, Place, Role, blank_placeholders

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reader.text.document import Block, Document


class Link(NamedTuple):
    """A link in the text of a block, from offset `start` up to `end`."""

    block: int
    start: int
    end: int
    target: str
    is_footnote: bool = False
    """It is the number of a footnote, and `target` is that number."""
    is_picture: bool = False
    """It is a placeholder of a picture, and `target` is the picture's path."""


def list_links(document: Document, block: int) -> list[Link]:
    """Return the links and footnote numbers in a block, in order."""
    return list_block_links(document.get_block(block), block)


def list_block_links(block: Block, number: int) -> list[Link]:
    """Return the links and footnote numbers in `block`, whose number is `number`, in order."""
    return [
        Link(number, span.start, span.end, span.target, is_footnote=bool(span.role & Role.FOOTNOTE))
        for span in block.spans
        if span.target and span.role & (Role.LINK | Role.FOOTNOTE)
    ]


def list_pictures(document: Document, block: int) -> list[Link]:
    """Return the placeholders of pictures in a block, in order."""
    return list_block_pictures(document.get_block(block), block)


def list_block_pictures(block: Block, number: int) -> list[Link]:
    """Return the placeholders of pictures in `block`: dim spans with a target."""
    return [
        Link(number, span.start, span.end, span.target, is_picture=True)
        for span in block.spans
        if span.target and span.role & Role.DIM
    ]


def find_next_link(
    document: Document, place: Place, direction: int, footnote_links: Sequence[Link] = ()
) -> Link | None:
    """Return the first link after `place`, or with a `direction` of -1 the last before it.

    `footnote_links` come after those of the text.
    """

    def filter_links(links: Sequence[Link]) -> list[Link]:
        starts = [(Place(link.block, link.start), link) for link in links]
        return [
            link for start, link in starts if start != place and (start > place) == (direction > 0)
        ]

    in_footnotes = filter_links(footnote_links)
    if direction < 0 and in_footnotes:
        return in_footnotes[-1]
    index = min(place.block, len(document.blocks) - 1)
    while 0 <= index < len(document.blocks):
        links = filter_links(list_links(document, index))
        if links:
            return links[0 if direction > 0 else -1]
        index += direction
    return in_footnotes[0] if direction > 0 and in_footnotes else None


def find_heading(document: Document, slug: str) -> Place | None:
    """Return the place of the heading with this slug or with this text, None without one."""
    slug = slugify(slug)
    for index, block in enumerate(document.blocks):
        if block.kind is Kind.HEADING and slug in _list_slugs(block):
            return Place(index)
    return None


def _list_slugs(block: Block) -> Iterator[str]:
    """Yield the slugs of a heading: of its words, and of a `{#name}` at its end."""
    yield slugify(blank_placeholders(block.text, block.spans))
    for match in re.finditer(r"\{:? ?#([\w-]+)[^{}]*\}$", block.text):
        yield slugify(match[1])


def slugify(text: str) -> str:
    """Return the name of a heading in an address, by the rules of GitHub."""
    return re.sub(r"[^\w\- ]", "", text.casefold()).strip().replace(" ", "-")


class Section(NamedTuple):
    """A heading and the text under it."""

    title: str
    place: Place
    depth: int
    """0 for the outermost headings of the document, whatever their level."""
    words: int
    """Words under the heading, those under its subheadings included."""


class _OpenSection(NamedTuple):
    """A section whose end is not yet found."""

    level: int
    """The level of its heading, 1 to 6."""
    number: int
    """Its index in the list of sections."""
    words_before: int
    """Words of the text before it."""


def list_sections(document: Document) -> list[Section]:
    """Return the headings of `document` as sections, in order."""
    sections: list[Section] = []
    open_sections: list[_OpenSection] = []
    """Outermost first."""

    def close_sections(level: int, words: int) -> None:
        """Close the sections that a heading of `level` ends, with `words` words before it."""
        while open_sections and open_sections[-1].level >= level:
            closed = open_sections.pop()
            sections[closed.number] = sections[closed.number]._replace(
                words=words - closed.words_before
            )

    for index, block in enumerate(document.blocks):
        if block.kind is Kind.HEADING:
            words = document.count_words_before(Place(index))
            close_sections(block.heading_level, words)
            open_sections.append(_OpenSection(block.heading_level, len(sections), words))
            sections.append(Section(block.text, Place(index), len(open_sections) - 1, 0))
    close_sections(0, document.words)
    return sections


def find_section(sections: list[Section], place: Place) -> int:
    """Return the index of the section that `place` is in, -1 before the first."""
    return bisect_right(sections, place, key=lambda section: section.place) - 1


def find_heading_from(document: Document, place: Place | None, count: int) -> Place | None:
    """Return the heading that is `count` headings after `place`, or before it if negative.

    None if there are too few. A `place` of None is above the whole text.
    """
    blocks = document.blocks
    step = 1 if count > 0 else -1
    index = -1 if place is None else place.block
    if step < 0 and place is not None and place.offset:
        index += 1  # the heading of this very block is before the place
    for _ in range(abs(count)):
        index += step
        while 0 <= index < len(blocks) and blocks[index].kind is not Kind.HEADING:
            index += step
    return Place(index) if 0 <= index < len(blocks) else None
