"""Many keys at once: text goes into the field with the focus, and commands are all run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from app_driver import Stage, make_numbered_story, wait_until
from textual import events
from textual.widgets import Input

from reader.config import Config
from reader.session.annotations import MAX_CHARACTERS
from reader.ui.dialogs.editor import EditorDialog, SafeTextArea, WrappedText
from reader.ui.dialogs.palette import PaletteDialog
from reader.ui.widgets.filter_list import MessageLine
from reader.ui.widgets.search_bar import MAX_QUERY_CHARACTERS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from textual.pilot import Pilot

KEYS = {"/": "slash", "\r": "enter", "\x13": "ctrl+s"}


@pytest.fixture
def stage(write: Callable[[str, str], Path]) -> Stage:
    path = write("story.md", f"# Story\n\n{make_numbered_story()}")
    return Stage(path.parent, file=path)


async def send(pilot: Pilot[None], *inputs: str | events.Event) -> None:
    """Send characters as keys, and other events, all at once; wait until all are handled."""
    app = pilot.app
    for each in inputs:
        if isinstance(each, str):
            for key in each:
                app.post_message(events.Key(KEYS.get(key, key), key))
        else:
            app.post_message(each)
    await pilot.pause()
    await wait_until(pilot, lambda: not len(app.inputs))  # type: ignore[attr-defined]  # ReaderApp's
    await pilot.pause()


async def open_editor(pilot: Pilot[None]) -> EditorDialog:
    """Open the editor of a response, and wait until it takes text."""
    await send(pilot, "r")
    dialog = pilot.app.screen
    assert isinstance(dialog, EditorDialog)
    await wait_until(pilot, lambda: dialog.is_drawn)
    return dialog


def get_query(stage: Stage) -> str:
    return stage.screen.query_one(Input).value


async def test_a_query_and_enter_at_once_go_to_the_match(stage: Stage) -> None:
    async with stage.run() as pilot:
        await send(pilot, "/", "paragraph 40", "\r")
        await wait_until(pilot, lambda: stage.screen.page.has_focus)
        assert stage.screen.page.visible_range.start.block <= 40
        assert stage.screen.page.place.block > 30


@pytest.mark.parametrize("length", [MAX_QUERY_CHARACTERS, 100_000])
async def test_a_query_is_cut_and_finds_its_beginning(stage: Stage, length: int) -> None:
    text = (f"\n Paragraph  40\r{'word ' * 25}" + "." + "x" * length)[: 138 + length]
    async with stage.run() as pilot:
        await send(pilot, "/", events.Paste(text))
        assert len(get_query(stage)) == MAX_QUERY_CHARACTERS
        assert get_query(stage).startswith(" Paragraph 40 word word")
        label = stage.screen.input_lines.search_bar
        assert label is not None
        await wait_until(pilot, lambda: "first 200 characters" in str(label._count_label.content))  # noqa: SLF001  it has no other access


async def test_keys_without_a_bracketed_paste_are_cut_as_well(stage: Stage) -> None:
    async with stage.run() as pilot:
        await send(pilot, "/", "ab " * 1_000)
        assert get_query(stage) == ("ab " * 1_000)[:MAX_QUERY_CHARACTERS]


async def test_the_editor_takes_a_limited_number_of_characters_and_says_so(stage: Stage) -> None:
    async with stage.run() as pilot:
        dialog = await open_editor(pilot)
        await send(pilot, events.Paste("x" * (MAX_CHARACTERS - 2)), "abc", "d")
        assert dialog.query_one(SafeTextArea).text.endswith("xab")
        assert "No more than 20,000" in dialog.query_one(MessageLine).text
        await send(pilot, events.Key("backspace", None), "e")
        assert dialog.query_one(SafeTextArea).text.endswith("xae")


@pytest.mark.parametrize("keys", ["j" * 150, "j" * 150 + "k" * 50, "3j" + "j" * 9, "jk" * 20 + "j"])
async def test_keys_that_wait_move_the_page_as_if_they_came_one_by_one(
    stage: Stage, keys: str
) -> None:
    rows = keys.count("j") - keys.count("k") + 2 * keys.count("3")
    async with stage.run() as pilot:
        scroller = stage.screen.page.viewport.scroller
        expected = scroller.galley.shift_row(scroller.top_row, rows)
        await send(pilot, keys)
        assert scroller.top_row == expected
        assert not stage.screen.page.count.number


async def test_keys_that_wait_are_drawn_in_few_frames(stage: Stage) -> None:
    async with stage.run() as pilot:
        drawn = stage.screen.page.renderer.drawn_count
        await send(pilot, "jk" * 200)
        assert stage.screen.page.renderer.drawn_count - drawn < 200 * stage.screen.page.size.height


async def test_a_long_response_is_wrapped_once_when_it_is_opened(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrap, widths = WrappedText.wrap, []

    def count(self: WrappedText, width: int, tab_width: int | None = None) -> None:
        widths.append(width)
        wrap(self, width, tab_width)

    monkeypatch.setattr(WrappedText, "wrap", count)
    (story,) = stage.session.catalog.list_stories()
    text = "A line.\n" * 2_000
    stage.store.annotation_store.save_response(story.id, text)
    async with stage.run() as pilot:
        dialog = await open_editor(pilot)
        await send(pilot, "End.")
        area = dialog.query_one(SafeTextArea)
        assert len(widths) == 2  # the first time without a width
        assert area.text == text + "End."
        assert area.wrapped_document.height == 2_001
        await pilot.resize_terminal(50, 20)
        assert len(widths) == 3
        await send(pilot, "\x13")
        assert stage.store.annotation_store.load_response(story.id) == text + "End."


async def test_letters_of_another_layout_are_commands_outside_text_fields(
    write: Callable[[str, str], Path],
) -> None:
    story = write("one.md", make_numbered_story())
    stage = Stage(story.parent, file=story)
    async with stage.run() as pilot:
        place = stage.screen.page.place
        await pilot.press("П")
        assert stage.screen.page.place > place
        await pilot.press("slash", "о")
        assert stage.screen.input_lines.search_bar is not None
        assert stage.screen.input_lines.search_bar.query_one(Input).value == "о"
        await pilot.press("escape", "escape", "ctrl+з")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, PaletteDialog))


async def test_a_letter_that_has_a_command_of_its_own_keeps_it(
    write: Callable[[str, str], Path],
) -> None:
    story = write("one.md", make_numbered_story())
    stage = Stage(story.parent, file=story, config=Config(keys={"end": "о"}))
    async with stage.run() as pilot:
        await pilot.press("о")
        assert stage.screen.page.visible_range.end == stage.session.current.document.end  # type: ignore[union-attr]  # it is open
