"""The reader's own pace is told by reading, kept by language, and every minute is at it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from session_driver import SCREENFUL, WORDS, Reader, story_of

from reader.render.story_frame import build_head
from reader.store.repository import Store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Write = Callable[[str, str | bytes], Path]


@pytest.fixture
def folder(write: Write) -> Path:
    """Return a folder of a story of four thousand words in English and one in German."""
    write("one.md", f"---\ntitle: One\nlanguage: en-GB\n---\n{story_of(200)}")
    return write("zwei.md", f"---\ntitle: Zwei\nlanguage: de\n---\n{story_of(200)}").parent


@pytest.fixture
def reader(folder: Path) -> Reader:
    return Reader(folder)


def read_at(reader: Reader, pace: int, screenfuls: int, seconds: float = 0) -> None:
    """Read on by screenfuls at a pace, or each in so many seconds."""
    for _ in range(screenfuls):
        reader.wait(seconds or SCREENFUL * WORDS * 60 / pace)
        reader.go_to(reader.place.block + SCREENFUL)


def times(reader: Reader, title: str) -> tuple[int, int, str]:
    entry = {e.story.title: e for e in reader.session.list_entries()}[title]
    return entry.pace, entry.minutes, entry.time_left


def test_until_twelve_screenfuls_were_read_time_goes_by_the_ordinary_pace(reader: Reader) -> None:
    reader.open("one")
    read_at(reader, 400, 12)  # the first of them doesn't count
    reader.open("zwei")
    assert reader.state.load_pace_samples("en") == (400,) * 11
    assert times(reader, "One") == (265, 15, "6 min left")


def test_from_then_on_by_the_readers_own(reader: Reader) -> None:
    reader.open("one")
    read_at(reader, 400, 13)
    reader.open("zwei")
    assert reader.state.load_pace_samples("en") == (400,) * 12
    assert times(reader, "One") == (400, 10, "4 min left")


def test_each_language_has_its_own(reader: Reader) -> None:
    reader.open("one")
    read_at(reader, 400, 13)
    reader.open("zwei")
    assert times(reader, "Zwei") == (265, 15, "15 min left")


def test_it_changes_between_two_stays_and_not_within_one(reader: Reader) -> None:
    reader.open("one")
    read_at(reader, 400, 14)
    assert times(reader, "One")[0] == 265
    reader.session.leave()
    assert times(reader, "One")[0] == 400


def test_shelf_byline_and_minutes_left_are_at_the_same_pace(reader: Reader) -> None:
    reader.open("one")
    read_at(reader, 400, 14)
    reader.open("one")
    visit = reader.session.current
    assert visit is not None
    assert "10 min" in [block.text for block in build_head(visit.story, visit.pace)]
    assert (reader.session.get_entry(visit.story).pace, visit.pace) == (400, 400)


def test_it_is_there_in_the_next_run(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    reader = Reader(folder, Store.open(path))
    reader.open("one")
    read_at(reader, 400, 14)
    reader.session.close()
    assert times(Reader(folder, Store.open(path)), "One")[0] == 400


def test_jumping_about_and_holding_keys_tell_nothing(reader: Reader) -> None:
    reader.open("one")
    read_at(reader, 0, 15, seconds=0.5)
    for paragraph in (150, 20, 90, 40, 5):
        reader.go_to(paragraph)
        reader.wait(30)
    reader.session.leave()
    assert reader.state.load_pace_samples("en") == ()


def test_a_screenful_under_which_the_reader_looked_away_tells_nothing(reader: Reader) -> None:
    reader.open("one")
    read_at(reader, 400, 2)
    reader.wait(10)
    reader.session.tracker.stop()
    reader.wait(60)
    reader.session.tracker.start()
    reader.wait(20)
    reader.go_to(30)
    reader.session.leave()
    assert reader.state.load_pace_samples("en") == (400,)


def test_standard_input_tells_nothing(reader: Reader) -> None:
    reader.session.enter(reader.session.open_text(story_of(200).encode()))
    reader.begin()
    read_at(reader, 400, 14)
    reader.session.leave()
    assert reader.state.load_pace_samples("") == ()


def test_a_story_read_again_tells_nothing(reader: Reader) -> None:
    reader.open("one")
    read_at(reader, 400, 5)
    reader.open("zwei")
    before = reader.state.load_pace_samples("en")
    reader.open("one")
    reader.go_to(0)
    read_at(reader, 500, 4)
    reader.session.leave()
    assert reader.state.load_pace_samples("en") == before
