"""Parsed texts kept on disk, and a story's text as slices from the cache or the parser."""

from __future__ import annotations

import contextlib
import json
import os
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from reader.library.files import file_at
from reader.library.story import read
from reader.text.document import (
    Block,
    Columns,
    Document,
    Kind,
    Level,
    Nest,
    Role,
    Slice,
    Span,
    fingerprint,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from reader.library.files import File
    from reader.library.story import Source, Story


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
    """Return a key for the modules that decide how a text is parsed: a change makes entries stale."""
    package = Path(__file__).parent.parent
    found: list[tuple[str, int]] = []
    for folder in ("library", "markdown", "text"):
        with os.scandir(package / folder) as entries:
            found += [(e.path, e.stat().st_mtime_ns) for e in entries if e.name.endswith(".py")]
    return blake2b(repr(sorted(found)).encode(), digest_size=8).hexdigest()


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


class Text:
    """The text of a story that is opened."""

    def __init__(
        self, slices: Iterator[Slice], letters: int, digest: Callable[[], str], *, stands: bool
    ) -> None:
        self.slices = slices
        self.letters = letters
        """About how many characters there are in all."""
        self.stands = stands
        """It was parsed before, and is in the cache."""
        self._tell = digest
        self._digest = ""

    def digest(self) -> str:
        """Return what tells this version of the text from another."""
        self._digest = self._digest or self._tell()
        return self._digest

    def let_go(self) -> None:
        """Hold on to no source any more: all of it is parsed."""
        digest = self.digest()
        self.slices, self._tell = iter(()), lambda: digest


def text_of(source: Source, title: str) -> Text:
    """Return the text of a file that was read; a first heading that is `title` is dropped."""
    body = source.body
    return Text(slices_of(body, title), len(body), lambda: fingerprint(body), stands=False)


def text_at(story: Story, kept: Type) -> Text:
    """Return the text of `story` as it stands, or from its file. Raises `Unreadable`."""
    file = file_at(story.path) if story.kept else None
    standing = kept.find(file, story.title) if file is not None else None
    if standing is None:
        return text_of(read(story.path), story.title)
    slices = _mended(standing, story)
    return Text(slices, standing.letters, lambda: standing.digest, stands=True)


def keep(story: Story, text: Text, document: Document, kept: Type) -> None:
    """Have the complete `document`, which was parsed from `text`, stand from now on."""
    file = file_at(story.path) if story.kept and not text.stands else None
    if file is not None:
        kept.keep(file, story.title, document, text.digest())


def slices_of(body: str, title: str) -> Iterator[Slice]:
    """Return the slices of a text as they are parsed, each when it is asked for."""
    # Importing the parser takes longer than drawing the shelf, whose first screen needs none.
    from reader.markdown.parser import slices

    return slices(body, title)


def _mended(standing: Standing, story: Story) -> Iterator[Slice]:
    """Yield what stands; where that breaks off, what the file has beyond it."""
    done = 0
    try:
        for piece in standing.slices:
            yield piece
            done += len(piece.blocks)
    except ValueError:
        for piece in slices_of(read(story.path).body, story.title):
            fresh = piece.blocks[done:]
            done = max(0, done - len(piece.blocks))
            yield piece._replace(blocks=fresh)
