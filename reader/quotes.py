"""What a reader makes of what was read: sentences kept, responses, stories finished.

The values alone. Knows no database, no screen and no files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime

    from .document import Anchor


class Quote(NamedTuple):
    """Something the reader kept of a story."""

    id: str
    story: str
    """The story's id."""
    anchor: Anchor
    """Where it begins."""
    text: str
    """Exactly what was kept; a blank line parts two blocks."""
    remark: str
    """The reader's own words on it."""
    made: datetime


class Response(NamedTuple):
    """The reader's own words on a whole story."""

    story: str
    text: str
    changed: datetime


class Finish(NamedTuple):
    """A story that was read to its end."""

    story: str
    at: datetime
    minutes: int
    """How long the story is said to take, 0 where nobody knew."""
