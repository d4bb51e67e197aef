"""What the bench runs: texts of every size and kind, and bare Textual programs to compare with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

FIRST: Final = "FIRSTTEXT"
DEEP: Final = "DEEPTEXT"
LAST: Final = "LASTTEXT"
SENTENCE: Final = (
    "It was the *best* of times, it was “the worst” of times, and nobody's clock told. "
)

BARE_START: Final = f"""
from textual.app import App
from textual.widgets import Static
class Bare(App):
    def compose(self):
        yield Static("{FIRST}")
Bare().run()
"""
BARE_SCROLL: Final = f"""
from rich.segment import Segment
from textual.app import App
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
class View(ScrollView, can_focus=True):
    BINDINGS = [("space", "go(38)", ""), ("b", "go(-38)", ""), ("j", "go(1)", ""), ("k", "go(-1)", "")]
    def on_mount(self):
        self.virtual_size = Size(66, 100_000)
    def action_go(self, rows):
        self.scroll_to(y=self.scroll_offset.y + rows, animate=False)
    def render_line(self, y):
        row = y + self.scroll_offset.y
        text = "{FIRST}" if not row else f"line {{row}} " + "word " * 11
        return Strip([Segment(text.ljust(self.size.width))])
class Bare(App):
    def compose(self):
        yield View()
    def on_ready(self):
        self.query_one(View).focus()
Bare().run()
"""


def story(size: int) -> str:
    """Return a Markdown story of about `size` bytes, with a mark at its deep and its last place."""
    paragraph = SENTENCE * 6
    count = max(3, size // (len(paragraph.encode()) + 2))
    parts = [f"# Bench\n\n{FIRST} {paragraph}", *[paragraph] * count]
    parts[count * 9 // 10] = f"## Far away\n\n{DEEP} reached. {paragraph}"
    return "\n\n".join((*parts, f"{LAST} reached.", ""))


def _table() -> str:
    rows = "\n".join(f"| {n} | a cell of words | {n * n} |" for n in range(21_000))
    return f"{FIRST}\n\n| number | words | square |\n|--:|---|--:|\n{rows}\n"


EXTREMES: Final[dict[str, Callable[[], str]]] = {
    "a paragraph of 1 MB": lambda: f"{FIRST} {SENTENCE * 12_000}\n",
    "a data: picture of 1.8 MB": lambda: (
        f"{FIRST}\n\n![A map](data:image/png;base64,{'QUJD' * 450_000})\n\nAfter it.\n"
    ),
    "a table of 21,000 rows": _table,
    "100,000 paragraphs": lambda: f"{FIRST}\n\n" + "One more.\n\n" * 100_000,
    "50,000 list items": lambda: f"{FIRST}\n\n" + "- one more item of a list\n" * 50_000,
}
"""Texts of a size or kind that stops other programs."""
