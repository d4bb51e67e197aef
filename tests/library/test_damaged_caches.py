"""After any damage to the text cache or the index, the text and the metadata are those of the file.

`READER_DAMAGE` is the number of damages of each kind, `READER_DAMAGE_SEED` their seed.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final
from zlib import crc32

import pytest
from text_lines import as_text_lines

from reader.layout.blocks import typeset
from reader.library.describing import describe_file
from reader.library.files import find_file
from reader.library.index import Index
from reader.library.story import load_text, save_text
from reader.library.text_cache import TextCache
from reader.markdown.parser import parse
from reader.text.cells import sanitize
from reader.text.document import Document
from reader.text.links import list_block_links, list_sections

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from reader.library.files import File
    from reader.library.story import Story

COUNT: Final = int(os.environ.get("READER_DAMAGE", "60"))
SEED: Final = int(os.environ.get("READER_DAMAGE_SEED", "1"))
CONTROL: Final = "\x1b]0;x\x07"
ODD_VALUES: Final[tuple[Any, ...]] = (
    None, True, False, 0, 1, -1, 7, 1 << 31, 1 << 63, 10**40, 1.5, float("nan"), float("inf"), "", "x", CONTROL,
    "\x9b31m", "\u202e", "\ud800", "\u0301" * 9, "\ufeff", "\n", "\t", "\0", [], [[]], {}, {"a": 1}, [1, 2, 3],
    "9" * 5_000, "2026-13-45",
)  # fmt: skip
"""Values of JSON, nearly all of a wrong type or out of range."""
ODD_CELLS: Final = (
    None, b"", b"\xff\0", "", "x", CONTROL, 0, -1, 1 << 31, (1 << 63) - 1, -(1 << 63), 1.5, float("inf"), "{}", "[]",
    '{"id": "x", "title": "Wrong"}', "x" * 100_000, "\0", "[" * 50_000,
)  # fmt: skip
"""Values for a cell of the index."""
SOURCE: Final = f"""
# Heading

Some *words* of “prose”, a [link](https://example.org/) and a note.[^1] {"More words follow. " * 8}

- one
  > a quote
  > — Someone
- two

1. first
2. second with `code`

| a | b |
|--:|---|
| 1 | *2* |

```python
def f(): return "x"
```

Verse\\
in lines

![A dog](dog.png)

* * *

## Another

<div>HTML</div>

The end.

[^1]: The text of the note.
"""


def make_random() -> random.Random:
    return random.Random(SEED)  # noqa: S311  not for secrets


def damage_bytes(data: bytes, rng: random.Random) -> bytes:
    """Return `data` with one damage: a bit, a stretch, a lost end, bytes added or moved."""
    start, end = sorted(rng.randrange(len(data) + 1) for _ in range(2))
    end = min(end, start + 200)
    noise = rng.randbytes(end - start)
    kinds: tuple[Callable[[], bytes], ...] = (
        lambda: data[:start],
        lambda: data[:start] + data[end:],
        lambda: data[:start] + noise + data[end:],
        lambda: data[:start] + noise + data[start:],
        lambda: data[:start] + bytes(end - start) + data[end:],
        lambda: data[:end] + data[start:],
        lambda: data[:start] + rng.choice((b"\0", b"\n", b"\xff", b"9", b'"')) + data[start + 1 :],
        lambda: data[:start] + bytes(b ^ 1 << rng.randrange(8) for b in data[start : start + 1])
        + data[start + 1 :],
    )  # fmt: skip
    return rng.choice(kinds)()


def damage_json(value: Any, rng: random.Random) -> Any:
    """Return `value` with one part of it replaced, removed or doubled."""
    if not isinstance(value, list | dict) or not value or rng.random() < 0.03:
        return rng.choice(ODD_VALUES)
    key = rng.choice([*value]) if isinstance(value, dict) else rng.randrange(len(value))
    copy: Any = value.copy()
    if rng.random() < 0.1:
        del copy[key]
    elif rng.random() < 0.1 and isinstance(copy, list):
        copy.insert(key, copy[key])
    else:
        copy[key] = damage_json(value[key], rng)
    return copy


def read(story: Story, cache: TextCache) -> Document:
    """Return the whole text of `story`, from the cache as far as it is intact."""
    document = Document()
    for piece in load_text(story, cache).slices:
        document.extend(piece.blocks)
        if piece.is_last:
            document.finish(piece.footnotes)
    return document


def list_strings(value: object) -> Iterator[str]:
    """Yield all strings in blocks and in what they are made of."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple | list):
        for item in value:
            yield from list_strings(item)


def assert_shown(document: Document) -> None:
    """Lay out the whole text, and assert that it can't control a terminal."""
    list_sections(document)
    for number, block in enumerate([*document.blocks, *document.footnotes]):
        for text in (*list_strings(block), *as_text_lines(typeset(block, 30))):
            assert sanitize(text) == text
        list_block_links(block, number)
        document.count_words_before(document.end)


@pytest.fixture
def story(tmp_path: Path) -> Story:
    path = tmp_path / "stories" / "a.md"
    path.parent.mkdir()
    path.write_text(SOURCE)
    file = find_file(path)
    assert file is not None
    return describe_file(file)


@pytest.fixture
def cache(tmp_path: Path, story: Story, monkeypatch: pytest.MonkeyPatch) -> TextCache:
    """Return a cache with the text of `story` in several lines."""
    monkeypatch.setattr("reader.library.text_cache.FIRST_LINE_CHARACTERS", 60)
    monkeypatch.setattr("reader.library.text_cache.NEXT_LINE_CHARACTERS", 60)
    cache = TextCache(tmp_path / "texts")
    text = load_text(story, cache)
    document = Document()
    for piece in text.slices:
        document.extend(piece.blocks)
        if piece.is_last:
            document.finish(piece.footnotes)
    save_text(story, text, document, cache)
    return cache


@pytest.fixture
def cached_file(tmp_path: Path, cache: TextCache) -> Path:
    assert cache is not None
    return next((tmp_path / "texts").iterdir())


def test_damaged_bytes_of_a_cached_text_are_noticed(
    story: Story, cache: TextCache, cached_file: Path
) -> None:
    parsed, data, rng = parse(SOURCE, story.title), cached_file.read_bytes(), make_random()
    for _ in range(COUNT):
        cached_file.write_bytes(damage_bytes(data, rng))
        document = read(story, cache)
        assert (document.blocks, document.footnotes) == (parsed.blocks, parsed.footnotes)
        assert document.is_complete


def test_any_text_with_right_checksums_is_shown_or_dropped(
    story: Story, cache: TextCache, cached_file: Path
) -> None:
    contents = [json.loads(line[9:]) for line in cached_file.read_bytes().split(b"\n") if line]
    parsed, rng = parse(SOURCE, story.title), make_random()
    for _ in range(COUNT):
        damaged = contents.copy()
        number = rng.randrange(len(contents))
        damaged[number] = damage_json(contents[number], rng)
        checksum, lines = 0, b""
        for content in damaged:
            line = f"{json.dumps(content, ensure_ascii=rng.random() < 0.5)}\n"
            encoded = line.encode("utf-8", "surrogatepass")
            checksum = crc32(encoded, checksum)
            lines += b"%08x %b" % (checksum, encoded)
        cached_file.write_bytes(lines)
        document = read(story, cache)
        if (document.blocks, document.footnotes) != (parsed.blocks, parsed.footnotes):
            assert_shown(document)


def test_a_damaged_text_is_parsed_and_saved_again(
    story: Story, cache: TextCache, cached_file: Path
) -> None:
    data = cached_file.read_bytes()
    cached_file.write_bytes(data.replace(b"The end", b"The eNd"))
    read(story, cache)
    assert not cached_file.exists()
    text = load_text(story, cache)
    document = Document()
    for piece in text.slices:
        document.extend(piece.blocks)
    document.finish(piece.footnotes)
    save_text(story, text, document, cache)
    assert cached_file.read_bytes() == data


@pytest.fixture
def files(tmp_path: Path) -> list[File]:
    """Return twelve files of stories."""
    folder = tmp_path / "stories"
    folder.mkdir(exist_ok=True)
    for number in range(12):
        matter = f"title: Title {number}\nauthor: Ann\nurl: https://example.org/{number}\ntags: [x, y]\npart: 3"
        (folder / f"{number}.md").write_text(f"---\n{matter}\n---\nText of story {number}.\n")
    found = (find_file(folder / f"{number}.md") for number in range(12))
    return [file for file in found if file is not None]


@pytest.fixture
def described(files: list[File]) -> list[tuple[File, Story]]:
    return [(file, describe_file(file)) for file in files]


@pytest.fixture
def index_file(tmp_path: Path, described: list[tuple[File, Story]]) -> Path:
    """Return a saved index of the stories, in one file."""
    path = tmp_path / "saved.db"
    index = Index.open(path)
    index.save_stories(described)
    index.close()
    assert not path.with_name("saved.db-wal").exists()
    return path


def assert_rebuilt(path: Path, described: list[tuple[File, Story]], damage: object) -> None:
    """Assert that the index serves nothing wrong, and is complete after it was filled again."""
    stories = {file.location: story for file, story in described}
    files = [file for file, _ in described]
    index = Index.open(path)
    loaded = index.load_stories(files)
    assert loaded.items() <= stories.items(), damage
    index.save_stories([item for item in described if item[0].location not in loaded])
    index.close()
    index = Index.open(path)
    again = index.load_stories(files)
    if again != stories:  # SQLite noticed the damage only now
        index.save_stories(described)
        assert index.load_stories(files) == stories, damage
    index.close()
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def test_damaged_bytes_of_the_index_are_noticed(
    tmp_path: Path, index_file: Path, described: list[tuple[File, Story]]
) -> None:
    data, rng, path = index_file.read_bytes(), make_random(), tmp_path / "index.db"
    for number in range(COUNT):
        path.write_bytes(damage_bytes(data, rng))
        assert_rebuilt(path, described, number)


def test_damaged_cells_of_the_index_are_noticed(
    tmp_path: Path, index_file: Path, described: list[tuple[File, Story]]
) -> None:
    rng, path = make_random(), tmp_path / "index.db"
    for _ in range(COUNT):
        shutil.copy(index_file, path)
        column = rng.choice(("path", "size", "mtime_ns", "metadata", "checksum"))
        value = rng.choice(ODD_CELLS)
        rows = rng.choice(("1", "path LIKE '%3.md'"))
        text = rng.choice(("?", "CAST(? AS TEXT)", "CAST(? AS BLOB)"))
        with sqlite3.connect(path) as db:
            db.execute("PRAGMA synchronous = OFF")
            if column == "path" and value is None:
                value = "x"
            db.execute(f"UPDATE OR REPLACE story SET {column} = {text} WHERE {rows}", (value,))  # noqa: S608  names of columns
        db.close()
        assert_rebuilt(path, described, (column, value, rows, text))


def test_any_row_with_the_right_checksum_is_a_story_or_ignored(
    tmp_path: Path, index_file: Path, described: list[tuple[File, Story]]
) -> None:
    rng, path = make_random(), tmp_path / "index.db"
    shutil.copy(index_file, path)
    index, (file, story) = Index.open(path), described[3]
    with sqlite3.connect(path, isolation_level=None) as db:
        (text,) = db.execute(
            "SELECT metadata FROM story WHERE path = ?", (str(file.path),)
        ).fetchone()
        for _ in range(COUNT):
            metadata = json.loads(text) | {rng.choice([*asdict(story)]): "x"}
            damaged = json.dumps(damage_json(rng.choice((json.loads(text), metadata)), rng))
            key = f"{file.path}\0{file.size}\0{file.mtime_ns}\0{damaged}".encode()
            db.execute(
                "UPDATE story SET metadata = ?, checksum = ? WHERE path = ?",
                (damaged, crc32(key), str(file.path)),
            )
            for loaded in index.load_stories([file]).values():
                values = asdict(loaded)
                assert all(type(values[name]) is type(old) for name, old in asdict(story).items()
                           if name != "published")  # fmt: skip
                assert all(
                    sanitize(s) == s and "\n" not in s for s in list_strings([*values.values()])
                )
                assert (loaded.path, loaded.is_persistent, loaded.is_readable) == (
                    file.path,
                    True,
                    True,
                )
    db.close()
    index.close()


SCHEMAS: Final = (
    "DROP TABLE story",
    "DROP TABLE story; CREATE VIEW story AS SELECT 1 AS path, 2 AS size, 3 AS mtime_ns, '{}' AS metadata",
    "DROP TABLE story; CREATE TABLE story (path, size, mtime_ns, metadata, checksum)",
    "ALTER TABLE story RENAME TO tale",
    "ALTER TABLE story RENAME COLUMN metadata TO data",
    "ALTER TABLE story DROP COLUMN checksum",
    "ALTER TABLE story ADD COLUMN more TEXT DEFAULT 'x'",
    "CREATE TABLE other (x)",
    "CREATE VIEW other AS SELECT * FROM story",
    "CREATE INDEX other ON story (size)",
    "CREATE TRIGGER other BEFORE INSERT ON story BEGIN SELECT RAISE(ABORT, 'no'); END",
    "CREATE TRIGGER other AFTER INSERT ON story BEGIN DELETE FROM story; END",
    "PRAGMA user_version = 0",
    "PRAGMA user_version = 0; CREATE VIEW other AS SELECT 1",
    "PRAGMA user_version = 0; DROP TABLE story; CREATE VIEW story AS SELECT 1",
    "PRAGMA user_version = -2147483648",
    "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = 'CREATE TABLE story (x)'",
    "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = CAST(x'ff00' AS TEXT)",
    "PRAGMA writable_schema = ON; UPDATE sqlite_master SET rootpage = 99",
    "PRAGMA writable_schema = ON; UPDATE sqlite_master SET name = NULL, type = 5",
    "PRAGMA writable_schema = ON; DELETE FROM sqlite_master",
    "PRAGMA journal_mode = DELETE; PRAGMA application_id = 99",
)


@pytest.mark.parametrize("statements", SCHEMAS)
def test_an_index_of_another_shape_is_built_again(
    statements: str, index_file: Path, described: list[tuple[File, Story]]
) -> None:
    db = sqlite3.connect(index_file, isolation_level=None)
    for statement in statements.split("; "):
        db.execute(statement) if "BEGIN" not in statements else None
    if "BEGIN" in statements:
        db.executescript(statements)
    db.close()
    assert_rebuilt(index_file, described, statements)


def test_a_file_with_a_date_that_sqlite_cannot_store_is_described_each_time(
    index_file: Path, described: list[tuple[File, Story]]
) -> None:
    file, story = described[0]
    late = file._replace(mtime_ns=1 << 63)
    index = Index.open(index_file)
    index.save_stories([(late, story)])
    assert index.load_stories([late, file]) == {file.location: story}
    index.close()
