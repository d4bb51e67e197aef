"""A story: its metadata, and its text.

`library.describing` derives the metadata from the file. The text comes from the text cache, else
from the parser.
"""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass, field, fields, make_dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

from reader.errors import UnreadableFile
from reader.library.files import find_file, read_bytes
from reader.library.source.encodings import decode_text
from reader.text.document import fingerprint_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import date

    from reader.fulltext.markdown_words import PlainWords
    from reader.library.files import File
    from reader.library.source.encodings import DecodedText
    from reader.library.source.frontmatter import FrontMatter
    from reader.library.stored_blocks import StoredText
    from reader.library.text_cache import CachedText, TextCache
    from reader.text.document import Document, Slice


STORY_LINK_PREFIX: Final = "story:"
"""The start of a link target that leads to a story by its id."""


@dataclass(frozen=True, slots=True)
class Story:
    """The metadata of a story; its text is loaded separately."""

    id: str
    location: str
    """The path of its file as text. A `Path` takes four times the memory, for each story."""
    title: str
    folder: str = ""
    """`bundled`, or the name of the folder that was scanned."""
    deck: str = ""
    kicker: str = ""
    author: str = ""
    about: str = ""
    credit: str = ""
    published: date | None = None
    """The day; the first of its month or year if only that is known."""
    published_seconds: int = 0
    """The time in seconds after that day's midnight in UTC. It only orders stories of a day."""
    date_text: str = ""
    """The date as it is shown if the day isn't known: a month, a year, or what was typed."""
    is_date_in_text: bool = False
    """The date is a line below the title, so that the byline doesn't repeat it."""
    notices: tuple[str, ...] = ()
    """Lines on what the front matter has besides, and on how the file was read."""
    tags: tuple[str, ...] = ()
    series: str = ""
    part: int = 0
    language: str = ""
    kind: str = ""
    url: str = ""
    words: int = 0
    is_persistent: bool = True
    """Its reading data is saved. False for a story from standard input."""
    has_own_title: bool = True
    """The title is in its file; else the name of the file is the title."""
    own_id: str = ""
    """The id that its file gives: of the front matter, else made of the path. Empty if `id` is."""
    fingerprint: str = ""
    """Of its words, see `reading.identity`; empty if the text isn't known or has no words."""
    is_draft: bool = False
    """Its front matter says `draft: true`."""
    is_readable: bool = True
    """False for an entry for a file that can't be read; the deck is the reason."""
    is_head_only: bool = False
    """Only the head of its file was read: its words aren't counted, and it has no fingerprint."""

    @property
    def path(self) -> Path:
        """The path of its file. It is made anew: what looks at all stories takes `location`."""
        return Path(self.location)


@cache
def get_story_maker() -> Callable[..., Story]:
    """Return a function that makes stories as `Story` does, in a fourth of the time.

    A frozen dataclass sets each field by a call. This sets those of an object with the same slots,
    whose class is changed then. To define its class takes as long as to make a hundred stories.
    """
    own = [(each.name, Any, field(default=each.default)) for each in fields(Story)]
    make_draft: Any = make_dataclass("_Draft", own, slots=True, eq=False, repr=False)

    def make(*values: object, **named: object) -> Story:
        story = make_draft(*values, **named)
        story.__class__ = Story
        return cast("Story", story)

    return make


_VERSE_KINDS: Final = frozenset({"verse", "poem", "poetry"})
"""Kinds of stories whose lines end where they end in the file."""
_FENCED_CODE: Final = re.compile(
    r"(^ {0,3}(?:```|~~~).*\n(?:.*\n)*? {0,3}(?:```|~~~)[ \t]*$)", re.MULTILINE
)
_VERSE_INDENT: Final = re.compile(r"^[ \t]+(?=[^\s>#*+-])(?!\d+[.)] )", re.MULTILINE)
_VERSE_LINE_END: Final = r"(?<=[^\s\\])[ \t]*\n(?=[ \t>]*[^\s>])"
"""The end of a line that another line of its paragraph follows. Two spaces make it a hard break."""


class Source(NamedTuple):
    """A story's file as read, with only newlines as line ends."""

    location: str
    """The path of the file as text."""
    front_matter: FrontMatter
    body: str
    notice: str = ""
    """A line on the encoding of the file."""

    @property
    def path(self) -> Path:
        """The path of the file."""
        return Path(self.location)


def read_source(path: Path) -> Source:
    """Return the front matter and body of the file at `path`.

    Raises `UnreadableFile` if it isn't a regular text file of at most 64 MB.
    """
    return split_source(decode_text(read_bytes(path), path), path)


def split_source(decoded: DecodedText, path: Path | str) -> Source:
    """Return the front matter and body of a text, the content of the file at `path`."""
    from reader.library.source.frontmatter import split_front_matter

    front_matter, body = split_front_matter(decoded.text)
    if front_matter.kind.lower() in _VERSE_KINDS:
        body = _keep_verse_lines(body)
    return Source(str(path), front_matter, body, decoded.notice)


def _keep_verse_lines(body: str) -> str:
    """Return verse as Markdown whose lines end where they end, and begin with their spaces.

    Code between fences, and lists and quotes, have the spaces that Markdown needs.
    """
    pieces = re.split(_FENCED_CODE, body)
    for number in range(0, len(pieces), 2):  # those between have the code
        lines = re.sub(_VERSE_LINE_END, "  \n", pieces[number])
        pieces[number] = re.sub(_VERSE_INDENT, _make_indent, lines)
    return "".join(pieces)


def _make_indent(match: re.Match[str]) -> str:
    return "\u00a0" * len(match[0].expandtabs(4))


def fingerprint_words(pieces: Iterable[PlainWords], story: Story) -> str:
    """Return the fingerprint by which the text of `story` is found again, without its title."""
    from reader.reading.identity import make_fingerprint  # the first screen needs none

    texts = (text for piece in pieces for text in piece)
    return make_fingerprint(texts, has_title=story.has_own_title)


class StoryText:
    """The text of an open story, from the cache or from the parser."""

    def __init__(
        self,
        slices: Iterator[Slice],
        characters: int,
        make_digest: Callable[[], str],
        read_body: Callable[[], str],
        *,
        is_cached: bool,
    ) -> None:
        self.slices = slices
        self.characters = characters
        """Approximate length of the whole text."""
        self.file: File | None = None
        """The file as it was before it was read; None if nothing of the text can be cached."""
        self.is_cached = is_cached
        """All of the text came from the cache."""
        self.open_stored: Callable[[], StoredText | None] = lambda: None
        """Opens the text in the cache without reading all of it; None if that isn't possible."""
        self.saved_characters = 0
        """How many characters at its beginning are in the cache, while not all of it is."""
        self._make_digest = make_digest
        self._read_body = read_body
        self._digest = ""

    def get_digest(self) -> str:
        """Return the fingerprint of the text, which is different for each version."""
        self._digest = self._digest or self._make_digest()
        return self._digest

    def make_fingerprint(self, story: Story) -> str:
        """Return the fingerprint of the words of `story`, empty if its file can't be read now."""
        from reader.fulltext.markdown_words import extract_words

        try:
            return fingerprint_words(extract_words(self._read_body(), story.title), story)
        except UnreadableFile:
            return ""

    def read_source(self, start: int, count: int) -> str:
        """Return so many characters of the source; none if its file can't be read now."""
        try:
            return self._read_body()[start : start + count]
        except UnreadableFile:
            return ""

    def release_source(self) -> None:
        """Free the source of the text once all of it is parsed."""
        digest = self.get_digest()
        self.slices, self._make_digest = iter(()), lambda: digest
        self._read_body = str


def make_text(source: Source, title: str) -> StoryText:
    """Return the text of a file that was read, without a first heading equal to `title`."""
    body = source.body
    return StoryText(
        parse_slices(body, title),
        len(body),
        lambda: fingerprint_text(body),
        lambda: body,
        is_cached=False,
    )


def load_text(story: Story, text_cache: TextCache) -> StoryText:
    """Return the text of `story` from the cache or from its file. Raises `UnreadableFile`."""
    file = find_file(story.path) if story.is_persistent else None
    cached = text_cache.load(file, story.title) if file is not None else None
    if cached is None:
        text = make_text(read_source(story.path), story.title)
        text.file = file
        return text
    return make_cached_text(cached, story, file)


def make_cached_text(cached: CachedText, story: Story, file: File | None) -> StoryText:
    """Return the text of `story`, of which all or the beginning is cached.

    What isn't is parsed from the file, once it is requested.
    """
    text = StoryText(
        _recover_slices(cached, story),
        cached.characters,
        lambda: cached.digest,
        lambda: read_source(story.path).body,
        is_cached=cached.beginning is None,
    )
    text.file = file
    text.open_stored = partial(_open_stored, cached, story)
    if cached.beginning is not None:
        text.saved_characters = cached.beginning.characters
    return text


def _open_stored(cached: CachedText, story: Story) -> StoredText | None:
    from reader.library.stored_blocks import open_stored_text  # few texts are left deep in them

    def parse() -> Iterator[Slice]:
        return parse_slices(read_source(story.path).body, story.title)

    return open_stored_text(cached.path, cached.header, cached.characters, parse)


def find_unchanged_file(story: Story, text: StoryText) -> File | None:
    """Return the file whose text can be cached; None if it has changed since it was read."""
    if not story.is_persistent or text.is_cached or text.file is None:
        return None
    file, read = find_file(story.path), text.file
    is_same = file is not None and file._replace(location=read.location, folder=read.folder) == read
    return file if is_same else None


def save_text(story: Story, text: StoryText, document: Document, text_cache: TextCache) -> None:
    """Save the complete `document` that was parsed from `text`, unless it is from the cache."""
    file = find_unchanged_file(story, text)
    if file is not None:
        text_cache.save(file, story.title, document, text.get_digest())


def parse_slices(body: str, title: str) -> Iterator[Slice]:
    """Return the slices of a text, each parsed when it is requested."""
    # The parser takes longer to import than the shelf takes to draw, and the shelf needs none.
    from reader.markdown.slices import parse_slices

    return parse_slices(body, title)


def _recover_slices(cached: CachedText, story: Story) -> Iterator[Slice]:
    """Yield the cached slices; if they have no end, or a damaged one, parse the rest."""
    block_count = 0
    with contextlib.suppress(ValueError):
        for piece in cached.slices:
            yield piece
            if piece.is_last:
                return
            block_count += len(piece.blocks)
    for piece in parse_slices(read_source(story.path).body, story.title):
        rest = piece.blocks[block_count:]
        block_count = max(0, block_count - len(piece.blocks))
        yield piece._replace(blocks=rest)
