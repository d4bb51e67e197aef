"""`reader show` uses the settings, and warns of those that are wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from reader.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

    Write = Callable[[str, str], Path]

Show = Callable[..., tuple[list[str], str]]


@pytest.fixture
def show(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Show:
    """Return a function that gives the lines of a story and the output on standard error."""

    def show(story: object, width: int = 30, **settings: str) -> tuple[list[str], str]:
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        assert main(["show", str(story), "--width", str(width)]) == 0
        output, errors = capsys.readouterr()
        return output.split("\n"), errors

    return show


def test_paragraphs_are_indented_and_spaced_as_the_settings_say(write: Write, show: Show) -> None:
    story = write("a.md", "One two three four five six.\n\nSeven.")
    lines, errors = show(story, READER_INDENT="true", READER_SPACING="2")
    index = lines.index("One two three four five six.")
    assert lines[index : index + 3] == ["One two three four five six.", "", "  Seven."]
    assert errors == ""


def test_words_are_divided_in_the_language_of_the_story(write: Write, show: Show) -> None:
    text = "Sem a menor dúvida ou consideração por ninguém."
    story = write("a.md", f"---\nlanguage: pt\n---\n{text}")
    lines, _ = show(story, READER_HYPHENS="true")
    assert "Sem a menor dúvida ou conside-" in lines
    assert "ração por ninguém." in lines


def test_a_wrong_setting_is_a_warning_on_standard_error(write: Write, show: Show) -> None:
    lines, errors = show(write("a.md", "Text."), READER_SPACING="3")
    assert "Text." in lines
    assert errors == "reader: READER_SPACING must be a whole number from 1 to 2, not 3\n"


def test_suggestions_are_printed_without_keys(show: Show) -> None:
    lines, _ = show("the-bindery-paring", 60)
    assert lines[-5:-1] == [
        "Next",
        "· The Bindery: Sewing · 8 min · next in The Bindery",
        "· The Page-Turner · 8 min · same tag: apprenticeship",
        "· The Flat with the Shelf · 2 min · by the same author",
    ]
    assert "Not read yet" not in "\n".join(lines)
