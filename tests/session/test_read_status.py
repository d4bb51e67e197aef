"""A status set by hand or by reading can be undone, with exactly what it changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from session_driver import SCREENFUL, Reader, make_text, toggle_status

from reader.errors import UnreadableFile
from reader.library.describing import describe_files
from reader.reading.progress import ReadStatus
from reader.session.read_status import StatusChange
from reader.session.shelf.entries import TitleFacts
from reader.ui.widgets.notices import format_change, format_undo

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from reader.reading.progress import WordRanges

    Write = Callable[[str, str | bytes], Path]


@pytest.fixture
def reader(write: Write) -> Reader:
    """Return a reader of two long stories and one that can't be read."""
    write("bad.md", b"\0" * 100)
    write("one.md", f"# One\n\n{make_text()}")
    return Reader(write("two.md", f"# Two\n\n{make_text()}").parent)


def load_state(reader: Reader, title: str = "one") -> tuple[ReadStatus, WordRanges]:
    """Return the stored status and words read; check that the shelf shows the same status."""
    story = reader.story(title)
    state = reader.store.load_story_state(story.id)
    assert reader.session.get_entry(story).status is state.status
    return state.status, state.ranges


READ: WordRanges = ((0, 200),)


def read_a_screenful(reader: Reader) -> None:
    reader.open("one")
    reader.wait(60)
    assert load_state(reader) == (ReadStatus.READING, READ)


@pytest.mark.parametrize("is_open", [True, False], ids=["open", "on the shelf"])
def test_toggle_marks_a_story_finished_and_unread_again(is_open: bool, reader: Reader) -> None:
    if is_open:
        reader.open("one")
    assert toggle_status(reader.session, reader.story("one")).status is ReadStatus.FINISHED
    assert load_state(reader) == (ReadStatus.FINISHED, ())
    assert toggle_status(reader.session, reader.story("one")).status is ReadStatus.UNREAD
    assert load_state(reader) == (ReadStatus.UNREAD, ())


def test_toggle_marks_a_started_story_finished(reader: Reader) -> None:
    read_a_screenful(reader)
    change = toggle_status(reader.session, reader.story("one"))
    assert (change.status, change.status_before, change.is_automatic) == (
        ReadStatus.FINISHED,
        ReadStatus.READING,
        False,
    )
    assert load_state(reader) == (ReadStatus.FINISHED, READ)


def test_undoing_finished_keeps_the_words_read(reader: Reader) -> None:
    read_a_screenful(reader)
    toggle_status(reader.session, reader.story("one"))
    reader.session.undo()
    assert load_state(reader) == (ReadStatus.READING, READ)


def test_undoing_finished_keeps_words_read_since(reader: Reader) -> None:
    read_a_screenful(reader)
    toggle_status(reader.session, reader.story("one"))
    reader.go_to(10)
    reader.wait(60)
    reader.session.undo()
    reader.session.save()
    assert load_state(reader) == (ReadStatus.READING, ((0, 400),))


def test_setting_a_status_keeps_unsaved_words(reader: Reader) -> None:
    read_a_screenful(reader)
    reader.go_to(10)
    reader.now += 60
    reader.show(20)  # turning the page credits it, and no tick has written it yet
    toggle_status(reader.session, reader.story("one"))
    assert load_state(reader) == (ReadStatus.FINISHED, ((0, 400),))


def test_undo_keeps_unsaved_words(reader: Reader) -> None:
    read_a_screenful(reader)
    toggle_status(reader.session, reader.story("one"))
    reader.go_to(10)
    reader.now += 60
    reader.show(20)
    reader.session.undo()
    assert load_state(reader) == (ReadStatus.READING, ((0, 400),))


def test_undo_reverts_an_automatic_change_before_the_next_tick(reader: Reader) -> None:
    reader.open("one")
    reader.now += 60
    reader.show(10)
    change = reader.session.undo()
    assert isinstance(change, StatusChange)
    assert (change.status, change.is_automatic) == (ReadStatus.READING, True)


def test_an_unread_story_has_no_words_read(reader: Reader) -> None:
    read_a_screenful(reader)
    reader.session.read_statuses.set_status(reader.story("one"), ReadStatus.UNREAD)
    assert load_state(reader) == (ReadStatus.UNREAD, ())


def test_undoing_unread_restores_the_words_read(reader: Reader) -> None:
    read_a_screenful(reader)
    reader.session.read_statuses.set_status(reader.story("one"), ReadStatus.UNREAD)
    reader.session.undo()
    assert load_state(reader) == (ReadStatus.READING, READ)


def test_undoing_unread_adds_the_words_read_since(reader: Reader) -> None:
    read_a_screenful(reader)
    reader.session.read_statuses.set_status(reader.story("one"), ReadStatus.UNREAD)
    reader.go_to(20)
    reader.wait(60)
    reader.session.undo()
    assert load_state(reader) == (ReadStatus.READING, ((0, 200), (400, 600)))


def test_an_automatic_change_can_be_undone(reader: Reader) -> None:
    read_a_screenful(reader)
    change = reader.session.undo()
    assert isinstance(change, StatusChange)
    assert (change.status, change.status_before, change.is_automatic) == (
        ReadStatus.READING,
        ReadStatus.UNREAD,
        True,
    )
    assert load_state(reader) == (ReadStatus.UNREAD, ())


def test_undoing_an_automatic_finish_gives_reading(reader: Reader) -> None:
    reader.open("one")
    reader.read(SCREENFUL - 1)
    reader.session.undo()
    assert load_state(reader) == (ReadStatus.READING, ((0, 1000),))


def test_an_undone_status_is_not_set_again_while_the_story_is_open(reader: Reader) -> None:
    read_a_screenful(reader)
    reader.session.undo()
    assert reader.wait(600) == []
    assert load_state(reader)[0] is ReadStatus.UNREAD


def test_reading_on_does_not_change_a_status_set_by_hand(reader: Reader) -> None:
    reader.open("one")
    reader.session.read_statuses.set_status(reader.story("one"), ReadStatus.UNREAD)
    assert reader.read(SCREENFUL - 1) == []
    assert load_state(reader)[0] is ReadStatus.UNREAD


def test_undo_reverts_changes_one_by_one_across_stories(reader: Reader) -> None:
    read_a_screenful(reader)
    reader.open("two")
    toggle_status(reader.session, reader.story("two"))
    toggle_status(reader.session, reader.story("one"))
    undone = []
    while isinstance(change := reader.session.undo(), StatusChange):
        undone.append((change.story.title, change.status))
    assert undone == [
        ("One", ReadStatus.FINISHED),
        ("Two", ReadStatus.FINISHED),
        ("One", ReadStatus.READING),
    ]
    assert [load_state(reader, title) for title in ("one", "two")] == [(ReadStatus.UNREAD, ())] * 2


def test_automatic_changes_in_three_stories_are_announced_and_undone(
    reader: Reader, write: Write
) -> None:
    folder = write("three.md", f"# Three\n\n{make_text(8)}").parent
    reader.session.add_stories(list(describe_files(reader.session.scan_folders([folder]))))
    lines = []
    for title in ("one", "three", "two"):
        reader.open(title)
        lines += [
            format_change(change, change.story.title) for change in reader.read_to_end(SCREENFUL)
        ]
    assert lines == [
        "Started: One (U undoes it)",
        "Finished: One (U undoes it)",
        "Finished: Three (U undoes it)",
        "Started: Two (U undoes it)",
        "Finished: Two (U undoes it)",
    ]
    undone = [format_undo(reader.session.undo(), TitleFacts()) for _ in range(6)]
    assert undone == [
        "Two: reading again.",
        "Two: unread again.",
        "Three: unread again.",
        "One: reading again.",
        "One: unread again.",
        "There is nothing to undo.",
    ]
    assert [load_state(reader, title) for title in ("one", "two", "three")] == [
        (ReadStatus.UNREAD, ())
    ] * 3


def test_undo_without_changes_returns_none(reader: Reader) -> None:
    assert reader.session.undo() is None


def test_a_status_set_while_a_worker_opens_the_story_stays(reader: Reader) -> None:
    job = reader.session.make_open_job(reader.story("one"))
    toggle_status(reader.session, reader.story("one"))
    reader.session.enter(job.run())
    reader.start()
    reader.wait(1)
    assert load_state(reader)[0] is ReadStatus.FINISHED


def test_an_unreadable_story_has_no_status(reader: Reader) -> None:
    with pytest.raises(UnreadableFile, match=r"^Bad: not text \(or not in UTF-8\)$"):
        toggle_status(reader.session, reader.story("bad"))
    assert reader.session.undo() is None
    assert reader.store.load_story_states() == {}
