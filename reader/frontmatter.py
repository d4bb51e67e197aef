"""Front matter: from a file's first lines to what they say about the story.

YAML between `---` lines (PyYAML's pure-Python BaseLoader, so that scalars stay strings and
no C code sees a stranger's text), TOML between `+++`, and a tolerant `key: rest of line`
reader where YAML refuses. Any bytes give a Matter: a bad field is dropped, never fatal.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from .cells import clean_line
from .punctuation import smarten

LARGEST: Final = 64 * 1024
"""Characters of front matter."""
_OPENING: Final = re.compile(r"\A(---|\+\+\+)[ \t]*\n")
_KEY: Final = re.compile(r"([A-Za-z_][\w -]{0,40}?)[ \t]*:(?:[ \t]+(.*))?$")
_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_DECKS: Final = ("deck", "subtitle", "description", "summary", "excerpt")
_DATES: Final = ("published", "date", "pubdate", "publishdate", "created")


@dataclass(frozen=True, slots=True)
class Matter:
    """What front matter says, each field cleaned and on one line."""

    id: str = ""
    title: str = ""
    deck: str = ""
    kicker: str = ""
    author: str = ""
    about: str = ""
    credit: str = ""
    published: date | None = None
    tags: tuple[str, ...] = ()
    series: str = ""
    part: int = 0
    language: str = ""
    kind: str = ""
    url: str = ""


def split(text: str) -> tuple[Matter, str]:
    """Return what the front matter of `text` says, and the body after it.

    A leading `---` block that is no mapping is body. A poem kept in a `text` field above an
    empty body is the body.
    """
    opening = _OPENING.match(text)
    if opening is None:
        return Matter(), text
    fence = opening[1]
    closing = re.compile(rf"^{re.escape(fence)}[ \t]*$", re.MULTILINE).search(
        text, opening.end(), opening.end() + LARGEST
    )
    if closing is None:
        return Matter(), text
    fields = _fields(text[opening.end() : closing.start()], fence)
    if not fields:
        return Matter(), text
    body = text[closing.end() :]
    if not body.strip() and isinstance(fields.get("text"), str):
        body = fields["text"]
    return _matter(fields), body


def _fields(source: str, fence: str) -> dict[str, Any]:
    parsed = _toml(source) if fence == "+++" else _yaml(source)
    if parsed is None:
        parsed = _tolerant(source)
    return {str(key).strip().lower(): value for key, value in parsed.items()}


def _toml(source: str) -> dict[str, Any] | None:
    import tomllib

    try:
        return tomllib.loads(source)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError):
        return None


def _yaml(source: str) -> dict[str, Any] | None:
    """Return a YAML mapping, {} for what is YAML but no mapping, or None for what is neither."""
    # An alias bomb is a few lines that fill all memory: a file with aliases is read tolerantly.
    if re.search(r"(?m)(?:^|[:\-\[,{])\s*[&*]\w", source):
        return None
    import yaml

    try:
        parsed = yaml.load(source, Loader=yaml.BaseLoader)  # noqa: S506  BaseLoader makes only strings
    except (yaml.YAMLError, ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, dict) else {}


def _tolerant(source: str) -> dict[str, Any]:
    """Read `key: rest of line`, quotes taken off, for what a person typed by hand."""
    fields: dict[str, Any] = {}
    for line in source.split("\n"):
        match = _KEY.match(line)
        if match:
            value = (match[2] or "").strip()
            if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
                value = value[1:-1]
            fields.setdefault(match[1], value)
    return fields


def _matter(fields: dict[str, Any]) -> Matter:
    found = (_day(fields.get(name)) for name in _DATES)
    identity = _line(fields.get("id"))
    part = _line(fields.get("part"))
    return Matter(
        id=identity if _ID.fullmatch(identity) else "",
        title=_prose(fields.get("title")),
        deck=next((deck for name in _DECKS if (deck := _prose(fields.get(name)))), ""),
        kicker=_prose(fields.get("kicker")),
        author=_author(fields.get("author", fields.get("authors"))),
        about=_prose(fields.get("about"), 2_000),
        credit=_prose(fields.get("credit")),
        published=next((day for day in found if day), None),
        tags=_list(fields.get("tags")) or _list(fields.get("categories")),
        series=_prose(fields.get("series")),
        part=int(part) if part.isascii() and part.isdigit() and len(part) < 5 else 0,
        language=_line(fields.get("language", fields.get("lang")), 20),
        kind=_line(fields.get("kind"), 40),
        url=_line(fields.get("url"), 2_000),
    )


def _line(value: object, most: int = 500) -> str:
    """Return a scalar as one clean line; nothing else has any text to give."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)[:most]
    return clean_line(value, most) if isinstance(value, str) else ""


def _prose(value: object, most: int = 500) -> str:
    return smarten(_line(value, most))


def _list(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        value = value.split(",")
    if not isinstance(value, list):
        return ()
    return tuple(line for item in value[:30] if (line := _line(item, 60)))


def _author(value: object) -> str:
    if isinstance(value, dict):
        value = value.get("name")
    if isinstance(value, list):
        names = [_author(item) for item in value[:5]]
        return ", ".join(name for name in names if name)
    return _line(value, 200)


def _day(value: object) -> date | None:
    """Return the day a date names: ISO, with or without time and zone."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = _line(value, 60)
    for attempt in (text, text[:10]):
        try:
            return datetime.fromisoformat(attempt).date()
        except ValueError:
            continue
    return None
