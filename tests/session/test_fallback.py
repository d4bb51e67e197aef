"""What is made while the store can't be written is shown as unsaved, and saved later."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule
from session_driver import Reader, make_text, toggle_status

from reader.errors import StateError
from reader.reading.progress import ReadStatus
from reader.store.records import RecordStore
from reader.store.repository import Store
from reader.text.document import Place
from reader.text.places import Passage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from reader.store.records import Record

FIRST: Final = Passage(Place(1, 0), Place(1, 11))
READING_SECONDS: Final = 60
"""Seconds after which the words on the screen count as read."""
LOCKED: Final = "another program is using the file"


@pytest.fixture
def folder(write: Callable[[str, str], Path]) -> Path:
    write("one.md", f"# One\n\n{make_text()}")
    write("three.md", "# Three\n\nWords.")
    return write("two.md", f"# Two\n\n{make_text()}").parent


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the path of a store in which another program has finished `Three`."""
    monkeypatch.setattr("reader.store.database.OPEN_TIMEOUT_SECONDS", 0.03)
    monkeypatch.setattr("reader.store.write_behind.CLOSE_TIMEOUT_SECONDS", 0.05)
    path = tmp_path / "data" / "state.db"
    with closing(Store.open(path)) as store:
        store.set_status("three", ReadStatus.FINISHED)
        store.save_choice("theme", "sepia")
    return path


@pytest.fixture
def locker(path: Path) -> Iterator[sqlite3.Connection]:
    """Yield the connection of another program, which may lock the store."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        yield db


def make_something_of_each_kind(reader: Reader) -> None:
    """Read in One, annotate it, and change a status and a setting."""
    session = reader.session
    reader.open("one")
    reader.go_to(5)
    reader.now += READING_SECONDS
    reader.wait(0.5)
    change = session.annotations.highlight_passage(FIRST)
    assert change is not None
    draft = session.annotations.open_draft(change.annotation)
    draft.text = "My note."
    session.annotations.finish_draft(draft)
    story = reader.story("one")
    draft = session.annotations.open_draft(session.annotations.get_response(story), story)
    draft.text = "My response."
    session.annotations.finish_draft(draft)
    toggle_status(session, reader.story("two"))
    session.save_choice("measure", "60")


def load_all(store: Store, *stories: str) -> tuple[object, ...]:
    """Return what is stored, without what changes from run to run."""
    annotations = store.annotation_store
    states = store.load_story_states()
    return (
        {
            key: (states[key].status, anchor.place if (anchor := states[key].anchor) else None)
            for key in stories
            if key in states
        },
        {key: states[key].ranges for key in stories if key in states},
        sorted((one.text, one.note) for one in annotations.load_highlights()),
        sorted((one.story_id, one.text) for one in annotations.load_responses()),
        sorted(entry.story_id for entry in store.load_history()),
        store.load_choice("measure"),
        store.load_choice("theme"),
    )


def load_saved(path: Path, *stories: str) -> tuple[object, ...]:
    """Return what the file holds."""
    with closing(Store.open(path)) as store:
        assert store.notice == ""
        assert store.is_persistent
        return load_all(store, *stories)


def expect_all(reader: Reader, path: Path) -> None:
    """Check that the file has everything that `make_something_of_each_kind` makes."""
    one, two = reader.story("one").id, reader.story("two").id
    statuses, ranges, *rest = load_saved(path, one, two, "three")
    assert statuses == {
        one: (ReadStatus.READING, Place(5)),
        two: (ReadStatus.FINISHED, None),
        "three": (ReadStatus.FINISHED, None),
    }
    assert isinstance(ranges, dict)
    assert ranges[one] != ()
    assert rest == [
        [("Paragraph 1", "My note.")],
        [(one, "My response.")],
        [two],
        "60",
        "sepia",
    ]


@pytest.mark.parametrize("journal", ["WAL", "DELETE"])
def test_all_that_is_made_during_a_lock_at_the_start_is_saved_after_it(
    path: Path, folder: Path, locker: sqlite3.Connection, journal: str
) -> None:
    locker.execute(f"PRAGMA journal_mode = {journal}")
    locker.execute("BEGIN EXCLUSIVE")
    reader = Reader(folder, Store.open(path))
    assert reader.session.save_problem == LOCKED
    make_something_of_each_kind(reader)
    assert reader.session.save_problem == LOCKED
    locker.execute("ROLLBACK")
    reader.wait(0.5)
    assert reader.session.save_problem == ""
    expect_all(reader, path)
    reader.session.close()
    assert reader.session.unsaved == ""
    assert reader.take_notices() == []


def test_all_that_is_made_during_a_later_lock_is_saved_after_it(
    path: Path, folder: Path, locker: sqlite3.Connection
) -> None:
    reader = Reader(folder, Store.open(path))
    locker.execute("BEGIN EXCLUSIVE")
    make_something_of_each_kind(reader)
    assert reader.session.save_problem == LOCKED
    locker.execute("ROLLBACK")
    reader.wait(0.5)
    assert reader.session.save_problem == ""
    expect_all(reader, path)


def test_all_that_is_made_while_the_disk_is_full_is_saved_after_it(
    path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = Reader(folder, Store.open(path))
    insert, is_full = RecordStore._insert, True  # noqa: SLF001  where the disk fails

    def fail_on_disk(store: RecordStore, record: Record) -> None:
        if is_full and store.db.execute("PRAGMA database_list").fetchone()[2]:
            raise sqlite3.OperationalError("database or disk is full")
        insert(store, record)

    monkeypatch.setattr(RecordStore, "_insert", fail_on_disk)
    make_something_of_each_kind(reader)
    assert reader.session.save_problem == f"database or disk is full: {path}"
    is_full = False
    reader.wait(0.5)
    assert reader.session.save_problem == ""
    expect_all(reader, path)


def test_what_was_made_unsaved_can_be_undone_after_it_is_saved(
    path: Path, folder: Path, locker: sqlite3.Connection
) -> None:
    reader = Reader(folder, Store.open(path))
    locker.execute("BEGIN EXCLUSIVE")
    make_something_of_each_kind(reader)
    locker.execute("ROLLBACK")
    reader.wait(0.5)
    while reader.session.undo() is not None:
        pass
    one, two = reader.story("one").id, reader.story("two").id
    statuses, ranges, *rest = load_saved(path, one, two)
    assert statuses == {
        one: (ReadStatus.UNREAD, Place(5)),
        two: (ReadStatus.UNREAD, None),
    }
    assert ranges == {one: (), two: ()}
    assert rest[:3] == [[], [], []]


def move_away(folder: Path) -> None:
    folder.rename(folder.with_name("away"))


def move_away_and_leave_an_empty_folder(folder: Path) -> None:
    move_away(folder)
    folder.mkdir()


def remove_the_file(folder: Path) -> None:
    (folder / "state.db").unlink()


@pytest.mark.parametrize(
    "lose", [shutil.rmtree, remove_the_file, move_away, move_away_and_leave_an_empty_folder]
)
@pytest.mark.parametrize("is_kept_open", [True, False])
def test_all_reading_data_is_written_again_if_the_file_is_lost(
    path: Path, folder: Path, lose: Callable[[Path], None], *, is_kept_open: bool
) -> None:
    reader = Reader(folder, Store.open(path))
    reader.open("one")
    lose(path.parent)
    make_something_of_each_kind(reader)
    if not is_kept_open:
        reader.session.close()
        assert reader.session.unsaved == ""
        expect_all(reader, path)
        return
    reader.wait(0.5)
    is_elsewhere = path.parent.with_name("away").exists()
    assert (reader.session.save_problem != "") is is_elsewhere
    if not is_elsewhere:
        expect_all(reader, path)
        return
    assert str(path.parent) in reader.session.save_problem
    shutil.rmtree(path.parent, ignore_errors=True)
    path.parent.with_name("away").rename(path.parent)
    reader.wait(0.5)
    assert reader.session.save_problem == ""
    expect_all(reader, path)


def test_a_lost_file_is_noticed_by_the_next_tick(path: Path, folder: Path) -> None:
    reader = Reader(folder, Store.open(path))
    move_away(path.parent)
    reader.session.tracker.tick()
    assert reader.session.save_problem == f"the folder is gone: {path.parent}"


def test_a_damaged_file_in_its_place_is_repaired_and_reported(path: Path, folder: Path) -> None:
    reader = Reader(folder, Store.open(path))
    path.unlink()
    path.write_bytes(b"garbage" * 500)
    make_something_of_each_kind(reader)
    reader.wait(0.5)
    expect_all(reader, path)
    (notice,) = reader.take_notices()
    assert notice.endswith("it was renamed to state.db.corrupt-1")


def test_what_this_run_made_is_added_to_another_store(path: Path, folder: Path) -> None:
    reader = Reader(folder, Store.open(path))
    make_something_of_each_kind(reader)
    move_away(path.parent)
    with closing(Store.open(path)) as store:
        store.set_status("four", ReadStatus.FINISHED)
        store.annotation_store.save_response(reader.story("one").id, "Their response.")
    reader.wait(0.5)
    assert reader.session.save_problem == ""
    one, two = reader.story("one").id, reader.story("two").id
    statuses, _, highlights, responses, *_ = load_saved(path, one, two, "three", "four")
    assert statuses == {
        one: (ReadStatus.READING, Place(5)),
        two: (ReadStatus.FINISHED, None),
        "four": (ReadStatus.FINISHED, None),
    }
    assert highlights == [("Paragraph 1", "My note.")]
    assert responses == [(one, "Their response.\n\nMy response.")]
    with closing(Store.open(path)) as store:
        details = store.load_story_details(one)
        assert details is not None
        assert details.title == "One"


def test_changes_of_another_program_are_merged(
    path: Path, folder: Path, locker: sqlite3.Connection
) -> None:
    """It is written in the moment between the lock and the next tick."""
    reader = Reader(folder, Store.open(path))
    story = reader.story("one")
    make_something_of_each_kind(reader)
    locker.execute("BEGIN EXCLUSIVE")
    reader.session.read_statuses.set_status(story, ReadStatus.UNREAD)
    draft = reader.session.annotations.open_draft(
        reader.session.annotations.get_response(story), story
    )
    draft.text = "My response. And more."
    reader.session.annotations.finish_draft(draft)
    assert reader.session.save_problem == LOCKED
    locker.execute("ROLLBACK")
    with closing(Store.open(path)) as other:
        other.set_status(reader.story("two").id, ReadStatus.UNREAD)
        other.annotation_store.save_response(story.id, "My response. Or theirs.")
    reader.session.save()
    assert reader.session.take_new_data()
    assert not reader.session.take_new_data()
    with closing(Store.open(path)) as store:
        states = store.load_story_states()
        assert states[story.id].ranges == ()
        assert states[story.id].status is ReadStatus.UNREAD
        assert states[reader.story("two").id].status is ReadStatus.UNREAD
        assert store.annotation_store.load_response(story.id) == (
            "My response. Or theirs.\n\nMy response. And more."
        )
    assert reader.session.get_entry(reader.story("two")).status is ReadStatus.UNREAD


def test_a_store_that_could_not_be_read_is_shown_once_it_can_be(
    path: Path, folder: Path, locker: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(Reader(folder, Store.open(path)).session) as session:
        toggle_status(session, session.catalog.find_story("two"))

    def fail(*_: object) -> NoReturn:
        raise StateError("disk I/O error")

    locker.execute("BEGIN EXCLUSIVE")
    with monkeypatch.context() as patch:
        patch.setattr("reader.store.database.copy_database", fail)
        reader = Reader(folder, Store.open(path))
    assert not reader.session.is_complete
    assert reader.session.get_entry(reader.story("two")).status is ReadStatus.UNREAD
    reader.open("one")
    assert reader.session.annotations.highlight_passage(FIRST) is not None
    locker.execute("ROLLBACK")
    reader.wait(0.5)
    assert reader.session.take_new_data()
    assert reader.session.get_entry(reader.story("two")).status is ReadStatus.FINISHED
    _, _, highlights, *_, theme = load_saved(path)
    assert (highlights, theme) == ([("Paragraph 1", "")], "sepia")


def test_closing_says_what_is_not_saved_and_why(
    path: Path, folder: Path, locker: sqlite3.Connection
) -> None:
    reader = Reader(folder, Store.open(path))
    locker.execute("BEGIN EXCLUSIVE")
    make_something_of_each_kind(reader)
    reader.session.close()
    reader.session.close()
    assert reader.session.unsaved == (
        "not saved: 1 highlight, 1 response, 2 read statuses, 1 place, 1 setting: "
        f"{LOCKED} ({path})"
    )
    assert reader.take_notices() == []


def test_closing_says_nothing_if_nothing_is_unsaved(
    path: Path, folder: Path, locker: sqlite3.Connection
) -> None:
    locker.execute("BEGIN EXCLUSIVE")
    reader = Reader(folder, Store.open(path))
    reader.session.close()
    assert reader.session.unsaved == ""


class Outages(RuleBasedStateMachine):
    """A session whose store is locked, removed and moved at any time loses nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        root = Path(self.folder.name)
        (root / "stories").mkdir()
        for name in ("one", "two"):
            (root / "stories" / f"{name}.md").write_text(f"# {name.title()}\n\n{make_text()}")
        self.path = root / "data" / "state.db"
        self.away = root / "away"
        self.reader = Reader(root / "stories", Store.open(self.path))
        self.reader.open("one")
        self.locker: sqlite3.Connection | None = None

    @rule(block=st.integers(1, 9))
    def highlight(self, block: int) -> None:
        passage = Passage(Place(block, 0), Place(block, 11))
        self.reader.session.annotations.highlight_passage(passage)

    @rule(text=st.sampled_from(["a", "b", "c"]))
    def respond(self, text: str) -> None:
        annotations, story = self.reader.session.annotations, self.reader.story("one")
        draft = annotations.open_draft(annotations.get_response(story), story)
        draft.text = text
        annotations.finish_draft(draft)

    @rule(name=st.sampled_from(["one", "two"]))
    def toggle_status(self, name: str) -> None:
        toggle_status(self.reader.session, self.reader.story(name))

    @rule()
    def undo(self) -> None:
        self.reader.session.undo()

    @rule(block=st.integers(0, 40), seconds=st.sampled_from([0, READING_SECONDS]))
    def read(self, block: int, seconds: int) -> None:
        self.reader.go_to(block)
        self.reader.now += seconds
        self.reader.wait(0.5)

    @rule()
    def lock_or_unlock(self) -> None:
        if self.locker is not None:
            self.locker.close()
            self.locker = None
        elif self.path.exists():
            self.locker = sqlite3.connect(self.path, isolation_level=None)
            self.locker.execute("BEGIN EXCLUSIVE")

    @rule()
    def remove(self) -> None:
        shutil.rmtree(self.path.parent, ignore_errors=True)

    @rule()
    def move_away_or_back(self) -> None:
        if self.away.exists():
            shutil.rmtree(self.path.parent, ignore_errors=True)
            self.away.rename(self.path.parent)
        elif self.path.parent.exists():
            self.path.parent.rename(self.away)

    def teardown(self) -> None:
        if self.locker is not None:
            self.locker.close()
        stories = [self.reader.story(name).id for name in ("one", "two")]
        self.reader.session.save()
        before = load_all(self.reader.store, *stories)
        self.reader.session.close()
        assert self.reader.session.unsaved == ""
        assert load_saved(self.path, *stories) == before
        self.folder.cleanup()


TestOutages = Outages.TestCase
TestOutages.settings = settings(
    max_examples=int(os.environ.get("READER_OUTAGES", "6")), stateful_step_count=25, deadline=None
)
