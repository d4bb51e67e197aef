"""Stars and tags: what is typed, saved, merged with another device, and moved to another story."""

from __future__ import annotations

from pathlib import Path

import pytest

from reader.store.merging import merge_stories
from reader.store.records import Record, make_record, merge_records
from reader.store.repository import Store
from reader.store.schema import Row, Stamp, StarRow, TagRow
from reader.store.stories import (
    LabelEdit,
    Labels,
    StoryDetails,
    load_labels,
    make_tag_key,
    parse_tags,
    save_labels,
)
from reader.store.transfer import format_export, parse_export

DETAILS = StoryDetails(Path("/essays/a.md"), "mine", "A Title")


@pytest.fixture
def store() -> Store:
    return Store.open_in_memory()


def save(store: Store, *edits: LabelEdit) -> None:
    save_labels(store.record_store, edits, {edit.story_id: DETAILS for edit in edits})


def stamp_row(row: Row, *, at: int) -> Record:
    return make_record(row, Stamp(at, f"2026-01-01T00:00:0{at}.000+00:00", "d"))


def make_tag(story_id: str, tag: str, *, deleted: int = 0) -> TagRow:
    return TagRow(make_tag_key(story_id, tag), story_id, tag, deleted)


@pytest.mark.parametrize(
    ("typed", "tags"),
    [
        ("", ()),
        ("work", ("work",)),
        ("work, sea night", ("work", "sea", "night")),
        (" #work ,, #to-read;x ", ("work", "to-read", "x")),
        ("Work work WÖRK", ("Work",)),
        ('"by the sea"', ("by", "the", "sea")),
        ("a\x1b[31mb\u202ec", ("a\ufffd[31mb\ufffdc",)),
        ("# ## ,", ()),
        ("x" * 70, ("x" * 60,)),
        (" ".join(f"t{n}" for n in range(60)), tuple(f"t{n}" for n in range(50))),
        ("日本 語", ("日本", "語")),
    ],
)
def test_tags_are_typed_with_commas_or_spaces_between_them(
    typed: str, tags: tuple[str, ...]
) -> None:
    assert parse_tags(typed) == tags
    assert parse_tags(" ".join(tags)) == tags


def test_stars_and_tags_are_saved_with_their_story(store: Store) -> None:
    save(store, LabelEdit("s", "", is_set=True), LabelEdit("t", "work", is_set=True))
    save(store, LabelEdit("t", "Sea", is_set=True))
    assert load_labels(store.record_store).by_story == {
        "s": Labels(is_starred=True),
        "t": Labels(tags=("Sea", "work")),
    }
    assert store.load_story_details("s") == DETAILS


def test_what_is_taken_off_keeps_its_row(store: Store) -> None:
    save(store, LabelEdit("s", "", is_set=True), LabelEdit("s", "work", is_set=True))
    save(store, LabelEdit("s", "", is_set=False), LabelEdit("s", "WORK", is_set=False))
    assert load_labels(store.record_store).by_story == {}
    rows = {record.row for record in store.record_store.load_records()}
    assert {StarRow("s", 0), make_tag("s", "WORK", deleted=1)} <= rows


def test_the_later_change_of_each_tag_wins() -> None:
    ours = [stamp_row(make_tag("s", "work"), at=1), stamp_row(make_tag("s", "sea"), at=4)]
    theirs = [
        stamp_row(make_tag("s", "Work", deleted=1), at=2),
        stamp_row(make_tag("s", "sea", deleted=1), at=3),
        stamp_row(StarRow("s", 1), at=3),
    ]
    merged = {record.row for record in merge_records(ours, theirs)}
    assert merged == {make_tag("s", "Work", deleted=1), make_tag("s", "sea"), StarRow("s", 1)}
    assert merged == {record.row for record in merge_records(theirs, ours)}


def test_a_story_that_is_merged_into_another_one_brings_its_labels(store: Store) -> None:
    save(store, LabelEdit("b", "", is_set=True), LabelEdit("b", "work", is_set=True))
    save(store, LabelEdit("a", "sea", is_set=True), LabelEdit("a", "work", is_set=True))
    merge_stories(store.record_store, "b", "a", None)
    assert load_labels(store.record_store).by_story == {
        "a": Labels(is_starred=True, tags=("sea", "work"))
    }
    save(store, LabelEdit("a", "WORK", is_set=False))
    assert load_labels(store.record_store).by_story["a"].tags == ("sea",)


def test_labels_are_exported_and_imported() -> None:
    records = [
        stamp_row(StarRow("s", 0), at=1),
        stamp_row(make_tag("s", "日本"), at=2),
        stamp_row(make_tag("s", "sea", deleted=1), at=3),
    ]
    assert parse_export(format_export(records).encode()) == (records, [])


def test_an_imported_tag_gets_the_key_of_this_program_and_is_one_tag() -> None:
    tag = stamp_row(TagRow("another key", "s", "sea", 0), at=1)
    two = stamp_row(TagRow("x", "s", "by the sea", 0), at=2)
    records, problems = parse_export(format_export([tag, two]).encode())
    assert [record.row for record in records] == [make_tag("s", "sea")]
    assert problems == ["records.tag[1].tag: must be one tag: 1 record was left out"]
