"""Compare stories by their words, titles and authors, and look up those that are alike."""

from __future__ import annotations

from enum import IntEnum
from itertools import takewhile
from typing import TYPE_CHECKING, Final, Protocol

from reader.library.story import guess_title
from reader.reading.identity import measure_similarity, parse_fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from reader.store.stories import KnownStory


MIN_SIMILARITY: Final = 0.35
"""The share of common word pairs from which two texts with one title are versions of one text.
An edit of a tenth of all words, evenly spread, leaves two thirds; of 78 pairs of stories none has
more than an eighth."""
MIN_OTHER_SIMILARITY: Final = 0.5
"""The same for texts with different titles."""
MIN_EDITED_PAIRS: Final = 8
"""Word pairs in the sample of a text below which an edited one can't be told from another."""
MIN_OTHER_PAIRS: Final = 16
"""The same for texts with different titles, also if all words are equal: notes made from one
template are alike."""
_LOOKED_UP: Final = 12
"""The lowest hashes of a sample by which texts are looked up. Of texts with a similarity of
0.35 or more, one in two hundred has none of these in common."""
_MAX_ALIKE: Final = 50
"""Known stories with the same words that are all compared with a file."""


class Described(Protocol):
    """A story in a file, or one that is known."""

    @property
    def path(self) -> Path:
        """Where its file is or was."""

    @property
    def title(self) -> str:
        """Its title, which may come from the path."""

    @property
    def author(self) -> str:
        """Its author, or an empty text."""

    @property
    def fingerprint(self) -> str:
        """Of its words, or an empty text."""


class Likeness(IntEnum):
    """How alike the words of two stories are."""

    UNKNOWN = 0
    """The words of one of them aren't known."""
    DIFFERENT = 1
    SIMILAR = 2
    EQUAL = 3


def get_own_title(story: Described) -> str:
    """Return the title in the text in lower case; empty if the title is made of the path."""
    parsed = parse_fingerprint(story.fingerprint)
    has_title = story.title != guess_title(story.path) if parsed is None else parsed.has_title
    return " ".join(story.title.casefold().split()) if has_title else ""


def has_other_title(one: Described, other: Described) -> bool:
    """Return whether the texts of two stories have different titles."""
    return "" not in (titles := {get_own_title(one), get_own_title(other)}) and len(titles) > 1


def measure_likeness(one: Described, other: Described) -> float | None:
    """Return the share of word pairs that two stories have in common; None if it isn't known."""
    if one.fingerprint == other.fingerprint:
        return 1.0 if one.fingerprint else None
    first, second = parse_fingerprint(one.fingerprint), parse_fingerprint(other.fingerprint)
    if first is None or second is None:
        return None
    return measure_similarity(first, second)


def compare_words(one: Described, other: Described) -> Likeness:
    """Compare two stories of which only the words and the titles may say that they are one."""
    similarity = measure_likeness(one, other)
    if similarity is None:
        return Likeness.UNKNOWN
    sizes = [
        len(parsed.sample)
        for each in (one, other)
        if (parsed := parse_fingerprint(each.fingerprint)) is not None
    ]
    pairs = min(sizes, default=0)
    is_equal = similarity == 1.0
    if has_other_title(one, other):
        is_like = similarity >= MIN_OTHER_SIMILARITY and pairs >= MIN_OTHER_PAIRS
    else:
        is_like = is_equal or (similarity >= MIN_SIMILARITY and pairs >= MIN_EDITED_PAIRS)
    if not is_like:
        return Likeness.DIFFERENT
    return Likeness.EQUAL if is_equal else Likeness.SIMILAR


def has_title_and_author(one: Described, other: Described) -> bool:
    """Return whether two stories have the same title and author.

    Without an author, their files must have the same name.
    """
    title = get_own_title(one)
    if not title or title != get_own_title(other):
        return False
    if one.author or other.author:
        return one.author.casefold() == other.author.casefold()
    return one.path.name.casefold() == other.path.name.casefold()


def count_common_parts(one: Path, other: Path) -> int:
    """Return how many names two paths have in common at their ends."""
    pairs = zip(reversed(one.parts), reversed(other.parts), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


class LikenessIndex:
    """Known stories by their words and by their titles."""

    def __init__(self, stories: Iterable[KnownStory]) -> None:
        self._by_words: dict[int | str, list[KnownStory]] = {}
        self._by_title: dict[str, list[KnownStory]] = {}
        for story in stories:
            self.add(story)

    def add(self, story: KnownStory) -> None:
        """Add a story, or what has changed of it."""
        for key in _list_keys(story):
            self._by_words.setdefault(key, []).append(story)
        if title := get_own_title(story):
            self._by_title.setdefault(title, []).append(story)

    def find(self, story: Described) -> list[str]:
        """Return the ids of the known stories that may be `story`, once each."""
        found: dict[str, KnownStory] = {}
        for key in _list_keys(story):
            found |= _limit(self._by_words.get(key, ()), story)
        if self._by_title:
            found |= _limit(self._by_title.get(get_own_title(story), ()), story)
        return list(found)


def _limit(stories: Sequence[KnownStory], story: Described) -> dict[str, KnownStory]:
    """Return stories by id; of very many with one text, such as notes, those of one file name."""
    if len(stories) > _MAX_ALIKE:
        stories = [each for each in stories if each.path.name == story.path.name][:_MAX_ALIKE]
    return {each.id: each for each in stories}


def _list_keys(story: Described) -> list[int | str]:
    parsed = parse_fingerprint(story.fingerprint)
    return [parsed.digest, *parsed.sample[:_LOOKED_UP]] if parsed is not None else []
