"""The command that edits a story: which editor, and at which line of the file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from reader.errors import BadUsage
from reader.library.files import find_bundled_folder
from reader.library.story import Story, parse_slices, read_source
from reader.session.editing import check_editable, find_editor, make_command
from reader.session.editing.source_lines import find_excerpt_line, find_place_line
from reader.session.piped_story import PIPED_PATH
from reader.text.document import Block, Document, Kind, Place

if TYPE_CHECKING:
    from collections.abc import Callable

SOURCE = """\
---
title: The lamp was lit
---

The lamp was lit.

The *lamp* was [lit](https://the.lamp/was/lit) again, and they said no
more than `that`.[^1]

> The lamp was lit &mdash; don't
> touch it.

- one
- two
- one

## Sea

灯りがついた。
もう一度ついた。

## Sea

It rose.

[^1]: The note.
"""


@pytest.mark.parametrize(
    ("editor", "expected"),
    [
        ("vi", "vi +7 /s/a b.md"),
        ("/usr/bin/nvim -R", "/usr/bin/nvim -R +7 /s/a b.md"),
        ("nano", "nano +7 /s/a b.md"),
        ("emacs -nw", "emacs -nw +7 /s/a b.md"),
        ("micro", "micro +7 /s/a b.md"),
        ("hx", "hx /s/a b.md:7"),
        ("helix", "helix /s/a b.md:7"),
        ("code", "code -w -g /s/a b.md:7"),
        ("code --wait", "code --wait -g /s/a b.md:7"),
        ("code -w", "code -w -g /s/a b.md:7"),
        ("'my editor' --flag", "my editor --flag /s/a b.md"),
    ],
)
def test_an_editor_is_told_the_line_in_its_own_way(editor: str, expected: str) -> None:
    command = make_command(find_editor({"EDITOR": editor}), Path("/s/a b.md"), 7)
    assert " ".join(command) == expected


def test_an_editor_is_told_no_line_that_is_not_known() -> None:
    assert make_command(["vim"], Path("/a.md"), 0) == ["vim", "/a.md"]
    assert make_command(["code"], Path("/a.md"), 0) == ["code", "-w", "/a.md"]


def test_visual_comes_before_editor_and_an_empty_one_is_none() -> None:
    assert find_editor({"VISUAL": "vim -u NONE", "EDITOR": "ed"}) == ["vim", "-u", "NONE"]
    assert find_editor({"VISUAL": " ", "EDITOR": "ed"}) == ["ed"]


@pytest.mark.parametrize("environment", [{}, {"EDITOR": ""}, {"EDITOR": "vim 'x"}])
def test_a_missing_editor_is_told_with_the_setting(environment: dict[str, str]) -> None:
    with pytest.raises(BadUsage, match="set EDITOR, as in export EDITOR=nano"):
        find_editor(environment)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        (PIPED_PATH, "comes from a pipe"),
        (find_bundled_folder() / "errata.md", "Included stories can't be edited"),
        (Path("/nowhere.md"), "no file to edit"),
    ],
)
def test_a_story_without_a_file_of_the_readers_own_is_not_edited(path: Path, message: str) -> None:
    with pytest.raises(BadUsage, match=message):
        check_editable(Story("id", str(path), "Title"))


def test_a_place_is_found_in_the_source_by_its_words(write: Callable[[str, str], Path]) -> None:
    path = write("lamp.md", SOURCE)
    document = Document()
    for piece in parse_slices(read_source(path).body, "The lamp was lit"):
        document.extend(piece.blocks)
    lines = {
        f"{number}: {' '.join(block.text.split()[:3])}": find_place_line(
            path, document.blocks, Place(number)
        )
        for number, block in enumerate(document.blocks)
    }
    assert lines == {
        "0: The lamp was": 5,
        "1: The lamp was": 7,
        "2: The lamp was": 10,
        "3: one": 13,
        "4: two": 14,
        "5: one": 15,
        "6: Sea": 17,
        "7: 灯りがついた。もう一度ついた。": 19,
        "8: Sea": 22,
        "9: It rose.": 24,
    }
    paragraph = document.blocks[1].text
    assert find_place_line(path, document.blocks, Place(1, paragraph.index("more than"))) == 8
    assert find_place_line(path, document.blocks, Place(7, 8)) == 20


def test_instead_of_a_place_whose_words_are_gone_the_next_block_is_found(
    write: Callable[[str, str], Path],
) -> None:
    gone = Block(Kind.PARAGRAPH, "zzz yyy xxx www vvv uuu ttt sss")
    quote = Block(Kind.PARAGRAPH, "The lamp was lit \u2014 don\u2019t touch it.")
    place = Place(0, gone.text.index("ttt") + 2)
    assert find_place_line(write("lamp.md", SOURCE), [gone, quote], place) == 10


def test_the_text_at_which_a_story_was_left_is_found_in_the_source(
    write: Callable[[str, str], Path],
) -> None:
    path = write("lamp.md", SOURCE)
    assert find_excerpt_line(path, "more than that.¹") == 8
    assert find_excerpt_line(path, "what is not there") == 0
