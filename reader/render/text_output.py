"""Output for the command line: lists and annotations as plain text, JSON and Markdown.

Nothing in it can control a terminal: text is sanitised, and JSON escapes such characters.
"""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.library.files import find_path_end, join_path
from reader.local_time import to_local
from reader.paths import find_path_lengths
from reader.render.story_frame import format_date, format_iso_date, format_story_date
from reader.text.cells import escape_controls, sanitize, sanitize_line
from reader.text.places import format_address

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from reader.reading.annotations import Highlight, HistoryEntry, Response
    from reader.session.shelf.entries import ShelfEntry, TitleFacts
    from reader.store.stories import StoryDetails


STATUS_SYMBOLS: Final = {"unread": "○", "reading": "◐", "finished": "✓"}
"""The symbol of each read status, as on the shelf."""
_MAX_PATH_CHARACTERS: Final = 4_000
_MARKUP_OR_LINK: Final = re.compile(r"(https?://[^\s<>]+)|[\\`*_\[\]<>&~|$]")
"""Characters that are markup anywhere in a line: those of CommonMark, of GitHub's tables, and of
maths. And web addresses, in which some renderers show backslashes."""
_LINE_START_MARKUP: Final = re.compile(r"\A(?:(#{1,6}|[-+=:!]+)|(\d{1,9})([.)]))")
"""Characters that are markup at the beginning of a line."""
_EMOJI_CODE: Final = re.compile(r":(?=[\w+-]+:)")
"""The colon of an emoji's name, such as `:smile:`."""
_WEB_ADDRESS: Final = re.compile(r"https?://[^\s<>]+")


class StoryAnnotations(NamedTuple):
    """The annotations of one story, and the details of the story."""

    story_id: str
    details: StoryDetails | None
    highlights: Sequence[Highlight]
    response: Response | None


def render_shelf(entries: Sequence[ShelfEntry], facts: TitleFacts) -> Iterator[str]:
    """Yield a line for each story; an unreadable one has the reason instead of its author.

    `facts` are about all stories of the shelf.
    """
    for entry in entries:
        story = entry.story
        shows_time = story.is_readable and entry.minutes_left
        time = f"{entry.minutes_left} min" if shows_time else ""
        more = sanitize_line(story.author if story.is_readable else story.deck)
        name = join_path(sanitize_line(story.title), facts.find_path(story))
        yield f"{STATUS_SYMBOLS[entry.status]} {time:>7}  {name}{f' — {more}' if more else ''}"


def render_history(history: Sequence[tuple[HistoryEntry, StoryDetails | None]]) -> Iterator[str]:
    """Yield a line for each finished story: when, how many minutes it takes, title and author."""
    details = {entry.story_id: info for entry, info in history if info is not None}
    lengths = find_path_lengths([(str(each.path), each.title) for each in details.values()])
    for entry, info in history:
        minutes = f"{entry.minutes} min" if entry.minutes else ""
        title = sanitize_line(info.title if info else "") or sanitize_line(entry.story_id)
        title = join_path(title, find_path_end(str(info.path), lengths) if info else "")
        author = f" — {sanitize_line(info.author)}" if info and info.author else ""
        yield f"{to_local(entry.finished_at):%Y-%m-%d %H:%M} {minutes:>7}  {title}{author}"


# The fields of JSON objects are documented in README: add new ones, never change any.


def format_json(records: Sequence[dict[str, object]]) -> str:
    """Return `records` as a JSON array.

    Characters that could control a terminal are escaped, not replaced, so that a path stays
    exact.
    """
    return escape_controls(json.dumps(records, ensure_ascii=False, indent=2))


def entries_to_json(entries: Sequence[ShelfEntry]) -> str:
    """Return the stories of the shelf as a JSON array."""
    return format_json([_entry_to_dict(entry) for entry in entries])


def _entry_to_dict(entry: ShelfEntry) -> dict[str, object]:
    story = entry.story
    return {
        "id": story.id,
        "title": story.title,
        "deck": story.deck or None,
        "author": story.author or None,
        "published": format_iso_date(story) or None,
        "date": format_story_date(story) or None,
        "tags": list(story.tags),
        "own_tags": list(entry.labels.tags),
        "starred": entry.labels.is_starred,
        "series": story.series or None,
        "words": story.words,
        "minutes": entry.minutes,
        "minutes_left": entry.minutes_left,
        "status": entry.status.value,
        "progress": round(entry.progress, 4),
        "path": os.path.realpath(story.path),
        "folder": story.folder,
    }


def annotations_to_dicts(stories: Sequence[StoryAnnotations]) -> list[dict[str, object]]:
    """Return an object for each highlight (with its note) and response, story by story."""
    records: list[dict[str, object]] = []
    for story in stories:
        story_fields = _story_to_dict(story.story_id, story.details)
        records += [
            {
                "kind": "highlight",
                "id": highlight.id,
                **story_fields,
                "address": _format_address(highlight),
                "text": highlight.text,
                "note": highlight.note or None,
                "created": _format_timestamp(highlight.created_at),
            }
            for highlight in story.highlights
        ]
        response = story.response
        if response is not None:
            changed = _format_timestamp(response.changed_at)
            records.append(
                {"kind": "response", **story_fields, "text": response.text, "changed": changed}
            )
    return records


def history_to_dicts(
    history: Sequence[tuple[HistoryEntry, StoryDetails | None]],
) -> list[dict[str, object]]:
    """Return an object for each finished story."""
    return [
        {
            **_story_to_dict(entry.story_id, info),
            "finished": _format_timestamp(entry.finished_at),
            "minutes": entry.minutes or None,
        }
        for entry, info in history
    ]


def _story_to_dict(story_id: str, details: StoryDetails | None) -> dict[str, object]:
    return {
        "story": story_id,
        "title": (details.title if details else "") or None,
        "author": (details.author if details else "") or None,
        "url": (details.url if details else "") or None,
        "path": os.fspath(details.path) if details else None,
    }


def _format_timestamp(when: datetime) -> str:
    return when.isoformat(timespec="milliseconds")


def escape_markdown(text: str) -> str:
    """Return one line of `text` as Markdown that renders as the same text."""
    text = sanitize(text).replace("\t", "  ")
    unindented = text.lstrip(" ")
    line = _EMOJI_CODE.sub(r"\\:", _MARKUP_OR_LINK.sub(_escape_match, unindented))
    line = _LINE_START_MARKUP.sub(_escape_line_start, line)
    indent = "&nbsp;" * (len(text) - len(unindented))
    return indent + line.replace("  ", " &nbsp;").rstrip(" ")


def _escape_match(match: re.Match[str]) -> str:
    return f"<{match[1]}>" if match[1] else f"\\{match[0]}"


def _escape_line_start(match: re.Match[str]) -> str:
    signs, number, stop = match.groups()
    return f"{number}\\{stop}" if signs is None else "".join(f"\\{sign}" for sign in signs)


def annotations_to_markdown(stories: Sequence[StoryAnnotations]) -> Iterator[str]:
    """Yield the lines of a Markdown text of highlights, notes and responses, story by story."""
    for number, story in enumerate(stories):
        if number:
            yield ""
        yield f"## {escape_markdown(_get_title(story))}"
        for highlight in story.highlights:
            yield ""
            yield from _render_paragraphs(highlight.text, "> ")
            yield ">"
            date, address = _format_date(highlight.created_at), _format_address(highlight)
            yield f"> — {_format_source(story)}, {date}, {_format_code(address)}"
            if highlight.note.strip():
                yield ""
                yield from _render_paragraphs(highlight.note)
        if story.response is not None:
            yield ""
            yield f"### My response, {_format_date(story.response.changed_at)}"
            yield ""
            yield from _render_paragraphs(story.response.text)


def _render_paragraphs(text: str, prefix: str = "") -> Iterator[str]:
    """Yield the lines of `text`, each with `prefix`; its own line breaks are preserved."""
    for number, paragraph in enumerate(re.split(r"\n{2,}", text.strip("\n"))):
        if number:
            yield prefix.rstrip()
        lines = [escape_markdown(line) for line in paragraph.split("\n")]
        for line in lines[:-1]:
            yield f"{prefix}{line}  "  # two spaces break a line in every renderer; "\" doesn't
        yield f"{prefix}{lines[-1]}"


def _get_title(annotations: StoryAnnotations) -> str:
    title = annotations.details.title if annotations.details else ""
    return sanitize_line(title) or sanitize_line(annotations.story_id)


def _format_source(annotations: StoryAnnotations) -> str:
    """Return the author and title of a story, and its web address or path, as Markdown."""
    parts = [f"*{escape_markdown(_get_title(annotations))}*"]
    info = annotations.details
    if info is not None and info.author:
        parts.insert(0, escape_markdown(sanitize_line(info.author)))
    if info is not None and _WEB_ADDRESS.fullmatch(url := sanitize(info.url)):
        parts.append(f"<{url}>")
    elif info is not None:
        parts.append(_format_code(sanitize_line(str(info.path), _MAX_PATH_CHARACTERS)))
    return ", ".join(parts)


def _format_code(text: str) -> str:
    """Return `text` as a Markdown code span, between more backticks than it has in a row."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    space = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{space}{text}{space}{fence}"


def _format_address(highlight: Highlight) -> str:
    return sanitize_line(f"{highlight.story_id}@{format_address(highlight.anchor)}")


def _format_date(when: datetime) -> str:
    return format_date(to_local(when).date())
