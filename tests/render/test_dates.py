"""Dates and times ago in words, with days that begin at the reader's midnight."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from reader.library.story import Story
from reader.render.story_frame import build_head, format_date, format_iso_date, format_time_ago

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)


def test_a_date_has_the_name_of_its_month() -> None:
    assert format_date(date(2021, 6, 12)) == "12 June 2021"


@pytest.mark.parametrize(
    ("day", "typed", "byline", "iso"),
    [
        (date(2021, 6, 12), "", "12 June 2021", "2021-06-12"),
        (date(2021, 6, 1), "June 2021", "June 2021", "2021-06"),
        (date(2021, 1, 1), "2021", "2021", "2021"),
        (None, "3/4/2021", "3/4/2021", ""),
    ],
)
def test_a_date_is_shown_as_far_as_it_is_known(
    day: date | None, typed: str, byline: str, iso: str
) -> None:
    story = Story("a", "a.md", "A", published=day, date_text=typed)
    assert (build_head(story)[1].text, format_iso_date(story)) == (byline, iso)


@pytest.mark.parametrize(
    ("then", "expected"),
    [
        ("2026-11-22T15:00", "just now"),
        ("2026-11-22T14:58", "just now"),
        ("2026-11-22T14:57", "3 minutes ago"),
        ("2026-11-22T14:01", "59 minutes ago"),
        ("2026-11-22T14:00", "an hour ago"),
        ("2026-11-22T13:01", "an hour ago"),
        ("2026-11-22T13:00", "2 hours ago"),
        ("2026-11-22T00:00", "15 hours ago"),
        ("2026-11-21T23:59", "yesterday"),
        ("2026-11-21T00:00", "yesterday"),
        ("2026-11-20T23:59", "2 days ago"),
        ("2026-11-19T15:00", "3 days ago"),
        ("2026-10-25T15:00", "28 days ago"),
        ("2026-10-24T15:00", "in October"),
        ("2026-06-30T15:00", "in June"),
        ("2025-12-31T15:00", "in December"),
        ("2025-11-30T15:00", "in 2025"),
        ("2024-02-29T15:00", "in 2024"),
        ("2026-11-22T15:02", "just now"),
        ("2026-11-23T15:00", "some time ago"),
    ],
)
def test_a_time_ago_is_given_in_words(then: str, expected: str) -> None:
    assert format_time_ago(datetime.fromisoformat(f"{then}:00+00:00"), NOW) == expected


def test_the_evening_before_is_hours_ago_shortly_after_midnight() -> None:
    now = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
    assert format_time_ago(now - timedelta(hours=3), now) == "3 hours ago"


def test_days_begin_at_midnight_in_the_time_zone_of_now() -> None:
    now = NOW.astimezone(timezone(timedelta(hours=12)))  # three in the morning
    assert format_time_ago(NOW - timedelta(hours=10), now) == "yesterday"


def test_a_date_in_the_text_is_not_repeated() -> None:
    story = Story(
        "id", "a.md", "T", author="Ann", date_text="May 2001", words=9, is_date_in_text=True
    )
    assert build_head(story)[1].text == "By Ann · 1 min"
