"""The lines of a copied text as blocks of Markdown.

Copied text has no markup: headings, lists and verse are recognised by the shape of their lines.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from reader.ingest import SCENE_BREAK, escape_inline, escape_line_start, escape_paragraph
from reader.ingest.copied.lines import (
    BULLET,
    LONG_CELLS,
    NUMBER,
    ends_phrase,
    ends_sentence,
    find_date,
    find_minutes,
    is_credit,
    is_prose,
    is_title_case,
    is_vague_date,
    measure,
)

if TYPE_CHECKING:
    from reader.ingest.copied.lines import Copied


_BREAK: Final = re.compile(
    r"(?:\*\s*){3,}|(?:-\s*){3,}|(?:—\s*){3,}|(?:_\s*){3,}|~+|⁂|(?:•\s*){3}|#(?:\s+#)*|\*|⸻|❦"
)
_MAX_HEADING_WORDS: Final = 14
_PROSE_SHARE: Final = 6
"""A text in which one line of so many is a long sentence isn't verse."""
_MAX_LIST_HEADING_WORDS: Final = 8
"""Words of the longest line above a list that is its heading."""
_MAX_HEADING_CELLS: Final = 90
_NUMBER_SIGN: Final = re.compile(r"#\d{1,3}\b")
_NO_HEADING_START: Final = re.compile(r"[“\"‘'«„(\[]|https?:|[@/.]")
_NO_HEADING_END: Final = re.compile(r"[.,;!…”\"»)\]。，！]\Z")


class _Blocks:
    """Turns the lines of a text into blocks of Markdown."""

    def __init__(self, copied: Copied, lines: list[int]) -> None:
        self._texts, self._headings = copied.texts, copied.cut.keys()
        self._is_spaced = copied.is_spaced(lines)
        texts = [copied.texts[number] for number in lines if copied.texts[number]]
        self._has_prose = sum(map(is_prose, texts)) * _PROSE_SHARE >= len(texts)
        self.groups: list[list[int]] = self._group(lines)
        self._firsts = [self._texts[group[0]] for group in self.groups]
        self.blocks: list[tuple[str, int]] = []
        """Each block, and the number of its first line."""

    def _group(self, lines: list[int]) -> list[list[int]]:
        """Return the lines of each paragraph; in a tight text each line is one."""
        groups: list[list[int]] = []
        is_open = False
        for number in lines:
            if not self._texts[number]:
                is_open = False
            elif is_open and self._is_spaced:
                groups[-1].append(number)
            else:
                groups.append([number])
                is_open = True
        return [part for place, group in enumerate(groups) for part in self._split(groups, place)]

    def _split(self, groups: list[list[int]], place: int) -> list[list[int]]:
        """Return the parts of the lines between two blank ones, where they aren't verse or a list.

        Some pages have no blank line below a heading, or between paragraphs.
        """
        group = groups[place]
        texts = [self._texts[number] for number in group]
        lead = self._texts[groups[place - 1][-1]] if place else ""
        if len(group) < 2 or lead.endswith((":", "：")):
            return [group]
        if any(map(is_prose, texts)):
            return [[number] for number in group]
        has_text_below = texts[1][:1].isupper() and (
            ends_sentence(texts[1]) or texts[1].endswith(":")
        )
        is_short = measure(texts[0]) * 1.6 < measure(texts[1])  # lines of verse are alike
        if self._has_prose and has_text_below and is_short and _may_be_heading(texts[0]):
            return [group[:1], group[1:]]
        return [group]

    def make(self) -> list[tuple[str, int]]:
        place = 0
        while place < len(self.groups):
            place += self._add(place)
        return self.blocks

    def _add(self, place: int) -> int:
        """Add the block of the group at `place`; return how many groups it takes."""
        text, group = self._firsts[place], self.groups[place]
        is_break = bool(_BREAK.fullmatch(text)) and len(group) == 1
        count = self._count_items(place, BULLET) if not is_break else 0
        if count:
            self._add_items(place, count, BULLET)
        elif (count := self._count_items(place, NUMBER)) > 1 or (count and len(group) > 1):
            self._add_items(place, count, NUMBER)
        elif is_break:
            count = 1
            self.blocks.append((SCENE_BREAK, group[0]))
        elif count := self._count_unmarked_items(place):
            items = [self.groups[each][0] for each in range(place, place + count)]
            lines = (f"- {escape_paragraph(self._texts[number])}" for number in items)
            self.blocks.append(("\n".join(lines), items[0]))
        elif self._is_heading(place):
            count = 1
            self.blocks.append((f"## {escape_inline(text)}", group[0]))
        else:
            count = 1
            self._add_paragraph(place)
        return count

    def _count_items(self, place: int, mark: re.Pattern[str]) -> int:
        """Return how many groups from `place` on consist of items with that mark."""
        count = 0
        for group in self.groups[place:]:
            if not all(
                mark.match(self._texts[n]) and not _BREAK.fullmatch(self._texts[n]) for n in group
            ):
                break
            count += 1
        return count

    def _count_unmarked_items(self, place: int) -> int:
        """Return how many groups from `place` on are items without a mark: 0 or several.

        They are short lines of one kind below a line that ends with a colon.
        """
        lead = self._firsts[place - 1] if place else ""
        if not lead.endswith((":", "：")) or not self.blocks or self.blocks[-1][0].startswith("#"):
            return 0
        count = 0
        while place + count < len(self.groups) and self._may_be_item(place + count):
            count += 1
        following = place + count
        if count > 1 and following < len(self.groups) and is_prose(self._firsts[following]):
            titled = [is_title_case(self._firsts[n]) for n in range(place, following)]
            if titled[-1] and not any(titled[:-1]):  # a heading of what follows
                count -= 1
        return count if count > 1 else 0

    def _may_be_item(self, place: int) -> bool:
        group, text = self.groups[place], self._firsts[place]
        is_text = not (ends_phrase(text) or text.endswith("—") or BULLET.match(text))
        is_short = len(group) == 1 and measure(text) <= LONG_CELLS
        return (
            is_short and is_text and not (_BREAK.fullmatch(text) or _NO_HEADING_START.match(text))
        )

    def _add_items(self, place: int, count: int, mark: re.Pattern[str]) -> None:
        lines = [number for group in self.groups[place : place + count] for number in group]
        items = []
        for number in lines:
            match = mark.match(self._texts[number])
            assert match is not None, "a group of items has only items"  # noqa: S101  for mypy
            sign = f"{match[1]}. " if mark is NUMBER else "- "
            items.append(sign + escape_paragraph(self._texts[number][match.end() :]))
        self.blocks.append(("\n".join(items), lines[0]))

    def _add_paragraph(self, place: int) -> None:
        lines = self.groups[place]
        texts = [self._texts[number] for number in lines]
        if len(lines) == 1:
            self.blocks.append((escape_paragraph(texts[0]), lines[0]))
        elif self._is_unmarked_list(place):
            self.blocks.append(("\n".join(f"- {escape_paragraph(t)}" for t in texts), lines[0]))
        else:
            verse = "\\\n".join(escape_line_start(escape_inline(text)) for text in texts)
            self.blocks.append((verse, lines[0]))

    def _is_unmarked_list(self, place: int) -> bool:
        """Return whether lines are a list: they follow a colon that doesn't introduce verse."""
        texts = [self._texts[number] for number in self.groups[place]]
        lead = self._firsts[place - 1] if place else ""
        is_after_text = bool(self.blocks) and not self.blocks[-1][0].startswith("#")
        return (
            lead.endswith(":")
            and is_after_text
            and len(self.groups[place - 1]) == 1
            and not any(text.endswith((",", ";", "—")) for text in texts)
        )

    def _is_heading(self, place: int) -> bool:
        """Return whether a line is a heading: short, without closing mark, followed by text."""
        text = self._firsts[place]
        if self.groups[place][0] in self._headings:
            return True
        following = self._firsts[place + 1] if place + 1 < len(self.groups) else ""
        if len(self.groups[place]) > 1 or not following or not _may_be_heading(text):
            return False
        is_followed = measure(following) > (50 if self._is_spaced else 30) or ends_phrase(following)
        if self._is_announced(place, following):
            is_followed = False
        if BULLET.match(following):
            is_followed = self._is_spaced and len(text.split()) <= _MAX_LIST_HEADING_WORDS
        if NUMBER.match(text):
            beside = (self._firsts[n] for n in (place - 1, place + 1) if 0 <= n < len(self._firsts))
            return is_followed and not any(NUMBER.match(each) for each in beside)
        if text.endswith((":", "：")):
            return self._is_colon_heading(place, following)
        if text.endswith(("?", "？")):
            return self._is_question_heading(text, following)
        return is_followed

    def _is_announced(self, place: int, following: str) -> bool:
        """Return whether a line is what the one above announces with a colon, such as verse."""
        lead = self._firsts[place - 1] if place else ""
        is_long = measure(following) > LONG_CELLS or ends_sentence(following)
        return lead.endswith((":", "：")) and not self._is_spaced and not is_long

    def _is_question_heading(self, text: str, following: str) -> bool:
        """Return whether a question is a heading: in title case, or above a long paragraph."""
        words = text.split()
        is_title_case = _count_capitals(words) >= 0.6 * len(words)
        is_alone = 2 < len(words) <= 10 and not self._is_spaced
        if is_title_case and measure(following) > LONG_CELLS:
            return True
        return is_alone and measure(following) > 90

    def _is_colon_heading(self, place: int, following: str) -> bool:
        """Return whether a short line with a colon is a heading and doesn't introduce a list."""
        words = self._firsts[place].split()
        capitals = _count_capitals(words)
        before = self._firsts[place - 1] if place else ""
        return (
            self._is_spaced
            and len(words) <= 7
            and capitals >= 2
            and capitals * 2 >= len(words)
            and len(self.groups[place + 1]) == 1
            and not BULLET.match(following)
            and not NUMBER.match(following)
            and (measure(following) > LONG_CELLS or following.startswith("("))
            and ends_sentence(before)
            and not before.endswith(":")
        )


_CAPTION: Final = re.compile(
    r"\b(?:Source|Image|Photo|Photograph|Fig|Figure|Getty|Courtesy)\b"
    r"|^[A-Z]\w+ [A-Z][\w’'-]+ (?:at|in|with|during|speaking|outside|receiving)\b(?: \S+){2}"
    r"|(?<!^\d)(?<!^\d\d)(?<!^[A-Z])(?<!\b(?:Mr|Dr|St|vs|No))\.\s"
)
"""The words of a picture's caption: its source, a person at a place, or two sentences."""


def _may_be_heading(text: str) -> bool:
    """Return whether a line has the form of a heading, whatever stands around it."""
    if measure(text) > _MAX_HEADING_CELLS or len(text.split()) > _MAX_HEADING_WORDS:
        return False
    if _NO_HEADING_START.match(text) or _NO_HEADING_END.search(text):
        return False
    if not (
        _NUMBER_SIGN.match(text)
        or NUMBER.match(text)
        or text[0].isupper()
        or text[0].isdigit()
        or ord(text[0]) >= 0x2000
    ):
        return False
    is_fact = find_minutes(text) or find_date(text) or is_vague_date(text)
    return not (is_fact or is_credit(text) or _is_caption(text))


def _count_capitals(words: list[str]) -> int:
    return sum(word[:1].isupper() for word in words)


def _is_caption(text: str) -> bool:
    return bool(_CAPTION.search(text))


def make_blocks(copied: Copied, lines: list[int]) -> list[tuple[str, int]]:
    """Return the text's blocks in Markdown, each with the number of its first line."""
    return _Blocks(copied, lines).make()
