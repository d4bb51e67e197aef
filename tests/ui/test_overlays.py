"""All overlays are of one kind: the same frame, keys, narrowing line, messages and mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest
from app_driver import Stage, make_numbered_story, render_rows, wait_until_idle
from mouse import MouseDriver
from textual import events

from reader.drawing.hints import Hint, Run, fit_hints, format_hints, split_at_hints
from reader.ui.dialogs.help import FIXED_LINES, HelpLine, format_help_rows
from reader.ui.dialogs.overlay import Overlay
from reader.ui.widgets.narrowing import Narrowing, make_search_text
from reader.ui.widgets.virtual_list import VirtualList

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from textual.pilot import Pilot

OPENING_KEYS: Final = {
    "contents": ["t"],
    "highlights": ["Q"],
    "history": ["R"],
    "help": ["question_mark"],
    "palette": ["ctrl+p", "down", "up"],
}
"""The keys that open each overlay, with the focus on its list."""
WORDS: Final = {
    "contents": "quay",
    "highlights": "quoth",
    "history": "salt",
    "help": "quit, from",
    "palette": "quit",
}
"""Words that only one line has. Most have a `q`, which closes the list elsewhere."""


@pytest.fixture
def stage(write: Callable[[str, str], Path]) -> Stage:
    parts = "".join(f"\n\n## Part {n}\n\n{make_numbered_story(4)}" for n in range(40))
    text = f"---\ntitle: Salt\n---\n“Quoth he.”{parts}\n\n## The quay\n\nThe end."
    other = write("a.md", text.replace("Salt", "Pepper"))
    return Stage(other.parent, file=write("b.md", text))


def list_rows(pilot: Pilot[None]) -> list[str]:
    return [row.strip() for row in render_rows(pilot.app.screen.query_one(VirtualList))]


@pytest.mark.parametrize("name", OPENING_KEYS)
async def test_every_overlay_narrows_closes_and_takes_the_mouse_alike(
    name: str, stage: Stage
) -> None:
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("H", "m", *OPENING_KEYS[name])
        await wait_until_idle(pilot)
        overlay = pilot.app.screen
        assert isinstance(overlay, Overlay)
        frame, listing = overlay.filter_list, overlay.query_one(VirtualList)
        assert (frame.region.width, frame.styles.border_top[0]) == (76, "round")
        assert "/ narrow · q close" in frame.message
        rows = list_rows(pilot)
        await pilot.press("G", "g")
        assert listing.cursor == 0
        await pilot.press("slash", *"zq")
        assert list_rows(pilot)[0] == "No match"
        await pilot.press("enter")
        assert pilot.app.screen is overlay
        await pilot.press("escape")
        assert list_rows(pilot) == rows
        listing.post_message(_make_wheel_event())
        await pilot.pause()
        assert listing.cursor == min(3, max(0, len(frame.narrowing.texts) - 1))
        await pilot.press("q")
        assert stage.app.screen_stack == [stage.screen]
        await pilot.press(*OPENING_KEYS[name])
        await MouseDriver(stage, pilot).click((0, 12))
        assert stage.app.screen_stack == [stage.screen]
        await pilot.press(*OPENING_KEYS[name], "slash", *WORDS[name])
        assert len(frame.narrowing.texts) > 1 or name in ("highlights", "history")
        await pilot.press("enter")
    assert stage.app.screen_stack[1:] == []


def _make_wheel_event() -> events.MouseScrollDown:
    return events.MouseScrollDown(None, 5, 2, 0, 1, 0, False, False, False, screen_x=40, screen_y=8)


async def test_a_click_on_a_hint_does_what_its_key_does(stage: Stage) -> None:
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("H", "Q")
        await wait_until_idle(pilot)
        overlay = pilot.app.screen
        assert isinstance(overlay, Overlay)
        line = overlay.query_one("MessageLine")
        x, y = line.content_region.offset
        hint = overlay.filter_list.message.index("d delete")
        await MouseDriver(stage, pilot).click((x + hint, y))
        assert overlay.filter_list.message == "Deleted the highlight: U undoes it"


async def test_the_help_runs_the_chosen_command(stage: Stage) -> None:
    async with stage.run(size=(60, 20)) as pilot:
        await pilot.press("question_mark", "slash", *"go to the end", "enter")
        await wait_until_idle(pilot)
        assert stage.screen.page.place.block > 100


async def test_the_palette_opens_the_story_that_is_named(stage: Stage) -> None:
    path = stage.session.current.story.path if stage.session.current else None
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("ctrl+p")
        await wait_until_idle(pilot)
        await pilot.press(*"pepper", "enter")
        await wait_until_idle(pilot)
        assert stage.session.current is not None
        assert stage.session.current.story.path != path
        await pilot.press("ctrl+o")
        await wait_until_idle(pilot)
        assert stage.session.current.story.path == path


def narrow(query: str, *lines: tuple[str, str]) -> list[str]:
    """Return the titles of lines in the order in which a ranked list shows them for `query`."""
    narrowing = Narrowing(is_ranked=True)
    narrowing.texts = [make_search_text(*line) for line in lines]
    narrowing.set_query(query)
    return [lines[number][0] for number in narrowing.find_lines()]


def test_titles_are_ranked_before_other_words() -> None:
    lines = (
        ("Unfinished", ""), ("Search", "Find text"), ("Look", "Refind"), ("To find", ""),
        ("Find a story", ""), ("Find", ""),
    )  # fmt: skip
    assert narrow("FIND", *lines) == ["Find", "Find a story", "To find", "Search", "Look"]


def test_words_match_in_any_order_and_punctuation_does_not_hide_a_title() -> None:
    lines = (("Half a page", ""), ("“Page”, half", ""), ("Half", "Page"), ("Page", ""))
    assert narrow("half pag", *lines) == ["Half a page", "“Page”, half", "Half"]
    assert narrow("page half", *lines)[0] == "“Page”, half"
    assert narrow("— …", *lines) == []


def test_a_later_group_stays_below_however_well_it_matches() -> None:
    narrowing = Narrowing(is_ranked=True)
    narrowing.texts.append(make_search_text("Mark", "as finished"))
    narrowing.start_group()
    narrowing.texts.append(make_search_text("Finished"))
    narrowing.set_query("finished")
    assert narrowing.find_lines() == [0, 1]


def test_a_wrapped_help_text_hangs_under_its_own_column() -> None:
    line = HelpLine("", "PgDn ctrl+f", "Down a screenful of stories")
    rows = ["".join(run.text for run in row) for row in format_help_rows(line, 42)]
    assert rows == ["PgDn ctrl+f           Down a screenful of", "                      stories"]


@pytest.mark.parametrize("cells", [1, 9, 20, 40])
def test_the_help_has_every_word_at_any_width(cells: int) -> None:
    for line in FIXED_LINES:
        rows = format_help_rows(line, cells)
        assert "".join(row[1].text[:1] for row in rows if row[1].text)


HINTS: Final = (Hint("Enter", "go", "choose"), Hint("d", "delete", "x"), Hint("q", "close", "y"))


def test_hints_that_do_not_fit_are_left_out_whole() -> None:
    assert format_hints(fit_hints(HINTS, 30)) == "Enter go · d delete · q close"
    assert format_hints(fit_hints(HINTS, 28)) == "Enter go · d delete"
    assert format_hints(fit_hints(HINTS, 28, HINTS[2:])) == "Enter go · q close"
    assert fit_hints(HINTS, 3) == []


def test_only_the_words_of_a_hint_run_its_action() -> None:
    runs = split_at_hints("5 % · d delete · d delete · q cl…", HINTS)
    assert runs == [Run("5 % · d delete · "), Run("d delete", action="x"), Run(" · q cl…")]
