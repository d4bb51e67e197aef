"""What the command line prints of stories, a story or the shelf, and the files that it writes."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import time
from functools import partial
from typing import TYPE_CHECKING, Final

from reader.cli import print_error
from reader.cli.context import choose_cache, fill_library, is_private, load_config, open_session
from reader.errors import UnreadableFile
from reader.paths import Paths, check_file, is_sticky, resolve_links
from reader.text.cells import sanitize_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from reader.library.files import File
    from reader.session.open_story import OpenStory
    from reader.session.session import Session
    from reader.session.shelf.end_card import EndCard
    from reader.text.document import Place


MANY_FILES: Final = 100
"""Files that take a tenth of a second to read."""
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
    from reader.session.shelf.entries import find_facts

    fill_library(session, folder)
    entries = session.list_entries()
    yield from render_shelf(entries, find_facts(entry.story for entry in entries))


def render_story(
    session: Session,
    open_story: OpenStory,
    start: Place | None,
    width: int | None = None,
    *,
    has_links: bool = True,
) -> Iterator[str]:
    """Yield the lines of a story, whole or from `start` on, at most `width` cells wide.

    Without `width`, prose has the measure of the settings.

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
    measure = width or min(config.measure or DEFAULT_MEASURE, columns)
    page = PageFormat(measure, width or columns, config.paragraph_style, marks)
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


@contextlib.contextmanager
def open_library(folder: Path | None = None) -> Iterator[Session]:
    """Yield a session with the stories of `folder` or the library, and show progress on a terminal.

    What is read of many files is kept in the index, even if the command is interrupted. For a few
    no file is created.
    """
    path = None if is_private() else choose_cache(Paths.default().index, check_file, [])
    with (
        open_session(reads_only=True) as session,
        show_progress(needs_terminal=True) as report,
    ):

        def report_and_keep(done: int, total: int) -> None:
            if total >= MANY_FILES and path is not None:
                session.move_index_to(path)
            report("Reading stories", done, total)

        fill_library(session, folder, report_and_keep)
        report("", 0, 0)
        yield session


@contextlib.contextmanager
def show_progress(*, needs_terminal: bool = False) -> Iterator[Callable[[str, int, int], None]]:
    """Yield what shows progress on standard error: a bar on a terminal, else a line at the start.

    The function takes a description, the number of items that are done, and the number of all. An
    empty description ends the bar. Nothing is imported or shown until a report has items left to
    do. With `needs_terminal` nothing is shown where there is no terminal.
    """
    is_shown = not needs_terminal or (sys.stderr.isatty() and sys.stdout.isatty())
    bars: list[_Bar] = []

    def report(description: str, done: int, total: int) -> None:
        if is_shown and not bars and description and done < total:
            bars.append(_Bar())
        for bar in bars:
            bar.show(description, done, total)
        if not description:
            bars.clear()

    try:
        yield report
    finally:
        for bar in bars:
            bar.show("", 0, 0)


class _Bar:
    """A bar of progress on standard error."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        console = Console(stderr=True)
        self._is_line = not console.is_terminal
        self._lines: set[str] = set()
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            console=console,
            transient=True,
        )
        if not self._is_line:
            self._progress.start()

    def show(self, description: str, done: int, total: int) -> None:
        """Show how much is done; end the bar without a description."""
        if self._is_line:
            if description and description not in self._lines:
                self._lines.add(description)
                print_error(f"{description}: {total}")
        elif not description:
            self._progress.stop()
        else:
            for task in self._progress.tasks:
                if task.description != description:
                    self._progress.remove_task(task.id)
            if not self._progress.tasks:
                self._progress.add_task(description, total=total)
            self._progress.update(self._progress.tasks[0].id, completed=done, total=total)
