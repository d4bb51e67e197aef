"""Measure speed and memory, as ratios to small Textual programs on the same machine.

Run it with `make bench`. It prints tables and never fails; the tests count work instead of
measuring time. Programs run in a pseudo-terminal. First text is the time from the start of the
process to the first byte of the story in its output. A key's time ends with the last byte that
the program sends in response. Everything is measured in seconds and printed in milliseconds.
"""

from __future__ import annotations

import contextlib
import gc
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from functools import partial
from itertools import count
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bench_library import (
    LARGE,
    STORIES,
    make_home,
    make_library,
    measure_app,
    measure_describing,
    measure_grep,
    measure_search,
    write_lines,
)
from bench_programs import (
    APP_PROGRAM,
    DEEP_TEXT,
    EXTREME_TEXTS,
    FIRST_TEXT,
    LAST_TEXT,
    SCROLL_PROGRAM,
    SECOND_PAGE,
    make_story,
)
from bench_shelf import measure_shelf_keys
from pseudo_terminal import READER, PseudoTerminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

ROUNDS: Final = 9
SIZES: Final = {"6 kB": 6_000, "3.3 MB": 3_300_000, "20 MB": 20_000_000}
SHELVES: Final = [*map(int, os.environ.get("READER_SHELVES", "13,10000").split(","))]
"""Numbers of stories of the shelves whose first frames and keys are measured."""
END_OF_FRAME: Final = b"\x1b[?2026l"
APP_STARTED: Final = b"\x1b[?2004h"
"""What Textual's driver sends when it starts."""
COUNTED_PAGE_KEY: Final = b"1 "
"""Keys that scroll, but not before the app is loaded: numbers are left to it."""
END_OF_CACHED_TEXT: Final = b'"footnotes": []}\n'
"""What is at the end of the file in which a text is saved once all of it is parsed."""


@contextlib.contextmanager
def start(arguments: Sequence[str], argv: Sequence[str] = READER) -> Iterator[PseudoTerminal]:
    """Start a program in a terminal of 100 columns and 40 rows."""
    with PseudoTerminal(arguments, argv=argv, columns=100, rows=40, draws=False) as terminal:
        yield terminal


@contextlib.contextmanager
def use_new_home() -> Iterator[None]:
    """Set an empty home folder, so that no saved place is restored."""
    before = os.environ["HOME"]
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HOME"] = folder
        yield
        os.environ["HOME"] = before


def read_for(terminal: PseudoTerminal, seconds: float) -> None:
    """Read output for some time. A program with a blinking cursor never goes quiet."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        terminal.read(0.02)


def wait_until_parsed(terminal: PseudoTerminal) -> None:
    """Wait until all of the one text that was opened in this home is parsed."""
    texts = Path(os.environ["HOME"], ".cache", "essay-reader", "texts")

    def is_saved() -> bool:
        return any(END_OF_CACHED_TEXT in path.read_bytes() for path in texts.glob("*.jsonl"))

    terminal.wait_until(is_saved, "the text is not parsed")


def measure_first_text(
    arguments: Sequence[str], argv: Sequence[str] = READER, text: str = FIRST_TEXT
) -> float:
    """Return the time until `text` appears in the output of a new process."""
    with start(arguments, argv) as terminal:
        return terminal.wait_for_bytes(text.encode())


def measure_first_key(
    arguments: Sequence[str], key: bytes, text: str, argv: Sequence[str] = READER
) -> float:
    """Return the time from the start until `text`, which a key typed at the first byte brings."""
    with start(arguments, argv) as terminal:
        terminal.wait_until(lambda: bool(terminal.output), "nothing is sent")
        terminal.write(key)
        return terminal.wait_for_bytes(text.encode())


def measure_kept_frame(path: Path) -> float:
    """Return the time until the first text of a start after one that ended as usual."""
    for _ in range(2):
        with start([str(path)]) as terminal:
            seconds = terminal.wait_for_bytes(FIRST_TEXT.encode())
            terminal.wait_for_bytes(APP_STARTED)
            read_for(terminal, 0.5)
            terminal.write(b"q")
            terminal.wait()
    return seconds


def measure_key(terminal: PseudoTerminal, key: bytes, quiet: float = 0.05) -> float:
    """Return the time from a key to the last byte of output, once output was `quiet` so long."""
    terminal.settle(quiet)
    begin = end = time.perf_counter()
    terminal.write(key)
    while terminal.read(0.02 if end > begin else 1.0):
        end = time.perf_counter()
    return end - begin


def measure_keys(
    keys: bytes, arguments: Sequence[str], argv: Sequence[str] = READER, repeat: int = 12
) -> list[float]:
    """Return the time of each key of `keys`, a sequence that is typed `repeat` times."""
    with use_new_home(), start(arguments, argv) as terminal:
        terminal.wait_for_bytes(FIRST_TEXT.encode())
        terminal.settle(1.0)
        return [measure_key(terminal, bytes([key])) for key in keys * repeat]


def measure_early_keys(arguments: Sequence[str], argv: Sequence[str] = READER) -> list[float]:
    """Return the times of page keys in the first second, while the text is still parsed."""
    times: list[float] = []
    for _ in range(4):
        with use_new_home(), start(arguments, argv) as terminal:
            terminal.wait_for_bytes(FIRST_TEXT.encode())
            end = time.monotonic() + 1.0
            while time.monotonic() < end:
                times.append(measure_key(terminal, b" ", 0.03))
    return times


def measure_jump(path: Path, keys: Sequence[bytes], text: str, *, at_once: bool) -> float:
    """Return the time from the last of `keys` until `text` appears.

    `at_once`: the keys are typed right after the first text, not once the file is parsed.
    """
    with use_new_home(), start([str(path)]) as terminal:
        terminal.wait_for_bytes(FIRST_TEXT.encode())
        if not at_once:
            wait_until_parsed(terminal)
        for key in keys[:-1]:
            terminal.write(key)
            read_for(terminal, 0.15)
        terminal.output.clear()
        begin = time.perf_counter()
        terminal.write(keys[-1])
        terminal.wait_for_bytes(text.encode())
        return time.perf_counter() - begin


def measure_saved_place(path: Path) -> tuple[float, float]:
    """Return the time to the first screen of a file, and to a saved place deep in it."""
    with use_new_home():
        first_screen = statistics.median(measure_first_text([str(path)]) for _ in range(5))
        with start([str(path)]) as terminal:
            terminal.wait_for_bytes(FIRST_TEXT.encode())
            wait_until_parsed(terminal)
            for key in (b"/", DEEP_TEXT.encode(), b"\r"):
                terminal.write(key)
                read_for(terminal, 0.15)
            terminal.wait_for_bytes(b"reached")
            read_for(terminal, 1.5)  # then the place is saved, and no frame is kept yet
        times = [measure_first_text([str(path)], text=DEEP_TEXT) for _ in range(5)]
        return first_screen, statistics.median(times)


def measure_resize(path: Path) -> float:
    """Return the time from a new size of the terminal to the first text drawn in it."""
    with use_new_home(), start([str(path)]) as terminal:
        terminal.wait_for_bytes(FIRST_TEXT.encode())
        wait_until_parsed(terminal)
        times = []
        for columns in (80, 120, 70, 90, 110):
            terminal.output.clear()
            begin = time.perf_counter()
            terminal.resize(columns, 40)
            terminal.wait_for_bytes(b"times")
            times.append(time.perf_counter() - begin)
            terminal.settle(0.5)
        return statistics.median(times)


def measure_memory(arguments: Sequence[str], argv: Sequence[str] = READER) -> float:
    """Return the resident memory of a program four seconds after its first text (MiB)."""
    with use_new_home(), start(arguments, argv) as terminal:
        terminal.wait_for_bytes(FIRST_TEXT.encode())
        read_for(terminal, 4.0)
        command = ["ps", "-o", "rss=", "-p", str(terminal.pid)]
        result = subprocess.run(command, capture_output=True, text=True, check=True)
        return int(result.stdout) / 1024


def measure_parsing(text: str) -> tuple[float, float]:
    """Return the processor time of markdown-it alone, and of parsing and laying out `text`."""
    from markdown_it import MarkdownIt

    from reader.layout.blocks import typeset
    from reader.markdown.parser import parse

    def parse_and_typeset() -> None:
        for block in parse(text).blocks:
            len(typeset(block, 66, balanced=False))

    parser = MarkdownIt("commonmark")
    return measure_work(lambda: parser.parse(text)), measure_work(parse_and_typeset)


def measure_work(run: Callable[[], object]) -> float:
    """Return the shortest processor time of three runs."""
    times = []
    for _ in range(3):
        gc.collect()
        begin = time.process_time()
        run()
        times.append(time.process_time() - begin)
    return min(times)


def measure_in_turn(programs: dict[str, Callable[[], float]]) -> dict[str, float]:
    """Return the median of each measurement. One round takes each measurement once."""
    times: dict[str, list[float]] = {name: [] for name in programs}
    for _ in range(ROUNDS):
        for name, run in programs.items():
            times[name].append(run())
    return {name: statistics.median(values) for name, values in times.items()}


def print_table(
    title: str, figures: dict[str, float], unit: str = "ms", scale: float = 1_000
) -> None:
    """Print each figure times `scale`, and its ratio to the first figure."""
    base = next(iter(figures.values()))
    print(f"\n{title}")
    for name, figure in figures.items():
        print(f"  {name:<36} {figure * scale:8.1f} {unit}   {figure / base:5.2f}")


def print_starts(files: dict[str, Path], app: Sequence[str]) -> None:
    """Print the time to the first text of each file, opened for the first time and again."""
    first = {"bare Textual app": lambda: measure_first_text([], app)}
    again = dict(first)
    for name, path in files.items():
        first[f"reader, {name}"] = _make_first_opening(path, measure_first_text)
        again[f"reader, {name}"] = _make_next_opening(path)
    bundled = partial(measure_first_text, ["forty-seconds"], text="Thursday")
    first["reader, a bundled story"] = _forget_texts_before(bundled)
    again["reader, a bundled story"] = bundled
    print_table("First text, file never opened before", measure_in_turn(first))
    subprocess.run([*READER, "list"], check=True, capture_output=True)
    for name in ("forty-seconds", *map(str, files.values())):
        with start([name]) as terminal:
            read_for(terminal, 8.0)
            terminal.write(b"q")
            read_for(terminal, 1.0)
    again["reader, 6 kB, kept frame"] = lambda: measure_kept_frame(files["6 kB"])
    print_table("First text, file opened before", measure_in_turn(again))


def print_first_keys(files: dict[str, Path], scroll: Sequence[str]) -> None:
    """Print the time until the answer to a key that is typed at the first byte of output."""
    programs = {"bare ScrollView": lambda: measure_first_key([], b" ", "line 77", scroll)}
    for name, path in files.items():
        measure = _restore_first(partial(measure_first_key, key=b" ", text=SECOND_PAGE))
        programs[f"reader, {name}, never opened"] = _make_first_opening(path, measure)
        programs[f"reader, {name}"] = partial(measure, [str(path)])
    measure = _restore_first(partial(measure_first_key, key=b" ", text="windscreen"))
    programs["reader, a bundled story"] = partial(measure, ["forty-seconds"])
    print_table("Answer to the first key", measure_in_turn(programs))
    path = files["6 kB"]
    measure = _restore_first(partial(measure_first_key, key=COUNTED_PAGE_KEY, text=SECOND_PAGE))
    programs = {
        "bare ScrollView": programs["bare ScrollView"],
        "reader, 6 kB, never opened": _make_first_opening(path, measure),
        "reader, 6 kB": partial(measure, [str(path)]),
    }
    print_table("Answer to a first key that waits for the app", measure_in_turn(programs))


def _restore_first(
    measure: Callable[[Sequence[str]], float],
) -> Callable[[Sequence[str]], float]:
    """Return `measure` with the reading data of now each time: no place of the last time."""
    data = Path(os.environ["HOME"], ".local", "share", "essay-reader")
    copy = data.with_name("copy")
    shutil.copytree(data, copy, dirs_exist_ok=True)

    def restore_and_measure(arguments: Sequence[str]) -> float:
        shutil.rmtree(data)
        shutil.copytree(copy, data)
        return measure(arguments)

    return restore_and_measure


def _make_first_opening(
    path: Path, measure_opening: Callable[[Sequence[str]], float]
) -> Callable[[], float]:
    """Return a measurement of opening a file that is a new copy of `path` each time."""
    copies = (path.with_name(f"{number}-{path.name}") for number in count())

    def measure() -> float:
        copy = next(copies)
        copy.write_bytes(path.read_bytes())
        try:
            return measure_opening([str(copy)])
        finally:
            copy.unlink()

    return measure


def _forget_texts_before(measure: Callable[[], float]) -> Callable[[], float]:
    """Return `measure` without any cached text: a bundled story can't be copied to a new one."""

    def forget_and_measure() -> float:
        texts = Path(os.environ["HOME"], ".cache", "essay-reader", "texts")
        shutil.rmtree(texts, ignore_errors=True)
        return measure()

    return forget_and_measure


def _make_next_opening(path: Path) -> Callable[[], float]:
    return lambda: measure_first_text([str(path)])


def print_key_times(files: dict[str, Path], scroll: Sequence[str]) -> None:
    """Print the median and the 95th percentile of page keys and line keys."""
    for name, keys in (("page", b"  bb"), ("line", b"jjkk")):
        times = {"bare ScrollView": measure_keys(keys, [], scroll)}
        times |= {f"reader, {n}": measure_keys(keys, [str(path)]) for n, path in files.items()}
        if name == "page":
            times["reader, 3.3 MB, first second"] = measure_early_keys([str(files["3.3 MB"])])
        medians = {n: statistics.median(values) for n, values in times.items()}
        print_table(f"A {name} key, median", medians)
        percentiles = {n: sorted(values)[len(values) * 95 // 100] for n, values in times.items()}
        print_table(f"A {name} key, 95th percentile", percentiles)


def print_jumps(path: Path) -> None:
    """Print the time of jumps far into a file, while it is parsed and after."""
    contents = (b"t", b"/Far", b"\r")
    find = (b"/", DEEP_TEXT.encode())
    for title, at_once in (("after parsing", False), ("right after the first text", True)):
        print_table(
            f"Jumps far into 3.3 MB, {title}",
            {
                "last line": measure_jump(path, [b"G"], LAST_TEXT, at_once=at_once),
                "find": measure_jump(path, find, "reached", at_once=at_once),
                # The heading is listed only after parsing, so this is never measured at once.
                "contents list": measure_jump(path, contents, DEEP_TEXT, at_once=False),
            },
        )


def print_extremes(folder: Path) -> None:
    """Print the times of texts of extreme size or kind."""
    for number, (name, make_text) in enumerate(EXTREME_TEXTS.items()):
        path = folder / f"extreme-{number}.md"
        path.write_text(make_text())
        pages = measure_keys(b" ", [str(path)], repeat=20)
        print_table(
            name[0].upper() + name[1:],
            {
                "first text": measure_first_text([str(path)]),
                "page key, median": statistics.median(pages),
                "page key, slowest": max(pages),
            },
        )


def print_library(folder: Path) -> None:
    """Print the processor time of describing, indexing and searching a generated library."""
    files = make_library(folder / "library")
    describing, stories = measure_describing(files)
    print_table(f"{STORIES} stories of 5 kB, processor time", describing)
    indexing, queries, size = measure_search(folder / "words.db", files, stories)
    print_table("Index of words, processor time", indexing)
    print(f"  size of the index to that of the texts {size:.2f}")
    print_table("Queries, processor time", measure_grep(folder / "library") | queries)


def print_first_sight(folder: Path) -> None:
    """Print what the app takes for a library that it sees for the first time, and again."""
    from reader.library.scan import scan_folder

    reading, _ = measure_describing([*scan_folder(folder / "library")])
    base = dict([next(iter(reading.items()))])
    first = measure_app(folder / "library", folder / "sight.db", STORIES)
    again = measure_app(folder / "library", folder / "sight.db", STORIES)
    memory, notice = first.pop("memory"), first.pop("a written file, by the clock")
    figures = {f"first sight, {name}": seconds for name, seconds in first.items()}
    figures |= {"second start, all rows": again["rows"], "a written file is noticed": notice}
    print_table(f"{STORIES} stories of 5 kB in the app", base | figures)
    print(f"  memory above the app {memory / STORIES:.0f} bytes a story")
    large = {}
    for stories in (13, LARGE):
        lines, index = folder / f"lines-{stories}", folder / f"lines-{stories}.db"
        write_lines(lines, stories)
        measure_app(lines, index, stories)
        large[stories] = measure_app(lines, index, stories)
    keys = {f"{stories} stories": large[stories]["a key, 95th percentile"] for stories in large}
    print_table("A key of the shelf, 95th percentile", keys)
    extra = large[LARGE]["memory"] - large[13]["memory"]
    print(f"  memory {extra / LARGE:.0f} bytes a story")
    print(f"  index {(folder / f'lines-{LARGE}.db').stat().st_size / LARGE:.0f} bytes a story")


def print_shelves(folder: Path) -> None:
    """Print the time of the first frame with many stories on the shelf, without a kept frame."""
    before = os.environ["HOME"]

    def measure(home: Path) -> float:
        os.environ["HOME"] = str(home)
        (home / ".cache" / "essay-reader" / "frame").unlink(missing_ok=True)
        with start([]) as terminal:
            return terminal.wait_for_bytes(END_OF_FRAME)

    programs: dict[str, Callable[[], float]] = {}
    for stories in SHELVES:
        home = folder / f"home-{stories}"
        os.environ["HOME"] = str(home)
        make_home(home, stories)
        programs[f"{stories} stories"] = partial(measure, home)
    print_table("First frame of the shelf", measure_in_turn(programs))
    print_shelf_keys({stories: folder / f"home-{stories}" for stories in SHELVES})
    os.environ["HOME"] = before


def print_shelf_keys(homes: Mapping[int, Path]) -> None:
    """Print what keys of the shelf take with so many stories."""
    for stories, home in homes.items():
        os.environ["HOME"] = str(home)
        times, first = measure_shelf_keys(home)
        times["j in the first five seconds"] = first
        for name in ("processor", "answer"):
            values = {k: sorted(map(attrgetter(name), some)) for k, some in times.items()}
            title = f"A key of the shelf, {stories} stories, {name}"
            print_table(f"{title}, median", {k: some[len(some) // 2] for k, some in values.items()})
            highest = {k: some[len(some) * 95 // 100] for k, some in values.items()}
            print_table(f"{title}, 95th percentile", highest)


def main() -> None:
    """Print all tables."""
    # Bytecode is written, as for an installed program, even where the environment turns that off.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.path.insert(0, str(Path(__file__).parent.parent))
    with tempfile.TemporaryDirectory() as home:
        os.environ["HOME"] = home
        folder = Path(home)
        app = _write_program(folder / "app.py", APP_PROGRAM)
        scroll = _write_program(folder / "scroll.py", SCROLL_PROGRAM)
        files = {name: folder / f"{size}.md" for name, size in SIZES.items()}
        for name, path in files.items():
            path.write_text(make_story(SIZES[name]))
        large = files["3.3 MB"]

        print_starts(files, app)
        print_first_keys(files, scroll)
        print_key_times({name: files[name] for name in ("6 kB", "3.3 MB")}, scroll)
        first_screen, saved_place = measure_saved_place(large)
        print_table(
            "A saved place deep in 3.3 MB",
            {"first screen": first_screen, "saved place": saved_place},
        )
        print_jumps(large)
        print_table("A resize in 3.3 MB", {"first text": measure_resize(large)})
        parsing, all_work = measure_parsing(make_story(SIZES["3.3 MB"]))
        print_table(
            "All of 3.3 MB, processor time",
            {"MarkdownIt.parse alone": parsing, "parsing and layout": all_work},
        )
        memory = {"bare Textual app": measure_memory([], app)}
        memory |= {f"reader, {n}": measure_memory([str(path)]) for n, path in files.items()}
        print_table("Memory", memory, "MiB", 1)
        print_extremes(folder)
        print_shelves(folder)
        print_library(folder)
        print_first_sight(folder)


def _write_program(path: Path, source: str) -> tuple[str, str]:
    """Write a program to `path` and return the command that runs it."""
    path.write_text(source)
    return sys.executable, str(path)


if __name__ == "__main__":
    main()
