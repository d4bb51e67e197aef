"""Describe large files and many files in another process, so that no key waits for them.

Of many files each process takes the next ones once it is done with those before. The other one
answers with the values of the stories.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections import deque
from dataclasses import fields
from datetime import date
from functools import lru_cache, partial
from operator import attrgetter
from threading import Lock, Semaphore
from typing import TYPE_CHECKING, Any, Final

from reader.errors import ReaderError
from reader.finding.helper_process import ITEMS_AT_ONCE, HelperProcess
from reader.library.files import File
from reader.library.story import Story, get_story_maker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence


LARGE_BYTES: Final = 1_000_000
"""Size of the smallest file that is described by the process. It takes longer to start than most
smaller files to describe."""
MANY_FILES: Final = 1_000
"""Files that are shared with the process: it is started in the time of as many heads."""
_MOST_LINES: Final = 5
"""Lines of files that wait for the other process: while this one is busy they must last, and at
the end this one waits for them."""
_SENT_FIELDS: Final = tuple(
    field.name for field in fields(Story) if field.name not in ("location", "folder")
)
"""Fields of a story in an answer, in their order. The others come from the file."""
_get_sent: Final = attrgetter(*_SENT_FIELDS)
_PUBLISHED, _TAGS, _NOTICES = map(_SENT_FIELDS.index, ("published", "tags", "notices"))
_COMMON: Final = tuple(
    map(_SENT_FIELDS.index, ("author", "series", "language", "kind", "credit", "about"))
)
"""Those that many stories share: each value is kept in memory once."""


def describe_apart(
    files: Sequence[File],
    must_stop: Callable[[], bool],
    helper: HelperProcess,
    smallest: int = LARGE_BYTES,
) -> Iterator[tuple[File, Story]]:
    """Yield each file with its story, as `describe_files` does; large ones last, by `helper`.

    Those of `smallest` bytes or more are large.
    """
    from reader.library.describing import describe_files

    yield from describe_files([file for file in files if file.size < smallest], must_stop)
    large = [file for file in files if file.size >= smallest]
    if large:
        answers = helper.run(answer_words, map(_make_item, large), len(large))
        describe = partial(describe_files, must_stop=must_stop)
        for described in _take(large, answers, describe):
            if must_stop():
                return
            yield described


def describe_heads(
    files: Sequence[File], must_stop: Callable[[], bool], helper: HelperProcess
) -> Iterator[tuple[File, Story]]:
    """Yield each file with its story without its words; many of `MANY_FILES` by `helper`."""
    return _describe_shared(files, must_stop, helper, are_heads_enough=True)


def describe_for_command(files: Sequence[File]) -> Iterator[tuple[File, Story]]:
    """Yield each file with its story; half of `MANY_FILES` by another process."""
    helper = HelperProcess(priority=0)
    try:
        yield from _describe_shared(files, lambda: False, helper, are_heads_enough=False)
    finally:
        helper.close()


def _describe_shared(
    files: Sequence[File],
    must_stop: Callable[[], bool],
    helper: HelperProcess,
    *,
    are_heads_enough: bool,
) -> Iterator[tuple[File, Story]]:
    """Yield each file with its story; many of `MANY_FILES` are described by `helper`."""
    from reader.library.describing import describe_files

    if len(files) < MANY_FILES or _count_processors() == 1:
        yield from describe_files(files, must_stop, are_heads_enough=are_heads_enough)
        return
    shared = _SharedFiles(files)
    answer = answer_head if are_heads_enough else answer_words
    answers = helper.run(answer, shared.send(), len(files))
    describe = partial(describe_files, must_stop=must_stop, are_heads_enough=are_heads_enough)
    try:
        for described in describe(shared.take()):
            yield described
            while answers.is_ready() and (sent := shared.take_sent()):
                yield from _take(sent, answers, describe)
        while (sent := shared.take_sent()) and not must_stop():
            yield from _take(sent, answers, describe)
    finally:
        shared.close()


def _count_processors() -> int:
    """Return how many processors this program may use."""
    if hasattr(os, "sched_getaffinity"):  # not on macOS
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class _SharedFiles:
    """Files of which two processes describe the next ones when they are done with others."""

    def __init__(self, files: Sequence[File]) -> None:
        self._pending = deque(files)
        self._sent: deque[File] = deque()
        """Those that the other process has, and that were not answered yet."""
        self._lock = Lock()
        """Held while a file goes from those to these."""
        self._room = Semaphore(_MOST_LINES)
        """For how many lines of files there is room."""
        self._taken = 0

    def send(self) -> Iterator[list[object]]:
        """Yield files for the other process, and wait while it has enough. Run in a thread."""
        number = 0
        while True:
            if number % ITEMS_AT_ONCE == 0:
                self._room.acquire()
            with self._lock:
                if not self._pending:
                    return
                file = self._pending.popleft()
                self._sent.append(file)
            number += 1
            yield _make_item(file)

    def take(self) -> Iterator[File]:
        """Yield the files for this process, until there are none to share."""
        with contextlib.suppress(IndexError):  # there is none left
            while True:
                yield self._pending.popleft()

    def take_sent(self) -> list[File]:
        """Return the next file that the other process has, [] if it has none."""
        with self._lock:
            if not self._sent:
                return []
            file = self._sent.popleft()
        self._taken += 1
        if self._taken % ITEMS_AT_ONCE == 0:
            self._room.release()
        return [file]

    def close(self) -> None:
        """Share no more: the thread that waits for room ends."""
        with self._lock:
            self._pending.clear()
        self._room.release()


def _take(
    files: Iterable[File],
    answers: Iterator[Any],
    describe: Callable[[Iterable[File]], Iterator[tuple[File, Story]]],
) -> Iterator[tuple[File, Story]]:
    """Yield each file with the story of its answer; `describe` describes one without an answer."""
    for file in files:
        story = _read_answer(next(answers, None), file, get_story_maker())
        if story is not None:
            yield file, story
        else:  # it can't be read, or not by the process
            yield from describe([file])


def describe_one(file: File, helper: HelperProcess) -> Story | None:
    """Return the story of `file`; None if the process can't do it. Waits: call it in a worker."""
    answers = [*helper.run(answer_words, [_make_item(file)], 1)]
    return _read_answer(answers[0], file) if answers else None


def describe_changed(files: Sequence[File]) -> list[tuple[File, Story]]:
    """Return each file with its story, as `describe_apart` yields them."""
    helper = HelperProcess()
    try:
        return [*describe_apart(files, lambda: False, helper)]
    finally:
        helper.close()


def _make_item(file: File) -> list[object]:
    return [*file]


def _read_answer(answer: Any, file: File, make: Callable[..., Story] = Story) -> Story | None:
    """Return the story of an answer; None if there is none."""
    if answer is None:
        return None
    for number in _COMMON:
        answer[number] = sys.intern(answer[number])
    for number in _TAGS, _NOTICES:
        answer[number] = tuple(map(sys.intern, answer[number]))
    if answer[_PUBLISHED] is not None:
        answer[_PUBLISHED] = _make_day(answer[_PUBLISHED])
    story_id, title, *values = answer
    return make(story_id, file.location, title, file.folder, *values)


@lru_cache(maxsize=4_096)
def _make_day(ordinal: int) -> date:
    """Return a day, the same object for stories of one day."""
    return date.fromordinal(ordinal)


def answer_words(item: Any, must_stop: Callable[[], bool]) -> object:
    """Describe a file with its words, in the other process."""
    from reader.library.describing import describe_file

    return _answer(lambda file: describe_file(file, must_stop), item)


def answer_head(item: Any, must_stop: Callable[[], bool]) -> object:
    """Describe a file by its head, in the other process."""
    from reader.library.describing import describe_head

    must_stop()
    return _answer(describe_head, item)


def _answer(describe: Callable[[File], Story], item: Any) -> object:
    """Return the values of a story, as JSON has them; None for a file that can't be read."""
    path, *values = item
    try:
        sent = [*_get_sent(describe(File(path, *values)))]
    except ReaderError:
        return None
    if (day := sent[_PUBLISHED]) is not None:
        sent[_PUBLISHED] = day.toordinal()
    return sent
