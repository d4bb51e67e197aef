"""What the page tells the screen: values on their way up, which nobody but the screen hears.

Each says what the reader did or wants; what comes of it is decided where it arrives.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from ..document import Place
    from ..links import Link


class Moved(Message):
    """The page shows something else; `by_reader` if the reader went there."""

    def __init__(self, *, by_reader: bool) -> None:
        super().__init__()
        self.by_reader = by_reader


class Jumped(Message):
    """The reader went far, from `place`."""

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.place = place


class Followed(Message):
    """The reader wants to go where a link leads, or to see a picture."""

    def __init__(self, link: Link) -> None:
        super().__init__()
        self.link = link


class Left(Message):
    """The reader wants to go back to the shelf."""


class Ended(Message):
    """The reader turns the page where there is no more of it."""


class Measured(Message):
    """The reader chose a measure, or with None the preferred one."""

    def __init__(self, measure: int | None) -> None:
        super().__init__()
        self.measure = measure


class Attention(Message):
    """The page got or lost the focus."""


class Missed(Message):
    """What the reader asked for is not on the page; `words` say so."""

    def __init__(self, words: str) -> None:
        super().__init__()
        self.words = words
