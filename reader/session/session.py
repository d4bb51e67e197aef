"""What the reader is doing now: which story, where, what is next."""

from __future__ import annotations

import os
import time
from collections import deque
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from reader.library.catalog import CatalogBuilder
from reader.library.files import find_file
from reader.library.story import decode_text, describe_files, read_source, split_source
from reader.library.text_cache import load_text, make_text, save_text
from reader.reading.progress import ReadStatus
from reader.session.open_story import ReadingData, describe_beginning, make_open_story
from reader.session.read_status import ReadStatuses, StatusChange
from reader.session.reading_list import (
    EndCard,
    ReadingOrder,
    ShelfEntry,
    ShelfGroup,
    make_entry,
    sort_entries,
    suggest_stories,
    summarize_reading,
)
from reader.session.tracker import Tracker
from reader.store.repository import StoryState
from reader.store.write_behind import OPEN_STORY_KEY, WriteBehind
from reader.text.places import make_anchor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from reader.library.catalog import Catalog
    from reader.library.files import File
    from reader.library.index import Index
    from reader.library.story import Story
    from reader.library.text_cache import TextCache
    from reader.reading.annotations import Highlight
    from reader.session.annotations import AnnotationChange, Annotations
    from reader.session.open_story import OpenStory
    from reader.store.repository import Store, StoryDetails
    from reader.text.document import Place


__all__ = ["Session", "ShelfEntry", "ShelfGroup", "StatusChange", "describe_files", "make_entry"]


class Session:
    """One run of the program, by one reader."""

    def __init__(
        self,
        catalog: Catalog,
        store: Store,
        index: Index,
        text_cache: TextCache,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.catalog = catalog
        self.is_persistent = store.is_persistent
        """What is marked now is remembered the next time."""
        self.current: OpenStory | None = None
        self.shelf_order: list[Story] = []
        """The shelf as the reader last saw it, which next and previous walk along."""
        self._notices: deque[str] = deque()
        self._write_behind = WriteBehind(store, self.notify)
        self._undo_stack: list[StatusChange | AnnotationChange] = []
        """What was done in this run, in its order, to be taken back from its end."""
        self._statuses = ReadStatuses(self._write_behind, self._undo_stack)
        self._index = index
        self._text_cache = text_cache
        self._catalog_builder = CatalogBuilder(catalog, index)
        self._clock = clock
        self._tracker = Tracker(self._write_behind)
        self._visible_range: tuple[Place, Place] | None = None
        self._is_tracking = False
        self._is_place_unsaved = False

    def close(self) -> None:
        """Write down what is not written yet, and let go of memory and index."""
        self.leave()
        self._write_behind.close()
        self._index.close()

    def notify(self, text: str) -> None:
        """Queue a line of text for the reader."""
        self._notices.append(text)

    def next_notice(self) -> str | None:
        """Take the oldest queued line off the queue and return it, or None if there is none."""
        return self._notices.popleft() if self._notices else None

    # The library -----------------------------------------------------------------------

    def scan_folders(self, folders: Iterable[Path]) -> list[File]:
        """Take in the stories of `folders` whose files are known; return the other files."""
        roots = list(folders)
        self.catalog.folders += [Path(os.path.realpath(root)) for root in roots]
        notices: list[str] = []
        files = self._catalog_builder.add_folders(roots, notices)
        self._notices.extend(notices)
        return files

    def scan_started_stories(self) -> list[File]:
        """Take in the stories that were begun by FILE or FOLDER, wherever they are kept."""
        return self._catalog_builder.add_started_stories(self._write_behind.load_in_progress())

    def add_stories(self, stories: list[tuple[File, Story]]) -> None:
        """Take in stories that were described by a worker, and keep what is known of them."""
        self._catalog_builder.add_stories(stories)

    def list_entries(self) -> list[ShelfEntry]:
        """Return the shelf's entries in their order: Continue, Unread, Finished."""
        memories, stories = self._write_behind.load_story_states(), self.catalog.list_stories()
        known = ((story, memories.get(story.id, StoryState())) for story in stories)
        return sort_entries(
            [make_entry(story, memory, self._tracker.get_pace(story)) for story, memory in known]
        )

    def get_entry(self, story: Story) -> ShelfEntry:
        """Return the entry of one story as it is now."""
        visit = self.current
        if visit is not None and visit.story.path == story.path:
            evidence = visit.reading_credit
            now = StoryState(evidence.status, None, evidence.ranges, visit.word_count or 0)
            return make_entry(visit.story, now, visit.pace)
        return make_entry(
            story, self._write_behind.load_story_state(story), self._tracker.get_pace(story)
        )

    # A stay in a story -----------------------------------------------------------------

    def make_opener(self, story: Story) -> Callable[[], OpenStory]:
        """Return what opens `story`: a function for a worker. It raises `Unreadable`."""
        known, kept = self._load_reading_data(story), self._text_cache
        return lambda: make_open_story(story, load_text(story, kept), known)

    def open_file(self, path: Path) -> OpenStory:
        """Open the file at `path` at once, whether its story is known or not.

        Its folder is not scanned. Raises `Unreadable`.
        """
        file = find_file(path)
        story = self._index.load_stories([file]).get(file.path) if file else None
        if story is not None:
            text = load_text(story, self._text_cache)
        else:
            source = read_source(file.path if file else path)
            story = describe_beginning(source, file.folder if file else "")
            text = make_text(source, story.title)
        self.catalog.add(story)
        return make_open_story(story, text, self._load_reading_data(story))

    def _load_reading_data(self, story: Story) -> ReadingData:
        """Return what is remembered of `story`."""
        record = self._write_behind.load_text_record(story.id) if story.is_persistent else ""
        quotes = self.list_highlights(story) if story.is_persistent else ()
        return ReadingData(
            self._write_behind.load_story_state(story),
            record,
            self._tracker.get_pace(story),
            quotes,
        )

    def index_story(self, visit: OpenStory) -> Callable[[], None]:
        """Keep what the whole text of a visit tells of its story, for the next start.

        Returns what keeps the text itself: a function for a worker.
        """
        self._catalog_builder.index_story(visit.story)
        return partial(save_text, visit.story, visit.text, visit.document, self._text_cache)

    def open_text(self, data: bytes) -> OpenStory:
        """Open a text from standard input. It has no memory. Raises `Unreadable`."""
        path = Path("standard input")
        source = split_source(decode_text(data, path), path)
        story = replace(describe_beginning(source, ""), id="", is_persistent=False)
        self.catalog.add(story)
        text = make_text(source, story.title)
        return make_open_story(
            story, text, ReadingData(StoryState(), pace=self._tracker.get_pace(story))
        )

    def enter(self, visit: OpenStory) -> None:
        """Leave the story that is open, and be in `visit` from now on."""
        self.leave()
        self.current = visit
        self._tracker.start_story()
        visit.update_data(self._load_reading_data(visit.story))
        self._statuses.watch_story(visit)

    def leave(self) -> None:
        """Write down what is not written yet and be in no story."""
        self.pause_tracking()
        self.current, self._visible_range, self._is_place_unsaved = None, None, False
        self._tracker.end_story()
        self._statuses.watch_story(None)

    def resume_tracking(self) -> None:
        """Count what the page shows as being read from now on."""
        self._is_tracking = True
        self._credit_view()

    def pause_tracking(self) -> None:
        """Count nothing as reading until `attend`: the reader looks elsewhere."""
        self._credit_view()
        self._is_tracking = False
        if self.current is not None:
            self.current.reading_credit.record_view(None, self._clock(), self.current.word_count)
            self._tracker.pause(self._clock())
        self.save()

    def record_activity(self) -> None:
        """Take note of a key or the mouse: somebody is there. See `evidence.IDLE`."""
        if self.current is not None:
            self.current.reading_credit.record_input(self._clock())

    def record_move(self, place: Place) -> None:
        """Take `place` as where the reader went; it is saved with the next tick."""
        self.record_activity()
        if self.current is not None and place != self.current.place:
            self.current.place = place
            self._is_place_unsaved = True

    def record_view(self, first: Place, end: Place) -> None:
        """Take what stands between two places as what the page shows."""
        self._credit_view()
        self._visible_range = (first, end)
        self._credit_view()

    def tick(self) -> StatusChange | None:
        """Credit what was read and write it down; return a mark that reading has set.

        To be called about every half second.
        """
        self._credit_view()
        is_written = self.save()  # what is told is there after a kill
        return (
            self._statuses.unannounced.pop(0) if is_written and self._statuses.unannounced else None
        )

    def save(self) -> bool:
        """Write what is not written yet; tell whether all of it is, or never can be.

        What must wait for another program is tried again.
        """
        self._queue_changes()
        is_waiting = self._write_behind.write_pending()
        if "annotations" in self.__dict__:
            self.annotations.save_drafts()
        return not is_waiting

    def _credit_view(self) -> None:
        visit = self.current
        if visit is None or not self._is_tracking or self._visible_range is None:
            return
        view, now = visit.make_view(*self._visible_range), self._clock()
        before = visit.reading_credit.status
        if visit.reading_credit.record_view(view, now, visit.word_count) is not before:
            self.save()  # before anybody can show it
        self._tracker.record_view(visit, view, now)

    def _queue_changes(self) -> None:
        """Hand on what this stay has brought since it was last asked."""
        self._statuses.detect_change()
        visit = self.current
        if visit is None or not visit.story.is_persistent:
            return
        if visit.can_save_words and (self._is_place_unsaved or visit.reading_credit.unsaved_ranges):
            self._queue_text_record(visit)
        if self._is_place_unsaved:
            anchor = make_anchor(visit.document, visit.place)
            self._write_behind.queue_place(visit.story, anchor, visit.reading_round)
            self._is_place_unsaved = False
        if visit.can_save_words and visit.reading_credit.unsaved_ranges:
            self._write_behind.queue_words_read(
                visit.story, visit.reading_credit.unsaved_ranges, visit.word_count or 0
            )
            visit.reading_credit.unsaved_ranges = ()

    def _queue_text_record(self, visit: OpenStory) -> None:
        """Hand on which text the words read are numbered in, once for each version of it."""
        numbering = visit.take_text_record()
        if numbering is not None and visit.story.is_persistent:
            self._write_behind.queue_text_record(visit.story, *numbering, visit.word_count or 0)

    # Marks -----------------------------------------------------------------------------

    def toggle_status(self, story: Story) -> StatusChange:
        """Mark `story` finished, or unread if it is finished. Raises as `mark` does."""
        unread = self._statuses.get_status(story) is ReadStatus.FINISHED
        return self.set_status(story, ReadStatus.UNREAD if unread else ReadStatus.FINISHED)

    def set_status(self, story: Story, status: ReadStatus) -> StatusChange:
        """Set the mark of `story` by hand. Raises `StateError`, or `Unreadable`."""
        self._queue_all_changes()
        return self._statuses.set_status(story, status)

    def undo(self) -> StatusChange | AnnotationChange | None:
        """Take back what was done last in this run; return it, or None. Raises `StateError`."""
        self._queue_all_changes()
        return self.annotations.undo() or self._statuses.undo()

    def _queue_all_changes(self) -> None:
        """Hand on what a mark by hand stands on: with what it gives back, words are numbered."""
        self._queue_changes()
        if self.current is not None and self.current.is_text_changed:
            self._queue_text_record(self.current)

    # What next -------------------------------------------------------------------------

    @property
    def reading_order(self) -> ReadingOrder:
        """The list the reader came by, as it goes on from the story that is open."""
        return ReadingOrder(self.current.story.path if self.current else None, self.shelf_order)

    def find_neighbour(self, step: int) -> Story | None:
        """Return the story `step` further along the list the reader came by."""
        return self.reading_order.find_neighbour(step) if self.current is not None else None

    def make_end_card(self, visit: OpenStory) -> EndCard:
        """Return what there is to say at the end of a visit's story. Takes a walk along the shelf."""
        story, entries = visit.story, self.list_entries()
        trail = ReadingOrder(story.path, self.shelf_order or [entry.story for entry in entries])
        return EndCard(
            *summarize_reading(visit, self.get_entry(story)),
            self.list_highlights(story) if story.is_persistent else (),
            self.get_response(story) if story.is_persistent else "",
            suggest_stories(story, entries, trail),
            trail.find_neighbour(1),
        )

    # What the reader added --------------------------------------------------------------

    @cached_property
    def annotations(self) -> Annotations:
        """What keeps, writes and takes away; the first screen needs none of it."""
        from reader.session.annotations import Annotations

        return Annotations(self._write_behind, self._undo_stack, lambda: self.current)

    def list_highlights(self, story: Story) -> list[Highlight]:
        """Return what was kept of `story`, the oldest first."""
        return self._write_behind.load_highlights(story.id)

    def get_response(self, story: Story) -> str:
        """Return the reader's own words on `story`, empty where there are none."""
        return self._write_behind.load_response(story.id)

    def record_open_story(self, story: Story | None) -> None:
        """Note that the reader is on the page with `story`, or with None on the shelf."""
        self._write_behind.queue_open_story(story)

    def get_last_open_story(self) -> tuple[str, StoryDetails] | None:
        """Return the id of the story that was on the page when the reader left, and what it was."""
        story = self.get_choice(OPEN_STORY_KEY)
        known = self._write_behind.load_story_details(story) if story else None
        return (story, known) if story and known else None

    def get_choice(self, name: str) -> str | None:
        """Return what was last chosen in the app for `name`."""
        return self._write_behind.load_choice(name)

    def save_choice(self, name: str, value: str) -> None:
        """Remember a choice made in the app."""
        self._write_behind.save_choice(name, value)
