"""A story whose file was edited keeps the words read, numbered in the new text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from session_driver import PARAGRAPH_WORDS, Reader, make_text

from reader.reading.progress import ReadStatus, count_range_words
from reader.store.repository import Store
from reader.text.document import Place

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from reader.reading.progress import WordRanges

    Write = Callable[[str, str | bytes], Path]

READ: WordRanges = ((0, 10 * PARAGRAPH_WORDS),)
NEW = "A new paragraph of just seven words."


@pytest.fixture
def folder(write: Write) -> Path:
    return write("one.md", make_text()).parent


@pytest.fixture
def reader(folder: Path) -> Reader:
    """Return a reader who has read the first ten paragraphs of fifty and is at the fifth."""
    reader = Reader(folder)
    reader.open("one")
    reader.wait(60)
    reader.session.tracker.record_move(Place(4, 3))
    reader.session.leave()
    assert load_ranges(reader) == READ
    return reader


def load_ranges(reader: Reader) -> WordRanges:
    return reader.store.load_story_state(reader.story("one").id).ranges


def make_paragraphs(count: int = 50) -> list[str]:
    return make_text(count).split("\n\n")


def rewrite(folder: Path, texts: list[str]) -> None:
    (folder / "one.md").write_text("\n\n".join(texts))


def get_credited_ranges(reader: Reader) -> WordRanges:
    return reader.open_story.reading_credit.ranges


def test_words_read_are_numbered_in_the_new_text(folder: Path, reader: Reader) -> None:
    texts = make_paragraphs()
    rewrite(folder, [NEW, *texts[:3], *texts[5:], texts[3]])
    reader.open("one")
    assert get_credited_ranges(reader) == (
        (7, 7 + 8 * PARAGRAPH_WORDS),
        (7 + 48 * PARAGRAPH_WORDS, 7 + 49 * PARAGRAPH_WORDS),
    )


def test_new_words_read_are_saved_with_the_renumbered_ones(folder: Path, reader: Reader) -> None:
    rewrite(folder, [NEW, *make_paragraphs()])
    reader.open("one")
    reader.go_to(31)
    reader.wait(60)
    reader.session.leave()
    assert load_ranges(reader) == ((7, 207), (607, 807))
    reader.open("one")
    assert get_credited_ranges(reader) == ((7, 207), (607, 807))


def test_opening_an_edited_story_writes_nothing(folder: Path, reader: Reader) -> None:
    before = reader.store.load_story_state(reader.story("one").id)
    rewrite(folder, [NEW, *make_paragraphs()])
    reader.open("one")
    reader.session.leave()
    assert reader.store.load_story_state(reader.story("one").id) == before


def test_words_are_carried_over_two_edits(folder: Path, reader: Reader) -> None:
    for number in range(2):
        rewrite(folder, [NEW] * (number + 1) + make_paragraphs())
        reader.open("one")
        reader.go_to(20)
        reader.wait(60)
        reader.session.leave()
    reader.open("one")
    assert get_credited_ranges(reader) == (
        (14, 214),
        (14 + 18 * PARAGRAPH_WORDS, 14 + 29 * PARAGRAPH_WORDS),
    )


def test_a_text_record_is_written_once(reader: Reader) -> None:
    story = reader.story("one")
    record = reader.store.load_text_record(story.id)
    assert len(record) == 13 + 12 * 50
    row = reader.store.record_store.fetch_one("SELECT serial FROM text_record")
    reader.open("one")
    reader.go_to(20)
    reader.wait(60)
    reader.session.leave()
    assert reader.store.record_store.fetch_one("SELECT serial FROM text_record") == row
    assert count_range_words(load_ranges(reader)) == 20 * PARAGRAPH_WORDS


def test_a_story_that_was_only_opened_has_no_text_record(reader: Reader, write: Write) -> None:
    write("two.md", make_text(3))
    again = Reader(write("two.md", make_text(3)).parent, reader.store)
    again.open("two")
    again.session.leave()
    assert again.store.load_text_record(again.story("two").id) == ""


@pytest.mark.parametrize("edited", [True, False])
def test_an_open_story_knows_whether_its_text_has_changed(
    edited: bool, folder: Path, reader: Reader
) -> None:
    rewrite(folder, make_paragraphs() + [NEW] * edited)
    reader.open("one")
    assert reader.open_story.is_text_changed is edited


def test_a_story_never_read_has_not_changed(folder: Path) -> None:
    reader = Reader(folder)
    reader.open("one")
    assert not reader.open_story.is_text_changed


def test_undo_restores_the_words_with_their_new_numbers(folder: Path, reader: Reader) -> None:
    rewrite(folder, [NEW, *make_paragraphs()])
    reader.open("one")
    reader.session.read_statuses.set_status(reader.story("one"), ReadStatus.UNREAD)
    assert load_ranges(reader) == ()
    reader.session.undo()
    assert load_ranges(reader) == ((7, 207),)
    reader.open("one")
    assert get_credited_ranges(reader) == ((7, 207),)


def test_words_read_in_an_edited_story_are_there_in_the_next_run(
    folder: Path, tmp_path: Path
) -> None:
    path = tmp_path / "state.db"
    reader = Reader(folder, Store.open(path))
    reader.open("one")
    reader.wait(60)
    reader.session.close()
    rewrite(folder, [NEW, *make_paragraphs()])
    reader = Reader(folder, Store.open(path))
    reader.open("one")
    reader.go_to(11)
    reader.wait(60)
    reader.session.close()
    assert load_ranges(Reader(folder, Store.open(path))) == ((7, 407),)


def open_slowly(reader: Reader) -> None:
    """Open a long story and read for ten seconds before the rest of it is parsed."""
    reader.open("one")
    assert not reader.open_story.document.is_complete
    reader.wait(10)


def parse_the_rest(reader: Reader) -> None:
    open_story = reader.open_story
    open_story.parse_all()
    reader.wait(1)


@pytest.fixture
def long_reader(folder: Path) -> Reader:
    """Return a reader who has read some of two thousand paragraphs; one was inserted later.

    The place is before it, so that it is found before all of the text is parsed.
    """
    rewrite(folder, make_paragraphs(2_000))
    reader = Reader(folder)
    reader.open("one")
    parse_the_rest(reader)
    reader.go_to(100)
    reader.wait(60)
    reader.session.tracker.record_move(Place(0))
    reader.session.leave()
    assert load_ranges(reader) == ((0, 13), (2_000, 2_200))
    first, *others = make_paragraphs(2_000)
    rewrite(folder, [first, NEW, *others])
    return Reader(folder, reader.store)


def test_words_of_a_changed_text_are_not_saved_before_it_is_complete(long_reader: Reader) -> None:
    open_slowly(long_reader)
    assert load_ranges(long_reader) == ((0, 13), (2_000, 2_200))


def test_words_read_before_the_text_is_complete_are_saved_afterwards(long_reader: Reader) -> None:
    open_slowly(long_reader)
    parse_the_rest(long_reader)
    # Eleven seconds are 145 words more.
    assert (
        load_ranges(long_reader) == get_credited_ranges(long_reader) == ((0, 158), (2_007, 2_207))
    )


def test_a_status_set_before_the_text_is_complete_stays(long_reader: Reader) -> None:
    open_slowly(long_reader)
    long_reader.session.read_statuses.set_status(long_reader.story("one"), ReadStatus.UNREAD)
    parse_the_rest(long_reader)
    assert (get_credited_ranges(long_reader), load_ranges(long_reader)) == (((0, 13),), ((0, 13),))
