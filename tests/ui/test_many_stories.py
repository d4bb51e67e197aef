"""Commands for many ticked stories: keys are handled meanwhile, and they can be stopped and undone."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from app_driver import Stage, wait_until, wait_until_idle

from reader.reading.progress import ReadStatus

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from textual.pilot import Pilot

COUNT = 54


class Gate:
    """Holds a change of many stories back after its first slice, until a test lets it go on."""

    def __init__(self) -> None:
        self.is_open = asyncio.Event()

    async def wait(self, _seconds: float) -> None:
        await self.is_open.wait()


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    gate = Gate()
    monkeypatch.setattr("reader.ui.controllers.pacing.wait_for_keys", gate.wait)
    return gate


@pytest.fixture
def stage(write: Callable[[str, str], Path]) -> Stage:
    for number in range(COUNT):
        path = write(f"s{number:02}.md", f"---\ntitle: Story {number:02}\n---\nText.\n")
    return Stage(path.parent)


def is_running(stage: Stage) -> bool:
    return stage.session.many_changes.current is not None


async def press(stage: Stage, gate: Gate, pilot: Pilot[None], key: str) -> str:
    """Press a key for many stories; return what is said at the end. Others are handled meanwhile."""
    gate.is_open.clear()
    before = stage.screen.shelf.story
    await pilot.press(key, "j")
    assert (is_running(stage), stage.screen.shelf.story == before) == (True, False)
    await pilot.press("k")
    gate.is_open.set()
    await wait_until(pilot, lambda: not is_running(stage))
    await wait_until_idle(pilot)
    return stage.screen.status_bar.text.partition("  ")[0]


async def test_keys_are_handled_while_many_stories_are_changed_and_all_is_undone_as_one(
    stage: Stage, gate: Gate
) -> None:
    async with stage.run(size=(120, 30)) as pilot:
        await pilot.press("v", "G", "V", "g")
        assert [await press(stage, gate, pilot, key) for key in ("*", "m", "U", "U")] == [
            "Starred: 54 stories (U undoes it)",
            "Finished: 54 stories (U undoes it)",
            "54 stories: as before.",
            "54 stories: the star is removed.",
        ]
        entries = stage.session.shelf_list.entries
        assert [e.labels.is_starred or e.status for e in entries] == [ReadStatus.UNREAD] * COUNT
        await pilot.press("U")
        assert stage.screen.status_bar.text.startswith("There is nothing to undo.")


async def test_a_change_of_many_stories_is_stopped_and_undone_as_far_as_it_went(
    stage: Stage, gate: Gate
) -> None:
    async with stage.run(size=(120, 30)) as pilot:
        await pilot.press("v", "G", "V", "g", "*", "m")
        text = stage.screen.status_bar.text
        assert text.startswith("Starring many stories: wait for it, or stop it with Esc.")
        await pilot.press("escape")
        gate.is_open.set()
        await wait_until(pilot, lambda: not is_running(stage))
        starred = sum(entry.labels.is_starred for entry in stage.session.shelf_list.entries)
        said = f"Stopped: {starred} of 54 stories are done."
        assert 0 < starred < COUNT
        assert stage.screen.status_bar.text.startswith(said)
        assert stage.screen.shelf.tick_count == COUNT
        await pilot.press("U")
        assert not any(entry.labels.is_starred for entry in stage.session.list_entries())


async def test_many_stories_are_hidden_while_keys_are_handled_and_come_back(
    stage: Stage, gate: Gate
) -> None:
    async with stage.run(size=(120, 30)) as pilot:
        await pilot.press("j", "j", "v", "G", "V", "g")
        assert await press(stage, gate, pilot, "X") == "Hidden: 52 stories (U undoes it)"
        assert [story.title for story in stage.session.order] == ["Story 00", "Story 01"]
        assert await press(stage, gate, pilot, "U") == "52 stories: on the shelf again."
        assert len(stage.session.order) == COUNT
