from __future__ import annotations

import contextlib
import os
import random
import sqlite3
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from reader.errors import IndexBusy
from reader.fulltext import IndexedText, fts5
from reader.fulltext.fts5 import Fts5Engine
from reader.fulltext.query import parse_query

if TYPE_CHECKING:
    from pathlib import Path

KILLS = int(os.environ.get("READER_KILLS", "3"))
PUT_TEXTS = """
import sys
from pathlib import Path
from reader.fulltext import IndexedText
from reader.fulltext.fts5 import Fts5Engine
engine, version = Fts5Engine(Path(sys.argv[1])), sys.argv[2]
print("ready", flush=True)
for start in range(0, 3_000, 20):
    ids = range(start, start + 20)
    engine.put(IndexedText(str(n), version, "", "", f"word{n} in{version} " + "more " * 200) for n in ids)
"""


def make_text(text_id: str, body: str, version: str = "1") -> IndexedText:
    return IndexedText(text_id, version, "", "", body)


def find(engine: Fts5Engine, typed: str) -> list[str]:
    return [hit.id for hit in engine.seek(parse_query(typed), 9_999).hits]


def test_texts_are_there_in_the_next_run(tmp_path: Path) -> None:
    path = tmp_path / "cache" / "words.db"
    with contextlib.closing(Fts5Engine(path)) as engine:
        engine.put([make_text("a", "sea")])
    with contextlib.closing(Fts5Engine(path)) as engine:
        assert (find(engine, "sea"), engine.versions()) == (["a"], {"a": "1"})
    assert oct(path.stat().st_mode)[-3:] == "600"
    assert oct(path.parent.stat().st_mode)[-3:] == "700"


@pytest.mark.parametrize("kind", ["no database", "cut", "overwritten", "other tables", "a row"])
def test_a_damaged_index_is_replaced_and_says_that_texts_are_missing(
    tmp_path: Path, kind: str
) -> None:
    path = tmp_path / "words.db"
    with contextlib.closing(Fts5Engine(path)) as engine:
        engine.put(make_text(str(n), f"word{n} sea " * 50) for n in range(200))
    if kind == "no database":
        path.write_bytes(b"no database" * 100)
    elif kind == "cut":
        os.truncate(path, path.stat().st_size // 2)
    elif kind == "overwritten":
        data = bytearray(path.read_bytes())
        data[4096:] = b"\x55" * (len(data) - 4096)
        path.write_bytes(data)
    else:
        change = "DROP TABLE dead" if kind == "other tables" else "UPDATE text SET id = 'x' || id"
        with contextlib.closing(sqlite3.connect(path)) as db:
            db.execute(change)
            db.commit()
    with contextlib.closing(Fts5Engine(path)) as engine:
        assert engine.versions() == {}
        assert find(engine, "sea") == []
        assert kind == "a row" or engine.seek(parse_query("sea"), 1).partial
        engine.put([make_text("new", "sea")])
        assert find(engine, "sea") == ["new"]


def test_all_texts_are_dropped_when_a_fifth_of_the_numbers_is_dead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fts5, "_MIN_DEAD", 4)
    with contextlib.closing(Fts5Engine(tmp_path / "words.db")) as engine:
        engine.put(make_text(str(n), "sea") for n in range(20))
        engine.put(make_text(str(n), "sky", "2") for n in range(5))
        assert (len(engine.versions()), len(find(engine, "sea"))) == (20, 15)
        engine.put([make_text("0", "sun", "3")])
        assert (len(engine.versions()), find(engine, "sun")) == (20, ["0"])
        engine.put([make_text("new", "sun", "1")])
        assert (engine.versions(), find(engine, "sun -sky")) == ({"new": "1"}, ["new"])


def test_two_programs_share_an_index(tmp_path: Path) -> None:
    path = tmp_path / "words.db"
    one, two = Fts5Engine(path, busy_seconds=0.01), Fts5Engine(path)
    with contextlib.closing(one), contextlib.closing(two):
        one.put([make_text("a", "sea")])
        assert find(two, "sea") == ["a"]
        two.put([make_text("a", "sky", "2"), make_text("b", "sea")])
        assert (find(one, "sea"), find(one, "sky")) == (["b"], ["a"])
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as writer:
            writer.execute("BEGIN IMMEDIATE")
            with pytest.raises(IndexBusy, match="another program is writing the index of words"):
                one.put([make_text("c", "sea")])
            assert find(one, "sea") == ["b"]
        one.put([make_text("c", "sea")])
        assert find(two, "sea") == ["b", "c"]


def test_a_query_ends_early_once_it_must_stop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fts5, "_CHECK_STEPS", 1)
    answers = [False]
    with contextlib.closing(Fts5Engine(tmp_path / "words.db", lambda: answers[0])) as engine:
        engine.put([make_text("a", "sea")])
        answers[0] = True
        assert engine.seek(parse_query("sea"), 9) == ((), 0, True)
        answers[0] = False
        assert find(engine, "sea") == ["a"]
        engine.put([make_text("b", "sea")])
        assert find(engine, "sea") == ["a", "b"]


def test_an_index_that_cannot_be_written_is_kept_in_memory_and_says_so(tmp_path: Path) -> None:
    folder = tmp_path / "words.db"
    folder.mkdir()
    with contextlib.closing(Fts5Engine(folder)) as engine:
        assert engine.notice.endswith("so the index of words is not saved")
        assert not engine.is_persistent
        engine.put([make_text("a", "sea")])
        assert find(engine, "sea") == ["a"]


def test_a_killed_program_leaves_whole_slices_and_the_next_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "words.db"
    chance = random.Random(7)  # noqa: S311  no secret
    for version in map(str, range(KILLS)):
        program = subprocess.Popen(
            [sys.executable, "-c", PUT_TEXTS, str(path), version], stdout=subprocess.PIPE
        )
        assert program.stdout is not None
        program.stdout.readline()
        with contextlib.suppress(subprocess.TimeoutExpired):
            program.wait(chance.random() * 0.4)
        program.kill()
        program.wait()
        program.stdout.close()
        with contextlib.closing(Fts5Engine(path)) as engine:
            versions = engine.versions()
            assert len(versions) % 20 == 0
            for each in chance.sample(sorted(versions), min(50, len(versions))):
                assert find(engine, f"word{each} in{versions[each]}") == [each]
            found = engine.seek(parse_query("more"), 0)
            assert (found.total, found.partial) == (len(versions), False)
    assert versions
