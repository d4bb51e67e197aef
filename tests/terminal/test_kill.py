"""What the screen has confirmed survives `kill -9` at any moment.

READER_KILLS is the number of kills, READER_SEED the seed of the random numbers.
"""

from __future__ import annotations

import os
from random import Random
from typing import TYPE_CHECKING

import pytest
from kill_fuzzer import KillFuzzer, Lost
from pseudo_terminal import LIMIT
from seeds import choose_seed

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.pty, pytest.mark.usefixtures("indexed_home")]


RANDOM_WALKS = 2
KILLS = int(os.environ.get("READER_KILLS", "6"))
RUN_SECONDS = (0.2, 3.2)
"""Seconds from its start after which the program is killed."""

WRITES_ONLY_AT_EXIT = """
import sys
from reader.cli.main import main
from reader.store.write_behind import WriteBehind

write, close = WriteBehind.write_pending, WriteBehind.close

def close_and_write(self):
    WriteBehind.write_pending = write
    close(self)

WriteBehind.write_pending, WriteBehind.close = lambda self: False, close_and_write
sys.exit(main())
"""


@pytest.mark.parametrize("walk", range(RANDOM_WALKS))
def test_what_the_screen_confirmed_survives_a_kill(walk: int, tmp_path: Path) -> None:
    number = choose_seed() + walk
    fuzzer, random = KillFuzzer(tmp_path / "stories", number), Random(number)  # noqa: S311  not for secrets
    for _ in range(walk, KILLS, RANDOM_WALKS):
        try:
            fuzzer.run_and_kill(random.uniform(*RUN_SECONDS))
        except Lost as error:
            error.add_note(f"READER_SEED={number - walk}: {fuzzer.keys!r}")
            raise


def test_a_program_that_writes_only_at_its_end_is_detected(tmp_path: Path) -> None:
    fuzzer = KillFuzzer(tmp_path / "stories", 44, source=WRITES_ONLY_AT_EXIT, is_patient=True)
    fuzzer.run_and_kill(LIMIT)
    with pytest.raises(Lost, match="was at line"):
        fuzzer.run_and_kill(LIMIT)
