"""The shelf's list: which stories are on it, in which order and sections, and which follow a story.

To list a large library takes longer than a frame. `ListJob` does it in a worker; what is asked
about the order meanwhile is answered from the list before.
"""

from __future__ import annotations

import contextlib
import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from reader.config import SORTS
from reader.errors import BadUsage, StateError
from reader.session.shelf.end_card import (
    EndCard,
    Suggester,
    Suggestion,
    suggest_filtered,
    summarize_reading,
)
from reader.session.shelf.entries import (
    ShelfEntry,
    ShelfView,
    TitleFacts,
    find_facts,
    make_entry,
)
from reader.session.shelf.order import ReadingOrder
from reader.session.shelf.sections import (
    ListJob,
    ShelfCounts,
    ShelfListing,
    ShelfPart,
    ShelfSection,
    count_stories,
    make_sections,
)
from reader.store.folders import (
    LIBRARY_KEY,
    change_folder,
    expand_folder_key,
    get_folder,
    load_folders,
    make_folder_key,
)
from reader.store.repository import StoryState
from reader.store.schema import FolderRow
from reader.store.stories import NO_LABELS, StoredLabels, edit_labels, load_labels
from reader.text.cells import sanitize_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from reader.library.catalog import Catalog
    from reader.library.scan import Folder
    from reader.library.story import Story
    from reader.session.annotations import Annotations
    from reader.session.open_story import OpenStory
    from reader.session.tracker import Tracker
    from reader.store.repository import Store
    from reader.store.stories import LabelEdit, Labels
    from reader.store.write_behind import WriteBehind


MAX_LISTED_AT_ONCE: Final = 300
"""Stories that are listed without a worker: it takes about two milliseconds."""
_NO_STATE: Final = StoryState()


class ShelfList:
    """The stories as the shelf lists them."""

    def __init__(  # noqa: PLR0913, PLR0917  what a session has, each used on its own
        self,
        catalog: Catalog,
        store: Store,
        write_behind: WriteBehind,
        tracker: Tracker,
        annotations: Annotations,
        get_current: Callable[[], OpenStory | None],
    ) -> None:
        self._catalog = catalog
        self._store = store
        self._write_behind = write_behind
        self._tracker = tracker
        self._annotations = annotations
        self._get_current = get_current
        self._listing = ShelfListing(
            [], [], {}, [], [], ShelfCounts(0, 0), Suggester(()), TitleFacts()
        )
        """What was listed last."""
        self._order: Sequence[Story] = ()
        self._filtered: Sequence[ShelfEntry] | None = None
        """The entries that a filter has left; None without a filter."""
        self._filtered_indices: Mapping[str, int] | None = None
        self.part: ShelfPart | None = None
        """What the shelf shows of a large library until all of it is listed."""
        self.view = ShelfView()
        self._labels = StoredLabels()
        """The stars and tags as they were loaded last."""
        self._edited: dict[str, Labels] = {}
        """The same with what was edited since."""
        self.view_key = LIBRARY_KEY
        """Under what the view is remembered."""

    def load_folder_rows(self) -> dict[str, FolderRow]:
        """Return what is stored about folders, by their stored paths."""
        load, none = partial(load_folders, self._store.record_store), dict[str, FolderRow]()
        return self._write_behind.reporter.attempt(load, none)

    def load_view(self, folders: Sequence[Folder], *, is_library: bool) -> None:
        """Show the stories of `folders` as the reader has chosen for them, or for the library."""
        try:
            self.view_key = LIBRARY_KEY if is_library else make_folder_key(folders[0].path)
        except BadUsage:  # a name that can't be stored
            self.view_key = ""
        rows = self.load_folder_rows()
        row = get_folder(rows, self.view_key)
        real = tuple(one._replace(path=Path(os.path.realpath(one.path))) for one in folders)
        usual = SORTS[0] if is_library or not folders[0].sort else folders[0].sort
        sort = row.sort if row.sort in SORTS else usual
        if not is_library:  # the order of the view is that of its only folder
            real = tuple(one._replace(sort="") for one in real)
        folded = frozenset(row.folded.split("\n"))
        view = self.view._replace(sort=sort, folded=folded, folders=real)
        self.view = view._replace(sorts=self._load_sorts(rows, view))

    def _load_sorts(self, rows: Mapping[str, FolderRow], view: ShelfView) -> dict[str, str]:
        """Return the orders chosen for the folders that `view` shows, except that of its own."""
        sorts = {
            str(expand_folder_key(key)): row.sort
            for key, row in rows.items()
            if row.sort in SORTS and key not in (LIBRARY_KEY, self.view_key)
        }
        return {path: sort for path, sort in sorts.items() if view.find_library_folder(path)}

    def save_section_sort(self, folder: str, sort: str) -> None:
        """Show the section of a folder in an order, and remember it for the folder.

        Nothing is remembered if it is the order that the folder has anyway.
        """
        chosen = "" if sort == self.view.find_default_sort(folder) else sort
        sorts = {path: one for path, one in self.view.sorts.items() if path != folder}
        self.view = self.view._replace(sorts=sorts | ({folder: chosen} if chosen else {}))
        with contextlib.suppress(BadUsage):  # a name that can't be stored
            key = make_folder_key(Path(folder))
            save = partial(self._change_folder, key, lambda row: row._replace(sort=chosen))
            self._write_behind.reporter.attempt(save, None, "The order can't be saved")

    def save_view(self, view: ShelfView) -> None:
        """Show the stories as `view` says, and remember it for the folder or the library."""
        is_sorted, self.view = view.sort != self.view.sort, view
        if not self.view_key:
            return
        folded = "\n".join(sorted(view.folded - {""}))

        def change(row: FolderRow) -> FolderRow:
            return row._replace(sort=view.sort if is_sorted else row.sort, folded=folded)

        save = partial(self._change_folder, self.view_key, change)
        self._write_behind.reporter.attempt(save, None, "The order can't be saved")

    def _change_folder(self, key: str, change: Callable[[FolderRow], FolderRow]) -> None:
        """Change what is stored about a folder. Raises `StateError`."""
        self._write_behind.write_now(change_folder, self._store.record_store, key, change)

    def add_folder(self) -> str:
        """Add the folder whose stories are listed to the library; return what was done."""
        if self.view_key in ("", LIBRARY_KEY):
            return "This is the library; a folder is shown by: reader FOLDER"
        row = get_folder(self.load_folder_rows(), self.view_key)
        name = sanitize_line(row.path)
        if row.listed:
            return f"{name} is in the library already."
        try:
            self._change_folder(self.view_key, lambda row: row._replace(listed=1))
        except StateError as error:
            return f"The folder can't be added: {error}"
        problem = self._write_behind.problem
        return f"Not saved yet: {problem}" if problem else f"Added to the library: {name}"

    @property
    def is_large(self) -> bool:
        """The list is to be made in a worker."""
        return self.part is not None or len(self._catalog) > MAX_LISTED_AT_ONCE

    def count_shown(self) -> ShelfCounts:
        """Return how many stories the shelf lists; of a large one, as it was listed last.

        Until it is listed, those that are known count, as if all were shown.
        """
        if self.part is not None:
            return self.part.counts
        if self.is_large:
            is_listed = bool(self._listing.entries)
            return self._listing.counts if is_listed else ShelfCounts(len(self._catalog), 0)
        return count_stories(each for each in self._catalog.list_all() if self.view.shows(each))

    def list_entries(self) -> list[ShelfEntry]:
        """Return the shelf's entries in their order."""
        return [entry for section in self.list_sections() for entry in section.entries]

    def list_sections(self) -> list[ShelfSection]:
        """Return the sections of the shelf, those that are folded too."""
        self.load_view_data()
        shown = [story for story in self._catalog.list_stories() if self.view.shows(story)]
        return make_sections(self.make_entries(shown, self.load_states()), self.view)

    def load_states(self) -> Mapping[str, StoryState]:
        """Return what was read of the stories that were ever open, by id."""
        return self._write_behind.load_story_states()

    def make_entries(
        self, stories: Iterable[Story], states: Mapping[str, StoryState]
    ) -> list[ShelfEntry]:
        """Return the entries of `stories`, in their order."""
        get_pace, labels = self._tracker.get_pace, self.view.labels
        return [
            self.view.mark(
                make_entry(
                    story,
                    states.get(story.id, _NO_STATE),
                    get_pace(story),
                    labels.get(story.id, NO_LABELS),
                )
            )
            for story in stories
        ]

    def show_part(self, part: ShelfPart) -> None:
        """Show a part of the shelf until all stories are listed."""
        entries = [entry for section in part.sections for entry in section.entries]
        order = [entry.story for entry in entries]
        indices = {story.location: index for index, story in enumerate(order)}
        self.part = part
        suggester = Suggester(entries, indices=indices)
        self._listing = ShelfListing(
            [], entries, indices, order, part.sections, part.counts, suggester, part.facts
        )
        self.set_order(order)

    def load_view_data(self) -> None:
        """Take what the reader, or another program, has hidden and labelled since."""
        load = partial(load_labels, self._store.record_store, self._labels)
        self._labels = self._write_behind.reporter.attempt(load, self._labels)
        hidden, labels = self._write_behind.load_hidden(), self._labels.by_story
        self.view = self.view._replace(hidden=hidden, labels=labels)

    def list_at_once(self) -> ShelfListing:
        """List the stories as a job does, and take the result; no other job may run meanwhile."""
        job = self.start_listing()
        listing = job.run()
        self.finish_listing(job, listing)
        return listing

    def start_listing(self) -> ListJob:
        """Return the job that lists the stories. `finish_listing` must take its result."""
        self.load_view_data()
        stories = {story.language: story for story in self._catalog.list_all()}
        paces = {language: self._tracker.get_pace(story) for language, story in stories.items()}
        states = self._write_behind.start_loading_states()
        return ListJob(self._catalog.start_sort(), states, paces, self._listing, self.view)

    def finish_listing(self, job: ListJob, listing: ShelfListing) -> None:
        """Take the result of a job: the order of the next and previous story.

        With a filter, that stays as it was until `show_only` is called.
        """
        self._catalog.finish_sort(job.sort_job, listing.stories)
        self._listing, self.part = listing, None
        if self._filtered is None:
            self.set_order(listing.order)

    @property
    def shown_entries(self) -> Sequence[ShelfEntry]:
        """Those of `entries` that the filter has left, all without one."""
        return self._listing.entries if self._filtered is None else self._filtered

    def show_only(
        self,
        entries: Sequence[ShelfEntry] | None,
        order: Sequence[Story],
        indices: Mapping[str, int] | None = None,
    ) -> None:
        """Let next and previous story be those of `entries`, which a filter has left; None: of all.

        `order` has their stories; `indices` say where each file is among them, if that is known.
        """
        self._filtered, self._filtered_indices = entries, indices
        self.set_order(self._listing.order if entries is None else order)

    def find_labelled(self, story: Story) -> ShelfEntry | None:
        """Return the listed entry of a story with the labels that it has now; None if there is none.

        Unlike `get_entry` it reads nothing: thousands of stories may be labelled at once.
        """
        entry = self.find_entry(story)
        labels = self.view.labels.get(story.id, NO_LABELS)
        return entry._replace(labels=labels) if entry is not None else None

    def edit_labels(self, edits: Sequence[LabelEdit]) -> None:
        """Take edits of stars and tags that were just saved, without loading all of them."""
        by_story: dict[str, list[LabelEdit]] = {}
        for edit in edits:
            by_story.setdefault(edit.story_id, []).append(edit)
        labels = {
            story_id: edit_labels(self.view.labels.get(story_id, NO_LABELS), theirs)
            for story_id, theirs in by_story.items()
        }
        if self._edited is not self.view.labels:
            self._edited = {**self.view.labels}
            self.view = self.view._replace(labels=self._edited)
        self._edited |= labels  # not anew for each slice of a hundred thousand stories

    def find_entry(self, story: Story) -> ShelfEntry | None:
        """Return the entry of a story as it was listed or replaced last; None if there is none."""
        index = self._listing.indices.get(story.location)
        return self._listing.entries[index] if index is not None else None

    def replace_entry(self, entry: ShelfEntry) -> None:
        """Let the last list have `entry` in the place of the one of the same story."""
        index = self._listing.indices.get(entry.story.location)
        if index is not None:
            self._listing.replace_entry(index, entry)

    def get_entry(self, story: Story) -> ShelfEntry:
        """Return the shelf entry of one story, with unsaved changes if it is open."""
        current, labels = self._get_current(), self.view.labels.get(story.id, NO_LABELS)
        if current is not None and current.story.location == story.location:
            credit = current.reading_credit
            state = StoryState(credit.status, None, credit.ranges, current.word_count or 0)
            return self.view.mark(make_entry(current.story, state, current.pace, labels))
        state = self._write_behind.load_story_state(story)
        return self.view.mark(make_entry(story, state, self._tracker.get_pace(story), labels))

    def set_order(self, stories: Sequence[Story]) -> None:
        """Set the shelf as the reader sees it, for the next and previous story."""
        self._order = stories

    @property
    def entries(self) -> Sequence[ShelfEntry]:
        """The entries as they were listed last, in the order of the shelf without a filter."""
        return self._listing.entries

    @property
    def facts(self) -> TitleFacts:
        """What the titles and authors of these say about how one is named."""
        return self._listing.facts

    @property
    def order(self) -> Sequence[Story]:
        """The stories as the reader sees them on the shelf."""
        return self._order

    @property
    def reading_order(self) -> ReadingOrder:
        """The stories before and after the current one."""
        current = self._get_current()
        return self._find_order(current.story.path if current is not None else None)

    def _find_order(self, path: Path | None) -> ReadingOrder:
        listing = self._listing
        if path is None:
            return ReadingOrder(None, self._order, -1)
        if self._order and self._order is listing.order:
            index = listing.indices.get(str(path), -1)
            return ReadingOrder(path, self._order, index, listing.suggester.list_parts)
        if self._filtered is not None and self._filtered_indices is not None:
            return ReadingOrder(path, self._order, self._filtered_indices.get(str(path), -1))
        return ReadingOrder(path, self._order)

    def find_neighbour(self, step: int) -> Story | None:
        """Return the story `step` places after the current one (before it, if negative)."""
        return self.reading_order.find_neighbour(step) if self._get_current() is not None else None

    def make_end_card(self, open_story: OpenStory, *, is_listed: bool = False) -> EndCard:
        """Return what is shown at the end of a story.

        If all stories have just been listed, and in a large library, it is made by the last list.
        It suggests nothing until that has all stories.
        """
        story, suggester, facts = open_story.story, self._listing.suggester, self.facts
        is_partial = self.part is not None
        is_current = not (is_listed or is_partial or (self.is_large and self._listing.entries))
        entries = self.list_entries() if is_current else self._listing.entries
        if is_current:
            suggester = Suggester(entries, self.view.find_offered())
            facts = find_facts(entry.story for entry in entries)
        order = (
            self._find_order(story.path)
            if self._order or self._filtered is not None
            else ReadingOrder(story.path, [entry.story for entry in entries])
        )
        suggestions: Sequence[Suggestion] = ()
        if self._filtered is not None:
            suggestions = suggest_filtered(self._filtered, order, self.view.find_offered())
        elif not is_partial:
            following = self._catalog.iter_following(story, is_current=is_current)
            suggestions = suggester.suggest(story, order, following)
        return EndCard(
            *summarize_reading(open_story, self.get_entry(story)),
            self._annotations.load_highlights(story.id) if story.is_persistent else (),
            self._annotations.load_response(story.id) if story.is_persistent else "",
            [each._replace(path=facts.find_path(each.entry.story)) for each in suggestions],
            order.find_neighbour(1),
        )
