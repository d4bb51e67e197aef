"""The lines of text that was copied from a page, and what kind of line each one is.

A line is recognised by its words alone: boilerplate of the page's frame, prose, a reading time, a date,
a byline, a credit. What a line means where it stands is decided in `head`,
`start` and `ending`.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from functools import lru_cache
from itertools import groupby
from typing import Final, NamedTuple

from reader.ingest import word_set
from reader.ingest.copied.boilerplate import is_boilerplate, is_weak_boilerplate
from reader.library.source.dates import parse_date
from reader.text.cells import count_cells, sanitize

PROSE_CELLS: Final = 75
"""A line as wide as this that ends as a sentence does is prose."""
LONG_CELLS: Final = 60
_NAV_CELLS: Final = 32
"""Entries of a menu are narrower than this."""
_MIN_NAV_RUN: Final = 5
MAX_DATE_LINE: Final = 90
"""Characters of the longest line in which a date is that of the story."""
_MAX_DATES: Final = 3
"""Dates of a line that are looked for; lines of facts have two at most."""
_SENTENCE_END: Final = re.compile(r"[.!?:…。！？：؟۔।][\"”’»')\]」』*]*\Z|[\"”»」』)]\Z")
_PHRASE_END: Final = re.compile(r"[.!?:;,…。！？：；，、؟۔।\"”’»」』)]\Z")
_SPACES: Final = {0xA0: " ", 0x202F: " ", 0x2007: " ", 0x3000: " ", 0x09: " "}
BULLET: Final = re.compile(r"(?:[•◦‣▪●○■·*–—-]\s+)(?=\S)")
NUMBER: Final = re.compile(r"(\d{1,2})[.)]\s+(?=\S)")
_EDIT_LINK: Final = re.compile(
    r"(\S.{0,90}?)\s*(\[\s*(?:edit|bearbeiten|modifier|editar|modifica|redigera|bewerken|edytuj|править|編集)\b[^\[\]]{0,40}\])",
    re.IGNORECASE,
)
"""A heading of a wiki, such as `History[edit | edit source]`."""

_MONTH: Final = r"[^\W\d_]{3,10}\.?"
_CAPITAL_MONTH: Final = r"[A-Z][a-z]{2,8}\.?"
_DATE: Final = re.compile(
    rf"(?:(?<![\w/-])|(?<=read)|(?<=[a-z])(?=[A-Z]))(?:{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+(?:19|20)\d\d"
    rf"|\d{{1,2}}(?:st|nd|rd|th|er|\.)?\s+(?:of\s+|de\s+)?{_MONTH},?\s+(?:de\s+)?(?:19|20)\d\d"
    r"|(?:19|20)\d\d-\d\d-\d\d|(?:19|20)\d\d/\d{1,2}/\d{1,2}|\d{1,2}/\d{1,2}/(?:19|20)\d\d"
    r"|\d{1,2}\.\s?\d{1,2}\.\s?(?:19|20)\d\d|(?:19|20)\d\d年\d{1,2}月\d{1,2}日)(?!\d)"
)
_VAGUE_DATE: Final = re.compile(
    r"(?:(?:on|updated|published|last updated):?\s+)?(?:[A-Z][a-z]{2,8}\.? \d{1,2}(?:st|nd|rd|th)?"
    r"|(?:a|an|\d{1,2})\s?(?:min(?:ute)?s?|h(?:ou)?rs?|d(?:ays?)?|w(?:ee)?ks?|months?|mos?|y(?:ea)?rs?)(?: ago)"
    r"|\d{1,2}[dhmwy]|yesterday|today)(?:\s*[·•|,]\s*.{0,30})?",
    re.IGNORECASE,
)
"""A date without a year, or one that counts from today."""
_MINUTES: Final = re.compile(
    r"(?<!\d)(\d{1,3})[\s-]*(?:min(?:ute)?s?[\s-]*(?:read|reading)"
    r"|min(?:uten)?\.? (?:lesezeit|leestijd|läsning)|min(?:utes|utos|uti)?\.? (?:de |di )?(?:lecture|lectura|leitura|lettura)"
    r"|мин(?:ут\w?)?\.? (?:на )?чтени[ея]|分で読め)",
    re.IGNORECASE,
)
_BYLINE: Final = re.compile(
    r"(?:(?:written|posted|words|story|text|reported)\s+)?by:?\s+(?P<name>[^\W\d_].{1,80}?)"
    r"(?:\s*(?:Published|Updated|Posted)\b.*|\s+(?:on|in|at)\s+.*|\s*[·|—–•,]\s+\S.*|\s+\d+ min.*"
    rf"|\s*(?=(?-i:{_CAPITAL_MONTH})\s+\d).*)?",
    re.IGNORECASE,
)
_NAME_IN_LINE: Final = re.compile(r"\bby ((?:[A-Z][\w.'’-]++ ?){2,4})(?=\s*(?:[·|•,]|$))")
"""The author in a line with a date, such as `Published: 2 May 2021 by Ann Lee · 3 comments`."""
_FACTS_LINE: Final = re.compile(
    r"(?:first )?(?:published|posted|updated|modified|written|date)\b", re.IGNORECASE
)
_FOREIGN_BYLINE: Final = re.compile(
    r"(?:Von|Par|Por|Di|Door|Av|Af|Przez|Автор:?|Autor:|Auteur:|Autore:)\s+(\S+ \S.{1,50})"
)
"""Bylines of other languages; the name has two words, since these words begin other lines too."""
_CREDIT: Final = re.compile(
    r"(?:(?:\w+ )?(?:photo(?:graph)?|image|illustration|picture|cover|art(?:work)?|drawing)s?"
    r"(?: (?:by|from|courtesy|via|credit)\b|:|credit:?\s).{1,110}"
    r"|.{2,60} / (?:reuters|ap|getty.*|afp|epa|magnum.*)"
    r"|.{2,80}\((?:photo|image|illustration)(?: by|:).{2,50}\)"
    r"|.{2,80}\bphoto(?:graph)?s?: .{2,60}|.{2,40} (?:via|on|from) (?:unsplash|pexels|pixabay|getty images|wikimedia commons))\.?",
    re.IGNORECASE,
)


class Copied:
    """The lines of a copied text."""

    def __init__(self, text: str) -> None:
        text = sanitize(text.replace("\r\n", "\n").replace("\r", "\n").translate(_SPACES))
        lines = [line.strip() for line in text.split("\n")]
        self.texts: list[str] = _unwrap(_join_drop_cap(lines))
        """The lines without the spaces around them."""
        self.cut: dict[int, str] = {}
        """The link `[edit]` that stood after a heading, by the heading's line."""
        for number, line in enumerate(self.texts):
            if line.endswith("]") and (match := _EDIT_LINK.fullmatch(line)):
                self.texts[number], self.cut[number] = match[1], match[2]
        self.filled: list[int] = [number for number, line in enumerate(self.texts) if line]
        """The numbers of the lines that aren't blank."""
        self.boilerplate: set[int] = self._find_boilerplate()
        self.navigation: set[int] = self._find_navigation()

    def _find_boilerplate(self) -> set[int]:
        certain = {n for n in self.filled if is_boilerplate(self.texts[n])}
        weak = {n for n in self.filled if is_weak_boilerplate(self.texts[n])}
        found, order = set(certain), self.filled
        places = {number: place for place, number in enumerate(order)}
        pending = list(certain) + [n for n in weak if _has_neighbour(places[n], order, weak)]
        while pending:  # a weak line beside boilerplate is boilerplate itself
            number = pending.pop()
            found.add(number)
            place = places[number]
            beside = order[max(0, place - 1) : place + 2]
            pending += [n for n in beside if n in weak and n not in found]
        return found

    def _find_navigation(self) -> set[int]:
        """Return the lines of menus: runs of short lines without punctuation, and short items."""
        found: set[int] = set()
        run: list[int] = []
        for number in [*self.filled, len(self.texts) + 9]:
            if run and (number != run[-1] + 1 or not self._may_be_navigation(number)):
                if len(run) >= _MIN_NAV_RUN:
                    found |= {*run}
                run = []
            if number < len(self.texts) and self._may_be_navigation(number):
                run.append(number)
        items = [n for n in self.filled if BULLET.match(self.texts[n]) and is_narrow(self.texts[n])]
        return found | {*items}

    def _may_be_navigation(self, number: int) -> bool:
        text = self.texts[number] if number < len(self.texts) else ""
        return bool(
            text and not is_boilerplate(text) and is_narrow(text) and not ends_phrase(text)
            and find_minutes(text) is None and not find_date(text)
        )  # fmt: skip

    def follows(self, number: int, text: str) -> bool:
        """Return whether the line above line `number`, blank ones aside, is `text`."""
        place = bisect_left(self.filled, number)
        return place > 0 and self.texts[self.filled[place - 1]].lower() == text

    def next_filled(self, number: int, count: int) -> list[int]:
        """Return the numbers of up to `count` lines after line `number` that aren't blank."""
        start = bisect_right(self.filled, number)
        return self.filled[start : start + count]

    def is_prose(self, number: int) -> bool:
        """Return whether the line is a long one that ends as a sentence does."""
        return is_prose(self.texts[number])

    def is_spaced(self, numbers: list[int]) -> bool:
        """Return whether blank lines stand between the paragraphs, or stanzas, of these lines."""
        texts = [self.texts[number] for number in numbers if self.texts[number]]
        return len(numbers) - len(texts) > 0.35 * max(1, len(texts)) or _is_verse(texts)


def _is_verse(texts: list[str]) -> bool:
    """Return whether these lines are verse: short ones that seldom end with a sentence."""
    ends = sum(ends_sentence(text) for text in texts)
    widest = max(map(measure, texts), default=0)
    return len(texts) > 3 and widest < PROSE_CELLS and ends * 2 < len(texts)


def _join_drop_cap(texts: list[str]) -> list[str]:
    """Return the lines, with a large first letter that stands alone joined to the next line."""
    for number, text in enumerate(texts[:-1]):
        following = texts[number + 1]
        is_cap = len(text) == 1 and text.isupper() and following[:1].islower()
        if is_cap and len(following) > LONG_CELLS:
            others = " ".join(texts[number + 2 :]).lower().split()
            word = following.split()[0]
            is_word = f"{text}{word}".lower() not in others and word in others and text in "AIO"
            joined = f"{text}{' ' * is_word}{following}"
            return [*texts[:number], joined, *texts[number + 2 :]]
    return texts


def _unwrap(texts: list[str]) -> list[str]:
    """Return the lines with paragraphs on one line each, if the text was broken at a width."""
    groups = [
        list(group) for is_filled, group in groupby(texts, key=bool) if is_filled
    ]  # fmt: skip
    long = [group for group in groups if len(group) > 2]
    if not long or sum(map(_is_wrapped, long)) * 2 < len(long):
        return texts
    joined: list[str] = []
    for group in groups:
        starts = [n for n, text in enumerate(group) if BULLET.match(text) or NUMBER.match(text)]
        if len(group) > 1 and (starts or _is_wrapped(group) or measure(group[0]) >= LONG_CELLS):
            ends = [*starts[starts[:1] == [0] :], len(group)]
            begins = [0, *ends[:-1]]
            joined += [" ".join(group[a:b]) for a, b in zip(begins, ends, strict=True) if a < b]
        else:
            joined += group
        joined.append("")
    return joined


def _is_wrapped(group: list[str]) -> bool:
    """Return whether lines are a paragraph that was broken at a width: all but the last are long.

    Most lines of verse begin with a capital letter or end with a mark, or they are short.
    """
    widths = [measure(text) for text in group[:-1]]
    widest = max(widths, default=0)
    if not 45 <= widest <= 110 or min(widths) < 0.6 * widest:
        return False
    lower = sum(text[:1].islower() or not text[:1].isalpha() for text in group[1:])
    ends = sum(ends_sentence(text) for text in group[:-1])
    return lower * 3 >= len(group) - 1 and ends * 2 <= len(group) - 1


def _has_neighbour(place: int, order: list[int], members: set[int]) -> bool:
    """Return whether two more of `members` stand beside the line at `place`: a row of buttons."""
    near = [order[each] for each in range(max(0, place - 2), min(len(order), place + 3))]
    return sum(number in members for number in near) > 2


def is_narrow(text: str) -> bool:
    """Return whether a line is short enough for an entry of a menu."""
    return len(text) <= _NAV_CELLS and count_cells(text) < _NAV_CELLS


def measure(text: str) -> int:
    """Return the width of a line in cells; characters of Chinese and Japanese count twice."""
    return len(text) if text.isascii() else count_cells(text[:2_000])


def count_words(text: str) -> int:
    """Return the number of words; in Chinese and Japanese two characters count as one."""
    return max(len(fold(text).split()), (measure(text) - len(text)) // 2)


def is_prose(text: str) -> bool:
    """Return whether a line is long and ends as a sentence does."""
    return bool(_SENTENCE_END.search(text[-8:])) and measure(text) >= PROSE_CELLS


def ends_sentence(text: str) -> bool:
    """Return whether a line ends as a sentence does."""
    return bool(_SENTENCE_END.search(text[-8:]))


def is_title_case(text: str) -> bool:
    """Return whether all long words of a line, two or more, begin with a capital letter."""
    words = [word for word in text.split() if len(word) > 3]
    return len(words) > 1 and all(word[:1].isupper() for word in words)


def ends_phrase(text: str) -> bool:
    """Return whether a line ends with a punctuation mark or a closing quote."""
    return bool(_PHRASE_END.search(text[-2:]))


def find_minutes(text: str) -> int | None:
    """Return the reading time that a line states, in minutes."""
    match = _MINUTES.search(text) if len(text) < 200 else None
    return int(match[1]) if match else None


def find_date(text: str) -> str:
    """Return the day that a short line gives, as in `2021-06-12`; empty if it gives none.

    A date without a year, or one that counts from today, is none.
    """
    if len(text) >= (2 * MAX_DATE_LINE if _FACTS_LINE.match(text) else MAX_DATE_LINE):
        return ""
    found = _search_date(text)
    return found[0] if found else ""


def _search_date(text: str) -> tuple[str, int, int] | None:
    """Return the first day in a line, and where it begins and ends there."""
    match = _DATE.search(text)
    while match is not None:
        found = parse_date(match[0].replace("年", "-").replace("月", "-").replace("日", ""))
        if found.day is not None and not found.text:
            return found.day.isoformat(), match.start(), match.end()
        match = _DATE.search(text, match.start() + 1)  # a word may be fused with the month
    return None


def cut_stated(text: str) -> tuple[str, list[str]]:
    """Return a line without its dates and reading time, and these dates as `2021-06-12`."""
    dates: list[str] = []
    while len(dates) < _MAX_DATES and (found := _search_date(text)):
        day, begin, end = found
        dates.append(day)
        text = f"{text[:begin]} {text[end:]}"
    return _MINUTES.sub(" ", text), dates


def is_vague_date(text: str) -> bool:
    """Return whether a line is a date without a year, or one that counts from today."""
    return len(text) < 60 and bool(_VAGUE_DATE.fullmatch(text))


class Byline(NamedTuple):
    """A line that names the author."""

    name: str


def parse_byline(text: str) -> Byline | None:
    """Return the author that a line such as `By Ann Lee on 2 May` names."""
    match = _BYLINE.fullmatch(text) if len(text) < 140 else None
    if match is None:
        within = _NAME_IN_LINE.search(text) if _FACTS_LINE.match(text) and find_date(text) else None
        if within is not None:
            return Byline(within[1].strip())
        foreign = _FOREIGN_BYLINE.fullmatch(text) if len(text) < 60 else None
        return Byline(foreign[1]) if foreign is not None and is_name(foreign[1]) else None
    name = re.sub(r"\s*\([^)]*\)", "", match["name"]).strip(" ,·|")
    is_dated = (
        bool(re.search(r"Published|Updated|Posted", text[match.end("name") :]))
        or find_date(text) != ""
    )
    return Byline(name) if is_name(name) or (is_dated and len(name.split()) < 6) else None


def is_name(text: str) -> bool:
    """Return whether a line looks like the name of a person."""
    plain = re.sub(r"\([^)]*\)", "", text).strip()
    words = plain.split()
    if _EAST_ASIAN_NAME.fullmatch(plain):
        return True
    if not 1 <= len(words) <= 5 or len(plain) > 40 or re.search(r"[\d:?!/|•·]", plain):
        return False
    if is_weak_boilerplate(plain) or ends_phrase(plain.removesuffix(".")):
        return False
    if re.search(r"[’']s\b", plain) or not _NO_NAMES.isdisjoint(plain.lower().split()):
        return False
    capitals = sum(word[:1].isupper() or word in _PARTICLES for word in words)
    return capitals == len(words) or (
        len(words) > 2 and capitals == len(words) - 1 and words[0][:1].isupper()
    )


_PARTICLES: Final = word_set(
    "de der den del della di da van von la le el al bin ibn ter ten dos y e und and & of"
)


_EAST_ASIAN_NAME: Final = re.compile(
    r"[\u3400-\u9fff]{1,3}\s?[\u3400-\u9fff]{1,3}|[\uac00-\ud7a3]{2,4}|[\u30a1-\u30fa\u30fc]{2,8}・[\u30a1-\u30fa\u30fc]{2,8}"
)
_NO_NAMES: Final = word_set(
    "the about author authors blog reviews review news guide best top how what why read our your my"
    " staff-picks logo posts post page story stories magazine today updated travel tips science technology"
)
"""Words that names of sections have and names of people don't."""


def is_credit(text: str) -> bool:
    """Return whether a line says who made a picture."""
    return len(text) < 160 and bool(_CREDIT.fullmatch(text))


@lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """Return the words of a line in lower case, to compare it with another."""
    return " ".join(re.findall(r"\w+", text.replace("’", "").replace("'", "").casefold()))
