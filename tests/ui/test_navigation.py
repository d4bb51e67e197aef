"""Search, contents and the jump list, by keys on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from app_driver import Stage, make_numbered_story, render_rows, wait_until_idle

from reader.text.document import Place
from reader.ui.controllers.loader import Loader

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def story(write: Callable[[str, str], Path]) -> Path:
    """Return a story of six parts of ten paragraphs, and another one beside it."""
    parts = make_numbered_story().split("\n\n")
    for ten in range(5, -1, -1):
        parts.insert(ten * 10, f"## Part {ten}")
    write("zoo.md", f"---\ntitle: Zoo\n---\n{make_numbered_story()}")
    return write("story.md", "---\ntitle: Numbers\n---\n" + "\n\n".join(parts))


def get_first_row(stage: Stage) -> str:
    """Return the page's first row that has text."""
    return next(line.strip() for line in render_rows(stage.screen.page) if line.strip())


async def test_typing_shows_the_first_match(story: Path) -> None:
    stage = Stage(story.parent, file=story)
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("slash", *"graph 42")
        await wait_until_idle(pilot)
        assert any("Paragraph 42" in line for line in render_rows(stage.screen.page))


async def test_escape_returns_to_the_start_of_the_search(story: Path) -> None:
    stage = Stage(story.parent, file=story)
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("space", "j")
        before = render_rows(stage.screen.page)
        await pilot.press("slash", *"42")
        await wait_until_idle(pilot)
        await pilot.press("escape")
        await pilot.pause()
        assert render_rows(stage.screen.page) == before
        assert stage.screen.page.has_focus


async def test_enter_stays_at_the_match_and_n_goes_to_the_next(story: Path) -> None:
    stage = Stage(story.parent, file=story)
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("slash", *"paragraph 4", "enter")
        await wait_until_idle(pilot)
        first = stage.screen.page.decorations.search_results
        assert str(first) == "1 of 11"
        await pilot.press("n", "n", "N")
        assert str(stage.screen.page.decorations.search_results) == "2 of 11"
        assert any("Paragraph 40" in line for line in render_rows(stage.screen.page))


async def test_the_status_line_counts_the_matches(story: Path) -> None:
    stage = Stage(story.parent, file=story)
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("slash", *"paragraph 4", "enter", "n")
        await wait_until_idle(pilot)
        assert "2 of 11" in stage.screen.status_bar.text


async def test_escape_clears_the_matches_before_it_leaves_the_page(story: Path) -> None:
    stage = Stage(story.parent, file=story)
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("slash", *"42", "enter")
        await wait_until_idle(pilot)
        await pilot.press("escape")
        assert stage.screen.page.decorations.search_results is None
        assert stage.screen.page.has_focus


async def test_ctrl_o_returns_from_a_search(story: Path) -> None:
    stage = Stage(story.parent, file=story)
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("space", "j")
        before = stage.screen.page.place
        await pilot.press("slash", *"42", "enter")
        await wait_until_idle(pilot)
        await pilot.press("ctrl+o")
        assert stage.screen.page.place == before
        await pilot.press("alt+o")
        assert any("Paragraph 42" in line for line in render_rows(stage.screen.page))


async def test_the_contents_go_to_a_heading(story: Path) -> None:
    stage = Stage(story.parent, file=story)
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("t", *"/part 3", "enter")
        await wait_until_idle(pilot)
        assert stage.screen.page.place <= Place(33)
        assert any(line.strip() == "Part 3" for line in render_rows(stage.screen.page))


async def test_the_contents_open_at_the_current_heading(story: Path) -> None:
    stage = Stage(story.parent, file=story)
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("3", "right_curly_bracket", "t", "down", "enter")
        await wait_until_idle(pilot)
        shown = [line.strip() for line in render_rows(stage.screen.page) if line.strip()]
        assert shown[0] == "Part 3"


async def test_ctrl_o_returns_from_the_end(story: Path) -> None:
    stage = Stage(story.parent, file=story)
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("space", "space")
        before = stage.screen.page.place
        await pilot.press("G", "ctrl+o")
        assert stage.screen.page.place == before


async def test_ctrl_o_returns_to_another_story(story: Path) -> None:
    stage = Stage(story.parent, file=story)
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("space", "space")
        before = stage.screen.page.place
        await pilot.press("right_square_bracket")
        await wait_until_idle(pilot)
        assert get_first_row(stage) == "Zoo"
        await pilot.press("ctrl+o")
        await wait_until_idle(pilot)
        assert stage.screen.page.place == before
        assert stage.app.title == "Numbers"


async def test_two_backticks_switch_between_two_places(story: Path) -> None:
    stage = Stage(story.parent, file=story)
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("space")
        near = stage.screen.page.place
        await pilot.press("G")
        far = stage.screen.page.place
        await pilot.press("grave_accent", "grave_accent")
        assert stage.screen.page.place == near
        await pilot.press("grave_accent", "grave_accent")
        assert stage.screen.page.place == far


async def test_one_backtick_does_nothing(story: Path) -> None:
    stage = Stage(story.parent, file=story)
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("G")
        far = stage.screen.page.place
        await pilot.press("grave_accent", "z", "grave_accent")
        assert stage.screen.page.place == far


async def test_the_search_bar_takes_one_row(story: Path) -> None:
    stage = Stage(story.parent, file=story)
    async with stage.run(size=(80, 24)) as pilot:
        height = stage.screen.page.size.height
        await pilot.press("slash")
        await pilot.pause()
        assert stage.screen.input_lines.search_bar is not None
        assert stage.screen.input_lines.search_bar.size.height == 1
        assert stage.screen.page.size.height == height


async def test_a_story_chosen_while_another_is_drawn_is_opened(
    write: Callable[[str, str], Path],
) -> None:
    write("long.md", f"---\ntitle: Long\n---\n{make_numbered_story(3_000)}")
    stage = Stage(write("short.md", "---\ntitle: Short\n---\nText.").parent)
    async with stage.run(size=(80, 24)) as pilot:
        loader = Loader(stage.screen, stage.session, stage.screen.page, {}, lambda: None)
        long, short = (stage.session.catalog.find_story(title) for title in ("Long", "Short"))
        open_story = stage.session.make_open_job(long).run()
        stage.session.enter(open_story)
        loader.show_story(open_story)
        loader.load(short)
        await wait_until_idle(pilot)
        assert stage.session.current is not None
        assert stage.session.current.story.path == short.path
