"""The cursor of the shelf stays on its story and in its row while the library changes."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING, Any

from app_driver import Stage, render_rows, wait_until, wait_until_idle

from reader.config import Config
from reader.finding.describing_apart import describe_apart
from reader.library.catalog import Catalog
from reader.library.describing import describe_files
from reader.library.index import Index
from reader.library.text_cache import TextCache
from reader.session.session import Session
from reader.store.repository import Store
from reader.ui.app import ReaderApp
from reader.ui.controllers.library import describing
from reader.ui.screen import ReadingScreen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import pytest
    from textual.pilot import Pilot

    from reader.library.files import File
    from reader.library.story import Story
    from reader.session.open_story import OpenStory


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


class FirstSight:
    """An app that has described one of five files, and describes the others once it may."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        write_stories(folder, *"abcde")
        self.session = Session(Catalog(), Store.open_in_memory(), Index.open(None), TextCache(None))
        files = self.session.scan_folders([folder])
        known = next(file for file in files if file.location.endswith("c.md"))
        self.session.add_stories([*describe_files([known])])
        files.remove(known)
        self.may_describe = Event()
        self.opened: list[str] = []
        enter = self.session.enter

        def describe_later(*arguments: Any) -> Iterator[tuple[File, Story]]:
            self.may_describe.wait(60)
            yield from describe_apart(*arguments)

        def note_opened(open_story: OpenStory) -> None:
            self.opened.append(open_story.story.title)
            enter(open_story)

        monkeypatch.setattr(self.session, "enter", note_opened)
        monkeypatch.setattr(describing, "describe_apart", describe_later)
        self.app = ReaderApp(self.session, Config(), pending_files=files, theme="night")

    @property
    def story(self) -> str:
        """The title at the cursor."""
        screen = self.app.screen
        assert isinstance(screen, ReadingScreen)
        return screen.shelf.story.title if screen.shelf.story is not None else ""


async def test_at_the_first_sight_of_a_library_no_story_is_shown_before_the_first_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sight = FirstSight(tmp_path / "lib", monkeypatch)
    async with sight.app.run_test(size=(120, 30)) as pilot:
        await wait_until(pilot, lambda: sight.story == "Story c")
        sight.may_describe.set()
        await wait_until(pilot, lambda: bool(sight.opened))
        await wait_until_idle(pilot)
        assert (sight.story, sight.opened, len(sight.session.order)) == ("Story a", ["Story a"], 5)


async def test_a_story_chosen_at_the_first_sight_keeps_the_cursor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sight = FirstSight(tmp_path / "lib", monkeypatch)
    async with sight.app.run_test(size=(120, 30)) as pilot:
        await wait_until(pilot, lambda: sight.story == "Story c")
        await pilot.press("*")
        sight.may_describe.set()
        await wait_until(pilot, lambda: bool(sight.opened))
        await wait_until_idle(pilot)
        assert (sight.story, sight.opened, len(sight.session.order)) == ("Story c", ["Story c"], 5)
