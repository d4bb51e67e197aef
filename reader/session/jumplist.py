"""The jump list: places before each jump, across stories."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

    from reader.text.document import Place


MAX_JUMPS: Final = 500
"""Jumps remembered."""


class JumpPoint(NamedTuple):
    """A place in the story of a file."""

    path: Path
    place: Place


class JumpList:
    """Where the reader jumped from, and what lies forward after going back."""

    def __init__(self) -> None:
        self._older: list[JumpPoint] = []
        self._newer: list[JumpPoint] = []

    def push(self, here: JumpPoint) -> None:
        """Remember `here` before a jump. The same place twice is once."""
        if not self._older or self._older[-1] != here:
            self._older.append(here)
            del self._older[:-MAX_JUMPS]
        self._newer.clear()

    def back(self, here: JumpPoint) -> JumpPoint | None:
        """Return where the last jump began, with `here` ahead of it; None at the end."""
        return _move(self._older, self._newer, here)

    def forward(self, here: JumpPoint) -> JumpPoint | None:
        """Return where going back began; None at the newest."""
        return _move(self._newer, self._older, here)

    def toggle(self, here: JumpPoint) -> JumpPoint | None:
        """Return the place before the last jump, so that toggling again leads here."""
        if not self._older:
            return None
        before = self._older.pop()
        self._older.append(here)
        return before


def _move(come: list[JumpPoint], go: list[JumpPoint], here: JumpPoint) -> JumpPoint | None:
    while come:
        stop = come.pop()
        if stop != here:
            go.append(here)
            return stop
    return None
