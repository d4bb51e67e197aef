"""The schema of the reading data: the rows of each table, and the migrations that make them."""

from __future__ import annotations

from typing import Final, NamedTuple, TypeVar

Migrations = tuple[tuple[str, ...], ...]
"""The SQL statements of each version."""


class Stamp(NamedTuple):
    """When and where a record was changed."""

    serial: int
    """Counts up with each change on this device."""
    changed_at: str
    """UTC, to the millisecond, in ISO 8601: sorting the text sorts the times."""
    device: str


class StoryRow(NamedTuple):
    """What a story was when it was last open; it has a title even after its file is gone."""

    id: str
    path: bytes
    folder: str
    """`bundled`, or the name of the folder it came from."""
    title: str
    author: str
    url: str


class PlaceRow(NamedTuple):
    """Where reading stopped."""

    story_id: str
    block: int
    offset: int
    fingerprint: str
    """Of the block's text; see `Anchor`."""
    excerpt: str
    reading_round: int
    """How often the story had been finished when this reading began."""


class WordsReadRow(NamedTuple):
    """The words that were read, numbered in the text that `TextRecordRow` describes."""

    story_id: str
    ranges: str
    """JSON: pairs of the first word and the word after the last."""
    word_count: int
    """Words in the whole text."""


class TextRecordRow(NamedTuple):
    """The text in which words read are numbered, block by block; see `reading.revision`."""

    story_id: str
    blocks: str


class ReadStatusRow(NamedTuple):
    """The read status of a story: a value of `ReadStatus`."""

    story_id: str
    status: str


class HistoryRow(NamedTuple):
    """A story that was finished."""

    id: str
    story_id: str
    finished_at: str
    minutes: int
    deleted: int
    """1 if the status was changed back."""


class HighlightRow(NamedTuple):
    """A highlighted passage and the reader's note on it."""

    id: str
    story_id: str
    block: int
    offset: int
    fingerprint: str
    excerpt: str
    """The first words of the block from `offset` on."""
    text: str
    """All of the highlighted text."""
    note: str
    created_at: str
    deleted: int


class ResponseRow(NamedTuple):
    """The reader's own words on a story; empty if they were deleted."""

    story_id: str
    text: str


class PaceRow(NamedTuple):
    """How fast stories in a language are read."""

    language: str
    samples: str
    """JSON: words a minute, one number for each of the latest screenfuls."""


class ChoiceRow(NamedTuple):
    """What was last chosen in the app, such as the theme."""

    name: str
    value: str


Row = (
    StoryRow | PlaceRow | WordsReadRow | TextRecordRow | ReadStatusRow
    | HistoryRow | HighlightRow | ResponseRow | PaceRow | ChoiceRow
)  # fmt: skip
RowT = TypeVar(
    "RowT", StoryRow, PlaceRow, WordsReadRow, TextRecordRow, ReadStatusRow,
    HistoryRow, HighlightRow, ResponseRow, PaceRow, ChoiceRow,
)  # fmt: skip

TABLES: Final[dict[str, type[Row]]] = {
    "story": StoryRow,
    "place": PlaceRow,
    "words_read": WordsReadRow,
    "text_record": TextRecordRow,
    "read_status": ReadStatusRow,
    "history": HistoryRow,
    "highlight": HighlightRow,
    "response": ResponseRow,
    "pace": PaceRow,
    "choice": ChoiceRow,
}
"""The rows of each table. The first field is the key; the columns of `Stamp` follow the row's."""
TABLE_NAMES: Final = {row_class: table for table, row_class in TABLES.items()}
_INTEGER_COLUMNS: Final = frozenset(
    {"block", "offset", "reading_round", "word_count", "minutes", "deleted"}
)
MAX_INTEGER: Final = 1 << 53
"""The largest whole number that every JSON reader reads exactly. None is less than 0."""


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
)
"""The statements of each version, applied in one transaction. Append a version; never edit one.

Version 2 adds milliseconds to stamps, moves what was finished into a history, and counts the
changes of the device. Version 3 renames tables and columns; to copy a small table is faster
than `ALTER TABLE RENAME`, which parses the whole schema (45 ms for these names; this takes 1).
"""


def list_schema(migrations: Migrations) -> dict[str, str]:
    """Return the SQL of each table and index that `MIGRATIONS` leave, by name, on one line.

    Only for the newest version, whose last migration makes all tables but `device`.
    """
    schema = {
        "device": "CREATE TABLE device (id TEXT NOT NULL, serial INTEGER NOT NULL DEFAULT 0) STRICT"
    }
    for statement in migrations[-1]:
        words = statement.split()
        if words[0] == "CREATE" and words[3] != "AS":
            schema[words[2]] = " ".join(words)
    return schema


def make_damage_query() -> str:
    """Return SQL for the name of a table in which a whole number is out of range."""
    ranges = [("device", "serial"), *_list_integers(), *((table, "serial") for table in TABLES)]
    queries = [f"SELECT '{table}' FROM {table} WHERE {_exceeds(name)}" for table, name in ranges]  # noqa: S608  our own names
    queries.append("SELECT 'device' WHERE (SELECT count(*) FROM device) <> 1")
    return " UNION ALL ".join(queries) + " LIMIT 1"


def make_deletions() -> list[str]:
    """Return SQL that deletes the rows with a whole number out of range.

    Serial numbers are not looked at: records that are read from a damaged file get new ones.
    """
    return [f"DELETE FROM {table} WHERE {_exceeds(name)}" for table, name in _list_integers()]  # noqa: S608  our own names


def _list_integers() -> list[tuple[str, str]]:
    """Return each table and column of whole numbers, without those of `Stamp`."""
    return [
        (table, name)
        for table, row in TABLES.items()
        for name in row._fields
        if name in _INTEGER_COLUMNS
    ]


def _exceeds(column: str) -> str:
    return f"{column} NOT BETWEEN 0 AND {MAX_INTEGER}"
