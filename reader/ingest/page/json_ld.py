"""Read the objects of JSON-LD in a page: what it says about itself for search engines."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from reader.ingest import clean_line
from reader.ingest.page.html_tree import read_characters

if TYPE_CHECKING:
    from collections.abc import Iterator


_MAX_LD_CHARACTERS: Final = 500_000
_MAX_LD_OBJECTS: Final = 2_000


def read_objects(source: str) -> Iterator[dict[str, Any]]:
    """Yield the objects of a script of JSON-LD, those of its graph too."""
    source = re.sub(
        r"^\s*(?:<!\[CDATA\[|<!--|//.*\n)|(?:\]\]>|-->)\s*$", "", source[:_MAX_LD_CHARACTERS]
    )
    try:
        pending: list[Any] = [json.loads(source, strict=False)]
    except (ValueError, RecursionError):
        return
    for _ in range(_MAX_LD_OBJECTS):
        if not pending:
            return
        each = pending.pop(0)
        if isinstance(each, list):
            pending.extend(each)
        elif isinstance(each, dict):
            yield each
            parts = (each.get(key) for key in ("@graph", "mainEntity", "mainEntityOfPage"))
            pending.extend(part for part in parts if isinstance(part, list | dict))


def read_type(each: dict[str, Any]) -> str:
    """Return the types of an object, separated by spaces."""
    kind = each.get("@type")
    kinds = kind if isinstance(kind, list) else [kind]
    return " ".join(name for name in kinds if isinstance(name, str))


def read_names(value: object) -> list[str]:
    """Return the names in a value of JSON-LD: a text, an object with a name, or a list."""
    names: list[str] = []
    for each in value[:9] if isinstance(value, list) else [value]:
        name = each.get("name") if isinstance(each, dict) else each
        for text in name[:9] if isinstance(name, list) else [name]:
            if isinstance(text, str) and not text.strip().startswith("http"):
                names += [clean_line(re.sub(r"<[^>]{0,200}>", "", read_characters(text)))]
    return [name for name in dict.fromkeys(names) if name]


def read_text(value: object) -> str:
    """Return the names in a value as one text."""
    return ", ".join(read_names(value))
