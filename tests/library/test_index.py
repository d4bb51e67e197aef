"""The index saves parsing unchanged files; it may be damaged, locked or missing at any time."""

from __future__ import annotations

import os
import sqlite3
from dataclasses import FrozenInstanceError, replace
from datetime import UTC, datetime
from threading import Thread
from typing import TYPE_CHECKING

import pytest
from pseudo_terminal import LIMIT
from unprivileged import make_unprivileged_folder, run_unprivileged

from reader.errors import UnreadableFile
from reader.library.catalog import Catalog, CatalogBuilder
from reader.library.describing import describe_file, describe_files, describe_unreadable
from reader.library.index import Index
from reader.library.scan import scan_folder
from reader.library.story import Story, get_story_maker
from reader.library.text_cache import TextCache
from reader.session.session import Session
from reader.store.repository import Store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from reader.library.files import File

    Write = Callable[[str, str | bytes], Path]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "index.db"


@pytest.fixture
def files(write: Write) -> list[File]:
    """Return two files as a scan finds them."""
    write(
        "a.md",
        "---\ntitle: One\nauthor: Ann\ndate: 2021-06-12\ntags: [x, y]\nfor: my mother\n---\nThree small words.",
    )
    return list(scan_folder(write("b.md", "# Two\n\nText.").parent))


@pytest.fixture
def parsed_paths(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Return a list to which the path of each parsed file is added."""
    paths: list[Path] = []

    def describe_and_record(file: File, must_stop: Callable[[], bool]) -> Story:
        paths.append(file.path)
        return describe_file(file, must_stop)

    monkeypatch.setattr("reader.library.describing.describe_file", describe_and_record)
    return paths


def list_titles(path: Path, folder: Path) -> list[str]:
    """Return the titles of the stories in `folder`, as a new session finds them."""
    session = Session(Catalog(), Store.open_in_memory(), Index.open(path), TextCache(None))
    session.add_stories(list(describe_files(session.scan_folders([folder]))))
    titles = [story.title for story in session.catalog.list_stories()]
    session.close()
    return titles


def test_every_story_is_parsed_once(
    path: Path, files: list[File], parsed_paths: list[Path]
) -> None:
    assert list_titles(path, files[0].path.parent) == ["One", "Two"]
    assert parsed_paths == [files[0].path, files[1].path]


def test_an_unchanged_story_is_not_parsed_again(
    path: Path, files: list[File], parsed_paths: list[Path]
) -> None:
    list_titles(path, files[0].path.parent)
    parsed_paths.clear()
    assert list_titles(path, files[0].path.parent) == ["One", "Two"]
    assert parsed_paths == []


def test_only_a_changed_story_is_parsed_again(
    path: Path, files: list[File], parsed_paths: list[Path]
) -> None:
    list_titles(path, files[0].path.parent)
    parsed_paths.clear()
    files[1].path.write_text("# Three\n\nOther text.")
    assert list_titles(path, files[0].path.parent) == ["One", "Three"]
    assert parsed_paths == [files[1].path]


def test_a_change_of_the_same_size_is_noticed_by_its_time(
    path: Path, files: list[File], parsed_paths: list[Path]
) -> None:
    list_titles(path, files[0].path.parent)
    parsed_paths.clear()
    files[1].path.write_text("# Ten\n\nText.")
    os.utime(files[1].path, ns=(0, files[1].mtime_ns + 1))
    assert list_titles(path, files[0].path.parent) == ["One", "Ten"]


@pytest.mark.parametrize("year", [1905, 1969, 2100, 2263, 2400])
def test_a_file_of_any_date_is_listed(year: int, path: Path, files: list[File]) -> None:
    seconds = int(datetime(year, 5, 10, tzinfo=UTC).timestamp())
    os.utime(files[0].path, ns=(0, seconds * 1_000_000_000))
    for _ in range(2):
        assert list_titles(path, files[0].path.parent) == ["One", "Two"]


def test_all_metadata_is_saved(path: Path, files: list[File]) -> None:
    index = Index.open(path)
    described = [(file, describe_file(file)) for file in files]
    index.save_stories(described)
    index.close()
    assert Index.open(path).load_stories(files) == {
        file.location: story for file, story in described
    }


def test_a_story_of_many_is_like_any_other() -> None:
    values = {"id": "1", "location": "/a.md", "title": "One", "tags": ("x",), "words": 3}
    story, expected = get_story_maker()(**values), Story("1", "/a.md", "One", tags=("x",), words=3)
    assert (type(story), story, hash(story)) == (Story, expected, hash(expected))
    with pytest.raises(FrozenInstanceError):
        setattr(story, "title", "Two")  # noqa: B010  mypy knows that it fails


def test_a_file_that_could_not_be_read_is_tried_again(path: Path, files: list[File]) -> None:
    # Making a file readable changes neither its size nor its modification time.
    index = Index.open(path)
    index.save_stories([(files[0], describe_unreadable(files[0], UnreadableFile("no")))])
    assert index.load_stories(files) == {}


def test_an_unreadable_entry_gives_the_reason_without_the_path(files: list[File]) -> None:
    story = describe_unreadable(files[0], UnreadableFile(f"{files[0].path}: you may not"))
    assert (story.title, story.deck, story.is_readable) == ("A", "you may not", False)


def test_names_that_are_not_utf8_are_distinguished(path: Path, files: list[File]) -> None:
    index = Index.open(path)
    odd = [
        files[0]._replace(location=str(files[0].path.with_name(name)))
        for name in ("\udcff", "\udcfe")
    ]
    index.save_stories(
        [(file, replace(describe_file(files[0]), location=file.location)) for file in odd]
    )
    assert sorted(index.load_stories(odd)) == sorted(file.location for file in odd)


DAMAGED = {
    "empty": b"",
    "garbage": b"garbage" * 1000,
    "one byte": b"S",
    "a header alone": b"SQLite format 3\0" + b"\0" * 200,
}


@pytest.mark.parametrize("case", DAMAGED)
def test_a_damaged_index_is_replaced(case: str, path: Path, files: list[File]) -> None:
    path.parent.mkdir()
    path.write_bytes(DAMAGED[case])
    list_titles(path, files[0].path.parent)
    assert len(Index.open(path).load_stories(files)) == 2


def test_an_index_with_a_damaged_page_is_replaced(path: Path, files: list[File]) -> None:
    list_titles(path, files[0].path.parent)
    data = path.read_bytes()
    path.write_bytes(data[:4096] + b"\xff" * (len(data) - 4096))
    list_titles(path, files[0].path.parent)
    list_titles(path, files[0].path.parent)
    assert len(Index.open(path).load_stories(files)) == 2


def test_the_journal_of_a_damaged_index_is_removed(path: Path, files: list[File]) -> None:
    path.parent.mkdir()
    path.write_bytes(b"garbage")
    wal = path.with_name("index.db-wal")
    wal.write_bytes(b"garbage")
    list_titles(path, files[0].path.parent)
    assert not wal.exists() or wal.read_bytes() != b"garbage"


def test_an_index_of_another_version_is_discarded(
    path: Path, files: list[File], parsed_paths: list[Path]
) -> None:
    list_titles(path, files[0].path.parent)
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    parsed_paths.clear()
    list_titles(path, files[0].path.parent)
    assert len(parsed_paths) == 2


def test_a_damaged_row_is_ignored(path: Path, files: list[File]) -> None:
    list_titles(path, files[0].path.parent)
    for metadata in (
        "[]",
        "5",
        "{",
        '{"title": 1, "nonsense": 2}',
        '{"tags": 1}',
        '{"published": 5}',
    ):
        with sqlite3.connect(path) as db:
            db.execute("UPDATE story SET metadata = ?", (metadata,))
        db.close()
        assert Index.open(path).load_stories(files) == {}


def test_a_locked_index_is_not_used_and_not_changed(path: Path, files: list[File]) -> None:
    list_titles(path, files[0].path.parent)
    with sqlite3.connect(path) as locker:
        locker.execute("PRAGMA journal_mode = DELETE")
        locker.execute("BEGIN EXCLUSIVE")
        assert list_titles(path, files[0].path.parent) == ["One", "Two"]
    locker.close()
    assert len(Index.open(path).load_stories(files)) == 2


def test_saving_to_a_locked_index_does_nothing(path: Path, files: list[File]) -> None:
    index = Index.open(path)
    locker = sqlite3.connect(path, isolation_level=None)
    locker.execute("BEGIN EXCLUSIVE")
    index.save_stories([(files[0], describe_file(files[0]))])
    locker.execute("ROLLBACK")
    locker.close()
    index.save_stories([(files[1], describe_file(files[1]))])
    assert list(index.load_stories(files)) == [files[1].location]


@pytest.mark.parametrize("kind", ["a folder where the file should be", "a file where the folder"])
def test_an_index_that_cannot_be_created_is_not_needed(
    kind: str, path: Path, files: list[File]
) -> None:
    if kind == "a file where the folder":
        path.parent.write_text("")
    else:
        path.mkdir(parents=True)
    assert list_titles(path, files[0].path.parent) == ["One", "Two"]


def test_an_opened_story_does_not_wait_for_a_worker_that_uses_the_index(files: list[File]) -> None:
    index = Index.open(None)
    builder = CatalogBuilder(Catalog(), index, lambda stories, _, **__: stories)
    opening = Thread(target=builder.index_story, args=[describe_file(files[0])])
    with index._lock:  # noqa: SLF001  as a worker does
        opening.start()
        opening.join(LIMIT)
        has_waited = opening.is_alive()
    assert not has_waited


def test_an_index_without_a_path_is_in_memory(files: list[File]) -> None:
    index = Index.open(None)
    index.save_stories([(files[0], describe_file(files[0]))])
    assert list(index.load_stories(files)) == [files[0].location]


def test_a_read_only_cache_folder_is_tolerated() -> None:
    with make_unprivileged_folder() as folder:
        (folder / "a.md").write_text("# One")
        folder.chmod(0o555)
        output = run_unprivileged(
            """
from reader.library.index import Index
from reader.library.describing import describe_file
from reader.library.scan import scan_folder
folder = pathlib.Path(sys.argv[1])
index, files = Index.open(folder / "index.db"), list(scan_folder(folder))
index.save_stories([(files[0], describe_file(files[0]))])
print([story.title for story in index.load_stories(files).values()])
""",
            folder,
        )
    assert output == "['One']"


def test_two_files_of_one_size_and_time_that_swap_their_names_are_noticed(
    write: Callable[[str, str], Path], tmp_path: Path
) -> None:
    one, two = write("one.md", "One."), write("two.md", "Two.")
    for path in (one, two):
        os.utime(path, ns=(5, 5))
    files = list(scan_folder(one.parent))
    index = Index.open(tmp_path / "index.db")
    index.save_stories(describe_files(files))
    assert len(index.load_stories(files)) == 2
    one.rename(one.with_name("spare"))
    two.rename(one)
    one.with_name("spare").rename(two)
    assert index.load_stories(scan_folder(one.parent)) == {}


def test_stories_as_they_were_are_returned_however_many_files_have_changed(
    path: Path, files: list[File]
) -> None:
    (file, story), *_ = describe_files(files)
    many = [file._replace(location=f"/{number}.md") for number in range(501)]
    index = Index.open(path)
    index.save_stories((each, replace(story, location=each.location)) for each in many)
    changed = [each._replace(size=each.size + 1) for each in many]
    assert index.load_outdated(changed).keys() == {each.location for each in many}
    index.close()
