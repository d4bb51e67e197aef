"""The opening of a text: the title and the date that a story has there if its fields give none.

Both are looked for in the first blocks of a text. Most texts begin so plainly that a line or two of
them need to be parsed, or none; the rule is the same.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.library.source.dates import MAX_DATE_CHARACTERS, StoryDate, parse_date
from reader.library.story import parse_slices
from reader.markdown import may_precede_title
from reader.text.cells import sanitize_line
from reader.text.document import Kind
from reader.text.places import get_heading_title

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reader.text.document import Block


_MAX_DATE_SOURCE: Final = 300
"""Characters of the longest paragraph that can be a date, with its markup."""
_OPENING_CHARACTERS: Final = 1_500
"""Characters that are parsed first if a text doesn't begin plainly. Of a thousand such texts counted,
all but eleven have their title and the block after it there."""
_FIRST_HEADING: Final = re.compile(r"\s*?^ {0,3}(#{1,6})[ \t]+[^\s#][^\n]*$", re.MULTILINE)
_FIRST_PROSE: Final = re.compile(r"\s*?^ {0,3}(?=[^\W\d_]|[\"“'‘(])", re.MULTILINE)
_UNDERLINE: Final = re.compile(r"^ {0,3}(?:=+|-+)[ \t]*$", re.MULTILINE)
_CHIEF_HEADING: Final = re.compile(r"^ {0,3}(?:#[ \t]|=+[ \t]*$)|<h1", re.MULTILINE | re.IGNORECASE)
_BLANK_LINE: Final = re.compile(r"\n[ \t]*(?:\n|\Z)")
_DIGIT: Final = re.compile(r"\d")
_PLAIN_HEADING: Final = re.compile(r" {0,3}#{1,6}[ \t]+((?:[^\W_]|[ ,;!?\u2019\u201c\u201d])+)")
"""A heading that the parser takes as it stands."""
_FAR_REACHING: Final = re.compile(r"[\[<$&{]")
"""The beginning of what may end, or be defined, somewhere below."""
_UNUSUAL_PROSE: Final = re.compile(r"(?:import|export)\b|[^\n]*(?:<|\{|:::)")


def cut_opening(body: str) -> str | None:
    """Return the beginning of a text that decides about its title and date, and can stand alone.

    None if that can't be told without parsing. It is empty if there is no title and no date.
    """
    heading = _FIRST_HEADING.match(body)
    if heading is not None:
        return _cut_heading(body, heading)
    prose = _FIRST_PROSE.match(body)
    if prose is None:
        return None
    paragraph = _take_paragraph(body, prose.end())
    if _UNDERLINE.search(paragraph) or _UNUSUAL_PROSE.match(paragraph):
        return None
    return _cut_date(paragraph)


def _cut_heading(body: str, heading: re.Match[str]) -> str | None:
    is_chief = len(heading[1]) == 1
    if _FAR_REACHING.search(heading[0]) or not (is_chief or _CHIEF_HEADING.search(body) is None):
        return None
    date_line = _cut_date(_take_paragraph(body, heading.end()))
    return f"{heading[0].lstrip()}\n{date_line}" if date_line is not None else None


def take_plain_title(opening: str | None, *, is_wanted: bool) -> str | None:
    """Return the title of what `cut_opening` has cut, empty for none; None if it must be parsed.

    It has no date then. A title that isn't wanted is not looked at.
    """
    if not opening:
        return opening
    heading, line_end, date_line = opening.partition("\n")
    if not line_end or date_line or not heading.startswith("#"):
        return None
    plain = _PLAIN_HEADING.fullmatch(heading) if is_wanted else None
    return "" if not is_wanted else plain[1].strip() if plain is not None else None


def _cut_date(paragraph: str) -> str | None:
    """Return the paragraph if it may be a date, empty if it isn't one, None if that is unclear."""
    if len(paragraph) > _MAX_DATE_SOURCE or not _DIGIT.search(paragraph):
        return ""
    return paragraph if not _FAR_REACHING.search(paragraph) else None


def _take_paragraph(body: str, start: int) -> str:
    """Return what is between `start` and the next blank line, without blank lines before it."""
    while body[start : start + 1].isspace():
        start += 1
    end = _BLANK_LINE.search(body, start)
    return body[start : end.start() if end is not None else len(body)]


def parse_opening(body: str, title: str) -> Sequence[Block]:
    """Return the first blocks of a text whose front matter gives `title`, empty for none.

    They decide as those of its first slice do, for which ten times as much is parsed.
    """
    if len(body) > 2 * _OPENING_CHARACTERS:
        from reader.markdown import parser  # most texts need none

        blocks = next(parser.parse_slices(body, title, _OPENING_CHARACTERS)).blocks
        if _is_decided(blocks, body, is_wanted=not title):
            return blocks
    return next(parse_slices(body, title)).blocks if body else ()


def _is_decided(blocks: Sequence[Block], body: str, *, is_wanted: bool) -> bool:
    """Return whether no block after the first ones can change the title, if wanted, and the date."""
    title = find_title(blocks) if is_wanted else Title()
    if title.number + 1 >= len(blocks):  # where the date would be
        return False
    if not title.text:
        return not is_wanted or not all(map(may_precede_title, blocks))
    return blocks[title.number].heading_level == 1 or _CHIEF_HEADING.search(body) is None


class Title(NamedTuple):
    """The heading that is a story's title."""

    text: str = ""
    number: int = -1
    """Its number among the blocks of the text."""
    is_dropped: bool = False
    """The parser drops it from the text, because it begins the text."""


def find_title(blocks: Sequence[Block]) -> Title:
    """Return the title of a text whose first slice has these `blocks`, an empty one for none.

    It is a heading that begins the text, or follows pictures; below notes it must be of the
    first level. The first heading of that level wins over one before it, wherever it is.
    """
    best = Title()
    is_opening, has_note = True, False
    for number, block in enumerate(blocks):
        is_heading = block.kind is Kind.HEADING and not block.nesting
        text = sanitize_line(get_heading_title(block)) if is_heading else ""
        if text and (is_opening or best.text):
            title = Title(text, number, is_opening and text == get_heading_title(block))
            if block.heading_level == 1:
                return title
            best = title if not (best.text or has_note) else best
        is_opening = is_opening and may_precede_title(block)
        has_note = has_note or bool(block.nesting) or block.kind is Kind.PARAGRAPH
    return best


def find_date_line(blocks: Sequence[Block], number: int) -> StoryDate:
    """Return the date that block `number`, below the title, consists of; a year is no date."""
    block = blocks[number] if number < len(blocks) else None
    if block is None or block.kind is not Kind.PARAGRAPH or block.nesting:
        return StoryDate()
    text = block.text.strip()
    is_short = not text.isdecimal() and len(text) <= MAX_DATE_CHARACTERS
    found = parse_date(text) if is_short else StoryDate()
    return found if found.day is not None else StoryDate()
