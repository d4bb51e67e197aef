"""The date of a story: what its front matter or byline says in many ways and languages."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Final, NamedTuple
from unicodedata import normalize

from reader.library.source.months import (
    ARTICLE_PATTERN,
    MONTH_PATTERN,
    MONTHS,
    OF_PATTERN,
    WEEKDAY_PATTERN,
)

MAX_DATE_CHARACTERS: Final = 60
"""The longest text that is read as a date."""
_TIME: Final = (
    r"[,\s]+(?:at\s+)?\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?(?:\s*[ap]\.?m\.?)?(?:\s+[+-]\d{4}|\s+[a-z]{1,5})?"
    r"(?:\s+\([a-z ]+\))?"
)
_CLOCK: Final = re.compile(
    r"(?<![\d:])(\d{1,2}):([0-5]\d)(?::([0-5]\d)(?:[.,]\d+)?)?(?:\s*([ap])\.?m\b\.?)?"
    r"(?:\s*([+-])(\d\d):?([0-5]\d)\b)?",
    re.IGNORECASE,
)
"""Hours, minutes, seconds, `a` or `p` for the half of the day, and the distance from UTC."""
_DAY: Final = r"(?P<d>\d{1,2})(?:st|nd|rd|th|er|[.ºª°])?"
_MONTH: Final = rf"(?P<m>{MONTH_PATTERN})\.?"
_YEAR: Final = r"(?P<y>\d{4})"
_PATTERNS: Final = (
    r"(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})(?:[t\s,]+\d{1,2}:.*)?",
    rf"{_DAY}[\s-]+{OF_PATTERN}{_MONTH},?[\s-]+{OF_PATTERN}{_YEAR}(?:\s+(?:г|года)\.?)?",
    rf"{_MONTH}[\s-]+{_DAY},?[\s-]+{_YEAR}",
    rf"{_YEAR},?[\s-]+{_MONTH}[\s-]+{_DAY}",
    rf"{_MONTH},?[\s-]+{OF_PATTERN}{_YEAR}(?:\s+(?:г|года)\.?)?",
    rf"{_YEAR},?[\s-]+{_MONTH}",
    r"(?P<y>\d{4})[-/.](?P<m>\d\d)",
    r"(?P<d>\d{1,2})\.\s?(?P<m>\d{1,2})\.\s?(?P<y>\d{4})",
    r"(?P<y>\d{4})\s?[年년]\s?(?P<m>\d{1,2})\s?[月월](?:\s?(?P<d>\d{1,2})\s?[日일])?",
    _YEAR,
)
"""Dates in which day, month and year can't be confused. Dots separate days from months."""
_ISO_DATE: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[T ]\d\d:\d\d[\d:.+Z-]*)?", re.ASCII)
"""As most dates are written."""
_TWO_NUMBERS: Final = r"(\d{1,2})[-/](\d{1,2})[-/](\d{4})"
"""Day and month in an order that depends on the country."""


class StoryDate(NamedTuple):
    """The date of a story, as far as it is known."""

    day: date | None = None
    """The day; the first of its month or year if only that is known."""
    text: str = ""
    """What is shown instead of the day: a month, a year, or what isn't understood, as typed."""
    seconds: int = 0
    """The time in seconds after that day's midnight in UTC; below zero for a zone east of it."""


def parse_date(text: str) -> StoryDate:
    """Return the date that `text`, one line, gives in figures or words.

    The day is the one that is typed, whatever the time zone. A date that can be read in two
    ways, such as `3/4/2021`, has no day.
    """
    text = text[:MAX_DATE_CHARACTERS].strip()
    iso = _ISO_DATE.fullmatch(text)
    found = _make_date(text, *iso.groups()) if iso is not None else _parse_day(text)
    if iso is not None and ":" not in text:
        return found
    return found if found.day is None else found._replace(seconds=_parse_time(text))


def _parse_time(text: str) -> int:
    """Return the time in `text` in seconds after midnight in UTC, 0 if it has none."""
    match = _CLOCK.search(text)
    if match is None:
        return 0
    hour, minute, second = (int(number or 0) for number in match.group(1, 2, 3))
    half, sign, hours, minutes = match.group(4, 5, 6, 7)
    if hour > (23 if half is None else 12):
        return 0
    if half is not None:
        hour = hour % 12 + (12 if half in "pP" else 0)
    offset = int(hours or 0) * 3600 + int(minutes or 0) * 60
    return hour * 3600 + minute * 60 + second - (-offset if sign == "-" else offset)


def _parse_day(text: str) -> StoryDate:
    """Return the day that `text` gives, or the text, without its time."""
    plain = re.sub(
        rf"\A(?:{WEEKDAY_PATTERN})?{ARTICLE_PATTERN}", "", normalize("NFC", text).lower()
    )
    # As `date` and `ctime` print it, with the year behind the time.
    plain = re.sub(rf"({_TIME})\s+(\d{{4}})\Z", r" \2\1", plain)
    plain = re.sub(rf"{_TIME}\Z", "", plain)
    for pattern in _PATTERNS:
        match = re.fullmatch(pattern, plain)
        if match is not None:
            return _make_date(text, **match.groupdict())
    numbers = re.fullmatch(_TWO_NUMBERS, plain)
    if numbers is not None:
        first, second, year = map(int, numbers.groups())
        first, second = (second, first) if first <= 12 < second else (first, second)
        if second <= 12 < first or first == second:
            return _make_date(text, str(year), str(second), str(first))
    try:
        return StoryDate(datetime.fromisoformat(text).date())
    except ValueError:
        return StoryDate(None, text)


def _make_date(text: str, y: str, m: str | None = None, d: str | None = None) -> StoryDate:
    """Return the date in year `y`, month `m` (a number or a name) and day `d`, typed as `text`."""
    month = "1" if m is None else m
    number = int(month) if month.isdigit() else MONTHS[month]
    try:
        day = date(int(y), number, int(d or 1))
    except ValueError:
        return StoryDate(None, text)
    return StoryDate(day, "" if d else text)
