"""Random valid keys, mouse reports and sizes never end, hang or break the program.

READER_KEYS is the number of keys, READER_SEED the seed of the random numbers.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from key_fuzzer import Broken, KeyFuzzer
from seeds import choose_seed

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.pty

KEYS = int(os.environ.get("READER_KEYS", "200"))


def test_random_keys_never_break_the_program(tmp_path: Path) -> None:
    seed = choose_seed()
    print(f"READER_SEED={seed}")  # noqa: T201  pytest shows it if the test fails
    try:
        KeyFuzzer(tmp_path / "stories", seed).run(KEYS)
    except Broken as error:
        error.add_note(f"READER_SEED={seed} READER_KEYS={KEYS}")
        raise
