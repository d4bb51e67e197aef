"""Tell the format of a source by its content; its name decides only between kinds of text."""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING, Final

from reader.errors import UnreadableFile
from reader.library.files import STORY_SUFFIXES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


WORD_PART: Final = re.compile(r"word/document\d{0,3}\.xml", re.IGNORECASE)
"""The name of the part of a Word file that has its text."""
_SAMPLE_BYTES: Final = 8_192
_HTML_START: Final = re.compile(
    rb"\s*(?:<\?xml[^>]{0,200}\?>\s*|<!--.{0,2000}?-->\s*)*<(?:!doctype\s+html|html|head|body|title|meta|article|main|div|section|p|h1|table)\b",
    re.IGNORECASE | re.DOTALL,
)
_TAG: Final = re.compile(
    rb"</?(?:html|head|body|div|p|span|a|h[1-6]|article|section|ul|li|br|img|meta|script)\b[^>]{0,500}>",
    re.IGNORECASE,
)
_FEED_START: Final = re.compile(
    rb"[\s\xef\xbb\xbf]*(?:<\?[^>]{0,500}\?>\s*|<!--.{0,2000}?-->\s*|<!DOCTYPE[^>\[]{0,300}(?:\[.{0,4000}?\]\s*)?>\s*)*"
    rb"<(?:\w{1,20}:)?(rss|feed|RDF|opml)\b",
    re.DOTALL,
)
_JSON_FEED: Final = re.compile(rb"\"version\"\s*:\s*\"https?:\\?/\\?/jsonfeed\.org")
_FEED_TYPES: Final = frozenset(
    {"application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml"}
)
_MIME: Final = re.compile(rb"(?:\A|\n)Content-Type:\s*multipart/related", re.IGNORECASE)
_MARKDOWN_SIGNS: Final = (
    re.compile(rb"(?m)^#{1,6} \S"),
    re.compile(rb"(?m)^(?:```|~~~)"),
    re.compile(rb"\[[^\]\n]{1,200}\]\((?:https?:|/|\.|#)[^)\n]{0,300}\)"),
    re.compile(rb"(?<![*\w])\*\*[^*\n]{1,200}\*\*(?![*\w])"),
    re.compile(rb"(?m)^> \S"),
    re.compile(rb"(?m)^\[\^?[\w-]{1,40}\]: "),
)
_MIN_MARKDOWN_SIGNS: Final = 2
_MAGIC: Final = (
    (b"PK\x03\x04", "zip"),
    (b"%PDF", "pdf"), (b"\x89PNG", "picture"), (b"\xff\xd8\xff", "picture"), (b"GIF8", "picture"), (b"\x1f\x8b", "gzip"),
    (b"\xd0\xcf\x11\xe0", "word"), (b"SQLite format 3", "database"), (b"Rar!", "rar"), (b"7z\xbc\xaf", "7z"),
)  # fmt: skip


def detect_format(data: bytes, name: str = "", content_type: str = "") -> str:
    """Return the format of a source.

    It is `page`, `mhtml`, `markdown` or `text`, `feed`, `opml`, or one of `_MAGIC`, of which
    `zip` can be many things; see `detect_package`. `content_type` is what a server called it.
    """
    sample = data[:_SAMPLE_BYTES]
    for magic, found in _MAGIC:
        if sample.startswith(magic):
            return found
    text = sample.removeprefix(b"\xef\xbb\xbf")
    if text.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = text.replace(b"\0", b"")
    is_json_feed = text.lstrip().startswith(b"{") and _JSON_FEED.search(data) is not None
    is_called_feed = content_type in _FEED_TYPES and _HTML_START.match(text) is None
    start = _FEED_START.match(text)
    if start is not None and start[1] == b"opml":
        return "opml"
    if start is not None or is_json_feed or is_called_feed:
        return "feed"
    if _MIME.search(text) and b"MIME-Version" in text:
        return "mhtml"
    return _detect_text(text, name.lower(), content_type)


def _detect_text(text: bytes, name: str, content_type: str) -> str:
    """Return what kind of text this is: a page, Markdown, or plain text."""
    is_named_markdown = name.endswith(STORY_SUFFIXES) or content_type == "text/markdown"
    if _HTML_START.match(text) or content_type in ("text/html", "application/xhtml+xml"):
        is_certain = re.match(rb"\s*<(?:!doctype|html)", text, re.IGNORECASE)
        return "markdown" if is_named_markdown and not is_certain else "page"
    if name.endswith((".html", ".htm", ".xhtml")) and len(_TAG.findall(text)) > 2:
        return "page"
    signs = sum(bool(sign.search(text)) for sign in _MARKDOWN_SIGNS)
    is_markdown = is_named_markdown or _has_front_matter(text) or signs >= _MIN_MARKDOWN_SIGNS
    return "markdown" if is_markdown else "text"


def detect_package(names: Sequence[str], read: Callable[[str], bytes]) -> str:
    """Return what an archive with files of these names is; `read` returns one of them."""
    folded = {name.lower(): name for name in names}
    kind = b""
    if "mimetype" in folded:
        with contextlib.suppress(UnreadableFile):
            kind = read(folded["mimetype"])[:200]
    if b"epub" in kind or "meta-inf/container.xml" in folded:
        return "epub"
    if b"opendocument.text" in kind:
        return "odt"
    return "docx" if any(WORD_PART.fullmatch(name) for name in folded) else "zip"


def _has_front_matter(text: bytes) -> bool:
    return bool(
        re.match(rb"---[ \t]*\r?\n(?:[A-Za-z_][\w-]*:.*\r?\n|[ \t#-].*\r?\n)+---[ \t]*\r?\n", text)
    )
