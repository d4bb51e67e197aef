"""What tokens tell of a block before it is built.

Of a list: how many items it has, whether they are loose. Of a paragraph: whether it is no text
at all (pictures, leftovers, what is left out), and which words belong to the picture above
them. Reads tokens and builds nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markdown_it.token import Token

_APART: Final = frozenset({"image", "leftover", "left_out"})
_MAY_BEGIN: Final = _APART | {"html_inline", "link_open"}
_SILENT: Final = frozenset({"link_open", "link_close", "html_inline"})
_ONE_PARAGRAPH: Final = ["paragraph_open", "inline", "paragraph_close", "blockquote_close"]
_TURNS: Final = frozenset({"link_open", "link_close"})
_LONGEST_CAPTION: Final = 240
"""Characters. A longer paragraph in italics under a picture is text."""


def items(tokens: Sequence[Token], at: int) -> int:
    """Return how many items the list has whose first token inside is `tokens[at]`."""
    level = tokens[at - 1].level + 1
    return sum(1 for t in _inside(tokens, at) if t.type == "list_item_open" and t.level == level)


def is_tight(tokens: Sequence[Token], at: int) -> bool:
    """Tell whether there are no blank lines between that list's items. HTML has none."""
    opened = tokens[at - 1]
    if opened.info:
        return True
    level = opened.level + 2
    inside = _inside(tokens, at)
    first = next((t for t in inside if t.type == "paragraph_open" and t.level == level), None)
    return first is None or first.hidden


def is_one_paragraph(tokens: Sequence[Token], at: int) -> bool:
    """Tell whether the quote whose first token inside is `tokens[at]` is one paragraph alone."""
    return [token.type for token in tokens[at : at + 4]] == _ONE_PARAGRAPH


def _inside(tokens: Sequence[Token], at: int) -> Iterator[Token]:
    level = tokens[at - 1].level
    for index in range(at, len(tokens)):
        if tokens[index].level <= level:
            return
        yield tokens[index]


def lines_apart(children: Sequence[Token]) -> list[Sequence[Token]]:
    """Return the lines of a paragraph that is no text, or is a picture and its caption.

    Returns nothing for any other paragraph.
    """
    if not children or children[0].type not in _MAY_BEGIN:
        return []
    lines = _lines(children)
    if not _is_apart(lines[0]):
        return []
    if len(lines) == 2 and _has_picture(lines[0]) and caption(lines[1]):
        return lines
    return lines if all(_is_apart(line) for line in lines[1:]) else []


def caption(children: Sequence[Token]) -> Sequence[Token]:
    """Return the tokens of a caption: all of a short line in emphasis; or nothing."""
    shown = [token for token in children if token.type != "text" or token.content]
    if len(shown) < 3 or shown[0].type != "em_open" or shown[-1].type != "em_close":
        return ()
    outer = shown[0].level
    if any(token.level <= outer for token in shown[1:-1]):
        return ()  # two stretches of emphasis with words between them
    return shown if sum(len(token.content) for token in shown) <= _LONGEST_CAPTION else ()


def _lines(children: Sequence[Token]) -> list[Sequence[Token]]:
    """Return the tokens of each source line that has any that shows."""
    lines: list[list[Token]] = [[]]
    for token in children:
        if token.type in ("softbreak", "hardbreak"):
            lines.append([])
        else:
            lines[-1].append(token)
    shown = [line for line in lines if any(token.type not in _TURNS for token in line)]
    return [*shown] or [children]


def _is_apart(line: Sequence[Token]) -> bool:
    """Tell whether a line holds something that is no text, and no text."""
    shown = False
    for token in line:
        if token.type in _APART or is_picture(token):
            shown = True
        elif token.type not in _SILENT and token.content.strip():
            return False
    return shown


def _has_picture(line: Sequence[Token]) -> bool:
    return any(is_picture(token) for token in line)


def is_picture(token: Token) -> bool:
    """Tell whether an inline token is a picture, of Markdown or HTML."""
    is_tag = token.type == "html_inline" and token.content[:4].lower() == "<img"
    return is_tag or token.type == "image"
