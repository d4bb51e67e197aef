"""The jump list: the places from which the reader jumped, across stories.

It works like a browser's history. The name and the two backticks are Vim's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

    from reader.text.document import Place


MAX_JUMPS: Final = 500
"""The most places in the list; the oldest are dropped."""


class JumpPoint(NamedTuple):
    """A place in the story of a file."""

    path: Path
    place: Place


class JumpList:
    """The places to go back to, and after going back, those to go forward to.

    `here`, in each method, is the reader's current place.
    """

    def __init__(self) -> None:
        self._older: list[JumpPoint] = []
        self._newer: list[JumpPoint] = []

    def push(self, here: JumpPoint) -> None:
        """Add `here` before a jump, unless it is already the newest place."""
        if not self._older or self._older[-1] != here:
            self._older.append(here)
            del self._older[:-MAX_JUMPS]
        self._newer.clear()

    def back(self, here: JumpPoint) -> JumpPoint | None:
        """Return where the last jump began, or None; `forward` leads back to `here`."""
        return _step(self._older, self._newer, here)

    def forward(self, here: JumpPoint) -> JumpPoint | None:
        """Return where going back began, or None; `back` leads back to `here`."""
        return _step(self._newer, self._older, here)

    def toggle(self, here: JumpPoint) -> JumpPoint | None:
        """Return where the last jump began, or None; toggling again leads back to `here`."""
        if not self._older:
            return None
        before = self._older.pop()
        self._older.append(here)
        return before


def _step(source: list[JumpPoint], other: list[JumpPoint], here: JumpPoint) -> JumpPoint | None:
    """Move the newest place that differs from `here` out of `source`; add `here` to `other`."""
    while source:
        point = source.pop()
        if point != here:
            other.append(here)
            return point
    return None
