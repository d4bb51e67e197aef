"""Export all reading data to one JSON file, and import such a file after validating it.

README describes the format. Version 2 has the names of `store.schema`; version 1 had others,
and is still imported.
"""

from __future__ import annotations

import json
import os
import sys
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from reader.errors import BadExport, UnreadableFile
from reader.library.story import read_bytes
from reader.reading.progress import ReadStatus, merge_ranges
from reader.store.files import replace_file
from reader.store.records import (
    UNKNOWN_TIME,
    Record,
    format_time,
    parse_numbers,
    parse_ranges,
    parse_time,
)
from reader.store.schema import TABLES, Stamp
from reader.text.cells import sanitize_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from reader.store.records import RecordStore

    Validator = Callable[[object], str | int | bytes]

EXPORT_VERSION: Final = 2
_MAX_INTEGER: Final = 1 << 53
"""The largest whole number that every JSON reader reads exactly."""


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
        raise _InvalidValue("contains half a surrogate pair") from None
    return value


def _validate_key(value: object) -> str:
    if not value:
        raise _InvalidValue("must not be empty")
    return _validate_text(1_000, value)


def _validate_path(value: object) -> bytes:
    if not isinstance(value, str) or len(value) > 10_000:
        raise _InvalidValue("must be a path")
    try:
        return os.fsencode(value)
    except UnicodeEncodeError:
        raise _InvalidValue("must be a path") from None


def _validate_count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MAX_INTEGER:
        raise _InvalidValue("must be a whole number, 0 or greater")
    return value


def _validate_flag(value: object) -> int:
    if not isinstance(value, bool):
        raise _InvalidValue("must be true or false")
    return int(value)


def _validate_time(value: object) -> str:
    when = parse_time(_validate_text(100, value))
    if when is None:
        raise _InvalidValue("must be a time with its zone")
    return format_time(when)


def _validate_status(value: object) -> str:
    if value not in list(ReadStatus):
        raise _InvalidValue("must be unread, reading or finished")
    return str(value)


def _validate_ranges(value: object) -> str:
    if not isinstance(value, list):
        raise _InvalidValue("must be a list of pairs")
    pairs = []
    for pair in value:
        if not isinstance(pair, list) or len(pair) != 2:
            raise _InvalidValue("must be a list of pairs")
        pairs.append((_validate_count(pair[0]), _validate_count(pair[1])))
    return json.dumps(merge_ranges((), tuple(pairs)))


def _validate_numbers(value: object) -> str:
    if not isinstance(value, list):
        raise _InvalidValue("must be a list of numbers")
    return json.dumps([_validate_count(number) for number in value])


_validate_line = partial(_validate_text, 10_000)
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
        "text": _validate_long_text,
        "note": _validate_long_text,
        "created_at": _validate_time,
        "deleted": _validate_flag,
    },
    "response": {"story_id": _validate_key, "text": _validate_long_text},
    "pace": {"language": _validate_line, "samples": _validate_numbers},
    "choice": {"name": _validate_key, "value": _validate_line},
}
"""By table and column: converts a value in the file to the value to store."""
_STAMP_VALIDATORS: Final[dict[str, Validator]] = {
    "serial": _validate_count,
    "changed_at": _validate_time,
    "device": _validate_key,
}
_EXPORT_CONVERTERS: Final[dict[Validator, Callable[[Any], object]]] = {
    _validate_path: os.fsdecode,
    _validate_ranges: parse_ranges,
    _validate_numbers: lambda value: [max(0, number) for number in parse_numbers(value)],
    _validate_time: lambda value: format_time(parse_time(value) or UNKNOWN_TIME),
    _validate_status: lambda value: value if value in list(ReadStatus) else ReadStatus.UNREAD.value,
    _validate_flag: bool,
    _validate_count: lambda value: max(0, value),
}
"""By validator: converts a stored value, even a damaged one, to a valid value in the file."""


def format_export(records: Iterable[Record]) -> str:
    """Return `records` as the text of an export file."""
    tables: dict[str, list[dict[str, object]]] = {table: [] for table in TABLES}
    for record in records:
        values = record.row._asdict() | record.stamp._asdict()
        validators = VALIDATORS[record.table] | _STAMP_VALIDATORS
        tables[record.table].append(
            {name: _export_value(validators[name], value) for name, value in values.items()}
        )
    names = _NAMES[EXPORT_VERSION]
    export = {"format": names.format, "version": EXPORT_VERSION, names.records: tables}
    return _escape_surrogates(json.dumps(export, ensure_ascii=False, indent=1))


def _export_value(validate: Validator, value: object) -> object:
    convert = _EXPORT_CONVERTERS.get(validate)
    return value if convert is None else convert(value)


def _escape_surrogates(text: str) -> str:
    """Escape what UTF-8 can't encode: undecodable bytes in the names of files."""
    return "".join(f"\\u{ord(c):04x}" if "\ud800" <= c <= "\udfff" else c for c in text)


def parse_export(data: bytes) -> list[Record]:
    """Return the records of an export file.

    Raises `BadExport`, which says what is wrong and where.
    """
    try:
        export = json.loads(data.decode())
    except UnicodeDecodeError as error:
        raise BadExport(f"not UTF-8 from byte {error.start} on") from error
    except json.JSONDecodeError as error:
        raise BadExport(f"not JSON: {error.msg}, line {error.lineno}") from error
    except (ValueError, RecursionError) as error:  # a number of 5000 digits, deep nesting
        raise BadExport("not a file that `reader export` wrote") from error
    names = _get_names(export)
    tables = export.get(names.records)
    if not isinstance(tables, dict):
        raise BadExport(f"{names.records}: must be an object")
    return [
        _parse_record(names, table, number, values)
        for table in TABLES
        for number, values in enumerate(_get_table(names, table, tables))
    ]


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
    where = f"{names.records}.{names.tables.get(table, table)}[{number}]"
    if not isinstance(fields, dict):
        raise BadExport(f"{where}: must be an object")
    values: dict[str, Any] = {}
    for column, validate in (VALIDATORS[table] | _STAMP_VALIDATORS).items():
        name = names.fields.get(column, column)
        if name not in fields:
            raise BadExport(f"{where}.{name}: missing")
        try:
            values[column] = validate(fields[name])
        except _InvalidValue as error:
            raise BadExport(f"{where}.{name}: {error}") from error
    stamp = Stamp(**{name: values.pop(name) for name in Stamp._fields})
    return Record(table, TABLES[table](**values), stamp)


MAX_IMPORT_BYTES: Final = 64 * 1024 * 1024
"""The most that a file to import may have; ten years of reading take a hundredth of it."""


def export_data(record_store: RecordStore, path: Path | None) -> int:
    """Write all records to the file at `path`, or to standard output; return how many.

    Raises `StateError`, and `UnreadableFile` if the file can't be written.
    """
    records = record_store.load_records()
    data = format_export(records).encode() + b"\n"
    if path is None:
        sys.stdout.buffer.write(data)
        return len(records)
    try:
        _write_file(path, data)
    except OSError as error:
        reason = (error.strerror or "can't be written").lower()
        raise UnreadableFile(f"{sanitize_line(str(path))}: {reason}") from error
    return len(records)


def _write_file(path: Path, data: bytes) -> None:
    if path.exists() and not path.is_file():  # a pipe or a device can't be replaced
        path.write_bytes(data)
        return
    with replace_file(path.resolve()) as fresh:
        fresh.write_bytes(data)


class ImportResult(NamedTuple):
    """How many records were in the file, and how many of them were new."""

    total: int
    new: int


def import_data(record_store: RecordStore, path: Path | None) -> ImportResult:
    """Merge the records of the file at `path`, or of standard input, into the store.

    Writes all of it or nothing. Raises `BadExport`, `UnreadableFile` and `StateError`.
    """
    name = sanitize_line(str(path)) if path is not None else "standard input"
    data = read_bytes(path) if path is not None else sys.stdin.buffer.read(MAX_IMPORT_BYTES + 1)
    if len(data) > MAX_IMPORT_BYTES:
        raise BadExport(f"{name}: larger than {MAX_IMPORT_BYTES >> 20} MB, so it is not read")
    try:
        theirs = parse_export(data)
    except BadExport as error:
        raise BadExport(f"{name}: {error}") from error
    return ImportResult(len(theirs), record_store.merge(theirs))
