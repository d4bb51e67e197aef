"""Where the text of a copied page ends, and what stands below it: tags, the author, comments.

The lines of the text without its boilerplate. Also used for what stands below the story of a web page.
"""

from __future__ import annotations

import re
from itertools import takewhile
from typing import TYPE_CHECKING, Final

from reader.ingest import find_repeats
from reader.ingest.copied.boilerplate import is_count, is_footer
from reader.ingest.copied.lines import (
    BULLET,
    LONG_CELLS,
    ends_phrase,
    ends_sentence,
    find_date,
    fold,
    is_name,
    is_prose,
    measure,
)

if TYPE_CHECKING:
    from reader.ingest.copied.lines import Copied


_END: Final = re.compile(
    r"about the (?:creator|author)s?|(?:article |story |post )?(?:written|posted) by\b.*|written on .* by.*"
    r"|(?:leave a )?comments?(?: ?\(\d+\))?|commentsrestacks|\d+ comments?:?|discussion about this post"
    r"|(?:no )?responses?(?: ?\(\d+\)| yet)?|\d+ responses?|leave a (?:reply|comment)|join the (?:conversation|discussion)"
    r"|share this(?: article| post| story| page)?:?|subscribe to .{2,60}newsletter.{0,40}"
    r"|(?:next|previous|older|newer) (?:post|article|story)s?:?.{0,80}"
    r"|(?:labels|tags|filed under|categories|topics): .*|published in .{2,60}|rate this .{3,20}"
    r"|[\d.,]+ notes|(?:#[^#\s][^#]{0,40}){2,12}"
    r"|create an account to read the full story\.?|\d+ claps?|one clap, two claps?.*|medium member since .*|recommendrecommended|.{0,80} is a reader-supported publication.*|enjoyed the (?:story|article|post)\?.*|keep reading"
    r"|thanks for reading .{0,60}! (?:subscribe|this post is public).*|see (?:all )?responses.*|ready for more\?|reader (?:insights|interactions)|top insights|primary sidebar|post a comment"
    r"|(?:\d+ )?(?:kommentare?|commentaires?|comentarios?|comentários?|commenti|komentarze|комментари[ией]|コメント)(?: ?\(\d+\)|:)?"
    r"|über (?:den autor|die autorin)|à propos de l.auteur\w*|sobre (?:el autor|la autora|o autor)|об авторе"
    r"|continue reading this post for free.*|the rest of this (?:story|article|post) is for .*|this post is for (?:paid |paying )?subscribers.*"
    r"|subscribe to (?:read|continue|unlock).*|to (?:read|continue) .{0,40} subscribe.*|(?:sign|log) in to comment",
    re.IGNORECASE,
)
_CARDS_END: Final = re.compile(
    r"share:|related(?: articles?| posts?| stories| reads?| reading| content)?:?"
    r"|more (?:from|by|in|on) .{2,80}|more (?:stories|articles|posts|essays|reading|news)|topics|explore more .{3,30}|most (?:viewed|read|popular)|reuse this content|recommended from .*|recommended(?: for you| reading)?"
    r"|you (?:may|might) also (?:like|enjoy).*|popular (?:links|posts|articles|stories)|trending(?: now| stories)?"
    r"|latest (?:posts|articles|stories|news)|table of contents",
    re.IGNORECASE,
)
"""Lines that stand below a text, and often within one too."""
_CARDS_SHARE: Final = 10
"""One of these ends a text only if less than one part in so many of the prose follows."""
WALL: Final = re.compile(
    r"member-only story|create an account to read the full story\.?|continue reading this post for free.*|(?:this|the rest of this) (?:story|article|post) is for (?:paid |paying )?(?:subscribers|members).*"
    r"|∙ paid|subscribe to (?:read|continue|unlock).*|already (?:a )?(?:paid )?(?:subscriber|member)\?.*|you.ve reached your (?:free )?(?:article )?limit.*"
    r"|this content is (?:only )?for (?:members|subscribers).*|or purchase a paid subscription\.?",
    re.IGNORECASE,
)
"""A line that says that only some may read the text."""
_BUTTONS: Final = re.compile(
    r"share this(?: article| post| story| page)?:?|subscribe to .{2,60}newsletter.{0,40}"
    r"|enjoyed the (?:story|article|post)\?.*"
    r"|thanks for reading .{0,60}! (?:subscribe|this post is public).*|.{0,80} is a reader-supported publication.*",
    re.IGNORECASE,
)
"""Of the lines of `_END` those that also stand between two paragraphs."""
_CARDS: Final = re.compile(
    r"(?:recommended|related|further|most popular|trending|popular|also)(?: (?:reading|stories|articles|posts|on \w+))?:?"
    r"|(?:read|watch|up) (?:next|also):?|(?:you )?(?:may|might) also (?:like|enjoy).{0,20}|more (?:stories|from this .{3,20}):?"
    r"|don.t miss:?|keep reading:?|what to read next:?|editors?.? picks?:?",
    re.IGNORECASE,
)
"""The heading of cards within a text that lead to other texts."""
_CARD_LINE: Final = re.compile(
    r"(?:related(?: story| article| post| reading)?|(?:read|see|watch) (?:also|next|more)|also read|recommended|don.t miss|you may also like):\s+\S.{3,140}[^.:]",
    re.IGNORECASE,
)
"""A line within a text that leads to another one, such as `Related: The Lawn in May`."""
_DOMAIN: Final = re.compile(r"(?:[a-z0-9-]{1,40}\.){1,3}[a-z]{2,12}")
"""The last line of a card: the site to which it leads."""
_INBOX: Final = re.compile(
    r"get .{1,60} (?:stories|posts) in your inbox|.{0,80} is a reader-supported publication\..*"
    r"|thanks for reading .{0,60}! (?:subscribe|this post is public).*|if you (?:enjoyed|liked|found) this (?:story|article|post|piece|essay).{0,60}(?:click|clap|recommend|share|follow).*|(?:please )?(?:clap|follow) .{0,60}(?:medium|substack).{0,40}",
    re.IGNORECASE,
)
"""Lines within a text that ask for an address, money or applause."""
_ABOUT: Final = re.compile(
    r"about the (?:creator|author)s?|written by\b.*|written on .* by.*", re.IGNORECASE
)
_LABELS: Final = re.compile(
    r"(?:(?:labels|tags|filed under|topics):|tagged(?: as| with)?:?(?=\s.*,))\s*(.{1,200})",
    re.IGNORECASE,
)
_HASHTAGS: Final = re.compile(r"(?:#[^#\s][^#]{0,40}){2,12}")
_MAX_LABELS_REACH: Final = 6
"""Lines below a text among which its tags are."""
_FOLLOWERS: Final = re.compile(
    r"·?\s*[\d.,]+\s?[kKmM]?\s*(?:followers|following)|published in .*|last published .*",
    re.IGNORECASE,
)
_REPLY: Final = re.compile(
    r"reply(?:delete)?|replies|liked by .*|\d+ repl(?:y|ies).*|like|.*\bat \d{1,2}:\d\d.{0,4}|.* (?:ago|says:)|\d{1,2}[dhmwy]",
    re.IGNORECASE,
)
_BOOK_BOUND: Final = re.compile(
    r"\W{0,9}(START|END) OF (?:THE|THIS) PROJECT GUTENBERG E-?(?:BOOK|TEXT)",
    re.IGNORECASE,
)
_MAX_ABOUT: Final = 1_000
"""Characters of the longest text about the author."""
_MAX_CARDS: Final = 12
_MAX_CARD_LINES: Final = 3
"""Lines of the card of a publication: name, description, and one before it."""
_PUBLISHED_IN: Final = re.compile(r"^(?:published in|written by) ", re.IGNORECASE)
_FUSED_TAGS: Final = re.compile(r"(?:[A-Z][a-z]{2,}){2,6}")
"""Tags that a browser copied as one word."""
BIO_VERB: Final = r"(?:\s*\([^)]*\))?,? (?:is|was|are|has|writes|lives|works|founded|studied)\b.*"

_BIO: Final = re.compile(
    r"(?:[A-Z][\w.’'-]*\s){2,4}(?:(?:is|was) (?:an?|the|based|currently)\b|(?:writes|lives|works|founded|studied)\b)"
    r"|©|Copyright\b|The (?:author|writer)\b"
)
"""How a line begins that says who the author is, or whose the text is."""


def find_book_bounds(texts: list[str]) -> tuple[int, int]:
    """Return the first place of a book of Project Gutenberg in its file, and the one after it.

    Lines above and below say so; without them all of the texts are the book.
    """
    first, last = 0, len(texts)
    for place, text in enumerate(texts):
        match = _BOOK_BOUND.match(text[:200])
        if match is not None and match[1].lower() == "start":
            first = place + 1
        elif match is not None and place > first:
            last = place
            break
    return (first, last) if first < last else (0, len(texts))


def find_end(copied: Copied, begin: int) -> int:
    """Return the number of the first line below the text."""
    lines = [number for number in copied.filled if number >= begin]
    place = find_end_marker([copied.texts[number] for number in lines])
    return lines[place] if place is not None else _trim_footer(copied, begin)


def find_end_marker(texts: list[str]) -> int | None:
    """Return the place of the first of `texts` that stands below a story, None without one.

    A line such as `Comments` ends it only if less than a third of the prose follows, or if
    what follows is a thread of comments.
    """
    weights = [measure(t) if is_prose(t) or measure(t) > LONG_CELLS else 0 for t in texts]
    if not any(weights):  # such as a poem
        weights = [measure(text) for text in texts]
    total = sum(weights) or 1
    passed = lines = 0
    for place, text in enumerate(texts):
        if lines >= 2 and len(text) < 200:
            rest = total - passed
            is_end = bool(_END.fullmatch(text)) and (
                (rest * 3 < total and not _is_between_prose(texts, place))
                or _is_thread(texts, place)
            )
            if is_end or (_CARDS_END.fullmatch(text) and rest * _CARDS_SHARE < total):
                return place
        passed += weights[place]
        lines += bool(weights[place]) or ends_sentence(text)
    return None


def _is_between_prose(texts: list[str], place: int) -> bool:
    """Return whether a line is a button within the text: a paragraph stands directly below it.

    Below a text, other buttons, names or teasers stand there, or who the author is.
    """
    if not _BUTTONS.fullmatch(texts[place]):
        return False
    above, below = texts[place - 1], texts[place + 1 : place + 2]
    return all(is_prose(text) and not _BIO.match(text) for text in (above, *below))


def _is_thread(texts: list[str], place: int) -> bool:
    """Return whether the lines below `place` are comments of readers, with names and times."""
    text, below = texts[place], texts[place + 1 : place + 31]
    replies = sum(len(line) < 60 and bool(_REPLY.fullmatch(line)) for line in below)
    is_heading = bool(re.search(r"comment|respon|discussion|reply", text, re.IGNORECASE))
    is_label = bool(re.match(r"labels|tags", text, re.IGNORECASE)) and "omment" in "".join(
        below[:1]
    )
    return replies >= 3 and (is_heading or is_label)


def _trim_footer(copied: Copied, begin: int) -> int:
    """Return the line at which the menus and the footer below the text begin.

    They are the short lines below the last sentence, if one of them is surely of a footer.
    """
    tail: list[int] = []
    for number in reversed(copied.filled):
        text = copied.texts[number]
        if number <= begin or (is_prose(text) and not is_footer(text)):
            break
        tail.append(number)
    tail.reverse()
    last_footer = max((n for n in tail if is_footer(copied.texts[n])), default=-1)
    for place, number in enumerate(tail):
        is_frame = number in copied.boilerplate or number in copied.navigation
        below = tail[place : place + 6]
        is_near = any(is_footer(copied.texts[n]) or n in copied.boilerplate for n in below)
        is_list = last_footer < number and len(tail) - place > 3
        if (is_frame or is_footer(copied.texts[number])) and is_near and not is_list:
            return number
    return len(copied.texts)


def read_labels(copied: Copied, end: int) -> tuple[str, ...]:
    """Return the tags of a line such as `Tags: tea, kettles` that stands below the text."""
    for number in copied.next_filled(end - 1, _MAX_LABELS_REACH):
        if _HASHTAGS.fullmatch(copied.texts[number]):
            return tuple(name.strip() for name in copied.texts[number].split("#") if name.strip())
        match = _LABELS.fullmatch(copied.texts[number])
        if match is not None:
            return tuple(name.strip(" #") for name in match[1].split(",") if name.strip(" #"))
    return ()


def read_about(copied: Copied, end: int, author: str) -> tuple[str, str]:
    """Return what stands below the text about the author, and their name."""
    texts = copied.texts
    for number in copied.filled:
        if number < end or not _ABOUT.fullmatch(texts[number]):
            continue
        named = re.sub(
            r"^(?:written|posted) (?:by|on .* by)\s*", "", texts[number], flags=re.IGNORECASE
        )
        below = [
            n
            for n in copied.next_filled(number, 9)
            if n not in copied.boilerplate
            and not _FOLLOWERS.fullmatch(texts[n])
            and not is_count(texts[n])
        ]
        if (
            named == texts[number]
            and below
            and is_name(texts[below[0]])
            and not _END.fullmatch(texts[below[0]])
        ):
            named = texts[below[0]]
        if not author and is_name(named):
            author = named
        below = [n for n in below if fold(texts[n]) not in (fold(author), fold(named))]
        if (
            below
            and 15 < len(texts[below[0]]) <= _MAX_ABOUT
            and not _END.fullmatch(texts[below[0]])
            and not find_date(texts[below[0]])
        ):
            return texts[below[0]], author
        return "", author
    if len(author.split()) > 1:
        pattern = re.compile(re.escape(author) + BIO_VERB)
        for number in copied.filled:
            if number >= end and len(texts[number]) <= _MAX_ABOUT and pattern.match(texts[number]):
                return texts[number], author
    return "", author


def choose_lines(
    copied: Copied, begin: int, end: int, author: str
) -> tuple[list[int], tuple[str, ...]]:
    """Return the lines of the text from `begin` to `end` that aren't boilerplate, and its tags."""
    lines = list(range(begin, min(end, len(copied.texts))))
    lines = _drop_tail(copied, _drop_tail(copied, lines, author), author)
    lines, tags = _take_tags(copied, lines, has_end=end < len(copied.texts))
    lines = _drop_tail(copied, lines, author)
    return _drop_boilerplate(copied, lines), tags


def _drop_tail(copied: Copied, lines: list[int], author: str) -> list[int]:
    """Return `lines` without the boilerplate and the author's name that stand last."""
    count = len(lines)
    while count:
        number = lines[count - 1]
        text = copied.texts[number]
        if text and number not in copied.boilerplate and not is_count(text):
            below = copied.next_filled(number, 1)
            named = [_PUBLISHED_IN.sub("", copied.texts[n]) for n in below]
            if fold(text) not in {fold(each) for each in (author, *named) if each}:
                break
        count -= 1
    return _drop_card(copied, lines[:count])


def _drop_card(copied: Copied, lines: list[int]) -> list[int]:
    """Return `lines` without the card of a publication at their end: its name stands below too."""
    last = [n for n in lines if copied.texts[n]][-_MAX_CARD_LINES:]
    below = {fold(copied.texts[n]) for n in copied.filled if lines and n > lines[-1]}
    for number in last[1:] if len(last) == _MAX_CARD_LINES else ():
        text = copied.texts[number]
        if fold(text) in below and len(text.split()) > 1 and not ends_sentence(text):
            return [n for n in lines if n < number]
    return lines


def _take_tags(
    copied: Copied, lines: list[int], *, has_end: bool
) -> tuple[list[int], tuple[str, ...]]:
    """Return the lines without the tags that stand last, and these: two short lines or more."""
    tail: list[int] = []
    for number in reversed(lines):
        text = copied.texts[number]
        if text and (
            len(text) >= 32
            or ends_phrase(text)
            or len(text.split()) > 3
            or BULLET.match(text)
            or is_count(text)
        ):
            break
        if text:
            tail.append(number)
    fused = copied.texts[tail[0]] if len(tail) == 1 else ""
    if has_end and _FUSED_TAGS.fullmatch(fused):
        return [n for n in lines if n < tail[0]], tuple(re.findall(r"[A-Z][a-z]+", fused))
    filled = [number for number in lines if copied.texts[number]]
    if not has_end or not 2 <= len(tail) <= 12 or len(tail) * 3 > len(filled):
        return lines, ()
    if not ends_sentence(copied.texts[filled[-len(tail) - 1]]):
        return lines, ()
    tags = tuple(copied.texts[number].lstrip("#") for number in reversed(tail))
    return [n for n in lines if n < tail[-1]], tags


def _drop_boilerplate(copied: Copied, lines: list[int]) -> list[int]:
    """Return `lines` without buttons, and without cards that lead to other texts."""
    kept: list[int] = []
    cards = 0
    filled = [number for number in lines if copied.texts[number]]
    linked = _find_link_cards(copied, lines)
    repeats = {filled[place] for place in find_repeats([copied.texts[number] for number in filled])}
    for number in lines:
        text = copied.texts[number]
        if not text:
            kept.append(number)
            continue
        if number in repeats or number in linked or _CARD_LINE.fullmatch(text):
            continue
        if _CARDS.fullmatch(text):
            cards = _MAX_CARDS
        elif cards and (measure(text) > 110 and is_prose(text) and not BULLET.match(text)):
            cards = 0
        if cards:
            cards -= 1
        elif number not in copied.boilerplate and not _INBOX.fullmatch(text):
            kept.append(number)
    return kept


def _find_link_cards(copied: Copied, lines: list[int]) -> set[int]:
    """Return the lines of cards: up to two short ones, and the site to which they lead."""
    found: set[int] = set()
    for number in lines:
        if not _DOMAIN.fullmatch(copied.texts[number]):
            continue
        above = [n for n in (number - 1, number - 2) if n >= 0]
        card = list(takewhile(lambda n: copied.texts[n] and not is_prose(copied.texts[n]), above))
        if card:
            found |= {number, *card}
    return found
