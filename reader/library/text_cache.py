"""Parsed texts kept on disk, and a story's text as slices from the cache or the parser."""

from __future__ import annotations

import contextlib
import json
import os
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from reader.library.files import find_file
from reader.library.story import read_source
from reader.text.document import (
    Block,
    Container,
    Document,
    Kind,
    NestingLevel,
    Role,
    Slice,
    Span,
    TableColumns,
    fingerprint_text,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from reader.library.files import File
    from reader.library.story import Source, Story


FIRST_LINE_CHARACTERS: Final = 16_000
NEXT_LINE_CHARACTERS: Final = 48_000
"""Characters in the first line of slices and in each after it."""
MAX_FILES: Final = 400
MAX_BYTES: Final = 200_000_000
"""What is kept in all; the oldest goes first."""
_FILE_SUFFIX: Final = ".jsonl"


class CachedText(NamedTuple):
    """A text that was kept."""

    characters: int
    """How many characters the whole text has."""
    digest: str
    """What tells this version of the text from another."""
    slices: Iterator[Slice]
    """Its blocks, each read when it is asked for. A file that breaks off raises `ValueError`."""


class TextCache:
    """The kept texts of a folder, which need not be there."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def load(self, file: File, title: str) -> CachedText | None:
        """Return the text of `file` as it was parsed under `title`, or None."""
        if self._folder is None:
            return None
        path = _make_path(self._folder, file)
        try:
            with path.open(encoding="utf-8") as lines:
                line = lines.readline()
            head = json.loads(line)
            if head[:-2] == [*_make_key(file), title]:
                return CachedText(int(head[-2]), str(head[-1]), _read_slices(path, line))
        except (OSError, ValueError, TypeError, LookupError, RecursionError):
            pass
        return None

    def save(self, file: File, title: str, document: Document, digest: str) -> None:
        """Keep the complete `document` of `file`, whose text is told by `digest`.

        That it can't be kept is no matter. Takes about as long as a third of parsing it: a worker's job.
        """
        if self._folder is None:
            return
        with contextlib.suppress(OSError, ValueError):
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            path = _make_path(self._folder, file)
            draft = path.with_suffix(f".{os.getpid()}")
            handle = os.open(draft, os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_CLOEXEC, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8") as out:
                for line in _format_lines(
                    [*_make_key(file), title, document.characters, digest], document
                ):
                    out.write(f"{line}\n")
            draft.replace(path)
            _remove_oldest(self._folder)


def _make_path(folder: Path, file: File) -> Path:
    name = blake2b(os.fsencode(file.path), digest_size=12).hexdigest()
    return folder / f"{name}{_FILE_SUFFIX}"


def _make_key(file: File) -> list[object]:
    """Return what must be the same for a kept text to be the file's."""
    return [_hash_program(), file.size, file.mtime_ns]


@cache
def _hash_program() -> str:
    """Return a key for the modules that decide how a text is parsed: a change makes entries stale."""
    package = Path(__file__).parent.parent
    found: list[tuple[str, int]] = []
    for folder in ("library", "markdown", "text"):
        with os.scandir(package / folder) as entries:
            found += [(e.path, e.stat().st_mtime_ns) for e in entries if e.name.endswith(".py")]
    return blake2b(repr(sorted(found)).encode(), digest_size=8).hexdigest()


def _remove_oldest(folder: Path) -> None:
    """Remove the oldest files until what is left is no more than may be kept."""
    with os.scandir(folder) as entries:
        files = sorted((e.stat().st_mtime_ns, e.stat().st_size, e.path) for e in entries)
    size = sum(length for _, length, _ in files)
    while len(files) > MAX_FILES or size > MAX_BYTES:
        _, length, path = files.pop(0)
        size -= length
        Path(path).unlink(missing_ok=True)


# Blocks to JSON and back ---------------------------------------------------------------


def _format_lines(head: list[object], document: Document) -> Iterator[str]:
    yield json.dumps(head, ensure_ascii=False)
    for blocks in _group_blocks(document.blocks):
        yield json.dumps([_block_to_json(block) for block in blocks], ensure_ascii=False)
    yield json.dumps(
        {"notes": [_block_to_json(block) for block in document.footnotes]}, ensure_ascii=False
    )


def _group_blocks(blocks: Sequence[Block]) -> Iterator[Sequence[Block]]:
    start, letters, most = 0, 0, FIRST_LINE_CHARACTERS
    for index, block in enumerate(blocks, 1):
        letters += len(block.text)
        if letters >= most:
            yield blocks[start:index]
            start, letters, most = index, 0, NEXT_LINE_CHARACTERS
    yield blocks[start:]


def _block_to_json(block: Block) -> list[Any]:
    """Return a block as JSON has it: the fields in their order, without the last usual ones."""
    spans = [[s.start, s.end, s.role.value, s.target] for s in block.spans]
    nesting = [[level.container.value, *level[1:]] for level in block.nesting]
    fields = [block.kind.value, block.text, block.words, spans, nesting, *block[4:7], block.columns]
    while len(fields) > _MIN_FIELDS and not fields[-1]:
        fields.pop()
    return fields


_MIN_FIELDS: Final = 3
"""Fields that every block has written."""


def _read_slices(path: Path, head: str) -> Iterator[Slice]:
    try:
        with path.open(encoding="utf-8") as lines:
            if lines.readline() == head:
                yield from _parse_lines(lines)
                return
    except (OSError, ValueError, TypeError, LookupError, RecursionError) as error:
        raise ValueError("a kept text can't be read") from error
    raise ValueError("a kept text was replaced")


def _parse_lines(lines: Iterable[str]) -> Iterator[Slice]:
    blocks: tuple[Block, ...] | None = None
    for line in lines:
        found = json.loads(line)
        if isinstance(found, dict):
            yield Slice(blocks or (), tuple(map(_json_to_block, found["notes"])), is_last=True)
            return
        if blocks is not None:
            yield Slice(blocks)
        blocks = tuple(map(_json_to_block, found))
    raise ValueError("a kept text breaks off")


def _json_to_block(fields: list[Any]) -> Block:
    """Return the block that `_written` wrote."""
    kind, text, words, spans, nesting, level, info, tight, columns = (
        *fields,
        *_DEFAULT_FIELDS[len(fields) :],
    )
    return Block(
        _KINDS[kind],
        text,
        tuple([Span(start, end, _parse_role(role), target) for start, end, role, target in spans]),
        tuple([NestingLevel(_NESTS[step[0]], *step[1:]) for step in nesting]),
        level,
        info,
        tight,
        words,
        _parse_columns(columns) if columns else None,
    )


_DEFAULT_FIELDS: Final[list[Any]] = [0, "", 0, (), (), 0, "", False, None]
_KINDS: Final = {kind.value: kind for kind in Kind}
_NESTS: Final = {nest.value: nest for nest in Container}


def _parse_columns(found: list[Any]) -> TableColumns:
    aligns, natural, least, titles, header = found
    return TableColumns(tuple(aligns), tuple(natural), tuple(least), tuple(titles), header)


@cache
def _parse_role(value: int) -> Role:
    return Role(value)


class StoryText:
    """The text of a story that is opened."""

    def __init__(
        self,
        slices: Iterator[Slice],
        characters: int,
        digest: Callable[[], str],
        *,
        is_cached: bool,
    ) -> None:
        self.slices = slices
        self.characters = characters
        """About how many characters there are in all."""
        self.is_cached = is_cached
        """It was parsed before, and is in the cache."""
        self._make_digest = digest
        self._digest = ""

    def get_digest(self) -> str:
        """Return what tells this version of the text from another."""
        self._digest = self._digest or self._make_digest()
        return self._digest

    def release_source(self) -> None:
        """Hold on to no source any more: all of it is parsed."""
        digest = self.get_digest()
        self.slices, self._make_digest = iter(()), lambda: digest


def make_text(source: Source, title: str) -> StoryText:
    """Return the text of a file that was read; a first heading that is `title` is dropped."""
    body = source.body
    return StoryText(
        parse_slices(body, title), len(body), lambda: fingerprint_text(body), is_cached=False
    )


def load_text(story: Story, text_cache: TextCache) -> StoryText:
    """Return the text of `story` as it stands, or from its file. Raises `Unreadable`."""
    file = find_file(story.path) if story.is_persistent else None
    standing = text_cache.load(file, story.title) if file is not None else None
    if standing is None:
        return make_text(read_source(story.path), story.title)
    slices = _recover_slices(standing, story)
    return StoryText(slices, standing.characters, lambda: standing.digest, is_cached=True)


def save_text(story: Story, text: StoryText, document: Document, text_cache: TextCache) -> None:
    """Have the complete `document`, which was parsed from `text`, stand from now on."""
    file = find_file(story.path) if story.is_persistent and not text.is_cached else None
    if file is not None:
        text_cache.save(file, story.title, document, text.get_digest())


def parse_slices(body: str, title: str) -> Iterator[Slice]:
    """Return the slices of a text as they are parsed, each when it is asked for."""
    # Importing the parser takes longer than drawing the shelf, whose first screen needs none.
    from reader.markdown.parser import parse_slices

    return parse_slices(body, title)


def _recover_slices(cached: CachedText, story: Story) -> Iterator[Slice]:
    """Yield what stands; where that breaks off, what the file has beyond it."""
    done = 0
    try:
        for piece in cached.slices:
            yield piece
            done += len(piece.blocks)
    except ValueError:
        for piece in parse_slices(read_source(story.path).body, story.title):
            fresh = piece.blocks[done:]
            done = max(0, done - len(piece.blocks))
            yield piece._replace(blocks=fresh)
