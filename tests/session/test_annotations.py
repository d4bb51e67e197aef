"""Quotes, remarks and responses as a session writes them, and takes them back with the marks."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest
from session_driver import Reader

from reader.errors import DatabaseLocked, StateError
from reader.reading.annotations import AnnotationChange
from reader.session.read_status import StatusChange
from reader.store.repository import Store
from reader.text.document import Place
from reader.text.places import Passage, extract_text
from reader.ui.widgets.status_bar import format_undo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from reader.session.annotations import Annotations

    Write = Callable[[str, str | bytes], Path]

TEXT = "# One\n\nFirst it was. Then it went. Now it is gone.\n\nOne more.\n"
FIRST, SECOND = Passage(Place(0), Place(0, 13)), Passage(Place(0, 14), Place(0, 27))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


@pytest.fixture
def reader(write: Write, path: Path) -> Reader:
    """Return a reader who has a story open, and another beside it."""
    write("two.md", "# Two\n\nAnother story.\n")
    reader = Reader(write("one.md", TEXT).parent, Store.open(path))
    reader.open("one")
    return reader


@pytest.fixture
def margin(reader: Reader) -> Annotations:
    return reader.session.annotations


@pytest.fixture
def holder(path: Path, reader: Reader) -> Iterator[sqlite3.Connection]:
    """Yield another program that holds the memory until it rolls back."""
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("BEGIN EXCLUSIVE")
    yield db
    db.close()


def kept(path: Path) -> list[tuple[str, str]]:
    """Return text and remark of what another program finds kept, the oldest first."""
    other = Reader(store=Store.open(path))
    found = other.session.annotations.list_highlights(
        reversed(other.session.annotations.list_highlight_ids())
    )
    other.session.close()
    return [(one.highlight.text, one.highlight.note) for one in found if one.highlight is not None]


def response(path: Path) -> list[str]:
    other = Reader(store=Store.open(path))
    found = [one.response for one in other.session.annotations.list_responses()]
    other.session.close()
    return found


def shown(reader: Reader) -> list[str]:
    """Return what is marked on the page as kept."""
    open_story = reader.open_story
    passages = sorted(open_story.highlights.passages.values())
    return [extract_text(open_story.document, *passage) for passage in passages]


def keep(margin: Annotations, passage: Passage, is_selected: bool = False) -> AnnotationChange:
    deed = margin.highlight_passage(passage, is_selected=is_selected)
    assert deed is not None
    return deed


def write_on(margin: Annotations, deed: AnnotationChange, words: str) -> AnnotationChange | None:
    draft = margin.open_draft(deed.annotation)
    draft.text = words
    return margin.finish_draft(draft)


def test_a_highlight_is_stored_at_once(margin: Annotations, reader: Reader, path: Path) -> None:
    keep(margin, FIRST)
    assert kept(path) == [("First it was.", "")]
    assert shown(reader) == ["First it was."]


def test_highlighting_again_widens_to_the_paragraph_then_narrows(
    margin: Annotations, path: Path
) -> None:
    deeds = [keep(margin, SECOND) for _ in range(3)]
    assert len({deed.annotation.key for deed in deeds}) == 1
    texts = [deed.annotation.highlight.text for deed in deeds if deed.annotation.highlight]
    whole = "First it was. Then it went. Now it is gone."
    assert texts == ["Then it went.", whole, "Then it went."]
    assert kept(path) == [("Then it went.", "")]


def test_a_paragraph_of_one_sentence_is_highlighted_once(margin: Annotations, path: Path) -> None:
    whole = Passage(Place(1), Place(1, 9))
    keep(margin, whole)
    assert margin.highlight_passage(whole) is None
    assert kept(path) == [("One more.", "")]


def test_a_selection_in_a_highlighted_paragraph_is_a_highlight_of_its_own(
    margin: Annotations, path: Path
) -> None:
    keep(margin, FIRST)
    keep(margin, FIRST)
    keep(margin, SECOND, is_selected=True)
    whole = "First it was. Then it went. Now it is gone."
    assert sorted(kept(path)) == [(whole, ""), ("Then it went.", "")]


def test_a_highlight_of_an_earlier_run_can_be_widened(
    margin: Annotations, reader: Reader, path: Path, write: Write
) -> None:
    keep(margin, FIRST)
    again = Reader(write("one.md", TEXT).parent, Store.open(path))
    again.open("one")
    assert shown(again) == ["First it was."]
    keep(again.session.annotations, FIRST)
    assert kept(path) == [("First it was. Then it went. Now it is gone.", "")]


def test_a_widened_highlight_keeps_its_note(margin: Annotations, path: Path) -> None:
    write_on(margin, keep(margin, FIRST), "So it was.")
    keep(margin, FIRST)
    assert kept(path) == [("First it was. Then it went. Now it is gone.", "So it was.")]


def test_widening_and_undo_keep_a_note_that_another_program_wrote(
    margin: Annotations, reader: Reader, path: Path
) -> None:
    deed = keep(margin, FIRST)
    other = Reader(store=Store.open(path)).session.annotations
    write_on(other, deed, "From the other one.")
    keep(margin, FIRST)
    assert [remark for _, remark in kept(path)] == ["From the other one."]
    write_on(other, deed, "Anew.")
    reader.session.undo()
    assert kept(path) == [("First it was.", "Anew.")]


def test_a_passage_over_the_limit_is_refused(write: Write, path: Path) -> None:
    reader = Reader(write("long.md", "word " * 5_000).parent, Store.open(path))
    reader.open("long")
    open_story = reader.open_story
    with pytest.raises(StateError, match="at most 20000 characters"):
        reader.session.annotations.highlight_passage(Passage(Place(), open_story.document.end))
    assert kept(path) == []


def test_a_highlight_whose_text_is_gone_is_kept_but_not_shown(
    margin: Annotations, path: Path, write: Write
) -> None:
    deed = keep(margin, FIRST)
    again = Reader(write("one.md", "# One\n\nSomething else.\n").parent, Store.open(path))
    again.open("one")
    open_story = again.session.current
    assert open_story is not None
    assert shown(again) == []
    assert kept(path) == [("First it was.", "")]
    assert deed.annotation.highlight is not None
    assert open_story.locate_highlight(deed.annotation.highlight) == Place(0)


def test_status_changes_and_highlights_are_undone_in_reverse_order(
    margin: Annotations, reader: Reader, path: Path
) -> None:
    keep(margin, FIRST)
    reader.session.read_statuses.toggle_status(reader.story("two"))
    keep(margin, FIRST)
    undone = [reader.session.undo() for _ in range(4)]
    assert [type(change) for change in undone] == [
        AnnotationChange,
        StatusChange,
        AnnotationChange,
        type(None),
    ]
    assert kept(path) == []
    assert shown(reader) == []


def test_undoing_a_widened_highlight_narrows_it(
    margin: Annotations, reader: Reader, path: Path
) -> None:
    keep(margin, FIRST)
    keep(margin, FIRST)
    reader.session.undo()
    assert kept(path) == [("First it was.", "")]
    assert shown(reader) == ["First it was."]


def test_a_deleted_highlight_comes_back_with_its_note(
    margin: Annotations, reader: Reader, path: Path
) -> None:
    write_on(margin, keep(margin, FIRST), "So it was.")
    margin.delete(margin.list_highlights(margin.list_highlight_ids())[0])
    assert (kept(path), shown(reader)) == ([], [])
    reader.session.undo()
    assert kept(path) == [("First it was.", "So it was.")]
    assert shown(reader) == ["First it was."]


def test_a_note_is_undone_before_its_highlight(
    margin: Annotations, reader: Reader, path: Path
) -> None:
    write_on(margin, keep(margin, FIRST), "So it was.")
    lines = [format_undo(reader.session.undo())]
    assert kept(path) == [("First it was.", "")]
    lines += [format_undo(reader.session.undo()) for _ in range(2)]
    assert lines == [
        "One: the note is changed back.",
        "One: the highlight is removed.",
        "There is nothing to undo.",
    ]


def test_a_response_can_be_undone(margin: Annotations, reader: Reader, path: Path) -> None:
    story = reader.story("one")
    for words in ("First thoughts.", "Second thoughts."):
        draft = margin.open_draft(margin.get_response(story), story)
        draft.text = words
        margin.finish_draft(draft)
    assert response(path) == ["Second thoughts."]
    lines = [format_undo(reader.session.undo())]
    assert response(path) == ["First thoughts."]
    lines.append(format_undo(reader.session.undo()))
    assert response(path) == []
    assert lines == ["One: the response is changed back.", "One: the response is removed."]


def test_a_highlight_that_cannot_be_written_changes_nothing(
    margin: Annotations, reader: Reader, holder: sqlite3.Connection, path: Path
) -> None:
    with pytest.raises(DatabaseLocked):
        margin.highlight_passage(FIRST)
    assert shown(reader) == []
    holder.execute("ROLLBACK")
    assert kept(path) == []
    assert reader.session.undo() is None


def test_a_draft_is_saved_with_the_next_tick(
    margin: Annotations, reader: Reader, path: Path
) -> None:
    margin.open_draft(keep(margin, FIRST).annotation).text = "Half a sen"
    reader.session.tracker.tick()
    assert kept(path) == [("First it was.", "Half a sen")]


def test_a_draft_is_saved_when_the_program_ends(
    margin: Annotations, reader: Reader, path: Path
) -> None:
    story = reader.story("one")
    margin.open_draft(margin.get_response(story), story).text = "Half a sen"
    reader.session.leave()
    assert response(path) == ["Half a sen"]


def test_an_unchanged_note_adds_nothing_to_undo(margin: Annotations, reader: Reader) -> None:
    deed = keep(margin, FIRST)
    assert write_on(margin, deed, " \n") is None
    assert reader.session.undo() == deed


def test_a_note_that_waits_for_a_lock_is_saved_when_the_lock_is_released(
    margin: Annotations, reader: Reader, path: Path
) -> None:
    draft = margin.open_draft(keep(margin, FIRST).annotation)
    draft.text = "So it was."
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("BEGIN EXCLUSIVE")
    with pytest.raises(DatabaseLocked):
        margin.finish_draft(draft)
    assert margin.open_draft(draft.annotation) is draft
    draft.is_closed = True
    db.close()
    reader.session.tracker.tick()
    assert kept(path) == [("First it was.", "So it was.")]
    change = reader.session.undo()
    assert isinstance(change, AnnotationChange)
    assert change.annotation.text == "So it was."
