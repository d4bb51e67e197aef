"""A story's text, slice by slice: parsed from its file, or as it stands in the cache.

A text that stands needs neither the file nor the parser. One that breaks off in the cache is
parsed on from its file, so that nobody who reads it notices. Touches no memory and no screen:
a worker's job.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .document import fingerprint
from .library import file_at
from .story import read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .document import Document, Slice
    from .standing import Standing, Type
    from .story import Source, Story


class Text:
    """The text of a story that is opened."""

    def __init__(
        self, slices: Iterator[Slice], letters: int, digest: Callable[[], str], *, stands: bool
    ) -> None:
        self.slices = slices
        self.letters = letters
        """About how many characters there are in all."""
        self.stands = stands
        """It was parsed before, and is in the cache."""
        self._tell = digest
        self._digest = ""

    def digest(self) -> str:
        """Return what tells this version of the text from another."""
        self._digest = self._digest or self._tell()
        return self._digest

    def let_go(self) -> None:
        """Hold on to no source any more: all of it is parsed."""
        digest = self.digest()
        self.slices, self._tell = iter(()), lambda: digest


def text_of(source: Source, title: str) -> Text:
    """Return the text of a file that was read; a first heading that is `title` is dropped."""
    body = source.body
    return Text(slices_of(body, title), len(body), lambda: fingerprint(body), stands=False)


def text_at(story: Story, kept: Type) -> Text:
    """Return the text of `story` as it stands, or from its file. Raises `Unreadable`."""
    file = file_at(story.path) if story.kept else None
    standing = kept.find(file, story.title) if file is not None else None
    if standing is None:
        return text_of(read(story.path), story.title)
    slices = _mended(standing, story)
    return Text(slices, standing.letters, lambda: standing.digest, stands=True)


def keep(story: Story, text: Text, document: Document, kept: Type) -> None:
    """Have the complete `document`, which was parsed from `text`, stand from now on."""
    file = file_at(story.path) if story.kept and not text.stands else None
    if file is not None:
        kept.keep(file, story.title, document, text.digest())


def slices_of(body: str, title: str) -> Iterator[Slice]:
    """Return the slices of a text as they are parsed, each when it is asked for."""
    # Importing the parser takes longer than drawing the shelf, whose first screen needs none.
    from .markdown import slices

    return slices(body, title)


def _mended(standing: Standing, story: Story) -> Iterator[Slice]:
    """Yield what stands; where that breaks off, what the file has beyond it."""
    done = 0
    try:
        for piece in standing.slices:
            yield piece
            done += len(piece.blocks)
    except ValueError:
        for piece in slices_of(read(story.path).body, story.title):
            fresh = piece.blocks[done:]
            done = max(0, done - len(piece.blocks))
            yield piece._replace(blocks=fresh)
