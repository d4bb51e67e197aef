"""Addresses that lead out: opened in the reader's own browser, never inside the terminal.

The one place that starts a program. Takes addresses that `links` has let through.
"""

from __future__ import annotations

import os
import subprocess
import sys


def can_open() -> bool:
    """Tell whether a browser would open where the reader sits: not over ssh or without a display."""
    if os.environ.get("SSH_CONNECTION"):
        return False
    has_display = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    return sys.platform == "darwin" or bool(has_display)


def open_address(address: str) -> bool:
    """Open `address` with the system's own opener; tell whether there is one.

    The address begins with http, https or mailto, so that no opener takes it for an option.
    """
    opener = "open" if sys.platform == "darwin" else "xdg-open"
    try:
        subprocess.Popen(  # noqa: S603  no shell, and the address is one argument
            [opener, address],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError:
        return False
    return True
