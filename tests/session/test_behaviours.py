"""What readers do, and the status, progress and minutes that the shelf shows after it.

The story has two thousand words: ten screenfuls, eight minutes at the default pace. The
clock is moved by the test.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from session_driver import PARAGRAPH_WORDS, SCREENFUL, Reader, make_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Behaviour = Callable[[Reader], object]
    Write = Callable[[str, str | bytes], Path]

PARAGRAPHS = 100
ABOUT = "---\ntitle: One\nabout: Somebody who writes.\n---\n"


@pytest.fixture
def reader(write: Write) -> Reader:
    return Reader(write("one.md", f"{ABOUT}{make_text(PARAGRAPHS)}").parent)


def describe_entry(reader: Reader) -> tuple[str, float, int, str]:
    """Return status, progress, minutes left and time left as the shelf shows them."""
    entry = reader.session.get_entry(reader.story("one"))
    shelf = {entry.story.title: entry for entry in reader.session.list_entries()}["One"]
    assert (shelf.status, shelf.progress) == (entry.status, entry.progress)
    return entry.status.value, entry.progress, entry.minutes_left, entry.unread_time


def read_at(pace: int, first: int = 0, end: int = PARAGRAPHS) -> Behaviour:
    """Return a behaviour: read some paragraphs at a pace (words per minute), by screenfuls."""

    def read(reader: Reader) -> None:
        for paragraph in range(first, end, SCREENFUL):
            reader.go_to(paragraph)
            reader.wait(SCREENFUL * PARAGRAPH_WORDS * 60 / pace)

    return read


def hold_page_down(reader: Reader) -> None:
    for paragraph in range(0, PARAGRAPHS - SCREENFUL + 1, SCREENFUL - 1):
        reader.go_to(paragraph)
        reader.now += 0.03
    reader.wait(60)


def skim(reader: Reader) -> None:
    """Look at each screenful for four seconds: three thousand words a minute."""
    read_at(3_000)(reader)


def read_on_to_the_bio(reader: Reader) -> None:
    read_at(265)(reader)
    end = reader.open_story.document.end
    reader.session.tracker.record_move(end)
    reader.session.tracker.set_visible_range(end, end)
    reader.wait(30)


def jump_to_the_bio(reader: Reader) -> None:
    end = reader.open_story.document.end
    reader.session.tracker.record_move(end)
    reader.session.tracker.set_visible_range(end, end)
    reader.wait(600)


def read_first_and_last_third(reader: Reader) -> None:
    read_at(265, 0, 30)(reader)
    read_at(265, 70)(reader)


def stop_tracking_for_an_hour(reader: Reader) -> None:
    reader.session.tracker.stop()
    reader.wait(3_600)
    reader.session.tracker.start()
    reader.show(0)


def read_line_by_line(reader: Reader) -> None:
    reader.wait(45)
    for paragraph in range(1, PARAGRAPHS - SCREENFUL + 1):
        reader.go_to(paragraph)
        reader.wait(PARAGRAPH_WORDS * 60 / 265)


def read_again(reader: Reader) -> None:
    read_at(265)(reader)
    reader.open("one")
    reader.wait(20)
    reader.go_to(10)
    reader.wait(2)


def finish_tomorrow(reader: Reader) -> None:
    read_at(265, 0, 50)(reader)
    reader.session.leave()
    reader.now += 86_400
    reader.open("one")
    read_at(265, 50)(reader)


LONG = "8 min unread"
BEHAVIOURS: dict[str, tuple[Behaviour, tuple[str, float, int, str]]] = {
    "opened and left": (lambda r: r.wait(2), ("unread", 0.013, 7, "7 min unread")),
    "opened and left at once": (lambda _: None, ("unread", 0.0, 8, LONG)),
    "page down held": (hold_page_down, ("reading", 0.1015, 7, "7 min unread")),
    "skimmed at four seconds a screenful": (skim, ("reading", 0.265, 6, "6 min unread")),
    "read at 180": (read_at(180), ("finished", 1.0, 0, "")),
    "read at 265": (read_at(265), ("finished", 1.0, 0, "")),
    "read at 450": (read_at(450), ("finished", 1.0, 0, "")),
    "read at 700": (read_at(700), ("finished", 1.0, 0, "")),
    "read line by line": (read_line_by_line, ("finished", 1.0, 0, "")),
    "read to the bio": (read_on_to_the_bio, ("finished", 1.0, 0, "")),
    "jumped to the bio": (jump_to_the_bio, ("unread", 0.0, 8, LONG)),
    "first and last third": (read_first_and_last_third, ("reading", 0.6, 3, "3 min unread")),
    "the first half": (read_at(265, 0, 50), ("reading", 0.5, 4, "4 min unread")),
    "all but the end": (read_at(265, 0, 90), ("reading", 0.9, 1, "under a minute unread")),
    "terminal unfocused for an hour": (stop_tracking_for_an_hour, ("unread", 0.0, 8, LONG)),
    "open for an hour without a key": (
        lambda r: r.wait(3_600),
        ("reading", 0.1, 7, "7 min unread"),
    ),
    "read again": (read_again, ("finished", 1.0, 0, "")),
    "half today, half tomorrow": (finish_tomorrow, ("finished", 1.0, 0, "")),
}


@pytest.mark.parametrize("name", BEHAVIOURS)
def test_a_behaviour_gives_the_expected_shelf_entry(name: str, reader: Reader) -> None:
    behave, expected = BEHAVIOURS[name]
    reader.open("one")
    behave(reader)
    assert describe_entry(reader) == expected


def test_minutes_left_are_the_same_at_any_width(reader: Reader) -> None:
    reader.open("one")
    reader.wait(20)
    before = describe_entry(reader)
    for paragraphs in (3, 40, 7, SCREENFUL):  # a screenful at other widths
        end = min(reader.place._replace(block=paragraphs), reader.open_story.document.end)
        reader.session.tracker.set_visible_range(reader.place, end)
    assert describe_entry(reader) == before


def test_an_hour_without_input_counts_three_minutes(write: Write) -> None:
    reader = Reader(write("two.md", f"# Two\n\n{make_text(500)}").parent)
    reader.open("two")
    reader.session.tracker.set_visible_range(reader.place, reader.open_story.document.end)
    reader.wait(3_600)
    assert reader.session.get_entry(reader.story("two")).progress == 0.2385  # 13.25 words a second
