"""The reader's own pace: which screenfuls give a sample, and the times that follow from it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.reading.progress import (
    PaceMeter,
    View,
    WordRanges,
    add_sample,
    compute_pace,
    estimate_minutes,
    format_length,
    format_unread_time,
    parse_language,
    parse_time,
)

TOTAL = 2_000


class ReadingSimulation:
    """Simulates reading a story of two thousand words, two hundred of them on the screen."""

    def __init__(self, read: WordRanges = ()) -> None:
        self.meter = PaceMeter()
        self.now = 100.0
        self.read = read
        self.rates: list[int] = []

    def show(self, first: int, seconds: float, size: int = 200) -> ReadingSimulation:
        """Show the words from `first` on for some seconds."""
        end = min(TOTAL, first + size)
        self._record(View(first, end, end == TOTAL))
        self.now += seconds
        return self

    def look_away(self, seconds: float) -> ReadingSimulation:
        self._record(None)
        self.now += seconds
        return self

    def _record(self, view: View | None) -> None:
        rate = self.meter.record_view(view, self.read, self.now)
        self.rates += [rate] if rate is not None else []


def test_each_page_read_gives_a_sample_except_the_first_and_the_last() -> None:
    reading = ReadingSimulation()
    for first in range(0, TOTAL, 200):
        reading.show(first, 45)
    reading.look_away(0)
    assert reading.rates == [267] * 8  # 200 words in 45 seconds, on eight of ten pages


def test_only_the_new_words_of_a_page_count() -> None:
    assert ReadingSimulation().show(0, 40).show(180, 36).show(360, 36).rates == [
        300
    ]  # 180 words in 36 s


def test_lines_add_up_to_a_sample_of_most_of_a_screenful() -> None:
    reading = ReadingSimulation()
    for first in range(0, 310, 10):
        reading.show(first, 2)
    assert reading.rates == [300, 300]  # 120 words each, in 24 seconds


def test_half_pages_add_up_to_a_sample() -> None:
    reading = ReadingSimulation()
    for first in range(0, 600, 100):
        reading.show(first, 20)
    assert reading.rates == [300, 300]


def test_lines_scrolled_quickly_count_with_the_next_line_read() -> None:
    reading = ReadingSimulation().show(0, 40)
    for first in range(10, 140, 10):
        reading.show(first, 0.2 if first % 40 else 9.4)
    assert reading.rates == [240]  # four lines, forty words, every ten seconds


def test_a_skimmed_page_and_the_next_give_no_sample() -> None:
    reading = (
        ReadingSimulation()
        .show(0, 40)
        .show(200, 40)
        .show(400, 0.3)
        .show(600, 40)
        .show(800, 40)
        .show(1000, 1)
    )
    assert reading.rates == [300, 300]  # the second page and the fifth


def test_holding_page_down_gives_no_sample() -> None:
    reading = ReadingSimulation()
    for first in range(0, TOTAL, 200):
        reading.show(first, 0.03)
    assert reading.rates == []


def test_a_jump_gives_no_sample_until_the_page_after_it() -> None:
    assert ReadingSimulation().show(0, 40).show(1_000, 40).show(1_200, 40).show(1_400, 1).rates == [
        300
    ]


def test_going_back_gives_no_sample_until_the_page_after_it() -> None:
    reading = ReadingSimulation().show(0, 40).show(200, 40)
    assert reading.show(100, 40).show(300, 40).show(500, 40).show(700, 1).rates == [300, 300]


def test_words_read_before_give_no_sample() -> None:
    reading = ReadingSimulation(read=((0, 500),))
    for first in range(0, 1_200, 200):
        reading.show(first, 40)
    assert reading.rates == [300, 300]  # from 600 on; a page that was half read before gives none


def test_a_page_interrupted_by_looking_away_gives_no_sample() -> None:
    reading = (
        ReadingSimulation()
        .show(0, 40)
        .show(200, 20)
        .look_away(600)
        .show(200, 20)
        .show(400, 40)
        .show(600, 1)
    )
    assert reading.rates == [300]


def test_a_page_shown_for_more_than_three_minutes_gives_no_sample() -> None:
    assert ReadingSimulation().show(0, 40).show(200, 181).show(400, 40).show(600, 1).rates == [300]


@pytest.mark.parametrize(
    ("seconds", "rates"),
    [(15, []), (16, [750]), (170, [71]), (180, [67]), (3, [])],
)
def test_implausible_rates_give_no_sample(seconds: float, rates: list[int]) -> None:
    assert ReadingSimulation().show(0, 40).show(200, seconds).show(400, 1).rates == rates


def test_a_screenful_of_few_words_gives_no_sample() -> None:
    assert ReadingSimulation().show(0, 9, 30).show(30, 9, 30).show(60, 1, 30).rates == []


def test_a_change_of_width_gives_no_sample() -> None:
    # The same text on a narrower screen, then a wider one.
    assert (
        ReadingSimulation().show(0, 40).show(200, 40).show(200, 40, 120).show(200, 40, 260).rates
        == []
    )


def test_the_last_screenful_gives_no_sample() -> None:
    reading = ReadingSimulation().show(1_400, 40).show(1_600, 40).show(1_800, 200)
    assert reading.show(1_990, 1).rates == [300]


@pytest.mark.parametrize(
    ("samples", "words"),
    [
        ((), 265),
        ((400,) * 11, 265),
        ((400,) * 12, 400),
        ((100, 200, 300, 310, 320, 330, 340, 350, 360, 370, 380, 700), 340),
        ((80,) * 20, 120),
        ((780,) * 20, 600),
    ],
)
def test_the_pace_is_the_median_within_limits(samples: tuple[int, ...], words: int) -> None:
    assert compute_pace(samples) == words


def test_the_last_99_samples_are_kept() -> None:
    samples: tuple[int, ...] = ()
    for rate in range(60, 260):
        samples = add_sample(samples, rate)
    assert (len(samples), samples[0], samples[-1]) == (99, 161, 259)


@given(st.lists(st.integers(-9, 10_000)))
def test_the_pace_is_always_within_limits(samples: list[int]) -> None:
    assert 120 <= compute_pace(samples) <= 600


@pytest.mark.parametrize(
    ("text", "language"),
    [("en", "en"), ("en-GB", "en"), ("pt_BR", "pt"), ("DE", "de"), ("", ""), (" fr ", "fr"),
     ("x" * 40, ""), ("日本語", ""), ("1", "")],
)  # fmt: skip
def test_a_language_is_its_primary_subtag(text: str, language: str) -> None:
    assert parse_language(text) == language


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (0, "under a minute unread"),
        (264, "under a minute unread"),
        (265, "1 min unread"),
        (397, "1 min unread"),
        (398, "2 min unread"),
        (1_060, "4 min unread"),
    ],
)
def test_unread_time_is_rounded_to_minutes(words: int, text: str) -> None:
    assert format_unread_time(words, 265) == text


@pytest.mark.parametrize(("words", "time"), [(0, 1), (397, 1), (398, 2), (2_650, 10)])
def test_minutes_are_estimated_at_265_words_a_minute(words: int, time: int) -> None:
    assert estimate_minutes(words) == time


def test_the_length_depends_on_the_pace() -> None:
    assert (format_length(1_590, 265), format_length(1_590, 530)) == ("6 min", "3 min")


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [
        *[(typed, 90) for typed in ("90", " 90m ", "90 min", "90 Minutes", "90'", "090", "1h30")],
        *[(typed, 90) for typed in ("1H30m", "1 h 30 min.", "1:30", "1.5h", "1,5 hours", "1hr30")],
        ("1h", 60),
        ("1h5", 65),
        ("1 hour 1 minute", 61),
        ("2 hours", 120),
        ("0:45", 45),
        ("9999", 9_999),
        *[(typed, 0) for typed in ("", "0", "0h", "-5", "h", "min", "x0", "1.5", "1h90", "1:75")],
        *[
            (typed, 0)
            for typed in ("10000", "167h", "1:", "1:5:0", "1.5h30", "9" * 200, "9" * 9 + "h")
        ],
        *[(typed, 0) for typed in ("1h 30x", "1 30", "٣", "1h30h", "90 h m", "nan", "1e9", "½h")],
    ],
)
def test_a_time_is_typed_as_minutes_or_hours(typed: str, minutes: int) -> None:
    assert parse_time(typed) == minutes
