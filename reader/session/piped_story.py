"""Open the story that comes through a pipe, as far as it has come, repeatedly until its end."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.library.source.encodings import decode_text
from reader.library.story import split_source
from reader.session.jobs import describe_text, make_open_story

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reader.library.pipe import Pipe
    from reader.library.story import Story, StoryText
    from reader.session.open_story import OpenStory, ReadingData
    from reader.text.document import Block

PIPED_PATH: Final = Path("standard input")
"""Stands for the path of a story that has no file."""


class PipedStoryJob(NamedTuple):
    """A job for a worker: open what has come through a pipe so far."""

    pipe: Pipe
    data: ReadingData
    has_tail: bool = True
    """The last paragraph is shown although more of it may come."""
    parses_all: bool = False

    def run(self) -> OpenStory:
        """Return the open story. Raises `UnreadableFile` if it is no text.

        All of it is parsed while more may come, so that it can be searched to its end.
        """
        is_growing = not self.pipe.is_ended  # before reading: it may end meanwhile
        data = self.pipe.read(has_tail=self.has_tail or not is_growing)
        story, text = describe_piped_text(data, format_end(self.pipe))
        open_story = make_open_story(story, text, self.data)
        open_story.stopped_at = None
        open_story.is_growing = is_growing
        if is_growing or self.parses_all:
            open_story.parse_all()
        return open_story


def describe_piped_text(data: bytes, notice: str = "") -> tuple[Story, StoryText]:
    """Return the story that a text from standard input is, and its text.

    `notice` is shown below its title. Raises `UnreadableFile`.
    """
    source = split_source(decode_text(data, PIPED_PATH), PIPED_PATH)
    story, text = describe_text(source._replace(notice=f"{source.notice} {notice}".strip()), "")
    return replace(story, id="", is_persistent=False), text


def format_end(pipe: Pipe) -> str:
    """Return the line that says why the end of the text is missing; empty if it isn't."""
    if pipe.is_too_large:
        return f"[only the first {len(pipe) >> 20} MB of standard input are shown]"
    return f"[standard input can't be read further: {pipe.failure}]" if pipe.failure else ""


def count_shared_blocks(before: Sequence[Block], after: Sequence[Block]) -> int:
    """Return how many blocks at the beginning are equal. The last one may have become longer."""
    pairs = zip(before, after, strict=False)
    count = next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(before), len(after)))
    one, other = before[count : count + 1], after[count : count + 1]
    is_longer = len(before) == count + 1 and other and other[0].text.startswith(one[0].text)
    return count + bool(is_longer)
