"""Files that may be stories: find one by its path or those beside it, and read one safely.

And what the path of a file says about its story, or tells from others with its title.
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
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.errors import UnreadableFile
from reader.paths import shorten_path
from reader.text.cells import sanitize_line

if TYPE_CHECKING:
    from collections.abc import Mapping


STORY_SUFFIXES: Final = (
    ".md", ".markdown", ".mdown", ".mkd", ".mkdn", ".mdwn", ".mdtxt", ".text", ".rmd", ".qmd",
)  # fmt: skip
"""In lower case. The last three are Gruber's, R Markdown's and Quarto's."""
BUNDLED: Final = "bundled"
"""The folder's name of the stories that come with the program."""
SHOWN_NAMES: Final = {BUNDLED: "Included stories"}
"""What the shelf calls folders that have another name in settings and output."""
_PATH_SEPARATOR: Final = " · "
"""Between a title and the path that tells it from others."""
MAX_NEIGHBOURS: Final = 10_000
"""Entries of a folder that are looked at when one file of it is opened."""
MAX_STORY_BYTES: Final = 64 * 1024 * 1024
"""Size of the largest file that is opened. The largest of 36,000 texts counted has 4 MB."""
_MIN_READ_BYTES: Final = 64 * 1024
_TOO_LARGE_MESSAGE: Final = f"larger than {MAX_STORY_BYTES >> 20} MB, so it is not opened"

_PATH_DATE: Final = r"(?:^|/)(\d{4})[-/](\d\d)[-/](\d\d)(?=[-_. /])"
"""A date in a path, as in `2021-06-12-title.md`, `2021-06-12/index.md` and `2021/06/12/`."""
_DATE_PREFIX: Final = r"\A\d{4}-\d\d-\d\d[-_. ]+(?=.)"
_GENERIC_STEMS: Final = frozenset({"index", "_index", "readme", "main"})


class File(NamedTuple):
    """A file that may be a story."""

    location: str
    """Its path as text: a `Path` takes four times the memory, and a scan finds many files."""
    size: int
    """Bytes."""
    mtime_ns: int
    """Modification time in nanoseconds since the epoch."""
    folder: str
    """`bundled`, or the name of the folder that was scanned."""
    inode: int = 0
    """The number that the file system gives the file. Two files of one size can have one time."""

    @property
    def path(self) -> Path:
        """Its path. It is made anew: what looks at all files takes `location`."""
        return Path(self.location)


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
    return File(str(path), status.st_size, status.st_mtime_ns, folder, status.st_ino)


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


def read_bytes(path: Path | str, limit: int | None = None) -> bytes:
    """Return the content of the regular file at `path`, without waiting for a writer.

    With a `limit` only about so many bytes at its start. An ordinary `open` would block on a FIFO,
    and a device may be endless. Raises `UnreadableFile`.
    """
    name = str(path)
    try:
        problem = _find_problem(os.stat(name))  # noqa: PTH116  a Path takes as long as the file
        data = b"" if problem else _read_regular(name, limit)
    except BlockingIOError:  # a file of the system, such as /proc/kmsg
        problem = "there is nothing to read yet"
    except OSError as error:
        raise UnreadableFile(f"{sanitize_line(name)}: {format_read_error(error)}") from error
    except ValueError as error:  # a NUL in the name
        raise UnreadableFile(f"{sanitize_line(name)}: not a valid file name") from error
    if not problem and len(data) > MAX_STORY_BYTES:
        problem = _TOO_LARGE_MESSAGE
    if problem:
        raise UnreadableFile(f"{sanitize_line(name)}: {problem}")
    return data


def _read_regular(path: str, limit: int | None) -> bytes:
    """Return what is in a file, up to a byte more than the largest file may have.

    Raises `OSError`, and `UnreadableFile` if it was replaced in the meantime.
    """
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    try:
        status = os.fstat(handle)
        if problem := _find_problem(status):
            raise UnreadableFile(f"{sanitize_line(path)}: {problem}")
        rest = min(MAX_STORY_BYTES + 1, limit if limit is not None else MAX_STORY_BYTES + 1)
        size = (
            status.st_size + 1 if status.st_size else _MIN_READ_BYTES
        )  # some of the system have none
        chunks: list[bytes] = []
        while rest > 0 and (chunk := os.read(handle, min(size, rest))):
            chunks.append(chunk)
            rest -= len(chunk)
            if 0 < len(chunk) == status.st_size:
                break  # all of it, as of most files
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)
    finally:
        os.close(handle)


def _find_problem(status: os.stat_result) -> str:
    """Return why a file can't be read as a story; empty if it can."""
    if stat.S_ISDIR(status.st_mode):
        return "this is a folder"
    if not stat.S_ISREG(status.st_mode):
        return "not a regular file, so it is not opened"
    return _TOO_LARGE_MESSAGE if status.st_size > MAX_STORY_BYTES else ""


def format_read_error(error: OSError, kind: str = "file") -> str:
    """Return why a file, or what `kind` says, can't be read, and what to do; in lower case."""
    reasons = {
        errno.ENOENT: f"there is no such {kind}",
        errno.EACCES: "you may not read it; check its permissions",
        errno.ENOTDIR: f"there is no such {kind}",
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


def guess_date(path: Path | str) -> date | None:
    """Return the date at the start of a file's name, or in the names of its folders."""
    end = "/".join(str(path).rsplit(os.sep, 4)[-4:])
    for year, month, day in reversed(re.findall(_PATH_DATE, end)):
        try:
            return date(int(year), int(month), int(day))
        except ValueError:
            continue
    return None


def find_path_end(location: str, lengths: Mapping[str, int]) -> str:
    """Return the end of a path that tells its story apart, sanitised; empty if it needs none."""
    length = lengths.get(location, 0)
    return sanitize_line(shorten_path(location, length)) if length else ""


def join_path(title: str, path: str) -> str:
    """Return a title and what `find_path_end` returned for its story, as one text."""
    return f"{title}{_PATH_SEPARATOR}{path}" if path else title
