"""The filter of the shelf."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from app_driver import Stage, render_rows, wait_until, wait_until_idle

from reader.drawing.shelf import filter_shelf
from reader.library.describing import describe_files
from reader.library.files import File
from reader.session.shelf import shelf_list
from reader.store.repository import Store
from reader.ui.controllers import shelf as shelf_controller

if TYPE_CHECKING:
    from pathlib import Path

STORIES = {
    "Attics": ("Ada Byrne", "[house, work]", "2021-05-01"),
    "Boats": ("Bo Lamb", "[sea]", "2021-03-01"),
    "Cellars": ("Ada Byrne", "[house]", "2019-01-01"),
    "Docks": ("Dee Lambert", "[sea, work]", "2018-01-01"),
}


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    folder = tmp_path / "notes"
    folder.mkdir()
    for title, (author, tags, day) in STORIES.items():
        head = f"title: {title}\nauthor: {author}\ntags: {tags}\ndate: {day}"
        (folder / f"{title}.md").write_text(f"---\n{head}\n---\nA text about {title}.\n")
    return Stage(folder, store=Store.open_in_memory())


def list_titles(stage: Stage) -> list[str]:
    return [s.title for s in stage.session.order]


def get_rows(stage: Stage) -> str:
    return "\n".join(render_rows(stage.screen.shelf))


async def test_typing_narrows_the_shelf_and_esc_in_the_line_shows_all(stage: Stage) -> None:
    async with stage.run() as pilot:
        await pilot.press("slash", "l")
        assert list_titles(stage) == ["Boats", "Docks"]
        await pilot.press(*"amb tag:work")
        assert list_titles(stage) == ["Docks"]
        assert "Boats" not in get_rows(stage)
        assert stage.screen.status_bar.text.startswith("1 of 4 stories")
        await pilot.press("escape")
        assert list_titles(stage) == ["Attics", "Boats", "Cellars", "Docks"]
        assert stage.screen.status_bar.text.startswith("4 stories")
        assert stage.screen.shelf.has_focus


async def test_enter_keeps_the_filter_until_esc_on_the_shelf(stage: Stage) -> None:
    async with stage.run() as pilot:
        await pilot.press("G", "slash", *"tag:sea", "enter")
        await wait_until_idle(pilot)
        assert stage.screen.shelf.has_focus
        assert stage.screen.shelf.story is not None
        assert stage.screen.shelf.story.title == "Boats"
        stage.tick()
        assert stage.screen.status_bar.text.startswith("2 of 4 stories")
        assert "Esc all stories" in stage.screen.status_bar.text
        await pilot.press("slash", "enter")
        assert list_titles(stage) == ["Boats", "Docks"]
        await pilot.press("j", "escape")
        assert list_titles(stage) == ["Attics", "Boats", "Cellars", "Docks"]
        assert stage.screen.shelf.story.title == "Docks"


async def test_the_next_story_is_the_next_one_of_the_filter(stage: Stage) -> None:
    async with stage.run() as pilot:
        await pilot.press("slash", *"tag:sea", "enter", "enter", "right_square_bracket")
        await wait_until_idle(pilot)
        assert stage.session.current is not None
        assert stage.session.current.story.title == "Docks"
        await pilot.press("left_square_bracket")
        await wait_until_idle(pilot)
        card = stage.session.make_end_card(stage.session.current)
        assert [s.entry.story.title for s in card.suggestions] == ["Docks"]


async def test_a_wrong_field_is_explained_and_the_shelf_stays(stage: Stage) -> None:
    async with stage.run() as pilot:
        await pilot.press("slash", *"lamb is:foo")
        text = "is:foo: is: may be unread, reading, finished, starred"
        assert stage.screen.status_bar.text == text
        assert list_titles(stage) == ["Boats", "Docks"]
        await pilot.press("enter")
        assert stage.screen.status_bar.text == text
        await pilot.press(*["backspace"] * 3, *"unread", "enter")
        assert list_titles(stage) == ["Boats", "Docks"]
        assert stage.screen.shelf.has_focus


async def test_without_a_match_the_shelf_says_what_to_do(stage: Stage) -> None:
    async with stage.run() as pilot:
        await pilot.press("slash", *"zebra")
        assert "No story matches." in get_rows(stage)
        assert "Esc shows all stories; / changes the" in get_rows(stage)
        path = stage.session.catalog.folders[0] / "new.md"
        stage.session.watch.add_files([File(str(path), 9, 9, "notes")])  # it isn't described yet
        await pilot.press("s")
        rows = " ".join(row.strip() for row in render_rows(stage.screen.shelf))
        assert "No story matches yet. Files are still being read." in " ".join(rows.split())
        await pilot.press("enter", "enter", "j", "escape")
        assert list_titles(stage) == ["Attics", "Boats", "Cellars", "Docks"]


async def test_tab_completes_fields_and_values(stage: Stage) -> None:
    async with stage.run() as pilot:
        await pilot.press("slash", *"au", "tab", "b", "tab", "enter")
        assert list_titles(stage) == ["Boats"]
        await pilot.press("slash", *"tag:", "tab", "tab", "enter")
        assert list_titles(stage) == ["Boats", "Docks"]


async def test_a_click_on_a_story_keeps_the_filter(stage: Stage) -> None:
    async with stage.run() as pilot:
        await pilot.press("slash", *"tag:sea")
        await pilot.click("Shelf", offset=(8, 4))
        await wait_until(pilot, lambda: not stage.screen.query_one("EntryLine").display)
        assert list_titles(stage) == ["Boats", "Docks"]
        assert not stage.screen.query_one("Input").has_focus


async def test_a_worker_filters_a_large_library_and_enter_waits_for_it(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads = list[threading.Thread]()
    filter_stories = filter_shelf

    def filter_elsewhere(*arguments: object) -> object:
        threads.append(threading.current_thread())
        return filter_stories(*arguments)  # type: ignore[arg-type]  # passed on as they are

    async with stage.run() as pilot:
        monkeypatch.setattr(shelf_list, "MAX_LISTED_AT_ONCE", 1)
        monkeypatch.setattr(shelf_controller, "filter_shelf", filter_elsewhere)
        await pilot.press("slash", *"tag:sea", "enter", "j", "enter")
        await wait_until_idle(pilot)
        assert stage.session.current is not None
        assert stage.session.current.story.title == "Docks"
        assert threading.main_thread() not in threads


async def test_a_large_library_that_changes_while_it_is_filtered_is_filtered_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    filter_stories, is_filtering, is_listed = (
        filter_shelf,
        threading.Event(),
        threading.Event(),
    )

    def filter_late(*arguments: object) -> object:
        shown = filter_stories(*arguments)  # type: ignore[arg-type]  # passed on as they are
        if not is_filtering.is_set():
            is_filtering.set()
            assert is_listed.wait(10)
        return shown

    new = tmp_path / "notes" / "Eels.md"
    async with stage.run() as pilot:
        monkeypatch.setattr(shelf_list, "MAX_LISTED_AT_ONCE", 1)
        await pilot.press("slash")
        monkeypatch.setattr(shelf_controller, "filter_shelf", filter_late)
        await pilot.press("a")
        await wait_until(pilot, is_filtering.is_set)
        new.write_text("---\ntitle: Ash\n---\nWords.\n")
        stage.session.add_stories(list(describe_files(stage.session.scan_folders([new.parent]))))
        stage.screen._shelf_controller.update()  # noqa: SLF001  as a worker that describes files does
        await wait_until(pilot, lambda: "Ash" in list_titles(stage))
        is_listed.set()
        await wait_until_idle(pilot)
        assert "Ash" in list_titles(stage)


async def test_the_hints_of_the_filter_can_be_clicked(stage: Stage) -> None:
    async with stage.run() as pilot:
        row = stage.screen.status_bar.render_line(0).text
        await pilot.click("StatusBar", offset=(row.index("/ filter"), 0))
        await pilot.press(*"tag:sea", "enter")
        assert list_titles(stage) == ["Boats", "Docks"]
        stage.tick()
        row = stage.screen.status_bar.render_line(0).text
        await pilot.click("StatusBar", offset=(row.index("Esc all"), 0))
        assert list_titles(stage) == ["Attics", "Boats", "Cellars", "Docks"]


async def test_a_new_list_keeps_the_filter_while_it_is_typed(stage: Stage) -> None:
    async with stage.run() as pilot:
        await pilot.press("G", "slash", *"tag:s")
        stage.screen._shelf_controller.update()  # noqa: SLF001  as a worker that describes files does
        assert list_titles(stage) == ["Boats", "Docks"]
        await pilot.press("enter")
        assert stage.screen.shelf.story is not None
        assert stage.screen.shelf.story.title == "Boats"
