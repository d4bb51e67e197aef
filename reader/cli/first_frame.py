"""The first frame: what the app will show, drawn before Textual is loaded.

It is drawn by the functions that the widgets use, from the same values. Where something is not
known without Textual, no frame is drawn.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.drawing.early_screen import EARLY_SCREEN
from reader.drawing.escape_codes import Cell, Colours, encode_rows, find_colours
from reader.drawing.hints import HINT_SEPARATOR
from reader.drawing.opening import make_measure_settings, show_open_story, show_stop_line
from reader.drawing.page import RowRenderer
from reader.drawing.panes import DrawnPane, Region, join_panes, lay_out_panes
from reader.drawing.pieces import draw_two_sided
from reader.drawing.shelf import INDENT_CELLS, ShelfRows
from reader.drawing.status import (
    PAGE_HINT,
    SHELF_HINTS,
    SHELF_MARGIN_CELLS,
    describe_position,
    describe_shelf,
)
from reader.drawing.styles import TERMINAL, TERMINAL_COLOUR, THEME_COLOURS, Styles, TextStyle
from reader.errors import ReaderError
from reader.layout.lines import DEFAULT_MEASURE
from reader.layout.viewport import Viewport
from reader.render.story_frame import build_tail
from reader.ui.commands import format_first_key, format_hint, make_end_card_keys

if TYPE_CHECKING:
    from reader.config import Config
    from reader.drawing.pieces import Row
    from reader.session.open_story import OpenStory
    from reader.session.session import Session


MIN_COLUMNS: Final = 20
MIN_ROWS: Final = 5
MAX_COLUMNS: Final = 500
MAX_ROWS: Final = 200
"""Sizes of the terminals for which a frame is drawn. Others wait for the app."""


class _Frame(NamedTuple):
    """What a frame is drawn from."""

    session: Session
    config: Config
    styles: Styles
    columns: int
    rows: int


def show_first_frame(session: Session, config: Config, theme: str | None) -> None:
    """Show the first frame, if it can be drawn.

    If the reader is on the shelf and the page beside it is shown, the first story is opened for it.
    """
    colours = find_colours(os.environ)
    styles = _make_styles(theme, config, colours)
    try:
        columns, rows = os.get_terminal_size(2)
    except OSError:
        return
    can_draw = MIN_COLUMNS <= columns <= MAX_COLUMNS and MIN_ROWS <= rows <= MAX_ROWS
    # Textual checks the names of keys, and its filters change colours.
    if styles is None or not can_draw or config.keys or os.environ.get("TEXTUAL_FILTERS"):
        return
    frame = _Frame(session, config, styles, columns, rows)
    drawn = _draw_frame(frame)
    if drawn is None:
        return
    screen_rows, cursor = drawn
    EARLY_SCREEN.show(encode_rows(screen_rows, cursor, colours).encode("utf-8", "replace"))


def _make_styles(theme: str | None, config: Config, colours: Colours) -> Styles | None:
    """Return the styles of a theme on this terminal; None for a theme of Textual's, or none."""
    if colours in (Colours.NONE, Colours.SIXTEEN):
        theme = TERMINAL
    if theme == TERMINAL:
        return Styles(TextStyle(), None)
    own = next((each for each in THEME_COLOURS if each.name == theme), None)
    if own is None:
        return None
    transparent = bool(config.transparent)
    background = TERMINAL_COLOUR if transparent else own.background
    return Styles(TextStyle(own.foreground, background), own.text, transparent=transparent)


def _draw_frame(frame: _Frame) -> tuple[list[Row], Cell] | None:
    """Return the rows of the screen, and where the cursor is; None if that isn't known."""
    session, (columns, rows) = frame.session, frame[-2:]
    open_story = session.current
    is_on_page = open_story is not None
    layout = lay_out_panes(columns, rows, is_on_page=is_on_page)
    entries = session.list_entries() if layout.shelf is not None else []
    if not is_on_page and not entries:
        return None
    if layout.page is not None and open_story is None:
        try:
            open_story = session.preview = session.make_open_job(entries[0].story).run()
        except ReaderError:
            return None
    if open_story is not None and open_story.is_growing:
        return None
    panes: list[DrawnPane] = []
    cursor = Cell(0, 0)
    if layout.shelf is not None:
        path = open_story.story.path if is_on_page and open_story is not None else None
        paths = [entry.story.path for entry in entries]
        index = paths.index(path) if path in paths else 0
        shelf = ShelfRows(entries)
        panes.append(_draw_shelf(frame, shelf, index, layout.shelf, is_focused=not is_on_page))
        y = shelf.find_row(index) - shelf.find_top_row(index, layout.shelf.height)
        cursor = Cell(layout.shelf.x + INDENT_CELLS, layout.shelf.y + y)
    status = _draw_shelf_status(frame)
    if layout.page is not None and open_story is not None:
        pane, page_status, page_cursor = _draw_page(frame, open_story, layout.page, is_on_page)
        panes.append(pane)
        if is_on_page:
            status, cursor = page_status, page_cursor
    screen_rows = join_panes(panes, columns, rows - 1, frame.styles.base)
    return [*screen_rows, status], cursor


def _draw_shelf(
    frame: _Frame, shelf: ShelfRows, index: int, region: Region, *, is_focused: bool
) -> DrawnPane:
    top, styles = shelf.find_top_row(index, region.height), frame.styles
    rows = range(top, top + region.height)
    return DrawnPane(
        region,
        [shelf.draw_row(row, styles, region.width, index, is_focused=is_focused) for row in rows],
    )


def _draw_page(
    frame: _Frame, open_story: OpenStory, region: Region, is_focused: bool
) -> tuple[DrawnPane, Row, Cell]:
    """Return the page, the row of the status bar, and where the page's cursor is."""
    settings = make_measure_settings(frame.session, frame.config)
    measure = settings.fit_to(region.width)
    left = (region.width - measure) // 2
    viewport = Viewport(DEFAULT_MEASURE)
    viewport.paragraph_style = frame.config.paragraph_style
    renderer = RowRenderer(viewport, settings.has_position_mark)
    renderer.show_story(open_story)
    show_open_story(viewport, open_story, ())
    show_stop_line(viewport, open_story, format_first_key("start", {}))
    viewport.resize(measure, region.height, region.width)
    if open_story.document.is_complete and len(viewport.visible.rows) < region.height:
        keys = make_end_card_keys({}, can_respond=open_story.story.is_persistent)
        end_card = frame.session.make_end_card(open_story)
        viewport.replace_tail(build_tail(open_story.story, open_story.document, end_card, keys))
    rows = [
        renderer.draw_row(y, frame.styles, left, region.width, is_focused=is_focused)
        for y in range(region.height)
    ]
    place = viewport.scroller.place
    cell = viewport.visible.find_cell(place) or (0, 0)
    cursor = Cell(region.x + left + cell[0], region.y + cell[1])
    entry = frame.session.get_entry(open_story.story)
    text = describe_position(open_story, entry, place, viewport.visible.passage.end)
    right = text.right
    if not frame.session.get_choice("help"):
        right = HINT_SEPARATOR.join((right, format_hint(*PAGE_HINT, {})))
    margins = (region.x + left, max(0, frame.columns - region.x - left - measure))
    status = draw_two_sided(text.left, right, frame.styles.dim, frame.columns, margins)
    return DrawnPane(region, rows), status, cursor


def _draw_shelf_status(frame: _Frame) -> Row:
    hints = [format_hint(*hint, {}) for hint in SHELF_HINTS]
    text = describe_shelf(frame.session.catalog.list_all(), hints, frame.columns)
    style = frame.styles.dim
    return draw_two_sided(text.left, text.right, style, frame.columns, SHELF_MARGIN_CELLS)
