"""Where a page leads: to another page at once, to its frames, to the next page of its article.

An article's next page has the same address with the next number. `rel=next` alone says little: most
blogs write it into the link to another post.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from reader.ingest import clean_line
from reader.ingest.page.page_facts import find_base

if TYPE_CHECKING:
    from reader.ingest.page.html_tree import Page


_MAX_DELAY: Final = 10
"""Seconds after which a page that leads on is still no page of its own."""
_MAX_SCREEN_WORDS: Final = 80
"""Words of a page that only says where it leads."""
_MAX_FRAMES: Final = 4
_MAX_TEASERS: Final = 3
"""Headings with links from which on a page is a list of stories."""
_REFRESH: Final = re.compile(
    r"\s*(\d{1,4})(?:\.\d{0,9})?\s*[;,]\s*(?:url\s*=\s*)?[\"']?\s*([^\"'\s>]{1,4000})",
    re.IGNORECASE,
)
_PAGE_KEYS: Final = frozenset({"page", "p", "pg", "pagenumber", "pagewanted", "seite", "pagina"})
"""Names in an address whose value is the number of a page."""
_NAME: Final = re.compile(r"[^\W\d]")
_PAGE_FOLDER: Final = re.compile(r"/(?:page|p|seite|pagina)\Z", re.IGNORECASE)
_LISTING: Final = re.compile(r"(?:^|/)page[/-]?\d{1,2}/?$|comment", re.IGNORECASE)
_NUMBERED: Final = (
    re.compile(r"(?P<stem>.*?)/(?:page|p|seite|pagina)[/-]?(?P<number>\d{1,2})$", re.IGNORECASE),
    re.compile(
        r"(?P<stem>.*[^\d/_-])[_-](?:page|p|seite)?[_-]?(?P<number>\d{1,2})$", re.IGNORECASE
    ),
)
"""The paths of an article's pages: `/rain/page/2`, `/rain-2` and `/rain_page2`."""


class Leads(NamedTuple):
    """The addresses to which a page leads; empty for none."""

    target: str = ""
    """The browser goes there at once."""
    frames: tuple[str, ...] = ()
    """The text is in these pages."""
    next_page: str = ""


def find_leads(page: Page, address: str) -> Leads:
    """Return where a page leads that has this address, which may be empty."""
    base = find_base(page, address) or address
    if page.count_words() <= _MAX_SCREEN_WORDS:
        target = _find_target(page, base, address)
        if target:
            return Leads(target)
        frames = _find_frames(page, base, address)
        if frames:
            return Leads(frames=frames)
    return Leads(next_page=_find_next_page(page, base, address) if address else "")


def _resolve(base: str, target: str) -> str:
    """Return an address of the web without its fragment; empty for another."""
    try:
        url = clean_line(urljoin(base, target.strip())).partition("#")[0]
        parts = urlsplit(url)
        is_public = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return ""
    return url if is_public and not parts.username else ""


def _find_target(page: Page, base: str, address: str) -> str:
    for node in page.root.walk():
        if node.tag != "meta" or node.get("http-equiv").strip().lower() != "refresh":
            continue
        match = _REFRESH.match(node.get("content"))
        url = _resolve(base, match[2]) if match and int(match[1]) <= _MAX_DELAY else ""
        if url and url != address.partition("#")[0]:
            return url
    return ""


def _find_frames(page: Page, base: str, address: str) -> tuple[str, ...]:
    """Return the addresses of frames, of those within the page only if they are of its host."""
    found: dict[str, None] = {}
    host = urlsplit(address).hostname
    for node in page.root.walk():
        url = _resolve(base, node.get("src")) if node.tag in ("frame", "iframe") else ""
        is_same_host = bool(url) and urlsplit(url).hostname == host
        if url and url != address and (node.tag == "frame" or is_same_host):
            found[url] = None
    return tuple(found)[:_MAX_FRAMES]


def _find_next_page(page: Page, base: str, address: str) -> str:
    stem, number = _split_number(address)
    host = urlsplit(address).hostname
    is_listing: bool | None = None
    for node in page.root.walk():
        if node.tag not in ("a", "link") or not node.get("href"):
            continue
        url = _resolve(base, node.get("href"))
        if not url or urlsplit(url).hostname != host or url == address:
            continue
        if _split_number(url) != (stem, number + 1):
            continue
        path = urlsplit(url).path
        if not _LISTING.search(path):
            return url
        is_listing = _is_listing(page) if is_listing is None else is_listing
        if not is_listing and "comment" not in path.lower():
            return url
    return ""


def _split_number(url: str) -> tuple[str, int]:
    """Return an address without the number of its page, and that number, 1 without one."""
    parts = urlsplit(url)
    query = parse_qsl(parts.query)
    for key, value in query:
        if key.lower() in _PAGE_KEYS and value.isdecimal() and len(value) < 3:
            rest = urlencode([pair for pair in query if pair != (key, value)])
            return f"{parts.path.rstrip('/')}?{rest}", int(value)
    path = parts.path.rstrip("/")
    suffix = re.search(r"\.\w{3,5}\Z", path)
    end = suffix.start() if suffix else len(path)
    above, _, last = path.rpartition("/")
    name = above.rpartition("/")[2]
    if 0 < len(last) < 3 and last.isdecimal() and not name.isdecimal() and _NAME.search(name):
        return _split_page_folder(above, last, query)
    for pattern in _NUMBERED:
        match = pattern.fullmatch(path[:end])
        if match is not None:
            return f"{match['stem']}{path[end:]}?{urlencode(query)}", int(match["number"])
    return f"{path}?{urlencode(query)}", 1


def _split_page_folder(above: str, number: str, query: list[tuple[str, str]]) -> tuple[str, int]:
    """Return the address and number of `/rain/2`, or of `/rain/page/2`."""
    stem = _PAGE_FOLDER.sub("", above) or above
    return f"{stem}?{urlencode(query)}", int(number)


def _is_listing(page: Page) -> bool:
    """Return whether a page lists stories: several headings in it are links."""
    headings = page.root.find_all("h1", "h2", "h3")
    linked = sum(
        bool(each.find_all("a")) or any(above.tag == "a" for above in each.ancestors(2))
        for each in headings
    )
    return linked >= _MAX_TEASERS
