"""Merging two stores: the later change wins, words read add up, and finished stories stay so."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from reader.reading.identity import make_fingerprint
from reader.store.merging import combine, import_records, merge_stories
from reader.store.records import Record, make_record, merge_records
from reader.store.repository import Store
from reader.store.schema import (
    HiddenRow,
    HighlightRow,
    HistoryRow,
    ReadStatusRow,
    ResponseRow,
    Row,
    Stamp,
    StoryRow,
    TextRecordRow,
    WordsReadRow,
)
from reader.store.stories import StoryDetails, load_hidden, save_hidden
from reader.store.transfer import format_export, parse_export


def stamp_row(row: Row, at: int = 0, serial: int = 1) -> Record:
    """Return a record of `row` that was changed in the second `at`."""
    stamp = Stamp(serial, f"2026-01-01T00:00:{at:02}.000+00:00", "laptop")
    return make_record(row, stamp)


def index_rows(records: list[Record]) -> dict[str, Row]:
    """Return the rows by table, of stores with one row in a table."""
    return {record.table: record.row for record in records}


def test_the_later_change_wins_on_either_side() -> None:
    early, late = stamp_row(ResponseRow("s", "a"), at=1), stamp_row(ResponseRow("s", "b"), at=2)
    assert index_rows(merge_records([early], [late])) == {"response": late.row}
    assert index_rows(merge_records([late], [early])) == {"response": late.row}


def test_both_sides_choose_the_same_of_two_changes_at_one_time() -> None:
    one, two = stamp_row(ResponseRow("s", "a")), stamp_row(ResponseRow("s", "b"))
    assert index_rows(merge_records([one], [two])) == index_rows(merge_records([two], [one]))


def test_a_highlight_that_was_deleted_later_stays_deleted() -> None:
    row = HighlightRow("q", "s", 0, 0, "", "", "text", "", "2026-01-01T00:00:00.000+00:00", 0)
    shown, deleted = stamp_row(row, at=1), stamp_row(row._replace(deleted=1), at=2)
    assert merge_records([shown], [deleted])[0].row == deleted.row
    assert merge_records([deleted], [shown])[0].row == deleted.row


def test_a_story_that_was_hidden_later_stays_hidden_also_in_an_export() -> None:
    shown, hidden = stamp_row(HiddenRow("s", 0), at=1), stamp_row(HiddenRow("s", 1), at=2)
    assert merge_records([shown], [hidden])[0].row == HiddenRow("s", 1)
    assert merge_records([hidden], [shown])[0].row == HiddenRow("s", 1)
    assert parse_export(format_export([hidden]).encode()).records == [hidden]


def test_a_hidden_story_that_is_merged_into_another_one_hides_it() -> None:
    store = Store.open_in_memory()
    save_hidden(store.record_store, "b", StoryDetails(Path("b.md"), ""), is_hidden=True)
    merge_stories(store.record_store, "b", "a", None)
    assert load_hidden(store.record_store) == {"a"}


def test_two_copies_stay_two_when_a_third_one_with_a_lower_id_is_imported() -> None:
    words = make_fingerprint([" ".join(map(str, range(100)))], has_title=False)
    ours, theirs = Store.open_in_memory(), Store.open_in_memory()
    for store, letter in ((ours, "a"), (ours, "b"), (theirs, "0")):
        details = StoryDetails(Path(f"/{letter}.md"), "", fingerprint=words)
        store.annotation_store.save_response(letter * 12, letter, details)
    import_records(ours.record_store, theirs.record_store.load_records())
    responses = ours.annotation_store.load_responses()
    texts = sorted("".join(sorted(response.text.split())) for response in responses)
    assert texts == ["0a", "b"]


def test_two_responses_of_one_story_are_joined_unless_one_has_the_other() -> None:
    def join(first: str, second: str) -> list[Row]:
        records = [
            stamp_row(ResponseRow("s", text), at=at) for at, text in enumerate((first, second))
        ]
        return [record.row for record in combine(records[1:], records[:1])]

    assert join("Rain", "Snow") == [ResponseRow("s", "Rain\n\nSnow")]
    assert join("Rain", "Rain fell") == [ResponseRow("s", "Rain fell")]
    assert join("Rain fell", "Rain") == [ResponseRow("s", "Rain fell")]
    assert join("", "Rain") == join("Rain", "") == [ResponseRow("s", "Rain")]


def test_words_read_on_both_sides_add_up() -> None:
    ours = stamp_row(WordsReadRow("s", "[[0, 10]]", 100), at=2)
    theirs = stamp_row(WordsReadRow("s", "[[5, 20], [30, 40]]", 90), at=1)
    merged = index_rows(merge_records([ours], [theirs]))
    assert merged == {"words_read": WordsReadRow("s", "[[0, 20], [30, 40]]", 100)}


def test_words_that_are_numbered_in_different_texts_are_not_united() -> None:
    ours = [
        stamp_row(WordsReadRow("s", "[[0, 10]]", 100), at=1),
        stamp_row(TextRecordRow("s", "old"), at=5),
    ]
    theirs = [
        stamp_row(WordsReadRow("s", "[[5, 20]]", 90), at=2),
        stamp_row(TextRecordRow("s", "new"), at=2),
    ]
    expected = index_rows(theirs)
    assert index_rows(merge_records(ours, theirs)) == expected
    assert index_rows(merge_records(theirs, ours)) == expected


def test_words_that_are_numbered_in_the_same_text_add_up() -> None:
    text = stamp_row(TextRecordRow("s", "same"))
    ours = [stamp_row(WordsReadRow("s", "[[0, 10]]", 100), at=1), text]
    theirs = [stamp_row(WordsReadRow("s", "[[5, 20]]", 100), at=2), text]
    merged = index_rows(merge_records(ours, theirs))
    assert merged["words_read"] == WordsReadRow("s", "[[0, 20]]", 100)


FINISH = stamp_row(HistoryRow("f", "s", "2026-01-01T00:00:00.000+00:00", 6, deleted=0))


def make_status(value: str, at: int) -> Record:
    return stamp_row(ReadStatusRow("s", value), at=at)


def get_status(records: list[Record]) -> str:
    """Return the read status of the only story."""
    (row,) = [record.row for record in records if isinstance(record.row, ReadStatusRow)]
    return row.status


def test_a_finished_story_stays_finished_if_the_other_side_started_it_later() -> None:
    finished, reading = make_status("finished", at=1), make_status("reading", at=2)
    assert get_status(merge_records([finished, FINISH], [reading])) == "finished"
    assert get_status(merge_records([reading], [finished, FINISH])) == "finished"


def test_a_finish_that_was_taken_back_later_is_taken_back() -> None:
    finished, reading = make_status("finished", at=1), make_status("reading", at=2)
    assert isinstance(FINISH.row, HistoryRow)
    undone = stamp_row(FINISH.row._replace(deleted=1), at=2)
    assert get_status(merge_records([finished, FINISH], [reading, undone])) == "reading"


def test_a_story_that_was_marked_unread_later_is_unread() -> None:
    finished, unread = make_status("finished", at=1), make_status("unread", at=2)
    assert get_status(merge_records([finished, FINISH], [unread])) == "unread"


def test_a_story_has_the_path_of_this_machine_and_the_later_title() -> None:
    ours = stamp_row(StoryRow("s", b"/here", "mine", "Old", "", ""), at=1)
    theirs = stamp_row(StoryRow("s", b"/there", "yours", "New", "", ""), at=2)
    merged = index_rows(merge_records([ours], [theirs]))
    assert merged == {"story": StoryRow("s", b"/here", "mine", "New", "", "")}


def test_the_order_of_changes_within_each_side_stays() -> None:
    ours = [
        stamp_row(ReadStatusRow(name, "reading"), at=at, serial=serial)
        for serial, (name, at) in enumerate([("a", 1), ("b", 9), ("c", 3)])
    ]
    theirs = [stamp_row(ReadStatusRow("d", "reading"), at=2, serial=7)]
    merged = merge_records(ours, theirs)
    assert [record.key[1] for record in merged] == ["a", "d", "b", "c"]
    assert [record.stamp.serial for record in merged] == [1, 2, 3, 4]


KEYS = st.sampled_from("st")
AT = st.integers(0, 5)
RANGES = st.sampled_from(["[]", "[[0, 5]]", "[[3, 9]]", "[[0, 5], [7, 9]]"])
STATUSES = st.sampled_from(["unread", "reading", "finished"])
ROWS = st.one_of(
    st.builds(ResponseRow, KEYS, KEYS),
    st.builds(lambda key, ranges: WordsReadRow(key, ranges, 9), KEYS, RANGES),
    st.builds(TextRecordRow, KEYS, KEYS),
    st.builds(ReadStatusRow, KEYS, STATUSES),
    st.builds(
        lambda key, deleted: HistoryRow(f"f{key}", key, "x", 0, deleted), KEYS, st.integers(0, 1)
    ),
    st.builds(lambda key, path: StoryRow(key, path.encode(), "", path, "", ""), KEYS, KEYS),
)
RECORDS = st.lists(st.builds(stamp_row, ROWS, AT), max_size=12)


def make_store(records: list[Record]) -> list[Record]:
    """Return records as a store has them: one for each key, each with a serial of its own."""
    by_key = {record.key: record for record in records}.values()
    return [r._replace(stamp=r.stamp._replace(serial=n)) for n, r in enumerate(by_key, 1)]


@given(RECORDS, RECORDS)
def test_merging_a_second_time_changes_nothing(one: list[Record], two: list[Record]) -> None:
    ours, theirs = make_store(one), make_store(two)
    merged = merge_records(ours, theirs)
    assert merge_records(merged, theirs) == merged
    assert merge_records(merged, merged) == merged


@given(RECORDS, RECORDS)
def test_both_sides_merge_to_the_same_content(one: list[Record], two: list[Record]) -> None:
    def content_of(records: list[Record]) -> set[tuple[object, ...]]:
        return {(r.table, r.row, r.stamp.changed_at) for r in records if r.table != "story"}

    ours, theirs = make_store(one), make_store(two)
    assert content_of(merge_records(ours, theirs)) == content_of(merge_records(theirs, ours))


@given(RECORDS)
def test_merging_with_an_empty_store_changes_nothing(records: list[Record]) -> None:
    store = make_store(records)
    assert merge_records([], store) == store
    assert merge_records(store, []) == store
