"""Which stories meet a query, by fields and words of title, author, tags and folder.

No text of a story is read. Words of texts are found by an engine, see `fulltext`.
"""

from __future__ import annotations

import operator
import os
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from reader.fulltext.query import Field, Words
from reader.fulltext.words import list_query_words, list_words
from reader.text.search import fold_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from reader.fulltext.query import Query
    from reader.session.shelf.entries import ShelfEntry

    Annotated = Mapping[str, frozenset[str]]
    """The ids of the stories that have a highlight, a note and a response, by these names."""

_COMPARISONS: Final[Mapping[str, Callable[[int, int], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def filter_entries(
    entries: Sequence[ShelfEntry], query: Query, annotated: Annotated, roots: Sequence[str] = ()
) -> list[ShelfEntry]:
    """Return the entries that meet `query`, in their order.

    `roots` are the paths of the scanned folders: words may be in the names of folders below them.
    """
    tops = tuple(roots)
    return [
        entry
        for entry in entries
        if all(
            _meets(entry, condition, annotated, tops) is not is_negated
            for condition, is_negated in query.terms
            if isinstance(condition, Words | Field)
        )
    ]


def list_ids(entries: Sequence[ShelfEntry], field: Field, annotated: Annotated) -> set[str]:
    """Return the ids of the stories that have what `field` asks for."""
    return {entry.story.id for entry in entries if _meets_field(entry, field, annotated)}


def _meets(
    entry: ShelfEntry, condition: Words | Field, annotated: Annotated, roots: tuple[str, ...]
) -> bool:
    if isinstance(condition, Field):
        return _meets_field(entry, condition, annotated)
    story = entry.story
    tags = (*story.tags, *entry.labels.tags)
    inside = _find_path_inside(story.location.rpartition(os.sep)[0], roots)
    about = (story.title, story.deck, story.author, *tags, story.series, story.folder, inside)
    return _has_words("\n".join(about), condition.words, is_prefix=condition.is_prefix)


@lru_cache(maxsize=10_000)
def _find_path_inside(folder: str, roots: tuple[str, ...]) -> str:
    """Return the path of a folder in the innermost of `roots`, empty if it is in none."""
    tops = [root for root in roots if folder == root or folder.startswith(f"{root}{os.sep}")]
    return folder[len(max(tops, key=len)) :] if tops else ""


def _has_words(text: str, words: Sequence[str], *, is_prefix: bool) -> bool:
    return f" {' '.join(words)}{'' if is_prefix else ' '}" in _list_padded_words(text)


_fold = lru_cache(maxsize=30_000)(fold_text)
_list_query_words = lru_cache(maxsize=100)(list_query_words)


@lru_cache(maxsize=30_000)
def _list_padded_words(text: str) -> str:
    return f" {' '.join(list_words(text))} "


def _meets_field(entry: ShelfEntry, field: Field, annotated: Annotated) -> bool:
    return _TESTS[field.name](entry, field, annotated)


def _has_tag(entry: ShelfEntry, field: Field, annotated: Annotated) -> bool:
    wanted = _fold(field.value.removeprefix("#"))  # as tags are shown
    tags = (_fold(tag.removeprefix("#")) for tag in (*entry.story.tags, *entry.labels.tags))
    return any(tag == wanted or (field.is_prefix and tag.startswith(wanted)) for tag in tags)


def _has_author(entry: ShelfEntry, field: Field, annotated: Annotated) -> bool:
    return _has_value(entry.story.author, field)


def _has_title(entry: ShelfEntry, field: Field, annotated: Annotated) -> bool:
    return _has_value(entry.story.title, field)


def _has_literal(entry: ShelfEntry, field: Field, annotated: Annotated) -> bool:
    """Return whether there are such signs; in decks, which are sentences, they say nothing."""
    story = entry.story
    tags = (*story.tags, *entry.labels.tags)
    about = (story.title, story.author, *tags, story.series, story.folder)
    return _fold(field.value) in _fold("\n".join(about))


def _has_value(text: str, field: Field) -> bool:
    words, may_go_on = _list_query_words(field.value)
    if not words:
        return _fold(field.value) in _fold(text)
    return _has_words(text, words, is_prefix=field.is_prefix or may_go_on)


def _is_in_folder(entry: ShelfEntry, field: Field, annotated: Annotated) -> bool:
    """Return whether the folder, or one around it, has this name; or these, as in `a/b`."""
    wanted = f"/{_fold(field.value).strip('/')}{'' if field.is_prefix else '/'}"
    parent = os.path.dirname(entry.story.location)  # noqa: PTH120  faster than a Path
    return wanted in f"/{_fold(entry.story.folder)}/" or wanted in f"{_fold(parent)}/"


def _has_status(entry: ShelfEntry, field: Field, annotated: Annotated) -> bool:
    return (
        entry.labels.is_starred if field.value == "starred" else entry.status.value == field.value
    )


def _is_annotated(entry: ShelfEntry, field: Field, annotated: Annotated) -> bool:
    return entry.story.id in annotated.get(field.value, ())


def _is_of_year(entry: ShelfEntry, field: Field, annotated: Annotated) -> bool:
    first, _, last = field.value.partition("-")
    published = entry.story.published
    return published is not None and int(first) <= published.year <= int(last or first)


def _takes_time(entry: ShelfEntry, field: Field, annotated: Annotated) -> bool:
    """Return whether the time that is left, of a finished story the whole time, is such."""
    sign = field.value.rstrip("0123456789")
    minutes = entry.minutes_left or entry.minutes
    has_words = entry.story.is_readable and entry.story.words > 0
    return has_words and _COMPARISONS[sign](minutes, int(field.value[len(sign) :]))


_TESTS: Final[Mapping[str, Callable[[ShelfEntry, Field, Annotated], bool]]] = {
    "tag": _has_tag,
    "author": _has_author,
    "title": _has_title,
    "in": _is_in_folder,
    "is": _has_status,
    "has": _is_annotated,
    "year": _is_of_year,
    "time": _takes_time,
    "literal": _has_literal,
}
"""What each field of a query asks of a story."""
