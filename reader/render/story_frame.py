"""A story's head and tail as blocks, and dates in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reader.library.story import BY_ID
from reader.reading.progress import ORDINARY, Mark, length
from reader.session.reading_list import Ending, Keys
from reader.text.cells import clean, clean_line
from reader.text.document import Block, Kind, Level, Nest, Role, Span

if TYPE_CHECKING:
    from datetime import date, datetime

    from reader.library.story import Story
    from reader.reading.annotations import Quote
    from reader.session.reading_list import Next
    from reader.text.document import Document


_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_JUST_NOW: Final = 3
"""Minutes."""
_HOURS: Final = 6
"""Hours up to which hours are counted though it was another day."""
_DAYS: Final = 28
"""Days up to which days are counted; then the month is named."""
_MONTHS_BACK: Final = 11
"""Months up to which a month's name alone says which one is meant."""


def day(published: date) -> str:
    """Return a date as it is printed: `12 June 2021`."""
    return f"{published.day} {_MONTHS[published.month - 1]} {published.year}"


def month(when: date) -> str:
    """Return the month of a date as it is printed: `June 2021`."""
    return f"{_MONTHS[when.month - 1]} {when.year}"


def ago(then: datetime, now: datetime) -> str:
    """Return how long before `now` something was: `an hour ago`, `yesterday`, `in June`.

    Both are aware; days begin at midnight where `now` is. What is still to come, by a clock
    that was set back, was some time ago.
    """
    minutes = int((now - then).total_seconds() // 60)
    then = then.astimezone(now.tzinfo)
    if minutes < _JUST_NOW:
        return "just now" if minutes >= -_JUST_NOW else "some time ago"
    if minutes < 60:
        return f"{minutes} minutes ago"
    days = (now.date() - then.date()).days
    if days == 0 or minutes < _HOURS * 60:
        return "an hour ago" if minutes < 120 else f"{minutes // 60} hours ago"
    if days <= _DAYS:
        return "yesterday" if days == 1 else f"{days} days ago"
    months = 12 * (now.year - then.year) + now.month - then.month
    return f"in {_MONTHS[then.month - 1]}" if months <= _MONTHS_BACK else f"in {then.year}"


SEPARATOR: Final = " · "
SKIPPED: Final = "skipped:"
"""The target of the link below a text that leads to the first part that was passed over."""
LONGEST: Final = 240
"""Characters of a quote, or of a remark, below its story: some four lines."""
NOTHING: Final = Ending()
NO_KEYS: Final = Keys()
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

    `changed` if the text did since; `key` is the one that starts over, if any does. None at
    all where nobody needs to be told.
    """
    if abs((now - then).total_seconds()) < AWAY:
        return []
    here, since = "you stopped here", "the text has changed since"
    when, over = f"{here}, {ago(then, now)}", (f"{key} starts over",) if key else ()
    said = [(when, since, *over), (when, since), (here, since)] if changed else [(when, *over)]
    return list(dict.fromkeys(SEPARATOR.join(parts) for parts in (*said, (when,), (here,))))


def tail(
    story: Story, document: Document, ending: Ending = NOTHING, keys: Keys = NO_KEYS
) -> tuple[Block, ...]:
    """Return the blocks below the text: the end mark, and the card that follows it.

    How it was read, footnotes, what the reader kept, about the author, the reader's response,
    what is next; each with what `keys` lead on from there.
    """
    blocks = [Block(Kind.END, "")]
    if not document.words and not document.blocks:
        blocks.insert(0, Block(Kind.STAND_IN, "This story has no text."))
    if ending.standing:
        blocks.append(_standing(ending))
    if document.notes:
        blocks += [_caption("Notes"), *document.notes]
    if ending.quotes:
        blocks.append(_caption("What you kept"))
    for quote in ending.quotes:
        blocks += _quote(quote)
    if story.about:
        blocks += [_caption("About the author"), Block(Kind.PARAGRAPH, story.about)]
    if ending.response:
        blocks += [_caption("Your response"), *_paragraphs(ending.response)]
    elif keys.respond:
        blocks.append(Block(Kind.STAND_IN, f"{keys.respond} writes a response"))
    if ending.following:
        blocks.append(_caption("Next", f"{keys.on} reads the first" if keys.on else ""))
        blocks += [
            _next(one, keys.along if _is_along(one, ending) else "") for one in ending.following
        ]
    return (*blocks, Block(Kind.PARAGRAPH, ""))


def _caption(text: str, more: str = "") -> Block:
    whole = f"{text}{SEPARATOR}{more}" if more else text
    return Block(Kind.STAND_IN, whole, (Span(0, len(text), Role.STRONG),))


def _standing(ending: Ending) -> Block:
    """Return the line that says how the story was read; it leads to what was skipped."""
    text = ending.standing
    length = text.index(":") if ending.is_skipped else 0
    link = (Span(0, length, Role.LINK, SKIPPED),) if length else ()
    return Block(Kind.STAND_IN, text, link)


def _quote(quote: Quote) -> list[Block]:
    """Return the blocks of something kept, no more of it than tells which it is."""
    text = _fitted(quote.text)
    kept = Block(Kind.PARAGRAPH, text, nesting=(Level(Nest.QUOTE, opens=True),))
    remark = _fitted(quote.remark)
    if not remark:
        return [kept]
    span = Span(0, len(remark), Role.EMPHASIS)
    return [kept, Block(Kind.PARAGRAPH, remark, (span,), tight=True)]


def _fitted(text: str) -> str:
    """Return `text` on one line, cut behind a word where it is too long."""
    line = clean_line(text, 2 * LONGEST)
    return (
        line if len(line) <= LONGEST else f"{line[:LONGEST].rpartition(' ')[0] or line[:LONGEST]}…"
    )


def _paragraphs(text: str) -> list[Block]:
    parts = (" ".join(part.split()) for part in clean(text).split("\n\n"))
    return [Block(Kind.PARAGRAPH, part) for part in parts if part]


def _is_along(one: Next, ending: Ending) -> bool:
    return ending.along is not None and one.entry.story.path == ending.along.path


def _next(one: Next, key: str) -> Block:
    """Return the line of a story to read next: it leads there, and so does `key` if there is one."""
    entry = one.entry
    title = clean_line(entry.story.title)
    time = length(entry.story.words, entry.pace) if entry.story.words else ""
    time = entry.left if entry.mark is Mark.READING else time
    text = SEPARATOR.join(part for part in (title, time, clean_line(one.reason)) if part)
    spans = (
        Span(0, len(title), Role.LINK, f"{BY_ID}{entry.story.id}"),
        Span(len(title), len(text), Role.DIM),
    )
    label = Level(Nest.ITEM, key or "·", 1, opens=True)
    return Block(Kind.PARAGRAPH, text, spans, (label,), tight=True)
