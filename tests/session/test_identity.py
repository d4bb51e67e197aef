"""A story keeps its reading data wherever its file goes: each case as it happens to people."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from library_home import Home, edit, make_text, scan

from reader.cli.context import find_story
from reader.errors import DatabaseLocked
from reader.finding.describing import fill_catalog
from reader.library.catalog import Catalog
from reader.library.describing import describe_files, make_story_id
from reader.library.files import find_file
from reader.library.index import Index
from reader.library.story import Story
from reader.library.text_cache import TextCache
from reader.reading.progress import ReadStatus
from reader.session.identities import Identities
from reader.session.session import Session
from reader.store.merging import merge_again, merge_stories
from reader.store.repository import Store
from reader.store.stories import KnownStory, StoryDetails

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Write = Callable[[str, str], Path]


@pytest.fixture(params=[False, True], ids=["app", "list"])
def reader(tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Home:
    """Return a home in which sessions save what they find out, or only read."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return Home(tmp_path / "home", reads_only=request.param)


@pytest.fixture
def folder(reader: Home, write: Write) -> Path:
    """Return a folder with the stories `a.md` and `b.md`, each with a response."""
    for name in ("a", "b"):
        reader.respond(write(f"{name}.md", make_text(name)), f"on {name}")
    folder = write("c.md", make_text("c")).parent
    assert reader.list_responses(folder) == {"a.md": "on a", "b.md": "on b", "c.md": ""}
    return folder


def rename(folder: Path) -> None:
    (folder / "a.md").rename(folder / "z.md")


def move(folder: Path) -> None:
    (folder / "deep" / "er").mkdir(parents=True)
    (folder / "a.md").rename(folder / "deep" / "er" / "a.md")


def copy(folder: Path) -> None:
    shutil.copy2(folder / "a.md", folder / "copy of a.md")


def empty(folder: Path) -> None:
    (folder / "a.md").write_text("")


def copy_and_empty(folder: Path) -> None:
    copy(folder)
    (folder / "a.md").write_text("\n")


def copy_and_delete_words(folder: Path) -> None:
    copy(folder)
    (folder / "a.md").write_text("---\ntitle: a\n---\n")


def copy_and_edit(folder: Path) -> None:
    copy(folder)
    edit(folder / "a.md")


def edit_in_place(folder: Path) -> None:
    edit(folder / "a.md")


def rewrite_in_place(folder: Path) -> None:
    (folder / "a.md").write_text(make_text("quite another"))


def edit_and_rename(folder: Path) -> None:
    edit(folder / "a.md")
    rename(folder)


def swap(folder: Path) -> None:
    rename(folder)
    (folder / "b.md").rename(folder / "a.md")
    (folder / "z.md").rename(folder / "b.md")


def swap_and_edit(folder: Path) -> None:
    swap(folder)
    edit(folder / "a.md")
    edit(folder / "b.md")


def rotate(folder: Path) -> None:
    swap(folder)
    (folder / "b.md").rename(folder / "z.md")
    (folder / "c.md").rename(folder / "b.md")


def overwrite(folder: Path) -> None:
    (folder / "b.md").replace(folder / "a.md")


def replace_by_new_text(folder: Path) -> None:
    rename(folder)
    (folder / "a.md").write_text(make_text("a new one"))


def rename_case(folder: Path) -> None:
    (folder / "a.md").rename(folder / "A.md")


def rename_folder(folder: Path) -> None:
    (folder / "old").mkdir()
    for name in ("a", "b"):
        (folder / f"{name}.md").rename(folder / "old" / f"{name}.md")
    (folder / "old").rename(folder / "new")


def restore_backup(folder: Path) -> None:
    data = (folder / "a.md").read_bytes()
    (folder / "a.md").unlink()
    (folder / "a.md").write_bytes(data)
    os.utime(folder / "a.md", (1_000_000_000, 1_000_000_000))


CASES: list[tuple[Callable[[Path], None], dict[str, str]]] = [
    (rename, {"b.md": "on b", "c.md": "", "z.md": "on a"}),
    (move, {"b.md": "on b", "c.md": "", "deep/er/a.md": "on a"}),
    (copy, {"a.md": "on a", "b.md": "on b", "c.md": "", "copy of a.md": ""}),
    (empty, {"a.md": "on a", "b.md": "on b", "c.md": ""}),
    (copy_and_empty, {"a.md": "", "b.md": "on b", "c.md": "", "copy of a.md": "on a"}),
    (copy_and_delete_words, {"a.md": "on a", "b.md": "on b", "c.md": "", "copy of a.md": ""}),
    (copy_and_edit, {"a.md": "on a", "b.md": "on b", "c.md": "", "copy of a.md": ""}),
    (edit_in_place, {"a.md": "on a", "b.md": "on b", "c.md": ""}),
    (rewrite_in_place, {"a.md": "on a", "b.md": "on b", "c.md": ""}),
    (edit_and_rename, {"b.md": "on b", "c.md": "", "z.md": "on a"}),
    (swap, {"a.md": "on b", "b.md": "on a", "c.md": ""}),
    (swap_and_edit, {"a.md": "on b", "b.md": "on a", "c.md": ""}),
    (rotate, {"a.md": "on b", "b.md": "", "z.md": "on a"}),
    (overwrite, {"a.md": "on b", "c.md": ""}),
    (replace_by_new_text, {"a.md": "", "b.md": "on b", "c.md": "", "z.md": "on a"}),
    (rename_case, {"A.md": "on a", "b.md": "on b", "c.md": ""}),
    (rename_folder, {"new/a.md": "on a", "new/b.md": "on b", "c.md": ""}),
    (restore_backup, {"a.md": "on a", "b.md": "on b", "c.md": ""}),
]


@pytest.mark.parametrize(("change", "expected"), CASES, ids=[case[0].__name__ for case in CASES])
def test_each_story_keeps_its_reading_data(
    reader: Home, folder: Path, change: Callable[[Path], None], expected: dict[str, str]
) -> None:
    change(folder)
    for _ in range(3):
        assert reader.list_responses(folder) == expected


@pytest.mark.parametrize("names", [("é", "e\u0301"), ("e\u0301", "é")], ids=["NFD", "NFC"])
def test_a_name_in_another_normal_form_is_the_same_story(
    reader: Home, write: Write, names: tuple[str, str]
) -> None:
    path = write(f"{names[0]}.md", "Five words are not many.")
    reader.respond(path, "mine")
    path.rename(path.with_stem(names[1]))
    path.with_stem(names[1]).write_text("And all of them new.")
    for _ in range(2):
        assert list(reader.list_responses(path.parent).values()) == ["mine"]


def test_a_deleted_file_loses_nothing(reader: Home, folder: Path) -> None:
    text = (folder / "a.md").read_text()
    (folder / "a.md").unlink()
    for _ in range(2):
        assert reader.list_responses(folder) == {"b.md": "on b", "c.md": ""}
    (folder / "elsewhere.md").write_text(text)
    assert reader.list_responses(folder) == {"b.md": "on b", "c.md": "", "elsewhere.md": "on a"}


def test_two_files_with_one_text_stay_two_stories(reader: Home, folder: Path) -> None:
    copy(folder)
    expected = {"a.md": "on a", "b.md": "on b", "c.md": "", "copy of a.md": ""}
    assert reader.list_responses(folder) == expected
    (folder / "a.md").rename(folder / "z.md")
    expected["z.md"] = expected.pop("a.md")
    assert reader.list_responses(folder) == expected
    reader.respond(folder / "copy of a.md", "on the copy")
    expected["copy of a.md"] = "on the copy"
    (folder / "sub").mkdir()
    for name in ("copy of a.md", "z.md"):
        (folder / name).rename(folder / "sub" / name)
        expected[f"sub/{name}"] = expected.pop(name)
    assert reader.list_responses(folder) == expected


def test_a_copy_does_not_take_the_place_of_a_deleted_original(reader: Home, folder: Path) -> None:
    copy(folder)
    reader.list_responses(folder)
    data = (folder / "a.md").read_bytes()
    (folder / "a.md").unlink()
    assert reader.list_responses(folder) == {"b.md": "on b", "c.md": "", "copy of a.md": ""}
    (folder / "a.md").write_bytes(data)
    assert reader.list_responses(folder)["a.md"] == "on a"


def test_short_texts_with_other_titles_are_not_taken_for_each_other(
    reader: Home, write: Write
) -> None:
    path = write("monday.md", "# Monday\n\nTo do: nothing.")
    reader.respond(path, "on monday")
    path.unlink()
    write("tuesday.md", "# Tuesday\n\nTo do: nothing.")
    write("empty.md", "# Nothing\n")
    assert reader.list_responses(path.parent) == {"tuesday.md": "", "empty.md": ""}
    write("week 1.md", "# Monday\n\nTo do: nothing.")
    assert reader.list_responses(path.parent)["week 1.md"] == "on monday"


def test_a_rewritten_and_renamed_text_is_found_by_title_and_author(
    reader: Home, write: Write
) -> None:
    matter = "---\ntitle: The Pier\nauthor: Ann\n---\n"
    path = write("a.md", matter + make_text("a"))
    reader.respond(path, "mine")
    path.unlink()
    write("other.md", "---\ntitle: The Pier\nauthor: Bo\n---\n" + make_text("other"))
    write("z.md", matter + make_text("z"))
    for _ in range(2):
        assert reader.list_responses(path.parent) == {"other.md": "", "z.md": "mine"}


def link_again(folder: Path) -> None:
    (folder / "0.md").hardlink_to(folder / "a.md")


def move_and_leave_a_link(folder: Path) -> None:
    (folder / "sub").mkdir()
    (folder / "a.md").rename(folder / "sub" / "a.md")
    (folder / "a.md").symlink_to("sub/a.md")


@pytest.mark.parametrize(
    ("change", "path"), [(link_again, "0.md"), (move_and_leave_a_link, "sub/a.md")]
)
def test_a_file_with_two_names_is_one_story_under_either(
    reader: Home, folder: Path, change: Callable[[Path], None], path: str
) -> None:
    change(folder)
    for _ in range(2):
        assert reader.list_responses(folder) == {path: "on a", "b.md": "on b", "c.md": ""}


def test_a_command_knows_a_file_of_the_index_after_an_import(
    reader: Home, folder: Path, tmp_path: Path
) -> None:
    laptop = Home(tmp_path / "laptop")
    shutil.copytree(folder, tmp_path / "elsewhere")
    laptop.respond(tmp_path / "elsewhere" / "c.md", "on the laptop")
    reader.import_export(laptop.export())
    with reader.run() as session:
        story = find_story(session, str(folder / "c.md"))
        assert session.annotations.load_response(story.id) == "on the laptop"


def test_the_id_in_the_front_matter_comes_first(reader: Home, write: Write) -> None:
    path = write("a.md", "---\nid: pier\n---\n" + make_text("a"))
    reader.respond(path, "mine")
    path.unlink()
    write("b.md", make_text("a"))
    write("c.md", "---\nid: pier\n---\n" + make_text("c"))
    assert reader.list_responses(path.parent) == {"b.md": "", "c.md": "mine"}


def test_a_text_that_gets_an_id_stays_the_same_story(reader: Home, folder: Path) -> None:
    path = folder / "a.md"
    path.write_text("---\nid: pier\n---\n" + path.read_text())
    assert reader.list_responses(folder)["a.md"] == "on a"
    path.rename(folder / "z.md")
    assert reader.list_responses(folder)["z.md"] == "on a"


def test_two_files_with_one_id_keep_their_own_data(reader: Home, write: Write) -> None:
    one = write("one.md", "---\nid: twin\n---\n" + make_text("one"))
    two = write("two.md", "---\nid: twin\n---\n" + make_text("two"))
    reader.respond(two, "on two")
    reader.respond(one, "on one")
    assert reader.list_responses(one.parent) == {"one.md": "on one", "two.md": "on two"}
    one.rename(one.with_stem("three"))
    two.rename(one)
    expected = {"three.md": "on one", "one.md": "on two"}
    assert reader.list_responses(one.parent) == expected


def test_a_folder_that_is_mounted_elsewhere_keeps_all(reader: Home, folder: Path) -> None:
    edit(folder / "b.md")
    moved = folder.rename(folder.parent / "mnt")
    assert reader.list_responses(moved) == {"a.md": "on a", "b.md": "on b", "c.md": ""}


def test_another_home_has_all_after_an_import(reader: Home, folder: Path, tmp_path: Path) -> None:
    other, library = Home(tmp_path / "laptop"), tmp_path / "laptop" / "library"
    shutil.copytree(folder, library)
    assert other.list_responses(library) == {"a.md": "", "b.md": "", "c.md": ""}
    data = reader.export()
    assert other.import_export(data) > 0
    assert other.import_export(data) == 0
    for _ in range(2):
        assert other.list_responses(library) == {"a.md": "on a", "b.md": "on b", "c.md": ""}
    edit(library / "a.md")
    (library / "a.md").rename(library / "z.md")
    assert other.list_responses(library) == {"z.md": "on a", "b.md": "on b", "c.md": ""}
    assert other.import_export(data) == 0
    assert other.list_responses(library) == {"z.md": "on a", "b.md": "on b", "c.md": ""}


def test_a_home_that_is_copied_keeps_all(reader: Home, folder: Path, tmp_path: Path) -> None:
    other = Home(tmp_path / "other", reads_only=reader.reads_only)
    library = shutil.copytree(folder, tmp_path / "other" / "library")
    shutil.copy(reader.state, other.state)
    expected = {"a.md": "on a", "b.md": "on b", "c.md": ""}
    for _ in range(2):
        assert other.list_responses(library) == expected
    (library / "a.md").rename(library / "z.md")
    edit(library / "b.md")
    assert other.list_responses(library) == {"z.md": "on a", "b.md": "on b", "c.md": ""}
    assert reader.list_responses(folder) == expected


def test_an_older_backup_of_the_reading_data_is_restored(
    reader: Home, folder: Path, tmp_path: Path
) -> None:
    shutil.copy(reader.state, tmp_path / "backup.db")
    swap(folder)
    expected = {"a.md": "on b", "b.md": "on a", "c.md": ""}
    assert reader.list_responses(folder) == expected
    shutil.copy(tmp_path / "backup.db", reader.state)
    for _ in range(2):
        assert reader.list_responses(folder) == expected


def test_a_story_in_the_index_that_was_read_elsewhere_is_reported_once(
    reader: Home, folder: Path, tmp_path: Path
) -> None:
    other, elsewhere = Home(tmp_path / "other"), tmp_path / "elsewhere"
    elsewhere.mkdir()
    shutil.copy(folder / "c.md", elsewhere / "see.md")
    with other.run() as session:
        scan(session, elsewhere)
    reader.respond(folder / "c.md", "on c")
    other.import_export(reader.export())
    with other.run() as session:
        session.scan_folders([elsewhere])
        known = session.known_stories
        assert known.match_indexed(known.find_indexed(session.catalog.list_stories()))
        assert not known.match_indexed(known.find_indexed(session.catalog.list_stories()))


def test_stories_read_on_two_devices_become_one_at_the_import(
    reader: Home, folder: Path, tmp_path: Path
) -> None:
    other, library = Home(tmp_path / "laptop"), tmp_path / "laptop" / "library"
    shutil.copytree(folder, library)
    other.respond(library / "b.md", "but b is fine")
    other.respond(library / "c.md", "on c")
    data, back = reader.export(), other.export()
    for _ in range(2):
        other.import_export(data)
        reader.import_export(back)
        for each, where in ((reader, folder), (other, library)):
            responses = each.list_responses(where)
            assert responses == {"a.md": "on a", "b.md": "on b\n\nbut b is fine", "c.md": "on c"}
    other.import_export(reader.export())
    reader.import_export(other.export())
    assert other.import_export(reader.export()) == 0
    assert reader.import_export(other.export()) == 0


def test_duplicates_on_two_devices_stay_two(reader: Home, folder: Path, tmp_path: Path) -> None:
    copy(folder)
    reader.respond(folder / "copy of a.md", "on the copy")
    other, library = Home(tmp_path / "laptop"), tmp_path / "laptop" / "library"
    shutil.copytree(folder, library)
    other.import_export(reader.export())
    expected = {"a.md": "on a", "copy of a.md": "on the copy", "b.md": "on b", "c.md": ""}
    for _ in range(2):
        assert other.list_responses(library) == expected


def test_a_story_that_was_read_before_its_words_were_known_is_merged(
    reader: Home, folder: Path
) -> None:
    """A large file, opened under its new path, is recognised once all of it is parsed."""
    moved = (folder / "a.md").rename(folder / "z.md")
    store = Store.open(reader.state)
    late = make_story_id(moved)
    store.save_story_details(late, StoryDetails(moved, "stories", "Z"))
    store.annotation_store.save_response(late, "more")
    store.set_status(late, ReadStatus.FINISHED)
    store.close()
    reader.reads_only = False
    for _ in range(2):
        assert reader.list_responses(folder)["z.md"] == "on a\n\nmore"
    with reader.run() as session:
        story = next(each for each in scan(session, folder) if each.path == moved)
        assert session.get_entry(story).status is ReadStatus.FINISHED


def test_a_story_without_known_words_is_merged_with_one_of_two_missing_ones(
    reader: Home, folder: Path
) -> None:
    reader.reads_only = False
    copy(folder)
    reader.respond(folder / "copy of a.md", "on the copy")
    (folder / "copy of a.md").unlink()
    moved = (folder / "a.md").rename(folder / "z.md")
    store = Store.open(reader.state)
    store.annotation_store.save_response(
        make_story_id(moved), "more", StoryDetails(moved, "stories", "Z")
    )
    store.close()
    for _ in range(2):
        text = reader.list_responses(folder)["z.md"]
        assert text in {"on a\n\nmore", "on the copy\n\nmore"}


def test_known_stories_that_could_not_be_loaded_are_loaded_the_next_time(
    reader: Home, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename(folder)
    with reader.run() as session:

        def fail(self: Store, after: int) -> list[KnownStory]:
            raise DatabaseLocked("another program is using it")

        with monkeypatch.context() as patch:
            patch.setattr(Store, "load_known_stories", fail)
            assert session.known_stories.list_started() == []
        story = next(each for each in scan(session, folder) if each.path.name == "z.md")
        assert session.annotations.load_response(story.id) == "on a"


def test_a_large_story_is_recognised_once_it_is_complete_and_undo_follows(
    tmp_path: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reader.session.known_stories.MAX_READ_BYTES", 0)
    home, path = Home(tmp_path / "home"), write("a.md", make_text("a", 6_000))
    home.respond(path, "on a")
    moved = path.rename(path.with_stem("z"))
    with home.run() as session:
        open_story = session.open_file(moved)
        session.enter(open_story)
        session.record_open_story(open_story.story)
        assert session.annotations.load_response(open_story.story.id) == ""
        session.read_statuses.set_status(open_story.story, ReadStatus.FINISHED)
        open_story.parse_all()
        session.index_story(open_story)
        assert session.annotations.load_response(open_story.story.id) == "on a"
        assert session.get_entry(open_story.story).status is ReadStatus.FINISHED
        session.undo()
        assert session.get_entry(open_story.story).status is ReadStatus.UNREAD
    with home.run() as session:
        last = session.get_last_open_story()
        assert last is not None
        assert last[1].path == moved


def test_what_another_program_writes_for_a_merged_story_moves_too(
    reader: Home, folder: Path
) -> None:
    ids = sorted((make_story_id(folder / "a.md"), make_story_id(folder / "b.md")))
    store = Store.open(reader.state)
    texts = {store.annotation_store.load_response(each) for each in ids}
    merge_stories(store.record_store, ids[1], ids[0], None)
    store.annotation_store.save_response(ids[1], "too late")
    store.set_status(ids[1], ReadStatus.FINISHED)
    for _ in range(2):
        merge_again(store.record_store)
        text = store.annotation_store.load_response(ids[0])
        assert texts == {"on a", "on b"}
        assert all(each in text for each in (*texts, "too late"))
        assert store.load_story_state(ids[0]).status is ReadStatus.FINISHED
        assert store.load_story_states().keys() == {ids[0]}
    store.close()


def test_two_programs_find_a_renamed_file_at_once(reader: Home, folder: Path) -> None:
    reader.reads_only = False
    rename(folder)
    with reader.run() as one, reader.run() as other:
        for session in (one, other):
            story = next(each for each in scan(session, folder) if each.path.name == "z.md")
            session.read_statuses.set_status(story, ReadStatus.FINISHED)
    assert reader.list_responses(folder) == {"b.md": "on b", "c.md": "", "z.md": "on a"}
    store = Store.open(reader.state)
    assert [each.path.name for each in store.load_known_stories()] == ["b.md", "z.md"]
    assert len(store.load_story_states()) == 1
    store.close()


def test_a_listing_command_writes_nothing(folder: Path, reader: Home) -> None:
    if not reader.reads_only:
        return
    before = reader.export()
    swap(folder)
    reader.list_responses(folder)
    assert reader.export() == before


MERGE_AND_KILL = """
import os, pathlib, signal, sqlite3, sys

class Killed(sqlite3.Connection):
    count = -1
    def execute(self, sql, *values):
        Killed.count += sql == "BEGIN IMMEDIATE" or Killed.count >= 0
        if Killed.count > int(sys.argv[2]):
            os.kill(os.getpid(), signal.SIGKILL)
        return super().execute(sql, *values)

connect = sqlite3.connect
sqlite3.connect = lambda *args, **options: connect(*args, **options | {"factory": Killed})
from reader.store.merging import merge_stories
from reader.store.merging import merge_again, merge_stories
from reader.store.repository import Store
from reader.store.stories import StoryDetails
store = Store.open(pathlib.Path(sys.argv[1]))
Killed.count = -1
merge_stories(store.record_store, sys.argv[3], sys.argv[4], None)
print("merged")
"""
"""Kills the program before a statement of the merge, counted from its BEGIN."""


@pytest.mark.parametrize("count", [2, 5, 99])
def test_a_kill_while_stories_are_merged_loses_nothing(
    tmp_path: Path, write: Write, count: int
) -> None:
    reader = Home(tmp_path / "home")
    ids = []
    for name in ("a", "b"):
        path = write(f"{name}.md", make_text(name))
        reader.respond(path, f"on {name}")
        ids.append(make_story_id(path))
    argv = [sys.executable, "-c", MERGE_AND_KILL, str(reader.state), str(count), *ids]
    result = subprocess.run(argv, check=False, capture_output=True, text=True)
    assert (result.returncode, result.stdout) in [(-signal.SIGKILL, ""), (0, "merged\n")]
    store = Store.open(reader.state)
    texts = [store.annotation_store.load_response(each) for each in ids]
    assert texts == (["", "on a\n\non b"] if result.returncode == 0 else ["on a", "on b"])
    store.close()


def identify(known: Sequence[KnownStory], *stories: Story) -> list[str]:
    """Return the ids of files that are described one after the other."""
    identities = Identities()
    identities.update(known)
    return [identities.identify([story], are_new=True)[0].id for story in stories]


def test_one_title_of_several_stories_names_none_of_them() -> None:
    known = [
        KnownStory(name, Path(f"/gone/{name}.md"), "", "Rain", "Ann", "", False, "other", "")
        for name in ("one", "two")
    ]
    story = Story("own", "/here/file.md", "Rain", author="Ann")
    assert identify(known[:1], story) == ["one"]
    assert identify(known, story) == ["own"]


def test_an_id_of_the_front_matter_goes_to_another_file_once_the_first_is_gone(
    tmp_path: Path,
) -> None:
    first, second = (Story("own", f"{tmp_path}/{name}.md", "Rain") for name in "ab")
    assert identify([], first, second) == ["own", "own"]
    (tmp_path / "a.md").touch()
    assert identify([], first, second) == ["own", make_story_id(tmp_path / "b.md")]


def test_the_stories_of_another_file_of_reading_data_are_known_though_it_has_fewer_changes() -> (
    None
):
    store, other = Store.open_in_memory(), Store.open_in_memory()
    for name in ("one", "two", "three"):
        store.save_story_details(name, StoryDetails(Path(f"/{name}.md"), ""))
    other.save_story_details("four", StoryDetails(Path("/four.md"), ""))
    session = Session(Catalog(), store, Index.open(None), TextCache(None))
    session.known_stories.load_version()
    store.record_store.db = other.record_store.db
    session.known_stories.load_version()
    assert session.known_stories.may_be_known(Story("four", "/elsewhere.md", "Four"))


@pytest.mark.parametrize("change", [swap, swap_and_edit, rotate])
@pytest.mark.parametrize("name", ["a.md", "b.md"])
def test_a_command_on_one_file_knows_it_after_others_took_its_name(
    reader: Home, folder: Path, change: Callable[[Path], None], name: str
) -> None:
    reader.respond(folder / "c.md", "on c")
    expected = {"a.md": "on b", "b.md": "on c" if change is rotate else "on a"}
    change(folder)
    with reader.run() as session:
        story = find_story(session, str(folder / name))
        assert session.annotations.load_response(story.id) == expected[name]
    with reader.run() as session:  # whose index has the file as it is
        story = find_story(session, str(folder / name))
        assert session.annotations.load_response(story.id) == expected[name]
    reader.respond(folder / name, "new")
    found = reader.list_responses(folder)
    del found["z.md" if change is rotate else "c.md"]
    assert found == expected | {name: "new"}


@pytest.mark.parametrize("change", [replace_by_new_text, edit_and_rename])
def test_a_copy_that_was_there_before_comes_after_a_file_that_is_new(
    reader: Home, folder: Path, change: Callable[[Path], None]
) -> None:
    with reader.run() as session:
        scan(session, folder)
        copy(folder)
        describe(session, folder, "copy of a.md")
        session.known_stories.settle()
        change(folder)
        session.remove_stories([folder / "a.md"])
        describe(session, folder, "a.md", "z.md")
        found = list_responses(session, folder)
        found.pop("a.md", None)
        assert found == {"b.md": "on b", "c.md": "", "copy of a.md": "", "z.md": "on a"}


def test_a_swap_that_another_program_has_found_is_followed(reader: Home, folder: Path) -> None:
    with reader.run() as session:
        scan(session, folder)
        swap(folder)
        reader.respond(folder / "a.md", "again on b")
        describe(session, folder, "a.md")
        expected = {"a.md": "again on b", "b.md": "on a", "c.md": ""}
        assert list_responses(session, folder) == expected


def describe(session: Session, folder: Path, *names: str) -> None:
    """Describe files that have changed while a session runs."""
    files = [find_file(folder / name) for name in names]
    session.add_stories([*describe_files(file for file in files if file is not None)])


def list_responses(session: Session, folder: Path) -> dict[str, str]:
    return {
        str(story.path.relative_to(folder)): session.annotations.load_response(story.id)
        for story in session.catalog.list_stories()
    }


def test_a_file_that_took_the_name_of_one_in_another_folder_is_known(
    reader: Home, folder: Path, write: Write
) -> None:
    other = write("other/d.md", make_text("d"))
    reader.respond(other, "on d")
    (folder / "a.md").rename(folder / "z")
    other.rename(folder / "a.md")
    (folder / "z").rename(other)
    with reader.run() as session:
        fill_catalog(session, other.parent)
        (story,) = session.catalog.list_stories()
        assert session.annotations.load_response(story.id) == "on a"
