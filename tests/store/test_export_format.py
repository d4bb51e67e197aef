"""The file of `reader export` says what README says, and a wrong one is refused where it is wrong."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from reader.errors import BadExport
from reader.store.facts import TABLE_COLUMNS, Fact, Stamp
from reader.store.transfer import COLUMN_VALIDATORS, format_export, parse_export

SAMPLE = Path(__file__).parent.parent / "data" / "memory-1.json"
STAMP = Stamp(7, "2026-11-20T21:14:03.250+00:00", "a3ad9d57")


def test_the_stored_sample_is_read_fact_by_fact() -> None:
    assert parse_export(SAMPLE.read_bytes()) == [
        Fact("story", ("forty-seconds", b"/home/ann/caf\xe9.md", "essays", "Forty Seconds",
                       "Ann", "https://example.org/forty"), STAMP),
        Fact("place", ("forty-seconds", 11, 40, "0123456789ab", "the words that stand there", 1),
             STAMP._replace(serial=8)),
        Fact("reading", ("forty-seconds", "[[0, 120], [300, 412]]", 530), STAMP._replace(serial=9)),
        Fact("text", ("forty-seconds", "0123456789ab:20"), STAMP._replace(serial=10)),
        Fact("mark", ("forty-seconds", "finished"), STAMP._replace(serial=11)),
        Fact("finish", ("9f0c", "forty-seconds", "2026-11-20T21:14:03.250+00:00", 2, 0),
             STAMP._replace(serial=11)),
        Fact("quote", ("77aa", "forty-seconds", 4, 0, "0123456789ab", "So it is.",
                       "So it is.\n\nOr was.", "Is it?", "2026-11-20T20:00:00.000+00:00", 0),
             STAMP._replace(serial=12)),
        Fact("quote", ("77ab", "forty-seconds", 5, 2, "", "Gone.", "Gone.", "",
                       "2026-11-20T20:00:01.000+00:00", 1), STAMP._replace(serial=13)),
        Fact("response", ("forty-seconds", "I doubt it — “still”."), STAMP._replace(serial=14)),
        Fact("pace", ("en", "[240, 251, 263]"), STAMP._replace(serial=15)),
        Fact("setting", ("theme", "sepia"), STAMP._replace(serial=16)),
    ]  # fmt: skip


def test_the_stored_sample_is_written_as_it_stands() -> None:
    assert format_export(parse_export(SAMPLE.read_bytes())) + "\n" == SAMPLE.read_text()


def test_every_column_of_the_memory_is_in_the_file() -> None:
    assert {table: tuple(readers) for table, readers in COLUMN_VALIDATORS.items()} == TABLE_COLUMNS


def test_the_readme_names_every_fact_and_field() -> None:
    readme = (Path(__file__).parent.parent.parent / "README.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \| `([\w, ]+)` \| ", readme, re.MULTILINE)
    assert {table: tuple(fields.split(", ")) for table, fields in rows} == TABLE_COLUMNS


# What is wrong is told where it is ---------------------------------------------------------


def sample() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(SAMPLE.read_text())
    return found


def refusal(whole: object) -> str:
    with pytest.raises(BadExport) as refused:
        parse_export(whole if isinstance(whole, bytes) else json.dumps(whole).encode())
    return str(refused.value)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "not JSON: Expecting value, line 1"),
        (b'{"a": 1,\n\n ]', "not JSON: Expecting property name enclosed in double quotes, line 3"),
        (b"\xff\xfe{}", "not UTF-8 from byte 0 on"),
        (b"[]", "not what `reader export` writes"),
        (b"{}", "not what `reader export` writes"),
        (b"[" * 100_000, "not what `reader export` writes"),
        (b"1" * 10_000, "not what `reader export` writes"),
    ],
)
def test_a_file_of_something_else_is_refused(data: bytes, told: str) -> None:
    assert refusal(data) == told


def test_a_file_of_a_later_version_is_refused() -> None:
    assert refusal(sample() | {"version": 2}) == "its version is not 1: a later reader wrote it"


@pytest.mark.parametrize(
    ("table", "field", "value", "told"),
    [
        ("place", "block", -1, "a whole number from 0 on is needed"),
        ("place", "block", True, "a whole number from 0 on is needed"),
        ("place", "block", 1.5, "a whole number from 0 on is needed"),
        ("place", "block", 1 << 60, "a whole number from 0 on is needed"),
        ("place", "story", "", "empty"),
        ("place", "story", None, "empty"),
        ("place", "quote", 7, "text is needed"),
        ("place", "quote", "\ud800", "half a character"),
        ("place", "quote", "x" * 10_001, "longer than 10000 characters"),
        ("place", "changed", "yesterday", "a time with its zone is needed"),
        ("place", "changed", "2026-11-20T21:14:03", "a time with its zone is needed"),
        ("mark", "mark", "gone", "unread, reading or finished is needed"),
        ("reading", "ranges", [[1]], "a list of pairs is needed"),
        ("reading", "ranges", {}, "a list of pairs is needed"),
        ("pace", "samples", ["a"], "a whole number from 0 on is needed"),
        ("quote", "gone", 1, "true or false is needed"),
        ("story", "path", 5, "a path is needed"),
        ("story", "path", "\ud800", "not a path"),
    ],
)
def test_a_wrong_value_is_told_with_its_place(
    table: str, field: str, value: object, told: str
) -> None:
    whole = sample()
    whole["facts"][table][0][field] = value
    assert refusal(whole) == f"facts.{table}[0].{field}: {told}"


def test_a_field_that_is_missing_is_told_with_its_place() -> None:
    whole = sample()
    del whole["facts"]["quote"][1]["text"]
    assert refusal(whole) == "facts.quote[1].text: it is missing"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"facts": []}, "facts: an object is needed"),
        ({"facts": {"mark": {}}}, "facts.mark: a list is needed"),
        ({"facts": {"mark": ["x"]}}, "facts.mark[0]: an object is needed"),
    ],
)
def test_a_wrong_shape_is_told_with_its_place(change: dict[str, object], told: str) -> None:
    assert refusal(sample() | change) == told


def test_what_a_later_version_adds_within_this_one_is_passed_over() -> None:
    whole = sample()
    whole["facts"]["mark"][0]["mood"] = "glad"
    whole["facts"]["moods"] = [{}]
    assert len(parse_export(json.dumps(whole).encode())) == 11


def test_a_time_of_another_zone_is_the_same_moment() -> None:
    whole = sample()
    whole["facts"]["mark"][0]["changed"] = "2026-11-20T22:14:03.25+01:00"
    mark = next(f for f in parse_export(json.dumps(whole).encode()) if f.table == "mark")
    assert mark.stamp.changed == STAMP.changed


def test_what_became_nonsense_on_the_disk_is_exported_as_nothing() -> None:
    facts = [
        Fact("reading", ("s", "nonsense", 5), STAMP._replace(changed="when it rained")),
        Fact("mark", ("s", "torn"), STAMP),
    ]
    reading, mark = parse_export(format_export(facts).encode())
    assert (reading.values, reading.stamp.changed[:4]) == (("s", "[]", 5), "1970")
    assert mark.values == ("s", "unread")
