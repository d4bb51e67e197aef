"""EPUB books: each chapter becomes a part of a series.

A module for the package, which lists the files and their order (`package`), the table of contents
(`contents`), which parts there are (`parts`), and their text (`chapters`). A chapter is read and
converted when its draft is requested, so that the first one of a long book is there at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable


class Picture(NamedTuple):
    """A picture of a chapter, which is saved beside it."""

    name: str
    """The name of its file; it has no separators."""
    read: Callable[[], bytes]
    """Returns its content. Raises `UnreadableFile`."""


class BookPart(NamedTuple):
    """Where a chapter is saved, and by what it is found again."""

    book_id: str
    """Of the book, made of its identifier."""
    folder: str
    """The name of the book's folder."""
    stem: str
    """The name of the chapter's file, without its suffix."""
    story_id: str
    total: int
    """How many parts the book has, as far as its contents tell."""
    pictures: tuple[Picture, ...] = ()
