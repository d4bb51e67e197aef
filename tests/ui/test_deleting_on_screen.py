"""Stories are deleted from the shelf, and brought back."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING

from app_driver import Stage, make_numbered_story, wait_until, wait_until_idle

from reader.session.jobs import OpenJob

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

    from reader.session.open_story import OpenStory


def make_stage(write: Callable[[str, str], Path], *names: str) -> tuple[Stage, Path]:
    for name in names:
        path = write(f"{name}.md", f"---\ntitle: {name}\n---\n\n{name}. {make_numbered_story(3)}")
    stage = Stage(path.parent)
    stage.session.catalog.own_folder = path.parent
    return stage, path.parent


def list_titles(stage: Stage) -> list[str]:
    return [story.title for story in stage.session.order]


def get_title(stage: Stage) -> str:
    """Return the title of the story on the page."""
    return stage.session.current.story.title if stage.session.current is not None else ""


async def test_d_deletes_the_story_at_the_cursor_and_u_brings_it_back(
    write: Callable[[str, str], Path],
) -> None:
    stage, folder = make_stage(write, "Anna", "Bert", "Cleo")
    shelf = stage.screen.shelf
    async with stage.run(size=(120, 30)) as pilot:
        await pilot.press("j", "D")
        await wait_until(pilot, lambda: get_title(stage) == "Cleo")
        assert list_titles(stage) == ["Anna", "Cleo"]
        assert stage.screen.status_bar.text.startswith("Deleted: Bert (U brings it back)")
        await pilot.press("delete")
        await wait_until(pilot, lambda: get_title(stage) == "Anna")
        await pilot.press("U", "U")
        await wait_until(pilot, lambda: get_title(stage) == "Bert")
        assert list_titles(stage) == ["Anna", "Bert", "Cleo"]
        assert shelf.story is not None
        assert shelf.story.title == "Bert"
        assert stage.screen.status_bar.text.startswith("Bert: on the shelf again.")
        assert (folder / "Bert.md").is_file()


async def test_all_ticked_stories_are_deleted_and_brought_back_at_once(
    write: Callable[[str, str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, folder = make_stage(write, "Anna", "Bert", "Cleo", "Dora")
    async with stage.run(size=(80, 24)) as pilot:
        for most in (20, 1):  # at once, and in a worker
            monkeypatch.setattr("reader.ui.controllers.removing.MAX_AT_ONCE", most)
            await pilot.press("g", "v", "v", "D")
            await wait_until(pilot, lambda: list_titles(stage) == ["Cleo", "Dora"])
            notice = "Deleted: 2 stories (U brings them back)"
            assert stage.screen.status_bar.text.startswith(notice)
            assert not (folder / "Anna.md").exists()
            await pilot.press("U")
            await wait_until_idle(pilot)
            assert list_titles(stage) == ["Anna", "Bert", "Cleo", "Dora"]
            assert stage.screen.status_bar.text.startswith("2 stories: on the shelf again.")
            stage.screen.shelf.clear_ticks()


async def test_an_empty_page_is_left_after_the_last_story(
    write: Callable[[str, str], Path],
) -> None:
    stage, _ = make_stage(write, "Anna")
    async with stage.run(size=(120, 30)) as pilot:
        await pilot.press("D")
        await wait_until_idle(pilot)
        assert (list_titles(stage), stage.session.current) == ([], None)
        assert not stage.screen.page.document.blocks
        await pilot.press("U")
        await wait_until(pilot, lambda: stage.session.current is not None)


async def test_a_story_that_is_not_the_readers_own_stays(
    write: Callable[[str, str], Path], tmp_path: Path
) -> None:
    stage, folder = make_stage(write, "Anna")
    stage.session.catalog.own_folder = tmp_path / "own"
    async with stage.run() as pilot:
        await pilot.press("D")
        expected = "Only your own stories are deleted; X hides this one."
        assert stage.screen.status_bar.text.startswith(expected)
        assert (folder / "Anna.md").is_file()
        stage.session.catalog.own_folder = folder
        stage.session.is_private = True
        await pilot.press("D")
        assert stage.screen.status_bar.text.startswith("Private mode: nothing is deleted.")
        assert (folder / "Anna.md").is_file()


async def test_a_story_that_is_being_opened_is_not_shown_once_the_cursor_is_elsewhere(
    write: Callable[[str, str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, _ = make_stage(write, "Anna", "Bert")
    may_open, opens = Event(), Event()
    run = OpenJob.run

    def run_slowly(job: OpenJob) -> OpenStory:
        if job.story.title == "Bert":
            opens.set()
            may_open.wait(60)
        return run(job)

    async with stage.run(size=(120, 30)) as pilot:
        monkeypatch.setattr(OpenJob, "run", run_slowly)
        for keys in (["j", "k"], ["j", "D"]):
            opens.clear()
            may_open.clear()
            await pilot.press(keys[0])
            await wait_until(pilot, opens.is_set)
            await pilot.press(keys[1])
            await wait_until(pilot, lambda: all(worker.is_finished for worker in stage.app.workers))
            may_open.set()
            await wait_until_idle(pilot)
            assert get_title(stage) == "Anna"
        assert list_titles(stage) == ["Anna"]
        assert stage.screen.status_bar.text.startswith("Deleted: Bert")
