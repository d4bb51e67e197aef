"""Make stories of the entries of a feed: from the feed's own text, else from the page."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from reader.errors import FetchFailed, ReaderError, UnreadableFile
from reader.ingest import Facts
from reader.ingest.feeds import name_entry
from reader.ingest.fragment import make_fragment_draft
from reader.text.cells import sanitize_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from reader.ingest import Draft
    from reader.ingest.feeds import Entry


_MIN_WORDS: Final = 300
_MIN_PARAGRAPHS, _MIN_SEVERAL = 3, 100
"""Words, or paragraphs with so many words, from which on a text that the feed calls a summary is
taken for the whole. Summaries are a paragraph."""
_CUT: Final = re.compile(
    r"(?:\[?(?:…|\.\.\.)\]?|continue reading\W*|read (?:more|the (?:full|rest)[^.]{0,60})\W*|\(more[….]*\))\s*\Z",
    re.IGNORECASE,
)
SUMMARY_NOTICE: Final = "only the feed's own text was added, since the page can't be fetched"


def make_story(entry: Entry, fetch_page: Callable[[str], Iterable[Draft]] | None) -> Draft:
    """Return the story of an entry.

    The page is fetched if the feed has no more than its beginning. Raises `ReaderError` if there
    is no text.
    """
    facts = Facts(
        title=entry.title,
        author=entry.author,
        published=entry.published,
        tags=entry.tags,
        url=entry.url,
    )
    draft = make_fragment_draft(entry.html, facts)
    if fetch_page is None or not entry.url or _is_whole(entry, draft):
        return _check(draft, entry)
    try:
        page = next(iter(fetch_page(entry.url)))
    except ReaderError as error:
        if not draft.body.strip():
            raise
        notice = f"{SUMMARY_NOTICE}: {sanitize_line(str(error), 300)}"
        return replace(draft, notices=(*draft.notices, notice))
    return replace(page, facts=_complete(page.facts, facts))


def _is_whole(entry: Entry, draft: Draft) -> bool:
    text = re.sub(r"[\[\]*_\\]|\(https?:\S+\)", "", draft.body).strip()
    words = len(text.split())
    is_long = words >= _MIN_WORDS or (
        len(draft.blocks) >= _MIN_PARAGRAPHS and words >= _MIN_SEVERAL
    )
    return words > 0 and not _CUT.search(text[-200:]) and (entry.is_full or is_long)


def _check(draft: Draft, entry: Entry) -> Draft:
    if not draft.body.strip():
        raise UnreadableFile(f"{name_entry(entry)}: the feed has no text of it")
    return draft


def _complete(page: Facts, entry: Facts) -> Facts:
    """Return the facts of a page, with those of the feed where the page has none."""
    return replace(
        page,
        title=page.title or entry.title,
        author=page.author or entry.author,
        published=page.published or entry.published,
        tags=page.tags or entry.tags,
        url=page.url or entry.url,
    )


def refuse_own_network(address: str) -> None:
    """Refuse an address in the user's own network to which a feed of the web leads."""
    raise FetchFailed(f"{address}, to which a feed of the web leads; not fetched")
