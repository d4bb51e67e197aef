"""The index of the words of all stories: which engine keeps it, and how it is brought up to date.

A text is read again when its title, or the size, the time or the inode of its file is different.
Texts are put in slices of less than a second, so that what is done stays done, and nobody waits long.
The words of many texts are taken by another process (`finding.text_reading`) while SQLite writes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from reader.finding.text_reading import Reading, format_version
from reader.fulltext.index_file import BUSY_SECONDS
from reader.library.files import find_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from reader.fulltext import Engine, IndexedText
    from reader.library.files import File
    from reader.library.story import Story

_SLICE_SECONDS: Final = 0.8
_ROUNDS: Final = 3
"""An engine may drop all texts once, to put them in again."""


class Outcome(NamedTuple):
    """What an update of the index has done."""

    added: int = 0
    """Texts that were read, because they are new or changed."""
    is_complete: bool = True
    """All texts are in the index as they are now."""


def open_engine(
    path: Path | None,
    load: Callable[[str], IndexedText | None],
    must_stop: Callable[[], bool] = lambda: False,
    busy_seconds: float = BUSY_SECONDS,
) -> Engine:
    """Return the engine that searches texts; `load` returns the text of an id for one that scans.

    `path` is where its index is kept, None if nothing may be saved. A query ends early once
    `must_stop` returns true, and a change waits `busy_seconds` for another program. Raises
    `IndexBusy`.
    """
    from reader.fulltext.fts5 import Fts5Engine
    from reader.fulltext.index_file import has_fts5
    from reader.fulltext.scan import ScanEngine

    if path is None:
        return ScanEngine(load, must_stop)
    if not has_fts5():
        notice = "this Python's SQLite has no FTS5, so each search reads all texts"
        return ScanEngine(load, must_stop, notice)
    return Fts5Engine(path, must_stop, busy_seconds)


def find_outdated(
    engine: Engine, stories: Iterable[Story], get_file: Callable[[str], File | None]
) -> list[Story]:
    """Return those of `stories` that the index lacks, or has in another version.

    `get_file` returns a story's file as it was scanned, by location; others are looked at.
    """
    versions = engine.versions()
    outdated = []
    for story in stories:
        file = get_file(story.location) or find_file(story.path)
        if file is None or not (story.is_persistent and story.is_readable):
            continue
        if versions.get(story.id) != format_version(file, story.title):
            outdated.append(story)
    return outdated


def update_index(
    engine: Engine,
    stories: Sequence[Story],
    get_file: Callable[[str], File | None],
    report: Callable[[int, int], None],
    must_stop: Callable[[], bool] = lambda: False,
) -> Outcome:
    """Put the texts into the index that it lacks, or has in another version.

    `report` is called with the numbers of texts that are done and to do. The update ends early
    once `must_stop` returns true; the next one goes on from there. Raises `IndexBusy`.
    """
    added = 0
    unreadable = set[str]()
    for _ in range(_ROUNDS):
        outdated = [s for s in find_outdated(engine, stories, get_file) if s.id not in unreadable]
        if not outdated:
            return Outcome(added)
        total, done = added + len(outdated), added
        with Reading(engine, outdated, unreadable, priority=0) as reading:
            is_last = False
            while not (is_last or must_stop()):
                texts, count, is_last = reading.take(must_stop, _SLICE_SECONDS)
                engine.put(texts)
                added += len(texts)
                done += count
                report(done, total)
        if must_stop():
            return Outcome(added, is_complete=False)
    return Outcome(added, is_complete=False)


class IndexUpdate:
    """An update in slices, between which its thread may do other work."""

    def __init__(
        self,
        engine: Engine,
        stories: Sequence[Story],
        get_file: Callable[[str], File | None],
        unreadable: set[str],
    ) -> None:
        """Look which of `stories` are new or changed; those whose ids are `unreadable` are not.

        The ids of others that can't be read are added to that set.
        """
        self._engine = engine
        outdated = [s for s in find_outdated(engine, stories, get_file) if s.id not in unreadable]
        self._reading = Reading(engine, outdated, unreadable)
        self.total = sum(story.is_persistent and story.is_readable for story in stories)
        """Texts that the index is to have."""
        self.done = self.total - len(outdated)
        """Texts that it has as they are now, and those that can't be read."""

    def put_slice(self, must_stop: Callable[[], bool], seconds: float = _SLICE_SECONDS) -> bool:
        """Put the next texts, as `Reading.take` returns them; return whether there may be more.

        Raises `IndexBusy`; the texts are left out then, until the next update.
        """
        texts, count, is_last = self._reading.take(must_stop, seconds)
        if texts:
            self._engine.put(texts)
        self.done += count
        return not is_last

    def close(self) -> None:
        """End the other process, if there is one. May be called in any thread."""
        self._reading.close()


def drop_others(engine: Engine, stories: Iterable[Story]) -> int:
    """Remove all texts but those of `stories`; return how many."""
    others = [*engine.versions().keys() - {story.id for story in stories}]
    engine.drop(others)
    return len(others)
