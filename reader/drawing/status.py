"""The status bar: the position in the story, what is on the shelf, or a notice in their place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from reader.drawing.hints import HINT_SEPARATOR
from reader.drawing.pieces import draw_two_sided
from reader.paths import drop_folders, shorten_home
from reader.reading.progress import ReadStatus, format_time_to_go
from reader.text.cells import count_cells
from reader.text.places import get_short_title

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reader.drawing.pieces import Row
    from reader.drawing.styles import TextStyle
    from reader.session.open_story import OpenStory
    from reader.session.shelf.entries import ShelfEntry
    from reader.session.shelf.sections import ShelfCounts
    from reader.text.document import Place


GROWING_MESSAGE: Final = "more is coming"
"""Stands on the right while more of the text may come through a pipe."""
SHELF_HINTS: Final = (
    ("to-page", "read"),
    ("find", "filter"),
    ("search", "search"),
    ("help", "keys"),
    ("leave", "quit"),
)
"""The commands whose keys are shown on the shelf.

A narrow terminal has the last ones only, and a very narrow one that of the help.
"""
FILTERED_SHELF_HINTS: Final = (SHELF_HINTS[0], ("clear-filter", "all stories"), *SHELF_HINTS[1:])
"""The same while a filter is kept."""
TICKED_SHELF_HINTS: Final = (
    ("star", "star"),
    ("tags", "tag"),
    ("mark", "finished"),
    ("hide", "hide"),
    ("clear-filter", "untick"),
    ("help", "keys"),
)
"""The same while stories are ticked."""
EMPTY_SHELF_HINTS: Final = 2
"""How many of them are shown while there is no story: those that need none."""
PAGE_HINT: Final = ("help", "keys")
"""The command whose key is shown on the page until the help was opened once."""
SHELF_MARGIN_CELLS: Final = (2, 2)
MIN_GAP_CELLS: Final = 4
"""Blank cells at least between the number of stories and the keys."""
NOTICE_MARGIN_CELLS: Final = 1
"""Blank cells right of a notice that is too long for the column."""
MIN_MARKED_CELLS: Final = 30
"""Cells for a notice, below which the mark that nothing is being saved gives way to it."""
UNSAVED_MARK: Final = "not saved"
"""Stands on the right beside a notice while nothing is being saved."""


class StatusText(NamedTuple):
    """What stands on the left and on the right of the status bar."""

    left: str
    right: str
    percentage: str = ""
    """The part on the right that is always shown; empty on the shelf."""


def describe_position(
    open_story: OpenStory, entry: ShelfEntry, place: Place, end: Place
) -> StatusText:
    """Return the section at `place`, and the percentage and the minutes left at `end`.

    `end` is the end of what is on the screen.
    """
    percentage = f"{int(100 * open_story.compute_fraction(end))} %"
    parts = [percentage]
    if open_story.is_growing:  # a notice leaves this on the right too
        parts = [percentage := f"{percentage}{HINT_SEPARATOR}{GROWING_MESSAGE}"]
    elif entry.status is ReadStatus.FINISHED:
        parts.append("finished")
    elif open_story.word_count is not None and end < open_story.document.end:
        words = round((1 - open_story.compute_fraction(end)) * open_story.word_count)
        parts.append(format_time_to_go(words, entry.pace))
    if skipped := _format_skipped(open_story, end):
        parts.append(skipped)
    heading = open_story.document.find_heading_at(place)
    title = get_short_title(heading) if heading else open_story.story.title
    return StatusText(title, HINT_SEPARATOR.join(parts), percentage)


def _format_skipped(open_story: OpenStory, place: Place) -> str:
    """Return the number of skipped parts if `place` is the end of the story, else nothing."""
    if not open_story.is_complete or place < open_story.document.end:
        return ""
    count = len(open_story.find_skipped())
    return f"{count} part{'s' if count > 1 else ''} skipped" if count else ""


def describe_shelf(
    counts: ShelfCounts,
    hints: Sequence[str],
    columns: int,
    filtered: str = "",
    tick_count: int = 0,
) -> StatusText:
    """Return the numbers of stories and of files that can't be read, and what keys do.

    `filtered` says how many of all these a filter has left, empty without one. `tick_count` is the
    number of those that are ticked.
    As many of `hints` are shown as fit in `columns` cells; those for a story only if there is one.
    """
    left = filtered or format_story_count(*counts)
    if tick_count:
        left = f"{tick_count} ticked{HINT_SEPARATOR}{left}"
    shown = [hint for hint in hints if hint]
    if not any(counts):
        shown = shown[-EMPTY_SHELF_HINTS:]
    room = columns - sum(SHELF_MARGIN_CELLS) - count_cells(left) - MIN_GAP_CELLS
    while len(shown) > 1 and count_cells(HINT_SEPARATOR.join(shown)) > room:
        del shown[0 if len(shown) > EMPTY_SHELF_HINTS else -1]  # the help's is the last to go
    return StatusText(left, HINT_SEPARATOR.join(shown))


class StatusNotice(NamedTuple):
    """What takes the place of the text on the left; either may be empty."""

    text: str
    problem: str
    """Why nothing is being saved. It is shown while there is no other notice."""


def describe_notice(notice: StatusNotice, texts: StatusText) -> tuple[str, tuple[str, str, str]]:
    """Return the text on the left, and those for the right: the whole, a short one, the percentage.

    `texts` is what the status bar shows without a notice.
    """
    left, right, percentage = texts
    if not notice.text:
        if notice.problem:
            left = shorten_home(f"Nothing is being saved: {notice.problem}")
        return left, (right, percentage, percentage)
    mark = UNSAVED_MARK if notice.problem and UNSAVED_MARK not in notice.text else ""
    whole, short = (HINT_SEPARATOR.join(filter(None, (mark, text))) for text in (right, percentage))
    return shorten_home(notice.text), (whole, short, percentage)


def draw_notice(
    notice: StatusNotice,
    texts: StatusText,
    style: TextStyle,
    cells: int,
    margins: tuple[int, int],
) -> Row:
    """Return the status bar, so many cells wide, with a notice.

    `texts` is what it shows without, and `margins` the blank cells outside of the notice and the
    text on its right.
    """
    left, rights = describe_notice(notice, texts)
    room = cells - margins[0] - NOTICE_MARGIN_CELLS - count_cells(rights[1]) - 2
    if count_cells(left) > room:
        left = drop_folders(left)
    right, sides = choose_sides(left, rights, cells, margins)
    return draw_two_sided(left, right, style, cells, sides)


def choose_sides(
    notice: str, rights: tuple[str, str, str], cells: int, margins: tuple[int, int]
) -> tuple[str, tuple[int, int]]:
    """Return what stands on the right of a notice, and the blank cells outside of both.

    `rights` are the whole text on the right, a short one and the percentage alone, which is never
    left out. The notice begins where it always does, and the first one beside which it fits is
    taken. A long notice goes on to the end of the row; what is too long then will be cut.
    """
    start, end = margins
    edge = min(end, NOTICE_MARGIN_CELLS)
    needed = count_cells(notice) + 2 + start
    full, short, percentage = rights
    for right, margin in ((full, end), (short, end), (short, edge), (percentage, edge)):
        if needed + count_cells(right) <= cells - margin:
            return right, (start, margin)
    has_room = cells - start - edge - count_cells(short) - 2 >= MIN_MARKED_CELLS
    return short if has_room else percentage, (start, edge)


def format_story_count(stories: int, unreadable: int = 0) -> str:
    """Return the numbers of stories and of files that can't be read, in words."""
    parts = ["1 story" if stories == 1 else f"{stories or 'no'} stories"]
    if unreadable and not stories:
        parts = []
    if unreadable:
        parts.append(f"{unreadable} file{'s' if unreadable > 1 else ''} can't be read")
    return " · ".join(parts)
