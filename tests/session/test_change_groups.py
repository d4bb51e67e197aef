"""Changes of several stories that are saved together, and undone as one."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest
from session_driver import Reader

from reader.errors import BadUsage, DatabaseLocked
from reader.reading.progress import ReadStatus
from reader.session.read_status import GroupChange
from reader.store.repository import Store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FINISHED, UNREAD = ReadStatus.FINISHED, ReadStatus.UNREAD


@pytest.fixture
def reader(write: Callable[[str, str], Path], tmp_path: Path) -> Reader:
    for name in ("Ann", "Bea"):
        path = write(f"{name}.md", f"---\ntitle: {name}\n---\n\nText of {name}.\n")
    return Reader(path.parent, Store.open(tmp_path / "state.db"))


def finish(reader: Reader, titles: str) -> None:
    for title in titles.split():
        reader.session.read_statuses.set_status(reader.story(title), FINISHED)


def list_stored(reader: Reader) -> list[ReadStatus]:
    states = reader.store.load_story_states()
    return [states[s.id].status if s.id in states else UNREAD for s in reader.session.order]


def test_a_group_has_one_transaction_and_one_undo(reader: Reader) -> None:
    group = reader.session.groups
    assert [one.story.title for one in group.make(partial(finish, reader, "Ann Bea"))] == [
        "Ann",
        "Bea",
    ]
    assert list_stored(reader) == [FINISHED, FINISHED]
    undone = reader.session.undo()
    assert isinstance(undone, GroupChange)
    assert list_stored(reader) == [UNREAD, UNREAD]
    assert reader.session.undo() is None


def test_if_a_part_of_a_group_fails_nothing_has_changed(reader: Reader) -> None:
    def fail() -> None:
        finish(reader, "Ann")
        raise BadUsage("no")

    with pytest.raises(BadUsage, match="no"):
        reader.session.groups.make(fail)
    assert list_stored(reader) == [UNREAD, UNREAD]
    assert reader.session.undo() is None
    assert reader.store.load_story_details(reader.story("Ann").id) is None


def test_while_the_file_cannot_be_written_a_group_goes_to_the_copy_in_memory(
    reader: Reader,
) -> None:
    calls = []

    def finish_later() -> None:
        calls.append(0)
        finish(reader, "Ann Bea")
        if len(calls) == 1:
            raise DatabaseLocked("locked")

    reader.session.groups.make(finish_later)
    assert list_stored(reader) == [FINISHED, FINISHED]
    assert reader.session.save_problem
    assert isinstance(reader.session.undo(), GroupChange)
    assert list_stored(reader) == [UNREAD, UNREAD]
