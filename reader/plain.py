"""A story as lines of plain text, for pipes and paper, and the shelf as lines or as JSON.

A story comes whole and in the order of reading: head, text, footnotes, about the author. It
shares its setting with the app, so that both break every line alike. Prints nothing itself.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Final

from .apparatus import NOTHING, head, tail
from .cells import clean
from .composition import PLAIN
from .document import Role
from .galley import Galley

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .composition import Composition
    from .document import Place
    from .ending import Ending
    from .entries import Entry
    from .lines import Line
    from .visit import Visit

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
