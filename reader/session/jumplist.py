"""The jump list: places before each jump, across stories."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

    from reader.text.document import Place


MOST: Final = 500
"""Jumps remembered."""


class Stop(NamedTuple):
    """A place in the story of a file."""

    path: Path
    place: Place


class Jumps:
    """Where the reader jumped from, and what lies forward after going back."""

    def __init__(self) -> None:
        self._behind: list[Stop] = []
        self._ahead: list[Stop] = []

    def push(self, here: Stop) -> None:
        """Remember `here` before a jump. The same place twice is once."""
        if not self._behind or self._behind[-1] != here:
            self._behind.append(here)
            del self._behind[:-MOST]
        self._ahead.clear()

    def back(self, here: Stop) -> Stop | None:
        """Return where the last jump began, with `here` ahead of it; None at the end."""
        return _moved(self._behind, self._ahead, here)

    def forward(self, here: Stop) -> Stop | None:
        """Return where going back began; None at the newest."""
        return _moved(self._ahead, self._behind, here)

    def toggle(self, here: Stop) -> Stop | None:
        """Return the place before the last jump, so that toggling again leads here."""
        if not self._behind:
            return None
        before = self._behind.pop()
        self._behind.append(here)
        return before


def _moved(come: list[Stop], go: list[Stop], here: Stop) -> Stop | None:
    while come:
        stop = come.pop()
        if stop != here:
            go.append(here)
            return stop
    return None
