"""The memory as a session uses it: what reading brings is noted, and written until it is.

A database that another program holds makes a fact wait for the next chance; no fact is lost
while the program runs, and what waits counts as remembered. What the reader's own hand sets
is written at once, or refused. Knows no clock of reading, no screen and no files.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from .errors import Locked, StateError
from .evidence import Mark, Ranges, union
from .state import Memory

if TYPE_CHECKING:
    from pathlib import Path

    from .document import Anchor
    from .state import State
    from .story import Story

LAST_PATIENCE: Final = 1.0
"""Seconds to wait for another program's lock at the end, when no key is waiting."""
_BETWEEN: Final = 0.02


@dataclass(slots=True)
class _Unwritten:
    """What of one story is still to be written down."""

    story: Story
    anchor: Anchor | None = None
    ranges: Ranges = ()
    words: int = 0
    mark: Mark | None = None

    def over(self, memory: Memory) -> Memory:
        """Return `memory` as it will be."""
        marks = [memory.mark, self.mark or memory.mark]
        return memory._replace(
            mark=max(marks, key=list(Mark).index),
            anchor=self.anchor or memory.anchor,
            ranges=union(memory.ranges, self.ranges),
            words=self.words or memory.words,
        )


class Memories:
    """What is remembered of every story."""

    def __init__(self, state: State) -> None:
        self.notices: list[str] = [state.notice] if state.notice else []
        """What could not be done, a line each and each once, for the screen to show."""
        self._state = state
        self._known: dict[str, Memory] = {}
        """As it was when it could last be looked up."""
        self._unwritten: dict[str, _Unwritten] = {}
        self._met: set[str] = set()
        self._told: set[str] = set()

    def all(self) -> dict[str, Memory]:
        """Return what is remembered of every story, by id."""
        try:
            self._known = self._state.memories()
        except StateError as error:
            self._tell(f"What you read can't be looked up: {error}")
        for story, unwritten in self._unwritten.items():
            self._known[story] = unwritten.over(self._known.get(story, Memory()))
        return self._known

    def of(self, story: Story) -> Memory:
        """Return what is remembered of `story`."""
        if not story.kept:
            return Memory()
        try:
            memory = self._state.memory(story.id)
        except StateError as error:
            self._tell(f"What you read can't be looked up: {error}")
            memory = self._known.get(story.id, Memory())
        unwritten = self._unwritten.get(story.id)
        return unwritten.over(memory) if unwritten else memory

    def begun(self) -> list[tuple[str, Path, str]]:
        """Return the id, path and folder of every story that is being read."""
        memories = self.all()
        try:
            met = self._state.met()
        except StateError as error:
            self._tell(f"What you read can't be looked up: {error}")
            return []
        return [
            (story, path, folder)
            for story, (path, folder) in met.items()
            if memories.get(story, Memory()).mark is Mark.READING
        ]

    # Noted now, written soon --------------------------------------------------------------

    def note_place(self, story: Story, anchor: Anchor) -> None:
        """Note where reading stopped."""
        self._noted(story).anchor = anchor

    def note_words(self, story: Story, ranges: Ranges, total: int) -> None:
        """Note more words read, of `total`."""
        noted = self._noted(story)
        noted.ranges, noted.words = union(noted.ranges, ranges), total

    def note_mark(self, story: Story, mark: Mark) -> None:
        """Note a mark that reading has raised."""
        self._noted(story).mark = mark

    def _noted(self, story: Story) -> _Unwritten:
        return self._unwritten.setdefault(story.id, _Unwritten(story))

    def write(self) -> bool:
        """Write what is not written yet; tell whether it must wait for another program."""
        for story, unwritten in list(self._unwritten.items()):
            try:
                self._write(story, unwritten)
            except Locked:
                return True
            except StateError as error:
                self._tell(f"What you read can't be written down: {error}")
                return False
            del self._unwritten[story]
        return False

    def _write(self, story: str, unwritten: _Unwritten) -> None:
        self._meet(unwritten.story)
        if unwritten.anchor is not None:
            self._state.remember(story, unwritten.anchor)
            unwritten.anchor = None
        if unwritten.ranges:
            self._state.credit(story, unwritten.ranges, unwritten.words)
            unwritten.ranges = ()
        if unwritten.mark is not None:
            self._state.raise_mark(story, unwritten.mark)
            unwritten.mark = None

    def close(self) -> None:
        """Write what is not written yet, waiting a little for others, and let go of the file."""
        ends = time.monotonic() + LAST_PATIENCE
        while self.write() and time.monotonic() < ends:
            time.sleep(_BETWEEN)
        self._state.close()

    # Written at once ----------------------------------------------------------------------

    def mark(self, story: Story, mark: Mark, ranges: Ranges | None) -> None:
        """Set a mark by the reader's own hand, and the words read if `ranges` is given.

        Raises `StateError`, and then nothing has changed.
        """
        if not story.kept:
            return
        self.write()
        self._meet(story)
        self._state.mark(story.id, mark, ranges=ranges)
        unwritten = self._unwritten.get(story.id)
        if unwritten is not None:
            unwritten.mark = None
            unwritten.ranges = unwritten.ranges if ranges is None else ()

    def chosen(self, name: str) -> str | None:
        """Return what was last chosen in the app for `name`."""
        try:
            return self._state.setting(name)
        except StateError:
            return None

    def choose(self, name: str, value: str) -> None:
        """Remember a choice made in the app."""
        try:
            self._state.choose(name, value)
        except StateError as error:
            self._tell(f"The choice of {name} can't be written down: {error}")

    def _meet(self, story: Story) -> None:
        if story.id not in self._met:
            self._state.meet(story.id, story.path, story.source)
            self._met.add(story.id)

    def _tell(self, line: str) -> None:
        if line not in self._told:
            self._told.add(line)
            self.notices.append(line)
