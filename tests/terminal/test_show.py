"""`reader show` obeys the settings, and tells of those that are wrong."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from pseudo_terminal import READER

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Write = Callable[[str, str], Path]


def shown(story: Path, **settings: str) -> tuple[list[str], str]:
    """Return the lines of a story in thirty cells, and what was told beside it."""
    argv = [*READER, "show", str(story), "--width", "30"]
    done = subprocess.run(
        argv, env={**os.environ, **settings}, capture_output=True, text=True, check=True
    )
    return done.stdout.split("\n"), done.stderr


def test_paragraphs_are_indented_and_spaced_as_the_settings_say(write: Write) -> None:
    story = write("a.md", "One two three four five six.\n\nSeven.")
    lines, told = shown(story, READER_INDENT="true", READER_SPACING="2")
    at = lines.index("One two three four five six.")
    assert lines[at : at + 3] == ["One two three four five six.", "", "  Seven."]
    assert told == ""


def test_words_are_divided_in_the_language_of_the_story(write: Write) -> None:
    text = "Beschäftigte der Donaudampfschifffahrt sind dort."
    story = write("a.md", f"---\nlanguage: de\n---\n{text}")
    lines, _ = shown(story, READER_HYPHENS="true")
    assert "Beschäftigte der Donaudampf-" in lines
    assert "schifffahrt sind dort." in lines


def test_a_setting_that_is_wrong_is_told_beside_the_text(write: Write) -> None:
    lines, told = shown(write("a.md", "Text."), READER_SPACING="3")
    assert "Text." in lines
    assert told == "reader: READER_SPACING must be a whole number from 1 to 2, not 3\n"


def test_what_comes_next_is_printed_without_keys() -> None:
    argv = [*READER, "show", "the-bindery-paring", "--width", "60"]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[-5:-1] == [
        "Next",
        "· The Bindery: Sewing · 8 min · next in The Bindery",
        "· The Page-Turner · 7 min · same tag: apprenticeship",
        "· Dear Miss Pell · 5 min · by the same author",
    ]
    assert "Not read yet" not in done.stdout
