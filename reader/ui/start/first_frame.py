"""The first frame: what the app will show, drawn before Textual is loaded.

It is drawn by the functions that the widgets use, from the same values. Where something is not
known without Textual, no frame is drawn.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.drawing.early_screen import EARLY_SCREEN
from reader.drawing.escape_codes import (
    Cell,
    Colours,
    encode_cursor,
    encode_row,
    find_colours,
)
from reader.drawing.hints import HINT_SEPARATOR
from reader.drawing.opening import make_measure_settings, show_open_story, show_stop_line
from reader.drawing.page import RowRenderer
from reader.drawing.panes import DrawnPane, Region, join_panes, join_row, lay_out_panes
from reader.drawing.pieces import draw_two_sided
from reader.drawing.shelf import INDENT_CELLS, ShelfRows, draw_empty_row
from reader.drawing.status import (
    PAGE_HINT,
    SHELF_HINTS,
    SHELF_MARGIN_CELLS,
    StatusNotice,
    StatusText,
    describe_position,
    describe_shelf,
    draw_notice,
)
from reader.drawing.styles import TERMINAL, TERMINAL_COLOUR, THEME_COLOURS, Styles, TextStyle
from reader.errors import ReaderError
from reader.layout.lines import DEFAULT_MEASURE
from reader.layout.viewport import Viewport
from reader.render.story_frame import build_tail
from reader.ui.commands import format_first_key, format_hint, make_end_card_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from reader.config import Config
    from reader.drawing.panes import PaneLayout
    from reader.drawing.pieces import Row
    from reader.session.open_story import OpenStory
    from reader.session.session import Session


MIN_COLUMNS: Final = 20
MIN_ROWS: Final = 5
MAX_COLUMNS: Final = 500
MAX_ROWS: Final = 200
"""Sizes of the terminals for which a frame is drawn. Others wait for the app."""


class Surroundings(NamedTuple):
    """What a frame depends on besides the session."""

    config: Config
    styles: Styles
    colours: Colours
    columns: int
    rows: int
    keymap: Mapping[str, str] = {}
    """The keys of commands that have others than usual."""


class Frame(NamedTuple):
    """The first frame as text for the terminal."""

    rows: list[str]
    """The text that draws each row, and at last the one that puts the cursor in its place."""
    surroundings: Surroundings
    open_story: OpenStory | None
    """The story on the page."""
    stop_row: int | None
    """The number of the row with the stop line, None if it isn't visible."""
    draw_stop_row: Callable[[Sequence[str]], str]
    """Returns the text of that row with other wordings of the stop line."""
    viewport: Viewport | None
    """The rows of the page that has the focus, None if the shelf has it."""
    redraw: Callable[[], list[str]]
    """Returns what `rows` is after the viewport has moved."""

    @property
    def text(self) -> str:
        """The text that draws the frame."""
        return "".join(self.rows)


def show_first_frame(session: Session, config: Config, theme: str | None) -> Frame | None:
    """Show the first frame and return it, or remove a kept one if it can't be drawn.

    A kept frame is replaced only if it differs. If the reader is on the shelf and the page beside
    it is shown, the first story is opened for it.
    """
    try:
        surroundings = find_surroundings(config, theme)
        if surroundings is None:
            frame = None
        else:
            frame = draw_frame(session, surroundings, list_shelf(session, surroundings))
    except Exception:  # noqa: BLE001  the app draws the same, and reports what is wrong with it
        frame = None
    if frame is None:
        EARLY_SCREEN.leave()
        return None
    return frame if show_rows(frame.rows) else None


def show_rows(rows: Sequence[str]) -> bool:
    """Show the rows of a frame on the terminal; return whether that can be done."""
    encoding = os.device_encoding(1) or "utf-8"
    return EARLY_SCREEN.show("".join(rows).encode(encoding, "replace"))


def find_surroundings(
    config: Config, theme: str | None, environment: Mapping[str, str] = os.environ
) -> Surroundings | None:
    """Return what a frame depends on; None where that isn't known, or Textual is needed for it."""
    colours = find_colours(environment)
    styles = _make_styles(theme, config, colours)
    try:
        columns, rows = os.get_terminal_size(1)
    except OSError:
        return None
    has_size = MIN_COLUMNS <= columns <= MAX_COLUMNS and MIN_ROWS <= rows <= MAX_ROWS
    # Textual's filters change colours.
    if styles is None or not has_size or environment.get("TEXTUAL_FILTERS"):
        return None
    return Surroundings(config, styles, colours, columns, rows, _find_keymap(config))


def _find_keymap(config: Config) -> Mapping[str, str]:
    if not config.keys:
        return {}
    from reader.ui.keys import check_keymap  # few readers need it

    return check_keymap(config.keys)[0]


def _make_styles(theme: str | None, config: Config, colours: Colours) -> Styles | None:
    """Return the styles of a theme on this terminal; None for a theme of Textual's, or none."""
    if theme is None:
        return None
    if theme == TERMINAL or colours in (Colours.NONE, Colours.SIXTEEN):
        return Styles(TextStyle(), None)
    own = next((each for each in THEME_COLOURS if each.name == theme), None)
    if own is None:
        return None
    transparent = bool(config.transparent)
    background = TERMINAL_COLOUR if transparent else own.background
    return Styles(TextStyle(own.foreground, background), own.text, transparent=transparent)


def list_shelf(session: Session, surroundings: Surroundings) -> ShelfRows | None:
    """List the stories for a frame; return None if it shows no shelf."""
    if _lay_out(session, surroundings).shelf is None:
        return None
    part = session.shelf_list.part
    if part is not None:
        return ShelfRows(part.sections, part.facts)
    listing = session.shelf_list.list_at_once()
    return ShelfRows(listing.sections, listing.facts)


def _lay_out(session: Session, surroundings: Surroundings) -> PaneLayout:
    is_on_page = session.current is not None
    return lay_out_panes(surroundings.columns, surroundings.rows, is_on_page=is_on_page)


def draw_frame(
    session: Session,
    surroundings: Surroundings,
    shelf: ShelfRows | None,
    now: datetime | None = None,
) -> Frame | None:
    """Return the frame at a time; None if what the app will show isn't known.

    `shelf` is what `list_shelf` has just returned.
    """
    styles = surroundings.styles
    current = session.current
    layout = _lay_out(session, surroundings)
    first = shelf.get_entry(0) if shelf is not None else None
    if current is None and first is None:
        return None
    try:
        open_story = current
        if open_story is None and first is not None and layout.page is not None:
            open_story = session.preview = session.make_open_job(first.story).run()
    except ReaderError:
        return None
    if open_story is not None and open_story.is_growing:
        return None
    panes: list[DrawnPane] = []
    cursor = Cell(0, 0)
    if layout.shelf is not None and shelf is not None:
        index = shelf.indices.get(current.story.location, 0) if current is not None else 0
        pane, cursor = _draw_shelf(shelf, index, layout.shelf, styles, current is None)
        panes.append(pane)
    page = None
    if layout.page is not None and open_story is not None:
        page = _Page(session, surroundings, open_story, layout.page, now)
    screen = _Screen(session, surroundings, panes, page, cursor)
    viewport = page.viewport if page is not None and current is not None else None
    drawn = page.draw() if page is not None else None
    return Frame(
        screen.draw(drawn),
        surroundings,
        open_story,
        *screen.make_stop_row(drawn),
        viewport,
        lambda: screen.draw(page.draw() if page is not None else None),
    )


class _Screen(NamedTuple):
    """What a frame shows around the page."""

    session: Session
    surroundings: Surroundings
    panes: Sequence[DrawnPane]
    """The shelf, if it is shown."""
    page: _Page | None
    cursor: Cell
    """The cell of the cursor while the shelf has the focus."""

    def draw(self, drawn: _DrawnPage | None) -> list[str]:
        """Return the text of each row, and at last the one that puts the cursor in its place."""
        session, surroundings = self.session, self.surroundings
        panes = [*self.panes, *([drawn.pane] if drawn is not None else [])]
        cursor = self.cursor
        if drawn is not None and session.current is not None:
            status, cursor = drawn.status, drawn.cursor
        else:
            status = _draw_shelf_status(session, surroundings, self.page)
        rows = join_panes(
            panes, surroundings.columns, surroundings.rows - 1, surroundings.styles.base
        )
        texts = [encode_row(y, row, surroundings.colours) for y, row in enumerate([*rows, status])]
        return [*texts, encode_cursor(cursor)]

    def make_stop_row(
        self, drawn: _DrawnPage | None
    ) -> tuple[int | None, Callable[[Sequence[str]], str]]:
        """Return the row of the screen with the stop line, and the function that draws it."""
        if drawn is None or drawn.stop_row is None:
            return None, lambda _: ""
        region, y, surroundings = drawn.pane.region, drawn.stop_row, self.surroundings
        draw_stop_row = drawn.draw_stop_row

        def draw(messages: Sequence[str]) -> str:
            rows = [*drawn.pane.rows]
            rows[y] = draw_stop_row(messages)
            shown = [*self.panes, DrawnPane(region, rows)]
            row = join_row(shown, region.y + y, surroundings.columns, surroundings.styles.base)
            return encode_row(region.y + y, row, surroundings.colours)

        return region.y + y, draw


def _draw_shelf(
    shelf: ShelfRows, index: int, region: Region, styles: Styles, is_focused: bool
) -> tuple[DrawnPane, Cell]:
    """Return the shelf with the cursor on an entry, and the cell of the cursor."""
    if not shelf.items:
        from reader.render.empty_shelf import explain_empty_shelf  # few libraries are so large

        text = explain_empty_shelf((), is_pending=True)
        blank = [draw_empty_row(row, text, styles, region.width) for row in range(region.height)]
        return DrawnPane(region, blank), Cell(region.x, region.y)
    top = shelf.find_top_row(index, region.height)
    rows = [
        shelf.draw_row(row, styles, region.width, index, is_focused=is_focused)
        for row in range(top, top + region.height)
    ]
    cursor = Cell(region.x + INDENT_CELLS, region.y + shelf.find_row(index) - top)
    return DrawnPane(region, rows), cursor


class _DrawnPage(NamedTuple):
    """The page as rows, and what the screen around it takes from it."""

    pane: DrawnPane
    status: Row
    cursor: Cell
    stop_row: int | None
    """The row of the pane with the stop line."""
    draw_stop_row: Callable[[Sequence[str]], Row]


class _Page:
    """The page of a frame, which can be drawn again after its viewport has moved."""

    def __init__(
        self,
        session: Session,
        surroundings: Surroundings,
        open_story: OpenStory,
        region: Region,
        now: datetime | None,
    ) -> None:
        """Show a story. If the frame shows the shelf, its stories have just been listed."""
        self._session, self._surroundings = session, surroundings
        self._open_story, self._region = open_story, region
        config = surroundings.config
        settings = make_measure_settings(session, config)
        self._measure = settings.fit_to(region.width)
        self._left = (region.width - self._measure) // 2
        self.viewport = viewport = Viewport(DEFAULT_MEASURE)
        viewport.paragraph_style = config.paragraph_style
        self._renderer = RowRenderer(viewport, settings.has_position_mark)
        self._renderer.show_story(open_story)
        show_open_story(viewport, open_story, ())
        start_key = format_first_key("start", surroundings.keymap)
        show_stop_line(viewport, open_story, start_key, now)
        viewport.resize(self._measure, region.height, region.width)
        if open_story.document.is_complete and len(viewport.visible.rows) < region.height:
            self._add_end_card()

    def _add_end_card(self) -> None:
        session, surroundings, open_story = self._session, self._surroundings, self._open_story
        can_respond = open_story.story.is_persistent
        keys = make_end_card_keys(surroundings.keymap, can_respond=can_respond)
        is_listed = _lay_out(session, surroundings).shelf is not None
        end_card = session.make_end_card(open_story, is_listed=is_listed)
        tail = build_tail(open_story.story, open_story.document, end_card, keys)
        self.viewport.replace_tail(tail)

    @property
    def column(self) -> int:
        """The first cell of the column of text on the screen."""
        return self._region.x + self._left

    @property
    def is_beside_shelf(self) -> bool:
        """Whether the shelf is shown too."""
        return self._region.x > 0

    def draw(self) -> _DrawnPage:
        """Return the page as the viewport is now."""
        session, open_story, region = self._session, self._open_story, self._region
        left, styles = self._left, self._surroundings.styles
        renderer, visible = self._renderer, self.viewport.visible
        is_focused = session.current is open_story
        rows = [
            renderer.draw_row(y, styles, left, region.width, is_focused=is_focused)
            for y in range(region.height)
        ]
        x, y = visible.find_cell(self.viewport.scroller.place) or (0, 0)
        stop_row = visible.find_stop_row()

        def draw_stop_row(messages: Sequence[str]) -> Row:
            return renderer.draw_stop_row(stop_row or 0, messages, styles, left, region.width)

        cursor = Cell(self.column + x, region.y + y)
        pane = DrawnPane(region, rows)
        return _DrawnPage(pane, self._draw_status(), cursor, stop_row, draw_stop_row)

    def _draw_status(self) -> Row:
        """Return the status bar with the position in the story."""
        session, surroundings, open_story = self._session, self._surroundings, self._open_story
        place, end = self.viewport.scroller.place, self.viewport.visible.passage.end
        text = describe_position(open_story, session.get_entry(open_story.story), place, end)
        has_hint = not (session.get_choice("help") or session.save_problem)
        hint = format_hint(*PAGE_HINT, surroundings.keymap) if has_hint else ""
        margins = self.column, max(0, surroundings.columns - self.column - self._measure)
        text = text._replace(right=HINT_SEPARATOR.join(filter(None, (text.right, hint))))
        return _draw_status(session, surroundings, text, margins, margins)


def _draw_shelf_status(session: Session, surroundings: Surroundings, page: _Page | None) -> Row:
    hints = [format_hint(*hint, surroundings.keymap) for hint in SHELF_HINTS]
    text = describe_shelf(session.shelf_list.count_shown(), hints, surroundings.columns)
    is_beside = page is not None and page.is_beside_shelf
    notice_start = page.column if page is not None and is_beside else SHELF_MARGIN_CELLS[0]
    notice_margins = notice_start, SHELF_MARGIN_CELLS[1]
    return _draw_status(session, surroundings, text, SHELF_MARGIN_CELLS, notice_margins)


def _draw_status(
    session: Session,
    surroundings: Surroundings,
    text: StatusText,
    margins: tuple[int, int],
    notice_margins: tuple[int, int],
) -> Row:
    """Return the status bar; the app takes the first notice off the queue when it starts."""
    styles, columns = surroundings.styles, surroundings.columns
    notice, problem = session.peek_notice(), session.save_problem
    if notice is None and not problem:
        return draw_two_sided(text.left, text.right, styles.dim, columns, margins)
    shown = StatusNotice(notice.text if notice is not None else "", problem)
    return draw_notice(shown, text, styles.base, columns, notice_margins)
