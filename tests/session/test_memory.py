"""How much memory a story of a large library takes, so that it doesn't grow unnoticed."""

from __future__ import annotations

import gc
import tracemalloc
from datetime import date
from typing import TYPE_CHECKING, Final

from reader.drawing.shelf import ShelfRows
from reader.library.catalog import Catalog
from reader.library.index import Index
from reader.library.scan import scan_folder
from reader.library.story import Story
from reader.library.text_cache import TextCache
from reader.session.session import Session
from reader.store.repository import Store

if TYPE_CHECKING:
    from pathlib import Path

STORIES: Final = 1_000
ATTEMPTS: Final = 3
MAX_BYTES: Final = 1_050
"""Bytes of a story with a title, a date and a path of a hundred characters, on the shelf. It takes
920; its keys of sorting would take 600 more, and a `Path` 400."""


def make_index(folder: Path) -> Index:
    """Make empty files in `folder`, and an index that has a story for each."""
    for number in range(STORIES):
        path = folder / f"part-{number // 50:06}" / f"{number % 50:06}-story.md"
        path.parent.mkdir(exist_ok=True)
        path.touch()
    index = Index.open(None)
    index.save_stories(
        (
            file,
            Story(
                f"{number:012x}",
                file.location,
                f"Story {number % 50}",  # caches of parts of keys have a limit, and would count
                published=date(2000 + number % 20, 1, number % 28 + 1),
            ),
        )
        for number, file in enumerate(scan_folder(folder))
    )
    return index


def list_stories(index: Index, folder: Path) -> tuple[Session, ShelfRows]:
    """Return a session that has listed the stories of `folder`, and the rows of its shelf."""
    session = Session(Catalog(), Store.open_in_memory(), index, TextCache(None))
    assert session.scan_folders([folder]) == []
    listing = session.shelf_list.list_at_once()
    listing.suggester.build()
    return session, ShelfRows(listing.sections, listing.facts, listing.indices)


def measure_bytes(index: Index, folder: Path) -> int:
    """Return what the stories of `folder` take on the shelf of a session, with all of their rows."""
    gc.collect()
    tracemalloc.start()
    try:
        session, rows = list_stories(index, folder)
        gc.collect()
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(rows.items) == len(session.catalog) == STORIES
    session.close()
    return taken


def test_a_story_of_a_large_library_takes_about_a_kilobyte(tmp_path: Path) -> None:
    index = make_index(tmp_path)
    list_stories(index, tmp_path / "part-000001")  # what is imported and cached for any library
    # A thread that an earlier test has left can only add to it.
    measurements = (measure_bytes(index, tmp_path) for _ in range(ATTEMPTS))
    assert any(taken / STORIES < MAX_BYTES for taken in measurements)
