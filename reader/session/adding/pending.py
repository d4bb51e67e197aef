"""Stories of a source that are not saved yet, and changes of the first one's draft."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.errors import BadSetting, FetchFailed
from reader.ingest import clean_line
from reader.ingest.web.fetch import parse_web_source
from reader.library import parse_date
from reader.text.cells import sanitize_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reader.errors import ReaderError
    from reader.ingest import Draft, Facts, RemovedText


class PendingStories:
    """The stories of a source, which are not saved yet. The first one can be edited."""

    def __init__(
        self, first: Draft, rest: Iterator[Draft | ReaderError], notices: tuple[str, ...]
    ) -> None:
        self.draft = first
        self.rest = rest
        """The others, or why one can't be read; they are made when they are saved."""
        self.notices = notices
        """Lines for the reader about the source."""
        self.has_more = False
        """There are other stories."""
        self.total = first.place.total if first.place is not None else 0
        """How many there are in all; 0 if that isn't known."""
        self._earlier: list[Draft] = []
        """The draft before each change."""

    def change(self, draft: Draft) -> None:
        """Replace the draft."""
        if draft != self.draft:
            self._earlier.append(self.draft)
            self.draft = draft

    def undo(self) -> bool:
        """Undo the last change of the draft; return whether there was one."""
        if self._earlier:
            self.draft = self._earlier.pop()
            return True
        return False


def describe_stories(stories: PendingStories) -> str:
    """Return what is known of the source in some lines, for the rows above the preview."""
    draft = stories.draft
    words, left_out = draft.count_words(), len(list_removed_lines(draft))
    total = f"the first of {stories.total:,} parts" if stories.total > 1 else "the first of several"
    highlights = len(draft.highlights)
    parts = [
        "Not saved yet",
        total if stories.has_more else "",
        f"{words:,} word{'s' if words != 1 else ''}",
        f"{left_out} line{'s' if left_out != 1 else ''} left out" if left_out else "",
        f"{highlights} highlight{'s' if highlights != 1 else ''}" if highlights else "",
    ]
    notices = [sanitize_line(line, 300) for line in (*draft.notices, *stories.notices)]
    return "\n".join([" · ".join(filter(None, parts)), *notices])


# What was left out


class RemovedLine(NamedTuple):
    """A line that is not in the story."""

    text: str
    piece: int
    """The number of its piece in `Draft.removed`."""
    line: int
    """Its number in the piece, without blank lines."""


def list_removed_lines(draft: Draft) -> list[RemovedLine]:
    """Return the lines that are not in the story."""
    return [
        RemovedLine(line, number, index)
        for number, piece in enumerate(draft.removed)
        for index, line in enumerate(_split_lines(piece))
    ]


def put_back_line(draft: Draft, removed: RemovedLine) -> Draft:
    """Return the draft with a line in its place; the others of its piece stay left out."""
    piece = draft.removed[removed.piece]
    lines = _split_lines(piece)
    parts = [lines[: removed.line], [removed.text], lines[removed.line + 1 :]]
    pieces = [piece._replace(text="\n".join(part)) for part in parts if part]
    number = removed.piece + bool(parts[0])
    others = (draft.removed[: removed.piece], draft.removed[removed.piece + 1 :])
    split = replace(draft, removed=(*others[0], *pieces, *others[1]))
    return split.put_back(number)


def _split_lines(piece: RemovedText) -> list[str]:
    return [line for line in piece.text.split("\n") if line.strip()]


# Facts

_MAX_FACT: Final = 2_000
"""Characters of a fact."""
_MAX_TAGS: Final = 30
FACT_NAMES: Final = (
    "title", "deck", "author", "published", "url", "series", "part", "language", "tags", "credit", "about",
)  # fmt: skip
"""The facts that can be edited, in their order: names of fields of `Facts`."""


def make_editable(draft: Draft) -> Draft:
    """Return a draft whose facts can be edited: Markdown without front matter gets one.

    Markdown that has its own is returned as it is, with `verbatim`.
    """
    has_facts = draft.verbatim.strip() != draft.body.strip()
    return draft if has_facts else replace(draft, verbatim="")


def format_fact(facts: Facts, name: str) -> str:
    """Return a fact as text; empty if it isn't known."""
    if name == "tags":
        return ", ".join(clean_line(tag) for tag in facts.tags)
    if name == "part":
        return str(facts.part or "")
    return clean_line(str(getattr(facts, name)))  # `name` is one of `FACT_NAMES`


def change_fact(facts: Facts, name: str, text: str) -> Facts:
    """Return `facts` with one of them changed to what was typed. Raises `BadSetting`."""
    text = clean_line(text)[:_MAX_FACT]
    if name == "tags":
        tags = [tag.strip() for tag in text.split(",")]
        return replace(facts, tags=tuple(dict.fromkeys(filter(None, tags)))[:_MAX_TAGS])
    if name == "part":
        if text and not (text.isdecimal() and text.isascii() and 0 < int(text[:9]) < 100_000):
            raise BadSetting(f"part: '{sanitize_line(text, 40)}' is no number; write one from 1")
        return replace(facts, part=int(text or 0))
    if name == "published" and text:
        day = parse_date(text).day
        if day is None or parse_date(text).text:
            shown = sanitize_line(text, 40)
            raise BadSetting(f"published: '{shown}' is no day; write it as 2021-06-12")
        text = day.isoformat()
    if name == "url" and text:
        try:
            parse_web_source(text)
        except FetchFailed as error:
            raise BadSetting(f"url: {error}") from error
    changed: dict[str, str] = {name: text}
    return replace(facts, **changed)  # type: ignore[arg-type]  # these fields are strings
