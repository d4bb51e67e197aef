"""A file that is written is noticed at once, without a scan of the library."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from reader.folder_events import FolderEvents
from reader.library.files import File
from reader.library.scan import Folder, scan_folder
from reader.library.watch import Changes, LibraryWatch, format_changes

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has inotify")


@pytest.fixture
def watch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LibraryWatch:
    """Return what watches two files, and scans no more."""
    (tmp_path / "a.md").write_text("one")
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "b.md").write_text("two")
    watch = LibraryWatch()
    watch.add_folders([Folder(tmp_path)], scan_folder(tmp_path))
    watch.find_differences()
    monkeypatch.setattr("reader.library.watch.scan_folder", None)
    return watch


def test_a_file_that_is_written_in_place_is_found_without_a_scan(
    watch: LibraryWatch, tmp_path: Path
) -> None:
    path = tmp_path / "below" / "b.md"
    path.write_text("another text")
    first = watch.find_differences()
    assert [*first] == [path]
    changes = watch.accept(first, watch.find_reported_differences())
    assert [file.path for file in changes.changed] == [path]
    assert watch.find_differences() == {}


def test_a_file_is_known_as_it_is_by_its_size_its_time_and_its_inode(watch: LibraryWatch) -> None:
    file = next(file for each in watch.files if (file := watch.files.get(each)) is not None)
    others = [
        file._replace(size=file.size + 1),
        file._replace(mtime_ns=file.mtime_ns + 1),
        file._replace(inode=file.inode + 1),
        file._replace(location="/elsewhere"),
    ]
    found = [watch.files.has(each) for each in (file, file._replace(folder="other"), *others)]
    assert found == [True, True, False, False, False, False]


def test_a_file_that_is_replaced_is_found_without_a_scan(
    watch: LibraryWatch, tmp_path: Path
) -> None:
    (tmp_path / "new").write_text("another text")
    (tmp_path / "new").rename(tmp_path / "a.md")
    assert [*watch.find_reported_differences()] == [tmp_path / "a.md"]


def test_a_file_that_is_emptied_counts_once_it_is_written(
    watch: LibraryWatch, tmp_path: Path
) -> None:
    (tmp_path / "a.md").write_text("")
    assert watch.find_reported_differences() == {}
    (tmp_path / "a.md").write_text("longer than before")
    assert [*watch.find_reported_differences()] == [tmp_path / "a.md"]


def test_a_folder_that_is_gone_and_back_is_watched_again(tmp_path: Path) -> None:
    events, folder = FolderEvents(), tmp_path / "folder"
    folder.mkdir()
    assert events.watch([folder])
    folder.rmdir()
    assert events.take() == set()
    folder.mkdir()
    assert events.watch([folder])
    (folder / "a.md").write_text("text")
    assert events.take() == {folder / "a.md"}
    events.close()
    assert events.take() == set()


def test_folders_are_scanned_by_one_thread_and_not_while_all_files_are_described(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.md").write_text("one")
    watch, scans = LibraryWatch(), list[Folder]()
    watch.add_folders([Folder(tmp_path)], ())

    def scan(folder: Folder) -> list[File]:
        scans.append(folder)
        assert watch.find_differences() == {}  # as another thread would meanwhile
        return [*scan_folder(folder)]

    monkeypatch.setattr("reader.library.watch.scan_folder", scan)
    watch.is_waiting = True
    assert watch.find_differences() == {}
    watch.is_waiting = False
    assert [*watch.find_differences()] == [tmp_path / "a.md"]
    assert len(scans) == 1


def test_the_open_file_that_was_renamed_is_not_one_of_those_that_are_gone() -> None:
    new, shown, other = (Path(f"/{name}.md") for name in ("new", "shown", "other"))
    file = File(str(new), 1, 1, "")
    renamed = Changes((file,), (shown,))
    assert format_changes(renamed, {shown, other}, {new}, shown) == ""
    renamed_and_gone = Changes((file,), (shown, other))
    assert format_changes(renamed_and_gone, {shown, other}, {new}, shown) == "Stories: 1 gone."
    assert format_changes(renamed_and_gone, {shown, other}, {new}, None) == (
        "Stories: 1 renamed, 1 gone."
    )
