"""Complete the last word of a query: the name of a field, or a value that the stories have."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from reader.fulltext.query import FIELDS
from reader.library.files import SHOWN_NAMES
from reader.store.stories import parse_tags
from reader.text.search import fold_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from reader.library.story import Story
    from reader.session.shelf.entries import ShelfEntry

_VALUES: Final[Mapping[str, Callable[[Story], Iterable[str]]]] = {
    "tag": lambda story: story.tags,
    "author": lambda story: (story.author,),
    "title": lambda story: (story.title,),
    "in": lambda story: (story.folder, SHOWN_NAMES.get(story.folder, ""), story.path.parent.name),
    "year": lambda story: (str(story.published.year),) if story.published else (),
}
"""The values of a story's fields."""
_QUOTES: Final = '"“”„'
NO_COMPLETION: Final = "No field and no value of a story begins with that."


def list_completions(
    text: str, stories: Iterable[Story], own_tags: Iterable[str] = ()
) -> list[str]:
    """Return `text` with its last word completed in each possible way; none if there is no way.

    A word without a colon becomes the name of a field, and one with a colon gets a value: those
    that begin with what is typed, in alphabetical order. `own_tags` are those of the reader.
    """
    start = _find_last_word(text)
    word = text[start:]
    minus = "-" if word.startswith("-") else ""
    name, colon, value = word.removeprefix("-").partition(":")
    begin = f"{text[:start]}{minus}"
    if not colon:
        names = [each for each in FIELDS if each.startswith(name.lower())]
        return [f"{begin}{each}:" for each in names]
    name = name.lower()
    typed = fold_text(value.lstrip(_QUOTES))
    values: Iterable[str] = FIELDS.get(name, ())
    if not values and name in _VALUES:
        values = {each for story in stories for each in _VALUES[name](story) if each}
    if name == "tag":
        values = (*values, *own_tags)
    found = {fold_text(each): each for each in values}
    matching = sorted(folded for folded in found if folded.startswith(typed))
    return [f"{begin}{name}:{_quote(found[folded])}" for folded in matching]


def list_tag_completions(text: str, stories: Iterable[Story], own_tags: Iterable[str]) -> list[str]:
    """Return tags that are being typed with the last one completed in each possible way.

    Those that stand there already are left out, and those of files that are several words.
    """
    start = max(text.rfind(each) for each in " ,;") + 1
    typed = {fold_text(tag) for tag in parse_tags(text[:start])}
    word = fold_text(text[start:].lstrip("#"))
    known = {tag for story in stories for tag in story.tags if parse_tags(tag) == (tag,)}
    found = {fold_text(tag): tag for tag in (*known, *own_tags)}
    return [
        f"{text[:start]}{found[folded]}"
        for folded in sorted(found)
        if folded.startswith(word) and folded not in typed
    ]


def count_tags(entries: Iterable[ShelfEntry]) -> list[tuple[str, int]]:
    """Return the tags of stories, of the files and the reader's, and how many stories have each."""
    counts, names = Counter[str](), dict[str, str]()
    for entry in entries:
        tags = {fold_text(tag): tag for tag in (*entry.story.tags, *entry.labels.tags)}
        counts.update(tags.keys())
        names |= tags
    return [(names[folded], counts[folded]) for folded in sorted(counts)]


def make_tag_query(tag: str) -> str:
    """Return the query that finds the stories with just this tag."""
    return f'tag:"{_quote(tag).strip(_QUOTES)}"'


def _find_last_word(text: str) -> int:
    """Return where the last word begins; spaces in quotation marks belong to a word."""
    start, is_quoted = 0, False
    for offset, character in enumerate(text):
        if character in _QUOTES:
            is_quoted = not is_quoted
        elif character.isspace() and not is_quoted:
            start = offset + 1
    return start


def _quote(value: str) -> str:
    """Return a value as it is typed."""
    plain = "".join(" " if each in _QUOTES else each for each in " ".join(value.split()))
    return f'"{plain}"' if " " in plain else plain
