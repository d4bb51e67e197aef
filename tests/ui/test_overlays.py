"""All overlays are of one kind: the same frame, keys, narrowing line, messages and mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest
from app_driver import Stage, make_numbered_story, render_rows, wait_until_idle
from mouse import MouseDriver
from textual import events
from textual.geometry import Size

from reader.config import Config
from reader.drawing.hints import Hint, find_hint, fit_hints, format_hints
from reader.text.cells import count_cells
from reader.ui.dialogs.editor import EditorDialog
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


@pytest.mark.parametrize(
    ("text", "words", "action"),
    [
        ("5 % · d delete", "d delete", "x"),
        ("Enter go · d delete     72 %", "d delete", "x"),
        ("d deleted · d delete · q cl…", "q cl…", ""),
        ("日本語 · Enter go · q close", "q close", "y"),
        ("d delete it · 5 %", "d delete", ""),
        ("d delete · 5 %", " · ", ""),
    ],
)
def test_a_click_finds_only_whole_hints(text: str, words: str, action: str) -> None:
    first = count_cells(text[: text.index(words)])
    for cell in (first, first + count_cells(words) - 1):
        hint = find_hint(text, HINTS, cell)
        assert (hint.action if hint is not None else "") == action


async def test_hints_in_the_status_bar_are_clicked_and_name_what_a_selection_is_for(
    write: Callable[[str, str], Path],
) -> None:
    path = write("a.md", "# Title\n\nAlpha bravo. Charlie delta.")
    stage = Stage(path.parent, file=path, config=Config(keys={"highlight": "x"}))
    async with stage.run(size=(80, 24)) as pilot:
        mouse, bar = MouseDriver(stage, pilot), stage.screen.status_bar

        async def click_hint(words: str) -> None:
            row = render_rows(bar)[0]
            assert words in row
            await mouse.click((bar.region.x + row.index(words), bar.region.y))
            await wait_until_idle(pilot)

        await click_hint("? keys")
        assert isinstance(stage.app.screen, Overlay)
        await pilot.press("q", "right_parenthesis")
        await pilot.pause()
        assert bar.text.startswith("y copy · x highlight · e note  100 %")
        await click_hint("y copy")
        assert stage.app.clipboard == "Alpha bravo."
        bar.clear_notice()
        await click_hint("e note")
        assert isinstance(stage.app.screen, EditorDialog)
        await pilot.press("escape")
        (highlight,) = stage.store.annotation_store.load_highlights()
        assert highlight.text == "Alpha bravo."
        await pilot.resize_terminal(30, 24)
        await pilot.pause()
        bar.clear_notice()
        assert bar.text.startswith("y copy · x highlight  100 %")
        await pilot.press("escape")
        await pilot.pause()
        assert bar.text.startswith("Title  100 %")


async def test_a_list_may_be_drawn_before_its_new_width_is_reported(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with stage.run(size=(24, 60)) as pilot:
        await pilot.press("question_mark")
        await wait_until_idle(pilot)
        monkeypatch.setattr(VirtualList, "size", Size(70, 50))  # a new layout, before the event
        assert list_rows(pilot)[0].startswith("A story counts as read once its words have been")
