"""The beginning of a text that isn't parsed to its end is saved, so that it is opened quickly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest
from session_driver import make_text

from reader.library.catalog import Catalog
from reader.library.describing import describe_file
from reader.library.files import File, find_file
from reader.library.index import Index
from reader.library.story import load_text
from reader.library.text_cache import TextCache
from reader.markdown.parser import parse
from reader.session.jobs import SaveBeginningJob
from reader.session.open_story import SCREEN_CHARACTERS, OpenStory, ReadingData
from reader.session.session import Session
from reader.store.repository import Store, StoryState
from reader.text.document import Block, Kind, Place, fingerprint_text
from reader.text.places import make_anchor

if TYPE_CHECKING:
    from pathlib import Path

    from reader.library.story import Story

LARGE: Final = f"# My *own* title\n\n{make_text(1_200)}\n\n- A note.[^1]\n\n[^1]: It.\n"
"""A text of several slices whose title is a heading."""


@pytest.fixture
def large(tmp_path: Path) -> Path:
    path = tmp_path / "large.md"
    path.write_text(LARGE)
    return path


def make_empty_session(tmp_path: Path) -> Session:
    """Return a session with a text cache that is kept, and an index that isn't."""
    texts = TextCache(tmp_path / "texts")
    return Session(Catalog(), Store.open_in_memory(), Index.open(None), texts)


def leave_at_once(path: Path) -> Story:
    """Open the file at `path` and leave it before its text is complete; return the story."""
    session = make_empty_session(path.parent)
    session.enter(session.open_file(path))
    assert session.current is not None
    story = session.current.story
    session.close()
    return story


def test_a_text_that_was_left_at_once_is_opened_without_its_file(
    large: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = leave_at_once(large)
    monkeypatch.setattr("reader.session.jobs.read_source", None)
    monkeypatch.setattr("reader.library.story.read_source", None)
    again = make_empty_session(large.parent).open_file(large)
    assert (again.story, again.document.is_complete) == (story, False)
    assert again.document.characters > SCREEN_CHARACTERS


def test_a_text_with_a_saved_beginning_equals_the_parsed_text(large: Path) -> None:
    parsed = parse(LARGE, "My own title")
    story = leave_at_once(large)
    again = make_empty_session(large.parent).open_file(large)
    again.parse_all()
    assert again.document.blocks == parsed.blocks
    assert again.document.footnotes == parsed.footnotes
    assert again.story.fingerprint == describe_file(find_one(large)).fingerprint
    assert story.title == "My own title"


def test_a_text_with_a_saved_beginning_is_saved_once_it_is_complete(large: Path) -> None:
    leave_at_once(large)
    session = make_empty_session(large.parent)
    again = session.open_file(large)
    again.parse_all()
    session.index_story(again).run()
    again = make_empty_session(large.parent).open_file(large)
    assert again.text.get_digest() == fingerprint_text(LARGE)
    cached = TextCache(large.parent / "texts").load(find_one(large), "My own title")
    assert cached is not None
    assert cached.beginning is None


def test_a_saved_beginning_is_not_used_once_the_file_has_changed(large: Path) -> None:
    leave_at_once(large)
    large.write_text("Another text.\n")
    assert (
        make_empty_session(large.parent).open_file(large).document.blocks[0].text == "Another text."
    )


def test_a_text_that_changed_after_it_was_read_is_not_saved(large: Path) -> None:
    session = make_empty_session(large.parent)
    session.enter(session.open_file(large))
    large.write_text(f"{LARGE}\nMore.\n")
    session.close()
    assert TextCache(large.parent / "texts").load(find_one(large), None) is None


def test_more_of_a_beginning_is_saved_only_when_the_place_comes_near_its_end(large: Path) -> None:
    session = make_empty_session(large.parent)
    story = session.open_file(large)
    assert [*story.take_unsaved_beginning()] == story.document.blocks
    story.move_to(Place(len(story.document.blocks) - 1))
    assert story.take_unsaved_beginning() == ()  # all that is parsed is saved
    story.move_to(Place())
    parse_all_but_last(story)
    assert story.take_unsaved_beginning() == ()
    story.move_to(Place(story.document.character_to_block(story.text.saved_characters - 1)))
    assert len(story.take_unsaved_beginning()) > story.place.block + 10
    assert story.take_unsaved_beginning() == ()


def test_a_beginning_of_many_blocks_or_many_characters_takes_longer_than_a_frame(
    large: Path,
) -> None:
    story = make_empty_session(large.parent).open_file(large)
    sizes = {(1_000, 48): True, (1_001, 1): False, (1, 48_000): True, (1, 48_001): False}
    for (count, characters), is_short in sizes.items():
        blocks = [Block(Kind.PARAGRAPH, characters * "x")] * count
        job = SaveBeginningJob(story.story, story.text, blocks, TextCache(None))
        assert job.is_short is is_short


def test_a_stored_place_at_the_end_of_a_slice_gets_a_whole_screen(large: Path) -> None:
    session = make_empty_session(large.parent)
    story = session.open_file(large)
    last = Place(len(story.document.blocks) - 1)
    state = StoryState(anchor=make_anchor(story.document, last))
    again = OpenStory(story.story, load_text(story.story, session.text_cache), ReadingData(state))
    again.parse_first_screen()
    assert again.place == last
    characters = again.document.characters - again.document.count_characters_before(last)
    assert characters >= SCREEN_CHARACTERS


def test_a_text_that_was_described_meanwhile_is_not_read_again(
    large: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = make_empty_session(large.parent).open_file(large)
    described = describe_file(find_one(large))
    story.add_description(described)
    monkeypatch.setattr(story.text, "make_fingerprint", None)
    story.parse_all()
    assert story.document.is_complete
    assert (story.story.words, story.story.fingerprint) == (described.words, described.fingerprint)


def find_one(path: Path) -> File:
    file = find_file(path)
    assert file is not None
    return file


def parse_all_but_last(story: OpenStory) -> None:
    """Parse the text to its last slice, which isn't added."""
    while (piece := story.parse_next()) is not None and not piece.slice.is_last:
        story.add_slice(piece)
