"""Convert a paragraph's inline tokens to text and spans."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.text.cells import sanitize
from reader.text.document import SUPERSCRIPTS, Role, Span
from reader.text.smart_quotes import convert_dashes, curl_quotes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.token import Token


_TOKEN_ROLES: Final = {
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
_BLOCK_TAGS: Final = frozenset(
    {"p", "div", "hr", "li", "ul", "ol", "td", "th", "tr", "table", "blockquote", "center", "dd", "dt",
     "section", "article", "figure", "figcaption", "details", "summary", "h1", "h2", "h3", "h4",
     "h5", "h6", "pre"}
)  # fmt: skip
"""Elements that part words even where they stand in a paragraph and mean nothing else."""
_SPACES: Final = re.compile(" {2,}")
_BARE_LINK_MARKUP: Final = frozenset({"linkify", "autolink"})
"""How links are written that show their address, which stays as it was typed."""
_BREAKS_TO_SPACES: Final = str.maketrans("\t\n", "  ")
"""An entity may be a tab or a newline, and neither is a break that the writer made."""
_SUPERSCRIPT_CHARACTERS: Final = str.maketrans("0123456789+-−=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱ")
_SUBSCRIPT_CHARACTERS: Final = str.maketrans("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎")
_SCRIPT_TABLES: Final = {"sup": _SUPERSCRIPT_CHARACTERS, "sub": _SUBSCRIPT_CHARACTERS}
PICTURE_MARKER: Final = "▨"
_MAX_MEDIA_TYPE_CHARACTERS: Final = 60
"""Characters of what an address of the form `data:` says before its data."""
_MAX_OPEN_TAGS: Final = 100
"""HTML tags open at once: a page of unclosed ones must not be searched for ever."""


class _OpenElement(NamedTuple):
    """An element that is open: its name, where its text begins, and where its link leads."""

    name: str
    start: int
    first_piece: int
    """The number of its first piece."""
    target: str = ""


class InlineBuilder:
    """The text and spans of one paragraph, collected token by token.

    One method a token type, found by its name.
    """

    def __init__(self) -> None:
        self._spans: list[Span] = []
        self._pieces: list[str] = []
        self._length = 0
        self._open_elements: list[_OpenElement] = []
        self._verbatim_ranges: list[tuple[int, int]] = []
        self._next_token: Token | None = None
        self._is_bare_link = False
        """Inside a link that shows its own address."""
        self._code_depth = 0
        """Elements of code that are open: what stands in them stays as typed."""

    def build(self, tokens: Sequence[Token]) -> tuple[str, tuple[Span, ...]]:
        """Return the text of `tokens`, cleaned and in printed punctuation, and its spans."""
        for index, token in enumerate(tokens):
            self._next_token = tokens[index + 1] if index + 1 < len(tokens) else None
            take = getattr(self, f"_{token.type}", None)
            if take is not None:
                take(token)
            elif token.type.endswith("_open"):
                self._begin_element(token.type[:-5], _get_href(token))
            elif token.type.endswith("_close"):
                self._end_element(token.type[:-6], _TOKEN_ROLES.get(token.type[:-6], Role.PLAIN))
            else:
                self._append(sanitize(token.content))
        text = curl_quotes("".join(self._pieces), self._verbatim_ranges)
        return text, tuple(sorted(self._spans, key=lambda span: (span.start, -span.end)))

    def _append(self, text: str) -> None:
        if "\t" in text:
            text = text.replace("\t", " ")
        self._pieces.append(text)
        self._length += len(text)

    def _append_verbatim(self, text: str) -> None:
        start = self._length
        self._append(text)
        self._verbatim_ranges.append((start, self._length))

    def _append_span(self, text: str, role: Role, target: str = "") -> None:
        if text:
            start = self._length
            self._append(text)
            self._spans.append(Span(start, self._length, role, target))

    def _text(self, token: Token) -> None:
        text = sanitize(token.content)
        if "  " in text:
            text = _SPACES.sub(" ", text)
        if self._is_bare_link or self._code_depth:
            self._append_verbatim(text)
        else:
            self._append(convert_dashes(text))

    def _text_special(self, token: Token) -> None:
        """Add an escaped mark, which stays as typed, or an entity, which doesn't."""
        text = sanitize(token.content).translate(_BREAKS_TO_SPACES)
        (self._append_verbatim if token.info == "escape" else self._append)(text)

    def _code_inline(self, token: Token) -> None:
        start = self._length
        self._append_verbatim(sanitize(token.content))
        self._spans.append(Span(start, self._length, Role.CODE))

    def _maths(self, token: Token) -> None:
        """Add a formula as it is written, in the style of code; its words count as code's do."""
        start = self._length
        self._append_verbatim(" ".join(sanitize(token.content).split()))
        self._spans.append(Span(start, self._length, Role.CODE))

    def _leftover(self, token: Token) -> None:
        """Add what is written for another program as it is, and dim."""
        start = self._length
        self._append_verbatim(" ".join(sanitize(token.content).split()))
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
        after = self._next_token.content[:1] if self._next_token is not None else ""
        if not (_is_wide_character(before) and _is_wide_character(after)):
            self._append(" ")

    def _hardbreak(self, _: Token) -> None:
        self._append("\n")

    def _footnote_ref(self, token: Token) -> None:
        number = str(token.meta["id"] + 1)
        self._append_span(number.translate(SUPERSCRIPTS), Role.FOOTNOTE, number)

    def _image(self, token: Token) -> None:
        words, _ = InlineBuilder().build(token.children or ())
        title = convert_dashes(sanitize(str(token.attrs.get("title", ""))))
        self._append_picture(words, title, str(token.attrs.get("src", "")))

    def _append_picture(self, words: str, title: str, source: str = "") -> None:
        parts = (" ".join(part.split()) for part in (words, title))
        told = " — ".join(part for part in parts if part) or "picture"
        if source[:5].lower() == "data:":
            source = source[: source.find(",")][
                :_MAX_MEDIA_TYPE_CHARACTERS
            ]  # the picture itself, megabytes
        if self._spans and self._spans[-1].end == self._length > 0:
            self._separate_words()  # two pictures side by side
        self._append_span(f"{PICTURE_MARKER} {told}", Role.DIM, source)

    def _link_open(self, token: Token) -> None:
        self._begin_element("link", _get_href(token))
        self._is_bare_link = token.markup in _BARE_LINK_MARKUP

    def _link_close(self, _: Token) -> None:
        self._end_element("link", Role.LINK)
        self._is_bare_link = False

    # HTML ------------------------------------------------------------------------------

    def _html_inline(self, token: Token) -> None:
        """Take an HTML tag for what it means: a line break, emphasis; else for nothing."""
        from reader.markdown.html_tags import parse_tag as html_tag

        tag = html_tag(token.content)
        if tag is None:  # a comment of one word
            self._drop_double_space()
            return
        name = tag.name
        if name == "br":
            self._append("\n")
        elif name == "img":
            words, title = (
                convert_dashes(sanitize(tag.get_attribute("alt"))),
                convert_dashes(sanitize(tag.get_attribute("title"))),
            )
            self._append_picture(words, title, tag.get_attribute("src"))
        elif name == "q":
            self._append("”" if tag.is_closing else "“")
        elif name in _BLOCK_TAGS:
            self._separate_words()
        elif tag.is_closing:
            self._end_html_tag(name)
        elif len(self._open_elements) < _MAX_OPEN_TAGS:
            self._code_depth += _TAG_ROLES.get(name) is Role.CODE
            self._begin_element(f"<{name}", tag.get_attribute("href"))

    def _drop_double_space(self) -> None:
        """Drop one of the two spaces that stand round what shows nothing."""
        after = self._next_token.content[:1] if self._next_token is not None else ""
        if after == " " and self._pieces and self._pieces[-1].endswith(" "):
            self._pieces[-1] = self._pieces[-1][:-1]
            self._length -= 1

    def _separate_words(self) -> None:
        if self._pieces and not self._pieces[-1][-1:].isspace():
            self._append(" ")

    def _end_html_tag(self, name: str) -> None:
        role = _TAG_ROLES.get(name, Role.PLAIN)
        opened = self._end_element(f"<{name}", role)
        if opened is None:
            return
        self._code_depth -= role is Role.CODE
        if name in _SCRIPT_TABLES:
            text, table = "".join(self._pieces[opened.first_piece :]), _SCRIPT_TABLES[name]
            if all(ord(letter) in table for letter in text):
                self._pieces[opened.first_piece :] = [text.translate(table)]

    def _begin_element(self, name: str, target: str) -> None:
        self._open_elements.append(_OpenElement(name, self._length, len(self._pieces), target))

    def _end_element(self, name: str, role: Role) -> _OpenElement | None:
        """End the innermost open `name` and return it, if there is one."""
        for index in range(len(self._open_elements) - 1, -1, -1):
            opened = self._open_elements[index]
            if opened.name == name:
                del self._open_elements[index]
                shown = role is not Role.PLAIN and (role is not Role.LINK or opened.target)
                if shown and self._length > opened.start:
                    self._spans.append(Span(opened.start, self._length, role, opened.target))
                return opened
        return None


def _get_href(token: Token) -> str:
    return str(token.attrs.get("href", ""))


def _is_wide_character(character: str) -> bool:
    """Tell whether a letter is Chinese or Japanese, or one of their marks."""
    return (
        "\u2e80" <= character <= "\u9fff"
        or "\uf900" <= character <= "\ufaff"
        or character >= "\uff00"
    )
