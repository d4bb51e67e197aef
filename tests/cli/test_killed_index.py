"""`reader index`, killed at random points.

READER_INDEX_KILLS is how often it is killed, and READER_INDEXED_TEXTS the number of texts.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from reader.cli.main import main
from reader.fulltext.fts5 import Fts5Engine
from reader.fulltext.query import parse_query
from reader.paths import Paths

if TYPE_CHECKING:
    from pathlib import Path

    from reader.fulltext import Found

KILLS = int(os.environ.get("READER_INDEX_KILLS", "2"))
TEXTS = int(os.environ.get("READER_INDEXED_TEXTS", "60"))
QUERIES = ("sea", "common", "word3*", "wo*", '"common sea"', "漢字", "sea -word7", "title")


def write_library(folder: Path, chance: random.Random) -> None:
    folder.mkdir()
    for number in range(TEXTS):
        filler = " ".join(f"word{chance.randrange(5_000)}" for _ in range(400))
        text = f"# Title {number}\n\nA common sea, {filler}. 漢字文化{number}"
        (folder / f"{number}.md").write_text(f"---\nid: text-{number}\n---\n{text}")


def get_index() -> Path:
    path = Paths.default().words
    assert path is not None
    return path


def load_numbers() -> set[tuple[int, str]]:
    """Return the numbers and ids of the texts in the index; none if it was not even made."""
    with contextlib.closing(sqlite3.connect(get_index())) as db:
        tables = db.execute("SELECT 1 FROM sqlite_master WHERE name = 'text'").fetchall()
        return {*db.execute("SELECT number, id FROM text")} if tables else set()


def seek_all() -> list[Found]:
    """Return what each query finds, with the scores."""
    with contextlib.closing(Fts5Engine(get_index())) as engine:
        return [engine.seek(parse_query(query), TEXTS) for query in QUERIES]


@pytest.mark.slow
def test_the_next_index_goes_on_after_a_kill_and_finds_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = random.Random(int(os.environ.get("READER_SEED", "11")))  # noqa: S311  no secret
    folder = tmp_path / "library"
    write_library(folder, chance)
    command = [sys.executable, "-m", "reader", "index", "--in", str(folder)]
    began = time.monotonic()
    subprocess.run(command, check=True, capture_output=True)
    duration = time.monotonic() - began
    expected = seek_all()
    assert [found.total for found in expected[:2]] == [TEXTS, TEXTS]
    for _ in range(KILLS):
        shutil.rmtree(get_index().parent)
        program = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with contextlib.suppress(subprocess.TimeoutExpired):
            program.wait(duration * chance.random())
        program.kill()
        program.wait()
        before = load_numbers() if get_index().exists() else set()
        assert main(["index", "--in", str(folder)]) == 0
        assert before <= load_numbers()
        assert seek_all() == expected
    assert capsys.readouterr().out.count(f"{TEXTS} texts in") == KILLS
