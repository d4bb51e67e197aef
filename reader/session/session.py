"""One run of the program: open, enter and leave stories, list the shelf, order and choices.

Reading data is written through `WriteBehind`. Callers use the parts of a session directly:
`tracker`, `read_statuses`, `annotations` and `catalog`.
"""

from __future__ import annotations

import time
from dataclasses import replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Final

from reader.library.catalog import CatalogBuilder, describe_paths
from reader.library.describing import describe_file
from reader.library.files import find_file
from reader.session import Notices
from reader.session.annotations import Annotations
from reader.session.jobs import (
    OpenJob,
    ReloadJob,
    SaveTextJob,
    load_file,
    make_beginning_job,
    make_open_story,
)
from reader.session.known_stories import KnownStories, find_same_story
from reader.session.open_story import ReadingData
from reader.session.piped_story import PIPED_PATH, PipedStoryJob, describe_piped_text
from reader.session.read_status import ChangeGroups, ReadStatuses, UndoStack
from reader.session.scanning import Scanning
from reader.session.shelf.shelf_list import ShelfList
from reader.session.tracker import Tracker
from reader.store.repository import StoryState
from reader.store.write_behind import OPEN_STORY_KEY, WriteBehind
from reader.text.places import make_anchor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from reader.library.catalog import Catalog
    from reader.library.files import File
    from reader.library.index import Index
    from reader.library.pipe import Pipe
    from reader.library.story import Story
    from reader.library.text_cache import TextCache
    from reader.library.watch import LibraryWatch
    from reader.session.adding import Adding
    from reader.session.adding.feed import FollowedFeeds
    from reader.session.changing import ManyChanges
    from reader.session.identities import Rival
    from reader.session.labels import StoryLabels
    from reader.session.open_story import OpenStory
    from reader.session.read_status import Change
    from reader.session.removing import Removals
    from reader.session.shelf.order import ReadingOrder
    from reader.store.repository import Store
    from reader.store.stories import StoryDetails
    from reader.text.document import Place


FINISH_SECONDS: Final = 1.0
"""The longest that the end of the program waits for a change of many stories."""


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
        """Reading data was saved for the next run when the session began."""
        self.is_complete = store.is_complete
        """All reading data could be read when the session began."""
        self.is_private = False
        """Nothing may be saved in this run, stories included."""
        self.words_path: Path | None = None
        """Where the index of words is kept; None if it may not be saved."""
        self.unsaved = ""
        """One line on what was not saved, once the session is closed; empty if all was."""
        self._has_new_data = self.is_closed = False
        self.current: OpenStory | None = None
        """The story that the reader is in."""
        self.pipe: Pipe | None = None
        """Where the story on standard input comes from."""
        self._piped_state = StoryState()
        """What was read of that story in this run."""
        self.preview: OpenStory | None = None
        """A story that was opened for the first frame, and is shown beside the shelf."""
        self._notices = Notices(lambda: self.current.story.path if self.current else None)
        self.notify = self._notices.add
        self.take_notice, self.next_notice = self._notices.take, self._notices.take_text
        self.peek_notice = self._notices.peek
        self._index, self.index_stories = index, index.save_stories
        self.move_index_to = index.move_to
        self.text_cache = text_cache
        self.make_beginning_job = partial(make_beginning_job, text_cache=text_cache)
        self._store = store
        self._write_behind = WriteBehind(store, self.notify)
        self.known_stories = KnownStories(
            catalog,
            store,
            self._write_behind,
            self._follow_file,
            partial(describe_paths, index),
        )
        self._catalog_builder = CatalogBuilder(catalog, index, self.known_stories.identify)
        self._undo_stack = UndoStack()
        self.read_statuses = ReadStatuses(self._write_behind, self._undo_stack)
        self.groups = ChangeGroups(self._write_behind, self._undo_stack, self.read_statuses)
        self.annotations = Annotations(
            store, self._write_behind, self._undo_stack, get_current=lambda: self.current
        )
        self.tracker = Tracker(self._write_behind, self.read_statuses, self.save, clock)
        self.shelf_list = ShelfList(
            catalog, store, self._write_behind, self.tracker, self.annotations, lambda: self.current
        )
        self.list_entries, self.get_entry = self.shelf_list.list_entries, self.shelf_list.get_entry
        self.set_order = self.shelf_list.set_order
        self.find_neighbour = self.shelf_list.find_neighbour
        self.make_end_card = self.shelf_list.make_end_card
        self.scanning = Scanning(
            catalog, index, self._catalog_builder, self.known_stories, self.shelf_list, self.notify
        )
        self.scan_folders = self.scanning.scan_folders
        self.scan_library = self.scanning.scan_library
        self.watch: LibraryWatch = self._catalog_builder.watch
        """Notices changes of the files of the catalog and of the open story."""
        self._many_changes: ManyChanges | None = None
        self._leave_count = 0
        """How often a story was left."""

    def close(self) -> None:
        """Leave the open story, save everything, and close the store and the index.

        `unsaved` says what could not be saved. A second call does nothing.
        """
        if not self.is_closed:
            self.is_closed = True  # a signal may interrupt this to close it again
            self.leave()
            unchanged = self._many_changes.finish(FINISH_SECONDS) if self._many_changes else ""
            self.unsaved = self._write_behind.close() or unchanged
            self._index.close()
            self.watch.close()

    @cached_property
    def adding(self) -> Adding:
        """What is being added to the reader's own stories."""
        from reader.session.adding import Adding

        folder, path = self.catalog.own_folder, self._store.fallback.path
        return Adding(folder, path, is_private=self.is_private)

    @cached_property
    def followed_feeds(self) -> FollowedFeeds:
        """The feeds that the reader follows."""
        from reader.session.adding.feed import FollowedFeeds

        return FollowedFeeds(self._write_behind, self._store.record_store)

    @cached_property
    def removals(self) -> Removals:
        """The stories that the reader takes off the shelf."""
        from reader.session.removing import Removals

        return Removals(
            self._write_behind, self._undo_stack, self.catalog, self.known_stories, self.watch
        )

    @property
    def many_changes(self) -> ManyChanges:
        """The change of many stories that is being made."""
        from reader.session.changing import ManyChanges

        if self._many_changes is None:
            self._many_changes = ManyChanges(self.read_statuses, self._undo_stack)
        return self._many_changes

    @cached_property
    def labels(self) -> StoryLabels:
        """The stars and tags that the reader puts on stories."""
        from reader.session.labels import StoryLabels

        return StoryLabels(self._write_behind, self._store.record_store, self._undo_stack)

    @property
    def save_problem(self) -> str:
        """Why nothing is being saved now; empty if it is, and in private mode."""
        return self._write_behind.problem

    def take_new_data(self) -> bool:
        """Return once whether another program has changed reading data that may be shown."""
        has_new_data, self._has_new_data = self._has_new_data, False
        return has_new_data

    def remove_stories(self, paths: Iterable[Path]) -> None:
        """Remove the stories of files that are gone from the catalog. Reading data stays."""
        for path in paths:
            self.catalog.remove(path)
            self.known_stories.remove(path)

    def make_reload_job(self, open_story: OpenStory, place: Place) -> ReloadJob:
        """Save, and return the job that opens the changed file of `open_story` at `place`."""
        self.save()
        anchor = make_anchor(open_story.document, place)
        story = self.catalog.get(open_story.story.path) or open_story.story
        return ReloadJob(story, self._load_reading_data(story), anchor)

    def add_stories(self, stories: list[tuple[File, Story]]) -> None:
        """Add stories that were described by `describe_files` to the catalog and the index."""
        self.index_stories(self.add_unsaved(stories))

    def add_unsaved(
        self, stories: Sequence[tuple[File, Story]], rivals: Sequence[Rival] | None = None
    ) -> list[tuple[File, Story]]:
        """Add stories, of which a worker knows `rivals`; return what `index_stories` is to save."""
        if self.current is not None:
            self.save()  # its file may have been renamed
        return self._catalog_builder.add_stories(stories, rivals)

    def make_open_job(self, story: Story) -> OpenJob | PipedStoryJob:
        """Return the job that opens `story` in a worker; `enter` takes its result."""
        if story.path == PIPED_PATH and self.pipe is not None:
            return self.make_piped_job(self.pipe)
        return OpenJob(story, self._load_reading_data(story), self.text_cache)

    def open_file(self, path: Path) -> OpenStory:
        """Open the file at `path` and add its story to the catalog. Its folder is not scanned.

        Raises `UnreadableFile`.
        """
        file = find_file(path)
        indexed = self._index.load_stories([file]).get(file.location) if file else None
        story, text = load_file(path, file, indexed, self.text_cache)
        if file is not None and not story.fingerprint and self.known_stories.may_have_moved(file):
            story = replace(self.known_stories.add(describe_file(file)), words=story.words)
        else:
            story = self.known_stories.add(story, is_new=indexed is None)
        return make_open_story(story, text, self._load_reading_data(story))

    def _follow_file(self, stories: Sequence[Story]) -> None:
        """Let the open story be one of `stories` if it is the same under another path or id."""
        current = self.current
        story = find_same_story(current.story, stories) if current is not None else None
        if current is not None and story is not None:
            if self.get_choice(OPEN_STORY_KEY) == current.story.id:
                self.record_open_story(story)
            self._undo_stack.rename_story(current.story.id, story)
            current.story = replace(story, words=story.words or current.story.words)
            self._reload_data()

    def open_text(self, data: bytes) -> OpenStory:
        """Open a story from standard input. Nothing about it is saved. Raises `UnreadableFile`."""
        self._piped_state = StoryState()
        story, text = describe_piped_text(data)
        self.catalog.add(story)
        return make_open_story(story, text, self._load_reading_data(story))

    def open_piped(self, piped: Pipe | bytes) -> OpenStory:
        """Open a story from a pipe, as far as it has come, or a text that was read from one."""
        if isinstance(piped, bytes):
            return self.open_text(piped)
        self.pipe = piped
        open_story = self.make_piped_job(piped).run()
        self.catalog.add(open_story.story)
        return open_story

    def make_piped_job(
        self, pipe: Pipe, *, has_tail: bool = True, parses_all: bool = False
    ) -> PipedStoryJob:
        """Return the job that opens what has come through the pipe so far.

        It is opened at the place where it was left, with the words read.
        """
        if self.current is not None:
            self._save_piped_state(self.current)
        data = ReadingData(self._piped_state, version=self._data_version)
        return PipedStoryJob(pipe, data, has_tail, parses_all)

    def _save_piped_state(self, open_story: OpenStory) -> None:
        """Remember the place and the words read of a story without a file, for this run."""
        if open_story.story.path == PIPED_PATH:
            credit = open_story.reading_credit
            anchor = make_anchor(open_story.document, open_story.place)
            self._piped_state = StoryState(credit.status, anchor, credit.ranges)

    def _load_reading_data(self, story: Story) -> ReadingData:
        version, pace = self._data_version, self.tracker.get_pace(story)
        if not story.is_persistent:
            state = self._piped_state if story.path == PIPED_PATH else StoryState()
            return ReadingData(state, pace=pace, version=version)
        return ReadingData(
            self._write_behind.load_story_state(story),
            self._write_behind.load_text_record(story.id),
            pace,
            self.annotations.load_highlights(story.id),
            version,
            is_counted=not self.known_stories.reads_only,
        )

    @property
    def _data_version(self) -> int:
        """A number that grows with each change that reading data loaded before may lack."""
        changes = self._write_behind.external_changes
        return self._undo_stack.version + self._leave_count + changes

    def index_story(self, open_story: OpenStory) -> SaveTextJob:
        """Save what the complete text says about its story, for the next start.

        Return the job that saves the text itself in a worker.
        """
        story = self.catalog.get(open_story.story.path)
        if open_story.story.is_persistent and not (story and story.fingerprint):
            if self.current is open_story:
                self.save()  # it may turn out to be another story
            story = self.known_stories.add(open_story.story)
        self._catalog_builder.index_story(story or open_story.story)
        return SaveTextJob(open_story.story, open_story.text, open_story.document, self.text_cache)

    def enter(self, open_story: OpenStory) -> None:
        """Leave the current story and make `open_story` the current one."""
        self.leave()
        self.current = open_story
        if open_story.data_version != self._data_version:
            open_story.update_data(self._load_reading_data(open_story.story))
        self.tracker.watch_story(open_story)
        self.read_statuses.watch_story(open_story)

    def leave(self) -> None:
        """Stop tracking and save; no story is current after that."""
        self.tracker.stop()
        if self.current is not None:
            self._save_piped_state(self.current)
            self._leave_count += 1
            job = self.make_beginning_job(self.current)
            if job is not None and job.is_short:  # a worker may not have come to it
                job.run()
        self.current = None
        self.tracker.watch_story(None)
        self.read_statuses.watch_story(None)

    def save(self) -> bool:
        """Write all unsaved changes. Return False if some must wait for another program."""
        self.read_statuses.detect_change()
        if self.current is not None:
            self.current.queue_changes(self._write_behind)
        before = self._write_behind.external_changes
        is_waiting = self._write_behind.write_pending()
        self.annotations.save_drafts()
        if self._write_behind.external_changes != before:
            self._reload_data()
        return not is_waiting

    def _reload_data(self) -> None:
        """Show what another program has changed while the file could not be used."""
        self._has_new_data = True
        if self.current is not None:
            self.current.update_data(self._load_reading_data(self.current.story))
            self.read_statuses.watch_story(self.current)

    def undo(self) -> Change | None:
        """Undo the newest change of this session and return it; None if there is none.

        Raises `StateError`, and then nothing has changed.
        """
        self.read_statuses.prepare_change()
        return self._undo_stack.undo()

    @property
    def order(self) -> Sequence[Story]:
        """The stories as the reader sees them on the shelf."""
        return self.shelf_list.order

    @property
    def reading_order(self) -> ReadingOrder:
        """The stories before and after the current one."""
        return self.shelf_list.reading_order

    def record_open_story(self, story: Story | None) -> None:
        """Save that the page shows `story`, or with None that the reader is on the shelf."""
        self._write_behind.queue_open_story(story)

    def get_last_open_story(self) -> tuple[str, StoryDetails] | None:
        """Return the id and the details of the story that was on the page when the reader quit."""
        story_id = self.known_stories.resolve(self.get_choice(OPEN_STORY_KEY) or "")
        details = self.annotations.get_story_details(story_id) if story_id else None
        return (story_id, details) if story_id and details else None

    def get_choice(self, name: str) -> str | None:
        """Return the value chosen last in the app for `name`, or None."""
        return self._write_behind.reporter.attempt(partial(self._store.load_choice, name), None)

    def save_choice(self, name: str, value: str) -> None:
        """Save a value chosen in the app for `name`."""
        self._write_behind.reporter.attempt(
            partial(self._write_behind.write_now, self._store.save_choice, name, value),
            None,
            f"The choice of {name} can't be saved",
        )
