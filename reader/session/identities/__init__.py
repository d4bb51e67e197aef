"""Decide which known story each file is: by its front matter, its path, its words, its title.

A story is known once it has reading data, and keeps its id. Other files have the id that the
front matter gives, else one made of the path; nothing is stored about them. So a library of any
size costs as little as what was read of it, and commands that only read need to store nothing.

Paths and ids of unchanged files come from the index, so a start compares few texts. The words of
other files are compared when they are described, with those of stories whose file is missing or
was changed, too.
"""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from reader.library.describing import make_story_id
from reader.library.files import BUNDLED
from reader.session.identities.known_index import KnownIndex, hash_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from reader.library.story import Story
    from reader.session.identities.known_index import Pair
    from reader.store.stories import KnownStory


Rival: TypeAlias = "tuple[Story, bool]"
"""What is in a file that tells whether another one was copied or moved; whether it was just read."""


class _Undecided(NamedTuple):
    """A file that may be one of several known stories."""

    story: Story
    is_new: bool
    """It was just described."""
    pairs: Sequence[Pair]
    is_settled: bool = False
    """It was there when all files were described, perhaps as a copy of a known story."""


class Identities:
    """The known stories, and which file is which of them."""

    def __init__(self) -> None:
        self._known = KnownIndex()
        self.resolve, self.list_known = self._known.resolve, self._known.list_all
        self.has_merged, self.may_be_known = self._known.has_merged, self._known.may_be_known
        self._files: dict[str, str] = {}
        """The location of the file that each id belongs to in this session."""
        self._ids: dict[str, str] = {}
        """The reverse, for files that are known stories or were compared with them."""
        self._undecided: dict[str, _Undecided] = {}
        """Files whose story may still turn out to be another one."""
        self._strangers: dict[str, Story] = {}
        """Described files that `list_rivals` found to have nothing of a known story."""
        self._found: dict[str, Story] = {}
        self._same: list[tuple[str, str]] = []

    def update(self, changed: Iterable[KnownStory]) -> None:
        """Take over stories that were added to the store, or changed there."""
        self._known.update(changed)
        self._strangers.clear()
        self._undecided = {
            file: each._replace(pairs=self._known.list_pairs(each.story, is_new=each.is_new))
            for file, each in self._undecided.items()
        }

    def take_found(self) -> dict[str, Story]:
        """Return once the known stories, by id, whose new path or text is to be saved."""
        found, self._found = self._found, {}
        return found

    def settle(self) -> None:
        """Take rewritten files for the stories at their paths, as no other file will turn up.

        From now on files that are described anew come before those that are still undecided.
        """
        for file, undecided in self._undecided.items():
            known = self._known.get(self._ids[file])
            if known is not None:
                self._record(undecided.story, known)
        self._undecided = {
            file: undecided._replace(is_settled=True) for file, undecided in self._undecided.items()
        }

    def take_same(self) -> list[tuple[str, str]]:
        """Return once the pairs of ids of known stories that turned out to be one."""
        same, self._same = self._same, []
        return same

    def identify(
        self,
        stories: Iterable[Story],
        *,
        are_new: bool,
        is_thorough: bool = False,
        rivals: Iterable[Rival] = (),
    ) -> list[Story]:
        """Return `stories` with their ids, and others whose ids are different now.

        Those that `are_new` were just described. The others are as in the index: they were
        there before, and take the place of no story of this device whose file is missing. That
        they may be stories of other devices is looked at only if `is_thorough`.
        `rivals` are what is in the files of `list_rivals`, and whether each was just described.
        """
        decided: dict[str, Story] = {}
        strangers: list[Story] = []
        for story in stories:
            is_stranger = self._strangers.pop(story.location, None) is story
            is_open = not is_stranger and self._known.has_evidence(story, are_new=are_new)
            is_open = is_open or is_thorough
            own_id = story.own_id or story.id
            if not is_open and self._files.setdefault(own_id, story.location) == story.location:
                strangers.append(story)  # as most are
                continue
            self._enter(story, decided, is_new=are_new)
        for story, is_new in rivals:
            if is_new or story.location not in self._undecided:
                self._enter(story, decided, is_new=is_new)
        if self._undecided:
            self._decide(decided)
        return [*strangers, *decided.values()]

    def _enter(self, story: Story, decided: dict[str, Story], *, is_new: bool) -> None:
        """Assign a file that is where it was, or add it to those that are to be decided."""
        self._forget(story.location)
        known = self._known.get_unchanged(story)
        if known is not None:
            self._assign(story, known.id, decided)
            self._record(story, known)
        else:
            pairs = self._known.list_pairs(story, is_new=is_new)
            self._undecided[story.location] = _Undecided(story, is_new, pairs)

    def list_rivals(self, stories: Iterable[Story], seen: set[str], *, are_new: bool) -> list[str]:
        """Return files, none of them `seen`, of which known stories may have moved to `stories`.

        They are added to `seen`. A file with the words of a story that was elsewhere is a copy,
        unless that one's file has other words by now: two files may have swapped their names.
        """
        rivals: list[str] = []
        for story in stories if len(self._known) else ():
            if not self._known.has_evidence(story, are_new=are_new):
                if are_new:
                    self._strangers[story.location] = story
                continue
            seen.add(story.location)
            if self._known.get_unchanged(story) is not None:
                continue
            for pair in self._known.list_pairs(story, is_new=are_new):
                for file in self._list_files(self._known[pair.story_id]) - seen:
                    seen.add(file)
                    if os.path.lexists(file) and not _is_same_file(file, story.location):
                        rivals.append(file)
        return rivals

    def _list_files(self, known: KnownStory) -> set[str]:
        """Return where a known story is in this session, and where it was when it was saved."""
        if known.folder == BUNDLED:
            return set()
        held = self._files.get(known.id)
        return {*([held] if held else []), *([str(known.path)] if known.is_local else [])}

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
        known = list(self._known.list_all())
        return [each for each in known if not each.is_local and each.id not in self._files]

    def is_rewritten(self, story: Story) -> bool:
        """Return whether the known story at a file's path had other words than the file has."""
        from reader.store.likeness import Evidence, compare_at_path

        known = self._known.get_at_path(story)
        if known is None or not known.fingerprint:
            return False
        own_id = story.own_id or story.id
        return compare_at_path(story, own_id, known) in (Evidence.REWRITTEN, None)

    def may_have_moved(self, path: Path) -> bool:
        """Return whether the file at `path` may be another known story than the one at its path.

        A changed file may have taken the name of another one.
        """
        has_words = self._known.has_words_at(path)
        if has_words is not None:
            return has_words and len(self._known) > 1
        return any(
            each.id not in self._files and not (each.is_local and os.path.lexists(each.path))
            for each in self._known.list_all()
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
        pairs = self._list_pairs(before)
        taken: dict[str, Pair] = {}
        for pair in pairs:
            if pair.location not in taken and self._is_free(pair):
                taken[pair.location] = pair
                self._ids[pair.location], self._files[pair.story_id] = pair.story_id, pair.location
        self._find_same(pairs, taken)
        for file, (story, _, own_pairs, _) in sorted(self._undecided.items()):
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

    def _list_pairs(self, before: Mapping[str, str | None]) -> list[Pair]:
        """Return the pairs of all undecided files, the most likely first.

        Last come copies that were there before. `before` has the ids of the files until now.
        """

        def make_key(pair: Pair) -> tuple[bool, Pair]:
            is_other = before[pair.location] != pair.story_id
            return (self._undecided[pair.location].is_settled and is_other, pair)

        pairs = (pair for each in self._undecided.values() for pair in each.pairs)
        return sorted(pairs, key=make_key)

    def _find_same(self, pairs: Sequence[Pair], taken: dict[str, Pair]) -> None:
        """Find stories that were read under a new path before their words were known.

        Each is one other story at most: two known ones with the same words are two.
        """
        compared: set[str] = set()
        for pair in pairs:
            found = taken.get(pair.location)
            if found is None or self._known[found.story_id].fingerprint:
                continue
            if not pair.evidence.is_equal_words or {pair.location, pair.story_id} & compared:
                continue
            if self._is_free(pair):
                compared |= {pair.location, pair.story_id}
                self._same.append((found.story_id, pair.story_id))
                self._files[pair.story_id] = pair.location

    def _is_free(self, pair: Pair) -> bool:
        """Return whether no other file is the story of `pair`, as far as is known."""
        known = self._known[pair.story_id]
        holder = self._get_holder(known.id, pair.location)
        if holder != pair.location:
            return not os.path.lexists(holder)
        if pair.evidence.is_at_path or not known.is_local:
            return True
        if (file := str(known.path)) in self._undecided or file in self._ids:
            return True
        is_bundled = known.folder == self._undecided[pair.location].story.folder == BUNDLED
        is_gone = is_bundled or not os.path.lexists(known.path)
        return is_gone or _is_same_file(str(known.path), pair.location)

    def _get_holder(self, story_id: str, location: str) -> str:
        """Return the file that has that id in this session; `location` if there is none."""
        holder = self._files.get(story_id, location)
        # A file without anything of a known story may have become one since, or is compared now.
        is_current = self._ids.get(holder, story_id) == story_id
        is_compared = holder in self._undecided and holder not in self._ids
        return holder if is_current and not is_compared else location

    def _make_id(self, story: Story) -> str:
        """Return the id of a story that isn't known: its own one, unless that is taken."""
        own_id = story.own_id or story.id
        for number in range(1_000_000):
            story_id = (
                (own_id, make_story_id(story.path))[number]
                if number < 2
                else hash_path(story.path, number)
            )
            is_known = story_id in self._known or self._known.is_merged(story_id)
            holder = self._get_holder(story_id, story.location)
            if not is_known and (holder == story.location or not os.path.lexists(holder)):
                return story_id
        return own_id

    def needs_words(self, story: Story) -> bool:
        """Return whether the words of a story must be known to tell its id, the head is not enough."""
        own_id = story.own_id or story.id
        is_taken = self._files.get(own_id, story.location) != story.location
        return is_taken or self.may_be_known(story) or self._known.may_be_known_as_new(story)


class RivalSearch:
    """Looks for the files that tell whether some stories were copied or moved.

    What is in them may be in others as well: names can go round. While there are `paths`, `add`
    takes the stories that are in these files.
    """

    def __init__(self, identities: Identities, stories: Iterable[Story], *, are_new: bool) -> None:
        self._identities = identities
        self._seen: set[str] = set()
        self.rivals: list[Rival] = []
        """What was found, for `Identities.identify`."""
        self.paths = identities.list_rivals(stories, self._seen, are_new=are_new)

    def add(self, rivals: Sequence[Rival]) -> None:
        """Take what is in the files at `paths`, and set `paths` to the next ones."""
        self.rivals += rivals
        self.paths = [
            path
            for story, is_new in rivals
            for path in self._identities.list_rivals([story], self._seen, are_new=is_new)
        ]


def _is_same_file(one: str, other: str) -> bool:
    """Return whether two paths are links to one file, or spellings of its name."""
    try:
        return os.path.samefile(one, other)  # noqa: PTH121  they are texts
    except OSError:
        return False
