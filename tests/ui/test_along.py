"""`[` and `]`: along the matches while there are some, the series, or the shelf."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from app_driver import Stage, numbered, shown, wait_until_idle

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def parts(write: Callable[[str, str], Path]) -> Path:
    """Return the first of two parts, which stand apart on the shelf."""
    for day, name, part in ((1, "Zoo", "series: Tides\npart: 2\n"), (2, "Mole", "")):
        write(f"{name}.md", f"---\ntitle: {name}\ndate: 2020-01-0{day}\n{part}---\n{numbered()}")
    head = "title: Anna\ndate: 2020-01-03\nseries: Tides\npart: 1"
    return write("Anna.md", f"---\n{head}\n---\n{numbered()}")


def title(stage: Stage) -> str:
    return next(line.strip() for line in shown(stage.screen.page) if "Tides" not in line)


async def test_in_a_series_the_next_part_comes_next_and_is_told(parts: Path) -> None:
    stage = Stage(parts.parent, file=parts)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await pilot.press("right_square_bracket")
        await wait_until_idle(pilot)
        assert title(stage) == "Zoo"
        assert stage.screen.status_bar.text.startswith("Tides, part 2: Zoo")


async def test_behind_the_last_part_the_shelf_goes_on(parts: Path) -> None:
    stage = Stage(parts.parent, file=parts.parent / "Zoo.md")
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await pilot.press("left_square_bracket")
        await wait_until_idle(pilot)
        assert title(stage) == "Anna"
        await pilot.press("2", "right_square_bracket")
        await wait_until_idle(pilot)
        assert title(stage) == "Mole"
        assert stage.screen.status_bar.text.startswith("On the shelf: Mole")


async def test_while_matches_are_lit_they_are_the_list(parts: Path) -> None:
    stage = Stage(parts.parent, file=parts)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await pilot.press("slash", *"paragraph 4", "enter")
        await wait_until_idle(pilot)
        await pilot.press("2", "right_square_bracket", "left_square_bracket")
        assert str(stage.screen.page.decorations.search_results) == "2 of 11"
        assert stage.app.title == "Anna"


async def test_when_the_matches_are_put_out_the_list_is_the_series_again(parts: Path) -> None:
    stage = Stage(parts.parent, file=parts)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await pilot.press("slash", *"paragraph 4", "enter")
        await wait_until_idle(pilot)
        await pilot.press("escape", "right_square_bracket")
        await wait_until_idle(pilot)
        assert title(stage) == "Zoo"


async def test_words_that_were_not_found_are_no_list(parts: Path) -> None:
    stage = Stage(parts.parent, file=parts)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await pilot.press("slash", *"nowhere", "enter")
        await wait_until_idle(pilot)
        await pilot.press("right_square_bracket")
        await wait_until_idle(pilot)
        assert title(stage) == "Zoo"


async def test_the_key_at_the_end_of_a_story_stands_at_the_one_it_leads_to(parts: Path) -> None:
    stage = Stage(parts.parent, file=parts)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await pilot.press("G")
        await pilot.pause()
        assert "] Zoo · 7 min · next in Tides" in [
            line.strip() for line in shown(stage.screen.page)
        ]


async def test_no_key_stands_at_a_story_it_does_not_lead_to(parts: Path) -> None:
    stage = Stage(parts.parent)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await pilot.press("G", "m", "g", "enter")  # the next part is finished
        await wait_until_idle(pilot)
        await pilot.press("G")
        await pilot.pause()
        assert "· Mole · 7 min · about as long" in [
            line.strip() for line in shown(stage.screen.page)
        ]
