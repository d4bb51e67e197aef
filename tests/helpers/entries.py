"""Shelf entries made from a few facts."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from reader.library.story import Story
from reader.reading.progress import ReadStatus
from reader.session.reading_list import ShelfEntry


def entry(
    name: str,
    mark: ReadStatus = ReadStatus.UNREAD,
    *,
    author: str = "",
    tags: str = "",
    words: int = 0,
    year: int = 0,
    series: str = "",
    part: int = 0,
    serial: int = 0,
) -> ShelfEntry:
    story = Story(
        name,
        Path(f"{name}.md"),
        name,
        author=author,
        tags=tuple(tags.split()),
        words=words,
        published=date(year, 1, 1) if year else None,
        series=series,
        part=part,
    )
    return ShelfEntry(story, mark, 0.0, words, serial)
