"""The blocks of a long cached text: those that are read are the parsed ones, whatever the file has.

READER_DAMAGE is the number of damaged files that are tried, READER_DAMAGE_SEED their seed.
"""

from __future__ import annotations

import os
import random
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final
from zlib import crc32

import pytest
from hostile_markdown import HOSTILE_TEXTS
from hypothesis import given

from reader.errors import UnreadableFile
from reader.library import text_cache
from reader.library.files import File
from reader.library.stored_blocks import StoredText, open_stored_text
from reader.library.text_cache import INDEX_END, TextCache
from reader.markdown.parser import parse
from reader.text.document import Block, Document, Kind, Slice

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

COUNT: Final = int(os.environ.get("READER_DAMAGE", "30"))
SEED: Final = int(os.environ.get("READER_DAMAGE_SEED", "1"))
FILE: Final = File("/stories/a.md", 100, 5, "stories")
SOURCE: Final = (
    "\n\n".join(
        f"# Part {number}\n\nSome *words*, a [link](https://example.org).[^1]\n\n| a | b |\n|--:|---|\n| {number} | 2 |"
        for number in range(40)
    )
    + "\n\n[^1]: A note.\n"
)


@pytest.fixture(autouse=True)
def _small_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    shorten_lines(monkeypatch)


def shorten_lines(patch: pytest.MonkeyPatch) -> None:
    """Let the lines of cached texts be short, and each text have an index."""
    patch.setattr(text_cache, "FIRST_LINE_CHARACTERS", 60)
    patch.setattr(text_cache, "NEXT_LINE_CHARACTERS", 150)
    patch.setattr(text_cache, "MIN_INDEXED_LINES", 1)


def save(folder: Path, source: str = SOURCE) -> Path:
    """Save the parsed text of `source` in the cache; return its file."""
    TextCache(folder).save(FILE, "", parse(source), "d1")
    return next(folder.iterdir())


def open_text(folder: Path, parsed: Document) -> StoredText | None:
    cached = TextCache(folder).load(FILE, "")
    if cached is None:
        return None

    def parse_anew() -> Iterator[Slice]:
        yield Slice(tuple(parsed.blocks), is_last=True)

    return open_stored_text(cached.path, cached.header, cached.characters, parse_anew)


def show(text: StoredText) -> Document:
    document = Document()
    document.show_stored(text.blocks, text.facts, text.blocks.read_next)
    document.finish(text.footnotes)
    return document


@given(HOSTILE_TEXTS)
def test_the_blocks_of_a_stored_text_are_those_of_the_parsed_text(source: str) -> None:
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        shorten_lines(patch)
        save(Path(folder), source)
        parsed = parse(source)
        text = open_text(Path(folder), parsed)
    assert (text is None) is (not parsed.blocks)
    if text is not None:
        document = show(text)
        assert [*document.blocks] == [*parsed.blocks]
        assert document.blocks[1:-1] == parsed.blocks[1:-1]
        assert (document.footnotes, document.words) == (parsed.footnotes, parsed.words)
        assert document.heading_blocks == parsed.heading_blocks
        assert document.target_blocks == parsed.target_blocks


def test_only_the_lines_of_the_blocks_that_are_requested_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(tmp_path)
    parsed, lines = parse(SOURCE), list[bytes]()
    text = open_text(tmp_path, parsed)
    assert text is not None

    def record(line: bytes) -> tuple[tuple[Block, ...], bool]:
        lines.append(line)
        return text_cache.parse_line(line)

    monkeypatch.setattr("reader.library.stored_blocks.parse_line", record)
    document = show(text)
    assert document.blocks[60] == parsed.blocks[60]
    assert document.count_characters_before(document.end) == parsed.characters
    assert len(lines) == 2  # with that of the last block, whose length is asked for
    while document.read_next is not None and document.read_next():
        pass
    read = len(lines)
    assert [*document.blocks] == [*parsed.blocks]
    assert len(lines) == read >= 10


@pytest.mark.parametrize("is_opened", [True, False])
def test_a_damaged_file_changes_no_block(is_opened: bool, tmp_path: Path) -> None:
    chance, parsed = random.Random(SEED), parse(SOURCE)  # noqa: S311  no secret
    path, found = save(tmp_path), 0
    whole = path.read_bytes()
    for _ in range(COUNT):
        path.write_bytes(whole)
        text = open_text(tmp_path, parsed) if is_opened else None
        data = bytearray(whole)
        start = chance.randrange(len(data))
        for at in range(start, min(len(data), start + chance.choice([1, 30, 400]))):
            data[at] = chance.randrange(256)
        path.write_bytes(data if chance.random() < 0.8 else data[:start])
        text = text or open_text(tmp_path, parsed)
        if text is not None:
            found += 1
            assert [*show(text).blocks] == [*parsed.blocks]
            assert [*text.footnotes] == parsed.footnotes
    assert found


def test_blocks_that_can_t_be_read_are_blank(tmp_path: Path) -> None:
    path = save(tmp_path)
    cached = TextCache(tmp_path).load(FILE, "")
    assert cached is not None

    def fail() -> Iterator[Slice]:
        raise UnreadableFile("it is gone")

    text = open_stored_text(cached.path, cached.header, cached.characters, fail)
    assert text is not None
    path.write_bytes(b"")
    block = parse(SOURCE).blocks[0]
    assert text.blocks[0] == Block(Kind.PARAGRAPH, " " * len(block.text), words=block.words)
    assert not path.exists()


CHANGES: Final[dict[str, Callable[[str], str]]] = {
    "no list": lambda _: "{}",
    "other parts": lambda index: index.replace("[[[", "[[[],[[", 1),
    "a fraction": lambda index: index.replace(",118]", ",118.5]"),
    "a negative number": lambda index: index.replace(",118]", ",-118]"),
    "too many blocks": lambda index: index.replace("]],[", "]],[7,", 1),
    "infinity": lambda index: index.replace(",118]", ",1e999]"),
    "deep": lambda _: "[" * 100_000,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_an_index_that_was_written_on_purpose_is_not_used(
    change: Callable[[str], str], tmp_path: Path
) -> None:
    path = save(tmp_path)
    data = path.read_bytes()
    start = int(data.rpartition(b" ")[2], 16)
    before = int(data[:start].splitlines()[-1][:8], 16)
    index = data[start + 9 :].split(b"\n")[0].decode()
    content = f"{change(index)}\n".encode()
    assert content != f"{index}\n".encode()
    line = b"%08x %b" % (crc32(content, before), content)
    path.write_bytes(data[:start] + line + (INDEX_END % start).encode())
    assert open_text(tmp_path, Document()) is None
