"""The schema of the reading data: the rows of each table, and SQL that finds impossible values."""

from __future__ import annotations

from typing import Final, NamedTuple, TypeVar


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


class IdentityRow(NamedTuple):
    """How a story is found again when its file has another path or another text."""

    story_id: str
    fingerprint: str
    """Of its words, see `reading.identity`; empty if the whole text was never seen."""
    path_device: str
    """Where the path in `StoryRow` is valid: the device, a colon, and a hash of the data folder."""
    origin: str
    """The device on which the story was met first. Two stories of one device stay two."""
    merged_into: str
    """The id of the story that has its reading data now; empty if it has its own."""


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


class FolderRow(NamedTuple):
    """A folder of stories: whether it is in the library, and how the shelf shows it."""

    path: str
    """With `~` for the home folder, so that it is the same on another machine; or `bundled`."""
    listed: int
    """1 if plain `reader` shows its stories."""
    sort: str
    """The order of its stories; empty for the usual one."""
    folded: str
    """The sections that are folded, one a line."""


class HiddenRow(NamedTuple):
    """A story that the reader has hidden from the shelf, or had."""

    story_id: str
    hidden: int
    """1 if the shelf leaves it out."""


class StarRow(NamedTuple):
    """A story that the reader has starred, or had."""

    story_id: str
    starred: int
    """1 if it has a star."""


class TagRow(NamedTuple):
    """A tag that the reader has put on a story."""

    id: str
    """A digest of the story's id and the tag, so that it is the same on every device."""
    story_id: str
    tag: str
    deleted: int
    """1 if it was taken off."""


class FeedRow(NamedTuple):
    """A feed that is followed, or was."""

    id: str
    """A digest of its address, so that it is the same on every device."""
    url: str
    title: str
    etag: str
    """What the server called this version of the feed, with `last_modified`. They are written with
    `seen`, so that a server is never told of a version whose stories were not seen."""
    last_modified: str
    seen: str
    """JSON: digests of the stories that were listed or added, the oldest first."""
    added_at: str
    followed: int
    """0 if it was removed."""


class ChoiceRow(NamedTuple):
    """What was last chosen in the app, such as the theme."""

    name: str
    value: str


Row = (
    StoryRow | IdentityRow | PlaceRow | WordsReadRow | TextRecordRow | ReadStatusRow
    | HistoryRow | HighlightRow | ResponseRow | PaceRow | ChoiceRow | FolderRow | FeedRow
    | HiddenRow | StarRow | TagRow
)  # fmt: skip
RowT = TypeVar(
    "RowT", StoryRow, IdentityRow, PlaceRow, WordsReadRow, TextRecordRow, ReadStatusRow,
    HistoryRow, HighlightRow, ResponseRow, PaceRow, ChoiceRow, FolderRow, FeedRow,
    HiddenRow, StarRow, TagRow,
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
    "identity": IdentityRow,
    "folder": FolderRow,
    "feed": FeedRow,
    "hidden_story": HiddenRow,
    "star": StarRow,
    "tag": TagRow,
}
"""The rows of each table. The first field is the key; the columns of `Stamp` follow the row's."""
TABLE_NAMES: Final = {row_class: table for table, row_class in TABLES.items()}
_INTEGER_COLUMNS: Final = frozenset(
    {
        "block",
        "offset",
        "reading_round",
        "word_count",
        "minutes",
        "deleted",
        "listed",
        "hidden",
        "starred",
        "followed",
    }
)
MAX_INTEGER: Final = 1 << 53
"""The largest whole number that every JSON reader reads exactly. None is less than 0."""


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
