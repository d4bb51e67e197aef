"""The search of all texts: `S`."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from app_driver import Stage, render_rows, wait_until, wait_until_idle

from reader.finding.text_search import FoundStories, TextSearch
from reader.ui.controllers.text_search import background, controller
from reader.ui.controllers.text_search.dialog import TextSearchDialog
from reader.ui.widgets.virtual_list import VirtualList

if TYPE_CHECKING:
    from pathlib import Path

    from textual.pilot import Pilot

    from reader.finding.text_search import Request

FILLER = "Some other words, and more of them, until the page is full of text. " * 12
STORIES = {
    "Attics": f"No word of it here.\n\n{FILLER}\n\n{FILLER}\n\nAn old *lamp* shone.\n\nA lamp fell.",
    "Boats": "A lamp on the quay was seen from the sea.",
    "Lamps": "Nothing about such things here.\n\nThe end.",
    "Quays": "The sea was calm.",
}


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    monkeypatch.setattr(controller, "KEY_REST_SECONDS", 0.0)
    monkeypatch.setattr(controller, "LOOK_SECONDS", 0.01)
    folder = tmp_path / "notes"
    folder.mkdir()
    for title, text in STORIES.items():
        author = "Ann Bell" if title == "Boats" else "Cy Dent"
        (folder / f"{title}.md").write_text(f"---\ntitle: {title}\nauthor: {author}\n---\n{text}\n")
    stage = Stage(folder)
    stage.session.words_path = tmp_path / "words.db"
    return stage


def get_dialog(pilot: Pilot[None]) -> TextSearchDialog:
    dialog = pilot.app.screen
    assert isinstance(dialog, TextSearchDialog)
    return dialog


def list_rows(pilot: Pilot[None]) -> list[str]:
    rows = render_rows(get_dialog(pilot).query_one(VirtualList))
    return [" ".join(row.split()) for row in rows if row.strip()]


def get_title(stage: Stage) -> str:
    return stage.session.current.story.title if stage.session.current is not None else ""


async def wait_for_rows(pilot: Pilot[None], *rows: str) -> None:
    await wait_until(pilot, lambda: list_rows(pilot) == [*rows])


async def wait_for_story(stage: Stage, pilot: Pilot[None], title: str) -> None:
    """Wait until the story with that title is open, and its words are marked."""

    def is_shown() -> bool:
        return (
            get_title(stage) == title and stage.screen.page.decorations.search_results is not None
        )

    await wait_until(pilot, is_shown)


LAMP_ROWS = (
    "Lamps Cy Dent",
    "Nothing about such things here.",
    "Boats Ann Bell",
    "A lamp on the quay was seen from the sea.",
    "Attics Cy Dent",
    "An old lamp shone.",
)


async def test_a_story_that_is_found_opens_at_its_words_and_the_next_ones_follow(
    stage: Stage,
) -> None:
    async with stage.run() as pilot:
        await pilot.press("S", *"lamp")
        await wait_for_rows(pilot, *LAMP_ROWS)
        await pilot.press("down", "down", "enter")
        await wait_for_story(stage, pilot, "Attics")
        page = stage.screen.page
        results = page.decorations.search_results
        assert results is not None
        assert page.has_focus
        assert any("An old lamp shone." in row for row in render_rows(page))
        assert str(results) == "1 of 2"
        assert stage.screen.status_bar.text.startswith("Story 3 of 3 with: lamp")
        await pilot.press("n")
        assert str(results) == "2 of 2"
        await pilot.press("right_square_bracket")
        assert stage.screen.status_bar.text.startswith("This is the last story that was found.")
        await pilot.press("left_square_bracket")
        await wait_for_story(stage, pilot, "Boats")
        assert stage.screen.status_bar.text.startswith("Story 2 of 3 with: lamp")
        await pilot.press("S")
        assert get_dialog(pilot).filter_list.typed == "lamp"
        assert get_dialog(pilot).filter_list.number == 1
        assert list_rows(pilot) == [*LAMP_ROWS]
        await pilot.press("escape", "escape", "right_square_bracket")
        await wait_until(pilot, lambda: get_title(stage) == "Lamps")
        assert page.decorations.search_results is None


async def test_mistakes_are_named_and_tab_completes(stage: Stage) -> None:
    async with stage.run() as pilot:
        await pilot.press("S")
        assert list_rows(pilot) == ["Words, a “phrase”, -word, tag: author: is: year: …"]
        await pilot.press(*"zebra")
        await wait_for_rows(pilot, "No story has that.")
        await pilot.press("ctrl+u", *"is:x ")
        assert list_rows(pilot) == ["is:x: is: may be unread, reading, finished, starred"]
        await pilot.press("ctrl+u", *"sea au", "tab", "a", "tab")
        await wait_until(pilot, lambda: "author:" in get_dialog(pilot).filter_list.typed)
        await wait_for_rows(pilot, *LAMP_ROWS[2:4])
        await pilot.click(VirtualList, offset=(5, 0))
        await wait_for_story(stage, pilot, "Boats")


async def test_no_key_waits_for_a_slow_query_and_enter_is_for_the_newest_one(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    seek, may_answer, asked = TextSearch.seek, threading.Event(), list[str]()

    def seek_slowly(search: TextSearch, request: Request) -> FoundStories | None:
        asked.append(request.text)
        assert may_answer.wait(60)
        return seek(search, request)

    async with stage.run() as pilot:
        await pilot.press("S", *"calm")
        await wait_for_rows(pilot, "Quays Cy Dent", "The sea was calm.")
        monkeypatch.setattr(TextSearch, "seek", seek_slowly)
        await pilot.press("ctrl+u", "s")
        await wait_until(pilot, lambda: bool(asked))
        await pilot.press(*"ea calm")
        assert get_dialog(pilot).filter_list.typed == "sea calm"
        await pilot.press("enter")
        may_answer.set()
        await wait_for_story(stage, pilot, "Quays")
        assert asked[-1] == "sea calm"
        assert not {*asked} & {"se", "sea", "sea c", "sea ca", "sea cal"}


async def test_an_answer_that_comes_when_another_query_waits_is_not_shown(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    seek, may_answer, shown = TextSearch.seek, threading.Event(), list[str]()

    def seek_slowly(search: TextSearch, request: Request) -> FoundStories | None:
        if request.text == "s":
            assert may_answer.wait(60)
            return FoundStories("s")
        return seek(search, request)

    def record_shown(dialog: TextSearchDialog, found: FoundStories) -> None:
        shown.append(found.text)
        show_found(dialog, found)

    show_found = TextSearchDialog.show_found
    monkeypatch.setattr(TextSearch, "seek", seek_slowly)
    monkeypatch.setattr(TextSearchDialog, "show_found", record_shown)
    async with stage.run() as pilot:
        await pilot.press("S", "s", *"ea")
        may_answer.set()
        await wait_until(pilot, lambda: shown[-1:] == ["sea"])
        assert "s" not in shown


async def test_without_an_index_all_texts_are_read_and_the_frame_says_so(stage: Stage) -> None:
    stage.session.words_path = None
    async with stage.run() as pilot:
        await pilot.press("S", *"calm")
        await wait_for_rows(pilot, "Quays Cy Dent", "The sea was calm.")
        frame = get_dialog(pilot).filter_list
        await wait_until(pilot, lambda: bool(frame.border_subtitle))
        assert str(frame.border_subtitle) == "no index: each search reads all texts"


async def test_a_damaged_index_is_made_again_and_a_changed_file_is_found(
    stage: Stage, tmp_path: Path
) -> None:
    async with stage.run() as pilot:
        await pilot.press("S", *"calm")
        await wait_for_rows(pilot, "Quays Cy Dent", "The sea was calm.")
        with closing(sqlite3.connect(str(stage.session.words_path))) as db:
            db.execute("UPDATE words_data SET block = zeroblob(1) WHERE id > 10")
            db.commit()
        await pilot.press("ctrl+u", *"shone")
        await wait_for_rows(pilot, "Attics Cy Dent", "An old lamp shone.")
        changed = tmp_path / "notes" / "Quays.md"
        changed.write_text("---\ntitle: Quays\n---\nThe moon shone over the quay.\n")
        stage.screen.action_reload()
        await wait_until(pilot, lambda: "The moon shone over the quay." in list_rows(pilot))


async def test_an_index_that_exists_is_brought_up_to_date_without_a_search(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background, "REST_SECONDS", 0.0)
    path = tmp_path / "words.db"

    def count_texts() -> int:
        with closing(sqlite3.connect(path)) as db:
            tables = db.execute("SELECT 1 FROM sqlite_master WHERE name = 'text'").fetchall()
            return int(db.execute("SELECT count(*) FROM text").fetchone()[0]) if tables else 0

    async with stage.run() as pilot:
        stage.tick()
        await wait_until_idle(pilot)
        assert not path.exists()  # nobody has searched
        path.touch()
        stage.session.is_private = True
        stage.session.catalog.version += 1
        stage.tick()
        await wait_until_idle(pilot)
        assert count_texts() == 0
        stage.session.is_private = False
        (tmp_path / "notes" / "New.md").write_text("# New\n\nA lamp.")
        stage.screen.action_reload()
        await wait_until(pilot, lambda: len(stage.session.catalog) == len(STORIES) + 1)
        stage.tick()
        await wait_until(pilot, lambda: count_texts() == len(STORIES) + 1)
