"""Jobs for a worker: open a story, read its changed file again, save its text, scan a library.

The beginning of a large text is saved while the rest is parsed, so that it is opened quickly even
if the program ends before.

A job is a value that computes another one; nothing else is changed by running it.
"""

from __future__ import annotations

import os
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.library.catalog import list_undescribed
from reader.library.describing import describe_document
from reader.library.files import find_file
from reader.library.index import json_to_story, story_to_json
from reader.library.scan import scan_folder
from reader.library.story import (
    find_unchanged_file,
    load_text,
    make_cached_text,
    make_text,
    read_source,
    save_text,
)
from reader.library.text_cache import Beginning, CachedText
from reader.markdown import list_picture_lines
from reader.reading.revision import has_digest
from reader.session.open_story import SAVED_CHARACTERS, OpenStory, ParsedSlice
from reader.text.document import Document, Slice

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from reader.library.files import File
    from reader.library.index import Index
    from reader.library.scan import Folder
    from reader.library.story import Source, Story, StoryText
    from reader.library.text_cache import TextCache
    from reader.session.open_story import ReadingData
    from reader.text.document import Anchor, Block


MIN_DEEP_BLOCK: Final = 150
"""Number of the first block that is deep in a text: those before take longer to read than the
index of the text."""


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
        file = find_file(self.story.path)
        story, text = describe_text(read_source(self.story.path), self.story.folder)
        text.file = file
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


class SaveBeginningJob(NamedTuple):
    """A job for a worker: save the beginning of a text that isn't complete."""

    story: Story
    text: StoryText
    blocks: Sequence[Block]
    """The first blocks of the text."""
    text_cache: TextCache

    @property
    def is_short(self) -> bool:
        """It takes less than a frame."""
        return len(self.blocks) <= 1_000 and self._count_characters() <= 4 * SAVED_CHARACTERS

    def _count_characters(self) -> int:
        return sum(len(block.text) for block in self.blocks)

    def run(self) -> None:
        """Save the blocks, and what else is needed to show them."""
        file, story = find_unchanged_file(self.story, self.text), self.story
        if file is None:
            return
        beginning = Beginning(
            self._count_characters(),
            story_to_json(replace(story, id=story.own_id or story.id, own_id="")),
            story.has_own_title,
        )
        text = CachedText(self.text.characters, self.text.get_digest(), iter(()), beginning)
        self.text_cache.save_beginning(file, story.title, text, self.blocks)


def make_beginning_job(open_story: OpenStory, text_cache: TextCache) -> SaveBeginningJob | None:
    """Return the job that saves the beginning of a text, None if there is none to save now."""
    blocks = open_story.take_unsaved_beginning()
    return (
        SaveBeginningJob(open_story.story, open_story.text, blocks, text_cache) if blocks else None
    )


def load_file(
    path: Path, file: File | None, indexed: Story | None, text_cache: TextCache
) -> tuple[Story, StoryText]:
    """Return the story and the text of the file at `path`. Raises `UnreadableFile`.

    `indexed` is what the index says about it. None for `file` if it can't be looked at.
    """
    if indexed is not None:
        return indexed, load_text(indexed, text_cache)
    begun = _load_beginning(file, text_cache) if file is not None else None
    if begun is not None:
        return begun
    source = read_source(file.path if file else path)
    story, text = describe_text(source, file.folder if file else "")
    text.file = file
    return story, text


def _load_beginning(file: File, text_cache: TextCache) -> tuple[Story, StoryText] | None:
    """Return what `describe_text` says about a file of whose text the beginning is saved.

    None if it isn't, or if something in it is damaged.
    """
    cached = text_cache.load(file, None)
    if cached is None or cached.beginning is None:
        return None
    story = json_to_story(cached.beginning.story, file)
    if story is None:
        return None
    story = replace(story, has_own_title=cached.beginning.has_own_title)
    return story, make_cached_text(cached, story, file)


def make_open_story(story: Story, text: StoryText, data: ReadingData) -> OpenStory:
    """Return `story` open, parsed as far as its first screen and its stored place need."""
    open_story = OpenStory(story, text, data)
    if not _open_deep(open_story, data):
        open_story.parse_first_screen()
    return open_story


def _open_deep(open_story: OpenStory, data: ReadingData) -> bool:
    """Open a cached text at a stored place deep in it, without reading what is before the place.

    Return False, with nothing done, if all of the text must be read to say what has changed in it.
    """
    story, text, document = open_story.story, open_story.text, open_story.document
    is_deep = open_story.anchor is not None and open_story.anchor.place.block >= MIN_DEEP_BLOCK
    is_known = bool(story.fingerprint) and has_digest(data.text_record, text.get_digest())
    stored = text.open_stored() if is_deep and is_known else None
    if stored is None:
        return False
    document.show_stored(stored.blocks, stored.facts, stored.blocks.read_next)
    end = Slice((), tuple(stored.footnotes), is_last=True)
    passages = open_story.highlights.locate_in_blocks(document.blocks, 0) if data.highlights else {}
    open_story.add_slice(ParsedSlice(end, passages, data.text_record, None, story.fingerprint))
    if data.highlights and open_story.highlights.has_unlocated:
        open_story.highlights.add_passages(open_story.highlights.locate_in_document(document))
    return True


def describe_text(source: Source, folder: str) -> tuple[Story, StoryText]:
    """Parse the first slice of a text; return the story that it describes, and the text.

    The story's words are 0 if the first slice is not the whole text. The first slice is
    parsed once: it is part of the text that is returned, without a heading that repeats
    the title.
    """
    from reader.library.describing.opening import (  # a story in the index needs none
        Title,
        find_title,
    )

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


class Scanned(NamedTuple):
    """What a `ScanJob` has found."""

    folders: Sequence[Folder]
    """By their real paths."""
    files: Sequence[File]
    known: list[Story]
    """The stories that the index has, as it has them, if they may be known ones."""
    others: list[Story]
    """The others of them."""
    missing: Sequence[File]
    """The files that are still to be described."""
    notices: Sequence[str]
    """What can't be scanned."""
    is_kept: bool
    """The kept order was made of these files."""


class ScanJob(NamedTuple):
    """Scans folders, and reads the index; may run in a worker."""

    folders: Sequence[Folder]
    own_folder: Path | None
    """The folder of the reader's own stories, which need not exist."""
    open_index: Callable[[], Index]
    may_be_known: Callable[[Story], bool]
    """Says whether a story may be a known one."""
    kept_files: int | None
    """The digest of the files of which the kept order was made, if its folders have their dates."""

    def run(self) -> Scanned:
        """Scan the folders."""
        from reader.session.shelf.kept_order import compute_files_digest  # few libraries are large

        notices: list[str] = []
        own = self.own_folder
        present = [one for one in self.folders if one.path != own or os.path.lexists(one.path)]
        files = [file for folder in present for file in scan_folder(folder, notices)]
        index = self.open_index()
        indexed = index.load_stories(files)
        index.close()
        known: list[Story] = []
        others: list[Story] = []
        for story in indexed.values():
            (known if self.may_be_known(story) else others).append(story)
        missing = list_undescribed(files, indexed)
        is_kept = not missing and self.kept_files == compute_files_digest(files)
        real = [one._replace(path=Path(os.path.realpath(one.path))) for one in self.folders]
        return Scanned(real, files, known, others, missing, notices, is_kept)
