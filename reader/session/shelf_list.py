"""The shelf's list: which stories are on it, in which order, and which follow a story.

To list a large library takes longer than a frame. `ListJob` does it in a worker; what is asked
about the order meanwhile is answered from the list before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from reader.session.reading_list import (
    EndCard,
    ReadingOrder,
    ShelfEntry,
    make_entry,
    sort_entries,
    suggest_stories,
    summarize_reading,
)
from reader.store.repository import StoryState

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from reader.library.catalog import Catalog, SortJob
    from reader.library.story import Story
    from reader.session.annotations import Annotations
    from reader.session.open_story import OpenStory
    from reader.session.tracker import Tracker
    from reader.store.write_behind import WriteBehind


MAX_LISTED_AT_ONCE: Final = 300
"""Stories that are listed without a worker: it takes about two milliseconds."""
_NO_STATE: Final = StoryState()


class ListJob(NamedTuple):
    """Lists the stories as they were when the job was made; may run in a worker."""

    sort_job: SortJob
    states: Mapping[str, StoryState]
    paces: Mapping[str, int]
    """The reader's pace by language."""
    before: ShelfListing
    """The list before."""

    def run(self) -> ShelfListing:
        """Return the new list."""
        stories = self.sort_job.run()
        entries = sort_entries([*map(self._make_entry, stories)])
        order = [entry.story for entry in entries]
        indices = {story.path: index for index, story in enumerate(order)}
        return ShelfListing(stories, entries, indices, order)

    def _make_entry(self, story: Story) -> ShelfEntry:
        state, pace = self.states.get(story.id, _NO_STATE), self.paces[story.language]
        index = self.before.indices.get(story.path)
        if state is _NO_STATE and index is not None:
            before = self.before.entries[index]
            if before.is_of(story, pace):
                return before
        return make_entry(story, state, pace)


class ShelfListing(NamedTuple):
    """What a `ListJob` found."""

    stories: list[Story]
    """All stories of the catalog, in its order."""
    entries: list[ShelfEntry]
    """The entries in the shelf's order: Continue, Unread, Finished."""
    indices: Mapping[Path, int]
    """Where each file is among the entries."""
    order: list[Story]
    """The stories of the entries."""


class ShelfList:
    """The stories as the shelf lists them."""

    def __init__(
        self,
        catalog: Catalog,
        write_behind: WriteBehind,
        tracker: Tracker,
        annotations: Annotations,
        get_current: Callable[[], OpenStory | None],
    ) -> None:
        self._catalog = catalog
        self._write_behind = write_behind
        self._tracker = tracker
        self._annotations = annotations
        self._get_current = get_current
        self._listing = ShelfListing([], [], {}, [])
        """What was listed last."""
        self._order: Sequence[Story] = ()

    @property
    def is_large(self) -> bool:
        """The list is to be made in a worker."""
        return len(self._catalog) > MAX_LISTED_AT_ONCE

    def list_entries(self) -> list[ShelfEntry]:
        """Return the shelf's entries in their order: Continue, Unread, Finished."""
        stories, states = self._catalog.list_stories(), self._write_behind.load_story_states()
        get_pace = self._tracker.get_pace
        return sort_entries(
            [make_entry(one, states.get(one.id, _NO_STATE), get_pace(one)) for one in stories]
        )

    def start_listing(self) -> ListJob:
        """Return the job that lists the stories. `finish_listing` must take its result."""
        stories = {story.language: story for story in self._catalog.list_all()}
        paces = {language: self._tracker.get_pace(story) for language, story in stories.items()}
        states = dict(self._write_behind.load_story_states())
        return ListJob(self._catalog.start_sort(), states, paces, self._listing)

    def finish_listing(self, job: ListJob, listing: ShelfListing) -> None:
        """Take the result of a job: the order of the next and previous story."""
        self._catalog.finish_sort(job.sort_job, listing.stories)
        self._listing = listing
        self.set_order(listing.order)

    def get_entry(self, story: Story) -> ShelfEntry:
        """Return the shelf entry of one story, with unsaved changes if it is open."""
        current = self._get_current()
        if current is not None and current.story.path == story.path:
            credit = current.reading_credit
            state = StoryState(credit.status, None, credit.ranges, current.word_count or 0)
            return make_entry(current.story, state, current.pace)
        state = self._write_behind.load_story_state(story)
        return make_entry(story, state, self._tracker.get_pace(story))

    def set_order(self, stories: Sequence[Story]) -> None:
        """Set the shelf as the reader sees it, for the next and previous story."""
        self._order = stories

    @property
    def order(self) -> Sequence[Story]:
        """The stories as the reader sees them on the shelf."""
        return self._order

    @property
    def reading_order(self) -> ReadingOrder:
        """The stories before and after the current one."""
        current = self._get_current()
        return ReadingOrder(current.story.path if current is not None else None, self._order)

    def find_neighbour(self, step: int) -> Story | None:
        """Return the story `step` places after the current one (before it, if negative)."""
        return self.reading_order.find_neighbour(step) if self._get_current() is not None else None

    def make_end_card(self, open_story: OpenStory) -> EndCard:
        """Return what is shown at the end of a story, in a large library by the last list."""
        story, entries = open_story.story, self._listing.entries
        if not self.is_large or not entries:
            entries = self.list_entries()
        order = ReadingOrder(story.path, self._order or [entry.story for entry in entries])
        return EndCard(
            *summarize_reading(open_story, self.get_entry(story)),
            self._annotations.load_highlights(story.id) if story.is_persistent else (),
            self._annotations.load_response(story.id) if story.is_persistent else "",
            suggest_stories(story, entries, order, self._catalog.list_following(story)),
            order.find_neighbour(1),
        )
