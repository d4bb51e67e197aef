"""The cursor of the shelf stays on its story and in its row while the library changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app_driver import Stage, render_rows, wait_until, wait_until_idle

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from textual.pilot import Pilot


def write_stories(folder: Path, *names: str, text: str = "Text.") -> None:
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / f"{name}.md").write_text(f"# Story {name}\n\n{text}\n")


def find_cursor_row(stage: Stage) -> tuple[int, str]:
    """Return the row of the screen that the cursor is in, and the title there."""
    for y, row in enumerate(render_rows(stage.screen.shelf)):
        if "▸" in row:
            return y, row.strip(" ▸○")
    raise AssertionError("no cursor")


async def reload_until(
    pilot: Pilot[None], stage: Stage, condition: Callable[[set[str]], bool]
) -> None:
    """Look for changes until the files of the shelf are as wanted."""

    def is_done() -> bool:
        stage.tick()
        return condition({story.path.name for story in stage.session.order})

    await pilot.press("ctrl+r")
    await wait_until(pilot, is_done, 20)
    await wait_until_idle(pilot)


async def test_rows_that_come_above_the_cursor_do_not_move_it_on_the_screen(tmp_path: Path) -> None:
    write_stories(tmp_path / "lib", *"hijklmnopqrstuvw")
    stage = Stage(tmp_path / "lib")
    async with stage.run((60, 24)) as pilot:
        await pilot.press("j", "j")
        before = find_cursor_row(stage)
        assert before[1] == "Story j"
        write_stories(tmp_path / "lib", *"abcdef")
        write_stories(tmp_path / "lib", "j", text="The story at the cursor is another one too.")
        await reload_until(pilot, stage, lambda names: "f.md" in names)
        row, title = find_cursor_row(stage)
        assert title == "Story j"
        assert before[0] - 1 <= row <= before[0]  # no entry is cut in half at the top


async def test_until_a_key_is_pressed_the_list_begins_at_its_top(tmp_path: Path) -> None:
    write_stories(tmp_path / "lib", *"hijklmnopqrstuvw")
    stage = Stage(tmp_path / "lib")
    async with stage.run((60, 24)) as pilot:
        write_stories(tmp_path / "lib", *"abc")
        await reload_until(pilot, stage, lambda names: "c.md" in names)
        assert "Story a" in render_rows(stage.screen.shelf)[1]


async def test_the_cursor_follows_a_story_whose_folder_is_renamed(tmp_path: Path) -> None:
    folder = tmp_path / "lib" / "old"
    folder.parent.mkdir()
    write_stories(folder, *"abcdefgh")
    stage = Stage(tmp_path / "lib")
    async with stage.run((60, 24)) as pilot:
        await pilot.press("j", "j")
        before = find_cursor_row(stage)
        folder.rename(tmp_path / "lib" / "new")
        await reload_until(
            pilot, stage, lambda _: all("new" in s.location for s in stage.session.order)
        )
        assert find_cursor_row(stage) == before == (5, "Story c")
