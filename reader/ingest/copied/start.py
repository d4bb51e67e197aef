"""Find where the prose of a copied text begins, below menus, teasers and the facts of the story."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Final

from reader.ingest.copied.lines import (
    BULLET,
    LONG_CELLS,
    count_words,
    find_date,
    find_minutes,
    is_credit,
    measure,
    parse_byline,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reader.ingest.copied.lines import Copied


_PROSE_REACH: Final = 9
"""Lines after a long one among which another long line shows that prose has begun."""
_DENSE_REACH: Final = 12
"""Lines after the first paragraph of which a third are long, if it isn't a menu's."""
_MAX_FACTS_REACH: Final = 25
MAX_TITLE_CELLS: Final = 200
MAX_DECK_CELLS: Final = 320
"""A longer paragraph above the facts is the first one of the text."""
_TITLE_REACH: Final = 12
"""Lines above a deck among which the title stands."""


def find_start(copied: Copied) -> int:
    """Return the first line of the prose: a long line with another near it."""
    first = _find_prose_start(copied, copied.filled)
    if first is None:
        return _find_start_without_prose(copied)
    if not may_be_title(copied, copied.filled[0]):
        first = _skip_teasers(copied, first)
    return first


def _find_prose_start(copied: Copied, numbers: Iterable[int]) -> int | None:
    for number in numbers:
        if not copied.is_prose(number) or is_credit(copied.texts[number]):
            continue
        near = [n for n in copied.next_filled(number, _PROSE_REACH) if n not in copied.boilerplate]
        if not _is_deck(copied, number, near) and any(is_long(copied, n) for n in near):
            return number
    return None


def _is_deck(copied: Copied, number: int, near: list[int]) -> bool:
    """Return whether a sentence stands between the title and the facts, of which one follows it.

    `near` has the lines below. A paragraph above which there is no title, or a fact, isn't a deck.
    """
    is_above_facts = any(is_fact(copied, n) for n in near[:3])
    if not is_above_facts or any(copied.is_prose(n) for n in near[:1]):
        return False
    place = bisect_left(copied.filled, number)
    above = [
        n
        for n in copied.filled[max(0, place - _TITLE_REACH) : place]
        if n not in copied.boilerplate
    ]
    if not above:
        return not place and may_be_title(copied, number) and not copied.texts[number].endswith(".")
    return measure(copied.texts[number]) <= MAX_DECK_CELLS and not is_fact(copied, above[-1])


def _skip_teasers(copied: Copied, start: int) -> int:
    """Return the start of the prose below a later title, if what is above it is a menu's.

    Menus of a whole page have sentences too. A title that is followed by a date or byline
    and by nearly all prose shows them.
    """
    weights = {n: measure(copied.texts[n]) * copied.is_prose(n) for n in copied.filled}
    total, above = sum(weights.values()), 0
    for number in copied.filled:
        above += weights[number]
        if above * 6 > total:
            break
        if number <= start or not may_be_title(copied, number):
            continue
        near = [n for n in copied.next_filled(number, 6) if n not in copied.boilerplate][:3]
        if any(is_fact(copied, n) for n in near):
            later = _find_prose_start(copied, (n for n in copied.filled if n > number))
            return later if later is not None else start
    return _find_dense_start(copied, start, weights)


def _find_dense_start(copied: Copied, start: int, weights: dict[int, int]) -> int:
    """Return the first paragraph from `start` on after which a third of the lines are long."""
    total = sum(weights.values())
    above = sum(weight for number, weight in weights.items() if number < start)
    for number in copied.filled:
        if number < start or above * 6 > total:
            continue
        near = copied.next_filled(number, _DENSE_REACH)
        if copied.is_prose(number) and sum(is_long(copied, n) for n in near) * 3 >= len(near):
            return number
        above += weights[number]
    return start


def _find_start_without_prose(copied: Copied) -> int:
    """Return where a text without long lines begins, such as a poem: below what is known."""
    facts = [
        n
        for n in copied.filled[:_MAX_FACTS_REACH]
        if is_fact(copied, n) or is_credit(copied.texts[n])
    ]
    for number in copied.filled:
        if (facts and number > facts[-1]) or (not facts and is_long(copied, number)):
            return number
    return copied.filled[min(1, len(copied.filled) - 1)]


def is_long(copied: Copied, number: int) -> bool:
    """Return whether a line is as wide as those of prose."""
    return measure(copied.texts[number]) > LONG_CELLS


def is_fact(copied: Copied, number: int) -> bool:
    """Return whether a line has a reading time, a date or a byline."""
    text = copied.texts[number]
    return (
        find_minutes(text) is not None
        or (len(text) < LONG_CELLS and find_date(text) != "")
        or parse_byline(text) is not None
    )


def may_be_title(copied: Copied, number: int) -> bool:
    """Return whether a line has the form of a title, wherever it stands."""
    text = copied.texts[number]
    return (
        number not in copied.boilerplate
        and number not in copied.navigation
        and count_words(text) > 2
        and measure(text) <= MAX_TITLE_CELLS
        and not is_fact(copied, number)
        and not BULLET.match(text)
    )
