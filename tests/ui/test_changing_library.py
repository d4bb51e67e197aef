"""Files that change by the hundred while a story is read: no key waits, and the rows are right."""

from __future__ import annotations

import asyncio
import os
from random import Random
from typing import TYPE_CHECKING

from app_driver import Stage, make_numbered_story, render_rows, wait_until, wait_until_idle
from loop_times import ATTEMPTS, find_longest, measured_callbacks

if TYPE_CHECKING:
    from pathlib import Path

COUNT = int(os.environ.get("READER_CHANGES", "60"))
"""Files that change; a library has as many again."""
MAX_SECONDS = 0.05
"""Processor time that one callback of the loop may take. `MAX_CALLS` is another limit."""


def write_story(path: Path, title: str, words: int = 9) -> None:
    path.write_text(f"---\ntitle: {title}\n---\n\n{'word ' * words}\n")


def change_some(folder: Path, numbers: list[int], wave: int) -> None:
    """Rewrite, replace, rename and remove files, and add some."""
    for number in numbers:
        path, kind = folder / f"{number:05}.md", (number + wave) % 5
        if kind == 0:
            write_story(path, f"Rewritten {number} in {wave}", 20 + wave)
        elif kind == 1:
            write_story(folder / ".new", f"Replaced {number} in {wave}")
            (folder / ".new").rename(path)
        elif kind == 2:
            path.unlink(missing_ok=True)
        elif kind == 3 and path.exists():
            path.rename(folder / f"{number:05}-renamed-{wave}.md")
        else:
            write_story(folder / f"{number:05}-added-{wave}.md", f"Added {number} in {wave}")


def read_titles(folder: Path) -> dict[str, str]:
    """Return the title of each file, by its name."""
    return {
        path.name: path.read_text().split("\n")[1].removeprefix("title: ")
        for path in folder.glob("[!.]*.md")
        if path.name != "open.md"
    }


async def measure_longest_callback(folder: Path) -> float:
    """Change files while a story is read, and check what is shown then.

    Return the seconds of the longest callback.
    """
    (folder / "open.md").write_text(f"# Open\n\n{make_numbered_story()}")
    for number in range(2 * COUNT):
        write_story(folder / f"{number:05}.md", f"Story {number}")
    stage = Stage(folder, file=folder / "open.md")
    chance = Random(5)  # noqa: S311  not for secrets

    def show_titles() -> dict[str, str]:
        return {s.path.name: s.title for s in stage.session.order if s.path.name != "open.md"}

    async with stage.run((120, 30)) as pilot:
        await pilot.press("space", "space")
        place, rows = stage.screen.page.place, render_rows(stage.screen.page)
        with measured_callbacks() as callbacks:
            for wave in range(4):
                numbers = chance.sample(range(2 * COUNT), COUNT // 2)
                await asyncio.to_thread(change_some, folder, numbers, wave)
                stage.screen._loader.check_files(stage.screen._shelf_controller.update)  # noqa: SLF001  as a tick does
                await pilot.press("j", "k", "space", "b")
        await pilot.pause()  # what follows is work of the test
        titles = read_titles(folder)

        def is_shown() -> bool:
            stage.tick()
            return show_titles() == titles

        await wait_until(pilot, is_shown)
        await wait_until_idle(pilot)
        assert (stage.screen.page.place, render_rows(stage.screen.page)) == (place, rows)
        words = {s.words for s in stage.session.order if s.path.name != "open.md"}
        assert words == {9, 20, 21, 22, 23}
    return find_longest(callbacks)


async def test_no_key_waits_and_all_rows_are_right_while_many_files_change(tmp_path: Path) -> None:
    longest: list[float] = []
    while not longest or (longest[-1] >= MAX_SECONDS and len(longest) < ATTEMPTS):
        folder = tmp_path / f"library-{len(longest)}"
        folder.mkdir()
        longest.append(await measure_longest_callback(folder))
    assert min(longest) < MAX_SECONDS
