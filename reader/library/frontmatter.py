"""Parse the front matter of a story's file into typed fields.

Front matter is YAML between `---` lines or TOML between `+++` lines. What a parser rejects, such
as an unquoted colon in a title, is read line by line as `key: value`. Fields are sanitised.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from reader.text.cells import sanitize_line
from reader.text.smart_quotes import smarten

if TYPE_CHECKING:
    import yaml


MAX_CHARACTERS: Final = 64 * 1024
"""The longest front matter; with a later closing line the file has none."""
MAX_BRACKETS: Final = 2_000
"""Opening brackets in YAML above which no parser is used: its time is quadratic in their depth."""
MAX_DOTS_PER_LINE: Final = 200
"""Dots in a line of TOML above which no parser is used, for the same reason."""
_MAX_AUTHORS: Final = 5
_MAX_TAGS: Final = 30
_OPENING_FENCE: Final = re.compile(r"\A(---|\+\+\+)[ \t]*\n")
_KEY_PATTERNS: Final = {
    "---": re.compile(r"([A-Za-z_][\w-]{0,40})[ \t]*:(?:[ \t]+(.*))?$"),
    "+++": re.compile(r"([A-Za-z_][\w-]{0,40})[ \t]*=[ \t]*(.*)$"),
}
_BLOCK_SCALAR: Final = re.compile(r"[|>][+-]?\d?[+-]?")
_LIST_ITEM: Final = re.compile(r"[ \t]*-[ \t]+(.*)")
_SINGLE_WORD: Final = re.compile(r"[\w.$:-]+")
_VALID_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_DATE: Final = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)")
_DECK_KEYS: Final = ("deck", "subtitle", "description", "summary", "excerpt")
_DATE_KEYS: Final = ("published", "date", "pubdate", "publishdate", "created")
_COMMON_KEYS: Final = (
    frozenset(_DECK_KEYS)
    | frozenset(_DATE_KEYS)
    | {
        *("id", "title", "kicker", "author", "authors", "about", "credit", "tags", "categories"),
        *("series", "part", "language", "lang", "kind", "url", "text", "layout", "slug"),
    }
)
"""A block with one of these keys is front matter and not prose."""


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The fields of front matter, each sanitised and on one line; empty if not given."""

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


def split_front_matter(text: str) -> tuple[FrontMatter, str]:
    """Return the front matter of `text` and the body after it.

    A block at the start that isn't a mapping belongs to the body. If the body is empty, the
    field `text` is the body; many poems are stored so.
    """
    opening = _OPENING_FENCE.match(text)
    if opening is None:
        return FrontMatter(), text
    fence = opening[1]
    closing = re.compile(rf"^{re.escape(fence)}[ \t]*$", re.MULTILINE).search(
        text, opening.end(), opening.end() + MAX_CHARACTERS
    )
    if closing is None:
        return FrontMatter(), text
    source, body = text[opening.end() : closing.start()], text[closing.end() :]
    if not source.strip():
        return FrontMatter(), body
    fields = _parse_fields(source, fence)
    if not _is_front_matter(fields):
        return FrontMatter(), text
    if not body.strip() and isinstance(fields.get("text"), str):
        body = fields["text"]
    return _make_front_matter(fields), body


def _is_front_matter(fields: dict[str, Any]) -> bool:
    """Return whether `fields` are front matter; prose such as `Dear Anna: come home.` is not."""
    return bool(fields) and (
        not _COMMON_KEYS.isdisjoint(fields) or all(_SINGLE_WORD.fullmatch(key) for key in fields)
    )


def _parse_fields(source: str, fence: str) -> dict[str, Any]:
    parsed = _parse_toml(source) if fence == "+++" else _parse_yaml(source)
    if parsed is None:
        parsed = _parse_tolerantly(source, _KEY_PATTERNS[fence])
    return {str(key).strip().lower(): value for key, value in parsed.items()}


def _parse_toml(source: str) -> dict[str, Any] | None:
    import tomllib

    if any(line.count(".") > MAX_DOTS_PER_LINE for line in source.split("\n")):
        return None
    try:
        return tomllib.loads(source)
    except (ValueError, RecursionError):
        return None


def _parse_yaml(source: str) -> dict[str, Any] | None:
    """Return the mapping in `source`, {} for other YAML, None for what isn't YAML."""
    if source.count("[") + source.count("{") > MAX_BRACKETS:
        return None
    import yaml

    try:
        parsed = yaml.load(source, Loader=_make_yaml_loader())  # noqa: S506  BaseLoader makes strings only
    except (yaml.YAMLError, ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, dict) else {}


@lru_cache(maxsize=1)
def _make_yaml_loader() -> type[yaml.BaseLoader]:
    import yaml

    class NoAliases(yaml.BaseLoader):
        """Rejects aliases, with which a few lines can use up all memory."""

        def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
            if self.check_event(yaml.AliasEvent):
                raise yaml.YAMLError("aliases are not supported")
            return super().compose_node(parent, index)

    return NoAliases


def _parse_tolerantly(source: str, key_pattern: re.Pattern[str]) -> dict[str, Any]:
    """Parse lines `key: value` and the indented lines below each of them.

    Returns {} for prose, which has other lines.
    """
    fields: dict[str, list[str]] = {}
    value: list[str] = []
    for line in source.split("\n"):
        match = key_pattern.match(line)
        if match:
            value = [(match[2] or "").strip()]
            fields.setdefault(match[1], value)
        elif value and (not line.strip() or line[0] in " \t-"):
            value.append(line)
        elif line.startswith("[") and key_pattern is _KEY_PATTERNS["+++"]:
            break  # a table begins, whose fields are not ours
        elif line.strip() and not line.startswith("#"):
            return {}
    return {key: _parse_value(*lines) for key, lines in fields.items()}


def _parse_value(first: str, *below: str) -> str | list[str]:
    """Return the value from the rest of a key's line and the lines below it."""
    if _BLOCK_SCALAR.fullmatch(first):
        return "\n".join(line.strip() for line in below).strip("\n")
    items = [match[1] for line in below if (match := _LIST_ITEM.match(line))]
    if items and not first:
        return [_unquote(item) for item in items]
    return _unquote(" ".join((first, *below)))


def _unquote(text: str) -> str:
    text = text.strip()
    quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "\"'"
    return text[1:-1] if quoted else text


def _make_front_matter(fields: dict[str, Any]) -> FrontMatter:
    dates = (_parse_date(fields.get(name)) for name in _DATE_KEYS)
    story_id = _format_line(fields.get("id"))
    part = _format_line(fields.get("part"))
    return FrontMatter(
        id=story_id if _VALID_ID.fullmatch(story_id) else "",
        title=_format_prose(fields.get("title")),
        deck=next((deck for name in _DECK_KEYS if (deck := _format_prose(fields.get(name)))), ""),
        kicker=_format_prose(fields.get("kicker")),
        author=_format_authors(fields.get("author")) or _format_authors(fields.get("authors")),
        about=_format_prose(fields.get("about"), 2_000),
        credit=_format_prose(fields.get("credit")),
        published=next((day for day in dates if day), None),
        tags=_parse_list(fields.get("tags")) or _parse_list(fields.get("categories")),
        series=_format_prose(fields.get("series")),
        part=int(part) if part.isascii() and part.isdigit() and len(part) < 5 else 0,
        language=_format_line(fields.get("language"), 20) or _format_line(fields.get("lang"), 20),
        kind=_format_line(fields.get("kind"), 40),
        url=_format_line(fields.get("url"), 2_000),
    )


def _format_line(value: object, max_length: int = 500) -> str:
    """Return a string or number as one sanitised line, "" for any other value."""
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15:
        value = str(value)
    return sanitize_line(value, max_length) if isinstance(value, str) else ""


def _format_prose(value: object, max_length: int = 500) -> str:
    return smarten(_format_line(value, max_length))


def _parse_list(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        items = value.strip().removeprefix("[").removesuffix("]")
        value = [_unquote(item) for item in items.split(",")]
    if not isinstance(value, list):
        return ()
    return tuple(line for item in value[:_MAX_TAGS] if (line := _format_line(item, 60)))


def _format_authors(value: object) -> str:
    authors = value[:_MAX_AUTHORS] if isinstance(value, list) else [value]
    names = [_format_line(a.get("name") if isinstance(a, dict) else a, 200) for a in authors]
    return ", ".join(name for name in names if name)


def _parse_date(value: object) -> date | None:
    """Return the day of a date: ISO with or without time and zone, or such as `2021/6/12`."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = _format_line(value, 60)
    match = _DATE.match(text)
    try:
        if match:
            return date(int(match[1]), int(match[3]), int(match[4]))
        return datetime.fromisoformat(text).date()
    except ValueError:
        return None
