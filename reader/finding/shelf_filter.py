"""The filter of the shelf: what was typed, the query that it is, and the stories that are left."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from reader.finding.filters import filter_entries
from reader.fulltext.query import Field, Query, Words, parse_query

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from reader.session.shelf_list import ShelfSection


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

    def apply(self, sections: Sequence[ShelfSection]) -> list[ShelfSection]:
        """Return the sections with the stories that meet the query, none of them folded."""
        left = (
            section._replace(
                entries=filter_entries(section.entries, self.query, self.annotated),
                is_folded=False,
            )
            for section in sections
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
