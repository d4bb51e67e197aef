"""The list of the shelf and its sections: groups, and the folders of unread stories, which fold."""

from __future__ import annotations

import os
from collections import Counter
from heapq import merge
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.library.files import SHOWN_NAMES
from reader.session.shelf.end_card import Suggester
from reader.session.shelf.entries import (
    ShelfEntry,
    ShelfGroup,
    ShelfView,
    TitleFacts,
    find_facts,
    make_entry,
    sort_by,
    split_groups,
)
from reader.store.repository import StoryState
from reader.store.stories import NO_LABELS
from reader.text.cells import sanitize_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from reader.library.catalog import SortJob
    from reader.library.story import Story


_SEPARATOR: Final = " / "
"""Between the names of folders in the name of a section."""


class ShelfSection(NamedTuple):
    """Stories that the shelf shows under one heading."""

    name: str
    entries: list[ShelfEntry]
    is_folded: bool = False
    """Only the heading is shown."""
    unlisted: int = 0
    """How many more stories it has, which are not in `entries` yet."""
    folder: str = ""
    """The path of its folder; empty if it has stories of several."""
    sort: str = ""
    """The order of its stories, which is not that of the shelf; empty if it is."""

    @property
    def size(self) -> int:
        """The number of its stories."""
        return len(self.entries) + self.unlisted


class ShelfCounts(NamedTuple):
    """How many stories a shelf has."""

    stories: int
    unreadable: int
    """How many more there are whose files can't be read."""


def count_stories(stories: Iterable[Story]) -> ShelfCounts:
    """Return how many stories these are, and how many files that can't be read."""
    counts = Counter(story.is_readable for story in stories)
    return ShelfCounts(counts[True], counts[False])


class ShelfPart(NamedTuple):
    """The stories round one place of a shelf, and what is known of all others."""

    sections: list[ShelfSection]
    counts: ShelfCounts
    facts: TitleFacts


def make_sections(entries: Sequence[ShelfEntry], view: ShelfView) -> list[ShelfSection]:
    """Return `entries`, which are in the order of the catalog, in the sections of `view`."""
    return _fold(_make_unfolded(entries, view), view.folded)


def _make_unfolded(entries: Sequence[ShelfEntry], view: ShelfView) -> list[ShelfSection]:
    """Return the sections as if none was folded.

    The suggested order has the stories that are being read, the unread ones by their folders, and
    the finished ones.
    """
    if view.sort == "suggested":
        groups = split_groups(entries)
        unread = _split_folders(groups[ShelfGroup.UNREAD], view)
        sections = [
            ShelfSection(ShelfGroup.CONTINUE.value, groups[ShelfGroup.CONTINUE]),
            *unread,
            ShelfSection(ShelfGroup.FINISHED.value, groups[ShelfGroup.FINISHED]),
        ]
    elif view.sort == "path":
        sections = _split_folders(sort_by(entries, view.sort), view)
    else:
        sections = [ShelfSection(SORT_HEADINGS[view.sort], sort_by(entries, view.sort))]
    return [section for section in sections if section.entries]


def _fold(sections: Sequence[ShelfSection], folded: frozenset[str]) -> list[ShelfSection]:
    """Return sections with those folded whose names are in `folded`. Entries stay in their order."""
    return [
        sections[numbers[0]]._replace(
            entries=[entry for number in numbers for entry in sections[number].entries],
            is_folded=is_folded,
        )
        for _, numbers, is_folded in fold_sections([each.name for each in sections], folded)
    ]


def fold_sections(
    names: Sequence[str], folded: frozenset[str]
) -> list[tuple[str, list[int], bool]]:
    """Return the name of each section, the numbers of those in it, and whether it is folded.

    The sections of folders below a folded one are in it.
    """
    found: list[tuple[str, list[int], bool]] = []
    for number, name in enumerate(names):
        last, numbers, is_folded = found[-1] if found else ("", [], False)
        if is_folded and name.startswith(f"{last}{_SEPARATOR}"):
            numbers.append(number)
        else:
            found.append((name, [number], name in folded))
    return found


class FolderStories(NamedTuple):
    """How many stories are in a folder itself."""

    path: str
    label: str
    """The name of the folder that was scanned, as its files have it."""
    first: int
    """The place of its first story among all."""
    size: int


class FolderSection(NamedTuple):
    """A section with the stories of a folder, and of those below that have no section."""

    name: str
    paths: list[str]
    folder: str
    """The path of the folder."""
    sort: str
    """The order of its stories by the settings, or as it was chosen; empty for the usual one."""


class _Node:
    """A folder with stories, on its own or below it."""

    def __init__(self, parts: tuple[str, ...], path: str) -> None:
        self.parts = parts
        """The name of the folder of the library, and those of the folders down to this one."""
        self.path = path
        self.folders: list[FolderStories] = []
        """The folder, and others of the same name as it is shown; none if it has no stories."""
        self.below: dict[str, _Node] = {}

    @property
    def size(self) -> int:
        return sum(folder.size for folder in self.folders)


def arrange_folders(folders: Iterable[FolderStories], view: ShelfView) -> list[FolderSection]:
    """Return the sections of folders, each where its first story would stand.

    A single story in a folder and all those below it belongs to the folder above.
    """
    tops: dict[str, _Node] = {}
    for folder in sorted(folders, key=lambda each: each.first):
        _find_node(tops, folder, view).folders.append(folder)
    sections: list[FolderSection] = []
    pending = [*reversed(tops.values())]
    while pending:
        node = pending.pop()
        lone = {name: one for name, each in node.below.items() if (one := _find_lone(each))}
        paths = [folder.path for folder in (*node.folders, *lone.values())]
        if paths:
            name = _SEPARATOR.join(node.parts if len(tops) > 1 else node.parts[1:] or node.parts)
            sort = view.find_sort(node.path) if view.sort == "suggested" else ""
            sections.append(FolderSection(name, paths, node.path, sort))
        pending += reversed([each for name, each in node.below.items() if name not in lone])
    if view.sort == "suggested" and len(sections) == 1:
        return [sections[0]._replace(name=ShelfGroup.UNREAD.value)]
    return sections


def _split_folders(entries: Sequence[ShelfEntry], view: ShelfView) -> list[ShelfSection]:
    """Return the sections of folders. Without known folders all stories are together."""
    if not view.folders:
        name = ShelfGroup.UNREAD.value if view.sort == "suggested" else "By path"
        return [ShelfSection(name, [*entries])]
    by_folder: dict[str, list[int]] = {}
    for number, entry in enumerate(entries):
        folder, separator, _ = entry.story.location.rpartition(os.sep)
        by_folder.setdefault(folder or separator, []).append(number)
    folders = [
        FolderStories(path, entries[inside[0]].story.folder, inside[0], len(inside))
        for path, inside in by_folder.items()
    ]
    sections: list[ShelfSection] = []
    for name, paths, own_folder, sort in arrange_folders(folders, view):
        stories = [entries[number] for number in merge(*(by_folder[path] for path in paths))]
        stories = sort_by(stories, sort) if sort else stories
        sections.append(ShelfSection(name, stories, folder=own_folder, sort=sort))
    return sections


def _find_lone(node: _Node) -> FolderStories | None:
    """Return the folder of the only story in and below `node`, None if there are several."""
    while not node.folders and len(node.below) == 1:
        (node,) = node.below.values()
    return node.folders[0] if node.size == 1 and not node.below else None


def _find_node(tops: dict[str, _Node], folder: FolderStories, view: ShelfView) -> _Node:
    """Return the node of a folder; make it and those above it if they aren't there."""
    path = folder.path
    library = view.find_library_folder(path)
    top, label = (str(library.path), library.name) if library is not None else (path, "")
    label = sanitize_line(label or folder.label or os.path.basename(top))  # noqa: PTH119  of a text
    node = tops.setdefault(top, _Node((SHOWN_NAMES.get(label, label),), top))
    for name in filter(None, path[len(top) :].split(os.sep)):  # noqa: PTH206  faster than a Path
        shown, below = sanitize_line(name), os.path.join(node.path, name)  # noqa: PTH118  as above
        node = node.below.setdefault(shown, _Node((*node.parts, shown), below))
    return node


SORT_HEADINGS: Final = {
    "newest": "Newest first",
    "title": "By title",
    "author": "By author",
    "length": "Shortest first",
    "shortest-left": "Shortest left first",
    "recently-read": "Recently read first",
}


def describe_sort(sort: str) -> str:
    """Return what an order is called after the name of a folder."""
    heading = SORT_HEADINGS.get(sort, f"By {sort}")
    return f"{heading[0].lower()}{heading[1:]}"


_NO_STATE: Final = StoryState()


class ListJob(NamedTuple):
    """Lists the stories as they were when the job was made; may run in a worker."""

    sort_job: SortJob
    load_states: Callable[[], Mapping[str, StoryState]]
    """Loads what was read of the stories, by id."""
    paces: Mapping[str, int]
    """The reader's pace by language."""
    before: ShelfListing
    """The list before."""
    view: ShelfView

    def run(self) -> ShelfListing:
        """Return the new list. If only other sections are folded, it is the one before with these."""
        stories, states = self.sort_job.run(), self.load_states()
        view, before = self.view, self.before
        basis = view._replace(folded=frozenset()), states, self.paces, self.sort_job.today
        if basis == before.basis and stories == before.stories:
            return before._replace(sections=_fold(before.unfolded, view.folded))
        shown = [story for story in stories if view.shows(story)]
        unfolded = _make_unfolded(
            [self._make_entry(story, states.get(story.id, _NO_STATE)) for story in shown], view
        )
        entries = [entry for section in unfolded for entry in section.entries]
        order = [entry.story for entry in entries]
        indices = {story.location: index for index, story in enumerate(order)}
        suggester = Suggester(entries, view.find_offered(), indices)
        counts, facts = count_stories(order), find_facts(order)
        sections = _fold(unfolded, view.folded)
        return ShelfListing(
            stories, entries, indices, order, sections, counts, suggester, facts, unfolded, basis
        )

    def _make_entry(self, story: Story, state: StoryState) -> ShelfEntry:
        pace = self.paces[story.language]
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
    facts: TitleFacts
    unfolded: Sequence[ShelfSection] = ()
    """The sections as if none was folded."""
    basis: tuple[object, ...] = ()
    """What the stories were listed for: for an equal one the same stories have the same list."""

    def replace_entry(self, index: int, entry: ShelfEntry) -> None:
        """Have `entry` in the place of another one of the same story, by its number."""
        self.entries[index] = entry
        self.suggester.update(index)
        for sections in (self.sections, self.unfolded):
            place = index
            for section in sections:
                if place < len(section.entries):
                    section.entries[place] = entry
                    break
                place -= len(section.entries)
