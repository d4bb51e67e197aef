"""Read test cases from text files: `===` separates cases, `---` the three parts of a case."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from _pytest.mark import ParameterSet

DATA = Path(__file__).parent.parent / "data"


def load_cases(folder: str) -> list[ParameterSet]:
    """Return the title, source and expected result of each case in a folder of `data`."""
    result = []
    for path in sorted((DATA / folder).glob("*.txt")):
        for case in path.read_text("utf-8").removesuffix("\n").split("\n===\n"):
            title, source, expected = case.split("\n---\n")
            result.append(pytest.param(title, source, expected, id=f"{path.stem}: {title}"))
    if not result:
        raise FileNotFoundError(f"no cases in {DATA / folder}")
    return result
