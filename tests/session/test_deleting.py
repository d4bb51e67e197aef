"""Deleted stories: their files are in the trash, and an undo brings everything back."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from session_driver import Reader

from reader.errors import BadUsage, UnreadableFile
from reader.library.story import Story
from reader.reading.progress import ReadStatus
from reader.session.read_status import DeletionChange, TrashedFile, UndoStack
from reader.session.removing import DeletionJob
from reader.session.removing.companions import find_companions
from reader.session.removing.trash import Trash, find_trashes, move_to_trash, restore

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def folder(write: Callable[[str, str], Path]) -> Path:
    for name in ("Ann", "Bea", "Cid"):
        path = write(f"{name}.md", f"---\ntitle: {name}\n---\n\nThe text of {name} is this.\n")
    return path.parent


@pytest.fixture
def reader(folder: Path) -> Reader:
    reader = Reader(folder)
    reader.session.catalog.own_folder = folder
    return reader


@pytest.fixture
def trash(home: Path) -> Path:
    return home / ".local/share/Trash"


def list_titles(reader: Reader) -> list[str]:
    return [entry.story.title for entry in reader.session.list_entries()]


def list_files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_deleted_story_is_in_the_trash_of_the_desktop(
    reader: Reader, folder: Path, trash: Path
) -> None:
    reader.session.removals.delete([reader.story("Bea")])
    assert list_titles(reader) == ["Ann", "Cid"]
    assert list_files(trash) == ["files/Bea.md", "info/Bea.md.trashinfo"]
    lines = (trash / "info/Bea.md.trashinfo").read_text().split("\n")
    assert lines[:2] == ["[Trash Info]", f"Path={folder}/Bea.md"]
    assert lines[2].startswith("DeletionDate=20")
    assert (trash.stat().st_mode & 0o777, trash.parent.is_dir()) == (0o700, True)


def test_an_undo_restores_file_place_in_the_list_and_reading_data(
    reader: Reader, folder: Path, trash: Path
) -> None:
    story = reader.story("Bea")
    reader.session.read_statuses.set_status(story, ReadStatus.FINISHED)
    before, status = list_titles(reader), (folder / "Bea.md").stat()
    reader.session.removals.delete([story])
    reader.session.undo()
    assert list_titles(reader) == before
    assert reader.session.read_statuses.get_status(reader.story("Bea")) is ReadStatus.FINISHED
    after = (folder / "Bea.md").stat()
    assert (after.st_ino, after.st_mtime_ns) == (status.st_ino, status.st_mtime_ns)
    assert list_files(trash) == []
    assert not reader.session.watch.find_differences(is_thorough=True)


def test_several_stories_are_deleted_and_brought_back_at_once(reader: Reader) -> None:
    reader.session.removals.delete([reader.story("Ann"), reader.story("Cid")])
    assert list_titles(reader) == ["Bea"]
    reader.session.undo()
    assert list_titles(reader) == ["Ann", "Bea", "Cid"]


def test_what_only_the_story_needs_goes_along_and_comes_back(reader: Reader, folder: Path) -> None:
    files = ("pictures/own%20one.png", "pictures/own one.png", "pictures/shared.png")
    for name in (*files[1:], ".removed/Ann.txt", ".removed/Ann.previous.md", ".removed/Bea.txt"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(name)
    for name, names in (("Ann", files), ("Bea", files[2:])):
        links = "".join(f"![]({each})\n" for each in names)
        (folder / f"{name}.md").write_text(f"---\ntitle: {name}\n---\n\nText.\n\n{links}")
    before = list_files(folder)
    reader.session.removals.delete([reader.story("Ann")])
    left = ["Bea.md", "Cid.md", ".removed/Bea.txt", "pictures/shared.png"]
    assert list_files(folder) == sorted(left)
    reader.session.removals.delete([reader.story("Bea")])
    assert [path.name for path in folder.iterdir()] == ["Cid.md"]
    reader.session.undo()
    reader.session.undo()
    assert list_files(folder) == before


def test_a_picture_that_two_deleted_stories_show_goes_along_once(folder: Path) -> None:
    picture = folder / "pictures" / "shared.png"
    picture.parent.mkdir()
    picture.write_text("")
    paths = [folder / "Ann.md", folder / "Bea.md"]
    for path in paths:
        path.write_text("![](pictures/shared.png)")
    assert find_companions(paths) == {paths[0]: [picture], paths[1]: []}
    assert find_companions(paths[:1])[paths[0]] == []


def test_why_a_file_stays_is_said_without_the_escape_sequences_of_its_name(
    tmp_path: Path,
) -> None:
    story = Story("one", f"{tmp_path}/a\x1b[2J.md", "A")
    with pytest.raises(UnreadableFile, match=r"\Aa\ufffd\[2J\.md: no such file or directory\Z"):
        DeletionJob([story], tmp_path).run()


def test_a_story_of_another_folder_is_not_deleted(reader: Reader, tmp_path: Path) -> None:
    other = Story("id", str(tmp_path / "other.md"), "Other")
    with pytest.raises(BadUsage, match="your own folder"):
        reader.session.removals.delete([reader.story("Ann"), other])
    assert list_titles(reader) == ["Ann", "Bea", "Cid"]


def test_an_undo_overwrites_no_other_file(reader: Reader, folder: Path, trash: Path) -> None:
    reader.session.removals.delete([reader.story("Ann")])
    (folder / "Ann.md").write_text("Another text.")
    with pytest.raises(UnreadableFile, match=r"Ann.md: there is another file .* in the trash"):
        reader.session.undo()
    assert (folder / "Ann.md").read_text() == "Another text."
    (folder / "Ann.md").rename(folder / "New.md")
    reader.session.undo()
    assert "The text of Ann" in (folder / "Ann.md").read_text()
    assert list_files(trash) == []


def test_an_undo_after_the_trash_was_emptied_says_so_and_leaves_earlier_undos(
    reader: Reader, trash: Path
) -> None:
    reader.session.read_statuses.set_status(reader.story("Bea"), ReadStatus.FINISHED)
    reader.session.removals.delete([reader.story("Ann")])
    (trash / "files/Ann.md").unlink()
    change = reader.session.undo()
    assert "Ann.md: it is no longer in the trash" in str(change)
    reader.session.undo()
    assert reader.session.read_statuses.get_status(reader.story("Bea")) is ReadStatus.UNREAD


def test_two_files_of_one_name_are_both_in_the_trash(folder: Path, trash: Path) -> None:
    own = folder
    first = move_to_trash(folder / "Ann.md", own)
    (folder / "Ann.md").write_text("The second one.")
    (trash / "files/Ann.2.md").write_text("A file without a note.")
    second = move_to_trash(folder / "Ann.md", own)
    assert [first.trashed.name, second.trashed.name] == ["Ann.md", "Ann.3.md"]
    assert list_files(trash / "info") == ["Ann.3.md.trashinfo", "Ann.md.trashinfo"]
    restore(second)
    assert (folder / "Ann.md").read_text() == "The second one."


def test_two_files_of_the_longest_name_are_both_in_the_trash(folder: Path, trash: Path) -> None:
    letter = "\u5c71"  # three bytes
    path = folder / f"{84 * letter}.md"
    names = []
    for _ in range(2):
        path.write_text("text")
        names.append(move_to_trash(path, folder).trashed.name)
    assert names == [f"{66 * letter}.md", f"{66 * letter}.2.md"]
    assert list_files(trash / "info") == [f"{name}.trashinfo" for name in sorted(names)]


def test_a_name_of_any_bytes_is_written_in_the_note(folder: Path, trash: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(folder) + b"/\xff 100% \xc3\xa4.md"))
    path.write_text("text")
    moved = move_to_trash(path, folder)
    assert moved.note is not None
    assert "/%FF%20100%25%20%C3%A4.md\n" in moved.note.read_text()
    restore(moved)
    assert path.read_text() == "text"


def test_without_a_trash_of_the_desktop_a_hidden_folder_takes_the_file(
    folder: Path, home: Path, trash: Path
) -> None:
    trash.parent.mkdir(parents=True)
    trash.write_text("not a folder")
    moved = move_to_trash(folder / "Ann.md", folder)
    assert moved.trashed == folder / ".trash/Ann.md"
    restore(moved)
    assert (folder / "Ann.md").is_file()


def test_another_mount_has_a_trash_of_its_own(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "/dev/shm/nothing-here")  # noqa: S108  on another device
    monkeypatch.setattr("os.path.ismount", lambda path: str(path) == str(folder.parent))
    user, top = os.geteuid(), folder.parent
    own = Trash(top / f".Trash-{user}", top)
    assert list(find_trashes(folder / "Ann.md")) == [own]
    (top / ".Trash").mkdir()
    assert list(find_trashes(folder / "Ann.md")) == [own]  # anybody could delete others' files
    (top / ".Trash").chmod(0o1777)
    assert list(find_trashes(folder / "Ann.md")) == [Trash(top / f".Trash/{user}", top), own]
    moved = move_to_trash(folder / "Ann.md", folder)
    assert moved.note is not None
    assert f"Path={folder.name}/Ann.md\n" in moved.note.read_text()


def test_an_interrupt_after_the_file_was_moved_loses_nothing(
    folder: Path, trash: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, rename = folder / "Ann.md", Path.rename
    text = path.read_text()

    def rename_and_interrupt(source: Path, target: Path) -> Path:
        rename(source, target)
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "rename", rename_and_interrupt)
    with pytest.raises(KeyboardInterrupt):
        move_to_trash(path, folder)
    assert (trash / "files" / "Ann.md").read_text() == text
    assert (trash / "info" / "Ann.md.trashinfo").is_file()


def test_many_deleted_stories_come_back_in_slices_with_what_only_they_needed(
    reader: Reader, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reader.session.changing.MANY_STORIES", 2)
    left_out = folder / ".removed"
    left_out.mkdir()
    for name in ("Ann", "Cid"):
        (left_out / f"{name}.txt").write_text("left out")
    everything = list_files(folder)
    stories = [reader.story(name) for name in ("Ann", "Bea", "Cid")]
    reader.session.removals.delete(stories)
    assert list_files(folder) == []
    undo = reader.session.many_changes.start_undo()
    assert undo is not None
    undo.step(2)
    assert (list_titles(reader), undo.done) == (["Bea", "Cid"], 2)
    assert list_files(folder) == [".removed/Cid.txt", "Bea.md", "Cid.md"]
    undo.step(2)
    assert (list_titles(reader), undo.done) == (["Ann", "Bea", "Cid"], 3)
    assert (list_files(folder), reader.session.undo()) == (everything, None)
    assert [story.title for story in undo.change.stories] == ["Ann", "Bea", "Cid"]


def test_what_is_left_of_a_deletion_that_was_undone_in_part_has_the_files_of_its_stories() -> None:
    stack = UndoStack()
    stack.add_revert(DeletionChange, lambda change: change)
    stories = tuple(Story(name, f"/{name}.md", name) for name in "abc")
    paths = ("/a.md", "/.removed/a.txt", "/b.md", "/c.md", "/.removed/c.txt")
    files = tuple(TrashedFile(Path(path), Path("/trash" + path), None) for path in paths)
    change = DeletionChange(stories, files)
    stack.push(change)
    undone, rest = stack.undo_part(change, 2)
    assert undone == DeletionChange(stories[1:], files[2:])
    assert rest == DeletionChange(stories[:1], files[:2])
