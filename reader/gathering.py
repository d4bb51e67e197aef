"""From files to stories: those that are known at once, the others described by a worker.

Owns which files become stories of the library, and keeps what was found out about them.
Knows nothing of what was read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .errors import ReaderError
from .index import derive, unreadable
from .library import file_at, scan

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from .index import Index
    from .library import File, Library
    from .story import Story


class Gathering:
    """Fills a library from folders and files."""

    def __init__(self, library: Library, index: Index) -> None:
        self._library = library
        self._index = index
        self._gathered: set[Path] = set()

    def folders(self, folders: Iterable[Path], notices: list[str]) -> list[File]:
        """Take in the stories of `folders` whose files are known; return the other files.

        What can't be scanned adds a line to `notices`.
        """
        return self._take_known([file for folder in folders for file in scan(folder, notices)])

    def begun(self, stories: Iterable[tuple[str, Path, str]]) -> list[File]:
        """Take in stories by id, path and folder, wherever they are kept; as `folders` does."""
        ids = {story.id for story in self._library.stories()}
        files = []
        for story, path, folder in stories:
            is_new = story not in ids and path not in self._gathered
            if is_new and (file := file_at(path)) is not None:
                files.append(file._replace(folder=folder))
        return self._take_known(files)

    def learn(self, described: list[tuple[File, Story]]) -> None:
        """Take in stories that were described by a worker, and keep what is known of them."""
        for _, story in described:
            self._library.add(story)
        self._index.store(described)

    def know(self, story: Story) -> None:
        """Keep what the whole text of a story tells of it, for the next start."""
        file = file_at(story.path) if story.kept else None
        if file is not None and not self._index.known([file]):
            self._index.store([(file, story)])

    def _take_known(self, files: list[File]) -> list[File]:
        self._gathered.update(file.path for file in files)
        known = self._index.known(files)
        for story in known.values():
            self._library.add(story)
        return [file for file in files if file.path not in known]


def described(files: Iterable[File]) -> Iterator[tuple[File, Story]]:
    """Yield the story of each file, read and parsed: a worker's job.

    A file that can't be read is a story that says why not.
    """
    for file in files:
        try:
            yield file, derive(file)
        except ReaderError as error:
            yield file, unreadable(file, error)
