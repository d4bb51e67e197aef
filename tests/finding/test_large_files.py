"""Large files are described by another process, with the same result."""

from __future__ import annotations

import subprocess
import sys
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from reader.finding import large_files
from reader.finding.large_files import DescribingProcess, describe_apart
from reader.library.describing import describe_file
from reader.library.files import File, find_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from reader.library.story import Story

STORIES = {
    "own title.md": "---\nauthor: A. Writer\ntags: [sea, sky]\ndate: 2020-03-04\n---\n\n# Its *own*\n\nSome words.\n",
    "no_title.md": "Words without a title. " * 40,
    "caf\udce9.md": "# A name that is not UTF-8\n\nWords.\n",
}
NEVER_ENDING = """
import reader.library.describing
def describe_file(file, must_stop):
    print("begun", flush=True)
    while not must_stop():
        pass
reader.library.describing.describe_file = describe_file
from reader.finding.large_files import serve
serve(0)
"""


@pytest.fixture
def process(monkeypatch: pytest.MonkeyPatch) -> Iterator[DescribingProcess]:
    monkeypatch.setattr(large_files, "_END_SECONDS", 60)  # the machine may be busy
    process = DescribingProcess()
    yield process
    process.close()


def find(path: Path) -> File:
    file = find_file(path)
    assert file is not None
    return file


def describe(files: list[File], process: DescribingProcess) -> dict[str, Story]:
    return {file.path.name: story for file, story in describe_apart(files, lambda: False, process)}


def test_the_process_describes_files_as_this_one_does(
    write: Callable[[str, str], Path], process: DescribingProcess
) -> None:
    files = [find(write(name, text)) for name, text in STORIES.items()]
    assert [process.describe(file) for file in files] == [describe_file(file) for file in files]


def test_only_large_files_are_described_by_the_process_and_last(
    write: Callable[[str, str], Path], monkeypatch: pytest.MonkeyPatch, process: DescribingProcess
) -> None:
    large = find(write("a.md", "# A\n\nWords."))._replace(size=large_files.LARGE_BYTES)
    story = describe_file(find(write("b.md", "# B\n\nWords.")))
    monkeypatch.setattr(process, "describe", lambda _: story)
    found = describe([large, find(story.path)], process)
    assert [*found.items()] == [("b.md", story), ("a.md", story)]


def test_a_file_is_described_here_if_the_process_can_not_be_started(
    write: Callable[[str, str], Path], monkeypatch: pytest.MonkeyPatch, process: DescribingProcess
) -> None:
    monkeypatch.setattr(large_files, "LARGE_BYTES", 0)
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    assert describe([find(write("a.md", "# A\n\nWords."))], process)["a.md"].words == 1


def test_a_large_file_that_can_not_be_read_has_an_entry_with_the_reason(
    write: Callable[[str, str], Path], monkeypatch: pytest.MonkeyPatch, process: DescribingProcess
) -> None:
    monkeypatch.setattr(large_files, "LARGE_BYTES", 0)
    file = find(write("a.md", ""))
    file.path.write_bytes(bytes(range(256)) * 40)
    story = describe([file], process)["a.md"]
    assert (story.is_readable, story.deck) == (False, "not text (or not in UTF-8)")


def test_a_process_that_is_closed_ends_at_once(
    write: Callable[[str, str], Path], monkeypatch: pytest.MonkeyPatch, process: DescribingProcess
) -> None:
    monkeypatch.setattr(large_files, "_PROGRAM", "import time; time.sleep(600)")
    file = find(write("a.md", "Words."))
    answers: list[Story | None] = []
    thread = Thread(target=lambda: answers.append(process.describe(file)))
    thread.start()
    while process._process is None:  # noqa: SLF001  no event says that it was started
        pass
    process.close()
    thread.join()
    assert answers == [None]
    assert process.describe(file) is None


def test_the_process_ends_in_the_middle_of_a_file_once_its_input_is_closed() -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", NEVER_ENDING], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.write(b'["a.md", 1, 1, ""]\n')
    child.stdin.flush()
    assert child.stdout.readline() == b"begun\n"
    child.stdin.close()
    assert child.wait(60) == 0
    child.stdout.close()
