"""Forgive typing errors in titles: words that differ by one letter, or by two that are swapped."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from reader.fulltext.query import Words
from reader.fulltext.words import list_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reader.fulltext.query import Query

MIN_LETTERS: Final = 4
"""Letters of a word in which an error is forgiven: of shorter words too many are similar."""
_MAX_WORDS: Final = 50_000


def list_forgivable(query: Query) -> list[tuple[str, ...]]:
    """Return the words of a query that may have errors; none if a phrase is quoted."""
    words = query.list_words()
    if any(each.is_quoted for each in words):
        return []
    is_long = any(len(word) >= MIN_LETTERS for each in words for word in each.words)
    return [each.words for each in words] if is_long else []


def drop_words(query: Query) -> Query:
    """Return a query without the words that texts must have."""
    kept = (term for term in query.terms if term.is_negated or not isinstance(term[0], Words))
    return query._replace(terms=tuple(kept))


def is_near_title(title: str, typed: Sequence[tuple[str, ...]]) -> bool:
    """Return whether a title has a word that begins almost like each typed one."""
    words = _list_title_words(title)
    return all(any(_begins_nearly(word, one) for word in words) for each in typed for one in each)


@lru_cache(maxsize=_MAX_WORDS)
def _list_title_words(title: str) -> frozenset[str]:
    return frozenset(list_words(title))


def _begins_nearly(word: str, typed: str) -> bool:
    """Return whether `word` begins with what is typed, with one error if that is long enough."""
    if word.startswith(typed):
        return True
    size = len(typed)
    if size < MIN_LETTERS or len(word) < size - 1:
        return False
    return any(_differ_by_one(word[:end], typed) for end in (size - 1, size, size + 1))


def _differ_by_one(one: str, two: str) -> bool:
    """Return whether one letter is missing, added or another, or two neighbours are swapped."""
    start, shorter = 0, min(len(one), len(two))
    while start < shorter and one[start] == two[start]:
        start += 1
    end = 0
    while end < shorter - start and one[-1 - end] == two[-1 - end]:
        end += 1
    rest_one, rest_two = one[start : len(one) - end], two[start : len(two) - end]
    is_swap = len(rest_one) == len(rest_two) == 2 and rest_one == rest_two[::-1]
    return is_swap or max(len(rest_one), len(rest_two)) <= 1
