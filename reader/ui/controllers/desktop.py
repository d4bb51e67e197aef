"""Open addresses and pictures outside the program, and copy to the clipboard."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from shutil import which
from typing import TYPE_CHECKING, Final

from reader.text.document import Place
from reader.text.places import extract_text, format_address, make_anchor

if TYPE_CHECKING:
    from reader.ui.screen import ReadingScreen


def can_open() -> bool:
    """Tell whether a window would open where the reader sits: not over ssh or without a display."""
    if os.environ.get("SSH_CONNECTION"):
        return False
    has_display = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    return sys.platform == "darwin" or bool(has_display)


def open_externally(target: str) -> bool:
    """Open an address or a file with the system's own opener; tell whether there is one.

    An address begins with http, https or mailto and a file's path with a slash, so that no
    opener takes them for an option.
    """
    opener = "open" if sys.platform == "darwin" else "xdg-open"
    try:
        subprocess.Popen(  # noqa: S603  no shell, and it is one argument
            [opener, target],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError:
        return False
    return True


_CLIPBOARD_PROGRAMS: Final = (
    ("pbcopy", (), ""),
    ("wl-copy", (), "WAYLAND_DISPLAY"),
    ("xclip", ("-selection", "clipboard"), "DISPLAY"),
)
"""Programs that fill the clipboard, and the variable without which they can't."""


def copy_with_program(words: str) -> bool:
    """Put `words` on the clipboard with a program for it; tell whether there was one.

    A worker's job. Over ssh the clipboard of the reader's own machine is out of its reach.
    """
    if os.environ.get("SSH_CONNECTION"):
        return False
    for name, options, needed in _CLIPBOARD_PROGRAMS:
        program = which(name)
        if program is None or (needed and not os.environ.get(needed)):
            continue
        try:
            subprocess.run(  # noqa: S603  no shell, and the words are its input
                [program, *options],
                input=words.encode("utf-8", "replace"),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=2,
                check=True,
            )
        except (OSError, subprocess.SubprocessError):
            continue
        return True
    return False


class Copier:
    """Copies from the page of a screen."""

    def __init__(self, screen: ReadingScreen) -> None:
        self._screen = screen

    def copy(self, what: str) -> None:
        """Copy the selection, or the paragraph at the cursor where there is none; or an address."""
        if what == "address":
            self._copy_address()
        elif not self.copy_selection():
            self._copy_paragraph()

    def copy_selection(self) -> bool:
        """Copy what is selected; tell whether anything is."""
        page = self._screen.page
        if page.selection is None:
            return False
        self.copy_text(extract_text(page.document, *page.selection), "selection")
        return True

    def _copy_paragraph(self) -> None:
        visit, block = self._screen.session.current, self._screen.page.pointer.block
        if visit is not None and block < len(visit.document.blocks):
            story = visit.story
            by = ", ".join(part for part in (story.author, story.title) if part)
            self.copy_text(f"{visit.document.blocks[block].text}\n— {by}", "paragraph")

    def _copy_address(self) -> None:
        """Copy where the selection begins, or where the paragraph is."""
        page, visit = self._screen.page, self._screen.session.current
        place = page.selection.start if page.selection else Place(page.pointer.block)
        if visit is not None and place.block < len(visit.document.blocks):
            here = format_address(make_anchor(visit.document, place))
            self.copy_text(f"{visit.story.id or visit.story.path}@{here}", "address")

    def copy_text(self, words: str, what: str) -> None:
        """Copy `words`, and say of `what` that it was."""
        self._screen.run_worker(self._copy_text(words, what), exclusive=True, group="copy")

    async def _copy_text(self, words: str, what: str) -> None:
        """Copy by a program where there is one, else by the terminal (OSC 52)."""
        if not await asyncio.to_thread(copy_with_program, words):
            self._screen.app.copy_to_clipboard(words)
        self._screen.status_bar.show_notice(f"Copied the {what}.")
