"""The status bar: one row with the position in the story, or a notice for a few seconds.

While nothing is being saved, it says so. `ui.widgets.notices` has the wording of many notices.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from textual.message import Message
from textual.widget import Widget

from reader.drawing.hints import HINT_SEPARATOR, Hint, find_hint, fit_hints, format_hints
from reader.drawing.pieces import draw_two_sided
from reader.drawing.status import (
    FILTERED_SHELF_HINTS,
    MIN_GAP_CELLS,
    PAGE_HINT,
    SHELF_HINTS,
    SHELF_MARGIN_CELLS,
    TICKED_SHELF_HINTS,
    StatusNotice,
    StatusText,
    describe_notice,
    describe_position,
    describe_shelf,
    draw_notice,
)
from reader.text.cells import count_cells
from reader.ui.commands import format_first_key, format_hint
from reader.ui.theme import make_strip, make_styles
from reader.ui.widgets.notices import UNSAVED_MESSAGE, NoticeKeys

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from textual import events
    from textual.strip import Strip
    from textual.timer import Timer

    from reader.drawing.pieces import Row
    from reader.drawing.styles import Styles
    from reader.session import Notice
    from reader.session.open_story import OpenStory
    from reader.session.session import Session
    from reader.session.shelf.entries import ShelfEntry
    from reader.session.shelf.sections import ShelfCounts
    from reader.ui.page.page import Page


NOTICE_SECONDS: Final = 6.0
"""Seconds that a notice is shown."""
MIN_NOTICE_SECONDS: Final = 2.0
"""Seconds that a notice of the session is shown at least, even if the story changes."""


SELECTION_HINTS: Final = (("copy-paragraph", "copy"), ("highlight", "highlight"), ("note", "note"))
"""The commands whose keys are shown while text is selected."""


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
        self.hint = "" if has_seen_help else format_hint(*PAGE_HINT, keymap)
        """Shown at the end of the row on the page until the help was opened once."""
        self.keys = NoticeKeys(
            *(
                format_first_key(command, keymap)
                for command in ("undo", "note", "highlight", "hide", "to-page")
            )
        )
        self._shelf_hints = [format_hint(*hint, keymap) for hint in SHELF_HINTS]
        self._ticked_hints = [format_hint(*hint, keymap) for hint in TICKED_SHELF_HINTS]
        self._filtered_hints = [format_hint(*hint, keymap) for hint in FILTERED_SHELF_HINTS]
        self._selection_hints = make_hints(SELECTION_HINTS, keymap)
        self._hints = [
            *make_hints(FILTERED_SHELF_HINTS, keymap),
            *make_hints(TICKED_SHELF_HINTS, keymap),
            *self._selection_hints,
        ]
        """All hints that the row may show."""
        self._left = self._right = self._notice = self._problem = ""
        self._percentage = ""
        """The part on the right that is always shown; empty on the shelf."""
        self._margins = self._notice_margins = (0, 0)
        """The blank cells outside of the texts, and of a notice and the text on its right."""
        self._session_notice: Notice | None = None
        """The notice that is shown, if it came from the session."""
        self._interrupted: Notice | None = None
        """A notice that another one has replaced too soon."""
        self._notice_start = 0.0
        self._story_path: Path | None = None
        self._text_styles: Styles | None = None
        self._timer: Timer | None = None

    def set_text(
        self,
        left: str,
        right: str,
        margins: tuple[int, int],
        notice_margins: tuple[int, int] | None = None,
    ) -> None:
        """Show `left` and `right` between blank `margins` (cells); a notice may have others."""
        notice_margins = notice_margins or margins
        before = self._left, self._right, self._margins, self._notice_margins
        if (left, right, margins, notice_margins) != before:
            self._left, self._right = left, right
            self._margins, self._notice_margins = margins, notice_margins
            self.refresh()

    def show_position(
        self, open_story: OpenStory, entry: ShelfEntry, page: Page, columns: int
    ) -> None:
        """Show the section, percentage and minutes left at the position of `page`.

        A count that is being typed and the number of the match are shown too. `columns` is the
        width of the terminal.
        """
        parts = [str(page.count.number)] if page.count.number else []
        if page.decorations.search_results is not None:
            parts.append(str(page.decorations.search_results))
        title, position, self._percentage = describe_position(
            open_story, entry, page.place, page.visible_range.end
        )
        hint = [self.hint] if self.hint and not self._problem else []
        right = HINT_SEPARATOR.join((*parts, position, *hint))
        if page.selection is not None:
            room = page.column[1] - count_cells(right) - 2
            title = format_hints(fit_hints(self._selection_hints, room)) or title
        self.set_text(title, right, _find_margins(page, columns))

    def show_shelf(
        self,
        counts: ShelfCounts,
        columns: int,
        page: Page,
        filtered: str,
        tick_count: int,
    ) -> None:
        """Show the numbers of stories and of files that can't be read, and what keys do.

        `filtered` says how many of them a filter has left, empty without one. While `page` is
        beside the shelf, a notice begins where it does on the page.
        """
        hints = self._filtered_hints if filtered else self._shelf_hints
        if tick_count:
            hints = self._ticked_hints
        left, right, self._percentage = describe_shelf(counts, hints, columns, filtered, tick_count)
        is_beside = page.display and page.region.x > 0
        margins = (_find_margins(page, columns)[0], SHELF_MARGIN_CELLS[1]) if is_beside else None
        self.set_text(left, right, SHELF_MARGIN_CELLS, margins)

    def show_line(self, left: str, hints: str, columns: int, *, short: str = "") -> None:
        """Show what the line above is for, or what is wrong with it, and what keys do.

        `short` takes the place of `left` if the keys have no room beside that.
        """
        room = columns - sum(SHELF_MARGIN_CELLS) - MIN_GAP_CELLS - count_cells(hints)
        shown = next((text for text in (left, short) if text and count_cells(text) <= room), "")
        self.set_text(shown or left, hints if shown else "", SHELF_MARGIN_CELLS)

    def show_notice(self, notice: str) -> None:
        """Show `notice` instead of the left text for `NOTICE_SECONDS`.

        A notice of the session that was hardly shown yet comes back afterwards.
        """
        if self._is_new():
            self._interrupted = self._session_notice
        self._set_notice(notice)

    def _set_notice(self, text: str, session_notice: Notice | None = None) -> None:
        self._notice, self._session_notice = text, session_notice
        self._notice_start = time.monotonic()
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(NOTICE_SECONDS, self.clear_notice)
        self.refresh()

    def _is_new(self) -> bool:
        """Return whether a notice of the session, about no story, has only just been shown."""
        is_lasting = self._session_notice is not None and self._session_notice.story_path is None
        return is_lasting and time.monotonic() - self._notice_start < MIN_NOTICE_SECONDS

    def follow_story(self, path: Path) -> None:
        """Remove the notice if another story than the one at `path` was shown until now."""
        before, self._story_path = self._story_path, path
        if before not in (None, path) and self._notice and not self._is_new():
            self.clear_notice()

    def show_session_notices(self, session: Session) -> None:
        """Show why nothing is being saved, for as long as that is so, and the next notice."""
        problem = session.save_problem
        if not problem and (self._problem or UNSAVED_MESSAGE in self._notice):
            self.show_notice("Everything is saved now.")
        if problem != self._problem:
            self._problem = problem
            self.refresh()
        if not self._notice:
            notice, self._interrupted = self._interrupted or session.take_notice(), None
            if notice is not None:
                self._set_notice(notice.text, notice)

    @property
    def has_notice(self) -> bool:
        """Whether a notice is shown."""
        return bool(self._notice)

    def clear_notice(self) -> None:
        """Show the position or the number of stories again instead of a notice."""
        if self._timer is not None:
            self._timer.stop()
        self._notice, self._session_notice, self._timer = "", None, None
        self.refresh()

    @property
    def text(self) -> str:
        """What is shown, as plain text."""
        left, right = self._get_sides()
        return f"{left}  {right}".strip()

    def _get_sides(self) -> tuple[str, str]:
        """Return the text on the left and on the right."""
        texts = StatusText(self._left, self._right, self._percentage)
        left, rights = describe_notice(StatusNotice(self._notice, self._problem), texts)
        return left, rights[0]

    def on_click(self, event: events.Click) -> None:
        """Request the command whose hint was clicked."""
        row = self._draw_row(make_styles(self), self.size.width)
        text = "".join(piece.text for piece in row)
        hint = find_hint(text, self._hints, event.get_content_offset_capture(self).x)
        if hint is not None:
            self.post_message(CommandRequested(hint.action))

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
        texts = StatusText(self._left, self._right, self._percentage)
        notice = StatusNotice(self._notice, self._problem)
        return draw_notice(notice, texts, styles.base, cells, self._notice_margins)


def _find_margins(page: Page, columns: int) -> tuple[int, int]:
    """Return the blank cells on both sides of the column of `page` in the terminal."""
    offset, measure = page.column
    offset += page.region.x
    return offset, max(0, columns - offset - measure)


def make_hints(commands: Sequence[tuple[str, str]], keymap: Mapping[str, str]) -> list[Hint]:
    """Return the hints of commands with a word for each, with the keys of `keymap`.

    A command without a key has no hint.
    """
    keys = [format_first_key(command_id, keymap) for command_id, _ in commands]
    return [
        Hint(key, word, command_id)
        for key, (command_id, word) in zip(keys, commands, strict=True)
        if key
    ]
