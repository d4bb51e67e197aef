"""What a page says about its story: JSON-LD, OpenGraph, other meta elements, and what it shows.

A fact is taken from where it is most often right, and none is invented: an author is somebody whom
the page names as one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urljoin, urlsplit

from reader.ingest import Facts, clean_line, word_set
from reader.ingest.copied.lines import fold, is_name
from reader.ingest.page.header import (
    TITLE_SEPARATOR,
    UPDATED,
    Header,
    find_heading,
    find_subtitle,
    is_hidden,
    read_day,
)
from reader.ingest.page.html_tree import read_characters
from reader.ingest.page.json_ld import read_names, read_objects, read_text, read_type

if TYPE_CHECKING:
    from reader.ingest.page.html_tree import Node, Page


_MAX_META: Final = 4_000
_MAX_TITLE: Final = 300
_MAX_DECK: Final = 400
_MAX_AUTHOR: Final = 120
_MAX_NAME: Final = 40
_MAX_TAGS: Final = 12
_ARTICLE_TYPE: Final = re.compile(
    r"Article|BlogPosting|Report|Story|SocialMediaPosting|Review|Recipe|Chapter|ShortStory"
)
_PAGE_TYPE: Final = re.compile(r"WebPage|ItemPage|CreativeWork")
_PUBLISHED: Final = re.compile(
    r"(?:published|posted|written|first published|date)\b", re.IGNORECASE
)
_DATE_LABEL: Final = re.compile(r"date|publish|posted|meta|time|byline", re.IGNORECASE)
_AUTHOR_TAGS: Final = word_set("a span p div address li em strong")
_AUTHOR_LABEL: Final = re.compile(r"byline|author(?!ity|iz)|writer", re.IGNORECASE)
_TITLE_KEYS: Final = ("og:title", "twitter:title", "dc.title", "citation_title", "parsely-title")
_DATE_KEYS: Final = (
    "article:published_time", "og:published_time", "datepublished", "date", "dc.date", "dc.date.issued",
    "dcterms.created", "dcterms.date", "parsely-pub-date", "sailthru.date", "pubdate", "publish-date",
    "publishdate", "citation_publication_date", "publication_date", "article.published", "cxenseparse:recs:publishtime",
)  # fmt: skip
_AUTHOR_KEYS: Final = (
    "author", "article:author", "dc.creator", "dcterms.creator", "parsely-author", "sailthru.author",
    "citation_author", "byl",
)  # fmt: skip
_PUBLIC_SCHEMES: Final = ("http", "https")
_FEED_TYPES: Final = ("application/rss+xml", "application/atom+xml", "application/feed+json")
_COMMENTS: Final = re.compile(r"\b(?:comments?|replies)\b", re.IGNORECASE)


@dataclass
class _Collected:
    """What one walk through a page found."""

    meta: dict[str, str] = field(default_factory=dict)
    title: str = ""
    headings: list[Node] = field(default_factory=list)
    times: list[Node] = field(default_factory=list)
    canonical: str = ""
    language: str = ""
    article: dict[str, Any] = field(default_factory=dict)
    """The object of JSON-LD that describes the article."""
    page: dict[str, Any] = field(default_factory=dict)
    """The object of JSON-LD that describes the page."""


def read_facts(page: Page, address: str) -> Facts:
    """Return what `page`, which was fetched from `address`, says about its story."""
    found = _collect(page)
    heading = find_heading(found.headings, _list_titles(found), address)
    header = Header(page, heading)
    base = find_base(page, address)
    site = found.meta.get("og:site_name", "")
    title = _choose_title(found, heading, site)
    return Facts(
        title=clean_line(title)[:_MAX_TITLE],
        deck=find_subtitle(heading) or _choose_deck(found, title),
        author=_choose_author(found, header, site),
        published=_choose_date(found, header, page),
        minutes=header.minutes or _read_minutes(found.meta),
        tags=_choose_tags(found),
        language=clean_line(found.language)[:20]
        if re.fullmatch(r"[A-Za-z]{2,3}(-\w+)*", found.language)
        else "",
        url=_choose_url(found, base, address),
    )


def find_base(page: Page, address: str) -> str:
    """Return the address to which the links of a page are relative."""
    bases = [node.get("href").strip() for node in page.root.walk() if node.tag == "base"]
    try:
        return urljoin(address, bases[0]) if bases else address
    except ValueError:
        return address


def find_feed(page: Page, base: str) -> str:
    """Return the address of the feed that a page names, one of comments aside; empty for none."""
    for node in page.root.walk():
        is_feed = node.tag == "link" and node.get("type").strip().lower() in _FEED_TYPES
        if not is_feed or "alternate" not in node.get("rel").lower().split():
            continue
        try:
            url = clean_line(urljoin(base, node.get("href").strip()))
            parts = urlsplit(url)
        except ValueError:
            continue
        is_public = parts.scheme in _PUBLIC_SCHEMES and parts.hostname and not parts.username
        is_story = not _COMMENTS.search(f"{node.get('title')} {parts.path}")
        if is_public and is_story and len(url) <= _MAX_META:
            return url
    return ""


def _collect(page: Page) -> _Collected:
    found = _Collected()
    scripts: list[str] = []
    for node in page.root.walk():
        if node.tag in ("h1", "h2", "h3"):
            found.headings.append(node)
        elif node.tag == "time":
            found.times.append(node)
        elif node.tag == "html":
            found.language = node.get("lang") or node.get("xml:lang")
        elif node.tag == "script" and "ld+json" in node.get("type").lower():
            scripts.append("".join(child.text for child in node.children))
        else:
            _collect_head(node, found)
    objects = [each for script in scripts for each in read_objects(script)]
    articles = [each for each in objects if _ARTICLE_TYPE.search(read_type(each))]
    pages = [each for each in objects if _PAGE_TYPE.search(read_type(each))]
    articles.sort(key=lambda each: not (each.get("headline") and each.get("datePublished")))
    found.article, found.page = (articles or [{}])[0], (pages or [{}])[0]
    return found


def _collect_head(node: Node, found: _Collected) -> None:
    """Add what an element says that usually stands in the head of a page."""
    tag = node.tag
    if tag == "meta":
        key = (node.get("property") or node.get("name") or node.get("itemprop")).lower().strip()
        value = read_characters(node.get("content")[:_MAX_META])  # some pages escape it twice
        value = " ".join(value.split())
        if key and value:
            found.meta.setdefault(key, value)
    elif tag == "title" and not found.title:
        if not any(each.tag == "svg" for each in node.ancestors(3)):
            text = "".join(child.text[:_MAX_META] for child in node.children[:9])
            found.title = " ".join(text.split())
    elif tag == "link" and "canonical" in node.get("rel").lower():
        found.canonical = found.canonical or node.get("href").strip()


def _list_titles(found: _Collected) -> list[str]:
    headline = read_text(found.article.get("headline") or found.article.get("name") or "")
    return [headline, *(found.meta.get(key, "") for key in _TITLE_KEYS), found.title]


def _choose_title(found: _Collected, heading: Node | None, site: str) -> str:
    stated = [title for title in _list_titles(found) if title]
    if heading is not None:
        text = heading.read_text()
        if fold(text) != fold(site) or not stated:
            return text
    headline = read_text(found.article.get("headline") or found.article.get("name") or "")
    og = next((found.meta[key] for key in _TITLE_KEYS if found.meta.get(key)), "")
    title = og or headline or found.title
    if site:
        pattern = rf"\s*[|\-–—:·•]+\s*{re.escape(site)}\s*$|^\s*{re.escape(site)}\s*[|\-–—:·•]+\s*"
        title = re.sub(pattern, "", title) or title
    parts = TITLE_SEPARATOR.split(title)
    if len(parts) > 1 and (title == found.title or not (og or headline)):
        longest = max(parts, key=len)
        title = parts[0] if len(parts[0].split()) > 2 else longest
    return title or next((node.read_text() for node in found.headings if node.tag == "h1"), "")


def _choose_date(found: _Collected, header: Header, page: Page) -> str:
    stated = read_day(found.article.get("datePublished") or found.article.get("dateCreated"))
    for key in _DATE_KEYS:
        stated = stated or read_day(found.meta.get(key))
    stated = stated or read_day(found.page.get("datePublished"))
    if shown := header.find_date():
        return shown
    if stated:
        return stated
    for node in found.times:
        day = _read_time(node)
        if day and not UPDATED.search(node.label + node.get("itemprop")):
            return day
    return _find_labelled_date(page) or _find_date_line(page) or header.find_date(with_updates=True)


def _read_time(node: Node) -> str:
    return read_day(node.get("datetime")) or read_day(node.read_text())


def _find_date_line(page: Page) -> str:
    """Return the day of a line such as `Published on 2 May 2021`, also if it is split in two."""
    label = ""
    for node in page.texts:
        text = clean_line(node.text)
        if not text or is_hidden(node):
            continue
        if (
            len(text) < 60
            and (day := read_day(text))
            and _PUBLISHED.match(f"{label} {text}".strip())
        ):
            return day
        label = text if len(text) < 30 and _PUBLISHED.match(text) else ""
    return ""


def _find_labelled_date(page: Page) -> str:
    """Return the day in the first element whose classes say that it is a date."""
    for node in page.root.walk():
        if node.tag in ("body", "html", "#text", "script"):
            continue
        label = f"{node.label} {node.get('itemprop')}"
        if _DATE_LABEL.search(label) and not UPDATED.search(label) and len(node.children) < 12:
            text = node.read_text()
            day = read_day(node.get("datetime") or node.get("content")) or (
                read_day(text) if len(text) < 120 else ""
            )
            if day:
                return day
    return ""


def _choose_author(found: _Collected, header: Header, site: str) -> str:
    person = found.article.get("author") or found.article.get("creator")
    names = read_names(person)
    author = ", ".join(names)
    if not author or fold(author) == fold(site) or _is_organisation(person):
        author = _find_meta_author(found) or header.find_author() or author
    if not author or fold(author) == fold(site):
        author = header.find_author() or _find_labelled_author(header) or author
    author = re.sub(r"^\s*by:?\s+", "", author, flags=re.IGNORECASE)
    return (
        clean_line(author)
        if len(author) <= _MAX_AUTHOR and not re.search(r"https?:|@|\*$", author)
        else ""
    )


def _is_organisation(person: object) -> bool:
    return isinstance(person, dict) and person.get("@type") == "Organization"


def _find_meta_author(found: _Collected) -> str:
    for key in _AUTHOR_KEYS:
        value = found.meta.get(key, "")
        if value and not value.startswith("http") and len(value) < _MAX_AUTHOR:
            return value
    if "written" in found.meta.get("twitter:label1", "").lower():
        return found.meta.get("twitter:data1", "")
    return ""


def _find_labelled_author(header: Header) -> str:
    """Return the name in the header's element whose classes say that it is the author's."""
    for text, node in header.lines:
        for parent in node.ancestors(3):
            label = f"{parent.label} {parent.get('rel')} {parent.get('itemprop')}"
            if parent.tag not in _AUTHOR_TAGS or not _AUTHOR_LABEL.search(label):
                continue
            if "author" in parent.get("rel").split() and 1 < len(text) < _MAX_NAME:
                return text
            name = re.split(r"\s+[|·•]\s+|\s+on\s+(?=[A-Z]|\d)", text)[0]
            if is_name(name) and not read_day(name):
                return name
    return ""


def _choose_deck(found: _Collected, title: str) -> str:
    """Return the description, unless it is cut off or says what the title says."""
    options = [
        read_text(found.article.get("alternativeHeadline") or ""),
        found.meta.get("og:description", ""),
        read_text(found.article.get("description") or ""),
        found.meta.get("description", ""),
    ]
    for each in options:
        text = clean_line(re.sub(r"<[^>]{0,200}>", "", each))
        is_whole = not re.search(r"(?:…|\.\.\.|\[…\]|\[&hellip;\])\s*$", text)
        if 12 < len(text) <= _MAX_DECK and is_whole and fold(text) != fold(title):
            return text
    return ""


def _read_minutes(meta: dict[str, str]) -> int:
    for number in ("1", "2", "3"):
        if "reading time" in meta.get(f"twitter:label{number}", "").lower():
            match = re.match(r"(\d{1,3}) min", meta.get(f"twitter:data{number}", ""))
            return int(match[1]) if match else 0
    return 0


def _choose_tags(found: _Collected) -> tuple[str, ...]:
    value = found.article.get("keywords") or found.meta.get("article:tag") or ""
    words = value.split(",") if isinstance(value, str) else read_names(value)
    tags = [clean_line(word) for word in words]
    return tuple(dict.fromkeys(tag for tag in tags if 1 < len(tag) < 40 and ":" not in tag))[
        :_MAX_TAGS
    ]


def _choose_url(found: _Collected, base: str, address: str) -> str:
    """Return the canonical address, if it is one of the web and isn't that of the front page."""
    for each in (found.canonical, found.meta.get("og:url", ""), address):
        try:
            url = urljoin(base, each.strip())
            parts = urlsplit(url)
            path = urlsplit(address).path.strip("/") if address else ""
        except ValueError:
            continue
        is_front_page = not parts.path.strip("/") and not parts.query and bool(path)
        if (
            each
            and parts.scheme in _PUBLIC_SCHEMES
            and parts.hostname
            and not parts.username
            and not is_front_page
        ):
            return clean_line(url.partition("#")[0])[:2_000]
    return ""
