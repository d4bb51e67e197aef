"""Speed and memory as ratios against bare Textual programs, run in turn on this machine.

Prints a table and never fails: clocks are for people, the tests count. `make bench`.
First text is timed in a pseudo-terminal from the start of the process to the first byte of
the story in its output; keys from the keystroke to the end of what it makes the program send.
"""

from __future__ import annotations

import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pseudo_terminal import READER, PseudoTerminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

ROUNDS: Final = 7
FIRST: Final = b"FIRSTTEXT"
SENTENCE: Final = (
    "It was the *best* of times, it was “the worst” of times, and nobody's clock told. "
)

BARE_START: Final = f"""
from textual.app import App
from textual.widgets import Static
class Bare(App):
    def compose(self):
        yield Static("{FIRST.decode()}")
Bare().run()
"""
BARE_SCROLL: Final = f"""
from rich.segment import Segment
from textual.app import App
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
class View(ScrollView, can_focus=True):
    BINDINGS = [("space", "page(1)", ""), ("b", "page(-1)", "")]
    def on_mount(self):
        self.virtual_size = Size(66, 100_000)
    def action_page(self, way):
        self.scroll_to(y=self.scroll_offset.y + way * (self.size.height - 2), animate=False)
    def render_line(self, y):
        row = y + self.scroll_offset.y
        text = "{FIRST.decode()}" if not row else f"line {{row}} " + "word " * 11
        return Strip([Segment(text.ljust(self.size.width))])
class Bare(App):
    def compose(self):
        yield View()
    def on_ready(self):
        self.query_one(View).focus()
Bare().run()
"""


def story(size: int) -> str:
    """Return a Markdown story of about `size` bytes."""
    paragraph = SENTENCE * 6
    count = max(1, size // (len(paragraph.encode()) + 2))
    return f"# Bench\n\n{FIRST.decode()} {paragraph}\n\n" + f"{paragraph}\n\n" * count


def first_text(argv: Sequence[str], arguments: Sequence[str]) -> float:
    """Return the seconds from the start of a program to its first text."""
    with PseudoTerminal(arguments, argv=argv, columns=100, rows=40) as terminal:
        return terminal.wait_for_bytes(FIRST)


def key(argv: Sequence[str], arguments: Sequence[str]) -> list[float]:
    """Return how many seconds each of eighty pages down and up took to be drawn."""
    with fresh_home(), PseudoTerminal(arguments, argv=argv, columns=100, rows=40) as terminal:
        terminal.wait_for_bytes(FIRST)
        terminal.settle(1.0)
        return [timed_key(terminal, key) for _ in range(20) for key in (b" ", b" ", b"b", b"b")]


def timed_key(terminal: PseudoTerminal, typed: bytes) -> float:
    """Return the seconds from a page-down or -up to the last byte of the screen it brings."""
    terminal.settle(0.05)
    begins = ends = time.perf_counter()
    terminal.write(typed)
    while terminal.read(0.03 if ends > begins else 1.0):
        ends = time.perf_counter()
    return ends - begins


def memory(argv: Sequence[str], arguments: Sequence[str]) -> float:
    """Return the resident megabytes of a program three seconds after its first text."""
    with fresh_home(), PseudoTerminal(arguments, argv=argv, columns=100, rows=40) as terminal:
        terminal.wait_for_bytes(FIRST)
        ends = time.monotonic() + 3
        while time.monotonic() < ends:
            terminal.read(0.1)
        told = subprocess.run(
            ["ps", "-o", "rss=", "-p", str(terminal.pid)],  # noqa: S607  found by PATH as everywhere
            capture_output=True,
            text=True,
            check=True,
        )
        return int(told.stdout) / 1024


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


def table(title: str, figures: dict[str, float], unit: str, scale: float) -> None:
    """Print figures and their ratios to the first one."""
    base = next(iter(figures.values()))
    print(f"\n{title}")
    for name, figure in figures.items():
        print(f"  {name:<32} {figure * scale:8.1f} {unit}   {figure / base:5.2f}")


def main() -> None:
    """Print every table."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HOME"] = folder
        place = Path(folder)
        (place / "start.py").write_text(BARE_START)
        (place / "scroll.py").write_text(BARE_SCROLL)
        sizes = {"6 kB": 6_000, "3.3 MB": 3_300_000}
        files = {name: place / f"{size}.md" for name, size in sizes.items()}
        for name, path in files.items():
            path.write_text(story(sizes[name]))
        start = (sys.executable, str(place / "start.py"))
        scroll = (sys.executable, str(place / "scroll.py"))
        subprocess.run(
            [*READER, "list"], check=True, capture_output=True
        )  # a second start, not a first

        def opened(path: Path) -> Callable[[], float]:
            return lambda: first_text(READER, [str(path)])

        programs = {"bare Textual app": lambda: first_text(start, [])}
        programs |= {f"reader, {name}": opened(path) for name, path in files.items()}
        table("First text", in_turn(programs), "ms", 1_000)

        keys = {"bare ScrollView": key(scroll, [])}
        keys |= {f"reader, {name}": key(READER, [str(path)]) for name, path in files.items()}
        table(
            "A page down or up, median",
            {n: statistics.median(k) for n, k in keys.items()},
            "ms",
            1_000,
        )
        table(
            "A page down or up, 95 in 100 below",
            {n: sorted(k)[len(k) * 95 // 100] for n, k in keys.items()},
            "ms",
            1_000,
        )

        rss = {"bare Textual app": memory(start, [])}
        rss |= {f"reader, {name}": memory(READER, [str(path)]) for name, path in files.items()}
        table("Memory", rss, "MB", 1)


if __name__ == "__main__":
    main()
