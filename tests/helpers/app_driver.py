"""The app on stories of a test's own, with a clock that only the test moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reader.config import Config
from reader.library.catalog import Catalog
from reader.library.index import Index
from reader.library.story import describe_files
from reader.library.text_cache import TextCache
from reader.session.session import Session
from reader.store.repository import Store
from reader.ui.app import ReaderApp

if TYPE_CHECKING:
    from pathlib import Path

    from textual.widget import Widget

    from reader.ui.screen import ReadingScreen


class Clock:
    """A clock in seconds that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


class Stage:
    """An app ready to be run, and what is behind it."""

    def __init__(
        self,
        folder: Path,
        *,
        file: Path | None = None,
        state: Store | None = None,
        config: Config | None = None,
    ) -> None:
        self.clock = Clock()
        self.state = state or Store.open_in_memory()
        self.session = Session(Catalog(), self.state, Index.open(None), TextCache(None), self.clock)
        self.session.add_stories(list(describe_files(self.session.scan_folders([folder]))))
        if file is not None:
            self.session.enter(self.session.open_file(file))
        self.app = ReaderApp(self.session, config or Config(), theme="night")

    @property
    def screen(self) -> ReadingScreen:
        """The one screen."""
        return self.app.reading_screen


def shown(widget: Widget) -> list[str]:
    """Return the rows that a widget draws, as plain text."""
    rows = range(widget.size.height)
    return ["".join(s.text for s in widget.render_line(y)).rstrip() for y in rows]


def numbered(paragraphs: int = 60, words: int = 30) -> str:
    """Return a story in which each paragraph begins with its own number."""
    filling = " ".join(["word"] * words)
    return "\n\n".join(f"Paragraph {n} {filling}." for n in range(paragraphs))
