"""A home folder with reading data and an index, and what a session shows of a folder there."""

from __future__ import annotations

from contextlib import contextmanager
from random import Random
from typing import TYPE_CHECKING

from reader.cli.context import find_story
from reader.library.catalog import Catalog
from reader.library.describing import describe_files
from reader.library.index import Index
from reader.library.text_cache import TextCache
from reader.session.session import Session
from reader.store.merging import import_records
from reader.store.repository import Store
from reader.store.transfer import format_export, parse_export

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from reader.library.story import Story


class Home:
    """One reader's reading data and index. Each method runs a session of its own."""

    def __init__(self, folder: Path, *, reads_only: bool = False) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.state, self.index = folder / "state.db", folder / "index.db"
        self.reads_only = reads_only
        """Sessions save nothing of what they find out, as commands that only read."""

    @contextmanager
    def run(self) -> Iterator[Session]:
        """Yield a session and close it."""
        session = Session(
            Catalog(), Store.open(self.state), Index.open(self.index), TextCache(None)
        )
        session.known_stories.reads_only = self.reads_only
        yield session
        session.close()

    def respond(self, path: Path, text: str) -> None:
        """Write a response to the story at `path`."""
        with self.run() as session:
            story = find_story(session, str(path))
            draft = session.annotations.open_draft(session.annotations.get_response(story), story)
            draft.read_text = lambda: text
            session.annotations.finish_draft(draft)

    def list_responses(self, folder: Path) -> dict[str, str]:
        """Return the response to each story in `folder`, by the path of its file."""
        with self.run() as session:
            return {
                str(story.path.relative_to(folder)): session.annotations.load_response(story.id)
                for story in scan(session, folder)
            }

    def export(self) -> bytes:
        """Return all reading data as an export."""
        store = Store.open(self.state)
        text = format_export(store.record_store.load_records())
        store.close()
        return text.encode()

    def import_export(self, data: bytes) -> int:
        """Import an export; return how many of its records are new."""
        store = Store.open(self.state)
        count = import_records(store.record_store, parse_export(data).records)
        store.close()
        return count


def scan(session: Session, folder: Path) -> list[Story]:
    """Describe all files of `folder`, and return their stories."""
    files = session.scan_folders([folder])
    known = session.known_stories
    known.match_indexed(known.find_indexed(session.catalog.list_stories()))
    session.add_stories(list(describe_files(files)))
    known.settle()
    return session.catalog.list_stories()


def make_text(name: str, words: int = 120) -> str:
    """Return a text of its own for each name."""
    random = Random(name)  # noqa: S311  not for secrets
    letters = [f"{random.choice('bdfgklmnprst')}{random.choice('aeiou')}" for _ in range(3 * words)]
    pieces = ["".join(letters[n : n + 3]) for n in range(0, len(letters), 3)]
    return "\n\n".join(" ".join(pieces[n : n + 20]) for n in range(0, words, 20))


def edit(path: Path, share: int = 10) -> None:
    """Change every tenth word of a file (or another share), spread evenly."""
    words = path.read_text().split(" ")
    for number in range(3, len(words), share):
        words[number] = f"edited{number}"
    path.write_text(" ".join(words))
