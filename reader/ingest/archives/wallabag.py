"""wallabag's export in JSON: a list of articles with their HTML, facts and annotations."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from reader.errors import UnreadableFile
from reader.ingest import Facts, SourceHighlight, SourceLink
from reader.ingest.archives import (
    make_link_list,
    read_day,
    read_names,
    read_text_field,
    read_url,
)
from reader.ingest.fragment import make_fragment_draft

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reader.ingest import Draft


_NO_CONTENT: Final = re.compile(r"\s*(?:<p>\s*)?wallabag can'?t retrieve contents", re.IGNORECASE)


def is_wallabag(value: object) -> bool:
    """Return whether a value of JSON is an export of wallabag."""
    first = value[0] if isinstance(value, list) and value else None
    return (
        isinstance(first, dict)
        and "url" in first
        and bool({"is_archived", "is_starred"} & {*first})
    )


def read_wallabag(items: object) -> Iterator[Draft]:
    """Yield the articles of an export, and a list of those without text."""
    links: list[SourceLink] = []
    found = False
    for item in items if isinstance(items, list) else ():
        if not isinstance(item, dict):
            continue
        found = True
        facts, content = _read_facts(item), item.get("content")
        if isinstance(content, str) and content.strip() and not _NO_CONTENT.match(content):
            draft = make_fragment_draft(content, facts)
            if draft.body.strip():
                yield replace(draft, highlights=tuple(_read_annotations(item)))
                continue
        if facts.url or facts.title:
            group = "Archive" if item.get("is_archived") in (1, True, "1") else "Unread"
            links.append(
                SourceLink(
                    facts.url, facts.title, read_day(item.get("created_at")), facts.tags, group
                )
            )
    if links:
        yield make_link_list("wallabag: articles without text", links)
    elif not found:
        raise UnreadableFile("the export has no articles")


def _read_facts(item: dict[str, Any]) -> Facts:
    authors = item.get("published_by")
    names = read_names(authors if isinstance(authors, list) else [authors])
    return Facts(
        title=read_text_field(item.get("title")),
        author=", ".join(names),
        published=read_day(item.get("published_at")),
        tags=read_names(item.get("tags")),
        language=read_text_field(item.get("language"))[:20],
        url=read_url(item.get("given_url") if not read_url(item.get("url")) else item.get("url")),
    )


def _read_annotations(item: dict[str, Any]) -> Iterator[SourceHighlight]:
    annotations = item.get("annotations")
    for each in annotations if isinstance(annotations, list) else ():
        if isinstance(each, dict) and isinstance(each.get("quote"), str) and each["quote"].strip():
            note = each.get("text")
            yield SourceHighlight(
                each["quote"],
                note if isinstance(note, str) else "",
                read_text_field(each.get("created_at")),
            )
