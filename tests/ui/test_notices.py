"""Notices are shown one after the other; that nothing is being saved is shown as long as it lasts."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from app_driver import Stage, make_numbered_story, render_rows, wait_until

from reader.drawing.status import choose_sides, format_story_count
from reader.paths import drop_folders
from reader.reading.progress import ReadStatus
from reader.store.repository import Store
from reader.ui.widgets import status_bar
from reader.ui.widgets.notices import NoticeKeys
from reader.ui.widgets.status_bar import StatusBar

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


async def test_a_second_notice_waits_for_the_first_to_expire(
    write: Callable[[str, str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(status_bar, "NOTICE_SECONDS", 0.2)
    stage = Stage(write("one.md", "# One\n\nWords.\n").parent)
    async with stage.run() as pilot:
        stage.session.notify("The first.")
        stage.session.notify("The second.")
        for _ in range(2):
            stage.tick()
            assert stage.screen.status_bar.text.startswith("The first.")
        await wait_until(pilot, lambda: not stage.screen.status_bar.has_notice)
        stage.tick()
        assert stage.screen.status_bar.text.startswith("The second.")


async def test_the_status_bar_says_that_nothing_is_being_saved_for_as_long_as_that_is_so(
    write: Callable[[str, str], Path], tmp_path: Path
) -> None:
    path, away = tmp_path / "data" / "state.db", tmp_path / "away"
    story = write("one.md", "# One\n\nWords of it.\n")
    stage = Stage(story.parent, file=story, store=Store.open(path))
    path.parent.rename(away)
    async with stage.run() as pilot:
        bar = stage.screen.status_bar
        for _ in range(2):
            stage.tick()
            assert bar.text.startswith(
                f"Nothing is being saved: the folder is gone: {path.parent}  "
            )
        stage.session.notify("Another notice.")
        stage.tick()
        assert bar.text.startswith("Another notice.  not saved · 100 %")
        await pilot.press("H")
        assert bar.text.startswith("Highlighted the paragraph, not saved yet: e adds a note")
        await pilot.press("m")
        assert bar.text.startswith("Finished, not saved yet: One")
        await pilot.press("U")
        assert bar.text.startswith("One: unread again, not saved yet.")
        await pilot.press("r", "w", "ctrl+s")
        await wait_until(pilot, lambda: "response" in bar.text)
        assert bar.text.startswith("The response is not saved yet: U undoes it")
        away.rename(path.parent)
        stage.tick()
        assert bar.text.startswith("Everything is saved now.")
        await pilot.press("H")
        assert bar.text.startswith("Already highlighted: e adds a note")


async def test_the_problem_is_cut_before_the_percentage(
    write: Callable[[str, str], Path], tmp_path: Path
) -> None:
    path = tmp_path / "data" / "state.db"
    story = write("one.md", "# One\n\nWords of it.\n")
    stage = Stage(story.parent, file=story, store=Store.open(path))
    path.parent.rename(tmp_path / "away")
    async with stage.run((70, 10)) as pilot:
        stage.tick()
        row = render_rows(stage.screen.status_bar)[0]
        assert row.startswith("  Nothing is being saved: the folder is gone: data ")
        assert row.endswith("  100 %")
        await pilot.resize_terminal(24, 10)
        short = " Nothing is bei…  100 %"
        await wait_until(pilot, lambda: render_rows(stage.screen.status_bar)[0] == short)


async def test_data_that_another_program_has_changed_is_shown_with_the_file_again(
    write: Callable[[str, str], Path], tmp_path: Path
) -> None:
    path = tmp_path / "data" / "state.db"
    stage = Stage(write("one.md", "# One\n\nWords.\n").parent, store=Store.open(path))
    story = stage.session.catalog.find_story("one")
    async with stage.run():
        path.parent.rename(tmp_path / "away")
        with closing(Store.open(path)) as other:
            other.set_status(story.id, ReadStatus.FINISHED)
        stage.tick()
        assert "✓ One" in "\n".join(render_rows(stage.screen.shelf))


@pytest.mark.parametrize(
    ("cells", "margins", "length", "right", "edge"),
    [
        (80, (7, 7), 30, "not saved · 72 % · 7 min", 7),
        (80, (7, 7), 48, "not saved · 72 %", 7),
        (80, (7, 7), 50, "not saved · 72 %", 1),
        (80, (7, 7), 65, "72 %", 1),
        (80, (7, 7), 400, "not saved · 72 %", 1),
        (60, (1, 2), 400, "not saved · 72 %", 1),
        (40, (1, 2), 400, "72 %", 1),
    ],
)
def test_a_notice_begins_where_the_title_does_and_leaves_the_percentage(
    cells: int, margins: tuple[int, int], length: int, right: str, edge: int
) -> None:
    rights = ("not saved · 72 % · 7 min", "not saved · 72 %", "72 %")
    sides = choose_sides("x" * length, rights, cells, margins)
    assert sides == (right, (margins[0], edge))


@pytest.mark.parametrize("columns", [40, 60, 120])
async def test_a_long_notice_is_cut_before_the_percentage(
    columns: int, write: Callable[[str, str], Path]
) -> None:
    path = write("one.md", make_numbered_story(60))
    stage = Stage(path.parent, file=path)
    async with stage.run((columns, 20)):
        start = render_rows(stage.screen.status_bar)[0].index("One")
        stage.screen.status_bar.show_notice("Word " * 60)
        row = render_rows(stage.screen.status_bar)[0]
        assert row[: start + 10] == " " * start + "Word Word "
        assert row[start:].split("…")[1].strip().split(" · ")[0].endswith("%")


async def test_a_notice_goes_when_another_story_is_shown(
    write: Callable[[str, str], Path],
) -> None:
    for name in ("Anna", "Bert", "Cleo"):
        path = write(f"{name}.md", f"# {name}\n\n{make_numbered_story(3)}")
    stage = Stage(path.parent)
    async with stage.run((120, 24)) as pilot:
        bar = stage.screen.status_bar
        await pilot.press("m")
        assert bar.text.startswith("Finished: Anna")
        await pilot.press("enter")
        assert bar.text.startswith("Finished: Anna")
        await pilot.press("right_square_bracket")
        await wait_until(pilot, lambda: stage.app.title == "Bert")
        assert bar.text.startswith("On the shelf: Bert")
        stage.session.notify("The file has changed.", is_about_story=True)
        await pilot.press("h", "j")
        await wait_until(pilot, lambda: stage.app.title == "Cleo")
        stage.tick()
        assert not bar.has_notice


async def test_a_notice_of_the_session_comes_back_after_one_that_replaced_it_at_once(
    write: Callable[[str, str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = Stage(write("one.md", "# One\n\nWords.\n").parent)
    async with stage.run():
        bar = stage.screen.status_bar
        stage.session.notify("The first.")
        stage.tick()
        bar.show_notice("The second.")
        assert bar.text.startswith("The second.")
        bar.clear_notice()
        stage.tick()
        assert bar.text.startswith("The first.")
        monkeypatch.setattr(status_bar, "MIN_NOTICE_SECONDS", 0.0)
        bar.show_notice("The third.")
        bar.clear_notice()
        stage.tick()
        assert not bar.has_notice


@pytest.mark.parametrize(
    ("stories", "unreadable", "text"),
    [
        (0, 0, "no stories"),
        (1, 0, "1 story"),
        (2, 1, "2 stories · 1 file can't be read"),
        (0, 2, "2 files can't be read"),
    ],
)
def test_files_that_can_not_be_read_are_no_stories(
    stories: int, unreadable: int, text: str
) -> None:
    assert format_story_count(stories, unreadable) == text


def test_notices_name_the_keys_of_the_configuration() -> None:
    bar = StatusBar({"undo": "z", "note": "n"})
    assert bar.keys == NoticeKeys(undo="z", note="n", highlight="H")
    assert bar.keys.offer_undo("Deleted the note") == "Deleted the note: z undoes it"
    assert NoticeKeys(undo="").offer_undo("Deleted the note") == "Deleted the note."


async def test_a_notice_begins_at_the_same_cell_while_both_panes_show(
    write: Callable[[str, str], Path],
) -> None:
    story = write("one.md", "# One\n\nWords of it.\n")
    stage = Stage(story.parent, file=story)
    async with stage.run(size=(120, 30)) as pilot:
        bar = stage.screen.status_bar
        bar.show_notice("A notice")
        on_page = render_rows(bar)[0].index("A notice")
        await pilot.press("h")
        await wait_until(pilot, lambda: stage.screen.shelf.has_focus)
        bar.show_notice("A notice")
        stage.tick()
        assert render_rows(bar)[0].index("A notice") == on_page
        bar.clear_notice()
        assert render_rows(bar)[0].startswith("  1 story")


@pytest.mark.parametrize(
    ("notice", "text"),
    [
        ("/home/ann/data/state.db is damaged", "state.db is damaged"),
        ("~/data/state.db is damaged; see /var/log/x.log", "state.db is damaged; see x.log"),
        ("n/a, a/b and / are no paths of files", "n/a, a/b and / are no paths of files"),
    ],
)
def test_paths_of_a_notice_that_is_too_long_lose_their_folders(notice: str, text: str) -> None:
    assert drop_folders(notice) == text
