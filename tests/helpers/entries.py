"""Shelf entries for tests, from the few facts that a test needs."""

from __future__ import annotations

from datetime import date

from reader.library.story import Story
from reader.reading.progress import ReadStatus
from reader.session.shelf.entries import ShelfEntry


def make_entry(
    name: str,
    status: ReadStatus = ReadStatus.UNREAD,
    *,
    author: str = "",
    tags: str = "",
    words: int = 0,
    year: int = 0,
    series: str = "",
    part: int = 0,
    last_read: int = 0,
) -> ShelfEntry:
    """Return the entry of a story whose id, title and file have that name."""
    story = Story(
        name,
        f"{name}.md",
        name,
        author=author,
        tags=tuple(tags.split()),
        words=words,
        published=date(year, 1, 1) if year else None,
        series=series,
        part=part,
    )
    return ShelfEntry(story, status, 0.0, words, last_read)
