"""A part of a large shelf, made from its kept order and the reading data alone.

It is what `make_sections` would make of all stories, cut to those round one place: only their files
are looked at, and only their rows of the index are read.
"""

from __future__ import annotations

from heapq import merge
from itertools import chain, islice
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.paths import tell_apart
from reader.reading.progress import ReadStatus, count_range_words
from reader.session.shelf.entries import ShelfEntry, ShelfGroup, TitleFacts
from reader.session.shelf.kept_order import LENGTH_SHIFT, OrderRow
from reader.session.shelf.sections import (
    SORT_HEADINGS,
    FolderSection,
    FolderStories,
    ShelfCounts,
    ShelfPart,
    ShelfSection,
    arrange_folders,
    fold_sections,
)
from reader.store.repository import StoryState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from reader.session.shelf.entries import ShelfView
    from reader.session.shelf.kept_order import KeptOrder


_BY_READING: Final = ("recently-read", "shortest-left")
"""Orders that depend on what was read."""


class _Section(NamedTuple):
    """A section whose stories are read as they are needed."""

    name: str
    size: int
    iter_rows: Callable[[], Iterator[OrderRow | ShelfEntry]]
    """Yields its stories; an entry is one of no folder of the shelf."""
    has_row: Callable[[OrderRow], bool]
    folder: str = ""
    """As in `ShelfSection`, and so is `sort`."""
    sort: str = ""


class KeptShelf:
    """A shelf whose stories are read as they are needed.

    Each method may raise what a damaged file of the order raises: `kept_order.ERRORS`.
    """

    def __init__(
        self,
        order: KeptOrder,
        view: ShelfView,
        states: Mapping[str, StoryState],
        others: Sequence[ShelfEntry],
    ) -> None:
        """Take the view that the order was made for, and what was read.

        `others` are stories of no folder of the shelf, which are being read. Raises ValueError if
        their place isn't known: in most orders it depends on all stories.
        """
        if others and view.sort != "suggested":
            raise ValueError("the order has no place for stories of other folders")
        self._order, self._view, self._states, self._others = order, view, states, others
        self._rows = order.find_stories(states)
        """The rows of the stories that were read at any time, by id."""
        self._read: dict[int, ShelfGroup] = {}
        """The groups of those that are not unread, by rank."""
        for story_id, row in self._rows.items():
            status = states[story_id].status
            if status is not ReadStatus.UNREAD:
                is_read = status is ReadStatus.FINISHED
                self._read[row.rank] = ShelfGroup.FINISHED if is_read else ShelfGroup.CONTINUE

    def read(
        self,
        current: OrderRow | None,
        most: int,
        make_entries: Callable[[Sequence[OrderRow]], Mapping[int, ShelfEntry]],
    ) -> ShelfPart:
        """Return the first stories of the shelf, or those round the `current` one.

        `most` is how many come before and after it. `make_entries` returns the entries of some
        rows, by rank; those that it leaves out are not shown.
        """
        sections = self._list_sections()
        folds = fold_sections([section.name for section in sections], self._view.folded)
        at = self._find(current, sections, folds) if current is not None else 0
        start = at - most if at > 2 * most else 0
        found: list[ShelfSection] = []
        lengths: dict[str, int] = {}
        position = 0
        for name, numbers, is_folded in folds:
            inside = [sections[number] for number in numbers]
            size = sum(section.size for section in inside)
            if is_folded:
                kept = [current] if current and any(s.has_row(current) for s in inside) else []
                items: list[OrderRow | ShelfEntry] = [*kept]
                is_seen = start <= position < at + most
                position += 1
            else:
                first = max(0, start - position)
                last = min(size, at + most - position)
                is_seen = first < last
                items = [*islice(inside[0].iter_rows(), first, last)] if is_seen else []
                position += size
            if is_seen:
                entries = _replace_rows(items, make_entries, lengths)
                unlisted, top = size - len(entries), inside[0]
                section = ShelfSection(name, entries, is_folded, unlisted, top.folder, top.sort)
                found.append(section)
        return ShelfPart(found, self._count(), self._find_facts(lengths))

    def _find(
        self,
        current: OrderRow,
        sections: Sequence[_Section],
        folds: Sequence[tuple[str, list[int], bool]],
    ) -> int:
        """Return the number of an item, which is a story or a folded section; 0 if it is none."""
        position = 0
        for _, numbers, is_folded in folds:
            inside = [sections[number] for number in numbers]
            if any(section.has_row(current) for section in inside):
                rows = iter(()) if is_folded else inside[0].iter_rows()
                return position + next((n for n, row in enumerate(rows) if row == current), 0)
            position += 1 if is_folded else inside[0].size
        return 0

    def _list_sections(self) -> list[_Section]:
        """Return the sections as `make_sections` does."""
        sort = self._view.sort
        if sort == "suggested":
            sections = [
                self._make_group(ShelfGroup.CONTINUE),
                *self._make_folders(self._count_unread()),
                self._make_group(ShelfGroup.FINISHED),
            ]
        elif sort == "path":
            folders = [
                FolderStories(each.path, each.label, each.first, each.size)
                for each in self._order.folders.values()
            ]
            sections = self._make_folders(folders)
        else:
            iter_rows = {
                "recently-read": self._iter_recently_read,
                "shortest-left": self._iter_shortest_left,
            }.get(sort, self._order.iter_all)
            size = self._order.header.stories
            sections = [_Section(SORT_HEADINGS[sort], size, iter_rows, lambda _: True)]
        return [section for section in sections if section.size]

    def _make_group(self, group: ShelfGroup) -> _Section:
        """Return the section of the stories being read, or of the finished ones."""
        rows = [row for row in self._rows.values() if self._read.get(row.rank) is group]
        others = [entry for entry in self._others if entry.group is group]
        dated: list[tuple[int, int, OrderRow | ShelfEntry]] = [
            *((-self._states[row.id].last_read, row.rank, row) for row in rows),
            *((-each.last_read, -1 - number, each) for number, each in enumerate(others)),
        ]
        items = [item for *_, item in sorted(dated, key=lambda each: each[:2])]
        has_row = {row.rank for row in rows}.__contains__
        return _Section(group.value, len(items), lambda: iter(items), lambda row: has_row(row.rank))

    def _count_unread(self) -> list[FolderStories]:
        """Return how many unread stories each folder has, and which is the first."""
        read: dict[int, int] = {}
        for row in self._rows.values():
            if row.rank in self._read:
                read[row.folder] = read.get(row.folder, 0) + 1
        folders = []
        for number, path, label, first, size in self._order.folders.values():
            left = size - read.get(number, 0)
            if left:
                unread = self._find_first_unread(number) if first in self._read else first
                folders.append(FolderStories(path, label, unread, left))
        return folders

    def _find_first_unread(self, folder: int) -> int:
        """Return the lowest rank of an unread story in a folder. Raises ValueError without one."""
        lowest = self._order.header.stories
        for row in self._order.iter_folder(folder):
            if row.rank not in self._read:
                if row.place == row.rank:
                    return row.rank
                lowest = min(lowest, row.rank)
        return lowest

    def _make_folders(self, folders: Sequence[FolderStories]) -> list[_Section]:
        """Return the sections of folders with so many stories: all, or the unread ones."""
        sizes = {folder.path: folder.size for folder in folders}
        excluded = self._read if self._view.sort == "suggested" else {}
        placed = self._find_placed_sorts()
        return [
            self._make_folder_section(
                section, sum(sizes[path] for path in section.paths), excluded, placed
            )
            for section in arrange_folders(folders, self._view)
        ]

    def _find_placed_sorts(self) -> dict[int, str]:
        """Return the order in which the rows of each folder have places, as if all were unread."""
        folders = [FolderStories(*folder[1:]) for folder in self._order.folders.values()]
        return {
            self._order.get_folder_number(path): section.sort
            for section in arrange_folders(folders, self._view)
            for path in section.paths
        }

    def _make_folder_section(
        self,
        section: FolderSection,
        size: int,
        excluded: Mapping[int, ShelfGroup],
        placed: Mapping[int, str],
    ) -> _Section:
        """Return the section of a folder.

        Raises ValueError if the places of its rows aren't known: a folder has joined it, with a
        single story left, in which stories have another order.
        """
        numbers = frozenset(map(self._order.get_folder_number, section.paths))
        sort = section.sort
        if sort and any(placed[number] != sort for number in numbers):
            raise ValueError(f"the order has no places for {section.name} by {sort}")

        def iter_folder(number: int) -> Iterator[tuple[int, OrderRow]]:
            rows = self._order.iter_folder(number)
            if placed[number] == sort:
                return ((row.place, row) for row in rows)
            return ((row.rank, row) for row in sorted(rows, key=lambda row: row.rank))

        def iter_rows() -> Iterator[OrderRow]:
            found = merge(*map(iter_folder, numbers), key=lambda placed: placed[0])
            rows = (row for _, row in found if row.rank not in excluded)
            return self._sort_by_reading(sort, rows, has_row) if sort in _BY_READING else rows

        def has_row(row: OrderRow) -> bool:
            return row.folder in numbers and row.rank not in excluded

        return _Section(section.name, size, iter_rows, has_row, section.folder, sort)

    def _sort_by_reading(
        self, sort: str, rows: Iterator[OrderRow], has_row: Callable[[OrderRow], bool]
    ) -> Iterator[OrderRow]:
        """Yield the rows of a section, which are in their order as if none was ever read."""
        known = [row for row in self._rows.values() if has_row(row)]
        if sort == "recently-read":
            known = [row for row in known if self._states[row.id].last_read]
        ranks = {row.rank for row in known}
        others = (row for row in rows if row.rank not in ranks)
        if sort == "recently-read":
            return chain(
                sorted(known, key=lambda row: (-self._states[row.id].last_read, row.rank)), others
            )
        make_key = self._make_left_key
        return merge(
            sorted(known, key=lambda row: (*make_key(row)[:2], row.rank)),
            others,
            key=lambda row: (*make_key(row)[:2], row.rank),
        )

    def _iter_recently_read(self) -> Iterator[OrderRow]:
        """Yield the stories by the time of the last reading, and then those never read."""
        states = self._states
        read = [row for row in self._rows.values() if states[row.id].last_read]
        yield from sorted(read, key=lambda row: (-states[row.id].last_read, row.rank))
        ranks = {row.rank for row in read}
        yield from (row for row in self._order.iter_all() if row.rank not in ranks)

    def _iter_shortest_left(self) -> Iterator[OrderRow]:
        """Yield the stories by the number of words left. Their places are those in the catalog."""
        ranks = {row.rank for row in self._rows.values()}
        others = (row for row in self._order.iter_all() if row.rank not in ranks)
        return merge(
            sorted(self._rows.values(), key=self._make_left_key), others, key=self._make_left_key
        )

    def _make_left_key(self, row: OrderRow) -> tuple[bool, int, int]:
        """Return the key by which `sort_by` sorts a story by its words left."""
        state = self._states.get(row.id, StoryState())
        words = row.words or state.word_count
        left = words - min(count_range_words(state.ranges), words)
        is_finished = state.status is ReadStatus.FINISHED
        return is_finished or not left, 0 if is_finished else left, row.place

    def _count(self) -> ShelfCounts:
        header = self._order.header
        return ShelfCounts(
            header.stories - header.unreadable + len(self._others), header.unreadable
        )

    def _find_facts(self, lengths: Mapping[str, int]) -> TitleFacts:
        """Return what decides about authors and titles. `lengths` are those of the rows."""
        author = self._order.header.author
        stories, path_lengths = [entry.story for entry in self._others], {**lengths}
        for title in {story.title for story in stories}:
            group = [story.location for story in stories if story.title == title]
            group += [str(self._order.get_path(row)) for row in self._order.find_title(title)]
            if len(group) > 1:
                path_lengths |= tell_apart(group)
        shows_authors = author is None or any(story.author != author for story in stories)
        return TitleFacts(shows_authors, path_lengths)


def _replace_rows(
    items: Sequence[OrderRow | ShelfEntry],
    make_entries: Callable[[Sequence[OrderRow]], Mapping[int, ShelfEntry]],
    lengths: dict[str, int],
) -> list[ShelfEntry]:
    """Return the entries of `items`; add to `lengths` how much of their paths tells them apart."""
    rows = [item for item in items if isinstance(item, OrderRow)]
    made = make_entries(rows)
    for row in rows:
        if row.rank in made and (length := row.flags >> LENGTH_SHIFT):
            lengths[made[row.rank].story.location] = length
    found = [made.get(item.rank) if isinstance(item, OrderRow) else item for item in items]
    return [entry for entry in found if entry is not None]
