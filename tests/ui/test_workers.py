"""Workers cost no more than their work, and keep nothing alive after it."""

from __future__ import annotations

import asyncio
import gc
import weakref
from typing import TYPE_CHECKING, NoReturn

from app_driver import Stage, make_numbered_story, wait_until, wait_until_idle

from reader.ui import start_worker

if TYPE_CHECKING:
    from pathlib import Path


class Large:
    """What takes long to describe, such as a text of 20 MB."""

    def __repr__(self) -> NoReturn:
        raise AssertionError("it is described")


async def test_a_worker_neither_describes_nor_keeps_what_it_is_given(tmp_path: Path) -> None:
    stage, done = Stage(tmp_path), asyncio.Event()
    references: list[weakref.ref[Large]] = []

    async def finish(large: Large) -> None:
        references.append(weakref.ref(large))
        done.set()

    async def wait(large: Large) -> None:
        references.append(weakref.ref(large))
        await asyncio.Event().wait()

    async with stage.run() as pilot:
        gc.disable()
        start_worker(stage.app, "one", finish, Large())
        start_worker(stage.app, "two", wait, Large())
        await wait_until(pilot, lambda: len(references) == 2)
        stage.app.workers.cancel_all()
        await wait_until(pilot, lambda: all(each() is None for each in references), seconds=10)
        gc.enable()


async def test_a_story_is_freed_without_a_collection_once_another_is_open(tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / f"{number}.md").write_text(f"# Story {number}\n\n{make_numbered_story()}")
    stage = Stage(tmp_path)
    async with stage.run() as pilot:
        await pilot.press("enter")
        await wait_until_idle(pilot)
        gc.disable()
        assert stage.session.current is not None
        before = weakref.ref(stage.session.current)
        await pilot.press("]")
        await wait_until_idle(pilot)
        await pilot.press("]")
        await wait_until_idle(pilot)
        assert before() is None
        gc.enable()
