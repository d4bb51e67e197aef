"""The seed of tests with random numbers: the same each time, so that a build can be repeated."""

from __future__ import annotations

import os


def choose_seed() -> int:
    """Return the seed READER_SEED sets: 7 by default, another one each time for `random`."""
    value = os.environ.get("READER_SEED", "7")
    return int.from_bytes(os.urandom(3), "big") if value == "random" else int(value)
