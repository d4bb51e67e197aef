"""Standing type: parsed texts kept in the cache, so that none is parsed again unchanged.

One file a text, a line of JSON for each slice, read only as far as it is needed: a place deep
in a long text is reached without the parser, which takes longer to import than a screen to
draw. Known by the file's size and date and by the program that wrote it; disposable like the
rest of the cache. Holds nothing that a reader did.
"""

from __future__ import annotations

import contextlib
import json
import os
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from .document import Block, Columns, Document, Kind, Level, Nest, Role, Slice, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from .library import File

FIRST: Final = 16_000
NEXT: Final = 48_000
"""Characters in the first line of slices and in each after it."""
MOST_FILES: Final = 400
MOST_BYTES: Final = 200_000_000
"""What is kept in all; the oldest goes first."""
_SUFFIX: Final = ".jsonl"


class Standing(NamedTuple):
    """A text that was kept."""

    letters: int
    """How many characters the whole text has."""
    digest: str
    """What tells this version of the text from another."""
    slices: Iterator[Slice]
    """Its blocks, each read when it is asked for. A file that breaks off raises `ValueError`."""


class Type:
    """The kept texts of a folder, which need not be there."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def find(self, file: File, title: str) -> Standing | None:
        """Return the text of `file` as it was parsed under `title`, or None."""
        if self._folder is None:
            return None
        path = _path(self._folder, file)
        try:
            with path.open(encoding="utf-8") as lines:
                line = lines.readline()
            head = json.loads(line)
            if head[:-2] == [*_key(file), title]:
                return Standing(int(head[-2]), str(head[-1]), _slices(path, line))
        except (OSError, ValueError, TypeError, LookupError, RecursionError):
            pass
        return None

    def keep(self, file: File, title: str, document: Document, digest: str) -> None:
        """Keep the complete `document` of `file`, whose text is told by `digest`.

        That it can't be kept is no matter. Takes about as long as a third of parsing it: a worker's job.
        """
        if self._folder is None:
            return
        with contextlib.suppress(OSError, ValueError):
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            path = _path(self._folder, file)
            draft = path.with_suffix(f".{os.getpid()}")
            handle = os.open(draft, os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_CLOEXEC, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8") as out:
                for line in _lines([*_key(file), title, document.letters, digest], document):
                    out.write(f"{line}\n")
            draft.replace(path)
            _prune(self._folder)


def _path(folder: Path, file: File) -> Path:
    name = blake2b(os.fsencode(file.path), digest_size=12).hexdigest()
    return folder / f"{name}{_SUFFIX}"


def _key(file: File) -> list[object]:
    """Return what must be the same for a kept text to be the file's."""
    return [_program(), file.size, file.changed]


@cache
def _program() -> str:
    """Return a name for this very program: other modules may parse a text another way."""
    with os.scandir(Path(__file__).parent) as entries:
        found = sorted((e.name, e.stat().st_mtime_ns) for e in entries if e.name.endswith(".py"))
    return blake2b(repr(found).encode(), digest_size=8).hexdigest()


def _prune(folder: Path) -> None:
    """Remove the oldest files until what is left is no more than may be kept."""
    with os.scandir(folder) as entries:
        files = sorted((e.stat().st_mtime_ns, e.stat().st_size, e.path) for e in entries)
    size = sum(length for _, length, _ in files)
    while len(files) > MOST_FILES or size > MOST_BYTES:
        _, length, path = files.pop(0)
        size -= length
        Path(path).unlink(missing_ok=True)


# Blocks to JSON and back ---------------------------------------------------------------


def _lines(head: list[object], document: Document) -> Iterator[str]:
    yield json.dumps(head, ensure_ascii=False)
    for blocks in _cut(document.blocks):
        yield json.dumps([_written(block) for block in blocks], ensure_ascii=False)
    yield json.dumps({"notes": [_written(block) for block in document.notes]}, ensure_ascii=False)


def _cut(blocks: Sequence[Block]) -> Iterator[Sequence[Block]]:
    start, letters, most = 0, 0, FIRST
    for index, block in enumerate(blocks, 1):
        letters += len(block.text)
        if letters >= most:
            yield blocks[start:index]
            start, letters, most = index, 0, NEXT
    yield blocks[start:]


def _written(block: Block) -> list[Any]:
    """Return a block as JSON has it: the fields in their order, without the last usual ones."""
    spans = [[s.start, s.end, s.role.value, s.target] for s in block.spans]
    nesting = [[level.nest.value, *level[1:]] for level in block.nesting]
    fields = [block.kind.value, block.text, block.words, spans, nesting, *block[4:7], block.columns]
    while len(fields) > _LEAST and not fields[-1]:
        fields.pop()
    return fields


_LEAST: Final = 3
"""Fields that every block has written."""


def _slices(path: Path, head: str) -> Iterator[Slice]:
    try:
        with path.open(encoding="utf-8") as lines:
            if lines.readline() == head:
                yield from _read_slices(lines)
                return
    except (OSError, ValueError, TypeError, LookupError, RecursionError) as error:
        raise ValueError("a kept text can't be read") from error
    raise ValueError("a kept text was replaced")


def _read_slices(lines: Iterable[str]) -> Iterator[Slice]:
    blocks: tuple[Block, ...] | None = None
    for line in lines:
        found = json.loads(line)
        if isinstance(found, dict):
            yield Slice(blocks or (), tuple(map(_read, found["notes"])), last=True)
            return
        if blocks is not None:
            yield Slice(blocks)
        blocks = tuple(map(_read, found))
    raise ValueError("a kept text breaks off")


def _read(fields: list[Any]) -> Block:
    """Return the block that `_written` wrote."""
    kind, text, words, spans, nesting, level, info, tight, columns = (
        *fields,
        *_USUAL[len(fields) :],
    )
    return Block(
        _KINDS[kind],
        text,
        tuple([Span(start, end, _role(role), target) for start, end, role, target in spans]),
        tuple([Level(_NESTS[step[0]], *step[1:]) for step in nesting]),
        level,
        info,
        tight,
        words,
        _columns(columns) if columns else None,
    )


_USUAL: Final[list[Any]] = [0, "", 0, (), (), 0, "", False, None]
_KINDS: Final = {kind.value: kind for kind in Kind}
_NESTS: Final = {nest.value: nest for nest in Nest}


def _columns(found: list[Any]) -> Columns:
    aligns, natural, least, titles, header = found
    return Columns(tuple(aligns), tuple(natural), tuple(least), tuple(titles), header)


@cache
def _role(value: int) -> Role:
    return Role(value)
