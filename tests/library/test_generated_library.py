"""Stories in every form that libraries have them in are described right, from their heads too."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from generated_library import PARAGRAPH, write_library

from reader.library.describing import HEAD_BYTES, describe_file, describe_files, describe_head
from reader.library.files import find_file, guess_title
from reader.library.index import Index
from reader.library.scan import scan_folder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from generated_library import WildStory

    from reader.library.files import File
    from reader.library.story import Story

    Write = Callable[[str, str | bytes], Path]

COUNT = int(os.environ.get("READER_STORIES", "120"))
"""Stories in the library."""


@pytest.fixture(scope="module")
def wild(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, WildStory]:
    return write_library(tmp_path_factory.mktemp("library"), COUNT)


@pytest.fixture(scope="module")
def heads(wild: dict[Path, WildStory]) -> list[tuple[File, Story]]:
    folder = min(wild, key=lambda path: len(path.parts)).parent
    return [*describe_files(scan_folder(folder), are_heads_enough=True)]


def test_each_file_has_its_title_date_and_tags(
    wild: dict[Path, WildStory], heads: list[tuple[File, Story]]
) -> None:
    found = {file.path: (s.title, s.published, s.tags) for file, s in heads}
    assert found == {
        path: (story.title or guess_title(path), story.published, story.tags)
        for path, story in wild.items()
    }


def test_the_head_of_a_file_gives_what_all_of_it_gives(heads: list[tuple[File, Story]]) -> None:
    for file, story in heads:
        whole = describe_file(file)
        assert whole.words > 20
        assert replace(whole, words=0, fingerprint="", is_head_only=True) == story


def test_the_index_keeps_that_only_the_head_was_read(heads: list[tuple[File, Story]]) -> None:
    index = Index.open(None)
    index.save_stories(heads)
    assert index.load_stories(file for file, _ in heads) == {
        file.location: replace(story, has_own_title=True) for file, story in heads
    }


FILLING = f"{PARAGRAPH}\n\n" * (2 * HEAD_BYTES // len(PARAGRAPH))
LARGE: dict[str, str | bytes] = {
    "a heading": f"# Large\n\n{FILLING}",
    "fields": f"---\ntitle: Large\ndate: 2021-06-12\n---\n{FILLING}",
    "a list, then a heading": f"- item\n\n# Large\n\n{FILLING}",
    "a heading that a definition below changes": f"# [Large][1]\n\n{FILLING}\n\n[1]: a.md\n",
    "letters beyond ASCII": f"# Größe\n\n{FILLING}".encode(),
    "another encoding below": f"# Large\n\n{FILLING}\n\nGröße, Maß, Füße".encode("cp1252"),
    "another encoding at the start": f"# Größe, Maß, Füße\n\n{FILLING}".encode("cp1252"),
    "UTF-16": f"# Large\n\n{FILLING}".encode("utf-16"),
    "a small heading, and a large one far below": f"## Small\n\n{FILLING}\n\n# Large",
    "a paragraph": FILLING,
}


@pytest.mark.parametrize("text", LARGE.values(), ids=LARGE.keys())
def test_the_head_of_a_large_file_gives_its_title(text: str | bytes, write: Write) -> None:
    file = find_file(write("a.md", text))
    assert file is not None
    head, whole = describe_head(file), describe_file(file)
    assert (head.title, head.published, head.id) == (whole.title, whole.published, whole.id)
    assert head.title in ("Large", "Größe", "Größe, Maß, Füße", "Small", "A")


def test_of_a_large_file_only_the_head_is_read(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = find_file(write("a.md", LARGE["a heading"]))
    assert file is not None
    sizes: list[int] = []
    read = os.read

    def read_counted(handle: int, size: int) -> bytes:
        data = read(handle, size)
        sizes.append(len(data))
        return data

    monkeypatch.setattr("os.read", read_counted)
    describe_head(file)
    assert sum(sizes) == HEAD_BYTES
