"""Export files of reading services and programs: articles, lists of links, highlights.

`detect` tells which one a file is. Each other module reads one kind and returns drafts. No input
or output but the archive that they are given.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from reader.ingest import Draft, Facts, clean_line, escape_inline, escape_line_start
from reader.library.source.dates import parse_date

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reader.ingest import SourceHighlight, SourceLink


MAX_EXPORT_BYTES: Final = 64 << 20
"""Size of the largest table or object of an export."""
_MAX_URL: Final = 4_000
_MIN_SECONDS: Final = 1e8
"""A smaller number isn't a time in seconds since 1970."""
_LISTED_URL: Final = re.compile(r"(?<=\]\()https?://[^\s()]+|(?<=<)https?://[^\s<>]+(?=>)")
_EARLIER: Final = "From earlier exports"
_ISO_DAY: Final = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ]\d\d:\d\d.*)?\Z", re.DOTALL)


def read_day(value: object) -> str:
    """Return the day of a time in seconds, in ISO 8601 or in words; empty if it isn't known."""
    text = clean_line(str(value)) if isinstance(value, str | int | float) else ""
    if match := _ISO_DAY.match(text):
        return match[1] if parse_date(match[1]).day else ""
    try:
        seconds = float(text)
        seconds = seconds / 1000 if seconds > 1e11 else seconds
        day = datetime.fromtimestamp(seconds, UTC).date() if seconds > _MIN_SECONDS else None
    except (ValueError, OverflowError, OSError):
        date = parse_date(text) if text else None
        day = date.day if date is not None and not date.text else None
    return day.isoformat() if day is not None else ""


def read_text_field(value: object) -> str:
    """Return a text, or a number as text, on one line; empty for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return clean_line(str(value))


def read_url(value: object) -> str:
    """Return an address of the web, empty if it is something else."""
    text = read_text_field(value)
    try:
        parts = urlsplit(text)
        is_valid = parts.scheme.lower() in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return ""
    is_valid = is_valid and " " not in text and len(text) <= _MAX_URL
    return text if is_valid and not (parts.username or parts.password) else ""


def read_names(value: object) -> tuple[str, ...]:
    """Return the texts of a list of names, or of objects that have a name."""
    if not isinstance(value, list):
        return ()
    names = (
        each.get("name") or each.get("label") if isinstance(each, dict) else each for each in value
    )
    return tuple(filter(None, map(read_text_field, names)))[:30]


def make_link_list(title: str, links: Sequence[SourceLink]) -> Draft:
    """Return a story that is the list of links: a heading and a list for each group."""
    groups: dict[str, list[SourceLink]] = {}
    for link in links:
        groups.setdefault(link.group, []).append(link)
    blocks: list[str] = []
    for name, members in groups.items():
        if name:
            blocks.append(f"## {escape_inline(name)}")
        blocks.append("\n".join(map(_write_link, members)))
    return Draft(Facts(title=title), tuple(blocks), links=tuple(link for link in links if link.url))


def _write_link(link: SourceLink) -> str:
    """Return an item of the list: the title, which is a link, the site, the day and the tags."""
    title = escape_inline(link.title or link.url)
    if not link.url:
        text = title
    elif title.startswith(("http://", "https://")):
        text = f"<{_escape_url(link.url)}>"
    else:
        text = f"[{title}]({_escape_url(link.url)})"
    site = (urlsplit(link.url).hostname or "").removeprefix("www.") if link.url else ""
    details = [site if text.startswith("[") else "", link.added, ", ".join(link.tags)]
    shown = [escape_inline(each) for each in details if each]
    return f"- {' · '.join([text, *shown])}"


def keep_earlier_links(draft: Draft, text: str) -> Draft:
    """Return a list of links with those of `text`, the list's earlier version, that it lacks.

    Services export a list in several tables, and a later one may lack what was read meanwhile.
    """
    known = set(_LISTED_URL.findall(draft.body))
    lines = [line for line in text.split("\n") if line.startswith("- ")]
    earlier = [
        line for line in lines if (found := _LISTED_URL.search(line)) and found[0] not in known
    ]
    if not earlier:
        return draft
    return replace(draft, blocks=(*draft.blocks, f"## {_EARLIER}", "\n".join(earlier)))


def _escape_url(url: str) -> str:
    return re.sub(r"[<>()\[\]\\\"`]", lambda match: f"%{ord(match[0]):02X}", url)


def make_highlight_list(subject: Facts, highlights: Iterable[SourceHighlight]) -> Draft:
    """Return a story of what was highlighted in another one: quotes, each with its note."""
    highlights = tuple(highlights)
    blocks: list[str] = []
    for highlight in highlights:
        lines = [escape_inline(clean_line(line)) for line in re.split(r"\n+", highlight.text)]
        quote = "\n>\n".join(f"> {escape_line_start(line)}" for line in lines if line)
        notes = [
            escape_line_start(escape_inline(clean_line(line)))
            for line in highlight.note.split("\n")
        ]
        blocks += [*filter(None, [quote]), *filter(None, notes)]
    title = f"Highlights from {subject.title}" if subject.title else "Highlights"
    facts = Facts(title=title, author=subject.author, tags=subject.tags)
    return Draft(facts, tuple(blocks), highlights=highlights, subject=subject)
