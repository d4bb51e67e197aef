"""Changes of several stories that are saved together, and undone as one."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest
from session_driver import Reader

from reader.errors import BadUsage, DatabaseLocked
from reader.reading.progress import ReadStatus
from reader.session.read_status import GroupChange, ShelfChange, StatusChange
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


def list_parts(reader: Reader) -> list[Callable[[], StatusChange | ShelfChange]]:
    """Return what finishes each story."""
    set_status, stories = reader.session.read_statuses.set_status, reader.session.order
    return [partial(set_status, story, FINISHED) for story in stories]


def list_stored(reader: Reader) -> list[ReadStatus]:
    states = reader.store.load_story_states()
    return [states[s.id].status if s.id in states else UNREAD for s in reader.session.order]


def test_a_group_has_one_transaction_and_one_undo(reader: Reader) -> None:
    made = reader.session.groups.make(list_parts(reader))
    assert [one.story.title for one in made] == ["Ann", "Bea"]
    assert list_stored(reader) == [FINISHED, FINISHED]
    undone = reader.session.undo()
    assert isinstance(undone, GroupChange)
    assert list_stored(reader) == [UNREAD, UNREAD]
    assert reader.session.undo() is None


def test_if_a_part_of_a_group_fails_nothing_has_changed(reader: Reader) -> None:
    def fail() -> StatusChange:
        raise BadUsage("no")

    with pytest.raises(BadUsage, match="no"):
        reader.session.groups.make([list_parts(reader)[0], fail])
    assert list_stored(reader) == [UNREAD, UNREAD]
    assert reader.session.undo() is None
    assert reader.store.load_story_details(reader.story("Ann").id) is None


def test_while_the_file_cannot_be_written_a_group_goes_to_the_copy_in_memory(
    reader: Reader,
) -> None:
    calls = []
    finish_first, finish_second = list_parts(reader)

    def finish_later() -> StatusChange | ShelfChange:
        calls.append(0)
        if len(calls) == 1:
            raise DatabaseLocked("locked")
        return finish_second()

    reader.session.groups.make([finish_first, finish_later])
    assert list_stored(reader) == [FINISHED, FINISHED]
    assert reader.session.save_problem
    assert isinstance(reader.session.undo(), GroupChange)
    assert list_stored(reader) == [UNREAD, UNREAD]
