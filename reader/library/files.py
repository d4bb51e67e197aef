"""Files that may be stories: find one by its path or those beside it, and read one safely.

And what the path of a file says about its story.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from datetime import date
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

from reader.errors import UnreadableFile
from reader.text.cells import sanitize_line

STORY_SUFFIXES: Final = (
    ".md", ".markdown", ".mdown", ".mkd", ".mkdn", ".mdwn", ".mdtxt", ".text", ".rmd", ".qmd",
)  # fmt: skip
"""In lower case. The last three are Gruber's, R Markdown's and Quarto's."""
BUNDLED: Final = "bundled"
"""The folder's name of the stories that come with the program."""
MAX_NEIGHBOURS: Final = 10_000
"""Entries of a folder that are looked at when one file of it is opened."""
MAX_STORY_BYTES: Final = 64 * 1024 * 1024
"""Size of the largest file that is opened. The largest of 36,000 texts counted has 4 MB."""
_TOO_LARGE_MESSAGE: Final = f"larger than {MAX_STORY_BYTES >> 20} MB, so it is not opened"

_PATH_DATE: Final = r"(?:^|/)(\d{4})[-/](\d\d)[-/](\d\d)(?=[-_. /])"
"""A date in a path, as in `2021-06-12-title.md`, `2021-06-12/index.md` and `2021/06/12/`."""
_DATE_PREFIX: Final = r"\A\d{4}-\d\d-\d\d[-_. ]+(?=.)"
_GENERIC_STEMS: Final = frozenset({"index", "_index", "readme", "main"})


class File(NamedTuple):
    """A file that may be a story."""

    path: Path
    size: int
    """Bytes."""
    mtime_ns: int
    """Modification time in nanoseconds since the epoch."""
    folder: str
    """`bundled`, or the name of the folder that was scanned."""
    inode: int = 0
    """The number that the file system gives the file. Two files of one size can have one time."""


@cache
def find_bundled_folder() -> Path:
    """Return the folder of the bundled stories, in the installed package or the checkout."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "_stories"
    folder = installed if installed.is_dir() else package.parent / "stories"
    return Path(os.path.realpath(folder))


def find_file(path: Path) -> File | None:
    """Return the file at `path` as a scan of its folder would, None if there is none."""
    try:
        path = Path(os.path.realpath(path.parent)) / path.name
        status = path.stat()
    except (OSError, ValueError):
        return None
    is_bundled = path.is_relative_to(find_bundled_folder())
    folder = BUNDLED if is_bundled else sanitize_line(path.parent.name)
    return File(path, status.st_size, status.st_mtime_ns, folder, status.st_ino)


def find_neighbours(path: Path) -> list[File]:
    """Return the files beside the one at `path` that may be stories, ordered by name.

    Folders are not entered, and only `MAX_NEIGHBOURS` entries are looked at.
    """
    try:
        with os.scandir(path.parent) as entries:
            names = sorted(
                entry.name
                for entry in islice(entries, MAX_NEIGHBOURS)
                if entry.name.lower().endswith(STORY_SUFFIXES) and not entry.name.startswith(".")
            )
    except OSError:
        return []
    paths = (path.parent / name for name in names if name != path.name)
    return [file for file in map(find_file, paths) if file and file.path.is_file()]


def read_bytes(path: Path) -> bytes:
    """Return the content of the regular file at `path`, without waiting for a writer.

    An ordinary `open` would block on a FIFO, and a device may be endless. Raises
    `UnreadableFile`.
    """
    name = sanitize_line(str(path))
    try:
        _check_file(path.stat(), name)
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
        with os.fdopen(handle, "rb") as file:
            _check_file(os.fstat(handle), name)  # it may have been replaced in the meantime
            data = file.read(MAX_STORY_BYTES + 1)
    except OSError as error:
        raise UnreadableFile(f"{name}: {_format_reason(error)}") from error
    except ValueError as error:  # a NUL in the name
        raise UnreadableFile(f"{name}: not a valid file name") from error
    if data is None:  # a file of the system that would block, such as /proc/kmsg
        raise UnreadableFile(f"{name}: there is nothing to read yet")
    if len(data) > MAX_STORY_BYTES:
        raise UnreadableFile(f"{name}: {_TOO_LARGE_MESSAGE}")
    return data


def _check_file(status: os.stat_result, name: str) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise UnreadableFile(f"{name}: this is a folder")
    if not stat.S_ISREG(status.st_mode):
        raise UnreadableFile(f"{name}: not a regular file, so it is not opened")
    if status.st_size > MAX_STORY_BYTES:
        raise UnreadableFile(f"{name}: {_TOO_LARGE_MESSAGE}")


def _format_reason(error: OSError) -> str:
    reasons = {
        errno.ENOENT: "there is no such file",
        errno.EACCES: "you may not read it; check its permissions",
        errno.ENOTDIR: "there is no such file",
        errno.ENAMETOOLONG: "the name is too long",
        errno.ELOOP: "its links lead in a circle",
    }
    return reasons.get(error.errno or 0, (error.strerror or "can't be read").lower())


def guess_title(path: Path) -> str:
    """Return a title made from a file's name, or from its folder's for `index` and the like."""
    stem = path.stem
    if stem.casefold() in _GENERIC_STEMS and path.parent.name:
        stem = path.parent.name
    stem = re.sub(_DATE_PREFIX, "", stem)
    words = sanitize_line(stem.replace("_", " ").replace("-", " "))
    return words[:1].upper() + words[1:] or "Untitled"


def guess_date(path: Path) -> date | None:
    """Return the date at the start of a file's name, or in the names of its folders."""
    for year, month, day in reversed(re.findall(_PATH_DATE, "/".join(path.parts[-4:]))):
        try:
            return date(int(year), int(month), int(day))
        except ValueError:
            continue
    return None
