"""The catalog of all stories, and how it is filled."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from reader.errors import UnknownStory
from reader.library.files import find_file
from reader.library.order import StorySorter
from reader.library.scan import Folder, scan_folder
from reader.library.watch import LibraryWatch
from reader.local_time import get_today
from reader.paths import find_path_lengths, shorten_path

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from reader.library.files import File
    from reader.library.index import Index
    from reader.library.story import Story


_MAX_MATCHES: Final = 6
"""Stories that the message about an ambiguous name lists."""
_SUGGESTION_CUTOFF: Final = 0.5
"""How similar a title must be to be suggested, as `difflib` measures it (0 to 1)."""


class SortJob(NamedTuple):
    """Sorts the stories of a catalog as they were when the job was made; may run in a worker."""

    sorter: StorySorter
    stories: Mapping[str, Story]
    changed: Collection[str]
    folders: Sequence[Path]
    today: date

    def run(self) -> list[Story]:
        """Return the stories in their order."""
        return self.sorter.sort(self.stories, self.changed, self.folders, self.today)


class Catalog:
    """The stories known so far, one for each path."""

    def __init__(self, stories: Iterable[Story] = ()) -> None:
        self._stories: dict[str, Story] = {story.location: story for story in stories}
        self.folders: list[Path] = []
        """The folders that were scanned, as real paths."""
        self.own_folder: Path | None = None
        """The folder of the stories that the user added, which is made for the first of them."""
        self.version = 0
        """A number that grows with each story that is added or removed."""
        self._sorter = StorySorter()
        self._sorted: list[Story] = []
        """The stories in their order, as of the last sorting."""
        self._changed = {*self._stories}
        """The files whose stories were added, replaced or removed since then."""
        self._sorted_on: date | None = None
        """The day of that sorting; None if another order was set since."""
        self._sort_job: SortJob | None = None
        """The job that uses the sorter now."""

    def __len__(self) -> int:
        return len(self._stories)

    def __contains__(self, path: object) -> bool:
        return str(path) in self._stories

    def add(self, story: Story) -> None:
        """Add `story`; it replaces another story of the same path."""
        self._stories[story.location] = story
        self._changed.add(story.location)
        self.version += 1

    def remove(self, path: Path) -> None:
        """Remove the story of the file at `path`, if there is one."""
        self._stories.pop(str(path), None)
        self._changed.add(str(path))
        self.version += 1

    def get(self, path: Path | str) -> Story | None:
        """Return the story of the file at `path`, which may be its location."""
        return self._stories.get(str(path))

    def list_present_folders(self) -> list[Path]:
        """Return the folders, without that of added stories if nothing was added yet."""
        own = os.path.realpath(self.own_folder) if self.own_folder is not None else ""
        return [each for each in self.folders if str(each) != own or os.path.lexists(own)]

    def list_all(self) -> Collection[Story]:
        """Return all stories in no particular order."""
        return self._stories.values()

    def set_order(self, paths: Iterable[Path]) -> None:
        """Put the stories of these files first, in this order."""
        self._sorter.rank = {str(path): number for number, path in enumerate(paths)}
        self._sorted_on = None

    def set_first_folder(self, folder: Path) -> None:
        """Put the stories of the files in `folder` first."""
        self._sorter.first_folder, self._sorted_on = folder, None

    def list_stories(self) -> list[Story]:
        """Return all stories in their order: as set, and then as `StorySorter` sorts them.

        While a job sorts them, they are in the order before, the new ones last.
        """
        today = get_today()
        if self._sort_job is not None:
            files = dict.fromkeys(story.location for story in self._sorted) | self._stories
            return [self._stories[file] for file in files if file in self._stories]
        if self._changed or self._sorted_on != today:
            job = self.start_sort()
            self.finish_sort(job, job.run())
        return list(self._sorted)

    def start_sort(self) -> SortJob:
        """Return the job that sorts the stories. `finish_sort` must take its result."""
        today = get_today()
        job = SortJob(self._sorter, {**self._stories}, self._changed, [*self.folders], today)
        self._changed, self._sorted_on, self._sort_job = set(), today, job
        return job

    def finish_sort(self, job: SortJob, stories: list[Story]) -> None:
        """Take the result of a job."""
        if job is self._sort_job:
            self._sorted, self._sort_job = stories, None

    def iter_following(self, story: Story, *, is_current: bool = True) -> Iterator[Story]:
        """Yield the stories that follow `story` in its folder, if the folder has an order.

        If the order need not be current, it is the one of the last sorting, which takes no time.
        """
        if is_current:
            self.list_stories()
        return self._sorter.iter_following(story)

    def find_by_id(self, story_id: str) -> Story | None:
        """Return the story with that id, without sorting the stories."""
        return next((story for story in self._stories.values() if story.id == story_id), None)

    def find_story(self, name: str) -> Story:
        """Return the story with that id, title or unique part of a title.

        Raises `UnknownStory`; its message lists the stories that match, or similar titles.
        """
        stories, wanted = self.list_stories(), normalize_title(name)
        for matches in (
            [s for s in stories if s.id == name],
            [s for s in stories if normalize_title(s.title) == wanted],
            [s for s in stories if wanted and wanted in normalize_title(s.title)],
        ):
            by_id = {story.id: story for story in matches}
            if len(by_id) == 1:
                return matches[0]
            if matches:
                names = _list_names([*by_id.values()])
                raise UnknownStory(f"several stories match '{name}': {names}")
        suggestion = _format_suggestion(wanted, stories)
        raise UnknownStory(f"there is no file and no story '{name}'; {suggestion}")


def normalize_title(title: str) -> str:
    """Return a title as it may be typed: without case, accents and typography."""
    from reader.text.search import fold_text  # the first screen doesn't need it

    return fold_text(title)


def _list_names(stories: Sequence[Story]) -> str:
    """Return the titles and ids of stories, with ends of their paths where titles are the same."""
    lengths = find_path_lengths([(story.location, story.title) for story in stories])
    names = [
        f"{story.title}{f' · {shorten_path(story.location, length)}' if length else ''} ({story.id})"
        for story in stories[:_MAX_MATCHES]
        for length in (lengths.get(story.location, 0),)
    ]
    return ", ".join([*names, *["..."][: len(stories) - len(names)]])


def _format_suggestion(wanted: str, stories: list[Story]) -> str:
    """Return what to try instead of `wanted`: similar titles, else the list of all stories."""
    from difflib import get_close_matches  # needed only for an unknown title

    titles: dict[str, str] = {}
    for story in stories:
        normalized = normalize_title(story.title)
        titles |= dict.fromkeys((normalized, *normalized.split()), story.title)
    similar = get_close_matches(wanted, titles, 3, cutoff=_SUGGESTION_CUTOFF)
    nearest = list(dict.fromkeys(titles[words] for words in similar))
    choices = " or ".join(f"'{title}'" for title in nearest)
    return f"did you mean {choices}?" if nearest else "see: reader list"


def list_undescribed(files: Iterable[File], indexed: Mapping[str, Story]) -> list[File]:
    """Return those of `files` that the index lacks, and those of which it has only the head."""
    return [
        file
        for file in files
        if (story := indexed.get(file.location)) is None or story.is_head_only
    ]


class Identify(Protocol):
    """Returns stories with their ids, and others with new ones."""

    def __call__(
        self,
        stories: list[Story],
        are_new: bool,
        /,
        *,
        rivals: Sequence[tuple[Story, bool]] | None = None,
    ) -> list[Story]:
        """Identify `stories`, which were just described or else are as in the index."""


def describe_paths(index: Index, paths: Iterable[str]) -> list[tuple[Story, bool]]:
    """Return the stories of files, and whether each was read: those in the index need not be.

    Takes time in proportion to the texts: call it in a worker.
    """
    from reader.library.describing import describe_files  # most starts need none

    files = [file for path in paths if (file := find_file(Path(path))) is not None]
    indexed = index.load_stories(files)
    known = [(story, False) for story in indexed.values() if not story.is_head_only]
    missing = list_undescribed(files, indexed)
    return [*known, *((story, True) for _, story in describe_files(missing))]


class CatalogBuilder:
    """Fills a catalog from scanned files, with the index for files that are known."""

    def __init__(self, catalog: Catalog, index: Index, identify: Identify) -> None:
        self._catalog, self._index, self._identify = catalog, index, identify
        self.watch = LibraryWatch()
        """Notices changes of the scanned files."""

    def add_folders(self, folders: Iterable[Folder], notices: list[str]) -> list[File]:
        """Add the stories of `folders` that are in the index; return the files to be described.

        Those are the files that it lacks, and those of which it has only the head. What can't be scanned adds a line to `notices`.
        """
        roots = list(folders)
        own = self._catalog.own_folder
        present = [root for root in roots if root.path != own or os.path.lexists(own)]
        files = [file for folder in present for file in scan_folder(folder, notices)]
        real = [root._replace(path=Path(os.path.realpath(root.path))) for root in roots]
        self.watch.add_folders(real, files)
        return self._add_indexed(files)

    def add_files(self, files: list[File]) -> list[File]:
        """Add the stories of `files` that are in the index; return the files to be described."""
        self.watch.add_files(files)
        return self._add_indexed(files)

    def add_started_stories(self, stories: Iterable[tuple[str, Path, str]]) -> list[File]:
        """Add stories by id, path and folder's name, wherever their files are.

        Adds those that are in the index and returns the files to be described. Stories that
        were scanned already and files that are gone are left out.
        """
        ids = {story.id for story in self._catalog.list_all()}
        files = []
        for story_id, path, folder in stories:
            is_new = (
                story_id not in ids
                and path not in self._catalog
                and str(path) not in self.watch.files
            )
            if is_new and (file := find_file(path)) is not None:
                files.append(file._replace(folder=folder))
        return self._add_indexed(files)

    def add_stories(
        self,
        stories: Sequence[tuple[File, Story]],
        rivals: Sequence[tuple[Story, bool]] | None = None,
    ) -> list[tuple[File, Story]]:
        """Add stories that were described; return them with their ids, for the index.

        Those of which only the head was read must have nothing of a known story. `rivals` are what
        was found in other files, by which the ids are decided.
        """
        files = {file.location: file for file, _ in stories}
        heads = [story for _, story in stories if story.is_head_only]
        others = [story for _, story in stories if not story.is_head_only]
        is_needed = bool(others or not heads)
        identified = self._identify(others, True, rivals=rivals) if is_needed else []
        identified += self._identify(heads, False) if heads else []
        for story in identified:
            self._catalog.add(story)
        return [(files[each.location], each) for each in identified if each.location in files]

    def index_story(self, story: Story) -> None:
        """Save a story that was opened from its file in the index, if it isn't there.

        Do nothing while a worker uses the index: a key would wait for it, and the worker saves what
        it describes.
        """
        file = find_file(story.path) if story.is_persistent else None
        if file is None or self._index.is_busy:
            return
        indexed = self._index.load_stories([file]).get(file.location)
        if indexed is None or (indexed.is_head_only and not story.is_head_only):
            self._index.save_stories([(file, story)])

    def add_known(self, stories: list[Story]) -> None:
        """Add stories that the index has."""
        for story in self._identify(stories, False):
            self._catalog.add(story)

    def _add_indexed(self, files: list[File]) -> list[File]:
        indexed = self._index.load_stories(files)
        self.add_known([*indexed.values()])
        return list_undescribed(files, indexed)
