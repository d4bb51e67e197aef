"""The orders in which a list of stories can be asked for."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Final

from reader.library.order import make_title_key

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from reader.session.shelf.entries import ShelfEntry

_NO_DAY: Final = date.min
_KEYS: Final[Mapping[str, Callable[[ShelfEntry], Any]]] = {
    "newest": lambda e: (-(e.story.published or _NO_DAY).toordinal(), -e.story.published_seconds),
    "title": lambda e: make_title_key(e.story.title),
    "author": lambda e: (not e.story.author, e.story.author.casefold()),
    "length": lambda e: e.story.words,
    "left": lambda e: (e.status.value == "finished", e.words_left),
    "recent": lambda e: -e.last_read,
    "path": lambda e: str(e.story.path),
}
SORTS: Final = ("suggested", *_KEYS)
"""The names of the orders. The first is that of the shelf."""


def sort_by(entries: Sequence[ShelfEntry], order: str) -> list[ShelfEntry]:
    """Return entries, which are in the shelf's order, in the order of one of `SORTS`."""
    key = _KEYS.get(order)
    if key is None:
        return list(entries)
    return sorted(entries, key=key)
