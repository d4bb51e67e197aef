"""Write the blocks of a document as HTML."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING, Final

from reader.ingest.documents import CAPTION, CODE, DECK, HEADING, ITEM, QUOTE, RAW

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reader.ingest.documents import Block, Run


_BREAK: Final = re.compile(r"(?:[*#~•⁂⸻❦—–_-]\s*){1,9}")
_PICTURE_ALONE: Final = re.compile(r"\s*<img [^>]*>\s*")
_CAPTIONED: Final = re.compile(r"\s*(<img [^>]*>)\s*(\S.*)", re.DOTALL)
MAX_LEVEL: Final = 6
_MAX_ITEM_LEVEL: Final = 9


def write_runs(runs: Iterable[Run]) -> str:
    """Return stretches of text as HTML; neighbours in one style are joined."""
    parts = []
    for (tags, link), members in groupby(runs, key=lambda run: (run.tags, run.link)):
        text = "".join(run.html for run in members)
        if not text.strip():
            parts.append(text)
            continue
        for tag in reversed(tags):
            text = f"<{tag}>{text}</{tag}>"
        parts.append(f'<a href="{link}">{text}</a>' if link else text)
    return "".join(parts)


def write_blocks(blocks: Sequence[Block]) -> str:
    """Return blocks as HTML."""
    numbers: dict[str, int] = {}
    """The last number of each list so far."""
    parts: list[str] = []
    place = 0
    while place < len(blocks):
        block = blocks[place]
        end = place + 1
        while end < len(blocks) and blocks[end].kind == block.kind:
            end += 1
        if block.kind == ITEM:
            parts.append(_write_list(blocks[place:end], numbers))
        elif block.kind == QUOTE:
            inner = "".join(f"<p>{each.html}</p>" for each in blocks[place:end])
            parts.append(f"<blockquote>{inner}</blockquote>")
        elif block.kind == CODE:
            lines = "\n".join(each.html.replace("<br>", "\n") for each in blocks[place:end])
            parts.append(f"<pre>{lines}</pre>")
        else:
            following = blocks[place + 1] if place + 1 < len(blocks) else None
            is_figure = following is not None and following.kind == CAPTION
            if is_figure and following is not None and _PICTURE_ALONE.fullmatch(block.html):
                caption = f"<figcaption>{following.html}</figcaption>"
                parts.append(f"<figure>{block.html}{caption}</figure>")
                end = place + 2
            else:
                parts.append(_write_block(block))
                end = place + 1
        place = end
    return "".join(parts)


def _write_block(block: Block) -> str:
    if block.kind == HEADING:
        level = min(MAX_LEVEL, block.level + 1)
        return f"<h{level}>{block.html}</h{level}>"
    if block.kind == RAW:
        return block.html
    if _BREAK.fullmatch(block.html.strip()):
        return "<hr>"
    captioned = _CAPTIONED.fullmatch(block.html) if block.kind == CAPTION else None
    if captioned is not None:
        caption = f"<figcaption>{captioned[2]}</figcaption>"
        return f"<figure>{captioned[1]}{caption}</figure>"
    is_aside = block.kind in (CAPTION, DECK) and "<em>" not in block.html
    return f"<p><em>{block.html}</em></p>" if is_aside else f"<p>{block.html}</p>"


def _write_list(items: Sequence[Block], numbers: dict[str, int]) -> str:
    """Return neighbouring items as lists within lists, by their levels; count on `numbers`."""
    parts: list[str] = []
    tags: list[str] = []
    """The lists that are open, the outermost first; each has an open item."""
    names: list[str] = []
    for item in items:
        level = max(1, min(item.level, len(tags) + 1, _MAX_ITEM_LEVEL))
        while len(tags) > level or (len(tags) == level and names[-1] != item.list_name):
            parts.append(f"</li></{tags.pop()}>")
            names.pop()
        if len(tags) == level:
            parts.append("</li>")
        else:
            tag = "ol" if item.list_name else "ul"
            start = numbers.get(item.list_name, 0) + 1 if item.list_name else 1
            parts.append(f'<{tag} start="{start}">' if start > 1 else f"<{tag}>")
            tags.append(tag)
            names.append(item.list_name)
        if item.list_name:
            numbers[item.list_name] = numbers.get(item.list_name, 0) + 1
        parts.append(f"<li>{item.html}")
    parts += [f"</li></{tag}>" for tag in reversed(tags)]
    return "".join(parts)


def write_table(rows: Sequence[Sequence[str]], *, has_head: bool) -> str:
    """Return a table of cells in HTML; one cell alone is its content."""
    if len(rows) == 1 and len(rows[0]) == 1:
        return rows[0][0]
    parts = []
    for number, row in enumerate(rows):
        tag = "th" if has_head and number == 0 else "td"
        parts.append("<tr>" + "".join(f"<{tag}>{cell}</{tag}>" for cell in row) + "</tr>")
    return f"<table>{''.join(parts)}</table>"
