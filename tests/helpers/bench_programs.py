"""Input of the benchmark: texts of different sizes and kinds, and small Textual programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

FIRST_TEXT: Final = "FIRSTTEXT"
"""A word at the start of every text and program. Its arrival shows that text is drawn."""
SECOND_PAGE: Final = "SECONDPAGE"
DEEP_TEXT: Final = "DEEPTEXT"
LAST_TEXT: Final = "LASTTEXT"
SENTENCE: Final = (
    "It was the *best* of times, it was “the worst” of times, and nobody's clock agreed. "
)

APP_PROGRAM: Final = f"""
from textual.app import App
from textual.widgets import Static
class Bare(App):
    def compose(self):
        yield Static("{FIRST_TEXT}")
Bare().run()
"""
"""The smallest Textual app: one line of text."""
SCROLL_PROGRAM: Final = f"""
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
        text = "{FIRST_TEXT}" if not row else f"line {{row}} " + "word " * 11
        return Strip([Segment(text.ljust(self.size.width))])
class Bare(App):
    def compose(self):
        yield View()
    def on_ready(self):
        self.query_one(View).focus()
Bare().run()
"""
"""A Textual app that scrolls 100,000 lines with the keys space, b, j and k."""


def make_story(size: int) -> str:
    """Return a Markdown story of about `size` bytes.

    SECOND_PAGE is in its eighth paragraph, DEEP_TEXT at nine tenths, under the heading "Far away",
    and LAST_TEXT at its end.
    """
    paragraph = SENTENCE * 6
    count = max(3, size // (len(paragraph.encode()) + 2))
    parts = [f"# Bench\n\n{FIRST_TEXT} {paragraph}", *[paragraph] * count]
    parts[7] = f"{SECOND_PAGE} {paragraph}"
    parts[count * 9 // 10] = f"## Far away\n\n{DEEP_TEXT} reached. {paragraph}"
    return "\n\n".join((*parts, f"{LAST_TEXT} reached.", ""))


def _make_table() -> str:
    rows = "\n".join(f"| {n} | a cell of words | {n * n} |" for n in range(21_000))
    return f"{FIRST_TEXT}\n\n| number | words | square |\n|--:|---|--:|\n{rows}\n"


EXTREME_TEXTS: Final[dict[str, Callable[[], str]]] = {
    "a paragraph of 1 MB": lambda: f"{FIRST_TEXT} {SENTENCE * 12_000}\n",
    "a picture with a data URL of 1.8 MB": lambda: (
        f"{FIRST_TEXT}\n\n![A map](data:image/png;base64,{'QUJD' * 450_000})\n\nAfter it.\n"
    ),
    "a table of 21,000 rows": _make_table,
    "100,000 paragraphs": lambda: f"{FIRST_TEXT}\n\n" + "One more.\n\n" * 100_000,
    "50,000 list items": lambda: f"{FIRST_TEXT}\n\n" + "- one more item of a list\n" * 50_000,
}
"""Texts of extreme size or kind, by name."""
