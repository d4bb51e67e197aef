"""Keep the ids of the catalog's stories up to date with the store, and save what was found.

`session.identities` decides; here the known stories are loaded, the paths of files that were
found again are saved, and stories that turn out to be one are merged.
"""

from __future__ import annotations

import os
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Final

from reader.errors import StateError
from reader.reading.progress import ReadStatus
from reader.session.identities import Identities
from reader.store.repository import StoryState
from reader.store.stories import choose_merge_target, make_story_details

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from reader.library.catalog import Catalog
    from reader.library.files import File
    from reader.library.story import Story
    from reader.store.repository import Store
    from reader.store.stories import KnownStory
    from reader.store.write_behind import WriteBehind

MAX_READ_BYTES: Final = 2_000_000
"""Size of a file that is read whole before it is shown, if it may be a story under a new path. That
takes half a second at most; a larger one is recognised once all of it is parsed."""


class KnownStories:
    """The stories with reading data, and which files they are in this session."""

    def __init__(
        self,
        catalog: Catalog,
        store: Store,
        write_behind: WriteBehind,
        after_change: Callable[[Sequence[Story]], None],
    ) -> None:
        self._catalog = catalog
        self._store = store
        self._after_change = after_change
        """Called with the stories whose ids or paths may be new."""
        self._write_behind = write_behind
        self.reads_only = False
        """Nothing that is found out is saved."""
        self._identities = Identities()
        self._device, self._serial = "", -1
        """The id of the store, and the serial number of its last change that is known here."""
        self.remove = self._identities.remove
        self.resolve = self._identities.resolve
        self.has_imported = self._identities.has_imported
        self.find_indexed = self._identities.find_indexed
        self.may_be_known = self._identities.may_be_known
        self.needs_words = self._identities.needs_words

    def add(self, story: Story, *, is_new: bool = True) -> Story:
        """Add a story that was opened from its file to the catalog; return it with its id."""
        for identified in self.identify([story], is_new):
            self._catalog.add(identified)
        return self._catalog.get(story.path) or story

    def settle(self) -> None:
        """Save the new words of rewritten files, now that all files are described.

        Before, the old words may be found in another file, which is the same story then.
        """
        self._identities.settle()
        if not self.reads_only:
            self._write_behind.queue_details(self._identities.take_found())

    def merge_late(self) -> None:
        """Move what was written for stories that are merged, by a program that didn't know that."""
        if self._identities.has_merged() and not self.reads_only:
            from reader.store.merging import merge_again

            with suppress(StateError):  # the next start tries again
                self._write_behind.write_now(merge_again, self._store.record_store)

    def match_indexed(self, stories: Sequence[Story]) -> bool:
        """Add what `find_indexed` returned with other ids; return whether any is different."""
        identified = self.identify(stories, False, is_thorough=True)
        for story in identified:
            self._catalog.add(story)
        return not {story.id for story in identified} <= {story.id for story in stories}

    def identify(
        self, stories: Iterable[Story], are_new: bool, *, is_thorough: bool = False
    ) -> list[Story]:
        """Return `stories` with their ids, and others whose ids are different now.

        See `Identities.identify`.
        """
        stories = list(stories)
        self._load()
        decided = self._identities.identify(stories, are_new=are_new, is_thorough=is_thorough)
        if self.reads_only:
            self._after_change(decided)
            return decided
        found = self._identities.take_found()
        pairs = [pair for pair in self._identities.take_same() if pair[0] in found]
        if pairs:
            for late, known in pairs:
                self._merge(found.pop(late), known)
            self._load()
            again = self._identities.identify(stories, are_new=are_new)
            decided = [*{story.location: story for story in (*decided, *again)}.values()]
        self._write_behind.queue_details(found | self._identities.take_found())
        self._after_change(decided)
        return decided

    def may_have_moved(self, file: File) -> bool:
        """Return whether the whole text of `file` is to be read to know which story it is."""
        self._load()
        return file.size <= MAX_READ_BYTES and self._identities.may_have_moved(file.path)

    def list_started(self) -> list[tuple[str, Path, str]]:
        """Return the id, path and folder of every story that is being read."""
        self._load()
        states = self._write_behind.load_story_states()
        return [
            (known.id, known.path, known.folder)
            for known in self._identities.list_known()
            if states.get(known.id, StoryState()).status is ReadStatus.READING
        ]

    def load_version(self) -> tuple[str, int]:
        """Load the known stories; return the store's id, and the number of the last change in it."""
        self._load()
        return self.known_version

    @property
    def known_version(self) -> tuple[str, int]:
        """The store's id, and the number of the last change in it that is known here."""
        return self._device, self._serial

    def list_changed(self, serial: int) -> list[KnownStory]:
        """Return the known stories that have changed after the change of that number."""
        load = partial(self._store.load_known_stories, serial)
        return self._write_behind.reporter.attempt_list(load)

    def _load(self) -> None:
        """Load the known stories that this or another program has changed since the last time."""
        attempt, none = self._write_behind.reporter.attempt, (self._device, self._serial)
        self._device, serial = attempt(self._store.record_store.load_device, none)
        if serial != self._serial:
            # Another file may be used by now: it counts from another number.
            after = self._serial if serial > self._serial else -1
            failed: list[KnownStory] | None = None
            changed = attempt(partial(self._store.load_known_stories, after), failed)
            if changed is not None:
                self._identities.update(changed)
                self._serial = serial

    def _merge(self, story: Story, known_id: str) -> None:
        """Merge a story that was read under a new id with the known one, if that can be written.

        Else its fingerprint isn't saved either, so that it is found again.
        """
        from reader.store.merging import merge_stories

        target = choose_merge_target(story.id, known_id)
        source = known_id if target == story.id else story.id
        store, details = self._store, make_story_details(story)
        with suppress(StateError):
            self._write_behind.write_pending()
            self._write_behind.write_now(merge_stories, store.record_store, source, target, details)


def find_same_story(story: Story, others: Iterable[Story]) -> Story | None:
    """Return the one of `others` that is `story` with another id, or after its file was renamed."""
    for other in others if story.is_persistent else ():
        is_same_file, has_same_id = other.location == story.location, other.id == story.id
        is_renamed = has_same_id and not is_same_file and not os.path.lexists(story.location)
        if is_renamed or (is_same_file and not has_same_id):
            return other
    return None
