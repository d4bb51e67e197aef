"""What stands above a copied text: its author, date and deck, and where the text begins.

`title` decides which line is the title.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from reader.ingest.copied.boilerplate import is_weak_boilerplate
from reader.ingest.copied.ending import BIO_VERB
from reader.ingest.copied.lines import (
    BULLET,
    ends_sentence,
    find_date,
    find_minutes,
    fold,
    is_credit,
    is_name,
    is_vague_date,
    measure,
    parse_byline,
)
from reader.ingest.copied.start import find_start, is_fact
from reader.ingest.copied.title import LinesAbove, TitleFinder

if TYPE_CHECKING:
    from reader.ingest.copied.lines import Copied


_MAX_HEAD_LINES: Final = 250
"""Lines above the prose among which the facts are. The longest menu of forty pages has 130."""
_MAX_FIRST_LINES: Final = 20
"""First lines that are looked at besides, if there are more."""
_AUTHOR_REACH: Final = 4
"""How many lines above a date or reading time a name is the author's."""
_WRITTEN_BY: Final = re.compile(
    r"(?:written|posted|published) (?:by|on .{3,30} by)\b:?\s*(.*)", re.IGNORECASE
)
_LABELS: Final = re.compile(
    r"(?P<kind>tags?|labels?|topics?|filed under|categor(?:y|ies)|posted in|published in|in this article|series)"
    r"(?::\s*|\s+(?=[A-Z]))(?P<names>.*)",
    re.IGNORECASE,
)
_BYLINE_LABEL: Final = re.compile(r"(?:written |posted |words )?by:?|authors?:?", re.IGNORECASE)
_AVATAR: Final = re.compile(r"(.{2,60})[’']s avatar")
_UPDATED: Final = re.compile(r"(?:last )?(?:updated|modified|edited)\b", re.IGNORECASE)


@dataclass
class Head:
    """What was found above the text."""

    begin: int = 0
    """The number of the first line of the text."""
    title: str = ""
    deck: str = ""
    author: str = ""
    published: str = ""
    minutes: int = 0
    credit: str = ""
    tags: tuple[str, ...] = ()
    used: set[int] = field(default_factory=set)
    """The lines that don't belong to the text: the facts, and what was recognised as boilerplate."""


def read_head(copied: Copied) -> Head:
    """Return the facts above the text, and where the text begins."""
    return _HeadReader(copied).read() if copied.filled else Head()


class _HeadReader:
    """Reads the lines above the text once."""

    def __init__(self, copied: Copied) -> None:
        self._copied = copied
        self._texts = copied.texts
        self._head = Head()
        self._facts_lines: set[int] = set()
        """Lines with a date, a reading time or a byline."""
        self._had_update = False
        """The date of the head is that of an update."""
        self._start = find_start(copied)
        above = [number for number in copied.filled if number < self._start]
        self._lines = [*above[:-_MAX_HEAD_LINES][:_MAX_FIRST_LINES], *above[-_MAX_HEAD_LINES:]]

    def read(self) -> Head:
        head = self._head
        self._read_facts()
        self._find_author()
        above = LinesAbove(self._lines, self._start, head.used, self._facts_lines, head.author)
        title = TitleFinder(self._copied, above).find()
        if title is not None:
            head.title = self._texts[title]
            self._find_deck(title)
        head.begin = self._find_begin()
        return head

    def _read_facts(self) -> None:
        head, texts = self._head, self._texts
        near_start = self._copied.next_filled(self._start, 8)
        for number in [*self._lines, *(n for n in near_start if self._is_stray_fact(n))]:
            text = texts[number]
            minutes, day, byline = find_minutes(text), find_date(text), parse_byline(text)
            if minutes is not None:
                head.minutes = head.minutes or minutes
            if day and (not head.published or not _UPDATED.match(text)):
                is_first = not head.published or self._had_update
                head.published = day if is_first else head.published
                self._had_update = bool(_UPDATED.match(text))
            if byline is not None and not head.author:
                head.author = byline.name
            if minutes is not None or day or byline or is_vague_date(text):
                self._facts_lines.add(number)
                head.used.add(number)
            elif is_credit(text):
                head.credit = head.credit or text
                head.used.add(number)
            elif (labels := _LABELS.fullmatch(text)) and number not in self._copied.navigation:
                if labels["kind"].lower() in ("tags", "tag", "labels") and "," in labels["names"]:
                    head.tags = tuple(
                        name.strip() for name in labels["names"].split(",") if name.strip()
                    )
                head.used.add(number)

    def _is_stray_fact(self, number: int) -> bool:
        """Return whether a line below the first paragraph is nothing but a fact."""
        text = self._texts[number]
        byline = parse_byline(text)
        if byline is not None and len(byline.name.split()) < 2:
            return False  # such as the heading `By Night`
        return len(text) < 40 and not ends_sentence(text) and is_fact(self._copied, number)

    def _find_author(self) -> None:
        """Take the name just above a date or reading time, or below `by`, as the author."""
        head, texts = self._head, self._texts
        if not head.author:
            self._find_stated_author()
        for number in sorted(self._facts_lines) if not head.author else ():
            names = self._list_names(number)
            if names:
                head.author = self._choose_name(names)
                break
        head.author = head.author or self._find_described_author()
        if head.author:
            wanted = fold(head.author)
            mine = {n for n in self._lines if fold(texts[n]) == wanted}
            head.used |= mine
            self._facts_lines |= mine

    def _find_stated_author(self) -> None:
        """Take the name below the caption of its picture, or below `by`, as the author."""
        head, texts = self._head, self._texts
        for number in self._lines:
            below = self._copied.next_filled(number, 1)
            if not below:
                continue
            avatar = _AVATAR.fullmatch(texts[number])
            if avatar is not None and texts[below[0]] == avatar[1]:
                head.author = avatar[1]
                break
            name = re.split(r"\s+[-–—|·]\s+", texts[below[0]].strip("- •"))[0]
            if _BYLINE_LABEL.fullmatch(texts[number].strip("- •")) and is_name(name):
                head.author = name
                head.used |= {number, below[0]}
                break

    def _find_described_author(self) -> str:
        """Return the name above the text that a line below describes: `Ann Lee is a nurse`."""
        texts = self._texts
        names = [texts[n] for n in self._lines if is_name(texts[n]) and len(texts[n].split()) > 1]
        below = [texts[n] for n in self._copied.filled if n > self._start]
        for name in names:
            pattern = re.compile(re.escape(name) + BIO_VERB)
            if any(pattern.match(text) for text in below):
                return name
        return ""

    def _list_names(self, number: int) -> list[int]:
        """Return the lines near a date or reading time that look like names, nearest last."""
        copied, texts = self._copied, self._texts
        around = [
            n for n in self._lines if n not in copied.boilerplate and n not in self._facts_lines
        ]
        above = [n for n in around if n < number][-_AUTHOR_REACH:]
        below = [n for n in around if n > number][:1]
        menu = Counter(fold(texts[n]) for n in copied.navigation)
        menu[fold(texts[above[-1]]) if above else ""] -= 1  # above a date it is no menu's
        first = next((n for n in self._lines if n not in copied.boilerplate), -1)
        names = [
            n
            for n in above
            if is_name(texts[n])
            and n != first  # it may be the title
            and menu[fold(texts[n])] < 1
            and not self._copied.follows(n, "published in")
        ]
        below = [n for n in below if is_name(texts[n]) and 2 <= len(texts[n].split()) <= 4]
        return names or [n for n in below if menu[fold(texts[n])] < 1]

    def _choose_name(self, names: list[int]) -> str:
        texts = self._texts
        credited = " ".join(
            fold(match[0] + " " + " ".join(texts[n] for n in self._copied.next_filled(number, 2)))
            for number in self._copied.filled
            if number > self._start and (match := _WRITTEN_BY.match(texts[number]))
        )
        supported = [n for n in names if fold(texts[n]) and fold(texts[n]) in credited]
        pairs = [n for n, m in itertools.pairwise(names) if fold(texts[n]) == fold(texts[m])]
        several = [n for n in names if len(texts[n].split()) > 1]
        repeated = [n for n in names if sum(texts[n] == texts[k] for k in self._copied.filled) > 1]
        chosen = supported or pairs or several or repeated
        name = re.sub(r"\s*\([^)]*\)", "", texts[chosen[-1]]) if chosen else ""
        return re.sub(r"(?<=\w) in [A-Z].*", "", name) if len(name.split()) > 3 else name

    def _find_deck(self, title: int) -> None:
        head, texts, copied = self._head, self._texts, self._copied
        head.used |= {n for n in self._lines if fold(texts[n]) == fold(head.title)}
        below = copied.next_filled(title, 12)
        for number in below:
            text = texts[number]
            if number in head.used and fold(text) == fold(head.title):
                continue
            is_menu = number in copied.navigation and title not in copied.navigation
            if number in head.used or number in copied.boilerplate or is_menu:
                break
            is_between = number < self._start and any(n > number for n in self._facts_lines)
            is_beside = number == title + 1 and number + 1 < len(texts) and not texts[number + 1]
            if (is_between or is_beside) and self._may_be_deck(number):
                head.deck = text
                head.used.add(number)
            break
        if not head.deck:
            self._find_late_deck(title)

    def _may_be_deck(self, number: int) -> bool:
        text = self._texts[number]
        return (
            (len(text.split()) > 2 or measure(text) > 20)
            and measure(text) < 400
            and not is_credit(text)
            and not BULLET.match(text)
        )

    def _find_late_deck(self, title: int) -> None:
        """Take a line below the facts as the deck, if it is repeated above or buttons follow it."""
        head, texts, copied = self._head, self._texts, self._copied
        last = max((n for n in self._facts_lines if n < self._start), default=title)
        late = [
            n
            for n in self._lines
            if n > last and n not in copied.boilerplate and n not in head.used
        ]
        if not late or late[0] in copied.navigation or not self._may_be_deck(late[0]):
            return
        words = fold(texts[late[0]])
        is_repeated = any(words in fold(texts[n]) for n in self._lines if n < last and n != title)
        is_framed = any(n in copied.boilerplate for n in copied.next_filled(late[0], 1))
        if (is_repeated and len(words.split()) > 2) or is_framed:
            head.deck = texts[late[0]]
            head.used.add(late[0])

    def _find_begin(self) -> int:
        """Return the first line below the last one of the head that isn't text."""
        head, copied = self._head, self._copied
        known = {fold(each) for each in (head.title, head.deck, head.author) if each}
        last = -1
        for number in copied.filled:
            if number >= self._start and number not in head.used:
                break
            is_frame = number in copied.boilerplate or number in copied.navigation
            is_frame = is_frame or is_weak_boilerplate(self._texts[number])
            if number in head.used or is_frame or fold(self._texts[number]) in known:
                last = number
        return next((n for n in copied.filled if n > last), len(self._texts))
