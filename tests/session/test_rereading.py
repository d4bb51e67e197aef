"""A finished story stays finished when it is read again, and rereading has its own place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from session_driver import SCREENFUL, Reader, make_text, toggle_status

from reader.reading.progress import ReadStatus
from reader.text.document import Place

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Write = Callable[[str, str | bytes], Path]


@pytest.fixture
def reader(write: Write) -> Reader:
    """Return a reader who has finished the first of two stories and left it."""
    write("two.md", f"# Two\n\n{make_text()}")
    reader = Reader(write("one.md", f"# One\n\n{make_text()}").parent)
    reader.open("one")
    assert reader.read(SCREENFUL) == [ReadStatus.READING, ReadStatus.FINISHED]
    assert reader.place == Place(40)
    reader.session.leave()
    return reader


def load_status(reader: Reader, title: str = "one") -> ReadStatus:
    return reader.store.load_story_state(reader.story(title).id).status


def test_a_finished_story_opens_at_the_start(reader: Reader) -> None:
    reader.open("one")
    assert reader.place == Place()


def test_rereading_resumes_where_it_stopped(reader: Reader) -> None:
    reader.open("one")
    reader.go_to(12)
    reader.wait(1)
    reader.open("two")
    reader.open("one")
    assert reader.place == Place(12)


def test_rereading_changes_no_status(reader: Reader) -> None:
    reader.open("one")
    reader.go_to(12)
    assert reader.wait(600) == []
    assert load_status(reader) is ReadStatus.FINISHED
    assert reader.session.get_entry(reader.story("one")).progress == 1.0


def test_opening_a_finished_story_saves_no_place(reader: Reader) -> None:
    before = reader.store.load_story_state(reader.story("one").id)
    reader.open("one")
    reader.wait(1)
    reader.session.leave()
    assert reader.store.load_story_state(reader.story("one").id) == before


def test_a_story_finished_by_hand_opens_at_the_start(reader: Reader) -> None:
    reader.open("two")
    reader.go_to(20)
    reader.wait(1)
    toggle_status(reader.session, reader.story("two"))
    reader.open("one")
    reader.open("two")
    assert reader.place == Place()


def test_undoing_finished_restores_the_place(reader: Reader) -> None:
    reader.open("two")
    reader.go_to(20)
    reader.wait(1)
    toggle_status(reader.session, reader.story("two"))
    reader.session.undo()
    reader.open("one")
    reader.open("two")
    assert reader.place == Place(20)


def test_a_story_finished_twice_opens_at_the_start(reader: Reader) -> None:
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
    write("one.md", f"# One\n\n{make_text(50).replace('word', 'other')}\n\n{make_text(200)}")
    reader.open("one")
    assert reader.wait(60) == []
    assert load_status(reader) is ReadStatus.FINISHED


def test_an_open_story_knows_when_reading_stopped_at_its_place(reader: Reader) -> None:
    reader.open("two")
    assert reader.open_story.stopped_at is None
    reader.go_to(3)
    reader.session.leave()
    reader.open("two")
    assert (
        reader.open_story.stopped_at
        == reader.store.load_story_state(reader.story("two").id).stopped_at
    )
    assert reader.open_story.stopped_at is not None
    reader.open("one")
    assert reader.open_story.stopped_at is None
