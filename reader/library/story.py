"""A story file: read it safely, take its front matter, determine its identity."""

from __future__ import annotations

import errno
import os
import re
import stat
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.errors import UnreadableFile
from reader.text.cells import sanitize_line

if TYPE_CHECKING:
    from pathlib import Path

    from reader.library.frontmatter import FrontMatter


MAX_STORY_BYTES: Final = 64 * 1024 * 1024
"""Bytes. The largest text counted in the wild has 4 MB."""
BUNDLED: Final = "bundled"
STORY_LINK_PREFIX: Final = "story:"
"""What the target of a link begins with that leads to a story by its id."""
_TOO_LARGE_MESSAGE: Final = f"larger than {MAX_STORY_BYTES >> 20} MB, so it is not opened"
_MAX_BINARY_SHARE: Final = 0.3
"""A file of which more than this part is no text is not shown as text."""


@dataclass(frozen=True, slots=True)
class Story:
    """Something to read: an identity, what is known about it, and where it is kept."""

    id: str
    path: Path
    title: str
    source: str = ""
    """`bundled`, or the name of the folder it came from."""
    deck: str = ""
    kicker: str = ""
    author: str = ""
    about: str = ""
    credit: str = ""
    published: date | None = None
    tags: tuple[str, ...] = ()
    series: str = ""
    part: int = 0
    language: str = ""
    kind: str = ""
    url: str = ""
    words: int = 0
    is_persistent: bool = True
    """Its memory is kept. A text from standard input has none."""
    is_readable: bool = True
    """False of a stand-in for a file that can't be read; its deck says why not."""


class Source(NamedTuple):
    """A story's file as read: front matter and body, with newlines only."""

    path: Path
    front_matter: FrontMatter
    body: str


def read_source(path: Path) -> Source:
    """Return the front matter and body of the story at `path`.

    Raises `Unreadable` for what is no regular file of text of at most 64 MB.
    """
    return split_source(decode_text(read_bytes(path), path), path)


def split_source(text: str, path: Path) -> Source:
    """Return the front matter and body of `text`, which is the story of `path`."""
    from reader.library.frontmatter import split_front_matter

    return Source(path, *split_front_matter(text))


def read_bytes(path: Path) -> bytes:
    """Return the bytes of the regular file at `path`, without ever waiting for a writer.

    A FIFO would block an ordinary `open` for ever, and a device may answer without end.
    Raises `Unreadable`.
    """
    name = sanitize_line(str(path))
    try:
        _check_file(path.stat(), name)
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
        with os.fdopen(handle, "rb") as file:
            _check_file(os.fstat(handle), name)  # it may be another file by now
            data = file.read(MAX_STORY_BYTES + 1)
    except OSError as error:
        raise UnreadableFile(f"{name}: {_format_reason(error)}") from error
    except ValueError as error:  # a NUL in the name
        raise UnreadableFile(f"{name}: not a name a file can have") from error
    if data is None:  # some files of the system would make us wait
        raise UnreadableFile(f"{name}: there is nothing to read yet")
    if len(data) > MAX_STORY_BYTES:
        raise UnreadableFile(f"{name}: {_TOO_LARGE_MESSAGE}")
    return data


def _check_file(found: os.stat_result, name: str) -> None:
    if stat.S_ISDIR(found.st_mode):
        raise UnreadableFile(f"{name}: this is a folder")
    if not stat.S_ISREG(found.st_mode):
        raise UnreadableFile(f"{name}: not a regular file, so it is not opened")
    if found.st_size > MAX_STORY_BYTES:
        raise UnreadableFile(f"{name}: {_TOO_LARGE_MESSAGE}")


def _format_reason(error: OSError) -> str:
    reasons = {
        errno.ENOENT: "there is no such file",
        errno.EACCES: "you may not read it; see its permissions",
        errno.ENOTDIR: "there is no such file",
        errno.ENAMETOOLONG: "the name is too long",
        errno.ELOOP: "its links lead in a circle",
    }
    return reasons.get(error.errno or 0, (error.strerror or "can't be read").lower())


_BYTE_ORDER_MARKS: Final = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
"""Byte order marks, the longer one of two that begin alike first."""


def decode_text(data: bytes, path: Path) -> str:
    """Return `data` as text with newlines only; what is no UTF-8 becomes U+FFFD.

    UTF-16 and UTF-32 are known by their byte order mark. Raises `Unreadable` for data that
    is no text.
    """
    encoding = "utf-8"
    for mark, name in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            encoding, data = name, data[len(mark) :]
            break
    text = data.decode(encoding, "replace")
    sample = text[:100_000]
    if sample.count("\0") + sample.count("\ufffd") > _MAX_BINARY_SHARE * len(sample):
        raise UnreadableFile(f"{sanitize_line(str(path))}: not text (or not in UTF-8)")
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def make_story_id(path: Path) -> str:
    """Return twelve hex digits for the file at `path`, the same however it is opened."""
    return blake2b(os.fsencode(os.path.realpath(path)), digest_size=6).hexdigest()


def make_story(source: Source, folder: str, title: str, words: int) -> Story:
    """Return the story of `source`, whose text by itself suggests `title` and has `words`."""
    matter, path = source.front_matter, source.path
    return Story(
        id=matter.id or make_story_id(path),
        path=path,
        title=matter.title or sanitize_line(title) or guess_title(path),
        source=folder,
        deck=matter.deck,
        kicker=matter.kicker,
        author=matter.author,
        about=matter.about,
        credit=matter.credit,
        published=matter.published or guess_date(path),
        tags=matter.tags,
        series=matter.series,
        part=matter.part,
        language=matter.language,
        kind=matter.kind,
        url=matter.url,
        words=words,
    )


_PATH_DATE: Final = re.compile(r"(?:^|/)(\d{4})[-/](\d\d)[-/](\d\d)(?=[-_. /])")
"""A date in a path, as in `2021-06-12-title.md`, `2021-06-12/index.md` and `2021/06/12/`."""
_DATE_PREFIX: Final = re.compile(r"\A\d{4}-\d\d-\d\d[-_. ]+(?=.)")
_GENERIC_STEMS: Final = frozenset({"index", "_index", "readme", "main"})


def guess_title(path: Path) -> str:
    """Return a title made of a file's name, or of its folder's for `index` and the like."""
    stem = path.stem
    if stem.casefold() in _GENERIC_STEMS and path.parent.name:
        stem = path.parent.name
    stem = _DATE_PREFIX.sub("", stem)
    words = sanitize_line(stem.replace("_", " ").replace("-", " "))
    return words[:1].upper() + words[1:] or "Untitled"


def guess_date(path: Path) -> date | None:
    """Return the date that a file's name begins with, or the folders it lies in."""
    for year, month, day in reversed(_PATH_DATE.findall("/".join(path.parts[-4:]))):
        try:
            return date(int(year), int(month), int(day))
        except ValueError:
            continue
    return None
