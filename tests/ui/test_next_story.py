"""Space at the end: to the card, then a line that names the next story, then there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from app_driver import Stage, numbered, shown, wait_until_idle
from entries import entry

from reader.session.reading_list import Suggestion
from reader.ui.controllers import navigation
from reader.ui.controllers.navigation import NextStoryPrompt

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from reader.library.story import Story

FOLLOWING = [Suggestion(entry("Bert"), "continue")]


class Reading:
    """An `Onward`, with what it tells and where it leads."""

    def __init__(self) -> None:
        self.now = 100.0
        self.told: list[str] = []
        self.onward = NextStoryPrompt(self, self._read, lambda: self.now)  # type: ignore[arg-type]

    def show_notice(self, news: str) -> None:
        """Take a line for the status line."""
        self.told.append(news)

    def _read(self, story: Story) -> None:
        self.told.append(f"-> {story.title}")

    def strike(self, after: float, following: list[Suggestion] = FOLLOWING) -> list[str]:
        """Turn the page at the end `after` so many seconds; return what came of it."""
        self.now += after
        self.told.clear()
        self.onward.prompt_or_show(following, "Space")
        return list(self.told)


def test_the_first_time_it_is_said_and_the_second_time_done() -> None:
    reading = Reading()
    assert reading.strike(0) == ["Space again opens Bert"]
    assert reading.strike(0.5) == ["Bert: continue", "-> Bert"]


def test_a_key_that_is_held_goes_nowhere() -> None:
    reading = Reading()
    reading.strike(0)
    assert [reading.strike(0.033) for _ in range(100)] == [[]] * 100
    assert reading.strike(0.4) == ["Bert: continue", "-> Bert"]


def test_what_was_said_too_long_ago_is_said_again() -> None:
    reading = Reading()
    reading.strike(0)
    assert reading.strike(6.1) == ["Space again opens Bert"]


def test_after_another_way_it_is_said_again() -> None:
    reading = Reading()
    reading.strike(0)
    reading.onward.reset()
    assert reading.strike(1) == ["Space again opens Bert"]


def test_where_nothing_is_left_it_says_so_every_time() -> None:
    reading = Reading()
    assert [reading.strike(1, []) for _ in range(3)] == [["There is no story left to read."]] * 3


# On the screen -----------------------------------------------------------------------------


@pytest.fixture
def folder(write: Callable[[str, str], Path]) -> Path:
    for name in ("Anna", "Bert"):
        write(f"{name}.md", f"---\ntitle: {name}\n---\n{numbered(14)}")
    return write("Cleo.md", f"---\ntitle: Cleo\n---\n{numbered(14)}").parent


async def test_space_goes_to_the_card_then_says_what_comes_then_goes_there(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(navigation, "KEY_REPEAT_SECONDS", 0)
    stage = Stage(folder, file=folder / "Anna.md")
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await pilot.press("G", *"kkkk")
        assert not any("Cleo ·" in row for row in shown(stage.screen.page))
        await pilot.press("space")
        assert any("◆" in row for row in shown(stage.screen.page))
        assert any("Cleo ·" in row for row in shown(stage.screen.page))
        assert "again" not in stage.screen.status_bar.text
        await pilot.press("space")
        assert stage.screen.status_bar.text.startswith("Space again opens Bert")
        await pilot.press("space")
        await wait_until_idle(pilot)
        assert stage.app.title == "Bert"
        assert stage.screen.status_bar.text.startswith("Bert: about as long")
        await pilot.press("ctrl+o")
        await wait_until_idle(pilot)
        assert stage.app.title == "Anna"


async def test_a_page_down_that_is_held_stays_at_the_end(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(navigation, "KEY_REPEAT_SECONDS", 60)
    stage = Stage(folder, file=folder / "Anna.md")
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*["space"] * 30)
        await wait_until_idle(pilot)
        assert stage.app.title == "Anna"
        assert stage.screen.status_bar.text.startswith("Space again opens Bert")


async def test_a_page_up_between_takes_it_back(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(navigation, "KEY_REPEAT_SECONDS", 0)
    stage = Stage(folder, file=folder / "Anna.md")
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await pilot.press("G", "space", "b")
        await pilot.press("space", "space")
        await wait_until_idle(pilot)
        assert stage.app.title == "Anna"


async def test_no_other_key_leads_past_the_end(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(navigation, "KEY_REPEAT_SECONDS", 0)
    stage = Stage(folder, file=folder / "Anna.md")
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await pilot.press("G", "j", "d", "G", "j")
        await pilot.press("j", "d", "G")
        await wait_until_idle(pilot)
        assert stage.app.title == "Anna"
        assert "again" not in stage.screen.status_bar.text
