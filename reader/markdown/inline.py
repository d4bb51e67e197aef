"""Convert a paragraph's inline tokens to text and spans.

Texts and targets are sanitised. Quotes and dashes become typographic; code, formulas, escaped
characters and URLs that are shown keep their characters as typed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar, Final, NamedTuple

from reader.markdown.spans import shift_spans
from reader.text.cells import sanitize
from reader.text.document import SUPERSCRIPTS, OffsetRange, Role, Span
from reader.text.smart_quotes import convert_dashes, curl_quotes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from markdown_it.token import Token


_STYLE_ROLES: Final = {"em": Role.EMPHASIS, "strong": Role.STRONG, "s": Role.STRIKE,
                       "mark": Role.ACCENT}  # fmt: skip
_TAG_ROLES: Final = {
    "a": Role.LINK,
    "em": Role.EMPHASIS,
    "i": Role.EMPHASIS,
    "cite": Role.EMPHASIS,
    "var": Role.EMPHASIS,
    "dfn": Role.EMPHASIS,
    "strong": Role.STRONG,
    "b": Role.STRONG,
    "mark": Role.ACCENT,
    "s": Role.STRIKE,
    "del": Role.STRIKE,
    "strike": Role.STRIKE,
    "code": Role.CODE,
    "kbd": Role.CODE,
    "samp": Role.CODE,
    "tt": Role.CODE,
}
BLOCK_TAGS: Final = frozenset(
    {"p", "div", "hr", "li", "ul", "ol", "td", "th", "tr", "table", "blockquote", "center", "dd", "dt",
     "section", "article", "figure", "figcaption", "details", "summary", "h1", "h2", "h3", "h4",
     "h5", "h6", "pre", "address", "aside", "dialog", "fieldset", "footer", "form", "header", "hgroup",
     "legend", "main", "nav", "menu", "dl", "caption", "search"}
)  # fmt: skip
"""Block elements. Inside a heading or a table cell they only separate words."""
_SEPARATING_TAGS: Final = BLOCK_TAGS | {"optgroup", "option", "select"}
_RUBY_TAGS: Final = frozenset({"ruby", "rb", "rt", "rtc", "rp"})
"""Elements of ruby: base text, and a reading (`rt`) that is shown in brackets after it."""
_SPACES: Final = re.compile(" {2,}")
_BARE_LINK_MARKUP: Final = frozenset({"linkify", "autolink"})
"""The `markup` of link tokens whose text is the URL itself."""
_BREAKS_TO_SPACES: Final = str.maketrans("\t\n", "  ")
"""An entity such as `&NewLine;` is no line break of the author's."""
_SUPERSCRIPT_CHARACTERS: Final = str.maketrans("0123456789+-−=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱ")
_SUBSCRIPT_CHARACTERS: Final = str.maketrans("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎")
_SCRIPT_TABLES: Final = {"sup": _SUPERSCRIPT_CHARACTERS, "sub": _SUBSCRIPT_CHARACTERS}
_PICTURE_SIZE: Final = re.compile(r"\|\s*\d+(?:x\d+)?\s*\Z")
"""The size that Obsidian writes behind the text of a picture: `![text|300](picture.png)`."""
PICTURE_MARKER: Final = "▨"
"""The first character of a picture's placeholder."""
_MAX_MEDIA_TYPE_CHARACTERS: Final = 60
"""How much of a `data:` URL is stored: its media type, without the data."""
_MAX_PEEKED_TOKENS: Final = 4
"""How many tokens are looked at for the text after a dash: some open or close a style."""
_MAX_OPEN_TAGS: Final = 100
"""HTML tags open at once. The limit bounds the search for a start tag to each end tag."""


class _OpenElement(NamedTuple):
    """An open element: its name, where its text starts, and its link target."""

    name: str
    start: int
    first_piece: int
    """The index of its first piece of text."""
    target: str = ""


class InlineBuilder:
    """Builds the text and spans of one paragraph.

    `HANDLERS`, at the end of the class, maps each token type to the method that handles it.
    """

    def __init__(self) -> None:
        self._spans: list[Span] = []
        self._pieces: list[str] = []
        self._length = 0
        self._open_elements: list[_OpenElement] = []
        self._verbatim_ranges: list[OffsetRange] = []
        self._tokens: Sequence[Token] = ()
        self._next_index = 0
        """The index of the token after the one that is handled."""
        self._is_bare_link = False
        """Inside a link whose text is its URL."""
        self._is_in_reading = False
        """Inside the reading of ruby."""
        self._code_depth = 0
        """How many HTML elements of code are open. Text inside them stays as typed."""

    def build(self, tokens: Sequence[Token]) -> tuple[str, tuple[Span, ...]]:
        """Return the text of `tokens` and its spans, in order of start, outer spans first."""
        self._tokens = tokens
        for index, token in enumerate(tokens):
            self._next_index = index + 1
            handler = self.HANDLERS.get(token.type)
            if handler is not None:
                handler(self, token)
            else:
                self._append(sanitize(token.content))  # no text is lost, whatever the token
        text = curl_quotes("".join(self._pieces), self._verbatim_ranges)
        return text, tuple(sorted(self._spans, key=lambda span: (span.start, -span.end)))

    def _append(self, text: str) -> None:
        if "\t" in text:
            text = text.replace("\t", " ")
        self._pieces.append(text)
        self._length += len(text)

    def _append_verbatim(self, text: str) -> None:
        """Append text whose quotes stay as typed."""
        start = self._length
        self._append(text)
        self._verbatim_ranges.append(OffsetRange(start, self._length))

    def _append_verbatim_span(self, text: str, role: Role) -> None:
        start = self._length
        self._append_verbatim(text)
        self._spans.append(Span(start, self._length, role))

    def _append_span(self, text: str, role: Role, target: str = "") -> None:
        if text:
            start = self._length
            self._append(text)
            self._spans.append(Span(start, self._length, role, target))

    def _add_text(self, token: Token) -> None:
        text = sanitize(token.content)
        if "  " in text:
            text = _SPACES.sub(" ", text)
        if self._is_bare_link or self._code_depth:
            self._append_verbatim(text)
        elif "--" in text:
            before = self._pieces[-1] if self._pieces else ""
            self._append(convert_dashes(text, before, self._peek_text()))
        else:
            self._append(convert_dashes(text))

    def _peek_text(self) -> str:
        """Return the text that follows the token that is handled, as far as one token has it."""
        for token in self._tokens[self._next_index : self._next_index + _MAX_PEEKED_TOKENS]:
            if token.type in {"softbreak", "hardbreak"}:
                return "\n"
            if token.content and token.type != "html_inline":
                return token.content
        return ""

    def _peek_character(self) -> str:
        """Return the first character of the next token's content, or ""."""
        following = self._tokens[self._next_index : self._next_index + 1]
        return following[0].content[:1] if following else ""

    def _add_special_text(self, token: Token) -> None:
        """Add an escaped character, which stays as typed, or a character given as an entity."""
        text = sanitize(token.content).translate(_BREAKS_TO_SPACES)
        if token.info == "escape":
            self._append_verbatim(text)
        else:
            self._append(text)

    def _add_code(self, token: Token) -> None:
        self._append_verbatim_span(sanitize(token.content), Role.CODE)

    def _add_maths(self, token: Token) -> None:
        """Add the source of a formula, styled as code. Like inline code, its words count."""
        self._append_verbatim_span(" ".join(sanitize(token.content).split()), Role.CODE)

    def _add_foreign_markup(self, token: Token) -> None:
        """Add markup for another program, such as a template tag, as typed and dim."""
        self._append_verbatim_span(" ".join(sanitize(token.content).split()), Role.DIM)

    def _add_omitted(self, token: Token) -> None:
        """Add the notice about omitted HTML. A URL in the notice becomes a link."""
        start = self._length
        self._add_foreign_markup(token)
        if token.info:
            from reader.markdown.dialect import normalize_destination

            url_start = start + token.content.find(": ") + 2
            target = normalize_destination(token.info)
            self._spans.append(Span(url_start, self._length - 1, Role.LINK, target))

    def _add_soft_break(self, _: Token) -> None:
        """Join two source lines with a space, or with none between two wide characters."""
        before = self._pieces[-1][-1:] if self._pieces else ""
        after = self._peek_character()
        if not (_is_wide_character(before) and _is_wide_character(after)):
            self._append(" ")

    def _add_hard_break(self, _: Token) -> None:
        self._append("\n")

    def _add_footnote_number(self, token: Token) -> None:
        number = str(token.meta["id"] + 1)
        self._append_span(number.translate(SUPERSCRIPTS), Role.FOOTNOTE, number)

    def _add_image(self, token: Token) -> None:
        alt, _ = InlineBuilder().build(token.children or ())
        alt = _PICTURE_SIZE.sub("", alt)
        title = convert_dashes(sanitize(str(token.attrs.get("title", ""))))
        self._append_picture(alt, title, str(token.attrs.get("src", "")))

    def _append_picture(self, alt: str, title: str, source: str) -> None:
        """Append the placeholder of a picture, with its `source` as the target."""
        parts = (" ".join(part.split()) for part in (alt, title))
        description = " — ".join(part for part in parts if part) or "picture"
        if source[:5].lower() == "data:":
            source = source[: source.find(",")][:_MAX_MEDIA_TYPE_CHARACTERS]
        if self._spans and self._spans[-1].end == self._length > 0:
            self._separate_words()  # the picture follows another picture
        self._append_span(f"{PICTURE_MARKER} {description}", Role.DIM, sanitize(source))

    def _open_style(self, token: Token) -> None:
        self._begin_element(token.tag, "")

    def _close_style(self, token: Token) -> None:
        self._end_element(token.tag, _STYLE_ROLES[token.tag])

    def _open_link(self, token: Token) -> None:
        self._begin_element("link", sanitize(str(token.attrs.get("href", ""))))
        self._is_bare_link = token.markup in _BARE_LINK_MARKUP

    def _close_link(self, _: Token) -> None:
        self._end_element("link", Role.LINK)
        self._is_bare_link = False

    def _handle_html_tag(self, token: Token) -> None:
        """Apply an HTML tag: a line break, a picture, a role. Unknown tags do nothing."""
        from reader.markdown.dialect import normalize_destination
        from reader.markdown.html.tags import find_anchor, parse_tag

        tag = parse_tag(token.content)
        if tag is None:  # a comment of one word
            self._drop_double_space()
            return
        self._add_anchor(find_anchor(tag))
        name = tag.name
        if name == "br":
            self._append("\n")
        elif name == "img":
            alt = convert_dashes(sanitize(tag.get_attribute("alt")))
            title = convert_dashes(sanitize(tag.get_attribute("title")))
            self._append_picture(alt, title, tag.get_attribute("src"))
        elif name == "input" and tag.get_attribute("type").lower() == "checkbox":
            self._append("☑ " if tag.has_attribute("checked") else "☐ ")
        elif name == "q":
            self._append("”" if tag.is_closing else "“")
        elif name in _SEPARATING_TAGS:
            self._separate_words()
        elif name in _RUBY_TAGS:
            self._bracket_reading(begins=name == "rt" and not tag.is_closing)
        elif tag.is_closing:
            self._end_html_tag(name)
        elif len(self._open_elements) < _MAX_OPEN_TAGS:
            self._code_depth += _TAG_ROLES.get(name) is Role.CODE
            self._begin_element(f"<{name}", normalize_destination(tag.get_attribute("href")))

    def _add_anchor(self, target: str) -> None:
        """Add the empty span that links to `target` lead to, unless it is empty."""
        if target:
            self._spans.append(Span(self._length, self._length, Role.PLAIN, target))

    def _bracket_reading(self, *, begins: bool) -> None:
        """Put the brackets of ruby that has none of its own: before a reading and after it.

        The end tag of a reading may be missing; the next tag of the ruby ends it.
        """
        if self._is_in_reading and not self._peek_text().startswith((")", "\uff09")):
            self._append(")")
        self._is_in_reading = begins
        if begins and not (self._pieces and self._pieces[-1].endswith(("(", "\uff08"))):
            self._append("(")

    def _drop_double_space(self) -> None:
        """Drop the space before a token that shows nothing if a space follows it."""
        after = self._peek_character()
        if after == " " and self._pieces and self._pieces[-1].endswith(" "):
            self._pieces[-1] = self._pieces[-1][:-1]
            self._length -= 1

    def _separate_words(self) -> None:
        ends_with_space = not self._pieces or self._pieces[-1][-1:].isspace()
        if not ends_with_space and self._peek_character() != " ":
            self._append(" ")

    def _end_html_tag(self, name: str) -> None:
        role = _TAG_ROLES.get(name, Role.PLAIN)
        element = self._end_element(f"<{name}", role)
        if element is None:
            return
        self._code_depth -= role is Role.CODE
        if name in _SCRIPT_TABLES:
            text, table = "".join(self._pieces[element.first_piece :]), _SCRIPT_TABLES[name]
            if all(ord(character) in table for character in text):
                self._pieces[element.first_piece :] = [text.translate(table)]

    def _begin_element(self, name: str, target: str) -> None:
        self._open_elements.append(_OpenElement(name, self._length, len(self._pieces), target))

    def _end_element(self, name: str, role: Role) -> _OpenElement | None:
        """Close the innermost open element called `name` and return it, or None."""
        for index in range(len(self._open_elements) - 1, -1, -1):
            element = self._open_elements[index]
            if element.name == name:
                del self._open_elements[index]
                has_role = role is not Role.PLAIN and (role is not Role.LINK or element.target)
                if has_role and self._length > element.start:
                    self._spans.append(Span(element.start, self._length, role, element.target))
                return element
        return None

    HANDLERS: ClassVar[Mapping[str, Callable[[InlineBuilder, Token], None]]] = {
        "text": _add_text,
        "text_special": _add_special_text,
        "softbreak": _add_soft_break,
        "hardbreak": _add_hard_break,
        "em_open": _open_style,
        "em_close": _close_style,
        "strong_open": _open_style,
        "strong_close": _close_style,
        "s_open": _open_style,
        "s_close": _close_style,
        "mark_open": _open_style,
        "mark_close": _close_style,
        "link_open": _open_link,
        "link_close": _close_link,
        "code_inline": _add_code,
        "image": _add_image,
        "footnote_ref": _add_footnote_number,
        "html_inline": _handle_html_tag,
        "maths": _add_maths,
        "foreign_markup": _add_foreign_markup,
        "omitted": _add_omitted,
    }


def _is_wide_character(character: str) -> bool:
    """Return whether a character is Chinese or Japanese, punctuation included."""
    return (
        "\u2e80" <= character <= "\u9fff"
        or "\uf900" <= character <= "\ufaff"
        or character >= "\uff00"
    )


def remove_prefix(
    pattern: re.Pattern[str], text: str, spans: tuple[Span, ...]
) -> tuple[str, tuple[Span, ...]]:
    """Return `text` and its spans without what `pattern` matches at its start."""
    match = pattern.match(text)
    cut = match.end() if match else 0
    remaining = tuple(span for span in spans if span.end > cut)
    return text[cut:], shift_spans(remaining, -cut)


_TAG_NAME: Final = re.compile(r"</?([A-Za-z][A-Za-z0-9]*)")


def has_block_tag(children: Sequence[Token]) -> bool:
    """Return whether HTML block tags divide a paragraph into several blocks."""
    return any(
        (match := _TAG_NAME.match(token.content)) and match[1].lower() in BLOCK_TAGS
        for token in children
        if token.type == "html_inline"
    )


_HEADING_ATTRIBUTES: Final = re.compile(r"\{(?![{%]).*\}", re.DOTALL)
_ATTRIBUTE_ID: Final = re.compile(r"#([\w:.-]+)")


def build_heading(children: Sequence[Token]) -> tuple[str, tuple[Span, ...]]:
    """Return the text of a heading and its spans, without the attribute list at its end.

    An id in that list, `{#id}`, becomes an empty span with the target `#id`.
    """
    shown = [*children]
    while shown and shown[-1].type == "text" and not shown[-1].content.strip():
        shown.pop()
    attributes = ""
    if shown and shown[-1].type == "foreign_markup":
        match = _HEADING_ATTRIBUTES.fullmatch(shown[-1].content)
        attributes = match[0] if match else ""
    text, spans = InlineBuilder().build(shown[:-1] if attributes else shown)
    if not attributes:
        return text, spans
    text = text.rstrip()
    end = len(text)
    spans = tuple(s._replace(start=min(s.start, end), end=min(s.end, end)) for s in spans)
    ids = (sanitize(match[0]) for match in _ATTRIBUTE_ID.finditer(attributes))
    return text, (*spans, *(Span(len(text), len(text), Role.PLAIN, each) for each in ids))
