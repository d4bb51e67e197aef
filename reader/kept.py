"""What the reader's own hand adds to stories: quotes with remarks, and responses.

A quote that was discarded is a tombstone, so that it can be brought back and doesn't come
back from another device; a response that was taken back is an empty one. Knows nothing of
reading, marks and places.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from .document import Anchor, Place
from .errors import StateError
from .quotes import Quote, Response
from .stored import LONG_AGO, moment, written

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .ledger import Ledger


class Kept:
    """The quotes and responses of every story. Every method raises `StateError`."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def quotes(self, story: str | None = None) -> list[Quote]:
        """Return what was kept of the story with the id `story`, or of all; the oldest first."""
        rows = self._ledger.rows(
            "SELECT id, story, block, offset, fingerprint, quote, text, remark, made FROM quote"
            " WHERE NOT gone AND (?1 IS NULL OR story = ?1) ORDER BY made, id",
            story,
        )
        return [_quote(row) for row in rows]

    def newest(self) -> list[str]:
        """Return the ids of all quotes, that of the newest first."""
        rows = self._ledger.rows("SELECT id FROM quote WHERE NOT gone ORDER BY made DESC, id DESC")
        return [row[0] for row in rows]

    def named(self, ids: Sequence[str]) -> list[Quote]:
        """Return the quotes with those ids that are there, in that order."""
        rows = self._ledger.rows(
            "SELECT id, story, block, offset, fingerprint, quote, text, remark, made FROM quote"
            " WHERE NOT gone AND id IN (SELECT value FROM json_each(?))",
            json.dumps(list(ids)),
        )
        found = {row[0]: _quote(row) for row in rows}
        return [found[key] for key in ids if key in found]

    def keep(self, quote: Quote) -> None:
        """Keep `quote`."""
        place = quote.anchor.place
        where = (place.block, place.offset, quote.anchor.fingerprint, quote.anchor.quote)
        what = (quote.text, quote.remark, written(quote.made), 0)
        with self._ledger.change() as stamp:
            self._ledger.put("quote", (quote.id, quote.story, *where, *what), stamp)

    def remark(self, quote: str, text: str) -> None:
        """Write `text` beside the quote with that id, in place of what stood there."""
        self._change(quote, remark=text)

    def discard(self, quote: str) -> None:
        """Take the quote with that id out of sight."""
        self._change(quote, gone=1)

    def restore(self, quote: str) -> None:
        """Bring back the quote with that id."""
        self._change(quote, gone=0)

    def _change(self, quote: str, *, remark: str | None = None, gone: int | None = None) -> None:
        with self._ledger.change() as stamp:
            row = self._ledger.one(
                "SELECT id, story, block, offset, fingerprint, quote, text,"
                " ifnull(?2, remark), made, ifnull(?3, gone) FROM quote WHERE id = ?1",
                quote,
                remark,
                gone,
            )
            if row is None:
                raise StateError(f"there is no quote {quote}")
            self._ledger.put("quote", row, stamp)

    def response(self, story: str) -> str:
        """Return the reader's own words on a story, empty where there are none."""
        row = self._ledger.one("SELECT text FROM response WHERE story = ?", story)
        return row[0] if row else ""

    def responses(self) -> list[Response]:
        """Return every response there is, the oldest first."""
        rows = self._ledger.rows(
            "SELECT story, text, changed FROM response WHERE text <> '' ORDER BY changed, story"
        )
        return [Response(story, text, moment(changed) or LONG_AGO) for story, text, changed in rows]

    def respond(self, story: str, text: str) -> None:
        """Remember `text` as the response to a story; an empty one takes it back."""
        with self._ledger.change() as stamp:
            self._ledger.put("response", (story, text), stamp)


def _quote(row: tuple[Any, ...]) -> Quote:
    key, story, block, offset, fingerprint, quote, text, remark, made = row
    anchor = Anchor(Place(block, offset), fingerprint, quote)
    return Quote(key, story, anchor, text, remark, moment(made) or LONG_AGO)
