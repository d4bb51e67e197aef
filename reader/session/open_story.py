"""An open story: its parsed text, the reader's place, the words read, the highlights located.

`parse_next` and the jobs compute values and are safe to run in a worker. Everything else
changes the open story and belongs on the loop.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.garbage import GrowingText
from reader.reading.progress import DEFAULT_PACE, ReadingCredit, ReadStatus, View, find_skipped
from reader.reading.revision import decode_record, encode_record, fingerprint_blocks, has_digest
from reader.text.document import Document, Place
from reader.text.links import find_heading
from reader.text.places import locate, locate_address, make_anchor
from reader.text.words import count_words, find_long_word_starts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from reader.library.story import Story, StoryText
    from reader.reading.annotations import Highlight
    from reader.reading.highlights import StoryHighlights
    from reader.reading.progress import WordRanges
    from reader.reading.revision import Revision
    from reader.store.repository import StoryState
    from reader.store.write_behind import WriteBehind
    from reader.text.document import Anchor, Block, MovedBlock, OffsetRange, Slice
    from reader.text.places import Passage


SCREEN_CHARACTERS: Final = 6_000
"""Characters from the place on that fill most screens."""
SAMPLE_CHARACTERS: Final = 40_000
"""Characters of a large block from which its words are estimated."""
SAVED_CHARACTERS: Final = 2 * SCREEN_CHARACTERS
"""Characters from the place on that are saved at least while a text isn't complete."""


class ReadingData(NamedTuple):
    """The reading data of a story when it is opened."""

    state: StoryState
    text_record: str = ""
    """The record of the text in which the words read are numbered, or empty."""
    pace: int = DEFAULT_PACE
    """The reader's pace in the story's language, in words per minute."""
    highlights: Sequence[Highlight] = ()
    version: int = 0
    """The session's count of changes to reading data when this was loaded."""
    is_counted: bool = True
    """The words that are read will be counted; not those of a story that is printed."""


class ParsedSlice(NamedTuple):
    """A slice of a story's text, with the values that a worker computed from it."""

    slice: Slice
    passages: Mapping[str, Passage]
    """The passages located in this slice, by the highlight's id."""
    text_record: str = ""
    """The record of the complete text; empty before the last slice."""
    revision: Revision | None = None
    """How the text has changed since it was read; None if it hasn't or isn't complete."""
    fingerprint: str = ""
    """By which the complete text is found again; empty before the last slice."""
    word_starts: Sequence[tuple[int, Sequence[int]]] = ()
    """The word starts of its long blocks, by their numbers in the document."""


class OpenStory:
    """A story that is open, parsed as far as needed so far."""

    def __init__(self, story: Story, text: StoryText, data: ReadingData) -> None:
        """Open `story` with the reading data it has."""
        state = data.state
        is_reread = state.status is ReadStatus.FINISHED and state.reading_round < state.finish_count
        self.story = story
        self.text = text
        self.document = Document()
        self._growing_text = GrowingText()
        self._source_end = 0
        """Characters of the source that are parsed; 0 if that isn't known."""
        self.place = Place()
        self.anchor: Anchor | None = None if is_reread else state.anchor
        """The stored place, until it is located in the text."""
        self.goal: Anchor | None = None
        """The place that was asked for, until the text is parsed as far or the reader moves."""
        self.stopped_at = state.stopped_at if self.anchor else None
        """When reading stopped at the stored place; None if reading begins at the start."""
        self.reading_round = state.finish_count
        """How often the story had been finished when this reading began."""
        self.pace = data.pace
        """The reader's pace in the story's language, in words per minute."""
        self.is_text_changed = bool(data.text_record) and not has_digest(
            data.text_record, text.get_digest()
        )
        """The text has changed since it was read."""
        self.reading_credit = ReadingCredit(state.ranges, state.status)
        self.data_version = data.version
        """The version of the reading data that this story has."""
        self._highlights: StoryHighlights | None = None
        self._is_counted = data.is_counted
        self._set_highlights(data.highlights)
        self._stored_ranges = state.ranges
        """The stored words read, numbered in the text of `_text_record`."""
        self._text_record = data.text_record
        self._current_record = ""
        """The record of this text, once it is complete."""
        self._revision: Revision | None = None
        """How the text of `_text_record` became this one, if they differ."""
        self._is_place_unsaved = False
        self.is_before_large_block = False
        """A large block is next, which takes long to parse; what is before it can be shown."""
        self.is_growing = False
        """More of the text may come through a pipe."""

    def parse_next(self) -> ParsedSlice | None:
        """Parse the next slice and return it for `add_slice`, or None at the end of the text.

        Run in a worker: this changes nothing but the position in the text.
        """
        piece = next(self.text.slices, None)
        if piece is None:
            return None
        texts = (block.text for block in piece.blocks) if self._is_counted else ()
        long_words = find_long_word_starts(texts)
        count = len(self.document.blocks)
        word_starts = [(count + number, starts) for number, starts in long_words]
        return self._locate_highlights(piece)._replace(word_starts=word_starts)

    def _locate_highlights(self, piece: Slice) -> ParsedSlice:
        """Return a slice with the highlights in it; the last one with what is known at the end."""
        has_unlocated = self._highlights is not None and self._highlights.has_unlocated
        if not (piece.is_last or has_unlocated):  # copying all blocks each time would add up
            return ParsedSlice(piece, {})
        blocks = [*self.document.blocks, *piece.blocks]
        parsed = self._compare_texts(piece, blocks) if piece.is_last else ParsedSlice(piece, {})
        return parsed._replace(passages=self._find_highlights(piece, blocks, parsed.revision))

    def _compare_texts(self, piece: Slice, blocks: Sequence[Block]) -> ParsedSlice:
        """Return the last slice, with what identifies the complete text and how it has changed."""
        if not (self._is_counted or self._text_record):
            return ParsedSlice(piece, {})
        fingerprints = fingerprint_blocks(blocks)
        record = encode_record(self.text.get_digest(), fingerprints)
        words = self.story.fingerprint or self.text.make_fingerprint(self.story)
        before = decode_record(self._text_record) if self._text_record != record else ()
        if not before:
            return ParsedSlice(piece, {}, record, fingerprint=words)
        from reader.reading.revision import compare_versions

        return ParsedSlice(piece, {}, record, compare_versions(before, fingerprints), words)

    def _find_highlights(
        self, piece: Slice, blocks: Sequence[Block], revision: Revision | None
    ) -> Mapping[str, Passage]:
        """Return the passages that end in `piece`; with the last slice, those anywhere."""
        highlights = self._highlights
        if highlights is None or not highlights.has_unlocated:
            return {}
        if not piece.is_last:
            return highlights.locate_in_blocks(blocks, len(self.document.blocks))
        document = Document()
        document.extend(blocks)
        document.finish(piece.footnotes)
        return highlights.locate_in_document(document, revision.moved_blocks if revision else ())

    def add_slice(self, parsed: ParsedSlice) -> None:
        """Add a parsed slice to the document, and locate the stored place in it."""
        piece = parsed.slice
        self.document.extend(piece.blocks)
        self.document.add_word_starts(parsed.word_starts)
        self._growing_text.add(sum(1 + len(block.spans) for block in piece.blocks))
        self._source_end = piece.source_end
        self.is_before_large_block = not (piece.blocks or piece.is_last)
        if parsed.passages:
            self.highlights.add_passages(parsed.passages)
        if piece.is_last:
            self._complete(parsed)
        if self.anchor is not None:
            moved_block = self._find_moved_block(self.anchor.place.block)
            place = locate(self.document, self.anchor, moved_block)
            if place is not None:
                self.place, self.anchor = place, None

    def _complete(self, last: ParsedSlice) -> None:
        self.document.finish(last.slice.footnotes)
        self.text.release_source()
        self._current_record, self._revision = last.text_record, last.revision
        if self._revision is not None:
            self.reading_credit.renumber(self._map_ranges(self._stored_ranges))
        words = self.story.words or self.document.words
        fingerprint = last.fingerprint or self.story.fingerprint
        if (words, fingerprint) != (self.story.words, self.story.fingerprint):
            self.story = replace(self.story, words=words, fingerprint=fingerprint)

    def add_description(self, story: Story) -> None:
        """Take the words and the fingerprint of a text that isn't complete yet."""
        if not self.document.is_complete and not self.story.fingerprint:
            self.story = replace(self.story, words=story.words, fingerprint=story.fingerprint)

    def _find_moved_block(self, block: int) -> MovedBlock | None:
        """Return where a block of the text that was read is now, if that is known."""
        moved_blocks = self._revision.moved_blocks if self._revision is not None else ()
        return moved_blocks[block] if block < len(moved_blocks) else None

    def update_data(self, data: ReadingData) -> None:
        """Replace status, words read, pace and highlights by those in `data`.

        The reading data may have changed while a worker opened the story.
        """
        self.pace, self.data_version = data.pace, data.version
        self._set_highlights(data.highlights)
        if data.text_record != self._text_record:  # the stored words have other numbers now
            self._text_record, self._revision = data.text_record, None
        self._stored_ranges = data.state.ranges
        self.reading_credit = ReadingCredit(self._map_ranges(data.state.ranges), data.state.status)

    def _map_ranges(self, ranges: WordRanges) -> WordRanges:
        if self._revision is None:
            return ranges
        from reader.reading.revision import map_ranges

        return map_ranges(ranges, self._revision.mapped_ranges)

    def _set_highlights(self, highlights: Sequence[Highlight]) -> None:
        if highlights or self._highlights is not None:
            self.highlights.set_highlights(highlights)

    @property
    def highlights(self) -> StoryHighlights:
        """The story's highlights, and where they are in the text as far as it is parsed."""
        if self._highlights is None:
            # The first screen of a story without highlights doesn't need this module.
            from reader.reading.highlights import StoryHighlights

            self._highlights = StoryHighlights()
        return self._highlights

    def list_block_highlights(self, block: int) -> list[OffsetRange]:
        """Return the highlighted ranges of a block's text in order; they don't overlap."""
        return self._highlights.list_ranges(block) if self._highlights is not None else []

    def locate_highlight(self, highlight: Highlight) -> Place | None:
        """Return where a highlight begins, or where it was if its words are gone.

        Return None if that isn't known because the text is not complete.
        """
        passage = self.highlights.passages.get(highlight.id)
        if passage is not None:
            return passage.start
        if not self.document.is_complete:
            return None
        moved_block = self._find_moved_block(highlight.anchor.place.block)
        return locate(self.document, highlight.anchor, moved_block)

    def parse_to(self, target: Place | Highlight | str) -> bool:
        """Parse as far as a place, a highlight or a heading's name and move there.

        Return False, and stay, if there is no such heading. Only for a story that is not shown
        yet: parsing happens in the caller's thread.
        """
        if isinstance(target, str):
            self.parse_all()
            heading = find_heading(self.document, target, self.story.title)
            if heading is not None:
                self.set_place(self.document.clamp(heading))
            return heading is not None
        place = target if isinstance(target, Place) else self._parse_to_highlight(target)
        while place.block >= len(self.document.blocks) and self.parse_more():
            pass
        self.set_place(self.document.clamp(place))
        return True

    def _parse_to_highlight(self, highlight: Highlight) -> Place:
        while highlight.id not in self.highlights.passages and self.parse_more():
            pass
        return self.locate_highlight(highlight) or highlight.anchor.place

    def parse_to_address(self, anchor: Anchor, must_stop: Callable[[], bool]) -> None:
        """Parse as far as `anchor` and move there. Only for a story that is not shown yet.

        If `must_stop` returns true before, move to the start, and leave the anchor as the goal.
        """
        while (place := locate_address(self.document, anchor)) is None:
            if must_stop() or not self.parse_more():
                break
        self.set_place(place or Place())
        self.goal = anchor if place is None else None

    def parse_all(self) -> None:
        """Parse the rest of the text. Only for a story that is not shown."""
        while self.parse_more():
            pass

    def parse_first_screen(self) -> None:
        """Parse at least one slice, and as far as the screen at the stored place needs."""
        while self.parse_more() and (self.anchor is not None or self._is_screen_missing()):
            pass

    def _is_screen_missing(self) -> bool:
        if self.is_before_large_block:
            return False
        rest = self.document.characters - self.document.count_characters_before(self.place)
        return rest < SCREEN_CHARACTERS and not self.document.is_complete

    def parse_more(self) -> bool:
        """Parse and add the next slice; return False at the end of the text.

        Only for a story that is not shown.
        """
        parsed = self.parse_next()
        if parsed is not None:
            self.add_slice(parsed)
        return parsed is not None

    def set_place(self, place: Place) -> None:
        """Move to a requested place instead of the stored one; it is not saved."""
        self.place, self.anchor, self.stopped_at, self.goal = place, None, None, None

    def move_to(self, place: Place) -> None:
        """Move to a place that the reader went to; `queue_changes` saves it."""
        if place != self.place:
            self.place, self.goal, self._is_place_unsaved = place, None, True

    def take_unsaved_beginning(self) -> Sequence[Block]:
        """Return the blocks to save in the text cache, from the first one to some after the place.

        They are returned once; empty if enough is saved, or all of the text is there. Twice as
        much is saved each time, so that it takes time in proportion to the text.
        """
        text, document = self.text, self.document
        if document.is_complete or text.file is None or text.is_cached:
            return ()
        end = document.count_characters_before(self.place) + SAVED_CHARACTERS
        if text.saved_characters >= min(end, document.characters):
            return ()
        last = document.character_to_block(2 * end)
        blocks = document.blocks[: last + 1]
        text.saved_characters = document.count_characters_before(Place(last + 1))
        return blocks

    def queue_changes(self, write_behind: WriteBehind) -> None:
        """Queue the place and the words read since the last call."""
        if not self.story.is_persistent:
            return
        can_save_words = self.document.is_complete or not self.is_text_changed
        has_words = can_save_words and self.reading_credit.has_new_words
        if has_words or (can_save_words and self._is_place_unsaved):
            self.queue_text_record(write_behind)
        if self._is_place_unsaved:
            anchor = make_anchor(self.document, self.place)
            write_behind.queue_place(self.story, anchor, self.reading_round)
            self._is_place_unsaved = False
        if has_words:
            words = self.reading_credit.take_new_words()
            write_behind.queue_words_read(self.story, words, self.word_count or 0)

    def queue_text_record(self, write_behind: WriteBehind) -> None:
        """Queue the record of the complete text, once for each version of the text.

        If the text has changed, the words read before are queued with their new numbers.
        """
        if not self.story.is_persistent or self._current_record in ("", self._text_record):
            return
        ranges = self.reading_credit.ranges if self._revision is not None else None
        self._text_record, self._revision = self._current_record, None
        write_behind.queue_text_record(self.story, self._text_record, ranges, self.word_count or 0)

    def find_skipped(self) -> tuple[tuple[Place, Place], ...]:
        """Return the parts that were skipped: unread, with words read after them."""
        place = self.document.word_to_place
        return tuple(
            (place(first), place(end)) for first, end in find_skipped(self.reading_credit.ranges)
        )

    @property
    def is_complete(self) -> bool:
        """All of the text is there and parsed."""
        return self.document.is_complete and not self.is_growing

    @property
    def word_count(self) -> int | None:
        """The number of words in the text, or None if it isn't known yet."""
        return self.document.words if self.document.is_complete else self.story.words or None

    def estimate_words(self) -> int:
        """Return about how many words the text has, from those parsed so far.

        Before a large block, the beginning of its source is counted.
        """
        parsed = self._source_end or self.document.characters
        total = max(parsed, self.text.characters)
        if self.is_before_large_block:
            sample = self.text.read_source(parsed, SAMPLE_CHARACTERS)
            words = count_words(sample) * (total - parsed) // max(1, len(sample))
            return self.document.words + words
        return self.document.words * total // parsed if parsed else 0

    def make_view(self, first: Place, end: Place) -> View:
        """Return the words between two places as a view."""
        count = self.document.count_words_before
        has_last_word = self.is_complete and end >= self.document.end
        return View(count(first), count(end), has_last_word)

    def compute_fraction(self, place: Place) -> float:
        """Return which fraction of the text, 0 to 1, comes before `place`.

        An estimate from the file's length while the text isn't complete.
        """
        parsed = self.document.characters
        total = parsed if self.document.is_complete else max(parsed, self.text.characters)
        return self.document.count_characters_before(place) / total if total else 1.0
