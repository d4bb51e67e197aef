"""Type keys on the shelf of the program in a pseudo-terminal, and measure what each takes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, NamedTuple

from pseudo_terminal import READER, PseudoTerminal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

KEYS: Final[dict[str, list[bytes]]] = {
    "j and k": [b"g", *[b"j", b"j", b"k", b"k"] * 6],
    "page, end and start": [b" ", b"b", b"G", b"g"] * 5,
    "state": [b"2", b"3", b"4", b"1"] * 3,
    "letters of a filter": [b"/", *(bytes([letter]) for letter in b"story 1"), b"\x1b", b"\x1b"],
    "fold and unfold": [b"g", b"c", b"c"] * 3,
    "order": [b"s"] * 9,
    "open and back": [b"j", b"\r", b"\x1b"] * 4,
}
"""Keys that are typed one after the other, each when the one before is done."""
_QUIET: Final = 0.1
"""Seconds without output after which a key is done."""
_LONGEST_ANSWER: Final = 5.0
_REST: Final = 0.5
_RESTING: Final = 0.02
"""The program rests if it uses less processor time than this share of `_REST`."""
_LIMIT: Final = 120.0


class KeyTime(NamedTuple):
    """What a key took, in seconds."""

    processor: float
    """Of all threads, until its last output."""
    answer: float
    """By the clock, until its first output."""


def measure_shelf_keys(home: Path) -> tuple[dict[str, list[KeyTime]], list[KeyTime]]:
    """Return what keys take by their kind, and what `j` takes in the first seconds of the start."""
    (home / ".cache" / "essay-reader" / "frame").unlink(missing_ok=True)
    env = {"HOME": str(home)}
    with PseudoTerminal([], argv=READER, draws=False, env=env, columns=120, rows=40) as terminal:
        terminal.wait_until(lambda: bool(terminal.output), "nothing is sent")
        end = time.monotonic() + 5
        first: list[KeyTime] = []
        while time.monotonic() < end:
            first += _measure_keys(terminal, [b"j"])
        _wait_until_resting(terminal)
        times: dict[str, list[KeyTime]] = {}
        for kind, keys in KEYS.items():
            times[kind] = _measure_keys(terminal, keys)
            _wait_until_resting(terminal)
    return times, first


def _measure_keys(terminal: PseudoTerminal, keys: Sequence[bytes]) -> list[KeyTime]:
    """Return what keys take, without those that change nothing on the screen."""
    times: list[KeyTime] = []
    for key in keys:
        terminal.settle(0.0)
        processor, began = _read_processor_time(terminal.pid), time.perf_counter()
        terminal.write(key)
        if terminal.read(_LONGEST_ANSWER):
            answer = time.perf_counter() - began
            terminal.settle(_QUIET)
            times.append(KeyTime(_read_processor_time(terminal.pid) - processor, answer))
    return times


def _read_processor_time(pid: int) -> float:
    """Return the processor time of a process, that of threads which have ended too.

    clock_getcpuclockid(3) of Linux makes the number of the clock so.
    """
    return time.clock_gettime(~pid << 3 | 2)


def _wait_until_resting(terminal: PseudoTerminal) -> None:
    deadline, before = time.monotonic() + _LIMIT, _read_processor_time(terminal.pid)
    while time.monotonic() < deadline:
        end = time.monotonic() + _REST
        while time.monotonic() < end:
            terminal.read(0.05)
        now = _read_processor_time(terminal.pid)
        if now - before < _RESTING * _REST:
            return
        before = now
