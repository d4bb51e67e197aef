"""What stands in a paragraph and is none of its text: pictures, leftovers, what is left out.

Tells by its inline tokens whether a paragraph is nothing else, and which words belong to the
picture above them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.token import Token

_APART: Final = frozenset({"image", "leftover", "left_out"})
_MAY_BEGIN: Final = _APART | {"html_inline", "link_open"}
_SILENT: Final = frozenset({"link_open", "link_close", "html_inline"})
_LONGEST_CAPTION: Final = 240
"""Characters. A longer paragraph in italics under a picture is text."""


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


_TURNS: Final = frozenset({"link_open", "link_close"})
