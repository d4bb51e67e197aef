"""Keys, callbacks and workers that come after the app has ended do nothing."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Final

import pytest
from app_driver import Stage, make_numbered_story
from pseudo_terminal import PseudoTerminal
from textual.worker import WorkerCancelled

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from reader.library.story import Story
    from reader.ui.app import ReaderApp

LATE: Final[dict[str, Callable[[ReaderApp], Callable[[], object]]]] = {
    "make the search line": lambda app: app.reading_screen.input_lines.ensure_search_bar,
    "save what was read": lambda app: app.reading_screen._tick,  # noqa: SLF001
    "open a story": lambda app: lambda: app.reading_screen._show_story(get_second_story(app)),  # noqa: SLF001
    "open the database": lambda app: app._finish_start,  # noqa: SLF001
    "show the help": lambda app: app.reading_screen.action_help,
    "show the palette": lambda app: app.action_palette,
}
"""Callbacks of timers, messages and workers that may be pending when the app ends."""
KEYS: Final = ("slash", "question_mark", "ctrl+p", "t", "Q", "R", "r", "right_square_bracket")
"""Keys that mount a widget or start a worker."""


def get_second_story(app: ReaderApp) -> Story:
    """Return the story that is not open."""
    return app.session.catalog.list_stories()[1]


@pytest.fixture
def stage(write: Callable[[str, str], Path]) -> Stage:
    path = write("first.md", make_numbered_story())
    write("second.md", make_numbered_story())
    return Stage(path.parent, file=path)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("late", LATE)
async def test_a_late_callback_does_nothing(late: str, stage: Stage) -> None:
    async with stage.app.run_test(size=(120, 24)) as pilot:
        await pilot.pause()
        stage.screen.call_next(LATE[late](stage.app))
        stage.app.action_leave()
    assert stage.app.return_code == 0
    assert stage.session.current is None


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("key", KEYS)
async def test_a_key_after_q_does_nothing(key: str, stage: Stage) -> None:
    async with stage.app.run_test(size=(120, 24)) as pilot:
        await pilot.pause()
        await pilot.press("q", key)
    assert stage.app.return_code == 0
    assert stage.session.current is None


@pytest.mark.parametrize("keys", [b"q/", b"q?", b"qQ"])
def test_keys_sent_together_with_q_do_nothing(
    keys: bytes, write: Callable[[str, str], Path]
) -> None:
    with PseudoTerminal([str(write("story.md", make_numbered_story()))]) as terminal:
        terminal.wait_for("Paragraph 0")
        terminal.write(keys)
        assert terminal.wait(20.0) == 0
        assert "Error" not in terminal.output.decode()
        assert terminal.list_unrestored() == set()


async def test_a_late_worker_opens_no_story(stage: Stage) -> None:
    async with stage.app.run_test(size=(120, 24)) as pilot:
        await pilot.pause()
        stage.screen._show_story(get_second_story(stage.app))  # noqa: SLF001
        await asyncio.sleep(0)
        stage.app.action_leave()
        with contextlib.suppress(WorkerCancelled):
            await stage.app.workers.wait_for_complete()
        assert stage.session.current is None
    assert stage.app.return_code == 0
