"""What stands before and after a story's text: its head, and what follows the end mark.

Owns which of a story's facts are shown and in what words; unknown ones are left out, never
invented. None of it counts as text: places, words and progress know the body alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .dates import ago, day
from .document import Block, Kind, Level, Nest, Role, Span
from .pace import ORDINARY, length

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from .document import Document
    from .entries import Entry
    from .story import Story

SEPARATOR: Final = " · "
AWAY: Final = 60
"""Seconds after which a reader who comes back is told where reading stopped: who only looked
into another story, or quit by mistake, still knows."""


def byline(story: Story, pace: int = ORDINARY) -> str:
    """Return author, date and minutes at a pace (words a minute), as far as they are known."""
    parts = [f"By {story.author}" if story.author else ""]
    parts.append(day(story.published) if story.published else "")
    if story.words:
        parts.append(length(story.words, pace))
    return SEPARATOR.join(part for part in parts if part)


def head(story: Story, pace: int = ORDINARY) -> tuple[Block, ...]:
    """Return the blocks above the text: kicker, title, deck, byline and credit.

    The byline's minutes are at `pace`, in words a minute.
    """
    series = f"{story.series}, part {story.part}" if story.part else story.series
    kicker = SEPARATOR.join(part for part in (story.kicker, series) if part)
    parts = (
        (Kind.KICKER, kicker),
        (Kind.TITLE, story.title),
        (Kind.DECK, story.deck),
        (Kind.BYLINE, byline(story, pace)),
        (Kind.CREDIT, story.credit),
    )
    close = {Kind.TITLE, Kind.CREDIT}
    blocks = tuple(Block(kind, text, tight=kind in close) for kind, text in parts if text)
    return (*blocks, Block(Kind.CREDIT, "", tight=True))


def stopped_here(then: datetime, now: datetime, *, changed: bool, key: str) -> list[str]:
    """Return how it is said that reading stopped here, `then`: the longest words first.

    `changed` if the text did since; `key` is the one that starts over. None at all where
    nobody needs to be told.
    """
    if abs((now - then).total_seconds()) < AWAY:
        return []
    here, since = "you stopped here", "the text has changed since"
    when, over = f"{here}, {ago(then, now)}", f"{key} starts over"
    said = [(when, since, over), (when, since), (here, since)] if changed else [(when, over)]
    return [SEPARATOR.join(parts) for parts in (*said, (when,), (here,))]


def tail(
    story: Story, document: Document, following: Sequence[Entry] = (), *, is_next: bool = True
) -> tuple[Block, ...]:
    """Return the blocks below the text: end mark, footnotes, about the author, what is next.

    With `is_next` the first of those that follow is the one that `]` leads to.
    """
    blocks = [Block(Kind.END, "")]
    if not document.words and not document.blocks:
        blocks.insert(0, Block(Kind.STAND_IN, "This story has no text."))
    if document.notes:
        blocks += [_caption("Notes"), *document.notes]
    if story.about:
        blocks += [_caption("About the author"), Block(Kind.PARAGRAPH, story.about)]
    if following:
        blocks.append(_caption("Next"))
        blocks += [_entry(other, is_next and n == 0) for n, other in enumerate(following)]
    return (*blocks, Block(Kind.PARAGRAPH, ""))


def _caption(text: str) -> Block:
    return Block(Kind.STAND_IN, text, (Span(0, len(text), Role.STRONG),))


def _entry(entry: Entry, is_next: bool) -> Block:
    """Return the line of a story to read next, with its minutes, and the key that leads there."""
    title = entry.story.title
    text = f"{title}{SEPARATOR}{length(entry.story.words, entry.pace)}"
    span = Span(len(title), len(text), Role.DIM)
    key = "]" if is_next else "·"
    return Block(Kind.PARAGRAPH, text, (span,), (Level(Nest.ITEM, key, 1, opens=True),), tight=True)
