"""Jobs for a worker: read sources as far as the first story, preview a draft, save stories."""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from threading import Event
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.errors import ReaderError, UnreadableFile
from reader.ingest.adding import Adder
from reader.ingest.save import write_markdown
from reader.ingest.sources import Content, find_format, load_source, read_drafts
from reader.library.describing import describe_files
from reader.library.files import find_file
from reader.session.adding.feed import FoundFeed, read_feed
from reader.session.adding.pending import PendingStories, describe_stories, list_removed_lines
from reader.session.adding.sources import (
    ADDRESS,
    FILE,
    PASTED_NAME,
    TEXT,
    is_file_there,
    parse_sources,
)
from reader.session.jobs import make_open_story
from reader.session.open_story import ReadingData
from reader.session.piped_story import PIPED_PATH, describe_piped_text
from reader.store.repository import Store, StoryState
from reader.text.cells import sanitize_line
from reader.text.document import Document, Place

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from reader.ingest import Draft
    from reader.ingest.save import Saved
    from reader.library.files import File
    from reader.library.story import Story
    from reader.session.adding.sources import Source
    from reader.session.open_story import OpenStory

ReadResult = PendingStories | FoundFeed
"""What is read of a source."""
_NO_TITLE: Final = "No title yet"
BATCH_SIZE: Final = 50
"""Stories described in one step after they are saved."""


class ReadJob:
    """A job for a worker: fetch or read sources as far as the first story."""

    def __init__(self, text: str) -> None:
        """`text` is what was typed or pasted."""
        self._text = text
        self.stage = "Reading …"
        """What is being done now."""
        self._notices: list[str] = []
        self._content: Content | None = None
        """Of the only source."""

    def run(self) -> ReadResult:
        """Return the stories, or a feed. Raises `ReaderError`; the message says what to do."""
        sources = parse_sources(self._text, is_file_there)
        if len(sources) == 1:
            self._content = content = self._load(sources[0])
            if content.data.strip() and find_format(content) == "feed":
                return read_feed(content)
        return self._read_first(sources)

    def _read_first(self, sources: list[Source]) -> PendingStories:
        contents = self._read_all(sources)
        first_error: ReaderError | None = None
        first: Draft | None = None
        for item in contents:
            if not isinstance(item, ReaderError):
                first = item
                break
            first_error = first_error or item
            self._notices.append(str(item))
        if first is None:
            name = sources[0].name
            raise first_error or UnreadableFile(f"{name}: no story was found in it")
        stories = PendingStories(first, contents, ())
        if len(sources) > 1:
            stories.has_more = True
        else:
            second = next(contents, None)
            stories.has_more = second is not None
            stories.rest = chain(() if second is None else (second,), contents)
            stories.is_local = self._content is not None and self._content.is_local
        stories.notices = tuple(self._notices)
        return stories

    def _read_all(self, sources: list[Source]) -> Iterator[Draft | ReaderError]:
        for source in sources:
            try:
                content = self._content or self._load(source)
                self.stage = f"Reading {source.name} …"
                drafts = read_drafts(content)
                yield from drafts if source.kind != TEXT else map(_drop_name, drafts)
            except ReaderError as error:
                yield error

    def _load(self, source: Source) -> Content:
        self.stage = f"{_describe_work(source)} …"
        if source.kind == TEXT:
            return Content(source.text.encode("utf-8", "replace"), PASTED_NAME)
        if source.kind == FILE and not os.path.lexists(source.text):
            raise UnreadableFile(
                f"{source.name}: there is no such file; an address begins with https://"
            )
        return load_source(source.text, self._announce)

    def _announce(self, line: str) -> None:
        self._notices.append(line)
        self.stage = f"{line}; fetching …"


def _drop_name(draft: Draft) -> Draft:
    """Return a pasted text without a title if that is only what the text is called here."""
    is_name = draft.facts.title == PASTED_NAME
    return replace(draft, facts=replace(draft.facts, title="")) if is_name else draft


def _describe_work(source: Source) -> str:
    return f"{'Fetching from' if source.kind == ADDRESS else 'Reading'} {source.name}"


class Preview(NamedTuple):
    """A draft as a story that the page can show."""

    open_story: OpenStory
    """It is parsed to its end."""
    goal: Place | None
    """Where the line is that was asked for."""
    head: str
    """What is known of the source, in some lines."""
    left_out: int
    """Lines that were left out."""


class PreviewJob(NamedTuple):
    """A job for a worker: preview the draft of some stories."""

    stories: PendingStories
    place: Place = Place()
    goal: str = ""
    """A line of the text, by its words."""

    def run(self) -> Preview:
        """Return the draft as it is now, as a story. Raises `UnreadableFile`."""
        draft = self.stories.draft
        story, text = describe_piped_text(write_markdown(draft).encode("utf-8", "replace"))
        is_unnamed = story.title.lower() == PIPED_PATH.name  # it has no file to be named after
        if not draft.facts.title and is_unnamed:
            story = replace(story, title=_NO_TITLE)
        open_story = make_open_story(story, text, ReadingData(StoryState()))
        open_story.parse_all()
        document = open_story.document
        open_story.set_place(document.clamp(self.place))
        goal = _find_line(document, self.goal) if self.goal else None
        left_out = len(list_removed_lines(draft))
        return Preview(open_story, goal, describe_stories(self.stories), left_out)


def _find_line(document: Document, line: str) -> Place | None:
    """Return the block that has the letters of a line, else one that begins with them."""
    wanted = _fold(line)
    starts = [_fold(block.text[: 2 * len(line)]) for block in document.blocks]
    exact = (n for n, text in enumerate(starts) if text == wanted)
    similar = (n for n, text in enumerate(starts) if wanted and text.startswith(wanted))
    number = next(exact, next(similar, None))
    return Place(number) if number is not None else None


def _fold(text: str) -> str:
    return "".join(c for c in text if c.isalnum()).lower()


@dataclass(frozen=True)
class SaveResult:
    """What became of the stories of a source."""

    saved: tuple[Saved, ...] = ()
    attached: int = 0
    """Highlights that stories have now."""
    errors: tuple[str, ...] = ()
    """A line for each story that can't be saved or read."""
    is_stopped: bool = False
    """The reader cancelled it; the rest was not saved."""

    def list_files(self) -> list[File]:
        """Return the files of the stories."""
        found = (find_file(saved.path) for saved in self.saved)
        return [file for file in found if file is not None]


class SaveJob:
    """A job for a worker: save stories in the reader's own folder."""

    def __init__(self, stories: PendingStories, folder: Path, store_path: Path | None) -> None:
        self._stories, self._folder, self._store_path = stories, folder, store_path
        self._is_cancelled = Event()
        self._saved: list[Saved] = []
        self._attached = 0
        self._errors: list[str] = []

    def cancel(self) -> None:
        """Stop before the next story."""
        self._is_cancelled.set()

    @property
    def is_cancelled(self) -> bool:
        """Whether it stops before the next story."""
        return self._is_cancelled.is_set()

    @property
    def count(self) -> int:
        """Stories saved so far."""
        return len(self._saved)

    @property
    def stage(self) -> str:
        """What is being done now."""
        total = f" of {self._stories.total:,}" if self._stories.total else ""
        return f"Saving: {self.count:,}{total} …" if self._stories.has_more else "Saving …"

    def run(self) -> SaveResult:
        """Save all stories; return what became of them. Raises `ReaderError` if none is saved."""
        with ExitStack() as stack:

            def open_store(path: Path) -> Store:
                store = Store.open_again(path)
                stack.callback(store.close)
                return store

            # Without a file of reading data the highlights stay in a story of their own.
            path = self._store_path
            adder = Adder(self._folder, partial(open_store, path) if path is not None else None)
            drafts = self._stories.take_all()
            while not self.is_cancelled and (draft := next(drafts, None)) is not None:
                self._add(adder, draft)
        return SaveResult(
            tuple(self._saved), self._attached, tuple(self._errors), self.is_cancelled
        )

    def _add(self, adder: Adder, draft: Draft | ReaderError) -> None:
        """Save a story, or keep the error. Raises it if nothing was saved before."""
        try:
            if isinstance(draft, ReaderError):
                raise draft
            for added in adder.add(draft):
                self._attached += added.attached
                if added.saved is not None:
                    self._saved.append(added.saved)
        except ReaderError as error:
            if not self._saved and not self._attached:
                raise
            self._errors.append(str(error))


def describe_saved(files: list[File]) -> Iterator[list[tuple[File, Story]]]:
    """Yield the stories of saved files in batches, for `Session.add_stories`."""
    for start in range(0, len(files), BATCH_SIZE):
        yield list(describe_files(files[start : start + BATCH_SIZE]))


def format_result(result: SaveResult, stories: PendingStories) -> str:
    """Return one line that says what became of the stories; it is sanitised."""
    title = sanitize_line(stories.draft.facts.title, 100) or "the story"
    if stories.has_more:
        count = len(result.saved)
        parts = [f"Added {count:,} {'story' if count == 1 else 'stories'}"]
    elif not result.saved:
        parts = [f"Added to the highlights of a story: {title}"]
    elif not result.saved[0].is_update:
        parts = [f"Added: {title}"]
    else:
        parts = [f"{'Updated' if result.saved[0].is_changed else 'Unchanged'}: {title}"]
    if result.attached:
        parts.append(f"{result.attached} highlight{'s' if result.attached != 1 else ''}")
    if result.is_stopped:
        parts.append("stopped; add it again for the rest")
    if result.errors:
        failed = len(result.errors)
        parts.append(f"{failed} could not be added: {sanitize_line(result.errors[0], 300)}")
    return " · ".join(parts)
