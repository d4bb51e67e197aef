"""A simulated reader: opens stories in a session, moves in them, and lets time pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reader.library.catalog import Catalog
from reader.library.describing import describe_files
from reader.library.index import Index
from reader.library.text_cache import TextCache
from reader.reading.progress import ReadStatus
from reader.session.session import Session
from reader.store.repository import Store
from reader.text.document import Place

if TYPE_CHECKING:
    from pathlib import Path

    from reader.library.story import Story
    from reader.session.open_story import OpenStory
    from reader.session.read_status import StatusChange

PARAGRAPH_WORDS = 20
"""Words in each paragraph of `make_text`."""
SCREENFUL = 10
"""Paragraphs on the screen."""
WORDS_PER_SECOND = 265 / 60
"""The default pace."""
TICK_SECONDS = 0.5


def make_text(paragraphs: int = 50) -> str:
    """Return a story of numbered paragraphs, each of twenty words."""
    filling = " ".join(["word"] * (PARAGRAPH_WORDS - 2))
    return "\n\n".join(f"Paragraph {number} {filling}" for number in range(paragraphs))


def toggle_status(session: Session, story: Story) -> StatusChange:
    """Mark a story finished, or unread if it is finished, as `m` does."""
    statuses = session.read_statuses
    is_finished = statuses.get_status(story) is ReadStatus.FINISHED
    return statuses.set_status(story, ReadStatus.UNREAD if is_finished else ReadStatus.FINISHED)


class Reader:
    """A reader of the stories of a folder, with a clock that only the test moves."""

    def __init__(self, folder: Path | None = None, store: Store | None = None) -> None:
        self.now = 1_000.0
        self.store = store or Store.open_in_memory()
        self.session = Session(
            Catalog(), self.store, Index.open(None), TextCache(None), lambda: self.now
        )
        if folder is not None:
            self.session.add_stories(list(describe_files(self.session.scan_folders([folder]))))
            self.session.set_order([entry.story for entry in self.session.list_entries()])

    def story(self, title: str) -> Story:
        """Return the story with that title."""
        return self.session.catalog.find_story(title)

    def open(self, title: str) -> None:
        """Open a story and show a first screenful at its place, with the page in focus."""
        self.session.enter(self.session.make_open_job(self.story(title)).run())
        self.start()

    def start(self) -> None:
        """Start to read the open story."""
        self.session.tracker.start()
        self.show(self.place.block)

    @property
    def open_story(self) -> OpenStory:
        """The story that is open."""
        assert self.session.current is not None
        return self.session.current

    @property
    def place(self) -> Place:
        """The reader's place in the open story."""
        return self.open_story.place

    @property
    def is_at_end(self) -> bool:
        """The last paragraph is on the screen."""
        return self.place.block + SCREENFUL >= len(self.open_story.document.blocks)

    def show(self, first: int) -> None:
        """Show a screenful from the paragraph `first` on."""
        end = min(Place(first + SCREENFUL), self.open_story.document.end)
        self.session.tracker.set_visible_range(Place(first), end)

    def go_to(self, first: int) -> None:
        """Move to the paragraph `first`."""
        self.session.tracker.record_move(Place(first))
        self.show(first)

    def wait(self, seconds: float) -> list[StatusChange]:
        """Let time pass, a tick every half second; return the changes that were announced."""
        changes = []
        end = self.now + seconds
        while self.now < end:
            self.now += TICK_SECONDS
            change = self.session.tracker.tick()
            changes += [change] if change else []
        return changes

    def take_notices(self) -> list[str]:
        """Return the notices that wait to be shown, and drop them."""
        return [*iter(self.session.next_notice, None)]

    def read_to_end(self, step: int) -> list[StatusChange]:
        """Read to the end at the default pace, `step` paragraphs at a time.

        Return the changes that were announced.
        """
        changes = self.wait(SCREENFUL * PARAGRAPH_WORDS / WORDS_PER_SECOND)
        while not self.is_at_end:
            self.go_to(self.place.block + step)
            changes += self.wait(step * PARAGRAPH_WORDS / WORDS_PER_SECOND)
        return changes

    def read(self, step: int) -> list[ReadStatus]:
        """Read to the end as `read_to_end` does; return the statuses that were announced."""
        return [change.status for change in self.read_to_end(step)]
