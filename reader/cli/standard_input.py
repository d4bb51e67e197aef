"""Standard input as a story or as data: read to its end, or opened while it still comes."""

from __future__ import annotations

import os
import stat
import sys
from threading import Thread
from typing import TYPE_CHECKING, Final, cast

from reader.cli import print_error
from reader.errors import UnreadableFile
from reader.text.cells import sanitize_line

if TYPE_CHECKING:
    from io import BufferedIOBase

    from reader.library.pipe import Pipe


QUICK_SECONDS: Final = 0.4
"""Seconds that the app waits for the end of the input, so that most texts are complete at once."""
EMPTY_MESSAGE: Final = "standard input: there is no text on it"
_PIECE_BYTES: Final = 65_536


def is_stdin_device() -> bool:
    """Return whether standard input is a device such as `/dev/null`, which means no input."""
    try:
        return stat.S_ISCHR(os.fstat(sys.stdin.fileno()).st_mode)
    except (OSError, ValueError):  # it isn't even a file
        return True


def is_input(name: str) -> bool:
    """Return whether `name` means standard input, or a pipe: `reader <(command)`, or a FIFO."""
    if name == "-":
        return True
    try:
        return stat.S_ISFIFO(os.stat(name).st_mode)  # noqa: PTH116  it isn't a file
    except (OSError, ValueError):  # such as a null character in a name
        return False


def take_input(name: str | None, *, on_screen: bool) -> Pipe | bytes:
    """Return the text on the input that `is_input`, or on standard input if it is no terminal.

    With `on_screen` it is the pipe that it may still come from. It is empty if there is none,
    but not by name. Raises `UnreadableFile`.
    """
    if name is None and (sys.stdin is None or sys.stdin.isatty()):
        return b""
    piped: Pipe | bytes
    if name in (None, "-"):
        piped = _open_pipe(sys.stdin.fileno()) if on_screen else read_stdin()
    else:
        handle = _open_fifo(name or "")
        piped = _open_pipe(handle, is_waited_for=not on_screen)
        os.close(handle)
    if name is not None and not piped:
        raise UnreadableFile(EMPTY_MESSAGE)
    return piped


def _open_fifo(name: str) -> int:
    """Open a FIFO once another program opens it for writing; Ctrl+C ends the wait.

    Raises `UnreadableFile`.
    """
    from reader.cli.terminal import INPUT_SECONDS

    def open_file() -> None:
        try:
            results.append(os.open(name, os.O_RDONLY))
        except OSError as error:
            results.append(error)

    results: list[int | OSError] = []
    # In a thread, since it may wait without end, and this has to be said.
    thread = Thread(target=open_file, name="fifo", daemon=True)
    thread.start()
    thread.join(INPUT_SECONDS)
    if thread.is_alive() and sys.stderr.isatty():
        print_error(f"waiting for a program that writes to {sanitize_line(name)}; Ctrl+C ends this")
    thread.join()
    result = results[0]
    if isinstance(result, OSError):
        raise UnreadableFile(f"{sanitize_line(name)}: {result.strerror}") from result
    return result


def _open_pipe(descriptor: int, *, is_waited_for: bool = False) -> Pipe:
    """Return a pipe once it has ended, or once some of it came and the rest is slow.

    Until then nothing is drawn: another program of the pipe may ask for a password. Raises
    `UnreadableFile` if it can't be read, or is too large for a story before anything is shown.
    """
    from reader.cli.terminal import INPUT_SECONDS
    from reader.library.pipe import Pipe

    try:
        pipe = Pipe(descriptor)
    except OSError as error:
        raise UnreadableFile(f"standard input: {error.strerror}") from error
    if not pipe.wait_for_bytes(INPUT_SECONDS) and sys.stderr.isatty():
        print_error("waiting for standard input; Ctrl+C ends the program")
    pipe.wait_for_bytes()
    pipe.wait_for_end(None if is_waited_for or os.isatty(descriptor) else QUICK_SECONDS)
    if pipe.is_too_large:
        raise UnreadableFile(_format_too_large())
    if pipe.failure:
        raise UnreadableFile(f"standard input: {pipe.failure}")
    return pipe


def read_stdin() -> bytes:
    """Return what is on standard input.

    Raises `UnreadableFile` if it can't be read or is too large for a story.
    """
    from reader.cli.terminal import is_input_ready
    from reader.library.files import MAX_STORY_BYTES

    data = bytearray()
    # The buffer of a text stream is declared without read1, which every buffer has.
    stdin = cast("BufferedIOBase", sys.stdin.buffer)
    # Read in pieces: Python handles Ctrl+C between two of them, but not within a long read.
    is_waiting = False
    while True:
        if not is_waiting and sys.stderr.isatty() and not is_input_ready(stdin):
            is_waiting = True
            print_error("waiting for the end of standard input; Ctrl+C ends the program")
        piece = _read_piece(stdin)
        if not piece:
            break
        data += piece
        if len(data) > MAX_STORY_BYTES:
            raise UnreadableFile(_format_too_large())
    return bytes(data)


def _format_too_large() -> str:
    from reader.library.files import MAX_STORY_BYTES

    return f"standard input: larger than {MAX_STORY_BYTES >> 20} MB, so it is not opened"


def _read_piece(stdin: BufferedIOBase) -> bytes:
    try:
        return stdin.read1(_PIECE_BYTES)
    except OSError as error:  # such as a descriptor that is open for writing only
        raise UnreadableFile(f"standard input: {error.strerror}") from error
