"""Where a word may be divided at the end of a line, by its language's dictionary.

Owns which words are never divided. The dictionaries are pyphen's, an extra: where it isn't
installed, or doesn't know a language, no word is divided. Knows no lines.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from .composition import LANGUAGE

if TYPE_CHECKING:
    from collections.abc import Callable

BEFORE: Final = 2
"""Letters that stand before a hyphen, at the least."""
AFTER: Final = 3
"""Letters that stand behind it."""
_WORD: Final = re.compile(rf"[^\W\d_]{{{BEFORE + AFTER},}}")
_NO_WORD: Final = re.compile(r"[\d_/@\\<>=+-]|\w[.:]\w")
"""Found in addresses, numbers, formulas, names of files, and words that have a hyphen."""
_WORDS_KEPT: Final = 20_000


def is_installed() -> bool:
    """Tell whether there are dictionaries, without loading them."""
    from importlib.util import find_spec

    return find_spec("pyphen") is not None


def prepare(language: str) -> None:
    """Load the dictionary of `language`: German's takes half a second, so a worker does it."""
    if language:
        _dictionary(language)


def division_points(text: str, start: int, end: int, language: str) -> list[int]:
    """Return the offsets at which `text[start:end]`, a word with its punctuation, may be divided.

    Never in a word with a digit, or a capital after the first letter: names and acronyms.
    """
    if end - start < BEFORE + AFTER or text[start - 1 : start] == "-":
        return []
    return [start + at for at in _points(text[start:end], language)]


@lru_cache(maxsize=_WORDS_KEPT)
def _points(unit: str, language: str) -> tuple[int, ...]:
    """Return where a word may be divided without being respelt."""
    positions = None if _NO_WORD.search(unit) else _dictionary(language)
    if positions is None:
        return ()
    return tuple(
        match.start() + int(at)
        for match in _WORD.finditer(unit)
        if match[0][1:] == match[0][1:].lower()
        for at in positions(match[0].lower())
        if BEFORE <= at <= len(match[0]) - AFTER and not getattr(at, "data", None)
    )


@lru_cache(maxsize=4)
def _dictionary(language: str) -> Callable[[str], list[int]] | None:
    """Return what divides the words of `language` (a tag such as `de` or `pt-BR`), if any.

    English without a country is American: pyphen would take British, the first it has.
    """
    try:
        from pyphen import Pyphen, language_fallback
    except ImportError:
        return None
    known = language_fallback(LANGUAGE if language.lower() == "en" else language)
    if not known:
        return None
    positions: Callable[[str], list[int]] = Pyphen(lang=known).positions
    return positions
