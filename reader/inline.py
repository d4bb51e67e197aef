"""From one paragraph's inline tokens to its text and spans.

The choke point where a stranger's words become screen text: every piece is cleaned here,
after parsing, since entities and split sequences only become controls then. Knows the
names of markdown-it's inline tokens and nothing of blocks.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from .cells import clean
from .document import Role, Span
from .punctuation import curl, dashes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.token import Token

_ROLES: Final = {
    "em": Role.EMPHASIS,
    "strong": Role.STRONG,
    "s": Role.STRIKE,
    "link": Role.LINK,
}
_TAG_ROLES: Final = {
    "em": Role.EMPHASIS,
    "i": Role.EMPHASIS,
    "cite": Role.EMPHASIS,
    "strong": Role.STRONG,
    "b": Role.STRONG,
    "s": Role.STRIKE,
    "del": Role.STRIKE,
    "code": Role.CODE,
    "kbd": Role.CODE,
}
_TAG: Final = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9-]*)")
_WIDE: Final = re.compile("[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]")
SUPERSCRIPTS: Final = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
PICTURE: Final = "▨"
_MOST_OPEN: Final = 100
"""HTML tags open at once: a page of unclosed ones must not be searched for ever."""


class Inline:
    """The text and spans of one paragraph, collected token by token."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self._pieces: list[str] = []
        self._length = 0
        self._open: list[tuple[str, int, str]] = []
        self._verbatim: list[tuple[int, int]] = []

    def feed(self, tokens: Sequence[Token]) -> tuple[str, tuple[Span, ...]]:
        """Return the text of `tokens`, cleaned and in printed punctuation, and its spans."""
        for index, token in enumerate(tokens):
            self._token(token, tokens[index + 1] if index + 1 < len(tokens) else None)
        text = curl("".join(self._pieces), self._verbatim)
        return text, tuple(sorted(self.spans, key=lambda span: (span.start, -span.end)))

    def _token(self, token: Token, following: Token | None) -> None:
        kind = token.type
        if kind == "text":
            self._add(dashes(clean(token.content)))
        elif kind == "softbreak":
            self._soft_break(following)
        elif kind == "hardbreak":
            self._add("\n")
        elif kind == "code_inline":
            self._span(clean(token.content), Role.CODE)
        elif kind == "text_special":
            self._special(token)
        elif kind == "image":
            self._picture(token)
        elif kind == "footnote_ref":
            number = str(token.meta["id"] + 1)
            self._span(number.translate(SUPERSCRIPTS), Role.NOTE, number)
        elif kind == "html_inline":
            self._tag(token.content)
        elif kind.endswith("_open"):
            self._open.append((kind[:-5], self._length, _address(token)))
        elif kind.endswith("_close"):
            self._close(kind[:-6], _ROLES.get(kind[:-6], Role.PLAIN))
        elif token.content:
            self._add(clean(token.content))

    def _add(self, text: str) -> None:
        self._pieces.append(text)
        self._length += len(text)

    def _span(self, text: str, role: Role, target: str = "") -> None:
        if text:
            start = self._length
            self._add(text)
            self.spans.append(Span(start, self._length, role, target))
            if role is Role.CODE:
                self._verbatim.append((start, self._length))

    def _special(self, token: Token) -> None:
        """Add an escaped mark, which stays as typed, or an entity, which doesn't."""
        start = self._length
        self._add(clean(token.content))
        if token.info == "escape":
            self._verbatim.append((start, self._length))

    def _close(self, name: str, role: Role) -> None:
        """End the innermost open `name`, if there is one."""
        for index in range(len(self._open) - 1, -1, -1):
            opened, start, target = self._open[index]
            if opened == name:
                del self._open[index]
                if self._length > start and role is not Role.PLAIN:
                    self.spans.append(Span(start, self._length, role, target))
                return

    def _soft_break(self, following: Token | None) -> None:
        """Join two source lines: with a space, but with none between two wide letters."""
        before = self._pieces[-1][-1:] if self._pieces else ""
        after = following.content[:1] if following is not None else ""
        if not (_WIDE.match(before) and _WIDE.match(after)):
            self._add(" ")

    def _picture(self, token: Token) -> None:
        alt = " ".join(clean(token.content).split())
        title = " ".join(clean(str(token.attrs.get("title", ""))).split())
        words = " — ".join(part for part in (dashes(alt), dashes(title)) if part) or "picture"
        self._span(f"{PICTURE} {words}", Role.DIM, str(token.attrs.get("src", "")))

    def _tag(self, source: str) -> None:
        """Take an HTML tag for what it means: a line break, emphasis; else for nothing."""
        match = _TAG.match(source)
        if match is None:
            return
        closing, name = match[1], match[2].lower()
        if name == "br":
            self._add("\n")
        elif not closing and len(self._open) < _MOST_OPEN:
            self._open.append((f"<{name}", self._length, ""))
        elif closing:
            self._close(f"<{name}", _TAG_ROLES.get(name, Role.PLAIN))


def _address(token: Token) -> str:
    return str(token.attrs.get("href", ""))
