"""How values that no table knows are written in it, and read back whatever stands there.

Owns the spelling of moments, ranges of words and lists of numbers. What can't be read counts
as nothing.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Final

from .evidence import Ranges, union

LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands for a moment that nobody can read."""


def written(when: datetime) -> str:
    """Return a moment as it is stored: UTC, to the millisecond, so that later sorts behind."""
    return when.astimezone(UTC).isoformat(timespec="milliseconds")


def moment(text: str) -> datetime | None:
    """Return the moment that was stored as `text`, or None for what is none."""
    try:
        when = datetime.fromisoformat(text)
        return when.astimezone(UTC) if when.tzinfo else None
    except (ValueError, OverflowError):
        return None


def ranges(text: str) -> Ranges:
    """Return the ranges that were stored as `text`; what isn't that counts as nothing read."""
    try:
        return union((), tuple((int(first), int(end)) for first, end in json.loads(text)))
    except (ValueError, TypeError, OverflowError, RecursionError):
        return ()


def numbers(text: str) -> tuple[int, ...]:
    """Return the numbers that were stored as `text`."""
    try:
        return tuple(int(number) for number in json.loads(text))
    except (ValueError, TypeError, OverflowError, RecursionError):
        return ()
