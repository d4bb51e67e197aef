"""Read the texts of stories for an engine: a few in this process, many in another one.

The other process reads files and takes their words while this one puts those before into the
index: SQLite lets other threads run, but gets back into Python for each row.
"""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from zlib import crc32

from reader.errors import UnreadableFile
from reader.finding.helper_process import LOWEST_PRIORITY, HelperProcess
from reader.fulltext import IndexedText
from reader.fulltext.markdown_words import extract_words
from reader.fulltext.words import TextWords, take_words
from reader.library.files import File, find_file
from reader.library.story import read_source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Future, ThreadPoolExecutor
    from typing import Self

    from reader.fulltext import Engine
    from reader.library.story import Story

WORDS_VERSION: Final = 1
"""To be increased when the words that a text has for an engine change."""
MANY_TEXTS: Final = 300
"""Texts that another process reads: it is started in the time of as many."""
_LOOK_SECONDS: Final = 0.02
"""Seconds between two looks whether the thread is needed, while another process reads."""
_SLICE_CHARACTERS: Final = 4_000_000
"""When a slice ends: what it holds in memory is some times as long."""
_MAX_CHARACTERS: Final = 8_000_000
"""Characters of a text that are indexed. The largest of 36,000 texts counted has 4 MB."""


def format_version(file: File, title: str) -> str:
    """Return the version of a text for an engine.

    Its title is in the index too, and may come from the name of its file, which may be renamed.
    """
    title_digest = crc32(title.encode("utf-8", "surrogateescape"))
    return f"{WORDS_VERSION}.{file.size}.{file.mtime_ns}.{file.inode}.{title_digest:x}"


def load_text(story: Story) -> IndexedText | None:
    """Return the text of a story for an engine, None if its file can't be read."""
    about = "\n".join((story.deck, story.author, story.series, *story.tags))
    return _load(story.id, story.path, story.title, about)


def _load(text_id: str, path: Path, title: str, about: str) -> IndexedText | None:
    try:
        status = path.stat()
        body = read_source(path).body[:_MAX_CHARACTERS]
    except (OSError, UnreadableFile):
        return None
    pieces = (text for piece in extract_words(body, title) for text in piece)
    file = File(str(path), status.st_size, status.st_mtime_ns, "", status.st_ino)
    return IndexedText(text_id, format_version(file, title), title, about, "\n".join(pieces))


class Slice(NamedTuple):
    """The texts of the next stories."""

    texts: Sequence[IndexedText | TextWords]
    story_count: int
    """How many stories they are of; some may be unreadable."""
    is_last: bool


class Reading:
    """Reads the texts of stories for an engine, in slices."""

    def __init__(
        self,
        engine: Engine,
        stories: Sequence[Story],
        unreadable: set[str],
        priority: int = LOWEST_PRIORITY,
    ) -> None:
        """Read the texts of `stories`; the ids of those that can't be read are added to a set.

        `priority` is that of another process, if there are many.
        """
        self._needs_words = engine.needs_words
        self._unreadable = unreadable
        self._helper: HelperProcess | None = None
        self._pool: ThreadPoolExecutor | None = None
        """The thread that waits for the other process."""
        self._next: Future[Slice] | None = None
        if self._needs_words and len(stories) >= MANY_TEXTS:
            from concurrent.futures import ThreadPoolExecutor

            self._helper, self._pool = HelperProcess(priority), ThreadPoolExecutor(1)
        self._pending = self._iter_texts(stories)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the other process, if there is one. May be called in any thread."""
        if self._helper is not None:
            self._helper.close()
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)

    def take(self, must_stop: Callable[[], bool], seconds: float) -> Slice:
        """Return a slice that takes so many seconds to read and to put.

        It ends early once `must_stop` returns true: after the first text, or with none yet if
        another process reads. That one reads the next slice meanwhile.
        """
        if self._pool is None:
            return self._read_slice(must_stop, seconds / 2)  # putting takes as long
        future = self._next or self._pool.submit(self._read_slice, _never_stop, seconds)
        self._next = future
        while not must_stop():
            with suppress(TimeoutError):
                part = future.result(_LOOK_SECONDS)
                self._next = self._pool.submit(self._read_slice, _never_stop, seconds)
                return part
        return Slice([], 0, is_last=False)

    def _read_slice(self, must_stop: Callable[[], bool], seconds: float) -> Slice:
        texts: list[IndexedText | TextWords] = []
        count = characters = 0
        end = time.monotonic() + seconds
        for story, text in self._pending:
            count += 1
            if text is None:
                self._unreadable.add(story.id)
            else:
                texts.append(text)
                characters += len(text.body)
            if characters > _SLICE_CHARACTERS or time.monotonic() > end or must_stop():
                return Slice(texts, count, is_last=False)
        return Slice(texts, count, is_last=True)

    def _iter_texts(
        self, stories: Sequence[Story]
    ) -> Iterator[tuple[Story, IndexedText | TextWords | None]]:
        """Yield each story with its text, None if that can't be read."""
        answers: Iterator[Any] = iter(())
        if self._helper is not None:
            answers = self._helper.run(answer_text, map(_make_item, stories), len(stories))
        for story in stories:
            if not self._needs_words:
                yield story, _make_empty_text(story)
            elif answer := next(answers, None):
                yield story, TextWords(*answer)
            else:  # it can't be read, or not by the process
                yield story, load_text(story)


def _never_stop() -> bool:
    return False


def _make_item(story: Story) -> list[str]:
    about = "\n".join((story.deck, story.author, story.series, *story.tags))
    return [story.id, story.location, story.title, about]


def answer_text(item: Any, must_stop: Callable[[], bool]) -> object:
    """Return the words of a text, in the other process."""
    must_stop()
    text_id, path, title, about = item
    text = _load(text_id, Path(path), title, about)
    return take_words(text) if text is not None else None


def _make_empty_text(story: Story) -> IndexedText | None:
    file = find_file(story.path)
    if file is None:
        return None
    return IndexedText(story.id, format_version(file, story.title), "", "", "")
