"""Export all reading data to one JSON file, and import the valid records of such a file.

README describes the format. Version 2 has the names of `store.schema`; version 1 had others,
and is still imported.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from reader.config import parse_measure
from reader.errors import BadExport
from reader.layout.lines import NARROWEST, WIDEST
from reader.reading.progress import ReadStatus, merge_ranges
from reader.store.records import (
    UNKNOWN_TIME,
    Record,
    format_time,
    parse_numbers,
    parse_ranges,
    parse_time,
    renumber,
)
from reader.store.schema import MAX_INTEGER, TABLES, Stamp
from reader.store.write_behind import OPEN_STORY_KEY
from reader.text.cells import escape_controls

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    Validator = Callable[[object], str | int | bytes]

EXPORT_VERSION: Final = 2
_MAX_NUMBER: Final = 999_999_999
"""The largest block, offset or word number: an address has at most nine digits."""
_MAX_ORDINARY_SERIAL: Final = 1 << 40
"""Serial numbers above this were not counted; they are replaced. A change in each millisecond
of thirty years makes fewer."""
_MAX_ITEMS: Final = 100_000
"""Pairs or numbers in one list."""
_MAX_DIGITS: Final = 20
"""Digits of a number in the file that are converted; Python refuses 4,300 and more."""
_FIRST_TIME: Final = datetime(1970, 1, 1, tzinfo=UTC)
_END_OF_TIME: Final = datetime(2200, 1, 1, tzinfo=UTC)
"""Times from the first up to the second are imported. None can be shown in every time zone
near the years 1 and 9999, and many programs can't go beyond 1970 and 2262."""


class _Names(NamedTuple):
    """What one version of the format calls things."""

    format: str
    """The value of the key `format`."""
    records: str
    """The key of all records."""
    tables: Mapping[str, str]
    """The names of tables that differ from the schema's, by the schema's name."""
    fields: Mapping[str, str]
    """The same of fields."""


_NAMES: Final = {
    1: _Names(
        format="essay-reader memory",
        records="facts",
        tables={
            "words_read": "reading",
            "text_record": "text",
            "read_status": "mark",
            "history": "finish",
            "highlight": "quote",
            "choice": "setting",
        },
        fields={
            "folder": "source",
            "story_id": "story",
            "excerpt": "quote",
            "reading_round": "round",
            "word_count": "words",
            "status": "mark",
            "finished_at": "at",
            "deleted": "gone",
            "note": "remark",
            "created_at": "made",
            "changed_at": "changed",
        },
    ),
    EXPORT_VERSION: _Names("essay-reader reading data", "records", tables={}, fields={}),
}


class _InvalidValue(ValueError):
    """What is wrong with one value; the caller adds where it is in the file."""


def _validate_text(max_chars: int, value: object) -> str:
    if not isinstance(value, str):
        raise _InvalidValue("must be text")
    if len(value) > max_chars:
        raise _InvalidValue(f"longer than {max_chars} characters")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise _InvalidValue("contains half a surrogate pair, or a byte that is not UTF-8") from None
    return value


def _validate_key(value: object) -> str:
    if not value:
        raise _InvalidValue("must not be empty")
    return _validate_without_nul(_validate_text(1_000, value))


def _validate_reference(value: object) -> str:
    return _validate_without_nul(_validate_text(1_000, value))


def _validate_without_nul(text: str) -> str:
    if "\0" in text:  # SQLite's functions for JSON end a text there
        raise _InvalidValue("contains a NUL character")
    return text


def _validate_path(value: object) -> bytes:
    if not isinstance(value, str) or len(value) > 10_000:
        raise _InvalidValue("must be a path")
    try:
        return os.fsencode(_validate_without_nul(value))
    except UnicodeEncodeError:
        raise _InvalidValue("must be a path") from None


def _validate_integer(maximum: int, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= maximum:
        raise _InvalidValue(f"must be a whole number from 0 to {maximum}")
    return value


_validate_count = partial(_validate_integer, _MAX_NUMBER)
_validate_serial = partial(_validate_integer, MAX_INTEGER)


def _validate_flag(value: object) -> int:
    if not isinstance(value, bool):
        raise _InvalidValue("must be true or false")
    return int(value)


def _validate_time(value: object) -> str:
    when = parse_time(_validate_text(100, value))
    if when is None:
        raise _InvalidValue("must be a time with its zone")
    if not _FIRST_TIME <= when < _END_OF_TIME:
        raise _InvalidValue(
            f"must be a time from {_FIRST_TIME.year} up to the end of {_END_OF_TIME.year - 1}"
        )
    return format_time(when)


def _validate_status(value: object) -> str:
    if value not in list(ReadStatus):
        raise _InvalidValue("must be unread, reading or finished")
    return str(value)


def _validate_ranges(value: object) -> str:
    pairs = []
    for pair in _validate_list(value, "must be a list of pairs"):
        if not isinstance(pair, list) or len(pair) != 2:
            raise _InvalidValue("must be a list of pairs")
        first, end = (_validate_count(number) for number in pair)
        if first > end:
            raise _InvalidValue("must be pairs of a first word and one that is not before it")
        pairs.append((first, end))
    return json.dumps(merge_ranges((), tuple(pairs)))


def _validate_numbers(value: object) -> str:
    numbers = _validate_list(value, "must be a list of numbers")
    return json.dumps([_validate_count(number) for number in numbers])


def _validate_list(value: object, problem: str) -> list[object]:
    if not isinstance(value, list):
        raise _InvalidValue(problem)
    if len(value) > _MAX_ITEMS:
        raise _InvalidValue(f"longer than {_MAX_ITEMS} items")
    return value


def _validate_choice_name(value: object) -> str:
    if value not in ("theme", "measure", OPEN_STORY_KEY):
        raise _InvalidValue(f"must be theme, measure or {OPEN_STORY_KEY}")
    return str(value)


def _validate_choice(name: str, value: str) -> None:
    """Raise `_InvalidValue` unless the app could have saved `value` for the choice `name`."""
    if name == "measure" and value and parse_measure(value) is None:
        raise _InvalidValue(f"must be a measure from {NARROWEST} to {WIDEST}, or empty")


_validate_line = partial(_validate_text, 10_000)
_validate_annotation = partial(_validate_text, 200_000)
"""Ten times what the app accepts: two texts that were written at once can be joined."""
_validate_long_text = partial(_validate_text, 4_000_000)
_LOCATION: Final[dict[str, Validator]] = {
    "block": _validate_count,
    "offset": _validate_count,
    "fingerprint": _validate_line,
    "excerpt": _validate_line,
}
VALIDATORS: Final[dict[str, dict[str, Validator]]] = {
    "story": {
        "id": _validate_key,
        "path": _validate_path,
        "folder": _validate_line,
        "title": _validate_line,
        "author": _validate_line,
        "url": _validate_line,
    },
    "place": {"story_id": _validate_key, **_LOCATION, "reading_round": _validate_count},
    "words_read": {
        "story_id": _validate_key,
        "ranges": _validate_ranges,
        "word_count": _validate_count,
    },
    "text_record": {"story_id": _validate_key, "blocks": _validate_long_text},
    "read_status": {"story_id": _validate_key, "status": _validate_status},
    "history": {
        "id": _validate_key,
        "story_id": _validate_key,
        "finished_at": _validate_time,
        "minutes": _validate_count,
        "deleted": _validate_flag,
    },
    "highlight": {
        "id": _validate_key,
        "story_id": _validate_key,
        **_LOCATION,
        "text": _validate_annotation,
        "note": _validate_annotation,
        "created_at": _validate_time,
        "deleted": _validate_flag,
    },
    "response": {"story_id": _validate_key, "text": _validate_annotation},
    "pace": {"language": _validate_line, "samples": _validate_numbers},
    "choice": {"name": _validate_choice_name, "value": _validate_line},
    "identity": {
        "story_id": _validate_key,
        "fingerprint": _validate_line,
        "path_device": _validate_line,
        "origin": _validate_line,
        "merged_into": _validate_reference,
    },
    "folder": {
        "path": _validate_key,
        "listed": _validate_flag,
        "sort": _validate_line,
        "folded": _validate_annotation,
    },
}
"""By table and column: converts a value in the file to the value to store."""
_STAMP_VALIDATORS: Final[dict[str, Validator]] = {
    "serial": _validate_serial,
    "changed_at": _validate_time,
    "device": _validate_key,
}


def _clamp(number: int) -> int:
    return max(0, min(number, _MAX_NUMBER))


def _clamp_time(when: datetime) -> str:
    return format_time(max(_FIRST_TIME, min(when, _END_OF_TIME - timedelta(milliseconds=1))))


_EXPORT_CONVERTERS: Final[dict[Validator, Callable[[Any], object]]] = {
    _validate_path: os.fsdecode,
    _validate_ranges: parse_ranges,
    _validate_numbers: lambda value: [_clamp(number) for number in parse_numbers(value)],
    _validate_time: lambda value: _clamp_time(parse_time(value) or UNKNOWN_TIME),
    _validate_status: lambda value: value if value in list(ReadStatus) else ReadStatus.UNREAD.value,
    _validate_flag: bool,
    _validate_count: _clamp,
}
"""By validator: converts a stored value, even a damaged one, to a valid value in the file."""


def format_export(records: Iterable[Record]) -> str:
    """Return `records`, ordered by serial number, as the text of an export file."""
    tables: dict[str, list[dict[str, object]]] = {table: [] for table in TABLES}
    for record in _replace_serials(list(records)):
        values = record.row._asdict() | record.stamp._asdict()
        validators = VALIDATORS[record.table] | _STAMP_VALIDATORS
        tables[record.table].append(
            {name: _export_value(validators[name], value) for name, value in values.items()}
        )
    names = _NAMES[EXPORT_VERSION]
    export = {"format": names.format, "version": EXPORT_VERSION, names.records: tables}
    return escape_controls(json.dumps(export, ensure_ascii=False, indent=1))


def _replace_serials(records: list[Record]) -> list[Record]:
    """Return records with other serial numbers in the same order if any is too large."""
    serials = [record.stamp.serial for record in records]
    if max(serials, default=0) <= _MAX_ORDINARY_SERIAL:
        return records
    return renumber(sorted(records, key=lambda record: record.stamp.serial))


def _export_value(validate: Validator, value: object) -> object:
    convert = _EXPORT_CONVERTERS.get(validate)
    return value if convert is None else convert(value)


class ParsedExport(NamedTuple):
    """The valid records of an export file, and what is wrong with the others."""

    records: list[Record]
    problems: list[str]
    """One line for each kind of problem: where it is first, and how many records it concerns."""


class _InvalidRecord(ValueError):
    """A record that is left out: where the problem is, what it is, and its kind."""

    def __init__(self, where: str, problem: str, kind: tuple[str, str]) -> None:
        super().__init__(f"{where}: {problem}")
        self.kind = (*kind, problem)


def parse_export(data: bytes) -> ParsedExport:
    """Return the records of an export file; one with an invalid field is left out.

    Raises `BadExport`, which says what is wrong and where, if the file is no export at all.
    """
    export = _parse_json(data)
    names = _get_names(export)
    tables = export.get(names.records)
    if not isinstance(tables, dict):
        raise BadExport(f"{names.records}: must be an object")
    records: list[Record] = []
    invalid: dict[tuple[str, ...], list[_InvalidRecord]] = {}
    for table in TABLES:
        for number, values in enumerate(_get_table(names, table, tables)):
            try:
                records.append(_parse_record(names, table, number, values))
            except _InvalidRecord as error:
                invalid.setdefault(error.kind, []).append(error)
    problems = [
        f"{errors[0]}: {len(errors)} record{'s were' if len(errors) > 1 else ' was'} left out"
        for errors in invalid.values()
    ]
    return ParsedExport(_replace_serials(records), problems)


def _parse_json(data: bytes) -> Any:
    """Return the content of a JSON file; undecodable bytes make only their text invalid."""
    text = data.decode("utf-8", "surrogateescape")
    try:
        return json.loads(text, parse_int=_parse_integer)
    except json.JSONDecodeError as error:
        wrong_byte = next((n for n, c in enumerate(text) if "\udc80" <= c <= "\udcff"), None)
        if wrong_byte is not None:
            wrong_byte = len(text[:wrong_byte].encode())
            raise BadExport(f"not UTF-8 from byte {wrong_byte} on") from error
        raise BadExport(f"not JSON: {error.msg}, line {error.lineno}") from error
    except (ValueError, RecursionError) as error:  # deep nesting
        raise BadExport("not a file that `reader export` wrote") from error


def _parse_integer(digits: str) -> int | None:
    return int(digits) if len(digits) <= _MAX_DIGITS else None  # None is valid nowhere


def _get_names(export: object) -> _Names:
    """Return the names of the version in which the file is written."""
    formats = {names.format for names in _NAMES.values()}
    if not isinstance(export, dict) or export.get("format") not in formats:
        raise BadExport("not a file that `reader export` wrote")
    version = export.get("version")
    if isinstance(version, bool) or not isinstance(version, int) or version not in _NAMES:
        raise BadExport(f"version {version!r} is unknown: it may need a newer version of reader")
    return _NAMES[version]


def _get_table(names: _Names, table: str, tables: dict[str, object]) -> list[object]:
    name = names.tables.get(table, table)
    rows = tables.get(name, [])
    if not isinstance(rows, list):
        raise BadExport(f"{names.records}.{name}: must be a list")
    return rows


def _parse_record(names: _Names, table: str, number: int, fields: object) -> Record:
    """Return the record of one object in the file. Raises `_InvalidRecord`."""
    where = f"{names.records}.{names.tables.get(table, table)}[{number}]"
    if not isinstance(fields, dict):
        raise _InvalidRecord(where, "must be an object", (table, ""))
    values: dict[str, Any] = {}
    for column, validate in (VALIDATORS[table] | _STAMP_VALIDATORS).items():
        name = names.fields.get(column, column)
        try:
            if name not in fields:
                raise _InvalidValue("missing")
            values[column] = validate(fields[name])
            if table == "choice" and column == "value":
                _validate_choice(values["name"], values["value"])
        except _InvalidValue as error:
            raise _InvalidRecord(f"{where}.{name}", str(error), (table, column)) from error
    stamp = Stamp(**{name: values.pop(name) for name in Stamp._fields})
    return Record(table, TABLES[table](**values), stamp)
