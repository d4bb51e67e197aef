"""Read a mapping in YAML or TOML: plain ones in a small part of the time that their parsers take.

Only what can be read in one way is read here: keys with a value on their line, or with a list of
plain items below. Everything else is left to PyYAML, whose `BaseLoader` makes strings only, and to
`tomllib`. They return the same for what is read here.
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import yaml


MAX_BRACKETS: Final = 2_000
"""Opening brackets in YAML above which no parser is used: its time is quadratic in their depth."""
MAX_DOTS_PER_LINE: Final = 200
"""Dots in a line of TOML above which no parser is used: its time is quadratic in their depth."""
_KEY: Final = re.compile(r"([A-Za-z][\w-]{0,60}):(?: +(.*))?", re.ASCII)
_ITEM: Final = re.compile(r"( *)- +(.*)")
_LIST: Final = re.compile(r"\[([^\[\]{}\"'#:&*!|>%@`]*)\]")
_LIST_ITEM: Final = re.compile(r"\w(?:[\w .+/-]*\w)?")
_TOML_LINE: Final = re.compile(
    r"""([A-Za-z0-9_-]+) *= *(?:"([^"\\]*)"|'([^']*)'|(true|false)|(\d{4}-\d\d-\d\d)|\[(.*)\]) *""",
    re.ASCII,
)
_TOML_STRINGS: Final = re.compile(r' *(?:"[^"\\]*" *, *)*(?:"[^"\\]*" *)?')
_TOML_STRING: Final = re.compile(r'"([^"\\]*)"')


def parse_yaml(source: str) -> dict[str, Any] | None:
    """Return the mapping in `source`, {} for other YAML, None for what isn't YAML."""
    if source.count("[") + source.count("{") > MAX_BRACKETS:
        return None
    if plain := parse_plain_yaml(source):
        return dict(plain)
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


def parse_plain_yaml(source: str) -> dict[str, str | list[str]] | None:
    """Return the mapping in `source`, None if that has anything that isn't simple."""
    if not source.replace("\n", "").isprintable():
        return None
    fields: dict[str, str | list[str]] = {}
    items: list[str] | None = None
    indent = key = ""
    for line in source.split("\n"):
        if not line.strip():
            continue
        item = _ITEM.fullmatch(line) if key else None
        if item is not None:
            value = _parse_scalar(item[2], is_item=True)
            if value is None or (items is not None and item[1] != indent):
                return None
            items = [] if items is None else items
            items.append(value)
            fields[key], indent = items, item[1]
            continue
        match = _KEY.fullmatch(line)
        parsed = _parse_value((match[2] or "").strip()) if match is not None else None
        if match is None or parsed is None or match[1] in fields:
            return None
        fields[match[1]] = parsed
        key, items = (
            (match[1], None) if parsed == "" and not (match[2] or "").strip() else ("", None)
        )
    return fields or None


def _parse_value(text: str) -> str | list[str] | None:
    """Return the value on the line of a key, None if it isn't simple."""
    match = _LIST.fullmatch(text) if text[:1] == "[" else None
    if match is None:
        return _parse_scalar(text, is_item=False)
    items = [item.strip() for item in match[1].split(",")]
    if items == [""]:
        return []
    return items if all(map(_LIST_ITEM.fullmatch, items)) else None


def _parse_scalar(text: str, *, is_item: bool) -> str | None:
    """Return a quoted or a plain value, None if it isn't simple."""
    text = text.strip()
    quote = text[:1]
    if quote and quote in "\"'":
        inner = text[1:-1]
        is_simple = len(text) > 1 and text[-1] == quote and quote not in inner and "\\" not in inner
        return inner if is_simple else None
    if not text:
        return None if is_item else ""
    is_plain = text[0].isalnum() and "#" not in text and ": " not in text and text[-1] != ":"
    return text if is_plain and not (is_item and ":" in text) else None


def parse_toml(source: str) -> dict[str, Any] | None:
    """Return the mapping in `source`, None for what isn't TOML."""
    if (plain := parse_plain_toml(source)) is not None:
        return plain
    if any(line.count(".") > MAX_DOTS_PER_LINE for line in source.split("\n")):
        return None
    import tomllib

    try:
        return tomllib.loads(source)
    except (ValueError, RecursionError):
        return None


def parse_plain_toml(source: str) -> dict[str, Any] | None:
    """Return the mapping in `source`, None if that has anything that isn't simple.

    Simple are strings without escapes, lists of such, days, `true` and `false`.
    """
    if not source.replace("\n", "").isprintable():
        return None
    fields: dict[str, Any] = {}
    for line in source.split("\n"):
        if not line or line[0] == "#":
            continue
        match = _TOML_LINE.fullmatch(line)
        if match is None or match[1] in fields:
            return None
        key, *strings, answer, day, items = match.groups()
        if items is not None:
            if not _TOML_STRINGS.fullmatch(items):
                return None
            fields[key] = _TOML_STRING.findall(items)
        elif day is not None:
            try:
                fields[key] = date.fromisoformat(day)
            except ValueError:
                return None
        else:
            fields[key] = answer == "true" if answer else next(s for s in strings if s is not None)
    return fields
