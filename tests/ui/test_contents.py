"""The list of headings: drawing, filtering, choosing, and hostile headings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from app_driver import Stage, render_rows, wait_until, wait_until_idle

from reader.markdown.parser import parse
from reader.ui.controllers.navigation import MANY_HEADINGS
from reader.ui.dialogs import contents
from reader.ui.dialogs.contents import ContentsDialog, list_contents
from reader.ui.widgets.virtual_list import VirtualList

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HEADINGS = "\n\n".join(f"{'#' * (1 + n % 3)} Part {n}\n\nSome words." for n in range(600))


def list_rows(stage: Stage) -> list[str]:
    """Return what the list shows, without the spaces beside it."""
    assert isinstance(stage.app.screen, ContentsDialog)
    return [" ".join(row.split()) for row in render_rows(stage.app.screen.query_one(VirtualList))]


@pytest.fixture
def story(write: Callable[[str, str], Path]) -> Path:
    return write("many.md", f"---\ntitle: Many\n---\n{HEADINGS}")


async def test_only_visible_headings_are_drawn(story: Path) -> None:
    stage = Stage(story.parent, file=story)
    async with stage.run(size=(80, 24)) as pilot:
        drawn: list[int] = []

        def record_heading(words: int, pace: int) -> int:
            drawn.append(words)
            return 1

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(contents, "estimate_minutes", record_heading)
            await pilot.press("t", "down", "pagedown")
            await pilot.pause()
        assert len(drawn) < 100


async def test_a_heading_has_its_depth_and_minutes(story: Path) -> None:
    stage = Stage(story.parent, file=story)
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("t")
        await pilot.pause()
        menu = stage.app.screen.query_one(VirtualList)
        assert [row.rstrip() for row in render_rows(menu)][:3] == [
            "▸ Part 0                                                         1 min",
            "    Part 1                                                       1 min",
            "      Part 2                                                     1 min",
        ]


async def test_the_list_opens_at_the_current_heading(story: Path) -> None:
    stage = Stage(story.parent, file=story)
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press(*"199", "right_curly_bracket", "t")
        await pilot.pause()
        cursor_row = next(row for row in list_rows(stage) if row.startswith("▸"))
        assert cursor_row == "▸ Part 198 1 min"


async def test_typing_filters_the_list_by_every_word(story: Path) -> None:
    stage = Stage(story.parent, file=story)
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("t", "slash", *"39 PART 1")
        await pilot.pause()
        assert list_rows(stage)[:3] == ["Part 139 1 min", "Part 391 1 min", ""]


async def test_a_chosen_heading_is_in_the_top_row_and_in_the_status_line(story: Path) -> None:
    stage = Stage(story.parent, file=story)
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("m")  # its notice stands where the section is named
        for heading in ("Part 2", "Part 599", "Part 0"):  # on the screen, the last, the first
            await pilot.press("t", "slash", *heading, "enter")
            await wait_until_idle(pilot)
            assert render_rows(stage.screen.page)[0].strip() == heading
            assert stage.screen.status_bar.text.startswith(f"{heading}  ")


async def test_a_click_goes_to_the_heading(story: Path) -> None:
    stage = Stage(story.parent, file=story)
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("t")
        await pilot.pause()
        await pilot.click(VirtualList, offset=(10, 4))
        await pilot.pause()
        assert any(row.strip() == "Part 4" for row in render_rows(stage.screen.page))
        assert stage.screen.page.has_focus


async def test_an_empty_list_can_be_used_and_closed(story: Path) -> None:
    stage = Stage(story.parent, file=story)
    async with stage.run(size=(80, 24)) as pilot:
        before = stage.screen.page.place
        await pilot.press("t", "slash", *"nowhere", "down", "pageup", "enter", "escape")
        assert list_rows(stage)[0] == "▸ Part 0 1 min"
        await pilot.press("escape")
        assert stage.screen.page.has_focus
        assert stage.screen.page.place == before


async def test_a_heading_is_never_markup(write: Callable[[str, str], Path]) -> None:
    path = write(
        "evil.md",
        "---\ntitle: T\n---\n# [/red] [@click=app.bell]x[/] &#27;]0;title&#7; &#x202e;y\n\nText.\n",
    )
    stage = Stage(path.parent, file=path)
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("t")
        await pilot.pause()
        assert list_rows(stage)[:1] == ["▸ [/red] [@click=app.bell]x[/] �]0;title� �y 1 min"]


async def test_headings_that_are_parsed_later_are_added_below_the_cursor(story: Path) -> None:
    stage = Stage(story.parent, file=story)
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("t")
        dialog = stage.app.screen
        assert isinstance(dialog, ContentsDialog)
        await pilot.press("down", "down")
        document = parse(f"{HEADINGS}\n\n# Last\n\nWords.")
        dialog.update_contents(list_contents(document))
        assert dialog.filter_list.number == 2
        await pilot.press("G")
        assert list_rows(stage)[-1] == "Last 1 min"


async def test_the_contents_of_thousands_of_headings_are_listed_by_a_worker(
    write: Callable[[str, str], Path],
) -> None:
    story = write("more.md", "# Title\n\n" + "# Part\n" * (MANY_HEADINGS + 1))
    stage = Stage(story.parent, file=story)
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("t")
        await wait_until(pilot, lambda: isinstance(stage.app.screen, ContentsDialog))
        await wait_until_idle(pilot)
        assert "Part" in list_rows(stage)[0]


async def test_the_cursor_stays_on_its_line_while_the_list_is_narrowed(story: Path) -> None:
    stage = Stage(story.parent, file=story)
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("t", "down", "down", "slash", *"part")
        assert isinstance(stage.app.screen, ContentsDialog)
        assert stage.app.screen.filter_list.number == 2
