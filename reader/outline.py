"""A document's headings as a tree: what the contents list shows.

Each with how deep it stands and how many words it has with all that is under it.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

from .document import Kind, Place

if TYPE_CHECKING:
    from .document import Document


class Section(NamedTuple):
    """A heading and what is under it."""

    title: str
    place: Place
    depth: int
    """0 for the outermost headings of this document, whatever their level."""
    words: int


def sections(document: Document) -> list[Section]:
    """Return the headings of `document` in order."""
    found: list[Section] = []
    under: list[tuple[int, int]] = []
    """The headings that stand over the next one, as (level, number), outermost first."""
    for index, block in enumerate(document.blocks):
        if block.kind is Kind.HEADING:
            before = document.words_before(Place(index))
            _end(found, under, block.level, before)
            under.append((block.level, len(found)))
            found.append(Section(block.text, Place(index), len(under) - 1, before))
    _end(found, under, 0, document.words)
    return found


def _end(found: list[Section], under: list[tuple[int, int]], level: int, words: int) -> None:
    """End the sections that a heading of `level` ends, where `words` words come before it.

    Until then a section says in `words` how many come before itself.
    """
    while under and under[-1][0] >= level:
        _, number = under.pop()
        section = found[number]
        found[number] = section._replace(words=words - section.words)


def section_at(found: list[Section], place: Place) -> int:
    """Return the number of the section that `place` is in, -1 before the first."""
    return bisect_right(found, place, key=lambda section: section.place) - 1


def heading_from(document: Document, place: Place | None, headings: int) -> Place | None:
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
