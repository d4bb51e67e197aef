"""A story's head and tail as blocks, and dates in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reader.library.story import STORY_LINK_PREFIX
from reader.reading.progress import DEFAULT_PACE, ReadStatus, format_length
from reader.session.reading_list import EndCard, EndCardKeys
from reader.text.cells import sanitize, sanitize_line
from reader.text.document import Block, Container, Kind, NestingLevel, Role, Span

if TYPE_CHECKING:
    from datetime import date, datetime

    from reader.library.story import Story
    from reader.reading.annotations import Highlight
    from reader.session.reading_list import Suggestion
    from reader.text.document import Document


_MONTH_NAMES: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_JUST_NOW_MINUTES: Final = 3
"""Minutes."""
_MAX_HOURS: Final = 6
"""Hours up to which hours are counted though it was another day."""
_MAX_DAYS: Final = 28
"""Days up to which days are counted; then the month is named."""
_MAX_MONTHS: Final = 11
"""Months up to which a month's name alone says which one is meant."""


def format_date(published: date) -> str:
    """Return a date as it is printed: `12 June 2021`."""
    return f"{published.day} {_MONTH_NAMES[published.month - 1]} {published.year}"


def format_month(when: date) -> str:
    """Return the month of a date as it is printed: `June 2021`."""
    return f"{_MONTH_NAMES[when.month - 1]} {when.year}"


def format_time_ago(then: datetime, now: datetime) -> str:
    """Return how long before `now` something was: `an hour ago`, `yesterday`, `in June`.

    Both are aware; days begin at midnight where `now` is. What is still to come, by a clock
    that was set back, was some time ago.
    """
    minutes = int((now - then).total_seconds() // 60)
    then = then.astimezone(now.tzinfo)
    if minutes < _JUST_NOW_MINUTES:
        return "just now" if minutes >= -_JUST_NOW_MINUTES else "some time ago"
    if minutes < 60:
        return f"{minutes} minutes ago"
    days = (now.date() - then.date()).days
    if days == 0 or minutes < _MAX_HOURS * 60:
        return "an hour ago" if minutes < 120 else f"{minutes // 60} hours ago"
    if days <= _MAX_DAYS:
        return "yesterday" if days == 1 else f"{days} days ago"
    months = 12 * (now.year - then.year) + now.month - then.month
    return f"in {_MONTH_NAMES[then.month - 1]}" if months <= _MAX_MONTHS else f"in {then.year}"


SEPARATOR: Final = " · "
SKIPPED_TARGET: Final = "skipped:"
"""The target of the link below a text that leads to the first part that was passed over."""
MAX_EXCERPT_CHARACTERS: Final = 240
"""Characters of a quote, or of a remark, below its story: some four lines."""
EMPTY_END_CARD: Final = EndCard()
NO_KEYS: Final = EndCardKeys()
MIN_AWAY_SECONDS: Final = 60
"""Seconds after which a reader who comes back is told where reading stopped: who only looked
into another story, or quit by mistake, still knows."""


def format_byline(story: Story, pace: int = DEFAULT_PACE) -> str:
    """Return author, date and minutes at a pace (words a minute), as far as they are known."""
    parts = [f"By {story.author}" if story.author else ""]
    parts.append(format_date(story.published) if story.published else "")
    if story.words:
        parts.append(format_length(story.words, pace))
    return SEPARATOR.join(part for part in parts if part)


def build_head(story: Story, pace: int = DEFAULT_PACE) -> tuple[Block, ...]:
    """Return the blocks above the text: kicker, title, deck, byline and credit.

    The byline's minutes are at `pace`, in words a minute.
    """
    series = f"{story.series}, part {story.part}" if story.part else story.series
    kicker = SEPARATOR.join(part for part in (story.kicker, series) if part)
    parts = (
        (Kind.KICKER, kicker),
        (Kind.TITLE, story.title),
        (Kind.DECK, story.deck),
        (Kind.BYLINE, format_byline(story, pace)),
        (Kind.CREDIT, story.credit),
    )
    close = {Kind.TITLE, Kind.CREDIT}
    blocks = tuple(Block(kind, text, tight=kind in close) for kind, text in parts if text)
    return (*blocks, Block(Kind.CREDIT, "", tight=True))


def format_stop_messages(then: datetime, now: datetime, *, changed: bool, key: str) -> list[str]:
    """Return how it is said that reading stopped here, `then`: the longest words first.

    `changed` if the text did since; `key` is the one that starts over, if any does. None at
    all where nobody needs to be told.
    """
    if abs((now - then).total_seconds()) < MIN_AWAY_SECONDS:
        return []
    here, since = "you stopped here", "the text has changed since"
    when, over = f"{here}, {format_time_ago(then, now)}", (f"{key} starts over",) if key else ()
    said = [(when, since, *over), (when, since), (here, since)] if changed else [(when, *over)]
    return list(dict.fromkeys(SEPARATOR.join(parts) for parts in (*said, (when,), (here,))))


def build_tail(
    story: Story,
    document: Document,
    end_card: EndCard = EMPTY_END_CARD,
    keys: EndCardKeys = NO_KEYS,
) -> tuple[Block, ...]:
    """Return the blocks below the text: the end mark, and the card that follows it.

    How it was read, footnotes, what the reader kept, about the author, the reader's response,
    what is next; each with what `keys` lead on from there.
    """
    blocks = [Block(Kind.END, "")]
    if not document.words and not document.blocks:
        blocks.insert(0, Block(Kind.PLACEHOLDER, "This story has no text."))
    if end_card.reading_summary:
        blocks.append(_make_reading_summary(end_card))
    if document.footnotes:
        blocks += [_make_caption("Notes"), *document.footnotes]
    if end_card.highlights:
        blocks.append(_make_caption("What you kept"))
    for quote in end_card.highlights:
        blocks += _make_highlight_blocks(quote)
    if story.about:
        blocks += [_make_caption("About the author"), Block(Kind.PARAGRAPH, story.about)]
    if end_card.response:
        blocks += [_make_caption("Your response"), *_make_paragraphs(end_card.response)]
    elif keys.respond:
        blocks.append(Block(Kind.PLACEHOLDER, f"{keys.respond} writes a response"))
    if end_card.suggestions:
        blocks.append(
            _make_caption(
                "Next", f"{keys.first_suggestion} reads the first" if keys.first_suggestion else ""
            )
        )
        blocks += [
            _make_next_story(one, keys.next_in_order if _is_next_in_list(one, end_card) else "")
            for one in end_card.suggestions
        ]
    return (*blocks, Block(Kind.PARAGRAPH, ""))


def _make_caption(text: str, more: str = "") -> Block:
    whole = f"{text}{SEPARATOR}{more}" if more else text
    return Block(Kind.PLACEHOLDER, whole, (Span(0, len(text), Role.STRONG),))


def _make_reading_summary(end_card: EndCard) -> Block:
    """Return the line that says how the story was read; it leads to what was skipped."""
    text = end_card.reading_summary
    length = text.index(":") if end_card.has_skipped_parts else 0
    link = (Span(0, length, Role.LINK, SKIPPED_TARGET),) if length else ()
    return Block(Kind.PLACEHOLDER, text, link)


def _make_highlight_blocks(highlight: Highlight) -> list[Block]:
    """Return the blocks of something kept, no more of it than tells which it is."""
    text = _shorten(highlight.text)
    kept = Block(
        Kind.PARAGRAPH, text, nesting=(NestingLevel(Container.BLOCK_QUOTE, is_first=True),)
    )
    remark = _shorten(highlight.note)
    if not remark:
        return [kept]
    span = Span(0, len(remark), Role.EMPHASIS)
    return [kept, Block(Kind.PARAGRAPH, remark, (span,), tight=True)]


def _shorten(text: str) -> str:
    """Return `text` on one line, cut behind a word where it is too long."""
    line = sanitize_line(text, 2 * MAX_EXCERPT_CHARACTERS)
    return (
        line
        if len(line) <= MAX_EXCERPT_CHARACTERS
        else f"{line[:MAX_EXCERPT_CHARACTERS].rpartition(' ')[0] or line[:MAX_EXCERPT_CHARACTERS]}…"
    )


def _make_paragraphs(text: str) -> list[Block]:
    parts = (" ".join(part.split()) for part in sanitize(text).split("\n\n"))
    return [Block(Kind.PARAGRAPH, part) for part in parts if part]


def _is_next_in_list(one: Suggestion, end_card: EndCard) -> bool:
    return (
        end_card.next_in_order is not None and one.entry.story.path == end_card.next_in_order.path
    )


def _make_next_story(one: Suggestion, key: str) -> Block:
    """Return the line of a story to read next: it leads there, and so does `key` if there is one."""
    entry = one.entry
    title = sanitize_line(entry.story.title)
    time = format_length(entry.story.words, entry.pace) if entry.story.words else ""
    time = entry.time_left if entry.status is ReadStatus.READING else time
    text = SEPARATOR.join(part for part in (title, time, sanitize_line(one.reason)) if part)
    spans = (
        Span(0, len(title), Role.LINK, f"{STORY_LINK_PREFIX}{entry.story.id}"),
        Span(len(title), len(text), Role.DIM),
    )
    label = NestingLevel(Container.LIST_ITEM, key or "·", 1, is_first=True)
    return Block(Kind.PARAGRAPH, text, spans, (label,), tight=True)
