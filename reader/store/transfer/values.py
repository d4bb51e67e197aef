"""Convert values between the reading data and an exported file, where they may be anything.

For each column of each table there is a function that checks a value of the file.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from reader.config import parse_measure
from reader.layout.lines import NARROWEST, WIDEST
from reader.reading.progress import MAX_MINUTES, ReadStatus, merge_ranges, parse_minutes
from reader.store.records import (
    UNKNOWN_TIME,
    format_time,
    is_digest,
    parse_digests,
    parse_numbers,
    parse_ranges,
    parse_time,
)
from reader.store.schema import MAX_INTEGER
from reader.store.stories import parse_tags
from reader.store.write_behind import MINUTES_KEY, OPEN_STORY_KEY

if TYPE_CHECKING:
    from collections.abc import Callable

    Validator = Callable[[object], str | int | bytes]

_MAX_NUMBER: Final = 999_999_999
"""The largest block, offset or word number: an address has at most nine digits."""
_MAX_ITEMS: Final = 100_000
"""Pairs or numbers in one list."""
_FIRST_TIME: Final = datetime(1970, 1, 1, tzinfo=UTC)
_END_OF_TIME: Final = datetime(2200, 1, 1, tzinfo=UTC)
"""Times from the first up to the second are imported. None can be shown in every time zone
near the years 1 and 9999, and many programs can't go beyond 1970 and 2262."""


class InvalidValue(ValueError):
    """What is wrong with one value; the caller adds where it is in the file."""


def _validate_text(max_chars: int, value: object) -> str:
    if not isinstance(value, str):
        raise InvalidValue("must be text")
    if len(value) > max_chars:
        raise InvalidValue(f"longer than {max_chars} characters")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise InvalidValue("contains half a surrogate pair, or a byte that is not UTF-8") from None
    return value


def _validate_key(value: object) -> str:
    if not value:
        raise InvalidValue("must not be empty")
    return _validate_without_nul(_validate_text(1_000, value))


def _validate_reference(value: object) -> str:
    return _validate_without_nul(_validate_text(1_000, value))


def _validate_without_nul(text: str) -> str:
    if "\0" in text:  # SQLite's functions for JSON end a text there
        raise InvalidValue("contains a NUL character")
    return text


def _validate_path(value: object) -> bytes:
    if not isinstance(value, str) or len(value) > 10_000:
        raise InvalidValue("must be a path")
    try:
        return os.fsencode(_validate_without_nul(value))
    except UnicodeEncodeError:
        raise InvalidValue("must be a path") from None


def _validate_integer(maximum: int, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= maximum:
        raise InvalidValue(f"must be a whole number from 0 to {maximum}")
    return value


_validate_count = partial(_validate_integer, _MAX_NUMBER)
_validate_serial = partial(_validate_integer, MAX_INTEGER)


def _validate_flag(value: object) -> int:
    if not isinstance(value, bool):
        raise InvalidValue("must be true or false")
    return int(value)


def _validate_time(value: object) -> str:
    when = parse_time(_validate_text(100, value))
    if when is None:
        raise InvalidValue("must be a time with its zone")
    if not _FIRST_TIME <= when < _END_OF_TIME:
        raise InvalidValue(
            f"must be a time from {_FIRST_TIME.year} up to the end of {_END_OF_TIME.year - 1}"
        )
    return format_time(when)


def _validate_status(value: object) -> str:
    if value not in list(ReadStatus):
        raise InvalidValue("must be unread, reading or finished")
    return str(value)


def _validate_ranges(value: object) -> str:
    pairs = []
    for pair in _validate_list(value, "must be a list of pairs"):
        if not isinstance(pair, list) or len(pair) != 2:
            raise InvalidValue("must be a list of pairs")
        first, end = (_validate_count(number) for number in pair)
        if first > end:
            raise InvalidValue("must be pairs of a first word and one that is not before it")
        pairs.append((first, end))
    return json.dumps(merge_ranges((), tuple(pairs)))


def _validate_numbers(value: object) -> str:
    numbers = _validate_list(value, "must be a list of numbers")
    return json.dumps([_validate_count(number) for number in numbers])


def _validate_digests(value: object) -> str:
    digests = _validate_list(value, "must be a list of digests")
    if not all(isinstance(digest, str) and is_digest(digest) for digest in digests):
        raise InvalidValue("must be a list of digests")
    return json.dumps(digests)


def _validate_list(value: object, problem: str) -> list[object]:
    if not isinstance(value, list):
        raise InvalidValue(problem)
    if len(value) > _MAX_ITEMS:
        raise InvalidValue(f"longer than {_MAX_ITEMS} items")
    return value


def _validate_tag(value: object) -> str:
    tag = _validate_line(value)
    if parse_tags(tag) != (tag,):
        raise InvalidValue("must be one tag")
    return tag


def _validate_choice_name(value: object) -> str:
    if value not in ("theme", "measure", "help", MINUTES_KEY, OPEN_STORY_KEY):
        raise InvalidValue(f"must be theme, measure, help, {MINUTES_KEY} or {OPEN_STORY_KEY}")
    return str(value)


def validate_choice(name: str, value: str) -> None:
    """Raise `InvalidValue` unless the app could have saved `value` for the choice `name`."""
    if name == "measure" and value and parse_measure(value) is None:
        raise InvalidValue(f"must be a measure from {NARROWEST} to {WIDEST}, or empty")
    if name == MINUTES_KEY and not parse_minutes(value):
        raise InvalidValue(f"must be a number of minutes from 1 to {MAX_MINUTES}")


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
    "hidden_story": {"story_id": _validate_key, "hidden": _validate_flag},
    "star": {"story_id": _validate_key, "starred": _validate_flag},
    "tag": {
        "id": _validate_key,
        "story_id": _validate_key,
        "tag": _validate_tag,
        "deleted": _validate_flag,
    },
    "feed": {
        "id": _validate_key,
        "url": _validate_line,
        "title": _validate_line,
        "etag": _validate_line,
        "last_modified": _validate_line,
        "seen": _validate_digests,
        "added_at": _validate_time,
        "followed": _validate_flag,
    },
}
"""By table and column: converts a value in the file to the value to store."""
STAMP_VALIDATORS: Final[dict[str, Validator]] = {
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
    _validate_digests: parse_digests,
    _validate_flag: bool,
    _validate_count: _clamp,
}
"""By validator: converts a stored value, even a damaged one, to a valid value in the file."""


def export_value(validate: Validator, value: object) -> object:
    """Return a stored value as it is written, for a column that `validate` checks."""
    convert = _EXPORT_CONVERTERS.get(validate)
    return value if convert is None else convert(value)
