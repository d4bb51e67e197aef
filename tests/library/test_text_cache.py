"""A text that was parsed once is read again from the cache: the same blocks, or none at all."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

import pytest
from hostile_markdown import MANUSCRIPTS
from hypothesis import given

from reader.library.files import File
from reader.library.text_cache import CachedText, TextCache
from reader.markdown.parser import parse
from reader.text.document import Document

SOURCE = "# Title\n\nSome *words*, a [link](https://example.org).[^1]\n\n| a | b |\n|--:|---|\n| 1 | 2 |\n\n[^1]: A note.\n"
FILE = File(Path("/stories/a.md"), 100, 5, "stories")


def read(kept: CachedText) -> Document:
    document = Document()
    for piece in kept.slices:
        document.extend(piece.blocks)
        if piece.is_last:
            document.finish(piece.footnotes)
    return document


def kept(folder: Path, source: str = SOURCE) -> TextCache:
    texts = TextCache(folder)
    texts.save(FILE, "", parse(source), "d1")
    return texts


def found(texts: TextCache, file: File = FILE, title: str = "") -> CachedText:
    text = texts.load(file, title)
    assert text is not None
    return text


@given(MANUSCRIPTS)
def test_a_kept_text_is_the_text_that_was_parsed(source: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        document, parsed = read(found(kept(Path(folder), source))), parse(source)
        assert (document.blocks, document.footnotes) == (parsed.blocks, parsed.footnotes)
        assert document.is_complete


def test_a_kept_text_knows_how_many_letters_it_has(tmp_path: Path) -> None:
    assert found(kept(tmp_path, "One two.\n\nThree.")).characters == 14


def test_a_kept_text_knows_which_version_it_is(tmp_path: Path) -> None:
    assert found(kept(tmp_path)).digest == "d1"


def test_a_long_text_comes_in_slices_and_the_first_is_short(tmp_path: Path) -> None:
    texts = kept(tmp_path, "\n\n".join(["x" * 999] * 200))
    assert [len(piece.blocks) for piece in found(texts).slices] == [17, 49, 49, 49, 36]


@pytest.mark.parametrize(
    "other",
    [FILE._replace(size=101), FILE._replace(mtime_ns=6), FILE._replace(path=Path("/stories/b.md"))],
    ids=["size", "date", "path"],
)
def test_another_file_has_no_kept_text(tmp_path: Path, other: File) -> None:
    assert kept(tmp_path).load(other, "") is None


def test_a_text_parsed_under_another_title_is_another_text(tmp_path: Path) -> None:
    assert kept(tmp_path).load(FILE, "Title") is None


def test_another_program_has_no_kept_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = kept(tmp_path)
    monkeypatch.setattr("reader.library.text_cache._hash_program", lambda: "another")
    assert texts.load(FILE, "") is None


def test_without_a_folder_nothing_is_kept() -> None:
    texts = TextCache(None)
    texts.save(FILE, "", parse(SOURCE), "d1")
    assert texts.load(FILE, "") is None


def test_a_folder_that_is_a_file_is_no_matter(tmp_path: Path) -> None:
    (tmp_path / "texts").write_text("")
    assert kept(tmp_path / "texts").load(FILE, "") is None


@pytest.mark.parametrize("damage", ["", "[", "null\n", "{}\n", "[[]]\n[]\n", "\x00\xff\n"])
def test_a_file_of_nonsense_is_no_text(tmp_path: Path, damage: str) -> None:
    texts = kept(tmp_path)
    next(tmp_path.iterdir()).write_text(damage)
    assert texts.load(FILE, "") is None


@pytest.mark.parametrize("rest", ["", "[[", '[["x"]]\n', "[[99, 1, 2]]\n", "5\n"])
def test_a_text_that_breaks_off_says_so(tmp_path: Path, rest: str) -> None:
    texts = kept(tmp_path)
    path = next(tmp_path.iterdir())
    path.write_text(path.read_text().split("\n")[0] + "\n" + rest)
    with pytest.raises(ValueError, match="a cached text"):
        read(found(texts))


def test_what_is_kept_is_for_nobody_elses_eyes(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        kept(tmp_path / "texts")
    finally:
        os.umask(before)
    file = next((tmp_path / "texts").iterdir())
    assert [stat.S_IMODE(p.stat().st_mode) for p in (tmp_path / "texts", file)] == [0o700, 0o600]


def test_the_oldest_texts_go_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reader.library.text_cache.MAX_FILES", 2)
    texts = TextCache(tmp_path)
    files = [FILE._replace(path=Path(f"/stories/{number}.md")) for number in range(3)]
    for age, file in enumerate(files):
        texts.save(file, "", parse(SOURCE), "d1")
        for path in tmp_path.iterdir():
            known = path.stat().st_mtime
            os.utime(path, (1, known if known < 1000 else age))
    assert [texts.load(file, "") is not None for file in files] == [False, True, True]
