"""Export all reading data to one JSON file, and import such a file with validation."""

from __future__ import annotations

import json
import os
import sys
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from reader.errors import BadExport, UnreadableFile
from reader.library.story import read_bytes
from reader.reading.progress import ReadStatus, merge_ranges
from reader.store.facts import (
    TABLE_COLUMNS,
    UNKNOWN_TIME,
    Fact,
    Stamp,
    format_time,
    parse_numbers,
    parse_ranges,
    parse_time,
)
from reader.store.files import replace_file
from reader.store.merge import merge_facts
from reader.text.cells import sanitize_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from reader.store.facts import FactStore


EXPORT_FORMAT: Final = "essay-reader memory"
EXPORT_VERSION: Final = 1
_MAX_INTEGER: Final = 1 << 53
"""Whole numbers are exact in every JSON reader up to this one."""

ColumnValue = str | int | bytes


class _InvalidValue(ValueError):
    """What is wrong with one value; where it stands is added on the way out."""


# Each kind of column: what its value looks like in the file, and what it is in the table -----


def _validate_text(max_chars: int, value: object) -> str:
    if not isinstance(value, str):
        raise _InvalidValue("text is needed")
    if len(value) > max_chars:
        raise _InvalidValue(f"longer than {max_chars} characters")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise _InvalidValue("half a character") from None
    return value


def _validate_key(value: object) -> str:
    if not value:
        raise _InvalidValue("empty")
    return _validate_text(1_000, value)


def _validate_path(value: object) -> bytes:
    if not isinstance(value, str) or len(value) > 10_000:
        raise _InvalidValue("a path is needed")
    try:
        return os.fsencode(value)
    except UnicodeEncodeError:
        raise _InvalidValue("not a path") from None


def _validate_count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MAX_INTEGER:
        raise _InvalidValue("a whole number from 0 on is needed")
    return value


def _validate_flag(value: object) -> int:
    if not isinstance(value, bool):
        raise _InvalidValue("true or false is needed")
    return int(value)


def _validate_time(value: object) -> str:
    when = parse_time(_validate_text(100, value))
    if when is None:
        raise _InvalidValue("a time with its zone is needed")
    return format_time(when)


def _validate_status(value: object) -> str:
    if value not in list(ReadStatus):
        raise _InvalidValue("unread, reading or finished is needed")
    return str(value)


def _validate_ranges(value: object) -> str:
    if not isinstance(value, list):
        raise _InvalidValue("a list of pairs is needed")
    pairs = []
    for pair in value:
        if not isinstance(pair, list) or len(pair) != 2:
            raise _InvalidValue("a list of pairs is needed")
        pairs.append((_validate_count(pair[0]), _validate_count(pair[1])))
    return json.dumps(merge_ranges((), tuple(pairs)))


def _validate_numbers(value: object) -> str:
    if not isinstance(value, list):
        raise _InvalidValue("a list of numbers is needed")
    return json.dumps([_validate_count(number) for number in value])


_line, _long = partial(_validate_text, 10_000), partial(_validate_text, 4_000_000)
COLUMN_VALIDATORS: Final[dict[str, dict[str, Callable[[object], ColumnValue]]]] = {
    "story": {
        "id": _validate_key, "path": _validate_path, "source": _line, "title": _line, "author": _line, "url": _line
    },
    "place": {
        "story": _validate_key, "block": _validate_count, "offset": _validate_count, "fingerprint": _line, "quote": _line,
        "round": _validate_count,
    },
    "reading": {"story": _validate_key, "ranges": _validate_ranges, "words": _validate_count},
    "text": {"story": _validate_key, "blocks": _long},
    "mark": {"story": _validate_key, "mark": _validate_status},
    "finish": {"id": _validate_key, "story": _validate_key, "at": _validate_time, "minutes": _validate_count, "gone": _validate_flag},
    "quote": {
        "id": _validate_key, "story": _validate_key, "block": _validate_count, "offset": _validate_count, "fingerprint": _line,
        "quote": _line, "text": _long, "remark": _long, "made": _validate_time, "gone": _validate_flag,
    },
    "response": {"story": _validate_key, "text": _long},
    "pace": {"language": _line, "samples": _validate_numbers},
    "setting": {"name": _validate_key, "value": _line},
}  # fmt: skip
"""What reads each column; the columns of a table in their order."""
_STAMP_VALIDATORS: Final[dict[str, Callable[[object], ColumnValue]]] = {
    "serial": _validate_count, "changed": _validate_time, "device": _validate_key
}  # fmt: skip


_EXPORT_CONVERTERS: Final[dict[Callable[[object], ColumnValue], Callable[[Any], object]]] = {
    _validate_path: os.fsdecode,
    _validate_ranges: parse_ranges,
    _validate_numbers: lambda value: [max(0, number) for number in parse_numbers(value)],
    _validate_time: lambda value: format_time(parse_time(value) or UNKNOWN_TIME),
    _validate_status: lambda value: value if value in list(ReadStatus) else ReadStatus.UNREAD.value,
    _validate_flag: bool,
    _validate_count: lambda value: max(0, value),
}
"""How a value of a table stands in the file, whatever became of it on the disk."""


def format_export(facts: Iterable[Fact]) -> str:
    """Return `facts` as the text of a file."""
    found: dict[str, list[dict[str, object]]] = {table: [] for table in TABLE_COLUMNS}
    for fact in facts:
        values = (*fact.values, *fact.stamp)
        readers = COLUMN_VALIDATORS[fact.table] | _STAMP_VALIDATORS
        row = {}
        for (name, kind), value in zip(readers.items(), values, strict=True):
            row[name] = _EXPORT_CONVERTERS[kind](value) if kind in _EXPORT_CONVERTERS else value
        found[fact.table].append(row)
    whole = {"format": EXPORT_FORMAT, "version": EXPORT_VERSION, "facts": found}
    return _escape_surrogates(json.dumps(whole, ensure_ascii=False, indent=1))


def _escape_surrogates(text: str) -> str:
    """Escape what UTF-8 can't hold: half characters in the names of files."""
    return "".join(f"\\u{ord(c):04x}" if "\ud800" <= c <= "\udfff" else c for c in text)


def parse_export(data: bytes) -> list[Fact]:
    """Return the facts that a file of `data` holds.

    Raises `BadExport`, which says what is wrong and where.
    """
    try:
        whole = json.loads(data.decode())
    except UnicodeDecodeError as error:
        raise BadExport(f"not UTF-8 from byte {error.start} on") from error
    except json.JSONDecodeError as error:
        raise BadExport(f"not JSON: {error.msg}, line {error.lineno}") from error
    except (ValueError, RecursionError) as error:  # a number of 5000 digits, a pit of brackets
        raise BadExport("not what `reader export` writes") from error
    if not isinstance(whole, dict) or whole.get("format") != EXPORT_FORMAT:
        raise BadExport("not what `reader export` writes")
    if whole.get("version") != EXPORT_VERSION:
        raise BadExport(f"its version is not {EXPORT_VERSION}: a later reader wrote it")
    tables = whole.get("facts")
    if not isinstance(tables, dict):
        raise BadExport("facts: an object is needed")
    return [
        _parse_fact(table, number, row)
        for table in TABLE_COLUMNS
        for number, row in enumerate(_validate_rows(table, tables.get(table, [])))
    ]


def _validate_rows(table: str, rows: object) -> list[object]:
    if not isinstance(rows, list):
        raise BadExport(f"facts.{table}: a list is needed")
    return rows


def _parse_fact(table: str, number: int, row: object) -> Fact:
    where = f"facts.{table}[{number}]"
    if not isinstance(row, dict):
        raise BadExport(f"{where}: an object is needed")
    values: list[ColumnValue] = []
    for name, reader in (COLUMN_VALIDATORS[table] | _STAMP_VALIDATORS).items():
        if name not in row:
            raise BadExport(f"{where}.{name}: it is missing")
        try:
            values.append(reader(row[name]))
        except _InvalidValue as error:
            raise BadExport(f"{where}.{name}: {error}") from error
    serial, changed, device = values[-3:]
    stamp = Stamp(int(serial), str(changed), str(device))
    return Fact(table, tuple(values[:-3]), stamp)


MAX_IMPORT_BYTES: Final = 64 * 1024 * 1024
"""Bytes, as of a story: ten years of reading take a hundredth of it."""


def export_data(fact_store: FactStore, path: Path | None) -> int:
    """Write every fact to the file at `path`, or to standard output; return how many.

    Raises `StateError`, and `Unreadable` where the file can't be written.
    """
    facts = fact_store.load_facts()
    data = format_export(facts).encode() + b"\n"
    if path is None:
        sys.stdout.buffer.write(data)
        return len(facts)
    try:
        _write_file(path, data)
    except OSError as error:
        reason = (error.strerror or "can't be written").lower()
        raise UnreadableFile(f"{sanitize_line(str(path))}: {reason}") from error
    return len(facts)


def _write_file(path: Path, data: bytes) -> None:
    if path.exists() and not path.is_file():  # a pipe, a device: there is nothing to keep whole
        path.write_bytes(data)
        return
    with replace_file(path.resolve()) as fresh:
        fresh.write_bytes(data)


def import_data(fact_store: FactStore, path: Path | None) -> tuple[int, int]:
    """Merge the facts of the file at `path`, or of standard input, into what is remembered.

    Returns how many facts the file has, and how many of them were news. All of it is
    written, or nothing. Raises `BadExport`, `Unreadable` and `StateError`.
    """
    name = sanitize_line(str(path)) if path is not None else "standard input"
    data = read_bytes(path) if path is not None else sys.stdin.buffer.read(MAX_IMPORT_BYTES + 1)
    if len(data) > MAX_IMPORT_BYTES:
        raise BadExport(f"{name}: larger than {MAX_IMPORT_BYTES >> 20} MB, so it is not read")
    try:
        theirs = parse_export(data)
    except BadExport as error:
        raise BadExport(f"{name}: {error}") from error
    with fact_store.transaction():
        ours = fact_store.load_facts()
        known, said = set(ours), {(f.values, *f.stamp[1:]) for f in ours}
        together = merge_facts(ours, theirs)
        fact_store.import_facts(fact for fact in together if fact not in known)
    return len(theirs), sum((f.values, *f.stamp[1:]) not in said for f in together)
