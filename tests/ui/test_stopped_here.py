"""The stop line: it shows where reading stopped, and does not change the place."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from app_driver import Stage, make_numbered_story, render_rows
from hypothesis import given
from hypothesis import strategies as st

from reader.layout.viewport import Viewport
from reader.markdown.parser import parse
from reader.render.story_frame import format_stop_messages
from reader.store.repository import Store
from reader.text.document import Block, Kind, Place
from reader.text.places import make_anchor

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from reader.layout.galley import Row

HEAD = (Block(Kind.TITLE, "Title"), Block(Kind.BYLINE, "By Nobody"))
DOCUMENT = parse(make_numbered_story(120, 40))
WORDS = ["you stopped here, long ago · g starts over", "you stopped here, long ago"]
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def show_at(place: Place, measure: int = 60, height: int = 20) -> Viewport:
    viewport = Viewport(measure)
    viewport.resize(measure, height)
    viewport.show(DOCUMENT, HEAD, (), place)
    viewport.show_stop_line(WORDS)
    return viewport


def read_rows(viewport: Viewport) -> list[str]:
    return [line.text for _, line in viewport.visible.rows]


def test_the_stop_line_and_two_rows_of_the_text_are_above_the_place() -> None:
    rows = read_rows(show_at(Place(50)))[:4]
    assert rows[0].endswith("word.")
    assert rows[1:] == [
        "",
        "── you stopped here, long ago · g starts over ──",
        "Paragraph 50 word word word word word word word word word",
    ]


def test_without_the_stop_line_another_row_is_shown_above_and_the_rest_stays() -> None:
    viewport = show_at(Place(50, 60))
    before = read_rows(viewport)
    assert viewport.hide_stop_line()
    after = read_rows(viewport)
    assert after[2].startswith("Paragraph 50")
    assert after[1:] == before[:2] + before[3:]
    assert not viewport.hide_stop_line()


def draw_all_rows(viewport: Viewport) -> list[tuple[Row, str]]:
    """Return the rows of the story from the first to the last, and their text."""
    galley = viewport.galley
    count = galley.count_rows(galley.first_row, galley.last_row) + 1
    return [(row, line.text) for row, line in galley.draw_rows(galley.first_row, count)]


STORIES = {
    "paragraphs": parse(make_numbered_story(12, 40)),
    "short": parse("One.\n\nTwo of a few words.\n\nThree."),
    "one paragraph": parse("word " * 200),
    "lists and quotes": parse("- one\n- two\n\n> said " + "and said " * 40 + "\n\n# End\n\nText."),
}


@given(
    st.sampled_from(sorted(STORIES)),
    st.tuples(st.integers(0, 12), st.integers(0, 900)),
    st.integers(8, 60),
    st.integers(1, 30),
    st.booleans(),
)
def test_with_the_stop_line_every_row_is_shown_once_while_scrolling(
    story: str, place: tuple[int, int], measure: int, height: int, is_hidden_midway: bool
) -> None:
    document = STORIES[story]
    viewport = Viewport(measure)
    viewport.resize(measure, height)
    viewport.show(document, HEAD, HEAD, document.clamp(Place(*place)))
    viewport.show_stop_line(WORDS)
    scroller = viewport.scroller
    while scroller.scroll(-1):
        pass
    shown: list[tuple[Row, str]] = []
    is_moving = True
    while is_moving:
        rows = [(row, line.text) for row, line in viewport.visible.rows if row.part >= 0]
        assert len(viewport.visible.rows) <= height
        start = shown.index(rows[0]) if rows[0] in shown else len(shown)
        assert shown[start:] == rows[: len(shown) - start]
        shown = shown[:start] + rows
        is_moving = scroller.scroll(1)
        if is_hidden_midway and rows[0][0].part == len(HEAD):
            viewport.hide_stop_line()
    assert shown == draw_all_rows(viewport)


@given(st.tuples(st.integers(1, 119), st.integers(0, 200)), st.integers(8, 60), st.integers(6, 30))
def test_places_and_cells_below_the_stop_line_are_those_of_their_rows(
    place: tuple[int, int], measure: int, height: int
) -> None:
    viewport = show_at(DOCUMENT.clamp(Place(*place)), measure, height)
    assert any(row.part < 0 for row, _ in viewport.visible.rows)
    for y, (row, line) in enumerate(viewport.visible.rows):
        if row.part < 0 or not viewport.galley.has_text(row) or not line.runs:
            continue
        start = viewport.galley.get_row_start(row)
        assert viewport.visible.find_character(0, y).start == start
        assert viewport.visible.find_cell(start) == (0, y)
        assert viewport.visible.get_document_block_number(y) == start.block


def test_a_stop_line_that_is_too_long_gets_a_shorter_wording_or_none() -> None:
    assert read_rows(show_at(Place(50), 40))[2] == "── you stopped here, long ago ──"
    assert read_rows(show_at(Place(50), 20))[2] == "─" * 20


@pytest.mark.parametrize("place", [Place(), Place(0, 5), Place(0, 70)])
def test_there_is_no_stop_line_in_the_first_rows(place: Place) -> None:
    assert not any("you stopped" in row for row in read_rows(show_at(place)))


@pytest.mark.parametrize(("height", "row"), [(9, 2), (8, 1), (6, 1), (5, None), (1, None)])
def test_a_low_viewport_shows_fewer_rows_above_the_place(height: int, row: int | None) -> None:
    rows = read_rows(show_at(Place(50), height=height))
    assert [y for y, text in enumerate(rows) if "you stopped" in text] == (
        [] if row is None else [row]
    )
    assert any(text.startswith("Paragraph 50") for text in rows)


@given(
    st.lists(st.tuples(st.integers(1, 120), st.integers(1, 60)), max_size=6),
    st.integers(0, 119),
    st.integers(0, 200),
)
def test_resizes_change_neither_the_place_nor_the_stop_line(
    sizes: list[tuple[int, int]], block: int, offset: int
) -> None:
    place = DOCUMENT.clamp(Place(block, offset))
    viewport = show_at(place)
    before = read_rows(viewport)
    for measure, height in sizes:
        viewport.resize(measure, height)
        assert viewport.scroller.place == place
        start, end = viewport.visible.passage
        assert start <= place <= end
    viewport.resize(60, 20)
    assert read_rows(viewport) == before


def test_after_a_move_the_place_is_the_start_of_the_top_row() -> None:
    viewport = show_at(Place(50))
    viewport.hide_stop_line()
    viewport.scroller.scroll(1)
    assert viewport.scroller.place == viewport.visible.passage[0]
    assert read_rows(viewport)[2].startswith("Paragraph 50")


def format_stop_line(seconds: float, *, changed: bool = False) -> list[str]:
    then = NOW - timedelta(seconds=seconds)
    return format_stop_messages(then, NOW, changed=changed, key="g")


def test_the_stop_line_shows_the_time_and_the_key_that_starts_over() -> None:
    assert format_stop_line(3 * 86_400) == [
        "you stopped here, 3 days ago · g starts over",
        "you stopped here, 3 days ago",
        "you stopped here",
    ]


def test_shorter_wordings_omit_the_change_of_the_text_last() -> None:
    assert format_stop_line(3 * 86_400, changed=True) == [
        "you stopped here, 3 days ago · the text has changed since · g starts over",
        "you stopped here, 3 days ago · the text has changed since",
        "you stopped here · the text has changed since",
        "you stopped here, 3 days ago",
        "you stopped here",
    ]


def test_without_a_key_to_start_over_no_key_is_named() -> None:
    then = NOW - timedelta(days=3)
    assert format_stop_messages(then, NOW, changed=False, key="") == [
        "you stopped here, 3 days ago", "you stopped here",
    ]  # fmt: skip


def test_after_less_than_a_minute_there_is_no_stop_line() -> None:
    assert format_stop_line(59) == []
    assert format_stop_line(60)[0] == "you stopped here, just now · g starts over"


def test_a_clock_that_was_set_back_does_not_hide_the_stop_line() -> None:
    assert format_stop_line(-86_400)[1] == "you stopped here, some time ago"


LINE = "── you stopped here, 3 days ago · g starts over ──"


@pytest.fixture
def path(write: Callable[[str, str], Path]) -> Path:
    return write("story.md", f"---\ntitle: Story\n---\n{make_numbered_story()}")


def make_stage(path: Path, *, open_at_once: bool = True) -> Stage:
    """Return a stage whose reader left the story at paragraph 20, three days ago."""
    store = Store.open_in_memory()
    stage = Stage(path.parent, store=store)
    (story,) = stage.session.catalog.list_stories()
    document = parse(path.read_text().partition("---\n")[2].partition("---\n")[2])
    store.save_place(story.id, make_anchor(document, Place(20)))
    then = (datetime.now(UTC) - timedelta(days=3)).isoformat(timespec="milliseconds")
    store.record_store.fetch_all("UPDATE place SET changed_at = ?", then)
    return Stage(path.parent, store=store, file=path if open_at_once else None)


def list_rows(stage: Stage) -> list[str]:
    return [row.strip() for row in render_rows(stage.screen.page)]


async def test_the_stop_line_is_shown_until_the_first_key(path: Path) -> None:
    stage = make_stage(path)
    async with stage.run(size=(80, 24)) as pilot:
        before = list_rows(stage)
        assert before[2] == LINE
        assert before[3].startswith("Paragraph 20 word")
        await pilot.press("question_mark", "escape")  # neither moves the page
        after = list_rows(stage)
        assert after[1:3] == before[:2]
        assert before[3:] == after[3:]
        assert stage.screen.page.place == Place(20)


async def test_scrolling_down_with_a_stop_line_scrolls_one_row(path: Path) -> None:
    stage = make_stage(path)
    async with stage.run(size=(80, 24)) as pilot:
        before = list_rows(stage)
        await pilot.press("j")
        assert list_rows(stage)[2:-1] == before[3:]


async def test_the_paragraph_cursor_starts_at_the_place(path: Path) -> None:
    stage = make_stage(path)
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("J")
        assert stage.screen.page.decorations.paragraph == 20


async def test_going_to_a_visible_place_does_not_scroll(path: Path) -> None:
    stage = make_stage(path)
    async with stage.run(size=(80, 24)):
        stage.screen.page.go_to(Place(22))
        assert stage.screen.page.place == Place(20)


async def test_a_mouse_move_leaves_the_stop_line(path: Path) -> None:
    stage = make_stage(path)
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.hover(offset=(10, 10))
        assert list_rows(stage)[2] == LINE
        await pilot.click(offset=(10, 10))
        assert list_rows(stage)[2] == ""


async def test_a_preview_shows_the_stop_line_and_focusing_the_page_keeps_it(path: Path) -> None:
    stage = make_stage(path, open_at_once=False)
    async with stage.run(size=(120, 24)) as pilot:
        assert list_rows(stage)[2] == LINE
        await pilot.press("k", "enter")
        await pilot.pause()
        assert list_rows(stage)[2] == LINE


async def settle_and_leave(stage: Stage) -> None:
    async with stage.run(size=(80, 24)) as pilot:
        stage.tick()
        await pilot.press("q")


async def test_a_story_opened_ten_times_opens_at_the_same_place(path: Path) -> None:
    stage = make_stage(path)
    before = stage.store.load_story_state(stage.session.catalog.list_stories()[0].id)
    for _ in range(10):
        await settle_and_leave(stage)
        stage = Stage(path.parent, store=stage.store, file=path)
    assert stage.session.current is not None
    assert stage.session.current.place == Place(20)
    assert stage.store.load_story_state(stage.session.current.story.id).anchor == before.anchor


async def test_one_key_starts_over_and_another_goes_back(path: Path) -> None:
    stage = make_stage(path)
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("g")
        assert list_rows(stage)[0] == "Story"
        await pilot.press("ctrl+o")
        assert stage.screen.page.place == Place(20)


async def test_the_stop_line_says_that_the_text_has_changed(
    path: Path, write: Callable[[str, str], Path]
) -> None:
    stage = make_stage(path)
    async with stage.run(size=(80, 24)) as pilot:
        stage.tick()
        stage.clock.now += 30
        stage.tick()  # words are read, and so it is known in which text
        await pilot.press("q")
    write("story.md", f"---\ntitle: Story\n---\n{make_numbered_story()}\n\nMore.")
    stage = Stage(path.parent, store=stage.store, file=path)
    async with stage.run(size=(80, 24)) as pilot:
        assert (
            list_rows(stage)[2] == "── you stopped here, 3 days ago · the text has changed since ──"
        )


async def test_a_story_opened_at_an_address_has_no_stop_line(path: Path) -> None:
    stage = make_stage(path)
    assert stage.session.current is not None
    stage.session.current.parse_to(Place(30))
    async with stage.run(size=(80, 24)):
        assert list_rows(stage)[0].startswith("Paragraph 30")


async def test_a_finished_story_opens_without_a_stop_line(path: Path) -> None:
    stage = make_stage(path, open_at_once=False)
    async with stage.run(size=(120, 24)) as pilot:
        await pilot.press("m", "q")
    stage = Stage(path.parent, store=stage.store, file=path)
    async with stage.run(size=(80, 24)) as pilot:
        assert list_rows(stage)[0] == "Story"
        assert not any("you stopped" in row for row in list_rows(stage))
