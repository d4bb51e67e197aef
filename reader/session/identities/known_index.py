"""The known stories by id, path, words and title: which of them a file may be, and why."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from reader.library.describing import make_story_id
from reader.store.stories import simplify_path
from reader.text.digests import compute_digest

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from reader.library.story import Story
    from reader.store.likeness import Evidence, LikenessIndex
    from reader.store.stories import KnownStory


class Pair(NamedTuple):
    """A file and a known story that it may be. The lowest pair is the most likely one."""

    evidence: Evidence
    difference: float
    """How much the titles, the words and the paths differ, in this order."""
    location: str
    story_id: str


class KnownIndex:
    """The stories with reading data, as they are stored.

    What compares words, `store.likeness`, is imported late: the first screen rarely needs it.
    """

    def __init__(self) -> None:
        self._stories: dict[str, KnownStory] = {}
        self._merged: dict[str, str] = {}
        """The id of the story into which each one was merged."""
        self._at_paths: dict[Path | str, str] = {}
        """The known story at each path, see `_list_path_keys`."""
        self._likeness: LikenessIndex | None = None

    def __len__(self) -> int:
        return len(self._stories)

    def __contains__(self, story_id: object) -> bool:
        return story_id in self._stories

    def __getitem__(self, story_id: str) -> KnownStory:
        return self._stories[story_id]

    def get(self, story_id: str) -> KnownStory | None:
        """Return the known story with that id."""
        return self._stories.get(story_id)

    def is_merged(self, story_id: str) -> bool:
        """Return whether the story with that id was merged into another one."""
        return story_id in self._merged

    def has_merged(self) -> bool:
        """Return whether there are stories that were merged into others."""
        return bool(self._merged)

    def list_all(self) -> list[KnownStory]:
        """Return the known stories, the one changed last at the end."""
        return list(self._stories.values())

    def update(self, changed: Iterable[KnownStory]) -> None:
        """Take over stories that were added to the store, or changed there."""
        for story in changed:
            before = self._stories.pop(story.id, None)
            for key in _list_path_keys(before.path) if before is not None else ():
                if self._at_paths.get(key) == story.id:
                    del self._at_paths[key]
            if story.merged_into:
                self._merged[story.id] = story.merged_into
                continue
            self._stories[story.id] = story
            self._at_paths |= dict.fromkeys(_list_path_keys(story.path), story.id)
            if self._likeness is not None:
                self._likeness.add(story)

    def resolve(self, story_id: str) -> str:
        """Return the id under which the reading data of `story_id` is stored."""
        seen = set[str]()
        while (target := self._merged.get(story_id)) and target not in seen:
            seen.add(target)
            story_id = target
        return story_id

    def get_at_path(self, story: Story) -> KnownStory | None:
        """Return the known story that was last seen at the path of `story`."""
        own_id = story.own_id or story.id
        story_id = self._at_paths.get(story.path) or self._at_paths.get(own_id)
        return self._stories.get(story_id) if story_id is not None else None

    def get_unchanged(self, story: Story) -> KnownStory | None:
        """Return the known story of a file that is where it was, with the words that it had."""
        own_id, known = story.own_id or story.id, self.get_at_path(story)
        if known is None or not known.fingerprint or story.fingerprint != known.fingerprint:
            return None
        is_other = known.id != self.resolve(own_id) and self.resolve(own_id) in self._stories
        return None if is_other else known

    def has_words_at(self, path: Path) -> bool | None:
        """Return whether the words of the known story at `path` are known; None without one."""
        story_id = self._at_paths.get(path)
        return bool(self._stories[story_id].fingerprint) if story_id is not None else None

    def has_evidence(self, story: Story, *, are_new: bool) -> bool:
        """Return whether a file has anything of a known story."""
        return self.may_be_known(story) or (are_new and self.may_be_known_as_new(story))

    def may_be_known(self, story: Story) -> bool:
        """Return whether a story, as the index has it, may be a known one: most are not."""
        own_id = story.own_id or story.id
        is_known = own_id in self._stories or own_id in self._at_paths or own_id in self._merged
        return is_known or story.id != own_id

    def may_be_known_as_new(self, story: Story) -> bool:
        """Return whether a file that was just described has anything of a known story."""
        if not self._stories:
            return False
        paths = story.path, simplify_path(story.path)
        return any(path in self._at_paths for path in paths) or bool(self._find_alike(story))

    def list_pairs(self, story: Story, *, is_new: bool) -> list[Pair]:
        """Return the known stories that a file may be."""
        from reader.store.likeness import (
            Evidence,
            Likeness,
            compare_at_path,
            compare_elsewhere,
            compare_words,
            measure_difference,
        )

        own_id = story.own_id or story.id
        at_path = self.get_at_path(story)
        evidence = self._compare_alike(story, is_new=is_new) if is_new or at_path is None else {}
        found = compare_at_path(story, own_id, at_path) if at_path is not None else None
        if at_path is not None and found is not None:
            if found is Evidence.PATH and at_path.fingerprint and _is_emptied(story):
                found = Evidence.REWRITTEN
            if found in (Evidence.EDITED, Evidence.REWRITTEN):
                swapped = (key for key, kind in evidence.items() if kind is Evidence.WORDS)
                evidence |= dict.fromkeys([*swapped], Evidence.SWAPPED)
            evidence[at_path.id] = found
        with_id = self._stories.get(self.resolve(own_id))
        if with_id is not None and own_id != make_story_id(story.path):
            evidence[with_id.id] = Evidence.ID_AND_PATH if with_id is at_path else Evidence.ID
        indexed = self._stories.get(self.resolve(story.id)) if story.id != own_id else None
        if indexed is not None and indexed.id not in evidence:
            likeness, found = compare_words(story, indexed), compare_elsewhere(story, indexed)
            kind = Evidence.SWAPPED if likeness is Likeness.EQUAL else Evidence.INDEXED
            is_other = likeness is Likeness.DIFFERENT and found is None
            evidence |= {indexed.id: kind} if not is_other else {}
        return [
            Pair(kind, measure_difference(story, self._stories[key]), story.location, key)
            for key, kind in evidence.items()
        ]

    def _compare_alike(self, story: Story, *, is_new: bool) -> dict[str, Evidence]:
        """Return the known stories with like words or titles, and why the file may be each.

        A file that was there before may only be a story of another device.
        """
        from reader.store.likeness import Evidence, compare_elsewhere

        evidence: dict[str, Evidence] = {}
        respelt = self._stories.get(self._at_paths.get(simplify_path(story.path), ""))
        for known in [*self._find_alike(story), *([respelt] if respelt is not None else [])]:
            found = compare_elsewhere(story, known) if is_new or not known.is_local else None
            evidence |= {known.id: found} if found is not None else {}
        titles = [key for key, kind in evidence.items() if kind is Evidence.TITLE]
        for story_id in titles if len(titles) > 1 else ():
            del evidence[story_id]  # one title for several stories tells nothing
        return evidence

    def _find_alike(self, story: Story) -> list[KnownStory]:
        if self._likeness is None:
            from reader.store.likeness import LikenessIndex

            self._likeness = LikenessIndex(self._stories.values())
        return [self._stories[key] for key in self._likeness.find(story) if key in self._stories]


def _list_path_keys(path: Path) -> tuple[Path | str, ...]:
    """Return the path, the id that a file there gives itself, and the path without its spelling."""
    return path, hash_path(path), simplify_path(path)


def _is_emptied(story: Story) -> bool:
    """Return whether the file of a described story has nothing in it, but perhaps a line's end.

    It is looked at again: an editor may have emptied it to write it a moment later.
    """
    if story.fingerprint or story.words or not story.is_readable:
        return False
    try:
        return os.stat(story.location).st_size <= len("\r\n")  # noqa: PTH116  it is a text
    except OSError:
        return False


def hash_path(path: Path, number: int = 0) -> str:
    """Return the id that a file at a real path gives itself; with a number, another one."""
    salt = b"\0%d" % number if number else b""
    return compute_digest(os.fsencode(path) + salt, 6)
