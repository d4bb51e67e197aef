"""Links, pictures and headings in a document.

Lists the links of a block, and the headings as sections with the words under them.
`library.catalog` decides where a link outside the document leads.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from itertools import product
from typing import TYPE_CHECKING, Final, NamedTuple
from unicodedata import category, normalize

from reader.text.document import Kind, Place, Role
from reader.text.places import MAX_TITLE_CHARACTERS, get_heading_text, get_short_title

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reader.text.document import Block, Document, Span


_SLUG_TYPES: Final = frozenset({"Nd", "Nl", "Pc"})
"""Categories of the digits and underscores in a slug."""


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
    links = (_make_link(span, number) for span in block.spans if span.target)
    return [link for link in links if link is not None]


_LINK_ROLES: Final = Role.LINK | Role.FOOTNOTE


def _make_link(span: Span, block: int) -> Link | None:
    """Return the link or footnote number that a span with a target is, None for other spans."""
    if not span.role & _LINK_ROLES:
        return None
    is_footnote = bool(span.role & Role.FOOTNOTE)
    return Link(block, span.start, span.end, span.target, is_footnote=is_footnote)


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
    in_footnotes = [
        link
        for link in footnote_links
        if _is_beyond(Place(link.block, link.start), place, direction)
    ]
    if direction < 0 and in_footnotes:
        return in_footnotes[-1]
    # Only blocks that have links are visited: there may be 100,000 others.
    numbers = document.target_blocks
    position = (bisect_left if direction > 0 else bisect_right)(numbers, place.block)
    following = numbers[position:] if direction > 0 else numbers[:position][::-1]
    for index in following:
        # A block may have 20,000 links: only the one that is returned is made.
        spans = document.blocks[index].spans
        if index == place.block:
            spans = tuple(s for s in spans if (s.start - place.offset) * direction > 0)
        for span in spans if direction > 0 else reversed(spans):
            if span.target and (link := _make_link(span, index)) is not None:
                return link
    return in_footnotes[0] if direction > 0 and in_footnotes else None


def _is_beyond(place: Place, other: Place, direction: int) -> bool:
    return place != other and (place > other) == (direction > 0)


def find_heading(document: Document, name: str, title: str = "") -> Place | None:
    """Return the place that `#name` leads to, None without one; a heading's text is a name too.

    It is an element with that id, or the heading with that slug, the second of a name with `-1`
    behind it. If there is none, a heading that differs in case, accents or marks is taken, or the
    beginning of the text for its `title`, which is shown above it, and for `top`.
    """
    name = normalize("NFC", name)
    if not name:
        return None
    for index in range(document.last_block + 1):
        for span in document.get_block(index).spans:
            if span.start == span.end and normalize("NFC", span.target) == f"#{name}":
                is_heading = document.get_block(index).kind is Kind.HEADING
                return Place(index, 0 if is_heading else span.start)
    slug, title_slug = slugify(name), slugify(title)
    for typed, counted in product((False, True), ((), (title_slug,))):
        places = _map_slugs(document, counted, is_typed=typed)
        if name in places or slug in places:
            return Place(places.get(name, places.get(slug, 0)))
    if slug and slug in (title_slug, "top"):
        return Place()
    loose = _loosen(name)
    for other, index in _map_slugs(document, (), is_typed=False).items():
        if loose and _loosen(other) == loose:
            return Place(index)
    return Place() if loose and loose == _loosen(title) else None


def _map_slugs(document: Document, counted: Iterable[str], *, is_typed: bool) -> dict[str, int]:
    """Return the block of each heading by its slug, with a number from the second of a name on.

    `counted` are slugs that are given away before. If `is_typed`, dashes count as the hyphens that
    they were typed as.
    """
    blocks: dict[str, int] = {}
    counts = Counter(counted)
    for index, block in enumerate(document.blocks):
        if block.kind is Kind.HEADING:
            text = get_heading_text(block)
            if is_typed:
                text = text.replace("–", "--").replace("—", "---")
            slug = slugify(text)
            blocks.setdefault(f"{slug}-{counts[slug]}" if counts[slug] else slug, index)
            counts[slug] += 1
    return blocks


def _loosen(name: str) -> str:
    """Return the letters and digits of a slug or title, to compare it with one that is typed."""
    from reader.text.search import fold_text  # only a link that fits no heading needs it

    return "-".join(re.findall(r"[^\W_]+", fold_text(name)))


def slugify(text: str) -> str:
    """Return the name of a heading in an address, by the rules of GitHub.

    In lower case, with letters, marks, digits, hyphens and underscores, and hyphens for spaces.
    Source: `PUNCTUATION_REGEXP` in the filter for tables of contents of html-pipeline.
    """
    text = normalize("NFC", text.strip()).lower()
    allowed = (c for c in text if c in " -" or category(c)[0] in "LM" or category(c) in _SLUG_TYPES)
    return "".join(allowed).replace(" ", "-")


class Section(NamedTuple):
    """A heading and the text under it."""

    title: str
    place: Place
    depth: int
    """0 for the outermost headings of the document, whatever their level."""
    words: int
    """Words under the heading, those under its subheadings included."""


def list_sections(document: Document) -> list[Section]:
    """Return the headings of `document` as sections, in order.

    20,000 take 0.05 seconds: a worker may list them, also while the document grows.
    """
    blocks, numbers = document.blocks, tuple(document.heading_blocks)
    words_before = [*map(document.count_words_before, map(Place, numbers)), document.words]
    depths: list[int] = []
    ends = [len(numbers)] * len(numbers)  # the number of the section after each one
    open_sections: list[int] = []  # their numbers, outermost first
    for number, block in enumerate(numbers):
        level = blocks[block].heading_level
        while open_sections and blocks[numbers[open_sections[-1]]].heading_level >= level:
            ends[open_sections.pop()] = number
        depths.append(len(open_sections))
        open_sections.append(number)
    return [
        Section(
            get_short_title(blocks[block]) or blocks[block].text[:MAX_TITLE_CHARACTERS],
            Place(block),
            depths[number],
            words_before[ends[number]] - words_before[number],
        )
        for number, block in enumerate(numbers)
    ]


def find_section(sections: list[Section], place: Place) -> int:
    """Return the index of the section that `place` is in, -1 before the first."""
    return bisect_right(sections, place, key=lambda section: section.place) - 1


def find_heading_from(document: Document, place: Place | None, count: int) -> Place | None:
    """Return the heading that is `count` headings after `place`, or before it if negative.

    None if there are too few. A `place` of None is above the whole text.
    """
    headings = document.heading_blocks
    block = -1 if place is None else place.block
    if count > 0:
        index = bisect_right(headings, block) + count - 1
    else:
        if place is not None and place.offset:
            block += 1  # the heading of this very block is before the place
        index = bisect_left(headings, block) + count
    return Place(headings[index]) if 0 <= index < len(headings) else None
