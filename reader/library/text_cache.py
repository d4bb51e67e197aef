"""The text cache, which stores parsed texts on disk.

A cached text is a file of JSON lines: a header, lines of blocks, and a last line with the
footnotes. It is read line by line, so that the first screen needs only the first lines. Each
line begins with a checksum of itself and the lines before it. A damaged file is removed.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import stat
from functools import cache, partial
from itertools import chain, islice, repeat
from operator import le
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from zlib import crc32

from reader.paths import list_own_files, make_private_folder
from reader.text.cells import may_need_sanitizing, sanitize
from reader.text.digests import compute_digest
from reader.text.document import (
    Block,
    Container,
    Kind,
    NestingLevel,
    Role,
    Slice,
    Span,
    TableColumns,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import BinaryIO

    from reader.library.files import File
    from reader.text.document import Document


FIRST_LINE_CHARACTERS: Final = 16_000
"""Characters of text in the first line of blocks, which the first screen waits for."""
NEXT_LINE_CHARACTERS: Final = 48_000
"""Characters of text in each later line of blocks."""
MAX_FILES: Final = 400
MAX_BYTES: Final = 200_000_000
"""Limits of the whole cache. The oldest files are removed first."""
_FILE_NAME: Final = r"[0-9a-f]{24}\.(jsonl|\d+)"
_PARSER_PACKAGES: Final = ("library", "markdown", "text")
"""The packages whose code decides how a text is parsed."""


class CachedText(NamedTuple):
    """A text from the cache."""

    characters: int
    """Length of the whole text."""
    digest: str
    """Fingerprint of the text, which is different for each version."""
    slices: Iterator[Slice]
    """The slices, each read when it is requested. Raises `ValueError`, and nothing else, if the
    file is damaged; it is removed then."""


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

    def is_same_version(self, other: _Header) -> bool:
        """Return whether both headers are of the same text, parsed by the same code."""
        return self._replace(characters=0, digest="") == other._replace(characters=0, digest="")


class TextCache:
    """The parsed texts in a folder, which is made when the first text is saved."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        """None for a cache that saves nothing."""

    def load(self, file: File, title: str) -> CachedText | None:
        """Return the text of `file` as it was parsed with `title`, None if it isn't cached."""
        if self._folder is None:
            return None
        path = _make_path(self._folder, file)
        try:
            with _open_file(path) as lines:
                first_line = lines.readline()
            header = _json_to_header(_check_line(first_line)[0])
        except (OSError, *_DAMAGE):
            return None  # a damaged file is as good as none; the parsed text replaces it
        if not header.is_same_version(_make_header(file, title)):
            return None
        return CachedText(header.characters, header.digest, _read_slices(path, first_line))

    def save(self, file: File, title: str, document: Document, digest: str) -> None:
        """Save the complete `document` of `file`; do nothing if it can't be saved.

        Takes about a third of the time of parsing the text, so call it in a worker.
        """
        if self._folder is None:
            return
        header = _make_header(file, title)._replace(characters=document.characters, digest=digest)
        with contextlib.suppress(OSError, ValueError):
            make_private_folder(self._folder)
            path = _make_path(self._folder, file)
            draft = path.with_suffix(f".{os.getpid()}")
            handle = os.open(draft, os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_NOFOLLOW, 0o600)
            with os.fdopen(handle, "wb") as output:
                output.writelines(_add_checksums(_format_lines(header, document)))
            draft.replace(path)
            _remove_oldest(self._folder)


def _make_path(folder: Path, file: File) -> Path:
    name = compute_digest(os.fsencode(file.path), 12)
    return folder / f"{name}.jsonl"


def _make_header(file: File, title: str) -> _Header:
    return _Header(_hash_program(), file.size, file.mtime_ns, file.inode, title)


@cache
def _hash_program() -> str:
    """Return a fingerprint of the parser's files, so that a change makes cached texts stale."""
    package = Path(__file__).parent.parent
    files: list[tuple[str, int]] = []
    for name in _PARSER_PACKAGES:
        with os.scandir(package / name) as entries:
            files += [(e.path, e.stat().st_mtime_ns) for e in entries if e.name.endswith(".py")]
    return compute_digest(repr(sorted(files)).encode(), 8)


def _remove_oldest(folder: Path) -> None:
    """Remove the oldest files until the cache is within its limits."""
    paths = list_own_files(folder, _FILE_NAME)
    files = sorted((path.stat().st_mtime_ns, path.stat().st_size, path) for path in paths)
    total = sum(size for _, size, _ in files)
    while len(files) > MAX_FILES or total > MAX_BYTES:
        _, size, path = files.pop(0)
        total -= size
        path.unlink(missing_ok=True)


_REQUIRED_FIELDS: Final = 3
"""The first fields of a block in JSON: kind, text and words. Empty ones at the end are left out."""
_DEFAULT_VALUES: Final[list[Any]] = [[], [], 0, "", False, None]
"""The other fields: spans, nesting, heading level, language, tight and columns."""
_make_block: Final[Callable[[tuple[Any, ...]], Block]] = partial(tuple.__new__, Block)
_make_span: Final[Callable[[tuple[Any, ...]], Span]] = partial(tuple.__new__, Span)
"""Make a named tuple from its fields, in a third of the time that calling its class takes."""
_KINDS: Final = {kind.value: kind for kind in Kind if kind.value >= Kind.PARAGRAPH.value}
"""The kinds of blocks that a story's text has."""
_CONTAINERS: Final = {container.value: container for container in Container}
_MAX_ROLE: Final = sum(role.value for role in Role)
_MAX_CELLS: Final = 1 << 26
"""The longest label or cell. A story's file isn't larger."""
_DAMAGE: Final = (ValueError, TypeError, LookupError, RecursionError)
"""What reading a damaged file raises."""
_CHECKSUM_LENGTH: Final = 9
"""Eight hexadecimal digits and a space."""
_PLAIN_BYTES: Final = bytes(sorted({*range(0x20, 0x7F)} - {ord("\\")}))
"""ASCII that no string needs to be checked for."""
_COMMON_CHARACTERS: Final = "\n‘’“”–—…"
"""What else most texts have. The first screen of such a text compiles no pattern."""


def _format_lines(header: _Header, document: Document) -> Iterator[str]:
    yield json.dumps(header, ensure_ascii=False)
    for blocks in _group_blocks(document.blocks):
        yield json.dumps([_block_to_json(block) for block in blocks], ensure_ascii=False)
    yield json.dumps(
        {"footnotes": [_block_to_json(block) for block in document.footnotes]}, ensure_ascii=False
    )


def _group_blocks(blocks: Sequence[Block]) -> Iterator[Sequence[Block]]:
    """Yield the blocks of each line."""
    start, characters, limit = 0, 0, FIRST_LINE_CHARACTERS
    for end, block in enumerate(blocks, 1):
        characters += len(block.text)
        if characters >= limit:
            yield blocks[start:end]
            start, characters, limit = end, 0, NEXT_LINE_CHARACTERS
    yield blocks[start:]


def _block_to_json(block: Block) -> list[Any]:
    spans = [[span.start, span.end, span.role.value, span.target] for span in block.spans]
    nesting = [[level.container.value, *level[1:]] for level in block.nesting]
    fields: list[Any] = [block.kind.value, block.text, block.words, spans, nesting]
    fields += [block.heading_level, block.language, block.tight, block.columns]
    while len(fields) > _REQUIRED_FIELDS and not fields[-1]:
        fields.pop()
    return fields


def _add_checksums(contents: Iterable[str]) -> Iterator[bytes]:
    """Yield the lines of a file, each with a checksum before it.

    One checksum of the whole file would have to be read to its end before the first screen.
    Each includes the lines before, so that a line that is lost or moved is noticed too.
    """
    checksum = 0
    for content in contents:
        line = f"{content}\n".encode()
        checksum = crc32(line, checksum)
        yield b"%08x %b" % (checksum, line)


def _check_line(line: bytes, checksum: int = 0) -> tuple[bytes, int]:
    """Return the content of `line`, and its checksum; `checksum` is that of the line before."""
    content = line[_CHECKSUM_LENGTH:]
    checksum = crc32(content, checksum)
    _require(line.startswith(b"%08x " % checksum) and content.endswith(b"\n"))
    return content, checksum


def _open_file(path: Path) -> BinaryIO:
    """Open a cached text. Raises `OSError` if it is no regular file, or too large to be one."""
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    lines = os.fdopen(handle, "rb")
    status = os.fstat(handle)
    if not stat.S_ISREG(status.st_mode) or status.st_size > MAX_BYTES:
        lines.close()
        raise OSError
    return lines


def _read_slices(path: Path, header: bytes) -> Iterator[Slice]:
    """Yield the slices of the file at `path`, whose first line is `header`.

    Raises `ValueError` if the file is damaged, or was replaced since the header was read.
    """
    try:
        with _open_file(path) as lines:
            _require(lines.readline() == header)
            yield from _parse_lines(lines, _check_line(header)[1])
    except (OSError, *_DAMAGE) as error:
        with contextlib.suppress(OSError):
            path.unlink()
        raise ValueError("a cached text can't be read") from error


def _parse_lines(lines: Iterable[bytes], checksum: int) -> Iterator[Slice]:
    """Yield the slices in `lines`; `checksum` is that of the header."""
    blocks: tuple[Block, ...] | None = None
    for line in lines:
        source, checksum = _check_line(line, checksum)
        content = json.loads(source)
        is_last = type(content) is dict
        values = content.get("footnotes") if is_last else content
        if not _is_clean(source):
            _check_strings(values)
        parsed = _json_to_blocks(values)
        if is_last:
            yield Slice(blocks or (), parsed, is_last=True)
            return
        if blocks is not None:
            yield Slice(blocks)
        blocks = parsed
    raise ValueError("a cached text is cut off")


def _is_clean(source: bytes) -> bool:
    """Return whether `sanitize` surely changes no string in a line of JSON.

    Looks only at what is not plain ASCII: sanitising each string takes longer than reading it.
    """
    rest = source.translate(None, _PLAIN_BYTES).decode().strip(_COMMON_CHARACTERS)
    has_escapes = "\\" in rest and re.search(rb"\\[^nt\"\\]", source)
    return not has_escapes and not may_need_sanitizing(rest)


def _check_strings(value: object) -> None:
    """Raise `ValueError` if `sanitize` would change a string in lists of JSON."""
    _require(not isinstance(value, str) or sanitize(value) == value)
    for item in value if isinstance(value, list) else ():
        _check_strings(item)


def _require(condition: object) -> None:
    """Raise `ValueError` unless `condition` holds."""
    if not condition:
        raise ValueError("a cached text is damaged")


def _json_to_header(source: bytes) -> _Header:
    """Return the header in a line of JSON. Raises `ValueError` for a wrong type or range."""
    values = json.loads(source)
    _require(type(values) is list and len(values) == len(_Header._fields))
    header = _Header(*values)
    _require(type(header.characters) is int and 0 <= header.characters <= MAX_BYTES)
    _require(type(header.digest) is str and header.digest.isalnum() and header.digest.isascii())
    return header


def _json_to_blocks(rows: list[list[Any]]) -> tuple[Block, ...]:
    """Return the blocks of a line. Raises `ValueError`, `TypeError` or `LookupError` if damaged.

    A checksum doesn't protect from a file that was written on purpose, so each type and range is
    checked: column by column, and by sums and joins, because a novel has 40,000 spans.
    """
    _require(type(rows) is list)
    if not rows:
        return ()
    rows = [row + _DEFAULT_VALUES[len(row) - _REQUIRED_FIELDS :] for row in rows]
    kinds, texts, words, spans, nesting, levels, languages, tight, tables = zip(*rows, strict=True)
    _require({*map(type, texts)} == {str} and {*map(type, tight)} == {bool})
    lengths = [*map(len, texts)]
    _require(_are_integers(kinds, words, levels) and 0 <= min(levels) <= max(levels) <= 6)
    _require(min(words) >= 0 and all(map(le, words, lengths)))
    is_table = Kind.TABLE.value.__eq__
    _require([*map(is_table, kinds)] == [table is not None for table in tables])
    _require(not any("\t" in text for text, table in zip(texts, tables, strict=True) if not table))
    columns = (
        map(_KINDS.__getitem__, kinds),
        texts,
        _json_to_spans(spans, lengths),
        _json_to_nesting(nesting),
        levels,
        languages,
        tight,
        words,
        map(_json_to_columns, tables, texts),
    )
    _require("".join(languages).isprintable())
    return tuple(map(_make_block, zip(*columns, strict=True)))


def _are_integers(*columns: Sequence[Any]) -> bool:
    """Return whether the sum of each column is an integer; raise `TypeError` if it has none."""
    return all(type(sum(column)) is int for column in columns)


def _json_to_spans(
    spans: Sequence[list[Any]], lengths: Sequence[int]
) -> Iterable[tuple[Span, ...]]:
    """Return the spans of each block, whose text has the length given."""
    rows = [*chain.from_iterable(spans)]
    if not rows:
        return repeat((), len(spans))
    starts, ends, roles, targets = zip(*rows, strict=True)
    limits = chain.from_iterable(map(repeat, lengths, map(len, spans)))
    _require(_are_integers(starts, ends, roles) and "".join(targets) is not None)
    _require(min(starts) >= 0 and all(map(le, starts, ends)) and all(map(le, ends, limits)))
    _require(0 <= min(roles) <= max(roles) <= _MAX_ROLE)
    flat = map(_make_span, zip(starts, ends, map(_parse_role, roles), targets, strict=True))
    return (tuple(islice(flat, len(row))) for row in spans)


def _json_to_nesting(nesting: Sequence[list[Any]]) -> Iterable[tuple[NestingLevel, ...]]:
    """Return the nesting of each block."""
    rows = [*chain.from_iterable(nesting)]
    if not rows:
        return repeat((), len(nesting))
    containers, labels, cells, is_first = zip(*rows, strict=True)
    _require(_are_integers(containers, cells) and {*map(type, is_first)} == {bool})
    _require(0 <= min(cells) <= max(cells) <= _MAX_CELLS)
    _require(not {"\n", "\t"} & {*"".join(labels)})
    flat = map(NestingLevel, map(_CONTAINERS.__getitem__, containers), labels, cells, is_first)
    return (tuple(islice(flat, len(row))) for row in nesting)


def _json_to_columns(values: list[Any] | None, text: str) -> TableColumns | None:
    """Return the columns of a table with this `text`: at least as many as its longest row has."""
    if values is None:
        return None
    _require(len(values) == len(TableColumns._fields))
    alignments, natural_widths, min_widths, header_cells, has_header, continues_row = values
    _require(continues_row is False)  # pieces aren't cached
    _require(all(type(part) is list for part in values[:4]) and type(has_header) is bool)
    _require({*map(type, (*alignments, *header_cells))} <= {str})
    widths = (*natural_widths, *min_widths)
    _require({*map(type, widths)} == {int} and min(widths) >= 0 and max(widths) <= _MAX_CELLS)
    count = max(row.count("\t") for row in text.split("\n")) + 1
    _require(count <= len(natural_widths) == len(min_widths) <= len(alignments))
    return TableColumns(
        tuple(alignments), tuple(natural_widths), tuple(min_widths), tuple(header_cells), has_header
    )


@cache
def _parse_role(value: int) -> Role:
    return Role(value)  # slow to make, and few combinations occur
