"""Speed and memory as ratios against bare Textual programs, run in turn on this machine.

Prints tables and never fails: clocks are for people, the tests count. `make bench`.
First text is timed in a pseudo-terminal from the start of the process to the first byte of
the story in its output; keys from the keystroke to the end of what it makes the program send.
"""

from __future__ import annotations

import contextlib
import gc
import os
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bench_programs import BARE_SCROLL, BARE_START, DEEP, EXTREMES, FIRST, LAST, story
from pseudo_terminal import READER, PseudoTerminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

ROUNDS: Final = 5
SIZES: Final = {"6 kB": 6_000, "3.3 MB": 3_300_000, "20 MB": 20_000_000}
MEGABYTE: Final = 1 << 20


@contextlib.contextmanager
def started(arguments: Sequence[str], argv: Sequence[str] = READER) -> Iterator[PseudoTerminal]:
    """Start a program in a terminal of a usual size."""
    with PseudoTerminal(arguments, argv=argv, columns=100, rows=40, draws=False) as terminal:
        yield terminal


def first_text(arguments: Sequence[str], argv: Sequence[str] = READER, mark: str = FIRST) -> float:
    """Return the seconds from the start of a program to the first byte of `mark`."""
    with started(arguments, argv) as terminal:
        return terminal.wait_for_bytes(mark.encode())


def passing(terminal: PseudoTerminal, seconds: float) -> None:
    """Let time pass: a program whose cursor blinks never settles."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        terminal.read(0.02)


def keys(
    typed: bytes, arguments: Sequence[str], argv: Sequence[str] = READER, times: int = 12
) -> list[float]:
    """Return how many seconds each key of `typed`, which comes some times, took to be drawn."""
    with fresh_home(), started(arguments, argv) as terminal:
        terminal.wait_for_bytes(FIRST.encode())
        terminal.settle(1.0)
        return [timed_key(terminal, bytes([key])) for key in typed * times]


def early_keys(arguments: Sequence[str], argv: Sequence[str] = READER) -> list[float]:
    """Return the same of the pages turned in the first second, while the text is being set."""
    found: list[float] = []
    for _ in range(4):
        with fresh_home(), started(arguments, argv) as terminal:
            terminal.wait_for_bytes(FIRST.encode())
            ends = time.monotonic() + 1.0
            while time.monotonic() < ends:
                found.append(timed_key(terminal, b" ", 0.03))
    return found


def timed_key(terminal: PseudoTerminal, typed: bytes, quiet: float = 0.05) -> float:
    """Return the seconds from a key to the last byte of the screen it brings."""
    terminal.settle(quiet)
    begins = ends = time.perf_counter()
    terminal.write(typed)
    while terminal.read(0.02 if ends > begins else 1.0):
        ends = time.perf_counter()
    return ends - begins


def jump(arguments: Sequence[str], typed: Sequence[bytes], mark: str, *, at_once: bool) -> float:
    """Return the seconds from the last of some keys to `mark`, which they lead to."""
    with fresh_home(), started(arguments) as terminal:
        terminal.wait_for_bytes(FIRST.encode())
        passing(terminal, 0.0 if at_once else 2.5)
        for key in typed[:-1]:
            terminal.write(key)
            passing(terminal, 0.15)
        terminal.output.clear()
        begins = time.perf_counter()
        terminal.write(typed[-1])
        terminal.wait_for_bytes(mark.encode())
        return time.perf_counter() - begins


def deep(path: Path) -> tuple[float, float]:
    """Return when a text's first screen shows, and when a place far down in it does (seconds)."""
    with fresh_home():
        plain = statistics.median(first_text([str(path)]) for _ in range(5))
        with started([str(path)]) as terminal:
            terminal.wait_for_bytes(FIRST.encode())
            passing(terminal, 2.5)
            for key in (b"/", DEEP.encode(), b"\r", b"q"):
                terminal.write(key)
                passing(terminal, 1.0)
        return plain, statistics.median(first_text([str(path)], mark=DEEP) for _ in range(5))


def resized(path: Path) -> float:
    """Return the seconds from a window's new size to the first byte of what is drawn in it."""
    with fresh_home(), started([str(path)]) as terminal:
        terminal.wait_for_bytes(FIRST.encode())
        passing(terminal, 2.5)
        found = []
        for columns in (80, 120, 70, 90, 110):
            terminal.output.clear()
            begins = time.perf_counter()
            terminal.resize(columns, 40)
            terminal.wait_for_bytes(b"times")
            found.append(time.perf_counter() - begins)
            terminal.settle(0.5)
        return statistics.median(found)


def memory(arguments: Sequence[str], argv: Sequence[str] = READER) -> float:
    """Return the resident megabytes of a program four seconds after its first text."""
    with fresh_home(), started(arguments, argv) as terminal:
        terminal.wait_for_bytes(FIRST.encode())
        passing(terminal, 4.0)
        ps = ["ps", "-o", "rss=", "-p", str(terminal.pid)]
        told = subprocess.run(ps, capture_output=True, text=True, check=True)
        return int(told.stdout) / 1024


def whole(text: str) -> tuple[float, float]:
    """Return what parsing a text takes by itself, and what setting all of it does (seconds)."""
    from markdown_it import MarkdownIt

    from reader.layout.blocks import typeset
    from reader.markdown.parser import parse

    def set_whole() -> None:
        for block in parse(text).blocks:
            len(typeset(block, 66, balanced=False))

    parser = MarkdownIt("commonmark")
    return timed(lambda: parser.parse(text)), timed(set_whole)


def timed(run: Callable[[], object]) -> float:
    """Return the least of three times (seconds of the processor)."""
    found = []
    for _ in range(3):
        gc.collect()
        begins = time.process_time()
        run()
        found.append(time.process_time() - begins)
    return min(found)


@contextlib.contextmanager
def fresh_home() -> Iterator[None]:
    """Let a program begin without a memory: a saved place would be what it shows first."""
    before = os.environ["HOME"]
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HOME"] = folder
        yield
        os.environ["HOME"] = before


def in_turn(programs: dict[str, Callable[[], float]]) -> dict[str, float]:
    """Return the median of each program's figure, the programs run in turn."""
    found: dict[str, list[float]] = {name: [] for name in programs}
    for _ in range(ROUNDS):
        for name, run in programs.items():
            found[name].append(run())
    return {name: statistics.median(figures) for name, figures in found.items()}


def table(title: str, figures: dict[str, float], unit: str = "ms", scale: float = 1_000) -> None:
    """Print figures and their ratios to the first one."""
    base = next(iter(figures.values()))
    print(f"\n{title}")
    for name, figure in figures.items():
        print(f"  {name:<36} {figure * scale:8.1f} {unit}   {figure / base:5.2f}")


def starts(files: dict[str, Path], bare: Sequence[str]) -> None:
    """Print when the first text of each file shows, the first time and the next."""
    first = {"bare Textual app": lambda: first_text([], bare)}
    again = dict(first)
    for name, path in files.items():
        first[f"reader, {name}"] = _afresh(path)
        again[f"reader, {name}"] = _again(path)
    again["reader, a bundled story"] = lambda: first_text(["forty-seconds"], mark="Thursday")
    table("First text, of a file never opened", in_turn(first))
    subprocess.run([*READER, "list"], check=True, capture_output=True)
    for name in ("forty-seconds", *map(str, files.values())):
        with started([name]) as terminal:
            passing(terminal, 8.0)
            terminal.write(b"q")
            passing(terminal, 1.0)
    table("First text, of a file that was opened before", in_turn(again))


def _afresh(path: Path) -> Callable[[], float]:
    """Return what opens a copy of a file that nobody has opened."""
    copies = (path.with_name(f"{number}-{path.name}") for number in count())

    def run() -> float:
        copy = next(copies)
        copy.write_bytes(path.read_bytes())
        try:
            return first_text([str(copy)])
        finally:
            copy.unlink()

    return run


def _again(path: Path) -> Callable[[], float]:
    return lambda: first_text([str(path)])


def key_times(files: dict[str, Path], bare: Sequence[str]) -> None:
    """Print what keys take."""
    for name, typed in (("page", b"  bb"), ("line", b"jjkk")):
        found = {"bare ScrollView": keys(typed, [], bare)}
        found |= {f"reader, {n}": keys(typed, [str(path)]) for n, path in files.items()}
        if name == "page":
            found["reader, 3.3 MB, first second"] = early_keys([str(files["3.3 MB"])])
        table(f"A {name} key, median", {n: statistics.median(k) for n, k in found.items()})
        late = {n: sorted(k)[len(k) * 95 // 100] for n, k in found.items()}
        table(f"A {name} key, 95 in 100 below", late)


def main() -> None:
    """Print every table."""
    # An installed program has its bytecode, as Textual has; some environments forbid to write it.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.path.insert(0, str(Path(__file__).parent.parent))
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HOME"] = folder
        place = Path(folder)
        (place / "start.py").write_text(BARE_START)
        (place / "scroll.py").write_text(BARE_SCROLL)
        start, scroll = ((sys.executable, str(place / f"{n}.py")) for n in ("start", "scroll"))
        files = {name: place / f"{size}.md" for name, size in SIZES.items()}
        for name, path in files.items():
            path.write_text(story(SIZES[name]))
        large = files["3.3 MB"]

        starts(files, start)
        key_times({name: files[name] for name in ("6 kB", "3.3 MB")}, scroll)

        plain, far = deep(large)
        table("A place deep in 3.3 MB", {"its first screen": plain, "the saved place": far})
        contents = (b"t", b"Far", b"\r")
        find = (b"/", DEEP.encode(), b"\r")
        for name, at_once in (("once it is parsed", False), ("at once", True)):
            table(
                f"Far into 3.3 MB, {name}",
                {
                    "G": jump([str(large)], [b"G"], LAST, at_once=at_once),
                    "a find": jump([str(large)], find[:2], "reached", at_once=at_once),
                    "the contents": jump([str(large)], contents, DEEP, at_once=False),
                },
            )
        table("3.3 MB in a window of a new size", {"first byte": resized(large)})
        parsed, everything = whole(story(SIZES["3.3 MB"]))
        table(
            "The whole of 3.3 MB", {"MarkdownIt.parse alone": parsed, "parsed and set": everything}
        )

        rss = {"bare Textual app": memory([], start)}
        rss |= {f"reader, {name}": memory([str(path)]) for name, path in files.items()}
        table("Memory", rss, "MB", 1)

        for number, (name, made) in enumerate(EXTREMES.items()):
            path = place / f"extreme-{number}.md"
            path.write_text(made())
            pages = keys(b" ", [str(path)], times=20)
            table(
                name.capitalize(),
                {
                    "first text": first_text([str(path)]),
                    "a page, median": statistics.median(pages),
                    "the slowest page": max(pages),
                },
            )


if __name__ == "__main__":
    main()
