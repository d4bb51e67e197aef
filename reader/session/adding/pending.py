"""Stories of a source that are not saved yet, and changes of the first one's draft."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.errors import BadSetting, FetchFailed, ReaderError
from reader.ingest import clean_line
from reader.ingest.web.fetch import parse_web_source
from reader.library.source.dates import parse_date
from reader.text.cells import sanitize_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reader.ingest import Draft, Facts, RemovedText


class PendingStories:
    """The stories of a source, which are not saved yet. The one that is shown can be edited."""

    def __init__(
        self, first: Draft, rest: Iterator[Draft | ReaderError], notices: tuple[str, ...]
    ) -> None:
        self._drafts = [first]
        """The stories that were read so far."""
        self._errors: list[ReaderError] = []
        """Why others can't be read."""
        self.rest = rest
        """The others, or why one can't be read; they are made when they are shown or saved."""
        self.number = 0
        """Which of the stories is shown, from 0."""
        self.notices = notices
        """Lines for the reader about the source."""
        self.has_more = False
        """There are other stories."""
        self.is_local = False
        """The source is in the user's own network."""
        self.total = first.place.total if first.place is not None else 0
        """How many there are in all; 0 if that isn't known."""
        self._is_stopped = False
        self._earlier: list[tuple[int, Draft]] = []
        """The number of a draft and the draft before each change."""

    @property
    def draft(self) -> Draft:
        """The story that is shown."""
        return self._drafts[self.number]

    @property
    def contents(self) -> tuple[str, ...]:
        """The titles of a book's parts, in their order; empty for other sources."""
        place = self.draft.place
        return place.contents if place is not None else ()

    def turn(self, step: int) -> bool:
        """Show the next story (1), which is read if it wasn't, or the one before (-1).

        Returns whether there is one.
        """
        self._is_stopped = False
        number = self.number + step
        while number >= len(self._drafts) and self._read_next():
            pass
        is_there = 0 <= number < len(self._drafts)
        self.number = number if is_there else self.number
        return is_there

    def go_to_part(self, position: int) -> None:
        """Show the part at a place in the contents, from 0, else the next one that has text."""
        self._is_stopped = False
        while self._get_position(-1) < position and self._read_next():
            pass
        places = (n for n in range(len(self._drafts)) if self._get_position(n) >= position)
        self.number = next(places, len(self._drafts) - 1)

    def _get_position(self, number: int) -> int:
        place = self._drafts[number].place
        return place.position if place is not None else number

    def _read_next(self) -> bool:
        """Read a story, or why it can't be read; return whether there was any."""
        item = next(self.rest, None) if not self._is_stopped else None
        if item is None:
            return False
        if isinstance(item, ReaderError):
            self._errors.append(item)
        else:
            self._drafts.append(item)
        return True

    def stop(self) -> None:
        """Let another thread that reads stories stop before the next one."""
        self._is_stopped = True

    def take_all(self) -> Iterator[Draft | ReaderError]:
        """Yield all stories, and why one can't be read; those that were not read are read now."""
        yield from self._drafts
        yield from self._errors
        yield from self.rest

    def change(self, draft: Draft) -> None:
        """Replace the draft that is shown."""
        if draft != self.draft:
            self._earlier.append((self.number, self.draft))
            self._drafts[self.number] = draft

    def undo(self) -> bool:
        """Undo the last change of a draft, and show it; return whether there was one."""
        if self._earlier:
            self.number, draft = self._earlier.pop()
            self._drafts[self.number] = draft
            return True
        return False


def describe_stories(stories: PendingStories) -> str:
    """Return what is known of the source in some lines, for the rows above the preview."""
    draft = stories.draft
    words, left_out = draft.count_words(), len(list_removed_lines(draft))
    highlights = len(draft.highlights)
    parts = [
        "Not saved yet",
        _describe_place(stories) if stories.has_more else "",
        f"{words:,} word{'s' if words != 1 else ''}",
        f"{left_out} line{'s' if left_out != 1 else ''} left out" if left_out else "",
        f"{highlights} highlight{'s' if highlights != 1 else ''}" if highlights else "",
    ]
    notices = [sanitize_line(line, 300) for line in (*draft.notices, *stories.notices)]
    return "\n".join([" · ".join(filter(None, parts)), *notices])


def _describe_place(stories: PendingStories) -> str:
    """Return which of the stories is shown."""
    number, total, place = stories.number + 1, stories.total, stories.draft.place
    if total > 1 and place is not None:
        return f"part {place.position + 1:,} of {total:,}"
    return "the first of several" if number == 1 else f"number {number:,} of several"


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
