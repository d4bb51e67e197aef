"""Parse the front matter of a file into typed fields."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from reader.text.cells import clean_line
from reader.text.smart_quotes import smarten

if TYPE_CHECKING:
    import yaml


LARGEST: Final = 64 * 1024
"""Characters of front matter."""
MOST_BRACKETS: Final = 2_000
MOST_DOTS: Final = 200
"""In one line of TOML. A parser takes the square of the depth: more is read tolerantly."""
_OPENING: Final = re.compile(r"\A(---|\+\+\+)[ \t]*\n")
_KEYS: Final = {
    "---": re.compile(r"([A-Za-z_][\w-]{0,40})[ \t]*:(?:[ \t]+(.*))?$"),
    "+++": re.compile(r"([A-Za-z_][\w-]{0,40})[ \t]*=[ \t]*(.*)$"),
}
_BLOCK: Final = re.compile(r"[|>][+-]?\d?[+-]?")
_ITEM: Final = re.compile(r"[ \t]*-[ \t]+(.*)")
_WORD: Final = re.compile(r"[\w.$:-]+")
_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_DAY: Final = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)")
_DECKS: Final = ("deck", "subtitle", "description", "summary", "excerpt")
_DATES: Final = ("published", "date", "pubdate", "publishdate", "created")
_USUAL: Final = (
    frozenset(_DECKS)
    | frozenset(_DATES)
    | {
        *("id", "title", "kicker", "author", "authors", "about", "credit", "tags", "categories"),
        *("series", "part", "language", "lang", "kind", "url", "text", "layout", "slug"),
    }
)
"""One of these keys is enough to tell front matter from prose."""


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
    source, body = text[opening.end() : closing.start()], text[closing.end() :]
    if not source.strip():
        return Matter(), body
    fields = _fields(source, fence)
    if not _is_matter(fields):
        return Matter(), text
    if not body.strip() and isinstance(fields.get("text"), str):
        body = fields["text"]
    return _matter(fields), body


def _is_matter(fields: dict[str, Any]) -> bool:
    """Tell front matter from prose between two rules, such as `Dear Anna: come home.`."""
    return bool(fields) and (
        not _USUAL.isdisjoint(fields) or all(_WORD.fullmatch(key) for key in fields)
    )


def _fields(source: str, fence: str) -> dict[str, Any]:
    parsed = _toml(source) if fence == "+++" else _yaml(source)
    if parsed is None:
        parsed = _tolerant(source, _KEYS[fence])
    return {str(key).strip().lower(): value for key, value in parsed.items()}


def _toml(source: str) -> dict[str, Any] | None:
    import tomllib

    if any(line.count(".") > MOST_DOTS for line in source.split("\n")):
        return None
    try:
        return tomllib.loads(source)
    except (ValueError, RecursionError):
        return None


def _yaml(source: str) -> dict[str, Any] | None:
    """Return a YAML mapping, {} for what is YAML but no mapping, or None for what is neither."""
    if source.count("[") + source.count("{") > MOST_BRACKETS:
        return None
    import yaml

    try:
        parsed = yaml.load(source, Loader=_loader())  # noqa: S506  it makes only strings
    except (yaml.YAMLError, ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, dict) else {}


@lru_cache(maxsize=1)
def _loader() -> type[yaml.BaseLoader]:
    import yaml

    class NoAliases(yaml.BaseLoader):
        """Refuses aliases: with them a few lines fill all memory."""

        def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
            if self.check_event(yaml.AliasEvent):
                raise yaml.YAMLError("an alias")
            return super().compose_node(parent, index)

    return NoAliases


def _tolerant(source: str, keys: re.Pattern[str]) -> dict[str, Any]:
    """Read `key: rest of line` and what is indented below it, as a person types it by hand.

    Returns {} if a line is neither: then it is prose.
    """
    fields: dict[str, list[str]] = {}
    value: list[str] = []
    for line in source.split("\n"):
        match = keys.match(line)
        if match:
            value = [(match[2] or "").strip()]
            fields.setdefault(match[1], value)
        elif value and (not line.strip() or line[0] in " \t-"):
            value.append(line)
        elif line.startswith("[") and keys is _KEYS["+++"]:
            break  # a table: what follows are its fields
        elif line.strip() and not line.startswith("#"):
            return {}
    return {key: _typed(*lines) for key, lines in fields.items()}


def _typed(first: str, *below: str) -> str | list[str]:
    """Return the value that stands on the rest of a key's line and on the lines below it."""
    if _BLOCK.fullmatch(first):
        return "\n".join(line.strip() for line in below).strip("\n")
    items = [match[1] for line in below if (match := _ITEM.match(line))]
    if items and not first:
        return [_unquoted(item) for item in items]
    return _unquoted(" ".join((first, *below)))


def _unquoted(text: str) -> str:
    text = text.strip()
    quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "\"'"
    return text[1:-1] if quoted else text


def _matter(fields: dict[str, Any]) -> Matter:
    found = (_day(fields.get(name)) for name in _DATES)
    identity = _line(fields.get("id"))
    part = _line(fields.get("part"))
    return Matter(
        id=identity if _ID.fullmatch(identity) else "",
        title=_prose(fields.get("title")),
        deck=next((deck for name in _DECKS if (deck := _prose(fields.get(name)))), ""),
        kicker=_prose(fields.get("kicker")),
        author=_author(fields.get("author")) or _author(fields.get("authors")),
        about=_prose(fields.get("about"), 2_000),
        credit=_prose(fields.get("credit")),
        published=next((day for day in found if day), None),
        tags=_list(fields.get("tags")) or _list(fields.get("categories")),
        series=_prose(fields.get("series")),
        part=int(part) if part.isascii() and part.isdigit() and len(part) < 5 else 0,
        language=_line(fields.get("language"), 20) or _line(fields.get("lang"), 20),
        kind=_line(fields.get("kind"), 40),
        url=_line(fields.get("url"), 2_000),
    )


def _line(value: object, most: int = 500) -> str:
    """Return a scalar as one clean line; nothing else has any text to give."""
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15:
        value = str(value)
    return clean_line(value, most) if isinstance(value, str) else ""


def _prose(value: object, most: int = 500) -> str:
    return smarten(_line(value, most))


def _list(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        bare = value.strip().removeprefix("[").removesuffix("]")
        value = [_unquoted(item) for item in bare.split(",")]
    if not isinstance(value, list):
        return ()
    return tuple(line for item in value[:30] if (line := _line(item, 60)))


def _author(value: object) -> str:
    people = value[:5] if isinstance(value, list) else [value]
    names = [_line(p.get("name") if isinstance(p, dict) else p, 200) for p in people]
    return ", ".join(name for name in names if name)


def _day(value: object) -> date | None:
    """Return the day a date names: ISO, with or without time and zone, or `2021/6/12`."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = _line(value, 60)
    match = _DAY.match(text)
    try:
        if match:
            return date(int(match[1]), int(match[3]), int(match[4]))
        return datetime.fromisoformat(text).date()
    except ValueError:
        return None
