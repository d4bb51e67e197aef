"""`reader export` and `reader import` copy all reading data, or change nothing."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from unprivileged import make_unprivileged_folder, run_unprivileged

from reader.cli.main import main
from reader.paths import Paths
from reader.reading.annotations import Highlight
from reader.reading.progress import ReadStatus
from reader.store.database import NOT_SAVED_MESSAGE
from reader.store.repository import FinishChange, Store
from reader.store.schema import ChoiceRow
from reader.store.stories import StoryDetails
from reader.store.transfer import format_export, parse_export
from reader.text.document import Anchor, Place

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[..., tuple[int, str, str]]

SAMPLE = Path(__file__).parent.parent / "data" / "export-2.json"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return a function that runs a command and returns exit code, output and errors."""

    def run(*arguments: object, stdin: bytes = b"") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(stdin)))
        code = main([str(argument) for argument in arguments])
        return code, *capsys.readouterr()

    return run


def get_path() -> Path:
    path = Paths.default().state
    assert path is not None
    return path


@pytest.fixture
def store_path(tmp_path: Path) -> Path:
    """Return the path of a store with a record of every kind in it."""
    store = Store.open(get_path())
    annotations = store.annotation_store
    for story in ("the-queue", "forty-seconds", "lost"):
        store.save_story_details(
            story,
            StoryDetails(tmp_path / f"{story}.md", "mine", title=story.title(), author="Ann"),
        )
    store.add_words_read("the-queue", ((0, 120), (300, 412)), 530)
    store.save_text_record("the-queue", "record", None, 0)
    store.raise_status("the-queue", ReadStatus.READING)
    store.save_place("the-queue", Anchor(Place(3, 17), "0123456789ab", "an excerpt"), 1)
    store.set_status("forty-seconds", ReadStatus.FINISHED, finish=FinishChange("f", 6))
    anchor = Anchor(Place(3, 17), "0123456789ab", "So it is.")
    created_at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    annotations.save_highlight(Highlight("q", "lost", anchor, "So it is.", "Is it?", created_at))
    annotations.save_highlight(Highlight("gone", "lost", anchor, "Gone.", "", created_at))
    annotations.set_deleted("gone", is_deleted=True)
    annotations.save_response("the-queue", "I doubt it.")
    store.save_pace_samples("en", (240, 250))
    store.save_choice("theme", "sepia")
    store.close()
    return get_path()


def list_all(run: Run) -> list[object]:
    commands = (["list", "--json"], ["highlights", "--json"], ["history", "--json"])
    return [json.loads(run(*command)[1]) for command in commands]


def delete_store() -> None:
    shutil.rmtree(get_path().parent)


@pytest.mark.usefixtures("store_path")
def test_an_import_restores_all_that_was_exported(run: Run, tmp_path: Path) -> None:
    before = list_all(run)
    assert run("export", tmp_path / "all.json")[0] == 0
    delete_store()
    assert list_all(run) != before
    assert run("import", tmp_path / "all.json") == (0, "17 of 17 records were new\n", "")
    assert list_all(run) == before
    again = run("export", "-")[1]
    assert again == (tmp_path / "all.json").read_text()


@pytest.mark.usefixtures("store_path")
def test_importing_twice_changes_nothing(run: Run, tmp_path: Path) -> None:
    for _ in range(2):
        run("import", SAMPLE)
    once = run("export", "-")[1]
    assert run("import", SAMPLE) == (0, "0 of 11 records were new\n", "")
    assert run("export", "-")[1] == once


@pytest.mark.usefixtures("store_path")
def test_export_and_import_work_through_a_pipe(run: Run) -> None:
    data, before = run("export", "-")[1], list_all(run)
    delete_store()
    assert run("import", "-", stdin=data.encode()) == (0, "17 of 17 records were new\n", "")
    assert list_all(run) == before


def test_an_import_adds_to_what_is_there(run: Run, store_path: Path) -> None:
    run("import", SAMPLE)
    store = Store.open(store_path)
    assert store.load_story_state("the-queue").status is ReadStatus.READING
    assert [highlight.id for highlight in store.annotation_store.load_highlights()] == [
        "q",
        "77aa",
    ]
    assert len(store.load_history()) == 2
    store.close()


@pytest.mark.parametrize("umask", [0o000, 0o022])
@pytest.mark.usefixtures("store_path")
def test_only_the_owner_can_read_an_export(umask: int, run: Run, tmp_path: Path) -> None:
    before = os.umask(umask)
    try:
        run("export", tmp_path / "all.json")
    finally:
        os.umask(before)
    assert (tmp_path / "all.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.usefixtures("store_path")
def test_an_export_replaces_the_target_of_a_link(run: Run, tmp_path: Path) -> None:
    (tmp_path / "real.json").write_text("before")
    (tmp_path / "link.json").symlink_to("real.json")
    run("export", tmp_path / "link.json")
    assert (tmp_path / "link.json").is_symlink()
    assert json.loads((tmp_path / "real.json").read_text())["version"] == 2


@pytest.mark.usefixtures("store_path")
def test_an_export_writes_to_a_device_without_replacing_it(run: Run) -> None:
    assert run("export", "/dev/null")[0] == 0
    assert not Path("/dev/null").is_file()


@pytest.mark.usefixtures("store_path")
def test_a_path_that_cannot_be_written_is_reported_in_one_line(run: Run, tmp_path: Path) -> None:
    missing = tmp_path / "nowhere" / "all.json"
    message = f"reader: {missing}: no such file or directory\n"
    assert run("export", missing) == (1, "", message)


FILL_DISK = """
import resource, sys
from reader.cli.main import main
sys.dont_write_bytecode = True  # it would be cut, and fail every later import
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
sys.exit(main(["export", sys.argv[1]]))
"""


@pytest.mark.usefixtures("store_path")
def test_a_full_disk_leaves_the_earlier_export_unchanged(tmp_path: Path) -> None:
    file = tmp_path / "all.json"
    file.write_text("before")
    ended = subprocess.run(
        [sys.executable, "-c", FILL_DISK, file], check=False, capture_output=True
    )
    assert (ended.returncode, file.read_text()) == (1, "before")
    assert list(tmp_path.glob(".*.part")) == []


def test_nothing_is_exported_if_the_store_cannot_be_read(run: Run, tmp_path: Path) -> None:
    get_path().parent.parent.mkdir(parents=True)
    get_path().parent.write_text("a file")
    code, out, err = run("export", tmp_path / "all.json")
    assert (code, out) == (1, "")
    assert "nothing was exported: your reading data can't be read" in err
    assert not (tmp_path / "all.json").exists()


def snapshot(path: Path) -> list[str]:
    with sqlite3.connect(path) as db:
        lines = list(db.iterdump())
    db.close()
    return lines


def test_a_file_that_is_no_export_changes_nothing(
    run: Run, store_path: Path, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text(SAMPLE.read_text()[:-20])
    before = snapshot(store_path)
    code, out, err = run("import", bad)
    assert (code, out) == (1, "")
    assert err.startswith(f"reader: {bad}: not JSON: ")
    assert snapshot(store_path) == before


def test_an_invalid_record_is_left_out_and_told(run: Run, tmp_path: Path) -> None:
    export = json.loads(SAMPLE.read_text())
    export["records"]["choice"][0]["value"] = 5
    bad = tmp_path / "bad.json"
    bad.write_text(json.dumps(export))
    message = f"reader: {bad}: records.choice[0].value: must be text: 1 record was left out\n"
    assert run("import", bad) == (1, "10 of 10 records were new\n", message)


@pytest.mark.parametrize("name", ["nowhere.json", "."])
def test_a_missing_file_is_reported_in_one_line(name: str, run: Run, tmp_path: Path) -> None:
    code, out, err = run("import", tmp_path / name)
    assert (code, out, err.count("\n")) == (1, "", 1)


def test_an_import_that_fails_in_the_middle_changes_nothing(
    run: Run, store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from reader.store.records import Record, RecordStore

    written: list[object] = []
    insert = RecordStore._insert  # noqa: SLF001  the fault is injected where the disk would fail

    def insert_five(self: RecordStore, record: Record) -> None:
        if len(written) == 5:
            raise sqlite3.OperationalError("database or disk is full")
        written.append(record)
        insert(self, record)

    before = [fact for fact in snapshot(store_path) if "INSERT" in fact]
    monkeypatch.setattr(RecordStore, "_insert", insert_five)
    assert run("import", SAMPLE) == (1, "", "reader: database or disk is full\n")
    assert [fact for fact in snapshot(store_path) if "INSERT" in fact] == before


def test_nothing_is_imported_if_the_store_cannot_be_written() -> None:
    with make_unprivileged_folder() as folder:
        folder.chmod(0o555)
        source = """
from reader.cli.main import main
os.environ["XDG_DATA_HOME"] = sys.argv[1] + "/data"
os.environ["XDG_CACHE_HOME"] = sys.argv[1] + "/cache"
sys.stderr = sys.stdout
print(main(["import", "-"]))
"""
        message = run_unprivileged(source, folder)
    assert "your reading data can't be written: nothing was imported" in message
    assert NOT_SAVED_MESSAGE in message
    assert message.endswith("1")


def test_an_import_makes_a_backup_first(run: Run, store_path: Path) -> None:
    run("import", SAMPLE)
    copy = next((store_path.parent / "backups").iterdir())
    store = Store.open(copy)
    assert store.load_story_state("the-queue").status is ReadStatus.READING
    assert store.load_story_details("forty-seconds") is not None
    assert [highlight.id for highlight in store.annotation_store.load_highlights()] == ["q"]
    store.close()


def test_every_choice_that_the_app_saves_is_imported_again() -> None:
    store = Store.open_in_memory()
    values = {"theme": "day", "measure": "", "help": "seen", "minutes": "20", "open": "s"}
    for name, value in values.items():
        store.save_choice(name, value)
    records, problems = parse_export(format_export(store.record_store.load_records()).encode())
    assert problems == []
    assert {record.row for record in records} == {ChoiceRow(*item) for item in values.items()}


@pytest.mark.parametrize("value", ["0", "x", "", "10000", "1" * 5000, "-1", "²"])
def test_impossible_minutes_are_left_out(value: str) -> None:
    store = Store.open_in_memory()
    store.save_choice("minutes", value)
    parsed = parse_export(format_export(store.record_store.load_records()).encode())
    assert parsed.records == []
    assert parsed.problems[0].startswith("records.choice[0].value: must be a number of minutes")
