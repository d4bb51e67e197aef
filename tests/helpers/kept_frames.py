"""Read a story and keep the frame of its next start, as a program does that ends."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from reader.cli.context import open_session
from reader.cli.keep_frame import FrameKeeper
from reader.paths import Paths

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def read_story(path: Path) -> None:
    """Read a story, so that it is started, and the last one that was open."""
    with open_session() as session:
        open_story = session.open_file(path)
        session.enter(open_story)
        open_story.parse_all()
        session.record_open_story(open_story.story)
        open_story.move_to(open_story.document.word_to_place(300))
        session.save()


def keep_next_frame(path: Path, size: tuple[int, int], patch: pytest.MonkeyPatch) -> None:
    """Keep the frame of a start with the file at `path` in a `PseudoTerminal` of that size."""
    variables = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "READER_THEME": "night"}
    for name, value in variables.items():
        patch.setenv(name, value)
    with patch.context() as terminal:
        terminal.setattr(os, "get_terminal_size", lambda *_: os.terminal_size(size))
        terminal.setattr(os, "device_encoding", lambda _: "utf-8")
        FrameKeeper([str(path)], os.environ).keep(1)
    index = Paths.default().index
    assert index is not None
    assert index.with_name("frame-target").exists()
