"""After damage to `state.db` or to an export file, every command works and other facts are there.

`READER_DAMAGE` is the number of damages of each kind, `READER_DAMAGE_SEED` their seed.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import sqlite3
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import pytest

from reader.cli.main import main
from reader.paths import Paths
from reader.reading.annotations import Highlight
from reader.reading.progress import ReadStatus
from reader.store.database import back_up
from reader.store.folders import change_folder
from reader.store.repository import FinishChange, Store
from reader.store.schema import TABLES, FeedRow, FolderRow, HiddenRow, StarRow, TagRow
from reader.store.stories import StoryDetails, make_tag_key
from reader.text.document import Anchor, Place

if TYPE_CHECKING:
    from pathlib import Path

    from reader.store.schema import Row

    Facts = dict[tuple[str, str], Row]

COUNT: Final = int(os.environ.get("READER_DAMAGE", "12"))
SEED: Final = int(os.environ.get("READER_DAMAGE_SEED", "1"))
COMMANDS_EVERY: Final = 10
"""The commands are run after every so many damages; the store is read after each."""
MAX_ROWS_LOST: Final = 1
STORIES: Final = 12
INVALID_UTF_8: Final = b"\xffA\xfe"
ODD_VALUES: Final = (
    None, b"", INVALID_UTF_8, b"\xff\0blob", "", " ", "\x1b]0;x\x07", "\u202e\x9b31m", 0, -1, 1 << 53, (1 << 53) + 1,
    (1 << 63) - 1, -(1 << 63), 1.5, 1e308, float("inf"), "9" * 5_000, "[[9, 3]]", "[[-5, 1e400]]",
    "[[0, 9007199254740993]]", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59.999-12:00",
    "1969-12-31T00:00:00+00:00", "2300-01-01T00:00:00+00:00", "2026-13-45", "x" * 100_000, "\0",
    "finished", "nonsense", "[" * 50_000,
)  # fmt: skip
"""Values for a cell, most of them of a wrong type or out of range."""


REMOVED: Final = object()
ODD_JSON: Final = (
    *(value for value in ODD_VALUES if not isinstance(value, bytes)),
    REMOVED, True, False, [], {}, [[1, 2]], [1], [[9, 3]], [[None]], "\ud800", 10**40, -0.0, float("nan"),
)  # fmt: skip
"""Values for a field of an export file."""


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the path of a store with records of all kinds, and use few stories."""
    folder = tmp_path / "stories"
    folder.mkdir()
    for number in range(2):
        (folder / f"s{number}.md").write_text(
            f"---\nid: s{number}\n---\n\n# Story\n\nText of it.\n"
        )
    monkeypatch.setattr("reader.library.files.find_bundled_folder", lambda: folder)
    monkeypatch.setattr("reader.cli.doctor.find_bundled_folder", lambda: folder)
    path = Paths.default().state
    assert path is not None
    store = Store.open(path)
    anchor = Anchor(Place(0, 0), "0123456789ab", "Text of it.")
    when = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    for number in range(STORIES):
        story = f"s{number}"
        details = StoryDetails(folder / f"{story}.md", "mine", f"Title {number}", "Ann")
        store.save_story_details(story, details)
        store.save_place(story, anchor, 1)
        store.add_words_read(story, ((0, 120), (300, 412)), 530)
        store.save_text_record(story, "1" + "0123456789ab" * 40, None, 0)
        store.set_status(story, ReadStatus.FINISHED, finish=FinishChange(f"f{number}", 6))
        store.annotation_store.save_response(story, f"A response {number}. " * 20)
        for count in range(4):
            highlight = Highlight(f"h{number}-{count}", story, anchor, "Text. " * 30, "Note", when)
            store.annotation_store.save_highlight(highlight)
    store.save_pace_samples("en", (240, 250))
    store.save_choice("measure", "66")
    store.save_choice("theme", "sepia")
    essays = FolderRow("~/essays", 1, "title", "a\nb")
    change_folder(store.record_store, essays.path, lambda _: essays)
    with store.record_store.transaction() as stamp:
        time = "2026-01-02T03:04:05.000+00:00"
        feed = FeedRow("f", "https://x.example/feed", "A Blog", '"1"', "", '["0a"]', time, 1)
        store.record_store.put(feed, stamp)
        store.record_store.put(HiddenRow("s0", 0), stamp)
        store.record_store.put(StarRow("s0", 1), stamp)
        tag = TagRow(make_tag_key("s1", "sea"), "s1", "sea", 0)
        store.record_store.put(tag, stamp)
    store.close()
    return path


def load_facts(path: Path) -> Facts:
    store = Store.open(path)
    try:
        records = store.record_store.load_records()
        store.load_story_states(), store.load_known_stories(), store.load_history()
        store.annotation_store.load_responses(), store.annotation_store.load_highlights()
        return {record.key: record.row for record in records}
    finally:
        store.close()


def run_commands(folder: Path, capsys: pytest.CaptureFixture[str], label: str) -> None:
    """Run every command that reads; none fails or sends the terminal a control character."""
    commands = (
        ["list"], ["list", "--json"], ["show", str(folder / "s0.md")], ["highlights"],
        ["highlights", "--json"], ["highlights", "s1"], ["history"], ["history", "--json"],
        ["export", str(folder.parent / "all.json")], ["doctor"],
    )  # fmt: skip
    for command in commands:
        code = main(command)
        out, err = capsys.readouterr()
        bad = [c for c in out + err if c not in "\n\t" and not c.isprintable()]
        assert bad == [], f"{label}: {command}: {bad}"
        if command[0] != "doctor":
            assert code == 0, f"{label}: {command}: {err}"


def restore(saved: Path, path: Path) -> None:
    """Replace the folder of the database by the one at `saved`."""
    shutil.rmtree(path.parent)
    shutil.copytree(saved, path.parent)


def count_lost(before: Facts, after: Facts) -> int:
    return sum(after.get(key) != row for key, row in before.items())


def damage_cell(path: Path, rng: random.Random) -> str:
    """Put an odd value into a cell; the table is no longer strict, at least meanwhile."""
    table = rng.choice([*TABLES, "device"])
    row_class = TABLES.get(table)
    names = (
        ("id", "serial")
        if row_class is None
        else (*row_class._fields, "serial", "changed_at", "device")
    )
    column, value = rng.choice(names), rng.choice(ODD_VALUES)
    db = sqlite3.connect(path, isolation_level=None)
    (sql,) = db.execute("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    loose = sql.replace("STRICT", "").replace("NOT NULL", "")
    loose = loose.replace("TEXT", "").replace("INTEGER", "").replace("BLOB", "")
    db.execute("PRAGMA writable_schema = ON")
    db.execute("UPDATE sqlite_master SET sql = ? WHERE name = ?", (loose, table))
    db.close()
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA synchronous = OFF")
    rowids = [row[0] for row in db.execute(f"SELECT rowid FROM {table}")]  # noqa: S608  our own names
    rowid = rng.choice(rowids)
    cast = "CAST(? AS TEXT)" if value == INVALID_UTF_8 else "?"
    with contextlib.suppress(sqlite3.IntegrityError):  # the key of another row
        db.execute(f"UPDATE {table} SET {column} = {cast} WHERE rowid = ?", (value, rowid))  # noqa: S608  our own names
    if rng.random() < 0.7:
        db.execute("PRAGMA writable_schema = ON")
        db.execute("UPDATE sqlite_master SET sql = ? WHERE name = ?", (sql, table))
    db.close()
    return f"{table}.{column} of row {rowid} = {str(value)[:40]!r}"


def test_a_damaged_cell_costs_its_own_row_at_most(
    state: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = random.Random(SEED)  # noqa: S311  no secret
    before = load_facts(state)
    saved = shutil.copytree(state.parent, tmp_path / "saved")
    for number in range(COUNT):
        restore(saved, state)
        label = f"seed {SEED}, damage {number}: {damage_cell(state, rng)}"
        if number % COMMANDS_EVERY == 0:
            run_commands(tmp_path / "stories", capsys, label)
        after = load_facts(state)
        assert count_lost(before, after) <= MAX_ROWS_LOST, label
        assert load_facts(state) == after, label
        capsys.readouterr()


def damage_bytes(data: bytes, rng: random.Random) -> tuple[bytes, str]:
    """Change one byte, or cut or overwrite a part; return the rest and what was done."""
    kind = rng.choice(("byte", "byte", "byte", "byte", "run", "cut"))
    damaged, at = bytearray(data), rng.randrange(len(data))
    if kind == "cut":
        return bytes(damaged[:at]), f"cut at {at}"
    length = 1 if kind == "byte" else rng.randrange(2, 64)
    damaged[at : at + length] = rng.randbytes(len(damaged[at : at + length]))
    return bytes(damaged), f"{length} bytes at {at}"


def test_damaged_bytes_cost_one_row_at_most_if_there_is_a_backup(
    state: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = random.Random(SEED)  # noqa: S311  no secret
    before = load_facts(state)
    back_up(state)
    saved = shutil.copytree(state.parent, tmp_path / "saved")
    for number in range(COUNT):
        restore(saved, state)
        data, damage = damage_bytes(state.read_bytes(), rng)
        state.write_bytes(data)
        label = f"seed {SEED}, damage {number}: {damage}"
        if number % COMMANDS_EVERY == 0:
            run_commands(tmp_path / "stories", capsys, label)
        after = load_facts(state)
        if not after:  # it claims to be of a newer version, and is left alone
            assert state.read_bytes() == data, label
            assert "newer version" in Store.open(state).notice, label
            continue
        assert count_lost(before, after) <= MAX_ROWS_LOST, label
        capsys.readouterr()


def damage_field(export: dict[str, Any], rng: random.Random) -> str:
    """Replace one field of one record by an odd value, or remove it."""
    table = rng.choice(list(export["records"]))
    number = rng.randrange(len(export["records"][table]))
    record = export["records"][table][number]
    field, value = rng.choice(list(record)), rng.choice(ODD_JSON)
    if value is REMOVED:
        del record[field]
    else:
        record[field] = value
    return f"{table}[{number}].{field} = {str(value)[:40]!r}"


def test_a_damaged_field_of_an_export_costs_its_own_record(
    state: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = random.Random(SEED)  # noqa: S311  no secret
    before = load_facts(state)
    file = tmp_path / "all.json"
    assert main(["export", str(file)]) == 0
    text = file.read_text()
    for number in range(COUNT):
        shutil.rmtree(state.parent)
        export = json.loads(text)
        label = f"seed {SEED}, damage {number}: {damage_field(export, rng)}"
        file.write_text(json.dumps(export))
        assert main(["import", str(file)]) in (0, 1), label
        assert count_lost(before, load_facts(state)) <= MAX_ROWS_LOST, label
        assert capsys.readouterr().err.count("\n") <= 1, label
        if number % COMMANDS_EVERY == 0:
            run_commands(tmp_path / "stories", capsys, label)


def test_damaged_bytes_of_an_export_change_no_other_record(
    state: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = random.Random(SEED)  # noqa: S311  no secret
    before = load_facts(state)
    file = tmp_path / "all.json"
    assert main(["export", str(file)]) == 0
    data = file.read_bytes()
    saved = shutil.copytree(state.parent, tmp_path / "saved")
    for number in range(COUNT):
        restore(saved, state)
        damaged, damage = damage_bytes(data, rng)
        file.write_bytes(damaged)
        label = f"seed {SEED}, damage {number}: {damage}"
        assert main(["import", str(file)]) in (0, 1), label
        assert count_lost(before, load_facts(state)) <= MAX_ROWS_LOST, label
        if number % COMMANDS_EVERY == 0:
            run_commands(tmp_path / "stories", capsys, label)
        capsys.readouterr()
