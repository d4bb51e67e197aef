"""The page: how keys, the wheel, the measure and resizes change its place and rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from app_driver import Stage, make_numbered_story, render_rows, wait_until, wait_until_idle
from textual import events

from reader.config import Config
from reader.store.repository import Store
from reader.text.cells import count_cells
from reader.text.document import Place

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from reader.ui.page.page import Page


@pytest.fixture
def story(write: Callable[[str, str], Path]) -> Path:
    """Return a story of sixty numbered paragraphs with a heading before every tenth."""
    parts = make_numbered_story().split("\n\n")
    for ten in range(5, -1, -1):
        parts.insert(ten * 10, f"## Part {ten}")
    return write("story.md", "---\ntitle: Numbers\nauthor: Nobody\n---\n" + "\n\n".join(parts))


def make_wheel_event(page: Page) -> events.MouseScrollDown:
    """Return one step of the mouse wheel over the page."""
    return events.MouseScrollDown(
        page, x=5, y=5, delta_x=0, delta_y=1, button=0, shift=False, meta=False, ctrl=False
    )


async def test_a_file_is_shown_on_the_page_with_the_focus(story: Path) -> None:
    stage = Stage(story.parent, file=story)
    async with stage.run(size=(80, 24)):
        assert stage.screen.page.has_focus
        assert [line.strip() for line in render_rows(stage.screen.page)][:3] == [
            "Numbers",
            "",
            "By Nobody · 7 min",
        ]


async def test_page_down_keeps_two_lines(story: Path) -> None:
    stage = Stage(story.parent, file=story)
    async with stage.run(size=(80, 24)) as pilot:
        before = render_rows(stage.screen.page)
        await pilot.press("space")
        assert render_rows(stage.screen.page)[:2] == before[-2:]


async def test_paragraphs_follow_the_configured_style(story: Path) -> None:
    config = Config(justified=True, indent=True, spacing=2, scrollbar=False)
    stage = Stage(story.parent, file=story, config=config)
    async with stage.run(size=(60, 24)):
        rows = [row.strip() for row in render_rows(stage.screen.page)]
    first = next(number for number, row in enumerate(rows) if row.startswith("Paragraph 0"))
    assert rows[first + 1] == ""
    assert len(rows[first]) == len(rows[first + 2]) == 58


@pytest.mark.parametrize(
    ("keys", "rows"),
    [
        (["j"], 1),
        (["down"], 1),
        (["1", "0", "j"], 10),
        (["j", "j", "k"], 1),
        (["space"], 19),
        (["pagedown"], 19),
        (["ctrl+f"], 19),
        (["d"], 10),
        (["ctrl+d"], 10),
        (["space", "b"], 0),
        (["space", "ctrl+b"], 0),
        (["d", "u"], 0),
        (["G", "g"], 0),
        (["end", "home"], 0),
        (["k"], 0),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, list) else None,
)
async def test_a_key_moves_the_text_by_rows(story: Path, keys: list[str], rows: int) -> None:
    stage = Stage(story.parent, file=story)
    async with stage.run(size=(80, 24)) as pilot:
        page = stage.screen.page
        all_rows = render_rows(page)
        await pilot.press("3", "0", "j")
        all_rows += render_rows(page)[-30:]
        await pilot.press("g", *keys)
        assert render_rows(page)[0] == all_rows[rows]


async def test_the_end_shows_the_last_paragraph(story: Path) -> None:
    stage = Stage(story.parent, file=story)
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("G")
        assert any("Paragraph 59" in line for line in render_rows(stage.screen.page))


async def test_scrolling_down_stops_at_the_end(story: Path) -> None:
    stage = Stage(story.parent, file=story)
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("G")
        at_end = render_rows(stage.screen.page)
        await pilot.press("j", "space", "d")
        assert render_rows(stage.screen.page) == at_end


async def test_the_next_heading_is_scrolled_to_the_top(story: Path) -> None:
    stage = Stage(story.parent, file=story)
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("right_curly_bracket", "right_curly_bracket")
        assert render_rows(stage.screen.page)[0].strip() == "Part 1"


async def test_the_previous_heading_is_scrolled_to_the_top(story: Path) -> None:
    stage = Stage(story.parent, file=story)
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("3", "right_curly_bracket", "j", "left_curly_bracket")
        assert render_rows(stage.screen.page)[0].strip() == "Part 2"


async def test_the_wheel_scrolls_three_rows(story: Path) -> None:
    stage = Stage(story.parent, file=story)
    async with stage.run(size=(80, 24)) as pilot:
        page = stage.screen.page
        fourth = render_rows(page)[3]
        page.post_message(make_wheel_event(page))
        await pilot.pause()
        assert render_rows(page)[0] == fourth


async def test_resizing_back_and_forth_keeps_the_place(story: Path) -> None:
    stage = Stage(story.parent, file=story)
    async with stage.run(size=(60, 24)) as pilot:
        await pilot.press("space", "space", "j")
        before = stage.screen.page.place
        rows = render_rows(stage.screen.page)
        for columns in (33, 71, 40, 22, 60):
            await pilot.resize_terminal(columns, 24)
        await wait_until(pilot, lambda: render_rows(stage.screen.page) == rows)
        assert stage.screen.page.place == before


@pytest.mark.parametrize("columns", [1, 2, 7, 99, 100, 300])
async def test_a_terminal_of_any_size_shows_the_story(story: Path, columns: int) -> None:
    stage = Stage(story.parent, file=story)
    async with stage.run(size=(columns, 24)) as pilot:
        for rows in (1, 2, 5, 50):
            await pilot.resize_terminal(columns, rows)
            await pilot.press("space", "plus", "z")
            rendered = render_rows(stage.screen.page)
            assert len(rendered) <= rows
            assert all(count_cells(row) <= columns for row in rendered)
            assert rows < 5 or any(row.strip() for row in rendered)


async def test_widening_the_column_keeps_the_place_and_is_saved(story: Path) -> None:
    stage = Stage(story.parent, file=story)
    async with stage.run(size=(120, 24)) as pilot:
        await pilot.press("z", "space", "space")
        before = stage.screen.page.place
        await pilot.press("plus", "plus")
        assert stage.screen.page.place == before
        assert stage.screen.page.measure == 70
        assert stage.store.load_choice("measure") == "70"


async def test_one_key_restores_the_preferred_measure(story: Path) -> None:
    stage = Stage(story.parent, file=story)
    async with stage.run(size=(120, 24)) as pilot:
        await pilot.press("z", "minus", "minus", "equals_sign")
        assert stage.screen.page.measure == 66


async def test_a_narrow_terminal_does_not_change_the_preferred_measure(story: Path) -> None:
    stage = Stage(story.parent, file=story)
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.resize_terminal(30, 24)
        await wait_until(pilot, lambda: stage.screen.page.measure == 28)
        await pilot.resize_terminal(80, 24)
        await wait_until(pilot, lambda: stage.screen.page.measure == 66)


async def test_opening_and_leaving_ten_times_keeps_the_place(story: Path) -> None:
    store = Store.open_in_memory()
    first = Stage(story.parent, file=story, store=store)
    async with first.run(size=(80, 24)) as pilot:
        await pilot.press("space", "space", "j")
        await pilot.press("q")
    saved = store.load_story_states()
    for columns in range(40, 90, 5):
        stage = Stage(story.parent, file=story, store=store)
        async with stage.run(size=(columns, 20)) as pilot:
            await pilot.press("q")
    assert store.load_story_states() == saved


async def test_scrolling_back_draws_no_row_again(story: Path) -> None:
    stage = Stage(story.parent, file=story)
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("space", "space", "b", "b")
        drawn = stage.screen.page.renderer.drawn_count
        await pilot.press("space", "space", "b", "b")
        assert stage.screen.page.renderer.drawn_count == drawn


async def test_the_first_screen_of_a_long_story_typesets_few_blocks(
    write: Callable[[str, str], Path],
) -> None:
    long = write("long.md", make_numbered_story(5_000))
    stage = Stage(long.parent, file=long)
    async with stage.app.run_test(size=(80, 24)):
        assert stage.screen.page.viewport.galley.typeset_count < 30


async def test_the_page_goes_to_the_end_once_it_is_parsed(
    write: Callable[[str, str], Path],
) -> None:
    long = write("long.md", make_numbered_story(5_000))
    stage = Stage(long.parent, file=long)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await pilot.press("G")
        await wait_until_idle(pilot)
        assert any("Paragraph 4999 " in line for line in render_rows(stage.screen.page))


async def test_markup_in_a_title_is_shown_as_text(write: Callable[[str, str], Path]) -> None:
    path = write("evil.md", '---\ntitle: "[/red] [@click=app.bell]x[/]"\n---\n[/] text')
    stage = Stage(path.parent, file=path)
    async with stage.run(size=(120, 24)):
        assert render_rows(stage.screen.page)[0].strip() == "[/red] [@click=app.bell]x[/]"


async def test_the_place_is_the_start_of_the_top_row(story: Path) -> None:
    stage = Stage(story.parent, file=story)
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("2", "right_curly_bracket")
        assert stage.screen.page.place == Place(11)
