"""Start the app: fill the catalog, open the first story, choose the theme, attach the terminal."""

from __future__ import annotations

import asyncio
import os
import time
from functools import partial
from typing import TYPE_CHECKING, Final

from reader.cli.context import back_up_store, is_private, load_config, reopen_last_story
from reader.cli.terminal import attach_terminal, has_light_background
from reader.library.files import find_bundled_folder
from reader.library.story import describe_files

if TYPE_CHECKING:
    import argparse
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


def start_app(
    session: Session, args: argparse.Namespace, folder: Path | None, story: OpenStory | None
) -> int:
    """Run the app until it ends, and return its exit code.

    It shows `story`, or the story that was open last if no target was given, or else the
    shelf: the stories of `folder`, or of the library.
    """
    if story is not None:
        session.enter(story)
    config = load_config()
    pending_files = _scan_library(session, folder)
    if args.target is None and story is None:
        last_story = reopen_last_story(session)
        if last_story is not None:
            session.enter(last_story)
    attach_terminal()
    theme = _choose_theme(session, config, args.theme)

    from reader.ui.app import ReaderApp

    if is_private(args.private):
        session.notify("Private mode: nothing is saved")
    after_start = partial(back_up_store, in_use=True) if session.is_persistent else None
    app = ReaderApp(
        session, config, pending_files=pending_files, theme=theme, after_start=after_start
    )
    if args.theme and app.has_theme(args.theme):
        session.save_choice("theme", args.theme)
    return asyncio.run(app.run_with_signals())


def _scan_library(session: Session, folder: Path | None) -> list[File]:
    """Add the stories that are known or quickly described; return the remaining files."""
    pending = session.scan_folders([folder or find_bundled_folder()])
    pending += session.scan_started_stories() if folder is None else []
    deadline = time.monotonic() + STARTUP_SCAN_SECONDS
    while pending and time.monotonic() < deadline and pending[0].size < MAX_STARTUP_BYTES:
        session.add_stories(list(describe_files([pending.pop(0)])))
    return pending


def _choose_theme(session: Session, config: Config, requested: str | None) -> str:
    """Return the theme's name; without any choice, the one that suits the terminal's background."""
    theme = (
        requested or os.environ.get("READER_THEME") or session.get_choice("theme") or config.theme
    )
    if theme is None:
        theme = "day" if has_light_background() else "night"
        session.save_choice("theme", theme)
    return theme
