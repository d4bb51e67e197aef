"""The engine that keeps an index in an SQLite database, by SQLite's FTS5.

The table of words is contentless: texts aren't stored a second time. A row of such a table can't
be removed (before SQLite 3.43), so a changed text gets a new number, its old one is listed as
dead, and matches of dead numbers are left out. When a fifth of the numbers are dead, all texts are
dropped, to be put in again. The file can be deleted at any time; a damaged one is replaced.

A second table says which texts have words with a short beginning: to collect all these words takes
longer than a frame. FTS5's own index of prefixes would be half as large as the texts.

A third one has the titles again: which of them have a word takes a tenth of the time in it.
"""

from __future__ import annotations

import contextlib
from heapq import nsmallest
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple
from zlib import crc32

from reader.errors import IndexBusy
from reader.fulltext import ALL_IN_TITLE, IS_TITLE, MAX_SHORT_SHARE, SOME_IN_TITLE, Found, Hit
from reader.fulltext.index_file import (
    BUSY_MESSAGE,
    BUSY_SECONDS,
    INDEX_ERRORS,
    create_tables,
    drop_tables,
    is_busy,
    is_interrupted,
    is_unwritable,
    open_index_file,
)
from reader.fulltext.query import Among, Words
from reader.fulltext.words import TextWords, take_words
from reader.paths import check_file, create_private_file, make_private_folder

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from reader.fulltext import IndexedText
    from reader.fulltext.query import Query


_TITLE_EDGE: Final = "\N{MIDDLE DOT}"
"""Stands before and after the words of a title. No word has it."""
COLUMN_WEIGHTS: Final = (8.0, 3.0, 1.0)
"""How much a word counts in the title, in what is said about the text, and in the body."""
MAX_DEAD_SHARE: Final = 0.2
_MIN_DEAD: Final = 500
"""Dead numbers that are no reason to index all texts again."""
_CHECK_STEPS: Final = 20_000
"""Steps of SQLite between two checks whether a query must stop: about a millisecond."""
_MAX_VARIABLES: Final = 500
"""Values in one statement. SQLite may be built for as few as 999."""


class _Row(NamedTuple):
    """A row of the table of texts."""

    number: int
    text_id: str
    version: str
    checksum: int

    def is_valid(self) -> bool:
        return self.checksum == _compute_checksum(*self[:3])


class _Part(NamedTuple):
    """What is left of a query once its short beginnings were looked up."""

    numbers: AbstractSet[int]
    """The texts that meet them."""
    wanted: list[Words]
    unwanted: list[Words]
    """The words that are still to be found, and those that must not be there."""


class Fts5Engine:
    """The texts in a database, see `fulltext.Engine`."""

    needs_words = True

    def __init__(
        self,
        path: Path | None,
        must_stop: Callable[[], bool] = lambda: False,
        busy_seconds: float = BUSY_SECONDS,
    ) -> None:
        """Open the index at `path`, or an empty one in memory if that isn't possible.

        A query ends early once `must_stop` returns true. A change waits `busy_seconds` at most
        for another program.
        """
        self._path = path
        self._must_stop = must_stop
        self._busy_seconds = busy_seconds
        self.notice = ""
        self.is_persistent = path is not None
        self._has_lost_texts = False
        """The file was damaged, so that texts must be put in again."""
        self._ids: dict[int, str] = {}
        """The ids by numbers, as of the data version."""
        self._data_version: object = None
        self._db = self._open()

    def close(self) -> None:
        """Close the database."""
        self._db.close()

    def put(self, texts: Iterable[IndexedText | TextWords]) -> None:
        """Add texts in one transaction. Other threads run while SQLite works."""
        rows = [each if isinstance(each, TextWords) else take_words(each) for each in texts]
        self._write(lambda: self._put(rows))

    def drop(self, ids: Iterable[str]) -> None:
        """Remove texts; their numbers are dead."""
        dropped = list(ids)
        self._write(lambda: self._drop(dropped))

    def versions(self, ids: Iterable[str] | None = None) -> dict[str, str]:
        """Return the versions of texts; none of a damaged index."""
        try:
            rows = list(self._load_rows(ids))
        except INDEX_ERRORS as error:
            self._recover(error)
            return {}
        return {row.text_id: row.version for row in rows if row.is_valid()}

    def seek(self, query: Query, most: int) -> Found:
        """Return the texts that match. A damaged index is replaced, and has none."""
        query.accepts("")  # raises for a field, also if no text has the words
        try:
            self._db.execute("BEGIN")  # another program may be replacing texts
            self._db.set_progress_handler(self._must_stop, _CHECK_STEPS)
            matches = self._find_matches(query)
            self._db.set_progress_handler(None, 0)
            self._db.execute("COMMIT")
        except INDEX_ERRORS as error:
            self._db.set_progress_handler(None, 0)
            if is_interrupted(error):
                with contextlib.suppress(*INDEX_ERRORS):
                    self._db.execute("ROLLBACK")
                return Found((), 0, partial=True)
            self._recover(error)
            matches = []
        for condition, is_negated in query.terms:
            if isinstance(condition, Among):
                matches = [one for one in matches if (one[1] in condition.ids) is not is_negated]
        return Found(_choose_best(matches, most), len(matches), partial=self._has_lost_texts)

    def _find_matches(self, query: Query) -> list[tuple[float, str]]:
        """Return the rank and the id of each text that has the words of `query`.

        The rank is the score below zero.
        """
        ids = self._load_ids()
        part = self._apply_beginnings(query, ids.keys())
        numbers, unwanted = part.numbers, part.unwanted
        if part.wanted:
            matches = [each for each in self._rank(part.wanted, unwanted) if each[1] in numbers]
        else:
            if unwanted:
                numbers -= self._select("words", " OR ".join(map(_format_words, unwanted)))
            matches = [(0.0, number) for number in numbers]
        tiers = self._rank_titles(query.list_words())
        return [(rank / (1 - rank) - tiers.get(number, 0), ids[number]) for rank, number in matches]

    def _rank_titles(self, wanted: list[Words]) -> dict[int, int]:
        """Return the whole part of the score of each text with some of these words in its title."""
        if not wanted:
            return {}
        named = [self._select("titles", _format_words(each)) for each in wanted]
        tiers = dict.fromkeys(set().union(*named), SOME_IN_TITLE)
        if all(named):
            tiers |= dict.fromkeys(set.intersection(*named), ALL_IN_TITLE)
            words = " ".join(word for each in wanted for word in each.words)
            whole = self._select("titles", f'"{_TITLE_EDGE} {words} {_TITLE_EDGE}"')
            tiers |= dict.fromkeys(whole, IS_TITLE)
        return tiers

    def _apply_beginnings(self, query: Query, numbers: AbstractSet[int]) -> _Part:
        """Return which of `numbers` have the short beginnings of a query, and its other words."""
        part = _Part(numbers, [], [])
        most = MAX_SHORT_SHARE * len(numbers)
        for condition, is_negated in query.terms:
            if not isinstance(condition, Words):
                continue
            if condition.is_short_beginning:
                found = self._find_beginning(condition)
                is_common = len(found & numbers) > most
                remaining = part.numbers - found if is_negated else part.numbers & found
                part = part._replace(numbers=remaining)
                if is_common or is_negated:
                    continue
            (part.unwanted if is_negated else part.wanted).append(condition)
        return part

    def _rank(self, wanted: list[Words], unwanted: list[Words]) -> list[tuple[float, int]]:
        """Return the rank and the number of each text with words, dead ones included."""
        expression = " AND ".join(map(_format_words, wanted))
        if unwanted:
            expression = f"({expression}) NOT ({' OR '.join(map(_format_words, unwanted))})"
        rank = "bm25(words, {}, {}, {})".format(*COLUMN_WEIGHTS)
        statement = f"SELECT {rank}, rowid FROM words WHERE words MATCH ?"  # noqa: S608  no text from outside
        return self._db.execute(statement, (expression,)).fetchall()

    def _find_beginning(self, words: Words) -> set[int]:
        """Return the numbers of texts with a word that begins so, dead ones included."""
        return self._select("beginnings", f'"{words.words[0]}"')

    def _select(self, table: str, expression: str) -> set[int]:
        statement = f"SELECT rowid FROM {table} WHERE {table} MATCH ?"  # noqa: S608  no text from outside
        return {number for (number,) in self._db.execute(statement, (expression,))}

    def _load_ids(self) -> dict[int, str]:
        """Return the ids of texts by their numbers; they are loaded after each change."""
        version = self._db.execute("PRAGMA data_version").fetchone()
        if version != self._data_version:
            rows = self._load_rows()
            self._ids = {row.number: row.text_id for row in rows if row.is_valid()}
            self._data_version = version
        return self._ids

    def _load_rows(self, ids: Iterable[str] | None = None) -> Iterator[_Row]:
        query = "SELECT number, id, version, checksum FROM text"
        if ids is None:
            yield from map(_Row._make, self._db.execute(query))
            return
        wanted = list(ids)
        for start in range(0, len(wanted), _MAX_VARIABLES):
            part = wanted[start : start + _MAX_VARIABLES]
            places = ", ".join("?" * len(part))
            found = self._db.execute(f"{query} WHERE id IN ({places})", part)
            yield from map(_Row._make, found)

    def _put(self, texts: list[TextWords]) -> None:
        self._reset_if_dead()
        before = {row.text_id: row for row in self._load_rows(text.id for text in texts)}
        last = "SELECT max(coalesce((SELECT max(number) FROM text), 0),"
        last += " coalesce((SELECT max(number) FROM dead), 0))"
        (number,) = self._db.execute(last).fetchone()
        new: list[TextWords] = []
        for text in {each.id: each for each in texts}.values():
            old = before.get(text.id)
            if old is not None and old.is_valid() and old.version == text.version:
                continue
            if old is not None:
                self._bury(old)
            new.append(text)
        self._insert([*enumerate(new, number + 1)])

    def _insert(self, texts: Sequence[tuple[int, TextWords]]) -> None:
        """Insert texts with their numbers."""
        self._db.executemany(
            "INSERT INTO words (rowid, title, about, body) VALUES (?, ?, ?, ?)",
            [(number, text.title, text.about, text.body) for number, text in texts],
        )
        self._db.executemany(
            "INSERT INTO beginnings (rowid, found) VALUES (?, ?)",
            [(number, text.beginnings) for number, text in texts],
        )
        self._db.executemany(
            "INSERT INTO titles (rowid, title) VALUES (?, ?)",
            [(number, f"{_TITLE_EDGE} {text.title} {_TITLE_EDGE}") for number, text in texts],
        )
        self._db.executemany(
            "INSERT INTO text VALUES (?, ?, ?, ?)",
            [
                (number, text.id, text.version, _compute_checksum(number, text.id, text.version))
                for number, text in texts
            ],
        )

    def _drop(self, ids: list[str]) -> None:
        for row in list(self._load_rows(ids)):
            self._bury(row)
        self._reset_if_dead()

    def _reset_if_dead(self) -> None:
        """Drop all texts if too many numbers are dead."""
        (dead,) = self._db.execute("SELECT count(*) FROM dead").fetchone()
        (living,) = self._db.execute("SELECT count(*) FROM text").fetchone()
        if dead > _MIN_DEAD and dead > MAX_DEAD_SHARE * (dead + living):
            drop_tables(self._db)
            create_tables(self._db)

    def _bury(self, row: _Row) -> None:
        """Remove a text from those that are found."""
        self._db.execute("DELETE FROM text WHERE number = ?", (row.number,))
        self._db.execute("INSERT OR IGNORE INTO dead VALUES (?)", (row.number,))

    def _write(self, change: Callable[[], None]) -> None:
        """Make a change in one transaction; once more in a new file if this one is damaged.

        Raises `IndexBusy`.
        """
        for _ in range(2):
            try:
                self._db.execute("BEGIN IMMEDIATE")
                change()
                self._db.execute("COMMIT")
            except INDEX_ERRORS as error:
                self._recover(error)
            else:
                break
        self._data_version = None

    def _open(self) -> sqlite3.Connection:
        if self._path is None:
            return open_index_file(":memory:", 0)
        try:
            make_private_folder(self._path.parent, may_be_link=True)
            check_file(self._path)
            with contextlib.suppress(FileExistsError):
                create_private_file(self._path)
            return open_index_file(str(self._path), self._busy_seconds)
        except OSError as error:
            return self._open_in_memory(error.strerror or "can't be written")
        except INDEX_ERRORS as error:
            if is_busy(error):
                raise IndexBusy(BUSY_MESSAGE) from error
            return self._replace()

    def _open_in_memory(self, reason: str) -> sqlite3.Connection:
        self.notice = f"{self._path}: {reason}, so the index of words is not saved"
        self.is_persistent = False
        return open_index_file(":memory:", 0)

    def _replace(self) -> sqlite3.Connection:
        """Replace a damaged file by an empty index, in memory if it can't be removed."""
        assert self._path is not None  # noqa: S101  an index in memory isn't damaged
        self._has_lost_texts = True
        try:
            for suffix in ("", "-wal", "-shm"):  # SQLite would replay a journal that is left over
                Path(f"{self._path}{suffix}").unlink(missing_ok=True)
            create_private_file(self._path)
            return open_index_file(str(self._path), self._busy_seconds)
        except OSError as error:
            return self._open_in_memory(error.strerror or "can't be replaced")
        except INDEX_ERRORS as error:
            return self._open_in_memory(str(error))

    def _recover(self, error: sqlite3.Error | UnicodeDecodeError) -> None:
        """Go on after an error: with a new index if the file is damaged. Raises `IndexBusy`.

        A full disk and a folder that became read-only are no damage: the index goes on in memory.
        """
        with contextlib.suppress(*INDEX_ERRORS):
            self._db.execute("ROLLBACK")
        if is_busy(error):
            raise IndexBusy(BUSY_MESSAGE) from error
        if self._path is None or not self.is_persistent:
            raise error
        self._db.close()
        self._data_version = None
        if is_unwritable(error):
            self._has_lost_texts = True
            self._db = self._open_in_memory(str(error))
        else:
            self._db = self._replace()


def _choose_best(matches: list[tuple[float, str]], most: int) -> list[Hit]:
    """Return so many of the matches, the best first; those of equal rank by their ids."""
    if 0 < most < len(matches):
        limit = nsmallest(most, (rank for rank, _ in matches))[-1]
        matches = [match for match in matches if match[0] <= limit]
    return [Hit(text_id, 0.0 - rank) for rank, text_id in sorted(matches)[: max(0, most)]]


def _format_words(words: Words) -> str:
    """Return the FTS5 phrase of these words, which have letters, digits and marks only."""
    return f'"{" ".join(words.words)}"{" *" if words.is_prefix else ""}'


def _compute_checksum(number: int, text_id: str, version: str) -> int:
    return crc32(f"{number}\0{text_id}\0{version}".encode("utf-8", "replace"))
