"""Pictures: only those in our folders, only after asking, and never an address."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from app_driver import Stage, render_rows
from mouse import MouseDriver

from reader.library.destinations import find_picture
from reader.library.story import Story
from reader.markdown.parser import parse
from reader.text.links import Link, list_pictures
from reader.ui.controllers import navigation
from reader.ui.dialogs.confirm import ConfirmDialog

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_pictures_of_a_block_are_in_order() -> None:
    document = parse('A ![dog](dog.png) and [a link](x.md) and ![cat](cat.png "Sleeping").')
    assert list_pictures(document, 0) == [
        Link(0, 2, 7, "dog.png", is_picture=True),
        Link(0, 23, 39, "cat.png", is_picture=True),
    ]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a library with a picture in a folder beside the story's own, and one outside."""
    for name in ("lib/essays/a.md", "lib/essays/own.PNG", "lib/img/b c.jpg", "lib/img/d.svg",
                 "lib/essays/text.txt", "secret/x.png"):  # fmt: skip
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    (tmp_path / "lib/essays/linked.png").symlink_to(tmp_path / "secret/x.png")
    (tmp_path / "lib/essays/program.png").symlink_to(tmp_path / "lib/essays/text.txt")
    (tmp_path / "lib/essays/folder.png").mkdir()
    os.mkfifo(tmp_path / "lib/essays/fifo.png")
    return tmp_path / "lib"


def find_relative(folder: Path, target: str) -> str | None:
    story = Story("a", f"{folder}/essays/a.md", "A")
    path = find_picture(target, story, [folder])
    return path.relative_to(folder).as_posix() if path else None


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("own.PNG", "essays/own.PNG"),
        ("./own.PNG", "essays/own.PNG"),
        ("../img/b%20c.jpg", "img/b c.jpg"),
        ("own.PNG?v=2#x", "essays/own.PNG"),
    ],
)
def test_a_relative_path_in_the_library_names_a_picture(
    target: str, path: str, folder: Path
) -> None:
    assert find_relative(folder, target) == path


@pytest.mark.parametrize(
    "target",
    [
        "https://example.org/a.png", "//host/a.png", "file:///etc/a.png", "data:image/png;base64,x",
        "../../secret/x.png", "..%2f..%2fsecret/x.png", "linked.png", "program.png", "folder.png",
        "fifo.png", "text.txt", "../img/d.svg", "none.png", "", "#x", "own.PNG%00", "\x00", "http://[",
    ],
)  # fmt: skip
def test_other_targets_name_no_picture(target: str, folder: Path) -> None:
    assert find_relative(folder, target) is None


def test_an_absolute_path_names_no_picture_even_in_the_library(folder: Path) -> None:
    assert find_relative(folder, str(folder / "essays/own.PNG")) is None


@pytest.fixture
def opened_paths(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the paths that were passed to the system's viewer."""
    paths: list[str] = []

    def record_path(path: str) -> bool:
        paths.append(path)
        return True

    monkeypatch.setattr(navigation, "can_open", lambda: True)
    monkeypatch.setattr(navigation, "open_externally", record_path)
    return paths


@pytest.fixture
def story(write: Callable[[str, str], Path]) -> Path:
    write("img/dog.png", "x")
    write("img/cat.png", "x")
    return write("a.md", "Text.\n\n![A dog](img/dog.png)\n")


async def test_o_opens_the_picture_on_the_screen_after_asking(
    story: Path, opened_paths: list[str]
) -> None:
    stage = Stage(story.parent, file=story)
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("o")
        await pilot.pause()
        path = str(story.parent / "img/dog.png")
        assert isinstance(stage.app.screen, ConfirmDialog)
        assert stage.app.screen.text.split("\n")[:3] == ["Open this picture?", "", path]
        assert opened_paths == []
        await pilot.press("enter")
        await pilot.pause()
        assert opened_paths == [path]


async def test_a_picture_whose_name_can_not_be_shown_is_not_opened(
    write: Callable[[str, str], Path], opened_paths: list[str]
) -> None:
    write("a\u202eb.png", "x")
    story = write("a.md", "![A dog](a\u202eb.png)\n")
    stage = Stage(story.parent, file=story)
    async with stage.run(size=(200, 24)) as pilot:
        await pilot.press("o")
        await pilot.pause()
        assert "a\ufffdb.png: this name can't be shown exactly" in stage.screen.status_bar.text
        assert opened_paths == []


async def test_escape_opens_no_picture(story: Path, opened_paths: list[str]) -> None:
    stage = Stage(story.parent, file=story)
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("o", "escape")
        await pilot.pause()
        assert opened_paths == []
        assert stage.screen.page.has_focus


async def test_a_click_on_a_picture_asks_first(story: Path, opened_paths: list[str]) -> None:
    stage = Stage(story.parent, file=story)
    async with stage.run(size=(80, 24)) as pilot:
        mouse = MouseDriver(stage, pilot)
        await mouse.click(mouse.find_cell("A dog"))
        assert isinstance(stage.app.screen, ConfirmDialog)


async def test_several_pictures_are_labelled(
    story: Path, opened_paths: list[str], write: Callable[[str, str], Path]
) -> None:
    write("a.md", "![A dog](img/dog.png)\n\n![A cat](img/cat.png)\n")
    stage = Stage(story.parent, file=story)
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("o")
        await pilot.pause()
        assert [row.strip() for row in render_rows(stage.screen.page) if " A " in row] == [
            "a A dog",
            "s A cat",
        ]
        await pilot.press("s", "enter")
        await pilot.pause()
        assert opened_paths == [str(story.parent / "img/cat.png")]


async def test_the_path_of_a_picture_is_copied_over_ssh(
    story: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSH_CONNECTION", "1 2 3 4")
    stage = Stage(story.parent, file=story)
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("o")
        await pilot.pause()
        await pilot.press("enter")
        await pilot.pause()
        assert stage.app.clipboard == str(story.parent / "img/dog.png")


async def test_a_picture_on_the_web_is_not_opened(
    opened_paths: list[str], write: Callable[[str, str], Path]
) -> None:
    path = write("b.md", "![A dog](https://example.org/dog.png)\n")
    stage = Stage(path.parent, file=path)
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("o")
        await pilot.pause()
        assert stage.app.screen is stage.screen
        assert stage.screen.status_bar.text.startswith("The picture's file is missing")
        assert opened_paths == []


@pytest.mark.parametrize(("key", "kind"), [("o", "pictures"), ("f", "links")])
async def test_a_notice_says_that_there_is_nothing_to_choose(
    key: str, kind: str, write: Callable[[str, str], Path]
) -> None:
    path = write("c.md", "Nothing here.\n")
    stage = Stage(path.parent, file=path)
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press(key)
        await pilot.pause()
        assert stage.screen.status_bar.text.startswith(f"There are no {kind} on the screen.")
