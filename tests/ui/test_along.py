"""The keys `[` and `]` step through the matches if there are any, else the series or the shelf."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from app_driver import Stage, make_numbered_story, render_rows, wait_until_idle

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def parts(write: Callable[[str, str], Path]) -> Path:
    """Return the first of two parts that are not neighbours on the shelf."""
    for day, name, part in ((1, "Zoo", "series: Tides\npart: 2\n"), (2, "Mole", "")):
        write(
            f"{name}.md",
            f"---\ntitle: {name}\ndate: 2020-01-0{day}\n{part}---\n{make_numbered_story()}",
        )
    head = "title: Anna\ndate: 2020-01-03\nseries: Tides\npart: 1"
    return write("Anna.md", f"---\n{head}\n---\n{make_numbered_story()}")


def get_title(stage: Stage) -> str:
    return next(line.strip() for line in render_rows(stage.screen.page) if "Tides" not in line)


async def test_in_a_series_the_next_part_comes_next(parts: Path) -> None:
    stage = Stage(parts.parent, file=parts)
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("right_square_bracket")
        await wait_until_idle(pilot)
        assert get_title(stage) == "Zoo"
        assert stage.screen.status_bar.text.startswith("Tides, part 2: Zoo")


async def test_after_the_last_part_comes_the_next_story_of_the_shelf(parts: Path) -> None:
    stage = Stage(parts.parent, file=parts.parent / "Zoo.md")
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("left_square_bracket")
        await wait_until_idle(pilot)
        assert get_title(stage) == "Anna"
        await pilot.press("2", "right_square_bracket")
        await wait_until_idle(pilot)
        assert get_title(stage) == "Mole"
        assert stage.screen.status_bar.text.startswith("On the shelf: Mole")


async def test_while_there_are_matches_the_keys_step_through_them(parts: Path) -> None:
    stage = Stage(parts.parent, file=parts)
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("slash", *"paragraph 4", "enter")
        await wait_until_idle(pilot)
        await pilot.press("2", "right_square_bracket", "left_square_bracket")
        assert str(stage.screen.page.decorations.search_results) == "2 of 11"
        assert stage.app.title == "Anna"


async def test_after_the_matches_are_cleared_the_keys_step_through_the_series(parts: Path) -> None:
    stage = Stage(parts.parent, file=parts)
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("slash", *"paragraph 4", "enter")
        await wait_until_idle(pilot)
        await pilot.press("escape", "right_square_bracket")
        await wait_until_idle(pilot)
        assert get_title(stage) == "Zoo"


async def test_without_matches_the_keys_step_through_the_series(parts: Path) -> None:
    stage = Stage(parts.parent, file=parts)
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("slash", *"nowhere", "enter")
        await wait_until_idle(pilot)
        await pilot.press("right_square_bracket")
        await wait_until_idle(pilot)
        assert get_title(stage) == "Zoo"


async def test_the_end_card_shows_the_key_of_the_next_story(parts: Path) -> None:
    stage = Stage(parts.parent, file=parts)
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("G")
        await pilot.pause()
        assert "] Zoo · 7 min · next in Tides" in [
            line.strip() for line in render_rows(stage.screen.page)
        ]


async def test_the_end_card_shows_no_key_for_other_stories(parts: Path) -> None:
    stage = Stage(parts.parent)
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("G", "m", "g", "enter")  # the next part is finished
        await wait_until_idle(pilot)
        await pilot.press("G")
        await pilot.pause()
        assert "· Mole · 7 min · about as long" in [
            line.strip() for line in render_rows(stage.screen.page)
        ]
