"""Fetch many addresses: some at a time, but from each host one after the other."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final, Generic, NamedTuple, TypeVar

from reader.errors import ReaderError
from reader.text.web_addresses import find_host

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

T = TypeVar("T")

MAX_CONNECTIONS: Final = 8
"""Addresses that are fetched at the same time."""
_MAX_WAITING: Final = 16
"""Results that are being fetched or wait until they are taken: each may have megabytes."""


class Task(NamedTuple, Generic[T]):
    """An address and what fetches it."""

    url: str
    run: Callable[[], T]
    """It runs in a thread of its own. Raises `ReaderError`."""


def run_tasks(tasks: Sequence[Task[T]]) -> Generator[T | ReaderError, None, None]:
    """Yield the result of each task, or its error, in the order of the tasks.

    Once it is closed, no other task is begun.
    """
    return _Pool(tasks).run()


class _Pool(Generic[T]):
    """The threads that run tasks, and their results until these are taken."""

    def __init__(self, tasks: Sequence[Task[T]]) -> None:
        self._tasks = tasks
        self._hosts = [find_host(task.url) for task in tasks]
        self._change = threading.Condition()
        """Guards what follows."""
        self._pending = dict.fromkeys(range(len(tasks)))
        self._busy: set[str] = set()
        """The hosts from which something is being fetched."""
        self._results: dict[int, T | Exception] = {}
        self._is_over = False

    def run(self) -> Generator[T | ReaderError, None, None]:
        for _ in range(min(MAX_CONNECTIONS, len(self._tasks))):
            threading.Thread(target=self._work, daemon=True).start()
        try:
            for number in range(len(self._tasks)):
                with self._change:
                    while number not in self._results:
                        self._change.wait()
                    result = self._results.pop(number)
                    self._change.notify_all()
                if isinstance(result, Exception) and not isinstance(result, ReaderError):
                    raise result
                yield result
        finally:
            with self._change:
                self._is_over = True
                self._change.notify_all()

    def _work(self) -> None:
        while (number := self._take()) is not None:
            result: T | Exception
            try:
                result = self._tasks[number].run()
            except Exception as error:  # noqa: BLE001  it is raised where the result is taken
                result = error
            with self._change:
                self._busy.discard(self._hosts[number])
                self._results[number] = result
                self._change.notify_all()

    def _take(self) -> int | None:
        """Return the next task from a host that isn't busy; wait for one. None at the end."""
        with self._change:
            while self._pending and not self._is_over:
                number = self._find_next()
                if number is not None:
                    del self._pending[number]
                    self._busy.add(self._hosts[number])
                    return number
                self._change.wait()
        return None

    def _find_next(self) -> int | None:
        if len(self._busy) + len(self._results) >= _MAX_WAITING:
            return None
        return next((n for n in self._pending if self._hosts[n] not in self._busy), None)
