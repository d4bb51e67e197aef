"""A reader without a screen: opens stories in a session, looks at them, and lets time pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reader.library.catalog import Catalog
from reader.library.index import Index
from reader.library.story import describe_files
from reader.library.text_cache import TextCache
from reader.session.session import Session
from reader.store.repository import Store
from reader.text.document import Place

if TYPE_CHECKING:
    from pathlib import Path

    from reader.library.story import Story
    from reader.reading.progress import ReadStatus
    from reader.session.read_status import StatusChange

WORDS = 20
"""Words in each paragraph of `story_of`."""
SCREENFUL = 10
"""Paragraphs on the screen."""
ORDINARY = 265 / 60
"""Words a second."""


def story_of(paragraphs: int = 50) -> str:
    """Return a story of numbered paragraphs, each of twenty words."""
    filling = " ".join(["word"] * (WORDS - 2))
    return "\n\n".join(f"Paragraph {number} {filling}" for number in range(paragraphs))


class Reader:
    """Somebody who reads the stories of a folder."""

    def __init__(self, folder: Path | None = None, state: Store | None = None) -> None:
        self.now = 1_000.0
        self.state = state or Store.open_in_memory()
        self.session = Session(
            Catalog(), self.state, Index.open(None), TextCache(None), lambda: self.now
        )
        if folder is not None:
            self.session.add_stories(list(describe_files(self.session.scan_folders([folder]))))
            self.session.set_order([entry.story for entry in self.session.list_entries()])

    def story(self, title: str) -> Story:
        """Return the story with that title."""
        return self.session.catalog.find_story(title)

    def open(self, title: str) -> None:
        """Open a story, with the page in focus and a first screenful from its place on."""
        self.session.enter(self.session.make_open_job(self.story(title)).run())
        self.begin()

    def begin(self) -> None:
        """Begin to read the story that is open."""
        self.session.tracker.start()
        self.show(self.place.block)

    @property
    def place(self) -> Place:
        """Where the reader is."""
        assert self.session.current is not None
        return self.session.current.place

    @property
    def is_at_end(self) -> bool:
        """Whether the last paragraph is on the screen."""
        assert self.session.current is not None
        return self.place.block + SCREENFUL >= len(self.session.current.document.blocks)

    def show(self, first: int) -> None:
        """Have the paragraphs from `first` on the screen."""
        assert self.session.current is not None
        end = min(Place(first + SCREENFUL), self.session.current.document.end)
        self.session.tracker.set_visible_range(Place(first), end)

    def go_to(self, first: int) -> None:
        """Move to the paragraph `first`."""
        self.session.tracker.record_move(Place(first))
        self.show(first)

    def wait(self, seconds: float) -> list[StatusChange]:
        """Let time pass, half a second at a time; return what was told of marks."""
        told = []
        ends = self.now + seconds
        while self.now < ends:
            self.now += 0.5
            change = self.session.tracker.tick()
            told += [change] if change else []
        return told

    def take_notices(self) -> list[str]:
        """Return the notices that wait to be shown, and drop them."""
        return [*iter(self.session.next_notice, None)]

    def read(self, step: int) -> list[ReadStatus]:
        """Read to the end at an ordinary pace, `step` paragraphs at a time; return the marks."""
        return [change.status for change in self.read_on(step)]

    def read_on(self, step: int) -> list[StatusChange]:
        """Read to the end as `read` does; return what was told of marks."""
        told = self.wait(SCREENFUL * WORDS / ORDINARY)
        while not self.is_at_end:
            self.go_to(self.place.block + step)
            told += self.wait(step * WORDS / ORDINARY)
        return told
