"""The engine without an index: it reads all texts for each query.

For a Python whose SQLite has no FTS5, and where no index may be written. It computes the same
BM25 as SQLite does (Robertson and Zaragoza, 2009), with k1 = 1.2 and b = 0.75.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.fulltext import ALL_IN_TITLE, IS_TITLE, MAX_SHORT_SHARE, SOME_IN_TITLE, Found, Hit
from reader.fulltext.fts5 import COLUMN_WEIGHTS
from reader.fulltext.words import list_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from reader.fulltext import IndexedText
    from reader.fulltext.query import Query, Words
    from reader.fulltext.words import TextWords


_K1: Final = 1.2
_B: Final = 0.75
_MIN_IDF: Final = 1e-6
"""SQLite's weight of a phrase that half of all texts or more have."""


class _Counts(NamedTuple):
    """What a text has of the words of a query."""

    text_id: str
    counts: list[float]
    """How often each is there, weighted by where it is."""
    length: int
    """Words of the text."""
    tier: int
    """The whole part of its score."""


class ScanEngine:
    """Texts that are loaded when they are searched, see `fulltext.Engine`."""

    is_persistent = needs_words = False

    def __init__(
        self,
        load: Callable[[str], IndexedText | None],
        must_stop: Callable[[], bool] = lambda: False,
        notice: str = "",
    ) -> None:
        """Search the texts that `load` returns for ids; None for one that can't be read.

        A query ends early once `must_stop`, which is called for each text, returns true.
        """
        self._load = load
        self._must_stop = must_stop
        self.notice = notice
        self._versions: dict[str, str] = {}

    def close(self) -> None:
        """Do nothing: there are no files."""

    def put(self, texts: Iterable[IndexedText | TextWords]) -> None:
        """Note the ids and versions of texts."""
        self._versions |= {text.id: text.version for text in texts}

    def drop(self, ids: Iterable[str]) -> None:
        """Forget texts."""
        for text_id in ids:
            self._versions.pop(text_id, None)

    def versions(self, ids: Iterable[str] | None = None) -> dict[str, str]:
        """Return the versions of texts."""
        wanted = self._versions if ids is None else ids
        return {each: self._versions[each] for each in wanted if each in self._versions}

    def seek(self, query: Query, most: int) -> Found:
        """Return the texts that match. Takes as long as reading all texts."""
        accepted = [each for each in self._versions if query.accepts(each)]
        wanted, unwanted = query.list_words(), query.list_words(negated=True)
        if not wanted and not unwanted:
            return Found(
                [Hit(each, 0.0) for each in sorted(accepted)][: max(0, most)], len(accepted)
            )
        selected, found, lengths = {*accepted}, list[_Counts](), 0
        with_phrase = [0] * len(wanted)
        is_partial = False
        for text_id in list(self._versions):  # all of them: how rare a word is decides its weight
            if is_partial := self._must_stop():
                break
            text = self._load(text_id)
            if text is None:
                continue
            parts = [list_words(part) for part in text[2:]]
            columns = [f" {' '.join(words)} " for words in parts]
            length = sum(map(len, parts))
            lengths += length
            counts = [_count(words, columns) for words in wanted]
            with_phrase = [n + (count > 0) for n, count in zip(with_phrase, counts, strict=True)]
            is_match = all(counts) and not any(_count(words, columns) for words in unwanted)
            if is_match and text_id in selected:
                found.append(_Counts(text_id, counts, length, _rank_title(wanted, columns[0])))
        total = max(1, len(self._versions))
        selects = [
            words.is_short_beginning and count > MAX_SHORT_SHARE * total
            for words, count in zip(wanted, with_phrase, strict=True)
        ]
        hits = _rank(found, selects, with_phrase, lengths / total, total)
        return Found(hits[: max(0, most)], len(hits), is_partial)


def _rank_title(wanted: list[Words], title: str) -> int:
    """Return the whole part of the score of a text with these words; `title` is a column."""
    if not wanted:
        return 0
    if title.split() == [word for each in wanted for word in each.words]:
        return IS_TITLE
    is_named = [_count(words, [title]) > 0 for words in wanted]
    return ALL_IN_TITLE if all(is_named) else SOME_IN_TITLE if any(is_named) else 0


def _count(words: Words, columns: list[str]) -> float:
    """Return how often words are there in a row, weighted by the columns.

    A column is its words with a space before, between and after them.
    """
    phrase = f" {' '.join(words.words)}{'' if words.is_prefix else ' '}"
    return sum(
        weight * _count_overlapping(column, phrase)
        for weight, column in zip(COLUMN_WEIGHTS, columns, strict=False)
    )


def _count_overlapping(text: str, part: str) -> int:
    """Return how often `part` is in `text`; the space after one may be that before the next."""
    count, start = 0, text.find(part)
    while start >= 0:
        count += 1
        start = text.find(part, start + 1)
    return count


def _rank(
    found: list[_Counts],
    selects: list[bool],
    with_phrase: list[int],
    average: float,
    total: int,
) -> list[Hit]:
    """Return the hits in order.

    `selects` says which of the words are beginnings without a weight, and `with_phrase` how many
    texts have them; `average` is the length of a text, and `total` the number of texts.
    """
    weights = [
        max(math.log((total - count + 0.5) / (count + 0.5)), _MIN_IDF) for count in with_phrase
    ]
    hits = []
    for text_id, counts, length, tier in found:
        norm = _K1 * (1 - _B + _B * length / average)
        score = sum(
            weight * count * (_K1 + 1) / (count + norm)
            for weight, count, only_selects in zip(weights, counts, selects, strict=True)
            if not only_selects
        )
        hits.append(Hit(text_id, tier + score / (1 + score)))
    return sorted(hits, key=lambda hit: (-hit.score, hit.id))
