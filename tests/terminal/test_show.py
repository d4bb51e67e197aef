"""`reader show` uses the settings, and warns of those that are wrong."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest
from pseudo_terminal import READER

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Write = Callable[[str, str], Path]

pytestmark = pytest.mark.pty


def show(story: Path, **settings: str) -> tuple[list[str], str]:
    """Return the lines of a story in thirty cells, and the output on standard error."""
    argv = [*READER, "show", str(story), "--width", "30"]
    process = subprocess.run(
        argv, env={**os.environ, **settings}, capture_output=True, text=True, check=True
    )
    return process.stdout.split("\n"), process.stderr


def test_paragraphs_are_indented_and_spaced_as_the_settings_say(write: Write) -> None:
    story = write("a.md", "One two three four five six.\n\nSeven.")
    lines, errors = show(story, READER_INDENT="true", READER_SPACING="2")
    index = lines.index("One two three four five six.")
    assert lines[index : index + 3] == ["One two three four five six.", "", "  Seven."]
    assert errors == ""


def test_words_are_divided_in_the_language_of_the_story(write: Write) -> None:
    text = "Beschäftigte der Donaudampfschifffahrt sind dort."
    story = write("a.md", f"---\nlanguage: de\n---\n{text}")
    lines, _ = show(story, READER_HYPHENS="true")
    assert "Beschäftigte der Donaudampf-" in lines
    assert "schifffahrt sind dort." in lines


def test_a_wrong_setting_is_a_warning_on_standard_error(write: Write) -> None:
    lines, errors = show(write("a.md", "Text."), READER_SPACING="3")
    assert "Text." in lines
    assert errors == "reader: READER_SPACING must be a whole number from 1 to 2, not 3\n"


def test_suggestions_are_printed_without_keys() -> None:
    argv = [*READER, "show", "the-bindery-paring", "--width", "60"]
    process = subprocess.run(argv, capture_output=True, text=True, check=True)
    assert process.stdout.split("\n")[-5:-1] == [
        "Next",
        "· The Bindery: Sewing · 8 min · next in The Bindery",
        "· The Page-Turner · 7 min · same tag: apprenticeship",
        "· Dear Miss Pell · 5 min · by the same author",
    ]
    assert "Not read yet" not in process.stdout
