"""Annotations on the page: what H and e act on, their notices, and how highlights look."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from app_driver import Stage, make_numbered_story, render_rows, wait_until, wait_until_idle
from mouse import MouseDriver
from textual import events

from reader.store.repository import Store
from reader.text.document import Place, Role
from reader.text.places import extract_text
from reader.ui.dialogs.editor import EditorDialog, SafeTextArea
from reader.ui.theme import make_styles

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from textual.pilot import Pilot

    Write = Callable[[str, str], Path]

TEXT = (
    "---\ntitle: Title\nauthor: Nobody\n---\nAlpha bravo charlie. Delta echo foxtrot golf hotel "
    "india juliet kilo lima. Mike november!\n\nOscar papa. Quebec romeo.\n\n"
    + make_numbered_story(30)
)


@pytest.fixture
def path(write: Write) -> Path:
    return write("story.md", TEXT)


@pytest.fixture
def stage(path: Path) -> Stage:
    return Stage(path.parent, file=path)


def list_highlights(stage: Stage) -> list[tuple[str, str]]:
    """Return text and note of all highlights, the oldest first."""
    annotations = stage.session.annotations
    listed = annotations.list_highlights(reversed(annotations.list_highlight_ids()))
    return [(one.highlight.text, one.highlight.note) for one in listed if one.highlight is not None]


def get_highlighted_text(stage: Stage) -> str:
    """Return the text that is drawn as a highlight, its rows joined. Tests have no colours."""
    page = stage.screen.page
    rows = (
        [s.text for s in page.render_line(y) if s.style and s.style.underline2]
        for y in range(page.size.height)
    )
    return " ".join("".join(row) for row in rows if row)


def list_symbol_rows(stage: Stage) -> list[str]:
    """Return the rows of the page that begin with the highlight symbol."""
    return [
        row.strip()[1:].strip() for row in render_rows(stage.screen.page) if row.lstrip()[:1] == "❝"
    ]


def get_selected_text(stage: Stage) -> str:
    page = stage.screen.page
    return extract_text(page.document, *page.selection) if page.selection else ""


def get_notice(stage: Stage) -> str:
    return stage.screen.status_bar.text.partition("  ")[0]


async def wait_for_editor(pilot: Pilot[None]) -> None:
    """Wait until the editor takes text."""

    def takes_text() -> bool:
        return isinstance(pilot.app.screen, EditorDialog) and pilot.app.screen.is_drawn

    await wait_until(pilot, takes_text)


async def write_in(pilot: Pilot[None], *keys: str) -> None:
    await wait_for_editor(pilot)
    await pilot.press(*keys)
    await wait_until_idle(pilot)


async def test_h_highlights_the_sentence_at_the_place(stage: Stage) -> None:
    async with stage.run(size=(60, 24)) as pilot:
        await pilot.press("H")
        await pilot.pause()
        assert list_highlights(stage) == [("Alpha bravo charlie.", "")]
        assert (
            get_notice(stage) == "Highlighted the sentence: H widens it, e adds a note, U undoes it"
        )
        assert get_highlighted_text(stage) == "Alpha bravo charlie."
        assert list_symbol_rows(stage) == [
            "Alpha bravo charlie. Delta echo foxtrot golf hotel india"
        ]


async def test_without_a_cursor_h_highlights_the_first_sentence_on_the_screen(
    stage: Stage,
) -> None:
    async with stage.run(size=(60, 14)) as pilot:
        stage.screen.page.return_to(Place(0, 50))
        await pilot.press("H")
        assert list_highlights(stage) == [("Mike november!", "")]


async def test_h_again_widens_to_the_paragraph_and_then_narrows(stage: Stage) -> None:
    async with stage.run(size=(60, 24)) as pilot:
        await pilot.press("J", "J", "H", "H")
        await pilot.pause()
        assert list_highlights(stage) == [("Oscar papa. Quebec romeo.", "")]
        assert (
            get_notice(stage)
            == "Highlighted the paragraph: H narrows it, e adds a note, U undoes it"
        )
        assert get_highlighted_text(stage) == "Oscar papa. Quebec romeo."
        await pilot.press("H")
        assert list_highlights(stage) == [("Oscar papa.", "")]


async def test_h_highlights_the_selection(stage: Stage) -> None:
    async with stage.run(size=(60, 24)) as pilot:
        mouse = MouseDriver(stage, pilot)
        await mouse.select(mouse.find_cell("bravo"), mouse.find_cell("Oscar", last=True))
        await pilot.press("H", "escape")
        await pilot.pause()
        words = (
            "bravo charlie. Delta echo foxtrot golf hotel india juliet kilo lima. Mike november!"
        )
        assert list_highlights(stage) == [(f"{words}\n\nOscar", "")]
        assert get_highlighted_text(stage) == f"{words} Oscar"
        assert len(list_symbol_rows(stage)) == 2


async def test_u_removes_the_highlight(stage: Stage) -> None:
    async with stage.run(size=(60, 24)) as pilot:
        await pilot.press("H", "U")
        await pilot.pause()
        assert (list_highlights(stage), get_highlighted_text(stage), list_symbol_rows(stage)) == (
            [],
            "",
            [],
        )
        assert get_notice(stage) == "Title: the highlight is removed."


async def test_a_highlight_is_shown_after_a_resize_and_in_another_run(path: Path) -> None:
    store = Store.open_in_memory()
    stage = Stage(path.parent, file=path, store=store)
    async with stage.run(size=(60, 24)) as pilot:
        await pilot.press("right_parenthesis", "right_parenthesis", "H", "escape")
        await pilot.resize_terminal(34, 24)
        await pilot.pause()
        assert (
            get_highlighted_text(stage) == "Delta echo foxtrot golf hotel india juliet kilo lima."
        )
    stage = Stage(path.parent, file=path, store=store)
    async with stage.run(size=(60, 24)) as pilot:
        assert (
            get_highlighted_text(stage) == "Delta echo foxtrot golf hotel india juliet kilo lima."
        )


async def test_a_highlight_far_down_is_shown_once_the_text_is_parsed(write: Write) -> None:
    path, store = write("long.md", make_numbered_story(4_000)), Store.open_in_memory()
    stage = Stage(path.parent, file=path, store=store)
    async with stage.app.run_test(size=(60, 24)) as pilot:
        await wait_until_idle(pilot)
        stage.screen.page.return_to(Place(3_900))
        await pilot.press("H")
        assert list_highlights(stage)[0][0].startswith("Paragraph 3900 word")
    text = make_numbered_story(4_000).replace("Paragraph 17 ", "New.\n\nParagraph 17 ")
    stage = Stage(write("long.md", text).parent, file=path, store=store)
    async with stage.app.run_test(size=(60, 24)) as pilot:
        await pilot.press("g")
        await wait_until_idle(pilot)
        stage.screen.page.go_to(Place(3_901))
        await pilot.pause()
        assert get_highlighted_text(stage).startswith("Paragraph 3900 word")


async def test_a_piped_text_cannot_be_highlighted(path: Path) -> None:
    stage = Stage(path.parent)
    stage.session.enter(stage.session.open_text(TEXT.encode()))
    async with stage.run(size=(60, 24)) as pilot:
        stage.screen.page.focus()
        await pilot.press("H")
        assert get_notice(stage) == "A story from standard input can't be annotated."
        await pilot.press("r")
        assert not isinstance(stage.app.screen, EditorDialog)


async def test_on_the_shelf_h_says_where_it_works(path: Path) -> None:
    stage = Stage(path.parent)
    async with stage.run(size=(60, 24)) as pilot:
        await pilot.press("H")
        assert get_notice(stage) == "Sentences are highlighted on the page: Enter goes there"
        assert list_highlights(stage) == []


@pytest.mark.parametrize("theme", ["day", "sepia", "dusk", "night", "ansi-dark"])
async def test_a_highlight_has_a_symbol_in_every_theme(stage: Stage, theme: str) -> None:
    async with stage.run(size=(60, 24)) as pilot:
        stage.app.theme = theme
        await pilot.press("H")
        await pilot.pause()
        assert len(list_symbol_rows(stage)) == 1
        styles = make_styles(stage.screen.page)
        assert styles.get_style(Role.HIGHLIGHT) not in {
            styles.base,
            styles.get_style(Role.LINK),
            styles.get_style(Role.CODE),
        }


async def test_parentheses_select_the_next_and_the_previous_sentence(stage: Stage) -> None:
    async with stage.run(size=(60, 24)) as pilot:
        words = []
        for key in ("right_parenthesis",) * 4 + ("left_parenthesis",) * 2:
            await pilot.press(key)
            words.append(get_selected_text(stage).partition(" ")[0])
        assert words == ["Alpha", "Delta", "Mike", "Oscar", "Mike", "Delta"]


async def test_a_count_selects_a_later_sentence_but_none_after_the_last(stage: Stage) -> None:
    async with stage.run(size=(60, 24)) as pilot:
        await pilot.press("4", "right_parenthesis")
        assert get_selected_text(stage) == "Oscar papa."
        await pilot.press(*"999", "right_parenthesis")
        await pilot.pause()
        assert get_selected_text(stage).startswith("Paragraph 29 ")
        assert any("Paragraph 29" in row for row in render_rows(stage.screen.page))


async def test_sentence_selection_starts_at_the_paragraph_cursor(stage: Stage) -> None:
    async with stage.run(size=(60, 24)) as pilot:
        await pilot.press("J", "J", "right_parenthesis")
        assert get_selected_text(stage) == "Oscar papa."
        await pilot.press("escape", "left_parenthesis")
        assert get_selected_text(stage) == "Mike november!"


async def test_a_selected_sentence_is_fully_visible_and_the_place_stays(stage: Stage) -> None:
    async with stage.run(size=(60, 16)) as pilot:
        for _ in range(9):
            await pilot.press("right_parenthesis")
            await pilot.pause()
            rows = " ".join(row.strip() for row in render_rows(stage.screen.page))
            assert get_selected_text(stage) in rows
        assert stage.screen.page.place == Place()


async def test_a_selected_sentence_is_copied_and_highlighted(stage: Stage) -> None:
    async with stage.run(size=(60, 24)) as pilot:
        await pilot.press("right_parenthesis", "y", "H")
        await wait_until_idle(pilot)
        assert stage.app.clipboard == "Alpha bravo charlie."
        assert list_highlights(stage) == [("Alpha bravo charlie.", "")]


async def test_e_edits_the_note_of_the_newest_highlight(stage: Stage) -> None:
    async with stage.run(size=(60, 24)) as pilot:
        await pilot.press("H", "J", "J", "H", "K", "escape", "e")
        await write_in(pilot, *"So", "enter", *"it is", "escape")
        assert list_highlights(stage)[1] == ("Oscar papa.", "So\nit is")
        assert get_notice(stage) == "Saved the note: U undoes it"
        assert stage.screen.page.has_focus


async def test_e_edits_the_note_at_the_paragraph_cursor(stage: Stage) -> None:
    async with stage.run(size=(60, 24)) as pilot:
        await pilot.press("J", "H", "J", "H", "K", "e")
        await write_in(pilot, *"Here", "ctrl+s")
        assert list_highlights(stage)[0] == ("Alpha bravo charlie.", "Here")


async def test_without_a_highlight_e_shows_a_notice(stage: Stage) -> None:
    async with stage.run(size=(60, 24)) as pilot:
        await pilot.press("J", "H", "J", "e")
        assert get_notice(stage) == "There is no highlight here: H highlights a sentence"


async def test_r_edits_the_response(stage: Stage) -> None:
    async with stage.run(size=(60, 24)) as pilot:
        await pilot.press("r")
        await write_in(pilot, *"Well", "ctrl+s")
        await pilot.press("r")
        await write_in(pilot, *" done", "escape")
        assert [one.response for one in stage.session.annotations.list_responses()] == ["Well done"]
        await pilot.press("U")
        assert [one.response for one in stage.session.annotations.list_responses()] == ["Well"]


async def test_a_response_that_another_program_writes_meanwhile_is_kept(stage: Stage) -> None:
    async with stage.run() as pilot:
        await pilot.press("r")
        await wait_for_editor(pilot)
        (story,) = stage.session.catalog.list_stories()
        stage.store.annotation_store.save_response(story.id, "Theirs.")
        await write_in(pilot, *"Mine", "ctrl+s")
        assert stage.store.annotation_store.load_response(story.id) == "Theirs.\n\nMine"
        assert get_notice(stage).startswith(
            "Saved the response with what another program wrote: U removes yours"
        )


async def test_pasted_text_is_sanitised_and_cut(stage: Stage) -> None:
    async with stage.run(size=(60, 24)) as pilot:
        await pilot.press("r")
        await wait_for_editor(pilot)
        area = stage.app.screen.query_one(SafeTextArea)
        area.post_message(events.Paste("One\r\ntwo\x1b]0;x\x07\u202ethree [/red]" + "x" * 100_000))
        await wait_until(pilot, lambda: bool(area.text))
        assert area.text.startswith("One\ntwo\ufffd]0;x\ufffd\ufffdthree [/red]xx")
        assert len(area.text) == 20_000
        await pilot.press("escape")


async def test_a_draft_is_saved_while_it_is_typed(stage: Stage) -> None:
    async with stage.run(size=(60, 24)) as pilot:
        await pilot.press("H", "e")
        await write_in(pilot, *"half a")
        stage.tick()
        assert list_highlights(stage) == [("Alpha bravo charlie.", "half a")]
        await pilot.press("ctrl+q")
    assert stage.app.return_code == 0
    assert list_highlights(stage) == [("Alpha bravo charlie.", "half a")]


async def test_a_new_highlight_is_in_the_end_card_at_once(stage: Stage) -> None:
    async with stage.run(size=(80, 40)) as pilot:
        await pilot.press("H")
        await wait_until_idle(pilot)
        rows = render_rows(stage.screen.page)
        await pilot.press("G")
        await wait_until_idle(pilot)
        rows += render_rows(stage.screen.page)
    assert "Your highlights" in [row.strip() for row in rows]
