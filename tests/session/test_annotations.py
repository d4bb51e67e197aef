"""Highlights, notes and responses are saved at once and undone with the status changes."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest
from session_driver import Reader, toggle_status

from reader.errors import StateError
from reader.reading.annotations import AnnotationChange
from reader.session.read_status import StatusChange
from reader.session.shelf.entries import TitleFacts
from reader.store.repository import Store
from reader.text.document import Place
from reader.text.places import Passage, extract_text
from reader.ui.widgets.notices import format_undo

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
    """Return a reader with one of two stories open."""
    write("two.md", "# Two\n\nAnother story.\n")
    reader = Reader(write("one.md", TEXT).parent, Store.open(path))
    reader.open("one")
    return reader


@pytest.fixture
def session_annotations(reader: Reader) -> Annotations:
    return reader.session.annotations


@pytest.fixture
def locker(path: Path, reader: Reader) -> Iterator[sqlite3.Connection]:
    """Yield another connection that locks the store until it rolls back."""
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("BEGIN EXCLUSIVE")
    yield db
    db.close()


def load_highlights(path: Path) -> list[tuple[str, str]]:
    """Return text and note of each stored highlight, the oldest first, as another session."""
    other = Reader(store=Store.open(path))
    stored = other.session.annotations.list_highlights(
        reversed(other.session.annotations.list_highlight_ids())
    )
    other.session.close()
    return [(one.highlight.text, one.highlight.note) for one in stored if one.highlight is not None]


def load_responses(path: Path) -> list[str]:
    """Return the stored responses, as another session."""
    other = Reader(store=Store.open(path))
    stored = [one.response for one in other.session.annotations.list_responses()]
    other.session.close()
    return stored


def list_shown(reader: Reader) -> list[str]:
    """Return the highlighted passages of the open story."""
    open_story = reader.open_story
    passages = sorted(open_story.highlights.passages.values())
    return [extract_text(open_story.document, *passage) for passage in passages]


def highlight(
    session_annotations: Annotations, passage: Passage, is_selected: bool = False
) -> AnnotationChange:
    change = session_annotations.highlight_passage(passage, is_selected=is_selected)
    assert change is not None
    return change


def write_note(
    session_annotations: Annotations, change: AnnotationChange, text: str
) -> AnnotationChange | None:
    draft = session_annotations.open_draft(change.annotation)
    draft.text = text
    return session_annotations.finish_draft(draft)


def test_a_highlight_is_stored_at_once(
    session_annotations: Annotations, reader: Reader, path: Path
) -> None:
    highlight(session_annotations, FIRST)
    assert load_highlights(path) == [("First it was.", "")]
    assert list_shown(reader) == ["First it was."]


def test_highlighting_again_widens_to_the_paragraph_then_narrows(
    session_annotations: Annotations, path: Path
) -> None:
    changes = [highlight(session_annotations, SECOND) for _ in range(3)]
    assert len({change.annotation.key for change in changes}) == 1
    texts = [change.annotation.highlight.text for change in changes if change.annotation.highlight]
    whole = "First it was. Then it went. Now it is gone."
    assert texts == ["Then it went.", whole, "Then it went."]
    assert load_highlights(path) == [("Then it went.", "")]


def test_a_paragraph_of_one_sentence_is_highlighted_once(
    session_annotations: Annotations, path: Path
) -> None:
    whole = Passage(Place(1), Place(1, 9))
    highlight(session_annotations, whole)
    assert session_annotations.highlight_passage(whole) is None
    assert load_highlights(path) == [("One more.", "")]


def test_a_selection_in_a_highlighted_paragraph_is_a_highlight_of_its_own(
    session_annotations: Annotations, path: Path
) -> None:
    highlight(session_annotations, FIRST)
    highlight(session_annotations, FIRST)
    highlight(session_annotations, SECOND, is_selected=True)
    whole = "First it was. Then it went. Now it is gone."
    assert sorted(load_highlights(path)) == [(whole, ""), ("Then it went.", "")]


def test_a_highlight_of_an_earlier_run_can_be_widened(
    session_annotations: Annotations, reader: Reader, path: Path, write: Write
) -> None:
    highlight(session_annotations, FIRST)
    again = Reader(write("one.md", TEXT).parent, Store.open(path))
    again.open("one")
    assert list_shown(again) == ["First it was."]
    highlight(again.session.annotations, FIRST)
    assert load_highlights(path) == [("First it was. Then it went. Now it is gone.", "")]


def test_a_widened_highlight_keeps_its_note(session_annotations: Annotations, path: Path) -> None:
    write_note(session_annotations, highlight(session_annotations, FIRST), "So it was.")
    highlight(session_annotations, FIRST)
    assert load_highlights(path) == [("First it was. Then it went. Now it is gone.", "So it was.")]


def test_widening_and_undo_keep_a_note_that_another_program_wrote(
    session_annotations: Annotations, reader: Reader, path: Path
) -> None:
    change = highlight(session_annotations, FIRST)
    other = Reader(store=Store.open(path)).session.annotations
    write_note(other, change, "From the other one.")
    highlight(session_annotations, FIRST)
    assert [note for _, note in load_highlights(path)] == ["From the other one."]
    write_note(other, change, "Another note.")
    reader.session.undo()
    assert load_highlights(path) == [("First it was.", "Another note.")]


def test_a_passage_over_the_limit_is_refused(write: Write, path: Path) -> None:
    reader = Reader(write("long.md", "word " * 5_000).parent, Store.open(path))
    reader.open("long")
    open_story = reader.open_story
    with pytest.raises(StateError, match="at most 20000 characters"):
        reader.session.annotations.highlight_passage(Passage(Place(), open_story.document.end))
    assert load_highlights(path) == []


def test_a_highlight_whose_text_is_gone_stays_stored_but_is_not_shown(
    session_annotations: Annotations, path: Path, write: Write
) -> None:
    change = highlight(session_annotations, FIRST)
    again = Reader(write("one.md", "# One\n\nSomething else.\n").parent, Store.open(path))
    again.open("one")
    open_story = again.session.current
    assert open_story is not None
    assert list_shown(again) == []
    assert load_highlights(path) == [("First it was.", "")]
    assert change.annotation.highlight is not None
    assert open_story.locate_highlight(change.annotation.highlight) == Place(0)


def test_status_changes_and_highlights_are_undone_in_reverse_order(
    session_annotations: Annotations, reader: Reader, path: Path
) -> None:
    highlight(session_annotations, FIRST)
    toggle_status(reader.session, reader.story("two"))
    highlight(session_annotations, FIRST)
    undone = [reader.session.undo() for _ in range(4)]
    assert [type(change) for change in undone] == [
        AnnotationChange,
        StatusChange,
        AnnotationChange,
        type(None),
    ]
    assert load_highlights(path) == []
    assert list_shown(reader) == []


def test_undoing_a_widened_highlight_narrows_it(
    session_annotations: Annotations, reader: Reader, path: Path
) -> None:
    highlight(session_annotations, FIRST)
    highlight(session_annotations, FIRST)
    reader.session.undo()
    assert load_highlights(path) == [("First it was.", "")]
    assert list_shown(reader) == ["First it was."]


def test_a_deleted_highlight_comes_back_with_its_note(
    session_annotations: Annotations, reader: Reader, path: Path
) -> None:
    write_note(session_annotations, highlight(session_annotations, FIRST), "So it was.")
    session_annotations.delete(
        session_annotations.list_highlights(session_annotations.list_highlight_ids())[0]
    )
    assert (load_highlights(path), list_shown(reader)) == ([], [])
    reader.session.undo()
    assert load_highlights(path) == [("First it was.", "So it was.")]
    assert list_shown(reader) == ["First it was."]


def test_a_note_is_undone_before_its_highlight(
    session_annotations: Annotations, reader: Reader, path: Path
) -> None:
    write_note(session_annotations, highlight(session_annotations, FIRST), "So it was.")
    lines = [format_undo(reader.session.undo(), TitleFacts())]
    assert load_highlights(path) == [("First it was.", "")]
    lines += [format_undo(reader.session.undo(), TitleFacts()) for _ in range(2)]
    assert lines == [
        "One: the note is changed back.",
        "One: the highlight is removed.",
        "There is nothing to undo.",
    ]


def test_a_response_can_be_undone(
    session_annotations: Annotations, reader: Reader, path: Path
) -> None:
    story = reader.story("one")
    for words in ("First thoughts.", "Second thoughts."):
        draft = session_annotations.open_draft(session_annotations.get_response(story), story)
        draft.text = words
        session_annotations.finish_draft(draft)
    assert load_responses(path) == ["Second thoughts."]
    lines = [format_undo(reader.session.undo(), TitleFacts())]
    assert load_responses(path) == ["First thoughts."]
    lines.append(format_undo(reader.session.undo(), TitleFacts()))
    assert load_responses(path) == []
    assert lines == ["One: the response is changed back.", "One: the response is removed."]


def test_a_highlight_that_cannot_be_written_changes_nothing(
    session_annotations: Annotations, reader: Reader, path: Path
) -> None:
    with sqlite3.connect(path) as db:  # neither it nor a copy of it can be written
        db.execute("DROP TABLE highlight")
    db.close()
    with pytest.raises(StateError, match="no such table"):
        session_annotations.highlight_passage(FIRST)
    assert list_shown(reader) == []
    assert reader.session.undo() is None


def test_a_draft_is_saved_with_the_next_tick(
    session_annotations: Annotations, reader: Reader, path: Path
) -> None:
    session_annotations.open_draft(
        highlight(session_annotations, FIRST).annotation
    ).text = "Half a sen"
    reader.session.tracker.tick()
    assert load_highlights(path) == [("First it was.", "Half a sen")]


def test_a_draft_is_saved_when_the_program_ends(
    session_annotations: Annotations, reader: Reader, path: Path
) -> None:
    story = reader.story("one")
    session_annotations.open_draft(
        session_annotations.get_response(story), story
    ).text = "Half a sen"
    reader.session.leave()
    assert load_responses(path) == ["Half a sen"]


def test_an_unchanged_note_adds_nothing_to_undo(
    session_annotations: Annotations, reader: Reader
) -> None:
    change = highlight(session_annotations, FIRST)
    assert write_note(session_annotations, change, " \n") is None
    assert reader.session.undo() == change


def test_a_note_that_waits_for_a_lock_is_saved_when_the_lock_is_released(
    session_annotations: Annotations, reader: Reader, path: Path
) -> None:
    draft = session_annotations.open_draft(highlight(session_annotations, FIRST).annotation)
    draft.text = "So it was."
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("BEGIN EXCLUSIVE")
    assert session_annotations.finish_draft(draft) is not None
    assert reader.session.save_problem == "another program is using the file"
    assert load_highlights(path) == [("First it was.", "")]
    db.close()
    reader.session.tracker.tick()
    assert reader.session.save_problem == ""
    assert load_highlights(path) == [("First it was.", "So it was.")]
    change = reader.session.undo()
    assert isinstance(change, AnnotationChange)
    assert change.annotation.text == "So it was."
