"""Who comes back is shown where reading stopped, and it moves nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from app_driver import Stage, numbered, shown, wait_until_idle
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

HEAD = (Block(Kind.TITLE, "Title"), Block(Kind.BYLINE, "By Nobody"))
DOCUMENT = parse(numbered(120, 40))
WORDS = ["you stopped here, long ago · g starts over", "you stopped here, long ago"]
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def opened(place: Place, measure: int = 60, height: int = 20) -> Viewport:
    window = Viewport(measure)
    window.resize(measure, height)
    window.show(DOCUMENT, HEAD, (), place)
    window.show_stop_line(WORDS)
    return window


def texts(window: Viewport) -> list[str]:
    return [line.text for _, line in window.visible.rows]


# In the window -----------------------------------------------------------------------------


def test_the_place_is_in_row_three_under_a_line_and_two_rows_of_text() -> None:
    rows = texts(opened(Place(50)))[:4]
    assert rows[1].endswith("word.")
    assert rows[2:] == [
        "── you stopped here, long ago · g starts over ──",
        "Paragraph 50 word word word word word word word word word",
    ]


def test_the_line_gives_way_to_the_texts_own_row() -> None:
    window = opened(Place(50, 60))
    before = texts(window)
    assert window.hide_stop_line()
    after = texts(window)
    assert after[2].startswith("Paragraph 50")
    assert before[:2] + before[3:] == after[:2] + after[3:]
    assert not window.hide_stop_line()


def test_a_line_that_is_too_long_is_shortened_and_at_last_a_rule() -> None:
    assert texts(opened(Place(50), 40))[2] == "── you stopped here, long ago ──"
    assert texts(opened(Place(50), 20))[2] == "─" * 20


@pytest.mark.parametrize("place", [Place(), Place(0, 5), Place(0, 70)])
def test_in_the_first_rows_there_is_no_line(place: Place) -> None:
    assert not any("you stopped" in row for row in texts(opened(place)))


@pytest.mark.parametrize(("height", "row"), [(9, 2), (8, 1), (6, 1), (5, None), (1, None)])
def test_in_a_low_window_less_stands_above_the_place(height: int, row: int | None) -> None:
    rows = texts(opened(Place(50), height=height))
    assert [y for y, text in enumerate(rows) if "you stopped" in text] == (
        [] if row is None else [row]
    )
    assert any(text.startswith("Paragraph 50") for text in rows)


@given(
    st.lists(st.tuples(st.integers(1, 120), st.integers(1, 60)), max_size=6),
    st.integers(0, 119),
    st.integers(0, 200),
)
def test_resizes_move_neither_the_place_nor_the_line(
    sizes: list[tuple[int, int]], block: int, offset: int
) -> None:
    place = DOCUMENT.clamp(Place(block, offset))
    window = opened(place)
    before = texts(window)
    for measure, height in sizes:
        window.resize(measure, height)
        assert window.scroller.place == place
        first, behind = window.visible.passage
        assert first <= place <= behind
    window.resize(60, 20)
    assert texts(window) == before


def test_once_the_reader_has_moved_the_top_row_is_the_place() -> None:
    window = opened(Place(50))
    window.hide_stop_line()
    window.scroller.scroll(1)
    assert window.scroller.place == window.visible.passage[0]
    assert texts(window)[2].startswith("Paragraph 50")


# In words ----------------------------------------------------------------------------------


def said(seconds: float, *, changed: bool = False) -> list[str]:
    then = NOW - timedelta(seconds=seconds)
    return format_stop_messages(then, NOW, changed=changed, key="g")


def test_it_is_said_when_and_which_key_starts_over() -> None:
    assert said(3 * 86_400) == [
        "you stopped here, 3 days ago · g starts over",
        "you stopped here, 3 days ago",
        "you stopped here",
    ]


def test_that_the_text_has_changed_is_the_last_to_be_left_out() -> None:
    assert said(3 * 86_400, changed=True) == [
        "you stopped here, 3 days ago · the text has changed since · g starts over",
        "you stopped here, 3 days ago · the text has changed since",
        "you stopped here · the text has changed since",
        "you stopped here, 3 days ago",
        "you stopped here",
    ]


def test_without_a_key_that_starts_over_none_is_named() -> None:
    then = NOW - timedelta(days=3)
    assert format_stop_messages(then, NOW, changed=False, key="") == [
        "you stopped here, 3 days ago", "you stopped here",
    ]  # fmt: skip


def test_who_was_away_for_less_than_a_minute_is_told_nothing() -> None:
    assert said(59) == []
    assert said(60)[0] == "you stopped here, just now · g starts over"


def test_a_clock_that_was_set_back_hides_nothing() -> None:
    assert said(-86_400)[1] == "you stopped here, some time ago"


# On the screen -----------------------------------------------------------------------------

LINE = "── you stopped here, 3 days ago · g starts over ──"


@pytest.fixture
def path(write: Callable[[str, str], Path]) -> Path:
    return write("story.md", f"---\ntitle: Story\n---\n{numbered()}")


def stage_of(path: Path, *, open_at_once: bool = True) -> Stage:
    """Return a stage on which the story was left at paragraph 20, three days ago."""
    state = Store.open_in_memory()
    stage = Stage(path.parent, state=state)
    (story,) = stage.session.catalog.list_stories()
    document = parse(path.read_text().partition("---\n")[2].partition("---\n")[2])
    state.save_place(story.id, make_anchor(document, Place(20)))
    then = (datetime.now(UTC) - timedelta(days=3)).isoformat(timespec="milliseconds")
    state.record_store.fetch_all("UPDATE place SET changed_at = ?", then)
    return Stage(path.parent, state=state, file=path if open_at_once else None)


def rows(stage: Stage) -> list[str]:
    return [row.strip() for row in shown(stage.screen.page)]


async def test_the_line_stands_over_the_place_until_the_first_key(path: Path) -> None:
    stage = stage_of(path)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        before = rows(stage)
        assert before[2] == LINE
        assert before[3].startswith("Paragraph 20 word")
        await pilot.press("question_mark", "escape")  # it moves nothing
        after = rows(stage)
        assert after[2] == ""
        assert before[3:] == after[3:]
        assert stage.screen.page.place == Place(20)


async def test_a_line_down_is_a_line_down(path: Path) -> None:
    stage = stage_of(path)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        before = rows(stage)
        await pilot.press("j")
        assert rows(stage)[2:-1] == before[3:]


async def test_the_paragraph_cursor_begins_at_the_place(path: Path) -> None:
    stage = stage_of(path)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await pilot.press("J")
        assert stage.screen.page.decorations.paragraph == 20


async def test_a_match_that_is_in_view_moves_nothing(path: Path) -> None:
    stage = stage_of(path)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        stage.screen.page.go_to(Place(22))
        assert stage.screen.page.place == Place(20)


async def test_a_mouse_that_only_moves_leaves_the_line(path: Path) -> None:
    stage = stage_of(path)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await pilot.hover(offset=(10, 10))
        assert rows(stage)[2] == LINE
        await pilot.click(offset=(10, 10))
        assert rows(stage)[2] == ""


async def test_a_preview_shows_it_and_entering_the_page_keeps_it(path: Path) -> None:
    stage = stage_of(path, open_at_once=False)
    async with stage.app.run_test(size=(120, 24)) as pilot:
        await wait_until_idle(pilot)
        assert rows(stage)[2] == LINE
        await pilot.press("k", "enter")
        await pilot.pause()
        assert rows(stage)[2] == LINE


async def settle_and_leave(stage: Stage) -> None:
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await wait_until_idle(pilot)
        stage.tick()
        await pilot.press("q")


async def test_opened_ten_times_it_leads_to_the_same_place(path: Path) -> None:
    stage = stage_of(path)
    before = stage.state.load_story_state(stage.session.catalog.list_stories()[0].id)
    for _ in range(10):
        await settle_and_leave(stage)
        stage = Stage(path.parent, state=stage.state, file=path)
    assert stage.session.current is not None
    assert stage.session.current.place == Place(20)
    assert stage.state.load_story_state(stage.session.current.story.id).anchor == before.anchor


async def test_one_key_starts_over_and_one_leads_back(path: Path) -> None:
    stage = stage_of(path)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await pilot.press("g")
        assert rows(stage)[0] == "Story"
        await pilot.press("ctrl+o")
        assert stage.screen.page.place == Place(20)


async def test_an_edited_text_says_so(path: Path, write: Callable[[str, str], Path]) -> None:
    stage = stage_of(path)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await wait_until_idle(pilot)
        stage.tick()
        stage.clock.now += 30
        stage.tick()  # words are read, and so it is known in which text
        await pilot.press("q")
    write("story.md", f"---\ntitle: Story\n---\n{numbered()}\n\nMore.")
    stage = Stage(path.parent, state=stage.state, file=path)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert rows(stage)[2] == "── you stopped here, 3 days ago · the text has changed since ──"


async def test_opened_at_an_address_nothing_is_said(path: Path) -> None:
    stage = stage_of(path)
    assert stage.session.current is not None
    stage.session.current.parse_to(Place(30))
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert rows(stage)[0].startswith("Paragraph 30")


async def test_a_finished_story_begins_without_a_line(path: Path) -> None:
    stage = stage_of(path, open_at_once=False)
    async with stage.app.run_test(size=(120, 24)) as pilot:
        await wait_until_idle(pilot)
        await pilot.press("m", "q")
    stage = Stage(path.parent, state=stage.state, file=path)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert rows(stage)[0] == "Story"
        assert not any("you stopped" in row for row in rows(stage))
