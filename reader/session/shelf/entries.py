"""The entries of the shelf: what the reader sees of each story, and the orders they can be put in.

Stories with the same title are told apart by the ends of their paths, wherever stories are listed.
"""

from __future__ import annotations

import os
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from reader.config import SORTS
from reader.library.files import find_path_end, join_path
from reader.library.order.keys import make_natural_key, make_title_key
from reader.local_time import get_today
from reader.paths import find_path_lengths
from reader.reading.progress import (
    DEFAULT_PACE,
    ReadStatus,
    count_range_words,
    estimate_minutes,
    format_unread_time,
)
from reader.store.stories import NO_LABELS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from reader.library.scan import Folder
    from reader.library.story import Story
    from reader.store.repository import StoryState
    from reader.store.stories import Labels


class ShelfView(NamedTuple):
    """What the reader chose to see of the stories."""

    sort: str = SORTS[0]
    """One of `SORTS`."""
    shows_drafts: bool = False
    shows_hidden: bool = False
    hidden: frozenset[str] = frozenset()
    """The ids of the stories that the reader has hidden."""
    labels: Mapping[str, Labels] = {}
    """The stars and tags of stories, by id."""
    folded: frozenset[str] = frozenset()
    """The names of the sections that are folded."""
    folders: tuple[Folder, ...] = ()
    """The folders of the library, by their real paths."""
    sorts: Mapping[str, str] = {}
    """The orders that were chosen for the sections of some folders, by the paths of these."""

    def shows(self, story: Story) -> bool:
        """Return whether the shelf lists `story`."""
        is_wanted = self.shows_drafts or not story.is_draft
        return is_wanted and (self.shows_hidden or story.id not in self.hidden)

    def find_library_folder(self, path: str) -> Folder | None:
        """Return the folder of the library that the folder at `path` is, or is in."""
        inside = (
            each
            for each in self.folders
            if path == str(each.path) or path.startswith(f"{each.path}{os.sep}")
        )
        return max(inside, key=lambda each: len(str(each.path)), default=None)

    def find_sort(self, folder: str) -> str:
        """Return the order of the section of a folder, by its path; empty if it is `suggested`."""
        sort = self.sorts.get(folder) or self.find_default_sort(folder)
        return "" if sort == SORTS[0] else sort

    def find_default_sort(self, folder: str) -> str:
        """Return the order that the section of a folder has until another one is chosen."""
        library = self.find_library_folder(folder)
        return (library.sort if library is not None else "") or SORTS[0]

    def offers(self, story: Story) -> bool:
        """Return whether `story` may be suggested: no draft is, and no hidden one."""
        return not story.is_draft and story.id not in self.hidden

    def find_offered(self) -> Callable[[Story], bool] | None:
        """Return what tells which of the stories that it shows may be suggested; None if all may."""
        return self.offers if self.shows_hidden or self.shows_drafts else None

    def mark(self, entry: ShelfEntry) -> ShelfEntry:
        """Return `entry`, marked if the reader has hidden its story."""
        is_hidden = entry.story.id in self.hidden
        return entry._replace(is_hidden=True) if is_hidden else entry


class ShelfGroup(StrEnum):
    """The groups of the shelf, in their order."""

    CONTINUE = "Continue"
    UNREAD = "Unread"
    FINISHED = "Finished"


_GROUPS: Final = {
    ReadStatus.READING: ShelfGroup.CONTINUE,
    ReadStatus.UNREAD: ShelfGroup.UNREAD,
    ReadStatus.FINISHED: ShelfGroup.FINISHED,
}


class ShelfEntry(NamedTuple):
    """A story on the shelf and the reader's progress with it."""

    story: Story
    status: ReadStatus
    progress: float
    """Words read of all words, 0 to 1; 1 for a finished story."""
    words_left: int
    """Words not read yet; 0 for a finished story."""
    last_read: int
    """A counter that is higher the later the story was read; 0 if it never was."""
    pace: int = DEFAULT_PACE
    """The reader's pace in the story's language, in words per minute."""
    labels: Labels = NO_LABELS
    is_hidden: bool = False
    """The reader has hidden the story, and sees it all the same."""

    @property
    def group(self) -> ShelfGroup:
        """The group in which the shelf shows the story."""
        return _GROUPS[self.status]

    def is_of(self, story: Story, pace: int, labels: Labels) -> bool:
        """Return whether this is the entry of `story`, unread, with this pace and labels.

        It isn't if the story is hidden.
        """
        is_unread = self.status is ReadStatus.UNREAD and not self.progress and not self.last_read
        is_unread = is_unread and not self.is_hidden
        return is_unread and self.story is story and (self.pace, self.labels) == (pace, labels)

    @property
    def minutes(self) -> int:
        """The reading time of the whole story in minutes, 1 or more."""
        return estimate_minutes(self.story.words, self.pace)

    @property
    def minutes_left(self) -> int:
        """The reading time of the words left in minutes; 0 for a finished story."""
        if self.status is ReadStatus.FINISHED:
            return 0
        return estimate_minutes(self.words_left, self.pace)

    @property
    def unread_time(self) -> str:
        """The reading time of the words left, as text; empty for a finished story."""
        if self.status is ReadStatus.FINISHED:
            return ""
        return format_unread_time(self.words_left, self.pace)


def make_entry(
    story: Story, state: StoryState, pace: int = DEFAULT_PACE, labels: Labels = NO_LABELS
) -> ShelfEntry:
    """Return the shelf entry of a story, for a reader with this pace (words per minute)."""
    words = story.words or state.word_count
    if state.status is ReadStatus.FINISHED:
        return ShelfEntry(story, state.status, 1.0, 0, state.last_read, pace, labels)
    if not state.ranges:  # as of most stories, which share the number 0.0 then
        return ShelfEntry(story, state.status, 0.0, words, state.last_read, pace, labels)
    read = min(count_range_words(state.ranges), words)
    progress = read / words if words else 0.0
    return ShelfEntry(story, state.status, progress, words - read, state.last_read, pace, labels)


def is_same_story(one: Story, other: Story) -> bool:
    """Return whether these are one story, perhaps in a folder that was renamed."""
    if one.location == other.location or one.id == other.id:
        return True
    names = one.path.name, other.path.name
    return (one.title, one.author, names[0]) == (other.title, other.author, names[1])


def sort_entries(entries: Sequence[ShelfEntry]) -> list[ShelfEntry]:
    """Return the entries in the shelf's order: Continue, Unread, Finished.

    Unread stories keep their order. In the other groups the story read last comes first.
    """
    groups = split_groups(entries)
    return [entry for group in ShelfGroup for entry in groups[group]]


def split_groups(entries: Sequence[ShelfEntry]) -> dict[ShelfGroup, list[ShelfEntry]]:
    """Return the entries of each group, in its order: see `sort_entries`."""
    groups: dict[ShelfGroup, list[ShelfEntry]] = {group: [] for group in ShelfGroup}
    for entry in entries:
        groups[_GROUPS[entry.status]].append(entry)
    for group in (ShelfGroup.CONTINUE, ShelfGroup.FINISHED):
        groups[group].sort(key=lambda entry: -entry.last_read)
    return groups


def sort_by(entries: Sequence[ShelfEntry], sort: str) -> list[ShelfEntry]:
    """Return `entries` in one of `SORTS`; equal ones stay in their order."""
    return sort_entries(entries) if sort == "suggested" else sorted(entries, key=_SORT_KEYS[sort])


def _make_newest_key(entry: ShelfEntry) -> tuple[bool, int, int]:
    """Return a key that puts undated stories last, and those of the future with them."""
    day = entry.story.published
    if day is None or day > get_today():
        return True, 0, 0
    return False, -day.toordinal(), -entry.story.published_seconds


_SORT_KEYS: Final[dict[str, Callable[[ShelfEntry], Any]]] = {
    "newest": _make_newest_key,
    "title": lambda entry: make_title_key(entry.story.title, entry.story.language),
    "author": lambda entry: (not entry.story.author, make_natural_key(entry.story.author)),
    "length": lambda entry: (not entry.story.words, entry.story.words),
    "shortest-left": lambda entry: (
        entry.status is ReadStatus.FINISHED or not entry.words_left,
        entry.words_left,
    ),
    "recently-read": lambda entry: -entry.last_read,
    "path": lambda entry: make_natural_key(entry.story.location),
}


WORD_SORTS: Final = ("length", "shortest-left")
"""Orders in which the place of a story depends on the number of its words."""


def list_fitting(entries: Sequence[ShelfEntry], minutes: int) -> list[ShelfEntry]:
    """Return the stories that can be finished in so many minutes, the longest first.

    They are unread or begun; a begun one comes before an unread one that takes as long.
    """
    fitting = [
        entry
        for entry in entries
        if entry.status is not ReadStatus.FINISHED
        and entry.story.is_readable
        and entry.words_left
        and entry.minutes_left <= minutes
    ]
    return sorted(
        fitting, key=lambda entry: (-entry.minutes_left, entry.status is ReadStatus.UNREAD)
    )


def list_choosable(entries: Sequence[ShelfEntry], current: Story | None) -> list[Story]:
    """Return the stories of which one can be chosen at random, all but the current one.

    They are the unread ones; without any, those that were begun, or else the finished ones.
    """
    others = [
        entry
        for entry in entries
        if entry.story.is_readable and (current is None or entry.story.location != current.location)
    ]
    for status in ReadStatus:
        if stories := [entry.story for entry in others if entry.status is status]:
            return stories
    return []


class TitleFacts(NamedTuple):
    """What all titles and authors of a shelf say about how one is drawn."""

    shows_authors: bool = False
    """Authors are shown if they tell stories apart."""
    path_lengths: Mapping[str, int] = {}
    """What `find_path_lengths` returns for the stories."""

    def find_path(self, story: Story) -> str:
        """Return the end of a story's path, sanitised, if another story has its title; else ''."""
        return find_path_end(story.location, self.path_lengths)

    def name_story(self, story: Story) -> str:
        """Return the title of a story, and the end of its path if another one has that title."""
        return join_path(story.title, self.find_path(story))


def find_facts(stories: Iterable[Story]) -> TitleFacts:
    """Return what the titles and authors of all stories of a shelf say."""
    shown = [*stories]
    lengths = find_path_lengths([(story.location, story.title) for story in shown])
    return TitleFacts(len({story.author for story in shown}) > 1, lengths)
