"""Search many texts for words: queries, the words of a text, and two engines behind one interface.

An engine is given plain texts and returns ids with scores. It never sees a file, and a query is
a parsed tree, never an engine's own string. Callers find the words again in the text itself, with
`text.search`. Each engine must pass the tests in `tests/fulltext/test_engines.py`.

Here: the interface of an engine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reader.fulltext.query import Query
    from reader.fulltext.words import TextWords


SOME_IN_TITLE: Final = 1
ALL_IN_TITLE: Final = 2
IS_TITLE: Final = 3
"""Whole parts of scores: some words of the query are in the title, all are, they are the title."""
MAX_SHORT_SHARE: Final = 0.5
"""The share of texts from which BM25 gives a word no weight, so that it isn't computed."""


class IndexedText(NamedTuple):
    """A text to be searched."""

    id: str
    version: str
    """Different for each version of the text; it isn't empty."""
    title: str
    about: str
    """What else is said of the text: its deck, author and tags."""
    body: str


class Hit(NamedTuple):
    """A text that matches."""

    id: str
    score: float
    """Higher for a better match; 0 for a query without words. Only scores of one answer compare.

    The whole part says how many words are in the title. BM25 decides between texts of which it is
    the same, as a fraction: s / (1 + s).
    """


class Found(NamedTuple):
    """The answer to a query."""

    hits: Sequence[Hit]
    """The best ones, the best first; those of equal score by their ids."""
    total: int
    """How many texts match."""
    partial: bool = False
    """Not all texts were searched."""


class Engine(Protocol):
    """What searches texts. Its methods may be called from one thread only."""

    @property
    def notice(self) -> str:
        """A line on why it is slower or knows less than it should; empty if it doesn't."""

    @property
    def is_persistent(self) -> bool:
        """Its texts are there in the next run."""

    @property
    def needs_words(self) -> bool:
        """The words of texts must be put. If not, it loads the texts to search them."""

    def put(self, texts: Iterable[IndexedText | TextWords]) -> None:
        """Add texts, or replace those with the same ids, all of them or none.

        Their words may have been taken before, by `words.take_words`.

        A text that is there in the same version is left as it is. Raises `IndexBusy` if another
        program is writing.
        """

    def drop(self, ids: Iterable[str]) -> None:
        """Remove texts. Unknown ids are ignored. Raises `IndexBusy`."""

    def versions(self, ids: Iterable[str] | None = None) -> dict[str, str]:
        """Return the versions of those texts that are there; of all texts without `ids`."""

    def seek(self, query: Query, most: int) -> Found:
        """Return the texts that match, at most so many. Raises `ValueError` for a field.

        Texts that have all words in the title come first, then those that have some there: BM25
        alone ranks a word that most texts have by little more than how often it is in the text.
        Words count more in `about` than in the body. A short beginning
        (`Words.is_short_beginning`) of which more than `MAX_SHORT_SHARE` of the texts have a word
        counts in the title only.
        """

    def close(self) -> None:
        """Close its files."""
