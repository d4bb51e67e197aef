"""Compare stories by paths, words, titles and authors, and look up those that are alike.

What speaks for two stories being one is `Evidence`; `session.identities` weighs it.
"""

from __future__ import annotations

from enum import IntEnum
from itertools import takewhile
from typing import TYPE_CHECKING, Final, Protocol

from reader.library.files import guess_title
from reader.reading.identity import measure_similarity, parse_fingerprint
from reader.store.stories import is_number, simplify_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from reader.library.story import Story
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


class Evidence(IntEnum):
    """Why a file is a known story. The first that is found decides."""

    ID_AND_PATH = 0
    """The id in its front matter, and its path."""
    PATH = 1
    """Its path, with the same words as far as they are known."""
    ID = 2
    """The id in its front matter."""
    SWAPPED = 3
    """The same words; both its path and that of the story have other words now."""
    EDITED = 4
    """Its path, with similar words or the same title."""
    INDEXED = 5
    """The index, when the reading data is older than the index."""
    WORDS = 6
    """The same words."""
    SIMILAR_WORDS = 7
    REWRITTEN = 8
    """Its path, with other words."""
    SPELLING = 9
    """Its path, spelt with other cases or other accents."""
    TITLE = 10
    """Its title and author."""

    @property
    def is_at_path(self) -> bool:
        """The file is where that of the story was."""
        return self.name in ("ID_AND_PATH", "PATH", "EDITED", "REWRITTEN")

    @property
    def is_certain(self) -> bool:
        """No other file can have better evidence."""
        return self in (Evidence.ID_AND_PATH, Evidence.PATH, Evidence.ID)

    @property
    def is_equal_words(self) -> bool:
        """The words are those of a story that was elsewhere."""
        return self is Evidence.WORDS

    @property
    def is_firm(self) -> bool:
        """It may be saved although other files are not described yet."""
        return self is not Evidence.REWRITTEN


def compare_elsewhere(story: Story, known: KnownStory) -> Evidence | None:
    """Return why a file may be a known story that was elsewhere, None if it isn't."""
    likeness = compare_words(story, known)
    if likeness is Likeness.EQUAL:
        return Evidence.WORDS
    if likeness is Likeness.SIMILAR:
        return Evidence.SIMILAR_WORDS
    if story.path != known.path and simplify_path(story.path) == simplify_path(known.path):
        return Evidence.SPELLING
    return Evidence.TITLE if has_title_and_author(story, known) else None


def compare_at_path(story: Story, own_id: str, known: KnownStory) -> Evidence | None:
    """Return why a file may be the known story at its path, None if it isn't.

    On another device, another story may have the same path.
    """
    similarity = measure_likeness(story, known)
    is_other = not is_number(own_id) and own_id != known.id and story.title != known.title
    if similarity is None:
        return None if is_other else Evidence.PATH
    if similarity == 1.0:
        return Evidence.PATH
    has_same_title = get_own_title(story) == get_own_title(known) != ""
    if similarity >= MIN_SIMILARITY or (known.is_local and has_same_title):
        return Evidence.EDITED
    has_other_id = is_other or (own_id != known.id and not is_number(known.id))
    if has_other_id or (not known.is_local and has_other_title(story, known)):
        return None
    return Evidence.REWRITTEN


def measure_difference(story: Story, known: KnownStory) -> float:
    """Return how much title, words and path differ; the title weighs most, the path least."""
    titles = get_own_title(story), get_own_title(known)
    title = 0.0 if titles[0] == titles[1] else 1.0 if "" in titles else 2.0
    similarity = measure_likeness(story, known)
    words = 1.0 - similarity if similarity is not None else 1.0
    common = count_common_parts(story.path, known.path)
    return title + words / 2 + 0.4 / (1 + common)


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
