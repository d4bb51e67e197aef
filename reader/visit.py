"""One stay in a story: its text as far as it is parsed, its place, what was read of it.

Loading reads the file and parses no more than the first screen or the saved place needs;
it touches no memory and no screen, so that a worker may do it. The rest follows slice by
slice.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from .document import Document, Place
from .evidence import Evidence, View
from .index import derived
from .story import read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .document import Anchor, Slice
    from .state import Memory
    from .story import Source, Story


class Visit:
    """A story that is open."""

    def __init__(self, story: Story, source: Source, memory: Memory) -> None:
        self.story = story
        self.source = source
        self.document = Document()
        self.place = Place()
        self.anchor: Anchor | None = memory.anchor
        """Where reading stopped, until the place in this text is found for it."""
        self.evidence = Evidence(memory.ranges, memory.mark)
        self._slices = _slices(source.body, story.title)

    def more(self) -> Slice | None:
        """Parse the next slice, None at the end. A worker's job: it changes nothing else."""
        return next(self._slices, None)

    def take(self, piece: Slice) -> None:
        """Add a parsed slice to the document."""
        self.document.extend(piece.blocks)
        if piece.last:
            self.document.finish(piece.notes)
            if not self.story.words:
                self.story = replace(self.story, words=self.document.words)
        if self.anchor is not None and (place := self.document.find(self.anchor)) is not None:
            self.place, self.anchor = place, None

    def remembers(self, memory: Memory) -> None:
        """Go on from what is remembered now: a mark may be set while a worker opens a story."""
        self.evidence = Evidence(memory.ranges, memory.mark)

    def reach(self, place: Place) -> None:
        """Parse as far as `place` and be there. For a visit that nobody sees yet."""
        while place.block >= len(self.document.blocks) and (piece := self.more()) is not None:
            self.take(piece)
        self.place, self.anchor = self.document.clamp(place), None

    @property
    def total(self) -> int | None:
        """How many words the text has, None while that isn't known."""
        return self.document.words if self.document.complete else self.story.words or None

    def view(self, first: Place, behind: Place) -> View:
        """Return the words between two places, as what is visible."""
        document = self.document
        is_end = document.complete and behind >= document.end
        return View(document.words_before(first), document.words_before(behind), is_end)

    def part_before(self, place: Place) -> float:
        """Return which part of the text, 0 to 1, comes before `place`.

        While the text isn't complete, by what its source is longer.
        """
        letters = self.document.letters
        whole = letters if self.document.complete else max(letters, len(self.source.body))
        return self.document.letters_before(place) / whole if whole else 1.0


def load(story: Story, memory: Memory) -> Visit:
    """Open `story` as far as its first screen and its saved place need.

    Raises `Unreadable`.
    """
    return opened(story, read(story.path), memory)


def opened(story: Story, source: Source, memory: Memory) -> Visit:
    """Return a visit of `source`, parsed as far as its saved place."""
    visit = Visit(story, source, memory)
    while (piece := visit.more()) is not None:
        visit.take(piece)
        if visit.anchor is None:
            break
    return visit


def introduce(source: Source, folder: str) -> Story:
    """Return what a text's first slice tells of its story, its words if that is all of it."""
    first = next(_slices(source.body, source.matter.title))
    document = Document()
    document.extend(first.blocks)
    story = derived(source, folder, document)
    return story if first.last else replace(story, words=0)


def _slices(text: str, title: str) -> Iterator[Slice]:
    # Importing the parser takes longer than drawing the shelf, whose first screen needs none.
    from .markdown import slices

    return slices(text, title)
