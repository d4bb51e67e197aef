"""The frame that is kept at the end of a run, and shown first of all at the next start.

It is shown only if nothing has changed that it depends on, as far as that is seen from outside of
the files. It is drawn anew when all is loaded, and replaced if it differs. This module imports next
to nothing: the frame is on the screen before most of the program is loaded.
"""

from __future__ import annotations

import contextlib
import os
import stat
import time
from binascii import crc32
from typing import TYPE_CHECKING, Final, NamedTuple

from reader import __version__
from reader.drawing.early_screen import EARLY_SCREEN, handle_early_signals

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


_MAGIC: Final = "reader frame 1"
_SEPARATOR: Final = "\0"
"""Separates the parts of the file. No text on the screen, path or variable contains it."""
_VARIABLES: Final = (
    "TERM", "COLORTERM", "NO_COLOR", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "HOME", "COLORFGBG",
    "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "PYTHONIOENCODING", "PYTHONUTF8",
)  # fmt: skip
_PREFIXES: Final = ("READER_", "TEXTUAL")
"""The variables of the environment that change what is drawn."""
MAX_BYTES: Final = 4 << 20
"""Bytes of the largest file that is read: a screen, and the files of a large shelf."""


class Interval(NamedTuple):
    """The row that says how long ago reading stopped, until a time (seconds since 1970)."""

    end: float
    row: str
    """The text that draws the row; empty while no such row is shown."""


class KeptFrame(NamedTuple):
    """A frame for the next start.

    The frame is `recent` before the end of the first interval, and then `start`, the row of the
    interval, and `end`.
    """

    recent: str
    start: str
    end: str
    intervals: Sequence[Interval]

    def fill(self, now: float) -> str | None:
        """Return the text that draws the frame at a time, None if that is too late."""
        for number, (until, row) in enumerate(self.intervals):
            if now < until:
                return f"{self.start}{row}{self.end}" if number else self.recent
        return None


def find_file(words: Sequence[str], environment: Mapping[str, str], platform: str) -> str | None:
    """Return the path of the kept frame for these arguments; None if there can be none.

    It is in the folder of the caches as `platformdirs` finds it.
    """
    home = environment.get("HOME")
    is_plain = len(words) < 2 and not any(word.startswith("-") for word in words)
    if not home or not is_plain or environment.get("READER_PRIVATE", "") not in ("", "0"):
        return None
    caches = f"{home}/Library/Caches"
    if platform != "darwin":
        folder = environment.get("XDG_CACHE_HOME", "")
        caches = folder if folder.startswith("/") else f"{home}/.cache"
    return f"{caches}/essay-reader/{'frame-target' if words else 'frame'}"


def make_key(words: Sequence[str], environment: Mapping[str, str], size: Sequence[int]) -> str:
    """Return a text that differs if the program was started otherwise, or on another terminal."""
    values = [f"{name}={environment[name]}" for name in _VARIABLES if name in environment]
    values += sorted(
        f"{name}={value}" for name, value in environment.items() if name.startswith(_PREFIXES)
    )
    folder = os.getcwd() if words else ""  # noqa: PTH109  pathlib takes longer to load than all this
    return "\n".join((__version__, *map(str, size), *words, folder, *values))


def describe_file(path: str) -> str:
    """Return the size and the time of a file or folder; empty if there is none."""
    try:
        status = os.stat(path)  # noqa: PTH116  as above
    except OSError:
        return ""
    return format_version(status.st_size, status.st_mtime_ns, status.st_ino)


def format_version(size: int, mtime_ns: int, inode: int) -> str:
    """Return what `describe_file` says about a file with this size in bytes, time and inode."""
    return f"{size} {mtime_ns} {inode}"


def encode_frame(frame: KeptFrame, key: str, files: Mapping[str, str], now: float) -> bytes:
    """Return the content of the file that keeps `frame`.

    It depends on `files`: what `describe_file` returned, by path.
    """
    parts = [key, repr(now), str(len(files))]
    for path, description in files.items():
        parts += [path, description]
    parts += [frame.recent, frame.start, frame.end]
    for interval in frame.intervals:
        parts += [repr(interval.end), interval.row]
    data = _SEPARATOR.join(parts).encode("utf-8", "surrogateescape")
    return f"{_MAGIC} {crc32(data):08x}\n".encode() + data


def decode_frame(data: bytes, key: str, now: float) -> str | None:
    """Return the text of the frame in such a file, if it is whole and nothing has changed."""
    header, _, rest = data.partition(b"\n")
    if header != f"{_MAGIC} {crc32(rest):08x}".encode():
        return None
    kept_key, kept_at, count, *parts = rest.decode("utf-8", "surrogateescape").split(_SEPARATOR)
    if kept_key != key or now < float(kept_at):
        return None
    files, parts = parts[: 2 * int(count)], parts[2 * int(count) :]
    is_current = all(
        describe_file(path) == status for path, status in zip(files[::2], files[1::2], strict=True)
    )
    if not is_current:
        return None
    recent, start, end, *times = parts
    intervals = [
        Interval(float(until), row) for until, row in zip(times[::2], times[1::2], strict=True)
    ]
    return KeptFrame(recent, start, end, intervals).fill(now)


def show_kept_frame(words: Sequence[str], platform: str) -> None:
    """Show the frame that was kept for a start with these arguments, if there is a valid one."""
    path = find_file(words, os.environ, platform)
    if path is None or os.environ.get("TERM", "dumb") in ("dumb", ""):
        return
    with contextlib.suppress(OSError, ValueError):
        data = _read_own_file(path)
        if data and os.isatty(0) and os.isatty(1):
            key = make_key(words, os.environ, os.get_terminal_size(1))
            text = decode_frame(data, key, time.time())
            if text is not None:
                handle_early_signals()
                EARLY_SCREEN.show(text.encode("utf-8", "surrogateescape"))


def _read_own_file(path: str) -> bytes:
    """Return the content of a file that only this user can read and write; empty if it isn't so."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        status = os.fstat(handle)
        is_own = status.st_uid == os.geteuid() and not status.st_mode & 0o077
        if not is_own or not stat.S_ISREG(status.st_mode) or status.st_size > MAX_BYTES:
            return b""
        return os.read(handle, MAX_BYTES)
    finally:
        os.close(handle)
