"""One stay in a story: its text as far as it is parsed, its place, what was read of it.

Loading reads the file and parses no more than the first screen or the saved place needs;
it touches no memory and no screen, so that a worker may do it. The rest follows slice by
slice.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

from .anchors import found
from .document import Document, Place
from .edits import carried, revision
from .evidence import Evidence, Mark, View, skipped
from .index import derived
from .pace import ORDINARY
from .record import is_of, pieces_of, recorded, written
from .story import read

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .document import Anchor, Block, Slice, Spot
    from .edits import Revision
    from .evidence import Ranges
    from .state import Memory
    from .story import Source, Story


class Visit:
    """A story that is open."""

    def __init__(
        self, story: Story, source: Source, memory: Memory, record: str = "", pace: int = ORDINARY
    ) -> None:
        """Open a story with what is remembered of it.

        `record` is of the text that the words read are numbered in, as `record` writes it;
        `pace` is the reader's own in the story's language, in words a minute.
        """
        is_reread = memory.mark is Mark.FINISHED and memory.round < memory.finished
        self.story = story
        self.source = source
        self.pace = pace
        self.document = Document()
        self.place = Place()
        self.anchor: Anchor | None = None if is_reread else memory.anchor
        """Where reading stopped, until the place in this text is found for it."""
        self.stopped = memory.stopped if self.anchor else None
        """When reading stopped there; None where it begins at the beginning."""
        self.round = memory.finished
        """How often the story was finished when this reading began."""
        self.changed = bool(record) and not is_of(record, source.body)
        """The text has changed since it was read."""
        self.evidence = Evidence(memory.ranges, memory.mark)
        self._slices = _slices(source.body, story.title)
        self._known = memory.ranges
        """The words read as they are remembered, numbered in the text of `_record`."""
        self._record = record
        self._record_now = ""
        """The record of this text, once all of it is parsed."""
        self._revision: Revision | None = None
        """What became of the text of `_record` in this one, if that is another."""

    def more(self) -> Slice | None:
        """Parse the next slice, None at the end. A worker's job: `take` changes the rest."""
        piece = next(self._slices, None)
        if piece is not None and piece.last:
            self._compare(chain(self.document.blocks, piece.blocks))
        return piece

    def _compare(self, blocks: Iterable[Block]) -> None:
        pieces = pieces_of(blocks)
        self._record_now = written(self.source.body, pieces)
        before = recorded(self._record) if self._record != self._record_now else ()
        if before:
            self._revision = revision(before, pieces)

    def take(self, piece: Slice) -> None:
        """Add a parsed slice to the document."""
        self.document.extend(piece.blocks)
        if piece.last:
            self.document.finish(piece.notes)
            if self._revision is not None:
                self.evidence.renumber(self._carried(self._known))
            if not self.story.words:
                self.story = replace(self.story, words=self.document.words)
        if self.anchor is not None:
            place = found(self.document, self.anchor, self._spot(self.anchor.place.block))
            if place is not None:
                self.place, self.anchor = place, None

    def _spot(self, block: int) -> Spot | None:
        """Return where a block of the text that was read is now, as far as that is known."""
        spots = self._revision.spots if self._revision is not None else ()
        return spots[block] if block < len(spots) else None

    def remembers(self, memory: Memory, record: str, pace: int) -> None:
        """Go on from what is remembered now: a mark may be set while a worker opens a story."""
        if record != self._record:  # its words were numbered anew meanwhile
            self._record, self._revision = record, None
        self._known, self.pace = memory.ranges, pace
        self.evidence = Evidence(self._carried(memory.ranges), memory.mark)

    def _carried(self, ranges: Ranges) -> Ranges:
        return ranges if self._revision is None else carried(ranges, self._revision.stretches)

    @property
    def is_numbered(self) -> bool:
        """What is read can be written down: it is known where the words read before are now."""
        return self.document.complete or not self.changed

    def numbering(self) -> tuple[str, Ranges | None] | None:
        """Return what to remember of this text, and the words read if they are carried over.

        None if that is known, or isn't yet.
        """
        if not self._record_now or self._record_now == self._record:
            return None
        is_carried, self._revision = self._revision is not None, None
        self._record = self._record_now
        return self._record, self.evidence.ranges if is_carried else None

    def skipped(self) -> tuple[tuple[Place, Place], ...]:
        """Return the parts that were passed over: unread, and something behind them was read."""
        place = self.document.place_of_word
        return tuple((place(first), place(end)) for first, end in skipped(self.evidence.ranges))

    def reach(self, place: Place) -> None:
        """Parse as far as `place` and be there. For a visit that nobody sees yet."""
        while place.block >= len(self.document.blocks) and (piece := self.more()) is not None:
            self.take(piece)
        self.be_at(self.document.clamp(place))

    def be_at(self, place: Place) -> None:
        """Be at a place that was asked for, wherever reading stopped."""
        self.place, self.anchor, self.stopped = place, None, None

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


def load(story: Story, memory: Memory, record: str = "", pace: int = ORDINARY) -> Visit:
    """Open `story` as far as its first screen and its saved place need.

    Raises `Unreadable`.
    """
    return opened(story, read(story.path), memory, record, pace)


def opened(
    story: Story, source: Source, memory: Memory, record: str = "", pace: int = ORDINARY
) -> Visit:
    """Return a visit of `source`, parsed as far as its saved place."""
    visit = Visit(story, source, memory, record, pace)
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
