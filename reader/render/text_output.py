"""Stories, the shelf, highlights and history as plain text, JSON and Markdown."""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.config import to_local
from reader.layout.galley import Galley
from reader.layout.lines import PLAIN
from reader.render.story_frame import NOTHING, head, tail
from reader.text.cells import clean, clean_line
from reader.text.document import Role
from reader.text.places import address

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from reader.layout.lines import Composition, Line
    from reader.reading.annotations import Finish, Quote, Response
    from reader.session.open_story import Visit
    from reader.session.reading_list import Ending, Entry
    from reader.store.repository import Known
    from reader.text.document import Place


MARKS: Final = {"unread": "○", "reading": "◐", "finished": "✓"}
"""Marks have a shape of their own, as on the shelf."""
_SGR: Final = (
    (Role.TITLE | Role.HEADING | Role.STRONG, "1"),
    (Role.DIM | Role.MARKER, "2"),
    (Role.EMPHASIS, "3"),
    (Role.LINK, "4"),
    (Role.STRIKE, "9"),
)


def set_whole(
    visit: Visit, measure: int, composition: Composition = PLAIN, ending: Ending = NOTHING
) -> Galley:
    """Return a visit's story, which is parsed to its end, set in `measure` cells with its ending."""
    composition = composition.in_language(visit.story.language)
    galley = Galley(visit.document, measure, head(visit.story, visit.pace), composition)
    galley.finish(tail(visit.story, visit.document, ending))
    return galley


def text_lines(
    galley: Galley, *, styled: bool = False, start: Place | None = None
) -> Iterator[str]:
    """Yield the lines of a story that is set whole.

    Without `styled` there is no escape sequence in them. With `start` they begin at the line
    of that place, without the story's head.
    """
    row, step, blanks = galley.first if start is None else galley.row_of(start), 500, 0
    while True:
        rows = list(galley.lines(row, step))
        for _, line in rows:
            text = _styled(line) if styled else line.text.rstrip()
            if text:
                yield from ("",) * blanks  # none at the end
                yield text
            blanks = 0 if text else blanks + 1
        if len(rows) < step:
            return
        row = galley.walk(rows[-1][0], 1)


def _styled(line: Line) -> str:
    pieces = []
    for run in line.runs:
        codes = ";".join(code for roles, code in _SGR if run.roles & roles)
        pieces.append(f"\x1b[{codes}m{run.text}\x1b[0m" if codes else run.text)
    return "".join(pieces).rstrip()


def entry_lines(entries: Sequence[Entry]) -> Iterator[str]:
    """Yield a line for each entry; what can't be read says why not."""
    for entry in entries:
        story = entry.story
        shows_time = story.readable and entry.minutes_left
        time = f"{entry.minutes_left} min" if shows_time else ""
        more = story.author if story.readable else story.deck
        yield f"{MARKS[entry.mark]} {time:>7}  {story.title}{f' — {more}' if more else ''}"


def as_json(entries: Sequence[Entry]) -> str:
    """Return entries as a JSON array, with nothing in it that a terminal could obey.

    What could be obeyed is escaped, not replaced, so that a path stays exact.
    """
    return printed([_facts(entry) for entry in entries])


def printed(facts: Sequence[dict[str, object]]) -> str:
    """Return facts as a JSON array, as harmless as `as_json` makes it."""
    text = json.dumps(facts, ensure_ascii=False, indent=2)
    if clean(text) == text:
        return text
    return "".join(c if clean(c) == c else f"\\u{ord(c):04x}" for c in text)


def _facts(entry: Entry) -> dict[str, object]:
    """Return what `list --json` says of a story. Names are added, never changed."""
    story = entry.story
    return {
        "id": story.id,
        "title": story.title,
        "deck": story.deck or None,
        "author": story.author or None,
        "published": story.published.isoformat() if story.published else None,
        "tags": list(story.tags),
        "series": story.series or None,
        "words": story.words,
        "minutes": entry.minutes,
        "minutes_left": entry.minutes_left,
        "state": entry.mark.value,
        "progress": round(entry.progress, 4),
        "path": os.path.realpath(story.path),
        "source": story.source,
    }


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
