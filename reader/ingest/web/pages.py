"""Fetch what a page leads to: where it sends the browser, its frames, the other pages of its article."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.errors import FetchFailed, UnreadableFile
from reader.ingest import MAX_SOURCE_BYTES
from reader.ingest.encoding import decode_page
from reader.ingest.known_stories import fold_title, normalize_address
from reader.ingest.page.html_tree import parse_html
from reader.ingest.page.page_facts import read_facts
from reader.ingest.web.fetch import TIME_LIMIT_SECONDS, fetch
from reader.ingest.web.leads import Leads, find_leads
from reader.text.cells import sanitize_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from reader.ingest.page.html_tree import Page
    from reader.ingest.web.fetch import Fetched


MAX_PAGES: Final = 20
"""Pages of one article."""
_MAX_STEPS: Final = 5
"""Pages one after the other that only lead to another one."""
_TIME_LIMIT: Final = 120.0
"""Seconds for all that a page leads to."""
_LONG_TEXT: Final = 60
"""Characters of a text that two pages have only if one repeats the other."""
_HTML: Final = frozenset({"text/html", "application/xhtml+xml", ""})


class FollowedPages(NamedTuple):
    """What a page leads to."""

    pages: tuple[Fetched, ...]
    """The pages of the article, in their order."""
    notices: tuple[str, ...] = ()
    """What couldn't be fetched."""


def follow_page(
    first: Fetched, announce: Callable[[str], None], *, is_local: bool
) -> FollowedPages:
    """Return a page, or that to which it leads, and the other pages of its article.

    Unless the page is in the user's own network (`is_local`), nothing there is fetched. `announce`
    is called with such addresses. Raises `FetchFailed` if a page has no text of its own, and that to
    which it leads can't be fetched.
    """
    return _Follower(announce, is_local=is_local).follow(first)


class _Follower:
    """Fetches pages within a limit of time and size."""

    def __init__(self, announce: Callable[[str], None], *, is_local: bool) -> None:
        self._announce = announce if is_local else _refuse_own_network
        self._deadline = time.monotonic() + _TIME_LIMIT
        self._left = MAX_SOURCE_BYTES

    def follow(self, first: Fetched) -> FollowedPages:
        page, seen = _parse(first), {normalize_address(first.url)}
        for _ in range(_MAX_STEPS):
            leads = find_leads(page, first.url) if page is not None else Leads()
            addresses = [leads.target] if leads.target else leads.frames
            fresh = [each for each in addresses if normalize_address(each) not in seen]
            if page is None or not fresh:
                break
            seen |= {normalize_address(each) for each in fresh}
            first, page = self._choose(first, page, fresh, is_frame=not leads.target)
        return self._follow_article(first, page) if page is not None else FollowedPages((first,))

    def _choose(
        self, first: Fetched, page: Page, addresses: list[str], *, is_frame: bool
    ) -> tuple[Fetched, Page | None]:
        """Return the page with the most words; a frame that can't be fetched is left out."""
        options: list[tuple[Fetched, Page | None]] = [(first, page)] if is_frame else []
        problem: FetchFailed | None = None
        for address in addresses:
            try:
                fetched = self._fetch(address)
            except FetchFailed as error:
                problem = problem or error
                continue
            options.append((fetched, _parse(fetched)))
        is_empty = not options or (len(options) == 1 and is_frame and not page.count_words())
        if problem is not None and is_empty:
            raise problem
        return max(options, key=lambda pair: pair[1].count_words() if pair[1] is not None else 0)

    def _follow_article(self, first: Fetched, page: Page) -> FollowedPages:
        """Fetch the other pages of an article, as long as they have its title and a new text."""
        pages, title = [first], _fold(read_facts(page, first.url).title)
        known = _list_texts(page)
        address = find_leads(page, first.url).next_page
        while address and len(pages) < MAX_PAGES:
            try:
                fetched = self._fetch(address)
            except FetchFailed as error:
                notice = f"page {len(pages) + 1} of the article is missing: {error}"
                return FollowedPages(tuple(pages), (sanitize_line(notice, 400),))
            following = _parse(fetched)
            if following is None or _fold(read_facts(following, fetched.url).title) != title:
                break
            texts = _list_texts(following)
            if len(texts - known) * 2 < len(texts):
                break  # the server ignores the number
            known |= texts
            pages.append(fetched)
            address = find_leads(following, fetched.url).next_page
        return FollowedPages(tuple(pages))

    def _fetch(self, address: str) -> Fetched:
        name = sanitize_line(address, 200)
        seconds = min(TIME_LIMIT_SECONDS, self._deadline - time.monotonic())
        if seconds <= 0 or self._left <= 0:
            reason = "time is up" if seconds <= 0 else f"over {MAX_SOURCE_BYTES >> 20} MB in all"
            raise FetchFailed(f"{name}: not fetched, {reason}")
        fetched = fetch(address, self._announce, time_limit=seconds)
        self._left -= len(fetched.data)
        return fetched


def _refuse_own_network(address: str) -> None:
    raise FetchFailed(f"{address}, to which a page of the web leads; not fetched")


def _parse(fetched: Fetched) -> Page | None:
    """Return the tree of a page, None for something else."""
    if fetched.content_type not in _HTML:
        return None
    try:
        return parse_html(decode_page(fetched.data, fetched.charset))
    except UnreadableFile:
        return None


def _fold(title: str) -> str:
    """Return a title without the number of a page."""
    words = fold_title(title).split()
    for number, word in enumerate(words):
        if word in ("page", "seite", "pagina") and words[number + 1 : number + 2]:
            return " ".join(words[:number])
    return " ".join(words)


def _list_texts(page: Page) -> set[str]:
    return {text for node in page.texts if len(text := node.text.strip()) > _LONG_TEXT}
