"""What the app shows at its start: the story, the library and the theme."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Final

from reader.cli.context import reopen_last_story

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from reader.config import Config
    from reader.library.files import File
    from reader.session.open_story import OpenStory
    from reader.session.session import Session


STARTUP_SCAN_SECONDS: Final = 0.3
"""The longest time to spend on describing stories before the first screen. It is enough for
the bundled stories at the very first start; the app describes the rest later."""
MAX_STARTUP_BYTES: Final = 200_000
"""Size of the largest file that is described before the first screen."""


def enter_start(
    session: Session,
    targets: Sequence[str],
    folder: Path | list[File] | None,
    open_story: OpenStory | None,
) -> list[File]:
    """Enter `open_story`, or the story that was open last if no target was given; else none.

    Add the stories of `folder` or of these files, or of the library. Return the files that are
    still to be described.
    """
    if open_story is not None:
        session.enter(open_story)
    pending = _scan_library(session, folder)
    if open_story is not None and _is_file(targets):
        pending = [*session.scan_neighbours(open_story.story), *pending]
    if not targets and open_story is None:
        enter_last_story(session)
    return pending


def enter_last_story(session: Session) -> None:
    """Enter the story that was open last, if there is one."""
    last_story = reopen_last_story(session)
    if last_story is not None:
        session.enter(last_story)


def _is_file(targets: Sequence[str]) -> bool:
    """Return whether the only target is the path of a file, perhaps with an address."""
    return len(targets) == 1 and any(
        map(os.path.lexists, (targets[0], targets[0].rpartition("@")[0]))
    )


def _scan_library(session: Session, folder: Path | list[File] | None) -> list[File]:
    """Add the stories that are known or quickly described; return the remaining files."""
    from reader.library.describing import describe_files

    pending = session.scan_library(folder)
    deadline = time.monotonic() + STARTUP_SCAN_SECONDS
    while pending and time.monotonic() < deadline and pending[0].size < MAX_STARTUP_BYTES:
        session.add_stories(list(describe_files([pending.pop(0)])))
    return pending


def find_theme(session: Session, config: Config, requested: str | None) -> str | None:
    """Return the theme's name, None if there is no choice."""
    choice = requested or os.environ.get("READER_THEME") or session.get_choice("theme")
    return choice or config.theme
