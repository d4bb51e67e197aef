"""Times in the time zone of the system, whatever that is set to."""

from __future__ import annotations

from datetime import UTC, date, datetime


def to_local(when: datetime) -> datetime:
    """Return an aware time in the system's time zone, or in UTC if Python can't use that zone.

    `TZ=UTC+0200` is such a zone: POSIX reads it as 200 hours.
    """
    try:
        return when.astimezone()
    except (ValueError, OverflowError, OSError):
        return when.astimezone(UTC)


def get_today() -> date:
    """Return the day that it is now in the system's time zone."""
    return to_local(datetime.now(UTC)).date()
