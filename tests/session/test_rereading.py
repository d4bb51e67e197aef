"""A finished story stays finished when it is read again, and re-reading has its own place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from session_driver import SCREENFUL, Reader, story_of

from reader.reading.progress import ReadStatus
from reader.text.document import Place

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Write = Callable[[str, str | bytes], Path]


@pytest.fixture
def reader(write: Write) -> Reader:
    """Return a reader who has finished the first of two stories and left it."""
    write("two.md", f"# Two\n\n{story_of()}")
    reader = Reader(write("one.md", f"# One\n\n{story_of()}").parent)
    reader.open("one")
    assert reader.read(SCREENFUL) == [ReadStatus.READING, ReadStatus.FINISHED]
    assert reader.place == Place(40)
    reader.session.leave()
    return reader


def mark_of(reader: Reader, title: str = "one") -> ReadStatus:
    return reader.state.load_story_state(reader.story(title).id).status


def test_a_finished_story_begins_at_its_beginning(reader: Reader) -> None:
    reader.open("one")
    assert reader.place == Place()


def test_where_a_re_reading_stopped_it_goes_on(reader: Reader) -> None:
    reader.open("one")
    reader.go_to(12)
    reader.wait(1)
    reader.open("two")
    reader.open("one")
    assert reader.place == Place(12)


def test_re_reading_changes_no_mark_and_tells_nothing(reader: Reader) -> None:
    reader.open("one")
    reader.go_to(12)
    assert reader.wait(600) == []
    assert mark_of(reader) is ReadStatus.FINISHED
    assert reader.session.get_entry(reader.story("one")).progress == 1.0


def test_a_story_that_is_only_looked_into_again_keeps_no_place(reader: Reader) -> None:
    before = reader.state.load_story_state(reader.story("one").id)
    reader.open("one")
    reader.wait(1)
    reader.session.leave()
    assert reader.state.load_story_state(reader.story("one").id) == before


def test_finished_by_hand_in_the_middle_it_begins_at_its_beginning(reader: Reader) -> None:
    reader.open("two")
    reader.go_to(20)
    reader.wait(1)
    reader.session.read_statuses.toggle_status(reader.story("two"))
    reader.open("one")
    reader.open("two")
    assert reader.place == Place()


def test_finished_by_hand_and_taken_back_it_goes_on_where_it_was(reader: Reader) -> None:
    reader.open("two")
    reader.go_to(20)
    reader.wait(1)
    reader.session.read_statuses.toggle_status(reader.story("two"))
    reader.session.undo()
    reader.open("one")
    reader.open("two")
    assert reader.place == Place(20)


def test_finished_a_second_time_it_begins_at_its_beginning_again(reader: Reader) -> None:
    reader.open("one")
    reader.session.read_statuses.set_status(reader.story("one"), ReadStatus.UNREAD)
    reader.open("two")
    reader.open("one")
    reader.go_to(0)
    assert reader.read(SCREENFUL)[-1] is ReadStatus.FINISHED
    reader.session.leave()
    reader.open("one")
    assert reader.place == Place()


def test_a_finished_story_stays_finished_when_its_file_was_edited(
    reader: Reader, write: Write
) -> None:
    write("one.md", f"# One\n\n{story_of(50).replace('word', 'other')}\n\n{story_of(200)}")
    reader.open("one")
    assert reader.wait(60) == []
    assert mark_of(reader) is ReadStatus.FINISHED


def test_a_visit_says_when_the_place_was_written_that_it_begins_at(reader: Reader) -> None:
    reader.open("two")
    assert reader.session.current is not None
    assert reader.session.current.stopped_at is None
    reader.go_to(3)
    reader.session.leave()
    reader.open("two")
    assert reader.session.current is not None
    assert (
        reader.session.current.stopped_at
        == reader.state.load_story_state(reader.story("two").id).stopped_at
    )
    assert reader.session.current.stopped_at is not None
    reader.open("one")
    assert reader.session.current.stopped_at is None
