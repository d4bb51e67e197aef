"""Convert typed punctuation to typographic quotes, dashes and ellipses.

A quote opens or closes by the characters before and after it. The caller says which ranges
are code and stay as typed.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reader.text.document import OffsetRange


_HYPHENS: Final = r"(?<!-)(-{2,3})(?!-)"
_ELLIPSIS: Final = re.compile(r"(?<!\.)\.\.\.")
_CONTEXT_CHARACTERS: Final = 40
"""How much text before and after hyphens decides whether they are a dash."""
_WORD_BEFORE: Final = r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*$"
_WORD_AFTER: Final = r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*"
_RUN_END: Final = r"\s|---?|[\u2013\u2014]"
_NAME_PART: Final = r"[-/\\@_=:#~|+<>$%&*\d]:?(?!$)|\w[.(]\w|\w\(\)"
"""What a name, host, path or piece of code has beside letters, as in `my-app--dev`."""
_NUMBERS_BEFORE: Final = r"(?<![^\s(\[])[$\u00a3\u20ac]?\d[\d.,:]*$"
_NUMBERS_AFTER: Final = r"[$\u00a3\u20ac]?\d[\d.,:]*(?![^\s)\];%\u201d\u2019\"'?!])"
_END_OF_PHRASE: Final = ".,;:!?\u2026)\"'\u201d\u2019"
"""Characters between a word and a dash that follows it."""
_AFTER_INTERRUPTION: Final = "\"'\u201d\u2019)?!,"
"""Characters after a dash that breaks off a speech."""
_AROUND_SPEECH: Final = "\"'\u201c\u201d\u2018\u2019()?!,;"
"""Characters, or none, after a dash that follows a word directly."""
_FUNCTION_WORDS: Final = (
    "about after all although always am an and any are as at be because been before being but by "
    "can could did do does even every for from had has have he her here him his how if in indeed "
    "into is it its just may me might more my never no nor not nothing now of oh on once one only or "
    "our out perhaps she so some such than that the their them then there these they this those "
    "though through till to too until up upon us very was we well were what when where which while "
    "who whom whose why will with without would yes yet you your"
)
"""Words that prose has at a dash without spaces, and names such as `user--name` have not."""


_QUOTES: Final = (re.compile('"'), re.compile("'"))
"""Two patterns, because searching for one character is four times as fast as for either of two."""
_QUOTES_AFTER_DIGIT: Final = (re.compile(r'"(?<=\d")'), re.compile(r"'(?<=\d')"))
_PRIMES: Final = {'"': "\u2033", "'": "\u2032"}
_MEASURE_CHARACTERS: Final = 16
_SECOND_PART: Final = (
    r"\d(?:['\u2019\u2032] ?\d{1,2}(?:[.,]\d+)?\"|[\u00b0\u00ba] ?\d{1,2}(?:[.,]\d+)?')$"
)
_REST_OF_MEASURE: Final = r' ?\d{1,2}(?:[.,]\d+)?"'
_SHORT_YEAR: Final = r"['\u2018\u2019]\d\d['\"]$"
_BEFORE_OPENING: Final = frozenset(
    " \t\n\u00a0\u2009\u202f([{<\u2014\u2013\u2212-/\u201c\u2018\u201e\u201a\u00ab\u2039\u00bf\u00a1"
)
"""Characters after which a quote opens."""
_UNDECIDED: Final = "\u2014\u2013-\u2026\u2019"
"""Dash, ellipsis and apostrophe: a quote after them opens or closes by the character behind it."""
_AFTER_OPENING: Final = "\"'\u2026("
"""Characters before which a quote opens after these, as it does before a letter or digit."""
_ADJACENT_QUOTES: Final = ('""', "''", "\"'", "'\"")
"""Two quotes in a row: the direction of the second one depends on the first."""
_ELISION: Final = re.compile(
    r"(?:tis|twas|twere|twill|twould|em|til|cause|n|bout|round|neath|cos|kay|nother)\b|\d\ds?\b",
    re.IGNORECASE,
)
"""Words that start with an apostrophe, not with a quote: 'tis, the '90s."""


def convert_dashes(text: str, before: str = "", after: str = "") -> str:
    """Return `text` with `---` as an em dash, `--` as an en dash and `...` as an ellipsis.

    Hyphens are a dash only where prose has one: between words or numbers, and where a speech
    breaks off. Options, names, hosts, paths, arrows and operators stay as typed. `before` and
    `after` are what stands around the text in its paragraph; they are not part of the result.
    """
    if "--" in text:
        text = _convert_hyphens(text, before, after)
    return _ELLIPSIS.sub("\u2026", text) if "..." in text else text


def _convert_hyphens(text: str, before: str, after: str) -> str:
    """Return `text` with its double and triple hyphens converted where they are dashes."""
    before, after = before[-_CONTEXT_CHARACTERS:], after[:_CONTEXT_CHARACTERS]
    whole = before + text + after
    first, last = len(before), len(before) + len(text)
    matches = [match for match in re.finditer(_HYPHENS, whole) if first <= match.start() < last]
    contexts = [
        (
            whole[max(0, match.start() - _CONTEXT_CHARACTERS) : match.start()],
            whole[match.end() : match.end() + _CONTEXT_CHARACTERS],
        )
        for match in matches
    ]
    joins_words = any(_joins_function_word(*context) for context in contexts)
    pieces: list[str] = []
    done = first
    for match, context in zip(matches, contexts, strict=True):
        is_em_dash = len(match[0]) == 3
        if _is_dash(*context, joins_words=joins_words or is_em_dash):
            pieces += (whole[done : match.start()], "\u2014" if is_em_dash else "\u2013")
            done = match.end()
    return "".join(pieces) + whole[done:last]


def _is_dash(left: str, right: str, *, joins_words: bool) -> bool:
    """Return whether hyphens between `left` and `right` are a dash.

    Two plain words without spaces are joined by a dash if `joins_words`, the evidence of the text
    around them: `came--and` looks like `user--name`.
    """
    before, after = left[-1:], right[:1]
    if not before or before.isspace():
        return bool(before or after.strip() != after) and (
            not after or after.isspace() or after in _AFTER_INTERRUPTION
        )
    if before.isdigit():
        return bool(re.search(_NUMBERS_BEFORE, left) and re.match(_NUMBERS_AFTER, right))
    if not _is_prose(left, right):
        return False
    if not before.isalpha():
        return before in _END_OF_PHRASE and (after.isalpha() or after in _AROUND_SPEECH)
    if after.isalpha():
        return joins_words or not (before + after).isascii()
    word = re.search(_WORD_BEFORE, left)
    is_word = word is not None and (len(word[0]) > 1 or word[0] == "I" or not before.isascii())
    return is_word and (after.isspace() or after in _AROUND_SPEECH)


def _joins_function_word(left: str, right: str) -> bool:
    """Return whether a function word stands directly before or after hyphens."""
    if not left[-1:].isalpha() or not right[:1].isalpha():
        return False
    before, after = re.search(_WORD_BEFORE, left), re.match(_WORD_AFTER, right)
    if before is None or after is None or not _is_prose(left, right):
        return False
    words = {before[0].lower(), after[0].lower()}
    return before[0] == "I" or after[0] == "I" or not words.isdisjoint(_split_function_words())


@cache
def _split_function_words() -> frozenset[str]:
    return frozenset(_FUNCTION_WORDS.split())


def _is_prose(left: str, right: str) -> bool:
    """Return whether the text next to hyphens, up to a space or dash, is a word and no name."""
    run_before, run_after = re.split(_RUN_END, left)[-1], re.split(_RUN_END, right, maxsplit=1)[0]
    has_word = any(map(str.isalpha, run_before))
    return (
        has_word and not re.search(_NAME_PART, run_before) and not re.search(_NAME_PART, run_after)
    )


def curl_quotes(text: str, verbatim: Sequence[OffsetRange] = ()) -> str:
    """Return `text` with its typed quotes curled, except in the ranges `verbatim`, in order.

    Feet, inches and minutes and seconds of arc get primes. The result is as long as `text`: each
    character keeps its offset.
    """
    if '"' not in text and "'" not in text:
        return text
    is_simple = not verbatim and not any(pair in text for pair in _ADJACENT_QUOTES)
    if is_simple and not any(quote.search(text) for quote in _QUOTES_AFTER_DIGIT):
        return _curl_separate_quotes(text)
    pieces: list[str] = []
    done, mark = 0, ""
    open_counts = {'"': 0, "'": 0}
    code_ranges = iter((*verbatim, (len(text), len(text))))
    code_start, code_end = next(code_ranges)
    last_code_end = -1
    for offset in sorted(match.start() for quote in _QUOTES for match in quote.finditer(text)):
        while code_end <= offset:
            last_code_end = code_end
            code_start, code_end = next(code_ranges)
        if offset >= code_start:
            continue
        quote = text[offset]
        before = mark if pieces and offset == done else text[offset - 1 : offset]
        may_be_prime = before.isdigit() and offset != last_code_end
        if may_be_prime and _is_prime(text, offset, is_quoted=open_counts[quote] > 0):
            mark = _PRIMES[quote]
        else:
            mark = _choose_quote(text, offset, before)
            if mark in "\u201c\u2018":
                open_counts[quote] += 1
            elif not text[offset + 1 : offset + 2].isalnum():  # no apostrophe inside a word
                open_counts[quote] = max(0, open_counts[quote] - 1)
        pieces += (text[done:offset], mark)
        done = offset + 1
    return "".join(pieces) + text[done:]


def _is_prime(text: str, offset: int, *, is_quoted: bool) -> bool:
    """Return whether the mark at `offset`, which comes after a digit, is a prime.

    It is one in a measure of two parts, such as `5'10"`. Otherwise it closes a quotation if one is
    open (`is_quoted`), and is an apostrophe before a letter and after a year such as `'68`.
    """
    left = text[max(0, offset - _MEASURE_CHARACTERS) : offset + 1]
    right = text[offset + 1 : offset + 1 + _MEASURE_CHARACTERS]
    if re.search(_SECOND_PART, left) or (left[-1] == "'" and re.match(_REST_OF_MEASURE, right)):
        return True
    return not is_quoted and not right[:1].isalnum() and not re.search(_SHORT_YEAR, left)


def _curl_separate_quotes(text: str) -> str:
    """Return `text`, in which no two quotes are adjacent, with each curled.

    The result is that of `_choose_quote`. Substitution without a function call for each mark
    is faster, and dialogue is full of quotes.
    """
    if '"' in text:
        text = _compile_opening_double().sub("\u201c", text).replace('"', "\u201d")
    if "'" in text:
        text = _compile_opening_single().sub("\u2018", text).replace("'", "\u2019")
    return text


@cache
def _compile_opening_double() -> re.Pattern[str]:
    return re.compile(_build_opening_pattern('"'))


@cache
def _compile_opening_single() -> re.Pattern[str]:
    return re.compile(rf"{_build_opening_pattern(chr(39))}(?!(?i:{_ELISION.pattern}))")


def _build_opening_pattern(quote: str) -> str:
    """Return the pattern that matches the typed `quote` where `_is_opening` is true for it."""
    before = re.escape("".join(_BEFORE_OPENING - set(_UNDECIDED)))
    after_undecided = (
        rf"(?<=[{re.escape(_UNDECIDED)}]{quote})(?=[^\W_]|[{re.escape(_AFTER_OPENING)}])"
    )
    return rf"{quote}(?:{after_undecided}|(?<![^{before}]{quote})(?=\S))"


def smarten(text: str) -> str:
    """Return a line of plain text, such as a title, with typographic punctuation."""
    return curl_quotes(convert_dashes(text))


def _choose_quote(text: str, offset: int, before: str) -> str:
    """Return the curled form of the quote at `offset`, which comes after the character `before`."""
    after = text[offset + 1 : offset + 2] or " "
    opens = _is_opening(before, after)
    if text[offset] == '"':
        return "\u201c" if opens else "\u201d"
    is_apostrophe = before.isalnum() and after.isalnum()
    if is_apostrophe or not opens or _ELISION.match(text, offset + 1):
        return "\u2019"
    return "\u2018"


def _is_opening(before: str, after: str) -> bool:
    """Return whether a quote between these two characters opens; `before` may be empty."""
    if before and before in _UNDECIDED:
        return after.isalnum() or after in _AFTER_OPENING
    return (not before or before in _BEFORE_OPENING) and not after.isspace()
