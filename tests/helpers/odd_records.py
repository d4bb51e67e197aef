"""Fill a store with records that older versions imported: control characters, far dates, large numbers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from reader.store.schema import (
    MAX_INTEGER,
    ChoiceRow,
    HighlightRow,
    HistoryRow,
    PaceRow,
    PlaceRow,
    ReadStatusRow,
    ResponseRow,
    Stamp,
    StoryRow,
    TextRecordRow,
    WordsReadRow,
)

if TYPE_CHECKING:
    from reader.store.records import RecordStore
    from reader.store.repository import Store
    from reader.store.schema import Row

ESCAPE: Final = "\x1b]0;planted\x07\x9b31m\u202e[b]&\x7f"
TIMES: Final = (
    "0001-01-01T00:00:00.000+00:00", "0001-01-01T00:00:00.000-23:59", "1969-12-31T23:59:59+00:00",
    "2262-04-12T00:00:00+00:00", "9999-12-31T23:59:59.999+00:00", "9999-12-31T23:59:59+23:59",
    "2026-06-30T12:00:00+05:45:30", "no time", "", ESCAPE, "9" * 5_000,
)  # fmt: skip
NUMBERS: Final = (0, 1, 10**9, MAX_INTEGER)


def fill_with_odd_records(store: Store, path: bytes = b"/nowhere\x1b]0;planted\x07") -> None:
    """Write odd records of all kinds about the story `odd`, whose file is at `path`."""
    rows: list[Row] = [
        StoryRow("odd", path, ESCAPE, ESCAPE, ESCAPE, f"https://example.org/{ESCAPE}"),
        StoryRow(ESCAPE, b"\0", ESCAPE, "", ESCAPE, f"javascript:{ESCAPE}"),
        TextRecordRow("odd", "1" + "x" * 99),
        ReadStatusRow("odd", "reading"),
        ReadStatusRow(ESCAPE, "nonsense"),
        WordsReadRow("odd", json.dumps([[0, MAX_INTEGER], [5, 1]]), MAX_INTEGER),
        PaceRow("en", json.dumps([0, -5, MAX_INTEGER] * 40)),
        PaceRow("", "[1e400]"),
        ChoiceRow("measure", "9" * 5_000),
        ChoiceRow("theme", ESCAPE),
        ChoiceRow("open", ESCAPE),
    ]
    for number in NUMBERS:
        for index, time in enumerate(TIMES):
            key, story = f"{ESCAPE}{number}-{index}", ("odd", ESCAPE, f"{ESCAPE}{index}")[index % 3]
            rows += [
                HighlightRow(key, story, number, number, ESCAPE, ESCAPE, ESCAPE, ESCAPE, time, 0),
                HistoryRow(key, story, time, number, 0),
                PlaceRow(f"{story}{index}", number, number, ESCAPE, ESCAPE, number),
                ResponseRow(f"{story}{index}", f"{ESCAPE}\n\n{ESCAPE}"),
            ]
    rows.append(PlaceRow("odd", MAX_INTEGER, MAX_INTEGER, ESCAPE, ESCAPE, 0))
    write_rows(store.record_store, rows)


def write_rows(record_store: RecordStore, rows: list[Row]) -> None:
    """Write rows, each with another odd time of its change."""
    with record_store.transaction():
        for number, row in enumerate(rows):
            record_store.put(row, Stamp(number + 1, TIMES[number % len(TIMES)], ESCAPE))
