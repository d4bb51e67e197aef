"""The order of stories: by number in a numbered folder, else the newest first, then by title.

A folder is numbered if most names in it have a number: `01-intro`, `Note 2`, `chapter10`,
`Chapter 3 - The Inn`. Dates and years are no such numbers. The stories of a numbered folder, and
of the folders in it, stand together, where the newest of them would.
"""

from __future__ import annotations

import os
import re
import sys
from bisect import insort
from functools import lru_cache
from heapq import merge
from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING, Final, NamedTuple
from unicodedata import decimal, normalize

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from reader.library.story import Story

    Details = tuple[int, str, int, str]
    Component = tuple[int, str, Details]
    SortKey = tuple[int, Details, tuple[Component, ...], str]


_GENERIC_STEMS: Final = frozenset({"index", "_index", "readme"})
"""Names of the text about a folder, which comes first in it and has no number."""
_DATE: Final = re.compile(r"\W*[12]\d{3}(?:\D|\Z|[01]\d[0-3]\d(?:\D|\Z))|.*\D[12]\d{3}\W*\Z")
"""A name that begins with a date or a year, or ends with a year."""
_NUMBERED: Final = re.compile(r"(?:\W|_)*第?\d|[^\W\d_]+[\W_]*\d+(?:[^\w]|_)|.*\d(?:\W|_)*\Z")
"""A name that begins or ends with a number, or begins with a word and a number."""
_SPACES: Final = re.compile(r"[\s_-]+")
_NUMBER: Final = re.compile(r"\d+")
_DAY_FACTOR: Final = 1_000_000
"""More than there are seconds between two times of a day in different time zones."""
_MAX_INSERTED: Final = 500
"""New stories that are put in their places one by one; more are sorted with the others."""
_MIN_NUMBERED: Final = 2
"""Numbered names that a numbered folder has at least."""
_NO_DETAILS: Final[Details] = (0, "", 0, "")
_RUN_LENGTH: Final = 500
"""Stories that are sorted in one piece. Python runs no other thread meanwhile, and the loop that
takes the keys would wait: 500 take about a millisecond."""


class _StoryKeys:
    """What one story is sorted by."""

    __slots__ = ("details", "folder", "key", "path", "position", "story")

    def __init__(self, story: Story, today: date, position: int) -> None:
        published = story.published
        is_past = published is not None and published <= today
        title = make_title_key(story.title)
        self.story = story
        self.position = position
        self.path = str(story.path)
        self.folder = sys.intern(os.path.dirname(self.path))  # noqa: PTH120  faster than a Path
        self.details: Details = (
            _make_date_key(published, story.published_seconds) if published and is_past else 0,
            make_title_key(story.series) if story.series else title,
            story.part,
            title,
        )
        self.key: SortKey = (position, self.details, (), self.path)

    @property
    def stem(self) -> str:
        """The name of the file without its suffix."""
        name = self.path[len(self.folder) :].lstrip(os.sep)
        return os.path.splitext(name)[0]  # noqa: PTH122  faster than a Path


class _Blocks(NamedTuple):
    """The numbered folders. Replaced as a whole: another thread may be looking at them."""

    numbered: frozenset[str] = frozenset()
    roots: dict[str, str] = {}  # noqa: RUF012  a cache, and each sorting with others has its own
    """By folder: the topmost numbered folder that it is in, empty without one."""

    def find_root(self, folder: str) -> str:
        """Return the topmost numbered folder that `folder` is in, empty without one."""
        root = self.roots.get(folder)
        if root is None:
            above = os.path.dirname(folder)  # noqa: PTH120  of a text
            root = self.find_root(above) if above != folder and self.numbered else ""
            root = root or (folder if folder in self.numbered else "")
            self.roots[folder] = root
        return root


class StorySorter:
    """The stories of a catalog in their order. The keys of each are computed once.

    `sort` may run in a worker, one at a time; `list_following` may be called meanwhile.
    """

    def __init__(self) -> None:
        self.rank: Mapping[Path, int] = {}
        """The numbers of stories that have an order of their own. Replaced, never changed."""
        self.first_folder: Path | None = None
        """The folder whose stories come before all others."""
        self._keys: dict[Path, _StoryKeys] = {}
        self._ordered: list[_StoryKeys] = []
        """In the order of the stories."""
        self._settings: tuple[int, frozenset[str], date, Path | None] | None = None
        """What the keys were made for: the rank, the scanned folders, the day, the first folder."""
        self._tops: frozenset[str] = frozenset()
        self._counts: dict[str, list[int]] = {}
        """By folder: how many names in it are numbered, and how many count."""
        self._blocks = _Blocks(roots={})
        self._newest: dict[str, int] = {}
        """By topmost numbered folder: the date of its newest story."""

    def sort(
        self,
        stories: Mapping[Path, Story],
        changed: Collection[Path],
        folders: Iterable[Path],
        today: date,
    ) -> list[Story]:
        """Return `stories` by `rank`, those without one last, and then in their natural order.

        `changed` are the paths of those that were added, replaced or removed since the last
        sorting; the others aren't sorted again. `folders` are the ones that were scanned. A date
        after `today` counts as none, so that its story isn't always first.
        """
        rank, first = self.rank, self.first_folder
        tops = frozenset(map(str, folders))
        settings = (id(rank), tops, today, first)
        ordered = self._ordered
        if settings != self._settings:
            self._settings, self._tops = settings, tops
            self._keys, ordered, changed = {}, [], set(stories)
            self._counts.clear()
        ordered = self._drop(changed, ordered)
        paths = changed if len(changed) <= _MAX_INSERTED else stories  # which are nearly in order
        new = [
            _StoryKeys(stories[path], today, self._find_position(path))
            for path in paths
            if path in changed and path in stories
        ]
        self._keys |= {each.story.path: each for each in new}
        for each in new:
            self._count_name(each.folder, each.stem)
        moved = self._find_blocks(ordered, new)
        if moved:
            ordered = [each for each in ordered if self._blocks.find_root(each.folder) not in moved]
            kept = {id(each) for each in ordered}
            new = [each for each in self._keys.values() if id(each) not in kept]
        for each in new:
            each.key = self._make_key(each)
        if len(new) > _MAX_INSERTED:
            ordered = _sort_in_runs([*ordered, *new])
        else:
            for each in new:
                insort(ordered, each, key=_get_key)
        self._ordered = ordered
        return [each.story for each in ordered]

    def _find_position(self, path: Path) -> int:
        """Return a number that is lower for files with their own order, or in the first folder."""
        if not self.rank and self.first_folder is None:
            return 0
        return self.rank.get(path, len(self.rank) + (path.parent != self.first_folder))

    def list_following(self, story: Story) -> list[Story]:
        """Return the stories that follow `story` in its numbered folder, or in the first folder.

        In the first folder, those before it come after them.
        """
        folder, blocks = str(story.path.parent), self._blocks
        if story.path.parent == self.first_folder:
            inside = [each for each in self._ordered if each.folder == folder]
        elif (root := blocks.find_root(folder)) and not self.rank:
            folders = {name for name, its_root in [*blocks.roots.items()] if its_root == root}
            inside = [each for each in self._ordered if each.folder in folders]
        else:
            return []
        stories = [each.story for each in inside]
        paths, path = [each.path for each in inside], str(story.path)
        index = paths.index(path) if path in paths else len(paths)
        is_first = story.path.parent == self.first_folder
        return stories[index + 1 :] + (stories[:index] if is_first else [])

    def _drop(self, paths: Collection[Path], ordered: Sequence[_StoryKeys]) -> list[_StoryKeys]:
        """Drop the keys of replaced and removed stories, with the names that are gone."""
        if dropped := {path for path in paths if path in self._keys}:
            self._keys = {path: each for path, each in self._keys.items() if path not in dropped}
            ordered = [each for each in ordered if each.story.path not in dropped]
            self._counts.clear()
            for each in ordered:
                self._count_name(each.folder, each.stem)
        return [*ordered]

    def _count_name(self, folder: str, stem: str) -> None:
        """Count a new name in `folder`; a folder counts in the one above, up to a scanned one."""
        counts = self._counts.get(folder)
        if counts is None:
            counts = self._counts[folder] = [0, 0]
            above, name = os.path.split(folder)
            if folder not in self._tops and any(folder.startswith(top) for top in self._tops):
                self._count_name(above, name)
        if not _is_generic(stem):
            counts[0] += is_numbered(stem)
            counts[1] += 1

    def _find_blocks(
        self, ordered: Iterable[_StoryKeys], new: Sequence[_StoryKeys]
    ) -> frozenset[str]:
        """Find the numbered folders and their newest dates.

        Return the topmost numbered folders, as they are now, whose stories need other keys. The
        empty text among them stands for stories that are in none.
        """
        numbered = frozenset(
            folder
            for folder, (numbers, names) in self._counts.items()
            if numbers >= _MIN_NUMBERED and 2 * numbers > names
        )
        before, after = self._blocks, self._blocks
        moved: set[str] = set()
        if numbered != before.numbered:
            after = _Blocks(numbered, {})
            differing = numbered ^ before.numbered
            for folder in {each.folder for each in ordered}:
                old, root = before.find_root(folder), after.find_root(folder)
                if old != root or folder in differing:
                    moved.add(root)
        newest: dict[str, int] = {}
        for each in chain(ordered, new) if numbered else ():
            if root := after.find_root(each.folder):
                newest[root] = min(each.details[0], newest.get(root, 0))
        moved |= {root for root in newest if newest[root] != self._newest.get(root, newest[root])}
        self._blocks, self._newest = after, newest
        return frozenset(moved)

    def _make_key(self, keys: _StoryKeys) -> SortKey:
        """Return the key of a story: its own, or its way down from its numbered folder."""
        numbered = self._blocks.numbered
        root = self._blocks.find_root(keys.folder) if numbered else ""
        if not root:
            return keys.position, keys.details, (), keys.path
        names = keys.folder[len(root) :].split(os.sep)[1:]  # noqa: PTH206  faster than a Path
        way: list[Component] = [(1, make_natural_key(name), _NO_DETAILS) for name in names]
        if keys.folder in numbered:
            own = make_natural_key(keys.stem)
            way.append((0 if _is_generic(keys.stem) else 1, own, _NO_DETAILS))
        else:
            way.append((0, "", keys.details))
        name = make_natural_key(os.path.basename(root))  # noqa: PTH119  of a text
        place = (self._newest[root], name, 0, make_natural_key(root))
        return keys.position, place, tuple(way), keys.path


_get_key: Final = attrgetter("key")


def _sort_in_runs(stories: Sequence[_StoryKeys]) -> list[_StoryKeys]:
    """Return `stories` by their keys, sorted so that other threads run meanwhile."""
    runs = [
        sorted(stories[start : start + _RUN_LENGTH], key=_get_key)
        for start in range(0, len(stories), _RUN_LENGTH)
    ]
    return [*merge(*runs, key=_get_key)]


def _make_date_key(day: date, seconds: int) -> int:
    """Return a number that is lower the later the day, and of one day the later the seconds."""
    return -(day.toordinal() * _DAY_FACTOR + seconds)


def is_numbered(name: str) -> bool:
    """Return whether a name, without suffix, has a number that is no date or year."""
    return bool(_NUMBERED.match(name)) and not _DATE.match(name)


def _is_generic(stem: str) -> bool:
    return stem.lower() in _GENERIC_STEMS


@lru_cache(maxsize=2_000)
def make_natural_key(text: str) -> str:
    """Return a key that sorts numbers in `text` by their value, and letters without case.

    It is one string, since a large library keeps one for each story: a number is its length and
    its digits, and sorts before letters.
    """
    text = text if text.isascii() else normalize("NFKC", text)
    folded = _SPACES.sub(" ", text.casefold())
    return _NUMBER.sub(_make_number_key, folded)


def _make_number_key(match: re.Match[str]) -> str:
    digits = match[0]
    if not digits.isascii():
        digits = "".join(str(decimal(digit)) for digit in digits)
    digits = digits.lstrip("0")  # of any length, for which `int` has a limit
    return f"\x01{chr(len(digits) + 1)}{digits}\x02"


def make_title_key(title: str) -> str:
    """Return the natural key of a title without its opening quote and article."""
    folded = title.casefold().lstrip("“‘\"'«„(")
    for article in ("the ", "a ", "an "):
        folded = folded.removeprefix(article)
    return make_natural_key(folded)
