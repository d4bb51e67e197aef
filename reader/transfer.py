"""Moving everything remembered out to a file and in from one.

Owns the reading and writing: out atomically and for nobody else to see, in as one
transaction. What a file says and how two memories become one is `interchange`'s and
`merging`'s.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from .cells import clean_line
from .durable import replacing
from .errors import BadExport, Unreadable
from .interchange import read_in, written_out
from .merging import merged
from .story import read_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from .ledger import Ledger

LARGEST: Final = 64 * 1024 * 1024
"""Bytes, as of a story: ten years of reading take a hundredth of it."""


def send_out(ledger: Ledger, path: Path | None) -> int:
    """Write every fact to the file at `path`, or to standard output; return how many.

    Raises `StateError`, and `Unreadable` where the file can't be written.
    """
    facts = ledger.facts()
    data = written_out(facts).encode() + b"\n"
    if path is None:
        sys.stdout.buffer.write(data)
        return len(facts)
    try:
        _write(path, data)
    except OSError as error:
        reason = (error.strerror or "can't be written").lower()
        raise Unreadable(f"{clean_line(str(path))}: {reason}") from error
    return len(facts)


def _write(path: Path, data: bytes) -> None:
    if path.exists() and not path.is_file():  # a pipe, a device: there is nothing to keep whole
        path.write_bytes(data)
        return
    with replacing(path.resolve()) as fresh:
        fresh.write_bytes(data)


def take_in(ledger: Ledger, path: Path | None) -> tuple[int, int]:
    """Merge the facts of the file at `path`, or of standard input, into what is remembered.

    Returns how many facts the file has, and how many of them were news. All of it is
    written, or nothing. Raises `BadExport`, `Unreadable` and `StateError`.
    """
    name = clean_line(str(path)) if path is not None else "standard input"
    data = read_bytes(path) if path is not None else sys.stdin.buffer.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise BadExport(f"{name}: larger than {LARGEST >> 20} MB, so it is not read")
    try:
        theirs = read_in(data)
    except BadExport as error:
        raise BadExport(f"{name}: {error}") from error
    with ledger.change():
        ours = ledger.facts()
        known, said = set(ours), {(f.values, *f.stamp[1:]) for f in ours}
        together = merged(ours, theirs)
        ledger.adopt(fact for fact in together if fact not in known)
    return len(theirs), sum((f.values, *f.stamp[1:]) not in said for f in together)
