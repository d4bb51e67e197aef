"""What the screen has confirmed is there after `kill -9` at any moment.

READER_KILLS says how often to kill, READER_SEED with which random numbers.
"""

from __future__ import annotations

import os
import sys
from random import Random
from typing import TYPE_CHECKING

import pytest
from kill_fuzzer import PAUSES, Lost, Witness

if TYPE_CHECKING:
    from pathlib import Path

WALKS = 4
KILLS = int(os.environ.get("READER_KILLS", "20"))
LIVES = (0.2, 3.2)
"""Seconds from its start after which the program is killed."""

WRITES_ONLY_AT_EXIT = """
import sys
from reader.cli.main import main
from reader.store.write_behind import WriteBehind

write, close = WriteBehind.write_pending, WriteBehind.close

def closes(self):
    WriteBehind.write_pending = write
    close(self)

WriteBehind.write_pending, WriteBehind.close = lambda self: False, closes
sys.exit(main())
"""


def seed() -> int:
    chosen = os.environ.get("READER_SEED")
    return int(chosen) if chosen else int.from_bytes(os.urandom(3), "big")


@pytest.mark.parametrize("walk", range(WALKS))
def test_what_the_screen_confirmed_is_there_after_kill_9(walk: int, tmp_path: Path) -> None:
    number = seed() + walk
    witness, lives = Witness(tmp_path / "stories", number), Random(number)  # noqa: S311
    for _ in range(walk, KILLS, WALKS):
        try:
            witness.live(lives.uniform(*LIVES))
        except Lost as lost:
            lost.add_note(f"READER_SEED={number - walk}: {witness.struck!r}")
            raise


def lives_on(witness: Witness) -> None:
    for _ in range(10):
        witness.live(4.0)


def test_a_store_that_writes_only_at_exit_is_found_out(tmp_path: Path) -> None:
    argv = (sys.executable, "-c", WRITES_ONLY_AT_EXIT)
    witness = Witness(tmp_path / "stories", 44, argv=argv, pauses=PAUSES[-1:])
    with pytest.raises(Lost, match="was at line"):
        lives_on(witness)
