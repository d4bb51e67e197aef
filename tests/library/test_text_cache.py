"""A cached text has the blocks that were parsed, or is not used at all."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from zlib import crc32

import pytest
from hostile_markdown import HOSTILE_TEXTS
from hypothesis import given

from reader.library import text_cache
from reader.library.files import File
from reader.library.text_cache import Beginning, CachedText, TextCache
from reader.markdown.parser import parse
from reader.text.document import Document

if TYPE_CHECKING:
    from collections.abc import Callable

SOURCE = "# Title\n\nSome *words*, a [link](https://example.org).[^1]\n\n| a | b |\n|--:|---|\n| 1 | 2 |\n\n[^1]: A note.\n"
FILE = File("/stories/a.md", 100, 5, "stories")


def read(text: CachedText) -> Document:
    document = Document()
    for piece in text.slices:
        document.extend(piece.blocks)
        if piece.is_last:
            document.finish(piece.footnotes)
    return document


def read_contents(folder: Path) -> tuple[Path, list[str]]:
    """Return the path of the one cached text in `folder`, and its lines without checksums."""
    path = next(folder.iterdir())
    return path, [line[9:] for line in path.read_text().split("\n") if line]


def write_contents(path: Path, contents: list[str]) -> None:
    """Write a cached text with the checksums that its lines should have."""
    checksum = 0
    with path.open("wb") as file:
        for content in contents:
            line = f"{content}\n".encode("utf-8", "surrogatepass")
            checksum = crc32(line, checksum)
            file.write(b"%08x %b" % (checksum, line))


def make_cache(folder: Path, source: str = SOURCE) -> TextCache:
    cache = TextCache(folder)
    cache.save(FILE, "", parse(source), "d1")
    return cache


def load(cache: TextCache, file: File = FILE, title: str = "") -> CachedText:
    text = cache.load(file, title)
    assert text is not None
    return text


@given(HOSTILE_TEXTS)
def test_a_cached_text_equals_the_parsed_text(source: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        document, parsed = read(load(make_cache(Path(folder), source))), parse(source)
        assert (document.blocks, document.footnotes) == (parsed.blocks, parsed.footnotes)
        assert document.is_complete


def test_a_cached_text_has_its_length(tmp_path: Path) -> None:
    assert load(make_cache(tmp_path, "One two.\n\nThree.")).characters == 14


def test_a_cached_text_has_its_digest(tmp_path: Path) -> None:
    assert load(make_cache(tmp_path)).digest == "d1"


def test_a_long_text_has_several_slices_and_a_short_first_one(tmp_path: Path) -> None:
    cache = make_cache(tmp_path, "\n\n".join(["x" * 999] * 200))
    assert [len(piece.blocks) for piece in load(cache).slices] == [17, 49, 49, 49, 36]


@pytest.mark.parametrize(
    "other",
    [
        FILE._replace(size=101),
        FILE._replace(mtime_ns=6),
        FILE._replace(inode=7),
        FILE._replace(location="/stories/b.md"),
    ],
    ids=["size", "date", "inode", "path"],
)
def test_a_changed_file_has_no_cached_text(tmp_path: Path, other: File) -> None:
    assert make_cache(tmp_path).load(other, "") is None


def test_a_text_parsed_with_another_title_is_not_used(tmp_path: Path) -> None:
    assert make_cache(tmp_path).load(FILE, "Title") is None


def test_a_text_parsed_by_another_version_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = make_cache(tmp_path)
    monkeypatch.setattr("reader.library.text_cache._hash_program", lambda: "another")
    assert cache.load(FILE, "") is None


def test_without_a_folder_nothing_is_cached() -> None:
    cache = TextCache(None)
    cache.save(FILE, "", parse(SOURCE), "d1")
    assert cache.load(FILE, "") is None


def test_a_file_in_place_of_the_folder_is_tolerated(tmp_path: Path) -> None:
    (tmp_path / "texts").write_text("")
    assert make_cache(tmp_path / "texts").load(FILE, "") is None


@pytest.mark.parametrize("damage", ["", "[", "null\n", "{}\n", "[[]]\n[]\n", "\x00\xff\n"])
def test_a_damaged_header_means_no_text(tmp_path: Path, damage: str) -> None:
    cache = make_cache(tmp_path)
    next(tmp_path.iterdir()).write_text(damage)
    assert cache.load(FILE, "") is None


@pytest.mark.parametrize(
    "header",
    ["[]", "5", "{}", '["p", 100, 5, 0, "", "9", "d1", null]', '["p", 100, 5, 0, "", -1, "d1", null]',
     '["p", 100, 5, 0, "", 1e999, "d1", null]', '["p", 100, 5, 0, "", 9, "\\u001b", null]',
     '["p", 100, 5, 0, "", 9, 1, null]', '["p", 100, 5, 0, "", 9, "d1", []]',
     '["p", 100, 5, 0, "", 9, "d1", ["9", "{}", true]]', '["p", 100, 5, 0, "", 9, "d1", [0, "{}", true]]',
     '["p", 100, 5, 0, "", 9, "d1", [9, 1, true]]', '["p", 100, 5, 0, "", 9, "d1", [9, "{}", 1]]'],
)  # fmt: skip
def test_a_header_of_other_types_means_no_text(
    tmp_path: Path, header: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reader.library.text_cache._hash_program", lambda: "p")
    cache = make_cache(tmp_path)
    path, contents = read_contents(tmp_path)
    assert contents[0] == '["p", 100, 5, 0, "", 32, "d1", null]'
    write_contents(path, [header, *contents[1:]])
    assert cache.load(FILE, "") is None


@pytest.mark.parametrize("rest", ["", "[[", '[["x"]]\n', "[[99, 1, 2]]\n", "5\n"])
def test_a_damaged_text_raises_an_error_and_is_removed(tmp_path: Path, rest: str) -> None:
    cache = make_cache(tmp_path)
    path = next(tmp_path.iterdir())
    path.write_text(path.read_text().split("\n")[0] + "\n" + rest)
    with pytest.raises(ValueError, match="a cached text"):
        read(load(cache))
    assert not path.exists()


@pytest.mark.parametrize(
    "damage",
    [
        lambda lines: lines[:-1],
        lambda lines: [lines[0], *lines[2:]],
        lambda lines: [lines[0], lines[2], lines[1], *lines[3:]],
        lambda lines: [lines[0], lines[1], *lines[1:]],
        lambda lines: [*lines[:-1], lines[-1][:-1]],
    ],
    ids=["no end", "a line is missing", "lines changed places", "a line twice", "no newline"],
)
def test_a_line_that_is_lost_or_moved_is_noticed(
    tmp_path: Path, damage: Callable[[list[str]], list[str]]
) -> None:
    cache = make_cache(tmp_path, "\n\n".join(["x" * 999] * 100))
    path = next(tmp_path.iterdir())
    path.write_text("".join(damage(path.read_text().splitlines(keepends=True))))
    with pytest.raises(ValueError, match="a cached text"):
        read(load(cache))


def test_no_string_of_a_parsed_text_has_control_characters(tmp_path: Path) -> None:
    # Such a text would count as damaged: each string passes the gate on its way from the cache.
    control = "\x1b]0;x\x07\x9b\u202e"
    source = (
        f"<a href='https://a/{control}'>{control}</a> <img src='{control}.png' alt='{control}'>"
        f" [[{control}|{control}]] ![{control}](<{control}>)[^{control}]\n\n```{control}\n{control}\n```\n"
        f"\n> [!NOTE] {control}\n> x\n\n| {control} |\n|--|\n| {control} |\n\n[^{control}]: {control}\n"
        f"\n<iframe src='https://a/{control}'></iframe>\n\n[{control}]: {control} '{control}'\n"
    )
    text = read(load(make_cache(tmp_path, source)))
    assert text.blocks == parse(source).blocks


BEGINNING = CachedText(900, "d2", iter(()), Beginning(11, '{"id": "a"}', False))


def make_beginning(folder: Path) -> TextCache:
    """Save the first two paragraphs of a text with the title "T"."""
    cache = TextCache(folder)
    cache.save_beginning(FILE, "T", BEGINNING, parse("First.\n\nTwo *b*.\n\nThree.").blocks[:2])
    return cache


def test_a_saved_beginning_has_no_end() -> None:
    with tempfile.TemporaryDirectory() as folder:
        text = load(make_beginning(Path(folder)), title="T")
        assert (text.characters, text.digest) == (900, "d2")
        assert text.beginning == BEGINNING.beginning
        document = read(text)
        assert [block.text for block in document.blocks] == ["First.", "Two b."]
        assert not document.is_complete


def test_only_a_beginning_is_loaded_without_a_title(tmp_path: Path) -> None:
    assert make_beginning(tmp_path).load(FILE, None) is not None
    assert make_beginning(tmp_path).load(FILE._replace(mtime_ns=6), None) is None
    assert make_cache(tmp_path).load(FILE, None) is None


def test_a_complete_text_replaces_its_beginning_but_not_the_other_way_round(
    tmp_path: Path,
) -> None:
    cache = make_beginning(tmp_path)
    cache.save(FILE, "T", parse(SOURCE), "d1")
    make_beginning(tmp_path)  # saved late, by another thread or program
    text = load(cache, title="T")
    assert text.beginning is None
    assert read(text).is_complete


@pytest.mark.parametrize(
    "damage", [lambda lines: lines[:1], lambda lines: [lines[0], lines[1][:-9]]]
)
def test_a_damaged_beginning_raises_an_error_and_is_removed(
    tmp_path: Path, damage: Callable[[list[str]], list[str]]
) -> None:
    cache = make_beginning(tmp_path)
    path = next(tmp_path.iterdir())
    path.write_text("".join(damage(path.read_text().splitlines(keepends=True))))
    with pytest.raises(ValueError, match="a cached text"):
        read(load(cache, title="T"))
    assert not path.exists()


@pytest.mark.parametrize("fifo", [True, False])
def test_what_is_no_regular_file_is_not_read(tmp_path: Path, fifo: bool) -> None:
    cache = make_cache(tmp_path)
    path = next(tmp_path.iterdir())
    path.unlink()
    os.mkfifo(path) if fifo else path.symlink_to("/dev/zero")
    assert cache.load(FILE, "") is None


def test_only_the_owner_can_read_cached_texts(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        make_cache(tmp_path / "texts")
    finally:
        os.umask(before)
    file = next((tmp_path / "texts").iterdir())
    assert [stat.S_IMODE(p.stat().st_mode) for p in (tmp_path / "texts", file)] == [0o700, 0o600]


def test_the_oldest_texts_are_removed_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reader.library.text_cache.MAX_FILES", 2)
    cache = TextCache(tmp_path)
    files = [FILE._replace(location=f"/stories/{number}.md") for number in range(3)]
    for age, file in enumerate(files):
        cache.save(file, "", parse(SOURCE), "d1")
        for path in tmp_path.iterdir():
            mtime = path.stat().st_mtime
            os.utime(path, (1, mtime if mtime < 1000 else age))
    assert [cache.load(file, "") is not None for file in files] == [False, True, True]


def test_an_upgrade_of_the_parser_makes_cached_texts_stale(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hash_program = text_cache._hash_program.__wrapped__  # noqa: SLF001  without what it has kept
    module = tmp_path / "markdown_it" / "__init__.py"
    module.parent.mkdir()
    module.write_text("__version__ = '1'")
    monkeypatch.syspath_prepend(tmp_path)
    before = hash_program()
    fresh = module.with_name("fresh")
    fresh.write_text("__version__ = '2'")
    assert hash_program() == before
    fresh.replace(module)
    assert hash_program() != before
