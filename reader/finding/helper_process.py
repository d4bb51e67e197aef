"""Another process that reads files for this one, with a priority and memory of its own.

Python runs one thread of a process at a time: while a worker counts the words of 20 MB, each key of
the reader would wait for it. The process gets the name of a function and some items as a line of
JSON, and answers with lines that have the results of the next few items. It ends once its input is
closed, however this program ends.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import sys
import time
from collections import deque
from importlib import import_module
from itertools import islice
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any, Final, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from io import BufferedReader
    from subprocess import Popen

    Answer = Callable[[Any, Callable[[], bool]], object]
    """Returns the result for an item, both as JSON has them. It is in the program's modules, and
    calls its second argument often, which ends the process if nobody waits for it."""

LOWEST_PRIORITY: Final = 19
"""In the terms of `nice`."""
_PROGRAM: Final = "from reader.finding.helper_process import serve; serve({})"
ITEMS_AT_ONCE: Final = 100
"""Items of one line."""
_ANSWER_SECONDS: Final = 0.1
"""Seconds after which the results so far are written."""
_READ_BYTES: Final = 256 * 1024
_END_SECONDS: Final = 0.2
"""Seconds that the event loop waits for a process that was killed."""


class HelperProcess:
    """The process, which is started for the first items."""

    def __init__(self, priority: int = LOWEST_PRIORITY) -> None:
        self._program = _PROGRAM.format(priority)
        self._process: Popen[bytes] | None = None
        self._is_closed = False

    def run(self, answer: Answer, items: Iterable[object], count: int) -> Answers:
        """Let the process answer `count` items; return what waits for the results, in their order.

        There are fewer results if it can't be started, or ends. One call at a time: the results of
        the one before must have been taken. Call it in a worker.
        """
        try:
            process = self._start()
        except OSError:
            return Answers(None, 0)
        name = f"{answer.__module__}:{answer.__qualname__}"
        # It would wait for its answers to be taken before it reads on, and this thread for that.
        Thread(target=_write_requests, args=(process, name, items), daemon=True).start()
        return Answers(process, count)

    def _start(self) -> Popen[bytes]:
        """Return the process. Raises `OSError` if it can't be started, and once it is closed."""
        from subprocess import DEVNULL, PIPE, Popen

        # In a program that is packed into one file, this is that program.
        if self._is_closed or "python" not in Path(sys.executable).name.lower():
            raise OSError
        if self._process is None or self._process.poll() is not None:
            # The modules are those of this program, wherever they came from, and none of the
            # folder that the reader is in.
            paths = os.pathsep.join(filter(None, sys.path))
            self._process = Popen(  # noqa: S603  no shell, and no argument from outside
                [sys.executable, "-P", "-c", self._program],
                stdin=PIPE,
                stdout=PIPE,
                stderr=DEVNULL,
                env={**os.environ, "PYTHONPATH": paths},
            )
            if self._is_closed:  # meanwhile, on the loop
                self.close()
        return self._process

    def close(self) -> None:
        """End the process, wherever it is. May be called while another thread waits for it."""
        from subprocess import TimeoutExpired

        self._is_closed = True
        process = self._process
        if process is None:
            return
        process.kill()
        try:
            _wait(process, _END_SECONDS)
        except TimeoutExpired:  # the machine is busy
            Thread(target=_wait, args=(process,), daemon=True).start()


class Answers:
    """The results of a call, an iterator that waits for them. There are fewer if the process ends.

    Until they are taken the process waits, once the pipe is full.
    """

    def __init__(self, process: Popen[bytes] | None, count: int) -> None:
        self._process = process
        self._count = count
        """How many are still to be read."""
        self._results: deque[Any] = deque()
        self._begun = bytearray()
        """The beginning of a line."""

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        while not self._results:
            if not self._count or not self._read_some():
                raise StopIteration
        return self._results.popleft()

    def is_ready(self) -> bool:
        """Return whether there is a result, or the beginning of some."""
        if self._results:
            return True
        pipe = self._process.stdout if self._process is not None and self._count else None
        try:
            return pipe is not None and bool(select.select([pipe], [], [], 0)[0])
        except (OSError, ValueError):  # it is closed
            return False

    def _read_some(self) -> bool:
        """Wait for some bytes, and take the results of whole lines; return False at the end."""
        assert self._process is not None  # noqa: S101  else there is nothing to read
        pipe = cast("BufferedReader", self._process.stdout)
        try:
            data = pipe.read1(_READ_BYTES)
        except (OSError, ValueError):  # it is closed
            data = b""
        if not data:  # it was killed
            self._count = 0
            return False
        self._begun += data
        if b"\n" in data:
            *lines, rest = bytes(self._begun).split(b"\n")
            self._begun = bytearray(rest)
            for line in lines:
                results = json.loads(line)
                self._count -= len(results)
                self._results += results
        return True


def _write_requests(process: Popen[bytes], name: str, items: Iterable[object]) -> None:
    """Write the items, until the process has ended."""
    assert process.stdin is not None  # noqa: S101  it is a pipe
    pending = iter(items)
    with contextlib.suppress(OSError, ValueError):  # it was killed, or is closed
        while some := [*islice(pending, ITEMS_AT_ONCE)]:
            process.stdin.write(f"{json.dumps([name, some])}\n".encode())
            process.stdin.flush()


def _wait(process: Popen[bytes], seconds: float | None = None) -> None:
    """Wait for the end of a process, and close its pipes. Raises `TimeoutExpired`."""
    process.wait(seconds)
    for pipe in filter(None, (process.stdin, process.stdout)):
        with contextlib.suppress(OSError):  # what is to be written can't be any more
            pipe.close()


def serve(priority: int) -> None:
    """Answer what standard input asks, until it ends."""
    os.nice(priority)
    end_if_unwanted = _watch_input()
    while line := sys.stdin.buffer.readline():
        name, items = json.loads(line)
        results: list[object] = []
        answer, end = _find_function(name), time.monotonic() + _ANSWER_SECONDS
        for item in items:
            results.append(answer(item, end_if_unwanted))
            if time.monotonic() > end:
                _write(results)
                results, end = [], time.monotonic() + _ANSWER_SECONDS
        if results:
            _write(results)


def _find_function(name: str) -> Answer:
    module, _, function = name.partition(":")
    found: Answer = vars(import_module(module))[function]
    return found


def _write(results: list[object]) -> None:
    sys.stdout.write(f"{json.dumps(results)}\n")
    sys.stdout.flush()


def _watch_input() -> Callable[[], bool]:
    """Return what ends this process if the program that started it has closed its input or ended."""
    poll = select.poll()
    poll.register(0, 0)  # without a mask: that the other end is closed is reported anyway

    def end_if_unwanted() -> bool:
        if poll.poll(0):
            os._exit(0)
        return False

    return end_if_unwanted
