"""Changes of many stories are made in slices, each saved on its own, and undone as one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

import pytest
from entries import make_entry

from reader.errors import DatabaseLocked
from reader.library.catalog import Catalog
from reader.library.index import Index
from reader.library.text_cache import TextCache
from reader.reading.progress import ReadStatus
from reader.session.session import Session
from reader.store.pending import PendingChanges, load_states_apart
from reader.store.repository import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from reader.library.story import Story
    from reader.session.changing import ManyChange

COUNT = 70
STORIES = [make_entry(f"{number:02}", words=5).story for number in range(COUNT)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


@pytest.fixture
def session(path: Path) -> Session:
    return Session(Catalog(STORIES), Store.open(path), Index.open(None), TextCache(None))


def star(session: Session) -> Callable[[Sequence[Story]], object]:
    return partial(session.labels.set_star, is_set=True, labels=session.labels.load())


def tag(session: Session) -> Callable[[Sequence[Story]], object]:
    labels = session.labels.load()
    return partial(session.labels.change_tags, added=["sea", "night"], removed=[], labels=labels)


def finish(session: Session) -> Callable[[Sequence[Story]], object]:
    set_status = session.read_statuses.set_status
    return lambda stories: session.groups.make(
        [partial(set_status, story, ReadStatus.FINISHED) for story in stories]
    )


def hide(session: Session) -> Callable[[Sequence[Story]], object]:
    set_hidden = session.removals.set_hidden
    return lambda stories: session.groups.make(
        [partial(set_hidden, story, is_hidden=True) for story in stories]
    )


def count_changed(path: Path) -> int:
    """Return how many stories have a star, tags, a status or are hidden, as another program sees."""
    store = Store.open(path)
    query = """
        SELECT count(*) FROM (
            SELECT story_id FROM star WHERE starred UNION SELECT story_id FROM tag WHERE NOT deleted
            UNION SELECT story_id FROM hidden_story WHERE hidden
            UNION SELECT story_id FROM read_status WHERE status <> 'unread'
        )
    """
    (count,) = store.record_store.fetch_all(query)[0]
    store.close()
    return int(count)


@pytest.mark.parametrize("kind", [star, tag, finish, hide])
def test_each_slice_is_saved_and_all_are_undone_as_one(
    session: Session, path: Path, kind: Callable[[Session], Callable[[Sequence[Story]], object]]
) -> None:
    change = session.many_changes.start_change(STORIES, kind(session))
    saved = []
    while change.done < change.total:
        change.step(30)
        saved.append((change.done, count_changed(path)))
    assert saved == [(30, 30), (60, 60), (70, 70)]
    undo = session.many_changes.start_undo()
    assert undo is not None
    left = []
    while undo.done < undo.total:
        undo.step(30)
        left.append((undo.done, count_changed(path)))
    assert left == [(30, 40), (60, 10), (70, 0)]
    assert session.undo() is None


@pytest.mark.parametrize("make", [star, finish], ids=["star", "finish"])
def test_what_was_changed_is_not_copied_for_each_slice(
    make: Callable[[Session], Callable[[Sequence[Story]], object]], session: Session
) -> None:
    change = session.many_changes.start_change(STORIES, make(session))
    changes = []
    while change.done < change.total:
        change.step(10)
        changes.append(change.change)
    assert len({id(each) for each in changes[1:]}) == 1


def test_a_change_of_fifty_stories_is_undone_at_once(session: Session) -> None:
    for count, is_large in ((50, False), (51, True)):
        session.groups.make(
            [partial(session.removals.set_hidden, each, is_hidden=True) for each in STORIES[:count]]
        )
        assert (session.many_changes.start_undo() is not None) is is_large


def test_what_was_changed_before_a_stop_is_undone_and_a_change_between_slices_on_its_own(
    session: Session, path: Path
) -> None:
    change = session.many_changes.start_change(STORIES, star(session))
    change.step(20)
    session.removals.set_hidden(STORIES[0], is_hidden=True)
    change.step(20)
    session.many_changes.stop()
    assert count_changed(path) == 40
    assert session.many_changes.start_undo() is None  # the newest is that of one story
    session.undo()
    assert session.many_changes.start_undo() is None  # forty are undone at once
    session.undo()
    assert (count_changed(path), session.undo()) == (0, None)


def test_after_an_error_the_slices_before_it_stay_and_can_be_undone(
    session: Session, path: Path
) -> None:
    make = star(session)

    def fail(stories: Sequence[Story]) -> None:
        if STORIES[35] in stories:
            raise DatabaseLocked("another program is writing")
        make(stories)

    change: ManyChange = session.many_changes.start_change(STORIES, fail)
    change.step(30)
    with pytest.raises(DatabaseLocked):
        change.step(30)
    assert (change.done, count_changed(path)) == (30, 30)
    session.undo()
    assert count_changed(path) == 0


def test_the_rest_of_a_change_is_made_when_the_program_ends(session: Session, path: Path) -> None:
    session.many_changes.start_change(STORIES, star(session)).step(10)
    session.close()
    assert (session.unsaved, count_changed(path)) == ("", COUNT)


def test_the_end_tells_what_would_take_too_long(session: Session, path: Path) -> None:
    stories = [make_entry(f"{number:03}").story for number in range(300)]
    session.many_changes.start_change(stories, star(session))
    told = session.many_changes.finish(0)
    assert told == "100 of 300 stories were not changed: the program ended"
    assert count_changed(path) == 200


def test_the_states_of_many_stories_are_loaded_in_a_thread_with_what_is_not_written_yet(
    session: Session, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reader.store.pending.MANY_STATES", 2)
    finish(session)(STORIES[:2])
    load = session.shelf_list.start_listing().load_states
    with ThreadPoolExecutor() as pool:
        assert {*pool.submit(load).result()} == {"00", "01"}
    changes = PendingChanges(STORIES[2], status=ReadStatus.READING)
    states = load_states_apart(path, {"02": changes}, {})
    found = [states[story.id].status.value for story in STORIES[:3]]
    assert found == ["finished", "finished", "reading"]
    assert {*load_states_apart(path.with_name("gone.db"), {"02": changes}, {})} == {"02"}
