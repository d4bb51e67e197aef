"""One story while it is open: its parsed text, its place, what was read of it."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.library.index import derived
from reader.library.text_cache import slices_of
from reader.reading.progress import ORDINARY, Evidence, Mark, View, skipped
from reader.reading.revision import is_of, pieces_of, recorded, written
from reader.text.document import Document, Place
from reader.text.places import found

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reader.library.story import Source, Story
    from reader.library.text_cache import Text
    from reader.reading.annotations import Keeping, Quote, Stretch
    from reader.reading.progress import Ranges
    from reader.reading.revision import Revision
    from reader.store.repository import Memory
    from reader.text.document import Anchor, Block, Slice, Spot
    from reader.text.places import Passage


_BEGINNING: Final = 12_000
"""Characters in which a text's title is looked for: no more than the first slice has."""


class Remembered(NamedTuple):
    """What is remembered of a story when it is opened."""

    memory: Memory
    record: str = ""
    """Of the text that the words read are numbered in, as `record` writes it."""
    pace: int = ORDINARY
    """The reader's own in the story's language, in words a minute."""
    quotes: Sequence[Quote] = ()
    """What was kept of it."""


class Visit:
    """A story that is open."""

    def __init__(self, story: Story, text: Text, remembered: Remembered) -> None:
        """Open `story` with what is remembered of it."""
        memory, record, self.pace, self._quotes = remembered
        is_reread = memory.mark is Mark.FINISHED and memory.round < memory.finished
        self.story = story
        self.text = text
        self.document = Document()
        self.place = Place()
        self.anchor: Anchor | None = None if is_reread else memory.anchor
        """Where reading stopped, until the place in this text is found for it."""
        self.stopped = memory.stopped if self.anchor else None
        """When reading stopped there; None where it begins at the beginning."""
        self.round = memory.finished
        """How often the story was finished when this reading began."""
        self.changed = bool(record) and not is_of(record, text.digest())
        """The text has changed since it was read."""
        self.evidence = Evidence(memory.ranges, memory.mark)
        self._keeping: Keeping | None = None
        self._kept_at: dict[str, Passage] = {}
        """Where quotes were found that the next `take` tells `keeping` of."""
        self._known = memory.ranges
        """The words read as they are remembered, numbered in the text of `_record`."""
        self._record = record
        self._record_now = ""
        """The record of this text, once all of it is parsed."""
        self._revision: Revision | None = None
        """What became of the text of `_record` in this one, if that is another."""

    def more(self) -> Slice | None:
        """Parse the next slice, None at the end. A worker's job: `take` changes the rest."""
        piece = next(self.text.slices, None)
        if piece is not None and piece.last:
            self._compare(chain(self.document.blocks, piece.blocks))
            self.text.let_go()
        if piece is not None and self._quotes and self.keeping.is_sought:
            self._kept_at = self._seek(piece)
        return piece

    def _seek(self, piece: Slice) -> dict[str, Passage]:
        """Return where quotes are that end in `piece`, or with the last one anywhere."""
        blocks = [*self.document.blocks, *piece.blocks]
        if not piece.last:
            return self.keeping.sought(blocks, len(self.document.blocks))
        whole = Document()
        whole.extend(blocks)
        whole.finish(piece.notes)
        return self.keeping.found_in(whole, self._revision.spots if self._revision else ())

    def _compare(self, blocks: Iterable[Block]) -> None:
        pieces = pieces_of(blocks)
        self._record_now = written(self.text.digest(), pieces)
        before = recorded(self._record) if self._record != self._record_now else ()
        if before:
            from reader.reading.revision import revision

            self._revision = revision(before, pieces)

    def take(self, piece: Slice) -> None:
        """Add a parsed slice to the document."""
        self.document.extend(piece.blocks)
        if self._kept_at:
            self.keeping.take(self._kept_at)
            self._kept_at = {}
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

    def remembers(self, remembered: Remembered) -> None:
        """Go on from what is remembered now: a mark may be set while a worker opens a story."""
        memory, record, self.pace, self._quotes = remembered
        if self._keeping is not None:
            self._keeping.renew(self._quotes)
        if record != self._record:  # its words were numbered anew meanwhile
            self._record, self._revision = record, None
        self._known = memory.ranges
        self.evidence = Evidence(self._carried(memory.ranges), memory.mark)

    def _carried(self, ranges: Ranges) -> Ranges:
        if self._revision is None:
            return ranges
        from reader.reading.revision import carried

        return carried(ranges, self._revision.stretches)

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

    def reach(self, goal: Place | Quote) -> None:
        """Parse as far as a place or a quote and be there. For a visit that nobody sees yet."""
        place = goal if isinstance(goal, Place) else self._reach(goal)
        while place.block >= len(self.document.blocks) and (piece := self.more()) is not None:
            self.take(piece)
        self.be_at(self.document.clamp(place))

    def be_at(self, place: Place) -> None:
        """Be at a place that was asked for, wherever reading stopped."""
        self.place, self.anchor, self.stopped = place, None, None

    @property
    def keeping(self) -> Keeping:
        """What is kept of this text. A story without quotes needs none of it at first."""
        if self._keeping is None:
            from reader.reading.annotations import Keeping

            self._keeping = Keeping(self._quotes)
        return self._keeping

    def kept_in(self, block: int) -> list[Stretch]:
        """Return what is kept of a block, as (start, end), apart and in order."""
        return self._keeping.in_block(block) if self._keeping is not None else []

    def _reach(self, quote: Quote) -> Place:
        while quote.id not in self.keeping.passages and (piece := self.more()) is not None:
            self.take(piece)
        return self.where(quote) or quote.anchor.place

    def where(self, quote: Quote) -> Place | None:
        """Return where `quote` stands, or stood if its words are gone; None while nobody knows."""
        passage = self.keeping.passages.get(quote.id)
        if passage is not None:
            return passage.first
        spot = self._spot(quote.anchor.place.block)
        return found(self.document, quote.anchor, spot) if self.document.complete else None

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

        While the text isn't complete, by what is said of its length.
        """
        letters = self.document.letters
        whole = letters if self.document.complete else max(letters, self.text.letters)
        return self.document.letters_before(place) / whole if whole else 1.0


def opened(story: Story, text: Text, remembered: Remembered) -> Visit:
    """Return a visit of `story`, parsed as far as its first screen and its saved place need."""
    visit = Visit(story, text, remembered)
    while (piece := visit.more()) is not None:
        visit.take(piece)
        if visit.anchor is None:
            break
    return visit


def introduce(source: Source, folder: str) -> Story:
    """Return what a text's beginning tells of its story, its words if that is all of it."""
    body = source.body
    end = body.rfind("\n", 0, _BEGINNING) + 1 or _BEGINNING
    beginning = body if len(body) <= _BEGINNING else body[:end]
    first = next(slices_of(beginning, source.matter.title))
    document = Document()
    document.extend(first.blocks)
    story = derived(source, folder, document)
    is_all = first.last and len(beginning) == len(body)
    return story if is_all else replace(story, words=0)
