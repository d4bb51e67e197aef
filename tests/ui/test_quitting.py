"""Quitting waits for no file that is being described, parsed or saved in the text cache."""

from __future__ import annotations

import asyncio
from threading import Event
from typing import TYPE_CHECKING

import pytest

from reader.config import Config
from reader.library.catalog import Catalog
from reader.library.describing import describe_files, describe_head
from reader.library.index import Index
from reader.library.scan import scan_folder
from reader.library.text_cache import TextCache
from reader.session.session import Session
from reader.store.repository import Store
from reader.ui.app import ReaderApp
from reader.ui.controllers.library import describing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from reader.library.files import File
    from reader.library.story import Story

LIMIT = 30.0
"""Seconds that a blocked thread waits. A program that waits for it fails the test."""


class BlockedThread:
    """Work in a thread that takes as long as the test wants."""

    def __init__(self) -> None:
        self.has_started = Event()
        self.may_end = Event()
        self.has_ended = False

    def run(self) -> None:
        self.has_started.set()
        self.may_end.wait(LIMIT)
        self.has_ended = True


@pytest.fixture
def blocked() -> Iterator[BlockedThread]:
    thread = BlockedThread()
    yield thread
    thread.may_end.set()


@pytest.fixture
def session() -> Session:
    return Session(Catalog(), Store.open_in_memory(), Index.open(None), TextCache(None))


def run_until_blocked(
    blocked: BlockedThread, session: Session, pending_files: Sequence[File] = ()
) -> None:
    """Run the app, and quit once the thread runs."""
    app = ReaderApp(session, Config(), pending_files=pending_files)

    async def quit_once_blocked() -> None:
        assert await asyncio.to_thread(blocked.has_started.wait, LIMIT)
        app.action_leave()

    async def run() -> None:
        await asyncio.gather(app.run_async(headless=True), quit_once_blocked())

    asyncio.run(run())


def test_quitting_does_not_wait_for_files_that_are_being_described(
    blocked: BlockedThread,
    session: Session,
    write: Callable[[str, str], Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def describe(*_: object) -> Iterator[tuple[File, Story]]:
        blocked.run()
        yield from ()

    monkeypatch.setattr("reader.ui.controllers.library.describing.describe_apart", describe)
    files = session.scan_folders([write("a.md", "Words.").parent])
    run_until_blocked(blocked, session, files)
    assert not blocked.has_ended


def test_what_was_described_before_quitting_is_in_the_index(
    blocked: BlockedThread, write: Callable[[str, str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def describe(files: Sequence[File], *_: object) -> Iterator[tuple[File, Story]]:
        yield files[0], describe_head(files[0])
        blocked.run()

    monkeypatch.setattr(describing, "describe_heads", describe)
    monkeypatch.setattr(describing, "MAX_COUNTED_AT_ONCE", 0)
    monkeypatch.setattr(describing, "BATCH_SIZE", 1)
    index = Index.open(None)
    session = Session(Catalog(), Store.open_in_memory(), index, TextCache(None))
    files = session.scan_folders([write("a.md", "# Title\n\nWords.").parent])
    run_until_blocked(blocked, session, files)
    assert [story.title for story in index.load_stories(files).values()] == ["Title"]


def test_quitting_does_not_wait_for_a_text_that_is_being_parsed(
    blocked: BlockedThread,
    session: Session,
    write: Callable[[str, str], Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    session.enter(session.open_file(write("a.md", "Words.\n\n" * 9_000)))
    monkeypatch.setattr("reader.session.open_story.OpenStory.parse_next", lambda _: blocked.run())
    run_until_blocked(blocked, session)
    assert not blocked.has_ended


def test_describing_stops_inside_a_large_file(write: Callable[[str, str], Path]) -> None:
    folder = write("a.md", "Words.\n\n" * 40_000).parent
    questions: list[int] = []

    def must_stop() -> bool:
        questions.append(1)
        return len(questions) >= 2

    assert list(describe_files(scan_folder(folder, []), must_stop)) == []
    assert len(questions) == 3  # twice inside the file, of ten slices, and once after it
