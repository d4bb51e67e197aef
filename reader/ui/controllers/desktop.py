"""Open web addresses and pictures outside the program, edit stories there, and copy from it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from shutil import which
from typing import TYPE_CHECKING, Final

from reader.errors import BadUsage
from reader.session.editing import EditJob, check_editable, find_editor
from reader.text.cells import sanitize_line
from reader.text.document import Kind, Place
from reader.text.places import extract_text, format_address, make_anchor
from reader.ui import run_in_thread, start_worker
from reader.ui.stopper import run_program

if TYPE_CHECKING:
    from collections.abc import Callable

    from reader.library.story import Story
    from reader.ui.controllers import ScreenParts


COPY_TIMEOUT_SECONDS: Final = 2.0
"""Seconds that a clipboard program has to take the text."""
_CLIPBOARD_PROGRAMS: Final = (
    ("pbcopy", (), ""),
    ("wl-copy", (), "WAYLAND_DISPLAY"),
    ("xclip", ("-selection", "clipboard"), "DISPLAY"),
)
"""Programs that fill the clipboard, their options, and the environment variable each needs."""


def can_open() -> bool:
    """Return whether another program can open a window: not over ssh or without a display."""
    if os.environ.get("SSH_CONNECTION"):
        return False
    has_display = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    return sys.platform == "darwin" or bool(has_display)


def open_externally(target: str) -> bool:
    """Open a web address or a file with the system's opener; return whether there is one.

    `target` must begin with http, https, mailto or a slash, so that the opener can't take it for
    an option. It is passed whole: what the system can't pass is not opened.
    """
    opener = "open" if sys.platform == "darwin" else "xdg-open"
    try:
        subprocess.Popen(  # noqa: S603  no shell, and the target is one argument
            [opener, target],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except (OSError, ValueError):  # there is no opener; or the name is too long or holds a NUL
        return False
    return True


def copy_with_program(text: str) -> bool:
    """Put `text` on the clipboard with a program; return whether one did it.

    Blocks for up to `COPY_TIMEOUT_SECONDS` a program: call it in a worker. Over ssh a program
    would fill the clipboard of the wrong machine, so none is tried.
    """
    if os.environ.get("SSH_CONNECTION"):
        return False
    for name, options, variable in _CLIPBOARD_PROGRAMS:
        program = which(name)
        if program is None or (variable and not os.environ.get(variable)):
            continue
        try:
            subprocess.run(  # noqa: S603  no shell, and the text is standard input
                [program, *options],
                input=text.encode("utf-8", "replace"),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=COPY_TIMEOUT_SECONDS,
                check=True,
            )
        except (OSError, subprocess.SubprocessError):
            continue
        return True
    return False


class Copier:
    """Copies text and addresses from the page to the clipboard."""

    def __init__(self, parts: ScreenParts) -> None:
        self._parts = parts

    def copy_selection(self) -> bool:
        """Copy the selection; return whether there is one."""
        page = self._parts.page
        if page.selection is None:
            return False
        self.copy_text(extract_text(page.document, *page.selection, is_copy=True), "selection")
        return True

    def copy_paragraph(self) -> None:
        """Copy the selection, else the paragraph at the cursor with author and title.

        A block of code is copied alone, so that it can be run.
        """
        if self.copy_selection():
            return
        open_story, block = self._parts.session.current, self._parts.page.pointer.block
        if open_story is not None and block < len(open_story.document.blocks):
            story = open_story.story
            source = ", ".join(part for part in (story.author, story.title) if part)
            document = open_story.document
            end = document.get_block_end(block)
            text = extract_text(document, Place(block), end, is_copy=True)
            if document.blocks[block].kind is Kind.CODE:
                self.copy_text(text, "code")
            else:
                self.copy_text(f"{text}\n— {source}", "paragraph")

    def copy_address(self) -> None:
        """Copy the address of the selection's start, else of the paragraph at the cursor."""
        page, open_story = self._parts.page, self._parts.session.current
        place = page.selection.start if page.selection else Place(page.pointer.block)
        if open_story is not None and place.block < len(open_story.document.blocks):
            address = format_address(make_anchor(open_story.document, place))
            story = open_story.story
            self.copy_text(f"{story.id or story.path}@{address}", "address")

    def copy_text(self, text: str, kind: str) -> None:
        """Copy `text` in a worker, and say in the status bar that the `kind` is copied."""
        start_worker(self._parts.screen, "copy", self._copy_text, text, kind)

    async def _copy_text(self, text: str, kind: str) -> None:
        """Copy with a program if there is one, else through the terminal (OSC 52)."""
        if not await asyncio.to_thread(copy_with_program, text):
            self._parts.screen.app.copy_to_clipboard(text)
        self._parts.status_bar.show_notice(f"Copied the {kind}.")


class StoryEditor:
    """Edits the file of a story in the reader's editor, which has the terminal meanwhile."""

    def __init__(
        self,
        parts: ScreenParts,
        run_outside: Callable[[Callable[[], str]], str | None],
        check_files: Callable[[], None],
    ) -> None:
        """Take the callbacks of the screen.

        `run_outside` gives the terminal away while it calls a function, and returns its result.
        `check_files` shows what has changed.
        """
        self._parts = parts
        self._run_outside = run_outside
        self._check_files = check_files

    def edit(self) -> None:
        """Open the editor at the place on the page, or say why the story can't be edited."""
        story = self._parts.selected_story
        if story is None:
            return
        try:
            check_editable(story)
            job = self._make_job(story, find_editor(os.environ))
        except BadUsage as error:
            self._parts.status_bar.show_notice(str(error))
        else:
            start_worker(self._parts.screen, "edit", self._edit, job)

    def _make_job(self, story: Story, editor: list[str]) -> EditJob:
        """Return the job for `story`: at its match, cursor or top row, or where it was left."""
        session, page = self._parts.session, self._parts.page
        if session.current is None or session.current.story.path != story.path:
            anchor = session.make_open_job(story).data.state.anchor
            return EditJob(story, editor, excerpt=anchor.excerpt if anchor is not None else "")
        results = page.decorations.search_results
        match = results.current_match if results is not None else None
        place = match.start if match is not None else page.pointer.place
        return EditJob(story, editor, page.document.blocks, place)

    async def _edit(self, job: EditJob) -> None:
        argv = await run_in_thread(job.run)
        notice = self._run_outside(lambda: _run_editor(argv))
        self._check_files()
        if notice:
            self._parts.status_bar.show_notice(notice)


def _run_editor(argv: list[str]) -> str:
    """Run an editor and return what went wrong; empty if nothing did."""
    name = sanitize_line(os.path.basename(argv[0]))  # noqa: PTH119  of a text
    try:
        code = run_program(argv)
    except OSError as error:
        reason = (error.strerror or "can't be started").lower()
        return f"{sanitize_line(argv[0])}: {reason}; EDITOR or VISUAL names the editor"
    except ValueError:
        return f"{name}: this file can't be passed to a program"
    if code < 0:
        return f"{name} was ended by signal {-code}; what it had not saved is lost."
    return f"{name} ended with exit code {code}." if code else ""
