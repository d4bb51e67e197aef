"""Decide which known story each file is: by its front matter, its path, its words, its title.

A story is known once it has reading data, and keeps its id. Other files have the id that the
front matter gives, else one made of the path; nothing is stored about them. So a library of any
size costs as little as what was read of it, and commands that only read need to store nothing.

Paths and ids of unchanged files come from the index, so a start compares few texts. The words of
other files are compared when they are described, with those of stories whose file is missing.
What compares them, `store.likeness`, is imported then: the first screen rarely needs it.
"""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from reader.library.describing import make_story_id
from reader.library.files import BUNDLED
from reader.store.stories import simplify_path
from reader.text.digests import compute_digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from reader.library.story import Story
    from reader.store.likeness import Evidence, LikenessIndex
    from reader.store.stories import KnownStory


class _Pair(NamedTuple):
    """A file and a known story that it may be. The lowest pair is the most likely one."""

    evidence: Evidence
    difference: float
    """How much the titles, the words and the paths differ, in this order."""
    location: str
    story_id: str


class _Undecided(NamedTuple):
    """A file that may be one of several known stories."""

    story: Story
    is_new: bool
    """It was just described."""
    pairs: Sequence[_Pair]


class Identities:
    """The known stories, and which file is which of them."""

    def __init__(self) -> None:
        self._merged: dict[str, str] = {}
        self._known: dict[str, KnownStory] = {}
        self._at_paths: dict[Path | str, str] = {}
        """The known story at each path, see `_list_path_keys`."""
        self._likeness: LikenessIndex | None = None
        self._files: dict[str, str] = {}
        """The location of the file that each id belongs to in this session."""
        self._ids: dict[str, str] = {}
        """The reverse, for files that are known stories or were compared with them."""
        self._undecided: dict[str, _Undecided] = {}
        """Files whose story may still turn out to be another one."""
        self._found: dict[str, Story] = {}
        self._same: list[tuple[str, str]] = []

    def update(self, changed: Iterable[KnownStory]) -> None:
        """Take over stories that were added to the store, or changed there."""
        for story in changed:
            before = self._known.pop(story.id, None)
            for key in _list_path_keys(before.path) if before is not None else ():
                if self._at_paths.get(key) == story.id:
                    del self._at_paths[key]
            if story.merged_into:
                self._merged[story.id] = story.merged_into
                continue
            self._known[story.id] = story
            self._at_paths |= dict.fromkeys(_list_path_keys(story.path), story.id)
            if self._likeness is not None:
                self._likeness.add(story)
        self._undecided = {
            file: each._replace(pairs=self._list_pairs(each.story, is_new=each.is_new))
            for file, each in self._undecided.items()
        }

    def resolve(self, story_id: str) -> str:
        """Return the id under which the reading data of `story_id` is stored."""
        seen = set[str]()
        while (target := self._merged.get(story_id)) and target not in seen:
            seen.add(target)
            story_id = target
        return story_id

    def list_known(self) -> list[KnownStory]:
        """Return the known stories, the one changed last at the end."""
        return list(self._known.values())

    def take_found(self) -> dict[str, Story]:
        """Return once the known stories, by id, whose new path or text is to be saved."""
        found, self._found = self._found, {}
        return found

    def settle(self) -> None:
        """Take rewritten files for the stories at their paths, as no other file will turn up."""
        for file, (story, _, _) in self._undecided.items():
            known = self._known.get(self._ids[file])
            if known is not None:
                self._record(story, known)

    def take_same(self) -> list[tuple[str, str]]:
        """Return once the pairs of ids of known stories that turned out to be one."""
        same, self._same = self._same, []
        return same

    def identify(
        self, stories: Iterable[Story], *, are_new: bool, is_thorough: bool = False
    ) -> list[Story]:
        """Return `stories` with their ids, and others whose ids are different now.

        Those that `are_new` were just described. The others are as in the index: they were
        there before, and take the place of no story of this device whose file is missing. That
        they may be stories of other devices is looked at only if `is_thorough`.
        """
        decided: dict[str, Story] = {}
        strangers: list[Story] = []
        for story in stories:
            own_id = story.own_id or story.id
            is_open = is_thorough or self.may_be_known(story)
            is_open = is_open or (are_new and self._may_be_known_as_new(story))
            if not is_open and self._files.setdefault(own_id, story.location) == story.location:
                strangers.append(story)  # as most are
                continue
            self._forget(story.location)
            if not self._decide_by_path(story, own_id, decided):
                pairs = self._list_pairs(story, is_new=are_new)
                self._undecided[story.location] = _Undecided(story, are_new, pairs)
        if self._undecided:
            self._decide(decided)
        return [*strangers, *decided.values()]

    def may_be_known(self, story: Story) -> bool:
        """Return whether a story, as the index has it, may be a known one: most are not."""
        own_id = story.own_id or story.id
        is_known = own_id in self._known or own_id in self._at_paths or own_id in self._merged
        return is_known or story.id != own_id

    def find_indexed(self, stories: Iterable[Story]) -> list[Story]:
        """Return those of `stories` that may be stories of other devices without a file here.

        It changes nothing, so it can run in a worker; `identify` takes the result.
        """
        from reader.store.likeness import LikenessIndex

        index = LikenessIndex(self._list_imported())
        return [each for each in stories if each.id not in self._known and index.find(each)]

    def has_imported(self) -> bool:
        """Return whether there are stories of other devices without a file here."""
        return bool(self._list_imported())

    def _list_imported(self) -> list[KnownStory]:
        known = list(self._known.values())
        return [each for each in known if not each.is_local and each.id not in self._files]

    def has_merged(self) -> bool:
        """Return whether there are stories that were merged into others."""
        return bool(self._merged)

    def may_have_moved(self, path: Path) -> bool:
        """Return whether the file at `path` may be a known story that has no file now."""
        return path not in self._at_paths and any(
            each.id not in self._files and not (each.is_local and os.path.lexists(each.path))
            for each in self._known.values()
        )

    def remove(self, path: Path) -> None:
        """Forget which story the file at `path` was. The story stays known."""
        self._forget(str(path))

    def _forget(self, file: str) -> None:
        self._undecided.pop(file, None)
        self._release(file)

    def _release(self, file: str) -> None:
        story_id = self._ids.pop(file, "")
        if self._files.get(story_id) == file:
            del self._files[story_id]

    def _assign(self, story: Story, story_id: str, decided: dict[str, Story]) -> None:
        own_id = story.own_id or story.id
        self._ids[story.location], self._files[story_id] = story_id, story.location
        if (story.id, story.own_id or story_id) != (story_id, own_id):
            story = replace(story, id=story_id, own_id=own_id)
        decided[story.location] = story

    def _get_at_path(self, story: Story, own_id: str) -> KnownStory | None:
        """Return the known story that was last seen at the path of `story`."""
        story_id = self._at_paths.get(story.path) or self._at_paths.get(own_id)
        return self._known.get(story_id) if story_id is not None else None

    def _decide_by_path(self, story: Story, own_id: str, decided: dict[str, Story]) -> bool:
        """Assign a file that is where it was, with the words that it had; return whether it is."""
        known = self._get_at_path(story, own_id)
        if known is None or not known.fingerprint or story.fingerprint != known.fingerprint:
            return False
        if known.id != self.resolve(own_id) and self.resolve(own_id) in self._known:
            return False
        self._assign(story, known.id, decided)
        self._record(story, known)
        return True

    def _record(self, story: Story, known: KnownStory) -> None:
        """Note that the path or the text of a known story is to be saved, if it is new."""
        if not story.is_persistent:
            return  # it can't be read
        is_saved = known.is_local and known.path == story.path
        if not is_saved or story.fingerprint not in ("", known.fingerprint):
            self._found[known.id] = story

    def _decide(self, decided: dict[str, Story]) -> None:
        """Assign the undecided files to known stories, the most likely pairs first."""
        before = {file: self._ids.get(file) for file in self._undecided}
        for file in self._undecided:
            self._release(file)
        pairs = sorted(pair for each in self._undecided.values() for pair in each.pairs)
        taken: dict[str, _Pair] = {}
        for pair in pairs:
            if pair.location not in taken and self._is_free(pair):
                taken[pair.location] = pair
                self._ids[pair.location], self._files[pair.story_id] = pair.story_id, pair.location
        self._find_same(pairs, taken)
        for file, (story, _, own_pairs) in sorted(self._undecided.items()):
            found = taken.get(file)
            story_id = found.story_id if found is not None else self._make_id(story)
            if story_id != before[file]:
                self._assign(story, story_id, decided)
            else:
                self._ids[file], self._files[story_id] = story_id, file
            if found is not None and found.evidence.is_firm:
                self._record(story, self._known[story_id])
            if not own_pairs or (found is not None and found.evidence.is_certain):
                del self._undecided[file]

    def _find_same(self, pairs: Sequence[_Pair], taken: dict[str, _Pair]) -> None:
        """Find stories that were read under a new path before their words were known.

        Each is one other story at most: two known ones with the same words are two.
        """
        compared: set[str] = set()
        for pair in pairs:
            found = taken.get(pair.location)
            if found is None or self._known[found.story_id].fingerprint:
                continue
            if pair.location in compared or not pair.evidence.is_equal_words:
                continue
            if self._is_free(pair):
                compared.add(pair.location)
                self._same.append((found.story_id, pair.story_id))
                self._files[pair.story_id] = pair.location

    def _is_free(self, pair: _Pair) -> bool:
        """Return whether no other file is the story of `pair`, as far as is known."""
        known = self._known[pair.story_id]
        holder = self._files.get(known.id)
        if holder is not None and holder != pair.location:
            return not os.path.lexists(holder)
        if pair.evidence.is_at_path or not known.is_local:
            return True
        if (file := str(known.path)) in self._undecided or file in self._ids:
            return True
        is_bundled = known.folder == self._undecided[pair.location].story.folder == BUNDLED
        is_gone = is_bundled or not os.path.lexists(known.path)
        return is_gone or _is_same_file(str(known.path), pair.location)

    def _make_id(self, story: Story) -> str:
        """Return the id of a story that isn't known: its own one, unless that is taken."""
        own_id = story.own_id or story.id
        for number in range(1_000_000):
            story_id = (
                (own_id, make_story_id(story.path))[number]
                if number < 2
                else _hash_path(story.path, number)
            )
            is_known = story_id in self._known or story_id in self._merged
            holder = self._files.get(story_id, story.location)
            if not is_known and (holder == story.location or not os.path.lexists(holder)):
                return story_id
        return own_id

    def needs_words(self, story: Story) -> bool:
        """Return whether the words of a story must be known to tell its id, the head is not enough."""
        own_id = story.own_id or story.id
        is_taken = self._files.get(own_id, story.location) != story.location
        return is_taken or self.may_be_known(story) or self._may_be_known_as_new(story)

    def _may_be_known_as_new(self, story: Story) -> bool:
        """Return whether a file that was just described has anything of a known story."""
        if not self._known:
            return False
        paths = story.path, simplify_path(story.path)
        return any(path in self._at_paths for path in paths) or bool(self._find_alike(story))

    def _list_pairs(self, story: Story, *, is_new: bool) -> list[_Pair]:
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
        at_path = self._get_at_path(story, own_id)
        evidence = self._compare_alike(story, is_new=is_new) if is_new or at_path is None else {}
        found = compare_at_path(story, own_id, at_path) if at_path is not None else None
        if at_path is not None and found is not None:
            if found is Evidence.PATH and at_path.fingerprint and _is_emptied(story):
                found = Evidence.REWRITTEN
            if found in (Evidence.EDITED, Evidence.REWRITTEN):
                swapped = (key for key, kind in evidence.items() if kind is Evidence.WORDS)
                evidence |= dict.fromkeys([*swapped], Evidence.SWAPPED)
            evidence[at_path.id] = found
        with_id = self._known.get(self.resolve(own_id))
        if with_id is not None and own_id != make_story_id(story.path):
            evidence[with_id.id] = Evidence.ID_AND_PATH if with_id is at_path else Evidence.ID
        indexed = self._known.get(self.resolve(story.id)) if story.id != own_id else None
        if indexed is not None and indexed.id not in evidence:
            likeness, found = compare_words(story, indexed), compare_elsewhere(story, indexed)
            kind = Evidence.SWAPPED if likeness is Likeness.EQUAL else Evidence.INDEXED
            is_other = likeness is Likeness.DIFFERENT and found is None
            evidence |= {indexed.id: kind} if not is_other else {}
        return [
            _Pair(kind, measure_difference(story, self._known[key]), story.location, key)
            for key, kind in evidence.items()
        ]

    def _compare_alike(self, story: Story, *, is_new: bool) -> dict[str, Evidence]:
        """Return the known stories with like words or titles, and why the file may be each.

        A file that was there before may only be a story of another device.
        """
        from reader.store.likeness import Evidence, compare_elsewhere

        evidence: dict[str, Evidence] = {}
        respelt = self._known.get(self._at_paths.get(simplify_path(story.path), ""))
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

            self._likeness = LikenessIndex(self._known.values())
        return [self._known[key] for key in self._likeness.find(story) if key in self._known]


def _list_path_keys(path: Path) -> tuple[Path | str, ...]:
    """Return the path, the id that a file there gives itself, and the path without its spelling."""
    return path, _hash_path(path), simplify_path(path)


def _is_same_file(one: str, other: str) -> bool:
    """Return whether two paths are links to one file, or spellings of its name."""
    try:
        return os.path.samefile(one, other)  # noqa: PTH121  they are texts
    except OSError:
        return False


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


def _hash_path(path: Path, number: int = 0) -> str:
    """Return the id that a file at a real path gives itself; with a number, another one."""
    salt = b"\0%d" % number if number else b""
    return compute_digest(os.fsencode(path) + salt, 6)
