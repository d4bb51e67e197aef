"""Read a file of a book, which is XHTML, as HTML: tags may be self-closed, and have prefixes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from reader.ingest.encoding import decode_page
from reader.ingest.page.html_tree import VOID, parse_html

if TYPE_CHECKING:
    from reader.ingest.page.html_tree import Node


_SELF_CLOSED: Final = re.compile(r"<([A-Za-z][\w:-]{0,60})((?:\s[^<>]*)?)/>")
_PREFIX: Final = re.compile(r"<(\w{1,20}):html\b")
_CHARSET: Final = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{2,30})")


def parse_xhtml(data: bytes) -> Node:
    """Return the root of a file with text. Raises `UnreadableFile` if it isn't text."""
    match = _CHARSET.match(data[:300])
    source = decode_page(data, match[1].decode("ascii") if match else "")
    prefix = _PREFIX.search(source[:5_000])
    if prefix is not None:
        source = re.sub(rf"(</?){prefix[1]}:", r"\1", source)
    return parse_html(_SELF_CLOSED.sub(_open_tag, source)).root


def _open_tag(match: re.Match[str]) -> str:
    """Return a tag that is closed by another, which is all that HTML knows."""
    tag = match[1]
    return match[0] if tag.lower() in VOID else f"<{tag}{match[2]}></{tag}>"
