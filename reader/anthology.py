"""What the reader kept, as Markdown and as facts: quotes, remarks, responses, a history.

Owns how a quote is written so that any renderer shows the words as they were kept. Takes
values and gives text; where they are remembered is no matter here.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from .addresses import address
from .cells import clean, clean_line
from .dates import to_local

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from .quotes import Finish, Quote, Response
    from .state import Known


class Kept(NamedTuple):
    """What was kept of one story, and what the story is."""

    story: str
    known: Known | None
    quotes: Sequence[Quote]
    response: Response | None


_OBEYED_OR_LINK: Final = re.compile(r"(https?://[^\s<>]+)|[\\`*_\[\]<>&~|$]")
"""What a renderer may obey wherever it stands: CommonMark, GitHub's tables and maths; and bare
addresses, in which some renderers take no escapes."""
_OBEYED_FIRST: Final = re.compile(r"\A(?:(#{1,6}|[-+=:!]+)|(\d{1,9})([.)]))")
"""And what it may obey at the beginning of a line."""
_EMOJI: Final = re.compile(r":(?=[\w+-]+:)")
_ADDRESS: Final = re.compile(r"https?://[^\s<>]+")


def escaped(text: str) -> str:
    """Return one line of `text` as Markdown that reads the same."""
    text = clean(text).replace("\t", "  ")
    bare = text.lstrip(" ")
    line = _EMOJI.sub(r"\\:", _OBEYED_OR_LINK.sub(_harmless, bare))
    line = _OBEYED_FIRST.sub(_escaped_first, line)
    return "&nbsp;" * (len(text) - len(bare)) + line.replace("  ", " &nbsp;").rstrip(" ")


def _harmless(found: re.Match[str]) -> str:
    return f"<{found[1]}>" if found[1] else f"\\{found[0]}"


def _escaped_first(found: re.Match[str]) -> str:
    signs, number, stop = found.groups()
    return f"{number}\\{stop}" if signs is None else "".join(f"\\{sign}" for sign in signs)


def _paragraphs(text: str, before: str = "") -> Iterator[str]:
    """Yield the lines of a text with `before` each; its own line breaks are kept."""
    for number, paragraph in enumerate(re.split(r"\n{2,}", text.strip("\n"))):
        if number:
            yield before.rstrip()
        lines = [escaped(line) for line in paragraph.split("\n")]
        for line in lines[:-1]:
            yield f"{before}{line}  "  # a line break, older than the backslash that means the same
        yield f"{before}{lines[-1]}"


def as_markdown(stories: Sequence[Kept]) -> Iterator[str]:
    """Yield the lines of a Markdown text of what was kept, story by story."""
    for number, kept in enumerate(stories):
        if number:
            yield ""
        yield f"## {escaped(_title(kept))}"
        for quote in kept.quotes:
            yield ""
            yield from _paragraphs(quote.text, "> ")
            yield ">"
            yield f"> — {_origin(kept)}, {_day(quote.made)}, {_code(_place(quote))}"
            if quote.remark.strip():
                yield ""
                yield from _paragraphs(quote.remark)
        if kept.response is not None:
            yield ""
            yield f"### My response, {_day(kept.response.changed)}"
            yield ""
            yield from _paragraphs(kept.response.text)


def _title(kept: Kept) -> str:
    return clean_line(kept.known.title if kept.known else "") or clean_line(kept.story)


def _origin(kept: Kept) -> str:
    """Return author, title and source of a story."""
    parts = [f"*{escaped(_title(kept))}*"]
    known = kept.known
    if known is not None and known.author:
        parts.insert(0, escaped(clean_line(known.author)))
    if known is not None and _ADDRESS.fullmatch(clean(known.url)):
        parts.append(f"<{known.url}>")
    elif known is not None:
        parts.append(_code(clean_line(str(known.path), 4_000)))
    return ", ".join(parts)


def _code(text: str) -> str:
    """Return `text` between as many backticks as it takes."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    space = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{space}{text}{space}{fence}"


def _place(quote: Quote) -> str:
    return f"{clean_line(quote.story)}@{address(quote.anchor)}"


def _day(when: datetime) -> str:
    return f"{to_local(when):%-d %B %Y}"


def facts(stories: Sequence[Kept]) -> list[dict[str, object]]:
    """Return what `quotes --json` says. Names are added, never changed."""
    found: list[dict[str, object]] = []
    for kept in stories:
        story = _story_facts(kept.story, kept.known)
        found += [
            {"kind": "quote", "id": quote.id, **story}
            | {"address": _place(quote), "text": quote.text, "remark": quote.remark or None}
            | {"made": quote.made.isoformat(timespec="milliseconds")}
            for quote in kept.quotes
        ]
        if kept.response is not None:
            changed = kept.response.changed.isoformat(timespec="milliseconds")
            found.append({"kind": "response", **story, "text": kept.response.text, "made": changed})
    return found


def _story_facts(story: str, known: Known | None) -> dict[str, object]:
    return {
        "story": story,
        "title": (known.title if known else "") or None,
        "author": (known.author if known else "") or None,
        "url": (known.url if known else "") or None,
        "path": os.fspath(known.path) if known else None,
    }


def history_lines(history: Sequence[tuple[Finish, Known | None]]) -> Iterator[str]:
    """Yield a line for each story that was finished: when, how long it takes, what it is."""
    for finish, known in history:
        minutes = f"{finish.minutes} min" if finish.minutes else ""
        title = clean_line(known.title if known else "") or clean_line(finish.story)
        by = f" — {clean_line(known.author)}" if known and known.author else ""
        yield f"{to_local(finish.at):%Y-%m-%d %H:%M} {minutes:>7}  {title}{by}"


def history_facts(history: Sequence[tuple[Finish, Known | None]]) -> list[dict[str, object]]:
    """Return what `history --json` says. Names are added, never changed."""
    return [
        _story_facts(finish.story, known)
        | {"finished": finish.at.isoformat(timespec="milliseconds")}
        | {"minutes": finish.minutes or None}
        for finish, known in history
    ]
