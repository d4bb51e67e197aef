"""Links, pictures and headings in a document.

Lists the links of a block, and the headings as sections with the words under them.
`library.catalog` decides where a link outside the document leads.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from itertools import product
from typing import TYPE_CHECKING, Final, NamedTuple
from unicodedata import category, normalize

from reader.text.document import Kind, Place, Role
from reader.text.places import get_heading_title

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
    blocks = document.blocks
    index = min(place.block, len(blocks) if direction > 0 else len(blocks) - 1)
    while 0 <= index < len(blocks):
        # A block may have 20,000 links: only the one that is returned is made.
        spans = blocks[index].spans
        if index == place.block:
            spans = tuple(s for s in spans if (s.start - place.offset) * direction > 0)
        for span in spans if direction > 0 else reversed(spans):
            if span.target and (link := _make_link(span, index)) is not None:
                return link
        index += direction
    return in_footnotes[0] if direction > 0 and in_footnotes else None


def _is_beyond(place: Place, other: Place, direction: int) -> bool:
    return place != other and (place > other) == (direction > 0)


def find_heading(document: Document, name: str, title: str = "") -> Place | None:
    """Return the place that `#name` leads to, None without one; `name` may also be a heading's text.

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
            text = _get_own_text(block)
            if is_typed:
                text = text.replace("–", "--").replace("—", "---")
            slug = slugify(text)
            blocks.setdefault(f"{slug}-{counts[slug]}" if counts[slug] else slug, index)
            counts[slug] += 1
    return blocks


def _get_own_text(block: Block) -> str:
    """Return the text of a heading without pictures and numbers of footnotes."""
    text = block.text
    for span in reversed(block.spans):
        if span.role is Role.DIM or span.role & Role.FOOTNOTE:
            text = text[: span.start] + text[span.end :]
    return text


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
    open_sections: list[_OpenSection] = []  # outermost first

    def close_sections(level: int, words: int) -> None:
        """Close the sections that a heading of `level` ends, with `words` words before it."""
        while open_sections and open_sections[-1].level >= level:
            closed = open_sections.pop()
            section = sections[closed.number]
            sections[closed.number] = section._replace(words=words - closed.words_before)

    for index, block in enumerate(document.blocks):
        if block.kind is Kind.HEADING:
            place, words = Place(index), document.count_words_before(Place(index))
            close_sections(block.heading_level, words)
            title, depth = get_heading_title(block) or block.text, len(open_sections)
            open_sections.append(_OpenSection(block.heading_level, len(sections), words))
            sections.append(Section(title, place, depth, 0))
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
