"""A list of the shelf's stories in their order and sections, and the job that makes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from reader.session.shelf.entries import ShelfEntry, ShelfView, make_entry
from reader.session.shelf.sections import (
    ShelfCounts,
    ShelfSection,
    count_stories,
    make_sections,
)
from reader.session.shelf.suggestions import Suggester
from reader.store.repository import StoryState
from reader.store.stories import NO_LABELS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reader.library.catalog import SortJob
    from reader.library.story import Story


_NO_STATE: Final = StoryState()


class ListJob(NamedTuple):
    """Lists the stories as they were when the job was made; may run in a worker."""

    sort_job: SortJob
    states: Mapping[str, StoryState]
    paces: Mapping[str, int]
    """The reader's pace by language."""
    before: ShelfListing
    """The list before."""
    view: ShelfView

    def run(self) -> ShelfListing:
        """Return the new list."""
        stories = self.sort_job.run()
        shown = [story for story in stories if self.view.shows(story)]
        sections = make_sections([*map(self._make_entry, shown)], self.view)
        entries = [entry for section in sections for entry in section.entries]
        order = [entry.story for entry in entries]
        indices = {story.location: index for index, story in enumerate(order)}
        suggester = Suggester(entries, self.view.find_offered(), indices)
        counts = count_stories(order)
        return ShelfListing(stories, entries, indices, order, sections, counts, suggester)

    def _make_entry(self, story: Story) -> ShelfEntry:
        state, pace = self.states.get(story.id, _NO_STATE), self.paces[story.language]
        labels = self.view.labels.get(story.id, NO_LABELS)
        index = self.before.indices.get(story.location)
        if state is _NO_STATE and index is not None:
            before = self.before.entries[index]
            if before.is_of(story, pace, labels) and story.id not in self.view.hidden:
                return before
        return self.view.mark(make_entry(story, state, pace, labels))


class ShelfListing(NamedTuple):
    """What a `ListJob` found."""

    stories: list[Story]
    """All stories of the catalog, in its order."""
    entries: list[ShelfEntry]
    """The entries in the order of the shelf."""
    indices: Mapping[str, int]
    """Where each story is among the entries, by location."""
    order: list[Story]
    """The stories of the entries."""
    sections: list[ShelfSection]
    """The entries in their sections."""
    counts: ShelfCounts
    suggester: Suggester
    """Suggests stories of the entries."""
