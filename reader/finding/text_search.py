"""Search the texts of a session's stories, and bring their index up to date in small steps.

`TextSearch` does the work, in one thread. `FoundStories` is what a reader sees of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from reader.finding.excerpts import Excerpt, WordsQuery, find_excerpt, find_start
from reader.finding.filters import list_ids
from reader.finding.text_reading import load_text
from reader.finding.word_index import IndexUpdate, open_engine
from reader.fulltext.query import Among, Query, Term

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from reader.finding.filters import Annotated
    from reader.fulltext import Engine, Found, IndexedText
    from reader.fulltext.query import Words
    from reader.library.files import File
    from reader.library.story import Story
    from reader.library.text_cache import TextCache
    from reader.session.shelf.entries import ShelfEntry

MAX_FOUND: Final = 500
"""Stories that a list of found ones has at most. The number of all is shown beside it."""
_STEP_SECONDS: Final = 0.1
"""Seconds of one step of an update. A query waits for the step before it."""
_BUSY_SECONDS: Final = 0.2
"""Seconds that a step waits for another program: queries wait with it."""


def seek_stories(
    engine: Engine, query: Query, entries: Sequence[ShelfEntry], annotated: Annotated, most: int
) -> Found:
    """Return which stories of `entries` meet a query; an index may have texts of other folders."""
    resolved = query.drop_literals().resolve_fields(
        lambda field: list_ids(entries, field, annotated)
    )
    among = Among(frozenset(entry.story.id for entry in entries))
    return engine.seek(resolved._replace(terms=(*resolved.terms, Term(among))), most)


class Request(NamedTuple):
    """A query of a reader, and the stories among which it is asked."""

    text: str
    """As typed."""
    query: Query
    entries: Sequence[ShelfEntry]
    annotated: Annotated


class FoundStories:
    """What a query has found: stories, the best first, and the line of each that has the words."""

    def __init__(
        self,
        text: str = "",
        words: Sequence[Words] = (),
        stories: Sequence[Story] = (),
        total: int = 0,
    ) -> None:
        self.text = text
        """The query as typed."""
        self.words = words
        self.stories = stories
        """`MAX_FOUND` at most."""
        self.total = total
        """How many there are."""
        self.cursor = 0
        """The index of the story that the reader is at."""
        self.excerpts: dict[Path, Excerpt] = {}
        """What was found of each story so far, by its file."""
        self.find = WordsQuery(tuple(words))
        """Finds the words in a text."""

    def follow(self, before: FoundStories) -> None:
        """Take over the lines and the story of an earlier answer to the same query.

        A reader who hasn't moved from the first story sees what is the best match now.
        """
        if before.text != self.text or not before.stories:
            return
        file = before.stories[before.cursor].location
        files = [each.location for each in self.stories]
        self.cursor = files.index(file) if before.cursor and file in files else 0
        self.excerpts = before.excerpts


def describe_found(
    story: Story,
    words: Sequence[Words],
    text_cache: TextCache,
    length: int,
    must_stop: Callable[[], bool] = lambda: False,
) -> Excerpt:
    """Return the line of a found story that has the words; without one, the text's beginning.

    Reads the file. `length` is in characters.
    """
    excerpt = find_excerpt(story, words, text_cache, length, must_stop)
    if excerpt.text or must_stop():
        return excerpt
    return find_start(story, text_cache, length)


class Progress(NamedTuple):
    """How far the index is up to date."""

    done: int = 0
    total: int = 0
    goes_on: bool = True
    """There may be more to do."""

    @property
    def is_partial(self) -> bool:
        """Some texts are not in the index yet."""
        return self.goes_on and self.done < self.total


class TextSearch:
    """The engine of a session. All methods must be called in one thread, and may take long."""

    def __init__(self, path: Path | None, must_stop: Callable[[], bool]) -> None:
        """Keep the index at `path`; None if none may be saved.

        `must_stop` is asked by a query whether it is still wanted, and by a step of an update
        whether the thread is needed for something else.
        """
        self._path = path
        self._must_stop = must_stop
        self._opened: Engine | None = None
        self._stories: Mapping[str, Story] = {}
        """The stories by their ids, for an engine that reads texts when they are searched."""
        self._update: IndexUpdate | None = None
        self.has_lost_texts = False
        """The index was found to be damaged, and is empty until the next update."""
        self._unreadable = set[str]()
        """The ids of texts that could not be read."""

    @property
    def _engine(self) -> Engine:
        """The engine; it is opened for the first use. Raises `IndexBusy`."""
        if self._opened is None:
            self._opened = open_engine(self._path, self._load, self._must_stop, _BUSY_SECONDS)
        return self._opened

    def _load(self, story_id: str) -> IndexedText | None:
        story = self._stories.get(story_id)
        return load_text(story) if story is not None else None

    def reads_all_texts(self) -> bool:
        """Return whether there is no index, so that a query reads all texts. Raises `IndexBusy`."""
        return not self._engine.needs_words

    def describe_engine(self) -> str:
        """Return in a few words why searching is slow; empty if it isn't. Raises `IndexBusy`."""
        if self._engine.needs_words:
            return "" if self._engine.is_persistent else "the index is not saved"
        reason = "no FTS5" if self._path is not None else "no index"
        return f"{reason}: each search reads all texts"

    def is_kept(self) -> bool:
        """Return whether what is indexed is there in the next run. Raises `IndexBusy`."""
        return self._engine.needs_words and self._engine.is_persistent

    def seek(self, request: Request) -> FoundStories | None:
        """Return what a query finds; None if it was stopped. Raises `IndexBusy`.

        Without words, the stories are in the order of the entries.
        """
        words = request.query.list_words()
        entries, most = request.entries, MAX_FOUND if words else len(request.entries)
        found = seek_stories(self._engine, request.query, entries, request.annotated, most)
        if self._must_stop():
            return None
        self.has_lost_texts = found.partial and not self._engine.versions()
        by_id = {entry.story.id: entry.story for entry in entries}
        ids = [hit.id for hit in found.hits]
        if not words:
            ids = [*filter(frozenset(ids).__contains__, by_id)][:MAX_FOUND]
        return FoundStories(request.text, words, [by_id[each] for each in ids], found.total)

    def start_update(
        self, stories: Sequence[Story], get_file: Callable[[str], File | None]
    ) -> Progress:
        """Look which texts are new or changed. Raises `IndexBusy`."""
        self._stories, self.has_lost_texts = {story.id: story for story in stories}, False
        self.end_update()
        self._update = update = IndexUpdate(self._engine, stories, get_file, self._unreadable)
        return Progress(update.done, update.total)

    def forget_unreadable(self) -> None:
        """Let the next update try texts again that could not be read."""
        self._unreadable.clear()

    def take_step(self, must_stop: Callable[[], bool]) -> Progress:
        """Read and index some texts, until `must_stop` returns true. Raises `IndexBusy`."""
        update = self._update
        if update is None:
            return Progress(goes_on=False)
        goes_on = update.put_slice(must_stop, _STEP_SECONDS)
        return Progress(update.done, update.total, goes_on)

    def end_update(self) -> None:
        """Give up an update that isn't done. May be called in any thread."""
        if self._update is not None:
            self._update.close()
            self._update = None

    def close(self) -> None:
        """Close the engine, if it was opened."""
        self.end_update()
        if self._opened is not None:
            self._opened.close()
            self._opened = None
