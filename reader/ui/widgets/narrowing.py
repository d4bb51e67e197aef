"""Which lines of a list contain all typed words, and in which order. Without Textual."""

from __future__ import annotations

import re
from bisect import bisect_left
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.text.search import fold_text

if TYPE_CHECKING:
    from collections.abc import Sequence


_PUNCTUATION: Final = re.compile(r"[^\w]+")


class SearchText(NamedTuple):
    """What is searched of a line, folded."""

    whole: str
    """All its words."""
    title_words: str
    """The words of its title, without punctuation, a space before each."""
    all_words: str
    """The same of all its words."""


def make_search_text(title: str, rest: str = "") -> SearchText:
    """Return what is searched of a line with a title, and other words that count less."""
    folded = fold_text(title)
    title_words = _split_words(folded)
    if not rest:
        return SearchText(folded, title_words, title_words)
    folded_rest = fold_text(rest)
    return SearchText(
        f"{folded}\n{folded_rest}", title_words, title_words + _split_words(folded_rest)
    )


def _split_words(folded: str) -> str:
    return f" {_PUNCTUATION.sub(' ', folded).strip()}"


class Narrowing:
    """The numbered lines of a list, and the words that they are narrowed by."""

    def __init__(self, *, is_ranked: bool = False) -> None:
        self.texts: list[SearchText] = []
        self._words: list[str] = []
        """The typed words, folded."""
        self._hidden: set[int] = set()
        self._is_ranked = is_ranked
        self._group_starts: list[int] = []
        """The first number of each group but the first one."""

    @property
    def is_active(self) -> bool:
        """Whether any word is typed."""
        return bool(self._words)

    @property
    def count(self) -> int:
        """The number of lines without any words."""
        return len(self.texts) - len(self._hidden)

    def set_query(self, query: str) -> None:
        """Narrow the lines by the words of `query`."""
        self._words = fold_text(query).split()

    def start_group(self) -> None:
        """Put the lines that are added from now on below all others, however well they match."""
        self._group_starts.append(len(self.texts))

    def replace_text(self, number: int, text: SearchText | None) -> None:
        """Change the text of a line; None hides the line."""
        if text is None:
            self._hidden.add(number)
        else:
            self._hidden.discard(number)
            self.texts[number] = text

    def clear(self) -> None:
        """Remove all lines."""
        self.texts, self._hidden, self._group_starts = [], set(), []

    def find_lines(self) -> Sequence[int]:
        """Return the numbers of the lines that contain all words, in the order to be shown.

        Ranked lines are in the order of `_rank`. The loops are plain, since 10,000 lines are
        searched while a key is handled: 5 ms for a letter that almost all contain.
        """
        words, hidden, texts = self._words, self._hidden, self.texts
        if not words and not hidden:
            return range(len(texts))
        found = [n for n in range(len(texts)) if n not in hidden] if hidden else range(len(texts))
        for word in words:
            found = [n for n in found if word in texts[n].whole]
        if not (words and self._is_ranked):
            return found
        bounds = [0, *(bisect_left(found, start) for start in self._group_starts), len(found)]
        return [n for start, end in pairwise(bounds) for n in self._rank(found[start:end])]

    def _rank(self, numbers: Sequence[int]) -> list[int]:
        """Return lines that contain all words, the best ones first.

        The order is: the whole title, a title's beginning, beginnings of words in the title,
        beginnings of any words, and the others.
        """
        beginnings = [_split_words(word) for word in self._words]
        query, texts, ranked = "".join(beginnings), self.texts, list[int]()
        exact = [n for n in numbers if texts[n].title_words == query]
        starting = [n for n in numbers if texts[n].title_words.startswith(query)]
        in_title = in_words = numbers
        for word in beginnings:
            in_title = [n for n in in_title if word in texts[n].title_words]
            in_words = [n for n in in_words if word in texts[n].all_words]
        for better in (exact, starting, in_title, in_words, numbers):
            known = set(ranked)
            ranked += [n for n in better if n not in known]
        return ranked
