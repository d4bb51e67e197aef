"""The text cache, which stores parsed texts on disk.

A cached text is a file of JSON lines: a header, lines of blocks, and a last line with the
footnotes. It is read line by line, so that the first screen needs only the first lines. Each
line begins with a checksum of itself and the lines before it. A damaged file is removed. At the
end of a long text is an index of its lines, see `stored_blocks`.

Until a large text is parsed to its end, a file with its beginning stands for it.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
import sys
from functools import cache
from itertools import chain
from pathlib import Path
from threading import get_ident
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from zlib import crc32

from reader.paths import list_own_files, make_private_folder
from reader.text.block_json import (
    block_to_json,
    check_strings,
    is_clean,
    json_to_blocks,
    require,
)
from reader.text.digests import compute_digest
from reader.text.document import Slice, describe_blocks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import BinaryIO

    from reader.library.files import File
    from reader.text.document import Block, Document


FIRST_LINE_CHARACTERS: Final = 16_000
"""Characters of text in the first line of blocks, which the first screen waits for."""
NEXT_LINE_CHARACTERS: Final = 48_000
"""Characters of text in each later line of blocks."""
MAX_FILES: Final = 400
MAX_BYTES: Final = 200_000_000
"""Limits of the whole cache. The oldest files are removed first."""
MIN_INDEXED_LINES: Final = 4
"""Lines of blocks from which on a text has an index: fewer are read as fast."""
_FILE_NAME: Final = r"[0-9a-f]{24}\.(jsonl|\d+)"
_PARSER_PACKAGES: Final = ("library", "markdown", "text")
_PARSER_LIBRARIES: Final = ("markdown_it", "mdit_py_plugins")
"""The packages whose code decides how a text is parsed."""


class CachedText(NamedTuple):
    """A text from the cache."""

    characters: int
    """Length of the whole text."""
    digest: str
    """Fingerprint of the text, which is different for each version."""
    slices: Iterator[Slice]
    """The slices, each read when it is requested. Raises `ValueError`, and nothing else, if the
    file is damaged; it is removed then. Those of a beginning end without a last one."""
    beginning: Beginning | None
    """What is known if only the beginning of the text is cached; None if all of it is."""
    path: Path = Path()
    """The file of the cached text."""
    header: bytes = b""
    """The first line of it."""


class Beginning(NamedTuple):
    """What is saved with the beginning of a text."""

    characters: int
    """Characters of the blocks that are saved."""
    story: str
    """The metadata of its story, as the index writes it: the index has no row for it yet."""
    has_own_title: bool
    """The title is in its file."""


class _Header(NamedTuple):
    """The first line of a cached text's file."""

    program: str
    """Fingerprint of the code that parsed the text."""
    size: int
    mtime_ns: int
    inode: int
    """Size, modification time and inode of the story's file."""
    title: str
    """The title that the text was parsed with."""
    characters: int = 0
    digest: str = ""
    beginning: Sequence[Any] | None = None
    """The fields of a `Beginning`."""

    def is_same_version(self, other: _Header) -> bool:
        """Return whether both headers are of the same text, parsed by the same code."""
        return self[:_VERSION_FIELDS] == other[:_VERSION_FIELDS]


_VERSION_FIELDS: Final = 5


class TextCache:
    """The parsed texts in a folder, which is made when the first text is saved."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        """None for a cache that saves nothing."""

    def load(self, file: File, title: str | None) -> CachedText | None:
        """Return the text of `file` as it was parsed with `title`, None if it isn't cached.

        Without a title, only the beginning of a text is returned, which has one.
        """
        if self._folder is None:
            return None
        path = _make_path(self._folder, file)
        try:
            with open_cached_file(path) as lines:
                first_line = lines.readline()
            header = _json_to_header(check_line(first_line)[0])
        except (OSError, *DAMAGE):
            return None  # a damaged file is as good as none; the parsed text replaces it
        beginning = Beginning(*header.beginning) if header.beginning is not None else None
        wanted = header.title if title is None else title
        if (title is None and beginning is None) or not header.is_same_version(
            _make_header(file, wanted)
        ):
            return None
        slices = _read_slices(path, first_line, is_whole=beginning is None)
        return CachedText(header.characters, header.digest, slices, beginning, path, first_line)

    def save(self, file: File, title: str, document: Document, digest: str) -> None:
        """Save the complete `document` of `file`; do nothing if it can't be saved.

        Takes about a third of the time of parsing the text, so call it in a worker.
        """
        header = _make_header(file, title)._replace(characters=document.characters, digest=digest)
        footnotes = {"footnotes": [block_to_json(block) for block in document.footnotes]}
        self._write(file, header, document.blocks, footnotes)

    def save_beginning(
        self, file: File, title: str, text: CachedText, blocks: Sequence[Block]
    ) -> None:
        """Save the first `blocks` of a text, with what `text` says of it, unless all of it is saved."""
        header = _make_header(file, title)._replace(
            characters=text.characters, digest=text.digest, beginning=text.beginning
        )
        self._write(file, header, blocks, None)

    def _write(
        self, file: File, header: _Header, blocks: Sequence[Block], last: dict[str, Any] | None
    ) -> None:
        if self._folder is None:
            return
        with contextlib.suppress(OSError, ValueError):
            make_private_folder(self._folder)
            path = _make_path(self._folder, file)
            draft = path.with_suffix(f".{os.getpid()}{get_ident()}")
            handle = os.open(draft, os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_NOFOLLOW, 0o600)
            with os.fdopen(handle, "wb") as output:
                groups = [*_group_blocks(blocks)]
                lines = [*_write_lines(output, _format_lines(header, groups, last))]
                if last is not None and len(groups) >= MIN_INDEXED_LINES:
                    _write_index(output, lines, groups)
            saved = self.load(file, header.title) if header.beginning is not None else None
            if saved is not None and saved.beginning is None:  # by another thread or program
                draft.unlink()
                return
            draft.replace(path)
            _remove_oldest(self._folder)


def _make_path(folder: Path, file: File) -> Path:
    name = compute_digest(os.fsencode(file.location), 12)
    return folder / f"{name}.jsonl"


def _make_header(file: File, title: str) -> _Header:
    return _Header(_hash_program(), file.size, file.mtime_ns, file.inode, title)


@cache
def _hash_program() -> str:
    """Return a fingerprint of the parser's files, so that a change makes cached texts stale."""
    package = Path(__file__).parent.parent
    files = sorted(chain.from_iterable(_list_modules(package / name) for name in _PARSER_PACKAGES))
    return compute_digest(repr([*files, *_list_libraries()]).encode(), 8)


def _list_libraries() -> Iterator[tuple[str, int, int]]:
    """Yield path, time and inode of each library's main module, which an upgrade replaces.

    The libraries aren't imported: the first screen of a cached text doesn't need them.
    """
    for name in _PARSER_LIBRARIES:
        for folder in sys.path:
            path = f"{folder}/{name}/__init__.py"
            try:
                status = os.stat(path)  # noqa: PTH116  faster than a Path, at each start
            except OSError:
                continue
            yield path, status.st_mtime_ns, status.st_ino
            break


def _list_modules(folder: Path | str) -> Iterator[tuple[str, int]]:
    """Yield the path and the time of each module in a folder and the packages in it."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(".py"):
                yield entry.path, entry.stat().st_mtime_ns
            elif "." not in entry.name and entry.name != "__pycache__":
                yield from _list_modules(entry.path)


def _remove_oldest(folder: Path) -> None:
    """Remove the oldest files until the cache is within its limits."""
    paths = list_own_files(folder, _FILE_NAME)
    files = sorted((path.stat().st_mtime_ns, path.stat().st_size, path) for path in paths)
    total = sum(size for _, size, _ in files)
    while len(files) > MAX_FILES or total > MAX_BYTES:
        _, size, path = files.pop(0)
        total -= size
        path.unlink(missing_ok=True)


DAMAGE: Final = (ValueError, TypeError, LookupError, RecursionError)
"""What reading a damaged file raises."""
_CHECKSUM_LENGTH: Final = 9
"""Eight hexadecimal digits and a space."""


def _format_lines(
    header: _Header, groups: Iterable[Sequence[Block]], last: dict[str, Any] | None
) -> Iterator[str]:
    yield json.dumps(header, ensure_ascii=False)
    for group in groups:
        yield json.dumps([block_to_json(block) for block in group], ensure_ascii=False)
    if last is not None:
        yield json.dumps(last, ensure_ascii=False)


def _group_blocks(blocks: Sequence[Block]) -> Iterator[Sequence[Block]]:
    """Yield the blocks of each line."""
    start, characters, limit = 0, 0, FIRST_LINE_CHARACTERS
    for end, block in enumerate(blocks, 1):
        characters += len(block.text)
        if characters >= limit:
            yield blocks[start:end]
            start, characters, limit = end, 0, NEXT_LINE_CHARACTERS
    yield blocks[start:]


def _write_lines(output: BinaryIO, contents: Iterable[str]) -> Iterator[tuple[int, int]]:
    """Write the lines of a file, each with a checksum before it; yield its end, and the checksum.

    One checksum of the whole file would have to be read to its end before the first screen.
    Each includes the lines before, so that a line that is lost or moved is noticed too.
    """
    checksum = 0
    for content in contents:
        line = f"{content}\n".encode()
        checksum = crc32(line, checksum)
        output.write(b"%08x %b" % (checksum, line))
        yield output.tell(), checksum


INDEX_END: Final = "index at %016x\n"
"""What follows the index, with the offset where it begins."""


def _write_index(
    output: BinaryIO, lines: Sequence[tuple[int, int]], groups: Sequence[Sequence[Block]]
) -> None:
    """Write where each line of blocks ends, with its checksum, and what is known of the blocks."""
    facts = describe_blocks([*chain.from_iterable(groups)])
    index = json.dumps([lines, [*map(len, groups)], facts], separators=(",", ":"))
    start = output.tell()
    content = f"{index}\n".encode()
    output.write(b"%08x %b" % (crc32(content, lines[-1][1]), content))
    output.write((INDEX_END % start).encode())


def check_line(line: bytes, checksum: int = 0) -> tuple[bytes, int]:
    """Return the content of `line`, and its checksum; `checksum` is that of the line before.

    Raises `ValueError` if it is another one.
    """
    content = line[_CHECKSUM_LENGTH:]
    checksum = crc32(content, checksum)
    require(line.startswith(b"%08x " % checksum) and content.endswith(b"\n"))
    return content, checksum


def open_cached_file(path: Path) -> BinaryIO:
    """Open a cached text. Raises `OSError` if it is no regular file, or too large to be one."""
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    lines = os.fdopen(handle, "rb")
    status = os.fstat(handle)
    if not stat.S_ISREG(status.st_mode) or status.st_size > MAX_BYTES:
        lines.close()
        raise OSError
    return lines


def _read_slices(path: Path, header: bytes, *, is_whole: bool) -> Iterator[Slice]:
    """Yield the slices of the file at `path`, whose first line is `header`.

    The last one of a text that `is_whole` has the footnotes, and says that it is the last.
    Raises `ValueError` if the file is damaged, or was replaced since the header was read.
    """
    try:
        with open_cached_file(path) as lines:
            require(lines.readline() == header)
            yield from _parse_lines(lines, check_line(header)[1], is_whole=is_whole)
    except (OSError, *DAMAGE) as error:
        with contextlib.suppress(OSError):
            path.unlink()
        raise ValueError("a cached text can't be read") from error


def _parse_lines(lines: Iterable[bytes], checksum: int, *, is_whole: bool) -> Iterator[Slice]:
    """Yield the slices in `lines`; `checksum` is that of the header."""
    blocks: tuple[Block, ...] | None = None
    for line in lines:
        source, checksum = check_line(line, checksum)
        parsed, is_last = parse_line(source)
        if is_last:
            yield Slice(blocks or (), parsed, is_last=True)
            return
        if blocks is not None:
            yield Slice(blocks)
        blocks = parsed
    require(blocks is not None and not is_whole)
    yield Slice(blocks or ())


def parse_line(source: bytes) -> tuple[tuple[Block, ...], bool]:
    """Return the blocks of a line, and whether they are the footnotes. Raises one of `DAMAGE`."""
    content = json.loads(source)
    is_last = type(content) is dict
    values = content.get("footnotes") if is_last else content
    if not is_clean(source):
        check_strings(values)
    return json_to_blocks(values), is_last


def _json_to_header(source: bytes) -> _Header:
    """Return the header in a line of JSON. Raises `ValueError` for a wrong type or range."""
    values = json.loads(source)
    require(type(values) is list and len(values) == len(_Header._fields))
    header = _Header(*values)
    require(type(header.characters) is int and 0 <= header.characters <= MAX_BYTES)
    require(type(header.digest) is str and header.digest.isalnum() and header.digest.isascii())
    if header.beginning is not None:
        beginning = Beginning(*header.beginning)
        require(type(beginning.characters) is int and 0 < beginning.characters <= MAX_BYTES)
        require(type(beginning.story) is str and type(beginning.has_own_title) is bool)
    return header
