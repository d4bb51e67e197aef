"""The status bar: one row with the position in the story, or a notice for a few seconds.

While nothing is being saved, it says so. Also the wording of notices about status and annotation changes.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from textual.message import Message
from textual.widget import Widget

from reader.drawing.pieces import draw_two_sided
from reader.reading.progress import ReadStatus, format_time_to_go
from reader.session.read_status import StatusChange
from reader.text.cells import count_cells
from reader.text.places import get_heading_title
from reader.ui.commands import format_first_key
from reader.ui.theme import make_strip, make_styles

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.strip import Strip
    from textual.timer import Timer

    from reader.drawing.pieces import Row
    from reader.drawing.styles import Styles
    from reader.reading.annotations import AnnotationChange
    from reader.session.open_story import OpenStory
    from reader.session.reading_list import ShelfEntry
    from reader.session.session import Session
    from reader.text.document import Place
    from reader.ui.page.page import Page


NOTICE_SECONDS: Final = 6.0
"""Seconds that a notice is shown."""
NOTICE_MARGIN_CELLS: Final = (1, 1)
"""Blank cells left and right of a notice that is too long for the column."""
MIN_PROBLEM_CELLS: Final = 30
"""Cells for the line that nothing is being saved; with fewer, it gets the whole row."""
UNSAVED_MESSAGE: Final = "not saved yet"
"""What the notice of a change says while nothing is being saved."""
UNSAVED_MARK: Final = "not saved"
"""Stands on the right beside a notice while nothing is being saved."""


GROWING_MESSAGE: Final = "more is coming"
"""Stands on the right while more of the text may come through a pipe."""
SHELF_HINTS: Final = (
    ("to-page", "read"),
    ("mark", "finished"),
    ("leave", "quit"),
    ("help", "keys"),
)
"""The commands whose keys are shown on the shelf. A narrow terminal has the last ones only."""
HINT_SEPARATOR: Final = " · "
SHELF_MARGIN_CELLS: Final = (2, 2)
MIN_GAP_CELLS: Final = 4
"""Blank cells at least between the number of stories and the keys."""


class CommandRequested(Message):
    """The reader clicked the hint of a command, or chose it in the help."""

    def __init__(self, command_id: str) -> None:
        super().__init__()
        self.command_id = command_id


class StatusBar(Widget):
    """One row of text, aligned with the column of the page."""

    ALLOW_SELECT = False

    def __init__(self, keymap: Mapping[str, str], *, has_seen_help: bool = True) -> None:
        super().__init__()
        self.hint = "" if has_seen_help else _format_hint("help", "keys", keymap)
        """Shown at the end of the row on the page until the help was opened once."""
        self._shelf_hints = [_format_hint(*hint, keymap) for hint in SHELF_HINTS]
        self._left = self._right = self._notice = self._problem = ""
        self._margins = (0, 0)
        self._text_styles: Styles | None = None
        self._timer: Timer | None = None

    def set_text(self, left: str, right: str, margins: tuple[int, int]) -> None:
        """Show `left` and `right` between blank `margins` (cells)."""
        if (left, right, margins) != (self._left, self._right, self._margins):
            self._left, self._right, self._margins = left, right, margins
            self.refresh()

    def show_position(
        self, open_story: OpenStory, entry: ShelfEntry, page: Page, columns: int
    ) -> None:
        """Show the section, percentage and minutes left at the position of `page`.

        A count that is being typed and the number of the match are shown too. `columns` is the
        width of the terminal.
        """
        place = page.visible_range.end
        parts = [str(page.count.number)] if page.count.number else []
        if page.decorations.search_results is not None:
            parts.append(str(page.decorations.search_results))
        parts.append(f"{int(100 * open_story.compute_fraction(place))} %")
        if open_story.is_growing:
            parts.append(GROWING_MESSAGE)
        elif entry.status is ReadStatus.FINISHED:
            parts.append("finished")
        elif open_story.word_count is not None and place < open_story.document.end:
            words = round((1 - open_story.compute_fraction(place)) * open_story.word_count)
            parts.append(format_time_to_go(words, entry.pace))
        if skipped := _format_skipped(open_story, place):
            parts.append(skipped)
        if self.hint and not self._problem:
            parts.append(self.hint)
        offset, measure = page.column
        offset += page.region.x
        margins = (offset, max(0, columns - offset - measure))
        heading = open_story.document.find_heading_at(page.place)
        title = get_heading_title(heading) if heading else open_story.story.title
        self.set_text(title, " · ".join(parts), margins)

    def show_shelf(self, story_count: int, columns: int) -> None:
        """Show the number of stories, and as many keys as fit in `columns` cells."""
        left = f"{story_count} stories" if story_count != 1 else "1 story"
        hints = [hint for hint in self._shelf_hints if hint]
        room = columns - sum(SHELF_MARGIN_CELLS) - count_cells(left) - MIN_GAP_CELLS
        while len(hints) > 1 and count_cells(HINT_SEPARATOR.join(hints)) > room:
            del hints[0]
        self.set_text(left, HINT_SEPARATOR.join(hints), SHELF_MARGIN_CELLS)

    def show_notice(self, notice: str) -> None:
        """Show `notice` instead of the left text for `NOTICE_SECONDS`."""
        self._notice = _shorten_home(notice)
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(NOTICE_SECONDS, self._clear_notice)
        self.refresh()

    def show_session_notices(self, session: Session) -> None:
        """Show why nothing is being saved, for as long as that is so, and the next notice."""
        problem = session.save_problem
        if not problem and (self._problem or UNSAVED_MESSAGE in self._notice):
            self.show_notice("Everything is saved now.")
        if problem != self._problem:
            self._problem = problem
            self.refresh()
        if not self._notice and (notice := session.next_notice()) is not None:
            self.show_notice(notice)

    @property
    def has_notice(self) -> bool:
        """Whether a notice is shown."""
        return bool(self._notice)

    def _clear_notice(self) -> None:
        self._notice, self._timer = "", None
        self.refresh()

    @property
    def text(self) -> str:
        """What is shown, as plain text."""
        left, right = self._get_sides()
        return f"{left}  {right}".strip()

    def _get_sides(self) -> tuple[str, str]:
        """Return the text on the left and on the right."""
        if self._notice:
            is_marked = self._problem and UNSAVED_MARK not in self._notice
            return self._notice, UNSAVED_MARK if is_marked else self._right
        if self._problem:
            return _shorten_home(f"Nothing is being saved: {self._problem}"), self._right
        return self._left, self._right

    def notify_style_update(self) -> None:
        """Use the colours of another theme."""
        super().notify_style_update()
        self._text_styles = None

    def render_line(self, y: int) -> Strip:
        """Draw the row."""
        self._text_styles = styles = self._text_styles or make_styles(self)
        return make_strip(self._draw_row(styles, self.size.width))

    def _draw_row(self, styles: Styles, cells: int) -> Row:
        left, right = self._get_sides()
        if not self._notice and not self._problem:
            return draw_two_sided(left, right, styles.dim, cells, self._margins)
        fits = count_cells(left) + count_cells(right) + 2 <= cells - sum(self._margins)
        if fits:
            return draw_two_sided(left, right, styles.base, cells, self._margins)
        if right != UNSAVED_MARK and (
            self._notice or cells - count_cells(right) - 4 < MIN_PROBLEM_CELLS
        ):
            right = ""
        return draw_two_sided(left, right, styles.base, cells, NOTICE_MARGIN_CELLS)


def _format_hint(command_id: str, word: str, keymap: Mapping[str, str]) -> str:
    """Return the first key of a command and a word for it; empty if it has no key."""
    key = format_first_key(command_id, keymap)
    return f"{key} {word}" if key else ""


def _shorten_home(text: str) -> str:
    home = os.environ.get("HOME", "")
    return text.replace(home, "~") if len(home) > 1 else text


def _format_skipped(open_story: OpenStory, place: Place) -> str:
    """Return the number of skipped parts if `place` is the end of the story, else nothing."""
    if not open_story.is_complete or place < open_story.document.end:
        return ""
    count = len(open_story.find_skipped())
    return f"{count} part{'s' if count > 1 else ''} skipped" if count else ""


def format_change(change: StatusChange, *, is_saved: bool = True) -> str:
    """Return the notice that the read status of a story changed."""
    words = {
        ReadStatus.FINISHED: "Finished",
        ReadStatus.READING: "Started",
        ReadStatus.UNREAD: "Unread again",
    }
    return f"{words[change.status]}{format_unsaved(is_saved)}: {change.story.title} (U undoes it)"


def format_unsaved(is_saved: bool) -> str:
    """Return the words that follow what was done if it is not saved."""
    return "" if is_saved else f", {UNSAVED_MESSAGE}"


def format_undo(change: StatusChange | AnnotationChange | None, *, is_saved: bool = True) -> str:
    """Return the notice that `change` was undone; None means that there was no change."""
    if change is None:
        return "There is nothing to undo."
    if not isinstance(change, StatusChange):
        title, result = change.annotation.title, _format_annotation_undo(change)
    else:
        title, result = change.story.title, f"{change.status_before} again"
    return f"{title}: {result}{format_unsaved(is_saved)}."


def _format_annotation_undo(change: AnnotationChange) -> str:
    before, after, annotation = change.before, change.after, change.annotation
    kind = "response" if annotation.highlight is None else "highlight"
    if before is None:
        result = "removed"
    elif after is None:
        result = "restored"
    else:
        result = "changed back"
        if before.highlight is not None and before.text != after.text:
            kind = "note"
    return f"the {kind} is {result}"
