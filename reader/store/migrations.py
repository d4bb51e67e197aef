"""The migrations that make the tables of the reading data, and the schema that they leave."""

from __future__ import annotations

from itertools import chain
from typing import Final

Migrations = tuple[tuple[str, ...], ...]
"""The SQL statements of each version."""

MIGRATIONS: Final[Migrations] = (
    (  # version 1
        "CREATE TABLE device (id TEXT NOT NULL) STRICT",
        "INSERT INTO device VALUES (lower(hex(randomblob(4))))",
        """
        CREATE TABLE story (
            id TEXT PRIMARY KEY, path BLOB NOT NULL, source TEXT NOT NULL,
            serial INTEGER NOT NULL, changed TEXT NOT NULL, device TEXT NOT NULL
        ) STRICT
        """,
        """
        CREATE TABLE place (
            story TEXT PRIMARY KEY, block INTEGER NOT NULL, offset INTEGER NOT NULL,
            fingerprint TEXT NOT NULL, quote TEXT NOT NULL,
            serial INTEGER NOT NULL, changed TEXT NOT NULL, device TEXT NOT NULL
        ) STRICT
        """,
        """
        CREATE TABLE reading (
            story TEXT PRIMARY KEY, ranges TEXT NOT NULL, words INTEGER NOT NULL,
            serial INTEGER NOT NULL, changed TEXT NOT NULL, device TEXT NOT NULL
        ) STRICT
        """,
        """
        CREATE TABLE mark (
            story TEXT PRIMARY KEY, mark TEXT NOT NULL,
            serial INTEGER NOT NULL, changed TEXT NOT NULL, device TEXT NOT NULL
        ) STRICT
        """,
        """
        CREATE TABLE setting (
            name TEXT PRIMARY KEY, value TEXT NOT NULL,
            serial INTEGER NOT NULL, changed TEXT NOT NULL, device TEXT NOT NULL
        ) STRICT
        """,
    ),
    (  # version 2
        "ALTER TABLE story ADD COLUMN title TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE story ADD COLUMN author TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE story ADD COLUMN url TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE place ADD COLUMN round INTEGER NOT NULL DEFAULT 0",
        """
        CREATE TABLE text (
            story TEXT PRIMARY KEY, blocks TEXT NOT NULL,
            serial INTEGER NOT NULL, changed TEXT NOT NULL, device TEXT NOT NULL
        ) STRICT
        """,
        """
        CREATE TABLE pace (
            language TEXT PRIMARY KEY, samples TEXT NOT NULL,
            serial INTEGER NOT NULL, changed TEXT NOT NULL, device TEXT NOT NULL
        ) STRICT
        """,
        """
        CREATE TABLE quote (
            id TEXT PRIMARY KEY, story TEXT NOT NULL,
            block INTEGER NOT NULL, offset INTEGER NOT NULL, fingerprint TEXT NOT NULL,
            quote TEXT NOT NULL, text TEXT NOT NULL, remark TEXT NOT NULL,
            made TEXT NOT NULL, gone INTEGER NOT NULL,
            serial INTEGER NOT NULL, changed TEXT NOT NULL, device TEXT NOT NULL
        ) STRICT
        """,
        "CREATE INDEX quote_story ON quote (story)",
        """
        CREATE TABLE response (
            story TEXT PRIMARY KEY, text TEXT NOT NULL,
            serial INTEGER NOT NULL, changed TEXT NOT NULL, device TEXT NOT NULL
        ) STRICT
        """,
        """
        CREATE TABLE finish (
            id TEXT PRIMARY KEY, story TEXT NOT NULL,
            at TEXT NOT NULL, minutes INTEGER NOT NULL, gone INTEGER NOT NULL,
            serial INTEGER NOT NULL, changed TEXT NOT NULL, device TEXT NOT NULL
        ) STRICT
        """,
        "CREATE INDEX finish_story ON finish (story)",
        "UPDATE story SET changed = replace(changed, '+00:00', '.000+00:00')",
        "UPDATE place SET changed = replace(changed, '+00:00', '.000+00:00')",
        "UPDATE reading SET changed = replace(changed, '+00:00', '.000+00:00')",
        "UPDATE mark SET changed = replace(changed, '+00:00', '.000+00:00')",
        "UPDATE setting SET changed = replace(changed, '+00:00', '.000+00:00')",
        """
        INSERT INTO finish
            SELECT mark.story || ' ' || mark.changed, mark.story, mark.changed,
                CAST(round(ifnull(words, 0) / 265.0) AS INTEGER), 0,
                mark.serial, mark.changed, mark.device
            FROM mark LEFT JOIN reading ON reading.story = mark.story WHERE mark = 'finished'
        """,
        "ALTER TABLE device ADD COLUMN serial INTEGER NOT NULL DEFAULT 0",
        """
        UPDATE device SET serial = (SELECT ifnull(max(s), 0) FROM (
            SELECT max(serial) AS s FROM story UNION ALL SELECT max(serial) FROM place
            UNION ALL SELECT max(serial) FROM reading UNION ALL SELECT max(serial) FROM mark
            UNION ALL SELECT max(serial) FROM setting))
        """,
    ),
    (  # version 3
        "CREATE TABLE story_copy AS SELECT * FROM story",
        "DROP TABLE story",
        """
        CREATE TABLE story (
            id TEXT PRIMARY KEY, path BLOB NOT NULL, folder TEXT NOT NULL,
            title TEXT NOT NULL, author TEXT NOT NULL, url TEXT NOT NULL,
            serial INTEGER NOT NULL, changed_at TEXT NOT NULL, device TEXT NOT NULL
        ) STRICT
        """,
        """
        INSERT INTO story
            SELECT id, path, source, title, author, url, serial, changed, device FROM story_copy
        """,
        "DROP TABLE story_copy",
        "CREATE TABLE place_copy AS SELECT * FROM place",
        "DROP TABLE place",
        """
        CREATE TABLE place (
            story_id TEXT PRIMARY KEY, block INTEGER NOT NULL, offset INTEGER NOT NULL,
            fingerprint TEXT NOT NULL, excerpt TEXT NOT NULL, reading_round INTEGER NOT NULL,
            serial INTEGER NOT NULL, changed_at TEXT NOT NULL, device TEXT NOT NULL
        ) STRICT
        """,
        """
        INSERT INTO place
            SELECT story, block, offset, fingerprint, quote, round, serial, changed, device
            FROM place_copy
        """,
        "DROP TABLE place_copy",
        """
        CREATE TABLE words_read (
            story_id TEXT PRIMARY KEY, ranges TEXT NOT NULL, word_count INTEGER NOT NULL,
            serial INTEGER NOT NULL, changed_at TEXT NOT NULL, device TEXT NOT NULL
        ) STRICT
        """,
        "INSERT INTO words_read SELECT story, ranges, words, serial, changed, device FROM reading",
        "DROP TABLE reading",
        """
        CREATE TABLE text_record (
            story_id TEXT PRIMARY KEY, blocks TEXT NOT NULL,
            serial INTEGER NOT NULL, changed_at TEXT NOT NULL, device TEXT NOT NULL
        ) STRICT
        """,
        "INSERT INTO text_record SELECT story, blocks, serial, changed, device FROM text",
        "DROP TABLE text",
        """
        CREATE TABLE read_status (
            story_id TEXT PRIMARY KEY, status TEXT NOT NULL,
            serial INTEGER NOT NULL, changed_at TEXT NOT NULL, device TEXT NOT NULL
        ) STRICT
        """,
        "INSERT INTO read_status SELECT story, mark, serial, changed, device FROM mark",
        "DROP TABLE mark",
        """
        CREATE TABLE history (
            id TEXT PRIMARY KEY, story_id TEXT NOT NULL,
            finished_at TEXT NOT NULL, minutes INTEGER NOT NULL, deleted INTEGER NOT NULL,
            serial INTEGER NOT NULL, changed_at TEXT NOT NULL, device TEXT NOT NULL
        ) STRICT
        """,
        """
        INSERT INTO history
            SELECT id, story, at, minutes, gone, serial, changed, device FROM finish
        """,
        "DROP TABLE finish",
        "CREATE INDEX history_story ON history (story_id)",
        """
        CREATE TABLE highlight (
            id TEXT PRIMARY KEY, story_id TEXT NOT NULL,
            block INTEGER NOT NULL, offset INTEGER NOT NULL, fingerprint TEXT NOT NULL,
            excerpt TEXT NOT NULL, text TEXT NOT NULL, note TEXT NOT NULL,
            created_at TEXT NOT NULL, deleted INTEGER NOT NULL,
            serial INTEGER NOT NULL, changed_at TEXT NOT NULL, device TEXT NOT NULL
        ) STRICT
        """,
        """
        INSERT INTO highlight
            SELECT id, story, block, offset, fingerprint, quote, text, remark, made, gone,
                serial, changed, device
            FROM quote
        """,
        "DROP TABLE quote",
        "CREATE INDEX highlight_story ON highlight (story_id)",
        "CREATE TABLE response_copy AS SELECT * FROM response",
        "DROP TABLE response",
        """
        CREATE TABLE response (
            story_id TEXT PRIMARY KEY, text TEXT NOT NULL,
            serial INTEGER NOT NULL, changed_at TEXT NOT NULL, device TEXT NOT NULL
        ) STRICT
        """,
        "INSERT INTO response SELECT story, text, serial, changed, device FROM response_copy",
        "DROP TABLE response_copy",
        "CREATE TABLE pace_copy AS SELECT * FROM pace",
        "DROP TABLE pace",
        """
        CREATE TABLE pace (
            language TEXT PRIMARY KEY, samples TEXT NOT NULL,
            serial INTEGER NOT NULL, changed_at TEXT NOT NULL, device TEXT NOT NULL
        ) STRICT
        """,
        "INSERT INTO pace SELECT language, samples, serial, changed, device FROM pace_copy",
        "DROP TABLE pace_copy",
        """
        CREATE TABLE choice (
            name TEXT PRIMARY KEY, value TEXT NOT NULL,
            serial INTEGER NOT NULL, changed_at TEXT NOT NULL, device TEXT NOT NULL
        ) STRICT
        """,
        "INSERT INTO choice SELECT name, value, serial, changed, device FROM setting",
        "DROP TABLE setting",
    ),
    (  # version 4
        """
        CREATE TABLE identity (
            story_id TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, path_device TEXT NOT NULL,
            origin TEXT NOT NULL, merged_into TEXT NOT NULL,
            serial INTEGER NOT NULL, changed_at TEXT NOT NULL, device TEXT NOT NULL
        ) STRICT
        """,
        """
        INSERT INTO identity
            SELECT id, '', device, device, '', serial, changed_at, device FROM story
        """,
    ),
    (  # version 5
        """
        CREATE TABLE folder (
            path TEXT PRIMARY KEY, listed INTEGER NOT NULL, sort TEXT NOT NULL,
            folded TEXT NOT NULL,
            serial INTEGER NOT NULL, changed_at TEXT NOT NULL, device TEXT NOT NULL
        ) STRICT
        """,
    ),
    (  # version 6
        """
        CREATE TABLE feed (
            id TEXT PRIMARY KEY, url TEXT NOT NULL, title TEXT NOT NULL,
            etag TEXT NOT NULL, last_modified TEXT NOT NULL, seen TEXT NOT NULL,
            added_at TEXT NOT NULL, followed INTEGER NOT NULL,
            serial INTEGER NOT NULL, changed_at TEXT NOT NULL, device TEXT NOT NULL
        ) STRICT
        """,
    ),
    (  # version 7
        """
        CREATE TABLE hidden_story (
            story_id TEXT PRIMARY KEY, hidden INTEGER NOT NULL,
            serial INTEGER NOT NULL, changed_at TEXT NOT NULL, device TEXT NOT NULL
        ) STRICT
        """,
    ),
    (  # version 8
        """
        CREATE TABLE star (
            story_id TEXT PRIMARY KEY, starred INTEGER NOT NULL,
            serial INTEGER NOT NULL, changed_at TEXT NOT NULL, device TEXT NOT NULL
        ) STRICT
        """,
        """
        CREATE TABLE tag (
            id TEXT PRIMARY KEY, story_id TEXT NOT NULL, tag TEXT NOT NULL,
            deleted INTEGER NOT NULL,
            serial INTEGER NOT NULL, changed_at TEXT NOT NULL, device TEXT NOT NULL
        ) STRICT
        """,
    ),
)
"""The statements of each version, applied in one transaction. Append a version; never edit one.

Version 2 adds milliseconds to stamps, moves what was finished into a history, and counts the
changes of the device. Version 3 renames tables and columns; to copy a small table is faster
than `ALTER TABLE RENAME`, which parses the whole schema (45 ms for these names; this takes 1).
Version 4 adds how a story is found again: a table of its own, since a damaged file is read as
the version whose tables it has. Version 5 adds the folders of the library, version 6 the feeds.
Version 7 adds the stories that the reader has hidden, version 8 stars and tags.
"""
_FIRST_NAMED_VERSION: Final = 3
"""The version that makes all tables but `device` under the names that they have now."""


def list_schema(migrations: Migrations) -> dict[str, str]:
    """Return the SQL of each table and index that `MIGRATIONS` leave, by name, on one line.

    Only for versions from 3 on, which rename no table and drop none of the newer ones.
    """
    schema = {
        "device": "CREATE TABLE device (id TEXT NOT NULL, serial INTEGER NOT NULL DEFAULT 0) STRICT"
    }
    for statement in chain.from_iterable(migrations[_FIRST_NAMED_VERSION - 1 :]):
        words = statement.split()
        if words[0] == "CREATE" and words[3] != "AS":
            schema[words[2]] = " ".join(words)
    return schema
