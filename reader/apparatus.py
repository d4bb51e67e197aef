"""What stands before and after a story's text: its head, and what follows the end mark.

Owns which of a story's facts are shown and in what words; unknown ones are left out, never
invented. None of it counts as text: places, words and progress know the body alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .document import Block, Kind, Level, Nest, Role, Span

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from .document import Document
    from .story import Story

SEPARATOR: Final = " · "
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
"""Month names by ourselves: `strftime` would follow the process's locale."""


def day(published: date) -> str:
    """Return a date as it is printed: `12 June 2021`."""
    return f"{published.day} {_MONTHS[published.month - 1]} {published.year}"


def byline(story: Story) -> str:
    """Return author, date and minutes, as far as they are known."""
    parts = [f"By {story.author}" if story.author else ""]
    parts.append(day(story.published) if story.published else "")
    if story.words:
        parts.append(f"{story.minutes} min")
    return SEPARATOR.join(part for part in parts if part)


def head(story: Story) -> tuple[Block, ...]:
    """Return the blocks above the text: kicker, title, deck, byline and credit."""
    series = f"{story.series}, part {story.part}" if story.part else story.series
    kicker = SEPARATOR.join(part for part in (story.kicker, series) if part)
    parts = (
        (Kind.KICKER, kicker),
        (Kind.TITLE, story.title),
        (Kind.DECK, story.deck),
        (Kind.BYLINE, byline(story)),
        (Kind.CREDIT, story.credit),
    )
    close = {Kind.TITLE, Kind.CREDIT}
    blocks = tuple(Block(kind, text, tight=kind in close) for kind, text in parts if text)
    return (*blocks, Block(Kind.CREDIT, "", tight=True))


def tail(
    story: Story, document: Document, following: Sequence[Story] = (), *, is_next: bool = True
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


def _entry(story: Story, is_next: bool) -> Block:
    """Return the line of a story to read next, with its minutes, and the key that leads there."""
    text = f"{story.title}{SEPARATOR}{story.minutes} min"
    span = Span(len(story.title), len(text), Role.DIM)
    key = "]" if is_next else "·"
    return Block(Kind.PARAGRAPH, text, (span,), (Level(Nest.ITEM, key, 1, opens=True),), tight=True)
