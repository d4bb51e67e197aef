"""The tables of the memory, as they came to be, and the facts they hold.

Owns the names of tables and columns, and nothing else: who asks and who answers is `state`'s
and `kept`'s. Every fact carries a serial number that orders the facts of this file, when it
changed (UTC), and on which device.
"""

from __future__ import annotations

from typing import Final, NamedTuple

FACTS: Final[dict[str, tuple[str, ...]]] = {
    "story": ("id", "path", "source", "title", "author", "url"),
    "place": ("story", "block", "offset", "fingerprint", "quote", "round"),
    "reading": ("story", "ranges", "words"),
    "text": ("story", "blocks"),
    "mark": ("story", "mark"),
    "finish": ("id", "story", "at", "minutes", "gone"),
    "quote": (
        "id", "story", "block", "offset", "fingerprint", "quote", "text", "remark", "made", "gone"
    ),
    "response": ("story", "text"),
    "pace": ("language", "samples"),
    "setting": ("name", "value"),
}  # fmt: skip
"""Each table's columns, its key first; serial, changed and device come on top."""


class Stamp(NamedTuple):
    """What a fact carries beside itself."""

    serial: int
    """Counts up with each change on this device."""
    changed: str
    """UTC, to the millisecond, in ISO 8601: later ones sort behind."""
    device: str


class Fact(NamedTuple):
    """One row of a table."""

    table: str
    values: tuple[str | int | bytes, ...]
    """The table's columns, its key first."""
    stamp: Stamp

    @property
    def key(self) -> tuple[str, object]:
        """What there can be only one fact of."""
        return self.table, self.values[0]


MIGRATIONS: Final = (
    """
    CREATE TABLE device (id TEXT NOT NULL) STRICT;
    INSERT INTO device VALUES (lower(hex(randomblob(4))));
    CREATE TABLE story (
        id TEXT PRIMARY KEY, path BLOB NOT NULL, source TEXT NOT NULL,
        serial INTEGER NOT NULL, changed TEXT NOT NULL, device TEXT NOT NULL
    ) STRICT;
    CREATE TABLE place (
        story TEXT PRIMARY KEY, block INTEGER NOT NULL, offset INTEGER NOT NULL,
        fingerprint TEXT NOT NULL, quote TEXT NOT NULL,
        serial INTEGER NOT NULL, changed TEXT NOT NULL, device TEXT NOT NULL
    ) STRICT;
    CREATE TABLE reading (
        story TEXT PRIMARY KEY, ranges TEXT NOT NULL, words INTEGER NOT NULL,
        serial INTEGER NOT NULL, changed TEXT NOT NULL, device TEXT NOT NULL
    ) STRICT;
    CREATE TABLE mark (
        story TEXT PRIMARY KEY, mark TEXT NOT NULL,
        serial INTEGER NOT NULL, changed TEXT NOT NULL, device TEXT NOT NULL
    ) STRICT;
    CREATE TABLE setting (
        name TEXT PRIMARY KEY, value TEXT NOT NULL,
        serial INTEGER NOT NULL, changed TEXT NOT NULL, device TEXT NOT NULL
    ) STRICT;
    """,
    """
    ALTER TABLE story ADD COLUMN title TEXT NOT NULL DEFAULT '';
    ALTER TABLE story ADD COLUMN author TEXT NOT NULL DEFAULT '';
    ALTER TABLE story ADD COLUMN url TEXT NOT NULL DEFAULT '';
    ALTER TABLE place ADD COLUMN round INTEGER NOT NULL DEFAULT 0;
    CREATE TABLE text (
        story TEXT PRIMARY KEY, blocks TEXT NOT NULL,
        serial INTEGER NOT NULL, changed TEXT NOT NULL, device TEXT NOT NULL
    ) STRICT;
    CREATE TABLE pace (
        language TEXT PRIMARY KEY, samples TEXT NOT NULL,
        serial INTEGER NOT NULL, changed TEXT NOT NULL, device TEXT NOT NULL
    ) STRICT;
    CREATE TABLE quote (
        id TEXT PRIMARY KEY, story TEXT NOT NULL,
        block INTEGER NOT NULL, offset INTEGER NOT NULL, fingerprint TEXT NOT NULL,
        quote TEXT NOT NULL, text TEXT NOT NULL, remark TEXT NOT NULL,
        made TEXT NOT NULL, gone INTEGER NOT NULL,
        serial INTEGER NOT NULL, changed TEXT NOT NULL, device TEXT NOT NULL
    ) STRICT;
    CREATE INDEX quote_story ON quote (story);
    CREATE TABLE response (
        story TEXT PRIMARY KEY, text TEXT NOT NULL,
        serial INTEGER NOT NULL, changed TEXT NOT NULL, device TEXT NOT NULL
    ) STRICT;
    CREATE TABLE finish (
        id TEXT PRIMARY KEY, story TEXT NOT NULL,
        at TEXT NOT NULL, minutes INTEGER NOT NULL, gone INTEGER NOT NULL,
        serial INTEGER NOT NULL, changed TEXT NOT NULL, device TEXT NOT NULL
    ) STRICT;
    CREATE INDEX finish_story ON finish (story);
    UPDATE story SET changed = replace(changed, '+00:00', '.000+00:00');
    UPDATE place SET changed = replace(changed, '+00:00', '.000+00:00');
    UPDATE reading SET changed = replace(changed, '+00:00', '.000+00:00');
    UPDATE mark SET changed = replace(changed, '+00:00', '.000+00:00');
    UPDATE setting SET changed = replace(changed, '+00:00', '.000+00:00');
    INSERT INTO finish
        SELECT mark.story || ' ' || mark.changed, mark.story, mark.changed,
            CAST(round(ifnull(words, 0) / 265.0) AS INTEGER), 0,
            mark.serial, mark.changed, mark.device
        FROM mark LEFT JOIN reading ON reading.story = mark.story WHERE mark = 'finished';
    ALTER TABLE device ADD COLUMN serial INTEGER NOT NULL DEFAULT 0;
    UPDATE device SET serial = (SELECT ifnull(max(s), 0) FROM (
        SELECT max(serial) AS s FROM story UNION ALL SELECT max(serial) FROM place
        UNION ALL SELECT max(serial) FROM reading UNION ALL SELECT max(serial) FROM mark
        UNION ALL SELECT max(serial) FROM setting));
    """,
)
"""One script a version, cut at its semicolons. Append; never edit.

The second gives stamps their milliseconds, what was finished its line in the history, and
the device the number of its last change.
"""
