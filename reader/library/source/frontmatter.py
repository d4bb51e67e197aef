"""Parse the front matter of a story's file into typed fields.

Front matter is YAML, TOML or JSON between `---` or `+++`, an object of JSON, link definitions to
nowhere, or bare lines `key: value`. What a parser rejects, such as an unquoted colon in a title, is
read line by line. Fields are sanitised.
"""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from html import unescape
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from reader.library.source.dates import MAX_DATE_CHARACTERS, StoryDate, parse_date
from reader.text.cells import sanitize_line
from reader.text.plain_mappings import parse_toml, parse_yaml
from reader.text.smart_quotes import smarten

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_CHARACTERS: Final = 64 * 1024
"""The longest front matter; with a later closing line the file has none."""
_MAX_AUTHORS: Final = 5
_MAX_TAGS: Final = 30
_MAX_EXTRA: Final = 100
_OPENING_FENCE: Final = re.compile(
    r"( {0,3})(---|\+\+\+)[ \t]*(?:json|toml|ya?ml)?[ \t]*\n", re.IGNORECASE
)
_DEFINITION: Final = re.compile(
    r" {0,3}\[([A-Za-z][\w -]{0,40})\]:[ \t]*(?:#|<#?>)[ \t]+(\(.*\)|\".*\"|'.*')[ \t]*(?:\n(?:[ \t]*\n)*|\Z)"
)
_UNFENCED_END: Final = re.compile(r"^(?:---)?[ \t]*$|\Z", re.MULTILINE)
_BARE_KEY: Final = re.compile(r"([^\W\d_][\w -]{0,40}?)[ \t]*:(?:[ \t]+(.*))?$", re.MULTILINE)
_KEY_PATTERNS: Final = {
    "---": re.compile(r"([A-Za-z_][\w-]{0,40})[ \t]*:(?:[ \t]+(.*))?$"),
    "+++": re.compile(r"([A-Za-z_][\w-]{0,40})[ \t]*=[ \t]*(.*)$"),
}
_BLOCK_SCALAR: Final = re.compile(r"[|>][+-]?\d?[+-]?")
_LIST_ITEM: Final = re.compile(r"[ \t]*-[ \t]+(.*)")
_SINGLE_WORD: Final = re.compile(r"[\w.$:-]+")
_VALID_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_ENTITY: Final = re.compile(r"&(?:#\d{1,7}|#[xX][\da-fA-F]{1,6}|[A-Za-z][A-Za-z\d]{1,31});")
_WIKILINK: Final = re.compile(r"\[\[(?:[^\[\]|]*\|)?([^\[\]|]+)\]\]")
_YES: Final = frozenset({"true", "yes", "on", "1"})
_NO: Final = frozenset({"false", "no", "off", "0"})
_NO_DATES: Final = frozenset({"", "true", "false", "yes", "no", "null", "none", "~"})
_AUTHOR_KEYS: Final = ("author", "authors")
_DECK_KEYS: Final = ("deck", "subtitle", "description", "summary", "excerpt")
_DATE_KEYS: Final = ("published", "date", "pubdate", "publishdate", "created")
_COMMON_KEYS: Final = frozenset((*_DECK_KEYS, *_DATE_KEYS)) | {
    *("id", "title", "kicker", "author", "authors", "about", "credit", "tags", "categories"),
    *("series", "part", "language", "lang", "kind", "url", "text", "layout", "slug"),
}
"""A block with one of these keys is front matter and not prose."""
_STRONG_KEYS: Final = frozenset(_DATE_KEYS) | {
    *("title", "author", "authors", "tags", "category", "categories", "slug", "summary")
}
"""Keys of fields without fences. Prose seldom has two lines that begin so."""


class FrontMatter(NamedTuple):
    """The fields of front matter, each sanitised and on one line; empty if not given."""

    id: str = ""
    title: str = ""
    deck: str = ""
    kicker: str = ""
    author: str = ""
    about: str = ""
    credit: str = ""
    published: date | None = None
    """The day; the first of its month or year if only that is given."""
    published_seconds: int = 0
    date_text: str = ""
    """What is shown instead of that day: a month, a year, or what isn't understood, as typed."""
    tags: tuple[str, ...] = ()
    series: str = ""
    part: int = 0
    language: str = ""
    kind: str = ""
    url: str = ""
    is_draft: bool = False
    """It says `draft: true` or `published: false`."""
    extra: tuple[tuple[str, str], ...] = ()
    """The names and texts of the fields that have no use here; no text if it isn't one."""


def split_front_matter(text: str) -> tuple[FrontMatter, str]:
    """Return the front matter of `text` and the body after it.

    A block at the start that isn't a mapping belongs to the body. If the body is empty, the
    field `text` is the body; many poems are stored so, and keep their lines.
    """
    start = _find_start(text)
    for find in _FINDERS:
        found = find(text, start)
        if found is None:
            continue
        fields, body = found
        if not body.strip() and isinstance(fields.get("text"), str):
            lines = fields.pop("text").strip("\n")
            body = re.sub(r"(?<=[^\s\\])[ \t]*\n(?=[ \t]*\S)", "  \n", lines)
        return _make_front_matter(fields), body
    return FrontMatter(), text


def _find_start(text: str) -> int:
    """Return where the first line that isn't blank begins."""
    start = len(text) - len(text.lstrip("\n \t\ufeff"))
    return text.rfind("\n", 0, start) + 1 or (1 if text.startswith("\ufeff") else 0)


class Fence(NamedTuple):
    """A line that may open front matter."""

    indent: str
    mark: str
    """`---` or `+++`."""
    end: int
    """Where the next line begins."""


def find_fence(text: str) -> Fence | None:
    """Return the line at the start of `text` that may open front matter."""
    opening = _OPENING_FENCE.match(text, _find_start(text))
    return Fence(opening[1], opening[2], opening.end()) if opening is not None else None


def _find_fenced(text: str, start: int) -> tuple[dict[str, Any], str] | None:
    """Return the fields between fences, and the body. The first closing fence counts."""
    opening = _OPENING_FENCE.match(text, start)
    if opening is None:
        return None
    indent, fence = opening.groups()
    closing = _compile_closing(indent, fence).search(
        text, opening.end(), opening.end() + MAX_CHARACTERS
    )
    if closing is None:
        return None
    source, body = text[opening.end() : closing.start()], text[closing.end() :]
    if indent:
        source = re.sub(rf"^{indent}", "", source, flags=re.MULTILINE)
    if not source.strip():
        return {}, body
    fields = {"comments": "#"} if _has_comments_alone(source) else _parse_fields(source, fence)
    return (fields, body) if _is_front_matter(fields) else None


@cache
def _compile_closing(indent: str, fence: str) -> re.Pattern[str]:
    closing = r"\+\+\+" if fence == "+++" else r"(?:---|\.\.\.)"
    return re.compile(rf"^{indent}{closing}[ \t]*$", re.MULTILINE)


def _has_comments_alone(source: str) -> bool:
    """Return whether `source` has comments, which aren't headings, and nothing else.

    Headings between rules stand apart, and don't look like a field that is commented out.
    """
    lines = source.strip().split("\n")
    if not lines[0].startswith("#") or not all(
        line.startswith("#") or not line.strip() for line in lines
    ):
        return False
    matches = [_KEY_PATTERNS["---"].match(line.strip("# \t")) for line in lines]
    is_field = any(match is not None and match[1].lower() in _COMMON_KEYS for match in matches)
    return is_field or (len(lines) > 1 and "" not in lines)


def _find_json(text: str, start: int) -> tuple[dict[str, Any], str] | None:
    """Return the fields of an object of JSON that begins the text, and the body."""
    if not text.startswith("{", start):
        return None
    found = _parse_json(text[start : start + MAX_CHARACTERS])
    if found is None:
        return None
    fields, body = _fold_keys(found[0]), text[start + found[1] :]
    is_line = not body.partition("\n")[0].strip()
    return (fields, body) if is_line and _is_front_matter(fields) else None


def _parse_json(source: str) -> tuple[dict[str, Any], int] | None:
    """Return the object that begins `source`, and its length. None if there is none."""
    import json

    try:
        parsed, length = json.JSONDecoder().raw_decode(source)
    except (ValueError, RecursionError):
        return None
    return (parsed, length) if isinstance(parsed, dict) else None


def _find_definitions(text: str, start: int) -> tuple[dict[str, Any], str] | None:
    """Return the fields of link definitions to nowhere: `[title]: # (One)`; and the body."""
    fields: dict[str, Any] = {}
    end = start
    while (match := _DEFINITION.match(text, end, start + MAX_CHARACTERS)) is not None:
        value = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", match[2][1:-1])
        fields.setdefault(match[1].strip().lower(), value)
        end = match.end()
    return (fields, text[end:]) if not _STRONG_KEYS.isdisjoint(fields) else None


def _find_unfenced(text: str, start: int) -> tuple[dict[str, Any], str] | None:
    """Return the fields of lines `key: value` above a late `---` or an empty line; and the body."""
    if _BARE_KEY.match(text, start) is None:
        return None
    end = _UNFENCED_END.search(text, start, start + MAX_CHARACTERS)
    if end is None:
        return None
    source = text[start : end.start()]
    fields = _fold_keys(_parse_tolerantly(source, _BARE_KEY))
    if "---" in end[0]:
        fields = {**fields, **_parse_fields(source, "---")} if fields else {}
        is_certain = not _STRONG_KEYS.isdisjoint(fields)
    else:
        is_certain = "title" in fields or len(_STRONG_KEYS & {*fields}) > 1
    return (fields, text[end.end() :]) if is_certain else None


_FINDERS: Final = (_find_fenced, _find_json, _find_definitions, _find_unfenced)
"""What finds front matter in a text at an offset, one function for each form."""


def _is_front_matter(fields: dict[str, Any]) -> bool:
    """Return whether `fields` are front matter; prose such as `Dear Anna: come home.` is not."""
    return bool(fields) and (
        not _COMMON_KEYS.isdisjoint(fields) or all(_SINGLE_WORD.fullmatch(key) for key in fields)
    )


def _parse_fields(source: str, fence: str) -> dict[str, Any]:
    """Return the fields of `source` in the language of its fence, or in one of the others."""
    if source.lstrip()[:1] == "{" and (found := _parse_json(source.strip())):
        return _fold_keys(found[0])
    parsers = [parse_yaml, parse_toml] if fence == "---" else [parse_toml, parse_yaml]
    for parse in parsers:
        if parsed := parse(source):
            return _fold_keys(parsed)
    for pattern in _KEY_PATTERNS[fence], *_KEY_PATTERNS.values():
        if parsed := _parse_tolerantly(source, pattern):
            return _fold_keys(parsed)
    return {}


def _fold_keys(fields: dict[Any, Any]) -> dict[str, Any]:
    return {str(key).strip().lower(): value for key, value in fields.items()}


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
    return {
        key: (key.lower() in _AUTHOR_KEYS and _parse_authors(lines)) or _parse_value(*lines)
        for key, lines in fields.items()
    }


def _parse_authors(lines: list[str]) -> object:
    """Return the YAML of a field for itself; authors are often objects. None if it isn't YAML."""
    fields = parse_yaml("\n".join(("authors:", *lines[1:]))) if not lines[0] else None
    return (fields or {}).get("authors")


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
    """Return the typed fields; what has no use is in `extra`."""
    used = {"minutes"}  # the program counts the words itself
    values: dict[str, Any] = {}
    for key in filter(fields.__contains__, _READERS):
        name, read = _READERS[key]
        if name not in values and (value := read(fields[key])):
            values[name] = value
            used.add(key)
    dates = [(key, _parse_date(fields[key])) for key in _DATE_KEYS if key in fields]
    dates.sort(key=lambda item: item[1].day is None)  # text is shown if there is no day
    key, published = next((item for item in dates if any(item[1])), ("", StoryDate()))
    used.add(key)
    return FrontMatter(
        **values,
        published=published.day,
        published_seconds=published.seconds,
        date_text=published.text,
        is_draft=_says(fields.get("draft"), _YES) or _says(fields.get("published"), _NO),
        extra=_format_unused({k: v for k, v in fields.items() if k not in used}),
    )


def _says(value: object, answers: frozenset[str]) -> bool:
    return isinstance(value, str | bool | int) and str(value).lower() in answers


def _format_unused(fields: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return the name and the text of each field, without those that have neither."""
    named = {key: _format_line(key.replace("_", " "), 40) for key in fields}
    return tuple(
        (named[key], _format_prose(value))
        for key, value in islice(fields.items(), _MAX_EXTRA)
        if named[key] and value not in ("", None, [], {})
    )


def _format_id(value: object) -> str:
    story_id = _format_line(value)
    return story_id if _VALID_ID.fullmatch(story_id) else ""


def _parse_part(value: object) -> int:
    part = _format_line(value)
    return int(part) if part.isascii() and part.isdigit() and len(part) < 5 else 0


def _format_line(value: object, max_length: int = 500) -> str:
    """Return a string or number as one sanitised line, "" for any other value."""
    if isinstance(value, str):
        return sanitize_line(value, max_length)
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15
    return sanitize_line(str(value), max_length) if is_number else ""


def _format_prose(value: object, max_length: int = 500) -> str:
    """Return a value as a line of text, without brackets of wikilinks, with entities read."""
    if isinstance(value, str) and "&" in value:
        # Titles of a blog that was exported from HTML have entities.
        value = _ENTITY.sub(lambda match: unescape(match[0]), value)
    return smarten(_format_line(_unwrap_wikilinks(value), max_length))


def _unwrap_wikilinks(value: object) -> object:
    """Return `[[page|Name]]` as `Name`, also if YAML took it for a list in a list."""
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], list):
        (inner,) = value
        if len(inner) == 1 and isinstance(inner[0], str):
            value = f"[[{inner[0]}]]"
    return _WIKILINK.sub(r"\1", value) if isinstance(value, str) and "[[" in value else value


def _parse_list(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        items = value.strip().removeprefix("[").removesuffix("]")
        value = [_unquote(item) for item in items.split(",")]
    if not isinstance(value, list):
        return ()
    return tuple(line for item in value[:_MAX_TAGS] if (line := _format_line(item, 60)))


def _format_authors(value: object) -> str:
    value = _unwrap_wikilinks(value)
    authors = value[:_MAX_AUTHORS] if isinstance(value, list) else [value]
    names = [_format_prose(a.get("name") if isinstance(a, dict) else a, 200) for a in authors]
    return ", ".join(name for name in names if name)


def _parse_date(value: object) -> StoryDate:
    """Return the date in a value; a bool, as in `published: true`, is none."""
    typed = value.isoformat() if isinstance(value, date) else value
    text = _format_line(typed, MAX_DATE_CHARACTERS)
    return parse_date(text) if text.lower() not in _NO_DATES else StoryDate()


_READERS: Final[dict[str, tuple[str, Callable[[object], object]]]] = {
    key: (name, read)
    for name, read, keys in (
        ("id", _format_id, ("id",)),
        *((name, _format_prose, (name,)) for name in ("title", "kicker", "credit", "series")),
        ("deck", _format_prose, _DECK_KEYS),
        ("author", _format_authors, _AUTHOR_KEYS),
        ("about", lambda value: _format_prose(value, 2_000), ("about",)),
        ("tags", _parse_list, ("tags", "categories", "category", "keywords")),
        ("part", _parse_part, ("part",)),
        ("language", lambda value: _format_line(value, 20), ("language", "lang")),
        ("kind", lambda value: _format_line(value, 40), ("kind",)),
        ("url", lambda value: _format_line(value, 2_000), ("url",)),
    )
    for key in keys
}
"""By key: the field of `FrontMatter`, and what reads the value. Of the keys of a field that are
given, the first one in this order counts that has a value."""
