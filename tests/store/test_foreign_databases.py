"""A `state.db` from elsewhere: nothing that its schema says runs, and its records are read."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Final

import pytest
from populated_store import fill_store

from reader.cli.main import main
from reader.paths import Paths
from reader.reading.progress import ReadStatus
from reader.store.files import connect
from reader.store.migrations import MIGRATIONS, list_schema
from reader.store.repository import Store
from reader.store.schema import make_deletions

if TYPE_CHECKING:
    from pathlib import Path

ENDLESS: Final = (
    "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c"
)
TRAP: Final = "CREATE TRIGGER {} {} ON {} BEGIN UPDATE read_status SET status = 'unread'; END"
HOSTILE: Final = {
    "a trigger": TRAP.format("t", "AFTER UPDATE", "device"),
    "a temporary-looking trigger": TRAP.format("sqlitereader", "BEFORE INSERT", "read_status"),
    "a view": f"CREATE VIEW v AS {ENDLESS}",
    "an index with an expression": "CREATE INDEX i ON read_status (hex(status || hex(status)))",
    "a partial index": "CREATE INDEX i ON read_status (status) WHERE status LIKE '%e%'",
    "a unique index": "CREATE UNIQUE INDEX i ON read_status (status)",
    "a generated column": "ALTER TABLE read_status ADD COLUMN g TEXT AS (hex(status)) VIRTUAL",
    "another table": "CREATE TABLE other (x CHECK (x > 1))",
    "a virtual table": "CREATE VIRTUAL TABLE f USING fts5(x)",
    "a column with a default": "ALTER TABLE read_status ADD COLUMN d TEXT DEFAULT 'x'",
}
"""SQL that changes a database."""


@pytest.fixture
def state() -> Path:
    """Return the path of a store in which the story `one` is finished."""
    path = Paths.default().state
    assert path is not None
    return fill_store(path)


@pytest.mark.parametrize("case", HOSTILE)
def test_what_another_program_added_is_left_behind(case: str, state: Path) -> None:
    with closing(sqlite3.connect(state, isolation_level=None)) as db:
        db.execute(HOSTILE[case])
    with closing(Store.open(state)) as store:
        assert store.load_story_state("one").status is ReadStatus.FINISHED
        assert "; it was renamed to state.db.corrupt-1, and 1 record could be read" in store.notice
        store.set_status("two", ReadStatus.FINISHED)
        assert store.is_persistent
    with closing(Store.open(state)) as store:
        assert store.notice == ""
        assert store.load_story_state("one").status is ReadStatus.FINISHED
        assert store.load_story_state("two").status is ReadStatus.FINISHED


def test_a_view_instead_of_a_table_is_not_read(state: Path) -> None:
    with closing(sqlite3.connect(state, isolation_level=None)) as db:
        db.execute("DROP TABLE highlight")
        db.execute(f"CREATE VIEW highlight AS {ENDLESS}")
    with closing(Store.open(state)) as store:
        assert store.annotation_store.load_highlights() == []
        assert store.load_story_state("one").status is ReadStatus.FINISHED


def test_a_foreign_database_is_only_read_in_private_mode(
    state: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("READER_PRIVATE", "1")
    with closing(sqlite3.connect(state, isolation_level=None)) as db:
        db.execute(HOSTILE["a trigger"])
    before = state.read_bytes()
    assert main(["history"]) == 0
    assert "t in it was not made by reader): 1 record could be read" in capsys.readouterr().err
    assert state.read_bytes() == before


def test_an_older_database_with_a_trigger_is_migrated_without_it(tmp_path: Path) -> None:
    from reader.store.database import open_database

    path = tmp_path / "state.db"
    open_database(path, MIGRATIONS[:1]).db.close()
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute(
            "INSERT INTO mark VALUES ('one', 'finished', 1, '2025-03-01T10:20:30+00:00', 'd')"
        )
        db.execute("CREATE TRIGGER t AFTER UPDATE ON mark BEGIN DELETE FROM mark; END")
    with closing(Store.open(path)) as store:
        assert store.load_story_state("one").status is ReadStatus.FINISHED


@pytest.mark.parametrize("version", [99, 2**31 - 1, -1, -(2**31)])
def test_a_version_that_is_not_known_leaves_the_file_alone(version: int, state: Path) -> None:
    with closing(sqlite3.connect(state, isolation_level=None)) as db:
        db.execute(f"PRAGMA user_version = {version}")
    before = state.read_bytes()
    with closing(Store.open(state)) as store:
        assert "was written by a newer version of reader" in store.notice
    assert state.read_bytes() == before


def test_the_schema_is_not_trusted(tmp_path: Path) -> None:
    with closing(connect(str(tmp_path / "state.db"))) as db:
        assert db.execute("PRAGMA trusted_schema").fetchone() == (0,)
        assert db.execute("PRAGMA cell_size_check").fetchone() == (1,)


def test_the_expected_schema_is_the_one_that_the_migrations_make() -> None:
    with closing(Store.open_in_memory()) as store:
        rows = store.record_store.fetch_all(
            "SELECT name, sql FROM sqlite_master WHERE sql NOT NULL"
        )
    assert {row["name"]: " ".join(row["sql"].split()) for row in rows} == list_schema(MIGRATIONS)


def test_every_column_of_whole_numbers_is_checked() -> None:
    with closing(Store.open_in_memory()) as store:
        rows = store.record_store.fetch_all(
            "SELECT m.name AS t, c.name AS c FROM sqlite_master AS m, pragma_table_info(m.name) AS c"
            " WHERE m.type = 'table' AND c.type = 'INTEGER' AND c.name <> 'serial'"
        )
    assert sorted(make_deletions()) == sorted(
        f"DELETE FROM {row['t']} WHERE {row['c']} NOT BETWEEN 0 AND 9007199254740992"  # noqa: S608  our own names
        for row in rows
    )
