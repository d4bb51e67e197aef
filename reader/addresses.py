"""Places as people write them: `12`, `12.40` or `12.40.0123456789ab`, behind an `@`.

Owns that form: the block counted from 1, the characters before the place in it, and the
block's fingerprint, by which it is found again in an edited text. Pure.
"""

from __future__ import annotations

import re
from typing import Final

from .document import Anchor, Place

_ADDRESS: Final = re.compile(r"([1-9]\d{0,8})(?:\.(\d{1,9})(?:\.([0-9a-f]{12}))?)?", re.ASCII)


def address(anchor: Anchor) -> str:
    """Return `anchor` as its address; without a fingerprint, the shorter one."""
    place = anchor.place
    where = f"{place.block + 1}.{place.offset}"
    return f"{where}.{anchor.fingerprint}" if anchor.fingerprint else where


def anchored(text: str) -> Anchor | None:
    """Return what the address `text` leads to, or None if it is none."""
    found = _ADDRESS.fullmatch(text)
    if found is None:
        return None
    block, offset, fingerprint = found.groups()
    return Anchor(Place(int(block) - 1, int(offset or 0)), fingerprint or "", "")
