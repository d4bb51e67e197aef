"""Print a story as text while it is parsed: each part is typeset as soon as it is known.

Nothing in it can control a terminal: text is sanitised, and the only escape sequences are ours.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.layout.galley import Galley, Row
from reader.layout.lines import DEFAULT_STYLE, wrap_text
from reader.render.story_frame import build_head, build_tail
from reader.text.document import Document, Kind, Role
from reader.text.places import copy_part

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from reader.layout.lines import Line, ParagraphStyle
    from reader.render.story_frame import PlainMarks
    from reader.session.open_story import OpenStory
    from reader.session.shelf.end_card import EndCard
    from reader.text.document import Block, Place


_EXACT_CHARACTERS: Final = 40_000
"""Characters that are parsed before the byline is printed. The minutes of a longer text are
estimated from them."""
_SGR_CODES: Final = (
    (Role.TITLE | Role.HEADING | Role.STRONG, "1"),
    (Role.DIM | Role.MARKER, "2"),
    (Role.EMPHASIS, "3"),
    (Role.LINK, "4"),
    (Role.STRIKE, "9"),
)
"""Roles and the parameter of the terminal's SGR sequence that shows them (ECMA-48, 8.3.117)."""


class PageFormat(NamedTuple):
    """How a story is typeset as text."""

    measure: int
    """Cells of the column."""
    room: int
    """Cells that a table or code may take if it is wider."""
    style: ParagraphStyle = DEFAULT_STYLE
    marks: PlainMarks | None = None
    """Marks that replace styles; None for output with styles."""


def stream_story(
    open_story: OpenStory,
    page: PageFormat,
    make_end_card: Callable[[OpenStory], EndCard],
    start: Place | None = None,
) -> Iterator[str]:
    """Yield the lines of a story while it is parsed, without blank lines at its end.

    With `start` they begin at the line of that place, without the story's head. `make_end_card`
    is called when the text is complete.
    """
    text = _GrowingText(open_story, page.marks)
    head = () if start is not None else _build_head(open_story)
    style = page.style.with_language(open_story.story.language)
    galley = Galley(text.document, page.measure, head, style)
    galley.room = page.room
    printer = _Printer(galley, styled=page.marks is None)
    if start is not None:
        while not text.has_block(start.block) and text.grow():
            pass
        printer.row = galley.place_to_row(text.shift_place(start))
    yield from printer.print_new_rows()
    while text.grow():
        yield from printer.print_new_rows()
    galley.set_tail(build_tail(open_story.story, text.document, make_end_card(open_story)))
    yield from printer.print_new_rows()


def _build_head(open_story: OpenStory) -> tuple[Block, ...]:
    """Return the head of a story. The minutes of a long one are an estimate, and it says so."""
    document, story = open_story.document, open_story.story
    while not story.words and document.characters < _EXACT_CHARACTERS:
        if open_story.is_before_large_block or not open_story.parse_more():
            break
        story = open_story.story
    if story.words or document.is_complete:
        return build_head(story, open_story.pace)
    story = replace(story, words=open_story.estimate_words())
    return build_head(story, open_story.pace, is_estimate=True)


class _GrowingText:
    """The document that is printed: that of an open story, or a copy of it with marks."""

    def __init__(self, open_story: OpenStory, marks: PlainMarks | None) -> None:
        self._open_story = open_story
        self._marks = marks
        self.document = open_story.document if marks is None else Document()
        self._add_marked_blocks()

    def has_block(self, number: int) -> bool:
        """Return whether the document has a block yet."""
        return number < len(self.document.blocks)

    def shift_place(self, place: Place) -> Place:
        """Return where a place of the story is in the document."""
        if self._marks is None:
            return place
        return self._marks.shift_place(self._open_story.document, place)

    def grow(self) -> bool:
        """Parse more and add it to the document; return False once that is complete."""
        if self.document.is_complete:
            return False
        self._open_story.parse_more()
        self._add_marked_blocks()
        return True

    def _add_marked_blocks(self) -> None:
        """Add what is parsed. The blocks of a table are marked together, once all are known."""
        document = self._open_story.document
        if self._marks is None or self.document.is_complete:
            return
        blocks = [*document.blocks[len(self.document.blocks) :]]
        while blocks and blocks[-1].columns is not None and not document.is_complete:
            blocks.pop()
        self.document.extend(self._marks.mark_blocks(blocks))
        if document.is_complete:
            self.document.finish(self._marks.mark_blocks(document.footnotes))


class _Printer:
    """Prints the rows of a galley whose document grows."""

    def __init__(self, galley: Galley, *, styled: bool = False) -> None:
        self._galley = galley
        self._styled = styled
        self.row = galley.first_row
        """The next row to print."""
        self._blank_lines = 0
        """Blank lines that are printed if another line follows."""

    def print_new_rows(self) -> Iterator[str]:
        """Yield the lines from `row` to the end of what the galley has by now."""
        for row, line in self._galley.draw_rows(self.row, sys.maxsize):
            text = _add_escape_codes(line) if self._styled else self._restore_tabs(row, line)
            if not text:
                self._blank_lines += 1
                continue
            yield from ("",) * self._blank_lines
            yield text
            self._blank_lines = 0
        self.row = max(self.row, Row(self._galley.part_count))

    def _restore_tabs(self, row: Row, line: Line) -> str:
        """Return a line as text. A line of code that isn't wrapped has its tabs."""
        text = line.text.rstrip()
        if not any(Role.CODE in run.roles for run in line.runs) or not self._galley.is_in_body(row):
            return text
        block = self._galley.document.get_block(self._galley.get_row_start(row).block)
        if block.kind is not Kind.CODE or block.nesting or not block.spans:
            return text
        start = block.text.rfind("\n", 0, line.start) + 1
        end = block.text.find("\n", start)
        end = len(block.text) if end < 0 else end
        is_whole = block.text[start:end].rstrip() == text
        return copy_part(block, start, end, has_tabs=True).rstrip() if is_whole else text


def render_text(galley: Galley) -> Iterator[str]:
    """Yield the lines of a complete galley without styles."""
    return _Printer(galley).print_new_rows()


def _add_escape_codes(line: Line) -> str:
    pieces = []
    for run in line.runs:
        codes = ";".join(code for roles, code in _SGR_CODES if run.roles & roles)
        pieces.append(f"\x1b[{codes}m{run.text}\x1b[0m" if codes else run.text)
    return "".join(pieces).rstrip()


def render_addresses(addresses: Sequence[str], width: int | None = None) -> Iterator[str]:
    """Yield a numbered list of the addresses of links, below a blank line and a caption.

    An address is whole on its line, so that it can be copied, unless `width` (cells) is given.
    """
    if not addresses:
        return
    yield ""
    for line in ("Links", "", *(f"[{n}] {address}" for n, address in enumerate(addresses, 1))):
        for start, end in wrap_text(line, width) if width and line else ((0, len(line)),):
            yield line[start:end]
