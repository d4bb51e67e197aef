"""Read a story and keep the frame of its next start, as a program does that ends."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from reader.cli import keep_frame
from reader.cli.context import open_session
from reader.cli.keep_frame import FrameKeeper
from reader.cli.start import enter_start
from reader.finding.describing import fill_catalog
from reader.paths import Paths
from reader.session.shelf import order_job

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from reader.session.session import Session


def read_story(path: Path) -> None:
    """Read a story, so that it is started, and the last one that was open."""
    with open_session() as session:
        open_story = session.open_file(path)
        session.enter(open_story)
        open_story.parse_all()
        session.record_open_story(open_story.story)
        open_story.move_to(open_story.document.word_to_place(300))
        session.save()


def keep_order(folder: Path | None, patch: pytest.MonkeyPatch) -> Session:
    """Start with a folder, or the library, and keep the order of its shelf, as a program does.

    Return the session, which is closed.
    """
    with open_session() as session:
        fill_catalog(session, folder)
    with patch.context() as limit, open_session() as session:
        limit.setattr(order_job, "MIN_STORIES", 0)
        assert enter_start(session, [str(folder)] if folder else [], folder, None) == []
        job = session.scanning.make_order_job(session.shelf_list.list_at_once())
        assert job is not None
        job.run()
    return session


def find_kept_frame() -> Path:
    """Return the file of the frame that is kept for a start with a file or folder."""
    index = Paths.default().index
    assert index is not None
    return index.with_name("frame-target")


def keep_next_frame(
    path: Path,
    size: tuple[int, int],
    patch: pytest.MonkeyPatch,
    session: Session | None = None,
) -> None:
    """Keep the frame of a start with the file at `path` in a `PseudoTerminal` of that size.

    For a folder, that is done as for a large one if the `session` that has kept its order is given.
    """
    variables = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "READER_THEME": "night"}
    for name, value in variables.items():
        patch.setenv(name, value)
    with patch.context() as terminal:
        terminal.setattr(os, "get_terminal_size", lambda *_: os.terminal_size(size))
        terminal.setattr(os, "device_encoding", lambda _: "utf-8")
        if session is not None:
            terminal.setattr(keep_frame, "MAX_STORIES", 0)
        FrameKeeper([str(path)], os.environ, session).keep(1)
