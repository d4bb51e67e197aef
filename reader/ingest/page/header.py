"""What a page shows near its main heading: the date, the author and the reading time."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from reader.ingest import clean_line
from reader.ingest.copied.lines import find_minutes, is_name, parse_byline
from reader.library import parse_date

if TYPE_CHECKING:
    from reader.ingest.page.html_tree import Node, Page


_HEADER_REACH: Final = 1_500
"""Characters of text after the main heading in which its date and author are looked for."""
_DAY: Final = re.compile(
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}|\b[^\W\d_]{3,9}\.?\s+\d{1,2}(?:st|nd|rd|th)?,?\s+\d{4}"
    r"|\b\d{1,2}(?:st|nd|rd|th|er|\.)?\s+(?:of\s+|de\s+)?[^\W\d_]{3,10}\.?,?\s+(?:de\s+)?\d{4}|\d{4}年\d{1,2}月\d{1,2}日"
)
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
            if day and (with_updates or not UPDATED.search(label)):
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
