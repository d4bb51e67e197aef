"""Handle the screen's commands. Each controller owns one subject and gets only what it uses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.screen import Screen

    from reader.library.story import Story
    from reader.reading.annotations import Highlight
    from reader.session.session import Session
    from reader.text.document import Place
    from reader.ui.page.page import Page
    from reader.ui.widgets.shelf import Shelf
    from reader.ui.widgets.status_bar import StatusBar


@dataclass(frozen=True)
class ScreenParts:
    """The parts of the reading screen that controllers use."""

    screen: Screen[None]
    """Runs workers and opens dialogs."""
    session: Session
    page: Page
    shelf: Shelf
    status_bar: StatusBar
    show_story: Callable[[Story, Place | Highlight | None], None]
    """Shows a story on the page, at a place, at a highlight, or where reading stopped."""
    refresh: Callable[[], None]
    """Redraws the page and its end card after reading data has changed."""

    @property
    def selected_story(self) -> Story | None:
        """The story that a command is for.

        It is the one on the page while the page has the focus, else the one under the shelf's
        cursor.
        """
        current = self.session.current
        return current.story if self.page.has_focus and current else self.shelf.story

    @property
    def is_saving(self) -> bool:
        """What is changed now is saved at once."""
        return not self.session.save_problem
