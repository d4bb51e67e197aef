"""The filter of the shelf: what was typed, the query that it is, and the stories that are left."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from reader.finding.filters import filter_entries
from reader.finding.near_titles import drop_words, is_near_title, list_forgivable
from reader.fulltext.query import Field, Query, Words, parse_query

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from reader.session.shelf.entries import ShelfEntry
    from reader.session.shelf.sections import ShelfSection


class FilteredSections(NamedTuple):
    """What a filter has left."""

    sections: list[ShelfSection]
    are_near: bool = False
    """No story meets the filter; these have titles with similar words."""


class ShelfFilter(NamedTuple):
    """What the stories on the shelf must meet."""

    text: str
    """As typed."""
    query: Query
    annotated: Mapping[str, frozenset[str]] = {}
    """See `filters.Annotated`; needed only if `asks_for_annotations`."""

    @property
    def asks_for_annotations(self) -> bool:
        """Whether a field asks for highlights, notes or responses."""
        return any(isinstance(one, Field) and one.name == "has" for one, _ in self.query.terms)

    def apply(self, sections: Sequence[ShelfSection]) -> FilteredSections:
        """Return the sections with the stories that meet the query, none of them folded.

        If there is none, those whose titles have the words with typing errors.
        """
        left = _keep(sections, partial(filter_entries, query=self.query, annotated=self.annotated))
        typed = [] if left else list_forgivable(self.query)
        if not typed:
            return FilteredSections(left)
        fields = drop_words(self.query)

        def find_near(entries: Sequence[ShelfEntry]) -> list[ShelfEntry]:
            near = [entry for entry in entries if is_near_title(entry.story.title, typed)]
            return filter_entries(near, fields, self.annotated)

        left = _keep(sections, find_near)
        return FilteredSections(left, are_near=bool(left))


def _keep(
    sections: Sequence[ShelfSection],
    select: Callable[[Sequence[ShelfEntry]], list[ShelfEntry]],
) -> list[ShelfSection]:
    left = (
        section._replace(entries=select(section.entries), is_folded=False) for section in sections
    )
    return [section for section in left if section.entries]


def parse_filter(text: str) -> ShelfFilter | None:
    """Return the filter that is being typed; None if `text` asks for nothing yet.

    The words may go on, except in quotation marks, and those that must not occur. Raises
    `BadQuery` for what can't become right by typing on.
    """
    terms = parse_query(text, is_typing=True).terms
    if not terms:
        return None
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
    )


def check_filter(text: str) -> None:
    """Raise `BadQuery` if a filter that is typed to its end is wrong or incomplete."""
    parse_query(text)
