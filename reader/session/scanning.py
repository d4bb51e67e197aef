"""Which files the session knows: scan folders, and add the stories of them that the index has.

A large library is not scanned before the first screen: its kept order says what the shelf shows.
`ScanJob` scans it later, in a worker.
"""

from __future__ import annotations

import contextlib
import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from reader.library.files import find_neighbours
from reader.library.scan import Folder
from reader.local_time import get_today
from reader.session.jobs import ScanJob
from reader.session.shelf.entries import TitleFacts
from reader.session.shelf.sections import ShelfCounts, ShelfPart
from reader.store.folders import list_library

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from reader.library.catalog import Catalog, CatalogBuilder
    from reader.library.files import File
    from reader.library.index import Index
    from reader.library.story import Story
    from reader.session.jobs import Scanned
    from reader.session.known_stories import KnownStories
    from reader.session.shelf.entries import ShelfEntry
    from reader.session.shelf.kept_order import KeptOrder, OrderRow
    from reader.session.shelf.order_job import OrderJob
    from reader.session.shelf.sections import ShelfListing
    from reader.session.shelf.shelf_list import ShelfList


_ADDED_AT_ONCE: Final = 1_000
"""Stories that are added in one piece: it takes about five milliseconds."""
ORDER_NAMES: Final = ("shelf.db", "shelf-folder.db")
"""The names of the kept orders: of the library, and of the folder that was opened last."""


class Scanning:
    """Fills the catalog of a session from folders and files."""

    def __init__(  # noqa: PLR0913, PLR0917  what a session has, each used on its own
        self,
        catalog: Catalog,
        index: Index,
        builder: CatalogBuilder,
        known_stories: KnownStories,
        shelf_list: ShelfList,
        notify: Callable[[str], None],
    ) -> None:
        self._catalog = catalog
        self._index = index
        self._builder = builder
        self._known_stories = known_stories
        self._shelf_list = shelf_list
        self._notify = notify
        self.find_folders: Callable[[], list[Folder]] = lambda: list_library(
            catalog.own_folder, (), {}, has_bundled=True
        )
        """Finds the folders of the library."""
        self.orders: Path | None = None
        """The folder of the kept orders; None if none may be kept."""
        self._order_name = ""
        """The name of the kept order of what was scanned; empty if there can't be any."""
        self._is_library = True
        self._pending: list[Folder] = []
        """The folders that are still to be scanned."""
        self._opened: Story | None = None
        """The story whose file was opened, and whose folder comes first, once it is scanned."""
        self._kept: KeptOrder | None = None
        """Their kept order."""
        self._kept_state: tuple[int, str] | None = None
        """The version of the catalog and the key for which an order was made last."""

    @property
    def is_pending(self) -> bool:
        """The folders are still to be scanned; the shelf shows a part of its kept order."""
        return bool(self._pending)

    def scan_folders(self, folders: Iterable[Path | Folder]) -> list[File]:
        """Add the stories of `folders` that the index has; return the files still to describe."""
        roots = [each if isinstance(each, Folder) else Folder(each) for each in folders]
        self._catalog.folders += [Path(os.path.realpath(root.path)) for root in roots]
        notices: list[str] = []
        files = self._builder.add_folders(roots, notices)
        for notice in notices:
            self._notify(notice)
        return files

    def scan_library(self, folder: Path | list[File] | None) -> list[File]:
        """Add the stories of `folder`, or of files in their order, as `scan_folders` does.

        None stands for the library and the stories that were started from other folders.
        """
        if self._kept is not None:
            self.forget_kept_shelf()
        if isinstance(folder, list):
            self._catalog.set_order([file.path for file in folder])
            return self._builder.add_files(folder)
        files = self.scan_folders(self._enter_folders(folder))
        return files if folder is not None else [*files, *self.scan_started_stories()]

    def _enter_folders(self, folder: Path | None) -> list[Folder]:
        """Show the stories of `folder`, or of the library; return what is to be scanned."""
        folders = [self._find_folder(folder)] if folder else self.find_folders()
        self._is_library = folder is None
        self._order_name = ORDER_NAMES[0 if self._is_library else 1]
        self._shelf_list.load_view(folders, is_library=self._is_library)
        return folders

    def _find_folder(self, path: Path) -> Folder:
        """Return the folder at `path`, with the order that it has in the library."""
        real = os.path.realpath(path)
        library = (one for one in self.find_folders() if os.path.realpath(one.path) == real)
        return Folder(path, sort=next((folder.sort for folder in library), ""))

    def scan_neighbours(self, story: Story) -> list[File]:
        """Add the stories of the files beside `story`, before all others, as `scan_folders` does."""
        if not story.is_persistent or story.path.parent in self._catalog.folders:
            return []
        self._order_name = ""  # the shelf begins with this folder, whatever the library has
        self._catalog.set_first_folder(story.path.parent)
        files = find_neighbours(story.path)  # those of the library have its name already
        return self._builder.add_files([file for file in files if file.path not in self._catalog])

    def scan_started_stories(self) -> list[File]:
        """Add the stories that are being read from other folders, as `scan_folders` does."""
        return self._builder.add_started_stories(self._known_stories.list_started())

    def enter_kept_shelf(self, folder: Path | None) -> bool:
        """Show the stories of `folder`, or of the library, by their kept order.

        Return False if there is none that is valid, and nothing was done. Otherwise
        `read_part` must be called, and a `ScanJob` be run later.
        """
        if self.orders is None:
            return False
        folders = self._enter_folders(folder)
        path = self.orders / self._order_name
        if not os.path.lexists(path):
            return False
        from reader.session.shelf.kept_order import ERRORS, open_order  # few libraries are large

        with contextlib.suppress(*ERRORS):
            kept = open_order(path, self._make_key())
            if kept is not None and self._has_known_ids(kept):
                self._kept, self._pending = kept, folders
                self._catalog.folders += [Path(os.path.realpath(each.path)) for each in folders]
                return True
        return False

    def _make_key(self) -> str:
        from reader.session.shelf.kept_order import make_order_key

        self._shelf_list.load_view_data()
        return make_order_key(self._shelf_list.view, get_today())

    def _has_known_ids(self, kept: KeptOrder) -> bool:
        """Return whether the files of the order are the same stories by now.

        They may not be if another program has found a story under another path, or has merged or
        imported any.
        """
        device, serial = self._known_stories.load_version()
        if device != kept.header.device or serial < kept.header.serial:
            return False
        changed = self._known_stories.list_changed(kept.header.serial)
        rows = kept.find_stories(story.id for story in changed)
        for story in changed:
            row = rows.get(story.id)
            at_path = kept.find_file(story.path) if story.is_local else row
            if row != at_path or (row is not None and story.merged_into):
                return False
        return True

    def find_story(self, story_id: str) -> Story | None:
        """Return the story with that id, also if its file is still to be scanned."""
        if self._kept is not None:
            from reader.session.shelf.kept_order import ERRORS

            with contextlib.suppress(*ERRORS):
                self._load_rows(self._kept, [*self._kept.find_stories([story_id]).values()])
        return self._catalog.find_by_id(story_id)

    def find_named(self, name: str) -> Sequence[Story] | None:
        """Return the story of a large library that `name` names, by its kept order; [] for none.

        None if that isn't known: there is no valid order, files have changed, or several match.
        """
        if self._kept is None and not self.enter_kept_shelf(None):
            return None
        from reader.session.shelf.kept_order import ERRORS
        from reader.session.shelf.rows import find_named

        kept, story_id = self._kept, self._known_stories.resolve(name)
        with contextlib.suppress(*ERRORS):
            if kept is not None:
                others, missing = self._load_others(kept)
                load = partial(self._load_rows, kept)
                return find_named(kept, name, story_id, others, load) if not missing else None
        return None

    def read_part(self, current: Story | None, most: int) -> bool:
        """Show the part of the shelf round the `current` story, or its beginning.

        It has `most` stories before and after that one. Return whether that was done: the files
        may have changed, or the view.
        """
        kept = self._kept
        if kept is None or self._opened is not None:
            return False
        from reader.session.shelf.kept_order import ERRORS

        if self._make_key() != kept.header.key:
            return False  # the reader has chosen another order meanwhile
        try:
            part = self._make_part(kept, current, most)
        except ERRORS:
            if kept.is_outdated or not self.takes_long:
                return False
            kept.is_outdated = True  # a story that is seen may have changed, and have another place
            try:
                part = self._make_part(kept, current, most)
            except ERRORS:
                return False
        self._shelf_list.show_part(part)
        return True

    def _make_part(self, kept: KeptOrder, current: Story | None, most: int) -> ShelfPart:
        """Return the part that `read_part` shows. Raises what a damaged file of the order raises."""
        from reader.session.shelf.part import KeptShelf

        shelf_list = self._shelf_list
        states = shelf_list.load_states()

        def make_entries(rows: Sequence[OrderRow]) -> dict[int, ShelfEntry]:
            stories = self._load_rows(kept, rows)
            entries = shelf_list.make_entries(stories.values(), states)
            return dict(zip(stories, entries, strict=True))

        others = self._load_others(kept)[0] if self._is_library else []
        shown = [each for each in others if shelf_list.view.shows(each)]
        other_entries = shelf_list.make_entries(shown, states)
        shelf = KeptShelf(kept, shelf_list.view, states, other_entries)
        row = kept.find_file(current.path) if current is not None else None
        return shelf.read(row, most, make_entries)

    def hide_part(self, story: Story) -> None:
        """Show no rows, but how many there are: the shelf will begin with the folder of `story`."""
        if self._kept is not None:
            self._opened, header = story, self._kept.header
            counts = ShelfCounts(header.stories - header.unreadable, header.unreadable)
            self._shelf_list.show_part(ShelfPart([], counts, TitleFacts()))

    def _load_others(self, kept: KeptOrder) -> tuple[list[Story], list[File]]:
        """Add the stories that are being read from other folders; return them, hidden ones too.

        After them come the files that the index lacks, as `scan_folders` returns them.
        """
        started = self._known_stories.list_started()
        rows = kept.find_stories(story_id for story_id, *_ in started)
        others = [
            (story_id, path, folder)
            for story_id, path, folder in started
            if story_id not in rows and kept.find_file(path) is None
        ]
        if not others:
            return [], []
        missing = self._builder.add_started_stories(others)
        stories = (self._catalog.get(path) for _, path, _ in others)
        return [each for each in stories if each is not None], missing

    def _load_rows(self, kept: KeptOrder, rows: Sequence[OrderRow]) -> dict[int, Story]:
        """Add the stories of some rows to the catalog, and return them by rank."""
        from reader.session.shelf.rows import load_rows

        stories = load_rows(kept, self._index, rows, self._shelf_list.view.sort)
        for story in stories.values():
            self._catalog.add(story)
        return stories

    @property
    def takes_long(self) -> bool:
        """The kept order has so many stories that to scan and to list them takes long."""
        from reader.session.shelf.kept_order import MIN_OUTDATED

        return self._kept is not None and self._kept.header.stories >= MIN_OUTDATED

    @property
    def is_outdated(self) -> bool:
        """Files have changed since the kept order was made that the shelf shows a part of."""
        return self._kept is not None and self._kept.is_outdated

    def list_sources(self) -> list[str]:
        """Return the folders and files that decide which files the kept order has."""
        return self._kept.list_sources() if self._kept is not None else []

    def count_kept(self) -> int:
        """Return how many files the kept order was made of; 0 without one."""
        return self._kept.header.file_count if self._kept is not None else 0

    def is_kept_from(self, files: Iterable[File]) -> bool:
        """Return whether the kept order was made of these files, as they are."""
        from reader.session.shelf.kept_order import compute_files_digest

        return self._kept is not None and self._kept.header.files == compute_files_digest(files)

    def forget_kept_shelf(self) -> None:
        """Forget the kept order, whose folders are scanned now."""
        if self._kept is not None:
            self._kept.close()
        self._catalog.folders.clear()
        self._kept, self._pending = None, []

    def make_scan_job(self) -> ScanJob:
        """Return the job that scans the folders of the kept order; `add_scanned` takes its result."""
        return ScanJob(
            self._pending,
            self._catalog.own_folder,
            self._index.open_again,
            self._known_stories.may_be_known,
            self._kept.header.files if self._kept and not self._kept.is_touched else None,
        )

    def add_scanned(self, scanned: Scanned) -> Iterator[list[File]]:
        """Add what a job has found, in pieces; the last one has the files still to describe."""
        for notice in scanned.notices:
            self._notify(notice)
        for start in range(0, len(scanned.files), _ADDED_AT_ONCE):
            self.watch_files(scanned.files[start : start + _ADDED_AT_ONCE])
            yield []
        self._builder.watch.add_folders(scanned.folders, ())
        # All at once: each may be any of the known stories.
        self._builder.add_known(scanned.known)
        for start in range(0, len(scanned.others), _ADDED_AT_ONCE):
            self._builder.add_known(scanned.others[start : start + _ADDED_AT_ONCE])
            yield []
        started = self.scan_started_stories() if self._is_library else []
        if self._opened is not None:
            started += self.scan_neighbours(self._opened)
        if self._kept is not None:
            if scanned.is_kept:
                self._kept_state = self._catalog.version, self._kept.header.key
            self._kept.close()
        self._kept, self._pending = None, []
        yield [*scanned.missing, *started]

    def watch_files(self, files: Iterable[File]) -> None:
        """Watch files that were found in the scanned folders."""
        self._builder.watch.add_files(files)

    def make_order_job(self, listing: ShelfListing) -> OrderJob | None:
        """Return the job that keeps the order of all stories, as they were just listed.

        None if it need not be kept, or can't be: it was since the last change, or there are few.
        """
        from reader.session.shelf.order_job import MIN_STORIES, OrderJob

        is_large = len(listing.stories) >= MIN_STORIES
        is_described = len(listing.stories) >= len(self._builder.watch.files) and not any(
            story.is_head_only for story in listing.stories
        )
        is_whole = is_large and is_described and not self._pending
        if self.orders is None or not self._order_name or not is_whole:
            return None
        key = self._make_key()
        state = (self._catalog.version, key)
        if state == self._kept_state:
            return None
        self._kept_state = state
        return OrderJob(
            self.orders / self._order_name,
            key,
            self._shelf_list.view,
            listing.stories,
            self._builder.watch.files.copy(),
            *self._known_stories.known_version,
            self._catalog.own_folder,
        )
