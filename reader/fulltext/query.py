"""Queries: what a person types to find stories, parsed to a tree.

Words that all must occur, "exact phrases", `wor*` for the beginning of a word, `-word` for what
must not occur, fields such as `tag:work`, and `<10m` for the time it takes to read. What has no
letters, such as an emoji, is looked for as it is.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple
from unicodedata import category

from reader.errors import BadQuery
from reader.fulltext.words import is_part_of_word, is_short_beginning, list_query_words
from reader.text.cells import sanitize_line
from reader.text.search import fold_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

MAX_CHARACTERS: Final = 1_000
MAX_TERMS: Final = 50
"""The longest query, and the most terms in one."""


class Words(NamedTuple):
    """Words that a text has in a row."""

    text: str
    """As typed, without quotes."""
    words: tuple[str, ...]
    """As engines compare them, see `fulltext.words`."""
    is_prefix: bool = False
    """The last word may go on."""
    is_quoted: bool = False
    """It stood in quotation marks, so that it is meant as it is."""

    @property
    def is_short_beginning(self) -> bool:
        """Many words begin so, and almost all texts may have some of them."""
        return self.is_prefix and len(self.words) == 1 and is_short_beginning(self.words[0])


class Field(NamedTuple):
    """What a field of a story must have."""

    name: str
    value: str
    """As typed, without quotes. For `year` one year or two with a hyphen between them; for
    `time` a sign and minutes, such as `<10`; for `literal` signs that are no part of a word."""
    is_prefix: bool = False
    """The value may go on."""

    @property
    def is_punctuation(self) -> bool:
        """These are signs, and none of them is an emoji or the like."""
        return self.name == "literal" and "So" not in map(category, self.value)


class Among(NamedTuple):
    """The texts with these ids. It takes the place of a field for engines, which know no fields."""

    ids: frozenset[str]


class Term(NamedTuple):
    """One condition of a query."""

    condition: Words | Field | Among
    is_negated: bool = False
    """Texts must not meet it."""


class Query(NamedTuple):
    """What a text must meet: all terms."""

    terms: tuple[Term, ...] = ()

    def list_words(self, *, negated: bool = False) -> list[Words]:
        """Return the words that a text must have, or those that it must not have."""
        return [
            condition
            for condition, is_negated in self.terms
            if isinstance(condition, Words) and is_negated is negated
        ]

    def drop_literals(self) -> Query:
        """Return the query without its signs, if it has words: an engine has no signs of texts."""
        if not self.list_words():
            return self
        terms = self.terms
        return Query(
            tuple(t for t in terms if not isinstance(t[0], Field) or t[0].name != "literal")
        )

    def resolve_fields(self, find_ids: Callable[[Field], Iterable[str]]) -> Query:
        """Return the query with the ids that `find_ids` returns in the place of each field."""
        terms = (
            term._replace(condition=Among(frozenset(find_ids(term.condition))))
            if isinstance(term.condition, Field)
            else term
            for term in self.terms
        )
        return Query(tuple(terms))

    def accepts(self, text_id: str) -> bool:
        """Return whether a text with this id meets the terms that name ids.

        Raises `ValueError` if there is a field left.
        """
        for condition, is_negated in self.terms:
            if isinstance(condition, Field):
                raise ValueError(f"{condition.name}: an engine knows no fields")
            if isinstance(condition, Among) and (text_id in condition.ids) is is_negated:
                return False
        return True


FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "tag": (),
    "author": (),
    "title": (),
    "in": (),
    "is": ("unread", "reading", "finished", "starred"),
    "has": ("highlight", "note", "response"),
    "year": (),
}
"""The fields, each with the values that it may have; none if it may have any."""
_TERM: Final = re.compile(
    r"(?P<minus>[-\u2212]?)(?:(?P<name>[^\W\d_]+):(?!//))?"
    r"(?:[\"“”„](?P<quoted>[^\"“”„]*)(?P<end>[\"“”„]?)(?P<star>\*?)|(?P<plain>[^\s\"“”„]*))"
)
_TIME: Final = re.compile(r"([<>]=?)(\d{1,4})(m|min|h)", re.IGNORECASE)
_TIME_START: Final = re.compile(r"[<>]=?\d")
_YEARS: Final = re.compile(r"(\d{4})(?:(?:-|\.\.|–)(\d{4}))?")
_SYNTAX_BEGINNING: Final = re.compile(r"[-\u2212#]|[<>]=?")
"""Signs that a word or a time is to follow."""
_TIME_BEGINNING: Final = re.compile(r"[<>]=?\d{1,4}(?:mi?)?", re.IGNORECASE)
_YEARS_BEGINNING: Final = re.compile(r"\d{0,4}|\d{4}(?:-|\.\.?|–)\d{0,4}")
"""What may become a time, or years, by typing on."""


def parse_query(text: str, *, is_typing: bool = False) -> Query:
    """Return the query that a person typed. Raises `BadQuery`, which names what is wrong.

    While somebody `is_typing`, the last word or value may go on. A quotation mark that isn't
    closed, and a last field whose value may become right, are no errors.

    Punctuation beside words says nothing; a query of it alone asks for it.
    """
    text = text.strip() if not is_typing else text.lstrip()
    if len(text) > MAX_CHARACTERS:
        raise BadQuery(f"the query is longer than {MAX_CHARACTERS} characters")
    terms: list[Term] = []
    offset = 0
    while offset < len(text):
        if text[offset].isspace():
            offset += 1
            continue
        match = _TERM.match(text, offset)
        assert match is not None  # each of its parts may be empty  # noqa: S101
        offset = max(match.end(), offset + 1)
        term = _make_term(match, is_open=is_typing and match.end() == len(text))
        if term is not None:
            terms.append(term)
    if len(terms) > MAX_TERMS:
        raise BadQuery(f"the query has more than {MAX_TERMS} parts")
    if any(isinstance(term.condition, Words) for term in terms):
        terms = [t for t in terms if not isinstance(t[0], Field) or not t[0].is_punctuation]
    return Query(tuple(terms))


def _make_term(match: re.Match[str], *, is_open: bool) -> Term | None:
    """Return the term of a match of `_TERM`; None if it has no words. `is_open` if it may go on."""
    quoted, plain = match["quoted"], match["plain"] or ""
    typed = sanitize_line(match[0].strip(), 100)
    if quoted is not None and not match["end"] and not is_open:
        raise BadQuery(f"{typed}: the quotation mark is not closed")
    value = quoted.strip() if quoted is not None else plain.rstrip("*")
    has_star = bool(match["star"]) or plain.endswith("*")
    is_open = is_open and not match["end"]
    condition: Words | Field | None
    try:
        if match["name"] is not None:
            condition = _make_field(match["name"].lower(), value, typed, has_star or is_open)
        elif quoted is None and _TIME_START.match(value):
            condition = _make_time(value, typed)
        else:
            is_quoted = quoted is not None
            condition = _make_words(value, has_star=has_star, is_open=is_open, is_quoted=is_quoted)
            if condition is None:
                return _make_literal(match, is_open=is_open)
    except BadQuery:
        if not is_open or not _may_become_right((match["name"] or "").lower(), value):
            raise
        condition = None
    return Term(condition, bool(match["minus"])) if condition is not None else None


def _make_literal(match: re.Match[str], *, is_open: bool) -> Term | None:
    """Return the term of what has no words; None if it has nothing that can be seen either."""
    value, minus = match["quoted"], match["minus"]
    if value is None:
        plain = match["plain"]
        value = plain.rstrip("*") or plain
        if not value.strip("-\u2212"):  # a minus before nothing
            value, minus = f"{minus}{value}", ""
        if is_open and _SYNTAX_BEGINNING.fullmatch(value):
            return None
    value = value.strip()
    return Term(Field("literal", value), bool(minus)) if fold_text(value) else None


def _may_become_right(name: str, value: str) -> bool:
    """Return whether the value of a field, or a time if there is no name, may be right later."""
    if not name:
        return _TIME_BEGINNING.fullmatch(value) is not None
    if name == "year":
        return _YEARS_BEGINNING.fullmatch(value) is not None
    choices = FIELDS.get(name)
    if not value or not choices:
        return choices is not None
    return any(choice.startswith(value.lower()) for choice in choices)


def _make_time(value: str, typed: str) -> Field:
    time = _TIME.fullmatch(value)
    if time is None:
        raise BadQuery(f"{typed}: a time is written as in <10m or >1h")
    return Field("time", f"{time[1]}{int(time[2]) * (60 if time[3].lower() == 'h' else 1)}")


def _make_words(text: str, *, has_star: bool, is_open: bool, is_quoted: bool) -> Words | None:
    words, may_go_on = list_query_words(text)
    if not words:
        return None
    # So many words begin with one letter that finding them all takes longer than typing the next.
    is_beginning = (has_star or (is_open and len(words[-1]) > 1)) and is_part_of_word(text[-1])
    return Words(text, tuple(words), may_go_on or is_beginning, is_quoted)


def _make_field(name: str, value: str, typed: str, is_prefix: bool) -> Field:
    if name not in FIELDS:
        names = ", ".join(f"{each}:" for each in FIELDS)
        raise BadQuery(
            f'{typed}: there is no field "{name}"; the fields are {names};'
            " to search for the words put them in quotation marks"
        )
    if not value:
        raise BadQuery(f"{typed} needs a value without a space before it, as in {_EXAMPLES[name]}")
    choices = FIELDS[name]
    if choices and value.lower() not in choices:
        raise BadQuery(f"{typed}: {name}: may be {', '.join(choices)}")
    if choices:
        return Field(name, value.lower())
    return _make_years(value, typed) if name == "year" else Field(name, value, is_prefix)


def _make_years(value: str, typed: str) -> Field:
    years = _YEARS.fullmatch(value)
    if years is None:
        raise BadQuery(f"{typed}: a year has four digits, as in year:2021 or year:2019-2021")
    first, last = sorted((years[1], years[2] or years[1]))
    return Field("year", f"{first}-{last}" if first != last else first)


_EXAMPLES: Final = {
    "tag": "tag:work",
    "author": "author:lamb",
    "title": "title:walden",
    "in": "in:essays",
    "is": "is:unread",
    "has": "has:highlight",
    "year": "year:2021",
}
