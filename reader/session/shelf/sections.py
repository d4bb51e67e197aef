"""The sections of the shelf: groups, and the folders of unread stories, which fold."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.library.files import BUNDLED
from reader.session.shelf.entries import (
    ShelfEntry,
    ShelfGroup,
    ShelfView,
    sort_by,
    sort_entries,
)
from reader.text.cells import sanitize_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reader.library.story import Story


_SEPARATOR: Final = " / "
"""Between the names of folders in the name of a section."""


class ShelfSection(NamedTuple):
    """Stories that the shelf shows under one heading."""

    name: str
    entries: list[ShelfEntry]
    is_folded: bool = False
    """Only the heading is shown."""


def make_sections(entries: Sequence[ShelfEntry], view: ShelfView) -> list[ShelfSection]:
    """Return `entries`, which are in the order of the catalog, in the sections of `view`.

    The suggested order has the stories that are being read, the unread ones by their folders, and
    the finished ones.
    """
    if view.sort == "suggested":
        ordered = sort_entries(entries)
        groups = {group: [e for e in ordered if e.group is group] for group in ShelfGroup}
        unread = _split_folders(groups[ShelfGroup.UNREAD], view)
        if len(unread) == 1:
            unread = [(ShelfGroup.UNREAD.value, unread[0][1])]
        sections = [
            (ShelfGroup.CONTINUE.value, groups[ShelfGroup.CONTINUE]),
            *unread,
            (ShelfGroup.FINISHED.value, groups[ShelfGroup.FINISHED]),
        ]
    elif view.sort == "path":
        sections = _split_folders(sort_by(entries, view.sort), view)
    else:
        sections = [(_SORT_HEADINGS[view.sort], sort_by(entries, view.sort))]
    return _fold([(name, stories) for name, stories in sections if stories], view.folded)


def _fold(
    sections: Sequence[tuple[str, list[ShelfEntry]]], folded: frozenset[str]
) -> list[ShelfSection]:
    """Return the sections; those of folders below a folded one are in it."""
    found: list[ShelfSection] = []
    for name, entries in sections:
        last = found[-1] if found else None
        if last is not None and last.is_folded and name.startswith(f"{last.name}{_SEPARATOR}"):
            found[-1] = last._replace(entries=[*last.entries, *entries])
        else:
            found.append(ShelfSection(name, entries, name in folded))
    return found


class _Node:
    """A folder with stories, on its own or below it."""

    def __init__(self, parts: tuple[str, ...]) -> None:
        self.parts = parts
        """The name of the folder of the library, and those of the folders down to this one."""
        self.entries: list[tuple[int, ShelfEntry]] = []
        self.below: dict[str, _Node] = {}


def _split_folders(
    entries: Sequence[ShelfEntry], view: ShelfView
) -> list[tuple[str, list[ShelfEntry]]]:
    """Return the names of folders and their stories, each where its first story would stand.

    Without known folders all stories are together. A single story in a folder and all those below
    it belongs to the folder above.
    """
    if not view.folders:
        return [(ShelfGroup.UNREAD.value if view.sort == "suggested" else "By path", [*entries])]
    tops: dict[str, _Node] = {}
    nodes: dict[str, _Node] = {}
    sorts = {sanitize_line(each.name or each.path.name): each.sort for each in view.folders}
    for number, entry in enumerate(entries):
        folder = os.path.dirname(str(entry.story.path))  # noqa: PTH120  faster than a Path
        node = nodes.get(folder)
        if node is None:
            node = nodes[folder] = _find_node(tops, entry.story, folder, view)
        node.entries.append((number, entry))
    sections: list[tuple[str, list[ShelfEntry]]] = []
    pending = [*reversed(tops.values())]
    while pending:
        node = pending.pop()
        lone = {name: one for name, each in node.below.items() if (one := _find_lone(each))}
        own = sorted([*node.entries, *lone.values()])
        if own:
            stories = [entry for _, entry in own]
            sort = sorts.get(node.parts[0], "")
            is_own_order = sort and sort != "suggested" and view.sort == "suggested"
            name = _SEPARATOR.join(node.parts if len(tops) > 1 else node.parts[1:] or node.parts)
            sections.append((name, sort_by(stories, sort) if is_own_order else stories))
        pending += reversed([each for name, each in node.below.items() if name not in lone])
    return sections


def _find_lone(node: _Node) -> tuple[int, ShelfEntry] | None:
    """Return the only story in a folder and those below it, None if there are several."""
    while not node.entries and len(node.below) == 1:
        (node,) = node.below.values()
    return node.entries[0] if len(node.entries) == 1 and not node.below else None


def _find_node(tops: dict[str, _Node], story: Story, folder: str, view: ShelfView) -> _Node:
    """Return the node of a folder; make it and those above it if they aren't there."""
    inside = [
        str(each.path)
        for each in view.folders
        if folder == str(each.path) or folder.startswith(f"{each.path}{os.sep}")
    ]
    top = max(inside, key=len, default=folder)
    names = [sanitize_line(name) for name in folder[len(top) :].split(os.sep) if name]  # noqa: PTH206  faster than a Path
    label = next((each.name for each in view.folders if str(each.path) == top), "")
    label = sanitize_line(label or story.folder or os.path.basename(top))  # noqa: PTH119  of a text
    node = tops.setdefault(top, _Node((_FOLDER_NAMES.get(label, label),)))
    for name in names:
        node = node.below.setdefault(name, _Node((*node.parts, name)))
    return node


_FOLDER_NAMES: Final = {BUNDLED: "Included stories"}
_SORT_HEADINGS: Final = {
    "newest": "Newest first",
    "title": "By title",
    "author": "By author",
    "length": "Shortest first",
    "shortest-left": "Shortest left first",
    "recently-read": "Read last, first",
}
