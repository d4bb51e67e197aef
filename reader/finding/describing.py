"""Fill the catalog of a session: describe the files of a library that the index doesn't know."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from reader.errors import UnknownStory

if TYPE_CHECKING:
    from collections.abc import Callable

    from reader.library.files import File
    from reader.library.story import Story
    from reader.session.session import Session


_BATCH_SECONDS: Final = 1.0
"""Seconds after which described stories are saved."""


def report_nothing(_done: int, _total: int) -> None:
    """Take a report of progress that nobody sees."""


def fill_catalog(
    session: Session,
    folder: Path | list[File] | None = None,
    report: Callable[[int, int], None] = report_nothing,
) -> None:
    """Add all stories of `folder`, or of files, to the catalog; new and changed files are read.

    `report` is called with the numbers of files that are read and to read.
    Without a folder, adds the bundled stories and those started elsewhere. Raises `UnknownStory`.
    """
    from reader.finding.describing_apart import describe_for_command

    if isinstance(folder, Path) and not folder.is_dir():
        raise UnknownStory(f"{folder}: there is no such folder")
    files = session.scan_library(folder)
    if session.known_stories.has_imported():
        stories = session.catalog.list_stories()
        session.known_stories.match_indexed(session.known_stories.find_indexed(stories))
    batch: list[tuple[File, Story]] = []
    end = time.monotonic() + _BATCH_SECONDS
    for number, described in enumerate(describe_for_command(files), 1):
        batch.append(described)
        if time.monotonic() >= end:  # what was described is kept if the command is interrupted
            session.add_stories(batch)
            report(number, len(files))
            batch, end = [], time.monotonic() + _BATCH_SECONDS
    session.add_stories(batch)
    report(len(files), len(files))
    session.known_stories.settle()
