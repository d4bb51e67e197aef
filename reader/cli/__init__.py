"""The command line: the entry point, the registry of commands and their handlers.

Here: how a line is printed on standard error.
"""

from __future__ import annotations

import contextlib
import sys
from typing import Final

from reader.text.cells import sanitize_line

MAX_ERROR_CHARACTERS: Final = 2_000


def print_error(message: str) -> None:
    """Print one line on standard error, if that can be written."""
    with contextlib.suppress(OSError):
        print(f"reader: {sanitize_line(message, MAX_ERROR_CHARACTERS)}", file=sys.stderr)
