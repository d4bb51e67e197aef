"""Days and spans of time as a person says them.

By names of our own: `strftime` would follow the process's locale. Pure: what time it is now
is handed in. Only `to_local` asks the system, for its time zone.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import date

_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_JUST_NOW: Final = 3
"""Minutes."""
_HOURS: Final = 6
"""Hours up to which hours are counted though it was another day."""
_DAYS: Final = 28
"""Days up to which days are counted; then the month is named."""
_MONTHS_BACK: Final = 11
"""Months up to which a month's name alone says which one is meant."""


def to_local(when: datetime) -> datetime:
    """Return an aware time in the system's time zone, or in UTC if Python can't use that.

    `TZ=UTC+0200` is such a zone: POSIX reads it as 200 hours.
    """
    try:
        return when.astimezone()
    except (ValueError, OverflowError, OSError):
        return when.astimezone(UTC)


def day(published: date) -> str:
    """Return a date as it is printed: `12 June 2021`."""
    return f"{published.day} {_MONTHS[published.month - 1]} {published.year}"


def month(when: date) -> str:
    """Return the month of a date as it is printed: `June 2021`."""
    return f"{_MONTHS[when.month - 1]} {when.year}"


def ago(then: datetime, now: datetime) -> str:
    """Return how long before `now` something was: `an hour ago`, `yesterday`, `in June`.

    Both are aware; days begin at midnight where `now` is. What is still to come, by a clock
    that was set back, was some time ago.
    """
    minutes = int((now - then).total_seconds() // 60)
    then = then.astimezone(now.tzinfo)
    if minutes < _JUST_NOW:
        return "just now" if minutes >= -_JUST_NOW else "some time ago"
    if minutes < 60:
        return f"{minutes} minutes ago"
    days = (now.date() - then.date()).days
    if days == 0 or minutes < _HOURS * 60:
        return "an hour ago" if minutes < 120 else f"{minutes // 60} hours ago"
    if days <= _DAYS:
        return "yesterday" if days == 1 else f"{days} days ago"
    months = 12 * (now.year - then.year) + now.month - then.month
    return f"in {_MONTHS[then.month - 1]}" if months <= _MONTHS_BACK else f"in {then.year}"
