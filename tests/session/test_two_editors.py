"""Two programs edit one response or note: the words of both are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from session_driver import Reader

from reader.errors import StateError
from reader.reading.annotations import OwnPart
from reader.session.read_status import StatusChange
from reader.store.repository import Store
from reader.text.document import Place
from reader.text.places import Passage

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from reader.reading.annotations import AnnotationChange
    from reader.session.annotations import AnnotationDraft

FIRST = Passage(Place(0), Place(0, 13))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


@pytest.fixture
def ann(write: Callable[[str, str], Path], path: Path) -> Reader:
    return Reader(write("one.md", "# One\n\nFirst it was.\n").parent, Store.open(path))


@pytest.fixture
def bo(write: Callable[[str, str], Path], path: Path, ann: Reader) -> Reader:
    return Reader(write("one.md", "# One\n\nFirst it was.\n").parent, Store.open(path))


def open_response(reader: Reader) -> AnnotationDraft:
    annotations, story = reader.session.annotations, reader.story("one")
    return annotations.open_draft(annotations.get_response(story), story)


def respond(reader: Reader, text: str) -> None:
    draft = open_response(reader)
    draft.text = text
    reader.session.annotations.finish_draft(draft)


def finish(reader: Reader, draft: AnnotationDraft, text: str) -> AnnotationChange | None:
    draft.text = text
    return reader.session.annotations.finish_draft(draft)


def load(reader: Reader) -> str:
    return reader.session.annotations.load_response(reader.story("one").id)


@pytest.mark.parametrize(
    ("before", "texts", "stored"),
    [
        ("", ("Mine.", "Yours."), "Mine.\n\nYours."),
        ("Old.", ("Old. Mine.", "Old. Yours."), "Old. Mine.\n\nYours."),
        ("Old.", ("Mine.", "Yours."), "Mine.\n\nYours."),
        ("Old.", ("Old.\n\nMine.", "Old! Yours."), "Old! Yours.\n\nMine."),
        ("Old.", ("Old.\n\nMine.", ""), "Mine."),
        ("Old.", ("Old. Mine.", ""), "Old. Mine."),
        ("Old.", ("", "Old. Yours."), "Old. Yours."),
        ("Old.", ("", ""), ""),
        ("Old.", ("Old. Mine.", "Old."), "Old. Mine."),
    ],
)
def test_the_later_of_two_editors_keeps_the_words_of_the_earlier(
    ann: Reader, bo: Reader, before: str, texts: tuple[str, str], stored: str
) -> None:
    respond(ann, before)
    drafts = [open_response(ann), open_response(bo)]
    for reader, draft, text in zip((ann, bo), drafts, texts, strict=True):
        finish(reader, draft, text)
    assert load(ann) == stored


def test_two_editors_that_are_saved_in_turn_keep_both_texts(ann: Reader, bo: Reader) -> None:
    anns, bos = open_response(ann), open_response(bo)
    for length in range(1, 12):
        anns.text, bos.text = "Mine it is."[:length], "Yours then."[:length]
        ann.session.save()
        bo.session.save()
    assert load(ann) == "Mine it is.\n\nYours then."
    assert not anns.is_merged or bos.is_merged


def test_undo_removes_only_the_own_words(ann: Reader, bo: Reader) -> None:
    anns, bos = open_response(ann), open_response(bo)
    finish(ann, anns, "Mine.")
    finish(bo, bos, "Yours.")
    assert bos.is_merged
    bo.session.undo()
    assert load(bo) == "Mine."
    respond(bo, "Mine.\n\nMore.")
    ann.session.undo()
    assert load(ann) == "More."


def test_a_response_that_another_program_has_emptied_is_gone(ann: Reader, bo: Reader) -> None:
    respond(ann, "Mine.")
    response = bo.session.annotations.get_response(bo.story("one"))
    assert bo.session.annotations.reload(response) == response
    respond(ann, "")
    assert bo.session.annotations.reload(response) is None


def test_a_note_that_is_edited_survives_its_deletion(ann: Reader, bo: Reader) -> None:
    ann.open("one")
    change = ann.session.annotations.highlight_passage(FIRST)
    assert change is not None
    theirs = bo.session.annotations.reload(change.annotation)
    assert theirs is not None
    draft = ann.session.annotations.open_draft(change.annotation)
    bo.session.annotations.delete(theirs)
    finish(ann, draft, "So it was.")
    assert bo.session.annotations.list_highlights([change.annotation.key[1]])[0].text == (
        "So it was."
    )
    assert list(ann.open_story.highlights.highlights) == [change.annotation.key[1]]


def test_an_annotation_that_another_program_has_edited_is_not_deleted(
    ann: Reader, bo: Reader
) -> None:
    respond(ann, "Old.")
    listed = bo.session.annotations.list_responses()[0]
    respond(ann, "New.")
    with pytest.raises(StateError, match="changed in another program"):
        bo.session.annotations.delete(listed)
    assert load(ann) == "New."


def test_an_editor_that_was_emptied_says_that_the_other_text_stays(ann: Reader, bo: Reader) -> None:
    respond(ann, "Old.")
    draft = open_response(bo)
    respond(ann, "Old. New.")
    assert finish(bo, draft, "") is None
    assert draft.is_merged
    assert not isinstance(bo.session.undo(), StatusChange)


WORDS = st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=3).map(" ".join)


@given(st.lists(st.tuples(st.booleans(), st.sampled_from(" \n"), WORDS, st.booleans()), max_size=9))
def test_no_word_is_lost_whoever_types_and_saves(
    steps: list[tuple[bool, str, str, bool]],
) -> None:
    stored = "start"
    texts = {"x": stored, "y": stored}
    parts = {name: OwnPart(stored) for name in texts}
    for is_first, separator, words, is_saved in steps:
        name = "x" if is_first else "y"
        texts[name] += separator + " ".join(f"{name}{word}" for word in words.split())
        if is_saved:
            parts[name], stored = parts[name].merge(stored, texts[name])
    for name, text in texts.items():
        parts[name], stored = parts[name].merge(stored, text)
    assert sorted(stored.split()).count("start") >= 1
    for text in texts.values():
        missing = [
            word for word in text.split() if stored.split().count(word) < text.split().count(word)
        ]
        assert not missing, stored
