"""The index of the words of all stories: which engine keeps it, and how it is brought up to date.

A text is read again when the size, the time or the inode of its file is different. Texts are put
in slices of half a second at most, so that what is done stays done, and nobody waits long.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.errors import UnreadableFile
from reader.fulltext import IndexedText
from reader.fulltext.index_file import BUSY_SECONDS
from reader.fulltext.markdown_words import extract_words
from reader.library.files import find_file
from reader.library.story import read_source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from reader.fulltext import Engine
    from reader.library.files import File
    from reader.library.story import Story

WORDS_VERSION: Final = 1
"""To be increased when the words that a text has for an engine change."""
_SLICE_SECONDS: Final = 0.4
_SLICE_CHARACTERS: Final = 4_000_000
"""When a slice ends: what it holds in memory is some times as long."""
_MAX_CHARACTERS: Final = 8_000_000
"""Characters of a text that are indexed. The largest of 36,000 texts counted has 4 MB."""
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


def load_text(story: Story) -> IndexedText | None:
    """Return the text of a story for an engine, None if its file can't be read."""
    try:
        status = story.path.stat()
        body = read_source(story.path).body[:_MAX_CHARACTERS]
    except (OSError, UnreadableFile):
        return None
    pieces = (text for piece in extract_words(body, story.title) for text in piece)
    about = "\n".join((story.deck, story.author, story.series, *story.tags))
    version = _format_version(status.st_size, status.st_mtime_ns, status.st_ino)
    return IndexedText(story.id, version, story.title, about, "\n".join(pieces))


def _make_version(file: File) -> str:
    return _format_version(file.size, file.mtime_ns, file.inode)


def _format_version(size: int, mtime_ns: int, inode: int) -> str:
    return f"{WORDS_VERSION}.{size}.{mtime_ns}.{inode}"


def find_outdated(
    engine: Engine, stories: Iterable[Story], files: Mapping[Path, File]
) -> list[Story]:
    """Return those of `stories` that the index lacks, or has in another version.

    `files` are the stories' files as they were scanned; others are looked at.
    """
    versions = engine.versions()
    outdated = []
    for story in stories:
        file = files.get(story.path) or find_file(story.path)
        is_text = story.is_persistent and story.is_readable and file is not None
        if is_text and file is not None and versions.get(story.id) != _make_version(file):
            outdated.append(story)
    return outdated


def update_index(
    engine: Engine,
    stories: Sequence[Story],
    files: Mapping[Path, File],
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
        outdated = [s for s in find_outdated(engine, stories, files) if s.id not in unreadable]
        if not outdated:
            return Outcome(added)
        total, done = added + len(outdated), added
        for texts, count in _read_slices(engine, outdated, unreadable, must_stop):
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
        files: Mapping[Path, File],
        unreadable: set[str],
    ) -> None:
        """Look which of `stories` are new or changed; those whose ids are `unreadable` are not.

        The ids of others that can't be read are added to that set.
        """
        self._engine = engine
        outdated = [s for s in find_outdated(engine, stories, files) if s.id not in unreadable]
        self._pending = iter(outdated)
        self._unreadable = unreadable
        self.total = sum(story.is_persistent and story.is_readable for story in stories)
        """Texts that the index is to have."""
        self.done = self.total - len(outdated)
        """Texts that it has as they are now, and those that can't be read."""

    def put_slice(self, must_stop: Callable[[], bool], seconds: float = _SLICE_SECONDS) -> bool:
        """Put the next texts, of which one is read at least; return whether there were any.

        Raises `IndexBusy`; the texts are left out then, until the next update.
        """
        texts, count = _read_slice(
            self._engine, self._pending, self._unreadable, must_stop, seconds
        )
        if texts:
            self._engine.put(texts)
        self.done += count
        return count > 0


def drop_others(engine: Engine, stories: Iterable[Story]) -> int:
    """Remove all texts but those of `stories`; return how many."""
    others = [*engine.versions().keys() - {story.id for story in stories}]
    engine.drop(others)
    return len(others)


def _read_slices(
    engine: Engine,
    stories: Iterable[Story],
    unreadable: set[str],
    must_stop: Callable[[], bool],
) -> Iterator[tuple[list[IndexedText], int]]:
    """Yield the texts of stories, some at a time, and of how many stories they are."""
    pending = iter(stories)
    while not must_stop():
        texts, count = _read_slice(engine, pending, unreadable, must_stop, _SLICE_SECONDS)
        if not count:
            break
        yield texts, count


def _read_slice(
    engine: Engine,
    stories: Iterator[Story],
    unreadable: set[str],
    must_stop: Callable[[], bool],
    seconds: float,
) -> tuple[list[IndexedText], int]:
    """Return the texts of the next stories, for a slice of so many seconds, and how many they are.

    It ends early once `must_stop` returns true, but not before the first of them.
    """
    texts: list[IndexedText] = []
    count = characters = 0
    end = time.monotonic() + seconds / 2  # putting takes as long as reading
    for story in stories:
        text = load_text(story) if engine.needs_words else _make_empty_text(story)
        count += 1
        if text is None:
            unreadable.add(story.id)
        else:
            texts.append(text)
            characters += len(text.body)
        if characters > _SLICE_CHARACTERS or time.monotonic() > end or must_stop():
            break
    return texts, count


def _make_empty_text(story: Story) -> IndexedText | None:
    file = find_file(story.path)
    return IndexedText(story.id, _make_version(file), "", "", "") if file is not None else None
