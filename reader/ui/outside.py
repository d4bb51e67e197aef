"""What leaves the program: addresses and pictures to be opened, words for the clipboard.

The one place that starts other programs, each by its name and without a shell. Takes
what `links` has let through.
"""

from __future__ import annotations

import os
import subprocess
import sys
from shutil import which
from typing import Final


def can_open() -> bool:
    """Tell whether a window would open where the reader sits: not over ssh or without a display."""
    if os.environ.get("SSH_CONNECTION"):
        return False
    has_display = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    return sys.platform == "darwin" or bool(has_display)


def open_outside(aim: str) -> bool:
    """Open an address or a file with the system's own opener; tell whether there is one.

    An address begins with http, https or mailto and a file's path with a slash, so that no
    opener takes them for an option.
    """
    opener = "open" if sys.platform == "darwin" else "xdg-open"
    try:
        subprocess.Popen(  # noqa: S603  no shell, and it is one argument
            [opener, aim],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError:
        return False
    return True


_COPIERS: Final = (
    ("pbcopy", (), ""),
    ("wl-copy", (), "WAYLAND_DISPLAY"),
    ("xclip", ("-selection", "clipboard"), "DISPLAY"),
)
"""Programs that fill the clipboard, and the variable without which they can't."""


def copy(words: str) -> bool:
    """Put `words` on the clipboard with a program for it; tell whether there was one.

    A worker's job. Over ssh the clipboard of the reader's own machine is out of its reach.
    """
    if os.environ.get("SSH_CONNECTION"):
        return False
    for name, options, needed in _COPIERS:
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
