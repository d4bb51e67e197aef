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
from .rawhtml import alternative

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
_SPACES: Final = re.compile(" {2,}")
_BARE: Final = frozenset({"linkify", "autolink"})
"""How links are written that show their address, which stays as it was typed."""
_NO_BREAK: Final = str.maketrans("\t\n", "  ")
"""An entity may be a tab or a newline, and neither is a break that the writer made."""
SUPERSCRIPTS: Final = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
PICTURE: Final = "▨"
_MOST_OPEN: Final = 100
"""HTML tags open at once: a page of unclosed ones must not be searched for ever."""


class Inline:
    """The text and spans of one paragraph, collected token by token.

    One method a token type, found by its name.
    """

    def __init__(self) -> None:
        self._spans: list[Span] = []
        self._pieces: list[str] = []
        self._length = 0
        self._open: list[tuple[str, int, str]] = []
        self._verbatim: list[tuple[int, int]] = []
        self._following: Token | None = None
        self._is_bare = False
        """Inside a link that shows its own address."""

    def feed(self, tokens: Sequence[Token]) -> tuple[str, tuple[Span, ...]]:
        """Return the text of `tokens`, cleaned and in printed punctuation, and its spans."""
        for index, token in enumerate(tokens):
            self._following = tokens[index + 1] if index + 1 < len(tokens) else None
            take = getattr(self, f"_{token.type}", None)
            if take is not None:
                take(token)
            elif token.type.endswith("_open"):
                self._open.append((token.type[:-5], self._length, _address(token)))
            elif token.type.endswith("_close"):
                self._close(token.type[:-6], _ROLES.get(token.type[:-6], Role.PLAIN))
            else:
                self._add(clean(token.content))
        text = curl("".join(self._pieces), self._verbatim)
        return text, tuple(sorted(self._spans, key=lambda span: (span.start, -span.end)))

    def _add(self, text: str) -> None:
        if "\t" in text:
            text = text.replace("\t", " ")
        self._pieces.append(text)
        self._length += len(text)

    def _add_verbatim(self, text: str) -> None:
        start = self._length
        self._add(text)
        self._verbatim.append((start, self._length))

    def _add_span(self, text: str, role: Role, target: str = "") -> None:
        if text:
            start = self._length
            self._add(text)
            self._spans.append(Span(start, self._length, role, target))

    def _text(self, token: Token) -> None:
        text = clean(token.content)
        if "  " in text:
            text = _SPACES.sub(" ", text)
        if self._is_bare:
            self._add_verbatim(text)
        else:
            self._add(dashes(text))

    def _text_special(self, token: Token) -> None:
        """Add an escaped mark, which stays as typed, or an entity, which doesn't."""
        text = clean(token.content).translate(_NO_BREAK)
        (self._add_verbatim if token.info == "escape" else self._add)(text)

    def _code_inline(self, token: Token) -> None:
        start = self._length
        self._add_verbatim(clean(token.content))
        self._spans.append(Span(start, self._length, Role.CODE))

    def _softbreak(self, _: Token) -> None:
        """Join two source lines: with a space, but with none between two wide letters."""
        before = self._pieces[-1][-1:] if self._pieces else ""
        after = self._following.content[:1] if self._following is not None else ""
        if not (_is_wide(before) and _is_wide(after)):
            self._add(" ")

    def _hardbreak(self, _: Token) -> None:
        self._add("\n")

    def _footnote_ref(self, token: Token) -> None:
        number = str(token.meta["id"] + 1)
        self._add_span(number.translate(SUPERSCRIPTS), Role.NOTE, number)

    def _image(self, token: Token) -> None:
        words, _ = Inline().feed(token.children or ())
        title = dashes(clean(str(token.attrs.get("title", ""))))
        self._picture(words, title, str(token.attrs.get("src", "")))

    def _picture(self, words: str, title: str, source: str = "") -> None:
        parts = (" ".join(part.split()) for part in (words, title))
        told = " — ".join(part for part in parts if part) or "picture"
        self._add_span(f"{PICTURE} {told}", Role.DIM, source)

    def _link_open(self, token: Token) -> None:
        self._open.append(("link", self._length, _address(token)))
        self._is_bare = token.markup in _BARE

    def _link_close(self, _: Token) -> None:
        self._close("link", Role.LINK)
        self._is_bare = False

    def _html_inline(self, token: Token) -> None:
        """Take an HTML tag for what it means: a line break, emphasis; else for nothing."""
        match = _TAG.match(token.content)
        if match is None:
            return
        closing, name = match[1], match[2].lower()
        if name == "br":
            self._add("\n")
        elif name == "img":
            self._picture(clean(alternative(token.content)), "")
        elif closing:
            self._close(f"<{name}", _TAG_ROLES.get(name, Role.PLAIN))
        elif len(self._open) < _MOST_OPEN:
            self._open.append((f"<{name}", self._length, ""))

    def _close(self, name: str, role: Role) -> None:
        """End the innermost open `name`, if there is one."""
        for index in range(len(self._open) - 1, -1, -1):
            opened, start, target = self._open[index]
            if opened == name:
                del self._open[index]
                if self._length > start and role is not Role.PLAIN:
                    self._spans.append(Span(start, self._length, role, target))
                return


def _address(token: Token) -> str:
    return str(token.attrs.get("href", ""))


def _is_wide(letter: str) -> bool:
    """Tell whether a letter is Chinese or Japanese, or one of their marks."""
    return "\u2e80" <= letter <= "\u9fff" or "\uf900" <= letter <= "\ufaff" or letter >= "\uff00"
