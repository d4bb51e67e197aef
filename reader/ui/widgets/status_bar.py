"""The status bar: one row with the reader's position, or a message for a moment."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from textual.widget import Widget

from reader.reading.progress import ReadStatus
from reader.session.read_status import StatusChange
from reader.text.cells import cell_width
from reader.ui.page.rendering import draw_two_sided
from reader.ui.theme import Styles, make_styles

if TYPE_CHECKING:
    from textual.strip import Strip
    from textual.timer import Timer

    from reader.session.annotations import AnnotationChange
    from reader.session.open_story import OpenStory
    from reader.session.session import ShelfEntry
    from reader.text.document import Place
    from reader.ui.page.page import Page


NOTICE_SECONDS: Final = 6.0
"""Seconds that a line of news stands."""
NOTICE_MARGIN_CELLS: Final = (1, 1)
"""Cells beside news that are too long for the column."""


class StatusBar(Widget):
    """One row of text, aligned with the column of the page."""

    ALLOW_SELECT = False

    def __init__(self) -> None:
        super().__init__()
        self._left = self._right = self._notice = ""
        self._margins = (0, 0)
        self._text_styles: Styles | None = None
        self._timer: Timer | None = None

    def set_text(self, left: str, right: str, margins: tuple[int, int]) -> None:
        """Show `left` and `right` between `margins` (cells)."""
        if (left, right, margins) != (self._left, self._right, self._margins):
            self._left, self._right, self._margins = left, right, margins
            self.refresh()

    def show_position(
        self, open_story: OpenStory, entry: ShelfEntry, page: Page, columns: int
    ) -> None:
        """Say where `page` is: its section, percent, minutes left, and a number just typed."""
        heading = open_story.document.find_heading_at(page.place)
        said = [str(page.count.number)] if page.count.number else []
        if page.decorations.search_results is not None:
            said.append(str(page.decorations.search_results))
        said.append(f"{int(100 * open_story.compute_fraction(page.visible_range[1]))} %")
        if entry.status is ReadStatus.FINISHED:
            said.append("finished")
        elif open_story.word_count is not None:
            said.append(entry.time_left)
        if parts := _format_skipped(open_story, page.visible_range[1]):
            said.append(parts)
        offset, measure = page.column
        offset += page.region.x
        margins = (offset, max(0, columns - offset - measure))
        self.set_text(
            heading.text if heading else open_story.story.title, " · ".join(said), margins
        )

    def show_notice(self, notice: str) -> None:
        """Show one line of news for a few seconds in place of the left text."""
        home = os.environ.get("HOME", "")
        self._notice = notice.replace(home, "~") if len(home) > 1 else notice
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(NOTICE_SECONDS, self._clear_notice)
        self.refresh()

    @property
    def has_notice(self) -> bool:
        """A line of news stands there."""
        return bool(self._notice)

    def _clear_notice(self) -> None:
        self._notice, self._timer = "", None
        self.refresh()

    @property
    def text(self) -> str:
        """What the line says, as plain text."""
        return f"{self._notice or self._left}  {self._right}".strip()

    def notify_style_update(self) -> None:
        """Take the theme's colours anew."""
        super().notify_style_update()
        self._text_styles = None

    def render_line(self, y: int) -> Strip:
        """Draw the line."""
        self._text_styles = look = self._text_styles or make_styles(self)
        cells = self.size.width
        if not self._notice:
            return draw_two_sided(self._left, self._right, look.dim, cells, self._margins)
        fits = cell_width(self._notice) + cell_width(self._right) + 2 <= cells - sum(self._margins)
        if fits:
            return draw_two_sided(self._notice, self._right, look.base, cells, self._margins)
        return draw_two_sided(self._notice, "", look.base, cells, NOTICE_MARGIN_CELLS)


def _format_skipped(open_story: OpenStory, behind: Place) -> str:
    """Return how it is said, where the text ends, that parts of it were passed over."""
    if not open_story.document.is_complete or behind < open_story.document.end:
        return ""
    parts = len(open_story.find_skipped())
    return f"{parts} part{'s' if parts > 1 else ''} skipped" if parts else ""


def format_change(change: StatusChange) -> str:
    """Return how it is said that a mark was set, and how to take it back."""
    words = {
        ReadStatus.FINISHED: "Finished",
        ReadStatus.READING: "Begun",
        ReadStatus.UNREAD: "Unread again",
    }
    return f"{words[change.status]}: {change.story.title} (U takes it back)"


def format_undo(change: StatusChange | AnnotationChange | None) -> str:
    """Return how it is said that a mark, or what the reader added, was taken back."""
    if change is None:
        return "There is nothing to take back."
    if not isinstance(change, StatusChange):
        return _format_annotation_undo(change)
    return f"{change.story.title}: {change.before} again."


def _format_annotation_undo(change: AnnotationChange) -> str:
    before, after, what = change.before, change.after, change.annotation
    kind = "response" if what.highlight is None else "quote"
    if before is None or after is None:
        came = "is there again" if after is None else "is taken back"
        return f"{what.title}: the {kind} {came}."
    is_remark = before.highlight is not None and before.text != after.text
    if is_remark:
        kind = "remark"
    return f"{what.title}: the {kind} is as it was."
