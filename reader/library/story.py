"""A story and its file: read the file safely, derive the story's metadata, and load its text.

The metadata comes from the front matter, else from the text, else from the file's path. The
text comes from the text cache, else from the parser.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.errors import ReaderError, UnreadableFile
from reader.library.files import find_file
from reader.text.cells import sanitize_line
from reader.text.document import Document, Kind, fingerprint_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from reader.library.files import File
    from reader.library.frontmatter import FrontMatter
    from reader.library.text_cache import CachedText, TextCache
    from reader.text.document import Slice


MAX_STORY_BYTES: Final = 64 * 1024 * 1024
"""Size of the largest file that is opened. The largest of 36,000 texts counted has 4 MB."""
STORY_LINK_PREFIX: Final = "story:"
"""The start of a link target that leads to a story by its id."""
_TOO_LARGE_MESSAGE: Final = f"larger than {MAX_STORY_BYTES >> 20} MB, so it is not opened"
_MAX_BINARY_SHARE: Final = 0.3
"""The share of undecodable characters above which a file is not text."""
_SAMPLE_CHARACTERS: Final = 100_000
"""Characters at the start of a file in which that share is counted."""
_BYTE_ORDER_MARKS: Final = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
"""Byte order marks and their encodings; of two that begin alike, the longer comes first."""
_PATH_DATE: Final = r"(?:^|/)(\d{4})[-/](\d\d)[-/](\d\d)(?=[-_. /])"
"""A date in a path, as in `2021-06-12-title.md`, `2021-06-12/index.md` and `2021/06/12/`."""
_DATE_PREFIX: Final = r"\A\d{4}-\d\d-\d\d[-_. ]+(?=.)"
_MAX_EXTRA_LINES: Final = 8
"""Fields without a use that are shown."""
_MAX_NAMES: Final = 12
"""Fields that are named as left out. The rest are counted."""
_MAX_NOTICE_CHARACTERS: Final = 1_000
_GENERIC_STEMS: Final = frozenset({"index", "_index", "readme", "main"})


@dataclass(frozen=True, slots=True)
class Story:
    """The metadata of a story; its text is loaded separately."""

    id: str
    path: Path
    title: str
    folder: str = ""
    """`bundled`, or the name of the folder that was scanned."""
    deck: str = ""
    kicker: str = ""
    author: str = ""
    about: str = ""
    credit: str = ""
    published: date | None = None
    """The day; the first of its month or year if only that is known."""
    date_text: str = ""
    """The date as it is shown if the day isn't known: a month, a year, or what was typed."""
    notices: tuple[str, ...] = ()
    """Lines on what the front matter has besides, and on how the file was read."""
    tags: tuple[str, ...] = ()
    series: str = ""
    part: int = 0
    language: str = ""
    kind: str = ""
    url: str = ""
    words: int = 0
    is_persistent: bool = True
    """Its reading data is saved. False for a story from standard input."""
    is_readable: bool = True
    """False for an entry for a file that can't be read; the deck is the reason."""


_VERSE_KINDS: Final = frozenset({"verse", "poem", "poetry"})
"""Kinds of stories whose lines end where they end in the file."""
_VERSE_LINE_END: Final = r"(?<=[^\s\\])[ \t]*\n(?=[ \t>]*[^\s>])"
"""The end of a line that another line of its paragraph follows. Two spaces make it a hard break."""


class Source(NamedTuple):
    """A story's file as read, with only newlines as line ends."""

    path: Path
    front_matter: FrontMatter
    body: str


def read_source(path: Path) -> Source:
    """Return the front matter and body of the file at `path`.

    Raises `UnreadableFile` if it isn't a regular text file of at most 64 MB.
    """
    return split_source(decode_text(read_bytes(path), path), path)


def split_source(text: str, path: Path) -> Source:
    """Return the front matter and body of `text`, the content of the file at `path`."""
    from reader.library.frontmatter import split_front_matter

    front_matter, body = split_front_matter(text)
    if front_matter.kind.lower() in _VERSE_KINDS:
        body = re.sub(_VERSE_LINE_END, "  \n", body)
    return Source(path, front_matter, body)


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


def decode_text(data: bytes, path: Path) -> str:
    """Return `data` as text with only newlines as line ends; what isn't UTF-8 becomes U+FFFD.

    UTF-16 and UTF-32 are recognised by their byte order mark. Raises `UnreadableFile` if
    `data` isn't text.
    """
    encoding = "utf-8"
    for mark, name in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            encoding, data = name, data[len(mark) :]
            break
    text = data.decode(encoding, "replace")
    sample = text[:_SAMPLE_CHARACTERS]
    if sample.count("\0") + sample.count("\ufffd") > _MAX_BINARY_SHARE * len(sample):
        raise UnreadableFile(f"{sanitize_line(str(path))}: not text (or not in UTF-8)")
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _never_stop() -> bool:
    return False


def describe_files(
    files: Iterable[File], must_stop: Callable[[], bool] = _never_stop
) -> Iterator[tuple[File, Story]]:
    """Yield each file with its story, for which the file is read and parsed.

    Takes time in proportion to the text, so call it in a worker. It ends early, even inside a
    file, once `must_stop` returns true. A file that can't be read gets an entry with the reason.
    """
    for file in files:
        try:
            story = describe_file(file, must_stop)
        except ReaderError as error:
            story = describe_unreadable(file, error)
        if must_stop():
            return
        yield file, story


def describe_file(file: File, must_stop: Callable[[], bool] = _never_stop) -> Story:
    """Return the story of `file`, for which it is read and parsed. Raises `UnreadableFile`.

    The story is incomplete if `must_stop`, which is called often, returned true.
    """
    source, document = read_source(file.path), Document()
    for piece in parse_slices(source.body, source.front_matter.title):
        document.extend(piece.blocks)
        if piece.is_last:
            document.finish(piece.footnotes)
        if must_stop():
            break
    return describe_document(source, file.folder, document)


def describe_document(source: Source, folder: str, document: Document) -> Story:
    """Return the story of `source`, whose body was parsed to `document`."""
    title, words = "", document.words
    if not source.front_matter.title:
        heading = next((b for b in document.blocks if b.kind is Kind.HEADING), None)
        title = sanitize_line(heading.text) if heading else ""
        if heading is not None and heading is document.blocks[0] and title == heading.text:
            words -= heading.words  # it becomes the title, and is dropped from the text
    return _make_story(source, folder, title, words)


def describe_unreadable(file: File, error: ReaderError) -> Story:
    """Return an entry for a file that can't be read, with the reason as its deck."""
    reason = sanitize_line(str(error)).removeprefix(f"{sanitize_line(str(file.path))}: ")
    return Story(
        make_story_id(file.path),
        file.path,
        guess_title(file.path),
        file.folder,
        deck=reason,
        is_persistent=False,
        is_readable=False,
    )


def make_story_id(path: Path) -> str:
    """Return twelve hex digits for the file at `path`, the same for every name of the file."""
    return blake2b(os.fsencode(os.path.realpath(path)), digest_size=6).hexdigest()


def _format_extra(fields: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    """Return lines about fields that have no use: those of several words, and the others' names.

    A dedication is the story's; a layout or a weight is a matter of the site's builder.
    """
    prose = [item for item in fields if " " in item[1]][:_MAX_EXTRA_LINES]
    names = [item[0] for item in fields if item not in prose]
    lines = [f"{name[0].upper()}{name[1:]}: {text}" for name, text in prose]
    more = f" and {len(names) - _MAX_NAMES} more" if len(names) > _MAX_NAMES else ""
    if names:
        lines.append(f"[front matter left out: {', '.join(names[:_MAX_NAMES])}{more}]")
    return tuple(sanitize_line(line, _MAX_NOTICE_CHARACTERS) for line in lines)


def _make_story(source: Source, folder: str, heading: str, words: int) -> Story:
    """Return the story of `source`; `heading` is its title if the front matter has none."""
    matter, path = source.front_matter, source.path
    return Story(
        id=matter.id or make_story_id(path),
        path=path,
        title=matter.title or sanitize_line(heading) or guess_title(path),
        folder=folder,
        deck=matter.deck,
        kicker=matter.kicker,
        author=matter.author,
        about=matter.about,
        credit=matter.credit,
        published=matter.published or (None if matter.date_text else guess_date(path)),
        date_text=matter.date_text,
        notices=_format_extra(matter.extra),
        tags=matter.tags,
        series=matter.series,
        part=matter.part,
        language=matter.language,
        kind=matter.kind,
        url=matter.url,
        words=words,
    )


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


class StoryText:
    """The text of an open story, from the cache or from the parser."""

    def __init__(
        self,
        slices: Iterator[Slice],
        characters: int,
        make_digest: Callable[[], str],
        *,
        is_cached: bool,
    ) -> None:
        self.slices = slices
        self.characters = characters
        """Approximate length of the whole text."""
        self.is_cached = is_cached
        """The text came from the cache."""
        self._make_digest = make_digest
        self._digest = ""

    def get_digest(self) -> str:
        """Return the fingerprint of the text, which is different for each version."""
        self._digest = self._digest or self._make_digest()
        return self._digest

    def release_source(self) -> None:
        """Free the source of the text once all of it is parsed."""
        digest = self.get_digest()
        self.slices, self._make_digest = iter(()), lambda: digest


def make_text(source: Source, title: str) -> StoryText:
    """Return the text of a file that was read, without a first heading equal to `title`."""
    body = source.body
    return StoryText(
        parse_slices(body, title), len(body), lambda: fingerprint_text(body), is_cached=False
    )


def load_text(story: Story, text_cache: TextCache) -> StoryText:
    """Return the text of `story` from the cache or from its file. Raises `UnreadableFile`."""
    file = find_file(story.path) if story.is_persistent else None
    cached = text_cache.load(file, story.title) if file is not None else None
    if cached is None:
        return make_text(read_source(story.path), story.title)
    slices = _recover_slices(cached, story)
    return StoryText(slices, cached.characters, lambda: cached.digest, is_cached=True)


def save_text(story: Story, text: StoryText, document: Document, text_cache: TextCache) -> None:
    """Save the complete `document` that was parsed from `text`, unless it is from the cache."""
    file = find_file(story.path) if story.is_persistent and not text.is_cached else None
    if file is not None:
        text_cache.save(file, story.title, document, text.get_digest())


def parse_slices(body: str, title: str) -> Iterator[Slice]:
    """Return the slices of a text, each parsed when it is requested."""
    # The parser takes longer to import than the shelf takes to draw, and the shelf needs none.
    from reader.markdown.parser import parse_slices

    return parse_slices(body, title)


def _recover_slices(cached: CachedText, story: Story) -> Iterator[Slice]:
    """Yield the cached slices; if the cache is damaged, parse the rest from the file."""
    block_count = 0
    try:
        for piece in cached.slices:
            yield piece
            block_count += len(piece.blocks)
    except ValueError:
        for piece in parse_slices(read_source(story.path).body, story.title):
            rest = piece.blocks[block_count:]
            block_count = max(0, block_count - len(piece.blocks))
            yield piece._replace(blocks=rest)
