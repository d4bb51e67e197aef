"""Take the words out of Markdown without parsing it, in a fiftieth of the time.

For what needs words alone: counting them, finding them, telling whether two texts are alike. What
is unusual, such as HTML over several lines, may leave some words too many or too few. Each step
takes linear time, whatever the text is.
"""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.text.search import fold_text
from reader.text.words import count_words

if TYPE_CHECKING:
    from collections.abc import Iterator


class PlainWords(NamedTuple):
    """The words of a text, with line ends and some marks between them."""

    prose: str
    """What counts as the story's words."""
    rest: str
    """Code and footnotes."""

    def count_prose(self) -> int:
        """Return the number of the story's words."""
        return count_words(self.prose)


_FENCED: Final = re.compile(
    r"^[ \t>]*(?:[-*+][ \t]+|\d{1,9}[.)][ \t]+)?(?P<fence>`{3,}|~{3,})[^\n`]*\n(?P<code>(?s:.*?))"
    r"(?:^[ \t>]*(?P=fence)[`~]*[ \t]*$|\Z)",
    re.MULTILINE,
)
_FOOTNOTE: Final = re.compile(
    r"^ {0,3}\[\^[^\]\n]+\]:(?P<code>[^\n]*(?:\n {4}[^\n]*)*)", re.MULTILINE
)
_DEFINITION: Final = re.compile(r"^ {0,3}\[[^\]\n]+\]:[^\n]*$", re.MULTILINE)
_TAG: Final = re.compile(r"<(?![a-zA-Z][^\s<>]*[:@])[a-zA-Z/!?][^<>]*>")
_PICTURE: Final = re.compile(r"!\[[^\[\]\n]*\](?:\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\))?")
_TARGET: Final = re.compile(r"\](?:\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\)|\[[^\[\]\n]*\])")
_WIKILINK: Final = re.compile(r"\[\[[^\[\]|\n]*\|")
_REFERENCE: Final = re.compile(r"\[\^[^\[\]\n]*\]")
_ATTRIBUTES: Final = re.compile(r"\{[:#.{%<][^{}\n]*\}+")
_NUMBER: Final = re.compile(r"\n[ \t>]*\d{1,9}[.)](?=[ \t])")
"""Begins with a line end, and not with `^`, for which each character would be looked at."""
_ASTERISKS: Final = re.compile(r"\*\**")
"""Written so that it begins with a character, which is looked for in a tenth of the time."""
_INDENTED: Final = re.compile(r"(?:\A|\n[ \t]*\n)(?: {4}|[ ]{0,3}\t)")
_LIST_ITEM: Final = re.compile(r"[ \t]*(?:[-*+]|\d{1,9}[.)]|\[\^[^\]]+\]:|:)[ \t]")
_RULES: Final[tuple[tuple[str, re.Pattern[str], str], ...]] = (
    ("<", _TAG, ""),
    ("![", _PICTURE, ""),
    ("[[", _WIKILINK, "[["),
    ("[^", _REFERENCE, ""),
    ("](", _TARGET, "]"),
    ("][", _TARGET, "]"),
    ("]:", _DEFINITION, ""),
    ("{", _ATTRIBUTES, ""),
)
"""What is replaced: only looked for in a text that has the first."""
_HEADING: Final = re.compile(
    r"^ {0,3}(?:#{1,6}[ \t]+(?P<atx>[^\n]*)"
    r"|(?P<setext>[^\s#>*+`~|\d-][^\n]*(?:\n[^\s#>=-][^\n]*){0,3})\n {0,3}(?:=+|-{2,})[ \t]*)$",
    re.MULTILINE,
)
_PROSE_LINE: Final = re.compile(r"^ {0,3}\w", re.MULTILINE)
_MAX_OPENING: Final = 4_000
"""Characters in which a heading that repeats the title is looked for."""
_MAX_HEADING: Final = 500
"""Characters of the longest such heading that is underlined."""
_PIECE_CHARACTERS: Final = 100_000
"""Characters that are handled in one step, in about a hundredth of a second."""


def extract_words(body: str, title: str = "") -> Iterator[PlainWords]:
    """Yield the words of Markdown, a long text in pieces.

    A heading that begins the text and repeats `title` is left out.
    """
    start = 0
    while start < len(body) or not start:
        end = _find_piece_end(body, start)
        yield _extract(body[start:end], title if not start else "")
        start = max(end, 1)


def _find_piece_end(body: str, start: int) -> int:
    """Return where the piece ends that begins at `start`: at a blank line, outside of a fence."""
    if len(body) - start <= _PIECE_CHARACTERS:
        return len(body)
    end = body.find("\n\n", start + _PIECE_CHARACTERS)
    end = end + 1 if 0 <= end < start + 2 * _PIECE_CHARACTERS else start + _PIECE_CHARACTERS
    if body.count("\n```", start, end) % 2:
        fence = body.find("\n```", end)
        end = fence + 4 if 0 <= fence < start + 2 * _PIECE_CHARACTERS else end
    return end


def _extract(body: str, title: str) -> PlainWords:
    kept: list[str] = []

    def keep(match: re.Match[str]) -> str:
        kept.append(match["code"])
        return "\n"

    if "<!--" in body:
        body = _take_between(body, "<!--", "-->", [])
    if title:
        body = _remove_title(body, title)
    if "```" in body or "~~~" in body:
        body = _FENCED.sub(keep, body)
    if "    " in body or "\t" in body:
        body = _take_indented_code(body, kept)
    if "<pre>" in body:
        body = _take_between(body, "<pre>", "</pre>", kept)
    if "[^" in body and "]:" in body:
        body = _FOOTNOTE.sub(keep, body)
    return PlainWords(
        _strip_marks(_NUMBER.sub("\n", f"\n{body}")[1:]), _strip_marks("\n".join(kept))
    )


def _remove_title(body: str, title: str) -> str:
    """Return `body` without its first heading with the words of `title`, if no prose is above."""
    prose = _PROSE_LINE.search(body, 0, _MAX_OPENING)
    end = prose.start() if prose is not None else _MAX_OPENING
    for heading in _HEADING.finditer(body, 0, end + _MAX_HEADING):
        if heading.start() > end:
            break
        if _is_same_title(heading["atx"] or heading["setext"] or "", title):
            return f"{body[: heading.start()]}{body[heading.end() :]}"
    return body


def _strip_marks(text: str) -> str:
    """Return `text` without links' targets, tags, pictures and the like."""
    for sign, pattern, replacement in _RULES:
        if sign in text:
            text = pattern.sub(replacement, text)
    if "*" in text:
        text = _ASTERISKS.sub(_join_parts, text)
    return unescape(text) if "&" in text else text


def _join_parts(match: re.Match[str]) -> str:
    """Return nothing for emphasis inside a word, as in `un*believ*able`."""
    text, start, end = match.string, *match.span()
    return "" if start and text[start - 1].isalnum() and text[end : end + 1].isalnum() else match[0]


def _is_same_title(source: str, title: str) -> bool:
    """Return whether a heading's Markdown has the words of `title`, as far as can be told."""
    one, other = (re.findall(r"\w+", fold_text(text)) for text in (_strip_marks(source), title))
    return one == other


def _take_between(text: str, start_sign: str, end_sign: str, kept: list[str]) -> str:
    """Return `text` without what is between two signs, which is added to `kept`."""
    pieces, position = [], 0
    while (start := text.find(start_sign, position)) >= 0:
        end = text.find(end_sign, start)
        pieces.append(text[position:start])
        kept.append(text[start + len(start_sign) : end if end >= 0 else None])
        position = end + len(end_sign) if end >= 0 else len(text)
    return "".join((*pieces, text[position:]))


def _take_indented_code(text: str, kept: list[str]) -> str:
    """Return `text` without code that is indented by four spaces or a tab; add it to `kept`.

    Below an item of a list such lines belong to the item.
    """
    if not _INDENTED.search(text):
        return text
    lines: list[str] = []
    is_blank, is_in_list, is_code = True, False, False
    for line in text.split("\n"):
        is_indented = line.startswith(("    ", "\t", " \t", "  \t", "   \t"))
        if not line.strip():
            is_blank = True
        elif is_indented and not is_in_list and (is_blank or is_code):
            is_code = True
            kept.append(line)
            continue
        else:
            is_code = False
            if _LIST_ITEM.match(line):
                is_in_list = True
            elif is_blank and line[0] not in " \t":
                is_in_list = False
            is_blank = False
        lines.append(line)
    return "\n".join(lines)
