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
from reader.session.identities import Identities, RivalSearch
from reader.store.repository import StoryState
from reader.store.stories import choose_merge_target, make_story_details

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from reader.library.catalog import Catalog
    from reader.library.files import File
    from reader.library.story import Story
    from reader.session.identities import Rival
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
        describe_paths: Callable[[Sequence[str]], list[Rival]],
    ) -> None:
        self._catalog = catalog
        self._store = store
        self._after_change = after_change
        """Called with the stories whose ids or paths may be new."""
        self.describe_rivals = describe_paths
        """Returns the stories of files, and whether each was just described. Call it in a worker."""
        self._write_behind = write_behind
        self.reads_only = False
        """Nothing that is found out is saved."""
        self._has_imported = False
        """Stories of other devices have come since `take_imported` was called."""
        self._outside: set[str] = set()
        """Files that are not in the catalog, and were only looked at."""
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
        self._load()
        may_be_imported = not is_new and self.has_imported()
        is_thorough = may_be_imported and bool(self.find_indexed([story]))
        for identified in self.identify([story], is_new, is_thorough=is_thorough):
            self._catalog.add(identified)
        return self._catalog.get(story.path) or story

    def _find_rivals(self, stories: Sequence[Story], *, are_new: bool) -> list[Rival]:
        """Return what `identify` needs to know of other files, see `Identities.list_rivals`.

        They are read, which takes time in proportion to the texts; there rarely are any.
        """
        search = RivalSearch(self._identities, stories, are_new=are_new)
        while search.paths:
            search.add(self.describe_rivals(search.paths))
        return search.rivals

    def search_rivals(self, stories: Iterable[Story], *, are_new: bool) -> RivalSearch:
        """Begin what `_find_rivals` does, for a caller that reads the files in a worker."""
        self._load()
        return RivalSearch(self._identities, stories, are_new=are_new)

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

    def take_imported(self) -> bool:
        """Return once whether another program has imported stories that `find_indexed` may find."""
        self._load()
        has_imported, self._has_imported = self._has_imported, False
        return has_imported and self.has_imported()

    def match_indexed(self, stories: Sequence[Story]) -> bool:
        """Add what `find_indexed` returned with other ids; return whether any is different."""
        identified = self.identify(stories, False, is_thorough=True)
        for story in identified:
            self._catalog.add(story)
        return not {story.id for story in identified} <= {story.id for story in stories}

    def identify(
        self,
        stories: Iterable[Story],
        are_new: bool,
        *,
        is_thorough: bool = False,
        rivals: Sequence[Rival] | None = None,
    ) -> list[Story]:
        """Return `stories` with their ids, and others whose ids are different now.

        See `Identities.identify`. Without `rivals`, `_find_rivals` looks for them.
        """
        stories = list(stories)
        self._load()
        if rivals is None:
            rivals = self._find_rivals(stories, are_new=are_new)
        if rivals or self._outside:
            self._note_outside(stories, rivals)
        identify = partial(self._identities.identify, stories, are_new=are_new, rivals=rivals)
        decided = identify(is_thorough=is_thorough)
        if self.reads_only:
            return self._show_changed(decided)
        found = self._identities.take_found()
        pairs = [pair for pair in self._identities.take_same() if pair[0] in found]
        if pairs:
            for late, known in pairs:
                self._merge(found.pop(late), known)
            self._load()
            decided = [*{story.location: story for story in (*decided, *identify())}.values()]
        self._write_behind.queue_details(found | self._identities.take_found())
        return self._show_changed(decided)

    def _note_outside(self, stories: Sequence[Story], rivals: Sequence[Rival]) -> None:
        self._outside |= {each.location for each, _ in rivals if each.path not in self._catalog}
        self._outside.difference_update(story.location for story in stories)

    def _show_changed(self, decided: list[Story]) -> list[Story]:
        """Let the session follow changed stories; return those that the catalog should have."""
        self._after_change(decided)
        return [story for story in decided if story.location not in self._outside]

    def are_rewritten(self, stories: Iterable[Story]) -> bool:
        """Return whether one of `stories` has other words than the known one at its path had."""
        self._load()
        return any(map(self._identities.is_rewritten, stories))

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
                if changed:
                    self._identities.update(changed)
                self._has_imported |= any(not each.is_local for each in changed)
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
    """Return the one of `others` that is `story` after its file was renamed, or with another id."""
    moved: Story | None = None
    replaced: Story | None = None
    for other in others if story.is_persistent else ():
        is_same_file, has_same_id = other.location == story.location, other.id == story.id
        if has_same_id and not is_same_file:
            moved = moved or other
        elif is_same_file and not has_same_id:
            replaced = other  # another story has its path, or it has another id
    if moved is not None and (replaced is not None or not os.path.lexists(story.location)):
        return moved
    return replaced
