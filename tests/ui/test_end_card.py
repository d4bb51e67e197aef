"""The end card of a story: its parts, and the stories that it suggests."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from app_driver import Stage, make_numbered_story, render_rows, wait_until_idle
from mouse import MouseDriver

from reader.layout.galley import Galley
from reader.library.story import Story
from reader.markdown.parser import parse
from reader.reading.annotations import Highlight
from reader.reading.progress import ReadStatus
from reader.render.story_frame import build_tail
from reader.session.shelf.end_card import EndCard, EndCardKeys, Suggestion
from reader.session.shelf.entries import ShelfEntry
from reader.text.document import Anchor, Place

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from textual.pilot import Pilot

ANNA = Story("anna", "anna.md", "Anna", about="She writes.", series="Tides", part=1)
BERT = Story("bert", "bert.md", "Bert", words=1590, series="Tides", part=2)
CLEO = Story("cleo", "cleo.md", "Cleo", words=1590)
ANCHOR = Anchor(Place(), "", "")


def make_highlight(text: str, note: str = "") -> Highlight:
    return Highlight("q", "anna", ANCHOR, text, note, datetime.now(UTC))


FOLLOWING = [
    Suggestion(ShelfEntry(BERT, ReadStatus.UNREAD, 0.0, 1590, 0), "next in Tides"),
    Suggestion(ShelfEntry(CLEO, ReadStatus.READING, 0.5, 800, 1), "continue"),
]
ENDING = EndCard(
    "Finished · 6 min",
    highlights=[make_highlight("It said\n\nso.", "Did it?"), make_highlight("word " * 99)],
    suggestions=FOLLOWING,
    next_in_order=BERT,
)


def render_end_card(ending: EndCard, keys: EndCardKeys = EndCardKeys()) -> list[str]:  # noqa: B008  a tuple of words
    """Return the lines after a text of one footnote, at forty cells, without blank lines."""
    document = parse("Text.[^1]\n\n[^1]: Note.")
    galley = Galley(document, 40)
    galley.set_tail(build_tail(ANNA, document, ending, keys))
    return [text for _, line in galley.draw_rows(galley.first_row, 99) if (text := line.text)][1:]


def test_the_end_card_has_all_parts_in_order_with_keys() -> None:
    assert render_end_card(ENDING, EndCardKeys("Space", "]", "r")) == [
        "  ◆",
        "Finished · 6 min",
        "Footnotes",
        "¹ Note.",
        "Your highlights",
        "│ It said so.",
        "Did it?",
        *["│ word word word word word word word"] * 6,
        "│ word word word word word word…",
        "About",
        "She writes.",
        "r writes a response",
        "Next · Space reads the first",
        "] Bert · 6 min · next in Tides",
        "· Cleo · 3 min unread · continue",
    ]


def test_a_printed_end_card_names_no_keys() -> None:
    assert render_end_card(ENDING)[-4:] == [
        "She writes.", "Next", "· Bert · 6 min · next in Tides", "· Cleo · 3 min unread · continue",
    ]  # fmt: skip


def test_a_response_replaces_the_invitation_to_respond() -> None:
    with_response = EndCard(response="I agree.\n\nMost-\nly.\x1b[31m")
    assert render_end_card(with_response, EndCardKeys(respond="r"))[-3:] == [
        "Your response",
        "I agree.",
        "Most- ly.�[31m",
    ]


def test_only_the_next_story_shows_the_key_that_opens_it() -> None:
    assert render_end_card(ENDING._replace(next_in_order=CLEO), EndCardKeys(next_in_order="]"))[-2:] == [
        "· Bert · 6 min · next in Tides", "] Cleo · 3 min unread · continue",
    ]  # fmt: skip


@pytest.fixture
def folder(write: Callable[[str, str], Path]) -> Path:
    for day, name in enumerate(("Anna", "Bert", "Cleo"), 1):
        head = f"title: {name}\ndate: 2020-01-0{9 - day}\ntags: [sea]"
        write(f"{name}.md", f"---\n{head}\n---\nSee [it](Bert.md).\n\n{make_numbered_story(30)}")
    return write("Dora.md", f"---\ntitle: Dora\n---\n{make_numbered_story(2)}").parent


def list_rows(stage: Stage) -> list[str]:
    return [row.strip() for row in render_rows(stage.screen.page)]


async def go_to_end(pilot: Pilot[None]) -> None:
    await pilot.press("enter")
    await wait_until_idle(pilot)
    await pilot.press("G")
    await pilot.pause()


NEXT = [
    "Next · Space reads the first",
    "] Bert · 4 min · same tag: sea",
    "· Cleo · 4 min · about as long",
    "· Dora · 1 min · unread",
]


async def test_the_end_card_suggests_three_stories_with_reasons(folder: Path) -> None:
    stage = Stage(folder)
    async with stage.run(size=(120, 24)) as pilot:
        await go_to_end(pilot)
        assert [row for row in list_rows(stage) if row][-4:] == NEXT


async def test_marking_the_story_updates_the_end_card(folder: Path) -> None:
    stage = Stage(folder)
    async with stage.run(size=(120, 24)) as pilot:
        await go_to_end(pilot)
        before = list_rows(stage)
        await pilot.press("m")
        assert "Finished · 4 min" in list_rows(stage)
        assert before[0] in list_rows(stage)
        await pilot.press("U")
        assert list_rows(stage) == before


async def test_finishing_the_story_updates_the_end_card(folder: Path) -> None:
    stage = Stage(folder)
    async with stage.run(size=(120, 40)) as pilot:
        await pilot.press("enter")
        await wait_until_idle(pilot)
        for _ in range(6):
            stage.clock.now += 60
            stage.session.tracker.tick()
            await pilot.press("space")
        assert "Finished · 4 min" not in list_rows(stage)
        stage.clock.now += 60
        stage.tick()
        await pilot.pause()
        assert "Finished · 4 min" in list_rows(stage)


async def test_a_link_goes_to_the_skipped_part(folder: Path) -> None:
    stage = Stage(folder)
    async with stage.run(size=(120, 24)) as pilot:
        await pilot.press("enter")
        await wait_until_idle(pilot)
        stage.clock.now += 30
        stage.session.tracker.tick()
        await pilot.press("G")
        stage.clock.now += 30
        stage.tick()
        await pilot.pause()
        assert "1 part skipped: about 3 min" in list_rows(stage)
        assert stage.session.current is not None
        skipped = stage.session.current.find_skipped()[0][0]
        await pilot.press("tab", "enter")
        await pilot.pause()
        first, end = stage.screen.page.visible_range
        assert first <= skipped < end


async def test_a_refresh_shows_new_highlights_and_responses(folder: Path) -> None:
    stage = Stage(folder)
    async with stage.run(size=(120, 24)) as pilot:
        await go_to_end(pilot)
        assert stage.session.current is not None
        story = stage.session.current.story
        store = stage.store.annotation_store
        store.save_highlight(make_highlight("A good line.")._replace(story_id=story.id))
        store.save_response(story.id, "Well said.")
        stage.screen.refresh_page()
        await pilot.press("G")
        text = [row for row in list_rows(stage) if row]
        at = text.index("Your highlights")
        assert text[at : at + 4] == [
            "Your highlights",
            "│ A good line.",
            "Your response",
            "Well said.",
        ]


async def test_tab_and_enter_open_a_suggested_story(folder: Path) -> None:
    stage = Stage(folder)
    async with stage.run(size=(120, 24)) as pilot:
        await go_to_end(pilot)
        await pilot.press("tab", "tab", "enter")
        await wait_until_idle(pilot)
        assert stage.app.title == "Cleo"
        await pilot.press("ctrl+o")
        await wait_until_idle(pilot)
        assert stage.app.title == "Anna"


async def test_shift_tab_goes_from_the_end_card_to_the_text(folder: Path) -> None:
    stage = Stage(folder)
    async with stage.run(size=(120, 24)) as pilot:
        await go_to_end(pilot)
        await pilot.press("tab", "shift+tab")
        link = stage.screen.page.decorations.link
        assert link is not None
        assert (link.block, link.target) == (0, "Bert.md")


async def test_a_label_opens_a_suggested_story(folder: Path) -> None:
    stage = Stage(folder)
    async with stage.run(size=(120, 24)) as pilot:
        await go_to_end(pilot)
        await pilot.press("f")
        assert "d Dora"[0] == next(row for row in list_rows(stage) if "ora ·" in row)[2]
        await pilot.press("d")
        await wait_until_idle(pilot)
        assert stage.app.title == "Dora"


async def test_a_click_opens_a_suggested_story(folder: Path) -> None:
    stage = Stage(folder)
    async with stage.run(size=(120, 24)) as pilot:
        await go_to_end(pilot)
        mouse = MouseDriver(stage, pilot)
        await pilot.click(offset=mouse.find_cell("Cleo ·"))
        await wait_until_idle(pilot)
        assert stage.app.title == "Cleo"
