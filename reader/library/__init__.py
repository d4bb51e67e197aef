"""Which stories exist: files, front matter, index, catalog, text cache.

Here: the dates that stories are given, read from what people type.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Final, NamedTuple

MAX_DATE_CHARACTERS: Final = 60
"""The longest text that is read as a date."""
_MONTHS: Final = (
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"
)  # fmt: skip
_MONTH_NAME: Final = (
    r"jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
_WEEKDAY: Final = (
    r"(?:mon(?:day)?|tues?(?:day)?|wed(?:nesday)?|thu(?:r|rs|rsday)?|fri(?:day)?|sat(?:urday)?"
    r"|sun(?:day)?)\b[.,]?\s+"
)
_TIME: Final = (
    r"[,\s]+(?:at\s+)?\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?(?:\s*[ap]\.?m\.?)?(?:\s+[+-]\d{4}|\s+[a-z]{1,5})?"
    r"(?:\s+\([a-z ]+\))?"
)
_DAY: Final = r"(?P<d>\d{1,2})(?:st|nd|rd|th|\.)?"
_MONTH: Final = rf"(?P<m>{_MONTH_NAME})\.?"
_YEAR: Final = r"(?P<y>\d{4})"
_PATTERNS: Final = (
    r"(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})(?:[t\s,]+\d{1,2}:.*)?",
    rf"{_DAY}[\s-]+(?:of\s+)?{_MONTH},?[\s-]+{_YEAR}",
    rf"{_MONTH}[\s-]+{_DAY},?[\s-]+{_YEAR}",
    rf"{_YEAR},?[\s-]+{_MONTH}[\s-]+{_DAY}",
    rf"{_MONTH},?[\s-]+(?:of\s+)?{_YEAR}",
    rf"{_YEAR},?[\s-]+{_MONTH}",
    r"(?P<y>\d{4})[-/.](?P<m>\d\d)",
    r"(?P<d>\d{1,2})\.\s?(?P<m>\d{1,2})\.\s?(?P<y>\d{4})",
    r"(?P<y>\d{4})\s?[年년]\s?(?P<m>\d{1,2})\s?[月월](?:\s?(?P<d>\d{1,2})\s?[日일])?",
    _YEAR,
)
"""Dates in which day, month and year can't be confused. Dots separate days from months."""
_TWO_NUMBERS: Final = r"(\d{1,2})[-/](\d{1,2})[-/](\d{4})"
"""Day and month in an order that depends on the country."""


class StoryDate(NamedTuple):
    """The date of a story, as far as it is known."""

    day: date | None = None
    """The day; the first of its month or year if only that is known."""
    text: str = ""
    """What is shown instead of the day: a month, a year, or what isn't understood, as typed."""


def parse_date(text: str) -> StoryDate:
    """Return the date that `text`, one line, gives in figures or in English words.

    A time and a time zone are allowed and ignored. A date that can be read in two ways, such
    as `3/4/2021`, has no day.
    """
    text = text[:MAX_DATE_CHARACTERS].strip()
    plain = re.sub(rf"\A{_WEEKDAY}", "", text.lower())
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
    number = int(month) if month.isdigit() else _MONTHS.index(month[:3]) + 1
    try:
        day = date(int(y), number, int(d or 1))
    except ValueError:
        return StoryDate(None, text)
    return StoryDate(day, "" if d else text)
