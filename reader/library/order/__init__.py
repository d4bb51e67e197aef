"""The order of stories: by number in a numbered folder, else the newest first, then by title.

A folder is numbered if most names in it have a number: `01-intro`, `Note 2`, `chapter10`,
`Chapter 3 - The Inn`. Dates and years are no such numbers. The stories of a numbered folder, and
of the folders in it, stand together, where the newest of them would.
"""

from __future__ import annotations

import os
from bisect import bisect, bisect_left
from datetime import date
from heapq import merge
from itertools import chain, islice
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from reader.library.order.keys import (
    is_numbered,
    make_name_key,
    make_natural_key,
    make_title_key,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from reader.library.story import Story

    Details = tuple[int, str, int, str]
    Component = tuple[int, str, int, str, int, str]
    SortKey = tuple[int, int, str, int, str, tuple[Component, ...], str]
    BlockKey = tuple[int, str, int, str]


_GENERIC_STEMS: Final = frozenset({"index", "_index", "readme"})
"""Names of the text about a folder, which comes first in it and has no number."""
_DAY_FACTOR: Final = 1_000_000
"""More than there are seconds between two times of a day in different time zones."""
_MIN_NUMBERED: Final = 2
"""Numbered names that a numbered folder has at least."""
_NO_DETAILS: Final[Details] = (0, "", 0, "")
_RUN_LENGTH: Final = 500
"""Stories that are sorted in one piece. Python runs no other thread meanwhile, and the loop that
takes the keys would wait: 500 take about a millisecond."""


class _Settings(NamedTuple):
    """What stories are sorted for: the same stories have another order for other settings."""

    rank: Mapping[str, int]
    first_folder: str | None
    tops: frozenset[str]
    """The folders that were scanned."""
    today: date

    def is_same(self, other: _Settings) -> bool:
        """Return whether these are the other settings; a rank is replaced, never changed."""
        return self.rank is other.rank and self[1:] == other[1:]

    def find_position(self, location: str, folder: str) -> int:
        """Return a number that is lower for files with their own order, or in the first folder."""
        if not self.rank and self.first_folder is None:
            return 0
        return self.rank.get(location, len(self.rank) + (folder != self.first_folder))

    def make_date_key(self, story: Story) -> int:
        """Return a number that is lower the later `story` is from; 0 without a date of the past."""
        day = story.published
        if day is None or day > self.today:
            return 0
        return -(day.toordinal() * _DAY_FACTOR + story.published_seconds)

    def make_details(self, story: Story) -> Details:
        """Return what `story` is sorted by among those of an unnumbered folder."""
        title = make_title_key(story.title, story.language)
        return (
            self.make_date_key(story),
            make_title_key(story.series, story.language) if story.series else title,
            story.part,
            title,
        )


class _NumberedFolders(NamedTuple):
    """The numbered folders. Replaced as a whole: another thread may be looking at them."""

    folders: frozenset[str] = frozenset()
    roots: dict[str, str] = {}  # noqa: RUF012  a cache, and each sorting with others has its own
    """By folder: the topmost numbered folder that it is in, empty without one."""
    newest: Mapping[str, int] = {}
    """By topmost numbered folder: the date of its newest story."""
    blocks: Mapping[str, BlockKey] = {}
    """By topmost numbered folder: what its stories are sorted by among all others."""

    def find_root(self, folder: str) -> str:
        """Return the topmost numbered folder that `folder` is in, empty without one."""
        root = self.roots.get(folder)
        if root is None:
            above = os.path.dirname(folder)  # noqa: PTH120  of a text
            root = self.find_root(above) if above != folder and self.folders else ""
            root = root or (folder if folder in self.folders else "")
            self.roots[folder] = root
        return root


class StorySorter:
    """The stories of a catalog in their order. Keys are made to sort stories, and not kept.

    `sort` may run in a worker, one at a time; `iter_following` may be used meanwhile.
    """

    def __init__(self) -> None:
        self.rank: Mapping[str, int] = {}
        """The numbers of stories, by location, that have an order of their own. Replaced, never changed."""
        self.first_folder: Path | None = None
        """The folder whose stories come before all others."""
        self._ordered: list[Story] = []
        """The stories in their order. Replaced, never changed."""
        self._settings = _Settings({}, None, frozenset(), date.min)
        """What they were sorted for."""
        self._counts: dict[str, list[int]] = {}
        """By folder: how many names in it are numbered, and how many count."""
        self._numbered = _NumberedFolders(roots={})

    def sort(
        self,
        stories: Mapping[str, Story],
        changed: Collection[str],
        folders: Iterable[Path],
        today: date,
    ) -> list[Story]:
        """Return `stories` by `rank`, those without one last, and then in their natural order.

        `stories` are by location, and `changed` has the locations of those that were added,
        replaced or removed since the last sorting; the others aren't sorted again. `folders` are
        the ones that were scanned. A date after `today` counts as none, so that its story isn't
        always first.
        """
        first = str(self.first_folder) if self.first_folder is not None else None
        settings = _Settings(self.rank, first, frozenset(map(str, folders)), today)
        ordered = self._ordered
        if not settings.is_same(self._settings):
            self._settings, ordered, changed = settings, [], stories.keys()
            self._counts.clear()
        if not changed:
            self._ordered = ordered
            return [*ordered]
        ordered, new = self._replace(ordered, stories, changed)
        moved = self._find_numbered_folders(ordered, new)
        if moved:
            roots = [self._numbered.find_root(_get_folder(each)) for each in ordered]
            pairs = [*zip(ordered, roots, strict=True)]
            ordered = [each for each, root in pairs if root not in moved]
            new += [each for each, root in pairs if root in moved]
        self._ordered = self._insert(ordered, new) if new else ordered
        return [*self._ordered]

    def _replace(
        self, ordered: Sequence[Story], stories: Mapping[str, Story], changed: Collection[str]
    ) -> tuple[list[Story], list[Story]]:
        """Return the stories that keep their places, and those that need one.

        A story of which only the words are new keeps its place. New names are counted.
        """
        kept: list[Story] = []
        known: set[str] = set()
        new: list[Story] = []
        for story in ordered:
            if story.location not in changed:
                kept.append(story)
                continue
            now = stories.get(story.location)
            if now is not None:
                known.add(story.location)
                (kept if _has_same_place(story, now) else new).append(now)
        uncounted = [stories[each] for each in changed if each in stories and each not in known]
        new += uncounted
        if len(kept) + len(new) != len(ordered) + len(uncounted):  # names are gone
            self._counts.clear()
            uncounted = [*kept, *new]
        for story in uncounted:
            self._count_name(*_split_path(story))
        return kept, new

    def _insert(self, ordered: Sequence[Story], new: Sequence[Story]) -> list[Story]:
        """Return `ordered`, which are in their order, with the new stories in their places."""
        if len(new) * len(ordered).bit_length() >= len(ordered):  # to search them takes longer
            return _sort_in_runs([*ordered, *new], self._make_key)
        merged: list[Story] = []
        start = 0
        for story in sorted(new, key=self._make_key):
            place = bisect(ordered, self._make_key(story), start, key=self._make_key)
            merged += ordered[start:place]
            merged.append(story)
            start = place
        merged += ordered[start:]
        return merged

    def iter_following(self, story: Story) -> Iterator[Story]:
        """Yield the stories that follow `story` in its numbered folder, or in the first folder.

        In the first folder, those before it come after them. All of such a folder stand together,
        so that only those are looked at that are asked for.
        """
        ordered, folder = self._ordered, _get_folder(story)
        if self.first_folder is not None and folder == str(self.first_folder):
            yield from self._iter_first_folder(story, ordered)
        elif self._numbered.find_root(folder) and not self.rank:
            end = bisect(ordered, self._make_block_key(story), key=self._make_block_key)
            yield from islice(ordered, self._find_index(story, ordered) + 1, end)

    def _make_block_key(self, story: Story) -> tuple[object, ...]:
        """Return the beginning of its key, which all stories of a numbered folder have."""
        return self._make_key(story)[:5]

    def _iter_first_folder(self, story: Story, ordered: Sequence[Story]) -> Iterator[Story]:
        """Yield the other stories of the first folder, beginning after `story`."""
        position, folder = len(self.rank), _get_folder(story)

        def get_position(other: Story) -> int:
            return self._settings.find_position(other.location, _get_folder(other))

        start = bisect_left(ordered, position, key=get_position)
        end = bisect(ordered, position, key=get_position)
        index = min(self._find_index(story, ordered), end)
        for number in chain(range(index + 1, end), range(start, index)):
            if _get_folder(ordered[number]) == folder:
                yield ordered[number]

    def _find_index(self, story: Story, ordered: Sequence[Story]) -> int:
        """Return where a story is; the number of all if it is nowhere."""
        index = bisect_left(ordered, self._make_key(story), key=self._make_key)
        if index < len(ordered) and ordered[index].location == story.location:
            return index
        # It may have been replaced by one with another title since.
        file = story.location
        places = (number for number, other in enumerate(ordered) if other.location == file)
        return next(places, len(ordered))

    def _count_name(self, folder: str, name: str) -> None:
        """Count a new name in `folder`; a folder counts in the one above, up to a scanned one."""
        counts = self._counts.get(folder)
        if counts is None:
            counts, tops = [0, 0], self._settings.tops
            self._counts[folder] = counts
            if folder not in tops and any(folder.startswith(top) for top in tops):
                self._count_name(*os.path.split(folder))
        stem = _get_stem(name)
        if not _is_generic(stem):
            counts[0] += is_numbered(stem)
            counts[1] += 1

    def _find_numbered_folders(
        self, ordered: Sequence[Story], new: Sequence[Story]
    ) -> frozenset[str]:
        """Find the numbered folders and their newest dates.

        Return the topmost numbered folders, as they are now, whose stories need other places. The
        empty text among them stands for stories that are in none.
        """
        numbered = frozenset(
            folder
            for folder, (numbers, names) in self._counts.items()
            if numbers >= _MIN_NUMBERED and 2 * numbers > names
        )
        before, after = self._numbered, self._numbered
        moved: set[str] = set()
        if numbered != before.folders:
            after = _NumberedFolders(numbered, {})
            differing = numbered ^ before.folders
            for folder in {_get_folder(each) for each in ordered}:
                old, root = before.find_root(folder), after.find_root(folder)
                if old != root or folder in differing:
                    moved.add(root)
        newest: dict[str, int] = {}
        roots = after.roots
        for each in chain(ordered, new) if numbered else ():
            folder = _get_folder(each)
            if root := roots[folder] if folder in roots else after.find_root(folder):
                date_key = self._settings.make_date_key(each)
                if date_key < newest.setdefault(root, 0):
                    newest[root] = date_key
        known = before.newest
        moved |= {root for root in newest if newest[root] != known.get(root, newest[root])}
        blocks = {root: _make_root_key(root, date_key) for root, date_key in newest.items()}
        self._numbered = after._replace(newest=newest, blocks=blocks)
        return frozenset(moved)

    def _make_key(self, story: Story) -> SortKey:
        """Return the key of a story: its own, or its way down from its numbered folder."""
        settings, numbered, file = self._settings, self._numbered, story.location
        folder = _get_folder(story)
        position = settings.find_position(file, folder)
        root = numbered.find_root(folder) if numbered.folders else ""
        if not root:
            return position, *settings.make_details(story), (), file
        way: list[Component] = []
        if folder != root:
            names = folder[len(root) :].split(os.sep)[1:]  # noqa: PTH206  faster than a Path
            way += [(1, make_natural_key(name), *_NO_DETAILS) for name in names]
        if folder in numbered.folders:
            stem = _get_stem(_split_path(story)[1])
            way.append((0 if _is_generic(stem) else 1, make_name_key(stem), *_NO_DETAILS))
        else:
            way.append((0, "", *settings.make_details(story)))
        return position, *numbered.blocks[root], tuple(way), file


def _make_root_key(root: str, newest: int) -> BlockKey:
    """Return what the stories of a topmost numbered folder are sorted by among all others."""
    name = make_natural_key(os.path.basename(root))  # noqa: PTH119  of a text
    return newest, name, 0, make_natural_key(root)


def _get_folder(story: Story) -> str:
    return _split_path(story)[0]


def _split_path(story: Story) -> tuple[str, str]:
    """Return the folder of a story's file, and its name: a tenth of the time of `os.path.split`."""
    folder, separator, name = story.location.rpartition(os.sep)
    return folder or separator, name


def _get_stem(name: str) -> str:
    """Return a name without its suffix, as `os.path.splitext` does; dots at its start begin none."""
    stem = name.rpartition(".")[0]
    return stem if stem.strip(".") else name


def _has_same_place(one: Story, other: Story) -> bool:
    """Return whether two stories of one file have the same place among all others."""
    return _get_placing(one) == _get_placing(other)


_get_placing: Final = attrgetter("title", "published", "published_seconds", "series", "part")


def _sort_in_runs(stories: Sequence[Story], make_key: Callable[[Story], SortKey]) -> list[Story]:
    """Return `stories` by their keys, sorted so that other threads run meanwhile."""
    # A story is the last of its own key, which its path before it makes unique: a pair of both
    # would take more memory, while there are keys of all stories.
    runs: list[list[tuple[Any, ...]]] = []
    for start in range(0, len(stories), _RUN_LENGTH):
        run = sorted([(*make_key(each), each) for each in stories[start : start + _RUN_LENGTH]])
        if runs and runs[-1][-1] < run[0]:  # as in a folder, whose files come by their names
            runs[-1] += run
        else:
            runs.append(run)
    return [key[-1] for key in merge(*runs)]


def _is_generic(stem: str) -> bool:
    return stem.lower() in _GENERIC_STEMS
