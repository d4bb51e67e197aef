"""What surrounds a story's text: its head and its tail as blocks, and dates in words.

The tail has the end mark, the footnotes and the end card. Also owns the marks that replace
styles in text that is printed without them.
"""

from __future__ import annotations

import contextlib
from bisect import bisect_left
from itertools import accumulate
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from reader.layout.tables import find_tables, widen_table
from reader.library.story import STORY_LINK_PREFIX
from reader.reading.progress import DEFAULT_PACE, ReadStatus, format_length
from reader.session.shelf.end_card import EndCard, EndCardKeys
from reader.text.cells import sanitize, sanitize_line
from reader.text.document import Block, Container, Document, Kind, NestingLevel, Role, Span

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from reader.library.story import Story
    from reader.reading.annotations import Highlight
    from reader.session.shelf.end_card import Suggestion
    from reader.text.document import Place


SEPARATOR: Final = " · "
SKIPPED_TARGET: Final = "skipped:"
"""The target of the link to the first part of the story that was skipped."""
MAX_EXCERPT_CHARACTERS: Final = 240
"""Characters of a highlight or note that the end card shows: some four lines."""
MIN_AWAY_SECONDS: Final = 60
"""Seconds away from a story after which the stop line is shown. A reader who only looked at
another story, or quit by mistake, still knows the place."""
EMPTY_END_CARD: Final = EndCard()
NO_KEYS: Final = EndCardKeys()
_MONTH_NAMES: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_JUST_NOW_MINUTES: Final = 3
"""Minutes. A shorter time ago, or to come, is "just now"."""
_MAX_HOURS: Final = 6
"""Hours. A shorter time ago is given in hours even if it was yesterday."""
_MAX_DAYS: Final = 28
"""Days. A longer time ago is given as its month."""
_MAX_MONTHS: Final = 11
"""Months. A longer time ago is given as its year, since its month would be ambiguous."""
_STRIKE_MARK: Final = "~~"
"""Drawn on both sides of struck text where there are no styles, as in Markdown."""


def format_date(day: date) -> str:
    """Return a date in words: `12 June 2021`."""
    return f"{day.day} {_MONTH_NAMES[day.month - 1]} {day.year}"


def format_month(day: date) -> str:
    """Return the month of a date in words: `June 2021`."""
    return f"{_MONTH_NAMES[day.month - 1]} {day.year}"


def format_story_date(story: Story) -> str:
    """Return the date of a story in words, or as it was typed; empty if it has none."""
    return story.date_text or (format_date(story.published) if story.published else "")


def format_iso_date(story: Story) -> str:
    """Return the day, the month or the year of a story, whichever is known: `2021-06-12`."""
    if story.published is None:
        return ""
    length = 10 if not story.date_text else 4 if story.date_text.isdecimal() else 7
    return story.published.isoformat()[:length]


def format_time_ago(then: datetime, now: datetime) -> str:
    """Return how long before `now` something was: `an hour ago`, `yesterday`, `in June`.

    Both times are aware. Days begin at midnight in the time zone of `now`. A time after `now`,
    as after a clock was set back, gives `some time ago`.
    """
    minutes = int((now - then).total_seconds() // 60)
    with contextlib.suppress(OverflowError):  # on the first and the last day of all years
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


def format_byline(story: Story, pace: int = DEFAULT_PACE, *, is_estimate: bool = False) -> str:
    """Return the author, the date and the minutes at `pace` (words a minute), where known.

    A date that is a line of the text is left out. With `is_estimate` the number of words is one,
    and the line says so.
    """
    parts = [f"By {story.author}" if story.author else ""]
    parts.append("" if story.is_date_in_text else format_story_date(story))
    if story.words:
        length = format_length(story.words, pace)
        parts.append(f"about {length}" if is_estimate else length)
    return SEPARATOR.join(part for part in parts if part)


def build_head(
    story: Story, pace: int = DEFAULT_PACE, *, is_estimate: bool = False, is_counted: bool = True
) -> tuple[Block, ...]:
    """Return the blocks above the text: kicker, title, deck, byline, credit and notices.

    `pace` is in words a minute; the byline gives the minutes that it takes. With `is_estimate`
    the number of words is one. While it is not `is_counted`, the byline has its row, though it may
    be blank: the text below must not move when the words are counted.
    """
    series = f"{story.series}, part {story.part}" if story.part else story.series
    kicker = SEPARATOR.join(part for part in (story.kicker, series) if part)
    byline = format_byline(story, pace, is_estimate=is_estimate)
    parts = (
        (Kind.KICKER, kicker),
        (Kind.TITLE, story.title),
        (Kind.DECK, story.deck),
        (Kind.BYLINE, byline or ("" if is_counted else " ")),
        (Kind.CREDIT, story.credit),
        *((Kind.CREDIT, notice) for notice in story.notices),
    )
    tight_kinds = {Kind.TITLE, Kind.CREDIT}
    blocks = tuple(Block(kind, text, tight=kind in tight_kinds) for kind, text in parts if text)
    return (*blocks, Block(Kind.CREDIT, "", tight=True))


def format_stop_messages(then: datetime, now: datetime, *, changed: bool, key: str) -> list[str]:
    """Return the wordings of the stop line, the longest first.

    Reading stopped at `then`; with `changed`, the text has changed since. `key` is the key that
    starts over, or empty. The list is empty if that was less than `MIN_AWAY_SECONDS` ago.
    """
    if abs((now - then).total_seconds()) < MIN_AWAY_SECONDS:
        return []
    here, since = "you stopped here", "the text has changed since"
    when, restart = f"{here}, {format_time_ago(then, now)}", (f"{key} starts over",) if key else ()
    if changed:
        wordings = [(when, since, *restart), (when, since), (here, since)]
    else:
        wordings = [(when, *restart)]
    return list(dict.fromkeys(SEPARATOR.join(parts) for parts in (*wordings, (when,), (here,))))


def build_tail(
    story: Story,
    document: Document,
    end_card: EndCard = EMPTY_END_CARD,
    keys: EndCardKeys = NO_KEYS,
) -> tuple[Block, ...]:
    """Return the blocks below the text: the end mark, the footnotes and the end card.

    The end card has how the story was read, the reader's highlights, a note on the author, the
    reader's response, and what to read next. It names the keys in `keys`.
    """
    blocks = [Block(Kind.END, "")]
    if not document.words and not document.blocks:
        blocks.insert(0, Block(Kind.PLACEHOLDER, "This story has no text."))
    if end_card.reading_summary:
        blocks.append(_make_reading_summary(end_card))
    if document.footnotes:
        blocks += [_make_caption("Footnotes"), *document.footnotes]
    if end_card.highlights:
        blocks.append(_make_caption("Your highlights"))
    for highlight in end_card.highlights:
        blocks += _make_highlight_blocks(highlight)
    if story.about:
        blocks += [_make_caption("About"), Block(Kind.PARAGRAPH, story.about)]
    if end_card.response:
        blocks += [_make_caption("Your response"), *_make_paragraphs(end_card.response)]
    elif keys.respond:
        blocks.append(Block(Kind.PLACEHOLDER, f"{keys.respond} writes a response"))
    blocks += _make_suggestions(end_card, keys)
    return (*blocks, Block(Kind.PARAGRAPH, ""))


def _make_caption(text: str, more: str = "") -> Block:
    full_text = f"{text}{SEPARATOR}{more}" if more else text
    return Block(Kind.PLACEHOLDER, full_text, (Span(0, len(text), Role.STRONG),))


def _make_reading_summary(end_card: EndCard) -> Block:
    """Return the line on how the story was read, with a link to the first skipped part."""
    text = end_card.reading_summary
    length = text.index(":") if end_card.has_skipped_parts else 0
    link = (Span(0, length, Role.LINK, SKIPPED_TARGET),) if length else ()
    return Block(Kind.PLACEHOLDER, text, link)


def _make_highlight_blocks(highlight: Highlight) -> list[Block]:
    """Return a highlight and its note, both shortened."""
    block = Block(
        Kind.PARAGRAPH,
        _shorten(highlight.text),
        nesting=(NestingLevel(Container.BLOCK_QUOTE, is_first=True),),
    )
    note = _shorten(highlight.note)
    if not note:
        return [block]
    span = Span(0, len(note), Role.EMPHASIS)
    return [block, Block(Kind.PARAGRAPH, note, (span,), tight=True)]


def _shorten(text: str) -> str:
    """Return `text` on one line, cut after a word if it is longer than `MAX_EXCERPT_CHARACTERS`."""
    line = sanitize_line(text, 2 * MAX_EXCERPT_CHARACTERS)
    if len(line) <= MAX_EXCERPT_CHARACTERS:
        return line
    start = line[:MAX_EXCERPT_CHARACTERS]
    return f"{start.rpartition(' ')[0] or start}…"


def _make_paragraphs(text: str) -> list[Block]:
    paragraphs = (" ".join(part.split()) for part in sanitize(text).split("\n\n"))
    return [Block(Kind.PARAGRAPH, paragraph) for paragraph in paragraphs if paragraph]


def _make_suggestions(end_card: EndCard, keys: EndCardKeys) -> list[Block]:
    if not end_card.suggestions:
        return []
    key = keys.first_suggestion
    blocks = [_make_caption("Next", f"{key} reads the first" if key else "")]
    for suggestion in end_card.suggestions:
        key = keys.next_in_order if _is_next_in_order(suggestion, end_card) else ""
        blocks.append(_make_suggestion(suggestion, key))
    return blocks


def _is_next_in_order(suggestion: Suggestion, end_card: EndCard) -> bool:
    next_story = end_card.next_in_order
    return next_story is not None and suggestion.entry.story.path == next_story.path


def _make_suggestion(suggestion: Suggestion, key: str) -> Block:
    """Return the line of a story to read next: a link to it, labelled with its `key`, if any."""
    entry = suggestion.entry
    title = sanitize_line(entry.story.title)
    time = format_length(entry.story.words, entry.pace) if entry.story.words else ""
    time = entry.unread_time if entry.status is ReadStatus.READING else time
    parts = (title, suggestion.path, time, sanitize_line(suggestion.reason))
    text = SEPARATOR.join(part for part in parts if part)
    spans = (
        Span(0, len(title), Role.LINK, f"{STORY_LINK_PREFIX}{entry.story.id}"),
        Span(len(title), len(text), Role.DIM),
    )
    label = NestingLevel(Container.LIST_ITEM, key or "·", 1, is_first=True)
    return Block(Kind.PARAGRAPH, text, spans, (label,), tight=True)


class PlainMarks:
    """Marks in text that is printed without styles: `~~` around struck text, numbers of links.

    A link has a number after its text if its address isn't that text and isn't in the same
    story. Each address has one number; `addresses` lists them in the order of their numbers.
    """

    def __init__(self, *, has_links: bool) -> None:
        self._has_links = has_links
        self._numbers: dict[str, int] = {}

    @property
    def addresses(self) -> list[str]:
        """The addresses so far; the first one has number 1."""
        return list(self._numbers)

    def shift_place(self, document: Document, place: Place) -> Place:
        """Return where a place of `document`, which is marked already, is in the marked text."""
        place = document.clamp(place)
        if place.block > document.last_block:
            return place
        marks = self._find_marks(document.get_block(place.block))
        return place._replace(offset=_shift_offset(_sum_marks(marks), place.offset))

    def mark_blocks(self, blocks: Sequence[Block]) -> list[Block]:
        """Return the next blocks of a document with marks. They have each table as a whole."""
        marked = [self._mark_block(block) for block in blocks]
        for table in find_tables(blocks):
            if any(marked[number].text != blocks[number].text for number in table):
                widen_table(marked, table)
        return marked

    def _mark_block(self, block: Block) -> Block:
        marks = self._find_marks(block)
        if not marks:
            return block
        sums = _sum_marks(marks)
        pieces: list[str] = []
        offset = 0
        for mark in marks:
            pieces += (block.text[offset : mark[0]], mark[1])
            offset = mark[0]
        spans = tuple(
            span._replace(start=_shift_offset(sums, span.start), end=_shift_offset(sums, span.end))
            for span in block.spans
        )
        return block._replace(text="".join((*pieces, block.text[offset:])), spans=spans)

    def _find_marks(self, block: Block) -> list[tuple[int, str]]:
        """Return the offsets of the marks in a block, in order, and the marks."""
        marks = []
        struck_end = -1
        for span in block.spans:
            text = block.text[span.start : span.end]
            if not text.strip():
                continue
            end = span.start + len(text.rstrip())
            if span.role & Role.STRIKE and end > struck_end:  # not inside another one
                struck_end = end
                start = span.end - len(text.lstrip())
                marks += [(start, _STRIKE_MARK), (end, _STRIKE_MARK)]
            if self._has_links and span.role & Role.LINK and _has_hidden_address(text, span):
                number = self._numbers.setdefault(span.target, len(self._numbers) + 1)
                marks.append((end, f" [{number}]"))
        return sorted(marks, key=lambda mark: mark[0])


def _has_hidden_address(text: str, span: Span) -> bool:
    """Return whether a link leads out of the story to an address that its text doesn't give."""
    target = span.target
    if not target or target.startswith(("#", "[[#")):
        return False
    shown = (target, target.removeprefix("mailto:"), target.removeprefix("[[").removesuffix("]]"))
    return text.strip() not in (*shown, *map(unquote, shown))


def _sum_marks(marks: Sequence[tuple[int, str]]) -> tuple[list[int], list[int]]:
    """Return the offsets of marks, and how many characters of marks there are up to each."""
    return [offset for offset, _ in marks], [0, *accumulate(len(mark) for _, mark in marks)]


def _shift_offset(sums: tuple[list[int], list[int]], offset: int) -> int:
    offsets, lengths = sums
    return offset + lengths[bisect_left(offsets, offset)]
