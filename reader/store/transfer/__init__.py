"""Export all reading data to one JSON file, and import the valid records of such a file.

README describes the format. Version 2 has the names of `store.schema`; version 1 had others,
and is still imported. `transfer.values` converts single values.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from reader.errors import BadExport
from reader.store.records import Record, renumber
from reader.store.schema import TABLES, Stamp
from reader.store.stories import make_tag_key
from reader.store.transfer.values import (
    STAMP_VALIDATORS,
    VALIDATORS,
    InvalidValue,
    export_value,
    validate_choice,
)
from reader.text.cells import escape_controls

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

EXPORT_VERSION: Final = 2
_MAX_ORDINARY_SERIAL: Final = 1 << 40
"""Serial numbers above this were not counted; they are replaced. A change in each millisecond
of thirty years makes fewer."""
_MAX_DIGITS: Final = 20
"""Digits of a number in the file that are converted; Python refuses 4,300 and more."""


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


def format_export(records: Iterable[Record]) -> str:
    """Return `records`, ordered by serial number, as the text of an export file."""
    tables: dict[str, list[dict[str, object]]] = {table: [] for table in TABLES}
    for record in _replace_serials(list(records)):
        values = record.row._asdict() | record.stamp._asdict()
        validators = VALIDATORS[record.table] | STAMP_VALIDATORS
        tables[record.table].append(
            {name: export_value(validators[name], value) for name, value in values.items()}
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
    for column, validate in (VALIDATORS[table] | STAMP_VALIDATORS).items():
        name = names.fields.get(column, column)
        try:
            if name not in fields:
                raise InvalidValue("missing")
            values[column] = validate(fields[name])
            if table == "choice" and column == "value":
                validate_choice(values["name"], values["value"])
        except InvalidValue as error:
            raise _InvalidRecord(f"{where}.{name}", str(error), (table, column)) from error
    if table == "tag":  # letters may have been compared in another way when it was exported
        values["id"] = make_tag_key(values["story_id"], values["tag"])
    stamp = Stamp(**{name: values.pop(name) for name in Stamp._fields})
    return Record(table, TABLES[table](**values), stamp)
