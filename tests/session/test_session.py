"""What counts as reading, when a place is saved, and what opening a story must not change."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest
from session_driver import SCREENFUL, Reader, make_text, toggle_status

from reader.library import story
from reader.library.catalog import Catalog
from reader.library.index import Index
from reader.library.text_cache import TextCache
from reader.reading.progress import ReadStatus
from reader.session.piped_story import count_shared_blocks
from reader.session.session import Session
from reader.store.repository import Store
from reader.text.document import Block, Kind, Place

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Write = Callable[[str, str | bytes], Path]


@pytest.fixture
def folder(write: Write) -> Path:
    """Return a folder of two long stories and a short one."""
    write("one.md", f"# One\n\n{make_text()}")
    write("two.md", f"# Two\n\n{make_text()}")
    return write("short.md", f"# Short\n\n{make_text(3)}").parent


@pytest.fixture
def reader(folder: Path) -> Reader:
    return Reader(folder)


def load_status(reader: Reader, title: str) -> ReadStatus:
    return reader.store.load_story_state(reader.story(title).id).status


def test_opening_and_closing_a_story_saves_nothing(reader: Reader) -> None:
    reader.open("one")
    reader.session.leave()
    assert (reader.store.load_story_states(), reader.store.load_known_stories()) == ({}, [])


def test_a_preview_does_not_count_as_reading(reader: Reader) -> None:
    reader.session.enter(reader.session.make_open_job(reader.story("one")).run())
    reader.show(0)
    reader.wait(3600)
    reader.session.leave()
    assert reader.store.load_story_states() == {}


def test_a_story_is_started_once_a_screenful_was_read(reader: Reader) -> None:
    reader.open("one")
    assert [change.status for change in reader.wait(15)] == []
    assert load_status(reader, "one") is ReadStatus.UNREAD
    assert [change.status for change in reader.wait(5)] == [ReadStatus.READING]
    assert load_status(reader, "one") is ReadStatus.READING


def test_a_screenful_of_200_words_is_read_after_15_seconds(reader: Reader) -> None:
    # Three times 265 words a minute: 200 words take 15.1 seconds.
    reader.open("one")
    assert [change.status for change in reader.wait(15.5)] == [ReadStatus.READING]


@pytest.mark.parametrize("step", [1, SCREENFUL - 1], ids=["line by line", "by pages"])
def test_reading_at_the_default_pace_finishes_a_story(step: int, reader: Reader) -> None:
    reader.open("one")
    assert reader.read(step) == [ReadStatus.READING, ReadStatus.FINISHED]
    assert load_status(reader, "one") is ReadStatus.FINISHED


def test_a_story_of_one_screenful_is_finished_in_one_step(reader: Reader) -> None:
    reader.open("short")
    assert [change.status for change in reader.wait(10)] == [ReadStatus.FINISHED]


def test_a_jump_to_the_end_finishes_nothing(reader: Reader) -> None:
    reader.open("one")
    reader.go_to(40)
    reader.session.leave()
    assert load_status(reader, "one") is ReadStatus.UNREAD


def test_an_hour_at_the_end_finishes_nothing(reader: Reader) -> None:
    reader.open("one")
    reader.go_to(40)
    reader.wait(3600)
    assert reader.store.load_story_state(reader.story("one").id).ranges == ((800, 1000),)
    assert load_status(reader, "one") is ReadStatus.READING


def test_words_read_add_up_over_several_openings(reader: Reader) -> None:
    for first in (0, 10, 20, 30, 40):
        reader.open("one")
        reader.go_to(first)
        reader.wait(60)
        reader.session.leave()
    assert load_status(reader, "one") is ReadStatus.FINISHED


def test_nothing_counts_while_tracking_is_stopped(reader: Reader) -> None:
    reader.open("one")
    reader.session.tracker.stop()
    reader.wait(3600)
    assert load_status(reader, "one") is ReadStatus.UNREAD
    reader.session.tracker.start()
    reader.wait(20)
    assert load_status(reader, "one") is ReadStatus.READING


def test_a_larger_visible_range_counts_more_words(reader: Reader) -> None:
    reader.open("one")
    reader.session.tracker.set_visible_range(Place(0), reader.open_story.document.end)
    reader.wait(3600)
    assert load_status(reader, "one") is ReadStatus.FINISHED


def test_a_change_between_two_ticks_is_announced_at_the_next(reader: Reader) -> None:
    reader.open("one")
    reader.wait(15)
    reader.now += 5
    reader.go_to(5)  # turning a page credits what was read until then
    assert [change.status for change in reader.wait(0.5)] == [ReadStatus.READING]


def test_a_change_at_the_last_moment_is_saved_on_leaving(reader: Reader) -> None:
    reader.open("short")
    reader.now += 60
    reader.session.leave()
    assert load_status(reader, "short") is ReadStatus.FINISHED


def test_a_change_on_leaving_is_announced_in_the_next_story(reader: Reader) -> None:
    reader.open("short")
    reader.now += 60
    reader.open("one")
    changes = reader.wait(1)
    assert [(change.story.title, change.status) for change in changes] == [
        ("Short", ReadStatus.FINISHED)
    ]


def load_place(reader: Reader, title: str) -> Place | None:
    anchor = reader.store.load_story_state(reader.story(title).id).anchor
    return anchor.place if anchor else None


def test_a_place_is_saved_with_the_next_tick(reader: Reader) -> None:
    reader.open("one")
    reader.session.tracker.record_move(Place(12, 7))
    assert load_place(reader, "one") is None
    reader.wait(0.5)
    assert load_place(reader, "one") == Place(12, 7)


def test_a_place_is_saved_at_once_on_leaving(reader: Reader) -> None:
    reader.open("one")
    reader.session.tracker.record_move(Place(12, 7))
    reader.open("two")
    assert (load_place(reader, "one"), load_place(reader, "two")) == (Place(12, 7), None)


def test_a_story_opens_at_its_saved_place(reader: Reader) -> None:
    reader.open("one")
    reader.session.tracker.record_move(Place(12, 7))
    reader.open("two")
    reader.open("one")
    assert reader.place == Place(12, 7)


def test_a_place_survives_a_new_paragraph_before_it(folder: Path, reader: Reader) -> None:
    reader.open("one")
    reader.session.tracker.record_move(Place(12, 7))
    reader.session.leave()
    (folder / "one.md").write_text(f"# One\n\nA new paragraph.\n\n{make_text()}")
    reader.open("one")
    assert reader.place == Place(13, 7)


def test_opening_and_leaving_ten_times_changes_nothing(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    reader = Reader(folder, Store.open(path))
    reader.open("one")
    reader.go_to(12)
    reader.wait(20)
    reader.session.close()
    before = dump(path)
    for _ in range(10):
        reader = Reader(folder, Store.open(path))
        reader.session.enter(reader.session.make_open_job(reader.story("one")).run())
        reader.session.tracker.start()
        reader.show(12)  # the stored place: the reader has not moved
        reader.session.tracker.tick()
        reader.session.tracker.stop()
        reader.session.close()
    assert dump(path) == before


def dump(path: Path) -> list[str]:
    """Return the content of a database as SQL statements."""
    with sqlite3.connect(path) as db:
        statements = list(db.iterdump())
    db.close()
    return statements


def test_an_unchanged_place_is_not_saved_again(reader: Reader) -> None:
    reader.open("one")
    reader.session.tracker.record_move(Place(12))
    reader.wait(0.5)
    serial = reader.store.load_story_state(reader.story("one").id).last_read
    reader.session.tracker.record_move(Place(12))
    reader.session.save()
    assert reader.store.load_story_state(reader.story("one").id).last_read == serial


def test_nothing_is_saved_about_standard_input(folder: Path) -> None:
    reader = Reader(folder)
    session = reader.session
    session.enter(session.open_text(f"---\nid: mine\n---\n# Piped\n\n{make_text()}".encode()))
    reader.start()
    assert reader.read(SCREENFUL - 1) == [ReadStatus.READING, ReadStatus.FINISHED]
    assert session.current is not None
    assert session.current.story.title == "Piped"
    toggle_status(session, session.current.story)
    session.leave()
    assert (reader.store.load_story_states(), reader.store.load_known_stories()) == ({}, [])


def test_a_place_on_standard_input_is_not_saved_for_the_next_story(
    reader: Reader,
) -> None:
    reader.session.enter(reader.session.open_text(make_text().encode()))
    reader.start()
    reader.session.tracker.record_move(Place(12))
    reader.open("one")
    reader.wait(1)
    assert load_place(reader, "one") is None


def test_standard_input_has_a_status_while_it_is_open(reader: Reader) -> None:
    session = reader.session
    session.enter(session.open_text(b"A text."))
    assert session.current is not None
    toggle_status(session, session.current.story)
    assert session.get_entry(session.current.story).status is ReadStatus.FINISHED
    session.undo()
    assert session.get_entry(session.current.story).status is ReadStatus.UNREAD


def test_a_choice_is_there_in_the_next_run(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    session = Session(Catalog(), Store.open(path), Index.open(None), TextCache(None))
    session.save_choice("theme", "day")
    session.close()
    session = Session(Catalog(), Store.open(path), Index.open(None), TextCache(None))
    assert (session.get_choice("theme"), session.get_choice("measure")) == ("day", None)


def test_a_new_file_is_parsed_once_and_its_data_is_loaded_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = Reader()
    calls: list[str] = []
    for module, name in ((story, "parse_slices"), (reader.store, "load_story_state")):
        monkeypatch.setattr(module, name, count_calls(calls, getattr(module, name)))
    reader.session.enter(reader.session.open_file(folder / "one.md"))
    assert [block.text[:11] for block in reader.open_story.document.blocks[:1]] == ["Paragraph 0"]
    assert calls == ["parse_slices", "load_story_state"]


def count_calls(calls: list[str], function: Callable[..., object]) -> Callable[..., object]:
    """Return `function` wrapped so that each call adds its name to `calls`."""

    def wrapper(*args: object, **names: object) -> object:
        calls.append(function.__name__)
        return function(*args, **names)

    return wrapper


def test_the_end_of_an_empty_text_is_all_of_it(write: Write) -> None:
    session = Session(Catalog(), Store.open_in_memory(), Index.open(None), TextCache(None))
    assert session.open_file(write("empty.md", "")).compute_fraction(Place()) == 1.0


def test_a_last_block_that_has_become_longer_is_the_same_one() -> None:
    rain, snow, more = (Block(Kind.PARAGRAPH, text) for text in ("Rain", "Snow", "Snow fell"))
    assert count_shared_blocks([rain, snow], [rain, more, rain]) == 2
    assert count_shared_blocks([rain, snow], [rain, rain]) == 1
    assert count_shared_blocks([rain, snow, rain], [rain, more, rain]) == 1
