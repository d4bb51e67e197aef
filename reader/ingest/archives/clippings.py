"""Highlights without their stories: Kindle's and KOReader's `My Clippings.txt`, Readwise's table.

A clipping is the title with the author in brackets, a line that says what it is, where and when,
an empty line, the text, and a line of equals signs. The line is in the language of the device.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.errors import UnreadableFile
from reader.ingest import Facts, SourceHighlight, clean_line
from reader.ingest.archives import make_highlight_list, read_url
from reader.ingest.archives.link_lists import read_rows
from reader.library.source.dates import parse_date

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reader.ingest import Draft


CLIPPINGS: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*[^\r\n]{1,1000}\r?\n- [^\r\n]{3,500}\r?\n")
"""How a file of clippings begins."""
_SEPARATOR: Final = re.compile(r"(?m)^={8,}[ \t]*$")
_AUTHOR: Final = re.compile(r"\s*\(([^()]*(?:\([^()]*\)[^()]*)*)\)\s*\Z")
_NOTE_WORDS: Final = re.compile(
    r"\b(?:note|notiz|nota|notitie|notatka|anteckning|заметка|notat|muistiinpano|not)\b|笔记|筆記|メモ|메모|ملاحظة|नोट",
    re.IGNORECASE,
)
"""What a note is called on devices in some languages."""
_HIGHLIGHT_WORDS: Final = re.compile(
    r"highlight|markierung|subrayado|surlignement|evidenziazione|destaque|markering|выделен|标注|標註|ハイライト|하이라이트",
    re.IGNORECASE,
)
_EASTERN_DAY: Final = re.compile(r"(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})")
_MAX_LEAD_WORDS: Final = 6
"""Words before the date in its line, such as `Hinzugefügt am`."""
_LIMIT: Final = re.compile(r"<[^<>]*>")
"""What stands for a text over the device's limit, if it says `limit`."""
_NEARBY: Final = 20
"""Clippings before and after a note among which its highlight is searched."""
_PLACE: Final = re.compile(r"(\d+)(?:\s*[-–]\s*(\d+))?")


class _Clipping(NamedTuple):
    text: str
    is_note: bool
    first: int
    """Where it is, in the device's own numbers."""
    last: int
    created: str


def read_clippings(text: str) -> Iterator[Draft]:
    """Yield the highlights of each title, with their notes."""
    books: dict[str, list[_Clipping]] = {}
    for entry in _SEPARATOR.split(text.replace("\r\n", "\n").replace("\r", "\n")):
        lines = entry.lstrip("\n\ufeff").split("\n", 2)
        if len(lines) < 2 or not lines[1].lstrip().startswith("-"):
            continue
        clipping = _read_clipping(lines[1], lines[2] if len(lines) > 2 else "")
        members = books.setdefault(clean_line(lines[0]), [])
        if clipping is not None:
            members.append(clipping)
    if not any(books.values()):
        raise UnreadableFile("there are no highlights in it")
    for heading, clippings in books.items():
        if clippings:
            yield make_highlight_list(_read_heading(heading), _join_notes(clippings))


def _read_heading(heading: str) -> Facts:
    """Return the title and author of `Title (Last, First)`."""
    match = _AUTHOR.search(heading)
    if match is None or not match.start():
        return Facts(title=heading)
    names = [_turn_name(name) for name in match[1].split(";")]
    return Facts(title=heading[: match.start()], author=", ".join(filter(None, names)))


def _turn_name(name: str) -> str:
    """Return `Last, First` as `First Last`."""
    last, comma, first = name.partition(",")
    return clean_line(f"{first} {last}") if comma and "," not in first else clean_line(name)


def _read_clipping(line: str, text: str) -> _Clipping | None:
    """Return a highlight or note, None for a bookmark and for a text over the device's limit."""
    text = text.strip()
    if not text or ("limit" in text and _LIMIT.fullmatch(text)):
        return None
    parts = [part.strip() for part in line.split("|")]
    where = " ".join(parts[:-1]) if len(parts) > 1 else line
    places = list(_PLACE.finditer(where))
    first = int(places[-1][1][:9]) if places else -1
    last = int((places[-1][2] or places[-1][1])[:9]) if places else -1
    is_note = bool(_NOTE_WORDS.search(parts[0])) and not _HIGHLIGHT_WORDS.search(parts[0])
    return _Clipping(text, is_note, first, last, _find_time(parts[-1]))


def _find_time(text: str) -> str:
    """Return the time at the end of a line in any language, empty if it isn't understood."""
    if match := _EASTERN_DAY.search(text):
        return f"{match[1]}-{match[2]:0>2}-{match[3]:0>2}"
    words = text.split()
    for number in range(min(len(words), _MAX_LEAD_WORDS)):
        rest = " ".join(words[number:])
        if parse_date(rest).day is not None:
            return rest
    return ""


def _join_notes(clippings: list[_Clipping]) -> list[SourceHighlight]:
    """Return the highlights, each with the notes that were written at it.

    Of a highlight that was widened, the device keeps the older text too, which is left out.
    """
    highlights = [each for each in clippings if not each.is_note]
    ends = {each.last: number for number, each in enumerate(highlights)}
    notes: dict[int, list[str]] = {}
    loose: list[SourceHighlight] = []
    count = 0
    for each in clippings:
        if not each.is_note:
            count += 1
            continue
        around = range(max(0, count - _NEARBY), min(len(highlights), count + _NEARBY))
        numbers = [ends.get(each.first, -1), *around]
        number = next((n for n in numbers if n >= 0 and _is_at(highlights[n], each)), -1)
        if number >= 0:
            notes.setdefault(number, []).append(each.text)
        else:
            loose.append(SourceHighlight("", each.text, each.created))
    found: list[SourceHighlight] = []
    for number, each in enumerate(highlights):
        following = highlights[number + 1 : number + 4]
        is_replaced = any(
            each.text != other.text
            and each.text in other.text
            and each.first <= other.last
            and other.first <= each.last
            for other in following
        )
        if not is_replaced or number in notes:
            found.append(SourceHighlight(each.text, "\n".join(notes.get(number, ())), each.created))
    return [*dict.fromkeys(found), *loose]


def _is_at(highlight: _Clipping, note: _Clipping) -> bool:
    return note.first >= 0 and highlight.first <= note.first <= highlight.last


def read_readwise(text: str) -> Iterator[Draft]:
    """Yield the highlights of each title in Readwise's table."""
    books: dict[tuple[str, str, str], list[SourceHighlight]] = {}
    for row in read_rows(text):
        quote = row.get("highlight", "").strip()
        note = row.get("note", "").strip()
        if not (quote or note):
            continue
        key = clean_line(row.get("book title", "")), clean_line(row.get("book author", ""))
        url = read_url(row.get("source url") or row.get("url") or "")
        created = clean_line(row.get("highlighted at", ""))
        books.setdefault((*key, url), []).append(SourceHighlight(quote, note, created))
    if not books:
        raise UnreadableFile("there are no highlights in it")
    for (title, author, url), highlights in books.items():
        yield make_highlight_list(Facts(title=title, author=author, url=url), highlights)
