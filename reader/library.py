"""Which stories there are: folders scanned safely, and stories in their order.

A scan meets each real folder once, whatever links say, opens nothing, and collects what it
could not enter as notes. The library holds the stories known so far and their order; what
the reader did with them is the session's business.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final

from .cells import clean_line
from .story import BUNDLED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .story import Story

SUFFIXES: Final = (".md", ".markdown", ".mdown", ".mkd")
_PASSED_OVER: Final = frozenset({"node_modules", "__pycache__", "venv"})
MOST: Final = 100_000
"""Files in one folder; a scan that finds more has met something that is no library."""


@dataclass(frozen=True, slots=True)
class File:
    """A file that may be a story, as the folder shows it: nothing was opened."""

    path: Path
    size: int
    """Bytes."""
    changed: int
    """Its modification time in nanoseconds."""
    folder: str
    """`bundled`, or the name of the folder that was asked for."""


def bundled_folder() -> Path:
    """Return where the stories that come with the program are: in the wheel or the checkout."""
    inside = Path(str(files("reader"))) / "_stories"
    return inside if inside.is_dir() else Path(__file__).resolve().parent.parent / "stories"


def scan(folder: Path, notes: list[str] | None = None) -> Iterator[File]:
    """Yield the files in and below `folder` that may be stories, in order of their names.

    What can't be entered, and what is no regular file, is told in `notes`.
    """
    told = notes if notes is not None else []
    name = BUNDLED if folder == bundled_folder() else clean_line(folder.name or str(folder))
    seen: set[tuple[int, int]] = set()
    waiting, found = [folder], 0
    while waiting and found < MOST:
        here = waiting.pop()
        try:
            entries = sorted(_entered(here, seen), key=lambda entry: entry.name)
        except OSError as error:
            told.append(f"{clean_line(str(here))}: {(error.strerror or 'not readable').lower()}")
            continue
        folders = []
        for entry in entries:
            file = _file(entry, name, told)
            if file is not None:
                found += 1
                yield file
            elif _is_folder(entry):
                folders.append(Path(entry.path))
        waiting += reversed(folders)


def file_at(path: Path) -> File | None:
    """Return the file at `path` as a scan of its folder would, or None if it isn't there."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return File(path, found.st_size, found.st_mtime_ns, clean_line(path.parent.name))


def _entered(folder: Path, seen: set[tuple[int, int]]) -> list[os.DirEntry[str]]:
    found = folder.stat()
    if (found.st_dev, found.st_ino) in seen:
        return []
    seen.add((found.st_dev, found.st_ino))
    with os.scandir(folder) as entries:
        return [entry for entry in entries if not entry.name.startswith(".")]


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir() and entry.name not in _PASSED_OVER
    except OSError:
        return False


def _file(entry: os.DirEntry[str], folder: str, notes: list[str]) -> File | None:
    if not entry.name.lower().endswith(SUFFIXES):
        return None
    try:
        found = entry.stat()
    except OSError as error:
        notes.append(f"{clean_line(entry.path)}: {(error.strerror or 'not readable').lower()}")
        return None
    if stat.S_ISDIR(found.st_mode):
        return None
    if not stat.S_ISREG(found.st_mode):
        notes.append(f"{clean_line(entry.path)}: not a regular file, so it is not opened")
        return None
    return File(Path(entry.path), found.st_size, found.st_mtime_ns, folder)


class Library:
    """The stories known so far, one a path, in their order: the newest first, then by title."""

    def __init__(self, stories: Iterable[Story] = ()) -> None:
        self._stories: dict[Path, Story] = {story.path: story for story in stories}

    def add(self, story: Story) -> None:
        """Take `story` in, in place of what was known of its file."""
        self._stories[story.path] = story

    def __len__(self) -> int:
        return len(self._stories)

    def __contains__(self, path: object) -> bool:
        return path in self._stories

    def get(self, path: Path) -> Story | None:
        """Return the story of that file."""
        return self._stories.get(path)

    def stories(self) -> list[Story]:
        """Return the stories in their order. A date in the future doesn't pin one on top."""
        return sorted(self._stories.values(), key=_order)


def _order(story: Story) -> tuple[int, str, int, str]:
    from datetime import datetime

    today = datetime.now().astimezone().date()
    published = story.published
    newest = -published.toordinal() if published is not None and published <= today else 0
    return newest, (story.series or _filed(story.title)), story.part, _filed(story.title)


def _filed(title: str) -> str:
    """Return a title as it is filed: without its article or opening mark."""
    folded = title.casefold().lstrip("“‘\"'«„(")
    for article in ("the ", "a ", "an "):
        folded = folded.removeprefix(article)
    return folded
