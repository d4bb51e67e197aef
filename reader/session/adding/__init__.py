"""Bring stories in from the app: what is added, the drafts, and the jobs that read and save them.

`Adding` keeps what was typed or pasted, and the stories made of it, until they are saved or
something else is added. Here: `Adding`; the jobs are values for a worker.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reader.errors import StateError, UnreadableFile
from reader.ingest.web.fetch import parse_web_source
from reader.session.adding.jobs import ReadJob, SaveJob
from reader.session.adding.sources import ADDRESS, parse_sources

if TYPE_CHECKING:
    from pathlib import Path

    from reader.session.adding.feed import FoundFeed
    from reader.session.adding.pending import PendingStories

PRIVATE_MESSAGE: Final = "Private mode: nothing is added."


class Adding:
    """What is being added in this run of the program."""

    def __init__(self, folder: Path | None, store_path: Path | None, *, is_private: bool) -> None:
        """Stories are saved in `folder`; `store_path` is the file of the reading data."""
        self._folder, self._store_path = folder, store_path
        self._is_private = is_private
        self.text = ""
        """What was typed or pasted last, until its story is saved."""
        self._stories: PendingStories | FoundFeed | None = None
        self._read_text = ""
        """The text that these stories were made of."""

    @property
    def problem(self) -> str:
        """Why nothing can be added; empty if it can."""
        if self._is_private:
            return PRIVATE_MESSAGE
        if self._folder is None:
            return "There is no home folder to add a story to; set HOME or XDG_DATA_HOME."
        return ""

    def keep(self, text: str, stories: PendingStories | FoundFeed | None = None) -> None:
        """Keep what was typed or pasted, and the stories that were made of it."""
        self.text = text
        if stories is not None:
            self._stories, self._read_text = stories, text

    def find_kept(self, text: str) -> PendingStories | FoundFeed | None:
        """Return the stories that were made of `text` before, and not saved."""
        return self._stories if self._read_text == text else None

    def forget(self) -> None:
        """Forget what was kept: it is saved."""
        self.text = self._read_text = ""
        self._stories = None

    def make_read_job(self, text: str) -> ReadJob:
        """Return the job that reads what was typed or pasted. Raises `ReaderError`."""
        sources = parse_sources(text, lambda _: False)
        if not sources:
            raise UnreadableFile("Type an address or a path, or paste the text of a page.")
        for source in sources:
            if source.kind == ADDRESS:
                parse_web_source(source.text)
        return ReadJob(text)

    def make_save_job(self, stories: PendingStories) -> SaveJob:
        """Return the job that saves `stories`. Raises `StateError` if nothing can be added."""
        if self._is_private or self._folder is None:
            raise StateError(self.problem)
        return SaveJob(stories, self._folder, self._store_path)
