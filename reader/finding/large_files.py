"""Describe large files in another process, which has a low priority and memory of its own.

Python runs one thread of a process at a time: counting the words of 20 MB takes seconds, in which
each key of the reader would wait for the worker. The process gets one file at a time as a line of
JSON, and answers with a line. It ends once its input is closed, however this program ends.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import sys
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Final

from reader.errors import ReaderError
from reader.library.files import File

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from subprocess import Popen

    from reader.library.story import Story


LARGE_BYTES: Final = 1_000_000
"""Size of the smallest file that is described by the process. It takes longer to start than most
smaller files to describe."""
LOWEST_PRIORITY: Final = 19
"""In the terms of `nice`."""
_PROGRAM: Final = "from reader.finding.large_files import serve; serve({})"
_END_SECONDS: Final = 0.2
"""Seconds that the event loop waits for a process that was killed."""


class DescribingProcess:
    """The process, which is started for the first large file."""

    def __init__(self, priority: int = LOWEST_PRIORITY) -> None:
        self._program = _PROGRAM.format(priority)
        self._process: Popen[bytes] | None = None
        self._is_closed = False

    def describe(self, file: File) -> Story | None:
        """Return the story of `file`; None if the process can't do it. Waits: call it in a worker."""
        from reader.library.index import json_to_story

        try:
            process = self._start()
            if process.stdin is None or process.stdout is None:
                return None
            request = [str(file.path), *file[1:]]
            process.stdin.write(f"{json.dumps(request)}\n".encode())
            process.stdin.flush()
            metadata, has_own_title = json.loads(process.stdout.readline() or "[null, true]")
        except (OSError, ValueError):  # it can't be started, or was killed, or is closed
            return None
        story = json_to_story(metadata, file)
        if story is None or has_own_title:
            return story
        from dataclasses import replace

        return replace(story, has_own_title=False)

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


def _wait(process: Popen[bytes], seconds: float | None = None) -> None:
    """Wait for the end of a process, and close its pipes. Raises `TimeoutExpired`."""
    process.wait(seconds)
    for pipe in filter(None, (process.stdin, process.stdout)):
        with contextlib.suppress(OSError):  # what is to be written can't be any more
            pipe.close()


def describe_apart(
    files: Sequence[File],
    must_stop: Callable[[], bool],
    process: DescribingProcess,
    smallest: int = LARGE_BYTES,
) -> Iterator[tuple[File, Story]]:
    """Yield each file with its story, as `describe_files` does; large ones last, by `process`.

    Those of `smallest` bytes or more are large.
    """
    from reader.library.describing import describe_files

    yield from describe_files([file for file in files if file.size < smallest], must_stop)
    for file in [file for file in files if file.size >= smallest]:
        story = process.describe(file)
        if must_stop():
            return
        if story is not None:
            yield file, story
        else:  # it can't be read, or not by the process
            yield from describe_files([file], must_stop)


def describe_changed(files: Sequence[File]) -> list[tuple[File, Story]]:
    """Return each file with its story, as `describe_apart` yields them."""
    process = DescribingProcess()
    try:
        return [*describe_apart(files, lambda: False, process)]
    finally:
        process.close()


def serve(priority: int) -> None:
    """Describe the files that standard input names, until it ends."""
    from reader.library.describing import describe_file
    from reader.library.index import story_to_json

    os.nice(priority)
    while line := sys.stdin.buffer.readline():
        path, *values = json.loads(line)
        file = File(Path(path), *values)
        answer: list[object] = [None, True]
        with contextlib.suppress(ReaderError):
            story = describe_file(file, _end_if_unwanted)
            answer = [story_to_json(story), story.has_own_title]
        sys.stdout.write(f"{json.dumps(answer)}\n")
        sys.stdout.flush()


def _end_if_unwanted() -> bool:
    """End this process once its input is closed; nothing else comes while a file is described."""
    if select.select([0], [], [], 0)[0]:
        os._exit(0)
    return False
