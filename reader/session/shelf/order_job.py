"""Make the order of a large shelf that is kept for the next start."""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple
from zlib import crc32

from reader.library.scan import scan_with_sources
from reader.paths import find_path_lengths
from reader.session.shelf.entries import make_entry, sort_by
from reader.session.shelf.kept_order import (
    IS_UNREADABLE,
    LENGTH_SHIFT,
    Order,
    OrderFolder,
    OrderHeader,
    OrderRow,
    compute_files_digest,
    digest_title,
    load_header,
    save_order,
)
from reader.session.shelf.sections import FolderStories, arrange_folders
from reader.store.repository import StoryState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from reader.library.files import File
    from reader.library.known_files import KnownFiles
    from reader.library.story import Story
    from reader.session.shelf.entries import ShelfView

MIN_STORIES: Final = 1_000
"""Stories of the smallest shelf whose order is kept: fewer are listed before the first frame."""
_NO_STATE: Final = StoryState()


class OrderJob(NamedTuple):
    """Makes the order of a shelf and keeps it, unless it is kept already; may run in a thread.

    No order is kept of a folder that has changed since it was scanned.
    """

    path: Path
    """Where it is kept."""
    key: str
    view: ShelfView
    stories: Sequence[Story]
    """All stories of the catalog, in its order."""
    files: KnownFiles
    """The files as they were when their stories were described."""
    device: str
    serial: int
    """The number of the last change of the reading data that was known when they were listed."""
    own_folder: Path | None
    """The folder of the reader's own stories, which need not exist."""

    def run(self) -> None:
        """Make the order, and keep it if it can be written."""
        order = self.make()
        if order is not None and load_header(self.path, self.key) != order.header:
            save_order(self.path, order)

    def make(self) -> Order | None:
        """Return the order; None if the files have changed."""
        sources: dict[str, str] = {}
        found: dict[str, File] = {}
        for folder in self.view.folders:
            if folder.path == self.own_folder and not os.path.lexists(folder.path):
                sources[str(folder.path)] = ""
                continue
            files, its_sources = scan_with_sources(folder)
            found = {file.location: file for file in files} | found
            sources |= its_sources
        known = [file for location in found if (file := self.files.get(location)) is not None]
        digest = compute_files_digest(found.values())
        stories = [each for each in self.stories if each.location in found]
        if digest != compute_files_digest(known) or len(stories) != len(found):
            return None
        shown = [each for each in stories if self.view.shows(each)]
        hidden = [each for each in stories if not self.view.shows(each)]
        return self.arrange(shown, sources, digest, len(found), hidden)

    def arrange(
        self,
        stories: list[Story],
        sources: Mapping[str, str],
        files: int,
        file_count: int,
        hidden: Sequence[Story] = (),
    ) -> Order:
        """Return the order of `stories`, which are those that are shown, in the catalog's order.

        `hidden` are the others. The rest is what `Order` and its header have.
        """
        ranked = self._rank(stories)
        ranks = {story.location: rank for rank, story in enumerate(ranked)}
        paths = [os.path.dirname(story.location) for story in ranked]  # noqa: PTH120  faster than a Path
        folders: dict[str, OrderFolder] = {}
        for rank, (path, size) in enumerate(Counter(paths).items()):
            folders[path] = OrderFolder(rank, path, "", -1, size)
        for rank, (path, story) in enumerate(zip(paths, ranked, strict=True)):
            if folders[path].first < 0:
                folders[path] = folders[path]._replace(label=story.folder, first=rank)
        places = self._find_places(stories, ranks, folders)
        lengths = find_path_lengths([(story.location, story.title) for story in ranked])
        rows = [
            OrderRow(
                rank,
                places.get(story.location, rank),
                folders[path].number,
                os.path.basename(story.location),  # noqa: PTH119  faster than a Path
                story.id,
                story.words,
                (lengths.get(story.location, 0) << LENGTH_SHIFT)
                | IS_UNREADABLE * (not story.is_readable),
                digest_title(story.title),
            )
            for rank, (path, story) in enumerate(zip(paths, ranked, strict=True))
        ]
        authors = {story.author for story in ranked}
        digest = 0
        for row in rows:  # one by one: other threads run meanwhile
            digest = crc32(repr(row[3:]).encode("utf-8", "surrogateescape"), digest)
        header = OrderHeader(
            self.key,
            self.device,
            self.serial,
            files,
            file_count,
            digest,
            len(rows),
            sum(not story.is_readable for story in ranked),
            authors.pop() if len(authors) == 1 else None,
        )
        found_titles = [story.title for story in (*ranked, *hidden)]
        hidden_ids = [story.id for story in hidden]
        return Order(header, sources, [*folders.values()], rows, found_titles, hidden_ids)

    def _rank(self, stories: list[Story]) -> list[Story]:
        """Return stories, in the order of the catalog, in that of the view as if all were unread."""
        sort = self.view.sort
        if sort in ("suggested", "recently-read"):
            return stories
        entries = [make_entry(story, _NO_STATE) for story in stories]
        return [entry.story for entry in sort_by(entries, sort)]

    def _find_places(
        self,
        stories: Sequence[Story],
        ranks: Mapping[str, int],
        folders: Mapping[str, OrderFolder],
    ) -> dict[str, int]:
        """Return the places of stories that are not their ranks.

        In a folder with an order of its own they are negative, so that they differ from ranks.
        The order by words left needs the place in the catalog.
        """
        if self.view.sort == "shortest-left":
            return {story.location: place for place, story in enumerate(stories)}
        found = [FolderStories(*folder[1:]) for folder in folders.values()]
        sections = arrange_folders(found, self.view) if self.view.sort == "suggested" else []
        sorts = {path: section.sort for section in sections for path in section.paths}
        places: dict[str, int] = {}
        for sort in {*sorts.values()} - {""}:
            inside = [file for file in ranks if sorts[os.path.dirname(file)] == sort]  # noqa: PTH120
            by_file = {story.location: story for story in stories}
            entries = [make_entry(by_file[file], _NO_STATE) for file in inside]
            for number, entry in enumerate(sort_by(entries, sort)):
                places[entry.story.location] = number - len(entries)
        return places
