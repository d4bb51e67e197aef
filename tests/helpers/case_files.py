"""Cases a typographer can read: a text file of parts between `---`, cases between `===`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from _pytest.mark import ParameterSet

DATA = Path(__file__).parent.parent / "data"


def cases(folder: str) -> list[ParameterSet]:
    """Return the cases of every file in a folder of `data`: title, source, what is expected."""
    found = []
    for path in sorted((DATA / folder).glob("*.txt")):
        for case in path.read_text("utf-8").removesuffix("\n").split("\n===\n"):
            title, source, expected = case.split("\n---\n")
            found.append(pytest.param(title, source, expected, id=f"{path.stem}: {title}"))
    if not found:
        raise FileNotFoundError(f"no cases in {DATA / folder}")
    return found
