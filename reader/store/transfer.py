"""Export all reading data to one JSON file, and import such a file with validation."""

from __future__ import annotations

import json
import os
import sys
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from reader.errors import BadExport, Unreadable
from reader.library.story import read_bytes
from reader.reading.progress import Mark, union
from reader.store.facts import FACTS, LONG_AGO, Fact, Stamp, moment, numbers, ranges, written
from reader.store.files import replacing
from reader.store.merge import merged
from reader.text.cells import clean_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from reader.store.facts import Ledger


FORMAT: Final = "essay-reader memory"
VERSION: Final = 1
_LARGEST_NUMBER: Final = 1 << 53
"""Whole numbers are exact in every JSON reader up to this one."""

Value = str | int | bytes


class _Wrong(ValueError):
    """What is wrong with one value; where it stands is added on the way out."""


# Each kind of column: what its value looks like in the file, and what it is in the table -----


def _text(most: int, value: object) -> str:
    if not isinstance(value, str):
        raise _Wrong("text is needed")
    if len(value) > most:
        raise _Wrong(f"longer than {most} characters")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise _Wrong("half a character") from None
    return value


def _key(value: object) -> str:
    if not value:
        raise _Wrong("empty")
    return _text(1_000, value)


def _path(value: object) -> bytes:
    if not isinstance(value, str) or len(value) > 10_000:
        raise _Wrong("a path is needed")
    try:
        return os.fsencode(value)
    except UnicodeEncodeError:
        raise _Wrong("not a path") from None


def _count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _LARGEST_NUMBER:
        raise _Wrong("a whole number from 0 on is needed")
    return value


def _flag(value: object) -> int:
    if not isinstance(value, bool):
        raise _Wrong("true or false is needed")
    return int(value)


def _time(value: object) -> str:
    when = moment(_text(100, value))
    if when is None:
        raise _Wrong("a time with its zone is needed")
    return written(when)


def _mark(value: object) -> str:
    if value not in list(Mark):
        raise _Wrong("unread, reading or finished is needed")
    return str(value)


def _ranges(value: object) -> str:
    if not isinstance(value, list):
        raise _Wrong("a list of pairs is needed")
    pairs = []
    for pair in value:
        if not isinstance(pair, list) or len(pair) != 2:
            raise _Wrong("a list of pairs is needed")
        pairs.append((_count(pair[0]), _count(pair[1])))
    return json.dumps(union((), tuple(pairs)))


def _numbers(value: object) -> str:
    if not isinstance(value, list):
        raise _Wrong("a list of numbers is needed")
    return json.dumps([_count(number) for number in value])


_line, _long = partial(_text, 10_000), partial(_text, 4_000_000)
READERS: Final[dict[str, dict[str, Callable[[object], Value]]]] = {
    "story": {
        "id": _key, "path": _path, "source": _line, "title": _line, "author": _line, "url": _line
    },
    "place": {
        "story": _key, "block": _count, "offset": _count, "fingerprint": _line, "quote": _line,
        "round": _count,
    },
    "reading": {"story": _key, "ranges": _ranges, "words": _count},
    "text": {"story": _key, "blocks": _long},
    "mark": {"story": _key, "mark": _mark},
    "finish": {"id": _key, "story": _key, "at": _time, "minutes": _count, "gone": _flag},
    "quote": {
        "id": _key, "story": _key, "block": _count, "offset": _count, "fingerprint": _line,
        "quote": _line, "text": _long, "remark": _long, "made": _time, "gone": _flag,
    },
    "response": {"story": _key, "text": _long},
    "pace": {"language": _line, "samples": _numbers},
    "setting": {"name": _key, "value": _line},
}  # fmt: skip
"""What reads each column; the columns of a table in their order."""
_STAMP: Final[dict[str, Callable[[object], Value]]] = {
    "serial": _count, "changed": _time, "device": _key
}  # fmt: skip


_SHOWN: Final[dict[Callable[[object], Value], Callable[[Any], object]]] = {
    _path: os.fsdecode,
    _ranges: ranges,
    _numbers: lambda value: [max(0, number) for number in numbers(value)],
    _time: lambda value: written(moment(value) or LONG_AGO),
    _mark: lambda value: value if value in list(Mark) else Mark.UNREAD.value,
    _flag: bool,
    _count: lambda value: max(0, value),
}
"""How a value of a table stands in the file, whatever became of it on the disk."""


def written_out(facts: Iterable[Fact]) -> str:
    """Return `facts` as the text of a file."""
    found: dict[str, list[dict[str, object]]] = {table: [] for table in FACTS}
    for fact in facts:
        values = (*fact.values, *fact.stamp)
        readers = READERS[fact.table] | _STAMP
        row = {}
        for (name, kind), value in zip(readers.items(), values, strict=True):
            row[name] = _SHOWN[kind](value) if kind in _SHOWN else value
        found[fact.table].append(row)
    whole = {"format": FORMAT, "version": VERSION, "facts": found}
    return _printable(json.dumps(whole, ensure_ascii=False, indent=1))


def _printable(text: str) -> str:
    """Escape what UTF-8 can't hold: half characters in the names of files."""
    return "".join(f"\\u{ord(c):04x}" if "\ud800" <= c <= "\udfff" else c for c in text)


def read_in(data: bytes) -> list[Fact]:
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
    if not isinstance(whole, dict) or whole.get("format") != FORMAT:
        raise BadExport("not what `reader export` writes")
    if whole.get("version") != VERSION:
        raise BadExport(f"its version is not {VERSION}: a later reader wrote it")
    tables = whole.get("facts")
    if not isinstance(tables, dict):
        raise BadExport("facts: an object is needed")
    return [
        _fact(table, number, row)
        for table in FACTS
        for number, row in enumerate(_rows(table, tables.get(table, [])))
    ]


def _rows(table: str, rows: object) -> list[object]:
    if not isinstance(rows, list):
        raise BadExport(f"facts.{table}: a list is needed")
    return rows


def _fact(table: str, number: int, row: object) -> Fact:
    where = f"facts.{table}[{number}]"
    if not isinstance(row, dict):
        raise BadExport(f"{where}: an object is needed")
    values: list[Value] = []
    for name, reader in (READERS[table] | _STAMP).items():
        if name not in row:
            raise BadExport(f"{where}.{name}: it is missing")
        try:
            values.append(reader(row[name]))
        except _Wrong as error:
            raise BadExport(f"{where}.{name}: {error}") from error
    serial, changed, device = values[-3:]
    stamp = Stamp(int(serial), str(changed), str(device))
    return Fact(table, tuple(values[:-3]), stamp)


LARGEST: Final = 64 * 1024 * 1024
"""Bytes, as of a story: ten years of reading take a hundredth of it."""


def send_out(ledger: Ledger, path: Path | None) -> int:
    """Write every fact to the file at `path`, or to standard output; return how many.

    Raises `StateError`, and `Unreadable` where the file can't be written.
    """
    facts = ledger.facts()
    data = written_out(facts).encode() + b"\n"
    if path is None:
        sys.stdout.buffer.write(data)
        return len(facts)
    try:
        _write(path, data)
    except OSError as error:
        reason = (error.strerror or "can't be written").lower()
        raise Unreadable(f"{clean_line(str(path))}: {reason}") from error
    return len(facts)


def _write(path: Path, data: bytes) -> None:
    if path.exists() and not path.is_file():  # a pipe, a device: there is nothing to keep whole
        path.write_bytes(data)
        return
    with replacing(path.resolve()) as fresh:
        fresh.write_bytes(data)


def take_in(ledger: Ledger, path: Path | None) -> tuple[int, int]:
    """Merge the facts of the file at `path`, or of standard input, into what is remembered.

    Returns how many facts the file has, and how many of them were news. All of it is
    written, or nothing. Raises `BadExport`, `Unreadable` and `StateError`.
    """
    name = clean_line(str(path)) if path is not None else "standard input"
    data = read_bytes(path) if path is not None else sys.stdin.buffer.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise BadExport(f"{name}: larger than {LARGEST >> 20} MB, so it is not read")
    try:
        theirs = read_in(data)
    except BadExport as error:
        raise BadExport(f"{name}: {error}") from error
    with ledger.change():
        ours = ledger.facts()
        known, said = set(ours), {(f.values, *f.stamp[1:]) for f in ours}
        together = merged(ours, theirs)
        ledger.adopt(fact for fact in together if fact not in known)
    return len(theirs), sum((f.values, *f.stamp[1:]) not in said for f in together)
