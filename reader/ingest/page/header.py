"""The main heading of a page, and what stands near it: deck, date, author and reading time."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin, urlsplit

from reader.ingest import clean_line
from reader.ingest.copied.lines import find_minutes, fold, is_name, parse_byline
from reader.library.source.dates import parse_date

if TYPE_CHECKING:
    from reader.ingest.page.html_tree import Node, Page


_HEADER_REACH: Final = 1_500
"""Characters of text after the main heading in which its date and author are looked for."""
_DAY: Final = re.compile(
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}|\b[^\W\d_]{3,9}\.?\s+\d{1,2}(?:st|nd|rd|th)?,?\s+\d{4}"
    r"|\b\d{1,2}(?:st|nd|rd|th|er|\.)?\s+(?:of\s+|de\s+)?[^\W\d_]{3,10}\.?,?\s+(?:de\s+)?\d{4}|\d{4}年\d{1,2}月\d{1,2}日"
)
_MAX_HEADING: Final = 300
_MAX_DECK: Final = 400
_MAX_WRAPPERS: Final = 3
"""Elements around a heading below which its deck may stand."""
TITLE_SEPARATOR: Final = re.compile(r"\s+[|\-–—\\/>»:·•]\s+|\s*\|\s*")
_SUBTITLE: Final = re.compile(
    r"sub-?(?:title|head)|\bde[ck]k?\b|standfirst|tagline|excerpt", re.IGNORECASE
)
_STORY_LABEL: Final = re.compile(
    r"(?:[\w]{1,9}-)?(?:post|entry|article|story|content|work|chapter)[_-]{0,2}(?:title|headline|heading)|p-name|headline"
    r"|firstheading",
    re.IGNORECASE,
)
"""A class, or a name for data, of the heading that is the title of a story."""
_TITLE_LABEL: Final = re.compile(r"title", re.IGNORECASE)
_LAST_EDITED: Final = re.compile(r"\blast (?:edited|modified|changed)\b", re.IGNORECASE)
"""What a wiki says of its page; that is no date of publication."""
UPDATED: Final = re.compile(r"updat|modif|edited|revis|review|expire|next", re.IGNORECASE)


class Header:
    """The short lines around a main heading, up to the first long one after it."""

    def __init__(self, page: Page, heading: Node | None) -> None:
        self.lines: list[tuple[str, Node]] = []
        self.minutes = 0
        if heading is not None:
            self._read(page, heading)

    def _read(self, page: Page, heading: Node) -> None:
        inside = {id(node) for node in heading.walk()}
        places = [place for place, node in enumerate(page.texts) if id(node) in inside]
        if not places:
            return
        before = page.texts[max(0, places[0] - 12) : places[0]]
        reach, length = places[-1] + 1, 0
        for node in page.texts[reach:]:
            text = clean_line(node.text)
            if is_hidden(node):
                reach += 1
                continue
            length += len(text)
            if len(text) > 160 or length > _HEADER_REACH:
                break
            reach += 1
        for node in [*page.texts[places[-1] + 1 : reach], *reversed(before)]:
            text = clean_line(node.text)
            if text and not is_hidden(node) and (node in before) <= (len(text) < 80):
                self.lines.append((text, node))
                self.minutes = self.minutes or find_minutes(text) or 0

    def find_date(self, *, with_updates: bool = False) -> str:
        """Return the first day that the header shows, by default none that is of an update."""
        for place, (text, node) in enumerate(self.lines):
            day = read_day(text) if len(text) < 100 else ""
            time = next((each for each in node.ancestors(2) if each.tag == "time"), None)
            day = (read_day(time.get("datetime")) if time is not None else "") or day
            label = f"{self.lines[place - 1][0] if place else ''} {text}"
            parent = node.parent
            label += parent.label if parent is not None else ""
            is_of_page = bool(_LAST_EDITED.search(text))
            if day and not is_of_page and (with_updates or not UPDATED.search(label)):
                return day
        return ""

    def find_author(self) -> str:
        """Return the name in a byline of the header."""
        for place, (text, _) in enumerate(self.lines):
            byline = parse_byline(text)
            if byline is not None:
                return byline.name
            if re.fullmatch(r"(?:written |posted |words )?by:?|authors?:?", text, re.IGNORECASE):
                following = [line for line, _ in self.lines[place + 1 : place + 2] if is_name(line)]
                if following:
                    return following[0]
        return ""


def is_hidden(node: Node) -> bool:
    """Return whether a text is in an element that shows none."""
    return any(
        each.tag in ("script", "style", "noscript", "template", "head", "svg", "option")
        for each in node.ancestors(4)
    )


def read_day(text: object) -> str:
    """Return the first day in a text, as in `2021-06-12`; empty without one.

    A day that can be read in two ways, such as 3/4/2021, is none.
    """
    if not isinstance(text, str):
        return ""
    for match in _DAY.finditer(text[:300]):
        found = parse_date(match[0].replace("年", "-").replace("月", "-").replace("日", ""))
        if found.day is not None and not found.text and 1600 < found.day.year < 2200:
            return found.day.isoformat()
    return ""


def find_heading(headings: list[Node], stated: list[str], address: str) -> Node | None:
    """Return the main heading: one that is in a title that the page states, else one like it.

    One whose classes say that it is the story's title comes first. A heading that leads to the
    front page is the name of the site.
    """
    texts = [(node, node.read_text()) for node in headings[:60] if not _leads_home(node, address)]
    texts = [(node, text) for node, text in texts if 2 < len(text) < _MAX_HEADING]
    titles = [fold(each) for each in stated if each]
    main = [each for each in texts if each[0].tag == "h1"]
    starts = {fold(TITLE_SEPARATOR.split(each)[0]) for each in stated if each}
    short = [node for node, text in main if fold(text) in starts]
    found = _find_named(texts, titles) or _find_stated(texts, titles)
    if found is None and len(short) == 1:
        found = short[0]
    return found or _find_similar(main, titles)


def _find_named(texts: list[tuple[Node, str]], titles: list[str]) -> Node | None:
    """Return the only heading whose classes say that it is a title, if a title has its words."""
    for label in (_STORY_LABEL, _TITLE_LABEL):
        named = {fold(text): node for node, text in texts if _is_called(node, label)}
        words = next(iter(named), "")
        if len(named) == 1 and words and any(words in title for title in titles):
            return named[words]
    return None


def _find_stated(texts: list[tuple[Node, str]], titles: list[str]) -> Node | None:
    """Return the first heading that is in a title, or is one."""
    for node, text in texts:
        words = fold(text)
        if node.tag == "h1" and len(text) > 8 and words and any(words in each for each in titles):
            return node
    for node, text in texts:
        if len(text) > 8 and fold(text) in titles:
            return node
    for node, text in texts:
        words = fold(text)
        if node.tag == "h1" and any(len(t.split()) > 1 and t in words for t in titles):
            return node
    return None


def _find_similar(main: list[tuple[Node, str]], titles: list[str]) -> Node | None:
    """Return the main heading with the most words of the titles, at least half of its own."""
    likely = [
        (_count_shared(text, titles), -place, node) for place, (node, text) in enumerate(main)
    ]
    best = max(likely, default=None, key=lambda each: each[:2])
    if best is not None and best[0] >= 0.5:
        return best[2]
    return main[0][0] if len(main) == 1 and not titles else None


def _leads_home(node: Node, address: str) -> bool:
    """Return whether a heading is a link to the front page."""
    links = [each for each in (*node.ancestors(3), *node.find_all("a")) if each.tag == "a"]
    try:
        return any(
            not (parts := urlsplit(urljoin(address, link.get("href")))).path.strip("/")
            and not parts.fragment
            and not parts.query
            for link in links
            if link.get("href")
        )
    except ValueError:
        return False


def _count_shared(text: str, titles: list[str]) -> float:
    """Return the share of the words of `text` that the page's titles have."""
    words = fold(text).split()
    known = {word for title in titles for word in title.split()}
    return sum(word in known for word in words) / len(words) if len(words) > 2 else 0.0


def _is_called(node: Node, label: re.Pattern[str]) -> bool:
    words = f"{node.label} {node.get('itemprop')} {node.get('data-testid')}".split()
    return any(label.fullmatch(word) for word in words)


def find_subtitle(heading: Node | None) -> str:
    """Return the text below the main heading whose classes say that it is a deck."""
    node = heading
    for _ in range(_MAX_WRAPPERS):
        if node is None or node.parent is None:
            break
        beside = node.parent.elements()
        place = next((n for n, each in enumerate(beside) if each is node), len(beside))
        for each in beside[place + 1 : place + 2]:
            for inner in (each, *each.elements()[:1]):
                text = inner.read_text()
                if _SUBTITLE.search(inner.label) and len(text) <= _MAX_DECK:
                    return clean_line(text)
        node = node.parent
    return ""
