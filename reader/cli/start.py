"""What the app shows at its start: the story, the library and the theme."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from reader.cli.context import reopen_last_story
from reader.drawing.styles import (
    DEFAULT_THEME,
    TERMINAL,
    TEXTUAL_THEMES,
    THEME_COLOURS,
    format_unknown_theme,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

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
    *,
    can_scan: bool = True,
) -> list[File] | None:
    """Enter `open_story`, or the story that was open last if no target was given; else none.

    Add the stories of `folder` or of these files, or of the library. Return the files that are
    still to be described. A large library is scanned later, by the app; None if this one is to be
    scanned now, and `can_scan` is false.
    """
    if open_story is not None:
        session.enter(open_story)
    is_plain = not targets and open_story is None
    if _show_kept_shelf(session, folder, open_story, is_plain=is_plain):
        return []
    if not can_scan:
        return None
    pending = _scan_library(session, folder)
    if open_story is not None and _is_file(targets):
        pending = [*session.scanning.scan_neighbours(open_story.story), *pending]
    if is_plain and session.current is None:
        enter_last_story(session)
    return pending


def _show_kept_shelf(
    session: Session,
    folder: Path | list[File] | None,
    open_story: OpenStory | None,
    *,
    is_plain: bool,
) -> bool:
    """Show the library or a folder by its kept order, and enter the last story of the library.

    Return False if there is no valid order; then everything is to be scanned.
    """
    scanning = session.scanning
    if isinstance(folder, Path) or is_plain:
        kept_folder = folder if isinstance(folder, Path) else None
        if not scanning.enter_kept_shelf(kept_folder):
            return False
        if kept_folder is None:
            enter_last_story(session)
        return _read_part(session)
    if open_story is None:
        return False
    if scanning.is_pending:  # the story was found by its name
        return _read_part(session)
    if session.catalog.folders or not scanning.enter_kept_shelf(None):
        return False
    # The shelf will begin with the folder of the file, wherever that is.
    if scanning.takes_long or not _is_shelf_seen():
        scanning.hide_part(open_story.story)
    else:
        scanning.forget_kept_shelf()
    return scanning.is_pending


def _read_part(session: Session) -> bool:
    """Show the part of the kept shelf that is on the screen; forget it if that can't be done."""
    current = session.current.story if session.current is not None else None
    if not session.scanning.read_part(current, _count_entries_on_screen()):
        session.scanning.forget_kept_shelf()
    return session.scanning.is_pending


def _is_shelf_seen() -> bool:
    """Return whether the terminal has room for the shelf beside the page."""
    from reader.drawing.panes import lay_out_panes

    try:
        size = os.get_terminal_size(1)
    except OSError:
        return True
    return lay_out_panes(*size, is_on_page=True).shelf is not None


def _count_entries_on_screen() -> int:
    """Return how many entries of the shelf are on the screen at most."""
    from reader.drawing.shelf import ENTRY_ROWS
    from reader.ui.start.first_frame import MAX_ROWS

    try:
        rows = os.get_terminal_size(1).lines
    except OSError:
        rows = MAX_ROWS
    return rows // ENTRY_ROWS + 2


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


def list_warnings(config: Config, themes: Iterable[str] = ()) -> list[str]:
    """Return what is wrong with the settings, and with the names of `themes`, a line each."""
    warnings = [*config.warnings]
    if config.keys:
        from reader.ui.keys import check_keymap  # few readers need it

        warnings += check_keymap(config.keys)[1]
    names = dict.fromkeys(filter(None, (*themes, config.theme)))
    return warnings + [format_unknown_theme(name) for name in names if not is_theme(name)]


def list_themes(session: Session, config: Config, requested: str | None) -> list[str]:
    """Return the names of the themes that are chosen, up to the first one that exists.

    An option comes first, then the variable, what was chosen in the app, and the settings.
    """
    found: list[str] = []
    choices = (requested, os.environ.get("READER_THEME"), session.get_choice("theme"), config.theme)
    for name in filter(None, choices):
        found.append(name)
        if is_theme(name):
            break
    return found


def find_theme(session: Session, config: Config, requested: str | None) -> str | None:
    """Return the name of the first theme that is chosen and exists; None if there is no choice."""
    themes = list_themes(session, config, requested)
    return next(filter(is_theme, themes), DEFAULT_THEME) if themes else None


def is_theme(name: str) -> bool:
    """Return whether there is a theme of that name. Textual is asked only for an unknown one."""
    if name in (TERMINAL, *TEXTUAL_THEMES) or any(own.name == name for own in THEME_COLOURS):
        return True
    from reader.ui.theme import is_theme as has_textual_theme  # another version may have more

    return has_textual_theme(name)
