"""HTML inside Markdown, taken for its text.

Tags fall away and their text stays, a paragraph for each block element; what is no text
(scripts, frames) becomes one line that says so. Never renders, never fetches.
"""

from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_SILENT: Final = frozenset({"script", "style", "iframe", "object", "video", "audio", "svg"})
_INLINE: Final = frozenset(
    {"a", "abbr", "b", "cite", "code", "del", "em", "font", "i", "kbd", "mark", "q", "s",
     "small", "span", "strong", "sub", "sup", "u", "wbr"}
)  # fmt: skip


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, bool]] = []
        self._text: list[str] = []
        self._silent = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._silent:
            return
        if tag in _SILENT:
            self.flush()
            self._silent = tag
            self.found.append((f"[{tag} left out]", False))
        elif tag == "br":
            self._text.append("\n")
        elif tag == "img":
            alt = dict(attrs).get("alt") or "picture"
            self._text.append(f" ▨ {alt} ")
        elif tag not in _INLINE:
            self.flush()

    def handle_endtag(self, tag: str) -> None:
        if tag == self._silent:
            self._silent = ""
        elif tag not in _INLINE:
            self.flush()

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._text.append(" ".join(data.split()).join(_edges(data)))

    def handle_comment(self, data: str) -> None:
        # One word, such as `more`, is a sign to a program; more words are somebody's text.
        if len(data.split()) > 1:
            self.flush()
            self.found.append(("[comment left out]", False))

    def flush(self) -> None:
        """End the paragraph that is open."""
        lines = (" ".join(line.split()) for line in "".join(self._text).strip().split("\n"))
        text = "\n".join(lines).strip()
        if text:
            self.found.append((text, True))
        self._text.clear()


def paragraphs(source: str) -> Iterator[tuple[str, bool]]:
    """Yield each paragraph's text of `source`, and whether it is text or a stand-in line."""
    parser = _Text()
    try:
        parser.feed(source)
        parser.close()
    except (AssertionError, ValueError):
        # html.parser gives up on some malformed declarations: show them as they are.
        yield source.strip(), True
        return
    parser.flush()
    yield from parser.found


def _edges(data: str) -> tuple[str, str]:
    return (" " if data[:1].isspace() else "", " " if data[-1:].isspace() else "")
