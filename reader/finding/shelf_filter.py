"""The filter of the shelf: what was typed, the query that it is, and the stories that are left.

Typing errors in titles are forgiven: a letter that differs, or two that are swapped.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.errors import BadQuery
from reader.finding.filters import EntryTexts, find_entries
from reader.fulltext.query import Field, Query, Term, Words, parse_query
from reader.text.cells import sanitize_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from reader.session.shelf.entries import ShelfEntry
    from reader.session.shelf.sections import ShelfSection


STATES: Final = {
    "unread": "unread",
    "reading": "begun",
    "finished": "finished",
    "starred": "starred",
}
"""The values of the field `is`, and what they are called in a sentence."""
_MIN_LETTERS: Final = 4
"""Letters of a word in which an error is forgiven: of shorter words too many are similar."""
_NONE_YET: Final = "No story matches yet. Files are still being read."


class FilteredSections(NamedTuple):
    """What a filter has left."""

    sections: list[ShelfSection]
    are_near: bool = False
    """No story meets the filter; these have titles with similar words."""


class ShelfFilter(NamedTuple):
    """What the stories on the shelf must meet."""

    text: str
    """As typed."""
    typed: Query
    state: str = ""
    """One of `STATES`, or empty for all."""
    annotated: Mapping[str, frozenset[str]] = {}
    """See `filters.Annotated`; needed only if `asks_for_annotations`."""
    roots: Sequence[str] = ()
    """The paths of the scanned folders."""
    texts: EntryTexts | None = None
    """What is looked into, which the filters that follow look into too; None if that isn't known."""

    @property
    def query(self) -> Query:
        """What was typed, and the state."""
        if not self.state:
            return self.typed
        return Query((*self.typed.terms, Term(Field("is", self.state))))

    @property
    def asks_for_annotations(self) -> bool:
        """Whether a field asks for highlights, notes or responses."""
        return any(isinstance(one, Field) and one.name == "has" for one, _ in self.typed.terms)

    def look_inside(self, roots: Sequence[str]) -> ShelfFilter:
        """Return the filter for words in the names of folders inside the scanned ones, `roots`."""
        return self._replace(roots=roots, texts=self.texts or EntryTexts())

    def follow(self, before: ShelfFilter | None) -> ShelfFilter:
        """Return the filter with the texts that the one before it looked into."""
        return self._replace(texts=before.texts) if before is not None else self

    def explain_none(self, *, is_reading: bool = False) -> str:
        """Return the sentence that no story meets the filter, or none of those that were read."""
        if self.state and not self.typed.terms:
            return f"No story is {STATES[self.state]}." if not is_reading else _NONE_YET
        return "No story matches." if not is_reading else _NONE_YET

    def apply(self, sections: Sequence[ShelfSection]) -> FilteredSections:
        """Return the sections with the stories that meet the query, none of them folded.

        If there is none, those whose titles have the words with typing errors.
        """
        entries = [entry for section in sections for entry in section.entries]
        texts = self.texts or EntryTexts()
        found = find_entries(entries, self.query, self.annotated, self.roots, texts)
        typed = [] if found else _list_forgivable(self.query)
        if not typed:
            return FilteredSections(_keep(sections, entries, found))
        near = _find_near_titles(texts.find("title", entries, self.roots), typed)
        others = _drop_words(self.query)
        met = {*find_entries(entries, others, self.annotated, self.roots, texts)} if near else ()
        left = _keep(sections, entries, [number for number in near if number in met])
        return FilteredSections(left, are_near=bool(left))


def _keep(
    sections: Sequence[ShelfSection], entries: Sequence[ShelfEntry], numbers: Sequence[int]
) -> list[ShelfSection]:
    """Return the sections with those of all their entries that have these numbers."""
    left: list[ShelfSection] = []
    start = end = 0
    for section in sections:
        end += len(section.entries)
        stop = bisect_left(numbers, end, start)
        if start < stop:
            kept = [entries[number] for number in numbers[start:stop]]
            left.append(section._replace(entries=kept, is_folded=False))
        start = stop
    return left


def change_state(shelf_filter: ShelfFilter | None, state: str) -> ShelfFilter | None:
    """Return the filter with another state, or with none; None if it asks for nothing then."""
    if shelf_filter is None:
        return ShelfFilter("", Query(), state) if state else None
    return shelf_filter._replace(state=state) if state or shelf_filter.typed.terms else None


def parse_filter(text: str, state: str = "") -> ShelfFilter | None:
    """Return the filter that is being typed, for stories of a state or of all.

    None if it asks for nothing yet.

    The words may go on, except in quotation marks, and those that must not occur. Raises
    `BadQuery` for what can't become right by typing on.
    """
    terms = parse_query(text, is_typing=True).terms
    if not terms:
        return change_state(None, state)
    return ShelfFilter(
        text,
        Query(
            tuple(
                term._replace(condition=term.condition._replace(is_prefix=not term.is_negated))
                if isinstance(term.condition, Words) and not term.condition.is_quoted
                else term
                for term in terms
            )
        ),
        state,
    )


def check_filter(text: str) -> None:
    """Raise `BadQuery` if a filter that is typed to its end is wrong or incomplete."""
    if parse_query(text).terms and not parse_query(text, is_typing=True).terms:
        typed = sanitize_line(text.strip())
        raise BadQuery(f'{typed} begins a condition; to look for the sign: "{typed}"')


def _list_forgivable(query: Query) -> list[tuple[str, ...]]:
    """Return the words of a query that may have errors; none if a phrase is quoted."""
    words = query.list_words()
    if any(each.is_quoted for each in words):
        return []
    is_long = any(len(word) >= _MIN_LETTERS for each in words for word in each.words)
    return [each.words for each in words] if is_long else []


def _drop_words(query: Query) -> Query:
    """Return a query without the words that texts must have."""
    kept = (term for term in query.terms if term.is_negated or not isinstance(term[0], Words))
    return query._replace(terms=tuple(kept))


def _find_near_titles(titles: Sequence[str], typed: Sequence[tuple[str, ...]]) -> list[int]:
    """Return the numbers of titles that have a word that begins almost like each typed one."""
    all_words = {word for title in titles for word in title.split()}  # many titles share words
    numbers: Sequence[int] = range(len(titles))
    for typed_word in dict.fromkeys(word for each in typed for word in each):
        # One error, or two swapped letters, leave the beginning or the end as it is.
        middle = len(typed_word) // 2
        start, end = typed_word[: max(0, middle - 1)], typed_word[middle + 1 :]
        near = {
            word
            for word in all_words
            if (word.startswith(start) or end in word) and _begins_nearly(word, typed_word)
        }
        numbers = [n for n in numbers if not near.isdisjoint(titles[n].split())] if near else []
    return [*numbers]


def _begins_nearly(word: str, typed: str) -> bool:
    """Return whether `word` begins with what is typed, with one error if that is long enough."""
    if word.startswith(typed):
        return True
    size = len(typed)
    if size < _MIN_LETTERS or len(word) < size - 1:
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
