"""What the command line prints of stories, a story or the shelf, and the files that it writes."""

from __future__ import annotations

import errno
import os
import sys
import time
from functools import partial
from typing import TYPE_CHECKING, Final

from reader.cli import print_error
from reader.cli.context import fill_library, load_config
from reader.errors import UnreadableFile
from reader.paths import is_sticky, resolve_links
from reader.text.cells import sanitize_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from reader.library.files import File
    from reader.session.open_story import OpenStory
    from reader.session.session import Session
    from reader.session.shelf.end_card import EndCard
    from reader.text.document import Place


FLUSH_SECONDS: Final = 0.1
"""How long a printed line waits in a buffer at most, while lines are made."""


def print_lines(lines: Iterable[str]) -> int:
    """Print each line as soon as it is made, and return exit code 0.

    What waits in a buffer is written after the first line, and then at least each
    `FLUSH_SECONDS` while lines are made.
    """
    flush_at = 0.0
    for line in lines:
        print(line)
        now = time.monotonic()
        if now >= flush_at:
            sys.stdout.flush()
            flush_at = now + FLUSH_SECONDS
    return 0


def render_catalog(session: Session, folder: Path | list[File] | None) -> Iterator[str]:
    """Yield a line for each story of `folder` or these files, or of the library without one."""
    from reader.render.text_output import render_shelf

    fill_library(session, folder)
    yield from render_shelf(session.list_entries())


def render_story(
    session: Session,
    open_story: OpenStory,
    start: Place | None,
    width: int | None = None,
    *,
    has_links: bool = True,
) -> Iterator[str]:
    """Yield the lines of a story, whole or from `start` on, at most `width` cells wide.

    Without styles, struck text is marked, and with `has_links` the addresses of links follow
    at the end.
    """
    from shutil import get_terminal_size

    from reader.cli.terminal import can_show_styles
    from reader.layout.lines import DEFAULT_MEASURE
    from reader.render.story_frame import PlainMarks
    from reader.render.story_stream import PageFormat, render_addresses, stream_story

    columns = get_terminal_size().columns
    config = load_config()
    for warning in config.warnings:
        print_error(warning)
    marks = None if can_show_styles() else PlainMarks(has_links=has_links)
    page = PageFormat(
        width or min(DEFAULT_MEASURE, columns), width or columns, config.paragraph_style, marks
    )
    yield from stream_story(open_story, page, partial(_make_end_card, session), start)
    if marks is not None:
        yield from render_addresses(marks.addresses, width)


def _make_end_card(session: Session, open_story: OpenStory) -> EndCard:
    from reader.reading.progress import ReadStatus

    end_card = session.make_end_card(open_story)
    if open_story.reading_credit.status is ReadStatus.UNREAD:  # "Not read yet" says nothing new
        return end_card._replace(reading_summary="")
    return end_card


def write_output(path: Path | None, data: bytes) -> None:
    """Write the file at `path`, or to standard output. Raises `UnreadableFile`.

    A file is replaced once all of `data` is on the disk. A link is followed, but none in a
    folder where everybody can make one.
    """
    if path is None:
        sys.stdout.buffer.write(data)
        return
    try:
        _write_file(path, data)
    except OSError as error:
        reason = (error.strerror or "can't be written").lower()
        raise UnreadableFile(f"{sanitize_line(str(path))}: {reason}") from error


def _write_file(path: Path, data: bytes) -> None:
    from reader.store.files import replace_file

    target = resolve_links(path)
    if path.exists() and not path.is_file():  # a pipe or a device can't be replaced
        if is_sticky(target.parent) and path.stat().st_uid != os.geteuid():
            raise OSError(errno.EPERM, os.strerror(errno.EPERM))
        path.write_bytes(data)
        return
    with replace_file(target) as fresh:
        handle = os.open(fresh, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
