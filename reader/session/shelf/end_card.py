"""What is shown below the end of a story: how it was read, and what to read next (`suggestions`).

Pure functions and values: nothing here opens a story or reads the store.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from reader.reading.progress import ReadStatus, estimate_minutes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reader.library.story import Story
    from reader.reading.annotations import Highlight
    from reader.session.open_story import OpenStory
    from reader.session.shelf.entries import ShelfEntry
    from reader.session.shelf.suggestions import Suggestion


class EndCard(NamedTuple):
    """What is shown below the end of a story."""

    reading_summary: str = ""
    """How the story was read; empty if it has no words."""
    has_skipped_parts: bool = False
    """The summary is about skipped parts."""
    highlights: Sequence[Highlight] = ()
    response: str = ""
    suggestions: Sequence[Suggestion] = ()
    next_in_order: Story | None = None
    """The story that follows in the reading order."""


class EndCardKeys(NamedTuple):
    """The keys shown on the end card, as text; empty for a command without a key."""

    first_suggestion: str = ""
    """The key that opens the first suggestion."""
    next_in_order: str = ""
    """The key that opens the next story in the reading order."""
    respond: str = ""
    """The key that opens the editor for a response."""


def summarize_reading(open_story: OpenStory, entry: ShelfEntry) -> tuple[str, bool]:
    """Return how the story was read, as text, and whether the text is about skipped parts."""
    if entry.status is ReadStatus.FINISHED:
        return f"Finished · {entry.minutes} min", False
    document = open_story.document
    skipped = [
        document.count_words_before(end) - document.count_words_before(start)
        for start, end in open_story.find_skipped()
    ]
    if skipped:
        parts = f"{len(skipped)} part{'s' if len(skipped) > 1 else ''} skipped"
        return f"{parts}: {_format_minutes(sum(skipped), entry.pace)}", True
    if entry.words_left:
        return f"Not read yet: {_format_minutes(entry.words_left, entry.pace)}", False
    return "", False


def _format_minutes(words: int, pace: int) -> str:
    return "under a minute" if words < pace else f"about {estimate_minutes(words, pace)} min"
