"""A document's headings as a tree: what the contents list shows.

Each with how deep it stands and how many words it has with all that is under it.
"""

from __future__ import annotations

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
    headings = [
        (index, block) for index, block in enumerate(document.blocks) if block.kind is Kind.HEADING
    ]
    levels: list[int] = []
    found = []
    for number, (index, block) in enumerate(headings):
        while levels and levels[-1] >= block.level:
            levels.pop()
        under = (at for at, other in headings[number + 1 :] if other.level <= block.level)
        end = Place(next(under, len(document.blocks)))
        words = document.words_before(end) - document.words_before(Place(index))
        if end.block >= len(document.blocks):
            words = document.words - document.words_before(Place(index))
        found.append(Section(block.text, Place(index), len(levels), words))
        levels.append(block.level)
    return found


def section_at(found: list[Section], place: Place) -> int:
    """Return the number of the section that `place` is in, -1 before the first."""
    return sum(1 for section in found if section.place <= place) - 1
