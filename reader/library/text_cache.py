"""The text cache, which stores parsed texts on disk, and the text of a story as slices.

A cached text is a file of JSON lines: a header, lines of blocks, and a last line with the
footnotes. It is read line by line, so that the first screen needs only the first lines.
"""

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
from reader.paths import list_own_files, make_private_folder
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
    """The slices, each read when it is requested. Raises `ValueError` if the file is damaged."""


class _Header(NamedTuple):
    """The first line of a cached text's file."""

    program: str
    """Fingerprint of the code that parsed the text."""
    size: int
    mtime_ns: int
    """Size and modification time of the story's file."""
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
            with path.open(encoding="utf-8") as lines:
                first_line = lines.readline()
            header = _Header(*json.loads(first_line))
            if header.is_same_version(_make_header(file, title)):
                slices = _read_slices(path, first_line)
                return CachedText(int(header.characters), str(header.digest), slices)
        except (OSError, ValueError, TypeError, RecursionError):
            pass  # a damaged file is as good as none
        return None

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
            with os.fdopen(handle, "w", encoding="utf-8") as output:
                for line in _format_lines(header, document):
                    output.write(f"{line}\n")
            draft.replace(path)
            _remove_oldest(self._folder)


def _make_path(folder: Path, file: File) -> Path:
    name = blake2b(os.fsencode(file.path), digest_size=12).hexdigest()
    return folder / f"{name}.jsonl"


def _make_header(file: File, title: str) -> _Header:
    return _Header(_hash_program(), file.size, file.mtime_ns, title)


@cache
def _hash_program() -> str:
    """Return a fingerprint of the parser's files, so that a change makes cached texts stale."""
    package = Path(__file__).parent.parent
    files: list[tuple[str, int]] = []
    for name in _PARSER_PACKAGES:
        with os.scandir(package / name) as entries:
            files += [(e.path, e.stat().st_mtime_ns) for e in entries if e.name.endswith(".py")]
    return blake2b(repr(sorted(files)).encode(), digest_size=8).hexdigest()


def _remove_oldest(folder: Path) -> None:
    """Remove the oldest files until the cache is within its limits."""
    paths = list_own_files(folder, _FILE_NAME)
    files = sorted((path.stat().st_mtime_ns, path.stat().st_size, path) for path in paths)
    total = sum(size for _, size, _ in files)
    while len(files) > MAX_FILES or total > MAX_BYTES:
        _, size, path = files.pop(0)
        total -= size
        path.unlink(missing_ok=True)


class _BlockFields(NamedTuple):
    """The fields of a block in their order in JSON.

    Those that are rarely set come last, and a block is written without the empty ones at its
    end.
    """

    kind: int
    text: str
    words: int
    spans: Sequence[Sequence[Any]] = ()
    nesting: Sequence[Sequence[Any]] = ()
    heading_level: int = 0
    language: str = ""
    tight: bool = False
    columns: Sequence[Any] | None = None


_REQUIRED_FIELDS: Final = len(_BlockFields._fields) - len(_BlockFields._field_defaults)
_KINDS: Final = {kind.value: kind for kind in Kind}
_CONTAINERS: Final = {container.value: container for container in Container}


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
    fields: list[Any] = [
        *_BlockFields(
            kind=block.kind.value,
            text=block.text,
            words=block.words,
            spans=[[s.start, s.end, s.role.value, s.target] for s in block.spans],
            nesting=[
                [level.container.value, level.label, level.label_cells, level.is_first]
                for level in block.nesting
            ],
            heading_level=block.heading_level,
            language=block.language,
            tight=block.tight,
            columns=block.columns,
        )
    ]
    while len(fields) > _REQUIRED_FIELDS and not fields[-1]:
        fields.pop()
    return fields


def _read_slices(path: Path, header: str) -> Iterator[Slice]:
    """Yield the slices of the file at `path`, whose first line is `header`.

    Raises `ValueError` if the file is damaged, or was replaced since the header was read.
    """
    try:
        with path.open(encoding="utf-8") as lines:
            if lines.readline() == header:
                yield from _parse_lines(lines)
                return
    except (OSError, ValueError, TypeError, LookupError, RecursionError) as error:
        raise ValueError("a cached text can't be read") from error
    raise ValueError("a cached text was replaced")


def _parse_lines(lines: Iterable[str]) -> Iterator[Slice]:
    blocks: tuple[Block, ...] | None = None
    for line in lines:
        content = json.loads(line)
        if isinstance(content, dict):
            footnotes = tuple(map(_json_to_block, content["footnotes"]))
            yield Slice(blocks or (), footnotes, is_last=True)
            return
        if blocks is not None:
            yield Slice(blocks)
        blocks = tuple(map(_json_to_block, content))
    raise ValueError("a cached text is cut off")


def _json_to_block(values: list[Any]) -> Block:
    fields = _BlockFields(*values)
    return Block(
        kind=_KINDS[fields.kind],
        text=fields.text,
        spans=tuple(
            [
                Span(start, end, _parse_role(role), target)
                for start, end, role, target in fields.spans
            ]
        ),
        nesting=tuple(
            [
                NestingLevel(_CONTAINERS[container], label, label_cells, is_first)
                for container, label, label_cells, is_first in fields.nesting
            ]
        ),
        heading_level=fields.heading_level,
        language=fields.language,
        tight=fields.tight,
        words=fields.words,
        columns=_parse_columns(*fields.columns) if fields.columns else None,
    )


def _parse_columns(
    alignments: list[str],
    natural_widths: list[int],
    min_widths: list[int],
    header_cells: list[str],
    has_header: bool,
) -> TableColumns:
    return TableColumns(
        alignments=tuple(alignments),
        natural_widths=tuple(natural_widths),
        min_widths=tuple(min_widths),
        header_cells=tuple(header_cells),
        has_header=has_header,
    )


@cache
def _parse_role(value: int) -> Role:
    return Role(value)  # slow to make, and few combinations occur


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
