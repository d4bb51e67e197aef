"""One story while it is open: its parsed text, its place, what was read of it."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.library.story import describe_document
from reader.library.text_cache import parse_slices
from reader.reading.progress import DEFAULT_PACE, ReadingCredit, ReadStatus, View, find_skipped
from reader.reading.revision import decode_record, encode_record, fingerprint_blocks, has_digest
from reader.text.document import Document, Place
from reader.text.places import locate

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reader.library.story import Source, Story
    from reader.library.text_cache import StoryText
    from reader.reading.annotations import Highlight, StoryHighlights
    from reader.reading.progress import WordRanges
    from reader.reading.revision import Revision
    from reader.store.repository import StoryState
    from reader.text.document import Anchor, Block, MovedBlock, OffsetRange, Slice
    from reader.text.places import Passage


_BEGINNING_CHARACTERS: Final = 12_000
"""Characters in which a text's title is looked for: no more than the first slice has."""


class ReadingData(NamedTuple):
    """What is remembered of a story when it is opened."""

    state: StoryState
    text_record: str = ""
    """Of the text that the words read are numbered in, as `record` writes it."""
    pace: int = DEFAULT_PACE
    """The reader's own in the story's language, in words a minute."""
    highlights: Sequence[Highlight] = ()
    """What was kept of it."""


class OpenStory:
    """A story that is open."""

    def __init__(self, story: Story, text: StoryText, data: ReadingData) -> None:
        """Open `story` with what is remembered of it."""
        memory, record, self.pace, self._stored_highlights = data
        is_reread = (
            memory.status is ReadStatus.FINISHED and memory.reading_round < memory.finish_count
        )
        self.story = story
        self.text = text
        self.document = Document()
        self.place = Place()
        self.anchor: Anchor | None = None if is_reread else memory.anchor
        """Where reading stopped, until the place in this text is found for it."""
        self.stopped_at = memory.stopped_at if self.anchor else None
        """When reading stopped there; None where it begins at the beginning."""
        self.reading_round = memory.finish_count
        """How often the story was finished when this reading began."""
        self.is_text_changed = bool(record) and not has_digest(record, text.get_digest())
        """The text has changed since it was read."""
        self.reading_credit = ReadingCredit(memory.ranges, memory.status)
        self._highlights: StoryHighlights | None = None
        self._pending_passages: dict[str, Passage] = {}
        """Where quotes were found that the next `take` tells `keeping` of."""
        self._stored_ranges = memory.ranges
        """The words read as they are remembered, numbered in the text of `_record`."""
        self._text_record = record
        self._current_record = ""
        """The record of this text, once all of it is parsed."""
        self._revision: Revision | None = None
        """What became of the text of `_record` in this one, if that is another."""

    def parse_next(self) -> Slice | None:
        """Parse the next slice, None at the end. A worker's job: `take` changes the rest."""
        piece = next(self.text.slices, None)
        if piece is not None and piece.is_last:
            self._compare_texts(chain(self.document.blocks, piece.blocks))
            self.text.release_source()
        if piece is not None and self._stored_highlights and self.highlights.has_unlocated:
            self._pending_passages = self._find_highlights(piece)
        return piece

    def _find_highlights(self, piece: Slice) -> dict[str, Passage]:
        """Return where quotes are that end in `piece`, or with the last one anywhere."""
        blocks = [*self.document.blocks, *piece.blocks]
        if not piece.is_last:
            return self.highlights.locate_in_blocks(blocks, len(self.document.blocks))
        whole = Document()
        whole.extend(blocks)
        whole.finish(piece.footnotes)
        return self.highlights.locate_in_document(
            whole, self._revision.moved_blocks if self._revision else ()
        )

    def _compare_texts(self, blocks: Iterable[Block]) -> None:
        pieces = fingerprint_blocks(blocks)
        self._current_record = encode_record(self.text.get_digest(), pieces)
        before = (
            decode_record(self._text_record) if self._text_record != self._current_record else ()
        )
        if before:
            from reader.reading.revision import compare_versions

            self._revision = compare_versions(before, pieces)

    def add_slice(self, piece: Slice) -> None:
        """Add a parsed slice to the document."""
        self.document.extend(piece.blocks)
        if self._pending_passages:
            self.highlights.add_passages(self._pending_passages)
            self._pending_passages = {}
        if piece.is_last:
            self.document.finish(piece.footnotes)
            if self._revision is not None:
                self.reading_credit.renumber(self._map_ranges(self._stored_ranges))
            if not self.story.words:
                self.story = replace(self.story, words=self.document.words)
        if self.anchor is not None:
            place = locate(
                self.document, self.anchor, self._find_moved_block(self.anchor.place.block)
            )
            if place is not None:
                self.place, self.anchor = place, None

    def _find_moved_block(self, block: int) -> MovedBlock | None:
        """Return where a block of the text that was read is now, as far as that is known."""
        spots = self._revision.moved_blocks if self._revision is not None else ()
        return spots[block] if block < len(spots) else None

    def update_data(self, data: ReadingData) -> None:
        """Go on from what is remembered now: a mark may be set while a worker opens a story."""
        memory, record, self.pace, self._stored_highlights = data
        if self._highlights is not None:
            self._highlights.set_highlights(self._stored_highlights)
        if record != self._text_record:  # its words were numbered anew meanwhile
            self._text_record, self._revision = record, None
        self._stored_ranges = memory.ranges
        self.reading_credit = ReadingCredit(self._map_ranges(memory.ranges), memory.status)

    def _map_ranges(self, ranges: WordRanges) -> WordRanges:
        if self._revision is None:
            return ranges
        from reader.reading.revision import map_ranges

        return map_ranges(ranges, self._revision.mapped_ranges)

    @property
    def can_save_words(self) -> bool:
        """What is read can be written down: it is known where the words read before are now."""
        return self.document.is_complete or not self.is_text_changed

    def take_text_record(self) -> tuple[str, WordRanges | None] | None:
        """Return what to remember of this text, and the words read if they are carried over.

        None if that is known, or isn't yet.
        """
        if not self._current_record or self._current_record == self._text_record:
            return None
        is_carried, self._revision = self._revision is not None, None
        self._text_record = self._current_record
        return self._text_record, self.reading_credit.ranges if is_carried else None

    def find_skipped(self) -> tuple[tuple[Place, Place], ...]:
        """Return the parts that were passed over: unread, and something behind them was read."""
        place = self.document.word_to_place
        return tuple(
            (place(first), place(end)) for first, end in find_skipped(self.reading_credit.ranges)
        )

    def parse_to(self, target: Place | Highlight) -> None:
        """Parse as far as a place or a quote and be there. For a visit that nobody sees yet."""
        place = target if isinstance(target, Place) else self._parse_to_highlight(target)
        while place.block >= len(self.document.blocks) and (piece := self.parse_next()) is not None:
            self.add_slice(piece)
        self.set_place(self.document.clamp(place))

    def set_place(self, place: Place) -> None:
        """Be at a place that was asked for, wherever reading stopped."""
        self.place, self.anchor, self.stopped_at = place, None, None

    @property
    def highlights(self) -> StoryHighlights:
        """What is kept of this text. A story without quotes needs none of it at first."""
        if self._highlights is None:
            from reader.reading.annotations import StoryHighlights

            self._highlights = StoryHighlights(self._stored_highlights)
        return self._highlights

    def list_block_highlights(self, block: int) -> list[OffsetRange]:
        """Return what is kept of a block, as (start, end), apart and in order."""
        return self._highlights.list_ranges(block) if self._highlights is not None else []

    def _parse_to_highlight(self, highlight: Highlight) -> Place:
        while (
            highlight.id not in self.highlights.passages
            and (piece := self.parse_next()) is not None
        ):
            self.add_slice(piece)
        return self.locate_highlight(highlight) or highlight.anchor.place

    def locate_highlight(self, highlight: Highlight) -> Place | None:
        """Return where `quote` stands, or stood if its words are gone; None while nobody knows."""
        passage = self.highlights.passages.get(highlight.id)
        if passage is not None:
            return passage.start
        spot = self._find_moved_block(highlight.anchor.place.block)
        return locate(self.document, highlight.anchor, spot) if self.document.is_complete else None

    @property
    def word_count(self) -> int | None:
        """How many words the text has, None while that isn't known."""
        return self.document.words if self.document.is_complete else self.story.words or None

    def make_view(self, first: Place, end: Place) -> View:
        """Return the words between two places, as what is visible."""
        document = self.document
        is_end = document.is_complete and end >= document.end
        return View(document.count_words_before(first), document.count_words_before(end), is_end)

    def compute_fraction(self, place: Place) -> float:
        """Return which part of the text, 0 to 1, comes before `place`.

        While the text isn't complete, by what is said of its length.
        """
        letters = self.document.characters
        whole = letters if self.document.is_complete else max(letters, self.text.characters)
        return self.document.count_characters_before(place) / whole if whole else 1.0


def make_open_story(story: Story, text: StoryText, data: ReadingData) -> OpenStory:
    """Return a visit of `story`, parsed as far as its first screen and its saved place need."""
    visit = OpenStory(story, text, data)
    while (piece := visit.parse_next()) is not None:
        visit.add_slice(piece)
        if visit.anchor is None:
            break
    return visit


def describe_beginning(source: Source, folder: str) -> Story:
    """Return what a text's beginning tells of its story, its words if that is all of it."""
    body = source.body
    end = body.rfind("\n", 0, _BEGINNING_CHARACTERS) + 1 or _BEGINNING_CHARACTERS
    beginning = body if len(body) <= _BEGINNING_CHARACTERS else body[:end]
    first = next(parse_slices(beginning, source.front_matter.title))
    document = Document()
    document.extend(first.blocks)
    story = describe_document(source, folder, document)
    is_all = first.is_last and len(beginning) == len(body)
    return story if is_all else replace(story, words=0)
