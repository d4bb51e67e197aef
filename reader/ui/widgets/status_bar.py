"""The status bar: one row with the reader's position, or a message for a moment."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from textual.widget import Widget

from reader.reading.progress import Mark
from reader.session.read_status import Change
from reader.text.cells import width
from reader.ui.page.rendering import strip_between
from reader.ui.theme import Look, look_of

if TYPE_CHECKING:
    from textual.strip import Strip
    from textual.timer import Timer

    from reader.session.annotations import Deed
    from reader.session.open_story import Visit
    from reader.session.session import Entry
    from reader.text.document import Place
    from reader.ui.page.page import Page


LASTING: Final = 6.0
"""Seconds that a line of news stands."""
NEWS_MARGINS: Final = (1, 1)
"""Cells beside news that are too long for the column."""


class Status(Widget):
    """One row of text, aligned with the column of the page."""

    ALLOW_SELECT = False

    def __init__(self) -> None:
        super().__init__()
        self._left = self._right = self._news = ""
        self._margins = (0, 0)
        self._look: Look | None = None
        self._timer: Timer | None = None

    def put(self, left: str, right: str, margins: tuple[int, int]) -> None:
        """Show `left` and `right` between `margins` (cells)."""
        if (left, right, margins) != (self._left, self._right, self._margins):
            self._left, self._right, self._margins = left, right, margins
            self.refresh()

    def follow(self, visit: Visit, entry: Entry, page: Page, columns: int) -> None:
        """Say where `page` is: its section, percent, minutes left, and a number just typed."""
        heading = visit.document.heading_at(page.place)
        said = [str(page.count.number)] if page.count.number else []
        if page.lights.finding is not None:
            said.append(str(page.lights.finding))
        said.append(f"{int(100 * visit.part_before(page.in_view[1]))} %")
        if entry.mark is Mark.FINISHED:
            said.append("finished")
        elif visit.total is not None:
            said.append(entry.left)
        if parts := _skipped(visit, page.in_view[1]):
            said.append(parts)
        offset, measure = page.column
        offset += page.region.x
        margins = (offset, max(0, columns - offset - measure))
        self.put(heading.text if heading else visit.story.title, " · ".join(said), margins)

    def tell(self, news: str) -> None:
        """Show one line of news for a few seconds in place of the left text."""
        home = os.environ.get("HOME", "")
        self._news = news.replace(home, "~") if len(home) > 1 else news
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(LASTING, self._forget)
        self.refresh()

    @property
    def is_telling(self) -> bool:
        """A line of news stands there."""
        return bool(self._news)

    def _forget(self) -> None:
        self._news, self._timer = "", None
        self.refresh()

    @property
    def text(self) -> str:
        """What the line says, as plain text."""
        return f"{self._news or self._left}  {self._right}".strip()

    def notify_style_update(self) -> None:
        """Take the theme's colours anew."""
        super().notify_style_update()
        self._look = None

    def render_line(self, y: int) -> Strip:
        """Draw the line."""
        self._look = look = self._look or look_of(self)
        cells = self.size.width
        if not self._news:
            return strip_between(self._left, self._right, look.dim, cells, self._margins)
        fits = width(self._news) + width(self._right) + 2 <= cells - sum(self._margins)
        if fits:
            return strip_between(self._news, self._right, look.ink, cells, self._margins)
        return strip_between(self._news, "", look.ink, cells, NEWS_MARGINS)


def _skipped(visit: Visit, behind: Place) -> str:
    """Return how it is said, where the text ends, that parts of it were passed over."""
    if not visit.document.complete or behind < visit.document.end:
        return ""
    parts = len(visit.skipped())
    return f"{parts} part{'s' if parts > 1 else ''} skipped" if parts else ""


def told(change: Change) -> str:
    """Return how it is said that a mark was set, and how to take it back."""
    words = {Mark.FINISHED: "Finished", Mark.READING: "Begun", Mark.UNREAD: "Unread again"}
    return f"{words[change.mark]}: {change.story.title} (U takes it back)"


def taken_back(change: Change | Deed | None) -> str:
    """Return how it is said that a mark, or what the reader added, was taken back."""
    if change is None:
        return "There is nothing to take back."
    if not isinstance(change, Change):
        return _undone(change)
    return f"{change.story.title}: {change.before} again."


def _undone(deed: Deed) -> str:
    before, after, what = deed.before, deed.after, deed.what
    kind = "response" if what.quote is None else "quote"
    if before is None or after is None:
        came = "is there again" if after is None else "is taken back"
        return f"{what.title}: the {kind} {came}."
    is_remark = before.quote is not None and before.words != after.words
    if is_remark:
        kind = "remark"
    return f"{what.title}: the {kind} is as it was."
