"""Files that change while the program runs are read again, with the same words in view."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from app_driver import Stage, make_numbered_story, render_rows, wait_until, wait_until_idle
from library_home import Home, make_text

from reader.reading.progress import ReadStatus
from reader.store.merging import import_records
from reader.store.transfer import parse_export

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from textual.pilot import Pilot

    from reader.library.story import Story

    Write = Callable[[str, str], Path]

TEXT = f"# Story\n\n{make_numbered_story()}"


@pytest.fixture
def story(write: Write) -> Path:
    write("other.md", "# Other\n\nWords.\n")
    return write("story.md", TEXT)


async def tick_until(pilot: Pilot[None], stage: Stage, condition: Callable[[], bool]) -> None:
    """Tick until `condition` is true."""

    def is_done() -> bool:
        stage.tick()
        return condition()

    await wait_until(pilot, is_done, 20)
    await wait_until_idle(pilot)


def get_open_story(stage: Stage) -> Story:
    assert stage.session.current is not None
    return stage.session.current.story


def get_rows(stage: Stage) -> list[str]:
    return render_rows(stage.screen.page)


def write_directly(path: Path, text: str) -> None:
    path.write_text(text)


def remove(path: Path) -> None:
    path.unlink()


def rename(path: Path, name: str) -> None:
    path.rename(path.with_name(name))


def replace_atomically(path: Path, text: str) -> None:
    copy = path.with_name(".story.md.swp")
    copy.write_text(text)
    copy.rename(path)


def swap_names(one: Path, other: Path) -> None:
    one.rename(spare := one.with_name("spare"))
    other.rename(one)
    spare.rename(other)


@pytest.mark.parametrize("write_text", [replace_atomically, write_directly])
async def test_a_changed_text_is_shown_with_the_same_words_in_view(
    write_text: Callable[[Path, str], object], story: Path
) -> None:
    stage = Stage(story.parent, file=story)
    async with stage.run(size=(100, 24)) as pilot:
        await pilot.press("space", "space", "j")
        rows = get_rows(stage)
        write_text(
            story, TEXT.replace("# Story\n", "# Story\n\nA new paragraph.\n") + "\n\nNew end."
        )
        document = stage.screen.page.document
        await tick_until(pilot, stage, lambda: stage.screen.page.document is not document)
        assert get_rows(stage) == rows
        assert stage.screen.page.document.blocks[0].text == "A new paragraph."
        stage.tick()
        assert stage.screen.status_bar.text.startswith("The file has changed")


async def test_a_file_that_is_emptied_and_written_again_is_read_once(story: Path) -> None:
    stage = Stage(story.parent, file=story)
    async with stage.run() as pilot:
        await pilot.press("space")
        rows, document = get_rows(stage), stage.screen.page.document
        write_directly(story, "")
        for _ in range(4):
            stage.tick()
            await wait_until_idle(pilot)
        assert stage.screen.page.document is document
        write_directly(story, TEXT + "\n\nMore.")
        await tick_until(pilot, stage, lambda: stage.screen.page.document is not document)
        assert get_rows(stage) == rows


async def test_the_text_of_a_deleted_file_stays_open(story: Path) -> None:
    stage = Stage(story.parent, file=story)
    async with stage.run() as pilot:
        rows = get_rows(stage)
        remove(story)
        await tick_until(pilot, stage, lambda: stage.screen.status_bar.text.startswith("The file"))
        assert stage.screen.status_bar.text.startswith("The file of this story is gone")
        assert get_rows(stage) == rows
        assert [s.title for s in stage.session.catalog.list_stories()] == ["Other"]


async def test_the_shelf_shows_files_that_are_added_renamed_and_removed(
    story: Path, write: Write
) -> None:
    stage = Stage(story.parent)
    async with stage.run() as pilot:

        def list_titles() -> list[str]:
            return sorted(s.title for s in stage.session.catalog.list_stories())

        write("new/third.md", "# Third\n")
        rename(story, "renamed.md")
        remove(story.with_name("other.md"))
        await tick_until(pilot, stage, lambda: list_titles() == ["Story", "Third"])
        stage.tick()
        assert stage.screen.status_bar.text.startswith("Stories: 2 added, 2 gone.")


async def test_the_open_story_is_followed_to_its_new_name(story: Path) -> None:
    stage = Stage(story.parent, file=story)
    async with stage.run() as pilot:
        await pilot.press("space", "m")
        before = get_open_story(stage)
        rows = get_rows(stage)
        rename(story, "renamed.md")
        await tick_until(pilot, stage, lambda: stage.screen.status_bar.text.startswith("The file"))
        assert stage.screen.status_bar.text.startswith("The file of this story is renamed.md now.")
        after = get_open_story(stage)
        assert (after.id, after.path.name, get_rows(stage)) == (before.id, "renamed.md", rows)
        await pilot.press("space")
        stage.session.save()
        known = stage.store.load_known_stories()
        assert [(each.id, each.path.name) for each in known] == [(before.id, "renamed.md")]
        assert stage.session.get_entry(after).status is ReadStatus.FINISHED


async def test_what_is_imported_meanwhile_is_found_in_the_stories(
    story: Path, write: Write, tmp_path: Path
) -> None:
    laptop = Home(tmp_path / "laptop")
    laptop.respond(write("../laptop/text.md", TEXT), "on the laptop")
    stage = Stage(story.parent)
    async with stage.run() as pilot:
        import_records(stage.store.record_store, parse_export(laptop.export()).records)

        def has_response() -> bool:
            found = stage.session.catalog.get(story)
            assert found is not None
            return stage.session.annotations.load_response(found.id) == "on the laptop"

        await tick_until(pilot, stage, has_response)


async def test_a_key_looks_for_changes_at_once(story: Path) -> None:
    stage = Stage(story.parent, file=story)
    async with stage.run() as pilot:
        await pilot.press("ctrl+r")
        await wait_until_idle(pilot)
        stage.tick()
        assert stage.screen.status_bar.text.startswith("No file has changed.")
        document = stage.screen.page.document
        write_directly(story, TEXT + "\n\nMore.")
        await pilot.press("ctrl+r")
        await wait_until(pilot, lambda: stage.screen.page.document is not document)


async def test_a_text_is_not_replaced_while_something_is_typed(story: Path) -> None:
    stage = Stage(story.parent, file=story)
    async with stage.run() as pilot:
        document = stage.screen.page.document
        await pilot.press("slash", "w")
        write_directly(story, TEXT + "\n\nMore.")
        for _ in range(4):
            stage.tick()
            await wait_until_idle(pilot)
        assert stage.screen.page.document is document
        await pilot.press("escape")
        await tick_until(pilot, stage, lambda: stage.screen.page.document is not document)


async def test_the_open_story_is_followed_when_another_file_gets_its_name(
    story: Path, write: Write
) -> None:
    """Each story keeps its response; the text on the screen stays."""
    other = write("sub/pier.md", f"---\nid: pier\n---\n{make_text('pier')}")
    stage = Stage(story.parent, file=other)
    async with stage.run() as pilot:
        await pilot.press("r", *"on pier", "escape")
        stage.screen.show_story_after_jump(stage.session.catalog.find_story("Story"))
        await wait_until_idle(pilot)
        await pilot.press("r", *"on story", "escape", "g", "space")
        before, rows = get_open_story(stage), get_rows(stage)
        swap_names(story, other)
        await tick_until(pilot, stage, lambda: get_open_story(stage).path == other)
        assert (get_open_story(stage).id, get_rows(stage)) == (before.id, rows)
        stage.session.save()
        annotations = stage.session.annotations
        assert annotations.load_response("pier") == "on pier"
        assert annotations.load_response(before.id) == "on story"
        paths = {each.id: each.path for each in stage.store.load_known_stories()}
        assert paths == {"pier": story, before.id: other}


async def test_the_open_story_is_followed_when_a_new_text_gets_its_name(story: Path) -> None:
    stage = Stage(story.parent, file=story)
    async with stage.run() as pilot:
        await pilot.press("r", *"on story", "escape", "g", "space")
        before, rows = get_open_story(stage), get_rows(stage)
        rename(story, "renamed.md")
        write_directly(story, f"# Another\n\n{make_text('quite another')}")
        await tick_until(pilot, stage, lambda: get_open_story(stage).path.name == "renamed.md")
        assert (get_open_story(stage).id, get_rows(stage)) == (before.id, rows)
        paths = {each.id: each.path.name for each in stage.store.load_known_stories()}
        assert paths == {before.id: "renamed.md"}
