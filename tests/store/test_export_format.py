"""The export file is as README describes it, and an error says where the file is wrong."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from reader.errors import BadExport
from reader.store.records import Record, make_record
from reader.store.schema import (
    TABLES,
    ChoiceRow,
    HighlightRow,
    HistoryRow,
    PaceRow,
    PlaceRow,
    ReadStatusRow,
    ResponseRow,
    Row,
    Stamp,
    StoryRow,
    TextRecordRow,
    WordsReadRow,
)
from reader.store.transfer import format_export, parse_export
from reader.store.transfer.values import VALIDATORS

DATA = Path(__file__).parent.parent / "data"
VERSION_1 = DATA / "export-1.json"
VERSION_2 = DATA / "export-2.json"
TIME_RANGE = "must be a time from 1970 up to the end of 2199"
STAMP = Stamp(7, "2026-11-20T21:14:03.250+00:00", "a3ad9d57")


@pytest.mark.parametrize("path", [VERSION_1, VERSION_2], ids=["version 1", "version 2"])
def test_the_samples_of_both_versions_have_the_same_records(path: Path) -> None:
    rows: list[Row] = [
        StoryRow("forty-seconds", b"/home/ann/caf\xe9.md", "essays", "Forty Seconds", "Ann",
                 "https://example.org/forty"),
        PlaceRow("forty-seconds", 11, 40, "0123456789ab", "the words that stand there", 1),
        WordsReadRow("forty-seconds", "[[0, 120], [300, 412]]", 530),
        TextRecordRow("forty-seconds", "0123456789ab:20"),
        ReadStatusRow("forty-seconds", "finished"),
        HistoryRow("9f0c", "forty-seconds", "2026-11-20T21:14:03.250+00:00", 2, deleted=0),
        HighlightRow("77aa", "forty-seconds", 4, 0, "0123456789ab", "So it is.",
                     "So it is.\n\nOr was.", "Is it?", "2026-11-20T20:00:00.000+00:00", deleted=0),
        HighlightRow("77ab", "forty-seconds", 5, 2, "", "Gone.", "Gone.", "",
                     "2026-11-20T20:00:01.000+00:00", deleted=1),
        ResponseRow("forty-seconds", "I doubt it — “still”."),
        PaceRow("en", "[240, 251, 263]"),
        ChoiceRow("theme", "sepia"),
    ]  # fmt: skip
    serials = [7, 8, 9, 10, 11, 11, 12, 13, 14, 15, 16]
    assert parse_export(path.read_bytes()).records == [
        make_record(row, STAMP._replace(serial=serial))
        for row, serial in zip(rows, serials, strict=True)
    ]


def test_the_sample_is_exported_unchanged() -> None:
    sample = load_sample()
    sample["records"] |= {
        "identity": [],
        "folder": [],
        "feed": [],
        "hidden_story": [],
        "star": [],
        "tag": [],
    }  # these tables were added later
    assert json.loads(format_export(parse_export(VERSION_2.read_bytes()).records)) == sample


def test_every_column_has_a_validator() -> None:
    columns = {table: row_class._fields for table, row_class in TABLES.items()}
    assert {table: tuple(validators) for table, validators in VALIDATORS.items()} == columns


def test_the_readme_names_every_table_and_field() -> None:
    readme = (Path(__file__).parent.parent.parent / "README.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \| `([\w, ]+)` \| ", readme, re.MULTILINE)
    columns = {table: row_class._fields for table, row_class in TABLES.items()}
    assert {table: tuple(fields.split(", ")) for table, fields in rows} == columns


def load_sample(path: Path = VERSION_2) -> dict[str, Any]:
    sample: dict[str, Any] = json.loads(path.read_text())
    return sample


def get_problem(export: object) -> str:
    """Return what is wrong with the only record that is left out of a file of eleven."""
    records, problems = parse_export(json.dumps(export).encode())
    (problem,) = problems
    assert len(records) == 10
    return problem.removesuffix(": 1 record was left out")


def get_error(export: object) -> str:
    """Return the message with which a file is refused."""
    with pytest.raises(BadExport) as error:
        parse_export(export if isinstance(export, bytes) else json.dumps(export).encode())
    return str(error.value)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "not JSON: Expecting value, line 1"),
        (b'{"a": 1,\n\n ]', "not JSON: Expecting property name enclosed in double quotes, line 3"),
        (b"\xff\xfe{}", "not UTF-8 from byte 0 on"),
        (b"[]", "not a file that `reader export` wrote"),
        (b"{}", "not a file that `reader export` wrote"),
        (b"[" * 100_000, "not a file that `reader export` wrote"),
        (b"1" * 10_000, "not a file that `reader export` wrote"),
    ],
)
def test_another_kind_of_file_is_refused(data: bytes, message: str) -> None:
    assert get_error(data) == message


@pytest.mark.parametrize("version", [0, 3, "2", None, True, [2]])
def test_an_unknown_version_is_refused(version: object) -> None:
    message = f"version {version!r} is unknown: it may need a newer version of reader"
    assert get_error(load_sample() | {"version": version}) == message


@pytest.mark.parametrize(
    ("table", "field", "value", "message"),
    [
        ("place", "block", -1, "must be a whole number from 0 to 999999999"),
        ("place", "block", True, "must be a whole number from 0 to 999999999"),
        ("place", "block", 1.5, "must be a whole number from 0 to 999999999"),
        ("place", "block", 1 << 60, "must be a whole number from 0 to 999999999"),
        ("place", "story_id", "", "must not be empty"),
        ("place", "story_id", None, "must not be empty"),
        ("place", "excerpt", 7, "must be text"),
        (
            "place",
            "excerpt",
            "\ud800",
            "contains half a surrogate pair, or a byte that is not UTF-8",
        ),
        ("place", "story_id", "a\0b", "contains a NUL character"),
        ("place", "serial", (1 << 53) + 1, "must be a whole number from 0 to 9007199254740992"),
        ("place", "changed_at", "0001-01-01T00:00:00+14:00", "must be a time with its zone"),
        ("place", "changed_at", "9999-12-31T23:59:59-12:00", "must be a time with its zone"),
        ("history", "finished_at", "0001-01-01T00:00:00+00:00", TIME_RANGE),
        ("history", "finished_at", "1969-12-31T23:59:59.999+00:00", TIME_RANGE),
        ("history", "finished_at", "2200-01-01T00:00:00+00:00", TIME_RANGE),
        ("history", "minutes", float("inf"), "must be a whole number from 0 to 999999999"),
        ("response", "text", "x" * 200_001, "longer than 200000 characters"),
        ("place", "excerpt", "x" * 10_001, "longer than 10000 characters"),
        ("place", "changed_at", "yesterday", "must be a time with its zone"),
        ("place", "changed_at", "2026-11-20T21:14:03", "must be a time with its zone"),
        ("read_status", "status", "gone", "must be unread, reading or finished"),
        ("words_read", "ranges", [[1]], "must be a list of pairs"),
        ("words_read", "ranges", {}, "must be a list of pairs"),
        (
            "words_read",
            "ranges",
            [[9, 3]],
            "must be pairs of a first word and one that is not before it",
        ),
        ("words_read", "ranges", [[0, 10**9]], "must be a whole number from 0 to 999999999"),
        ("words_read", "ranges", [[0, 1]] * 100_001, "longer than 100000 items"),
        ("choice", "value", 5, "must be text"),
        ("choice", "name", "measures", "must be theme, measure, help, minutes or open"),
        ("pace", "samples", ["a"], "must be a whole number from 0 to 999999999"),
        ("highlight", "deleted", 1, "must be true or false"),
        ("story", "path", 5, "must be a path"),
        ("story", "path", "\ud800", "must be a path"),
        ("story", "path", "/a\0", "contains a NUL character"),
    ],
)
def test_the_error_names_the_field_with_a_wrong_value(
    table: str, field: str, value: object, message: str
) -> None:
    export = load_sample()
    export["records"][table][0][field] = value
    assert get_problem(export) == f"records.{table}[0].{field}: {message}"


def test_the_error_names_the_missing_field() -> None:
    export = load_sample()
    del export["records"]["highlight"][1]["text"]
    assert get_problem(export) == "records.highlight[1].text: missing"


def test_the_error_in_a_file_of_version_1_has_the_names_of_version_1() -> None:
    export = load_sample(VERSION_1)
    del export["facts"]["quote"][1]["remark"]
    assert get_problem(export) == "facts.quote[1].remark: missing"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"records": []}, "records: must be an object"),
        ({"records": {"history": {}}}, "records.history: must be a list"),
    ],
)
def test_the_error_names_the_value_with_a_wrong_type(
    change: dict[str, object], message: str
) -> None:
    assert get_error(load_sample() | change) == message


@pytest.mark.parametrize("value", ["9" * 5_000, "5", "66.0", "-66", "٦٦٦٦٦", "wide", "0x42"])
def test_a_measure_that_could_not_be_chosen_is_refused(value: str) -> None:
    export = load_sample()
    export["records"]["choice"][0] |= {"name": "measure", "value": value}
    assert (
        get_problem(export) == "records.choice[0].value: must be a measure from 20 to 120, or empty"
    )


def test_a_number_of_thousands_of_digits_costs_its_record() -> None:
    data = VERSION_2.read_bytes().replace(b'"word_count": 530', b'"word_count": ' + b"9" * 5_000)
    records, problems = parse_export(data)
    assert len(records) == 10
    assert "word_count: must be a whole number" in problems[0]


def test_bytes_that_are_not_utf_8_cost_their_record() -> None:
    records, problems = parse_export(VERSION_2.read_bytes().replace(b"Is it?", b"Is \xff?"))
    assert len(records) == 10
    assert "note: contains half a surrogate pair, or a byte that is not UTF-8" in problems[0]


def test_problems_of_one_kind_are_told_once() -> None:
    export = load_sample()
    export["records"]["history"] = [1, "x", {}, {"id": "a"}]
    assert parse_export(json.dumps(export).encode()).problems == [
        "records.history[0]: must be an object: 2 records were left out",
        "records.history[2].id: missing: 1 record was left out",
        "records.history[3].story_id: missing: 1 record was left out",
    ]


def test_serial_numbers_that_were_never_counted_are_replaced() -> None:
    export = load_sample()
    export["records"]["place"][0]["serial"] = 1 << 53
    serials = sorted(r.stamp.serial for r in parse_export(json.dumps(export).encode()).records)
    assert serials == list(range(1, 12))


def test_stored_values_out_of_range_are_exported_so_that_they_can_be_imported() -> None:
    stamp = Stamp(1 << 60, "9999-12-31T23:59:59.999+00:00", "d")
    row = HistoryRow("f", "s", "0001-01-01T00:00:00.000+00:00", 1 << 53, deleted=7)
    (record,), problems = parse_export(format_export([make_record(row, stamp)]).encode())
    assert problems == []
    assert record.row == HistoryRow(
        "f", "s", "1970-01-01T00:00:00.000+00:00", 999_999_999, deleted=1
    )
    assert record.stamp == Stamp(1, "2199-12-31T23:59:59.999+00:00", "d")


def test_an_export_sends_the_terminal_no_control_character() -> None:
    row = HighlightRow(
        "h", "s", 0, 0, "\x1b]0;x\x07", "\x9b31m", "a\u202eb", "\x7f", STAMP.changed_at, 0
    )
    text = format_export([make_record(row, STAMP)])
    assert [c for c in text if not c.isprintable() and c != "\n"] == []
    assert parse_export(text.encode()).records[0].row == row


def test_unknown_tables_and_fields_are_ignored() -> None:
    export = load_sample()
    export["records"]["read_status"][0]["mood"] = "glad"
    export["records"]["moods"] = [{}]
    plain = parse_export(json.dumps(load_sample()).encode())
    assert parse_export(json.dumps(export).encode()) == plain
    assert len(plain.records) == 11


def test_a_range_without_words_is_valid_and_left_out() -> None:
    export = load_sample()
    export["records"]["words_read"][0]["ranges"] = [[7, 7], [1, 2]]
    records, problems = parse_export(json.dumps(export).encode())
    rows = [record.row for record in records if isinstance(record.row, WordsReadRow)]
    assert (rows[0].ranges, problems) == ("[[1, 2]]", [])


def test_a_time_of_another_zone_is_converted_to_utc() -> None:
    export = load_sample()
    export["records"]["read_status"][0]["changed_at"] = "2026-11-20T22:14:03.25+01:00"
    records = parse_export(json.dumps(export).encode()).records
    (record,) = [record for record in records if isinstance(record.row, ReadStatusRow)]
    assert record.stamp.changed_at == STAMP.changed_at


def test_damaged_values_are_exported_as_empty_ones() -> None:
    records = [
        make_record(WordsReadRow("s", "nonsense", 5), STAMP._replace(changed_at="when it rained")),
        make_record(ReadStatusRow("s", "torn"), STAMP),
    ]
    words_read, status = parse_export(format_export(records).encode()).records
    assert words_read.row == WordsReadRow("s", "[]", 5)
    assert words_read.stamp.changed_at.startswith("1970")
    assert status.row == ReadStatusRow("s", "unread")


def test_rows_of_different_tables_with_equal_values_are_different_records() -> None:
    assert make_record(PaceRow("a", "b"), STAMP) != make_record(ChoiceRow("a", "b"), STAMP)
    assert isinstance(make_record(PaceRow("a", "b"), STAMP), Record)
