"""The page: the widget, how its rows are drawn, and pointing at text in it.

This module defines the messages that the page sends to the screen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from reader.text.document import Place
    from reader.text.links import Link


class PageMoved(Message):
    """The page shows other text; `by_reader` if a command moved it."""

    def __init__(self, *, by_reader: bool) -> None:
        super().__init__()
        self.by_reader = by_reader


class PageJumped(Message):
    """The reader jumped away from `place`."""

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.place = place


class LinkFollowed(Message):
    """The reader follows a link, a footnote or a picture."""

    def __init__(self, link: Link) -> None:
        super().__init__()
        self.link = link


class ShelfRequested(Message):
    """The reader goes back to the shelf."""


class EndReached(Message):
    """The reader asks for the next screenful at the end of a complete story."""


class MeasureChanged(Message):
    """The reader chose a measure in cells, or with None the preferred one."""

    def __init__(self, measure: int | None) -> None:
        super().__init__()
        self.measure = measure


class FocusChanged(Message):
    """The page got or lost the focus."""


class PageNotice(Message):
    """A command could do nothing; `text` says why."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
