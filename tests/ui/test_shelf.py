"""The shelf: its rows, its cursor, and its groups."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from app_driver import Stage, make_numbered_story, render_rows

from reader.drawing.shelf import ShelfRows, format_bar, format_details
from reader.drawing.styles import Styles, TextStyle
from reader.library.describing import make_story_id
from reader.library.scan import Folder
from reader.library.story import Story
from reader.reading.progress import ReadStatus
from reader.render.empty_shelf import explain_empty_shelf
from reader.session.shelf.entries import ShelfEntry, TitleFacts
from reader.session.shelf.sections import ShelfSection
from reader.store.repository import Store

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def folder(write: Callable[[str, str], Path]) -> Path:
    """Return a folder of three stories of about ten minutes each."""
    for name in ("Anna", "Bert", "Cleo"):
        write(f"{name}.md", f"---\ntitle: {name}\nauthor: Nobody\n---\n{make_numbered_story(85)}")
    return write(
        "Anna.md", f"---\ntitle: Anna\nauthor: Nobody\n---\n{make_numbered_story(85)}"
    ).parent


def make_entry(
    status: ReadStatus, progress: float = 0.0, left: int = 1_590, pace: int = 265
) -> ShelfEntry:
    story = Story("id", "x.md", "Title", author="Nobody", words=1_590)
    return ShelfEntry(story, status, progress, left, 0, pace)


@pytest.mark.parametrize(
    ("shown_entry", "line"),
    [
        (make_entry(ReadStatus.UNREAD), "6 min · Nobody"),
        (make_entry(ReadStatus.READING, 0.5, 795), "▓▓▓░░░ 3 min unread · Nobody"),
        (make_entry(ReadStatus.READING, 0.9, 159), "▓▓▓▓▓░ under a minute unread · Nobody"),
        (make_entry(ReadStatus.READING, 0.5, 795, 530), "▓▓▓░░░ 2 min unread · Nobody"),
        (make_entry(ReadStatus.UNREAD, pace=530), "3 min · Nobody"),
        (make_entry(ReadStatus.FINISHED, 1.0, 0), "6 min · Nobody"),
    ],
)
def test_the_second_row_shows_minutes_and_author(shown_entry: ShelfEntry, line: str) -> None:
    assert format_details(shown_entry) == line


@pytest.mark.parametrize(
    ("cells", "shown"),
    [
        (34, "▓▓▓░░░ 3 min unread · Nobody"),
        (27, "▓▓▓░░░ 3 min unread · Nobo…"),
        (24, "▓▓▓░░░ 3 min unread · N…"),
        (23, "▓▓▓░░░ 3 min unread"),
        (20, "▓▓▓░░░ 3 min unread"),
        (18, "▓▓▓░░░ 3 min unre…"),
    ],
)
def test_the_second_row_is_not_cut_at_a_separator(cells: int, shown: str) -> None:
    rows = ShelfRows(
        [ShelfSection("One", [make_entry(ReadStatus.READING, 0.5, 795)])], TitleFacts(True)
    )
    row = rows.draw_row(2, Styles(TextStyle(), None), 4 + cells, 0, is_focused=True)
    assert "".join(piece.text for piece in row).strip() == shown


@pytest.mark.parametrize(
    ("progress", "drawn"),
    [(0.0, "░░░░░░"), (0.01, "▓░░░░░"), (0.5, "▓▓▓░░░"), (0.99, "▓▓▓▓▓░"), (1.0, "▓▓▓▓▓▓")],
)
def test_a_bar_is_neither_empty_nor_full_in_between(progress: float, drawn: str) -> None:
    assert format_bar(progress) == drawn


async def test_stories_are_listed_in_groups(folder: Path) -> None:
    store = Store.open_in_memory()
    store.set_status(make_story_id(folder / "Bert.md"), ReadStatus.FINISHED)
    store.raise_status(make_story_id(folder / "Cleo.md"), ReadStatus.READING)
    stage = Stage(folder, store=store)
    async with stage.run(size=(60, 24)):
        rows = [line.strip() for line in render_rows(stage.screen.shelf)]
    assert rows[:11] == [
        "Continue",
        "▸ ◐ Cleo",
        "░░░░░░ 10 min unread",
        "",
        "Unread",
        "○ Anna",
        "10 min",
        "",
        "Finished",
        "✓ Bert",
        "10 min",
    ]


async def test_marking_a_story_does_not_move_its_row(folder: Path) -> None:
    stage = Stage(folder)
    async with stage.run(size=(60, 24)) as pilot:
        await pilot.press("j", "m")
        rows = [line.strip() for line in render_rows(stage.screen.shelf)]
    assert rows[1:6:2] == ["○ Anna", "▸ ✓ Bert", "○ Cleo"]


async def test_a_hidden_story_leaves_the_cursor_on_the_next_and_comes_back(folder: Path) -> None:
    stage = Stage(folder)

    def list_rows() -> list[str]:
        return [line.strip() for line in render_rows(stage.screen.shelf)][1:6:2]

    async with stage.run(size=(60, 24)) as pilot:
        await pilot.press("j", "X")
        assert list_rows() == ["○ Anna", "▸ ○ Cleo", ""]
        assert stage.screen.status_bar.text.startswith("Hidden: Bert (U undoes it)")
        await pilot.press("X")
        assert list_rows() == ["▸ ○ Anna", "", ""]
        stage.screen.shelf.action_hidden_stories()
        await pilot.pause()
        assert list_rows() == ["▸ ○ Anna", "○ Bert", "○ Cleo"]
        details = [line.strip() for line in render_rows(stage.screen.shelf)][2:7:2]
        assert details == ["10 min", "hidden · 10 min", "hidden · 10 min"]
        stage.screen.shelf.action_hidden_stories()
        await pilot.press("U", "U")
        assert list_rows() == ["○ Anna", "▸ ○ Bert", "○ Cleo"]
        assert stage.screen.status_bar.text.startswith("Bert: on the shelf again.")


async def test_stories_move_to_their_groups_when_the_shelf_is_shown_again(folder: Path) -> None:
    stage = Stage(folder)
    async with stage.run(size=(60, 24)) as pilot:
        await pilot.press("j", "m", "enter", "h")
        await pilot.pause()
        rows = [line.strip() for line in render_rows(stage.screen.shelf)]
    assert rows[:8] == [
        "Unread", "○ Anna", "10 min", "○ Cleo", "10 min", "",
        "Finished", "▸ ✓ Bert",
    ]  # fmt: skip


async def test_authors_are_shown_if_they_tell_stories_apart(
    folder: Path, write: Callable[[str, str], Path]
) -> None:
    write("Dora.md", "---\ntitle: Dora\nauthor: Somebody\n---\n" + make_numbered_story(85))
    stage = Stage(folder)
    async with stage.run(size=(60, 24)):
        rows = [line.strip() for line in render_rows(stage.screen.shelf)]
    assert rows[2:10:2] == ["10 min · Nobody"] * 3 + ["10 min · Somebody"]


def test_rows_of_stories_with_one_title_in_one_folder_show_the_names_of_their_files() -> None:
    stories = [Story(name, f"/a/{name}", "Same", words=265) for name in ("1\x1b[1m.md", "2.md")]
    entries = [ShelfEntry(story, ReadStatus.UNREAD, 0.0, 265, 0) for story in stories]
    rows = ShelfRows([ShelfSection("One", entries)])
    styles = Styles(TextStyle(), None)
    drawn = [rows.draw_row(row, styles, 60, 0, is_focused=True) for row in (2, 4)]
    assert ["".join(piece.text for piece in row).strip() for row in drawn] == [
        "1 min · 1\ufffd[1m.md",
        "1 min · 2.md",
    ]


async def test_the_cursor_is_visible_without_colour(folder: Path) -> None:
    stage = Stage(folder)
    async with stage.run(size=(60, 24)) as pilot:
        await pilot.press("j")
        assert [line[:1] for line in render_rows(stage.screen.shelf)[1:6]] == [
            " ",
            " ",
            "▸",
            " ",
            " ",
        ]


@pytest.mark.parametrize(
    ("keys", "title"),
    [
        (["j"], "Bert"),
        (["down"], "Bert"),
        (["G"], "Cleo"),
        (["end", "k"], "Bert"),
        (["G", "g"], "Anna"),
        (["pagedown"], "Cleo"),
        (["pagedown", "pageup"], "Anna"),
        (["k"], "Anna"),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, list) else None,
)
async def test_a_key_moves_the_cursor(folder: Path, keys: list[str], title: str) -> None:
    stage = Stage(folder)
    async with stage.run(size=(60, 24)) as pilot:
        await pilot.press(*keys)
        assert stage.screen.shelf.story is not None
        assert stage.screen.shelf.story.title == title


async def test_a_click_moves_the_cursor_and_a_second_one_reads(folder: Path) -> None:
    stage = Stage(folder)
    async with stage.run(size=(60, 24)) as pilot:
        await pilot.click(stage.screen.shelf, offset=(8, 4))
        assert stage.screen.shelf.story is not None
        assert stage.screen.shelf.story.title == "Bert"
        assert stage.screen.shelf.has_focus
        await pilot.click(stage.screen.shelf, offset=(8, 4))
        await pilot.pause()
        assert stage.screen.page.has_focus


@pytest.mark.parametrize(("y", "title"), [(2, "Anna"), (3, "Anna"), (4, "Bert"), (5, "Bert")])
async def test_a_click_on_either_row_of_an_entry_goes_to_its_story(
    folder: Path, y: int, title: str
) -> None:
    stage = Stage(folder)
    async with stage.run(size=(60, 24)) as pilot:
        await pilot.press("G")
        await pilot.click(stage.screen.shelf, offset=(8, y))
        assert stage.screen.shelf.story is not None
        assert stage.screen.shelf.story.title == title


async def test_a_shelf_of_ten_thousand_stories_shows_the_last(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stories = [Story(str(n), f"{tmp_path}/{n}.md", f"Story {n}", words=500) for n in range(10_000)]
    for story in stories:
        stage.session.catalog.add(story)
    async with stage.run(size=(60, 24)) as pilot:
        await pilot.press("G")
        assert stage.screen.shelf.story is not None
        assert stage.screen.shelf.story.title == "Story 9999"
        assert "▸ ○ Story 9999" in [line.strip() for line in render_rows(stage.screen.shelf)]


async def test_no_entry_is_cut_in_half_at_the_top(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    for number in range(100):
        path = tmp_path / f"{number}.md"
        stage.session.catalog.add(Story(str(number), str(path), f"Story {number:03}", words=500))
    async with stage.run(size=(60, 24)) as pilot:
        await pilot.press(*["j"] * 30)
        assert render_rows(stage.screen.shelf)[0].strip().startswith("○ Story")


async def test_an_empty_folder_says_so_and_what_to_do(tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "todo.txt").write_text("Text.")
    stage = Stage(folder)
    async with stage.run(size=(60, 24)) as pilot:
        await pilot.press("enter", "m", "t", "j", "G")
        rows = [row.strip() for row in render_rows(stage.screen.shelf)]
        text = " ".join(" ".join(rows).split())
        assert text.startswith("There are no stories in /")
        assert text.endswith(
            "notes. There are other files, such as todo.txt. Stories are"
            " text files whose names end in .md, .markdown, .text or another suffix of Markdown."
            " Put one into the folder: it will be listed here."
        )
        assert stage.screen.status_bar.text.endswith("? keys · q quit")


NO_FOLDER = Path("/no/such")


@pytest.mark.parametrize(
    ("folders", "is_pending", "text"),
    [
        ([], False, "There are no stories. Start with a file or a folder: reader FOLDER"),
        ([], True, "The files are being read."),
        (
            [NO_FOLDER],
            False,
            f"There are no stories in {NO_FOLDER}. {NO_FOLDER} can't be opened: check that it is there, and its permissions.",
        ),
    ],
)
def test_an_empty_shelf_gives_its_reason(folders: list[Path], is_pending: bool, text: str) -> None:
    assert " ".join(explain_empty_shelf(folders, is_pending=is_pending)) == text


async def test_stories_with_the_same_title_tell_their_folders(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "readme.md").write_text("# Introduction\n\nText.\n")
    (tmp_path / "other.md").write_text("# Other\n\nText.\n")
    stage = Stage(tmp_path)
    async with stage.run((60, 20)):
        rows = [row.strip() for row in render_rows(stage.screen.shelf) if "min" in row]
    assert rows == ["1 min · one", "1 min · two", "1 min"]


async def test_sections_are_folded_by_key_and_mouse_and_orders_follow_each_other(
    tmp_path: Path,
) -> None:
    for name in ("in/a.md", "in/b.md", "c.md", "d.md"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"# Story {path.stem}\n\nText.\n")
    stage = Stage(tmp_path)
    stage.session.shelf_list.load_view([Folder(tmp_path)], is_library=False)
    async with stage.run((60, 20)) as pilot:
        shelf = stage.screen.shelf

        def list_titles() -> list[str]:
            return [row.strip() for row in render_rows(shelf) if row and "min" not in row]

        outside = [tmp_path.name, "▸ ○ Story c", "○ Story d"]
        assert list_titles() == [*outside, "in", "○ Story a", "○ Story b"]
        await pilot.press("j", "j", "c")
        assert list_titles()[-1] == "▸ in +2"
        assert shelf.story is None
        await pilot.press("enter")
        assert "▸ ○ Story a" in list_titles()
        row = [row.strip() for row in render_rows(shelf)].index(tmp_path.name)
        padding = shelf.content_region.y - shelf.region.y
        await pilot.click(shelf, offset=(3, row + padding))
        assert list_titles()[0] == f"▸ {tmp_path.name} +2"
        await pilot.press("G", "s", "s")
        assert list_titles()[1:] == ["in · by title", "○ Story a", "▸ ○ Story b"]
        assert stage.screen.status_bar.text.startswith("Order of in: title.")
        await pilot.press("g", "s", "s")
        assert list_titles() == ["By title", "○ Story a", "▸ ○ Story b", "○ Story c", "○ Story d"]
