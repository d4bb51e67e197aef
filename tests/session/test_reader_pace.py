"""The reader's pace is measured by language, and all minutes are computed from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from session_driver import PARAGRAPH_WORDS, SCREENFUL, Reader, make_text

from reader.render.story_frame import build_head
from reader.store.repository import Store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Write = Callable[[str, str | bytes], Path]


@pytest.fixture
def folder(write: Write) -> Path:
    """Return a folder of a story of four thousand words in English and one in German."""
    write("one.md", f"---\ntitle: One\nlanguage: en-GB\n---\n{make_text(200)}")
    return write("zwei.md", f"---\ntitle: Zwei\nlanguage: de\n---\n{make_text(200)}").parent


@pytest.fixture
def reader(folder: Path) -> Reader:
    return Reader(folder)


def read_at(reader: Reader, pace: int, screenfuls: int, seconds: float = 0) -> None:
    """Read on by screenfuls at a pace, or each in so many seconds."""
    for _ in range(screenfuls):
        reader.wait(seconds or SCREENFUL * PARAGRAPH_WORDS * 60 / pace)
        reader.go_to(reader.place.block + SCREENFUL)


def describe_times(reader: Reader, title: str) -> tuple[int, int, str]:
    entry = {e.story.title: e for e in reader.session.list_entries()}[title]
    return entry.pace, entry.minutes, entry.unread_time


def test_the_default_pace_counts_until_twelve_screenfuls_were_read(reader: Reader) -> None:
    reader.open("one")
    read_at(reader, 400, 12)  # the first of them doesn't count
    reader.open("zwei")
    assert reader.store.load_pace_samples("en") == (400,) * 11
    assert describe_times(reader, "One") == (265, 15, "6 min unread")


def test_the_readers_own_pace_counts_after_twelve_screenfuls(reader: Reader) -> None:
    reader.open("one")
    read_at(reader, 400, 13)
    reader.open("zwei")
    assert reader.store.load_pace_samples("en") == (400,) * 12
    assert describe_times(reader, "One") == (400, 10, "4 min unread")


def test_each_language_has_its_own_pace(reader: Reader) -> None:
    reader.open("one")
    read_at(reader, 400, 13)
    reader.open("zwei")
    assert describe_times(reader, "Zwei") == (265, 15, "15 min unread")


def test_the_pace_does_not_change_while_a_story_is_open(reader: Reader) -> None:
    reader.open("one")
    read_at(reader, 400, 14)
    assert describe_times(reader, "One")[0] == 265
    reader.session.leave()
    assert describe_times(reader, "One")[0] == 400


def test_shelf_byline_and_open_story_have_the_same_pace(reader: Reader) -> None:
    reader.open("one")
    read_at(reader, 400, 14)
    reader.open("one")
    open_story = reader.open_story
    assert "10 min" in [block.text for block in build_head(open_story.story, open_story.pace)]
    assert (reader.session.get_entry(open_story.story).pace, open_story.pace) == (400, 400)


def test_the_pace_is_there_in_the_next_run(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    reader = Reader(folder, Store.open(path))
    reader.open("one")
    read_at(reader, 400, 14)
    reader.session.close()
    assert describe_times(Reader(folder, Store.open(path)), "One")[0] == 400


def test_jumps_and_held_keys_give_no_samples(reader: Reader) -> None:
    reader.open("one")
    read_at(reader, 0, 15, seconds=0.5)
    for paragraph in (150, 20, 90, 40, 5):
        reader.go_to(paragraph)
        reader.wait(30)
    reader.session.leave()
    assert reader.store.load_pace_samples("en") == ()


def test_an_interrupted_screenful_gives_no_sample(reader: Reader) -> None:
    reader.open("one")
    read_at(reader, 400, 2)
    reader.wait(10)
    reader.session.tracker.stop()
    reader.wait(60)
    reader.session.tracker.start()
    reader.wait(20)
    reader.go_to(30)
    reader.session.leave()
    assert reader.store.load_pace_samples("en") == (400,)


def test_standard_input_gives_no_samples(reader: Reader) -> None:
    reader.session.enter(reader.session.open_text(make_text(200).encode()))
    reader.start()
    read_at(reader, 400, 14)
    reader.session.leave()
    assert reader.store.load_pace_samples("") == ()


def test_rereading_gives_no_samples(reader: Reader) -> None:
    reader.open("one")
    read_at(reader, 400, 5)
    reader.open("zwei")
    before = reader.store.load_pace_samples("en")
    reader.open("one")
    reader.go_to(0)
    read_at(reader, 500, 4)
    reader.session.leave()
    assert reader.store.load_pace_samples("en") == before
