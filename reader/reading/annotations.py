"""Annotations and finished readings: what the reader has added to stories, and when it changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime

    from reader.text.document import Anchor


class Highlight(NamedTuple):
    """A passage of a story that the reader highlighted."""

    id: str
    story_id: str
    anchor: Anchor
    """Of its start."""
    text: str
    """The highlighted text; a blank line separates two blocks."""
    note: str
    """The reader's note on it, empty without one."""
    created_at: datetime


class Response(NamedTuple):
    """The reader's own text on a whole story."""

    story_id: str
    text: str
    changed_at: datetime


class Annotation(NamedTuple):
    """A highlight with its note, or a response, together with its story's title."""

    story_id: str
    title: str
    """The story's title."""
    created_at: datetime
    """When the highlight was made or the response was written."""
    highlight: Highlight | None
    """None for a response."""
    response: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """The story's id and the highlight's; a story has one response, whose id is empty."""
        return self.story_id, self.highlight.id if self.highlight is not None else ""

    @property
    def text(self) -> str:
        """The note on the highlight, or the response."""
        return self.response if self.highlight is None else self.highlight.note

    @property
    def is_empty(self) -> bool:
        """This is a response without text, which is not stored."""
        return self.highlight is None and not self.response

    def with_text(self, text: str) -> Annotation:
        """Return this annotation with another note or response."""
        if self.highlight is None:
            return self._replace(response=text)
        return self._replace(highlight=self.highlight._replace(note=text))

    def with_story(self, before: str, after: str) -> Annotation:
        """Return this annotation in the story `after` if it is in the story `before`."""
        if self.story_id != before:
            return self
        highlight = self.highlight._replace(story_id=after) if self.highlight is not None else None
        return self._replace(story_id=after, highlight=highlight)


def highlight_to_annotation(highlight: Highlight, title: str) -> Annotation:
    """Return a highlight in the story called `title` as an annotation."""
    return Annotation(highlight.story_id, title, highlight.created_at, highlight)


class AnnotationChange(NamedTuple):
    """An annotation before and after a change; one of the two may be None."""

    before: Annotation | None
    """None if the annotation is new."""
    after: Annotation | None
    """None if the annotation was deleted."""
    is_discard: bool = False
    """Typed text was discarded. If that is undone, the text is saved, which can be undone."""

    def with_story(self, before: str, after: str) -> AnnotationChange:
        """Return this change in the story `after` if it is in the story `before`."""
        return self._replace(
            before=self.before.with_story(before, after) if self.before is not None else None,
            after=self.after.with_story(before, after) if self.after is not None else None,
        )

    @property
    def annotation(self) -> Annotation:
        """The annotation as it is now, or as it was before it was deleted."""
        annotation = self.after or self.before
        assert annotation is not None  # noqa: S101  every change has at least one of the two
        return annotation


class OwnPart(NamedTuple):
    """What a text that is being edited has added to the stored text, which others change too."""

    text: str
    """The edited text as it was when it was stored last, or when it was loaded."""
    start: int = 0
    """The offset in it where the stored part begins; what is before was changed by others."""

    @property
    def part(self) -> str:
        """The part of the text that is in the stored text."""
        return self.text[self.start :].strip()

    def merge(self, stored: str, text: str) -> tuple[OwnPart, str]:
        """Return this with the edited `text`, and the text to store instead of `stored`.

        The part in the stored text is replaced. If others have changed that too, theirs
        stays, and below it comes `text`, or only what was added to it.
        """
        start = self.start if text.startswith(self.text[: self.start]) else 0
        others = split_around(stored, self.part)
        if others is None:
            start = len(self.text) if stored.strip() and text.startswith(self.text) else 0
            others = stored, ""
        own = OwnPart(text, start)
        if not any(map(str.strip, others)):
            return own, text[start:]
        above, below = others[0].rstrip(), others[1].lstrip("\n").rstrip()
        return own, "\n\n".join(piece for piece in (above, own.part, below) if piece)


def split_around(text: str, part: str) -> tuple[str, str] | None:
    """Return what is above and below the lines `part` in `text`; None if they aren't there.

    Below an empty part is nothing.
    """
    if not part:
        return text, ""
    start = text.find(part)
    while start >= 0:
        above, below = text[:start], text[start + len(part) :]
        if not above.rpartition("\n")[2].strip() and not below.partition("\n")[0].strip():
            return above, below
        start = text.find(part, start + 1)
    return None


class HistoryEntry(NamedTuple):
    """A finished reading of a story."""

    story_id: str
    finished_at: datetime
    minutes: int
    """The reading time of the story, 0 if it was not known."""
