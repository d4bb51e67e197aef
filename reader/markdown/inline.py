"""Convert a paragraph's inline tokens to text and spans."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.text.cells import clean
from reader.text.document import SUPERSCRIPTS, Role, Span
from reader.text.smart_quotes import curl, dashes

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
    "a": Role.LINK,
    "em": Role.EMPHASIS,
    "i": Role.EMPHASIS,
    "cite": Role.EMPHASIS,
    "var": Role.EMPHASIS,
    "dfn": Role.EMPHASIS,
    "strong": Role.STRONG,
    "b": Role.STRONG,
    "s": Role.STRIKE,
    "del": Role.STRIKE,
    "strike": Role.STRIKE,
    "code": Role.CODE,
    "kbd": Role.CODE,
    "samp": Role.CODE,
    "tt": Role.CODE,
}
_PARTING: Final = frozenset(
    {"p", "div", "hr", "li", "ul", "ol", "td", "th", "tr", "table", "blockquote", "center", "dd", "dt",
     "section", "article", "figure", "figcaption", "details", "summary", "h1", "h2", "h3", "h4",
     "h5", "h6", "pre"}
)  # fmt: skip
"""Elements that part words even where they stand in a paragraph and mean nothing else."""
_SPACES: Final = re.compile(" {2,}")
_BARE: Final = frozenset({"linkify", "autolink"})
"""How links are written that show their address, which stays as it was typed."""
_NO_BREAK: Final = str.maketrans("\t\n", "  ")
"""An entity may be a tab or a newline, and neither is a break that the writer made."""
_RAISED: Final = str.maketrans("0123456789+-−=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱ")
_LOWERED: Final = str.maketrans("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎")
_SHIFTED: Final = {"sup": _RAISED, "sub": _LOWERED}
PICTURE: Final = "▨"
_LONGEST_KIND: Final = 60
"""Characters of what an address of the form `data:` says before its data."""
_MOST_OPEN: Final = 100
"""HTML tags open at once: a page of unclosed ones must not be searched for ever."""


class _Open(NamedTuple):
    """An element that is open: its name, where its text begins, and where its link leads."""

    name: str
    start: int
    piece: int
    """The number of its first piece."""
    target: str = ""


class Inline:
    """The text and spans of one paragraph, collected token by token.

    One method a token type, found by its name.
    """

    def __init__(self) -> None:
        self._spans: list[Span] = []
        self._pieces: list[str] = []
        self._length = 0
        self._open: list[_Open] = []
        self._verbatim: list[tuple[int, int]] = []
        self._following: Token | None = None
        self._is_bare = False
        """Inside a link that shows its own address."""
        self._codes = 0
        """Elements of code that are open: what stands in them stays as typed."""

    def feed(self, tokens: Sequence[Token]) -> tuple[str, tuple[Span, ...]]:
        """Return the text of `tokens`, cleaned and in printed punctuation, and its spans."""
        for index, token in enumerate(tokens):
            self._following = tokens[index + 1] if index + 1 < len(tokens) else None
            take = getattr(self, f"_{token.type}", None)
            if take is not None:
                take(token)
            elif token.type.endswith("_open"):
                self._begin(token.type[:-5], _address(token))
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
        if self._is_bare or self._codes:
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

    def _maths(self, token: Token) -> None:
        """Add a formula as it is written, in the style of code; its words count as code's do."""
        start = self._length
        self._add_verbatim(" ".join(clean(token.content).split()))
        self._spans.append(Span(start, self._length, Role.CODE))

    def _leftover(self, token: Token) -> None:
        """Add what is written for another program as it is, and dim."""
        start = self._length
        self._add_verbatim(" ".join(clean(token.content).split()))
        self._spans.append(Span(start, self._length, Role.DIM))

    def _left_out(self, token: Token) -> None:
        """Say what is left out; an address that is told can be followed."""
        start = self._length
        self._leftover(token)
        if token.info:
            at = start + token.content.find(": ") + 2
            self._spans.append(Span(at, self._length - 1, Role.LINK, token.info))

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
        if source[:5].lower() == "data:":
            source = source[: source.find(",")][:_LONGEST_KIND]  # the picture itself, megabytes
        if self._spans and self._spans[-1].end == self._length > 0:
            self._part()  # two pictures side by side
        self._add_span(f"{PICTURE} {told}", Role.DIM, source)

    def _link_open(self, token: Token) -> None:
        self._begin("link", _address(token))
        self._is_bare = token.markup in _BARE

    def _link_close(self, _: Token) -> None:
        self._close("link", Role.LINK)
        self._is_bare = False

    # HTML ------------------------------------------------------------------------------

    def _html_inline(self, token: Token) -> None:
        """Take an HTML tag for what it means: a line break, emphasis; else for nothing."""
        from reader.markdown.html_tags import tag as html_tag

        tag = html_tag(token.content)
        if tag is None:  # a comment of one word
            self._join()
            return
        name = tag.name
        if name == "br":
            self._add("\n")
        elif name == "img":
            words, title = (
                dashes(clean(tag.attribute("alt"))),
                dashes(clean(tag.attribute("title"))),
            )
            self._picture(words, title, tag.attribute("src"))
        elif name == "q":
            self._add("”" if tag.closing else "“")
        elif name in _PARTING:
            self._part()
        elif tag.closing:
            self._end_tag(name)
        elif len(self._open) < _MOST_OPEN:
            self._codes += _TAG_ROLES.get(name) is Role.CODE
            self._begin(f"<{name}", tag.attribute("href"))

    def _join(self) -> None:
        """Drop one of the two spaces that stand round what shows nothing."""
        after = self._following.content[:1] if self._following is not None else ""
        if after == " " and self._pieces and self._pieces[-1].endswith(" "):
            self._pieces[-1] = self._pieces[-1][:-1]
            self._length -= 1

    def _part(self) -> None:
        if self._pieces and not self._pieces[-1][-1:].isspace():
            self._add(" ")

    def _end_tag(self, name: str) -> None:
        role = _TAG_ROLES.get(name, Role.PLAIN)
        opened = self._close(f"<{name}", role)
        if opened is None:
            return
        self._codes -= role is Role.CODE
        if name in _SHIFTED:
            text, table = "".join(self._pieces[opened.piece :]), _SHIFTED[name]
            if all(ord(letter) in table for letter in text):
                self._pieces[opened.piece :] = [text.translate(table)]

    def _begin(self, name: str, target: str) -> None:
        self._open.append(_Open(name, self._length, len(self._pieces), target))

    def _close(self, name: str, role: Role) -> _Open | None:
        """End the innermost open `name` and return it, if there is one."""
        for index in range(len(self._open) - 1, -1, -1):
            opened = self._open[index]
            if opened.name == name:
                del self._open[index]
                shown = role is not Role.PLAIN and (role is not Role.LINK or opened.target)
                if shown and self._length > opened.start:
                    self._spans.append(Span(opened.start, self._length, role, opened.target))
                return opened
        return None


def _address(token: Token) -> str:
    return str(token.attrs.get("href", ""))


def _is_wide(letter: str) -> bool:
    """Tell whether a letter is Chinese or Japanese, or one of their marks."""
    return "\u2e80" <= letter <= "\u9fff" or "\uf900" <= letter <= "\ufaff" or letter >= "\uff00"
