"""Jobs for a worker: open a story, read its changed file again, save its text in the cache.

A job is a value that computes another one; nothing else is changed by running it.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from reader.library.story import (
    describe_document,
    load_text,
    make_text,
    read_source,
    save_text,
)
from reader.markdown import list_picture_lines
from reader.session.open_story import OpenStory
from reader.text.document import Document

if TYPE_CHECKING:
    from reader.library.story import Source, Story, StoryText
    from reader.library.text_cache import TextCache
    from reader.session.open_story import ReadingData
    from reader.text.document import Anchor


class OpenJob(NamedTuple):
    """A job for a worker: open a story and parse it for the first screen."""

    story: Story
    data: ReadingData
    text_cache: TextCache

    def run(self) -> OpenStory:
        """Return the open story. Raises `UnreadableFile`."""
        return make_open_story(self.story, load_text(self.story, self.text_cache), self.data)


class ReloadJob(NamedTuple):
    """A job for a worker: open the changed file of a story that is open."""

    story: Story
    data: ReadingData
    anchor: Anchor
    """Where the reader is in the text that is open."""

    def run(self) -> OpenStory:
        """Return the story as it is now, at the words it was at. Raises `UnreadableFile`.

        It keeps its id and has no line that says where reading stopped.
        """
        story, text = describe_text(read_source(self.story.path), self.story.folder)
        state = self.data.state._replace(
            anchor=self.anchor, reading_round=self.data.state.finish_count
        )
        story = replace(story, id=self.story.id, own_id=story.id)
        open_story = make_open_story(story, text, self.data._replace(state=state))
        open_story.stopped_at = None
        return open_story


class SaveTextJob(NamedTuple):
    """A job for a worker: save a complete text in the text cache."""

    story: Story
    text: StoryText
    document: Document
    text_cache: TextCache

    def run(self) -> None:
        """Save the text unless it came from the cache."""
        save_text(self.story, self.text, self.document, self.text_cache)


def make_open_story(story: Story, text: StoryText, data: ReadingData) -> OpenStory:
    """Return `story` open, parsed as far as its first screen and its stored place need."""
    open_story = OpenStory(story, text, data)
    open_story.parse_first_screen()
    return open_story


def describe_text(source: Source, folder: str) -> tuple[Story, StoryText]:
    """Parse the first slice of a text; return the story that it describes, and the text.

    The story's words are 0 if the first slice is not the whole text. The first slice is
    parsed once: it is part of the text that is returned, without a heading that repeats
    the title.
    """
    from reader.library.opening import Title, find_title  # a story in the index needs none

    text = make_text(source, source.front_matter.title)
    first = next(text.slices)
    document = Document()
    document.extend(first.blocks)
    if first.is_last:
        document.finish(first.footnotes)
    story = describe_document(source, folder, document)
    title = Title() if source.front_matter.title else find_title(first.blocks)
    if title.is_dropped:
        before, after = first.blocks[: title.number], first.blocks[title.number + 1 :]
        pictures = list_picture_lines(first.blocks[title.number])
        first = first._replace(blocks=(*before, *pictures, *after))
    text.slices = chain((first,), text.slices)
    return story if first.is_last else replace(story, words=0), text
