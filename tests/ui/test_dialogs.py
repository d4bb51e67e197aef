"""Dialogs open and close once, and keys that arrive together act as if typed one by one."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import pytest
from app_driver import Stage, make_numbered_story, wait_until, wait_until_idle
from mouse import MouseDriver
from textual import events
from textual.widgets import TextArea

from reader.errors import StateError
from reader.text.search import TypedQuery
from reader.ui.dialogs import Dialog
from reader.ui.dialogs.annotations import AnnotationsDialog
from reader.ui.dialogs.contents import ContentsDialog
from reader.ui.dialogs.editor import EditorDialog
from reader.ui.dialogs.help import HelpDialog
from reader.ui.dialogs.palette import PaletteDialog
from reader.ui.widgets.filter_list import MessageLine

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from textual.pilot import Pilot

OPENING_KEYS: Final = {
    "contents": ["t"],
    "help": ["question_mark"],
    "address": ["tab", "enter"],
    "palette": ["ctrl+p"],
    "note": ["H", "e"],
    "response": ["r"],
    "highlights": ["H", "Q"],
    "note in highlights": ["H", "Q", "e"],
    "history": ["m", "R"],
}
WITH_INPUT: Final = ("palette", "note", "response", "note in highlights")
"""Dialogs where letters are typed."""


@pytest.fixture
def stage(write: Callable[[str, str], Path]) -> Stage:
    text = f"[Web](https://example.org)\n\n## Part\n\n{make_numbered_story(60)}"
    return Stage(write("a.md", text).parent, file=write("b.md", text))


async def send_together(pilot: Pilot[None], *keys: str) -> None:
    """Send keys that arrive in one read, and wait until they are handled."""
    for key in keys:
        character = " " if key == "space" else key if len(key) == 1 else None
        pilot.app.post_message(events.Key(key, character))
    app = pilot.app
    await pilot.pause()
    await wait_until(pilot, lambda: not app._running or not app.inputs)  # type: ignore[attr-defined]  # noqa: SLF001  both are the app's
    await pilot.pause()


async def open_dialog(stage: Stage, pilot: Pilot[None], name: str) -> None:
    await pilot.press(*OPENING_KEYS[name])
    await pilot.pause()
    assert stage.app.screen is not stage.screen


async def test_escape_sent_four_times_closes_no_more_than_the_dialogs(stage: Stage) -> None:
    async with stage.run() as pilot:
        for name in OPENING_KEYS:
            await open_dialog(stage, pilot, name)
            await send_together(pilot, *["escape"] * 4)
            await wait_until_idle(pilot)
            assert stage.app.screen is stage.screen
            await pilot.press("enter")  # back to the page, which escape has left


@pytest.mark.parametrize("name", OPENING_KEYS)
async def test_enter_sent_four_times_closes_no_more_than_the_dialogs(
    name: str, stage: Stage
) -> None:
    async with stage.run() as pilot:
        await open_dialog(stage, pilot, name)
        await send_together(pilot, *["enter"] * 4)
        await wait_until_idle(pilot)
        assert stage.app.screen_stack[0] is stage.screen


@pytest.mark.parametrize("name", [name for name in OPENING_KEYS if name not in WITH_INPUT])
async def test_q_sent_twice_closes_the_dialog_and_quits(name: str, stage: Stage) -> None:
    async with stage.run() as pilot:
        await open_dialog(stage, pilot, name)
        await send_together(pilot, "q", "q")
    assert stage.app.return_code == 0


async def test_keys_sent_with_the_closing_key_reach_the_page(stage: Stage) -> None:
    async with stage.run() as pilot:
        for name in ("contents", "help", "palette", "response", "history"):
            await open_dialog(stage, pilot, name)
            place = stage.screen.page.place
            await send_together(pilot, "escape", "space", "space")
            await wait_until_idle(pilot)
            assert stage.app.screen is stage.screen
            assert stage.screen.page.place > place
            await pilot.press("home")


@pytest.mark.parametrize("name", ["contents", "help", "palette", "note in highlights"])
async def test_ctrl_q_in_a_dialog_quits(name: str, stage: Stage) -> None:
    async with stage.run() as pilot:
        await open_dialog(stage, pilot, name)
        await send_together(pilot, "ctrl+q")
    assert stage.app.return_code == 0


async def open_editor(stage: Stage, pilot: Pilot[None], *keys: str) -> EditorDialog:
    """Open the editor and wait until it takes text."""
    await pilot.press(*keys)
    dialog = stage.app.screen
    assert isinstance(dialog, EditorDialog)
    await wait_until(pilot, lambda: dialog.is_drawn)
    return dialog


async def test_words_sent_with_the_key_that_quits_are_saved(stage: Stage) -> None:
    async with stage.run() as pilot:
        await open_editor(stage, pilot, "r")
        await send_together(pilot, *"hello", "space", *"world", "ctrl+q")
    responses = stage.session.annotations.list_responses()
    assert [response.response for response in responses] == ["hello world"]


async def test_keys_typed_before_the_editor_is_drawn_are_not_text(stage: Stage) -> None:
    async with stage.run() as pilot:
        await pilot.press("H")
        await send_together(pilot, "e", "e", "j", "space", "enter", "backspace")
        dialog = stage.app.screen
        assert isinstance(dialog, EditorDialog)
        area = dialog.query_one(TextArea)
        assert area.text == ""
        await wait_until(pilot, lambda: dialog.is_drawn)
        await send_together(pilot, *"there")
        assert area.text == "there"
        await send_together(pilot, "escape", "e", "x", "escape")  # a closing key is obeyed
        assert stage.app.screen_stack == [stage.screen]
    (highlight,) = stage.store.annotation_store.load_highlights()
    assert highlight.note == "there"


@pytest.mark.parametrize("key", ["ctrl+c", "ctrl+u"])
async def test_discarded_words_come_back_by_undo(key: str, stage: Stage) -> None:
    notes = stage.store.annotation_store
    async with stage.run() as pilot:
        await pilot.press("H")
        for text in ("One", " two"):
            await open_editor(stage, pilot, "e")
            await pilot.press(*text)
            stage.tick()  # what is typed so far is saved
            if text == "One":
                await pilot.press("escape")
        await pilot.press(key)
        assert notes.load_highlights()[0].note == "One"
        assert stage.screen.status_bar.text.startswith(
            "Discarded what you typed: U brings it back into the note"
        )
        await pilot.press("U")
        assert notes.load_highlights()[0].note == "One two"
        await pilot.press("U")
        assert notes.load_highlights()[0].note == "One"
        await pilot.press("U")
        assert notes.load_highlights()[0].note == ""


async def test_ctrl_c_in_the_editor_copies_a_selection_before_it_discards(stage: Stage) -> None:
    async with stage.run() as pilot:
        dialog = await open_editor(stage, pilot, "r")
        await pilot.press(*"salt", "shift+left", "shift+left", "ctrl+c")
        assert stage.app.clipboard == "lt"
        assert stage.app.screen is dialog
        await pilot.press("ctrl+c")
        assert stage.app.screen_stack == [stage.screen]
        assert stage.store.annotation_store.load_responses() == []
        await pilot.press("U")
        assert stage.store.annotation_store.load_responses()[0].text == "salt"


async def test_words_sent_with_the_key_that_opens_the_search_bar_are_searched(
    stage: Stage,
) -> None:
    async with stage.run() as pilot:
        await send_together(pilot, "slash", *"Part", "enter", "n")
        await wait_until_idle(pilot)
        results = stage.screen.page.decorations.search_results
        assert results is not None
        assert results.find == TypedQuery("Part")


async def test_a_key_that_opens_a_dialog_sent_twice_opens_one(stage: Stage) -> None:
    async with stage.run() as pilot:
        await send_together(pilot, "question_mark", "question_mark")
        assert stage.app.screen is stage.screen
        stage.screen.action_help()
        stage.screen.action_help()
        assert [type(screen) for screen in stage.app.screen_stack[1:]] == [HelpDialog]


async def test_a_covered_dialog_does_not_close_the_one_over_it(stage: Stage) -> None:
    async with stage.run() as pilot:
        await open_dialog(stage, pilot, "note in highlights")
        covered, top = stage.app.screen_stack[1:]
        assert isinstance(covered, AnnotationsDialog)
        covered.dismiss(None)
        assert stage.app.screen_stack[1:] == [covered, top]
        assert isinstance(top, EditorDialog)
        top.dismiss()
        top.dismiss()
        await pilot.pause()
        assert stage.app.screen_stack[1:] == [covered]


@pytest.mark.parametrize("name", ["contents", "palette", "highlights", "history"])
async def test_a_double_click_on_a_line_closes_the_dialog_once(name: str, stage: Stage) -> None:
    async with stage.run() as pilot:
        await open_dialog(stage, pilot, name)
        region = stage.app.screen.query("VirtualList").first().content_region
        for event in (events.MouseDown, events.MouseUp) * 2:
            x, y = region.offset
            stage.app.post_message(
                event(None, x, y, 0, 0, 1, False, False, False, screen_x=x, screen_y=y)
            )
        await send_together(pilot)
        await wait_until_idle(pilot)
        assert stage.app.screen_stack[0] is stage.screen


async def test_ctrl_p_opens_and_closes_the_palette(stage: Stage) -> None:
    async with stage.run() as pilot:
        await send_together(pilot, "t", "ctrl+p", "ctrl+p", "ctrl+p", "pagedown")
        stack = [type(screen) for screen in stage.app.screen_stack[1:]]
        assert stack == [ContentsDialog, PaletteDialog]
        await pilot.resize_terminal(20, 5)
        await MouseDriver(stage, pilot).click((70, 20))
        await send_together(pilot, "ctrl+p", "escape")
        assert stage.app.screen is stage.screen


async def test_the_palette_runs_the_command_whose_words_are_typed(stage: Stage) -> None:
    async with stage.run() as pilot:
        await send_together(pilot, "ctrl+p", *"half", "space", *"dow", "enter")
        assert stage.app.screen is stage.screen
        assert stage.screen.page.place.block > 0


async def test_the_palette_has_the_themes_of_textual_too(stage: Stage) -> None:
    async with stage.run() as pilot:
        await send_together(pilot, "ctrl+p", *"nord", "enter")
        assert stage.app.theme == "nord"


async def test_what_cannot_be_discarded_now_stays_in_the_editor(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise StateError("the disk is full")

    async with stage.run() as pilot:
        dialog = await open_editor(stage, pilot, "r")
        await pilot.press(*"salt")
        stage.tick()
        with monkeypatch.context() as patch:
            patch.setattr(stage.session.annotations, "_write_now", fail)
            await pilot.press("ctrl+u")
            assert stage.app.screen is dialog
            message = dialog.query_one(MessageLine).text
            assert message == "Can't discard it now: the disk is full"
        await pilot.press(*"y", "escape")
    assert stage.store.annotation_store.load_responses()[0].text == "salty"


async def test_two_callers_get_one_search_bar_once_it_is_mounted(stage: Stage) -> None:
    async with stage.run() as pilot:
        await wait_until(pilot, lambda: stage.screen.input_lines.search_bar is not None)
        assert stage.screen.input_lines.search_bar is not None
        await stage.screen.input_lines.search_bar.remove()
        stage.screen.input_lines.search_bar = None

        async def check_search_bar() -> bool:
            return (await stage.screen.input_lines.ensure_search_bar()).is_mounted

        assert all(await asyncio.gather(check_search_bar(), check_search_bar()))
        assert len(stage.screen.query("SearchBar")) == 1


async def test_keys_that_wait_when_the_app_has_ended_are_dropped(stage: Stage) -> None:
    async with stage.run() as pilot:
        await send_together(pilot, "q")
    assert stage.app.screen_stack == []
    stage.app.inputs._check()  # noqa: SLF001  the loop calls it
    assert stage.app.return_code == 0


@pytest.mark.parametrize("key", ["question_mark", "t", "Q", "R", "r", "ctrl+p"])
async def test_a_dialog_without_its_widgets_has_a_place_for_the_cursor(
    key: str, stage: Stage
) -> None:
    async with stage.run() as pilot:
        await pilot.press("H", key)
        dialog = stage.app.screen
        assert isinstance(dialog, Dialog)
        await dialog.remove_children()
        assert dialog.terminal_cursor is None or dialog.terminal_cursor.x >= 0


async def test_an_editor_that_is_being_removed_is_not_drawn(stage: Stage) -> None:
    stage.app.theme = "ansi-dark"  # has no colour that a widget without a parent could take
    async with stage.run() as pilot:
        editor = await open_editor(stage, pilot, "r")
        area = editor.query_one(TextArea)
        parent = area.parent
        assert parent is not None
        area._detach()  # noqa: SLF001  as Textual does while it removes a widget
        editor.refresh()
        editor._on_timer_update()  # noqa: SLF001  called by Textual's timer
        area._attach(parent)  # noqa: SLF001  so that the app can end
    assert stage.app.return_code != 1
