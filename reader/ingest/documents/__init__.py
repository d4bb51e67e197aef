"""Word processors' documents: `.docx` (ECMA-376) and `.odt` (ISO/IEC 26300).

Read with the standard library: both are XML in a ZIP archive, and `zip_file` and `xml_tree` are
made for hostile ones, as the libraries for these formats are not. A module for each format
(`word`, `open_document`) makes `Block` values; `html` writes these as HTML, which has one way to
Markdown; `story` puts the draft together.
"""

from __future__ import annotations

import posixpath
from functools import partial
from hashlib import blake2b
from html import escape
from typing import TYPE_CHECKING, NamedTuple

from reader.errors import UnreadableFile
from reader.ingest import Facts, Picture
from reader.ingest.save import PICTURE_FOLDER
from reader.ingest.zip_file import is_picture_name, read_picture

if TYPE_CHECKING:
    from reader.ingest.zip_file import Archive


HEADING, PARAGRAPH, ITEM, QUOTE, CODE, CAPTION, RAW, DECK = (
    "heading", "paragraph", "item", "quote", "code", "caption", "raw", "deck",
)  # fmt: skip
"""The kinds of a block."""


class Run(NamedTuple):
    """A stretch of text in one style."""

    html: str
    tags: tuple[str, ...] = ()
    """The elements of HTML around it, the outermost first."""
    link: str = ""


class Block(NamedTuple):
    """A paragraph or a table of a document."""

    kind: str
    html: str
    """The content, as HTML."""
    level: int = 1
    """Of a heading or an item, from 1."""
    list_name: str = ""
    """Items of a numbered list count on if these names are equal; empty for bullets."""


class Document(NamedTuple):
    """What was read of a file."""

    facts: Facts
    blocks: list[Block]
    notes: list[tuple[str, str]]
    """The ids and the HTML of the footnotes."""
    removed: list[str]
    """Lines of the file that are no part of the text, such as those of its table of contents."""
    pictures: dict[str, Picture]
    """By their names in the archive."""


class PictureBox:
    """The pictures of an archive that the text shows."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self.found: dict[str, Picture] = {}

    def add(self, name: str, text: str) -> str:
        """Return the element for a picture that is described by `text`; empty if it can't be shown."""
        found = self._archive.find(name)
        if not found or not is_picture_name(found):
            return ""
        if found not in self.found:
            try:
                data = read_picture(self._archive, found)
            except UnreadableFile:
                return ""
            digest = blake2b(data, digest_size=8).hexdigest()
            suffix = posixpath.splitext(found)[1].lower()
            read = partial(read_picture, self._archive, found)
            self.found[found] = Picture(f"{digest}{suffix}", read)
        saved = self.found[found].name
        return f'<img src="{PICTURE_FOLDER}/{saved}" alt="{escape(text or "Picture")}">'
