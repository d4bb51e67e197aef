"""The stories of some rows of a kept order: what the index has, and what their files say now.

Those rows are on the screen, or a name was given that names one of them.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from reader.library.catalog import normalize_title
from reader.library.files import File
from reader.session.shelf.entries import WORD_SORTS
from reader.session.shelf.kept_order import IS_UNREADABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from reader.library.index import Index
    from reader.library.story import Story
    from reader.session.shelf.kept_order import KeptOrder, OrderRow


MAX_DESCRIBED_BYTES: Final = 200_000
"""Size of the largest changed file that is described before the first frame."""
MAX_DESCRIBED: Final = 5
"""Changed files that are described then."""
_PLACING_FIELDS: Final = (
    "title", "author", "published", "published_seconds", "series", "part", "is_draft", "is_readable",
)  # fmt: skip
"""Fields of a story that its place, or those of others, depend on in all orders."""


def load_rows(
    order: KeptOrder, index: Index, rows: Sequence[OrderRow], sort: str
) -> dict[int, Story]:
    """Return the stories of some rows, by rank; `sort` says what the order is.

    Their ids are those that they had among all files. A changed file is described if that is
    quick. In an order that may be out of date, files that are gone are left out, and a changed
    story stays in its place; otherwise LookupError or OSError is raised.
    """
    files: dict[int, File] = {}
    for row in rows:
        path, label = order.get_path(row), order.folders[row.folder].label
        try:
            status = path.stat()
        except OSError:
            if order.is_outdated:
                continue
            raise
        files[row.rank] = File(str(path), status.st_size, status.st_mtime_ns, label, status.st_ino)
    indexed = index.load_stories(files.values())
    missing = [row for row in rows if row.rank in files and files[row.rank].location not in indexed]
    if missing:
        changed = [files[row.rank] for row in missing]
        described = _describe(order, missing, changed, index.load_outdated(changed))
        if sort in WORD_SORTS and not order.is_outdated:
            raise LookupError(f"the order by {sort} may be another one")
        indexed |= described
    return {
        row.rank: _name(indexed[files[row.rank].location], row) for row in rows if row.rank in files
    }


def _describe(
    order: KeptOrder,
    rows: Sequence[OrderRow],
    files: Sequence[File],
    before: Mapping[str, Story],
) -> dict[str, Story]:
    """Return the stories of files that the index doesn't have as they are.

    Raises LookupError if that takes long, or if the order may be another one now. `before` has
    the stories as they were.
    """
    from reader.library.describing import describe_files  # few files change between two starts

    is_quick = len(files) <= MAX_DESCRIBED and all(f.size <= MAX_DESCRIBED_BYTES for f in files)
    described = {story.location: story for _, story in describe_files(files)} if is_quick else {}
    for row, file in zip(rows, files, strict=True):
        story = described[file.location]
        if row.flags & IS_UNREADABLE:
            is_same = not story.is_readable
        else:
            is_same = _keeps_place(before[file.location], story)
        if not (is_same or order.is_outdated):
            raise LookupError(file.location)
    return described


def _keeps_place(before: Story, story: Story) -> bool:
    return all(
        getattr(before, name) == getattr(story, name) for name in _PLACING_FIELDS
    )  # the names are those of fields


def _name(story: Story, row: OrderRow) -> Story:
    """Return a story with the id that it has among all files."""
    if story.id == row.id:
        return story
    return replace(story, id=row.id, own_id=story.own_id or story.id)


def find_named(
    order: KeptOrder,
    name: str,
    story_id: str,
    others: Sequence[Story],
    load_rows: Callable[[Sequence[OrderRow]], dict[int, Story]],
) -> Sequence[Story] | None:
    """Return the story with that id, else the one with the title `name`, else with it in the title.

    It is the one that `Catalog.find_story` finds; no story if there is none. `others` are stories
    of no folder of the library; `load_rows` returns the stories of some rows. None if all files
    must be read to know, or if several stories match: the message about that names their ids.
    """
    row = order.find_stories([story_id]).get(story_id)
    if row is not None:
        return [*load_rows([row]).values()] or None  # its file may be gone, or elsewhere
    if order.hides(story_id):
        return None
    if found := [each for each in others if each.id == story_id]:
        return found[:1]
    return _find_titled(order, name, others, load_rows) if not order.is_outdated else None


def _find_titled(
    order: KeptOrder,
    name: str,
    others: Sequence[Story],
    load_rows: Callable[[Sequence[OrderRow]], dict[int, Story]],
) -> Sequence[Story] | None:
    """Return what `find_named` does for a name that is no id."""
    wanted = normalize_title(name)
    titles = [
        *_find_titles(order, wanted),
        *((n, s.title) for n, s in enumerate(others, -len(others))),
    ]
    folded = [(rank, normalize_title(title)) for rank, title in titles]
    ranks = [rank for rank, title in folded if title == wanted] or [
        rank for rank, title in folded if wanted and wanted in title
    ]
    if len(ranks) != 1:
        return None if ranks else []
    if ranks[0] < 0:
        return [others[ranks[0]]]
    row = order.find_rank(ranks[0])
    stories = [*load_rows([row]).values()] if row is not None else []
    is_same = bool(stories) and normalize_title(stories[0].title) == dict(folded)[ranks[0]]
    return stories if is_same else None  # the story isn't on the shelf, or its file has changed


def _find_titles(order: KeptOrder, wanted: str) -> list[tuple[int, str]]:
    """Return the titles, with their ranks, that may have `wanted` in them when they are folded.

    To fold a title takes longer than to see that it lacks the longest word.
    """
    word = max(re.split(r"[\W_]+", wanted), key=len)
    return [
        (rank, title)
        for rank, title in order.iter_titles()
        if not title.isascii() or word in title.lower()
    ]
