"""Stories, the shelf, highlights and history as plain text, JSON and Markdown."""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.config import to_local
from reader.layout.galley import Galley
from reader.layout.lines import DEFAULT_STYLE
from reader.render.story_frame import EMPTY_END_CARD, build_head, build_tail
from reader.text.cells import sanitize, sanitize_line
from reader.text.document import Role
from reader.text.places import format_address

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from reader.layout.lines import Line, ParagraphStyle
    from reader.reading.annotations import Highlight, HistoryEntry, Response
    from reader.session.open_story import OpenStory
    from reader.session.reading_list import EndCard, ShelfEntry
    from reader.store.repository import StoryDetails
    from reader.text.document import Place


STATUS_SYMBOLS: Final = {"unread": "○", "reading": "◐", "finished": "✓"}
"""Marks have a shape of their own, as on the shelf."""
_SGR_CODES: Final = (
    (Role.TITLE | Role.HEADING | Role.STRONG, "1"),
    (Role.DIM | Role.MARKER, "2"),
    (Role.EMPHASIS, "3"),
    (Role.LINK, "4"),
    (Role.STRIKE, "9"),
)


def typeset_story(
    open_story: OpenStory,
    measure: int,
    style: ParagraphStyle = DEFAULT_STYLE,
    end_card: EndCard = EMPTY_END_CARD,
) -> Galley:
    """Return a visit's story, which is parsed to its end, set in `measure` cells with its ending."""
    style = style.with_language(open_story.story.language)
    galley = Galley(
        open_story.document, measure, build_head(open_story.story, open_story.pace), style
    )
    galley.set_tail(build_tail(open_story.story, open_story.document, end_card))
    return galley


def render_text(
    galley: Galley, *, styled: bool = False, start: Place | None = None
) -> Iterator[str]:
    """Yield the lines of a story that is set whole.

    Without `styled` there is no escape sequence in them. With `start` they begin at the line
    of that place, without the story's head.
    """
    row, step, blanks = galley.first_row if start is None else galley.place_to_row(start), 500, 0
    while True:
        rows = list(galley.draw_rows(row, step))
        for _, line in rows:
            text = _add_escape_codes(line) if styled else line.text.rstrip()
            if text:
                yield from ("",) * blanks  # none at the end
                yield text
            blanks = 0 if text else blanks + 1
        if len(rows) < step:
            return
        row = galley.shift_row(rows[-1][0], 1)


def _add_escape_codes(line: Line) -> str:
    pieces = []
    for run in line.runs:
        codes = ";".join(code for roles, code in _SGR_CODES if run.roles & roles)
        pieces.append(f"\x1b[{codes}m{run.text}\x1b[0m" if codes else run.text)
    return "".join(pieces).rstrip()


def render_shelf(entries: Sequence[ShelfEntry]) -> Iterator[str]:
    """Yield a line for each entry; what can't be read says why not."""
    for entry in entries:
        story = entry.story
        shows_time = story.is_readable and entry.minutes_left
        time = f"{entry.minutes_left} min" if shows_time else ""
        more = story.author if story.is_readable else story.deck
        yield f"{STATUS_SYMBOLS[entry.status]} {time:>7}  {story.title}{f' — {more}' if more else ''}"


def entries_to_json(entries: Sequence[ShelfEntry]) -> str:
    """Return entries as a JSON array, with nothing in it that a terminal could obey.

    What could be obeyed is escaped, not replaced, so that a path stays exact.
    """
    return format_json([_entry_to_dict(entry) for entry in entries])


def format_json(records: Sequence[dict[str, object]]) -> str:
    """Return facts as a JSON array, as harmless as `as_json` makes it."""
    text = json.dumps(records, ensure_ascii=False, indent=2)
    if sanitize(text) == text:
        return text
    return "".join(c if sanitize(c) == c else f"\\u{ord(c):04x}" for c in text)


def _entry_to_dict(entry: ShelfEntry) -> dict[str, object]:
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
        "status": entry.status.value,
        "progress": round(entry.progress, 4),
        "path": os.path.realpath(story.path),
        "folder": story.folder,
    }


class StoryAnnotations(NamedTuple):
    """What was kept of one story, and what the story is."""

    story_id: str
    info: StoryDetails | None
    highlights: Sequence[Highlight]
    response: Response | None


_MARKUP_OR_LINK: Final = re.compile(r"(https?://[^\s<>]+)|[\\`*_\[\]<>&~|$]")
"""What a renderer may obey wherever it stands: CommonMark, GitHub's tables and maths; and bare
addresses, in which some renderers take no escapes."""
_LINE_START_MARKUP: Final = re.compile(r"\A(?:(#{1,6}|[-+=:!]+)|(\d{1,9})([.)]))")
"""And what it may obey at the beginning of a line."""
_EMOJI_CODE: Final = re.compile(r":(?=[\w+-]+:)")
_WEB_ADDRESS: Final = re.compile(r"https?://[^\s<>]+")


def escape_markdown(text: str) -> str:
    """Return one line of `text` as Markdown that reads the same."""
    text = sanitize(text).replace("\t", "  ")
    bare = text.lstrip(" ")
    line = _EMOJI_CODE.sub(r"\\:", _MARKUP_OR_LINK.sub(_escape_match, bare))
    line = _LINE_START_MARKUP.sub(_escape_line_start, line)
    return "&nbsp;" * (len(text) - len(bare)) + line.replace("  ", " &nbsp;").rstrip(" ")


def _escape_match(match: re.Match[str]) -> str:
    return f"<{match[1]}>" if match[1] else f"\\{match[0]}"


def _escape_line_start(match: re.Match[str]) -> str:
    signs, number, stop = match.groups()
    return f"{number}\\{stop}" if signs is None else "".join(f"\\{sign}" for sign in signs)


def _render_paragraphs(text: str, before: str = "") -> Iterator[str]:
    """Yield the lines of a text with `before` each; its own line breaks are kept."""
    for number, paragraph in enumerate(re.split(r"\n{2,}", text.strip("\n"))):
        if number:
            yield before.rstrip()
        lines = [escape_markdown(line) for line in paragraph.split("\n")]
        for line in lines[:-1]:
            yield f"{before}{line}  "  # a line break, older than the backslash that means the same
        yield f"{before}{lines[-1]}"


def annotations_to_markdown(stories: Sequence[StoryAnnotations]) -> Iterator[str]:
    """Yield the lines of a Markdown text of what was kept, story by story."""
    for number, kept in enumerate(stories):
        if number:
            yield ""
        yield f"## {escape_markdown(_get_title(kept))}"
        for quote in kept.highlights:
            yield ""
            yield from _render_paragraphs(quote.text, "> ")
            yield ">"
            yield f"> — {_format_source(kept)}, {_format_date(quote.created_at)}, {_format_code(_format_address(quote))}"
            if quote.note.strip():
                yield ""
                yield from _render_paragraphs(quote.note)
        if kept.response is not None:
            yield ""
            yield f"### My response, {_format_date(kept.response.changed_at)}"
            yield ""
            yield from _render_paragraphs(kept.response.text)


def _get_title(annotations: StoryAnnotations) -> str:
    return sanitize_line(annotations.info.title if annotations.info else "") or sanitize_line(
        annotations.story_id
    )


def _format_source(annotations: StoryAnnotations) -> str:
    """Return author, title and source of a story."""
    parts = [f"*{escape_markdown(_get_title(annotations))}*"]
    known = annotations.info
    if known is not None and known.author:
        parts.insert(0, escape_markdown(sanitize_line(known.author)))
    if known is not None and _WEB_ADDRESS.fullmatch(sanitize(known.url)):
        parts.append(f"<{known.url}>")
    elif known is not None:
        parts.append(_format_code(sanitize_line(str(known.path), 4_000)))
    return ", ".join(parts)


def _format_code(text: str) -> str:
    """Return `text` between as many backticks as it takes."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    space = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{space}{text}{space}{fence}"


def _format_address(highlight: Highlight) -> str:
    return f"{sanitize_line(highlight.story_id)}@{format_address(highlight.anchor)}"


def _format_date(when: datetime) -> str:
    return f"{to_local(when):%-d %B %Y}"


def annotations_to_dicts(stories: Sequence[StoryAnnotations]) -> list[dict[str, object]]:
    """Return the records that `reader highlights --json` prints."""
    found: list[dict[str, object]] = []
    for kept in stories:
        story = _story_to_dict(kept.story_id, kept.info)
        found += [
            {"kind": "highlight", "id": quote.id, **story}
            | {"address": _format_address(quote), "text": quote.text, "note": quote.note or None}
            | {"created": quote.created_at.isoformat(timespec="milliseconds")}
            for quote in kept.highlights
        ]
        if kept.response is not None:
            changed = kept.response.changed_at.isoformat(timespec="milliseconds")
            found.append(
                {"kind": "response", **story, "text": kept.response.text, "changed": changed}
            )
    return found


def _story_to_dict(story_id: str, info: StoryDetails | None) -> dict[str, object]:
    return {
        "story": story_id,
        "title": (info.title if info else "") or None,
        "author": (info.author if info else "") or None,
        "url": (info.url if info else "") or None,
        "path": os.fspath(info.path) if info else None,
    }


def render_history(history: Sequence[tuple[HistoryEntry, StoryDetails | None]]) -> Iterator[str]:
    """Yield a line for each story that was finished: when, how long it takes, what it is."""
    for finish, known in history:
        minutes = f"{finish.minutes} min" if finish.minutes else ""
        title = sanitize_line(known.title if known else "") or sanitize_line(finish.story_id)
        by = f" — {sanitize_line(known.author)}" if known and known.author else ""
        yield f"{to_local(finish.finished_at):%Y-%m-%d %H:%M} {minutes:>7}  {title}{by}"


def history_to_dicts(
    history: Sequence[tuple[HistoryEntry, StoryDetails | None]],
) -> list[dict[str, object]]:
    """Return what `history --json` says. Names are added, never changed."""
    return [
        _story_to_dict(finish.story_id, known)
        | {"finished": finish.finished_at.isoformat(timespec="milliseconds")}
        | {"minutes": finish.minutes or None}
        for finish, known in history
    ]
