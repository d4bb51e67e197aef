"""Omnivore's export: a ZIP archive with articles as HTML, their facts in JSON, and highlights.

`metadata_0_to_20.json` and so on have the facts, `content/SLUG.html` the text of an article, and
`highlights/SLUG.md` its highlights, each a quote with labels and a note below it.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from reader.errors import UnreadableFile
from reader.ingest import Draft, Facts, SourceHighlight, SourceLink
from reader.ingest.archives import (
    make_link_list,
    read_day,
    read_names,
    read_text_field,
    read_url,
)
from reader.ingest.encoding import decode_page
from reader.ingest.fragment import make_fragment_draft

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reader.ingest.zip_file import Archive


METADATA: Final = re.compile(r"(?:[^/]+/)?metadata_(\d+)_to_\d+\.json")
"""The name of a file of facts; some programs pack the export's folder and not its files."""
_LABELS: Final = re.compile(r"(?:#[\w-]+\s*)+")


def read_omnivore(archive: Archive) -> Iterator[Draft]:
    """Yield the articles of an export, and a list of those without text."""
    links: list[SourceLink] = []
    for name in _list_metadata(archive):
        root = name.rpartition("/")[0]
        prefix = f"{root}/" if root else ""
        for item in _load_items(archive, name):
            draft = _read_item(archive, prefix, item)
            if draft is not None:
                yield draft
                continue
            facts = _read_facts(item)
            if facts.url or facts.title:
                added, group = read_day(item.get("savedAt")), _name_state(item)
                links.append(SourceLink(facts.url, facts.title, added, facts.tags, group))
    if links:
        yield make_link_list("Omnivore: articles without text", links)


def _list_metadata(archive: Archive) -> list[str]:
    found = [(METADATA.fullmatch(name), name) for name in archive.names]
    numbered = [(int(match[1][:9]), name) for match, name in found if match is not None]
    return [name for _, name in sorted(numbered)]


def _load_items(archive: Archive, name: str) -> list[dict[str, Any]]:
    try:
        items = json.loads(archive.read(name))
    except (ValueError, RecursionError) as error:
        raise UnreadableFile(f"{name}: damaged, so the export is not read; get it again") from error
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _read_facts(item: dict[str, Any]) -> Facts:
    return Facts(
        title=read_text_field(item.get("title")),
        deck=read_text_field(item.get("description")),
        author=read_text_field(item.get("author")),
        published=read_day(item.get("publishedAt")),
        tags=read_names(item.get("labels")),
        url=read_url(item.get("url")),
    )


def _name_state(item: dict[str, Any]) -> str:
    return "Archive" if read_text_field(item.get("state")).lower() == "archived" else "Unread"


def _read_item(archive: Archive, prefix: str, item: dict[str, Any]) -> Draft | None:
    """Return an article, None if the archive has no text of it."""
    slug = read_text_field(item.get("slug"))
    name = archive.find(f"{prefix}content/{slug}.html")
    if not slug or not name:
        return None
    facts = _read_facts(item)
    try:
        draft = make_fragment_draft(decode_page(archive.read(name)), facts)
    except UnreadableFile:  # the others are worth having all the same
        return None
    if not draft.body.strip():
        return None
    deck = "" if facts.deck and _is_opening(facts.deck, draft) else facts.deck
    notes = archive.find(f"{prefix}highlights/{slug}.md")
    text = archive.read(notes).decode("utf-8", "replace") if notes else ""
    return Draft(
        Facts(facts.title, deck, facts.author, facts.published, tags=facts.tags, url=facts.url),
        draft.blocks,
        draft.removed,
        highlights=tuple(read_highlights(text)),
    )


def _is_opening(deck: str, draft: Draft) -> bool:
    """Return whether a description is only the beginning of the text."""
    opening = re.sub(r"\W+", "", " ".join(draft.blocks[:6])).casefold()
    words = re.sub(r"\W+", "", deck.rstrip("….")).casefold()
    return words[:80] in opening


def read_highlights(text: str) -> Iterator[SourceHighlight]:
    """Yield the highlights of a text in Markdown: quotes, with labels and a note after each."""
    quote: list[str] = []
    note: list[str] = []
    is_open = False
    for line in text.replace("\r\n", "\n").split("\n"):
        if line.startswith(">"):
            if not is_open:
                yield from _make_highlight(quote, note)
                quote, note = [], []
            quote.append(re.sub(r"^>+ ?", "", line))
        else:
            note.append(line)
        is_open = line.startswith(">")
    yield from _make_highlight(quote, note)


def _make_highlight(quote: list[str], note: list[str]) -> Iterator[SourceHighlight]:
    text = re.sub(r"\[([^\[\]]*)\]\([^()\s]*\)", r"\1", "\n".join(quote)).strip()
    text = re.sub(r"(?<![\w\\])[*_]{1,3}(?=\S)|(?<=\S)[*_]{1,3}(?!\w)", "", text)
    lines = [line.strip() for line in note if not _LABELS.fullmatch(line.strip())]
    if quote and text:
        yield SourceHighlight(text, "\n".join(lines).strip())
