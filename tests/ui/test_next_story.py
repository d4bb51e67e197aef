"""Space at the end of a story: the end card, then a prompt, then the next story."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from app_driver import Stage, make_numbered_story, render_rows, wait_until_idle
from entries import make_entry

from reader.session.shelf.end_card import Suggestion
from reader.ui.controllers import navigation
from reader.ui.controllers.navigation import NextStoryPrompt

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from reader.library.story import Story

FOLLOWING = [Suggestion(make_entry("Bert"), "continue")]


class RecordedPrompt:
    """A `NextStoryPrompt` with the notices that it shows and the stories that it opens."""

    def __init__(self) -> None:
        self.now = 100.0
        self.events: list[str] = []
        self.prompt = NextStoryPrompt(self, self._read, lambda: self.now)  # type: ignore[arg-type]

    def show_notice(self, message: str) -> None:
        """Record a notice for the status bar."""
        self.events.append(message)

    def _read(self, story: Story) -> None:
        self.events.append(f"-> {story.title}")

    def press(self, after: float, following: list[Suggestion] = FOLLOWING) -> list[str]:
        """Press the key at the end after so many seconds; return the notices and stories."""
        self.now += after
        self.events.clear()
        self.prompt.prompt_or_show(following, "Space")
        return list(self.events)


def test_the_first_press_names_the_next_story_and_the_second_opens_it() -> None:
    recorded = RecordedPrompt()
    assert recorded.press(0) == ["Space again opens Bert"]
    assert recorded.press(0.5) == ["-> Bert", "Bert: continue"]


def test_a_held_key_opens_nothing() -> None:
    recorded = RecordedPrompt()
    recorded.press(0)
    assert [recorded.press(0.033) for _ in range(100)] == [[]] * 100
    assert recorded.press(0.4) == ["-> Bert", "Bert: continue"]


def test_an_expired_prompt_is_repeated() -> None:
    recorded = RecordedPrompt()
    recorded.press(0)
    assert recorded.press(6.1) == ["Space again opens Bert"]


def test_a_move_resets_the_prompt() -> None:
    recorded = RecordedPrompt()
    recorded.press(0)
    recorded.prompt.reset()
    assert recorded.press(1) == ["Space again opens Bert"]


def test_without_a_next_story_every_press_shows_a_notice() -> None:
    recorded = RecordedPrompt()
    assert [recorded.press(1, []) for _ in range(3)] == [["There is no story left to read."]] * 3


@pytest.fixture
def folder(write: Callable[[str, str], Path]) -> Path:
    for name in ("Anna", "Bert"):
        write(f"{name}.md", f"---\ntitle: {name}\n---\n{make_numbered_story(14)}")
    return write("Cleo.md", f"---\ntitle: Cleo\n---\n{make_numbered_story(14)}").parent


async def test_space_shows_the_end_card_then_the_prompt_then_the_next_story(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(navigation, "KEY_REPEAT_SECONDS", 0)
    stage = Stage(folder, file=folder / "Anna.md")
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("G", *"kkkk")
        assert not any("Cleo ·" in row for row in render_rows(stage.screen.page))
        await pilot.press("space")
        assert any("◆" in row for row in render_rows(stage.screen.page))
        assert any("Cleo ·" in row for row in render_rows(stage.screen.page))
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


async def test_a_held_page_down_stays_at_the_end(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(navigation, "KEY_REPEAT_SECONDS", 60)
    stage = Stage(folder, file=folder / "Anna.md")
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press(*["space"] * 30)
        await wait_until_idle(pilot)
        assert stage.app.title == "Anna"
        assert stage.screen.status_bar.text.startswith("Space again opens Bert")


async def test_a_page_up_resets_the_prompt(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(navigation, "KEY_REPEAT_SECONDS", 0)
    stage = Stage(folder, file=folder / "Anna.md")
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("G", "space", "b")
        await pilot.press("space", "space")
        await wait_until_idle(pilot)
        assert stage.app.title == "Anna"


async def test_no_other_key_opens_the_next_story(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(navigation, "KEY_REPEAT_SECONDS", 0)
    stage = Stage(folder, file=folder / "Anna.md")
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("G", "j", "d", "G", "j")
        await pilot.press("j", "d", "G")
        await wait_until_idle(pilot)
        assert stage.app.title == "Anna"
        assert "again" not in stage.screen.status_bar.text
